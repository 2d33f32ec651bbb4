"""What one layer keeps of the forward pass for the backward one, as PyTorch's autograd has it.

A convolution or matrix product needs its input (for the weights' gradient), a ReLU, sigmoid or softmax its output, a
max-pool its input and where each largest stood, dropout its mask; sums and reshapes need nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cnncalc.core.number import Number, Shape, known_equal, prod
from cnncalc.core.window import pads
from cnncalc.cost.convention import in_bytes
from cnncalc.network.row import Row

INDEX = 8  # bytes of a position: PyTorch's int64
MASK = 1  # bytes of a truth value
SINGLE = 32  # bits of a float32


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


# In place these work from their output. Others in place save a copy of their input.
FROM_OUTPUT = _set("LeakyReLU RReLU ELU SELU CELU")
# Numbers for each unit and step of a recurrent layer besides its output: the gates, and a cell or a product.
STEPS = {"RNN": 0, "LSTM": 5, "GRU": 5, "RNNCell": 0, "LSTMCell": 5, "GRUCell": 5}
# Layers that keep one array more, as large as their output: a noise, a buffer, a denominator.
ONE_MORE = _set("RReLU LogSigmoid Softsign AlphaDropout GaussianDropout")


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


def kinds(layer: Any) -> tuple[str, ...]:
    """The names of a layer's class and its bases, nearest first."""
    kind = type(layer)
    if kind not in _KNOWN:
        _KNOWN[kind] = tuple(base.__name__ for base in kind.__mro__)
    return _KNOWN[kind]


_KNOWN: dict[type, tuple[str, ...]] = {}


def dry(layer: Any) -> bool:
    """Whether it is a dropout that drops nothing."""
    own = layer.__dict__
    return "Drop" in kinds(layer) and own.get("p", own.get("rate")) == 0


def attends(layer: Any) -> bool:
    """Whether a layer makes scores of attention that a flash kernel would not keep."""
    return not _set("MultiheadAttention Attention ScaledDotProductAttention Composed").isdisjoint(kinds(layer))


def in_place(layer: Any) -> bool:
    """Whether it writes its output over its input, where it says so."""
    return getattr(layer, "inplace", None) is True


def keep(row: Row, trained: bool, bits: int, flash: bool = False) -> Keep:
    """What the layer keeps, with numbers of so many bits; `flash` keeps no scores of attention."""
    layer: Any = row.layer
    names = kinds(layer)
    inputs, output = _needs(layer, names, trained)
    extra, fixed = _more(layer, names, row.facts.inputs, row.facts.shape, bits, flash)
    if in_place(layer) and inputs and FROM_OUTPUT.isdisjoint(names) and "Drop" not in names:
        return Keep(False, output, extra + in_bytes(prod(row.facts.shape[1:]), bits), fixed)
    if names[0] == "RMSNorm" and bits < SINGLE:
        return Keep(False, output, extra, fixed)
    if getattr(layer, "padding_mode", "zeros") != "zeros" and row.facts.inputs:
        return _padded(layer, row.facts.inputs[0], bits, Keep(inputs, output, extra, fixed))
    several, tables = _copied(layer, row.facts.inputs, bits, flash), _angles(layer, row.facts.inputs, bits)
    return Keep(inputs, output, extra, fixed, several, tables)


def _padded(layer: Any, x: Shape, bits: int, found: Keep) -> Keep:
    """A convolution whose padding is made before it works on a copy; mirrors and edges need what they read, too."""
    space = x[2:]
    wide = [size + sum(both) for size, both in zip(space, pads(layer, space), strict=True)]
    if all(known_equal(before, after) for before, after in zip(space, wide, strict=True)):
        return found
    copy = in_bytes(prod(x[1:2]) * prod(wide), bits) if found.inputs else 0
    return found._replace(inputs=layer.padding_mode != "circular", extra=found.extra + copy)


def _copied(layer: Any, xs: tuple[Shape, ...], bits: int, flash: bool) -> Number:
    """What heads that share a single key and value copy of it: a batch of one needs no copy."""
    if flash or getattr(layer, "num_kv_heads", None) != 1 or layer.num_heads == 1:
        return 0
    d_query, d_key, d_value, d_out = layer.sizes(xs)
    return in_bytes(xs[min(1, len(xs) - 1)][1] * (d_query + d_out - d_key - d_value), bits)


