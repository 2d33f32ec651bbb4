"""Mistakes with sliding windows: padding, stride, dilation, rounding, the + 1, height and width."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cnncalc.core.layer_result import LayerResult
from cnncalc.core.number import ceil_div
from cnncalc.grading.mistakes.window import Window, in_windows, no_padding, shaped
from cnncalc.grading.perturbed.row import Mistake, channels_of, option, spreading, with_channels


def padding_ignored(w: Window) -> Iterator[LayerResult]:
    if w.word and w.word != "valid" and w.transposed:
        yield w.kept(padding="valid")
    elif any(before or after for before, after in w.padding):
        yield w.with_(padding=no_padding(len(w.padding)))


def padding_once(w: Window) -> Iterator[LayerResult]:
    if any(before and after for before, after in w.padding):
        yield w.with_(padding=tuple((before, 0) for before, _ in w.padding))


def padding_twice(w: Window) -> Iterator[LayerResult]:
    if any(before or after for before, after in w.padding):
        yield w.with_(padding=tuple((2 * before, 2 * after) for before, after in w.padding))


def padding_added(w: Window) -> Iterator[LayerResult]:
    if w.transposed and not w.word:
        yield w.with_(padding=tuple((-before, -after) for before, after in w.padding))


def padding_same(w: Window) -> Iterator[LayerResult]:
    if w.word and w.transposed:
        yield w.kept(padding="same")
    elif not w.transposed:
        yield w.with_(padding="same_upper")


def pool_halves(w: Window) -> Iterator[LayerResult]:
    """A pool of stride 2 taken to halve, whatever its kernel."""
    if option(w.facts.layer, "out_channels") is None and w.kernel != w.stride:
        yield from padding_same(w)


def stride_ignored(w: Window) -> Iterator[LayerResult]:
    if any(step != 1 for step in w.stride):
        yield w.kept(stride=(1,) * len(w.stride))


def stride_is_kernel(w: Window) -> Iterator[LayerResult]:
    if w.stride != w.kernel:
        yield w.kept(stride=w.kernel)


def padding_and_stride_ignored(w: Window) -> Iterator[LayerResult]:
    if any(step != 1 for step in w.stride) and any(before or after for before, after in w.padding):
        yield w.with_(stride=(1,) * len(w.stride), padding=no_padding(len(w.padding)))


def dilation_ignored(w: Window) -> Iterator[LayerResult]:
    if any(step != 1 for step in w.dilation):
        yield w.kept(dilation=(1,) * len(w.dilation))


def dilation_as_stride(w: Window) -> Iterator[LayerResult]:
    if any(step != 1 for step in w.dilation) and all(step == 1 for step in w.stride):
        yield w.with_(stride=w.dilation, dilation=(1,) * len(w.dilation))


def dilation_added(w: Window) -> Iterator[LayerResult]:
    if any(step != 1 for step in w.dilation):
        for less in (1, 0):
            kernel = tuple(size + step - less for step, size in zip(w.dilation, w.kernel, strict=True))
            yield shaped(w.facts, w.with_(kernel_size=kernel, dilation=(1,) * len(kernel)).shape)


def dilation_times_kernel(w: Window) -> Iterator[LayerResult]:
    if any(step != 1 for step in w.dilation):
        kernel = tuple(step * size for step, size in zip(w.dilation, w.kernel, strict=True))
        made = w.with_(kernel_size=kernel, dilation=(1,) * len(kernel))
        yield shaped(w.facts, made.shape)


def signs(w: Window) -> Iterator[LayerResult]:
    """The kernel added, or the padding taken away."""
    if w.transposed or not w.padding:
        return
    added, taken = [], []
    for size, kernel, stride, dilation, (before, after) in zip(
        w.space, w.kernel, w.stride, w.dilation, w.padding, strict=True
    ):
        reach = dilation * (kernel - 1) + 1
        added.append((size + before + after + reach) // stride + 1)
        taken.append((size - before - after - reach) // stride + 1)
    yield w.sized(tuple(added))
    if tuple(taken) != w.made and min(taken) > 0:
        yield w.sized(tuple(taken))


def options_exchanged(w: Window) -> Iterator[LayerResult]:
    """Kernel size, stride and padding in each other's place."""
    if w.transposed or not w.padding or any(before != after for before, after in w.padding):
        return
    padding = tuple(before for before, _ in w.padding)
    for kernel, stride, around in (
        (w.kernel, padding, w.stride),
        (w.stride, w.kernel, padding),
        (padding, w.stride, w.kernel),
    ):
        if (kernel, stride, around) == (w.kernel, w.stride, padding) or 0 in stride or 0 in kernel:
            continue
        space = [
            (size + 2 * p - d * (k - 1) - 1) // s + 1
            for size, k, s, p, d in zip(w.space, kernel, stride, around, w.dilation, strict=True)
        ]
        if min(space) > 0:
            yield w.sized(tuple(space))


