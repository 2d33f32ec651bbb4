"""The body of a `forward`: values get variables, and a variable is used again once its value is dead."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import NamedTuple

from cnncalc.export.call import Leaf
from cnncalc.export.identifiers import identifier
from cnncalc.export.modules import Unit, Uses
from cnncalc.network.graph import Ref

HOLE = re.compile(r"\{(self|n|first|\d+)\}")
SPARE = ("x", "y", "z")
# The variable of a loop over copies.
LOOP = "layer"


class Line(NamedTuple):
    """One line of code, and the number of the node whose shape stands behind it (-1: none)."""

    code: str
    node: int = -1


class Body:
    """Writes the lines of one unit."""

    def __init__(
        self, unit: Unit, uses: Uses, leaves: list[Leaf], attrs: dict[int, str], names: list[str],
        reserved: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        self.unit = unit
        self.uses = uses
        self.leaves = leaves
        self.attrs = attrs
        self.lines: list[Line] = []
        self.variables: dict[Ref, str] = dict(zip(unit.externals, names, strict=True))
        self.first = names[0] if names else ""
        self.kept = {*names, *reserved} - ({"x"} if self.first == "x" else set())
        self.own: set[str] = set()  # variables that are called after what made them, and hold nothing else
        self.left: Counter[Ref] = Counter()
        self.live: Counter[str] = Counter()  # how many values that are asked for again each variable holds
        self.lowest: dict[str, int] = {}  # of a word: below this number all its variables are in use
        for item in unit.items:
            self._more(self._taken(item))
        outputs = uses.results if unit.start == 0 and unit.stop == len(uses.graph.nodes) and not unit.name else None
        self._more(outputs or [unit.output])
        self.crowded = self._most() > len(SPARE)
        for item in unit.items:
            if isinstance(item, Unit):
                self._call(item)
            else:
                self._leaf(item)
        given = (self.variables[ref] for ref in outputs or [unit.output])
        self.lines.append(Line(f"return {', '.join(given)}"))

    def _most(self) -> int:
        """How many values are needed at once, at most."""
        left = self.left.copy()
        live = sum(left[ref] > 0 for ref in self.unit.externals)
        most = live
        for item in self.unit.items:
            for ref in self._taken(item):
                left[ref] -= 1
                live -= left[ref] == 0
            made = item.output if isinstance(item, Unit) else self.uses.count + item
            live += left[made] > 0
            most = max(most, live)
        return most

    def _taken(self, item: int | Unit) -> list[Ref]:
        if isinstance(item, Unit):
            return item.externals
        return list(dict.fromkeys(self.uses.graph.nodes[item].inputs))

    def _more(self, refs: list[Ref]) -> None:
        for ref in refs:
            self.left[ref] += 1
            if self.left[ref] == 1 and ref in self.variables:
                self.live[self.variables[ref]] += 1

    def _spend(self, refs: list[Ref]) -> None:
        for ref in refs:
            self.left[ref] -= 1
            if self.left[ref] == 0 and ref in self.variables:
                self._release(self.variables[ref])

    def _release(self, name: str) -> None:
        """One value less in a variable; its name may be free now."""
        self.live[name] -= 1
        if self.live[name] <= 0:
            word, _, number = name.rpartition("_")
            self.lowest.pop(name, None)
            if number.isdecimal():
                self.lowest[word] = min(self.lowest.get(word, 1), int(number))

    def _busy(self, name: str) -> bool:
        return self.live[name] > 0 or name in self.kept

    def _free(self, word: str) -> str:
        """The word, with a number where a variable of that name is in use."""
        number = self.lowest.get(word, 1)
        name = word if number < 2 else f"{word}_{number}"
        while self._busy(name) or name == LOOP:
            number += 1
            name = f"{word}_{number}"
        self.lowest[word] = number
        return name

    def _name(self, ref: Ref, taken: list[Ref], word: str, named: bool = False) -> str:
        """The variable of a new value: that of a value which is dead now, or another one.

        named   whether it may be called after what makes it, where many values are needed at once
        """
        dead = [self.variables[old] for old in taken if not self._busy(self.variables[old])]
        dead = [name for name in dead if name not in self.own]
        if self.crowded and self.left[ref] > 1 and named:
            name = self._free(identifier(word))
            self.own.add(name)
        elif dead:
            name = self.first if self.first in dead else dead[0]
        else:
            spare = [word for word in SPARE if not self._busy(word)]
            name = spare[0] if spare else self._free(identifier(word))
        for old in taken:
            if self.left[old] <= 0:  # nobody asks for it again
                self.variables.pop(old, None)
        if ref in self.variables and self.left[ref] > 0:
            self._release(self.variables[ref])
        self.variables[ref] = name
        self.live[name] += self.left[ref] > 0
        return name

    def _leaf(self, index: int) -> None:
        node, leaf = self.uses.graph.nodes[index], self.leaves[index]
        taken = self._taken(index)
        words = {str(at): self.variables[ref] for at, ref in enumerate(node.inputs)}
        words |= {"self": f"self.{self.attrs.get(index, '')}", "n": f"{self.first}.shape[0]" if self.first else "1",
                  "first": self.first}  # fmt: skip
        code = HOLE.sub(lambda hole: words[hole[1]], leaf.call)
        self._spend(taken)
        number = self.uses.count + index
        word = node.name.rpartition(".")[2]
        ports = [port for port in leaf.ports if (number, port) in self.left]
        if not ports:
            name = self._name(number, taken, word, bool(leaf.maker))
            if code != name or leaf.main:
                self.lines.append(Line(f"{name} = {code}{leaf.main}", index))
            return
        if leaf.unpack:
            names = dict.fromkeys(("main", *leaf.ports), "_")
            if self.left[number] > 0:
                names["main"], taken = self._name(number, taken, word), []
            for port in ports:
                names[port], taken = self._name((number, port), taken, port), []
            self.lines.append(Line(f"{leaf.unpack.format(**names)} = {code}", index if names["main"] != "_" else -1))
            for port in ports:
                if leaf.ports[port]:
                    self.lines.append(Line(f"{names[port]} = {names[port]}{leaf.ports[port]}"))
            return
        parts = self._free(f"{identifier(word)}_parts")
        self.lines.append(Line(f"{parts} = {code}"))
        if self.left[number] > 0:
            self.lines.append(Line(f"{self._name(number, taken, word)} = {parts}{leaf.main}", index))
            taken = []
        for port in ports:
            name = self._name((number, port), taken, f"{word}_{port}")
            self.lines.append(Line(f"{name} = {parts}{leaf.ports[port]}"))
            taken = []

    def _call(self, item: Unit) -> None:
        attr = self.attrs[id(item)]
        given = [self.variables[ref] for ref in item.externals]
        self._spend(item.externals)
        node = item.output - self.uses.count if isinstance(item.output, int) else -1
        word = item.name.rpartition(".")[2]
        if not item.stack:
            name = self._name(item.output, item.externals, word, True)
            self.lines.append(Line(f"{name} = self.{attr}({', '.join(given)})", node))
            return
        place = chained(item, self.uses)
        if place is None:
            self._each(item, attr)
            return
        start = first_of(item)
        before = self.variables[start]
        name = self._name(item.output, [start], word, True)
        if len(item.externals) == 1:
            self.lines.append(Line(f"{name} = self.{attr}({before})", node))
            return
        if name != before:
            self.lines.append(Line(f"{name} = {before}"))
        values = [name if ref == start and at == place else self.variables[ref]
                  for at, ref in enumerate(units_of(item)[0].externals)]  # fmt: skip
        self.lines.append(Line(f"for {LOOP} in self.{attr}:"))
        self.lines.append(Line(f"    {name} = {LOOP}({', '.join(values)})", node))

    def _each(self, item: Unit, attr: str) -> None:
        """Copies that take different values: one line each."""
        units = units_of(item)
        self._more(item.externals)  # spent one by one here
        for unit in units:
            self._more(unit.externals)
        self._spend(item.externals)
        for at, unit in enumerate(units):
            given = [self.variables[ref] for ref in unit.externals]
            self._spend(unit.externals)
            name = self._name(unit.output, unit.externals, f"{attr}_{at}")
            node = unit.output - self.uses.count if isinstance(unit.output, int) else -1
            self.lines.append(Line(f"{name} = self.{attr}[{at}]({', '.join(given)})", node))


def units_of(item: Unit) -> list[Unit]:
    """The copies of a stack."""
    return [unit for unit in item.items if isinstance(unit, Unit)]


def first_of(item: Unit) -> Ref:
    """The value that goes through the copies of a stack one after the other."""
    units = units_of(item)
    if len(units) == 1:
        return units[0].externals[0]
    others = [ref for ref in units[1].externals if ref != units[0].output]
    return next((ref for ref in units[0].externals if ref not in others), units[0].externals[0])


def chained(item: Unit, uses: Uses) -> int | None:
    """Where among its values each copy takes what the one before gives; None where it is not so for all."""
    units = units_of(item)
    start = first_of(item)
    place = units[0].externals.index(start)
    rest = [ref for ref in units[0].externals if ref != start]
    before = start
    for unit in units:
        if len(unit.externals) <= place or unit.externals[place] != before:
            return None
        if [ref for at, ref in enumerate(unit.externals) if at != place] != rest:
            return None
        before = unit.output
    for unit, later in pairwise(units):
        if any(not later.start <= reader < later.stop for reader in uses.readers.get(unit.output, ())):
            return None
    return place
