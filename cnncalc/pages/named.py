"""Numbers that are asked for by name, `conv1.params` and `total.kv_cache_bytes`: how they come about."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.core.formula import leaves
from cnncalc.core.problem import Fault, fail
from cnncalc.cost.convention import Convention
from cnncalc.cost.cost import Cost
from cnncalc.explain.counts import counted
from cnncalc.explain.explain import Line, explain
from cnncalc.explain.sizes import explained, remark, symbols
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.query.ask import known
from cnncalc.query.select import COUNTS

Asked = tuple[str, str, list[Row] | None]


def named(report: Report, convention: Convention, asked: Sequence[Asked]) -> list[tuple[Line, list[str]]]:
    """The lines, each with what is to be said of it: of what, which name, over which rows. Raises `SpecError`."""
    if not asked:
        return []
    cost = Cost(report, convention)
    found: list[tuple[Line, list[str]]] = []
    with known(report):
        for label, name, rows in asked:
            try:
                found += _one(cost, label, name, rows)
            except Fault as fault:
                fail(fault.code, fault.message, help=fault.help)
    return found


def _one(cost: Cost, label: str, name: str, rows: list[Row] | None) -> list[tuple[Line, list[str]]]:
    if name not in COUNTS:
        line = explained(cost, label, name, rows)
        return [(line, [text for text in (_legend(line, symbols(cost, rows)), remark(line)) if text])]
    rows = cost.report.rows if rows is None else rows
    *before, last = counted(label, name, rows)
    legend = _legend(last, explain(rows[0]).legend) if len(rows) == 1 else ""
    return [*((line, []) for line in before), (last, [legend] if legend else [])]


def _legend(line: Line, meanings: dict[str, str]) -> str:
    """What the symbols of the line stand for."""
    used = {one for part in leaves(line.part) for one in (part.symbol, part.short)}
    return "; ".join(f"{sign}: {text}" for sign, text in meanings.items() if sign in used)
