"""Slips of the pen: digits exchanged, one digit wrong, missing or too many, a carry lost. The last explanation."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.grading.question.number import Other

LONGEST = 15  # digits


def of_digits(right: object) -> Iterator[Other]:
    """What slips make of a whole number of two digits and more."""
    if type(right) is not int or not 10 <= abs(right) < 10**LONGEST:
        return
    sign, digits = (-1 if right < 0 else 1), str(abs(right))
    made: dict[str, tuple[str, int]] = {}

    def add(text: str, name: str, rank: int) -> None:
        if text and text != digits:
            made.setdefault(text, (name, rank))

    for at in range(len(digits) - 1):
        add(digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :], "slip: two digits exchanged", 60)
    for power in range(len(digits) + 1):
        for step in (10**power, -(10**power)):
            name = "slip: one off" if power == 0 else "slip: one digit is one off"
            add(str(abs(right) + step) if abs(right) + step >= 0 else "", name, 62 if power else 61)
    for at in range(len(digits)):
        add(digits[:at] + digits[at + 1 :], "slip: a digit missing", 63)
        add(digits[:at] + digits[at] + digits[at:], "slip: a digit written twice", 64)
    for at in range(len(digits)):
        for digit in "0123456789":
            add(digits[:at] + digit + digits[at + 1 :], "slip: one digit wrong", 66)
    for text, (name, rank) in made.items():
        yield Other(sign * int(text), name, rank)
