"""The inputs of a Keras file: its sizes, those that were given, and symbols for open ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.core.problem import Fault
from cnncalc.read.given_inputs import given_inputs

if TYPE_CHECKING:
    from cnncalc.core.number import Number, Shape


def sizes_of(inputs: list[tuple[str, list[object] | None]], texts: list[str]) -> list[tuple[str, Shape]]:
    """The inputs by name with their sizes, without the batch: those given, those of the file, or symbols."""
    given = given_inputs(texts, [name for name, _ in inputs])
    result = []
    for name, shape in inputs:
        if name in given:
            known = shape[1:] if shape is not None else None
            wanted = given[name]
            fits = known is None or (
                len(known) == len(wanted)
                and all(mine is None or mine == other for mine, other in zip(known, wanted, strict=True))
            )
            if not fits:
                shown = "x".join("?" if size is None else str(size) for size in known or [])
                asked = "x".join(map(str, wanted))
                raise Fault("keras-input", f'the input "{name}" is {shown} in the file, not {asked}')
            result.append((name, tuple(wanted)))
            continue
        if shape is None:
            message = "the model was never built: nothing in the file says the size of its input"
            raise Fault("keras-input", message, help="give it without the batch axis: -i 28x28x1")
        sizes: list[Number] = []
        for at, size in enumerate(shape[1:], 1):
            if size is None:
                sizes.append(_free(f"L{at}" if at > 1 else "L"))
            elif isinstance(size, int) and size >= 0:
                sizes.append(size)
            else:
                raise Fault("keras-broken", f'a size of the input "{name}" is {size!r}')
        result.append((name, tuple(sizes)))
    return result


def _free(name: str) -> Number:
    from cnncalc.expression.environment import constants

    made: Number = constants({}, {}, [name])[0].values[name]
    return made
