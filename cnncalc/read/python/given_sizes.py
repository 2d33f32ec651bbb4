"""Sizes of inputs as they are written, and what forward takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from cnncalc.core.problem import fail, or_fail

T = TypeVar("T")


def takes(needed: list[str], optional: list[str]) -> str:
    """What forward takes, for a message."""
    text = f"forward takes {', '.join(needed) or 'nothing'}"
    return f"{text}, and if given {', '.join(optional)}" if optional else text


def add(found: dict[str, tuple[int, ...]], name: str, sizes: tuple[int, ...]) -> None:
    """Note the size of an input; a name that is given again is that of a list, `features.0` and `features.1`."""
    many = sum(known.startswith(f"{name}.") for known in found)
    if name in found:
        found[f"{name}.0"] = found.pop(name)
        many = 1
    found[f"{name}.{many}" if many else name] = sizes


def gathered(tensors: Mapping[str, T]) -> dict[str, T | list[T]]:
    """What forward is given by name: the parts of a list together."""
    given: dict[str, T | list[T]] = {}
    for name, tensor in tensors.items():
        base, dot, _ = name.partition(".")
        part = given.setdefault(base, []) if dot else tensor
        if isinstance(part, list):
            part.append(tensor)
        else:
            given[name] = part
    return given


def sizes_of(written: str, name: str) -> tuple[int, ...]:
    """The sizes that were written for an input, without the batch; raises `SpecError`."""
    from cnncalc.read import given_inputs

    if not written.strip():
        help_ = f"-i {name}=3x32x32 without the batch axis, -i '{name}=()' where a sample is one number"
        fail("shape-text", f"{name}: an empty shape", help=help_)
    sizes = or_fail(given_inputs.sizes_of, name, written)
    if not all(isinstance(size, int) for size in sizes):
        fail("python-input", f"{name}: {written} has free sizes; PyTorch source needs numbers", help="-i 3x32x32")
    return sizes
