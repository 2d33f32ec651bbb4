"""The mutation fuzzer, for a few seconds; by hand it runs as long as one likes (see mutate.py)."""

from __future__ import annotations

import time

from tests.fuzz.bounded import limits, run
from tests.fuzz.mutate import made, seeds, tried

INPUTS = 400
SECONDS = 10.0


def test_mutated_inputs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    began = time.process_time()
    tests = 0
    with limits():
        for number in range(INPUTS):
            outcome, argv, text = tried(2026, number, str(tmp_path))
            assert not outcome.finding, f"input {number}: {outcome.finding}\n{argv}\n{text}\n{outcome.detail}"
            assert outcome.status in (0, 1, 2)
            tests += 1
            if time.process_time() - began > SECONDS:
                break
    assert tests > 50


def test_inputs_are_many_and_come_again(tmp_path):
    assert len(seeds()) > 400
    inputs = [made(1, number, str(tmp_path)) for number in range(200)]
    assert inputs == [made(1, number, str(tmp_path)) for number in range(200)]
    assert len({text for _, _, text in inputs}) > 190


def test_a_finding_is_found(monkeypatch):
    """The fuzzer sees what it looks for."""
    from cnncalc.cli import shapes

    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(shapes, "load", broken)
    assert run(["shapes", "lenet5"]).finding.startswith("ZeroDivisionError: cnncalc")

    def endless(*_, **__):
        while True:
            pass

    monkeypatch.setattr(shapes, "load", endless)
    assert run(["shapes", "lenet5"], seconds=0.05).finding.startswith("more than 0.05 s")


def test_the_bounds_are_lower_while_it_lasts():
    from cnncalc.execute import memory
    from cnncalc.network import work

    before = work.MAX_LAYERS, memory.DEFAULT_LIMIT
    with limits():
        assert before[0] > work.MAX_LAYERS and before[1] > memory.DEFAULT_LIMIT
        assert run(["shapes", "gpt2", "--execute"]).status == 2
    assert before == (work.MAX_LAYERS, memory.DEFAULT_LIMIT)
