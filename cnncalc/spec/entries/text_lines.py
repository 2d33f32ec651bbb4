"""Layers in a block of text, one per line, as after `layers: |`; and the text that `print(model)` shows."""

from __future__ import annotations

from cnncalc.core.problem import Problem, Span
from cnncalc.expression.pasted import Line, is_printed, is_python, lines_of, rewritten
from cnncalc.read.yaml.value import Value
from cnncalc.spec.entries.calls import CallReader
from cnncalc.spec.entries.entry import Entry, Keys


def text_entries(value: Value, reader: CallReader) -> list[Entry]:
    """The entries of a block of text; a line of Python is a problem."""
    found: list[Entry] = []
    lines = lines_of(value, reader.source.text)
    python = [line for line in lines if is_python(line.text)]
    if python:
        text, at, column = python[0]
        message = f'Python is not run, and "{text}" is a line of it'
        reader.problem("python-line", message, Span(at, column, len(text)), rewritten([line.text for line in lines]))
        return []
    if is_printed(lines):
        return _printed(lines, reader)
    for text, at, column in lines:
        name, _, rest = text.partition(":")
        named = bool(rest) and "(" not in name
        start = column + len(text) - len(rest.lstrip()) if named else column
        call = rest.strip() if named else text
        found.extend(reader.call_text(call, Span(at, start, len(call)), {"name": name.strip()} if named else {}))
    return found


def _printed(lines: list[Line], reader: CallReader) -> list[Entry]:
    """What `print(model)` shows: `(conv1): Conv2d(...)`, and groups that open with `(layer1): Sequential(`."""
    inner: list[list[Entry]] = [[]]
    for text, at, column in lines:
        name, _, rest = text.partition("): ") if text.startswith("(") else ("", "", text)
        span = Span(at, column + len(text) - len(rest), len(rest))
        keys: Keys = {"name": name[1:]} if name else {}
        if text == ")":
            if len(inner) > 1:
                inner.pop()
        elif rest.endswith("("):
            if not name:
                continue  # the network's own name, around all of it
            group = Entry("sequential", "sequential", span)
            group.keys, group.bodies = keys, [("", [])]
            inner[-1].append(group)
            inner.append(group.bodies[0][1])
        else:
            inner[-1].extend(reader.call_text(rest, span, keys))
    first = lines[0]
    message = "layers are taken in the order in which they are printed; what forward() does between is not printed"
    span = Span(first.at, first.column, len(first.text))
    reader.problems.append(Problem("printed-model", message, source=reader.source, span=span, severity="note"))
    return inner[0]
