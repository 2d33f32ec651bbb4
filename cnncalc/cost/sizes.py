"""Names for memory, tokens and training: `total.weight_bytes`, `encoder.kv_cache_elements`, `total.decode_flops`.

Elements, parameters and FLOPs are those of one sample, bytes those of the batch, in the types of the convention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from cnncalc.core.number import Number, Shape, known_equal, prod, smallest
from cnncalc.core.problem import Fault
from cnncalc.core.rules import Rules
from cnncalc.cost.cost import Cost, LayerCost, intensity
from cnncalc.network.row import Row, plain


class Size(NamedTuple):
    """One name: which settings of the convention it depends on, whether layers have it, and what it is in words."""

    settings: tuple[str, ...]
    layers: bool
    text: str


_SPLIT = ("tp", "pp", "dp", "zero", "ep", "accumulate")
_ALL = ("batch", "dtype", "mixed", *_SPLIT)
_SAVED = (*_ALL, "flash", "recompute")
SIZES: dict[str, Size] = {
    "active_params": Size((), True, "parameters used for one token"),
    "weight_bytes": Size(("dtype", "mixed", *_SPLIT), True, "weights"),
    "buffer_bytes": Size(("dtype", "mixed"), True, "buffers"),
    "peak_activation_bytes": Size(_ALL, False, "peak activation memory (inference)"),
    "logits_bytes": Size(_ALL, False, "scores of the next token at every position; generating needs the last ones"),
    "inference_bytes": Size(_ALL, False, "inference: weights, buffers, peak activations, keys and values"),
    "kv_cache_elements": Size(("tp", "pp"), True, "numbers of keys and values that are cached"),
    "kv_cache_bytes": Size(_ALL, True, "keys and values that are cached"),
    "state_elements": Size((), True, "numbers that recurrent layers carry"),
    "state_bytes": Size(_ALL, True, "what recurrent layers carry"),
    "gradient_bytes": Size(("dtype", "mixed", *_SPLIT), True, "gradients"),
    "optimizer_bytes": Size(("dtype", "mixed", "optimizer", *_SPLIT), True, "what the optimizer keeps"),
    "saved_activation_bytes": Size(_SAVED, True, "saved activations"),
    "training_bytes": Size((*_SAVED, "optimizer"), False, "training: weights, gradients, optimizer, activations"),
    "flops_per_token": Size((), True, "forward FLOPs for a token"),
    "decode_flops": Size((), True, "FLOPs of one new token"),
    "bops": Size(("dtype", "mixed"), True, "bit operations: MACs times the bits of weights and of activations"),
    "training_flops": Size(("recompute",), True, "FLOPs of forward and backward"),
}
TRAINED = ("gradient_bytes", "optimizer_bytes", "saved_activation_bytes", "training_bytes")
# What costs of layers are called here.
SUMS = {
    "weight_bytes": "weights",
    "buffer_bytes": "buffers",
    "kv_cache_elements": "cached",
    "kv_cache_bytes": "cache",
    "state_elements": "state",
    "gradient_bytes": "gradients",
    "optimizer_bytes": "optimizer",
    "saved_activation_bytes": "kept",
}


def value(cost: Cost, name: str, rows: list[Row] | None = None) -> Number:
    """One of `SIZES` over some rows, or over the whole network. Raises `Fault` for what is not known or not there."""
    if name in TRAINED and not cost.trains:
        cost.convention.must_train()
    if cost.convention.splits:
        found = _shared(cost, name, rows)
        if found is not None:
            return found
    if rows is None and name in _WHOLE:
        return _WHOLE[name](cost)
    if name == "logits_bytes":
        return logits(cost)
    layers = cost.layers if rows is None else cost.of(rows)
    if name in ("kv_cache_elements", "kv_cache_bytes"):
        _must_know(cost, rows)
    if name in SUMS:
        total: Number = sum(getattr(layer, SUMS[name]) for layer in layers)
        return total
    if name == "state_bytes":
        return sum(cost.convention.bytes(layer.state) for layer in layers) * cost.convention.batch
    if name == "active_params":
        return sum(layer.row.active_params for layer in layers)
    if name == "bops":
        bits = cost.convention.bits
        return sum(layer.macs for layer in layers) * bits["weights"] * bits["activations"]
    flops = sum(layer.flops for layer in layers)
    if name == "training_flops":
        start = len(cost.report.graph.inputs)
        again = sum(layer.flops for layer in layers if cost.again and cost.numbers[id(layer.row)] - start in cost.again)
        return 3 * flops + again
    if name == "flops_per_token":
        return _divided(flops, tokens(cost))
    return 2 * sum(decoded(cost, layer) for layer in layers)


def _shared(cost: Cost, name: str, rows: list[Row] | None) -> Number | None:
    """What one of several devices holds; None for what they do not share."""
    from cnncalc.cost.split import HELD, Split

    if name not in HELD:
        return None
    if name.startswith(("kv_", "inference")):
        _must_know(cost, rows)
    if cost.splitting is None:
        cost.splitting = Split(cost)
    return int(cost.splitting.held(name, rows))


def every(cost: Cost, rows: list[Row] | None = None, names: Iterable[str] = SIZES) -> dict[str, Number | None]:
    """Sizes by name; None for what is not known, or is not there."""
    found: dict[str, Number | None] = {}
    for name in names:
        try:
            found[name] = value(cost, name, rows)
        except Fault:
            found[name] = None
    return found


def _whole(name: str) -> Callable[[Cost], Number]:
    """A sum over the network that has no parts."""

    def found(cost: Cost) -> Number:
        if name == "inference":
            _must_know(cost, None)
        amount = cost.memory()[name]
        if amount is None:
            raise Fault(
                "no-value",
                "the peak activation memory is not known with symbolic dimensions",
                help="--set gives them values",
            )
        return amount

    return found


_WHOLE: dict[str, Callable[[Cost], Number]] = {
    "peak_activation_bytes": _whole("activations_peak"),
    "inference_bytes": _whole("inference"),
    "saved_activation_bytes": _whole("activations_kept"),
    "training_bytes": _whole("training"),
}


def _must_know(cost: Cost, rows: list[Row] | None) -> None:
    """Raise `Fault` where the keys and values of these rows are not known."""
    caches = cost.caches
    whys = caches.unknown
    if rows is not None and caches.missing:
        wanted = {id(row) for row in rows}
        whys = [why for at, why in caches.missing.items() if id(cost.report.rows[at]) in wanted]
    if whys:
        raise Fault("no-value", f"keys and values that are cached are not known: {whys[0]}")


def logits(cost: Cost) -> Number:
    """Bytes of the scores of all positions: what a network that generates gives, where its last axis is the words."""
    report = cost.report
    shape = report.shape_of(report.graph.output)[1:]
    if not cost.caches.generates or not any(known_equal(shape[-1], count) for count in cost.caches.words()):
        return 0
    return cost.convention.bytes(prod(shape)) * cost.convention.batch


def tokens(cost: Cost) -> Number:
    """How many tokens a sample has: those that are generated, else those of the first input of tokens."""
    if cost.caches.generates and cost.caches.length is not None:
        return cost.caches.length
    for given in cost.report.graph.inputs:
        if given.dtype == "int":
            return prod(given.shape)
    for found in cost.caches.reads.values():
        return found[0].queries
    for row in cost.report.rows:
        if row.layer.step_work and len(row.facts.inputs[0]) > 2:
            return row.facts.inputs[0][1]
    raise Fault("no-value", f"{cost.report.name} takes no tokens: there is no token that FLOPs could be for")


def decoded(cost: Cost, layer: LayerCost) -> Number:
    """Multiply-accumulates of a layer for one new token, where keys and values of all the others are cached."""
    caches = cost.caches
    length = caches.length
    if not caches.generates or length is None:
        raise Fault("no-value", f"{cost.report.name} does not generate: no token is decoded alone")
    if caches.unknown:
        _must_know(cost, None)
    number = cost.numbers[id(layer.row)]
    index = number - len(cost.report.graph.inputs)
    if number not in caches.growing or id(layer.row) in cost.scores:
        return 0
    total: Number = 0
    found = caches.reads.get(index, [])
    for read in found:
        if not caches.grows(read.query):
            continue
        grows = caches.grows(read.memory)
        keys = read.length + 1 if read.causal else read.length
        if read.causal and read.window is not None:
            keys = smallest(keys, read.window)
        total = total + read.ask + (read.tell if grows else 0) + read.pair * keys
    if not found:
        row = layer.row
        if row.layer.category == "convolution" and row.layer.axes == 1:
            return row.facts.macs // row.layer.space(row.facts.shape)[0]
        once = _share(row.facts.macs, row.facts.shape, length)
        return once * (length + 1) if id(layer.row) in cost.expands else once
    return total + _between(layer.row.layer, layer.row.facts.inputs)


def _share(macs: Number, shape: Shape, length: Number) -> Number:
    """What one of all positions takes; everything where the output has no positions any more."""
    if any(known_equal(size, length) for size in shape[1:]):
        return macs // length
    return macs


def _between(layer: Rules, xs: tuple[Shape, ...]) -> Number:
    """The products between the attentions of a transformer layer, for one position."""
    total: Number = 0
    for _, part, given in layer.repeated(*xs):
        if part.parallel == "matrix":
            products = part.macs(part.shape(*given), *given)
            total = total + sum(products.values()) // given[0][1]
        else:
            total = total + _between(part, given)
    return total


def _divided(number: Number, by: Number) -> Number:
    """A quotient, whole where it is."""
    if type(number) is int and type(by) is int:
        return number // by if by and number % by == 0 else number / by
    found: Number = number / by
    return found


# Sizes of each layer in the JSON document, besides those that stand there anyway.
ROWS = (
    *("buffer_bytes", "gradient_bytes", "optimizer_bytes", "saved_activation_bytes"),
    *("kv_cache_elements", "state_elements", "active_params"),
)


def document(cost: Cost) -> dict[str, Any]:
    """The JSON document: that of the report, with costs."""
    found: dict[str, Any] = cost.report.to_dict()
    for row, layer in zip(found["layers"], cost.layers, strict=True):
        row["macs"] = plain(layer.macs)
        row["flops"] = plain(layer.flops)
        row["parts"] = {name: plain(amount) for name, amount in layer.parts.items()}
        row["weight_bytes"] = plain(layer.weights)
        row["output_bytes"] = plain(layer.output)
        row["kept_bytes"] = plain(layer.kept)
        row["flops_per_byte"] = intensity(layer.flops, layer.moved, cost.convention.batch)
        if layer.shared:
            row["memory"] = layer.shared
        if not (type(layer.cache) is int and layer.cache == 0):
            row["kv_cache_bytes"] = plain(layer.cache)
        row |= {name: plain(size) for name, size in every(cost, [layer.row], ROWS).items()}
    flops = cost.total("flops")
    found["totals"] |= totals(cost)
    found["totals"]["macs"] = plain(cost.total("macs"))
    found["totals"]["flops"] = plain(flops)
    found["totals"]["flops_per_byte"] = intensity(flops, cost.total("moved"), cost.convention.batch)
    found["parts"] = {name: plain(amount) for name, amount in cost.parts().items()}
    found["memory"] = {name: plain(amount) for name, amount in cost.memory().items()}
    found["convention"] = cost.convention.to_dict()
    if cost.caches.unknown:
        found["not_known"] = {"kv_cache": list(cost.caches.unknown)}
    return found


def totals(cost: Cost) -> dict[str, Any]:
    """The sizes of all layers together, for JSON."""
    return {name: _data(size) for name, size in every(cost).items()}


def _data(size: Number | None) -> object:
    """A size for JSON; FLOPs for a token need not be whole."""
    return size if isinstance(size, float) else plain(size)
