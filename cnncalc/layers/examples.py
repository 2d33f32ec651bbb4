"""The example of a layer type, as a user would write it: a chain on one line, or a spec.

A class declares one for itself and its subclasses, with {type} for the name of the layer and {image} for a signal, an
image or a volume, as the name says: `{image} -> {type}(8, 16, 3)`. Several inputs are written `2x4, 3x4 -> Concat`,
whole numbers `int 10 -> Embedding(1000, 16)`. Keras' inputs are lists: `[16]; [4] -> Concatenate()`.
"""

from __future__ import annotations

import re

from cnncalc.core.layer import Layer

SPACES = {1: [8, 32], 2: [8, 32, 32], 3: [8, 16, 16, 16]}


def example(kind: type[Layer]) -> str:
    """The example of a layer type; empty where its class declares none."""
    form = kind.example.replace("{type}", kind.type())
    sizes = SPACES[_axes(kind.type())]
    if kind.kernel_name() != kind.type():
        last = [*sizes[1:], sizes[0]]
        return _keras(form.replace("{image}", str(last)).replace("{film}", str([10, *last])))
    if "\n" in form:
        return form.replace("{sizes}", str(sizes)).replace("{axes}", str(_axes(kind.type())))
    return _pytorch(form.replace("{image}", "x".join(map(str, sizes))))


def _axes(name: str) -> int:
    """The number of spatial axes that a layer's name says; that of an image where it says none."""
    found = re.search(r"([123])[dD]", name)
    return int(found[1]) if found else 2


def _pytorch(chain: str) -> str:
    """The chain as it is, or as a spec where it has several inputs or one that holds whole numbers."""
    shapes, _, call = chain.partition(" -> ")
    inputs = shapes.split(", ")
    if len(inputs) == 1 and not inputs[0].startswith("int "):
        return chain
    lists = [f"[{', '.join(shape.removeprefix('int ').split('x'))}]" for shape in inputs]
    whole = [shape.startswith("int ") for shape in inputs]
    return _spec([f"{{shape: {text}, dtype: int}}" if w else text for text, w in zip(lists, whole, strict=True)], call)


def _keras(text: str) -> str:
    inputs, _, call = text.partition(" -> ")
    return "convention: keras\n" + _spec(inputs.split("; "), call) if text else ""


def _spec(inputs: list[str], call: str) -> str:
    if len(inputs) == 1:
        return f"input: {inputs[0]}\nlayers:\n  - {call}\n"
    given = "".join(f"  {name}: {shape}\n" for name, shape in zip("abcd", inputs, strict=False))
    names = ", ".join("abcd"[: len(inputs)])
    return f"inputs:\n{given}layers:\n  - out: {call}\n    from: [{names}]\n"
