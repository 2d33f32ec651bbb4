"""What Keras' layers share: channels last, Keras' option names, activations inside a layer, counted statistics."""

from __future__ import annotations

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape
from cnncalc.core.option import Option, Pads, Sizes, choice, custom, flag, whole
from cnncalc.core.problem import Fault, suggestion
from cnncalc.core.texts import shape_text, show
from cnncalc.core.window import reach
from cnncalc.layers.axes import without_channels

# What `activation=` may say; the first is what leaving it out means.
WORDS = (
    "linear relu leaky_relu relu6 elu celu selu gelu silu swish sigmoid tanh softmax log_softmax softplus softsign "
    "hard_sigmoid hard_silu hard_swish hard_tanh hard_shrink soft_shrink tanh_shrink log_sigmoid exponential mish "
    "squareplus"
)
ACTIVATIONS = tuple(WORDS.split())


IGNORED_ENDINGS = ("_initializer", "_regularizer", "_constraint")
IGNORED = ("name", "dtype", "autocast", "batch_size", "input_shape", "batch_input_shape")


class KerasLayer(Layer, abstract=True):
    """A layer as Keras has it. Statistics that training does not change count as parameters, but not as trainable."""

    convention = "keras"
    counts_buffers = True

    trainable = flag("training changes its weights", default=True, keyword_only=True)

    @classmethod
    def ignores(cls, name: str) -> bool:
        # What Keras says of training and of itself: kernel_initializer=HeNormal(), kernel_regularizer=l2(0.01), name.
        return name.endswith(IGNORED_ENDINGS) or name in IGNORED

    @classmethod
    def kernel_name(cls) -> str:
        return f"keras.{cls.__name__}"

    def space(self, x: Shape) -> Shape:
        return x[1:-1]

    def refuse_axes(self, x: Shape, wanted: str) -> Fault:
        """The fault for an input whose axes the layer cannot use."""
        return Fault("wrong-axes", f"{self.type()} takes {wanted}, but gets {shape_text(x)}", help=self.axes_help(x))


def _activation(value: object, option: Option, axes: int) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        word = value.lower()
        word = word if word in ACTIVATIONS else _folded(word)
        if word in ACTIVATIONS:
            return None if word == "linear" else word
        raise Fault(
            "option-value",
            f"there is no activation {show(value)}",
            option=option.name,
            help=suggestion(value, ACTIVATIONS, f"Keras has {', '.join(ACTIVATIONS[1:])}"),
        )
    raise option.refuse(value)


def _folded(word: str) -> str:
    """`LeakyReLU` as `leaky_relu`."""
    plain = word.replace("_", "").replace(" ", "")
    return next((name for name in ACTIVATIONS if name.replace("_", "") == plain), word)


def nonlinearity(help: str = "function of the output", *, default: object = None) -> str | None:
    """An activation inside the layer; None is none."""
    return custom(help, _activation, default=default, words=ACTIVATIONS, expects='an activation, such as "relu"')


def _order(value: object, option: Option, axes: int) -> None:
    if value is None or value == "channels_last":
        return None
    if value == "channels_first":
        raise Fault(
            "option-value",
            "data_format is one for the whole network",
            option="data_format",
            help="write layout: channels_first at the top of the spec, and leave data_format out",
        )
    raise option.refuse(value)


ORDERS = ("channels_last", "channels_first")


def data_format() -> object:
    """Keras' order of axes for one layer: only the one that the whole network has."""
    return custom(
        "the order of axes: always the network's", _order, default=None, words=ORDERS, expects="channels_last"
    )


def same_or_valid(help: str = "valid: none; same: as many windows as the stride leaves of the size") -> str:
    """Padding by word: Keras has no numbers."""
    return choice(help, ("valid", "same"), default="valid", expects='"valid" or "same"')


class Sliding(KerasLayer, abstract=True):
    """A layer with windows over [*space, channels]."""

    strides: Sizes

    @property
    def padding_rule(self) -> str:
        """What the window arithmetic understands by the layer's padding: Keras' "same" works with any stride."""
        written: str = self.__dict__["padding"]
        return "same_upper" if written == "same" else written

    @property
    def stride(self) -> Sizes:
        """The stride, under PyTorch's name."""
        return self.strides

    @property
    def dilation(self) -> Sizes:
        """The distance between taps, under PyTorch's name."""
        return self.__dict__.get("dilation_rate") or (1,) * self.axes

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return neighbours(self, x)

    def carried(self, x: Shape) -> Number:
        """With padding "causal" the places under a window, the newest with them."""
        if self.padding_rule != "causal":
            return 0
        window = reach(self.__dict__["kernel_size"][0], self.dilation[0])
        return 0 if window == 1 else window * x[-1]


def neighbours(layer: Layer, x: Shape) -> tuple[str, ...]:
    """Which layer of the family takes an input of that many axes."""
    count, name = len(x) - 2, layer.type()
    here = f"{layer.axes}D"
    if count == layer.axes + 1:
        return ("shapes are those of one sample: is there a batch axis too many?",)
    near = (
        (f"{name.replace(here, f'{count}D')} takes an input of this shape",) if here in name and 0 < count < 4 else ()
    )
    grey = without_channels(layer, x[1:], last=True)
    return grey if grey and len(x) == 3 and type(x[1]) is int and x[1] == x[2] else (*grey, *near)


def from_one(value: object, option: Option, axes: int) -> Sizes:
    """A whole number of at least 1, or a list of them, as a tuple: the parser of an option."""
    parts = list(value) if isinstance(value, (list, tuple)) else [value]
    numbers = [whole(part) for part in parts]
    if any(number is None or number < 1 for number in numbers):
        raise option.refuse(value)
    return tuple(numbers)


def pairs(help: str, *, default: object = 1) -> Pads:
    """Amounts before and after each axis, as Keras writes them: a number, one per axis, or [before, after] per axis."""
    return custom(help, _pairs, default=default, symbol="P", expects="a number, or [before, after] for each axis")


def _pairs(value: object, option: Option, axes: int) -> Pads:
    number = whole(value)
    if number is not None:
        if number < 0:
            raise option.refuse(value)
        return ((number, number),) * axes
    if not isinstance(value, (list, tuple)):
        raise option.refuse(value)
    # With one axis [before, after] is that axis' pair; with more, [a, b] is one number per axis.
    if axes == 1 and len(value) == 2 and all(whole(part) is not None for part in value):
        value = [value]
    if len(value) != axes:
        raise option.refuse(value)
    made = []
    for part in value:
        ends = list(part) if isinstance(part, (list, tuple)) else [part, part]
        sizes = [whole(end) for end in ends]
        if len(ends) != 2 or any(size is None or size < 0 for size in sizes):
            raise option.refuse(value)
        made.append((sizes[0], sizes[1]))
    return tuple(made)


__all__ = ["ACTIVATIONS", "KerasLayer", "Sliding", "data_format", "nonlinearity", "pairs", "same_or_valid"]
