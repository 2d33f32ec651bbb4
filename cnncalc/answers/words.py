"""The words that stand beside numbers: units, which scale them, and words that say nothing."""

from __future__ import annotations

import re
from collections.abc import Set
from fractions import Fraction

SUFFIXES = {"k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
NUMERALS = {
    "thousand": 10**3, "million": 10**6, "millions": 10**6, "mio": 10**6, "mln": 10**6, "billion": 10**9,
    "billions": 10**9, "bn": 10**9, "trillion": 10**12, "mrd": 10**9, "tsd": 10**3,
}  # fmt: skip
PREFIXES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
BINARY = {"k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
# Nouns that say what was counted, and words around them.
_NOUNS = """
parameter parameters param params weight weights bias biases value values number numbers element elements entry
entries mac macs flop flops operation operations op ops multiplication multiplications multiply-accumulate
multiply-accumulates mult-adds multadds madds multiply-adds pixel pixels px position positions unit units neuron
neurons feature features trainable learnable learned channels filters layers heads total in altogether overall
each and of the all wide times fold step steps token tokens gewichte gewicht parametern werte insgesamt paramètres
"""
NOUNS = frozenset(_NOUNS.split())
BEFORE = re.compile(
    r"^(?:the (?:output|shape|size)(?: (?:shape|size))? is"
    r"|approximately|approx\.?|about|roughly|around|circa|ca\.?|etwa|ungefähr|rund|environ|answer|result|exactly"
    r"|i think|(?:i|we) (?:get|got|have|found)|my answer(?: is)?|is|are|equals"
    r"|it's|it is|the (?:answer|result)(?: is)?|so|hence|therefore|thus|also)"
    r"(?=[\s:=≈~(\d.-])\s*:?\s*|^(?:=(?!=)|≈|~(?![=<>])|[-=]+>|[→⇒⟶])\s*",
    re.IGNORECASE,
)
COUNTED = r"macs?|mult-?adds?|madds?|flops?|ops?|params?|parameters?"
UNIT = re.compile(
    rf"(?P<prefix>[kmgt])?(?P<binary>i)?(?:bytes?|b)|(?P<octets>[kmgt])o(?:ctets?)?"
    rf"|(?P<times>[kmgt])?(?:{COUNTED})(?:/s)?",
    re.IGNORECASE,
)
SHORT = re.compile(r"\b(mio|mln|mrd|tsd)\.", re.IGNORECASE)
LONG = re.compile(
    rf"\b(kilo|mega|giga|tera|kibi|mebi|gibi)[\s-]?(?=(?:bytes?|octets?|{COUNTED})\b)", re.IGNORECASE
)  # a prefix that is written out
PRINTED = re.compile(r"(?<=\d)\s*\([\d.,]+ ?[KMGT]?i?B\)$")  # the bytes that Keras prints behind a count
SCALED = re.compile(r"[0-9] ?[kKMGT]$")
PERCENT = re.compile(r"\s*(?:per ?cent|prozent|pct)\.?$", re.IGNORECASE)
WORD = re.compile(r"(?:(?<=[\s\d).%])|^)(?P<word>-?[^\W\d_][^\W\d_]*(?:-[^\W\d_]+)*)$")
REMARK = re.compile(r"(?<=[\d%])\s*\(([^\W\d_][^\W\d_]{2}[\w ,.'-]*)\)$")
ASIDE = re.compile(REMARK.pattern.replace(r"[\d%]", r"[\w%]"))
REASON = re.compile(
    r"(?:\s*[,;]\s+|\s+[-–]\s+|\s+(?=(?:because|since|due|as|using|with|without|incl|including|excl|excluding|weil|da|"
    r"mit|ohne|per|for)\b))[^\W\d_][^\d=<>]*$",
    re.IGNORECASE,
)
BECAUSE = re.compile(r"(?:\s*[,;]\s+|\s+)(?:because|since|weil)\b[^=<>]*$", re.IGNORECASE)
# What is counted, by the words that stand for it behind a number.
KINDS = {
    "bytes": re.compile(r"[kmgt]?i?b(?:ytes?)?|(?:kilo|mega|giga)?(?:bytes?|octets?)", re.IGNORECASE),
    "parameters": re.compile(r"[kmgt]?(?:params?|parameters?)|weights?|biases", re.IGNORECASE),
    "MACs": re.compile(r"[kmgt]?(?:macs?|mult-?adds?|madds?)|multiply-(?:accumulates?|adds?)", re.IGNORECASE),
    "FLOPs": re.compile(r"[kmgt]?flops?", re.IGNORECASE),
}
BEHIND = re.compile(r"(?<=[\d)$*])\s*([^\W\d_][^\W\d_]*(?:-[^\W\d_]+)*)")
_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve"
NUMBERS = {word: str(number) for number, word in enumerate(_NUMBERS.split())}
MOST = 8  # words after a number


def without_lead(text: str) -> str:
    """The text without words in front that say nothing: "about", "=", "answer:"."""
    text = text.rstrip("!")
    for _ in range(MOST):
        shorter = BEFORE.sub("", text)
        if shorter == text or not shorter:
            break
        text = shorter
    return text


def without_reasons(text: str, symbols: Set[str]) -> str:
    """The text without the words after a comma, or after "because", in which no other number stands."""
    text = PERCENT.sub("%", text)
    found = (REASON.search(text) if not symbols else None) or BECAUSE.search(text)
    if found and any(letter.isdigit() for letter in text[: found.start()]) and not symbols & set(found[0].split()):
        text = text[: found.start()].rstrip()
    return NUMBERS.get(text.lower(), text)


def cut(text: str, symbols: Set[str]) -> tuple[str, list[Fraction]]:
    """The text without the words after its number, and by what they may scale it, the likeliest first.

    A unit's word may also be no more than that, where the question is asked in it: both are given.
    """
    found = (REMARK if symbols else ASIDE).search(text)
    if found and not symbols & set(found[1].split()):
        text = text[: found.start()]
    text = SHORT.sub(r"\1", PRINTED.sub("", text))
    text = LONG.sub(lambda found: found[1][0].upper() + ("i" if found[1].lower()[2:] == "bi" else ""), text)
    if "x" not in symbols:
        text = re.sub(r"(?<=[0-9])\s*[x×]$", "", text)
    scales = [Fraction(1)]
    for _ in range(MOST):
        found = WORD.search(text)
        if found is None or found["word"] in symbols:
            break
        word, rest = found["word"].lower(), text[: found.start()].rstrip()
        if not rest:
            break
        if word.removeprefix("-") in NOUNS:
            text = rest
            continue
        worth = worths(found["word"])
        if not worth or not (rest[-1].isdigit() or rest[-1] in ").%" or SCALED.search(rest)):
            break
        text, scales = rest, worth
    return text, scales


def in_bytes(text: str) -> bool:
    """Whether a number is given in bytes."""
    return re.search(r"[0-9] ?(?:bytes?|B)$", text) is not None


def counted(text: str) -> list[str]:
    """What the words behind the numbers of an answer count: bytes, parameters, MACs, FLOPs."""
    said = BEHIND.findall(PRINTED.sub("", text))
    return [kind for kind, words in KINDS.items() if any(words.fullmatch(word) and word != "B" for word in said)]


def power(scale: Fraction) -> int:
    """1 for thousands or 1024s, 2 for millions or 2^20: which unit a scale is; 0 for none."""
    return next((n for n in (1, 2, 3, 4) if scale in (1000**n, 1024**n)), 0)


def worths(word: str) -> list[Fraction]:
    """By what a unit may scale a number; nothing for a word that is none."""
    if word.lower() in NUMERALS:
        return [Fraction(NUMERALS[word.lower()])]
    if word == "B":  # beside bytes, and a thousand million elsewhere
        return [Fraction(1), Fraction(SUFFIXES["B"])]
    found = UNIT.fullmatch(word)
    if found is None:
        return []
    prefix = (found["prefix"] or found["times"] or found["octets"] or "").lower()
    scale = Fraction(BINARY[prefix] if found["binary"] and prefix else PREFIXES[prefix])
    return [scale, Fraction(1)] if scale != 1 else [scale]
