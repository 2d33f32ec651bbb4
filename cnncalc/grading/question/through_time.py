"""Gradients by a state of a recurrence put together wrongly: paths counted twice, later steps left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cnncalc.grading.question import worked
from cnncalc.query.scope import NetworkScope
from cnncalc.spec.expected import Quantity

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array

MOST_STEPS = 40
ASKED = re.compile(r"gradient\((?P<state>[\w.]+)(?:\)\[(?P<at>\d+)\]|\[(?P<inside>\d+)\]\))")


def found(names: NetworkScope, text: str, quantity: Quantity) -> Iterator[tuple[str, int, str]]:
    """What mistakes make of `gradient(rnn.h)[t]`: names, ranks, and the sum that was taken."""
    match = ASKED.fullmatch(text.replace(" ", ""))
    if match is None:
        return
    state, at = match["state"], int(match["at"] or match["inside"])
    total = worked.array_of(f"gradient({state})", names)
    if total is None or total.ndim != 2 or not at < len(total) - 1 or len(total) > MOST_STEPS:
        return
    jacobians: list[Array] = []
    for step in range(at + 1, len(total)):
        jacobian = worked.array_of(f"jacobian({state}[{step}], {state}[{at}])", names)
        if jacobian is None or jacobian.shape != (total.shape[1], total.shape[1]):
            return
        jacobians.append(jacobian)
    later = [total[at + 1 + number] @ jacobian for number, jacobian in enumerate(jacobians)]
    direct = _given(names, total, at)
    for name, rank, made, how in (
        ("paths counted twice: total gradients times total Jacobians", 6, sum(later) + direct, "dL/dh[t]·dh[t]/dh"),
        ("paths counted twice: total gradients times total Jacobians", 7, sum(later), "dL/dh[t]·dh[t]/dh"),
        ("the next step alone, not all that follow", 7, later[0] + direct, "dL/dh[t+1]·dh[t+1]/dh"),
        ("the next step alone, not all that follow", 8, later[0], "dL/dh[t+1]·dh[t+1]/dh"),
        ("the later steps left out: the step's own loss alone", 8, direct, ""),
        ("the step's own loss left out", 8, total[at] - direct, ""),
    ):
        if quantity.holds(made.tolist()) and not quantity.holds(total[at].tolist()):
            yield name, rank, f"with {how}" if how else ""


def _given(names: NetworkScope, total: Array, at: int) -> Array:
    """How the loss depends on this step alone: its weights, or ones."""
    import numpy as np

    weights = names.run.values.get("output.grad")
    if weights is None:
        return np.ones(total.shape[1])
    given = np.asarray(weights, dtype=float).reshape(-1, total.shape[1])
    return given[at] if len(given) == len(total) else np.zeros(total.shape[1])
