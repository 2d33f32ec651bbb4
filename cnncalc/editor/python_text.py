"""A Python text that is being written: its networks, followed anew only as far as a change reaches."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from cnncalc.core.problem import Problem, Source, Span, SpecError
from cnncalc.editor.analysis import Analysis, Model, reported
from cnncalc.network.network import Network
from cnncalc.network.report import Report
from cnncalc.read.detect import wrapped
from cnncalc.read.python.files.choose import possible
from cnncalc.read.python.files.followed import Followed
from cnncalc.read.python.files.parse import deep, parse
from cnncalc.read.python.files.written import Written
from cnncalc.read.python.reader import PythonModel
from cnncalc.read.python.values import MISSING, Class, Function

# Networks of one file that are followed, where it does not say which is meant.
MOST_MODELS = 6
# `# cnncalc: input 3x32x32`, `# cnncalc: Net(10) input 3x32x32`; in the settings the same, or the size alone.
SAID = r"(?P<model>[A-Za-z_]\w*(?:\(.*?\))?)??[ \t]*(?:\binput[ \t]+(?P<input>.+?))?[ \t]*$"
COMMENT = re.compile(rf"^[ \t]*#[ \t]*cnncalc:[ \t]*{SAID}", re.M)
SETTING = re.compile(SAID)
# What says that something is not known, and not that it is wrong.
UNKNOWN = frozenset(
    f"python-{word}"
    for word in ("arguments", "construct", "input", "lazy", "no-network", "too-long", "unknown-call", "unknown-value")
)


class Wanted(NamedTuple):
    """A network that is to be shown: what makes it, the size of its input, and the comment that says so."""

    maker: str
    size: str
    said: Span | None = None


class PythonText:
    """One open file. What was followed of it is kept from one text to the next."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.followed: Followed | None = None
        self.made: dict[str, PythonModel] = {}
        self.sizes: dict[str, _Sizes] = {}
        self.answered: dict[Wanted, tuple[Model, list[Problem]]] = {}  # of the text as it is

    def analyse(self, text: str, setting: str = "", only: Collection[str] = ()) -> Iterator[Analysis | None]:
        """All that is known of the text, as the last value: None after each network, where another text may come in.

        `only`: of these networks alone, and with the sizes that fitted before.
        """
        source = Source(self.path, text)
        try:
            with deep():
                followed = self._followed(source)
        except SpecError as error:
            yield Analysis("python", source, (), _unknown(error.problems))
            return
        models: list[Model] = []
        problems: list[Problem] = []
        every = self._wanted(followed, text, setting)
        some = [wanted for wanted in every if wanted.maker in only]
        for wanted in some or every:
            known = self.answered.get(wanted) or self._model(source, wanted, bool(some))
            if not some or wanted.size.strip():  # else another size might be found
                self.answered[wanted] = known
            model, said = known
            models.append(model)
            for problem in said:
                if problem.span is None and wanted.said is not None:
                    problem.source, problem.span = source, wanted.said
                problems.append(problem)
            yield None
        found: dict[tuple[str, str, Span | None], Problem] = {}
        for problem in _unknown(problems):
            found.setdefault((problem.code, problem.message, problem.span), problem)
        yield Analysis("python", source, tuple(models), tuple(found.values()))

    def _followed(self, source: Source) -> Followed:
        before = self.followed and self.followed.file.source.text
        changed = self.followed.replace(source) if self.followed is not None else None
        if changed is None or before != source.text:
            self.answered.clear()
        if changed is None:
            tree = parse(source, own=True)
            changed = self.followed.replace(source, tree) if self.followed is not None else None
            if changed is None:
                self.followed = None
                self.followed = Followed(source, self.path, tree)
                self.made.clear()
        if changed:
            self.made = {name: model for name, model in self.made.items() if not model.entered & changed}
        assert self.followed is not None
        return self.followed

    def _wanted(self, followed: Followed, text: str, setting: str) -> list[Wanted]:
        """The networks that comments name, else the setting, else all that the file makes."""
        lines = text.split("\n")
        said = []
        for found in COMMENT.finditer(text):
            number = text.count("\n", 0, found.end())
            said.append((found["model"] or "", found["input"] or "", Span(number + 1, 1, len(lines[number]))))
        preset = SETTING.match(setting)
        maker, size = (preset["model"] or "", preset["input"] or "") if preset else ("", setting)
        size = next((given for model, given, _ in said if not model and given), size)
        named = [Wanted(model, given or size, span) for model, given, span in said if model]
        if named:
            return named
        followed.begin()
        candidates = possible(followed.file)[:MOST_MODELS]
        if maker.partition("(")[0] in followed.names:
            candidates = [maker]
        return [Wanted(_with_arguments(followed, name), size) for name in candidates]

    def _model(self, source: Source, wanted: Wanted, quick: bool) -> tuple[Model, list[Problem]]:
        followed = self.followed
        assert followed is not None
        if followed.touched:  # by a network before: what is made next would be made of another file
            followed = self.followed = Followed(source, self.path, parse(source, own=True))
            self.made.clear()
            self.answered.clear()
        reader = self.made.get(wanted.maker)
        if reader is None:
            reader = PythonModel(source, self.path, wanted.maker, followed)
            reader.written = Written(followed.file)
            self.made[wanted.maker] = reader
        reader.source = source
        given = [part for part in re.split(r"[\s,;]+(?=\w+\s*=|[\d(])", wanted.size) if part]
        known = None if given else self.sizes.get(wanted.maker)
        if known is not None:
            report, problems = _report(source, reader, known.texts)
            if quick or (report is not None and _layers(report) == known.layers):
                return _model(wanted, report, [*known.notes, *problems], reader)
        report, problems = _report(source, reader, given)
        if any(problem.code == "python-input" for problem in problems) and reader.written is not None:
            if known is not None:  # what is wrong is shown with the sizes that fitted before
                report, problems = _report(source, reader, known.texts)
                return _model(wanted, report, [*known.notes, *problems], reader)
            reader.written.shapes.clear()  # they are of a size that was tried
        self.sizes.pop(wanted.maker, None)
        if report is None:
            with contextlib.suppress(SpecError):
                report = Network(wrapped(source, reader)).counts()
        elif not given and all(report.inputs.values()):
            texts = [f"{name}={'x'.join(map(str, shape))}" for name, shape in report.inputs.items()]
            notes = [problem for problem in problems if problem.code == "python-size"]
            self.sizes[wanted.maker] = _Sizes(texts, _layers(report), notes)
        return _model(wanted, report, problems, reader)


