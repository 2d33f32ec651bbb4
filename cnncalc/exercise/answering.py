"""Answers given one after the other, each graded at once; later ones may follow from earlier ones."""

from __future__ import annotations

from cnncalc.exercise.questions import Question as Exercise
from cnncalc.grading.diagnose import Found, Given, search
from cnncalc.grading.grade import Question, grade, symbols_of, terms_of
from cnncalc.grading.result import Result
from cnncalc.query.scope import NetworkScope
from cnncalc.read.yaml.value import Value
from cnncalc.spec.expected import Quantity


class Answering:
    """One person's answers about a network."""

    def __init__(self, names: NetworkScope) -> None:
        self.names = names
        self.symbols = symbols_of(names)
        self.wrong: list[Given] = []

    def graded(self, question: Exercise, text: str) -> Result | None:
        """The result of an answer; None where nothing was answered."""
        if not text:
            return None
        terms = question.terms
        precise = terms_of(self.names)._replace(digits=terms.digits, tolerance=terms.tolerance, relative=terms.relative)
        asked = Question(question.ask, question.expression, self.names, precise, terms)
        return grade(asked, Value("scalar", text, 1, 1, len(text), text), self.symbols, self.wrong, self._explained)

    def _explained(self, text: str, quantity: Quantity, actual: object, wrong: list[Given]) -> list[Found]:
        return search(text, quantity, actual, self.names, wrong)[0]
