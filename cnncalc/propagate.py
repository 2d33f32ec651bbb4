"""Graph x input shapes -> Report: each node's rules, in order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cnncalc.collector import held
from cnncalc.facts import Facts
from cnncalc.graph import Graph, Node, Ref
from cnncalc.layer import Layer
from cnncalc.limits import elements
from cnncalc.number import Shape
from cnncalc.problem import Fault, Problem, SpecError, settled
from cnncalc.report import Report, Row

# Sizes and arrays of all layers together: each stands somewhere in a table or document.
MOST_SIZES = 2_000_000


@held()
def propagate(graph: Graph, known: Iterable[Problem] = ()) -> Report:
    """Run every layer's rules; raises `SpecError` with all that does not fit and the rows before the first of it.

    `known` are the problems found before: only they and what is wrong besides them is reported.
    Nodes with the same layer object and the same input shapes share their facts, so a repeated block is computed once.
    """
    report = Report(graph)
    values: list[Shape | None] = [(1, *given.shape) if given.known else None for given in graph.inputs]
    ports: dict[int, Facts] = {}
    memo: dict[Any, Facts] = {}
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
            taken = [values[ref] if type(ref) is int else _port(values, ports, ref, graph) for ref in node.inputs]
            xs = tuple(taken)
            if problems and None in taken:
                intact = False
                values.append(None)  # it takes what another mistake left unknown: no consequences of consequences
                continue
            key = (id(node.layer), xs)
            facts = memo.get(key)
            if facts is None:
                node.layer.accept(xs)
                facts = memo[key] = Facts(node.layer, xs)
                for shape in (facts.shape, *facts.ports.values()):
                    elements(shape, node.layer)
            sizes += facts.sizes
            if sizes > MOST_SIZES:
                raise SpecError([*settled(problems), _too_much(graph, node)])
            row = Row(report, node, facts)
            if node.shares is not None:
                _share(row, rows[node.shares] if intact else None)
        except Fault as fault:
            intact = False
            problems.append(problem_of(fault, graph, node))
            values.append(_after(node.layer, xs, fault))
            continue
        if intact:
            rows.append(row)
        if facts.ports:
            ports[len(values)] = facts
        values.append(facts.shape)
    if problems:
        raise SpecError(settled(problems), report if rows else None)
    return report


def _too_much(graph: Graph, node: Node) -> Problem:
    """The problem of layers that are few, and have very many weights or inputs each."""
    message = f"the arrays of this network, inputs, outputs and weights, have more than {MOST_SIZES:,} sizes together"
    help = "a smaller repeat, or fewer inner layers"
    return Problem("too-many-sizes", message, source=graph.source, span=node.place(), help=help)


def _port(values: list[Shape | None], ports: dict[int, Facts], ref: Ref, graph: Graph) -> Shape | None:
    number, port = ref if isinstance(ref, tuple) else (ref, "")
    if values[number] is None or not port:
        return values[number]
    facts = ports.get(number)
    if facts is None:
        raise Fault("unknown-port", f'{graph.label(number)} has only one output, no "{port}"', option="from")
    if port not in facts.ports:
        raise Fault(
            "unknown-port",
            f'{graph.label(number)} has no output "{port}"',
            option="from",
            help=f"its outputs are {', '.join(['output', *facts.ports])}",
        )
    return facts.ports[port]


def _share(row: Row, owner: Row | None) -> None:
    if owner is None:
        return
    theirs = owner.weights
    own = []
    common = 0
    for weight in row.facts.weights:
        shape = theirs.get(weight.name)
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


def _after(layer: Layer, xs: tuple[Shape, ...], fault: Fault) -> Shape | None:
    """The output's shape in spite of a mistake, where only an inferred size was written wrong."""
    if fault.code != "input-contradicts":
        return None
    repaired = object.__new__(type(layer))
    repaired.__dict__.update(layer.__dict__)
    for name, _, _, _ in layer.inferences:
        repaired.__dict__[name] = None
    try:
        repaired.accept(xs)
        return repaired.shape(*xs)
    except Fault:
        return None


def problem_of(fault: Fault, graph: Graph, node: Node) -> Problem:
    """The fault at the place where its layer was written."""
    return Problem(
        fault.code, f"{node.name}: {fault.message}", source=graph.source, span=node.point(fault), help=fault.help
    )
