"""`cnncalc serve`: who gets an answer, and the page in a browser."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import browser as web
import pytest

NET = """\
input: [3, 32, 32]
let: {width: 16}
layers:
- conv: Conv2d(3, width, 3)
- Flatten
- fc: Linear(out_features=10)
"""


class Serving:
    """A server process and the way to it."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cnncalc", "serve", *words], cwd=folder, stdout=subprocess.PIPE, text=True
        )
        self.address = self.process.stdout.readline().strip()
        assert self.address.startswith("http://127.0.0.1:")
        self.port = int(self.address.split(":")[2].split("/")[0])
        self.path = "/" + self.address.split("/", 3)[3]

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, bytes]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            link.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = link.getresponse()
            return answer.status, answer.read()
        finally:
            link.close()

    def report(self, text: str, **settings: int) -> dict:
        status, body = self.ask("POST", self.path + "ask", json.dumps({"text": text, "settings": settings}))
        assert status == 200
        return json.loads(body)


def shown(answer: dict) -> str:
    """The report of an answer, all pieces of it."""
    return "".join(html for _, html in answer["html"])


@pytest.fixture
def serving(tmp_path):
    (tmp_path / "net.yaml").write_text(NET)
    (tmp_path / "secret.txt").write_text("secret")
    opened = Serving(tmp_path, "net.yaml")
    yield opened
    opened.process.send_signal(signal.SIGINT)
    assert opened.process.wait(timeout=60) == 130


def test_a_text_gets_its_report_and_its_mistakes(serving):
    good = serving.report(NET)
    assert good["problems"] == [] and good["names"] == {"width": 16} and "448" in shown(good)
    wide = serving.report(NET, width=32)
    assert wide["names"] == {"width": 32} and "896" in shown(wide)  # 3·3·3·32 + 32
    wrong = serving.report(NET.replace("- Flatten\n", ""))
    assert ("448" in shown(wrong) and wrong["problems"] == []) or wrong["problems"]
    broken = serving.report("input: [3\nlayers:")
    assert broken["html"] == [] and broken["problems"][0]["line"] >= 1
    chain = serving.report("3x8x8 -> Conv2d(3, 4, 3)")
    assert "4x6x6" in shown(chain)
    source = "from torch import nn\nmodel = nn.Sequential(nn.Linear(4, 2), nn.ReLU())\n"
    assert "10" in shown(serving.report(source))
    place = {"what": "complete", "text": source.replace(".ReLU()", ".ReL"), "line": 2, "column": 46}
    choices = json.loads(serving.ask("POST", serving.path + "ask", json.dumps(place))[1])["choices"]
    assert "ReLU" in [one["text"] for one in choices]


def test_the_text_is_that_of_the_file(serving, tmp_path):
    assert json.loads(serving.ask("GET", serving.path + "text")[1])["text"] == NET
    (tmp_path / "net.yaml").write_text(NET.replace("16", "8"))
    assert json.loads(serving.ask("GET", serving.path + "text")[1])["text"] == NET.replace("16", "8")


def test_strangers_get_nothing(serving):
    path = serving.path
    body = json.dumps({"text": NET, "settings": {}})
    assert serving.ask("GET", "/")[0] == 404
    assert serving.ask("GET", "/" + "x" * 22 + "/")[0] == 404
    assert serving.ask("GET", path, Host="example.com")[0] == 403
    assert serving.ask("GET", path, Host=f"example.com:{serving.port}")[0] == 403
    assert serving.ask("POST", path + "ask", body, Origin="http://example.com")[0] == 403
    assert serving.ask("POST", path + "ask", body, Origin="null")[0] == 403
    for name in ("secret.txt", "../secret.txt", "%2e%2e/secret.txt", "net.yaml", "report.py", "..%5csecret.txt"):
        status, answer = serving.ask("GET", path + name)
        assert status == 404 and b"secret" not in answer
    assert serving.ask("POST", path + "ask", "{")[0] == 400
    assert serving.ask("POST", path + "ask", '{"text": 1, "settings": {"a": "b"}}')[0] == 400
    assert serving.ask("POST", path + "ask", "", Content_Length=str(100 * 1024 * 1024))[0] == 413
    assert serving.ask("POST", path + "text", "")[0] == 404
    assert serving.report(NET)["problems"] == []


