"""Why a layer's numbers are as they are, in a sentence each: what strides, padding and groups do, how bins are cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cnncalc.core.number import as_written, is_one, prod
from cnncalc.network.row import Row

# Bins that are listed; of more only the first.
MOST = 8
ORDINALS = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}


def reasons(row: Row) -> list[str]:
    """The sentences of a layer."""
    rule = REASONS.get(row.layer.explained)
    return list(rule(row)) if rule is not None else []


def _dropout(row: Row) -> Iterator[str]:
    """What it does where nothing is trained, and why the others are enlarged."""
    yield "at evaluation y = x; the division by 1 − p in training keeps the mean of y at that of x"


# --- windows -------------------------------------------------------------------------------------------------------


def _windows(row: Row) -> Iterator[str]:
    """What the window's options do, where all axes have the same and all sizes are known."""
    layer: Any = row.layer
    kernel, stride = _one(layer.kernel_size), _one(layer.stride)
    dilation = _one(getattr(layer, "dilation", (1,)))
    x, y = layer.space(row.facts.inputs[0]), layer.space(row.facts.shape)
    if kernel is None or stride is None or not all(type(size) is int for size in (*x, *y)):
        return
    if stride == kernel > 1 and (dilation or 1) == 1:
        yield f"stride {stride} is the window's size: windows lie side by side, none overlap"
    elif stride > 1:
        which = ORDINALS.get(stride, f"{stride}th")
        yield f"stride {stride} keeps every {which} window"
    elif x == y and kernel > 1:
        yield "the padding makes up for what the window takes, D·(K − 1) in all: the size stays"
    if dilation is not None and dilation > 1 and kernel > 1:
        yield f"dilation {dilation}: {kernel} taps span {dilation}·({kernel} − 1) + 1 = {dilation * (kernel - 1) + 1}"
    groups = getattr(layer, "groups", 1)
    channels = row.facts.inputs[0][1]
    if type(groups) is int and groups > 1 and type(channels) is int:
        own = channels // groups
        yield f"{groups} groups: each filter sees {own} of {channels} channels" + (" (depthwise)" if own == 1 else "")
    if kernel == 1 and layer.has("out_channels"):
        yield "a filter of size 1 mixes the channels of a position, and sees no neighbours"
    if getattr(layer, "ceil_mode", False) is True:
        yield (
            "ceil_mode keeps a window that hangs over the end; the minimum leaves out one that would begin behind "
            "the input, in its padding"
        )


def _one(values: object) -> int | None:
    """The whole number that all axes have; None where there is none."""
    sizes = set(as_written(values)) if isinstance(values, tuple) else {values}
    one = next(iter(sizes))
    return one if len(sizes) == 1 and type(one) is int else None


