"""What counts as a parameter: norms, statistics, frozen and shared layers."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.grading.perturbed.row import (
    Perturbation,
    edited,
)
from cnncalc.network.row import Row


def statistics_counted(row: Row) -> Iterator[Perturbation]:
    """Running mean and variance among the parameters, as Keras' total has them."""
    facts = row.facts
    buffers = [buffer for buffer in facts.buffers if buffer.shape]
    if buffers and not facts.layer.counts_buffers:
        yield Perturbation(edited(facts, weights=[*facts.weights, *buffers]), {"trainable": row.trainable})
        yield Perturbation(edited(facts, weights=[*facts.weights, *buffers]))
        yield Perturbation(edited(facts, weights=[*facts.weights, *facts.buffers]))


def statistics_left_out(row: Row) -> Iterator[Perturbation]:
    if row.facts.layer.counts_buffers and row.facts.buffers:
        yield Perturbation(row.facts, {"params": row.facts.trainable})


def statistics_alone(row: Row) -> Iterator[Perturbation]:
    if row.facts.buffers and not row.facts.weights:
        yield Perturbation(edited(row.facts, weights=[buffer for buffer in row.facts.buffers if buffer.shape]))


# --- which layers count ----------------------------------------------------------------------------------------------


def frozen_counted(row: Row) -> Iterator[Perturbation]:
    if row.node.frozen and row.params:
        yield Perturbation(row.facts, {"trainable": row.params})


def frozen_left_out(row: Row) -> Iterator[Perturbation]:
    if row.node.frozen and row.params:
        yield Perturbation(row.facts, {"params": 0})


def frozen_costs_nothing(row: Row) -> Iterator[Perturbation]:
    if row.node.frozen and row.macs:
        yield Perturbation(row.facts, {"macs": 0})


def shared_twice(row: Row) -> Iterator[Perturbation]:
    if row.owner is not None:
        counts = {"params": row.facts.params}
        yield Perturbation(row.facts, counts if row.node.frozen else {**counts, "trainable": row.facts.params})
