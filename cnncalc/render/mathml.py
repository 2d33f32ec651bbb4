"""Formulas as MathML, which browsers draw and screen readers read. What cannot be converted stays text."""

from __future__ import annotations

import re
from functools import lru_cache

NUMBERED = re.compile(r"&#x([0-9A-F]{1,5});")
# Brackets grow and stand before or after by themselves.
BRACKET = re.compile(r'<mo stretchy="true" fence="true" form="p\w+fix">([⌊⌋⌈⌉(){])</mo>')
# `<math>` is a row by itself.
ROW = re.compile(r"<math><mrow>((?:(?!</?mrow>).)*)</mrow></math>", re.DOTALL)
LEFT = '<mtd columnalign="left">'
# `1{,}000`: a comma between thousands is part of the number.
THOUSANDS = "</mn><mrow><mo>,</mo></mrow><mn>"
SPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'


@lru_cache(maxsize=4096)
def math(tex: str) -> str:
    """One formula in TeX as a `<math>` element; empty where it is not understood."""
    from latex2mathml.converter import convert

    try:
        made: str = convert(tex)
    except Exception:  # its errors have no common class
        return ""
    made = made.replace(SPACE, "", 1).replace(' display="inline"', "", 1).replace("\\_", "_")
    made = BRACKET.sub(r"<mo>\1</mo>", NUMBERED.sub(_letter, made)).replace(THOUSANDS, ",")
    if made.count("<mtd") == made.count(LEFT):
        made = made.replace(LEFT, "<mtd>").replace("<mtable>", '<mtable columnalign="left">')
    return ROW.sub(r"<math>\1</math>", made)


def _letter(found: re.Match[str]) -> str:
    """The sign itself, which is shorter, but for those that HTML reads."""
    sign = chr(int(found[1], 16))
    return found[0] if sign in "<>&\"'" else sign


def equation(left: str, steps: tuple[str, ...] | list[str]) -> list[str]:
    """`left = step` as `<math>` elements, one for each step; an empty list where one is not understood."""
    lines = [math(f"{left} = {step}" if at == 0 else f"= {step}") for at, step in enumerate(steps)]
    return lines if all(lines) else []
