"""Where an entry stands while its network is expanded."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.expression.environment import Environment
from cnncalc.network.graph import Ref


class ExpansionScope:
    """A scope while it is expanded: where names are looked up, and what the next entry takes.

    `given` are the values that flow into a defined block (`input` means them inside); None elsewhere.
    """

    __slots__ = ("ambiguous", "counts", "current", "env", "frozen", "given", "later", "outer", "prefix", "taken")

    def __init__(
        self,
        prefix: str,
        env: Environment,
        current: tuple[Ref, ...],
        outer: ExpansionScope | None = None,
        given: tuple[Ref, ...] | None = None,
        frozen: bool = False,
    ) -> None:
        self.prefix = prefix
        self.env = env
        self.current = current
        self.outer = outer
        self.given = given
        self.frozen = frozen
        self.counts: dict[str, int] = {}
        self.taken: set[str] = set()
        self.later: set[str] = set()
        self.ambiguous: dict[str, list[str]] = {}

    def outward(self) -> Iterator[ExpansionScope]:
        """The scope, then those around it from the inside out."""
        here: ExpansionScope | None = self
        while here is not None:
            yield here
            here = here.outer
