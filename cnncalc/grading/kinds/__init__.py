"""What the mistakes are called: a code for each kind, a sentence about it, and a small example.

One Markdown file a family; a section a kind: `## bias-forgotten`, the sentence, the names that a diagnosis may give it
(`*` stands for anything), and a spec whose `expect` holds an answer with that mistake.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

_here = Path(__file__).parent
LONGEST = 400  # characters of a name that are looked at
AND = " and "


class Kind(NamedTuple):
    """A kind of mistake; `names` are what diagnoses call it, `example` is a spec with an answer that has it."""

    code: str
    family: str
    sentence: str
    names: tuple[str, ...]
    example: str

    @property
    def title(self) -> str:
        """Its first name, without what stands for anything."""
        return self.names[0].replace("*", "...")


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by its code, family by family."""
    found: dict[str, Kind] = {}
    for path in sorted(_here.glob("*.md")):
        title, *sections = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        family = title.removeprefix("# ").strip()
        for section in sections:
            code, _, rest = section.partition("\n")
            words, _, example = rest.partition("```yaml\n")
            lines = words.strip().splitlines()
            names = tuple(line[2:] for line in lines if line.startswith("- "))
            sentence = " ".join(line for line in lines if line and not line.startswith("- "))
            found[code.strip()] = Kind(code.strip(), family, sentence, names, example.partition("```")[0])
    return found


@cache
def _patterns() -> list[tuple[int, re.Pattern[str], str]]:
    """What the names look like, the longest first."""
    found = []
    for kind in kinds().values():
        for name in kind.names:
            wild = "(?:.*?)".join(map(re.escape, name.split("*")))
            found.append((len(name.replace("*", "")), re.compile(wild + r"(?!\w)"), kind.code))
    return sorted(found, key=lambda entry: -entry[0])


@cache
def codes_of(name: str) -> tuple[str, ...]:
    """The codes of what a diagnosis names: one, or those of two mistakes at once; none for what has no code."""
    name = name[:LONGEST]
    for size, pattern, code in _patterns():
        match = pattern.match(name)
        if match is None:
            continue
        rest = name[match.end() :]
        if size > len(AND) and rest.startswith(AND) and (other := codes_of(rest[len(AND) :])):
            return tuple(dict.fromkeys((code, *other)))
        return (code,)
    return ()
