"""Exported code is what PyTorch has run: its figures are recorded, and the code's hash, so that it cannot drift.

`python -m tests.record_export`, where torch is installed, records anew. Nothing here needs PyTorch.
"""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from export_cases import networks, recorded

import cnncalc
from cnncalc import layers
from cnncalc.cli.app import main
from cnncalc.export.identifiers import class_name, comment, identifier
from cnncalc.export.pytorch import export

RECORDED = recorded()
NEAR = 1e-9


def code(text: str, **settings: Any) -> str:
    network = cnncalc.loads(text, "net")
    return export(network.report(**settings), network.spec).text


def forward(text: str) -> list[str]:
    """The lines of the network's own `forward`, without shapes."""
    body = code(text).partition("class Net(nn.Module)")[2].partition("def forward")[2].partition("\n\n")[0]
    return [line.partition("  #")[0].strip() for line in body.splitlines()[1:]]


def test_every_case_is_recorded() -> None:
    names = [name for name, _ in networks()]
    assert len(names) == len(set(names)) > 400
    assert sorted(RECORDED) == sorted(names)


def test_every_module_of_pytorch_is_recorded() -> None:
    tried = {name.partition(" ")[0] for name in RECORDED}
    missing = [
        f"{name} is said to be torch.nn.{name}: give it an example in tests/layer_examples.py and record what PyTorch "
        "says of its code, python -m tests.record_export"
        for name in layers.names()
        if (kind := layers.find(name)) is not None and kind.torch == "nn.{type}" and name not in tried
    ]
    assert missing == []


def test_the_code_and_the_figures_are_those_that_were_recorded() -> None:
    """The code is the code that PyTorch ran, and what PyTorch found is what cnncalc says."""
    wrong = {}
    for name, network in networks():
        said = RECORDED[name]
        report = network.report()
        try:
            text = export(report, network.spec).text
        except cnncalc.SpecError as error:
            if said.get("refused") != [problem.message for problem in error.problems]:
                wrong[name] = "refused"
            continue
        if hashlib.sha256(text.encode()).hexdigest() != said["sha256"]:
            wrong[name] = "the code is another one: record it again"
        elif said["params"] != report.totals.params:
            wrong[name] = f"{report.totals.params} parameters, PyTorch has {said['params']}"
        elif said["output"] is not None and said["output"][1:] != list(report.shape_of(report.graph.output))[1:]:
            wrong[name] = f"PyTorch's output is {said['output']}"
    assert wrong == {}


def test_the_outputs_agree_with_the_execution() -> None:
    """With the same weights PyTorch computes the numbers of --execute, in float64."""
    checked = {name: said["apart"] for name, said in RECORDED.items() if "apart" in said}
    assert len(checked) > 250
    assert {name: apart for name, apart in checked.items() if not apart <= NEAR} == {}
    assert {name: said["unset"] for name, said in RECORDED.items() if said.get("unset")} == {}


def test_nothing_failed() -> None:
    assert {name: said["error"] for name, said in RECORDED.items() if "error" in said} == {}
    bundled = [name for name, said in RECORDED.items() if " " not in name and "refused" in said]
    assert sorted(bundled) == [
        "cats_dogs_keras",
        "fashion_mlp_keras",
        "mnist_convnet_keras",
        "unet_keras",
        "wav2vec2_base",  # weight norm
    ]


# --- wiring, stated by hand ----------------------------------------------------------------------------------------


def test_a_residual_and_branches() -> None:
    text = """
input: [4, 8, 8]
layers:
  - residual: [{conv: "Conv2d(4, 4, 3, padding=1)"}, {relu: ReLU}]
  - parallel:
      - [{a: "Conv2d(4, 2, 1)"}]
      - [{b: "Conv2d(4, 3, 1)"}]
"""
    assert forward(text) == [
        "y = self.conv(x)",
        "y = self.relu(y)",
        "x = x + y",
        "y = self.a(x)",
        "x = self.b(x)",
        "x = torch.cat((y, x), dim=1)",
        "return x",
    ]


