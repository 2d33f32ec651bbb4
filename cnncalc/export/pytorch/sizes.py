"""Which numbers of exported code are sizes of the spec's `let`: they become arguments of the network, with defaults.

A size is found by trying: the network is made again with it doubled, then with all of them tripled and one larger.
Where all that changes is a multiple or a part of it, in constructors alone, the code can say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from cnncalc.core.problem import Fault, SpecError
from cnncalc.export.call import Argument, Call, Code, Leaf, form, plain
from cnncalc.export.identifiers import identifier, unique

if TYPE_CHECKING:
    from cnncalc.network.network import Network
    from cnncalc.network.report import Report

MOST_ROWS = 4_000  # of all networks that are made for it


Place = tuple[int, int]  # a layer, and which of its values
Again = Callable[["Report"], list[Leaf]]
Read = tuple[object, list[str]]  # of a layer: what must not depend on a size, and the code of its values


class Sized:
    """Layers whose sizes are names, and the values of the names."""

    def __init__(self, leaves: list[Leaf], values: dict[str, int]) -> None:
        self.leaves = leaves
        self.values = values


def sized(leaves: list[Leaf], network: Network | None, again: Again) -> Sized:
    """The layers of a network with the names of sizes; `again` writes those of another report."""
    spec = None if network is None else network.spec
    if network is None or spec is None or spec.foreign is not None or spec.config is not None:
        return Sized(leaves, {})
    found: dict[str, tuple[int, dict[Place, str]]] = {}
    taken: set[Place] = set()
    count = 0
    base = _read(leaves)
    for name, written in spec.let.items():
        value = network.settings.get(name, getattr(written, "data", written))
        count += len(leaves)
        if type(value) is not int or value < 2 or count > MOST_ROWS:
            continue
        places = _places(base, _changed(base, network, {name: 2 * value}, again), value)
        if places and not taken & places.keys():
            taken |= places.keys()
            found[name] = (value, places)
    if not found:
        return Sized(leaves, {})
    found = _together(base, network, found, again)
    made, values = leaves, dict[str, int]()
    for name, (value, places) in found.items():
        word = unique(identifier(name), values)
        values[word] = value
        made = [
            leaf._replace(args=tuple(_named(leaf.args, enumerate_from(index), places, word)))
            for index, leaf in enumerate(made)
        ]
    return Sized(made, values)


def _together(
    base: list[Read], network: Network, found: dict[str, tuple[int, dict[Place, str]]], again: Again
) -> dict[str, tuple[int, dict[Place, str]]]:
    """The sizes that are as they were found, too, where all of them change at once; none where one is not."""
    for factor, more in ((3, 0), (1, 1)):
        settings = {name: factor * value + more for name, (value, _) in found.items()}
        changed = _changed(base, network, settings, again)
        if changed is None and not more:
            return {}
        if changed is None:  # one more of what has to divide is no network
            continue
        for value, places in found.values():
            for (index, number), text in places.items():
                if changed[index][1][number] != _value(text, factor * value + more):
                    return {}
    return found


def enumerate_from(index: int) -> Iterator[tuple[int, int]]:
    """The places of a layer's values."""
    number = 0
    while True:
        yield index, number
        number += 1


def _named(
    args: tuple[Argument, ...], places: Iterator[tuple[int, int]], found: dict[tuple[int, int], str], word: str
) -> Iterator[Argument]:
    """Arguments in which values at some places are expressions of a name."""
    for argument in args:
        if isinstance(argument.value, Call):
            inner = tuple(_named(argument.value.args, places, found, word))
            yield argument._replace(value=argument.value._replace(args=inner))
            continue
        text = found.get(next(places))
        yield argument if text is None else argument._replace(value=Code(text.format(word)))


def _changed(base: list[Read], network: Network, settings: dict[str, int], again: Again) -> list[Read] | None:
    """The layers with other sizes; None where the network is none then, or another one."""
    try:
        report = network.report(**settings)
        if len(report.rows) != len(base):
            return None
        changed = _read(again(report))
    except (SpecError, Fault):
        return None
    return changed if all(one[0] == other[0] for one, other in zip(changed, base, strict=True)) else None


def _places(base: list[Read], changed: list[Read] | None, value: int) -> dict[Place, str]:
    """Where a size stands that was doubled, and how: "{}", "4 * {}", "{} // 2"; none where it does not stand alone."""
    places: dict[Place, str] = {}
    for index, ((_, codes), (_, others)) in enumerate(zip(base, changed or [], strict=False)):
        if codes == others:
            continue
        for number, (code, other) in enumerate(zip(codes, others, strict=True)):
            if code == other:
                continue
            text = _expression(code, value)
            if text is None or _value(text, 2 * value) != other:
                return {}
            places[index, number] = text
    return places


def _read(leaves: list[Leaf]) -> list[Read]:
    """What is compared of each layer; copies are mostly one object."""
    made = {
        id(leaf): (
            (leaf.maker, form(leaf.args), leaf.call, leaf.source, leaf.helpers),
            [code for _, code in plain(leaf.args)],
        )
        for leaf in {id(leaf): leaf for leaf in leaves}.values()
    }
    return [made[id(leaf)] for leaf in leaves]


def _expression(code: str, value: int) -> str | None:
    if not code.isdecimal() or int(code) == 0:
        return None
    number = int(code)
    if number == value:
        return "{}"
    if number % value == 0:
        return f"{number // value} * {{}}"
    return f"{{}} // {value // number}" if value % number == 0 else None


def _value(text: str, value: int) -> str:
    if text.startswith("{} //"):
        return str(value // int(text.rpartition(" ")[2]))
    factor = text.partition(" ")[0]
    return str(value if text == "{}" else int(factor) * value)
