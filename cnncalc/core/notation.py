"""Formulas of explained numbers written out: as text and as TeX, with symbols or with numbers."""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.core.formula import Part, leaves
from cnncalc.core.number import FreeNumber
from cnncalc.core.printer import ATOM, NEGATIVE, POWER, PRODUCT, SUM, TEX, TEXT, Form, Style, Written

# A rest stands in brackets wherever it stands, a product within a product without.
LONG = TEXT.but({"mod": Form("({} mod {})", ATOM, (NEGATIVE, POWER))})._replace(factor=PRODUCT)
# Inside a product a sum is written without spaces.
TIGHT = LONG._replace(plus="+", minus="−")

Name = Callable[[Part], str]


def symbols(part: Part) -> str:
    """The formula with its symbols, as text."""
    return _write(part, _names(part), LONG).text


def numbers(part: Part) -> str:
    """The formula with its numbers, as text."""
    return _write(part, _number, LONG).text


def tex(part: Part, with_numbers: bool = False) -> str:
    """The formula as TeX, with symbols or with numbers; a newline stands where a long sum may be broken."""
    name = _names(part)
    return _write(part, _number_tex if with_numbers else lambda leaf: TEX.symbol(name(leaf)), TEX, True).text


def written(value: object) -> str:
    """A value: a number, or a formula in free dimensions."""
    if isinstance(value, float):
        return f"{value:g}"
    return value.pretty() if isinstance(value, FreeNumber) else str(value)


def tex_value(value: object) -> str:
    """The same in TeX."""
    return value.tex() if isinstance(value, FreeNumber) else written(value)


def _number(part: Part) -> str:
    text = written(part.value)
    return f"({text.replace('-', '−')})" if text.startswith("-") else text


def _number_tex(part: Part) -> str:
    text = tex_value(part.value)
    return f"({text})" if text.startswith("-") else text


def _names(part: Part) -> Name:
    """Symbols without their axis where one axis alone occurs: K for K_h."""
    axes: dict[str, set[str]] = {}
    for leaf in leaves(part):
        axes.setdefault(leaf.short, set()).add(leaf.symbol)
    return lambda leaf: leaf.short if len(axes[leaf.short]) == 1 else leaf.symbol


def _write(part: Part, name: Name, style: Style, top: bool = False) -> Written:
    kind = part.kind
    if kind in ("leaf", "const"):
        text = name(part) if kind == "leaf" else (_number_tex if style is TEX else _number)(part)
        # A number may be a formula itself.
        signs = (" + ", " - ", "/") if style is TEX else (" + ", " − ", "·", "/")
        return Written(text, SUM if any(sign in text for sign in signs) else ATOM)
    if kind == "sum":
        args = [_write(arg, name, style).text for arg in part.args]
        return style.total([(sign < 0, text) for sign, text in zip(part.signs, args, strict=True)], broken=top)
    inner = TIGHT if style is not TEX and kind in ("product", "power") else TEX if style is TEX else LONG
    if kind == "product":
        return style.product([_write(arg, name, inner) for arg in part.args])
    a, b = (_write(arg, name, inner) for arg in part.args)
    if kind == "power":
        return style.power(a, b)
    if kind == "scale":
        return style.write("floor", style.product((a, b)))
    if kind in ("floor", "ceil"):
        return style.write(kind, style.write("quotient", a, b))
    return style.write(kind, a, b)
