"""The HTML that commands write, in Chromium: nothing outside the page, no network, no message, axe-core clean."""

from __future__ import annotations

import browser as web
import pytest

RNN = "5x8 -> rnn: RNN(8, 4)"
KEY = "input: [4]\nlayers:\n- fc: Linear(4, 2)\nexpect:\n  fc.params: 10\n  fc.shape: [3]\n"
PAGES = {
    "shapes": ("shapes", "resnet18"),
    "params": ("params", "lenet5", "--compare-dense"),
    "explain": ("explain", "lenet5"),
    "explain free": ("explain", "3xHxW -> Conv2d(3, 16, 3, stride=2)"),
    "cost": ("cost", "resnet18"),
    "decode": ("cost", "gpt2", "--decode", "--context", "100"),
    "compare": ("compare", "lenet5", "alexnet"),
    "check": ("check", "key.yaml"),
    "ask": ("ask", "lenet5", "conv1.params"),
    "solve": ("solve", "1x28x28 -> Conv2d(1, k, 3)", "k=1..9", "--want", "total.params < 60"),
    "run": ("run", RNN),
    "through time": ("run", RNN, "--through-time", "rnn"),
    "gradcheck": ("run", RNN, "--gradcheck"),
    "worksheet": ("worksheet", "lenet5", "--key"),
    "quiz": ("quiz", "lenet5"),
    "layers": ("layers", "conv"),
    "specs": ("specs",),
    "sheets": ("check", "key.yaml", "sheet.yaml"),
}


@pytest.fixture(scope="module")
def chromium():
    with web.browser() as opened:
        yield opened


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_html(chromium, call, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key.yaml").write_text(KEY)
    (tmp_path / "sheet.yaml").write_text("name: Ada\nanswers:\n  fc.params: 8\n  fc.shape: [2]\n")
    found = call(*PAGES[name], "-f", "html")
    assert found.out.startswith("<!DOCTYPE html>"), found.err
    path = tmp_path / "page.html"
    path.write_text(found.out, encoding="utf-8")
    for width, dark in ((360, False), (1280, True), (2560, False)):
        with web.page(chromium, path, width, dark) as opened:
            contents, window = opened.wide()
            assert contents <= window, (width, contents)
            assert opened.axe() == []
            assert opened.messages == [] and len(opened.requests) == 1


def test_a_table_sorts_by_keyboard(chromium, call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key.yaml").write_text(KEY)
    (tmp_path / "sheets").mkdir()
    for who, params in (("Ada", 8), ("Bob", 10)):
        (tmp_path / "sheets" / f"{who}.yaml").write_text(f"name: {who}\nanswers:\n  fc.params: {params}\n")
    (tmp_path / "page.html").write_text(call("check", "key.yaml", "sheets", "-f", "html").out, encoding="utf-8")
    with web.page(chromium, tmp_path / "page.html") as opened:
        page = opened.page
        head = page.locator("table.sortable th button").first
        first = page.locator("table.sortable tbody tr td").first
        head.focus()
        page.keyboard.press("Enter")
        assert first.inner_text().endswith("(Ada)")
        page.keyboard.press("Enter")
        assert first.inner_text().endswith("(Bob)")
        assert page.locator("table.sortable th").first.get_attribute("aria-sort") == "descending"
        assert opened.axe() == [] and opened.messages == []
