"""A spec that is being written: its network, and what it expects and is not so."""

from __future__ import annotations

from typing import Any

from cnncalc.core.problem import Fault, Problem, Source, SpecError
from cnncalc.editor.analysis import Analysis, Model, reported
from cnncalc.network.network import Network


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
    if whole and spec.expect:
        problems = (*problems, *_unmet(network, report))
    return Analysis("spec", source, (Model(spec.name, report, whole),), problems, spec)


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
