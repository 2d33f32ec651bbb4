"""Every spelling of a shape: `[3, 64, 64]`, `3x64x64`, `3×64×64`, `3*64*64`, `(3, 64, 64)`, `3 64 64`, `3@64x64`.

A size is a number, a name, or an expression. The letter x separates sizes only where both of its sides are sizes, so
that `max_len` stays a name and `CxHxW` does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from cnncalc.core.number import is_free
from cnncalc.core.problem import Fault
from cnncalc.expression.arithmetic import kind
from cnncalc.expression.evaluate import Scope, evaluate
from cnncalc.expression.functions import FUNCTIONS
from cnncalc.expression.parsed import Expression
from cnncalc.expression.syntax import parse
from cnncalc.expression.tokenize import ExpressionFault
from cnncalc.read.yaml.value import Value

MAX_SIZE = 10**18
MAX_AXES = 64
OPEN = ("None", "none", "null", "?", "_", "-1")  # a first size that is left open: the batch
BATCH_LETTERS = ("N", "B")  # and the letters that papers give it
WHOLE = "sizes are whole numbers"
# Spellings that are none: 784-128-10 would be a difference, 3/32/32 a quotient.
OTHER_FORMS = (
    r"\d+(\s*[;/-]\s*\d+)+",
    r"\w+\s*=\s*\d+(\W+\w+\s*=\s*\d+)*",
    r"(?!torch\.Size)\w+\.\w+\([\d\s,]+\)",
)
FORMS = "write [3, 64, 64] or 3x64x64"


class FreeName(str):
    """A size that is a name without a value."""

    __slots__ = ()


class Batch(str):
    """A first size that is left open: `BATCH` for `None`, `?`, `_` and -1, or the letter N or B. All are equal."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Batch)

    def __ne__(self, other: object) -> bool:
        return not isinstance(other, Batch)

    def __hash__(self) -> int:
        return hash(Batch)


BATCH = Batch("None")


def parse_shape(written: object, scope: Scope | None = None, *, zero: bool = False) -> list[Any]:
    """The sizes of a shape that was written as a text, a list or one number.

    Each is an int, whatever number the scope gives, a `FreeName` (a name the scope does not know), an `Expression`
    over such names, or, in first place only, a `Batch`. With `zero` a size may be 0. Raises Fault "shape-text".
    """
    known: Scope = scope if scope is not None else {}
    whole = show(written)
    if isinstance(written, str):
        items: Iterable[Any] = split(written, known)
    elif isinstance(written, (list, tuple)):
        items = [part for item in written for part in element(item, known, whole)]
    elif isinstance(written, (int, float)):
        items = [written]
    else:
        raise Fault("shape-text", f"{whole} is not a shape", help=FORMS)
    sizes = [size(item, known, index, whole, zero) for index, item in enumerate(items)]
    if len(sizes) > MAX_AXES:
        raise Fault("shape-text", f"a shape of {len(sizes)} axes; at most {MAX_AXES} are read")
    return sizes


def show(written: object) -> str:
    """The shape for a message."""
    if isinstance(written, (list, tuple)):
        text = "[" + ", ".join("?" if item is None or isinstance(item, dict) else str(item) for item in written) + "]"
    else:
        text = f'"{written}"' if isinstance(written, str) else str(written)
    return text if len(text) <= 80 else text[:77] + "..."


def element(item: object, known: Scope, whole: str) -> list[Any]:
    """The sizes that one element of a list stands for: one, but for `[3 64 64]` and `[3, 64x64]`."""
    if isinstance(item, (list, tuple)):
        raise Fault("shape-text", f"a list inside the shape {whole}", help=FORMS)
    if isinstance(item, dict):
        if item == {None: None}:  # what YAML makes of [?, 28, 28]
            return ["?"]
        raise Fault("shape-text", f"a mapping inside the shape {whole}", help=FORMS)
    if not isinstance(item, str) or isinstance(item, (FreeName, Batch)):
        return [item]
    text = item.strip()
    if not text:
        raise Fault("shape-text", f"a size is missing in {whole}", help=FORMS)
    return cut(text, known) or ([text] if is_expression(text) else words(text, known))


