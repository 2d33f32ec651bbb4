"""Layers that only arrange numbers anew. Source: PyTorch's torch.nn.Flatten, Unflatten and the functions of torch."""

from __future__ import annotations

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape, is_free, is_one, prod
from cnncalc.core.option import ANY, integer, sizes
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.axes import Rearranged, Viewed, axes, axis


class Flatten(Viewed):
    """Make one axis of the axes `start_dim` to `end_dim`; by default of all that a sample has."""

    takes, gives = "N *", "N L_flat"
    receptive = "reshape"
    example = "{image} -> {type}"
    torch = "nn.{type}"

    start_dim = integer("first axis", default=1)
    end_dim = integer("last axis", default=-1)

    def shape(self, x: Shape) -> Shape:
        if len(x) == 1:  # a sample that is one number
            return (*x, 1)
        first = axis(self, self.start_dim, x, option="start_dim")
        last = axis(self, self.end_dim, x, option="end_dim")
        if first > last:
            raise Fault(
                "axis-order",
                f"Flatten starts at axis {first} and ends before it, at axis {last}",
                option="start_dim",
            )
        return (*x[:first], prod(x[first : last + 1]), *x[last + 1 :])


def fill(layer: Layer, wanted: Shape, total: Number, x: Shape, option: str) -> Shape:
    """`wanted` with its one -1 computed, so that it holds `total` numbers."""
    opens = [at for at, size in enumerate(wanted) if is_open(size)]
    if len(opens) > 1:
        raise Fault("option-value", f"only one size of {option} may be -1, not {len(opens)}", option=option)
    for size in wanted:
        if size < -1:
            raise Fault("option-value", f"a size of {option} must be -1 or at least 0, not {size}", option=option)
    known = prod(size for size in wanted if not is_open(size))
    if not opens:
        if known != total:
            raise _misfit(layer, wanted, total, x, option)
        return wanted
    if isinstance(known, int) and known == 0:
        raise Fault("option-value", f"-1 cannot be found beside a size of 0 in {option}", option=option)
    if total % known != 0:
        raise _misfit(layer, wanted, total, x, option)
    return (*wanted[: opens[0]], total // known, *wanted[opens[0] + 1 :])


def is_open(size: Number) -> bool:
    """Whether a size was written -1; a free dimension was not."""
    value = getattr(size, "value", size)
    return not is_free(value) and bool(value == -1)


def _misfit(layer: Layer, wanted: Shape, total: Number, x: Shape, option: str) -> Fault:
    text = ", ".join(str(size) for size in wanted)
    given = shape_text(x) if option == "shape" else f"an axis of {total}"
    numbers = f"the {total} numbers of {given}" if option == "shape" else given
    hints = []
    if option == "shape" and wanted and is_open(wanted[0]):
        hints.append("the shape is that of one sample: the batch axis is not written")
    return Fault("reshape-count", f"{layer.type()} cannot make [{text}] of {numbers}", option=option, help=tuple(hints))


class Unflatten(Viewed):
    """Make several axes of one; one size may be -1."""

    receptive = "reshape"
    example = "16 -> {type}(1, [4, 4])"
    torch = "nn.{type}"

    dim = integer("axis")
    unflattened_size = sizes("its new sizes, one may be -1", least=ANY)

    def shape(self, x: Shape) -> Shape:
        at = axis(self, self.dim, x)
        if not self.unflattened_size:
            raise Fault("option-value", "unflattened_size must not be empty", option="unflattened_size")
        new = fill(self, self.unflattened_size, x[at], x, "unflattened_size")
        return (*x[:at], *new, *x[at + 1 :])


class Listed(Viewed, abstract=True):
    """A layer whose one list may be written without brackets."""

    takes_a_list = True


class Reshape(Listed):
    """Give a sample the shape `shape` (without the batch axis); one size may be -1."""

    receptive = "reshape"
    example = "8x16 -> {type}([4, 32])"
    torch = "reshape"

    shape_ = sizes("the new shape of one sample, one size may be -1", least=ANY)

    def shape(self, x: Shape) -> Shape:
        return (x[0], *fill(self, self.shape_, prod(x[1:]), x, "shape"))

    def notes(self, x: Shape) -> list[Fault]:
        """`Reshape(-1, 256)` of 256 numbers: the -1 is the batch in PyTorch's `x.reshape(-1, 256)`, and 1 here."""
        written = self.shape_
        if len(written) < 2 or written[0] != -1 or any(type(size) is not int for size in (*written, *x)):
            return []
        if prod(x[1:]) != prod(written[1:]):
            return []
        rest = ", ".join(map(str, written[1:]))
        return [
            Fault(
                "leading-one",
                f"-1 is 1 here, as shapes have no batch axis: the output is [1, {rest}]",
                help=f"write Reshape({rest}), or View(-1, {rest}) as in PyTorch",
            )
        ]


class View(Listed):
    """As in PyTorch, with the batch axis: `View(-1, 400)` keeps the samples apart and makes each a vector of 400."""

    receptive = "reshape"
    example = "8x16 -> {type}([-1, 4, 32])"
    torch = "Tensor.view"

    shape_ = sizes("the new shape, its first number the batch: -1", least=ANY)

    def shape(self, x: Shape) -> Shape:
        rest = self.shape_[1:]
        if not self.shape_ or not is_open(self.shape_[0]) or any(is_open(size) for size in rest):
            raise Fault(
                "batch-axis",
                "View counts the batch axis, as in PyTorch: its first number is -1, the others are sizes",
                option="shape",
                help=f"Reshape([{', '.join(str(size) for size in self.shape_)}]) is about one sample",
            )
        return (x[0], *fill(self, rest, prod(x[1:]), x, "shape"))


class Permute(Listed):
    """Put the axes into another order; the batch stays first."""

    receptive = "permute"
    example = "8x16x4 -> {type}([0, 2, 3, 1])"
    torch = "permute"

    dims = sizes("the axes in their new order, 0 first", least=ANY)

    def shape(self, x: Shape) -> Shape:
        rank = len(x)
        if len(self.dims) != rank or self.dims[0] % rank != 0:
            raise self._incomplete(x)
        return (x[0], *(x[at] for at in axes(self, self.dims[1:], x, option="dims")))

    def order(self, rank: int) -> list[int]:
        """Which axis of the input stands at each place of the output."""
        return [dim % rank for dim in self.dims]

    def _incomplete(self, x: Shape) -> Fault:
        found = ", ".join(str(dim) for dim in self.dims)
        hints = []
        if sorted(self.dims) == list(range(1, len(x))):
            hints.append(f"Permute([0, {found}])")
        elif sorted(self.dims) == list(range(len(x) - 1)):
            hints.append(f"Permute([0, {', '.join(str(dim + 1) for dim in self.dims)}])")
        return Fault(
            "permutation",
            f"Permute needs all {len(x)} axes of {shape_text(x)} once, the batch axis 0 first, not [{found}]",
            option="dims",
            help=tuple(hints),
        )


class Transpose(Viewed):
    """Exchange two axes."""

    receptive = "permute"
    example = "8x16 -> {type}(1, 2)"
    torch = "transpose"

    dim0 = integer("one axis")
    dim1 = integer("the other")

    def shape(self, x: Shape) -> Shape:
        axis(self, self.dim0, x, option="dim0")
        axis(self, self.dim1, x, option="dim1")
        return tuple(x[at] for at in self.order(len(x)))

    def order(self, rank: int) -> list[int]:
        """Which axis of the input stands at each place of the output."""
        order = list(range(rank))
        order[self.dim0], order[self.dim1] = order[self.dim1], order[self.dim0]
        return order


class Movedim(Viewed):
    """Move one axis, or several, to another place; the others keep their order."""

    receptive = "permute"
    example = "8x16x4 -> {type}(1, 3)"
    torch = "movedim"

    source = sizes("where the axes are", least=ANY)
    destination = sizes("where they go", least=ANY)

    def shape(self, x: Shape) -> Shape:
        if len(self.source) != len(self.destination):
            raise Fault(
                "option-value",
                f"source has {len(self.source)} axes, destination {len(self.destination)}",
                option="destination",
            )
        axes(self, self.source, x, option="source")
        axes(self, self.destination, x, option="destination")
        return tuple(x[at] for at in self.order(len(x)))

    def order(self, rank: int) -> list[int]:
        """Which axis of the input stands at each place of the output."""
        old, new = ([dim % rank for dim in dims] for dims in (self.source, self.destination))
        moved = dict(zip(new, old, strict=True))
        rest = iter(at for at in range(rank) if at not in old)
        return [moved[at] if at in moved else next(rest) for at in range(rank)]


class Squeeze(Viewed):
    """Take away axes of size 1: the axis `dim`, or all; an axis of another size stays."""

    receptive = "reshape"
    example = "1x16 -> {type}(1)"
    torch = "squeeze"

    dim = sizes("the axis, or axes", default=None, least=ANY)

    def shape(self, x: Shape) -> Shape:
        among = range(1, len(x)) if self.dim is None else axes(self, self.dim, x)
        return tuple(size for at, size in enumerate(x) if at not in among or not is_one(size))


class Unsqueeze(Viewed):
    """Add an axis of size 1 at the place `dim`."""

    receptive = "unsqueeze"
    example = "8x16 -> {type}(1)"
    torch = "unsqueeze"

    dim = integer("the new axis")

    def shape(self, x: Shape) -> Shape:
        at = axis(self, self.dim, x, new=True)
        return (*x[:at], 1, *x[at:])


class Expand(Listed):
    """Stretch axes of size 1 to `sizes` (of one sample), -1 keeps a size; new axes come first."""

    receptive = "together"
    example = "1x16 -> {type}([8, -1])"
    torch = "Tensor.expand"

    sizes = sizes("the sample's new shape, -1 keeps a size", least=-1)

    def shape(self, x: Shape) -> Shape:
        sample, wanted = x[1:], self.sizes
        fresh = len(wanted) - len(sample)
        if fresh < 0:
            raise Fault("wrong-axes", f"Expand needs {len(sample)} sizes or more for {shape_text(x)}", option="sizes")
        result: list[Number] = []
        size: Number
        for place, size in enumerate(wanted):
            mine = sample[place - fresh] if place >= fresh else None
            if is_open(size):
                if mine is None:
                    raise Fault("option-value", "a new axis needs a size, not -1", option="sizes")
                size = mine
            elif mine is not None and not is_one(mine) and size != mine:
                raise Fault(
                    "shapes-differ",
                    f"Expand cannot make {size} of an axis of {mine}: only an axis of 1 stretches",
                    option="sizes",
                )
            result.append(size)
        return (x[0], *result)


class Tile(Rearranged):
    """Repeat a sample `dims` times along its axes, aligned from the right."""

    receptive = "tile"
    example = "8x16 -> {type}([2, 1])"
    carries = True
    repeats = True
    torch = "tile"
    takes_a_list = True

    dims = sizes("how often, for each axis of a sample", least=0)

    def shape(self, x: Shape) -> Shape:
        sample = x[1:]
        rank = max(len(sample), len(self.dims))
        sample = (1,) * (rank - len(sample)) + sample
        times = (1,) * (rank - len(self.dims)) + self.dims
        return (x[0], *(size * many for size, many in zip(sample, times, strict=True)))
