"""A page opened in headless Chromium, where one is installed: its messages, its sizes, what axe-core finds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EDITOR = "CodeMirror.EditorView.findFromDOM(document.getElementById('text'))"


class Opened:
    """A page, and what it said and asked for while it was open."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.messages: list[str] = []
        self.requests: list[str] = []
        self.heard = {
            "console": lambda message: self.messages.append(message.text),
            "pageerror": lambda error: self.messages.append(str(error)),
            "request": lambda request: self.requests.append(request.url),
        }
        for event, listener in self.heard.items():
            page.on(event, listener)

    def wide(self) -> tuple[int, int]:
        """How wide the page's contents and the window are."""
        found: list[int] = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        return found[0], found[1]

    def axe(self) -> list[str]:
        """What axe-core objects to. What it is content with, most of its answer, is left out."""
        from axe_core_python.sync_playwright import Axe

        found = Axe().run(self.page, options={"resultTypes": ["violations"]})
        return [f"{one['id']}: {node['html'][:120]}" for one in found["violations"] for node in one["nodes"][:3]]


def text(page: Any) -> str:
    """The text in the live page's editor."""
    found: str = page.evaluate(f"{EDITOR}.state.doc.toString()")
    return found


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium, or a skipped test with the reason."""
    sync = pytest.importorskip("playwright.sync_api", reason="no browser: pip install 'cnncalc[browser]'")
    pytest.importorskip("axe_core_python", reason="no browser: pip install 'cnncalc[browser]'")
    if CHROMIUM is None:
        pytest.skip("no browser: chromium is not installed")
    with sync.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def page(chromium: Any, path: Path, width: int = 1280, dark: bool = False, hash: str = "") -> Iterator[Opened]:
    """A file, opened in a window of that width: in one page for all, since a new one costs more than most files."""
    context = chromium.contexts[0] if chromium.contexts else chromium.new_context(offline=True)
    page = context.pages[0] if context.pages else context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if dark else "light")
    opened = Opened(page)
    try:
        page.goto(path.as_uri() + hash)
        yield opened
    finally:
        for event, listener in opened.heard.items():
            page.remove_listener(event, listener)
        page.mouse.move(0, 0)
        page.goto("about:blank")  # so that the same file with another hash is loaded again
