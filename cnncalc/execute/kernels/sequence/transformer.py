"""PyTorch's transformer layers and stacks, gated feed-forward nets and mixtures of experts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.execute.gradient.custom_gradient import custom_vjp
from cnncalc.execute.kernel import Array, Weights, find, kernel, within
from cnncalc.execute.kernels.activation import gelu, sigmoid, softmax
from cnncalc.execute.kernels.linear import affine
from cnncalc.execute.kernels.norm import trailing_norm
from cnncalc.execute.kernels.sequence.attention import multi_head

if TYPE_CHECKING:
    from cnncalc.layers.mixture import GatedFeedForward, MixtureOfExperts
    from cnncalc.layers.transformer import (
        Block,
        Stacked,
        Transformer,
        TransformerDecoder,
        TransformerEncoder,
    )

FUNCTIONS: dict[str, Callable[[Array], Any]] = {
    "relu": lambda x: np.maximum(x, 0),
    "gelu": gelu,
    "silu": lambda x: x * sigmoid(x),
}


def _norm(layer: Block, weights: Weights, name: str, x: Array) -> Array:
    own = within(weights, name)
    return trailing_norm(x, 1, layer.layer_norm_eps, own.get("weight"), own.get("bias"))


def _block(layer: Block, weights: Weights, x: Array, parts: list[Callable[[Array], Array]]) -> Array:
    """Each part with its residual, and a norm before it or after the sum."""
    for number, part in enumerate(parts, 1):
        if layer.norm_first:
            x = x + part(_norm(layer, weights, f"norm{number}", x))
        else:
            x = _norm(layer, weights, f"norm{number}", x + part(x))
    return x


def _feed_forward(layer: Block, weights: Weights) -> Callable[[Array], Array]:
    first, second = within(weights, "linear1"), within(weights, "linear2")

    def run(x: Array) -> Array:
        hidden = FUNCTIONS[layer.activation](affine(x, first["weight"], first.get("bias")))
        return affine(hidden, second["weight"], second.get("bias"))

    return run


@kernel("TransformerEncoderLayer")
def encoder_layer(layer: Block, weights: Weights, x: Array, *masks: Array) -> Array:
    """Self-attention, then the feed-forward net; masks as in MultiheadAttention."""
    own = within(weights, "self_attn")

    def attention(y: Array) -> Array:
        return multi_head(own, layer.nhead, y, y, y, masks, layer.is_causal).output

    return _block(layer, weights, x, [attention, _feed_forward(layer, weights)])


@kernel("TransformerDecoderLayer")
def decoder_layer(
    layer: Block,
    weights: Weights,
    x: Array,
    memory: Array,
    masks: tuple[Array, ...] = (),
    memory_masks: tuple[Array, ...] = (),
) -> Array:
    """Self-attention, attention to the memory, then the feed-forward net."""
    own, cross = within(weights, "self_attn"), within(weights, "multihead_attn")

    def attention(y: Array) -> Array:
        return multi_head(own, layer.nhead, y, y, y, masks, layer.is_causal).output

    def reading(y: Array) -> Array:
        return multi_head(cross, layer.nhead, y, memory, memory, memory_masks).output

    return _block(layer, weights, x, [attention, reading, _feed_forward(layer, weights)])


def _last(layer: Stacked, weights: Weights, x: Array) -> Array:
    """The norm at the end, whichever layer it is."""
    if layer.last is not None:
        made = find(layer.last.kernel_name())(layer.last, within(weights, "norm"), x)
        x = made["output"] if isinstance(made, dict) else made
    return x


@kernel("TransformerEncoder")
def encoder(layer: TransformerEncoder, weights: Weights, x: Array, *masks: Array) -> Array:
    """The same layer several times, each with weights of its own."""
    for number in range(layer.num_layers):
        x = encoder_layer(layer.each, within(weights, f"layers.{number}"), x, *masks)
    return _last(layer, weights, x)


@kernel("TransformerDecoder")
def decoder(
    layer: TransformerDecoder,
    weights: Weights,
    x: Array,
    memory: Array,
    masks: tuple[Array, ...] = (),
    memory_masks: tuple[Array, ...] = (),
) -> Array:
    """The same layer several times, each with weights of its own and the same memory."""
    for number in range(layer.num_layers):
        x = decoder_layer(layer.each, within(weights, f"layers.{number}"), x, memory, masks, memory_masks)
    return _last(layer, weights, x)


@kernel("Transformer")
def transformer(
    layer: Transformer,
    weights: Weights,
    source: Array,
    target: Array,
    masks: tuple[Array, ...] = (),
    memory_masks: tuple[Array, ...] = (),
) -> Array:
    """The encoder reads the source, the decoder the target and what the encoder made."""
    memory = encoder(layer.encoder, within(weights, "encoder"), source)
    return decoder(layer.decoder, within(weights, "decoder"), target, memory, masks, memory_masks)


@kernel("SwiGLU", "GEGLU", "ReGLU")
def gated(layer: GatedFeedForward, weights: Weights, x: Array) -> Array:
    """down(function(gate x) * (up x))."""
    return _expert(weights, {"SwiGLU": "silu", "GEGLU": "gelu", "ReGLU": "relu"}[layer.type()], x)


def _expert(own: Weights, function: str, x: Array) -> Array:
    """A feed-forward net with a gate, or without where it has none."""

    def through(name: str, y: Array) -> Array:
        return affine(y, own[f"{name}.weight"], own.get(f"{name}.bias"))

    hidden = through("up_proj", x)
    if function == "clamped_swish":
        gate = np.minimum(through("gate_proj", x), 7)
        hidden = (np.clip(hidden, -7, 7) + 1) * (gate * sigmoid(1.702 * gate))
    elif "gate_proj.weight" in own:
        hidden = hidden * FUNCTIONS[function](through("gate_proj", x))
    else:
        hidden = FUNCTIONS[function](hidden)
    return through("down_proj", hidden)


@kernel("MixtureOfExperts")
def mixture(layer: MixtureOfExperts, weights: Weights, x: Array) -> Array:
    """Each position passes the top_k experts that the router prefers, weighted by their scores."""
    rows = x.reshape(-1, x.shape[-1])
    scores = affine(rows, weights["router.weight"], weights.get("router.bias"))
    made = sigmoid(scores) if layer.scoring == "sigmoid" else softmax(scores, -1)
    liking = made if layer.groups > 1 or layer.correction_bias else scores
    if layer.correction_bias:
        liking = liking + weights["correction_bias"]
    chosen = np.argsort(-in_groups(layer, liking), -1, kind="stable")[:, : layer.top_k]
    if layer.scoring == "softmax" and layer.normalize:
        share = softmax(np.take_along_axis(scores, chosen, -1), -1)
    else:
        share = np.take_along_axis(made, chosen, -1)
        share = share / np.sum(share, -1, keepdims=True) if layer.normalize else share
    share = share * float(layer.scale)
    out = np.zeros_like(rows)
    experts, shared = within(weights, "experts"), within(weights, "shared_experts")
    for number in range(layer.num_experts):
        here, place = np.nonzero(chosen == number)
        if here.size:
            own = {name: array[number] for name, array in experts.items()}
            out = added_at(out, here, share[here, place, None] * _expert(own, layer.activation, rows[here]))
    for number in range(layer.shared_experts):
        out = out + _expert({name: array[number] for name, array in shared.items()}, layer.activation, rows)
    return out.reshape(x.shape)


def in_groups(layer: MixtureOfExperts, scores: Array) -> Array:
    """Scores with minus infinity outside the best groups: those with the largest score, or the two largest summed."""
    if layer.groups == 1:
        return scores
    split = scores.reshape(len(scores), layer.groups, -1)
    ordered = np.sort(split, -1)
    best = ordered[..., -2:].sum(-1) if layer.correction_bias else ordered[..., -1]
    kept = np.argsort(-best, -1, kind="stable")[:, : layer.top_groups or layer.groups]
    open_ = np.zeros(best.shape, bool)
    np.put_along_axis(open_, kept, True, -1)
    return np.where(open_[..., None], split, -np.inf).reshape(scores.shape)


@custom_vjp
def added_at(total: Array, rows: Array, part: Array) -> Array:
    """Add to some rows, each once, in place."""
    total[rows] += part
    return total
