"""How a formula grows: its leading terms, jointly and in each free dimension, and where two of them are equal.

A term leads unless another has every exponent at least as large. Floors grow as what is in them.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any, NamedTuple, TypeAlias

from cnncalc.core.problem import Fault

Expr: TypeAlias = Any

# Of more leading terms than this, not every two are compared.
MOST = 3
# What lengths of sequences are called: a crossover is said for them rather than for other sizes.
LENGTHS = ("n", "l", "t", "s", "length", "seq", "tokens")


class Term(NamedTuple):
    """A leading term: its factor, and the exponent of each symbol."""

    factor: Expr
    powers: dict[Expr, Expr]

    @property
    def power(self) -> Expr:
        """The term without its factor."""
        from sympy import Mul  # type: ignore[import-untyped]

        return Mul(*(symbol**exponent for symbol, exponent in self.powers.items()))

    @property
    def expr(self) -> Expr:
        """The whole term."""
        return self.factor * self.power


def growth(number: Any) -> list[str]:
    """Lines on how a count grows with its free dimensions; raises `Fault` for a plain number."""
    from cnncalc.symbolic.printing import pretty

    terms = leading_terms(number)
    lines = [f"{pretty(number.expr)} = {_big_o(terms)}"]
    names = _names(terms)
    for name in names if len(terms) > 1 else []:
        most = max(term.powers.get(name, 0) for term in terms)
        if most > 0:
            same = sum((term.expr for term in terms if term.powers.get(name, 0) == most), terms[0].factor * 0)
            lines.append(f"in {name} alone: O({pretty(name**most)}), {pretty(same)} leads")
    for one, other in combinations(terms if len(terms) <= MOST else [], 2):
        crossing = crossover(one, other)
        if crossing is not None:
            name, value, winner = crossing
            both = f"{pretty(one.expr)} and {pretty(other.expr)}"
            lines.append(f"{both} are equal at {name} = {_decimal(value)}; beyond it {pretty(winner.expr)} is larger")
    return lines


def leading_terms(number: Any) -> list[Term]:
    """The terms that no other one dominates, the steepest first."""
    from sympy import Add, expand

    if not hasattr(number, "free"):
        raise Fault("no-growth", f"{number} does not grow", help="leave sizes free, such as nxd -> Attention(d)")
    expr = expand(_upper(number.expr))
    found: dict[Any, Expr] = {}
    for term in Add.make_args(expr):
        factor, power = term.as_coeff_Mul()
        powers = power.as_powers_dict()
        if any(not base.is_Symbol or not exponent.is_number for base, exponent in powers.items() if base != 1):
            raise Fault("no-growth", f"{number} is no sum of powers", help="growth() takes counts, such as total.macs")
        if factor > 0:  # what is taken away cannot make it larger
            key = frozenset((base, exponent) for base, exponent in powers.items() if base != 1)
            found[key] = found.get(key, 0) + factor
    terms = [Term(factor, dict(key)) for key, factor in found.items()]
    kept = [term for term in terms if not any(_dominated(term, other) for other in terms if other is not term)]
    return sorted(kept, key=lambda term: (-sum(term.powers.values()), str(term.power)))


def _upper(expr: Expr) -> Expr:
    """What it grows like at most: without floors, and in sums without constants and what is taken away."""
    from sympy import Add, Max, Min, Mod, Mul, Pow, floor

    if isinstance(expr, floor):
        return _upper(expr.args[0])
    if isinstance(expr, (Max, Min)):
        return Add(*map(_upper, expr.args)) if isinstance(expr, Max) else _upper(expr.args[0])
    if isinstance(expr, Mod):
        return _upper(expr.args[1])
    if isinstance(expr, Add):
        added = [term for term in expr.args if term.as_coeff_Mul()[0] > 0]
        growing = [term for term in added if term.free_symbols]
        return Add(*map(_upper, growing or added)) if added else expr
    if isinstance(expr, Mul):
        return Mul(*map(_upper, expr.args))
    if isinstance(expr, Pow) and expr.exp.is_positive:
        return _upper(expr.base) ** expr.exp
    return expr


def _dominated(term: Term, other: Term) -> bool:
    return all(other.powers.get(name, 0) >= term.powers.get(name, 0) for name in {*term.powers, *other.powers})


def _names(terms: list[Term]) -> list[Expr]:
    return sorted({name for term in terms for name in term.powers}, key=str)


def _big_o(terms: list[Term]) -> str:
    from cnncalc.symbolic.printing import pretty

    return "O(" + " + ".join(pretty(term.power) for term in terms) + ")"


def big_o(number: Any) -> Any:
    """The leading terms without their factors, as a formula: d**2*n + d*n**2."""
    return _sum(number, "power")


def leading(number: Any) -> Any:
    """The leading terms, as a formula: 3*d**2*n + 2*d*n**2."""
    return _sum(number, "expr")


def _sum(number: Any, what: str) -> Any:
    from cnncalc.symbolic.dimension import Free

    parts = [getattr(term, what) for term in leading_terms(number)]
    if not parts:
        raise Fault(
            "expression-value", "what is never positive has no leading terms", help="total.macs has, for example"
        )
    return Free(sum(parts[1:], parts[0]))


def crossover(one: Term, other: Term) -> tuple[Expr, Expr, Term] | None:
    """A symbol, the value at which the terms are equal, and the term that is larger beyond it; None without any."""
    from sympy import Rational

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
    value = one.factor / other.factor
    for symbol, step in steps.items():
        if symbol != name:
            value *= symbol ** (-step)
    return name, value ** Rational(1, steps[name]), other


def _place(name: str) -> tuple[int, str]:
    lower = name.lower()
    return (LENGTHS.index(lower), "") if lower in LENGTHS else (len(LENGTHS), lower)


def _decimal(value: Expr) -> str:
    """`1.5·d`, where the factor is short as a decimal; else `2·d/3`."""
    from cnncalc.symbolic.printing import pretty

    factor, rest = value.as_coeff_Mul()
    if rest == 1 or factor.is_Integer or not factor.is_Rational or (1000 * factor.p) % factor.q:
        return pretty(value)
    return f"{float(factor):g}·{pretty(rest)}"
