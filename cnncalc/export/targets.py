"""What a network can be written as: one module a target, which is imported when it is asked for.

A target's module has `write(report, spec, request)`, which gives a `Product`.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array
    from cnncalc.network.network import Network
    from cnncalc.network.report import Report
    from cnncalc.spec.model import Spec


class Target(NamedTuple):
    """A target: its module, other words for it, the suffix of its file, and whether that is no text."""

    module: str
    words: tuple[str, ...]
    suffix: str
    binary: bool = False


class Request(NamedTuple):
    """What is asked for: arrays by "layer.weight" (None: no weights), the numbers' type, the report's network.

    seed   what numbers are drawn from (None: as few as are needed)
    """

    arrays: Mapping[str, Array] | None = None
    dtype: str = "float32"
    network: Network | None = None
    seed: int | None = None


class Product(NamedTuple):
    """What was written: the file, and beside it the file of the weights with its suffix; remarks for the user."""

    content: str | bytes
    weights: bytes | None = None
    suffix: str = ""
    remarks: tuple[str, ...] = ()


TARGETS: dict[str, Target] = {
    "pytorch": Target("cnncalc.export.pytorch.file", ("torch", "pt", "py"), ".py"),
    "keras": Target("cnncalc.export.keras.file", ("tf", "tensorflow", "tf.keras"), ".py"),
    "onnx": Target("cnncalc.export.onnx.model", ("onnxruntime", "ort"), ".onnx", binary=True),
}


def target_of(word: str) -> str:
    """The target that a word means, or the word."""
    low = word.lower()
    return next((name for name, target in TARGETS.items() if low == name or low in target.words), low)


def write(name: str, report: Report, spec: Spec | None, request: Request) -> Product:
    """The network as that target. Raises `SpecError` with every layer that it has no words for."""
    report, spare = _called(report)
    made: Product = import_module(TARGETS[name].module).write(report, spec, request)
    if spare:
        said = "is never called and is left out" if len(spare) == 1 else "are never called and are left out"
        names = ", ".join(spare[:5]) + (f" and {len(spare) - 5:,} more" if len(spare) > 5 else "")
        made = made._replace(remarks=(*made.remarks, f"{names} {said}"))
    return made


def _called(report: Report) -> tuple[Report, list[str]]:
    """The report without the modules that forward never calls, which stand at its end; and their names."""
    spare = [row.name for row in report.rows if row.unused]
    if not spare:
        return report, spare
    graph = copy(report.graph)
    graph.nodes = [node for node, row in zip(graph.nodes, report.rows, strict=True) if not row.unused]
    called = copy(report)
    called.graph = graph
    called.rows = [row for row in report.rows if not row.unused]
    called._totals = called._by_name = None
    return called, spare
