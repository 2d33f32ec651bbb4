"""What the fuzzers found, kept: each input once ended in a traceback, took too long, or used up the memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cnncalc.cli.app import main
from tests.fuzz.bounded import limits, run

ROOT = Path(__file__).resolve().parents[2]

# Formulas that grow with every layer.
TOWER = """\
symbols: [n, f, p, s]
input: [1, n, n]
layers:
  - conv: Conv2d(1, 1, f, stride=s, padding=p)
    repeat: 48
"""
WORDS = "input: {{shape: [2], dtype: int}}\nlayers:\n  - Embedding(10, 3)\nvalues: {{input: {}}}\n"
# The spec or chain, the command's further words, the status, and the code on standard error ("" for none).
FOUND = [
    ("base: bart_large\n", ["shapes", "-", "--receptive"], 0, ""),
    ("input: [4, 16]\nlayers:\n  - residual:\n      - ReLU\n    from: when\n", ["shapes"], 2, "unknown-name"),
    ("inputs: {a: [8], 1: [8]}\nlayers:\n  - b: Linear(8, 8)\n    repeat: 2\n    from: a\n", ["shapes", "-d1"], 0, ""),
    ("3xHxW -> RMSNorm -> Conv2d(3, 4, 3)", ["shapes"], 0, ""),
    ("inputs: {a: [8, 16], b: [16, 4]}\nlayers:\n  - MatMul\n    from: ['a[1] * 10**9', b]\n", ["explain"], 2, ""),
    ("16 -> Squeeze(ConstantPad3d(1, value=0.5))", ["shapes"], 2, "option-value"),
    ("16 -> Add(ConstantPad3d(1, value=0.5))", ["shapes"], 2, "option-value"),
    ("input: [16]\nlayers:\n  - Linear(16, 4, activation=Squeeze(Flatten()))\n", ["cost"], 2, "unknown-name"),
    ("input: [16]\nlayers:\n  - Linear(16, 4, activation=total.macs * 2)\n", ["cost"], 2, "unknown-name"),
    ("CxHxW -> Conv2d(3, 8, 3)", ["ask", "total.params", "--set", "H=reflect"], 2, "shape-text"),
    ("input: [0, 512]\nlayers:\n  - Attention(512, head_dim=64)\n", ["run"], 0, ""),
    ("input: [conv1.shape, 1e9]\nlayers:\n  - Linear(out_features=3)\nsymbols: {a: H}\n", ["shapes"], 2, ""),
    ("input: [total.params == 448, 8, 8]\nlayers:\n  - ConvTranspose2d(3, 8, 3, stride=2)\n", ["shapes"], 2, ""),
    ("8x32x32 -> Upsample(scale_factor=10**400)", ["explain"], 2, "size-too-large"),
    ("8x32x32 -> Upsample(scale_factor=10**300)", ["explain"], 2, "size-too-large"),
    ("8x32x32 -> Upsample(scale_factor=1e300)", ["shapes"], 2, "size-too-large"),
    ("input: [4]\nlayers:\n  - Linear(4, 1e308)\n", ["cost", "--by=part"], 2, "size-too-large"),
    ("input: [4]\nlayers:\n  - Linear(4, 10**96)\n", ["run"], 2, "size-too-large"),
    ("3x4 -> Sqrt -> GELU", ["shapes", "--execute"], 0, ""),
    ("input: [8, 0, 8]\nlayers:\n  - PixelShuffle(2)\n", ["shapes", "--receptive"], 0, ""),
    ("convention: keras\ninput: [16]\nlayers:\n  - Normalization(dim)\n", ["explain"], 2, "option-value"),
    ("8x32x32 -> 6", ["shapes", "--execute", "--input", "CxHxW"], 2, "free-dimensions"),
    ("10x16 -> TransformerEncoder(d_model=16, nhead=4, num_layers=2)", ["shapes", "--receptive"], 0, ""),
    ("8x16x16 -> ConvTranspose2d(8, 4, 10**9, stride=10**8)", ["shapes", "--receptive"], 0, ""),
    ("8x16x16 -> Upsample(scale_factor=2) -> Conv2d(8, 4, 10**9, padding=10**9)", ["shapes", "--receptive"], 0, ""),
    ("input: [2]\nlayers: [ReLU]\nexpect: {output: [10**91, 2]}\n", ["check"], 1, ""),
    ("input: [2]\nlayers: [ReLU]\nvalues: {input: [10**91, 2]}\n", ["ask", "output"], 0, ""),
    ("input: [2]\nlayers: [ReLU]\nvalues: {input: [10**400, 2]}\n", ["run"], 2, "values-form"),
    ("input: [4, 0]\nlayers:\n  - Linear(0, 4)\n", ["run", "--permute"], 0, ""),
    ("input: [3, 4]\nlayers:\n  - a: \"Flatten\"\n    from: [input]\n", ["shapes"], 0, ""),
    ("inputs: {a: [3], b: [3], c: [3], d: [3]}\nlayers:\n  - n: ReLU\n    from: a\n  - Nope\n", ["shapes"], 2, ""),
    ("10x16 -> SwiGLU(hidden_features=H)", ["shapes", "--execute"], 2, "free-dimensions"),
    ("10x16 -> SwiGLU(hidden_features=H)", ["ask", "output"], 2, "free-dimensions"),
    ("16 -> SpectralNorm(Linear(16, 0))", ["shapes"], 0, ""),
    ("16 -> SpectralNorm(Linear(16, 4), dim=7)", ["shapes"], 2, "axis-out-of-range"),
    ("8x16 -> residual", ["ask", "output[0][0]"], 2, "not-a-layer"),
    ("8x16x32 -> parallel -> Flatten", ["explain"], 2, "not-a-layer"),
    ("input: [3]\nlayers:\n  - residual\n", ["run"], 2, "not-a-layer"),
    ("input: [3]\nlayers:\n  - a: parallel\n", ["run"], 2, "not-a-layer"),
    ("input: [3]\nlayers:\n  - residual()\n  - ReLU\n", ["shapes", "--execute"], 2, "not-a-layer"),
    # Nothing was scaled to nothing: a division by 0.
    ("convention: keras\ninput: [0, 8]\nlayers:\n  - UpSampling1D(2)\n", ["shapes", "--receptive"], 0, ""),
    # Numbers among the inputs of blocks and groups: no rule was there for them.
    ("inputs: {x: [4]}\ndefine: {b: [ReLU]}\nlayers:\n  - c: b\n    from: [1e308, 9]\n", ["cost"], 2, "input-count"),
    ("inputs: {x: [4]}\nlayers:\n  - residual: [ReLU]\n    from: [2, x]\n", ["shapes"], 2, "input-count"),
    ("inputs: {x: [4]}\nlayers:\n  - parallel: [[Tanh], []]\n    from: [x, 2]\n", ["shapes"], 2, "input-count"),
    ("inputs: {x: [4]}\nlayers:\n  - sequential: [Add]\n    from: [x, 2]\n", ["shapes"], 2, "input-count"),
    # Heads of nothing.
    ("input: [10, 0]\nlayers:\n  - RotaryEmbedding\n", ["shapes"], 0, ""),
    # Nothing, as PyTorch's None, among whole numbers; and a list of no sizes.
    ("3x8x8 -> Mean(dim=[None, -1])", ["explain"], 2, "option-value"),
    ("8x32 -> MaxPool1d(3, padding=1, stride=[None])", ["shapes"], 2, "option-value"),
    ("8x16 -> Reshape([])", ["shapes"], 2, "reshape-count"),
    ("16 -> View(-1)", ["shapes"], 2, "reshape-count"),
    ("16 -> WeightNorm(Linear(16, 4), name=[1.5])", ["shapes"], 2, ""),
    # Formulas were held against one another by numbers that no machine can compute.
    ("CxHxW -> Flatten", ["ask", "2**(2**(2**C)) == 3**C"], 0, ""),
    # Powers whose exponents have large numbers, or get them once a size is known to be large.
    ("CxHxW -> Conv2d(4**(10**9*H), C, 3, stride=2) -> Flatten", ["shapes"], 0, ""),
    ("CxHxW -> Conv2d(0.5/(10**9 - C), H, 10/3*7**C)", ["explain"], 2, ""),
    ("CxHxW -> Flatten", ["ask", "0.5**(10**9 - C) == 0"], 2, "number-too-large"),
    ("CxHxW -> Conv2d(exp(22/3*(C - H) + 10**9), H, K)", ["shapes"], 0, ""),
    # Of what is never positive nothing leads.
    ("CxHxW -> Flatten", ["ask", "leading(0 - C)"], 2, "expression-value"),
    # Millions of numbers were made lists, to show the edges of arrays.
    ("resnet44_cifar", ["run", "--show=all"], 0, ""),
    # Formulas were multiplied out, and nothing held them.
    ("CxHxW -> Flatten -> Linear(out_features=(C + H + W)**60)", ["cost"], 0, ""),
    ("CxHxW -> Flatten -> Linear(out_features=(C + H + W)**60 // 7)", ["shapes"], 0, ""),
    # A position that does not fit into a machine's word became some other.
    (WORDS.format("[1e300, 2]"), ["run"], 2, "values-form"),
    (WORDS.format("[12, 1]"), ["run"], 2, "values-form"),
    (WORDS.format("[-1, 1]"), ["ask", "output"], 2, "values-form"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "argv", "status", "code"), FOUND)
def test_found(text, argv, status, code, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CNNCALC_DEBUG", "1")
    net = text
    if "\n" in text:
        net = str(tmp_path / "net.yaml")
        Path(net).write_text(text, encoding="utf-8")
    if "-" in argv:
        import io
        import sys

        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        words = argv
    else:
        words = [argv[0], net, *argv[1:]]
    assert main(words) == status
    err = capsys.readouterr().err
    assert f"[{code}]" in err if code else True
    assert "internal" not in err


def test_what_is_found_takes_no_time(tmp_path):
    """With the fuzzers' own bounds, which are lower."""
    net = tmp_path / "net.yaml"
    net.write_text(TOWER, "utf-8")
    with limits():
        for argv in (
            ["shapes", str(net)],
            ["shapes", str(net), "--receptive"],
            ["run", "resnet44_cifar", "--show=weights"],
        ):
            assert run(argv, seconds=10).finding == ""


