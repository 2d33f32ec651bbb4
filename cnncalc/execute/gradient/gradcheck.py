"""Gradients compared with central finite differences: the network is run again with one array moved a little.

Along a drawn direction of each array, and at some of its numbers, the loss must change as the gradient says. What
arrives at the output is drawn too, so that no layer's outputs add up to a constant.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnncalc.core.layer import Weight
from cnncalc.execute import inside
from cnncalc.execute.engine import threads
from cnncalc.execute.execution import Execution
from cnncalc.execute.given_values import owner
from cnncalc.execute.gradient import autodiff
from cnncalc.execute.gradient.tape import Tape
from cnncalc.execute.kernel import Array
from cnncalc.network.graph import Ref

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.network.row import Row

# How far an array is moved: less far where there is a corner on the way. How near the gradient must come: rounding
# shows in the smallest steps. How evenly the slopes of neighbours change where there is no corner.
STEPS, NEAR, SMOOTH = (1e-4, 1e-5, 1e-6), 1e-5, 2.5e-7
# Numbers of each array that are moved alone.
ENTRIES = 3


class Checked(NamedTuple):
    """One array: how many directions were tried, how many of them had a corner, and the largest relative difference."""

    name: str
    shape: tuple[int, ...]
    tried: int
    corners: int
    apart: float
    remark: str = ""

    @property
    def ok(self) -> bool:
        """Whether the gradient is right as far as can be seen."""
        return self.apart <= NEAR


@threads.together()
def check(execution: Execution, entries: int = ENTRIES) -> list[Checked]:
    """Every input and weight of an execution in double precision."""
    tape = Tape(execution)
    report = execution.report
    end = tape.output(report.graph.output)
    seed = np.random.default_rng(execution.seed).standard_normal(tuple(end.shape))
    arrays: dict[str, tuple[autodiff.TracedArray, str]] = {}
    for number, taken in enumerate(report.graph.inputs):
        array = tape.values[number]
        if isinstance(array, autodiff.TracedArray):
            arrays[taken.name] = (array, "")
    for index, row in enumerate(report.rows):
        for held in row.facts.weights:
            place = owner(report, index, held.name)
            array = tape.weights[place]
            if place == (index, held.name) and isinstance(array, autodiff.TracedArray):
                arrays[f"{row.name}.{held.name}"] = (array, untrained(row.layer))
    way = autodiff.find_path([end._node], {array._node for array, _ in arrays.values()})
    with np.errstate(all="ignore"):
        found = autodiff.backprop(way, {end._node: seed})
    forward = _Forward(execution, tape, seed)
    results = []
    for at, (name, (leaf, remark)) in enumerate(arrays.items()):
        shape = leaf.shape[0 if "." in name else 1 :]
        if remark:
            results.append(Checked(name, shape, 0, 0, 0.0, remark))
            continue
        gradient = np.broadcast_to(found.get(leaf._node, np.zeros(leaf.shape)), leaf.shape)
        results.append(_checked(name, shape, leaf, gradient, forward, entries, execution.seed + at))
    return results


def untrained(layer: Layer) -> str:
    """Why the gradient of a table is not the derivative, where PyTorch trains it otherwise."""
    for option, text in (
        ("max_norm", "shortened rows are trained as they are stored"),
        ("scale_grad_by_freq", "divided by how often a row occurs"),
        ("padding_idx", "the row of padding_idx is not trained"),
    ):
        if getattr(layer, option, None) not in (None, False) and "Embedding" in layer.type():
            return text
    return ""


def _checked(
    name: str,
    shape: tuple[int, ...],
    leaf: autodiff.TracedArray,
    gradient: Array,
    loss: _Forward,
    entries: int,
    seed: int,
) -> Checked:
    source = np.random.default_rng(seed)
    array = leaf._value
    directions = [source.choice([-1.0, 1.0], array.shape)]
    for place in source.choice(array.size, min(entries, array.size), replace=False):
        one = np.zeros(array.shape)
        one.reshape(-1)[place] = 1
        directions.append(one)
    middle = loss(leaf, array)
    corners, worst = 0, 0.0
    for direction in directions:
        length = max(1.0, float(np.sqrt(np.square(direction).sum())))
        slope = None
        for step in STEPS:
            slope = _slope(partial(_moved, loss, leaf, direction), middle, step / length, loss.size)
            if slope is not None:
                break
        if slope is None:
            corners += 1
            continue
        told = float((gradient * direction).sum())
        # Of a slope that is small beside the loss, differences show the less the smaller it is.
        worst = max(worst, abs(slope - told) / max(abs(slope), abs(told), 1e-3 * loss.size, 1e-300))
    return Checked(name, shape, len(directions), corners, worst)


def _moved(loss: _Forward, leaf: autodiff.TracedArray, direction: Array, far: float) -> float:
    """The loss with an array moved so far."""
    return loss(leaf, leaf._value + far * direction)


def _slope(loss: Callable[[float], float], middle: float, step: float, size: float) -> float | None:
    """The derivative at 0 by five values; None where there is a corner among them."""
    near, back, far, behind = loss(step), loss(-step), loss(2 * step), loss(-2 * step)
    sides = np.array([far - near, near - middle, middle - back, back - behind]) / step
    if np.abs(np.diff(sides, 2)).max() > SMOOTH * np.abs(sides).max() + 1e-14 / step * size:
        return None  # of a smooth function the slopes of neighbours change evenly
    return float((8 * (near - back) - (far - behind)) / (12 * step))


class _Forward:
    """The loss as a function of one array, all others as they were; layers before it are not run again."""

    def __init__(self, execution: Execution, tape: Tape, seed: Array) -> None:
        self.report = execution.report
        self.tape = tape
        self.seed = seed
        self.batch = execution.batch
        self.size = float(np.abs(seed * autodiff.value(tape.value(self.report.graph.output))).sum())
        self.taken = inside.taken(self.report)

    def __call__(self, leaf: autodiff.TracedArray, array: Array) -> float:
        graph, tape = self.report.graph, self.tape
        changed: dict[Ref, Array] = {
            number: array for number in range(len(graph.inputs)) if tape.values[number] is leaf
        }
        with np.errstate(all="ignore"):
            for index, row in enumerate(self.report.rows):
                places = {held.name: owner(self.report, index, held.name) for held in _held(row)}
                own = any(tape.weights[place] is leaf for place in places.values())
                if row.unused or (not own and not any(ref in changed for ref in row.node.inputs)):
                    continue
                weights = {
                    name: array if tape.weights[place] is leaf else autodiff.value(tape.weights[place])
                    for name, place in places.items()
                }
                xs = [changed[ref] if ref in changed else autodiff.value(tape.value(ref)) for ref in row.node.inputs]
                made = inside.computed(row, weights, xs, self.taken.get(index, ()))
                number = len(graph.inputs) + index
                for name, part in (made if isinstance(made, dict) else {"output": made}).items():
                    if not xs:
                        part = np.broadcast_to(part, (self.batch, *part.shape[1:]))
                    changed[number if name == "output" else (number, name)] = part
        output = changed.get(graph.output, autodiff.value(tape.value(graph.output)))
        return float((output * self.seed).sum())


def _held(row: Row) -> list[Weight]:
    return [*row.facts.weights, *row.facts.buffers]
