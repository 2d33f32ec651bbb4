"""Ask the built site fifty questions of public threads, in its own search, and print the pages that are found.

python .ci/site.py && mkdocs build --strict && python .ci/search.py

It needs Chromium and the extra `browser`. Ends with status 1 where the page that answers is not among the first three.
"""

from __future__ import annotations

import functools
import json
import shutil
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "build" / "site"
QUESTIONS = json.loads((ROOT / "tests" / "data" / "threads.json").read_text(encoding="utf-8"))
FIRST = 3


class Quiet(SimpleHTTPRequestHandler):
    """A file server that writes nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def main() -> int:
    """Print a table, and say how many were found."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    missed = 0
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = opened.new_page()
        print("| question | searched | found | place |\n| --- | --- | --- | --- |")
        said = "document.querySelector('.md-search-result__meta').textContent"
        field = "input.md-search__input"
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
        page.click(field)
        page.wait_for_function(f"!/Initializing/.test({said})")
        for asked in QUESTIONS:
            page.fill(field, "")
            page.press(field, "Backspace")
            page.wait_for_function(f"/Type to start/.test({said})")
            page.fill(field, asked["words"][:-1])
            page.type(field, asked["words"][-1])
            page.wait_for_function(f"/match/.test({said})")
            page.wait_for_timeout(250)
            links = page.eval_on_selector_all(
                ".md-search-result__item > a, .md-search-result__item details a",
                "found => found.map(link => link.getAttribute('href'))",
            )
            pages = list(dict.fromkeys(link.split("?")[0].split("#")[0].rpartition("/")[2] for link in links))
            place = next((at for at, name in enumerate(pages, 1) if name in asked["pages"]), 0)
            missed += not 0 < place <= FIRST
            print(f"| [{asked['question']}]({asked['thread']}) | {asked['words']} | {', '.join(pages[:3])} | {place} |")
        opened.close()
    server.shutdown()
    print(f"\n{len(QUESTIONS) - missed} of {len(QUESTIONS)} among the first {FIRST}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
