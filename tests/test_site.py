"""`cnncalc serve --static`: the site in Chromium, from a plain file server, with Python in the browser.

The runtime is the archive that `npm pack pyodide` writes; `PYODIDE` names it.
"""

from __future__ import annotations

import functools
import os
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import browser as web
import pytest

PYODIDE = os.environ.get("PYODIDE", "")
NET = """\
name: small
input: [3, 32, 32]
let: {width: 16}
layers:
- conv: Conv2d(3, width, 3)
- Flatten
- fc: Linear(out_features=10)
"""
MOST = 16_000_000  # bytes of the whole site, unpacked
FIRST = 16_000_000  # bytes that the first view loads
OWN = 2_200_000  # of them without the runtime


def test_what_is_no_runtime_is_refused(call, tmp_path):
    found = call("serve", "--static", str(tmp_path / "site"))
    assert found.status == 2 and "npm pack pyodide@" in found.err
    (tmp_path / "some.tgz").write_bytes(b"no archive")
    for place in ("some.tgz", "nosuch.tgz", "."):
        found = call("serve", "--static", str(tmp_path / "site"), "--pyodide", str(tmp_path / place))
        assert found.status == 2 and "error[file-unreadable]" in found.err and "npm pack" in found.err
    assert not (tmp_path / "site").exists()
    found = call("serve", "--no-open", "--pyodide", "x", "nosuch.yaml")
    assert found.status == 2


class Quiet(SimpleHTTPRequestHandler):
    """A plain file server that writes nothing."""

    def log_message(self, format, *args):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    if not PYODIDE:
        pytest.skip("no runtime: PYODIDE names the archive that npm pack pyodide writes")
    from cnncalc.web import site as writing

    folder = tmp_path_factory.mktemp("site")
    writing.write(str(folder), writing.site(PYODIDE, "small", NET))
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}/", server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def context(site):
    with web.browser() as opened:
        yield opened.new_context(viewport={"width": 1280, "height": 900}, permissions=["clipboard-read"])


@pytest.fixture
def opened(site, context):
    found = web.Opened(context.new_page())
    found.page.set_default_timeout(120_000)
    found.page.goto(site[1])
    found.page.wait_for_selector("#table")
    yield found
    found.page.close()


def until(page, expression):
    """Wait for what a script says; the page's policy forbids Playwright's own way."""
    for _ in range(600):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(expression)


def fill(page, text):
    page.fill("#text", text)


def test_the_site_is_small(site):
    sizes = {str(path.relative_to(site[0])): path.stat().st_size for path in site[0].rglob("*") if path.is_file()}
    assert sum(sizes.values()) < MOST
    assert sum(size for name, size in sizes.items() if not name.startswith("pyodide/")) < OWN
    assert "MIT License" in (site[0] / "vendor" / "codemirror.LICENSE.txt").read_text()


def test_typing_a_mistake_and_its_fix(site, opened):
    page = opened.page
    page.wait_for_selector("text=16x30x30")
    assert page.locator("#problems li").count() == 0 and page.locator("#picture svg").count() >= 1
    fill(page, NET.replace("Conv2d(3, width", "Conv2d(3, 24"))
    page.wait_for_selector("text=24x30x30")
    fill(page, NET.replace("Conv2d(3, width", "Conv2d(4, width"))
    page.wait_for_selector("#problems li.error")
    assert "line 5" in page.inner_text("#problems") and page.inner_text(".cm-lintRange-error") == "4"
    page.click("#problems .fix")
    page.wait_for_selector("text=16x30x30")
    assert web.text(page) == NET and page.locator("#problems li").count() == 0
    page.keyboard.press("Control+z")
    page.wait_for_selector("#problems li.error")
    page.keyboard.press("Control+y")
    page.wait_for_selector("text=16x30x30")
    assert web.text(page) == NET
    page.keyboard.press("Control+End")
    page.keyboard.type("- Softm")
    page.wait_for_selector(".cm-tooltip-autocomplete >> text=Softmax")
    fill(page, NET)
    page.click("#table button.layer >> text=conv")
    assert page.locator("#detail math").count() >= 1  # a formula
    assert opened.messages == []
    assert all(url.startswith(site[1]) for url in opened.requests)
    for width in (360, 1280, 2560):
        page.set_viewport_size({"width": width, "height": 900})
        contents, window = opened.wide()
        assert contents <= window
    page.evaluate("for (const one of document.querySelectorAll('#editor details')) one.open = true")
    page.wait_for_selector("#questions input")
    assert opened.axe() == []


