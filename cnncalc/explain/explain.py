"""Why a number is what it is: the rules of a layer, read with numbers that have a symbolic trace.

Each line is a quantity with a formula in symbols and in numbers, taken from the very rules that fill the tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cnncalc.core.formula import Part, is_plain, leaves, ordered, same_factors, simplify, times, total
from cnncalc.core.layer import Layer, Weight
from cnncalc.core.notation import numbers, result, symbols, tex, tex_result
from cnncalc.core.number import Number, Shape, is_free, is_zero, prod
from cnncalc.core.printer import tex_symbol, tex_text
from cnncalc.core.rules import is_bias
from cnncalc.core.term import Term, form, leaf
from cnncalc.explain.structure import structure
from cnncalc.explain.symbols import Axis, WithSymbols, output_axes, with_symbols
from cnncalc.network.row import Row

# More layers than this, or names of more characters, are summed by type.
MOST = 8
LONGEST = 120
# Weights of one size whose names take more characters than this are counted, not listed.
WIDEST = 60


class Line(NamedTuple):
    """One explained number: what it is about (shape, structure, params, macs, dense), its name, and its formula."""

    topic: str
    left: str
    part: Part

    @property
    def value(self) -> Any:
        """What it comes to."""
        return self.part.value

    @property
    def symbols(self) -> str:
        """The formula in symbols."""
        return symbols(self.part)

    @property
    def numbers(self) -> str:
        """The formula in numbers."""
        return numbers(self.part)

    @property
    def steps(self) -> list[str]:
        """Symbols, numbers, value; what has just been said is not said again."""
        return _once(self.left, [self.symbols, self.numbers, result(self.part)])

    @property
    def text(self) -> str:
        """The whole line, `H_out = ⌊(H + 2·P − K)/S⌋ + 1 = ⌊(64 + 2·1 − 3)/1⌋ + 1 = 64`."""
        return " = ".join([self.left, *self.steps])

    @property
    def tex_left(self) -> str:
        """The name in TeX."""
        return tex_symbol(self.left) if self.left.replace("_", "").isalnum() else tex_text(self.left)

    @property
    def tex_steps(self) -> list[str]:
        """The steps in TeX; a newline stands where a long sum may be broken."""
        return _once(self.tex_left, [tex(self.part), tex(self.part, with_numbers=True), tex_result(self.part)])

    @property
    def tex(self) -> str:
        """The whole line in TeX."""
        return " = ".join([self.tex_left, *self.tex_steps]).replace("\n", " ")


class Explanation(NamedTuple):
    """The lines of one layer, and the names of its axes: those of each input, those of the output."""

    row: Row
    lines: list[Line]
    taken: list[list[str]]
    made: list[str]

    @property
    def legend(self) -> dict[str, str]:
        """What the symbols of the layer's options stand for."""
        used = {name for line in self.lines for part in leaves(line.part) for name in (part.symbol, part.short)}
        found = {}
        for option in self.row.layer.options.values():
            if option.symbol in used and not option.inferred:
                found[option.symbol] = option.help
        return found

    def of(self, topic: str) -> list[Line]:
        """The lines of one topic."""
        return [line for line in self.lines if line.topic == topic]


def explain(row: Row, full: bool = False) -> Explanation:
    """How the row's shape, parameters, MACs and fully connected equivalent come about. `full` keeps what vanishes."""
    if not _is_free(row):
        return _explain(row, full)
    from cnncalc.symbolic.dimension import assuming  # only free dimensions need it

    with assuming(row.known):  # what the rules ask of free dimensions has been assumed before
        return _explain(row, full)


def _is_free(row: Row) -> bool:
    """Whether the layer or what comes in has free dimensions."""
    values = [*row.facts.inputs, *(row.layer.__dict__[name] for name in row.layer.options)]
    while values:
        value = values.pop()
        if isinstance(value, tuple):
            values.extend(value)
        elif is_free(value):
            return True
    return False


def _explain(row: Row, full: bool) -> Explanation:
    remembered = with_symbols(row.layer, row.facts.inputs)
    layer, xs = remembered.layer, remembered.inputs
    shape = layer.shape(*xs)
    axes = output_axes(layer, len(shape))
    given = {size.symbol for x in xs for size in x[1:] if isinstance(size, Term)}
    y = (1, *(_named(size, axis, given) for size, axis in zip(shape[1:], axes, strict=True)))
    weights = _counted(row, layer, xs)
    lines = [
        *_pad_lines(remembered, full),
        *_shape_lines(xs, shape, axes, given, full),
        *_port_lines(layer, xs, shape, full),
        *(Line("structure", left, part) for left, part in (structure(layer, xs, weights) if row.owner is None else ())),
        *_params(row, weights, full),
        *_macs(layer.macs(y, *xs), full),
    ]
    if row.dense is not None:
        lines.append(Line("dense", "dense", _dense(row, xs, y, full)))
    taken = [[_axis_text(size) for size in x[1:]] for x in xs]
    made = [_axis_text(size) for size in y[1:]]
    return Explanation(row, lines, taken, made)


def sums(rows: Sequence[Row], name: str = "total") -> list[Line]:
    """How sums over layers come about: from the layers, or from the types of layers where there are many."""
    found = []
    for topic in ("params", "macs", "dense"):
        parts: dict[str, Number] = {}
        counts = [(row, getattr(row, topic)) for row in rows]
        counts = [(row, number) for row, number in counts if number is not None and not is_zero(number)]
        names = [row.name for row, _ in counts]
        several = len(names) > MOST or sum(map(len, names)) > LONGEST
        for row, number in counts:
            key = f"{row.type if several else row.name}.{topic}"
            parts[key] = parts.get(key, 0) + number
        summands = [Part("leaf", number, (), key, key) for key, number in parts.items()]
        found.append(Line(topic, f"{name}.{topic}", total(summands)))
    return found


