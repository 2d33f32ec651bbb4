"""What a call of a defined block gives its parameters, and the scope that has them."""

from __future__ import annotations

from typing import Any

from cnncalc.core.problem import Fault
from cnncalc.expression.environment import Environment, evaluate
from cnncalc.spec.entries.entry import Entry
from cnncalc.spec.model import Block


def arguments(block: Block, entry: Entry, env: Environment, constants: Environment) -> dict[str, object]:
    """The values of the parameters; defaults see the constants and each other. Raises `Fault`."""
    names = [name for name, _ in block.params]
    signature = f"{block.name}({', '.join(names)})"
    if len(entry.args) > len(names):
        raise Fault(
            "too-many-arguments",
            f"{block.name} takes at most {len(names)} arguments, {len(entry.args)} were given",
            help=f"it is defined as {signature}",
        )
    values: dict[str, object] = {}
    for name, written in zip(names, entry.args, strict=False):
        values[name] = evaluate(written, env, None)
    for name, written in entry.kwargs:
        if name not in names:
            raise Fault(
                "unknown-option",
                f'{block.name} has no parameter "{name}"',
                option=name,
                help=f"it is defined as {signature}",
            )
        values[name] = evaluate(written, env, None)
    for name, default in block.params:
        if name not in values:
            if default is None:
                raise Fault("missing-option", f"{block.name} needs {name}", help=f"it is defined as {signature}")
            values[name] = evaluate(default, Environment(values, constants), None)
    return values


def scope_inside(
    scopes: dict[object, Environment], block: Block, values: dict[str, Any], constants: Environment
) -> Environment:
    """The scope inside a block: one and the same of `scopes` for arguments that are the same numbers."""
    if any(type(value) is not int for value in values.values()):
        return Environment(values, constants)
    key = (block.name, *values.items())
    if key not in scopes:
        scopes[key] = Environment(values, constants)
    return scopes[key]
