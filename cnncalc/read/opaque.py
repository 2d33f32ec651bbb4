"""Layers that only a reader makes: what it knows the shape of, where no layer of the spec language does it.

They have shapes, weights and costs like every layer; executing them is refused, since there is no kernel.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape

_kinds: dict[str, type[Opaque]] = {}


class Opaque(Layer):
    """An operation of which the output's shape is known: `sample`, without the batch axis."""

    inputs = (0, None)
    sample: Shape = ()
    cost: Number = 0
    # Further outputs by name, each one sample.
    more: ClassVar[dict[str, Shape]] = {}

    def shape(self, *xs: Shape) -> Shape:
        return (1, *self.sample)

    def ports(self, *xs: Shape) -> dict[str, Shape]:
        return {name: (1, *sample) for name, sample in self.more.items()}

    def macs(self, y: Shape, *xs: Shape) -> dict[str, Number]:
        return {"product": self.cost} if self.cost else {}

    def describe(self, xs: tuple[Shape, ...] = ()) -> str:
        return self.type()


def opaque(name: str, sample: Shape, cost: Number = 0) -> Layer:
    """An operation called `name` that gives one sample of that shape."""
    kind = _kinds.get(name)
    if kind is None:
        kind = _kinds[name] = type(name, (Opaque,), {"__doc__": "An operation that is known by its shape."})
    layer = kind()
    layer.__dict__.update(sample=tuple(sample), cost=cost)
    return layer


class Weights(Opaque):
    """A module that is there and never called, or of which only the weights are known."""

    inner: Any = None
    arrays: tuple[Weight, ...] = ()
    unused: bool = True

    def shape(self, *xs: Shape) -> Shape:
        return (1,)

    def weights(self, *xs: Shape) -> Iterator[Weight]:
        return iter(self.arrays)

    def describe(self, xs: tuple[Shape, ...] = ()) -> str:
        return self.inner if isinstance(self.inner, str) else self.inner.describe()


def weights_only(name: str, inner: object, arrays: tuple[Weight, ...], unused: bool = True) -> Layer:
    """A row of weights without a shape: the layer (or its text), its arrays, and whether it is known to be unused."""
    kind = _kinds.get(f"{name} ")
    if kind is None:
        kind = _kinds[f"{name} "] = type(name, (Weights,), {"__doc__": "A module that is never called."})
    layer = kind()
    layer.__dict__.update(inner=inner, arrays=arrays, unused=unused)
    return layer


class Listed(Weights):
    """A row of a summary table: the shape that it shows, if it does, and how many parameters."""

    unused: Any = None

    def shape(self, *xs: Shape) -> Shape:
        return (1, *self.sample)


def listed(name: str, sample: Shape | None, params: int) -> Layer:
    """A layer of which a table shows a type, a shape and a number of parameters."""
    kind = _kinds.get(f"{name}=")
    if kind is None:
        kind = _kinds[f"{name}="] = type(name, (Listed,), {"__doc__": "A layer that a table shows."})
    layer = kind()
    arrays = (Weight("params", (params,)),) if params else ()
    layer.__dict__.update(inner=name, arrays=arrays, sample=sample or (), unused=None if sample is not None else False)
    return layer


class Folded(Layer):
    """A layer for every part of a leading axis, as PyTorch has it where that axis was merged into the batch."""

    inputs = (1, None)
    inner: Any = None

    def accept(self, xs: tuple[Shape, ...]) -> None:
        self.inner.accept(tuple((x[0], *x[2:]) for x in xs))

    def shape(self, *xs: Shape) -> Shape:
        n, k = xs[0][:2]
        return (n, k, *self.inner.shape(*((n, *x[2:]) for x in xs))[1:])

    def ports(self, *xs: Shape) -> dict[str, Shape]:
        n, k = xs[0][:2]
        ports = self.inner.ports(*((n, *x[2:]) for x in xs))
        return {name: (n, k, *shape[1:]) for name, shape in ports.items()}

    def weights(self, *xs: Shape) -> Iterator[Weight]:
        return self.inner.weights(*((x[0], *x[2:]) for x in xs))  # type: ignore[no-any-return]

    def buffers(self, *xs: Shape) -> Iterator[Weight]:
        return self.inner.buffers(*((x[0], *x[2:]) for x in xs))  # type: ignore[no-any-return]

    def macs(self, y: Shape, *xs: Shape) -> dict[str, Number]:
        once = self.inner.macs((y[0], *y[2:]), *((x[0], *x[2:]) for x in xs))
        return {name: count * y[1] for name, count in once.items()}

    def describe(self, xs: tuple[Shape, ...] = ()) -> str:
        return self.inner.describe(tuple((x[0], *x[2:]) for x in xs))  # type: ignore[no-any-return]


def folded(inner: Layer) -> Layer:
    """The layer, for each part of the sample's first axis."""
    name = inner.type()
    kind = _kinds.get(f"{name}[]")
    if kind is None:
        kind = _kinds[f"{name}[]"] = type(name, (Folded,), {"__doc__": "A layer applied to each part of an axis."})
    layer: Layer = kind()
    layer.__dict__["inner"] = inner
    return layer


class Unheld(Layer):
    """A layer of which the model does not know: it is called, and its parameters are none of the model's."""

    inputs = (1, None)
    inner: Any = None

    def accept(self, xs: tuple[Shape, ...]) -> None:
        self.inner.accept(xs)

    def shape(self, *xs: Shape) -> Shape:
        return tuple(self.inner.shape(*xs))

    def ports(self, *xs: Shape) -> dict[str, Shape]:
        return dict(self.inner.ports(*xs))

    def macs(self, y: Shape, *xs: Shape) -> dict[str, Number]:
        return dict(self.inner.macs(y, *xs))

    def describe(self, xs: tuple[Shape, ...] = ()) -> str:
        return str(self.inner.describe(xs))


def unheld(inner: Layer) -> Layer:
    """The layer, without its parameters."""
    name = inner.type()
    kind = _kinds.get(f"{name}?")
    if kind is None:
        kind = _kinds[f"{name}?"] = type(name, (Unheld,), {"__doc__": "A layer that its model does not know of."})
    layer: Layer = kind()
    layer.__dict__["inner"] = inner
    return layer
