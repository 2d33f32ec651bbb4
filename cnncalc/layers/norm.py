"""Norms of each channel, by the batch or by the sample. Source: PyTorch, torch.nn.BatchNorm1d to InstanceNorm3d."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Layer, Weight, by_axes
from cnncalc.core.number import Shape, counted, prod
from cnncalc.core.option import DROPPED, Option, custom, flag, ignored, inferred, real
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text


def _momentum(value: object, option: Option, axes: int) -> float | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise option.refuse(value)
    return value


class ChannelNorm(Layer, abstract=True):
    """What batch and instance norms share: numbers for each channel, and running statistics."""

    elementwise = True
    example = "{image} -> {type}()"
    torch = "nn.{type}"
    saves = "input"
    neutral = True
    category = "norm"

    num_features = inferred("channels of the input", symbol="C")
    eps = real("added to the variance before the root", default=1e-5)
    momentum = custom(
        "weight of the newest statistics; None averages them all", _momentum, default=0.1, expects="a number or None"
    )
    affine = flag("train one factor and one shift for each channel", default=True)
    track_running_stats = flag("keep running statistics for use after training", default=True)
    device, dtype = ignored(), ignored()
    bias = flag("train the shifts too", default=True, keyword_only=True)

    def prepare(self) -> None:
        # Running statistics are fixed numbers; without them a channel's mean is that of all its positions.
        self.receptive = "pointwise" if self.track_running_stats else "positions"
        if not self.affine and not self.track_running_stats:
            # Nothing to compare the channels with: PyTorch takes any number (an instance norm with a warning).
            self.__dict__["inferences"] = ()

    def accept(self, xs: tuple[Shape, ...]) -> None:
        for x in xs:
            with_channels(self, x)
        super().accept(xs)

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        name, fits = self.type(), {2: "1d", 3: "1d", 4: "2d", 5: "3d"}.get(len(x))
        if fits is None or (len(x) == 2 and "Instance" in name):
            return ()
        return (f"for {shape_text(x)} write {name[:-2]}{fits}",)

    def shape(self, x: Shape) -> Shape:
        return x

    def weights(self, x: Shape) -> Iterator[Weight]:
        if self.affine:
            yield Weight("weight", (x[1],))
            if self.bias:
                yield Weight("bias", (x[1],))

    def buffers(self, x: Shape) -> Iterator[Weight]:
        if self.track_running_stats:
            yield Weight("running_mean", (x[1],))
            yield Weight("running_var", (x[1],))
            yield Weight("num_batches_tracked", ())


class BatchNorm(ChannelNorm):
    """Bring each channel to mean 0 and variance 1 over the batch, for any number of axes."""

    takes = gives = "N C *"
    example = "{image} -> {type}"
    origin = "PyTorch, torch.nn.BatchNorm1d to BatchNorm3d."
    keras = "BatchNormalization"
    explained = "batch norm"
    worked = "norm"
    saves = "input batch-statistics"

    def convention_note(self, *xs: Shape) -> str:
        if not self.track_running_stats:
            return ""
        trained = (1 + int(self.bias)) * xs[0][1] if self.affine else 0
        return (
            f"PyTorch counts {counted(trained)}; Keras counts the running statistics too: "
            f"{counted(trained + 2 * xs[0][1])}, {counted(2 * xs[0][1])} of them non-trainable"
        )


class BatchNorm1d(BatchNorm):
    """Normalise each feature of [features] or [channels, length] over the batch."""

    takes = gives = "N C | N C L"
    example = "{image} -> {type}(8)"


class BatchNorm2d(BatchNorm):
    """Normalise each channel of an image [channels, height, width] over the batch."""

    takes = gives = "N C H W"
    example = "{image} -> {type}(8)"


class BatchNorm3d(BatchNorm):
    """Normalise each channel of a volume [channels, depth, height, width] over the batch."""

    takes = gives = "N C D H W"
    example = "{image} -> {type}(8)"
    worked = ""


class SyncBatchNorm(BatchNorm):
    """Batch norm over several devices, for any number of axes."""

    example = "{image} -> {type}(8)"
    keras = "BatchNormalization(synchronized=True)"
    worked = ""

    process_group = ignored()


class InstanceNorm(ChannelNorm, abstract=True):
    """Normalise each channel of {image} by itself."""

    takes = gives = "N C {space}"
    example = "{image} -> {type}(8, affine=True)"
    keras = "GroupNormalization(groups=-1)"
    explained = "instance norm"
    saves = "input instance-statistics"

    affine = flag("train one factor and one shift for each channel", default=False)
    track_running_stats = flag("keep running statistics for use after training", default=False)
    device, dtype = ignored(), ignored()

    def shape(self, x: Shape) -> Shape:
        if not self.track_running_stats and prod(x[2:]) < 2:
            raise Fault(
                "one-value-per-channel",
                f"{self.type()} needs more than one value in each channel, but its input is {shape_text(x)}",
                help="a single value minus its own mean is 0: take the norm away, or normalise before the pooling",
            )
        return x


InstanceNorm1d, InstanceNorm2d, InstanceNorm3d = by_axes(InstanceNorm, 1, 2, 3)


class LazyBatchNorm1d(BatchNorm1d):
    """`BatchNorm1d` without num_features, which the input determines."""

    example = "{image} -> {type}()"

    num_features = DROPPED


class LazyBatchNorm2d(BatchNorm2d):
    """`BatchNorm2d` without num_features, which the input determines."""

    example = "{image} -> {type}()"

    num_features = DROPPED


class LazyBatchNorm3d(BatchNorm3d):
    """`BatchNorm3d` without num_features, which the input determines."""

    example = "{image} -> {type}()"

    num_features = DROPPED


class LazyInstanceNorm(InstanceNorm, abstract=True):
    """`InstanceNorm{axes}d` without num_features, which the input determines; trained unless affine=False."""

    example = "{image} -> {type}()"

    num_features = DROPPED
    # In PyTorch the defaults of lazy instance norms are those of batch norms.
    affine = flag("train one factor and one shift for each channel", default=True)
    track_running_stats = flag("keep running statistics for use after training", default=True)
    device, dtype = ignored(), ignored()


LazyInstanceNorm1d, LazyInstanceNorm2d, LazyInstanceNorm3d = by_axes(LazyInstanceNorm, 1, 2, 3)


def with_channels(layer: Layer, x: Shape) -> None:
    """Refuse an input without a channel axis."""
    if len(x) < 2:
        raise Fault("wrong-axes", f"{layer.type()} takes [C, ...], but gets {shape_text(x)}")
