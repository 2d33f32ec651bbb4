"""Which positions of an input axis a position further on reads: first and last, as a rule of the position.

Windows read from a·x + b to a·x + c. Between upsampled positions the rule repeats with a period: position x reads
lows[x mod period] to highs[x mod period], moved by `advance` for each whole period. Nothing is read where the low is
above the high (a transposed convolution whose kernel is smaller than its stride).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from cnncalc.core.number import Number, largest, smallest

# Rules that repeat after more positions than this are not followed.
LONGEST = 4096


class PositionMap:
    """The rule of one axis."""

    __slots__ = ("advance", "highs", "lows", "period")

    def __init__(self, period: int, advance: Number, lows: Sequence[Number], highs: Sequence[Number]) -> None:
        self.period = period
        self.advance = advance
        self.lows = tuple(lows)
        self.highs = tuple(highs)

    @classmethod
    def identity(cls) -> PositionMap:
        """Each position reads itself."""
        return cls(1, 1, (0,), (0,))

    def at(self, position: Number) -> tuple[Number, Number]:
        """First and last input position that is read."""
        if self.period == 1:
            return self.lows[0] + position * self.advance, self.highs[0] + position * self.advance
        rounds, rest = position // self.period, int(position % self.period)
        return self.lows[rest] + rounds * self.advance, self.highs[rest] + rounds * self.advance

    @property
    def jump(self) -> object:
        """How far apart the windows of neighbouring positions are; a fraction after upsampling."""
        if self.period == 1:
            return self.advance
        step = Fraction(int(self.advance), self.period)
        return step.numerator if step.denominator == 1 else step

    @property
    def start(self) -> Number:
        """Where the window of the first position begins; below 0 it is in the padding."""
        return self.lows[0]

    def size(self, count: Number) -> Number:
        """What the largest window spans, of `count` positions."""
        if self.period == 1:
            return self.highs[0] - self.lows[0] + 1
        positions = range(min(self.period, count) if type(count) is int else self.period)
        if not positions:
            return 0
        return max(max(self.highs[p] - self.lows[p] + 1 for p in positions), 0)

    # --- through layers --------------------------------------------------------------------------------------------

    def windows(self, kernel: Number, stride: Number, dilation: Number, before: Number) -> PositionMap | None:
        """After windows of `kernel` positions, `dilation` apart, every `stride`, with `before` positions of padding."""
        if self.period == 1:
            step = self.advance
            low = self.lows[0] - before * step
            high = self.highs[0] + (dilation * (kernel - 1) - before) * step
            return PositionMap(1, step * stride, (low,), (high,))
        if kernel > LONGEST:
            return None
        return self.through(1, int(stride), [[tap * int(dilation) - int(before) for tap in range(int(kernel))]])

    def transposed(self, kernel: int, stride: int, dilation: int, before: int) -> PositionMap | None:
        """After a transposed convolution: the windows read backwards."""
        if stride > LONGEST or kernel > LONGEST:
            return None
        taps: list[list[int]] = []
        for position in range(stride):
            places = [position + before - tap * dilation for tap in range(kernel)]
            taps.append([place // stride for place in places if place % stride == 0])
        return self.through(stride, 1, taps)

    def through(self, period: int, advance: int, taps: list[list[int]]) -> PositionMap | None:
        """After a layer where position p reads taps[p mod period], moved by `advance` a period.

        None where the rule would be too long to follow.
        """
        times = self.period // math.gcd(self.period, advance)
        length = period * times
        if length > LONGEST:
            return None
        lows, highs = [], []
        for position in range(length):
            rounds, rest = divmod(position, period)
            read = [self.at(tap + rounds * advance) for tap in taps[rest]]
            read = [(low, high) for low, high in read if low <= high]
            lows.append(min((low for low, _ in read), default=0))
            highs.append(max((high for _, high in read), default=-1))
        moved = advance * times // self.period * self.advance
        if length > 1 and moved % length == 0:  # the same rule in its shortest form
            step = moved // length
            if all(lows[p] == lows[0] + p * step and highs[p] == highs[0] + p * step for p in range(length)):
                return PositionMap(1, step, lows[:1], highs[:1])
        return PositionMap(length, moved, lows, highs)

    def scaled(
        self, size: int, out: int, mode: str, factor: Fraction | None, corners: bool, smooth: bool = False
    ) -> PositionMap | None:
        """After interpolation from `size` to `out` positions; `factor` is what was asked for, where it counts.

        With `smooth`, making smaller reads windows that are as much wider as positions are fewer.
        """
        if mode == "area":
            return self.bins(size, out)
        if size == 0 or out == 0:
            return None
        ratio = Fraction(size, out) if factor is None else 1 / factor
        shift = Fraction(1, 2)
        if corners:
            ratio, shift = (Fraction(size - 1, out - 1) if out > 1 else Fraction(0)), Fraction(0)
        if mode in ("nearest", "nearest-exact"):
            shift = Fraction(0) if mode == "nearest" else shift
        taps = []
        for position in range(ratio.denominator if ratio else 1):
            place = (position + shift) * ratio - (Fraction(0) if mode.startswith("nearest") else shift)
            first = math.floor(place)
            if smooth and ratio > 1:
                reach = ratio * (2 if mode == "bicubic" else 1)  # a neighbour that far away has no weight
                taps.append(list(range(math.floor(place - reach) + 1, math.ceil(place + reach))))
            elif mode.startswith("nearest") or place == first:
                taps.append([first])
            else:
                taps.append([first - 1, first, first + 1, first + 2] if mode == "bicubic" else [first, first + 1])
            if len(taps) > LONGEST:
                return None
        return self.through(len(taps), ratio.numerator, taps)

    def bins(self, size: int, out: int) -> PositionMap | None:
        """After adaptive pooling of `size` positions into `out` bins, which may overlap."""
        if size == 0 or out == 0:
            return None
        ratio = Fraction(size, out)
        if ratio.denominator > LONGEST:
            return None
        taps = []
        for position in range(ratio.denominator):
            first, last = math.floor(position * ratio), math.ceil((position + 1) * ratio) - 1
            taps.append(list(range(first, last + 1)) if last - first < LONGEST else [first, last])
        return self.through(ratio.denominator, ratio.numerator, taps)

    def union(self, other: PositionMap) -> PositionMap | None:
        """What both read together; None where they do not move alike."""
        if self.period == other.period == 1:
            if self.advance != other.advance:
                return None
            return PositionMap(
                1,
                self.advance,
                (smallest(self.lows[0], other.lows[0]),),
                (largest(self.highs[0], other.highs[0]),),
            )
        if self.jump != other.jump:
            return None
        length = math.lcm(self.period, other.period)
        if length > LONGEST:
            return None
        lows, highs = [], []
        for position in range(length):
            read = [(low, high) for low, high in (self.at(position), other.at(position)) if low <= high]
            lows.append(min((low for low, _ in read), default=0))
            highs.append(max((high for _, high in read), default=-1))
        return PositionMap(length, self.advance * (length // self.period), lows, highs)
