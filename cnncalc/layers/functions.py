"""Other functions of each number alone: powers, roots, waves. Source: PyTorch, torch.exp to torch.pow."""

from __future__ import annotations

from cnncalc.core.option import real
from cnncalc.layers.activation import Elementwise


class Exp(Elementwise):
    """e to the x."""

    torch = "exp"
    saves = "output"


class Log(Elementwise):
    """The natural logarithm."""

    torch = "log"


class Sin(Elementwise):
    """The sine."""

    torch = "sin"


class Cos(Elementwise):
    """The cosine."""

    torch = "cos"


class Sqrt(Elementwise):
    """The square root."""

    torch = "sqrt"
    saves = "output"


class Square(Elementwise):
    """x * x."""

    torch = "square"


class Abs(Elementwise):
    """|x|."""

    torch = "abs"


class Neg(Elementwise):
    """-x."""

    torch = "neg"
    saves = "nothing"


class Clamp(Elementwise):
    """min(max(x, min), max); a bound that is left out does not bind."""

    example = "8x16 -> {type}(min=0, max=6)"
    torch = "clamp"

    min = real("smallest output", default=None)
    max = real("largest output", default=None)


class Pow(Elementwise):
    """x to a fixed power."""

    example = "8x16 -> {type}(2)"
    torch = "pow"

    exponent = real("the power")
