"""What a text is parsed into: expressions, literals among them, and calls with arguments that nobody evaluated."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cnncalc.expression.tokenize import Scanned

# Names that mean something where the scope does not know them; none of them is a free dimension.
CONSTANTS: dict[str, object] = {"pi": 3.141592653589793, "true": True, "false": False, "null": None}
# Where nothing was rewritten, places in the code are places in the text, whatever it is.
AS_WRITTEN = Scanned("", None, None, {})


class Expression:
    """A parsed expression, or one argument of a call: `text` is its own part of `whole`, at `offset`.

    Faults that come from it count their offsets in `whole`.
    """

    __slots__ = ()
    whole: str
    tree: ast.AST
    scanned: Scanned

    @property
    def text(self) -> str:
        """As it was written."""
        offset, length = self.place(self.tree)
        return self.whole[offset : offset + length]

    @property
    def offset(self) -> int:
        """Where it begins in `whole`, from 0."""
        return self.place(self.tree)[0]

    @property
    def length(self) -> int:
        """How many characters it has."""
        return self.place(self.tree)[1]

    def place(self, node: Any) -> tuple[int, int]:
        """Offset and length of a node in `whole`."""
        return self.scanned.place(node.col_offset, node.end_col_offset)

    def names(self) -> set[str]:
        """The names whose values it needs: no functions, no attributes, no constants such as `true` and `pi`."""
        found = set()
        for node in nodes(self.tree):
            if isinstance(node, ast.Name) and node.id not in CONSTANTS:
                found.add(node.id)
        return found

    def functions(self) -> set[str]:
        """The names of the functions it calls."""
        return {
            node.func.id for node in nodes(self.tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


class Parsed(Expression):
    """An expression with Python's tree."""

    __slots__ = ("scanned", "tree", "whole")

    def __init__(self, whole: str, tree: ast.AST, scanned: Scanned) -> None:
        self.whole = whole
        self.tree = tree
        self.scanned = scanned


class Literal(ast.Constant, Expression):
    """A number, a text, True, False or None that stands alone as an argument: most of what is kept of a long spec.

    It is an expression and its own tree, in a tenth of the memory.
    """

    __slots__ = ("col_offset", "end_col_offset", "value", "whole")
    end_col_offset: int

    def __init__(self, whole: str, value: Any, col_offset: int, end_col_offset: int) -> None:
        self.whole = whole
        self.value = value
        self.col_offset = col_offset
        self.end_col_offset = end_col_offset

    @property
    def tree(self) -> ast.AST:  # type: ignore[override]
        """Itself."""
        return self

    @property
    def scanned(self) -> Scanned:  # type: ignore[override]
        """Its places are those in the text."""
        return AS_WRITTEN


CHILDREN: dict[type[ast.AST], Callable[[Any], list[ast.AST]]] = {
    ast.Constant: lambda node: [],
    Literal: lambda node: [],
    ast.Name: lambda node: [],
    ast.List: lambda node: node.elts,
    ast.Tuple: lambda node: node.elts,
    ast.Attribute: lambda node: [node.value],
    ast.Subscript: lambda node: [node.value, node.slice],
    ast.Slice: lambda node: [part for part in (node.lower, node.upper, node.step) if part is not None],
    ast.BinOp: lambda node: [node.left, node.right],
    ast.UnaryOp: lambda node: [node.operand],
    ast.BoolOp: lambda node: node.values,
    ast.Compare: lambda node: [node.left, *node.comparators],
    ast.IfExp: lambda node: [node.test, node.body, node.orelse],
    ast.Call: lambda node: [node.func, *node.args, *(keyword.value for keyword in node.keywords)],
}
NO_KEYWORDS: Mapping[str, tuple[int, int]] = {}


class Call:
    """`Conv2d(3, 16, kernel_size=3)`: a dotted name with arguments, none of them evaluated."""

    __slots__ = ("args", "kwargs", "name", "offset", "places", "text")

    def __init__(
        self,
        name: str,
        args: list[Expression],
        kwargs: list[tuple[str, Expression]],
        text: str,
        offset: int,
        places: Mapping[str, tuple[int, int]],
    ) -> None:
        """`text` is the call as it was written, `offset` where it begins in the text it was read from."""
        self.name = name
        self.args = args
        self.kwargs = kwargs
        self.text = text
        self.offset = offset
        self.places = places

    @property
    def length(self) -> int:
        """How many characters it has."""
        return len(self.text)

    def place(self, option: str) -> tuple[int, int]:
        """Offset and length of a keyword's name, `pading` in `Conv2d(3, 16, pading=1)`."""
        return self.places[option]

    def __repr__(self) -> str:
        return f"Call({self.text!r})"


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that hold values, in order; the name of a function that is called is not one."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        children = CHILDREN[type(node)](node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            children = children[1:]
        waiting.extend(reversed(children))
