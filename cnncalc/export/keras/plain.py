"""Activations, norms and arithmetic in Keras' words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.core.number import Shape
from cnncalc.export.call import literal
from cnncalc.export.keras.own import least, rms_norm
from cnncalc.export.keras.piece import Piece, Rule, has, kernel_arrays, made, no, own, same
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.export.keras.piece import Held
    from cnncalc.layers.activation import GELU, Hardtanh, NewGELU, PReLU
    from cnncalc.layers.arithmetic import Elementwise, MatMul
    from cnncalc.layers.einsum import Einsum
    from cnncalc.layers.embedding import Embedding
    from cnncalc.layers.functions import Clamp
    from cnncalc.layers.layer_norm import GroupNorm, LayerNorm, RMSNorm
    from cnncalc.layers.linear import Linear
    from cnncalc.layers.norm import ChannelNorm
    from cnncalc.layers.regularise import Dropout, DropPath
    from cnncalc.layers.softmax import LogSoftmax, Softmax


def _dense(row: Row, layer: Linear, xs: tuple[Shape, ...]) -> Piece:
    bias = "" if has(row, "bias") else ", use_bias=False"
    return made(row, "Dense", f"{row.facts.shape[-1]}{bias}", arrays=kernel_arrays(row))


def _trained(row: Row) -> tuple[str, tuple[Held, ...]]:
    """The words and arrays of a norm's factor and shift."""
    words = [] if has(row, "weight") else ["scale=False"]
    words += [] if has(row, "bias") else ["center=False"]
    arrays = tuple(((name,), same) for name in ("weight", "bias") if has(row, name))
    return ", ".join(words), arrays


def _batch_norm(row: Row, layer: ChannelNorm, xs: tuple[Shape, ...]) -> Piece:
    if not has(row, "running_mean"):
        raise no(row, "Keras' norm always keeps statistics")
    words, arrays = _trained(row)
    momentum = 0.1 if layer.momentum is None else layer.momentum
    options = f"axis=1, momentum={round(1 - momentum, 10)!r}, epsilon={layer.eps!r}"
    statistics = ((("running_mean",), same), (("running_var",), same))
    return made(
        row, "BatchNormalization", ", ".join(part for part in (options, words) if part), arrays=(*arrays, *statistics)
    )


def _layer_norm(row: Row, layer: LayerNorm, xs: tuple[Shape, ...]) -> Piece:
    axes = len(layer.normalized_shape or (0,))
    words, arrays = _trained(row)
    axis = "-1" if axes == 1 else literal([*range(-axes, 0)])
    options = f"axis={axis}, epsilon={layer.eps!r}"
    return made(row, "LayerNormalization", ", ".join(part for part in (options, words) if part), arrays=arrays)


def _group_norm(row: Row, layer: GroupNorm, xs: tuple[Shape, ...]) -> Piece:
    words, arrays = _trained(row)
    options = f"groups={layer.num_groups}, axis=1, epsilon={layer.eps!r}"
    return made(row, "GroupNormalization", ", ".join(part for part in (options, words) if part), arrays=arrays)


def _instance_norm(row: Row, layer: ChannelNorm, xs: tuple[Shape, ...]) -> Piece:
    """Each channel is a group of its own."""
    if has(row, "running_mean"):
        raise no(row, "Keras' norm keeps no statistics")
    words, arrays = _trained(row)
    options = f"groups={xs[0][1]}, axis=1, epsilon={layer.eps!r}"
    return made(row, "GroupNormalization", ", ".join(part for part in (options, words) if part), arrays=arrays)


def _rms_norm(row: Row, layer: RMSNorm, xs: tuple[Shape, ...]) -> Piece:
    if len(layer.normalized_shape or (0,)) > 1 or not has(row, "weight"):
        return rms_norm(row, layer, xs)
    return made(row, "RMSNormalization", f"epsilon={least(layer)!r}", arrays=((("weight",), same),))


def _embedding(row: Row, layer: Embedding, xs: tuple[Shape, ...]) -> Piece:
    if layer.max_norm is not None:
        raise no(row, "Keras has no table whose rows are made shorter")
    rows, features = row.facts.weights[0].shape
    return made(row, "Embedding", f"{rows}, {features}", arrays=((("weight",), same),))


def _named(word: str) -> Rule:
    return lambda row, layer, xs: made(row, "Activation", literal(word))


def _gelu(row: Row, layer: GELU | NewGELU, xs: tuple[Shape, ...]) -> Piece:
    if layer.approximate == "tanh":
        return Piece("ops.gelu({0}, approximate=True)")
    return Piece("ops.gelu({0}, approximate=False)")


def _softmax(row: Row, layer: Softmax, xs: tuple[Shape, ...]) -> Piece:
    axis = layer.normalized_axis(len(xs[0]))
    if axis == 0:
        raise no(row, "it sums to 1 over the batch")
    return made(row, "Softmax", f"axis={axis}")


def _log_softmax(row: Row, layer: LogSoftmax, xs: tuple[Shape, ...]) -> Piece:
    axis = layer.normalized_axis(len(xs[0]))
    if axis % len(xs[0]) != len(xs[0]) - 1:
        return own(row, "LogSoftmax", {"dim": axis})
    return made(row, "Activation", '"log_softmax"')


