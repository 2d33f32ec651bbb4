"""x.shape and the like, and the methods of tensors."""

from __future__ import annotations

import ast

from cnncalc.read.python.bases import InterpreterBase, Method, PackagesBase
from cnncalc.read.python.builtin.registry import new_object
from cnncalc.read.python.functions.base import METHODS_ONLY, OPS, absent, called, get, make, op, the_axis, written
from cnncalc.read.python.functions.constants import CREATES
from cnncalc.read.python.functions.pieces import unfolded
from cnncalc.read.python.functions.shapes import moved
from cnncalc.read.python.layers.apply import as_tensor
from cnncalc.read.python.tensor.sizes import number_of
from cnncalc.read.python.tensor.strides import packed
from cnncalc.read.python.tensor.tensors import Param, Tensor, text
from cnncalc.read.python.values import MISSING, Args, Bound, External, Kwargs, Object, Raised, Unknown

VIEWS = frozenset(("squeeze", "unsqueeze", "transpose", "t", "swapaxes", "swapdims", "detach"))


def attribute(packages: PackagesBase, value: Tensor | Param, name: str, node: ast.AST) -> object:
    """`x.shape` and the like, and methods."""
    x = value.tensor if isinstance(value, Param) else value
    if name == "shape":
        return tuple(x.dims)
    if name in ("ndim",):
        return len(x.dims)
    if name in ("data", "grad_"):
        return value if isinstance(value, Param) else x
    if name in ("T", "mT", "H", "mH"):
        order = list(range(len(x.dims)))
        if name in ("mT", "mH"):
            if len(order) < 2:
                raise Raised("RuntimeError", f"{name} needs two axes, and {text(x.dims)} has fewer", node)
            order[-2:] = order[-2:][::-1]
            return moved(packages, x, order, node, "Transpose")
        return moved(packages, x, order[::-1], node, "Transpose")
    if name == "requires_grad":
        return value.trainable if isinstance(value, Param) else False
    if name in ("real", "imag"):
        return x if name == "real" else make(packages, None, [x], x.dims, node, name)
    if name in ("grad", "grad_fn"):
        return None
    if name == "device":
        return device(packages, node)
    if name == "dtype":
        plain = not x.token and x.what != "mask"
        return External("torch.float32", node) if plain else Unknown("the dtype of this tensor is not followed", node)
    if name in ("is_cuda", "is_sparse", "is_quantized", "is_nested", "is_mps"):
        return False
    if name == "requires_grad_" and isinstance(value, Param):
        return Bound(value, _requires_grad)
    if name in _METHODS:
        return Bound(value, _METHODS[name])
    if name == "unfold":
        return Bound(value, lambda run, _, args, kwargs, at: unfolded(packages, x, [x, *args], kwargs, at))
    if name.endswith("_") and not name.startswith("_"):
        return Bound(value, _in_place(packages, name))
    function = METHODS_ONLY.get(name) or (None if name in CREATES else OPS.get(name))
    if function is None or absent(f"torch.Tensor.{name}"):
        return MISSING
    return Bound(value, lambda run, this, args, kwargs, at: called(name, packages, [this, *args], kwargs, at, function))


def device(packages: PackagesBase, node: ast.AST) -> Object:
    """The device, which all tensors lie on."""
    if packages.cpu is None:
        packages.cpu = new_object(packages.interpreter, "device", node, type="cpu", index=None)
    return packages.cpu


