"""A network as a user names it: resolved, read, expanded and propagated. The Python entry points stand here."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cnncalc.bundled import SUFFIXES, bundled, bundled_path, nearest
from cnncalc.collector import held
from cnncalc.graph import Graph, Input
from cnncalc.layout import misplaced_tokens, settle_inputs
from cnncalc.problem import Fault, Problem, Source, Span, SpecError, did_you_mean, fail
from cnncalc.propagate import propagate
from cnncalc.report import Report
from cnncalc.spec.chain import is_chain
from cnncalc.spec.convention import adopt
from cnncalc.spec.read import Expectation, Reader, Spec, read_chain

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
            problems.append(Problem(fault.code, fault.message, source=spec.source, span=at, help=fault.help))
        graph = Graph(spec.name, self._inputs(env, problems), spec.layout)
        graph.source = spec.source
        graph.convention = spec.convention
        problems.extend(expand(spec, graph, env))
        problems.extend(misplaced_tokens(graph))
        if not problems:
            self.notes = [*spec.notes, *graph.notes, *settle_inputs(graph)]
        return graph, problems

    def report(self, **settings: Any) -> Report:
        """The propagated network, with `settings` in place of what `let` says. Raises `SpecError`."""
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
                problems.append(
                    Problem(fault.code, f"{name}: {fault.message}", source=spec.source, span=span, help=fault.help)
                )
                shape, batch = (), None
            inputs.append(Input(name, shape, dtypes.get(name, "float"), span, batch))
        return inputs


def shape_of(written: Any, env: Environment) -> tuple[tuple[Any, ...], Any]:
    """The sizes of a written shape without the batch axis, and what stood for the batch, if anything did."""
    from cnncalc.spec.shape_text import Batch, FreeName, parse_shape

    plain = written.plain() if hasattr(written, "plain") else written
    sizes = parse_shape(plain, env, zero=True)
    batch = None
    if sizes and isinstance(sizes[0], Batch):
        batch, sizes = str(sizes[0]), sizes[1:]
    for size in sizes:
        if isinstance(size, FreeName):
            raise Fault("unknown-name", f'"{size}" has no value', help=f"define it: let: {{{size}: 64}}")
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
    network = Network(_resolve(str(net)))
    overrides: dict[str, Any] = {}
    for path in set_files or ():
        overrides.update(_set_file(path, network.spec))
    overrides.update(parse_settings(settings or {}))
    network.settings = overrides
    network.input_shapes = list(input_shapes or ())
    return network


def loads(text: str, name: str = "spec") -> Network:
    """The network of a spec given as text."""
    return Network(_read(Source(f"<{name}>", text), name))


def from_dict(mapping: Mapping[str, Any], name: str = "spec") -> Network:
    """The network of a spec given as a mapping (what YAML or JSON would hold)."""
    import json

    return Network(_read(Source("<dict>", json.dumps(mapping, indent=1, ensure_ascii=False)), name))


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


def _resolve(net: str) -> Spec:
    if net == "-":
        return _read(_standard_input(), "stdin")
    exists = len(net) < 4096 and "\n" not in net and os.path.exists(net)
    if is_chain(net) and not exists:
        return read_chain(net)
    if exists and not (os.path.isdir(net) and bundled_path(net)):
        return read_file(net)
    path = bundled_path(net)
    if path is not None:
        return read_file(path, net)
    _no_such(net)
    raise AssertionError  # pragma: no cover - _no_such always raises


def _standard_input() -> Source:
    from cnncalc.spec.source import decode

    return decode(sys.stdin.buffer.read(64 * 1024 * 1024 + 1), "<stdin>")


def read_file(path: str, shown: str | None = None, seen: tuple[str, ...] = ()) -> Spec:
    """The spec of a YAML file, with what it takes over from its `base`."""
    from cnncalc.spec.source import read_text

    suffix = os.path.splitext(path)[1].lower()
    if suffix not in (*SUFFIXES, ".json", ".txt") and not os.path.isdir(path):
        fail(
            "unknown-format",
            f'"{path}" is no spec: cnncalc reads YAML text',
            help="a spec's name ends in .yaml or .yml",
        )
    stem = os.path.splitext(os.path.basename(path))[0]
    spec = _read(read_text(path), stem)
    spec.folder = os.path.dirname(os.path.abspath(path))
    if spec.base is not None:
        _take_over(spec, path, seen)
    return spec


def _take_over(spec: Spec, path: str, seen: tuple[str, ...]) -> None:
    """Fill in what a thin spec does not say itself from the spec it names as its base."""
    assert spec.base is not None
    name, span = spec.base
    here = os.path.abspath(path)
    beside = os.path.join(os.path.dirname(here), name if name.endswith(SUFFIXES) else name + ".yaml")
    found = beside if os.path.isfile(beside) and os.path.abspath(beside) != here else bundled_path(name)
    if found is None or os.path.abspath(found) in (here, *seen) or os.sep in name:
        near = did_you_mean(name, bundled())
        problem = Problem(
            "unknown-base",
            f'there is no spec "{name}" to build on',
            source=spec.source,
            span=span,
            help=f"did you mean {near}?" if near else "base names a bundled spec, or a file in the same folder",
        )
        raise SpecError([*spec.problems, problem])
    base = read_file(found, name, (*seen, here))
    unknown = [key for key in spec.let if key not in base.let]
    for key in unknown:
        near = did_you_mean(key, base.let)
        spec.problems.append(
            Problem(
                "unknown-setting",
                f'{name} has no constant "{key}"',
                source=spec.source,
                span=spec.let[key].span(),
                help=f"did you mean {near}?" if near else f"let defines {', '.join(base.let)}",
            )
        )
    spec.problems[:0] = base.problems
    spec.let = {**base.let, **spec.let}
    spec.inputs = spec.inputs or base.inputs
    spec.layers = spec.layers or base.layers
    spec.blocks = {**base.blocks, **spec.blocks}
    spec.values = spec.values or base.values
    spec.layout = base.layout if spec.layout == "channels_first" else spec.layout
    spec.source = base.source
    adopt(spec, base)


@held()
def _read(source: Source, name: str) -> Spec:
    from cnncalc.spec.source import read_yaml

    tree, problems = read_yaml(source)
    reader = Reader(source)
    spec = reader.spec
    for problem in problems:
        (spec.problems if problem.severity == "error" else spec.notes).append(problem)
    reader.read(tree)
    spec.name = spec.name or name
    return spec


def _set_file(path: str, spec: Spec) -> dict[str, Any]:
    """The values that a YAML or JSON mapping has for names in `let`; other keys are left."""
    from cnncalc.spec.source import read_text, read_yaml

    tree, problems = read_yaml(read_text(path))
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise SpecError(errors)
    plain = tree.plain()
    if not isinstance(plain, dict):
        fail("set-file-form", f'"{path}" holds no names with values', help="write one NAME: VALUE a line")
    found = {name: value for name, value in plain.items() if name in spec.let or name in spec.symbols}
    if not found:
        fail(
            "set-file-form",
            f'"{path}" sets nothing that {spec.name} has',
            help=f"let defines {', '.join(spec.let)}" if spec.let else "the spec has no let",
        )
    return found


def _no_such(net: str) -> None:
    near = nearest(net)
    suffix = os.path.splitext(net)[1].lower()
    if suffix in SUFFIXES or os.sep in net:
        from cnncalc.spec.source import read_text

        read_text(net)
    fail(
        "unknown-net",
        f'there is no file "{net}" and no bundled network of that name',
        help=f"did you mean {near}?" if near else "cnncalc specs lists the bundled networks",
    )
