"""The networks whose exported code PyTorch has run: every bundled one, and one for each example of a layer type."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from layer_examples import written
from onnx_networks import sequences

import cnncalc
from cnncalc.bundled import bundled

# Networks whose wiring is out of the ordinary.
WIRING = {
    "copies that take the first one too": """
inputs: {a: [4], b: [4]}
define:
  two(other):
    - l: Linear(4, 4)
      from: input
    - r: Tanh
    - s: Subtract
      from: [r, other]
layers:
  - first: two(b)
    from: a
  - blocks: two(first)
    repeat: 3
    from: first
""",
    "a copy that is used outside": """
input: [4]
layers:
  - blocks: {sequential: [{l: "Linear(4, 4)"}, {r: Tanh}]}
    repeat: 3
  - again: Subtract
    from: [blocks.1, blocks.2]
""",
    "a cell of several inputs": """
inputs: {x: [6, 4], z: [6, 3], c: [5], M: [7, 5]}
layers:
  - cell:
      recurrent:
        inputs: [z]
        context: [c, M]
        state: {h: 5}
        weights: {W: [5, 4], U: [5, 3], V: [5, 5], q: [5, 1]}
        step:
          a: "softmax(M @ h[t-1])"
          h: "tanh(W @ x[t] + U @ (z[t] - z[t-1]) + c + V @ (a @ M)) + sum(q * c)"
    from: [x, z, c, M]
""",
    "copies of copies": """
input: [4]
layers:
  - outer:
      sequential:
        - inner: {sequential: [{a: "Linear(4, 4)"}, {b: Tanh}]}
          repeat: 2
        - c: Linear(4, 4)
    repeat: 2
  - Add: {value: 1}
  - Maximum: {value: 0.5}
  - Subtract: {value: 2, value_first: true}
""",
    "sizes of several copies": """
input: [2, 8, 8]
define:
  down(width):
    - conv: Conv2d(out_channels=width, kernel_size=3, padding=1)
    - norm: BatchNorm2d
    - relu: ReLU
    - pool: MaxPool2d(2)
layers:
  - stage: down(2 ** (index + 2))
    repeat: 3
  - Flatten
""",
    "arrays of one size in copies": """
input: [3, 4]
define:
  scaled(width):
    - up: Linear(out_features=width)
    - factor: Parameter([width])
    - product: Multiply
      from: [up, factor]
    - shift: Parameter([width])
    - sum: Add
      from: [product, shift]
    - token: ClassToken
    - a: TransformerEncoder(TransformerEncoderLayer(width, 2, 8), 2, norm=LayerNorm(width))
    - b: TransformerEncoder(TransformerEncoderLayer(width, 2, 8), 2, norm=LayerNorm(width))
layers:
  - one: scaled(4)
  - two: scaled(6)
""",
    "parameters among values": """
input: [3]
layers:
  - p: Parameter([3])
  - q: Parameter([2, 3])
  - s: Add
    from: [input, q]
  - t: Multiply
    from: [s, p]
  - c: Concat(dim=1)
    from: [t, q]
""",
    "a layer inside that is used outside": """
input: [4, 8, 8]
layers:
  - down: {sequential: [{a: "Conv2d(4, 8, 3, padding=1)"}, {b: Tanh}, {c: "MaxPool2d(2)"}]}
  - up: Upsample(scale_factor=2)
  - cat: Concat(dim=1)
    from: [up, down.b]
""",
    "names that Python has": """
inputs: {model: [4], shape: [4], layer: [4]}
layers:
  - forward: Linear(4, 4)
    from: model
  - self: Linear(4, 4)
  - x: Add
    from: [forward, shape, layer, self]
  - train: Linear(4, 4)
""",
    "states and copies that share": """
inputs: {source: [5, 3], target: [6, 3]}
layers:
  - encoder: LSTM(3, 4, num_layers=2)
    from: source
  - decoder: LSTM(3, 4, num_layers=2)
    from: [target, encoder.h_n, encoder.c_n]
    share: encoder
  - mix: {sequential: [{l: "Linear(4, 4)"}, {n: LayerNorm(4)}]}
  - more: {sequential: [{l: "Linear(4, 4)"}, {n: LayerNorm(4)}]}
    repeat: 2
    share: mix
  - add: Add
    from: [more, decoder]
  - parts: Split([1, 3], dim=2)
  - cat: Concat(dim=2)
    from: [parts.1, parts.0]
""",
    "attention that turns": """
input: [7, 24]
layers:
  - a: Attention(24, 3, rope=true, qk_norm=true, softcap=2, causal=true, out_proj=True)
  - b: Attention(24, 3, qk_norm=LayerNorm(eps=1e-4), alibi=True, causal=True)
  - c:
      attention:
        num_heads: 3
        num_kv_heads: 1
        rope: {rotary_embedding: {base: 777, interleaved: false, factor: 8, original_length: 3, high_freq_factor: 3.5}}
        window: 3
  - d: RotaryEmbedding(dim=12, interleaved=False, partial=0.34)
  - e: Attention(24, 3, rope=RotaryEmbedding(base=500, partial=0.5), bias=True)
  - f: RotaryEmbedding(dim=8, factor=4)
""",
    "attention that looks back": """
inputs: {x: [6, 8], memory: [5, 8]}
layers:
  - own: MultiheadAttention(8, 2, is_causal=True)
    from: x
  - cross: MultiheadAttention(8, 2)
    from: [own, memory]
  - text: Attention(8, num_heads=4, num_kv_heads=2, causal=True, window=3, bias=True, out_proj=True)
  - far: Attention(8, window=2)
    from: [text, memory]
  - product: MatMul
    from: [cross.attention, memory]
  - sum: Add
    from: [far, product]
""",
}

RECORDED = Path(__file__).parent / "data" / "export_torch.json.xz"


def recorded() -> dict[str, Any]:
    """What was recorded of each case, by its name."""
    with lzma.open(RECORDED, "rt", encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
    return found


def networks() -> Iterator[tuple[str, Any]]:
    """Every case: its name, and the network."""
    for name in sorted(bundled()):
        yield name, cnncalc.load(name)
    for name, text in WIRING.items():
        yield f"wiring: {name}", cnncalc.loads(text, "wiring")
    for name, network in sequences():
        yield f"sequence: {name}", network
    for number, (kind, options, shapes) in enumerate(written()):
        if kind.endswith("Loss") or kind.startswith("LocallyConnected"):
            continue  # refused: no part of what is exported, or nothing that PyTorch has
        inputs: dict[str, Any] = {}
        for letter, shape in zip("abcde", shapes, strict=False):
            whole = shape[0] == "int"
            inputs[letter] = {"shape": list(shape)[whole:], "dtype": "int" if whole else "float"}
        fields = json.loads(json.dumps(options, default=str))
        entry: dict[str, Any] = {"layer": {kind: fields}} if fields else {"layer": kind}
        if inputs:
            entry["from"] = list(inputs)
        layers = [entry] if inputs else [entry, {"sum": {"add": {}}, "from": ["layer", "a"]}]
        spec = {"inputs": inputs or {"a": [1]}, "layers": layers}
        yield f"{kind} {number}", cnncalc.from_dict(spec, f"{kind}-{number}")
