"""A formula of an answer against one of the key: both are evaluated for many sizes, which bounds the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cnncalc.answers.formula import Formula
from cnncalc.core.number import is_free

if TYPE_CHECKING:
    from cnncalc.symbolic.algebra.kinds import Expr
    from cnncalc.symbolic.facts import Facts
    from cnncalc.symbolic.values import Values

POINTS = 300
NEAR = 1e-9
MOST_KEPT = 200  # values of the key's formulas that are remembered


class Comparison:
    """Compares formulas under the assumptions of one key."""

    def __init__(self, known: Facts, symbols: dict[str, object]) -> None:
        self.known = known
        self.free = [name for name, value in symbols.items() if is_free(value)]
        self.set = {name: value for name, value in symbols.items() if not is_free(value)}
        self._points: dict[int, list[Values]] = {}
        self._values: dict[object, list[tuple[dict[str, object], Any]]] = {}

    def points(self, count: int) -> list[Values]:
        """Sizes for all symbols of the key."""
        if count not in self._points:
            if not self.free:
                return [{}]
            from cnncalc.symbolic.dimension import symbol
            from cnncalc.symbolic.values import points

            self._points[count] = points([symbol(name).expr for name in self.free], self.known, count)
        return self._points[count]

    def same(self, written: Formula | Any, actual: object) -> bool:
        """Whether a formula, or a number, is the key's for all sizes."""
        right = self.right(actual)
        for values, wanted in right:
            try:
                found = written.value(values) if isinstance(written, Formula) else Fraction(written)
            except (ArithmeticError, ValueError, KeyError):
                return False
            if not equal(found, wanted):
                return False
        return bool(right)

    def right(self, actual: object) -> list[tuple[dict[str, object], Any]]:
        """The key's values with the sizes they are for, by the symbols' names."""
        expr = getattr(actual, "expr", None)
        kept = actual if expr is None else expr
        if kept not in self._values:
            if len(self._values) > MOST_KEPT:
                self._values.clear()
            self._values[kept] = list(self._computed(actual, expr))
        return self._values[kept]

    def _computed(self, actual: Any, expr: Expr | None) -> Iterator[tuple[dict[str, object], object]]:
        for values in self.points(POINTS):
            try:
                value = Fraction(actual) if expr is None else _value(expr, values)
            except (ArithmeticError, ValueError, TypeError):
                continue
            yield {**self.set, **{str(name): size for name, size in values.items()}}, value


def _value(expr: Expr, values: Values) -> object:
    from cnncalc.symbolic.values import value

    return value(expr, values)


def equal(a: Any, b: Any) -> bool:
    """Whether two values agree: exactly where both are exact."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a == b
    return bool(abs(a - b) <= NEAR * max(1, abs(a), abs(b)))


def comparison(report: Any) -> Callable[[object, object], bool] | None:
    """How formulas are compared for a network with symbols; None for one without."""
    return Comparison(report.assumptions, dict(report.symbols)).same if report.symbols else None
