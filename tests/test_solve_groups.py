"""Searches by groups: the same as one by one, for every layer; little work for many combinations, and where it ends."""

from __future__ import annotations

import json
import re

import pytest

from cnncalc import SpecError, layers, load, loads
from cnncalc.cli.app import main
from cnncalc.layers.examples import example
from cnncalc.solve import ranges, search, tally
from cnncalc.solve.search import solve
from tests.test_solve import CONDITIONS, NETS, one_by_one

NUMBER = re.compile(r"(?<![\w.\"'])\d+(?![\w.\"'])")
WIDE = "3x224x224 -> Conv2d(3, c, k, stride=s, padding=p, dilation=d)"
MILLION = ["c=1..512", "k=1..15", "s=1..8", "p=0..3", "d=1..4"]


@pytest.fixture
def in_groups(monkeypatch):
    monkeypatch.setattr(search, "FEW", 0)


@pytest.mark.parametrize(("net", "words"), NETS, ids=[str(n) for n in range(len(NETS))])
def test_the_same_as_one_by_one(net, words, in_groups):
    for condition in CONDITIONS:
        found = solve(loads(net) if "\n" in net else load(net), ranges.parse(words), [condition]).found
        assert [(s.params, s.macs, s.values) for s in found] == one_by_one(net, words, condition)


def outcome(text, words, wanted):
    try:
        found = solve(loads(text), ranges.parse(words), [wanted])
    except SpecError as error:
        return [problem.code for problem in error.problems][:1]
    return [tuple(solution) for solution in found.found], found.tried, found.count


WANTED = ("total.params >= 0", "output.shape[-1] > 3", "total.params / 1000 < 1.5", "total.activation_bytes < 20000")


@pytest.mark.parametrize("convention", ["pytorch", "keras"])
def test_every_layer_with_each_of_its_numbers_free(convention, monkeypatch):
    seen = 0
    for name in layers.names():
        text = example(layers.find(name, convention) or layers.find(name))
        if not text:
            continue
        if "\n" not in text:
            shape, *calls = text.split(" -> ")
            text = f"input: [{', '.join(shape.split('x'))}]\nlayers:\n" + "".join(f"  - {call}\n" for call in calls)
        for spot in NUMBER.finditer(text):
            free = "symbols: [z]\n" + text[: spot.start()] + "z" + text[spot.end() :]
            number = int(spot[0])
            words = [f"z={max(0, number - 2)}..{number + 4},{2 * number}"]
            wanted = WANTED[seen % len(WANTED)]
            monkeypatch.setattr(search, "FEW", 10**9)
            expected = outcome(free, words, wanted)
            monkeypatch.setattr(search, "FEW", 0)
            assert outcome(free, words, wanted) == expected, (free, words, wanted)
            seen += 1
    assert seen > 300


def test_a_million_combinations_are_little_work():
    # 224 -> 112 with stride 2 where 2p - d(k - 1) is 0 or -1: two values for k = 1 and so on; 64 filters.
    found = solve(load(WIDE), ranges.parse(MILLION), ["output.shape == [64, 112, 112]"])
    expected = [
        {"c": 64, "k": k, "s": 2, "p": p, "d": d}
        for k in range(1, 16)
        for p in range(4)
        for d in range(1, 5)
        if (224 + 2 * p - d * (k - 1) - 1) // 2 + 1 == 112
    ]
    assert sorted(map(str, expected)) == sorted(str(solution.values) for solution in found.found)
    assert (found.tried, found.total, found.stopped) == (983_040, 983_040, False)


