"""Layers that pick parts of an axis. Source: PyTorch's torch.select, narrow, index_select, chunk, split and slicing."""

from __future__ import annotations

from cnncalc.core.layer import Layer
from cnncalc.core.limits import MOST_PARTS, count
from cnncalc.core.number import Number, Shape, ceil_div, is_one, known_equal, smallest
from cnncalc.core.option import ANY, Option, custom, integer, natural, positive, sizes, whole
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.axes import Rearranged, Viewed, axes, axis


class Select(Viewed):
    """Keep one position of an axis; the axis goes."""

    receptive = "pick"
    example = "8x16 -> {type}(dim=1, index=0)"
    torch = "select"

    dim = integer("axis")
    index = integer("position, negative from the end")

    def shape(self, x: Shape) -> Shape:
        at = axis(self, self.dim, x)
        if self.index > x[at] - 1 or x[at] + self.index < 0:
            raise Fault(
                "index-out-of-range",
                f"Select has index={self.index}, but axis {at} of {shape_text(x)} has {x[at]} positions",
                option="index",
            )
        return (*x[:at], *x[at + 1 :])


class Slice(Viewed):
    """Keep the positions start, start + step, ... before stop, as Python's slices do."""

    keeps_axes = True
    receptive = "cut"
    example = "8x16 -> {type}(dim=2, start=1, step=2)"
    origin = "Python's slices, x[start:stop:step]."
    dim = integer("axis")
    start = integer("first position, negative from the end", default=0)
    stop = integer("where it ends, None is the end", default=None)
    step = positive("distance between positions", default=1)

    def shape(self, x: Shape) -> Shape:
        at = axis(self, self.dim, x)
        size = x[at]
        room = size if self.stop is None else _bound(self.stop, size)
        if not known_equal(self.start, 0):
            room = room - _bound(self.start, size)
        if room < 0:
            room = 0
        if not is_one(self.step):
            room = ceil_div(room, self.step)
        return (*x[:at], room, *x[at + 1 :])


def _bound(place: Number, size: Number) -> Number:
    """A slice's end, as Python reads it: negative from the end, and never outside."""
    if place < 0:
        place = size + place
    if place < 0:
        return 0
    return size if place > size else place


class Narrow(Viewed):
    """Keep `length` positions of an axis from `start` on."""

    keeps_axes = True
    receptive = "cut"
    example = "8x16 -> {type}(dim=2, start=4, length=8)"
    torch = "narrow"
    dim = integer("axis")
    start = integer("first position, negative from the end")
    length = natural("how many")

    def shape(self, x: Shape) -> Shape:
        at = axis(self, self.dim, x)
        size = x[at]
        start = size + self.start if self.start < 0 else self.start
        if start < 0 or start + self.length > size:
            raise Fault(
                "index-out-of-range",
                f"Narrow wants {self.length} positions from {self.start}, but axis {at} of {shape_text(x)} has {size}",
                option="length",
            )
        return (*x[:at], self.length, *x[at + 1 :])


class IndexSelect(Layer):
    """Keep the positions of an axis that the second input names."""

    keeps_axes = True
    takes, gives, inputs = ("N *", "N K"), "N *", (2, 2)
    receptive = "reordered"
    example = "8x16, int 3 -> {type}(dim=1)"
    torch = "index_select"
    saves = "input"
    category = "other"
    explained = "nothing"

    dim = integer("axis")

    def shape(self, x: Shape, index: Shape) -> Shape:
        at = axis(self, self.dim, x)
        return (*x[:at], index[1], *x[at + 1 :])

    def chooses(self, slot: int, *xs: Shape) -> Number | None:
        return xs[0][self.dim] if slot == 1 else None


