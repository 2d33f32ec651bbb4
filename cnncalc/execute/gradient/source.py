"""An array in the graph of derivatives, which may be one for each step of a sequence, and where derivatives stop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cnncalc.execute.gradient.autodiff import TracedArray
from cnncalc.execute.kernel import Array


class Source:
    """An array in the graph: its numbers as one followed array, or as one for each step of a sequence."""

    __slots__ = ("pieces", "shape", "stacked")

    def __init__(self, pieces: list[TracedArray], shape: tuple[int, ...], stacked: bool) -> None:
        self.pieces = pieces
        self.shape = shape
        self.stacked = stacked

    def joined(self, parts: Sequence[Array | None]) -> Array:
        """Arrays of the pieces as one of the whole; None stands for zeros."""
        if not self.stacked:
            return self._filled(parts[0], self.pieces[0].shape).reshape(self.shape)
        total = np.zeros(self.shape, self.pieces[0].dtype)
        for at, (piece, part) in enumerate(zip(self.pieces, parts, strict=True)):
            total[self._step(at, piece)] = self._filled(part, piece.shape)
        return total

    def _filled(self, part: Array | None, shape: tuple[int, ...]) -> Array:
        return np.zeros(shape) if part is None else np.broadcast_to(part, shape)

    def _step(self, at: int, piece: Array) -> tuple[int | slice, ...]:
        """Where a step's array stands in the whole; it may be shorter, as attention over the past is."""
        return (slice(None), at, *(slice(size) for size in piece.shape[1:]))

    def apart(self, array: Array) -> list[Array]:
        """An array of the whole as arrays of the pieces."""
        if not self.stacked:
            return [array.reshape(self.pieces[0].shape)]
        return [array[self._step(at, piece)] for at, piece in enumerate(self.pieces)]


def stops_of(masks: Sequence[tuple[Source, Array]]) -> dict[object, Array]:
    """For each node where no derivative may go through, at which of its numbers."""
    stops: dict[object, Array] = {}
    for source, mask in masks:
        for piece, part in zip(source.pieces, source.apart(mask), strict=True):
            if part.any():
                known = stops.get(piece._node)
                stops[piece._node] = part if known is None else part | known
    return stops
