"""Answers are data: no sheet grades itself, none reads another file, none shows a hidden key, none takes long."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.cli.app import main
from cnncalc.render.formats import FORMATS

KEY = """\
name: exercise
input: [3, 64, 64]
layers:
  - conv1: Conv2d(3, 16, kernel_size=3, padding=1)
  - pool1: MaxPool2d(2)
  - conv2: Conv2d(16, 32, kernel_size=3)
  - Flatten
  - fc: Linear(out_features=10)
expect:
  conv1.shape:
  conv2.shape:
  conv1.params:
  fc.params:
  Conv2d.params / total.params:
"""


class Done:
    """What a call did."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.out)

    @property
    def sheets(self) -> dict[str, dict[str, Any]]:
        return {Path(sheet["file"]).name: sheet for sheet in self.document["files"]}


@pytest.fixture
def check(capsys: Any, tmp_path: Path, monkeypatch: Any) -> Any:
    """Run `cnncalc check key.yaml ...` in a folder with the given files."""
    monkeypatch.chdir(tmp_path)

    def run(files: dict[str, str], *argv: str, key: str = KEY) -> Done:
        for name, text in {"key.yaml": key, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(text, encoding="utf-8")
        capsys.readouterr()
        status = main(["check", "key.yaml", *argv])
        return Done(status, *capsys.readouterr())

    return run


def one(check: Any, question: str, answer: str, key: str = KEY) -> dict[str, Any]:
    """The result of one answer, written as JSON text so that YAML changes nothing in it."""
    done = check({"s.yaml": f"{json.dumps(question)}: {json.dumps(answer)}\n"}, "s.yaml", "--json", key=key)
    (sheet,) = done.sheets.values()
    return next(result for result in sheet["results"] if result["ask"] == question)


# --- an answer has no names, no bounds, no tolerance -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("conv1.params", "conv1.params"),
        ("conv1.params", "conv1.params + 0"),
        ("conv1.params", "total.params - fc.params - conv2.params"),
        ("conv1.params", "prod(conv1.weight.shape) + 16"),
        ("conv1.params", "[conv1.params][0]"),
        ("conv1.params", "conv1.params if 1 else 0"),
        ("conv1.params", "__import__('os').getpid()"),
        ("fc.params", "fc.params + 0"),
        ("conv1.shape", "conv1.shape"),
        ("conv1.shape", "[conv1.shape[0], 64, 64]"),
        ("conv1.shape", "output.shape"),
        ("conv1.params", "!= 0"),
        ("conv1.params", ">= 0"),
        ("conv1.params", "<= 9999"),
        ("conv1.params", "≥ 0"),
        ("conv1.params", "= <= 9999"),
        ("conv1.params", "448 or 432"),
        ("conv1.params", "448 maybe"),
        ("conv1.params", "448 ± 100"),
        ("conv1.params", "400..500"),
        ("conv1.params", "448 = 432 = 448"),
        ("conv1.params", "9**9**9**9"),
        ("conv1.params", "1/0"),
        ("conv1.params", "sqrt(-1)"),
        ("conv1.shape", '["!=0", "~31", "<=9999"]'),
    ],
)
def test_what_is_no_value_cannot_be_read(check: Any, question: str, answer: str) -> None:
    result = one(check, question, answer)
    assert result["ok"] is None and result["unreadable"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("conv1.params", "~100000"),
        ("conv1.params", "~440"),
        ("conv1.params", "about 450"),
        ("conv1.params", "0e99"),
        ("conv1.params", "0M"),
        ("conv1.params", "0T"),
        ("conv1.params", "0.0"),
        ("fc.params", "0.3M"),
        ("fc.params", "3e5"),
        ("conv1.shape", "[0e99, 0M, 0T]"),
        ("Conv2d.params / total.params", "0%"),
        ("Conv2d.params / total.params", "0.0"),
        ("conv1.params", "true"),
        ("conv1.params", "448, 432"),
        ("conv1.params", "[448, 448]"),
    ],
)
def test_what_is_too_vague_is_wrong(check: Any, question: str, answer: str) -> None:
    assert one(check, question, answer)["ok"] is False


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("conv1.params", "448"),
        ("conv1.params", "447 + 1"),
        ("conv1.params", "(3*3*3 + 1)*16 = 448"),
        ("conv1.params", "params = 448"),
        ("fc.params", "0.288010M"),
        ("fc.params", "288k"),
        ("fc.params", "2.9e5"),
        ("conv1.shape", "16x64x64"),
        ("Conv2d.params / total.params", "1.7%"),
        ("Conv2d.params / total.params", "about 1.7 %"),
        ("Conv2d.params / total.params", "5088/293098"),
    ],
)
def test_what_is_right(check: Any, question: str, answer: str) -> None:
    assert one(check, question, answer)["ok"] is True


