"""The deepest picture of a network that fits a page."""

from __future__ import annotations

from copy import copy
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
# Pages at 96 pixels per inch, without the margins: text of 12 pixels is 9 points high there.
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
    return _Fitting(report, wish).picture()


class _Fitting:
    """A picture is tried at several depths, with more and fewer words; the diagram of each depth is made once."""

    def __init__(self, report: Report, wish: Wish) -> None:
        self.report = report
        self.wish = wish
        self.deepest = depths(report)
        self.known: dict[int, Diagram | None] = {}

    def picture(self) -> tuple[Scene, str]:
        """The picture, and what is to be said of its depth."""
        wish, deepest = self.wish, self.deepest
        if wish.depth is not None or wish.full:
            scene = self.scene(self.made(wish.depth), False)
            if wish.strict and not _fits(scene, wish.page):
                fitting = next((depth for depth in range(deepest, -1, -1) if self.tried(depth)), None)
                help = f"--depth {fitting} fits" if fitting is not None else "leave the page out"
                size = f"{scene.width:.0f} x {scene.height:.0f} pixels where {_page(wish.page)} fit"
                raise Fault("does-not-fit", f"at 9 points the picture would have {size}", help=help)
            return scene, ""
        for brief in (False, True):
            for depth in range(deepest, -1, -1):
                for letters in (MOST, NARROW):
                    found = self.tried(depth, brief, letters)
                    if found is not None:
                        boxes = self.count(depth)
                        if depth == 0 < deepest and boxes < FEW:
                            more = self.gathered(1, boxes, FEW)
                            if more is not None:
                                return more, self.said(1)
                        return found, self.said(depth)
        found = self.gathered(0, FEWEST - 1, MOST_BOXES)
        if found is not None:
            return found, self.said(0)
        scene = self.scene(self.made(0), True, self.said(0))
        if wish.strict:
            size = f"{scene.width:.0f} x {scene.height:.0f} pixels where {_page(wish.page)} fit"
            raise Fault("does-not-fit", f"at 9 points even depth 0 has {size}", help="leave the page out")
        return scene, self.said(0)

    def gathered(self, depth: int, least: int, most: int) -> Scene | None:
        """The picture of a depth, whose neighbours go together until it fits, with more boxes than `least`.

        None where it would still not fit, or has twice as many boxes as `most`: such boxes would say little.
        """
        left = self.count(depth)
        while least < left * 9 // 10 and left <= 2 * most:
            left = left * 9 // 10
            for letters in (MOST, NARROW) if _room(left, self.wish.page) else ():
                scene = self.scene(gather(self.made(depth), left), True, self.said(depth), letters)
                if _fits(scene, self.wish.page):
                    return scene
        return None

    def tried(self, depth: int, brief: bool = False, letters: int = MOST) -> Scene | None:
        """The picture of a depth where it fits the page."""
        made = self.within(depth)
        if made is None or not _room(len(made.boxes), self.wish.page):
            return None
        try:
            scene = self.scene(made, brief, self.said(depth), letters)
        except Fault as fault:
            if fault.code == "too-many-boxes":
                return None
            raise
        return scene if _fits(scene, self.wish.page) else None

    def scene(self, made: Diagram, brief: bool, note: str = "", letters: int = MOST) -> Scene:
        """The picture of a diagram, with a note below it."""
        wish = self.wish
        made = copy(made)
        made.notes = [note, *made.notes] if note else made.notes
        heat = Heat(made, wish.heat) if wish.heat is not None else None
        return boxes.scene(made, wish.params, wish.right, wish.page, heat, brief, letters)

    def within(self, depth: int) -> Diagram | None:
        """The diagram of a depth; None where it has too many boxes."""
        if depth not in self.known:
            try:
                self.known[depth] = self.made(depth)
            except Fault:
                self.known[depth] = None
        return self.known[depth]

    def count(self, depth: int) -> int:
        """How many boxes a depth has; 0 where they are too many."""
        made = self.within(depth)
        return len(made.boxes) if made else 0

    def made(self, depth: int | None) -> Diagram:
        """The diagram of a depth. Raises `Fault` where it has too many boxes."""
        made = network(self.report, depth, self.wish.full, MOST_BOXES)
        return made if self.wish.full else join(made)

    def said(self, depth: int) -> str:
        """What a picture of less than everything says of its depth."""
        return f"depth {depth} of {self.deepest}; --depth for more" if depth < self.deepest else ""


def depths(report: Report) -> int:
    """How many levels of blocks there are, with the layers as the last one."""

    def deep(item: Item) -> int:
        inner = max((deep(child) for child in item.children or ()), default=0)
        return inner + (0 if item.numbered and item.children is not None else 1)

    return max((deep(item) for item in tree(report.graph)), default=1)


def _page(page: Size) -> str:
    return " x ".join("any" if side >= ANY else f"{side:.0f}" for side in page)


def _fits(scene: Scene, page: Size) -> bool:
    return scene.width <= page[0] and scene.height <= page[1]


def _room(boxes: int, page: Size) -> bool:
    """Whether so many boxes may fit: a picture of more need not be drawn to see that it does not."""
    return boxes * BOX <= page[0] * page[1]
