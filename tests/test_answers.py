"""Sheets of answers: what each got right, one broken sheet among many, CSV, folders, statuses."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from cnncalc.cli.app import main

KEY = """\
input: [3, 64, 64]
layers:
  - conv1: Conv2d(3, 16, 3, padding=1)
  - pool1: MaxPool2d(2)
  - Flatten
  - fc: Linear(out_features=10)
expect:
  conv1.shape: [16, 64, 64]
  conv1.params: 448
  fc.params: 163850
  Conv2d.params / total.params: 0.27%
"""
RIGHT = """\
conv1.shape: [16, 64, 64]
conv1.params: 448
fc.params: 163,850
Conv2d.params / total.params: 0.27%
"""


class Done:
    """What a call did."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def check(capsys: Any, tmp_path: Path, monkeypatch: Any) -> Any:
    """Run `cnncalc check key.yaml ...` in a folder with the given files."""
    monkeypatch.chdir(tmp_path)

    def run(files: dict[str, str], *argv: str) -> Done:
        for name, text in {"key.yaml": KEY, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        capsys.readouterr()
        status = main(["check", "key.yaml", *argv])
        return Done(status, *capsys.readouterr())

    return run


def sheets(done: Done) -> dict[str, dict[str, Any]]:
    return {sheet.get("name", sheet["file"]): sheet for sheet in json.loads(done.out)["files"]}


def counts(sheet: dict[str, Any]) -> tuple[int, int, int]:
    return sheet["passed"], sheet["failed"], sheet.get("unanswered", 0)


# --- ways to name the sheets, statuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "argv",
    [
        ("s/ann.yaml", "s/ben.yaml"),
        ("--answers", "s/ann.yaml", "s/ben.yaml"),
        ("--answers", "s/ann.yaml", "--answers", "s/ben.yaml"),
        ("-a", "s"),
        ("s",),
        ("s/",),
        ("s/*.yaml",),
        ("--answers", "s/*.y*ml"),
        ("s", "s/ann.yaml", "key.yaml"),
    ],
)
def test_every_way_to_name_the_sheets(check: Any, argv: tuple[str, ...]) -> None:
    done = check({"s/ann.yaml": RIGHT, "s/ben.yaml": RIGHT.replace("448", "432")}, *argv, "--json")
    assert done.status == 1
    found = sheets(done)
    assert [Path(name).name for name in found] == ["ann.yaml", "ben.yaml"]
    assert [counts(sheet) for sheet in found.values()] == [(4, 0, 0), (3, 1, 0)]


def test_all_right(check: Any) -> None:
    done = check({"ann.yaml": RIGHT, "ben.yaml": RIGHT}, "ann.yaml", "ben.yaml")
    assert (done.status, done.err) == (0, "")
    assert (
        done.out
        == """\
key

submission  right  wrong  unreadable  not answered  remark
----------  -----  -----  ----------  ------------  -------------
ann.yaml        4      0           0             0
ben.yaml        4      0           0             0
----------  -----  -----  ----------  ------------  -------------
total           8      0           0             0  2 submissions
"""
    )


def test_a_pattern_that_matches_nothing(check: Any) -> None:
    done = check({}, "--answers", "answers/*.yaml")
    assert (done.status, done.out) == (2, "")
    assert (
        done.err
        == """\
error[file-not-found]: "answers/*.yaml" matches no file
help: name the files of answers, or their folder
"""
    )


def test_an_empty_folder(check: Any) -> None:
    done = check({"s/notes.rst": "nothing"}, "s")
    assert (done.status, done.out) == (2, "")
    assert (
        done.err
        == """\
error[file-not-found]: the folder "s" has no file of answers
help: files of answers end in .yaml, .yml, .json, .csv, .tsv, .txt, .md
"""
    )


def test_a_broken_key(check: Any) -> None:
    done = check({"key.yaml": KEY.replace("Conv2d(3,", "Conv2d(4,"), "ann.yaml": RIGHT}, "ann.yaml")
    assert (done.status, done.out) == (2, "")
    assert "input-contradicts" in done.err


