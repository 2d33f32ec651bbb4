"""One number or formula: every way to read it, the likeliest first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from cnncalc.answers import formula, words
from cnncalc.answers.formula import Formula
from cnncalc.answers.tokens import DIGITS, Literal, Token, tokens, unreadable
from cnncalc.answers.words import SUFFIXES
from cnncalc.core.problem import Fault

DOUBTFUL = re.compile(r"[0-9][.,][0-9]|(?<![0-9])[.,][0-9]")
ARROW = re.compile(r"\s*(?:→|⇒|⟶|[-=]+>)\s*")
SIDES = re.compile(r"\s*(?:==|=|≈)\s*")
MULTIPLE = re.compile(rf"[0-9] ?[{''.join(SUFFIXES)}]")
LABEL = re.compile(r"[^\W\d][\w .()\[\]-]{0,60}")
BOUND = re.compile(r"\s*(?:<=|>=|!=|=<|=>|~=|<|>|≤|≥|≠)")
COLON = re.compile(r"^[^\W\d][\w .()\[\]-]{1,60}:\s+(?=\S)")
# A result in brackets after its derivation, and a derivation in brackets after its result.
RESULT = re.compile(r"\s*\(\s*=\s*([^()=]+)\)$")
# A share as a number and in percent.
TWICE = re.compile(r"^([0-9]*[.,]?[0-9]+)\s*(?:\(|or |, )\s*([0-9]+(?:[.,][0-9]+)?\s*%)\)?$")
DERIVED = re.compile(r"(?P<number>[-+]?[0-9][0-9.,_ ]*(?:[a-zA-Z%]+)?)\s+\((?=[^()]*[0-9] ?[-+*/x×·^] ?[0-9(]).*\)")
# `1800 weights + 24 biases`, and `1216 out of 51746`.
PARTS = re.compile(r"(?<=[0-9])\s+(?:weights?|bias|biases|params|parameters)\s*(?=[+*×·])", re.IGNORECASE)
# `27 (weights) + 3 (biases)`, `27 weights, 3 biases, total 30`.
ASIDE = re.compile(r"\s*\((?:[^\W\d_]{3,}[ -]?)+\)(?=\s*[-+*=])")
TOTAL = re.compile(r"^[^=]*\d[^=]*[,;]\s*(?:(?:in )?total|sum|altogether)\s*[:=]?\s*(?=\d)", re.IGNORECASE)
SHARE = re.compile(r"^([0-9][0-9,]*) (?:out )?of (?:all )?([0-9][0-9,]*)$")
GAUSS = re.compile(r"\[([^\[\]]*)\]")
# How far apart two sides of an equation may be, where neither says how it is rounded.
NEAR = Fraction(1, 10**9)


class Scalar(NamedTuple):
    """One reading: a number with what its last digit is worth, or a formula in symbols.

    `unit` is None for a whole number and for what was computed. `computed` says that arithmetic was written, `digits`
    how many significant digits a number has. `remark` says how it was read, where that is not plain.
    """

    value: Any = None
    unit: Fraction | None = None
    digits: int = 0
    computed: bool = False
    formula: Formula | None = None
    remark: str = ""
    aside: int = 0  # the power of a thousand that its unit stands for, where the number was read without it
    sized: bool = False  # whether its unit has been multiplied with


def readings(text: str, symbols: Mapping[str, str]) -> list[Scalar]:
    """What the text may mean; raises Fault where it is neither number nor formula."""
    if text.isascii() and text.isdigit() and len(text) <= DIGITS:  # most answers
        return [Scalar(Fraction(int(text)), None, len(text.lstrip("0")))]
    if BOUND.match(text):
        raise unreadable("it is a bound, not a value", "write the value alone")
    text = words.without_lead(text)
    text = words.without_lead(COLON.sub("", text))
    text = TOTAL.sub("", ASIDE.sub("", PARTS.sub(" ", text))) if not symbols else text
    text = SHARE.sub(r"\1/\2", text)
    text = words.without_reasons(text, symbols.keys())
    text = TWICE.sub(r"\1 = \2", RESULT.sub(r" = \1", text))
    if not symbols and (last := ARROW.split(text)[-1]) != text and re.search("[0-9]", last):
        text = last
    if "=" in text and ";" in text:  # step by step: the last step counts
        text = text.rpartition(";")[2].strip()
    sides = SIDES.split(text) if re.search("[=≈]", text) else [text]
    if len(sides) > 1:
        return equation(sides, symbols)
    shown = DERIVED.fullmatch(text)
    if shown:  # 448 (3·3·3·16 + 16) is 448, and how it came about; elsewhere brackets multiply
        found = [*readings(shown["number"], symbols), *_tried(text, symbols)]
        return [one for at, one in enumerate(found) if not any(_same(one, other) for other in found[:at])]
    return read(text, symbols)


def _tried(text: str, symbols: Mapping[str, str]) -> list[Scalar]:
    """The readings of a text; none where it cannot be read."""
    try:
        return read(text, symbols)
    except Fault:
        return []


def read(text: str, symbols: Mapping[str, str]) -> list[Scalar]:
    """The readings of one side of an equation."""
    body, scales = words.cut(text, symbols.keys())
    if not body:
        raise unreadable("there is no number in it")
    found: list[Scalar] = []
    first: Fault | None = None
    if symbols and "[" in body:  # in a formula square brackets may be Gauss's: rounded down
        found += _tried(GAUSS.sub(r"⌊\1⌋", body), symbols) if GAUSS.search(body) else []
    for comma in (False, True) if DOUBTFUL.search(body) else (False,):
        for suffixes in (False, True) if MULTIPLE.search(body) and symbols.keys() & SUFFIXES.keys() else (True,):
            try:
                made = tokens(body, symbols, comma, suffixes)
                for one in scaled(body, made, scales, scales != [1] or words.in_bytes(text)):
                    add(found, with_remark(one, body) if comma and found else one)
            except Fault as fault:
                first = first or fault
    if not found:
        raise first or unreadable("it is no number")
    return found


def add(found: list[Scalar], one: Scalar) -> None:
    """Keep a reading that says something else than those before it."""
    if not any(_same(one, other) for other in found):
        found.append(one)


def _same(one: Scalar, other: Scalar) -> bool:
    if one.formula is not None and other.formula is not None:
        return one.formula.steps == other.formula.steps
    mine, others = (one.value, one.unit, one.aside), (other.value, other.unit, other.aside)
    return one.formula is other.formula and mine == others


def with_remark(one: Scalar, text: str) -> Scalar:
    """The reading with commas and dots exchanged, which says so."""
    how = "with a decimal comma" if "," in text else "with dots between thousands"
    return one._replace(remark=f"{text} is read {how}")


def scaled(text: str, made: list[Token], scales: list[Fraction], sized: bool = False) -> Iterator[Scalar]:
    """The readings of some tokens for each unit that they may be in."""
    literal = as_literal(made)
    for scale in scales:
        aside = words.power(scales[0]) if scale == 1 else 0
        if literal is not None:
            one = literal.times(scale)
            unit = one.unit or (Fraction(1) if aside else None)  # 185 KB is rounded, 185 is not
            yield Scalar(one.value, unit, one.digits, aside=aside, sized=sized and not aside)
            continue
        found = formula.read(text, made)
        if found.symbols:
            if scale == 1:
                yield Scalar(formula=found)
            continue
        yield Scalar(value_of(found) * scale, None, 0, True, aside=aside, sized=sized and not aside)


def value_of(found: Formula) -> Any:
    """The number that arithmetic makes; raises Fault where it makes none."""
    try:
        return found.value()
    except ZeroDivisionError:
        raise unreadable("it divides by zero") from None
    except OverflowError:
        raise unreadable("its numbers become too large") from None
    except (ArithmeticError, ValueError):
        raise unreadable("it makes no number") from None


def as_literal(made: list[Token]) -> Literal | None:
    """The number that some tokens are: with a sign, times a power of ten, as a percentage; None for arithmetic."""
    kinds = [token.kind for token in made]
    negative = False
    while kinds and kinds[0] in ("+", "-"):
        negative ^= kinds.pop(0) == "-"
    rest = made[len(made) - len(kinds) :]
    percent = bool(kinds) and kinds[-1] == "%"
    if percent:
        kinds, rest = kinds[:-1], rest[:-1]
    if not kinds or kinds[0] != "number" or rest[0].literal is None:
        return None
    literal = rest[0].literal
    power = exponent(rest[1:])
    if power is None:
        return None
    if negative:
        literal = literal._replace(value=-literal.value)
    scale = Fraction(10) ** power * (Fraction(1, 100) if percent else 1)
    return literal.times(scale)


def exponent(rest: list[Token]) -> int | None:
    """The power in `* 10 ^ 4`; 0 where nothing follows, None for anything else."""
    if not rest:
        return 0
    kinds = [token.kind for token in rest]
    bracket = kinds[3:4] == ["("] and kinds[-1:] == [")"]
    if bracket:
        del kinds[3], kinds[-1], rest[3], rest[-1]
    negative = kinds[3:4] == ["-"]
    if negative:
        del kinds[3], rest[3]
    if kinds != ["*", "number", "^", "number"]:
        return None
    base, power = rest[1].literal, rest[3].literal
    if base is None or power is None or base.value != 10 or power.unit is not None or power.value > 99:
        return None
    return int(-power.value if negative else power.value)


def equation(sides: list[str], symbols: Mapping[str, str]) -> list[Scalar]:
    """`5*5*3 + 1 = 76`: the last side, which those before it must equal; a name in front is a label."""
    if not sides[0].strip() or (LABEL.fullmatch(sides[0]) and not all(part in symbols for part in sides[0].split())):
        sides = sides[1:]
    if not all(side.strip() for side in sides) or not sides or len(sides) > 12:
        raise unreadable("something is missing beside =")
    last = readings(sides[-1], symbols)
    others = [other for side in sides[:-1] if (other := _side(side, symbols))]
    fitting = [one for one in last if all(any(agree(one, two) for two in other) for other in others)]
    if not fitting:
        raise unreadable("the two sides of = are not the same", "write the result alone")
    return fitting


def _side(text: str, symbols: Mapping[str, str]) -> list[Scalar]:
    """A side before the last: arithmetic, which must agree, or a derivation in words or other symbols, which is passed
    over.
    """
    try:
        return readings(text, symbols)
    except Fault:
        if re.search(r"[^\W\d_]", text):
            return []
        raise


def agree(last: Scalar, other: Scalar) -> bool:
    """Whether a side of an equation is what the last one says, rounded as that is written."""
    if last.formula is not None or other.formula is not None:
        return True  # the last side counts; a formula before it is a derivation
    distance = abs(Fraction(last.value) - Fraction(other.value))
    room = max(last.unit or 0, other.unit or 0) / 2
    size: Fraction = max(Fraction(1), abs(Fraction(last.value)))
    return bool(distance <= max(room, NEAR * size))
