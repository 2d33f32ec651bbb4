"""A formula as text: as Python writes it, `floor((H - 1)/2) + 1`, or as a reader likes it, `⌊(H − 1)/2⌋ + 1`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from sympy import (  # type: ignore[import-untyped]
    Abs,
    Add,
    Integer,
    Max,
    Min,
    Mod,
    Mul,
    Pow,
    Rational,
    S,
    count_ops,
    expand,
    factor_terms,
    floor,
    fraction,
    log,
    together,
)

Expr: TypeAlias = Any

# Larger formulas are written as they are: looking for a shorter form would take long.
LARGE = 150
# How many characters another form must save.
SLACK = 2
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


@lru_cache(maxsize=4096)
def python(expr: Expr) -> str:
    """The text that the expression language, Python and SymPy read back."""
    return _write(shortest(expr), PYTHON)[0]


@lru_cache(maxsize=4096)
def pretty(expr: Expr) -> str:
    """The text for people."""
    return _write(shortest(expr), PRETTY)[0]


def as_it_is(expr: Expr, style: Style = PYTHON) -> str:
    """The text without looking for a shorter form."""
    return _write(expr, style)[0]


def shortest(expr: Expr) -> Expr:
    """The formula itself, or multiplied out, or with common factors in front where that is clearly shorter."""
    if expr.is_Atom or count_ops(expr) > LARGE:
        return expr
    flat = expand(expr, deep=False)
    forms = {form: len(_write(form, PRETTY)[0]) for form in (flat, factor_terms(flat))}
    best = min(forms, key=lambda form: forms[form])
    return best if forms[best] + SLACK < len(_write(expr, PRETTY)[0]) else expr


def _write(expr: Expr, style: Style) -> tuple[str, int]:
    """The text and how tightly it holds together."""
    if isinstance(expr, Add):
        top, bottom = fraction(together(expr)) if any(_halved(term) for term in expr.args) else (expr, S.One)
        return (
            (_fraction(top, bottom, style), PRODUCT) if bottom.is_Integer and bottom > 1 else (_sum(expr, style), SUM)
        )
    if isinstance(expr, Mul) or (isinstance(expr, Rational) and not isinstance(expr, Integer)):
        return _product(expr, style)
    if isinstance(expr, Pow):
        return _power(expr, style)
    if isinstance(expr, Integer):
        return (str(expr), ATOM) if expr >= 0 else (f"{style.minus}{-expr}", SUM)
    if isinstance(expr, floor):
        top, bottom = fraction(together(expr.args[0]))
        inner = _fraction(top, bottom, style)
        return f"{style.floor[0]}{inner}{style.floor[1]}", ATOM
    if isinstance(expr, Mod):
        a, b = (_within(arg, POWER, style) for arg in expr.args)
        return f"{a} {'mod' if style.raised else '%'} {b}", PRODUCT
    names = {Max: "max", Min: "min", Abs: "abs", log: "ln"}
    name = next((known for kind, known in names.items() if isinstance(expr, kind)), "")
    if name or expr.is_Function:
        args = sorted((_write(arg, style)[0] for arg in expr.args), key=lambda text: (text[:1].isdigit(), text))
        return f"{name or expr.func.__name__}({', '.join(args)})", ATOM
    return str(expr), ATOM


def _within(expr: Expr, least: int, style: Style) -> str:
    """The text, in brackets where it holds together less than that."""
    text, holds = _write(expr, style)
    return text if holds >= least else f"({text})"


def _sum(expr: Expr, style: Style) -> str:
    """What is added first, then what is taken away, then the constant."""
    constant, rest = expr.as_coeff_Add()
    terms = rest.as_ordered_terms() if rest != 0 else []
    added = [term for term in terms if not _negative(term)]
    taken = [term for term in terms if _negative(term)]
    if all(term.as_coeff_Mul()[1].is_Symbol for term in added):
        added.sort(key=lambda term: not term.is_Symbol)  # W + 2*P
    order = [*added, *taken] if added or constant <= 0 else [constant, *taken]
    if constant != 0 and constant not in order:
        order.append(constant)
    parts = []
    for term in order:
        sign = style.minus if _negative(term) else "+"
        parts.append(f" {sign} {_within(-term if _negative(term) else term, PRODUCT, style)}")
    text = "".join(parts)
    return text[3:] if not _negative(order[0]) else style.minus + text[3:]


def _halved(term: Expr) -> bool:
    return bool(term.as_coeff_Mul()[0].q != 1)


def _negative(term: Expr) -> bool:
    return bool(term.as_coeff_Mul()[0] < 0)


def _product(expr: Expr, style: Style) -> tuple[str, int]:
    if _negative(expr):
        return style.minus + _within(-expr, PRODUCT, style), SUM
    number = S.One
    top: list[Expr] = []
    bottom: list[Expr] = []
    for factor in Mul.make_args(expr):
        if isinstance(factor, Add):  # (16·H − 32)·W as 16·(H − 2)·W
            content, factor = factor.primitive()
            number *= content
        if isinstance(factor, Rational):
            number *= factor
        elif isinstance(factor, Pow) and factor.exp.is_Rational and factor.exp < 0:
            bottom.append(1 / factor)
        else:
            top.append(factor)
    if number.p != 1 or not top:
        top.insert(0, Integer(number.p))
    if number.q != 1:
        bottom.append(Integer(number.q))
    if not bottom:
        return _factors(top, style, len(top) > 1), PRODUCT if len(top) > 1 else _write(top[0], style)[1]
    under = _factors(bottom, style, True)
    under = f"({under})" if len(bottom) > 1 else under
    return f"{_factors(top, style, True)}/{under}", PRODUCT


def _factors(factors: list[Expr], style: Style, several: bool) -> str:
    """Numbers and names first, then sums, then floors."""
    order = sorted(factors, key=lambda f: (not f.is_number, f.has(Add, floor), _write(f, PYTHON)[0]))
    return style.times.join(_within(factor, POWER if several else PRODUCT, style) for factor in order)


def _fraction(top: Expr, bottom: Expr, style: Style) -> str:
    if bottom == 1:
        return _write(top, style)[0]
    above = _within(top, PRODUCT, style)
    return f"{above}/{_within(bottom, POWER, style)}"


def _power(expr: Expr, style: Style) -> tuple[str, int]:
    base, exponent = expr.as_base_exp()
    if exponent == Rational(1, 2):
        return f"sqrt({_write(base, style)[0]})", ATOM
    if exponent.is_Rational and exponent < 0:
        return f"1/{_within(1 / expr, POWER, style)}", PRODUCT
    if style.raised and isinstance(exponent, Integer):
        return _within(base, ATOM, style) + str(exponent).translate(RAISED), POWER
    return f"{_within(base, ATOM, style)}{'^' if style.raised else '**'}{_within(exponent, ATOM, style)}", POWER
