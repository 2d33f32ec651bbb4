"""`cnncalc explain`: each number of a layer as symbols = numbers = value, and what the layer does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncalc.core.notation import written
from cnncalc.core.number import shown
from cnncalc.core.problem import Fault
from cnncalc.document import Column, Document, Formula, Heading, Note, Table, Worded
from cnncalc.explain.equations import equations
from cnncalc.explain.explain import Explanation, Line, explain, sums
from cnncalc.explain.reasons import reasons
from cnncalc.network.report import Report
from cnncalc.network.row import Row, plain
from cnncalc.pages.notes import assumption_notes, shared_text, unread_lines, unread_text
from cnncalc.receptive.fields import Fields
from cnncalc.receptive.path import Step, steps

# More layers that are alike than this are counted, not listed; more inputs than this likewise.
MOST = 6
# Layers whose receptive field is shown step by step, and the steps: of more, the last ones.
MOST_FIELDS, MOST_STEPS = 3, 60
MOST_INPUTS = 4
# Formulas that are worked out, and formulas that a document lists, those of layers that are alike again and again.
MOST_FORMULAS = 10_000
MOST_LINES = 100_000

Sum = tuple[str, Sequence[Row]]


def page(
    report: Report,
    rows: Sequence[Row],
    totals: Sequence[Sum],
    full: bool = False,
    sizes: Sequence[tuple[Line, list[str]]] = (),
    fields: Fields | None = None,
) -> Document:
    """The page on some layers, each kind once, on the sums over `totals`, and on sizes with what is said of them.

    With `fields` also what a few layers see.
    """
    document = Document([Heading(report.name)])
    for explanation, alike in _kinds(rows, full):
        _layer(document, report, explanation, alike)
        if fields is not None and len(rows) <= MOST_FIELDS:
            for name in (explanation.row.name, *alike):
                _seen(document, fields, report[name])
    for name, among in totals:
        if name == "total":
            document.add(Heading("total", 2))
        document.add(*map(_formula, _sums(among, name)))
    for line, remarks in sizes:
        document.add(_formula(line), *map(Note, remarks))
    document.add(*assumption_notes(report))
    return document


def table(
    report: Report,
    rows: Sequence[Row],
    totals: Sequence[Sum],
    full: bool = False,
    sizes: Sequence[tuple[Line, list[str]]] = (),
) -> Document:
    """Every line of every layer in one table, for a spreadsheet."""
    columns = [Column(title) for title in ("layer", "topic", "name", "symbols", "numbers")]
    columns.append(Column("value", "number"))
    cells = []
    known: dict[int, list[list[object]]] = {}
    for row, explanation in _all(rows, full):
        said = known.get(id(explanation))
        if said is None:
            said = known[id(explanation)] = [_cells(line) for line in explanation.lines]
        cells += [[row.name, *line] for line in said]
    for name, among in totals:
        cells += [[name, *_cells(line)] for line in sums(among, name)]
    cells += [[line.left.rpartition(".")[0], *_cells(line)] for line, _ in sizes]
    return Document([Table(columns, cells)])


def data(
    report: Report,
    rows: Sequence[Row],
    totals: Sequence[Sum],
    full: bool = False,
    sizes: Sequence[tuple[Line, list[str]]] = (),
    fields: Fields | None = None,
) -> dict[str, object]:
    """The JSON document: every layer with its lines, and with `fields` how what a few of them see comes about."""
    layers = []
    known: dict[int, list[dict[str, object]]] = {}
    for row, explanation in _all(rows, full):
        if id(explanation) not in known:
            known[id(explanation)] = [_data(line) for line in explanation.lines]
        layers.append(
            {
                "name": row.name,
                "type": row.type,
                "call": row.call,
                "equations": [{"text": said.text, "tex": said.tex} for said in equations(row)],
                "lines": known[id(explanation)],
                "reasons": reasons(row),
                "unread": unread_lines(row),
                "notes": _notes(row, numbers=True),
                "symbols": explanation.legend,
                "description": sentence(row),
                "source": row.layer.definition(),
            }
        )
        if fields is not None and len(rows) <= MOST_FIELDS:
            layers[-1]["receptive_field"] = [step.to_dict() for step in steps(fields, row)]
    lines = [_data(line) for name, among in totals for line in sums(among, name)]
    document: dict[str, object] = {"name": report.name, "layers": layers, "totals": lines}
    if sizes:
        document["sizes"] = [_data(line) for line, _ in sizes]
    if report.assumptions is not None:
        document["assumptions"] = report.assumptions.lines()
    return document


def sentence(row: Row) -> str:
    """What the layer does, as its definition says."""
    for kind in type(row.layer).__mro__:
        if kind.__doc__:
            return " ".join(kind.__doc__.split("\n\n")[0].split())
    return ""


def _sums(rows: Sequence[Row], name: str) -> list[Line]:
    """The sums of a page; without that of fully connected layers where a norm, which stands for none, is among them."""
    norms = any(row.layer.elementwise and row.dense for row in rows)
    return [line for line in sums(rows, name) if line.topic != "dense" or not norms]


# --- one layer -----------------------------------------------------------------------------------------------------


def _layer(document: Document, report: Report, explanation: Explanation, alike: list[str]) -> None:
    row = explanation.row
    document.add(Heading(f"{row.name}: {row.call}", 2))
    document.add(Note(sentence(row)))
    if not row.unused:
        document.add(Note(_shapes(report, explanation)))
    document.add(*(Formula(said.left, [said.right], said.tex_left, [said.tex_right]) for said in equations(row)))
    # What keeps every number apart, a norm, stands for no fully connected layer.
    lines = [line for line in explanation.lines if line.topic != "dense" or not row.layer.elementwise]
    document.add(*map(_formula, lines))
    document.add(*map(Note, reasons(row)))
    if explanation.legend:
        document.add(Note("; ".join(f"{symbol}: {help}" for symbol, help in explanation.legend.items())))
    document.add(*(Note(text) for text in _notes(row)))
    if alike:
        document.add(Note(f"the same for {_listed(alike)}"))
    if text := row.layer.definition():
        document.add(Note(f"source: {text}"))


def _seen(document: Document, fields: Fields, row: Row) -> None:
    """How the layer's receptive field grows, from the input on."""
    way = steps(fields, row)
    if len({step.layer for step in way}) < 2:
        return
    field = fields[row.name][0]
    axes = any(step.axis for step in way)
    columns = [
        Column("layer", "name"),
        *([Column("axis")] if axes else []),
        Column("r = r + D·(K − 1)·j"),
        Column("j = j·S"),
    ]
    cells = []
    for step in way[-MOST_STEPS:]:
        sizes = (f"{step.formula} = {shown(step.size)}" if step.formula else shown(step.size), _jump(step))
        cells.append([step.layer, *([step.axis] if axes else []), *sizes])
    span = " x ".join(map(written, field.size))
    document.add(Note(f"an element of {row.name} sees {span} positions of {field.input}, from r = 1 and j = 1 on:"))
    document.add(Table(columns, cells))


