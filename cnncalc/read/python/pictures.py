"""torchvision.transforms on tensors, where a forward uses them: crops and sizes."""

from __future__ import annotations

import ast

from cnncalc.read.python import functions
from cnncalc.read.python.bases import Call, InterpreterBase
from cnncalc.read.python.functions.base import get, listed, whole
from cnncalc.read.python.layers.apply import as_tensor
from cnncalc.read.python.tensor.sizes import fixed
from cnncalc.read.python.tensor.tensors import Tensor, text
from cnncalc.read.python.values import Args, Kwargs, Native, Refused


def _sides(value: object, what: str, node: ast.AST) -> list[int]:
    """One size or two, as they were given."""
    given = [whole(size, what, node) for size in listed(value)]
    sizes = [size for size in given if isinstance(size, int)]
    if not 1 <= len(sizes) == len(given) <= 2:
        raise Refused("python-unknown-value", f"{what} is not known", node)
    return sizes


def _picture(args: Args, kwargs: Kwargs, node: ast.AST) -> tuple[Tensor, int, int]:
    """A picture, its height and its width."""
    x = as_tensor(get(args, kwargs, 0, "img"), "the picture", node)
    sizes = fixed(x.dims[-2:])
    if len(x.dims) < 3 or sizes is None:
        raise Refused("wrong-axes", f"a picture has 3 axes or more, not {text(x.dims)}", node)
    height, width = sizes
    return x, height, width


def _resize(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    x, height, width = _picture(args, kwargs, node)
    sizes = _sides(get(args, kwargs, 1, "size"), "the size", node)
    if len(sizes) == 1:  # the shorter side; the other one keeps the ratio
        short = sizes[0]
        sizes = [short, int(short * width / height)] if height <= width else [int(short * height / width), short]
    if list(x.dims[-2:]) == sizes:
        return x
    return functions.make(run.packages, None, [x], (*x.dims[:-2], *sizes), node, "Resize")


def _crop(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    x, _, _ = _picture(args, kwargs, node)
    sizes = _sides(get(args, kwargs, 1, "output_size"), "the size", node)
    sizes = sizes * 2 if len(sizes) == 1 else sizes  # what is smaller is padded
    return functions.make(run.packages, None, [x], (*x.dims[:-2], *sizes), node, "CenterCrop")


PICTURES: dict[str, Call] = {"resize": _resize, "center_crop": _crop}


def picture(name: str) -> Call:
    """The class of torchvision.transforms that does the same when it is called."""

    def make(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        size = args[0] if args else kwargs.get("size")
        return Native(name, lambda r, given, named, at: PICTURES[name](r, [*given[:1], size], {}, at))

    return make
