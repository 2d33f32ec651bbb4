"""Keras' names without `convention: keras`: the PyTorch layer with the same meaning, where there is one.

`TARGETS` is looked at when a spec is read and imports nothing; `translated` makes the layer from Keras' one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault

if TYPE_CHECKING:
    from cnncalc.core.number import Shape

# Keras' name -> PyTorch's. What is missing here has no counterpart, and only Keras' reading.
TARGETS: dict[str, str] = {
    "Dense": "Linear",
    "BatchNormalization": "BatchNorm",
    "LayerNormalization": "LayerNorm",
    "GroupNormalization": "GroupNorm",
    "RMSNormalization": "RMSNorm",
    "Embedding": "Embedding",
    "Dropout": "Dropout",
    "SpatialDropout1D": "Dropout1d",
    "SpatialDropout2D": "Dropout2d",
    "SpatialDropout3D": "Dropout3d",
    "AlphaDropout": "AlphaDropout",
    "GaussianDropout": "Dropout",
    "GaussianNoise": "Identity",
    "ActivityRegularization": "Identity",
    "Concatenate": "Concat",
    "ReLU": "ReLU",
    "LeakyReLU": "LeakyReLU",
    "ELU": "ELU",
    "Softmax": "Softmax",
    **{f"MaxPooling{n}D": f"MaxPool{n}d" for n in (1, 2, 3)},
    **{f"AveragePooling{n}D": f"AvgPool{n}d" for n in (1, 2, 3)},
    **{f"GlobalAveragePooling{n}D": "GlobalAvgPool" for n in (1, 2, 3)},
    **{f"GlobalMaxPooling{n}D": "GlobalMaxPool" for n in (1, 2, 3)},
    **{f"AdaptiveAveragePooling{n}D": f"AdaptiveAvgPool{n}d" for n in (1, 2, 3)},
    **{f"AdaptiveMaxPooling{n}D": f"AdaptiveMaxPool{n}d" for n in (1, 2, 3)},
    **{f"ZeroPadding{n}D": f"ZeroPad{n}d" for n in (1, 2, 3)},
    **{f"Cropping{n}D": "Crop" for n in (1, 2, 3)},
    **{f"UpSampling{n}D": "Upsample" for n in (1, 2, 3)},
}

# Options with which the layer means something that PyTorch's has not.
KERAS_ONLY: dict[str, tuple[str, ...]] = {
    "BatchNormalization": ("axis", "center", "scale"),
    "LayerNormalization": ("axis", "center", "scale", "rms_scaling"),
    "GroupNormalization": ("axis", "center", "scale"),
    "RMSNormalization": ("axis",),
    "ReLU": ("max_value", "threshold", "negative_slope"),
}

# Keras' option -> PyTorch's, where only the name differs.
RENAMED: dict[str, dict[str, str]] = {
    "Dense": {"units": "out_features", "use_bias": "bias"},
    "BatchNormalization": {"epsilon": "eps"},
    "LayerNormalization": {"epsilon": "eps"},
    "GroupNormalization": {"groups": "num_groups", "epsilon": "eps"},
    "RMSNormalization": {"epsilon": "eps"},
    "Embedding": {"input_dim": "num_embeddings", "output_dim": "embedding_dim"},
    "LeakyReLU": {"negative_slope": "negative_slope"},
    "ELU": {"alpha": "alpha"},
    "Concatenate": {"axis": "dim"},
    "Softmax": {"axis": "dim"},
}


def translated(layer: Any) -> tuple[str, dict[str, object]]:
    """PyTorch's type and options for a Keras layer that `TARGETS` knows."""
    name = layer.type()
    target = TARGETS[name]
    given = set(layer.given)
    if name in RENAMED:
        options = {ours: getattr(layer, theirs) for theirs, ours in RENAMED[name].items() if theirs in given}
        if name == "Softmax" and given:
            (options["dim"],) = layer.axis
        return target, options
    if "Pooling" in name and not name.startswith(("Global", "Adaptive")):
        options = {"kernel_size": _short(layer.pool_size)}
        if layer.strides != layer.pool_size:
            options["stride"] = _short(layer.strides)
        if layer.padding == "same":
            options["padding"] = "same_upper"
            if name.startswith("Average"):
                options["count_include_pad"] = False
        return target, options
    if name.startswith("Global"):
        return target, {"keepdim": True} if layer.keepdims else {}
    if name.startswith("Adaptive"):
        return target, {"output_size": _short(layer.output_size)}
    if name.startswith(("ZeroPadding", "Cropping")):
        sides = layer.padding if name.startswith("Zero") else layer.cropping
        flat = [amount for pair in reversed(sides) for amount in pair]
        return target, {"padding" if name.startswith("Zero") else "amounts": flat}
    if name.startswith("UpSampling"):
        mode = {"area": "area", "bicubic": "bicubic", "bilinear": "bilinear"}.get(
            getattr(layer, "interpolation", "nearest"), "nearest"
        )
        options = {"scale_factor": _short(layer.size)}
        return target, {**options, "mode": mode} if mode != "nearest" else options
    if target.startswith("Dropout") or target == "AlphaDropout":
        return target, {"p": layer.rate}
    return target, {}


def _short(sizes: Shape) -> object:
    """One number where all axes have it."""
    return sizes[0] if all(size == sizes[0] for size in sizes) else list(sizes)


def made_of(kind: type[Layer], keras: type[Layer], args: Sequence[object], kwargs: Mapping[str, object]) -> Layer:
    """PyTorch's layer from a call in Keras' words; a call that Keras refuses may be in PyTorch's words."""
    try:
        _, options = translated(keras.bind(args, dict(kwargs)))
    except Fault as fault:
        try:
            return kind.bind(args, dict(kwargs))
        except Fault:
            raise fault from None
    return kind.bind((), options)
