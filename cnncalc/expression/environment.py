"""What names mean in `let`, fields and `when`: constants, block parameters, and how a written value is evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from cnncalc.core.problem import Fault
from cnncalc.expression.arithmetic import size
from cnncalc.expression.evaluate import Word, value_of
from cnncalc.expression.evaluation import UNKNOWN, Budget
from cnncalc.expression.syntax import Expression, Literal, parse
from cnncalc.expression.tokenize import ExpressionFault
from cnncalc.read.yaml.value import Value

# Faults that say of a text that it is an expression: it is worked out until it is too much.
TOO_MUCH = ("list-too-large", "too-many-steps", UNKNOWN)


class _Broken:
    """Stands for a constant that could not be worked out: its own problem is noted."""


BROKEN = _Broken()


class Environment:
    """Names with values, innermost first; those of one network share what they may cost."""

    __slots__ = ("budget", "outer", "values")

    def __init__(self, values: dict[str, Any], outer: Environment | None = None) -> None:
        self.values = values
        self.outer = outer
        self.budget: Budget = Budget() if outer is None else outer.budget

    def lookup(self, name: str) -> Any:
        """The value of a name; KeyError where it has none."""
        self.budget.lookups += 1
        here: Environment | None = self
        while here is not None:
            if name in here.values:
                value = here.values[name]
                if value is BROKEN:
                    raise Fault(UNKNOWN, f"{name} could not be worked out")
                return value
            here = here.outer
        raise KeyError(name)

    def names(self) -> list[str]:
        """Every name, for suggestions."""
        mine = list(self.values)
        return mine + (self.outer.names() if self.outer else [])

    def has(self, name: str) -> bool:
        """Whether the name has a value."""
        try:
            self.lookup(name)
        except KeyError:
            return False
        except Fault:
            pass
        return True


def evaluate(written: Any, env: Environment, words: tuple[str, ...] | None = ()) -> Any:
    """The value of an argument: an expression of a call, or a value of YAML (which may be an expression).

    `words` are the texts that the option knows; None means that any text will do. Raises `Fault`.
    """
    if type(written) is Literal and type(written.value) is not float:  # which may be infinite
        env.budget.spend(written.end_col_offset - written.col_offset)
        return written.value
    if isinstance(written, Expression):
        return value_of(written, env, words=True)
    if not isinstance(written, Value):
        return written
    if written.kind == "list":
        env.budget.spend(len(written.data))
        return [evaluate(part, env, words) for part in written.data]
    if written.kind == "map":
        env.budget.spend(len(written.data))
        return {key.data: evaluate(part, env, words) for key, part in written.data}
    data = written.data
    if not isinstance(data, str):
        return data
    if words and data.lower() in words:
        return data
    try:
        value = value_of(parse(data), env, words=True)
        if isinstance(value, (list, dict)):  # `a1: [a0, a0]` holds twice what a0 does
            env.budget.spend(size(value))
        return value
    except ExpressionFault as fault:
        if fault.code in TOO_MUCH:
            raise
        if written.quoted or (words is None and fault.code == "unknown-name"):
            return data
        raise


def constants(
    let: dict[str, Any], overrides: dict[str, Any], symbols: Iterable[str] = (), budget: Budget | None = None
) -> tuple[Environment, list[tuple[Fault, Any]]]:
    """The environment of `let`, later names seeing earlier ones, `overrides` in place of what the file says.

    `symbols` are free dimensions, until an override gives a value; `budget` is what it may cost.
    """
    env = Environment({})
    env.budget = budget or env.budget
    faults: list[tuple[Fault, Any]] = []
    if symbols:
        _add_symbols(env, symbols, overrides)
    for name, written in let.items():
        if name in env.values:
            continue
        if name in overrides:
            env.values[name] = overrides[name]
            continue
        try:
            env.values[name] = evaluate(written, env, None)
        except Fault as fault:
            if fault.code != UNKNOWN:
                faults.append((fault, written))
            env.values[name] = BROKEN
    return env, faults


def _add_symbols(env: Environment, symbols: Iterable[str], overrides: dict[str, Any]) -> None:
    """Values for the symbols: given ones, which may name other symbols (`--set W=H`), and formulas."""
    for name in symbols:
        if name not in overrides:
            from cnncalc.symbolic.dimension import symbol

            env.values[name] = symbol(name)
    for name in symbols:
        if name in overrides:
            given = overrides[name]
            if isinstance(given, str):
                with suppress(Fault):
                    given = value_of(parse(given), env)
            env.values[name] = given


__all__ = ["UNKNOWN", "Environment", "Word", "constants", "evaluate"]
