"""Networks that are exported: what the examples of layer types leave out, and layers in Keras' words for ONNX."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cnncalc
from cnncalc import layers
from cnncalc.core.problem import SpecError
from cnncalc.layers import keras
from cnncalc.layers.keras.base import ACTIVATIONS

SEQUENCES = {
    "rows of A": ("{x: [7, 6], dt: [7, 6], b: [7, 4], c: [7, 4]}", "SelectiveScan(dt_bias=True)"),
    "heads in groups": ("{x: [9, 8], dt: [9, 4], b: [9, 6], c: [9, 6]}", "SelectiveScan(num_heads=4, groups=2)"),
    "one step": ("{x: [1, 8], dt: [1, 4], b: [1, 6], c: [1, 6]}", "SelectiveScan(num_heads=4, dt_bias=True)"),
    "sums of outer products": ("{q: [7, 6], k: [7, 6], v: [7, 4]}", "LinearAttention(2)"),
    "sums that shrink": ("{q: [7, 6], k: [7, 6], v: [7, 4]}", "LinearAttention(2, decay=True)"),
    "a mean that shrinks": ("{k: [9, 6], v: [9, 6]}", "WKV"),
    "a mean of one step": ("{k: [1, 6], v: [1, 6]}", "WKV"),
    "experts in groups": (
        "{x: [5, 8]}",
        "MixtureOfExperts(8, 6, top_k=3, groups=4, top_groups=2, scoring=sigmoid, correction_bias=True, scale=2.5, "
        "shared_experts=2, bias=True, router_bias=True)",
    ),
    "experts without gates": (
        "{x: [8]}",
        "MixtureOfExperts(8, 6, top_k=3, groups=4, top_groups=2, normalize=False, gated=False, shared_experts=1)",
    ),
    "an activation with two factors": ("{x: [4, 5, 6]}", "XIELU"),
    "response norm": ("{x: [4, 5, 6]}", "GRN"),
    "attention with sinks": (
        "{x: [7, 8]}",
        "Attention(num_heads=4, num_kv_heads=2, window=3, causal=True, sinks=True)",
    ),
    "latent attention": (
        "{x: [7, 8]}",
        "LatentAttention(8, 2, 5, qk_nope_head_dim=3, qk_rope_head_dim=4, v_head_dim=6)",
    ),
    "latent attention with a latent of queries": (
        "{x: [7, 8]}",
        "LatentAttention(8, 2, 5, 3, 3, 4, 6, bias=True, causal=False, scale=2.5, rope=500, eps=0.1)",
    ),
    "experts with a gate that is cut off": (
        "{x: [3, 4, 8]}",
        "MixtureOfExperts(4, 6, activation=clamped_swish, bias=True)",
    ),
    "one expert each": ("{x: [3, 4, 8]}", "MixtureOfExperts(4, 6, top_k=1, normalize=False, bias=True)"),
}
# Weights that are made of others.
HELD = (
    "3x9x9 -> WeightNorm(Conv2d(3, 6, 3, groups=3), dim=1) -> SpectralNorm(Conv2d(6, 4, 3)) -> Flatten -> "
    "WeightNorm(Linear(out_features=3), dim=None)"
)
CELL = """
input: [6, 5]
layers:
  - r:
      recurrent:
        state: {h: [3, 4], s: 1, k: 4}
        weights: {A: [3, 4], B: [4, n], C: [4, 4], D: [3]}
        step:
          u: "tanh(B @ x[t] + C @ k[t-1])"
          w: "softmax(concat(u, sum(x[t]), s[t-1])[0:4])"
          h: "0.5 * h[t-1] + outer(D * 0.5, u) * A"
          s: "max(h[t]) - min(u, 0.3)[1] + (u^T @ w) + 0.1 * n"
          k: "h[t]^T @ D + max(u, w, 0.1) ** 2 + sqrt(abs(u)) + sigmoid(-k[t-2])"
        output: h
