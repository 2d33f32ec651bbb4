"""The attributes of an ONNX operator: plain numbers and texts, lists of them, an array, a graph inside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cnncalc.core.problem import Fault
from cnncalc.read.onnx.file import library
from cnncalc.read.onnx.values import initializer

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto

    from cnncalc.spec.array_files import Array


class Attributes(dict[str, object]):
    """What an operator says beside its inputs, by name. Another form than an operator has is a `Fault`."""

    def whole(self, name: str, default: int) -> int:
        """A whole number."""
        value = self.get(name, default)
        if not isinstance(value, int):
            raise _wrong(name, "whole number")
        return value

    def wholes(self, name: str, default: Iterable[int] | None = None) -> list[int] | None:
        """A list of whole numbers; the default where it is missing or empty."""
        value = self.get(name) or default
        if value is None:
            return None
        if not isinstance(value, Iterable):
            raise _wrong(name, "list")
        return list(value)

    def array(self, name: str) -> Array | None:
        """An array of few numbers; None where there is none."""
        import numpy as np

        value = self.get(name)
        return value if isinstance(value, np.ndarray) else None

    def graph(self, name: str) -> GraphProto:
        """A graph inside, which is a branch."""
        from onnx import GraphProto

        value = self.get(name)
        if not isinstance(value, GraphProto):
            raise _wrong(name, "graph")
        return value


def _wrong(name: str, form: str) -> Fault:
    return Fault("onnx-broken", f"the attribute {name} of an operator is no {form}")


def attributes_of(node: NodeProto) -> Attributes:
    """The attributes of a node, floats as they were written."""
    found = Attributes()
    helper = library().helper
    for attribute in node.attribute:
        value = helper.get_attribute_value(attribute)
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        elif isinstance(value, float):
            value = _shortest(value)
        elif hasattr(value, "dims") and hasattr(value, "data_type"):
            value = initializer(value).data
        found[attribute.name] = value
    return found


def _shortest(value: float) -> float:
    """The number that was written, of one that was stored in single precision."""
    import struct

    short = float(f"{value:.7g}")
    return short if struct.pack("f", short) == struct.pack("f", value) else value