def test_how_many_digits_a_question_asks_for(check: Any) -> None:
    def key(terms: str) -> str:
        return KEY.replace("  fc.params:\n", f"  fc.params: {{{terms}}}\n")

    assert one(check, "fc.params", "0.3M", key("digits: 1"))["ok"] is True
    assert one(check, "fc.params", "0.29M", key("digits: 3"))["ok"] is False
    assert one(check, "fc.params", "0.288M", key("digits: 3"))["ok"] is True
    assert one(check, "fc.params", "288000", key("tolerance: 0.1%"))["ok"] is True
    assert one(check, "fc.params", "287000", key("tolerance: 0.1%, points: 2"))["ok"] is False


@pytest.mark.parametrize("terms", ["digits: none", "digit: 3", "tolerance: much", "points: -1", "carried: some"])
def test_terms_that_are_none(check: Any, terms: str) -> None:
    key = KEY.replace("  fc.params:\n", f"  fc.params: {{value: 288010, {terms}}}\n")
    done = check({"s.yaml": "conv1.params: 448\n"}, "s.yaml", key=key)
    assert done.status == 2 and "error[expect-form]" in done.err


FORMULAS = """\
symbols: [H, C, F, K, P, S]
input: [C, H, H]
layers:
  - conv: Conv2d(C, F, K, stride=S, padding=P)
expect:
  conv.params:
  conv.shape[1]:
"""


@pytest.mark.parametrize(
    ("question", "answer", "ok"),
    [
        ("conv.params", "K^2*C*F + F", True),
        ("conv.params", "F(K²C + 1)", True),
        ("conv.params", "KxKxCxF + F", True),
        ("conv.params", "K^2*C*F", False),
        ("conv.params", "F*K*K*C + 1*F + 0*H", True),
        ("conv.shape[1]", "⌊(H + 2·P − K)/S⌋ + 1", True),
        ("conv.shape[1]", r"\left\lfloor \frac{H + 2P - K}{S} \right\rfloor + 1", True),
        ("conv.shape[1]", "floor((h + 2*p - k)/s) + 1", True),
        ("conv.shape[1]", "(H + 2*P - K)/S + 1", False),
        ("conv.shape[1]", "conv.shape[1]", None),
        ("conv.shape[1]", "W", None),
    ],
)
def test_formulas_in_the_symbols_of_the_key(check: Any, question: str, answer: str, ok: bool | None) -> None:
    assert one(check, question, answer, FORMULAS)["ok"] is ok


def test_a_key_without_questions_is_none(check: Any) -> None:
    done = check({"s.yaml": "conv1.params: 1\n'1': 1\n"}, "s.yaml", key=KEY.partition("expect")[0])
    assert (done.status, done.out) == (2, "")
    assert "error[no-questions]" in done.err


def test_what_the_key_does_not_ask_is_said_and_not_computed(check: Any, monkeypatch: Any) -> None:
    from cnncalc.execute import run

    monkeypatch.setattr(run, "execute", lambda *args, **more: pytest.fail("executed"))
    lines = "".join(f'"sum(jacobian(conv1, conv1.weight)) + {number}": 1\n' for number in range(200))
    done = check({"s.yaml": "conv1.params: 448\n" + lines}, "s.yaml", "--json")
    (sheet,) = done.sheets.values()
    assert (done.status, sheet["passed"], len(sheet["not_asked"])) == (0, 1, 200)


# --- leading axes of length 1 ----------------------------------------------------------------------------------------

ONES = "input: [1, 3, 4]\nlayers:\n  - a: ReLU\nexpect:\n  a.shape: {}\n"


