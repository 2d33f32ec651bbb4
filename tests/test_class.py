"""A class of sheets: points, tables, formats that graders read, feedback; a hidden key stays hidden in all of them."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cnncalc.cli.app import main

KEY = """
input: [3, 32, 32]
layers:
  - conv: Conv2d(3, 16, 3, padding=1)
  - flat: Flatten
  - fc: Linear(16384, 10)
expect:
  conv.params: {value: 0, points: 2, partial: {bias-forgotten: 1.5}}
  conv.shape: {value: 0, points: 3, text: What shape leaves the convolution?}
  fc.params: {value: 0, points: 2, carried: half}
  conv.macs: {value: 0, points: 1}
  total.params: {value: 0, points: 4, carried: %s}
"""
RIGHT = {"conv.params": 448, "conv.shape": [16, 32, 32], "fc.params": 163850, "conv.macs": 442368}
SHEETS = {
    "ann": {**RIGHT, "total.params": 164298},
    "ben": {**RIGHT, "conv.params": 432, "total.params": 164282},  # biases forgotten, and right from that
    "cem": {"conv.params": "many", "conv.shape": [16, 30, 30], "fc.params": 144010, "conv.macs": 12345},
}
# What would tell the key: right values that none of these sheets has, and arithmetic that leads to them.
SECRET = ("448", "163850", "163,850", "442368", "442,368", "164298", "164,298", "16, 32, 32")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("key.yaml").write_text(KEY % "none")
    Path("sheets").mkdir()
    for name, answers in SHEETS.items():
        text = "".join(f"  {ask}: {json.dumps(value)}\n" for ask, value in answers.items())
        Path(f"sheets/{name}.yaml").write_text(f"name: {name}\nexpect:\n{text}")
    return tmp_path


def ran(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["check", "key.yaml", "sheets", *words]) == 1
    return capsys.readouterr().out


def test_points_by_hand(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """ann all 12; ben 1.5 of 2 for the bias, nothing carried of 4; cem half of fc from a wrong shape."""
    files = json.loads(ran(capsys, "--format", "json"))["files"]
    assert [(one["earned"], one["points"]) for one in files] == [(12, 12), (7.5, 12), (1, 12)]
    earned = {one["name"]: [row["earned"] for row in one["results"]] for one in files}
    assert earned == {"ann": [2, 3, 2, 1, 4], "ben": [1.5, 3, 2, 1, 0], "cem": [0, 0, 1, 0, 0]}
    assert files[1]["results"][0]["codes"] == ["bias-forgotten"]
    assert files[1]["results"][4]["codes"] == files[2]["results"][2]["codes"] == ["carried"]


@pytest.mark.parametrize(("carried", "points"), [("full", 4), ("half", 2), ("none", 0)])
def test_what_is_carried(folder: Path, capsys: pytest.CaptureFixture[str], carried: str, points: float) -> None:
    Path("key.yaml").write_text(KEY % carried)
    assert json.loads(ran(capsys, "--format", "json"))["files"][1]["results"][4]["earned"] == points


def test_points_in_the_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = ran(capsys, "--points")
    assert "12/12" in shown and "7.5/12" in shown and "1/12" in shown and "mean 6.83" in shown
    assert "/12" not in ran(capsys)


def test_unknown_mistake_in_a_key(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("key.yaml").write_text((KEY % "full").replace("bias-forgotten", "bias-forgoten"))
    assert main(["check", "key.yaml", "sheets"]) == 2
    shown = capsys.readouterr().err
    assert 'no mistake has the code "bias-forgoten"' in shown and "did you mean bias-forgotten?" in shown


def test_csv_has_a_column_a_question(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(ran(capsys, "--format", "csv"))))
    assert [row["name"] for row in rows] == ["ann", "ben", "cem"]
    assert [rows[2][ask] for ask in (*RIGHT, "total.params")] == ["unreadable", "wrong", "wrong", "wrong", "unanswered"]
    assert [row["points"] for row in rows] == ["12", "7.5", "1"]
    rows = list(csv.DictReader(io.StringIO(ran(capsys, "--format", "csv", "--points"))))
    assert [rows[1][ask] for ask in (*RIGHT, "total.params")] == ["1.5", "3", "2", "1", "0"]


def test_by_question_and_by_mistake(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = ran(capsys, "--verbose")
    assert re.search(r"^conv.params +1 +1 +1 +0  bias forgotten \(1\)$", shown, re.MULTILINE)
    assert "padding ignored" in shown
    page = ran(capsys, "--format", "html")
    assert "by mistake" in page and '<td>bias forgotten</td><td class="right">1</td><td>conv.params</td>' in page


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sortable = 0
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)
        self.sortable += ("class", "sortable") in attrs
        self.links += [str(value) for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_is_one_page_that_sorts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = ran(capsys, "--format", "html", "--points")
    seen = _Seen()
    seen.feed(shown)
    assert seen.open == [] and seen.links == [] and "http" not in shown
    assert seen.sortable >= 3 and "addEventListener" in shown


def test_gradescope(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The keys and kinds of Gradescope's autograder specification."""
    found = json.loads(ran(capsys, "--format", "gradescope"))
    assert set(found) <= {"score", "execution_time", "output", "output_format", "visibility", "tests", "extra_data"}
    assert found["score"] == 20.5 and len(found["tests"]) == 15
    for test in found["tests"]:
        assert set(test) <= {"score", "max_score", "status", "name", "number", "output", "tags", "visibility"}
        assert test["status"] in ("passed", "failed") and 0 <= test["score"] <= test["max_score"]
        assert isinstance(test["number"], str) and all(isinstance(tag, str) for tag in test.get("tags", []))
    assert found["tests"][1]["name"].endswith("What shape leaves the convolution?")
    assert main(["check", "key.yaml", "sheets/ben.yaml", "--format", "gradescope"]) == 1
    alone = json.loads(capsys.readouterr().out)
    assert alone["score"] == 7.5 and alone["tests"][0]["name"] == "conv.params"
    assert alone["tests"][0]["output"] == "your answer: 432\nwrong: bias forgotten: 3·3·3·16 = 432"


