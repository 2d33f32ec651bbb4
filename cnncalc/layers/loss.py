"""Losses as layers: one number per sample from prediction and target. Source: PyTorch, torch.nn.L1Loss to KLDivLoss.

The target is the second input, or a constant, `target=`. Of a batch each sample has its own loss; where the last layer
is a loss with reduction "mean", gradients are those of the mean over the batch, as in PyTorch.
"""

from __future__ import annotations

from typing import ClassVar

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape
from cnncalc.core.option import DROPPED, Option, choice, custom, flag, real
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.arithmetic import constant, extent


def _unused(value: object, option: Option, axes: int) -> object:
    """What PyTorch has beside, and is not computed with here: only left out."""
    if value is not None and value != option.default:
        raise Fault(
            "option-value",
            f"{option.name} is not taken here: leave it out",
            option=option.name,
            help='write reduction="sum" or "mean"' if option.name in ("size_average", "reduce") else (),
        )
    return option.default


def unused(default: object = None) -> object:
    """An option of PyTorch's that may only have its default."""
    return custom("not taken here, only left out", _unused, default=default, expects="nothing")


class Loss(Layer, abstract=True):
    """What losses share: a prediction, a target, and what is made of the numbers between them."""

    inputs = (1, 2)
    receptive = "loss"
    saves = "input"
    origin = "PyTorch, torch.nn.{type}."
    example = "8, 8 -> {type}"
    REDUCTIONS: ClassVar[tuple[str, ...]] = ("mean", "sum", "none")
    category = "other"
    explained = "loss"
    # Of one number of prediction x and target t: the loss and its derivative by x, both as text and as TeX.
    of_one: tuple[str, str, str, str]

    size_average = unused()
    reduce = unused()
    reduction = choice("mean or sum of a sample's numbers, or none to keep them", REDUCTIONS, default="mean")
    target = custom(
        "a constant in place of the second input", constant, default=None, keyword_only=True, expects="numbers"
    )

    def shape(self, x: Shape, target: Shape | None = None) -> Shape:
        given = self.given_target(x, target)
        self.fit(x, given)
        return self.kept(x, given) if self.reduction == "none" else x[:1]

    def given_target(self, x: Shape, target: Shape | None) -> Shape:
        """The target's shape, batch axis first: that of the input, or of the constant."""
        if target is not None and self.target is not None:
            raise Fault("input-count", f"{self.type()} has target= and a second input", option="target")
        if target is not None:
            return target
        if self.target is None:
            raise Fault(
                "input-count",
                f"{self.type()} takes a prediction and a target, but gets one input",
                help=f"from: [prediction, target], or {self.type()}(target=...)",
            )
        sizes = extent(self.target) or ()
        return (x[0], *sizes) if sizes else self.filled(x)

    def filled(self, x: Shape) -> Shape:
        """What one number as the target stands for: it fills the prediction's shape."""
        return x

    def fit(self, x: Shape, target: Shape) -> None:
        """Refuse a target that does not go with the prediction."""
        if len(x) != len(target) or any(a != b for a, b in zip(x[1:], target[1:], strict=True)):
            raise Fault(
                "shapes-differ",
                f"{self.type()} needs a target like its prediction {shape_text(x)}, but gets {shape_text(target)}",
                option="target" if self.target is not None else None,
            )

    def kept(self, x: Shape, target: Shape) -> Shape:
        """The shape without a reduction."""
        return x


class MSELoss(Loss):
    """The mean of the squared differences."""

    of_one = ("(x − t)²", "2·(x − t)", "(x - t)^2", "2 (x - t)")


class L1Loss(Loss):
    """The mean of the absolute differences."""

    of_one = ("|x − t|", "sign(x − t)", "|x - t|", r"\text{sign}(x - t)")


class SmoothL1Loss(Loss):
    """Squared differences below `beta`, absolute ones above."""

    beta = real("where the square ends", default=1.0)

    def prepare(self) -> None:
        if self.beta < 0:
            raise Fault("option-value", f"beta must be at least 0, not {self.beta}", option="beta")
        end, inner, outer = f"{self.beta:g}", f"(x − t)²/(2·{self.beta:g})", f"|x − t| − {self.beta / 2:g}"
        self.of_one = (
            f"{inner} where |x − t| < {end}, {outer} elsewhere",
            f"(x − t)/{end} there, sign(x − t) elsewhere",
            r"\text{smooth}(x - t)",
            r"\text{smooth}'(x - t)",
        )


class HuberLoss(Loss):
    """Squared differences up to `delta`, absolute ones beyond."""

    size_average = DROPPED
    reduce = DROPPED
    delta = real("where the square ends", default=1.0)

    def prepare(self) -> None:
        if self.delta <= 0:
            raise Fault("option-value", f"delta must be above 0, not {self.delta}", option="delta")
        end = f"{self.delta:g}"
        self.of_one = (
            f"(x − t)²/2 where |x − t| ≤ {end}, {end}·(|x − t| − {self.delta / 2:g}) elsewhere",
            f"x − t there, {end}·sign(x − t) elsewhere",
            r"\text{Huber}(x - t)",
            r"\text{Huber}'(x - t)",
        )


