"""What people paste where a layer should stand: lines of Python, the short notation of course sheets."""

from __future__ import annotations

import re
from typing import NamedTuple

from cnncalc.core.problem import Fault
from cnncalc.read.yaml.value import Value

_PYTHON = (
    r"(import |from \S+ import |class \w+.*:?$|def \w+|return\b|super\(|print\(|for \w+ in |if .*:$|[\w.]+\s*=(?!=))"
)
_MADE = r"(?:self\.)?(\w+)\s*=\s*((?:\w+\.)*[A-Z]\w*\(.*\)),?$"
_CALLED = r"(?:self|F|torch|nn\.functional|tf\.nn)\.(\w+)\("
# Longer expressions are no slips.
MOST_LOOKED_AT = 2000
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


def size_help(text: str, argument: bool) -> str:
    """How `5x5` is written, as an argument or elsewhere."""
    found = re.fullmatch(r"(\d+)[xX](\d+)", text) if argument else None
    if found is None:
        return "in an expression a shape is a list: [3, 64, 64]"
    high, wide = found.groups()
    return f"write {high} for both axes, or [{high}, {wide}]" if high == wide else f"write [{high}, {wide}]"


# A comma between digits, with all the digits around it.
_NUMBERS = re.compile(r"(?<![\w.,])[\d.]*\d(?:,\d+)+(?![\w])")


def without_commas(text: str) -> str:
    """`conv1.params == 10,416` without the comma of thousands; a decimal comma outside of brackets is refused.

    There a comma between digits means neither a list nor a shape.
    """
    pieces, depth, done = [], 0, 0
    for found in _NUMBERS.finditer(text) if "," in text and len(text) < MOST_LOOKED_AT else ():
        before = text[done : found.start()]
        depth += sum((letter in "([") - (letter in ")]") for letter in before)
        pieces.append(before)
        done = found.end()
        written = found[0]
        if depth == 0 and re.fullmatch(r"\d{1,3}(?:,\d{3})+", written):
            written = written.replace(",", "")
        elif depth == 0:
            decimal = [f"a decimal has a point: {written.replace(',', '.')}"] if written.count(",") == 1 else []
            raise Fault(
                "expression-syntax",
                f'"{written}" may be a number or a list',
                help=[*decimal, f"a list has brackets: [{written}]"],
            )
        pieces.append(written)
    return "".join(pieces) + text[done:]


# What people ask of a part of a network, and its name in expressions.
ASKED = {
    **dict.fromkeys(("shape", "size", "dimension", "dimensions", "shapes", "sizes"), "shape"),
    **dict.fromkeys(("params", "parameters", "parameter", "weights"), "params"),
    **dict.fromkeys(("macs", "mac", "flops"), "macs"),
}


def side_by_side(first: str, second: str, bracket: str) -> str:
    """How two values side by side are written, inside of a bracket or of none."""
    if bracket == "[":
        return f"put a comma between them: {first}, {second}"
    if not bracket and second.lower() in ASKED and first.isidentifier():
        return f"write {first}.{ASKED[second.lower()]}"
    if bracket and first == "no" and second.isidentifier():
        return f"write {second}=False"
    also = f", or {second}={first} for an option" if bracket and first.isdigit() and second.isidentifier() else ""
    return f"write {first} * {second}{also}"


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
