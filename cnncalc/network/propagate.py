"""Graph x input shapes -> Report: each node's rules, in order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnncalc.core.gc_paused import gc_paused
from cnncalc.core.layer import Layer
from cnncalc.core.layer_result import LayerResult
from cnncalc.core.limits import elements
from cnncalc.core.number import Shape, as_written
from cnncalc.core.problem import Fault, Problem, SpecError, settled
from cnncalc.network.graph import Graph, Node, Ref
from cnncalc.network.report import Report
from cnncalc.network.row import Row

# Names of what a layer has inside that a message lists.
MOST_NAMES = 12
# Further notes of one kind are counted, not listed.
MOST_NOTED = 5
# Sizes and arrays of all layers together: each stands somewhere in a table or document.
MOST_SIZES = 2_000_000


@gc_paused()
def propagate(graph: Graph, known: Iterable[Problem] = ()) -> Report:
    """Run every layer's rules; raises `SpecError` with all that does not fit and the rows before the first of it.

    `known` are the problems found before: only they and what is wrong besides them is reported.
    Nodes with the same layer object and the same input shapes share their facts, so a repeated block is computed once.
    """
    report = Report(graph)
    values: list[Shape | None] = [(1, *given.shape) if given.known else None for given in graph.inputs]
    made: dict[int, LayerResult] = {}
    first: dict[int, LayerResult] = {}  # what each layer says of its first inputs, and of others
    memo: dict[Any, LayerResult] = {}
    seen: dict[Any, LayerResult] = {}
    problems: list[Problem] = list(known)
    rows = report.rows
    sizes = 0
    intact = all(given.known for given in graph.inputs)  # until a layer fails: the rows before it are shown
    for node in graph.nodes:
        if node.layer is None:
            intact = False
            values.append(None)
            continue
        try:
            xs: Any = ()
            taken = [values[ref] if type(ref) is int else _port(values, made, ref, graph) for ref in node.inputs]
            xs = tuple(taken)
            if problems and None in taken:
                intact = False
                values.append(None)  # it takes what another mistake left unknown: no consequences of consequences
                continue
            number = id(node.layer)
            before = first.get(number)
            if before is None:
                facts = first[number] = _facts(node.layer, xs)
            else:
                same = (number, *map(id, taken))  # shapes that are equal are mostly one object, and all are kept
                if same not in seen:
                    memo.setdefault((number, as_written(before.inputs)), before)
                    key = (number, as_written(xs))
                    seen[same] = memo[key] = memo.get(key) or _facts(node.layer, xs)
                facts = seen[same]
            sizes += facts.sizes
            if sizes > MOST_SIZES:
                raise SpecError([*settled(problems), _too_much(graph, node)])
            row = Row(report, node, facts)
            if node.shares is not None:
                # its own number: a batch norm's statistics are its weights, too
                _share(row, (rows[node.shares] if node.shares < len(rows) else row) if intact else None)
        except Fault as fault:
            intact = False
            problems.append(problem_of(fault, graph, node))
            meant = repaired(node.layer, xs, fault)
            values.append(None if meant is None else meant.shape(*xs))
            continue
        if intact:
            rows.append(row)
        made[len(values)] = facts
        values.append(facts.shape)
    if problems:
        raise SpecError(settled(problems), report if rows else None)
    return report


def _facts(layer: Layer, xs: tuple[Shape, ...]) -> LayerResult:
    """What a layer's rules say; raises `Fault` where it refuses its inputs, or gives too much."""
    layer.accept(xs)
    facts = LayerResult(layer, xs)
    for shape in (facts.shape, *facts.ports.values()):
        elements(shape, layer)
    return facts


def _too_much(graph: Graph, node: Node) -> Problem:
    """The problem of layers that are few, and have very many weights or inputs each."""
    message = f"the arrays of this network, inputs, outputs and weights, have more than {MOST_SIZES:,} sizes together"
    help = "a smaller repeat, or fewer inner layers"
    return Problem("too-many-sizes", message, source=graph.source, span=node.place(), help=help)


def _port(values: list[Shape | None], made: dict[int, LayerResult], ref: Ref, graph: Graph) -> Shape | None:
    number, port = ref if isinstance(ref, tuple) else (ref, "")
    if values[number] is None or not port:
        return values[number]
    facts = made.get(number)
    shape = None if facts is None else facts.port(port)
    if shape is not None:
        return shape
    if facts is None or not (facts.ports or facts.inside):
        raise Fault("unknown-port", f'{graph.label(number)} has only one output, no "{port}"', option="from")
    raise Fault(
        "unknown-port",
        f'{graph.label(number)} has no output "{port}"',
        option="from",
        help=f"its outputs are {', '.join(['output', *facts.ports, *list(facts.inside)[:MOST_NAMES]])}",
    )


def _share(row: Row, owner: Row | None) -> None:
    if owner is None:
        return
    theirs = owner.weights
    only = getattr(row.node.origin, "shared", None)  # where a file ties some weights and not others
    own = []
    common = 0
    for weight in row.facts.weights:
        # A reader knows which arrays are the same, whatever they are called.
        known = theirs.get(weight.name) if only is None else weight.shape if weight.name in only else None
        shape = known
        if shape is None:
            own.append(weight)
        elif shape != weight.shape:
            raise Fault(
                "share-shapes-differ",
                f"{weight.name} is {list(weight.shape)} here, but {list(shape)} in {owner.name}",
                option="share",
            )
        else:
            common += 1
    if not common:
        raise Fault(
            "nothing-to-share",
            f"{owner.name} has no weights that {row.type} could use",
            option="share",
            help=f"{owner.name} has {', '.join(theirs) or 'no weights'}",
        )
    row.own = tuple(own)
    row.owner = owner.name


def noted(report: Report) -> list[Problem]:
    """What the layers note of their inputs, once for all copies; beyond `MOST_NOTED` of a code the rest is counted."""
    found: list[Problem] = []
    seen: set[tuple[int, str]] = set()
    counts: dict[str, int] = {}
    for row in report.rows:
        if type(row.layer).notes is Layer.notes or not row.facts.inputs:
            continue  # what is never called has no inputs
        for fault in row.layer.notes(*row.facts.inputs):
            copy = (id(row.node.origin), fault.code)
            if row.node.origin is not None and copy in seen:
                continue
            seen.add(copy)
            counts[fault.code] = counts.get(fault.code, 0) + 1
            if counts[fault.code] <= MOST_NOTED:
                found.append(problem_of(fault, report.graph, row.node, "note"))
    for code, count in counts.items():
        if count > MOST_NOTED:
            found.append(Problem(code, f"... and {count - MOST_NOTED} more layers", severity="note"))
    return found


def repaired(layer: Layer, xs: tuple[Shape, ...], fault: Fault) -> Layer | None:
    """The layer that was meant, where only an inferred size was written wrong: what comes after is still known."""
    if fault.code != "input-contradicts":
        return None
    meant = layer.replaced(**{inference.option: None for inference in layer.inferences})
    try:
        meant.accept(xs)
        meant.shape(*xs)
    except Fault:
        return None
    return meant


def problem_of(fault: Fault, graph: Graph, node: Node, severity: str = "error") -> Problem:
    """The fault at the place where its layer was written."""
    return Problem(
        fault.code,
        f"{node.name}: {fault.message}",
        source=getattr(node.origin, "source", None) or graph.source,
        span=node.point(fault),
        help=fault.help,
        severity=severity,
    )
