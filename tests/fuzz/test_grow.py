"""What stands for very much, for a few seconds; by hand it runs as long as one likes (see grow.py)."""

from __future__ import annotations

import time

from tests.fuzz.grow import FAMILIES, made, tried

INPUTS = 160
SECONDS = 20.0  # of the processor


def test_every_command_keeps_its_promise(tmp_path):
    began = time.process_time()
    tests = 0
    for number in range(INPUTS):
        outcome, argv, text = tried(2026, number, str(tmp_path))
        assert not outcome.finding, f"input {number}: {outcome.finding}\n{argv}\n{text[:2000]}\n{outcome.detail}"
        assert outcome.status in (0, 1, 2)
        tests += 1
        if time.process_time() - began > SECONDS:
            break
    assert tests >= 3 * len(FAMILIES)


def test_inputs_are_many_and_come_again():
    inputs = [made(1, number) for number in range(80)]
    assert inputs == [made(1, number) for number in range(80)]
    assert len({text for text, _ in inputs}) > 60
