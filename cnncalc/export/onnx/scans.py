"""Scans as ONNX operators: not a loop over steps, but sums over stretches that double, log2(length) of them.

Hillis and Steele 1986. After the round with distance s each place holds what its last 2 s steps make of an empty state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.export.onnx.activations import softplus
from cnncalc.export.onnx.builder import Builder, Rule

if TYPE_CHECKING:
    from cnncalc.export.onnx.builder import Shapes
    from cnncalc.layers.scan import WKV, LinearAttention, SelectiveScan


def later(g: Builder, x: str, rank: int, length: int, distance: int, fill: float = 0.0) -> str:
    """Each step's value as it was `distance` steps before; `fill` where there is none. x is [N, length, ...]."""
    ends = [0] * (2 * rank)
    ends[1] = distance
    return g.op("Pad", g.slice(x, 1, 0, length - distance), g.whole(ends), g.numbers(fill))


def _doubled(length: int) -> list[int]:
    return [1 << at for at in range((length - 1).bit_length())]


def _summed(g: Builder, put: str, keep: str, rank: int, length: int) -> str:
    """h[t] = keep[t] h[t-1] + put[t], both [N, length, ...] of `rank` axes."""
    for distance in _doubled(length):
        put = g.op("Add", put, g.op("Mul", keep, later(g, put, rank, length, distance)))
        if 2 * distance < length:
            keep = g.op("Mul", keep, later(g, keep, rank, length, distance))
    return put


def _grouped(g: Builder, x: str, length: int, groups: int, heads: int, size: int) -> str:
    """B or C for each head, [N, length, heads or 1, size]."""
    if groups == 1:
        return g.reshape(x, (length, 1, size))
    apart = g.reshape(x, (length, groups, 1, size))
    return g.reshape(
        g.op("Expand", apart, g.whole([1, length, groups, heads // groups, size])), (length, heads, size)
    )  # fmt: skip


def _selective(g: Builder, layer: SelectiveScan, xs: list[str], shapes: Shapes) -> str:
    length, size = shapes[0][1:]
    heads = layer.num_heads or size
    state = shapes[2][2] // layer.groups
    dt = g.op("Add", xs[1], g.weight("dt_bias")) if layer.dt_bias else xs[1]
    step = g.unsqueeze(softplus(g, dt), 3)  # [N, length, heads, 1]
    rates = g.op("Neg", g.op("Exp", g.weight("A_log")))
    rates = rates if layer.num_heads is None else g.unsqueeze(rates, 1)
    keep = g.unsqueeze(g.op("Exp", g.op("Mul", step, rates)), 3)  # [N, length, heads, 1, state or 1]
    values = g.reshape(xs[0], (length, heads, size // heads))
    b, c = (_grouped(g, x, length, layer.groups, heads, state) for x in xs[2:])
    put = g.op("Mul", g.unsqueeze(g.op("Mul", step, values), 4), g.unsqueeze(b, 3))
    held = _summed(g, put, keep, 5, length)  # [N, length, heads, size / heads, state]
    read = g.squeeze(g.op("MatMul", held, g.unsqueeze(c, 4)), 4)
    past = g.op("Mul", g.unsqueeze(g.weight("D"), 1), values)
    return g.reshape(g.op("Add", read, past), (length, size))


def _linear(g: Builder, layer: LinearAttention, xs: list[str], shapes: Shapes) -> str:
    length, heads = shapes[0][1], layer.num_heads
    keys, values = shapes[0][2] // heads, shapes[2][2] // heads
    query = g.reshape(xs[0], (length, heads, 1, keys))
    held = g.op("MatMul", g.reshape(xs[1], (length, heads, keys, 1)), g.reshape(xs[2], (length, heads, 1, values)))
    if layer.decay:
        keep = g.unsqueeze(g.op("Sigmoid", g.weight("decay")), 1, 2)
        for distance in _doubled(length):
            held = g.op("Add", held, g.op("Mul", keep, later(g, held, 5, length, distance)))
            keep = g.op("Mul", keep, keep)
    else:
        held = g.op("CumSum", held, g.whole(1))
    return g.reshape(g.op("MatMul", query, held), (length, shapes[2][2]))


def _wkv(g: Builder, layer: WKV, xs: list[str], shapes: Shapes) -> str:
    """Sums of e^k v and of e^k, each over e^top with top the largest exponent, so that nothing overflows."""
    length = shapes[0][1]
    rate = g.op("Exp", g.weight("time_decay"))
    top, over = xs
    under = g.op("Add", g.op("Mul", top, g.numbers(0)), g.numbers(1))
    nothing = -1e38
    for distance in _doubled(length):
        before = g.op("Sub", later(g, top, 3, length, distance, nothing), g.op("Mul", rate, g.numbers(distance)))
        most = g.op("Max", top, before)
        mine, theirs = (g.op("Exp", g.op("Sub", one, most)) for one in (top, before))
        over, under = (
            g.op("Add", g.op("Mul", mine, one), g.op("Mul", theirs, later(g, one, 3, length, distance)))
            for one in (over, under)
        )
        top = most
    if length > 1:
        top = later(g, top, 3, length, 1, nothing)
        over, under = (later(g, one, 3, length, 1) for one in (over, under))
    else:
        empty = g.op("Mul", xs[0], g.numbers(0))
        top = g.op("Sub", g.op("Add", empty, g.numbers(nothing)), rate)
        over = under = empty
    now = g.op("Add", g.weight("time_first"), xs[0])
    most = g.op("Max", top, now)
    old, new = (g.op("Exp", g.op("Sub", one, most)) for one in (top, now))
    upper = g.op("Add", g.op("Mul", old, over), g.op("Mul", new, xs[1]))
    return g.op("Div", upper, g.op("Add", g.op("Mul", old, under), new))


RULES: dict[str, Rule] = {"SelectiveScan": _selective, "LinearAttention": _linear, "WKV": _wkv}
