"""A layer in Keras' words: the expression of its output, channels first, and the arrays of its weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cnncalc.core.problem import Fault
from cnncalc.core.window import pads, reach, rule_of
from cnncalc.export.call import arguments, literal, refuse, written
from cnncalc.network.row import Row

# An array of the layer: its name, and what is done with it.
Turn = Callable[[Any], Any]


class Piece(NamedTuple):
    """The expression, with {0}, {1}, ... for the inputs; and Keras' layers in it by name, each with its arrays.

    An array is (names of ours, what is made of them), in the order in which Keras has it.
    """

    call: str
    held: tuple[tuple[str, tuple[tuple[tuple[str, ...], Turn], ...]], ...] = ()


FIRST = 'data_format="channels_first"'
Rule = Callable[[Row, Any, Any], Piece]


def piece(row: Row) -> Piece:
    """A layer in Keras' words; raises `Fault` where it has none."""
    rule = RULES.get(row.layer.type())
    if rule is None:
        raise no(row, "Keras has no such layer")
    return rule(row, row.layer, row.facts.inputs)


# Layers that mean the same in both orders of axes, in a network that is in Keras' words.
EITHER = ("Add", "Average", "Subtract", "Multiply", "Maximum", "Minimum", "Concat", "ReLU", "Flatten", "Reshape",
          "Dropout", "Identity", "Sigmoid", "Tanh", "SiLU", "GELU", "Softmax", "Embedding", "LayerNorm", "Linear",
          "Scale")  # fmt: skip


def own_piece(row: Row) -> Piece:
    """A layer of a network in Keras' words: Keras' own with the options given, or one that both have."""
    if not type(row.layer).__module__.startswith("cnncalc.layers.keras"):
        if row.layer.type() not in EITHER:
            raise no(row, "its axes are meant as PyTorch has them")
        return piece(row)
    given = arguments(row.layer, row.facts.inputs)
    if any(hasattr(argument.value, "options") for argument in given):
        raise no(row, "a layer inside of a layer is not written")
    held = (*row.facts.weights, *row.facts.buffers)
    inputs = ", ".join(f"{{{at}}}" for at in range(len(row.facts.inputs)))
    of = f"[{inputs}]" if len(row.facts.inputs) > 1 else inputs
    return made(row, row.type, written(given), of, tuple(((one.name,), same) for one in held))


def no(row: Row, why: str, help: str = "") -> Fault:
    """The refusal of a layer."""
    return refuse(row, why, "Keras", help)


def same(array: Any) -> Any:
    """The array as it is."""
    return array


def turned(array: Any) -> Any:
    """Outputs first becomes outputs last."""
    import numpy as np

    return np.moveaxis(array, (0, 1), (-1, -2))


def made(row: Row, kind: str, options: str, of: str = "{0}", arrays: Any = ()) -> Piece:
    """A layer of Keras that bears the row's name, on an expression."""
    name = f"name={literal(named(row.name))}"
    call = f"layers.{kind}({', '.join(part for part in (options, name) if part)})({of})"
    return Piece(call, ((named(row.name), tuple(arrays)),) if arrays else ())


def named(name: str) -> str:
    """A name as Keras' layers may have it, without dots."""
    return name.replace(".", "_").replace("/", "_").strip("_") or "layer"


def has(row: Row, name: str) -> bool:
    """Whether the row has a weight of that name."""
    return any(held.name == name for held in (*row.facts.weights, *row.facts.buffers))


def _kernel(row: Row) -> tuple[Any, ...]:
    bias = (((("bias",), same)),) if has(row, "bias") else ()
    return ((("weight",), turned), *bias)


def _dense(row: Row, layer: Any, xs: Any) -> Piece:
    bias = "" if has(row, "bias") else ", use_bias=False"
    return made(row, "Dense", f"{row.facts.shape[-1]}{bias}", arrays=_kernel(row))


def _sizes(values: Any) -> str:
    values = tuple(values)
    return literal(values[0] if len(set(values)) == 1 else values)


