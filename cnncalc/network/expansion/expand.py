"""What a user nests is syntax: groups, residuals, branches, blocks, repeats and `when` are expanded here.

The result is a `Graph`; no rule has run and no block is left.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from cnncalc import layers
from cnncalc.core.problem import Fault, Problem
from cnncalc.core.texts import show
from cnncalc.expression.environment import Environment
from cnncalc.network.build import GraphBuilder
from cnncalc.network.expansion.block_arguments import arguments, scope_inside
from cnncalc.network.expansion.copies import ALIKE, LONG, Begin, Numbered, alike, fold
from cnncalc.network.expansion.fewest import refuse
from cnncalc.network.expansion.leaf import leaf
from cnncalc.network.expansion.net import Net
from cnncalc.network.expansion_scope import ExpansionScope
from cnncalc.network.graph import Graph, Ref
from cnncalc.network.scope import Constant, EntryKeys, text_of
from cnncalc.spec.entries.entry import Entry
from cnncalc.spec.model import Block, Spec

# Blocks inside each other: each takes some of Python's stack.
DEEPEST = 100
# Calls of a block that are expanded although something was wrong inside: its mistakes are known by then.
MOST_BROKEN = 10
MERGES = {"add": "Add", "concat": "Concat", "cat": "Concat", "multiply": "Multiply", "stack": "Stack"}


class Expander:
    """Walks the entries of a spec and wires what they stand for."""

    def __init__(self, keys: EntryKeys, constants: Environment, folds: bool = False) -> None:
        self.keys, self.spec, self.wiring, self.graph = keys, keys.spec, keys.wiring, keys.graph
        self.folds = folds  # whether copies that are alike may be left out
        # What `let` defines; blocks see it and their parameters, not the place that calls them.
        self.constants = constants
        self.wiring.defaults = self.spec.defaults
        self.active: list[str] = []
        # The ends of branches that are not put together, until the next layer takes them.
        self.apart: tuple[Ref, ...] = ()
        self.completed: dict[int, Entry] = {}  # entries with the spec's defaults, by their numbers
        self.scopes: dict[object, Environment] = {}  # of blocks, by their arguments
        self.broken: Counter[str] = Counter()  # how often something was wrong inside each block

    # --- entries ---------------------------------------------------------------------------------------------------

    def entries(self, entries: list[Entry], frame: ExpansionScope) -> None:
        """Expand a list of entries in a scope; afterwards `frame.current` is what the last one gives."""
        names = [entry.keys["name"] for entry in entries if "name" in entry.keys]
        if names:
            explicit = [text_of(name) for name in names]
            frame.taken.update(explicit)
            frame.later.update(explicit)
            if len(frame.taken) < len(explicit):
                self.keys.number_repeated(entries, frame)
        for entry in entries:
            self.entry(entry, frame)

    def entry(self, entry: Entry, frame: ExpansionScope) -> None:
        """Expand one entry."""
        self.wiring.work.step(entry.span)
        keys = entry.keys
        if "when" in keys and not self.keys.present(entry, frame):
            frame.later.discard(text_of(keys.get("name", "")))
            return
        name = self.keys.name(entry, frame)
        inputs = self._values_only(entry, self.keys.sources(entry, frame))
        frozen = frame.frozen
        if "freeze" in keys:
            frozen = bool(self.keys.value(keys["freeze"], frame, False))
        start = len(self.graph.nodes)
        full = frame.prefix + name
        self.wiring.work.name(full, entry.span)
        if entry.kind != "call" and "name" not in keys and "repeat" not in keys:
            self.wiring.unnamed.add(full)
        if "repeat" in keys:
            output = self._copies(entry, frame, full, inputs, frozen)
        else:
            output = self.one(entry, frame, full, inputs, frame.env, frozen)
        if "share" in keys:
            self.keys.share(entry, frame, start)
        if "expect" in keys:
            self.graph.expectations.append((full, keys["expect"]))
        frame.later.discard(text_of(keys["name"]) if "name" in keys else name)
        frame.current = self.apart or (output,)
        self.apart = ()

    def _values_only(self, entry: Entry, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        """What an entry takes; groups and blocks take no numbers."""
        if (entry.kind == "call" and entry.type not in self.spec.blocks) or not any(
            isinstance(ref, Constant) for ref in inputs
        ):
            return inputs
        what = f"the block {entry.type}" if entry.kind == "call" else f"a {entry.kind} group"
        fault = Fault("input-count", f"{what} takes no number among its inputs", help="name layers or inputs")
        self.wiring.note(fault, entry.keys["from"].span())
        return (None,)

    def _copies(self, entry: Entry, frame: ExpansionScope, full: str, inputs: tuple[Ref, ...], frozen: bool) -> Ref:
        written, wiring = entry.keys["repeat"], self.wiring
        count = self.keys.count(written, frame, 0)
        leaf = entry.kind == "call" and entry.type not in self.spec.blocks
        folds = self.folds and count > LONG
        if not folds:
            wiring.work.copies(count, written.span(), leaf)
        start, faults = len(self.graph.nodes), wiring.faults
        current, numbered = inputs, Numbered()
        ends: list[Ref] = []
        begins: list[Begin] = []
        for index in range(count):
            if wiring.faults > faults:  # the mistakes of one copy are enough
                wiring.cut.add(full)
                break
            if index == ALIKE:
                like = not (numbered.asked or self.apart)
                known = wiring, full, begins, (ends[-2], ends[-1])
                if folds and like and (made := fold(*known, count, written.span())):
                    wiring.block(full, start, inputs, made[0])
                    return made[0]
                if folds:
                    wiring.work.copies(count, written.span(), leaf)
                if like:
                    ends += alike(*known, range(index, count), written.span())
                    current = (ends[-1],)
                if len(ends) == count:
                    break
            asked = numbered.asked
            numbered = Numbered(index=index)
            numbered.asked = asked
            env = Environment(numbered, frame.env)
            copy = f"{full}.{index}"
            if index < ALIKE:
                begins.append(Begin(wiring, copy))
            wiring.work.name(copy, written.span())
            begin = len(self.graph.nodes)
            output = self.one(entry, frame, copy, current, env, frozen)
            if copy not in self.graph.blocks and len(self.graph.nodes) > begin + 1:
                wiring.block(copy, begin, current, output)
            current = (output,)
            ends.append(output)
        wiring.ends[full] = ends
        wiring.block(full, start, inputs, output := current[0] if current else 0)
        return output

    # --- one entry, once -------------------------------------------------------------------------------------------

    def one(
        self, entry: Entry, frame: ExpansionScope, full: str, inputs: tuple[Ref, ...], env: Environment, frozen: bool
    ) -> Ref:
        """Expand an entry under its full name; the reference of what it gives."""
        if entry.kind == "call":
            block = self.spec.blocks.get(entry.type)
            if block is not None:
                return self._call_block(block, entry, frame, full, inputs, env, frozen)
            return leaf(self._with_defaults(entry), self.wiring, full, inputs, env, frozen)
        if entry.kind == "net":
            return self._net(entry, full, inputs, env, frozen)
        start = len(self.graph.nodes)
        if entry.kind == "sequential":
            output = self._body(entry.bodies[0][1], frame, full + ".", inputs, env, frozen)
        elif entry.kind == "residual":
            output = self._residual(entry, frame, full, inputs, env, frozen)
        else:
            output = self._parallel(entry, frame, full, inputs, env, frozen)
        self.wiring.block(full, start, inputs, output)
        return output

    def _with_defaults(self, entry: Entry) -> Entry:
        """The entry with what `defaults` says of its type; each entry is completed once."""
        kind = layers.find(entry.type, entry.convention) if self.spec.defaults else None
        if kind is None:
            return entry
        from cnncalc.spec.defaults import with_defaults

        if id(entry) not in self.completed:
            self.completed[id(entry)] = with_defaults(entry, kind, self.spec.defaults)
        return self.completed[id(entry)]

    def _body(
        self,
        body: list[Entry],
        frame: ExpansionScope,
        prefix: str,
        inputs: tuple[Ref, ...],
        env: Environment,
        frozen: bool,
        given: tuple[Ref, ...] | None = None,
    ) -> Ref:
        inner = ExpansionScope(prefix, env, inputs, frame, given, frozen)
        self.entries(body, inner)
        return inner.current[0] if inner.current else 0

    def _residual(
        self, entry: Entry, frame: ExpansionScope, full: str, inputs: tuple[Ref, ...], env: Environment, frozen: bool
    ) -> Ref:
        inner = ExpansionScope(full + ".", env, inputs, frame, None, frozen)
        self.entries(entry.bodies[0][1], inner)
        skip = inputs
        if entry.shortcut is not None:
            outer = ExpansionScope(full + ".shortcut.", env, inputs, inner, None, frozen)
            self.entries(entry.shortcut, outer)
            skip = outer.current
        return self._merge("Add", {}, inner, (skip[0] if skip else 0, inner.current[0] if inner.current else 0), entry)

    def _parallel(
        self, entry: Entry, frame: ExpansionScope, full: str, inputs: tuple[Ref, ...], env: Environment, frozen: bool
    ) -> Ref:
        inner = ExpansionScope(full + ".", env, inputs, frame, None, frozen)
        ends = self._equal(entry, inner, full, inputs, env, frozen) if "copies" in entry.keys else []
        for name, body in entry.bodies if "copies" not in entry.keys else ():
            self.wiring.work.step(entry.span)
            if name.isdigit():
                self.wiring.unnamed.add(f"{full}.{name}")
            ends.append(self._body(body, inner, f"{full}.{name}.", inputs, env, frozen))
        self.wiring.ends[full] = ends
        written = entry.keys.get("merge")
        word = str(self.keys.value(written, frame, "concat", None)) if written is not None else "concat"
        if word.lower() == "none":
            self.apart = tuple(ends)
            return ends[-1] if ends else 0
        if word.lower() not in MERGES:
            self.wiring.note(
                Fault("option-value", f"merge must be one of concat, add, multiply, stack, none, not {show(word)}"),
                written.span() if written is not None else entry.span,
            )
            word = "concat"
        kind = MERGES[word.lower()]
        options: dict[str, object] = {}
        if kind in ("Concat", "Stack"):
            channels = -1 if self.spec.convention == "keras" else 1
            options["dim"] = self.keys.value(entry.keys["dim"], frame, 1) if "dim" in entry.keys else channels
        return self._merge(kind, options, inner, tuple(ends), entry)

    def _equal(
        self, entry: Entry, inner: ExpansionScope, full: str, inputs: tuple[Ref, ...], env: Environment, frozen: bool
    ) -> list[Ref]:
        """The ends of equal branches, `tables.0`, `tables.1`, ...; inside, `index` is the branch's number."""
        written = entry.keys["copies"]
        count = self.keys.count(written, inner, 1)
        self.wiring.work.step(written.span(), count)
        faults = self.wiring.faults
        ends: list[Ref] = []
        for index in range(count):
            if self.wiring.faults > faults:  # the mistakes of one branch are enough
                self.wiring.cut.add(full)
                break
            branch, start = f"{full}.{index}", len(self.graph.nodes)
            self.wiring.work.name(branch, written.span())
            here = Environment({"index": index}, env)
            ends.append(self._body(entry.bodies[0][1], inner, f"{branch}.", inputs, here, frozen))
            self.wiring.block(branch, start, inputs, ends[-1])
        return ends

    def _merge(
        self, kind: str, options: dict[str, object], inner: ExpansionScope, ends: tuple[Ref, ...], entry: Entry
    ) -> Ref:
        merge = Entry("call", kind, entry.span)
        merge.kwargs = list(options.items())
        name = inner.prefix + self.keys.number(kind, inner)
        layer = self.wiring.make(merge, inner.env, name) if None not in ends else None
        return self.wiring.add(name, layer, ends, merge, inner.frozen, None)

    def _call_block(
        self,
        block: Block,
        entry: Entry,
        frame: ExpansionScope,
        full: str,
        inputs: tuple[Ref, ...],
        env: Environment,
        frozen: bool,
    ) -> Ref:
        wiring = self.wiring
        if block.name in self.active:
            path = " calls ".join([*self.active[self.active.index(block.name) :], block.name])
            wiring.note(Fault("recursive-block", f"the block {path}: a block cannot contain itself"), entry.span)
            return wiring.add(full, None, inputs, entry, frozen, None)
        try:
            values = arguments(block, entry, env, self.constants)
        except Fault as fault:
            wiring.note(fault, entry.span, entry, full)
            return wiring.add(full, None, inputs, entry, frozen, None)
        if self._too_deep(entry, block.name):
            return wiring.add(full, None, inputs, entry, frozen, None)
        if self.broken[block.name] >= MOST_BROKEN:
            wiring.faults += 1
            wiring.cut.add(full)
            return wiring.add(full, None, inputs, entry, frozen, None)
        self.active.append(block.name)
        start, faults = len(self.graph.nodes), wiring.faults
        inner = scope_inside(self.scopes, block, values, self.constants)
        output = self._body(block.body, frame, full + ".", inputs, inner, frozen, given=inputs)
        self.active.pop()
        self.broken[block.name] += wiring.faults > faults
        wiring.block(full, start, inputs, output, entry.span)
        return output

    def _net(self, entry: Entry, full: str, inputs: tuple[Ref, ...], env: Environment, frozen: bool) -> Ref:
        """Another spec as a block; what is wrong in it is said at the entry that names it."""
        wiring = self.wiring
        try:
            net = Net(entry, self.spec, inputs, env)
        except Fault as fault:
            wiring.note(fault, entry.span, None, full)
            return wiring.add(full, None, inputs, entry, frozen, None)
        if self._too_deep(entry, net.spec.name):
            return wiring.add(full, None, inputs, entry, frozen, None)
        kept = self.spec, self.constants, self.scopes, self.completed, self.active, wiring.standing, wiring.defaults
        self.spec, self.constants, self.scopes, self.completed = net.spec, net.constants, {}, {}
        self.active = [""] * (len(self.active) + 1)  # its blocks may bear the same names
        wiring.standing, wiring.defaults = wiring.standing or entry, net.spec.defaults
        start = len(self.graph.nodes)
        for given, ref in zip(net.spec.inputs, inputs, strict=True):
            wiring.values[f"{full}.{given.name}"] = ref
        inner = ExpansionScope(full + ".", net.constants, inputs, None, inputs, frozen)
        self.entries(net.body, inner)
        self.spec, self.constants, self.scopes, self.completed, self.active, wiring.standing, wiring.defaults = kept
        output = inner.current[0] if inner.current else 0
        wiring.block(full, start, inputs, output)
        return output

    def _too_deep(self, entry: Entry, name: str) -> bool:
        """Note that a block or another spec stands too deep, if it does."""
        if len(self.active) < DEEPEST:
            return False
        message = f"blocks call each other more than {DEEPEST} deep, the last one {name}"
        self.wiring.note(Fault("too-deep", message), entry.span)
        return True


def expand(spec: Spec, graph: Graph, env: Environment, folds: bool = False) -> list[Problem]:
    """Fill the graph from the spec's layers; the problems that were found.

    Copies that are alike may be left out where it `folds`; raises `NotFolded` where one of them turns out to be needed.
    """
    wiring = GraphBuilder(graph)
    if not folds:
        refuse(spec, wiring.work)
    expander = Expander(EntryKeys(spec, wiring), env, folds)
    current: tuple[Ref, ...] = (0,) if len(graph.inputs) == 1 else ()
    frame = ExpansionScope("", env, current)
    expander.entries(spec.layers, frame)
    if frame.current:
        graph.output = frame.current[0]
    return wiring.problems
