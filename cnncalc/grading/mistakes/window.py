"""A layer with a sliding window, as the mistakes with windows see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cnncalc.core.layer_result import LayerResult
from cnncalc.core.number import Shape, as_ints
from cnncalc.core.window import AXIS_NAMES, pads
from cnncalc.grading.perturbed.division import WrongStride
from cnncalc.grading.perturbed.row import REFUSED, Perturbation, changed, edited, space_of, with_space
from cnncalc.network.row import Row

Pairs = tuple[tuple[Any, Any], ...]


class Window:
    """A layer with windows, its options as plain numbers for each axis."""

    def __init__(self, facts: LayerResult) -> None:
        layer: Any = facts.layer
        self.facts = facts
        self.transposed = "output_padding" in layer.options or "Transpose" in layer.type()
        self.space = space_of(layer, facts.inputs[0])
        self.made = space_of(layer, facts.shape)
        self.kernel: Shape = tuple(layer.kernel_size)
        self.stride: Shape = tuple(layer.stride)
        self.dilation: Shape = tuple(layer.dilation)
        self.word = layer.padding if isinstance(layer.padding, str) else ""
        self.padding: Pairs = tuple(layer.padding if self.transposed else pads(layer, self.space))
        if self.word and self.transposed:
            self.padding = ()  # what the word takes away is the rule's own business
        self.ceil = bool(layer.__dict__.get("ceil_mode"))

    def with_(self, inputs: tuple[Shape, ...] | None = None, **options: object) -> LayerResult:
        """The layer with the padding it has as numbers, and other options."""
        padding: dict[str, object] = {"padding": self.padding} if self.padding else {}
        return changed(self.facts, inputs, **{**padding, **options})

    def kept(self, **options: object) -> LayerResult:
        """The layer with other options and its padding as it is written: a word follows the stride."""
        return changed(self.facts, None, **options)

    def slipping(self, way: str) -> LayerResult:
        """The layer with a stride that divides in another way."""
        rounding: dict[str, Any] = {"ceil_mode": False} if self.ceil else {}
        return self.with_(stride=tuple(WrongStride(step, way) for step in as_ints(self.stride)), **rounding)

    def on(self, space: Shape) -> LayerResult:
        """The layer on an input of another size, the input's shape put back."""
        layer = self.facts.layer
        made = self.with_((with_space(layer, self.facts.inputs[0], space), *self.facts.inputs[1:]))
        return shaped(self.facts, made.shape)

    def sized(self, space: Iterator[Any] | Shape) -> LayerResult:
        """The layer with an output of that size."""
        return shaped(self.facts, with_space(self.facts.layer, self.facts.shape, tuple(space)))


def shaped(facts: LayerResult, shape: Shape) -> LayerResult:
    """The facts with another output shape and the costs that go with it."""
    return edited(facts, shape=shape, ledger=facts.layer.macs(shape, *facts.inputs))


def window_of(row: Row) -> Window | None:
    """The row's windows; None for a layer that has none, or sizes that are no numbers."""
    layer = row.facts.layer
    if layer.axes < 1 or not row.facts.inputs or not layer.has("kernel_size", "stride"):
        return None
    if not layer.has("dilation") or not layer.has("padding") or len(row.facts.inputs[0]) != layer.axes + 2:
        return None
    if not all(type(size) is int for size in (*row.facts.inputs[0], *row.facts.shape)):
        return None
    try:
        return Window(row.facts)
    except REFUSED:
        return None


def in_windows(make: Callable[[Window], Iterator[LayerResult]]) -> Callable[[Row], Iterator[Perturbation]]:
    """A mistake in all axes, and in each axis alone."""

    def run(row: Row) -> Iterator[Perturbation]:
        window = window_of(row)
        if window is None:
            return
        for facts in _tried(make, window):
            yield Perturbation(facts)
            made = space_of(facts.layer, facts.shape)
            if len(made) != len(window.made):
                continue
            differing = [at for at, (a, b) in enumerate(zip(made, window.made, strict=True)) if a != b]
            for at in differing if len(differing) > 1 else ():
                space = (*window.made[:at], made[at], *window.made[at + 1 :])
                shape = with_space(facts.layer, window.facts.shape, space)
                yield Perturbation(shaped(facts, shape), aside=f" in the {AXIS_NAMES[len(made)][at]}")

    return run


def _tried(make: Callable[[Window], Iterator[LayerResult]], window: Window) -> Iterator[LayerResult]:
    try:
        yield from make(window)
    except REFUSED:
        return  # with this mistake there would be no answer


def no_padding(count: int) -> Pairs:
    return ((0, 0),) * count
