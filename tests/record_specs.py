"""Write specs/totals.jsonl, which `cnncalc specs` shows: `python -m tests.record_specs` after a spec has changed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from zlib import crc32

from cnncalc.bundled import TOTALS, bundled, bundled_path, specs_folder
from cnncalc.pages.specs import computed


def lines() -> Iterator[str]:
    """A line for each bundled spec: its name, a mark of its text, inputs, parameters, multiply-accumulates."""
    for name in bundled():
        with open(str(bundled_path(name)), "rb") as file:
            mark = crc32(file.read())
        _, *totals = computed(name)
        yield json.dumps([name, mark, *totals]) + "\n"


def main() -> None:
    """Write the file."""
    with open(os.path.join(specs_folder(), TOTALS), "w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines())


if __name__ == "__main__":
    main()
