"""Sheets as classes hand them in: 14 kinds of files, each with 6 of the faults that such files have.

Nothing of the package is used here: what is right was worked out by hand beside the key.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

NETWORK = """
name: messy
input: [3, 32, 32]
layers:
  - conv1: Conv2d(3, 16, 5, padding=2)
  - pool1: MaxPool2d(2)
  - conv2: Conv2d(16, 24, 3)
  - flat: Flatten
  - fc: Linear(4704, 10)
"""
KEY = (
    NETWORK
    + """expect:
  conv1.shape: {value: 0, text: "What is the output shape of the first convolution?"}
  conv1.params: {value: 0, text: "How many parameters does the first convolution have?"}
  pool1.shape: {value: 0, text: "And after pooling?"}
  conv2.macs: {value: 0, text: "How many multiply-accumulates in the second convolution?"}
  conv2.receptive_field: {value: 0, text: "What is its receptive field?"}
  fc.params: {value: 0, text: "Parameters of the fully connected layer?"}
  conv1.params / total.params: {value: 0, text: "Share of the first convolution, in percent?"}
"""
)
# conv1: 5·5·3·16 + 16; conv2: 9·16·24·14·14; field 5 -> 6 -> 6 + 2·2; fc: 4704·10 + 10; total 1216 + 3480 + 47050.
NOTATIONS: dict[str, list[str]] = {
    "conv1.shape": [
        "[16, 32, 32]",
        "(16, 32, 32)",
        "16x32x32",
        "16 × 32 × 32",
        "(N, 16, 32, 32)",
        "16 channels of 32 by 32",
    ],
    "conv1.params": ["1216", "1,216", "5*5*3*16 + 16", "5^2·3·16+16", "1216 params", "1 216", "1'216"],
    "pool1.shape": ["[16, 16, 16]", "16*16*16", "(None, 16, 16, 16)", "16x16x16"],
    "conv2.macs": ["677376", "677,376", "3*3*16*24*14*14", "677.376k", "0.677376M", "6.77376e5"],
    "conv2.receptive_field": ["10", "10x10", "10 pixels"],
    "fc.params": ["47050", "47,050", "4704 × 10 + 10", "47.05K", "4.705·10^4"],
    "conv1.params / total.params": ["2.35%", "2.35 %", "0.0235", "1216/51746"],
}
WORDS = {
    "conv1.shape": "What is the output shape of the first convolution?",
    "conv1.params": "How many parameters does the first convolution have?",
    "pool1.shape": "And after pooling?",
    "conv2.macs": "How many multiply-accumulates in the second convolution?",
    "conv2.receptive_field": "What is its receptive field?",
    "fc.params": "Parameters of the fully connected layer?",
    "conv1.params / total.params": "Share of the first convolution, in percent?",
}
UNREADABLE = "see the photo of my notes"
Answers = dict[str, str]


class Sheet(NamedTuple):
    """A file and what it holds: its name, its bytes, and how many answers are right and unreadable in it."""

    name: str
    data: bytes
    right: int
    unreadable: int


def quoted(text: str, sign: str = ",") -> str:
    return '"' + text.replace('"', '""') + '"' if sign in text or '"' in text or "\n" in text else text


def yaml_plain(answers: Answers) -> str:
    return "name: Kim\n" + "".join(f'"{ask}": "{answer}"\n' for ask, answer in answers.items())


def yaml_expect(answers: Answers) -> str:
    return "name: Kim\nexpect:\n" + "".join(f"  {ask}: {answer}\n" for ask, answer in answers.items())


def text_equals(answers: Answers) -> str:
    return "Kim, group 3\n\n" + "".join(f"{ask} = {answer}\n" for ask, answer in answers.items())


def text_numbered(answers: Answers) -> str:
    return "".join(f"{at}) {ask}: {answer}\n" for at, (ask, answer) in enumerate(answers.items(), 1))


def text_words(answers: Answers) -> str:
    return "".join(f"{at}. {WORDS[ask]}\n   {answer}\n\n" for at, (ask, answer) in enumerate(answers.items(), 1))


def markdown_list(answers: Answers) -> str:
    return "# Homework 2\n\n" + "".join(f"- **{ask}**: {answer}\n" for ask, answer in answers.items())


def markdown_table(answers: Answers) -> str:
    return "| question | answer |\n| --- | --- |\n" + "".join(f"| `{ask}` | {a} |\n" for ask, a in answers.items())


def latex_list(answers: Answers) -> str:
    items = "".join(f"  \\item {ask.replace('_', chr(92) + '_')}: ${a}$\n" for ask, a in answers.items())
    return "\\begin{enumerate}\n" + items.replace("%", "\\%") + "\\end{enumerate}\n"


def latex_table(answers: Answers) -> str:
    rows = "".join(f"{ask.replace('_', chr(92) + '_')} & {a} \\\\\n" for ask, a in answers.items())
    return "\\begin{tabular}{ll}\n\\hline\n" + rows.replace("%", "\\%") + "\\hline\n\\end{tabular}\n"


def word(answers: Answers) -> str:
    return "".join(f"•\u00a0{ask}:\u00a0{answer}\n" for ask, answer in answers.items())


def csv_form(answers: Answers) -> str:
    head = ["Timestamp", "Email Address", *(quoted(WORDS[ask]) for ask in answers), "Comments"]
    row = ["11/29/2026 10:14:03", "kim@example.org", *(quoted(a) for a in answers.values()), "fun, thanks"]
    return ",".join(head) + "\n" + ",".join([*row[:-1], quoted(row[-1])]) + "\n"


def csv_semicolons(answers: Answers) -> str:
    return "Name;" + ";".join(answers) + ";Kommentar\nKim;" + ";".join(answers.values()) + ";\n"


def csv_long(answers: Answers) -> str:
    return "name,question,answer\n" + "".join(f"Kim,{ask},{quoted(a)}\n" for ask, a in answers.items())


def tsv(answers: Answers) -> str:
    return "Name\t" + "\t".join(answers) + "\nKim\t" + "\t".join(answers.values()) + "\n"


KINDS: dict[str, tuple[Callable[[Answers], str], str]] = {
    "yaml_plain": (yaml_plain, "yaml"),
    "yaml_expect": (yaml_expect, "yaml"),
    "text_equals": (text_equals, "txt"),
    "text_numbered": (text_numbered, "txt"),
    "text_words": (text_words, "txt"),
    "markdown_list": (markdown_list, "md"),
    "markdown_table": (markdown_table, "md"),
    "latex_list": (latex_list, "tex"),
    "latex_table": (latex_table, "tex"),
    "word": (word, "txt"),
    "csv_form": (csv_form, "csv"),
    "csv_semicolons": (csv_semicolons, "csv"),
    "csv_long": (csv_long, "csv"),
    "tsv": (tsv, "csv"),
}
Fault = Callable[[str], bytes]


def plain(text: str) -> bytes:
    return text.encode("utf-8")


def byte_order_mark(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.encode("utf-8")


def windows(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-8")


def wide(text: str) -> bytes:
    return text.encode("utf-16")


def blank_rows(text: str) -> bytes:
    return ("\n" + text.replace("\n", "\n\n") + "\n\n   \n").encode("utf-8")


def trailing_spaces(text: str) -> bytes:
    return text.replace("\n", "   \n").encode("utf-8")


FAULTS: dict[str, Fault] = {
    "plain": plain,
    "byte_order_mark": byte_order_mark,
    "windows": windows,
    "wide": wide,
    "blank_rows": blank_rows,
    "trailing_spaces": trailing_spaces,
}


def sheets() -> Iterator[Sheet]:
    """84 sheets, each with notations of its own; every second one with an answer that nobody can read."""
    for number, kind in enumerate(KINDS):
        make, end = KINDS[kind]
        for at, (fault, write) in enumerate(FAULTS.items()):
            pick = random.Random(f"{kind} {fault}")
            answers = {ask: pick.choice(ways) for ask, ways in NOTATIONS.items()}
            spoilt = (number + at) % 2
            if spoilt:
                answers[pick.choice([*answers])] = UNREADABLE
            yield Sheet(f"{kind}-{fault}.{end}", write(make(answers)), len(answers) - spoilt, spoilt)
