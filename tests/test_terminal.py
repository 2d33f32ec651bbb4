"""Every command on terminals of 60, 80, 120 and 200 columns: no line is longer, and nothing is cut."""

from __future__ import annotations

import os

import pytest

from cnncalc.cli.app import main
from cnncalc.cli.command_line import COMMANDS
from cnncalc.render.fit import hanging, wrapped
from cnncalc.render.text import width
from tests.terminals import shown

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no pseudo-terminals")

CHAIN = "3x8x8 -> Conv2d(out_channels=k, kernel_size=3) -> Flatten -> Linear(out_features=10)"
CALLS = [
    "shapes gpt2",
    "shapes gpt2 --depth 2",
    "shapes resnet50 --macs",
    "shapes resnet18 --receptive",
    "shapes lenet5 --execute",
    "shapes googlenet",
    "params resnet50",
    "params lenet5 --compare-dense",
    "params gpt2 --macs",
    "explain lenet5 --full",
    "explain gpt2 h.0 total",
    "explain lstm_classifier",
    "check section09",
    "worksheet section09 --key",
    "worksheet lenet5",
    "quiz lenet5",
    "ask lenet5 conv1.params total.macs",
    "cost resnet50",
    "cost resnet50 --by type",
    "cost gpt2 --by part",
    "cost gpt2 --decode",
    "cost gpt2 --devices H100,H200",
    "compare resnet18 resnet50",
    "run lenet5",
    "draw lenet5",
    "draw resnet50",
    "draw lenet5 --inside conv1",
    "draw lstm_classifier --inside lstm",
    "layers",
    "layers --full",
    "layers conv2d",
    "specs",
    "specs bert",
    "layers conv",
    "why padding",
    "why",
    "why mistakes",
    "why bias-forgotten",
    "why unknown-layer",
    "--help",
    *(f"{name} --help" for name in COMMANDS),
]
ARGVS = [*(call.split() for call in CALLS), ["solve", CHAIN, "k=1..8", "--want", "total.params < 5000"]]
# Text to be copied to a file or a program, which a fold would break, is left to the terminal: code, a schema, a page.
COPIED = {"export", "schema", "import", "lsp", "serve", "report"}


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_no_line_is_longer_than_the_terminal(columns: int) -> None:
    pages = shown(ARGVS, columns)
    assert len(pages) == len(ARGVS)
    wide = [
        (" ".join(argv), line)
        for argv, page in zip(ARGVS, pages, strict=True)
        for line in page.splitlines()
        if width(line) > columns
    ]
    assert wide == []
    assert [argv for argv, page in zip(ARGVS, pages, strict=True) if not page.strip()] == []
    assert {argv[0] for argv in ARGVS if "--help" not in argv} == set(COMMANDS) - COPIED


def test_problems_are_folded_between_words_and_their_lines_shown_around_the_place() -> None:
    chain = "3x32x32 -> " + "Conv2d(3, 3, 1) -> " * 9 + "Linear(16, 10)"
    calls = [["ask", "lenet5", "foo.params"], ["nosuch"], ["shapes", chain]]
    for page in shown(calls, 60, problems=True):
        assert max(width(line) for line in page.splitlines()) <= 60 and "\nhelp: " in page
    assert "..." in page and page.count("^") == len("16")


def test_what_is_left_out_is_said() -> None:
    narrow, wide = shown([["shapes", "resnet18", "--receptive"]], 60)[0], shown([["shapes", "resnet18"]], 120)[0]
    assert "(no room for" in narrow and "--format plain shows all columns)" in " ".join(narrow.split())
    assert "no room" not in wide


def test_a_name_is_broken_after_a_dot_and_a_text_between_words() -> None:
    assert wrapped("layer1.0.residual_1.conv1", 16, "name") == ["layer1.0.", "residual_1.conv1"]
    assert wrapped("Conv2d(3, 64, 7, stride=2)", 18) == ["Conv2d(3, 64, 7,", "stride=2)"]
    assert wrapped("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert wrapped("卷积卷积", 5) == ["卷积", "卷积"]
    assert hanging("  params = a + b + c", 14, 4) == ["  params = a +", "      b + c"]
    assert "".join(wrapped("a  b" * 30, 7)).replace(" ", "") == "ab" * 30


def test_copies_stand_on_one_line_on_a_terminal_alone(capsys: pytest.CaptureFixture[str]) -> None:
    folded, full, sums = shown([["shapes", "gpt2"], ["shapes", "gpt2", "--full"], ["params", "gpt2"]], 100)
    assert "h.*.residual_1.attn × 12" in folded and "28,348,416" in folded  # 12 · 2,362,368
    assert "h.*.residual_1.attn × 12" in sums
    assert "h.7.residual_1.attn" in full and " × 12" not in full
    assert len(folded.splitlines()) < 40 < len(full.splitlines())
    assert main(["shapes", "gpt2"]) == 0
    assert "h.7.residual_1.attn" in capsys.readouterr().out


def test_columns_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["shapes", "lenet5", "--columns", "input,weights", "-f", "csv"]) == 0
    assert '"(N, 6, 14, 14)","weight (16, 6, 5, 5), bias (16,)"' in capsys.readouterr().out
    assert main(["params", "lenet5", "--columns", "weights"]) == 0
    assert "weight (16, 6, 5, 5), bias (16,)" in capsys.readouterr().out
    assert main(["params", "lenet5", "--columns", "weigths"]) == 2
    assert "did you mean weights?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("call", "some"),
    [
        ("specs bert", ["bert_base", "BERT base, uncased (Devlin et al. 2018)", "109,482,240"]),
        ("specs bert tiny", ["bert_tiny"]),
        ("layers conv", ["ConvTranspose2d", "Slide filters over an image [channels, height, width]."]),
        ("layers window largest", ["MaxPool2d"]),
        ("why padding", ["padding-too-large", "padding-ignored"]),
    ],
)
def test_words_are_searched(capsys: pytest.CaptureFixture[str], call: str, some: list[str]) -> None:
    assert main(call.split()) == 0
    out = capsys.readouterr().out
    assert [word for word in some if word not in out] == []
    assert "lenet5" not in out and "LSTM" not in out.replace("ConvLSTM", "")


def test_a_search_without_result_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["specs", "zzz"]) == 2
    assert "no bundled network has zzz" in capsys.readouterr().err
    assert main(["layers", "zzzz"]) == 2
    assert main(["why", "zzzz"]) == 2
