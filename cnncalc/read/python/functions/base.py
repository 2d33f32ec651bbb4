"""What all functions of tensors share: the table of names, arguments, and how a node is made."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault
from cnncalc.read.opaque import opaque
from cnncalc.read.python.bases import InterpreterBase, Op, PackagesBase
from cnncalc.read.python.builtin.registry import kind_of
from cnncalc.read.python.functions.homes import LACKS
from cnncalc.read.python.layers.apply import as_tensor
from cnncalc.read.python.tensor.sizes import Dim, Dims, Size
from cnncalc.read.python.tensor.strides import after, iterated, overlaps
from cnncalc.read.python.tensor.tensors import Tensor, axis_of, sample, text
from cnncalc.read.python.values import MISSING, Args, Kwargs, Object, Raised, Refused, Unknown

F = TypeVar("F", bound=Op)
OPS: dict[str, Op] = {}
METHODS_ONLY: dict[str, Op] = {}
Named = TypeVar("Named", bound=Callable[..., object])
ABSENT = {home: frozenset(names.split()) for home, names in LACKS.items()}


def op(*names: str) -> Callable[[F], F]:
    """Make a function the meaning of these names of torch, torch.nn.functional and tensors."""

    def register(function: F) -> F:
        for name in names:
            OPS[name] = function
        return function

    return register


def named(*names: str) -> Callable[[Named], Named]:
    """Like `op`, for a function that is told which of its names was called."""

    def register(function: Named) -> Named:
        for name in names:
            OPS[name] = partial(function, name=name)
        return function

    return register


def find(path: str) -> Op | None:
    """The function that a canonical path names; None where it is not known."""
    head, _, name = path.rpartition(".")
    if head == "numpy":
        return OPS.get(name) if name in NUMPY else None
    return OPS.get(name) if head in ("torch", "F", "torch.Tensor") and not absent(path) else None


def absent(path: str) -> bool:
    """Whether PyTorch has a function that is followed, but not at this path: F.flatten, torch.gelu."""
    head, _, name = path.rpartition(".")
    return name in ABSENT.get(head.removeprefix("torch.") if head == "torch.Tensor" else head, ())


# NumPy's functions that say and do the same as PyTorch's.
_NUMPY = """
zeros ones arange linspace array full empty eye zeros_like ones_like full_like sqrt exp log cumsum cos sin tan tanh
arctan abs absolute square power sign floor ceil round clip maximum minimum add subtract multiply divide mod sum mean
max min prod std var argmax argmin concatenate stack vstack hstack matmul outer where reshape triu tril diag sinh cosh
log1p log2 log10 expm1 cumprod isnan logical_and logical_or logical_not
"""
NUMPY = frozenset(_NUMPY.split())


def get(args: Args, kwargs: Kwargs, at: int, name: str, default: object = None) -> object:
    """An argument by place or name."""
    return args[at] if len(args) > at else kwargs.get(name, default)


def the(args: Args, kwargs: Kwargs, node: ast.AST, what: str = "the input") -> Tensor:
    """The first argument, a tensor."""
    value = args[0] if args else next((kwargs[n] for n in ("input", "x", "self", "tensor") if n in kwargs), MISSING)
    if value is MISSING:
        raise Raised("TypeError", "a tensor is missing", node)
    return as_tensor(value, what, node)


def whole(value: object, what: str, node: ast.AST) -> Dim:
    """An int, or a size that depends on the batch; raises `Refused` for what is not known."""
    if isinstance(value, Unknown):
        value.refuse(what, node)
    if isinstance(value, Tensor) and value.data is not None and len(value.data) == 1:
        value = value.data[0]
    if isinstance(value, Object):
        member = value.attrs.get("value")  # of an enumeration
        value = member if isinstance(member, int) else value
    if not isinstance(value, (int, Size)):
        if isinstance(value, Tensor):
            raise Refused("python-unknown-value", f"{what} depends on the numbers in a tensor", node)
        raise Raised("TypeError", f"{what} must be an int, not {kind_of(value)}", node)
    return value


def integer(value: object, what: str, node: ast.AST) -> int:
    """An int; raises `Refused` where it depends on the batch."""
    found = whole(value, what, node)
    if isinstance(found, Size):
        raise Refused("python-unknown-value", f"{what} depends on the batch size", node)
    return found


def the_axis(x: Tensor, value: object, what: str, node: ast.AST, new: bool = False) -> int:
    """An axis of a tensor, counted from 0."""
    return axis_of(x, whole(value, what, node), node, new)


def listed(value: object) -> list[object]:
    """What may be given alone or as a list."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def size_at(x: Tensor, at: int, refusal: str, node: ast.AST) -> int:
    """The size of an axis; refused where it is the batch, or has it as a factor."""
    size = x.dims[at]
    if isinstance(size, Size):
        raise Refused("python-batch-axis", refusal, node)
    return size


