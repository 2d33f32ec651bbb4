"""A layer's facts with something wrong in them: recomputed by its rules with changed options, or edited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.layer_result import LayerResult
from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.problem import Fault
from cnncalc.network.row import Row

# Keras' names of options, where a layer has them.
KERAS = {
    "stride": "strides",
    "dilation": "dilation_rate",
    "out_channels": "filters",
    "bias": "use_bias",
    "hidden_size": "units",
    "kernel_size": "pool_size",
}


class Perturbation(NamedTuple):
    """One way in which a mistake changes a layer: other facts, or other counts beside them.

    `counts` replaces sums of the row (params, trainable, macs, dense, ...); `text` shows how the number came about,
    where the changed rules cannot; `aside` says which part of the answer it is about ("in the height").
    """

    facts: LayerResult
    counts: dict[str, Number] = {}
    text: str = ""
    aside: str = ""


# What a mistake makes of a layer: other facts, or these with counts or words.
Made: TypeAlias = LayerResult | Perturbation
Make = Callable[[Row], Iterator[Made]]


# Ways in which one mistake changes one layer that are looked at.
MOST_WAYS = 100


class Mistake(NamedTuple):
    """A mistake in a layer: its name, how likely it is (low is likely), and what it makes of a row.

    `spreads` says that it changes shapes, and so what comes after the layer.
    """

    name: str
    rank: int
    make: Callable[[Row], Iterator[Perturbation]]
    spreads: bool = False


def guarded(make: Make) -> Callable[[Row], Iterator[Perturbation]]:
    """The same, silent where the rules refuse what the mistake makes of a layer: then nobody can have made it."""

    def run(row: Row) -> Iterator[Perturbation]:
        try:
            for made in islice(make(row), MOST_WAYS):
                yield made if isinstance(made, Perturbation) else Perturbation(made)
        except REFUSED:
            return

    return run


def counting(name: str, rank: int, make: Make) -> Mistake:
    """A mistake that changes counts alone."""
    return Mistake(name, rank, guarded(make))


def spreading(name: str, rank: int, make: Make) -> Mistake:
    """A mistake that changes shapes, and so what comes after the layer."""
    return Mistake(name, rank, guarded(make), spreads=True)


def option_name(layer: Layer, name: str) -> str | None:
    """The layer's own name for an option of PyTorch's; None where it has none."""
    if name in layer.options:
        return name
    other = KERAS.get(name)
    return other if other in layer.options else None


def option(layer: Layer, name: str) -> Any:
    """The value of an option by PyTorch's name; None where the layer has none."""
    mine = option_name(layer, name)
    return None if mine is None else layer.__dict__[mine]


# What a rule raises for options or inputs that cannot be: it was written for those that can.
REFUSED = (Fault, ArithmeticError, LookupError, TypeError, ValueError, AttributeError)
_padded: dict[type[Layer], type[Layer]] = {}


def _plainly_padded(cls: type[Layer]) -> type[Layer]:
    """The layer type without its word for padding, so that pairs of numbers hold."""
    if not hasattr(cls, "padding_rule"):
        return cls
    if cls not in _padded:
        _padded[cls] = type(cls.__name__, (cls,), {"padding_rule": None})
    found: type[Layer] = _padded[cls]
    return found


def changed(facts: LayerResult, inputs: tuple[Shape, ...] | None = None, **options: object) -> LayerResult:
    """What the rules say with other options (by PyTorch's names) or inputs. Raises `Fault` where they cannot be."""
    mine = type(facts.layer)
    layer = facts.layer.replaced(**{option_name(facts.layer, name) or name: value for name, value in options.items()})
    if "padding" in options:
        layer.__class__ = _plainly_padded(mine)
    return LayerResult(layer, facts.inputs if inputs is None else inputs)


def edited(
    facts: LayerResult,
    *,
    shape: Shape | None = None,
    weights: Iterable[Weight] | None = None,
    ledger: dict[str, Number] | None = None,
) -> LayerResult:
    """The facts with one of them replaced, and the sums that follow from it."""
    copy = facts.copied()
    if shape is not None:
        copy.shape = shape
    if weights is not None:
        copy.weights = tuple(weights)
        copy.trainable = sum((prod(weight.shape) for weight in copy.weights), 0)
        counted = copy.buffers if facts.layer.counts_buffers else ()
        copy.params = copy.trainable + sum((prod(buffer.shape) for buffer in counted), 0)
    if ledger is not None:
        copy.ledger = ledger
        copy.macs = sum(ledger.values(), 0)
    return copy


class PerturbedRow(Row):
    """A row of the table with a mistake in it."""

    __slots__ = ("_counts",)

    def __init__(self, row: Row, wrong: Perturbation) -> None:
        super().__init__(row._report, row.node, wrong.facts)
        self.owner = row.owner
        if row.owner is not None:
            kept = {weight.name for weight in row.own}
            self.own = tuple(weight for weight in wrong.facts.weights if weight.name in kept)
        self._counts = wrong.counts


def _overridden(name: str) -> property:
    right = getattr(Row, name)

    def read(row: PerturbedRow) -> object:
        counts = row._counts
        return counts[name] if name in counts else right.__get__(row)

    return property(read)


for _name in ("params", "trainable", "macs", "dense", "dense_weights", "dense_biases", "biases"):
    setattr(PerturbedRow, _name, _overridden(_name))


def channels_last(layer: Layer) -> bool:
    """Whether the layer's shapes end in the channels, as Keras' do."""
    return layer.kernel_name().startswith("keras.")


def space_of(layer: Layer, shape: Shape) -> Shape:
    """The spatial axes of a shape with a batch axis."""
    return shape[1:-1] if channels_last(layer) else shape[2:]


def channels_of(layer: Layer, shape: Shape) -> Number:
    """The channels of a shape with a batch axis."""
    return shape[-1] if channels_last(layer) else shape[1]


def with_space(layer: Layer, shape: Shape, space: Iterable[Number]) -> Shape:
    """The shape with other spatial axes."""
    if channels_last(layer):
        return (shape[0], *space, shape[-1])
    return (*shape[:2], *space)


def with_channels(layer: Layer, shape: Shape, channels: Number) -> Shape:
    """The shape with other channels."""
    if channels_last(layer):
        return (*shape[:-1], channels)
    return (shape[0], channels, *shape[2:])


def batch_of(row: Row) -> int | None:
    """The batch that was written beside the network's inputs; None where there was none."""
    for given in row._report.graph.inputs:
        if given.batch is not None and str(given.batch).isdigit() and int(str(given.batch)) > 1:
            return int(str(given.batch))
    return None
