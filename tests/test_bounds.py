"""Every bound is kept: what goes beyond it is refused with its code, at once, and without using up the memory."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.cli.app import main
from cnncalc.core import problem, window
from cnncalc.core.problem import SpecError
from cnncalc.execute import memory
from tests.fuzz.bounded import run

ROOT = Path(__file__).resolve().parent.parent


def nested(depth: int) -> str:
    """Residuals inside each other."""
    lines = ["input: [4]", "layers:"]
    for level in range(depth):
        lines.append("  " * (2 * level + 1) + "- residual:")
    lines.append("  " * (2 * depth + 1) + "- ReLU")
    return "\n".join(lines) + "\n"


def layers(*entries: str, shape: str = "[4]", more: str = "") -> str:
    return f"input: {shape}\n{more}layers:\n" + "".join(f"  - {entry}\n" for entry in entries)


BLOCKS = "define:\n" + "".join(f"  b{at}:\n    - b{at + 1}\n    - b{at + 1}\n" for at in range(40)) + "  b40: [ReLU]\n"
CALLS = "define:\n" + "".join(f"  b{at}: [b{at + 1}]\n" for at in range(5000)) + "  b5000: [ReLU]\n"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + at)}: &{chr(98 + at)} [{', '.join([f'*{chr(97 + at)}'] * 10)}]\n" for at in range(9)
)
IMAGE = "[3, 10**9, 10**9]"
LISTS = "let:\n  a: [1, 1]\n" + "".join(f"  {chr(98 + at)}: [{chr(97 + at)}, {chr(97 + at)}]\n" for at in range(15))
CELL = """\
input: [10, 4]
layers:
  - Recurrent:
      state: {h: 4}
      weights: {W: [4, 4]}
      step: {h: "tanh(W @ h[t-1000000000] + x[t])"}
