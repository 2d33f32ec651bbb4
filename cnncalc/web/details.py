"""What the page says of the chosen layer: formulas of each kind of layer once, and numbers of each layer."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncalc.core.number import grouped
from cnncalc.core.problem import Fault
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.receptive.fields import Fields
from cnncalc.web.insides import Insides

if TYPE_CHECKING:
    from cnncalc.core.number import Shape

# Kinds of layers whose formulas stand in the page; of more, the first ones.
MOST_KINDS = 380
# Of these texts were made in this process: a page that follows a text asks for nearly the same ones at each letter.
MOST_KEPT = 2_000
_kept: dict[tuple[object, ...], str] = {}


def kind_of(row: Row) -> tuple[str, str, str, bool]:
    """What layers with the same formulas have in common."""
    return row.call, str(row.input_shapes), str(row.output_shape), row.owner is not None


def templates(report: Report) -> tuple[list[str], list[int | None]]:
    """The HTML of each kind, without a heading, and of each layer the number of its kind."""
    found: list[str] = []
    numbers: dict[tuple[str, str, str, bool], int | None] = {}
    kinds: list[int | None] = []
    for row in report.rows:
        kind = kind_of(row)
        if kind not in numbers:
            numbers[kind] = None
            if len(found) < MOST_KINDS:
                with contextlib.suppress(Fault):
                    found.append(_text(report, row, kind))
                    numbers[kind] = len(found) - 1
        kinds.append(numbers[kind])
    return found, kinds


@grouped()
def _text(report: Report, row: Row, kind: tuple[str, str, str, bool]) -> str:
    """The HTML of a layer's formulas. What depends on no name and no other layer is cached."""
    from cnncalc.document import Document, Heading
    from cnncalc.pages import explain
    from cnncalc.pages.notes import unread_text
    from cnncalc.render.html import body

    graph = report.graph
    sizes = (*row.input_shapes, row.output_shape)
    alone = row.owner is None and not graph.layout_differs and report.assumptions is None
    key: tuple[object, ...] = ()
    if alone and all(type(size) is int for shape in sizes for size in shape):
        key = graph.convention, graph.weights_only, type(row.layer), kind, row.node.frozen, unread_text(row)
        if key in _kept:
            return _kept[key]
    parts = explain.page(report, [row], []).parts
    text = "\n".join(body(Document([part for part in parts if not isinstance(part, Heading)])))
    if key:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = text
    return text


def data(
    report: Report, kinds: Sequence[int | None], maps: dict[str, object], insides: Insides | None = None
) -> list[dict[str, object]]:
    """What is shown of each layer beside its formulas."""
    fields = Fields(report)
    known: dict[object, dict[str, object] | None] = {}
    rows = []
    for row, kind in zip(report.rows, kinds, strict=True):
        entry: dict[str, object] = {
            "name": row.name,
            "call": row.call,
            "from": row.sources,
            "in": [_sizes(shape) for shape in row.input_shapes],
            "out": _sizes(row.output_shape),
            "params": _number(row.params),
            "macs": _number(row.macs),
        }
        if row.ports:
            entry["ports"] = {name: _sizes(shape) for name, shape in row.ports.items()}
        if row.facts.weights:
            entry["weights"] = {name: _sizes(shape) for name, shape in row.weights.items()}
        if row.buffers:
            entry["buffers"] = {name: _sizes(shape) for name, shape in row.buffers.items()}
        if kind is not None:
            entry["kind"] = kind
        if insides is not None:
            alike = kind_of(row)
            if alike not in known:
                known[alike] = insides.of(row)
            if known[alike]:
                entry["inside"] = known[alike]
        seen = _field(report, fields, row)
        if seen:
            entry["field"] = seen
        if row.name in maps:
            entry["map"] = maps[row.name]
        rows.append(entry)
    return rows


def packed(rows: list[dict[str, object]]) -> dict[str, object]:
    """The same with what several layers have in common once: its place in `alike`, and that of the field in `fields`.

    A layer that reads the one before it alone does not say so.
    """
    alike: dict[str, int] = {}
    fields: dict[str, int] = {}
    found = []
    before: object = ""
    for row in rows:
        own: dict[str, object] = {key: row[key] for key in ("name", "map") if key in row}
        if row["from"] != [before]:
            own["from"] = row["from"]
        rest = {key: value for key, value in row.items() if key not in ("name", "map", "from", "field")}
        own["as"] = alike.setdefault(json.dumps(rest), len(alike))
        if "field" in row:
            own["field"] = fields.setdefault(json.dumps(row["field"]), len(fields))
        found.append(own)
        before = row["name"]
    return {
        "rows": found,
        "alike": [json.loads(text) for text in alike],
        "fields": [json.loads(text) for text in fields],
    }


def _field(report: Report, fields: Fields, row: Row) -> dict[str, object] | None:
    """The receptive field of the output's middle: on the input's spatial axes, where all is numbers."""
    found = fields.get(row.name)
    if not found:
        return None
    field = found[0]
    number = next(at for at, given in enumerate(report.graph.inputs) if given.name == field.input)
    shape = report.graph.inputs[number].shape
    space = [shape[at] for at in fields.spaces[number]]
    whole = [*field.size, *space]
    if not space or len(space) > 3 or not all(type(size) is int for size in whole):
        return {"text": " x ".join(map(str, field.size))} if field.size else None
    made: dict[str, object] = {"input": field.input, "space": space, "size": list(field.size)}
    if all(part is not None for part in (*field.stride, *field.offset)):
        made["stride"] = [float(part) for part in field.stride]
        made["offset"] = [float(part) for part in field.offset]
    return made


def _sizes(shape: Shape) -> str:
    from cnncalc.render.text import formula

    return " x ".join(formula(size) for size in shape) or "a number"


def _number(value: object) -> str:
    from cnncalc.render.text import cell

    return cell(value, "number")
