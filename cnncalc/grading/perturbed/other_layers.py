"""Layers that somebody may have meant instead: other options, windows, pools, heads, activations, axes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.number import prod
from cnncalc.grading.perturbed.row import REFUSED
from cnncalc.network.row import Row

ACTIVATIONS = ("ReLU", "Sigmoid", "Tanh", "LeakyReLU", "GELU", "Softmax", "SiLU", "ELU")


def changed_layer(layer: Layer, **options: object) -> Layer:
    """The layer with other options."""
    return layer.replaced(**options)


def other_kind(layer: Layer, kind: str, **options: object) -> Layer | None:
    """A layer of another type, with those options that both have."""
    cls = layers.find(kind, "keras" if layer.kernel_name().startswith("keras.") else "pytorch")
    if cls is None:
        return None
    same = {name: value for name, value in layer.__dict__.items() if name in cls.options and name in layer.options}
    made: Layer = cls(**{**{name: _written(value) for name, value in same.items()}, **options})
    return made


def _written(value: object) -> object:
    """An option's value as it may be written again: pairs of equal paddings as one number each."""
    if isinstance(value, tuple) and value and all(isinstance(part, tuple) and len(set(part)) == 1 for part in value):
        return tuple(part[0] for part in value)
    return value


# --- layers ---------------------------------------------------------------------------------------------------------


def other_layers(row: Row) -> Iterator[tuple[str, int, Layer]]:
    """Layers that people compute in place of this one."""
    for make in (_windows, _pools, _attention, _activations, _axes):
        try:
            yield from make(row)
        except REFUSED:
            continue


def _windows(row: Row) -> Iterator[tuple[str, int, Layer]]:
    layer: Any = row.layer
    if layer.axes < 1 or not layer.has("stride") or not layer.has("padding"):
        return
    ones = (1,) * layer.axes
    if any(step != 1 for step in layer.stride):
        yield "stride ignored", 5, changed_layer(layer, stride=ones)
    if isinstance(layer.padding, tuple) and any(sum(pair) for pair in layer.padding):
        yield "padding ignored", 5, changed_layer(layer, padding=((0, 0),) * layer.axes)
    elif isinstance(layer.padding, tuple) and all(size > 1 for size in layer.kernel_size):
        same = tuple((size // 2, size // 2) for size in layer.kernel_size)
        yield "zeros padded around that are not there", 8, changed_layer(layer, padding=same)
    if any(step != 1 for step in getattr(layer, "dilation", ones)) and "dilation" in layer.options:
        yield "dilation ignored", 5, changed_layer(layer, dilation=ones)
    if layer.stride != layer.kernel_size and "kernel_size" in layer.options:
        yield "stride taken as the kernel size", 9, changed_layer(layer, stride=layer.kernel_size)


def _pools(row: Row) -> Iterator[tuple[str, int, Layer]]:
    layer, kind = row.layer, row.type
    if "Pool" not in kind:
        return
    turned = kind.replace("Max", "Avg") if "Max" in kind else kind.replace("Avg", "Max")
    if turned != kind:
        names = ("the mean of a window in place of its largest number", "the largest number in place of the mean")
        made = other_kind(layer, turned)
        if made is not None:
            yield names["Max" not in kind], 5, made
    if "kernel_size" in layer.options and "Adaptive" not in kind:
        made = other_kind(layer, kind.replace("Max", "Avg"), divisor_override=1)
        if made is not None:
            name = "the sum of a window: the gradient goes to every position" if "Max" in kind else "a sum, not a mean"
            yield name, 6, made
    if "count_include_pad" in layer.options and prod(sum(pair) for pair in layer.__dict__["padding"]) != 0:
        counted = layer.__dict__["count_include_pad"]
        yield "zeros of the padding counted otherwise", 5, changed_layer(layer, count_include_pad=not counted)


def _attention(row: Row) -> Iterator[tuple[str, int, Layer]]:
    layer, known = row.layer, row.layer.options
    if "scale" in known and "num_heads" in known:
        for word, name in (
            ("none", "not scaled"),
            ("sqrt_dk", "scaled by the root of d_k"),
            ("sqrt_dmodel", "scaled by the root of d_model"),
        ):
            if layer.__dict__["scale"] != word:
                yield name, 3, changed_layer(layer, scale=word)
        length, width = row.facts.inputs[-1][1], row.facts.ports["query"][-1] // layer.__dict__["num_heads"]
        yield "scaled by the root of the number of rows, not of columns", 4, changed_layer(layer, scale=length**0.5)
        yield "scaled by d_k, not by its root", 5, changed_layer(layer, scale=width)
        yield "multiplied with the root of d_k, not divided", 7, changed_layer(layer, scale=width**-0.5)
    for option in ("causal", "is_causal"):
        if option in known:
            given = layer.__dict__[option]
            how = "forgotten" if given else "applied, which is not there"
            yield f"the causal mask {how}", 5, changed_layer(layer, **{option: not given})


def _activations(row: Row) -> Iterator[tuple[str, int, Layer]]:
    if row.type not in ACTIVATIONS or row.layer.kernel_name().startswith("keras."):
        return
    identity = other_kind(row.layer, "Identity")
    if identity is not None:
        yield f"{row.type} left out", 5, identity
    for kind in ("ReLU", "Sigmoid", "Tanh"):
        if kind != row.type:
            made = other_kind(row.layer, kind)
            if made is not None:
                yield f"{kind} in place of {row.type}", 8, made


def _axes(row: Row) -> Iterator[tuple[str, int, Layer]]:
    """Along another axis: a softmax, a mean, a sum."""
    layer = row.layer
    if "dim" not in layer.options or not row.facts.inputs or type(layer.__dict__["dim"]) not in (int, type(None)):
        return
    rank = len(row.facts.inputs[0])
    now = layer.__dict__["dim"]
    now = rank - 1 if now is None else now % rank
    for dim in range(1, rank):
        if dim != now and rank > 2:
            yield "along the wrong axis", 5, changed_layer(layer, dim=dim)
    if row.type in ("Mean", "Sum"):
        made = other_kind(layer, "Sum" if row.type == "Mean" else "Mean")
        if made is not None:
            yield (
                f"{'a sum' if row.type == 'Mean' else 'a mean'}, not {'a mean' if row.type == 'Mean' else 'a sum'}",
                5,
                made,
            )
