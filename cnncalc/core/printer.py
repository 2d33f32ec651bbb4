"""The printer of formulas: how each operation is written in each style, and where brackets are needed.

Explained numbers (`core/notation`), equations of cells (`layers/cells/notation`) and free dimensions
(`symbolic/printing`) have trees of their own. Each reads its tree once and hands every operation to a `Style`, with
what was written of the arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from cnncalc.core.number import apart

# How tightly an operation binds: what binds less tightly than its place asks for stands in brackets.
SUM, NEGATIVE, QUOTIENT, PRODUCT, MATRIX, POWER, ATOM = range(7)
# A sum in TeX gets a place where it may be broken after about so many characters that are seen.
WIDEST = 60
GREEK = {"α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "ε": r"\varepsilon", "μ": r"\mu", "σ": r"\sigma"}


class Written(NamedTuple):
    """A text and how tightly it binds."""

    text: str
    binds: int = ATOM

    def within(self, least: int) -> str:
        """The text, in brackets where it binds less tightly than that."""
        return self.text if self.binds >= least else f"({self.text})"


class Form(NamedTuple):
    """How an operation is written: a pattern, how tightly it binds, and how tightly each argument has to."""

    pattern: str
    binds: int = ATOM
    least: tuple[int, ...] = (SUM, SUM)


class Style(NamedTuple):
    """One way to write formulas.

    plus, minus  the signs of a sum, with their spaces; `negative` stands before a number or a sum
    times        the sign of a product; `factor` is how tightly each of its factors has to bind
    forms        operations that are not written as calls; "raised" is a power of digits, which `digits` makes small
    names        what a function is called; `word` is how the name of another one is written
    symbol       how a symbol is written
    thousands    what stands between thousands of a number that is `grouped`
    """

    plus: str
    minus: str
    negative: str
    times: str
    factor: int
    forms: Mapping[str, Form]
    names: Mapping[str, str] = {}
    word: str = "{}"
    digits: Mapping[int, int] = {}
    symbol: Callable[[str], str] = str
    thousands: str = ","
    grouped: bool = False

    def number(self, text: str) -> str:
        """A number, of which the digits are given."""
        return apart(text, self.thousands) if self.grouped else text

    def arguments(self, operation: str) -> Style:
        """The style of what an operation is done with: arguments of a call have commas between them, not inside."""
        return self._replace(grouped=False) if self.grouped and operation not in self.forms else self

    def write(self, operation: str, *args: Written) -> Written:
        """An operation, or a call of a function."""
        form = self.forms.get(operation)
        if form is None:
            name = self.names.get(operation) or self.word.format(operation)
            return Written(f"{name}({', '.join(arg.text for arg in args)})")
        return Written(form.pattern.format(*map(Written.within, args, form.least)), form.binds)

    def total(self, summands: Iterable[tuple[bool, str]], broken: bool = False) -> Written:
        """A sum of texts, each with whether it is taken away; `broken` sets newlines where TeX may break it."""
        text = ""
        since = 0
        for taken, shown in summands:
            seen = _seen(shown) if broken else 0
            sign = self.minus if taken else self.plus
            if not text:
                sign = self.negative if taken else ""
            elif broken and since + seen > WIDEST:
                sign = "\n" + sign.lstrip()
                since = 0
            text += sign + shown
            since += seen + 3
        return Written(text, SUM)

    def product(self, factors: Iterable[Written]) -> Written:
        """A product of two factors or more."""
        return Written(self.times.join([factor.within(self.factor) for factor in factors]), PRODUCT)

    def power(self, base: Written, exponent: Written) -> Written:
        """A power; a whole one is raised where the style does that."""
        if "raised" in self.forms and exponent.text.isdigit():
            return self.write("raised", base, Written(exponent.text.translate(self.digits)))
        return self.write("power", base, exponent)

    def but(self, forms: Mapping[str, Form], names: Mapping[str, str] | None = None) -> Style:
        """The same style with other forms of some operations, and other names."""
        return self._replace(forms={**self.forms, **forms}, names=self.names if names is None else names)


def tex_symbol(symbol: str) -> str:
    """`C_in` as C_{\\text{in}}, `K_h` as K_h, a whole word as text."""
    base, _, below = symbol.partition("_")
    if len(base) != 1 or not symbol.replace("_", "").isalnum():
        return tex_text(symbol)
    if not below:
        return base
    below = below.replace("_", ", ")
    return f"{base}_{below}" if len(below) == 1 else rf"{base}_{{\text{{{below}}}}}"


def tex_text(text: str) -> str:
    """Words inside a formula."""
    letter = GREEK.get(text[:1])
    if letter is not None:  # which LaTeX has in formulas alone
        return letter if len(text) == 1 else rf"{letter}\ {tex_text(text[1:].lstrip())}"
    escaped = "".join("\\" + c if c in "_%&#${}" else c for c in text if c not in "\\^~")
    return rf"\text{{{escaped}}}"


def _seen(text: str) -> int:
    """About how wide TeX is on paper, in characters."""
    import re  # only a sum needs it

    return len(re.sub(r"\\[a-z]+|[{}_^ ]", "", text)) + 2 * text.count(r"\cdot")


_QUOTIENT = Form("{}/{}", QUOTIENT, (NEGATIVE, POWER))
_POWER = Form("{}^{}", POWER, (ATOM, ATOM))

# As Python and the expression language read it back.
PYTHON = Style(
    " + ",
    " - ",
    "-",
    "*",
    POWER,
    {
        "quotient": _QUOTIENT,
        "power": Form("{}**{}", POWER, (ATOM, ATOM)),
        "mod": Form("{} % {}", PRODUCT, (POWER, POWER)),
    },
    {"log": "ln"},
)
# For people.
TEXT = Style(
    " + ",
    " − ",
    "−",
    "·",
    POWER,
    {
        "quotient": _QUOTIENT,
        "power": _POWER,
        "raised": Form("{}{}", POWER, (ATOM, SUM)),
        "mod": Form("{} mod {}", PRODUCT, (POWER, POWER)),
        "floor": Form("⌊{}⌋"),
        "ceil": Form("⌈{}⌉"),
    },
    {"log": "ln"},
    digits=str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"),
)
# As a formula of its own in TeX.
TEX = Style(
    " + ",
    " - ",
    "-",
    r" \cdot ",
    QUOTIENT,
    {
        "quotient": Form(r"\frac{{{}}}{{{}}}", QUOTIENT),
        "power": Form("{}^{{{}}}", POWER, (ATOM, SUM)),
        "mod": Form(r"({} \bmod {})"),
        "floor": Form(r"\left\lfloor {} \right\rfloor"),
        "ceil": Form(r"\left\lceil {} \right\rceil"),
        "sqrt": Form(r"\sqrt{{{}}}"),
        "abs": Form(r"\left|{}\right|"),
    },
    {
        "sigmoid": r"\sigma",
        **{name: rf"\{name}" for name in ("tanh", "exp", "ln", "log", "sin", "cos", "max", "min")},
        "log2": r"\log_2",
        "relu": r"\text{ReLU}",
    },
    r"\text{{{}}}",
    symbol=tex_symbol,
    thousands="{,}",
)
# As a number within such a formula: on one line.
TEX_LINE = TEX._replace(
    factor=POWER,
    forms={
        "quotient": _QUOTIENT,
        "power": _POWER,
        "raised": Form("{}^{{{}}}", POWER, (ATOM, SUM)),
        "mod": Form(r"{} \text{{mod}} {}", PRODUCT, (POWER, POWER)),
        "floor": Form(r"\lfloor {} \rfloor"),
    },
    names={"log": r"\text{ln}"},
)
