"""What forward returns: the tensors in it, and what is to be said of their batches."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.read.python.packages import distributions
from cnncalc.read.python.tensor.sizes import Size, fixed
from cnncalc.read.python.tensor.tensors import Param, Tensor, text
from cnncalc.read.python.values import Object


def tensors_in(result: object) -> list[Tensor]:
    """The tensors in what forward returns, in order."""
    found: list[Tensor] = []
    _collect(result, found, 0)
    return found


def _collect(value: object, found: list[Tensor], depth: int) -> None:
    if isinstance(value, Tensor):
        found.append(value)
    elif isinstance(value, Param):
        found.append(value.tensor)
    elif depth < 6 and isinstance(value, (tuple, list)):
        for part in value[:1000]:
            _collect(part, found, depth + 1)
    elif depth < 6 and isinstance(value, dict):
        for part in list(value.values())[:1000]:
            _collect(part, found, depth + 1)
    elif depth < 6 and isinstance(value, Object) and value.kind.name not in distributions.NAMES:
        for part in list(value.attrs.values())[:1000]:
            _collect(part, found, depth + 1)


def samples_of(given: Sequence[object]) -> list[tuple[int, ...]] | None:
    """The sizes of tensors without their first axis, which examples lack; None where not all are known."""
    tensors = [part for part in given if isinstance(part, Tensor) and part.dims]
    found = [fixed(tensor.dims if tensor.what == "example" else tensor.dims[1:]) for tensor in tensors]
    known = [sizes for sizes in found if sizes is not None]
    return known if given and len(known) == len(given) else None


def about_batches(found: list[Tensor]) -> tuple[bool, list[str]]:
    """Whether each output has a row for each sample, and remarks where it has more, or one for all."""
    remarks = []
    parts = [size.times for tensor in found for size in tensor.dims if isinstance(size, Size) and size.times > 1]
    if parts:
        remarks.append(
            f"the output has {parts[0]} rows for each sample of the batch: a view puts numbers of one sample there"
        )
    whole = [tensor for tensor in found if tensor.ref is not None and not any(isinstance(d, Size) for d in tensor.dims)]
    if whole:
        what = "the output is" if len(found) == 1 else f"of the outputs {len(whole)} are"
        sizes = ", ".join(text(tensor.dims) for tensor in whole[:8])
        remarks.append(f"{what} one for the whole batch, without N: {sizes}")
    return not parts, remarks