def test_junit(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = ElementTree.fromstring(ran(capsys, "--format", "junit"))
    assert root.tag == "testsuites" and [suite.tag for suite in root] == ["testsuite"] * 3
    counts = {"tests": 15, "failures": 5, "errors": 1, "skipped": 1}
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert len(root.findall(f".//{tag}")) == counts[name]
        assert sum(int(suite.attrib[name]) for suite in root) == counts[name]
    first = root[1].find("testcase/failure")
    assert first is not None
    assert first.attrib == {"type": "bias-forgotten", "message": "bias forgotten: 3·3·3·16 = 432"}


# What both published schemas allow, Jenkins' (junit-10.xsd of its xunit plugin) and Ant's (JUnit.xsd by Windy Road):
# the attributes that one of them needs, those that may stand besides, and the children in their order. lxml, given the
# schemas themselves, accepts such a document with both.
JUNIT = {
    "testsuites": ("", "", "(testsuite )*"),
    "testsuite": ("package id name timestamp hostname tests failures errors time", "skipped",
                  "properties (testcase )*system-out system-err "),
    "properties": ("", "", ""),
    "testcase": ("name classname time", "", "((skipped|error|failure) )?"),
    "failure": ("type", "message", ""),
    "error": ("type", "message", ""),
    "skipped": ("", "message", ""),
    "system-out": ("", "", ""),
    "system-err": ("", "", ""),
}  # fmt: skip
VALUES = {
    "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    "id": r"\d+",
    "time": r"\d+",
    "tests": r"\d+",
    "failures": r"\d+",
    "errors": r"\d+",
}


def test_junit_has_what_both_schemas_allow(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = ElementTree.fromstring(ran(capsys, "--format", "junit"))
    assert [suite.get("id") for suite in root] == ["0", "1", "2"]
    for node in root.iter():
        needed, more, inside = JUNIT[node.tag]
        assert set(needed.split()) <= set(node.attrib) <= {*needed.split(), *more.split()}
        assert all(re.fullmatch(VALUES.get(name, ".+"), value) for name, value in node.attrib.items())
        assert re.fullmatch(inside, "".join(f"{child.tag} " for child in node))


# What Gradescope's documentation of results.json lists.
RESULTS = {"score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility"}
RESULTS |= {"stdout_visibility", "extra_data", "tests", "leaderboard"}
TEST = {
    "score",
    "max_score",
    "status",
    "name",
    "name_format",
    "number",
    "output",
    "output_format",
    "tags",
    "visibility",
}


def test_gradescope_has_what_its_documentation_lists(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "key.yaml", "sheets/cem.yaml", "--format", "gradescope"])
    document = json.loads(capsys.readouterr().out)
    assert set(document) <= RESULTS and document["score"] == sum(one["score"] for one in document["tests"])
    for one in document["tests"]:
        assert set(one) <= TEST and one["status"] in ("passed", "failed")
        assert 0 <= one["score"] <= one["max_score"] and one["output_format" if "output_format" in one else "name"]


def test_formats_of_graders_need_sheets(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "key.yaml", "--format", "junit"]) == 2
    assert "junit is a format of graded submissions" in capsys.readouterr().err


