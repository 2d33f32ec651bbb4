"""What arrives at the output on the way back, and arrays in the network's order of axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnncalc.core.number import as_ints
from cnncalc.core.problem import Fault
from cnncalc.execute import given_values
from cnncalc.execute.execution import Execution
from cnncalc.execute.kernel import Array
from cnncalc.network.graph import Ref
from cnncalc.network.report import Report


def loss_seed(execution: Execution) -> Array:
    """What the loss weighs the output's numbers with, for each sample: ones, or `output.grad` of the given values.

    Where the network ends in a loss that is a mean, that is the mean over the samples.
    """
    report = execution.report
    ref = report.graph.output
    array = execution.value(ref)
    if array.dtype.kind != "f":
        raise Fault("no-derivative", "the output holds whole numbers, which have no derivative")
    shape = report.shown(report.shape_of(ref), ref)
    found = given_values.upstream(execution.values, as_ints(shape), len(array))
    if found is None:
        return np.full_like(array, 1 / len(array) if averaged(report) else 1)
    return np.ascontiguousarray(inward(report, ref, found), array.dtype)


def averaged(report: Report) -> bool:
    """Whether the output is that of a loss layer whose reduction is a mean."""
    number = report.graph.output if isinstance(report.graph.output, int) else -1
    at = number - len(report.graph.inputs)
    layer: Any = report.rows[at].layer if at >= 0 else None
    return layer is not None and layer.type().endswith("Loss") and layer.reduction in ("mean", "batchmean")


def inward(report: Report, ref: Ref, array: Array, first: int = 1) -> Array:
    """An array in the network's layout as kernels have it; its axes without the batch begin at `first`."""
    return np.moveaxis(array, *_ends(report, first)[::-1]) if _turned(report, ref) else array


def outward(report: Report, ref: Ref, array: Array, first: int = 1) -> Array:
    """An array of a kernel in the network's layout."""
    return np.moveaxis(array, *_ends(report, first)) if _turned(report, ref) else array


def _turned(report: Report, ref: Ref) -> bool:
    return report.image(ref)


def _ends(report: Report, first: int) -> tuple[int, int]:
    return (-1, first) if report.graph.convention == "keras" else (first, -1)