def test_a_thousand_at_once_are_answered(serving):
    gate = threading.Barrier(1_000)
    body = json.dumps({"text": NET, "settings": {}})

    def ask(number):
        gate.wait()
        return serving.ask(*(("GET", serving.path + "text") if number % 2 else ("POST", serving.path + "ask", body)))[0]

    with ThreadPoolExecutor(1_000) as pool:
        assert list(pool.map(ask, range(1_000))) == [200] * 1_000
    assert serving.report(NET)["problems"] == []


def test_a_wrong_name_is_said(call):
    found = call("serve", "nosuch.yaml", "--no-open")
    assert found.status == 2 and "nosuch.yaml" in found.err


@pytest.fixture(scope="module")
def chromium():
    with web.browser() as opened:
        yield opened


@pytest.mark.parametrize("width", [360, 1280, 2560])
def test_the_page_follows_what_is_typed(serving, chromium, tmp_path, width):
    context = chromium.new_context(viewport={"width": width, "height": 900})
    opened = web.Opened(context.new_page())
    page = opened.page
    page.goto(serving.address)
    page.wait_for_selector("#table")
    assert web.text(page) == NET
    assert page.locator("#problems li").count() == 0
    page.fill("#text", NET.replace("Conv2d(3, width, 3)", "Conv2d(3, 24, 3)"))
    page.wait_for_selector("text=24x30x30")
    page.fill("#text", NET.replace("Conv2d(3,", "Conv2d(4,"))
    page.wait_for_selector("#problems li.error")
    assert "line 4" in page.inner_text("#problems")
    assert page.locator(".cm-lintRange-error").all_inner_texts() == ["4"]
    assert page.locator(".cm-gutter-lint .cm-lint-marker-error").count() == 1
    assert page.locator(".w-type").all_inner_texts() == ["Conv2d", "Flatten", "Linear"]
    assert page.locator(".w-number").all_inner_texts() == ["3", "32", "32", "16", "4", "3", "10"]
    page.fill("#text", "input: [3")  # a mistake alone
    page.wait_for_selector("#problems li >> text=never closed")
    assert opened.axe() == []
    page.fill("#text", NET)
    page.wait_for_selector("text=16x30x30")
    page.locator("#names input").evaluate("e => { e.value = 20; e.dispatchEvent(new Event('input')) }")
    page.wait_for_selector("text=20x30x30")
    page.click("#table button.layer >> text=conv")
    assert page.inner_text("#detail h2").startswith("conv: ")
    (tmp_path / "net.yaml").write_text(NET.replace("width: 16", "width: 12"))
    page.wait_for_selector("text=12x30x30")
    assert page.inner_text("#detail h2").startswith("conv: Conv2d(3, 12")
    contents, window = opened.wide()
    assert contents <= window
    assert opened.axe() == []
    assert opened.messages == []
    assert all(url.startswith(serving.address) for url in opened.requests)
    context.close()


DEEP = """\
input: [3, 8, 8]
define:
  block(c): [Conv2d(c, c, 3, padding=1), ReLU]
layers:
- residual: [block(3), block(3)]
- Flatten
- fc: Linear(out_features=10)
"""


def test_a_picture_is_drawn_when_it_is_asked_for(serving, chromium):
    """The one that is shown comes with the report, and stays the one that was chosen."""
    opened = web.Opened(chromium.new_page(viewport={"width": 1280, "height": 900}))
    page = opened.page
    page.goto(serving.address)
    page.wait_for_selector("#table")
    page.fill("#text", DEEP)
    page.wait_for_selector("[data-picture]")
    drawn = "[...document.querySelectorAll('[data-shows]')].map((one) => one.querySelectorAll('svg').length)"
    counts = page.evaluate(drawn)
    assert sum(counts) == 1 and len(counts) > 1
    last = page.locator("[data-picture]").last
    last.click()
    page.wait_for_selector("[data-shows]:not([hidden]) svg")
    assert last.get_attribute("aria-pressed") == "true"
    page.locator("[data-shows]:not([hidden]) g.box").last.click()
    assert page.inner_text("#detail h2").startswith("fc: Linear")
    page.fill("#text", DEEP.replace("out_features=10", "out_features=20"))
    page.wait_for_selector("#table >> text=20")
    assert page.evaluate(drawn)[-1] == 1 and last.get_attribute("aria-pressed") == "true"
    assert page.locator("[data-shows]:not([hidden]) g.box.chosen").count() == 1
    assert opened.axe() == [] and opened.messages == []
    page.close()


