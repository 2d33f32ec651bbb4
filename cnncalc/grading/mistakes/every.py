"""Every mistake that is made in a layer. A family is a module here; what it gives is known by its name in `kinds/`."""

from __future__ import annotations

from cnncalc.grading.mistakes import axes, costs, sequences, shapes, weights, windows
from cnncalc.grading.perturbed.row import Mistake

MISTAKES: tuple[Mistake, ...] = (
    *weights.MISTAKES,
    *costs.MISTAKES,
    *sequences.MISTAKES,
    *shapes.MISTAKES,
    *axes.MISTAKES,
    *windows.MISTAKES,
)
SPREADING = tuple(mistake for mistake in MISTAKES if mistake.spreads)
