"""The names under which arrays may be given: inputs, and the weights and buffers of layers."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.core.problem import Fault, Problem, Source, SpecError, did_you_mean
from cnncalc.network.report import Report
from cnncalc.read.yaml.value import Value

# What a given array belongs to: an input's number, or a node's index and a weight's name.
Place = tuple[int, str]
INPUT = ""
UPSTREAM = "output.grad"  # what the loss weighs the output with: no part of the forward


def array_names(report: Report) -> dict[str, Place]:
    """Every full name and its place."""
    known: dict[str, Place] = {given.name: (number, INPUT) for number, given in enumerate(report.graph.inputs)}
    for index, row in enumerate(report.rows):
        for held in (*row.facts.weights, *row.facts.buffers):
            known[f"{row.name}.{held.name}"] = owner(report, index, held.name)
    return known


def find(report: Report, known: dict[str, Place], name: str) -> Place:
    """The place of a name, `layer1[0].conv1.weight` and names without unnamed groups too; raises `Fault`."""
    written = name.replace("[", ".").replace("]", "")
    place = known.get(written)
    base = written
    while place is None and "." in base:
        base = base.rpartition(".")[0]
        full = report.graph.aliases.get(base)
        place = known.get(full + written[len(base) :]) if full else None
    if place is None:
        raise _unknown(name, list(known))
    return place


def owner(report: Report, index: int, name: str) -> Place:
    """Whose array a weight is: its own layer's, or that of the layer it shares with."""
    while True:
        row = report.rows[index]
        shares = row.node.shares
        if shares in (None, index) or not any(held.name == name for held in report.rows[shares].facts.weights):
            return index, name
        index = shares


def check(report: Report, keys: Iterable[Value], source: Source) -> None:
    """Raise `SpecError` with every key of `values` that names no array."""
    known = array_names(report)
    problems = []
    for key in keys:
        try:
            if key.data != UPSTREAM:
                find(report, known, key.data)
        except Fault as fault:
            problems.append(Problem(fault.code, fault.message, source=source, span=key.span(), help=fault.help))
    if problems:
        raise SpecError(problems)


def _unknown(name: str, known: list[str]) -> Fault:
    scope, _, last = name.rpartition(".")
    if last in ("h0", "h_0", "c0", "c_0") and any(other.startswith(f"{scope}.weight") for other in known):
        state = f"{last[0]}_0"
        return Fault(
            "unknown-value",
            f'there is no input and no weight "{name}"',
            help=f"a state before the first step is an input: inputs: {{x: ..., {state}: ...}} and from: [x, {state}]",
        )
    near = did_you_mean(name, known)
    if near is None and "." in name:
        same = [other for other in known if other.startswith(f"{scope}.")]
        hint = f"{scope} has {', '.join(other[len(scope) + 1 :] for other in same)}" if same else ""
    else:
        hint = f"did you mean {near}?" if near else "values are given for inputs and weights, such as conv1.weight"
    return Fault("unknown-value", f'there is no input and no weight "{name}"', help=(hint,) if hint else ())
