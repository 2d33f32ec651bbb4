"""`cnncalc run`: arrays of an executed network, and which of them were given and which drawn."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.core.problem import fail
from cnncalc.document import Column, Document, Heading, Note, Part, Picture, Table
from cnncalc.render import array as numbers

if TYPE_CHECKING:
    from cnncalc.execute.equivariance import Equivariance
    from cnncalc.execute.kernel import Array


# More names than this are counted, not listed.
MOST = 8
# Arrays whose last axis counts positions too: the weights of an attention.
PAIRS = ("scores", "attention")
PAIR_LAYERS = ("Softmax", "MatMul", "Scale")


class Shown(NamedTuple):
    """One array or number: its name, nested lists, the type of the layer that gives it; where the lists are only its
    edges, the array itself."""

    name: str
    value: Any
    kind: str = ""
    whole: Array | None = None


class Origin(NamedTuple):
    """Which inputs and weights were given, which are neutral, which drawn, and from what seed."""

    given: list[str]
    neutral: list[str]
    drawn: list[str]
    seed: int


def page(
    name: str,
    shown: Sequence[Shown],
    origin: Origin,
    *,
    precision: int | None = None,
    full: bool = False,
    labels: tuple[list[str], list[str]] | None = None,
    moved: Equivariance | None = None,
    notes: Sequence[str] = (),
) -> Document:
    """The arrays one under the other; `labels` (of rows and columns) make tables of matrices."""
    document = Document([Heading(name)])
    used = False
    for item in shown:
        parts = _labelled(item, labels, precision) if labels is not None else []
        used = used or bool(parts)
        document.add(*(parts or [_array(item, precision, full)]))
    if labels is not None and not used:
        sizes = ", ".join(f"{item.name} {numbers.one_line(numbers.shape(item.value))}" for item in shown)
        fail("option-value", f"no array has {len(labels[0])} rows for as many labels: {sizes}")
    if moved is not None:
        document.add(*_moved(moved))
    origins = ["; ".join(said(origin))] if any(origin[:3]) else []
    document.add(*[Note(text) for text in (*origins, *notes)])
    return document


def table(shown: Sequence[Shown], precision: int | None = None) -> Document:
    """A line for each array, for formats that hold one table."""
    rows = [[item.name, numbers.one_line(numbers.shape(item.value)), _cell(item.value, precision)] for item in shown]
    return Document([Table([Column("array", "name"), Column("shape"), Column("value", "value")], rows)])


def _cell(value: object, precision: int | None) -> object:
    return value if precision is None else numbers.one_line(value, precision)


def moved_data(moved: Equivariance) -> dict[str, object]:
    """What the JSON document says of a shift or a permutation."""
    return {
        moved.what: list(moved.move),
        "output": None if moved.follows is None else list(moved.follows),
        "equal": moved.ok,
        "compared": int(moved.compared.sum()),
        "differ": int(moved.differs.sum()),
        "largest": moved.largest,
    }


def _array(item: Shown, precision: int | None, full: bool) -> Picture:
    value = item.value
    if not isinstance(value, list):
        return Picture(f"{item.name} = {numbers.text(value, precision)}")
    sizes = (numbers.shape(value) if item.whole is None else list(item.whole.shape)) or []
    count = prod(sizes)
    cut = count > numbers.MOST and not full
    title = f"{item.name} {numbers.one_line(sizes)}"
    if cut:
        title += f", {count:,} numbers; --full prints all"
    while len(sizes) > 2 and sizes[0] == 1:  # planes that stand alone need no brackets of their own
        value, sizes = value[0], sizes[1:]
    return Picture(f"{title}\n{numbers.array(value, precision, numbers.DECIMALS, edge=cut)}")


def _labelled(item: Shown, labels: tuple[list[str], list[str]] | None, precision: int | None) -> list[Part]:
    """Tables of the matrices of an array whose rows the labels fit; none where they do not."""
    assert labels is not None
    rows, columns = labels
    planes = [(item.name, item.value)]
    sizes = numbers.shape(item.value) or []
    while len(sizes) > 2:
        several = sizes[0] > 1
        planes = [
            (f"{name}[{at}]" if several else name, part) for name, value in planes for at, part in enumerate(value)
        ]
        sizes = sizes[1:]
    if not sizes or sizes[0] != len(rows):
        return []
    if len(sizes) == 1:
        planes = [(name, [[number] for number in value]) for name, value in planes]
        heads = [""]
    else:
        pairs = item.name.rpartition(".")[2] in PAIRS or item.kind in PAIR_LAYERS
        fits = len(columns) == sizes[1] and (pairs or columns is not rows)
        heads = columns if fits else [str(at) for at in range(sizes[1])]
    parts: list[Part] = []
    for name, value in planes:
        write = numbers.writer(value, precision, numbers.DECIMALS)
        cells = [[label, *map(write, row)] for label, row in zip(rows, value, strict=True)]
        parts += [Heading(name, 2), Table([Column("", "name"), *(Column(head, "number") for head in heads)], cells)]
    return parts


def said(origin: Origin) -> list[str]:
    """Where the numbers come from, in words."""
    texts = []
    if origin.given:
        texts.append(f"given: {_some(origin.given)}")
    neutral = [name for name in origin.neutral if not name.endswith("num_batches_tracked")]
    if neutral:
        texts.append(f"neutral (biases and means 0, factors and variances 1): {_some(neutral)}")
    if origin.drawn:
        texts.append(f"random, from seed {origin.seed}: {_some(origin.drawn)}")
    return texts


def _some(names: list[str]) -> str:
    if len(names) <= MOST:
        return ", ".join(names)
    return f"{', '.join(names[: MOST - 1])} and {len(names) - MOST + 1} more"


def _moved(moved: Equivariance) -> list[Part]:
    """In words, and a map of the output where it has two axes."""
    steps = ", ".join(map(str, moved.move))
    done = f"input shifted by {steps}" if moved.what == "shift" else f"positions of the input in the order {steps}"
    verb = "stay as it was"
    if moved.follows is not None:
        verb = "follow" if moved.what == "permute" else f"shift by {', '.join(map(str, moved.follows))}"
    parts: list[Part] = []
    if not moved.ok:
        text = f"{done}: the output does not {verb}, largest difference {numbers.rounded(moved.largest, 4)}"
        parts.append(Note(text, "bad"))
    elif not moved.differs.any():
        first, _, rest = verb.partition(" ")
        parts.append(Note(f"{done}: the output {first}s {rest}".rstrip(), "good"))
    else:
        first, _, rest = verb.partition(" ")
        parts.append(Note(f"{done}: inside, the output {first}s {rest}; at the border it differs", "good"))
    if moved.follows is not None:
        differ, compared = int(moved.differs.sum()), int(moved.compared.sum())
        parts.append(Note(f"{compared - differ} of {compared} positions are equal"))
        if moved.differs.ndim == 2 and moved.differs.any() and max(moved.differs.shape) <= 64:
            signs = [
                "".join("#" if bad else "." if there else " " for bad, there in zip(*rows, strict=True))
                for rows in zip(moved.differs, moved.compared, strict=True)
            ]
            parts.append(Picture("\n".join(signs)))
            parts.append(Note(". equal   # differs   blank: came from outside"))
    return parts
