"""One answer of a student against one question of a key; the answer is data and never evaluated among its names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from cnncalc.answers import words
from cnncalc.answers.compare import comparison
from cnncalc.answers.hold import PERCENT, Asked, Verdict, held
from cnncalc.answers.read import Answer, is_blank, names_of, read
from cnncalc.answers.spoken import answer_in
from cnncalc.answers.typography import unwrapped
from cnncalc.core.problem import Fault
from cnncalc.grading.quantities import quantity_of
from cnncalc.grading.result import Result
from cnncalc.query.ask import spelled, value_of
from cnncalc.query.scope import NetworkScope
from cnncalc.query.values import LayerValue
from cnncalc.read.yaml.value import Value
from cnncalc.spec.expected import Quantity
from cnncalc.spec.terms import PLAIN, Terms

if TYPE_CHECKING:
    from cnncalc.grading.diagnose import Found, Given

DIVISOR = re.compile(r"/\(?([0-9]{1,15}(?:\*\*[0-9]{1,2})?|1e[0-9]{1,2})(?![0-9.])")
SHAPES = re.compile(r"(?:^|\.)(?:input_|output_)?shape$")
COUNT = re.compile(r"[\w.-]+")  # a question that asks for one count, not for what is worked out of several
COUNTS = {"params": "parameters", "trainable": "parameters", "dense": "parameters", "macs": "MACs", "flops": "FLOPs"}
SQUARE = re.compile(
    r"\$?[(\[]?\s*(\d{1,9})(?:\s*(?:x|×|by|,|\\times)\s*\1){1,2}\s*[)\]]?\$?(?:\s*(?:px|pixels?))?", re.IGNORECASE
)
SQUARED = re.compile(r"(\d{1,9})\s*(?:²|\^2|\*\*2)")  # 13² pixels: a side of 13
Explain = Callable[[str, Quantity, object, "list[Given]"], "list[Found]"]


class Question:
    """What a key asks: how it is written, in one spelling, how precise an answer must be, and what it is worth."""

    __slots__ = ("_value", "asked", "expression", "key", "names", "terms", "text")

    def __init__(self, text: str, expression: str, names: NetworkScope, terms: Asked, key: Terms = PLAIN) -> None:
        self.text = text
        self.expression = expression
        self.asked = compact(expression, names)
        self.names = names
        percent = PERCENT.search(key.text) is not None
        divisor = divisor_of(self.asked)
        self.terms = terms._replace(
            shape=is_shape(self.asked), power=power_of(self.asked), divisor=divisor, percent=percent
        )
        self.key = key
        self._value: object = self

    @property
    def value(self) -> object:
        """The right value, computed once; raises `Fault`."""
        if self._value is self:
            self._value = value_of(self.expression, self.names)
        return self._value


def compact(text: str, names: NetworkScope) -> str:
    """A question in one spelling: `encoder[0].params` as `encoder.0.params`, without spaces."""
    written = spelled("".join(text.split()), names)
    return written.replace("[", ".").replace("]", "")


def is_shape(asked: str) -> bool:
    """Whether a question asks for a shape, in which leading axes of length 1 may be left out."""
    return SHAPES.search(asked) is not None


def power_of(asked: str) -> int:
    """2 for a question that divides by 2**20 or 10**6, which asks for MiB or MB; 0 for one that divides by none."""
    return sum(_thousands(*number.partition("**")[::2]) for number in DIVISOR.findall(asked))


def divisor_of(asked: str) -> int:
    """The number that makes MB of bytes; 1 for none, or for one that is no power of 1000 or 1024."""
    found = DIVISOR.findall(asked)
    if len(found) != 1 or not power_of(asked):
        return 1
    base, _, exponent = found[0].partition("**")
    return int(Fraction(base) ** int(exponent or 1))


def _thousands(base: str, exponent: str) -> int:
    """Which power of 1000 or 1024 a number is: 2 for 10**6; 0 where it is none."""
    if exponent:
        steps = {"2": 10, "10": 3, "1000": 1, "1024": 1}.get(base)
        return int(exponent) // steps if steps else 0
    return words.power(Fraction(base))


def terms_of(names: NetworkScope) -> Asked:
    """How answers about a network are compared; the same for all of them."""
    if "terms" not in names.remembered:
        report = names.report
        last = report.graph.layout == "channels_last"
        names.remembered["terms"] = Asked(channels_last=last, same=comparison(report))
    found: Asked = names.remembered["terms"]
    return found


def symbols_of(names: NetworkScope) -> dict[str, str]:
    """The key's symbols as they may be written."""
    return names_of(names.report.symbols)


