"""A text that is being edited, as a report with what is wrong: a spec, or Python source with one network or several.

Nothing here knows an editor or a protocol. Lines and columns count from 1, as everywhere.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from cnncalc.core.problem import Fault, Problem, Source, SpecError, reset_suggestions
from cnncalc.network.network import Network
from cnncalc.network.report import Report

# Networks of one Python file that are followed, where it does not say which is meant.
MOST_MODELS = 6
# `# cnncalc: input 3x32x32`, `# cnncalc: Net(10) input 3x32x32`
COMMENT = re.compile(
    r"^\s*#\s*cnncalc:\s*(?P<model>[A-Za-z_]\w*(?:\(.*?\))?)??\s*(?:input\s+(?P<input>.+?))?\s*$", re.M
)
LISTED = re.compile(r"(?P<file>.+):(?P<model>[A-Za-z_]\w*)$")


class Model(NamedTuple):
    """One network of the text; `report` is None where nothing is known of it, else as far as it is right."""

    name: str
    report: Report | None
    whole: bool


class Analysis(NamedTuple):
    """What is known of a text: its networks, its problems, and the spec where it is one."""

    kind: str  # "spec" or "python"
    source: Source
    models: tuple[Model, ...]
    problems: tuple[Problem, ...]
    spec: Any = None

    @property
    def own_layers(self) -> bool:
        """Whether the layers stand in this text, and not in the one that it builds on."""
        thin = self.spec is not None and self.spec.thin is not None
        return not thin or re.search(r"^layers\s*:", self.source.text, re.M) is not None


def analyse(text: str, path: str, kind: str, input: str = "") -> Analysis:
    """All that is known of a text under a file's name; `input` is a size for Python source that has none."""
    reset_suggestions()
    source = Source(path, text)
    if kind == "python":
        return _python(source, path, input)
    return _spec(source, path)


def _spec(source: Source, path: str) -> Analysis:
    from cnncalc.read.resolve import read_as

    try:
        spec = read_as(source, path)
    except SpecError as error:
        return Analysis("spec", source, (), tuple(error.problems))
    network = Network(spec)
    report, problems = _reported(network)
    whole = report is not None and not any(problem.severity == "error" for problem in problems)
    if whole and spec.expect:
        problems = (*problems, *_unmet(network, report))
    return Analysis("spec", source, (Model(spec.name, report, whole),), problems, spec)


def _reported(network: Network) -> tuple[Report | None, tuple[Problem, ...]]:
    """The report as far as the network is right, and what is to be said of it."""
    try:
        report = network.report()
    except SpecError as error:
        partial: Any = getattr(error, "partial", None)
        return partial, (*network.notes, *error.problems)
    except Fault as fault:
        return None, (Problem(fault.code, fault.message, help=fault.help),)
    return report, tuple(network.notes)


def _unmet(network: Network, report: Any) -> list[Problem]:
    """What the spec expects and is not so."""
    from cnncalc.grading.check import check_all
    from cnncalc.query.ask import scope

    try:
        results = check_all(network.expectations, scope(network, report))
    except SpecError as error:
        return list(error.problems)
    except Fault as fault:
        return [Problem(fault.code, fault.message, help=fault.help)]
    found = []
    for expectation, result in zip(network.expectations, results, strict=True):
        if result.ok is False:
            message = f"{result.ask} is {_plain(result.actual)}, not {result.expected_text}"
            found.append(
                Problem(
                    "not-as-expected",
                    message,
                    source=expectation.source,
                    span=expectation.span,
                    help=[result.diagnosis] if result.diagnosis else (),
                    severity="warning",
                )
            )
    return found


def _plain(value: Any) -> str:
    from cnncalc.render.text import cell

    return cell(value, "value")


# --- Python source -------------------------------------------------------------------------------------------------


def _python(source: Source, path: str, input: str) -> Analysis:
    wanted = [(found["model"] or "", found["input"] or "") for found in COMMENT.finditer(source.text)]
    named = [(model, size or input) for model, size in wanted if model]
    anonymous = next((size for model, size in wanted if not model and size), input)
    problems: list[Problem] = []
    models: list[Model] = []
    if not named:
        report, said = _follow(source, path, "", anonymous)
        listed = _listed(said)
        if not listed:
            return Analysis("python", source, (_model(report, said),), _own(said, source))
        named = [(name, anonymous) for name in listed[:MOST_MODELS]]
        quiet = True
    else:
        quiet = False
    for name, size in named:
        report, said = _follow(source, path, name, size)
        models.append(_model(report, said))
        # Where nobody said which network is meant, one that cannot be made from the file alone is no mistake.
        problems += [one for one in said if not quiet or one.code not in ("python-arguments", "python-input")]
    return Analysis("python", source, tuple(models), _own(problems, source))


def _follow(source: Source, path: str, name: str, size: str) -> tuple[Report | None, tuple[Problem, ...]]:
    from cnncalc.read.detect import python

    network = Network(python(source, path, name))
    network.input_shapes = [part for part in re.split(r"[\s,;]+(?=\w+\s*=|\d)", size) if part]
    report, problems = _reported(network)
    if report is None:
        try:
            report = network.counts()
        except SpecError:
            report = None
    return report, problems


def _listed(problems: tuple[Problem, ...]) -> list[str]:
    """The networks among which nothing chose."""
    for problem in problems:
        if problem.code == "python-several":
            words = " ".join(problem.help).replace(",", " ").split()
            return [found["model"] for word in words if (found := LISTED.match(word))]
    return []


def _model(report: Report | None, problems: tuple[Problem, ...]) -> Model:
    whole = report is not None and not any(problem.severity == "error" for problem in problems)
    return Model(report.name if report is not None else "", report, whole)


def _own(problems: Any, source: Source) -> tuple[Problem, ...]:
    """Each problem once."""
    found: dict[tuple[str, str, Any], Problem] = {}
    for problem in problems:
        found.setdefault((problem.code, problem.message, problem.span), problem)
    return tuple(found.values())
