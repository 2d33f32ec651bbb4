"""The network's picture at every depth that a screen can show."""

from __future__ import annotations

import re
from typing import NamedTuple

from cnncalc.core.problem import Fault
from cnncalc.network.report import Report

MOST_BOXES = 400  # of one picture
MOST_LETTERS = 250_000  # of all pictures together
READABLE = 70  # boxes of the picture that is shown first


class Shown(NamedTuple):
    """One picture: how many levels it shows, 0 for all, and its SVG."""

    depth: int
    boxes: int
    svg: str


def pictures(report: Report) -> list[Shown]:
    """The pictures from the coarsest on, each with more boxes than the one before."""
    from cnncalc.diagram.build import network
    from cnncalc.diagram.formats import svg

    found: list[Shown] = []
    letters = 0
    for depth in (1, 2, 3, 4, 5, 0):
        try:
            diagram = network(report, depth or None, False)
        except Fault:
            break
        count = len(diagram.boxes)
        if count > MOST_BOXES:
            break
        if found and count <= found[-1].boxes:
            continue
        text = svg.render(diagram)
        letters += len(text)
        if found and letters > MOST_LETTERS:
            break
        found.append(Shown(depth, count, _own_ids(text, len(found))))
    return found


def _own_ids(svg: str, number: int) -> str:
    """The picture with ids of its own, so that several stand in one page."""
    return re.sub(r'( id="|url\(#|href="#)', rf"\g<1>p{number}-", svg)


def first(found: list[Shown]) -> int:
    """Which of them is shown first: the finest that can still be read."""
    return max((at for at, one in enumerate(found) if one.boxes <= READABLE), default=0)
