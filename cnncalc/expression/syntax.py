"""Text to syntax: an `Expression` to be evaluated, or the `Call` that a layer entry is.

Python's own parser builds the tree; the table `CHILDREN` says which of its nodes exist in this language. A node that
is not in the table cannot be written, so it need not be guarded against later.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from sys import intern
from typing import Any

from cnncalc.expression.plain_call import plain_call
from cnncalc.expression.tokenize import ExpressionFault, Scanned, scan

MAX_DEPTH = 100  # operations inside each other; a long sum counts as one

# Names that mean something where the scope does not know them; none of them is a free dimension.
CONSTANTS: dict[str, object] = {"pi": 3.141592653589793, "true": True, "false": False, "null": None}


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


# Where nothing was rewritten, places in the code are places in the text, whatever it is.
AS_WRITTEN = Scanned("", None, None, {})


@lru_cache(maxsize=4096)
def parse(text: str, names: tuple[str, ...] = ()) -> Expression:
    """Read an expression; raises ExpressionFault "expression-syntax" where it is none.

    `names` are those with signs in them that stand for themselves, the longest first.
    """
    scanned = scan(text, names)
    tree = tree_of(text, scanned)
    return Parsed(text, tree, AS_WRITTEN if scanned.starts is None else scanned)


def tree_of(text: str, scanned: Scanned) -> ast.AST:
    """Python's tree of the scanned text, with the stand-ins replaced, and nothing but known nodes in it."""
    try:
        tree = ast.parse(scanned.code, mode="eval").body
    except SyntaxError as error:
        column = max((error.offset or 1) - 1, 0)
        offset, length = scanned.place(column, column + 1)
        raise ExpressionFault(
            "expression-syntax", "this cannot be read as an expression", text=text, offset=offset, length=length
        ) from None
    except (RecursionError, MemoryError, ValueError):
        raise too_deep(text) from None
    settle(text, tree, scanned)
    return tree


def too_deep(text: str) -> ExpressionFault:
    """The fault for a tree that would need too much of the stack."""
    return ExpressionFault("expression-too-deep", "too many operations inside each other", text=text, length=len(text))


def settle(text: str, tree: ast.AST, scanned: Scanned) -> None:
    """Put the words back for which there are stand-ins; refuse unknown nodes and deep trees."""
    words = scanned.words
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise too_deep(text)
        children = CHILDREN.get(type(node))
        if children is None:
            raise refused(text, node, scanned)
        if words:
            restore(node, words)
        if isinstance(node, ast.BinOp):  # 1 + 2 + 3 + ... nests to the left, and is evaluated in a loop
            waiting.append((node.right, depth + 1))
            waiting.append((node.left, depth if isinstance(node.left, ast.BinOp) else depth + 1))
        else:
            waiting.extend((child, depth + 1) for child in children(node))
        if isinstance(node, ast.Call) and any(keyword.arg is None for keyword in node.keywords):
            raise refused(text, node, scanned)


def restore(node: Any, words: dict[str, str]) -> None:
    """Replace the stand-ins of one node."""
    kind = type(node)
    if kind is ast.Name:
        node.id = words.get(node.id, node.id)
    elif kind is ast.Attribute:
        node.attr = words.get(node.attr, node.attr)
    elif kind is ast.Constant and type(node.value) is str:
        node.value = words[node.value]
    elif kind is ast.Call:
        for keyword in node.keywords:
            keyword.arg = words.get(keyword.arg, keyword.arg)


def refused(text: str, node: Any, scanned: Scanned) -> ExpressionFault:
    """The fault for a construct of Python that this language has not."""
    offset, length = scanned.place(node.col_offset, node.end_col_offset)
    return ExpressionFault(
        "expression-syntax",
        f'"{text[offset : offset + length]}" has no meaning in an expression',
        text=text,
        offset=offset,
        length=length,
    )


