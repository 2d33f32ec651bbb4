"""Padding and cropping. Source: PyTorch, torch.nn.ZeroPad1d etc. and torch.nn.functional.pad."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cnncalc.core.layer import Layer, by_axes
from cnncalc.core.number import Number, Shape, known_equal, prod
from cnncalc.core.option import ANY, Option, Sizes, choice, custom, real, sizes, whole
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.layers.axes import Rearranged, other_axes

MODES = ("constant", "reflect", "replicate", "circular")


def _sides(value: object, option: Option, axes: int) -> Sizes:
    """PyTorch's order, the last axis first: left, right, top, bottom, front, back."""
    parts = list(value) if isinstance(value, (list, tuple)) else [value] * (2 * axes)
    amounts = [whole(part) for part in parts]
    if any(amount is None for amount in amounts) or len(amounts) != 2 * axes:
        raise option.refuse(value)
    return tuple(amounts)


def pairs_of(sides: Sequence[int]) -> list[tuple[int, int]]:
    """Amounts before and after of the last axes, in the order of the axes; `sides` has the last axis first."""
    return [(sides[at], sides[at + 1]) for at in range(0, len(sides), 2)][::-1]


def sides_of(pairs: Iterable[tuple[Number, Number]]) -> tuple[Number, ...]:
    """Amounts before and after of each axis as PyTorch takes them, the last axis first."""
    return tuple(amount for pair in reversed([*pairs]) for amount in pair)


