"""Does a network move its output along when its input is moved? Shifts of an image, permutations of a sequence.

The network is run twice with the same weights; what comes out of the moved input is compared with the moved output.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from cnncalc.core.problem import fail
from cnncalc.execute.kernel import Array
from cnncalc.execute.run import execute
from cnncalc.network.report import Report
from cnncalc.receptive.fields import Field, Fields

# Two numbers are the same within this part of the largest output.
NEAR = {"float64": 1e-9, "float32": 1e-4}


class Equivariance(NamedTuple):
    """What became of the output when the input was moved.

    what      "shift" or "permute"
    move      the shift of the input a spatial axis, or the order of its positions
    follows   the shift of the output; None where it has no such axes, so that it should not have changed at all
    differs   for each position of the output whether it differs from the moved one
    compared  for each position whether there is something to compare it with
    inside    for each position whether all that it sees was moved within the input
    largest   the largest difference that should not be: inside, or anywhere where nothing is inside
    """

    what: str
    move: tuple[int, ...]
    follows: tuple[int, ...] | None
    differs: Array
    compared: Array
    inside: Array
    largest: float

    @property
    def ok(self) -> bool:
        """Whether the output moved along (or stayed, where it has no such axes)."""
        asked = self.inside if self.inside.any() else self.compared
        return not (self.differs & asked).any()


def shift(
    report: Report, values: dict[str, Any], steps: Sequence[int], *, seed: int = 0, dtype: str = "float64"
) -> Equivariance:
    """Run on the input and on the input shifted by `steps` (down, right), zeros where nothing comes in."""
    fields = Fields(report)
    space = fields.spaces[0]
    given = report.graph.inputs[0]
    if len(steps) != len(space):
        said = {1: "one number", 2: "two numbers: down, right", 3: "three numbers"}.get(len(space), "none")
        fail("option-value", f"--shift takes {said} for {given.name} {list(given.shape)}", help=_example(len(space)))
    sizes = [given.shape[at] for at in space]
    for step, size in zip(steps, sizes, strict=True):
        if abs(step) >= size:
            fail("option-value", f"a shift of {step} leaves nothing of {size} positions")
    x, y = _run(report, values, seed, dtype)
    moved = np.zeros_like(x)
    axes = [at + 1 for at in space]
    moved[_cut(x.ndim, axes, steps)] = x[_cut(x.ndim, axes, [-step for step in steps])]
    _, other = _run(report, {**values, given.name: moved}, seed, dtype)
    field = _field(report, fields)
    same = y.ndim == x.ndim and all(y.shape[at] == x.shape[at] for at in axes)
    if field is None or y.ndim != x.ndim or not all(same or stride for stride in field.stride):
        return _stayed("shift", tuple(steps), y, other, dtype)
    # A layer that sees all positions has no stride; one that keeps their number could still move along.
    strides = [stride or 1 for stride in field.stride]
    follows = []
    for step, stride in zip(steps, strides, strict=True):
        if step % stride:
            fail(
                "shift-between-positions",
                f"a shift of {step} falls between the output's positions, which are {stride} apart",
                help=f"shift by a multiple of {stride}: --shift {','.join(str(s) for s in strides)}",
            )
        follows.append(int(step / stride))
    inside = np.ones([y.shape[at] for at in axes], bool)
    compared = inside.copy()
    for number, at in enumerate(axes):
        first = np.arange(y.shape[at]) * strides[number] + (field.offset[number] or 0)
        step, size = steps[number], sizes[number]
        # Along an axis that does not move the border stays where it was.
        ok = (first >= max(0, step)) & (first + field.size[number] <= size + min(0, step)) | (step == 0)
        there = np.arange(y.shape[at]) - follows[number]
        shape = [-1 if other_at == number else 1 for other_at in range(len(axes))]
        compared = compared & ((there >= 0) & (there < y.shape[at])).reshape(shape)
        inside = inside & ok.reshape(shape)
    wanted = np.full_like(y, np.nan)
    wanted[_cut(y.ndim, axes, follows)] = y[_cut(y.ndim, axes, [-step for step in follows])]
    return _result("shift", tuple(steps), tuple(follows), wanted, other, compared, inside & compared, axes, dtype)


def permute(report: Report, values: dict[str, object], *, seed: int = 0, dtype: str = "float64") -> Equivariance:
    """Run on the input and on its positions in another order, which the seed gives."""
    given = report.graph.inputs[0]
    if len(given.shape) not in (1, 2) or given.shape[0] < 2:
        fail(
            "option-value",
            f"--permute takes a sequence of positions, but {given.name} is {list(given.shape)}",
            help="a sequence is [length, features], or [length] for tokens",
        )
    length = int(given.shape[0])
    order = np.random.default_rng(seed).permutation(length)
    if (order == np.arange(length)).all():
        order = order[::-1]
    x, y = _run(report, values, seed, dtype)
    _, other = _run(report, {**values, given.name: x[:, order]}, seed, dtype)
    move = tuple(int(at) for at in order)
    if y.ndim < 2 or y.shape[1] != length:
        return _stayed("permute", move, y, other, dtype)
    everywhere = np.ones(length, bool)
    return _result("permute", move, move, y[:, order], other, everywhere, everywhere, [1], dtype)


def _run(report: Report, values: dict[str, Any], seed: int, dtype: str) -> tuple[Array, Array]:
    """The first input and the output, batch axis in front, channels first."""
    name = report.graph.inputs[0].name
    turned = dict(values)
    if isinstance(turned.get(name), np.ndarray) and report.graph.inputs[0].image:
        turned[name] = np.moveaxis(turned[name], 1, -1)
    run = execute(report, values=turned, seed=seed, dtype=dtype, keep=[name])
    return run.value(0), run.value(report.graph.output)


def _field(report: Report, fields: Fields) -> Field | None:
    """What an element of the output sees of the first input."""
    output = report.graph.output
    number = (output[0] if isinstance(output, tuple) else output) - len(report.graph.inputs)
    found = fields.get(report.rows[number].name) if number >= 0 else []
    name = report.graph.inputs[0].name
    return next((field for field in found if field.input == name), None)


def _cut(rank: int, axes: Sequence[int], steps: Sequence[int]) -> tuple[slice, ...]:
    """The part of an array that is still there after it was moved by the steps."""
    parts = [slice(None)] * rank
    for at, step in zip(axes, steps, strict=True):
        parts[at] = slice(step, None) if step > 0 else slice(None, step or None)
    return tuple(parts)


def _stayed(what: str, move: tuple[int, ...], y: Array, other: Array, dtype: str) -> Equivariance:
    """The output has no axes that could be moved: it should be what it was."""
    everywhere = np.ones(y.shape[1:2] or (1,), bool)
    axes = [1] if y.ndim > 1 else [0]
    return _result(what, move, None, y, other, everywhere, everywhere, axes, dtype)


def _result(
    what: str,
    move: tuple[int, ...],
    follows: tuple[int, ...] | None,
    wanted: Array,
    found: Array,
    compared: Array,
    inside: Array,
    axes: Sequence[int],
    dtype: str,
) -> Equivariance:
    apart = np.abs(found - wanted)
    rest = tuple(at for at in range(apart.ndim) if at not in axes)
    worst = np.where(compared, apart.max(axis=rest, initial=0), 0)
    allowed = NEAR[dtype] * max(1.0, float(np.abs(found).max(initial=0)))
    asked = inside if inside.any() else compared
    return Equivariance(
        what, move, follows, (worst > allowed) & compared, compared, inside, float(worst[asked].max(initial=0))
    )


def _example(axes: int) -> str:
    return f"for example --shift {','.join(['1', '0', '0'][:axes])}" if axes else "an input with positions is needed"
