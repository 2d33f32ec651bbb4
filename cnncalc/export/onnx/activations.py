"""Activations as ONNX operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnncalc.export.onnx.builder import Builder, Rule, same

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.execute.kernel import Array
    from cnncalc.export.onnx.builder import Shapes
    from cnncalc.layers.activation import XIELU, PReLU, Softplus
    from cnncalc.layers.softmax import GLU, Softmax


def silu(g: Builder, x: str) -> str:
    """x times its sigmoid."""
    return g.op("Mul", x, g.op("Sigmoid", x))


def gelu(g: Builder, x: str, approximate: str = "none") -> str:
    """The GELU, of its own operators: not every runtime has one."""
    if approximate == "tanh":
        cube = g.op("Mul", g.op("Mul", g.op("Mul", x, x), x), g.numbers(0.044715))
        inner = g.op("Tanh", g.op("Mul", g.op("Add", x, cube), g.numbers(np.sqrt(2 / np.pi))))
    else:
        inner = g.op("Erf", g.op("Mul", x, g.numbers(np.sqrt(0.5))))
    return g.op("Mul", g.op("Mul", x, g.numbers(0.5)), g.op("Add", inner, g.numbers(1)))


def shrunk(g: Builder, x: str, most: float, soft: bool) -> str:
    """Numbers up to `most` from 0 become 0; the soft ones come nearer to 0 by as much."""
    low, high = g.numbers(-most), g.numbers(most)
    if soft:
        return g.op("Sub", x, g.op("Clip", x, low, high))
    return g.op("Where", g.op("Greater", g.op("Abs", x), high), x, g.numbers(0))


def activation(g: Builder, name: str, x: str) -> str:
    """The function of a feed-forward net."""
    return silu(g, x) if name == "silu" else gelu(g, x) if name == "gelu" else g.op("Relu", x)


def _clip(low: float | str, high: float | str) -> Rule:
    def rule(g: Builder, layer: Layer, xs: list[str], shapes: Shapes) -> str:
        least, most = (getattr(layer, end, None) if isinstance(end, str) else end for end in (low, high))
        return g.op(
            "Clip", xs[0], None if least is None else g.numbers(least), None if most is None else g.numbers(most)
        )

    return rule


def softplus(g: Builder, x: str) -> str:
    """log(1 + exp(x)); in double precision of operators that onnxruntime has there, without overflow."""
    if g.dtype == np.float32:
        return g.op("Softplus", x)
    rest = g.op("Log", g.op("Add", g.op("Exp", g.op("Neg", g.op("Abs", x))), g.numbers(1)))
    return g.op("Add", g.op("Max", x, g.numbers(0)), rest)


def _softplus(g: Builder, layer: Softplus, xs: list[str], shapes: Shapes) -> str:
    if layer.beta == 1:
        return softplus(g, xs[0])
    return g.op("Div", softplus(g, g.op("Mul", xs[0], g.numbers(layer.beta))), g.numbers(layer.beta))


def _prelu(g: Builder, layer: PReLU, xs: list[str], shapes: Shapes) -> str:
    def shaped(array: Array) -> Array:
        return array.reshape(-1, *(1,) * (len(shapes[0]) - 2)) if array.size > 1 else array

    return g.op("PRelu", xs[0], g.store("weight", ["weight"], shaped))


def _xielu(g: Builder, layer: XIELU, xs: list[str], shapes: Shapes) -> str:
    x, one = xs[0], g.numbers(1)
    above = g.op("Mul", g.op("Mul", softplus(g, g.weight("alpha_p")), x), x)
    low = g.op("Sub", g.op("Sub", g.op("Exp", g.op("Min", x, g.numbers(layer.eps))), one), x)
    below = g.op("Mul", g.op("Add", softplus(g, g.weight("alpha_n")), g.numbers(layer.beta)), low)
    made = g.op("Where", g.op("Greater", x, g.numbers(0)), above, below)
    return g.op("Add", made, g.op("Mul", x, g.numbers(layer.beta)))


def _glu(g: Builder, layer: GLU, xs: list[str], shapes: Shapes) -> str:
    axis = layer.dim % len(shapes[0])
    first, second = g.ops("Split", (xs[0],), 2, axis=axis, num_outputs=2)
    return g.op("Mul", first, g.op("Sigmoid", second))


def _soft(kind: str, sign: int = 1) -> Rule:
    def rule(g: Builder, layer: Softmax, xs: list[str], shapes: Shapes) -> str:
        axis = layer.normalized_axis(len(shapes[0])) % len(shapes[0])
        return g.op(kind, xs[0] if sign > 0 else g.op("Neg", xs[0]), axis=axis)

    return rule


RULES: dict[str, Rule] = {
    "ReLU": same("Relu"),
    "ReLU6": _clip(0, 6),
    "LeakyReLU": lambda g, layer, xs, shapes: g.op("LeakyRelu", xs[0], alpha=float(layer.negative_slope)),
    "ELU": lambda g, layer, xs, shapes: g.op("Elu", xs[0], alpha=float(layer.alpha)),
    "CELU": lambda g, layer, xs, shapes: g.op("Celu", xs[0], alpha=float(layer.alpha)),
    "SELU": same("Selu"),
    **dict.fromkeys(("GELU", "NewGELU"), lambda g, layer, xs, shapes: gelu(g, xs[0], layer.approximate)),
    "SiLU": lambda g, layer, xs, shapes: silu(g, xs[0]),
    "Mish": same("Mish"),
    "Sigmoid": same("Sigmoid"),
    "LogSigmoid": lambda g, layer, xs, shapes: g.op("Neg", g.op("Softplus", g.op("Neg", xs[0]))),
    "Tanh": same("Tanh"),
    "Tanhshrink": lambda g, layer, xs, shapes: g.op("Sub", xs[0], g.op("Tanh", xs[0])),
    "Hardswish": same("HardSwish"),
    "Hardsigmoid": same("HardSigmoid", alpha=1 / 6, beta=0.5),
    "Hardtanh": _clip("min_val", "max_val"),
    "Clamp": _clip("min", "max"),
    "Softplus": _softplus,
    "Softsign": same("Softsign"),
    "Softshrink": lambda g, layer, xs, shapes: shrunk(g, xs[0], float(layer.lambd), True),
    "Hardshrink": lambda g, layer, xs, shapes: shrunk(g, xs[0], float(layer.lambd), False),
    "Softmax": _soft("Softmax"),
    "LogSoftmax": _soft("LogSoftmax"),
    "Softmin": _soft("Softmax", -1),
    "Softmax2d": lambda g, layer, xs, shapes: g.op("Softmax", xs[0], axis=len(shapes[0]) - 3),
    "PReLU": _prelu,
    "XIELU": _xielu,
    "GLU": _glu,
}
