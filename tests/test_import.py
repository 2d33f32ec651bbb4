"""What was read from another tool's file and written as a spec gives the same report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import exchange
import pytest
from test_read_exchange import written

import cnncalc
from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault
from cnncalc.export import copies
from cnncalc.export.spec_text import spec_text

KINDS = ("torch_source", "torch_text", "keras", "onnx")
FULL = [item for kind in KINDS for item in exchange.items(kind) if item["answerable"] == "full"]


def test_most_files_can_be_said_as_a_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = 0
    for item in FULL:
        said += same(item, tmp_path)
    assert said > 0.6 * len(FULL)


def same(item: dict[str, Any], folder: Path) -> bool:
    """Whether an item can be said; what is said must be the same network."""
    net = written(item, folder)
    report = cnncalc.load(net, input_shapes=exchange.inputs(item)).report()
    if report.assumptions is not None:
        return False
    try:
        text, notes = spec_text(report)
    except Fault as fault:
        assert fault.code == "import-unsaid"
        return False
    again = cnncalc.loads(text).report()
    rows = [row for row in report if row.unused is None]
    assert [(row.type, row.output_shape) for row in again] == [(row.type, row.output_shape) for row in rows], item["id"]
    if not notes:
        assert again.totals.params == report.totals.params, item["id"]
        assert again.totals.trainable == report.totals.trainable, item["id"]
    assert again.totals.macs == report.totals.macs, item["id"]
    outputs = [list(report.shown(report.shape_of(ref), ref)) for ref in report.graph.outputs]
    assert list(again.output_shape) in outputs  # the spec's only one; a comment in it names them all
    return True


COPIES = """
from torch import nn
class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.fc1 = nn.Linear(d, 4 * d)
        self.fc2 = nn.Linear(4 * d, d)
    def forward(self, x):
        return x + self.fc2(self.fc1(self.norm(x)))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(8, 32)
        self.blocks = nn.ModuleList([Block(32) for _ in range(6)])
        self.mixers = nn.Sequential(nn.Linear(32, 32), nn.Linear(32, 32))
        self.head = nn.Linear(32, 5)
    def forward(self, x):
        x = self.stem(x)
        y = x
        for block in self.blocks:
            x = block(x)
        return self.head(self.mixers(x) + RESULT)
"""


def imported(source: str, folder: Path) -> str:
    (folder / "copies.py").write_text(source, "utf-8")
    return spec_text(cnncalc.load(str(folder / "copies.py"), input_shapes=["7x8"]).report())[0]


def test_copies_are_written_once(tmp_path: Path) -> None:
    assert (
        imported(COPIES.replace("RESULT", "y"), tmp_path)
        == """name: Net
input: [7, 8]
define:
  block:
    - norm: LayerNorm(32)
    - fc1: Linear(32, 128)
    - fc2: Linear(128, 32)
    - add_1: Add
      from: [input, fc2]
layers:
  - stem: Linear(8, 32)
  - blocks: block
    repeat: 6
  - mixers: Linear(32, 32)
    repeat: 2
  - add_1: Add
    from: [mixers, stem]
  - head: Linear(32, 5)
"""
    )


def test_copies_that_others_look_into_are_written_out(tmp_path: Path) -> None:
    source = COPIES.replace("x = block(x)", "x = block(x); y = y + x").replace("RESULT", "y")
    text = imported(source, tmp_path)
    assert "define" not in text
    counted = 8 * 32 + 32 + 6 * (64 + 2 * 4096 + 160) + 2 * 1056 + 165
    assert cnncalc.loads(text).report().totals.params == counted


def test_stages_that_are_no_copies_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row is described with the blocks that begin with it, not again with all that came before it."""
    text = """\
input: [8]
layers:
  - stages:
      - blocks: [Linear(8, 8), ReLU]
        repeat: 40
      - last: Tanh
        when: index == 1
    repeat: 2
"""
    report = cnncalc.loads(text).report()
    described: list[int] = []
    first = Layer.describe
    monkeypatch.setattr(Layer, "describe", lambda *given: described.append(1) or first(*given))  # type: ignore[func-returns-value]
    monkeypatch.setattr(copies, "MOST_ROWS", 20)
    written, _ = spec_text(report)
    assert written.count("repeat: 10") == 8
    assert len(described) <= 2 * len(report.rows)


STAGES = """
import torch
from torch import nn
class Block(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, 4 * cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(4 * cout)
        self.conv2 = nn.Conv2d(4 * cout, cout, 1)
        self.down = nn.Conv2d(cin, cout, 1, stride)
    def forward(self, x):
        return torch.relu(self.conv2(self.bn1(self.conv1(x))) + self.down(x))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer1 = nn.Sequential(Block(3, 8), Block(8, 8), Block(8, 8))
        self.layer2 = nn.Sequential(Block(8, 16, 2), Block(16, 16), Block(16, 16))
        self.fc = nn.Linear(16, 10)
    def forward(self, x):
        return self.fc(self.layer2(self.layer1(x)).mean((2, 3)))
"""


def test_copies_of_other_sizes_are_one_block_with_arguments(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(STAGES)
    report = cnncalc.load(str(tmp_path / "net.py"), input_shapes=("3x32x32",)).report()
    text, notes = spec_text(report)
    assert notes == []
    lines = text.splitlines()
    assert next(line for line in lines if line.startswith("  ") and line.endswith(":")).strip() == (
        "layer_block(in_channels, out_channels, out_channels_2, stride=1):"
    )
    calls = [line.split("_block")[1] for line in lines if line.startswith("  - layer")]
    assert calls == ["(3, 32, 8)", "(8, 32, 8)", "(8, 64, 16, stride=2)", "(16, 64, 16)"]
    assert text.count("repeat: 2") == 2
    again = cnncalc.loads(text).report()
    assert again.totals.params == report.totals.params == PARAMS_OF_STAGES
    assert again.totals.macs == report.totals.macs


# sum(p.numel() for p in Net().parameters()), PyTorch 2.13
PARAMS_OF_STAGES = 34034
