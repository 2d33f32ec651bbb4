"""How strongly the last state of a recurrent layer depends on earlier ones: whether gradients vanish or explode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.core.problem import Fault, suggestion

if TYPE_CHECKING:
    from cnncalc.execute.gradient.tape import Tape
    from cnncalc.network.row import Row

# Passes through the network times steps: beyond this it takes too long.
MOST = 100_000
# A factor a step between these neither vanishes nor explodes within the length of a sequence that one looks at.
STEADY = (0.9, 1.1)


class Norms(NamedTuple):
    """Norms of the derivative of the last state by that `lag` steps before, from 0 on; `name` is the state's.

    `last` is its place in the sequence: the first one where the layer reads `backwards`.
    """

    name: str
    last: int
    values: list[float]
    backwards: bool = False

    @property
    def factor(self) -> float:
        """By what the norm is multiplied a step, on average over all steps."""
        lags = len(self.values) - 1
        return float(self.values[-1] ** (1 / lags)) if lags else 1.0

    @property
    def verdict(self) -> str:
        """ "vanishes", "explodes" or "is carried on"."""
        low, high = STEADY
        return "vanishes" if self.factor < low else "explodes" if self.factor > high else "is carried on"


def through_time(tape: Tape, name: str) -> list[Norms]:
    """The spectral norms for every state of a recurrent layer. Raises `Fault` for another layer."""
    import numpy as np

    report = tape.report
    index = next((at for at, row in enumerate(report.rows) if row.name == name), None)
    if index is None:
        raise _unknown(tape, name)
    known = tape.steps(len(report.graph.inputs) + index)
    states = _states(report.rows[index])
    if not states:
        raise _unknown(tape, name)
    found = []
    for state in states:
        backwards = "reverse" in state or "backward" in state
        steps = known[state][::-1] if backwards else known[state]
        last = steps[-1]
        size = last[0].size
        if size * len(steps) * len(states) > MOST:
            raise Fault(
                "jacobian-too-large",
                f"{name} has {len(steps)} states of {size} numbers: too many derivatives for a table",
                help="a shorter sequence or a smaller state shows the same",
            )
        jacobians = tape.by_steps(last, steps)
        norms = [float(np.linalg.norm(matrix, 2)) for matrix in jacobians]
        found.append(Norms(state, 0 if backwards else len(steps) - 1, norms[::-1], backwards))
    return found


def _states(row: Row) -> list[str]:
    """What a recurrent layer hands on from step to step, of all its layers and directions."""
    layer: Any = row.layer
    if layer.type() in ("Recurrent", "AttentionRNN"):
        return list(getattr(layer, "states", ("h",)))
    return [name for name in row.facts.inside if not {"h", "c"}.isdisjoint(name.split("_"))]


def _unknown(tape: Tape, name: str) -> Fault:
    """The fault for a layer that has no states, with those that have."""
    layers = [row.name for row in tape.report.rows if _states(row)]
    if not layers:
        return Fault(
            "no-states",
            f"{tape.report.name} has no recurrent layer whose states could be looked at",
            help="they are RNN, LSTM, GRU, Recurrent and AttentionRNN",
        )
    return Fault(
        "no-states",
        f'"{name}" is no recurrent layer of {tape.report.name}',
        help=suggestion(name, layers, f"such are {', '.join(layers)}"),
    )