def grade(
    question: Question,
    written: Value,
    symbols: Mapping[str, str],
    wrong: list[Given],
    explain: Explain,
) -> Result:
    """The result of one answer. `wrong` are the wrong ones before it, to which it is added where it is wrong, too."""
    if is_blank(written):
        return Result(question.text, None, "", None, None, "not answered")
    try:
        text = side(question.asked, question.value, written, question.names)
        answer = read(text, symbols, ratio="/" in question.asked)
    except Fault as fault:
        return unreadable(question, written, fault)
    verdict = held(answer, question.value, question.terms)
    if verdict.ok and not verdict.remark:
        verdict = Verdict(True, another_count(question.asked, answer.text))
    result = Result(question.text, answer.data(), answer.text, question.value, verdict.ok, verdict.remark)
    if verdict.remark and not verdict.ok:
        from cnncalc.grading.diagnose import Found

        result.mistakes, result.remark = [Found(verdict.remark, "", 0)], ""
    elif not verdict.ok:
        look_into(result, question, answer, wrong, explain)
    return result


def another_count(asked: str, text: str) -> str:
    """The remark on a right number behind which the word of another quantity stands: bytes for parameters."""
    kind = COUNTS.get(asked.rpartition(".")[2]) if COUNT.fullmatch(asked) else None
    said = words.counted(text) if kind is not None else []
    return f"a number of {kind}, not of {' and '.join(said)}" if said and kind not in said else ""


def side(asked: str, value: object, written: Value, names: NetworkScope) -> Value:
    """A receptive field that was written as a square, `10x10`, as its side: what one asks is a length."""
    if not asked.endswith(".receptive_field") or type(value) is not int:
        return written
    text = written.text.strip()
    if written.kind == "list" and len({one.text for one in written.data}) == 1:
        text = "x".join(one.text for one in written.data)
    text = answer_in(unwrapped(text))
    squared = SQUARED.fullmatch(text)
    square = squared if squared and int(squared[1]) == value else SQUARE.fullmatch(text)
    if square is None or (square is not squared and len(re.findall(r"[0-9]+", text)) != _axes(asked, names)):
        return written
    return Value("scalar", int(square[1]), written.line, written.column, written.length, square[1])


def _axes(asked: str, names: NetworkScope) -> int:
    """How many axes the image at a layer has; 2 where that is not known."""
    part = names.part(asked.rpartition(".")[0])
    return len(part.row.output_shape) - 1 if isinstance(part, LayerValue) else 2


def unreadable(question: Question, written: Value, fault: Fault) -> Result:
    """The result of an answer that cannot be read, with the reason."""
    from cnncalc.answers.read import shown

    text = written.text if written.kind == "scalar" else shown(written)
    result = Result(question.text, text, text, None, None)
    result.unreadable = fault.message
    return result


def explain_formula(question: Question, answer: Answer) -> list[Found]:
    """The mistakes behind a wrong formula, looked for once for each text."""
    from cnncalc.grading.diagnose import search_formula

    known: dict[tuple[str, str], list[Found]] = question.names.remembered.setdefault("formulas", {})
    if (question.asked, answer.text) not in known:
        known[question.asked, answer.text] = search_formula(question.expression, answer, question.names)
    return known[question.asked, answer.text]


def look_into(result: Result, question: Question, answer: Answer, wrong: list[Given], explain: Explain) -> None:
    """Look for the mistakes behind a wrong answer, and keep it for those after it."""
    from cnncalc.grading.diagnose import Given

    if question.names.report.assumptions is not None:
        result.mistakes = explain_formula(question, answer)
        return
    quantity = quantity_of(answer, question.value)
    if quantity is None:
        return
    result.mistakes = explain(question.expression, quantity, question.value, wrong)
    value = quantity.plain()
    if quantity.kind in ("whole", "list") and isinstance(value, (int, list)) and not isinstance(value, bool):
        wrong.append(Given(question.expression, value))
