"""What was exported and read again gives the same report: parameters, multiply-accumulates, shapes of the outputs.

A sample of the bundled networks; with the slow tests all that have layers of their own. What Keras makes of its code is
recorded, with what cnncalc reads of that: `test_export_keras.py` compares it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.bundled import bundled, specs_folder
from cnncalc.export.pytorch.writer import export

SAMPLE = sorted({*sorted(bundled())[::15], "albert_base", "attention_rnn2", "bert_tiny", "gpt2", "gpt_oss_20b",
                 "mamba_130m", "unet", "mnist_convnet_keras", "unet_keras"})  # fmt: skip
# The others: a spec that only sets the constants of another one has the same layers in other sizes.
OTHERS = sorted(
    name
    for name in set(bundled()) - set(SAMPLE)
    if "\nbase:" not in "\n" + Path(specs_folder(), f"{name}.yaml").read_text(encoding="utf-8")
)


def facts(report: Any) -> list[Any]:
    """What has to be the same."""
    outputs = [tuple(report.shape_of(ref)) for ref in report.graph.outputs or [report.graph.output]]
    statistics = 0
    for row in report.rows:
        if row.layer.counts_buffers:
            statistics += sum(held.shape[0] for held in row.facts.buffers)
    return [report.totals.params - statistics, report.totals.macs, outputs]


def pytorch(name: str, folder: Path) -> None:
    network = cnncalc.load(name)
    report = network.report()
    path = folder / "net.py"
    path.write_text(export(report, network.spec, network).text, encoding="utf-8")
    again = cnncalc.load(str(path))
    assert facts(again.report()) == facts(report)


def onnx(name: str, folder: Path) -> None:
    pytest.importorskip("onnx")
    from cnncalc.export.onnx.model import export as write

    report = cnncalc.load(name).report()
    path = folder / "net.onnx"
    path.write_bytes(write(report, numbers=False).data)
    assert facts(cnncalc.load(str(path)).report()) == facts(report)


@pytest.mark.parametrize("name", SAMPLE)
def test_pytorch(name: str, tmp_path: Path) -> None:
    pytorch(name, tmp_path)


@pytest.mark.parametrize("name", SAMPLE)
def test_onnx(name: str, tmp_path: Path) -> None:
    onnx(name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_pytorch_of_all(name: str, tmp_path: Path) -> None:
    pytorch(name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_onnx_of_all(name: str, tmp_path: Path) -> None:
    onnx(name, tmp_path)
