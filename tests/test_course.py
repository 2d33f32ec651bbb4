"""Course sheets: every question of the recorded problems is a spec, and its answer holds.

`tests/data/seeds.json` holds the problems with answers from PyTorch, exact arithmetic and hand; a spec names
those it states in a comment, `# answers: 001.1.1.3a, ...`; a file with a wrong answer has `# refutes: ...`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import commands

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"

SPECS = [*sorted((ROOT / "specs" / "homework").glob("*.yaml")), ROOT / "specs" / "section09.yaml"]
WRONG = sorted((DATA / "wrong").glob("*.yaml"))
IMPOSSIBLE = sorted((DATA / "impossible").glob("*.yaml"))
PROBLEMS: dict[str, dict[str, Any]] = {
    problem["id"]: problem for problem in json.loads((DATA / "seeds.json").read_text("utf-8"))["problems"]
}

SHAPES_AND_COUNTS = {"shape", "params", "dense-equivalent", "layer-table"}

assert len(SPECS) > 40, "the homework specs are missing"
assert len(WRONG) > 10, "the wrong answers are missing"
assert IMPOSSIBLE, "the impossible networks are missing"
assert len(PROBLEMS) == 109, "problems are missing"


def name(path: Path) -> str:
    return path.stem


def named(paths: Iterable[Path], word: str = "answers") -> dict[str, list[Path]]:
    """Which files name which problems in their comment lines `# WORD: id, id`."""
    found: dict[str, list[Path]] = {}
    for path in paths:
        for line in re.findall(rf"^# {word}: (.+)$", path.read_text("utf-8"), re.MULTILINE):
            for problem in line.split(", "):
                found.setdefault(problem, []).append(path)
    return found


def uncovered(answered: Iterable[str]) -> list[str]:
    """The problems about shapes and counts that no spec states."""
    wanted = (key for key, problem in PROBLEMS.items() if SHAPES_AND_COUNTS & set(problem["features"]))
    return [key for key in wanted if key not in set(answered)]


def numbers(answer: object, at: str = "") -> Iterator[tuple[str, float]]:
    """Every number in an answer, with the path that leads to it."""
    if isinstance(answer, dict):
        for key, part in answer.items():
            yield from numbers(part, f"{at}.{key}" if at else key)
    elif isinstance(answer, list):
        for part in answer:
            yield from numbers(part, at)
    elif isinstance(answer, (int, float)) and not isinstance(answer, bool):
        yield at, float(answer)


def unstated(problem: str, paths: Iterable[Path]) -> set[str]:
    """Where the answer to a problem has a number that none of these specs contains."""
    text = "\n".join(re.sub(r"^#.*", "", path.read_text("utf-8"), flags=re.MULTILINE) for path in paths)
    written = {float(n) for n in re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)?", text)}
    written |= {n / 100 for n in written}
    return {
        at
        for at, value in numbers(PROBLEMS[problem]["answers"])
        if not any(abs(abs(value) - n) <= 1e-9 * max(1, n) for n in written)
    }


def run(path: Path) -> commands.Outcome:
    return commands.run(["check", str(path), "--format", "json"], ROOT)


# What the specs leave out of an answer, and why.
LEFT_OUT: dict[str, set[str]] = {
    # parts of a layer's cost, and additions, which are not counted
    "000.2a": {
        "examples.projections",
        "examples.scores",
        "examples.weighted_sum",
        "examples.softmax_additions",
    },
    # the best of all shifts, where none fits
    "003.2.1": {"circular_pool2_shift1.best_max_difference", "circular_stride2_shift1.best_max_difference"},
    # that nothing is added where there is no attention
    "003.3.1": {"example_without.attention"},
}


def test_every_question_about_shapes_and_counts_has_a_spec() -> None:
    assert uncovered(named(SPECS)) == []


def test_a_question_without_a_spec_is_noticed() -> None:
    answered = set(named(SPECS)) - {"001.1.1.3a"}
    assert uncovered(answered) == ["001.1.1.3a"]


def test_specs_name_problems_that_exist() -> None:
    claimed = {*named(SPECS), *named(WRONG, "refutes"), *named(IMPOSSIBLE, "refutes")}
    assert claimed - set(PROBLEMS) == set()


@pytest.mark.parametrize("problem", named(SPECS))
def test_each_number_of_an_answer_is_stated(problem: str) -> None:
    paths = named(SPECS)[problem] + named([*WRONG, *IMPOSSIBLE], "refutes").get(problem, [])
    assert unstated(problem, paths) - LEFT_OUT.get(problem, set()) == set()


def test_a_number_that_no_spec_states_is_noticed() -> None:
    other = [path for path in SPECS if path.stem == "doc004-q1a"]
    assert unstated("003.1.2", other) == {"hidden", "output", "total", "macs_total"}


@pytest.mark.parametrize("path", [*SPECS, *WRONG, *IMPOSSIBLE], ids=name)
def test_each_file_names_its_problem(path: Path) -> None:
    assert named([path]) or named([path], "refutes")


@pytest.mark.parametrize("path", SPECS, ids=name)
def test_the_answer_holds(path: Path) -> None:
    done = run(path)
    assert (done.status, done.err) == (0, "")
    told = json.loads(done.out)
    expected = [result["ask"] for result in told["results"]]
    assert (told["passed"], told["failed"]) == (len(expected), 0)
    assert expected, "nothing was checked"


@pytest.mark.parametrize("path", WRONG, ids=name)
def test_a_wrong_answer_is_refused(path: Path) -> None:
    done = run(path)
    assert done.status == 1
    told = json.loads(done.out)
    assert told["failed"] == len(told["results"]) > 0
    assert told["passed"] == 0


@pytest.mark.parametrize("path", IMPOSSIBLE, ids=name)
def test_an_impossible_network_is_refused(path: Path) -> None:
    done = run(path)
    assert (done.status, done.out) == (2, "")
    assert done.err != ""


# What the diagnosis of each wrong answer of the sheets says, question by question.
DIAGNOSED = {
    "doc001-q1.1.1": ["height and width of the kernel swapped"],
    "doc001-q1.1.2": ["padding doubled", "padding doubled", "padding doubled", "padding doubled"],
    "doc001-q1.1.3a": ["the + 1 forgotten"],
    "doc001-q1.1.3b": ["stride ignored"],
    "doc001-q1.1.3c": ["the + 1 forgotten and one size of the Jacobian written twice"],
    "doc001-q1.3.6": ["paths counted twice: total gradients times total Jacobians"],
    "doc002-q2.1-q1": ["query and memory exchanged", "query and memory exchanged"],
    "doc002-q2.2.3": ["output projection left out"],
    "doc002-q3.2.1": ["the filter turned round"],
    "doc002-q3.3.4-claim": ["input channels forgotten"],
    "doc002-q3.3.4": ["the quotient Conv2d.params / total.params", "the quotient Linear.params / total.params"],
    "doc003-q1.2-compute": ["that is cnn.params < ff.params"],
    "doc003-q1.2-ratio": ["truncated instead of rounded"],
    "doc003-q1.3.1-scale": ["scaled by the root of the number of rows"],
    "doc003-q1.3.1": ["that is head.key.shape[1]"],
    "doc004-q2": ["not rounded"],
}
# Wrong without a number or a shape that could be graded: a placeholder, a misprint, a remark on indices.
IN_WORDS = {"000.1c.oob", "001.1.1.3d", "001.1.2.def"}


@pytest.mark.parametrize("path", WRONG, ids=name)
def test_the_mistake_of_a_wrong_answer_is_named(path: Path) -> None:
    said = [result["diagnosis"] for result in json.loads(run(path).out)["results"]]
    wanted = DIAGNOSED[name(path)]
    assert [words for text, words in zip(said, wanted, strict=True) if words not in (text or "")] == []


def test_every_wrong_answer_of_the_sheets_is_graded() -> None:
    wrong = {key for key, problem in PROBLEMS.items() if "wrong" in problem["verdict"]}
    assert wrong - set(named(WRONG, "refutes")) == IN_WORDS
