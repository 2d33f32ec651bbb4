"""What may be said to a student, step by step: where to look, the kind of mistake, the formula, the number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnncalc.core.number import shown
from cnncalc.core.problem import Fault
from cnncalc.grading.grade import compact
from cnncalc.grading.result import Result
from cnncalc.query.scope import NetworkScope
from cnncalc.query.values import LayerValue

if TYPE_CHECKING:
    from cnncalc.explain.explain import Explanation

MOST_SIZES = 100_000  # sizes of the layers that are explained; of further ones the value alone is said
STATE, WHERE, KIND, FORMULA, NUMBER = range(5)
AXES = {1: ("features",), 2: ("length", "features"), 3: ("channels", "height", "width")}
TOPICS = {"params": "params", "trainable": "params", "shape": "shape", "macs": "macs", "dense": "dense"}
WHAT = {
    "params": "the parameters", "trainable": "the trainable parameters", "shape": "the shape", "macs": "the products",
    "flops": "the operations", "receptive_field": "what it sees of the input",
    "dense": "the fully connected equivalent",
}  # fmt: skip


class Hints:
    """The hints on answers about one network; formulas are worked out once."""

    def __init__(self, names: NetworkScope) -> None:
        self.names = names
        self._lines: dict[str, list[tuple[str, str, str]]] = {}
        self._left = MOST_SIZES
        self._last: Explanation | None = None  # several questions look at one layer, which may have 40,000 weights

    def of(self, result: Result, level: int) -> list[str]:
        """What is said of an answer that is not right; a higher level says more, and only the last the right value."""
        if result.unreadable:
            return [f"cannot be read: {result.unreadable}"]
        said = [self._where(result)] if level >= WHERE else []
        if level >= KIND and (kind := result.said(quiet=level < NUMBER)):
            said.append(kind)
        if level >= FORMULA:
            lines = [line for line in self._formulas(result.ask) if line[0] != line[1]]
            steps = [f"{left} = {symbols}" for left, symbols, _ in lines if symbols]
            last = [numbers or shown(result.actual) for _, symbols, numbers in lines if symbols]
            both = zip(steps, last, strict=True)
            said += [f"{text} = {numbers}" if level >= NUMBER else text for text, numbers in both]
        return [line for line in said if line]

    def reasons(self, ask: str, value: object) -> list[str]:
        """How a right value comes about: symbols = numbers = value."""
        found = []
        for left, symbols, numbers in self._formulas(ask):
            last = numbers or shown(value)
            found.append(f"{left} = {last}" if symbols in ("", left, last) else f"{left} = {symbols} = {last}")
        return found

    def _where(self, result: Result) -> str:
        """The layer, the sizes or the part of an expression to look at again."""
        found = re.search(r" in ([A-Za-z_][\w.]*)$", result.mistake) or re.match(r"(\S+) left out$", result.mistake)
        if found is not None and self.names.part(found[1]) is not None:
            return f"look at {found[1]}"
        name, dot, attribute = compact(result.ask, self.names).rpartition(".")
        if not dot or self.names.part(name) is None:
            return "look at the single numbers, then at what is done with them"
        axes = _differing(result.expected, result.actual) if attribute == "shape" else ""
        return f"look at {name}: {axes or WHAT.get(attribute, attribute)}"

    def _formulas(self, ask: str) -> list[tuple[str, str, str]]:
        """NetworkScope, symbols and numbers of how the right value comes about; none where it is no single number."""
        if ask not in self._lines:
            try:
                self._lines[ask] = self._explained(ask)
            except Fault:
                self._lines[ask] = []
        return self._lines[ask]

    def _explained(self, ask: str) -> list[tuple[str, str, str]]:
        from cnncalc.explain.explain import explain, sums

        name, _, attribute = compact(ask, self.names).rpartition(".")
        part = self.names.part(name) if name else None
        topic = TOPICS.get(attribute, "")
        if attribute == "receptive_field" and isinstance(part, LayerValue):
            from cnncalc.grading.mistakes.receptive import summed

            return [("r", "1 + the sum of (K − 1)·j over the layers, j being the strides before", summed(part.row))]
        if isinstance(part, LayerValue) and topic:
            if self._last is None or self._last.row is not part.row:
                self._left -= part.row.facts.sizes
                if self._left < 0:
                    return []
                self._last = explain(part.row)
            found = self._last.of(topic)
            return [(line.left, line.symbols, _numbers(line.numbers, line.value)) for line in found]
        if name == "total" and topic in ("params", "macs", "dense"):
            found = [line for line in sums(self.names.report.rows) if line.topic == topic]
            return [(line.left, line.symbols, _numbers(line.numbers, line.value)) for line in found]
        return []


def _numbers(numbers: str, value: object) -> str:
    return shown(value) if numbers == shown(value) else f"{numbers} = {shown(value)}"


def _differing(written: object, right: object) -> str:
    """The axes of a shape that are wrong, by name."""
    if not isinstance(written, list) or not isinstance(right, (list, tuple)):
        return ""
    if len(written) != len(right):
        return "how many axes there are"
    names = AXES.get(len(right), tuple(f"axis {at + 1}" for at in range(len(right))))
    wrong = [name for name, a, b in zip(names, written, right, strict=True) if a != b]
    return f"the {' and the '.join(wrong)}" if wrong else ""
