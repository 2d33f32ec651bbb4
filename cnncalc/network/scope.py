"""The keys beside an entry, read while a spec is expanded: its name, what it takes, how often it is there."""

from __future__ import annotations

from collections import Counter
from typing import Any

from cnncalc import layers
from cnncalc.core.number import Number, is_free
from cnncalc.core.problem import Fault, Span
from cnncalc.core.texts import show
from cnncalc.expression.environment import evaluate
from cnncalc.network.build import GraphBuilder
from cnncalc.network.expansion_scope import ExpansionScope
from cnncalc.network.graph import Graph
from cnncalc.network.left_out import NotFolded
from cnncalc.spec.entries.entry import Entry
from cnncalc.spec.model import Spec


class EntryKeys:
    """Reads the keys of entries in their scope, and notes what is wrong with them."""

    def __init__(self, spec: Spec, wiring: GraphBuilder) -> None:
        self.spec = spec
        self.wiring = wiring
        self.graph: Graph = wiring.graph

    def number_repeated(self, entries: list[Entry], frame: ExpansionScope) -> None:
        """Names that several entries bear are numbered: relu_1, relu_2."""
        named = [(text_of(entry.keys["name"]), entry) for entry in entries if "name" in entry.keys]
        often = Counter(name for name, _ in named)
        present = Counter(name for name, entry in named if often[name] > 1 and self.present(entry, frame, quiet=True))
        frame.ambiguous.update({name: [] for name, count in present.items() if count > 1})

    def present(self, entry: Entry, frame: ExpansionScope, quiet: bool = False) -> bool:
        written = entry.keys.get("when")
        if written is None:
            return True
        try:
            value = evaluate(written, frame.env)
        except Fault as fault:
            if not quiet or fault.code == "too-many-steps":  # which is said once
                self.wiring.note(fault, written.span())
            return quiet or fault.code != "too-many-steps"  # it was present or not when names were compared
        if isinstance(value, str):
            if not quiet:
                self.wiring.note(
                    Fault("unknown-name", f'when: "{value}" has no value', help="define it in let"), written.span()
                )
            return True
        if value is None or isinstance(value, (list, tuple, dict)):
            if not quiet:
                said = "nothing" if value is None else show(value)
                self.wiring.note(
                    Fault("option-value", f"when takes true, false or a condition, not {said}", help="when: depth > 1"),
                    written.span(),
                )
            return True
        return bool(value)

    def name(self, entry: Entry, frame: ExpansionScope) -> str:
        """The entry's name in its scope: what it says, or its type and a running number."""
        written = entry.keys.get("name")
        if written is None:
            return self.number(entry.type, frame)
        name = text_of(written)
        if not name.isidentifier() and not (name and all(c.isalnum() or c in "_-./" for c in name)):
            self.wiring.note(
                Fault("bad-name", f"{show(name)} cannot be a name", help="names have letters, digits, _ and -"),
                span_of(written, entry),
            )
            return self.number(entry.type, frame)
        if name in frame.ambiguous:
            taken = frame.ambiguous[name]
            number = len(taken) + 1
            while f"{name}_{number}" in frame.taken:
                number += 1
            taken.append(f"{name}_{number}")
            self.graph.ambiguous[frame.prefix + name] = [frame.prefix + known for known in taken]
            frame.taken.add(taken[-1])
            return taken[-1]
        if frame.prefix + name in self.wiring.values:
            self.wiring.note(
                Fault("duplicate-name", f'there is already something called "{name}"', help="names are unique"),
                span_of(written, entry),
            )
        return name

    def number(self, kind: str, frame: ExpansionScope) -> str:
        """`conv2d_1`: the lower-case type and the next free number."""
        known = layers.find(kind, self.spec.convention) if kind not in self.spec.blocks else None
        base = (known.type() if known else kind.rsplit(".", 1)[-1]).lower()
        count = frame.counts.get(base, 0) + 1
        while f"{base}_{count}" in frame.taken:
            count += 1
        frame.counts[base] = count
        return f"{base}_{count}"

    def count(self, written: Any, frame: ExpansionScope, least: int) -> int:
        """How many copies are written."""
        count = self.value(written, frame, 1)
        if type(count) is float and count.is_integer():
            count = int(count)
        if is_free(count):
            help = f"--set {count.names()[0]}=... gives it a value"
            fault = Fault("free-count", f"repeat must be a known number, and {count} is free", help=help)
            self.wiring.note(fault, written.span())
        elif type(count) is not int or count < least:
            message = f"repeat must be a whole number of at least {least}, not {show(count)}"
            self.wiring.note(Fault("option-value", message), written.span())
        return count if type(count) is int and count >= least else 1

    def sources(self, entry: Entry, frame: ExpansionScope) -> tuple[Any, ...]:
        """The values an entry takes: what `from` names, or what the entry above gives."""
        written = entry.keys.get("from")
        if written is None:
            if not frame.current and not self._takes_nothing(entry):
                names = ", ".join(given.name for given in self.graph.inputs)
                self.wiring.note(
                    Fault(
                        "no-input",
                        "nothing flows into this layer" + (f": the inputs are {names}" if names else ""),
                        help=f"say which: from: {self.graph.inputs[0].name}"
                        if names
                        else "give the network an input: [3, 64, 64]",
                    ),
                    entry.span,
                )
                return (None,)
            return frame.current
        items = written.data if written.kind == "list" else [written]
        found: list[Any] = []
        for item in items:
            if type(item.data) in (int, float) and str(item.data) not in self.wiring.values:
                found.append(Constant(item.data))
                continue
            name = str(item.data)
            if "name" in entry.keys and name == text_of(entry.keys["name"]):
                fault = Fault("cycle", f'"{name}" takes its own output', help="a layer takes what stands above it")
                self.wiring.note(fault, item.span())
                found.append(None)
                continue
            if frame.env.has(name) and isinstance(frame.env.lookup(name), str):
                name = str(frame.env.lookup(name))
            if name.endswith((".*", "[*]")):
                found.extend(self.wiring.find_all(name.strip().rstrip("[*]").rstrip("."), frame, item.span()))
                continue
            found.append(self.wiring.find(name, frame, item.span()))
        return tuple(found)

    def _takes_nothing(self, entry: Entry) -> bool:
        if entry.kind != "call" or entry.type in self.spec.blocks:
            return entry.type in self.spec.blocks
        kind = layers.find(entry.type, entry.convention)
        return kind is not None and kind.inputs[0] == 0

    def value(self, written: Any, frame: ExpansionScope, instead: object, words: tuple[str, ...] | None = ()) -> Any:
        try:
            return evaluate(written, frame.env, words)
        except Fault as fault:
            self.wiring.note(fault, written.span())
            return instead

    def share(self, entry: Entry, frame: ExpansionScope, start: int) -> None:
        """Nodes since `start` use the weights of the named layer, or of the named block's layers in order."""
        written = entry.keys["share"]
        name = text_of(written)
        if frame.env.has(name) and isinstance(frame.env.lookup(name), str):
            name = str(frame.env.lookup(name))
        name = name.replace("[", ".").replace("]", "")
        if self.graph.runs:
            raise NotFolded
        nodes = self.graph.nodes[start:]
        for here in frame.outward():
            full = here.prefix + name
            number = self.wiring.numbers.get(full)
            if number is not None and number < start:
                for node in nodes:
                    node.shares = number
                return
            block = self.graph.blocks.get(full)
            if block is not None and block.stop <= start:
                size = block.stop - block.start
                if size and len(nodes) % size == 0:
                    for index, node in enumerate(nodes):
                        owner = self.graph.nodes[block.start + index % size]
                        if owner.layer is not None and type(owner.layer).has_weights():
                            node.shares = block.start + index % size
                    return
                fault = Fault("share-shapes-differ", f"{name} has {size} layers, this has {len(nodes)}")
                return self.wiring.note(fault, written.span())
        self.wiring._not_found(name, frame, written.span())


class Constant:
    """A number among the names of `from`."""

    def __init__(self, value: Number) -> None:
        self.value = value


def text_of(written: Any) -> str:
    if isinstance(written, str):
        return written
    return str(written.text if written.kind == "scalar" and not isinstance(written.data, str) else written.data)


def span_of(written: Any, entry: Entry) -> Span:
    return entry.span if isinstance(written, str) else written.span()
