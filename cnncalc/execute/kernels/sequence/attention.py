"""Attention: softmax(query key^T * scale + mask) value, in PyTorch's layers and in the textbook's."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from cnncalc.execute.engine import threads
from cnncalc.execute.gradient.custom_gradient import custom_vjp, record
from cnncalc.execute.kernel import Array, Weights, kernel
from cnncalc.execute.kernels.activation import softmax
from cnncalc.execute.kernels.linear import affine
from cnncalc.execute.kernels.norm import layer_norm, rms_norm
from cnncalc.execute.kernels.sequence.masks import causal, forbidden
from cnncalc.execute.kernels.sequence.position import distances, rotated

if TYPE_CHECKING:
    from cnncalc.layers.attention import Attention
    from cnncalc.layers.dot_product import ScaledDotProductAttention
    from cnncalc.layers.latent_attention import LatentAttention
    from cnncalc.layers.multihead import MultiheadAttention

# Bytes of scores that are worked on at once, and of those of a head that are worth it.
BLOCK, SMALL = 1 << 19, 1 << 16


class Attended(NamedTuple):
    """The mixed values, the scaled scores before the mask, and the weights."""

    output: Array
    scores: Array
    attention: Array


@custom_vjp
def attend(
    query: Array,
    key: Array,
    value: Array,
    scale: float,
    masks: tuple[Array, ...] = (),
    weights: Weights | None = None,
    cap: float | None = None,
) -> Attended:
    """From query [..., L, d], key [..., S, d] and value [..., S, e]; masks are added to the scores [..., L, S].

    With a cap the scores are cap * tanh(scores / cap).
    """
    query = query * query.dtype.type(scale)
    lead, length, memory = query.shape[:-2], query.shape[-2], key.shape[-2]
    together = key.shape[:-2] == value.shape[:-2] == lead
    masks = tuple(np.broadcast_to(mask, (*lead, length, memory)) for mask in masks)
    if together and length * memory * query.itemsize > SMALL:
        return _by_rows(query, key, value, masks, cap)
    scores = capped(query @ key.swapaxes(-1, -2), cap)
    mixed = np.empty_like(scores)
    part = scores
    for mask in masks:
        part = part + mask
    with np.errstate(invalid="ignore"):  # a row that may read nothing is NaN, as in PyTorch
        softmax(part, -1, out=mixed)
    return Attended(mixed @ value, scores, mixed)


def capped(scores: Array, cap: float | None) -> Array:
    """Scores that stay between -cap and cap, in place."""
    if cap is not None:
        scores /= cap
        np.tanh(scores, out=scores)
        scores *= cap
    return scores


def _by_rows(query: Array, key: Array, value: Array, masks: tuple[Array, ...], cap: float | None = None) -> Attended:
    """Some rows of one head at once, so that what is in between stays in cache."""
    lead, length, memory = query.shape[:-2], query.shape[-2], key.shape[-2]
    scores = np.empty((*lead, length, memory), query.dtype)
    mixed = np.empty(scores.shape, query.dtype)
    out = np.empty((*lead, length, value.shape[-1]), value.dtype)
    cuts = threads.parts(length, memory * query.itemsize, BLOCK)
    ends = [_end(masks, part) for part in cuts]

    def work(todo: Iterator[tuple[tuple[int, ...], int]]) -> None:
        for head, at in todo:
            rows: tuple[int | slice, ...] = (*head, cuts[at])
            np.matmul(query[rows], key[head].T, out=scores[rows])
            capped(scores[rows], cap)
            end = ends[at]
            seen, weights = scores[rows], mixed[rows]
            if end is not None:
                weights[:, end:] = 0
                seen, weights = seen[:, :end], weights[:, :end]
            for mask in masks:
                seen = np.add(seen, mask[rows][:, :end], out=weights)
            with np.errstate(invalid="ignore"):
                softmax(seen, -1, out=weights)
            np.matmul(weights, value[head][:end], out=out[rows])

    threads.parallel_for(work, [(head, at) for head in np.ndindex(*lead) for at in range(len(cuts))])
    return Attended(out, scores, mixed)


def _end(masks: tuple[Array, ...], rows: slice) -> int | None:
    """From which column on a mask that all heads share forbids these rows everything; None where that is not known."""
    for mask in masks:
        if all(step == 0 or size == 1 for step, size in zip(mask.strides[:-2], mask.shape[:-2], strict=True)):
            allowed = mask[(0,) * (mask.ndim - 2)][rows] > -np.inf
            if len(masks) == 1 and allowed.any(1).all():
                return int(np.flatnonzero(allowed.any(0))[-1]) + 1
    return None


def heads(x: Array, count: int) -> Array:
    """[N, L, h d] as [N, h, L, d], a view."""
    return x.reshape(*x.shape[:2], count, x.shape[2] // count).swapaxes(1, 2)


def joined(x: Array) -> Array:
    """[N, h, L, d] as [N, L, h d]."""
    turned = x.swapaxes(1, 2)
    return turned.reshape(*turned.shape[:2], turned.shape[2] * turned.shape[3])


def barred(mask: Array, dtype: DTypeLike) -> Array:
    """PyTorch's module masks [N, S], [N, L, S] or [N, h, L, S] for scores [N, h, L, S]: true means keep out."""
    if mask.dtype.kind != "f":
        mask = forbidden(mask != 0, dtype)
    if mask.ndim == 2:
        return mask[:, None, None]
    return mask[:, None] if mask.ndim == 3 else mask


