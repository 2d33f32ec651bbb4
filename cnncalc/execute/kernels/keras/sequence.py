"""Keras' recurrent layers, what wraps them, and attention. Gates are stacked i f c o (LSTM) and z r h (GRU)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.execute import kernel as registry
from cnncalc.execute.engine.windows import pad
from cnncalc.execute.gradient.custom_gradient import Watched, record
from cnncalc.execute.kernel import Array, Weights, kernel, within
from cnncalc.execute.kernels.activation import softmax
from cnncalc.execute.kernels.keras.core import activated
from cnncalc.execute.kernels.keras.window import convolved
from cnncalc.execute.kernels.reparametrise import iterated
from cnncalc.execute.kernels.sequence.recurrent import unseen

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.layers.keras.attention import AdditiveAttention, Attention, Projected
    from cnncalc.layers.keras.conv_recurrent import ConvLSTM
    from cnncalc.layers.keras.recurrent import Recurrent
    from cnncalc.layers.keras.wrapper import Bidirectional, SpectralNormalization, TimeDistributed

State = tuple[Array, ...]
# see(letter, value): a state or a gate of the step, before anything uses it
See = Callable[[str, Array], Array]


def _plain(layer: Recurrent, gates: Array, h: Array, weights: Weights, see: See) -> State:
    return (see("h", activated(gates + h @ weights["recurrent_kernel"], layer.activation)),)


def _long(layer: Recurrent | ConvLSTM, total: Array, c: Array, see: See) -> State:
    """One step of an LSTM from the sum of its gates."""
    i, f, g, o = np.split(total, 4, -1)
    i, f, o = (
        see(name, activated(part, layer.recurrent_activation)) for name, part in zip("ifo", (i, f, o), strict=True)
    )
    c = see("c", f * c + i * see("g", activated(g, layer.activation)))
    return see("h", o * activated(c, layer.activation)), c


def _gated(layer: Any, gates: Array, h: Array, weights: Weights, see: See) -> State:
    """One step of a GRU: the state is reset after its product, or before."""
    matrix = weights["recurrent_kernel"]
    size = h.shape[-1]
    bias = weights.get("bias")
    if layer.reset_after:
        inner = h @ matrix
        if bias is not None:
            inner = inner + bias[1]
        z, r = _open(layer, gates[:, : 2 * size] + inner[:, : 2 * size], see)
        candidate = gates[:, 2 * size :] + r * inner[:, 2 * size :]
    else:
        z, r = _open(layer, gates[:, : 2 * size] + h @ matrix[:, : 2 * size], see)
        candidate = gates[:, 2 * size :] + (r * h) @ matrix[:, 2 * size :]
    return (see("h", z * h + (1 - z) * see("n", activated(candidate, layer.activation))),)


def _open(layer: Recurrent | ConvLSTM, total: Array, see: See) -> list[Array]:
    z, r = np.split(activated(total, layer.recurrent_activation), 2, -1)
    return [see("z", z), see("r", r)]


def _read(
    layer: Any, weights: Weights, steps: Iterable[Array], first: State, step: Callable[[Array, State, See], State]
) -> dict[str, Array]:
    """All steps in their order; the last output or all of them, and the state at the end."""
    order = list(steps)
    state, seen = first, []
    looked = isinstance(weights, Watched)
    for at, taken in enumerate(reversed(order) if layer.go_backwards else order):
        state = step(taken, state, partial(record, weights, step=at) if looked else unseen)
        seen.append(state[0])
    made = {"output": np.stack(seen, 1) if layer.return_sequences else state[0]}
    if layer.return_state:
        names = ("state_h", "state_c") if len(state) == 2 else ("state",)
        made.update(zip(names, state, strict=True))
    return made


def _only(made: dict[str, Array]) -> Array | dict[str, Array]:
    return made["output"] if len(made) == 1 else made


@kernel("keras.SimpleRNN", "keras.LSTM", "keras.GRU")
def recurrent(layer: Recurrent, weights: Weights, x: Array, *given: Array) -> Array | dict[str, Array]:
    """The input's part of every step is one product, the state's a loop."""
    kind, matrix = type(layer).__name__, weights["recurrent_kernel"]
    gates = x @ weights["kernel"]
    bias = weights.get("bias")
    if bias is not None:
        gates = gates + (bias[0] if bias.ndim == 2 else bias)
    states = given or (np.zeros((len(x), len(matrix)), gates.dtype),) * (2 if kind == "LSTM" else 1)

    def step(now: Array, state: State, see: See) -> State:
        if kind == "LSTM":
            return _long(layer, now + state[0] @ matrix, state[1], see)
        return (_gated if kind == "GRU" else _plain)(layer, now, state[0], weights, see)

    return _only(_read(layer, weights, gates.swapaxes(0, 1), states, step))


@kernel("keras.ConvLSTM1D", "keras.ConvLSTM2D", "keras.ConvLSTM3D")
def conv_lstm(layer: ConvLSTM, weights: Weights, x: Array) -> Array | dict[str, Array]:
    """An LSTM with convolutions for products; the state's keeps the size."""
    n, steps = x.shape[:2]
    gates = convolved(layer, weights["kernel"], x.reshape(n * steps, *x.shape[2:]))
    if "bias" in weights:
        gates = gates + weights["bias"]
    gates = gates.reshape(n, steps, *gates.shape[1:])
    matrix = weights["recurrent_kernel"]
    size = matrix.shape[:-2]
    sides = tuple(((k - 1) // 2, k // 2) for k in size)
    empty = np.zeros((*gates[:, 0].shape[:-1], matrix.shape[-2]), gates.dtype)

    def step(now: Array, state: State, see: See) -> State:
        wide = np.moveaxis(pad(np.moveaxis(state[0], -1, 1), sides), 1, -1)
        return _long(layer, now + convolved(_still(layer, size), matrix, wide), state[1], see)

    return _only(_read(layer, weights, gates.swapaxes(0, 1), (empty, empty), step))


def _still(layer: Layer, size: tuple[int, ...]) -> Any:
    """A convolution without padding, steps or distances, for a state that was padded before."""
    from types import SimpleNamespace

    ones = (1,) * len(size)
    return SimpleNamespace(padding="valid", kernel_size=size, stride=ones, dilation=ones)


# --- wrappers ------------------------------------------------------------------------------------------------------


def inner(layer: Layer, weights: Weights, *xs: Array) -> dict[str, Array]:
    """What a layer inside another one gives."""
    made = registry.find(layer.kernel_name())(layer, weights, *xs)
    return made if isinstance(made, dict) else {"output": made}


@kernel("keras.Bidirectional")
def bidirectional(layer: Bidirectional, weights: Weights, x: Array) -> Array | dict[str, Array]:
    """The copy reads the sequence backwards; its outputs are reversed again."""
    back = layer.layer if layer.backward_layer is None else layer.backward_layer
    ways = {name: within(weights, name) for name in ("forward", "backward")}
    if isinstance(weights, Watched):
        ways["forward"] = weights.part(ways["forward"], "forward")
        ways["backward"] = weights.part(ways["backward"], "backward", x.shape[1])
    there = inner(layer.layer, ways["forward"], x)
    here = inner(back, ways["backward"], x[:, ::-1])
    a, b = there.pop("output"), here.pop("output")
    if back.return_sequences:
        b = b[:, ::-1]
    made = {"output": a}
    if layer.merge_mode == "none":
        made["backward"] = b
    elif layer.merge_mode == "concat":
        made["output"] = np.concatenate([a, b], -1)
    elif layer.merge_mode == "mul":
        made["output"] = a * b
    else:
        made["output"] = (a + b) / (2 if layer.merge_mode == "ave" else 1)
    made.update({f"forward_{name}": array for name, array in there.items()})
    made.update({f"backward_{name}": array for name, array in here.items()})
    return _only(made)


@kernel("keras.TimeDistributed")
def time_distributed(layer: TimeDistributed, weights: Weights, x: Array) -> Array:
    """Every step is a sample of its own."""
    n, steps = x.shape[:2]
    out = inner(layer.layer, weights, x.reshape(n * steps, *x.shape[2:]))["output"]
    return out.reshape(n, steps, *out.shape[1:])


@kernel("keras.SpectralNormalization")
def spectral_normalization(layer: SpectralNormalization, weights: Weights, x: Array) -> Array:
    """Outside training the kernel is as it was left; in training it is divided by its largest singular value."""
    own = {name: array for name, array in weights.items() if name != "vector_u"}
    if layer.training:
        name = "kernel" if "kernel" in own else "embeddings"
        matrix = own[name].reshape(-1, own[name].shape[-1]).T
        u, v = iterated(matrix, weights["vector_u"][0], layer.power_iterations)
        own[name] = own[name] / (u @ (matrix @ v))
        weights["vector_u"] = u[None]
    return inner(layer.layer, own, x)["output"]


# --- attention -----------------------------------------------------------------------------------------------------


def _later(length: int, memory: int) -> Array:
    return np.arange(memory) > np.arange(length)[:, None]


def _weighted(layer: Projected | Attention | AdditiveAttention, weights: Weights, scores: Array) -> Array:
    """Softmax over the memory; with a causal mask no later place is read."""
    scores = record(weights, "scores", scores)
    if layer.use_causal_mask:
        scores = np.where(_later(*scores.shape[-2:]), -np.inf, scores)
    return record(weights, "attention", softmax(scores, -1))


def _given(
    layer: Projected | Attention | AdditiveAttention, output: Array, attention: Array
) -> Array | dict[str, Array]:
    return {"output": output, "attention": attention} if layer.return_attention_scores else output


def _sources(xs: tuple[Array, ...]) -> tuple[Array, Array, Array]:
    value = xs[min(1, len(xs) - 1)]
    return xs[0], value, xs[2] if len(xs) > 2 else value


@kernel("keras.MultiHeadAttention", "keras.GroupQueryAttention")
def multi_head(layer: Projected, weights: Weights, *xs: Array) -> Array | dict[str, Array]:
    """Project for each head, compare, mix, project back. All places of a sample are one memory."""
    query, value, key = _sources(xs)
    places = query.shape[1:-1]

    def projected(name: str, x: Array) -> Array:
        flat = x.reshape(len(x), -1, x.shape[-1])
        out = np.einsum("nld,dhe->nhle", flat, weights[f"{name}.kernel"], optimize=True)
        return out + weights[f"{name}.bias"][:, None] if f"{name}.bias" in weights else out  # type: ignore[no-any-return]

    q, k, v = (
        record(weights, name, projected(name, x)) for name, x in (("query", query), ("key", key), ("value", value))
    )
    times = q.shape[1] // k.shape[1]
    if times > 1:
        k, v = np.repeat(k, times, 1), np.repeat(v, times, 1)
    attention = _weighted(layer, weights, q @ k.swapaxes(-1, -2) / sqrt(q.shape[-1]))
    mixed = attention @ v
    kernel_out = weights["attention_output.kernel"]
    out = np.tensordot(mixed.swapaxes(1, 2), kernel_out, 2)
    if "attention_output.bias" in weights:
        out = out + weights["attention_output.bias"]
    out = out.reshape(len(query), *places, *kernel_out.shape[2:])
    return _given(layer, out, attention.reshape(*attention.shape[:2], *places, *key.shape[1:-1]))


@kernel("keras.Attention")
def attention(layer: Attention, weights: Weights, *xs: Array) -> Array | dict[str, Array]:
    """Without projections; the scores are dot products or sums of tanh."""
    query, value, key = _sources(xs)
    if layer.score_mode == "concat":
        sums = query[:, :, None] + key[:, None]
        scores = weights["concat_score_weight"] * np.tanh(weights.get("scale", 1) * sums).sum(-1)
    else:
        scores = query @ key.swapaxes(1, 2) * weights.get("scale", 1)
    mixed = _weighted(layer, weights, scores)
    return _given(layer, mixed @ value, mixed)


@kernel("keras.AdditiveAttention")
def additive_attention(layer: AdditiveAttention, weights: Weights, *xs: Array) -> Array | dict[str, Array]:
    """Scores are sums of tanh(query + key), weighted by feature."""
    query, value, key = _sources(xs)
    scores = (weights.get("scale", 1) * np.tanh(query[:, :, None] + key[:, None])).sum(-1)
    mixed = _weighted(layer, weights, scores)
    return _given(layer, mixed @ value, mixed)