def test_copies_are_one_class() -> None:
    text = """
input: [8]
define:
  mlp(width):
    - fc1: Linear(out_features=width)
    - relu: ReLU
    - fc2: Linear(out_features=8)
layers:
  - body: mlp(16)
    repeat: 3
  - head: mlp(32)
"""
    made = code(text)
    assert re.findall(r"class (\w+)", made) == ["Mlp", "Net"]
    assert "    def __init__(self, fc1_out_features):" in made
    assert "self.body = nn.Sequential(*[Mlp(16) for _ in range(3)])" in made
    assert "self.head = Mlp(32)" in made
    assert "self.fc1 = nn.Linear(8, fc1_out_features)" in made


def test_copies_that_take_a_memory_are_a_loop() -> None:
    text = """
inputs: {x: [5, 8], memory: [7, 8]}
define:
  block(other):
    - attn: MultiheadAttention(num_heads=2)
      from: [input, other]
    - fc: Linear(out_features=8)
layers:
  - blocks: block(memory)
    from: x
    repeat: 2
"""
    assert forward(text) == ["for layer in self.blocks:", "x = layer(x, memory)", "return x"]


def test_shared_and_frozen() -> None:
    text = """
input: {shape: [5], dtype: int}
layers:
  - wte: Embedding(11, 4)
  - fc: Linear(4, 4)
    freeze: true
  - again: Linear(4, 4)
    share: fc
  - head: Linear(4, 11, bias=False)
    share: wte
"""
    made = code(text)
    for line in ("share(self.again, self.fc)", "self.head.weight = self.wte.weight", "self.fc.requires_grad_(False)"):
        assert f"        {line}\n" in made
    assert "x = torch.zeros((1, 5), dtype=torch.long)" in made


def test_a_merged_class_takes_sizes_and_makes_arrays_of_its_own() -> None:
    """One array, or one norm, that is handed in twice would be two names for the same numbers."""
    text = """
input: [3, 8, 8]
define:
  scaled(width):
    - up: Conv2d(out_channels=width, kernel_size=1)
    - factor: Parameter([width, 1, 1])
    - product: Multiply
      from: [up, factor]
    - shift: Parameter([width, 1, 1], init=0.5)
    - sum: Add
      from: [product, shift]
layers:
  - one: scaled(4)
  - two: scaled(6)
"""
    made = code(text)
    assert "self.factor = nn.Parameter(nn.init.normal_(torch.empty(factor_shape), std=0.02))" in made
    assert "self.shift = nn.Parameter(torch.full(factor_shape, 0.5))" in made
    assert "self.one = Scaled(3, 4, (4, 1, 1))" in made
    encoder = "TransformerEncoder(TransformerEncoderLayer({0}, 2, 8), 2, norm=LayerNorm({0}))"
    text = f"""
input: [3, 8]
define:
  pair(width):
    - up: Linear(out_features=width)
    - a: {encoder.format("width")}
    - b: {encoder.format("width")}
layers:
  - one: pair(4)
  - two: pair(6)
"""
    made = code(text)
    assert made.count("norm=nn.LayerNorm(up_out_features)") == 2
    assert "self.two = Pair(4, 6)" in made


