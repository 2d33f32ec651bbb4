"""Write `cnncalc/layers/index.py`: which layer types each module in `cnncalc/layers` defines.

    python -m tests.layer_index

A layer's name is looked up without importing the module that has it: that is why names stand in a file of their own.
Nobody writes there; a test says when it is to be made again. Types come in the order of their classes.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path

from cnncalc import layers
from cnncalc.core.layer import Layer

PATH = Path(layers.__file__).with_name("index.py")
# Families in the order of the reference; others follow by name.
PYTORCH = (
    "conv conv_transpose pool adaptive unpool resample pad reshape indexing unfold shuffle merge arithmetic einsum "
    "onehot reduce regularise linear reparametrise embedding position recurrent recurrent_cell equations "
    "attention_rnn scan multihead attention dot_product transformer mixture norm layer_norm response_norm activation "
    "functions"
)
KERAS = "conv pool core einsum space norm activation merge recurrent conv_recurrent wrapper attention"


def defined(package: str) -> dict[str, list[type[Layer]]]:
    """The classes of layers that the modules of a package define, in order, by module."""
    found: dict[str, list[type[Layer]]] = {}
    for entry in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if entry.ispkg:
            continue
        module = importlib.import_module(f"{package}.{entry.name}")
        kinds = [kind for kind in vars(module).values() if inspect.isclass(kind) and issubclass(kind, Layer)]
        own = [kind for kind in kinds if kind.__module__ == module.__name__]
        if own:
            found[entry.name] = own
    return found


def text() -> str:
    """The file as it should be."""
    parts = [
        '"""Which layer types each family module defines; made by `python -m tests.layer_index`, not by hand."""',
        "# fmt: off\n# ruff: noqa: E501",
        "from __future__ import annotations",
    ]
    for name, package, order in (
        ("PYTORCH", "cnncalc.layers", PYTORCH.split()),
        ("KERAS", "cnncalc.layers.keras", KERAS.split()),
    ):
        found = defined(package)
        lines = [f"{name}: dict[str, str] = {{"]
        for family in [*order, *sorted(found.keys() - {*order})]:
            types = [kind.__name__ for kind in found[family] if not kind.abstract]
            if types:
                lines.append(f'    "{family}": "{" ".join(types)}",')
        parts.append("\n".join([*lines, "}"]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
