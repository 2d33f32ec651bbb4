"""`padding=?`: the padding that gives the shape a chain ends with, or the one that is expected of a layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc import layers
from cnncalc.core.problem import Fault, Problem, SpecError
from cnncalc.expression.syntax import Expression, parse
from cnncalc.solve.search import solve
from cnncalc.spec.entries.entry import Entry
from cnncalc.spec.quantity import parse_quantity

if TYPE_CHECKING:
    from cnncalc.network.network import Network

OPEN = ("?", "_", "None", "none", "null")
# Paddings that are tried, by how many are open.
MOST = {1: 255, 2: 40, 3: 15}
# Paddings of which the sizes are shown where none fits.
SHOWN = 64


class Place(NamedTuple):
    """An open padding: its entry, and where among the arguments it stands."""

    entry: Entry
    position: int | None
    name: str


def fill(network: Network) -> None:
    """Find every open padding; what was found is noted, what cannot be found is a problem of the spec."""
    spec = network.spec
    if spec.problems:
        return
    places = list(_places(spec.layers, "padding"))
    if not places:
        return
    wanted = list(_targets(network))
    for place in places:
        _put(place, place.name)
    spec.symbols = [name for name in spec.symbols if name not in OPEN] + [place.name for place in places]
    try:
        _fill(network, places, wanted)
    except SpecError as error:
        spec.problems.extend(error.problems)
        for place in places:
            place.entry.convention = "broken"  # its problem is noted
    finally:
        network.notes = list(spec.notes)
        names = {place.name for place in places}
        spec.symbols = [name for name in spec.symbols if name not in names]


def _fill(network: Network, places: list[Place], wanted: list[tuple[str, list[int]]]) -> None:
    spec = network.spec
    if not wanted:
        _fail(
            network,
            places[0],
            "padding-unknown",
            "the padding follows from the shape that it should give",
            "end the chain with that shape, -> 16x32x32, or expect it: conv1.shape: [16, 32, 32]",
        )
    most = MOST.get(len(places), 5)
    ranges: dict[str, Sequence[object]] = {place.name: range(most + 1) for place in places}
    found = solve(network, ranges, [f"{text} == {shape}" for text, shape in wanted]).found
    if not found:
        if len(places) > 1:
            _fail(network, places[0], "no-padding", f"no paddings give {_shapes(wanted)}")
        _explain(network, places[0], wanted)
    labels = _labels(network, places, dict.fromkeys(ranges, 0))
    for place in places:
        value = found[0].values[place.name]
        _put(place, str(value))
        text = f"{labels[place.name]}.padding = {value}"
        if len(found) > 1:
            text += f" (one of {len(found)} ways)"
        spec.notes.append(
            Problem("padding-found", text, source=spec.source, span=place.entry.place("padding"), severity="note")
        )


def _explain(network: Network, place: Place, wanted: list[tuple[str, list[int]]]) -> None:
    """Say which sizes there are around the one that is wanted."""
    from cnncalc.query.ask import value_of
    from cnncalc.query.scope import NetworkScope

    text, shape = wanted[0]
    sizes: list[list[int]] = []
    kernel: Any = None
    for padding in range(SHOWN):
        try:
            report = network.report(**{place.name: padding})
        except SpecError:
            continue
        row = next(row for row in report.rows if row.node.place() == place.entry.place())
        kernel = row.layer.__dict__["kernel_size"]
        sizes.append(list(value_of(text, NetworkScope(report, lambda: None))))
    fits = [found for found in sizes if len(found) == len(shape)]
    for axis, size in enumerate(shape):
        found = {given[axis] for given in fits}
        below, above = [n for n in found if n < size], [n for n in found if n > size]
        if size not in found and (below or above):
            near = [str(n) for n in ([max(below)] if below else []) + ([min(above)] if above else [])]
            space = axis - (len(shape) - len(kernel))
            if not 0 <= space < len(kernel):
                break
            found_near = " or ".join(near)
            _fail(
                network,
                place,
                "no-padding",
                f"no whole padding gives {size} with kernel {kernel[space]} ({found_near})",
            )
    _fail(network, place, "no-padding", f"no padding gives {_shapes(wanted)}")


def _fail(network: Network, place: Place, code: str, message: str, help: str = "") -> None:
    spec = network.spec
    span = place.entry.place("padding")
    raise SpecError([Problem(code, message, source=spec.source, span=span, help=help or ())])


def _shapes(wanted: list[tuple[str, list[int]]]) -> str:
    return " and ".join(str(shape) for _, shape in wanted)


def _places(entries: list[Entry], name: str) -> Iterator[Place]:
    """The open paddings among the entries, those of groups too."""
    number = 0
    waiting = list(entries)
    while waiting:
        entry = waiting.pop(0)
        for _, body in entry.bodies:
            waiting.extend(body)
        kind = layers.find(entry.type, entry.convention) if entry.kind == "call" else None
        if kind is None or "padding" not in kind.options or "kernel_size" not in kind.options:
            continue
        for index, (option, value) in enumerate(entry.kwargs):
            if option == "padding" and _is_open(value):
                number += 1
                yield Place(entry, len(entry.args) + index, f"{name}_{number}")
        options = [option.name for option in kind.options.values() if not option.keyword_only]
        at = options.index("padding") if "padding" in options else -1
        if 0 <= at < len(entry.args) and _is_open(entry.args[at]):
            number += 1
            yield Place(entry, at, f"{name}_{number}")


def _is_open(written: Any) -> bool:
    if isinstance(written, Expression):
        return written.text.strip("'\"") in OPEN
    if getattr(written, "kind", "") != "scalar":
        return False
    return written.data is None or written.data in OPEN


def _put(place: Place, text: str) -> None:
    """Write an expression in place of an open padding."""
    entry, position = place.entry, place.position
    assert position is not None
    written = parse(text)
    # New lists: the reader of calls caches what it read.
    if position < len(entry.args):
        entry.args = [written if at == position else old for at, old in enumerate(entry.args)]
    else:
        at = position - len(entry.args)
        entry.kwargs = [("padding", written) if index == at else old for index, old in enumerate(entry.kwargs)]
    entry.trim()


def _targets(network: Network) -> Iterator[tuple[str, list[int]]]:
    """Expected shapes, as expressions with lists of plain numbers."""
    for expectation in network.expectations:
        if not expectation.text.endswith(".shape"):
            continue
        written = expectation.value
        try:
            quantity = parse_quantity(written.plain(), written.text if written.kind == "scalar" else None)
            shape = quantity.plain()
        except Fault:
            continue
        if isinstance(shape, list) and shape and all(type(size) is int for size in shape):
            yield expectation.text, shape


def _labels(network: Network, places: list[Place], values: dict[str, int]) -> dict[str, str]:
    """The layers' names."""
    graph, _ = network.graph(**values)
    spans = {node.place(): node.name for node in graph.nodes}
    return {place.name: spans.get(place.entry.place(), place.entry.type) for place in places}
