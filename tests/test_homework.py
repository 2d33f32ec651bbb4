"""The page of all homework questions is what the specs say."""

from __future__ import annotations

import pytest

from tests import homework


def test_the_page_is_up_to_date() -> None:
    assert homework.PAGE.read_text("utf-8") == homework.page(), "python -m tests.homework writes it anew"


def test_every_problem_is_on_the_page() -> None:
    rows = [line.split(" | ")[0][2:] for line in homework.page().splitlines() if line.startswith("| 0")]
    assert rows == [problem["id"] for problem in sorted(homework.problems(), key=lambda problem: problem["seed"])]
    assert len(rows) == 109


def test_a_reason_stands_where_no_spec_answers() -> None:
    answered = homework.named(homework.SPECS, "answers")
    without = {problem["id"] for problem in homework.problems()} - set(answered) - set(homework.DRAWN)
    assert set(homework.REASONS) == without


def test_every_question_for_a_diagram_is_drawn() -> None:
    assert set(homework.DRAWN) == {problem["id"] for problem in homework.problems() if "diagram" in problem["features"]}


def test_a_problem_without_an_answer_is_noticed() -> None:
    with pytest.raises(KeyError, match=r"000\.1c"):
        homework.answer("000.1c", {}, {})
