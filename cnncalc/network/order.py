"""Which axis of an input has the channels, where nobody says it: what the layers say is evidence, the rest is asked.

A written size is evidence: of channels first, or of a mistake. Where there is none, a shape that looks turned gets a
warning with both readings and what comes out of each.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from cnncalc.core.channels import has_channels, to_layer_order
from cnncalc.core.layer import Layer
from cnncalc.core.number import is_free, prod
from cnncalc.core.problem import Fault, Problem, SpecError
from cnncalc.network.graph import Graph, Input

if TYPE_CHECKING:
    from cnncalc.core.number import Shape
    from cnncalc.network.graph import Node

# Channels of pictures: grey, RGB, with a fourth one.
PICTURE = (1, 3, 4)
# Letters that people give to space; a channel's begins with C.
SPACE = ("H", "W", "D", "L", "T", "S", "I")
# And to the features of each step of a sequence.
FEATURES = ("C", "c", "D", "d", "E", "e", "F", "f")
# Of larger networks nothing is worked out twice for a warning.
MOST_NODES = 20_000
MOST_FREE = 12


def takes(layer: Layer) -> str:
    """The axes of a layer's first input."""
    return layer.takes if isinstance(layer.takes, str) else layer.takes[0]


# --- what the layers say ---------------------------------------------------------------------------------------------


def readers(graph: Graph, number: int) -> list[Node]:
    """The layers that see an input's channels: those that take it, and those behind layers that keep channels."""
    seen = {number}
    found = []
    first = len(graph.inputs)
    for at, node in enumerate(graph.nodes, first):
        if node.layer is not None and not seen.isdisjoint(node.inputs):
            found.append(node)
            if _keeps(node.layer, graph.convention):
                seen.add(at)
    return found


def _keeps(layer: Layer, convention: str) -> bool:
    """Whether channels come out as they went in."""
    if layer.elementwise or layer.keeps_axes:
        return True
    before, after = takes(layer).split(), layer.gives.split()
    at = -1 if convention == "keras" else 1
    return len(before) == len(after) > 2 and before[at] == after[at] and before[at].startswith("C")


def written(nodes: list[Node]) -> list[tuple[Node, str, object]]:
    """The numbers of channels that the layers were given: node, option, number."""
    found = []
    for node in nodes:
        for axis in node.layer.inferences:
            value = node.layer.__dict__[axis.option]
            if axis.input == 0 and axis.axis == 1 and axis.symbol.startswith("C") and value is not None:
                found.append((node, axis.option, value))
    return found


def contradiction(graph: Graph, given: Input, shape: Shape, nodes: list[Node]) -> Problem | None:
    """The problem where a written number of channels is the last size and not the first: another order of axes."""
    sizes = written(nodes)
    if len(shape) < 2 or not sizes or any(_same(value, shape[0]) for _, _, value in sizes):
        return None
    node, option, value = sizes[0]
    if not _same(value, shape[-1]):
        return None
    right = "x".join(map(str, to_layer_order(shape, "pytorch")))
    return Problem(
        "input-contradicts",
        f"{node.name}: {node.layer.type()} has {option}={value}, the last axis of {given.name} {_listed(shape)}, "
        f"but channels come first here: {shape[0]}",
        source=graph.source,
        span=node.place(option),
        help=f"write {right}, or --layout channels_last (layout: channels_last in a spec)",
    )


def reversed_sequence(graph: Graph, given: Input, shape: Shape, nodes: list[Node]) -> Problem | None:
    """The problem where a written number of features is the first size of a sequence and not the last one."""
    for node in nodes if len(shape) == 2 else ():
        for axis in node.layer.inferences:
            value = node.layer.__dict__[axis.option]
            names = takes(node.layer).split()
            sequence = len(names) == 3 and names[1] == "L" and axis.axis in (2, -1)
            if not sequence or axis.input or value is None or _same(value, shape[1]) or not _same(value, shape[0]):
                continue
            if _accepts(node.layer, shape):
                continue
            return Problem(
                "input-contradicts",
                f"{node.name}: {node.layer.type()} has {axis.option}={value}, the first axis of {given.name} "
                f"{_listed(shape)}, but a sequence is [length, features]",
                source=graph.source,
                span=node.place(axis.option),
                help=f"write {shape[1]}x{shape[0]}",
            )
    return None


def _accepts(layer: Layer, shape: Shape) -> bool:
    """Whether a layer takes a sample of that shape all the same."""
    try:
        layer.accept(((1, *shape),))
    except Fault:
        return False
    return True


def _same(one: object, other: object) -> bool:
    """Whether two sizes are the same without a doubt: no assumption is made of free ones."""
    return str(one) == str(other)


def batch_in_front(graph: Graph, number: int, shape: Shape) -> bool:
    """Whether a written in_features behind Flatten counts all sizes but the first: 64x3x32x32 and Linear(3072, 10)."""
    if len(shape) != 4 or any(type(size) is not int for size in shape) or shape[0] < 2:
        return False
    seen = {number}
    for at, node in enumerate(graph.nodes, len(graph.inputs)):
        if node.layer is None or seen.isdisjoint(node.inputs):
            continue
        if node.layer.elementwise or node.layer.type() == "Flatten":
            seen.add(at)
        elif at - 1 in seen and node.layer.type() == "Linear":
            return bool(node.layer.__dict__["in_features"] == prod(shape[1:]))
    return False


