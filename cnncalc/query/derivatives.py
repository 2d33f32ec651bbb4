"""`gradient(NAME)` and `jacobian(A, B, ...)`: derivatives of the network's arrays, as values of expressions.

A name is an input, a layer (its output), a port or a weight, or part of one: `jacobian(rnn.h[2], rnn.h[0])`. Shapes
need no execution; numbers run the network in double precision, once for all derivatives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.problem import Fault
from cnncalc.core.protocols import Attributed, Named
from cnncalc.expression.evaluate import evaluate
from cnncalc.expression.parsed import Expression
from cnncalc.query.arrays import ArrayValue

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.execute.gradient.tape import Tape
    from cnncalc.execute.kernel import Array
    from cnncalc.network.report import Report

# Numbers that a Jacobian may have, and multiply-accumulates that its rows may take: each is a pass through the network.
MOST, WORK = 10_000_000, 10**12


class Arrays(Protocol):
    """The names of a network whose arrays a derivative is taken of."""

    report: Report

    @property
    def batch(self) -> tuple[int, ...]:
        """The axis that arrays have beside those of a sample: (samples,) or none."""

    @property
    def tape(self) -> Tape:
        """The executed network, followed so that derivatives can be taken."""

    def lookup(self, name: str) -> object:
        """What a name stands for; KeyError where there is none."""

    def names(self) -> list[str]:
        """Every name, for suggestions."""


class Place(NamedTuple):
    """An array of the network, and what of it is meant: the keys of its indices in order."""

    value: ArrayValue
    keys: tuple[Any, ...]
    text: str
    batch: tuple[int, ...] = ()

    @property
    def shape(self) -> Shape:
        """The shape of what is meant."""
        weight = isinstance(self.value.place, tuple) and self.value.place[0] == "weight"
        shape = (*(() if weight else self.batch), *self.value.shape)
        for key in self.keys:
            shape = indexed(shape, key, self.text)
        return shape


class Handle:
    """A name on its way to an array: attributes and indices are recorded, nothing is executed."""

    cnncalc_kind = "the name of an array"

    def __init__(self, value: Any, keys: tuple[Any, ...] = ()) -> None:
        self.value = value
        self.keys = keys

    def cnncalc_attribute(self, name: str) -> object:
        """A part of a layer or block."""
        if self.keys:
            raise KeyError(name)
        found = self.value.cnncalc_attribute(name)
        return Handle(found) if isinstance(found, Attributed) else found

    def cnncalc_attributes(self) -> list[str]:
        """What can stand after the dot."""
        return [] if self.keys else list(self.value.cnncalc_attributes())

    def cnncalc_index(self, key: object) -> object:
        """A part of an array, or a copy of a block."""
        if isinstance(self.value, ArrayValue):
            return Handle(self.value, (*self.keys, key))
        row = getattr(self.value, "row", None)
        if row is not None and str(key) not in row.ports:  # `conv1[0]`: a part of the layer's output
            return Handle(self.value.cnncalc_attribute("output"), (key,))
        return Handle(self.value.cnncalc_index(key))


class Handles:
    """The scope of a derivative's arguments: the network's names, as handles; positions may use those around it."""

    def __init__(self, names: Arrays, around: Any) -> None:
        self.inner = names
        self.around = around

    def lookup(self, name: str) -> object:
        """The same names, as handles."""
        try:
            found = self.inner.lookup(name)
        except KeyError:
            return self.around.lookup(name)
        return Handle(found) if isinstance(found, Attributed) else found

    def names(self) -> list[str]:
        """Every name, for suggestions."""
        return self.inner.names()


def place(argument: Expression, names: Arrays, around: object) -> Place:
    """The array that an argument names. Raises `Fault` where it is none."""
    text = argument.text
    found = evaluate(argument, Handles(names, around))
    keys: tuple[object, ...] = ()
    if isinstance(found, Handle):
        keys, found = found.keys, found.value
    if not isinstance(found, ArrayValue) and "output" in _attributes(found):
        found = found.cnncalc_attribute("output")
    if not isinstance(found, ArrayValue) or found.place is None:
        raise Fault(
            "no-derivative",
            f"{text} is no array of the network that a derivative could be taken of",
            help="an input, a layer, a named output or a weight: gradient(conv1.weight), jacobian(rnn.h[2], rnn.h[0])",
        )
    return Place(found, keys, text, names.batch)


def _attributes(found: object) -> list[str]:
    return list(found.cnncalc_attributes()) if isinstance(found, Named) else []


def indexed(shape: Shape, key: object, text: str) -> Shape:
    """The shape of what an index leaves; only sizes that are known can be checked."""
    keys = key if isinstance(key, tuple) else (key,)
    if len(keys) > len(shape):
        raise Fault("expression-value", f"{text}: an array of {len(shape)} axes cannot have {len(keys)} indices")
    left: list[Number] = []
    for at, part in enumerate(keys):
        size = shape[at]
        if isinstance(part, slice):
            whole = part == slice(None)
            if not whole and type(size) is not int:
                raise Fault("expression-value", f"{text}: axis {at} has no known size")
            left.append(size if whole else len(range(*part.indices(int(size)))))
        elif type(part) is not int:
            raise Fault("expression-value", f"{text}: a position is a whole number")
        elif type(size) is int and not -size <= part < size:
            raise Fault("expression-value", f"{text}: there is no position {part} of {size}")
    return (*left, *shape[len(keys) :])


def gradient(arguments: list[Expression], names: Arrays, around: object) -> object:
    """The gradient of the loss by an array; the loss is the output's sum, weighted by `output.grad`."""
    if len(arguments) != 1:
        raise Fault("expression-value", f"gradient() takes 1 array, not {len(arguments)}")
    by = place(arguments[0], names, around)

    def fetch() -> Array:
        array = names.tape.gradient(by.value.place)
        for key in by.keys:
            array = array[key]
        return array

    return _value(by.shape, fetch)


def jacobian(arguments: list[Expression], names: Arrays, around: object) -> object:
    """The total derivative of A by B; what stands behind B is held fixed."""
    if len(arguments) < 2:
        raise Fault(
            "expression-value",
            f"jacobian() takes 2 arrays, not {len(arguments)}",
            help="jacobian(A, B) is the derivative of A by B; jacobian(A, B, C) holds C fixed",
        )
    of, by, *held = [place(argument, names, around) for argument in arguments]
    shape = (*of.shape, *by.shape)

    def fetch() -> Array:
        count = prod(shape)
        if count > MOST:
            raise Fault(
                "jacobian-too-large",
                f"the Jacobian of {of.text} by {by.text} has {count:,} numbers, more than {MOST:,}",
                help="take a part of one: jacobian(output[0], input)",
            )
        work = prod(of.shape) * sum(row.macs for row in names.report.rows)
        if work > WORK:
            raise Fault(
                "jacobian-too-large",
                f"the Jacobian of {of.text} takes {prod(of.shape):,} passes through the network, {work:.0e} MACs",
                help=f"take a part of it: jacobian({of.text}[0], {by.text})",
            )
        return names.tape.jacobian(
            (of.value.place, of.keys), (by.value.place, by.keys), [(part.value.place, part.keys) for part in held]
        )

    return _value(shape, fetch)


def _value(shape: Shape, fetch: Callable[[], Array]) -> object:
    """An array, executed when its numbers are asked for; one number by one number is itself."""
    return ArrayValue(shape, fetch) if shape else fetch().item()
