"""The text of an equation to its tree.

The project's own parser reads the text; `Reader` keeps of its tree what an equation may hold and says what each name
is: the input, a state or another equation at some step, a weight, or a number of the spec's own.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from cnncalc.core.number import is_free
from cnncalc.core.problem import did_you_mean
from cnncalc.expression.evaluate import value_of
from cnncalc.expression.syntax import CONSTANTS, Expression, Parsed, parse
from cnncalc.expression.tokenize import ExpressionFault
from cnncalc.layers.cells.latex_input import Spelled, spelled
from cnncalc.layers.cells.tree import FUNCTIONS, OTHERS, Equation, Names, Piece

MAX_DEPTH = 150  # operations inside each other: readings recurse once for each

SIGNS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.MatMult: "@",
}


def read_equation(name: str, text: str, option: str, names: Names) -> Equation:
    """The equation `name = text`; raises `Fault` with the place in the text."""
    try:
        respelled = spelled(text, names.timed(), names.kinds)
        return Equation(name, text, Reader(name, text, respelled, names).tree(), option)
    except ExpressionFault as fault:
        fault.option = option
        raise


class Reader:
    """Reads one equation."""

    def __init__(self, name: str, text: str, respelled: Spelled, names: Names) -> None:
        self.name = name
        self.text = text
        self.spelled = respelled
        self.names = names
        try:
            self.expression: Expression = parse(respelled.text)
        except ExpressionFault as fault:
            offset, length = respelled.place(fault.offset, fault.length)
            help: Any = fault.help
            if fault.message.startswith("nothing between"):
                found = re.compile(r"[^\W\d]\w*(?:\{[^}]*\})?(?:\[[^\]]*\])?").match(text, offset)
                after = found[0] if found else text[offset : offset + length]
                before = fault.message.split('"')[1]
                help = f"write {before} @ {after} for a product of matrices, {before} * {after} number by number"
            raise ExpressionFault(
                fault.code, fault.message, text=text, offset=offset, length=length, help=help
            ) from None

    def tree(self) -> Piece:
        """The whole equation."""
        return self.read(self.expression.tree, 0)

    def place(self, node: object) -> tuple[int, int]:
        """Where a node was written."""
        return self.spelled.place(*self.expression.place(node))

    def source(self, node: object) -> str:
        """A node as it was written."""
        offset, length = self.place(node)
        return self.text[offset : offset + length]

    def fault(self, node: object, code: str, message: str, help: str = "") -> ExpressionFault:
        """A fault that points at a node."""
        offset, length = self.place(node)
        return ExpressionFault(code, message, text=self.text, offset=offset, length=length, help=help or ())

    def refuse(self, node: object, message: str, help: str = "") -> ExpressionFault:
        """The fault for what an equation cannot hold."""
        return self.fault(node, "expression-syntax", message, help)

    # --- one node --------------------------------------------------------------------------------------------------

    def read(self, node: object, depth: int) -> Piece:
        """One node of Python's tree."""
        if depth > MAX_DEPTH:
            raise self.refuse(self.expression.tree, "too many operations inside each other", "split the equation")
        at = self.place(node)
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return Piece("number", value=node.value, place=at)
        if isinstance(node, ast.Name):
            return self.named(node)
        if isinstance(node, ast.BinOp):
            sign = SIGNS.get(type(node.op))
            if sign is None:
                raise self.refuse(node, "an equation has + - * / ** and @ only")
            return Piece(sign, (self.read(node.left, depth + 1), self.read(node.right, depth + 1)), place=at)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            inner = self.read(node.operand, depth + 1)
            return inner if isinstance(node.op, ast.UAdd) else Piece("negate", (inner,), place=at)
        if isinstance(node, ast.Attribute):
            if node.attr != "T":
                raise self.refuse(node, f'"{self.source(node)}" has no meaning in an equation', ".T is the transpose")
            return Piece("transpose", (self.read(node.value, depth + 1),), place=at)
        if isinstance(node, ast.Subscript):
            return self.subscript(node, depth)
        if isinstance(node, ast.List):
            return Piece("concat", tuple(self.read(item, depth + 1) for item in node.elts), place=at)
        if isinstance(node, ast.Call):
            return self.call(node, depth)
        raise self.refuse(node, f'"{self.source(node)}" has no meaning in an equation')

    def named(self, node: ast.Name) -> Piece:
        """A name alone: this step's value, a weight, or a number of the spec's own."""
        word, at = node.id, self.place(node)
        kind = self.names.kinds.get(word)
        if kind == "weight":
            return Piece("weight", name=word, place=at)
        if kind is not None:
            if word == self.name:
                raise self.itself(node)
            return Piece("value", name=word, place=at)
        return self.number(node)

    def number(self, node: ast.Name) -> Piece:
        """A name of `let`, or of a size."""
        word, at = node.id, self.place(node)
        try:
            value = self.names.scope.lookup(word)
        except KeyError:
            if word in CONSTANTS and isinstance(CONSTANTS[word], float):
                return Piece("number", name=word, value=CONSTANTS[word], place=at)
            if word in self.names.sizes:
                return Piece("size", name=word, place=at)
            raise self.unknown(node) from None
        if isinstance(value, (bool, str, list, tuple, dict)) or value is None:
            raise self.refuse(node, f'"{word}" is no number', "arrays stand under weights, and their values in values")
        return Piece("number", name=word, value=value, place=at)

    def itself(self, node: object) -> ExpressionFault:
        """The fault for an equation that needs its own value of the same step."""
        return self.fault(
            node,
            "equation-cycle",
            f"{self.name} needs its own value of the same step",
            f"write {self.name}[t-1] for the value before",
        )

    def unknown(self, node: ast.Name) -> ExpressionFault:
        """The fault for a name that means nothing, with what may have been meant."""
        word = node.id
        if word == "t":
            return self.refuse(node, "t is the step and stands in [t] only")
        known = [*self.names.kinds, *FUNCTIONS]
        for cut in range(1, len(word)):
            left, right = word[:cut], word[cut:]
            if left in self.names.kinds and right in self.names.kinds:
                right += "[t]" if self.names.kinds[right] != "weight" else ""
                return self.fault(
                    node, "unknown-name", f'unknown name "{word}"', f"write {left} @ {right} for a product of matrices"
                )
        near = did_you_mean(word, known)
        message = f'unknown name "{word}"' + (f"; did you mean {near}?" if near else "")
        return self.fault(node, "unknown-name", message, "" if near else f"known names: {', '.join(self.names.kinds)}")

    # --- positions: steps, and parts of an array -------------------------------------------------------------------

    def subscript(self, node: ast.Subscript, depth: int) -> Piece:
        """`h[t-1]`, or a part of an array: `z[0:m]`."""
        base, key = node.value, node.slice
        timed = isinstance(base, ast.Name) and self.names.kinds.get(base.id, "weight") != "weight"
        if isinstance(base, ast.Name) and timed and not isinstance(key, ast.Slice):
            return self.at_step(node, base.id, key)
        return Piece("index", (self.read(base, depth + 1),), value=self.part(node, key), place=self.place(node))

    def at_step(self, node: ast.Subscript, name: str, key: ast.AST) -> Piece:
        """A value `lag` steps back."""
        if isinstance(key, ast.Tuple):
            raise self.refuse(node, f"{self.source(node)} has two positions", f"write {name}[t-1][0]")
        lag = self.lag(key)
        if lag is None:
            raise self.refuse(
                key, f"{name}[...] stands for a step, and {self.source(key)} is none", f"write {name}[t-1]"
            )
        if lag < 0:
            raise self.fault(
                node,
                "equation-cycle",
                f"{self.source(node)} is not known at step t",
                f"an equation reads {name}[t] and what came before, {name}[t-1]"
                if self.names.kinds[name] == "input" or name != self.name
                else f"an equation reads what came before, {name}[t-1]",
            )
        if lag == 0 and name == self.name:
            raise self.itself(node)
        if lag and self.names.kinds[name] == "step":
            raise self.fault(
                node,
                "unknown-name",
                f"{name} is no state, so {self.source(node)} is not remembered",
                f"write it under state too, with its size: state: {{{name}: ...}}",
            )
        return Piece("value", name=name, lag=lag, place=self.place(node))

    def lag(self, key: Any) -> int | None:
        """How many steps back `t`, `t-1`, `t-k` is; None where it is no step."""
        if isinstance(key, ast.Name) and key.id == "t":
            return 0
        shifted = isinstance(key, ast.BinOp) and isinstance(key.op, (ast.Add, ast.Sub))
        if not shifted or not isinstance(key.left, ast.Name) or key.left.id != "t":
            return None
        by: int = self.whole(key.right)
        return by if isinstance(key.op, ast.Sub) else -by

    def part(self, node: ast.Subscript, key: object) -> Any:
        """An int or a slice."""
        if isinstance(key, ast.Slice):
            if key.step is not None:
                raise self.refuse(node, "a part of an array goes in steps of 1")
            if any(isinstance(inner, ast.Name) and inner.id == "t" for inner in ast.walk(key)):
                raise self.refuse(node, "steps cannot be sliced", "name each one: concat(x[t-1], x[t])")
            low, high = (None if end is None else self.whole(end) for end in (key.lower, key.upper))
            return slice(low, high)
        if isinstance(key, ast.Tuple):
            raise self.refuse(node, f"{self.source(node)} has two positions", "take one after the other: a[0][1]")
        return self.whole(key)

    def whole(self, node: Any) -> Any:
        """The whole number that a position is; names of `let` may stand in it."""
        try:
            value = value_of(Parsed(self.expression.whole, node, self.expression.scanned), self.names.scope)
        except ExpressionFault as fault:
            raise self.fault(node, fault.code, fault.message) from None
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if (not isinstance(value, int) or isinstance(value, bool)) and not is_free(value):
            raise self.refuse(node, f"a position is a whole number, not {self.source(node)}")
        return value

    # --- functions -------------------------------------------------------------------------------------------------

    def call(self, node: ast.Call, depth: int) -> Piece:
        """A function of its arguments."""
        func = node.func
        word = func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""
        if isinstance(func, ast.Name) and word in self.names.kinds:
            what = f"{word}[{self.source(node.args[0])}]" if len(node.args) == 1 else f"{word}[t-1]"
            kind = self.names.kinds[word]
            help = f"write {word} @ {self.source(node)[len(word) :]}" if kind == "weight" else f"write {what}"
            raise self.refuse(node, f"{word} is no function", help)
        word = {"concatenate": "concat", "cat": "concat"}.get(word, word)
        if word not in FUNCTIONS:
            near = did_you_mean(word, FUNCTIONS)
            message = f'unknown function "{word}"' + (f"; did you mean {near}?" if near else "")
            raise self.fault(func, "unknown-name", message, "" if near else f"known functions: {', '.join(FUNCTIONS)}")
        if node.keywords:
            raise self.refuse(node, f"{word}() takes arrays only, no options")
        written = node.args
        if word == "concat" and len(written) == 1 and isinstance(written[0], ast.List):
            written = written[0].elts
        least, most = OTHERS.get(word, (1, 1))
        if len(written) < least or (most is not None and len(written) > most):
            raise self.refuse(node, f"{word}() takes {least} {'array' if least == 1 else 'arrays'}, not {len(written)}")
        return Piece(word, tuple(self.read(item, depth + 1) for item in written), place=self.place(node))
