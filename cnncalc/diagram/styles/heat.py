"""Boxes coloured by their share of the parameters, of the MACs or of the memory, which is written on them, too."""

from __future__ import annotations

from cnncalc.core.number import Number
from cnncalc.core.problem import Fault
from cnncalc.diagram.model import Box, Diagram
from cnncalc.render.text import percent

WHAT = {"params": "parameters", "macs": "MACs", "memory": "memory"}
STEPS = (0.01, 0.05, 0.15, 0.35)
WORDS = ("under 1%", "1 to 5%", "5 to 15%", "15 to 35%", "over 35%")


class Heat:
    """The shares of a diagram's boxes."""

    def __init__(self, diagram: Diagram, what: str) -> None:
        self.what = what
        self.shares: dict[int, float] = {}
        counts: dict[int, int] = {}
        often = _copies(diagram)
        for box in diagram.boxes:
            value: Number | None = getattr(box, what)
            if value is None:
                continue
            if type(value) is not int:
                raise Fault(
                    "free-dimensions", "a share needs numbers, and sizes are free here", help="--set gives values"
                )
            counts[box.id] = value * often[box.id]
        total = sum(counts.values())
        for id, count in counts.items():
            self.shares[id] = count / total if total else 0.0

    def ink(self, box: Box) -> str:
        """The colour of a box."""
        share = self.shares.get(box.id)
        return "input" if share is None else f"heat{sum(share >= step for step in STEPS)}"

    def text(self, box: Box) -> str:
        """The share as it stands on the box."""
        share = self.shares.get(box.id)
        return "" if share is None else percent(share)

    def legend(self) -> list[tuple[str, str]]:
        """The colours, the first with what they are shares of."""
        named = f"{WHAT[self.what]}, with all copies: {WORDS[0]}"
        return [(f"heat{step}", named if not step else word) for step, word in enumerate(WORDS)]


def _copies(diagram: Diagram) -> dict[int, int]:
    """How often each box stands there: its copies, and those of the frames around it."""
    found = {}
    for box in diagram.boxes:
        often, group = box.copies, box.group
        while group is not None:
            often *= diagram.groups[group].copies
            group = diagram.groups[group].parent
        found[box.id] = often
    return found
