"""A network in Keras' words as PyTorch code: channels last outside, in front from the first convolution or pool on.

A value is brought into the other order where a layer needs it: `x.movedim(-1, 1)` before a convolution,
`x.movedim(1, -1)` before a layer that takes axes by their numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

from cnncalc.core.problem import Fault, SpecError, settled
from cnncalc.core.window import pads
from cnncalc.export.call import Argument, Leaf, literal, refuse, short
from cnncalc.export.pytorch.functions import functions
from cnncalc.layers.keras import conv, space
from cnncalc.layers.pad import sides_of
from cnncalc.network.propagate import problem_of
from cnncalc.network.report import Report
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.core.number import Shape
    from cnncalc.execute.kernel import Array
    from cnncalc.export.call import Turn
    from cnncalc.layers.keras import activation as kinds
    from cnncalc.layers.keras import core, merge, norm, pool
    from cnncalc.layers.keras.base import KerasLayer
    from cnncalc.network.graph import Ref

FUNCTIONS = {
    "relu": "F.relu({})", "leaky_relu": "F.leaky_relu({}, 0.2)", "relu6": "F.relu6({})", "elu": "F.elu({})",
    "celu": "F.celu({})", "selu": "F.selu({})", "gelu": "F.gelu({})", "silu": "F.silu({})", "swish": "F.silu({})",
    "sigmoid": "torch.sigmoid({})", "tanh": "torch.tanh({})", "softplus": "F.softplus({})",
    "softsign": "F.softsign({})",
    "hard_sigmoid": "F.hardsigmoid({})", "hard_silu": "F.hardswish({})", "hard_swish": "F.hardswish({})",
    "hard_tanh": "F.hardtanh({})", "hard_shrink": "F.hardshrink({})", "soft_shrink": "F.softshrink({})",
    "tanh_shrink": "F.tanhshrink({})", "log_sigmoid": "F.logsigmoid({})", "exponential": "torch.exp({})",
    "mish": "F.mish({})",
}  # fmt: skip
# What writes a layer: the row, its options, the shape of the first input, and whether channels come in front.
Rule: TypeAlias = "Callable[[Row, Any, Shape, bool], Leaf]"


def leaves_of_keras(report: Report) -> list[Leaf]:
    """Every layer; raises `SpecError` with all that are not written."""
    count = len(report.graph.inputs)
    asked = {*report.graph.outputs, report.graph.output}
    front: dict[Ref, bool] = {}
    ports = {ref[0] for ref in (*asked, *(ref for row in report.rows for ref in row.node.inputs)) if type(ref) is tuple}
    found: list[Leaf] = []
    problems = []
    for index, row in enumerate(report.rows):
        try:
            if count + index in ports:
                raise refuse(row, "its further outputs are not written out", "PyTorch")
            leaf = _leaf(row, [front.get(ref, False) for ref in row.node.inputs])
        except Fault as fault:
            fault.option = None
            problems.append(problem_of(fault, report.graph, row.node))
            continue
        if leaf.front and count + index in asked:
            leaf = leaf._replace(call=f"{leaf.call}.movedim(1, -1)", front=False)
        front[count + index] = leaf.front
        found.append(leaf)
    if problems:
        raise SpecError(settled(problems))
    return found


def _leaf(row: Row, front: list[bool]) -> Leaf:
    rank = len(row.facts.inputs[0])
    kind = row.layer.kernel_name()
    rule = SPATIAL.get(kind)
    if rule is not None:
        call = "{0}" if front[0] else "{0}.movedim(-1, 1)"
        return _on(rule(row, row.layer, row.facts.inputs[0], True), call)._replace(front=rank > 2)
    either = kind in POINTWISE or (kind in PLAIN and all(front))
    keep = either and len(set(front)) == 1 and front[0] and all(len(x) == rank for x in row.facts.inputs)
    rule = POINTWISE.get(kind)
    if rule is not None:
        made = rule(row, row.layer, row.facts.inputs[0], keep)
    elif kind in LAST:
        made = LAST[kind](row, row.layer, row.facts.inputs[0], False)
    else:
        plain = functions(row) if not kind.startswith("keras.") else None
        if plain is None:
            raise refuse(row, "Keras' layer is not written out", "PyTorch")
        made = plain
    for at, moved in enumerate(front):
        if moved and not keep:
            made = made._replace(call=made.call.replace(f"{{{at}}}", f"{{{at}}}.movedim(1, -1)"))
    return made._replace(front=keep)


def _on(leaf: Leaf, x: str) -> Leaf:
    return leaf._replace(call=leaf.call.replace("{0}", x))


def activated(row: Row, word: str | None, x: str, front: bool) -> str:
    """The activation of that name; None is none."""
    if word is None:
        return x
    if word in ("softmax", "log_softmax"):
        return f"F.{word}({x}, dim={1 if front else -1})"
    if word not in FUNCTIONS:
        raise refuse(row, f"PyTorch has no {word}", "PyTorch")
    return FUNCTIONS[word].format(x)


def _plain(*sizes: object) -> tuple[Argument, ...]:
    return tuple(Argument(str(at), size, False) for at, size in enumerate(sizes))


def _outputs_first(axes: int) -> Turn:
    """[*K, in, out] becomes [out, in, *K]."""
    order = (axes + 1, axes, *range(axes))
    return lambda array: array.transpose(order)


def _conv(row: Row, layer: conv.Conv | conv.DepthwiseConv, x: Shape, front: bool) -> Leaf:
    axes = len(x) - 2
    channels, filters = x[-1], row.facts.shape[-1]
    groups = layer.groups if isinstance(layer, conv.Conv) else channels
    args = [Argument("in_channels", channels, False), Argument("out_channels", filters, False)]
    args.append(Argument("kernel_size", short(layer.kernel_size), False))
    pairs = pads(layer, x[1:-1])
    even = all(before == after for before, after in pairs)
    for name, value, usual in (
        ("stride", short(layer.stride), 1), ("padding", short(tuple(before for before, _ in pairs)) if even else 0, 0),
        ("dilation", short(layer.dilation), 1), ("groups", groups, 1), ("bias", layer.use_bias, True),
    ):  # fmt: skip
        args += [Argument(name, value)] if value != usual else []
    inner = "{0}" if even else f"F.pad({{0}}, {literal(sides_of(pairs))})"
    turned = _outputs_first(axes)

    def turn(array: Array) -> Array:
        apart = array if isinstance(layer, conv.Conv) else array.reshape(*array.shape[:-2], 1, -1)
        return turned(apart)

    return Leaf(
        f"nn.Conv{axes}d", tuple(args), activated(row, layer.activation, f"{{self}}({inner})", True),
        weights={"kernel": "weight"}, turns={"kernel": turn},
    )  # fmt: skip


def _transposed(row: Row, layer: conv.ConvTranspose, x: Shape, front: bool) -> Leaf:
    axes = len(x) - 2
    if layer.padding != "valid" or layer.output_padding is not None or min(layer.dilation) > 1:
        raise refuse(row, "only padding valid is written out", "PyTorch")
    if any(step > size for step, size in zip(layer.strides, layer.kernel_size, strict=True)):
        raise refuse(row, "its stride is longer than its kernel", "PyTorch")
    args = [*_plain(x[-1], layer.filters, short(layer.kernel_size))]
    args += [Argument("stride", short(layer.strides))] if max(layer.strides) > 1 else []
    args += [] if layer.use_bias else [Argument("bias", False)]
    turn = _outputs_first(axes)
    return Leaf(
        f"nn.ConvTranspose{axes}d", tuple(args), activated(row, layer.activation, "{self}({0})", True),
        weights={"kernel": "weight"}, turns={"kernel": turn},
    )  # fmt: skip


def _pool(row: Row, layer: pool.Pooling, x: Shape, front: bool) -> Leaf:
    axes = len(x) - 2
    kind = "Max" if row.type.startswith("Max") else "Avg"
    pairs = pads(layer, x[1:-1])
    inner = "{0}"
    if any(map(any, pairs)):
        if kind == "Avg":
            raise refuse(row, "its mean leaves out padding", "PyTorch")
        inner = f'F.pad({{0}}, {literal(sides_of(pairs))}, value=float("-inf"))'
    args = [Argument("kernel_size", short(layer.pool_size), False)]
    args += [Argument("stride", short(layer.strides))] if layer.strides != layer.pool_size else []
    return Leaf(f"nn.{kind}Pool{axes}d", tuple(args), f"{{self}}({inner})")


def _global(row: Row, layer: pool.GlobalPooling, x: Shape, front: bool) -> Leaf:
    word = "amax" if "Max" in row.type else "mean"
    axes = tuple(range(1, len(x) - 1))
    keep = ", keepdim=True" if layer.keepdims else ""
    return Leaf(call=f"{{0}}.{word}(dim={literal(axes)}{keep})")


def _up(row: Row, layer: space.UpSampling, x: Shape, front: bool) -> Leaf:
    mode = getattr(layer, "interpolation", "nearest")
    if mode not in ("nearest", "bilinear"):
        raise refuse(row, f"PyTorch has no {mode}", "PyTorch")
    args = [Argument("scale_factor", short(layer.size))]
    args += [Argument("mode", mode)] if mode != "nearest" else []
    return Leaf("nn.Upsample", tuple(args))


def _pad(row: Row, layer: space.ZeroPadding | space.Cropping, x: Shape, front: bool) -> Leaf:
    if isinstance(layer, space.Cropping):
        return Leaf(call=f"F.pad({{0}}, {literal(tuple(-side for side in sides_of(layer.cropping)))})")
    return Leaf(call=f"F.pad({{0}}, {literal(sides_of(layer.padding))})")


def _norm(row: Row, layer: norm.BatchNormalization, x: Shape, front: bool) -> Leaf:
    if layer.axis % len(x) != len(x) - 1 or not (layer.center and layer.scale):
        raise refuse(row, "PyTorch's norm is over channels, with a factor and a shift", "PyTorch")
    args = (*_plain(x[-1]), Argument("eps", float(layer.epsilon)), Argument("momentum", round(1 - layer.momentum, 10)))
    names = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
    return Leaf(f"nn.BatchNorm{max(len(x) - 2, 1)}d", args, weights=names)


def _dense(row: Row, layer: core.Dense, x: Shape, front: bool) -> Leaf:
    args = [*_plain(x[-1], layer.units)] + ([] if layer.use_bias else [Argument("bias", False)])
    call = activated(row, layer.activation, "{self}({0})", False)
    return Leaf("nn.Linear", tuple(args), call, weights={"kernel": "weight"}, turns={"kernel": lambda array: array.T})


def _layer_norm(row: Row, layer: norm.LayerNormalization, x: Shape, front: bool) -> Leaf:
    if [axis % len(x) for axis in layer.axis] != [len(x) - 1] or not (layer.center and layer.scale):
        raise refuse(row, "PyTorch's norm is over the last axis, with a factor and a shift", "PyTorch")
    args = (*_plain(x[-1]), Argument("eps", float(layer.epsilon)))
    return Leaf("nn.LayerNorm", args, weights={"gamma": "weight", "beta": "bias"})


def _reshape(row: Row, layer: KerasLayer, x: Shape, front: bool) -> Leaf:
    sizes = ", ".join(map(literal, row.facts.shape[1:]))
    return Leaf(call=f"{{0}}.reshape({{0}}.shape[0], {sizes})")


def _concat(row: Row, layer: merge.Concatenate, x: Shape, front: bool) -> Leaf:
    axis = layer.axis % len(x)
    if front:
        axis = 1 if axis == len(x) - 1 else axis + 1
    inputs = ", ".join(f"{{{at}}}" for at in range(len(row.facts.inputs)))
    return Leaf(call=f"torch.cat(({inputs}), dim={axis})")


def _softmax(row: Row, layer: kinds.Softmax, x: Shape, front: bool) -> Leaf:
    if len(layer.axis) != 1 or (front and layer.axis[0] % len(x) != len(x) - 1):
        raise refuse(row, "PyTorch's softmax is over one axis", "PyTorch")
    return Leaf("nn.Softmax", (Argument("dim", 1 if front else layer.axis[0]),))


def _rectified(row: Row, layer: kinds.ReLU, x: Shape, front: bool) -> Leaf:
    if layer.threshold or layer.negative_slope:
        raise refuse(row, "its threshold or its slope is no ReLU of PyTorch", "PyTorch")
    return Leaf("nn.ReLU") if layer.max_value is None else Leaf(call=f"{{0}}.clamp(0, {literal(layer.max_value)})")


def _dropout(row: Row, layer: core.Drop, x: Shape, front: bool) -> Leaf:
    return Leaf("nn.Dropout", (Argument("p", float(layer.rate)),))


def _same(row: Row, layer: KerasLayer, x: Shape, front: bool) -> Leaf:
    return Leaf(call="{0}")


def _named(rules: dict[str, Rule]) -> dict[str, Rule]:
    return {f"keras.{name}": rule for name, rule in rules.items()}


# Layers that have channels in front in PyTorch.
SPATIAL = _named({
    **{f"Conv{n}D": _conv for n in (1, 2, 3)},
    **{f"DepthwiseConv{n}D": _conv for n in (1, 2)},
    **{f"Conv{n}DTranspose": _transposed for n in (1, 2, 3)},
    **{f"{kind}Pooling{n}D": _pool for n in (1, 2, 3) for kind in ("Max", "Average")},
    **{f"UpSampling{n}D": _up for n in (1, 2, 3)},
    **{f"{kind}{n}D": _pad for n in (1, 2, 3) for kind in ("ZeroPadding", "Cropping")},
    "BatchNormalization": _norm,
})  # fmt: skip
# Layers to which the order is all the same, or that are told.
POINTWISE = _named({
    "Activation": lambda row, layer, x, front: Leaf(call=activated(row, layer.activation, "{0}", front)),
    "ReLU": _rectified,
    "LeakyReLU": lambda row, layer, x, front: Leaf(
        "nn.LeakyReLU", (Argument("negative_slope", float(layer.negative_slope), False),)
    ),
    "ELU": lambda row, layer, x, front: Leaf("nn.ELU", (Argument("alpha", float(layer.alpha)),)),
    "Softmax": _softmax,
    "Concatenate": _concat,
    "Dropout": _dropout,
    **dict.fromkeys(("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout"), _dropout),
    **dict.fromkeys(("GaussianDropout", "GaussianNoise", "ActivityRegularization", "Identity"), _same),
    "Rescaling": lambda row, layer, x, front: Leaf(
        call=f"{{0}} * {literal(float(layer.scale))} + {literal(float(layer.offset))}"
    ),
})  # fmt: skip
# Layers of both words that work number by number.
PLAIN = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Divide")
# Layers that take axes by their numbers.
LAST = _named({
    "Dense": _dense,
    "Embedding": lambda row, layer, x, front: Leaf(
        "nn.Embedding", _plain(layer.input_dim, layer.output_dim), weights={"embeddings": "weight"}
    ),
    "LayerNormalization": _layer_norm,
    **{f"Global{kind}Pooling{n}D": _global for n in (1, 2, 3) for kind in ("Average", "Max")},
    "Flatten": lambda row, layer, x, front: Leaf(
        call="{0}.flatten(1)" if len(x) > 2 else f"{{0}}.reshape({{0}}.shape[0], {literal(prod(x[1:]))})"
    ),
    "Reshape": _reshape,
    "Permute": lambda row, layer, x, front: Leaf(call=f"{{0}}.permute(0, {', '.join(map(str, layer.dims))})"),
    "RepeatVector": lambda row, layer, x, front: Leaf(call=f"{{0}}[:, None].expand(-1, {literal(layer.n)}, -1)"),
})  # fmt: skip
