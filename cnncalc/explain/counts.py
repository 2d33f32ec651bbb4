"""One count of a layer or of a part of the network: `conv1.params = K²·C_in·C_out + C_out = ... = 448`."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.core.formula import Part, const, times, total
from cnncalc.core.number import Number, is_zero
from cnncalc.core.problem import Fault
from cnncalc.explain.explain import MOST, Line, explain, sums
from cnncalc.network.row import Row

# What is explained in the place of what is a multiple or a part of it.
SAME = {"trainable": "params", "flops": "macs"}


def counted(label: str, name: str, rows: Sequence[Row]) -> list[Line]:
    """The lines of one count (`params`, `flops`, `shape`), the last of them with the count's name. Raises `Fault`."""
    single = len(rows) == 1
    topic = SAME.get(name, name)
    if topic == "shape" and not single:
        raise Fault(
            "no-value", f"the shape of {label} is that of its last layer", help=f"explain {rows[-1].name}.shape"
        )
    frozen = name == "trainable" and any(str(row.trainable) != str(row.params) for row in rows)
    if frozen:
        lines = [Line(topic, f"{label}.trainable", _trained(rows))]
    elif single:
        lines = explain(rows[0]).of(topic)
    else:
        lines = [line for line in sums(rows, label) if line.topic == topic]
    if not lines:
        return [Line(topic, f"{label}.{name}", const(0))]
    *before, last = lines
    part = times(2, last.part) if name == "flops" and not is_zero(last.value) else last.part
    if topic == "shape":
        return [*before, last]
    return [*before, Line(topic, f"{label}.{name}", part)]


def _trained(rows: Sequence[Row]) -> Part:
    """What is trained of several layers: by layer, or by type where they are many."""
    parts: dict[str, Number] = {}
    for row in rows:
        if not is_zero(row.trainable):
            key = f"{row.name if len(rows) <= MOST else row.type}.trainable"
            parts[key] = parts.get(key, 0) + row.trainable
    if len(rows) == 1 or not parts:
        return const(sum(parts.values()))
    return total([Part("leaf", number, (), key, key) for key, number in parts.items()])
