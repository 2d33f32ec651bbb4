"""Answers of a third kind of class: spreadsheets, LaTeX, other countries' numbers, sentences, printed output; mistakes.

Right and wrong values come from formulas of textbooks, written out below; nothing of the package is used.
"""

# ruff: noqa: E501
from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from tests.written_answers import Case, Sheet, Slip, side, spec

FOUND = "params"


def plain_conv(pick: random.Random) -> Sheet:
    c, f, k, s = (
        pick.choice((1, 3, 4, 10)),
        pick.choice((8, 24, 30, 64)),
        pick.choice((3, 5, 7, 11)),
        pick.choice((1, 2, 3, 4)),
    )
    p, h, w = pick.randint(1, 4), pick.randint(40, 80), pick.randint(81, 227)
    text = spec([c, h, w], f"conv: Conv2d({c}, {f}, {k}, stride={s}, padding={p})", "act: ReLU")
    y, x, n = side(h, k, s, p), side(w, k, s, p), k * k * c * f
    right = {"conv.shape": [f, y, x], "conv.params": n + f, "conv.macs": n * y * x}
    slips: list[Slip] = [
        ("padding once", "conv.shape", [f, side(h, k, s, 0) + p // s, side(w, k, s, 0) + p // s], "padding"),
        ("no padding", "conv.shape", [f, side(h, k, s), side(w, k, s)], "padding"),
        ("kernel added", "conv.shape", [f, (h + 2 * p + k) // s + 1, (w + 2 * p + k) // s + 1], "kernel|sign"),
        ("no plus one", "conv.shape", [f, y - 1, x - 1], r"\+ 1"),
        ("plus two", "conv.shape", [f, y + 1, x + 1], r"\+ 1|twice|one window too|ceil|same"),
        ("same", "conv.shape", [f, -(-h // s), -(-w // s)], "same|stride|kernel|ceil"),
        ("exchanged", "conv.shape", [f, x, y], "swap|exchang|order|height and width"),
        ("input channels", "conv.shape", [c, y, x], "channel"),
        ("all sizes of the input", "conv.shape", [c, h, w], "input|unchanged"),
        ("bias lost", "conv.params", n, "bias"),
        ("one bias", "conv.params", n + 1, "bias"),
        ("bias per channel", "conv.params", n + c, "bias"),
        ("bias per pixel", "conv.params", n + f * y * x, "bias"),
        ("K for K²", "conv.params", k * c * f + f, "K|kernel"),
        ("2K for K²", "conv.params", 2 * k * c * f + f, "K|kernel"),
        ("channels lost", "conv.params", k * k * f + f, "channel"),
        ("filters lost", "conv.params", k * k * c + f, "channel|filter"),
        ("one filter", "conv.params", k * k * c + 1, "filter|channel"),
        ("image for kernel", "conv.params", h * w * c * f + f, "image|input|size|dense|connected"),
        ("exchanged digits of nothing: ten times", "conv.params", 10 * (n + f), "ten"),
        ("twice", "conv.macs", 2 * n * y * x, "FLOPs|2|twice"),
        ("with biases", "conv.macs", (n + f) * y * x, "bias"),
        ("input size", "conv.macs", n * h * w, "input|position"),
        ("one row", "conv.macs", n * x, "height|axis|row|position|width"),
        ("no filters", "conv.macs", n // f * y * x, "channel|filter"),
        ("no input channels", "conv.macs", n // c * y * x, "channel"),
        ("without positions", "conv.macs", n, "position|params|weights|one"),
        ("no padding", "conv.macs", n * side(h, k, s) * side(w, k, s), "padding"),
    ]
    if s > 1:
        slips += [
            ("no stride", "conv.shape", [f, side(h, k, 1, p), side(w, k, 1, p)], "stride"),
            (
                "ceil",
                "conv.shape",
                [f, math.ceil((h + 2 * p - k) / s) + 1, math.ceil((w + 2 * p - k) / s) + 1],
                "ceil|round|up",
            ),
            ("no stride", "conv.macs", n * side(h, k, 1, p) * side(w, k, 1, p), "stride"),
        ]
    return Sheet(text, right, slips)


def separable(pick: random.Random) -> Sheet:
    c, f, k, h = pick.choice((8, 16, 32)), pick.choice((24, 48, 64)), pick.choice((3, 5)), pick.choice((14, 28, 30))
    text = spec(
        [c, h, h],
        f"dw: Conv2d({c}, {c}, {k}, padding={k // 2}, groups={c}, bias=False)",
        f"pw: Conv2d({c}, {f}, 1, bias=False)",
    )
    a, b = k * k * c, c * f
    right = {
        "dw.params": a,
        "pw.params": b,
        "total.params": a + b,
        "dw.macs": a * h * h,
        "total.macs": (a + b) * h * h,
        "dw.weight.shape": [c, 1, k, k],
    }
    slips: list[Slip] = [
        ("standard", "dw.params", a * c, "group|depthwise"),
        ("with bias", "dw.params", a + c, "bias"),
        ("one kernel", "dw.params", k * k, "channel|kernel|one"),
        ("K for K²", "dw.params", k * c, "K|kernel"),
        ("with bias", "pw.params", b + f, "bias"),
        ("inputs alone", "pw.params", c, "channel|filter"),
        ("outputs alone", "pw.params", f, "channel"),
        ("added", "pw.params", c + f, "sum|added|plus"),
        ("3x3 pointwise", "pw.params", k * k * b, "kernel|K|dw"),
        ("pointwise alone", "total.params", b, "dw|left out"),
        ("depthwise alone", "total.params", a, "pw|left out"),
        ("standard", "total.params", a * c + b, "group|depthwise"),
        ("standard", "dw.macs", a * c * h * h, "group"),
        ("standard", "total.macs", (a * c + b) * h * h, "group"),
        ("no padding", "dw.macs", a * (h - k + 1) ** 2, "padding"),
        ("groups ignored", "dw.weight.shape", [c, c, k, k], "group"),
        ("first sizes exchanged", "dw.weight.shape", [1, c, k, k], "order|exchang|swap|transpos"),
    ]
    return Sheet(text, right, slips)


def pooled(pick: random.Random) -> Sheet:
    c, k, s, h, w = (
        pick.choice((6, 20, 64)),
        pick.choice((2, 3)),
        pick.choice((2, 3)),
        pick.randint(20, 40),
        pick.randint(41, 70),
    )
    text = spec(
        [c, h, w],
        f"max: MaxPool2d({k}, stride={s})",
        "gap: AdaptiveAvgPool2d(1)",
        "flat: Flatten",
        f"fc: Linear({c}, 7)",
    )
    y, x = side(h, k, s), side(w, k, s)
    right = {"max.shape": [c, y, x], "gap.shape": [c, 1, 1], "flat.shape": [c], "fc.params": c * 7 + 7, "max.params": 0}
    slips: list[Slip] = [
        ("stride one", "max.shape", [c, h - k + 1, w - k + 1], "stride"),
        ("plus one lost", "max.shape", [c, y - 1, x - 1], r"\+ 1"),
        ("channels halved", "max.shape", [c // s, y, x], "channel"),
        ("channels gone", "max.shape", [y, x], "channel|axis"),
        ("one channel", "max.shape", [1, y, x], "channel"),
        ("weights", "max.params", k * k * c, "no param"),
        ("kept", "gap.shape", [c, y, x], "input|unchanged|window|size"),
        ("over channels", "gap.shape", [1, y, x], "channel"),
        ("not pooled", "flat.shape", [c * y * x], "gap|left out|pool"),
        ("not pooled", "fc.params", c * y * x * 7 + 7, "gap|left out|pool"),
        ("bias lost", "fc.params", c * 7, "bias"),
        ("one bias", "fc.params", c * 7 + 1, "bias"),
    ]
    if k != s:
        slips.append(("stride is kernel", "max.shape", [c, side(h, k, k), side(w, k, k)], "stride|kernel"))
    return Sheet(text, right, slips)


def dilated(pick: random.Random) -> Sheet:
    c, f, k, d, h = (
        pick.choice((4, 8)),
        pick.choice((12, 20)),
        pick.choice((3, 5)),
        pick.choice((2, 3, 4)),
        pick.randint(48, 96),
    )
    text = spec([c, h, h + 9], f"conv: Conv2d({c}, {f}, {k}, dilation={d})")
    n, y, x = k * k * c * f, side(h, k, 1, 0, d), side(h + 9, k, 1, 0, d)
    e = d * (k - 1) + 1
    right = {"conv.shape": [f, y, x], "conv.params": n + f, "conv.macs": n * y * x, "conv.receptive_field": e}
    slips: list[Slip] = [
        ("no dilation", "conv.shape", [f, h - k + 1, h + 9 - k + 1], "dilation"),
        ("DK", "conv.shape", [f, h - d * k + 1, h + 9 - d * k + 1], "dilation|− 1|D·K"),
        ("as a stride", "conv.shape", [f, side(h, k, d), side(h + 9, k, d)], "stride|dilation"),
        ("K + D", "conv.shape", [f, h - k - d + 1, h + 9 - k - d + 1], "dilation"),
        ("holes counted", "conv.params", e * e * c * f + f, "dilat|zeros|holes"),
        ("no dilation", "conv.receptive_field", k, "dilation"),
        ("DK", "conv.receptive_field", d * k, "dilation|− 1|D·K|K·D"),
        ("no plus one", "conv.receptive_field", e - 1, r"\+ 1|one"),
        ("holes counted", "conv.macs", e * e * c * f * y * x, "dilat|zeros|holes"),
        ("no dilation", "conv.macs", n * (h - k + 1) * (h + 9 - k + 1), "dilation"),
    ]
    return Sheet(text, right, slips)


def upward(pick: random.Random) -> Sheet:
    c, f, k, s, p = pick.choice((6, 16)), pick.choice((8, 24)), pick.choice((2, 4, 5)), 2, pick.randint(0, 1)
    h, w = pick.randint(8, 20), pick.randint(21, 40)
    text = spec([c, h, w], f"up: ConvTranspose2d({c}, {f}, {k}, stride={s}, padding={p})")
    out = lambda size, p=p, s=s: (size - 1) * s - 2 * p + k  # noqa: E731
    n = k * k * c * f
    right = {"up.shape": [f, out(h), out(w)], "up.params": n + f, "up.weight.shape": [c, f, k, k], "up.macs": n * h * w}
    slips: list[Slip] = [
        ("as a convolution", "up.shape", [f, side(h, k, s, p), side(w, k, s, p)], "transposed|convolution"),
        ("minus one lost", "up.shape", [f, h * s - 2 * p + k, w * s - 2 * p + k], "− 1|- 1"),
        ("kernel lost", "up.shape", [f, (h - 1) * s - 2 * p, (w - 1) * s - 2 * p], "kernel"),
        ("no stride", "up.shape", [f, out(h, s=1), out(w, s=1)], "stride"),
        ("bias lost", "up.params", n, "bias"),
        ("bias of the inputs", "up.params", n + c, "bias"),
        ("weight of a convolution", "up.weight.shape", [f, c, k, k], "order|transpos|exchang|swap"),
        ("at the outputs", "up.macs", n * out(h) * out(w), "output|position|convolution"),
    ]
    if p:
        slips += [
            ("no padding", "up.shape", [f, out(h, 0), out(w, 0)], "padding"),
            ("padding added", "up.shape", [f, out(h, -p), out(w, -p)], "padding"),
            ("padding once", "up.shape", [f, out(h) + p, out(w) + p], "padding"),
        ]
    return Sheet(text, right, slips)


def fields(pick: random.Random) -> Sheet:
    c, k1, k2, k3 = 3, pick.choice((5, 7)), 3, pick.choice((3, 5))
    text = spec(
        [c, 128, 128],
        f"c1: Conv2d(3, 8, {k1}, stride=2)",
        "p1: MaxPool2d(2)",
        f"c2: Conv2d(8, 16, {k2})",
        f"c3: Conv2d(16, 16, {k3}, stride=2)",
        f"c4: Conv2d(16, 16, {k2})",
    )
    r = k1
    r += 2
    r += (k2 - 1) * 4
    r3 = r + (k3 - 1) * 4
    r4 = r3 + (k2 - 1) * 8
    right = {"c2.receptive_field": r, "c3.receptive_field": r3, "c4.receptive_field": r4}
    ks = [k1, 2, k2, k3, k2]
    slips: list[Slip] = [
        ("strides ignored", "c4.receptive_field", 1 + sum(k - 1 for k in ks), "stride"),
        ("kernels summed", "c4.receptive_field", sum(ks), "sum|added"),
        ("product", "c3.receptive_field", k1 * 2 * k2 * k3, "product|multipl"),
        ("last kernel", "c4.receptive_field", k2, "last|own|kernel"),
        ("pool forgotten", "c4.receptive_field", k1 + (k2 - 1) * 2 + (k3 - 1) * 2 + (k2 - 1) * 4, "pool|p1"),
        (
            "own stride, too",
            "c4.receptive_field",
            1 + (k1 - 1) * 2 + 4 + (k2 - 1) * 4 + (k3 - 1) * 8 + (k2 - 1) * 8,
            "stride|own|jump",
        ),
        ("K for K - 1", "c4.receptive_field", k1 + 2 * 2 + k2 * 4 + k3 * 4 + k2 * 8, "K|kernel|− 1"),
        ("one layer less", "c4.receptive_field", r3, "c3|layer|earlier|last"),
        ("no plus one", "c4.receptive_field", r4 - 1, r"\+ 1|one|1"),
    ]
    return Sheet(text, right, slips)


def counted_norms(pick: random.Random) -> Sheet:
    c, f, h = pick.choice((3, 6)), pick.choice((12, 20, 48)), pick.choice((16, 20))
    text = spec(
        [c, h, h],
        f"conv: Conv2d({c}, {f}, 3, bias=False)",
        f"bn: BatchNorm2d({f})",
        "act: ReLU",
        f"gn: GroupNorm(4, {f})",
        "flat: Flatten",
        f"fc: Linear(out_features={f})",
        f"ln: LayerNorm({f})",
    )
    y = h - 2
    n, flat = 9 * c * f, f * y * y
    right = {
        "bn.params": 2 * f,
        "gn.params": 2 * f,
        "ln.params": 2 * f,
        "conv.params": n,
        "total.params": n + 6 * f + flat * f + f,
    }
    slips: list[Slip] = [
        ("four each", "bn.params", 4 * f, "running|statist"),
        ("one each", "bn.params", f, "scale|shift|gamma|one|two|bias"),
        ("every number", "bn.params", 2 * f * y * y, "number|position|channel|each|pixel|image|axes"),
        ("none", "bn.params", 0, "norm|scale"),
        ("two in all", "bn.params", 2, "channel|one|layer"),
        ("groups", "gn.params", 8, "group"),
        ("one each", "ln.params", f, "scale|shift|one|two|bias"),
        ("bias in spite of all", "conv.params", n + f, "bias"),
        ("norms left out", "total.params", n + flat * f + f, "norm"),
        ("batch norm left out", "total.params", n + 4 * f + flat * f + f, "bn|BatchNorm"),
        ("running statistics", "total.params", n + 8 * f + flat * f + f, "running"),
        ("bias in spite of all", "total.params", n + f + 6 * f + flat * f + f, "bias"),
    ]
    return Sheet(text, right, slips)


def embedded(pick: random.Random) -> Sheet:
    v, d, t, u = (
        pick.choice((1000, 5000, 8000)),
        pick.choice((32, 64, 100)),
        pick.choice((12, 20)),
        pick.choice((48, 80)),
    )
    text = f"input: {{shape: [{t}], dtype: int}}\nlayers:\n  - emb: Embedding({v}, {d})\n  - rnn: LSTM({d}, {u})\n  - out: Linear({u}, {v})\n"
    g = u * d + u * u
    right = {
        "emb.shape": [t, d],
        "emb.params": v * d,
        "rnn.params": 4 * (g + 2 * u),
        "rnn.shape": [t, u],
        "out.params": u * v + v,
    }
    slips: list[Slip] = [
        ("with bias", "emb.params", v * d + d, "bias"),
        ("length counted", "emb.params", t * d, "length|position|vocabul|size|numbers|rows|sequence|words"),
        ("one-hot kept", "emb.shape", [t, v], "num_embeddings|vocab|input|in place"),
        ("sequence lost", "emb.shape", [d], "axis|length|left out|position"),
        ("one bias", "rnn.params", 4 * (g + u), "bias"),
        ("no bias", "rnn.params", 4 * g, "bias"),
        ("three gates", "rnn.params", 3 * (g + 2 * u), "three|gate|GRU"),
        ("one gate", "rnn.params", g + 2 * u, "gate"),
        ("no recurrence", "rnn.params", 4 * (u * d + 2 * u), "recurrent|hidden|state|W_hh"),
        ("no input", "rnn.params", 4 * (u * u + 2 * u), "input"),
        ("each step", "rnn.params", 4 * (g + 2 * u) * t, "step|length|time"),
        ("last step", "rnn.shape", [u], "last|step"),
        ("gates", "rnn.shape", [t, 4 * u], "gate"),
        ("input size", "rnn.shape", [t, d], "input|unchanged|size"),
        ("tied", "out.params", v, "weight|bias|tied"),
        ("bias lost", "out.params", u * v, "bias"),
        ("bias of the inputs", "out.params", u * v + u, "bias"),
    ]
    return Sheet(text, right, slips)


def gru_both_ways(pick: random.Random) -> Sheet:
    d, u, t = pick.choice((10, 24, 40)), pick.choice((16, 30, 64)), pick.choice((9, 15))
    text = spec([t, d], f"rnn: GRU({d}, {u}, num_layers=2, bidirectional=True)")
    one = lambda i, g=3, b=2: g * (u * i + u * u + b * u)  # noqa: E731
    n = 2 * one(d) + 2 * one(2 * u)
    right = {"rnn.params": n, "rnn.shape": [t, 2 * u], "rnn.h_n.shape": [4, u]}
    slips: list[Slip] = [
        ("one direction", "rnn.params", one(d) + one(u), "direction"),
        ("one layer", "rnn.params", 2 * one(d), "layer|stack"),
        ("second layer like the first", "rnn.params", 4 * one(d), "layer|input|first"),
        ("second layer takes one direction", "rnn.params", 2 * one(d) + 2 * one(u), "direction|second|upper"),
        ("four gates", "rnn.params", 2 * one(d, 4) + 2 * one(2 * u, 4), "four|gate|LSTM"),
        ("one bias", "rnn.params", 2 * one(d, 3, 1) + 2 * one(2 * u, 3, 1), "bias"),
        ("no bias", "rnn.params", 2 * one(d, 3, 0) + 2 * one(2 * u, 3, 0), "bias"),
        ("one direction", "rnn.shape", [t, u], "direction"),
        ("layers, too", "rnn.shape", [t, 4 * u], "layer|times"),
        ("last step", "rnn.shape", [2 * u], "last|step"),
        ("layers alone", "rnn.h_n.shape", [2, u], "direction"),
        ("one state", "rnn.h_n.shape", [1, u], "layer|stack|direction"),
    ]
    return Sheet(text, right, slips)


def attends(pick: random.Random) -> Sheet:
    e, h, t = pick.choice((32, 64, 96)), pick.choice((2, 4, 8)), pick.choice((10, 15, 24))
    text = spec([t, e], f"attn: MultiheadAttention({e}, {h})", f"ln: LayerNorm({e})", f"ff: Linear({e}, {4 * e})")
    n = 4 * (e * e + e)
    right = {
        "attn.params": n,
        "attn.shape": [t, e],
        "attn.scores.shape": [h, t, t],
        "attn.macs": 4 * t * e * e + 2 * t * t * e,
        "ff.params": 4 * e * e + 4 * e,
    }
    slips: list[Slip] = [
        ("biases lost", "attn.params", 4 * e * e, "bias"),
        ("three projections", "attn.params", 3 * (e * e + e), "projection|output"),
        ("one projection", "attn.params", e * e + e, "projection|one"),
        ("heads again", "attn.params", h * n, "head"),
        ("one head", "attn.params", 4 * (e * e // h + e // h), "head"),
        ("two projections", "attn.params", 2 * (e * e + e), "projection|two|half|quer|head"),
        ("scores as output", "attn.shape", [t, t], "score|length|position|axis"),
        ("one head", "attn.shape", [t, e // h], "head"),
        ("heads kept", "attn.shape", [h, t, e // h], "head"),
        ("heads lost", "attn.scores.shape", [t, t], "head|axis"),
        ("features", "attn.scores.shape", [h, t, e], "feature|position|score"),
        ("features of a head", "attn.scores.shape", [h, t, e // h], "feature|position|score|head"),
        ("scores lost", "attn.macs", 4 * t * e * e, "score|attention|product"),
        ("projections lost", "attn.macs", 2 * t * t * e, "project"),
        ("scores once", "attn.macs", 4 * t * e * e + t * t * e, "score|value|once|product"),
        ("three projections", "attn.macs", 3 * t * e * e + 2 * t * t * e, "project"),
        ("twice", "attn.macs", 2 * (4 * t * e * e + 2 * t * t * e), "FLOPs|2"),
        ("heads again", "attn.macs", 4 * t * e * e + 2 * t * t * e * h, "head"),
        ("bias lost", "ff.params", 4 * e * e, "bias"),
        ("bias of the inputs", "ff.params", 4 * e * e + e, "bias"),
        ("length, too", "ff.params", (4 * e * e + 4 * e) * t, "position|length|step|shared"),
    ]
    return Sheet(text, right, slips)


def course_net(pick: random.Random) -> Sheet:
    f, g, u, h = pick.choice((8, 16)), pick.choice((24, 32)), pick.choice((50, 100)), pick.choice((28, 32))
    text = spec(
        [1, h, h], f"conv1: Conv2d(1, {f}, 3, padding=1)", "relu1: ReLU", "pool1: MaxPool2d(2)", f"conv2: Conv2d({f}, {g}, 5)", "relu2: ReLU",
        "pool2: MaxPool2d(2)", "flat: Flatten", f"fc1: Linear(out_features={u})", "relu3: ReLU", f"fc2: Linear({u}, 10)",
    )  # fmt: skip
    a, b = 9 * f + f, 25 * f * g + g
    y = (h // 2 - 4) // 2
    flat = g * y * y
    one, two = flat * u + u, 10 * u + 10
    n = a + b + one + two
    m1, m2 = 9 * f * h * h, 25 * f * g * (h // 2 - 4) ** 2
    right = {"conv1.shape": [f, h, h], "pool2.shape": [g, y, y], "flat.shape": [flat], "total.params": n, "fc1.params": one, "conv2.params": b, "conv1.macs": m1,
             "total.macs": m1 + m2 + flat * u + 10 * u, "total.params * 4": 4 * n, "fc1.params / total.params": Fraction(one, n), "total.params * 4 / 1024": Fraction(4 * n, 1024)}  # fmt: skip
    slips: list[Slip] = [
        ("padding ignored", "conv1.shape", [f, h - 2, h - 2], "padding"),
        ("pool halves channels", "pool2.shape", [g // 2, y, y], "channel"),
        ("pool forgotten", "pool2.shape", [g, 2 * y, 2 * y], "pool|input|stride"),
        ("same padding", "flat.shape", [g * (h // 4) ** 2], "same|padding"),
        ("pool forgotten", "flat.shape", [g * 4 * y * y], "pool2|left out|stride"),
        ("input channels", "flat.shape", [f * y * y], "channel"),
        ("channels lost", "flat.shape", [y * y], "channel"),
        ("side not squared", "flat.shape", [g * y], "axis|height|width|left out"),
        ("biases lost", "total.params", n - f - g - u - 10, "bias"),
        ("last layer lost", "total.params", n - two, "fc2|left out"),
        ("first layer lost", "total.params", n - a, "conv1|left out"),
        ("convolutions alone", "total.params", a + b, "Linear|left out"),
        ("same padding", "total.params", n + (g * (h // 4) ** 2 - flat) * u, "same|padding"),
        ("bias lost", "fc1.params", flat * u, "bias"),
        ("pool forgotten", "fc1.params", 4 * flat * u + u, "pool|stride|left out"),
        ("added", "fc1.params", flat + u, "added|sum"),
        ("bias each input", "fc1.params", flat * u + flat, "bias"),
        ("input channels 1", "conv2.params", 25 * g + g, "channel"),
        ("kernel of the first", "conv2.params", 9 * f * g + g, "kernel"),
        ("bias of input channels", "conv2.params", 25 * f * g + f, "bias"),
        ("padding ignored", "conv1.macs", 9 * f * (h - 2) ** 2, "padding"),
        ("convolutions alone", "total.macs", m1 + m2, "Linear|left out|dense"),
        ("twice", "total.macs", 2 * (m1 + m2 + flat * u + 10 * u), "FLOPs|2"),
        ("bits", "total.params * 4", 32 * n, "bit|8|byte"),
        ("no bytes", "total.params * 4", n, "byte|4"),
        ("half", "total.params * 4", 2 * n, "byte|2|half"),
        ("doubles", "total.params * 4", 8 * n, "byte|8|doubl"),
        ("kB", "total.params * 4 / 1024", f"{4 * n / 1000:.5g}", "1024|1000|KiB|kB"),
        ("no bytes", "total.params * 4 / 1024", f"{n / 1024:.5g}", "byte|4|factor"),
        ("the other way round", "fc1.params / total.params", f"{n / one:.4f}", "other way|invert"),
        ("of the rest", "fc1.params / total.params", f"{one / (n - one):.4f}", "rest|left|other|ratio|total"),
        ("what is left", "fc1.params / total.params", f"{1 - one / n:.4f}", "left|share|1 −"),
        ("of conv2", "fc1.params / total.params", f"{b / n:.4f}", "conv2"),
        ("percent lost", "fc1.params / total.params", f"{100 * one / n:.2f}", "percent"),
    ]  # fmt: skip
    return Sheet(text, right, slips)


def one_dimensional(pick: random.Random) -> Sheet:
    c, f, k, s, t = (
        pick.choice((1, 4, 12)),
        pick.choice((16, 32)),
        pick.choice((5, 8, 9)),
        pick.choice((2, 3, 4)),
        pick.randint(200, 400),
    )
    text = spec([c, t], f"conv: Conv1d({c}, {f}, {k}, stride={s})", "pool: MaxPool1d(4)", "flat: Flatten")
    y, n = side(t, k, s), k * c * f
    right = {
        "conv.shape": [f, y],
        "conv.params": n + f,
        "pool.shape": [f, y // 4],
        "flat.shape": [f * (y // 4)],
        "conv.macs": n * y,
    }
    slips: list[Slip] = [
        ("stride ignored", "conv.shape", [f, t - k + 1], "stride"),
        ("plus one lost", "conv.shape", [f, y - 1], r"\+ 1"),
        ("divided", "conv.shape", [f, t // s], "stride|same|kernel|ceil|one window"),
        ("turned", "conv.shape", [y, f], "order|last|exchang|swap|turned"),
        ("channels of the input", "conv.shape", [c, y], "channel"),
        ("kernel squared", "conv.params", k * n + f, "K|kernel|squared"),
        ("bias lost", "conv.params", n, "bias"),
        ("channels lost", "conv.params", k * f + f, "channel"),
        ("pool forgotten", "flat.shape", [f * y], "pool|left out"),
        ("stride forgotten", "pool.shape", [f, y - 3], "stride"),
        ("channels pooled", "pool.shape", [f // 4, y // 4], "channel"),
        ("input length", "conv.macs", n * t, "input|position|same"),
        ("without positions", "conv.macs", n, "position|params|weights|one"),
        ("biases", "conv.macs", (n + f) * y, "bias"),
    ]
    return Sheet(text, right, slips)


def residual(pick: random.Random) -> Sheet:
    c, h = pick.choice((16, 32, 64)), pick.choice((16, 28))
    text = spec(
        [c, h, h],
        f"a: Conv2d({c}, {c}, 3, padding=1)",
        "add: {add: [a, input]}",
        "cat: {concat: [add, input]}",
        f"down: Conv2d({2 * c}, {4 * c}, 1, stride=2)",
    )
    n, m = 9 * c * c + c, 8 * c * c + 4 * c
    right = {
        "add.shape": [c, h, h],
        "cat.shape": [2 * c, h, h],
        "down.shape": [4 * c, h // 2, h // 2],
        "down.params": m,
        "total.params": n + m,
        "add.params": 0,
    }
    slips: list[Slip] = [
        ("as a concatenation", "add.shape", [2 * c, h, h], "concat"),
        ("as a sum", "cat.shape", [c, h, h], "added|concat|input|unchanged"),
        ("along the height", "cat.shape", [c, 2 * h, h], "axis"),
        ("all axes", "cat.shape", [2 * c, 2 * h, 2 * h], "axis|axes"),
        ("no stride", "down.shape", [4 * c, h, h], "stride"),
        ("plus one lost", "down.shape", [4 * c, h // 2 - 1, h // 2 - 1], r"\+ 1"),
        ("concatenation forgotten", "down.params", 4 * c * c + 4 * c, "concat|added|channel|cat"),
        ("bias lost", "down.params", m - 4 * c, "bias"),
        ("3x3", "down.params", 9 * 8 * c * c + 4 * c, "kernel|K"),
        ("down lost", "total.params", n, "down|left out"),
        ("biases lost", "total.params", n + m - 5 * c, "bias"),
        ("weights", "add.params", c, "no param"),
    ]
    return Sheet(text, right, slips)


def formulas(pick: random.Random) -> Sheet:
    which = pick.randrange(3)
    if which == 0:
        text = spec(
            ["C", "H", "W"],
            "conv: Conv2d(C, F, K, stride=S, padding=P, bias=True)",
            head="symbols: [C, F, H, W, K, S, P]\n",
        )
        return Sheet(text, {"conv.params": "K^2*C*F + F", "conv.shape[1]": "floor((H + 2*P - K)/S) + 1"}, [
            ("bias lost", "conv.params", "K^2 C F", "bias"), ("one bias", "conv.params", "K^2*C*F + 1", "bias"), ("bias per input", "conv.params", "K^2*C*F + C", "bias"),
            ("K once", "conv.params", "K*C*F + F", "K|kernel"), ("no channels", "conv.params", "K^2*F + F", "channel"), ("image", "conv.params", "H*W*C*F + F", "image|size|input|kernel|H"),
            ("P once", "conv.shape[1]", "floor((H + P - K)/S) + 1", "padding|P|one side"), ("no + 1", "conv.shape[1]", "floor((H + 2P - K)/S)", r"\+ 1"),
            ("K added", "conv.shape[1]", "floor((H + 2P + K)/S) + 1", "sign|kernel"), ("W", "conv.shape[1]", "floor((W + 2P - K)/S) + 1", "height|width|W|swap"),
            ("ceil", "conv.shape[1]", "ceil((H + 2P - K)/S) + 1", "ceil"), ("no stride", "conv.shape[1]", "H + 2P - K + 1", "stride"), ("no padding", "conv.shape[1]", "floor((H - K)/S) + 1", "padding"),
            ("padding minus", "conv.shape[1]", "floor((H - 2P - K)/S) + 1", "padding|sign"),
        ])  # fmt: skip
    if which == 1:
        text = spec(["T", "I"], "rnn: LSTM(I, U)", head="symbols: [T, I, U]\n")
        return Sheet(text, {"rnn.params": "4*(U*I + U^2 + 2*U)"}, [
            ("one bias", "rnn.params", "4(UI + U^2 + U)", "bias"), ("three gates", "rnn.params", "3(UI + U^2 + 2U)", "three|gate|GRU"), ("no recurrence", "rnn.params", "4(UI + 2U)", "recurrent|state|hidden"),
            ("one gate", "rnn.params", "UI + U^2 + 2U", "gate"), ("no bias", "rnn.params", "4(UI + U^2)", "bias"), ("each step", "rnn.params", "4T(UI + U^2 + 2U)", "step|length|T"),
        ])  # fmt: skip
    text = spec(["L", "d"], "attn: MultiheadAttention(d, 1)", head="symbols: [L, d]\n")
    return Sheet(text, {"attn.params": "4*d*(d + 1)"}, [
        ("no bias", "attn.params", "4d^2", "bias"), ("three", "attn.params", "3d(d + 1)", "projection|output|W_o|three"), ("one", "attn.params", "d^2 + d", "one|projection"),
    ])  # fmt: skip


KINDS: tuple[Callable[[random.Random], Sheet], ...] = (
    plain_conv, separable, pooled, dilated, upward, fields, counted_norms, embedded, gru_both_ways, attends, course_net, one_dimensional, residual, formulas,
)  # fmt: skip


def indian(n: int) -> str:
    """Digits in groups of two from the thousands on: 12,34,567."""
    head, tail = divmod(n, 1000)
    parts = [f"{tail:03}"] if head else [str(tail)]
    while head:
        head, pair = divmod(head, 100)
        parts.insert(0, f"{pair:02}" if head else str(pair))
    return ",".join(parts)


def digits_of(n: int, sign: str) -> str:
    return f"{n:,}".replace(",", sign)


def counts_written(n: int, word: str, unit: str) -> dict[str, Any]:
    """A count in further notations; `word` is "parameters", `unit` "MACs"."""
    a, b = n // 3, n - 3 * (n // 3)
    of: dict[str, Any] = {
        "sentence": f"The layer has {n:,} {word}.", "there are": f"there are {n} {word}", "it has": f"It has {n:,} {word}", "we get": f"we get {n}", "total of": f"a total of {n:,}", "so": f"so {n}",
        "therefore": f"∴ {n}", "gives": f"3*{a} + {b} gives {n}", "is": f"3*{a} + {b} is {n}", "= twice": f"= 3*{a} + {b} = {n:,}", "N =": f"N = {n}", "params =": f"#params = {n}", "hash": f"# of {word}: {n}",
        "number of": f"number of {word} = {n:,}", "no. of": f"No. of {word}: {n}", "german words": f"{digits_of(n, '.')} Parameter", "french": f"{digits_of(n, chr(0x202f))} paramètres" if word == "parameters" else f"{n}",
        "spreadsheet formula": f"=3*{a}+{b}", "spreadsheet product": f"={a}*3+{b}", "spreadsheet text": f'="{n}"', "apostrophe": f"'{n}", "indian": indian(n), "latex text": rf"${n}\ \text{{{word}}}$", "latex boxed": rf"\boxed{{{n}}}",
        "latex mathrm": rf"$N = {n}$", "latex cdot": rf"$3 \cdot {a} + {b} = {n}$", "latex times": rf"\(3 \times {a} + {b}\)", "latex num": rf"\num{{{n}}}", "latex SI": rf"\SI{{{n}}}{{}}", "display": f"$${n}$$", "latex align": rf"3 \times {a} + {b} &= {n}",
        "html": f"<b>{n}</b>", "html sub": f"{n}<br>", "bold label": f"**Answer:** {n}", "strong": f"<strong>{n:,}</strong>", "code": f"```{n}```", "tab": f"{n}\t", "underlined": f"__{n}__",
        "python int": f"int({n})", "torch": f"tensor({n})", "numpy": f"np.int64({n})", "print": f"params: {n}", "dict": f"{{'params': {n}}}" if n > 10 else f"{n}", "ours": f"{n:,}", "keras": f"{n:,} ({4 * n / 1024:.2f} KB)", "keras total": f"Total params: {n:,} ({4 * n / 1024:.2f} KB)",
        "minus": f"{n + 11} − 11", "division": f"{2 * n}/2", "division sign": f"{2 * n} ÷ 2", "brackets": f"(3)({a}) + {b}", "square": f"{n - 25} + 5²", "x spaced": f"3 x {a} + {b}", "star": f"3 * {a} + {b}", "power": f"2^2*{n // 4} + {n % 4}",
        "times words": f"3 times {a} plus {b}", "and": f"{n} {word} (incl. bias)", "colon": f"Answer: {n}", "ans": f"ans = {n}", "final": f"Final answer: {n:,}", "equiv": f"≡ {n}", "dots": f"{n}...", "exclaim": f"{n}!", "question": f"{n}?", "checked": f"{n} ✓",
        "unit": f"{n} {unit}", "unit attached": f"{n}{unit}", "unit of": f"{n:,} {unit} in total", "capital": f"{n:,} {unit.upper()}", "approximately equal": f"≈{n}", "exact": f"exactly {n} {word}",
    }  # fmt: skip
    if n >= 1000:
        of |= {"sentence french": f"{digits_of(n, ' ')} {word}", "swiss": digits_of(n, "’"), "thousand": f"{n / 1000!r} thousand" if n % 1000 else f"{n // 1000} thousand", "thin latex": digits_of(n, r"\,"), "latex comma": digits_of(n, "{,}"), "latex space": digits_of(n, "\\ ") if n < 0 else digits_of(n, r"\;")}  # fmt: skip
        of |= {"scientific": f"{n / 1000!r}e3", "e+": f"{n:.10e}".replace("0000e", "e"), "E": f"{n / 10000!r}E4", "times ten": rf"{n / 10000!r} \times 10^{{4}}", "ten dot": f"{n / 1000!r}·10³", "german exponent": f"{n / 1000!r}".replace(".", ",") + " * 10^3", "about k": f"about {n / 1000:.1f}k", "~K": f"~{n / 1000:.1f}K", "roughly": f"roughly {n / 1000:.1f}k {word}", "k params": f"{n / 1000!r}k {word}", "kilo": f"{n / 1000!r} K"}  # fmt: skip
    if n >= 1_000_000:
        of |= {"M word": f"{n / 1e6:.2f}M {word}", "mega": f"{n / 1e6!r} mega {unit}", "about M": f"about {n / 1e6:.2f}M", "mio": f"{n / 1e6:.2f} Mio.".replace(".", ",", 1), "millions": f"{n / 1e6:.2f} millions", "million": f"≈ {n / 1e6:.2f} million {word}", "e6": f"{n / 1e6!r}e6 {word}", "MM": f"{n / 1e6!r} M{unit}", "tex M": rf"${n / 1e6:.2f}\,\text{{M}}$", "approx tex": rf"$\approx {n / 1e6:.2f} \times 10^6$"}  # fmt: skip
    return of


def shapes_written(sizes: list[int]) -> dict[str, Any]:
    words = [str(n) for n in sizes]
    comma, star = ", ".join(words), "x".join(words)
    of: dict[str, Any] = {
        "torch": f"torch.Size([{comma}])", "torch batch": f"torch.Size([1, {comma}])", "torch batch 32": f"torch.Size([32, {comma}])", "python tuple": f"({comma},)", "numpy": f"np.array([{comma}])", "shape =": f"shape = ({comma})", "x.shape": f"x.shape = torch.Size([{comma}])", "out.shape": f"out.shape == ({comma})",
        "sentence": f"The output is {star}.", "sentence 2": f"The shape is ({comma}).", "output shape": f"Output shape: {star}", "tensor of": f"a tensor of shape ({comma})", "tensor of size": f"tensor of size {star}", "(N, ...)": f"(N, {comma})", "(1, ...)": f"(1, {comma})", "(batch_size": f"(batch_size, {comma})", "[batch": f"[batch, {comma}]",
        "N x": f"N x {' x '.join(words)}", "B×": f"B×{'×'.join(words)}", "?": f"(?, {comma})", "None": f"(None, {comma})", "keras": f"[(None, {comma})]", "tensorshape": f"TensorShape([None, {comma}])", "tf": f"TensorShape([{comma}])", "latex": "$" + r" \times ".join(words) + "$", "latex bracket": r"\left(" + comma + r"\right)", "latex R": r"$\mathbb{R}^{" + r"\times ".join(words) + "}$",
        "latex in": r"$\in \mathbb{R}^{" + r" \times ".join(words) + "}$", "in R": "∈ ℝ^(" + "×".join(words) + ")", "capital": "X".join(words), "spaced x": " x ".join(words), "asterisk": " * ".join(words), "dashes": "-".join(words), "slashes": "/".join(words), "pipes": " | ".join(words), "bold": f"**({comma})**", "code": f"`({comma})`", "angle": f"<{comma}>" if len(words) > 1 else f"({comma},)",
        "curly": f"{{{comma}}}", "semicolon": "; ".join(words), "quoted": f'"({comma})"', "ours": f"(N, {comma})", "equals": f"= {star}", "arrow": f"→ {star}", "from to": f"(3, 64, 64) -> ({comma})", "period": f"({comma}).", "by": " by ".join(words), "unspaced": "(" + ",".join(words) + ")", "and": " and ".join(words) if len(words) == 2 else star, "cross": " ⨯ ".join(words),
        "html": f"<b>{star}</b>", "html times": " &times; ".join(words), "space": " ".join(words), "newline": f"({comma})\n", "answer": f"Answer: ({comma})", "size": f"size: {star}", "list call": f"list([{comma}])", "tuple call": f"tuple([{comma}])", "array": f"array([{comma}])", "dim": f"dim = {star}", "dimensions": f"dimensions: {star}", "floats": f"({', '.join(w + '.0' for w in words)})",
    }  # fmt: skip
    if len(sizes) < 3:
        of = {k: v for k, v in of.items() if k not in ("dashes", "slashes", "pipes")}
    if len(sizes) == 3:
        c, h, w = words
        of |= {
            "channels first": f"{c} channels, {h} x {w}", "maps of": f"{c} feature maps of {h} × {w}", "maps each": f"{c} feature maps, each {h}x{w}", "filters": f"{c} filters of size {h}x{w}", "volume": f"a volume of {h}x{w}x{c}", "HWC words": f"{h}x{w}x{c}", "HWC tuple": f"({h}, {w}, {c})", "keras HWC": f"(None, {h}, {w}, {c})", "@": f"{c}@{h}x{w}", "@ spaced": f"{c} @ {h} × {w}",
            "names": f"C={c}, H={h}, W={w}", "names words": f"channels={c}, height={h}, width={w}", "names dict": f"{{'C': {c}, 'H': {h}, 'W': {w}}}", "height first": f"height {h}, width {w}, {c} channels", "german": f"{c} Kanäle, {h} x {w}", "legend": f"({c}, {h}, {w}) (C, H, W)", "legend 2": f"(C, H, W) = ({c}, {h}, {w})", "legend 3": f"CxHxW = {star}", "wide": f"{h} high, {w} wide, {c} deep", "deep": f"{h}x{w}, depth {c}",
            "with": f"{h} × {w} with {c} channels", "channels bracket": f"{h}x{w} ({c} channels)", "images": f"{c} images of {h}x{w} pixels",
        }  # fmt: skip
    elif len(sizes) == 2:
        a, b = words
        of |= {
            "steps": f"{a} steps of {b} features",
            "matrix": f"a {a}x{b} matrix",
            "matrix 2": f"{a}-by-{b} matrix",
            "rows": f"{a} rows, {b} columns",
            "vectors": f"{a} vectors of length {b}",
            "sequence": f"sequence of {a} vectors of size {b}",
        }
    elif len(sizes) == 1:
        (n,) = words
        of = {k: v for k, v in of.items() if k != "floats"}
        of |= {"plain": n, "vector": f"a vector of {n} numbers", "(1, N)": f"(1, {n})", "(N,)": f"({n},)", "1xN": f"1x{n}", "features": f"{n} features", "units": f"{n} units", "neurons": f"{n} neurons", "dimensional": f"{n}-dimensional", "length": f"length {n}", "values": f"{n} values", "R": f"R^{n}", "Nx1": f"{n} x 1", "batch x": f"N x {n}"}  # fmt: skip
    return of


def ratios_written(value: Fraction) -> dict[str, Any]:
    n = float(value)
    p = 100 * n
    return {
        "percent": f"{p:.1f}%", "percent 3": f"{p:.3f} %", "comma": f"{p:.2f}%".replace(".", ","), "comma spaced": f"{p:.2f} %".replace(".", ","), "pct": f"{p:.2f} pct", "per cent": f"{p:.1f} per cent", "Prozent": f"{p:.1f} Prozent".replace(".", ","), "about": f"about {p:.0f}%", "approx": f"approx. {p:.1f}%", "ca.": "ca. " + f"{p:.1f} %".replace(".", ","),
        "decimal": f"{n:.3f}", "decimal 5": f"{n:.5f}", "decimal comma": f"{n:.4f}".replace(".", ","), "fraction": f"{value.numerator}/{value.denominator}", "fraction of": f"{value.numerator} of {value.denominator}", "out of": f"{value.numerator} out of {value.denominator}", "fraction and value": f"{value.numerator}/{value.denominator} = {n:.4f}", "tex": rf"${p:.2f}\,\%$", "tex frac": rf"\frac{{{value.numerator}}}{{{value.denominator}}} \approx {n:.4f}",
        "dfrac": rf"$\dfrac{{{value.numerator}}}{{{value.denominator}}}$", "sentence": f"It is {p:.1f}% of all parameters.", "of all": f"{p:.1f}% of the parameters", "both": f"{n:.4f} ({p:.2f}%)", "times 100": f"{n:.4f} * 100 %", "scientific": f"{n:.4e}", "spreadsheet": f"={value.numerator}/{value.denominator}", "division": f"{value.numerator} ÷ {value.denominator}", "python": f"{n!r}", "tilde": f"~{p:.1f}%", "no zero": f"{n:.4f}".lstrip("0"),
    }  # fmt: skip


def bytes_written(n: int) -> dict[str, Any]:
    return {"bytes": f"{n} bytes", "Bytes": f"{n:,} Bytes", "B": f"{n} B", "KB": f"{n / 1000!r} KB", "kB": f"{n / 1000!r}kB", "KiB": f"{n / 1024!r} KiB", "MB": f"{n / 1e6!r} MB", "MiB": f"{n / 2**20!r} MiB", "mega": f"{n / 1e6!r} megabytes", "kilo": f"{n / 1000!r} kilobytes", "octets": f"{n / 1000!r} ko", "params": f"{n // 4} params * 4 bytes", "times": f"{n // 4} x 4", "product": f"{n // 4} * 4 = {n}", "float32": f"{n // 4} × 4 B = {n} B", "float32 2": f"{n} bytes (float32)", "about": f"about {n / 1e6:.2f} MB", "german": f"{n / 1000!r} KB".replace(".", ",")}  # fmt: skip


FORMULAS: dict[str, tuple[str, ...]] = {
    "K^2*C*F + F": ("K²·C·F + F", "F(CK² + 1)", "F*(C*K**2+1)", r"$F\,(C K^2 + 1)$", r"K^{2} \cdot C \cdot F + F", "(K*K*C+1)*F", "C F K^2 + F", "#params = K^2CF + F", "K^2 x C x F + F", "F + K·K·C·F", "K*K*C*F + F parameters", "= K^2*C*F + F", "`K**2*C*F + F`", "KKCF + F", "k²cf + f"),
    "floor((H + 2*P - K)/S) + 1": ("⌊(H+2P−K)/S⌋+1", "int((H+2P-K)/S)+1", "math.floor((H + 2*P - K) / S) + 1", r"\lfloor (H+2P-K)/S \rfloor + 1", r"$\left\lfloor \dfrac{H+2P-K}{S} \right\rfloor + 1$", "[(H + 2P - K)/S] + 1", "(H+2P-K)//S+1", "H_out = ⌊(H + 2P − K)/S⌋ + 1", "floor((H+2P-K+S)/S)", "1+floor((2P+H-K)/S)", r"$H' = \lfloor\frac{H - K + 2P}{S}\rfloor + 1$", "Floor((H+2P-K)/S + 1)"),
    "4*(U*I + U^2 + 2*U)": ("4UI + 4U² + 8U", "4*U*(I+U+2)", r"$4U(U + I + 2)$", "4(U·I + U·U + 2·U)", "4((I+U)U + 2U)", "4 * (U*I + U*U + U + U)", "8U + 4U(U+I)"),
    "4*d*(d + 1)": ("4d²+4d", "4(d²+d)", "4*d*d + 4*d", r"$4d(d+1)$", "3(d^2+d)+(d^2+d)", "(d+1)*4d", "4d^2 + 4d parameters"),
}  # fmt: skip


def notations(ask: str, value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return shapes_written(value)
    if isinstance(value, str):
        return {form: form for form in FORMULAS[value]}
    if isinstance(value, Fraction):
        return (
            ratios_written(value)
            if "/ total" in ask
            else {
                "KiB": f"{float(value):.2f} KiB",
                "comma": f"{float(value):.2f}".replace(".", ","),
                "plain": f"{float(value):.3f}",
                "sentence": f"it needs {float(value):.1f} KiB",
                "bytes": f"{int(value * 1024)} bytes",
            }
        )
    if ask.endswith("receptive_field"):
        return {"square": f"{value}x{value}", "px": f"{value} px", "sentence": f"The receptive field is {value}x{value}.", "pixels": f"{value} × {value} pixels", "tuple": f"({value}, {value})", "by": f"{value} by {value}", "plain": f"{value}", "R": f"RF = {value}", "r": f"r = {value}", "tex": rf"${value} \times {value}$", "squared": f"{value}²" if value > 1 else f"{value}"}  # fmt: skip
    if "*" in ask:
        return bytes_written(value)
    unit = {"params": "params", "macs": "MACs"}[ask.split(".")[-1]]
    return (
        counts_written(value, "parameters" if unit == "params" else "multiply-adds", unit)
        if value > 50
        else {"plain": str(value), "word": f"{value} params"}
    )


def cases(rounds: int, seed: int, each: int = 9) -> Iterator[Case]:
    """Every kind of network `rounds` times: each wrong answer that differs, `each` notations of each right one."""
    pick = random.Random(seed)
    for make in KINDS * rounds:
        text, right, slips = make(pick)
        for ask, value in right.items():
            forms = notations(ask, value)
            for kind in pick.sample(sorted(forms), min(each, len(forms))):
                yield Case("right", kind, text, ask, forms[kind])
        for kind, ask, wrong, named in slips:
            if wrong != right[ask] and (not isinstance(wrong, list) or min(wrong) > 0):
                yield Case("wrong", f"{make.__name__}: {kind}", text, ask, wrong, named)
