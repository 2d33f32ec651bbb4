"""Helpers beside the tests can be imported by their own names; fixtures that several files use."""

import sys
from pathlib import Path
from typing import NamedTuple

import pytest

sys.path.insert(0, str(Path(__file__).parent))


class Outcome(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


@pytest.fixture
def call(capsys):
    """Run a command in this process: status, standard output, standard error."""
    from cnncalc.cli.app import main

    def run(*argv):
        capsys.readouterr()
        status = main(list(argv))
        return Outcome(status, *capsys.readouterr())

    return run


@pytest.fixture
def spec(tmp_path):
    """Write a spec and give its path."""

    def write(text, name="net.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write
