"""The equations of a recurrent cell as a tree. Shapes, costs, NumPy, text and TeX are readings of this one tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cnncalc.expression.environment import Environment
from cnncalc.expression.evaluation import Word
from cnncalc.expression.tokenize import ExpressionFault

# Functions of each number alone, and how many arguments the others take.
EACH = ("sigmoid", "tanh", "relu", "exp", "ln", "log", "log2", "sqrt", "sin", "cos", "abs", "floor", "ceil", "round")
OTHERS: dict[str, tuple[int, int | None]] = {
    "softmax": (1, 1),
    "sum": (1, 1),
    "max": (1, None),
    "min": (1, None),
    "concat": (1, None),
    "outer": (2, 2),
}
FUNCTIONS = (*EACH, *OTHERS)


class Piece(NamedTuple):
    """A node of the tree.

    op      "number" (value), "size" (the name of a size that the input determines), "weight" (name), "value" (the
            input, a state or an equation: name, `lag` steps back), one of + - * / ** @, "negate", "transpose",
            "index" (value: an int or a slice), or a function: one of `FUNCTIONS`
    place   offset and length in the equation's text
    """

    op: str
    args: tuple[Piece, ...] = ()
    name: str = ""
    value: Any = None
    lag: int = 0
    place: tuple[int, int] = (0, 1)


class Equation(NamedTuple):
    """`name` = `tree` at each step. `option` is the path of the field it was written in."""

    name: str
    text: str
    tree: Piece
    option: str

    def source(self, piece: Piece) -> str:
        """A part as it was written."""
        offset, length = piece.place
        return self.text[offset : offset + length]

    def fault(self, piece: Piece, code: str, message: str, help: str = "") -> ExpressionFault:
        """A fault that points at a part."""
        offset, length = piece.place
        fault = ExpressionFault(code, message, text=self.text, offset=offset, length=length, help=help or ())
        fault.option = self.option
        return fault

    def pieces(self) -> list[Piece]:
        """Every node of the tree."""
        found, waiting = [], [self.tree]
        while waiting:
            piece = waiting.pop()
            found.append(piece)
            waiting.extend(reversed(piece.args))
        return found


class Names(NamedTuple):
    """What the names in equations mean: name -> "input", "state", "step" or "weight"; and the spec's own names."""

    kinds: Mapping[str, str]
    sizes: frozenset[str]
    scope: Environment

    def timed(self) -> list[str]:
        """The names that have a value at each step."""
        return [name for name, kind in self.kinds.items() if kind != "weight"]


def unbound(value: object) -> bool:
    """Whether a size is a name that has no value yet."""
    return isinstance(value, Word)


def ordered(equations: list[Equation]) -> list[Equation]:
    """The equations in an order in which each comes after those whose value of this step it needs."""
    by_name = {equation.name: equation for equation in equations}
    done: dict[str, Equation] = {}
    waiting: list[str] = []

    def visit(equation: Equation) -> None:
        if equation.name in done:
            return
        waiting.append(equation.name)
        for piece in equation.pieces():
            if piece.op != "value" or piece.lag or piece.name not in by_name:
                continue
            if piece.name in waiting:
                circle = [*waiting[waiting.index(piece.name) :], piece.name]
                raise equation.fault(
                    piece,
                    "equation-cycle",
                    f"{' needs '.join(circle)} in the same step",
                    f"write {piece.name}[t-1] where the value before is meant",
                )
            visit(by_name[piece.name])
        waiting.pop()
        done[equation.name] = equation

    for equation in equations:
        visit(equation)
    return list(done.values())