def multi_head(
    weights: Weights,
    count: int,
    query: Array,
    key: Array,
    value: Array,
    masks: tuple[Array, ...] = (),
    is_causal: bool = False,
    zero: bool = False,
) -> Attended:
    """PyTorch's multi-head attention over [N, L, E]; weights of each head are [N, h, L, S]."""
    size = query.shape[-1]
    bias = weights.get("in_proj_bias")
    if "in_proj_weight" in weights:
        matrix = weights["in_proj_weight"]
        if query is key is value:
            q, k, v = np.split(affine(query, matrix, bias), 3, -1)
        else:
            parts = zip((query, key, value), np.split(matrix, 3), _thirds(bias), strict=True)
            q, k, v = (affine(x, part, shift) for x, part, shift in parts)
    else:
        names = ("q_proj_weight", "k_proj_weight", "v_proj_weight")
        parts = zip((query, key, value), (weights[name] for name in names), _thirds(bias), strict=True)
        q, k, v = (affine(x, part, shift) for x, part, shift in parts)
    q, k, v = (record(weights, name, part) for name, part in (("query", q), ("key", k), ("value", v)))
    added = [barred(mask, q.dtype) for mask in masks]
    if is_causal:
        added.append(forbidden(causal(q.shape[1], k.shape[1]), q.dtype))
    extra = 0
    if "bias_k" in weights:
        one = (len(q), 1, size)
        k = np.concatenate([k, np.broadcast_to(weights["bias_k"], one)], 1)
        v = np.concatenate([v, np.broadcast_to(weights["bias_v"], one)], 1)
        extra += 1
    if zero:
        nothing = np.zeros((len(q), 1, size), k.dtype)
        k, v = np.concatenate([k, nothing], 1), np.concatenate([v, nothing], 1)
        extra += 1
    if extra:  # what is appended may always be read
        added = [np.pad(mask, [(0, 0)] * (mask.ndim - 1) + [(0, extra)]) for mask in added]
    scale = 1 / sqrt(size // count) if size else 1.0
    mixed = attend(heads(q, count), heads(k, count), heads(v, count), scale, tuple(added), weights)
    output = affine(joined(mixed.output), weights["out_proj.weight"], weights.get("out_proj.bias"))
    return Attended(output, mixed.scores, mixed.attention)


def _thirds(bias: Array | None) -> list[Array] | tuple[None, None, None]:
    return (None, None, None) if bias is None else np.split(bias, 3)


def sources(xs: tuple[Array, ...]) -> tuple[Array, Array, Array]:
    """Query, key and value from one, two or three inputs."""
    return xs[0], xs[min(1, len(xs) - 1)], xs[min(2, len(xs) - 1)]


@kernel("MultiheadAttention")
def multihead_attention(layer: MultiheadAttention, weights: Weights, *xs: Array) -> Array | dict[str, Array]:
    """One to three inputs, then masks; the port is the weights, averaged over the heads unless told otherwise."""
    query, key, value = sources(xs[:3])
    made = multi_head(weights, layer.num_heads, query, key, value, xs[3:], layer.is_causal, layer.add_zero_attn)
    record(weights, "scores", made.scores)
    record(weights, "attention", made.attention)
    if not layer.need_weights:
        return made.output
    return {
        "output": made.output,
        "attention": made.attention.mean(1) if layer.average_attn_weights else made.attention,
    }


@kernel("Attention")
def attention(layer: Attention, weights: Weights, *xs: Array) -> dict[str, Array]:
    """The textbook's layer on row vectors: x W_q, softmax(Q K^T / scale) V, and W_o where the layer has it."""
    x, memory, other = sources(xs)
    query, key, value = (
        record(weights, port, affine(source, weights[f"W_{port[0]}"].T, weights.get(f"b_{port[0]}")))
        for source, port in ((x, "query"), (memory, "key"), (other, "value"))
    )
    count = layer.num_heads
    shared = layer.num_kv_heads or count
    q, k, v = heads(query, count), heads(key, shared), heads(value, shared)
    if layer.norm is not None:
        q, k = (_normal(layer.norm, weights, name, part) for name, part in (("q_norm", q), ("k_norm", k)))
    if layer.turn is not None:
        q, k = rotated(layer.turn, q), rotated(layer.turn, k)
    if shared != count:  # neighbouring heads of the query share a head of keys and values
        k, v = np.repeat(k, count // shared, 1), np.repeat(v, count // shared, 1)
    divisor = {"sqrt_dk": sqrt(q.shape[-1]), "sqrt_dmodel": sqrt(x.shape[-1]), "none": 1.0}.get(layer.scale)
    masks: tuple[Array, ...] = ()
    if layer.causal or layer.window is not None:
        where = causal(x.shape[1], memory.shape[1], layer.window, both=not layer.causal)
        masks = (forbidden(where, query.dtype),)
    if layer.alibi:
        masks = (*masks, distances(count, x.shape[1], memory.shape[1]).astype(query.dtype))
    if layer.sinks:
        k, v, masks = _with_sinks(weights["sinks"], k, v, masks, x.shape[1])
    made = attend(q, k, v, 1 / float(layer.scale if divisor is None else divisor), masks, weights, layer.softcap)
    if layer.sinks:
        made = Attended(made.output, made.scores[..., :-1], made.attention[..., :-1])
    output = joined(made.output)
    if "W_o" in weights:
        output = affine(output, weights["W_o"].T, weights.get("b_o"))
    scores, mixed = (part[:, 0] if count == 1 else part for part in (made.scores, made.attention))
    return {"output": output, "query": query, "key": key, "value": value, "scores": scores, "attention": mixed}


def _with_sinks(
    sinks: Array, key: Array, value: Array, masks: tuple[Array, ...], length: int
) -> tuple[Array, Array, tuple[Array, ...]]:
    """A key and a value of zeros behind the others, and for each head the score that it has instead of 0."""
    place = np.zeros((length, key.shape[2] + 1), key.dtype)
    place[:, -1] = 1
    key, value = (np.concatenate([part, np.zeros_like(part[:, :, :1])], 2) for part in (key, value))
    wide = (np.concatenate([mask, np.zeros_like(mask[..., :1])], -1) for mask in masks)
    return key, value, (*wide, sinks.reshape(1, -1, 1, 1) * place)


def _normal(norm: Any, weights: Weights, name: str, x: Array) -> Array:
    """Each head's features normalised, with the factors (and shifts) that bear the name."""
    own = {key.rpartition(".")[2]: value for key, value in weights.items() if key.startswith(f"{name}.")}
    found: Array = (rms_norm if norm.type() == "RMSNorm" else layer_norm)(norm, own, x)
    return found


@kernel("LatentAttention")
def latent_attention(layer: LatentAttention, weights: Weights, x: Array) -> Array:
    """Keys and values of all heads from one latent, beside it one rotated key for all heads."""

    def through(name: str, x: Array) -> Array:
        return affine(x, weights[f"{name}.weight"], weights.get(f"{name}.bias"))

    def normal(name: str, x: Array) -> Array:
        return rms_norm(layer.latent_norm, {"weight": weights[f"{name}.weight"]}, x)

    assert layer.turn is not None
    count, still, rank = layer.num_heads, layer.qk_nope_head_dim, layer.kv_lora_rank
    if "q_a_proj.weight" in weights:
        query = through("q_b_proj", normal("q_a_layernorm", through("q_a_proj", x)))
    else:
        query = through("q_proj", x)
    query = heads(query, count)
    query = np.concatenate([query[..., :still], rotated(layer.turn, query[..., still:])], -1)
    low = through("kv_a_proj_with_mqa", x)
    latent = record(weights, "latent", normal("kv_a_layernorm", low[..., :rank]))
    made = heads(through("kv_b_proj", latent), count)
    turned = np.repeat(rotated(layer.turn, low[:, None, :, rank:]), count, 1)
    key = np.concatenate([made[..., :still], turned], -1)
    masks = (forbidden(causal(x.shape[1], x.shape[1]), x.dtype),) if layer.causal else ()
    divisor = sqrt(query.shape[-1]) if layer.scale is None else layer.scale
    mixed = attend(query, key, made[..., still:], 1 / float(divisor), masks, weights)
    record(weights, "scores", mixed.scores)
    record(weights, "attention", mixed.attention)
    return through("o_proj", joined(mixed.output))


@kernel("ScaledDotProductAttention")
def scaled_dot_product_attention(layer: ScaledDotProductAttention, weights: Weights, *xs: Array) -> dict[str, Array]:
    """Query, key, value [N, ..., length, features], and a mask: true means attend, floats are added."""
    query, key, value = xs[:3]
    if layer.enable_gqa:
        key, value = (np.repeat(x, query.shape[-3] // x.shape[-3], -3) for x in (key, value))
    masks: list[Array] = []
    for mask in xs[3:]:
        added = mask if mask.dtype.kind == "f" else forbidden(mask == 0, query.dtype)
        masks.append(added.reshape(added.shape[:1] + (1,) * (query.ndim - added.ndim) + added.shape[1:]))
    if layer.is_causal:
        masks.append(forbidden(causal(query.shape[-2], key.shape[-2], layer.window), query.dtype))
    scale = 1 / sqrt(query.shape[-1]) if layer.scale is None else layer.scale
    return attend(query, key, value, scale, tuple(masks), weights)._asdict()
