"""Which outputs of a layer depend on which positions of its inputs, found by changing the inputs and looking.

A whole slab of an input is changed at a time, all numbers at one position of one axis, so that an image of 32 x 32
takes 64 changes and not 1024. What a layer's receptive field says is compared with what moved: never less, and along
the axes that receptive fields are measured by not more either.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import cnncalc
from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault
from cnncalc.execute import kernel
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.pages.layers import example, example_row
from cnncalc.receptive.fields import Fields, through
from cnncalc.receptive.position_map import PositionMap
from cnncalc.receptive.view import AxisView

Array = Any
# What is added, and the size of the weights: a largest number does not notice a smaller one, a function that is flat
# below 0 notices nothing there, large weights saturate and small ones let what is far away die out.
STEPS = ((0.7, "small"), (9.0, "small"), (-9.0, "large"), (0.7, "large"))
# Of what is added up in another order.
ROUNDING = 1e-10


class Case:
    """A layer with inputs of one sample; `space` has the axes of each that fields are measured by."""

    def __init__(self, name: str, layer: Layer, inputs: list[Array], space: list[tuple[int, ...]]) -> None:
        self.name = name
        self.layer: Any = layer
        self.inputs = inputs
        self.space = space

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The inputs' shapes, without the batch axis."""
        return [x.shape[1:] for x in self.inputs]

    def __repr__(self) -> str:
        return self.name


# Images and volumes of the reference's examples, and smaller ones that show as much.
SMALLER = {
    "8x32x32": "8x12x12",
    "[32, 32, 8]": "[12, 12, 8]",
    "8x16x16x16": "8x8x8x8",
    "[16, 16, 16, 8]": "[8, 8, 8, 8]",
}


def of_example(name: str, convention: str) -> Case:
    """The layer of the reference's example, on a smaller image."""
    text = example(name, convention)
    for large, small in SMALLER.items():
        text = text.replace(large, small)
    report = (cnncalc.loads(text, name) if "\n" in text else cnncalc.load(text)).report()
    return of_row(report, example_row(name, text).name, f"{name} {convention}")


def of_row(report: Report, layer: str, said: str) -> Case:
    """A layer of a network, with what it gets when that is executed."""
    row: Row = next(row for row in report.rows if row.name == layer)
    done = run(report)
    inputs = [np.asarray(done.value(ref)) for ref in row.node.inputs]
    spaces = Fields(report).spaces
    if row.type == "BCELoss":  # probabilities
        inputs = [1 / (1 + np.exp(-x)) for x in inputs]
    # An element of an unfolded image stands for its column, and that for a window; a target chooses one class of all.
    space = [
        ()
        if row.type in ("Unfold", "NLLLoss")
        else spaces[ref]
        if isinstance(ref, int) and ref < len(spaces)
        else tuple(range(1, x.ndim - 1))
        for ref, x in zip(row.node.inputs, inputs, strict=True)
    ]
    return Case(said, row.layer, inputs, space)


def run(report: Report) -> Any:
    """The network executed for one sample, every value kept."""
    from cnncalc.execute.run import execute

    return execute(report, batch=1, dtype="float64", keep="all")


def toggled(case: Case) -> Iterator[Case]:
    """The case itself, then with every flag the other way and every choice made in another way, where it takes it."""
    yield case
    held = case.layer
    for name, option in type(held).options.items():
        flag = option.expects == "true or false"
        if option.ignored or not (flag or option.words):
            continue
        words = (True, False) if flag else ("relu", "softmax") if "softmax" in option.words else option.words
        for value in words:
            if value == getattr(held, name):
                continue
            values = {given: held.__dict__[given] for given in held.given}
            try:
                made = type(held)(**{**values, name: value})
                xs = [(1, *shape) for shape in case.shapes]
                made.accept(tuple(xs))
                made.shape(*xs)
            except Fault:
                continue
            # A function that saturates hides what it reads: there only that nothing more is read can be seen.
            space = [() for _ in case.space] if "softmax" in option.words else case.space
            yield Case(f"{case.name} {option.name}={value}", made, case.inputs, space)


def outputs(case: Case, weights: dict[str, Array], xs: list[Array]) -> Array:
    """What the kernel gives as its output."""
    with np.errstate(all="ignore"):
        made = kernel.find(case.layer.kernel_name())(case.layer, weights, *[x.copy() for x in xs])
    return np.asarray(made["output"] if isinstance(made, dict) else made)


def weights_of(case: Case, source: np.random.Generator, scale: str) -> dict[str, Array]:
    """Weights of which none is 0 or the same as another."""
    xs = [(1, *shape) for shape in case.shapes]
    found = {}
    for held in (*case.layer.weights(*xs), *case.layer.buffers(*xs)):
        array = source.uniform(0.2, 1.0, held.shape)
        if scale == "small" and len(held.shape) > 1:  # sums of as many numbers stay of that size
            array /= max(held.shape[-1], held.shape[0]) ** 0.5
        found[held.name] = array if "var" in held.name else array * source.choice([-1.0, 1.0], held.shape)
    return found


