"""What is kept inside of a layer of several steps, by a word of its `saves`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape, prod

if TYPE_CHECKING:
    from cnncalc.core.rules import Rules
    from cnncalc.layers.latent_attention import LatentAttention
    from cnncalc.layers.layer_norm import GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm
    from cnncalc.layers.mixture import GatedFeedForward, MixtureOfExperts
    from cnncalc.layers.norm import InstanceNorm
    from cnncalc.layers.recurrent import SequenceLayer
    from cnncalc.layers.recurrent_cell import Cell
    from cnncalc.layers.transformer import Block

SINGLE = 32  # bits of a float32
# How many, and what: a number, a truth value ("mask"), a float32 ("single") or a place ("position").
Step = tuple[Number, str]


def _powers(layer: Layer, xs: tuple[Shape, ...], y: Shape, bits: int) -> Iterator[Step]:
    """The powers, and four arrays of the output's size."""
    yield prod(xs[0][1:]) + 4 * prod(y[1:]), ""


def _root_mean_square(layer: RMSNorm, xs: tuple[Shape, ...], y: Shape, bits: int) -> Iterator[Step]:
    """Of fewer bits than float32 it is computed in float32."""
    made, rows = prod(y[1:]), prod(y[1:-1])
    if bits < SINGLE:
        yield 2 * made + rows, "single"
    else:
        yield rows + (made if layer.elementwise_affine else 0), ""


def _latent(layer: LatentAttention, xs: tuple[Shape, ...], y: Shape, bits: int) -> Iterator[Step]:
    """Of latent attention what stands before the scores: each latent, and what its norm keeps and gives."""
    for name, _, given in layer.matrices(xs[0]):
        if not name.endswith("layernorm"):
            continue
        yield prod(given[1:]), ""
        if bits >= SINGLE:  # its input, which for keys and values is a part of what a matrix gives
            more = layer.qk_rope_head_dim if name == "kv_a_layernorm" else 0
            yield prod(given[1:-1]) * (given[-1] + more), ""
        yield from _root_mean_square(layer.latent_norm, (given,), given, bits)


# What a word in `saves` means beside inputs and output, of numbers that are as many as the output's shape says.
OF_OUTPUT: dict[str, Callable[[Any, tuple[Shape, ...], Shape, int], Iterable[Step]]] = {
    "positions": lambda layer, xs, y, bits: [(prod(y[1:]), "position")],
    "noise": lambda layer, xs, y, bits: [(prod(y[1:]), "")],
    "mask": lambda layer, xs, y, bits: [(prod(y[1:]), "mask")],
    "channel-mask": lambda layer, xs, y, bits: [(y[1], "")],
    "feature-mask": lambda layer, xs, y, bits: [(y[-1], "")],
    "sample-mask": lambda layer, xs, y, bits: [(1, "")],
    "powers": _powers,
    "root-mean-square": _root_mean_square,
    "latent": _latent,
}


def steps(layer: Rules, xs: tuple[Shape, ...], flash: bool = False) -> Iterator[Step]:
    """What a layer of several steps keeps besides its input and output."""
    for word in layer.saves.split():
        rule = INSIDE.get(word)
        if rule is not None:
            yield from rule(layer, xs, flash)


def _gates(layer: SequenceLayer, xs: tuple[Shape, ...], flash: bool) -> Iterator[Step]:
    """Gates of each step, and the outputs of the layers below the last."""
    length = xs[0][1]
    units = layer.num_layers * layer.directions * length
    yield units * layer.hidden_size * layer.kept_steps, ""
    yield (units - layer.directions * length) * layer.state_size, ""


def _step_gates(layer: Cell, xs: tuple[Shape, ...], flash: bool) -> Iterator[Step]:
    yield layer.hidden_size * layer.kept_steps, ""


def _scores(layer: Layer, xs: tuple[Shape, ...], flash: bool) -> Iterator[Step]:
    options = layer.__dict__
    return attention(layer, xs, bool(options.get("dropout") or options.get("dropout_p")), flash)


def _hidden(layer: GatedFeedForward, xs: tuple[Shape, ...], flash: bool) -> Iterator[Step]:
    """The gate, its activation, the other factor, and their product."""
    yield 4 * prod(xs[0][:-1]) * layer.hidden_features, ""


def _parts(layer: Layer, xs: tuple[Shape, ...], flash: bool) -> Iterator[Step]:
    for index, (name, part, given) in enumerate(layer.parts(*xs)):
        if index > 0:  # the input of the first is the layer's own
            yield prod(given[-1] if name == "decoder" else given[0]), ""
        yield from steps(part, given, flash)


def _rows(layer: LayerNorm, xs: tuple[Shape, ...], flash: bool) -> Iterator[Step]:
    """Mean and deviation of all that is normalised together."""
    yield 2 * prod(xs[0][: len(xs[0]) - len(layer.trailing(xs[0]))]), ""


def _row_steps(layer: LayerNorm, xs: tuple[Shape, ...], flash: bool) -> Iterator[Step]:
    """In float32: x less its mean, twice; one over the deviation; what weights multiply."""
    x = xs[0]
    yield prod(x[1:]) * (3 if layer.elementwise_affine else 2), "single"
    yield prod(x[1 : len(x) - len(layer.trailing(x))]), "single"


def _instances(layer: InstanceNorm, xs: tuple[Shape, ...], flash: bool) -> Iterator[Step]:
    """Mean and deviation, and the factors once for each sample."""
    yield (3 if layer.affine else 2) * xs[0][1], ""


def _groups(layer: GroupNorm, xs: tuple[Shape, ...], flash: bool) -> Iterator[Step]:
    yield 2 * layer.num_groups, ""