def _zeros(pairs: Any, x: str = "{0}") -> str:
    """Zeros around the spatial axes, by Keras' layer."""
    if not any(map(any, pairs)):
        return x
    axes = len(pairs)
    amounts = literal(tuple(pairs[0]) if axes == 1 else tuple(tuple(pair) for pair in pairs))
    if all(before == after for before, after in pairs):
        amounts = _sizes(before for before, _ in pairs)
    return f"layers.ZeroPadding{axes}D({amounts}, {FIRST})({x})"


def _conv(row: Row, layer: Any, xs: Any) -> Piece:
    axes = len(xs[0]) - 2
    if layer.padding_mode != "zeros":
        raise no(row, f"Keras does not pad with {layer.padding_mode}")
    if any(one > 1 for one in layer.stride) and any(one > 1 for one in layer.dilation):
        raise no(row, "Keras has no stride together with a dilation")
    pairs = [(0, 0)] * axes if rule_of(layer) == "valid" else pads(layer, xs[0][2:])
    words = [literal(layer.out_channels), _sizes(layer.kernel_size)]
    words += [f"strides={_sizes(layer.stride)}"] if any(one > 1 for one in layer.stride) else []
    words += [f"dilation_rate={_sizes(layer.dilation)}"] if any(one > 1 for one in layer.dilation) else []
    words += [f"groups={layer.groups}"] if layer.groups > 1 else []
    words += [] if has(row, "bias") else ["use_bias=False"]
    return made(row, f"Conv{axes}D", ", ".join([*words, FIRST]), _zeros(pairs), _kernel(row))


def _transposed(row: Row, layer: Any, xs: Any) -> Piece:
    axes = len(xs[0]) - 2
    if layer.groups > 1 or any(one > 1 for one in layer.dilation):
        raise no(row, "Keras' transposed convolution has no groups, and no dilation here")
    crops = []
    for size, out, kernel, stride, (before, _) in zip(
        xs[0][2:], row.facts.shape[2:], layer.kernel_size, layer.stride, pads(layer, xs[0][2:]), strict=True
    ):
        full = size * stride + max(kernel - stride, 0)  # Keras fills up to a whole stride
        crops.append((before, full - before - out))
    if any(after < 0 for _, after in crops):
        raise no(row, "its output_padding is larger than its padding")
    words = [literal(layer.out_channels), _sizes(layer.kernel_size), f"strides={_sizes(layer.stride)}"]
    words += [] if has(row, "bias") else ["use_bias=False"]
    found = made(row, f"Conv{axes}DTranspose", ", ".join([*words, FIRST]), arrays=_flipped(row))
    if not any(map(any, crops)):
        return found
    amounts = literal(crops[0] if axes == 1 else tuple(crops))
    return found._replace(call=f"layers.Cropping{axes}D({amounts}, {FIRST})({found.call})")


def _flipped(row: Row) -> tuple[Any, ...]:
    """[in, out, ...] becomes [..., out, in]."""
    bias = ((("bias",), same),) if has(row, "bias") else ()
    return ((("weight",), turned), *bias)


def _pool_sizes(layer: Any) -> str:
    return f"{_sizes(layer.kernel_size)}, strides={_sizes(layer.stride)}, {FIRST}"


def _overhang(row: Row, layer: Any, xs: Any) -> list[tuple[int, int]]:
    """Padding with which windows that are counted down fit as often as the layer says."""
    return [
        (before, max((out - 1) * stride + reach(kernel, 1) - size - before, 0))
        for out, size, stride, kernel, (before, _) in zip(
            row.facts.shape[2:], xs[0][2:], layer.stride, layer.kernel_size, pads(layer, xs[0][2:]), strict=True
        )
    ]


def _max_pool(row: Row, layer: Any, xs: Any) -> Piece:
    if layer.return_indices or any(one > 1 for one in layer.dilation):
        raise no(row, "Keras' pool has no indices and no dilation")
    pairs = _overhang(row, layer, xs)
    x = "{0}"
    if any(map(any, pairs)):
        x = f'ops.pad({{0}}, {literal(((0, 0), (0, 0), *pairs))}, constant_values=float("-inf"))'
    return made(row, f"MaxPooling{len(pairs)}D", _pool_sizes(layer), x)


