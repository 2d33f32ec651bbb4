"""GIFT: the short text format of questions that Moodle and others import."""

from __future__ import annotations

import re

from cnncalc.document import Quiz
from cnncalc.render.text import safe


def render(quiz: Quiz) -> str:
    """The quiz as text that ends with a newline."""
    blocks = []
    for number, one in enumerate(quiz["questions"], 1):
        network = "\\n".join(map(_escaped, one.get("about", quiz["network"])))
        lines = [f"::{_escaped(quiz['name'])} {number:02}:: {network}\\n\\n{_escaped(one['text'])} {{"]
        for choice in one["choices"]:
            sign = "=" if choice["right"] else "~"
            lines.append(f"  {sign}{_escaped(choice['text'])} # {_escaped(choice['feedback'])}")
        blocks.append("\n".join([*lines, "}"]))
    return "\n\n".join(blocks) + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"([~=#{}:\\])", r"\\\1", safe(text))
