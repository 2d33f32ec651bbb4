"""Multiple choice: the right answer and wrong ones, each of which a mistake gives."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from random import Random
from typing import Any, NamedTuple

from cnncalc.core.problem import Fault
from cnncalc.exercise.questions import Question
from cnncalc.grading.diagnose import table_of
from cnncalc.grading.kinds import codes_of, kinds
from cnncalc.grading.question.asked import MOST_WORK
from cnncalc.grading.question.candidates import Candidate
from cnncalc.query.scope import NetworkScope
from cnncalc.spec.quantity import parse_quantity

WRONG = 3  # wrong answers of a question
STAGES = 4  # of the table: further ones are neighbouring numbers and typing errors, which teach nothing
SURE = 17  # up to this rank a mistake is one that people make
FAR = 30  # times the right number, from which on a wrong one is plainly none
MOST_FOR_ALL = 500_000  # layers that are looked at for a quiz
VAGUE = {"axes-order", "other-quantity", "layer-left-out"}  # no choice of its own: right in another order, or elsewhere


class Choice(NamedTuple):
    """One answer to choose; a wrong one has the mistake's code, and says what the mistake is and how it comes about."""

    value: Any
    right: bool
    code: str = ""
    mistake: str = ""
    said: str = ""


class Item(NamedTuple):
    """A question with its choices, in the order in which they stand."""

    question: Question
    choices: list[Choice]


def items(questions: list[Question], names: NetworkScope, count: int, seed: int) -> list[Item]:
    """As many questions as wanted that have enough wrong answers; the seed says in which order choices stand."""
    random = Random(seed)
    found: list[Item] = []
    left = MOST_FOR_ALL
    for question in questions:
        if len(found) == count or left <= 0:
            break
        wrong, spent = _wrong(question, names, left)
        left -= spent
        if len(wrong) == WRONG:
            choices = [Choice(question.value, True), *wrong]
            random.shuffle(choices)
            found.append(Item(question, choices))
    return found


def _wrong(question: Question, names: NetworkScope, most: int) -> tuple[list[Choice], int]:
    """The likeliest wrong answers, each of another kind of mistake and unlike all others; and the work for them."""
    most = min(most, MOST_WORK)
    try:
        table, _ = table_of(question.expression, names, most)
    except Fault:
        return [], 0
    if table is None or table.executes:
        return [], 0
    seen = {str(question.value)}
    used: set[tuple[str, ...]] = set()
    found: list[Choice] = []
    later: list[Choice] = []
    for one in _candidates(table, question.value):
        if str(one.value) in seen or not _alike(one.value, question.value):
            continue
        codes = codes_of(one.name)
        if not codes or VAGUE & {*codes}:
            continue
        seen.add(str(one.value))
        choice = Choice(one.value, False, codes[0], one.name, _said(one, codes))
        (later if codes in used else found).append(choice)
        used.add(codes)
        if len(found) == WRONG:
            break
    return [*found, *later][:WRONG], most - table.left


def _candidates(table: Any, right: object) -> Iterator[Candidate]:
    """What mistakes give, the likeliest first; shapes with as many axes as the right one before all others."""
    stages: dict[int, list[Candidate]] = {}
    for worse in range(3):
        for number in range(STAGES):
            if number not in stages:
                stages[number] = sorted(table.stage(number).all(), key=lambda one: one.rank)
            for one in stages[number]:
                other = isinstance(right, list) and isinstance(one.value, list) and len(one.value) != len(right)
                if worse == (2 if other else int(one.rank > SURE)):
                    yield one


def _alike(value: Any, right: object) -> bool:
    """Whether a wrong answer looks like one: a whole number for a whole number, a shape for a shape, not far off.

    What is far larger, or the same size three times, nobody would choose.
    """
    if isinstance(right, list):
        if not isinstance(value, list) or not all(type(size) is int and size > 0 for size in value):
            return False
        return prod(value) < FAR * prod(right) and (len(value) < 3 or len(set(value)) > 1 or len(set(right)) == 1)
    if type(right) is int:
        return type(value) is int and 0 < value < FAR * right
    return not isinstance(value, (list, bool)) and value > 0


def _said(one: Candidate, codes: tuple[str, ...]) -> str:
    """The mistake, how its number comes about, and the computed value."""
    how = ""
    if one.how is not None:
        try:
            how = one.how(parse_quantity(one.value if isinstance(one.value, (int, list)) else float(one.value)))
        except (Fault, ValueError):
            how = ""
    sentence = kinds()[codes[0]].sentence
    return f"{one.name}: {how}. {sentence}" if how else f"{one.name}. {sentence}"
