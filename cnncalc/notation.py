"""Formulas written out: as text and as TeX, with symbols or with numbers."""

from __future__ import annotations

from collections.abc import Callable

from cnncalc.formula import Part, leaves

RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# A sum in TeX gets a place where it may be broken after about so many characters that are seen.
WIDEST = 60

Name = Callable[[Part], str]


def symbols(part: Part) -> str:
    """The formula with its symbols, as text."""
    return _text(part, _names(part))


def numbers(part: Part) -> str:
    """The formula with its numbers, as text."""
    return _text(part, _number)


def tex(part: Part, with_numbers: bool = False) -> str:
    """The formula as TeX, with symbols or with numbers; a newline stands where a long sum may be broken."""
    name = _names(part)
    return _tex(part, _number_tex if with_numbers else lambda leaf: tex_symbol(name(leaf)), top=True)


def tex_symbol(symbol: str) -> str:
    """`C_in` as C_{\\text{in}}, `K_h` as K_h, a whole word as text."""
    base, _, below = symbol.partition("_")
    if len(base) != 1 or not symbol.replace("_", "").isalnum():
        return tex_text(symbol)
    if not below:
        return base
    below = below.replace("_", ", ")
    return f"{base}_{below}" if len(below) == 1 else rf"{base}_{{\text{{{below}}}}}"


def tex_text(text: str) -> str:
    """Words inside a formula."""
    escaped = "".join("\\" + c if c in "_%&#${}" else c for c in text if c not in "\\^~")
    return rf"\text{{{escaped}}}"


def _number(part: Part) -> str:
    value = part.value
    if isinstance(value, float):
        return f"{value:g}" if value != int(value) else str(int(value))
    if type(value) is int:
        return str(value) if value >= 0 else f"(−{-value})"
    text = str(value)  # a free dimension, or a formula of some
    return text if text.isidentifier() else f"({text})"


def _number_tex(part: Part) -> str:
    text = _number(part).replace("−", "-")
    return text if text.strip("()-").replace(".", "").isdigit() else tex_symbol(text)


def _names(part: Part) -> Name:
    """Symbols without their axis where one axis alone occurs: K for K_h."""
    axes: dict[str, set[str]] = {}
    for leaf in leaves(part):
        axes.setdefault(leaf.short, set()).add(leaf.symbol)
    return lambda leaf: leaf.short if len(axes[leaf.short]) == 1 else leaf.symbol


def _text(part: Part, name: Name, tight: bool = False) -> str:
    kind = part.kind
    if kind == "leaf":
        return name(part)
    if kind == "const":
        return _number(part)
    if kind == "sum":
        plus, minus = ("+", "−") if tight else (" + ", " − ")
        text = ""
        for sign, arg in zip(part.signs, part.args, strict=True):
            shown = _text(arg, name, tight)
            text += (plus if sign > 0 else minus) + shown if text else ("" if sign > 0 else "−") + shown
        return text
    if kind == "product":
        return "·".join(f"({_text(a, name, True)})" if _loose(a) else _text(a, name) for a in part.args)
    a, b = part.args
    if kind == "power":
        base, power = _text(a, name, True), _text(b, name)
        base = f"({base})" if _loose(a) else base
        return base + (power.translate(RAISED) if power.isdigit() else f"^{power}")
    over = f"({_text(a, name)})" if a.kind == "sum" else _text(a, name)
    under = f"({_text(b, name)})" if b.kind in ("sum", "product", "quotient") else _text(b, name)
    if kind == "quotient":
        return f"{over}/{under}"
    if kind == "floor":
        return f"⌊{over}/{under}⌋"
    if kind == "ceil":
        return f"⌈{over}/{under}⌉"
    if kind == "scale":
        return f"⌊{over}·{under}⌋"
    if kind == "mod":
        return f"({over} mod {under})"
    return f"{kind}({_text(a, name)}, {_text(b, name)})"


def _loose(factor: Part) -> bool:
    """Whether a factor needs parentheses among others."""
    return factor.kind in ("sum", "quotient")


def _tex(part: Part, name: Name, top: bool = False) -> str:
    kind = part.kind
    if kind == "leaf":
        return name(part)
    if kind == "const":
        return _number_tex(part)
    if kind == "sum":
        return _tex_sum(part, name, top)
    if kind == "product":
        return r" \cdot ".join(rf"({_tex(a, name)})" if a.kind == "sum" else _tex(a, name) for a in part.args)
    a, b = (_tex(arg, name) for arg in part.args)
    fraction = rf"\frac{{{a}}}{{{b}}}"
    if kind == "quotient":
        return fraction
    if kind == "floor":
        return rf"\left\lfloor {fraction} \right\rfloor"
    if kind == "ceil":
        return rf"\left\lceil {fraction} \right\rceil"
    if kind == "scale":
        return rf"\left\lfloor {a} \cdot {b} \right\rfloor"
    if kind == "mod":
        return rf"({a} \bmod {b})"
    if kind == "power":
        return rf"({a})^{{{b}}}" if _loose(part.args[0]) else rf"{a}^{{{b}}}"
    return rf"\{kind}({a}, {b})"


def _tex_sum(part: Part, name: Name, top: bool) -> str:
    text = ""
    since = 0
    for sign, arg in zip(part.signs, part.args, strict=True):
        shown = _tex(arg, name)
        seen = _seen(shown)
        if text and top and since + seen > WIDEST:
            text += "\n"
            since = 0
        if text:
            text += (" + " if sign > 0 else " - ").removeprefix(" " if text.endswith("\n") else "") + shown
        else:
            text = ("" if sign > 0 else "-") + shown
        since += seen + 3
    return text


def _seen(text: str) -> int:
    """About how wide TeX is on paper, in characters."""
    import re  # only a sum needs it

    return len(re.sub(r"\\[a-z]+|[{}_^ ]", "", text)) + 2 * text.count(r"\cdot")
