"""What people paste where a layer should stand: lines of Python, the short notation of course sheets."""

from __future__ import annotations

import re
from typing import NamedTuple

from cnncalc.spec.chain import split_chain
from cnncalc.spec.value import Value

_PYTHON = (
    r"(import |from \S+ import |class \w+.*:?$|def \w+|return\b|super\(|print\(|for \w+ in |if .*:$|[\w.]+\s*=(?!=))"
)
_MADE = r"(?:self\.)?(\w+)\s*=\s*((?:\w+\.)*[A-Z]\w*\(.*\)),?$"
_CALLED = r"(?:self|F|torch|nn\.functional|tf\.nn)\.(\w+)\("
IN_ORDER = "write the layers in the order in which forward() calls them"


def is_python(line: str) -> bool:
    """Whether a line is Python that makes or calls something, not a layer."""
    return re.match(_PYTHON, line) is not None


def made(line: str) -> str:
    """`self.conv1 = nn.Conv2d(3, 16, 3)` as an entry; empty for other lines."""
    found = re.match(_MADE, line)
    return f"- {found[1]}: {found[2]}" if found else ""


def rewritten(lines: list[str]) -> list[str]:
    """Help for lines of Python: the entries that they would be."""
    entries = [entry for line in lines if (entry := made(line))]
    if entries:
        return [f"{IN_ORDER}:", *entries]
    called = [name for line in lines for name in reversed(re.findall(_CALLED, line))]
    return [f"{IN_ORDER}: {', '.join(called)}" if called else IN_ORDER]


def times(text: str) -> tuple[str, str] | None:
    """`5 x Conv2d(...)`, `Conv2d(...) x 5`: the number and the layer; None for other texts."""
    if found := re.fullmatch(r"(\d+)\s*[xX×*]\s*\((.*)\)", text.strip(), re.DOTALL):
        return found[1], f"sequential: [{', '.join(part for _, part in split_chain(found[2]))}]"
    if found := re.fullmatch(r"(\d+)\s*[xX×*]\s*\[?([A-Za-z][\w.]*(?:\(.*\))?)\]?", text.strip()):
        return found[1], found[2]
    if found := re.fullmatch(r"\[([A-Za-z][\w.]*\(.*\))\]\s*[xX×*]\s*(\d+)", text.strip()):
        return found[2], found[1]
    if found := re.fullmatch(r"([A-Za-z][\w.]*\(.*\))\s*[xX×]\s*(\d+)", text.strip()):
        return found[2], found[1]
    return None


def size_help(text: str, argument: bool) -> str:
    """How `5x5` is written, as an argument or elsewhere."""
    found = re.fullmatch(r"(\d+)[xX](\d+)", text) if argument else None
    if found is None:
        return "in an expression a shape is a list: [3, 64, 64]"
    high, wide = found.groups()
    return f"write {high} for both axes, or [{high}, {wide}]" if high == wide else f"write [{high}, {wide}]"


class Line(NamedTuple):
    """A line of a block text: what it says, and where it stands in the file."""

    text: str
    at: int
    column: int


def lines_of(value: Value, source: str) -> list[Line]:
    """The lines of a text without comments; calls that go over several lines are in one piece."""
    found = []
    written = source.splitlines()
    for row, line in enumerate(value.text.splitlines()):
        at, column = value.line + 1 + row, value.column
        if value.style == "|" and at <= len(written) and line.strip() in written[at - 1]:
            column = len(written[at - 1]) - len(written[at - 1].lstrip()) + 1
        else:
            at = value.line
        text = re.sub(r"(^|\s|(?<=[,)(]))#.*$", "", line).strip()
        if text:
            found.append(Line(text, at, column))
    return found if is_printed(found) or any(is_python(line.text) for line in found) else _joined(found)


def _joined(lines: list[Line]) -> list[Line]:
    found: list[Line] = []
    depth = 0
    for line in lines:
        if depth > 0 and found:
            found[-1] = found[-1]._replace(text=f"{found[-1].text} {line.text}")
        else:
            found.append(line)
        depth += sum((sign in "([") - (sign in ")]") for sign in line.text)
    return [line._replace(text=re.sub(r",(\s*\))", r"\1", line.text).rstrip(",")) for line in found]


def is_printed(lines: list[Line]) -> bool:
    """Whether it is what `print(model)` shows: `(conv1): Conv2d(3, 16, kernel_size=(3, 3))`."""
    return any(re.match(r"\([\w-]+\): ", line.text) for line in lines)