def _angles(layer: Any, xs: tuple[Shape, ...], bits: int) -> tuple[tuple[object, Number], ...]:
    """The cosines and sines that turn queries and keys: one table for all samples, heads and layers."""
    turn = getattr(layer, "turn", None)
    if turn is None and "RotaryEmbedding" in kinds(layer):
        turn, each = layer, xs[0][-1] if layer.dim is None else layer.dim
    elif turn is not None:
        each = layer.each(xs)
    if turn is None:
        return ()
    wide = turn.turning(each)
    return (((str(turn.base), str(turn.factor), str(wide), str(xs[0][-2])), in_bytes(2 * xs[0][-2] * wide, bits)),)


def _needs(layer: Any, names: tuple[str, ...], trained: bool) -> tuple[bool, bool]:
    """Whether the gradient needs the layer's inputs, and its output: what its class says it saves."""
    activation = bool(getattr(layer, "activation", None)) and "trainable" in type(layer).options
    said = layer.saves.split()
    if said == ["unknown"]:
        return True, True
    if any(name.startswith("AdaptiveAvg") for name in names) and _ones(layer):
        return False, False
    return "input" in said or ("weights" in said and trained), "output" in said or activation


def _ones(layer: Any) -> bool:
    """Whether an adaptive pool makes one number of each channel: it is a mean."""
    return all(size == 1 for size in layer.output_size)


def _more(
    layer: Any, names: tuple[str, ...], xs: tuple[Shape, ...], y: Shape, bits: int, flash: bool
) -> tuple[Number, Number]:
    """Further bytes for a sample, and once for a batch."""
    made = prod(y[1:])
    if "positions" in layer.saves.split():
        return made * INDEX, 0
    if names[0] in ONE_MORE and not dry(layer):
        return in_bytes(made, bits), 0
    if "Drop" in names:
        return (0 if dry(layer) else _noise(names[0], y, bits)), 0
    if "LPPool" in names:  # the powers, and four arrays of the output's size
        return in_bytes(prod(xs[0][1:]) + 4 * made, bits), 0
    if "BatchNorm" in names:  # mean and deviation of each channel, over the batch
        return 0, in_bytes(2 * y[1], bits)
    if names[0] == "RMSNorm":
        rows = prod(y[1:-1])
        if bits < SINGLE:  # computed in float32
            return in_bytes(2 * made + rows, SINGLE), 0
        return in_bytes(rows + (made if layer.elementwise_affine else 0), bits), 0
    numbers: Number = layer.between(*xs) if hasattr(layer, "between") else 0
    masks: Number = 0
    single: Number = 0
    for count, what in steps(layer, xs, flash):
        if what == "mask":
            masks = masks + count
        elif what == "single":
            single = single + count
        else:
            numbers = numbers + count
    return in_bytes(numbers, bits) + masks * MASK + in_bytes(single, SINGLE), 0


def _noise(name: str, y: Shape, bits: int) -> Number:
    """What a dropout drew: a truth value for each number, a factor for each channel or sample."""
    if name == "Dropout":
        return prod(y[1:]) * MASK
    channels = y[-1] if name.startswith("Spatial") else y[1]
    return in_bytes(1 if name in ("DropPath", "StochasticDepth") else channels, bits)


# --- layers of several steps ---------------------------------------------------------------------------------------

# How many, and what: a number, a truth value ("mask") or a float32 ("single").
Step = tuple[Number, str]


def steps(layer: Any, xs: tuple[Shape, ...], flash: bool = False) -> Iterator[Step]:
    """What a layer of several steps keeps besides its input and output."""
    names = kinds(layer)
    x = xs[0] if xs else ()
    if "SequenceLayer" in names:
        units = layer.num_layers * layer.directions * x[1]
        yield units * layer.hidden_size * STEPS.get(names[0], 0), ""
        yield (units - layer.directions * x[1]) * layer.state_size, ""  # outputs of the layers below the last
    elif "Cell" in names:
        yield layer.hidden_size * STEPS.get(names[0], 0), ""
    elif "MultiheadAttention" in names or "Attention" in names or "ScaledDotProductAttention" in names:
        dropout = getattr(layer, "dropout", 0) or getattr(layer, "dropout_p", 0)
        yield from attention(layer, xs, bool(dropout), flash)
    elif "GatedFeedForward" in names:  # gate, its activation, up, and their product
        yield 4 * prod(x[:-1]) * layer.hidden_features, ""
    elif "MixtureOfExperts" in names:
        yield from _experts(layer, x)
    elif "Block" in names:
        yield from _block(layer, xs, flash)
    elif "Composed" in names:
        for index, (name, part, given) in enumerate(layer.parts(*xs)):
            if index > 0:  # the input of the first is the layer's own
                yield prod(given[-1] if name == "decoder" else given[0]), ""
            yield from steps(part, given, flash)
    elif "TrailingNorm" in names:  # mean and deviation of all that is normalised together
        yield 2 * prod(x[: len(x) - len(layer.trailing(x))]), ""
    elif "InstanceNorm" in names:  # mean and deviation, and the factors once for each sample
        yield (3 if layer.affine else 2) * x[1], ""
    elif "GroupNorm" in names:
        yield 2 * layer.num_groups, ""
    elif names[0] == "LocalResponseNorm":  # squares with channels beside them, two arrays of sums
        yield (x[1] + layer.size - 1) * prod(x[2:]) + 2 * prod(x[1:]), ""


