"""Which layers have an inside to draw, and how it is drawn."""

from __future__ import annotations

from typing import Any

from cnncalc.core.number import Number
from cnncalc.core.problem import Fault, suggestion
from cnncalc.diagram.model import MOST_BOXES, Diagram
from cnncalc.diagram.words import params_text
from cnncalc.network.report import Report
from cnncalc.network.row import Row


def inside(
    report: Report, name: str | None, steps: int | None = None, compact: bool = False, most: int = MOST_BOXES
) -> Diagram:
    """The inside of a recurrent layer or of attention; without a name that of the only one there is.

    `steps` draws so many steps (of attention: positions), `compact` a cell's states alone. Raises `Fault`.
    """
    row = _row(report, name)
    layer: Any = row.layer
    diagram = Diagram(f"{report.name}: {row.name} = {row.call}", most, advice="fewer steps or slots can be drawn")
    if steps is not None:
        _fits(row, steps)
    if layer.interior == "attention":
        from cnncalc.diagram.inside import attention

        if compact:
            raise Fault("nothing-inside", f'"{row.name}" has no states: --compact draws those of a recurrent layer')
        attention.draw(diagram, row, steps)
        return diagram
    if layer.interior == "slots":
        from cnncalc.diagram.inside import attention

        attention.slots(diagram, row)
        if layer.every and steps is not None:
            raise Fault(
                "nothing-inside",
                f'"{row.name}" attends to all states before: its steps are not alike',
                help="leave --unroll out, or write a number for k",
            )
    elif layer.interior == "equations":
        from cnncalc.diagram.inside.cell import cell

        made = cell(diagram, layer.equations, layer.shapes(*row.facts.inputs))
        diagram.output = made[layer.result]
    else:
        from cnncalc.diagram.inside import recurrent

        recurrent.draw(diagram, layer, row.facts.inputs[0])
    diagram.cell = True
    diagram.total = row.params
    if diagram.notes and layer.interior == "gates":  # a part of the layer
        drawn: Number = sum((box.params or 0) for box in diagram.boxes)
        diagram.total = drawn
        diagram.notes.append(f"the whole layer has {params_text(row.params)}")
    if not steps and not compact:
        return diagram
    from cnncalc.diagram.inside import steps as views

    if compact:
        diagram = views.compact(diagram)
    return views.unrolled(diagram, steps) if steps else diagram


def drawable(row: Row) -> bool:
    """Whether a layer has an inside to draw."""
    if row.layer.interior != "gates":
        return row.layer.interior != ""
    from cnncalc.diagram.inside import recurrent

    return recurrent.drawable(row.layer)


def _row(report: Report, name: str | None) -> Row:
    """The layer that is meant."""
    among = [row for row in report.rows if drawable(row)]
    if name is None:
        if len(among) == 1:
            return among[0]
        raise Fault("nothing-inside", "--inside, --unroll and --compact need the layer to draw", help=_such(among))
    try:
        row = report[name]
    except KeyError:
        raise Fault(
            "unknown-name",
            f'there is no layer "{name}" in {report.name}',
            help=suggestion(name, [row.name for row in report.rows], _such(among)),
        ) from None
    if not drawable(row):
        raise Fault("nothing-inside", f'"{name}" is no recurrent layer and no attention', help=_such(among))
    return row


def _such(among: list[Row]) -> str:
    """Which layers could be drawn."""
    if not among:
        return "leave --inside out to draw the layers of the network"
    names = [row.name for row in among[:5]]
    more = f" and {len(among) - 5} more" if len(among) > 5 else ""
    return f"write --inside {names[0]}" if len(among) == 1 else f"--inside takes {', '.join(names)}{more}"


def _fits(row: Row, steps: int) -> None:
    """Refuse more steps than the sequence has."""
    length = row.facts.inputs[0][-2]
    if type(length) is int and steps > length:
        raise Fault("option-value", f'--unroll takes at most {length}, the length of what "{row.name}" reads')