class Pieces(Viewed, abstract=True):
    """Cut an axis into pieces, the named outputs 0, 1, ...; the output itself is the first."""

    keeps_axes = True
    receptive = "first"

    def cut(self, size: Number) -> list[Number]:
        """The sizes of the pieces."""
        raise NotImplementedError  # pragma: no cover - both have their own

    dim: int

    def shape(self, x: Shape) -> Shape:
        return self.ports(x)["0"]

    def ports(self, x: Shape) -> dict[str, Shape]:
        at = axis(self, self.dim, x)
        pieces = self.cut(x[at])
        return {str(index): (*x[:at], size, *x[at + 1 :]) for index, size in enumerate(pieces)}


class Chunk(Pieces):
    """Cut an axis into `chunks` pieces of ⌈size / chunks⌉, the last one smaller; there may be fewer than `chunks`."""

    example = "8x16 -> {type}(2, dim=2)"
    torch = "chunk"

    chunks = positive("how many pieces at most")
    dim = integer("axis")

    def cut(self, size: Number) -> list[Number]:
        piece = ceil_div(size, self.chunks)
        pieces: list[Number] = []
        count(smallest(self.chunks, size), MOST_PARTS, "chunks")
        for index in range(self.chunks):
            rest = size - index * piece
            if index > 0 and rest < 1 and not size < 1:
                break
            pieces.append(rest if rest < piece else piece)
        return pieces


def _pieces(value: object, option: Option, axes: int) -> int | tuple[int, ...]:
    parts = value if isinstance(value, (list, tuple)) else [value]
    found = [whole(part) for part in parts]
    if not found or any(size is None or size < 0 for size in found):
        raise option.refuse(value)
    return tuple(found) if isinstance(value, (list, tuple)) else found[0]


class Split(Pieces):
    """Cut an axis into pieces of `sizes`: one number for all (the last may be smaller), or a list that adds up."""

    example = "8x16 -> {type}([4, 12], dim=2)"
    torch = "split"

    sizes = custom("the size of every piece, or a list with each", _pieces, expects="a whole number, or a list of them")
    dim = integer("axis")

    also = {"split_size_or_sections": "sizes", "split_size": "sizes"}

    def cut(self, size: Number) -> list[Number]:
        if isinstance(self.sizes, tuple):
            if sum(self.sizes) != size:
                text = " + ".join(str(part) for part in self.sizes)
                raise Fault(
                    "split-sizes",
                    f"the pieces of Split, {text} = {sum(self.sizes)}, must add up to the axis of {size}",
                    option="sizes",
                )
            return list(self.sizes)
        if self.sizes < 1:
            if size > 0:
                raise Fault("option-value", "a piece of 0 never ends", option="sizes")
            return [size]  # as in PyTorch: nothing is one piece of nothing
        pieces = as_count(ceil_div(size, self.sizes), self)
        count(pieces, MOST_PARTS, "sizes")
        rests = [size - index * self.sizes for index in range(pieces)]
        return [rest if rest < self.sizes else self.sizes for rest in rests]


def as_count(number: Number, layer: Layer) -> int:
    """How many pieces there are: a known number."""
    count = getattr(number, "value", number)
    if not isinstance(count, int):
        raise Fault("free-count", f"{layer.type()} must make a known number of pieces, not {number}", option="sizes")
    return max(count, 1)


class Flip(Rearranged):
    """Reverse the order along axes."""

    keeps_axes = True
    receptive = "reordered"
    example = "8x16 -> {type}([2])"
    carries = True
    torch = "flip"
    dims = sizes("axes", least=ANY)

    def shape(self, x: Shape) -> Shape:
        axes(self, self.dims, x, option="dims")
        return x


class Roll(Rearranged):
    """Shift positions along axes; what leaves at the end comes in at the start."""

    keeps_axes = True
    receptive = "reordered"
    example = "8x16 -> {type}(1, dims=2)"
    carries = True
    torch = "roll"
    shifts = sizes("by how many positions", least=ANY)
    dims = sizes("axes", least=ANY)

    def shape(self, x: Shape) -> Shape:
        for dim in self.dims:
            axis(self, dim, x, option="dims")
        if len(self.shifts) != len(self.dims):
            raise Fault("option-value", f"{len(self.shifts)} shifts for {len(self.dims)} axes", option="shifts")
        return x
