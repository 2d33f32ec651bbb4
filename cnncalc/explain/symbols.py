"""A layer and its inputs as numbers with a symbolic trace, each under the symbol that its axes and options declare."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape, is_zero
from cnncalc.core.option import Option
from cnncalc.core.problem import Fault
from cnncalc.core.term import Term, leaf
from cnncalc.core.window import pads

SPACE = {1: ("",), 2: ("h", "w"), 3: ("d", "h", "w")}
# Names for the axes that "*" stands for, by their number: alone, after channels, before length, before other axes.
WHOLE = {1: ("F",), 2: ("L", "F"), 3: ("C", "H", "W"), 4: ("C", "D", "H", "W")}
AFTER_CHANNELS = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
HEADS = {1: ("h",), 2: ("B", "h")}
LEADING = {1: ("L",), 2: ("A", "B"), 3: ("A", "B", "C")}
SIDES = ("left", "right", "top", "bottom", "front", "back")
OUT = "_out"


class Axis(NamedTuple):
    """An axis of a sample: its name, and whether the layer's axis string leaves it open ("*")."""

    name: str
    open: bool


class WithSymbols(NamedTuple):
    """A layer with traced sizes, and its inputs; `pads` is the padding that a word ("same") stands for, else empty."""

    layer: Layer
    inputs: tuple[Shape, ...]
    pads: tuple[tuple[object, object], ...] = ()


def with_symbols(layer: Layer, inputs: tuple[Shape, ...]) -> WithSymbols:
    """The layer and its inputs with every size a `Term`; the batch stays 1."""
    copy = options(layer)
    xs = _inputs(layer, inputs)
    if not isinstance(getattr(copy, "padding", None), str) or not copy.has("dilation"):
        return WithSymbols(copy, xs)
    space = copy.space(xs[0])
    if len(space) != copy.axes:
        return WithSymbols(copy, xs)
    # A word is shown as what it stands for, then as the number that the shape is made with.
    made = pads(copy, space)
    padding = _padding(tuple((_whole(a), _whole(b)) for a, b in made), "P", len(made), quiet=True)
    named = copy.replaced(padding=padding)
    try:
        if str(named.shape(*xs)) != str(copy.shape(*xs)):
            return WithSymbols(copy, xs)  # the word means something else there (a transposed convolution)
    except Fault:  # a rule that allows a word more than numbers
        return WithSymbols(copy, xs)
    return WithSymbols(named, xs, made)


def options(layer: Layer) -> Layer:
    """The layer with every option that has a symbol a `Term`, and what it derives from them derived again."""
    copy = layer.replaced()
    for name, option in layer.options.items():
        value = layer.__dict__[name]
        if isinstance(value, Layer):
            copy.__dict__[name] = options(value)
        elif option.symbol is not None and value is not None and not isinstance(value, (str, bool)):
            copy.__dict__[name] = _leaves(option, value, layer.axes)
    # What is passed on to a layer inside is passed on with its symbol, given or not.
    copy.__dict__["given"] = tuple(name for name in layer.options if copy.__dict__[name] is not None)
    copy.prepare()
    return copy


def output_axes(layer: Layer, rank: int) -> tuple[Axis, ...]:
    """The names of the output's axes."""
    return tuple(
        Axis(axis.name + OUT, True) if axis.open else axis for axis in axes(layer.gives, rank, tokens=_is_index(layer))
    )


def axes(form: str, rank: int, tokens: bool = False) -> tuple[Axis, ...]:
    """The axes of one sample by an axis string; `rank` counts the batch."""
    open_form: list[str] | None = None
    for alternative in form.split(" | "):
        names = alternative.split()
        if "*" in names:
            open_form = names if rank >= len(names) - 1 else open_form
        elif len(names) == rank:
            return tuple(Axis(name, False) for name in names[1:])
    names = open_form or ["N", "*"]
    at = names.index("*")
    before, after = names[1:at], names[at + 1 :]
    count = rank - len(names) + 1
    if before:
        table = AFTER_CHANNELS
    elif after:
        table = HEADS if after[0] in ("L", "S") else LEADING
    else:
        table = LEADING if tokens else WHOLE
    found = table.get(count) or tuple(f"d_{number + 1}" for number in range(count))
    return (
        *(Axis(name, False) for name in before),
        *(Axis(name, True) for name in found[:count]),
        *(Axis(name, False) for name in after),
    )


