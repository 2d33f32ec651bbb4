"""The network's picture at every depth that a screen can show."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.core.problem import Fault
from cnncalc.network.report import Report

MOST_BOXES = 400  # of one picture
MOST_LETTERS = 250_000  # of all pictures together; less where there are many layers, which fill the page, too
LETTERS_A_LAYER = 60
READABLE = 70  # boxes of the picture that is shown first


class Shown(NamedTuple):
    """One picture: how many levels it shows, 0 for all, and its SVG."""

    depth: int
    boxes: int
    svg: str


def pictures(report: Report) -> list[Shown]:
    """The pictures from the coarsest on, each with more boxes than the one before."""
    from cnncalc.diagram.build import network
    from cnncalc.diagram.fit import PAGES
    from cnncalc.diagram.formats import svg
    from cnncalc.diagram.styles import boxes

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
        text = svg.render(boxes.scene(diagram, page=PAGES["slide"]))
        letters += len(text)
        if found and letters > MOST_LETTERS - LETTERS_A_LAYER * len(report.rows):
            break
        found.append(Shown(depth, count, text))
    return found


def first(found: list[Shown]) -> int:
    """Which of them is shown first: the finest that can still be read."""
    return max((at for at, one in enumerate(found) if one.boxes <= READABLE), default=0)
