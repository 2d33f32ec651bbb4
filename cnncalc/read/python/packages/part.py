"""What the parts of `Packages` have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


class Part:
    """A part of `Packages`; what it asks of the other parts is found when all are one class."""

    active: bool
    building: int
    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...
