"""Tensors while a forward is followed: shapes with the batch axis where PyTorch has it, and the nodes that make them.

A tensor's `dims` are PyTorch's sizes; the batch is a `Size`. The engine keeps the batch in front of a sample, so the
sample of a tensor has its other axes in order; an axis that the batch was merged into stays as its other factor.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Protocol, TypeAlias

from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault, Source, Span
from cnncalc.network.graph import Graph, Node, Ref
from cnncalc.read.opaque import opaque
from cnncalc.read.python.tensor.sizes import Dim, Dims, Size
from cnncalc.read.python.tensor.strides import Strides, packed
from cnncalc.read.python.values import Kind, Refused

# What finds the place of a node in a text.
Finder: TypeAlias = Callable[[object, Source], Span]


class Owner(Protocol):
    """The module that a parameter belongs to."""

    path: str
    layer: Layer | None
    first: int | None


class Tensor:
    """A tensor: its sizes, and the value of the graph that it is; `ref` is None for constants.

    `data` holds the numbers of short constants; `token` says that it holds whole numbers.
    """

    type_name = "Tensor"

    __slots__ = ("data", "dims", "param", "ref", "strides", "token", "what")

    def __init__(self, dims: Dims, ref: Ref | None = None, data: list[float] | None = None, what: str = "") -> None:
        self.dims = tuple(dims)
        self.ref = ref
        self.data = data
        self.what = what  # what a constant is made by: "arange"
        self.token = False
        self.param: Param | None = None
        self.strides: Strides | None = packed(dims) if ref is None else None  # in memory, where they are known

    def __repr__(self) -> str:
        return f"a tensor {text(self.dims)}"

    @property
    def constant(self) -> bool:
        """Whether it depends on no input and no parameter."""
        return self.ref is None and self.param is None


class Param(Kind):
    """A parameter: its shape, whether it is trained, and the module it belongs to first."""

    type_name = "Parameter"

    def __init__(self, dims: tuple[int, ...], trainable: bool = True) -> None:
        self.dims = dims
        self.trainable = trainable
        self.owner: Owner | None = None
        self.name = ""
        self.node: int | None = None  # of the graph: the node that has it as its weight
        self.absorbed = False
        self.tensor = Tensor(dims, what="Parameter")
        self.tensor.param = self


def _as_given(written: object, source: Source) -> Span:
    assert isinstance(written, Span)
    return written


class Origin:
    """Where a node was written: the call in forward, and the line that made the module.

    Places are worked out of the nodes of the syntax tree by `find` where they are asked for: few are.
    """

    __slots__ = ("_called", "_find", "_written", "made", "shared", "source")

    def __init__(
        self,
        source: Source,
        written: object,
        find: Finder = _as_given,
        made: Callable[[str], Span] | None = None,
        called: tuple[Source, object] | None = None,
    ) -> None:
        self.source = source
        self._written = written
        self._find = find
        self._called = called or (source, written)
        self.made = made
        self.shared: frozenset[str] | None = None  # the weights that are another node's, where not all are

    @property
    def span(self) -> Span:
        """Where the module is made, or the call where there is none."""
        return self._find(self._written, self.source)

    @property
    def called(self) -> tuple[Source, Span]:
        """Where forward calls it."""
        source, node = self._called
        return source, self._find(node, source)

    def place(self, option: str | None = None) -> Span:
        """The call, or the argument of the line that made the layer."""
        return self.made(option) if self.made is not None and option is not None else self.span

    def point(self, fault: Fault) -> Span:
        """Where a fault points: the option that is wrong where it was written, else the call."""
        return self.place(fault.option)


def is_batch(size: object) -> bool:
    """Whether a size is the batch alone."""
    return isinstance(size, Size) and size.times == 1


def sample(dims: Dims) -> tuple[int, ...]:
    """The sizes of one sample: without the batch, with what was merged into it."""
    return tuple(size.times if isinstance(size, Size) else size for size in dims if not is_batch(size))


def batch_at(dims: Dims) -> int | None:
    """The axis that holds the batch; None where there is none."""
    for at, size in enumerate(dims):
        if isinstance(size, Size):
            return at
    return None


def is_merged(dims: Dims) -> bool:
    """Whether the batch is a factor of an axis, together with something else."""
    at = batch_at(dims)
    return at is not None and not is_batch(dims[at])


def axis_of(tensor: Tensor, dim: Dim, node: ast.AST, new: bool = False) -> int:
    """A dim as PyTorch counts it, from 0; raises `Refused` where there is no such axis."""
    rank = len(tensor.dims) + int(new)
    if not isinstance(dim, int) or not -max(rank, 1) <= dim < max(rank, 1):
        message = f"{text(tensor.dims)} has no axis {dim}"
        raise Refused("axis-out-of-range", message, node, help=f"axes are 0 to {rank - 1}")
    return dim % rank if rank else 0


def engine_axis(dims: Dims, at: int) -> int:
    """The axis of the engine's array, batch first, for an axis of the tensor."""
    if at < len(dims) and is_batch(dims[at]):
        return 0
    return 1 + sum(not is_batch(size) for size in dims[:at])


