"""`cnncalc schema`: the JSON Schema of the spec language."""

from __future__ import annotations

from cnncalc.cli.save import Output, put
from cnncalc.core.atomic_write import may_save

EXAMPLES = (
    "cnncalc schema -o cnncalc.schema.json",
    "cnncalc schema",
)


def run(output: Output = None) -> int:
    """The JSON Schema of specs: editors complete and check with it.

    Begin a spec with: # yaml-language-server: $schema=FILE
    """
    if output is not None:
        may_save(output)
    from cnncalc.schema.spec import text

    put(text(), output)
    return 0