# --- what looks like another order -----------------------------------------------------------------------------------


def question(graph: Graph, number: int, shape: Shape, nodes: list[Node], free: bool) -> Problem | None:
    """A warning where an input has perhaps another order, with both readings and what comes out of each."""
    keras = graph.convention == "keras"
    sees = any(has_channels(takes(node.layer), graph.convention) for node in nodes)
    if not keras:
        sees = sees or any(takes(node.layer).split()[1:2] == ["C"] for node in nodes)
    if not sees or not (_looks_first(shape) if keras else _looks_last(shape)):
        return None
    if not keras and written(nodes):
        return None  # it is the first axis, or wrong as both
    here = _outcome(graph, number, shape, graph.layout, free)
    there = _outcome(graph, number, to_layer_order(shape, graph.convention), _other(graph.layout), free)
    if here[0] and not there[0]:
        return None  # only one of them can be meant
    given = graph.inputs[number]
    if keras:
        return _problem("channels-first-input", graph, given, shape, here, there)
    return _problem("channels-last-input", graph, given, shape, here, there)


def _looks_last(shape: Shape) -> bool:
    """[32, 32, 16] and [480, 640, 3]: two equal axes and another one, or a picture's channels, at the end."""
    first, *rest, last = shape if len(shape) > 1 else (0, 0)
    if len(shape) == 2:
        return _named(first, last, FEATURES) or (type(last) is int and last == 1 and type(first) is int and first > 1)
    if len(shape) not in (3, 4) or _same(first, last):
        return False
    if _named(first, last) or (len(shape) == 3 and _same(first, rest[0])):
        return True
    if len(shape) == 4 and _same(*rest) and _same(first, rest[0]):
        return True
    space = (first, *rest)
    if type(last) is not int or last not in PICTURE:
        return False
    numbers = [size for size in space if type(size) is int]
    return all(size > last for size in numbers) and not str(first).startswith(("C", "c"))


def _named(first: object, last: object, features: tuple[str, ...] = ("C", "c")) -> bool:
    """HxWxC: the letters say it."""
    return str(last).startswith(features) and str(first)[:1] in SPACE


def _looks_first(shape: Shape) -> bool:
    """[3, 32, 32] and [16, 32, 32] where channels come last."""
    if len(shape) != 3 or any(type(size) is not int for size in shape):
        return False
    first, height, width = shape
    return bool(first != width and ((first in PICTURE and height > 4 and width > 4) or height == width > 1))


def _other(layout: str) -> str:
    return "channels_first" if layout == "channels_last" else "channels_last"


def _outcome(graph: Graph, number: int, shape: Shape, layout: str, free: bool) -> tuple[str, str]:
    """The output's shape and the parameters in words, for a shape in the layers' order; empty where it fails."""
    from cnncalc.network.propagate import propagate

    if len(graph.nodes) > (MOST_FREE if free else MOST_NODES):
        return ("", "")
    other = Graph(graph.name, [given._replace(image=len(given.shape) > 2) for given in graph.inputs], layout)
    other.inputs[number] = graph.inputs[number]._replace(shape=tuple(shape), image=True)
    other.nodes, other.blocks, other.output = graph.nodes, graph.blocks, graph.output
    other.convention, other.source = graph.convention, graph.source
    with _apart(free):
        try:
            report = propagate(other)
            params = report.totals.params
            return _listed(report.output_shape), f"{params:,}" if type(params) is int else _text(params)
        except SpecError:
            return ("", "")


def _apart(free: bool) -> Any:
    """Where sizes are free, what is assumed for a warning is not assumed elsewhere."""
    if not free:
        return nullcontext()
    from cnncalc.symbolic.dimension import assuming

    return assuming()


def _problem(
    code: str, graph: Graph, given: Input, shape: Shape, here: tuple[str, str], there: tuple[str, str]
) -> Problem:
    keras = graph.convention == "keras"
    axes = [str(size) for size in shape]
    channels, space = (axes[-1], axes[:-1]) if keras else (axes[0], axes[1:])
    others, other_space = (axes[0], axes[1:]) if keras else (axes[-1], axes[:-1])
    counts = "" not in (*here, *there) and here[1] != there[1]
    message = f"{given.name} {_listed(shape)} is read as {_channels(channels)} of {_space(space)}"
    message += f": the output is {_made(here, counts)}" if here[0] else ""
    gives = f", the output would be {_made(there, counts)}" if there[0] else ""
    order = "first" if keras else "last"
    right = "x".join([*other_space, others] if keras else [others, *other_space])
    return Problem(
        code,
        message,
        source=graph.source if given.span else None,
        span=given.span,
        help=(
            f"as {_channels(others)} of {_space(other_space)} (channels {order}){gives}: "
            f"write {right}, or --layout channels_{order}",
            f"--layout {graph.layout} says that it is meant as it is",
        ),
        severity="warning",
    )


def _made(outcome: tuple[str, str], counts: bool) -> str:
    shape, params = outcome
    return f"{shape}, with {params} parameters" if counts else shape


def _space(sizes: list[str]) -> str:
    return "x".join(sizes) if len(sizes) > 1 else f"length {sizes[0]}"


def _channels(size: str) -> str:
    return "1 channel" if size == "1" else f"{size} channels"


def _listed(shape: Shape) -> str:
    return "[" + ", ".join(map(_text, shape)) + "]"


def _text(size: Any) -> str:
    return size.pretty() if is_free(size) else str(size)