"""
FIELDS = [
    "MaxPool2d(2, stride=3)",
    "Conv2d(3, 3, 10**7, dilation=7)",
    "AdaptiveAvgPool2d(10**6)",
    "Upsample(scale_factor=1000)",
]

# The spec, the command and its words, and the first line on standard error.
REFUSED: list[tuple[str, str, list[str], str]] = [
    (
        "repeat",
        layers("a: ReLU\n    repeat: 10**9"),
        ["shapes"],
        "error[too-many-layers]: the network would have more than 50,000 layers",
    ),
    (
        "a report",
        layers("a: ReLU\n    repeat: 20001"),
        ["report"],
        "error[too-many-layers]: the report would have 20,001 layers, more than 20,000",
    ),
    (
        "repeat of nothing",
        layers("sequential: []\n    repeat: 10**9"),
        ["shapes"],
        "error[too-many-steps]: repeats, blocks and branches would make more than 150,000 entries",
    ),
    (
        "repeats in repeats",
        layers("sequential:\n      - a: ReLU\n        repeat: 10000\n    repeat: 10000"),
        ["params"],
        "error[too-many-layers]: the network would have more than 50,000 layers",
    ),
    (
        "blocks that call blocks twice",
        layers("b0", more=BLOCKS),
        ["params"],
        "error[too-many-layers]: the network would have more than 50,000 layers",
    ),
    (
        "blocks that call blocks",
        layers("b0", more=CALLS),
        ["shapes"],
        "error[too-deep]: blocks call each other more than 100 deep, the last one b100",
    ),
    (
        "residuals",
        nested(500),
        ["shapes"],
        "error[yaml-depth]: lists and mappings are nested deeper than 100",
    ),
    (
        "brackets",
        "layers: " + "[" * 100_000 + "]" * 100_000 + "\n",
        ["shapes"],
        "error[yaml-depth]: lists and mappings are nested deeper than 100",
    ),
    (
        "aliases",
        BOMB + "layers: *j\n",
        ["shapes"],
        "error[yaml-anchor]: the aliases of this spec stand for more than 100,000 values",
    ),
    (
        "digits",
        layers("ReLU", shape="[" + "9" * 100_000 + "]"),
        ["shapes"],
        "error[yaml-surprise]: a number of 100000 digits is too long",
    ),
    (
        "sizes of ONNX",
        layers("Flatten", "Linear(out_features=3)", shape="[" + "2, " * 63 + "2]"),
        ["export", "--to", "onnx", "-o", "-"],
        "error[cannot-export]: a size of this network is more than 2**63 - 1, the largest whole number of an ONNX file",
    ),
    (
        "digits of an exponent",
        layers("ReLU", more="let: {a: 1e999999999}\n"),
        ["shapes"],
        "error[yaml-surprise]: 1e999999999 is larger than a number can be",
    ),
    (
        "powers",
        layers("ReLU", more="let: {a: 9**9**9}\n"),
        ["shapes"],
        "error[number-too-large]: the result is too large a number",
    ),
    (
        "lists",
        layers("ReLU", more="let:\n  a: sum([0] * 10**9)\n"),
        ["shapes"],
        "error[list-too-large]: a list of more than 100,000 numbers",
    ),
    (
        "long sums",
        layers("ReLU", more=f"let: {{a: {'+'.join(['1'] * 6000)}}}\n"),
        ["shapes"],
        "error[expression-too-long]: an expression of more than 5000 words",
    ),
    (
        "long texts",
        layers("Linear(4, 4" + ", 4" * 100_000 + ")"),
        ["shapes"],
        "error[expression-too-long]: an expression of 300012 characters; at most 20000 are read",
    ),
    (
        "brackets in an expression",
        layers("ReLU", more=f"let: {{a: {'(' * 60}1{')' * 60}}}\n"),
        ["shapes"],
        "error[expression-too-deep]: more than 50 brackets inside each other",
    ),
    (
        "a size",
        layers(f"Linear(4, {'9' * 300})"),
        ["shapes"],
        "error[size-too-large]: linear_1: a number of 300 digits is too large for a size",
    ),
    (
        "a size that is computed",
        layers("Linear(4, 10**3000)"),
        ["explain"],
        "error[size-too-large]: linear_1: a number of 3,001 digits is too large for a size",
    ),
    (
        "a size that follows",
        layers(*["Tile([10**18, 10**18])"] * 300, shape="[1, 1]"),
        ["shapes"],
        "error[array-too-large]: tile_4: Tile would make an array whose number of elements has more than 120 digits",
    ),
    (
        "axes",
        layers(*["Unsqueeze(1)"] * 100),
        ["shapes"],
        "error[array-too-large]: unsqueeze_64: Unsqueeze would make an array of more than 64 axes",
    ),
    (
        "a scale",
        layers("Upsample(scale_factor=1e300)", shape="[3, 8, 8]"),
        ["shapes"],
        "error[size-too-large]: upsample_1: a number of 301 digits is too large for a size",
    ),
    (
        "pieces",
        layers("Chunk(10**9, dim=1)", shape="[10**9]"),
        ["shapes"],
        "error[too-many-parts]: chunk_1: 1,000,000,000 are more parts than one layer may have, 10,000",
    ),
    (
        "small pieces",
        layers("Split(1, dim=1)", shape="[10**9]"),
        ["explain"],
        "error[too-many-parts]: split_1: 1,000,000,000 are more parts than one layer may have, 10,000",
    ),
    (
        "recurrent layers",
        layers("LSTM(8, 8, num_layers=10**9)", shape="[5, 8]"),
        ["explain"],
        "error[too-many-parts]: lstm_1: 1,000,000,000 are more parts than one layer may have, 10,000",
    ),
    (
        "encoder layers",
        layers("TransformerEncoder(d_model=8, nhead=2, num_layers=10**6)", shape="[5, 8]"),
        ["shapes"],
        "error[too-many-parts]: transformerencoder_1: 1,000,000 are more parts than one layer may have, 10,000",
    ),
    (
        "combinations",
        "3x64x64 -> Conv2d(3, 8, k, stride=s)",
        ["solve", "k=1..10000", "s=1..10000", "--want", "output.shape[1] == 3"],
        "error[search-too-large]: 10,000 · 10,000 = 100,000,000 combinations are more than 1,000,000",
    ),
    (
        "memory",
        layers("ReLU", shape="[10**12]"),
        ["shapes", "--execute"],
        "error[too-much-memory]: executing net takes about 12 TB of memory, more than the limit of 4.29 GB",
    ),
    (
        "memory of what a batch makes",
        "3x8x8 -> Conv2d(3, 4, 3)",
        ["shapes", "--execute", "--batch", "1000000000"],
        "error[too-much-memory]: executing chain takes about 2.11 TB of memory, more than the limit of 4.29 GB",
    ),
    (
        "work",
        "64x2000x2000 -> Conv2d(64, 64, 51, padding=25)",
        ["shapes", "--execute"],
        "error[too-much-work]: executing chain takes the time of about 4.3e13 multiply-accumulates, "
        "more than the limit of 5e12",
    ),
    (
        "numbers to print",
        "10000x1000 -> ReLU",
        ["ask", "output"],
        "error[array-too-long]: an array of 10,000,000 numbers is too long to be written; at most 5,000,000 are",
    ),
    (
        "numbers of many arrays",
        "vgg16",
        ["run", "--show", "weights", "--full"],
        "error[array-too-long]: the arrays to print have more than 5,000,000 numbers together",
    ),
    (
        "the largest of many formulas",
        "CxHxW -> Flatten",
        ["ask", f"max({', '.join(f'C*H**{at} - W**{at}' for at in range(1, 40))})"],
        "error[formula-too-long]: the largest or smallest of more than 10 formulas",
    ),
    (
        "derivatives",
        "3x32x32 -> Conv2d(3, 64, 3)",
        ["ask", "jacobian(output, conv2d_1.weight)"],
        "error[jacobian-too-large]: the Jacobian of output by conv2d_1.weight has 99,532,800 numbers, "
        "more than 10,000,000",
    ),
]

# What is large and yet has an answer: the command, and what stands in it.
ANSWERED: list[tuple[str, str, list[str], str]] = [
    (
        "sizes",
        layers("Flatten", "Linear(out_features=10**17)", shape="[10**17, 10**17]"),
        ["ask", "total.params"],
        str(10**51 + 10**17),
    ),
    (
        "a formula to the power",
        "CxHxW -> Flatten -> Linear(out_features=(C + H + W)**60)",
        ["shapes"],
        "(N (C + H + W)⁶⁰)",
    ),
    (
        "fractions of formulas",
        "CxHxW -> Flatten",
        ["ask", "+".join(f"C/(H + {at})" for at in range(1, 40))],
        " + C/(H + 2) + C/(H + 1)",
    ),
    ("many lists", layers("ReLU", more=LISTS), ["ask", "total.params"], "0"),
    ("residuals", nested(40), ["ask", "output.shape"], "[4]"),
    ("a window", layers("Conv2d(3, 4, 10**8, stride=10**9)", shape=IMAGE), ["explain"], "conv2d_1.macs"),
    ("with gaps", layers("Conv2d(3, 4, 10**4, stride=7, dilation=3)", shape=IMAGE), ["explain"], "conv2d_1.macs"),
    ("windows apart", layers("MaxPool2d(2, stride=3)", shape=IMAGE), ["shapes"], "333333333"),
    ("bins", layers("AdaptiveAvgPool2d(10**8)", shape=IMAGE), ["explain"], "100000000"),
    ("fractions", layers("FractionalMaxPool2d(2, output_ratio=0.5)", shape=IMAGE), ["explain"], "500000000"),
    ("windows as columns", layers("Unfold(1000)", shape="[3, 10**6, 10**6]"), ["shapes"], "3000000"),
    ("padding", layers("ZeroPad2d(10**17)", shape="[3, 10, 10]"), ["explain"], "200000000000000010"),
    ("slots", layers("AttentionRNN(10**9)", shape="[10, 8]"), ["explain"], "params"),
    ("experts", layers("MixtureOfExperts(10**9, hidden_features=8)", shape="[10, 8]"), ["shapes"], "total"),
    ("lags", CELL, ["explain"], "params"),
    ("words", layers("Embedding(10**17, 10**17)", shape="{shape: [10], dtype: int}"), ["cost"], "total"),
    ("fields", layers(*FIELDS, shape=IMAGE), ["shapes", "--receptive"], "total"),
    ("steps", "3x8x8 -> ConvTranspose2d(3, 3, 9, 10**9) -> Conv2d(3, 3, 3)", ["shapes", "--receptive"], "total"),
    ("a long sum", layers("ReLU", more=f"let: {{a: {'+'.join(['1'] * 2000)}}}\n"), ["ask", "total.params"], "0"),
    ("combinations", "3x64x64 -> Conv2d(3, 8, k)", ["solve", "k=1..64", "--want", "output.shape[1] == 3"], "62"),
]  # fmt: skip


def command(text: str, argv: list[str], folder: Path) -> list[str]:
    if "\n" not in text:
        return [argv[0], text, *argv[1:]]
    net = folder / "net.yaml"
    net.write_text(text, encoding="utf-8")
    return [argv[0], str(net), *argv[1:]]


@pytest.mark.parametrize(("name", "text", "argv", "said"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refused(name, text, argv, said, tmp_path, capsys):
    words = command(text, argv, tmp_path)
    assert main(words) == 2
    assert capsys.readouterr().err.splitlines()[0] == said
    outcome = run(words, seconds=10)
    assert (outcome.status, outcome.finding) == (2, "")


@pytest.mark.parametrize(("name", "text", "argv", "shown"), ANSWERED, ids=[case[0] for case in ANSWERED])
def test_answered(name, text, argv, shown, tmp_path, capsys):
    words = command(text, argv, tmp_path)
    assert main(words) == 0
    assert shown in capsys.readouterr().out.replace(",", "")
    assert run(words, seconds=10).finding == ""


TOWER = """\
symbols: [n, f, p, s]
input: [1, n, n]
layers:
  - conv: Conv2d(1, 1, f, stride=s, padding=p)
    repeat: 4
