"""The registry of kernels: which NumPy function computes which layer type. A family is imported when it is first run.

A kernel is a pure function `kernel(layer, weights, *inputs)`. `layer` carries the parsed options as attributes under
PyTorch's names, `weights` maps PyTorch's names to arrays (buffers too), inputs are arrays with the batch axis in front
and channels first. It returns an array, or a dict {"output": array, "h_n": array, ...} with every port batch first.
A kernel never asks the layer's rules for anything: that is why agreement with them proves something.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeAlias, TypeVar

import numpy.typing as npt

from cnncalc.core.problem import Fault
from cnncalc.layers.index import KERAS, PYTORCH

# What is no number (0/0) or too large for one is a result like others: it is shown, and nobody is warned of it.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"cnncalc\.execute\.")
warnings.filterwarnings("ignore", "Mean of empty slice", RuntimeWarning)

Array: TypeAlias = npt.NDArray[Any]
Weights: TypeAlias = dict[str, Array]
Kernel: TypeAlias = "Callable[..., Array | dict[str, Array]]"
Made = TypeVar("Made", bound=Callable[..., Any])

# The kernels of a family of layers stand in `execute/kernels` in a module of its name, those of Keras' in `keras`;
# these families share one, or stand in a folder.
SHARED: dict[str, str] = {
    "conv_transpose": "conv",
    **dict.fromkeys(("adaptive", "unpool"), "pool"),
    "embedding": "linear",
    "response_norm": "norm",
    "regularise": "activation",
    **dict.fromkeys(("attention", "multihead", "dot_product", "latent_attention"), "sequence.attention"),
    **dict.fromkeys(("transformer", "mixture"), "sequence.transformer"),
    **{name: f"sequence.{name}" for name in ("attention_rnn", "recurrent", "equations", "position", "scan")},
    **dict.fromkeys(("arithmetic", "einsum", "reduce"), "merge"),
    **dict.fromkeys(("reshape", "indexing", "shuffle", "unfold", "pad"), "shape"),
    "resample": "upsample",
    "onehot": "category",
    "layer_norm": "norm",
    **dict.fromkeys(("functions", "softmax"), "activation"),
    "recurrent_cell": "sequence.recurrent",
    **dict.fromkeys(("keras.einsum", "keras.activation", "keras.merge", "keras.norm"), "keras.core"),
    **dict.fromkeys(("keras.conv", "keras.pool", "keras.space"), "keras.window"),
    **dict.fromkeys(("keras.recurrent", "keras.conv_recurrent", "keras.wrapper", "keras.attention"), "keras.sequence"),
}

_known: dict[str, Kernel] = {}
_over: set[str] = set()


def kernel(*names: str, over: bool = False) -> Callable[[Made], Made]:
    """Register the decorated function as the kernel of these layer types.

    With `over` it may lay its result where an input lies that nothing else reads (`buffers.reuse_input`).
    """

    def register(function: Made) -> Made:
        for name in names:
            _known[name] = function
        if over:
            _over.update(names)
        return function

    return register


def over(name: str) -> bool:
    """Whether the kernel of a layer type may write over its inputs, once it was found."""
    return name in _over


def find(name: str) -> Kernel:
    """The kernel of a layer type; raises `Fault` where there is none, because nothing is ever skipped."""
    found = _known.get(name)
    if found is not None:
        return found
    module = module_of(name)
    if module and find_spec(f"cnncalc.execute.kernels.{module}") is not None:
        import_module(f"cnncalc.execute.kernels.{module}")
        if name in _known:
            return _known[name]
    raise Fault("no-kernel", f"{name} cannot be executed: there is no kernel for it")


def module_of(name: str) -> str:
    """The module where the kernel of a layer type stands; empty where there is no such type."""
    if name == "onnx.Node":
        return "onnx_node"
    keras = name.startswith("keras.")
    bare = name.removeprefix("keras.")
    for family, names in (KERAS if keras else PYTORCH).items():
        if bare in names.split():
            named = f"keras.{family}" if keras else family
            return SHARED.get(named, named)
    return ""


def within(weights: Weights, part: str) -> Weights:
    """The weights whose names start with `part`, without it."""
    start = f"{part}."
    return {name[len(start) :]: array for name, array in weights.items() if name.startswith(start)}
