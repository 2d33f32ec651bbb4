"""`check`: what an author believes, held against what is so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cnncalc.analysis.ask import SHORT, known, scope, value_of
from cnncalc.analysis.names import Names
from cnncalc.problem import Fault, Problem, Span, SpecError
from cnncalc.spec.quantity import Quantity, parse_quantity
from cnncalc.spec.read import Expectation

if TYPE_CHECKING:
    from cnncalc.analysis.diagnose import Found, Given
    from cnncalc.network import Network
    from cnncalc.report import Report


class Result:
    """One answer: what was asked, expected and found. `ok` is None where nothing was answered.

    `remark` is about how it was written; `mistakes` are those that give the written value, the likeliest first.
    """

    __slots__ = ("actual", "ask", "expected", "expected_text", "mistakes", "ok", "remark")

    def __init__(self, ask: str, expected: Any, text: str, actual: Any, ok: bool | None, remark: str = "") -> None:
        self.ask = ask
        self.expected = expected
        self.expected_text = text
        self.actual = actual
        self.ok = ok
        self.remark = remark
        self.mistakes: Sequence[Found] = ()

    @property
    def diagnosis(self) -> str:
        """Why it may be wrong, or a remark on what is right; empty where there is nothing to say."""
        return self.said()

    def said(self, quiet: bool = False) -> str:
        """The same; with `quiet` the mistakes' names alone, which never hold the right value."""
        if not self.mistakes:
            return "" if quiet and self.ok is False else self.remark
        from cnncalc.analysis.diagnose import text_of

        return text_of(self.mistakes, quiet)

    def to_dict(self) -> dict[str, Any]:
        """The result of the JSON document."""
        found: dict[str, Any] = {"ask": self.ask, "expected": self.expected, "actual": self.actual, "ok": self.ok}
        if self.diagnosis or self.ok is False:
            found["diagnosis"] = self.diagnosis or None
        return found


# Wrong answers of one network whose mistake is looked for; nobody reads more, and each takes its time.
MOST_EXPLAINED = 200
# Layers that are looked at for all of them together: each answer is held against every mistake in every layer.
MOST_LOOKED = 400_000


class Earlier(list["Given"]):
    """The wrong answers so far, and how many layers may still be looked at for those that follow."""

    def __init__(self) -> None:
        super().__init__()
        self.left = MOST_LOOKED


Diagnose = Callable[[str, Quantity, Any, Names, "list[Given]"], "Sequence[Found]"]


def check(network: Network, report: Report) -> list[Result]:
    """Every expectation's result, in order. Raises `SpecError` with all that cannot be asked."""
    return check_all(questions(network, report), scope(network, report))


def questions(network: Network, report: Report) -> list[Expectation]:
    """What the spec expects under `expect`, and what its entries expect of themselves."""
    return [*network.expectations, *_beliefs(report)]


def check_all(expectations: Iterable[Expectation], names: Names, diagnose: Diagnose | None = None) -> list[Result]:
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


def _beliefs(report: Report) -> list[Expectation]:
    """What entries expect of themselves: `expect: {shape: ..., params: ...}` beside a layer."""
    found = []
    graph = report.graph
    for name, written in graph.beliefs:
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


def _one(expectation: Expectation, names: Names, wrong: Earlier, diagnose: Diagnose | None) -> Result:
    written = expectation.value
    if is_blank(written):
        return Result(expectation.text, None, "", None, None, "not answered")
    text = expectation.text
    asked = _shape_of(text, written, names)
    actual: Any = value_of(asked, names)
    raw = written.plain()
    try:
        quantity = parse_quantity(raw, written.text if written.kind == "scalar" else None)
        if quantity.names():
            with known(names.report):
                quantity = quantity.resolve(names)
    except Fault as fault:
        fault.at_value = True  # type: ignore[attr-defined]
        raise
    with known(names.report) as remarks:
        ok = quantity.holds(actual)
        remark = "; ".join(dict.fromkeys(remarks))
    if not ok:
        remark = remark or quantity.note(actual) or ""
        turned = _turned(raw, quantity, actual)
        if turned:
            ok, remark = True, turned
    result = Result(text, quantity.plain(), quantity.text, actual, ok, remark)
    # 388.800 is no mistake but a way to write 388,800
    if not ok and "; write " not in remark and len(wrong) < MOST_EXPLAINED and wrong.left > 0:
        _explain(result, asked, quantity, names, wrong, diagnose)
    return result


def is_blank(written: Any) -> bool:
    """Whether nothing was answered: nothing stands there, or quotes around nothing."""
    if written.kind != "scalar":
        return False
    return (written.data is None and not written.text) or (isinstance(written.data, str) and not written.data.strip())


def _explain(
    result: Result, asked: str, quantity: Quantity, names: Names, wrong: Earlier, diagnose: Diagnose | None
) -> None:
    """Look for the mistakes behind a wrong answer, and keep it for those after it."""
    from cnncalc.analysis import diagnose as module  # a wrong answer alone needs it

    if diagnose is not None:
        result.mistakes = diagnose(asked, quantity, result.actual, names, wrong)
    else:
        result.mistakes, work = module.searched(asked, quantity, result.actual, names, wrong, wrong.left)
        wrong.left -= work
    value = result.expected
    if quantity.kind in ("whole", "list") and isinstance(value, (int, list)) and not isinstance(value, bool):
        wrong.append(module.Given(asked, value))


def asked_for(expectation: Expectation, names: Names) -> str:
    """What an expectation asks in one spelling: `encoder[0].params` as `encoder.0.params`, without spaces."""
    text = _shape_of(expectation.text, expectation.value, names)
    compact = "".join(text.split())
    if compact in SHORT and names.part(compact) is None:
        compact = SHORT[compact]
    return compact.replace("[", ".").replace("]", "")


def _shape_of(text: str, written: Any, names: Names) -> str:
    """`conv1: [16, 64, 64]` asks for the layer's shape, `conv1: 448` for its parameters."""
    if "." in text or names.part(text) is None:
        return text
    return f"{text}.shape" if written.kind == "list" else f"{text}.params"


def _turned(raw: Any, quantity: Quantity, actual: Any) -> str:
    """A shape spelled `32x32x8` for [8, 32, 32] is right, in another order: say so."""
    if not isinstance(raw, str) or not isinstance(actual, list) or len(actual) < 3:
        return ""
    if not all(isinstance(size, int) for size in actual):
        return ""
    last = [*actual[1:], actual[0]]
    if last != actual and quantity.holds(last):
        order = {3: "H, W, C", 4: "D, H, W, C"}.get(len(actual), "channels last")
        return f"order {order}; here shapes are {'C, H, W' if len(actual) == 3 else 'channels first'}"
    return ""


def _problem(expectation: Expectation, fault: Fault) -> Problem:
    span = expectation.span
    message = fault.message
    if getattr(fault, "at_value", False):
        span = expectation.value.span()
    elif hasattr(fault, "offset"):
        span = Span(span.line, span.column + fault.offset, max(1, getattr(fault, "length", 1)))
    return Problem(fault.code, f"expect: {message}", source=expectation.source, span=span, help=fault.help)
