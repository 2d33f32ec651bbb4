"""A network expanded once for many values of its free names; layers that depend on them are made for each value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault, Problem
from cnncalc.expression.environment import Environment, constants
from cnncalc.expression.evaluation import Budget
from cnncalc.expression.parsed import Expression
from cnncalc.expression.syntax import parse
from cnncalc.network.build import GraphBuilder
from cnncalc.network.expansion.expand import Expander
from cnncalc.network.expansion.fewest import refuse
from cnncalc.network.expansion_scope import ExpansionScope
from cnncalc.network.graph import Graph, Node
from cnncalc.network.layout import misplaced_tokens, settle_inputs
from cnncalc.network.scope import EntryKeys
from cnncalc.solve.deferred import Deferred, ValueNeeded, deferred_names, settled
from cnncalc.solve.traced import settled as plain
from cnncalc.spec.entries.entry import Entry

if TYPE_CHECKING:
    from cnncalc.network.network import Network

# Layers that one node keeps; a search over more starts again.
MOST = 20_000


class Pending:
    """A layer whose options wait for names."""

    def __init__(self, entry: Entry, env: Environment, full: str, names: frozenset[str], graph: Graph) -> None:
        self.entry = entry
        self.env = env
        self.full = full
        self.names = tuple(sorted(names))
        self.problem: Problem | None = None
        self._wiring = GraphBuilder(graph)
        self._layers: dict[tuple[object, ...], Layer | None] = {}

    def layer(self, values: Mapping[str, object]) -> Layer | None:
        """The layer for given values; None where an option cannot be so. The same object for the same values."""
        key = tuple((type(values[name]), values[name]) for name in self.names)
        try:
            return self._layers[key]
        except KeyError:
            pass
        except TypeError:  # numbers that are followed
            return self._made(values)
        if len(self._layers) > MOST:
            self._layers.clear()
        found = self._layers[key] = self._made(values)
        return found

    def _made(self, values: Mapping[str, object]) -> Layer | None:
        wiring = self._wiring
        found = wiring.make(self.entry, SettledEnvironment(self.env, values), self.full)
        if wiring.problems:
            self.problem = self.problem or wiring.problems[0]
            wiring.problems.clear()
            found = None
        return found


class SettledEnvironment(Environment):
    """Names with their deferred values computed."""

    __slots__ = ("given",)

    def __init__(self, outer: Environment, given: Mapping[str, object]) -> None:
        super().__init__({}, outer)
        self.budget = Budget()  # one for each combination
        self.given = given

    def lookup(self, name: str) -> Any:
        return settled(super().lookup(name), self.given)


class _Compiler(GraphBuilder):
    """Wires entries; those that depend on deferred names become `Pending`."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)
        self.pending: dict[int, Pending] = {}

    def make(self, entry: Entry, env: Environment, full: str) -> Layer | None:
        names: set[str] = set()
        for written in [*entry.args, *(value for _, value in entry.kwargs)]:
            names |= _depends(written, env)
        if not names:
            return super().make(entry, env, full)
        # `add` follows with the node; its layer stands in the table below until values are known.
        self.pending[len(self.graph.nodes)] = Pending(entry, env, full, frozenset(names), self.graph)
        return None


class _KeysKnown(EntryKeys):
    """Reads the keys of entries; what decides how many layers there are cannot wait."""

    def value(self, written: object, frame: ExpansionScope, instead: object, words: tuple[str, ...] | None = ()) -> Any:
        value = super().value(written, frame, instead, words)
        names = deferred_names(value)
        if names:
            raise ValueNeeded(names)
        return plain(value)


def _depends(written: Any, env: Environment) -> set[str]:
    """The deferred names that a written argument needs."""
    if isinstance(written, Deferred):
        raise ValueNeeded(written.names)  # a number among the inputs
    if isinstance(written, Expression):
        return _of_names(written.names(), env)
    kind = getattr(written, "kind", "")
    if kind == "list":
        return {name for part in written.data for name in _depends(part, env)}
    if kind == "map":
        return {name for _, part in written.data for name in _depends(part, env)}
    if kind == "scalar" and isinstance(written.data, str):
        try:
            return _of_names(parse(written.data).names(), env)
        except Fault:
            return set()
    return set()


def _of_names(names: set[str], env: Environment) -> set[str]:
    found: set[str] = set()
    for name in names:
        try:
            found |= deferred_names(env.lookup(name))
        except KeyError:
            continue
    return found


def used_names(entries: list[Entry]) -> Iterator[str]:
    """Every name that stands in the arguments of layers, also where it may be a word."""
    for entry in entries:
        for written in [*entry.args, *(value for _, value in entry.kwargs)]:
            if isinstance(written, Expression):
                yield from sorted(written.names())
        for _, body in entry.bodies:
            yield from used_names(body)


class Compiled:
    """A graph in which `pending` says which nodes wait for names; `problems` do not depend on names."""

    def __init__(self, graph: Graph, pending: dict[int, Pending], problems: list[Problem]) -> None:
        self.graph = graph
        self.pending = pending
        self.problems = problems


def compiled(network: Network, fixed: Mapping[str, object], late: Mapping[str, object]) -> Compiled:
    """Expand a network with some names fixed and the others deferred; `late` has a first value for each.

    Raises `ValueNeeded` for deferred names that decide more than a layer's options.
    """
    spec = network.spec
    if spec.foreign is not None:  # read anew for each shape
        if late:
            raise ValueNeeded(set(late))
        if not all(type(value) is int for value in fixed.values()):
            raise TypeError  # numbers that are followed
        return Compiled(network.graph(**fixed)[0], {}, [])
    settings = {**network.settings, **fixed, **{name: Deferred.name(name) for name in late}}
    env, faults = constants(spec.let, settings, network.symbols)
    if faults:
        fault, written = faults[0]
        span = written.span()
        return Compiled(
            Graph(spec.name, []),
            {},
            [Problem(fault.code, fault.message, source=spec.source, span=span, help=fault.help)],
        )
    for name, value in settings.items():  # `bias=b`: a word, unless it is given values
        env.values.setdefault(name, value)
    problems = list(spec.problems)
    inputs = network._inputs(env, problems)
    names = deferred_names([given.shape for given in inputs])
    if names:
        raise ValueNeeded(names)
    graph = Graph(spec.name, inputs, spec.layout)
    graph.source = spec.source
    graph.convention = spec.convention
    graph.layout_said = spec.layout_said
    wiring = _Compiler(graph)
    refuse(spec, wiring.work)
    frame = ExpansionScope("", env, (0,) if len(inputs) == 1 else ())
    Expander(_KeysKnown(spec, wiring), env).entries(spec.layers, frame)
    if frame.current:
        graph.output = frame.current[0]
    problems.extend(wiring.problems)
    if not problems:
        _settle(graph, wiring.pending, late)
    return Compiled(graph, wiring.pending, problems)


def _settle(graph: Graph, pending: dict[int, Pending], late: Mapping[str, object]) -> None:
    """Read the inputs' shapes as the layers want them, each with its first values."""
    nodes: list[Node] = graph.nodes
    for number, waiting in pending.items():
        layer = waiting.layer(late)
        if layer is not None:
            nodes[number].layer = layer
    misplaced_tokens(graph)
    settle_inputs(graph, ask=False)
