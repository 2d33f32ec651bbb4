"""Free dimensions of inline chains: names that nothing defines, and the input of a chain that begins with a layer."""

from __future__ import annotations

import ast
import re

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.option import Option, is_word
from cnncalc.core.problem import Fault
from cnncalc.expression.functions import FUNCTIONS
from cnncalc.expression.parsed import Expression
from cnncalc.expression.shape_text import Batch, FreeName, parse_shape
from cnncalc.expression.syntax import call_of
from cnncalc.spec.entries.entry import Entry

# Words that stand for no size, wherever they are written: `stride=same` is a mistake and no free dimension.
_WORDS = (
    "same valid full causal half none null true false yes no on off relu gelu tanh sigmoid softmax linear max avg mean "
    "zero zeros reflect circular one two three four five six seven eight nine ten"
)
WORDS = frozenset([*_WORDS.split(), *FUNCTIONS])
# Sizes that the inputs of most layers have, by the first names of their axes.
AXES = {"*": ("H", "W")}


def free_names(shapes: list[object], entries: list[Entry]) -> list[str]:
    """The names of a chain that nothing defines, in order: those of its shape, then those of its layers' sizes."""
    found: dict[str, None] = {}
    for shape in shapes:
        found.update(dict.fromkeys(shape_names(shape, entries)))
    for entry in entries:
        found.update(dict.fromkeys(_of_entry(entry)))
    return list(found)


def shape_names(shape: object, entries: list[Entry] | None = None) -> list[str]:
    """The free names of a written shape. A first N or B is the batch, unless the first layer needs it as an axis."""
    try:
        sizes = parse_shape(shape, None, zero=True)
    except Fault:
        return []
    found: list[str] = []
    for size in sizes:
        if isinstance(size, FreeName):
            found.append(str(size))
        elif isinstance(size, Expression):
            found.extend(_in_order(size))
        elif isinstance(size, Batch) and str(size) in ("N", "B") and _needs(entries or [], len(sizes)):
            found.append(str(size))
    return found


def _needs(entries: list[Entry], axes: int) -> bool:
    """Whether the first layer takes samples of so many axes, so that no axis is the batch."""
    kind = entries[0].signature() if entries else None
    ranks = kind.ranks[0] if kind is not None and kind.ranks else None
    return ranks is not None and axes + 1 in ranks and axes not in ranks


def _of_entry(entry: Entry) -> list[str]:
    found: list[str] = []
    for _, body in entry.bodies:
        for inner in body:
            found.extend(_of_entry(inner))
    kind = entry.signature()
    if kind is not None:
        found.extend(_of_call(kind, entry.args, entry.kwargs))
    return found


def _of_call(kind: type[Layer], args: list[object], kwargs: list[tuple[str, object]]) -> list[str]:
    """The names in the arguments of a layer that stand for sizes."""
    options = [option for option in kind.options.values() if not option.keyword_only]
    whose = "pytorch" if kind.kernel_name() == kind.type() else "keras"
    found: list[str] = []
    for index, argument in enumerate(args):
        if options:  # Permute(0, 2, 1): further numbers belong to the last option
            found.extend(_of_argument(options[min(index, len(options) - 1)], argument, whose))
    named = {option.name: option for option in kind.options.values()}
    for name, argument in kwargs:
        if name in named:
            found.extend(_of_argument(named[name], argument, whose))
    return found


def _of_argument(option: Option, written: object, whose: str) -> list[str]:
    if not isinstance(written, Expression) or option.ignored:
        return []
    if isinstance(written.tree, ast.Call):
        inner = call_of(written)
        kind = layers.find(inner.name, whose) if inner is not None and inner.name not in FUNCTIONS else None
        if inner is not None and kind is not None:
            return _of_call(kind, list(inner.args), list(inner.kwargs))
    if isinstance(written.tree, ast.Attribute) or (
        isinstance(written.tree, ast.Name) and is_word(option, written.text)
    ):
        return []
    return _in_order(written)


def _in_order(expression: Expression) -> list[str]:
    names = (name for name in expression.names() if name not in WORDS and not re.fullmatch(r"k\d+s\d+(p\d+)?", name))
    return sorted(names, key=expression.text.find)


def opening(entries: list[Entry]) -> list[str] | None:
    """The input of a chain that begins with a layer: its given sizes, and a name for each other axis.

    None where the first layers take any number of axes.
    """
    taken = {name for entry in entries for name in _of_entry(entry)}
    for entry in entries:
        kind = entry.signature()
        if kind is None or kind.inputs[0] != 1:
            return None
        given = _given(kind, entry)
        if "normalized_shape" in given:
            return _listed(given["normalized_shape"])
        names = _axes(kind)
        if names is not None:
            sizes = {option.symbol: given[name] for name, option in kind.options.items() if name in given}
            return [sizes[axis].text if axis in sizes else _unused(axis, taken) for axis in names]
        if not kind.elementwise:
            return None
    return None


def _given(kind: type[Layer], entry: Entry) -> dict[str, Expression]:
    """The options that the shape would determine and that were written."""
    options = [option for option in kind.options.values() if not option.keyword_only]
    written = {option.name: argument for option, argument in zip(options, entry.args, strict=False)}
    written.update(entry.kwargs)
    return {
        name: written[name]
        for name, option in kind.options.items()
        if option.inferred and isinstance(written.get(name), Expression) and written[name].text != "None"
    }


def _axes(kind: type[Layer]) -> list[str] | None:
    """The axes of one sample, images where a layer takes several kinds; None where any would do."""
    form = kind.takes if isinstance(kind.takes, str) else kind.takes[0]
    forms = form.split(" | ")
    names = next((f for f in forms if f.endswith(" H W") and " D " not in f), forms[0]).split()[1:]
    if names == ["*"]:
        return ["L"] if kind.integers else None
    if names[0] == "*":
        return names[1:]
    return [name for axis in names for name in AXES.get(axis, (axis,))]


def _unused(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_in"
    return name


def _listed(written: Expression) -> list[str]:
    from cnncalc.expression.syntax import elements_of

    parts = elements_of(written)
    return [written.text] if parts is None else [part.text for part in parts]