def _is_index(layer: Layer) -> bool:
    return layer.integers


def _inputs(layer: Layer, inputs: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Each input's sizes under the names of its axes; where several inputs share open names they get numbers."""
    forms = (layer.takes,) if isinstance(layer.takes, str) else layer.takes
    operands = getattr(layer, "operands", None)
    result = []
    for index, x in enumerate(inputs):
        named = axes(forms[min(index, len(forms) - 1)], len(x), tokens=_is_index(layer))
        if isinstance(operands, list):  # an equation has its own letters
            letters = operands[index].replace("...", "")
            if len(letters) in (len(x), len(x) - 1):
                named = tuple(Axis(letter, False) for letter in letters[len(letters) - len(x) + 1 :])
        several = len(inputs) > 1 and len(forms) == 1 and "*" in forms[0]
        sizes: list[Number] = []
        for axis, size in zip(named, x[1:], strict=True):
            full = f"{axis.name}_{index + 1}" if several and axis.open else axis.name
            sizes.append(leaf(full, _whole(size), axis.name))
        result.append((1, *sizes))
    return tuple(result)


def _whole(size: Number) -> object:
    """A size without its trace."""
    return size.value if isinstance(size, Term) else size


def _leaves(option: Option, value: object, axes: int) -> Any:
    symbol = option.symbol or option.name
    if not isinstance(value, tuple):
        return _leaf(option, symbol, value)
    if value and all(isinstance(part, tuple) and len(part) == 2 for part in value):
        return _padding(value, symbol, axes, _quiet(option, 0))
    uniform = all(_same(part, value[0]) for part in value)
    if len(value) == axes:
        below = SPACE.get(axes, ())
    elif option.name == "padding":
        below = ("",) * len(value) if uniform else SIDES
    else:
        below = tuple(str(number + 1) for number in range(len(value)))
    made: list[Any] = []
    for number, part in enumerate(value):
        end = below[number] if number < len(below) else str(number + 1)
        full = f"{symbol}_{end}" if end and len(value) > 1 else symbol
        made.append(_leaf(option, full, part, symbol if uniform else full))
    return tuple(made)


def _leaf(option: Option, symbol: str, value: object, short: str = "") -> object:
    if value is None or isinstance(value, (str, bool)):
        return value
    return leaf(
        symbol, int(value) if isinstance(value, float) and value.is_integer() else value, short, _quiet(option, value)
    )


def _padding(
    value: tuple[tuple[Any, Any], ...], symbol: str, axes: int, quiet: bool
) -> tuple[tuple[object, object], ...]:
    """Pairs before and after each axis: one symbol where both sides agree."""
    uniform = all(_same(before, value[0][0]) and _same(after, value[0][1]) for before, after in value)
    below = SPACE.get(len(value), ())
    made = []
    for number, (before, after) in enumerate(value):
        full = f"{symbol}_{below[number]}" if below and below[number] else symbol
        if _same(before, after):
            size = leaf(full, before, symbol if uniform else full, quiet and is_zero(before))
            made.append((size, size))
        else:
            short = symbol if uniform else full
            made.append(
                (
                    leaf(f"{full}_before", before, f"{short}_before", quiet and is_zero(before)),
                    leaf(f"{full}_after", after, f"{short}_after", quiet and is_zero(after)),
                )
            )
    return tuple(made)


def _same(a: object, b: object) -> bool:
    """Whether two numbers are written alike; whether free ones are equal is not asked, since that would assume it."""
    return str(a) == str(b)


def _quiet(option: Option, value: object) -> bool:
    """Whether the option vanishes from formulas: at a default of 0 or 1. A stride is always shown."""
    return (
        type(value) is int
        and option.default in (0, 1)
        and value == option.default
        and not option.name.startswith("stride")
    )
