"""The receptive field of an element along one axis of a network's input, and how layers that move axes change it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cnncalc.core.number import Number, Shape, as_ints, is_one, largest
from cnncalc.receptive.position_map import PositionMap


class AxisView:
    """The receptive field along one input axis of `length` positions.

    axes     the axes of the value (0 is the first of a sample) whose position decides what is seen; () for none
    extent   the rule from that position; None where positions were shuffled and only `size` is known
    whole    everything is seen
    """

    __slots__ = ("axes", "extent", "length", "size", "whole")

    def __init__(
        self,
        axes: tuple[int, ...],
        extent: PositionMap | None,
        length: Number,
        size: Number = 1,
        whole: bool = False,
    ) -> None:
        self.axes = axes
        self.extent = extent
        self.length = length
        self.size = length if whole else size
        self.whole = whole

    def all(self) -> AxisView:
        """The whole axis."""
        return self if self.whole else AxisView((), None, self.length, whole=True)

    def spread(self, axes: tuple[int, ...], shape: Shape) -> AxisView:
        """The same size, from positions that are spread over `axes`; `shape` is the value's before."""
        return self if self.whole else AxisView(axes, None, self.length, self.span(shape))

    def span(self, shape: Shape) -> Number:
        """What is seen at most by an element of a value of that shape."""
        if self.extent is None:
            return self.size
        return self.extent.size(shape[self.axes[0]])

    def moved(self, axes: tuple[int, ...]) -> AxisView:
        """The same from other axes; one that is gone had a single position."""
        if self.whole:
            return self
        if self.extent is not None and not axes:
            return AxisView((), None, self.length, self.extent.size(1))
        return AxisView(axes, self.extent, self.length, self.size)

    def through(self, extent: PositionMap | None) -> AxisView:
        """The same axis with another rule; all of it where there is none."""
        return AxisView(self.axes, extent, self.length) if extent is not None else self.all()


# What one value sees: for each input's number what it sees of each of its axes.
View = dict[int, tuple[AxisView, ...]]


def each(view: View, change: Callable[[AxisView], AxisView]) -> View:
    """Change every axis that is not seen whole."""
    return {number: tuple(s if s.whole else change(s) for s in seen) for number, seen in view.items()}


def mix(view: View, axes: Iterable[int], shape: Shape) -> View:
    """After a layer whose elements read all positions of `axes` of a value of that shape."""
    mixed = {axis for axis in axes if not is_one(shape[axis])}
    return each(view, lambda s: s.all() if mixed.intersection(s.axes) else s)


def slide(view: View, axis: int, rule: Callable[..., PositionMap | None], *args: object) -> View:
    """After a layer that changes the positions of one axis: `rule` is a method of `PositionMap`, called with `args`."""

    def change(s: AxisView) -> AxisView:
        if axis not in s.axes:
            return s
        return s.all() if s.extent is None else s.through(rule(s.extent, *args))

    return each(view, change)


def relabel(view: View, places: dict[int, int]) -> View:
    """After a layer that only moves axes: `places` maps old axes to new ones; others are gone (of size 1)."""
    return each(view, lambda s: s.moved(tuple(places[a] for a in s.axes if a in places)))


def shuffle(view: View, axis: int, shape: Shape) -> View:
    """After a layer that puts the positions of an axis into another order."""
    return each(view, lambda s: s.spread(s.axes, shape) if axis in s.axes else s)


def merged(views: list[View], shapes: list[Shape]) -> View:
    """What several values see together, element by element; shapes are aligned at their last axis."""
    rank = max(len(shape) for shape in shapes)
    wide = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    result: View = {}
    for view, shape, before in zip(views, wide, shapes, strict=True):
        offset = rank - len(before)
        # An axis of size 1 is stretched: what its one position sees does not depend on the place in the result.
        fixed = {at for at in range(rank) if is_one(shape[at]) and not all(is_one(other[at]) for other in wide)}

        def placed(s: AxisView, offset: int = offset, fixed: set[int] = fixed, before: Shape = before) -> AxisView:
            axes = tuple(a + offset for a in s.axes)
            return s.spread(tuple(a for a in axes if a not in fixed), before) if fixed & {*axes} else s.moved(axes)

        for number, seen in each(view, placed).items():
            known = result.get(number)
            result[number] = seen if known is None else tuple(map(both, known, seen, (shape,) * len(seen)))
    return result


def both(a: AxisView, b: AxisView, shape: Shape) -> AxisView:
    """What two values of the same places see together."""
    if a.whole or b.whole:
        return a.all()
    if a.axes == b.axes and a.extent is not None and b.extent is not None:
        extent = a.extent.union(b.extent)
        if extent is not None:
            return AxisView(a.axes, extent, a.length)
    if a.axes and b.axes and a.axes != b.axes:
        return a.all()  # position i of one with position k of the other: anything between
    return AxisView(a.axes or b.axes, None, a.length, largest(a.span(shape), b.span(shape)))


def regrouped(view: View, old: Shape, new: Shape) -> View:
    """After a reshape: axes whose size and place stay keep their rule, those in a group that is cut anew lose it."""
    groups = _groups(old, new)
    if groups is None:
        every = tuple(range(len(new)))
        return each(view, lambda s: s.spread(every, old))
    where: dict[int, tuple[int, ...]] = {}
    exact: dict[int, int] = {}
    for before, after in groups:
        large = [a for a in before if not is_one(old[a])]
        kept = [a for a in after if not is_one(new[a])]
        for a in before:
            where[a] = tuple(kept) if a in large else ()
        if len(large) == 1 and len(kept) == 1:
            exact[large[0]] = kept[0]

    def change(s: AxisView) -> AxisView:
        if len(s.axes) == 1 and s.axes[0] in exact:
            return s.moved((exact[s.axes[0]],))
        return s.spread(tuple(sorted({b for a in s.axes for b in where.get(a, ())})), old)

    return each(view, change)


def _groups(old: Shape, new: Shape) -> list[tuple[list[int], list[int]]] | None:
    """Axes of the old shape and of the new one that hold the same numbers; None where sizes are not plain."""
    if not all(type(size) is int for size in (*old, *new)):
        return None
    old, new = as_ints(old), as_ints(new)
    groups = []
    i = j = 0
    while i < len(old) or j < len(new):
        before, after = [], []
        left = right = 1
        if i < len(old):
            before.append(i)
            left, i = old[i], i + 1
        if j < len(new):
            after.append(j)
            right, j = new[j], j + 1
        while left != right and (i < len(old) or j < len(new)):
            if (left < right or j >= len(new)) and i < len(old):
                before.append(i)
                left, i = left * old[i], i + 1
            elif j < len(new):
                after.append(j)
                right, j = right * new[j], j + 1
        groups.append((before, after))
    return groups
