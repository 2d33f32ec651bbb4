"""Worksheets, variants and quizzes: a sheet can be graded, keys and sheets agree, wrong choices are mistakes."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from cnncalc.cli.app import main
from cnncalc.explain import explain
from cnncalc.grading import hints
from cnncalc.grading.kinds import kinds
from cnncalc.network.row import Row

KEY = """
name: exercise
let:
  k: {from: [3, 5, 7]}
  c: {from: [8, 16, 32]}
  s: {from: [1, 2]}
input: [3, 33, 33]
layers:
  - conv1: Conv2d(3, c, k, stride=s)
  - pool1: MaxPool2d(2)
  - conv2: Conv2d(c, 2*c, 3)
  - flat: Flatten
  - fc: Linear(out_features=10)
expect:
  conv1.params: {value: 0, points: 2}
  conv1.shape: {value: 0, text: What shape leaves the first convolution?}
  conv2.shape: 0
  conv2.receptive_field: 0
  fc.params: {value: 0, points: 1.5}
  conv1.params / total.params: 0
"""
ASKED = ["conv1.params", "conv1.shape", "conv2.shape", "conv2.receptive_field", "fc.params"]
PLAIN = KEY.split("expect:")[0]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("key.yaml").write_text(KEY)
    Path("net.yaml").write_text(PLAIN)
    return tmp_path


def ran(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert main(list(words)) == status
    return capsys.readouterr().out


@pytest.mark.parametrize("format", ["text", "markdown", "latex", "yaml", "csv", "html"])
def test_sheet_holds_no_answers(capsys: pytest.CaptureFixture[str], format: str) -> None:
    """224 = 3·3·3·8 + 8, [8, 31, 31], [16, 13, 13], 8 = 1 + 2 + 1 + 2·2 positions, 27050 = 16·13·13·10 + 10."""
    blank = ran(capsys, "worksheet", "key.yaml", "--format", format)
    keyed = ran(capsys, "worksheet", "key.yaml", "--format", format, "--key")
    for secret in ("224", "8, 31, 31", "16, 13, 13", "27050", "2704"):
        apart = f"{int(secret):,}" if secret.isdigit() else secret  # as a person reads it
        assert secret not in blank and apart not in blank
        assert (secret if format in ("yaml", "csv") else apart) in keyed
    assert "What shape leaves the first convolution?" in blank
    assert "(2 points)" in blank or format == "csv"


def test_yaml_sheet_is_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    Path("blank.yaml").write_text(ran(capsys, "worksheet", "key.yaml", "--format", "yaml"))
    found = json.loads(ran(capsys, "check", "key.yaml", "blank.yaml", "--format", "json"))
    assert found["totals"]["unanswered"] == 6
    Path("full.yaml").write_text(ran(capsys, "worksheet", "key.yaml", "--format", "yaml", "--key"))
    found = json.loads(ran(capsys, "check", "key.yaml", "full.yaml", "--format", "json"))
    assert found["totals"]["passed"] == 6 and found["earned"] == 7.5


def test_csv_sheet_is_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(ran(capsys, "worksheet", "key.yaml", "--format", "csv", "--key"))))
    assert [row["question"] for row in rows[:5]] == ASKED
    Path("full.csv").write_text(ran(capsys, "worksheet", "key.yaml", "--format", "csv", "--key"))
    assert json.loads(ran(capsys, "check", "key.yaml", "full.csv", "--format", "json"))["totals"]["passed"] == 6


def test_variants_agree_by_seed(capsys: pytest.CaptureFixture[str]) -> None:
    """Each variant's answers are right for the constants that stand on its sheet, and wrong for others."""
    wanted = ("worksheet", "key.yaml", "--variants", "8", "--seed", "7", "--format")
    blank, keyed = ran(capsys, *wanted, "yaml").split("---\n"), ran(capsys, *wanted, "yaml", "--key").split("---\n")
    assert len(blank) == len(keyed) == 8
    assert ran(capsys, *wanted, "yaml").split("---\n") == blank
    assert ran(capsys, "worksheet", "key.yaml", "--variants", "8", "--seed", "8", "--format", "yaml") != blank
    drawn = []
    for number, (sheet, answers) in enumerate(zip(blank, keyed, strict=True), 1):
        assert f"variant {number}" in sheet
        constants = re.findall(r"(\w): (\d+)", answers.splitlines()[1])
        assert constants == re.findall(r"(\w): (\d+)", sheet.splitlines()[1]) and len(constants) == 3
        drawn.append(tuple(constants))
        Path("answers.yaml").write_text(answers)
        words = [word for name, value in constants for word in ("--set", f"{name}={value}")]
        found = json.loads(ran(capsys, "check", "key.yaml", "answers.yaml", *words, "--format", "json"))
        assert found["totals"]["passed"] == 6
    assert len(set(drawn)) == 8