def test_what_did_not_change_stays_on_the_page(serving, chromium):
    """Lines that are the same are the same elements, folded as they were; each click counts once."""
    opened = web.Opened(chromium.new_page(viewport={"width": 1280, "height": 900}))
    page = opened.page
    page.goto(serving.address)
    page.wait_for_selector("#table")
    page.fill("#text", DEEP)
    page.wait_for_selector("#table .fold")
    page.evaluate("document.getElementById('l1').dataset.mine = 'yes'")
    for width in (20, 30):
        page.fill("#text", DEEP.replace("out_features=10", f"out_features={width}"))
        page.wait_for_selector(f"#sums >> text={width}")
    assert page.get_attribute("#l1", "data-mine") == "yes"
    fold = page.locator("#table .fold").first
    fold.click()
    assert fold.get_attribute("aria-expanded") == "false" and not page.is_visible("#l0")
    page.fill("#text", DEEP.replace("block(3)]", "block(3), ReLU]").replace("=10", "=40"))  # one line more
    page.wait_for_selector("#sums >> text=40")
    assert page.is_visible("#l0")
    page.click("#table thead button >> text=MACs")
    page.fill("#text", DEEP.replace("=10", "=50"))
    page.wait_for_selector("#sums >> text=50")
    assert page.locator("[aria-sort]").count() == 0
    pictures = page.locator("[data-picture]")
    for at in (0, -1, 0):  # one is drawn when it is asked for, of the text as it is
        pictures.nth(at).click()
        page.wait_for_selector("[data-shows]:not([hidden]) svg")
    page.fill("#text", DEEP.replace("=10", "=60"))
    page.wait_for_selector("#sums >> text=60")
    pictures.last.click()
    page.wait_for_selector("[data-shows]:not([hidden]) svg text >> text=60")
    assert opened.axe() == [] and opened.messages == []
    page.close()


@pytest.mark.parametrize("width", [360, 2560])
def test_the_page_in_the_dark_by_keyboard_alone(serving, chromium, width):
    """Tab reaches everything, Enter opens it and takes the fix; axe-core finds nothing in either part."""
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme="dark")
    opened = web.Opened(context.new_page())
    page = opened.page
    page.goto(serving.address)
    page.wait_for_selector("#table")

    def to(selector):
        for _ in range(80):
            page.keyboard.press("Escape")  # Tab alone indents in the text
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches({json.dumps(selector)})"):
                return
        raise AssertionError(f"Tab does not reach {selector}")

    to("#text")
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(NET.replace("Conv2d(3,", "Conv2d(4,"))
    page.wait_for_selector("#problems li.error")
    assert opened.axe() == []
    to("#problems .fix")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=16x30x30")
    assert web.text(page) == NET
    page.keyboard.press("Control+z")
    page.wait_for_selector("#problems li.error")
    page.keyboard.press("F8")
    page.wait_for_selector(".cm-activeLine >> text=Conv2d(4")
    page.hover(".cm-lintRange-error")
    page.wait_for_selector(".cm-tooltip-lint button")
    assert opened.axe() == []
    page.keyboard.press("Control+f")
    page.wait_for_selector(".cm-search")
    assert opened.axe() == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+y")
    page.wait_for_selector("text=16x30x30")
    page.keyboard.press("Control+Home")
    page.keyboard.press("Tab")
    assert web.text(page) == "  " + NET
    page.keyboard.press("Control+z")
    page.wait_for_selector("text=16x30x30")
    to("#names input")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("text=17x30x30")
    for summary in ("#search summary", "#exercise summary"):
        to(summary)
        page.keyboard.press("Enter")
    page.wait_for_selector("#questions input")
    to("#questions input")
    page.keyboard.insert_text("476")  # 3·3·3·17 + 17
    to("#check")
    page.keyboard.press("Enter")
    page.wait_for_selector(".said[data-state]:not([data-state=''])")
    to("#table button.layer")
    page.keyboard.press("Enter")
    assert page.inner_text("#detail h2").startswith("conv: ")
    assert opened.axe() == [] and opened.messages == []
    contents, window = opened.wide()
    assert contents <= window
    context.close()