# --- what a sheet may look like ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        RIGHT,
        "expect:\n" + "".join(f"  {line}\n" for line in RIGHT.splitlines()),
        "name: Ann Other\nid: 0012345\n" + RIGHT,
        "answers: {conv1: {shape: 16x64x64, params: 3*3*3*16 + 16}, fc: 163850}\nname: Ann",
        "- conv1.params = 448\n- conv1.shape: (16, 64, 64)\n",
        "Conv2d.params/total.params: 0.27%\nfc: 163850\nconv1: [16, 64, 64]\n",
        '{"conv1.params": 448, "fc.params": 163850}',
    ],
)
def test_forms_of_a_sheet(check: Any, text: str) -> None:
    done = check({"ann.yaml": text}, "ann.yaml", "--json")
    assert done.err == ""
    (sheet,) = sheets(done).values()
    assert sheet["failed"] == 0 and sheet["passed"] >= 2
    assert [result["ask"] for result in sheet["results"]] == [
        "conv1.shape",
        "conv1.params",
        "fc.params",
        "Conv2d.params / total.params",
    ]


def test_another_order_is_right_with_a_remark_and_blanks_are_not_answered(check: Any) -> None:
    done = check({"ann.yaml": 'fc.params:\nconv1.params: ""\nconv1.shape: 64x64x16\npool1.params: 0\n'}, "ann.yaml")
    assert (done.status, done.err) == (0, "")
    line = done.out.splitlines()[4]
    assert line.split()[:5] == ["ann.yaml", "1", "0", "0", "3"]
    assert line.endswith("conv1.shape: order H, W, C; here shapes are C, H, W; pool1.params is not asked")


@pytest.mark.parametrize(
    ("ask", "answer", "remark"),
    [
        ("params", "448 bytes", "a number of parameters, not of bytes"),
        ("params", "0.448 KMACs", "a number of parameters, not of MACs"),
        ("dense", "$201342976$ FLOPs", "a number of parameters, not of FLOPs"),
        ("macs", "442368 weights", "a number of MACs, not of parameters"),
        ("macs", "442368 operations", ""),
        ("params", "448 (1.75 KB)", ""),
        ("params", "432 weights and 16 biases = 448", ""),
        ("params * 4", "1792 bytes", ""),
    ],
)
def test_the_word_of_another_quantity_is_said(check: Any, ask: str, answer: str, remark: str) -> None:
    net = "input: [3, 64, 64]\nlayers: [conv: 'Conv2d(3, 16, 3, stride=2, padding=1)']"
    files = {"key.yaml": f"{net}\nexpect: {{conv.{ask}: }}\n", "ann.yaml": f"conv.{ask}: {answer}\n"}
    (sheet,) = sheets(check(files, "ann.yaml", "-f", "json")).values()
    (row,) = sheet["results"]
    assert (row["ok"], row.get("remark", "")) == (True, remark)


def test_what_was_answered_wrong_and_why(check: Any) -> None:
    done = check(
        {"ann.yaml": RIGHT.replace("448", "432"), "ben.yaml": RIGHT.replace("448", "432").replace("16, 64", "16, 62")},
        "ann.yaml",
        "ben.yaml",
        "--verbose",
    )
    assert (done.status, done.err) == (1, "")
    assert (
        done.out
        == """\
key

submission  right  wrong  unreadable  not answered  remark
----------  -----  -----  ----------  ------------  -------------
ann.yaml        3      1           0             0
ben.yaml        2      2           0             0
----------  -----  -----  ----------  ------------  -------------
total           5      3           0             0  2 submissions

wrong answers

submission  question      answer        right         likely mistake
----------  ------------  ------------  ------------  ----------------------------------------------------
ann.yaml    conv1.params  432           448           bias forgotten: 3·3·3·16 = 432
ben.yaml    conv1.shape   [16, 62, 64]  [16, 64, 64]  padding ignored in the height: ⌊(64 − 3)/1⌋ + 1 = 62
ben.yaml    conv1.params  432           448           bias forgotten: 3·3·3·16 = 432

by question

question                      right  wrong  unreadable  not answered  most frequent mistake
----------------------------  -----  -----  ----------  ------------  ---------------------------------
conv1.shape                       1      1           0             0  padding ignored in the height (1)
conv1.params                      0      2           0             0  bias forgotten (2)
fc.params                         2      0           0             0
Conv2d.params / total.params      2      0           0             0
"""
    )


