"""The text of a number or formula cut into tokens; a comma or a dot is read in one of two styles."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from cnncalc.answers.words import NUMERALS, SUFFIXES
from cnncalc.core.problem import Fault

CODE = "answer-unreadable"
LONGEST = 4_000  # characters of one number or formula, and its tokens
MOST = 600
DIGITS = 400  # of one number
_FUNCTIONS = """
floor ceil ceiling round int abs sqrt ln log log2 log10 exp sin cos tanh sigmoid relu min max mod
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
CONSTANTS = frozenset(("pi", "π", "e"))
SIGNS = ("//", "**", "+", "-", "*", "/", "^", "(", ")", "⌊", "⌋", "⌈", "⌉", ",", ";", "%", "×", "·", "[", "]", "|")


class Literal(NamedTuple):
    """A number as it was written: its value, what its last digit is worth (None: whole), its significant digits."""

    value: Fraction
    unit: Fraction | None
    digits: int

    def times(self, scale: Fraction) -> Literal:
        """The same in another unit; a whole number of millions is a rounded one."""
        if scale == 1:
            return self
        unit = self.unit if self.unit is not None else Fraction(1)
        return Literal(self.value * scale, unit * scale, self.digits)


class Token(NamedTuple):
    """`kind` is "number", "name", or the sign itself."""

    kind: str
    text: str
    literal: Literal | None = None


def unreadable(reason: str, help: str = "") -> Fault:
    """The fault for an answer that cannot be read: a reason, and what to write."""
    return Fault(CODE, reason, help=help)


@lru_cache(maxsize=2)
def numeral(comma: bool) -> re.Pattern[str]:
    """A number: digits in groups or not, decimals, an exponent. With `comma` a comma separates decimals."""
    group, point = (r"\.", ",") if comma else (",", r"\.")
    indian = f"(?:{group}[0-9]{{2}})+{group}[0-9]{{3}}"  # 12,34,567
    return re.compile(
        rf"(?:(?P<grouped>[1-9][0-9]{{0,2}}(?:(?:{group}[0-9]{{3}})+|{indian}|(?:_[0-9]{{3}})+|(?:[ ][0-9]{{3}})+))"
        r"(?![0-9])"
        rf"|(?P<plain>[0-9][0-9_]*))(?:{point}(?P<decimals>[0-9_]*))?(?![0-9])"
        rf"|{point}(?P<only>[0-9]+)"
    )


EXPONENT = re.compile(r"[eE]([-+]?[0-9]{1,3})(?![\w.])")
NAME = re.compile(r"[^\W\d_][^\W]*")
SUFFIX = re.compile(r" ?([kKMGBT])(?![\w.])| (" + "|".join(NUMERALS) + r")(?!\w)")


def tokens(text: str, symbols: Mapping[str, str], comma: bool, suffixes: bool) -> list[Token]:
    """The tokens; raises Fault where there is a sign that belongs to no number or formula.

    `symbols` are the key's; a letter after a number is a suffix (K, M, ...) only with `suffixes`.
    """
    if len(text) > LONGEST:
        raise unreadable(f"it is longer than {LONGEST:,} characters")
    found: list[Token] = []
    at = 0
    while at < len(text):
        letter = text[at]
        if letter == " ":
            at += 1
            continue
        if len(found) >= MOST:
            raise unreadable(f"it has more than {MOST} parts")
        if letter.isdigit() or (letter in ".," and text[at + 1 : at + 2].isdigit()):
            made = number(text, at, comma, suffixes)
            if made is not None:
                token, at = made
                found.append(token)
                continue
        if letter in "xX" and letter not in symbols and times(text, at, found):
            found.append(Token("*", letter))
            at += 1
            continue
        name = NAME.match(text, at)
        if name:
            found.extend(names(name[0], symbols))
            at = name.end()
            continue
        sign = next((sign for sign in SIGNS if text.startswith(sign, at)), None)
        if sign is None:
            raise unreadable(f'there is "{letter}" in it', "write a number, arithmetic, a shape or a list")
        found.append(Token({"**": "^", "×": "*", "·": "*"}.get(sign, sign), sign))
        at += len(sign)
    return found


def number(text: str, at: int, comma: bool, suffixes: bool) -> tuple[Token, int] | None:
    """The number at a place, and where it ends."""
    match = numeral(comma).match(text, at)
    if match is None:
        return None
    whole = re.sub("[^0-9]", "", match["grouped"] or match["plain"] or "")
    decimals = (match["decimals"] or match["only"] or "").replace("_", "")
    end = match.end()
    exponent = EXPONENT.match(text, end)
    power = 0
    if exponent:
        power, end = int(exponent[1]), exponent.end()
    scale = Fraction(1)
    suffix = SUFFIX.match(text, end) if suffixes else None
    if suffix:
        scale = Fraction(SUFFIXES.get(suffix[1]) or NUMERALS[suffix[2]])
        end = suffix.end()
    if len(whole) + len(decimals) > DIGITS:
        raise unreadable(f"a number of more than {DIGITS} digits")
    digits = len((whole + decimals).lstrip("0"))
    if not decimals and exponent is None and suffix is None:
        literal = Literal(Fraction(int(whole or "0")), None, digits)
    else:
        unit = scale * Fraction(10) ** (power - len(decimals))
        literal = Literal(int(whole + decimals or "0") * unit, unit, digits)
    return Token("number", text[at:end], literal), end


def times(text: str, at: int, before: list[Token]) -> bool:
    """Whether an x is a sign of multiplication: something with a value stands on both sides."""
    if not before or before[-1].kind not in ("number", "name", ")", "⌋", "⌉", "]"):
        return False
    rest = text[at + 1 :].lstrip()
    beside = text[at + 1 : at + 2] == " " and text[at - 1] == " "
    return bool(rest) and (rest[0].isdigit() or rest[0] in "(⌊⌈.[" or beside)


def names(word: str, symbols: Mapping[str, str]) -> list[Token]:
    """A word as a symbol, a function, or symbols side by side (`CF`, `KxK`); raises Fault for another one."""
    if word in symbols:
        return [Token("name", symbols[word])]
    if word.lower() in FUNCTIONS:
        return [Token("name", word.lower())]
    if word in CONSTANTS:
        return [Token("name", word)]
    parts = product(word, symbols)
    if parts is None:
        if not symbols:
            raise unreadable(f'"{shortened(word)}" is no number')
        known = ", ".join(dict.fromkeys(symbols.values()))
        raise unreadable(f'"{shortened(word)}" is none of the key\'s symbols {shortened(known)}')
    return [Token("name", part) for part in parts]


def shortened(text: str) -> str:
    """A text of an answer for a message."""
    return text if len(text) <= 60 else text[:57] + "..."


def product(word: str, symbols: Mapping[str, str]) -> list[str] | None:
    """A word cut into symbols, the fewest; an x between them multiplies. None where it is not made of them."""
    if not symbols or len(word) > 60:
        return None
    best: dict[int, list[str]] = {0: []}
    for end in range(1, len(word) + 1):
        for start in range(end):
            if start not in best:
                continue
            part = word[start:end]
            if part in symbols:
                made = [*best[start], symbols[part]]
            elif part in ("x", "X") and start > 0 and end < len(word):
                made = best[start]
            elif part.isdigit() and start and end == len(word):
                return None
            else:
                continue
            if end not in best or len(made) < len(best[end]):
                best[end] = made
    return best.get(len(word)) or None
