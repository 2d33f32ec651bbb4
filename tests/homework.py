"""`docs/homework.md`: every recorded problem with the command that answers it. `python -m tests.homework` writes it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "homework.md"
SPECS = [*sorted((ROOT / "specs" / "homework").glob("*.yaml")), ROOT / "specs" / "section09.yaml"]
REFUSED = [path for folder in ("wrong", "impossible") for path in sorted((ROOT / "tests/data" / folder).glob("*.yaml"))]

# Why no spec answers a problem.
REASONS = {
    "002.2.1.q2": "about language: nothing to compute",
}
# The problems whose answer is a diagram, and the commands that draw it.
DRAWN = {
    "000.2.fig": [
        "cnncalc draw specs/homework/doc000-q2b.yaml --inside head",
        "cnncalc draw specs/homework/doc000-q2b.yaml --inside head --unroll 3",
    ],
    "001.1.2.1": [
        "cnncalc draw specs/homework/doc001-q1.2-layer.yaml --inside rnn",
        "cnncalc draw specs/homework/doc001-q1.2-layer.yaml --inside rnn --unroll 3",
    ],
    "001.1.3.1": ["cnncalc draw specs/homework/doc001-q1.3-layer.yaml --inside rnn"],
    "002.4.1.1": [
        "cnncalc draw specs/homework/doc002-q4.1-layer.yaml --unroll 5",
        "cnncalc draw specs/homework/doc002-q4.1-layer.yaml --compact",
    ],
    "003.fig": ["cnncalc draw specs/homework/doc003-q1.2-ratio.yaml"],
}
DOCUMENTS = {
    "000": "Discussion sheet: convolution and backpropagation, self-attention",
    "001": "Homework: convolutions, a gated recurrent network, attention over past states",
    "002": "Recitation: transformers, convolutional and recurrent networks",
    "003": "Homework solution: convolutional against feed-forward networks, attention, captioning",
    "004": "Section: shapes and parameters of a CNN, gradients through time, an attention head",
}
# What the sheet's own answer was found to be.
VERDICTS = {
    "right": "right",
    "right-with-caveat": "right, with a caveat",
    "wrong": "wrong",
    "partly-wrong": "partly wrong",
    "garbled": "cannot be read",
    "ambiguous": "ambiguous",
    "none": "none given",
    "out-of-scope": "open",
}
HEAD = """# Homework, question by question

Five course sheets, {count} questions; the most frequent ones, restated with their answers, are [course
questions](questions.md). `cnncalc check FILE` answers those that are about a network: the file states
the question as a spec and the answer under `expect`, and the command holds the two against each other. To see a
number come about, `cnncalc explain FILE`; with other numbers, `--set` or another `values`. Where a picture is asked
for, `cnncalc draw` draws it. The third column says what the sheet's own answer was found to be; where it is wrong,
its numbers are kept in `tests/data`, and refused.

`python -m tests.homework` writes this page from the specs' `# answers:` lines.
"""


def problems() -> list[dict[str, Any]]:
    """The recorded problems, in order."""
    found: list[dict[str, Any]] = json.loads((ROOT / "tests/data/seeds.json").read_text("utf-8"))["problems"]
    return found


def named(paths: list[Path], word: str) -> dict[str, list[Path]]:
    """Which files name which problems in their comment lines `# WORD: id, id`."""
    found: dict[str, list[Path]] = {}
    for path in paths:
        for line in re.findall(rf"^# {word}: (.+)$", path.read_text("utf-8"), re.MULTILINE):
            for problem in line.split(", "):
                found.setdefault(problem, []).append(path)
    return found


def page() -> str:
    """The whole page."""
    answers, refused = named(SPECS, "answers"), named(REFUSED, "refutes")
    lines = [HEAD.format(count=len(problems()))]
    for document, title in DOCUMENTS.items():
        lines += [f"## {document}. {title}", "", "| | question | sheet | answer |", "| --- | --- | --- | --- |"]
        for problem in problems():
            if problem["seed"] != document:
                continue
            name = problem["id"]
            cells = [name, problem["question"], VERDICTS[problem["verdict"]], answer(name, answers, refused)]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def answer(name: str, answers: dict[str, list[Path]], refused: dict[str, list[Path]]) -> str:
    """The commands that answer a problem, or why there is none; and what refuses the sheet's own answer."""
    commands = [f"`cnncalc check {path.relative_to(ROOT)}`" for path in answers.get(name, [])]
    commands += [f"`{command}`" for command in DRAWN.get(name, [])]
    said = "<br>".join(commands) if commands else REASONS[name]
    against = [f"`{path.relative_to(ROOT)}`" for path in refused.get(name, [])]
    return said + (f"<br>refused: {', '.join(against)}" if against else "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
