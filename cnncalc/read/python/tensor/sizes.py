"""The batch size, which nobody knows: a size that is a whole number of batches, and arithmetic with it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from cnncalc.read.python.values import Unknown


class Size:
    """`times` times the batch size."""

    __slots__ = ("times",)

    def __init__(self, times: int = 1) -> None:
        self.times = times

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Size) and other.times == self.times

    def __hash__(self) -> int:
        return hash(("batch", self.times))

    def __repr__(self) -> str:
        return "N" if self.times == 1 else f"{self.times}·N"


# A size of a tensor, and all of them.
Dim: TypeAlias = int | Size
Dims: TypeAlias = tuple[Dim, ...]
Sizes: TypeAlias = Sequence[Dim]


def fixed(dims: Dims) -> tuple[int, ...] | None:
    """The sizes, where none of them depends on the batch."""
    found = tuple(size for size in dims if isinstance(size, int))
    return found if len(found) == len(dims) else None


class Repeated:
    """`[x] * batch`: a list with the same element for each sample, which cat and stack take."""

    __slots__ = ("of", "times")
    type_name = "list"

    def __init__(self, of: object, times: Size) -> None:
        self.of = of
        self.times = times


EACH = "a list with an element for each sample of the batch is not followed"
UNKNOWN_BATCH = "it depends on the batch size"


def operate(sign: str, left: object, right: object, node: ast.AST | None = None) -> object:
    """`left sign right`, where one of them at least is a `Size`."""
    if isinstance(left, Size) and isinstance(right, Size):
        return _both(sign, left.times, right.times, node)
    if isinstance(left, Size) and isinstance(right, (int, float)):
        if sign == "*" and isinstance(right, int) and right > 0:
            return Size(left.times * right)
        if sign in ("/", "//") and right and (left.times / right).is_integer() and left.times / right >= 1:
            return Size(int(left.times / right))
        if sign in ("+", "-") and right == 0:
            return left
        if sign == "%" and isinstance(right, int) and right > 0 and left.times % right == 0:
            return 0
        known = {">": right < 1, ">=": right <= 1, "!=": right < 1, "==": False, "<": False, "<=": False}
        if sign in known and right < 1:
            return known[sign]
        if sign == ">=" and right == 1:
            return True
    if isinstance(right, Size) and isinstance(left, (int, float)):
        if sign == "*":
            return operate(sign, right, left, node)
        mirrored = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
        if sign in mirrored:
            return operate(mirrored[sign], right, left, node)
    return Unknown(UNKNOWN_BATCH, node)


def _both(sign: str, left: int, right: int, node: ast.AST | None) -> object:
    if sign == "//" and left % right == 0:
        return left // right
    if sign == "/":
        return left / right
    if sign == "%" and left % right == 0:
        return 0
    if sign == "-" and left == right:
        return 0
    if sign in ("+", "-") and (left > right or sign == "+"):
        return Size(left + right if sign == "+" else left - right)
    compared = {
        "==": left == right, "!=": left != right, "<": left < right,
        "<=": left <= right, ">": left > right, ">=": left >= right,
    }  # fmt: skip
    return compared.get(sign, Unknown(UNKNOWN_BATCH, node))


def number_of(sizes: Iterable[Dim], node: ast.AST) -> int | Size | Unknown:
    """The product of sizes, as a size."""
    number, batches = product(sizes)
    if not batches:
        return number
    if batches == 1:
        return Size(number)
    return Unknown("the batch size is a factor of it more than once", node)


def product(sizes: Iterable[Dim]) -> tuple[int, int]:
    """The product of sizes: a whole number, and how often the batch size is a factor."""
    number, batches = 1, 0
    for size in sizes:
        if isinstance(size, Size):
            number *= size.times
            batches += 1
        else:
            number *= size
    return number, batches
