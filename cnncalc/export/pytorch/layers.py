"""Every layer of a network in PyTorch's words, or all that cannot be said at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.core.problem import Fault, SpecError, settled
from cnncalc.export.call import Leaf, literal, refuse
from cnncalc.export.pytorch.functions import functions
from cnncalc.export.pytorch.keras_words import leaves_of_keras
from cnncalc.export.pytorch.modules import modules
from cnncalc.network.propagate import problem_of
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.spec.words.convention import calls

if TYPE_CHECKING:
    from cnncalc.spec.model import Spec


def block_names(spec: Spec | None) -> dict[int, str]:
    """For each entry inside of a block of the spec (its id), the block's name."""
    found: dict[int, str] = {}
    for name, block in (spec.blocks if spec is not None else {}).items():
        found |= dict.fromkeys(map(id, calls(block.body)), name)
    return found


def leaves_of(report: Report) -> list[Leaf]:
    """The layers of a network; raises `SpecError` with all that PyTorch does not have."""
    if report.graph.convention == "keras":
        return leaves_of_keras(report)
    uses: dict[int, set[str]] = {}
    count = len(report.graph.inputs)
    outputs = (report.graph.output, *report.graph.outputs)
    for ref in [*(ref for node in report.graph.nodes for ref in node.inputs), *outputs]:
        if isinstance(ref, tuple):
            uses.setdefault(ref[0] - count, set()).add(ref[1])
    found: list[Leaf] = []
    made: dict[tuple[int, int, frozenset[str]], Leaf] = {}  # copies share the layer and what follows from its inputs
    problems = []
    for index, row in enumerate(report.rows):
        used = frozenset(uses.get(index, ()))
        alike = id(row.layer), id(row.facts), used
        try:
            if alike not in made:
                made[alike] = _leaf(row, used)
            found.append(made[alike])
        except Fault as fault:
            fault.option = None
            problems.append(problem_of(fault, report.graph, row.node))
    if problems:
        raise SpecError(settled(problems))
    return found


def _leaf(row: Row, used: frozenset[str]) -> Leaf:
    leaf = functions(row) or modules(row, used)
    if leaf is None and row.type.endswith("Loss"):
        raise refuse(row, "a loss is no part of what is exported; leave it out", "PyTorch")
    if leaf is None:
        raise refuse(row, "PyTorch has no such layer, and it is not written out", "PyTorch")
    for port in used:
        if port not in leaf.ports:
            raise refuse(row, f"its output {port} is not one of PyTorch's", "PyTorch")
    for argument in leaf.args:
        literal(argument.value)
    return leaf
