"""What an evaluation carries along: the scope, the text for the places of faults, and how much work is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from cnncalc.core.problem import Fault, did_you_mean
from cnncalc.expression.arithmetic import size
from cnncalc.expression.functions import FUNCTIONS
from cnncalc.expression.parsed import CONSTANTS, Expression
from cnncalc.expression.tokenize import ExpressionFault

MAX_WORK = 1_000_000  # elements that one evaluation may handle in all
MAX_STEPS = 5_000_000  # letters, elements and large digits that the evaluations of one network may handle in all
# The code of a fault that only says that another mistake left a value unknown; it is never shown.
UNKNOWN = "unknown-because"


class Lookup(Protocol):
    """A scope that is not a mapping."""

    def lookup(self, name: str) -> object:
        """The value of a name; raises KeyError."""


Scope = Mapping[str, object] | Lookup


class Word(str):
    """A bare word where a text may be meant: `padding=same`, whose quotes the shell has taken."""

    __slots__ = ()


class Function:
    """Something that an expression may call. Nothing else that a scope hands out can be called.

    With `raw` it gets the unevaluated arguments and the scope: `call(arguments: list[Expression], scope)`.
    """

    __slots__ = ("call", "raw")

    def __init__(self, call: Callable[..., object], *, raw: bool = False) -> None:
        self.call = call
        self.raw = raw


class Budget:
    """What the evaluations of one network may still cost together, and how often they asked for a name."""

    __slots__ = ("left", "lookups")

    def __init__(self) -> None:
        self.left = MAX_STEPS
        self.lookups = 0

    def spend(self, steps: int) -> None:
        """Count some work; raises `Fault` where it becomes too much, and what follows is no mistake of its own."""
        if self.left < 0:
            raise Fault(UNKNOWN, "no steps are left")
        self.left -= steps
        if self.left < 0:
            raise Fault(
                "too-many-steps",
                f"the expressions and options of this network take more than {MAX_STEPS:,} steps to be worked out",
                help="a shorter expression, or a smaller repeat around it",
            )


class Evaluation:
    """One evaluation: where the text is, what the names mean, and how much work is left."""

    __slots__ = ("budget", "expression", "left", "scope", "words")

    def __init__(self, expression: Expression, scope: Scope, *, words: bool) -> None:
        self.expression = expression
        self.scope = scope
        self.words = words
        self.left = MAX_WORK
        self.budget: Budget | None = getattr(scope, "budget", None)
        if self.budget is not None:  # many short expressions are as much work as a long one
            tree: Any = expression.tree
            self.budget.spend(tree.end_col_offset - tree.col_offset)

    def lookup(self, name: str) -> object:
        """The scope's value of a name, or a constant; raises KeyError."""
        try:
            return self.scope[name] if isinstance(self.scope, Mapping) else self.scope.lookup(name)
        except KeyError:
            if name in CONSTANTS:
                return CONSTANTS[name]
            raise

    def names(self) -> list[str]:
        """The names that the scope says it has."""
        if isinstance(self.scope, Mapping):
            return list(self.scope)
        names: Callable[[], Iterable[str]] | None = getattr(self.scope, "names", None)
        return list(names()) if names else []

    def fault(self, node: object, fault: Fault) -> ExpressionFault:
        """The fault with its place in the text."""
        offset, length = self.expression.place(node)
        return ExpressionFault(
            fault.code, fault.message, text=self.expression.whole, offset=offset, length=length, help=fault.help
        )

    def spend(self, value: object) -> Any:
        """Count the elements of a list that was made or read, or the digits of a number, and return it."""
        if isinstance(value, list):
            cost = size(value)
            self.left -= cost
            if self.left < 0:
                raise Fault("list-too-large", f"lists of more than {MAX_WORK:,} numbers in all")
        elif type(value) is int and value.bit_length() > 256:
            cost = value.bit_length() >> 5
        else:
            return value
        if self.budget is not None:
            self.budget.spend(cost)
        return value

    def source(self, node: object) -> str:
        """A node as it was written."""
        offset, length = self.expression.place(node)
        return self.expression.whole[offset : offset + length]

    def unknown(self, word: str, node: object) -> ExpressionFault:
        """The fault for a name that nothing defines, with the nearest one."""
        if word == "?":
            return self.fault(node, Fault("unknown-name", '"?" stands for a value that is not known here'))
        return self.fault(node, unknown("name", word, self.names()))

    def unknown_function(self, word: str, node: object) -> ExpressionFault:
        """The fault for a function that there is not, with the nearest one."""
        mine = [name for name in self.names() if self.has_function(name)]
        return self.fault(node, unknown("function", word, [*FUNCTIONS, *mine]))

    def has_function(self, name: str) -> bool:
        """Whether the scope has a function of that name."""
        try:
            return isinstance(self.lookup(name), Function)
        except (KeyError, Fault):
            return False


def unknown(what: str, word: str, known: list[str]) -> Fault:
    """`unknown name "con1"; did you mean conv1?`"""
    near = did_you_mean(word, known)
    message = f'unknown {what} "{word}"' + (f"; did you mean {near}?" if near else "")
    return Fault("unknown-name", message, help=() if near or not known else (f"known {what}s: {listed(known)}",))


def listed(names: list[str]) -> str:
    """The first names of a list, for a help text."""
    return ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