LADDER = [
    (),
    ("look at conv: the parameters",),
    ("look at conv: the parameters", "bias forgotten"),
    ("look at conv: the parameters", "bias forgotten", "params = K_h·K_w·C_in·C_out + C_out"),
    (
        "look at conv: the parameters",
        "bias forgotten: 3·3·3·16 = 432",
        "params = K_h·K_w·C_in·C_out + C_out = 3·3·3·16 + 16 = 448",
    ),
]


@pytest.mark.parametrize("level", range(5))
@pytest.mark.parametrize(("format", "end"), [("table", "txt"), ("markdown", "md"), ("html", "html")])
def test_feedback_climbs_a_ladder(
    folder: Path, capsys: pytest.CaptureFixture[str], level: int, format: str, end: str
) -> None:
    ran(capsys, "--feedback", "back", "--hints", str(level), "--format", format)
    assert sorted(path.name for path in Path("back").iterdir()) == [f"ann.{end}", f"ben.{end}", f"cem.{end}"]
    written = Path(f"back/ben.{end}").read_text(encoding="utf-8").replace("\\_", "_")
    for line in LADDER[level]:
        assert line in written
    more = {line for lines in LADDER[level + 1 :] for line in lines} - set(LADDER[level])
    assert not any(line in written for line in more if not any(line in said for said in LADDER[level]))
    assert ("448" in written) == (level == 4)
    assert "cannot be read" in Path(f"back/cem.{end}").read_text(encoding="utf-8")


@pytest.mark.parametrize("level", range(5))
@pytest.mark.parametrize("format", ["json", "gradescope"])
def test_feedback_for_programs_says_no_more(
    folder: Path, capsys: pytest.CaptureFixture[str], level: int, format: str
) -> None:
    ran(capsys, "--feedback", "back", "--hints", str(level), "--format", format)
    written = Path("back/ben.json").read_text(encoding="utf-8")
    assert ("bias forgotten" in written, "bias-forgotten" in written) == (level >= 2, level >= 2)
    assert (json.dumps("3·3·3·16 = 432")[1:-1] in written) == (level == 4)
    assert ("448" in written) == (level == 4 and format == "json")


FORMATS = ("table", "plain", "markdown", "latex", "csv", "json", "html", "gradescope", "junit")


@pytest.mark.parametrize("flag", ["--hide-key", "--quiet-key"])
@pytest.mark.parametrize("format", FORMATS)
def test_key_stays_hidden(folder: Path, capsys: pytest.CaptureFixture[str], format: str, flag: str) -> None:
    Path("sheets/ann.yaml").unlink()  # whose right answers stand there as answers
    for name in ("ben", "cem"):
        path = Path(f"sheets/{name}.yaml")
        lines = path.read_text().splitlines()
        path.write_text("\n".join(line for line in lines if not any(secret in line for secret in SECRET)) + "\n")
    main(["check", "key.yaml", "sheets", "--format", format, flag, "--verbose", "--feedback", "back", "--hints", "4"])
    out, err = capsys.readouterr()
    written = [path.read_text(encoding="utf-8") for path in Path("back").iterdir()]
    assert len(written) == 2
    for text in (out, err, *written):
        assert not [secret for secret in SECRET if secret in text]


