"""One row of the table, and whether it reached what it should."""

from __future__ import annotations

import operator
from typing import Any

COMPARE = {"<=": operator.le, "<": operator.lt, ">=": operator.ge}


class Line:
    """What was measured against what: a figure, its unit, and the figure to reach ("<= 1.6", or "" for none)."""

    def __init__(self, what: str, against: str, figure: float, unit: str, reach: str, detail: Any = None) -> None:
        self.what = what
        self.against = against
        self.figure = figure
        self.unit = unit
        self.reach = reach
        self.detail = detail

    @property
    def reached(self) -> bool | None:
        """Whether the figure is where it should be; None where nothing was asked."""
        if not self.reach:
            return None
        sign, wanted = self.reach.split()
        return bool(COMPARE[sign](self.figure, float(wanted)))

    def to_dict(self) -> dict[str, Any]:
        """The row of the JSON file."""
        found = {"what": self.what, "against": self.against, "figure": self.figure, "unit": self.unit}
        return {**found, "reach": self.reach, "reached": self.reached, "detail": self.detail}
