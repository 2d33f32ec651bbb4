"""Frames that would stand around one box: the box bears both names instead."""

from __future__ import annotations

from collections import Counter

from cnncalc.diagram.model import Box, Diagram, Group


def unframe(diagram: Diagram) -> None:
    """Take out, from the inside to the outside, every frame that holds nothing but one box."""
    inner = Counter(box.group for box in diagram.boxes)
    frames = Counter(group.parent for group in diagram.groups)
    alone: dict[int | None, Box] = {box.group: box for box in diagram.boxes if inner[box.group] == 1}
    left: list[Group] = []
    for group in reversed(diagram.groups):  # those inside come after those around them
        box = alone.get(group.id)
        if box is None or frames[group.id] or (box.copies > 1 and group.copies > 1):
            left.append(group)
            continue
        _take(box, group)
        frames[group.parent] -= 1
        inner[group.parent] += 1
        if inner[group.parent] == 1:
            alone[group.parent] = box
        else:
            alone.pop(group.parent, None)
    diagram.groups = left[::-1]
    place = {group.id: at for at, group in enumerate(diagram.groups)}
    for at, group in enumerate(diagram.groups):
        group.id = at
        group.parent = None if group.parent is None else place[group.parent]
    for box in diagram.boxes:
        box.group = None if box.group is None else place[box.group]


def _take(box: Box, group: Group) -> None:
    box.group = group.parent
    box.copies *= group.copies
    # The frame's name says it all of a block, and of a layer that stands there several times.
    whole = box.kind == "block" or group.label.startswith(box.label)
    box.label = group.label if whole else f"{group.label}.{box.label}"
