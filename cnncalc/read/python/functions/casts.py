"""Copies and casts of a tensor, and methods that leave its numbers as they are."""

from __future__ import annotations

import ast
from copy import copy

from cnncalc.read.python.bases import Op, PackagesBase
from cnncalc.read.python.functions.base import METHODS_ONLY, OPS
from cnncalc.read.python.tensor.strides import formatted, iterated
from cnncalc.read.python.tensor.tensors import Param, Tensor
from cnncalc.read.python.values import Args, External, Kwargs, Unknown

UNCHANGED = """
    detach clone cpu cuda to float double half bfloat16 long int bool short byte type requires_grad_ detach_ type_as
    alias tolist_ share_memory_ pin_memory retain_grad numpy view_as_real_ record_stream requires_grad as_subclass
    to_sparse to_dense coalesce
    """.split()


def _unchanged(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    value = args[0] if args else next(iter(kwargs.values()), None)
    if isinstance(value, Param):
        return value.tensor
    return value


def _copied(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """The same numbers in a tensor of its own: what is done in place to it leaves the other as it is."""
    value = _unchanged(packages, args, kwargs, node)
    if not isinstance(value, Tensor):
        return value
    made = copy(value)
    made.strides = iterated([(made.dims, made.strides)], made.dims)
    return made


def _detached(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    value = _unchanged(packages, args, kwargs, node)
    return copy(value) if isinstance(value, Tensor) else value


def _cast(name: str) -> Op:
    """Numbers of another type: a copy, but where they have it already."""

    def run(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        x = _unchanged(packages, args, kwargs, node)
        if not isinstance(x, Tensor):
            return x
        copied = iterated([(x.dims, x.strides)], x.dims)
        kind = _kind(name, [*args[1:], *kwargs.values()])
        if copied == x.strides or kind == "":
            return x
        made = copy(x)
        plain = not x.token and x.what not in ("cast", "mask")
        if kind is None or (kind in ("float", "float32") and not plain):
            made.strides = None
        elif kind not in ("float", "float32"):
            made.strides = copied
            made.what = made.what or "cast"
        return made

    return run


def _kind(name: str, given: list[object]) -> str | None:
    """The type that a cast names; "" where it names none, None where it is that of another tensor or not known."""
    if name not in ("to", "type", "type_as"):
        return name
    for value in given:
        if isinstance(value, External) and value.path.startswith("torch.") and value.name != "device":
            return value.name.removesuffix("Tensor").lower()
        if isinstance(value, (Tensor, Unknown)) or name != "to":
            return None
    return ""


def _contiguous(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """The same numbers row after row, unless another order is asked for."""
    made = _copied(packages, args, kwargs, node)
    if isinstance(made, Tensor):
        last = str(getattr(kwargs.get("memory_format"), "name", "")).startswith("channels_last")
        made.strides = formatted(made.dims, last) if len(args) == 1 else None
    return made


def _whole(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """Numbers cut to whole ones, where they are known: `.long()`, `.astype(int)`."""
    made = _copied(packages, args, kwargs, node)
    kind = args[1] if len(args) > 1 else kwargs.get("dtype")
    if isinstance(made, Tensor) and made.data is not None and (kind is None or "int" in getattr(kind, "path", "")):
        made.data = [int(number) for number in made.data]
    return made


for _name in UNCHANGED:
    METHODS_ONLY[_name] = _unchanged
for _name in ("to", "float", "double", "half", "bfloat16", "bool", "byte", "type", "type_as"):
    METHODS_ONLY[_name] = _cast(_name)
METHODS_ONLY["contiguous"] = _contiguous
for _name in ("long", "int", "short", "astype"):
    METHODS_ONLY[_name] = _whole
OPS["real"] = OPS["conj"] = _unchanged
OPS["clone"] = METHODS_ONLY["clone"] = _copied
OPS["detach"] = METHODS_ONLY["detach"] = _detached
