"""A piece of a spec that was read: what it says, and where it stands."""

from __future__ import annotations

from typing import Any

from cnncalc.core.problem import Span


class Value:
    """One scalar, list or mapping of a spec, with its place.

    `kind` is "scalar", "list" or "map". `data` is a number, truth value, None or text for a scalar, a list of values
    for a list, and a list of pairs (key, value) for a mapping, in the order they were written; keys are text always.
    `text` is a scalar as it was written, before it became a number; the content for one in quotes.
    `style` is the quote (`"` or `'`), the sign of a block text (`|` or `>`), or "" for plain text;
    for lists and mappings it is "flow" inside brackets and "block" elsewhere.
    `line` and `column` count from 1; `length` is how far the value reaches on that line.
    """

    __slots__ = ("column", "data", "kind", "length", "line", "style", "text")

    def __init__(
        self, kind: str, data: Any, line: int, column: int, length: int, text: str = "", style: str = ""
    ) -> None:
        self.kind = kind
        self.data = data
        self.line = line
        self.column = column
        self.length = length
        self.text = text
        self.style = style

    @property
    def quoted(self) -> bool:
        """Whether a scalar was written in quotes, and so is meant as text."""
        return self.style == '"' or self.style == "'"

    def span(self) -> Span:
        """The place to point at."""
        return Span(self.line, self.column, self.length or 1)

    def content(self) -> Span:
        """The place of a scalar's text: inside of its quotes, where it has some."""
        if not self.quoted or self.length < 3:
            return self.span()
        return Span(self.line, self.column + 1, self.length - 2)

    def within(self, offset: int, length: int) -> Span:
        """The place of a part of its text; of the whole value where the text takes several lines."""
        if self.style in ("|", ">"):
            row = self.text[:offset].count("\n")
            return Span(self.line + 1 + row, 1, 1) if self.style == "|" else self.span()
        start = offset + (1 if self.quoted else 0)
        if start + length > self.length:
            return self.span()
        return Span(self.line, self.column + start, max(1, length))

    def plain(self) -> object:
        """The same without places: dicts, lists, numbers, truth values, None and text."""
        if self.kind == "scalar":
            return self.data
        if self.kind == "list":
            return [item.plain() for item in self.data]
        return {key.text: value.plain() for key, value in self.data}

    def moved(self, line: int, column: int, length: int) -> Value:
        """The same content at another place (an alias: the place where it is used)."""
        return Value(self.kind, self.data, line, column, length, self.text, self.style)

    def __repr__(self) -> str:
        return f"Value({self.kind}, {self.plain()!r}, line={self.line}, column={self.column})"
