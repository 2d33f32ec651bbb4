"""Shapes with something else in one place: a size of the input, an option, two axes in one, one axis too many."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from cnncalc.core.number import Number, prod
from cnncalc.core.window import AXIS_NAMES
from cnncalc.grading.perturbed.row import space_of
from cnncalc.grading.question.number import Other
from cnncalc.network.row import Row

NAMES = {1: ("features",), 2: ("length", "features"), 3: ("channels", "height", "width")}
LETTERS = {"C": "channels", "D": "depth", "H": "height", "W": "width", "L": "length", "T": "length"}
SPACE = ("depth", "height", "width", "length")
WHOLE = 22  # the rank of a size in another one's place
ONE_AXIS = 17  # in a shape as usual as any; a count has it by chance
PART = 17  # that of one head or direction for all, or of the layer inside
SKIPPED = ("padding_idx", "num_layers", "dim", "start_dim", "end_dim", "num_chunks", "seed")


def of_shape(row: Row, right: object) -> Iterator[Other]:
    """What a shape becomes with a size of something else in it."""
    if not isinstance(right, list) or not all(type(size) is int for size in right) or not row.facts.inputs:
        return
    sizes = at_hand(row)
    axes = axis_names(row.layer.gives, len(right))
    for at, axis in enumerate(axes):
        for size, name in sizes.items():
            if size != right[at] and name != axis and not (axis in SPACE and _of_features(name)):
                rank = PART if name.startswith(("the features of one", "dim_feedforward")) else WHOLE
                yield Other([*right[:at], size, *right[at + 1 :]], f"{name} in place of {axis}", rank)
    for size, name in sizes.items():
        for at in range(len(right) + 1):
            yield Other([*right[:at], size, *right[at:]], f"an axis too many: {name}", WHOLE + 6)
    for at in range(len(right) - 1):
        merged = [*right[:at], right[at] * right[at + 1], *right[at + 2 :]]
        yield Other(merged, f"{axes[at]} and {axes[at + 1]} multiplied together", WHOLE + 4)
    came = list(row.input_shapes[0])
    if all(type(size) is int for size in came):
        for count in range(1, min(len(came), 4)):
            for some in combinations(came, count):
                yield Other(list(some), "some sizes of the input", WHOLE + 8)
        yield Other([sum(came)], "sizes added, not multiplied", WHOLE - 2)
        yield Other([prod(came)], "everything flattened", WHOLE - 2)
    yield from _heads(row, right)
    yield from _space(row, right)


def _of_features(name: str) -> bool:
    """Whether a size is one of features or channels, which nobody takes for a height."""
    return name[:1].isdigit() or name.startswith(("the features of", "the sum of"))


def axis_names(words: str, count: int) -> tuple[str, ...]:
    """The names of a shape's axes by the letters that a layer declares for them: "N C_out L_out" has a length."""
    for form in words.split(" | "):
        letters = form.split()[1:]
        if len(letters) == count and letters[0].startswith("C"):
            return tuple(LETTERS.get(letter[0], f"axis {at + 1}") for at, letter in enumerate(letters))
    return NAMES.get(count, tuple(f"axis {at + 1}" for at in range(count)))


