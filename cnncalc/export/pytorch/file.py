"""The target "pytorch": code, and the given weights as a `state_dict` beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.export.targets import Product, Request

if TYPE_CHECKING:
    from cnncalc.network.report import Report
    from cnncalc.spec.model import Spec


def write(report: Report, spec: Spec | None, request: Request) -> Product:
    """The code; with arrays also what `torch.save(model.state_dict())` would write."""
    from cnncalc.export.pytorch.writer import export

    made = export(report, spec, request.network)
    if request.arrays is None:
        return Product(made.text)
    import numpy as np

    from cnncalc.export.pytorch.state_dict import state_dict

    arrays = {}
    for name, end in made.parameters.items():
        if name in request.arrays:
            array = np.asarray(request.arrays[name])
            array = made.turns[name](array) if name in made.turns else array
            arrays[end] = array.astype(np.int64 if end.endswith("num_batches_tracked") else request.dtype)
    remark = 'model.load_state_dict(torch.load("{file}.pt")) puts the weights in'
    return Product(made.text, state_dict(arrays), ".pt", (remark,))
