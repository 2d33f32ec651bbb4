"""A network as a spec: what was read from another tool's file, in the spec language, one entry a layer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from cnncalc.core.problem import Fault
from cnncalc.export.copies import Line, Run, runs
from cnncalc.network.graph import Graph
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.read.opaque import Folded, Opaque
from cnncalc.spec.entries.entry import BESIDE, MERGES, STRUCTURES, SYNONYMS

if TYPE_CHECKING:
    from cnncalc.core.number import Shape
    from cnncalc.network.graph import Ref

# Words of the language that no layer may be called.
TAKEN = frozenset({*BESIDE, *STRUCTURES, *MERGES, *SYNONYMS, "input", "output", "total"})


def spec_text(report: Report) -> tuple[str, list[str]]:
    """The spec, and notes about what it leaves out. Raises `Fault` with all that a spec cannot say."""
    rows = [row for row in report.rows if row.unused is None]
    unsaid: dict[str, int] = {}
    for row in rows:
        if isinstance(row.layer, (Opaque, Folded)):
            unsaid[row.type] = unsaid.get(row.type, 0) + 1
    if unsaid:
        listed = ", ".join(f"{kind} ({count})" if count > 1 else kind for kind, count in unsaid.items())
        raise Fault(
            "import-unsaid",
            f"a spec has no layer for {listed}",
            help="shapes, params and cost answer for the file itself",
        )
    graph = report.graph
    names = _names(graph, rows)
    lines = [f"name: {_word(report.name)}"]
    lines += _inputs(report)
    if graph.convention != "pytorch":
        lines.append(f"convention: {graph.convention}")
    if graph.layout != "channels_first" or graph.convention == "keras":
        lines.append(f"layout: {graph.layout}")
    count = len(graph.inputs)
    first = {id(row.node): at for at, row in enumerate(report.rows)}
    blocks = Blocks(runs(report, rows, _safe), set(names.values()))
    for run in blocks.runs.values():
        names[count + first[id(rows[run.end - 1].node)]] = blocks.named[run.start]
    lines += blocks.definitions()
    lines.append("layers:")
    previous: Ref | None = 0 if count == 1 else None
    at = 0
    while at < len(rows):
        found = blocks.runs.get(at)
        if found is not None:
            lines += blocks.entry(found, None if found.source == previous else names[found.source])
            at = found.end
        else:
            lines += _entry(report, rows[at], names, previous, count, first)
            at += 1
        previous = count + first[id(rows[at - 1].node)]
    notes = []
    unused = [row.name for row in report.rows if row.unused]
    if unused:
        notes.append(f"forward never calls {', '.join(unused[:6])}: left out, so the spec has fewer parameters")
        lines.append(f"# never called in the file, and left out: {', '.join(unused)}")
    partly = [row.name for row in rows if row.owner is not None and not _whole(row)]
    if partly:
        notes.append(f"{', '.join(partly[:6])} shares some of its weights and not all: counted in full in the spec")
    outputs = [report.graph.label(ref) for ref in graph.outputs]
    if len(outputs) > 1:
        lines.append(f"# outputs of the file: {', '.join(outputs)}")
    return "\n".join(lines) + "\n", notes


class Blocks:
    """Runs of copies under names, each body defined once."""

    def __init__(self, runs: dict[int, Run], used: set[str]) -> None:
        from cnncalc import layers

        self.runs = runs
        self.named: dict[int, str] = {}  # the last entry of a run, by its first row
        self.entries: dict[int, list[str]] = {}  # and all of them: one for each group of equal copies
        self.groups: dict[int, list[tuple[str, int]]] = {}
        self.bodies: dict[tuple[tuple[Line, ...], tuple[str, ...]], str] = {}
        for run in runs.values():
            self.groups[run.start] = groups = _groups(run)
            number, entries = run.first, []
            for _, copies in groups:
                plain = len(groups) == 1 and run.first == 0
                entries.append(_free(_safe(run.name if plain else f"{run.name}.{number}"), used))
                number += copies
            self.entries[run.start] = entries
            self.named[run.start] = self.entries[run.start][-1]
            if (run.body, run.parameters) in self.bodies or _single(run):
                continue
            word = _safe(run.name.rsplit(".", 1)[-1])
            if sum((run.body, run.parameters) == (one.body, one.parameters) for one in runs.values()) > 1:
                word = word.rstrip("0123456789_") or word
            word = word[:-1] if word.endswith("s") and len(word) > 2 else f"{word}_block"
            if layers.find(word) is not None or word.lower() in TAKEN:
                word = f"{word}_block"
            self.bodies[run.body, run.parameters] = _free(word, used)

    def definitions(self) -> list[str]:
        """`define` with the bodies."""
        lines = ["define:"] if self.bodies else []
        for (body, parameters), name in self.bodies.items():
            lines.append(f"  {name}({', '.join(parameters)}):" if parameters else f"  {name}:")
            before = "input"
            for own, call, sources, frozen in body:
                lines.append(f"    - {own}: {call}")
                if sources and list(sources) != [before]:
                    lines.append(f"      from: {_listed(sources)}")
                if frozen:
                    lines.append("      freeze: true")
                before = own
        return lines

    def entry(self, run: Run, source: str | None) -> list[str]:
        """The entry of a run; `source` where it is not what stands above."""
        single = _single(run)
        lines = []
        for name, (given, copies) in zip(self.entries[run.start], self.groups[run.start], strict=True):
            call = run.body[0][1] if single else self.bodies[run.body, run.parameters] + given
            lines.append(f"  - {name}: {call}")
            if source is not None:
                lines.append(f"    from: {source}")
                source = None
            if single and run.body[0][3]:
                lines.append("    freeze: true")
            if copies > 1:
                lines.append(f"    repeat: {copies}")
        return lines


def _groups(run: Run) -> list[tuple[str, int]]:
    """The arguments of copies in a row, and how many have them."""
    if not run.parameters:
        return [("", run.copies)]
    found = []
    for values, many in groupby(run.values):
        given = []
        for parameter, value in zip(run.parameters, values, strict=True):
            word, equals, default = parameter.partition("=")
            if not equals or value != default:
                given.append(f"{word}={value}" if equals else value)
        found.append((f"({', '.join(given)})" if given else "", len(list(many))))
    return found


def _single(run: Run) -> bool:
    """Whether a copy is one layer, that of the number itself."""
    name, call, sources, _ = run.body[0]
    return (
        len(run.body) == 1
        and not run.parameters
        and sources == ("input",)
        and name == _safe(call.split("(")[0].lower())
    )


def _free(name: str, used: set[str]) -> str:
    base, number = name, 2
    while name in used:
        name, number = f"{base}_{number}", number + 1
    used.add(name)
    return name


def _listed(sources: Sequence[str]) -> str:
    return sources[0] if len(sources) == 1 else "[" + ", ".join(sources) + "]"


def _word(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z_][\w.-]*", text) else '"' + re.sub(r'["\\\n]', "_", text) + '"'


def _inputs(report: Report) -> list[str]:
    graph = report.graph

    def shown(shape: Shape, dtype: str) -> str:
        sizes = "[" + ", ".join(str(size) for size in shape) + "]"
        return f"{{shape: {sizes}, dtype: int}}" if dtype == "int" else sizes

    given = [(_safe(one.name), report.inputs[one.name], one.dtype) for one in graph.inputs]
    if len(given) == 1:
        return [f"input: {shown(given[0][1], given[0][2])}"]
    return ["inputs:", *(f"  {name}: {shown(shape, dtype)}" for name, shape, dtype in given)]


def _safe(name: str) -> str:
    """A name of another tool as one of a spec."""
    plain = re.sub(r"\W+", "_", name).strip("_") or "layer"
    return f"layer_{plain}" if plain[0].isdigit() or plain.lower() in TAKEN else plain


def _names(graph: Graph, rows: list[Row]) -> dict[int, str]:
    """A name for each value, by its number."""
    count = len(graph.inputs)
    found: dict[int, str] = {}
    used: set[str] = set()
    for index, given in enumerate(graph.inputs):
        found[index] = "input" if count == 1 else _safe(given.name)
        used.add(found[index])
    places = {id(row.node): at for at, row in enumerate(rows)}
    for at, node in enumerate(graph.nodes):
        if id(node) not in places:
            continue
        base = name = _safe(node.name)
        number = 2
        while name in used:
            name, number = f"{base}_{number}", number + 1
        used.add(name)
        found[count + at] = name
    return found


def _entry(
    report: Report, row: Row, names: dict[int, str], previous: Ref | None, count: int, first: dict[int, int]
) -> list[str]:
    from cnncalc import layers

    node = row.node
    mine = count + first[id(node)]
    call = node.layer.describe(row.facts.inputs)
    kind = layers.find(row.type, report.graph.convention)
    if kind is None:
        raise Fault("import-unsaid", f"a spec has no layer for {row.type}")
    sources = [_label(names, ref) for ref in node.inputs]
    lines = [f"  - {names[mine]}: {call}"]
    if list(node.inputs) != [previous] and sources:
        lines.append(f"    from: {_listed(sources)}")
    if node.shares is not None and row.owner is not None and _whole(row):
        lines.append(f"    share: {names[count + node.shares]}")
    if node.frozen is True and row.facts.weights:
        lines.append("    freeze: true")
    return lines


def _whole(row: Row) -> bool:
    """Whether all weights of a row are those of another one."""
    only = getattr(row.node.origin, "shared", None)
    return only is None or all(weight.name in only for weight in row.facts.weights)


def _label(names: dict[int, str], ref: Ref) -> str:
    number, port = ref if isinstance(ref, tuple) else (ref, "")
    return f"{names[number]}.{port}" if port else names[number]
