"""Which question of a key a title on a sheet stands for: its expression, its words, with a number and points around."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

# What stands around a question on a sheet: its number, its points.
NUMBERING = re.compile(
    r"^\s*(?:(?:question|task|exercise|problem|part|aufgabe|frage|teil|q|ex)\s*[.:]?\s*)?"
    r"(?:\(?(?:\d+(?:\.\d+)*[a-h]?|[a-h])\s*[.):]+\)?|\(\s*(?:\d+[a-h]?|[a-h])\s*\)|q\d+[a-h]?\s*[.:)]?)\s+",
    re.IGNORECASE,
)
_POINTS = r"(?:points?|pts?|punkte?|pkt|marks?|p)\.?"
POINTS = re.compile(
    rf"\s*[\[(]\s*(?:\d+(?:[.,]\d+)?\s*{_POINTS}|{_POINTS}\s*[:=]?\s*\d+(?:[.,]\d+)?)\s*[\])]\s*$", re.IGNORECASE
)
WORDS = {
    "parameters": "params", "parameter": "params", "param": "params", "#params": "params",
    "number of parameters": "params",
    "output shape": "shape", "output_shape": "shape", "outputshape": "shape", "output size": "shape", "size": "shape",
    "receptive field": "receptive_field", "mac": "macs", "flop": "flops", "trainable parameters": "trainable",
}  # fmt: skip
_ATTRIBUTES = "|".join(
    sorted((*WORDS, "params", "shape", "macs", "flops", "trainable", "dense", "receptive_field"), key=len, reverse=True)
)
OF = re.compile(rf"(?:the\s+)?(?P<what>{_ATTRIBUTES})\s+(?:of|in|for|von)\s+(?:the\s+)?(?P<name>[\w.]+)", re.IGNORECASE)
AFTER = re.compile(rf"(?P<name>[\w.]+?)(?:[\s_]+|\.)(?P<what>{_ATTRIBUTES})", re.IGNORECASE)
LONGEST = 2_000


# `Q3`, `3.`, `(c)`, `iii)`, `Answer to question 3`: what stands for the third question.
_COUNTED = (
    r"(?:question|task|exercise|problem|part|aufgabe|frage|teil|q|no|nr|ex|#|answer|solution|response|ans|a|antwort|lösung|"
    r"réponse|exercice|pregunta|respuesta|ejercicio)(?:\s+(?:to|zu|zur|à|de))?(?![^\W\d])"
)
_COUNT = r"\d{1,3}|[a-h]|[ivx]{1,4}"
NUMBERED = re.compile(
    rf"\s{{0,9}}(?:{_COUNTED}\s{{0,9}}[.:#]?\s{{0,9}}){{0,2}}[(\[]?({_COUNT})\s{{0,9}}[.):\]]*\s{{0,9}}", re.IGNORECASE
)
ITEM = re.compile(
    rf"[\s|>*_•-]*(?:(?:the|my|die|der|meine|la)\s)?((?:{_COUNTED}\s{{0,9}}[.:#]?\s{{0,9}}){{1,2}}\(?(?:{_COUNT})\)?(?!\w|[.,]\d)|[(\[](?:{_COUNT})[)\]]|(?:{_COUNT})(?=\s{{0,9}}[.:)=|–-](?!\d)))"
    r"[\s.:)=|*_–—-]*(?:(?:is|ist|lautet|est)\s(?=.*\d))?",
    re.IGNORECASE,
)
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9, "x": 10}


def by_number(line: str) -> tuple[str, str]:
    """The number in front of a line, as it stands there, and what follows it; an empty one for none."""
    found = ITEM.match(line)
    return (found[1], line[found.end() :].rstrip(" |")) if found else ("", line)


class Questions:
    """The questions of a key by all that they may be called; `compact` gives an expression in one spelling."""

    def __init__(self, compact: Callable[[str], str]) -> None:
        self.compact = compact
        self._expressions: dict[str, str] = {}
        self._folded: dict[str, set[str]] = {}
        self._titles: dict[str, str] = {}
        self._known: dict[str, str] = {}

    def add(self, asked: str, texts: Iterable[str]) -> None:
        """A question, and the words in which it is put."""
        self._expressions[asked] = asked
        self._folded.setdefault(asked.casefold(), set()).add(asked)
        for text in texts:
            if text.strip():
                self._titles.setdefault(plain(text), asked)

    def find(self, title: str) -> str:
        """The question that a title stands for; empty where it stands for none."""
        if len(title) > LONGEST:
            return ""
        if title not in self._known:
            self._known[title] = self._found(title)
        return self._known[title]

    def numbered(self, title: str) -> str:
        """The question that a number stands for, `Q3` or `3.`; empty for none."""
        found = NUMBERED.fullmatch(title)
        asked = list(self._expressions)
        at = _count(found[1].lower()) if found else 0
        return asked[at - 1] if 0 < at <= len(asked) else ""

    def _found(self, title: str) -> str:
        for text in dict.fromkeys((title, bare(title))):
            for way in (text, *named(text)):
                asked = self.compact(way)
                if asked in self._expressions:
                    return asked
                same = self._folded.get(asked.casefold(), ())
                if len(same) == 1:
                    return next(iter(same))
        asked = self._titles.get(plain(title), "")
        return asked or self._inside(bare(title))

    def _inside(self, title: str) -> str:
        """The only question whose expression stands among other words."""
        text = "".join(title.split()) if " / " in title or " * " in title else title
        found = [asked for asked in self._expressions if "." in asked and _stands(asked, text)]
        longest = [asked for asked in found if not any(asked != other and asked in other for other in found)]
        return longest[0] if len(longest) == 1 else ""


def _count(text: str) -> int:
    """Which number a count is: `3`, `c` and `iii` are 3."""
    return int(text) if text.isdigit() else ROMAN.get(text) or (ord(text) - ord("a") + 1 if len(text) == 1 else 0)


def _stands(asked: str, text: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(asked)}(?![\w.\[])", text) is not None


def bare(title: str) -> str:
    """A title without its number and its points."""
    text = POINTS.sub("", title.strip())
    return NUMBERING.sub("", text).strip().strip("*`_").rstrip("?:").strip()


def plain(title: str) -> str:
    """A title for comparing: letters and digits alone, in one case."""
    return "".join(letter for letter in bare(title).casefold() if letter.isalnum())


def named(text: str) -> list[str]:
    """`parameters of conv1` and `conv1 output shape` as expressions."""
    found = []
    for pattern in (OF, AFTER):
        match = pattern.fullmatch(text.strip())
        if match:
            what = match["what"].lower()
            found.append(f"{match['name']}.{WORDS.get(what, what)}")
    return found


def parts(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines with their numbers; one with several numbered answers, `1: 448 | 2: 96`, cut into them."""
    for at, line in enumerate(lines, 1):
        cut = line.split(" | ")
        several = len(cut) > 1 and all(by_number(part)[0] for part in cut)
        yield from ((at, part) for part in (cut if several else [line]))