"""


def test_what_is_not_looked_at_any_more_is_assumed(monkeypatch):
    """More is assumed than must be, the formulas are the same."""
    from cnncalc.symbolic import inequalities as known

    whole = cnncalc.loads(TOWER).report()
    monkeypatch.setattr(known, "MOST_PARTS", 0)
    less = cnncalc.loads(TOWER).report()
    assert [row.to_dict() for row in less.rows] == [row.to_dict() for row in whole.rows]
    assert set(whole.to_dict()["assumptions"]) <= set(less.to_dict()["assumptions"])


@pytest.mark.parametrize(
    ("module", "bound", "most", "said"),
    [
        ("known", "MOST_COMPARED", 99, "conv.3: the formulas that are compared have more than 99 parts together"),
        ("floors", "LONGEST", 60, "conv.3: a formula of more than 60 parts"),
        ("steps", "MOST_STEPS", 2000, "conv.2: the formulas of this network take more than 2,000 steps"),
    ],
)
def test_formulas_that_grow_with_every_layer(module, bound, most, said, monkeypatch):
    from cnncalc.core import steps
    from cnncalc.symbolic import floors, inequalities

    monkeypatch.setattr({"known": inequalities, "floors": floors, "steps": steps}[module], bound, most)
    with pytest.raises(SpecError) as caught:
        cnncalc.loads(TOWER).report()
    found = caught.value.problems[0]
    assert (found.code, found.message) == ("formula-too-long", said)


@pytest.mark.parametrize(
    "argv", [["ask", "output[0]"], ["check", "--execute"], ["cost", "--execute"], ["explain", "--execute"]]
)
def test_the_bound_of_memory_can_be_set(argv, capsys):
    words = [argv[0], "600x100 -> ReLU", *argv[1:]]
    assert main(words) == 0
    capsys.readouterr()
    assert main([*words, "--memory-limit", "1MB"]) == 2
    err = capsys.readouterr().err
    assert re.fullmatch(
        r"error\[too-much-memory\]: executing chain takes about 1[78]\.\d MB of memory, more than the limit of 1 MB\n"
        r"help: --memory-limit 1[89]MB allows it\n",
        err,
    ), err
    assert main([*words, "--memory-limit", "19MB"]) == 0


def test_a_file_that_is_too_large(tmp_path, capsys, monkeypatch):
    from cnncalc.read.yaml import text_file

    monkeypatch.setattr(text_file, "LARGEST_FILE", 1 << 20)
    net = tmp_path / "net.yaml"
    net.write_bytes(b"#" * (1 << 20) + b"\n")
    assert main(["shapes", str(net)]) == 2
    said = f'error[file-too-large]: "{net}" has more than 1 MB, the most a spec may have\n'
    assert capsys.readouterr().err == said


def test_values_that_are_too_many(monkeypatch):
    from cnncalc.read.yaml import parse as yaml_tree

    monkeypatch.setattr(yaml_tree, "MOST_VALUES", 100)
    with pytest.raises(SpecError) as caught:
        cnncalc.loads(layers(*["ReLU"] * 200))
    found = caught.value.problems[0]
    assert (found.code, found.message) == ("yaml-size", "the spec has more than 100 values")


def test_the_bound_of_work_can_be_set(monkeypatch, capsys):
    net = "3x8x8 -> Conv2d(3, 4, 3)"  # 36 places, 27 products for each of 4 filters
    monkeypatch.setenv("CNNCALC_WORK_LIMIT", "3888")
    assert main(["shapes", net, "--execute"]) == 0
    monkeypatch.setenv("CNNCALC_WORK_LIMIT", "3887")
    capsys.readouterr()
    assert main(["shapes", net, "--execute"]) == 2
    assert capsys.readouterr().err == (
        "error[too-much-work]: executing chain takes the time of about 3.9e3 multiply-accumulates, more than the limit "
        "of 3.9e3\nhelp: in the environment, CNNCALC_WORK_LIMIT=4.1e3 allows it\n"
    )
    monkeypatch.setenv("CNNCALC_WORK_LIMIT", "much")
    assert main(["shapes", net, "--execute"]) == 2
    assert capsys.readouterr().err.startswith('error[option-value]: CNNCALC_WORK_LIMIT must be a number, not "much"\n')


def test_work_is_counted():
    def work(net: str) -> int:
        return memory.work(cnncalc.load(net).report())

    assert work("3x8x8 -> Conv2d(3, 4, 3)") == 3888
    assert work("3x8x8 -> MaxPool2d(2)") == 3 * 16 * 4
    assert work("10x4 -> RNN(4, 5)") == 10 * 5 * (4 + 5) + 10 * 50_000
    both = "convention: keras\ninput: [10, 4]\nlayers: [Bidirectional(SimpleRNN(5))]"
    assert memory.work(cnncalc.loads(both).report()) == 2 * (10 * 5 * (4 + 5) + 10 * 50_000)


def test_thousands_of_mistakes_take_no_minutes(tmp_path):
    """Suggestions are sought among all names, for each mistake: there an end is made."""
    entries = [f"l{at}: Linear(4, 4)\n    from: m{at}" for at in range(3000)]
    (tmp_path / "net.yaml").write_text(layers(*entries), "utf-8")
    outcome = run(["shapes", str(tmp_path / "net.yaml")], seconds=20)
    assert (outcome.status, outcome.finding) == (2, "")
    problem.reset_suggestions()
    assert problem.did_you_mean("conv", ["conv1"]) == "conv1"


def test_of_thousands_of_mistakes_a_hundred_are_shown():
    from cnncalc.render.annotation import commands
    from cnncalc.render.diagnostic import render

    problems = [problem.Problem("unknown-layer", f"there is no layer {at}") for at in range(1234)]
    assert render(problems).splitlines()[-3:] == [
        "error[unknown-layer]: there is no layer 99",
        "",
        "1,134 more are not shown",
    ]
    assert len(render(problems[:100]).splitlines()) == 199
    assert len(commands(problems).splitlines()) == 100


@pytest.mark.parametrize("steps", range(0, 60, 3))
def test_whoever_takes_the_last_step_says_so(steps, monkeypatch):
    """The names of entries are compared before any is made, and their conditions with them."""
    from cnncalc.expression import evaluation

    monkeypatch.setattr(evaluation, "MAX_STEPS", steps)
    network = cnncalc.loads(layers("{name: a, ReLU: {}, when: 1 + 1 == 2}", "{name: a, ReLU: {}, when: 2 + 2 == 5}"))
    try:
        assert len(network.report().rows) == 1
    except SpecError as error:
        assert error.problems[0].code == "too-many-steps"


def test_only_as_many_questions_are_answered_as_are_asked(monkeypatch):
    from cnncalc.exercise import questions
    from cnncalc.query.ask import scope

    found = []
    value_of = questions.value_of
    monkeypatch.setattr(questions, "value_of", lambda ask, names: found.append(ask) or value_of(ask, names))
    network = cnncalc.loads(layers("{l: 'Linear(4 + index, 5 + index)', repeat: 200}"))
    assert len(questions.asked(network, scope(network, network.report()))) == questions.MOST
    assert len(found) < 3 * questions.MOST


def test_a_network_without_sizes_is_not_made_again_for_its_code(monkeypatch):
    from cnncalc.export.pytorch.layers import leaves_of
    from cnncalc.export.pytorch.sizes import sized

    network = cnncalc.loads(layers("Linear(4, 4)"))
    leaves = leaves_of(network.report())
    monkeypatch.setattr(network, "report", None)
    assert sized(leaves, network, leaves_of).leaves == leaves


def test_a_picture_that_cannot_fit_is_not_drawn(monkeypatch):
    from cnncalc.diagram import fit

    drawn = []

    def gather(made, most):
        drawn.append(most)
        return made

    monkeypatch.setattr(fit, "gather", gather)
    monkeypatch.setattr(fit._Fitting, "scene", lambda *given: fit.Scene("large", 1e9, 1e9))
    report = cnncalc.load("4" + " -> Linear(4, 4)" * 600).report()
    assert fit._Fitting(report, fit.Wish()).gathered(0, fit.FEWEST, fit.MOST_BOXES) is None
    assert max(drawn) * fit.BOX <= 1920 * 1080


def test_windows_that_leave_something_unread():
    """The formula for windows that stand apart, held against counting."""

    class Layer:
        def __init__(self, kernel: int, stride: int, dilation: int, padding: int) -> None:
            self.kernel_size, self.stride, self.dilation = (kernel,), (stride,), (dilation,)
            self.padding = ((padding, padding),)

    tried = 0
    for size in range(1, 14):
        for kernel in range(1, 5):
            for stride in range(1, 7):
                for padding in range(4):
                    for dilation in (1, 2):
                        room = size + 2 * padding - dilation * (kernel - 1) - 1
                        if room < 0:
                            continue
                        count = room // stride + 1
                        seen = {at * stride + tap * dilation - padding for at in range(count) for tap in range(kernel)}
                        wanted = size - len(seen & set(range(size)))
                        layer: Any = Layer(kernel, stride, dilation, padding)
                        assert window.unread(layer, (size,), (count,)) == (wanted,), vars(layer)
                        tried += 1
    assert tried > 2000


def test_a_sum_that_is_asked_for_again_and_again_is_added_up_once(monkeypatch):
    from cnncalc.query.scope import NetworkScope

    added = []
    right = NetworkScope.counted
    monkeypatch.setattr(NetworkScope, "counted", lambda self, rows, name: added.append(name) or right(self, rows, name))
    asked = "".join(f"  Linear.params * {at} + total.params: {20 * 30 * (at + 1)}\n" for at in range(1, 100))
    network = cnncalc.loads(f"input: [4]\nlayers:\n- {{a: Linear(4, 4), repeat: 30}}\nexpect:\n{asked}")
    from cnncalc.grading.check import check

    assert all(result.ok for result in check(network, network.report()))
    assert len(added) == 2


def test_the_lines_of_a_python_file_are_cut_once(tmp_path, monkeypatch):
    from cnncalc.read.python.files import places

    made = "".join(f"        self.l{at} = nn.Linear(4, 4)\n" for at in range(30))
    used = "".join(f"        x = self.l{at}(x)\n" for at in range(30))
    head = "import torch\nimport torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n"
    file = tmp_path / "net.py"
    text = f"{head}        super().__init__()\n{made}    def forward(self, x):\n{used}        return x\n"
    file.write_text(text + "\n\nNet()(torch.randn(1, 4))\n", "utf-8")
    before = places._lines.cache_info().misses
    assert len(cnncalc.load(str(file)).report().rows) == 30
    assert places._lines.cache_info().misses - before <= 2


LONG = ["-1 in x", "sum(x)", "max(x)", "list(zip(x, x))", "x[1:]", "dict(y)", "{**y}", "''.join(z)"]


@pytest.mark.parametrize("work", LONG)
def test_a_long_list_in_python_costs_its_length(work, tmp_path, capsys):
    file = tmp_path / "net.py"
    lists = "x = list(range(90000))\ny = {n: n for n in range(9000)}\nz = ['a'] * 90000\n"
    net = "model = nn.Sequential(nn.Linear(4, 4))\nmodel(torch.randn(1, 4))\n"
    head = f"import torch\nimport torch.nn as nn\n{lists}for i in range(2000):\n    a = {work}\n"
    file.write_text(head + net, "utf-8")
    assert main(["params", str(file)]) == 2
    assert "the code takes more than 700,000 steps" in capsys.readouterr().err


# --- names and pictures of wide networks ----------------------------------------------------------------------------


def test_a_name_in_use_is_not_looked_up_again_and_again(monkeypatch):
    from cnncalc.export.forward import Body
    from cnncalc.export.pytorch.writer import export

    asked = 0
    busy = Body._busy

    def counted(self, name):
        nonlocal asked
        asked += 1
        return busy(self, name)

    monkeypatch.setattr(Body, "_busy", counted)
    branches = ", ".join(["[ReLU]"] * 400)
    text = f"input: [4]\nlayers:\n- p:\n    parallel: [{branches}]\n    merge: add\n"
    network = cnncalc.loads(text)
    assert "relu_1_397 = " in export(network.report()).text
    assert asked < 400 * 20  # each name in use was asked for each branch: 160,000


@pytest.mark.parametrize(
    "net, said",
    [
        ("4 -> " + " -> ".join(["Linear(4, 4)"] * 2100), "boxes"),
        ("wide", "arrows pass other layers; such a picture shows at most 1,000"),
    ],
)
def test_pictures_to_scale_of_too_much(net, said, tmp_path, capsys):
    if net == "wide":
        made = "".join(f"- a{i}: Linear(4, 4)\n" for i in range(60))
        taken = ", ".join(f"a{i}" for i in range(60))
        joined = "".join(f"- c{i}: Concat(dim=1)\n  from: [{taken}]\n" for i in range(20))
        file = tmp_path / "wide.yaml"
        file.write_text(f"input: [4]\nlayers:\n{made}{joined}", "utf-8")
        net = str(file)
    assert main(["draw", "--style", "volumes", "-f", "svg", net]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error[too-many-boxes]")
    assert said in told


# --- numbers that are longer than Python reads ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "words, code",
    [
        (["why", "RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x@ and 5x5)"], "unknown-error"),
        (["run", "4 -> Linear(4, 4)", "--memory-limit", "@GB"], "option-value"),
        (["params", "printed.txt"], "printed-text"),
    ],
)
def test_numbers_that_are_too_long_to_be_read(words, code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    digits = "9" * 5000
    leaf = "Linear(in_features=4, out_features=4, bias=True)"
    copies = f"Sequential(\n  (0): ModuleList(\n    (0-{digits}): {digits} x {leaf}\n  )\n)\n"
    Path("printed.txt").write_text(copies, "utf-8")
    assert main([word.replace("@", digits) for word in words]) == 2
    assert capsys.readouterr().err.startswith(f"error[{code}]: ")


def test_numbers_of_an_operator_are_carried_where_they_are_few(tmp_path, monkeypatch):
    """`Range` up to a million of millions, whose numbers nobody asks for, took all memory."""
    onnx = pytest.importorskip("onnx")
    make, kind = onnx.helper, onnx.TensorProto
    ends = [make.make_tensor(name, kind.INT64, [], [value]) for name, value in (("a", 0), ("b", 10**12), ("c", 1))]
    nodes = [make.make_node("Range", ["a", "b", "c"], ["r"]), make.make_node("Cast", ["r"], ["f"], to=kind.FLOAT)]
    nodes.append(make.make_node("Add", ["x", "f"], ["y"]))
    values = [make.make_tensor_value_info(*one) for one in (("x", kind.FLOAT, [1, 1]), ("y", kind.FLOAT, None))]
    onnx.save(make.make_model(make.make_graph(nodes, "g", values[:1], values[1:], ends)), tmp_path / "net.onnx")
    infer = onnx.shape_inference.infer_shapes

    def checked(model, **options):
        sizes = [size.dim_value for value in model.graph.input for size in value.type.tensor_type.shape.dim]
        assert not options["data_prop"] or max(sizes, default=0) <= 4096
        return infer(model, **options)

    monkeypatch.setattr(onnx.shape_inference, "infer_shapes", checked)
    assert cnncalc.load(str(tmp_path / "net.onnx")).report().output_shape == (10**12,)


def test_long_calls_are_broken_in_time():
    from cnncalc.export.pytorch.names import wrapped

    code = "h = " + "tanh(" * 40 + "h" + ")" * 40
    assert "".join(wrapped(code).split()) == code.replace(" ", "")


# --- the page ------------------------------------------------------------------------------------------------------

ROW = re.compile(r"^\| .+ \| (?P<bound>[^|]+) \| (?:`(?P<code>[a-z-]+)`)? \| `(?P<where>[\w.]+)` \|$", re.MULTILINE)


def test_the_page_says_what_holds():
    rows = list(ROW.finditer((ROOT / "docs" / "bounds.md").read_text("utf-8")))
    assert len(rows) > 20
    from cnncalc.problems import codes

    for row in rows:
        path, _, name = row["where"].rpartition(".")
        value = getattr(import_module(f"cnncalc.{path}"), name)
        assert f"{int(value):,}" in row["bound"], row[0]
        assert row["code"] is None or row["code"] in codes(), row[0]