@pytest.mark.parametrize("name", ["lenet5_1998", "convnext_tiny", "vit_b_16", "clip_vit_b_32"])
def test_no_array_is_handed_to_a_class(name: str) -> None:
    network = cnncalc.load(name)
    for node in ast.walk(ast.parse(export(network.report(), network.spec).text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id[0].isupper():
            assert not any(isinstance(part, ast.Call) for argument in node.args for part in ast.walk(argument))


def test_new_numbers_are_those_of_the_network() -> None:
    network = cnncalc.load("convnext_tiny")
    made = export(network.report(), network.spec).text
    assert "torch.full(layer_scale_shape, 1e-06)" in made
    assert "torch.zeros" not in made.partition("if __name__")[0]


def test_the_run_counts_an_array_once() -> None:
    """Two parameters on one storage are fewer numbers than the network has, and the run says so."""
    made = code("input: [3]\nlayers:\n  - fc: Linear(3, 2)\n")
    assert "    sizes = {parameter.data_ptr(): parameter.numel() for parameter in model.parameters()}" in made
    assert "    count = sum(sizes.values())" in made


def test_ports() -> None:
    text = """
input: [5, 3]
layers:
  - lstm: LSTM(3, 4)
  - last: Select(1, 0)
    from: lstm.h_n
"""
    assert forward(text) == [
        "lstm_parts = self.lstm(x)",
        "x = lstm_parts[1][0].transpose(0, 1)",
        "x = x.select(1, 0)",
        "return x",
    ]


def test_the_equations_of_a_cell() -> None:
    text = """
input: [3, 4]
layers:
  - recurrent:
      state: {h: 2}
      weights: {W: [2, 4], U: [2, 2]}
      step: {h: "tanh(W @ x[t] + U @ h[t-1])"}
"""
    line = "h.append(torch.tanh((x[:, t] @ self.W.T) + ((h[t - 1] if t >= 1 else zero_h) @ self.U.T)))"
    assert line in code(text)


def test_padding_that_pytorch_does_not_have() -> None:
    text = "input: [3, 9, 9]\nlayers:\n  - conv: Conv2d(3, 4, 4, stride=2, padding=same_upper)\n"
    assert "self.conv = nn.Conv2d(3, 4, 4, stride=2)" in code(text)
    assert forward(text)[0] == "x = self.conv(F.pad(x, (1, 2, 1, 2)))"


def test_shapes_stand_behind_the_lines() -> None:
    assert "x = self.conv(x)  # (N, 4, 6, 6)" in code("input: [3, 8, 8]\nlayers:\n  - conv: Conv2d(3, 4, 3)\n")


def test_free_sizes_are_comments_where_no_layer_needs_them() -> None:
    text = "input: [3, H, W]\nsymbols: [H, W]\nlayers:\n  - conv: Conv2d(3, 4, 3)\n  - GlobalAvgPool\n"
    made = code(text)
    assert "x = self.conv(x)  # (N, 4, H - 2, W - 2)" in made
    assert "torch.zeros" not in made
    ast.parse(made)


def test_free_sizes_of_weights_are_refused() -> None:
    with pytest.raises(cnncalc.SpecError) as error:
        code("input: [C, 8, 8]\nsymbols: [C]\nlayers:\n  - conv: Conv2d(C, 4, 3)\n")
    (problem,) = error.value.problems
    assert (problem.code, problem.line) == ("free-dimensions", 4)


# --- names ---------------------------------------------------------------------------------------------------------

HOSTILE = [
    "__import__('os').system('touch owned')",
    "a\nimport os\nos.abort()",
    "x = 1; import os",
    '"""\nimport os\n"""',
    "class",
    "lambda",
    "__class__",
    "self",
    "torch",
    "forward",
    "日本語",
    "a\u2028b",
    "a\\nb",
    "",
    "7up",
    "{self}",
    "#",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_identifiers(text: str) -> None:
    word = identifier(text)
    assert word.isascii() and word.isidentifier() and not word.startswith("_")
    ast.parse(f"{word} = 1")
    assert class_name(text).isidentifier()
    ast.parse(f"class {class_name(text)}: pass  # {comment(text)}")
    assert "\n" not in comment(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_do_not_become_code(text: str) -> None:
    """The code of a network whose names are hostile is that of one with plain names, but for the names."""

    def spec(network: str, group: str, layer: str, given: str) -> dict[str, Any]:
        inner = [{"name": layer, "linear": {"out_features": 4}}, {"relu": None}]
        return {
            "name": network,
            "inputs": {given: [4]},
            "layers": [{"name": group, "sequential": inner}, {"name": "sum", "add": {}, "from": [group, given]}],
        }

    try:
        network = cnncalc.from_dict(spec(text, text, text, text))
        made = export(network.report(), network.spec).text
    except cnncalc.SpecError:  # most are no names of layers either: the network's and the input's are free
        network = cnncalc.from_dict(spec(text, "group", "layer", text))
        try:
            made = export(network.report(), network.spec).text
        except cnncalc.SpecError:
            network = cnncalc.from_dict(spec(text, "group", "layer", "given"))
            made = export(network.report(), network.spec).text
    plain = cnncalc.from_dict(spec("net", "group", "layer", "given"))
    assert skeleton(made) == skeleton(export(plain.report(), plain.spec).text)


def skeleton(text: str) -> list[str]:
    """The kinds of the nodes of a text's tree, in order."""
    return [type(node).__name__ for node in ast.walk(ast.parse(text))]


def test_the_check_of_hostile_names_can_fail() -> None:
    assert skeleton("x = 1") != skeleton("x = 1\nimport os")


# --- the command ---------------------------------------------------------------------------------------------------


def test_command(tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "lenet5.py"
    assert main(["export", "lenet5", "--to", "pytorch", "-o", str(out)]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["export", "lenet5"]) == 0
    assert capsys.readouterr().out == out.read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["lenet5.py"]


def test_settings_and_shapes(capsys: Any) -> None:
    assert main(["export", "resnet18", "--set", "classes=7", "--input", "3x64x64"]) == 0
    made = capsys.readouterr().out
    assert "self.fc = nn.Linear(512, 7)" in made
    assert "x = torch.zeros((1, 3, 64, 64))" in made


def test_the_spec_is_not_overwritten(tmp_path: Path, capsys: Any) -> None:
    net = tmp_path / "net.yaml"
    net.write_text("input: [3]\nlayers:\n  - Linear(3, 2)\n", encoding="utf-8")
    assert main(["export", str(net), "-o", str(net)]) == 2
    assert capsys.readouterr().err == (
        f'error[cannot-save]: "{net}" is an input and is not overwritten\nhelp: save under another name\n'
    )


def test_unknown_target(capsys: Any) -> None:
    assert main(["export", "lenet5", "--to", "pytorhc"]) == 2
    assert capsys.readouterr().err == (
        'error[option-value]: --to takes pytorch, keras or onnx, not "pytorhc"\nhelp: did you mean pytorch?\n'
    )


def test_all_that_cannot_be_written_is_said_and_nothing_is_written(tmp_path: Path, capsys: Any) -> None:
    net = tmp_path / "net.yaml"
    net.write_text(
        "convention: textbook\ninput: [3, 4]\nlayers:\n  - a: LSTM(4, 2)\n  - b: RNN(2, 2)\n", encoding="utf-8"
    )
    out = tmp_path / "net.py"
    assert main(["export", str(net), "-o", str(out)]) == 2
    err = capsys.readouterr().err
    assert re.findall(r"error\[(.*?)\]: (\w+): ", err) == [("cannot-export", "a"), ("cannot-export", "b")]
    assert not out.exists()


def test_keras_is_refused(capsys: Any) -> None:
    assert main(["export", "unet_keras"]) == 2
    assert capsys.readouterr().err == (
        "error[cannot-export]: a network in Keras' words has its channels last and cannot be written for PyTorch\n"
        "help: write its layers in PyTorch's words, without convention: keras\n"
    )


def test_a_loss_of_each_sample_is_no_module_of_pytorch() -> None:
    """PyTorch's is one number of the whole batch, and has no constant as its target."""
    with pytest.raises(cnncalc.SpecError, match=r"BCELoss.* cannot be written for PyTorch"):
        export(cnncalc.load("8 -> BCELoss(target=1)").report())