def test_every_kind_of_text(opened):
    page = opened.page
    fill(page, "3x8x8 -> Conv2d(3, 4, 3)")
    page.wait_for_selector("text=4x6x6")
    fill(page, "from torch import nn\nmodel = nn.Sequential(nn.Linear(4, 2), nn.ReLU())\n")
    page.wait_for_selector("#table >> text=Linear(4, 2)")
    fill(page, "RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x400 and 120x84)")
    page.wait_for_selector("#report section >> text=400")
    fill(page, "")
    until(page, "document.querySelector('#report #table') === null")
    page.fill("#pick", "lenet5")
    page.dispatch_event("#pick", "change")
    page.wait_for_selector("h1 >> text=lenet5")
    page.fill("#pick", "nosuch")
    page.dispatch_event("#pick", "change")
    page.wait_for_selector("#state >> text=no bundled network: nosuch")
    assert opened.messages == []


def test_a_search_is_solved_and_taken(opened):
    page = opened.page
    fill(page, NET)
    page.wait_for_selector("text=16x30x30")
    page.click("#search summary")
    page.fill("#want", "conv.params == 336")  # 3·3·3·12 + 12
    page.click("#solve")
    page.wait_for_selector("#found button")
    assert page.locator("#found tbody tr").count() == 1
    page.click("#found button")
    page.wait_for_selector("text=12x30x30")
    page.fill("#want", "conv.paramz == 336")
    page.click("#solve")
    page.wait_for_selector("#found p")
    assert opened.messages == []


def test_a_link_carries_an_exercise(site, context, opened):
    page = opened.page
    fill(page, NET.replace("width: 16", "width: 4") + "expect:\n  conv.params:\n  fc.params: 36010\n")
    page.wait_for_selector("text=4x30x30")
    page.click("#hand-out")
    until(page, "location.hash.startsWith('#e=')")
    other = web.Opened(context.new_page())
    other.page.set_default_timeout(120_000)
    other.page.goto(page.url)
    other.page.wait_for_selector("#questions input")
    assert not other.page.is_visible("#report")
    assert "width: 4" in web.text(other.page)
    other.page.fill("#questions li:nth-child(1) input", "112")  # 3·3·3·4 + 4
    other.page.fill("#questions li:nth-child(2) input", "36000")  # the bias left out
    other.page.select_option("#hints", "2")
    other.page.click("#check")
    other.page.wait_for_selector("#score >> text=1 of 2 are right")
    assert "bias" in other.page.inner_text("#questions li:nth-child(2)")
    assert "36,010" not in other.page.inner_text("#questions") and "36010" not in other.page.inner_text("#questions")
    other.page.click("#reveal")
    assert other.page.is_visible("#report")
    assert other.messages == []
    other.page.goto(site[1] + "#t=nonsense!")
    other.page.wait_for_selector("#state >> text=the link cannot be read")
    other.page.close()


def test_resnet50_follows_a_keystroke(site, opened):
    page = opened.page
    page.fill("#pick", "resnet50")
    page.dispatch_event("#pick", "change")
    page.wait_for_selector("h1 >> text=resnet50")
    # How often it is typed does not matter, only the last text: the reports in between are not drawn.
    spent = page.evaluate(
        """async () => {
          const found = [];
          for (let at = 0; at < 5; at += 1) {
            const start = performance.now();
            const text = CodeMirror.EditorView.findFromDOM(document.getElementById("text")).state.doc.toString();
            await window.cnncalcBackend.ask({ what: "report", text, settings: {} });
            found.push(performance.now() - start);
          }
          return Math.min(...found);
        }"""
    )
    assert spent < 3_000, spent  # 200 ms on an idle machine: docs/live.md


def test_offline_after_the_first_load(site, context, opened):
    page = opened.page
    until(page, "navigator.serviceWorker.controller !== null")
    until(
        page,
        "caches.keys().then(async (names) => (await (await caches.open(names[0])).keys()).length >= 14)",
    )
    context.set_offline(True)
    try:
        page.reload()
        page.wait_for_selector("text=16x30x30")
        fill(page, NET.replace("Conv2d(3, width", "Conv2d(3, 20"))
        page.wait_for_selector("text=20x30x30")
    finally:
        context.set_offline(False)
    assert opened.messages == []


def test_the_value_of_an_option_without_its_name_is_mended():
    from cnncalc.web.live import reply

    found = reply({"text": NET.replace("Conv2d(3, width", "Conv2d(4, width")})["problems"]
    assert found[0]["fixes"] == [{"title": "write in_channels=3", "line": 5, "column": 16, "length": 1, "text": "3"}]


def test_the_example_is_a_network_and_what_help_writes_is_a_fix():
    from cnncalc.web.live import reply
    from cnncalc.web.page import START

    assert reply({"text": START})["problems"] == []
    begun = reply({"text": START.replace("out_features=10", "10")})
    assert "8x13x13" in begun["html"][0][1]  # the layers before it
    found = begun["problems"]
    assert {"title": "write Linear(out_features=10)", "line": 8, "column": 7, "length": 10,
            "text": "Linear(out_features=10)"} in found[0]["fixes"]  # fmt: skip
