"""Which names a spec reads: a constant that nothing reads can be set without changing anything."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnncalc.expression.parsed import Expression
from cnncalc.read.yaml.value import Value
from cnncalc.spec.entries.entry import Entry
from cnncalc.spec.model import Spec

WORD = re.compile(r"[^\W\d]\w*")
# Keys beside a layer that hold names of layers.
NAMES = ("name", "from", "share", "expect")


def reads(spec: Spec) -> set[str]:
    """Every word that may name a constant in what a spec says: shapes, layers, blocks, values, constants, answers."""
    texts: list[str] = []
    for given in spec.inputs:
        texts.extend(_texts(given.shape))
    for written in spec.let.values():
        texts.extend(_texts(written))
    texts.extend(_texts(spec.values))
    for belief in spec.expect:
        texts.extend([belief.text, *_texts(belief.value)])
    texts.extend(text for fields in spec.defaults.values() for _, value in fields for text in _texts(value))
    for block in spec.blocks.values():
        texts.extend(text for _, default in block.params for text in _texts(default))
    for entry in entries_of(spec):
        written = [*entry.args, *(value for _, value in entry.kwargs)]
        written += [value for key, value in entry.keys.items() if key not in NAMES]
        texts.extend(text for value in written for text in _texts(value))
    return {word for text in texts for word in WORD.findall(text)}


def entries_of(spec: Spec) -> Iterator[Entry]:
    """The entries of a spec and of its blocks, and those inside of them."""
    todo = [*spec.layers, *(entry for block in spec.blocks.values() for entry in block.body)]
    while todo:
        entry = todo.pop()
        yield entry
        todo.extend(inner for _, body in entry.bodies for inner in body)
        todo.extend(entry.shortcut or ())


def _texts(written: object) -> Iterator[str]:
    """The texts of a written value that may be expressions."""
    if isinstance(written, Expression):
        yield written.text
    elif isinstance(written, str):
        yield written
    elif isinstance(written, Value):
        if written.kind == "map":
            parts = [part for pair in written.data for part in pair]
        else:
            parts = written.data if written.kind == "list" else []
        for part in parts:
            yield from _texts(part)
        if isinstance(written.data, str):
            yield written.data
    elif isinstance(written, (list, tuple)):
        for part in written:
            yield from _texts(part)
