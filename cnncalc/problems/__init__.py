"""One page for each problem code, in Markdown: a wrong spec, the exact message, the fix."""

from __future__ import annotations

from pathlib import Path

_here = Path(__file__).parent


def codes() -> list[str]:
    """The codes that have a page, in alphabetical order."""
    return sorted(path.stem for path in _here.glob("*.md"))


def read(code: str) -> str:
    """The page of a code; raises FileNotFoundError where there is none."""
    return (_here / f"{code}.md").read_text(encoding="utf-8")


def sentence(code: str) -> str:
    """The first sentence of a code's page."""
    paragraph = " ".join(read(code).split("\n\n")[1].split())
    return paragraph.partition(". ")[0].rstrip(".") + "."
