"""Reverse-mode differentiation: arrays that record the operations that made them.

The graph and most derivatives of NumPy's functions are HIPS autograd's. NumPy hands over to `TracedArray` by its own
protocols, so kernels need not know.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeVar

import autograd.numpy as known  # type: ignore[import-untyped]
import numpy as np
from autograd.core import VJPNode  # type: ignore[import-untyped]
from autograd.numpy.numpy_boxes import ArrayBox  # type: ignore[import-untyped]
from autograd.tracer import Box  # type: ignore[import-untyped]

from cnncalc.execute.kernel import Array

Pull: TypeAlias = "Callable[[Array], Array | SparseGrad]"
Operand = TypeVar("Operand")  # an array, a number, or nothing
Index: TypeAlias = "int | slice | Array | tuple[int | slice | Array, ...]"

# Only one graph is built at a time, and nothing is differentiated twice.
LEVEL = 0


class SparseGrad:
    """A gradient that is zero but at some places: as an index and what stands there."""

    __slots__ = ("index", "repeated", "shape", "value")

    def __init__(self, shape: tuple[int, ...], index: Any, value: Array, repeated: bool = False) -> None:
        self.shape = shape
        self.index = index
        self.value = value
        self.repeated = repeated  # whether the index may name a place twice

    def add_to(self, total: Array) -> None:
        """Add what stands there."""
        if self.repeated:
            np.add.at(total, self.index, self.value)
        else:
            total[self.index] += self.value


class TracedArray(ArrayBox):  # type: ignore[misc]
    """An array that is followed."""

    __slots__ = ()
    followed = True
    __hash__ = ArrayBox.__hash__

    def __array__(self, *_: object, **__: object) -> Array:
        raise TypeError("an array that is followed would be lost here")

    def __array_function__(
        self, func: Callable[..., object], types: object, args: Sequence[object], options: Mapping[str, object]
    ) -> Array:
        return call(func.__name__, args, options)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: object, **options: Any) -> Array:
        out = options.pop("out", None)
        # `x += y` of a plain x: Python gives the name what is returned. Any other target would be left as it was.
        if method != "__call__" or not (out is None or (len(out) == 1 and out[0] is inputs[0])):
            raise TypeError(f"{ufunc.__name__} cannot be followed in this form")
        return call(ufunc.__name__, inputs, options)

    def __getitem__(self, index: Index) -> Array:
        parts = index if isinstance(index, tuple) else (index,)
        repeated = any(isinstance(part, (np.ndarray, list)) for part in parts)
        shape = self._value.shape
        return new_node(self._value[index], (self, lambda g: SparseGrad(shape, index, g, repeated)))

    def astype(self, dtype: str, copy: bool = True) -> Array:
        """In another precision."""
        mine = self._value.dtype
        return self if dtype == mine else new_node(self._value.astype(dtype), (self, lambda g: g.astype(mine)))

    def transpose(self, *axes: int | tuple[int, ...]) -> Array:
        """The axes in another order."""
        return call("transpose", (self, axes[0] if len(axes) == 1 else axes or None), {})

    def take(self, index: int, axis: int | None = None) -> Array:
        """Places of an axis."""
        return call("take", (self, index, axis), {})

    def repeat(self, times: int, axis: int | None = None) -> Array:
        """Every number several times."""
        return call("repeat", (self, times, axis), {})

    def max(self, axis: object = None, keepdims: bool = False) -> Array:
        """The largest along axes."""
        return call("max", (self,), {"axis": axis, "keepdims": keepdims})

    def min(self, axis: object = None, keepdims: bool = False) -> Array:
        """The smallest along axes."""
        return call("min", (self,), {"axis": axis, "keepdims": keepdims})

    def copy(self) -> Array:
        """The same: nothing here is written in place."""
        return self

    def sum(self, axis: object = None, keepdims: bool = False) -> Array:
        """The sum along axes."""
        return call("sum", (self,), {"axis": axis, "keepdims": keepdims})

    def mean(self, axis: object = None, keepdims: bool = False) -> Array:
        """The mean along axes."""
        return call("mean", (self,), {"axis": axis, "keepdims": keepdims})


# From here on the library's functions give these.
for _type in (np.ndarray, np.float64, np.float32):
    TracedArray.register(_type)


def _operator(name: str, turned: bool) -> Callable[[object, object], Array]:
    return lambda self, other: call(name, (other, self) if turned else (self, other), {})


for _word, _name in {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "matmul": "matmul",
    "pow": "power",
}.items():
    setattr(TracedArray, f"__{_word}__", _operator(_name, False))
    setattr(TracedArray, f"__r{_word}__", _operator(_name, True))


# Our rules by the function's name; `rules` puts them here.
RULES: dict[str, Callable[..., Any]] = {}


def call(name: str, args: Sequence[object], options: Mapping[str, object]) -> Array:
    """A NumPy function of arrays that are followed: by our rule, or by the library's."""
    rule = RULES.get(name) or getattr(known, name, None)
    if rule is None:
        raise TypeError(f"{name} has no derivative here")
    made: Array = rule(*args, **options)
    return made


