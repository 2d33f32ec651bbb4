"""Dense layers, tables, and layers that only arrange numbers anew. Source: Keras, keras.layers.Dense to Permute."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Weight, by_axes
from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.option import ANY, DROPPED, flag, ignored, positive, real, sizes
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.axes import Pointwise, Rearranged, Viewed
from cnncalc.layers.keras.base import KerasLayer, data_format, nonlinearity
from cnncalc.layers.reshape import fill


class Dense(KerasLayer):
    """Multiply the last axis by a matrix, add a bias: `units` numbers come out."""

    scratch = "output"
    parallel = "matrix"
    takes, gives = "N * C_in", "N * U"
    receptive = "last"
    example = "[16] -> {type}(4, activation='relu')"
    saves = "weights"
    category = "linear"
    explained = "nothing"

    units = positive("numbers in the output", symbol="U")
    activation = nonlinearity()
    use_bias = flag("add one number per output", default=True)

    def shape(self, x: Shape) -> Shape:
        if len(x) < 2:
            raise self.refuse_axes(x, "[..., features]")
        return (*x[:-1], self.units)

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("kernel", (x[-1], self.units))
        if self.use_bias:
            yield Weight("bias", (self.units,))

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        return {"product": prod(y) * x[-1]}


class Embedding(KerasLayer):
    """Replace every whole number below input_dim by its row of a table. A lookup multiplies nothing."""

    takes, gives = "N *", "N * E"
    receptive = "append"
    example = "{shape: [10], dtype: int} -> {type}(1000, 16)"
    integers = True
    saves = "weights"
    table = True
    drawn = (-1.7320508075688772, 1.7320508075688772)
    category = "embedding"
    worked = "embedding"
    explained = "nothing"

    input_dim = positive("rows of the table (vocabulary size)", symbol="V")
    output_dim = positive("length of each row", symbol="E")
    mask_zero = flag("0 marks padding; changes no shape", default=False, keyword_only=True)
    input_length = ignored()
    weights_ = ignored()

    def shape(self, x: Shape) -> Shape:
        return (*x, self.output_dim)

    def chooses(self, slot: int, *xs: Shape) -> Number | None:
        return self.input_dim

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("embeddings", (self.input_dim, self.output_dim))


class Activation(Pointwise, KerasLayer):
    """A function of each number alone, by its name."""

    example = "[16] -> {type}('relu')"
    saves = "output"
    category = "activation"
    explained = "nothing"

    activation = nonlinearity("the function, such as relu", default="linear")

    def prepare(self) -> None:
        if "activation" not in self.given:
            raise Fault(
                "missing-option",
                'Activation needs activation (the function, such as relu); write Activation("relu")',
            )


class Passing(Pointwise, KerasLayer, abstract=True):
    """A layer that acts in training alone, or never; here it passes numbers on."""

    example = "{image} -> {type}(0.2)"
    saves = "nothing"
    category = "other"
    explained = "nothing"


MASKED = ("m·x/(1 − <rate>), in training m = 0 with probability <rate>, else 1", "m/(1 − <rate>)")


class Drop(Passing, abstract=True):
    """Put numbers to zero at random in training."""

    carries = True
    saves = "mask"
    category = "dropout"
    of_one = ("", "")

    rate = real("the part that is dropped")
    noise_shape = ignored()
    seed = ignored()

    def prepare(self) -> None:
        if not 0 <= self.rate <= 1:
            raise Fault("option-value", f"rate must be between 0 and 1, not {self.rate}", option="rate")


class Dropout(Drop):
    """Single numbers are zero in training."""

    explained = "dropout"
    of_one = MASKED

    example = "[16] -> {type}(0.2)"


class SpatialDropout(Drop, abstract=True):
    """Whole channels of {image} are zero in training."""

    explained = "dropout"
    of_one = MASKED

    takes, gives = "N {space} C", "N {space} C"
    saves = "feature-mask"
    data_format = data_format()


class SpatialDropout1D(SpatialDropout, axes=1):
    data_format = DROPPED


SpatialDropout2D, SpatialDropout3D = by_axes(SpatialDropout, 2, 3)


class AlphaDropout(Drop):
    """Single numbers are put to the least value of SELU in training."""

    example = "[16] -> {type}(0.2)"
    saves = "noise"


class GaussianDropout(Drop):
    """Numbers are multiplied by noise around 1 in training."""

    example = "[16] -> {type}(0.2)"
    saves = "noise"


class GaussianNoise(Passing):
    """Noise is added in training."""

    example = "[16] -> {type}(0.1)"

    stddev = real("the noise's standard deviation")
    seed = ignored()


class Masking(Passing):
    """Steps that hold one value alone are marked as padding; numbers stay."""

    example = "[10, 16] -> {type}()"
    carries = True
    saves = "nothing"

    mask_value = real("the value", default=0.0)


class ActivityRegularization(Passing):
    """A penalty in training; numbers stay."""

    example = "[16] -> {type}(l2=0.01)"
    saves = "input"

    l1 = real("weight of the absolute values", default=0.0)
    l2 = real("weight of the squares", default=0.0)


class Flatten(Viewed, KerasLayer):
    """Make one axis of all that a sample has."""

    takes, gives = "N *", "N L_flat"
    receptive = "reshape"
    example = "{image} -> {type}()"

    data_format = data_format()

    def shape(self, x: Shape) -> Shape:
        return (x[0], prod(x[1:]))


class Listed(Viewed, KerasLayer, abstract=True):
    """A layer whose one list may be written without brackets."""

    takes_a_list = True


class Reshape(Listed):
    """Give a sample the shape `target_shape` (without the batch axis); one size may be -1."""

    receptive = "reshape"
    example = "[16] -> {type}([4, 4])"

    target_shape = sizes("the new shape of one sample, one size may be -1", least=ANY)

    def shape(self, x: Shape) -> Shape:
        return (x[0], *fill(self, self.target_shape, prod(x[1:]), x, "target_shape"))


class Permute(Listed):
    """Put the axes of a sample into another order; the first is 1."""

    receptive = "permute"
    example = "[10, 16] -> {type}([2, 1])"

    dims = sizes("the axes in their new order, 1 first", least=ANY)

    def prepare(self) -> None:
        count = len(self.dims)
        if sorted(self.dims) != list(range(1, count + 1)):
            found = ", ".join(str(dim) for dim in self.dims)
            raise Fault(
                "permutation",
                f"Permute needs every axis once, counted from 1 without the batch, not [{found}]",
                option="dims",
                help=f"[{', '.join(str(dim + 1) for dim in self.dims)}]"
                if sorted(self.dims) == list(range(count))
                else (),
            )

    def shape(self, x: Shape) -> Shape:
        if len(x) - 1 != len(self.dims):
            raise Fault(
                "permutation",
                f"Permute has {len(self.dims)} axes, but its input is {shape_text(x)}",
                option="dims",
            )
        return (x[0], *(x[int(dim)] for dim in self.dims))


class RepeatVector(Rearranged, KerasLayer):
    """Repeat a vector `n` times: a sequence of equal steps."""

    takes, gives = "N F", "N n F"
    receptive = "repeat"
    example = "[16] -> {type}(10)"
    carries = True
    repeats = True

    n = positive("how often", symbol="n")

    def shape(self, x: Shape) -> Shape:
        return (x[0], self.n, x[1])


class Identity(Passing):
    """The input."""

    example = "[16] -> {type}()"
    view = True


class Rescaling(Passing):
    """scale * x + offset."""

    example = "[32, 32, 3] -> {type}(1/255)"

    scale = real("the factor")
    offset = real("added afterwards", default=0.0)
