"""A formula as text: as Python writes it, `floor((H - 1)/2) + 1`, or as a reader likes it, `⌊(H − 1)/2⌋ + 1`."""

from __future__ import annotations

from fractions import Fraction

from cnncalc.core.printer import POWER, PYTHON, QUOTIENT, SUM, TEX_LINE, TEXT, Style, Written
from cnncalc.core.steps import STEPS
from cnncalc.symbolic.algebra.calls import Floor, Function, Max, Min
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
GROUPED = TEXT._replace(grouped=True)


@once
def python(expr: Expr) -> str:
    """The text that the expression language, Python and SymPy read back."""
    STEPS.check(AFTERWARDS)
    return _write(shortest(expr), PYTHON).text


def pretty(expr: Expr, grouped: bool = False) -> str:
    """The text for people, `grouped` with commas between thousands."""
    STEPS.check(AFTERWARDS)
    return _write(shortest(expr), GROUPED if grouped else TEXT).text


def tex(expr: Expr, grouped: bool = False) -> str:
    """The same in TeX."""
    STEPS.check(AFTERWARDS)
    return _write(shortest(expr), TEX_LINE._replace(grouped=grouped)).text


def as_it_is(expr: Expr, style: Style = PYTHON) -> str:
    """The text without looking for a shorter form."""
    return _write(expr, style).text


@once
def shortest(expr: Expr) -> Expr:
    """The formula itself, or multiplied out, or with common factors in front where that is clearly shorter."""
    if type(expr) in (Number, Symbol) or measured(expr)[0] > LARGE:
        return expr
    plain = flat(expr)
    forms = {form: len(_write(form, TEXT).text) for form in (plain, factored(plain))}
    best = min(forms, key=lambda form: forms[form])
    return best if forms[best] + SLACK < len(_write(expr, TEXT).text) else expr


def _write(expr: Expr, style: Style) -> Written:
    """The text and how tightly it binds."""
    key = style.times, style.grouped
    found: Written | None = expr.memo.get(key)
    if found is None:
        found = expr.memo[key] = _written(expr, style)
        STEPS.spent += PIECE + len(found.text) // CHARACTERS
    return found


def _written(expr: Expr, style: Style) -> Written:
    if type(expr) is Add:
        top, bottom = fraction(together(expr)) if _halved(expr) else (expr, ONE)
        whole = type(bottom) is Number and bottom.whole and bottom.value > 1
        return _fraction(top, bottom, style) if whole else _sum(expr, style)
    if type(expr) is Number and expr.whole:
        text = style.number(str(abs(expr.value)))
        return Written(text) if expr.value >= 0 else Written(style.negative + text, SUM)
    if type(expr) in (Number, Product, Scaled):
        return _product(expr, style)
    if type(expr) is Pow:
        return _power(expr, style)
    if type(expr) is Floor:
        return style.write("floor", _fraction(*fraction(together(expr.args[0])), style))
    if isinstance(expr, Call):
        name = expr.name if isinstance(expr, Function) else type(expr).__name__.lower()
        args = [_write(arg, style.arguments(name)) for arg in expr.args]
        if type(expr) in (Max, Min):
            args.sort(key=lambda arg: (arg.text[:1].isdigit(), arg.text))
        return style.write(name, *args)
    return Written(style.symbol(expr.name if isinstance(expr, Symbol) else repr(expr)))


def _sum(expr: Add, style: Style) -> Written:
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
    summands = []
    for term in order:
        negative = _negative(term)
        summands.append((negative, _write(-term if negative else term, style).within(QUOTIENT)))
    return style.total(summands)


def _halved(expr: Add) -> bool:
    """Whether there are fractions among its numbers."""
    return any(type(factor) is not int for factor, _ in terms(expr))


def _negative(term: Expr) -> bool:
    return split(term)[0] < 0


def _product(expr: Expr, style: Style) -> Written:
    number, core = split(expr)
    if number < 0:
        return Written(style.negative + _write(-expr, style).within(QUOTIENT), SUM)
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
    over = _factors(top, style)
    if not bottom:
        return over
    return style.write("quotient", Written(over.within(POWER)) if len(top) == 1 else over, _factors(bottom, style))


def _factors(found: list[Expr], style: Style) -> Written:
    """Numbers and names first, then sums, then floors."""
    if len(found) == 1:
        return _write(found[0], style)
    order = sorted(found, key=lambda f: (bool(symbols(f)), _composed(f), _write(f, PYTHON).text))
    return style.product([_write(factor, style) for factor in order])


@once
def _composed(expr: Expr) -> bool:
    """Whether there is a sum or a floor in it."""
    return type(expr) in (Add, Floor) or any(map(_composed, parts(expr)))


def _fraction(top: Expr, bottom: Expr, style: Style) -> Written:
    return _write(top, style) if bottom == ONE else style.write("quotient", _write(top, style), _write(bottom, style))


def _power(expr: Pow, style: Style) -> Written:
    base, exponent = expr.base, expr.exponent
    if exponent == Fraction(1, 2):
        return style.write("sqrt", _write(base, style))
    if not isinstance(exponent, Expr) and exponent < 0:
        return style.write("quotient", Written("1"), _write(power(base, -exponent), style))
    return style.power(_write(base, style), _write(lifted(exponent), style))
