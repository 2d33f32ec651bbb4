"""An input of an ONNX file: its sizes as they are declared, with those that were given in place of open ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnncalc.core.problem import Fault

if TYPE_CHECKING:
    from onnx import ValueInfoProto


class Declared(NamedTuple):
    """Sizes of an input, with the batch as 1; an open one is its name, or None where it has none."""

    dims: list[int | str | None]
    batch: bool  # whether the first axis is the batch
    named: bool  # whether that one has a name instead of a size

    def inner(self) -> list[int | str | None]:
        """The sizes without the batch."""
        return self.dims[1:] if self.batch else self.dims


def declared_input(value: ValueInfoProto, one_is_batch: bool) -> Declared:
    """The sizes of an input of the file; `one_is_batch` takes a first axis of 1 for the batch."""
    if not value.type.HasField("tensor_type"):
        raise Fault("onnx-broken", f'the input "{value.name}" is no tensor')
    dims: list[int | str | None] = []
    for size in value.type.tensor_type.shape.dim:
        if size.HasField("dim_value"):
            if size.dim_value < 0:
                raise Fault("onnx-broken", f'the input "{value.name}" has a negative size, {size.dim_value}')
            dims.append(size.dim_value)
        else:
            dims.append(size.dim_param or None)
    named = bool(dims) and not isinstance(dims[0], int)
    batch = named or (len(dims) > 1 and dims[0] == 1 and one_is_batch)
    if batch:
        dims[0] = 1
    return Declared(dims, batch, named)


def with_sizes(name: str, declared: Declared, wanted: tuple[int, ...]) -> list[int | str | None]:
    """The sizes of an input for those that were given, which must be those of the file where it has them."""
    inner = declared.inner()
    fits = len(wanted) == len(inner) and all(
        not isinstance(mine, int) or mine == other for mine, other in zip(inner, wanted, strict=False)
    )
    if not fits:
        shown = "x".join("?" if not isinstance(size, int) else str(size) for size in inner)
        asked = "x".join(map(str, wanted))
        raise Fault("onnx-input", f'the input "{name}" is {shown or "a number"} in the file, not {asked}')
    return [1, *wanted] if declared.batch else list(wanted)


def missing_size(name: str, declared: Declared) -> Fault:
    """The fault for an input some of whose sizes nobody gave."""
    shown = "x".join(str(size) if size else "?" for size in declared.inner())
    example = "x".join(str(size) if isinstance(size, int) else "64" for size in declared.inner())
    free = [str(size) for size in declared.dims if size and not isinstance(size, int)]
    said = " and ".join(dict.fromkeys(free)) or "an axis"
    message = f'the input "{name}" is {shown}, and {said} has no size in the file'
    return Fault("onnx-input", message, help=f"give it without the batch axis, such as -i {name}={example}")
