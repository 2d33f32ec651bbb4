"""Functions of one number as lines: what a layer declares in `of_one`, with its options in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnncalc.network.row import Row

WORDS = {
    "·": " ", "−": "-", "≥": r" \ge ", "≤": r" \le ", "σ": r"\sigma ", "Φ": r"\Phi ", "φ": r"\varphi ", "π": r"\pi ",
    "²": "^2", "³": "^3", "max": r"\max", "min": r"\min", "tanh": r"\tanh", "ln": r"\ln", "erf": r"\text{erf}",
    "sign": r"\text{sign}",
}  # fmt: skip
CASES = re.compile(r"(.+) where (.+), (.+) elsewhere")


def lines(row: Row) -> Iterator[tuple[str, str, str, str]]:
    """What one number becomes, with the layer's options, and the derivative: both sides as text and as TeX."""
    for said, left, tex in zip(row.layer.of_one, ("y", "∂y/∂x"), ("y", r"\frac{\partial y}{\partial x}"), strict=True):
        text = re.sub(r"<(\w+)>", lambda name: f"{row.layer.__dict__[name[1]]:g}".replace("-", "−"), said)
        text = re.sub(r"(?<![\w.])1·(?:\(([^()]*)\)(?= elsewhere))?", r"\1", text)
        text = re.sub(r"e\^\((\w)\)", r"e^\1", re.sub(r"(?<=\))/1(?![\d.])|(?<=x)/1(?=\))", "", text))
        if text:
            yield left, text, tex, _as_tex(text)


def _as_tex(text: str) -> str:
    cases = CASES.fullmatch(text)
    if cases:
        first, when, other = map(_as_tex, cases.groups())
        return rf"\begin{{cases}} {first} & {when} \\ {other} & \text{{elsewhere}} \end{{cases}}"
    formula, comma, words = text.partition(", in training")
    formula, comma, words = (formula, comma, words) if comma else text.partition(", a the first")
    text = re.sub(r"√(\w|\(.+?\))", lambda root: rf"\sqrt{{{root[1].strip('()')}}}", formula)
    text = re.sub(r"e\^\(([^()]*)\)", r"e^{\1}", text)
    for word, command in WORDS.items():
        text = text.replace(word, command)
    return text + (rf"\text{{{comma}{words}}}" if comma else "")
