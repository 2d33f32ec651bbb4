"""The deepest picture of a network that fits a page."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.core.problem import Fault
from cnncalc.diagram.build import network
from cnncalc.diagram.gather import gather
from cnncalc.diagram.join import join
from cnncalc.diagram.model import MOST_BOXES, Diagram
from cnncalc.diagram.scene import Scene
from cnncalc.diagram.styles import boxes
from cnncalc.diagram.styles.heat import Heat
from cnncalc.diagram.styles.words import MOST, NARROW
from cnncalc.diagram.tree import Item, tree
from cnncalc.network.report import Report

Size = tuple[float, float]
# Pages at 96 pixels an inch, margins taken off: text of 12 pixels is 9 points high there.
PAGES: dict[str, Size] = {"slide": (1920.0, 1080.0), "a4": (680.0, 1010.0)}
ANY = 1e6  # a page without an end
FEWEST = 8  # boxes of a network whose neighbours are put together; fewer show nothing of it
FEW = 12  # of fewer outermost blocks the level below is better, with neighbours put together
BOX = 5_000.0  # square pixels that a box needs at least, with the room around it


class Wish(NamedTuple):
    """What was asked of a picture; `strict` where its page was named."""

    depth: int | None = None
    full: bool = False
    params: bool = True
    right: bool = False
    page: Size = PAGES["slide"]
    strict: bool = False
    heat: str | None = None


def picture(report: Report, wish: Wish) -> tuple[Scene, str]:
    """The picture, and what is to be said of its depth. Raises `Fault` where it must fit and does not."""
    deepest = depths(report)
    if wish.depth is not None or wish.full:
        scene = _scene(report, wish.depth, wish, False)
        if wish.strict and not _fits(scene, wish.page):
            fitting = next((depth for depth in range(deepest, -1, -1) if _tried(report, depth, wish)), None)
            help = f"--depth {fitting} fits" if fitting is not None else "leave the page out"
            size = f"{scene.width:.0f} x {scene.height:.0f} pixels where {_page(wish.page)} fit"
            raise Fault("does-not-fit", f"at 9 points the picture would have {size}", help=help)
        return scene, ""
    for brief in (False, True):
        for depth in range(deepest, -1, -1):
            for letters in (MOST, NARROW):
                found = _tried(report, depth, wish, brief, letters)
                if found is not None:
                    boxes = len(_diagram(report, depth, wish).boxes)
                    if depth == 0 < deepest and boxes < FEW:
                        more = _gathered(report, 1, wish, boxes, FEW)
                        if more is not None:
                            return more, _said(1, deepest)
                    return found, _said(depth, deepest)
    found = _gathered(report, 0, wish, FEWEST - 1, MOST_BOXES)
    if found is not None:
        return found, _said(0, deepest)
    scene = _scene(report, 0, wish, True, _said(0, deepest))
    if wish.strict:
        size = f"{scene.width:.0f} x {scene.height:.0f} pixels where {_page(wish.page)} fit"
        raise Fault("does-not-fit", f"at 9 points even depth 0 has {size}", help="leave the page out")
    return scene, _said(0, deepest)


def _gathered(report: Report, depth: int, wish: Wish, least: int, most: int) -> Scene | None:
    """The picture of a depth, whose neighbours go together until it fits, with more boxes than `least`.

    None where it would still not fit, or has twice as many boxes as `most`: such boxes would say little.
    """
    try:
        left = len(_diagram(report, depth, wish).boxes)
    except Fault:
        return None
    while least < left * 9 // 10 and left <= 2 * most:
        left = left * 9 // 10
        for letters in (MOST, NARROW) if _room(left, wish.page) else ():
            scene = _scene(report, depth, wish, True, _said(depth, depths(report)), left, letters)
            if _fits(scene, wish.page):
                return scene
    return None


def depths(report: Report) -> int:
    """How many levels of blocks there are, with the layers as the last one."""

    def deep(item: Item) -> int:
        inner = max((deep(child) for child in item.children or ()), default=0)
        return inner + (0 if item.numbered and item.children is not None else 1)

    return max((deep(item) for item in tree(report.graph)), default=1)


def _said(depth: int, deepest: int) -> str:
    return f"depth {depth} of {deepest}; --depth for more" if depth < deepest else ""


def _page(page: Size) -> str:
    return " x ".join("any" if side >= ANY else f"{side:.0f}" for side in page)


def _fits(scene: Scene, page: Size) -> bool:
    return scene.width <= page[0] and scene.height <= page[1]


def _room(boxes: int, page: Size) -> bool:
    """Whether so many boxes may fit: a picture of more need not be drawn to see that it does not."""
    return boxes * BOX <= page[0] * page[1]


def _tried(report: Report, depth: int, wish: Wish, brief: bool = False, letters: int = MOST) -> Scene | None:
    """The picture of a depth where it fits the page."""
    try:
        made = _diagram(report, depth, wish)
    except Fault:
        return None
    if not _room(len(made.boxes), wish.page):
        return None
    try:
        scene = _scene(report, depth, wish, brief, _said(depth, depths(report)), letters=letters)
    except Fault as fault:
        if fault.code == "too-many-boxes":
            return None
        raise
    return scene if _fits(scene, wish.page) else None


def _scene(
    report: Report,
    depth: int | None,
    wish: Wish,
    brief: bool,
    note: str = "",
    most: int | None = None,
    letters: int = MOST,
) -> Scene:
    made = _diagram(report, depth, wish)
    if most is not None:
        made = gather(made, most)
    if note:
        made.notes.insert(0, note)
    return boxes.scene(made, wish.params, wish.right, wish.page, _heat(made, wish), brief, letters)


def _diagram(report: Report, depth: int | None, wish: Wish) -> Diagram:
    made = network(report, depth, wish.full, MOST_BOXES)
    return made if wish.full else join(made)


def _heat(made: Diagram, wish: Wish) -> Heat | None:
    return Heat(made, wish.heat) if wish.heat is not None else None
