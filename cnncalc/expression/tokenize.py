"""The words of an expression, before Python's parser sees it.

Python reads expressions well, but it has no `encoder.0.attn`, reads `^` as something else, and says "invalid syntax"
where a reader could be told more. So the text is cut into tokens first: what Python could not read is replaced by a
stand-in (`Scanned.words` has what it stands for), and most mistakes are found here, with their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from cnncalc.core.problem import Fault
from cnncalc.expression.vocabulary import BYTES, CLOSES, KEYWORDS, MEANT, REFUSED, SAME_AS, STRANGE, VALUE_WORDS

MAX_TEXT = 20_000  # characters; a whole pasted nn.Sequential fits
MAX_TOKENS = 5_000
MAX_BRACKETS = 50  # open at once; Python's own limit is 200, and recursion costs stack
MAX_PREFIXES = 20  # signs or "not" in a row


class ExpressionFault(Fault):
    """A fault in an expression: characters `offset` to `offset + length` of `text`, counted from 0."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        text: str = "",
        offset: int = 0,
        length: int = 1,
        help: Iterable[str] | str = (),
    ) -> None:
        super().__init__(code, message, help=help)
        self.text = text
        self.offset = offset
        self.length = length


class Scanned(NamedTuple):
    """What Python's parser is given (`code`, ASCII, one line), and the way back to the text.

    `starts[i]` and `ends[i]` are the offsets in the text of what character i of the code came from; None where the
    code is the text itself. `words` maps each stand-in to the name or the string it stands for.
    """

    code: str
    starts: list[int] | None
    ends: list[int] | None
    words: dict[str, str]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Offset and length in the text of code[start:end]."""
        if self.starts is None or self.ends is None:
            return start, max(end - start, 1)
        if start >= len(self.starts):
            return (self.ends[-1] if self.ends else 0), 1
        offset = self.starts[start]
        return offset, max(self.ends[end - 1] - offset, 1)


@lru_cache(maxsize=1)
def tokens() -> re.Pattern[str]:
    """The pattern of one token, compiled when first needed."""
    return re.compile(
        r"""(?P<space>\s+)
        |(?P<path>[0-9]+(?:\.[0-9]+)*(?=\.[^\W0-9])(?!\.[eE][+-]?[0-9]))  # 0.1.weight: layers named by number
        |(?P<bytes>[0-9][0-9_]*(?:\.[0-9]+)?[ ]?(?:[kKMGT]B|[KMGT]iB)(?![\w.=(]))
        |(?P<number>(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?)
        |(?P<name>[^\W0-9]\w*|\?)
        |(?P<string>"[^"]*"|'[^']*'|“[^”]*”|‘[^’]*’)
        |(?P<operator>\*\*|//|<<|>>|:=|<=|>=|==|!=|[-+*/%@()\[\],:.<>=^×·÷−≤≥≠])
        |(?P<strange>.)""",
        re.VERBOSE | re.DOTALL,
    )


@lru_cache(maxsize=1)
def steps() -> re.Pattern[str]:
    """`.0` after a name or a bracket: the copy of that number."""
    return re.compile(r"\.([0-9]+)(?![0-9_])")


def scan(text: str, names: tuple[str, ...] = ()) -> Scanned:
    """Cut `text` into tokens and rewrite them for Python; raises ExpressionFault for most mistakes of form.

    `names` are those that no token is: `/layer1/conv1/Conv`, the longest first.
    """
    if len(text) > MAX_TEXT:
        raise ExpressionFault(
            "expression-too-long", f"an expression of {len(text)} characters; at most {MAX_TEXT} are read", text=text
        )
    return Scanner(text, names).read()


class Scanner:
    """One pass over one text. The state is what the last token was, and which brackets are open."""

    __slots__ = ("last", "names", "open", "pieces", "prefixes", "text", "value", "words")

    def __init__(self, text: str, names: tuple[str, ...] = ()) -> None:
        self.text = text
        self.names = names
        self.pieces: list[tuple[str, int, int]] = []  # code, and where it came from
        self.words: dict[str, str] = {}
        self.open: list[tuple[str, int]] = []
        self.last = ""  # the last token that is not a space
        self.value = False  # whether it ends a value
        self.prefixes = 0

    def read(self) -> Scanned:
        """All tokens."""
        text, position, step, token = self.text, 0, steps(), tokens()
        while position < len(text):
            if self.value and text[position] == "." and (found := step.match(text, position)):
                self.add(self.position(found[1], found), found)
                position = found.end()
            elif self.names and not self.value and (name := self.named(position)):
                position += len(name)
            else:
                found = token.match(text, position)
                assert found is not None  # the last alternative takes any character
                getattr(self, found.lastgroup or "strange")(found)
                position = found.end()
            if len(self.pieces) > MAX_TOKENS:
                raise self.fault(
                    f"an expression of more than {MAX_TOKENS} words", 0, len(text), code="expression-too-long"
                )
        if self.open:
            bracket, start = self.open[-1]
            raise self.fault(f'"{bracket}" is never closed', start)
        if not self.last:
            raise self.fault("an empty expression", 0)
        if not self.value and self.last not in (",",):
            raise self.fault(f'a value is missing after "{self.last}"', max(len(text.rstrip()) - 1, 0))
        return self.finish()

    def finish(self) -> Scanned:
        """The pieces put together, with the way back where they differ from the text."""
        while self.pieces and self.pieces[0][0].isspace():
            del self.pieces[0]
        code = "".join(piece for piece, _, _ in self.pieces)
        if code == self.text:
            return Scanned(code, None, None, self.words)
        starts: list[int] = []
        ends: list[int] = []
        for piece, start, end in self.pieces:
            if len(piece) == end - start:
                starts.extend(range(start, end))
                ends.extend(range(start + 1, end + 1))
            else:
                starts.extend([start] * len(piece))
                ends.extend([end] * len(piece))
        return Scanned(code, starts, ends, self.words)

    def fault(
        self, message: str, start: int, length: int = 1, help: str = "", code: str = "expression-syntax"
    ) -> ExpressionFault:
        """A mistake of form at an offset."""
        return ExpressionFault(code, message, text=self.text, offset=start, length=length, help=help or ())

    def position(self, digits: str, found: re.Match[str]) -> str:
        if len(digits) >= 10:
            raise self.fault("a number of that many digits cannot be a position", found.start(), len(found[0]))
        return f"[{int(digits)}]"

    def add(self, piece: str, found: re.Match[str]) -> None:
        self.pieces.append((piece, found.start(), found.end()))

    def stand_in(self, word: str) -> str:
        name = f"_cnncalc_{len(self.words)}_"
        self.words[name] = word
        return name

    def named(self, start: int) -> str:
        """The name of `names` that begins here, taken for a value, or an unknown one with "/" in front; else ""."""
        unknown = re.compile(r"(?:/[\w.-]+?)+(?=\.[a-z_]+\b(?!/)|[^\w./-]|$)").match(self.text, start)
        for name in (*self.names, unknown[0] if unknown else ""):
            end = start + len(name)
            after = self.text[end : end + 1]
            if name and self.text.startswith(name, start) and not (after.isalnum() or after in ("_", "/")):
                self.last, self.value, self.prefixes = name, True, 0
                self.pieces.append((self.stand_in(name), start, end))
                return name
        return ""

    # -- one method a kind of token ----------------------------------------------------------------------------

    def space(self, found: re.Match[str]) -> None:
        self.add(" " * len(found[0]), found)

    def begins_value(self, found: re.Match[str], shown: str) -> None:
        """A name, number or string begins here; refuse it straight after another value."""
        if self.value:
            from cnncalc.expression.pasted import side_by_side

            help = side_by_side(self.last, shown, self.open[-1][0] if self.open else "")
            raise self.fault(f'nothing between "{self.last}" and "{shown}"', found.start(), len(shown), help)
        self.last, self.value, self.prefixes = shown, True, 0

    def path(self, found: re.Match[str]) -> None:
        self.begins_value(found, found[0])
        first, *rest = found[0].split(".")
        self.add(self.stand_in(first) + "".join(self.position(part, found) for part in rest), found)

    def bytes(self, found: re.Match[str]) -> None:
        """`24GB`: so many bytes, a whole number where it is one."""
        unit = next(unit for unit in BYTES if found[0].endswith(unit))
        amount = found[0][: -len(unit)].rstrip().replace("_", "")
        if len(amount) > 30:
            raise self.fault(f"a size of {len(amount)} digits", found.start(), len(found[0]), code="number-too-large")
        whole, _, decimals = amount.partition(".")
        size, over = divmod(int(whole + decimals) * BYTES[unit], 10 ** len(decimals))
        self.begins_value(found, found[0])
        self.add(repr(size + over / 10 ** len(decimals)) if over else str(size), found)

    def number(self, found: re.Match[str]) -> None:
        written, end = found[0], found.end()
        if end < len(self.text) and (self.text[end].isidentifier() or self.text[end] == "."):
            match = re.compile(r"[\w.]*").match(self.text, end)
            rest = match[0] if match else ""
            from cnncalc.expression.pasted import size_help

            raise self.fault(
                f'"{written}{rest}" is not a number',
                found.start(),
                len(written + rest),
                size_help(written + rest, argument=found.start() > 0)
                if rest[:1] in "xX" and rest[1:2].isdigit()
                else f"write {written}*{rest}"
                if rest.isidentifier()
                else "",
            )
        if written[0] == "0" and written.isdigit() and written.strip("0"):
            raise self.fault(
                f'"{written}" begins with a zero', found.start(), len(written), f"write {written.lstrip('0')}"
            )
        if written.isdigit() and len(written) > 4000:
            raise self.fault(f"a number of {len(written)} digits", found.start(), len(written), code="number-too-large")
        self.begins_value(found, written)
        self.add(written, found)

    def name(self, found: re.Match[str]) -> None:
        word, start, end = found[0], found.start(), found.end()
        rest = self.text[end : end + 2]
        if self.last == ".":  # an attribute, whatever Python calls it
            self.last, self.value = word, True
        else:
            plain = word in KEYWORDS and not (rest[:1] == "." and rest[1:].isidentifier())
            option = bool(self.open) and re.compile(r"\s*=(?!=)").match(self.text, end) is not None
            if plain and not option and word in REFUSED:
                raise self.fault(f'"{word}": {REFUSED[word]}', start, len(word))
            if plain and not option and word in MEANT:
                return self.keyword(found)
            if rest[:1] in ('"', "'", "“", "‘"):
                raise self.fault("a string takes no prefix", start, len(word), "write the quotes alone")
            if word == "σ":
                return self.strange(found)
            self.begins_value(found, word)
        if word != "?" and not word.isidentifier():
            raise self.fault(f'"{word}" is not a name', start, len(word))
        if word.startswith("__"):
            raise self.fault(f'"{word}": names that begin with two underscores cannot be reached', start, len(word))
        self.add(word if word.isascii() and word not in KEYWORDS and word != "?" else self.stand_in(word), found)

    def keyword(self, found: re.Match[str]) -> None:
        """One of Python's words in its meaning: a value, a sign before one, or an operator between two."""
        word = found[0]
        if word in VALUE_WORDS:
            self.begins_value(found, word)
        elif word == "not" and not self.value:
            self.prefix(found)
        else:
            if not self.value and not (word == "in" and self.last == "not"):
                raise self.fault(f'a value is missing before "{word}"', found.start(), len(word))
            self.last, self.value = word, False
        self.add(word, found)

    def prefix(self, found: re.Match[str]) -> None:
        self.prefixes += 1
        self.last = found[0]
        if self.prefixes > MAX_PREFIXES:
            raise self.fault(f"more than {MAX_PREFIXES} signs in a row", found.start(), code="expression-too-deep")

    def string(self, found: re.Match[str]) -> None:
        self.begins_value(found, found[0])
        self.add(f'"{self.stand_in(found[0][1:-1])}"', found)

    def operator(self, found: re.Match[str]) -> None:
        sign = SAME_AS.get(found[0], found[0])
        start = found.start()
        if sign in ("(", "["):
            self.opening(sign, start)
        elif sign in CLOSES:
            self.closing(sign, start)
        elif sign in ("<<", ">>", ":="):
            raise self.fault(f'"{sign}" has no meaning in an expression', start, 2)
        elif sign == ":":
            if not self.open or self.open[-1][0] != "[":
                raise self.fault('":" has no meaning here', start, 1, "a slice stands in brackets: shape[1:3]")
            self.last, self.value = sign, False
        elif sign in ("+", "-") and not self.value:
            self.prefix(found)
        elif sign == "*" and not self.value and self.last in ("", "(", "[", ","):
            raise self.fault('"*" cannot unpack a list here', start)
        elif sign == "**" and not self.value and self.last in ("(", ","):
            raise self.fault('"**" cannot unpack options here', start, 2)
        elif not self.value and not (sign == "," and self.last == ":"):
            raise self.fault(f'a value is missing before "{found[0]}"', start, len(found[0]))
        elif sign == "=" and not (self.open and self.open[-1][0] == "(" and self.last.isidentifier()):
            raise self.fault('a single "=" has no meaning here', start, 1, "write == to compare")
        else:
            self.last, self.value = sign, False
        self.add(sign, found)

    def opening(self, sign: str, start: int) -> None:
        if self.value and sign == "(" and not (self.last.isidentifier() or self.last == "]"):
            raise self.fault(f'nothing between "{self.last}" and "("', start, 1, "write * between them")
        self.open.append((sign, start))
        if len(self.open) > MAX_BRACKETS:
            raise self.fault(f"more than {MAX_BRACKETS} brackets inside each other", start, code="expression-too-deep")
        self.last, self.value, self.prefixes = sign, False, 0

    def closing(self, sign: str, start: int) -> None:
        if not self.open:
            raise self.fault(f'"{sign}" closes nothing', start)
        opened, _ = self.open.pop()
        if opened != CLOSES[sign]:
            raise self.fault(f'"{opened}" is closed by "{sign}"', start)
        if not self.value and self.last not in (opened, ",", ":"):
            raise self.fault(f'a value is missing after "{self.last}"', start)
        self.last, self.value, self.prefixes = sign, True, 0

    def strange(self, found: re.Match[str]) -> None:
        sign = found[0]
        if sign in "\"'“”‘’":
            raise self.fault("a string is never closed", found.start())
        shown = f'"{sign}"' if sign.isprintable() else f"the character U+{ord(sign):04X}"
        message, help = STRANGE.get(sign, (f"{shown} has no meaning in an expression", ""))
        raise self.fault(message, found.start(), 1, help)