def _neighbours(layer: LocalResponseNorm, xs: tuple[Shape, ...], flash: bool) -> Iterator[Step]:
    """Squares with channels beside them, and two arrays of sums."""
    x = xs[0]
    yield (x[1] + layer.size - 1) * prod(x[2:]) + 2 * prod(x[1:]), ""


def _block(layer: Block, xs: tuple[Shape, ...], flash: bool) -> Iterator[Step]:
    """A transformer layer: what stands between its parts and inside them, and the masks of its dropouts."""
    drops = layer.dropout > 0
    for index, (name, part, given) in enumerate(layer.parts(*xs)):
        size = prod(given[0])
        if index > 0:
            yield size, ""
        if name == "linear2":
            # A ReLU keeps what it gave, which without dropout is the input of linear2; a GELU what it got.
            if layer.activation == "gelu" or drops:
                yield size, ""
            if drops:
                yield size, "mask"
                yield prod(xs[0]), "mask"
        if "Attention" in name or name.endswith("_attn"):
            yield from attention(part, given, drops, flash)
            if drops:
                yield prod(xs[0]), "mask"
        else:
            yield from steps(part, given, flash)


def attention(layer: Any, xs: tuple[Shape, ...], dropout: bool, flash: bool) -> Iterator[Step]:
    """Query, key and value, the softmax' output for every pair and head, and what comes out before the projection.

    With dropout also its mask and what it left; a flash kernel keeps one number for each head and position instead.
    """
    query, key = xs[0], xs[min(1, len(xs) - 1)]
    if layer.has("sizes"):
        d_query, d_key, d_value, d_out = layer.sizes(xs)
        heads, rows = layer.num_heads, query[1]
    elif layer.has("num_heads"):
        d_query = d_key = d_value = d_out = query[-1]
        heads, rows = layer.num_heads, query[1]
    else:  # query, key and value are inputs: only the pairs are its own, and with flash the output
        heads, rows, d_query, d_key, d_value, d_out = prod(query[1:-2]), query[-2], 0, 0, 0, 0
    if flash:
        yield heads * rows, "single"
    else:
        sinks = int(getattr(layer, "sinks", False))
        pairs = heads * rows * ((key[-2] if d_out == 0 else key[1]) + sinks)
        yield pairs, ""
        if sinks:  # where the largest score stands
            yield heads * rows, "position"
        if getattr(layer, "softcap", None) is not None:  # the tanh of each score
            yield pairs, ""
        if getattr(layer, "code", "") == "bounded":  # the scores before
            yield pairs, ""
        if dropout:
            yield pairs, "mask"
            yield pairs, ""
    if d_out == 0:
        if not flash and getattr(layer, "enable_gqa", False) and 1 < xs[1][-3] < query[-3]:  # repeated, as above
            more = (query[-3] - key[-3]) * key[-2]
            yield more * (key[-1] + xs[2][-1]), ""
        return
    yield rows * d_query, ""
    few = getattr(layer, "num_kv_heads", None)
    if not flash and few is not None and few != 1:  # repeated for the heads that share them; a single one is broadcast
        yield key[1] * (d_query + d_out), ""
    else:
        yield key[1] * (d_key + d_value), ""
    if getattr(layer, "out_proj", True):  # without a projection it is the layer's output
        yield rows * d_out, ""
    norm = getattr(layer, "norm", None)
    if (
        getattr(layer, "code", "") == "joint"
        and layer.turn is not None
        and norm is None
        and few in (None, layer.num_heads)
    ):
        yield rows * d_query + key[1] * d_key, ""  # beside the rotated ones the whole product, whose values are a view
    if norm is not None:
        yield from _head_norms(norm, rows * d_query, key[1] * d_key, layer.each(xs))


def _head_norms(norm: LayerNorm | RMSNorm, queries: Number, keys: Number, each: Number) -> Iterator[Step]:
    """What norms of each head's query and key keep: their input, the normalised numbers, one or two numbers per row."""
    squares = "root-mean-square" in norm.saves
    for count in (queries, keys):
        yield count, ""
        yield count // each * (1 if squares else 2), ""
        if norm.elementwise_affine and squares:
            yield count, ""


def _experts(layer: MixtureOfExperts, xs: tuple[Shape, ...], flash: bool) -> Iterator[Step]:
    """The router's probabilities, the chosen ones and their sum; of each position and expert, multiplied in groups, the
    input, the hidden numbers, the output, its weight, and its place: as chosen, sorted, in the input, and back."""
    x = xs[0]
    rows, size, hidden = prod(x[:-1]), x[-1], layer.hidden_features
    chosen = rows * layer.top_k
    arrays = (7 if layer.activation == "clamped_swish" else 4) if layer.gated else 2
    yield rows * layer.num_experts, ""
    if layer.normalize:
        yield chosen + rows, ""
    yield chosen * (arrays * hidden + 2 * size + 1), ""
    yield chosen * (5 if layer.bias else 4), "position"
    yield rows * layer.shared_experts * arrays * hidden, ""


# What a word in `saves` means that says what is kept inside of a layer.
INSIDE: dict[str, Callable[[Any, tuple[Shape, ...], bool], Iterator[Step]]] = {
    "gates": _gates,
    "step-gates": _step_gates,
    "scores": _scores,
    "hidden": _hidden,
    "experts": _experts,
    "block": _block,
    "parts": _parts,
    "row-statistics": _rows,
    "row-steps": _row_steps,
    "instance-statistics": _instances,
    "group-statistics": _groups,
    "neighbours": _neighbours,
}
# All words of `saves`.
WORDS = {*OF_OUTPUT, *INSIDE, "input", "output", "weights", "batch-statistics", "invertible", "angles", "nothing"}
