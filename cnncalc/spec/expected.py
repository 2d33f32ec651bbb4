"""Whether an answer is what was expected: rounded to the written digits, within a bound, element by element.

`quantity` reads how it was written, and says what each spelling means.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import index
from typing import Any, SupportsIndex

from cnncalc.core.problem import Fault
from cnncalc.core.protocols import as_lists
from cnncalc.expression.evaluate import Scope, evaluate
from cnncalc.expression.parsed import Expression
from cnncalc.expression.shape_text import parse_shape
from cnncalc.expression.tokenize import ExpressionFault

NEAR = 1e-9  # relative or absolute: how far a computed value may be from a whole number or a formula
NOISE = 1e-12  # relative: what rounding in a computation may add at a tie
ABOUT = 20  # `~` allows one part in this many: 5 percent

RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "<=": lambda a, b: bool(a <= b),
    "<": lambda a, b: bool(a < b),
    ">=": lambda a, b: bool(a >= b),
    ">": lambda a, b: bool(a > b),
    "!=": lambda a, b: bool(a != b),
    "~": lambda a, b: bool(abs(a - b) * ABOUT <= abs(b)),
}


class Quantity:
    """An expected value.

    `kind` is one of whole, rounded, computed, bound, list, formula, truth, text, none. `number` is its exact number
    (int or Fraction; a float or what the scope gave where it was computed), None where it has none; `text` is how it
    was written. A `formula` holds names: `resolve(scope)` gives the quantity that it makes.
    """

    __slots__ = ("expression", "items", "kind", "number", "relation", "text", "unit")

    def __init__(
        self,
        kind: str,
        text: str,
        *,
        number: Any = None,
        unit: Any = None,
        relation: str = "",
        items: list[Quantity] | None = None,
        expression: Expression | None = None,
    ) -> None:
        self.kind = kind
        self.text = text
        self.number = number
        self.unit = unit  # of the last written digit, for what is rounded
        self.relation = relation
        self.items = items or []
        self.expression = expression

    def __repr__(self) -> str:
        return f"Quantity({self.kind!r}, {self.text!r})"

    def names(self) -> set[str]:
        """The names that must have values before it can be compared."""
        found = set(self.expression.names()) if self.expression else set()
        for item in self.items:
            found |= item.names()
        return found

    def resolve(self, scope: Scope) -> Quantity:
        """The same with its formulas evaluated; raises ExpressionFault. What has none is returned as it is."""
        if self.kind == "list" or (self.kind == "bound" and self.items):
            items = [item.resolve(scope) for item in self.items]
            number = items[0].number if self.kind == "bound" else None
            return Quantity(self.kind, self.text, number=number, relation=self.relation, items=items)
        if self.expression is None:
            return self
        try:
            value = evaluate(self.expression, scope)
        except ExpressionFault:
            shape = shape_of(self.text, scope)
            if shape is None:
                raise
            value = shape
        return of_value(value, self.text)

    def plain(self) -> object:
        """For JSON: an int, a float, true, false or null where it is just that, a list of these, else its text."""
        if self.kind == "list":
            return [item.plain() for item in self.items]
        if self.kind in ("whole", "truth", "computed") and isinstance(self.number, (int, float, bool)):
            return self.number
        if self.kind == "rounded" and re.fullmatch(r"[-+]?[0-9.]+", self.text):
            return float(self.number)
        return None if self.kind == "none" else self.text

    def note(self, actual: object = 0) -> str | None:
        """A remark on how it was written, where that may be why it does not hold for a count."""
        if self.kind != "rounded" or not isinstance(actual, int) or isinstance(actual, bool):
            return None
        if self.number == int(self.number) or not re.fullmatch(r"[-+]?[0-9.]+", self.text):
            return None
        if re.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}", self.text):
            return f"a count must be whole; write {self.text.replace('.', '')}"
        return "a count must be whole"

    def holds(self, actual: object) -> bool:
        """Whether an answer is what was expected; a number, true or false, a text, None, or lists of these."""
        actual = as_lists(actual)
        if self.kind == "none" or actual is None:
            return self.kind == "none" and actual is None
        if self.kind == "truth":
            return isinstance(actual, bool) and actual is self.number
        if isinstance(actual, str):
            return self.text.strip("\"'") == str(actual)
        if self.kind == "list" or isinstance(actual, (list, tuple)):
            return self.holds_list(actual)
        return self.holds_number(actual)

    def holds_list(self, actual: object) -> bool:
        """The same where either side is a list."""
        actual = without_leading_ones(actual)
        if self.kind == "list":
            expected = self
            while len(expected.items) == 1 and expected.kind == "list":
                expected = expected.items[0]
            if expected.kind != "list":
                return not isinstance(actual, (list, tuple)) and expected.holds(actual)
            if not isinstance(actual, (list, tuple)) or len(actual) != len(expected.items):
                return False
            return all(item.holds_inside(part) for item, part in zip(expected.items, actual, strict=True))
        if self.kind == "bound" and isinstance(actual, (list, tuple)):
            return all(self.holds(part) for part in actual)
        if not isinstance(actual, (list, tuple)):
            return self.holds(actual)
        shape = shape_of(self.text, {})
        return shape is not None and of_value(shape, self.text).holds_list(actual)

    def holds_inside(self, actual: object) -> bool:
        """The same below the first axis that counts: here every axis does."""
        if self.kind != "list":
            return not isinstance(actual, (list, tuple)) and self.holds(actual)
        if not isinstance(actual, (list, tuple)) or len(actual) != len(self.items):
            return False
        return all(item.holds_inside(part) for item, part in zip(self.items, actual, strict=True))

    def holds_number(self, actual: object) -> bool:
        """The same for one number."""
        if isinstance(actual, bool) or self.number is None:
            return False
        if type(actual) is int and type(self.number) is int and self.kind == "whole":
            return actual == self.number  # most answers are, and a fraction takes its time
        value = exact(actual)
        if value is None:  # a free dimension, or infinite
            return bool(actual == self.number) if self.kind != "bound" else False
        expected = exact(self.number)
        if expected is None:
            return bool(self.number == actual)
        distance = abs(value - expected)
        noise = exact(NOISE) * abs(expected) if value.denominator > 1 else 0
        if self.kind == "bound":
            return RELATIONS[self.relation](expected if distance <= noise else value, expected)
        if self.kind == "rounded":
            return bool(distance <= self.unit / 2 + noise)
        if value.denominator == 1 and expected.denominator == 1 and not isinstance(actual, float):
            return bool(distance == 0)
        return bool(distance <= exact(NEAR) * max(1, abs(expected)))


def exact(number: Any) -> Any:
    """The Fraction of a number; None where it has none (infinite, or a free dimension)."""
    from fractions import Fraction  # a hundredth of a second that only expectations need

    if type(number) is Fraction:
        return number
    if isinstance(number, (int, float, Fraction)):
        try:
            return Fraction(number)
        except (OverflowError, ValueError):
            return None
    try:
        return Fraction(index(number)) if isinstance(number, SupportsIndex) else Fraction(float(number))
    except (TypeError, ValueError, OverflowError, AttributeError):
        return None


def without_leading_ones(value: object) -> object:
    """[[[1, 2]]] -> [1, 2]; a single number loses all its brackets."""
    while isinstance(value, (list, tuple)) and len(value) == 1:
        value = value[0]
    return value


def shape_of(text: str, scope: Scope) -> list[object] | None:
    """The sizes of `3x64x64` and the like; None where the text is no shape of several axes without free names."""
    try:
        sizes = parse_shape(text, scope, zero=True)
    except Fault:
        return None
    if len(sizes) < 2 or any(isinstance(item, (str, Expression)) for item in sizes):
        return None
    return sizes


def of_value(value: object, text: str) -> Quantity:
    """The quantity of a value that was computed: nothing in it is rounded."""
    value = as_lists(value)
    if isinstance(value, bool):
        return Quantity("truth", text, number=value)
    if isinstance(value, int):
        return Quantity("whole", text, number=value)
    if isinstance(value, (list, tuple)):
        return Quantity("list", text, items=[of_value(item, str(item)) for item in value])
    if isinstance(value, str):
        return Quantity("text", value)
    return Quantity("none", text) if value is None else Quantity("computed", text, number=value)
