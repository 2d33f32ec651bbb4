"""The page of all homework questions is what the specs say."""

from __future__ import annotations

import re

from tests import homework


def test_the_page_is_up_to_date() -> None:
    assert homework.PAGE.read_text("utf-8") == homework.page(), "python -m tests.homework writes it anew"


def test_every_problem_is_on_the_page() -> None:
    rows = [line.split(" | ")[0][2:] for line in homework.page().splitlines() if line.startswith("| 0")]
    assert rows == [problem["id"] for problem in sorted(homework.problems(), key=lambda problem: problem["seed"])]
    assert len(rows) == 109


def test_every_problem_is_restated_and_answered() -> None:
    """Each has a heading of a page, with a command and words below it; links to headings have no letters but ASCII."""
    assert set(homework.restated()) == {problem["id"] for problem in homework.problems()}
    for path in homework.RESTATED:
        for section in path.read_text("utf-8").split("\n## ")[1:]:
            title, _, rest = section.partition("\n")
            assert title.isascii() and title[-1] in "?." and "\n$ cnncalc " in rest, title
            assert len(re.sub(r"<!-- .* -->", "", rest.rpartition("```")[2])) > 40, title


def test_no_page_of_questions_needs_the_project() -> None:
    """Their files stand on them, each with the name of its own."""
    for path in homework.RESTATED:
        text = path.read_text("utf-8")
        saved = re.findall(r"Save\s+this\s+as\s+`([\w.]+)`", text)
        assert len(saved) == len(set(saved)), path.name
        assert set(re.findall(r"\w+\.yaml", text)) == {*saved} and "specs/" not in text, path.name
