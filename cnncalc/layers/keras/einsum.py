"""Products given by an equation, and dot products of two inputs. Source: Keras, keras.layers.EinsumDense and Dot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_letters
from typing import NamedTuple

from cnncalc.core.layer import Weight
from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.option import Option, anything, custom, flag, whole
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text, show
from cnncalc.layers.keras.base import KerasLayer, nonlinearity


def _equation(value: object, option: Option, axes: int) -> str:
    if not isinstance(value, str) or value.count("->") != 1 or value.count(",") != 1:
        raise option.refuse(value)
    return value.replace(" ", "")


def _target(value: object, option: Option, axes: int) -> tuple[int | None, ...]:
    parts = value if isinstance(value, (list, tuple)) else [value]
    for part in parts:
        if part is not None and whole(part) is None:
            raise option.refuse(value)
    return tuple(parts)


class Read(NamedTuple):
    """An equation for an input: letters of input, kernel and output, and the size of each letter."""

    taken: str
    kernel: str
    made: str
    sizes: dict[str, Number]


class EinsumDense(KerasLayer):
    """Multiply by a kernel as an equation says: "abc,cd->abd" is Dense on the last of three axes (a is the batch)."""

    scratch = "output"
    parallel = "whole"
    takes, gives = "N *", "N *"
    receptive = "einsum"
    example = "[10, 16] -> {type}('abc,cd->abd', output_shape=[None, 4], bias_axes='d')"
    saves = "weights"
    category = "linear"
    explained = "nothing"

    equation = custom("input, kernel -> output", _equation, expects='an equation such as "abc,cd->abd"')
    output_shape = custom(
        "sizes of the output without the batch; None where the input says it", _target, expects="sizes, or None"
    )
    activation = nonlinearity()
    bias_axes = anything("the output's letters that have a bias", default=None)

    def read(self, x: Shape) -> Read:
        """The equation's letters with their sizes for this input; raises `Fault` where they do not fit."""
        operands, made = self.equation.split("->")
        taken, kernel = operands.split(",")
        elided = 0
        if "..." in taken:
            elided = len(x) - (len(taken) - 3)
            if elided < 0:
                raise self.refuse_axes(x, f'at least {len(taken) - 3} axes for "{taken}"')
            free = [letter for letter in ascii_letters if letter not in self.equation]
            letters = "".join(free[:elided])
            taken, made = taken.replace("...", letters), made.replace("...", letters)
        if len(taken) != len(x):
            raise self.refuse_axes(x, f'{len(taken) - 1} axes for "{taken}", whose first letter is the batch')
        sizes: dict[str, Number] = dict(zip(taken, x, strict=True))
        wanted = self.output_shape
        # Sizes are given for the letters after the batch, or after the dots.
        first = len(made) - len(wanted)
        for letter, size in zip(made[first:], wanted, strict=False):
            if size is None:
                if letter not in sizes:
                    raise Fault(
                        "option-value",
                        f"output_shape must say the size of {letter}: no input has it",
                        option="equation",
                    )
            elif letter in sizes and sizes[letter] != size:
                raise Fault(
                    "input-contradicts",
                    f"output_shape says {letter} = {size}, but the input {shape_text(x)} has {sizes[letter]}",
                    option="output_shape",
                )
            else:
                sizes[letter] = size
        for letter in kernel + made:
            if letter not in sizes:
                raise Fault("option-value", f"nothing gives a size for {letter} in {self.equation}", option="equation")
        return Read(taken, kernel, made, sizes)

    def letters(self, xs: Sequence[Shape]) -> tuple[list[list[str]], list[str]]:
        """The letters of the input's axes and of the output's, without the batch."""
        read = self.read(xs[0])
        return [list(read.taken[1:])], list(read.made[1:])

    def shape(self, x: Shape) -> Shape:
        read = self.read(x)
        return tuple(read.sizes[letter] for letter in read.made)

    def weights(self, x: Shape) -> Iterator[Weight]:
        read = self.read(x)
        yield Weight("kernel", tuple(read.sizes[letter] for letter in read.kernel))
        if self.bias_axes:
            if not isinstance(self.bias_axes, str) or not set(self.bias_axes) <= set(read.made):
                message = f'bias_axes must be letters of "{read.made}", not {show(self.bias_axes)}'
                raise Fault("option-value", message, option="bias_axes")
            first = min(read.made.index(letter) for letter in self.bias_axes)
            yield Weight(
                "bias",
                tuple(read.sizes[letter] if letter in self.bias_axes else 1 for letter in read.made[first:]),
            )

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        read = self.read(x)
        return {"product": prod(read.sizes[letter] for letter in dict.fromkeys(read.taken + read.kernel + read.made))}


def _axes(value: object, option: Option, axes: int) -> tuple[int, ...]:
    parts = list(value) if isinstance(value, (list, tuple)) else [value, value]
    numbers = [whole(part) for part in parts]
    if len(numbers) != 2 or None in numbers:
        raise option.refuse(value)
    return tuple(numbers)


class Dot(KerasLayer):
    """The dot product of two inputs along an axis of each (the batch is axis 0)."""

    scratch = "output"
    parallel = "whole"
    takes, gives, inputs = ("N *", "N *"), "N *", (2, 2)
    receptive = "einsum"
    example = "[16]; [16] -> {type}(axes=1)"
    saves = "input"
    category = "other"
    explained = "nothing"

    axes_ = custom("the axis, or one of each input (the batch is 0)", _axes, expects="one axis, or two")
    normalize = flag("divide by the lengths first: the cosine", default=False)

    def at(self, a: Shape, b: Shape) -> tuple[int, int]:
        """The axes, counted from 0; raises `Fault` where they do not fit."""
        found = []
        for dim, x in zip(self.axes_, (a, b), strict=True):
            place = dim + len(x) if dim < 0 else dim
            if not 0 < place < len(x):
                raise Fault(
                    "axis-out-of-range",
                    f"Dot has axes={dim}, but {shape_text(x)} has axes 1 to {len(x) - 1} (0 is the batch)",
                    option="axes",
                )
            found.append(place)
        if a[found[0]] != b[found[1]]:
            raise Fault(
                "inner-sizes-differ",
                f"Dot cannot multiply {shape_text(a)} and {shape_text(b)}: {a[found[0]]} meets {b[found[1]]}",
                option="axes",
            )
        return found[0], found[1]

    def letters(self, xs: Sequence[Shape]) -> tuple[list[list[str]], list[str]]:
        """A letter for each axis, without the batch: inputs share that of the axis that is summed."""
        first, second = self.at(xs[0], xs[1])
        a = [f"a{axis}" for axis in range(1, len(xs[0]))]
        b = [f"b{axis}" for axis in range(1, len(xs[1]))]
        b[second - 1] = summed = a[first - 1]
        return [a, b], [letter for letter in a + b if letter != summed]

    def shape(self, a: Shape, b: Shape) -> Shape:
        first, second = self.at(a, b)
        made = (*a[:first], *a[first + 1 :], *b[1:second], *b[second + 1 :])
        return made if len(made) > 1 else (*made, 1)

    def macs(self, y: Shape, a: Shape, b: Shape) -> dict[str, Number]:
        return {"product": prod(y) * a[self.at(a, b)[0]]}
