"""The target "onnx": one file with everything in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.export.targets import Product, Request

if TYPE_CHECKING:
    from cnncalc.network.report import Report
    from cnncalc.spec.model import Spec


def write(report: Report, spec: Spec | None, request: Request) -> Product:
    """The bytes of the ONNX file; weights that were not given are drawn as --execute draws them."""
    from cnncalc.export.onnx.model import MOST, export
    from cnncalc.read.onnx.file import library

    made = export(report, request.arrays, seed=request.seed, dtype=request.dtype)
    absent, data, remarks = made.absent, made.data, []
    del made  # the numbers are held once more while they are checked, and need not be three times
    if absent > MOST:
        size = f"{absent / 1e9:.1f} GB"
        remarks.append(f"the weights are {size}, more than an ONNX file holds: it has their names and sizes alone")
    elif absent:
        size = f"{absent / 1e6:.0f} MB"
        remarks.append(f"the weights are {size}: the file has their names and sizes alone; --seed 0 draws numbers")
    else:
        library().checker.check_model(data)
        if request.arrays is None and report.totals.params:
            remarks.append(f"the weights are random, from seed {request.seed or 0}; --weights FILE.npz writes others")
    return Product(data, remarks=tuple(remarks))
