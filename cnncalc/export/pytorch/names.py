"""Names as a person would give them: of a class' attributes, and of what its constructor takes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cnncalc.export.identifiers import identifier, unique

if TYPE_CHECKING:
    from cnncalc.export.call import Leaf
    from cnncalc.export.modules import Unit
    from cnncalc.network.graph import Graph

# What layers without a name are called; others by their type.
USUAL = {
    "adaptiveavgpool": "avgpool", "adaptivemaxpool": "maxpool", "averagepooling": "pool", "avgpool": "pool",
    "batchnorm": "bn", "batchnormalization": "bn", "dense": "fc", "maxpooling": "pool", "conv": "conv",
    "convtranspose": "deconv", "layernorm": "norm", "linear": "fc", "maxpool": "pool", "multiheadattention": "attn",
    "rmsnorm": "norm",
}  # fmt: skip
# A size that is several of these at once, of one layer or of several.
BOTH = (
    ({"in_channels", "out_channels"}, "channels"),
    ({"in_channels", "num_features"}, "channels"),
    ({"in_features", "out_features"}, "features"),
)

# Attributes that say nothing of a size.
PLAIN = ("conv", "fc", "linear", "bn", "norm")


def usual(name: str, kind: str) -> str:
    """A layer's word: its name, or that of its type where it was only numbered, `maxpool2d_1`."""
    if not re.fullmatch(rf"{re.escape(kind.lower())}_\d+", name):
        return name
    word = re.sub(r"[123]d$", "", kind.lower())
    return USUAL.get(word, word)


def attributes(words: list[str]) -> list[str]:
    """Attributes for these words: what stands alone stays, others are numbered."""
    words = [identifier(re.sub(r"^(\d+_)+(?=[^\W\d_])", "", word)) for word in words]  # a branch's number says nothing
    counts = Counter(words)
    taken = {word for word in words if counts[word] == 1}
    numbers: Counter[str] = Counter()
    found = []
    for word in words:
        if counts[word] > 1:
            between = "_" if word[-1].isdigit() else ""
            name = ""
            while not name or name in taken:
                numbers[word] += 1
                name = f"{word}{between}{numbers[word]}"
            word = name
            taken.add(word)
        found.append(word)
    return found


def side_by_side(
    items: list[int | Unit], attrs: dict[int, str], graph: Graph, leaves: list[Leaf]
) -> Iterator[tuple[str, list[int]]]:
    """Layers with weights that are numbered and read different values: the word, and three or more of them."""
    run: list[int] = []
    word, kind = "", ""
    inputs = len(graph.inputs)
    for item in [*items, -1]:
        found = re.fullmatch(r"(\w*?[A-Za-z])_?(\d+)", attrs.get(item, "") if isinstance(item, int) else "")
        if found and isinstance(item, int) and graph.nodes[item].layer.has_weights():
            maker = leaves[item].maker
            known = {inputs + other for other in run}
            apart = not any((ref[0] if isinstance(ref, tuple) else ref) in known for ref in graph.nodes[item].inputs)
            if run and (word, kind) == (found[1], maker) and apart and maker.startswith("nn."):
                run.append(item)
                continue
        if len(run) > 2:
            yield word, run
        run = []
        if found and isinstance(item, int) and graph.nodes[item].layer.has_weights():
            run, word, kind = [item], found[1], leaves[item].maker


def parameters(places: list[list[tuple[str, ...]]], said: list[str]) -> list[str]:
    """The names of what a constructor takes.

    places   of each the places that get it: attributes, and the argument's name
    said     of each the name that it has already, or ""
    """
    ends = [
        "" if own else _end({place[-1] for place in found}, found[0][-1])
        for found, own in zip(places, said, strict=True)
    ]
    for word in ("channels", "features"):
        if ends.count(word) == 1 and f"in_{word}" in ends and f"out_{word}" not in ends:
            ends[ends.index(word)] = f"out_{word}"
    names: list[str] = []
    for found, end, own in zip(places, ends, said, strict=True):
        if own:
            names.append(unique(own, names))
            continue
        path = [part for part in reversed(found[0][:-1]) if part]
        telling = [part for part in path if not part.startswith(PLAIN)]
        words = [end] if ends.index(end) == len(names) else []
        words += [f"{part}_{end.removeprefix('in_').removeprefix('out_')}" for part in (*telling, *path)]
        free = (
            word
            for word in map(identifier, words)
            if word not in (*names, *said) and word not in ends[len(names) + 1 :]
        )
        names.append(next(free, unique(identifier(end), names)))
    return names


def _end(among: set[str], first: str) -> str:
    return next((word for parts, word in BOTH if parts <= among), first)


def class_word(word: str, taken: Iterable[str]) -> str:
    """A class' name that is not taken yet."""
    known = set(taken)
    number, name = 1, word
    while name in known:
        number += 1
        name = f"{word}_{number}" if word[-1].isdigit() else f"{word}{number}"
    return name


def wrapped(text: str, most: int = 100) -> str:
    """Code with long calls and lists on several lines."""
    return "\n".join(part for line in text.split("\n") for part in _broken(line, most))


def _broken(line: str, most: int) -> list[str]:
    code, mark, note = line.partition("  # ")
    if len(code) <= most or '"""' in line or code.lstrip().startswith("#"):
        return [line]
    ends = _pair(code)
    if ends is None:
        return [line]
    start, stop = ends
    indent = " " * (len(code) - len(code.lstrip()))
    head, inner, tail = code[: start + 1], code[start + 1 : stop], indent + code[stop:]
    element, each, rest = _comprehension(inner)
    if each:
        return [head, *_broken(f"{indent}    {element}", most), f"{indent}    {each}{rest}", f"{tail}{mark}{note}"]
    parts = _split(inner)
    if len(indent) + 4 + len(inner) <= most and len(parts) > 1:
        middle = [f"{indent}    {inner}" + ("," if code[start] == "[" else "")]
    elif len(parts) == 1:
        middle = _broken(f"{indent}    {inner}", most)
    else:
        middle = [piece for part in parts for piece in _broken(f"{indent}    {part},", most)]
    return [head, *middle, f"{tail}{mark}{note}"]


def _comprehension(inner: str) -> tuple[str, str, str]:
    """What is made, and for what; empty where it is no comprehension."""
    depth = 0
    for at, letter in enumerate(inner):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(letter, 0)
        if not depth and inner.startswith(" for _ in ", at):
            return inner[:at], "for _ in ", inner[at + len(" for _ in ") :]
    return inner, "", ""


def _pair(code: str) -> tuple[int, int] | None:
    """The first bracket that closes at the end of the line."""
    stack: list[int] = []
    found: dict[int, int] = {}
    quote = ""
    for at, letter in enumerate(code):
        if quote:
            quote = "" if letter == quote and code[at - 1] != "\\" else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "([{":
            stack.append(at)
        elif letter in ")]}" and stack:
            found[stack.pop()] = at
    last = len(code.rstrip(":,")) - 1
    return next(((start, found[start]) for start in sorted(found) if found[start] == last and last - start > 1), None)


def _split(inner: str) -> list[str]:
    """What is between the outer commas."""
    depth, parts, quote = 0, [""], ""
    for at, letter in enumerate(inner):
        if quote:
            quote = "" if letter == quote and inner[at - 1] != "\\" else quote
        elif letter in "\"'":
            quote = letter
        depth += 0 if quote else {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(letter, 0)
        if letter == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]
