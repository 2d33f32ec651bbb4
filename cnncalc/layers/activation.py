"""Functions of each number alone. Source: PyTorch, torch.nn's non-linear activations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from cnncalc.core.layer import Weight
from cnncalc.core.number import Number, Shape, counted, is_one, prod
from cnncalc.core.option import choice, flag, ignored, inplace, positive, real
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.axes import Pointwise


class Elementwise(Pointwise, abstract=True):
    """A function of each number alone: the shape stays."""

    example = "8x16 -> {type}"
    torch = "nn.{type}"
    saves = "input"
    category = "activation"
    explained = "function"
    # What one number x becomes, and the derivative by it, as text: `<alpha>` is an option, σ the sigmoid, Φ and φ the
    # normal distribution and its density. Nothing where the sentence above says it.
    of_one = ("", "")


class ReLU(Elementwise):
    """max(x, 0)."""

    of_one = ("max(x, 0)", "1 where x > 0, 0 elsewhere")

    saves = "output"

    inplace = inplace()


class ReLU6(Elementwise):
    """min(max(x, 0), 6)."""

    of_one = ("min(max(x, 0), 6)", "1 where 0 < x < 6, 0 elsewhere")

    inplace = inplace()


class LeakyReLU(Elementwise):
    """x, or negative_slope * x below 0."""

    of_one = ("x where x > 0, <negative_slope>·x elsewhere", "1 where x > 0, <negative_slope> elsewhere")

    saves = "input invertible"

    negative_slope = real("factor below 0", default=0.01)
    inplace = inplace()


class PReLU(Elementwise):
    """x, or a trained factor times x below 0; one factor for all, or one for each channel (axis 1)."""

    of_one = ("x where x > 0, a·x elsewhere", "1 where x > 0, a elsewhere")

    drawn = (0.2, 0.3)

    num_parameters = positive("trained factors: 1, or the number of channels", symbol="A", default=1)
    init = real("the factor before training", default=0.25)
    device, dtype = ignored(), ignored()
    per_element = flag("one factor for each number of a sample, as in Keras", default=False, keyword_only=True)

    def shape(self, x: Shape) -> Shape:
        if not is_one(self.num_parameters):
            channels = x[1] if len(x) > 1 else 1
            if self.num_parameters != channels:
                raise Fault(
                    "input-contradicts",
                    f"{self.type()} has num_parameters={self.num_parameters}, but its input {shape_text(x)} "
                    f"has {channels} channels",
                    option="num_parameters",
                    help=f"write num_parameters={channels}, or 1 for one factor that all share",
                )
        return x

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("weight", tuple(x[1:]) if self.per_element else (self.num_parameters,))

    def convention_note(self, *xs: Shape) -> str:
        return (
            f"PyTorch's PReLU has one factor, or one per channel; Keras' one per value, {counted(prod(xs[0][1:]))} here"
        )


class RReLU(Elementwise):
    """x, or below 0 a random factor between lower and upper times x; without training their mean."""

    of_one = ("x where x > 0, a·x elsewhere", "1 where x > 0, a elsewhere")

    saves = "input noise invertible"

    lower = real("least factor", default=1 / 8)
    upper = real("largest factor", default=1 / 3)
    inplace = inplace()

    def prepare(self) -> None:
        if self.lower > self.upper:
            raise Fault("option-value", f"lower must be at most upper = {self.upper}, not {self.lower}", option="lower")


class ELU(Elementwise):
    """x, or alpha * (exp(x) - 1) below 0."""

    of_one = ("x where x > 0, <alpha>·(e^x − 1) elsewhere", "1 where x > 0, y + <alpha> elsewhere")

    saves = "input invertible"

    alpha = real("the limit below 0 is -alpha", default=1.0)
    inplace = inplace()


class CELU(ELU):
    """max(0, x) + min(0, alpha * (exp(x / alpha) - 1))."""

    of_one = ("max(x, 0) + min(0, <alpha>·(e^(x/<alpha>) − 1))", "")

    def prepare(self) -> None:
        if self.alpha == 0:
            raise Fault("option-value", "alpha must not be 0: CELU divides by it", option="alpha")


class SELU(Elementwise):
    """1.0507 * (x, or 1.6733 * (exp(x) - 1) below 0)."""

    of_one = ("1.0507·x where x > 0, 1.7581·(e^x − 1) elsewhere", "1.0507 where x > 0, y + 1.7581 elsewhere")

    saves = "input invertible"

    inplace = inplace()


BY_NORMAL = ("x·Φ(x), Φ(x) = (1 + erf(x/√2))/2", "Φ(x) + x·φ(x), φ(x) = e^(−x²/2)/√(2π)")
BY_TANH = ("x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))", "")


class GELU(Elementwise):
    """x times the normal distribution function of x, or its tanh approximation."""

    approximate = choice("the exact function, or its approximation", ("none", "tanh"), default="none")

    def prepare(self) -> None:
        self.of_one = BY_TANH if self.approximate == "tanh" else BY_NORMAL


class NewGELU(Elementwise):
    """GELU's tanh approximation, step by step: what transformers' gelu_new computes, and keeps more arrays of."""

    torch = ""
    origin = "transformers, NewGELUActivation."
    of_one = BY_TANH
    approximate: ClassVar = "tanh"

    def between(self, *xs: Shape) -> Number:
        """Half of x, the tanh, and 1 more than it: factors of products."""
        return 3 * prod(xs[0])


class XIELU(Elementwise):
    """a x^2 + beta x above 0, b (e^x - 1 - x) + beta x below, a = softplus(alpha_p), b = beta + softplus(alpha_n)."""

    torch = ""
    origin = "Huang and Schlag 2024 (xIELU); transformers, XIELUActivation."
    saves = "input mask"
    drawn = (-0.5, 0.5)

    beta = real("the slope at 0", default=0.5)
    eps = real("what e is raised to at most, just below 0", default=-1e-6)

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("alpha_p", (1,))
        yield Weight("alpha_n", (1,))

    def between(self, *xs: Shape) -> Number:
        """a x, e^x - 1, and that less x: factors of products."""
        return 3 * prod(xs[0][1:])


class SiLU(Elementwise):
    """x * sigmoid(x), also called Swish."""

    of_one = ("x·σ(x) = x/(1 + e^(−x))", "σ(x)·(1 + x·(1 − σ(x)))")

    inplace = inplace()


class Mish(Elementwise):
    """x * tanh(softplus(x))."""

    of_one = ("x·tanh(ln(1 + e^x))", "")

    inplace = inplace()


class Sigmoid(Elementwise):
    """1 / (1 + exp(-x))."""

    of_one = ("1/(1 + e^(−x))", "y·(1 − y)")

    saves = "output"


class LogSigmoid(Elementwise):
    """ln(sigmoid(x))."""

    of_one = ("−ln(1 + e^(−x))", "1 − e^y")

    saves = "input noise"


class Hardsigmoid(Elementwise):
    """min(max(x / 6 + 1 / 2, 0), 1)."""

    of_one = ("min(max(x/6 + 1/2, 0), 1)", "1/6 where −3 < x < 3, 0 elsewhere")

    inplace = inplace()


class Hardswish(Elementwise):
    """x * hardsigmoid(x)."""

    of_one = ("x·min(max(x/6 + 1/2, 0), 1)", "")

    inplace = inplace()


class Tanh(Elementwise):
    """The hyperbolic tangent."""

    of_one = ("(e^x − e^(−x))/(e^x + e^(−x))", "1 − y²")

    saves = "output"


class Hardtanh(Elementwise):
    """min(max(x, min_val), max_val)."""

    of_one = ("min(max(x, <min_val>), <max_val>)", "1 where <min_val> < x < <max_val>, 0 elsewhere")

    min_val = real("smallest output", default=-1.0)
    max_val = real("largest output", default=1.0)
    inplace = inplace()

    def prepare(self) -> None:
        if self.max_val <= self.min_val:
            raise Fault(
                "option-value",
                f"max_val must be more than min_val = {self.min_val}, not {self.max_val}",
                option="max_val",
            )


class Hardshrink(Elementwise):
    """x, or 0 between -lambd and lambd."""

    of_one = ("0 where |x| ≤ <lambd>, x elsewhere", "0 where |x| ≤ <lambd>, 1 elsewhere")

    lambd = real("half of the interval that becomes 0", default=0.5)


class Softshrink(Elementwise):
    """x moved towards 0 by lambd, 0 between -lambd and lambd."""

    of_one = ("sign(x)·max(|x| − <lambd>, 0)", "1 where |x| > <lambd>, 0 elsewhere")

    lambd = real("how far numbers move towards 0", default=0.5)

    def prepare(self) -> None:
        if self.lambd < 0:
            raise Fault("option-value", f"lambd must be at least 0, not {self.lambd}", option="lambd")


class Tanhshrink(Elementwise):
    """x - tanh(x)."""

    of_one = ("x − tanh(x)", "tanh(x)²")


class Softplus(Elementwise):
    """ln(1 + exp(beta * x)) / beta, and x itself where beta * x is above threshold."""

    of_one = (
        "x where <beta>·x > <threshold>, ln(1 + e^(<beta>·x))/<beta> elsewhere",
        "1 where <beta>·x > <threshold>, σ(<beta>·x) elsewhere",
    )

    beta = real("how sharp the bend is", default=1.0)
    threshold = real("above it the function is x", default=20.0)


class Softsign(Elementwise):
    """x / (1 + |x|)."""

    of_one = ("x/(1 + |x|)", "1/(1 + |x|)²")

    saves = "input noise"


class Threshold(Elementwise):
    """x where it is above threshold, else value."""

    of_one = ("x where x > <threshold>, <value> elsewhere", "1 where x > <threshold>, 0 elsewhere")

    example = "8x16 -> {type}(0.1, 20)"

    threshold = real("numbers up to this are replaced")
    value = real("what replaces them")
    inplace = inplace()
