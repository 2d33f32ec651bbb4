"""Solving backwards: known answers, every combination tried one by one, ranges, refusals."""

from __future__ import annotations

import json
import random
import sys
from itertools import product

import pytest

from cnncalc import SpecError, load, loads
from cnncalc.cli.app import main
from cnncalc.cli.solve import Bar
from cnncalc.core.problem import Fault
from cnncalc.query.ask import value_of
from cnncalc.query.scope import NetworkScope
from cnncalc.solve import ranges
from cnncalc.solve.search import solve

CONV = "3x64x64 -> Conv2d(3, 16, k, stride=s, padding=p)"


def solved(network, words, *wanted, **more):
    found = solve(network, ranges.parse(words), wanted, **more)
    return [solution.values for solution in found.found], found.tried


# --- known answers -------------------------------------------------------------------------------------------------


def test_padding_that_keeps_the_size():
    # A kernel of k keeps the size with padding (k - 1) / 2, where that is whole.
    found, tried = solved(load("3x64x64 -> Conv2d(3, 16, k, padding=p)"), ["k=1..7", "p=0..3"], "output.shape[1] == 64")
    assert found == [{"k": 1, "p": 0}, {"k": 3, "p": 1}, {"k": 5, "p": 2}, {"k": 7, "p": 3}]
    assert tried == 28


def test_halving():
    # Stride 2 halves 64 where 2p is k - 2 or k - 1.
    found, tried = solved(load(CONV), ["k=1..7", "s=1..3", "p=0..3"], "output.shape == [16, 32, 32]")
    assert found == [
        {"k": 1, "s": 2, "p": 0},
        {"k": 2, "s": 2, "p": 0},
        {"k": 3, "s": 2, "p": 1},
        {"k": 4, "s": 2, "p": 1},
        {"k": 5, "s": 2, "p": 2},
        {"k": 6, "s": 2, "p": 2},
        {"k": 7, "s": 2, "p": 3},
    ]
    assert tried == 84


def test_pool_of_document_003():
    # A missing window size: 24 -> 11 fits 4/2 and 3/2 (and 14/1).
    found, _ = solved(load("8x24x24 -> MaxPool2d(k, stride=s)"), ["k=1..24", "s=1..8"], "output.shape == [8, 11, 11]")
    assert {"k": 4, "s": 2} in found and {"k": 3, "s": 2} in found and {"k": 14, "s": 1} in found
    assert len(found) == 3


def test_input_size():
    # AlexNet's 55 needs an input of 227 (to 230) without padding, 224 gives 54.
    net = load("3xSxS -> Conv2d(3, 96, 11, stride=4)")
    assert solved(net, ["S=220..240"], "output.shape[1] == 55")[0] == [{"S": size} for size in (227, 228, 229, 230)]


def test_smallest_first():
    net = load("1x9x9 -> a: Conv2d(1, c, k) -> b: Conv2d(c, 2, 1)")
    words = ["c=1..3", "k=1..3"]

    def key(values, first):
        c, k = values["c"], values["k"]
        params = c * k * k + c + 2 * c + 2
        macs = (10 - k) ** 2 * (c * k * k + 2 * c)
        return (params, macs) if first == "params" else (macs, params)

    for by in ("params", "macs"):
        found = solve(net, ranges.parse(words), ["total.params > 0"], by=by).found
        assert len(found) == 9
        keys = [key(solution.values, by) for solution in found]
        assert keys == sorted(keys)
        assert [(s.params, s.macs)[:: 1 if by == "params" else -1] for s in found] == keys


def test_several_conditions_and_names_in_them():
    net = load(CONV)
    found, _ = solved(net, ["k=1..9", "s=1..4", "p=0..4"], "output.shape[1] == 64 // s", "k == 2 * p + 1", "s > 1")
    assert found and all(values["k"] == 2 * values["p"] + 1 and values["s"] > 1 for values in found)
    one = "output.shape[1] == 64 // s and k == 2 * p + 1 and s > 1"
    assert solved(net, ["k=1..9", "s=1..4", "p=0..4"], one)[0] == found


def test_what_people_write():
    net = load("3x64x64 -> c: Conv2d(3, 16, k, padding=p)")
    expected = solved(net, ["k=1..7", "p=0..3"], "c.shape == [16, 62, 62]")
    for text in ("c.shape = [16, 62, 62]", "c.shape == 16x62x62", "c.shape=16×62×62", "c.shape == (16, 62, 62)"):
        assert solved(net, ["k=1..7", "p=0..3"], text) == expected
    assert solved(net, ["k=1..7", "p=0..3"], "params == 448")[0] == [{"k": 3, "p": p} for p in (0, 1, 2, 3)][::1]


