"""The guided fuzzer, for a few seconds, in a process of its own; where atheris is missing, its inputs alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz import guided
from tests.fuzz.bounded import limits

ROOT = Path(__file__).resolve().parents[2]


def test_seeds_are_no_findings(tmp_path):
    guided.corpus(tmp_path / "corpus")
    inputs = sorted((tmp_path / "corpus").iterdir())
    assert len(inputs) > 300
    with limits():
        for path in inputs[::7]:
            guided.one(path.read_bytes(), str(tmp_path / "net.yaml"))


def test_a_finding_is_raised(tmp_path, monkeypatch):
    from cnncalc.cli import shapes

    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(shapes, "load", broken)
    with pytest.raises(guided.Finding, match="ZeroDivisionError"):
        guided.one(b"\x003 -> ReLU", str(tmp_path / "net.yaml"))


@pytest.mark.skipif(not guided.available(), reason="atheris is not installed (optional: pip install atheris)")
def test_guided(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.guided", "-runs=2000", "-max_total_time=15", "-seed=1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-4000:]
