"""Formulas written out: as text and as TeX, with symbols or with numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnncalc.core.formula import Part, leaves
from cnncalc.core.number import is_free

RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
LOWERED_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
SIGNS = {"·": r" \cdot ", "−": "-", "⌊": r"\lfloor ", "⌋": r" \rfloor", "⌈": r"\lceil ", "⌉": r" \rceil"}
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


GREEK = {"α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "ε": r"\varepsilon", "μ": r"\mu", "σ": r"\sigma"}


def tex_text(text: str) -> str:
    """Words inside a formula."""
    letter = GREEK.get(text[:1])
    if letter is not None:  # which LaTeX has in formulas alone
        return letter if len(text) == 1 else rf"{letter}\ {tex_text(text[1:].lstrip())}"
    escaped = "".join("\\" + c if c in "_%&#${}" else c for c in text if c not in "\\^~")
    return rf"\text{{{escaped}}}"


def written(value: Any) -> str:
    """A value: a number, or a formula in free dimensions."""
    if isinstance(value, float):
        return f"{value:g}"
    return value.pretty() if is_free(value) else str(value)


def tex_value(value: object) -> str:
    """The same in TeX."""
    text = written(value)
    if not is_free(value):
        return text
    import re  # only free dimensions need it

    text = re.sub(r"[A-Za-z_][A-Za-z_0-9]*", lambda name: tex_symbol(name[0]), text)
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda power: f"^{{{power[0].translate(LOWERED_DIGITS)}}}", text)
    for sign, command in SIGNS.items():
        text = text.replace(sign, command)
    return text


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
        return "·".join(_closed(a, _text(a, name, True), ("sum", "quotient")) for a in part.args)
    a, b = part.args
    if kind == "power":
        base, power = _closed(a, _text(a, name, True), ("sum", "quotient")), _text(b, name)
        return base + (power.translate(RAISED) if power.isdigit() else f"^{power}")
    over = _closed(a, _text(a, name), ("sum",))
    under = _closed(b, _text(b, name), ("sum", "product", "quotient"))
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


def _closed(part: Part, text: str, kinds: tuple[str, ...]) -> str:
    """The text in parentheses where its kind needs them; so does a number that is a formula."""
    formula = part.kind in ("leaf", "const") and any(sign in text for sign in (" + ", " − ", "·", "/"))
    return f"({text})" if part.kind in kinds or formula else text


def _tex(part: Part, name: Name, top: bool = False) -> str:
    kind = part.kind
    if kind == "leaf":
        return name(part)
    if kind == "const":
        return _number_tex(part)
    if kind == "sum":
        return _tex_sum(part, name, top)
    if kind == "product":
        return r" \cdot ".join(_closed_tex(a, _tex(a, name), ("sum",)) for a in part.args)
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
        return rf"{_closed_tex(part.args[0], a, ('sum', 'quotient'))}^{{{b}}}"
    return rf"\{kind}({a}, {b})"


def _closed_tex(part: Part, text: str, kinds: tuple[str, ...]) -> str:
    formula = part.kind in ("leaf", "const") and any(sign in text for sign in (" + ", " - ", "/"))
    return f"({text})" if part.kind in kinds or formula else text


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