def test_completion_in_the_text(serving, chromium):
    """Tab takes what is offered, Enter only what was chosen; a dot keeps what stands before it."""
    opened = web.Opened(chromium.new_page(viewport={"width": 360, "height": 900}))
    page = opened.page
    page.goto(serving.address)
    page.wait_for_selector("#table")
    page.click("#text")
    page.keyboard.press("Control+End")

    def offered(word):
        page.wait_for_selector(f".cm-tooltip-autocomplete li >> text={word}")
        page.wait_for_timeout(100)  # what has just been shown is not taken yet
        assert opened.axe() == []

    page.keyboard.type("- Softm")
    offered("Softmax")
    page.keyboard.press("Tab")
    page.keyboard.type("(")
    offered("dim")
    page.keyboard.press("Enter")
    page.keyboard.press("Backspace")
    assert web.text(page) == NET + "- Softmax("
    page.keyboard.type("d")
    offered("dim")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("1)\nexpect:\n  conv.par")
    offered("params")
    page.keyboard.press("Tab")
    page.keyboard.type(": 448")
    page.wait_for_selector("#sums >> text=144,458")
    assert web.text(page).endswith("- Softmax(dim=1)\nexpect:\n  conv.params: 448")
    assert page.locator("#problems li").count() == 0 and opened.messages == []
    contents, window = opened.wide()
    assert contents <= window
    page.close()


def test_letters_that_several_keys_write(serving, chromium):
    """An input method's letters come once, while marks and colours change around them; places count letters."""
    page = chromium.new_page()
    page.goto(serving.address)
    page.wait_for_selector("#table")
    page.fill("#text", "# 𝒳\n" + NET.replace("Conv2d(3,", "Conv2d(4,"))
    page.wait_for_selector("#problems li.error")
    page.click("#text")
    page.keyboard.press("Control+Home")
    page.keyboard.press("End")
    keys = page.context.new_cdp_session(page)
    for word in ("n", "ni", "nih"):
        keys.send("Input.imeSetComposition", {"text": word, "selectionStart": len(word), "selectionEnd": len(word)})
        page.wait_for_timeout(50)  # answers come in between
    keys.send("Input.insertText", {"text": "你"})
    page.wait_for_selector("#problems li.error")
    assert web.text(page).splitlines()[0] == "# 𝒳你"
    page.close()


def test_a_long_text_is_drawn_where_it_is_seen(serving, chromium):
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(serving.address)
    page.wait_for_selector("#table")
    text = "input: [3, 32, 32]\nlayers:\n" + "- ReLU\n" * 500
    whole = f"{{from: 0, to: {web.EDITOR}.state.doc.length, insert: text}}"
    page.evaluate(f"text => {web.EDITOR}.dispatch({{changes: {whole}}})", text)
    page.wait_for_selector("#layers >> text=relu_500", state="attached")
    page.click("#text")
    page.keyboard.press("Control+End")
    page.keyboard.type("- Tanh")
    page.wait_for_selector("#layers >> text=tanh_1", state="attached")
    assert page.locator(".cm-line").count() < 150 and page.inner_text(".cm-activeLine") == "- Tanh"
    page.close()


def test_without_scripts_the_table_is_there(serving, chromium):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(serving.address)
    assert page.input_value("#text") == NET and page.is_visible("#table >> text=16x30x30")
    context.close()


def test_what_a_stranger_wrote_does_not_run(serving, chromium):
    page = chromium.new_page()
    page.goto(serving.address)
    page.wait_for_selector("#table")
    bad = "<img src=x onerror=\\\"document.title='taken'\\\">"
    page.fill("#text", f'name: "{bad}"\ninput: [4]\nlayers:\n- Linear(4, 2)\n')
    page.wait_for_selector("text=onerror")
    assert page.title() != "taken"
    page.close()
