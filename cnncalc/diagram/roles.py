"""What each of several inputs is for a layer: query, key and value; the order of what is concatenated."""

from __future__ import annotations

from cnncalc.core.layer import Layer


def roles_of(layer: Layer, count: int) -> tuple[str, ...]:
    """The words for so many inputs; none where there is one, or where their order does not count."""
    known = layer.roles
    if count < 2 or known == ():
        return ()
    if isinstance(known, dict):
        return known.get(count, ())
    return tuple(str(number) for number in range(1, count + 1))
