"""Softmax and its kin, along one axis. Source: PyTorch, torch.nn.Softmax to torch.nn.GLU."""

from __future__ import annotations

from cnncalc.core.layer import Layer
from cnncalc.core.number import Shape
from cnncalc.core.option import integer
from cnncalc.core.problem import Fault
from cnncalc.layers.activation import Elementwise
from cnncalc.layers.axes import axis


class Softmax(Elementwise):
    """Exponentials along an axis, divided by their sum. Without dim: the last of [L, E], the channels of [C, H, W]."""

    receptive = "along"
    example = "10x16 -> {type}(dim=2)"
    torch = "nn.{type}"
    saves = "output"
    explained = "softmax"

    dim = integer("axis that sums to 1 (the batch is 0)", default=None)

    def shape(self, x: Shape) -> Shape:
        try:
            axis(self, -1 if self.dim is None else self.dim, x)
        except Fault as fault:
            if fault.code != "batch-axis" or self.dim != 0:
                raise  # over the batch it is rarely meant, but PyTorch does it and the shape is the same: `remarks`
        return x

    def normalized_axis(self, rank: int) -> int:
        """The axis that sums to 1: without dim axis 1, as in PyTorch; of a sequence the last (PyTorch: the batch)."""
        return self.dim if self.dim is not None else 1 if rank > 3 else -1

    def remarks(self) -> list[Fault]:
        if self.dim != 0:
            return []
        return [
            Fault(
                "softmax-over-batch",
                f"{self.type()}(dim=0) sums to 1 over the batch, so samples are not apart",
                option="dim",
                help="dim=1 is the first axis of a sample, dim=-1 the last",
            )
        ]


class Softmin(Softmax):
    """Softmax of -x."""


class LogSoftmax(Softmax):
    """The logarithm of softmax."""


class Softmax2d(Elementwise):
    """Softmax over the channels of an image [channels, height, width]."""

    takes, gives = "N C H W", "N C H W"
    receptive = "channels"
    example = "{image} -> {type}"
    torch = "nn.{type}"
    saves = "output"
    keras = "Softmax"
    explained = "softmax"


class GLU(Layer):
    """Halve an axis: the first half times the sigmoid of the second."""

    receptive = "halves"
    example = "10x16 -> {type}(dim=2)"
    torch = "nn.{type}"
    saves = "input"
    keras = ""
    category = "activation"
    explained = "function"
    of_one = ("a·σ(b), a the first half, b the second", "")

    dim = integer("axis that is halved (the batch is 0)", default=-1)

    def shape(self, x: Shape) -> Shape:
        at = axis(self, self.dim, x)
        if x[at] % 2 != 0:
            raise Fault("odd-size", f"{self.type()} halves axis {at}, but {x[at]} is odd", option="dim")
        return (*x[:at], x[at] // 2, *x[at + 1 :])