@pytest.mark.parametrize("answer", ["[3, 4]", "3x4", "(3, 4)"])
def test_leading_axes_of_length_1_may_be_left_out(check: Any, answer: str) -> None:
    result = one(check, "a.shape", answer, ONES.format(""))
    assert (result["ok"], result["remark"]) == (True, "the leading axis of length 1 is left out")
    done = check({}, "--json", key=ONES.format(json.dumps(answer) if answer[0] != "[" else answer))
    assert (done.status, done.document["results"][0]["ok"]) == (0, True)
    assert done.document["results"][0]["remark"] == "the leading axis of length 1 is left out"


@pytest.mark.parametrize("answer", ["[1, 3]", "[1, 1, 3, 4]", "[4]", "[1, 4, 3]"])
def test_other_axes_may_not(check: Any, answer: str) -> None:
    assert one(check, "a.shape", answer, ONES.format(""))["ok"] is False


def test_an_array_that_begins_with_1_is_no_shape(check: Any) -> None:
    key = "input: [3]\nlayers:\n  - a: Identity\nvalues: {input: [1, 3, 4]}\nexpect:\n  a.output:\n"
    assert one(check, "a.output", "[3, 4]", key)["ok"] is False
    assert one(check, "a.output", "[1, 3, 4]", key)["ok"] is True


# --- which files are sheets ------------------------------------------------------------------------------------------


def test_links_are_skipped_and_said(check: Any, tmp_path: Path) -> None:
    check({"s/ann.yaml": "conv1.params: 448\n", "s/zoe.yaml": "conv1.params: 1\n", "out.yaml": "secret: 1\n"}, "s")
    os.symlink("ann.yaml", tmp_path / "s" / "ben.yaml")
    os.symlink("../out.yaml", tmp_path / "s" / "cem.yaml")
    os.symlink("/etc/hostname", tmp_path / "s" / "dee.csv")
    os.symlink("..", tmp_path / "s" / "up")
    for places in (["s"], ["s/*.*"], sorted(str(path) for path in (tmp_path / "s").iterdir() if path.name != "up")):
        done = check({}, *places, "--json")
        assert done.status == 2
        assert list(done.sheets) == ["ann.yaml", "zoe.yaml"]
        assert {Path(one["file"]).name for one in done.document["skipped"]} - {"up"} == {
            "ben.yaml",
            "cem.yaml",
            "dee.csv",
        }
        assert "ben.yaml" in done.err and "symbolic link" in done.err and "secret" not in done.err


def test_a_folder_that_is_a_link_may_be_named_and_none_below_it(check: Any, tmp_path: Path) -> None:
    check({"s/ann/a.yaml": "conv1.params: 448\n", "t/b.yaml": "conv1.params: 448\n"}, "s")
    os.symlink("s", tmp_path / "current")
    os.symlink("../t", tmp_path / "s" / "ben")
    assert list(check({}, "current", "--json").sheets) == ["a.yaml"]
    done = check({}, "current/ann/a.yaml", "s/ben/b.yaml", "--json")
    assert list(done.sheets) == ["a.yaml"] and done.document["skipped"][0]["file"] == "s/ben/b.yaml"


def test_everything_that_is_skipped_is_said(check: Any) -> None:
    files = {
        "s/ann.yaml": "conv1.params: 448\n",
        "s/notes.tex": "conv1.params: 448\n",
        "s/README.md": "conv1.params: 448\n",
        "s/b/ben.json": '{"conv1.params": 448}',
    }
    done = check(files, "s", "s/ann.yaml", "key.yaml", "--json")
    assert done.status == 0
    assert list(done.sheets) == ["ben.json", "ann.yaml"] or list(done.sheets) == ["ann.yaml", "ben.json"]
    assert {one["file"]: one["reason"] for one in done.document["skipped"]} == {
        "s/notes.tex": "files of answers end in .yaml, .yml, .json, .csv, .tsv, .txt, .md",
        "s/README.md": "a file about the folder",
        "s/ann.yaml": "taken already as s/ann.yaml",
        "key.yaml": "the key itself",
    }
    assert done.err.count("warning[sheet-skipped]") == 4
    assert 'help: name them, "s/*.tex", to have them graded' in done.err
    assert "4 files skipped" in check({}, "s", "s/ann.yaml", "key.yaml").out


