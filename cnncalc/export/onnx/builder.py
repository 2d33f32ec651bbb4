"""The nodes and initializers of an ONNX graph, made one after the other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from cnncalc.core.number import Number
from cnncalc.core.problem import Fault
from cnncalc.execute.kernel import Array
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.read.onnx.file import library

if TYPE_CHECKING:
    from onnx import NodeProto

# Where the numbers of a weight come from: the row's index and the weight's name.
Arrays = Callable[[int, str], Array]
Shapes: TypeAlias = Sequence[tuple[int, ...]]  # of what goes in, with the batch axis
MOST_NODES = 20_000  # those of the largest bundled networks are 5,000


class Builder:
    """Writes the nodes of one row after the other. Values are strings, the names of ONNX' values."""

    def __init__(self, report: Report, arrays: Arrays, owner: Callable[[int, str], tuple[int, str]], dtype: str):
        self.onnx = onnx = library()
        self.report = report
        self.nodes: list[NodeProto] = []
        self.initializers: dict[str, Array] = {}
        self.names: set[str] = set()
        self._next: dict[str, int] = {}
        self.dtype = np.dtype(dtype)
        self.float = onnx.TensorProto.DOUBLE if dtype == "float64" else onnx.TensorProto.FLOAT
        self.index = 0
        self.row: Row = report.rows[0] if report.rows else None  # type: ignore[assignment]
        self.parameters: dict[str, str] = {}  # "layer.weight" -> the initializer
        self._arrays, self._owner = arrays, owner
        self._held: set[str] = set()
        self._turned: dict[tuple[int, str], tuple[int, ...]] = {}
        self._shared: dict[Hashable, str] = {}
        self.made: dict[str, str] = {}  # weights of the row that are values worked out from others

    def start(self, index: int) -> None:
        """What follows belongs to that row."""
        self.index, self.row = index, self.report.rows[index]
        self._held = {held.name for held in (*self.row.facts.weights, *self.row.facts.buffers)}

    def unique(self, word: str) -> str:
        """The word, with a number where it is taken."""
        name, number = word, self._next.get(word, 2)
        while name in self.names:
            name, number = f"{word}_{number}", number + 1
        self._next[word] = number  # those below are taken
        self.names.add(name)
        return name

    def op(self, kind: str, *inputs: str | None, **attributes: object) -> str:
        """A node with one output."""
        return self.ops(kind, inputs, 1, **attributes)[0]

    def ops(self, kind: str, inputs: Sequence[str | None], count: int, **attributes: object) -> list[str]:
        """A node with several outputs."""
        if len(self.nodes) >= MOST_NODES:
            raise Fault("too-many-parts", f"the ONNX file would have more than {MOST_NODES:,} operators")
        first = kind != "Constant" and self.row.name not in self.names
        name = self.unique(self.row.name if first else f"{self.row.name}/{kind}")
        made = [self.unique(f"{name}:{at}") for at in range(count)]
        given = ["" if one is None else one for one in inputs]
        while given and not given[-1]:
            given.pop()
        self.nodes.append(self.onnx.helper.make_node(kind, given, made, name, **attributes))
        return made

    def array(self, name: str, index: int | None = None) -> Array:
        """The numbers of one of the row's weights."""
        return np.asarray(self._arrays(*self._owner(self.index if index is None else index, name)))

    def weight(self, name: str, turned: bool | tuple[int, ...] = False) -> str:
        """The initializer of one of the row's weights; tied ones are one.

        turned   the order of its axes: True for a matrix transposed, False as they are
        """
        if isinstance(turned, bool):
            turned = (1, 0) if turned else ()
        if name in self.made:
            return self.op("Transpose", self.made[name], perm=list(turned)) if turned else self.made[name]
        place = self._owner(self.index, name)
        word = f"{self.report.rows[place[0]].name}.{name}"
        if place not in self._turned:
            self._turned[place] = turned
            array = self.array(name)
            self.names.add(word)
            self.initializers[word] = array.transpose(turned) if turned else array
            self.parameters[word] = word
        held = self._turned[place]
        if held == turned:
            return word
        rank = len(held or turned)
        held, turned = held or tuple(range(rank)), turned or tuple(range(rank))
        return self.op("Transpose", word, perm=[held.index(axis) for axis in turned])

    def store(self, name: str, sources: list[str], make: Callable[..., Array]) -> str:
        """An initializer that is made of some of the row's weights; layers that share them share it."""
        places = tuple(self._owner(self.index, source) for source in sources)

        def put() -> str:
            word = self.unique(f"{self.report.rows[places[0][0]].name}.{name}")
            self.initializers[word] = make(*(self.array(source) for source in sources))
            return word

        return self.shared((name, places), put)

    def has(self, name: str) -> bool:
        """Whether the row has a weight of that name."""
        return name in self._held

    def numbers(self, array: object) -> str:
        """A constant of floats, which is no parameter."""
        made = np.asarray(array, self.dtype)
        return self.shared((made.shape, made.tobytes()), lambda: self._constant(made))

    def shared(self, key: Hashable, make: Callable[[], str]) -> str:
        """A value that does not depend on the input: made once for all rows that ask for the same."""
        if key not in self._shared:
            self._shared[key] = make()
        return self._shared[key]

    def positions(self, length: int, memory: int) -> str:
        """How far each of `memory` positions is ahead of each of `length`, as floats [length, memory]."""

        def make() -> str:
            rows, columns = (
                self.op("Range", self.whole(0), self.whole(count), self.whole(1)) for count in (length, memory)
            )
            ahead = self.op("Sub", columns, self.op("Unsqueeze", rows, self.whole([1])))
            return self.op("Cast", ahead, to=self.float)

        return self.shared(("positions", length, memory), make)

    def whole(self, numbers: object) -> str:
        """A constant of whole numbers, one for all rows that ask for the same."""
        made = np.asarray(numbers, np.int64)
        return self.shared((made.shape, made.tobytes(), "whole"), lambda: self._constant(made))

    def _constant(self, array: Array) -> str:
        value = self.onnx.numpy_helper.from_array(array)
        return self.op("Constant", value=value)

    # --- what many layers need -------------------------------------------------------------------------------------

    def unsqueeze(self, x: str, *axes: int) -> str:
        """Further axes of size 1, by their places in the result."""
        return self.op("Unsqueeze", x, self.whole(axes))

    def squeeze(self, x: str, *axes: int) -> str:
        """Without these axes of size 1."""
        return self.op("Squeeze", x, self.whole(axes))

    def steps(self, x: str, length: int) -> list[str]:
        """[N, length, ...] as one value [N, ...] a step."""
        if length == 1:
            return [self.squeeze(x, 1)]
        parts = self.ops("Split", (x,), length, axis=1, num_outputs=length)
        return [self.squeeze(part, 1) for part in parts]

    def stack(self, values: list[str]) -> str:
        """Values [N, ...] as one sequence [N, length, ...]."""
        return self.op("Concat", *(self.unsqueeze(value, 1) for value in values), axis=1)

    def reshape(self, x: str, sizes: Iterable[Number]) -> str:
        """Samples of another shape; the batch axis stays."""
        return self.op("Reshape", x, self.whole([0, *sizes]))

    def affine(self, x: str, name: str, bias: str | None, turned: bool = True) -> str:
        """x W + b along the last axis; `turned` where the weight has the outputs first."""
        made = self.op("MatMul", x, self.weight(name, turned))
        return made if bias is None else self.op("Add", made, self.weight(bias))

    def slice(self, x: str, axis: int, start: int, stop: int, step: int = 1) -> str:
        """Positions of an axis."""
        return self.op("Slice", x, *(self.whole([one]) for one in (start, stop, axis, step)))

    def batch(self) -> str:
        """How many samples there are, as a list of one number."""
        return self.op("Shape", self.report.graph.inputs[0].name, start=0, end=1)

    def expand(self, x: str, sizes: Iterable[Number]) -> str:
        """A value of one sample, for each sample of the batch."""
        return self.op("Expand", x, self.op("Concat", self.batch(), self.whole(list(sizes)), axis=0))

    def refuse(self, why: str, help: str = "") -> Fault:
        """The fault for a layer that ONNX has no words for."""
        return Fault("cannot-export", f"{self.row.call} cannot be written for ONNX: {why}", help=help or ())


# What writes a layer: its options, the names of its inputs and their shapes with the batch axis. It gives the name of
# the output, or the names of all named outputs.
Rule = Callable[[Builder, Any, list[str], Shapes], str | dict[str, str]]


def same(kind: str, **attributes: object) -> Rule:
    """The rule of a layer that is one operator on its input."""
    return lambda g, layer, xs, shapes: g.op(kind, xs[0], **attributes)
