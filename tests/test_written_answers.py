"""Answers of an independent generator: right ones hold in people's notations, mistakes are named, guesses are not."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from cnncalc.core.problem import SpecError
from cnncalc.grading.check import check
from cnncalc.grading.result import Result
from cnncalc.loading import loads
from tests.written_answers import KINDS, Case, cases

Found = tuple[Case, Result | None]


@pytest.fixture(scope="module")
def checked() -> list[Found]:
    return list(_checked(cases(1, 7)))


def _checked(every: Iterator[Case]) -> Iterator[Found]:
    for case in every:
        text = f"{case.spec}expect:\n  {json.dumps(case.ask)}: {json.dumps(case.written, ensure_ascii=False)}\n"
        try:
            network = loads(text, "answer")
            yield case, check(network, network.report())[-1]
        except SpecError:
            yield case, None


def share(found: list[Found], group: str) -> tuple[float, list[str]]:
    """How much of a group went well, and what did not."""
    rows = [(case, result) for case, result in found if case.group == group]
    bad = [f"{case.kind}: {case.ask} {case.written!r}" for case, result in rows if not _well(case, result)]
    return 1 - len(bad) / len(rows), bad


def _well(case: Case, result: Result | None) -> bool:
    if result is None:
        return False
    if case.group == "right":
        return result.ok is True
    if case.group == "guess":
        return not result.diagnosis
    return result.ok is False and re.search(case.named, result.diagnosis, re.IGNORECASE) is not None


def test_right_answers_hold(checked: list[Found]) -> None:
    well, bad = share(checked, "right")
    assert well >= 0.99, bad


def test_mistakes_are_named(checked: list[Found]) -> None:
    well, bad = share(checked, "wrong")
    assert well >= 0.96, bad
    # Of receptive fields below 20 only the likeliest mistake is named.
    well, bad = share([one for one in checked if not one[0].ask.endswith("receptive_field")], "wrong")
    assert well >= 0.98, bad


def test_no_wrong_answer_holds(checked: list[Found]) -> None:
    assert not [case for case, result in checked if case.group == "wrong" and (result is None or result.ok)]


def test_guesses_are_not_diagnosed(checked: list[Found]) -> None:
    well, bad = share(checked, "guess")
    assert well >= 0.98, bad


def test_there_are_answers_of_each_sort(checked: list[Found]) -> None:
    count = Counter(case.group for case, _ in checked)
    assert count["right"] > 350 and count["wrong"] > 150 and count["guess"] > 40
    assert len(KINDS) == 17
