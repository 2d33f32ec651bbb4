"""What follows a text: `--watch`, the live page with its server, and the same page with Python in the browser.

The pages need Chromium and playwright; PYODIDE names the archive that `npm pack pyodide` writes.
"""

from __future__ import annotations

import functools
import gzip
import http.client
import json
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import keystrokes
from benchmarks.line import Line
from cnncalc.bundled import bundled_path

NET = "input: [3, 8, 8]\nlayers:\n- c: Conv2d(3, {}, 3)\n"
REPLACED = "the file replaced by another, as editors save"
MANY = 1_000
# From an input event to the frame behind the one in which the picture is another one, in milliseconds.
TYPE = """async (text) => {
  const view = CodeMirror.EditorView.findFromDOM(document.getElementById("text"));
  const old = view.state.doc.toString();
  let from = 0;
  while (old[from] === text[from]) from += 1;
  let same = 0;
  while (old.at(-1 - same) === text.at(-1 - same)) same += 1;
  const began = performance.now();
  const before = document.querySelector("#picture svg");
  const drawn = new Promise((done, failed) => {
    setTimeout(failed, 20000, new Error("the picture does not follow"));
    new MutationObserver(() => document.querySelector("#picture svg") !== before && done()).observe(
      document.getElementById("report"), { childList: true, subtree: true });
  });
  view.focus();
  view.dispatch({ selection: { anchor: from, head: old.length - same } });
  document.execCommand("insertText", false, text.slice(from, text.length - same));
  await drawn;
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""


def lines(runs: int) -> Iterator[Line]:
    """Watching, the page with a server, the page without one."""
    yield from watching(runs)
    yield from crowd()
    yield from served(runs)
    yield from static(runs)


# --- in a terminal ----------------------------------------------------------------------------------------------------


class Watched:
    """A command in a terminal that watches its files, and what it writes."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.reads, out = pty.openpty()
        environment = {**os.environ, "TERM": "xterm"}
        command = [sys.executable, "-m", "cnncalc", *words, "--watch"]
        self.process = subprocess.Popen(command, cwd=folder, env=environment, stdin=out, stdout=out, stderr=out)
        os.close(out)
        self.text = ""

    def until(self, word: str) -> float:
        """Seconds until a word is written and the screen behind it is cleared."""
        began = time.perf_counter()
        while word not in self.text or "\x1b[J" not in self.text.partition(word)[2]:
            if time.perf_counter() - began > 60:
                raise TimeoutError(self.text)
            if select.select([self.reads], [], [], 0.2)[0]:
                self.text += os.read(self.reads, 65536).decode()
        self.text = ""
        return time.perf_counter() - began


def watching(runs: int) -> Iterator[Line]:
    """From a save to the redrawn table, by the kinds of saves."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        net = folder / "net.yaml"
        net.write_text(NET.format(4))
        (folder / "thin.yaml").write_text("base: net\n")
        kinds: list[tuple[str, str, Callable[[str], Any]]] = [
            ("written in place", "net.yaml", net.write_text),
            (REPLACED, "net.yaml", lambda text: _replaced(net, text)),
            ("emptied, and written a moment later", "net.yaml", lambda text: _emptied(net, text)),
            ("of the spec that it builds on", "thin.yaml", net.write_text),
        ]
        for what, file, save in kinds:
            net.write_text(NET.format(4))
            run = Watched(folder, "shapes", file)
            run.until("112")
            spent = []
            for at in range(max(5, runs)):
                time.sleep(0.2)
                width = 5 + at
                save(NET.format(width))
                spent.append(run.until(f"{28 * width}") * 1e3)
            run.process.send_signal(signal.SIGINT)
            began = time.perf_counter()
            status = run.process.wait(timeout=60)
            ended = (time.perf_counter() - began) * 1e3
            os.close(run.reads)
            yield Line(f"--watch: a save, {what}, to the redrawn table", "itself", median(spent), "ms", "<= 200", spent)
        yield Line(f"--watch: Ctrl-C to the end, status {status}", "itself", ended, "ms", "<= 200")


def _replaced(path: Path, text: str) -> None:
    other = path.with_name(".net.swp")
    other.write_text(text)
    os.replace(other, path)


def _emptied(path: Path, text: str) -> None:
    path.write_text("")
    time.sleep(0.005)
    path.write_text(text)


# --- the page with its server -----------------------------------------------------------------------------------------


@contextmanager
def serving(net: str) -> Iterator[tuple[str, int]]:
    """The address of a server of one file, and its process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cnncalc", "serve", net, "--no-open"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip(), process.pid
    finally:
        process.terminate()
        process.wait(timeout=60)


