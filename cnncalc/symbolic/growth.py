"""How a formula grows: its leading terms, jointly and in each free dimension, and where two of them are equal.

A term leads unless another has every exponent at least as large. Floors grow as what is in them.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from operator import ge
from typing import Any, NamedTuple, TypeAlias, cast

from cnncalc.core.number import is_free, is_grouped
from cnncalc.core.problem import Fault
from cnncalc.symbolic.algebra.calls import Floor, Max, Min, Mod
from cnncalc.symbolic.algebra.exact import Exact
from cnncalc.symbolic.algebra.kinds import ONE, Add, Expr, Number, Pow, Product, Scaled, Symbol, once, split
from cnncalc.symbolic.algebra.look import summands, symbols
from cnncalc.symbolic.algebra.make import add, mul, power, scaled
from cnncalc.symbolic.printing import pretty as printed
from cnncalc.symbolic.printing import python

# Of more leading terms than this, not every two are compared.
MOST = 3
# Products of leading terms that are worked out.
MOST_LEADERS = 3_000
HELP = "--set gives some of the symbolic dimensions a value"
# What lengths of sequences are called: a crossover is said for them rather than for other sizes.
LENGTHS = ("n", "l", "t", "s", "length", "seq", "tokens")


class Term(NamedTuple):
    """A leading term: its factor, and the exponent of each symbol."""

    factor: Exact
    powers: dict[Expr, Exact]

    @property
    def power(self) -> Expr:
        """The term without its factor."""
        return mul(*(power(symbol, exponent) for symbol, exponent in self.powers.items()))

    @property
    def expr(self) -> Expr:
        """The whole term."""
        return scaled(self.factor, self.power)


def growth(number: Any) -> list[str]:
    """Lines on how a count grows with its free dimensions; raises `Fault` for a plain number."""
    leaders = leading_terms(number)
    lines = [f"{pretty(number.expr)} = {_big_o(leaders)}"]
    names = _names(leaders)
    for name in names if len(leaders) > 1 else []:
        most = max(term.powers.get(name, 0) for term in leaders)
        if most > 0:
            same = add(*(term.expr for term in leaders if term.powers.get(name, 0) == most))
            lines.append(f"in {name} alone: O({pretty(power(name, most))}), {pretty(same)} leads")
    for one, other in combinations(leaders if len(leaders) <= MOST else [], 2):
        crossing = crossover(one, other)
        if crossing is not None:
            name, value, winner = crossing
            both = f"{pretty(one.expr)} and {pretty(other.expr)}"
            lines.append(f"{both} are equal at {name} = {_decimal(value)}; beyond it {pretty(winner.expr)} is larger")
    return lines


def pretty(expr: Expr) -> str:
    """A formula for people, as the output groups digits."""
    return printed(expr, is_grouped())


def leading_terms(number: Any) -> list[Term]:
    """The terms that no other one dominates, the steepest first."""
    if not is_free(number):
        raise Fault("no-growth", f"{number} does not grow", help="leave sizes free, such as nxd -> Attention(d)")
    try:
        found = _leading(number.expr)
    except _NoPowers:
        raise Fault(
            "no-growth", f"{number} is no sum of powers", help="growth() takes counts, such as total.macs"
        ) from None
    leaders = [Term(factor, dict(key)) for key, factor in found.items() if factor > 0]
    return sorted(leaders, key=lambda term: (-sum(term.powers.values()), python(term.power)))


class _NoPowers(Exception):
    """Something that is no sum of products of powers of symbols."""


Leaders: TypeAlias = dict[frozenset[tuple[Expr, Exact]], Exact]


@once
def _leading(expr: Expr) -> Leaders:
    """The leading terms of what it grows like at most: without floors, and in sums without constants and what is taken
    away. The powers of each term, and its factor."""
    kind = type(expr)
    if kind is Number:
        return {frozenset(): cast(Number, expr).value}
    if kind is Symbol:
        return {frozenset([(expr, 1)]): 1}
    if kind in (Floor, Min):
        return _leading(expr.args[0])
    if kind is Mod:
        return _leading(expr.args[1])
    if kind is Max:
        return _pruned(_sum_of([_leading(arg) for arg in expr.args]))
    if kind is Add:
        added = [term for term in summands(expr) if split(term)[0] > 0]
        growing = [term for term in added if symbols(term)]
        return _pruned(_sum_of([_leading(term) for term in growing or added or summands(expr)]))
    if kind is Pow:
        return _power(cast(Pow, expr))
    if kind in (Product, Scaled):
        found: Leaders = {frozenset(): 1}
        for factor in expr.args:
            found = _times(found, _leading(factor))
        return found
    raise _NoPowers


def _power(expr: Pow) -> Leaders:
    base, exponent = expr.base, expr.exponent
    if isinstance(exponent, Expr):
        raise _NoPowers
    if type(base) is Symbol:
        return {frozenset([(base, exponent)]): 1}
    if type(exponent) is not int or exponent < 0:
        raise _NoPowers
    found: Leaders = {frozenset(): 1}
    for _ in range(exponent):
        found = _times(found, _leading(base))
    return found


def _sum_of(parts: list[Leaders]) -> Leaders:
    found: Leaders = {}
    for part in parts:
        for key, factor in part.items():
            found[key] = found.get(key, 0) + factor
    return found


def _times(one: Leaders, other: Leaders) -> Leaders:
    if len(one) * len(other) > MOST_LEADERS:
        raise Fault("formula-too-long", f"more than {MOST_LEADERS:,} leading terms", help=HELP)
    found: Leaders = {}
    for key, factor in one.items():
        for more, times in other.items():
            powers = dict(key)
            for base, exponent in more:
                powers[base] = powers.get(base, 0) + exponent
            joined = frozenset((base, exponent) for base, exponent in powers.items() if exponent)
            found[joined] = found.get(joined, 0) + factor * times
    return _pruned(found) if len(one) > 1 and len(other) > 1 else found


def _pruned(found: Leaders) -> Leaders:
    """Those that no other one dominates, of those that are added."""
    kept = {key: factor for key, factor in found.items() if factor > 0}
    if len(kept) < 2:
        return kept
    names = sorted({base for key in kept for base, _ in key}, key=str)
    rows = {key: tuple(dict(key).get(name, 0) for name in names) for key in kept}
    left: list[Any] = []
    for key, row in sorted(rows.items(), key=lambda one: -sum(one[1])):  # only what is steeper dominates
        if not any(all(map(ge, rows[other], row)) for other in left):
            left.append(key)
    return {key: kept[key] for key in left}


def _names(leaders: list[Term]) -> list[Expr]:
    return sorted({name for term in leaders for name in term.powers}, key=str)


def _big_o(leaders: list[Term]) -> str:
    return "O(" + " + ".join(pretty(term.power) for term in leaders) + ")"


def big_o(number: object) -> object:
    """The leading terms without their factors, as a formula: d**2*n + d*n**2."""
    return _sum(number, "power")


def leading(number: object) -> object:
    """The leading terms, as a formula: 3*d**2*n + 2*d*n**2."""
    return _sum(number, "expr")


def _sum(number: object, what: str) -> object:
    from cnncalc.symbolic.dimension import Free

    parts = [getattr(term, what) for term in leading_terms(number)]
    if not parts:
        raise Fault(
            "expression-value", "what is never positive has no leading terms", help="total.macs has, for example"
        )
    return Free(add(*parts))


def crossover(one: Term, other: Term) -> tuple[Expr, Expr, Term] | None:
    """A symbol, the value at which the terms are equal, and the term that is larger beyond it; None without any."""
    steps = {
        name: other.powers.get(name, 0) - one.powers.get(name, 0)
        for name in sorted({*one.powers, *other.powers}, key=str)
    }
    names = [name for name, step in steps.items() if step != 0]
    if not names:
        return None
    name = min(names, key=lambda symbol: (abs(steps[symbol]) != 1, _place(str(symbol))))
    if steps[name] < 0:
        one, other = other, one
        steps = {symbol: -step for symbol, step in steps.items()}
    value = mul(
        Number(Fraction(one.factor) / other.factor),
        *(power(symbol, -step) for symbol, step in steps.items() if symbol != name),
    )
    return name, power(value, Fraction(1) / steps[name]), other


def _place(name: str) -> tuple[int, str]:
    lower = name.lower()
    return (LENGTHS.index(lower), "") if lower in LENGTHS else (len(LENGTHS), lower)


def _decimal(value: Expr) -> str:
    """`1.5·d`, where the factor is short as a decimal; else `2·d/3`."""
    factor, rest = split(value)
    if rest == ONE or type(factor) is int or (1000 * factor.numerator) % factor.denominator:
        return pretty(value)
    return f"{float(factor):g}·{pretty(rest)}"
