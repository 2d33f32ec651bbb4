"""Wrong answers to small homework networks, each by a mistake, from formulas and NumPy alone: nothing of the package.

The families are those of lecture notes: windows, parameters, receptive fields, recurrences, attention, gradients,
memory, ratios, formulas, answers that follow from an earlier one. `tests/record_homework_answers.py` compares the
right arrays with PyTorch.
"""

# ruff: noqa: E501
from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np


class Case(NamedTuple):
    """One wrong answer: its network, other answers of the sheet, and a pattern that names the mistake."""

    kind: str
    spec: str
    ask: str
    right: Any
    wrong: Any
    named: str
    earlier: dict[str, Any] = {}


Slips = Iterator[Case]


def spec(source: Any, *layers: str, head: str = "") -> str:
    return f"{head}input: {source}\nlayers:\n" + "".join(f"  - {line}\n" for line in layers)


def side(size: int, k: int, s: int = 1, p: int = 0, d: int = 1) -> int:
    return (size + 2 * p - d * (k - 1) - 1) // s + 1


def windows(pick: random.Random) -> Slips:
    wrong: Any
    right: Any
    c, f, k, s, p = (
        pick.choice((1, 3, 5, 12)),
        pick.choice((6, 14, 18, 40)),
        pick.choice((3, 4, 5, 6, 9)),
        pick.choice((2, 3, 4)),
        pick.randint(1, 4),
    )
    h, w = pick.randint(24, 70), pick.randint(71, 130)
    text = spec([c, h, w], f"c1: Conv2d({c}, {f}, {k}, stride={s}, padding={p})")

    def one(size: int, s: int = s, p: int = p) -> int:
        return side(size, k, s, p)

    right = [f, one(h), one(w)]
    for kind, wrong, named in (
        ("padding ignored", [f, one(h, p=0), one(w, p=0)], "padding"),
        ("padding doubled", [f, one(h, p=2 * p), one(w, p=2 * p)], "padding"),
        ("stride ignored", [f, one(h, s=1), one(w, s=1)], "stride"),
        ("divided by the stride alone", [f, h // s, w // s], "stride|same|size"),
        ("plus one forgotten", [f, right[1] - 1, right[2] - 1], r"\+ 1"),
        ("rounded up", [f, -(-(h + 2 * p - k) // s) + 1, -(-(w + 2 * p - k) // s) + 1], "ceil|round"),
        ("kernel not taken off", [f, (h + 2 * p) // s + 1, (w + 2 * p) // s + 1], "kernel"),
        ("input kept", [c, h, w], "input|unchanged"),
        ("input's channels", [c, right[1], right[2]], "channel"),
        ("only space", right[1:], "axis|channel|left out"),
        ("channels last", [*right[1:], f], "channels last"),
        ("batch in front", [8, *right], "batch"),
        ("stride and padding ignored", [f, h - k + 1, w - k + 1], "(stride.*padding|padding.*stride)"),
        ("padding taken away", [f, one(h, p=-p), one(w, p=-p)], "padding|sign"),
        ("as many as the filters", [f, f, f], "channels|filters|size"),
    ):
        yield Case(kind, text, "c1.shape", right, wrong, named)
    for kind, wrong, named in (
        ("height for width", right[1], r"shape\[1\]|height|width|axis"),
        ("not rounded", round((w + 2 * p - k) / s + 1, 2), "round"),
        ("padding once", (w + p - k) // s + 1, "padding"),
    ):
        yield Case(f"width: {kind}", text, "c1.shape[2]", right[2], wrong, named)


def counts(pick: random.Random) -> Slips:
    wrong: Any
    c, f, k = pick.choice((3, 6, 12, 24)), pick.choice((10, 20, 50, 96)), pick.choice((3, 5, 7))
    h = pick.randint(20, 50)
    text = spec([c, h, h], f"c1: Conv2d({c}, {f}, {k})", "r: ReLU")
    n, y = k * k * c * f, h - k + 1
    for kind, wrong, named in (
        ("input channels forgotten", k * k * f + f, "input channels|channels"),
        ("one filter", k * k * c + 1, "one filter|output channels|filter"),
        ("biases are input channels", n + c, "bias"),
        ("one bias", n + 1, "bias"),
        ("bias counted twice", n + 2 * f, "bias"),
        ("activations counted", n + f + f * y * y, "output|activation|number"),
        ("outputs counted", f * y * y, "output|activation|number|size|shape"),
        ("sizes added", k * k + c + f, "added|sum"),
        ("a bias for each kernel", n + c * f, "bias"),
        ("perimeter", 2 * k * c * f + f, "2·K|kernel"),
    ):
        yield Case(f"conv: {kind}", text, "c1.params", n + f, wrong, named)
    for kind, wrong, named in (
        ("FLOPs", 2 * n * y * y, "FLOPs|2"),
        ("one output channel", n // f * y * y, "output channel|channel|filter"),
        ("input positions", n * h * h, "input|position|same|padding"),
        ("with biases", n * y * y + f * y * y, "bias"),
        ("kernel once", n // k * y * y, "kernel|K"),
        ("dense", c * h * h * f * y * y, "dense|connected"),
        ("no positions", n, "position|one|weights"),
    ):
        yield Case(f"macs: {kind}", text, "c1.macs", n * y * y, wrong, named)
    yield Case("relu with parameters", text, "r.params", 0, f, "parameters|no ")
    dense = c * h * h * f * y * y
    for kind, wrong, named in (
        ("no biases", dense, "bias"),
        ("shared weights", n + f, "params|shared|convolution"),
        ("channels left out", h * h * y * y, "channel"),
        ("added", c * h * h + f * y * y, "added|sum|go out left out"),
    ):
        yield Case(f"dense: {kind}", text, "c1.dense", dense + f * y * y, wrong, named)


def pools(pick: random.Random) -> Slips:
    wrong: Any
    right: Any
    c, k, s = pick.choice((6, 16, 30)), pick.choice((3, 4)), 2
    h, w = pick.randint(10, 20) * 2 + 1, pick.randint(22, 40) * 2
    text = spec([c, h, w], f"p: AvgPool2d({k}, {s})", "g: AdaptiveAvgPool2d(1)")
    right = [c, side(h, k, s), side(w, k, s)]
    for kind, wrong, named in (
        ("stride is kernel", [c, h // k, w // k], "stride|kernel"),
        ("stride ignored", [c, h - k + 1, w - k + 1], "stride"),
        ("rounded up", [c, -(-(h - k) // s) + 1, -(-(w - k) // s) + 1], "ceil|round"),
        ("channels pooled", [c // s, *right[1:]], "channel"),
        ("one channel", [1, *right[1:]], "channel"),
        ("plus one lost", [c, right[1] - 1, right[2] - 1], r"\+ 1"),
    ):
        yield Case(f"pool: {kind}", text, "p.shape", right, wrong, named)
    yield Case("pool: weights counted", text, "p.params", 0, k * k * c, "parameters|no ")
    yield Case("pool: one kernel counted", text, "p.params", 0, k * k, "parameters|no ")
    yield Case("global pool: over the channels", text, "g.shape", [c, 1, 1], [1, *right[1:]], "channel")
    yield Case("global pool: kept", text, "g.shape", [c, 1, 1], right, "input|unchanged|size|window")
    yield Case("global pool: flat", text, "g.shape", [c, 1, 1], [c], "flat|axis|left out|axes")


def chain(pick: random.Random) -> Slips:
    wrong: Any
    c, a, b, k, h = (
        pick.choice((1, 3)),
        pick.choice((6, 8, 12)),
        pick.choice((16, 20, 32)),
        pick.choice((3, 5)),
        pick.choice((28, 32, 36, 44)),
    )
    u, o = pick.choice((60, 84, 120)), pick.choice((10, 12))
    text = spec(
        [c, h, h],
        f"c1: Conv2d({c}, {a}, {k})",
        "r1: ReLU",
        "p1: MaxPool2d(2)",
        f"c2: Conv2d({a}, {b}, {k})",
        "r2: ReLU",
        "p2: MaxPool2d(2)",
        "flat: Flatten",
        f"f1: Linear(out_features={u})",
        f"f2: Linear(out_features={o})",
    )
    y1 = h - k + 1
    y2 = y1 // 2 - k + 1
    flat = b * (y2 // 2) ** 2
    n1, n2 = k * k * c * a + a, k * k * a * b + b
    l1, l2 = flat * u + u, u * o + o
    total = n1 + n2 + l1 + l2
    same = b * (h // 4) ** 2
    for kind, wrong, named in (
        ("padding assumed", same, "same|padding"),
        ("pools forgotten", b * (h - 2 * (k - 1)) ** 2, "pool|left out|stride"),
        ("second pool forgotten", b * y2**2, "pool|p2|left out"),
        ("side not squared", b * (y2 // 2), "axis|height|width|side|squared"),
        ("first channels", a * (y2 // 2) ** 2, "channel"),
        ("image's channels", c * (y2 // 2) ** 2, "channel"),
        ("channels forgotten", (y2 // 2) ** 2, "channel"),
        ("image flattened", c * h * h, "input|image|unchanged"),
    ):
        yield Case(f"flat: {kind}", text, "flat.shape", [flat], [wrong], named)
    for kind, wrong, named in (
        ("biases forgotten", total - a - b - u - o, "bias"),
        ("biases of the convolutions forgotten", total - a - b, "bias"),
        ("biases of the dense layers forgotten", total - u - o, "bias"),
        ("f1 left out", total - l1, "f1|left out"),
        ("f2 left out", total - l2, "f2|left out"),
        ("convolutions only", n1 + n2, "Linear|left out|convolution"),
        ("dense layers only", l1 + l2, "Conv|left out"),
        ("padding assumed", total - flat * u + same * u, "same|padding"),
        ("c2 on the image's channels", total - k * k * a * b + k * k * c * b, "channel|c2"),
        ("c1 counted twice", total + n1, "twice|c1"),
        ("biases counted twice", total + a + b + u + o, "bias"),
        ("kernel once everywhere", total - n1 - n2 + k * c * a + a + k * a * b + b, "kernel|K"),
    ):
        yield Case(f"total: {kind}", text, "total.params", total, wrong, named)
    for kind, wrong, named in (
        ("bias forgotten", flat * u, "bias"),
        ("one bias", flat * u + 1, "bias"),
        ("bias each input", flat * u + flat, "bias"),
        ("added", flat + u, "added|sum"),
        ("inputs and outputs as biases", flat * u + flat + u, "bias"),
    ):
        yield Case(f"linear: {kind}", text, "f1.params", l1, wrong, named)
    for kind, wrong, named in (
        ("percent of the rest", l1 / (total - l1), "rest|ratio|other|difference|share|left|total"),
        ("the other way round", total / l1, "other way|invert"),
        ("percent without the sign", 100 * l1 / total, "percent|100"),
        ("what is left", 1 - l1 / total, "left|share|1 −"),
        ("of the convolutions", (n1 + n2) / total, "Conv|other|layer|c1"),
    ):
        yield Case(f"share: {kind}", text, "f1.params / total.params", l1 / total, f"{wrong:.4f}", named)
    for kind, wrong, named in (
        ("bits", total * 32, "bit|byte|8|factor"),
        ("half precision", total * 2, "byte|2|half"),
        ("one byte", total, "byte|factor|4"),
        ("doubles", total * 8, "byte|8|double|twice"),
    ):
        yield Case(f"bytes: {kind}", text, "total.params * 4", total * 4, wrong, named)
    for kind, wrong, named in (
        ("MB", total * 4 / 1e6, "MiB|MB|1024|1000"),
        ("KiB", total * 4 / 1024, "KiB|factor|1024"),
        ("not times 4", total / 2**20, "byte|4|factor"),
        ("half precision", total * 2 / 2**20, "byte|2|half|factor"),
    ):
        yield Case(f"MiB: {kind}", text, "total.params * 4 / 2**20", total * 4 / 2**20, f"{wrong:.5g}", named)
    bias1 = n1 - a
    yield Case(
        "carried: parameters",
        text,
        "total.params",
        total,
        total - a,
        r"right from your|bias",
        {"c1.params": bias1},
    )
    yield Case(
        "carried: flatten",
        text,
        "f1.params",
        l1,
        (flat + b) * u + u,
        r"right from your",
        {"flat.shape": [flat + b]},
    )
    yield Case(
        "carried: shape",
        text,
        "p1.shape",
        [a, y1 // 2, y1 // 2],
        [a, (y1 + 4) // 2, (y1 + 4) // 2],
        r"right from your|padding|same",
        {"c1.shape": [a, y1 + 4, y1 + 4]},
    )
    yield Case(
        "carried: two sizes",
        text,
        "total.params",
        total,
        total + 7 - b,
        r"right from your",
        {"c1.params": n1 + 7, "c2.params": n2 - b},
    )


def norms(pick: random.Random) -> Slips:
    c, h, d, t = pick.choice((12, 24, 48)), pick.randint(5, 20), pick.choice((40, 96)), pick.randint(6, 30)
    text = spec([c, h, h], "bn: BatchNorm2d")
    for kind, wrong, named in (
        ("scale only", c, "shift|scale|bias|one"),
        ("four numbers", 4 * c, "running"),
        ("each number", 2 * c * h * h, "axes|number|position|channel|axis"),
        ("none", 0, "parameters|scale"),
        ("each position", 2 * h * h, "position|axes|channel|axis"),
        ("one scale and one shift", 2, "whole|one|channel"),
    ):
        yield Case(f"batch norm: {kind}", text, "bn.params", 2 * c, wrong, named)
    text = spec([t, d], f"ln: LayerNorm({d})")
    for kind, wrong, named in (
        ("scale only", d, "shift|scale|bias|one"),
        ("each position", 2 * t * d, "axes|position|number|axis|step"),
        ("positions", 2 * t, "axes|position|axis"),
        ("running statistics", 4 * d, "running"),
        ("one scale and one shift", 2, "whole|one|each"),
    ):
        yield Case(f"layer norm: {kind}", text, "ln.params", 2 * d, wrong, named)


def transposed(pick: random.Random) -> Slips:
    wrong: Any
    right: Any
    c, f, k, s, p = (
        pick.choice((8, 20)),
        pick.choice((3, 6)),
        pick.choice((3, 4, 5)),
        pick.choice((2, 3)),
        pick.randint(1, 2),
    )
    h, w = pick.randint(6, 12), pick.randint(13, 20)
    text = spec([c, h, w], f"up: ConvTranspose2d({c}, {f}, {k}, stride={s}, padding={p})")

    def one(size: int, p: int = p, s: int = s) -> int:
        return (size - 1) * s - 2 * p + k

    right = [f, one(h), one(w)]
    for kind, wrong, named in (
        ("padding ignored", [f, one(h, p=0), one(w, p=0)], "padding"),
        ("times the stride", [f, h * s, w * s], "stride|same|size|factor"),
        ("stride ignored", [f, one(h, s=1), one(w, s=1)], "stride"),
        ("padding once", [f, one(h) + p, one(w) + p], "padding"),
        ("kernel forgotten", [f, one(h) - k, one(w) - k], "kernel"),
        ("convolution", [f, side(h, k, s, p), side(w, k, s, p)], "convolution|transposed"),
        ("input's channels", [c, *right[1:]], "channel"),
    ):
        yield Case(f"transposed: {kind}", text, "up.shape", right, wrong, named)
    n = k * k * c * f
    for kind, wrong, named in (
        ("bias of the input", n + c, "bias"),
        ("no bias", n, "bias"),
        ("no channels", k * k * f + f, "channel"),
    ):
        yield Case(f"transposed: {kind}", text, "up.params", n + f, wrong, named)


def fields(pick: random.Random) -> Slips:
    k1, k2, k3, s1, d = (
        pick.choice((3, 5, 7)),
        pick.choice((3, 5)),
        pick.choice((3, 5)),
        pick.choice((2, 3)),
        pick.choice((2, 3)),
    )
    pool = pick.choice((2, 3))
    text = spec(
        [3, 160, 160],
        f"a: Conv2d(3, 4, {k1}, stride={s1}, padding=1)",
        f"b: Conv2d(4, 4, {k2}, dilation={d})",
        f"p: MaxPool2d({pool})",
        f"c: Conv2d(4, 4, {k3})",
    )
    parts = [(k1, s1, 1), (k2, 1, d), (pool, pool, 1), (k3, 1, 1)]

    def field(parts: list[tuple[int, int, int]], minus: int = 1) -> int:
        r, j = 1, 1
        for k, s, d in parts:
            r, j = r + d * (k - minus) * j, j * s
        return r

    right = field(parts)
    for kind, wrong, named in (
        ("strides ignored", field([(k, 1, d) for k, _, d in parts]), "stride"),
        ("dilation ignored", field([(k, s, 1) for k, s, _ in parts]), "dilation"),
        ("pool forgotten", field([one for one in parts if one[0] != pool or one[1] != pool or one[2] != 1]), "pool"),
        ("last kernel", k3, "last|kernel"),
        ("kernels summed", sum(k for k, _, _ in parts), "kernel|lessened|added|sum"),
        ("kernels multiplied", math.prod(k for k, _, _ in parts), "product|multipl"),
        ("1 lost", right - 1, "1"),
        ("not lessened", field(parts, 0), "lessened|− 1|- 1"),
        ("area", right * right, "area|square|side"),
        ("own stride counted", _own(parts), "own stride|stride"),
        (
            "strides of the pool ignored",
            field([(k, 1 if k == pool and s == pool else s, d) for k, s, d in parts]),
            "stride",
        ),
        ("c left out", field(parts[:3]), "left out|last|before|that is"),
        ("a left out", field(parts[1:]), "left out|first|a\\b"),
        ("strides multiplied", s1 * pool, "stride"),
        ("strides and dilation", field([(k, 1, 1) for k, _, _ in parts]), "(stride.*dilation|dilation.*stride)"),
    ):
        yield Case(f"field: {kind}", text, "c.receptive_field", right, wrong, named)


def _own(parts: list[tuple[int, int, int]]) -> int:
    r, j = 1, 1
    for k, s, d in parts:
        j *= s
        r += d * (k - 1) * j
    return r


def recurrent(pick: random.Random) -> Slips:
    wrong: Any
    right: Any
    name, gates = pick.choice((("LSTM", 4), ("GRU", 3), ("RNN", 1)))
    i, u, t = pick.choice((12, 30, 64)), pick.choice((24, 40, 50)), pick.randint(8, 20)
    text = spec([t, i], f"r: {name}({i}, {u}, bidirectional=True)", f"f: Linear({2 * u}, 5)")
    own = gates * (u * (i + u) + 2 * u)
    for kind, wrong, named in (
        ("one direction", own, "direction"),
        ("no biases", 2 * gates * u * (i + u), "bias"),
        ("one bias vector", 2 * gates * (u * (i + u) + u), "bias"),
        ("no state", 2 * gates * (u * i + 2 * u), "state"),
        ("no input", 2 * gates * (u * u + 2 * u), "input"),
        ("every step", 2 * own * t, "step"),
        ("input and hidden mixed up", 2 * gates * (i * (i + u) + 2 * i), "mixed|exchang|input"),
    ):
        yield Case(f"{name}: {kind}", text, "r.params", 2 * own, wrong, named)
    for kind, ask, right, wrong, named in (
        ("one direction", "r.shape", [t, 2 * u], [t, u], "direction"),
        ("last step", "r.shape", [t, 2 * u], [2 * u], "last|step|axis"),
        ("steps last", "r.shape", [t, 2 * u], [2 * u, t], "order|exchang|swap"),
        ("h_n one direction", "r.h_n.shape", [2, u], [1, u], "direction"),
        ("h_n concatenated", "r.h_n.shape", [2, u], [1, 2 * u], "direction|concat|beside"),
        ("sequence's linear for each step", "f.params", 10 * u + 5, t * (10 * u + 5), "step|position"),
        ("linear of one direction", "f.params", 10 * u + 5, 5 * u + 5, "direction|half|input|factor|r"),
    ):
        yield Case(f"{name}: {kind}", text, ask, right, wrong, named)


def attention(pick: random.Random) -> Slips:
    wrong: Any
    right: Any
    heads = pick.choice((2, 4, 8))
    d, t = heads * pick.choice((6, 8, 12)), pick.randint(7, 30)
    text = spec([t, d], f"m: MultiheadAttention({d}, {heads})")
    full = 4 * (d * d + d)
    for kind, wrong, named in (
        ("no output projection", 3 * (d * d + d), "output|projection"),
        ("no biases", 4 * d * d, "bias"),
        ("for each head", heads * full, "head"),
        ("one head", full // heads, "head"),
        ("query only", d * d + d, "one|query|projection"),
        ("only W_o has a bias", 4 * d * d + d, "bias"),
        ("W_o has no bias", 4 * d * d + 3 * d, "bias"),
        ("for each position", full * t, "step|position|length"),
    ):
        yield Case(f"heads: {kind}", text, "m.params", full, wrong, named)
    macs = 4 * t * d * d + 2 * t * t * d
    for kind, wrong, named in (
        ("scores only", t * t * d, "score|product|projection|left out"),
        ("projections only", 4 * t * d * d, "score|product|projection|left out"),
        ("products only", 2 * t * t * d, "projection|left out|product"),
        ("one product", 4 * t * d * d + t * t * d, "product|score|value"),
        ("no output projection", 3 * t * d * d + 2 * t * t * d, "output|projection"),
        ("for each head", 4 * t * d * d + 2 * t * t * d * heads, "head"),
        ("doubled", 2 * macs, "FLOPs|2"),
    ):
        yield Case(f"heads: macs: {kind}", text, "m.macs", macs, wrong, named)
    ff = pick.choice((100, 128, 200))
    text = spec([t, d], f"e: TransformerEncoderLayer({d}, {heads}, {ff})")
    feed = d * ff + ff + ff * d + d
    layer = full + feed + 4 * d
    for kind, wrong, named in (
        ("no norms", layer - 4 * d, "norm"),
        ("one norm", layer - 2 * d, "norm"),
        ("no feed forward", layer - feed, "feed|linear1"),
        ("no attention", layer - full, "attention|self_attn"),
        ("feed forward only", feed, "attention|norm|feed|linear1"),
        ("one linear layer", layer - ff * d - d, "linear|feed|second|one"),
        ("no biases", 4 * d * d + 2 * d * ff + 2 * d, "bias"),
        ("three projections", layer - d * d - d, "output|projection|out_proj"),
        ("attention without biases", layer - 4 * d, "bias|norm"),
        ("feed forward without biases", layer - ff - d, "bias"),
    ):
        yield Case(f"encoder layer: {kind}", text, "e.params", layer, wrong, named)
    v = pick.choice((500, 1000, 3000))
    text = f"input: {{dtype: int, shape: [{t}]}}\nlayers:\n  - emb: Embedding({v}, {d})\n  - out: Linear({d}, {v})\n"
    for kind, ask, right, wrong, named in (
        ("positions counted", "emb.params", v * d, t * d, "length|position|row|step"),
        ("a bias", "emb.params", v * d, v * d + d, "bias"),
        ("a bias each word", "emb.params", v * d, v * d + v, "bias"),
        ("tied", "total.params", 2 * v * d + v, v * d + v, "left out|tied|shared|emb"),
        ("no bias of the output", "total.params", 2 * v * d + v, 2 * v * d, "bias"),
        ("words in the shape", "emb.shape", [t, d], [v, d], "row|table|length|word|weight"),
        ("turned", "emb.shape", [t, d], [d, t], "order|exchang|swap"),
        ("lookup as a product", "emb.macs", 0, t * v * d, "lookup|product|operation"),
    ):
        yield Case(f"embedding: {kind}", text, ask, right, wrong, named)


def joined(pick: random.Random) -> Slips:
    c, f, h = pick.choice((8, 12)), pick.choice((16, 20)), pick.randint(10, 20)
    text = (
        f"input: [{c}, {h}, {h}]\nlayers:\n  - a: Conv2d({c}, {f}, 3, padding=1)\n"
        f"  - b: {{conv2d: {{in_channels: {c}, out_channels: {f}, kernel_size: 1}}, from: input}}\n"
        "  - s: {add: , from: [a, b]}\n  - k: {concat: , from: [a, s]}\n"
    )
    text = text.replace("{add: ,", "{add: {},").replace("{concat: ,", "{concat: {},")
    yield Case("add: concatenated", text, "s.shape", [f, h, h], [2 * f, h, h], "concat")
    yield Case("concatenate: added", text, "k.shape", [2 * f, h, h], [f, h, h], "concat|add")
    yield Case("concatenate: along the height", text, "k.shape", [2 * f, h, h], [f, 2 * h, h], "axis|height|concat")
    yield Case("concatenate: along the width", text, "k.shape", [2 * f, h, h], [f, h, 2 * h], "axis|width|concat")
    yield Case("add: parameters", text, "s.params", 0, 2 * f, "parameters|no ")


def symbols(pick: random.Random) -> Slips:
    head = "symbols: [C, H, W, F, K, S, P, D]\n"
    conv = spec("[C, H, W]", "conv: Conv2d(C, F, K, stride=S, padding=P)", head=head)
    dil = spec("[C, H, W]", "conv: Conv2d(C, F, K, padding=P, dilation=D)", head=head)
    up = spec("[C, H, W]", "conv: ConvTranspose2d(C, F, K, stride=S, padding=P)", head=head)
    heads = "symbols: [L, d, U, V]\n"

    def rnn(kind: str) -> str:
        return spec("[L, d]", f"r: {kind}(d, U)", head=heads)

    mha = spec("[L, d]", "r: MultiheadAttention(d, 1)", head=heads)
    lin = spec("[d]", "r: Linear(d, U)", head=heads)
    norm = spec("[L, d]", "r: LayerNorm(d)", head=heads)
    size, dilated = "floor((H + 2*P - K)/S) + 1", "H + 2*P - D*(K - 1)"
    out = "(H - 1)*S - 2*P + K"
    for text, ask, right, wrong, named in (
        (conv, "conv.shape[1]", size, "floor((H + P - K)/S) + 1", "padding"),
        (conv, "conv.shape[1]", size, "floor((H - K)/S) + 1", "padding"),
        (conv, "conv.shape[1]", size, "floor((H + 2*P)/S) + 1", "kernel"),
        (conv, "conv.shape[1]", size, "floor((H + 2*P - K + 1)/S)", r"\+ 1|divided|stride"),
        (conv, "conv.shape[1]", size, "floor((H - 2*P - K)/S) + 1", "sign|padding"),
        (conv, "conv.shape[1]", size, "floor((W + 2*P - K)/S) + 1", "height|width|swap|exchang"),
        (conv, "conv.shape[1]", size, "(H + 2*P - K)/S + 1", "round|floor"),
        (conv, "conv.shape[1]", size, "floor(H/S)", "stride|kernel|size|same"),
        (conv, "conv.shape[2]", "...", "floor((H + 2*P - K)/S) + 1", "height|width|swap|exchang"),
        (conv, "conv.params", "K^2*C*F + F", "K*C*F + F", "kernel|K"),
        (conv, "conv.params", "K^2*C*F + F", "K^2*C*F + C", "bias"),
        (conv, "conv.params", "K^2*C*F + F", "K^2*C*F + 1", "bias"),
        (conv, "conv.params", "K^2*C*F + F", "K^2*C + F", "output|filter|channel"),
        (conv, "conv.params", "K^2*C*F + F", "H*W*C*F + F", "image|kernel|dense"),
        (conv, "conv.params", "K^2*C*F + F", "K^2*C*F + 2*F", "bias"),
        (conv, "conv.params", "K^2*C*F + F", "(K^2 + 1)*C*F", "bias"),
        (dil, "conv.shape[1]", dilated, "H + 2*P - D*K", "1"),
        (dil, "conv.shape[1]", dilated, "H + 2*P - K + 1", "dilation"),
        (dil, "conv.shape[1]", dilated, "H + P - D*(K - 1)", "padding"),
        (dil, "conv.shape[1]", dilated, "H - D*(K - 1)", "padding"),
        (dil, "conv.shape[1]", dilated, "H + 2*P - D*(K - 1) - 1", "1"),
        (up, "conv.shape[1]", out, "H*S - 2*P + K", "1"),
        (up, "conv.shape[1]", out, "(H - 1)*S - P + K", "padding"),
        (up, "conv.shape[1]", out, "(H - 1)*S + 2*P + K", "padding|sign"),
        (up, "conv.shape[1]", out, "(H - 1)*S + K", "padding"),
        (up, "conv.shape[1]", out, "floor((H + 2*P - K)/S) + 1", "convolution|transposed"),
        (rnn("LSTM"), "r.params", "4*(U*d + U^2 + 2*U)", "4*(U*d + U^2 + U)", "bias"),
        (rnn("LSTM"), "r.params", "4*(U*d + U^2 + 2*U)", "4*(U*d + U^2)", "bias"),
        (rnn("LSTM"), "r.params", "4*(U*d + U^2 + 2*U)", "3*(U*d + U^2 + 2*U)", "three|gate"),
        (rnn("LSTM"), "r.params", "4*(U*d + U^2 + 2*U)", "U*d + U^2 + 2*U", "one|gate"),
        (rnn("LSTM"), "r.params", "4*(U*d + U^2 + 2*U)", "4*(U*d + 2*U)", "state"),
        (rnn("GRU"), "r.params", "3*(U*d + U^2 + 2*U)", "2*(U*d + U^2 + 2*U)", "two|gate"),
        (rnn("GRU"), "r.params", "3*(U*d + U^2 + 2*U)", "3*(U*d + U^2)", "bias"),
        (rnn("RNN"), "r.params", "U*d + U^2 + 2*U", "U*d + 2*U", "state"),
        (rnn("RNN"), "r.params", "U*d + U^2 + 2*U", "U*d + U^2", "bias"),
        (mha, "r.params", "4*d*(d + 1)", "4*d^2", "bias"),
        (mha, "r.params", "4*d*(d + 1)", "3*d*(d + 1)", "projection|output"),
        (mha, "r.params", "4*d*(d + 1)", "d*(d + 1)", "one|projection"),
        (mha, "r.params", "4*d*(d + 1)", "4*d^2 + d", "bias"),
        (lin, "r.params", "d*U + U", "d*U", "bias"),
        (lin, "r.params", "d*U + U", "d*U + d", "bias"),
        (lin, "r.params", "d*U + U", "d + U", "added|sum"),
        (lin, "r.params", "d*U + U", "d*U + 1", "bias"),
        (norm, "r.params", "2*d", "d", "shift|scale|bias|one"),
        (norm, "r.params", "2*d", "2*L*d", "axes|position|number|axis|step"),
        (norm, "r.params", "2*d", "4*d", "running"),
    ):
        if pick.random() < 0.6:
            yield Case(f"symbols: {ask} {wrong}", text, ask, right, wrong, named)


# --- numbers -------------------------------------------------------------------------------------------------------


def written(array: Any, digits: int = 4) -> Any:
    return np.round(np.asarray(array, dtype=float), digits).tolist()


def ints(pick: random.Random, *shape: int, low: int = -3, high: int = 4) -> Any:
    return np.array([pick.randint(low, high) for _ in range(math.prod(shape))], dtype=float).reshape(shape)


def plain(array: Any) -> str:
    return json.dumps(np.asarray(array).astype(int).tolist())


def correlate(x: Any, w: Any, s: int = 1, p: int = 0) -> Any:
    x = np.pad(x, p)
    k = w.shape[0]
    n, m = (x.shape[0] - k) // s + 1, (x.shape[1] - k) // s + 1
    return np.array([[(x[i * s : i * s + k, j * s : j * s + k] * w).sum() for j in range(m)] for i in range(n)])


def softmax(x: Any, axis: int = -1) -> Any:
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def filtering(pick: random.Random) -> Slips:
    n = pick.choice((4, 5))
    x, w, b = ints(pick, n, n), ints(pick, 2, 2), pick.choice((-2, 1, 3))
    p = pick.choice((0, 1))
    text = (
        spec([1, n, n], f"c: Conv2d(1, 1, 2, padding={p})", "r: ReLU")
        + f"values:\n  input: {plain(x)}\n  c.weight: {plain(w)}\n  c.bias: [{b}]\n"
    )
    y = correlate(x, w, 1, p) + b
    for kind, wrong, named in (
        ("flipped", correlate(x, w[::-1, ::-1], 1, p) + b, "turn|flip"),
        ("filter transposed", correlate(x, w.T, 1, p) + b, "transpos"),
        ("bias forgotten", y - b, "bias"),
        ("bias taken away", y - 2 * b, "bias|sign"),
        ("stride of two", y[::2, ::2], "stride|shape"),
        ("activation early", np.maximum(y, 0), "activation|ReLU|negative"),
        ("turned", y.T, "rows and columns|transpos|exchang"),
        ("sign", -y, "sign"),
        ("mean of a window", (y - b) / 4 + b, "mean|divided"),
        ("padding", correlate(x, w, 1, 1 - p) + b, "padding|zeros|padded"),
        (
            "one number",
            y + np.eye(*y.shape) * 0 + np.pad([[2.0]], ((0, y.shape[0] - 1), (0, y.shape[1] - 1))),
            "one number",
        ),
    ):
        yield Case(f"filter: {kind}", text, "c.output", y, wrong, named)
    r = np.maximum(y, 0)
    for kind, wrong, named in (
        ("relu forgotten", y, "ReLU|activation|c.output"),
        ("absolute", np.abs(y), "abs|sign"),
        ("relu turned", np.minimum(y, 0), "relu|negative|positive|sign|turned"),
    ):
        yield Case(f"relu: {kind}", text, "r.output", r, wrong, named)


def pooling(pick: random.Random) -> Slips:
    x = ints(pick, 4, 4, low=0, high=15)
    x += np.arange(16).reshape(4, 4) * 16 % 37
    blocks = x.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(2, 2, 4)
    for kind, layer, right, wrong, named in (
        ("mean for max", "MaxPool2d(2)", blocks.max(-1), blocks.mean(-1), "mean|average"),
        ("max for mean", "AvgPool2d(2)", blocks.mean(-1), blocks.max(-1), "max|largest"),
        ("sum for mean", "AvgPool2d(2)", blocks.mean(-1), blocks.sum(-1), "sum"),
        ("min for max", "MaxPool2d(2)", blocks.max(-1), blocks.min(-1), "min|small"),
        (
            "stride 1",
            "MaxPool2d(2)",
            blocks.max(-1),
            np.array([[x[i : i + 2, j : j + 2].max() for j in range(3)] for i in range(3)]),
            "stride|shape",
        ),
        ("first number", "MaxPool2d(2)", blocks.max(-1), blocks[..., 0], "first|corner"),
        ("largest of all", "MaxPool2d(2)", blocks.max(-1), np.full((2, 2), x.max()), "all|largest|same"),
    ):
        text = spec([1, 4, 4], f"p: {layer}") + f"values:\n  input: {plain(x)}\n"
        yield Case(f"pool: {kind}", text, "p.output", right, wrong, named)


def probabilities(pick: random.Random) -> Slips:
    x = np.array(sorted((pick.randint(-2, 3) for _ in range(4)), key=lambda _: pick.random()), dtype=float)
    x[pick.randint(0, 3)] += 1
    text = spec([4], "p: Softmax(dim=1)") + f"values:\n  input: {plain(x)}\n"
    e = np.exp(x)
    for kind, wrong, named in (
        ("not normalised", e, "normal|sum|exp"),
        ("no exponentials", x / x.sum() if x.sum() else e, "exp"),
        ("hard maximum", (x == x.max()) * 1.0, "largest|max|hard"),
        ("logarithm", np.log(softmax(x)), "log"),
        ("sigmoid", 1 / (1 + 1 / e), "sigmoid"),
        ("negative exponents", softmax(-x), "sign|exponent"),
        ("divided by the largest", e / e.max(), "largest"),
        ("powers of two", 2**x / (2**x).sum(), "power|2"),
        ("in percent", 100 * softmax(x), "percent|100"),
    ):
        yield Case(f"softmax: {kind}", text, "p.output", softmax(x), wrong, named)
    m = ints(pick, 3, 4)
    text = spec([3, 4], "p: Softmax(dim=-1)") + f"values:\n  input: {plain(m)}\n"
    for kind, wrong, named in (
        ("columns", softmax(m, 0), "axis|column"),
        ("all numbers", np.exp(m) / np.exp(m).sum(), "all|axis"),
        ("not normalised", np.exp(m), "normal|sum"),
    ):
        yield Case(f"softmax of rows: {kind}", text, "p.output", softmax(m), wrong, named)
    text = spec([4], "s: Sigmoid") + f"values:\n  input: {plain(x)}\n"
    sig = 1 / (1 + np.exp(-x))
    for kind, wrong, named in (
        ("sign", 1 / (1 + e), "sign"),
        ("tanh", np.tanh(x), "tanh"),
        ("derivative", sig * (1 - sig), "derivative"),
        ("relu", np.maximum(x, 0), "relu"),
        ("exp", e, "exp|1 \\+"),
    ):
        yield Case(f"sigmoid: {kind}", text, "s.output", sig, wrong, named)


def attending(pick: random.Random) -> Slips:
    t, d, k = 3, 4, pick.choice((2, 3))
    x, q, w, v = (
        ints(pick, t, d, low=-1, high=1),
        ints(pick, d, k, low=-1, high=1),
        ints(pick, d, k, low=-1, high=2),
        ints(pick, d, k, low=-1, high=2),
    )
    text = (
        spec([t, d], f"h: Attention({d}, head_dim={k})")
        + f"values:\n  input: {plain(x)}\n  h.W_q: {plain(q)}\n  h.W_k: {plain(w)}\n  h.W_v: {plain(v)}\n"
    )
    qq, kk, vv = x @ q, x @ w, x @ v
    raw = qq @ kk.T
    s = raw / math.sqrt(k)
    a = softmax(s)
    for ask, kind, right, wrong, named in (
        ("scores", "not scaled", s, raw, "scal|√"),
        ("scores", "by d_k", s, raw / k, "scal|d_k|√"),
        ("scores", "by d_model", s, raw / math.sqrt(d), "scal|d_model|√"),
        ("scores", "transposed", s, s.T, "transpos|rows and columns|exchang"),
        ("scores", "multiplied", s, raw * math.sqrt(k), "multipl|scal|√"),
        ("scores", "query with query", s, qq @ qq.T / math.sqrt(k), "query"),
        ("scores", "inputs", s, x @ x.T / math.sqrt(k), "input|project|x"),
        ("attention", "columns", a, softmax(s, 0), "column|axis"),
        ("attention", "not scaled", a, softmax(raw), "scal|√"),
        ("attention", "scores", a, s, "softmax|score"),
        ("attention", "not normalised", a, np.exp(s), "normal|exp|sum"),
        ("attention", "causal", a, softmax(np.where(np.tri(t) > 0, s, -1e30)), "mask|causal"),
        ("output", "not scaled", a @ vv, softmax(raw) @ vv, "scal|√"),
        ("output", "no softmax", a @ vv, s @ vv, "softmax"),
        ("output", "columns", a @ vv, softmax(s, 0) @ vv, "column|axis"),
        ("output", "weights of the keys", a @ vv, a @ kk, "key|value"),
        ("output", "weights transposed", a @ vv, a.T @ vv, "transpos"),
        ("output", "mean", a @ vv, np.repeat(vv.mean(0, keepdims=True), t, 0), "mean|alike"),
        ("query", "transposed weight", qq, kk, "key|query|exchang"),
    ):
        yield Case(f"attention: {ask} {kind}", text, f"h.{ask}", right, wrong, named)


def derivatives(pick: random.Random) -> Slips:
    n, m = 3, 2
    x, w, b, g = ints(pick, n), ints(pick, m, n), ints(pick, m), ints(pick, m, low=1, high=4)
    text = (
        spec([n], f"f: Linear({n}, {m})")
        + f"values:\n  input: {plain(x)}\n  f.weight: {plain(w)}\n  f.bias: {plain(b)}\n  output.grad: {plain(g)}\n"
    )
    y = w @ x + b
    for ask, kind, right, wrong, named in (
        ("f.output", "bias forgotten", y, w @ x, "bias"),
        ("f.output", "sign of the bias", y, w @ x - b, "bias|sign"),
        ("f.output", "sign", y, -y, "sign"),
        ("gradient(input)", "ones", w.T @ g, w.T @ np.ones(m), "ones|gradient"),
        ("gradient(f.weight)", "transposed", np.outer(g, x), np.outer(x, g), "transpos|exchang|rows and columns"),
        ("gradient(f.weight)", "ones", np.outer(g, x), np.outer(np.ones(m), x), "ones|gradient"),
        ("gradient(f.weight)", "sign", np.outer(g, x), -np.outer(g, x), "sign"),
        ("gradient(f.bias)", "ones", g, np.ones(m), "ones|gradient"),
        ("gradient(f.bias)", "output", g, y, "output|that is"),
        ("gradient(input)", "the weights summed", w.T @ g, w.sum(0), "ones|sum|gradient"),
        ("gradient(input)", "half", w.T @ g, w.T @ g / 2, "half|mean"),
    ):
        yield Case(f"gradient: {ask} {kind}", text, ask, right, wrong, named)
    x, k = ints(pick, 4, 4, low=1, high=6), ints(pick, 2, 2)
    text = spec([1, 4, 4], "c: Conv2d(1, 1, 2, bias=False)") + f"values:\n  input: {plain(x)}\n  c.weight: {plain(k)}\n"
    right = correlate(x, np.ones((3, 3)))
    back = correlate(np.pad(np.ones((3, 3)), 1), k[::-1, ::-1])
    for ask, kind, good, wrong, named in (
        ("gradient(c.weight)", "mean", right, right / 9, "mean|divided"),
        ("gradient(c.weight)", "first window", right, x[:2, :2], "first|window|one"),
        ("gradient(c.weight)", "last window", right, x[2:, 2:], "last|window|one"),
        ("gradient(c.weight)", "turned", right, right[::-1, ::-1], "turn|flip"),
        ("gradient(input)", "not turned", back, correlate(np.pad(np.ones((3, 3)), 1), k), "turn|flip"),
        ("gradient(input)", "ones", back, np.ones((4, 4)), "one|every"),
    ):
        yield Case(f"filter gradient: {kind}", text, ask, good, wrong, named)
    z = ints(pick, 4, low=-3, high=3)
    z[0], z[1] = 2, -2
    text = spec([4], "r: ReLU") + f"values:\n  input: {plain(z)}\n"
    good = (z > 0) * 1.0
    for kind, wrong, named in (
        ("everywhere one", np.ones(4), "ReLU|left out|everywhere|pass|activation"),
        ("turned", 1 - good, "turned|negative|exchang|the other|where"),
        ("the numbers themselves", np.maximum(z, 0), "output|value|number"),
    ):
        yield Case(f"relu gradient: {kind}", text, "gradient(input)", good, wrong, named)


def losses(pick: random.Random) -> Slips:
    x, y = ints(pick, 4), ints(pick, 4)
    y[0], y[1] = x[0] + 2, x[1] - 1
    text = f"inputs: {{x: [4], y: [4]}}\nlayers:\n  - loss: MSELoss\n    from: [x, y]\nvalues:\n  x: {plain(x)}\n  y: {plain(y)}\n"
    right = ((x - y) ** 2).mean()
    for kind, wrong, named in (
        ("sum", ((x - y) ** 2).sum(), "sum|mean"),
        ("absolute", np.abs(x - y).mean(), "abs|L1|squar"),
        ("half", right / 2, "half|2"),
        ("root", math.sqrt(right), "root"),
        ("not squared", (x - y).mean(), "squar|difference"),
    ):
        yield Case(f"MSE: {kind}", text, "loss.output", right, wrong, named)
    grad = 2 * (x - y) / 4
    for kind, wrong, named in (
        ("sum", 4 * grad, "sum|mean|4 times"),
        ("no 2", grad / 2, "half|2"),
        ("sign", -grad, "sign"),
    ):
        yield Case(f"MSE gradient: {kind}", text, "gradient(x)", grad, wrong, named)


KINDS: tuple[Callable[[random.Random], Slips], ...] = (
    windows, counts, pools, chain, norms, transposed, fields, recurrent, attention, joined, symbols,
    filtering, pooling, probabilities, attending, derivatives, losses,
)  # fmt: skip


def same(a: Any, b: Any) -> bool:
    try:
        a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    except (TypeError, ValueError):
        return bool(a == b)
    return a.shape == b.shape and bool(np.allclose(a, b, atol=2e-3))


def plausible(case: Case) -> bool:
    """Whether the wrong answer is wrong, and one that somebody would write down."""
    if same(case.right, case.wrong):
        return False
    sizes = case.wrong if case.ask.endswith("shape") else []
    return all(size > 0 for size in sizes)


def cases(rounds: int, seed: int) -> Iterator[Case]:
    """All wrong answers of all kinds, `rounds` times with other numbers."""
    pick = random.Random(seed)
    for make in KINDS * rounds:
        for case in make(pick):
            if plausible(case):
                wrong = written(case.wrong) if isinstance(case.wrong, np.ndarray | float) else case.wrong
                yield case._replace(wrong=wrong)
