"""Floors of formulas, in one form: ⌊⌊H/2⌋/2⌋ is ⌊H/4⌋, ⌈H/2⌉ is ⌊(H + 1)/2⌋, and whole parts stand outside.

All functions take SymPy expressions. `whole` says which expressions are known to be whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import comb
from typing import Any, TypeAlias

from sympy import Add, Integer, Max, Mod, Mul, Number, Pow, Rational, S, expand, floor, fraction, together  # type: ignore[import-untyped]

from cnncalc.core.problem import Fault

Expr: TypeAlias = Any
Whole: TypeAlias = Callable[[Expr], bool]


# Of larger divisors the rests are not looked at one by one.
MOST = 32
# Parts of a formula, and its terms once it is multiplied out: it could not be read any more.
LONGEST = 5_000
MOST_TERMS = 1_000
# Of formulas none of which is known to be the largest.
MOST_SIDES = 10
# Terms are counted up to this power of a sum; what has more is too long in any case.
HIGHEST = 1000


def plainly_whole(expr: Expr) -> bool:
    """Whether it is whole whatever its symbols are, divisors not being 0."""
    if expr.is_integer is not None:
        return bool(expr.is_integer)
    if isinstance(expr, Mul) and expr.args[0] == S.Half:  # T·(T + 1)/2
        factors = expr.args[1:]
        return any(expand(x - y) == 1 for x in factors for y in factors) and all(map(plainly_whole, factors))
    if isinstance(expr, (Add, Mul)):
        return all(plainly_whole(arg) for arg in expr.args)
    if isinstance(expr, Pow):
        return bool(expr.exp.is_Integer and expr.exp > 0) and plainly_whole(expr.base)
    return isinstance(expr, (floor, Mod))


def quotient(a: Expr, b: Expr, whole: Whole = plainly_whole) -> Expr:
    """⌊a / b⌋; what b divides stands outside of the floor."""
    outside, inside = S.Zero, S.Zero
    for term in Add.make_args(a):
        part = term / b
        if whole(part):
            outside += part
        else:
            inside += term
    return outside if inside == 0 else outside + down(inside / b, whole)


def down(expr: Expr, whole: Whole = plainly_whole) -> Expr:
    """⌊expr⌋ in its one form."""
    if whole(expr):
        return expr
    top, bottom = fraction(together(expr))
    if bottom == 1 or not (whole(bottom) and all(whole(term) for term in Add.make_args(top))):
        return floor(expr)
    if whole is not plainly_whole and bottom.is_Integer and bottom <= MOST:  # ⌊H/2⌋ where (H − 1)/2 is whole
        for rest in range(1, int(bottom)):
            if whole(expr - Rational(rest, bottom)):
                return expr - Rational(rest, bottom)
    inner = unnested(top, whole)
    if inner is not None:
        return split(expand(inner / bottom), whole)
    if balance(top) < 0:  # ⌊−u/q⌋ = −⌈u/q⌉ = −⌊(u + q − 1)/q⌋
        return -quotient(bottom - 1 - top, bottom, whole)
    return floor(expr)


def split(expr: Expr, whole: Whole) -> Expr:
    """⌊expr⌋ with its whole terms outside."""
    terms = Add.make_args(expr)
    outside = Add(*(term for term in terms if whole(term)))
    inside = Add(*(term for term in terms if not whole(term)))
    return outside if inside == 0 else outside + down(inside, whole)


def unnested(top: Expr, whole: Whole) -> Expr | None:
    """What may stand in place of a floor and whole terms inside another floor; None where there is no single floor."""
    terms = Add.make_args(top)
    found = [term for term in terms if term.has(floor)]
    if len(found) != 1:
        return None
    factor, inner = found[0].as_coeff_Mul()
    if not isinstance(inner, floor) or factor not in (1, -1):
        return None
    rest = Add(*(term for term in terms if term is not found[0]))
    within = inner.args[0]
    if factor == 1:
        return within + rest
    p, q = fraction(together(within))
    if not (whole(p) and whole(q)):
        return None
    return (q - 1 - p) / q + rest  # −⌊p/q⌋ = ⌊(q − 1 − p)/q⌋


def balance(expr: Expr) -> int:
    """How many more terms with symbols are added than taken away."""
    terms = (term for term in Add.make_args(expand(expr)) if term.free_symbols)
    return sum(-1 if term.as_coeff_Mul()[0] < 0 else 1 for term in terms)


def normal(expr: Expr, whole: Whole = plainly_whole) -> Expr:
    """The expanded form in which equal floors look alike: the constant inside each is in [0, 1)."""
    return expand(_renewed(expr, whole)) if expr.has(floor) else expand(expr)


def _renewed(expr: Expr, whole: Whole) -> Expr:
    if not expr.has(floor):
        return expr
    if isinstance(expr, floor):
        inner = expand(_renewed(expr.args[0], whole))
        if whole(inner):
            return inner
        constant = Integer(int(inner.as_coeff_Add()[0] // 1))
        return split(inner - constant, whole) + constant
    return expr.func(*(_renewed(arg, whole) for arg in expr.args))


def tidy(expr: Expr, whole: Whole = plainly_whole) -> Expr:
    """⌊H/2 − 3/2⌋ + 1 as ⌊H/2 − 1/2⌋: a constant beside a single floor goes into it where it has a fraction anyway.

    −⌊(K − H)/S⌋ is turned: ⌊(H − K − 1)/S⌋ + 1.
    """
    if expr.has(floor):
        expr = Add(*(_turned(term, whole) for term in Add.make_args(expr)))
    if not isinstance(expr, Add) or len(expr.args) != 2:
        return expr
    constant, rest = expr.as_coeff_Add()
    if not constant.is_Integer or constant == 0 or not isinstance(rest, floor):
        return expr
    inner = rest.args[0]
    if isinstance(inner, Add) and not inner.as_coeff_Add()[0].is_Integer:
        return floor(inner + constant)
    return expr


def _turned(term: Expr, whole: Whole) -> Expr:
    factor, inner = term.as_coeff_Mul()
    if factor >= 0 or not isinstance(inner, floor):
        return term
    top, bottom = fraction(together(inner.args[0]))
    if balance(top) > 0 or bottom == 1 or not (whole(bottom) and all(whole(part) for part in Add.make_args(top))):
        return term
    return -factor * quotient(bottom - 1 - top, bottom, whole)


@lru_cache(maxsize=1 << 16)
def measured(expr: Expr) -> tuple[int, int, int]:
    """How many parts it has; and about how many terms top and bottom have once they are multiplied out.

    A sum counts as having a constant: it has one as soon as sizes are known to be at least 1.
    """
    if not expr.args:
        return 1, 1, 1
    found = [measured(arg) for arg in expr.args]
    parts = 1 + sum(one[0] for one in found)
    top = bottom = 1
    if isinstance(expr, Add):
        for below in {arg.as_numer_denom()[1] for arg in expr.args if arg.has(Pow)}:
            bottom *= measured(below)[1]
        top = (sum(one[1] for one in found) + (not expr.args[0].is_number)) * bottom
    elif isinstance(expr, Mul):
        for one in found:
            top, bottom = top * one[1], bottom * one[2]
    elif isinstance(expr, Pow) and expr.exp.is_Integer:
        times = min(abs(int(expr.exp)), HIGHEST)
        top, bottom = (comb(times + max(terms, 2) - 1, times) for terms in found[0][1:])
        bottom = 1 if found[0][2] == 1 else bottom
        if expr.exp < 0:
            top, bottom = bottom, top
    elif hasattr(expr, "exp") and any(abs(part) > HIGHEST for part in expr.exp.atoms(Number)):
        top = HIGHEST + 1  # 2**(10**9 + C) is 2**C, as often as 2**(10**9) says
    return parts, top, bottom


def bounded(expr: Expr) -> Expr:
    """The expression, unless it is too long."""
    parts, top, bottom = measured(expr)
    if parts > LONGEST:
        raise _long(expr, f"a formula of more than {LONGEST:,} parts")
    if max(top, bottom) > MOST_TERMS:
        raise _long(expr, f"a formula of more than {MOST_TERMS:,} terms once its brackets are multiplied out")
    return expr


def few(expr: Expr) -> None:
    """Refuse one more side of a largest of many."""
    if isinstance(expr, Max) and len(expr.args) >= MOST_SIDES:
        raise _long(expr, f"the largest or smallest of more than {MOST_SIDES} formulas")


def _long(expr: Expr, message: str) -> Fault:
    name = symbols_of(expr)[0]
    return Fault("formula-too-long", message, help=f"--set {name}=... gives {name} a value")


def symbols_of(expr: Expr) -> list[Expr]:
    """Its symbols, in alphabetic order."""
    return sorted(expr.free_symbols, key=lambda symbol: str(symbol))
