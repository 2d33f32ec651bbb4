"""Formulas as MathML, which browsers draw and screen readers read. What cannot be converted stays text."""

from __future__ import annotations

from functools import lru_cache

SPACE = ' xmlns="http://www.w3.org/1998/Math/MathML"'


@lru_cache(maxsize=4096)
def math(tex: str) -> str:
    """One formula in TeX as a `<math>` element; empty where it is not understood."""
    from latex2mathml.converter import convert

    try:
        made: str = convert(tex)
    except Exception:  # its errors have no common class
        return ""
    return made.replace(SPACE, "", 1)


def equation(left: str, steps: tuple[str, ...] | list[str]) -> list[str]:
    """`left = step` as `<math>` elements, one for each step; an empty list where one is not understood."""
    lines = [math(f"{left} = {step}" if at == 0 else f"= {step}") for at, step in enumerate(steps)]
    return lines if all(lines) else []
