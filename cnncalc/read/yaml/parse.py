"""YAML events -> a tree of values. One pass, no recursion: a spec of a hundred thousand layers is read in line time."""

from __future__ import annotations

from typing import Any

import yaml

from cnncalc.core.problem import Problem, Source, Span, SpecError
from cnncalc.read.yaml import traps
from cnncalc.read.yaml.protect_calls import restore
from cnncalc.read.yaml.scalar import WORDS, Surprise, number, resolve
from cnncalc.read.yaml.value import Value

DEEPEST = 100
MOST_VALUES = 5_000_000
MOST_COPIES = 100_000


class Tree:
    """Builds the tree of one text and keeps the problems on the way.

    `source` has the text as it was written, `text` the same with stand-ins (see `yaml_mend`); places agree.
    Lines in `known` have their problem already.
    """

    def __init__(self, source: Source, text: str, known: frozenset[int]) -> None:
        self.source = source
        self.text = text
        self.hidden = text is not source.text
        self.known = known
        self.problems: list[Problem] = []
        self.anchors: dict[str, tuple[Value, int] | None] = {}
        self.copies = 0
        self.stack: list[Any] = []  # the open lists and mappings, each with its event

    def read(self) -> Value | None:
        """The tree; None for a text without content. Raises yaml.YAMLError where YAML cannot go on."""
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(self.text)
        try:
            return self._read(loader.get_event)
        except yaml.YAMLError as error:
            if "nesting" in str(getattr(error, "problem", "")):  # a parser that reads ahead has a bound of its own
                self._too_deep(error)
            raise
        finally:
            loader.dispose()

    def _read(self, next_event: Any) -> Value | None:
        scalar_event, mapping_event, sequence_event = (
            yaml.ScalarEvent,
            yaml.MappingStartEvent,
            yaml.SequenceStartEvent,
        )
        text, hidden = self.text, self.hidden
        root: list[Any] = []
        items: list[Any] = root  # what the open list or mapping has so far
        key: Value | None = None  # the key that waits for its value
        in_map = flow = False
        stack = self.stack
        count = documents = 0

        while True:
            event = next_event()
            kind = type(event)
            if kind is scalar_event:
                count += 1
                mark, end, written, style = event.start_mark, event.end_mark, event.value, event.style
                start = mark.index
                one_line = mark.line == end.line
                length = end.index - start if one_line else self._rest(start)
                if hidden:
                    written = restore(written)
                if style == "'" or style == '"':
                    value = Value("scalar", written, mark.line + 1, mark.column + 1, length, written, style)
                    if style == '"' and "\\" in text[start : end.index]:
                        self._add(traps.escape(self.source, value, start, end.index))
                elif in_map and key is None:
                    value = Value("scalar", written, mark.line + 1, mark.column + 1, length, written)
                elif style:
                    value = Value("scalar", written, mark.line + 1, mark.column + 1, length, written, style)
                else:
                    data: Any = written
                    if written in WORDS:
                        data = WORDS[written]
                    elif written[0] in "0123456789.+-":
                        data = number(written)
                    elif len(written) < 4:
                        data = resolve(written)
                    value = Value("scalar", data, mark.line + 1, mark.column + 1, length, written)
                    if type(data) is Surprise:
                        value.data = data.data
                        self._report(value.span(), "yaml-surprise", data.message, data.help)
                    elif not one_line or "#" in written or ":" in written or written[0:1] == "-":
                        value = self._suspect(value, start, end.index, flow)
                if event.tag is not None:
                    self._tag(event)
                if event.anchor is not None:
                    self.anchors[event.anchor] = (value, 1)
            elif kind is mapping_event or kind is sequence_event:
                count += 1
                if event.tag is not None:
                    self._tag(event)
                if event.anchor is not None:
                    self.anchors[event.anchor] = None  # open: an alias to it here would be endless
                if len(stack) >= DEEPEST:
                    self._stop(self._span(event), "yaml-depth", *_too_deep())
                stack.append((items, key, in_map, flow, event, count + self.copies))
                items, key, in_map, flow = [], None, kind is mapping_event, event.flow_style
                continue
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                data, was_map, was_flow = items, in_map, flow
                items, key, in_map, flow, opened, before = stack.pop()
                mark = opened.start_mark
                start, stop = mark.index, event.end_mark.index
                last = (data[-1][1] if was_map else data[-1]) if data else None
                if was_flow and mark.line == event.end_mark.line:
                    length = stop - start
                elif last is not None and last.line == mark.line + 1:
                    length = last.column - 1 + last.length - mark.column
                else:
                    length = self._rest(start)
                value = Value(
                    "map" if was_map else "list",
                    data,
                    mark.line + 1,
                    mark.column + 1,
                    length,
                    "",
                    "flow" if was_flow else "block",
                )
                if was_map:
                    for problem in traps.pairs(self.source, value, key):
                        self._add(problem)
                if opened.anchor is not None:
                    self.anchors[opened.anchor] = (value, count + self.copies - before + 1)
                if in_map and key is None:
                    value = self._key_of(value, start, stop)
            elif kind is yaml.AliasEvent:
                value = self._alias(event)
                if in_map and key is None and value.kind != "scalar":
                    value = self._key_of(value, event.start_mark.index, event.end_mark.index)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    self._document(event)
                    break
                continue
            elif kind is yaml.StreamEndEvent:
                break
            else:
                continue

            if count > MOST_VALUES:
                help = "a large array can stand in an .npz file: values: arrays.npz"
                self._stop(self._span(event), "yaml-size", f"the spec has more than {MOST_VALUES:,} values", help)
            if not in_map:
                items.append(value)
            elif key is None:
                key = value
            else:
                items.append((key, value))
                key = None
        return root[0] if root else None

    def _rest(self, start: int) -> int:
        """How many characters the line has from `start`."""
        end = self.text.find("\n", start)
        return (len(self.text) if end < 0 else end) - start

    def _add(self, problem: Problem | None) -> None:
        if problem is not None and problem.line not in self.known:
            self.problems.append(problem)

    def _report(self, span: Span, code: str, message: str, help: str | tuple[str, ...] = ()) -> None:
        self._add(Problem(code, message, source=self.source, span=span, help=help))

    def _span(self, event: Any) -> Span:
        mark, end = event.start_mark, event.end_mark
        length = end.index - mark.index if end.line == mark.line else self._rest(mark.index)
        return Span(mark.line + 1, mark.column + 1, max(length, 1))

    def _stop(self, span: Span, code: str, message: str, help: str | tuple[str, ...] = ()) -> None:
        """Give up: going on would cost too much."""
        raise SpecError([*self.problems, Problem(code, message, source=self.source, span=span, help=help)])

    def _too_deep(self, error: Any) -> None:
        """Give up where the parser has: at the bracket that is one too many, which no event has reached."""
        begin = at = self.stack[-1][4].start_mark.index + 1 if self.stack else 0
        depth = len(self.stack)
        for at in range(begin, error.problem_mark.index + 1):
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(self.text[at : at + 1], 0)
            if depth > DEEPEST:
                break
        start = self.text.rfind("\n", 0, at) + 1
        span = Span(self.text.count("\n", 0, at) + 1, at - start + 1, 1)
        self._stop(span, "yaml-depth", *_too_deep())

    def _suspect(self, value: Value, start: int, stop: int, flow: bool) -> Value:
        """Look closer at a plain text that may not be what its author meant."""
        last = value.line + self.text.count("\n", start, stop)
        if self.known and not self.known.isdisjoint(range(value.line, last + 1)):
            return value
        found, better = traps.plain(self.source, value, start, stop, flow)
        self.problems += found
        return better

    def _tag(self, event: Any) -> None:
        name = str(event.tag).replace("tag:yaml.org,2002:", "!!")
        mark = event.start_mark
        span = Span(mark.line + 1, mark.column + 1, len(name))
        help = "leave it out; text that starts with ! goes in quotes"
        self._report(span, "yaml-tag", f'the tag "{name}" is not read: a spec has no tags', help)

    def _document(self, event: Any) -> None:
        message = 'a second document starts here with "---", and a spec is one document'
        self._report(
            self._span(event), "yaml-documents", message, "leave the line out, or write a file for each network"
        )

    def _key_of(self, value: Value, start: int, stop: int) -> Value:
        """A key for what cannot be one."""
        written = restore(self.text[start:stop])
        key = Value("scalar", written, value.line, value.column, value.length, written)
        if written.startswith("{") or self.source.text[max(start - 1, 0) : start] == "{":
            name = written.strip("{} ") or "NAME"
            hint = f"braces open a mapping; a name stands without them: {name}"
        else:
            hint = f'put it in quotes: "{traps.short(written)}"'
        what = "a mapping" if value.kind == "map" else "a list"
        self._report(key.span(), "yaml-key", f"{what} stands where a key is expected", hint)
        return key

    def _alias(self, event: Any) -> Value:
        """The value of an anchor, at the place of its alias. Copies are counted before they are made."""
        span, name = self._span(event), event.anchor
        known = self.anchors.get(name)
        if known is None:
            value = Value("scalar", f"*{name}", *span, f"*{name}", "'")
            if name in self.anchors:
                message = f'"*{name}" stands inside its own anchor "&{name}"'
                help = "an alias repeats a value that is complete above it"
            else:
                message = f'there is no anchor "&{name}" before "*{name}"'
                help = f'put it in quotes if the text is meant: "*{name}"'
            self._report(value.span(), "yaml-anchor", message, help)
            return value
        value, size = known
        self.copies += size
        if self.copies > MOST_COPIES:
            message = f"the aliases of this spec stand for more than {MOST_COPIES:,} values"
            self._stop(span, "yaml-anchor", message, "use define and repeat for a block that occurs often")
        return value.moved(*span)


def _too_deep() -> tuple[str, str]:
    """What is said of lists inside lists without end, and what helps."""
    return f"lists and mappings are nested deeper than {DEEPEST}", "define a block, and use it by its name"
