"""Norms of each sample: by groups, last axes or neighbouring channels. Source: PyTorch, torch.nn.GroupNorm."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape
from cnncalc.core.option import flag, ignored, inferred, positive, real, sizes
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.norm import with_channels


class GroupNorm(Layer):
    """Split the channels into groups and bring each group of each sample to mean 0 and variance 1."""

    takes = gives = "N C *"
    elementwise = True
    receptive = "everything"
    example = "{image} -> {type}(4, 8)"
    torch = "nn.{type}"
    saves = "input group-statistics"
    keras = "GroupNormalization"
    neutral = True
    category = "norm"
    explained = "group norm"

    num_groups = positive("groups of channels", symbol="G")
    num_channels = inferred("channels of the input", symbol="C")
    eps = real("added to the variance before the root", default=1e-5)
    affine = flag("train one factor and one shift for each channel", default=True)
    device, dtype = ignored(), ignored()
    bias = flag("train the shifts too", default=True, keyword_only=True)

    def prepare(self) -> None:
        if self.num_channels is not None:
            self.divide(self.num_channels)
        if not self.affine:
            self.__dict__["inferences"] = ()  # PyTorch takes any number that the groups divide

    def accept(self, xs: tuple[Shape, ...]) -> None:
        for x in xs:
            with_channels(self, x)
        super().accept(xs)

    def shape(self, x: Shape) -> Shape:
        self.divide(x[1])
        return x

    def divide(self, channels: Number) -> None:
        """Refuse channels that the groups do not divide."""
        if channels % self.num_groups != 0:
            help: tuple[str, ...] = ()
            if type(channels) is int:
                fits = [str(d) for d in range(1, min(channels, 64) + 1) if channels % d == 0]
                help = (f"{', '.join(fits)} would do",)
            raise Fault(
                "groups-do-not-divide",
                f"{channels} channels cannot be split into {self.num_groups} groups",
                option="num_groups",
                help=help,
            )

    def weights(self, x: Shape) -> Iterator[Weight]:
        if self.affine:
            yield Weight("weight", (x[1],))
            if self.bias:
                yield Weight("bias", (x[1],))


class TrailingNorm(Layer, abstract=True):
    """What LayerNorm and RMSNorm share: the last axes, as many as normalized_shape has, are normalised together."""

    elementwise = True
    receptive = "trailing"
    example = "10x16 -> {type}(16)"
    torch = "nn.{type}"
    saves = "input row-statistics"
    neutral = True
    category = "norm"

    normalized_shape = sizes(
        "the last axes, which are normalised together; without it the last one", default=None, least=0, inferred=True
    )

    def trailing(self, x: Shape) -> Shape:
        """The sizes of the axes that are normalised; raises `Fault` where the input does not end in them."""
        wanted: Shape = x[-1:] if self.normalized_shape is None else self.normalized_shape
        count = len(wanted)
        if count == 0:
            raise Fault("option-value", "normalized_shape needs at least one axis", option="normalized_shape")
        if len(x) - 1 < count or any(a != b for a, b in zip(x[-count:], wanted, strict=True)):
            sizes = ", ".join(str(size) for size in wanted)
            written = sizes if count == 1 else f"[{sizes}]"
            near = ", ".join(str(size) for size in x[1:][-count:])
            raise Fault(
                "input-contradicts",
                f"{self.type()} has normalized_shape={written}, but its input is {shape_text(x)}",
                option="normalized_shape",
                help=self.near(x, near if count == 1 else f"[{near}]"),
            )
        return x[-count:]

    def near(self, x: Shape, ending: str) -> tuple[str, ...]:
        """What to write instead."""
        wanted = self.normalized_shape or ()
        if len(wanted) == 1 and len(x) == 4 and x[1] == wanted[0]:
            return (
                f"it normalises the last axes; for the {x[1]} channels write GroupNorm(1, {x[1]}), "
                "or move them last with Permute([0, 2, 3, 1])",
            )
        return (
            (f"write {self.type()}({ending}), or leave normalized_shape out for the last axis",) if len(x) > 1 else ()
        )

    def shape(self, x: Shape) -> Shape:
        self.trailing(x)
        return x


class LayerNorm(TrailingNorm):
    """Bring the last axes of each sample to mean 0 and variance 1."""

    explained = "layer norm"

    eps = real("added to the variance before the root", default=1e-5)
    elementwise_affine = flag("train one factor and one shift for each element", default=True)
    bias = flag("train the shifts too", default=True)
    device, dtype = ignored(), ignored()
    fused = flag(
        "one operation, as nn.LayerNorm; false: step by step, as Cohere's code does, which keeps more to train",
        default=True,
        keyword_only=True,
    )

    def prepare(self) -> None:
        if not self.fused:
            self.saves = "row-steps"

    def weights(self, x: Shape) -> Iterator[Weight]:
        if self.elementwise_affine:
            yield Weight("weight", self.trailing(x))
            if self.bias:
                yield Weight("bias", self.trailing(x))


class RMSNorm(TrailingNorm):
    """Divide the last axes of each sample by the root of their mean square."""

    explained = "root mean square"
    saves = "input root-mean-square"

    eps = real("added to the mean square; None: the smallest that the number format tells apart", default=None)
    elementwise_affine = flag("train one factor for each element", default=True)
    device, dtype = ignored(), ignored()

    def weights(self, x: Shape) -> Iterator[Weight]:
        if self.elementwise_affine:
            yield Weight("weight", self.trailing(x))


class LocalResponseNorm(Layer):
    """Divide each number by a power of the sum of squares over neighbouring channels."""

    takes = gives = "N C *"
    elementwise = True
    receptive = "channels"
    example = "{image} -> {type}(5)"
    torch = "nn.{type}"
    saves = "input neighbours"
    category = "norm"
    explained = "response"

    size = positive("channels in each neighbourhood", symbol="n")
    alpha = real("factor of the sum of squares, divided by size", default=1e-4)
    beta = real("the power", default=0.75)
    k = real("added to the sum", default=1.0)

    def shape(self, x: Shape) -> Shape:
        if len(x) < 3:
            raise Fault(
                "wrong-axes",
                f"{self.type()} takes [C, ...] with at least two axes, but gets {shape_text(x)}",
            )
        return x
