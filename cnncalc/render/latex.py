"""LaTeX: a whole document that compiles as it is, with pdflatex and what every TeX brings along."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.document import Document, Formula, Heading, Note, Part, Picture, Question, Table
from cnncalc.render.plain import picture_lines, tree_lines
from cnncalc.render.text import NO, YES, safe, width, written

HEAD = r"""\documentclass{article}
\usepackage[a4paper, margin=2cm]{geometry}
\usepackage[utf8]{inputenc}
\usepackage{amsmath}
\usepackage{array}
\usepackage{longtable}
\setlength{\parindent}{0pt}
\allowdisplaybreaks
\begin{document}
"""
TAIL = "\\end{document}\n"
SECTIONS = {1: "section*", 2: "subsection*"}
# A table of more rows may go on over the page.
LONGEST = 40
# Characters that a line holds, and what a column of words is given at least.
LINE = 100
NARROWEST = 15

ESCAPES = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",  # these fonts have no straight one
    **{character: "\\" + character for character in "_%&#${}"},
    "×": r"$\times$",
    "·": r"$\cdot$",
    "−": "$-$",
    "→": r"$\to$",
    "⌊": r"$\lfloor$",
    "⌋": r"$\rfloor$",
    "⌈": r"$\lceil$",
    "⌉": r"$\rceil$",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "≈": r"$\approx$",
    "β": r"$\beta$",
    "γ": r"$\gamma$",
    "ε": r"$\varepsilon$",
    "μ": r"$\mu$",
    "σ": r"$\sigma$",
    "Σ": r"$\Sigma$",
    "∂": r"$\partial$",
    "√": r"$\surd$",
    "²": r"$^2$",
    "³": r"$^3$",
    "│": r"\textbar{}",
    "├": r"\textbar{}",
    "└": r"\textbar{}",
    "─": "--",
    "–": "--",
    "ᵀ": r"$^T$",
    "…": "...",
    YES: "yes",
    NO: "no",
}
TABLE = str.maketrans(ESCAPES)


def render(document: Document) -> str:
    """The document as LaTeX that ends with a newline."""
    lines: list[str] = []
    formulas: list[Formula] = []
    for at, part in enumerate(document.parts):
        if at and isinstance(part, Heading) and part.level == 1:
            lines.append("\\clearpage")
        if isinstance(part, Formula) and part.tex_steps:
            formulas.append(part)
            continue
        lines.extend(_align(formulas))
        formulas = []
        lines.extend(_part(part))
    lines.extend(_align(formulas))
    return HEAD + "".join(line + "\n" for line in lines) + TAIL


def escape(text: str) -> str:
    """The text so that LaTeX prints it as it is; what its fonts do not have is named by its number."""
    shown = safe(text).translate(TABLE)
    return shown if shown.isascii() else "".join(c if ord(c) < 0x100 else rf"\texttt{{U+{ord(c):04X}}}" for c in shown)


def _part(part: Part) -> Iterator[str]:
    yield ""
    if isinstance(part, Heading):
        yield f"\\{SECTIONS.get(part.level, 'paragraph*')}{{{escape(part.text)}}}"
    elif isinstance(part, Table):
        yield from _table(part)
    elif isinstance(part, Note):
        yield escape(part.text)
    elif isinstance(part, Question):
        yield from _question(part)
    elif isinstance(part, Formula):
        yield escape(" = ".join([part.left, *part.steps]))
    else:
        texts = picture_lines(part) if isinstance(part, Picture) else tree_lines(part)
        shown = [escape(text).replace(" ", "~") for text in texts]
        yield r"{\ttfamily " + "\\\\\n".join(text or "~" for text in shown) + r"\par}"


def _question(part: Question) -> Iterator[str]:
    """A question, its points at the edge, and a rule to write on or the answer."""
    yield r"\medskip"
    points = rf"\hfill ({escape(part.points)})" if part.points else ""
    yield rf"\textbf{{{part.number}.}} {escape(part.text)}{points}\par\nopagebreak"
    if part.answer is None and not part.choices and part.ask:
        yield rf"\smallskip\hspace*{{1.5em}}\texttt{{{escape(part.ask)}}} $=$ \hrulefill\par"
        return
    for line in part.lines:
        yield rf"\hspace*{{1.5em}}{escape(line)}\par"


def _align(formulas: list[Formula]) -> Iterator[str]:
    """Formulas one below the other, each step on a line of its own."""
    if not formulas:
        return
    rows: list[str] = []
    for formula in formulas:
        left = formula.tex_left
        for step in formula.tex_steps:
            first, *rest = step.split("\n")
            rows.append(f"{left} &= {first}")
            rows.extend(rf"&\quad {more}" for more in rest)
            left = ""
    yield ""
    yield r"\begin{align*}"
    yield from (row.lstrip() + r" \\" for row in rows[:-1])
    yield rows[-1].lstrip()
    yield r"\end{align*}"


def _table(table: Table) -> Iterator[str]:
    kind = "longtable" if len(table.rows) > LONGEST else "tabular"
    head = [safe(column.title) for column in table.columns]
    body = written(table, [*table.lead, *table.rows])
    feet = written(table, table.footers)
    yield rf"\begin{{{kind}}}{{{_columns(table, [head, *body, *feet])}}}"
    yield _row([escape(title) for title in head])
    yield r"\hline"
    if kind == "longtable":
        yield r"\endhead"
    for row in body:
        yield _row([_cell(text, column.kind) for text, column in zip(row, table.columns, strict=True)])
    if feet:
        yield r"\hline"
        for row in feet:
            yield _row([rf"\textbf{{{escape(text)}}}" if text else "" for text in row])
    yield rf"\end{{{kind}}}"


def _cell(text: str, kind: str) -> str:
    """A cell; a layer's name may be broken after a dot."""
    return escape(text).replace(".", r".\allowbreak{}") if kind == "name" else escape(text)


def _columns(table: Table, rows: list[list[str]]) -> str:
    """How columns are set: left, right, or, where the line is too short for all, a paragraph for words."""
    widths = [max(map(width, cells)) for cells in zip(*rows, strict=True)]
    soft = [
        column.kind in ("text", "value", "name") and wide > NARROWEST
        for column, wide in zip(table.columns, widths, strict=True)
    ]
    room = LINE - sum(wide + 2 for wide, can in zip(widths, soft, strict=True) if not can)
    wanted = sum(wide + 2 for wide, can in zip(widths, soft, strict=True) if can)
    shown = []
    for column, wide, can in zip(table.columns, widths, soft, strict=True):
        if can and wanted > room:
            part = max(NARROWEST, room * wide // wanted) / LINE
            shown.append(rf">{{\raggedright\arraybackslash}}p{{{part:.2f}\linewidth}}")
        else:
            shown.append("r" if column.right else "l")
    return "".join(shown)


def _row(cells: list[str]) -> str:
    # A row that begins with a bracket would be read as an option of the line before.
    line = " & ".join(cells)
    return ("{}" if line.startswith("[") else "") + line + r" \\"
