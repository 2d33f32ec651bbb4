"""LaTeX that compiles as it is, HTML that stands on its own, and nothing in them that a name could break."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cnncalc.cli.app import main
from cnncalc.document import Column, Document, Formula, Heading, Note, Picture, Table, Tree
from cnncalc.render import html, latex

NASTY = r"50% of a_b & c^d ~ {x} #1 $5 \input <b> | 'q' " + '"z" ✓ × → é 漢'

PAGE = Document(
    [
        Heading("a_page"),
        Heading("below", 2),
        Table(
            [Column("layer", "name"), Column("type"), Column("shape", "shape"), Column("params", "number")],
            [["conv_1", NASTY, ("N", 16, 64), 1448], ["[fc]", "", None, 2]],
            footers=[["total", "", None, 1450]],
        ),
        Formula("H_out", ["⌊H/2⌋", "32"], r"H_{\text{out}}", [r"\left\lfloor \frac{H}{2} \right\rfloor", "32"]),
        Formula("params", ["a + b", "3"], r"\text{params}", ["a\n+ b", "3"]),
        Formula("plain_one", ["1 + 1", "2"]),
        Note(NASTY),
        Note("all right", "good"),
        Tree("root", [Tree("leaf_1"), Tree("leaf 2")]),
        Picture("a  b\n\n c"),
    ]
)

BODY = r"""
\section*{a\_page}

\subsection*{below}

\begin{tabular}{lllr}
\toprule
layer & type & shape & params \\
\midrule
conv\_1 & x & (N, 16) & 1,448 \\
{}[fc] & 50\% & (3,) & 2 \\
\midrule
\textbf{total} &  &  & \textbf{1,450} \\
\bottomrule
\end{tabular}

\begin{align*}
H_{\text{out}} &= \left\lfloor \frac{H}{2} \right\rfloor \\
&= 32 \\
\text{params} &= a \\
&\quad + b \\
&= 3
\end{align*}

