"""The algebra of sizes against SymPy, which is asked the same things: random formulas, built, multiplied out, put over
one bottom, factored, ordered, rounded."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Any

import pytest
import sympy

from cnncalc.core.problem import Fault
from cnncalc.symbolic.algebra.expand import expand, measured
from cnncalc.symbolic.algebra.factor import factored, together
from cnncalc.symbolic.algebra.facts import integer, nonnegative
from cnncalc.symbolic.algebra.functions import floor, maximum, minimum, mod
from cnncalc.symbolic.algebra.kinds import Expr, Number, Pow, Symbol
from cnncalc.symbolic.algebra.look import constant, fraction
from cnncalc.symbolic.algebra.make import add, power
from cnncalc.symbolic.algebra.order import ordered
from cnncalc.symbolic.algebra.sympy_form import sympy_form
from cnncalc.symbolic.values import value

NAMES = "HWKSP"
THEIRS = {name: sympy.Symbol(name, integer=True, nonnegative=True) for name in NAMES}
NUMBERS = [1, 2, 3, -1, -2, Fraction(1, 2), Fraction(-3, 2), 4]
COUNT = 400

Pair = tuple[Expr, Any]


def pair(random: Random, depth: int) -> Pair:
    """A random formula in both forms."""
    if depth == 0 or random.random() < 0.15:
        if random.random() < 0.3:
            number = Fraction(random.choice(NUMBERS))
            return Number(number), sympy.Rational(number.numerator, number.denominator)
        name = random.choice(NAMES)
        return Symbol(name), THEIRS[name]
    (a, theirs), (b, other) = pair(random, depth - 1), pair(random, depth - 1)
    sign = random.choice("++--**/^f")
    if sign == "f":
        return floor(a), sympy.floor(theirs)
    if sign == "^":
        exponent = random.choice([2, 3])
        return a**exponent, theirs**exponent
    if sign == "/":
        return (a / b, theirs / other) if other != 0 else (a, theirs)
    return {"+": (a + b, theirs + other), "-": (a - b, theirs - other), "*": (a * b, theirs * other)}[sign]


def pairs(seed: int) -> Iterator[Pair]:
    """Random formulas that SymPy builds to the same form: it knows more of floors, and distributes less."""
    random = Random(seed)
    for _ in range(COUNT):
        ours, theirs = pair(random, random.randint(1, 4))
        if not theirs.has(sympy.zoo, sympy.nan) and sympy_form(ours) == theirs:
            yield ours, theirs


def again(expr: Any) -> Any:
    """SymPy's formula with products multiplied by numbers as ours are: it keeps some of them apart."""
    return expr.func(*expr.args) if isinstance(expr, (sympy.Add, sympy.Mul)) else expr


def agree(ours: Expr, theirs: Any, random: Random) -> bool:
    """Whether both have the same values."""
    for _ in range(4):
        sizes = {name: random.choice([1, 2, 3, 5, 8, 100]) for name in NAMES}
        wanted = theirs.subs({THEIRS[name]: size for name, size in sizes.items()})
        try:
            found = value(ours, {Symbol(name): size for name, size in sizes.items()})
        except ZeroDivisionError:  # multiplied out, a fraction has places of its own where it is none
            continue
        if wanted.is_finite and found != wanted:
            return False
    return True


def test_most_formulas_are_built_to_the_same_form() -> None:
    assert sum(1 for _ in pairs(1)) > 0.98 * COUNT


def test_multiplied_out() -> None:
    random = Random(2)
    found = list(pairs(2))
    assert all(agree(expand(ours), theirs, random) for ours, theirs in found)
    plain = [(ours, theirs) for ours, theirs in found if sympy.denom(sympy.together(theirs)).is_number]
    different = [theirs for ours, theirs in plain if sympy_form(expand(ours)) != sympy.expand(theirs)]
    assert different == [] and len(plain) > 200


def test_over_one_bottom() -> None:
    random = Random(4)
    found = list(pairs(4))
    wrong = []
    for ours, theirs in found:
        top, bottom = fraction(together(ours))
        assert agree(top / bottom, theirs, random)
        if (sympy_form(top), sympy_form(bottom)) != tuple(map(again, sympy.fraction(sympy.together(theirs)))):
            wrong.append(theirs)
    assert len(wrong) < 0.01 * len(found), wrong


def test_common_factors_in_front() -> None:
    found = [(ours, theirs) for ours, theirs in pairs(5) if isinstance(theirs, sympy.Add)]
    wrong = [theirs for ours, theirs in found if sympy_form(factored(ours)) != again(sympy.factor_terms(theirs))]
    assert len(wrong) < 0.02 * len(found), wrong


def test_the_order_of_terms() -> None:
    found = [(ours, theirs) for ours, theirs in pairs(6) if isinstance(theirs - theirs.as_coeff_Add()[0], sympy.Add)]
    for ours, theirs in found:
        rest = theirs - theirs.as_coeff_Add()[0]
        assert [sympy_form(term) for term in ordered(ours - Number(constant(ours)))] == rest.as_ordered_terms()
    assert len(found) > 100


def test_what_is_certain_of_a_formula_is_right() -> None:
    """Whole, and never below 0: whatever sizes are put in."""
    random = Random(7)
    certain = 0
    for ours, _ in pairs(7):
        for _ in range(10):
            sizes = {Symbol(name): random.choice([1, 2, 3, 5, 8, 100]) for name in NAMES}
            try:
                found = value(ours, sizes)
            except ZeroDivisionError:
                continue
            assert not integer(ours) or found.denominator == 1
            assert integer(ours) is not False or found.denominator != 1
            assert not nonnegative(ours) or found >= 0
            certain += integer(ours) is True or nonnegative(ours)
    assert certain > 500


def test_the_largest_the_smallest_and_the_rest() -> None:
    random = Random(8)
    found = [ours for ours, _ in pairs(8)]
    tried = 0
    for _ in range(300):
        a, b = random.choice(found), random.choice(found)
        sizes = {Symbol(name): random.choice([1, 2, 3, 5, 8, 100]) for name in NAMES}
        try:
            one, other = value(a, sizes), value(b, sizes)
        except ZeroDivisionError:
            continue
        assert value(maximum(a, b), sizes) == max(one, other)
        assert value(minimum(a, b), sizes) == min(one, other)
        if other > 0 and nonnegative(b):
            assert value(mod(a, b), sizes) == one % other, (a, b, sizes)
            tried += 1
    assert tried > 50


def test_powers() -> None:
    h, w = Symbol("H"), Symbol("W")
    half = Fraction(1, 2)
    assert power(h * h, half) == h and power(h * w, half) == power(h, half) * power(w, half)
    assert power(Number(8), half) == 2 * power(Number(2), half) and power(Number(Fraction(9, 4)), half) == Number(
        Fraction(3, 2)
    )
    assert power(power(h, half), 2) == h and power(Number(-4), half) == Pow(Number(-4), half)
    assert power(power(Number(2), h), w) == power(Number(2), h * w)
    with pytest.raises(Fault, match="too large a number"):
        power(2 * h, 10**9)
    with pytest.raises(ZeroDivisionError):
        h / Number(0)


def test_what_would_become_too_long_is_not_multiplied_out() -> None:
    many = add(*(Symbol(f"x{at}") for at in range(40)))
    long = power(many + 1, 20)
    assert measured(long)[1] > 10**9 and expand(long) is long
    assert measured(expand(power(many + 1, 2)))[0] > 1_000
