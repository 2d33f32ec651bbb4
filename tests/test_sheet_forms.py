"""Sheets as forms, spreadsheets, mails and notes have them: numbered questions, a column a person, headings, units."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cnncalc.cli.app import main

KEY = """
name: forms
input: [3, 60, 80]
layers:
  - conv: Conv2d(3, 12, 5, stride=2, padding=2)
  - flat: Flatten
  - fc: Linear(14400, 10)
expect:
  conv.shape: {value: 0, text: "Q1: Output shape of conv?"}
  conv.params: {value: 0, text: "Q2: Number of parameters of conv"}
  conv.receptive_field: {value: 0, text: "Q3: Receptive field (pixels)"}
  total.params * 4 / 1000: {value: 0, text: "Q4: Memory of the weights in KB"}
  conv.params / total.params: {value: 0, text: "Q5: Share of conv in %"}
"""
# conv 30x40: 5·5·3·12 + 12 = 912; fc 144,010; total 144,922; 579.688 KB; 0.629 %.
RIGHT = ["12x30x40", "912", "5", "579.688", "0.629 %"]
ASKS = ["conv.shape", "conv.params", "conv.receptive_field", "total.params * 4 / 1000", "conv.params / total.params"]
WORDS = [
    "Q1: Output shape of conv?",
    "Q2: Number of parameters of conv",
    "Q3: Receptive field (pixels)",
    "Q4: Memory of the weights in KB",
    "Q5: Share of conv in %",
]
MAIL = "Hi Prof,\n\nhere are my answers for homework 3:\n\n"
ALL = list(zip(ASKS, RIGHT, strict=True))


def lines(form: str, words: list[str] = ASKS) -> str:
    filled = (form.format(n=n, ask=ask, a=answer) for n, (ask, answer) in enumerate(zip(words, RIGHT, strict=True), 1))
    return MAIL + "".join(filled) + "\nBest,\nKim\n"


SHEETS = {
    "numbers.txt": lines("Q{n}) {a}\n"),
    "bare_numbers.txt": lines("{n}. {a}\n"),
    "tabs.txt": lines("- {ask}\t{a}\n"),
    "is.txt": lines("{ask} is {a}\n"),
    "arrow.txt": lines("({n}) {ask} -> {a}\n"),
    "bold.txt": lines("**{ask}** {a}\n"),
    "words.txt": lines("{ask}\n{a}\n\n", WORDS),
    "words_colon.txt": lines("{ask}: {a}\n", WORDS),
    "headings.md": lines("## {ask}\n\n{a}\n\n", WORDS),
    "table.md": "| # | Question | Answer |\n|---|:---|---:|\n"
    + lines("| {n} | {ask} | {a} |\n").split("\n\n")[2]
    + "\n",
    "sections.tex": "\\documentclass{article}\n\\begin{document}\n"
    + "".join(f"\\section*{{{w}}}\n{a}\n\n".replace("%", "\\%") for w, a in zip(WORDS, RIGHT, strict=True)),
    "list.json": json.dumps({"student": "Kim", "answers": [{"id": ask, "value": answer} for ask, answer in ALL]}),
    "numbered.csv": "Name,Q1,Q2,Q3,Q4,Q5\nKim," + ",".join(RIGHT) + "\n",
    "points.csv": "Name," + ",".join(f"{ask} [points: 1]" for ask in ASKS) + "\nKim," + ",".join(RIGHT) + "\n",
    "across.csv": "Question,Kim\n" + "".join(f"{ask},{answer}\n" for ask, answer in ALL),
    "parts.csv": "Name,Part A,,,Part B,\n," + ",".join(ASKS) + "\nKim," + ",".join(RIGHT) + "\n",
    "tabs.tsv": "Name\t" + "\t".join(ASKS) + "\nKim\t" + "\t".join(RIGHT) + "\n",
    "texts.csv": "Name," + ",".join(ASKS) + "\nKim," + ",".join(f'"=""{answer}"""' for answer in RIGHT) + "\n",
}


def graded(folder: Path, name: str, text: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    (folder / "key.yaml").write_text(KEY, encoding="utf-8")
    (folder / name).write_text(text, encoding="utf-8")
    capsys.readouterr()
    main(["check", str(folder / "key.yaml"), str(folder / name), "--json"])
    files = json.loads(capsys.readouterr().out)["files"]
    assert all("problems" not in file for file in files)
    return [result for file in files for result in file["results"] if file.get("name") != ""]


@pytest.mark.parametrize("name", SHEETS)
def test_all_of_a_sheet_is_read(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = graded(tmp_path, name, SHEETS[name], capsys)
    assert [(result["ask"], result["ok"]) for result in results][-5:] == [(ask, True) for ask in ASKS]


@pytest.mark.parametrize(
    ("ask", "answer", "right"),
    [
        (ASKS[0], "torch.Size([1, 12, 30, 40])", True),
        (ASKS[0], "[1, 12, 30, 40]", False),
        (ASKS[1], "900 + 12 -> 912", True),
        (ASKS[1], "weights 900, biases 12 → 912", True),
        (ASKS[0], "C12 H30 W40", True),
        (ASKS[0], "12-30-40", True),
        (ASKS[0], "12 / 30 / 40", True),
        (ASKS[0], "12-30-41", False),
        (ASKS[1], "912 weights and biases", True),
        (ASKS[1], "5*5*3*12 (weights) + 12 (bias)", True),
        (ASKS[1], "weights 900, biases 12, total 912", True),
        (ASKS[1], "weights 900, biases 12, total 913", False),
        (ASKS[1], "I got 912!", True),
        (ASKS[1], "is 912", True),
        (ASKS[4], "912 : 144922", True),
        (ASKS[4], "144922:912", False),
        (ASKS[2], "`5 × 5 px`", True),
        (ASKS[3], "580 kB", True),
        (ASKS[3], "579,688 bytes", True),
        (ASKS[3], "0.58 MB", True),
        (ASKS[3], "566.1 KiB", True),
        (ASKS[3], "580 MB", False),
        (ASKS[3], "579688", False),
        (ASKS[4], "0.63", True),
        (ASKS[4], "0.0063", True),
        (ASKS[4], "63", False),
        (ASKS[4], "63 %", False),
    ],
)
def test_units_that_the_question_names(
    ask: str, answer: str, right: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = graded(tmp_path, "sheet.csv", f'name,{ask}\nKim,"{answer}"\n', capsys)
    assert next(result["ok"] for result in results if result["ask"] == ask) is right
