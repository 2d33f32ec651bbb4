"""Layers that multiply the last axis by a matrix. Source: PyTorch, torch.nn.Linear and torch.nn.Bilinear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.option import DROPPED, flag, ignored, inferred, natural, positive
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.axes import Pointwise


class Linear(Layer):
    """Multiply the last axis by a matrix: every row [in_features] becomes a row [out_features]."""

    scratch = "output"
    parallel = "matrix"
    takes, gives = "N * F_in", "N * F_out"
    receptive = "last"
    example = "10x16 -> {type}(16, 4)"
    torch = "nn.{type}"
    saves = "weights"
    category = "linear"
    explained = "nothing"

    in_features = inferred("size of the last axis", symbol="F_in", least=0)
    out_features = natural("number of output features", symbol="F_out")
    bias = flag("add one number per output feature", default=True)
    device, dtype = ignored(), ignored()

    def accept(self, xs: tuple[Shape, ...]) -> None:
        super().accept(_with_an_axis(self, xs))

    def shape(self, x: Shape) -> Shape:
        return (*x[:-1], self.out_features)

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("weight", (self.out_features, x[-1]))
        if self.bias:
            yield Weight("bias", (self.out_features,))

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        return {"products": prod(y) * x[-1]}

    def misfit(self, option: str, value: Number, x: Shape, axis: int, symbol: str) -> Fault:
        whole = prod(x[1:])
        if len(x) > 2 and (len(x) == 4 or value == whole):
            sizes = "*".join(str(size) for size in x[1:])
            wrong = "" if value == whole else f", not {value}"
            return Fault(
                "missing-flatten",
                f"{self.type()} gets {shape_text(x)}",
                option=option,
                help=f'Add "- Flatten" before it; then in_features = {sizes} = {whole}{wrong}.',
            )
        gives = str(x[-1]) if len(x) == 2 else f"{shape_text(x)}, whose last axis is {x[-1]}"
        return Fault(
            "input-contradicts",
            f"{self.describe()}, but the layer before gives {gives}",
            option=option,
            help=f"write {changed(self, option, x[-1]).describe()}",
        )


class LazyLinear(Linear):
    """`Linear` without in_features, which the input determines."""

    example = "10x16 -> {type}(4)"

    in_features = DROPPED


class Bilinear(Layer):
    """Combine two inputs: each output feature is x1 W x2 with a matrix W of its own."""

    scratch = "output"
    parallel = "whole"
    takes, gives, inputs = ("N * F_in1", "N * F_in2"), "N * F_out", (2, 2)
    receptive = "last"
    example = "8, 6 -> {type}(8, 6, 4)"
    torch = "nn.{type}"
    saves = "input"
    category = "linear"
    explained = "nothing"

    in1_features = inferred("size of the first input's last axis", symbol="F_in1")
    in2_features = inferred("size of the second input's last axis", symbol="F_in2")
    out_features = positive("number of output features", symbol="F_out")
    bias = flag("add one number per output feature", default=True)
    device, dtype = ignored(), ignored()

    def accept(self, xs: tuple[Shape, ...]) -> None:
        super().accept(_with_an_axis(self, xs))

    def shape(self, x1: Shape, x2: Shape) -> Shape:
        if len(x1) != len(x2) or any(a != b for a, b in zip(x1[:-1], x2[:-1], strict=True)):
            raise Fault(
                "shapes-differ",
                f"{self.type()} needs two inputs that differ at most in their last axis, "
                f"but gets {shape_text(x1)} and {shape_text(x2)}",
            )
        return (*x1[:-1], self.out_features)

    def weights(self, x1: Shape, x2: Shape) -> Iterator[Weight]:
        yield Weight("weight", (self.out_features, x1[-1], x2[-1]))
        if self.bias:
            yield Weight("bias", (self.out_features,))

    def macs(self, y: Shape, x1: Shape, x2: Shape) -> dict[str, Number]:
        # x1 W first, then its product with x2: what PyTorch's kernel does.
        return {"products": prod(y) * x1[-1] * x2[-1] + prod(y) * x2[-1]}


class Identity(Pointwise):
    """Pass the input on. Arguments are accepted and ignored, as in PyTorch."""

    example = "10x16 -> {type}"
    view = True
    torch = "nn.{type}"
    saves = "nothing"
    category = "linear"
    explained = "nothing"

    @classmethod
    def bind(cls, args: Iterable[object], kwargs: Mapping[str, object]) -> Layer:
        return cls()


def changed(layer: Layer, option: str, value: Number) -> Layer:
    """The same layer with one option changed."""
    given = {name: layer.__dict__[name] for name in layer.given}
    return type(layer)(**{**given, option: value})


def _with_an_axis(layer: Layer, xs: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Refuse a single number: the last axis would be the batch."""
    for x in xs:
        if len(x) < 2:
            raise Fault(
                "wrong-axes", f"{layer.type()} needs at least one axis besides the batch, but gets {shape_text(x)}"
            )
    return xs