# -- texts -----------------------------------------------------------------------------------------------------------


def split(text: str, known: Scope) -> list[str]:
    """The sizes of a shape that was written as one text, each still a text."""
    stripped = text.strip()
    if not stripped:
        raise Fault("shape-text", "an empty shape", help=FORMS)
    if any(stripped.count(a) != stripped.count(b) for a, b in ("()", "[]")):
        raise Fault("shape-text", f"the brackets of {show(text)} do not match", help=FORMS)
    if any(re.fullmatch(form, stripped) for form in OTHER_FORMS):
        found = re.findall(r"\d+", stripped)
        raise Fault("shape-text", f"{show(text)} is no shape", help=f"write {'x'.join(found)}")
    inner = unwrap(stripped)
    if not inner:
        return []
    parts = at_top(inner, ",")
    if len(parts) > 1:
        if not parts[-1].strip():  # (5,)
            parts.pop()
        return [piece for part in parts for piece in element(part, known, show(text))]
    if inner != stripped:  # [16*5*5] is one size, where 16*5*5 is three
        return element(inner, known, show(text))
    head, at, rest = inner.partition("@")
    if at and head.strip() and rest.strip():
        return [*words(head, known), *words(rest, known)]
    return words(inner, known)


def unwrap(text: str) -> str:
    """The text without the brackets around it; nothing is left of `[]`, the shape of a single number."""
    if text.startswith("torch.Size(") and text.endswith(")"):
        text = text[len("torch.Size(") : -1].strip()
    while text[:1] in ("(", "[") and text[-1:] == {"(": ")", "[": "]"}[text[0]] and closes_last(text):
        text = text[1:-1].strip()
    return text


def closes_last(text: str) -> bool:
    """Whether the bracket that begins a text is closed by the one that ends it: not so in `(H+1)x(W+1)`."""
    depth = 0
    for index, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if depth == 0:
            return index == len(text) - 1
    return False


def at_top(text: str, marks: str, opening: str = "([", closing: str = ")]") -> list[str]:
    """The parts of a text between marks that stand outside all brackets."""
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        depth += (letter in opening) - (letter in closing)
        if depth == 0 and letter in marks:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def words(text: str, known: Scope) -> list[str]:
    """The sizes of a text without commas: separated by ×, *, x or spaces."""
    text = re.sub(r"\s+[xX]\s+", "×", text.strip())
    text = re.sub(r"\s*([×*+/%()\[\]])\s*", r"\1", text)
    text = re.sub(r"\s+-\s+", "-", text)
    pieces = []
    for part in text.split():
        for piece in at_top(part, "×"):
            found = cut(piece, known)
            if found is None:
                found = at_top(piece, "*") if "**" not in piece else [piece]
            pieces.extend(found)
    return pieces


def cut(text: str, known: Scope) -> list[str] | None:
    """`CxHxW` cut at the letter x, in as many sizes as there can be; None where that letter is part of a name."""
    if is_known(text, known):
        return None
    marks = crosses(text)
    if len(marks) > MAX_AXES:
        sizes = re.split("[xX×]", text)
        return sizes if all(part.isdigit() for part in sizes) else None  # far too many, which is said
    if not marks:
        return None
    ends = [*marks, len(text)]
    best: dict[int, list[str]] = {-1: []}  # the end of a part that fits -> the parts up to it
    for end in ends:
        for start in list(best):
            part = text[start + 1 : end]
            if is_size(part, known) and len(best[start]) + 1 > len(best.get(end, ())):
                best[end] = [*best[start], part]
    parts = best.get(len(text))
    return parts if parts and len(parts) > 1 else None


def crosses(text: str) -> list[int]:
    """The places of the letter x outside all brackets."""
    marks, depth = [], 0
    for index, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if depth == 0 and letter in "xX×":
            marks.append(index)
    return marks


def is_known(text: str, known: Scope) -> bool:
    """Whether the scope has a name."""
    try:
        known[text] if hasattr(known, "__getitem__") else known.lookup(text)
    except KeyError:
        return False
    return True


