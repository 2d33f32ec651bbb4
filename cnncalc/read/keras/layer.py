"""A layer of a Keras file as a layer of the spec language."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from cnncalc import layers
from cnncalc.core.layer import Layer, Weight
from cnncalc.core.problem import Fault
from cnncalc.read.keras.config import _config, _name
from cnncalc.read.keras.options import _option, _plain, bound, name_of, with_weights
from cnncalc.read.opaque import opaque

# What changes no shape, no count and no value of a model that is not trained here.
_SILENT = """
    name trainable dtype seed batch_input_shape batch_shape input_shape sparse ragged optional
    quantization_config build_config registered_name module kernel_initializer bias_initializer
    beta_initializer gamma_initializer moving_mean_initializer moving_variance_initializer
    embeddings_initializer recurrent_initializer depthwise_initializer pointwise_initializer
    alpha_initializer kernel_regularizer bias_regularizer activity_regularizer beta_regularizer
    gamma_regularizer embeddings_regularizer recurrent_regularizer depthwise_regularizer
    pointwise_regularizer alpha_regularizer kernel_constraint bias_constraint beta_constraint
    gamma_constraint embeddings_constraint recurrent_constraint depthwise_constraint pointwise_constraint
    alpha_constraint renorm renorm_clipping renorm_momentum virtual_batch_size fused synchronized lora_rank
    lora_alpha mask_zero input_length invert scale_initializer dtype_policy autocast data_format input_dtype
    supports_masking
"""
SILENT = frozenset(_SILENT.split())
# Layers that only training needs, or that move numbers about in training.
NEUTRAL = re.compile(
    r"Random(?!Crop$)\w+|AutoContrast|CutMix|MixUp|AugMix|RandAugment|Equalization|Solarization|StochasticDepth|"
    r"DropPath|MaxNumBoundingBoxes"
)
MERGES = {
    "Add": "Add", "Subtract": "Subtract", "Multiply": "Multiply", "Average": "Average", "Maximum": "Maximum",
    "Minimum": "Minimum", "Divide": "Divide", "TrueDivide": "Divide",
}  # fmt: skip


class Call(NamedTuple):
    """What a layer is called with.

    shapes   of the inputs, with batch
    turned   for each input, whether its channels are last here and first in the file
    plain    arguments that are no tensors, by place; kwargs: by name
    """

    shapes: list[tuple[Any, ...]]
    turned: list[bool]
    plain: list[Any]
    kwargs: dict[str, Any]
    channels_first: bool


def layer_of(layer: Any, call: Call, unread: Callable[[str, str, str], None]) -> Layer:
    """The layer of the spec language for a layer of the file."""
    kind, config = layer["class_name"], _config(layer)
    name = _name(layer)
    module = str(layer.get("module") or "")
    if kind in ("Lambda", "TFOpLambda", "SlicingOpLambda"):
        raise Fault("keras-layer", f"{name} is a {kind}: its code is not read and not run", option=name)
    if ".ops." in module or module.startswith("keras.ops"):
        return _operation(layer, call)
    if NEUTRAL.fullmatch(kind):
        return bound("Identity", {}, name)
    if kind == "LayerScale":
        made = opaque("LayerScale", tuple(call.shapes[0][1:]))
        size = int(config.get("projection_dim", 0))
        made.__dict__["arrays"] = (Weight("gamma", (size,)),)
        return with_weights(made)
    if kind in MERGES:
        return bound(MERGES[kind], {}, name)
    found = layers.find(kind, "keras")
    registered = layer.get("registered_name")
    custom = bool(registered) and not module.startswith("keras")
    if found is None or custom or (module and not module.startswith(("keras", "tensorflow.keras", "tf_keras"))):
        raise Fault("keras-layer", f"{name} is a {registered or kind}, a layer that is not known", option=name)
    if name_of(found) != kind and layers.keras_name(kind) is None:
        raise Fault("keras-layer", f"{name} is a {kind}, a layer that is not known", option=name)
    options: dict[str, Any] = {}
    for option, value in config.items():
        if option in SILENT or option.endswith(("_initializer", "_regularizer", "_constraint")):
            continue
        known = _option(found, option)
        if known is None:
            if value not in (None, False, "none", [], {}) and option not in ("units_per", "stateful"):
                unread(name, kind, option)
            continue
        if known in ("layer", "backward_layer") and isinstance(value, dict):
            value = layer_of(value, call._replace(plain=[], kwargs={}), unread)
        elif option == "axis" and kind == "BatchNormalization" and call.channels_first:
            value = -1
        elif option == "axis" and kind == "Concatenate" and call.turned and call.turned[0]:
            rank = len(call.shapes[0])
            value = {0: 0, 1: rank - 1}.get(value % rank, value % rank - 1)
        elif isinstance(value, dict):
            value = _plain(value)
        options[known] = value
    return bound(kind, options, name)


def _operation(layer: Any, call: Call) -> Layer:
    """An operator or function of keras.ops between layers."""
    kind, name = layer["class_name"], _name(layer)
    tensors = call.shapes
    number = next((value for value in [*call.plain, *call.kwargs.values()] if isinstance(value, (int, float))), None)
    if kind in MERGES:
        if len(tensors) == 2:
            return bound(MERGES[kind], {}, name)
        if number is not None:
            return bound(MERGES[kind], {"value": number}, name)
    simple = {
        "Relu": "ReLU", "Sigmoid": "Sigmoid", "Tanh": "Tanh", "Silu": "SiLU", "Gelu": "GELU", "Exp": "Exp",
        "Log": "Log", "Sqrt": "Sqrt", "Negative": "Neg", "Absolute": "Abs", "Square": "Square", "Matmul": "MatMul",
        "HardSwish": "Hardswish", "HardSigmoid": "Hardsigmoid", "Softmax": "Softmax", "Sin": "Sin", "Cos": "Cos",
    }  # fmt: skip
    if kind in simple and (kind == "Matmul") == (len(tensors) == 2):
        return bound(simple[kind], {}, name, "pytorch")
    config = _config(layer)
    if kind == "Pad" and len(tensors) == 1:
        pairs = config.get("pad_width") or call.kwargs.get("pad_width")
        shape = tensors[0]
        if isinstance(pairs, list) and len(pairs) == len(shape) and all(len(pair) == 2 for pair in pairs):
            if call.channels_first and len(pairs) > 2:
                pairs = [pairs[0], *pairs[2:], pairs[1]]  # inside, channels are last
            return opaque("Pad", tuple(size + sum(pair) for size, pair in zip(shape, pairs, strict=True))[1:])
    if kind in ("Mean", "Sum", "Max", "Min") and len(tensors) == 1 and not call.channels_first:
        axis = config.get("axis", call.kwargs.get("axis"))
        axes = [axis] if isinstance(axis, int) else axis
        options = {"dim": axes, "keepdim": bool(config.get("keepdims", call.kwargs.get("keepdims", False)))}
        return bound(kind, options, name, "pytorch")
    raise Fault("keras-layer", f"{name} is the operation {kind}, which is not known", option=name)
