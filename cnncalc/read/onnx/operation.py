"""A node of an ONNX file that is no layer of ours: its weights, and what its kernel runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.problem import Fault
from cnncalc.read.onnx.values import Value
from cnncalc.read.opaque import Weighted, made

if TYPE_CHECKING:
    from onnx import NodeProto

    from cnncalc.core.number import Shape
    from cnncalc.read.onnx.weights import Named
    from cnncalc.spec.array_files import Array


class Operation(Weighted):
    """An operator of ONNX."""

    states: tuple[Weight, ...] = ()
    step: Step | None = None

    @classmethod
    def kernel_name(cls) -> str:
        return "onnx.Node"

    def buffers(self, *xs: Shape) -> Iterator[Weight]:
        return iter(self.states)


class Step:
    """What a kernel runs for a node.

    ins       the values that go in; None for one that is left out
    fixed     those of them that do not flow, by their place
    names     of the outputs: "output" for the first; batches: where each has the batch axis, "none" for one unnamed
    """

    def __init__(
        self,
        node: NodeProto | None,
        ins: list[Value | None],
        outputs: list[tuple[str, int | None]],
        versions: dict[str, int],
        stored: Callable[[str], Array | None],
    ) -> None:
        self.node = node
        self.versions = versions
        self.ins = ins
        self.fixed = {
            at: value for at, value in enumerate(ins) if value is not None and (value.inits or value.data is not None)
        }
        named = [name for name, _ in outputs if name]
        self.names = ["output", *named[1:]]
        self.batches = [batch if name else "none" for name, batch in outputs]
        self._stored = stored

    def stored(self, name: str) -> Array:
        """The numbers of an initializer that is no weight."""
        array = self._stored(name)
        if array is None:
            raise Fault("no-kernel", f"the numbers of {name} are not in the file")
        return array


class Origin:
    """Where a node stands: nowhere, an ONNX file has no lines; and which of its weights are another node's."""

    def __init__(self, home: int | None, shared: frozenset[str]) -> None:
        self.shared = shared if home is not None else None

    def place(self, option: str | None = None) -> None:
        return None

    def point(self, fault: Fault) -> None:
        return None


def operation(op: str, sample: Shape, cost: int, weights: list[Named], buffers: list[Named]) -> Layer:
    """An operator with these initializers: weights and buffers."""
    arrays, states = (tuple(Weight(name, dims) for name, dims in some) for some in (weights, buffers))
    return made(Operation, op, sample=tuple(sample), cost=cost, arrays=arrays, states=states)