def _jump(step: Step) -> str:
    if step.jump is None:
        return ""
    return f"{step.jump_formula} = {shown(step.jump)}" if step.jump_formula else shown(step.jump)


def _shapes(report: Report, explanation: Explanation) -> str:
    """`[C_in, H, W] = [3, 64, 64] → [C_out, H_out, W_out] = [16, 64, 64]`."""
    row = explanation.row
    taken = [
        _shape(report.shown(("N", *names), ref), sizes)
        for names, ref, sizes in zip(explanation.taken, row.node.inputs, row.input_shapes, strict=True)
    ]
    made = _shape(report.laid_out(tuple(explanation.made), report.is_image(row.node)), row.output_shape)
    if len(taken) > MOST_INPUTS:
        taken = [*taken[: MOST_INPUTS - 1], f"{len(taken) - MOST_INPUTS + 1} more"]
    text = f"{made}, unchanged" if taken == [made] else " → ".join([" and ".join(taken), made]) if taken else made
    if not explanation.lines:
        text += "; no parameters, no multiply-accumulates"
    return text


def _shape(names: Sequence[object], sizes: Sequence[object]) -> str:
    left, right = ("[" + ", ".join(map(written, part)) + "]" for part in (names, sizes))
    return left if left == right else f"{left} = {right}"


def _notes(row: Row, numbers: bool = False) -> list[str]:
    """What is particular about a layer: what it never reads, whose weights it uses, whose convention counts."""
    found = [unread_text(row, numbers)]
    if row.owner is not None:
        found.append(shared_text(row))
    if row.node.frozen:
        found.append("frozen: its parameters are not trainable")
    remark: Any = getattr(row.layer, "convention_note", None)
    if callable(remark):
        remark = remark(*row.facts.inputs)
    found.append(remark or "")
    return [text for text in found if text]


def _formula(line: Line) -> Formula:
    left = Worded.of(line.left)
    tex_left = line.tex_left if left == line.left else rf"\text{{{left}}}".replace("QK^T", r"}QK^T\text{")
    return Formula(left, line.steps, tex_left, line.tex_steps)


def _cells(line: Line) -> list[object]:
    return [line.topic, line.left, line.symbols, line.numbers, line.value]


def _data(line: Line) -> dict[str, Any]:
    return {
        "topic": line.topic,
        "name": line.left,
        "symbols": line.symbols,
        "numbers": line.numbers,
        "value": plain(line.value),
        "tex": line.tex,
    }


# --- layers that are alike -----------------------------------------------------------------------------------------


def _kinds(rows: Sequence[Row], full: bool) -> list[tuple[Explanation, list[str]]]:
    """Each kind of layer once, with the names of the further ones."""
    kinds: dict[object, tuple[Explanation, list[str]]] = {}
    count = 0
    for row in rows:
        key = _key(row)
        found = kinds.get(key)
        if found is None:
            kinds[key] = explain(row, full), []
            count += len(kinds[key][0].lines)
            _bound(count, MOST_FORMULAS, "worked out")
        else:
            found[1].append(row.name)
    return list(kinds.values())


def _all(rows: Sequence[Row], full: bool) -> list[tuple[Row, Explanation]]:
    """Every layer with its explanation; layers that are alike share theirs."""
    known: dict[object, Explanation] = {}
    found = []
    worked = listed = 0
    for row in rows:
        key = _key(row)
        if key not in known:
            known[key] = explain(row, full)
            worked += len(known[key].lines)
            _bound(worked, MOST_FORMULAS, "worked out")
        listed += len(known[key].lines)
        _bound(listed, MOST_LINES, "listed")
        found.append((row, known[key]))
    return found


def _bound(count: int, most: int, what: str) -> None:
    """Refuse more formulas than anybody reads."""
    if count > most:
        message = f"more than {most:,} formulas would be {what}"
        raise Fault("too-many-formulas", message, help="name some layers: cnncalc explain NET LAYER")


def _key(row: Row) -> object:
    """What two layers must have in common for one explanation."""
    own = tuple(weight.name for weight in row.own)
    return row.call, str(row.input_shapes), str(row.output_shape), own, row.owner, row.node.frozen


def _listed(names: list[str]) -> str:
    if len(names) > MOST:
        names = [*names[: MOST - 1], f"{len(names) - MOST + 1} more"]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
