"""Every problem code has its whole text tested: here those whose pages can show no small spec (`TOLD`).

The others are tested by their pages (test_problem_pages.py): a code that has neither is found here.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnncalc.cli import command_line
from cnncalc.cli.app import main
from cnncalc.problems import codes, read
from tests.test_problem_pages import TOLD, blocks

ROOT = Path(__file__).resolve().parent.parent
RELU = "input: [4]\nlayers:\n  - ReLU\n"
KERAS = "convention: keras\ninput: [8, 8, 3]\nlayers:\n"
BLOCKS = "".join(f"  b{at}: [b{at + 1}]\n" for at in range(101))
SUM = "+".join(["1"] * 5001)
Case = tuple[str, str, "str | bytes | None", list[str], str]

# The code, the file net.yaml (a folder for None, no file for ""), the command, and all that stands on standard error.
CASES: list[Case] = [
    (
        "expression-too-long",
        "words",
        f"input: [4]\nlet: {{a: {SUM}}}\nlayers: [ReLU]\n",
        ["shapes", "net.yaml"],
        "error[expression-too-long]: an expression of more than 5000 words\n"
        " --> net.yaml:2:10\n"
        "  |\n"
        f"2 | let: {{a: {SUM[:151]}...\n"
        f"  |          {'^' * 151}\n",
    ),
    (
        "expression-too-long",
        "characters",
        "",
        ["ask", "lenet5", "1" * 20_001],
        "error[expression-too-long]: an expression of 20001 characters; at most 20000 are read\n"
        " --> <expression>:1:1\n"
        "  |\n"
        f"1 | {'1' * 160}...\n"
        "  | ^\n",
    ),
    (
        "file-encoding",
        "UTF-16",
        RELU.encode("utf-16"),
        ["shapes", "net.yaml"],
        'error[file-encoding]: "net.yaml" is UTF-16 text, and a spec is UTF-8\n'
        "help: save it as UTF-8; in PowerShell: ... | Out-File -Encoding utf8 FILE\n",
    ),
    (
        "file-encoding",
        "Latin 1",
        b"# gr\xf6\xdfe\n" + RELU.encode(),
        ["shapes", "net.yaml"],
        'error[file-encoding]: "net.yaml" is not UTF-8: line 1 has the byte 0xF6\nhelp: save it as UTF-8\n',
    ),
    (
        "file-unreadable",
        "a folder",
        None,
        ["shapes", "net.yaml"],
        'error[file-unreadable]: "net.yaml" is a folder\nhelp: name a file in it\n',
    ),
    (
        "free-count",
        "pieces",
        "",
        ["shapes", "Cx4 -> Chunk(C, dim=1)"],
        "error[free-count]: chunk_1: a known number is needed here, and C is free\n"
        " --> chain:1:8\n"
        "  |\n"
        "1 | Cx4 -> Chunk(C, dim=1)\n"
        "  |        ^^^^^^^^^^^^^^^\n"
        "help: --set C=... gives it a value\n",
    ),
    (
        "free-count",
        "copies",
        "symbols: [n]\ninput: [4]\nlayers:\n  - a: ReLU\n    repeat: n\n",
        ["shapes", "net.yaml"],
        "error[free-count]: repeat must be a known number, and n is free\n"
        " --> net.yaml:5:13\n"
        "  |\n"
        "5 |     repeat: n\n"
        "  |             ^\n"
        "help: --set n=... gives it a value\n",
    ),
    (
        "free-dimensions",
        "a chain",
        "",
        ["shapes", "CxHxW -> ReLU", "--execute"],
        "error[free-dimensions]: a network with symbolic dimensions cannot be executed: C, H, W\n"
        "help: --set NAME=VALUE gives a symbolic dimension its size\n",
    ),
    (
        "no-kernel",
        "an interpolation",
        KERAS + "  - Resizing(4, 4, interpolation='lanczos3')\n",
        ["shapes", "net.yaml", "--execute"],
        'error[no-kernel]: interpolation "lanczos3" cannot be executed: there is no kernel for it\n',
    ),
    (
        "no-kernel",
        "another proportion",
        KERAS + "  - Resizing(4, 2, crop_to_aspect_ratio=true)\n",
        ["shapes", "net.yaml", "--execute"],
        "error[no-kernel]: Resizing with crop_to_aspect_ratio cannot be executed: there is no kernel for it\n",
    ),
    (
        "no-kernel",
        "smaller, smoothed",
        KERAS + "  - Resizing(4, 4, antialias=true)\n",
        ["shapes", "net.yaml", "--execute"],
        "error[no-kernel]: Resizing with antialias cannot be executed: there is no kernel for it\n",
    ),
    (
        "stride-with-dilation",
        "a convolution",
        KERAS + "  - Conv2D(4, 3, strides=2, dilation_rate=2)\n",
        ["shapes", "net.yaml"],
        "error[stride-with-dilation]: conv2d_1: Keras refuses strides 2 together with dilation_rate 2\n"
        " --> net.yaml:4:29\n"
        "  |\n"
        "4 |   - Conv2D(4, 3, strides=2, dilation_rate=2)\n"
        "  |                             ^^^^^^^^^^^^^^^\n"
        "help: one of the two must be 1\n",
    ),
    (
        "too-deep",
        "blocks",
        f"input: [4]\ndefine:\n{BLOCKS}  b101: [ReLU]\nlayers:\n  - b0\n",
        ["shapes", "net.yaml"],
        "error[too-deep]: blocks call each other more than 100 deep, the last one b100\n"
        "   --> net.yaml:102:9\n"
        "    |\n"
        "102 |   b99: [b100]\n"
        "    |         ^^^^\n",
    ),
    (
        "too-many-layers",
        "copies",
        "input: [4]\nlayers:\n  - a: ReLU\n    repeat: 10**9\n",
        ["shapes", "net.yaml"],
        "error[too-many-layers]: the network would have more than 50,000 layers\n"
        " --> net.yaml:4:13\n"
        "  |\n"
        "4 |     repeat: 10**9\n"
        "  |             ^^^^^\n"
        "help: a smaller repeat will do to see how it grows\n",
    ),
    (
        "yaml-depth",
        "lists",
        f"{RELU}let:\n  a: {'[' * 101}{']' * 101}\n",
        ["shapes", "net.yaml"],
        "error[yaml-depth]: lists and mappings are nested deeper than 100\n"
        " --> net.yaml:5:104\n"
        "  |\n"
        f"5 | ...{'[' * 59}{']' * 101}\n"
        f"  |    {' ' * 56}^\n"
        "help: define a block, and use it by its name\n",
    ),
]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder to be in, and no terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command_line, "_stdout_file", lambda: "")
    return tmp_path


@pytest.mark.parametrize(("code", "name", "data", "argv", "said"), CASES, ids=[f"{c[0]}, {c[1]}" for c in CASES])
def test_text(code, name, data, argv, said, here, capsys):
    if data is None:
        Path("net.yaml").mkdir()
    elif data:
        Path("net.yaml").write_bytes(data if isinstance(data, bytes) else data.encode())
    assert main(argv) == 2
    assert capsys.readouterr().err == said
    assert said.startswith(f"error[{code}]: ")


# --- what needs more than a file -----------------------------------------------------------------------------------


def shown(argv: list[str], capsys: Any) -> tuple[int, str]:
    """The status and standard error of a command."""
    status = main(argv)
    return status, capsys.readouterr().err


def test_file_too_large(here, capsys):
    with open("net.yaml", "wb") as file:
        file.truncate((64 << 20) + 1)
    said = 'error[file-too-large]: "net.yaml" has more than 64 MB, the most a spec may have\n'
    assert shown(["shapes", "net.yaml"], capsys) == (2, said)


def test_yaml_size(here, capsys, monkeypatch):
    from cnncalc.read.yaml import parse as yaml_tree

    monkeypatch.setattr(yaml_tree, "MOST_VALUES", 5)
    Path("net.yaml").write_text("input: [4]\nlayers: [ReLU, Tanh]\n", "utf-8")
    assert shown(["shapes", "net.yaml"], capsys) == (
        2,
        "error[yaml-size]: the spec has more than 5 values\n"
        " --> net.yaml:2:10\n"
        "  |\n"
        "2 | layers: [ReLU, Tanh]\n"
        "  |          ^^^^\n"
        "help: a large array can stand in an .npz file: values: arrays.npz\n",
    )


def test_values_too_large(here, capsys, monkeypatch):
    from cnncalc.spec import array_files as files

    np.savez("a.npz", input=np.zeros(4), other=np.zeros(100))
    monkeypatch.setattr(files, "MOST_ARRAYS", 1)
    said = 'error[values-too-large]: "a.npz" has 2 arrays, more than 1\n'
    assert shown(["run", "4 -> ReLU", "--values", "a.npz"], capsys) == (2, said)
    monkeypatch.setattr(files, "MOST_ARRAYS", 2)
    monkeypatch.setattr(files, "MOST_BYTES", 1000)
    assert shown(["run", "4 -> ReLU", "--values", "a.npz"], capsys) == (
        2,
        'error[values-too-large]: "a.npz" holds 1,088 bytes once it is unpacked, more than 1,000\n'
        "help: leave out the arrays that are not needed\n",
    )


def test_a_file_of_terabytes(here, capsys):
    """The bound itself: a header that says so is enough, nothing is unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        pack.writestr("input.npy", b"")
    data = bytearray(out.getvalue())
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (0xFFFFFFFE).to_bytes(4, "little")
    Path("a.npz").write_bytes(data)
    np.savez("b.npz", input=np.zeros(4))
    status, err = shown(["run", "4 -> ReLU", "--values", "a.npz"], capsys)
    assert (status, err.partition(":")[0]) == (2, "error[values-file]")  # just below the bound: nothing is there
    data[entry + 24 : entry + 28] = b"\xff\xff\xff\xff"  # the size stands in 64 bits further on
    extra = b"\x01\x00\x08\x00" + (10**13).to_bytes(8, "little")
    data[entry + 30 : entry + 32] = len(extra).to_bytes(2, "little")
    name = entry + 46 + len("input.npy")
    data[name:name] = extra
    end = data.index(b"PK\x05\x06")
    data[end + 12 : end + 16] = (end - entry).to_bytes(4, "little")
    Path("a.npz").write_bytes(data)
    assert shown(["run", "4 -> ReLU", "--values", "a.npz"], capsys) == (
        2,
        'error[values-too-large]: "a.npz" holds 10,000,000,000,000 bytes once it is unpacked, more than 4,294,967,296\n'
        "help: leave out the arrays that are not needed\n",
    )


