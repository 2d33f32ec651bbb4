"""What the words of a spec's layers are, for colours: editors see calls and chains as plain YAML text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cnncalc import layers
from cnncalc.core.problem import Span
from cnncalc.editor.analysis import Analysis

# The types of the protocol that are told, in the order of their numbers.
TYPES = ("class", "function", "parameter", "number", "operator", "variable", "string")
PART = re.compile(
    r"(?P<arrow>->|→)|(?P<number>(?<![\w.])\d+(?:\.\d+)?(?:[x×]\d+)*(?![\w.]))|(?P<word>[A-Za-z_][\w.]*)(?P<after>\s*[=(:]?)"
    r"|(?P<text>'[^']*'|\"[^\"]*\")"
)
TOP = re.compile(r"(?P<key>[A-Za-z_]\w*)\s*:")
COMMENT = re.compile(r"(?:^|\s)#.*$")


class Token(NamedTuple):
    """A word of one of the types."""

    span: Span
    type: str


def tokens(analysis: Analysis) -> Iterator[Token]:
    """The words of calls and chains under `layers` and `define`, in order."""
    if analysis.kind != "spec":
        return
    spec = analysis.spec
    blocks = set(spec.blocks) if spec is not None else set()
    names = set(spec.let) if spec is not None else set()
    inside = False
    for number, line in enumerate(analysis.source.text.split("\n"), 1):
        top = TOP.match(line)
        if top is not None:
            inside = top["key"] in ("layers", "network", "define")
        if inside:
            yield from _line(COMMENT.sub("", line), number, top.end() if top is not None else 0, blocks, names)


def _line(line: str, number: int, start: int, blocks: set[str], names: set[str]) -> Iterator[Token]:
    depth = 0  # of brackets, where words with = behind them are options
    at = start
    while found := PART.search(line, at):
        between = line[at : found.start()]
        depth += between.count("(") - between.count(")")
        at = found.end()
        type, length, begin = "", len(found[0]), found.start()
        if found["arrow"]:
            type = "operator"
        elif found["number"]:
            type = "number"
        elif found["text"]:  # a chain in quotes is looked into, a word in a call is a text
            if depth:
                type = "string"
            else:
                at = begin + 1
                continue
        else:
            word, after = found["word"], found["after"].strip()
            length = len(word)
            at = begin + length
            if after == "=" and depth:
                type = "parameter"
            elif word in blocks:
                type = "function"
            elif word in names:
                type = "variable"
            elif layers.find_any(word.rpartition(".")[2]) and (after in ("(", "") or word[:1].isupper()):
                type = "class"
        if type:
            yield Token(Span(number, begin + 1, length), type)
