"""A picture in TikZ, as a document of its own or as a part of one. What stands in it can do nothing but be printed."""

from __future__ import annotations

from cnncalc.diagram.formats.svg import head
from cnncalc.diagram.inks import LIGHT
from cnncalc.diagram.scene import Point, Rectangle, Scene, Shape, Words
from cnncalc.render.text import safe

SIGNS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
    '"': "''",
    "×": r"$\times$",
    "÷": r"$\div$",
    "−": "$-$",
    "·": r"$\cdot$",
    "⊙": r"$\odot$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "√": r"$\surd$",
    "⌊": r"$\lfloor$",
    "⌋": r"$\rfloor$",
    "→": r"$\to$",
    "…": r"\dots{}",
    "Σ": r"$\Sigma$",
    "σ": r"$\sigma$",
    "μ": r"$\mu$",
    "γ": r"$\gamma$",
    "β": r"$\beta$",
    "ε": r"$\varepsilon$",
}
# What is larger than the text of the document is made as large as that.
SHRUNK = (
    (
        r"% In the document's head: \usepackage{tikz}. The picture is shrunk to the width and the height of the text.",
        r"\begingroup\setbox0=\hbox{%",
    ),
    (
        r"}\ifdim\wd0>\linewidth\setbox0=\hbox{\resizebox{\linewidth}{!}{\copy0}}\fi",
        r"\ifdim\ht0>.9\textheight\setbox0=\hbox{\resizebox{!}{.9\textheight}{\copy0}}\fi",
        r"\leavevmode\box0\endgroup",
    ),
)
ANCHORS = {"start": "base west", "middle": "base", "end": "base east"}


def render(scene: Scene, fragment: bool = False) -> str:
    """The picture; a `fragment` goes into a document with `\\usepackage{tikz}`, made smaller where it is too large."""
    items = scene.flat()
    used: dict[str, None] = {"paper": None}
    body: list[str] = []
    for item in items:
        used[item.ink] = None
        if isinstance(item, Shape) and item.arrow:
            used[f"head {item.ink}"] = None
        body += _drawn(item)
    out = [f"\\definecolor{{{_name(ink, part)}}}{{HTML}}{{{colour}}}" for ink in used for part, colour in _colours(ink)]
    out.append(r"\begin{tikzpicture}[x=0.75bp, y=-0.75bp, line width=0.8bp, inner sep=0pt, outer sep=0pt]")
    out.append(f"\\useasboundingbox (0,0) rectangle ({scene.width:.1f},{scene.height:.1f});")
    out += [*body, r"\end{tikzpicture}"]
    if fragment:
        out = [*SHRUNK[0], *out, *SHRUNK[1]]
    else:
        size = f"paperwidth={scene.width * 0.75 + 8:.1f}bp, paperheight={scene.height * 0.75 + 16:.1f}bp, margin=4bp"
        before = [r"\documentclass{article}", r"\usepackage[utf8]{inputenc}", r"\usepackage{tikz}"]
        before += [rf"\usepackage[{size}]{{geometry}}", r"\pagestyle{empty}", r"\parindent=0pt", r"\topskip=0pt"]
        out = [*before, r"\begin{document}", *out, r"\end{document}"]
    return "\n".join(out) + "\n"


def _name(ink: str, part: str) -> str:
    return f"cnn{ink.replace(' ', '')}{part}"


def _colours(ink: str) -> list[tuple[str, str]]:
    fill, edge = LIGHT[ink]
    return [(part, colour[1:].upper()) for part, colour in (("fill", fill), ("edge", edge)) if colour != "none"]


def _ink(ink: str, fills: bool) -> str:
    fill, edge = LIGHT[ink]
    found = []
    if fills and fill != "none":
        found.append(f"fill={_name(ink, 'fill')}")
    if edge != "none":
        found.append(f"draw={_name(ink, 'edge')}")
    return ", ".join(found)


def _drawn(item: Shape | Rectangle | Words) -> list[str]:
    if isinstance(item, Words):
        font = rf"\sffamily\fontsize{{{item.size * 0.75:g}}}{{{item.size * 0.9:g}}}\selectfont"
        font += r"\bfseries" if item.bold else ""
        options = f"anchor={ANCHORS[item.anchor]}, text={_name(item.ink, 'fill')}, font={font}"
        if item.halo:
            options += ", fill=cnnpaperfill, fill opacity=0.8, text opacity=1"
        return [f"\\node[{options}] at {_at((item.x, item.y))} {{{_text(item.text)}}};"]
    options = _ink(item.ink, not isinstance(item, Shape) or item.closed)
    options += ", dash pattern=on 3bp off 2bp" if item.dash else ""
    if isinstance(item, Rectangle):
        options += f", rounded corners={item.round * 0.75:.1f}bp" if item.round else ""
        end = (item.x + item.width, item.y + item.height)
        return [f"\\path[{options}] {_at((item.x, item.y))} rectangle {_at(end)};"]
    path = _at(item.start)
    for part in item.parts:
        if len(part) == 3:
            path += f" .. controls {_at(part[0])} and {_at(part[1])} .. {_at(part[2])}"
        else:
            path += f" -- {_at(part[0])}"
    out = [f"\\path[{options}] {path}{' -- cycle' if item.closed else ''};"]
    if item.arrow:
        tip, left, right = map(_at, head(item))
        out.append(f"\\path[{_ink(f'head {item.ink}', True)}] {tip} -- {left} -- {right} -- cycle;")
    return out


def _at(point: Point) -> str:
    return f"({point[0]:.1f},{point[1]:.1f})"


def _text(text: str) -> str:
    """Letters that every LaTeX prints; what it does not have is a question mark."""
    return "".join(
        SIGNS.get(letter) or (letter if letter.isascii() or "\u00c0" <= letter <= "\u00ff" else "?")
        for letter in safe(text)
    )
