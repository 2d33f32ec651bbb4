"""Exact numbers: integers and fractions, their powers and common divisors."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, isqrt, lcm
from typing import TypeAlias

from cnncalc.core.problem import Fault

Exact: TypeAlias = "int | Fraction"

# A power of more bits is no size of anything.
MOST_BITS = 20_000
# Squares of numbers up to this are taken out of a root.
MOST_SQUARE = 100


def exact(value: Exact) -> Exact:
    """A fraction without a rest as a whole number."""
    return value if type(value) is int or value.denominator != 1 else value.numerator


def raised(value: Exact, exponent: int) -> Exact:
    """A number to a whole power."""
    if value == 0 and exponent < 0:
        raise ZeroDivisionError("division by zero")
    bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    if (bits - 1) * abs(exponent) > MOST_BITS:
        raise Fault("number-too-large", "the result is too large a number")
    return exact(Fraction(value) ** exponent) if exponent < 0 or type(value) is Fraction else value**exponent


def square(value: int) -> tuple[int, int]:
    """r and s with r²·s the value."""
    whole = isqrt(value)
    if whole * whole == value:
        return whole, 1
    outside = 1
    for factor in range(2, MOST_SQUARE):
        while value % (factor * factor) == 0:
            value //= factor * factor
            outside *= factor
    return outside, value


def common(numbers: list[Exact]) -> Exact:
    """The greatest number that all are whole multiples of."""
    return exact(Fraction(gcd(*(n.numerator for n in numbers)), lcm(*(n.denominator for n in numbers))))