def test_words_and_truth_values():
    net = load("3x64x64 -> Conv2d(3, 8, 3, padding=p, bias=b)")
    found, tried = solved(net, ["p=valid,same", "b=true,false"], "output.shape[1] == 64")
    assert found == [{"p": "same", "b": False}, {"p": "same", "b": True}]
    assert tried == 4


def test_a_shared_layer_is_counted_once():
    spec = """
input: [8]
symbols: [w]
layers:
  - a: Linear(8, w)
  - b: Linear(w, 8)
  - c: Linear(8, w)
    share: a
"""
    found = solve(loads(spec), ranges.parse(["w=4,8"]), ["total.params < 1000"]).found
    assert [(s.values["w"], s.params) for s in found] == [(4, 36 + 40), (8, 72 + 72)]


# --- against every combination tried alone --------------------------------------------------------------------------

SPEC = """
input: [3, 16, 16]
let: {width: 4, k: 3, p: (k - 1) // 2, depth: 1, pool: true}
define:
  block(w, stride=1):
    - conv: Conv2d(out_channels=w, kernel_size=k, padding=p, stride=stride)
    - BatchNorm2d
    - ReLU
layers:
  - stem: block(width)
  - body: block(2 * width, stride=2)
    repeat: depth
  - small: MaxPool2d(2)
    when: pool
  - head: Conv2d(out_channels=width + depth, kernel_size=k - 1)
"""
# What decides how many layers there are shows only where another name is true.
BRANCHES = """
input: [2, 6, 6]
let: {deep: false, n: 1, c: 2, act: relu, k: 1, sizes: [c, 2 * c]}
layers:
  - a: Conv2d(out_channels=c, kernel_size=k)
    activation: act
  - more: {sequential: [{inner: {conv2d: {out_channels: "sizes[1]", kernel_size: 1}}, repeat: n}]}
    when: deep
  - Multiply: {value: 2}
  - Flatten
  - Linear(out_features=c if deep else k + 1)
"""
NETS = [
    (CONV, ["k=1..6", "s=1..3", "p=0..4"]),
    ("2x20x20 -> a: Conv2d(2, c, k, dilation=d) -> ReLU -> b: MaxPool2d(k, padding=p) -> Conv2d(c, 4, 2)",
     ["c=1..3", "k=1..5", "d=1..3", "p=0..2"]),
    ("3xHxW -> Conv2d(3, 4, k) -> AvgPool2d(k) -> Flatten -> Linear(out_features=H)", ["H=3..6", "W=3..5", "k=1..4"]),
    ("10x12 -> LSTM(12, h, num_layers=n) -> Linear(out_features=h * n)", ["h=2,4,8", "n=1..3"]),
    ("8x12 -> MultiheadAttention(12, h) -> Linear(12, o)", ["h=1..8", "o=1..3"]),
    ("12 -> Reshape([a, b]) -> Linear(b, a)", ["a=1..6", "b=1..6"]),
    (SPEC, ["k=1..5", "width=2,3", "depth=0..2", "pool=true,false"]),
    (BRANCHES, ["deep=false,true", "n=0..2", "c=1..3", "act=relu,prelu", "k=1..2"]),
]  # fmt: skip
CONDITIONS = ["total.params > 200", "total.macs % 3 == 0", "output.shape[0] >= 2", "total.layers > 1"]


def one_by_one(net, words, condition):
    """Every combination as a network of its own; those that make none are left out."""
    values = ranges.parse(words)
    found = []
    for given in product(*values.values()):
        settings = dict(zip(values, given, strict=True))
        network = loads(net) if "\n" in net else load(net)
        try:
            report = network.report(**settings)
        except SpecError:
            continue
        if value_of(condition, NetworkScope(report, None)):
            found.append((report.totals.params, report.totals.macs, settings))
    found.sort(key=lambda entry: entry[:2])
    return found


@pytest.mark.parametrize(("net", "words"), NETS, ids=[str(n) for n in range(len(NETS))])
def test_the_same_as_one_by_one(net, words):
    some = 0
    for condition in CONDITIONS:
        expected = one_by_one(net, words, condition)
        found = solve(loads(net) if "\n" in net else load(net), ranges.parse(words), [condition]).found
        assert [(s.params, s.macs, s.values) for s in found] == expected
        some += len(expected)
    assert some > 0


