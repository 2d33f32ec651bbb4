"""The text that print(model) shows -> a tree of modules: by its brackets, whatever became of its indents."""

from __future__ import annotations

import ast
import re

from cnncalc.read.python.values import Refused

DEPTH = 120
MODULES = 200_000
_DRESS = re.compile(r"(?m)^[ \t]*(?:>>>|\.\.\.|In \[\d*\]:|Out\[\d*\]:|```\w*|\|)[ \t]?")
# A class and its first child, `Net(\n  (conv1): `, or a leaf alone on its line.
_START = re.compile(r"(?m)(?:^|(?<=[\s=:]))([A-Za-z_]\w*)\(\s*\n?\s*\([\w.\-]+\):\s")
_LEAF = re.compile(r"(?m)^\s*([A-Z]\w*)\(([^()\n]|\([^()\n]*\))*\)\s*$")
_CHILD = re.compile(r"\s*\(([\w.\-]+)\):\s*")
_COPIES = re.compile(r"(\d{1,18}) x ")
_CLASS = re.compile(r"([A-Za-z_][\w.]*)(\()?")


class Place(ast.AST):
    """Where a module stands in the text, as the syntax tree of Python says it."""

    def __init__(self, line: int, column: int, length: int) -> None:
        self.lineno = self.end_lineno = line
        self.col_offset = column
        self.end_col_offset = column + length


class Shown:
    """A module of the text: its class, what stands in its brackets, and the modules inside."""

    def __init__(self, kind: str, place: Place) -> None:
        self.kind = kind
        self.place = place
        self.args = ""
        self.children: list[tuple[str, Shown]] = []


def is_printed(text: str) -> bool:
    """Whether a text shows a printed model."""
    return _START.search(undressed(text)) is not None


def undressed(text: str) -> str:
    """The text without prompts, fences and carriage returns; every line keeps its number."""
    return _DRESS.sub(lambda found: " " * len(found[0]), text.replace("\r\n", "\n").replace("\r", "\n"))


def parse(text: str) -> Shown:
    """The first model in the text; raises `Refused` where its brackets do not close."""
    plain = undressed(text)
    found = _START.search(plain) or _LEAF.search(plain)
    if found is None:
        raise Refused("printed-text", "there is no printed model in it", None, help="print(model) shows one")
    return _Parser(plain).module(found.start(1), 0)[0]


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self.count = 0

    def place(self, at: int, length: int) -> Place:
        from bisect import bisect_right

        line = bisect_right(self.starts, at)
        start = self.starts[line - 1]
        return Place(line, len(self.text[start:at].encode()), length)

    def fail(self, message: str, at: int) -> Refused:
        return Refused("printed-text", message, self.place(min(at, max(len(self.text) - 1, 0)), 1))

    def module(self, at: int, depth: int) -> tuple[Shown, int]:
        """The module that begins at a place, and where it ends."""
        self.count += 1
        if depth > DEPTH or self.count > MODULES:
            raise self.fail(f"modules stand more than {DEPTH} deep", at)
        found = _CLASS.match(self.text, at)
        if found is None:
            raise self.fail("a module's class should stand here", at)
        shown = Shown(found[1].rpartition(".")[2], self.place(at, len(found[1])))
        at = found.end()
        if found[2] is None:
            return shown, at
        words: list[str] = []
        while True:
            child = _CHILD.match(self.text, at)
            if child is not None:
                at = self.child(shown, child[1], child.end(), depth)
                continue
            at = self.blank(at)
            if at >= len(self.text):
                raise self.fail(f"the text ends before the bracket of {shown.kind} closes", at)
            if self.text[at] == ")":
                shown.args = ", ".join(word for word in words if word)
                return shown, at + 1
            end = self.words(at, shown.kind)
            words.append(self.text[at:end].strip().strip(","))
            at = end

    def child(self, shown: Shown, name: str, at: int, depth: int) -> int:
        copies = _COPIES.match(self.text, at)
        span = re.fullmatch(r"(\d{1,18})-(\d{1,18})", name)
        if copies is not None and span is not None:
            first, last = int(span[1]), int(span[2])
            if last - first + 1 != int(copies[1]) or last - first > 100_000:
                raise self.fail(f"({name}) says {last - first + 1} copies, and {copies[1]} x another number", at)
            inner, at = self.module(copies.end(), depth + 1)
            self.count += (last - first) * 2
            shown.children.extend((str(number), inner) for number in range(first, last + 1))
            return at
        inner, at = self.module(at, depth + 1)
        shown.children.append((name, inner))
        return at

    def blank(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in " \t\n,":
            at += 1
        return at

    def words(self, at: int, kind: str) -> int:
        """The end of a run of arguments: at the module's own bracket, or where a child begins on a new line."""
        depth, quote, start = 0, "", at
        while at < len(self.text):
            sign = self.text[at]
            if quote:
                quote = "" if sign == quote else quote
            elif sign in "\"'":
                quote = sign
            elif sign in "([{":
                depth += 1
            elif sign in ")]}":
                if depth == 0:
                    return at
                depth -= 1
            elif sign == "\n" and depth == 0 and _CHILD.match(self.text, at):
                return at
            at += 1
            if at - start > 20_000:
                break
        raise self.fail(f"the text ends before the bracket of {kind} closes", start)


def arguments(shown: Shown) -> tuple[list[object], dict[str, object]] | None:
    """What stands in a leaf's brackets, as plain values; None where it is no list of them."""
    if not shown.args:
        return [], {}
    try:
        call = ast.parse(f"f({shown.args})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not isinstance(call, ast.Call):
        return None
    try:
        args = [literal(argument) for argument in call.args]
        return args, {keyword.arg: literal(keyword.value) for keyword in call.keywords if keyword.arg is not None}
    except ValueError:
        return None


def literal(node: ast.expr, depth: int = 0) -> object:
    """A number, word, truth value or list of them; raises ValueError for everything else."""
    if depth > 8:
        raise ValueError
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, (bool, int, float, str))):
        return node.value
    if isinstance(node, (ast.Tuple, ast.List)):
        return [literal(part, depth + 1) for part in node.elts]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = literal(node.operand, depth + 1)
        if isinstance(value, (int, float)):
            return -value
    if isinstance(node, ast.Name):
        return node.id
    raise ValueError
