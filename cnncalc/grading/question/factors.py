"""Counts as products: factors left out, one too many, sizes added and not multiplied, a multiple of the right one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any, NamedTuple

from cnncalc.core.number import Number, prod
from cnncalc.grading.perturbed.row import channels_of, option, space_of
from cnncalc.grading.question.number import Other
from cnncalc.network.row import Row

ATTRIBUTES = ("params", "trainable", "macs", "flops", "dense", "dense_weights")
FIRST, EACH, ADDED, BIAS = 18, 6, 4, 4  # the rank of one factor left out, each further one, one too many, another bias


class Factor(NamedTuple):
    """A size and what it is called."""

    name: str
    size: Number


def of_factors(row: Row, attribute: str, right: object) -> Iterator[Other]:
    """What a count comes to with other factors."""
    if attribute not in ATTRIBUTES or type(right) is not int or not right:
        return
    yield from _arrays(row, attribute)
    yield from _multiples(row, right)
    found = _product(row, attribute)
    if found is None:
        return
    factors, bias, twice = found
    if (prod(factor.size for factor in factors) + bias) * twice != right:
        return
    yield from _changed(row, factors, bias, twice)
    if attribute in ("params", "trainable"):
        yield from _sums(row, factors, bias)


def _product(row: Row, attribute: str) -> tuple[list[Factor], int, int] | None:
    """The factors of a count, the biases beside them, and by what both are multiplied; None for other layers."""
    layer: Any = row.facts.layer
    x, y = row.facts.inputs[0] if row.facts.inputs else (), row.facts.shape
    if not all(type(size) is int for size in (*x, *y)) or row.owner is not None:
        return None
    if row.type.startswith("Linear") or row.type == "Dense":
        factors = [Factor("inputs", x[-1]), Factor("outputs", y[-1])]
        positions = [Factor("positions", prod(y[1:-1]))]
    elif layer.axes and option(layer, "out_channels") is not None and layer.has("kernel_size"):
        groups = option(layer, "groups") or 1
        inside = Factor("input channels", channels_of(layer, x) // groups)
        factors = [
            inside,
            Factor("output channels", channels_of(layer, y)),
            Factor("kernel area", prod(layer.kernel_size)),
        ]
        at = x if "Transpose" in row.type else y
        positions = [Factor("output positions" if at is y else "input positions", prod(space_of(layer, at)))]
    elif row.type == "Embedding" and attribute in ("params", "trainable"):
        factors = [Factor("rows", row.facts.weights[0].shape[0]), Factor("length", row.facts.weights[0].shape[1])]
        positions = []
    else:
        return None
    bias = row.biases if type(row.biases) is int else 0
    if attribute in ("macs", "flops"):
        return [*factors, *positions], 0, 2 if attribute == "flops" else 1
    if attribute in ("params", "trainable"):
        return factors, bias, 1
    dense = [Factor("numbers that come in", prod(x[1:])), Factor("numbers that go out", prod(y[1:]))]
    made = row.dense_biases if attribute == "dense" and type(row.dense_biases) is int else 0
    return dense, made, 1


def _extras(row: Row) -> list[Factor]:
    """Sizes that are at hand and may be multiplied with, too."""
    layer: Any = row.facts.layer
    x, y = row.facts.inputs[0], row.facts.shape
    found: list[Factor] = []
    if layer.axes and layer.has("kernel_size"):
        found += [Factor("input channels", channels_of(layer, x)), Factor("output channels", channels_of(layer, y))]
        found += [Factor("kernel size", layer.kernel_size[0]), Factor("kernel area", prod(layer.kernel_size))]
        found += [Factor("stride", layer.stride[0]), Factor("image height", space_of(layer, x)[0])]
        found += [Factor("image size", prod(space_of(layer, x))), Factor("output size", prod(space_of(layer, y)))]
    else:
        found += [Factor("inputs", x[-1]), Factor("outputs", y[-1])]
        found += [Factor("length", x[1])] if len(x) > 2 else []
    return [factor for factor in found if factor.size > 1]


def _changed(row: Row, factors: list[Factor], bias: int, twice: int) -> Iterator[Other]:
    extras = _extras(row)
    everything = prod(factor.size for factor in factors)
    biases: dict[Number, str] = {bias: ""}
    if bias:
        biases.setdefault(0, " and biases forgotten")
        for size, name in ((row.facts.inputs[0][-1], "input"), (1, "layer")):
            biases.setdefault(size, f" and a bias for each {name}")
    found = [(everything * factor.size, f"{factor.name} multiplied with, too", FIRST + ADDED) for factor in extras]
    real = [factor for factor in factors if factor.size > 1]
    for count in (1, 2):
        for lost in combinations(real, count):
            made = everything // prod(factor.size for factor in lost)
            found.append((made, f"{_listed(lost)} left out", FIRST + EACH * (count - 1)))
    for made, name, rank in found:
        for other, aside in biases.items():
            yield Other((made + other) * twice, name + aside, rank + (BIAS if aside else 0))


def _listed(some: Any) -> str:
    return " and ".join(factor.name for factor in some)


def _sums(row: Row, factors: list[Factor], bias: int) -> Iterator[Other]:
    """Sizes added where they are multiplied, and areas that are none."""
    a, b = factors[0].size, factors[1].size
    area = factors[2].size if len(factors) > 2 else 1
    names = f"{factors[0].name} and {factors[1].name}"
    yield Other(area * (a + b) + bias, f"{names} added, not multiplied", 17)
    yield Other(area * (a + b), f"{names} added, not multiplied and biases forgotten", 20)
    yield Other(a * b * area + a + b, f"a bias for each of {names}", 19)
    yield Other((a * area + 1) * (b + 1), "one bias too many on each side", 24)
    yield Other((a * area + b) * b, "the bias multiplied, too", 24)
    yield Other(a * area + b, f"{factors[1].name} added, not multiplied", 20)
    yield Other(sum(factor.size for factor in factors) + bias, "all sizes added", 22)
    yield Other(sum(factor.size for factor in factors), "all sizes added", 22)
    for size, name in ((a, factors[0].name), (b, factors[1].name)):
        yield Other(size * size * area + bias, f"{name} squared", 20)
        yield Other(size * size * area + size, f"{name} squared", 20)
    kernel = getattr(row.facts.layer, "kernel_size", None)
    if area > 1 and isinstance(kernel, tuple):
        yield Other(a * b * sum(kernel) + bias, "sides of the kernel added, not multiplied", 14)
        yield Other((area + a) * b + bias, "kernel area added, not multiplied", 20)
        yield Other(a * b * (area + 1), "the 1 of the bias multiplied with the channels", 21)
        for step, name in ((1, "larger"), (-1, "smaller")):
            yield Other(a * b * prod(size + step for size in kernel) + bias, f"a kernel one {name}", 23)
        groups = option(row.facts.layer, "groups") or 1
        if groups > 1:
            yield Other(a * b * area * groups * groups + bias, "multiplied by the groups, not divided", 16)


def _arrays(row: Row, attribute: str) -> Iterator[Other]:
    """How many numbers come in, go out, or are in one weight."""
    if not row.facts.inputs:
        return
    yield Other(prod(row.facts.shape[1:]), "that is how many numbers come out", 20)
    yield Other(prod(row.facts.inputs[0][1:]), "that is how many numbers come in", 21)
    if len(row.facts.weights) > 1:
        for weight in row.facts.weights:
            yield Other(prod(weight.shape), f"{weight.name} alone", 19)


def _multiples(row: Row, right: int) -> Iterator[Other]:
    """The right number, multiplied with or divided by something that is at hand."""
    layer = row.facts.layer
    sizes: dict[int, str] = {}
    for name, word in (
        ("num_heads", "heads"),
        ("num_layers", "layers"),
        ("groups", "groups"),
        ("num_groups", "groups"),
    ):
        size = layer.__dict__.get(name)
        if type(size) is int and size > 1:
            sizes.setdefault(size, word)
    gates = getattr(layer, "gates", 1)
    if gates > 1:
        sizes.setdefault(gates, "gates")
    if row.facts.inputs and len(row.facts.inputs[0]) == 3 and type(row.facts.inputs[0][1]) is int:
        sizes.setdefault(row.facts.inputs[0][1], "length")
    for size, word in sizes.items():
        yield Other(right * size, f"multiplied by the {word}, {size}", 18)
        if right % size == 0:
            yield Other(right // size, f"divided by the {word}, {size}", 19)
    yield Other(right * 2, "twice the right number", 20)
    yield Other(right * 4, "four times the right number: bytes, not numbers", 22)
    yield Other(right * 8, "eight times the right number: bytes, not numbers", 26)
    yield Other(right * 3, "three times the right number", 26)
    if right % 2 == 0:
        yield Other(right // 2, "half of the right number", 20)
