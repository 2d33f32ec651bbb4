"""A layer of a Keras file as a layer of the spec language."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from cnncalc import layers
from cnncalc.core.layer import Layer, Weight
from cnncalc.core.problem import Fault
from cnncalc.read.keras.config import _config, _name, is_layer
from cnncalc.read.keras.operations import MERGES, Call, function, operation
from cnncalc.read.keras.options import _option, _plain, bound
from cnncalc.read.keras.written import written_kind, written_layer
from cnncalc.read.opaque import Weighted, made, opaque

if TYPE_CHECKING:
    from cnncalc.core.number import Shape
    from cnncalc.read.keras.config import Described, Options

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
    alpha_constraint renorm renorm_clipping renorm_momentum virtual_batch_size fused synchronized
    lora_alpha mask_zero input_length invert scale_initializer dtype_policy autocast data_format input_dtype
    supports_masking
"""
SILENT = frozenset(_SILENT.split())
# Policies of floats, by which no layer has other weights.
POLICIES = ("DTypePolicy", "FloatDTypePolicy", "Policy")
# Layers that only training needs, or that move numbers about in training.
NEUTRAL = re.compile(
    r"Random(?!Crop$)\w+|AutoContrast|CutMix|MixUp|AugMix|RandAugment|Equalization|Solarization|StochasticDepth|"
    r"DropPath|MaxNumBoundingBoxes"
)


# Layers with an axis that may be the channels.
TURNED = ("BatchNormalization", "Concatenate")


def layer_of(layer: Described, call: Call, unread: Callable[[str, str, str], None]) -> Layer:
    """The layer of the spec language for a layer of the file."""
    kind, config = layer["class_name"], _config(layer)
    name = _name(layer)
    module = str(layer.get("module") or "")
    _refuse_other_weights(name, config)
    if kind in ("TFOpLambda", "SlicingOpLambda"):
        return function(layer, call)
    if kind == "Lambda":
        raise Fault("keras-layer", f"{name} is a {kind}: its code is not read and not run", option=name)
    if ".ops." in module or module.startswith("keras.ops"):
        return operation(layer, call)
    if written_kind(layer):
        return written_layer(layer, call.shapes)
    if NEUTRAL.fullmatch(kind):
        return bound("Identity", {}, name)
    if kind == "LayerScale":
        size = config.get("projection_dim", 0)
        gamma = Weight("gamma", (size if isinstance(size, int) else 0,))
        return made(Weighted, kind, sample=tuple(call.shapes[0][1:]), arrays=(gamma,))
    if kind in MERGES:
        return bound(MERGES[kind], {}, name)
    known_by_shape = _shape_of(kind, config, call) if module.startswith("keras") else None
    if known_by_shape is not None:
        return opaque(kind, known_by_shape)
    found = layers.find(kind, "keras")
    registered = layer.get("registered_name")
    custom = bool(registered) and not module.startswith("keras")
    if found is None or custom or (module and not module.startswith(("keras", "tensorflow.keras", "tf_keras"))):
        raise Fault("keras-layer", f"{name} is a {registered or kind}, a layer that is not known", option=name)
    if found.type() != kind and layers.keras_name(kind) is None:
        raise Fault("keras-layer", f"{name} is a {kind}, a layer that is not known", option=name)
    options: Options = {}
    for option, value in config.items():
        if option in SILENT or option.endswith(("_initializer", "_regularizer", "_constraint")):
            continue
        known = _option(found, option)
        if known is None:
            if value not in (None, False, "none", [], {}) and option not in ("units_per", "stateful"):
                unread(name, kind, option)
            continue
        if option == "axis" and kind == "BatchNormalization" and isinstance(value, list) and len(value) == 1:
            value = value[0]  # as Keras 2 writes it
        if option == "axis" and kind == "Normalization" and value == []:
            value = None
        if known in ("layer", "backward_layer") and is_layer(value):
            value = layer_of(value, call._replace(plain=[], kwargs={}), unread)
        elif option == "axis" and isinstance(value, int) and kind in TURNED and call.turned and call.turned[0]:
            rank = len(call.shapes[0])
            value = {0: 0, 1: rank - 1}.get(value % rank, value % rank - 1)
        elif isinstance(value, dict):
            value = _plain(value)
        options[known] = value
    for argument, value in call.kwargs.items():  # MultiHeadAttention's return_attention_scores
        if isinstance(value, bool) and argument in found.options:
            options[argument] = value
    return bound(kind, options, name)


def _refuse_other_weights(name: str, config: Options) -> None:
    """Refuse what gives a layer other weights: a quantised policy has scales too, LoRA two small matrices."""
    policy = config.get("dtype")
    kind = policy.get("class_name") if isinstance(policy, dict) else policy
    if isinstance(kind, str) and (kind not in POLICIES if isinstance(policy, dict) else "_from_" in kind):
        raise Fault("keras-layer", f"{name} has the dtype {kind}: weights other than floats are not read", option=name)
    if config.get("lora_rank"):
        raise Fault("keras-layer", f"{name} has lora_rank: the matrices beside its weights are not read", option=name)


def _shape_of(kind: str, config: Options, call: Call) -> Shape | None:
    """What a layer gives that has no weights and no layer here, without the batch axis; None for every other layer."""
    inner = tuple(call.shapes[0][1:]) if call.shapes else ()
    if kind == "CustomScaleLayer" and len(call.shapes) == 2:  # InceptionResNetV2's: the second one, scaled, is added
        return inner
    if kind == "RandomCrop" and len(inner) == 3 and not call.channels_first:
        height, width = config.get("height"), config.get("width")
        return (height, width, inner[2]) if isinstance(height, int) and isinstance(width, int) else None
    if kind == "Discretization" and config.get("output_mode") == "int":
        return inner
    tokens = config.get("num_tokens")
    if kind == "CategoryEncoding" and config.get("output_mode") in ("multi_hot", "count") and isinstance(tokens, int):
        return (*inner[:-1], tokens) if inner else None
    return None
