"""Layers that act in training alone; here they pass numbers on. Source: PyTorch, torch.nn.Dropout etc."""

from __future__ import annotations

from cnncalc.core.option import DROPPED, choice, inplace, real
from cnncalc.core.problem import Fault
from cnncalc.layers.axes import Pointwise

MASKED = ("m·x/(1 − <p>), in training m = 0 with probability <p>, else 1", "m/(1 − <p>)")


class Drop(Pointwise, abstract=True):
    """Put numbers to zero at random in training."""

    example = "{image} -> {type}(0.2)"
    carries = True
    torch = "nn.{type}"
    saves = "mask"
    category = "dropout"
    explained = "dropout"
    of_one = MASKED

    p = real("the probability of a zero", default=0.5)
    inplace = inplace()

    def prepare(self) -> None:
        if not 0 <= self.p <= 1:
            raise Fault("option-value", f"p must be a probability between 0 and 1, not {self.p}", option="p")
        if self.p == 1:
            self.of_one = ("0 in training", "")


class Dropout(Drop):
    """Single numbers are zero in training, with probability `p`."""

    example = "8x16 -> {type}"


class Dropout1d(Drop):
    """Whole channels of a sequence [channels, length] are zero in training."""

    takes, gives = "N C L", "N C L"
    saves = "channel-mask"
    keras = "SpatialDropout1D"


class Dropout2d(Drop):
    """Whole channels of an image [channels, height, width] are zero in training."""

    saves = "channel-mask"
    keras = "SpatialDropout2D"


class Dropout3d(Drop):
    """Whole channels of a volume [channels, depth, height, width] are zero in training."""

    saves = "channel-mask"
    keras = "SpatialDropout3D"


class AlphaDropout(Drop):
    """Single numbers are put to the least value of SELU in training, mean and variance staying as they are."""

    example = "8x16 -> {type}"
    saves = "noise"
    of_one = ("", "")


class FeatureAlphaDropout(Drop):
    """Whole channels are put to the least value of SELU in training."""

    saves = "channel-mask"
    keras = "AlphaDropout"
    of_one = ("", "")


class DropPath(Drop):
    """A whole sample is zero in training (stochastic depth)."""

    example = "8x16 -> {type}"
    torch = ""
    origin = "Huang et al. 2016 (stochastic depth)."
    saves = "sample-mask"

    p = real("the probability of a zero", default=0.0)


class StochasticDepth(Drop):
    """The same under torchvision's name."""

    example = "8x16 -> {type}"
    torch = ""
    origin = "torchvision, torchvision.ops.StochasticDepth."
    saves = "sample-mask"

    p = real("the probability of a zero", default=0.0)
    mode = choice("whole samples or the whole batch", ("row", "batch"), default="row")
    inplace = DROPPED