def _once(left: str, steps: list[str]) -> list[str]:
    kept: list[str] = []
    for step in steps:
        if step != (kept[-1] if kept else left):
            kept.append(step)
    return kept


def _axis_text(size: Number) -> str:
    return (size.short or str(size)) if isinstance(size, Term) and size.op == "leaf" else str(size)


def _named(size: Number, axis: Axis, given: set[str]) -> Any:
    """A size of the output under its axis' name, so that costs do not repeat the shape's formula."""
    if not isinstance(size, Term):
        return size if axis.open or type(size) is not int else leaf(axis.name, size)
    part = simplify(size)
    if part.kind == "leaf" and part.symbol in given:
        return leaf(part.symbol, part.value, part.short)
    return leaf(axis.name, size.value)


# --- shapes --------------------------------------------------------------------------------------------------------


def _pad_lines(remembered: WithSymbols, full: bool) -> list[Line]:
    """What a word such as "same" comes to on each axis."""
    found: dict[str, Line] = {}
    layer: Any = remembered.layer
    for pair, named in zip(remembered.pads, layer.padding if remembered.pads else (), strict=True):
        sides = zip(pair, named, strict=True) if named[0] is not named[1] else [(pair[0], named[0])]
        for amount, side in sides:
            part = simplify(amount, full)
            if full or not is_zero(part.value):
                found.setdefault(side.short, Line("shape", side.short, part))
    return list(found.values())


def _shape_lines(
    xs: tuple[Shape, ...], shape: Shape, axes: tuple[Axis, ...], given: set[str], full: bool
) -> list[Line]:
    """Every size of the output that is not simply one of the input's."""
    kept = {id(size) for x in xs for size in x}
    lines = []
    for axis, size in zip(axes, shape[1:], strict=True):
        if id(size) in kept:
            continue  # an axis of the input, as it was
        part = simplify(size, full)
        if (part.kind == "leaf" and part.symbol in given) or (part.kind == "const" and axis.open):
            continue
        lines.append(Line("shape", axis.name, part))
    return lines


def _port_lines(layer: Layer, xs: tuple[Shape, ...], shape: Shape, full: bool) -> list[Line]:
    """Sizes of further outputs that have to be worked out."""
    known = [simplify(size, full) for size in shape[1:]]
    lines = []
    for port, sizes in layer.ports(*xs).items():
        for index, size in enumerate(sizes[1:]):
            part = simplify(size, full)
            if not is_plain(part) and part not in known:
                lines.append(Line("shape", f"{port}.shape[{index}]", part))
    return lines


# --- counts --------------------------------------------------------------------------------------------------------


def _counted(row: Row, layer: Layer, xs: tuple[Shape, ...]) -> list[Weight]:
    """The arrays that count as parameters; in Keras moving statistics do."""
    weights = list(layer.weights(*xs))
    return [*weights, *layer.buffers(*xs)] if layer.counts_buffers and row.owner is None else weights


def _params(row: Row, weights: list[Weight], full: bool) -> list[Line]:
    """A line for each formula among the weights, with how many weights have it, and the sum."""
    if row.owner is not None:
        owned = {weight.name for weight in row.own}
        weights = [weight for weight in weights if weight.name in owned]
    if not weights:
        return []
    known: dict[Any, Part] = {}
    parts = [_size(weight.shape, known, full) for weight in weights]
    lines = []
    if len(weights) > 2:
        groups: dict[object, tuple[Part, list[str]]] = {}
        for weight, part in zip(weights, parts, strict=True):
            groups.setdefault(same_factors(part), (part, []))[1].append(weight.name)
        for part, names in groups.values():
            lines.append(Line("params", _label(names), times(len(names), part)))
    return [*lines, Line("params", "params", ordered(total(parts)))]


def _size(shape: Shape, known: dict[object, Part], full: bool) -> Part:
    """How many numbers an array has, as a formula; arrays of sizes that were made alike share one."""
    key = tuple(map(form, shape))
    if key not in known:
        known[key] = ordered(simplify(prod(shape), full))
    return known[key]


def _label(names: list[str]) -> str:
    """Weights whose sizes have one formula."""
    joined = " + ".join(names)
    return (
        joined if len(names) == 1 or len(joined) <= WIDEST else f"{names[0]} and {len(names) - 1} more of the same size"
    )


def _macs(ledger: dict[str, Number], full: bool) -> list[Line]:
    """A line for each part of the cost, and the sum."""
    parts = {name: ordered(simplify(number, full)) for name, number in ledger.items()}
    if not parts:
        return []
    lines = []
    if len(parts) > 1:
        lines = [Line("macs", f"macs ({name.replace('_', ' ')})", part) for name, part in parts.items()]
    return [*lines, Line("macs", "macs", ordered(total(list(parts.values()))))]


def _dense(row: Row, xs: tuple[Shape, ...], y: Shape, full: bool) -> Part:
    """Flattened input times flattened output, and a bias an output where the layer has biases."""
    taken: Number = sum(prod(x[1:]) for x in xs)
    made = prod(y[1:])
    count = taken * made
    if any(is_bias(weight.name) for weight in row.facts.weights):
        count = count + made
    return simplify(count, full)
