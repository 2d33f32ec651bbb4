"""Other views of a cell: unrolled over some steps, or as its states alone with the matrices on the arrows."""

from __future__ import annotations

import re

from cnncalc.core.problem import Fault
from cnncalc.diagram.model import Box, Diagram

STEP = re.compile(r"\[t(?:-(\d+))?\]")
MOST_PATHS = 100  # between two values; beyond it arrows bear no matrices


def unrolled(cell: Diagram, steps: int) -> Diagram:
    """`steps` steps of a cell side by side; what lies before the first one is zero. Raises `Fault` for too many."""
    made = Diagram(cell.name, cell.most, cell.advice)
    if steps * len(cell.boxes) > made.most:
        raise Fault(
            "too-many-boxes",
            f"{steps:,} steps of {len(cell.boxes)} boxes are more than the {made.most:,} that a diagram may have",
            help=f"--unroll {made.most // len(cell.boxes)} would do",
        )
    late = [edge for edge in cell.edges if edge.delay]
    # h[t-1] has no box in a step: what reads it takes it from the step before.
    delayed = {edge.target: edge for edge in late if "[t-" in cell.boxes[edge.target].name}
    before: dict[tuple[int, int], int] = {}
    for edge in late:
        for step in range(1, min(edge.delay, steps) + 1):
            key = (edge.source, step - edge.delay)
            if key not in before:
                label = f"{_base(cell.boxes[edge.source].name)}[{key[1]}] = 0"
                shape = cell.boxes[edge.source].shape
                before[key] = made.box("value", label, label, shape=shape).id
    where: dict[tuple[int, int], int] = {}
    for step in range(1, steps + 1):
        frame = made.group(f"t = {step}", f"t = {step}", None).id
        for box in cell.boxes:
            if box.id in delayed:
                edge = delayed[box.id]
                key = (edge.source, step - edge.delay)
                where[box.id, step] = before[key] if key[1] < 1 else where[key]
                continue
            copy = made.box(
                box.kind,
                at_step(box.name, step),
                at_step(box.label, step),
                type=box.type,
                shape=box.shape,
                params=box.params if step == 1 else None,
                group=frame,
            )
            where[box.id, step] = copy.id
        for edge in cell.edges:
            key = (edge.source, step - edge.delay)
            if edge.target not in delayed:
                source = before[key] if key[1] < 1 else where[key]
                made.edge(source, where[edge.target, step], edge.label)
    if cell.output is not None:
        made.output = where[cell.output, steps]
    made.total = cell.total
    made.cell, made.states = cell.cell, cell.states
    made.notes = [*cell.notes, "the weights are the same at every step"]
    return made


def at_step(text: str, step: int) -> str:
    """`h[t-1]` at step 3 is `h[2]`."""
    return STEP.sub(lambda found: f"[{step - int(found[1] or 0)}]", text)


def _base(name: str) -> str:
    return name.partition("[")[0]


def compact(cell: Diagram) -> Diagram:
    """The input, the states and the output alone; each arrow bears the matrices between them, the last one first."""
    made = Diagram(cell.name, cell.most, cell.advice)
    delayed = {edge.target: edge for edge in cell.edges if edge.delay}
    kept = {edge.source for edge in delayed.values()} | {box.id for box in cell.boxes if box.kind == "input"}
    if cell.output is not None:
        kept.add(cell.output)
    where: dict[int, Box] = {}
    # For each box the values that it comes from: which one, how many steps before, through which matrices.
    paths: dict[int, list[tuple[int, int, tuple[str, ...]]]] = {}
    incoming: dict[int, list[int]] = {}
    for edge in cell.edges:
        if not edge.delay:
            incoming.setdefault(edge.target, []).append(edge.source)
    found: list[tuple[int, int, str, int]] = []
    for box in cell.boxes:
        if box.id in delayed:
            edge = delayed[box.id]
            paths[box.id] = [(edge.source, edge.delay, ())]
            continue
        ways = [way for source in incoming.get(box.id, ()) for way in paths[source]]
        if box.kind == "matrix":
            word = box.label.rpartition("= ")[2]
            ways = [(source, delay, (word, *words)) for source, delay, words in ways]
        ways = list(dict.fromkeys(ways))
        if len(ways) > MOST_PATHS:
            ways = list(dict.fromkeys((source, delay, ()) for source, delay, _ in ways))
        paths[box.id] = ways
        if box.id in kept:
            where[box.id] = made.box("value" if box.kind != "input" else "input", box.name, box.name, shape=box.shape)
            found += [(source, box.id, " ".join(words), delay) for source, delay, words in ways]
            paths[box.id] = [(box.id, 0, ())]
    for source, target, label, delay in found:
        made.edge(where[source].id, where[target].id, label, delay)
    made.output = where[cell.output].id if cell.output is not None else None
    made.total = cell.total
    made.cell, made.states, made.notes = cell.cell, True, list(cell.notes)
    return made