def value(x: Operand) -> Operand:
    """The plain array."""
    plain: Operand = x._value if isinstance(x, Box) else x
    return plain


def new_leaf(array: Array) -> TracedArray:
    """A followed array that nothing came before."""
    return TracedArray(array, LEVEL, VJPNode.new_root())


def new_node(made: Array, *links: tuple[object, Pull]) -> Array:
    """A result, and for each operand how a gradient of the result becomes one of the operand."""
    known_links = [(x, pull) for x, pull in links if isinstance(x, Box)]
    if not known_links:
        return made
    node = VJPNode.__new__(VJPNode)
    node.parents = tuple(x._node for x, _ in known_links)
    node.vjp = Pulls([pull for _, pull in known_links])
    return TracedArray(np.asarray(made), LEVEL, node)


class Pulls:
    """How a gradient becomes one of each operand, so that only those that are needed are made."""

    __slots__ = ("each",)

    def __init__(self, each: list[Pull]) -> None:
        self.each = each

    def __call__(self, g: Array) -> list[Array | SparseGrad]:
        return [pull(g) for pull in self.each]


def summed(g: Array, shape: tuple[int, ...]) -> Array:
    """A gradient summed along the axes that broadcasting has stretched."""
    if g.shape == shape:
        return g
    if g.ndim > len(shape):
        g = g.sum(tuple(range(g.ndim - len(shape))))
    axes = tuple(at for at, size in enumerate(shape) if size == 1 and g.shape[at] != 1)
    return g.sum(axes, keepdims=True) if axes else np.broadcast_to(g, shape)


# --- going back ------------------------------------------------------------------------------------------------------


def order(ends: Iterable[VJPNode]) -> list[VJPNode]:
    """All nodes that lead to the ends, each before those it was made of."""
    uses: dict[VJPNode, int] = {}
    stack = list(dict.fromkeys(ends))
    starts = set(stack)
    while stack:
        node = stack.pop()
        for parent in node.parents:
            if parent in uses:
                uses[parent] += 1
            else:
                uses[parent] = 1
                if parent not in starts:
                    stack.append(parent)
    ready = [node for node in starts if node not in uses]
    sorted_: list[VJPNode] = []
    while ready:
        node = ready.pop()
        sorted_.append(node)
        for parent in node.parents:
            uses[parent] -= 1
            if not uses[parent]:
                ready.append(parent)
    return sorted_


class Path(NamedTuple):
    """The nodes between some ends and those whose gradient is wanted, each before those it was made of."""

    nodes: list[VJPNode]
    all: set[VJPNode]
    wanted: set[VJPNode]


def find_path(ends: Iterable[VJPNode], wanted: set[VJPNode]) -> Path:
    """The way back to the wanted nodes, and nothing beside it."""
    found = set()
    nodes = order(ends)
    for node in reversed(nodes):
        if node in wanted or any(parent in found for parent in node.parents):
            found.add(node)
    return Path([node for node in nodes if node in found], found, wanted)


def backprop(
    way: Path, seeds: Mapping[VJPNode, Array], held: Mapping[VJPNode, Array] | None = None
) -> dict[VJPNode, Array]:
    """The gradients of the wanted nodes. `held` says where a node's gradient goes no further (True stops it)."""
    totals: dict[VJPNode, tuple[Array, bool]] = {node: (g, False) for node, g in seeds.items()}
    found: dict[VJPNode, Array] = {}
    for node in way.nodes:
        entry = totals.pop(node, None)
        if entry is None:
            continue
        g = entry[0]
        if node in way.wanted:
            found[node] = g
        if held and node in held:
            g = np.where(held[node], 0, g)
        if type(node.vjp) is Pulls:
            for parent, pull in zip(node.parents, node.vjp.each, strict=True):
                if parent in way.all:
                    _add(totals, parent, pull(g))
        else:
            for parent, more in zip(node.parents, node.vjp(g), strict=True):
                if parent in way.all:
                    _add(totals, parent, more)
    return found


def _add(totals: dict[VJPNode, tuple[Array, bool]], node: VJPNode, more: Array | SparseGrad) -> None:
    """One more gradient of a node; arrays that are ours alone are added to in place."""
    entry = totals.get(node)
    if isinstance(more, SparseGrad):
        if entry is None or not entry[1]:
            total = np.zeros(more.shape, more.value.dtype) if entry is None else entry[0].copy()
            totals[node] = (total, True)
        more.add_to(totals[node][0])
    elif entry is None:
        totals[node] = (more, False)
    elif entry[1]:
        np.add(entry[0], more, out=entry[0])
    else:
        totals[node] = (np.asarray(entry[0] + more), True)