def _block(layer: Any, xs: tuple[Shape, ...], flash: bool) -> Iterator[Step]:
    """A transformer layer: what stands between its parts and inside them, and the masks of its dropouts."""
    drops = layer.dropout > 0
    for index, (name, part, given) in enumerate(layer.parts(*xs)):
        size = prod(given[0])
        if index > 0:
            yield size, ""
        if name == "linear2":
            # A ReLU keeps what it gave, which without dropout is the input of linear2; a GELU what it got.
            if layer.activation == "gelu" or drops:
                yield size, ""
            if drops:
                yield size, "mask"
                yield prod(xs[0]), "mask"
        if "Attention" in name or name.endswith("_attn"):
            yield from attention(part, given, drops, flash)
            if drops:
                yield prod(xs[0]), "mask"
        else:
            yield from steps(part, given, flash)


def attention(layer: Any, xs: tuple[Shape, ...], dropout: bool, flash: bool) -> Iterator[Step]:
    """Query, key and value, the softmax' output for every pair and head, and what comes out before the projection.

    With dropout also its mask and what it left; a flash kernel keeps one number for each head and position instead.
    """
    query, key = xs[0], xs[min(1, len(xs) - 1)]
    if hasattr(layer, "sizes"):
        d_query, d_key, d_value, d_out = layer.sizes(xs)
        heads, rows = layer.num_heads, query[1]
    elif hasattr(layer, "num_heads"):
        d_query = d_key = d_value = d_out = query[-1]
        heads, rows = layer.num_heads, query[1]
    else:  # query, key and value are inputs: only the pairs are its own, and with flash the output
        heads, rows, d_query, d_key, d_value, d_out = prod(query[1:-2]), query[-2], 0, 0, 0, 0
    if flash:
        yield heads * rows, "single"
    else:
        pairs = heads * rows * (key[-2] if d_out == 0 else key[1])
        yield pairs, ""
        if getattr(layer, "softcap", None) is not None:  # the tanh of each score
            yield pairs, ""
        if dropout:
            yield pairs, "mask"
            yield pairs, ""
    if d_out == 0:
        if not flash and getattr(layer, "enable_gqa", False) and 1 < xs[1][-3] < query[-3]:  # repeated, as above
            more = (query[-3] - key[-3]) * key[-2]
            yield more * (key[-1] + xs[2][-1]), ""
        return
    yield rows * d_query, ""
    few = getattr(layer, "num_kv_heads", None)
    if not flash and few is not None and few != 1:  # repeated for the heads that share them; a single one is broadcast
        yield key[1] * (d_query + d_out), ""
    else:
        yield key[1] * (d_key + d_value), ""
    if getattr(layer, "out_proj", True):  # without a projection it is the layer's output
        yield rows * d_out, ""
    if getattr(layer, "norm", None) is not None:
        yield from _head_norms(layer, rows * d_query, key[1] * d_key, layer.each(xs))


def _head_norms(layer: Any, queries: Number, keys: Number, each: Number) -> Iterator[Step]:
    """What norms of each head's query and key keep: their input, the normalised numbers, one or two numbers a row."""
    names = kinds(layer.norm)
    for count in (queries, keys):
        yield count, ""
        yield count // each * (1 if "RMSNorm" in names else 2), ""
        if layer.norm.elementwise_affine and "RMSNorm" in names:
            yield count, ""


def _experts(layer: Any, x: Shape) -> Iterator[Step]:
    """Routed experts: of each position and expert its input, the hidden numbers, the output with its
    weight and without."""
    rows, size, hidden = prod(x[:-1]), x[-1], layer.hidden_features
    chosen = rows * layer.top_k
    arrays = 4 if layer.gated else 2
    yield rows * layer.num_experts, ""  # the router's softmax
    yield chosen, ""
    yield chosen * (arrays * hidden + 3 * size), ""
    yield chosen * 2 * INDEX, "mask"  # which position, which place
    yield rows * layer.shared_experts * arrays * hidden, ""
