"""Which layers read keys and values of which positions: attention layers, and attention written as matrix products."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape, is_one, is_zero, prod
from cnncalc.core.rules import Attended
from cnncalc.network.graph import Ref
from cnncalc.network.report import Report
from cnncalc.network.row import Row

# How far back a softmax is looked for its scores.
FAR = 12


class Read(NamedTuple):
    """One attention: queries made from `query`, keys and values from `memory`.

    `numbers` are those of all keys and values, `length` the positions of the memory; `causal` is None where a mask may
    or may not make it so, and `why` says what is not known.
    """

    query: Ref
    memory: Ref
    numbers: Number
    length: Number
    causal: bool | None
    window: Number | None = None
    why: str = ""
    queries: Number = 1
    # Multiply-accumulates for a pair of positions, and of the projections for one that asks and one that is read.
    pair: Number = 0
    ask: Number = 0
    tell: Number = 0
    # Where it is written out as products: the row that makes the scores.
    product: Row | None = None
    # The rows that make keys and values of a narrower latent, which alone is stored.
    expand: tuple[Row, ...] = ()


def reads(report: Report) -> dict[int, list[Read]]:
    """The attention of each row that has any, by the row's number."""
    found: dict[int, list[Read]] = {}
    for index, row in enumerate(report.rows):
        kind = type(row.layer)
        if kind.attended is not Layer.attended:
            mine = list(_of(report, row))
        else:
            mine = list(_by_hand(report, row)) if row.type == "MatMul" else []
        if mine:
            found[index] = mine
    return found


def moves(layer: Layer) -> bool:
    """Whether a layer only moves or repeats numbers: what is behind it need not be stored twice."""
    return layer.view or layer.repeats


def again(report: Report, row: Row, layer: Layer, xs: tuple[Shape, ...]) -> Iterator[Read]:
    """The attention of a row with its layer and its inputs in numbers with a symbolic trace."""
    for read, found in zip(_of(report, row), layer.attended(*xs), strict=True):
        yield read._replace(numbers=found.numbers, length=found.length, window=found.window)


def _of(report: Report, row: Row) -> Iterator[Read]:
    refs = row.node.inputs
    for found in row.layer.attended(*row.facts.inputs):
        causal, why = _masked(report, row, found)
        read = Read(refs[found.query], refs[found.memory], found.numbers, found.length, causal, found.window, why)
        read = read._replace(queries=found.queries, pair=found.pair, ask=found.ask, tell=found.tell)
        if is_zero(found.heads) and len(refs) > 2:  # keys and values are inputs
            read = read._replace(numbers=_stored(report, refs[1]) + _stored(report, refs[2]))
            read = narrowed(report, read, refs[2])
        yield read


def _masked(report: Report, row: Row, found: Attended) -> tuple[bool | None, str]:
    """Whether it is causal; not known where a mask has a row for each query and may be minus infinity."""
    if found.causal is None:
        return None, f"whether {row.name} masks later positions is not said; is_causal=True says that it does"
    if found.causal:
        return True, ""
    for at in found.masks:
        ref, shape = row.node.inputs[at], row.facts.inputs[at]
        if _made(report, ref, "CausalMask"):
            return True, ""
        pairs = len(shape) >= 3 and not is_one(shape[-2])
        if pairs and not _finite(report, ref):
            return None, f"{row.name} takes a mask of pairs, which may hide later positions or not"
    return False, ""


def _behind(report: Report, ref: Ref) -> Row | None:
    """The row that makes a value; None for an input."""
    number = ref[0] if isinstance(ref, tuple) else ref
    number -= len(report.graph.inputs)
    return report.rows[number] if number >= 0 else None


def _made(report: Report, ref: Ref, name: str) -> bool:
    """Whether a value comes from such a layer, at most moved since."""
    row = _behind(report, ref)
    while row is not None and row.node.inputs and moves(row.layer):
        row = _behind(report, row.node.inputs[0])
    return row is not None and row.type == name


def _finite(report: Report, ref: Ref) -> bool:
    """Whether a mask is a trained bias of the scores, which hides nothing."""
    row = _behind(report, ref)
    while row is not None and row.node.inputs and moves(row.layer):
        row = _behind(report, row.node.inputs[0])
    return row is not None and (bool(row.facts.weights) or row.owner is not None)


def _stored(report: Report, ref: Ref) -> Number:
    """Numbers of one sample that must be stored to have a value again: fewer where it was repeated."""
    least = prod(report.shape_of(ref)[1:])
    row = _behind(report, ref)
    while row is not None and row.node.inputs and moves(row.layer):
        ref = row.node.inputs[0]
        numbers = prod(report.shape_of(ref)[1:])
        if type(numbers) is int and type(least) is int:
            least = min(least, numbers)
        row = _behind(report, ref)
    return least


