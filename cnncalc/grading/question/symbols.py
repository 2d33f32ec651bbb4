"""Mistakes in formulas: the network with numbers for its free dimensions, several times, and what fits every time.

A formula is wrong in the way of a mistake if it gives what the mistake gives for all sizes that are tried.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from random import Random
from typing import Any

from cnncalc.core.number import Number, is_free
from cnncalc.core.problem import Fault, SpecError
from cnncalc.grading.perturbed.row import REFUSED
from cnncalc.grading.question.table import Table
from cnncalc.network.propagate import propagate
from cnncalc.network.report import Report
from cnncalc.query.scope import NetworkScope
from cnncalc.spec.expected import Quantity

# Networks with numbers that are made at most and at least, and those that a mistake must explain.
POINTS, LEAST, ENOUGH = 24, 4, 2
TRIED = 400  # choices of sizes among which they are found
WIDE, SMALL = (50, 150), (2, 9)  # sizes of what comes in, and of kernels, strides and the like
STAGES = 6  # of the table: a slip of the pen is none in a formula
Values = Mapping[str, Number]
Formula = Callable[[Values], object]


def found(names: NetworkScope, text: str, formula: Formula) -> Iterator[tuple[str, int]]:
    """Names and ranks of the mistakes that make the question's formula into the written one.

    `formula` gives the written formula's value for sizes; it raises ArithmeticError or ValueError for none.
    """
    told: list[tuple[Table, Quantity]] = []
    alike: list[Table] = []
    for values, network in networks(names):
        try:
            quantity = _quantity(formula(values))
        except (ArithmeticError, ValueError, LookupError):
            return
        table = _table(network, text)
        if table is None:
            continue
        if quantity.holds(table.right):  # for these sizes the mistake makes no difference
            alike.append(table)
        else:
            told.append((table, quantity))
        if len(told) >= ENOUGH and len(told) + len(alike) >= LEAST:
            break
    if len(told) < ENOUGH:
        return
    for stage in range(STAGES):
        found = _common(told, stage)
        for table in alike[:LEAST] if found else ():
            differing = {one.name for one in table.stage(stage).all()}
            found = {name: rank for name, rank in found.items() if name not in differing} or found
        if found:
            yield from found.items()
            return


def _common(told: list[tuple[Table, Quantity]], stage: int) -> dict[str, int]:
    """The mistakes of a stage that give every number, with their ranks."""
    together: dict[str, int] | None = None
    for table, quantity in told:
        mine: dict[str, int] = {}
        for one in table.stage(stage).matching(quantity):
            mine[one.name] = min(one.rank, mine.get(one.name, one.rank))
        together = mine if together is None else {name: rank for name, rank in together.items() if name in mine}
        if not together:
            break
    return together or {}


def _table(network: NetworkScope, text: str) -> Table | None:
    tables: dict[str, Table | None] = network.remembered.setdefault("tables", {})
    if text not in tables:
        try:
            tables[text] = Table(text, network)
        except Fault:
            tables[text] = None
    return tables[text]


def networks(names: NetworkScope) -> Iterator[tuple[dict[str, Number], NetworkScope]]:
    """The network with some choices of sizes, each made once and when it is needed."""
    made: list[tuple[dict[str, Number], NetworkScope]] = names.remembered.setdefault("numbers", [])
    if "sizes" not in names.remembered:
        names.remembered["sizes"] = _networks(names)
    at = 0
    while True:
        if at == len(made):
            following = next(names.remembered["sizes"], None)
            if following is None:
                return
            made.append(following)
        yield made[at]
        at += 1


def _networks(names: NetworkScope) -> Iterator[tuple[dict[str, Number], NetworkScope]]:
    report = names.report
    free = [name for name, value in report.symbols.items() if is_free(value)]
    known = {name: value for name, value in report.symbols.items() if not is_free(value)}
    if report.assumptions is None or not free:
        return
    made = 0
    for values in _sizes(report, free):
        try:
            network = with_numbers(report, values)
        except (SpecError, *REFUSED):
            continue
        yield {**known, **{str(name): size for name, size in values.items()}}, network
        made += 1
        if made == POINTS:
            return


def _sizes(report: Report, free: list[str]) -> Iterator[dict[Any, int]]:
    """Sizes that satisfy what is assumed: large ones for what comes in, so that mistakes leave something over."""
    from cnncalc.symbolic.dimension import symbol
    from cnncalc.symbolic.values import holds, repair

    known: Any = report.assumptions
    taken = {str(name) for given in report.graph.inputs for size in given.shape for name in _free(size)}
    random = Random(0)
    for strictly in (True, False):
        for _ in range(TRIED):
            values = {symbol(name).expr: random.randint(*(WIDE if name in taken else SMALL)) for name in free}
            repair(known, values)
            try:
                fitting = holds(known, values)
            except (ArithmeticError, ValueError):
                continue
            if fitting and (len(set(values.values())) == len(values) or not strictly):
                yield values


def _free(size: Any) -> Any:
    return size.names() if is_free(size) else ()


def with_numbers(report: Report, values: Mapping[Any, int]) -> NetworkScope:
    """The names of the network with numbers for its free dimensions; raises `Fault` where it cannot be."""
    from cnncalc.symbolic.values import value as valued

    def plain(value: object) -> Any:
        if isinstance(value, (tuple, list)):
            return type(value)(plain(part) for part in value)
        expr = getattr(value, "expr", None)
        if expr is None or not is_free(value):
            return value
        number = valued(expr, dict(values))
        if not isinstance(number, Fraction) or number.denominator != 1:
            raise ValueError
        return int(number)

    graph = copy.copy(report.graph)
    graph.inputs = [given._replace(shape=plain(given.shape)) for given in graph.inputs]
    graph.nodes = []
    for node in report.graph.nodes:
        layer = node.layer.replaced(**{name: plain(value) for name, value in node.layer.__dict__.items()})
        other = copy.copy(node)
        other.layer = layer
        graph.nodes.append(other)
    return NetworkScope(propagate(graph), _never)


def _never() -> object:
    raise Fault("no-value", "this network is not run")


def _quantity(value: Any) -> Quantity:
    if isinstance(value, list):
        return Quantity("list", "", items=[_quantity(part) for part in value])
    number = Fraction(value)
    if number.denominator == 1:
        return Quantity("whole", "", number=int(number))
    return Quantity("computed", "", number=number)
