"""What layers share that keep or move axes: declarations, axis numbers, which count the batch axis as 0, and faults."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text


class Pointwise(Layer, abstract=True):
    """A function of each number alone: the shape stays."""

    elementwise = True
    receptive = "pointwise"

    def shape(self, x: Shape) -> Shape:
        return x


class Rearranged(Layer, abstract=True):
    """A layer that only arranges numbers anew: nothing is computed, and nothing saved."""

    saves = "nothing"
    category = "other"
    explained = "nothing"


class Viewed(Rearranged, abstract=True):
    """One whose output is the input's memory, read in another way."""

    view = True


def axis(layer: Layer, dim: int, x: Shape, *, option: str = "dim", new: bool = False) -> int:
    """`dim` as a number from 1; refuses the batch axis and what the input does not have.

    With `new` it is the place of an axis to be added, and one more is allowed.
    """
    rank = len(x) + 1 if new else len(x)
    if not -rank <= dim < rank:
        raise out_of_range(layer, dim, x, rank, option)
    at = dim % rank
    if at == 0:
        raise batch_axis(layer, dim, x, rank, option)
    return at


def axes(layer: Layer, dims: Iterable[int], x: Shape, *, option: str = "dim") -> list[int]:
    """Several axis numbers; one that is named twice is refused."""
    result: list[int] = []
    for dim in dims:
        at = axis(layer, dim, x, option=option)
        if at in result:
            raise Fault("axis-twice", f"{layer.type()} names axis {at} twice", option=option)
        result.append(at)
    return result


def out_of_range(layer: Layer, dim: int, x: Shape, rank: int, option: str) -> Fault:
    """The fault for an axis that the input does not have."""
    last = rank - 1
    hints = [f"it has an axis and no size: Linear(out_features={dim}) -> {layer.type()}"]
    sized = "oftm" in layer.type() and type(dim) is int and dim > 4
    choices = "is only the batch axis" if last == 0 else "is axis 1" if last == 1 else f"are axes 1 to {last}"
    return Fault(
        "axis-out-of-range",
        f"{layer.type()} has {option}={dim}, but with an input {shape_text(x)} there {choices} (0 is the batch)",
        option=option,
        help=tuple(hints) if sized else (),
    )


def batch_axis(layer: Layer, dim: int, x: Shape, rank: int, option: str) -> Fault:
    """The fault for a layer that would mix samples: shapes here are those of one sample."""
    hints = [f"axis numbers count the batch as 0: the first axis of a sample is {option}=1"] if rank > 1 else []
    which = "" if dim == 0 else f" ({option}={dim} of {rank} axes)"
    return Fault("batch-axis", f"{layer.type()} would act on the batch axis{which}", option=option, help=tuple(hints))


def other_axes(layer: Layer, x: Shape) -> tuple[str, ...]:
    """Which layer of the family takes an input of that many axes: MaxPool1d for a MaxPool2d that gets a sequence."""
    name, count = layer.type(), len(x) - 2
    if count == layer.axes + 1:
        return ("shapes are those of one sample: is there a batch axis too many?",)
    near = (f"{name[:-2]}{count}d takes an input of this shape",) if 0 < count < 4 and name.endswith("d") else ()
    grey = without_channels(layer, x[1:])
    alike = len(x) == 3 and type(x[1]) is int and x[1] == x[2]
    return grey if grey and (alike or getattr(layer, "in_channels", None) is not None) else (*grey, *near)


def without_channels(layer: Layer, sizes: Shape, last: bool = False) -> tuple[str, ...]:
    """What to write for a picture or a signal whose axis of channels was left out, 28x28."""
    channels = getattr(layer, "in_channels", None)
    if len(sizes) != layer.axes:
        return ()
    first = sizes[-1] if last else sizes[0]
    if channels == first or (channels is None and type(first) is int and first < 5):
        return ()  # these are channels themselves
    shape = (*sizes, channels or 1) if last else (channels or 1, *sizes)
    whole = "x".join(map(str, shape))
    if channels not in (None, 1):
        return (f"with {channels} channels it is {whole}: write the input so",)
    what = {1: "a signal of one channel", 2: "a grey image", 3: "a volume of one channel"}[layer.axes]
    other = f"Reshape(({', '.join(map(str, shape))}))" if last else "Unsqueeze(1)"
    return (f"{what} is {whole}: write the input so, or put {other} before it",)


def broadcast(shapes: list[Shape], layer: Layer) -> Shape:
    """The common shape of samples (without the batch axis), aligned from the right; an axis of 1 stretches."""
    from cnncalc.core.number import is_one

    rank = max(len(shape) for shape in shapes)
    result: list[Number] = []
    for place in range(-rank, 0):
        size: Number = 1
        for shape in shapes:
            if len(shape) < -place or is_one(shape[place]):
                continue
            if is_one(size):
                size = shape[place]
            elif shape[place] != size:
                raise no_broadcast(shapes, layer, place)
        result.append(size)
    return tuple(result)


def no_broadcast(shapes: list[Shape], layer: Layer, place: int) -> Fault:
    """The fault for inputs whose shapes do not go together."""
    texts = [shape_text((1, *shape)) for shape in shapes]
    sizes: list[str] = []
    for shape in shapes:
        if len(shape) >= -place and str(shape[place]) not in [*sizes, "1"]:
            sizes.append(str(shape[place]))
    alike = len({len(shape) for shape in shapes}) == 1
    which = f"axis {len(shapes[0]) + place + 1}" if alike else f"axis {place}, counted from the end,"
    hints = []
    if not alike:
        hints.append("shapes are aligned at their last axis; Unsqueeze adds axes of 1 behind")
    elif len(shapes[0]) == 3 and layer.type() == "Add":
        hints.append("a shortcut usually needs Conv2d(kernel_size=1) with the same out_channels and stride")
    return Fault(
        "shapes-differ",
        f"{layer.type()} cannot combine {' and '.join(texts)}: {which} has {' and '.join(sizes)}",
        help=tuple(hints),
    )
