"""Where tensors lie in memory while a forward is read, compared with the strides that PyTorch gives."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest
from record_strides import DATA, LAYOUTS, NET, Shown, expressions, shown

import cnncalc
from cnncalc.core.problem import Source, SpecError
from cnncalc.read.python.outcome import tensors_in
from cnncalc.read.python.reader import PythonModel
from cnncalc.read.python.tensor.strides import BATCH

RECORDED = json.loads(lzma.decompress((DATA / "strides.json.xz").read_bytes()))


def found(text: str, sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> list[Shown | None]:
    """The strides of all that forward returns; None where they are not known."""
    kept: list[object] = []
    monkeypatch.setattr(PythonModel, "_finish", lambda self, graph, result: kept.extend(tensors_in(result)))
    _, problem = PythonModel(Source("model.py", text)).trace({"x": sizes})
    assert problem is None
    return [
        None if one.strides is None else shown(_numbers(one.dims), list(one.strides), BATCH)
        for one in kept  # type: ignore[attr-defined]
    ]


def _numbers(dims: tuple[object, ...]) -> list[int]:
    return [size if isinstance(size, int) else BATCH for size in dims]


def test_the_recording_is_of_these_expressions() -> None:
    assert [line for line, *_ in RECORDED] == expressions()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_strides_are_pytorchs(layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, made = LAYOUTS[layout]
    place = 1 + list(LAYOUTS).index(layout)
    answered = [(row[0], row[place]) for row in RECORDED if row[place] is not None]
    got: list[Shown | None] = []
    for start in range(0, len(answered), 150):
        part = answered[start : start + 150]
        every = "[" + ", ".join(line for line, _ in part) + "]"
        got += found(NET.replace("LAYOUT", made).replace("EXPRESSION", every), sizes, monkeypatch)
    wanted = [(line, strides) for line, every in answered for strides in every]
    assert len(got) == len(wanted)
    wrong = [
        (line, mine, theirs)
        for (line, theirs), mine in zip(wanted, got, strict=True)
        if mine is not None and mine != theirs
    ]
    assert not wrong
    assert sum(mine is None for mine in got) < 0.04 * len(got)


HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\nclass Net(nn.Module):\n"


def refusal(tmp_path: Path, body: str) -> str:
    path = tmp_path / "model.py"
    lines = "\n".join(f"        {line}" for line in body.split("; "))
    path.write_text(f"{HEAD}    def forward(self, x):\n{lines}\n")
    with pytest.raises(SpecError) as caught:
        cnncalc.load(str(path), input_shapes=("4x6x8",)).report()
    return caught.value.problems[0].message


@pytest.mark.parametrize(
    "made",
    [
        "F.pad(x.permute(0, 3, 1, 2), (1, 1))",
        "torch.einsum('bchw,bchv->bwvc', x, x)",
        "F.scaled_dot_product_attention(x.transpose(1, 2), x.transpose(1, 2), x.transpose(1, 2))",
        "F.interpolate(x.permute(0, 3, 1, 2), scale_factor=2)",
        "x[:, :, [0, 2]].transpose(1, 2)",
        "torch.cat([x, x.transpose(2, 3).contiguous().transpose(2, 3)], 1).transpose(1, 2)",
        "x.transpose(1, 2).sigmoid() * x.transpose(1, 2)",
    ],
)
def test_a_view_of_another_order_is_refused(made: str, tmp_path: Path) -> None:
    assert "another order in memory" in refusal(tmp_path, f"y = {made}; return y.view(x.size(0), -1)")


def test_a_view_of_an_order_that_is_not_known_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path, "y = torch.fft.fft2(x).real; return y.view(x.size(0), -1)")
    assert said.startswith("whether view(N, -1) can be a view is not known")


@pytest.mark.parametrize("code", ["x.add_(1)", "F.relu(x, inplace=True)", "nn.SiLU(inplace=True)(x)", "F.elu_(x)"])
def test_what_shares_memory_is_not_written_into(code: str, tmp_path: Path) -> None:
    assert "share memory" in refusal(tmp_path, f"x = x[:, :1].expand(-1, 4, -1, -1); return {code}")


def test_a_value_is_not_put_into_shared_memory(tmp_path: Path) -> None:
    assert "share memory" in refusal(tmp_path, "x = x[:, :1].expand(-1, 4, -1, -1); x[:, :2] = 1; return x")


@pytest.mark.parametrize(
    "call", ["nn.GroupNorm(1, 6)(y)", "nn.PixelShuffle(2)(y)", "nn.LSTM(4, 3)(x[:, 0].permute(1, 2, 0))"]
)
def test_a_layer_that_reads_the_axis_of_the_batch_is_refused(call: str, tmp_path: Path) -> None:
    assert "the batch" in refusal(tmp_path, f"y = x.transpose(0, 1); return {call}")