def test_a_number_that_is_too_large_is_infinite_without_a_warning(tmp_path):
    net = tmp_path / "net.yaml"
    net.write_text("input: [2]\nlayers:\n  - fc: Linear(2, 1)\nvalues: {fc.weight: [1e300, 2]}\n", "utf-8")
    code = "import sys, cnncalc; print(cnncalc.load(sys.argv[1]).run(dtype='float32')['output'])"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(net)], capture_output=True, text=True, cwd=ROOT
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[[inf]]\n", "")


def test_a_mistake_in_what_is_repeated_is_said_once(tmp_path, capsys):
    net = tmp_path / "net.yaml"
    net.write_text(
        "input: [4]\nlayers:\n  - sequential:\n      - Linear(4, 4)\n      - ReLU\n        \n      - a: Tanh\n"
        "        from: nowhere\n    repeat: 1000\n",
        "utf-8",
    )
    assert main(["shapes", str(net)]) == 2
    err = capsys.readouterr().err
    assert err.count("error[") == 1
    assert 'error[unknown-name]: from names "nowhere", but no layer has that name' in err


def test_a_size_that_does_not_fit_in_what_is_repeated_is_said_once(tmp_path, capsys):
    net = tmp_path / "net.yaml"
    net.write_text("input: [4]\nlayers:\n  - a: Linear(4, 8)\n    repeat: 1000\n", "utf-8")
    assert main(["shapes", str(net)]) == 2
    assert capsys.readouterr().err.count("error[") == 1


