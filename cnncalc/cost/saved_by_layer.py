"""What one layer saves in the forward pass for the backward pass, as PyTorch's autograd does.

A convolution or matrix product needs its input (for the weights' gradient), a ReLU, sigmoid or softmax its output, a
max-pool its input and where each largest stood, dropout its mask; sums and reshapes need nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape, known_equal, prod
from cnncalc.core.window import pads
from cnncalc.cost.convention import in_bytes
from cnncalc.cost.saved_steps import OF_OUTPUT, SINGLE, steps
from cnncalc.network.row import Row

INDEX = 8  # bytes of a position: PyTorch's int64
MASK = 1  # bytes of a truth value


class Keep(NamedTuple):
    """Whether a layer's inputs and its output are needed; further bytes for each sample, and once for a batch.

    `several` are bytes for each sample of a batch of several, `tables` those of arrays that layers share, by what
    they hold.
    """

    inputs: bool
    output: bool
    extra: Number = 0
    fixed: Number = 0
    several: Number = 0
    tables: tuple[tuple[object, Number], ...] = ()


def dry(layer: Layer) -> bool:
    """Whether it is a dropout that drops nothing."""
    own = layer.__dict__
    return layer.category == "dropout" and own.get("p", own.get("rate")) == 0


def attends(layer: Layer) -> bool:
    """Whether a layer makes scores of attention that a flash kernel would not keep."""
    return not {"scores", "block", "parts"}.isdisjoint(layer.saves.split())


def in_place(layer: Layer) -> bool:
    """Whether it writes its output over its input, where it says so."""
    return layer.__dict__.get("inplace") is True


def keep(row: Row, trained: bool, bits: int, flash: bool = False) -> Keep:
    """What the layer keeps, with numbers of so many bits; `flash` keeps no scores of attention."""
    layer = row.layer
    said = layer.saves.split()
    inputs, output = _needs(layer, said, trained)
    extra, fixed = _more(row, said, bits, flash)
    if in_place(layer) and inputs and "invertible" not in said:
        return Keep(False, output, extra + in_bytes(prod(row.facts.shape[1:]), bits), fixed)
    if "root-mean-square" in said and bits < SINGLE:
        return Keep(False, output, extra, fixed)
    mode: str = getattr(layer, "padding_mode", "zeros")
    if mode != "zeros" and row.facts.inputs:
        return _padded(layer, mode, row.facts.inputs[0], bits, Keep(inputs, output, extra, fixed))
    several, tables = _copied(layer, row.facts.inputs, bits, flash), _angles(layer, row.facts.inputs, bits)
    return Keep(inputs, output, extra, fixed, several, tables)


def _padded(layer: Layer, mode: str, x: Shape, bits: int, found: Keep) -> Keep:
    """A convolution whose padding is made before it works on a copy; mirrors and edges need what they read, too."""
    space = x[2:]
    wide = [size + sum(both) for size, both in zip(space, pads(layer, space), strict=True)]
    if all(known_equal(before, after) for before, after in zip(space, wide, strict=True)):
        return found
    copy = in_bytes(prod(x[1:2]) * prod(wide), bits) if found.inputs else 0
    return found._replace(inputs=mode != "circular", extra=found.extra + copy)


def _copied(layer: Any, xs: tuple[Shape, ...], bits: int, flash: bool) -> Number:
    """What heads that share a single key and value copy of it: a batch of one needs no copy.

    Latent attention keeps the copied values alone then, and not the array that they are cut out of; so do others whose
    values are a view of one product, if nothing else needs that.
    """
    if "latent" in layer.saves and not flash:
        return in_bytes(-layer.num_heads * layer.qk_nope_head_dim * xs[0][1], bits)
    few = getattr(layer, "num_kv_heads", None)
    if getattr(layer, "code", "") == "joint" and not flash and few in (None, layer.num_heads):
        d_query, d_key, d_value, _ = layer.sizes(xs)
        if layer.norm is not None:
            return in_bytes(xs[0][1] * d_value, bits)
        return in_bytes(-xs[0][1] * (d_query + d_key), bits) if layer.turn is not None else 0
    if flash or few != 1 or layer.num_heads == 1:
        return 0
    d_query, d_key, d_value, d_out = layer.sizes(xs)
    return in_bytes(xs[min(1, len(xs) - 1)][1] * (d_query + d_out - d_key - d_value), bits)


def _angles(layer: Any, xs: tuple[Shape, ...], bits: int) -> tuple[tuple[object, Number], ...]:
    """The cosines and sines that turn queries and keys: one table for all samples, heads and layers."""
    turn = getattr(layer, "turn", None)
    if turn is None and "angles" in layer.saves:
        turn, each = layer, xs[0][-1] if layer.dim is None else layer.dim
    elif turn is not None:
        each = layer.each(xs)
    if turn is None:
        return ()
    wide = turn.turning(each)
    return (((str(turn.base), str(turn.factor), str(wide), str(xs[0][-2])), in_bytes(2 * xs[0][-2] * wide, bits)),)


def _needs(layer: Layer, said: list[str], trained: bool) -> tuple[bool, bool]:
    """Whether the gradient needs the layer's inputs, and its output: what its class says it saves."""
    activation = bool(layer.__dict__.get("activation")) and "trainable" in type(layer).options
    if said == ["unknown"]:
        return True, True
    return "input" in said or ("weights" in said and trained), "output" in said or activation


def _more(row: Row, said: list[str], bits: int, flash: bool) -> tuple[Number, Number]:
    """Further bytes for a sample, and once for a batch."""
    layer, xs, y = row.layer, row.facts.inputs, row.facts.shape
    if dry(layer):
        return 0, 0
    if "batch-statistics" in said:  # mean and deviation of each channel, over the batch
        return 0, in_bytes(2 * y[1], bits)
    numbers: Number = layer.between(*xs)
    masks: Number = 0
    positions: Number = 0
    single: Number = 0
    whole = [step for word in said if word in OF_OUTPUT for step in OF_OUTPUT[word](layer, xs, y, bits)]
    for count, what in (*whole, *steps(layer, xs, flash)):
        if what == "mask":
            masks = masks + count
        elif what == "single":
            single = single + count
        elif what == "position":
            positions = positions + count
        else:
            numbers = numbers + count
    return in_bytes(numbers, bits) + masks * MASK + positions * INDEX + in_bytes(single, SINGLE), 0
