"""The target "onnx": one file with everything in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.export.targets import Product, Request

if TYPE_CHECKING:
    from cnncalc.network.report import Report


def write(report: Report, spec: Any, request: Request) -> Product:
    """The bytes of the ONNX file; weights that were not given are drawn as --execute draws them."""
    from cnncalc.export.onnx.model import export
    from cnncalc.read.onnx.file import library

    made = export(report, request.arrays, dtype=request.dtype)
    remarks = []
    if made.absent:
        size = f"{made.absent / 1e9:.1f} GB"
        remarks.append(f"the weights are {size}, more than an ONNX file holds: it has their names and sizes alone")
    else:
        library().checker.check_model(made.model)
        if request.arrays is None and report.totals.params:
            remarks.append("the weights are drawn from seed 0; --weights FILE.npz writes others")
    return Product(made.data, remarks=tuple(remarks))
