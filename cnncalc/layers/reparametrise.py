"""A layer one of whose weights is made of others. Source: PyTorch, torch.nn.utils.weight_norm and spectral_norm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.option import Option, anything, custom, ignored, integer
from cnncalc.core.problem import Fault


def _axis(value: object, option: Option, axes: int) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise option.refuse(value)
    return value


class Reparametrised(Layer, abstract=True):
    """The layer with another way to hold one of its weights."""

    scratch = "output"
    parallel = "whole"
    takes = gives = "N *"
    receptive = "inner"
    example = "16 -> {type}(Linear(16, 4))"
    saves = "input"
    drawn = (-0.1, 0.1)
    category = "other"
    explained = "nothing"

    layer: Layer = anything("the layer: Linear(10, 20)")
    name_ = anything("which of its weights", default="weight")

    def prepare(self) -> None:
        if not isinstance(self.layer, Layer):
            raise Fault(
                "option-value",
                f"{self.type()} needs a layer",
                option="layer",
                help=f"write {self.type()}(Linear(10, 20))",
            )
        self.__dict__["gives"] = self.layer.gives  # an image stays one
        self.__dict__["elementwise"] = self.layer.elementwise
        self.__dict__["keeps_axes"] = self.layer.keeps_axes

    def shape(self, x: Shape) -> Shape:
        self.layer.accept((x,))
        self.held(x)
        return self.layer.shape(x)

    def ports(self, x: Shape) -> dict[str, Shape]:
        return self.layer.ports(x)

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        return self.layer.macs(y, x)

    def additions(self, y: Shape, x: Shape) -> Number:
        return self.layer.additions(y, x)

    def buffers(self, x: Shape) -> Iterator[Weight]:
        yield from self.layer.buffers(x)

    def held(self, x: Shape) -> Weight:
        """The weight that is made of others."""
        weights: dict[str, Weight] = {weight.name: weight for weight in self.layer.weights(x)}
        if not isinstance(self.name_, str) or self.name_ not in weights:
            raise Fault(
                "option-value",
                f'{self.layer.type()} has no weight "{self.name_}"',
                option="name",
                help=f"it has {', '.join(weights)}" if weights else (),
            )
        return weights[self.name_]

    def kept(self, x: Shape) -> Iterator[Weight]:
        """The inner layer's other weights."""
        held = self.held(x)
        yield from (weight for weight in self.layer.weights(x) if weight.name != held.name)

    def out_of_range(self, held: Weight) -> Fault:
        """The fault for an axis that the weight does not have."""
        message = f"{held.name} has {len(held.shape)} axes, and dim is {self.__dict__['dim']}"
        return Fault("axis-out-of-range", message, option="dim")


class WeightNorm(Reparametrised):
    """A layer whose weight is held as lengths `g` and directions `v`: g · v / |v|, one length for each row."""

    torch = "nn.utils.weight_norm"

    dim = custom(
        "the axis of which every entry has a length of its own; None for one length",
        _axis,
        default=0,
        expects="a whole number or None",
    )

    def prepare(self) -> None:
        super().prepare()
        if self.dim == -1:
            self.dim = None  # in PyTorch -1 is no axis but another word for None

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield from self.kept(x)
        held = self.held(x)
        count = len(held.shape)
        if self.dim is not None and not -count <= self.dim < count:
            raise self.out_of_range(held)
        at = None if self.dim is None else self.dim % count
        lengths = tuple(size if axis == at else 1 for axis, size in enumerate(held.shape))
        yield Weight(f"{held.name}_g", () if at is None else lengths)
        yield Weight(f"{held.name}_v", held.shape)


class SpectralNorm(Reparametrised):
    """A layer whose weight is divided by its largest singular value, which two buffers follow during training."""

    torch = "nn.utils.spectral_norm"

    n_power_iterations = ignored("steps of the iteration in training", default=1)
    eps = ignored(default=1e-12)
    dim: Any = integer("the axis that is the matrix's rows; by default that of the outputs", default=None)

    def prepare(self) -> None:
        super().prepare()
        if self.dim is None:
            self.dim = 1 if self.layer.type().replace("Lazy", "").startswith("ConvTranspose") else 0

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield from self.kept(x)
        held = self.held(x)
        yield Weight(f"{held.name}_orig", held.shape)

    def buffers(self, x: Shape) -> Iterator[Weight]:
        yield from self.layer.buffers(x)
        held = self.held(x)
        at = self.dim
        if not 0 <= at < len(held.shape):  # as in PyTorch: it does not count from the end
            raise self.out_of_range(held)
        yield Weight(f"{held.name}_u", (held.shape[at],))
        yield Weight(f"{held.name}_v", (prod((*held.shape[:at], *held.shape[at + 1 :])),))
