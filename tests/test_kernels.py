"""Kernels against PyTorch's recorded float64 arrays, and against the rules for every layer there is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch_cases
from array_cases import Run, layer, named, runs
from array_data import recorded

from cnncalc.execute import kernel

FAMILIES = sorted({case.rsplit("-", 1)[0] for case in recorded()})

# Cases that a kernel for samples apart cannot be asked, and how many there are: a number that grows is noticed.
SKIPPED = {"activation": 1, "flatten": 2, "rnn": 1, "shuffle": 4}


def given(run: Run) -> list[Any]:
    """What the kernel gives, as a list: the output, then the ports."""
    made = kernel.find(run.layer.type())(run.layer, run.weights, *run.inputs, **run.extra)
    if not isinstance(made, dict):
        return [made]
    return [array for name, array in made.items() if name != "0"]


@pytest.mark.parametrize("family", [family for family in FAMILIES if family != "network"])
def test_arrays(family: str) -> None:
    asked, skipped, wrong = 0, [], []
    for name, run in runs(family):
        if isinstance(run, str):
            skipped.append(f"{name}: {run}")
            continue
        asked += 1
        found = given(run)
        for at, wanted in enumerate(run.outputs):
            if found[at].shape != wanted.shape:
                wrong.append(f"{name} output {at}: {found[at].shape}, not {wanted.shape} ({run.layer})")
            elif not np.allclose(found[at], wanted, rtol=1e-10, atol=1e-10, equal_nan=True):
                apart = np.nanmax(np.abs(found[at] - wanted), initial=0)
                wrong.append(f"{name} output {at}: {apart} apart ({run.layer} on {[x.shape for x in run.inputs]})")
    assert not wrong, "\n".join(wrong)
    assert asked, "no case was asked"
    assert len(skipped) == SKIPPED.get(family, 0), "\n".join(skipped)


def test_networks() -> None:
    asked = 0
    for case in torch_cases.cases()["network"]:
        if case["id"] not in recorded():
            continue
        arrays = recorded()[case["id"]]
        x = arrays["input_0"]
        for index, (kind, options) in enumerate(case["kwargs"]["layers"]):
            weights = {**named(arrays, f"param:{index}."), **named(arrays, f"buffer:{index}.")}
            made = kernel.find(kind)(layer(kind, options), weights, x)
            x = made["output"] if isinstance(made, dict) else made
        np.testing.assert_allclose(x, arrays["output_0"], rtol=1e-10, atol=1e-10, err_msg=case["id"])
        asked += 1
    assert asked == 30
