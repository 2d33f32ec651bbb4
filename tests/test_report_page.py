"""`cnncalc report`: the file as data, and the page as a browser shows it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import browser as web
import pytest

NETS = ("lenet5", "resnet50", "gpt2", "unet", "gated_cell")


@pytest.fixture(scope="module")
def chromium():
    with web.browser() as opened:
        yield opened


@pytest.fixture
def made(tmp_path, call):
    def make(net: str, *words: str) -> Path:
        path = tmp_path / "report.html"
        found = call("report", net, "-o", str(path), *words)
        assert found.status == 0, found.err
        assert "written: " in found.err and found.out == ""
        return path

    return make


def rows_of(text: str) -> list[dict]:
    found = re.search(r'<script type="application/json" id="rows">(.*?)</script>', text, re.S)
    packed = json.loads(found[1])
    rows = []
    for row in packed["rows"]:
        before = [rows[-1]["name"]] if rows else []
        field = {"field": packed["fields"][row["field"]]} if "field" in row else {}
        rows.append({"from": before, **packed["alike"][row["as"]], **row, **field})
    return rows


class Elements(HTMLParser):
    """All tags, and all that names another place."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "action")]


@pytest.mark.parametrize("net", NETS)
def test_it_holds_all_it_needs(made, net):
    text = made(net).read_text("utf-8")
    found = Elements()
    found.feed(text)
    assert all(link.startswith("#") for link in found.links)
    assert "@import" not in text and "url(http" not in text
    assert len(text.encode()) < 1_000_000
    assert "math" in found.tags and "svg" in found.tags


@pytest.mark.parametrize("net", ["densenet201", "flux_1_dev", "stable_diffusion_1_5"])
def test_the_largest_are_below_a_megabyte(made, net):
    assert made(net).stat().st_size < 1_000_000


def test_rows_are_those_of_the_report(made, call):
    """The numbers on the page are those of `shapes --format json`."""
    rows = rows_of(made("resnet50").read_text("utf-8"))
    document = json.loads(call("shapes", "resnet50", "--format", "json").out)
    assert [row["name"] for row in rows] == [layer["name"] for layer in document["layers"]]
    assert [row["params"] for row in rows] == [f"{layer['params']:,}" for layer in document["layers"]]
    # conv1 of ResNet: a window of 7x7 that moves by 2
    assert rows[0]["field"]["size"] == [7, 7] and rows[0]["field"]["stride"] == [2, 2]


def test_what_was_written_by_a_stranger_is_escaped(made, spec):
    name = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    net = spec(f"name: {json.dumps(name)}\ninput: [4]\nlayers:\n- Linear(4, 2)\n")
    text = made(net).read_text("utf-8")
    assert "<script>alert" not in text and "<img" not in text
    assert text.count("<script") == 2


def test_executed_values_are_maps(made):
    rows = rows_of(made("lenet5", "--execute").read_text("utf-8"))
    assert rows[0]["map"]["shape"] == [6, 28, 28]
    assert all("map" in row for row in rows)
    assert not any("map" in row for row in rows_of(made("lenet5").read_text("utf-8")))


@pytest.mark.parametrize(("ending", "drawn"), [(".md", "```mermaid\n"), (".tex", "\\begin{tikzpicture}")])
def test_a_report_to_be_read_has_the_picture(call, tmp_path, ending, drawn):
    path = tmp_path / f"report{ending}"
    found = call("report", "lenet5", "-o", str(path), "--execute")
    assert (found.status, found.out) == (0, "")
    assert "note[no-effect]: --execute changes nothing in " in found.err
    text = path.read_text("utf-8")
    assert drawn in text and "61,706" in text and "416,520" in text
    if ending == ".tex" and shutil.which("pdflatex"):
        argv = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", path.name]
        done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, errors="replace", timeout=120)
        assert done.returncode == 0 and "Overfull" not in done.stdout


def test_cells_and_attention_have_their_picture(made):
    """Beside the formulas stands what `draw --inside` draws: once for layers that are alike, without their names."""
    text = made("lstm_classifier").read_text("utf-8")
    rows = {row["name"]: row for row in rows_of(text)}
    assert rows["lstm"]["inside"] == {"picture": 0}
    assert text.count('<template id="inside-') == 1 and "\\_" not in text
    embedding = rows["embed"]["inside"]
    assert len(embedding["grids"]) == 3 and len(embedding["lines"]) == 2


def test_without_a_file_it_goes_to_standard_output(call):
    found = call("report", "lenet5")
    assert found.status == 0 and found.out.startswith("<!DOCTYPE html>")


def test_free_dimensions_have_formulas_for_numbers(made):
    text = made("LxD -> a: Attention(D, num_heads=4)").read_text("utf-8")
    assert rows_of(text)[0]["out"] == "L x D"


# --- in a browser --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 800, 1280, 2560])
@pytest.mark.parametrize("net", NETS)
def test_nothing_runs_out_of_the_window(made, chromium, net, width):
    with web.page(chromium, made(net), width) as opened:
        contents, window = opened.wide()
        assert contents <= window
        assert opened.messages == []
        assert [url for url in opened.requests if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("net", NETS)
def test_axe_finds_nothing(made, chromium, net, dark):
    path = made(net)
    name = rows_of(path.read_text("utf-8"))[0]["name"]
    with web.page(chromium, path, dark=dark, hash=f"#{name}") as opened:
        assert opened.axe() == []


def test_a_click_shows_the_layer(made, chromium):
    with web.page(chromium, made("lenet5", "--execute")) as opened:
        page = opened.page
        page.click("#table button.layer >> text=conv2")
        assert page.inner_text("#detail h2") == "conv2: Conv2d(6, 16, 5)"
        assert "2,416" in page.inner_text("#detail")
        assert page.locator("#detail math").count() > 4
        assert page.locator("#detail svg.field").count() == 1
        assert page.locator("#detail canvas").count() == 8
        assert page.locator("#picture g.chosen").count() >= 1
        assert page.locator("#detail table.grid").count() == 5  # two channels of the input and kernel, and the output
        # 6 · (−2) + 3 · 0 + ...: the window times the kernel, and the bias
        assert page.locator("#detail table.grid >> nth=4").locator("mark").inner_text() == "−39"
        assert page.locator("#detail table.grid >> nth=0").locator("mark").count() == 25
        page.locator("#picture g.box:visible", has_text="fc1").first.click()
        assert page.inner_text("#detail h2").startswith("fc1: ")
        assert opened.messages == []


def test_the_table_sorts_by_keyboard(made, chromium):
    with web.page(chromium, made("resnet50")) as opened:
        page = opened.page
        page.locator("#table thead button", has_text="Parameters").focus()
        page.keyboard.press("Enter")
        shown = page.locator("#table tbody tr:visible td:nth-of-type(3)").all_inner_texts()
        numbers = [int(text.replace(",", "")) for text in shown]
        assert numbers == sorted(numbers, reverse=True) and len(numbers) == 175
        assert page.locator("th[aria-sort=descending]").inner_text().startswith("Parameters")


def test_blocks_fold_and_the_filter_finds(made, chromium):
    with web.page(chromium, made("resnet50")) as opened:
        page = opened.page
        before = page.locator("#table tbody tr:visible").count()
        page.locator("#table button.fold", has_text="layer1").click()
        assert page.locator("#table tbody tr:visible").count() < before
        page.fill("#filter", "downsample")
        assert page.locator("#table tbody tr:visible").count() == 8
        assert page.inner_text("#count") == "8 of 175 layers"
        page.fill("#filter", "")
        page.click("#open-all")
        assert page.locator("#table tbody tr.leaf:visible").count() == 175
