"""The live page: the same for the server of one machine and for a folder of files that has no server."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cnncalc.render.html import escape

STYLES = ("report.css", "live.css")
SCRIPTS = ("report.js", "vendor/codemirror.js", "editor.js", "live.js")
START = """\
input: [1, 28, 28]
let: {width: 8}
layers:
- conv: Conv2d(1, width, 3)
- ReLU
- MaxPool2d(2)
- Flatten
- fc: Linear(out_features=10)
"""


def page(
    title: str,
    backend: str,
    names: Sequence[str],
    text: str = "",
    answer: Mapping[str, Any] | None = None,
    policy: str = "",
) -> str:
    """The page's HTML. `backend` is the script that answers its questions, `names` are the bundled networks.

    `answer` to the text stands in the page, for the time until scripts can ask and for browsers that run none.
    """
    return "\n".join(_page(title, backend, names, text, answer or {}, policy)) + "\n"


def _page(
    title: str, backend: str, names: Sequence[str], text: str, answer: Mapping[str, Any], policy: str
) -> Iterator[str]:
    title = escape(title or "network")
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    if policy:
        yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title} - cnncalc</title>"
    yield "".join(f'<link rel="stylesheet" href="{name}">' for name in STYLES) + "</head>"
    yield '<body class="live"><form id="editor" aria-label="the network as text">'
    yield f'<div class="tools"><label for="text" id="text-title">{title}</label>'
    yield '<label class="pick">bundled <input id="pick" list="bundled" autocomplete="off"></label>'
    yield '<datalist id="bundled">' + "".join(f'<option value="{escape(name)}">' for name in names) + "</datalist>"
    yield '<button type="button" id="link">copy a link</button>'
    yield '<button type="button" id="hand-out">copy an exercise</button></div>'
    yield '<div class="code"><textarea id="text" spellcheck="false" autocomplete="off" autocapitalize="off" wrap="off">'
    yield f"{html.escape(text)}</textarea></div>"  # as it is, with its lines
    yield '<p id="text-keys" class="less">Tab indents; Escape, then Tab leaves the text. Ctrl-Space completes, '
    yield "F8 goes to the next mistake.</p>"
    yield '<p id="state" role="status"></p>'
    problems = (" · ".join([one["message"], *one["help"]]) for one in answer.get("problems", ()))
    yield '<ul id="problems" aria-live="polite">' + "".join(f"<li>{escape(one)}</li>" for one in problems) + "</ul>"
    yield '<div id="names" role="group" aria-label="names of let"></div>'
    yield '<details id="search" hidden><summary>Search sizes</summary><div id="ranges"></div>'
    yield '<label>wanted <input id="want" autocomplete="off" value="output.shape == [10]"></label>'
    yield '<button type="button" id="solve">search</button><div id="found" tabindex="0" role="region"'
    yield ' aria-label="combinations" aria-live="polite"></div></details>'
    yield '<details id="exercise"><summary>Exercise</summary><ol id="questions"></ol>'
    yield '<label>hints <select id="hints"><option value="0">none</option><option value="1" selected>where</option>'
    yield '<option value="2">which mistake</option><option value="3">the formula</option></select></label>'
    yield '<button type="button" id="check">check</button><button type="button" id="reveal">show the report</button>'
    yield '<p id="score" role="status"></p></details></form>'
    report = "\n".join(piece for _, piece in answer.get("html", ()))
    yield f'<div id="report">{report or f"<main><h1>{title}</h1></main>"}</div>'
    for name in (*SCRIPTS[:-1], backend, SCRIPTS[-1]):
        yield f'<script src="{name}"></script>'
    yield "</body></html>"
