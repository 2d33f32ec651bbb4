"""The equations of a cell as a reader would write them: as text, `c[t] = σ(W_c x[t] + W_h h[t−1])`, and as TeX."""

from __future__ import annotations

from cnncalc.core.printer import (
    ATOM,
    MATRIX,
    NEGATIVE,
    POWER,
    PRODUCT,
    QUOTIENT,
    SUM,
    TEX,
    TEXT,
    Form,
    Style,
    Written,
    tex_symbol,
)
from cnncalc.layers.cells.tree import Equation, Piece

_FACTORS = (NEGATIVE, POWER)
# "scaled" is a product with a number, "@" one of matrices: another one on its right needs no brackets.
_TEXT = TEXT._replace(
    forms={
        "quotient": TEXT.forms["quotient"],
        "power": TEXT.forms["power"],
        "negate": Form("−{}", NEGATIVE, (QUOTIENT,)),
        "scaled": Form("{}·{}", PRODUCT, _FACTORS),
        "*": Form("{} ⊙ {}", PRODUCT, _FACTORS),
        "@": Form("{} {}", MATRIX, (NEGATIVE, MATRIX)),
        "transpose": Form("{}ᵀ", ATOM, (ATOM,)),
        "index": Form("{}[{}]", ATOM, (ATOM, SUM)),
        "outer": Form("{} {}ᵀ", ATOM, (ATOM, ATOM)),
    },
    names={"sigmoid": "σ", "sqrt": "√"},
)
_TEX = TEX.but(
    {
        "power": Form("{{{}}}^{{{}}}", POWER, (ATOM, SUM)),
        "negate": Form("-{}", NEGATIVE, (QUOTIENT,)),
        "scaled": Form(r"{} \cdot {}", PRODUCT, _FACTORS),
        "*": Form(r"{} \odot {}", PRODUCT, _FACTORS),
        "@": Form(r"{}\, {}", MATRIX, (NEGATIVE, MATRIX)),
        "transpose": Form(r"{{{}}}^\top", ATOM, (ATOM,)),
        "index": Form("{}[{}]", ATOM, (ATOM, SUM)),
        "outer": Form(r"{}\, {{{}}}^\top", ATOM, (ATOM, ATOM)),
    }
)
_OPERATIONS = {"/": "quotient", "**": "power"}


def formula(equation: Equation, tex: bool) -> str:
    """The whole equation."""
    return f"{_at(equation.name, 0, tex)} = {_write(equation.tree, _TEX if tex else _TEXT).text}"


def _write(piece: Piece, style: Style) -> Written:
    op, tex = piece.op, style is _TEX
    if op in ("number", "size"):
        return Written(_number(piece, tex))
    if op == "weight":
        return Written(style.symbol(piece.name))
    if op == "value":
        return Written(_at(piece.name, piece.lag, tex))
    args = [_write(arg, style) for arg in piece.args]
    if op in ("+", "-"):
        text = args[1].within(SUM if op == "+" else NEGATIVE)
        right = f"({text})" if text[0] in "−-" else text  # no two signs stand side by side
        return style.total([(False, args[0].text), (op == "-", right)])
    if op == "index":
        args.append(Written(_key(piece)))
    if op == "concat":
        return Written("[" + (r";\, " if tex else "; ").join(arg.text for arg in args) + "]")
    if op == "*" and any(map(_scalar, piece.args)):
        op = "scaled"
    return style.write(_OPERATIONS.get(op, op), *args)


def _number(piece: Piece, tex: bool) -> str:
    text = piece.name or (f"{piece.value:g}" if isinstance(piece.value, float) else str(piece.value))
    if not tex:
        return text.replace("-", "−")
    return r"\pi" if piece.name == "pi" else tex_symbol(text) if piece.name else text


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


def _key(piece: Piece) -> str:
    key = piece.value
    if isinstance(key, slice):
        return f"{'' if key.start is None else key.start}:{'' if key.stop is None else key.stop}"
    return str(key)
