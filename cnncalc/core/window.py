"""The only sliding-window arithmetic: `pads` for rules and kernels, `windows` for rules.

Sizes are per spatial axis, in elements. `reach = D·(K − 1) + 1` is what one window spans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from cnncalc.core.number import Number, Size, ceil_div, largest, smallest
from cnncalc.core.problem import Fault

if TYPE_CHECKING:
    from cnncalc.core.option import Pads, Sizes

# Positions that are looked at one by one, to find those that windows with gaps leave out.
MOST_LOOKED_AT = 10_000_000

AXIS_NAMES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


class Windowed(Protocol):
    """What slides windows, a convolution or a pool: one number for each spatial axis."""

    @property
    def kernel_size(self) -> Sizes: ...
    @property
    def stride(self) -> Sizes: ...
    @property
    def dilation(self) -> Sizes: ...
    @property
    def padding(self) -> Pads | str: ...


def reach(kernel: Number, dilation: Number) -> Number:
    """What one window spans: D·(K − 1) + 1."""
    return dilation * (kernel - 1) + 1


def pads(layer: Any, space: tuple[Size, ...]) -> tuple[tuple[Size, Size], ...]:
    """Padding before and after each spatial axis of size `space`, whatever way it was written.

    "same" is PyTorch's: D·(K − 1) in all, the odd one after. "same_upper" (Keras' "same") and "same_lower" reach an
    output of ⌈size / stride⌉; "causal" puts D·(K − 1) before; "valid" is none.
    """
    written: Any = rule_of(layer)
    if not isinstance(written, str):
        return written  # type: ignore[no-any-return]
    result: list[tuple[Any, Any]] = []
    for size, kernel, stride, dilation in zip(space, layer.kernel_size, layer.stride, layer.dilation, strict=True):
        if written == "valid":
            before, after = 0, 0
        elif written == "causal":
            before, after = dilation * (kernel - 1), 0
        else:
            total = dilation * (kernel - 1)
            if written != "same":
                total = largest((ceil_div(size, stride) - 1) * stride + total + 1 - size, 0)
            before = total // 2
            after = total - before
            if written == "same_lower":
                before, after = after, before
        result.append((before, after))
    return tuple(result)


def rule_of(layer: Windowed) -> Pads | str:
    """A layer's padding: pairs, or a word; Keras' "same" is another one than PyTorch's."""
    rule: str | None = getattr(layer, "padding_rule", None)
    return rule or layer.padding


def windows(layer: Windowed, space: tuple[Number, ...], ceil_mode: bool = False) -> list[Number]:
    """How many windows fit on each axis: ⌊(H + 2·P − D·(K − 1) − 1) / S⌋ + 1.

    With `ceil_mode` the division rounds up, but no window may start in the padding after the input.
    Raises `Fault` where the padded input is smaller than one window.
    """
    if rule_of(layer) in ("same_upper", "same_lower"):  # the padding is made for this, whatever the kernel
        return [ceil_div(size, stride) for size, stride in zip(space, layer.stride, strict=True)]
    sizes = []
    for axis, (size, kernel, stride, dilation, (before, after)) in enumerate(
        zip(space, layer.kernel_size, layer.stride, layer.dilation, pads(layer, space), strict=True)
    ):
        padded = size + before + after
        room = padded - dilation * (kernel - 1) - 1
        # Rounding up leaves one window where it hangs over the end by less than a step.
        if (ceil_div(room, stride) if ceil_mode else room) < 0:
            raise too_large(layer, axis, len(space), size, before, after, kernel, dilation)
        if ceil_mode:
            sizes.append(smallest(ceil_div(room, stride) + 1, ceil_div(size + before, stride)))
        else:
            sizes.append(room // stride + 1)
    return sizes


def too_large(
    layer: Windowed,
    axis: int,
    axes: int,
    size: Number,
    before: Number,
    after: Number,
    kernel: Number,
    dilation: Number,
) -> Fault:
    """The fault for a window that does not fit into the padded input."""
    name = AXIS_NAMES[axes][axis]
    span = reach(kernel, dilation)
    window = (
        f"a kernel of {kernel}" if dilation == 1 else f"a kernel of {kernel} with dilation {dilation} spans {span} and"
    )
    padded = f"{size}" if before == 0 and after == 0 else f"{size} + {before} + {after} = {size + before + after}"
    most = (size + before + after - 1) // dilation + 1
    needed = ceil_div(span - size, 2)
    words = getattr(layer, "padding_rule", None) is not None  # Keras has words for padding, and other names
    fits = 'padding="same"' if words else f"padding={needed}"
    return Fault(
        "kernel-larger-than-input",
        f"{window} does not fit into the {name} {padded}",
        option="pool_size" if "pool_size" in getattr(layer, "options", ()) else "kernel_size",
        help=f"{fits} would make it fit, or a kernel of at most {most}",
    )


def unread(layer: Any, space: tuple[int, ...], counts: tuple[int, ...]) -> tuple[int, ...]:
    """Rows (columns, ...) of the input that no window reads, for each spatial axis with `counts` windows."""
    result = []
    for size, kernel, stride, dilation, (before, after), count in zip(
        space, layer.kernel_size, layer.stride, layer.dilation, pads(layer, space), counts, strict=True
    ):
        span = reach(kernel, dilation)
        if stride <= span and dilation == 1:
            end = (count - 1) * stride + span
            result.append(max(0, size + before - max(end, before)))
        elif dilation == 1:
            result.append(
                size - _covered(before + size, kernel, stride, count) + _covered(before, kernel, stride, count)
            )
        elif max(size + before + after, (count - 1) * stride + span, kernel * count) > MOST_LOOKED_AT:
            result.append(0)  # too many to look at one by one
        else:
            seen = bytearray(max(size + before + after, (count - 1) * stride + span))
            ones = b"\x01" * count
            for tap in range(kernel):
                first = tap * dilation
                seen[first : first + (count - 1) * stride + 1 : stride] = ones
            result.append(size - sum(seen[before : before + size]))
    return tuple(result)


def _covered(end: int, kernel: int, stride: int, count: int) -> int:
    """How many of the first `end` positions windows read that do not overlap."""
    full = min(end // stride, count)
    return full * kernel + (min(end - full * stride, kernel) if full < count else 0)
