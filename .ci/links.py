"""Ask for every external link of the pages once: `python .ci/links.py`. It needs a network, so no test runs it.

Ends with status 1 where a server says that a page is not there. What cannot be reached is said, and no mistake.
"""

from __future__ import annotations

import re
import sys
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"https?://[^\s)>\"'`|,\]]+")
OWN = re.compile(r"//(localhost|127\.0\.0\.1|\S*example\.)")


def links() -> dict[str, str]:
    """Each link, with a page that has it."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "cnncalc" / "problems").glob("*.md")]
    found: dict[str, str] = {}
    for page in sorted(pages):
        for link in LINK.findall(page.read_text(encoding="utf-8")):
            found.setdefault(link.rstrip(".;:"), str(page.relative_to(ROOT)))
    return {link: page for link, page in found.items() if not OWN.search(link)}


def said(link: str) -> str:
    """What the server says, or why there is no answer."""
    asked = urllib.request.Request(link, headers={"User-Agent": "Mozilla/5.0 (links of the documentation)"})
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return str(answer.status)
    except urllib.error.HTTPError as error:
        return str(error.code)
    except OSError as error:
        return f"not reached: {error}"


def main() -> int:
    """Print what each link leads to."""
    gone = 0
    for link, page in links().items():
        answer = said(link)
        gone += answer in ("404", "410")
        print(f"{answer}\t{link}\t{page}")
    return 1 if gone else 0


if __name__ == "__main__":
    sys.exit(main())