def test_random_chains_one_by_one():
    rng = random.Random(11)
    for _ in range(12):
        parts, names = ["2x18x18"], []
        for _ in range(rng.randint(1, 4)):
            name = rng.choice(["k", "m", "n"])
            parts.append(
                rng.choice(
                    [
                        f"Conv2d(out_channels=3, kernel_size={name}, padding={rng.randint(0, 1)})",
                        f"MaxPool2d({name}, stride={rng.randint(1, 2)})",
                        f"AvgPool2d(2, stride={name})",
                        f"Conv2d(out_channels={name} * 2, kernel_size=2)",
                    ]
                )
            )
            names.append(name)
        words = [f"{name}=1..{rng.randint(2, 7)}" for name in dict.fromkeys(names)]
        net = " -> ".join(parts)
        found = solve(load(net), ranges.parse(words), ["output.shape[1] > 2"]).found
        assert [(s.params, s.macs, s.values) for s in found] == one_by_one(net, words, "output.shape[1] > 2"), net


# --- ranges --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1..4", [1, 2, 3, 4]),
        ("1..9..2", [1, 3, 5, 7, 9]),
        ("1..8..3", [1, 4, 7]),
        ("5", [5]),
        ("1,3,5", [1, 3, 5]),
        ("[1, 3]", [1, 3]),
        ("1..3,7,2", [1, 2, 3, 7]),
        ("-2..0", [-2, -1, 0]),
        ("3..3", [3]),
        ("true,false", [True, False]),
        ("0.5,1", [0.5, 1]),
        ("same,valid", ["same", "valid"]),
        ("1_000..1_001", [1000, 1001]),
        ("1,true", [1, True]),
    ],
)
def test_ranges(text, expected):
    found = list(ranges.parse([f"k={text}"])["k"])
    assert found == expected
    assert [type(value) for value in found] == [type(value) for value in expected]


@pytest.mark.parametrize(
    ("words", "message", "help"),
    [
        (["k"], '"k" is no NAME=RANGE', ranges.HELP),
        (["k="], '"" gives k no values', ranges.HELP),
        (["k=1-7"], '"1-7" is no range', "write k=1..7"),
        (["k=1:7"], '"1:7" is no range', "write k=1..7"),
        (["k=1...7"], '"1...7" is no range', "write k=1..7"),
        (["k=7..1"], '"7..1" holds nothing', "write k=1..7"),
        (["k=1..7..0"], 'the step of "1..7..0" must be at least 1', ranges.HELP),
        (["k=a..b"], '"a..b" is no range', ranges.HELP),
        (["k=1,,3"], '"1,,3" gives k no values', ranges.HELP),
        (["k=1", "k=2"], "k gets two ranges", "put them together: k=1..3,7"),
    ],
)
def test_wrong_ranges(words, message, help):
    with pytest.raises(Fault) as caught:
        ranges.parse(words)
    assert (caught.value.code, caught.value.message, caught.value.help) == ("range-form", message, (help,))


# --- refusals ------------------------------------------------------------------------------------------------------


def refusal(net, words, *wanted, **more):
    with pytest.raises(SpecError) as caught:
        solve(load(net), ranges.parse(words), wanted or ["total.params > 0"], **more)
    problem = caught.value.problems[0]
    return problem.code, problem.message, problem.help


def test_too_large():
    # The ranges are not listed to find out.
    assert refusal(CONV, ["k=1..1_000_000_000", "s=1..1000", "p=0..9"]) == (
        "search-too-large",
        "1,000,000,000 · 1,000 · 10 = 10,000,000,000,000 combinations are more than 1,000,000",
        ("narrower ranges, or --max-tries 10000000000000",),
    )
    assert refusal(CONV, ["k=1..3", "s=1", "p=0"], max_tries=2)[0] == "search-too-large"


def test_names():
    assert refusal(CONV, ["k=1..3", "p=0"]) == ("range-missing", "s has no range", ("add s=1..9, or --set s=3",))
    assert refusal(CONV, ["k=1..3", "p=0", "s=1", "q=1"])[1] == 'chain has no name "q"'
    assert refusal("3x8x8 -> Conv2d(3, width, 3)", ["widht=1..3"])[2] == ("did you mean width?",)
    network = load(CONV, settings={"s": "1", "p": "0"})
    assert len(solve(network, ranges.parse(["k=1..3"]), ["total.params > 0"]).found) == 3


