"""Floors of formulas, in one form: ⌊⌊H/2⌋/2⌋ is ⌊H/4⌋, ⌈H/2⌉ is ⌊(H + 1)/2⌋, and whole parts stand outside.

`whole` says which expressions are known to be whole numbers.
"""

from __future__ import annotations

from fractions import Fraction

from cnncalc.core.problem import Fault
from cnncalc.symbolic.algebra.calls import Floor, Max
from cnncalc.symbolic.algebra.expand import expand, measured
from cnncalc.symbolic.algebra.factor import together
from cnncalc.symbolic.algebra.functions import floor, rebuilt
from cnncalc.symbolic.algebra.kinds import (
    ONE,
    Add,
    Call,
    Expr,
    Number,
    Symbol,
    once,
    one,
    split,
)
from cnncalc.symbolic.algebra.look import constant, fraction, inner, levels, mapped, summands, symbols, terms
from cnncalc.symbolic.algebra.make import add, mul, power, scaled
from cnncalc.symbolic.wholes import Whole, Wholes, plainly_whole

# Of larger divisors the rests are not looked at one by one.
MOST = 32
# Parts of a formula, and its terms once it is multiplied out: it could not be read any more.
LONGEST = 20_000
# Parts of a floor once a floor inside of it is multiplied out; a longer one stays a floor in a floor.
MOST_JOINED = 1_000
# Formulas inside each other.
DEEPEST = 100
# Of formulas none of which is known to be the largest.
MOST_SIDES = 10


def quotient(a: Expr, b: Expr, whole: Whole = plainly_whole) -> Expr:
    """⌊a / b⌋; what b divides stands outside of the floor."""
    outside, inside = [], []
    under = power(b, -1)
    for term in summands(a):
        part = mul(term, under)
        if whole(part):
            outside.append(part)
        else:
            inside.append(term)
    return add(*outside, down(mul(add(*inside), under), whole)) if inside else add(*outside)


def down(expr: Expr, whole: Whole = plainly_whole) -> Expr:
    """⌊expr⌋ in its one form."""
    if whole(expr):
        return expr
    top, bottom = fraction(together(expr))
    if bottom == ONE or not (whole(bottom) and all(whole(term) for term in summands(top))):
        return floor(expr)
    if whole is not plainly_whole and type(bottom) is Number and bottom.value <= MOST:  # ⌊H/2⌋ if (H − 1)/2 is whole
        for rest in range(1, int(bottom.value)):
            less = expr - Fraction(rest, int(bottom.value))
            if whole(less):
                return less
    found = unnested(top, whole)
    if found is not None:
        joined = expand(found / bottom)
        if measured(joined)[0] <= MOST_JOINED:
            return apart(joined, whole)
        return floor(expr)
    if balance(top) < 0:  # ⌊−u/q⌋ = −⌈u/q⌉ = −⌊(u + q − 1)/q⌋
        return -quotient(bottom - 1 - top, bottom, whole)
    return floor(expr)


def apart(expr: Expr, whole: Whole) -> Expr:
    """⌊expr⌋ with its whole terms outside."""
    outside: list[Expr] = []
    inside: list[Expr] = []
    for term in summands(expr):
        (outside if whole(term) else inside).append(term)
    return add(*outside, down(add(*inside), whole)) if inside else expr


def unnested(top: Expr, whole: Whole) -> Expr | None:
    """What may stand in place of a floor and whole terms inside another floor; None where there is no single floor."""
    found = [term for term in summands(top) if any(type(call) is Floor for call in inner(term))]
    if len(found) != 1:
        return None
    factor, part = split(found[0])
    if type(part) is not Floor or factor not in (1, -1):
        return None
    rest = top - found[0]
    within: Expr = part.args[0]
    if factor == 1:
        return within + rest
    p, q = fraction(together(within))
    if not (whole(p) and whole(q)):
        return None
    return (q - 1 - p) / q + rest  # −⌊p/q⌋ = ⌊(q − 1 − p)/q⌋


@once
def balance(expr: Expr) -> int:
    """How many more terms with symbols are added than taken away."""
    return sum(-1 if factor < 0 else 1 for factor, core in terms(expand(expr)) if symbols(core))


def normal(expr: Expr, whole: Whole = plainly_whole) -> Expr:
    """The expanded form in which equal floors look alike: the constant inside each is in [0, 1)."""
    if whole is plainly_whole:
        return plainly_normal(expr)
    return one(expand(mapped(expr, lambda call: _kept(call, whole))))


def _kept(call: Call, whole: Whole) -> Expr:
    if not isinstance(whole, Wholes):
        return _renewed(call, whole)
    found = whole.normal.get(call)
    if found is None:
        found = whole.normal[call] = _renewed(call, whole)
    return found


@once
def plainly_normal(expr: Expr) -> Expr:
    """The same where nothing is assumed to be whole."""
    return one(expand(mapped(expr, _plainly_renewed)))


@once
def _plainly_renewed(call: Call) -> Expr:
    return _renewed(call, plainly_whole)


def _renewed(call: Call, whole: Whole) -> Expr:
    if type(call) is not Floor:
        return rebuilt(call, [normal(arg, whole) for arg in call.args])
    within = normal(call.args[0], whole)
    if whole(within):
        return within
    outside = Number(constant(within) // 1)
    return apart(within - outside, whole) + outside


def tidy(expr: Expr, whole: Whole = plainly_whole) -> Expr:
    """⌊H/2 − 3/2⌋ + 1 as ⌊H/2 − 1/2⌋: a constant beside a single floor goes into it where it has a fraction anyway.

    −⌊(K − H)/S⌋ is rewritten: ⌊(H − K − 1)/S⌋ + 1.
    """
    if inner(expr):
        expr = add(*(_turned(term, whole) for term in summands(expr)))
    if type(expr) is not Add or not expr.constant or len(expr.terms) != 1 or type(expr.constant) is not int:
        return expr
    rest, factor = next(iter(expr.terms.items()))
    if factor == 1 and type(rest) is Floor:
        within = rest.args[0]
        if type(within) is Add and type(within.constant) is not int:
            return floor(within + expr.constant)
    return expr


def _turned(term: Expr, whole: Whole) -> Expr:
    factor, part = split(term)
    if factor >= 0 or type(part) is not Floor:
        return term
    top, bottom = fraction(together(part.args[0]))
    if balance(top) > 0 or bottom == ONE or not (whole(bottom) and all(whole(piece) for piece in summands(top))):
        return term
    return scaled(-factor, quotient(bottom - 1 - top, bottom, whole))


def bounded(expr: Expr) -> Expr:
    """The expression, unless it is too long."""
    if measured(expr)[0] > LONGEST:
        raise _long(expr, f"a formula of more than {LONGEST:,} parts")
    if levels(expr) > DEEPEST:
        raise _long(expr, f"a formula of more than {DEEPEST} formulas inside each other")
    return expr


def few(expr: Expr) -> None:
    """Refuse one more side of a largest of many."""
    if type(expr) is Max and len(expr.args) >= MOST_SIDES:
        raise _long(expr, f"the largest or smallest of more than {MOST_SIDES} formulas")


def _long(expr: Expr, message: str) -> Fault:
    name = symbols_of(expr)[0]
    return Fault("formula-too-long", message, help=f"--set {name}=... gives {name} a value")


@once
def symbols_of(expr: Expr) -> list[Symbol]:
    """Its symbols, in alphabetic order."""
    return sorted(symbols(expr), key=lambda symbol: symbol.name)