def test_not_confirmed(here, capsys, monkeypatch):
    from cnncalc.execute import kernel

    kernel.find("ReLU")
    monkeypatch.setitem(kernel._known, "ReLU", lambda layer, weights, x: x[:, :2])
    said = "relu_1: executed [2], predicted [4]\n"
    assert shown(["run", "4 -> ReLU"], capsys) == (1, f"error[not-confirmed]: {said}")
    assert shown(["check", "4 -> ReLU", "--execute"], capsys) == (1, f"error[not-confirmed]: {said}")
    assert shown(["ask", "4 -> ReLU", "output", "--execute"], capsys) == (1, f"error[not-confirmed]: {said}")


def test_internal(here, capsys, monkeypatch):
    from cnncalc.cli import shapes

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(shapes, "load", broken)
    monkeypatch.delenv("CNNCALC_DEBUG", raising=False)
    assert shown(["shapes", "lenet5"], capsys) == (
        2,
        "error[internal]: internal error, ZeroDivisionError: division by zero\n"
        "help: this is a mistake in cnncalc, please report it; CNNCALC_DEBUG=1 shows where it happened\n",
    )


def test_system_refused(here, capsys, monkeypatch):
    from cnncalc.cli import shapes

    def broken(*_: Any, **__: Any) -> None:
        raise OSError(5, "Input/output error", "net.yaml")

    monkeypatch.setattr(shapes, "load", broken)
    said = 'error[system-refused]: the system refused: Input/output error: "net.yaml"\n'
    assert shown(["shapes", "lenet5"], capsys) == (2, said)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_system_refused_by_the_system():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cnncalc", "shapes", "lenet5"], stdout=full, stderr=subprocess.PIPE, cwd=ROOT
        )
    said = b"error[system-refused]: the system refused: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, said)


