"""A mistake that is made again where other shapes come in."""

from __future__ import annotations

from typing import Any

from cnncalc.grading.perturbed.network import NoAnswer
from cnncalc.grading.perturbed.row import Mistake, Perturbation


class Chosen:
    """One of the ways in which a mistake changes a layer, made anew for the shapes that then come in."""

    def __init__(self, mistake: Mistake, number: int) -> None:
        self.mistake = mistake
        self.number = number

    def __call__(self, row: Any) -> Perturbation:
        for number, wrong in enumerate(self.mistake.make(row)):
            if number == self.number:
                return wrong
        raise NoAnswer
