"""Numbers that are asked for by name, `conv1.params` and `total.kv_cache_bytes`: how they come about."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.core.formula import Part, const, leaves
from cnncalc.core.layer_result import count
from cnncalc.core.number import counted as number
from cnncalc.core.number import shown
from cnncalc.core.problem import or_fail
from cnncalc.cost.convention import Convention
from cnncalc.cost.cost import Cost
from cnncalc.explain.counts import counted
from cnncalc.explain.explain import Line, explain
from cnncalc.explain.sizes import explained, remark, symbols
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.pages.notes import shared_text
from cnncalc.query.ask import known
from cnncalc.query.select import COUNTS, FIELD
from cnncalc.receptive.fields import Fields
from cnncalc.receptive.path import AXES, Step, steps

# Steps of a receptive field that are said one by one: of more, the last ones.
MOST_STEPS = 60

Asked = tuple[str, str, list[Row] | None]


def named(report: Report, convention: Convention, asked: Sequence[Asked]) -> list[tuple[Line, list[str]]]:
    """The lines, each with what is to be said of it: of what, which name, over which rows. Raises `SpecError`."""
    if not asked:
        return []
    cost = Cost(report, convention)
    found: list[tuple[Line, list[str]]] = []
    with known(report):
        for label, name, rows in asked:
            seen = rows and name == FIELD
            found += or_fail(_seen, report, label, rows) if seen else or_fail(_one, cost, label, name, rows)
    return found


def _one(cost: Cost, label: str, name: str, rows: list[Row] | None) -> list[tuple[Line, list[str]]]:
    if name not in COUNTS:
        line = explained(cost, label, name, rows)
        return [(line, [text for text in (_legend(line, symbols(cost, rows)), remark(line)) if text])]
    rows = cost.report.rows if rows is None else rows
    *before, last = counted(label, name, rows)
    legend = _legend(last, explain(rows[0]).legend) if len(rows) == 1 else ""
    tied = _tied(rows[0]) if len(rows) == 1 and name in ("params", "trainable") else ""
    return [*((line, []) for line in before), (last, [text for text in (legend, tied) if text])]


def _tied(row: Row) -> str:
    """What a layer uses and does not count, as it is another one's."""
    elsewhere = count(weight for weight in row.facts.weights if weight not in row.own)
    return "" if row.owner is None else f"{shared_text(row)}, with its {number(elsewhere)} numbers"


def _seen(report: Report, label: str, rows: list[Row]) -> list[tuple[Line, list[str]]]:
    """The receptive field along each axis, or along all that agree: 1 + (K − 1)·j of every window, D times as wide."""
    fields = Fields(report)
    field = fields[rows[0].name][0]
    way = steps(fields, rows[0])
    axes = {step.axis for step in way}
    sizes = field.size if len(set(map(str, field.size))) > 1 or axes - {""} else field.size[:1]
    found = []
    for at, size in enumerate(sizes):
        axis = AXES[len(field.size)][at] if len(sizes) > 1 else ""
        part, said = const(size), [step for step in way if step.axis in ("", axis)]
        if said and all(step.formula for step in said):
            grown = [1, *(step.size for step in said)]
            jumps = [1, *(step.jump for step in said)]
            windows = [_window(now - then, jump) for then, now, jump in zip(grown, grown[1:], jumps, strict=False)]
            parts = (const(1), *(one for one in windows if one.value))
            part = Part("sum", size, parts, signs=(1,) * len(parts))
        name = f"{label}.{FIELD}" + (f" along {axis}" if axis else "")
        found.append((Line(FIELD, name, part), [_said(step) for step in said[-MOST_STEPS:]]))
    return found


def _window(grown: int, jump: object) -> Part:
    """What a window adds: positions between its first and its last element, times the distance of neighbours."""
    if jump == 1 or not isinstance(jump, int):
        return const(grown)
    return Part("product", grown, (const(grown // jump), const(jump)))


def _said(step: Step) -> str:
    size = f"{step.formula} = {shown(step.size)}" if step.formula else shown(step.size)
    jump = f", j = {step.jump_formula} = {shown(step.jump)}" if step.jump_formula else ""
    return f"{step.layer}: r = {size}{jump}"


def _legend(line: Line, meanings: dict[str, str]) -> str:
    """What the symbols of the line stand for."""
    used = {one for part in leaves(line.part) for one in (part.symbol, part.short)}
    return "; ".join(f"{sign}: {text}" for sign, text in meanings.items() if sign in used)
