"""Arithmetic as a list of steps for a stack: no recursion, and the same steps for many values of the symbols."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, SupportsFloat

from cnncalc.answers.tokens import CONSTANTS, FUNCTIONS, Token, unreadable

DEEPEST = 40  # brackets inside each other
MOST_BITS = 4_000  # of a number on the way
CLOSING = {"(": ")", "⌊": "⌋", "⌈": "⌉", "[": "]"}
OPENING = frozenset(("number", "name", *CLOSING))


class Step(NamedTuple):
    """`kind` is "number", "symbol", an operation on two, or the name of a function of `arity` values."""

    kind: str
    value: Any = None
    arity: int = 0


class Formula:
    """What was written, as steps. `symbols` are those that it needs."""

    __slots__ = ("steps", "symbols", "text")

    def __init__(self, text: str, steps: Sequence[Step]) -> None:
        self.text = text
        self.steps = steps
        self.symbols = {step.value for step in steps if step.kind == "symbol"}

    def value(self, values: Mapping[str, Any] | None = None) -> Any:
        """A Fraction, or a float where a root or a logarithm is in it.

        Raises ArithmeticError or ValueError where there is none.
        """
        stack: list[Any] = []
        for kind, value, arity in self.steps:
            if kind == "number":
                stack.append(value)
            elif kind == "symbol":
                stack.append(Fraction((values or {})[value]))
            elif arity:
                arguments = stack[-arity:]
                del stack[-arity:]
                stack.append(checked(APPLY[kind](*arguments)))
            else:
                right, left = stack.pop(), stack.pop()
                stack.append(checked(OPERATE[kind](left, right)))
        return stack[0]

    def __repr__(self) -> str:
        return f"Formula({self.text!r})"


def read(text: str, tokens: list[Token]) -> Formula:
    """The formula of some tokens; raises Fault where they make none."""
    reader = Reader(tokens)
    reader.sum()
    if reader.at < len(tokens):
        raise unreadable(f'"{tokens[reader.at].text or tokens[reader.at].kind}" is out of place')
    return Formula(text, reader.steps)


class Reader:
    """Descends by precedence; what it reads is left as steps."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.steps: list[Step] = []

    def kind(self, ahead: int = 0) -> str:
        """The kind of a token ahead; empty at the end."""
        at = self.at + ahead
        return self.tokens[at].kind if at < len(self.tokens) else ""

    def sum(self) -> None:
        """Terms with + and - between them."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise unreadable("its brackets are nested too deeply")
        self.product()
        while self.kind() in ("+", "-"):
            sign = self.kind()
            self.at += 1
            self.product()
            self.steps.append(Step(sign))
        self.depth -= 1

    def product(self) -> None:
        """Factors with signs between them, or side by side."""
        self.signed()
        while True:
            sign = self.kind()
            if sign == "%" and self.kind(1) not in OPENING:
                self.at += 1
                self.steps += [Step("number", Fraction(100)), Step("/")]
            elif sign in ("*", "/", "//", "%"):
                self.at += 1
                self.signed()
                self.steps.append(Step(sign))
            elif sign == "name" and self.tokens[self.at].text == "mod":
                self.at += 1
                self.signed()
                self.steps.append(Step("%"))
            elif sign in ("name", "(", "⌊", "⌈") or (sign == "number" and self.tokens[self.at - 1].kind in ")⌋⌉"):
                self.power()
                self.steps.append(Step("*"))
            else:
                return

    def signed(self) -> None:
        """A factor with signs before it."""
        negative = False
        while self.kind() in ("+", "-"):
            negative ^= self.kind() == "-"
            self.at += 1
        self.power()
        if negative:
            self.steps.append(Step("negative", None, 1))

    def power(self) -> None:
        """A value, raised or not; powers of powers from the right."""
        waiting = 0
        self.value()
        while self.kind() == "^":
            self.at += 1
            negative = self.kind() == "-"
            self.at += negative
            self.value()
            if negative:
                self.steps.append(Step("negative", None, 1))
            waiting += 1
        self.steps += [Step("^")] * waiting

    def value(self) -> None:
        """A number, a symbol, a function of something, or what stands in brackets."""
        kind = self.kind()
        if not kind:
            raise unreadable("it ends too early")
        token = self.tokens[self.at]
        self.at += 1
        if kind == "number" and token.literal is not None:
            self.steps.append(Step("number", token.literal.value))
        elif kind == "name" and token.text in FUNCTIONS and self.kind() in ("(", "[", "number", "name"):
            self.function(token.text)
        elif kind == "name" and token.text in CONSTANTS:
            self.steps.append(Step("number", math.e if token.text == "e" else math.pi))
        elif kind == "name" and token.text not in FUNCTIONS:
            self.steps.append(Step("symbol", token.text))
        elif kind in CLOSING:
            self.sum()
            self.close(kind)
            if kind in "⌊⌈":
                self.steps.append(Step("floor" if kind == "⌊" else "ceil", None, 1))
        else:
            raise unreadable(f'"{token.text or kind}" is out of place')

    def function(self, name: str) -> None:
        """A function, with brackets around its values or one value without."""
        opening, count = self.kind(), 1
        if opening not in CLOSING:
            self.value()
        else:
            self.at += 1
            self.sum()
            while self.kind() in (",", ";"):
                self.at += 1
                self.sum()
                count += 1
            self.close(opening)
        name = {"ceiling": "ceil", "int": "floor"}.get(name, name)
        if (count > 1) != (name in ("min", "max", "mod")) or count > 8 or (name == "mod" and count != 2):
            raise unreadable(f"{name}() does not take {count} value{'s' if count > 1 else ''}")
        self.steps.append(Step(name, None, count))

    def close(self, opening: str) -> None:
        """The bracket that closes."""
        if self.kind() != CLOSING[opening]:
            raise unreadable(f'a "{CLOSING[opening]}" is missing')
        self.at += 1


# --- arithmetic -----------------------------------------------------------------------------------------------------


def checked(value: Any) -> object:
    """The number, unless it has become too large."""
    if isinstance(value, Fraction):
        if max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS:
            raise OverflowError
    elif isinstance(value, complex) or not math.isfinite(value):
        raise ValueError
    return value


def raised(base: Fraction | float, exponent: Fraction | float) -> object:
    """base ^ exponent, where that is a number of bounded size."""
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        size = max(base.numerator.bit_length(), base.denominator.bit_length())
        if size * abs(exponent) > MOST_BITS:
            raise OverflowError
        return base ** int(exponent)
    return float(base) ** float(exponent)


def whole(rounding: Callable[[Any], int]) -> Callable[[Any], Fraction]:
    """A rounding that gives a Fraction; a float that is a whole number but for noise is that number."""

    def apply(value: object) -> Fraction:
        if isinstance(value, float) and abs(value - round(value)) < 1e-9:
            return Fraction(round(value))
        return Fraction(rounding(value))

    return apply


def _float(function: Callable[[float], float]) -> Callable[[SupportsFloat], float]:
    return lambda value: function(float(value))


def root(value: Fraction | float) -> object:
    """The square root; exact where it is."""
    if isinstance(value, Fraction) and value >= 0:
        top, bottom = math.isqrt(value.numerator), math.isqrt(value.denominator)
        if top * top == value.numerator and bottom * bottom == value.denominator:
            return Fraction(top, bottom)
    return math.sqrt(float(value))


OPERATE: dict[str, Callable[[Any, Any], object]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: Fraction(math.floor(a / b)),
    "%": lambda a, b: a % b,
    "^": raised,
}
APPLY: dict[str, Callable[..., object]] = {
    "negative": lambda a: -a,
    "floor": whole(math.floor),
    "ceil": whole(math.ceil),
    "round": whole(round),
    "abs": abs,
    "sqrt": root,
    "ln": _float(math.log),
    "log": _float(math.log),
    "log2": _float(math.log2),
    "log10": _float(math.log10),
    "exp": _float(math.exp),
    "sin": _float(math.sin),
    "cos": _float(math.cos),
    "tanh": _float(math.tanh),
    "sigmoid": _float(lambda value: 1 / (1 + math.exp(-value))),
    "relu": lambda value: max(value, Fraction(0)),
    "min": min,
    "max": max,
    "mod": lambda a, b: a % b,
}
