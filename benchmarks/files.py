"""Files of other tools, as whole processes: PyTorch source, ONNX, `config.json`."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.line import Line
from benchmarks.rows import FLOOR
from benchmarks.timing import cnncalc, processes, python

SOURCES = Path(__file__).parent / "sources"
NETS = (
    ("a CNN of 30 layers", "cnn30.py", "3x32x32", "<= 1.3"),
    ("ResNet-50 as libraries write it", "resnet50.py:resnet50()", "3x224x224", "<= 1.6"),
    ("a GPT of 170 lines", "gpt.py:Model", "64", "<= 1.6"),
)
LLAMA = {
    "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 4096, "intermediate_size": 11008,
    "num_attention_heads": 32, "num_hidden_layers": 32, "vocab_size": 32000,
}  # fmt: skip


def lines(runs: int) -> Iterator[Line]:
    """Processor time of `shapes FILE` against the cost of importing the libraries, and of ONNX' own inference."""
    floor = "importing typer, yaml, rich; processor time"
    for said, net, shape, reach in NETS:
        words = cnncalc("shapes", f"{SOURCES}/{net}", "-i", shape)
        for terminal, where in ((False, ""), (True, ", table on a terminal")):
            pair = processes(words, FLOOR, runs, terminal)
            yield Line(f"shapes of {said}{where}", floor, pair.ratio, "x", "" if terminal else reach, pair.to_dict())
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.json"
        config.write_text(json.dumps(LLAMA))
        for command in ("params", "shapes"):
            pair = processes(cnncalc(command, str(config)), FLOOR, runs)
            yield Line(f"{command} of Llama's config.json", floor, pair.ratio, "x", "<= 1.3", pair.to_dict())
        model = Path(folder) / "resnet50.onnx"
        _weightless(model)
        code = f"import onnx; onnx.shape_inference.infer_shapes(onnx.load({str(model)!r}, load_external_data=False))"
        for where, words in (("", []), (" --format json", ["--format", "json"])):
            pair = processes(cnncalc("shapes", str(model), *words), python("-c", code), runs)
            yield Line(
                f"shapes of ONNX' ResNet-50{where}", "onnx.shape_inference, whole process", pair.ratio, "x", "<= 1.5",
                pair.to_dict(),
            )  # fmt: skip


def _weightless(path: Path) -> None:
    """ResNet-50 as ONNX; initializers of more than 4,096 bytes point to a file that is not there."""
    import onnx

    subprocess.run(cnncalc("export", "resnet50", "--to", "onnx", "-o", str(path)), check=True, capture_output=True)
    model = onnx.load(path)
    for tensor in model.graph.initializer:
        if tensor.ByteSize() > 4096:
            tensor.ClearField("raw_data")
            tensor.ClearField("float_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
            entry = tensor.external_data.add()
            entry.key, entry.value = "location", "absent.bin"
    path.write_bytes(model.SerializeToString())