@pytest.mark.parametrize(
    "net, words, wanted",
    [
        (WIDE, MILLION, "output.shape == [64, 112, 112]"),
        (WIDE, MILLION, "params > 0"),
        (WIDE, MILLION, "macs % 1000 == 0 and k > 2"),
        (WIDE, MILLION, "output.shape[1] * 2 == 224 or total.params / 1000 > c"),
        ("3xHxW -> Conv2d(3, 8, k) -> MaxPool2d(2)", ["H=1..300", "W=1..300", "k=1..11"], "output.shape[1] == 20"),
        ("3x32x32 -> Conv2d(3, c, 3) -> Flatten -> Linear(n, 10)", ["c=1..100", "n=1..9999"], "params > 0"),
        ("64 -> Linear(out_features=a * b) -> Linear(out_features=a)", ["a=1..999", "b=1..999"], "params == 4100"),
        ("20x8 -> LSTM(8, h, batch_first=b) -> Linear(out_features=o)", ["h=1..500", "b=true,false", "o=1..900"],
         "params < 5000"),
        ("3x64x64 -> Conv2d(3, c, 3, groups=g)", ["c=1..900", "g=1..900"], "params > 0"),
    ],
)  # fmt: skip
def test_the_work_of_wide_searches(net, words, wanted, monkeypatch):
    left = []

    class Counted(search.Search):
        def run(self):
            super().run()
            left.append(self.left)

    monkeypatch.setattr(search, "Search", Counted)
    found = solve(load(net), ranges.parse(words), [wanted])
    assert found.tried == found.total > 400_000
    assert len(found.found) == min(found.count, tally.MOST_KEPT)
    assert left[0] > search.MOST_WORK * 3 // 4


def test_a_batch_that_fits_is_looked_for_in_all_of_the_range():
    found = solve(load("llama3_8b"), ranges.parse(["batch=1..1024"]), ["total.training_bytes <= 1500GB"])
    assert found.tried == found.total == 1024
    assert [solution.values["batch"] for solution in found.found] == list(range(1, found.count + 1))


def test_sums_over_all_layers_are_work(monkeypatch):
    net = loads("input: [4]\nlayers:\n- {a: ReLU, repeat: 9000}")
    found = solve(net, ranges.parse(["batch=1..900"]), ["total.training_bytes > 0"])
    assert found.stopped and 9 < found.tried < 300


def test_the_smallest_are_kept(monkeypatch, in_groups):
    monkeypatch.setattr(tally, "MOST_KEPT", 10)
    net, words = load("3x64x64 -> Conv2d(3, c, k)"), ranges.parse(["c=1..40", "k=1..9"])
    for by in ("params", "macs"):
        some = solve(net, words, ["params > 100"], by=by)
        monkeypatch.setattr(tally, "MOST_KEPT", 1000)
        every = solve(net, words, ["params > 100"], by=by)
        monkeypatch.setattr(tally, "MOST_KEPT", 10)
        assert some.found == every.found[:10] and some.count == every.count == len(every.found) > 100


def test_numbers_too_large_for_columns(in_groups):
    # 10^9 features to 10^9 features are 10^18 weights, and two of them more than a column can add up.
    net = "1000000000 -> Linear(out_features=n) -> Linear(out_features=n * m) -> Linear(out_features=7)"
    found = solve(load(net), ranges.parse(["n=1000000000,1000000001", "m=1..7"]), ["params > 0"]).found
    assert [s.params for s in found] == [
        n * (10**9 + 1) + n * m * (n + 1) + 7 * (n * m + 1) for m in range(1, 8) for n in (10**9, 10**9 + 1)
    ]


def test_where_the_work_ends(monkeypatch, capsys):
    monkeypatch.setattr(search, "MOST_WORK", 30)
    words = ["solve", "3x64x64 -> Conv2d(3, c, k)", "c=1..100", "k=1..64", "--want", "sqrt(total.params) > 2"]
    assert main([*words, "--json"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["tried"] + document["not_tried"] == 6400
    assert 0 < document["found"] <= document["tried"] < 100
    assert err == (
        f"warning[search-stopped]: {document['tried']} of 6,400 combinations were tried, "
        "then the search had done all the work that it may\n"
        "help: narrower ranges, or --max-tries 2000000 for twice as much\n"
    )
    # No answer is no "no".
    assert main([*words[:-1], "sqrt(total.params) < 0"]) == 2
    assert capsys.readouterr().out.startswith("none of ")
