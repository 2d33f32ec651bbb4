"""What a layer is in Keras' words: the expression of its output, channels first, and the arrays of its weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from cnncalc.core.number import Shape
from cnncalc.core.problem import Fault
from cnncalc.export.call import literal, refuse
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array

# An array of the layer: its names, and what is made of them; the arrays in the order in which Keras has them.
Turn: TypeAlias = "Callable[..., Array]"
Held: TypeAlias = tuple[tuple[str, ...], Turn]


class Piece(NamedTuple):
    """The expression, with {0}, {1}, ... for the inputs; and Keras' layers in it by name, each with its arrays.

    An array is (names of ours, what is made of them), in the order in which Keras has it.

    maker    what makes the layer, where the piece is one layer: it is made once for all that share it
    kind     the same without its name
    classes  what is written above the network
    main     what is taken of the expression, and ports the same for further outputs
    source   a class of its own
    """

    call: str
    held: tuple[tuple[str, tuple[Held, ...]], ...] = ()
    maker: str = ""
    kind: str = ""
    classes: tuple[str, ...] = ()
    main: str = ""
    ports: dict[str, str] = {}
    source: str = ""


FIRST = 'data_format="channels_first"'


Rule = Callable[[Row, Any, "tuple[Shape, ...]"], Piece]


def no(row: Row, why: str, help: str = "") -> Fault:
    """The refusal of a layer."""
    return refuse(row, why, "Keras", help)


def same(array: Array) -> Array:
    """The array as it is."""
    return array


def turned(array: Array) -> Array:
    """Outputs first becomes outputs last."""
    import numpy as np

    return np.moveaxis(array, (0, 1), (-1, -2))


def made(row: Row, kind: str, options: str, of: str = "{0}", arrays: Sequence[Held] = ()) -> Piece:
    """A layer of Keras that bears the row's name, on an expression."""
    return _called(row, f"layers.{kind}", options, of, arrays)


def own(row: Row, kind: str, options: Mapping[str, object], of: str = "") -> Piece:
    """A layer of a class that is written above the network, with all arrays of the row as they are."""
    words = ", ".join(f"{name}={_value(value)}" for name, value in options.items())
    taken = of or ", ".join(f"{{{at}}}" for at in range(len(row.facts.inputs)))
    arrays = tuple(((held.name,), same) for held in (*row.facts.weights, *row.facts.buffers))
    return _called(row, kind, words, taken, arrays)._replace(classes=(kind,))


def _called(row: Row, kind: str, options: str, of: str, arrays: Sequence[Held]) -> Piece:
    name = f"name={literal(named(row.name))}"
    maker = f"{kind}({', '.join(part for part in (options, name) if part)})"
    held = ((named(row.name), tuple(arrays)),) if arrays else ()
    return Piece(f"{maker}({of})", held, maker, f"{kind}({options})")


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(name)}: {_value(part)}" for name, part in value.items()) + "}"
    return literal(value)


def named(name: str) -> str:
    """A name as Keras' layers may have it, without dots."""
    return name.replace(".", "_").replace("/", "_").strip("_") or "layer"


def has(row: Row, name: str) -> bool:
    """Whether the row has a weight of that name."""
    return any(held.name == name for held in (*row.facts.weights, *row.facts.buffers))


def kernel_arrays(row: Row) -> tuple[Held, ...]:
    bias = (((("bias",), same)),) if has(row, "bias") else ()
    return ((("weight",), turned), *bias)


def one_or_all(values: Iterable[object]) -> str:
    values = tuple(values)
    return literal(values[0] if len(set(values)) == 1 else values)
