"""A layer in the words of a target: what makes it, and how it is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from cnncalc.core.layer import Layer
from cnncalc.core.option import Option
from cnncalc.core.problem import Fault
from cnncalc.network.row import Row
from cnncalc.read.opaque import Opaque

if TYPE_CHECKING:
    from cnncalc.core.number import Shape
    from cnncalc.execute.kernel import Array

Turn: TypeAlias = "Callable[[Array], Array]"  # what is done with the numbers of a weight


class Code(str):
    """An argument that is code already."""

    __slots__ = ()


class Argument(NamedTuple):
    """One argument of a constructor; it stands in its place where `named` is false."""

    name: str
    value: object
    named: bool = True


class Call(NamedTuple):
    """An argument that is made by a call of its own, `nn.LayerNorm(16)`.

    It is written where it is used, and a merged class is given its sizes: what one call makes is never two things.
    """

    maker: str
    args: tuple[Argument, ...] = ()


class Leaf(NamedTuple):
    """How one layer is written.

    maker     what makes the object that holds its weights, "nn.Conv2d"; empty where there is none
    call      the expression of its output: {self} is that object, {0}, {1}, ... are the inputs
    main      what is taken of that expression for the output: "[0]" of a tuple
    ports     the same for each further output
    helpers   names of functions and classes that are written out above the network
    weights   the spec's names of arrays and the object's, where they differ; "" is the object itself
    unpack    what the expression is unpacked to where further outputs are used, "{main}, ({h_n}, {c_n})"; `main` and
              `ports` are then what is taken of each
    turns     what is done with arrays that the object has in another order, by the spec's names
    front     whether the output has its channels in front, where the network has them last
    source    a class of its own, where its name stands as {class}; it is what makes the object
    """

    maker: str = ""
    args: tuple[Argument, ...] = ()
    call: str = "{self}({0})"
    main: str = ""
    ports: dict[str, str] = {}
    helpers: tuple[str, ...] = ()
    weights: dict[str, str] = {}
    source: str = ""
    turns: dict[str, Turn] = {}
    front: bool = False
    unpack: str = ""


def literal(value: object) -> str:
    """A value as Python code; raises `Fault` for one that is not known yet."""
    if isinstance(value, Code):
        return str(value)
    if isinstance(value, Call):
        return f"{value.maker}({written(value.args)})"
    if isinstance(value, (list, tuple)):
        inner = ", ".join(literal(part) for part in value)
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return f'float("{value}")'
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    if isinstance(value, str):
        return f'"{value}"' if value.replace("_", "").isalnum() and value.isascii() else ascii(value)
    raise Fault(
        "free-dimensions",
        f"a layer of a free size cannot be written as code: {value}",
        help="--set NAME=VALUE gives a symbolic dimension its size",
    )


def plain(args: tuple[Argument, ...]) -> Iterator[tuple[str, str]]:
    """The name and the code of every argument that is no call, those of calls in their place."""
    for argument in args:
        if isinstance(argument.value, Call):
            yield from plain(argument.value.args)
        else:
            yield argument.name or "value", literal(argument.value)


def form(args: tuple[Argument, ...]) -> tuple[object, ...]:
    """What arguments have in common that differ in their values alone."""
    return tuple(
        (a.name, a.named, (a.value.maker, form(a.value.args)) if isinstance(a.value, Call) else None) for a in args
    )


def written(args: tuple[Argument, ...], values: Iterator[str] | None = None) -> str:
    """Arguments as they stand in a call; `values` are the code of the plain ones, theirs if None."""
    words = []
    for argument in args:
        if isinstance(argument.value, Call):
            code = f"{argument.value.maker}({written(argument.value.args, values)})"
        else:
            code = literal(argument.value) if values is None else next(values)
        words.append(f"{argument.name}={code}" if argument.named else code)
    return ", ".join(words)


def arguments(layer: Layer, xs: tuple[Shape, ...], leave: tuple[str, ...] = ()) -> tuple[Argument, ...]:
    """The options as a call's arguments: sizes (inferred ones from the inputs), then those unlike their defaults."""
    inferred = {at.option: xs[at.input][at.axis] for at in layer.inferences if at.input < len(xs)}
    found = []
    leading = True
    for name, option in layer.options.items():
        if option.ignored or name in leave:
            continue
        value = layer.__dict__[name]
        if option.inferred and value is None:
            value = inferred.get(name)
        size = option.required or option.inferred
        if (value is None and size) or (not size and value == default(layer, option)):
            leading = False
            continue
        leading = leading and size and not option.keyword_only
        found.append(Argument(option.name, short(value, option), not leading))
    return tuple(found)


def default(layer: Layer, option: Option) -> object:
    """The value of an option that nobody gives."""
    if option.like is not None:
        return layer.__dict__[option.like]
    return None if option.default is None else option.parse(option.default, layer.axes)


def short(value: object, option: Option | None = None) -> object:
    """One number where all axes have it."""
    if isinstance(value, tuple) and value and all(isinstance(part, tuple) and len(part) == 2 for part in value):
        value = tuple(part[0] if part[0] == part[1] else part for part in value)
    if isinstance(value, tuple) and len(value) == 1:
        return value[0]
    listed = option is not None and option.listed
    if isinstance(value, tuple) and value and not listed and all(part == value[0] for part in value):
        return value[0]
    return value


def refuse_opaque(row: Row, target: str) -> None:
    """Refuse an operation that bears the name of a layer and is not it; raises `Fault`."""
    if isinstance(row.layer, Opaque):
        raise refuse(row, "it is an operation of the file that was read, and is not written out", target)


def refuse(row: Row, why: str, target: str, help: str = "") -> Fault:
    """The fault for a layer that a target has no words for."""
    return Fault("cannot-export", f"{row.call} cannot be written for {target}: {why}", help=help or ())
