"""Every command takes every format: source, what print(model) shows, Keras' JSON, ONNX."""

from __future__ import annotations

import base64
import importlib
import json
import pkgutil
import shutil
from pathlib import Path
from typing import get_type_hints

import exchange
import pytest

from cnncalc import render
from cnncalc.document import Document
from cnncalc.render.formats import PAGES

MODEL = Path(__file__).parent.parent / "docs" / "examples" / "model.py"
PRINTED = """Sequential(
  (0): Conv2d(3, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
  (1): ReLU()
  (2): Flatten(start_dim=1, end_dim=-1)
  (3): Linear(in_features=16384, out_features=10, bias=True)
)
"""


CONFIG = """{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 99, "hidden_size": 32,
 "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}"""


def _exchanged(kind: str) -> dict[str, object]:
    """The shortest item of a kind that says its own input."""
    usable = [
        item
        for item in exchange.items(kind)
        if item["answerable"] == "full"
        and not item.get("args")
        and item["id"].endswith((".json", ".onnx"))
        and "/more-" not in item["id"]  # of operations that a spec has no layer for
        and (kind == "onnx" or '"InputLayer"' in item["text"])
    ]
    return min(usable, key=lambda item: len(item.get("text") or item.get("base64") or ""))


@pytest.fixture(params=["source", "class", "printed", "keras", "onnx", "huggingface"])
def net(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A network in a format, and what its commands need beside it."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(MODEL, "model.py")
    if request.param == "source":
        return ["model.py", "-i", "3x32x32"]
    if request.param == "class":
        return ["model.py:Net(width=8)", "-i", "3x32x32"]
    if request.param == "printed":
        Path("printed.txt").write_text(PRINTED)
        return ["printed.txt", "-i", "3x32x32"]
    if request.param == "huggingface":
        Path("config.json").write_text(CONFIG)
        return ["config.json", "-i", "7"]
    item = _exchanged(request.param)
    if request.param == "keras":
        Path("model.json").write_text(str(item["text"]))
        return ["model.json"]
    pytest.importorskip("onnx")
    Path("model.onnx").write_bytes(base64.b64decode(str(item["base64"])))
    return ["model.onnx"]


COMMANDS = [
    *("shapes", "params", "cost", "ask", "explain", "draw", "compare", "check", "import", "export"),
    *("worksheet", "run", "report", "solve", "quiz"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_takes_a_format(command: str, net: list[str], call) -> None:  # type: ignore[no-untyped-def]
    if command == "check":
        Path("key.yaml").write_text("expect:\n  total.params: 1\n")
        done = call("check", "key.yaml", "--net", *net)
        assert done.status == 1, done.err
        assert "total.params" in done.out
        return
    words = {
        "ask": [*net[:1], "total.params", *net[1:]],
        "compare": [net[0], net[0], *net[1:]],
        "export": [*net, "--to", "pytorch"],
        "report": [*net, "-o", "report.html"],
        "solve": [*net, "batch=1..3", "--want", "total.params > 0"],
        "quiz": [*net, "--to", "text", "-n", "3"],
    }.get(command, net)
    done = call(command, *words)
    assert done.status == 0, done.err
    assert done.out.strip() or Path("report.html").stat().st_size > 1000
    if command == "solve":
        totals = json.loads(call("shapes", *net, "--format", "json").out)["totals"]
        networks = json.loads(call("solve", *words, "--format", "json").out)["networks"]
        assert [(one["params"], one["macs"]) for one in networks] == [(totals["params"], totals["macs"])] * 3
    if command == "quiz":
        assert "3." in done.out, done.err


def test_a_size_of_the_input_is_looked_for(call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    shutil.copy(MODEL, "model.py")
    found = call("solve", "model.py", "-i", "3xNxN", "N=31..34", "--want", "total.macs > 1650000", "--format", "json")
    assert [one["N"] for one in json.loads(found.out)["solutions"]] == [33, 34]
    shapes = call("shapes", "model.py", "-i", "3xNxN", "--set", "N=33", "--format", "json")
    assert json.loads(shapes.out)["inputs"] == {"x": [3, 33, 33]}
    assert "--set NAME=SIZE" in call("shapes", "model.py", "-i", "3xNxN").err
    assert "-i 3xM" in call("solve", "model.py", "-i", "3x32x32", "M=1..3", "--want", "total.macs > 1").err


def test_every_format_of_pages_is_a_module_and_a_line() -> None:
    modules = set()
    for found in pkgutil.iter_modules(render.__path__):
        of_page = getattr(importlib.import_module(f"cnncalc.render.{found.name}"), "render", None)
        if of_page is not None and Document in get_type_hints(of_page).values():
            modules.add(found.name)
    lines = {page.name for page in PAGES} - {"json", "table"} | {"terminal"}  # data of its own, plain or a terminal's
    assert not lines - modules, f"write cnncalc/render/{min(lines - modules)}.py, with render(document: Document)"
    assert not modules - lines, f"add {min(modules - lines)} to PAGES in cnncalc/render/formats.py"


def test_a_key_that_expects_nothing_is_refused(call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    shutil.copy(MODEL, "model.py")
    Path("key.yaml").write_text("name: nothing\n")
    done = call("check", "key.yaml", "--net", "model.py", "-i", "3x32x32")
    assert done.status == 2
    assert "no-questions" in done.err


def test_keras_arithmetic_with_a_number(tmp_path, call):
    """`y + 3` between layers of Keras: the 3 is a number, and not the fourth value of the model."""
    tensor = {"class_name": "__keras_tensor__", "config": {"shape": [None, 8], "keras_history": ["x", 0, 0]}}
    layers = [
        {"class_name": "InputLayer", "name": "x", "config": {"batch_shape": [None, 8], "name": "x"}},
        {
            "class_name": "Add",
            "module": "keras.src.ops.numpy",
            "name": "add",
            "config": {"name": "add"},
            "inbound_nodes": [{"args": [tensor, 3], "kwargs": {}}],
        },
    ]
    config = {"name": "m", "layers": layers, "input_layers": [["x", 0, 0]], "output_layers": [["add", 0, 0]]}
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"class_name": "Functional", "config": config}), encoding="utf-8")
    status, out, err = call("shapes", str(path))
    assert (status, err) == (0, "")
    assert "Add(value=3)" in out
