"""Specs and chains that coverage guides (atheris, where it is installed: `pip install atheris`).

By hand, for as long as one likes; libFuzzer's options follow, and the corpus goes on where it was left:

    python -m tests.fuzz.guided -runs=100000 -dict=... CORPUS

Each input is a spec (or a chain, where it is one line with an arrow); its first byte chooses the command. A finding is
raised, so that libFuzzer writes the input into a file and stops.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

COMMANDS = (
    ("shapes",),
    ("shapes", "--receptive"),
    ("shapes", "--execute"),
    ("params", "--dense"),
    ("explain",),
    ("check",),
    ("cost", "--by=part"),
    ("run",),
    ("ask", "total.params", "output.shape"),
    ("shapes", "--format=latex"),
    ("explain", "--format=html"),
)


class Finding(Exception):
    """What came of an input is not what may come."""


def available() -> bool:
    """Whether atheris is installed."""
    return importlib.util.find_spec("atheris") is not None


def one(data: bytes, net: str) -> None:
    """Run one input; raises `Finding`."""
    from tests.fuzz.bounded import run

    if not data:
        return
    command, *options = COMMANDS[data[0] % len(COMMANDS)]
    body = data[1:]
    text = body.decode("utf-8", "replace")
    if "->" in text and "\n" not in text:
        argv = [command, text.replace("\x00", ""), *options]
    else:
        Path(net).write_bytes(body)
        argv = [command, net, *options]
    outcome = run(argv)
    if outcome.finding:
        raise Finding(f"{outcome.finding}\n{argv!r}\n{text}\n{outcome.detail}")


def corpus(folder: Path) -> None:
    """Write the seeds, with each command."""
    from tests.fuzz.mutate import seeds

    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(seeds()):
        if len(text) < 1500:
            (folder / f"seed{number}").write_bytes(bytes([number % len(COMMANDS)]) + text.encode("utf-8"))


def dictionary(path: Path) -> None:
    """Write libFuzzer's dictionary: the words of the language."""
    from tests.fuzz.mutate import EXPRESSIONS, NUMBERS, WORDS, calls, options

    found = [*WORDS, *NUMBERS, *EXPRESSIONS, *calls(), *(f"{name}=" for name in options())]
    lines = []
    for word in dict.fromkeys(found):
        escaped = "".join(c if c.isascii() and c not in '"\\' else f"\\x{b:02x}" for c in word for b in c.encode()[:1])
        lines.append(f'"{escaped}"\n')
    path.write_text("".join(lines), "utf-8")


def main(argv: list[str]) -> None:
    """Fuzz until libFuzzer's options say enough."""
    if not available():
        print("atheris is not installed: pip install atheris (optional, for this fuzzer alone)")
        return
    import atheris

    with atheris.instrument_imports(include=["cnncalc"]):
        from tests.fuzz import bounded, mutate

        mutate.calls()
        for name in ("shapes", "params", "explain", "check", "cost", "run", "ask"):
            importlib.import_module(f"cnncalc.cli.{name}")
    if not any(os.path.isdir(word) for word in argv[1:]):
        folder = Path(tempfile.mkdtemp(prefix="cnncalc-corpus-"))
        corpus(folder)
        argv = [*argv, str(folder)]
    if not any(word.startswith("-dict=") for word in argv):
        words = Path(tempfile.mkdtemp(prefix="cnncalc-words-")) / "words"
        dictionary(words)
        argv = [*argv, f"-dict={words}"]
    work = tempfile.mkdtemp(prefix="cnncalc-fuzz-")
    net = os.path.join(work, "net.yaml")

    def test(data: Any) -> None:
        one(bytes(data), net)

    with bounded.limits(8_000):  # the coverage counters take address space
        atheris.Setup(argv, test)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
