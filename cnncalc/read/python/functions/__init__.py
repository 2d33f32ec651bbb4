"""Functions and methods of tensors: what torch.*, torch.nn.functional.* and x.* do to shapes, and the nodes they make.

Each function gets (packages, args, kwargs, node); a method's first argument is its tensor. Sizes are PyTorch's, with
the batch where it stands; where a layer of the spec language does the same it becomes the node, else an opaque one.
"""

from cnncalc.read.python.functions import (
    casts,
    constants,
    einsum,
    fourier,
    layers,
    matrices,
    picks,
    pieces,
    pointwise,
    reduce,
    shapes,
    weights,
)
from cnncalc.read.python.functions.attributes import attribute
from cnncalc.read.python.functions.base import OPS, absent, find, make
from cnncalc.read.python.functions.binary import binary, unary
from cnncalc.read.python.functions.index import index, iterate, set_item
from cnncalc.read.python.functions.reduce import Pair, loss
from cnncalc.read.python.functions.shapes import moved, reshaped

__all__ = [
    "OPS", "Pair", "absent", "attribute", "binary", "casts", "constants", "einsum", "find", "fourier", "index",
    "iterate", "layers", "loss", "make", "matrices", "moved", "picks", "pieces", "pointwise", "reduce", "reshaped",
    "set_item", "shapes", "unary", "weights",
]  # fmt: skip