# --- sheets of answers ---------------------------------------------------------------------------------------------


def test_sheets(here, capsys, monkeypatch):
    from cnncalc.answers import files

    Path("net.yaml").write_text(RELU, encoding="utf-8")
    Path("sheets").mkdir()
    for name in ("a", "b"):
        Path(f"sheets/{name}.yaml").write_text("total.params: 61706\n", encoding="utf-8")
    said = (
        "error[no-questions]: the key asks nothing\nhelp: write expect: and a line for each question, conv1.params:\n"
    )
    assert shown(["check", "net.yaml", "sheets"], capsys) == (2, said)
    said = f"warning[sheet-skipped]: skipped: {os.devnull}: no regular file\n"
    assert shown(["check", "lenet5", os.devnull], capsys) == (2, said)
    monkeypatch.setattr(files, "MOST_FILES", 1)
    said = "error[too-many-sheets]: there are more than 1 submissions\nhelp: check them in several calls\n"
    assert shown(["check", "lenet5", "sheets"], capsys) == (2, said)


def test_too_many_files(here, capsys, monkeypatch):
    from cnncalc.read import resolve

    monkeypatch.setattr(resolve, "MOST_FILES", 2)
    for name, base in (("a", "b"), ("b", "lenet5")):
        Path(f"{name}.yaml").write_text(f"base: {base}\n", encoding="utf-8")
    said = (
        "error[too-many-files]: more than 2 specs build on each other, the last one lenet5\n"
        f" --> {Path.cwd()}/b.yaml:1:7\n  |\n"
        "1 | base: lenet5\n  |       ^^^^^^\n"
    )
    assert shown(["shapes", "a.yaml"], capsys) == (2, said)