def divided_first(w: Window) -> Iterator[LayerResult]:
    """Divided by the stride before the kernel is subtracted."""
    if w.transposed or not w.padding or all(step == 1 for step in w.stride):
        return
    for padded in (True, False):
        space = []
        for size, k, s, d, (before, after) in zip(w.space, w.kernel, w.stride, w.dilation, w.padding, strict=True):
            around, reach = before + after, d * (k - 1) + 1
            space.append((size + around) // s - reach + 1 if padded else size // s + around - reach + 1)
        if min(space) > 0:
            yield w.sized(tuple(space))


def kernel_ignored(w: Window) -> Iterator[LayerResult]:
    ones = (1,) * len(w.kernel)
    made = w.with_(kernel_size=ones, dilation=ones)
    yield shaped(w.facts, made.shape)
    if w.transposed:
        yield w.sized(tuple(size - kernel for size, kernel in zip(w.made, w.kernel, strict=True)))


def rounded_up(w: Window) -> Iterator[LayerResult]:
    if not w.transposed and not w.ceil:
        yield w.slipping("up")


def rounded_down(w: Window) -> Iterator[LayerResult]:
    if w.ceil:
        yield w.with_(ceil_mode=False)


def windows_in_padding(w: Window) -> Iterator[LayerResult]:
    if w.ceil:
        yield w.slipping("up")


def not_rounded(w: Window) -> Iterator[LayerResult]:
    if not w.transposed:
        yield w.slipping("exact")


def plus_one_lost(w: Window) -> Iterator[LayerResult]:
    if w.transposed:
        yield w.sized(tuple(size - 1 for size in w.made))
    else:
        yield w.slipping("less")


def one_subtracted(w: Window) -> Iterator[LayerResult]:
    if not w.transposed:
        yield w.slipping("two less")


def one_too_many(w: Window) -> Iterator[LayerResult]:
    if w.transposed:
        yield w.sized(tuple(size + 1 for size in w.made))
    else:
        yield w.slipping("more")


def minus_one_lost(w: Window) -> Iterator[LayerResult]:
    # ⌊(H + 2P − D(K−1))/S⌋ + 1 is the rule for a size one larger; (H·S − 2P + ...) too.
    yield w.on(tuple(size + 1 for size in w.space))
    if any(step != 1 for step in w.dilation) and not w.transposed:  # D·K for D·(K − 1)
        yield w.on(tuple(size - step for size, step in zip(w.space, w.dilation, strict=True)))


def minus_one_lost_going_up(w: Window) -> Iterator[LayerResult]:
    if w.transposed and not w.word:
        yield w.on(tuple(size + 1 for size in w.space))


def divided_by_stride(w: Window) -> Iterator[LayerResult]:
    pairs = zip(w.space, w.stride, strict=True)
    yield w.sized(tuple(size // step for size, step in pairs) if not w.transposed else w.made)


def multiplied_with_stride(w: Window) -> Iterator[LayerResult]:
    if w.transposed:
        yield w.sized(tuple(size * step for size, step in zip(w.space, w.stride, strict=True)))


def divided_by_stride_up(w: Window) -> Iterator[LayerResult]:
    if not w.transposed:
        yield w.sized(tuple(ceil_div(size, step) for size, step in zip(w.space, w.stride, strict=True)))


def output_padding_ignored(w: Window) -> Iterator[LayerResult]:
    if any(w.facts.layer.__dict__.get("output_padding") or ()):
        yield w.with_(output_padding=(0,) * len(w.kernel))


def made_smaller(w: Window) -> Iterator[LayerResult]:
    """A transposed convolution computed as a convolution, whose formula is the known one."""
    if w.transposed:
        yield from _other_direction(w)


def made_larger(w: Window) -> Iterator[LayerResult]:
    """A convolution computed as a transposed one."""
    if not w.transposed:
        yield from _other_direction(w)


def _other_direction(w: Window) -> Iterator[LayerResult]:
    space = []
    for size, kernel, stride, dilation, (before, after) in zip(
        w.space, w.kernel, w.stride, w.dilation, w.padding, strict=True
    ):
        span = dilation * (kernel - 1)
        if w.transposed:
            space.append((size + before + after - span - 1) // stride + 1)
        else:
            space.append((size - 1) * stride - before - after + span + 1)
    if min(space) > 0 and option(w.facts.layer, "out_channels") is not None:
        yield w.sized(tuple(space))


def _swapped(values: Any) -> Any:
    return (*values[:-2], values[-1], values[-2])


def swapped_kernel(w: Window) -> Iterator[LayerResult]:
    if len(w.kernel) > 1 and w.kernel[-1] != w.kernel[-2]:
        yield w.with_(kernel_size=_swapped(w.kernel))


def swapped_stride(w: Window) -> Iterator[LayerResult]:
    if len(w.kernel) > 1 and w.stride[-1] != w.stride[-2]:
        yield w.with_(stride=_swapped(w.stride))


def swapped_padding(w: Window) -> Iterator[LayerResult]:
    if len(w.kernel) > 1 and w.padding[-1] != w.padding[-2]:
        yield w.with_(padding=_swapped(w.padding))


def swapped_input(w: Window) -> Iterator[LayerResult]:
    if len(w.space) > 1 and w.space[-1] != w.space[-2]:
        yield w.on(_swapped(w.space))


def swapped(w: Window) -> Iterator[LayerResult]:
    if len(w.made) > 1 and w.made[-1] != w.made[-2]:
        yield w.sized(_swapped(w.made))


def channels_kept(w: Window) -> Iterator[LayerResult]:
    layer, x = w.facts.layer, w.facts.inputs[0]
    if option(layer, "out_channels") is not None:
        yield shaped(w.facts, with_channels(layer, w.facts.shape, channels_of(layer, x)))


def channels_multiplied(w: Window) -> Iterator[LayerResult]:
    layer, x, y = w.facts.layer, w.facts.inputs[0], w.facts.shape
    if option(layer, "out_channels") is not None:
        yield shaped(w.facts, with_channels(layer, y, channels_of(layer, x) * channels_of(layer, y)))


def channels_of_a_group(w: Window) -> Iterator[LayerResult]:
    layer, y, groups = w.facts.layer, w.facts.shape, option(w.facts.layer, "groups")
    if groups is not None and groups > 1:
        yield shaped(w.facts, with_channels(layer, y, channels_of(layer, y) // groups))


def _mistake(name: str, rank: int, make: Callable[[Window], Iterator[LayerResult]]) -> Mistake:
    return spreading(name, rank, in_windows(make))


MISTAKES = (
    _mistake("padding ignored", 10, padding_ignored),
    _mistake("ceil instead of floor", 11, rounded_up),
    _mistake("floor instead of ceil", 11, rounded_down),
    _mistake("stride ignored", 12, stride_ignored),
    _mistake("dilation ignored", 12, dilation_ignored),
    _mistake("the + 1 forgotten", 13, plus_one_lost),
    _mistake("1 subtracted, not added", 26, one_subtracted),
    _mistake("padding added on one side only", 14, padding_once),
    _mistake("not rounded", 15, not_rounded),
    _mistake("dilated kernel taken as dilation times kernel", 15, dilation_times_kernel),
    _mistake("padding added instead of taken away", 12, padding_added),
    _mistake("dilation taken as the stride", 15, dilation_as_stride),
    _mistake("dilation added to the kernel", 16, dilation_added),
    _mistake("height and width swapped", 16, swapped),
    _mistake("convolution and transposed convolution mistaken for each other", 11, made_smaller),
    _mistake("convolution and transposed convolution mistaken for each other", 34, made_larger),
    _mistake('padding taken as "same"', 13, pool_halves),
    _mistake('padding taken as "same"', 17, padding_same),
    _mistake("height and width of the kernel swapped", 17, swapped_kernel),
    _mistake("height and width of the stride swapped", 18, swapped_stride),
    _mistake("height and width of the padding swapped", 18, swapped_padding),
    _mistake("height and width of the input swapped", 19, swapped_input),
    _mistake("output padding ignored", 16, output_padding_ignored),
    _mistake("kernel size ignored", 17, kernel_ignored),
    _mistake("the input's channels kept", 17, channels_kept),
    _mistake("windows that start in the padding counted", 16, windows_in_padding),
    _mistake("padding doubled", 17, padding_twice),
    _mistake("off by one window", 17, one_too_many),
    _mistake("the − 1 lost", 12, minus_one_lost_going_up),
    _mistake("the − 1 lost", 25, minus_one_lost),
    _mistake("only the stride counted", 16, multiplied_with_stride),
    _mistake("only the stride counted", 28, divided_by_stride),
    _mistake("only the stride counted", 28, divided_by_stride_up),
    _mistake("sign of the kernel or of the padding wrong", 23, signs),
    _mistake("kernel size, stride and padding exchanged", 21, options_exchanged),
    _mistake("divided by the stride before the kernel is subtracted", 23, divided_first),
    _mistake("padding and stride ignored", 17, padding_and_stride_ignored),
    _mistake("stride taken as the kernel size", 20, stride_is_kernel),
    _mistake("channels of one group only", 17, channels_of_a_group),
    _mistake("channels of input and output multiplied", 33, channels_multiplied),
)