def text(dims: Dims) -> str:
    """`[N, 3, 32, 32]`."""
    return "[" + ", ".join(str(size) for size in dims) + "]"


class Tracer:
    """Makes the graph while forward is followed."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.counts: dict[str, int] = {}
        self.calls: dict[str, int] = {}
        self.constants: dict[int, Ref] = {}
        self.path = ""  # of the module whose forward is followed
        self.origin: Origin | None = None
        self.kept: list[Tensor] = []  # so that their identities stay theirs

    def function_name(self, kind: str) -> str:
        """A name for what is no module: the lower-case type and a number, inside the module."""
        stem = f"{self.path}.{kind.lower()}" if self.path else kind.lower()
        self.counts[stem] = self.counts.get(stem, 0) + 1
        return f"{stem}_{self.counts[stem]}"

    def call_name(self, path: str) -> str:
        """The name of a module's row; what is called again gets a number, `pool (2)`."""
        self.calls[path] = self.calls.get(path, 0) + 1
        return path if self.calls[path] == 1 else f"{path} ({self.calls[path]})"

    def ref(self, tensor: Tensor) -> Ref:
        """The value of the graph that a tensor is; constants and parameters become nodes when they are needed."""
        if tensor.ref is not None:
            return tensor.ref
        if tensor.param is not None:
            return self.parameter(tensor.param)
        known = self.constants.get(id(tensor))
        if known is None:
            kind = (tensor.what or "constant").title().replace("_", "")
            layer = opaque(kind, sample(tensor.dims))
            known = self.constants[id(tensor)] = self.add(layer, (), self.function_name(kind))
            self.kept.append(tensor)
        return known

    def parameter(self, param: Param) -> Ref:
        """The value of a parameter that is used by itself: that of a node that holds it."""
        tensor = param.tensor
        if tensor.ref is None:
            from cnncalc.layers import find

            kind = find("Parameter")
            assert kind is not None
            held = param.absorbed and param.node is not None  # by a layer: it is counted there
            layer = opaque("Weight", sample(param.dims)) if held else kind(shape=list(param.dims))
            tensor.ref = self.add(layer, (), _path(param), frozen=not param.trainable)
            if param.node is None:
                param.node = len(self.graph.nodes) - 1
        return tensor.ref

    def add(
        self,
        layer: Layer,
        refs: tuple[Ref, ...],
        name: str,
        shares: int | None = None,
        frozen: bool | frozenset[str] = False,
    ) -> int:
        """A node; its value's number."""
        graph = self.graph
        graph.nodes.append(Node(name, layer, refs, self.origin, shares, frozen))
        return len(graph.inputs) + len(graph.nodes) - 1


def _path(param: Param) -> str:
    path = param.owner.path if param.owner is not None else ""
    return f"{path}.{param.name}" if path else param.name or "parameter"