# --- files of other tools ------------------------------------------------------------------------------------------


def keras(*layers: Any) -> str:
    """A Keras model as `to_json` writes it, in a file."""
    first = {"class_name": "InputLayer", "config": {"batch_shape": [None, 8], "name": "x"}}
    config = {"name": "m", "layers": [first, *layers]}
    Path("m.json").write_text(json.dumps({"class_name": "Sequential", "config": config}), encoding="utf-8")
    return "m.json"


def test_keras(here, capsys):
    Path("m.json").write_text('{"class_name": "Sequential", "config": {"name": "m", "layers": 3}}', encoding="utf-8")
    said = "error[keras-broken]: the layers of a model must be a list of class_name and config\n"
    assert shown(["params", "m.json"], capsys) == (2, said)
    dense = {"class_name": "Dense", "config": {"name": "d", "units": 2}}
    said = 'error[keras-input]: the input "x" is 8 in the file, not 9\n --> m.json\n'
    assert shown(["params", keras(dense), "-i", "9"], capsys) == (2, said)
    status, err = shown(["params", keras({"class_name": "Mystery", "config": {"name": "q"}})], capsys)
    assert (status, err.splitlines()[0]) == (2, "error[keras-layer]: q is a Mystery, a layer that is not known")
    dense["config"]["colour"] = "red"
    said = "warning[keras-unread]: d: colour of Dense is not read here\n --> m.json\n"
    assert shown(["params", keras(dense)], capsys) == (0, said)


def onnx_file(*nodes: tuple[str, list[str]], weight: tuple[int, int] = (4, 2)) -> str:
    """An ONNX file from x [1, 4] to y: each node gives y."""
    from onnx import TensorProto, helper, save

    made = [helper.make_node(kind, taken, ["y"], name="r") for kind, taken in nodes]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    w = helper.make_tensor("w", TensorProto.FLOAT, weight, [0.0] * (weight[0] * weight[1]))
    save(helper.make_model(helper.make_graph(made, "g", [x], [y], [w])), "m.onnx")
    return "m.onnx"


