"""Answers in spreadsheets', LaTeX's and other countries' notations hold; planted mistakes are named."""

# ruff: noqa: E501
from __future__ import annotations

import pytest

from cnncalc.core.problem import SpecError
from cnncalc.grading.check import check
from cnncalc.loading import loads
from tests.classroom_answers import KINDS, cases
from tests.test_written_answers import Found, _checked, share


@pytest.fixture(scope="module")
def checked() -> list[Found]:
    return list(_checked(cases(1, 1)))


def test_right_answers_hold(checked: list[Found]) -> None:
    well, bad = share(checked, "right")
    assert well >= 0.98, bad


def test_mistakes_are_named(checked: list[Found]) -> None:
    # A receptive field below 50 has a mistake or two that are named: more would fit by chance.
    some = [one for one in checked if not one[0].ask.endswith("receptive_field")]
    well, bad = share(some, "wrong")
    assert well >= 0.97, bad


def test_no_wrong_answer_holds(checked: list[Found]) -> None:
    assert not [case for case, result in checked if case.group == "wrong" and (result is None or result.ok)]


def test_there_are_answers_of_each_kind(checked: list[Found]) -> None:
    kinds = {case.kind.partition(":")[0] for case, _ in checked if case.group == "wrong"}
    assert len(kinds) == len(KINDS) and sum(case.group == "right" for case, _ in checked) > 500


NOT_448 = (
    "not 448", "less than 448", "at least 448", "448 or 432", "432, 448", "between 448 and 500", "about 440", "no 448", "half of 448",
    "the answer is not 448", "it is 448 thousand", "448 times 2", "448 plus 16", "448 minus 0.5 plus", "4,48", "44,8", "4 48", "4.48e3",
    "tensor(447)", "{'params': 447}", "without 448", "448²", "0448x2", "448 gives 449", "1, 448", "<b>44</b>8", "448 KB", "4,4,8",
)  # fmt: skip
NOT_THE_SHAPE = (
    "(2, 16, 30, 32)", "(1, 1, 16, 30, 32)", "16 x 30", "30 x 16 x 32", "a 30x30x16 volume", "(16, 30, 32) -> (16, 15, 16)", "30 vectors of length 16",
    "C x H x W = 30 x 16 x 32", "torch.Size([16, 32, 30])", "{'C': 30, 'H': 16, 'W': 32}", "not (16, 30, 32)", "(16, 30, 32) or (16, 28, 30)", "1x30x32",
)  # fmt: skip


@pytest.mark.parametrize(
    ("ask", "written"), [("c.params", one) for one in NOT_448] + [("c.shape", one) for one in NOT_THE_SHAPE]
)
def test_what_only_looks_right_does_not_hold(ask: str, written: str) -> None:
    text = f"input: [3, 32, 34]\nlayers:\n  - c: Conv2d(3, 16, 3)\nexpect:\n  {ask}: {written!r}\n"
    try:
        network = loads(text, "answer")
        (result,) = check(network, network.report())
    except SpecError:
        return
    assert result.ok is False
