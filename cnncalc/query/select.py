"""Which layers are meant by names: of layers, of blocks, of types, or `total`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.core.problem import Fault, did_you_mean, fail
from cnncalc.cost.sizes import SIZES
from cnncalc.network.report import Report
from cnncalc.network.row import Row
from cnncalc.query.ask import scope, spelled
from cnncalc.query.scope import NetworkScope
from cnncalc.query.values import LayerValue, Sums

if TYPE_CHECKING:
    from cnncalc.network.network import Network

# Counts whose formulas can be asked for by name.
COUNTS = ("shape", "params", "trainable", "macs", "flops", "dense")
FIELD = "receptive_field"


def _is_size(name: str) -> bool:
    """Whether a name is that of a count, of memory, tokens or training: `conv1.params`, `total.kv_cache_bytes`."""
    label, _, last = name.rpartition(".")
    return bool(label) and (last in SIZES or last in COUNTS or last == FIELD)


def _in_full(names: list[str], known: NetworkScope) -> list[str]:
    """`params` as total.params; `total` stays, for all sums."""
    return [name if name == "total" else spelled(name, known) for name in names]


def sized(network: Network, report: Report, names: list[str]) -> list[tuple[str, str, list[Row] | None]]:
    """The sizes among the names: of what, which, and over which rows (None: all). Raises `SpecError`."""
    known = scope(network, report)
    found: list[tuple[str, str, list[Row] | None]] = []
    for text in _in_full(names, known):
        label, _, name = text.rpartition(".")
        if not _is_size(text) or known.part(text) is not None:
            continue
        rows, sums = select(network, report, [label])
        whole = bool(sums) and sums[0][0] == "total"
        if name == FIELD:
            found.append((label, name, [_seeing(report, label, rows, whole)]))
            continue
        if name in COUNTS:
            found.append((label, name, rows or report.rows))
            continue
        if not whole and not SIZES[name].layers:
            fail("no-value", f"{name} is that of the whole network", help=f"write total.{name}")
        found.append((label, name, None if whole else rows))
    return found


def _seeing(report: Report, label: str, rows: list[Row], whole: bool) -> Row:
    """The layer whose receptive field is meant: of a block the one that makes its output."""
    if not whole and len(rows) == 1:
        return rows[0]
    block = report.graph.blocks.get(report.graph.aliases.get(label, label))
    ref = report.graph.output if whole else block.output if block is not None and rows else None
    number = -1 if ref is None else (ref[0] if isinstance(ref, tuple) else ref) - len(report.graph.inputs)
    if number < 0:
        fail("no-value", f"{label} has no receptive field of its own", help=f"layers have one: {rows[-1].name}.{FIELD}")
    return report.rows[number]


def select(network: Network, report: Report, names: list[str]) -> tuple[list[Row], list[tuple[str, list[Row]]]]:
    """The layers that are meant, in order, and the sums: of all layers without names, else of blocks and types.

    Raises `SpecError` where a name means none.
    """
    if not names:
        return report.rows, [("total", report.rows)]
    known = scope(network, report)
    names = [name for name in _in_full(names, known) if not _is_size(name) or known.part(name) is not None]
    wanted: set[str] = set()
    sums = []
    for name in names:
        try:
            found = known.part(name) or known.lookup(name)
        except KeyError:
            found = None
        except Fault as fault:
            fail(fault.code, fault.message, help=fault.help)
        if isinstance(found, LayerValue):
            wanted.add(found.row.name)
        elif isinstance(found, Sums) and found.rows:
            sums.append((found.name, found.rows))
            if found.name != "total":
                wanted.update(row.name for row in found.rows)
        else:
            head = name.rpartition(".")[0]
            labels = [label for label in known.names() if label != "output"]
            near = head if head and known.part(head) else did_you_mean(name, labels)
            fail(
                "unknown-name",
                f'{report.name} has no layer, block or type "{name}"',
                help=f"did you mean {near}?" if near else "cnncalc shapes NET lists its layers",
            )
    return [row for row in report.rows if row.name in wanted], sums
