"""A text as it is typed, as the parts of a report and its problems: what the live page asks for at each keystroke."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from cnncalc.core.problem import Fault, Problem, Source, SpecError
from cnncalc.core.steps import STEPS
from cnncalc.network.network import Network

LONGEST = 1_000_000  # letters of a text


def answer(text: str, path: str, settings: Mapping[str, Any], inputs: list[str]) -> dict[str, Any]:
    """`html` has the report as far as the network is right, `problems` what is wrong, `names` the sizes of `let`."""
    STEPS.again()
    try:
        network = _network(text, path, settings, inputs)
    except SpecError as error:
        return {"html": "", "problems": _problems(error.problems), "names": {}}
    except Fault as fault:
        return {"html": "", "problems": [_problem(Problem(fault.code, fault.message, help=fault.help))], "names": {}}
    names = {
        name: value
        for name, value in (network.constants() if network.spec.foreign is None else {}).items()
        if type(value) is int
    }
    try:
        report: Any = network.report()
        problems = list(network.notes)
    except SpecError as error:
        report = getattr(error, "partial", None)
        problems = [*network.notes, *error.problems]
    except Fault as fault:
        report, problems = None, [Problem(fault.code, fault.message, help=fault.help)]
    html = ""
    if report is not None and report.rows:
        try:
            html = "\n".join(_parts(report))
        except Fault as fault:
            problems.append(Problem(fault.code, fault.message, help=fault.help))
    return {"html": html, "problems": _problems(problems), "names": names}


def _parts(report: Any) -> Any:
    from cnncalc.cost.convention import Convention
    from cnncalc.cost.cost import Cost
    from cnncalc.cost.sizes import document
    from cnncalc.query.ask import known
    from cnncalc.web.report import bounded, parts

    bounded(report)
    try:
        with known(report):
            totals = document(Cost(report, Convention()))["totals"]
    except (Fault, SpecError):
        totals = {}
    return parts(report, totals)


def _network(text: str, path: str, settings: Mapping[str, Any], inputs: list[str]) -> Network:
    from cnncalc.loading import parse_settings
    from cnncalc.read.detect import is_source, python
    from cnncalc.read.resolve import read_as, resolve
    from cnncalc.spec.entries.chain_text import is_chain

    if is_chain(text.strip()) and "\n" not in text.strip():
        spec = resolve(text.strip())
    elif path.endswith(".py") or is_source(text):
        spec = python(Source(path or "model.py", text), path, "")
    else:
        spec = read_as(Source(os.path.basename(path) or "spec", text), path or "spec.yaml")
    network = Network(spec)
    network.settings = parse_settings(settings)
    network.input_shapes = inputs
    return network


def _problems(found: Any) -> list[dict[str, Any]]:
    return [_problem(one) for one in found]


def _problem(problem: Problem) -> dict[str, Any]:
    span = problem.span
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "help": list(problem.help),
        "line": span.line if span is not None else None,
        "column": span.column if span is not None else None,
    }
