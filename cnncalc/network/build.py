"""Entries become nodes: layers are made, names are given and found, every value gets its number."""

from __future__ import annotations

import ast
from typing import Any

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.number import as_written
from cnncalc.core.problem import Fault, Problem, Span, suggestion, suggestions_left
from cnncalc.expression.environment import UNKNOWN, Environment, evaluate
from cnncalc.expression.functions import FUNCTIONS
from cnncalc.expression.parsed import Expression
from cnncalc.expression.syntax import call_of
from cnncalc.expression.tokenize import ExpressionFault
from cnncalc.expression.unevaluated import Unevaluated, unevaluated
from cnncalc.network.expansion_scope import ExpansionScope
from cnncalc.network.graph import Block, Graph, Node, Ref
from cnncalc.network.left_out import Names
from cnncalc.network.work import Work
from cnncalc.read.yaml.value import Value
from cnncalc.spec.entries.arguments import check_foreign, in_words, inside, nested, preset, signature_of
from cnncalc.spec.entries.asked import asks, names_of, reads_itself, words_of
from cnncalc.spec.entries.entry import Entry


class GraphBuilder:
    """Builds a graph; problems are noted and what depends on them is left without a layer."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.values: dict[str, Ref] = {given.name: index for index, given in enumerate(graph.inputs)}
        self.ends: dict[str, list[Ref]] = {}  # what each branch of a parallel, each copy of a repeat gives
        self.numbers: dict[str, int] = {}  # leaf layers' full names -> node numbers
        self.problems: list[Problem] = []
        self._constant: dict[object, Layer] = {}  # by the number of a call, or by what fields say
        self._layers: dict[object, Layer] = {}
        # Of what asks for names: by what is written and the scope that has them, and what each asks for.
        self._scoped: dict[tuple[object, int], tuple[Environment, Layer]] = {}
        self._asked: dict[object, frozenset[str] | None] = {}
        self._kept: list[Entry] = []  # so that no other entry has the number of one that is gone
        self._noted: set[tuple[str, Span]] = set()
        self.counted = 0  # layers of repeats with copies that are left out
        self.standing: Entry | None = None  # the entry that stands for all of another spec, while it is expanded
        self.defaults: dict[str, list[tuple[str, Value]]] = {}  # of the spec that is being expanded
        self.faults = 0  # all that were noted, also those that are no mistakes of their own
        self.cut: set[str] = set()  # names of what is expanded no further since it is wrong
        self.work = Work(graph, self.problems)
        # Groups, residuals and branches without a name of their own: names inside can be said without them.
        self.unnamed: set[str] = set()
        self._short: dict[str, str] = {}

    # --- problems --------------------------------------------------------------------------------------------------

    def note(self, fault: Fault, span: Span, entry: Entry | None = None, who: str = "") -> None:
        """Keep a fault as a problem at its place; what another mistake left unknown is no mistake of its own."""
        self.faults += 1
        if fault.code == UNKNOWN:
            return
        if self.standing is not None:
            entry, span, fault = None, self.standing.span, Fault(fault.code, fault.message, help=fault.help)
        at = entry.point(fault) if entry else span
        if entry is None and isinstance(fault, ExpressionFault):
            at = Span(span.line, span.column + fault.offset, max(1, fault.length))
        if not self._new(fault.code, at):
            return
        message = f"{who}: {fault.message}" if who and fault.code != "too-many-steps" else fault.message
        source = (entry and entry.source) or self.graph.source
        self.problems.append(Problem(fault.code, message, source=source, span=at, help=fault.help))

    def _new(self, code: str, at: Span) -> bool:
        """Whether it is the first time that this is wrong there: a mistake in what is repeated is one mistake."""
        known = (code, at) in self._noted
        self._noted.add((code, at))
        return not known

    # --- nodes -----------------------------------------------------------------------------------------------------

    def add(
        self, name: str, layer: Layer | None, inputs: tuple[Ref, ...], entry: Entry, frozen: bool, shares: int | None
    ) -> Ref:
        """Append a node; the reference of its value."""
        graph = self.graph
        self.work.layers(1, entry.span)
        if len(inputs) > 4:
            self.work.step(entry.span, len(inputs) // 4)
        number = len(graph.nodes)
        entry = self.standing or entry
        graph.nodes.append(Node(name, layer, inputs, entry, shares, frozen))  # type: ignore[arg-type]
        self.numbers[name] = number
        ref = len(graph.inputs) + number
        self.values[name] = ref
        self._alias(name)
        return ref

    def short(self, name: str) -> str:
        """A full name without the groups that nobody named: `encoder.0.attn` for `encoder.0.residual_1.attn`."""
        head, dot, tail = name.rpartition(".")
        if not dot:
            return "" if name in self.unnamed else name
        known = self._short.get(head)
        if known is None:
            known = self._short[head] = self.short(head)
        if name in self.unnamed:
            return known
        return f"{known}.{tail}" if known else tail

    def _alias(self, name: str) -> None:
        """Let a name be said without the unnamed groups around it, unless it would mean several things."""
        if self.unnamed:
            short = self.short(name)
            if short != name:
                aliases = self.graph.aliases
                aliases[short] = name if aliases.get(short, name) == name else ""

    def aliases(self, names: list[str]) -> None:
        """Let layers and blocks be said without the unnamed groups around them."""
        for name in names if self.unnamed else ():
            if name not in self.unnamed:
                self._alias(name)

    def block(self, name: str, start: int, inputs: tuple[Ref, ...], output: Ref, call: Span | None = None) -> None:
        """Remember a block: its nodes are those since `start`."""
        self.graph.blocks[name] = Block(start, len(self.graph.nodes), inputs, output, call)
        self.values[name] = output
        if name not in self.unnamed:
            self._alias(name)

    def leave_out(self, repeat: str, made: frozenset[str]) -> None:
        """Let no name lead to copies of a repeat but to those that were made: who looks for one gets `NotFolded`."""
        self.values, self.numbers, self.ends = Names(self.values), Names(self.numbers), Names(self.ends)
        for table in (self.values, self.numbers, self.ends):
            table.left_out[repeat] = table.left_out[self.short(repeat)] = made

    def make(self, entry: Entry, env: Environment, full: str) -> Layer | None:
        """The layer of an entry; None with a problem noted where it cannot be made. Equal layers are one object."""
        call = entry.call
        key: object = words_of(entry) or id(entry)
        if call is not None:
            key = (id(call), id(self.defaults)) if self.defaults else id(call)
        layer = self._constant.get(key)
        if layer is not None:
            return layer
        scoped = self._scoped.get((key, id(self._scope(key, env))))
        if scoped is not None:
            return scoped[1]
        asked = env.budget.lookups
        kind = layers.find(entry.type, entry.convention) if entry.convention != "broken" else None
        if kind is None:
            return None
        try:
            check_foreign(kind, entry)
            layer = self._bind(kind, entry.args, preset(entry), env, entry)
        except Fault as fault:
            self.note(fault, entry.span, entry, full)
            return None
        self._remark(layer, entry, full)
        if type(key) is tuple and layer.remarks():  # which are noted where each of them stands
            key = id(entry)
        self._kept.append(entry)
        if call is None and env.budget.lookups == asked:
            if not reads_itself(kind) and (type(key) is tuple or all(isinstance(v, Value) for _, v in entry.kwargs)):
                self._constant[key] = layer
        elif call is not None and not asks(call):
            self._constant[key] = layer
        else:
            names = self._asked[key] = names_of(entry, kind)
            scope = self._scope(key, env)
            if type(scope) is Environment and (call is not None or names is not None):
                self._scoped[key, id(scope)] = (scope, layer)
        return layer

    def _scope(self, key: object, env: Environment) -> Environment:
        """The innermost scope that has a name which is asked for: what stands between makes no difference."""
        names = self._asked.get(key)
        if names is not None:
            while type(env) is Environment and env.outer is not None and names.isdisjoint(env.values):
                env = env.outer
        return env

    def _remark(self, layer: Layer, entry: Entry, full: str) -> None:
        """Note what is no mistake."""
        for fault in layer.remarks():
            at, text = entry.point(fault), f"{full}: {fault.message}"
            source = entry.source or self.graph.source
            note = Problem(fault.code, text, source=source, span=at, help=fault.help, severity="note")
            self.graph.notes.append(note)

    def _bind(
        self, kind: type[Layer], written: list[Any], named: list[tuple[str, object]], env: Environment, entry: Entry
    ) -> Layer:
        made = kind
        kind = signature_of(kind, entry, named)
        options = [option for option in kind.options.values() if not option.keyword_only]
        args = []
        for index, argument in enumerate(written):
            words = options[index].words if index < len(options) else ()
            if index < len(options) and options[index].raw:
                args.append(unevaluated(argument, env))
            else:
                args.append(self._argument(argument, env, words, entry))
        kwargs: dict[str, object] = {}
        for name, argument in named:
            if kind.ignores(name):
                continue
            option = kind.options.get(name) or kind.options.get(f"{name}_")  # `weights_` where a rule has the name
            if option is not None and option.raw:
                kwargs[name] = unevaluated(argument, env)
                continue
            within = nested(name, argument, entry.convention)
            inner = layers.find(within.name, entry.convention) if within is not None else None
            if within is not None and inner is not None:
                kwargs[name] = self._bind(inner, within.args, within.kwargs, env, inside(entry, within.name))
                continue
            try:
                kwargs[name] = self._argument(argument, env, option.words if option else None, entry)
            except ExpressionFault as fault:
                fault.option = fault.option or _path(name, argument, fault.text)
                raise
        if kind is not made or entry.convention == "textbook":
            return in_words(made, kind, args, kwargs)
        key = (kind, as_written(tuple(args)), as_written(tuple(kwargs.items())))
        try:
            layer = self._layers.get(key)
            if layer is None or not _same_types(key, layer):
                self.work.making(env.budget, 0)
                layer = self._layers[key] = kind.bind(args, kwargs)
        except TypeError:  # a list is among the values: no key
            read = sum(value.letters() for value in kwargs.values() if isinstance(value, Unevaluated))
            self.work.making(env.budget, read)
            layer = kind.bind(args, kwargs)
        return layer

    def _argument(self, written: object, env: Environment, words: tuple[str, ...] | None, entry: Entry) -> Any:
        if isinstance(written, Expression) and isinstance(written.tree, ast.Call):
            inner = call_of(written)
            known = inner is not None and inner.name not in FUNCTIONS
            kind = layers.find(inner.name, entry.convention) if inner is not None and known else None
            if inner is not None and kind is not None:  # TransformerEncoder(TransformerEncoderLayer(512, 8), 6)
                return self._bind(kind, list(inner.args), list(inner.kwargs), env, inside(entry, inner.name))
        return evaluate(written, env, words)

    # --- names -----------------------------------------------------------------------------------------------------

    def find(self, name: str, frame: ExpansionScope, span: Span) -> Ref | None:
        """The value that a name means in a scope; None with a problem noted."""
        name = name.strip().replace("[", ".").replace("]", "")
        ref: Ref | None = self._find(name, frame)
        if ref is not None:
            return ref
        base, dot, port = name.rpartition(".")
        if dot:
            ref = self._find(base, frame)
            if isinstance(ref, int):
                return ref if port == "output" else (ref, port)
        self._not_found(name, frame, span)
        return None

    def find_all(self, name: str, frame: ExpansionScope, span: Span) -> tuple[Ref | None, ...]:
        """What `name.*` means: all branches of a parallel, or all copies of a repeat."""
        base = name.replace("[", ".").replace("]", "")
        found = self._find(base, frame, self.ends)
        if found:
            return tuple(found)
        if self.find(base, frame, span) is not None:
            message = f'"{name}" has neither branches nor copies that {name}.* could mean'
            self.note(Fault("unknown-name", message, help=f"write {name}, or its outputs one by one"), span)
        return (None,)

    def _is_cut(self, name: str, frame: ExpansionScope) -> bool:
        """Whether a name leads into what was expanded no further, since it is wrong."""
        if not self.cut:
            return False
        words = name.split(".")
        heads = [".".join(words[:count]) for count in range(1, len(words))]
        return any(here.prefix + head in self.cut for here in frame.outward() for head in heads)

    def _find(self, name: str, frame: ExpansionScope, among: dict[str, Any] | None = None) -> Any:
        """What a name stands for in a scope or around it, among values where nothing else is said."""
        values: dict[str, Any] = self.values if among is None else among
        for here in frame.outward():
            if among is None and here.given is not None and (name == "input" or name.startswith("input.")):
                index = name[6:] or "0"
                if index.isdigit() and int(index) < len(here.given):
                    return here.given[int(index)]
            ref = values.get(here.prefix + name)
            if ref is None and self.graph.aliases:
                short = self.short(here.prefix[:-1]) if here.prefix else ""
                ref = values.get(self.graph.aliases.get(f"{short}.{name}" if short else name, ""))
            if ref is not None:
                return ref
        return None

    def _not_found(self, name: str, frame: ExpansionScope, span: Span) -> None:
        head = name.split(".", 1)[0]
        for here in frame.outward():
            if head in here.ambiguous:
                which = " and ".join(here.ambiguous[head])
                fault = Fault("ambiguous-name", f'"{head}" is more than one layer', help=f"say {which}")
                return self.note(fault, span)
            if head in here.later:
                fault = Fault(
                    "taken-too-early",
                    f'from names "{head}", which stands below: a layer takes what stands above it',
                    help=f"put this layer after {head}",
                )
                return self.note(fault, span)
        if ("unknown-name", span) in self._noted or self._is_cut(name, frame):
            self.faults += 1
            return
        scopes = frame.outward() if suggestions_left() else ()
        known = [other[len(at.prefix) :] for at in scopes for other in self.values if other.startswith(at.prefix)]
        shown = [n for n in dict.fromkeys(known) if "." not in n][:12]
        fault = Fault(
            "unknown-name",
            f'from names "{name}", but no layer has that name',
            help=suggestion(name, known, f"above stand {', '.join(shown)}" if shown else ()),
        )
        self.note(fault, span)


def _path(name: str, field: object, text: str) -> str | None:
    """Where in a field a text stands, as the path of an option; None for an argument of a call."""
    if not isinstance(field, Value):
        return None
    for index, part in enumerate(field.data if field.kind == "list" else ()):
        if (inner := _path(str(index), part, text)) is not None:
            return f"{name}/{inner}"
    return name if field.kind == "scalar" and field.data == text else None


def _same_types(key: Any, layer: Layer) -> bool:
    """True == 1 in a key, but not as an option: only keys without truth values are shared."""
    return not any(isinstance(value, bool) for value in key[1]) and not any(
        isinstance(value, (bool, float)) for _, value in key[2]
    )
