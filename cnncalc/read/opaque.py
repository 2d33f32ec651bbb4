"""Layers that only a reader makes: what it knows the shape of, where no layer of the spec language does it.

They have shapes, weights and costs like every layer; executing them is refused, since there is no kernel.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape

_kinds: dict[tuple[type[Layer], str], type[Layer]] = {}


def made(base: type[Layer], name: str, **held: object) -> Layer:
    """A layer of a type called `name`, which is made of the class `base` once, with these attributes."""
    kind = _kinds.get((base, name))
    if kind is None:
        kind = _kinds[base, name] = type(name, (base,), {"__doc__": (base.__doc__ or "").split("\n")[0]})
    layer = kind()
    layer.__dict__.update(held)
    return layer


class Opaque(Layer):
    """An operation that is known by its shape.

    `sample` is the output's, without the batch axis.
    """

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


def opaque(name: str, sample: Shape) -> Layer:
    """An operation called `name` that gives one sample of that shape."""
    return made(Opaque, name, sample=tuple(sample))


class Weighted(Opaque):
    """An operation that is known by its shape.

    `arrays` are its weights.
    """

    arrays: tuple[Weight, ...] = ()

    def weights(self, *xs: Shape) -> Iterator[Weight]:
        return iter(self.arrays)


class Weights(Weighted):
    """A module that is never called.

    Or one of which only the weights are known.
    """

    inner: Any = None
    unused: bool = True

    def shape(self, *xs: Shape) -> Shape:
        return (1,)

    def describe(self, xs: tuple[Shape, ...] = ()) -> str:
        return self.inner if isinstance(self.inner, str) else self.inner.describe()


def weights_only(name: str, inner: object, arrays: tuple[Weight, ...]) -> Layer:
    """A row of weights without a shape: the layer (or its text), and its arrays."""
    return made(Weights, name, inner=inner, arrays=arrays)


class Listed(Weights):
    """A layer that a table shows.

    Its shape, where the row of the summary has one, and how many parameters.
    """

    unused: Any = None

    def shape(self, *xs: Shape) -> Shape:
        return (1, *self.sample)


def listed(name: str, sample: Shape | None, params: int) -> Layer:
    """A layer of which a table shows a type, a shape and a number of parameters."""
    arrays = (Weight("params", (params,)),) if params else ()
    unused = None if sample is not None else False
    return made(Listed, name, inner=name, arrays=arrays, sample=sample or (), unused=unused)


class Folded(Layer):
    """A layer applied to each part of an axis.

    PyTorch has it so where a leading axis was merged into the batch.
    """

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
    return made(Folded, inner.type(), inner=inner)


class Unheld(Layer):
    """A layer that its model does not know of.

    It is called, and its parameters are none of the model's.
    """

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
    return made(Unheld, inner.type(), inner=inner)
