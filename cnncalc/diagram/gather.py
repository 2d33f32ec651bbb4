"""Neighbours of a diagram put together into one box, where even its outermost blocks are too many for a page."""

from __future__ import annotations

from cnncalc.core.number import Number
from cnncalc.diagram.model import Box, Diagram

Run = list[Box]
NEVER = (9, 0)  # what is not put together


def gather(diagram: Diagram, most: int) -> Diagram:
    """The diagram with at most so many boxes, where neighbours can be put together; inputs stay by themselves.

    What stands next to each other and depends on each other, or is read by the same, goes together, small runs first.
    """
    sources: dict[int, set[int]] = {box.id: set() for box in diagram.boxes}
    readers: dict[int, set[int]] = {box.id: set() for box in diagram.boxes}
    for edge in diagram.edges:
        sources[edge.target].add(edge.source)
        readers[edge.source].add(edge.target)
    runs: list[Run] = [[box] for box in diagram.boxes]

    def cost(at: int) -> tuple[int, int]:
        one, other = runs[at], runs[at + 1]
        if one[0].kind == "input" or one[0].group != other[0].group:
            return NEVER
        mine, theirs = {box.id for box in one}, {box.id for box in other}
        read = set().union(*(sources[box.id] for box in other)) - theirs
        leads = set().union(*(readers[box.id] for box in one)) - mine
        before = set().union(*(sources[box.id] for box in one)) - mine
        after = set().union(*(readers[box.id] for box in other)) - theirs
        if read & mine:
            apart = 0 if read <= mine | before and leads <= theirs | after else 1
        else:
            apart = 0 if (before, leads) == (read, after) else 2
        return apart, len(one) + len(other)

    costs = [cost(at) for at in range(len(runs) - 1)]
    while len(runs) > most:
        best = min(costs, default=NEVER)
        if best == NEVER:
            break
        at = costs.index(best)
        runs[at : at + 2] = [runs[at] + runs[at + 1]]
        first = max(at - 1, 0)
        costs[first : at + 2] = [cost(near) for near in range(first, min(at + 1, len(runs) - 1))]
    return _made(diagram, runs, readers)


def _made(diagram: Diagram, runs: list[Run], readers: dict[int, set[int]]) -> Diagram:
    made = Diagram(diagram.name, diagram.most, diagram.advice)
    made.groups, made.notes, made.total = diagram.groups, list(diagram.notes), diagram.total
    home: dict[int, int] = {}
    for run in runs:
        first, last = run[0], run[-1]
        own = {box.id for box in run}
        gives = all(readers[box.id] & own for box in run[:-1])  # what the last one gives is what all of them make
        home.update({box.id: len(made.boxes) for box in run})
        if len(run) == 1:
            first.id = len(made.boxes)
            made.boxes.append(first)
            continue
        made.box(
            "block",
            f"{first.name} to {last.name}",
            f"{first.label} to {last.label}",
            type="block",
            detail=_kinds(run),
            shape=last.shape if gives else None,
            params=_sum([(box.params, box.copies) for box in run]),
            group=first.group,
            macs=_sum([(box.macs, box.copies) for box in run]),
            memory=_sum([(box.memory, box.copies) for box in run]),
        )
    seen = set()
    for edge in diagram.edges:
        ends = (home[edge.source], home[edge.target])
        if ends not in seen and ends[0] != ends[1]:
            seen.add(ends)
            made.edge(*ends, role=edge.role if made.boxes[ends[1]].kind != "block" else "")
    made.output = None if diagram.output is None else home[diagram.output]
    return made


def _kinds(run: Run) -> str:
    """`2 blocks, 1 layer`."""
    blocks = sum(box.kind == "block" for box in run)
    counts = ((blocks, "block"), (len(run) - blocks, "layer"))
    return ", ".join(f"{count} {word}{'s' * (count > 1)}" for count, word in counts if count)


def _sum(counts: list[tuple[Number | None, int]]) -> Number | None:
    known = [count * copies for count, copies in counts if count is not None]
    return sum(known) if known else None
