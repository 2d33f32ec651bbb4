"""Free sizes: a file that leaves axes open is read with several sizes, and what changes is a formula of them.

A layer of the spec language has its own rule and keeps it, if it is the same layer for every size that was tried. Every
other operator gets a polynomial with whole coefficients that goes through more sizes than it has coefficients; where
there is none, the sizes must be given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from cnncalc.network.graph import Graph, Input
from cnncalc.read.opaque import Opaque

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.core.number import Number, Shape

# Sizes that are tried: odd ones, even ones, primes; none is a usual size of a layer.
TRIED = (97, 120, 131, 154, 173, 202)
MORE = (89, 116, 137, 158, 179, 206)
# And those for files that cannot be longer: a short table of positions.
SHORT, SHORT_MORE = (17, 20, 23, 26, 29, 34), (13, 19, 22, 31, 38, 41)
POWERS = 3


class NotPolynomial(Exception):
    """Some size is no such formula."""


def tries(names: list[str]) -> list[list[dict[str, int]]]:
    """The sizes to read with, for one name or for two: usual ones, and short ones where the file refuses those."""
    if len(names) == 1:
        return [[{names[0]: size} for size in sizes] for sizes in (TRIED, SHORT)]
    return [
        [dict(zip(names, pair, strict=True)) for pair in product(first[:4], second[:4])]
        for first, second in ((TRIED, MORE), (SHORT, SHORT_MORE))
    ]


def merged(graphs: list[Graph], sizes: list[dict[str, int]], symbols: dict[str, Number]) -> Graph:
    """The graph with formulas in place of sizes. Raises `NotPolynomial`."""
    fit = _Fit(sizes, symbols)
    first = graphs[0]
    if any(len(graph.nodes) != len(first.nodes) for graph in graphs):
        raise NotPolynomial
    first.inputs[:] = [
        Input(given.name, tuple(fit.all([graph.inputs[at].shape for graph in graphs])), given.dtype)
        for at, given in enumerate(first.inputs)
    ]
    for at, node in enumerate(first.nodes):
        layers = [graph.nodes[at].layer for graph in graphs]
        if any(type(layer) is not type(layers[0]) for layer in layers):
            raise NotPolynomial
        operations = [layer for layer in layers if isinstance(layer, Opaque)]
        if operations:
            _open(operations, fit)
        elif layers[0].type() == "Reshape":
            node.layer = _reshape(layers, fit)
        elif any(_options(layer) != _options(layers[0]) for layer in layers):
            raise NotPolynomial
    return first


def _options(layer: Layer) -> dict[str, str]:
    return {name: repr(value) for name, value in layer.__dict__.items() if name in layer.options}


def _open(layers: list[Opaque], fit: _Fit) -> None:
    """Formulas for what is known of an operator by its shape."""
    ports = {name: fit.all([layer.more[name] for layer in layers]) for name in layers[0].more}
    layers[0].__dict__.update(
        sample=tuple(fit.all([layer.sample for layer in layers])),
        cost=fit.one([layer.cost for layer in layers]),
        more={name: tuple(shape) for name, shape in ports.items()},
    )


def _reshape(layers: list[Layer], fit: _Fit) -> Layer:
    from cnncalc.read.opaque import opaque

    return opaque("Reshape", tuple(fit.all([layer.__dict__["shape_"] for layer in layers])))


class _Fit:
    """Polynomials through what was found for the sizes that were tried."""

    def __init__(self, sizes: list[dict[str, int]], symbols: dict[str, Number]) -> None:
        self.symbols = symbols
        self.names = list(symbols)
        width = POWERS + 1 if len(self.names) == 1 else 3
        self.powers = list(product(range(width), repeat=len(self.names)))
        self.rows = [[_monomial(size, self.names, powers) for powers in self.powers] for size in sizes]

    def all(self, shapes: Sequence[Shape]) -> list[Number]:
        """A formula for each size of a shape."""
        if any(len(shape) != len(shapes[0]) for shape in shapes):
            raise NotPolynomial
        return [self.one(column) for column in zip(*shapes, strict=True)]

    def one(self, numbers: Iterable[Number]) -> Number:
        """The formula that gives these numbers, one for each try."""
        found = list(map(int, numbers))
        if all(number == found[0] for number in found):
            return found[0]
        count = len(self.powers)
        chosen = self._independent(count)
        factors = _solved([self.rows[at] for at in chosen], [found[at] for at in chosen])
        if any(factor.denominator != 1 for factor in factors):
            raise NotPolynomial
        for row, number in zip(self.rows, found, strict=True):
            if sum(factor * part for factor, part in zip(factors, row, strict=True)) != number:
                raise NotPolynomial
        total: Number = 0
        for factor, powers in zip(factors, self.powers, strict=True):
            if factor:
                term: Number = int(factor)
                for name, power in zip(self.names, powers, strict=True):
                    for _ in range(power):
                        term = self.symbols[name] * term
                total = total + term
        return total

    def _independent(self, count: int) -> list[int]:
        """Which tries settle the coefficients: a grid of as many sizes as there are powers."""
        if len(self.names) == 1:
            return list(range(count))
        return [a * 4 + b for a in range(3) for b in range(3)]


def _monomial(size: dict[str, int], names: list[str], powers: tuple[int, ...]) -> int:
    result = 1
    for name, power in zip(names, powers, strict=True):
        result *= size[name] ** power
    return result


def _solved(rows: list[list[int]], found: list[int]) -> list[Fraction]:
    """The solution of linear equations, exactly."""
    count = len(rows)
    table = [[Fraction(part) for part in (*row, number)] for row, number in zip(rows, found, strict=True)]
    for at in range(count):
        pivot = next(row for row in range(at, count) if table[row][at])
        table[at], table[pivot] = table[pivot], table[at]
        table[at] = [part / table[at][at] for part in table[at]]
        for row in range(count):
            if row != at and table[row][at]:
                by = table[row][at]
                table[row] = [mine - by * other for mine, other in zip(table[row], table[at], strict=True)]
    return [row[-1] for row in table]
