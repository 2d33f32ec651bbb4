"""An inline chain -> Spec: a shape, layers between arrows, and what should come out at the end, where it is said."""

from __future__ import annotations

from cnncalc import layers
from cnncalc.core.problem import Fault, Problem, Source, Span
from cnncalc.expression.functions import FUNCTIONS
from cnncalc.expression.shape_text import at_top, parse_shape
from cnncalc.spec.entries.chain_text import split_chain
from cnncalc.spec.entries.entry import Keys
from cnncalc.spec.entries.exam import is_exam
from cnncalc.spec.entries.forms import EntryReader
from cnncalc.spec.entries.suggestions import CALLED, rank_of
from cnncalc.spec.free import shape_names
from cnncalc.spec.model import InputSpec, Spec
from cnncalc.spec.read import Reader
from cnncalc.spec.words.convention import settle
from cnncalc.spec.words.said import UNSAID, Said


def read_chain(text: str, said: Said = UNSAID) -> Spec:
    """The spec of an inline chain; the first part is the input's shape, if it is no layer."""
    source = Source("chain", text)
    reader = Reader(source, said)
    spec = reader.spec
    spec.name = "chain"
    reader.entries.chain = True
    parts = split_chain(text)
    line = begin = seen = 0  # of the line that a part stands in: its number from 0, and where it begins
    for index, (offset, part) in enumerate(parts):
        line += text.count("\n", seen, offset)
        begin = max(begin, text.rfind("\n", seen, offset) + 1)
        seen = offset
        column = offset - begin
        span = Span(line + 1, column + 1, len(part))
        label, shape = _labelled(part)
        if index == 0 and not _is_layer(reader.entries, shape):
            spec.inputs.append(InputSpec(label or "input", shape, "float", span))
            reader.entries.rank = rank_of(shape)
            reader.entries.sizes = set(shape_names(shape))
            reader.entries.exam.flat = reader.entries.rank == 1
            try:
                parse_shape(shape, None)
            except Fault as fault:
                help = _joined(shape, reader.entries) or fault.help
                spec.problems.append(Problem(fault.code, fault.message, source=source, span=span, help=help))
            continue
        if index == len(parts) - 1 and index and (sizes := _sizes(part)):  # what should come out: ... -> 16x32x32
            reader.expect_output(part, span)
            spec.target = (sizes, span)
            continue
        keys: Keys = {"name": label} if label else {}
        at = Span(span.line, span.column + part.index(shape), len(shape))
        spec.layers.extend(reader.entries.call_text(shape, at, keys))
    spec.notes.extend(reader.entries.exam.settle())
    settle(spec)
    if spec.problems and not spec.inputs:  # what it is made of is unknown, and no mistake of its own
        spec.inputs.append(InputSpec("input", None, "float", Span(1, 1)))
    _free(spec)
    return spec


def _free(spec: Spec) -> None:
    """What nothing defines is a free dimension, also the sizes of an input that was left out."""
    from cnncalc.spec.free import free_names, opening

    if not spec.inputs and not spec.problems:
        sizes = opening(spec.layers)
        if sizes is not None:
            integers = any(entry.type.lower().startswith("embedding") for entry in spec.layers[:1])
            spec.inputs.append(InputSpec("input", sizes, "int" if integers else "float", Span(1, 1)))
            spec.opened = True
    spec.symbols = free_names([given.shape for given in spec.inputs], spec.layers)


def _joined(text: str, entries: EntryReader) -> str:
    """Help for layers behind a shape without arrows, `3x8x8, Conv2d(3, 4, 3), ReLU`; empty for other texts."""
    first, *rest = at_top(text, ",")
    if not rest or not all(entries.knows(part.split("(")[0].strip()) for part in rest):
        return ""
    return f"join them with arrows: {' -> '.join(part.strip() for part in (first, *rest))}"


def _labelled(part: str) -> tuple[str, str]:
    """`conv1: Conv2d(...)` -> ("conv1", "Conv2d(...)")."""
    head, colon, rest = part.partition(":")
    if colon and head.strip() and "(" not in head and "[" not in head and rest.strip():
        return head.strip(), rest.strip()
    return "", part


def _sizes(text: str) -> list[int] | None:
    """The numbers of a shape: `16x32x32`, `[16, 32, 32]`, `10`; None for anything else."""
    if text[0] not in "[(0123456789":
        return None
    try:
        sizes = parse_shape(text, None)
    except Fault:
        return None
    return sizes if all(type(size) is int for size in sizes) else None


def _is_layer(entries: EntryReader, text: str) -> bool:
    head = text.split("(", 1)[0].strip()
    if not head or entries.knows(head) or is_exam(text):
        return bool(head)
    if layers.fold(text) in CALLED:  # a layer under a name that it has not: said so, and no free dimension
        return True
    return head.isidentifier() and text.endswith(")") and head not in FUNCTIONS
