"""The equations of a cell as a reader would write them: as text, `c[t] = σ(W_c x[t] + W_h h[t−1])`, and as TeX."""

from __future__ import annotations

from cnncalc.core.notation import tex_symbol
from cnncalc.layers.cells.tree import Equation, Piece

# How tightly an operation binds: what binds less stands in brackets inside it.
SUM, NEGATE, PRODUCT, POWER, ATOM = range(5)
BINDS = {"+": SUM, "-": SUM, "negate": NEGATE, "*": PRODUCT, "/": PRODUCT, "@": PRODUCT, "**": POWER}
TEXT = {"sigmoid": "σ", "sqrt": "√"}
TEX = {
    "sigmoid": r"\sigma",
    **{name: rf"\{name}" for name in ("tanh", "exp", "ln", "log", "sin", "cos", "max", "min")},
    "log2": r"\log_2",
    "pi": r"\pi",
    "relu": r"\text{ReLU}",
}


def formula(equation: Equation, tex: bool) -> str:
    """The whole equation."""
    left = _at(equation.name, 0, tex)
    return f"{left} = {(_tex if tex else _text)(equation.tree)}"


def _binds(piece: Piece) -> int:
    return BINDS.get(piece.op, ATOM)


def _inside(piece: Piece, least: int, tex: bool) -> str:
    text = (_tex if tex else _text)(piece)
    return f"({text})" if _binds(piece) < least else text


def _number(piece: Piece) -> str:
    if piece.name:
        return piece.name
    return f"{piece.value:g}" if isinstance(piece.value, float) else str(piece.value)


def _at(name: str, lag: int, tex: bool) -> str:
    step = f"t-{lag}" if lag else "t"
    if not tex:
        return f"{name}[{step.replace('-', '−')}]"
    base, _, below = name.partition("_")
    below = f"{below}, {step}" if below else step
    return f"{tex_symbol(base)}_{below}" if len(below) == 1 else f"{tex_symbol(base)}_{{{below}}}"


def _scalar(piece: Piece) -> bool:
    """Whether a factor is a number alone, so that no sign for a product number by number is needed."""
    return piece.op in ("number", "size") or (piece.op == "negate" and _scalar(piece.args[0]))


def _text(piece: Piece) -> str:
    op, args = piece.op, piece.args
    if op in ("number", "size"):
        return _number(piece).replace("-", "−")
    if op == "weight":
        return piece.name
    if op == "value":
        return _at(piece.name, piece.lag, False)
    if op in ("+", "-"):
        sign = "+" if op == "+" else "−"
        return f"{_inside(args[0], SUM, False)} {sign} {_summand(args[1], op, False)}"
    if op == "negate":
        return "−" + _inside(args[0], PRODUCT, False)
    if op in ("*", "/", "@"):
        sign = {"*": "·" if any(map(_scalar, args)) else " ⊙ ", "/": "/", "@": " "}[op]
        left = _inside(args[0], NEGATE, False)
        right = _inside(args[1], POWER, False) if op != "@" else _factor(args[1], False)
        return f"{left}{sign}{right}"
    if op == "**":
        return f"{_inside(args[0], ATOM, False)}^{_inside(args[1], ATOM, False)}"
    if op == "transpose":
        return _inside(args[0], ATOM, False) + "ᵀ"
    if op == "index":
        return f"{_inside(args[0], ATOM, False)}[{_key(piece)}]"
    if op == "concat":
        return "[" + "; ".join(map(_text, args)) + "]"
    if op == "outer":
        return f"{_inside(args[0], ATOM, False)} {_inside(args[1], ATOM, False)}ᵀ"
    return f"{TEXT.get(op, op)}({', '.join(map(_text, args))})"


def _summand(piece: Piece, sign: str, tex: bool) -> str:
    """The right side of a sum; no two signs stand side by side."""
    text = _inside(piece, SUM if sign == "+" else NEGATE, tex)
    return f"({text})" if text[0] in "−-" else text


def _factor(piece: Piece, tex: bool) -> str:
    """The right factor of a matrix product: another matrix product needs no brackets, a quotient does."""
    text = (_tex if tex else _text)(piece)
    return text if piece.op == "@" or _binds(piece) > PRODUCT else f"({text})"


def _key(piece: Piece) -> str:
    key = piece.value
    if isinstance(key, slice):
        return f"{'' if key.start is None else key.start}:{'' if key.stop is None else key.stop}"
    return str(key)


def _tex(piece: Piece) -> str:
    op, args = piece.op, piece.args
    if op in ("number", "size"):
        return TEX.get(piece.name) or tex_symbol(piece.name) if piece.name else _number(piece)
    if op == "weight":
        return tex_symbol(piece.name)
    if op == "value":
        return _at(piece.name, piece.lag, True)
    if op in ("+", "-"):
        return f"{_inside(args[0], SUM, True)} {op} {_summand(args[1], op, True)}"
    if op == "negate":
        return "-" + _inside(args[0], PRODUCT, True)
    if op == "/":
        return rf"\frac{{{_tex(args[0])}}}{{{_tex(args[1])}}}"
    if op in ("*", "@"):
        sign = r"\, " if op == "@" else r" \cdot " if any(map(_scalar, args)) else r" \odot "
        right = _inside(args[1], POWER, True) if op == "*" else _factor(args[1], True)
        return f"{_inside(args[0], NEGATE, True)}{sign}{right}"
    if op == "**":
        return f"{{{_inside(args[0], ATOM, True)}}}^{{{_tex(args[1])}}}"
    if op == "transpose":
        return f"{{{_inside(args[0], ATOM, True)}}}^\\top"
    if op == "index":
        return f"{_inside(args[0], ATOM, True)}[{_key(piece)}]"
    if op == "concat":
        return "[" + r";\, ".join(map(_tex, args)) + "]"
    if op == "outer":
        return rf"{_inside(args[0], ATOM, True)}\, {{{_inside(args[1], ATOM, True)}}}^\top"
    if op in ("sqrt", "abs", "floor", "ceil"):
        left, right = {
            "sqrt": (r"\sqrt{", "}"),
            "abs": (r"\left|", r"\right|"),
            "floor": (r"\left\lfloor ", r" \right\rfloor"),
            "ceil": (r"\left\lceil ", r" \right\rceil"),
        }[op]
        return f"{left}{_tex(args[0])}{right}"
    name = TEX.get(op, rf"\text{{{op}}}")
    return f"{name}({', '.join(map(_tex, args))})"
