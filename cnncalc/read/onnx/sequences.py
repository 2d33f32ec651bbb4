"""Lists of tensors whose length is known: what takes them apart and puts them together as operators on tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnncalc.core.problem import Fault
from cnncalc.read.onnx.values import Value

if TYPE_CHECKING:
    from onnx import NodeProto

    from cnncalc.read.onnx.attributes import Attributes

OPERATORS = ("SplitToSequence", "SequenceConstruct", "SequenceAt", "SequenceLength", "ConcatFromSequence")
MOST = 10_000  # tensors in all lists of a file


class Sequences:
    """The names of the tensors in each list."""

    def __init__(self, values: dict[str, Value], opset: int) -> None:
        self.values, self.opset = values, opset
        self.held: dict[str, list[str]] = {}
        self.left = MOST

    def nodes(self, node: NodeProto, attrs: Attributes) -> list[NodeProto]:
        """What a node on lists is in operators on tensors, to be read instead of it."""
        op, out = node.op_type, node.output[0]
        if op == "SplitToSequence":
            return [self._split(node, attrs)]
        if op == "SequenceConstruct":
            self._spend(node, len(node.input))
            self.held[out] = list(node.input)
            return []
        parts = self.held.get(node.input[0])
        if parts is None:
            raise Fault("onnx-operator", f"{node.name or op}: a list of tensors that is given is not read")
        if op == "ConcatFromSequence":
            if attrs.get("new_axis"):
                raise Fault("onnx-operator", f"{node.name or op}: lists are not read as a new axis")
            self._spend(node, len(parts))
            from onnx.helper import make_node

            return [make_node("Concat", parts, [out], name=node.name, axis=attrs["axis"])]
        if op == "SequenceLength":
            self.values[out] = Value((), np.asarray(len(parts), np.int64), dtype=7)
            return []
        at = self.values[node.input[1]].data
        if at is None or not -len(parts) <= int(at) < len(parts):
            raise Fault("onnx-operator", f"{node.name or op}: which tensor of a list is taken is not known")
        self.values[out] = self.values[parts[int(at)]]
        return []

    def _spend(self, node: NodeProto, count: int) -> None:
        """Refuse lists that are too long together."""
        self.left -= count
        if self.left < 0:
            message = f"{node.name or node.op_type}: lists of more than {MOST:,} tensors, or of none, are not read"
            raise Fault("onnx-operator", message)

    def _split(self, node: NodeProto, attrs: Attributes) -> NodeProto:
        """An axis cut into pieces of one size (the last may be smaller), of given sizes, or of 1."""
        from onnx.helper import make_node

        value = self.values[node.input[0]]
        rank, axis = len(value.dims), attrs.whole("axis", 0)
        cut = self.values[node.input[1]] if len(node.input) > 1 and node.input[1] else None
        if not -rank <= axis < rank or (cut is not None and cut.data is None):
            raise Fault("onnx-operator", f"{node.name or node.op_type}: the sizes of the pieces are not known")
        if cut is None and not attrs.get("keepdims", 1):
            raise Fault("onnx-operator", f"{node.name or node.op_type}: pieces without their axis are not read")
        size = value.dims[axis]
        lengths = None if cut is None else cut.data
        if lengths is None or np.ndim(lengths) == 0:
            each = 1 if lengths is None else int(lengths)
            count = -(-size // each) if each > 0 else 0
            sizes = [min(each, size - each * at) for at in range(min(count, MOST + 1))]
        else:
            sizes = [int(one) for one in lengths]
        self._spend(node, len(sizes) or MOST + 1)
        out = node.output[0]
        self.held[out] = [f"{out}/{at}" for at in range(len(sizes))]
        if self.opset < 13:
            return make_node("Split", node.input[:1], self.held[out], name=node.name, axis=axis, split=sizes)
        self.values[f"{out}/sizes"] = Value((len(sizes),), np.asarray(sizes, np.int64), dtype=7)
        return make_node("Split", [node.input[0], f"{out}/sizes"], self.held[out], name=node.name, axis=axis)