def test_texts_are_sheets_and_empty_ones_are_not_answered(check: Any) -> None:
    empty = {"s/a.yaml": "", "s/b.yaml": "# nothing yet\n", "s/c.csv": "", "s/d.md": "\n \n", "s/e.json": "\ufeff"}
    done = check({**empty, "s/f.txt": "conv1.params: 448\n", "s/g.md": "# conv1.params\n\n448\n"}, "s", "--json")
    assert done.status == 0
    for name, sheet in done.sheets.items():
        answered = [one["ok"] for one in sheet["results"] if one["ok"] is not None]
        assert (answered, sheet.get("notes", [])) == (([True], []) if name[0] in "fg" else ([], ["an empty sheet"])), (
            name
        )


def test_a_file_under_two_names_is_said(check: Any, tmp_path: Path) -> None:
    check({"s/ann.yaml": "conv1.params: 448\n"}, "s")
    os.link(tmp_path / "s" / "ann.yaml", tmp_path / "s" / "ben.yaml")
    done = check({}, "s", "--json")
    assert done.sheets["ann.yaml"]["notes"] == ["the same file as s/ben.yaml"]
    assert done.sheets["ben.yaml"]["notes"] == ["the same file as s/ann.yaml"]


def test_a_device_is_no_sheet(check: Any) -> None:
    done = check({"a.yaml": "conv1.params: 448\n"}, "a.yaml", "/dev/zero", "--json")
    assert done.document["skipped"] == [{"file": "/dev/zero", "reason": "no regular file"}]


def test_every_row_shows_its_file_and_names_of_others_are_said(check: Any) -> None:
    files = {
        "s/ann.csv": "name,conv1.params\nben,448\nann,1\n../S/Ben.yaml,448\n",
        "s/ben.yaml": "conv1.params: 432\n",
        "s/cem.yaml": "name: Cem\nconv1.params: 448\n",
    }
    done = check(files, "s", "--json")
    rows = [(row["file"], row.get("name")) for row in done.document["files"]]
    table = [("s/ann.csv", "ben"), ("s/ann.csv", "ann"), ("s/ann.csv", "../S/Ben.yaml")]
    assert rows == [*table, ("s/ben.yaml", None), ("s/cem.yaml", "Cem")]
    assert done.document["files"][0]["notes"] == ['"ben" is also the name of s/ben.yaml']
    assert done.document["files"][2]["notes"] == ['"../S/Ben.yaml" is also the name of s/ben.yaml']
    shown = check({}, "s").out
    assert "\ns/ann.csv (ben) " in shown and "\ns/cem.yaml (Cem) " in shown


def test_two_answers_to_one_question(check: Any) -> None:
    files = {
        "a.csv": "name,question,answer\nann,conv1.params,448\nann,conv1.params,432\nann,fc.params,288010\n",
        "b.yaml": "conv1.params: 448\nfc.params: 288010\nconv1.params: 432\n",
        "c.csv": "name,question,answer\nann,conv1.params,448\nann,conv1.params,448\n",
    }
    done = check(files, "a.csv", "b.yaml", "c.csv", "--json")
    for name in ("a.csv", "b.yaml"):
        sheet = done.sheets[name]
        assert (sheet["passed"], sheet["unreadable"]) == (1, 1)
        assert sheet["results"][2]["unreadable"] == "it is answered twice, differently"
    assert done.sheets["c.csv"]["passed"] == 1


def test_two_rows_of_one_name_are_said(check: Any) -> None:
    done = check({"a.csv": "name,conv1.params\nann,448\nben,1\nann,432\n"}, "a.csv", "--json")
    assert done.document["files"][2]["notes"] == ["line 2 bears the same name"]


def test_the_order_of_sheets_changes_no_result(check: Any) -> None:
    answers = ["448", "432", "463", "160", "12345", "0.3M", "conv1.params", "464", "144", "64"]
    files = {f"{number}.yaml": f"conv1.params: {answer}\nfc.params: 1\n" for number, answer in enumerate(answers)}
    forward = check(files, *files, "--json").sheets
    assert check({}, *reversed(files), "--json").sheets == forward
    for name, sheet in forward.items():
        assert check({}, name, "--json").sheets == {name: sheet}


