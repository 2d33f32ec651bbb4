"""Whether a row of a summary table can be: its type, its shapes and its number of parameters together."""

from __future__ import annotations

import re

from cnncalc.read.printed.table import Line

# Layers that have no parameters.
BARE = re.compile(
    r"(ReLU6?|LeakyReLU|ELU|GELU|SiLU|Sigmoid|Tanh|Softmax|LogSoftmax|Hardswish|Dropout\w*|Identity|Flatten|Unflatten|"
    r"\w*MaxPool\w*|\w*AvgPool\w*|\w*AveragePooling\w*|ZeroPad\w*|Upsample|UpSampling\dD|Reshape|Permute|InputLayer|"
    r"Add|Concatenate|Multiply|Average|Maximum|Subtract|Cropping\dD|ZeroPadding\dD|Activation|RepeatVector)$"
)


def impossible(line: Line, taken: tuple[int, ...] | None, style: str) -> str:
    """Why a row cannot be as it is shown, given the shape that comes in where it is known; empty where it can."""
    params, shape, kind = line.params or 0, line.shape, line.kind
    if BARE.match(kind):
        if params:
            return f"{kind} has no parameters, and {params:,} are shown"
        if kind == "Flatten" and taken and shape and -1 not in (*taken[1:], *shape[1:]):
            size = _product(taken[1:])
            if len(shape) == 2 and size != shape[1]:
                return f"Flatten of {_text(taken)} gives {size} numbers, and {shape[1]} are shown"
        return ""
    if shape is None or not params or line.params is None or -1 in shape[1:]:
        return ""
    if kind in ("Dense", "Linear"):
        out = shape[-1]
        if taken and taken[-1] > 0:
            bare = taken[-1] * out
            if params not in (bare, bare + out):
                return (
                    f"{kind} from {taken[-1]} features to {out} has {bare:,} weights, {bare + out:,} with biases, "
                    f"and {params:,} are shown"
                )
        elif out and params % out:
            return f"the parameters of {kind} with {out} outputs are a multiple of {out}, and {params:,} are shown"
    elif re.fullmatch(r"Conv[123][dD]", kind) and len(shape) > 2:
        channels = {shape[1], shape[-1]} if style == "keras" else {shape[1]}
        if all(size and params % size for size in channels):
            filters = shape[-1 if style == "keras" else 1]
            return f"the parameters of {kind} with {filters} filters are a multiple of that, and {params:,} are shown"
    elif kind == "Embedding" and shape[-1] and params % shape[-1]:
        return f"the parameters of Embedding of {shape[-1]} features are a multiple of that, and {params:,} are shown"
    elif kind == "BatchNormalization":
        if all(params not in (2 * size, 3 * size, 4 * size) for size in shape[1:]):
            return f"BatchNormalization has four numbers per channel, {4 * shape[-1]:,}, and {params:,} are shown"
    elif re.fullmatch(r"BatchNorm[123]d", kind) and len(shape) > 1 and params != 2 * shape[1]:
        return f"{kind} has two numbers per channel, {2 * shape[1]:,}, and {params:,} are shown"
    return ""


def _product(sizes: tuple[int, ...]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total


def _text(shape: tuple[int, ...]) -> str:
    return "(" + ", ".join("N" if size < 0 else str(size) for size in shape) + ")"