def _clamp(row: Row, layer: Clamp, xs: tuple[Shape, ...]) -> Piece:
    lower = "{0}" if layer.min is None else f"ops.maximum({{0}}, {float(layer.min)!r})"
    return Piece(lower if layer.max is None else f"ops.minimum({lower}, {float(layer.max)!r})")


def _path(row: Row, layer: DropPath, xs: tuple[Shape, ...]) -> Piece:
    """Whole samples are dropped, or all of them."""
    first = "1" if getattr(layer, "mode", "row") == "batch" else "None"
    return made(row, "Dropout", f"{float(layer.p)!r}, noise_shape=({first}, {', '.join(['1'] * (len(xs[0]) - 1))})")


def _dropped(row: Row, layer: Dropout, xs: tuple[Shape, ...]) -> Piece:
    """Whole channels are dropped."""
    kept = literal((None, xs[0][1], *[1] * (len(xs[0]) - 2)))
    return made(row, "Dropout", f"{float(layer.p)!r}, noise_shape={kept}")


def _prelu(row: Row, layer: PReLU, xs: tuple[Shape, ...]) -> Piece:
    count = row.facts.weights[0].shape[0]
    shared = [*range(1 if count == 1 else 2, len(xs[0]))]
    if count == 1 and len(xs[0]) == 2 and xs[0][1] == 1:
        shared = []
    words = f"shared_axes={literal(shared)}" if shared else ""
    sizes = [1 if axis in shared else xs[0][axis] for axis in range(1, len(xs[0]))]
    return made(row, "PReLU", words, arrays=((("weight",), lambda array: array.reshape(sizes)),))


def _hardtanh(row: Row, layer: Hardtanh, xs: tuple[Shape, ...]) -> Piece:
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


def _merge(row: Row, layer: Elementwise, xs: tuple[Shape, ...]) -> Piece:
    kind = layer.type()
    rank = max(len(x) for x in xs)
    parts = []
    for at, x in enumerate(xs):
        sizes = (*(1,) * (rank - len(x)), *x[1:])
        parts.append(f"layers.Reshape({literal(sizes)})({{{at}}})" if len(x) < rank else f"{{{at}}}")
    value = getattr(layer, "value", None)
    if value is not None and kind in ("Maximum", "Minimum") and not isinstance(value, (list, tuple)):
        return Piece(f"ops.{kind.lower()}({parts[0]}, {literal(float(value))})")
    if value is not None:
        if isinstance(value, (list, tuple)) or not MERGES[kind]:
            raise no(row, "a constant array between layers is not written")
        parts.insert(0 if getattr(layer, "value_first", False) else len(parts), literal(float(value)))
        return Piece(MERGES[kind].join(parts))
    if kind == "Divide":
        return Piece(" / ".join(parts))
    return made(row, kind, "", f"[{', '.join(parts)}]")


UNARY = {"Abs": "abs", "Cos": "cos", "Log": "log", "Neg": "negative", "Sin": "sin", "Sqrt": "sqrt", "Square": "square"}


def _unary(word: str) -> Rule:
    return lambda row, layer, xs: Piece(f"ops.{word}({{0}})")


def _matmul(row: Row, layer: MatMul, xs: tuple[Shape, ...]) -> Piece:
    if len(xs[0]) != len(xs[1]) or len(xs[0]) < 3:
        raise no(row, "matrices of the same number of axes are multiplied")
    return Piece("ops.matmul({0}, {1})")


def _einsum(row: Row, layer: Einsum, xs: tuple[Shape, ...]) -> Piece:
    """Sums over products, with a letter for the batch where the equation is one of samples."""
    if any("..." in term for term in layer.operands):
        raise no(row, "axes without letters are not written")
    inputs = ", ".join(f"{{{at}}}" for at in range(len(xs)))
    return Piece(f"ops.einsum({literal(layer.batched([len(x) for x in xs]))}, {inputs})")


RULES: dict[str, Rule] = {
    "Linear": _dense,
    "LazyLinear": _dense,
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
    **dict.fromkeys(("GELU", "NewGELU"), _gelu),
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
    **{kind: _unary(word) for kind, word in UNARY.items()},
    "Clamp": _clamp,
    "Pow": lambda row, layer, xs: Piece(f"ops.power({{0}}, {float(layer.exponent)!r})"),
    "Einsum": _einsum,
    **{f"{lazy}InstanceNorm{n}d": _instance_norm for n in (1, 2, 3) for lazy in ("", "Lazy")},
    "SyncBatchNorm": _batch_norm,
    **dict.fromkeys(("DropPath", "StochasticDepth"), _path),
    "AlphaDropout": lambda row, layer, xs: made(row, "AlphaDropout", repr(float(layer.p))),
    "Softmin": lambda row, layer, xs: own(row, "Softmin", {"dim": layer.normalized_axis(len(xs[0]))}),
    "Softmax2d": lambda row, layer, xs: made(row, "Softmax", "axis=1"),
    **{f"Dropout{n}d": _dropped for n in (1, 2, 3)},
    "Scale": lambda row, layer, xs: Piece(f"{{0}} * {literal(float(layer.factor))}"),
    "MatMul": _matmul,
    "Identity": lambda row, layer, xs: made(row, "Identity", ""),
    "Dropout": lambda row, layer, xs: made(row, "Dropout", repr(float(layer.p))),
}