def reads(case: Case) -> list[list[Array]]:
    """For each input and each of its axes: an array [position, *output] that is True where the output moves.

    Whole numbers that choose what is read of another input are no data: nothing is said of them.
    """
    source = np.random.default_rng(7)
    weights = {scale: weights_of(case, source, scale) for scale in ("small", "large")}
    found = []
    for number, x in enumerate(case.inputs):
        chooses = number > 0 and x.dtype.kind == "i"
        axes = () if chooses else range(x.ndim - 1)
        found.append([_along(case, weights, number, axis, source) for axis in axes])
    return found


def _along(case: Case, weights: dict[str, Any], number: int, axis: int, source: np.random.Generator) -> Array:
    base = case.inputs
    size = case.shapes[number][axis]
    whole = base[number].dtype.kind == "i"
    befores = {scale: outputs(case, held, base) for scale, held in weights.items()}
    moved = np.zeros((size, *befores["small"].shape[1:]), bool)
    for step, scale in STEPS * (2 if whole else 1):
        before, held = befores[scale], weights[scale]
        changed = np.repeat(base[number], size, axis=0)
        for position in range(size):
            slab = np.moveaxis(changed[position], axis, 0)
            if whole:
                most = base[number].max() + 1
                slab[position] = (slab[position] + source.integers(1, most, slab[position].shape)) % most
            else:
                slab[position] += step * source.uniform(1, 2, slab[position].shape)
        others = [np.repeat(x, size + 1, axis=0) for x in base]
        others[number] = np.concatenate([base[number], changed])
        made = outputs(case, held, others)
        if len(made) != size + 1 or _differ(made[:1], before).any():  # samples are not kept apart: one by one
            one = [[x if at != number else changed[p : p + 1] for at, x in enumerate(base)] for p in range(size)]
            after = np.concatenate([outputs(case, held, xs) for xs in one])
        else:
            after = made[1:]
        moved |= _differ(after, before)
    return moved


def _differ(after: Array, before: Array) -> Array:
    same = (np.isnan(after) & np.isnan(before)) | (after == before)
    return ~same & ~(np.abs(after - before) <= ROUNDING * (1 + np.abs(before)))


def said(case: Case) -> Any:
    """What the output sees of each input, by the layer's declaration; None where that is not known."""
    xs = [(1, *shape) for shape in case.shapes]
    views = [
        {number: tuple(AxisView((axis,), PositionMap.identity(), size) for axis, size in enumerate(shape))}
        for number, shape in enumerate(case.shapes)
    ]
    return through(case.layer, case.shapes, tuple(case.layer.shape(*xs))[1:], views)


def wrong(case: Case, view: Any) -> list[str]:
    """What the layer's receptive field says otherwise than what moved; empty where they agree."""
    problems = []
    for number, axes in enumerate(reads(case)):
        for axis, moved in enumerate(axes):
            problem = _axis(view.get(number), axis, moved, axis in case.space[number])
            if problem:
                problems.append(f"input {number}, axis {axis}: {problem}")
    return problems


def _axis(view: Any, axis: int, moved: Array, exact: bool) -> str:
    size, shape = moved.shape[0], moved.shape[1:]
    if view is None:
        return "nothing is said to be read, and something is" if moved.any() else ""
    seen = view[axis]
    if seen.extent is None:
        return _size(seen, size, shape, moved, exact)
    places = np.moveaxis(moved, 1 + seen.axes[0], 1).reshape(size, shape[seen.axes[0]], -1).any(axis=-1)
    inner = [place for place in range(places.shape[1]) if _inside(seen.extent.at(place), size)]
    if exact and moved.size and not places[:, inner].any() and places.shape[1]:
        return "nothing is read" if not places.any() else ""
    for place in inner or range(places.shape[1]):
        first, last = seen.extent.at(place)
        # In the padding there is nothing to read, or a copy of what lies elsewhere.
        first, last = max(first, 0), min(last, size - 1)
        read = [int(at) for at in np.flatnonzero(places[:, place])]
        if read and not (first <= read[0] and read[-1] <= last):
            return f"position {place} is said to read {first} to {last}, and reads {read[0]} to {read[-1]}"
        if exact and read and (read[0], read[-1]) != (first, last):
            return f"position {place} is said to read {first} to {last}, and reads {read[0]} to {read[-1]} alone"
    return ""


def _inside(window: tuple[int, int], size: int) -> bool:
    return window[0] >= 0 and window[1] < size


def _size(seen: Any, size: int, shape: tuple[int, ...], moved: Array, exact: bool) -> str:
    flat = moved.reshape(size, -1)
    spans = size - flat[::-1].argmax(axis=0) - flat.argmax(axis=0)
    widest = int(np.where(flat.any(axis=0), spans, 0).max(initial=0))
    claimed = min(seen.span(shape), size)
    if widest > claimed or (exact and widest < claimed):
        return f"said {claimed}, read {widest}"
    return ""
