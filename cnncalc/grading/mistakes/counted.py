"""What counts as a parameter: norms, statistics, frozen and shared layers, kernels of another size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from cnncalc.core.layer import Weight
from cnncalc.core.number import prod
from cnncalc.grading.perturbed.row import Made, Perturbation, changed, edited, option
from cnncalc.network.report import Report
from cnncalc.network.row import Row

NEAREST = 4  # layers before, among which another kernel is looked for


def statistics_counted(row: Row) -> Iterator[Made]:
    """Running mean and variance among the parameters, as Keras' total has them."""
    facts = row.facts
    buffers = [buffer for buffer in facts.buffers if buffer.shape]
    if buffers and not facts.layer.counts_buffers:
        yield Perturbation(edited(facts, weights=[*facts.weights, *buffers]), {"trainable": row.trainable})
        yield edited(facts, weights=[*facts.weights, *buffers])
        yield edited(facts, weights=[*facts.weights, *facts.buffers])


def statistics_left_out(row: Row) -> Iterator[Made]:
    if row.facts.layer.counts_buffers and row.facts.buffers:
        yield Perturbation(row.facts, {"params": row.facts.trainable})


def statistics_alone(row: Row) -> Iterator[Made]:
    if row.facts.buffers and not row.facts.weights:
        yield edited(row.facts, weights=[buffer for buffer in row.facts.buffers if buffer.shape])


# --- which layers count ----------------------------------------------------------------------------------------------


def frozen_counted(row: Row) -> Iterator[Made]:
    if row.node.frozen and row.params:
        yield Perturbation(row.facts, {"trainable": row.params})


def frozen_left_out(row: Row) -> Iterator[Made]:
    if row.node.frozen and row.params:
        yield Perturbation(row.facts, {"params": 0})


def frozen_costs_nothing(row: Row) -> Iterator[Made]:
    if row.node.frozen and row.macs:
        yield Perturbation(row.facts, {"macs": 0})


def shared_twice(row: Row) -> Iterator[Made]:
    if row.owner is not None:
        counts = {"params": row.facts.params}
        yield Perturbation(row.facts, counts if row.node.frozen else {**counts, "trainable": row.facts.params})


# --- kernels of another size -----------------------------------------------------------------------------------------


def dilated_kernel_counted(row: Row) -> Iterator[Made]:
    """The zeros between the taps of a dilated kernel counted as weights, and multiplied with."""
    kernel, dilation = option(row.facts.layer, "kernel_size"), option(row.facts.layer, "dilation")
    if row.facts.weights and dilation is not None and any(step != 1 for step in dilation):
        wide = tuple(step * (size - 1) + 1 for size, step in zip(kernel, dilation, strict=True))
        ones = (1,) * len(wide)  # or a wide kernel may reach beyond the image
        ledger = {name: cost // prod(kernel) * prod(wide) for name, cost in row.facts.ledger.items()}
        yield edited(row.facts, weights=changed(row.facts, kernel_size=wide, dilation=ones).weights, ledger=ledger)


def kernel_of_another(row: Row) -> Iterator[Made]:
    """The kernel of a layer before taken for this one's, as for the 1x1 after a depthwise convolution."""
    kernel = option(row.facts.layer, "kernel_size")
    if kernel is None or not row.facts.weights:
        return
    rows = cast(Report, row._report).rows
    here = next((at for at, one in enumerate(rows) if one.name == row.name), 0)
    for other in reversed(rows[max(0, here - NEAREST) : here]):
        theirs = option(other.facts.layer, "kernel_size")
        if theirs is not None and len(theirs) == len(kernel) and theirs != kernel and other.facts.weights:
            made = changed(row.facts, kernel_size=theirs, padding=tuple((size, size) for size in theirs))
            yield edited(row.facts, weights=made.weights)
            return


def factor_of_each_channel(row: Row) -> Iterator[Made]:
    """The factor of PReLU counted for each channel where there is one for all, or once where each has its own."""
    if row.type == "PReLU" and row.facts.weights and len(row.facts.inputs[0]) > 1:
        for count in {row.facts.inputs[0][1], 1} - {row.params}:
            yield edited(row.facts, weights=[Weight("weight", (count,))])