# -- calls -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def parse_call(text: str) -> Call | None:
    """Read a layer: `Conv2d(3, 16)`, `nn.ReLU`, a trailing comma allowed. None where the text is another value.

    Raises ExpressionFault "expression-syntax" where it cannot be read, or holds two layers.
    """
    plain = plain_call(text)
    if plain is not None:
        name, parts = plain
        args: list[Expression] = []
        kwargs: list[tuple[str, Expression]] = []
        places: dict[str, tuple[int, int]] = {}
        for word, at, value, start, end in parts:
            argument = Literal(text, value, start, end)
            if word:
                kwargs.append((word, argument))
                places[word] = (at, len(word))
            else:
                args.append(argument)
        return Call(intern(name), args, kwargs, text, 0, places or NO_KEYWORDS)
    expression = parse(text)
    tree = expression.tree
    if isinstance(tree, ast.Tuple):
        calls = [call_of(Parsed(text, item, expression.scanned)) for item in tree.elts]
        if len(calls) == 1:
            return calls[0]
        if calls and all(calls):
            raise two_layers(text, "join them with ->, or give each a line of its own")
    if isinstance(tree, ast.BinOp):
        refuse_sum(text, tree, expression)
    return call_of(expression)


def refuse_sum(text: str, tree: ast.BinOp, expression: Expression) -> None:
    """`Conv2d(3, 16, 3) - ReLU` is a list entry that was indented too far; `ReLU() * 3` wants repeat."""
    left, right = (call_of(Parsed(text, side, expression.scanned)) for side in (tree.left, tree.right))
    if not isinstance(tree.left, ast.Call) and not isinstance(tree.right, ast.Call):
        return
    if left and right:
        raise two_layers(text, "give both the same indent, or join them with ->")
    if left and isinstance(tree.op, ast.Mult) and isinstance(tree.right, ast.Constant):
        raise ExpressionFault(
            "expression-syntax",
            "a layer cannot be multiplied",
            text=text,
            length=len(text),
            help=f"write repeat: {tree.right.value!r} beside the layer",
        )


def two_layers(text: str, help: str) -> ExpressionFault:
    """The fault for two layers where one entry stands."""
    return ExpressionFault(
        "expression-syntax", f'"{text.strip()}" is two layers on one line', text=text, length=len(text), help=help
    )


def call_of(expression: Expression) -> Call | None:
    """The call that an argument is: `nn.Conv2d(3, 16, 3)` in `nn.Sequential(nn.Conv2d(3, 16, 3))`, or a bare name."""
    tree, whole, scanned = expression.tree, expression.whole, expression.scanned
    start, length = expression.place(tree)
    text = whole[start : start + length]  # what is kept of thousands of layers: the tree takes a third of their memory
    if not isinstance(tree, ast.Call):
        name = dotted(tree)
        return Call(name, [], [], text, start, {}) if name else None
    name = dotted(tree.func)
    if name is None:
        return None
    places: dict[str, tuple[int, int]] = {}
    kwargs = []
    for keyword in tree.keywords:
        word = str(keyword.arg)
        offset, _ = expression.place(keyword)
        if word in places:
            raise ExpressionFault(
                "expression-syntax", f'"{word}" is given twice', text=whole, offset=offset, length=len(word)
            )
        places[word] = (offset, len(word))
        kwargs.append((word, _argument(whole, keyword.value, scanned)))
    args = [_argument(whole, argument, scanned) for argument in tree.args]
    return Call(name, args, kwargs, text, start, places)


def _argument(whole: str, node: ast.expr, scanned: Scanned) -> Expression:
    if type(node) is not ast.Constant:
        return Parsed(whole, node, scanned)
    start, length = scanned.place(node.col_offset, node.end_col_offset or 0)
    return Literal(whole, node.value, start, start + length)


def elements_of(expression: Expression) -> list[Expression] | None:
    """The elements of a written list or tuple, not evaluated; None for anything else."""
    tree = expression.tree
    if not isinstance(tree, (ast.List, ast.Tuple)):
        return None
    return [Parsed(expression.whole, item, expression.scanned) for item in tree.elts]


def dotted(node: ast.AST) -> str | None:
    """`torch.nn.Conv2d` of the node that says so; None where it is no dotted name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])
