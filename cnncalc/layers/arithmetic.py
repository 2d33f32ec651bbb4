"""Sums, products and constants, element by element or as matrices. Source: PyTorch's torch.add to torch.matmul."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape, TracedNumber, is_free, prod
from cnncalc.core.option import Option, custom, flag, real, sizes
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.axes import Pointwise, broadcast


def constant(value: object, option: Option, axes: int) -> Any:
    """A number, or a rectangular list of lists of numbers."""
    if value is not None and extent(value) is None:
        raise option.refuse(value)
    return value


def extent(value: object) -> Shape | None:
    """The shape of a constant; None where it is none."""
    if isinstance(value, (list, tuple)):
        inner = [extent(part) for part in value]
        same = inner and inner[0] is not None and all(shape == inner[0] for shape in inner)
        return (len(value), *(inner[0] or ())) if same else None
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return () if plain or is_free(value) or isinstance(value, TracedNumber) else None


class Elementwise(Layer, abstract=True):
    """Combine inputs number by number; shapes broadcast, aligned at their last axis."""

    inputs = (1, None)
    receptive = "together"
    example = "8x16, 8x16 -> {type}"
    category = "merge"
    explained = "nothing"

    value = custom(
        "a constant beside the inputs, the last operand", constant, default=None, expects="a number or a list"
    )
    # How many operands there must be, the constant among them.
    operands: tuple[int, int | None] = (2, None)
    saves = "nothing"

    def shape(self, *xs: Shape) -> Shape:
        shapes = [x[1:] for x in xs]
        if self.value is not None:
            shapes.append(extent(self.value) or ())
        least, most = self.operands
        if len(shapes) < least or (most is not None and len(shapes) > most):
            wanted = "two operands" if most == least else "at least two operands"
            raise Fault(
                "input-count",
                f"{self.type()} takes {wanted}, inputs or value=, and gets {len(shapes)}",
                help=f"from: [first, second], or {self.type()}(value=2)",
            )
        return (xs[0][0], *broadcast(shapes, self))


class Add(Elementwise):
    """The sum of its inputs, number by number."""

    torch = "add"
    roles = ()


class Subtract(Elementwise):
    """The first input minus the second."""

    example = "8x16, 16 -> {type}"

    value_first = flag("the constant is the first operand, not the last", default=False)
    operands = (2, 2)
    torch = "sub"


class Multiply(Elementwise):
    """The product of its inputs, number by number."""

    parallel = "passes"
    example = "8x16, 8x1 -> {type}"
    torch = "mul"
    saves = "input"
    roles = ()


class Divide(Elementwise):
    """The first input divided by the second."""

    example = "8x16, 16 -> {type}"

    value_first = flag("the constant is the first operand, not the last", default=False)
    operands = (2, 2)
    torch = "div"
    saves = "input"


class Maximum(Elementwise):
    """The larger of its inputs, number by number."""

    torch = "maximum"
    saves = "input"
    roles = ()


class Minimum(Elementwise):
    """The smaller of its inputs, number by number."""

    torch = "minimum"
    saves = "input"
    roles = ()


class Average(Elementwise):
    """The mean of its inputs, number by number."""

    origin = "Keras, keras.layers.Average."
    roles = ()


class Scale(Pointwise):
    """Multiply by one number."""

    example = "8x16 -> {type}(0.5)"
    torch = "mul"
    saves = "nothing"
    category = "merge"
    explained = "nothing"

    factor = custom("the number", constant, expects="a number")

    def prepare(self) -> None:
        if isinstance(self.factor, (list, tuple)) or self.factor is None:
            raise self.options["factor"].refuse(self.factor)


class MatMul(Layer):
    """The matrix product of two samples; a vector is a row on the left and a column on the right."""

    scratch = "output"
    parallel = "whole"
    inputs = (2, 2)
    receptive = "product"
    example = "8x16, 16x4 -> {type}"
    torch = "matmul"
    saves = "input"
    category = "merge"
    explained = "nothing"

    def shape(self, a: Shape, b: Shape) -> Shape:
        left, right = a[1:], b[1:]
        if not left or not right:
            raise Fault("wrong-axes", f"MatMul needs two arrays, not {shape_text(a)} and {shape_text(b)}")
        inner = right[-2] if len(right) > 1 else right[-1]
        if left[-1] != inner:
            raise self._misfit(a, b, left[-1], inner)
        stack = broadcast([left[:-2], right[:-2]], self)
        return (a[0], *stack, *left[-2:-1], *(right[-1:] if len(right) > 1 else ()))

    def _misfit(self, a: Shape, b: Shape, columns: Number, rows: Number) -> Fault:
        hints = []
        if columns == b[-1]:
            hints.append("transposing the second input, Transpose(-2, -1), would fit")
        return Fault(
            "inner-sizes-differ",
            f"MatMul cannot multiply {shape_text(a)} by {shape_text(b)}: {columns} columns meet {rows} rows",
            help=tuple(hints),
        )

    def macs(self, y: Shape, a: Shape, b: Shape) -> dict[str, Number]:
        return {"product": prod(y) * a[-1]}


class Outer(Layer):
    """Every number of the first vector times every number of the second."""

    takes, gives, inputs = ("N A", "N B"), "N A B", (2, 2)
    receptive = "outer"
    example = "3, 4 -> {type}"
    torch = "outer"
    saves = "input"
    category = "merge"
    explained = "nothing"

    def shape(self, a: Shape, b: Shape) -> Shape:
        return (*a, b[1])


class Parameter(Layer):
    """A parameter array of its own, of shape `shape` (without the batch axis); it takes no input and broadcasts."""

    takes, inputs = "N *", (0, 0)
    receptive = "constant"
    torch = "nn.Parameter"
    saves = "nothing"
    drawn = (-0.034641016151377546, 0.034641016151377546)  # a deviation of 0.02
    example = """\
input: [8, 16]
layers:
  - scale: Parameter(16)
  - scaled: Multiply
    from: [input, scale]
"""
    category = "merge"
    explained = "nothing"
    takes_a_list = True

    shape_ = sizes("the array's shape", least=0)
    init = real("initial value of every number; without it they are small and random", default=None, keyword_only=True)

    def shape(self) -> Shape:
        return (1, *self.shape_)

    def weights(self) -> Iterator[Weight]:
        yield Weight("weight", self.shape_)
