"""How a wrong number came about, in one line: `3·3·3·16 = 432`. The changed rules are run with traced numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from cnncalc.core.formula import ordered, simplify
from cnncalc.core.layer import Weight
from cnncalc.core.notation import numbers
from cnncalc.core.number import shown as digits
from cnncalc.core.term import Term, leaf
from cnncalc.explain.symbols import with_symbols
from cnncalc.grading.perturbed.division import WrongStride
from cnncalc.grading.perturbed.row import REFUSED, Perturbation
from cnncalc.network.row import Row

MOST = 6  # summands that are still read


def shown(text: str, row: Row, wrong: Perturbation, value: object) -> str:
    """The formula for the answer to `NAME.attribute` with this mistake; empty where there is none to show."""
    attribute = text[len(row.name) + 1 :] if text.startswith(row.name + ".") else ""
    if wrong.text and attribute:
        return wrong.text if attribute == "shape" or wrong.text.endswith(f"= {digits(value)}") else ""
    if attribute in ("params", "trainable") and not wrong.counts:
        return _sum_of(wrong.facts.weights, value)
    if attribute == "macs" and not wrong.counts:
        return _cost(wrong, value)
    if attribute == "shape" or re.fullmatch(r"shape\[\d\]", attribute):
        return _size(row, wrong, attribute)
    return ""


def _sum_of(weights: Iterable[Weight], value: object) -> str:
    terms = ["·".join(digits(size) for size in reversed(weight.shape) if size != 1) or "1" for weight in weights]
    if not 0 < len(terms) <= MOST:
        return ""
    text = " + ".join(terms)
    return "" if text == digits(value) else f"{text} = {digits(value)}"


def _cost(wrong: Perturbation, value: object) -> str:
    try:
        layer, xs, _ = with_symbols(wrong.facts.layer, wrong.facts.inputs)
        made = tuple(leaf("y", size) for size in wrong.facts.shape[1:])
        ledger = layer.macs((1, *made), *xs)
        total: object = sum(ledger.values(), 0)
        part = ordered(simplify(total))
    except REFUSED:
        return ""
    text = numbers(part)
    return f"{text} = {digits(value)}" if part.value == value and text != digits(value) and len(text) < 120 else ""


def _size(row: Row, wrong: Perturbation, attribute: str) -> str:
    """The formula of the size that is asked for, or of the first that differs."""
    try:
        layer, xs, _ = with_symbols(wrong.facts.layer, wrong.facts.inputs)
        for name in ("stride", "strides"):
            steps = wrong.facts.layer.__dict__.get(name)
            if isinstance(steps, tuple) and any(
                isinstance(step, WrongStride) and step.way != "exact" for step in steps
            ):
                layer.__dict__[name] = tuple(step.remembered() for step in steps)
        shape = layer.shape(*xs)
    except REFUSED:
        return ""
    index = re.search(r"\[(\d)\]", attribute)
    for at, (size, made, right) in enumerate(zip(shape, wrong.facts.shape, row.facts.shape, strict=False)):
        if made != right and (index is None or at == int(index[1]) + 1):
            if isinstance(size, Term) and isinstance(made, Fraction):
                return numbers(simplify(size)).replace("⌊", "").replace("⌋", "") + f" = {digits(f'{float(made):g}')}"
            if not isinstance(size, Term) or size.value != made:
                return ""
            text = numbers(simplify(size))
            return "" if text == digits(made) else f"{text} = {digits(made)}"
    return ""
