"""torchvision.transforms on tensors, where a forward uses them: crops and sizes."""

from __future__ import annotations

import ast
from typing import Any

from cnncalc.read.python import functions
from cnncalc.read.python.functions.base import get, whole
from cnncalc.read.python.layers.apply import as_tensor
from cnncalc.read.python.tensor.tensors import Tensor, text
from cnncalc.read.python.values import Args, Kwargs, Native, Refused


def _sides(run: Any, value: Any, what: str, node: ast.AST) -> list[int]:
    """One size or two, as they were given."""
    given = [value] if not isinstance(value, (list, tuple)) else list(value)
    sizes = [whole(size, what, node) for size in given]
    if not sizes or len(sizes) > 2 or not all(isinstance(size, int) for size in sizes):
        raise Refused("python-unknown-value", f"{what} is not known", node)
    return sizes


def _picture(args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = as_tensor(get(args, kwargs, 0, "img"), "the picture", node)
    if len(x.dims) < 3 or not all(isinstance(size, int) for size in x.dims[-2:]):
        raise Refused("wrong-axes", f"a picture has 3 axes or more, not {text(x.dims)}", node)
    return x


def _resize(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    x = _picture(args, kwargs, node)
    sizes = _sides(run, get(args, kwargs, 1, "size"), "the size", node)
    if len(sizes) == 1:  # the shorter side; the other one keeps the ratio
        short, height, width = sizes[0], *x.dims[-2:]
        sizes = [short, int(short * width / height)] if height <= width else [int(short * height / width), short]
    if list(x.dims[-2:]) == sizes:
        return x
    return functions.make(run.packages, None, [x], (*x.dims[:-2], *sizes), node, "Resize")


def _crop(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    x = _picture(args, kwargs, node)
    sizes = _sides(run, get(args, kwargs, 1, "output_size"), "the size", node)
    sizes = sizes * 2 if len(sizes) == 1 else sizes  # what is smaller is padded
    return functions.make(run.packages, None, [x], (*x.dims[:-2], *sizes), node, "CenterCrop")


PICTURES: dict[str, Any] = {"resize": _resize, "center_crop": _crop}


def picture(name: str) -> Any:
    """The class of torchvision.transforms that does the same when it is called."""

    def make(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
        size = args[0] if args else kwargs.get("size")
        return Native(name, lambda r, given, named, at: PICTURES[name](r, [*given[:1], size], {}, at))

    return make