"""
SHARED = """
input: [6, 4]
layers:
  - a: LSTM(4, 4)
  - b: LSTM(4, 4)
    share: a
  - turn: Transpose(1, 2)
  - n: GroupNorm(2, 4)
  - m: GroupNorm(2, 4)
    share: n
"""
KERAS = (
    "[8, 9, 4] -> Conv2D(6, 3, strides=2, padding='same', groups=2, activation='softmax')",
    "[8, 4] -> Conv1D(6, 3, padding='causal', dilation_rate=2, activation='gelu')",
    "[8, 9, 4] -> DepthwiseConv2D(3, depth_multiplier=2, padding='same', strides=2)",
    "[5, 4] -> Conv1DTranspose(3, 2, strides=3)",
    "[5, 6, 4] -> Conv2DTranspose(3, 5, strides=2, padding='same')",
    "[5, 6, 4] -> Conv2DTranspose(3, 4, strides=2, padding='same', output_padding=1)",
    "[5, 6, 4] -> Conv2DTranspose(3, 2, strides=3, padding='same')",
    "[5, 6, 4] -> AveragePooling2D(3, strides=2, padding='same')",
    "[5, 6, 4] -> MaxPooling2D(3, strides=2, padding='same')",
    "[5, 6, 4] -> BatchNormalization(axis=2)",
    "[5, 6, 4] -> UpSampling2D(2, interpolation='bilinear')",
    "[7, 4] -> LSTM(5, return_sequences=True, go_backwards=True)",
    "[7, 4] -> GRU(5, reset_after=False)",
    "[7, 4] -> Bidirectional(GRU(5, return_sequences=True), merge_mode='ave')",
    "[5] -> ReLU(max_value=1, negative_slope=0.1)",
    "[7, 8]; [5, 8] -> GroupQueryAttention(4, 4, 2)",
    *(f"[6] -> Dense(4, activation='{word}')" for word in ACTIVATIONS),
)


def sequences() -> Iterator[tuple[str, Any]]:
    """Scans, experts, a cell of several shapes, layers that share."""
    for name, (inputs, call) in SEQUENCES.items():
        words = ", ".join(part.split(":")[0].strip("{ ") for part in inputs.split("],"))
        yield name, cnncalc.loads(f"inputs: {inputs}\nlayers:\n  - a: {call}\n    from: [{words}]\n", "net")
    yield "a cell of several shapes", cnncalc.loads(CELL, "net")
    yield "layers that share", cnncalc.loads(SHARED, "net")


def networks() -> Iterator[tuple[str, Any]]:
    """The name of each case, and the network."""
    yield from sequences()
    yield from keras_networks()
    yield "lengths and directions", cnncalc.load(HELD)


def keras_networks() -> Iterator[tuple[str, Any]]:
    """Keras' layers, each alone."""
    for family in keras.FAMILIES.values():
        for name in family.split():
            kind = layers.find(name, "keras")
            assert kind is not None
            example = kind.example.replace("{type}", name)
            for image in ("[8, 8, 4]", "[8, 4]", "[6, 6, 6, 4]"):
                if "\n" in example or "{film}" in example:
                    continue
                network = keras_network(example.replace("{image}", image))
                if network is not None:
                    yield f"{name} {image}", network
                if "{image}" not in example:
                    break
    for text in KERAS:
        network = keras_network(text)
        assert network is not None
        yield text, network


def keras_network(text: str) -> Any:
    """A chain in Keras' words; None where the layer takes other axes."""
    left, _, call = text.partition("->")
    shapes = [shape.strip() for shape in left.split(";")]
    inputs = "".join(f"  i{at}: {shape}\n" for at, shape in enumerate(shapes))
    taken = ", ".join(f"i{at}" for at in range(len(shapes)))
    spec = f"convention: keras\ninputs:\n{inputs}layers:\n  - a: {call.strip()}\n    from: [{taken}]\n"
    network = cnncalc.loads(spec, "net")
    try:
        network.report()
    except SpecError:
        return None
    return network