def _bins(row: Row) -> Iterator[str]:
    """Where the bins of an adaptive pool begin and end, along each axis that is cut."""
    layer = row.layer
    x, y = layer.space(row.facts.inputs[0]), layer.space(row.facts.shape)
    names = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}[len(x)]
    yield "bin i goes from ⌊i·H/O⌋ up to ⌈(i + 1)·H/O⌉, the end not included"
    seen: dict[tuple[int, int], list[str]] = {}
    for name, size, count in zip(names, x, y, strict=True):
        if type(size) is int and type(count) is int and count > 0:
            seen.setdefault((size, count), []).append(name)
    for (size, count), axes in seen.items():
        bins = [(at * size // count, -(-(at + 1) * size // count)) for at in range(min(count, MOST))]
        more = f" and {count - MOST} more" if count > MOST else ""
        even = "" if size % count else f", {size // count} each"
        apart = "" if size % count == 0 else "; neighbours overlap where the sizes do not divide"
        listed = ", ".join(f"{first}–{last - 1}" if last - first > 1 else f"{first}" for first, last in bins)
        yield f"along {' and '.join(axes)}: {listed}{more}{even}{apart}"


# --- norms ---------------------------------------------------------------------------------------------------------


def _of_batch(row: Row) -> Iterator[str]:
    """What mean and variance are taken over, and what is not trained."""
    yield f"μ and σ² of each channel, over the batch{_space(row)} in training, running ones in use"
    if row.facts.buffers:
        yield f"running mean and variance, {prod(row.facts.buffers[0].shape)} numbers each, are not trained"


def _of_instance(row: Row) -> Iterator[str]:
    yield "μ and σ² of each channel of each sample, over its positions"


def _of_groups(row: Row) -> Iterator[str]:
    options = row.layer.__dict__
    groups = options.get("num_groups", options.get("groups"))
    yield f"μ and σ² of each of {groups} groups of channels of each sample, over their channels{_space(row)}"


def _of_last_axes(row: Row) -> Iterator[str]:
    over = row.layer.__dict__["normalized_shape"] or row.facts.shape[-1:]
    sizes = ", ".join(map(str, over))
    each = "sample" if len(over) == len(row.facts.shape) - 1 else "position"
    yield f"over the last {'axis' if len(over) == 1 else f'{len(over)} axes'}, [{sizes}], of each {each} apart"


def _of_axes(row: Row) -> Iterator[str]:
    yield "over the given axes of each sample; the batch has no say"


def _rotation(row: Row) -> Iterator[str]:
    layer: Any = row.layer
    head = row.facts.shape[-1] if layer.dim is None else layer.dim
    pair = "2i and 2i + 1" if layer.interleaved else f"i and i + {as_written(layer.turning(head) // 2)}"
    yield f"a, b: features {pair} of a head; d = {as_written(layer.part(head))}; p: the position, from 0"
    yield "the product of a turned query at p and a turned key at q depends on p − q alone"
    if layer.factor != 1:
        which = "of long waves " if layer.original_length is not None else ""
        yield f"the angles {which}are divided by {layer.factor:g}, for texts longer than in training"


def _space(row: Row) -> str:
    return "" if len(row.facts.shape) < 3 else " and all positions"


def _loss(row: Row) -> Iterator[str]:
    """What the reduction makes of a sample's numbers."""
    layer: Any = row.layer
    count = prod(row.facts.inputs[0][1:])
    if row.type in ("NLLLoss", "CrossEntropyLoss"):
        count = prod(row.facts.inputs[0][2:])
    if layer.reduction == "mean" and not is_one(count):
        yield f"the mean over {count} numbers: the derivative by each is divided by {count}"
    elif layer.reduction in ("sum", "batchmean"):
        yield "the sum over a sample's numbers"
    if layer.reduction in ("mean", "batchmean"):
        yield "of a batch gradients are those of the mean over its samples, as in PyTorch"


# --- softmax and attention -----------------------------------------------------------------------------------------


def _summed(row: Row) -> Iterator[str]:
    """Along which axis the numbers sum to 1, and the derivative."""
    shape = row.facts.shape
    dim = getattr(row.layer, "dim", None)
    if row.type == "Softmax2d":
        dim = 1
    elif not isinstance(dim, int):
        axes = getattr(row.layer, "axis", None)
        dim = axes[0] if isinstance(axes, tuple) else 1 if len(shape) in (2, 4) else -1
    at = dim % len(shape)
    if at:
        what = "whose exponentials sum to 1" if row.type == "LogSoftmax" else "which sum to 1"
        yield f"along axis {at}: {shape[at]} numbers, {what}"
    if row.type in ("Softmax", "Softmax2d"):
        yield "∂y_i/∂x_j = y_i·(1 − y_i) for i = j, −y_i·y_j else"


def _attention(row: Row) -> Iterator[str]:
    """Why the scores are scaled, and what the heads share."""
    layer: Any = row.layer
    if not is_one(layer.num_heads):
        yield f"the {layer.num_heads} heads lie side by side in Q, K and V, d_k features each"
    if getattr(layer, "scale", "sqrt_dk") == "sqrt_dk":
        yield "a dot product of d_k numbers of variance 1 has variance d_k; divided by √d_k it has 1 again"


# By what a layer's class declares as `explained`; what is not here has no sentences of this kind.
REASONS: dict[str, Callable[[Row], Iterator[str]]] = {
    "dropout": _dropout,
    **dict.fromkeys(("windows", "positions"), _windows),
    "bins": _bins,
    "rotation": _rotation,
    "batch norm": _of_batch,
    "instance norm": _of_instance,
    "group norm": _of_groups,
    **dict.fromkeys(("layer norm", "root mean square"), _of_last_axes),
    **dict.fromkeys(("layer norm of axes", "root mean square of axes"), _of_axes),
    "softmax": _summed,
    "loss": _loss,
    "attention": _attention,
}