def test_one_unreadable_line_costs_one_answer(check: Any) -> None:
    text = "conv1.params: 448\nfc.params: 288010: yes\n  conv1.shape: [16, 64, 64\n"
    text += "a line without an answer\nconv2.shape: 32x30x30\n"
    done = check({"s.yaml": text}, "s.yaml", "--json")
    (sheet,) = done.sheets.values()
    assert (done.status, sheet["passed"], sheet["unreadable"], sheet["unanswered"]) == (1, 2, 2, 1)
    assert sheet["notes"] == ["line 4 cannot be read"]


# --- a hidden key ----------------------------------------------------------------------------------------------------

SECRETS = (
    r"(?<![\d.])448(?![\d])|288[.,']?010|(?<!\d)4640(?!\d)|4,640|293[.,]?098|(?<!\d)5088(?!\d)|5,088"
    r"|16, 64, 64|16x64x64|32, 30, 30|32x30x30|1\.73\d|0\.0173|1\.74%|(?<!\d)28,?800(?!\d)"
)
QUESTIONS = ("conv1.shape", "conv2.shape", "conv1.params", "fc.params", "Conv2d.params / total.params")
ADVERSARIAL = [
    *("{q}", "{q} + 0", "[{q}]", "{q}[0]", "conv1.shape[conv1.params]", "sqrt(-{q})", "1/({q} - {q})", "{q} = 1"),
    *("400 + 48", "447+1", "288009 + 1", "29*10*10*10*10", "16 * 28", "2*(8*4*3)+256", "[8+8, 8*8, 64]", "8*2x8*8x64"),
    *("432", "464", "[16, 62, 62]", "[64, 64, 16]", "269130", "288000", "1.7", "98.3%", "57.6", "160", "4480", "44.8"),
    *("0.3M", "449", "447", "4,48,0", "true", "[]", "", "?", "1:30", "~450", ">= 1", "nan", "1e400", "0e99", "-"),
    *("\\frac{{896}}{{2}}", "$ 900-452 $", "896/2 = 1", "[[1, 2], [3]]", "K", "log(0)", "x" * 300),
]
SHEETS = {
    f"s/{number:02}.yaml": "".join(f"{json.dumps(q)}: {json.dumps(text.format(q=q))}\n" for q in QUESTIONS)
    for number, text in enumerate(ADVERSARIAL)
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("option", ["--hide-key", "--quiet-key"])
def test_a_hidden_key_is_in_no_format(check: Any, format: str, option: str) -> None:
    done = check(SHEETS, "s", option, "--verbose", "--format", format)
    assert done.status in (1, 2) and len(done.out) > 1000
    assert re.findall(SECRETS, done.out + done.err) == []


def test_a_key_that_is_not_hidden_is_found(check: Any) -> None:
    """Otherwise that none is found would say nothing."""
    assert len(ADVERSARIAL) == len(SHEETS) == 50
    loud = check(SHEETS, "s", "--verbose", "--format", "json")
    assert len(set(re.findall(SECRETS, loud.out))) > 3


@pytest.mark.usefixtures("one_network")
@pytest.mark.parametrize("format", ["plain", "json", "csv", "html"])
def test_a_hidden_key_of_a_spec_that_believes_in_itself(check: Any, format: str) -> None:
    for text in ADVERSARIAL:
        for question in QUESTIONS:
            key = (
                KEY.partition("expect")[0]
                + f"expect:\n  {json.dumps(question)}: {json.dumps(text.format(q=question))}\n"
            )
            done = check({}, "--hide-key", "--format", format, key=key)
            assert re.findall(SECRETS, done.out + done.err) == [], text


def test_a_question_without_a_value_does_not_tell_the_key(check: Any) -> None:
    key = KEY + "  conv1.shape[conv1.params]: 3\n  sqrt(0 - fc.params): 3\n"
    done = check({"s.yaml": "conv1.params: 1\n"}, "s.yaml", "--hide-key", key=key)
    assert done.status == 2
    assert re.findall(SECRETS, done.out + done.err) == []


# --- time ------------------------------------------------------------------------------------------------------------

HOSTILE = {
    "sum": "conv1.params: " + "1+" * 37_000 + "1",
    "brackets": "conv1.params: " + "(" * 30_000 + "1" + ")" * 30_000,
    "lists": "conv1.shape: " + "[" * 30_000 + "1" + "]" * 30_000,
    "power": "conv1.params: 9**9**9**9\nfc.params: 2^999999999\nconv1.shape: 10^3999",
    "powers": "conv1.params: " + "*".join(["9^300"] * 500),
    "sizes": "conv1.shape: [" + ",".join(["1"] * 40_000) + "]",
    "fractions": "conv1.params: '" + "\\frac{1}{" * 9_000 + "1" + "}" * 9_000 + "'",
    "dollars": "conv1.params: '" + "$" * 90_000 + "'",
    "quotes": "conv1.params: " + "\"'" * 40_000,
    "open": "a: [\n" * 19_000,
    "digits": "conv1.params: " + "9" * 90_000,
    "equations": 'conv1.params: "' + "=".join(["1"] * 40_000) + '"',
    "words": "conv1.params: 448 " + "params " * 12_000,
    "keys": "".join(f"k{number}: 1\n" for number in range(10_000)),
    "jacobians": "".join(
        f'conv1.params{" " * number}: "sum(jacobian(conv1, conv1.weight))"\n' for number in range(200)
    ),
    "aliases": "a0: &a0 [1, 1, 1, 1]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_sheet_takes_no_time(check: Any, name: str) -> None:
    before = time.process_time()
    done = check({"s.yaml": HOSTILE[name] + "\n", "t.yaml": "conv1.params: 448\n"}, "s.yaml", "t.yaml", "--json")
    assert time.process_time() - before < 5
    assert done.sheets["t.yaml"]["passed"] == 1
    assert done.sheets["s.yaml"].get("passed", 0) == 0


def test_thousands_of_one_name_get_a_file_each_at_once() -> None:
    from types import SimpleNamespace

    from cnncalc.cli.sheets import stems

    before = time.process_time()
    names = stems([SimpleNamespace(whose=name, file="") for name in ("x", "X", "x-3", *["x"] * 20_000)])
    assert time.process_time() - before < 5  # a minute where each begins at 2
    assert names[:5] == ["x", "X-2", "x-3", "x-4", "x-5"]
    assert len({name.casefold() for name in names}) == 20_003


def test_thousands_of_wrong_answers_take_bounded_work(check: Any) -> None:
    rows = "".join(f"n{number},{number}\n" for number in range(7_000))
    before = time.process_time()
    done = check({"all.csv": "name,conv1.params\n" + rows}, "all.csv", "--json")
    assert time.process_time() - before < 20
    assert done.document["totals"]["passed"] == 1


def test_mistakes_are_looked_for_in_layers_of_many_weights_within_the_same_work(monkeypatch: Any) -> None:
    from cnncalc.grading.check import check as checked
    from cnncalc.grading.mistakes import weights

    looked = 0
    is_bias = weights.is_bias

    def counted(name: str) -> bool:
        nonlocal looked
        looked += 1
        return is_bias(name)

    monkeypatch.setattr(weights, "is_bias", counted)
    layers = "".join(f"- a{at}: TransformerEncoder(d_model=8, nhead=2, num_layers=50)\n" for at in range(100))
    asked = "".join(f"  a{at}.params: {at + 7}\n  a{at}.macs: {at + 9}\n" for at in range(100))
    network = cnncalc.loads(f"input: [5, 8]\nlayers:\n{layers}expect:\n{asked}")
    checked(network, network.report())
    assert looked < 6_000_000  # 20 million where each layer counts as one


@pytest.mark.parametrize("question", ["jacobian(output, a.weight)", "gradient(a.weight)", "output"])
def test_what_a_key_needs_is_executed_once(check: Any, monkeypatch: Any, question: str) -> None:
    from cnncalc.grading import grade
    from cnncalc.query import ask

    computed: list[str] = []
    right = ask.value_of
    monkeypatch.setattr(grade, "value_of", lambda text, *more: computed.append(text) or right(text, *more))
    key = "input: [2]\nlayers:\n  - a: Linear(2, 1, bias=False)\nvalues: {input: [1, 2], a.weight: [[3, 4]]}\n"
    files = {f"s/{number}.yaml": f"{question}: [[{number}]]\n" for number in range(20)}
    done = check(files, "s", "--json", key=f"{key}expect:\n  {question}:\n")
    assert done.status == 1 and computed == [question]