# --- latent attention --------------------------------------------------------------------------------------------

# The `receptive` of what works on each position alone, so that keys and values can be made again from what was before.
ALONE = ("last", "trailing", "features", "concat")


def narrowed(report: Report, read: Read, value: Ref) -> Read:
    """A causal attention of which a narrow latent is stored, and not the keys and values that are made from it.

    It is so where keys and values come from a product of its own, smaller than they are, that the query does not use.
    """
    if read.causal is not True:
        return read
    between: list[Row] = []
    latent = _sources(report, read.memory, between) | _sources(report, value, between)
    if latent & _sources(report, read.query, []):
        return read
    numbers: Number = sum(prod(report.shape_of(ref)[1:]) for ref in latent)
    if type(numbers) is not int or type(read.numbers) is not int or numbers >= read.numbers:
        return read
    rows = tuple({id(row): row for row in between}.values())
    return read._replace(numbers=numbers, expand=rows)


def _sources(report: Report, ref: Ref, between: list[Row]) -> set[Ref]:
    """The products behind a value whose own input is no product; those that stand between are noted."""
    found: set[Ref] = set()
    waiting = [(ref, FAR)]
    while waiting:
        ref, far = waiting.pop()
        row = _behind(report, ref)
        if row is None or far == 0 or not _alone(row):
            found.add(ref)
            continue
        product = row.layer.parallel == "matrix"
        if product and not _product_before(report, row.node.inputs[0]):
            found.add(ref)
            continue
        between.extend([row] if product else [])
        waiting.extend((given, far - 1) for given in row.node.inputs)
    return found


def _alone(row: Row) -> bool:
    """Whether a layer works on each position alone."""
    layer = row.layer
    plain = layer.parallel == "matrix" or not row.facts.ledger
    return bool(row.node.inputs) and (moves(layer) or (plain and layer.receptive in ALONE))


def _product_before(report: Report, ref: Ref) -> bool:
    """Whether a value comes from a product through layers that work on each position alone."""
    for _ in range(FAR):
        row = _behind(report, ref)
        if row is None or not _alone(row):
            return False
        if row.layer.parallel == "matrix":
            return True
        ref = row.node.inputs[0]
    return False


# --- products by hand ----------------------------------------------------------------------------------------------


def _by_hand(report: Report, row: Row) -> Iterator[Read]:
    """softmax(Q K^T) V written out: a product whose first factor is a softmax of a product."""
    if len(row.node.inputs) != 2 or row.facts.weights:
        return
    found = _scores(report, row.node.inputs[0], False, FAR)
    if found is None:
        return
    product, causal, why = found
    query, key = product.node.inputs
    value = row.node.inputs[1]
    length = report.shape_of(value)[-2]
    numbers = _stored(report, key) + _stored(report, value)
    taken, mixed = product.facts.inputs[0], row.facts.inputs[1]
    heads = prod(row.facts.shape[1:-2])
    pair = heads * (taken[-1] + mixed[-1])
    why = why and f"{row.name}: {why}"
    read = Read(query, key, numbers, length, causal, None, why, taken[-2], pair, product=product)
    yield narrowed(report, read, value)


def _scores(report: Report, ref: Ref, soft: bool, far: int) -> tuple[Row, bool | None, str] | None:
    """The product of queries and keys behind attention weights, and whether a mask stands between."""
    row = _behind(report, ref)
    if row is None or far == 0:
        return None
    kind = row.type
    if kind == "MatMul" and soft:
        return (row, False, "") if len(row.node.inputs) == 2 else None
    soft = soft or kind == "Softmax"
    if kind == "CausalMask":
        found = _scores(report, row.node.inputs[0], soft, far - 1)
        return found and (found[0], True, "")
    if moves(row.layer) or (len(row.node.inputs) == 1 and row.layer.elementwise):
        return _scores(report, row.node.inputs[0], soft, far - 1)
    if soft and kind in ("Add", "Subtract") and len(row.node.inputs) == 2:
        for own, other in (row.node.inputs, row.node.inputs[::-1]):
            found = _scores(report, own, soft, far - 1)
            if found is not None:
                if found[1] or _finite(report, other):
                    return found
                if _made(report, other, "CausalMask"):
                    return found[0], True, ""
                shape = report.shape_of(other)
                if len(shape) < 3 or is_one(shape[-2]):
                    return found
                return found[0], None, "a mask of pairs is added to its scores, which may hide later positions or not"
    if soft and kind in ("Multiply", "Divide"):
        return _scores(report, row.node.inputs[0], soft, far - 1)
    return None
