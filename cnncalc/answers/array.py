"""Numbers in brackets: lists of YAML, and texts as programs print them, `[[1. 2.] [3. 4.]]`, `[1 2; 3 4]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cnncalc.answers.scalar import Scalar, readings
from cnncalc.answers.tokens import unreadable
from cnncalc.read.yaml.value import Value

DEEPEST = 20
MOST_NUMBERS = 100_000
LONGEST = 1_000_000  # characters of an array that is written as a text
CALL = re.compile(
    r"^(?:(?:np\.|numpy\.|torch\.)?(?:array|tensor|Tensor|asarray)\s*)?\((?P<inner>\[.*?)(?:,\s*[a-z_]+\s*=[^\])]*)*\)$",
    re.S,
)
PLAIN = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")


class Budget:
    """How many numbers may still be read."""

    def __init__(self, left: int = MOST_NUMBERS) -> None:
        self.left = left

    def spend(self, count: int = 1) -> None:
        """Count numbers; raises Fault where they are too many."""
        self.left -= count
        if self.left < 0:
            raise unreadable(f"it has more than {MOST_NUMBERS:,} numbers")


def of_value(value: Value, symbols: Mapping[str, str], budget: Budget, depth: int = 0) -> Any:
    """The scalars of a list of YAML, in lists."""
    if depth > DEEPEST:
        raise unreadable(f"its brackets are nested deeper than {DEEPEST}")
    if value.kind == "list":
        budget.spend()
        return [of_value(item, symbols, budget, depth + 1) for item in value.data]
    if value.kind != "scalar" or value.data is None:
        raise unreadable("something in its brackets is no number")
    return element(value.text, symbols, budget)


def of_text(text: str, symbols: Mapping[str, str]) -> list[Any]:
    """The readings of a text in brackets, each the scalars in lists; none where it has no brackets around it.

    With semicolons between them, numbers may have decimal commas: `[0,5; 1]`.
    """
    call = CALL.fullmatch(text.strip())
    text = (call["inner"] if call else text).strip()
    if text[:1] != "[" or text[-1:] != "]":
        return []
    if len(text) > LONGEST:
        raise unreadable(f"it is longer than {LONGEST:,} characters")
    found = [nested(text, symbols)]
    if ";" in text and re.search(r"[0-9],[0-9]", text) and not re.search(r"[0-9]\.[0-9]", text):
        decimal = re.sub(r"(?<=[0-9]),(?=[0-9])", ".", text)
        found.append(nested(decimal.replace(";", ","), symbols))
        if "]" in decimal[:-1]:
            found.append(nested(decimal, symbols))
    return found


def with_brackets(text: str) -> str:
    """Rows on lines of their own, or between semicolons, as lists in brackets; nothing where it is no table."""
    found = [re.split(r",\s+|\s+", row.strip(" ,")) for row in re.split("[;\n]", text.replace("−", "-")) if row.strip()]
    if len(found) < 2 or len({len(row) for row in found}) > 1 or len(found[0]) < 2:
        return ""
    if not all(PLAIN.fullmatch(part) for row in found for part in row):
        return ""
    return f"[{', '.join('[' + ', '.join(row) + ']' for row in found)}]"


def nested(text: str, symbols: Mapping[str, str]) -> Any:
    """The lists that brackets make, without recursion."""
    budget = Budget()
    root: list[Any] = []
    stack = [root]
    start = 0
    round_ = 0  # depth of ( ) inside an element
    for index, letter in enumerate(text):
        if letter in "([" and (letter == "(" or text[start:index].strip()):
            round_ += letter == "("
        elif letter == ")":
            round_ -= 1
        if round_ or letter not in "[],;":
            continue
        words = text[start:index].strip()
        if letter != "[" and words:
            stack[-1].extend(elements(words, symbols, budget))
        if letter == "[":
            if words or len(stack) > DEEPEST:
                raise unreadable(
                    f'"{words}" stands before a bracket' if words else "its brackets are nested too deeply"
                )
            stack[-1].append([])
            stack.append(stack[-1][-1])
        elif letter == "]":
            if len(stack) == 1:
                raise unreadable("its brackets do not match")
            rows(stack.pop())
        elif letter == ";":
            stack[-1].append(None)
        start = index + 1
    if len(stack) != 1 or len(root) != 1 or text[start:].strip():
        raise unreadable("its brackets do not match")
    return root[0]


def rows(items: list[object]) -> None:
    """`1 2; 3 4` as two rows."""
    if None not in items:
        return
    found: list[list[object]] = [[]]
    for item in items:
        if item is None:
            found.append([])
        else:
            found[-1].append(item)
    items[:] = [row for row in found if row]


def elements(text: str, symbols: Mapping[str, str], budget: Budget) -> list[object]:
    """The numbers between two commas: one, or several with spaces between them."""
    parts = text.split()
    if len(parts) > 1 and all(PLAIN.fullmatch(part) for part in parts):
        return [element(part, symbols, budget) for part in parts]
    return [element(text, symbols, budget)]


def element(text: str, symbols: Mapping[str, str], budget: Budget) -> Scalar:
    """One number."""
    budget.spend()
    return readings(text, symbols)[0]


def flat(items: Any) -> list[Scalar]:
    """All numbers of an array."""
    if not isinstance(items, list):
        return [items]
    return [one for item in items for one in flat(item)]