def test_nothing_is_no_network(capsys):
    for net in ("\n", "", " ", "\n\n", " -> "):
        for command in ("shapes", "run", "explain"):
            assert main([command, net]) == 2
            out, err = capsys.readouterr()
            assert out == "" and err.startswith("error[unknown-net]")


def test_nothing_to_run_is_refused(tmp_path, capsys):
    """Neither input nor layer: the output was looked for among no values."""
    net = tmp_path / "net.yaml"
    net.write_text("layers: []\n", "utf-8")
    for command in ("shapes", "run", "cost"):
        for given, said in ((str(net), "error[empty-spec]: this network has no input"), ("\r\n", "error[unknown-net]")):
            assert main([command, given]) == 2
            out, err = capsys.readouterr()
            assert out == "" and err.startswith(said)


def test_a_formula_is_compared_with_a_number_that_remembers(capsys):
    assert main(["explain", "8x16 -> Slice(dim=2, start=o, step=2)"]) == 0
    assert "F_out = ⌈(F − o)/2⌉ = ⌈(16 − o)/2⌉ = 8 − ⌊o/2⌋\n" in capsys.readouterr().out


def test_a_norm_over_more_channels_than_there_are_takes_no_memory_for_them():
    """A million zeros stood beside eight channels."""
    assert run(["shapes", "8x32x32 -> LocalResponseNorm(1000000)", "--execute"], seconds=10).finding == ""


