"""One call read twice: with numbers, and with symbols in their place whose values are put in afterwards.

Every size of an input and every size among the options becomes a free dimension of its own. What the rules assumed on
the way must hold for the numbers, else the call is not a regular case and says nothing.
"""

from __future__ import annotations

from typing import Any

from cnncalc.core.layer import Layer
from cnncalc.core.option import Option, _axes, _padding, _size, _sizes
from cnncalc.core.problem import Fault
from cnncalc.symbolic.algebra.kinds import Symbol
from cnncalc.symbolic.dimension import Free, assuming, symbol
from cnncalc.symbolic.values import holds, value

SIZES = (_size, _axes, _padding, _sizes)
# Counts that must be known: how many layers, pieces or axes there are.
COUNTS = ("num_layers", "num_encoder_layers", "num_decoder_layers", "chunks", "repeats")


class Irregular(Exception):
    """What was assumed does not hold for the numbers."""


class Known(Exception):
    """A rule needs a number that is known."""


def sized(option: Option) -> bool:
    """Whether an option holds sizes: not axis numbers, not what PyTorch counts from."""
    return option.parser in SIZES and option.least >= 0 and option.name not in COUNTS


class Reading:
    """Symbols for numbers, each with the value it stands for."""

    def __init__(self) -> None:
        self.values: dict[Any, int] = {}

    def free(self, name: str, size: int) -> Free:
        made = symbol(name)
        self.values[Symbol(name)] = size
        return made

    def nested(self, name: str, given: Any) -> Any:
        """The same with every whole number replaced; an axis of 1, which broadcasts, and 0 stay."""
        if isinstance(given, (list, tuple)):
            return [self.nested(f"{name}_{index}", part) for index, part in enumerate(given)]
        return self.free(name, given) if type(given) is int and given > 1 else given

    def number(self, found: Any) -> Any:
        """The value of what a rule gave."""
        if isinstance(found, Free):
            exact = value(found.expr, self.values)
            return int(exact) if exact.denominator == 1 else exact
        return found


def answer(layer: Layer, xs: Any) -> dict[str, Any]:
    """All that the rules say."""
    layer.accept(xs)
    shape = layer.shape(*xs)
    return {
        "shape": shape,
        "ports": dict(layer.ports(*xs)),
        "weights": {weight.name: weight.shape for weight in layer.weights(*xs)},
        "buffers": {weight.name: weight.shape for weight in layer.buffers(*xs)},
        "macs": layer.macs(shape, *xs),
    }


def settled(found: Any, reading: Reading) -> Any:
    """An answer with the numbers put in."""
    if isinstance(found, dict):
        return {name: settled(part, reading) for name, part in found.items()}
    if isinstance(found, (list, tuple)):
        return tuple(settled(part, reading) for part in found)
    return reading.number(found)


def difference(found: type[Layer], options: dict[str, Any], inputs: Any) -> str | None:
    """How the answers differ, None where they are the same. Raises `Irregular` and `Known`."""
    reading = Reading()
    plain = answer(found.bind((), dict(options)), tuple(inputs))
    with assuming() as known:
        xs = tuple((x[0], *reading.nested(f"x{index}", x[1:])) for index, x in enumerate(inputs))
        named = {option.name: option for option in found.options.values()}
        free = {
            name: reading.nested(name, given)
            if name in named and sized(named[name]) and not isinstance(given, str)
            else given
            for name, given in options.items()
        }
        try:
            ours = answer(found.bind((), free), xs)
        except Fault as fault:
            if fault.code == "free-count":
                raise Known(fault.message) from None
            raise
    if not holds(known, reading.values):
        raise Irregular("; ".join(known.lines()))
    there = settled(ours, reading)
    here = settled(plain, reading)
    if there == here:
        return None
    return f"{found.type()}({options}) on {inputs}: {there} for {here} ({'; '.join(known.lines())})"
