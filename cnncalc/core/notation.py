"""Formulas of explained numbers written out: as text and as TeX, with symbols or with numbers."""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.core.formula import Part, leaves
from cnncalc.core.number import FreeNumber, is_grouped
from cnncalc.core.printer import ATOM, NEGATIVE, POWER, PRODUCT, SUM, TEX, TEXT, Form, Style, Written

# A rest stands in brackets wherever it stands, a product within a product without.
LONG = TEXT.but({"mod": Form("({} mod {})", ATOM, (NEGATIVE, POWER))})._replace(factor=PRODUCT)

Name = Callable[[Part], str]


def symbols(part: Part) -> str:
    """The formula with its symbols, as text."""
    return _write(part, _names(part), _for_reader(LONG)).text


def numbers(part: Part) -> str:
    """The formula with its numbers, as text."""
    return _write(part, None, _for_reader(LONG)).text


def tex(part: Part, with_numbers: bool = False) -> str:
    """The formula as TeX, with symbols or with numbers; a newline stands where a long sum may be broken."""
    name = _names(part)
    return _write(part, None if with_numbers else lambda leaf: TEX.symbol(name(leaf)), _for_reader(TEX), True).text


def result(part: Part) -> str:
    """What a formula comes to."""
    return _value(part.value, _for_reader(LONG))


def tex_result(part: Part) -> str:
    """The same in TeX."""
    return _value(part.value, _for_reader(TEX))


def written(value: object) -> str:
    """A value in a list or between axes, where numbers have no commas: a number, or a formula in free dimensions."""
    return _value(value, LONG)


def _for_reader(style: Style) -> Style:
    return style._replace(grouped=True) if is_grouped() else style


def _is_tex(style: Style) -> bool:
    return style.times == TEX.times


def _value(value: object, style: Style) -> str:
    if isinstance(value, FreeNumber):
        return value.tex(style.grouped) if _is_tex(style) else value.pretty(style.grouped)
    return style.number(f"{value:g}" if isinstance(value, float) else str(value))


def _number(part: Part, style: Style) -> str:
    text = _value(part.value, style)
    return f"({text if _is_tex(style) else text.replace('-', '−')})" if text.startswith("-") else text


def _names(part: Part) -> Name:
    """Symbols without their axis where one axis alone occurs: K for K_h."""
    axes: dict[str, set[str]] = {}
    for leaf in leaves(part):
        axes.setdefault(leaf.short, set()).add(leaf.symbol)
    return lambda leaf: leaf.short if len(axes[leaf.short]) == 1 else leaf.symbol


def _write(part: Part, name: Name | None, style: Style, top: bool = False) -> Written:
    """A formula with its symbols' names, or without these with its numbers."""
    kind = part.kind
    if kind in ("leaf", "const"):
        text = name(part) if name is not None and kind == "leaf" else _number(part, style)
        # A number may be a formula itself.
        signs = (" + ", " - ", "/") if _is_tex(style) else (" + ", " − ", "·", "/")
        return Written(text, SUM if any(sign in text for sign in signs) else ATOM)
    if kind == "sum":
        args = [_write(arg, name, style).text for arg in part.args]
        return style.total([(sign < 0, text) for sign, text in zip(part.signs, args, strict=True)], broken=top)
    inner = style if kind in ("product", "scale") else style.arguments(kind)
    if not _is_tex(style):  # inside a product a sum is written without spaces
        tight = kind in ("product", "power")
        inner = inner._replace(plus="+" if tight else LONG.plus, minus="−" if tight else LONG.minus)
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
