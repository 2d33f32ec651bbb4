"""`check`: what an author believes, held against what is so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.core.problem import Fault, Problem, Span, SpecError
from cnncalc.expression.tokenize import ExpressionFault
from cnncalc.grading import work
from cnncalc.grading.result import Result
from cnncalc.query.ask import known, scope, value_of
from cnncalc.query.scope import NetworkScope
from cnncalc.spec.model import Expectation
from cnncalc.spec.quantity import Quantity, parse_quantity

if TYPE_CHECKING:
    from cnncalc.answers.hold import Verdict
    from cnncalc.grading.diagnose import Found, Given
    from cnncalc.network.network import Network
    from cnncalc.network.report import Report


# How a text begins that is a shape and no number.
SIZES = re.compile(r"\s*(?:[\[(]\s*[\w?-]+\s*[,;\]]|[0-9]+\s*[x×;]\s*[0-9]+\s*[x×;]\s*[0-9]+)")
# Wrong answers of one network whose mistake is looked for; nobody reads more, and each takes its time.
MOST_EXPLAINED = 200


class Earlier(list["Given"]):
    """The wrong answers so far, and how many layers may still be looked at for those that follow."""

    def __init__(self) -> None:
        super().__init__()
        self.left = work.share(1)


Diagnose = Callable[[str, Quantity, Any, NetworkScope, "list[Given]"], "Sequence[Found]"]


def check(network: Network, report: Report) -> list[Result]:
    """Every expectation's result, in order. Raises `SpecError` with all that cannot be asked."""
    return check_all(questions(network, report), scope(network, report))


def questions(network: Network, report: Report) -> list[Expectation]:
    """What the spec expects under `expect`, and what its entries expect of themselves."""
    return [*network.expectations, *_expected_in_entries(report)]


def check_all(
    expectations: Iterable[Expectation], names: NetworkScope, diagnose: Diagnose | None = None
) -> list[Result]:
    """The expectations' results, in order. `diagnose` may remember what it found; it is `diagnose.diagnose` else."""
    results: list[Result] = []
    problems: list[Problem] = []
    wrong = Earlier()
    for expectation in expectations:
        try:
            results.append(_one(expectation, names, wrong, diagnose))
        except Fault as fault:
            problems.append(_problem(expectation, fault))
    if problems:
        raise SpecError(problems)
    return results


# Problems that say what was written and never a value of the network.
TELLING = ("unknown-name", "expression-syntax", "expect-form", "quantity", "no-questions", "ambiguous-name")


def without_values(problems: Iterable[Problem]) -> list[Problem]:
    """The problems as a hidden key may show them: a message about a value may hold it."""
    return [
        one
        if one.code in TELLING or one.severity != "error"
        else Problem(one.code, "expect: this has no value", source=one.source, span=one.span)
        for one in problems
    ]


def _expected_in_entries(report: Report) -> list[Expectation]:
    """What entries expect of themselves: `expect: {shape: ..., params: ...}` beside a layer."""
    found = []
    graph = report.graph
    for name, written in graph.expectations:
        if written.kind != "map" or graph.source is None:
            raise SpecError(
                [
                    Problem(
                        "expect-form",
                        f"{name}: expect holds names with values here",
                        source=graph.source,
                        span=written.span(),
                        help="write expect: {shape: [16, 64, 64], params: 448}",
                    )
                ]
            )
        for key, value in written.data:
            found.append(Expectation(f"{name}.{key.data}", value, key.span(), graph.source))
    return found


def _one(expectation: Expectation, names: NetworkScope, wrong: Earlier, diagnose: Diagnose | None) -> Result:
    written = expectation.value
    if is_blank(written):
        return Result(expectation.text, None, "", None, None, "not answered")
    asked = expression_of(expectation.text, written, names)
    actual: Any = value_of(asked, names)
    if asked.endswith(".receptive_field"):
        from cnncalc.grading.grade import side

        written = side(asked, actual, written, names)
        expectation = expectation._replace(value=written)
    try:
        quantity = _quantity(written, names)
    except Fault as fault:
        fault.at_value = True  # type: ignore[attr-defined]
        return _as_answer(expectation, asked, actual, names, fault)
    with known(names.report) as remarks:
        ok = quantity.holds(actual)
        remark = "; ".join(dict.fromkeys(remarks))
    if not ok:
        held = _held(expectation, asked, actual, names)
        own = _own_order(expectation, quantity, actual, names)
        if held is not None and held.ok:
            ok, remark = True, held.remark
        elif own:
            ok, remark = True, own
    result = Result(expectation.text, quantity.plain(), quantity.text, actual, ok, remark)
    if not ok:
        remark = result.remark = remark or quantity.note(actual) or ""
        if names.report.assumptions is not None:
            _explain_formula(result, expectation, asked, names)
        # 388.800 is no mistake but a way to write 388,800
        elif "; write " not in remark and len(wrong) < MOST_EXPLAINED and wrong.left > 0:
            _explain(result, asked, quantity, names, wrong, diagnose)
    return result


