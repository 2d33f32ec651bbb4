"""The network's picture at every depth that a screen can show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.core.problem import Fault
from cnncalc.network.report import Report

if TYPE_CHECKING:
    from cnncalc.diagram.model import Diagram

MOST_BOXES = 400  # of one picture
MOST_LETTERS = 250_000  # of all pictures together; less where there are many layers, which fill the page, too
LETTERS_A_LAYER = 60
READABLE = 70  # boxes of the picture that is shown first


class Shown(NamedTuple):
    """One picture: how many levels it shows, 0 for all, and its SVG, empty where it was not asked for."""

    depth: int
    boxes: int
    svg: str


def pictures(report: Report) -> list[Shown]:
    """The pictures from the coarsest on, each with more boxes than the one before."""
    found: list[Shown] = []
    letters = 0
    for depth, diagram in _diagrams(report):
        text = _svg(diagram)
        letters += len(text)
        if found and letters > MOST_LETTERS - LETTERS_A_LAYER * len(report.rows):
            break
        found.append(Shown(depth, len(diagram.boxes), text))
    return found


def one_picture(report: Report, wanted: int | None) -> list[Shown]:
    """The same, of which only the wanted one is drawn, or the one that is shown first."""
    diagrams = list(_diagrams(report))
    found = [Shown(depth, len(diagram.boxes), "") for depth, diagram in diagrams]
    if found:
        at = wanted if wanted is not None and 0 <= wanted < len(found) else first(found)
        found[at] = found[at]._replace(svg=_svg(diagrams[at][1]))
    return found


def _diagrams(report: Report) -> Iterator[tuple[int, Diagram]]:
    from cnncalc.diagram.build import network

    before = 0
    for depth in (1, 2, 3, 4, 5, 0):
        try:
            diagram = network(report, depth or None)
        except Fault:
            return
        count = len(diagram.boxes)
        if count > MOST_BOXES:
            return
        if count > before:
            before = count
            yield depth, diagram
        if all(box.kind != "block" for box in diagram.boxes):  # no depth below shows more
            return


def _svg(diagram: Diagram) -> str:
    from cnncalc.diagram.fit import PAGES
    from cnncalc.diagram.formats import svg
    from cnncalc.diagram.styles import boxes

    return svg.render(boxes.scene(diagram, page=PAGES["slide"]))


def first(found: Sequence[Shown]) -> int:
    """Which of them is shown first: the finest that can still be read."""
    return max((at for at, one in enumerate(found) if one.boxes <= READABLE), default=0)