# Answers that try to have the key's values said, by an error, an evaluation or a diagnosis. None of them is right.
TRICKS = (
    "conv.params", "conv.params + 0", "fc.params", "total.params - fc.params", "{conv.params}", "$conv.params",
    "conv", "conv.shape", "conv.shape[0]", "fc.in_features", "output[447]", "conv[99]", "conv.weight", "sum(conv)",
    "total", "let", "!= 0", ">= 0", "<= 9999999", "~31", "~100000", "0..999999", "[0, 999999]", '["!=0", "~31"]',
    "0e99", "0M", "0T", "0.3M", "1/0", "sqrt(-1)", "log(0)", "9**9**9", "1e400", "nan", "inf", "None", "-1", "0x1C",
    "1,3", "1.3", "2*216", "3*3*3*16", "3*3*3*16 = 432", "431 or 433", "432 params", "432 bytes", "[16, 30, 30]",
    "[32, 32, 15]", "__import__('os')", "K*K*C*F",
)  # fmt: skip


@pytest.fixture
def tricks(folder: Path) -> None:
    """A sheet of each trick, and no other."""
    assert len(TRICKS) == 50
    for path in Path("sheets").iterdir():
        path.unlink()
    for at, trick in enumerate(TRICKS):
        asked = "".join(f"  {ask}: {json.dumps(trick)}\n" for ask in (*RIGHT, "total.params"))
        Path(f"sheets/t{at}.yaml").write_text(f"expect:\n{asked}")


@pytest.mark.usefixtures("tricks")
def test_no_trick_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "key.yaml", "sheets", "--json", "--hide-key"]) == 1
    totals = json.loads(capsys.readouterr().out)["totals"]
    assert (totals["sheets"], totals["passed"]) == (50, 0)


@pytest.mark.usefixtures("tricks")
@pytest.mark.parametrize("format", FORMATS)
def test_no_trick_says_the_key(capsys: pytest.CaptureFixture[str], format: str) -> None:
    words = ["--format", format, "--hide-key", "--verbose", "--feedback", "back", "--hints", "4"]
    main(["check", "key.yaml", "sheets", *words])
    out, err = capsys.readouterr()
    written = [path.read_text(encoding="utf-8") for path in Path("back").iterdir()]
    assert len(written) == 50
    for text in (out, err, *written):
        assert not [secret for secret in SECRET if secret in text]


def test_feedback_writes_over_no_sheet(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("sheets/ann.txt").write_text("name: ann\nexpect:\n  conv.params: 448\n")
    assert main(["check", "key.yaml", "sheets/ann.txt", "--feedback", "sheets"]) == 2
    assert "is an input and is not overwritten" in capsys.readouterr().err


def test_names_of_feedback_stay_in_the_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("group.csv").write_text("name,conv.params\n../../evil,448\n/etc/passwd,448\n../../evil,432\n..,432\n")
    main(["check", "key.yaml", "group.csv", "--feedback", "back"])
    names = sorted(path.name for path in Path("back").iterdir())
    assert names == ["etc-passwd.txt", "evil-2.txt", "evil.txt", "sheet.txt"]
    assert not (folder.parent / "evil.txt").exists()


def test_no_bar_where_nobody_looks(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "key.yaml", "sheets"])
    assert capsys.readouterr().err == ""


def test_hints_without_a_folder_are_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "key.yaml", "sheets/ben.yaml", "--hints", "3"])
    shown = capsys.readouterr()
    assert "look at conv: the parameters" in shown.out and "bias forgotten" in shown.out
    assert "448" not in shown.out and shown.err == ""
    main(["check", "key.yaml", "sheets", "--hints", "1", "--format", "markdown"])
    assert capsys.readouterr().out.count("\n# ") == 2  # and one at the beginning