def _in_place(packages: PackagesBase, name: str) -> Method[Tensor | Param]:
    """`x.relu_()`, `x.unsqueeze_(0)`: the tensor itself becomes the result; `x.normal_()` changes no size."""
    function = OPS.get(name) or OPS.get(name[:-1])

    def call(run: InterpreterBase, this: Tensor | Param, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        if not isinstance(this, Tensor):
            return this  # a parameter: its sizes stay
        if function is None or name[:-1] in CREATES:
            written(this, node)
            number = {"fill_": args[0] if args else None, "zero_": 0}.get(name)
            this.data = [number] * len(this.data) if this.data and isinstance(number, (int, float)) else None
            return this
        made = function(packages, [this, *args], kwargs, node)
        if isinstance(made, Tensor):
            if name[:-1] not in VIEWS:
                written(this, node)
                made.strides = this.strides
            this.dims, this.data, this.strides = made.dims, made.data, made.strides
            this.ref = made.ref if made.ref is not None else this.ref
        return this

    return call


def _requires_grad(run: InterpreterBase, this: Param, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    this.trainable = get(args, kwargs, 0, "requires_grad", True) is not False
    return this


def _size(run: InterpreterBase, this: Tensor | Param, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    x = as_tensor(this, "a tensor", node)
    dim = get(args, kwargs, 0, "dim")
    return tuple(x.dims) if dim is None else x.dims[the_axis(x, dim, "dim", node)]


def _numel(run: InterpreterBase, this: Tensor | Param, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return number_of(this.dims, node)


def _item(run: InterpreterBase, this: Tensor | Param, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    x = as_tensor(this, "a tensor", node)
    if x.data is not None and len(x.data) == 1:
        return x.data[0]
    return Unknown("it depends on the numbers in a tensor", node)


def _tolist(run: InterpreterBase, this: Tensor | Param, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    x = as_tensor(this, "a tensor", node)
    if x.data is not None and len(x.dims) == 1:
        return list(x.data)
    if x.constant and len(x.dims) == 1 and isinstance(x.dims[0], int):
        run.size(x.dims[0], node)
        return [Unknown("it depends on the numbers in a tensor", node)] * x.dims[0]
    return Unknown("it depends on the numbers in a tensor", node)


def _is_contiguous(run: InterpreterBase, this: Tensor | Param, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    x = as_tensor(this, "a tensor", node)
    if x.strides is None or args or kwargs:
        return Unknown("the order of this tensor in memory is not known", node)
    pairs = zip(x.dims, x.strides, packed(x.dims), strict=True)
    return all(step == plain for size, step, plain in pairs if size != 1)


def _new(name: str) -> Method[Tensor | Param]:
    def call(run: InterpreterBase, this: Tensor | Param, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        return OPS[name](run.packages, args, kwargs, node)

    return call


_METHODS: dict[str, Method[Tensor | Param]] = {
    "size": _size,
    "numel": _numel,
    "nelement": _numel,
    "dim": lambda run, this, args, kwargs, node: len(this.dims),
    "ndimension": lambda run, this, args, kwargs, node: len(this.dims),
    "item": _item,
    "tolist": _tolist,
    "element_size": lambda run, this, args, kwargs, node: 4,
    "is_contiguous": _is_contiguous,
    "is_floating_point": lambda run, this, args, kwargs, node: not getattr(this, "token", False),
    "is_complex": lambda run, this, args, kwargs, node: False,
    "data_ptr": lambda run, this, args, kwargs, node: Unknown("an address in memory is another one each time", node),
    "get_device": lambda run, this, args, kwargs, node: -1,
    "backward": lambda run, this, args, kwargs, node: None,
    "adjoint": lambda run, this, args, kwargs, node: attribute(run.packages, this, "mH", node),
    "storage_offset": lambda run, this, args, kwargs, node: 0,
    "register_hook": lambda run, this, args, kwargs, node: None,
    "new_zeros": _new("zeros"),
    "new_ones": _new("ones"),
    "new_empty": _new("empty"),
    "new_full": _new("full"),
    "new_tensor": _new("tensor"),
    "nonzero": lambda run, this, args, kwargs, node: Unknown(
        "how many elements are not zero depends on the numbers in a tensor", node
    ),
}


@op("nonzero", "unique", "masked_select", "bincount", "argwhere", "unique_consecutive")
def _nonzero(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return Unknown("how many there are depends on the numbers in a tensor", node)
