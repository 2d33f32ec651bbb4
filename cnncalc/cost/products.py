"""Multiply-accumulates by component, and what a causal mask leaves of them."""

from __future__ import annotations

from cnncalc.core.number import Number, Shape
from cnncalc.core.rules import Rules
from cnncalc.network.row import Row


def ledger(row: Row, halve: bool) -> dict[str, Number]:
    """Multiply-accumulates by part; with `halve` a causal mask's pairs alone count."""
    if not halve or not row.facts.ledger:
        return row.facts.ledger
    return _halved(row.layer, row.facts.shape, row.facts.inputs)


def _halved(layer: Rules, y: Shape, xs: tuple[Shape, ...]) -> dict[str, Number]:
    total: dict[str, Number] = {}
    for _, part, given in layer.parts(*xs):
        for key, amount in _halved(part, part.shape(*given), given).items():
            key = "feed_forward" if part.parallel == "matrix" else key
            total[key] = total[key] + amount if key in total else amount
    if total:
        return total
    found = dict(layer.macs(y, *xs))
    for read in layer.attended(*xs):
        memory = read.length + read.appended
        allowed = pairs(read.queries, memory, read.window) if read.causal else None
        for name in ("scores", "mix"):
            if name in found and allowed is not None:
                found[name] = found[name] // (read.queries * memory) * allowed
    return found


def pairs(length: Number, memory: Number, window: Number | None = None) -> Number | None:
    """Pairs that a causal mask leaves: position i of the query reads the first i + 1 keys (PyTorch's top left).

    L(L + 1)/2 where both are equally long. None where that is no plain number.
    """
    if type(length) is int and type(memory) is int and (window is None or type(window) is int):
        return sum(min(position, memory, window or memory) for position in range(1, length + 1))
    return length * (length + 1) // 2 if window is None and length == memory else None