def sizes_of(values: Iterable[object], what: str, run: InterpreterBase, node: ast.AST) -> list[Dim]:
    """Sizes given one after the other, or as one list."""
    given = list(values)
    if len(given) == 1 and not isinstance(given[0], (int, Size, Unknown, float)):
        given = run.listed(given[0], node) if not isinstance(given[0], Tensor) else given
    return [whole(value, what, node) for value in given]


def layer(kind: str, node: ast.AST, /, **options: object) -> Layer:
    """A layer of the spec language."""
    found = layers.find(kind)
    assert found is not None, kind
    try:
        return found.bind([], options)
    except Fault as fault:
        raise Refused(fault.code, fault.message, node, fault.help) from None


def make(
    packages: PackagesBase, made: Layer | None, inputs: list[Tensor], dims: Dims, node: ast.AST, kind: str = ""
) -> Tensor:
    """A tensor of these sizes, and the node that makes it: the layer if it agrees, else an opaque operation."""
    if sum(isinstance(size, Size) for size in dims) > 1:
        raise Refused("python-batch-axis", f"this mixes the samples of a batch: it gives {text(dims)}", node)
    result = Tensor(dims)
    result.token = any(tensor.token for tensor in inputs)
    result.strides = after(kind, made, inputs, dims)
    if not packages.active or all(tensor.constant for tensor in inputs):
        result.what = inputs[0].what if inputs else ""
        packages.interpreter.spend(4, node)
        return result
    tracer = packages.tracer
    packages.interpreter.spend(40, node)
    tracer.origin = packages.origin(None, node)
    refs = tuple(tracer.ref(tensor) for tensor in inputs)
    wanted = sample(dims)
    if made is not None:
        try:
            xs = tuple((1, *sample(tensor.dims)) for tensor in inputs)
            made.accept(xs)
            if tuple(made.shape(*xs)[1:]) != wanted:
                made = None
        except Fault:
            made = None
    if made is None:
        made = opaque(kind.title().replace("_", "") or "Function", wanted)
    result.ref = tracer.add(made, refs, tracer.function_name(kind or made.type()))
    return result


def written(x: Tensor, node: ast.AST) -> None:
    """Refuse to write into a tensor whose elements share memory."""
    if overlaps(x.dims, x.strides):
        raise Raised("RuntimeError", f"a tensor {text(x.dims)} whose elements share memory is written into", node)


def in_place(function: Op) -> Op:
    """The form of a function that writes into its first input, which stays where it lies."""

    def run(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
        x, result = the(args, kwargs, node), function(packages, args, kwargs, node)
        written(x, node)
        if isinstance(result, Tensor) and result.dims == x.dims:
            result.strides = x.strides
        return result

    return run


def same(packages: PackagesBase, inputs: list[Tensor], kind: str, node: ast.AST, made: Layer | None = None) -> Tensor:
    """An operation that keeps the sizes of its first input."""
    result = make(packages, made, inputs, inputs[0].dims, node, kind)
    if result.strides is None:
        result.strides = iterated([(inputs[0].dims, inputs[0].strides)], result.dims)
    result.token = False
    return result
