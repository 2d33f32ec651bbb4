"""Plain command lines are read without typer, and as typer reads them."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from functools import cache
from typing import Any

import pytest
import typer
from typer.main import get_command

from cnncalc.cli import by_typer, front, known
from cnncalc.cli.command_line import COMMANDS
from cnncalc.cli.declared import Context

LINES = 10_000
WORDS = [
    "lenet5",
    "conv1",
    "k=1..5",
    "3",
    "0",
    "17",
    "-1",
    "x",
    "",
    "-",
    "--",
    "1.5",
    "٣",
    "007",
    "--format",
    "-b4",
    "é",
]


def some_line(name: str, source: random.Random) -> list[str]:
    """Words that a command might get: most of them right."""
    words: list[str] = []
    options = [parameter for parameter in known.taken(name) if parameter.on and not parameter.argument]
    for _ in range(source.randrange(5)):
        if not options or source.random() < 0.4:
            words.append(source.choice(WORDS) if source.random() < 0.3 else "lenet5")
            continue
        parameter = source.choice(options)
        word = source.choice([*parameter.on, *parameter.off])
        if parameter.kind is bool:
            words.append(word)
        else:
            value = source.choice(WORDS) if source.random() < 0.3 else "3" if "int" in str(parameter.kind) else "csv"
            words += [f"{word}={value}"] if source.random() < 0.1 else [word, value]
    return words


FOUND: dict[str, Any] = {}


def keep(**values: Any) -> int:
    """What typer hands over."""
    FOUND.clear()
    FOUND.update(values)
    return 0


@cache
def keeping(name: str) -> Any:
    """A command that takes the same and keeps it, without what looks at the values later."""
    bare = []
    for parameter in known.taken(name):
        option = parameter.option
        if option is not None:
            more = {key: value for key, value in option.more.items() if key not in ("callback", "default_factory")}
            option = type(option)(*option.written, **more)
        bare.append(parameter._replace(option=option, bundle=("", None), passed=True))
    app = typer.Typer(**by_typer.QUIET)
    app.command(name=name)(by_typer.signed(keep, bare))
    return get_command(app)


def shown(values: dict[str, Any]) -> dict[str, Any]:
    """Values that can be compared."""
    return {name: value.given if isinstance(value, Context) else value for name, value in values.items()}


def test_plain_lines_are_read_as_typer_reads_them() -> None:
    source = random.Random(0)
    plain = 0
    names = list(COMMANDS)
    for _ in range(LINES):
        name = source.choice(names)
        words = some_line(name, source)
        ours = front.read(known.taken(name), words)
        if ours is not None:
            plain += 1
            keeping(name).main(list(words), standalone_mode=False)
            assert shown(ours) == shown(FOUND), (name, words)
    assert plain > LINES // 3


@pytest.mark.parametrize(
    "words",
    [
        "--version",
        "specs",
        "layers conv2d",
        "shapes lenet5 -f json",
        "shapes lenet5",
        "lenet5 --batch 4 --macs",
        "params lenet5 conv1",
        "ask lenet5 conv1.params",
        "cost lenet5 --optimizer sgd",
        "explain lenet5 conv1",
        "check lenet5",
        "compare lenet5 alexnet",
        "draw lenet5 --svg",
        "export lenet5 --to pytorch",
        "why padding-found",
    ],
)
def test_typer_is_not_imported_for_a_plain_line(words: str) -> None:
    code = "import sys; from cnncalc.cli.app import main; main(); assert 'typer' not in sys.modules"
    environment = {name: value for name, value in os.environ.items() if name != "_CNNCALC_COMPLETE"}
    done = subprocess.run([sys.executable, "-c", code, *words.split()], capture_output=True, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("words", ["shapes lenet5 --batch 0", "shapes lenet5 --nosuch", "shapes --help", "shapes -b4"])
def test_what_is_not_plain_is_left_to_typer(words: str) -> None:
    name, *rest = words.split()
    assert front.read(known.taken(name), rest) is None
