"""Who reads keys and values of which positions: the attention of a network, as layers and as products by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cnncalc.core.number import Number, Shape, is_one, prod
from cnncalc.cost.saved_activations import kinds
from cnncalc.network.graph import Ref
from cnncalc.network.report import Report
from cnncalc.network.row import Row

# What may stand between a product of queries and keys and its softmax, and between that and the values.
BETWEEN = {"Scale", "Dropout", "ALiBi", "Softmax", "SoftmaxKeras"}
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
    stands: dict[type, bool] = {}
    for index, row in enumerate(report.rows):
        kind = type(row.layer)
        if kind not in stands:
            stands[kind] = bool(_family(kind.__mro__)) or kind.__name__ == "MatMul"
        if stands[kind]:
            mine = list(_by_hand(report, row) if kind.__name__ == "MatMul" else _of(report, row))
            if mine:
                found[index] = mine
    return found


def moves(layer: Any) -> bool:
    """Whether a layer only moves or repeats numbers: what is behind it need not be stored twice."""
    return bool(layer.view) or not {"Tile", "RepeatVector"}.isdisjoint(kinds(layer))


def again(report: Report, row: Row, layer: Any, xs: tuple[Shape, ...]) -> Iterator[Read]:
    """The attention of a row with its layer and its inputs in numbers that remember."""
    family = _family(type(layer).__mro__)
    if family == "Composed":
        yield from _composed(report, row, layer, xs, row.node.inputs)
    elif family and family != "ScaledDotProductAttention":
        yield from _layer(report, row, layer, xs, row.node.inputs)
    elif family:
        for read in _of(report, row):
            yield read._replace(numbers=prod(xs[1][1:]) + prod(xs[2][1:]), length=xs[1][-2])


def _family(bases: Any) -> str:
    names = [base.__name__ for base in bases]
    for name in ("Composed", "Projected", "MultiheadAttention", "ScaledDotProductAttention", "Attention"):
        if name in names:
            return name
    return ""


def _of(report: Report, row: Row) -> Iterator[Read]:
    layer: Any = row.layer
    xs, refs = row.facts.inputs, row.node.inputs
    family = _family(type(layer).__mro__)
    if family == "ScaledDotProductAttention":
        causal, why = _masked(report, row, layer.is_causal, tuple(zip(refs[3:], xs[3:], strict=True)))
        numbers = _stored(report, refs[1]) + _stored(report, refs[2])
        pair = prod(row.facts.shape[1:-2]) * (xs[0][-1] + xs[2][-1])
        read = Read(refs[0], refs[1], numbers, xs[1][-2], causal, None, why, xs[0][-2], pair)
        yield narrowed(report, read, refs[2])
    elif family == "Composed":
        yield from _composed(report, row, layer, xs, refs)
    else:
        yield from _layer(report, row, layer, xs, refs)


def _layer(report: Report, row: Row, layer: Any, xs: tuple[Shape, ...], refs: tuple[Ref, ...]) -> Iterator[Read]:
    """One layer of attention with what it takes."""
    at = min(1, len(xs) - 1)
    query, key, value = xs[0], xs[at], xs[min(2, len(xs) - 1)]
    causal: bool | None
    if "KerasLayer" in kinds(layer):
        value, key = key, xs[2] if len(xs) > 2 else key
        length, causal = prod(key[1:-1]), bool(layer.use_causal_mask)
        ask: Number = 0
        tell: Number = 0
        if layer.has("heads"):
            (many, few), (d_key, d_value) = layer.heads(), layer.each()
            numbers, pair = length * few * (d_key + d_value), many * (d_key + d_value)
            ask = many * (query[-1] * d_key + d_value * prod(layer.made(query)))
            tell = few * (key[-1] * d_key + value[-1] * d_value)
        else:
            numbers, pair = prod(key[1:]) + (prod(value[1:]) if len(xs) > 2 else 0), key[-1] + value[-1]
        yield Read(refs[0], refs[at], numbers, length, causal, None, "", prod(query[1:-1]), pair, ask, tell)
    elif layer.has("sizes"):
        d_query, d_key, d_value, d_out = layer.sizes(xs)
        causal = bool(layer.causal)
        window = layer.window if causal else None
        numbers = key[1] * (d_key + d_value)
        if layer.cache_repeated and layer.num_kv_heads is not None:
            numbers = numbers // layer.num_kv_heads * layer.num_heads
        ask = query[-1] * d_query + (d_out * query[-1] if layer.out_proj else 0)
        tell = key[-1] * d_key + value[-1] * d_value
        yield Read(refs[0], refs[at], numbers, key[1], causal, window, "", query[1], d_query + d_out, ask, tell)
    else:
        size = query[-1]
        causal, why = _masked(report, row, layer.is_causal, tuple(zip(refs[3:], xs[3:], strict=False)))
        ask, tell = 2 * size * size, size * (key[-1] + value[-1])
        yield Read(refs[0], refs[at], 2 * key[1] * size, key[1], causal, None, why, query[1], 2 * size, ask, tell)


def _composed(report: Report, row: Row, layer: Any, xs: tuple[Shape, ...], refs: tuple[Ref, ...]) -> Iterator[Read]:
    """A transformer layer or a stack of them: self-attention, and a decoder's attention to its memory."""
    names = kinds(layer)
    if "Transformer" in names:
        yield from _composed(report, row, layer.encoder, xs[:1], refs[:1])
        yield from _composed(report, row, layer.decoder, (xs[1], xs[0]), (refs[1], refs[0]))
        return
    if "Stacked" in names:
        for _ in range(layer.num_layers):
            yield from _composed(report, row, layer.each, xs, refs)
        return
    length, size = xs[0][1], xs[0][2]
    square = 2 * size * size
    decodes = "TransformerDecoderLayer" in names
    masks = () if decodes else tuple(zip(refs[1:], xs[1:], strict=False))
    causal, why = _masked(report, row, layer.is_causal, masks)
    if decodes and not causal:
        causal, why = None, f"whether {row.name} masks later positions is not said; is_causal=True says that it does"
    yield Read(refs[0], refs[0], 2 * length * size, length, causal, None, why, length, 2 * size, square, square)
    if decodes:
        many = xs[1][1]
        yield Read(refs[0], refs[1], 2 * many * size, many, False, None, "", length, 2 * size, square, square)


