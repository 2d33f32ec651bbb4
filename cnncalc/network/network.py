"""A network with its settings: a spec that is expanded, propagated and executed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from cnncalc.core.channels import other_order
from cnncalc.core.gc_paused import gc_paused
from cnncalc.core.number import is_free
from cnncalc.core.problem import Fault, Problem, Span, SpecError, fail, suggestion
from cnncalc.core.steps import STEPS
from cnncalc.network.adapt import Lora, adapt
from cnncalc.network.graph import Graph, Input
from cnncalc.network.layout import misplaced_tokens, settle_inputs
from cnncalc.network.propagate import noted, propagate
from cnncalc.network.report import Report
from cnncalc.network.unflattened import unflattened
from cnncalc.spec.model import Expectation, Spec

if TYPE_CHECKING:
    from cnncalc.expression.environment import Environment
    from cnncalc.spec.array_values import Given


class Network:
    """A spec with its settings. `notes` are warnings that do not stop anything."""

    # Runs a report in NumPy; the module of the entry points puts it here, as execution is built on networks.
    execute: ClassVar[Callable[..., object]]

    def __init__(self, spec: Spec, settings: Mapping[str, object] | None = None) -> None:
        self.spec = spec
        self.settings: dict[str, object] = dict(settings or {})
        self.input_shapes: list[str] = []
        self.notes: list[Problem] = list(spec.notes)
        # Whether it is executed as in training.
        self.training = spec.training
        # Whether its report may leave out copies that are alike: only for who asks rows how many copies they stand for.
        self.folds = False
        self.layout_asked = False  # whether the order of axes was said beside the network

    @property
    def name(self) -> str:
        """The network's name."""
        return self.spec.name

    @property
    def expectations(self) -> list[Expectation]:
        """What the spec's author believes, in order."""
        return self.spec.expect

    @gc_paused()
    def graph(self, **settings: object) -> tuple[Graph, list[Problem]]:
        """The expanded network and the problems found so far."""
        from cnncalc.expression.environment import constants
        from cnncalc.network.expansion.expand import expand

        spec = self.spec
        if spec.foreign is not None:
            return self._foreign(settings)
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
        graph.layout_said = spec.layout_said
        problems.extend(expand(spec, graph, env, self.folds))
        if spec.freeze or spec.lora is not None:
            problems.extend(adapt(graph, spec.freeze, None if spec.lora is None else Lora(*spec.lora)))
        problems.extend(misplaced_tokens(graph))
        if spec.config is not None:
            spec.config.finish(graph, self.input_shapes, env)
        if self.training:
            graph.training = True
            for node in graph.nodes:
                if node.layer is not None:
                    node.layer.train()
        if not (graph.inputs or graph.nodes or problems):
            help = 'a spec has at least "input: [3, 64, 64]" and "layers:"'
            problems.append(
                Problem("empty-spec", "this network has no input and no layer", source=spec.source, help=help)
            )
        if not problems:
            given = {**self.settings, **settings}
            said = settle_inputs(graph, free=bool(set(self.symbols) - given.keys()))
            problems.extend(note for note in said if note.severity == "error")
            self.notes = [*spec.notes, *graph.notes, *(note for note in said if note.severity != "error")]
        return graph, problems

    def _foreign(self, settings: Mapping[str, object]) -> tuple[Graph, list[Problem]]:
        """The graph of a file that is no spec, made by its reader."""
        reader = self.spec.foreign
        graph, problems = reader.graph(self._sized(self._overrides({**self.settings, **settings})))
        self.spec.name = graph.name
        self.notes = [*self.spec.notes, *reader.notes]
        return graph, problems

    def _sized(self, given: Mapping[str, Any]) -> list[str]:
        """The shapes of a file's inputs, with numbers for those of their names that have a value."""
        from cnncalc.expression.environment import Environment
        from cnncalc.expression.shape_text import shape_of

        if not given:
            return self.input_shapes
        texts = []
        for text in self.input_shapes:
            name, equals, written = text.rpartition("=")
            with suppress(Fault):  # of names without a value the reader says what there is to say
                written = "x".join(map(str, shape_of(written, Environment(dict(given)))[0]))
            texts.append(f"{name}{equals}{written}")
        if self._free(texts):
            for one in self.spec.foreign.graph(texts)[0].inputs:
                sizes = [given.get(str(size), size) for size in one.shape]
                if any(is_free(size) for size in one.shape) and not any(is_free(size) for size in sizes):
                    texts.append(f"{one.name}={'x'.join(map(str, sizes))}")
        return texts

    def _free(self, texts: list[str]) -> list[str]:
        """The names of sizes that a file of another tool leaves open."""
        free = getattr(self.spec.foreign, "symbols", None)
        return [] if free is None else list(free(texts))

    def counts(self) -> Report | None:
        """The weights alone, where a file shows them and not what comes out of them; None for a spec."""
        reader = self.spec.foreign
        if reader is None:
            return None
        reader.notes = []
        report = propagate(reader.counts())
        self.notes = list(reader.notes)
        return report

    @property
    def listed(self) -> bool:
        """Whether it was read from a table that says its shapes and counts, and nothing else."""
        return hasattr(self.spec.foreign, "shown")

    def shown(self) -> Report | None:
        """The shapes that a file shows, where it has them and nothing to work them out from; None for all others."""
        if not self.listed:
            return None
        reader = self.spec.foreign
        report = propagate(reader.shown())
        self.notes = list(reader.notes)
        return report

    def report(self, **settings: object) -> Report:
        """The propagated network, with `settings` in place of what `let` says. Raises `SpecError`."""
        try:
            report = self._report(settings)
        except SpecError as error:
            if self.spec.config is not None:
                self.spec.config.relocate(error)
            raise
        self.notes.extend(unflattened(report))
        self.notes += noted(report)
        target = self.spec.target
        if target is not None and list(report.output_shape) != target[0]:
            sizes = ", ".join(map(str, report.output_shape))
            message = f"the output is [{sizes}], the chain ends with {target[0]}"
            layout, turned = other_order(report.graph.layout, report.output_shape)
            help = f"it is that in the other order of axes: --layout {layout}" if list(turned) == target[0] else ()
            source = self.spec.source
            problem = Problem("target-missed", message, source=source, span=target[1], help=help, severity="warning")
            self.notes.append(problem)
        return report

    def _report(self, settings: Mapping[str, object]) -> Report:
        symbols = self.symbols
        if not symbols:
            folded = self._folded(settings) if self.folds else None
            if folded is not None:
                return folded
            graph, problems = self.graph(**settings)
            return propagate(graph, problems)
        given = {**self.settings, **settings}
        report = self._free_report(settings) if set(symbols) - given.keys() else propagate(*self.graph(**settings))
        values = self._constants(given).values
        report.symbols = {name: values[name] for name in symbols}
        return report

    def _folded(self, settings: Mapping[str, object]) -> Report | None:
        """The report without copies that are alike; None where they are needed, or something is wrong."""
        from cnncalc.network.left_out import NotFolded, settle

        spec = self.spec
        if not (spec.foreign or spec.config or spec.freeze or spec.lora or spec.values or spec.problems):
            found = None
            with suppress(NotFolded, SpecError):
                found = self.graph(**settings)
            if found is not None and not found[0].runs:
                return propagate(*found)
            with suppress(NotFolded, SpecError):
                if found is not None:
                    report = propagate(*found)
                    settle(report.rows, report.graph.runs)
                    return report
        self.folds = False
        return None

    def _free_report(self, settings: Mapping[str, object]) -> Report:
        """The report with formulas in place of numbers, and what had to be assumed."""
        from cnncalc.symbolic.dimension import assuming

        STEPS.begin()
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
            return spec.symbols if spec.foreign is None else self._free([])
        from cnncalc.spec.free import free_names, shape_names

        own = spec.symbols if spec.foreign is None else self._free(self.input_shapes)
        found = dict.fromkeys(free_names([], spec.layers) if spec.opened else own)
        for text in self.input_shapes:
            names = shape_names(text.rpartition("=")[2], spec.layers)
            found.update(dict.fromkeys(name for name in names if name not in spec.let))
        return list(found)

    def run(self, values: Mapping[str, object] | None = None, seed: int = 0, **options: object) -> object:
        """Execute the network in NumPy; `run["conv1"]` is an array with the batch axis in front."""
        return self.execute(self.report(), values=self.given(values), seed=seed, keep="all", **options)

    def given(self, more: Mapping[str, object] | None = None) -> Given:
        """The arrays of `values`, as nested lists, with `more` on top."""
        from cnncalc.spec.array_values import given_values

        found = given_values(self.spec, self._constants(self.settings))
        arrays = getattr(self.spec.foreign, "arrays", None)
        if arrays is not None:  # the file's own weights
            found.add(arrays())
        found.add(more or {})
        return found

    def constants(self, **settings: object) -> dict[str, object]:
        """The names of `let` with their values, `settings` in place of some."""
        return self._constants({**self.settings, **settings}).values

    def _constants(self, settings: Mapping[str, object]) -> Environment:
        from cnncalc.expression.environment import constants

        return constants(self.spec.let, self._overrides(settings), self.symbols)[0]

    def _overrides(self, settings: Mapping[str, object]) -> dict[str, object]:
        known = [*self.spec.let, *self.symbols]
        what = "it has" if self.symbols else "let defines"
        there = f"{what} {', '.join(known)}" if known else "it has no let, so nothing can be set"
        title = self.spec.name or "the network"
        problems = []
        for name in settings:
            if name not in known:
                help = suggestion(name, known, there)
                problems.append(Problem("unknown-setting", f'{title} has no constant "{name}"', help=help))
        if problems:
            raise SpecError(problems)
        return dict(settings)

    def _inputs(self, env: Environment, problems: list[Problem]) -> list[Input]:
        from cnncalc.expression.environment import UNKNOWN
        from cnncalc.expression.shape_text import shape_of

        spec = self.spec
        shapes = {given.name: given.shape for given in spec.inputs}
        spans = {given.name: given.span for given in spec.inputs}
        dtypes = {given.name: given.dtype for given in spec.inputs}
        given_here = dict(shapes)
        given: dict[str, str] = {}
        for text in self.input_shapes:
            name, equals, said = text.partition("=")
            if not equals:
                name, said = (next(iter(shapes)) if len(shapes) == 1 or spec.config else "input"), text
            if shapes and name not in shapes:
                fail("unknown-name", f'there is no input "{name}"', help=f"the inputs are {', '.join(shapes)}")
            if name in given and given[name] != said:
                fail("duplicate-name", f'the shape of "{name}" is given twice: {given[name]} and {said}')
            shapes[name] = given[name] = said
            spans.pop(name, None)  # it was typed elsewhere
        inputs = []
        for name, written in shapes.items():
            span = spans.get(name)
            own = spec.written_layout if written is given_here.get(name) else ""
            if written is None:
                inputs.append(Input(name, (), known=False))
                continue
            shape: tuple[Any, ...]
            try:
                shape, batch = shape_of(written, env)
            except Fault as fault:
                if fault.code != UNKNOWN:
                    source = spec.source if span else None
                    message = f"{name}: {fault.message}"
                    problems.append(Problem(fault.code, message, source=source, span=span, help=fault.help))
                inputs.append(Input(name, (), dtypes.get(name, "float"), span, None, known=False))
                continue
            inputs.append(Input(name, shape, dtypes.get(name, "float"), span, batch, layout=own))
        return inputs