class BCELoss(Loss):
    """Binary cross-entropy of probabilities: -(t ln x + (1 - t) ln(1 - x))."""

    of_one = (
        "−(t·ln x + (1 − t)·ln(1 − x))",
        "(x − t)/(x·(1 − x))",
        r"-(t \ln x + (1 - t) \ln(1 - x))",
        r"\frac{x - t}{x (1 - x)}",
    )

    example = "8 -> {type}(target=1)"

    weight = unused()
    size_average = unused()
    reduce = unused()
    reduction = choice("mean or sum of a sample's numbers, or none to keep them", Loss.REDUCTIONS, default="mean")


class BCEWithLogitsLoss(BCELoss):
    """Binary cross-entropy of numbers before the sigmoid."""

    of_one = (
        "−(t·ln σ(x) + (1 − t)·ln(1 − σ(x)))",
        "σ(x) − t",
        r"-(t \ln \sigma(x) + (1 - t) \ln(1 - \sigma(x)))",
        r"\sigma(x) - t",
    )

    example = "8, 8 -> {type}"

    pos_weight = unused()


class KLDivLoss(Loss):
    """t (ln t - x), for x the logarithm of a probability."""

    of_one = ("t·(ln t − x)", "−t", r"t (\ln t - x)", "-t")

    REDUCTIONS = (*Loss.REDUCTIONS, "batchmean")

    reduction = choice(
        "mean or sum of a sample's numbers, none to keep them; batchmean is the sum", REDUCTIONS, default="mean"
    )
    log_target = flag("the target is a logarithm too", default=False)

    def prepare(self) -> None:
        super().prepare()
        if self.log_target:
            self.of_one = ("e^t·(t − x)", "−e^t", "e^t (t - x)", "-e^t")


class NLLLoss(Loss):
    """Minus the number of the target's class, of logarithms of probabilities [C, ...]."""

    of_one = ("−x_t, t the target's class", "−1 for the class t, 0 else", "-x_t", r"-\delta_{it}")

    example = "8 -> {type}(target=3)"

    weight = unused()
    size_average = unused()
    ignore_index = unused(-100)
    reduce = unused()
    reduction = choice("mean or sum of a sample's numbers, or none to keep them", Loss.REDUCTIONS, default="mean")

    def chooses(self, slot: int, *xs: Shape) -> Number | None:
        return xs[0][1] if slot == 1 and len(xs[1]) < len(xs[0]) else None

    def filled(self, x: Shape) -> Shape:
        return (x[0], *x[2:])

    def fit(self, x: Shape, target: Shape) -> None:
        if len(x) < 2:
            raise Fault("wrong-axes", f"{self.type()} takes [classes, ...], but gets {shape_text(x)}")
        places = (x[0], *x[2:])
        if self.alike(target, places) or (self.probabilities and self.alike(target, x)):
            self.among(x[1])
            return
        also = f" or probabilities {shape_text(x)}" if self.probabilities else ""
        help: tuple[str, ...] = ()
        if self.alike(target, (x[0], 1)) and len(x) == 2:
            help = ("Squeeze(1) takes the axis of the class away",)
        elif len(x) == 3 and self.alike(target, x[:2]):
            help = ("the classes are axis 1: Transpose(1, 2) puts them there",)
        raise Fault(
            "shapes-differ",
            f"{self.type()} of {shape_text(x)} needs the number of a class, a target {shape_text(places)}{also}, "
            f"but gets {shape_text(target)}",
            option="target" if self.target is not None else None,
            help=help,
        )

    # Whether the target may be a probability for each class.
    probabilities: ClassVar[bool] = False

    @staticmethod
    def alike(a: Shape, b: Shape) -> bool:
        """Whether two shapes have the same sizes."""
        return len(a) == len(b) and all(bool(one == other) for one, other in zip(a[1:], b[1:], strict=True))

    def among(self, classes: Number) -> None:
        """Refuse a constant class that there is not."""
        if isinstance(self.target, int) and isinstance(classes, int) and not 0 <= self.target < classes:
            raise Fault(
                "option-value", f"target must be a class from 0 to {classes - 1}, not {self.target}", option="target"
            )

    def kept(self, x: Shape, target: Shape) -> Shape:
        return (x[0], *x[2:])


class CrossEntropyLoss(NLLLoss):
    """Minus the logarithm of the softmax of the target's class, of numbers [C, ...]; or against probabilities."""

    of_one = (
        "−ln softmax(x)_t, t the target's class",
        "softmax(x)_i − 1 for the class i = t, softmax(x)_i else",
        r"-\ln \text{softmax}(x)_t",
        r"\text{softmax}(x)_i - \delta_{it}",
    )

    example = "8x16, int 16 -> {type}"

    label_smoothing = real("part of the target that is spread over all classes", default=0.0)
    probabilities = True

    def prepare(self) -> None:
        if not 0 <= self.label_smoothing <= 1:
            raise Fault(
                "option-value",
                f"label_smoothing must be between 0 and 1, not {self.label_smoothing}",
                option="label_smoothing",
            )
