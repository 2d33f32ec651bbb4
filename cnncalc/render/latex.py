"""LaTeX: a whole document that compiles as it is, with pdflatex and what every TeX brings along."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnncalc.document import Document, Formula, Heading, Note, Part, Picture, Question, Table
from cnncalc.render.fit import hanging
from cnncalc.render.plain import picture_lines, tree_lines
from cnncalc.render.text import NO, YES, safe, width, written

HEAD = r"""\documentclass{article}
\usepackage[a4paper, margin=2cm]{geometry}
\usepackage[utf8]{inputenc}
\usepackage{amsmath}
\usepackage{array}
\usepackage{booktabs}
\usepackage{longtable}
\usepackage{pdflscape}
\setlength{\parindent}{0pt}
\raggedright
\allowdisplaybreaks
\begin{document}
"""
NEEDS = r"""% In the document's head: \usepackage{amsmath, array, booktabs, longtable, pdflscape}
"""
TAIL = "\\end{document}\n"
SECTIONS = {1: "section*", 2: "subsection*"}
# A table of more rows may go on over the page.
LONGEST = 40
# Characters that a line holds in each size, on an upright page or a rotated one; what words are given at least.
SIZES = (
    ("", 82, False),
    (r"\small", 90, False),
    (r"\footnotesize", 102, False),
    (r"\footnotesize", 150, True),
    (r"\scriptsize", 160, True),
)
NARROWEST = 19
# Characters of a typewriter that a line holds, and of a heading that need not be broken.
TYPED, HEADED = 84, 60
# Where a line may be broken in what has no spaces.
BREAKS = str.maketrans({sign: sign + r"\allowbreak{}" for sign in ".(=/"})
LONG_NAME, HUMP = re.compile(r"\w{16,}"), re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Kinds of columns whose cells may go on below.
SOFT = ("text", "value", "name")

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
# In formulas, also inside of their words.
GREEK = str.maketrans({sign: rf"\ensuremath{{{ESCAPES[sign].strip('$')}}}" for sign in "βγεμσΣ∂·×−"})
TABLE = str.maketrans(ESCAPES)


def render(document: Document, fragment: bool = False) -> str:
    """The document as LaTeX that ends with a newline; a `fragment` is its body, for `input` in another."""
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
    body = "".join(line + "\n" for line in lines)
    drawn = any(isinstance(part, Picture) and part.language == "tikz" for part in document.parts)
    head = HEAD.replace(r"\begin{document}", r"\usepackage{tikz}" + "\n" + r"\begin{document}") if drawn else HEAD
    return NEEDS + body if fragment else head + body + TAIL


def escape(text: str) -> str:
    """The text so that LaTeX prints it as it is; what its fonts do not have is named by its number."""
    shown = safe(text).translate(TABLE)
    return shown if shown.isascii() else "".join(c if ord(c) < 0x100 else rf"\texttt{{U+{ord(c):04X}}}" for c in shown)


def _part(part: Part) -> Iterator[str]:
    yield ""
    if isinstance(part, Heading):
        text = escape(part.text)
        if width(part.text) > HEADED:
            text = r"\raggedright " + text.translate(BREAKS)
        yield f"\\{SECTIONS.get(part.level, 'paragraph*')}{{{text}}}"
    elif isinstance(part, Table):
        yield from _table(part)
    elif isinstance(part, Note):
        yield escape(part.text).translate(BREAKS)
    elif isinstance(part, Question):
        yield from _question(part)
    elif isinstance(part, Formula):
        yield escape(" = ".join([part.left, *part.steps]))
    elif isinstance(part, Picture) and part.language == "tikz":  # what the formats of pictures wrote
        yield part.text
    else:
        texts = picture_lines(part) if isinstance(part, Picture) else tree_lines(part)
        shown = [escape(text).replace(" ", "~") for line in texts for text in hanging(line, TYPED, 4)]
        yield r"{\ttfamily " + "\\\\{}\n".join(text or "~" for text in shown) + r"\par}"


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
        left = formula.tex_left.translate(GREEK)
        for step in formula.tex_steps:
            first, *rest = step.translate(GREEK).split("\n")
            rows.append(f"{left} &= {first}")
            rows.extend(rf"&\quad {more}" for more in rest)
            left = ""
    yield ""
    yield r"\begin{align*}"
    yield from (row.lstrip() + r" \\" for row in rows[:-1])
    yield rows[-1].lstrip()
    yield r"\end{align*}"


def _table(table: Table) -> Iterator[str]:
    """A table that fits: as it is, in a smaller type, on a rotated page, or in parts with the first column."""
    head = [safe(column.title) for column in table.columns]
    body = written(table, [*table.lead, *table.rows])
    feet = written(table, table.footers)
    widths = [max(map(width, cells)) for cells in zip(head, *body, *feet, strict=True)]
    least = [
        min(wide, NARROWEST) if column.kind in SOFT else wide
        for column, wide in zip(table.columns, widths, strict=True)
    ]
    size, room, turned = next(
        ((size, room, turned) for size, room, turned in SIZES if sum(wide + 2 for wide in least) <= room),
        SIZES[-1],
    )
    parts = _split(least, room)
    if turned:
        yield r"\begin{landscape}"
    if size:
        yield "{" + size
    for number, kept in enumerate(parts):
        if number:
            names = ", ".join(head[at] for at in kept[1:])
            yield rf"\medskip\noindent The same rows, further columns: {escape(names)}.\par\nopagebreak\medskip"
        columns = Table([table.columns[at] for at in kept], [])
        own, rest, sums = ([[row[at] for at in kept] for row in rows] for rows in ([head], body, feet))
        yield from _grid(columns, own, rest, sums, room)
    if size:
        yield r"\par}"
    if turned:
        yield r"\end{landscape}"


def _split(least: list[int], room: int) -> list[list[int]]:
    """The columns of each part: the first one stands in all."""
    parts = [[0]]
    for at in range(1, len(least)):
        if len(parts[-1]) > 1 and sum(least[column] + 2 for column in [*parts[-1], at]) > room:
            parts.append([0])
        parts[-1].append(at)
    return parts


def _grid(
    table: Table, head: list[list[str]], body: list[list[str]], feet: list[list[str]], room: int
) -> Iterator[str]:
    kind = "longtable" if len(body) > LONGEST else "tabular"
    yield rf"\begin{{{kind}}}{{{_columns(table, [*head, *body, *feet], room)}}}"
    yield r"\toprule"
    yield _row([escape(title) for title in head[0]])
    yield r"\midrule"
    if kind == "longtable":
        yield r"\endhead"
    for row in body:
        yield _row([_cell(text, column.kind) for text, column in zip(row, table.columns, strict=True)])
    if feet:
        yield r"\midrule"
        for row in feet:
            yield _row([rf"\textbf{{{escape(text)}}}" if text else "" for text in row])
    yield r"\bottomrule"
    yield rf"\end{{{kind}}}"


def _cell(text: str, kind: str) -> str:
    """A cell; words may be broken after a dot or a bracket, long names where a capital begins the next word."""
    if kind not in SOFT:
        return escape(text)
    return LONG_NAME.sub(lambda name: HUMP.sub(r"\\allowbreak{}", name[0]), escape(text).translate(BREAKS))


def _columns(table: Table, rows: list[list[str]], room: int) -> str:
    """How columns are set: left, right, or, where the line is too short for all, a paragraph for words."""
    widths = [max(map(width, cells)) for cells in zip(*rows, strict=True)]
    soft = [column.kind in SOFT and wide > NARROWEST for column, wide in zip(table.columns, widths, strict=True)]
    left = room - sum(wide + 2 for wide, can in zip(widths, soft, strict=True) if not can)
    wanted = sum(wide + 2 for wide, can in zip(widths, soft, strict=True) if can)
    over = sum(wide - NARROWEST for wide, can in zip(widths, soft, strict=True) if can)
    spare = max(left - soft.count(True) * (NARROWEST + 2), 0)
    shown = []
    for column, wide, can in zip(table.columns, widths, soft, strict=True):
        if can and wanted > left:
            part = (NARROWEST + spare * (wide - NARROWEST) // over) / room
            shown.append(rf">{{\raggedright\arraybackslash}}p{{{part:.3f}\linewidth}}")
        else:
            shown.append("r" if column.right else "l")
    return "".join(shown)


def _row(cells: list[str]) -> str:
    # A row that begins with a bracket would be read as an option of the line before.
    line = " & ".join(cells)
    return ("{}" if line.startswith("[") else "") + line + r" \\"