def _avg_pool(row: Row, layer: Any, xs: Any) -> Piece:
    pairs = pads(layer, xs[0][2:])
    around = any(map(any, pairs))
    if getattr(layer, "divisor_override", None) is not None or (
        around and (layer.ceil_mode or not layer.count_include_pad)
    ):
        raise no(row, "Keras' mean counts what lies inside alone")
    if layer.ceil_mode and any(map(any, _overhang(row, layer, xs))):
        raise no(row, "Keras' windows do not reach over the end")
    return made(row, f"AveragePooling{len(pairs)}D", _pool_sizes(layer), _zeros(pairs))


def _adaptive(kind: str) -> Rule:
    def rule(row: Row, layer: Any, xs: Any) -> Piece:
        if getattr(layer, "return_indices", False):
            raise no(row, "Keras' pool has no indices")
        space, wanted = xs[0][2:], row.facts.shape[2:]
        axes = len(space)
        if space == wanted:
            return made(row, "Identity", "")
        if all(out == 1 for out in wanted):
            return made(row, f"Global{kind}Pooling{axes}D", f"{FIRST}, keepdims=True")
        if any(size % out for size, out in zip(space, wanted, strict=True)):
            raise no(row, "its bins are not equally large")
        bins = tuple(size // out for size, out in zip(space, wanted, strict=True))
        return made(row, f"{kind}Pooling{axes}D", f"{_sizes(bins)}, {FIRST}")

    return rule


def _global(kind: str) -> Rule:
    def rule(row: Row, layer: Any, xs: Any) -> Piece:
        keep = ", keepdims=True" if layer.keepdim else ""
        return made(row, f"Global{kind}Pooling{len(xs[0]) - 2}D", f"{FIRST}{keep}")

    return rule


def _trained(row: Row) -> tuple[str, tuple[Any, ...]]:
    """The words and arrays of a norm's factor and shift."""
    words = [] if has(row, "weight") else ["scale=False"]
    words += [] if has(row, "bias") else ["center=False"]
    arrays = tuple(((name,), same) for name in ("weight", "bias") if has(row, name))
    return ", ".join(words), arrays


def _batch_norm(row: Row, layer: Any, xs: Any) -> Piece:
    if not has(row, "running_mean"):
        raise no(row, "Keras' norm always keeps statistics")
    words, arrays = _trained(row)
    momentum = 0.1 if layer.momentum is None else layer.momentum
    options = f"axis=1, momentum={round(1 - momentum, 10)!r}, epsilon={layer.eps!r}"
    statistics = ((("running_mean",), same), (("running_var",), same))
    return made(
        row, "BatchNormalization", ", ".join(part for part in (options, words) if part), arrays=(*arrays, *statistics)
    )


def _layer_norm(row: Row, layer: Any, xs: Any) -> Piece:
    axes = len(layer.normalized_shape or (0,))
    words, arrays = _trained(row)
    axis = "-1" if axes == 1 else literal([*range(-axes, 0)])
    options = f"axis={axis}, epsilon={layer.eps!r}"
    return made(row, "LayerNormalization", ", ".join(part for part in (options, words) if part), arrays=arrays)


def _group_norm(row: Row, layer: Any, xs: Any) -> Piece:
    words, arrays = _trained(row)
    options = f"groups={layer.num_groups}, axis=1, epsilon={layer.eps!r}"
    return made(row, "GroupNormalization", ", ".join(part for part in (options, words) if part), arrays=arrays)


def _rms_norm(row: Row, layer: Any, xs: Any) -> Piece:
    if len(layer.normalized_shape or (0,)) > 1 or not has(row, "weight"):
        raise no(row, "Keras' norm is over the last axis and has a factor")
    eps = 1.1920928955078125e-07 if layer.eps is None else layer.eps
    return made(row, "RMSNormalization", f"epsilon={eps!r}", arrays=((("weight",), same),))


def _embedding(row: Row, layer: Any, xs: Any) -> Piece:
    if layer.max_norm is not None:
        raise no(row, "Keras has no table whose rows are made shorter")
    rows, features = row.facts.weights[0].shape
    return made(row, "Embedding", f"{rows}, {features}", arrays=((("weight",), same),))


def _named(word: str) -> Rule:
    return lambda row, layer, xs: made(row, "Activation", literal(word))


def _gelu(row: Row, layer: Any, xs: Any) -> Piece:
    if layer.approximate == "tanh":
        return Piece("ops.gelu({0}, approximate=True)")
    return Piece("ops.gelu({0}, approximate=False)")


def _softmax(row: Row, layer: Any, xs: Any) -> Piece:
    axis = layer.dim if layer.dim is not None else 1 if len(xs[0]) > 3 else -1
    if axis == 0:
        raise no(row, "it sums to 1 over the batch")
    return made(row, "Softmax", f"axis={axis}")


def _log_softmax(row: Row, layer: Any, xs: Any) -> Piece:
    axis = layer.dim if layer.dim is not None else 1 if len(xs[0]) > 3 else -1
    if axis % len(xs[0]) != len(xs[0]) - 1:
        raise no(row, "Keras' log_softmax is over the last axis")
    return made(row, "Activation", '"log_softmax"')


def _prelu(row: Row, layer: Any, xs: Any) -> Piece:
    count = row.facts.weights[0].shape[0]
    shared = [*range(1 if count == 1 else 2, len(xs[0]))]
    if count == 1 and len(xs[0]) == 2 and xs[0][1] == 1:
        shared = []
    words = f"shared_axes={literal(shared)}" if shared else ""
    sizes = [1 if axis in shared else xs[0][axis] for axis in range(1, len(xs[0]))]
    return made(row, "PReLU", words, arrays=((("weight",), lambda array: array.reshape(sizes)),))


def _hardtanh(row: Row, layer: Any, xs: Any) -> Piece:
    if (layer.min_val, layer.max_val) == (-1, 1):
        return made(row, "Activation", '"hard_tanh"')
    if layer.min_val == 0:
        return made(row, "ReLU", f"max_value={float(layer.max_val)!r}")
    raise no(row, "Keras' is between -1 and 1, or from 0 on")


MERGES = {
    "Add": " + ",
    "Average": "",
    "Subtract": " - ",
    "Multiply": " * ",
    "Divide": " / ",
    "Maximum": "",
    "Minimum": "",
}


def _merge(row: Row, layer: Any, xs: Any) -> Piece:
    kind = layer.type()
    rank = max(len(x) for x in xs)
    parts = []
    for at, x in enumerate(xs):
        sizes = (*(1,) * (rank - len(x)), *x[1:])
        parts.append(f"layers.Reshape({literal(sizes)})({{{at}}})" if len(x) < rank else f"{{{at}}}")
    value = getattr(layer, "value", None)
    if value is not None:
        if isinstance(value, (list, tuple)) or not MERGES[kind]:
            raise no(row, "a constant array between layers is not written")
        parts.insert(0 if getattr(layer, "value_first", False) else len(parts), literal(float(value)))
        return Piece(MERGES[kind].join(parts))
    if kind == "Divide":
        return Piece(" / ".join(parts))
    return made(row, kind, "", f"[{', '.join(parts)}]")


def _concat(row: Row, layer: Any, xs: Any) -> Piece:
    inner = ", ".join(f"{{{at}}}" for at in range(len(xs)))
    return made(row, "Concatenate", f"axis={layer.dim % len(xs[0])}", f"[{inner}]")


def _flatten(row: Row, layer: Any, xs: Any) -> Piece:
    if len(xs[0]) > 1 and layer.start_dim == 1 and layer.end_dim % len(xs[0]) == len(xs[0]) - 1:
        return made(row, "Flatten", "")
    return _reshape(row, layer, xs)


def _reshape(row: Row, layer: Any, xs: Any) -> Piece:
    return made(row, "Reshape", literal(tuple(row.facts.shape[1:])))


def _permuted(row: Row, order: list[int]) -> Piece:
    if order[0] != 0:
        raise no(row, "it moves the batch axis")
    return made(row, "Permute", literal(tuple(order[1:])))


def _permute(row: Row, layer: Any, xs: Any) -> Piece:
    return _permuted(row, [dim % len(xs[0]) for dim in layer.dims])


def _transpose(row: Row, layer: Any, xs: Any) -> Piece:
    order = [*range(len(xs[0]))]
    order[layer.dim0], order[layer.dim1] = order[layer.dim1], order[layer.dim0]
    return _permuted(row, order)


def _patches(row: Row, layer: Any, xs: Any) -> Piece:
    kernel = row.facts.weights[0].shape
    bias = "" if has(row, "bias") else ", use_bias=False"
    sizes = _sizes(kernel[2:])
    inner = made(row, "Conv2D", f"{kernel[0]}, {sizes}, strides={sizes}{bias}, {FIRST}", arrays=_kernel(row))
    length, features = row.facts.shape[1:]
    return inner._replace(call=f"layers.Permute((2, 1))(layers.Reshape(({features}, {length}))({inner.call}))")


def _heads(row: Row, parts: Any, count: int, options: list[str], inputs: int, causal: bool) -> Piece:
    """Keras' MultiHeadAttention; `parts` give the arrays of query, key, value and output."""
    names = ["{0}", f"{{{min(1, inputs - 1)}}}", f"{{{min(2, inputs - 1)}}}"]
    taken = f"{names[0]}, {names[2]}, key={names[1]}" + (", use_causal_mask=True" if causal else "")
    return made(row, "MultiHeadAttention", ", ".join(options), taken, parts)


def _multihead(row: Row, layer: Any, xs: Any) -> Piece:
    if len(xs) > 3 or layer.add_bias_kv or layer.add_zero_attn:
        raise no(row, "masks that are inputs, add_bias_kv and add_zero_attn are not written")
    count, size = layer.num_heads, xs[0][-1]
    each = size // count
    bias = has(row, "in_proj_bias")
    if not has(row, "in_proj_weight"):
        raise no(row, "keys and values of another size are not written")
    arrays: list[Any] = []
    for at in range(3):
        arrays.append((("in_proj_weight",), _slice_of(at, size, (count, each))))
        if bias:
            arrays.append((("in_proj_bias",), _bias_of(at, size, (count, each))))
    arrays.append((("out_proj.weight",), lambda array: array.T.reshape(count, each, size)))
    if bias:
        arrays.append((("out_proj.bias",), same))
    options = [str(count), str(each)] + ([] if bias else ["use_bias=False"])
    return _heads(row, arrays, count, options, len(xs), layer.is_causal)


def _slice_of(at: int, size: int, sizes: tuple[int, int]) -> Turn:
    return lambda array: array[at * size : (at + 1) * size].T.reshape(array.shape[1], *sizes)


def _bias_of(at: int, size: int, sizes: tuple[int, int]) -> Turn:
    return lambda array: array[at * size : (at + 1) * size].reshape(sizes)


def _attention(row: Row, layer: Any, xs: Any) -> Piece:
    count = layer.num_heads
    special = layer.norm, layer.turn, layer.window, layer.alibi or None, layer.softcap
    if any(one is not None for one in special) or (layer.num_kv_heads or count) != count:
        raise no(row, "norms, rotations, windows, ALiBi, caps and shared heads are not written")
    if layer.scale != "sqrt_dk" or not has(row, "W_o"):
        raise no(row, "Keras divides by the root of a head's size and has an output projection")
    widths = {held.name: held.shape for held in row.facts.weights}
    each, value = widths["W_q"][1] // count, widths["W_v"][1] // count
    bias = has(row, "b_q")
    arrays: list[Any] = []
    for letter, size in (("q", each), ("k", each), ("v", value)):
        arrays.append(((f"W_{letter}",), _as((-1, count, size))))
        if bias:
            arrays.append(((f"b_{letter}",), _as((count, size))))
    arrays.append((("W_o",), _as((count, value, -1))))
    if bias:
        arrays.append((("b_o",), same))
    options = [str(count), str(each)] + ([f"value_dim={value}"] if value != each else [])
    options += [] if bias else ["use_bias=False"]
    return _heads(row, arrays, count, options, len(xs), bool(layer.causal))


def _as(sizes: tuple[int, ...]) -> Turn:
    return lambda array: array.reshape(sizes)


def _recurrent(kind: str) -> Rule:
    def rule(row: Row, layer: Any, xs: Any) -> Piece:
        if len(xs) > 1 or any(held.name.startswith("weight_hr") for held in row.facts.weights):
            raise no(row, "given states and projections are not written")
        if kind != "GRU" and layer.bias and layer.two_biases:
            raise no(row, "Keras has one bias vector", "bias_vectors=1 counts as Keras does")
        if kind == "GRU" and layer.bias and not layer.two_biases:
            raise no(row, "Keras' GRU that resets after has two bias vectors")
        call, held = "{0}", []
        for level in range(layer.num_layers):
            name = named(row.name if layer.num_layers == 1 else f"{row.name}.{level}")
            words = [literal(layer.hidden_size), "return_sequences=True"]
            words += [] if layer.bias else ["use_bias=False"]
            if kind == "SimpleRNN" and layer.nonlinearity == "relu":
                words.append('activation="relu"')
            sides = ["", "_reverse"] if layer.bidirectional else [""]
            arrays = [array for side in sides for array in _gates(row, kind, f"_l{level}{side}")]
            cell = f"layers.{kind}({', '.join(words)}"
            cell = (
                f"layers.Bidirectional({cell}), name={literal(name)})"
                if len(sides) > 1
                else f"{cell}, name={literal(name)})"
            )
            call = f"{cell}({call})"
            held.append((name, tuple(arrays)))
        return Piece(call, tuple(held))

    return rule


# Where Keras has each of PyTorch's gates: its GRU has z r h.
ORDER = {"LSTM": (0, 1, 2, 3), "GRU": (1, 0, 2), "SimpleRNN": (0,)}


def _gates(row: Row, kind: str, ending: str) -> list[Any]:
    import numpy as np

    def sort(array: Any) -> Any:
        gates = np.split(array, len(ORDER[kind]))
        return np.concatenate([gates[at] for at in ORDER[kind]])

    arrays: list[Any] = [((f"weight_{part}{ending}",), lambda array: sort(array).T) for part in ("ih", "hh")]
    if has(row, f"bias_ih{ending}"):
        if kind == "GRU":
            names = (f"bias_ih{ending}", f"bias_hh{ending}")
            arrays.append((names, lambda *two: np.stack([sort(one) for one in two])))
        else:
            arrays.append(((f"bias_ih{ending}",), sort))
    return arrays


def _reduce(word: str) -> Rule:
    def rule(row: Row, layer: Any, xs: Any) -> Piece:
        axes = tuple(layer.dim) if layer.dim else tuple(range(1, len(xs[0])))
        keep = ", keepdims=True" if layer.keepdim else ""
        return Piece(f"ops.{word}({{0}}, axis={literal(axes[0] if len(axes) == 1 else axes)}{keep})")

    return rule


def _pad(row: Row, layer: Any, xs: Any) -> Piece:
    sides = list(layer.padding)
    pairs = [(sides[at], sides[at + 1]) for at in range(0, len(sides), 2)][::-1]
    pairs = [(0, 0)] * (len(xs[0]) - 2 - len(pairs)) + pairs
    constant = getattr(layer, "value", 0) or getattr(layer, "mode", "constant") != "constant"
    if constant or len(pairs) != len(xs[0]) - 2 or any(amount < 0 for pair in pairs for amount in pair):
        raise no(row, "Keras' layer pads spatial axes with zeros")
    return Piece(_zeros(pairs))


def _upsample(row: Row, layer: Any, xs: Any) -> Piece:
    space, wanted = xs[0][2:], row.facts.shape[2:]
    factors = tuple(out // size for size, out in zip(space, wanted, strict=True))
    if len(space) != 2 or any(out % size for size, out in zip(space, wanted, strict=True)):
        raise no(row, "Keras repeats images a whole number of times")
    words = {"nearest": "", "bilinear": ', interpolation="bilinear"'}
    if layer.mode not in words or layer.align_corners:
        raise no(row, f"Keras' {layer.mode} places its points otherwise")
    return made(row, "UpSampling2D", f"{literal(factors)}, {FIRST}{words[layer.mode]}")


def _scale(row: Row, layer: Any, xs: Any) -> Piece:
    return Piece(f"{{0}} * {literal(float(layer.factor))}")


def _matmul(row: Row, layer: Any, xs: Any) -> Piece:
    if len(xs[0]) != len(xs[1]) or len(xs[0]) < 3:
        raise no(row, "matrices of the same number of axes are multiplied")
    return Piece("ops.matmul({0}, {1})")


def _dropout(row: Row, layer: Any, xs: Any) -> Piece:
    return made(row, "Dropout", repr(float(layer.p)))


RULES: dict[str, Rule] = {
    "Linear": _dense,
    "LazyLinear": _dense,
    **{f"{lazy}Conv{n}d": _conv for n in (1, 2, 3) for lazy in ("", "Lazy")},
    **{f"{lazy}ConvTranspose{n}d": _transposed for n in (1, 2, 3) for lazy in ("", "Lazy")},
    **{f"MaxPool{n}d": _max_pool for n in (1, 2, 3)},
    **{f"AvgPool{n}d": _avg_pool for n in (1, 2, 3)},
    **{f"AdaptiveAvgPool{n}d": _adaptive("Average") for n in (1, 2, 3)},
    **{f"AdaptiveMaxPool{n}d": _adaptive("Max") for n in (1, 2, 3)},
    "GlobalAvgPool": _global("Average"),
    "GlobalMaxPool": _global("Max"),
    **{f"{lazy}BatchNorm{n}d": _batch_norm for n in (1, 2, 3) for lazy in ("", "Lazy")},
    "BatchNorm": _batch_norm,
    "LayerNorm": _layer_norm,
    "GroupNorm": _group_norm,
    "RMSNorm": _rms_norm,
    "Embedding": _embedding,
    "ReLU": lambda row, layer, xs: made(row, "ReLU", ""),
    "ReLU6": lambda row, layer, xs: made(row, "ReLU", "max_value=6.0"),
    "LeakyReLU": lambda row, layer, xs: made(row, "LeakyReLU", f"negative_slope={float(layer.negative_slope)!r}"),
    "ELU": lambda row, layer, xs: made(row, "ELU", f"alpha={float(layer.alpha)!r}"),
    "SELU": _named("selu"),
    "GELU": _gelu,
    "SiLU": _named("silu"),
    "Mish": _named("mish"),
    "Sigmoid": _named("sigmoid"),
    "LogSigmoid": _named("log_sigmoid"),
    "Tanh": _named("tanh"),
    "Hardsigmoid": _named("hard_sigmoid"),
    "Hardswish": _named("hard_silu"),
    "Softsign": _named("softsign"),
    "Exp": _named("exponential"),
    "Hardtanh": _hardtanh,
    "Softmax": _softmax,
    "LogSoftmax": _log_softmax,
    "PReLU": _prelu,
    **dict.fromkeys(MERGES, _merge),
    "Concat": _concat,
    "Flatten": _flatten,
    **dict.fromkeys(("Unflatten", "Reshape", "View", "Squeeze", "Unsqueeze"), _reshape),
    "Permute": _permute,
    "Transpose": _transpose,
    "PatchEmbedding": _patches,
    "MultiheadAttention": _multihead,
    "Attention": _attention,
    "LSTM": _recurrent("LSTM"),
    "GRU": _recurrent("GRU"),
    "RNN": _recurrent("SimpleRNN"),
    "Mean": _reduce("mean"),
    "Sum": _reduce("sum"),
    "Max": _reduce("max"),
    "Min": _reduce("min"),
    "Scale": _scale,
    "MatMul": _matmul,
    "Pad": _pad,
    **{f"ZeroPad{n}d": _pad for n in (1, 2, 3)},
    "Upsample": _upsample,
    "UpsamplingNearest2d": _upsample,
    "Identity": lambda row, layer, xs: made(row, "Identity", ""),
    **dict.fromkeys(("Dropout",), _dropout),
}

__all__ = ["Piece", "piece"]