def at_hand(row: Row) -> dict[int, str]:
    """The sizes that a layer is about, with their names: of its inputs, of its options, and what is made of them."""
    found: dict[int, str] = {}

    def add(size: Any, name: str) -> None:
        if type(size) is int and size > 0:
            found.setdefault(size, name)

    shapes = row.input_shapes
    takes = row.layer.takes if isinstance(row.layer.takes, str) else row.layer.takes[0]
    for number, shape in enumerate(shapes[:4]):
        for size, name in zip(shape, axis_names(takes, len(shape)), strict=True):
            add(size, f"the {'' if number == 0 else 'other '}input's {name}")
    gates, last = getattr(row.layer, "gates", 1), row.facts.shape[-1]
    heads = row.layer.__dict__.get("num_heads") or 1
    if type(last) is int:
        for factor, name in (
            (gates, "gates"),
            (heads, "heads"),
            (3, "queries, keys and values"),
            (2, "directions or layers"),
        ):
            if factor > 1:
                add(last * factor, f"{factor} times the features, for {name},")
        if heads > 1 and last % heads == 0:
            add(last // heads, "the features of one head")
        if getattr(row.layer, "bidirectional", False):
            add(last // 2, "the features of one direction")
    for name in row.layer.options:
        value = row.layer.__dict__.get(name)
        if name not in SKIPPED and not isinstance(value, bool):
            add(value, name)
    if len(shapes) > 1 and all(shapes[0]):
        for at, sizes in enumerate(zip(*shapes, strict=False)):
            if all(type(size) is int for size in sizes):
                add(sum(sizes), f"the sum along axis {at + 1}")
                add(prod(sizes), f"the product along axis {at + 1}")
    if len(shapes) == 1 and shapes[0] and type(shapes[0][0]) is int and type(row.facts.shape[1]) is int:
        add(shapes[0][0] + row.facts.shape[1], "the sum of input and output channels")
    return found


def _heads(row: Row, right: list[int]) -> Iterator[Other]:
    heads = row.layer.__dict__.get("num_heads")
    if type(heads) is int and heads > 1 and len(right) > 1 and right[-1] % heads == 0:
        yield Other([heads, *right[:-1], right[-1] // heads], "split into heads, which are joined again", 18)
        yield Other([*right[:-1], heads, right[-1] // heads], "split into heads, which are joined again", 19)
        yield Other([*right[:-1], right[-2]], "the shape of the scores, not of the output", 17)


def _space(row: Row, right: list[int]) -> Iterator[Other]:
    """Channels that change with the space, and spaces that change otherwise."""
    layer, facts = row.layer, row.facts
    before, after = space_of(layer, facts.inputs[0]), space_of(layer, facts.shape)
    if len(right) < 3 or len(before) != len(after) or not all(type(s) is int and s > 0 for s in (*before, *after)):
        return
    first = 0 if right[1:] == list(after) else len(right) - 1

    def shape(channels: Number, space: Any) -> list[Number]:
        return [channels, *space] if first == 0 else [*space, channels]

    channels = right[first]
    if after[0] % before[0] == 0 and after[0] > before[0]:
        factor = after[0] // before[0]
        yield Other(shape(channels * factor, after), "channels enlarged, too", 17)
        yield Other(shape(channels * factor**2, after), "channels enlarged, too", 19)
        if channels % factor == 0:
            yield Other(shape(channels // factor, after), "channels divided by the factor", 20)
        yield Other(shape(channels, [size // factor for size in before]), "made smaller, not larger", 18)
        yield Other(shape(channels, [size + factor for size in before]), "the factor added, not multiplied", 20)
        yield Other(shape(channels, [size * factor**2 for size in before]), "enlarged by the factor squared", 20)
    for factor in {b // a for b, a in zip(before, after, strict=True) if b > a} | set(
        getattr(layer, "stride", None) or ()
    ):
        if type(factor) is int and factor > 1:
            if channels % factor == 0:
                yield Other(shape(channels // factor, after), "channels made fewer, too", 17)
            yield Other(shape(channels * factor, after), "channels made more by the stride", 21)
            yield Other(shape(channels, [size * factor for size in before]), "made larger, not smaller", 22)
    kernel = getattr(layer, "kernel_size", None)
    if isinstance(kernel, tuple) and len(kernel) == len(before):
        yield Other(
            shape(channels, [b - k for b, k in zip(before, kernel, strict=True)]), "the kernel subtracted alone", 22
        )
        yield Other(shape(channels, [b // k for b, k in zip(before, kernel, strict=True)]), "divided by the kernel", 23)
    yield Other(shape(channels, before), "the size taken as unchanged", 20)
    for at, name in enumerate(AXIS_NAMES.get(len(after), ())):
        one = [size if other == at else before[other] for other, size in enumerate(after)]
        if one != list(after):
            yield Other(shape(channels, one), f"computed along one axis only: {name}", ONE_AXIS)
        if len(after) > 2:
            kept = [before[other] if other == at else size for other, size in enumerate(after)]
            yield Other(shape(channels, kept), f"the {name} taken as unchanged", ONE_AXIS)
    yield Other(shape(1, after), "one channel for all", 17)
    yield Other(list(after), "channels left out", 12)
    yield Other(shape(channels, [sum(after)]), "height and width added", 26)
