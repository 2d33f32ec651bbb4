"""A formula as text: as Python writes it, `floor((H - 1)/2) + 1`, or as a reader likes it, `⌊(H − 1)/2⌋ + 1`."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from cnncalc.core.steps import STEPS
from cnncalc.symbolic.algebra.calls import Floor, Function, Max, Min, Mod
from cnncalc.symbolic.algebra.exact import exact
from cnncalc.symbolic.algebra.expand import flat, measured
from cnncalc.symbolic.algebra.factor import factored, primitive, together
from cnncalc.symbolic.algebra.kinds import (
    ONE,
    Add,
    Call,
    Expr,
    Number,
    Pow,
    Product,
    Scaled,
    Symbol,
    factors,
    lifted,
    once,
    split,
)
from cnncalc.symbolic.algebra.look import fraction, parts, symbols, terms
from cnncalc.symbolic.algebra.make import power
from cnncalc.symbolic.algebra.order import ordered

# Larger formulas are written as they are: looking for a shorter form would take long.
LARGE = 600
# How many characters another form must save.
SLACK = 2
# What writing a part takes, in steps, and how many characters are one; what was worked out can still be written.
PIECE = 5
CHARACTERS = 50
AFTERWARDS = 1.3
SUM, PRODUCT, POWER, ATOM = range(4)
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Style(NamedTuple):
    """The signs of one way to write."""

    times: str
    minus: str
    floor: tuple[str, str]
    raised: bool


PYTHON = Style("*", "-", ("floor(", ")"), False)
PRETTY = Style("·", "−", ("⌊", "⌋"), True)


@once
def python(expr: Expr) -> str:
    """The text that the expression language, Python and SymPy read back."""
    STEPS.check(AFTERWARDS)
    return _write(shortest(expr), PYTHON)[0]


@once
def pretty(expr: Expr) -> str:
    """The text for people."""
    STEPS.check(AFTERWARDS)
    return _write(shortest(expr), PRETTY)[0]


def as_it_is(expr: Expr, style: Style = PYTHON) -> str:
    """The text without looking for a shorter form."""
    return _write(expr, style)[0]


@once
def shortest(expr: Expr) -> Expr:
    """The formula itself, or multiplied out, or with common factors in front where that is clearly shorter."""
    if type(expr) in (Number, Symbol) or measured(expr)[0] > LARGE:
        return expr
    plain = flat(expr)
    forms = {form: len(_write(form, PRETTY)[0]) for form in (plain, factored(plain))}
    best = min(forms, key=lambda form: forms[form])
    return best if forms[best] + SLACK < len(_write(expr, PRETTY)[0]) else expr


def _write(expr: Expr, style: Style) -> tuple[str, int]:
    """The text and how tightly it holds together."""
    found: tuple[str, int] | None = expr.memo.get(style.times)
    if found is None:
        found = expr.memo[style.times] = _written(expr, style)
        STEPS.spent += PIECE + len(found[0]) // CHARACTERS
    return found


def _written(expr: Expr, style: Style) -> tuple[str, int]:
    if type(expr) is Add:
        top, bottom = fraction(together(expr)) if _halved(expr) else (expr, ONE)
        whole = type(bottom) is Number and bottom.whole and bottom.value > 1
        return (_fraction(top, bottom, style), PRODUCT) if whole else (_sum(expr, style), SUM)
    if type(expr) is Number and expr.whole:
        return (str(expr.value), ATOM) if expr.value >= 0 else (f"{style.minus}{-expr.value}", SUM)
    if type(expr) in (Number, Product, Scaled):
        return _product(expr, style)
    if type(expr) is Pow:
        return _power(expr, style)
    if type(expr) is Floor:
        top, bottom = fraction(together(expr.args[0]))
        return f"{style.floor[0]}{_fraction(top, bottom, style)}{style.floor[1]}", ATOM
    if type(expr) is Mod:
        a, b = (_within(arg, POWER, style) for arg in expr.args)
        return f"{a} {'mod' if style.raised else '%'} {b}", PRODUCT
    if isinstance(expr, Call):
        name = {"log": "ln"}.get(expr.name, expr.name) if isinstance(expr, Function) else type(expr).__name__.lower()
        args = [_write(arg, style)[0] for arg in expr.args]
        if type(expr) in (Max, Min):
            args.sort(key=lambda text: (text[:1].isdigit(), text))
        return f"{name}({', '.join(args)})", ATOM
    return expr.name if isinstance(expr, Symbol) else repr(expr), ATOM


def _within(expr: Expr, least: int, style: Style) -> str:
    """The text, in brackets where it holds together less than that."""
    text, holds = _write(expr, style)
    return text if holds >= least else f"({text})"


def _sum(expr: Add, style: Style) -> str:
    """What is added first, then what is taken away, then the constant."""
    constant = expr.constant
    found = ordered(expr if not constant else Add(0, expr.terms))
    added = [term for term in found if not _negative(term)]
    taken = [term for term in found if _negative(term)]
    if all(type(split(term)[1]) is Symbol for term in added):
        added.sort(key=lambda term: type(term) is not Symbol)  # W + 2*P
    order = [*added, *taken]
    if constant:
        order.insert(len(order) if added or constant < 0 else 0, Number(constant))
    pieces = []
    for term in order:
        negative = _negative(term)
        pieces.append(f" {style.minus if negative else '+'} {_within(-term if negative else term, PRODUCT, style)}")
    text = "".join(pieces)
    return text[3:] if not _negative(order[0]) else style.minus + text[3:]


def _halved(expr: Add) -> bool:
    """Whether there are fractions among its numbers."""
    return any(type(factor) is not int for factor, _ in terms(expr))


def _negative(term: Expr) -> bool:
    return split(term)[0] < 0


def _product(expr: Expr, style: Style) -> tuple[str, int]:
    number, core = split(expr)
    if number < 0:
        return style.minus + _within(-expr, PRODUCT, style), SUM
    top: list[Expr] = []
    bottom: list[Expr] = []
    for factor in factors(core):
        if type(factor) is Add:  # (16·H − 32)·W as 16·(H − 2)·W
            content, factor = primitive(factor)
            number = exact(number * content)
        if factor == ONE:
            continue
        if type(factor) is Pow and not isinstance(factor.exponent, Expr) and factor.exponent < 0:
            bottom.append(power(factor, -1))
        else:
            top.append(factor)
    if number.numerator != 1 or not top:
        top.insert(0, Number(number.numerator))
    if number.denominator != 1:
        bottom.append(Number(number.denominator))
    if not bottom:
        return _factors(top, style, len(top) > 1), PRODUCT if len(top) > 1 else _write(top[0], style)[1]
    under = _factors(bottom, style, True)
    under = f"({under})" if len(bottom) > 1 else under
    return f"{_factors(top, style, True)}/{under}", PRODUCT


def _factors(found: list[Expr], style: Style, several: bool) -> str:
    """Numbers and names first, then sums, then floors."""
    order = sorted(found, key=lambda f: (bool(symbols(f)), _composed(f), _write(f, PYTHON)[0]))
    return style.times.join(_within(factor, POWER if several else PRODUCT, style) for factor in order)


@once
def _composed(expr: Expr) -> bool:
    """Whether there is a sum or a floor in it."""
    return type(expr) in (Add, Floor) or any(map(_composed, parts(expr)))


def _fraction(top: Expr, bottom: Expr, style: Style) -> str:
    if bottom == ONE:
        return _write(top, style)[0]
    above = _within(top, PRODUCT, style)
    return f"{above}/{_within(bottom, POWER, style)}"


def _power(expr: Pow, style: Style) -> tuple[str, int]:
    base, exponent = expr.base, expr.exponent
    if exponent == Fraction(1, 2):
        return f"sqrt({_write(base, style)[0]})", ATOM
    if not isinstance(exponent, Expr) and exponent < 0:
        return f"1/{_within(power(base, -exponent), POWER, style)}", PRODUCT
    if style.raised and type(exponent) is int:
        return _within(base, ATOM, style) + str(exponent).translate(RAISED), POWER
    return f"{_within(base, ATOM, style)}{'^' if style.raised else '**'}{_within(lifted(exponent), ATOM, style)}", POWER