def _masked(report: Report, row: Row, causal: bool, masks: tuple[tuple[Ref, Shape], ...]) -> tuple[bool | None, str]:
    """Whether it is causal; not known where a mask has a row for each query and may be minus infinity."""
    if causal:
        return True, ""
    for ref, shape in masks:
        if _made(report, ref, ("CausalMask",)):
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


def _made(report: Report, ref: Ref, names: tuple[str, ...]) -> bool:
    """Whether a value comes from one of these layers, at most moved since."""
    row = _behind(report, ref)
    while row is not None and row.node.inputs and moves(row.layer):
        row = _behind(report, row.node.inputs[0])
    return row is not None and not set(names).isdisjoint(kinds(row.layer))


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

# What works on each position alone, so that keys and values can be made again from what was before it.
ALONE = {"Linear", "TrailingNorm", "RMSNorm", "Slice", "Concat", "RotaryEmbedding"}


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
    numbers: Number = 0
    for ref in latent:
        numbers = numbers + prod(report.shape_of(ref)[1:])
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
        product = "Linear" in kinds(row.layer)
        if product and not _product_before(report, row.node.inputs[0]):
            found.add(ref)
            continue
        between.extend([row] if product else [])
        waiting.extend((given, far - 1) for given in row.node.inputs)
    return found


def _alone(row: Row) -> bool:
    """Whether a layer works on each position alone."""
    return bool(row.node.inputs) and (moves(row.layer) or not ALONE.isdisjoint(kinds(row.layer)))


def _product_before(report: Report, ref: Ref) -> bool:
    """Whether a value comes from a product through layers that work on each position alone."""
    for _ in range(FAR):
        row = _behind(report, ref)
        if row is None or not _alone(row):
            return False
        if "Linear" in kinds(row.layer):
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
    names = kinds(row.layer)
    if "MatMul" in names and soft:
        return (row, False, "") if len(row.node.inputs) == 2 else None
    soft = soft or "Softmax" in names
    if "CausalMask" in names:
        found = _scores(report, row.node.inputs[0], soft, far - 1)
        return found and (found[0], True, "")
    if moves(row.layer) or not BETWEEN.isdisjoint(names) or (len(row.node.inputs) == 1 and row.layer.elementwise):
        return _scores(report, row.node.inputs[0], soft, far - 1)
    if soft and {"Add", "Subtract"} & set(names) and len(row.node.inputs) == 2:
        for own, other in (row.node.inputs, row.node.inputs[::-1]):
            found = _scores(report, own, soft, far - 1)
            if found is not None:
                if found[1] or _finite(report, other):
                    return found
                if _made(report, other, ("CausalMask",)):
                    return found[0], True, ""
                shape = report.shape_of(other)
                if len(shape) < 3 or is_one(shape[-2]):
                    return found
                return found[0], None, "a mask of pairs is added to its scores, which may hide later positions or not"
    if soft and {"Multiply", "Divide"} & set(names):
        return _scores(report, row.node.inputs[0], soft, far - 1)
    return None
