"""What a layer takes, `"N C_in H W | N L C"`: the allowed ranks, and the axes that options are inferred from."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.core.option import Option


class Axis(NamedTuple):
    """An option that a layer can infer: option, input, axis (negative from the end), symbol."""

    option: str
    input: int
    axis: int
    symbol: str


def read_takes(
    takes: str | tuple[str, ...], options: dict[str, Option]
) -> tuple[tuple[frozenset[int] | None, ...], tuple[Axis, ...]]:
    """Allowed ranks of each input, and where each inferred option stands in them."""
    forms = (takes,) if isinstance(takes, str) else takes
    ranks: list[frozenset[int] | None] = []
    axes: list[Axis] = []
    for index, form in enumerate(forms):
        allowed: set[int] | None = set()
        for alternative in form.split(" | "):
            names = alternative.split()
            if "*" in names:
                allowed = None
            elif allowed is not None:
                allowed.add(len(names))
        ranks.append(frozenset(allowed) if allowed is not None else None)
        names = form.split(" | ")[0].split()
        for option in options.values():
            if option.inferred and option.symbol in names:
                at = names.index(option.symbol)
                if "*" in names[:at]:
                    at -= len(names)
                axes.append(Axis(option.name, index, at, option.symbol))
    return tuple(ranks), tuple(axes)