@pytest.mark.parametrize("format", ["plain", "markdown", "csv", "json"])
def test_a_quiet_key(check: Any, format: str) -> None:
    files = {"ann.yaml": "conv1.params: 432\nconv1.shape: [16, 62, 62]\nfc.params: 163840\n"}
    done = check(files, "ann.yaml", "--verbose", "--quiet-key", "--format", format)
    assert done.status == 1
    assert not any(right in done.out + done.err for right in ("448", "163850", "163,850", "16, 64, 64", "3·3"))
    assert format == "csv" or "bias forgotten" in done.out


# --- one broken sheet stops no other -------------------------------------------------------------------------------

BROKEN = {
    "a-list.yaml": "[1, 2",
    "a-number.yaml": "42\n",
    "bytes.yaml": "\x00\x01\x02",
    "columns.csv": "who,what\nann,448\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_sheet_is_a_row(check: Any, name: str) -> None:
    done = check({"a.yaml": RIGHT, name: BROKEN[name], "z.yaml": RIGHT}, "a.yaml", name, "z.yaml", "--json")
    assert done.status == 2
    found = sheets(done)
    assert len(found) == 3
    assert counts(found["a.yaml"]) == counts(found["z.yaml"]) == (4, 0, 0)
    assert found[name]["problems"] and name in done.err
    totals = json.loads(done.out)["totals"]
    assert totals == {"sheets": 3, "broken": 1, "passed": 8, "failed": 0, "unanswered": 0, "unreadable": 0}


def test_a_sheet_that_is_not_there(check: Any) -> None:
    done = check({"ann.yaml": RIGHT}, "ann.yaml", "bne.yaml")
    assert done.status == 2
    assert (
        done.out.splitlines()[5]
        == 'bne.yaml                                            cannot be checked: there is no file "bne.yaml"'
    )


def test_unreadable_and_binary_sheets(check: Any, tmp_path: Path) -> None:
    check({"s/ann.yaml": RIGHT}, "s")
    (tmp_path / "s" / "latin.yaml").write_bytes("conv1.params: 448 # gr\xfcn\n".encode("latin-1"))
    (tmp_path / "s" / "folder.yaml").mkdir()
    (tmp_path / "s" / "folder.yaml" / "cem.json").write_text('{"conv1.params": 448}', encoding="utf-8")
    (tmp_path / "s" / "wide.yaml").write_bytes("conv1.params: 448".encode("utf-16"))
    done = check({}, "s", "--json")
    assert done.status == 0
    found = sheets(done)
    assert counts(found["s/ann.yaml"]) == (4, 0, 0)
    assert counts(found["s/latin.yaml"]) == counts(found["s/wide.yaml"]) == (1, 0, 3)
    assert counts(found["s/folder.yaml/cem.json"]) == (1, 0, 3)


def test_a_thousand_sheets_with_one_broken(check: Any) -> None:
    files = {f"s/{number:04}.yaml": RIGHT.replace("448", "432" if number % 3 else "448") for number in range(1000)}
    files["s/0500.yaml"] = "[448"
    done = check(files, "s", "--json")
    assert done.status == 2
    document = json.loads(done.out)
    right = sum(1 for number in range(1000) if number % 3 == 0)
    assert document["totals"] == {
        "sheets": 1000,
        "broken": 1,
        "passed": 3 * 999 + right,
        "failed": 999 - right,
        "unanswered": 0,
        "unreadable": 0,
    }
    assert done.err.count("error[") == 1 and "s/0500.yaml" in done.err
    asked = {question["ask"]: question for question in document["questions"]}
    assert asked["conv1.params"]["mistakes"] == {"bias forgotten": 999 - right}


def test_the_key_is_executed_once(check: Any, monkeypatch: Any) -> None:
    from cnncalc.execute import run

    calls = []
    right = run.execute
    monkeypatch.setattr(run, "execute", lambda *args, **more: calls.append(1) or right(*args, **more))
    key = "input: [1, 2]\nlayers:\n  - fc: Linear(2, 1)\nvalues: {input: [[1, 2]], fc.weight: [[3, 4]], fc.bias: [5]}\n"
    files = {"key.yaml": key + "expect: {fc.output: }\n"}
    files |= {f"s/{number}.yaml": "fc.output: [[16]]\n" for number in range(20)}
    done = check(files, "s")
    assert (done.status, len(calls)) == (0, 1)


# --- CSV -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        'name,question,answer\nann,conv1.shape,"[16, 64, 64]"\nann,conv1.params,448\nben,conv1.params,432\n',
        "Student;Question;Answer\nann;conv1.shape;[16, 64, 64]\nann;conv1.params;448\nben;conv1.params;432\n",
        "ask\tvalue\tname\nconv1.shape\t16x64x64\tann\nconv1.params\t3*3*3*16+16\tann\nconv1\t432\tben\n",
        'name,conv1.shape,conv1.params\nann,"(16, 64, 64)",448\nben,,432\n',
        "\ufeffname,conv1.shape,conv1.params,\r\nann,16x64x64,448\r\n\r\nben,,432,\r\n",
    ],
)
def test_csv(check: Any, text: str) -> None:
    done = check({"all.csv": text}, "--answers", "all.csv", "--json")
    assert (done.status, done.err) == (1, "")
    found = sheets(done)
    assert {name: counts(sheet) for name, sheet in found.items()} == {"ann": (2, 0, 2), "ben": (0, 1, 3)}
    assert found["ben"]["results"][1]["mistakes"][0] == "bias forgotten"


