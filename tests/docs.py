"""The console blocks of README and docs: executed by the tests, written anew by `python -m tests.docs`."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import commands

ROOT = Path(__file__).resolve().parent.parent
# A file that the reader of a page is asked to write, and what is to stand in it.
SAVED = re.compile(
    r"Save\s+this\s+as\s+`([\w/.]+)`[^`\n]*(?:\n[^`\n]+)*:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


# Pages that are what a command prints.
WRITTEN = {
    ROOT / "docs" / "pictures" / "lenet5.svg": ["draw", "lenet5", "--direction", "right", "--svg"],
    ROOT / "docs" / "pictures" / "gpt2.svg": ["draw", "gpt2", "--svg"],
    ROOT / "docs" / "pictures" / "gated_cell.svg": ["draw", "gated_cell", "--inside", "rnn", "--svg"],
}

# Pages that are too long to be kept: they are made for those who want to read them, and are in no commit.
REFERENCE = {
    ROOT / "docs" / "reference" / "layers.md": ["layers", "--full", "--format", "markdown"],
    ROOT / "docs" / "reference" / "layers_keras.md": [
        "layers",
        "--full",
        "--format",
        "markdown",
        "--convention",
        "keras",
    ],
}


def _gallery() -> dict[Path, list[str]]:
    """The pictures of the gallery, each by the command that stands above it."""
    text = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    found = {}
    for argv, name in re.findall(r"^`cnncalc (draw .*) -o (\S+\.svg)`$", text, re.MULTILINE):
        found[ROOT / "docs" / "pictures" / "gallery" / name] = [*shlex.split(argv), "--svg"]
    return found


WRITTEN.update(_gallery())


def pages() -> list[Path]:
    """Every page that may hold console blocks."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path) -> list[str]:
    """The contents of a page's console blocks."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


@contextmanager
def folder(page: Path) -> Iterator[Path]:
    """Where the commands of a page run: with the files that it asks for and nothing else, or in the project."""
    found = SAVED.findall(page.read_text(encoding="utf-8"))
    if not found:
        yield ROOT
        return
    with TemporaryDirectory() as name:
        for path, text in found:
            file = Path(name) / path
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        yield Path(name)


def run(command: str, errors: bool = True, where: Path = ROOT, process: bool = False) -> str:
    """What a `cnncalc ...` command prints, both streams in one, as on a terminal without colours.

    Without `errors` it is what would go into a file. With `process` Python is started for it.
    """
    words = shlex.split(command)
    assert words[0] == "cnncalc", f"only cnncalc is run in console blocks, not {command}"
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200", "PYTHONPATH": str(ROOT)}
    if process:
        call = [sys.executable, "-m", *words]
        streams = subprocess.STDOUT if errors else subprocess.DEVNULL
        shown = subprocess.run(
            call, cwd=where, env=environment, stdout=subprocess.PIPE, stderr=streams, stdin=subprocess.DEVNULL,
            timeout=300, check=False,
        ).stdout.decode("utf-8")  # fmt: skip
    else:
        shown = commands.run(words[1:], where, environment, merged=errors).out
    assert "error[internal]" not in shown, f"{command}: {shown}"
    return shown


def replayed(block: str, where: Path = ROOT, process: bool = False) -> str:
    """The block as it would be if its commands ran now, in a folder."""
    shown = []
    for line in block.splitlines():
        if line.startswith("$ "):
            output = run(line[2:], where=where, process=process)
            if output and not output.endswith("\n"):
                output += "\n"
            lines = [text.rstrip() for text in output.splitlines()]
            shown.append("\n".join([line, *lines]))
    return "\n".join(shown) + "\n"


def main() -> None:
    """Write every block and every page anew."""
    for page, argv in (WRITTEN | REFERENCE).items():
        text = run(shlex.join(["cnncalc", *argv]), errors=False)
        page.parent.mkdir(exist_ok=True)
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            print(page.relative_to(ROOT))
    for page in pages():
        text = page.read_text(encoding="utf-8")
        with folder(page) as where:
            written = BLOCK.sub(lambda match, where=where: f"```console\n{replayed(match[1], where)}```", text)
        if written != text:
            page.write_text(written, encoding="utf-8")
            print(page.relative_to(ROOT))


if __name__ == "__main__":
    main()
