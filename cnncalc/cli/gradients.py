"""What `cnncalc run` says of gradients: --backward, --gradcheck and --through-time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.cli.output import show, show_json
from cnncalc.core.problem import fail
from cnncalc.query.scope import NetworkScope
from cnncalc.query.values import LayerValue
from cnncalc.render.formats import ONE_TABLE

if TYPE_CHECKING:
    from cnncalc.execute.execution import Execution
    from cnncalc.network.report import Report


def named(report: Report, names: list[str], given: bool) -> list[str]:
    """The names to show with --backward: each followed by its gradient; without names those of inputs and weights."""
    if not given:
        wholes = [taken.name for taken in report.graph.inputs if not _whole(report, taken.name)]
        weights = [f"{row.name}.{name}" for row in report.rows if row.node.shares is None for name in row.weights]
        return ["output", *(f"gradient({name})" for name in (*wholes, *weights))]
    scope = NetworkScope(report, lambda: None)
    found = []
    for name in names:
        found.append(name)
        if "(" not in name and _differentiable(scope, name) and not _whole(report, name):
            found.append(f"gradient({name})")
    return found


def _whole(report: Report, name: str) -> bool:
    """Whether it is an input of whole numbers, which has no derivative."""
    from cnncalc.execute import integer_inputs

    limits = integer_inputs.limits(report)
    return any(taken.name == name and at in limits for at, taken in enumerate(report.graph.inputs))


def _differentiable(scope: NetworkScope, name: str) -> bool:
    """Whether a name stands for an array, and not for a shape or a count."""
    part = scope.part(name)
    if part is not None:
        return isinstance(part, LayerValue) or part.cnncalc_attribute("shape") is not None
    return not name.endswith((".shape", ".params", ".macs", ".flops", ".trainable", ".dense"))


def check(report: Report, execution: Execution, format: str) -> int:
    """Hold every gradient against finite differences; the status is 1 where one differs."""
    from cnncalc.execute.gradient import gradcheck
    from cnncalc.pages import gradients as page
    from cnncalc.pages.notes import how

    if execution.dtype != "float64":
        fail("option-value", "--gradcheck needs double precision", help="leave --dtype out")
    results = gradcheck.check(execution)
    if format == "json":
        ok = all(result.ok for result in results)
        show_json({"name": report.name, "ok": ok, "gradcheck": page.checked_data(results)})
    else:
        show(page.checked(report.name, results, how(execution, usual="float64")), format)
    return 0 if all(result.ok for result in results) else 1


def through_time(report: Report, execution: Execution, layer: str, format: str) -> int:
    """How the gradient of a recurrent layer's last state goes back through its steps."""
    from cnncalc.document import Document, Heading
    from cnncalc.execute.gradient.tape import Tape
    from cnncalc.pages import gradients as page
    from cnncalc.query.gradient_norms import through_time as norms

    found = norms(Tape(execution), layer)
    if format == "json":
        show_json({"name": report.name, "through_time": page.through_time_data(layer, found)})
    elif format in ONE_TABLE:
        show(Document([page.through_time_table(layer, found)]), format)
    else:
        show(Document([Heading(report.name), *page.through_time(layer, found)]), format)
    return 0
