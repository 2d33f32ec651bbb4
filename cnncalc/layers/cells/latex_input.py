"""Equations as people write them, `h_{t-1}`, `σ(...)`, `⊙`, `Wᵀ`, brought to the one spelling that the parser reads.

The way back is kept: a mistake is shown where it stands in the text that was written.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from cnncalc.expression.tokenize import ExpressionFault

SMALL = str.maketrans("₀₁₂₃₄₅₆₇₈₉₋₊", "0123456789-+")
COMMANDS = {
    "sigma": "sigmoid",
    "tanh": "tanh",
    "exp": "exp",
    "ln": "ln",
    "log": "log",
    "odot": "*",
    "circ": "*",
    "cdot": "*",
    "times": "*",
}


class Spelled(NamedTuple):
    """The text in the parser's spelling; `starts` and `ends` say which characters each of its own came from."""

    text: str
    starts: list[int]
    ends: list[int]

    def place(self, offset: int, length: int) -> tuple[int, int]:
        """Offset and length in the text that was written."""
        if not self.starts:
            return 0, 1
        first = min(offset, len(self.starts) - 1)
        last = min(max(offset + length - 1, first), len(self.ends) - 1)
        return self.starts[first], max(self.ends[last] - self.starts[first], 1)


@lru_cache(maxsize=1)
def _spellings() -> re.Pattern[str]:
    return re.compile(
        r"""(?P<ambiguous>(?P<which>[^\W\d_]\w*?)_t\s?[-−](?P<by>\d+)(?![\w.]))
        |(?P<time>(?P<base>[^\W\d_]\w*?)(?:_\{\s*(?P<braced>t(?:\s*[-−+]\s*\w+)?)\s*\}|_(?P<plain>t)(?!\w)|ₜ(?P<small>[₋₊][₀-₉]+)?(?!\w)))
        |(?P<below>_\{(?P<word>\w+)\})
        |(?P<command>\\(?P<name>[a-z]+))
        |(?P<sigma>σ(?=\s*\())
        |(?P<each>[⊙∘∗⋅])
        |(?P<turned>ᵀ|\^(?:\{\s*)?(?:T|⊤|\\top)(?:\s*\})?(?!\w))
        |(?P<part>;)
        |(?P<other>[^\W\d]\w*?(?=_\{|[ᵀₜ])|[^\W\d]\w*)""",
        re.VERBOSE,
    )


def spelled(text: str, timed: Collection[str], known: Collection[str]) -> Spelled:
    """The text in the parser's spelling. `timed` are names that have a value at each step, `known` all names."""
    pieces: list[tuple[str, int, int]] = []
    position = 0
    for found in _spellings().finditer(text):
        other = _other(found, text, timed, known)
        if other is None:
            continue
        pieces.append((text[position : found.start()], position, found.start()))
        pieces.append((other, found.start(), found.end()))
        position = found.end()
    pieces.append((text[position:], position, len(text)))
    starts: list[int] = []
    ends: list[int] = []
    for piece, start, end in pieces:
        if len(piece) == end - start:
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
        else:
            starts.extend([start] * len(piece))
            ends.extend([end] * len(piece))
    return Spelled("".join(piece for piece, _, _ in pieces), starts, ends)


def _other(found: re.Match[str], text: str, timed: Collection[str], known: Collection[str]) -> str | None:
    """What the parser reads in place of a spelling; None where it stays."""
    kind = found.lastgroup
    if found["ambiguous"]:
        name, by = found["which"], found["by"]
        if name not in timed or f"{name}_t" in known:
            return None
        raise ExpressionFault(
            "expression-syntax",
            f'"{found[0]}" can mean two things',
            text=text,
            offset=found.start(),
            length=len(found[0]),
            help=f"write {name}[t-{by}] for the value {by} before, {name}[t] - {by} for a difference",
        )
    if found["time"]:
        base = found["base"]
        if base not in timed or found[0] in known:
            return None
        lag = found["braced"] or "t" + (found["small"] or "").translate(SMALL)
        return f"{base}[{lag}]"
    if found["below"]:
        return f"_{found['word']}"
    if found["command"]:
        return COMMANDS.get(found["name"])
    if found["sigma"]:
        return "sigmoid"
    if found["each"]:
        return "*"
    if found["turned"]:
        return ".T"
    return "," if kind == "part" else None