def test_nothing_made_of_very_much_is_refused_as_very_much(tmp_path):
    """10**18 rows of no columns: NumPy makes the rows first."""
    net = tmp_path / "net.yaml"
    net.write_text("input: [1, 1]\nlayers:\n  - tile: Tile([10**18, 0**18])\n    repeat: 3\n", "utf-8")
    found = run(["params", str(net), "--execute"], seconds=10)
    assert (found.status, found.finding) == (2, "")


WEIGHTED = """
inputs: {weights: [2, 2], words: [2, 2]}
layers:
  - mix: MatMul
    from: [weights, words]
values: {weights: [[0.5, 2], [1, 4]], words: [[1, 0], [0, 2]]}
"""


def test_functions_of_arrays_take_arrays(tmp_path, capsys):
    """A layer's type beside an array; a second array, which NumPy would write into."""
    net = tmp_path / "net.yaml"
    net.write_text(WEIGHTED, "utf-8")
    for asked, said in (
        ("sum(MatMul, weights[1])", "sum() takes numbers and arrays"),
        ("round(words, words)", "round() takes numbers and arrays"),
        ("exp(words, weights)", "exp() of an array takes one value"),
    ):
        assert main(["ask", str(net), asked]) == 2
        assert capsys.readouterr().err.startswith(f"error[expression-value]: {said}\n")
    assert main(["ask", str(net), "log(weights, 2)"]) == 0
    assert capsys.readouterr().out == "[[-1, 1],\n [ 0, 2]]\n"


def test_a_single_number_has_no_positions_to_permute(tmp_path, capsys):
    net = tmp_path / "net.yaml"
    net.write_text("convention: keras\ninput: [-1]\nlayers: [Identity]\n", "utf-8")
    for how, said in (
        ("--permute", "--permute takes a sequence of positions, but input is []"),
        ("--shift=1", "--shift takes none for input []"),
    ):
        assert main(["run", str(net), how]) == 2
        assert f"error[option-value]: {said}\n" in capsys.readouterr().err


def test_the_mean_of_nothing_is_no_number_without_a_warning(tmp_path):
    net = tmp_path / "net.yaml"
    net.write_text("convention: keras\ninput: [4, 0, 2]\nlayers: [AdaptiveAveragePooling2D(2)]\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "cnncalc", "run", str(net)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "nan" in done.stdout


def test_a_gradient_beyond_any_number_is_refused(tmp_path, capsys):
    net = tmp_path / "net.yaml"
    net.write_text("input: [2]\nlayers: [Linear(2, 1)]\nvalues: {output.grad: [10**400]}\n", "utf-8")
    assert main(["run", str(net), "--backward"]) == 2
    said = "error[values-form]: output.grad: a number is larger than any that is computed with\n"
    assert capsys.readouterr().err.startswith(said)
