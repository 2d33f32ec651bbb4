"""The questions of an exercise: those of a key, or those that make sense for a network; each with its right answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.core.problem import Fault, Problem, SpecError
from cnncalc.core.protocols import as_lists
from cnncalc.grading.check import expression_of, questions
from cnncalc.grading.grade import compact
from cnncalc.grading.hints import Hints
from cnncalc.network.row import Row
from cnncalc.query.ask import value_of
from cnncalc.query.scope import NetworkScope
from cnncalc.spec.terms import PLAIN, Terms

if TYPE_CHECKING:
    from cnncalc.network.network import Network

MOST = 20  # questions that are made up for a network
WORDS = {
    "params": "How many parameters does {} have?",
    "trainable": "How many trainable parameters does {} have?",
    "shape": "What is the shape of the output of {}?",
    "input_shape": "What is the shape of the input of {}?",
    "macs": "How many multiply-accumulates does {} take for one sample?",
    "flops": "How many floating-point operations does {} take for one sample?",
    "receptive_field": "How many positions of the input does one output of {} see along an axis?",
    "dense": "How many parameters would a fully connected layer in place of {} have?",
}
PORTS = {
    "h_n": "the last hidden state",
    "c_n": "the last cell state",
    "scores": "the scores",
    "attention": "the attention weights",
    "query": "the queries",
    "key": "the keys",
    "value": "the values",
}
WHOLE = {"total": "the network", "output": "the network"}


class Question(NamedTuple):
    """One question: as it is written, its expression, its words, the right answer, its worth, and what explains it."""

    ask: str
    expression: str
    text: str
    value: Any
    terms: Terms
    hints: Hints

    @property
    def reasons(self) -> list[str]:
        """How the right answer comes about, worked out where it is asked for."""
        return self.hints.reasons(self.ask, self.value)


def asked(network: Network, names: NetworkScope, least: int = 0) -> list[Question]:
    """The questions of a key with their answers, or made-up ones where it has none or fewer. Raises `SpecError`."""
    hints = Hints(names)
    found: list[Question] = []
    problems: list[Problem] = []
    wanted = [
        (one.text, expression_of(one.text, one.value, names), one.terms, one)
        for one in questions(network, names.report)
    ]
    for text, expression, terms, one in wanted:
        try:
            found.append(_question(text, expression, terms, names, hints))
        except Fault as fault:
            message = f"expect: {fault.message}"
            problems.append(Problem(fault.code, message, source=one.source, span=one.span, help=fault.help))
    if problems:
        raise SpecError(problems)
    if not wanted or len(found) < least:
        known = {compact(one.ask, names) for one in found}
        more = [text for text in made_up(names, least or MOST) if text not in known]
        found += [_question(text, text, PLAIN, names, hints) for text in more[: max(least - len(found), 0) or MOST]]
    return found


def _question(text: str, expression: str, terms: Terms, names: NetworkScope, hints: Hints) -> Question:
    value = value_of(expression, names)
    return Question(text, expression, terms.text or in_words(text, names), as_lists(value), terms, hints)


def in_words(ask: str, names: NetworkScope) -> str:
    """A question as a sentence."""
    layer, dot, attribute = compact(ask, names).rpartition(".")
    if dot and attribute in WORDS and (layer in WHOLE or names.part(layer) is not None):
        return WORDS[attribute].format(WHOLE.get(layer, layer))
    part, _, port = layer.rpartition(".")
    if attribute == "shape" and port in PORTS and names.part(part) is not None:
        return f"What is the shape of {PORTS[port]} of {part} ({port})?"
    index = re.fullmatch(r"(.+)\.shape\[(-?\d+)\]", "".join(ask.split()))
    if index is not None:
        return f"What is size {index[2]} (counted from 0) of the output of {index[1]}?"
    return f"What is {ask}?"


def made_up(names: NetworkScope, most: int = MOST) -> list[str]:
    """What one asks about a network: shapes that change, parameters, costs, what is seen, sums; each kind once."""
    found: list[str] = []
    more: list[str] = []
    seen: set[str] = set()
    rows = names.report.rows
    for row in rows:
        like = f"{row.type} {row.layer.describe(row.facts.inputs)} {row.facts.shape}"
        if like not in seen:
            seen.add(like)
            found += _about(row)
            more += _further(row)
    last = next((row for row in reversed(rows) if row.layer.axes and row.layer.has("kernel_size")), None)
    if last is not None and len(rows) > 1:
        found.append(f"{last.name}.receptive_field")
    sums = ["total.params", "total.macs"] if len(rows) > 1 else []
    found = list(islice(_answered(found, names), most - len(sums)))
    found += _answered(sums, names)
    further = (ask for ask in more if ask not in found)
    return [*found, *islice(_answered(further, names), most - len(found))]


def _about(row: Row) -> list[str]:
    found = []
    if row.facts.inputs and row.facts.shape != row.facts.inputs[0]:
        found.append(f"{row.name}.shape")
    if row.params:
        found.append(f"{row.name}.params")
    if row.macs and row.layer.axes:
        found.append(f"{row.name}.macs")
    return found


def _further(row: Row) -> list[str]:
    """What else one may ask about a layer, where there are not questions enough."""
    found = [f"{row.name}.macs", f"{row.name}.flops"] if row.macs else []
    if row.layer.axes and row.layer.has("kernel_size"):
        found = [f"{row.name}.receptive_field", *found]
    filters = row.params and row.macs and row.layer.axes
    return [*found, f"{row.name}.dense"] if filters and row.dense is not None else found


def _answered(asks: Iterable[str], names: NetworkScope) -> Iterator[str]:
    """Those that have an answer, each worked out when it is taken."""
    for ask in asks:
        try:
            if value_of(ask, names) is not None:
                yield ask
        except Fault:
            continue
