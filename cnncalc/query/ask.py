"""`ask`: the value of an expression about the analysed network."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from cnncalc.core.number import prod
from cnncalc.core.problem import Fault, Problem, Source, Span, SpecError
from cnncalc.expression.evaluate import Function, evaluate
from cnncalc.expression.pasted import without_commas
from cnncalc.expression.syntax import parse
from cnncalc.query.scope import NetworkScope
from cnncalc.query.short import short
from cnncalc.query.values import BlockValue, LayerValue, Sums

if TYPE_CHECKING:
    from cnncalc.cost.cost import Convention
    from cnncalc.execute.execution import Execution
    from cnncalc.network.network import Network
    from cnncalc.network.report import Report

# Numbers of an array that is written out: some 100 MB of text.
MOST_NUMBERS = 5_000_000


def scope(
    network: Network,
    report: Report,
    seed: int = 0,
    memory_limit: int | None = None,
    convention: Convention | None = None,
) -> NetworkScope:
    """The names of a network; arrays are executed with the spec's values and what the seed draws, within the limit.

    Where the values give a batch, arrays have it as their first axis.
    """

    def execute() -> Execution:
        from cnncalc.execute.memory import DEFAULT_LIMIT
        from cnncalc.execute.run import execute as run

        limit = DEFAULT_LIMIT if memory_limit is None else memory_limit
        return run(report, values=network.given(), seed=seed, keep="all", memory_limit=limit)

    def samples() -> int:
        from cnncalc.execute.given_values import samples as held

        found = held(report, network.given())
        return found if found > 1 else 0

    return NetworkScope(
        report, execute, convention, samples if network.spec.values is not None else None, network.constants
    )


def ask(
    network: Network,
    report: Report,
    text: str,
    names: NetworkScope | None = None,
    settle: Callable[[Any], Any] | None = None,
) -> Any:
    """The value of one expression; raises `SpecError` with its place in the text.

    `settle` is what makes numbers and lists of what the expression gives (`settled`).
    """
    try:
        return value_of(text, names or scope(network, report), settle)
    except Fault as fault:
        offset = getattr(fault, "offset", 0)
        length = max(1, getattr(fault, "length", len(text)))
        raise SpecError(
            [
                Problem(
                    fault.code,
                    fault.message,
                    source=Source("<expression>", text),
                    span=Span(1, offset + 1, length),
                    help=fault.help,
                )
            ]
        ) from None


def known(report: Report) -> AbstractContextManager[list[str]]:
    """Where formulas are compared: what was assumed of free dimensions holds; it gives remarks on how they compared."""
    if report.assumptions is None:
        return nullcontext([])
    from cnncalc.symbolic.dimension import reading

    return reading(report.assumptions)


def spelled(text: str, names: NetworkScope) -> str:
    """A question in full: `params` as total.params, where nothing of the network bears that name."""
    written = text.strip()
    full = "total.params" if written == "total" else short(written)
    if full is None or names.part(written) is not None or written in names.constants:
        return written
    return full


def value_of(text: str, names: NetworkScope, settle: Callable[[Any], Any] | None = None) -> Any:
    """The value of an expression in a network's scope. Raises `Fault`."""
    written = spelled(text, names)
    with known(names.report):
        value = evaluate(parse(without_commas(written), names.signed), names)
    if isinstance(value, Function):
        raise Fault("no-value", f"{written} is a function, not a value", help=f"write {written}(...)")
    if isinstance(value, (LayerValue, BlockValue, Sums)):
        name = value.row.name if isinstance(value, LayerValue) else value.name
        raise Fault(
            "no-value",
            f"{name} is a part of the network, not a value",
            help=f"ask for one of {', '.join(f'{name}.{part}' for part in value.cnncalc_attributes()[:4])}",
        )
    return (settle or settled)(value)


def settled(value: Any) -> Any:
    """A result without handles: numbers, nested lists, true or false, text."""
    if hasattr(value, "tolist"):
        if not all(isinstance(size, int) for size in value.shape):
            _ = value.array  # refused: free dimensions have no numbers
        numbers = prod(value.shape)
        if numbers > MOST_NUMBERS and getattr(value, "place", None) is None:
            _ = value.array  # what was computed has bounds of its own
        if numbers > MOST_NUMBERS:
            raise Fault(
                "array-too-long",
                f"an array of {numbers:,} numbers is too long to be written; at most {MOST_NUMBERS:,} are",
                help="ask for a part of it, such as conv1.weight[0]",
            )
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [settled(part) for part in value]
    return value
