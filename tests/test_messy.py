"""Answers and sheets as people write them: notations, forms, spreadsheets, editors; none stops the others."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cnncalc.answers.read import names_of, of_text
from cnncalc.cli.app import main

KEY = """\
input: [3, 64, 64]
layers:
  - conv1: Conv2d(3, 16, kernel_size=3, padding=1)
  - pool1: MaxPool2d(2)
  - conv2: Conv2d(16, 32, kernel_size=3)
  - Flatten
  - fc: Linear(out_features=10)
expect:
  conv1.shape: {text: "What is the shape of the first layer's output?"}
  conv2.shape:
  conv1.params: {text: How many parameters has conv1?}
  fc.params:
  conv1.macs:
  total.params * 4: {text: Memory of all weights in float32}
  Conv2d.params / total.params:
"""
# The right answers in many notations.
RIGHT: dict[str, list[str]] = {
    "conv1.shape": [
        *("[16, 64, 64]", "16x64x64", "16 x 64 x 64", "16×64×64", "16X64X64", "16*64*64", "(16, 64, 64)", "16, 64, 64"),
        *("16 64 64", "16;64;64", "16@64x64", "(N, 16, 64, 64)", "N x 16 x 64 x 64", "(batch, 16, 64, 64)"),
        *(
            "(None, 16, 64, 64)",
            "(-1, 16, 64, 64)",
            "[-1, 16, 64, 64]",
            "(None, 64, 64, 16)",
            "64x64x16",
            "64 by 64 by 16",
        ),
        *("16 channels of 64 by 64", "16 feature maps, 64x64", "64x64, 16 channels", "64 x 64 (16 channels)"),
        *("C=16, H=64, W=64", "H=64, W=64, C=16", "C=16 H=64 W=64", "height 64, width 64, channels 16"),
        *("channels: 16, height: 64, width: 64", "$16 \\times 64 \\times 64$", "**16x64x64**", "`[16, 64, 64]`"),
        *("torch.Size([16, 64, 64])", "16 x 64px x 64px", "16 x 64 x 64 (C x H x W)", "[16.0, 64.0, 64.0]"),
        *("shape = [16, 64, 64]", "16x64x64.", "'16x64x64'", "((64 + 2 - 3)/1 + 1, 64, 16)"),
    ],
    "conv1.params": [
        *("448", "448.", "448.0", "= 448", "448 params", "448 parameters", "448 learnable parameters", "448 weights"),
        *("$448$", "**448**", "`448`", '"448"', "'448", '="448"', "\\boxed{448}", "$\\mathbf{448}$", "$448$ params"),
        *("3*3*3*16 + 16", "3x3x3x16+16", "3×3×3×16 + 16", "3·3·3·16 + 16", "3^2*3*16 + 16", "3²·3·16 + 16"),
        *("3**2*3*16+16", "(3*3*3 + 1)*16", "(3 * 3 * 3 + 1) * 16 = 448", "3*3*3*16 = 432; 432 + 16 = 448"),
        *("3\\times3\\times3\\times16+16", "$(3\\cdot 3\\cdot 3+1)\\cdot 16 = 448$", "448 (3*3*3*16 + 16)"),
        *("3*3*3*16 + 16 (=448)", "params = 448", "conv1.params = 448", "Answer: 448", "I think 448", "it is 448"),
        *("448 (with biases)", "448, with bias", "448 because of the biases", "4.48e2", "4.48*10^2", "0.448K"),
        *(
            "conv1.params = K·K·C_in·C_out + C_out = 3·3·3·16 + 16 = 448",
            "432 + 16",
            "896/2",
            "\\frac{896}{2}",
            "448 total",
        ),
    ],
    "fc.params": [
        *("288010", "288,010", "288.010", "288 010", "288'010", "288’010", "288_010", "288\u2009010", "288\u00a0010"),
        *("288{,}010", "288\\,010", "$288{,}010$", "288k", "288.0k", "0.288M", "0.288 M", "0.288 million", "2.88e5"),
        *(
            "2.88*10^5",
            "2.88 × 10⁵",
            "2.88·10^5",
            "2.88 \\times 10^{5}",
            "28800*10 + 10",
            "32*30*30*10 + 10",
            "288010.0",
        ),
        *("288,010 parameters", "288.01 thousand", "ca. 288,000.0"[:4] + "288k"),
    ],
    "conv1.macs": [
        "1769472",
        "1,769,472",
        "1.77M",
        "1.77 MMACs",
        "1.769 M MACs",
        "0.00177 GMACs",
        "1.77e6",
        "27*16*64*64",
    ],
    "total.params * 4": [
        *(
            "1172392",
            "1,172,392 bytes",
            "1172392 B",
            "1.17 MB",
            "1172 KB",
            "1172.4 kB",
            "1.118 MiB",
            "1145 KiB",
            "1.17e6",
        ),
    ],
    "Conv2d.params / total.params": [
        *(
            "1.74%",
            "1.74 %",
            "1.74 percent",
            "1.7 per cent",
            "0.0174",
            ".0174",
            "1,74%",
            "0,0174",
            "about 1.7%",
            "~1.7%",
        ),
        *("≈ 1.74 %", "5088/293098", "\\frac{5088}{293098}", "5088 / 293098 = 1.736%", "$1.74\\,\\%$", "1.74e-2"),
    ],
}
WRONG = {
    "conv1.shape": ["[64, 64, 16]", "16x62x62", "(N, 64, 64)", "16 channels", "C=16, H=62, W=62", "[16, 64]", "65536"],
    "conv1.params": ["432", "448M", "448%", "44.8", "3*3*3*16", "4480", "~450", "[448, 448]", "448.5", "0.4K"],
    "fc.params": ["288", "288.01", "2.88M", "0.3M", "28801", "288,010,000"],
    "Conv2d.params / total.params": ["1.74", "17.4%", "0.174", "1,74", "1.8%"],
}
UNREADABLE = {
    "conv1.params": [
        *(
            "conv1.params",
            "432 or 448",
            "448 maybe",
            "see above",
            "3*3*",
            "(3*3",
            "K*K*3*16",
            "448 = 432",
            ">= 448",
            "1:30",
        ),
        *(
            "448 ± 1",
            "400-ish",
            "3**3**3**3**3",
            "_",
            "{448}{",
            "<script>alert(448)</script>",
            "=HYPERLINK(1)",
            "import os",
        ),
    ],
    "conv1.shape": ["same as the input", "[16, 64, x]", "16 x H x W", "64x64xC"],
}


def state(question: str, answer: str, tmp_path: Path, capsys: Any) -> str:
    (tmp_path / "key.yaml").write_text(KEY, encoding="utf-8")
    (tmp_path / "s.csv").write_text(f"name,question,answer\nann,{question},{quoted(answer)}\n", encoding="utf-8")
    capsys.readouterr()
    main(["check", str(tmp_path / "key.yaml"), str(tmp_path / "s.csv"), "--json"])
    sheet = json.loads(capsys.readouterr().out)["files"][0]
    result = next(one for one in sheet["results"] if one["ask"] == question)
    return "unreadable" if result.get("unreadable") else {True: "right", False: "wrong", None: "blank"}[result["ok"]]


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def pairs(cases: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(question, answer) for question, answers in cases.items() for answer in answers]


@pytest.mark.parametrize(("question", "answer"), pairs(RIGHT))
def test_right_in_any_notation(question: str, answer: str, tmp_path: Path, capsys: Any) -> None:
    assert state(question, answer, tmp_path, capsys) == "right"


@pytest.mark.parametrize(("question", "answer"), pairs(WRONG))
def test_wrong_in_any_notation(question: str, answer: str, tmp_path: Path, capsys: Any) -> None:
    assert state(question, answer, tmp_path, capsys) == "wrong"


@pytest.mark.parametrize(("question", "answer"), pairs(UNREADABLE))
def test_unreadable(question: str, answer: str, tmp_path: Path, capsys: Any) -> None:
    assert state(question, answer, tmp_path, capsys) == "unreadable"


@pytest.mark.parametrize("answer", ["", " ", "-", "?", "—", "n/a", "..."])
def test_blank(answer: str, tmp_path: Path, capsys: Any) -> None:
    assert state("conv1.params", answer, tmp_path, capsys) == "blank"


def test_a_colon_divides_where_a_ratio_is_asked_for(tmp_path: Path, capsys: Any) -> None:
    asked = "Conv2d.params / total.params"
    assert [state(asked, answer, tmp_path, capsys) for answer in ("5088:293098", "about 5088 : 293098")] == [
        "right"
    ] * 2
    assert state(asked, "1:30", tmp_path, capsys) == "wrong"


def test_two_readings_of_a_comma_are_said() -> None:
    (first, second) = of_text("6.464", {}).numbers
    assert (float(first.value), int(second.value)) == (6.464, 6464)
    assert second.remark == "6.464 is read with dots between thousands"
    assert [float(one.value) for one in of_text("1,5", {}).numbers] == [1.5]
    assert [float(one.value) for one in of_text("1.234,5", {}).numbers] == [1234.5]


def test_a_symbol_of_the_key_goes_before_a_suffix() -> None:
    symbols = names_of(["K", "C", "F"])
    assert of_text("3K", symbols).numbers[0].formula is not None
    assert [float(one.value) for one in of_text("3K", {}).numbers] == [3000]


# --- sheets ----------------------------------------------------------------------------------------------------------

EXPECTED = {"conv1.shape": True, "conv1.params": True, "fc.params": True}
SHEETS = {
    "plain.yaml": "conv1.shape: [16, 64, 64]\nconv1.params: 448\nfc.params: 288010\n",
    "equals.yaml": "conv1.shape = [16, 64, 64]\nconv1.params = 448\nfc.params = 288,010\n",
    "glued.yaml": "conv1.shape:[16,64,64]\nconv1.params:448\nfc.params:288010\n",
    "tabs.yaml": "conv1.shape:\t[16, 64, 64]\nconv1.params:\t448\n\tfc.params: 288010\n",
    "spaces.yaml": "conv1.shape   16x64x64\nconv1.params  448\nfc.params     288010\n",
    "numbered.yaml": "1) conv1.shape: 16x64x64\n2. conv1.params: 448\n(c) fc.params: 288010\n",
    "bullets.yaml": "# My answers\n\n* conv1.shape: 16x64x64\n* **conv1.params**: 448\n- fc.params: 288010\n",
    "case.yaml": "Conv1.shape: 16x64x64\nconv1.Params: 448\nFC.params: 288010\n",
    "words.yaml": "output shape of conv1: 16x64x64\nparameters of conv1: 448\nfc parameters: 288010\n",
    "text.yaml": "What is the shape of the first layer's output?: 16x64x64\nHow many parameters has conv1?: 448\n"
    "fc.params: 288010\n",
    "names.yaml": "Name: Ann\nMatrikelnummer: 0012345\nDate: 1.2.\nconv1.shape: 16x64x64\nconv1.params: 448\n"
    "fc.params: 288010\n",
    "quotes.yaml": "conv1.shape: “16x64x64”\nconv1.params: '448\nfc.params: \"288010\n",
    "colon.yaml": "conv1.shape: 16x64x64\nconv1.params: 448: with bias\nfc.params: 288010\n",
    "broken.yaml": "conv1.shape: [16, 64, 64\nconv1.shape: [16, 64, 64]\nconv1.params: 448\nfc.params: 288010\n}}}\n",
    "fenced.yaml": "```yaml\nconv1.shape: [16, 64, 64]\nconv1.params: 448\nfc.params: 288010\n```\n",
    "table.yaml": "| question | answer |\n|---|---|\n| conv1.shape | 16x64x64 |\n| conv1.params | 448 |\n"
    "| fc.params | 288010 |\n",
    "nested.yaml": "conv1:\n  shape: 16x64x64\n  params: 448\nfc: {params: 288010}\n",
    "nested-broken.yaml": "conv1:\n  shape: 16x64x64\n  params: 448\nfc:\n  params: 288010: yes\n"
    "fc.params: 288010: yes\n",
    "spec.yaml": KEY.partition("expect")[0]
    + "expect:\n  conv1.shape: 16x64x64\n  conv1.params: 448\n  fc.params: 288010\n",
    "short.yaml": "conv1: [16, 64, 64]\nconv1.params: 448\nfc: 288010\n",
    "object.json": '{"conv1.shape": [16, 64, 64], "conv1.params": 448, "fc.params": "288,010"}',
    "comma.json": '{"conv1.shape": [16, 64, 64],\n "conv1.params": 448,\n "fc.params": 288010,\n}',
    "list.json": '[{"question": "conv1.shape", "answer": "16x64x64"}, {"question": "conv1.params", "answer": 448},'
    ' {"question": "fc.params", "answer": 288010}]',
    "long.csv": "name,question,answer\nann,conv1.shape,16x64x64\nann,conv1.params,448\n\nann,fc.params,288010\n",
    "unquoted.csv": "name,conv1.shape,conv1.params,fc.params\nann,[16, 64, 64],448,288010\n",
    "form.csv": "Timestamp,Email Address,Name,1. conv1.shape,How many parameters has conv1? (2 points),fc.params,"
    "Comments\n"
    '2026/05/01 10:00:00,a@b.c,Ann,16x64x64,448,"288,010","was fun, really"\n',
    "moodle.csv": "Surname,First name,Email address,Status,conv1.shape,conv1.params,fc.params\n"
    "Muster,Ann,a@b.c,Finished,16x64x64,448,288010\n",
    "excel.csv": "sep=;\nName;conv1.shape;conv1.params;fc.params\nAnn;16x64x64;448;288010,0\n",
    "german.csv": "Name;conv1.shape;conv1.params;fc.params;Bemerkung\n"
    "Ann;16 x 64 x 64;448,0;288.010;gr\u00fcn\n\n;;;;\n",
    "titled.csv": "Exercise 3,,,\n,,,\nname,conv1.shape,conv1.params,fc.params\nann,16x64x64,448,288010\n",
    "tabs.csv": "name\tconv1.shape\tconv1.params\tfc.params\nann\t[16, 64, 64]\t448\t288,010\n",
    "nameless.csv": 'question,answer\nconv1.shape,"16,64,64"\nconv1.params,448\nfc.params,288010\n',
}  # fmt: skip


@pytest.mark.parametrize("name", SHEETS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_sheet_as_people_write_it(name: str, encoding: str, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "key.yaml").write_text(KEY, encoding="utf-8")
    (tmp_path / name).write_bytes(SHEETS[name].replace("\n", "\r\n").encode(encoding, errors="replace"))
    capsys.readouterr()
    status = main(["check", str(tmp_path / "key.yaml"), str(tmp_path / name), "--json"])
    document = json.loads(capsys.readouterr().out)
    (sheet,) = document["files"]
    assert "problems" not in sheet
    found = {one["ask"]: one["ok"] for one in sheet["results"] if one["ok"] is not None}
    bad = {"colon.yaml": "conv1.params", "broken.yaml": "conv1.shape", "nested-broken.yaml": "fc.params"}.get(name)
    assert found == {ask: ok for ask, ok in EXPECTED.items() if ask != bad}
    assert status == (1 if bad else 0)


def test_columns_that_hold_no_answers_are_said_once(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "key.yaml").write_text(KEY, encoding="utf-8")
    (tmp_path / "form.csv").write_text(SHEETS["form.csv"], encoding="utf-8")
    main(["check", str(tmp_path / "key.yaml"), str(tmp_path / "form.csv")])
    done = capsys.readouterr()
    assert done.err.count("warning[sheet-skipped]") == 1
    assert "Timestamp, Email Address, Comments" in done.err
    assert "(Ann)" in done.out


@pytest.mark.parametrize("seed", range(60))
def test_a_sheet_with_one_faulty_line_has_all_others_graded(seed: int, tmp_path: Path, capsys: Any) -> None:
    random = Random(seed)
    faults = [
        *("conv2.shape: [32, 30", "conv2.shape: 448: 3", "conv2.shape 32 30 30 or so", "conv2.shape: 'abc", "\t\t- ]"),
        *(
            "@@@ ???",
            "conv2.shape: {a: b",
            "conv2.shape: *x",
            "conv2.shape: %5",
            "? x",
            "<<<<<<< HEAD",
            "- - - -",
            "}{",
        ),
        *("conv2.shape: [1, 2]]", "conv2.shape: | 32", "conv2.shape: !!python/object:os.system 1", "conv2.shape: `rm`"),
        *("conv2.shape: &a", "]", "conv2.shape: \x07", 'conv2.shape: "\\q"', "just a remark about my answers"),
        "conv2.shape: 32, 30\n    30, 1",
    ]
    lines = [f"{question}: {json.dumps(random.choice(answers))}" for question, answers in RIGHT.items()]
    fault = random.choice(faults)
    lines.insert(random.randrange(len(lines) + 1), fault)
    (tmp_path / "key.yaml").write_text(KEY, encoding="utf-8")
    (tmp_path / "s.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    capsys.readouterr()
    main(["check", str(tmp_path / "key.yaml"), str(tmp_path / "s.yaml"), "--json"])
    (sheet,) = json.loads(capsys.readouterr().out)["files"]
    assert sheet.get("passed") == len(RIGHT), (fault, sheet)
