"""A spec that is being written: its network, and what it expects and is not so."""

from __future__ import annotations

from cnncalc.core.problem import Fault, Problem, Source, SpecError
from cnncalc.editor.analysis import Analysis, Model, reported
from cnncalc.network.network import Network
from cnncalc.network.report import Report


def analyse_spec(source: Source, path: str) -> Analysis:
    """All that is known of the text of a spec."""
    from cnncalc.read.resolve import read_as

    try:
        spec = read_as(source, path)
    except SpecError as error:
        return Analysis("spec", source, (), tuple(error.problems))
    network = Network(spec)
    report, problems = reported(network)
    whole = report is not None and not any(problem.severity == "error" for problem in problems)
    if report is not None and whole and (spec.expect or report.graph.expectations):
        problems = (*problems, *_unmet(network, report))
    return Analysis("spec", source, (Model(spec.name, report, whole),), problems, spec)


def _unmet(network: Network, report: Report) -> list[Problem]:
    """What the spec expects and is not so."""
    from cnncalc.grading.check import check_all, questions
    from cnncalc.grading.unmet import unmet
    from cnncalc.query.ask import scope

    try:
        asked = questions(network, report)
        return unmet(asked, check_all(asked, scope(network, report)), "warning")
    except SpecError as error:
        return list(error.problems)
    except Fault as fault:
        return [Problem(fault.code, fault.message, help=fault.help)]