def test_onnx(here, capsys, monkeypatch):
    pytest.importorskip("onnx")
    said = 'error[onnx-broken]: r takes "z", which nothing gives\n --> m.onnx\n'
    assert shown(["shapes", onnx_file(("Relu", ["z"]))], capsys) == (2, said)
    said = 'error[onnx-input]: the input "x" is 4 in the file, not 5\n --> m.onnx\n'
    assert shown(["shapes", onnx_file(("Relu", ["x"])), "-i", "5"], capsys) == (2, said)
    said = "error[onnx-operator]: these operators are not read: Mystery\n --> m.onnx\n"
    assert shown(["shapes", onnx_file(("Mystery", ["x"]))], capsys) == (2, said)
    said = "error[onnx-shapes]: MatMul: Incompatible dimensions for matrix multiplication\n --> m.onnx\n"
    assert shown(["shapes", onnx_file(("MatMul", ["x", "w"]), weight=(5, 2))], capsys) == (2, said)
    monkeypatch.setitem(sys.modules, "onnx", None)
    status, err = shown(["shapes", "m.onnx"], capsys)
    assert status == 2
    assert err.startswith("error[onnx-missing]: reading ONNX needs the onnx package\n")


def test_editor(monkeypatch, capsys):
    from cnncalc.editor.text import analyse

    text = "input: [3, 8, 8]\nlayers:\n- c: Conv2d(3, 4, 3)\nexpect:\n  c.params: 108\n"
    (problem,) = analyse(text, "net.yaml", "spec").problems
    assert (problem.code, problem.message) == ("not-as-expected", "c.params is 112, not 108")
    assert problem.help == ("bias forgotten: 3·3·3·4 = 108",)
    monkeypatch.setitem(sys.modules, "cnncalc.editor.server", None)
    said = 'error[lsp-missing]: the language server needs pygls\nhelp: pip install "cnncalc[lsp]"\n'
    assert shown(["lsp"], capsys) == (2, said)


def test_pictures(monkeypatch, capsys, tmp_path):
    for package in ("reportlab", "reportlab.pdfgen", "reportlab.pdfgen.canvas"):
        monkeypatch.setitem(sys.modules, package, None)
    status, err = shown(["draw", "4 -> Linear(4, 2)", "-o", str(tmp_path / "net.pdf")], capsys)
    assert status == 2
    assert err.startswith("error[missing-extra]: PDF needs a library that is not installed\n")
    assert err.endswith('help: pip install "cnncalc[pictures]"\n')


def test_solve(monkeypatch, capsys):
    from cnncalc.solve import search

    monkeypatch.setattr(search, "MOST_WORK", 30)
    words = ["solve", "3x64x64 -> Conv2d(3, c, k)", "c=1..100", "k=1..64", "--want", "sqrt(total.params) > 2"]
    assert "warning[search-stopped]: " in shown(words, capsys)[1]


# --- none is left out ----------------------------------------------------------------------------------------------

TESTS: dict[str, Callable[..., None]] = {
    "file-too-large": test_file_too_large,
    "internal": test_internal,
    **dict.fromkeys(("no-questions", "sheet-skipped", "too-many-sheets"), test_sheets),
    **dict.fromkeys(("keras-broken", "keras-input", "keras-layer", "keras-unread"), test_keras),
    **dict.fromkeys(("onnx-broken", "onnx-input", "onnx-missing", "onnx-operator", "onnx-shapes"), test_onnx),
    **dict.fromkeys(("lsp-missing", "not-as-expected"), test_editor),
    "missing-extra": test_pictures,
    "not-confirmed": test_not_confirmed,
    "search-stopped": test_solve,
    "too-many-files": test_too_many_files,
    "system-refused": test_system_refused,
    "values-too-large": test_values_too_large,
    "yaml-size": test_yaml_size,
}


def untested(all_codes: list[str]) -> list[str]:
    """The codes whose whole text neither a page nor a test here has."""
    here = {case[0] for case in CASES} | set(TESTS)
    return [
        code
        for code in all_codes
        if code not in here
        and not any(kind == "console" and re.search(rf"\[{code}\]: ", text) for kind, text in blocks(code))
    ]


def test_every_code_has_its_text_tested():
    assert untested(codes()) == []
    assert {case[0] for case in CASES} | set(TESTS) == TOLD


def test_a_code_without_a_test_is_found(monkeypatch):
    page = read("free-count").replace("console", "text")
    monkeypatch.setattr(sys.modules[blocks.__module__], "read", lambda code: page)
    assert untested(["size-too-large"]) == ["size-too-large"]
