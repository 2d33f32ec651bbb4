"""In which order the terms of a sum are written: by powers, the symbols in alphabetic order, products before single
ones."""

from __future__ import annotations

from typing import Any

from cnncalc.symbolic.algebra.calls import Function, Max, Min
from cnncalc.symbolic.algebra.factor import decomposed
from cnncalc.symbolic.algebra.kinds import (
    ONE,
    Add,
    Call,
    Expr,
    Number,
    Pow,
    Symbol,
    factors,
    lifted,
    once,
    powers,
    split,
)
from cnncalc.symbolic.algebra.look import summands

FUNCTIONS = {"exp": 10, "log": 11, "sin": 20, "cos": 21, "tanh": 32}


@once
def sort_key(expr: Expr) -> tuple[object, ...]:
    """What formulas are sorted by: numbers, symbols, products, sums, functions."""
    if type(expr) is Number:
        return (1, 0, "Number"), (0, ()), (), expr.value
    number, rest = split(expr)
    core, exponent = (rest.base, lifted(rest.exponent)) if isinstance(rest, Pow) else (rest, ONE)
    if type(core) is Symbol:
        args: Any = (core.name,)
    elif type(core) is Number:
        args = (str(core.value),)
    elif type(core) is Add:
        args = tuple(map(sort_key, ordered(core)))
    elif isinstance(core, Call):
        args = tuple(map(sort_key, sorted(core.args, key=sort_key) if type(core) in (Max, Min) else core.args))
    else:
        args = tuple(sorted(map(sort_key, factors(core))))
    return _kind(core), (len(args), args), sort_key(exponent), number


def _kind(core: Expr) -> tuple[int, int, str]:
    kind = type(core).__name__
    if isinstance(core, Function):
        return 4, FUNCTIONS.get(core.name, 10_000), core.name
    if isinstance(core, Call):
        return (5, 0, kind) if type(core) in (Max, Min) else (4, 10_000, kind)
    return {"Number": (1, 0, kind), "Symbol": (2, 0, kind), "Product": (3, 0, kind)}.get(kind, (3, 1, kind))


@once
def ordered(expr: Expr) -> list[Expr]:
    """The terms of a sum, the highest powers first."""
    found = []
    bases: set[Expr] = set()
    for term in summands(expr):
        number, core = split(term)
        weight: Any = number
        own = {}
        for base, exponent in powers(core).items():
            if type(base) is Number and not isinstance(exponent, Expr):
                weight = float(weight) * float(base.value) ** float(exponent)
                continue
            part, times = decomposed(base, exponent)
            own[part] = times
        bases.update(own)
        found.append((term, own, weight))
    places = sorted(bases, key=sort_key)
    found.sort(key=lambda one: (tuple(-one[1].get(base, 0) for base in places), one[2]))
    return [term for term, _, _ in found]
