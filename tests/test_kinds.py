"""Each kind of mistake has a code, a sentence and an example; and whatever a diagnosis names has a kind."""

from __future__ import annotations

import re

import pytest

from cnncalc.cli.app import main
from cnncalc.grading.check import check
from cnncalc.grading.kinds import Kind, codes_of, kinds
from cnncalc.grading.mistakes.every import MISTAKES
from cnncalc.grading.mistakes.shapes import LEFT_OUT
from cnncalc.loading import loads
from cnncalc.problems import codes

EVERY = sorted(kinds().values())


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.code)
def test_example_has_the_mistake(kind: Kind) -> None:
    network = loads(kind.example, "example")
    last = check(network, network.report())[-1]
    assert last.ok is False
    believed = [found.name for found in last.mistakes if found.believed]
    assert believed and codes_of(believed[0]) == (kind.code,), (
        f"cnncalc/grading/mistakes/: add a line to MISTAKES for {kind.code}, the diagnosis is {believed}"
    )
    assert last.codes == [kind.code]


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.code)
def test_kind_reads_well(kind: Kind) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+|carried|flattened|multiple", kind.code)
    assert kind.names and kind.family
    assert kind.sentence.endswith(".") and len(kind.sentence) > 20


def test_codes_are_unlike_those_of_problems() -> None:
    assert not set(kinds()) & set(codes())


@pytest.mark.parametrize("name", sorted({mistake.name for mistake in (*MISTAKES, LEFT_OUT)} - {"left out"}))
def test_each_mistake_in_a_layer_has_a_code(name: str) -> None:
    assert codes_of(name), f"put {name!r} under a heading of cnncalc/grading/kinds/, which `cnncalc why` shows"
    assert codes_of(f"{name} in conv1") == codes_of(name) == codes_of(f"{name} in every Conv2d")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("conv2 left out", ("layer-left-out",)),
        ("padding ignored in the height", ("padding-ignored",)),
        ("one bias vector per gate instead of two and three gates instead of four", ("one-bias-vector", "three-gates")),
        ("input channels left out and biases forgotten", ("factor-left-out", "bias-forgotten")),
        ("output channels and kernel area left out", ("factor-left-out",)),
        ("scale and shift forgotten: a norm has parameters", ("norm-without-parameters",)),
        ("right from your conv1.params and conv2.params (error carried forward)", ("carried",)),
        ("no mistake at all", ()),
    ],
)
def test_codes_of(name: str, expected: tuple[str, ...]) -> None:
    assert codes_of(name) == expected


@pytest.mark.parametrize("asked", ["bias-forgotten", "bias forgotten", "[bias-forgotten]", "biases forgotten in fc"])
def test_why_shows_a_mistake(asked: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", asked]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("bias-forgotten\n")
    assert "conv.params: bias forgotten: 5·5·3·16 = 1200" in shown
    assert "partial: {bias-forgotten: 1}" in shown


def test_why_lists_the_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["why", "mistakes"], ["why", "--list"]):
        assert main(words) == 0
        shown = capsys.readouterr().out
        assert all(f"\n{kind.code} " in shown for kind in EVERY)


def test_unknown_code_brings_near_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", "biass-forgotten"]) == 2
    assert "did you mean bias-forgotten?" in capsys.readouterr().err
    assert main(["why", "padding"]) == 0  # a word that is searched
    assert "padding-ignored" in capsys.readouterr().out
