"""The console blocks of README and docs: executed by the tests, written anew by `python -m tests.docs`."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
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


def pages() -> list[Path]:
    """Every page that may hold console blocks."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path) -> list[str]:
    """The contents of a page's console blocks."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def run(command: str) -> str:
    """What a `cnncalc ...` command prints, both streams in one, as on a terminal without colours."""
    words = shlex.split(command)
    assert words[0] == "cnncalc", f"only cnncalc is run in console blocks, not {command}"
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", "cnncalc", *words[1:]],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    shown = done.stdout.decode("utf-8")
    assert "error[internal]" not in shown, f"{command}: {shown}"
    return shown


def replayed(block: str) -> str:
    """The block as it would be if its commands ran now."""
    shown = []
    for line in block.splitlines():
        if line.startswith("$ "):
            output = run(line[2:])
            if output and not output.endswith("\n"):
                output += "\n"
            lines = [text.rstrip() for text in output.splitlines()]
            shown.append("\n".join([line, *lines]))
    return "\n".join(shown) + "\n"


def main() -> None:
    """Write every block and every page anew."""
    for page, argv in (WRITTEN | REFERENCE).items():
        text = run(shlex.join(["cnncalc", *argv]))
        page.parent.mkdir(exist_ok=True)
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            print(page.relative_to(ROOT))
    for page in pages():
        text = page.read_text(encoding="utf-8")
        written = BLOCK.sub(lambda match: f"```console\n{replayed(match.group(1))}```", text)
        if written != text:
            page.write_text(written, encoding="utf-8")
            print(page.relative_to(ROOT))


if __name__ == "__main__":
    main()
