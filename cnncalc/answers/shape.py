"""A shape as people spell it: `16x64x64`, `(N, 16, 64, 64)`, `16 channels of 64 by 64`, `C=16, H=64, W=64`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from cnncalc.answers.scalar import Scalar, readings
from cnncalc.answers.tokens import unreadable
from cnncalc.answers.words import without_lead
from cnncalc.core.problem import Fault
from cnncalc.expression.shape_text import at_top, closes_last

MOST_AXES = 64
# A first size that is left open: the batch. None is how Keras prints it.
OPEN = frozenset(("None", "none", "null", "?", "-1", "N", "B", "n", "b", "batch", "batch_size", "bs", "batchsize"))
PREFIX = re.compile(
    r"^(?:(?:[-=]+>|[→⇒⟶])\s*)?(?:(?:(?:torch\.Size|tuple|list|TensorShape|shape|size|output|input)\s*[:=]?\s*(?=[\[(]))"
    r"|[\w.]+\.shape\s*={1,2}\s*(?:torch\.Size\s*)?(?=[\[(])"
    r"|\(?(?:N\s*[x×,]\s*)?(?:C\s*[x×,]\s*H\s*[x×,]\s*W|H\s*[x×,]\s*W\s*[x×,]\s*C)\)?\s*[=:]\s*(?=[\[(\d])"
    r"|(?:ℝ|R|mathbb\s*\(?R\)?)\s*\^\s*(?=[\[(\d])"
    r"|(?:a\s+)?(?:flat\s+)?vector\s+(?:of|with)\s+(?:(?:length|size|dimension)\s+)?(?=\d)"
    r"|(?:(?:shape|size|tensor|output|vector|matrix|dimensions?)\s+(?:is|of\s+(?:shape|size|length))|length|size)\s*:?\s+(?=[\[(\d]))?",
    re.IGNORECASE,
)
VECTOR = re.compile(
    r"\s*(?:(?:a\s+)?(?:flat\s+)?vector\b|length\b|\d+\s*-?\s*dim(?:ensional)?(?:\s+vector)?$)", re.IGNORECASE
)
SPACE = re.compile(r"\s*(?:ℝ|R)\s*\^\s*\(?\d")
LETTERS = re.compile(r"\b([CHWD])(?=\d)")
DIMENSIONAL = re.compile(r"(?<=\d)\s*-?\s*dim(?:ensional)?(?:\s+vector)?$", re.IGNORECASE)
KIND = re.compile(r"(?<=\d)[\s-]+(?:matrix|tensor|volume|array)$", re.IGNORECASE)
FROM = re.compile(r"^[(\[][\w\s,]+[)\]]\s*(?:->|→|⇒|=>)\s*(?=[(\[])")  # the shape that came in
LABEL = re.compile(r"^(?:output\s+)?(?:output|shape|size|dim(?:ension)?s?|result)\s*[:=]\s*(?=\d)", re.IGNORECASE)
EACH = re.compile(r",\s*each\s+(?:of\s+)?(?:size\s+)?(?=\d)", re.IGNORECASE)
AXES = {
    "channels": "C", "channel": "C", "feature maps": "C", "feature map": "C", "maps": "C", "filters": "C",
    "kanäle": "C", "planes": "C", "depth": "C", "deep": "C", "images": "C", "c": "C", "ch": "C",
    "vectors": "L", "tokens": "L", "steps": "L", "timesteps": "L", "words": "L", "features": "F",
    "height": "H", "rows": "H", "h": "H", "high": "H", "tall": "H",
    "width": "W", "columns": "W", "w": "W", "wide": "W", "d": "D", "l": "L", "length": "L",
}  # fmt: skip
BATCH = re.compile(r"^(None|none|\?|N|B|n|-1|batch)\s*[xX×*]\s*(?=[0-9])")
ORDER = "CDHWLF"
_AXIS = "|".join(sorted(map(re.escape, AXES), key=len, reverse=True))
NAMED = re.compile(rf"^(?:(?P<before>{_AXIS})\s*[=:]?\s+|(?P<is>{_AXIS})\s*[=:]\s*)?(?P<size>[^=:]+?)"
                   rf"(?:\s+(?P<after>{_AXIS}))?$", re.IGNORECASE)  # fmt: skip
PIXELS = re.compile(r"\s*\b(?:pixels?|px|pixel)\b", re.IGNORECASE)
SEPARATORS = re.compile(
    r"\s*[;×]\s*|\s+[xX*·]\s+|\s+by\s+|-by-|(?<=[\d\w)])\s*@\s*(?=\d)|\s+(?:of|each|and|with|à)\s+(?:(?:size|shape|of|length|dimension)\s+)*"
    r"|(?<=[a-z])\s+(?=\d+\s*[x×]\s*\d)"
)
X = re.compile(r"(?<=[0-9)])\s*[xX]\s*(?=[0-9(])")


class Shape(NamedTuple):
    """The sizes in the order they were written, or in the usual one where axes were named.

    `open` is a batch that was left open; `named` says that the axes were named, so that their order is known.
    `text` says that it was spelled as a text, not as a list in brackets.
    """

    sizes: list[Scalar]
    open: str = ""
    named: bool = False
    text: bool = True


def parse(text: str, symbols: Mapping[str, str]) -> Shape | None:
    """The shape that a text spells; None where it spells none."""
    vector = VECTOR.match(text) or SPACE.match(text)
    text = LABEL.sub("", without_lead(DIMENSIONAL.sub("", KIND.sub("", text.strip()))))
    text = FROM.sub("", text)
    if text[:1] == "<" and text[-1:] == ">" and "," in text:
        text = f"({text[1:-1]})"
    text, bracket = unwrap(PREFIX.sub("", EACH.sub(", ", text)))
    text = LETTERS.sub(r"\1=", BATCH.sub(r"\1, ", text)) if not symbols else text
    parts = split(text, symbols)
    if parts is None or len(parts) > MOST_AXES or (len(parts) < 2 and not bracket and not vector):
        return None
    left_open = ""
    if parts and parts[0].strip() in OPEN and parts[0].strip() not in symbols:
        left_open, parts = parts[0].strip(), parts[1:]
    sizes: list[tuple[str, Scalar]] = []
    for part in parts:
        found = NAMED.fullmatch(part.strip())
        if found is None:
            return None
        axis = AXES.get((found["before"] or found["is"] or found["after"] or "").lower(), "")
        size = one_size(found["size"], symbols)
        if size is None:
            return None
        sizes.append((axis, size))
    return named(sizes, left_open, bracket == "[")


def is_rest(sizes: str, text: str) -> bool:
    """Whether a text in brackets behind sizes names a further one: `64 x 64 (16 channels)`."""
    found = NAMED.fullmatch(text.strip())
    return found is not None and not sizes.isdigit() and any(found[word] for word in ("before", "is", "after"))


def named(sizes: list[tuple[str, Scalar]], left_open: str, in_brackets: bool) -> Shape:
    """The shape of sizes some of which have names: those are put in the usual order, channels first."""
    axes = [axis for axis, _ in sizes]
    if not any(axes):
        return Shape([size for _, size in sizes], left_open, False, not in_brackets)
    if len([axis for axis in axes if axis]) != len({axis for axis in axes if axis}):
        raise unreadable("two sizes have the same axis")
    if all(axes):
        sizes = sorted(sizes, key=lambda pair: ORDER.index(pair[0]))
        return Shape([size for _, size in sizes], left_open, True)
    if "C" in axes and len([axis for axis in axes if axis]) == 1:
        sizes = [pair for pair in sizes if pair[0]] + [pair for pair in sizes if not pair[0]]
        return Shape([size for _, size in sizes], left_open, True)
    return Shape([size for _, size in sizes], left_open)


def unwrap(text: str) -> tuple[str, str]:
    """The text without the brackets around all of it, and which they were."""
    bracket = ""
    while len(text) > 1 and (text[0], text[-1]) in (("(", ")"), ("[", "]")) and closes_last(text):
        bracket = bracket or text[0]
        text = text[1:-1].strip()
    return text, bracket


def split(text: str, symbols: Mapping[str, str]) -> list[str] | None:
    """The parts between the separators of sizes."""
    text = PIXELS.sub("", text)
    text = re.sub(r"\s*\((\d+\s+[^\W\d_]+(?:\s+[^\W\d_]+)?)\)$", r", \1", text)
    text = re.sub(r"(?<=\d)\s+(?=[A-Za-z]+\s*[=:]\s*\d)", ", ", text)
    if not text.strip():
        return []
    parts = at_top(text, ",", "([⌊⌈", ")]⌋⌉")
    if len(parts) > 1:
        if not parts[-1].strip():  # (5,)
            parts.pop()
        return [piece for part in parts for piece in pieces(part.strip(), symbols)]
    return pieces(text, symbols)


def pieces(text: str, symbols: Mapping[str, str]) -> list[str]:
    """The parts of a text without commas."""
    found = [part for part in SEPARATORS.split(text) if part]
    found = [piece for part in found for piece in (X.split(part) if "x" not in symbols else [part])]
    if len(found) == 1 and re.fullmatch(r"[0-9]+(?:\s+[0-9]+)+", text):
        return text.split()
    if len(found) == 1 and re.fullmatch(r"[0-9]+(?:\s*\*\s*[0-9]+)+", text):
        return text.split("*")
    if len(found) == 1 and not symbols and re.fullmatch(r"[0-9]+(?:\s*([|·])\s*[0-9]+)+", text):
        return re.split("[|·]", text)
    if len(found) == 1 and not symbols and re.fullmatch(r"[0-9]+(?:(\s*[-/]\s*)[0-9]+)(?:\1[0-9]+)+", text):
        return re.split("[-/]", text)
    if len(found) == 1 and symbols and re.fullmatch(r"[^\W\d_](?:x[^\W\d_])+", text):
        return text.split("x")
    return found


def one_size(text: str, symbols: Mapping[str, str]) -> Scalar | None:
    """One size, which is a number or a formula; None for anything else."""
    try:
        return readings(text.strip(), symbols)[0]
    except Fault:
        return None


def order_of(sizes: list[object]) -> str:
    """How the axes of that many sizes are called, channels last."""
    return {3: "H, W, C", 4: "D, H, W, C"}.get(len(sizes), "channels last")
