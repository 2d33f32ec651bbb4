"""Answers in LaTeX: items of lists, rows of tables, escaped signs; a line stays a line, so that places hold."""

from __future__ import annotations

import re

TEX = re.compile(r"\\(?:begin|end|item|question|section|documentclass|textbf|hline)\b|&.*\\\\")
SIGNS = re.compile(r"\\([_%&#$])")
RULES = re.compile(r"\\(?:hline|toprule|midrule|bottomrule|noindent|medskip|smallskip|par)\b")
WRAPPED = re.compile(r"\\(?:question|textbf|textit|texttt|emph|mathrm|text)\{([^{}]*)\}")
TITLE = re.compile(r"\s*\\(?:sub)*(?:section|paragraph)\*?\{(.*)\}\s*")
AROUND = re.compile(r"\s*\\(?:begin|end|documentclass|usepackage|section|subsection|title|author|maketitle)\b.*")


def is_tex(text: str) -> bool:
    """Whether a text is written in LaTeX."""
    return TEX.search(text) is not None


def plain_lines(lines: list[str]) -> list[str]:
    """The lines without LaTeX around the answers: items as a list, counted in `enumerate`, rows as in Markdown."""
    found, count, counts = [], 0, False
    for line in lines:
        if "{enumerate}" in line:
            count, counts = 0, "\\begin" in line
        text = _plain(line)
        if counts and text.lstrip().startswith("- "):
            count += 1
            text = text.replace("- ", f"{count}) ", 1)
        found.append(text)
    return found


def _plain(line: str) -> str:
    title = TITLE.fullmatch(line)
    if title is not None:
        return f"# {SIGNS.sub(chr(92) + '1', WRAPPED.sub(chr(92) + '1', title[1]))}"
    if AROUND.fullmatch(line):
        return ""
    text = WRAPPED.sub(r"\1", RULES.sub("", line))
    row = re.fullmatch(r"(\s*)(.*?)(?<!\\)&(.*?)(?:\\\\.*)?", text)
    if row is not None:
        cells = [SIGNS.sub(r"\1", cell).strip() for cell in (row[2], *re.split(r"(?<!\\)&", row[3]))]
        return "| " + " | ".join(cells) + " |" if cells[0] else ""
    text = re.sub(r"^(\s*)\\item\[([^\]]*[^\W\d_][^\]]*[^\W\d_][^\]]*)\]\s*", r"\1- \2: ", text)  # a title, no number
    text = re.sub(r"^(\s*)\\item(?:\[[^\]]*\])?\s*", r"\1- ", text)
    return SIGNS.sub(r"\1", re.sub(r"\\\\\s*$", "", text))
