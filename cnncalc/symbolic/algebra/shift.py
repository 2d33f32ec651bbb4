"""The signs of a polynomial's terms after each symbol is written as its lower bound plus a remainder."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from cnncalc.symbolic.algebra.exact import Exact
from cnncalc.symbolic.algebra.facts import nonnegative
from cnncalc.symbolic.algebra.kinds import Add, Exponent, Expr, powers
from cnncalc.symbolic.algebra.look import terms

Polynomial = dict[tuple[int, ...], Exact]

# Of polynomials that would have more terms, before like ones are joined, nothing is known.
MOST_TERMS = 1_000


def no_negative_terms(expr: Expr, least: Mapping[Expr, int]) -> bool:
    """Whether no factor is negative where each base stands for its least value and a rest that is at least 0.

    Bases without a least value, floors and functions among them, count as at least 0; sums have to be.
    """
    found = [(factor, powers(core)) for factor, core in terms(expr)]
    if not all(_sure(base, exponent) for _, core in found for base, exponent in core.items()):
        return False
    if all(factor >= 0 for factor, _ in found):
        return True
    places: dict[tuple[Expr, Exponent], int] = {}
    rows = []
    for factor, core in found:
        row: dict[int, int] = {}
        for base, exponent in core.items():
            whole = type(exponent) is int and exponent > 0
            place = places.setdefault((base, 1) if whole else (base, exponent), len(places))
            row[place] = exponent if type(exponent) is int and whole else 1
        rows.append((factor, row))
    moved = [place for (base, exponent), place in places.items() if exponent == 1 and least.get(base)]
    if sum(prod(row.get(place, 0) + 1 for place in moved) for _, row in rows) > MOST_TERMS:
        return False
    polynomial = {tuple(row.get(place, 0) for place in range(len(places))): factor for factor, row in rows}
    bases = [base for base, _ in places]
    for place in moved:
        polynomial = _shifted(polynomial, place, least[bases[place]])
    return all(factor >= 0 for factor in polynomial.values())


def _sure(base: Expr, exponent: Exponent) -> bool:
    even = type(exponent) is int and exponent % 2 == 0
    return even or type(base) is not Add or nonnegative(base)


def _shifted(polynomial: Polynomial, place: int, by: int) -> Polynomial:
    """The polynomial with x + by for one of its bases."""
    columns: dict[tuple[int, ...], list[Exact]] = {}
    for row, factor in polynomial.items():
        column = columns.setdefault((*row[:place], *row[place + 1 :]), [])
        column.extend([0] * (row[place] + 1 - len(column)))
        column[row[place]] = factor
    result: Polynomial = {}
    for rest, column in columns.items():
        for low in range(len(column) - 1):  # Horner's scheme, once for each power
            for at in range(len(column) - 2, low - 1, -1):
                column[at] += by * column[at + 1]
        for power, factor in enumerate(column):
            if factor:
                result[(*rest[:place], power, *rest[place:])] = factor
    return result
