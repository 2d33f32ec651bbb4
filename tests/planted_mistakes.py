"""Random layers with planted mistakes, by hand formulas alone: nothing of the package is used here.

A case is a spec's layer line, its input, what is asked, the right answer, the wrong one and the mistake's name.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any, NamedTuple


class Case(NamedTuple):
    """One layer, one question, the right answer and the one with the mistake."""

    layer: str
    shape: list[int]
    ask: str
    right: Any
    wrong: Any
    mistake: str


class Layer(NamedTuple):
    """A layer's line, its input, right answers by attribute, and (mistake, attribute, wrong answer) for each slip."""

    line: str
    shape: list[int]
    right: dict[str, Any]
    slips: list[tuple[str, str, Any]]


def prod(sizes: Any) -> int:
    return math.prod(sizes)


def windows(size: int, k: int, s: int, before: int, after: int, d: int) -> int:
    return (size + before + after - d * (k - 1) - 1) // s + 1


def conv(pick: random.Random) -> Layer:
    n = pick.choice((1, 2, 2, 2, 3))
    groups = pick.choice((1, 1, 1, 2, 4))
    c_in, c_out = groups * pick.randint(1, 9), groups * pick.randint(1, 9)
    k = [pick.randint(1, 7) for _ in range(n)]
    s = [pick.randint(1, 4) for _ in range(n)]
    p = [pick.randint(0, 3) for _ in range(n)]
    d = [pick.choice((1, 1, 2, 3)) for _ in range(n)]
    size = [pick.randint(d[i] * (k[i] - 1) + 5, d[i] * (k[i] - 1) + 40) for i in range(n)]
    bias = pick.random() < 0.7
    b = c_out if bias else 0

    def space(k: list[int] = k, s: list[int] = s, a: list[int] = p, z: list[int] = p, d: list[int] = d) -> list[int]:
        return [windows(size[i], k[i], s[i], a[i], z[i], d[i]) for i in range(n)]

    def shape(space: list[int], c: int = c_out) -> list[int]:
        return [c, *space]

    out, ones, zeros = space(), [1] * n, [0] * n
    weights = prod(k) * (c_in // groups) * c_out
    macs = prod(out) * weights
    n_in, n_out = c_in * prod(size), c_out * prod(out)
    right = {
        "shape": shape(out),
        "params": weights + b,
        "macs": macs,
        "flops": 2 * macs,
        "dense": n_in * n_out + (n_out if bias else 0),
    }
    up = [-(-(size[i] + 2 * p[i] - d[i] * (k[i] - 1) - 1) // s[i]) + 1 for i in range(n)]
    slips: list[tuple[str, str, Any]] = [
        ("padding ignored", "shape", shape(space(a=zeros, z=zeros))),
        ("padding ignored", "macs", prod(space(a=zeros, z=zeros)) * weights),
        ("padding added on one side only", "shape", shape(space(z=zeros))),
        ("padding doubled", "shape", shape(space(a=[2 * i for i in p], z=[2 * i for i in p]))),
        ("stride ignored", "shape", shape(space(s=ones))),
        ("stride ignored", "macs", prod(space(s=ones)) * weights),
        ("dilation ignored", "shape", shape(space(d=ones))),
        ("ceil instead of floor", "shape", shape(up)),
        ("ceil instead of floor", "macs", prod(up) * weights),
        ("the + 1 forgotten", "shape", shape([i - 1 for i in out])),
        ("off by one window", "shape", shape([i + 1 for i in out])),
        ("the input's channels kept", "shape", shape(out, c_in)),
        ("the batch axis counted", "shape", [1 + pick.randint(1, 99), *shape(out)]),
        ("groups ignored", "params", prod(k) * c_in * c_out + b),
        ("groups ignored", "macs", macs * groups),
        ("input channels forgotten", "params", prod(k) * c_out + b),
        ("output channels forgotten", "params", prod(k) * (c_in // groups) + b),
        ("stride counted in the parameters", "params", weights * prod(s) + b),
        ("image size counted in the parameters", "params", weights * prod(size) + b),
        ("output positions counted in the parameters", "params", weights * prod(out) + b),
        ("FLOPs instead of MACs, a factor of 2", "macs", 2 * macs),
        ("MACs instead of FLOPs, a factor of 2", "flops", macs),
        ("counted at input instead of output positions", "macs", prod(size) * weights),
        ("one addition less than products", "flops", prod(out) * c_out * (2 * prod(k) * (c_in // groups) - 1)),
        ("connected locally, not densely", "dense", n_out * (prod(k) * (c_in // groups) + (1 if bias else 0))),
    ]
    if bias:
        slips += [
            ("bias forgotten", "params", weights),
            ("bias counted twice", "params", weights + 2 * b),
            ("one bias for the whole layer", "params", weights + 1),
            ("a bias for each output number", "params", weights + n_out),
            ("a bias for each kernel", "params", weights + c_out * (c_in // groups)),
            ("biases counted as operations", "macs", macs + n_out),
            ("biases counted as operations", "flops", 2 * macs + n_out),
            ("biases of the dense layer forgotten", "dense", n_in * n_out),
            ("biases of the dense layer shared", "dense", n_in * n_out + c_out),
        ]
    else:
        slips += [
            ("a bias counted that is not there", "params", weights + c_out),
            ("biases counted though the layer has none", "dense", n_in * n_out + n_out),
        ]
    if n == 2:
        turned_k = [windows(size[i], k[1 - i], s[i], p[i], p[i], d[i]) for i in range(n)]
        slips += [
            ("height and width swapped", "shape", [c_out, out[1], out[0]]),
            ("height and width of the kernel swapped", "shape", [c_out, *turned_k]),
            ("channels last", "shape", [*out, c_out]),
        ]
        if k[0] == k[1]:
            once = k[0] * (c_in // groups) * c_out + b
            slips.append(("kernel area counted once, K instead of K·K", "params", once))
    options = f"kernel_size={k}, stride={s}, padding={p}, dilation={d}, groups={groups}, bias={bias}"
    return Layer(f"Conv{n}d({c_in}, {c_out}, {options})", [c_in, *size], right, slips)


def conv_transpose(pick: random.Random) -> Layer:
    n = pick.choice((1, 2, 2, 3))
    groups = pick.choice((1, 1, 2))
    c_in, c_out = groups * pick.randint(1, 8), groups * pick.randint(1, 8)
    k = [pick.randint(1, 5) for _ in range(n)]
    s = [pick.randint(1, 4) for _ in range(n)]
    p = [pick.randint(0, 2) for _ in range(n)]
    d = [pick.choice((1, 1, 2)) for _ in range(n)]
    extra = [pick.randint(0, max(s[i], d[i]) - 1) for i in range(n)]
    size = [pick.randint(6, 20) for _ in range(n)]
    bias = pick.random() < 0.7

    def space(s: list[int] = s, p: list[int] = p, d: list[int] = d, e: list[int] = extra) -> list[int]:
        return [(size[i] - 1) * s[i] - 2 * p[i] + d[i] * (k[i] - 1) + e[i] + 1 for i in range(n)]

    out = space()
    weights = prod(k) * c_in * (c_out // groups)
    macs = prod(size) * weights
    plain = [windows(size[i], k[i], s[i], p[i], p[i], d[i]) for i in range(n)]
    b = c_out if bias else 0
    right = {"shape": [c_out, *out], "params": weights + b, "macs": macs, "flops": 2 * macs}
    slips = [
        ("padding ignored", "shape", [c_out, *space(p=[0] * n)]),
        ("padding added instead of taken away", "shape", [c_out, *space(p=[-i for i in p])]),
        ("stride ignored", "shape", [c_out, *space(s=[1] * n)]),
        ("dilation ignored", "shape", [c_out, *space(d=[1] * n)]),
        ("output padding ignored", "shape", [c_out, *space(e=[0] * n)]),
        ("the + 1 forgotten", "shape", [c_out, *[i - 1 for i in out]]),
        ("the − 1 lost", "shape", [c_out, *[out[i] + s[i] for i in range(n)]]),
        ("groups ignored", "params", prod(k) * c_in * c_out + b),
        ("input channels forgotten", "params", prod(k) * (c_out // groups) + b),
        ("counted at output instead of input positions", "macs", prod(out) * weights),
        ("FLOPs instead of MACs, a factor of 2", "macs", 2 * macs),
    ]
    if all(i > 0 for i in plain):
        slips.append(("convolution and transposed convolution mistaken for each other", "shape", [c_out, *plain]))
    if bias:
        slips += [("bias forgotten", "params", weights), ("bias counted twice", "params", weights + 2 * b)]
    options = f"kernel_size={k}, stride={s}, padding={p}, output_padding={extra}, groups={groups}, bias={bias}"
    return Layer(f"ConvTranspose{n}d({c_in}, {c_out}, {options}, dilation={d})", [c_in, *size], right, slips)


def pool(pick: random.Random) -> Layer:
    n = pick.choice((1, 2, 2, 3))
    kind = pick.choice(("MaxPool", "AvgPool"))
    c = pick.randint(1, 20)
    k = [pick.randint(2, 5) for _ in range(n)]
    s = [pick.randint(1, 4) for _ in range(n)]
    p = [pick.randint(0, i // 2) for i in k]
    ceil = pick.random() < 0.3
    size = [pick.randint(8, 40) for _ in range(n)]

    def one(i: int, s: int, a: int, z: int, ceil: bool, clipped: bool = True) -> int:
        room = size[i] + a + z - k[i]
        found = (-(-room // s) if ceil else room // s) + 1
        return found - 1 if ceil and clipped and (found - 1) * s >= size[i] + a else found

    def space(s: list[int] = s, a: list[int] = p, z: list[int] = p, ceil: bool = ceil, clip: bool = True) -> list[int]:
        return [one(i, s[i], a[i], z[i], ceil, clip) for i in range(n)]

    out = space()
    right = {"shape": [c, *out], "params": 0, "macs": 0}
    slips: list[tuple[str, str, Any]] = [
        ("padding ignored", "shape", [c, *space(a=[0] * n, z=[0] * n)]),
        ("padding added on one side only", "shape", [c, *space(z=[0] * n)]),
        ("stride ignored", "shape", [c, *space(s=[1] * n)]),
        ("stride taken as the kernel size", "shape", [c, *space(s=k)]),
        ("the + 1 forgotten", "shape", [c, *[i - 1 for i in space(ceil=False)]]),
        ("the layer has no parameters of its own", "params", prod(k)),
        ("the layer has no parameters of its own", "params", prod(k) * c * c + c),
        ("operations counted that are no products", "macs", c * prod(out) * prod(k)),
    ]
    if ceil:
        slips.append(("floor instead of ceil", "shape", [c, *space(ceil=False)]))
        slips.append(("windows that start in the padding counted", "shape", [c, *space(clip=False)]))
    else:
        slips.append(("ceil instead of floor", "shape", [c, *space(ceil=True, clip=False)]))
    return Layer(f"{kind}{n}d({k}, stride={s}, padding={p}, ceil_mode={ceil})", [c, *size], right, slips)


def linear(pick: random.Random) -> Layer:
    i, o, bias = pick.randint(2, 600), pick.randint(2, 300), pick.random() < 0.8
    rows = pick.choice(((), (), (pick.randint(2, 12),)))
    t = prod(rows)
    b = o if bias else 0
    right = {"shape": [*rows, o], "params": i * o + b, "macs": t * i * o, "flops": 2 * t * i * o}
    slips: list[tuple[str, str, Any]] = [
        ("FLOPs instead of MACs, a factor of 2", "macs", 2 * t * i * o),
        ("MACs instead of FLOPs, a factor of 2", "flops", t * i * o),
        ("sizes added instead of multiplied", "params", i + o),
    ]
    if bias:
        slips += [
            ("bias forgotten", "params", i * o),
            ("bias counted twice", "params", i * o + 2 * o),
            ("one bias for the whole layer", "params", i * o + 1),
            ("a bias for each input", "params", i * o + i),
            ("biases counted as operations", "macs", t * (i * o + o)),
            ("biases counted as operations", "flops", t * (2 * i * o + o)),
        ]
    else:
        slips.append(("a bias counted that is not there", "params", i * o + o))
    if rows:
        slips.append(("counted at one position or along one axis only", "macs", i * o))
    return Layer(f"Linear({i}, {o}, bias={bias})", [*rows, i], right, slips)


def recurrent(pick: random.Random) -> Layer:
    kind, gates = pick.choice((("RNN", 1), ("GRU", 3), ("LSTM", 4)))
    i, h, t = pick.randint(2, 40), pick.randint(2, 40), pick.randint(2, 15)
    layers, both = pick.choice((1, 1, 2, 3)), pick.random() < 0.4
    ways = 2 if both else 1

    def count(gates: int = gates, vectors: int = 2, layers: int = layers, ways: int = ways) -> int:
        found = 0
        for level in range(layers):
            reads = i if level == 0 else ways * h
            found += ways * gates * (h * reads + h * h + vectors * h)
        return found

    def cost(gates: int = gates, steps: int = t, layers: int = layers, ways: int = ways) -> int:
        return steps * count(gates, 0, layers, ways)

    right = {"shape": [t, ways * h], "params": count(), "macs": cost(), "flops": 2 * cost()}
    slips: list[tuple[str, str, Any]] = [
        ("bias forgotten", "params", count(vectors=0)),
        ("one bias vector per gate instead of two", "params", count(vectors=1)),
        ("weights counted for every step", "params", t * count()),
        ("one step only", "macs", cost(steps=1)),
        ("FLOPs instead of MACs, a factor of 2", "macs", 2 * cost()),
        ("the last step only", "shape", [ways * h]),
        ("biases counted as operations", "macs", cost() + t * (count() - count(vectors=0))),
    ]
    if gates > 1:
        slips += [
            ("one gate instead of all", "params", count(gates=1)),
            ("one gate instead of all", "macs", cost(gates=1)),
            ("size of all gates taken for the state's", "shape", [t, gates * ways * h]),
        ]
    if gates == 4:
        slips.append(("three gates instead of four", "params", count(gates=3)))
    if gates == 3:
        slips.append(("four gates instead of three", "params", count(gates=4)))
    if layers > 1:
        slips.append(("one layer instead of the stack", "params", count(layers=1)))
        flat = sum(ways * gates * (h * i + h * h + 2 * h) for _ in range(layers))
        slips.append(("upper layers read other sizes", "params", flat))
    else:
        slips.append(("the state's weights left out", "params", ways * gates * (h * i + h)))
        slips.append(("the input's weights left out", "params", ways * gates * (h * h + h)))
    if both:
        slips.append(("the second direction forgotten", "params", count(ways=1)))
        slips.append(("the second direction forgotten", "shape", [t, h]))
    return Layer(f"{kind}({i}, {h}, num_layers={layers}, bidirectional={both})", [t, i], right, slips)


def multihead(pick: random.Random) -> Layer:
    h, each, t = pick.choice((2, 4, 8)), pick.randint(2, 32), pick.randint(3, 20)
    e, bias = h * each, pick.random() < 0.8
    vectors = 4 * e if bias else 0
    macs = 4 * t * e * e + 2 * t * t * e
    right = {"shape": [t, e], "params": 4 * e * e + vectors, "macs": macs, "flops": 2 * macs}
    slips: list[tuple[str, str, Any]] = [
        ("output projection left out", "params", 3 * e * e + (3 * e if bias else 0)),
        ("output projection left out", "macs", 3 * t * e * e + 2 * t * t * e),
        ("one of the three projections only", "params", e * e),
        ("one head's size taken for all heads", "params", (4 * e * e + vectors) // h),
        ("every head as wide as all together", "params", h * (3 * e * e + vectors * 3 // 4) + e * e + vectors // 4),
        ("products left out: scores and mix", "macs", 4 * t * e * e),
        ("products left out: project and output", "macs", 2 * t * t * e),
        ("only the pairs of a causal mask counted", "macs", 4 * t * e * e + t * (t + 1) * e),
        ("products multiplied by the heads", "macs", 4 * t * e * e + 2 * h * t * t * e),
        ("FLOPs instead of MACs, a factor of 2", "macs", 2 * macs),
    ]
    if bias:
        slips += [
            ("bias forgotten", "params", 4 * e * e),
            ("bias of the output projection left out", "params", 4 * e * e + 3 * e),
            ("biases of query, key and value left out", "params", 4 * e * e + e),
            ("biases counted as operations", "macs", macs + 4 * t * e),
        ]
    else:
        slips.append(("a bias counted that is not there", "params", 4 * e * e + 4 * e))
    return Layer(f"MultiheadAttention({e}, {h}, bias={bias})", [t, e], right, slips)


def attention(pick: random.Random) -> Layer:
    e, h, d, t = pick.randint(3, 60), pick.choice((1, 2, 3, 4)), pick.randint(2, 30), pick.randint(3, 20)
    bias, out = pick.random() < 0.4, pick.random() < 0.4
    w = h * d

    def count(w: int = w, bias: bool = bias, out: bool = out) -> int:
        return 3 * w * (e + bias) + (e * (w + bias) if out else 0)

    macs = 3 * t * e * w + 2 * t * t * w + (t * w * e if out else 0)
    right = {"shape": [t, e if out else w], "params": count(), "macs": macs}
    slips: list[tuple[str, str, Any]] = [
        ("one head's size taken for all heads", "params", count(w=d)),
        ("one of the three projections only", "params", w * e),
        ("products left out: scores and mix", "macs", macs - 2 * t * t * w),
        ("FLOPs instead of MACs, a factor of 2", "macs", 2 * macs),
    ]
    if bias:
        slips.append(("bias forgotten", "params", count(bias=False)))
    else:
        slips.append(("a bias counted that is not there", "params", count(bias=True)))
    if out:
        slips.append(("output projection left out", "params", count(out=False)))
    else:
        slips.append(("an output projection counted that is not there", "params", count(out=True)))
        if h > 1:
            slips.append(("one head only", "shape", [t, d]))
    line = f"Attention({e}, num_heads={h}, head_dim={d}, bias={bias}, out_proj={out})"
    return Layer(line, [t, e], right, slips)


def batch_norm(pick: random.Random) -> Layer:
    n, c = pick.choice((1, 2, 3)), pick.randint(3, 200)
    size = [pick.randint(2, 12) for _ in range(n)]
    right = {"shape": [c, *size], "params": 2 * c, "trainable": 2 * c, "macs": 0}
    slips: list[tuple[str, str, Any]] = [
        ("running statistics counted, as Keras does", "params", 4 * c),
        ("running statistics counted, as Keras does", "trainable", 4 * c),
        ("bias forgotten", "params", c),
        ("parameters for other axes than it normalises", "params", 2 * c * prod(size)),
        ("operations counted that are no products", "macs", c * prod(size)),
    ]
    return Layer(f"BatchNorm{n}d({c})", [c, *size], right, slips)


def embedding(pick: random.Random) -> Layer:
    v, e, t = pick.randint(50, 9000), pick.randint(4, 300), pick.randint(3, 40)
    right = {"shape": [t, e], "params": v * e, "macs": 0}
    slips: list[tuple[str, str, Any]] = [
        ("a bias counted that is not there", "params", v * e + e),
        ("the input's length taken for the table's rows", "params", t * e),
        ("sizes added instead of multiplied", "params", v + e),
        ("a row of the table left out", "params", (v - 1) * e),
        ("a lookup counted as a product", "macs", t * v * e),
        ("order of the sizes turned round", "shape", [e, t]),
    ]
    return Layer(f"Embedding({v}, {e})", [t], right, slips)


def flatten(pick: random.Random) -> Layer:
    c, h, w = (pick.randint(2, 40) for _ in range(3))
    right = {"shape": [c * h * w]}
    slips: list[tuple[str, str, Any]] = [
        ("flattened without the channels", "shape", [h * w]),
        ("flattened without the width", "shape", [c * h]),
        ("not flattened", "shape", [c, h, w]),
    ]
    return Layer("Flatten", [c, h, w], right, slips)


FAMILIES = (
    *(conv,) * 6,
    *(conv_transpose,) * 3,
    *(pool,) * 3,
    *(linear,) * 2,
    *(recurrent,) * 4,
    *(multihead,) * 3,
    *(attention,) * 2,
    batch_norm,
    embedding,
    flatten,
)


def cases(count: int, seed: int) -> Iterator[Case]:
    """That many layers, each with one mistake that changes the answer."""
    pick = random.Random(seed)
    made = 0
    while made < count:
        layer = pick.choice(FAMILIES)(pick)
        slips = [
            (name, attribute, wrong)
            for name, attribute, wrong in layer.slips
            if wrong != layer.right[attribute] and possible(wrong)
        ]
        if not slips:
            continue
        name, attribute, wrong = pick.choice(slips)
        made += 1
        yield Case(layer.line, layer.shape, attribute, layer.right[attribute], wrong, name)


def possible(answer: Any) -> bool:
    """Whether somebody would write it: no size below 1."""
    return all(size >= 1 for size in answer) if isinstance(answer, list) else answer >= 0