def crowd() -> Iterator[Line]:
    """Requests from as many connections at the same moment."""
    path = bundled_path("lenet5")
    assert path is not None
    with serving(path) as (address, _):
        port, token = int(address.split(":")[2].split("/")[0]), "/" + address.split("/", 3)[3]
        body = json.dumps({"text": Path(path).read_text(), "settings": {}})
        gate = threading.Barrier(MANY)

        def ask(number: int) -> bool:
            gate.wait()
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            try:
                if number % 2:
                    link.request("GET", token + "text")
                else:
                    link.request("POST", token + "ask", body)
                answer = link.getresponse()
                return bool(answer.read()) and answer.status == 200
            except OSError:
                return False
            finally:
                link.close()

        began = time.perf_counter()
        with ThreadPoolExecutor(MANY) as pool:
            good = sum(pool.map(ask, range(MANY)))
        seconds = time.perf_counter() - began
    yield Line(f"serve: of {MANY:,} requests at once not answered", "itself", MANY - good, "", "<= 0")
    yield Line(f"serve: {MANY:,} requests at once, half of them reports of LeNet-5", "itself", seconds, "s", "")


def _browsers() -> list[int]:
    """The processes of the browser that was opened here."""
    parents, found = {}, []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (folder / "stat").read_text().rpartition(")")
        except OSError:  # it has ended
            continue
        parents[int(folder.name)] = int(rest.split()[1])
        if "chrom" in name:
            found.append(int(folder.name))

    def ours(process: int) -> bool:
        while process > 1 and process != os.getpid():
            process = parents.get(process, 0)
        return process > 1

    return [process for process in found if ours(process)]


def _typed(page: Any, runs: int, worked: Callable[[], float] = lambda: 0.0) -> tuple[list[float], list[float]]:
    """Milliseconds of letters that change ResNet-50: by the clock, and as `worked` counts them."""
    page.wait_for_selector("#picture svg", state="attached")
    from tests.browser import text as shown

    text = shown(page)
    assert "out_features=1000" in text or "1000" in text
    spent, busy = [], []
    for at in range(max(7, runs) + 2):
        new = text.replace("1000", str(1001 + at))
        before = worked()
        spent.append(page.evaluate(TYPE, new))
        busy.append(worked() - before)
    return spent[2:], busy[2:]


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser without a window."""
    from playwright.sync_api import sync_playwright  # type: ignore[import-not-found,unused-ignore]

    from tests.browser import CHROMIUM, FLAGS

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


def served(runs: int) -> Iterator[Line]:
    """From a letter in ResNet-50 to the next picture."""
    path = bundled_path("resnet50")
    assert path is not None
    with serving(path) as (address, process), chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address)
        page.wait_for_selector("#table")
        processes = [process, *_browsers()]
        spent, worked = _typed(page, runs, lambda: sum(map(keystrokes.processor, processes)))
    what = "serve: a letter in ResNet-50 to the next picture"
    yield Line(what, "itself, wall time", median(spent), "ms", "<= 100", spent)
    yield Line(what, "itself, processor time of server and browser", median(worked), "ms", "", worked)


# --- the page without a server ----------------------------------------------------------------------------------------


def static(runs: int) -> Iterator[Line]:
    """The written site: its size, its start, and the same letter."""
    from cnncalc.web import site as writing

    archive = os.environ.get("PYODIDE")
    path = bundled_path("resnet50")
    if not archive or path is None:
        return
    with tempfile.TemporaryDirectory() as name:
        writing.write(name, writing.site(archive, "resnet50", Path(path).read_text()))
        files = [one for one in Path(name).rglob("*") if one.is_file()]
        size = sum(one.stat().st_size for one in files)
        packed = sum(len(gzip.compress(one.read_bytes())) for one in files)
        yield Line("serve --static: the site, unpacked", "itself", size / 1e6, "MB", "<= 16")
        yield Line("serve --static: the site, each file with gzip", "itself", packed / 1e6, "MB", "")
        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=name))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with chromium() as browser:
            starts: dict[tuple[str, str], list[float]] = {}
            for _ in range(2):
                context = browser.new_context(viewport={"width": 1280, "height": 900})
                for visit in ("first", "later"):
                    page = context.new_page()
                    page.set_default_timeout(120_000)
                    began = time.perf_counter()
                    page.goto(f"http://127.0.0.1:{server.server_port}/")
                    for what, shows in (("picture", "#picture svg"), ("first answer", "#state:empty")):
                        page.wait_for_selector(shows, state="attached")
                        starts.setdefault((visit, what), []).append(time.perf_counter() - began)
                    if visit == "first":
                        page.wait_for_timeout(3_000)  # the files are kept meanwhile
            processes = _browsers()
            spent, worked = _typed(page, runs, lambda: sum(map(keystrokes.processor, processes)))
        server.shutdown()
        server.server_close()
    for (visit, what), found in starts.items():
        yield Line(f"serve --static: {visit} visit to ResNet-50's {what}", "itself", median(found), "s", "")
    what = "serve --static: a letter in ResNet-50 to the next picture"
    yield Line(what, "itself, wall time", median(spent), "ms", "<= 300", spent)
    yield Line(what, "itself, processor time of the browser", median(worked), "ms", "", worked)


class Quiet(SimpleHTTPRequestHandler):
    """A plain file server that writes nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is written for each request."""