def _quantity(written: Any, names: NetworkScope) -> Quantity:
    """What a key expects, in its own language: bounds, tolerances and names of the network may stand in it."""
    quantity = parse_quantity(written.plain(), written.text if written.kind == "scalar" else None)
    if quantity.names():
        with known(names.report):
            quantity = quantity.resolve(names)
    return quantity


def _as_answer(expectation: Expectation, asked: str, actual: Any, names: NetworkScope, fault: Fault) -> Result:
    """The result for what is no value of a key's language, read as people write; raises the fault where it is none."""
    verdict = _held(expectation, asked, actual, names)
    if verdict is None:
        raise fault
    text = expectation.value.text
    result = Result(expectation.text, text, text, actual, verdict.ok, verdict.remark)
    if not verdict.ok and names.report.assumptions is not None:
        _explain_formula(result, expectation, asked, names)
    return result


def _explain_formula(result: Result, expectation: Expectation, asked: str, names: NetworkScope) -> None:
    """Look for the mistakes that make the right formula into the written one."""
    from cnncalc.answers import read
    from cnncalc.grading import grade
    from cnncalc.grading.diagnose import search_formula

    try:
        answer = read.read(expectation.value, grade.symbols_of(names))
    except Fault:
        return
    result.mistakes = search_formula(asked, answer, names, result.remark)


def _held(expectation: Expectation, asked: str, actual: Any, names: NetworkScope) -> Verdict | None:
    """The verdict on a value read as an answer; None where it cannot be read as one."""
    from cnncalc.answers import hold, read
    from cnncalc.grading import grade

    try:
        answer = read.read(expectation.value, grade.symbols_of(names), ratio="/" in asked)
    except Fault:
        return None
    terms = expectation.terms
    precise = grade.terms_of(names)._replace(
        power=grade.power_of("".join(asked.split())),
        divisor=grade.divisor_of("".join(asked.split())),
        digits=terms.digits,
        tolerance=terms.tolerance,
        relative=terms.relative,
        shape=grade.is_shape(asked),
    )
    return hold.held(answer, actual, precise)


def is_blank(written: Any) -> bool:
    """Whether nothing was answered: nothing stands there, or quotes around nothing."""
    if written.kind != "scalar":
        return False
    return (written.data is None and not written.text) or (isinstance(written.data, str) and not written.data.strip())


def _explain(
    result: Result, asked: str, quantity: Quantity, names: NetworkScope, wrong: Earlier, diagnose: Diagnose | None
) -> None:
    """Look for the mistakes behind a wrong answer, and keep it for those after it."""
    from cnncalc.grading import diagnose as module

    if diagnose is not None:
        result.mistakes = diagnose(asked, quantity, result.actual, names, wrong)
    else:
        result.mistakes, spent = module.search(asked, quantity, result.actual, names, wrong, wrong.left)
        wrong.left -= spent
    value = result.expected
    if quantity.kind in ("whole", "list") and isinstance(value, (int, list)) and not isinstance(value, bool):
        wrong.append(module.Given(asked, value))


def expression_of(text: str, written: Any, names: NetworkScope) -> str:
    """`conv1: [16, 64, 64]` asks for the layer's shape, `conv1: 448` for its parameters."""
    shape = written.kind == "list" or re.fullmatch(r"\(?\d+(\s*[x×,]\s*\d+)+\)?", str(written.data))
    if text == "output" and shape and len(names.report.output_shape) > 1:
        flat = written.kind != "list" or all(part.kind == "scalar" for part in written.data)
        return f"{text}.shape" if flat and names.report.output_shape[0] != 1 else text
    if "." in text or names.part(text) is None:
        return text
    listed = written.kind == "list" or (written.kind == "scalar" and SIZES.match(written.text))
    return f"{text}.shape" if listed else f"{text}.params"


def _own_order(expectation: Expectation, quantity: Quantity, actual: Any, names: NetworkScope) -> str:
    """What a spec expects is in the order of axes that its file has, whatever order shapes are shown in."""
    graph = names.report.graph
    own = next((given.layout for given in graph.inputs if given.layout), "")
    if own in ("", graph.layout) or expectation.source is not graph.source or not isinstance(actual, list):
        return ""
    if len(actual) < 2:
        return ""
    first = [actual[-1], *actual[:-1]] if own == "channels_first" else [*actual[1:], actual[0]]
    return f"in the order of the spec, {own.replace('_', ' ')}" if quantity.holds(first) else ""


def _problem(expectation: Expectation, fault: Fault) -> Problem:
    span = expectation.span
    message = fault.message
    if getattr(fault, "at_value", False):
        span = expectation.value.span()
    elif isinstance(fault, ExpressionFault):
        span = Span(span.line, span.column + fault.offset, max(1, fault.length))
    return Problem(fault.code, f"expect: {message}", source=expectation.source, span=span, help=fault.help)