def test_variants_come_out_even(capsys: pytest.CaptureFixture[str]) -> None:
    """(33 − k)/s and the pool leave nothing over, where numbers are there for which they do not."""
    Path("key.yaml").write_text(KEY.replace("[1, 2]}", "[1, 2, 3, 4]}").replace("33, 33", "34, 34"))
    text = ran(capsys, "worksheet", "key.yaml", "--variants", "5", "--seed", "1", "--format", "yaml")
    for sheet in text.split("---\n"):
        constants = {name: int(value) for name, value in re.findall(r"(\w): (\d+)", sheet.splitlines()[1])}
        assert (34 - constants["k"]) % constants["s"] == 0
        assert ((34 - constants["k"]) // constants["s"] + 1) % 2 == 0


def test_nothing_to_draw(capsys: pytest.CaptureFixture[str]) -> None:
    Path("key.yaml").write_text("input: [3]\nlayers:\n  - fc: Linear(3, 4)\n")
    assert main(["worksheet", "key.yaml", "--variants", "3"]) == 2
    assert "let: {k: {from: [3, 5, 7]}}" in capsys.readouterr().err


def test_choices_of_let_need_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    Path("key.yaml").write_text("let: {k: {from: 3}}\ninput: [3]\nlayers:\n  - fc: Linear(3, k)\n")
    assert main(["shapes", "key.yaml"]) == 2
    assert '"k" is drawn from a list of values' in capsys.readouterr().err


def test_questions_are_made_up(capsys: pytest.CaptureFixture[str]) -> None:
    shown = ran(capsys, "worksheet", "net.yaml")
    for ask in ("conv1.shape", "conv1.params", "conv1.macs", "pool1.shape", "flat.shape", "fc.params", "total.params"):
        assert f"   {ask} = ____________" in shown
    assert "pool1.params" not in shown


def test_latex_is_a_whole_document(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    text = ran(capsys, "worksheet", "key.yaml", "--format", "latex", "--variants", "2", "--key")
    assert text.startswith("\\documentclass") and text.rstrip().endswith("\\end{document}")
    assert text.count("\\begin{") == text.count("\\end{") and text.count("\\clearpage") == 1
    if shutil.which("pdflatex") is None:
        return
    Path("sheet.tex").write_text(text, encoding="utf-8")
    words = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "sheet.tex"]
    done = subprocess.run(words, cwd=folder, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]


# --- quizzes ----------------------------------------------------------------------------------------------------------


def test_wrong_choices_are_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    quiz = json.loads(ran(capsys, "quiz", "net.yaml", "--to", "json", "--count", "10"))
    assert len(quiz["questions"]) == 10
    for one in quiz["questions"]:
        texts = [choice["text"] for choice in one["choices"]]
        assert len(set(texts)) == 4 and sum(choice["right"] for choice in one["choices"]) == 1
        wrong = [choice for choice in one["choices"] if not choice["right"]]
        assert all(choice["code"] in kinds() and choice["mistake"] in choice["feedback"] for choice in wrong)
        right = next(choice["text"] for choice in one["choices"] if choice["right"])
        value = json.loads(ran(capsys, "ask", "net.yaml", one["ask"], "--format", "json"))["value"]
        assert json.loads(right) == value


def test_wrong_choices_are_diagnosed_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    """What the quiz calls a mistake, `check` names among those that it finds."""
    quiz = json.loads(ran(capsys, "quiz", "net.yaml", "--to", "json", "--count", "6"))
    named = tried = 0
    for one in quiz["questions"]:
        for choice in one["choices"]:
            if choice["right"]:
                continue
            Path("try.yaml").write_text(f"{PLAIN}expect:\n  {one['ask']}: {choice['text']}\n")
            result = json.loads(ran(capsys, "check", "try.yaml", "--format", "json", status=1))["results"][0]
            tried += 1
            named += choice["mistake"] in (result.get("mistakes") or [])
    assert tried == 18 and named >= 16  # the rest fit by chance, too, and are not shown there


def test_moodle_xml(capsys: pytest.CaptureFixture[str]) -> None:
    """The elements that Moodle's documentation of its XML format lists for multiple choice."""
    file = ran(capsys, "quiz", "net.yaml", "--to", "moodle", "--count", "8")
    root = ElementTree.fromstring(file)
    assert root.tag == "quiz"
    as_moodle_reads = ElementTree.fromstring(" ".join(file.splitlines(keepends=True)))  # it joins lines with a space
    assert [node.text for node in as_moodle_reads.iter("text")] == [node.text for node in root.iter("text")]
    category, *questions = list(root)
    assert category.attrib == {"type": "category"} and category.findtext("category/text") == "$course$/top/exercise"
    assert len(questions) == 8
    for question in questions:
        assert question.attrib == {"type": "multichoice"}
        assert question.findtext("name/text") and question.find("questiontext").attrib == {"format": "html"}  # type: ignore[union-attr]
        for tag, text in (("single", "true"), ("shuffleanswers", "true"), ("answernumbering", "abc")):
            assert question.findtext(tag) == text
        assert float(question.findtext("defaultgrade") or 0) == 1
        answers = question.findall("answer")
        assert sorted(float(answer.attrib["fraction"]) for answer in answers) == [0, 0, 0, 100]
        assert all(answer.findtext("text") and answer.findtext("feedback/text") for answer in answers)
        html = (question.findtext("questiontext/text") or "").replace("&", "&amp;")
        ElementTree.fromstring(f"<div>{html}</div>".replace("&amp;amp;", "&amp;"))


def test_gift_escapes_its_signs(capsys: pytest.CaptureFixture[str]) -> None:
    text = ran(capsys, "quiz", "net.yaml", "--to", "gift", "--count", "3")
    for block in text.strip().split("\n\n"):
        body = re.sub(r"\\[~=#{}:\\]", "", block)
        assert body.count("::") == 2 and body.count("{") == body.count("}") == 1
        assert len(re.findall(r"^  [=~]", block, re.MULTILINE)) == 4 and body.count("#") == 4


def test_long_networks_are_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(ran(capsys, "quiz", "resnet50", "--to", "json", "--count", "12"))
    about = {one["ask"]: one.get("about") for one in found["questions"]}
    assert about["conv1.params"] == ["input: [3, 224, 224]", found["network"][1]]
    assert about["total.params"] is None and about["layer2.shape"][0].startswith("layer1.")
    assert sum(len(one or found["network"]) for one in about.values()) < 5 * len(found["network"])
    text = ran(capsys, "quiz", "resnet50", "--to", "gift", "--count", "12")
    assert (
        text.count("conv1\\: Conv2d(out_channels\\=64, kernel_size\\=7") == 5
    )  # three questions about it, and the sums


HOSTILE = "</text>]]><script>alert(1)</script>&amp; %x$ \\input{x} \"'<!-- //"


@pytest.mark.parametrize("to", ["moodle", "gift", "markdown", "html", "json"])
def test_hostile_words_stay_words(capsys: pytest.CaptureFixture[str], tmp_path: Path, to: str) -> None:
    text = json.dumps(HOSTILE)
    Path("hostile.yaml").write_text(
        f"name: {text}\ninput: [3, 8, 8]\nlayers:\n  - c: Conv2d(3, 4, 3)\n"
        f"expect:\n  c.params: {{value: 112, text: {text}}}\n"
    )
    out = ran(capsys, "quiz", "hostile.yaml", "--to", to, "--count", "2")
    if to == "moodle":
        root = ElementTree.fromstring(out)
        shown = root.findtext("question[@type='multichoice']/questiontext/text") or ""
        assert "<script" not in shown and "&lt;script" in shown
    if to in ("html", "markdown"):
        assert "<script>alert" not in out
    if to == "gift":
        assert len(re.findall(r"^  [=~]", out, re.MULTILINE)) == 8 and not re.search(r"^//", out, re.MULTILINE)


@pytest.mark.parametrize("to", ["markdown", "html", "text"])
def test_quiz_as_a_page(capsys: pytest.CaptureFixture[str], to: str) -> None:
    text = ran(capsys, "quiz", "net.yaml", "--to", to, "--count", "3")
    assert text.count("a) ") >= 3 and "answers" in text and "bias forgotten" in text


def test_same_seed_same_quiz(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("quiz", "net.yaml", "--to", "json", "--count", "5", "--seed")
    assert ran(capsys, *words, "1") == ran(capsys, *words, "1") != ran(capsys, *words, "2")


def test_questions_on_the_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "216\n\n[16, 13, 13]\nabc\n"  # a bias forgotten, passed over, right, unreadable
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    shown = ran(capsys, "quiz", "key.yaml", status=1)
    assert "wrong: bias forgotten: 3·3·3·8 = 216" in shown and "skipped" in shown
    assert "params = K_h·K_w·C_in·C_out + C_out = 3·3·3·8 + 8 = 224" in shown
    assert 'unreadable: cannot be read: "abc" is no number' in shown
    assert shown.rstrip().endswith("1 of 3 right")


def test_quiz_needs_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    Path("free.yaml").write_text("symbols: [H]\ninput: [3, H, H]\nlayers:\n  - c: Conv2d(3, 4, 3)\n")
    assert main(["quiz", "free.yaml", "--to", "json"]) == 2
    assert "symbolic dimensions" in capsys.readouterr().err


def test_variants_are_graded_with_their_own_numbers(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    key = "input: [1, 9]\nlet: {c: {from: [2, 4]}}\nlayers:\n  - conv: Conv1d(1, c, 3)\nexpect:\n  conv.params: 0\n"
    (folder / "own.yaml").write_text(key, encoding="utf-8")
    sheets = ran(capsys, "worksheet", "own.yaml", "--format", "yaml", "--variants", "2").split("---\n")
    assert sorted(re.findall(r"let: \{c: (\d)\}", "".join(sheets))) == ["2", "4"]
    for number, sheet in enumerate(sheets):  # 3 weights and a bias for each of c filters
        params = 4 * int(sheet.partition("let: {c: ")[2][0])
        Path(f"s{number}.yaml").write_text(sheet.replace("conv.params:", f"conv.params: {params}"), encoding="utf-8")
    told = json.loads(ran(capsys, "check", "own.yaml", "s0.yaml", "s1.yaml", "--json"))
    assert [one["passed"] for one in told["files"]] == [1, 1]
    Path("s2.yaml").write_text("let: {c: 1}\nconv.params: 4\n", encoding="utf-8")
    assert main(["check", "own.yaml", "s2.yaml"]) == 2
    assert "the key draws no c = 1" in capsys.readouterr().err


def test_variants_in_csv_are_held_against_their_own_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    text = ran(capsys, "worksheet", "key.yaml", "--variants", "3", "--seed", "2", "--format", "csv", "--key")
    rows = list(csv.DictReader(text.splitlines()))
    assert len({row["numbers"] for row in rows}) == 3 and all("k = " in row["numbers"] for row in rows)
    Path("filled.csv").write_text(text)
    capsys.readouterr()
    assert main(["check", "key.yaml", "filled.csv", "--json"]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert [one["failed"] for one in files] == [0, 0, 0]


def test_choices_are_none_that_nobody_would_take(capsys: pytest.CaptureFixture[str]) -> None:
    for net in ("unet", "mobilenet_v2"):
        for question in json.loads(ran(capsys, "quiz", net, "--to", "json", "--count", "4"))["questions"]:
            values = [json.loads(choice["text"]) for choice in question["choices"]]
            (right,) = [json.loads(choice["text"]) for choice in question["choices"] if choice["right"]]
            for value in values:
                assert math.prod(value) < 30 * math.prod(right)
                assert len(value) < 3 or len(set(value)) > 1


def test_copies_stand_once_and_states_have_words(capsys: pytest.CaptureFixture[str]) -> None:
    sheet = ran(capsys, "worksheet", "bert_base")
    assert sheet.count("MultiheadAttention(768, 12)") == 1 and "encoder.*.residual_1.self_attn × 12" in sheet
    assert "What is the shape of the last hidden state of lstm (h_n)?" in ran(capsys, "worksheet", "lstm_classifier")


def test_formulas_are_worked_out_for_what_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for each layer that a quiz asks about, however many questions might have been asked; not for huge layers."""
    explained: list[str] = []
    first = explain.explain

    def counted(row: Row, full: bool = False) -> explain.Explanation:
        explained.append(row.name)
        return first(row, full)

    monkeypatch.setattr(explain, "explain", counted)
    assert main(["worksheet", "vgg16"]) == 0
    assert explained == []
    assert main(["quiz", "vgg16", "--count", "3", "--to", "json"]) == 0
    assert len(explained) == len(set(explained)) <= 3
    monkeypatch.setattr(hints, "MOST_SIZES", 20)
    explained.clear()
    assert main(["quiz", "vgg16", "--count", "3", "--to", "json"]) == 0
    assert len(explained) < 3
    capsys.readouterr()
