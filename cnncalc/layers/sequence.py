"""What layers of sequences refuse alike: heads that do not divide, masks that do not fit, images."""

from __future__ import annotations

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text


def divide_heads(size: Number, heads: Number, option: str = "num_heads") -> None:
    """Refuse heads that do not divide the features."""
    if size % heads != 0:
        raise Fault(
            "heads-do-not-divide",
            f"{size} features cannot be split into {heads} heads",
            option=option,
            help=divisors(size),
        )


def divisors(size: Number) -> tuple[str, ...]:
    """A sentence with the numbers that divide a size."""
    if type(size) is not int:
        return ()
    fits = [str(d) for d in range(1, min(size, 64) + 1) if size % d == 0]
    return ((", ".join(fits[:-1]) + " or " + fits[-1] if len(fits) > 1 else fits[0]) + " would do",)


def check_masks(layer: Layer, masks: tuple[Shape, ...], length: Number, memory: Number, heads: Number) -> None:
    """Refuse masks that are neither [S] nor [L, S] nor [heads, L, S] for one sample."""
    full = (heads, length, memory)
    for mask in masks:
        wanted = full[-(len(mask) - 1) :]
        if any(a != b for a, b in zip(mask[1:], wanted, strict=True)):
            raise Fault(
                "mask-shape",
                f"a mask of {layer.type()} must be [{memory}], [{length}, {memory}] or "
                f"[{heads}, {length}, {memory}], but is {shape_text(mask)}",
            )


def sequence_help(x: Shape) -> tuple[str, ...]:
    """What to write where an image comes to a layer of sequences."""
    if len(x) == 4:
        steps = " * ".join(str(size) for size in x[2:])
        return (f"make it a sequence [{steps}, {x[1]}]: Flatten(start_dim=2), then Transpose(1, 2)",)
    if len(x) == 2:
        return ("a sequence is [length, features]: Unsqueeze(1) makes one step of it",)
    return ()


def sources(xs: tuple[Shape, ...]) -> tuple[Shape, Shape, Shape]:
    """Query, key and value from one, two or three inputs."""
    return xs[0], xs[min(1, len(xs) - 1)], xs[min(2, len(xs) - 1)]


def same_length(layer: Layer, key: Shape, value: Shape) -> None:
    """Refuse keys and values of different lengths."""
    if key[1] != value[1]:
        raise Fault(
            "shapes-differ",
            f"{layer.type()} needs a value for each key, but gets {shape_text(key)} and {shape_text(value)}",
        )
