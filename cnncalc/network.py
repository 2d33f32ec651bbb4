"""A network as a user names it: resolved, read, expanded and propagated. The Python entry points stand here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cnncalc.collector import held
from cnncalc.graph import Graph, Input
from cnncalc.layout import misplaced_tokens, settle_inputs
from cnncalc.problem import Fault, Problem, Source, Span, SpecError, did_you_mean, fail
from cnncalc.propagate import noted, propagate
from cnncalc.report import Report
from cnncalc.resolve import read_loose, resolve, set_file
from cnncalc.spec.read import Expectation, Spec

if TYPE_CHECKING:
    from cnncalc.spec.environment import Environment


class Network:
    """A spec with its settings. `notes` are warnings that do not stop anything."""

    def __init__(self, spec: Spec, settings: Mapping[str, Any] | None = None) -> None:
        self.spec = spec
        self.settings: dict[str, Any] = dict(settings or {})
        self.input_shapes: list[str] = []
        self.notes: list[Problem] = list(spec.notes)

    @property
    def name(self) -> str:
        """The network's name."""
        return self.spec.name

    @property
    def expectations(self) -> list[Expectation]:
        """What the spec's author believes, in order."""
        return self.spec.expect

    @held()
    def graph(self, **settings: Any) -> tuple[Graph, list[Problem]]:
        """The expanded network and the problems found so far."""
        from cnncalc.spec.environment import constants
        from cnncalc.spec.expand import expand

        spec = self.spec
        problems = list(spec.problems)
        overrides = self._overrides({**self.settings, **settings})
        env, faults = constants(spec.let, overrides, self.symbols)
        for fault, written in faults:
            offset = getattr(fault, "offset", 0)
            span = written.span()
            at = Span(span.line, span.column + offset, max(1, getattr(fault, "length", span.length)))
            source = spec.source_of(written)
            problems.append(Problem(fault.code, fault.message, source=source, span=at, help=fault.help))
        graph = Graph(spec.name, self._inputs(env, problems), spec.layout)
        graph.source = spec.source
        graph.convention = spec.convention
        problems.extend(expand(spec, graph, env))
        problems.extend(misplaced_tokens(graph))
        if not (graph.inputs or graph.nodes or problems):
            help = 'a spec has at least "input: [3, 64, 64]" and "layers:"'
            problems.append(
                Problem("empty-spec", "this network has no input and no layer", source=spec.source, help=help)
            )
        if not problems:
            self.notes = [*spec.notes, *graph.notes, *settle_inputs(graph)]
        return graph, problems

    def report(self, **settings: Any) -> Report:
        """The propagated network, with `settings` in place of what `let` says. Raises `SpecError`."""
        report = self._report(settings)
        self.notes += noted(report)
        target = self.spec.target
        if target is not None and list(report.output_shape) != target[0]:
            sizes = ", ".join(map(str, report.output_shape))
            message = f"the output is [{sizes}], the chain ends with {target[0]}"
            problem = Problem("target-missed", message, source=self.spec.source, span=target[1], severity="warning")
            self.notes.append(problem)
        return report

    def _report(self, settings: Mapping[str, Any]) -> Report:
        symbols = self.symbols
        if not symbols:
            graph, problems = self.graph(**settings)
            return propagate(graph, problems)
        given = {**self.settings, **settings}
        report = self._free_report(settings) if set(symbols) - given.keys() else propagate(*self.graph(**settings))
        values = self._constants(given).values
        report.symbols = {name: values[name] for name in symbols}
        return report

    def _free_report(self, settings: Mapping[str, Any]) -> Report:
        """The report with formulas in place of numbers, and what had to be assumed."""
        from cnncalc.analysis.symbolic import assuming

        with assuming() as known:
            graph, problems = self.graph(**settings)
            report = propagate(graph, problems)
            known.settle()
            if known.whole:  # what must divide simplifies the shapes before it was found out
                report = propagate(graph)
                known.settle()
        report.assumptions = known
        return report

    @property
    def symbols(self) -> list[str]:
        """The names that stay free until they are set: those of the spec, and those in shapes given from outside."""
        spec = self.spec
        if not self.input_shapes:
            return spec.symbols
        from cnncalc.spec.free import free_names, shape_names

        found = dict.fromkeys(free_names([], spec.layers) if spec.opened else spec.symbols)
        for text in self.input_shapes:
            names = shape_names(text.rpartition("=")[2], spec.layers)
            found.update(dict.fromkeys(name for name in names if name not in spec.let))
        return list(found)

    def run(self, values: Mapping[str, Any] | None = None, seed: int = 0, **options: Any) -> Any:
        """Execute the network in NumPy; `run["conv1"]` is an array with the batch axis in front."""
        from cnncalc.execute.run import execute

        return execute(self.report(), values=self.given(values), seed=seed, keep="all", **options)

    def given(self, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The arrays of `values`, as nested lists, with `more` on top."""
        from cnncalc.spec.given import given_values

        found = given_values(self.spec, self._constants(self.settings))
        found.add(more or {})
        return found

    def constants(self, **settings: Any) -> dict[str, Any]:
        """The names of `let` with their values, `settings` in place of some."""
        return self._constants({**self.settings, **settings}).values

    def _constants(self, settings: Mapping[str, Any]) -> Environment:
        from cnncalc.spec.environment import constants

        return constants(self.spec.let, self._overrides(settings), self.symbols)[0]

    def _overrides(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        known = [*self.spec.let, *self.symbols]
        what = "it has" if self.symbols else "let defines"
        problems = []
        for name in settings:
            if name not in known:
                near = did_you_mean(name, known)
                problems.append(
                    Problem(
                        "unknown-setting",
                        f'{self.spec.name or "the network"} has no constant "{name}"',
                        help=f"did you mean {near}?"
                        if near
                        else (f"{what} {', '.join(known)}" if known else "it has no let, so nothing can be set"),
                    )
                )
        if problems:
            raise SpecError(problems)
        return dict(settings)

    def _inputs(self, env: Environment, problems: list[Problem]) -> list[Input]:
        from cnncalc.spec.environment import UNKNOWN

        spec = self.spec
        shapes = {given.name: given.shape for given in spec.inputs}
        spans = {given.name: given.span for given in spec.inputs}
        dtypes = {given.name: given.dtype for given in spec.inputs}
        for text in self.input_shapes:
            name, equals, said = text.partition("=")
            if not equals:
                name, said = (next(iter(shapes)) if len(shapes) == 1 else "input"), text
            if shapes and name not in shapes:
                fail("unknown-name", f'there is no input "{name}"', help=f"the inputs are {', '.join(shapes)}")
            shapes[name] = said
        inputs = []
        for name, written in shapes.items():
            span = spans.get(name)
            shape: tuple[Any, ...]
            try:
                shape, batch = shape_of(written, env)
            except Fault as fault:
                if fault.code != UNKNOWN:
                    problems.append(
                        Problem(fault.code, f"{name}: {fault.message}", source=spec.source, span=span, help=fault.help)
                    )
                inputs.append(Input(name, (), dtypes.get(name, "float"), span, None, known=False))
                continue
            inputs.append(Input(name, shape, dtypes.get(name, "float"), span, batch))
        return inputs


def shape_of(written: Any, env: Environment) -> tuple[tuple[Any, ...], Any]:
    """The sizes of a written shape without the batch axis, and what stood for the batch, if anything did."""
    from cnncalc.spec.shape_text import Batch, FreeName, parse_shape
    from cnncalc.spec.syntax import Expression

    plain = written.plain() if hasattr(written, "plain") else written
    sizes = parse_shape(plain, env, zero=True)
    batch = None
    if sizes and isinstance(sizes[0], Batch):
        batch, sizes = str(sizes[0]), sizes[1:]
    for size in sizes:
        if isinstance(size, FreeName):
            raise Fault("unknown-name", f'"{size}" has no value', help=f"define it: let: {{{size}: 64}}")
        if isinstance(size, Expression):
            raise Fault(
                "unknown-name", f'"{size.text}" has no value', help="a size is a number, or a name with a value"
            )
        if hasattr(size, "free") and size.as_whole() < 1:
            raise Fault("shape-text", f"a size of {size} is below 1")
    return tuple(sizes), batch


# --- resolving NET -------------------------------------------------------------------------------------------------


def load(
    net: str,
    settings: Mapping[str, Any] | None = None,
    set_files: Iterable[str] | None = None,
    input_shapes: Iterable[str] | None = None,
) -> Network:
    """The network that NET names: a chain, `-`, a file, or a bundled spec. Raises `SpecError`."""
    network = Network(resolve(str(net)))
    overrides: dict[str, Any] = {}
    for path in set_files or ():
        overrides.update(set_file(path, network.spec))
    overrides.update(parse_settings(settings or {}))
    network.settings = overrides
    network.input_shapes = list(input_shapes or ())
    return _filled(network)


def _filled(network: Network) -> Network:
    """The network with every open padding found, `padding=?`."""
    import re

    text = network.spec.source.text
    if "?" in text or re.search(r"padding[\"']?\s*[=:]\s*[\"']?(_|None|null|none|~)\b", text):
        from cnncalc.analysis.padding import fill

        fill(network)
    return network


def loads(text: str, name: str = "spec") -> Network:
    """The network of a spec given as text."""
    return _filled(Network(read_loose(Source(f"<{name}>", text), name)))


def from_dict(mapping: Mapping[str, Any], name: str = "spec") -> Network:
    """The network of a spec given as a mapping (what YAML or JSON would hold)."""
    import json

    return _filled(Network(read_loose(Source("<dict>", json.dumps(mapping, indent=1, ensure_ascii=False)), name)))


def parse_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """`--set` values: text is read as an expression, or stays text."""
    from cnncalc.spec.environment import Environment
    from cnncalc.spec.evaluate import value_of
    from cnncalc.spec.syntax import parse

    values: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, str):
            with contextlib.suppress(Fault):
                value = value_of(parse(value), Environment({}), words=True)
        values[name] = value
    return values
