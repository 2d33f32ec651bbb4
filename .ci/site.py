"""Gather the pages of the site under build/pages: docs, README, changes, and the references that programs write.

python .ci/site.py && mkdocs build --strict

Where PYODIDE names the archive of `npm pack pyodide`, the start page has the live page in it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "build" / "pages"
sys.path.insert(0, str(ROOT))


def printed(*words: str) -> str:
    """What a command prints."""
    command = [sys.executable, "-m", "cnncalc", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout


def commands() -> str:
    """The reference of the commands, from the parser."""
    from cnncalc.cli.command_line import COMMANDS

    parts = ["# Commands\n\nWhat `cnncalc COMMAND --help` prints, of every command.\n"]
    for name in COMMANDS:
        parts.append(f"## {name}\n\n```text\n{printed(name, '--help').rstrip()}\n```\n")
    return "\n".join(parts)


def moved(text: str, prefix: str) -> str:
    """A page's links, as they lead from the folder of pages: to pages there, else to none."""
    text = re.sub(rf"(\]\(|src=\"){prefix}", r"\1", text)
    text = text.replace("](CHANGELOG.md", "](changes.md").replace("](CONTRIBUTING.md", "](contributing.md")
    return re.sub(r"\[([^\]]*)\]\(((?!https?:|#)[^)\s]+)\)", lambda link: link[0] if _there(link[2]) else link[1], text)


def _there(target: str) -> bool:
    """Whether a link leads to a page, or ought to: mkdocs says of those that lead nowhere."""
    name = target.split("#")[0]
    if name.endswith(".md") and "/" not in name:
        return True
    return (PAGES / name).exists() or name in ("changes.md", "contributing.md", "index.md")


FRAME = (
    '\n<iframe src="live/index.html" title="cnncalc in the browser" loading="lazy"'
    ' style="width: 100%; height: 44rem; border: 1px solid #8888; border-radius: 6px"></iframe>\n'
)


def with_live_page() -> None:
    """Put the live page beside the pages, and into the first one, below its examples."""
    printed("serve", "--static", str(PAGES / "live"), "--pyodide", os.environ["PYODIDE"])
    start = PAGES / "index.md"
    head, mark, rest = start.read_text(encoding="utf-8").partition("\n## Who ")
    assert mark, "the start page has no such heading"
    start.write_text(head + FRAME + mark + rest, encoding="utf-8")


def notebook() -> str:
    """The notebook as a page: its words and its cells, which the tests run."""
    cells = json.loads((ROOT / "docs" / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
    parts = []
    for cell in cells:
        text = "".join(cell["source"])
        parts.append(text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```")
    link = "The file itself: [notebook.ipynb](notebook.ipynb). What its cells show stands there once they are run."
    return "\n\n".join([*parts, link]) + "\n"


def examples() -> str:
    """The files that pages run commands on, for those who have no checkout."""
    parts = ["# Files of the examples\n\nSave them under the names that the commands use.\n"]
    for file in sorted((ROOT / "docs" / "examples").rglob("*.*")):
        text = file.read_text(encoding="utf-8").rstrip()
        parts.append(f"## {file.relative_to(ROOT)}\n\n~~~~text\n{text}\n~~~~\n")
    return "\n".join(parts)


# How much a page counts in the search: pages that answer questions before those that list everything.
BOOST = {"howto": 4, "index": 2} | dict.fromkeys(
    ["homework", "changes", "architecture", "performance", "testing", "examples"], 0.2
)


def weighed(page: Path) -> str:
    """A page with what it counts in the search."""
    boost = BOOST.get(page.stem, 2 if page.stem.startswith("course-") else 1)
    return f"---\nsearch:\n  boost: {boost}\n---\n\n{page.read_text(encoding='utf-8')}"


def main() -> None:
    """Write them all anew."""
    from tests.docs import REFERENCE

    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.copytree(ROOT / "docs", PAGES, ignore=shutil.ignore_patterns("reference", "examples"))
    (PAGES / "reference").mkdir()
    (PAGES / "reference" / "commands.md").write_text(commands(), encoding="utf-8")
    for page, words in REFERENCE.items():
        (PAGES / "reference" / page.name).write_text(printed(*words), encoding="utf-8")
    (PAGES / "notebook.md").write_text(notebook(), encoding="utf-8")
    for name, source in (("index", "README"), ("changes", "CHANGELOG"), ("contributing", "CONTRIBUTING")):
        text = (ROOT / f"{source}.md").read_text(encoding="utf-8")
        (PAGES / f"{name}.md").write_text(moved(text, "docs/"), encoding="utf-8")
    for page in PAGES.glob("*.md"):
        if page.stem not in ("index", "changes", "contributing"):
            page.write_text(moved(page.read_text(encoding="utf-8"), r"\.\./"), encoding="utf-8")
    if os.environ.get("PYODIDE"):
        with_live_page()
    for page in PAGES.glob("*.md"):
        if "docs/examples/" in (text := page.read_text(encoding="utf-8")):
            note = "The files `docs/examples/...` in the commands are on [a page of their own](examples.md)."
            head, _, rest = text.partition("\n")
            first = page.stem != "index"  # the start page begins with its sentence and its picture
            page.write_text(f"{head}\n\n{note}\n{rest}" if first else f"{text}\n{note}\n", "utf-8")
    (PAGES / "examples.md").write_text(examples(), encoding="utf-8")
    for page in PAGES.glob("*.md"):
        page.write_text(weighed(page), encoding="utf-8")


if __name__ == "__main__":
    main()
