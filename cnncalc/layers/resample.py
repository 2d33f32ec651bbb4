"""Upsampling and interpolation. Source: PyTorch, torch.nn.Upsample and torch.nn.functional.interpolate."""

from __future__ import annotations

from typing import Any

from cnncalc.core.layer import Layer
from cnncalc.core.number import Shape, as_ints, scaled
from cnncalc.core.option import DROPPED, Option, anything, choice, custom, flag, whole
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text

# mode -> the number of spatial axes it is for; None is any.
MODES = {
    "nearest": None,
    "linear": 1,
    "bilinear": 2,
    "bicubic": 2,
    "trilinear": 3,
    "area": None,
    "nearest-exact": None,
}
CORNERS = ("linear", "bilinear", "bicubic", "trilinear")


def _target(value: object, option: Option, axes: int) -> int | tuple[int, ...]:
    """A size: one number, or one per axis."""
    parts = value if isinstance(value, (list, tuple)) else [value]
    sizes = []
    for part in parts:
        size = whole(part)
        if size is None or size < 1:
            raise option.refuse(value)
        sizes.append(size)
    return tuple(sizes) if isinstance(value, (list, tuple)) else sizes[0]


def _factor(value: object, option: Option, axes: int) -> float | tuple[float, ...]:
    """A factor: one number above 0, or one per axis."""
    parts = value if isinstance(value, (list, tuple)) else [value]
    factors = []
    for part in parts:
        factor = part if isinstance(part, float) and abs(part) < 2.0**64 else whole(part)
        if factor is None or factor < 0 or (isinstance(factor, (int, float)) and factor == 0):
            raise option.refuse(value)
        factors.append(factor)
    return tuple(factors) if isinstance(value, (list, tuple)) else factors[0]


def _size(help: str = "the output's size") -> int | tuple[int, ...] | None:
    return custom(
        help,
        _target,
        symbol="O",
        default=None,
        expects="a whole number of at least 1, or one for each spatial axis",
    )


def _scale(help: str = "how many times as large the output is") -> float | tuple[float, ...] | None:
    return custom(help, _factor, symbol="R", default=None, expects="a number above 0, or one for each spatial axis")


class Upsample(Layer):
    """Make every spatial axis larger (or smaller), to `size` or by `scale_factor`, ⌊H · R⌋."""

    takes = "N C L | N C H W | N C D H W"
    gives = "N C L_out | N C H_out W_out | N C D_out H_out W_out"
    receptive = "interpolation"
    example = "{image} -> {type}(scale_factor=2)"
    torch = "nn.{type}"
    saves = "nothing"
    keras = "UpSampling2D"
    category = "pool"
    explained = "nothing"

    size = _size()
    scale_factor = _scale()
    mode = choice("how numbers between are made", tuple(MODES), default="nearest")
    align_corners = anything("let the corners' centres stay where they are", default=None)
    recompute_scale_factor = anything("take the factor from the sizes, not as written", default=None)

    def prepare(self) -> None:
        if (self.size is None) == (self.scale_factor is None):
            also = ", not both" if self.size is not None else ""
            raise Fault("option-value", f"{self.type()} needs size or scale_factor{also}", option="size")
        if self.align_corners is not None and self.mode not in CORNERS:
            raise Fault(
                "option-value",
                f'align_corners goes with {", ".join(CORNERS)}, not with mode="{self.mode}"',
                option="align_corners",
                help="leave align_corners out",
            )
        if self.recompute_scale_factor and self.size is not None:
            raise Fault(
                "option-value", "recompute_scale_factor needs scale_factor, not size", option="recompute_scale_factor"
            )

    def shape(self, x: Shape) -> Shape:
        n, c, *space = x
        wanted = MODES[self.mode]
        if wanted is not None and wanted != len(space):
            near = {1: "linear", 2: "bilinear", 3: "trilinear"}[len(space)]
            raise Fault(
                "wrong-axes",
                f'mode="{self.mode}" takes {wanted} spatial {"axis" if wanted == 1 else "axes"},'
                f" but the input is {shape_text(x)}",
                option="mode",
                help=f'mode="{near}" is the one for this input',
            )
        if self.size is not None:
            return (n, c, *self._each(self.size, "size", tuple(space)))
        factors = self._each(self.scale_factor, "scale_factor", tuple(space))
        sizes = [scaled(size, factor) for size, factor in zip(space, factors, strict=True)]
        for size, out in zip(space, sizes, strict=True):
            if (out < 1 or size < 1) and self.mode != "area":
                raise Fault(
                    "no-output", f"{self.type()} would make an axis of {size} one of {out}", option="scale_factor"
                )
        return (n, c, *sizes)

    def notes(self, x: Shape) -> list[Fault]:
        """`Upsample(2)`: PyTorch's first number is the size of the output, and no factor."""
        if self.size is None or any(type(size) is not int for size in x[2:]):
            return []
        made, given = as_ints(self.shape(x)[2:]), as_ints(x[2:])
        if max(made) > 8 or not all(after < before for after, before in zip(made, given, strict=True)):
            return []
        message = (
            f"{'x'.join(map(str, made))} of {'x'.join(map(str, given))}: as in PyTorch the first number is the size"
        )
        return [
            Fault(
                "size-or-factor",
                f"size={made[0]} makes {message}",
                option="size",
                help=f"write {self.type()}(scale_factor={made[0]}) for {made[0]} times as large",
            )
        ]

    def _each(self, value: object, option: str, space: Shape) -> tuple[Any, ...]:
        if not isinstance(value, tuple):
            return (value,) * len(space)
        if len(value) != len(space):
            raise Fault(
                "option-value",
                f"{option} has {len(value)} numbers, the input has {len(space)} spatial"
                f" {'axis' if len(space) == 1 else 'axes'}",
                option=option,
            )
        return value


class Interpolate(Upsample):
    """The same as a function: torch.nn.functional.interpolate."""

    example = "{image} -> {type}(size=48, mode='bilinear')"
    torch = "nn.functional.interpolate"
    keras = "Resizing"

    antialias = flag("smooth before making smaller", default=False)

    def prepare(self) -> None:
        super().prepare()
        if self.antialias and self.mode not in ("bilinear", "bicubic"):
            raise Fault(
                "option-value",
                f'antialias goes with mode="bilinear" or "bicubic", not with mode="{self.mode}"',
                option="antialias",
                help="leave antialias out",
            )


class UpsamplingNearest2d(Upsample):
    """Make an image [channels, height, width] larger by repeating its numbers."""

    takes, gives = "N C H W", "N C H_out W_out"

    mode = DROPPED
    align_corners = DROPPED
    recompute_scale_factor = DROPPED

    def prepare(self) -> None:
        self.mode, self.align_corners = "nearest", None
        super().prepare()


class UpsamplingBilinear2d(Upsample):
    """Make an image [channels, height, width] larger, bilinearly, corners staying where they are."""

    takes, gives = "N C H W", "N C H_out W_out"
    keras = 'UpSampling2D(interpolation="bilinear")'

    mode = DROPPED
    align_corners = DROPPED
    recompute_scale_factor = DROPPED

    def prepare(self) -> None:
        self.mode, self.align_corners = "bilinear", True
        super().prepare()