def test_a_list_in_csv_in_another_order_is_wrong_but_a_text_is_right(check: Any) -> None:
    done = check({"all.csv": 'name,conv1.shape\nann,"[64, 64, 16]"\nben,64x64x16\n'}, "all.csv", "--json")
    ann, ben = sheets(done).values()
    assert (ann["failed"], ann["results"][0]["diagnosis"]) == (1, "channels last")
    assert (ben["passed"], ben["results"][0]["remark"]) == (1, "order H, W, C; here shapes are C, H, W")


def test_a_broken_line_of_csv(check: Any) -> None:
    text = "name,question,answer\nann,conv1.params,448\nben,conv1.params,448,9\nben\ncem,conv9.params,3\n"
    done = check({"all.csv": text}, "all.csv", "--json")
    assert done.status == 0
    ann, ben, cem = sheets(done).values()
    assert counts(ann) == (1, 0, 3)
    assert ben["notes"] == ["line 3 has 4 columns, the first line names 3", "line 4 has 1 of 3 columns"]
    assert cem["notes"] == ["conv9.params is not asked; did you mean conv1.params?"]


def test_formats(check: Any) -> None:
    files = {"ann.yaml": RIGHT.replace("448", "432"), "ben.yaml": "[1"}
    done = check(files, "ann.yaml", "ben.yaml", "--csv")
    rows = list(csv.reader(io.StringIO(done.out)))
    asked = ["conv1.shape", "conv1.params", "fc.params", "Conv2d.params / total.params"]
    counts = ["right", "wrong", "unreadable", "not answered", "points", "of", "remark"]
    assert rows[0] == ["sheet", "name", *asked, *counts]
    assert rows[1][:10] == ["ann.yaml", "", "right", "wrong", "right", "right", "3", "1", "0", "0"]
    assert rows[2][:12] == ["ben.yaml", *[""] * 11] and rows[2][12].startswith("cannot be checked: ")
    done = check(files, "ann.yaml", "ben.yaml", "--markdown")
    assert "| ann.yaml   |" in done.out and "| **total**" in done.out
