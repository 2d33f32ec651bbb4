"""`docs/homework.md`: where each recorded problem is restated and answered. `python -m tests.homework` writes it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "homework.md"
SPECS = [*sorted((ROOT / "specs" / "homework").glob("*.yaml")), ROOT / "specs" / "section09.yaml"]

RESTATED = sorted((ROOT / "docs").glob("course-*.md"))
# The problems whose answer is a diagram, and the commands that draw it from the sheet's own file.
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
HEAD = """# Index of course questions

Five course sheets were worked through with cnncalc, {count} questions in all. The sheets are not needed: each question
is restated on one of these pages, with the command that answers it, its output and the reason.

| page | questions |
| --- | --- |
{pages}

The tables below list every question under the number that it has on its sheet, whether the answer given on the sheet is
right, and where it is restated. The files ship with the package: `cnncalc check homework/doc000-q1a`.
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


def restated() -> dict[str, tuple[Path, str]]:
    """The page and the heading where each problem is restated: what `<!-- answers: id, id -->` stands above."""
    found: dict[str, tuple[Path, str]] = {}
    for path in RESTATED:
        for ids, title in re.findall(r"^<!-- answers: (.+) -->\n## (.+)$", path.read_text("utf-8"), re.MULTILINE):
            found |= dict.fromkeys(ids.split(", "), (path, title))
    return found


def anchor(title: str) -> str:
    """What a link to a heading says after its #."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", title).strip().lower())


def page() -> str:
    """The whole page."""
    answered, places = named(SPECS, "answers"), restated()
    titles = {path: path.read_text("utf-8").splitlines()[0].removeprefix("# Course questions: ") for path in RESTATED}
    pages = [f"| [{title}]({path.name}) | {_questions(path)} |" for path, title in titles.items()]
    lines = [HEAD.format(count=len(problems()), pages="\n".join(pages))]
    for document, title in DOCUMENTS.items():
        lines += [
            f"## {document}. {title}",
            "",
            "| | question | answer on the sheet | restated | files |",
            "| --- | --- | --- | --- | --- |",
        ]
        for problem in problems():
            if problem["seed"] != document:
                continue
            path, heading = places[problem["id"]]
            files = ", ".join(f"`{file.stem}`" for file in answered.get(problem["id"], [])) or "-"
            link = f"[{titles[path]}]({path.name}#{anchor(heading)})"
            cells = [problem["id"], problem["question"], VERDICTS[problem["verdict"]], link, files]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _questions(path: Path) -> int:
    """How many questions a page has."""
    return len(re.findall(r"^## ", path.read_text("utf-8"), re.MULTILINE))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