all right
\end{document}
"""


def test_a_page_in_latex() -> None:
    table = Table(
        [Column("layer", "name"), Column("type"), Column("shape", "shape"), Column("params", "number")],
        [["conv_1", "x", ("N", 16), 1448], ["[fc]", "50%", (3,), 2]],
        footers=[["total", "", None, 1450]],
    )
    parts = [*PAGE.parts[:2], table, *PAGE.parts[3:5], Note("all right", "good")]
    written = latex.render(Document(parts))
    assert written.startswith("\\documentclass{article}\n")
    assert written.partition("\\begin{document}\n")[2] == BODY


def test_what_latex_would_read_is_escaped() -> None:
    assert latex.escape(NASTY) == (
        r"50\% of a\_b \& c\textasciicircum{}d \textasciitilde{} \{x\} \#1 \$5 \textbackslash{}input "
        r"\textless{}b\textgreater{} \textbar{} 'q' ''z'' yes $\times$ $\to$ é \texttt{U+6F22}"
    )


def test_a_long_table_may_go_on_over_the_page_and_wide_words_are_wrapped() -> None:
    rows = [[f"layer{number}", "word " * 40, number] for number in range(60)]
    written = latex.render(Document([Table([Column("layer", "name"), Column("type"), Column("n", "number")], rows)]))
    assert re.search(r"\\begin\{longtable\}\{l>\{\\raggedright\\arraybackslash\}p\{0\.\d+\\linewidth\}r\}", written)
    assert "\\endhead\n" in written


def compiled(text: str, folder: Path) -> tuple[bool, str]:
    """Whether pdflatex makes a page of it, and its log."""
    (folder / "page.tex").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "page.tex"],
        cwd=folder,
        capture_output=True,
        timeout=120,
        check=False,
    )
    log = done.stdout.decode("utf-8", "replace")
    return done.returncode == 0 and (folder / "page.pdf").stat().st_size > 1000, log


@pytest.fixture
def pdflatex() -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed (Debian: texlive-latex-base)")


COMMANDS = [
    ("explain", "section09", "--full"),
    ("explain", "lstm_classifier"),
    ("explain", "gpt2", "h.0", "total"),
    ("explain", "3x9x9 -> a_b: Conv2d(3, 4, [2, 3], padding=same, groups=1) -> MaxPool2d(2, ceil_mode=True)", "--full"),
    ("shapes", "resnet18"),
    ("params", "lenet5", "--compare-dense"),
    ("check", "section09"),
    ("ask", "lenet5", "conv1.params", "total.macs / 1e6"),
    ("shapes", "resnet50", "--macs", "--receptive"),
    ("params", "resnet50", "--compare-dense", "--macs"),
    ("cost", "resnet18"),
    ("cost", "gpt2", "--by", "part"),
    ("compare", "resnet18", "resnet50"),
    ("run", "lenet5"),
    ("layers",),
    ("layers", "conv2d"),
    ("shapes", "resnet18", "--columns", "input,weights"),
    ("cost", "llama3_8b", "--decode", "--context", "4096"),
    ("cost", "llama3_8b", "--tp", "2"),
    ("run", "5x8 -> rnn: RNN(8, 4)", "--through-time", "rnn"),
    ("run", "5x8 -> rnn: RNN(8, 4)", "--gradcheck"),
    ("solve", "3x64x64 -> Conv2d(3, c, k, stride=s)", "c=1..8", "k=1..7", "s=1..4", "--want", "output.shape[1] == 30"),
    ("worksheet", "resnet18", "--key"),
    ("specs", "bert"),
]


@pytest.mark.usefixtures("pdflatex")
@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_every_page_compiles(capsys: pytest.CaptureFixture[str], tmp_path: Path, argv: tuple[str, ...]) -> None:
    capsys.readouterr()
    assert main([*argv, "--format", "latex"]) == 0
    ok, log = compiled(capsys.readouterr().out, tmp_path)
    assert ok, log
    assert "Overfull" not in log


def test_no_column_is_lost_where_a_page_is_too_narrow() -> None:
    titles = [f"column{number}" for number in range(30)]
    columns = [Column(title, "number") for title in titles]
    written = latex.render(Document([Table([Column("layer", "name"), *columns], [["conv1", *range(30)]])]))
    assert [title for title in titles if title not in written] == []
    assert written.count(r"\begin{tabular}{l") == 2 and r"\begin{landscape}" in written
    assert written.count("The same rows, further columns: ") == 1


def test_a_fragment_has_no_document(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["shapes", "lenet5", "--format", "latex", "--fragment"]) == 0
    written = capsys.readouterr().out
    assert r"\begin{tabular}" in written and r"\documentclass" not in written
    assert main(["shapes", "lenet5", "--fragment"]) == 0
    assert "--fragment changes nothing" in capsys.readouterr().err


@pytest.mark.usefixtures("pdflatex")
def test_a_nasty_page_compiles_and_a_broken_one_is_noticed(tmp_path: Path) -> None:
    ok, log = compiled(latex.render(PAGE), tmp_path)
    assert ok, log
    assert not compiled(latex.render(PAGE).replace(r"a\_b", "a_b", 1), tmp_path)[0]


class Tags(HTMLParser):
    """Checks that tags nest, and collects what would be fetched or run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.outside: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)
        if tag in ("script", "link", "img", "iframe") or any(name in ("src", "href", "onclick") for name, _ in attrs):
            self.outside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_in_html() -> None:
    written = html.render(PAGE)
    tags = Tags()
    tags.feed(written)
    assert (tags.open, tags.outside) == ([], [])
    assert NASTY in tags.text and "<b>" not in written
    assert written.startswith("<!DOCTYPE html>\n") and "<title>a_page</title>" in written
    assert "<td>conv_1</td>" in written and '<td class="right">1,448</td>' in written
    assert "<math" in written and '<p class="formula">plain_one = 1 + 1 = 2</p>' in written
    assert '<p class="good">all right</p>' in written


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_every_page_is_html_too(capsys: pytest.CaptureFixture[str], argv: tuple[str, ...]) -> None:
    capsys.readouterr()
    assert main([*argv, "--html"]) == 0
    tags = Tags()
    tags.feed(capsys.readouterr().out)
    assert tags.open == []
