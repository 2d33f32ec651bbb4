"""Answers as a class would write them to varied networks: right ones in many notations, wrong ones by a mistake, guesses.

Nothing of the package is used here: right and wrong values come from formulas of textbooks, written out below.
"""

# ruff: noqa: E501
from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

Slip = tuple[str, str, Any, str]  # kind, question, wrong answer, pattern that names it


class Sheet(NamedTuple):
    """A network as text, its right answers by question, and what mistakes would give."""

    spec: str
    right: dict[str, Any]
    slips: list[Slip]


class Case(NamedTuple):
    """One answer: `right` says whether it is; `named` is a pattern that a diagnosis of the mistake matches."""

    group: str
    kind: str
    spec: str
    ask: str
    written: Any
    named: str = ""


def spec(source: Any, *layers: str, head: str = "") -> str:
    return f"{head}input: {source}\nlayers:\n" + "".join(f"  - {line}\n" for line in layers)


def side(size: int, k: int, s: int = 1, p: int = 0, d: int = 1, q: int | None = None) -> int:
    return (size + p + (p if q is None else q) - d * (k - 1) - 1) // s + 1


def grouped(pick: random.Random) -> Sheet:
    g, k, s, d = pick.choice((2, 4)), pick.choice((3, 5, 7)), pick.choice((1, 2)), pick.choice((1, 2))
    c, f = g * pick.randint(2, 9), g * pick.randint(3, 9)
    p, h, w = pick.randint(1, 3), pick.randint(30, 60), pick.randint(61, 90)
    text = spec([c, h, w], f"conv: Conv2d({c}, {f}, {k}, stride={s}, padding={p}, dilation={d}, groups={g})")
    y, x = side(h, k, s, p, d), side(w, k, s, p, d)
    n = k * k * c // g * f
    right = {"conv.shape": [f, y, x], "conv.params": n + f, "conv.macs": n * y * x, "conv.flops": 2 * n * y * x}
    shape = lambda k=k, s=s, p=p, d=d, q=None: [f, side(h, k, s, p, d, q), side(w, k, s, p, d, q)]  # noqa: E731
    slips: list[Slip] = [
        ("bias forgotten", "conv.params", n, "bias"),
        ("bias twice", "conv.params", n + 2 * f, "bias"),
        ("groups ignored", "conv.params", n * g + f, "group"),
        ("groups twice", "conv.params", n // g + f, "group"),
        ("bias divided", "conv.params", n + f // g, "bias"),
        ("K not squared", "conv.params", n // k + f, "kernel|K"),
        ("bias per input channel", "conv.params", n + c, "bias"),
        ("padding ignored", "conv.shape", shape(p=0), "padding"),
        ("padding once", "conv.shape", shape(q=0), "padding"),
        ("plus one lost", "conv.shape", [f, y - 1, x - 1], r"\+ 1|one"),
        ("groups ignored", "conv.macs", n * g * y * x, "group"),
        ("padding ignored", "conv.macs", n * shape(p=0)[1] * shape(p=0)[2], "padding"),
        ("biases as MACs", "conv.macs", (n + f) * y * x, "bias"),
        ("not doubled", "conv.flops", n * y * x, "MAC|doubl|2|multiply"),
        ("height and width", "conv.shape", [f, x, y], "height|width|swap|order"),
        ("image for filters", "conv.shape", [c, y, x], "channel"),
        ("macs without image", "conv.macs", n, "position|one|params|weights"),
        ("image of the input", "conv.macs", n * h * w, "input|position"),
    ]
    if s > 1:
        slips += [("stride ignored", "conv.shape", shape(s=1), "stride")]
        slips += [("stride ignored", "conv.macs", n * shape(s=1)[1] * shape(s=1)[2], "stride")]
    if d > 1:
        slips += [("dilation ignored", "conv.shape", shape(d=1), "dilation")]
        slips += [("dilation times kernel", "conv.shape", shape(k=k * d, d=1), "dilation|minus|− 1")]
    return Sheet(text, right, slips)


def one_axis(pick: random.Random) -> Sheet:
    c, f, k, s, p = (pick.randint(*r) for r in ((2, 16), (4, 32), (3, 9), (1, 3), (0, 3)))
    t = pick.randint(80, 200)
    text = spec([c, t], f"conv: Conv1d({c}, {f}, {k}, stride={s}, padding={p})", "pool: MaxPool1d(2)")
    y, n = side(t, k, s, p), k * c * f
    right = {"conv.shape": [f, y], "conv.params": n + f, "pool.shape": [f, y // 2], "conv.macs": n * y}
    slips: list[Slip] = [
        ("bias forgotten", "conv.params", n, "bias"),
        ("kernel squared", "conv.params", n * k + f, "kernel|squared|K"),
        ("input channels forgotten", "conv.params", k * f + f, "input channel|channel"),
        ("bias per filter and input", "conv.params", (k + 1) * c * f, "bias"),
        ("plus one lost", "conv.shape", [f, y - 1], r"\+ 1|one"),
        ("pool stride 1", "pool.shape", [f, y - 1], "stride|overlap"),
        ("pool all channels", "pool.shape", [f // 2, y // 2], "channel"),
        ("macs without channels", "conv.macs", k * f * y, "channel"),
    ]
    return Sheet(text, right, slips)


def volume(pick: random.Random) -> Sheet:
    c, f, k, p = pick.randint(1, 4), pick.randint(4, 16), pick.choice((3, 5)), pick.randint(0, 1)
    t, h, w = pick.randint(8, 16), pick.randint(20, 40), pick.randint(41, 60)
    text = spec([c, t, h, w], f"conv: Conv3d({c}, {f}, {k}, stride=(1, 2, 2), padding={p})")
    out = [side(t, k, 1, p), side(h, k, 2, p), side(w, k, 2, p)]
    n = k**3 * c * f
    right = {"conv.shape": [f, *out], "conv.params": n + f, "conv.macs": n * math.prod(out)}
    slips: list[Slip] = [
        ("kernel squared only", "conv.params", k * k * c * f + f, "kernel|K|squared|cube|depth"),
        ("bias forgotten", "conv.params", n, "bias"),
        ("depth axis left out", "conv.macs", n * out[1] * out[2], "axis|depth|position|left out"),
        ("stride ignored", "conv.shape", [f, *(side(v, k, 1, p) for v in (t, h, w))], "stride"),
        ("stride everywhere", "conv.shape", [f, *(side(v, k, 2, p) for v in (t, h, w))], "stride"),
        ("plus one lost", "conv.shape", [f, *(v - 1 for v in out)], r"\+ 1"),
    ]
    return Sheet(text, right, slips)


def uneven(pick: random.Random) -> Sheet:
    c, f, k = pick.randint(2, 6), pick.randint(7, 20), pick.choice((4, 5))
    left, above, h, w = pick.randint(1, 2), pick.randint(0, 1), pick.randint(24, 40), pick.randint(41, 70)
    right_, below = left + 1, above + 2
    text = spec([c, h, w], f"pad: ZeroPad2d([{left}, {right_}, {above}, {below}])", f"conv: Conv2d({c}, {f}, {k})")
    y, x = h + above + below - k + 1, w + left + right_ - k + 1
    right = {"conv.shape": [f, y, x], "pad.shape": [c, h + above + below, w + left + right_]}
    slips: list[Slip] = [
        ("padding left out", "conv.shape", [f, h - k + 1, w - k + 1], "pad"),
        ("plus one lost", "conv.shape", [f, y - 1, x - 1], r"\+ 1"),
        (
            "padding axes exchanged",
            "pad.shape",
            [c, h + left + right_, w + above + below],
            "axes|axis|height|exchang|order",
        ),
        ("padding ignored", "pad.shape", [c, h, w], "pad|unchanged"),
    ]
    return Sheet(text, right, slips)


def pools(pick: random.Random) -> Sheet:
    c, k, s, p = pick.randint(3, 40), 3, 2, pick.randint(0, 1)
    h = pick.choice((28, 56, 112, 30, 64))
    text = spec(
        [c, h, h],
        f"pool: MaxPool2d({k}, stride={s}, padding={p}, ceil_mode=True)",
        "gap: AdaptiveAvgPool2d(1)",
        "flat: Flatten",
        f"fc: Linear({c}, 10)",
    )
    y = min(-(-(h + 2 * p - k) // s) + 1, -(-(h + p) // s))
    right = {"pool.shape": [c, y, y], "gap.shape": [c, 1, 1], "fc.params": 10 * c + 10}
    slips: list[Slip] = [
        ("floor for ceil", "pool.shape", [c, side(h, k, s, p)] * 1 + [side(h, k, s, p)], "ceil|floor|round"),
        ("stride is kernel", "pool.shape", [c, side(h, k, k, p), side(h, k, k, p)], "stride"),
        ("stride ignored", "pool.shape", [c, side(h, k, 1, p), side(h, k, 1, p)], "stride"),
        ("global pool over channels", "gap.shape", [1, 1, 1], "channel"),
        ("flatten before pool", "fc.params", c * y * y * 10 + 10, "gap|pool|flat|left out|size"),
        ("bias forgotten", "fc.params", 10 * c, "bias"),
    ]
    return Sheet(text, right, slips)


def transposed(pick: random.Random) -> Sheet:
    c, f, k, s = pick.choice((16, 32, 64)), pick.choice((8, 12, 24)), pick.choice((3, 4)), 2
    p, o, h = 1, pick.randint(0, 1), pick.randint(7, 20)
    text = spec([c, h, h], f"up: ConvTranspose2d({c}, {f}, {k}, stride={s}, padding={p}, output_padding={o})")
    size = lambda h=h, p=p, o=o, k=k, s=s: [f] + 2 * [(h - 1) * s - 2 * p + k + o]  # noqa: E731
    n = k * k * c * f
    right = {"up.shape": size(), "up.params": n + f, "up.macs": n * h * h}
    slips: list[Slip] = [
        ("padding added", "up.shape", size(p=-p), "padding"),
        ("padding ignored", "up.shape", size(p=0), "padding"),
        ("minus one lost", "up.shape", size(h=h + 1), "− 1|- 1|minus"),
        ("ordinary formula", "up.shape", [f] + 2 * [side(h, k, s, p)], "convolution|transposed"),
        ("bias per input channel", "up.params", n + c, "bias"),
        ("bias forgotten", "up.params", n, "bias"),
        ("output positions", "up.macs", n * size()[1] ** 2, "output|position"),
    ]
    if o:
        slips.append(("output padding ignored", "up.shape", size(o=0), "output_padding|output padding"))
    return Sheet(text, right, slips)


def norms(pick: random.Random) -> Sheet:
    c, f, h = 3, pick.choice((12, 16, 24, 48)), pick.choice((28, 30, 32))
    text = spec(
        [c, h, h],
        f"conv: Conv2d(3, {f}, 3, bias=False)",
        f"bn: BatchNorm2d({f})",
        f"gn: GroupNorm(4, {f})",
        f"ln: LayerNorm([{f}, {h - 2}, {h - 2}])",
    )
    n, e = 27 * f, f * (h - 2) ** 2
    right = {
        "conv.params": n,
        "bn.params": 2 * f,
        "gn.params": 2 * f,
        "ln.params": 2 * e,
        "total.params": n + 4 * f + 2 * e,
    }
    slips: list[Slip] = [
        ("bias added", "conv.params", n + f, "bias"),
        ("statistics counted", "bn.params", 4 * f, "running|stat|mean"),
        ("one per channel", "bn.params", f, "beta|gamma|two|shift|scale|bias"),
        ("one pair", "bn.params", 2, "pair|channel"),
        ("no parameters", "bn.params", 0, "no param|gamma|learn|has param"),
        ("per group", "gn.params", 8, "group"),
        ("per channel only", "ln.params", 2 * f, "channel|axes|axis|normali"),
        ("layer norm left out", "total.params", n + 4 * f, "ln|left out|norm"),
        ("batch norm left out", "total.params", n + 2 * f + 2 * e, "bn|gn|left out|norm"),
        ("norms left out", "total.params", n, "norm|conv"),
    ]
    return Sheet(text, right, slips)


def embedding(pick: random.Random) -> Sheet:
    v, d, t = pick.randint(3, 30) * 1000, pick.choice((64, 96, 128)), pick.randint(12, 40)
    text = spec([t], f"emb: Embedding({v}, {d})", f"out: Linear({d}, {v}, bias=False)")
    right = {"emb.params": v * d, "emb.shape": [t, d], "total.params": 2 * v * d, "out.shape": [t, v]}
    slips: list[Slip] = [
        ("rows for the table", "emb.params", t * d, "table|row|length|vocab|token"),
        ("bias added", "emb.params", v * d + d, "bias"),
        ("shared weights", "total.params", v * d, "out|tied|shared|emb|left out|once"),
        ("one position", "emb.shape", [d], "position|axis|length|sequence|one"),
        ("vocabulary in the shape", "emb.shape", [t, v], "vocab|size|emb|row|table"),
        ("bias added", "total.params", 2 * v * d + v, "bias"),
    ]
    return Sheet(text, right, slips)


def recurrent(pick: random.Random) -> Sheet:
    kind, gates = pick.choice((("LSTM", 4), ("GRU", 3), ("RNN", 1)))
    i, u, t = pick.randint(5, 40), pick.randint(9, 70), pick.randint(6, 30)
    layers, ways = pick.choice(((1, 1), (2, 1), (1, 2), (2, 2), (3, 2)))
    line = f"rnn: {kind}({i}, {u}, num_layers={layers}, bidirectional={ways == 2})"

    def count(gates: int = gates, layers: int = layers, ways: int = ways, biases: int = 2, read: int = ways) -> int:
        own = lambda i: gates * (u * (i + u) + biases * u)  # noqa: E731
        return ways * (own(i) + (layers - 1) * own(read * u))

    right = {"rnn.params": count(), "rnn.shape": [t, ways * u], "rnn.h_n.shape": [layers * ways, u]}
    slips: list[Slip] = [
        ("biases forgotten", "rnn.params", count(biases=0), "bias"),
        ("one bias", "rnn.params", count(biases=1), "bias"),
        ("last state only", "rnn.shape", [ways * u], "last|step|state|sequence|length"),
        ("input size kept", "rnn.shape", [t, i], "input|hidden|size"),
    ]
    if gates == 4:
        slips += [
            ("three gates", "rnn.params", count(gates=3), "three|gate"),
            ("one gate", "rnn.params", count(gates=1), "one|gate"),
        ]
    if gates == 3:
        slips += [
            ("four gates", "rnn.params", count(gates=4), "four|gate"),
            ("two gates", "rnn.params", count(gates=2), "two|gate"),
        ]
    if layers > 1:
        slips += [
            ("one layer", "rnn.params", count(layers=1), "layer|stack"),
            ("layers of h_n", "rnn.h_n.shape", [ways, u], "layer|stack"),
        ]
        own = ways * gates * (u * (i + u) + 2 * u)
        slips.append(("first layer repeated", "rnn.params", layers * own, "layer|upper|input"))
    if ways > 1:
        slips += [
            ("one direction", "rnn.params", count(ways=1), "direction"),
            ("one direction", "rnn.shape", [t, u], "direction"),
            ("directions of h_n", "rnn.h_n.shape", [layers, u], "direction"),
        ]
        if layers > 1:
            slips.append(("upper layers read one direction", "rnn.params", count(read=1), "direction|upper"))
    return Sheet(spec([t, i], line), right, slips)


def heads(pick: random.Random) -> Sheet:
    h = pick.choice((2, 4, 8))
    e, t = h * pick.randint(4, 16), pick.randint(5, 30)
    n = 4 * e * e
    right = {"attn.params": n + 4 * e, "attn.shape": [t, e], "attn.scores.shape": [h, t, t]}
    slips: list[Slip] = [
        ("biases forgotten", "attn.params", n, "bias"),
        ("three projections", "attn.params", 3 * e * (e + 1), "output|W_o|projection"),
        ("one projection", "attn.params", e * e + e, "projection|quer"),
        ("heads counted again", "attn.params", h * (n + 4 * e), "head"),
        ("one head's width", "attn.params", 4 * (e * e // h + e // h), "head"),
        ("one head", "attn.shape", [t, e // h], "head"),
        ("one score matrix", "attn.scores.shape", [t, t], "head|axis"),
        ("features for length", "attn.scores.shape", [h, e, e], "length|feature|position|size"),
        ("scores of features", "attn.scores.shape", [h, t, e // h], "length|feature|quer|position|size"),
    ]
    return Sheet(spec([t, e], f"attn: MultiheadAttention({e}, {h})"), right, slips)


def cross(pick: random.Random) -> Sheet:
    d, t, m = pick.choice((16, 24, 32, 48)), pick.randint(5, 11), pick.randint(12, 30)
    text = f"inputs: {{x: [{t}, {d}], mem: [{m}, {d}]}}\nlayers:\n  - attn: Attention({d})\n    from: [x, mem]\n"
    right = {"attn.shape": [t, d], "attn.scores.shape": [t, m], "attn.params": 3 * d * d}
    slips: list[Slip] = [
        ("memory's length", "attn.shape", [m, d], "memory|quer|length|exchang"),
        ("scores exchanged", "attn.scores.shape", [m, t], "memory|quer|transpos|exchang|order"),
        ("queries only", "attn.scores.shape", [t, t], "memory|quer|self|length"),
        ("output projection added", "attn.params", 4 * d * d, "output|projection"),
        ("biases added", "attn.params", 3 * d * d + 3 * d, "bias"),
    ]
    return Sheet(text, right, slips)


def transformer(pick: random.Random) -> Sheet:
    h = pick.choice((2, 4))
    d, t = h * pick.choice((8, 12, 16)), pick.randint(6, 20)
    f = pick.choice((2, 4)) * d + pick.choice((0, 8))
    attn, ff, norm = 4 * d * d + 4 * d, 2 * d * f + f + d, 4 * d
    n = attn + ff + norm
    right = {"enc.params": n, "enc.shape": [t, d], "dec.params": n + attn + 2 * d, "total.params": 2 * n + attn + 2 * d}
    slips: list[Slip] = [
        ("norms forgotten", "enc.params", n - norm, "norm"),
        ("one norm", "enc.params", n - 2 * d, "norm"),
        ("attention only", "enc.params", attn, "feed|attention|left out|linear"),
        ("feed-forward only", "enc.params", ff, "attention|left out|norm"),
        ("one feed-forward layer", "enc.params", attn + d * f + f + norm, "feed|linear|one|second"),
        ("biases forgotten", "enc.params", 4 * d * d + 2 * d * f + 2 * d, "bias"),
        ("biases of attention forgotten", "enc.params", n - 4 * d, "bias|norm"),
        ("heads counted again", "enc.params", n + (h - 1) * attn, "head"),
        ("cross-attention forgotten", "dec.params", n, "cross|attention|norm|enc"),
        ("cross-attention forgotten but its norm", "dec.params", n + 2 * d, "cross|attention|multihead_attn"),
        ("feed-forward width", "enc.shape", [t, f], "feed|dim_feedforward|width|size"),
        ("last position", "enc.shape", [d], "position|axis|length|left out"),
    ]
    text = spec(
        [t, d],
        f"enc: TransformerEncoderLayer({d}, {h}, {f})",
        f"dec: TransformerDecoderLayer({d}, {h}, {f})\n    from: [input, enc]",
    )
    return Sheet(text, right, slips)


def unet(pick: random.Random) -> Sheet:
    a, b, h = pick.choice((8, 16, 24)), pick.choice((32, 40, 48)), pick.choice((32, 48, 64))
    text = spec(
        [3, h, h], f"down: Conv2d(3, {a}, 3, padding=1)", "pool: MaxPool2d(2)", f"mid: Conv2d({a}, {b}, 3, padding=1)",
        "up: Upsample(scale_factor=2)", "cat: {Concat: {dim: 1}, from: [down, up]}", f"out: Conv2d({a + b}, 2, 1)",
    )  # fmt: skip
    first, mid, last = 27 * a + a, 9 * a * b + b, 2 * (a + b) + 2
    right = {"cat.shape": [a + b, h, h], "up.shape": [b, h, h], "mid.params": mid, "total.params": first + mid + last}
    slips: list[Slip] = [
        ("added, not concatenated", "cat.shape", [b, h, h], "concat|add|channel"),
        ("skip alone", "cat.shape", [a, h, h], "concat|add|channel|down"),
        ("one axis enlarged", "up.shape", [b, h, h // 2], "axis|height|width"),
        ("not enlarged", "up.shape", [b, h // 2, h // 2], "scale|size|unchanged|enlarg|input_shape"),
        ("enlarged twice", "up.shape", [b, 2 * h, 2 * h], "twice|scale"),
        ("channels halved", "up.shape", [b // 2, h, h], "channel"),
        ("biases forgotten", "total.params", first + mid + last - a - b - 2, "bias"),
        ("middle left out", "total.params", first + last, "mid|left out"),
        ("last left out", "total.params", first + mid, "out"),
        ("skip forgotten", "total.params", first + mid + 2 * b + 2, "concat|cat|skip|down|add"),
    ]
    return Sheet(text, right, slips)


def keras(pick: random.Random) -> Sheet:
    f, k, s, u, h = (
        pick.choice((8, 16, 24)),
        pick.choice((3, 5)),
        pick.choice((1, 2)),
        pick.choice((10, 32)),
        pick.choice((28, 33)),
    )
    head = "convention: keras\nlayout: channels_last\n"
    text = spec(
        [h, h, 3],
        f'conv: Conv2D({f}, {k}, strides={s}, padding="same")',
        "bn: BatchNormalization",
        "flat: Flatten",
        f"fc: Dense({u})",
        head=head,
    )
    y, n = -(-h // s), 3 * k * k * f
    right = {"conv.shape": [y, y, f], "flat.shape": [y * y * f], "bn.params": 4 * f, "fc.params": y * y * f * u + u}
    v = (h - k) // s + 1
    slips: list[Slip] = [
        ("same taken as valid", "conv.shape", [v, v, f], "same|valid|padding"),
        ("moving statistics", "bn.params", 2 * f, "running|moving|stat"),
        ("channels forgotten", "flat.shape", [y * y], "channel"),
        ("bias forgotten", "fc.params", y * y * f * u, "bias"),
        ("not flattened", "fc.params", f * u + u, "flat|channel|last"),
        ("channels of the image", "flat.shape", [h * h * 3], "input|image|flat"),
        ("input forgotten", "conv.params", k * k * f + f, "channel"),
    ]
    if s > 1:
        slips.append(("stride ignored", "conv.shape", [h, h, f], "stride"))
    return Sheet(text, {**right, "conv.params": n + f}, slips)


def course(pick: random.Random) -> Sheet:
    f, g, k, h, c = (
        pick.choice((6, 8, 10)),
        pick.choice((12, 16, 20)),
        pick.choice((3, 5)),
        pick.choice((28, 32, 40)),
        pick.choice((1, 3)),
    )
    text = spec(
        [c, h, h],
        f"c1: Conv2d({c}, {f}, {k})",
        "p1: MaxPool2d(2)",
        f"c2: Conv2d({f}, {g}, {k})",
        "p2: MaxPool2d(2)",
        "flat: Flatten",
        "fc: Linear(out_features=10)",
    )
    y = h - k + 1
    z = y // 2 - k + 1
    flat = g * (z // 2) ** 2
    a, b, d = k * k * c * f + f, k * k * f * g + g, flat * 10 + 10
    total = a + b + d
    share = Fraction(a + b, total)
    right = {
        "c2.shape": [g, z, z], "flat.shape": [flat], "fc.params": d, "total.params": total, "total.params * 4": 4 * total,
        "fc.params / total.params": Fraction(d, total), "Conv2d.params / total.params": share,
        "c2.receptive_field": k + 1 + 2 * (k - 1), "p2.receptive_field": k + 1 + 2 * (k - 1) + 2,
        "total.params * 4 / 1024": Fraction(4 * total, 1024),
    }  # fmt: skip
    slips: list[Slip] = [
        ("bias forgotten", "fc.params", d - 10, "bias"),
        ("biases forgotten", "total.params", total - f - g - 10, "bias"),
        ("biases of the convolutions forgotten", "total.params", total - f - g, "bias"),
        ("one layer left out", "total.params", total - b, "c2"),
        ("last layer left out", "total.params", total - d, "fc|Linear"),
        ("bytes forgotten", "total.params * 4", total, "byte|4|factor"),
        ("eight bytes", "total.params * 4", 8 * total, "byte|8|factor"),
        ("two bytes", "total.params * 4", 2 * total, "byte|2|factor"),
        ("bits", "total.params * 4", 32 * total, "bit|32|factor"),
        (
            "inverted",
            "fc.params / total.params",
            f"{float(Fraction(total, d)):.4f}",
            "invert|turn|upside|quotient|way round",
        ),
        (
            "the rest",
            "fc.params / total.params",
            f"{100 * float(1 - Fraction(d, total)):.2f}%",
            "rest|other|Conv|1 −|complement|left to",
        ),
        ("percent forgotten", "fc.params / total.params", f"{100 * float(Fraction(d, total)):.2f}", "percent|%|100"),
        ("thousands", "total.params * 4 / 1024", f"{4 * total / 1000:.3f}", "1000|1024|KiB"),
        ("of the other", "Conv2d.params / total.params", f"{100 * (a + b) / d:.2f}%", "other|rest|of fc|Linear|total"),
        ("strides ignored", "c2.receptive_field", k + 1 + k - 1, "stride"),
        ("pool forgotten", "c2.receptive_field", 2 * k - 1, "pool"),
        ("kernels summed", "c2.receptive_field", 2 * k + 2, "sum|add"),
        ("kernels multiplied", "c2.receptive_field", 2 * k * k, "multipl|product"),
        ("last kernel only", "c2.receptive_field", k, "one|last|own|kernel|c2"),
        ("squared", "c2.receptive_field", (3 * k - 1) ** 2, "area|squar|side"),
        ("channels forgotten", "flat.shape", [(z // 2) ** 2], "channel"),
        ("before the pool", "flat.shape", [g * z * z], "p2|pool|left out"),
        ("channels kept", "c2.shape", [f, z, z], "channel"),
        ("channels multiplied", "c2.shape", [f * g, z, z], "channel"),
        ("pool left out", "c2.shape", [g, y - k + 1, y - k + 1], "p1|pool|left out"),
        ("plus one lost", "c2.shape", [g, z - 1, z - 1], r"\+ 1"),
        ("factor of ten", "total.params", 10 * total, "ten|10"),
        ("digits exchanged", "total.params", exchanged(total), "digit|exchang"),
        ("one off", "total.params", total + 1, "one|1"),
    ]
    return Sheet(text, right, slips)


def dense(pick: random.Random) -> Sheet:
    i, a, b, o = (
        pick.choice((64, 100, 784)),
        pick.choice((32, 50, 128)),
        pick.choice((16, 20, 48)),
        pick.choice((2, 5, 10)),
    )
    text = spec([i], f"l1: Linear({i}, {a})", "r1: ReLU", f"l2: Linear({a}, {b})", "r2: ReLU", f"l3: Linear({b}, {o})")
    n = i * a + a * b + b * o
    right = {"total.params": n + a + b + o, "l2.params": a * b + b, "l1.macs": i * a, "total.macs": n, "l3.shape": [o]}
    slips: list[Slip] = [
        ("biases forgotten", "total.params", n, "bias"),
        ("bias for inputs", "l2.params", a * b + a, "bias"),
        ("bias counted as MACs", "l1.macs", i * a + a, "bias"),
        ("sizes added", "l2.params", a + b, "sum|add"),
        ("one bias", "l2.params", a * b + 1, "bias"),
        ("bias on both", "l2.params", (a + 1) * (b + 1), "bias"),
        ("FLOPs", "total.macs", 2 * n, "FLOP|twice|doubl|2"),
        ("middle left out", "total.params", n + a + o - a * b, "l2|left out"),
        ("wrong row", "l3.shape", [b], "input|r2|l2|layer"),
    ]
    return Sheet(text, right, slips)


def symbols(pick: random.Random) -> Sheet:
    which = pick.randrange(6)
    head = "symbols: [C, H, W, F, K, S, P, D]\n"
    conv = lambda line: spec("[C, H, W]", f"conv: {line}", head=head)  # noqa: E731
    if which == 0:
        ask, slips = "conv.shape[1]", [
            ("plus one lost", "floor((H + 2*P - K)/S)", r"\+ 1"), ("padding once", "floor((H + P - K)/S) + 1", "padding|P"),
            ("width for height", "floor((W + 2*P - K)/S) + 1", "height|width|H|W"), ("stride ignored", "H + 2P - K + 1", "stride"),
            ("divided too early", "floor((H + 2P - K + 1)/S)", "1|divi|early"), ("padding ignored", "floor((H - K)/S) + 1", "padding|P"),
            ("padding subtracted", "floor((H - 2P - K)/S) + 1", "sign|padding"),
        ]  # fmt: skip
        return Sheet(
            conv("Conv2d(C, F, K, stride=S, padding=P)"),
            {ask: "floor((H + 2*P - K)/S) + 1"},
            [(a, ask, b, c) for a, b, c in slips],
        )
    if which == 1:
        ask, slips = "conv.params", [
            ("bias forgotten", "K^2*C*F", "bias"), ("K not squared", "K*C*F + F", "kernel|K"), ("bias C", "K^2*C*F + C", "bias"),
            ("channels forgotten", "K^2*F + F", "channel"), ("one bias", "K^2*C*F + 1", "bias"), ("bias each kernel", "(K^2 + 1)*C*F", "bias"),
            ("bias twice", "K^2 C F + 2F", "bias"), ("image", "H*W*C*F + F", "image|kernel"),
        ]  # fmt: skip
        return Sheet(conv("Conv2d(C, F, K)"), {ask: "K^2*C*F + F"}, [(a, ask, b, c) for a, b, c in slips])
    if which == 2:
        ask, slips = "conv.shape[2]", [
            ("dilation times kernel", "W + 2P - D*K + 1", "dilation|− 1|- 1"), ("dilation ignored", "W + 2P - K + 1", "dilation"),
            ("plus one", "W + 2P - D(K-1) + 1", "one|1"), ("minus one", "W + 2P - D(K-1) - 1", "one|1"), ("height", "H + 2P - D(K-1)", "height|width|H"),
            ("padding once", "W + P - D(K-1)", "padding|P"),
        ]  # fmt: skip
        return Sheet(
            conv("Conv2d(C, F, K, padding=P, dilation=D)"),
            {ask: "W + 2*P - D*(K - 1)"},
            [(a, ask, b, c) for a, b, c in slips],
        )
    head = "symbols: [L, I, U, d]\n"
    if which == 3:
        ask, slips = "rnn.params", [
            ("three gates", "3*(U*I + U^2 + 2U)", "three|gate"), ("biases forgotten", "4(U*I + U^2)", "bias"), ("one bias", "4(UI + U^2 + U)", "bias"),
            ("state forgotten", "4(UI + 2U)", "state|hidden|recurrent"), ("input squared", "4(I^2 + U^2 + 2U)", "input"), ("one gate", "U I + U^2 + 2U", "gate"),
        ]  # fmt: skip
        return Sheet(
            spec("[L, I]", "rnn: LSTM(I, U)", head=head),
            {ask: "4*(U*I + U^2 + 2*U)"},
            [(a, ask, b, c) for a, b, c in slips],
        )
    if which == 4:
        ask, slips = "attn.params", [
            ("output projection left out", "3*d*(d + 1)", "projection|output"), ("biases forgotten", "4d^2", "bias"), ("one projection", "d^2 + d", "projection"),
            ("one bias", "4d^2 + d", "bias"), ("output bias left out", "4d^2 + 3d", "bias"), ("five", "5d(d + 1)", "five|projection|factor|5"),
        ]  # fmt: skip
        return Sheet(
            spec("[L, d]", "attn: MultiheadAttention(d, 1)", head=head),
            {ask: "4*d*(d + 1)"},
            [(a, ask, b, c) for a, b, c in slips],
        )
    ask, slips = "fc.params", [
        ("bias forgotten", "I*U", "bias"), ("bias of inputs", "I*U + I", "bias"), ("sum", "I + U", "sum|add"), ("one bias", "I*U + 1", "bias"),
    ]  # fmt: skip
    return Sheet(spec("[I]", "fc: Linear(I, U)", head=head), {ask: "I*U + U"}, [(a, ask, b, c) for a, b, c in slips])


def exchanged(number: int) -> int:
    """Two neighbouring digits exchanged, the first pair that differ."""
    text = str(number)
    for at in range(1, len(text) - 1):
        if text[at] != text[at + 1]:
            return int(text[:at] + text[at + 1] + text[at] + text[at + 2 :])
    return number


KINDS: tuple[Callable[[random.Random], Sheet], ...] = (
    grouped, one_axis, volume, uneven, pools, transposed, norms, embedding, recurrent, heads, cross, transformer, unet, keras,
    course, dense, symbols,
)  # fmt: skip


def shapes_written(sizes: list[int]) -> dict[str, Any]:
    words = [str(n) for n in sizes]
    of = {
        "list": sizes, "tuple": f"({', '.join(words)})", "x": "x".join(words), "times": " × ".join(words), "X": "X".join(words),
        "star": "*".join(words), "N": f"(N, {', '.join(words)})", "None": f"(None, {', '.join(words)})", "B": f"[B, {', '.join(words)}]",
        "-1": f"(-1, {', '.join(words)})", "batch": f"batch x {' x '.join(words)}", "latex": "$" + r" \times ".join(words) + "$",
        "semicolons": "; ".join(words), "torch": f"torch.Size([{', '.join(words)}])", "spaces": f"[{' '.join(words)}]",
        "bold": f"**{'x'.join(words)}**", "period": "x".join(words) + ".", "equation": f"shape = ({', '.join(words)})",
        "text brackets": f"[ {', '.join(words)} ]", "commas": ", ".join(words), "by": " by ".join(words), "latex mathbb": r"$\mathbb{R}^{" + r" \times ".join(words) + "}$",
        "in R": "R^" + "x".join(words), "braces": "{" + ", ".join(words) + "}", "arrow": f"-> {'x'.join(words)}",
    }  # fmt: skip
    if len(sizes) == 3:
        c, h, w = words
        of |= {
            "words": f"{c} channels of {h} by {w}", "feature maps": f"{c} feature maps of size {h}x{w}", "maps": f"{c} maps {h}×{w}",
            "at": f"{c} @ {h}x{w}", "C=": f"C={c}, H={h}, W={w}", "names": f"channels: {c}, height: {h}, width: {w}", "at2": f"{c}@{h}×{w}",
            "filters": f"{h}x{w} with {c} channels", "each": f"{c} channels, each {h}x{w}",
        }  # fmt: skip
    if len(sizes) == 1:
        of = {k: v for k, v in of.items() if k in ("list", "N", "None", "B", "text brackets")}
        of |= {
            "number": sizes[0],
            "comma": f"({words[0]},)",
            "features": f"{words[0]} features",
            "vector": f"vector of length {words[0]}",
        }
    return of


def numbers_written(n: int, word: str) -> dict[str, Any]:
    text, comma = str(n), f"{n:,}"
    of = {
        "plain": n, "comma": comma, "quoted": text, "unit": f"{text} {word}", "comma unit": f"{comma} {word}", "period": f"{text}.",
        "equals": f"= {text}", "equation": f"{word} = {comma}", "float": f"{text}.0", "latex": f"${text}$", "bold": f"**{comma}**",
        "space": comma.replace(",", " "), "thin": comma.replace(",", "\u2009"), "narrow": comma.replace(",", "\u202f"), "swiss": comma.replace(",", "'"),
        "swiss quote": comma.replace(",", "’"), "german": comma.replace(",", "."), "latex comma": comma.replace(",", "{,}"), "underscore": f"{n:_}",
        "sum": f"{n - 7} + 7", "product": f"{n // 2}*2 + {n % 2}" if n % 2 else f"{n // 2} × 2", "equality": f"{n - 12} + 12 = {n}", "latex product": rf"${n // 3} \cdot 3 + {n % 3}$",
        "total": f"total: {comma}", "backticks": f"`{text}`", "remark": f"{text} (with biases)", "approx": f"about {text}", "answer": f"Answer: {text}",
        "latex thin": comma.replace(",", r"\,"), "exactly": f"exactly {comma}", "comma product": f"{n // 2} · 2 + {n % 2}", "indian": text, "parentheses": f"({text})",
        "arrow": f"→ {text}", "italic": f"*{text}*", "per image": f"{comma} {word} per image" if word != "params" else f"{comma} parameters in total",
    }  # fmt: skip
    if n < 1000:
        of = {
            k: v
            for k, v in of.items()
            if k not in ("space", "thin", "narrow", "swiss", "german", "latex comma", "latex thin", "swiss quote")
        }
    else:
        of |= {
            "K": f"{n / 1e3:.3f}".rstrip("0").rstrip(".") + "K",
            "k unit": f"{n / 1e3:g}k {word}" if float(f"{n / 1e3:g}") * 1e3 == n else text,
        }
        of |= {
            "exponent": f"{n / 1e4!r}e4",
            "times ten": f"{n / 1e4!r}*10^4",
            "times ten latex": rf"${n / 1e4!r} \times 10^4$",
            "×10⁴": f"{n / 1e4!r} × 10⁴",
        }
    if n >= 100000:
        of |= {
            "M": f"{n / 1e6:.6f}".rstrip("0").rstrip(".") + "M",
            "million": f"{n / 1e6!r} million",
            "M unit": f"{n / 1e6!r} M",
        }
        if word == "MACs":
            of |= {"MMACs": f"{n / 1e6!r} MMACs", "MMAC": f"{n / 1e6!r} MMAC"}
        if word == "FLOPs":
            of |= {"MFLOPs": f"{n / 1e6!r} MFLOPs", "GFLOPs": f"{n / 1e9!r} GFLOPs", "MFLOP": f"{n / 1e6!r} MFLOP"}
    if word == "bytes":
        of |= {
            "B": f"{text} B",
            "KiB": f"{n / 1024!r} KiB",
            "kB": f"{n / 1000!r} kB",
            "KB": f"{n / 1000!r} KB",
            "byte": f"{text} byte",
            "Bytes": f"{comma} Bytes",
        }
        of |= {"MB": f"{n / 1e6!r} MB", "MiB": f"{n / 2**20!r} MiB", "floats": f"{n // 4} * 4 bytes"}
    return of


def ratios_written(value: Fraction) -> dict[str, Any]:
    n = float(value)
    of = {"decimal": f"{n:.4f}", "percent": f"{100 * n:.2f}%", "percent space": f"{100 * n:.2f} %", "fraction": f"{value.numerator}/{value.denominator}",
        "decimal comma": f"{n:.4f}".replace(".", ","), "comma percent": f"{100 * n:.2f} %".replace(".", ","), "about": f"≈ {n:.4f}", "tilde": f"~{100 * n:.2f}%",
        "word": f"{100 * n:.2f} percent", "latex": rf"${100 * n:.2f}\%$", "frac": rf"$\frac{{{value.numerator}}}{{{value.denominator}}}$", "approximation": f"{value.numerator}/{value.denominator} ≈ {n:.4f}",
        "both": f"{n:.4f} = {100 * n:.2f}%", "both brackets": f"{n:.4f} ({100 * n:.2f}%)", "or": f"{n:.4f} or {100 * n:.2f}%"}  # fmt: skip
    if n < 1:
        of["no zero"] = f"{n:.4f}"[1:]
    return of


SYMBOLS: dict[str, tuple[str, ...]] = {
    "floor((H + 2*P - K)/S) + 1": (
        "⌊(H + 2·P − K)/S⌋ + 1", "floor((H+2P-K)/S)+1", r"$\lfloor \frac{H + 2P - K}{S} \rfloor + 1$", r"\left\lfloor\frac{H+2P-K}{S}\right\rfloor+1",
        "(H + 2P - K)//S + 1", "floor((H - K + 2P) / S + 1)", "floor((h + 2p - k)/s) + 1", "⌊(H − K + 2P)/S + 1⌋", "H_out = floor((H+2P-K)/S)+1", "1 + ⌊(H + 2P - K) / S⌋",
    ),
    "K^2*C*F + F": ("K**2*C*F + F", "K²CF + F", "(K^2*C + 1)*F", "K*K*C*F+F", "$K^2 C F + F$", "F(K²C+1)", "K × K × C × F + F", "(K·K·C + 1)·F", r"$F \cdot (K^2 \cdot C + 1)$", "F*C*K*K + F", "k^2*c*f + f", "K^2CF+F params"),
    "W + 2*P - D*(K - 1)": ("W + 2P - D(K-1)", "W+2P-DK+D", "W + 2·P − D·(K − 1)", "$W + 2P - D(K - 1)$", "W + 2P - (D(K-1) + 1) + 1", "w + 2p - d(k-1)"),
    "4*(U*I + U^2 + 2*U)": ("4U(I + U + 2)", "4(UI + U² + 2U)", "4*U*I + 4*U**2 + 8*U", "$4(U I + U^2 + 2U)$", "4·U·(I+U+2)", "4[UI + U^2 + 2U]"),
    "4*d*(d + 1)": ("4d(d+1)", "4d² + 4d", "4*d**2 + 4*d", "$4d^2 + 4d$", "4(d^2 + d)", "4·d·(d+1)", "3(d²+d) + d² + d"),
    "I*U + U": ("IU + U", "(I+1)U", "U(I + 1)", "$U(I+1)$", "U*I+U", "(I + 1) × U"),
}  # fmt: skip


def notations(ask: str, value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return shapes_written(value)
    if isinstance(value, Fraction):
        return (
            ratios_written(value)
            if "/ total" in ask
            else {
                "decimals": f"{float(value):.3f}",
                "comma": f"{float(value):.2f}".replace(".", ","),
                "unit": f"{float(value):.2f} KiB",
            }
        )
    if isinstance(value, str):
        return {"plain": value} | {form: form for form in SYMBOLS[value]}
    if ask.endswith("receptive_field"):
        return {
            "plain": value,
            "square": f"{value}x{value}",
            "times": f"{value} × {value}",
            "pixels": f"{value} pixels",
            "px": f"{value}px",
            "by": f"{value} by {value}",
        }
    words = {"params": "params", "macs": "MACs", "flops": "FLOPs"}
    return numbers_written(value, "bytes" if "*" in ask else words[ask.split(".")[-1]])


def cases(rounds: int, seed: int) -> Iterator[Case]:
    """Every kind of network `rounds` times: each wrong answer that differs, six notations of each right one, a guess."""
    pick = random.Random(seed)
    for make in KINDS * rounds:
        text, right, slips = make(pick)
        for ask, value in right.items():
            forms = notations(ask, value)
            for kind in pick.sample(sorted(forms), min(6, len(forms))):
                yield Case("right", kind, text, ask, forms[kind])
            if isinstance(value, int) and value > 200:
                yield Case("guess", "number", text, ask, pick.randint(value // 3, value * 3))
            elif isinstance(value, list) and len(value) > 1 and min(value) > 3:
                yield Case("guess", "shape", text, ask, [pick.randint(2, 2 * n) for n in value])
        for kind, ask, wrong, named in slips:
            if wrong != right[ask] and (not isinstance(wrong, list) or min(wrong) > 0):
                yield Case("wrong", f"{make.__name__}: {kind}", text, ask, wrong, named)
