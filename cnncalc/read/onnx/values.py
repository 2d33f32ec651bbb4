"""Values of an ONNX graph: sizes with the batch as 1, the numbers of small constants, and where they come from."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, TypeAlias

from cnncalc.core.problem import Fault
from cnncalc.read.onnx.file import library

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

    from cnncalc.network.graph import Ref
    from cnncalc.spec.array_files import Array

FOLDED = 200_000  # numbers that are kept to fold shape arithmetic

FLOATS = (1, 10, 11, 16)  # float, float16, double, bfloat16


# The operator that makes a value of initializers, what goes in, and the versions of operators.
Made: TypeAlias = "tuple[NodeProto, list[Value | None], dict[str, int]]"


class Value:
    """A tensor of the graph: its sizes, its numbers where they are few, the graph's value, or its initializers."""

    __slots__ = ("batch", "data", "dims", "dtype", "inits", "made", "ref", "whole")

    def __init__(
        self,
        dims: tuple[int, ...],
        data: Array | None = None,
        ref: Ref | None = None,
        inits: tuple[str, ...] = (),
        dtype: int = 1,
        batch: int | None = None,
        made: Made | None = None,
        whole: bool = False,
    ) -> None:
        self.dims = dims
        self.data = data
        self.ref = ref
        self.inits = inits  # the initializers that it is made of, where it is made of nothing else
        self.dtype = dtype
        self.batch = batch  # the axis that is the batch, of size 1; None where there is none
        self.made = made  # the operator that makes it of initializers, what goes in, and the versions of operators
        self.whole = whole  # whether it is an initializer itself

    @property
    def sample(self) -> tuple[int, ...]:
        """The sizes of one sample."""
        return self.dims if self.batch is None else (*self.dims[: self.batch], *self.dims[self.batch + 1 :])

    @property
    def flows(self) -> bool:
        """Whether it is what a batch of samples flows through, the batch in front."""
        return self.batch == 0


def initializer(tensor: TensorProto) -> Value:
    """An initializer or a constant: its dims, and its numbers where they are few and in the file."""
    dims = tuple(int(size) for size in tensor.dims)
    if any(size < 0 for size in dims):
        raise Fault("onnx-broken", f"the initializer {tensor.name} has a negative size: {list(dims)}")
    count = prod(dims)
    width = WIDTHS.get(tensor.data_type, 4)
    external = tensor.data_location == 1 or bool(tensor.external_data)
    if not external and tensor.raw_data and width and len(tensor.raw_data) != _bytes(count, width):
        message = f"the initializer {tensor.name} claims {count:,} elements, and has {len(tensor.raw_data):,} bytes"
        raise Fault("onnx-broken", message)
    if count > 2**48:
        raise Fault("onnx-broken", f"the initializer {tensor.name} claims {count:,} elements")
    data = None
    if not external and count <= FOLDED and tensor.data_type != 8:
        try:
            data = library().numpy_helper.to_array(tensor)
        except Exception as error:  # what the package raises differs by version
            reason = " ".join(str(error).split())[:100]
            raise Fault("onnx-broken", f"the initializer {tensor.name} cannot be read: {reason}") from None
    return Value(dims, data, inits=(tensor.name,), dtype=tensor.data_type, whole=True)


WIDTHS = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2, 21: 0.5, 22: 0.5}


def _bytes(count: int, width: float) -> int:
    return int(count * width) if width >= 1 else (count + 1) // 2