def test_conditions():
    assert refusal(CONV, ["k=1", "s=1", "p=0"], "total.params")[:2] == (
        "no-condition",
        "total.params is a value, not a condition",
    )
    assert refusal(CONV, ["k=1", "s=1", "p=0"], "con.params > 1")[0] == "unknown-name"
    assert refusal(CONV, ["k=1", "s=1", "p=0"], "sum(output) > 1")[0] == "solve-executes"
    assert refusal(CONV, ["k=1", "s=1", "p=0"], "output.shape ==")[0] == "expression-syntax"
    # What can sometimes be computed is no mistake; what never can is one.
    assert refusal(CONV, ["k=1", "s=1", "p=0"], "output.shape[3] > 1")[0] == "expression-value"
    assert solved(load(CONV), ["k=1", "s=1", "p=0..2"], "4 / p > 2")[0] == [{"k": 1, "s": 1, "p": 1}]


def test_a_layer_that_is_written_wrong_is_no_combination():
    assert refusal("3x8x8 -> Conv2d(3, 8, k, pading=1)", ["k=1..3"])[:2] == (
        "unknown-option",
        'conv2d_1: Conv2d has no option "pading"',
    )
    assert refusal("3x8x8 -> Convv2d(3, 8, 3)", ["k=1..3"])[0] == "unknown-layer"


# --- the command ---------------------------------------------------------------------------------------------------

TABLE = """\
k  p  params       MACs  output shape
-  -  ------  ---------  ---------------
1  0      64    196,608  (N, 16, 64, 64)
3  1     448  1,769,472  (N, 16, 64, 64)

4 of 28 combinations, the first 2 shown
"""


def test_table(capsys):
    argv = ["solve", "3x64x64 -> Conv2d(3, 16, k, padding=p)", "k=1..7", "p=0..3", "--limit", "2"]
    assert main([*argv, "--want", "output.shape == [16, 64, 64]"]) == 0
    assert capsys.readouterr() == (TABLE, "")


def test_json(capsys):
    argv = ["solve", "3x64x64 -> Conv2d(3, 16, k, padding=p)", "k=1..7", "p=0..3", "--json"]
    assert main([*argv, "--want", "output.shape == [16, 64, 64]", "-w", "k > 1"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["solutions"] == [{"k": 3, "p": 1}, {"k": 5, "p": 2}, {"k": 7, "p": 3}]
    assert document["tried"] == 28
    assert document["networks"][0] == {"params": 448, "macs": 1769472, "output_shape": [16, 64, 64]}


def test_none(capsys):
    assert main(["solve", "3x64x64 -> c: Conv2d(3, 8, k)", "k=65..70", "--want", "c.params > 1"]) == 1
    assert capsys.readouterr() == (
        "none of 6 combinations\nsome make no network: c: a kernel of 65 does not fit into the height 64\n",
        "",
    )
    assert main(["solve", "3x64x64 -> c: Conv2d(3, 8, k)", "k=65..70", "--want", "c.params > 1", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["solutions"] == []


def test_wrong_calls(capsys):
    assert main(["solve", CONV, "k=1..3"]) == 2
    assert capsys.readouterr().err == (
        "error[missing-argument]: cnncalc solve needs to know what is wanted\n"
        'help: for example --want "output.shape == [16, 32, 32]"\n'
    )
    assert main(["solve", CONV, "k=1..3", "--want", "k > 1", "--by", "parms"]) == 2
    assert capsys.readouterr().err == (
        'error[option-value]: --by takes params or macs, not "parms"\nhelp: did you mean params?\n'
    )


def test_progress_of_a_long_search(capsys, monkeypatch):
    seen = []
    solve(load(CONV), ranges.parse(["k=1..9", "s=1..9", "p=0..40"]), ["k > 5"], progress=lambda *n: seen.append(n))
    assert len(seen) > 3
    assert all(total == 9 * 9 * 41 for _, total in seen)
    assert [tried for tried, _ in seen] == sorted(tried for tried, _ in seen)

    bar = Bar()
    bar(100, 1000)
    assert capsys.readouterr().err == ""  # short searches show nothing
    bar.next = 0.0
    bar(500, 1000)
    bar.clear()
    assert capsys.readouterr().err == "\r\x1b[K" + "━" * 15 + "─" * 15 + " 500 of 1,000\r\x1b[K"
    assert not sys.stderr.isatty()