def is_size(part: str, known: Scope) -> bool:
    """Whether a part between two x can be a size: a number, an open size, a likely name, an expression."""
    if part.isdigit() or part in OPEN:
        return True
    if part.isidentifier():
        single = len(part) == 1 and part not in "xX"
        return single or is_known(part, known) or (part[0].isupper() and "x" not in part and "X" not in part)
    if not part or part[0].islower():
        return False
    return is_expression(part) and parse(part).functions() <= set(FUNCTIONS)


def is_expression(text: str) -> bool:
    """Whether a text can be read as one expression."""
    try:
        parse(text)
    except ExpressionFault:
        return False
    return True


# -- one size --------------------------------------------------------------------------------------------------------


def size(item: object, known: Scope, index: int, whole: str, zero: bool) -> Any:
    """One size, from whatever stands in its place."""
    if item is None or (type(item) is int and item == -1) or isinstance(item, Batch):
        return open_size(BATCH if not isinstance(item, Batch) else item, index, whole)
    if isinstance(item, str) and not isinstance(item, FreeName):
        text = item.strip()
        if text in OPEN and not is_known(text, known):
            return open_size(BATCH, index, whole)
        if text in BATCH_LETTERS and index == 0 and not is_known(text, known):
            return Batch(text)
        item = value(text, known, whole)
    return checked(item, index, whole, zero)


def open_size(marker: Batch, index: int, whole: str) -> Batch:
    """The marker, in first place only."""
    if index:
        raise Fault(
            "shape-text",
            f"size {index + 1} of {whole} is left open; only the first one, the batch, can be",
            help="write a number, or a letter for a symbolic dimension: CxHxW",
        )
    return marker


def value(text: str, known: Scope, whole: str) -> Any:
    """The value of a size that is written as a text; a free name or an expression where it has none yet."""
    if not text:
        raise Fault("shape-text", f"a size is missing in {whole}", help=FORMS)
    try:
        expression = parse(text)
    except ExpressionFault as fault:
        raise Fault("shape-text", f'"{text}" is not a size: {fault.message}', help=fault.help or (FORMS,)) from None
    free = {name for name in expression.names() if not is_known(name, known)}
    if not free:
        return evaluate(expression, known)
    return FreeName(text) if text in free else expression


def checked(item: object, index: int, whole: str, zero: bool) -> object:
    """A size that may be one: whole, not negative, not absurdly large. Free dimensions pass."""
    place = f"size {index + 1} of {whole}"
    if isinstance(item, float) and item.is_integer():
        item = int(item)
    if isinstance(item, float):
        raise Fault("shape-text", f"{place}: {item} is not whole", help=WHOLE)
    if (
        isinstance(item, (bool, list, tuple))
        or item is None
        or (isinstance(item, str) and not isinstance(item, FreeName))
    ):
        raise Fault("shape-text", f"{place}: {kind(item)} is not a number", help=WHOLE)
    if isinstance(item, int):
        if item < 0 or (item == 0 and not zero):
            raise Fault("shape-text", f"{place} is {item}", help=f"sizes are whole numbers from {0 if zero else 1}")
        if item >= MAX_SIZE:
            raise Fault("shape-text", f"{place} has more than 18 digits")
    return item


def shape_of(written: object, env: Scope) -> tuple[tuple[Any, ...], Any]:
    """The sizes of a written shape without the batch axis, and what stood for the batch, if anything did."""
    plain = written.plain() if isinstance(written, Value) else written
    sizes = parse_shape(plain, env, zero=True)
    batch = None
    if sizes and isinstance(sizes[0], Batch):
        batch, sizes = str(sizes[0]), sizes[1:]
    for size in sizes:
        if isinstance(size, FreeName):
            help = (f"define it: let: {{{size}: 64}}", f"or leave it free: symbols: [{size}]")
            raise Fault("unknown-name", f'"{size}" has no value', help=help)
        if isinstance(size, Expression):
            raise Fault(
                "unknown-name", f'"{size.text}" has no value', help="a size is a number, or a name with a value"
            )
        if is_free(size) and size.as_whole() < 1:
            raise Fault("shape-text", f"a size of {size} is below 1")
    return tuple(sizes), batch