class _Sizes(NamedTuple):
    """Sizes that were found where nobody says one, the layers that they were found for, and what was said of it."""

    texts: list[str]
    layers: list[tuple[str, str]]
    notes: list[Problem]


def _layers(report: Report) -> list[tuple[str, str]]:
    return [(row.call, str(row.output_shape)) for row in report.rows]


def _report(source: Source, reader: PythonModel, sizes: list[str]) -> tuple[Report | None, list[Problem]]:
    network = Network(wrapped(source, reader))
    network.input_shapes = sizes
    report, problems = reported(network)
    return report, list(problems)


def _model(
    wanted: Wanted, report: Report | None, problems: list[Problem], reader: PythonModel
) -> tuple[Model, list[Problem]]:
    whole = report is not None and not any(problem.severity == "error" for problem in problems)
    return Model(wanted.maker, report, whole, reader.written), problems


def _with_arguments(followed: Followed, name: str) -> str:
    """`GPT(GPTConfig())` for a class that needs settings, where the file has them with a default for each."""
    made = followed.names.get(name)
    init = made.find("__init__") if isinstance(made, Class) else made
    if not isinstance(init, Function):
        return name
    arguments = init.node.args
    positional = [*arguments.posonlyargs, *arguments.args][1 if isinstance(made, Class) else 0 :]
    needed = positional[: len(positional) - len(init.defaults)]
    if len(needed) != 1 or any(default is MISSING for default in init.kw_defaults):
        return name
    wanted = needed[0]
    said = getattr(wanted.annotation, "id", "")
    for holder, value in followed.names.items():
        fields = value.fields if isinstance(value, Class) and value.file is followed.file else None
        meant = said == holder if said else wanted.arg in ("config", "cfg", "args") and holder.endswith("Config")
        if fields is not None and meant and all(has for _, _, has in fields):
            return f"{name}({holder}())"
    return name


def _unknown(problems: Collection[Problem]) -> tuple[Problem, ...]:
    """The same, with what is not known said as no mistake; that a file has no network is not said."""
    for problem in problems:
        if problem.code in UNKNOWN:
            problem.severity = "note"
    return tuple(problem for problem in problems if problem.code != "python-no-network")