def padded(layer: Layer, x: Shape, padding: tuple[Number, ...], mode: str) -> Shape:
    """The shape with `padding` (last axis first) around it; negative amounts cut off."""
    result = list(x)
    empty: list[tuple[Number, Number, Number]] = []
    for pair in range(len(padding) // 2):
        before, after = padding[2 * pair], padding[2 * pair + 1]
        at = len(x) - 1 - pair
        size = x[at]
        for amount in (before, after):
            if mode == "reflect" and amount > size - 1:
                raise _too_large(layer, x, amount, f"reflecting {amount} needs more than {amount}", size)
            if mode == "circular" and amount > size:
                raise _too_large(layer, x, amount, f"wrapping {amount} around needs at least {amount}", size)
        out = size + before + after
        cut = sum(amount for amount in (before, after) if isinstance(amount, int) and amount < 0)
        first = mode not in ("reflect", "replicate")  # these cut off last, the others before they grow
        if out < 0:
            raise _nothing_left(layer, x, size, before, after)
        if first and size + cut < 0:
            raise Fault(
                "no-output",
                f"{layer.type()} cannot cut {-cut} off an axis of {size} ({shape_text(x)}, {before} and {after})",
                option=_option(layer),
            )
        if out < 1:
            empty.append((size, before, after))
        result[at] = out
    if empty and len(empty) == len(padding) // 2 and mode in ("reflect", "replicate"):
        raise _nothing_left(layer, x, *empty[0])
    return tuple(result)


def _nothing_left(layer: Layer, x: Shape, size: Number, before: Number, after: Number) -> Fault:
    out = size + before + after
    return Fault(
        "no-output",
        f"{layer.type()} would make an axis of {out} of one of {size} ({shape_text(x)}, {before} and {after})",
        option=_option(layer),
    )


def _option(layer: Layer) -> str:
    return "padding" if "padding" in layer.options else "amounts"


def _too_large(layer: Layer, x: Shape, amount: Number, need: str, size: Number) -> Fault:
    return Fault("padding-too-large", f"{need} numbers on that axis, {shape_text(x)} has {size}", option="padding")


class AnyPad(Rearranged, abstract=True):
    """Put numbers around the spatial axes."""

    takes, gives = "N C {space}", "N C {space_out}"
    receptive = "shift"
    example = "{image} -> {type}(1)"
    torch = "nn.{type}"

    padding = custom(
        "how much: left, right, then top, bottom, then front, back; one number for every side",
        _sides,
        symbol="P",
        expects="a whole number, or two for each spatial axis, the last axis first",
    )
    mode = "constant"

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return other_axes(self, x)

    def ends(self) -> tuple[int, int] | None:
        return (self.padding[0], self.padding[1]) if len(self.padding) == 2 else None

    def shape(self, x: Shape) -> Shape:
        return padded(self, x, self.padding, self.mode)


class ZeroPad(AnyPad, abstract=True):
    """Put zeros around {image}; negative amounts cut off."""

    keras = "ZeroPadding{n}D"


class ConstantPad(AnyPad, abstract=True):
    """Put one number around {image}; negative amounts cut off."""

    example = "{image} -> {type}(1, value=0.5)"
    keras = "ZeroPadding{n}D"

    value = real("the number")


class ReflectionPad(AnyPad, abstract=True):
    """Put its own numbers, reflected, around {image}; negative amounts cut off."""

    saves = "input"
    mode = "reflect"


class ReplicationPad(AnyPad, abstract=True):
    """Put its edge, repeated, around {image}; negative amounts cut off."""

    saves = "input"
    mode = "replicate"


class CircularPad(AnyPad, abstract=True):
    """Put its other end around {image}; negative amounts cut off."""

    mode = "circular"


ZeroPad1d, ZeroPad2d, ZeroPad3d = by_axes(ZeroPad, 1, 2, 3)
ConstantPad1d, ConstantPad2d, ConstantPad3d = by_axes(ConstantPad, 1, 2, 3)
ReflectionPad1d, ReflectionPad2d, ReflectionPad3d = by_axes(ReflectionPad, 1, 2, 3)
ReplicationPad1d, ReplicationPad2d, ReplicationPad3d = by_axes(ReplicationPad, 1, 2, 3)
CircularPad1d, CircularPad2d, CircularPad3d = by_axes(CircularPad, 1, 2, 3)


class Pad(Rearranged):
    """Pad any axes: torch.nn.functional.pad, amounts from the last axis on: left, right, top, bottom, ..."""

    keeps_axes = True
    receptive = "shift"
    example = "{image} -> {type}([1, 1, 2, 2])"
    torch = "nn.functional.pad"
    keras = "ZeroPadding2D"
    padding = sizes("two amounts per axis, the last axis first", least=ANY, symbol="P")
    mode = choice("what it is filled with", MODES, default="constant")
    value = real("the number of mode constant", default=0.0)

    def ends(self) -> tuple[int, int] | None:
        return (self.padding[0], self.padding[1]) if len(self.padding) == 2 else None

    def carried(self, x: Shape) -> Number:
        """What is pushed out at an axis' end where it moves on: RWKV's position before the newest."""
        sides = self.padding
        for at in range(0, len(sides) - 1, 2):
            if type(sides[at]) is int and sides[at] > 0 and known_equal(sides[at + 1], -sides[at]):
                return prod(x[1:]) // x[len(x) - 1 - at // 2] * sides[at]
        return 0

    def shape(self, x: Shape) -> Shape:
        if len(self.padding) % 2:
            raise self._odd(x)
        pairs = len(self.padding) // 2
        if pairs > len(x) - 1:
            raise Fault(
                "wrong-axes",
                f"{len(self.padding)} amounts for {shape_text(x)}, which has {len(x) - 1} axes",
                option="padding",
            )
        if self.mode != "constant" and pairs > 3:
            raise Fault("wrong-axes", f'mode="{self.mode}" pads three axes at most, not {pairs}', option="padding")
        if self.mode != "constant" and pairs not in (len(x) - 2, len(x) - 1):
            raise Fault(
                "wrong-axes",
                f'mode="{self.mode}" pads the spatial axes of [channels, ...]: {shape_text(x)} takes'
                f" {2 * (len(x) - 2)} amounts, not {len(self.padding)}",
                option="padding",
            )
        return padded(self, x, self.padding, self.mode)

    def _odd(self, x: Shape) -> Fault:
        """The fault for amounts that do not come in pairs; one amount is meant for every side."""
        axes, amount = len(x) - 2, self.padding[0]
        help: tuple[str, ...] = ()
        if len(self.padding) == 1 and 0 < axes < 4:
            every = ", ".join([str(amount)] * (2 * axes))
            help = (f"for {amount} on every side of {shape_text(x)} write ZeroPad{axes}d({amount}), or Pad([{every}])",)
        return Fault(
            "option-value",
            f"padding needs two amounts per axis, not {len(self.padding)} in all",
            option="padding",
            help=help,
        )


class Crop(Rearranged):
    """Cut off: left, right, then top, bottom, then front, back; one number for every side of the spatial axes."""

    keeps_axes = True
    receptive = "shift"
    example = "{image} -> {type}([1, 1, 2, 2])"
    origin = "PyTorch, torch.nn.functional.pad with negative amounts."
    keras = "Cropping2D"
    amounts = sizes("how much: left, right, then top, bottom, ...", least=0)

    def shape(self, x: Shape) -> Shape:
        sides = self.sides(len(x))
        if len(sides) % 2 or len(sides) > 2 * (len(x) - 1):
            raise Fault(
                "option-value",
                f"amounts must be one number, or two for each axis of {shape_text(x)}, the last axis first",
                option="amounts",
            )
        return padded(self, x, sides, "constant")

    def sides(self, rank: int) -> tuple[int, ...]:
        """The amounts as those of a padding, below 0, of an input with so many axes."""
        given = self.amounts if len(self.amounts) > 1 else self.amounts * (2 * (rank - 2))
        return tuple(-amount for amount in given)
