"""Two networks side by side: document 003's two claims, published pairs, and how layers are aligned."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest

from cnncalc import load, loads
from cnncalc.cli.app import main
from cnncalc.query.compare import Comparison, aligned

HOMEWORK = Path(__file__).resolve().parent.parent / "specs" / "homework"
DENSE, CONV = str(HOMEWORK / "doc003-q1.2.yaml"), str(HOMEWORK / "doc003-q1.1.yaml")


def compared(a, b):
    return Comparison(load(a).report(), load(b).report())


def chain(text):
    return load(text).report()


PAGE = """\
doc003-q1.2 and doc003-q1.1

what                                  a           b     a / b        a - b   saved       more
----------------------------  ---------  ----------  --------  -----------  ------  ---------
parameters                      236,310      10,298    22.95×      226,012  95.64%
MACs                            236,200     355,280   0.6648×     -119,080             50.41%
fully connected equivalent      236,310  10,852,314  0.02178×  -10,616,004          4,492.41%
parameters in float32, bytes    945,240      41,192    22.95×      904,048  95.64%
inference, bytes                955,048      69,032    13.83×      886,016  92.77%
training with adam, bytes     3,790,768     204,224    18.56×    3,586,544  94.61%

doc003-q1.1 has 22.95 times fewer parameters than doc003-q1.2, but needs 1.504 times as many multiply-accumulates
a = doc003-q1.2, b = doc003-q1.1; saved: how much smaller b is, as a share of a; more: \
how much larger b is, as a share of a

layers

a        b        type       shape of a  shape of b   params of a  params of b  MACs of a  MACs of b
-------  -------  ---------  ----------  -----------  -----------  -----------  ---------  ---------
         conv     Conv2d                 (24, 24, 8)                       608               345,600
         pool     MaxPool2d              (11, 11, 8)                         0                     0
flatten  flatten  Flatten    (2352,)     (968,)                 0            0          0          0
hidden   linear   Linear     (100,)      (10,)            235,300        9,690    235,200      9,680
relu_1            ReLU       (100,)                             0                       0
last              Linear     (10,)                          1,010                   1,000
"""


def test_document_003(capsys):
    # 236,310 / 10,298 = 22.947, and 355,280 / 236,200 = 1.504: fewer parameters, more products.
    assert main(["compare", DENSE, CONV]) == 0
    assert capsys.readouterr().out == PAGE


def test_json(capsys):
    assert main(["compare", DENSE, CONV, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    counts = ("name", "params", "trainable", "macs", "dense_params", "bytes")
    assert {key: document["a"][key] for key in counts} == {
        "name": "doc003-q1.2",
        "params": 236310,
        "trainable": 236310,
        "macs": 236200,
        "dense_params": 236310,
        "bytes": 945240,
    }
    assert document["b"]["params"] == 10298
    assert document["ratio"]["params"] == pytest.approx(22.947174)
    assert 1 / document["ratio"]["macs"] == pytest.approx(1.504149)
    assert document["difference"]["params"] == 226012
    assert document["saved"]["params"] == pytest.approx(0.956421649)
    assert document["layers"][2] == {
        "type": "Flatten",
        "a": {"name": "flatten", "output_shape": [2352], "params": 0, "macs": 0},
        "b": {"name": "flatten", "output_shape": [968], "params": 0, "macs": 0},
    }
    assert document["layers"][0]["a"] is None


def test_only_sums_in_another_type(capsys):
    assert main(["compare", "resnet50", "resnet18", "--totals", "--dtype", "fp16", "--csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    # torchvision: 25,557,032 and 11,689,512 parameters.
    assert lines[1].split(",")[:3] == ["parameters", "25557032", "11689512"]
    assert lines[4].split(",")[-5:-2] == ["51114064", "23379024", repr(25557032 / 11689512)]


@pytest.mark.parametrize(
    ("a", "b", "sentence"),
    [
        (
            "4 -> Linear(4, 4)",
            "4 -> Linear(4, 2)",
            "{b} has 2 times fewer parameters than {a}, and needs 2 times fewer",
        ),
        ("4 -> Linear(4, 4)", "4 -> Linear(4, 4)", "{a} and {b} have as many parameters"),
        ("4 -> ReLU", "4 -> Linear(4, 4)", "{a} has no parameters, and needs no products"),
        ("4 -> Linear(4, 4)", "4 -> ReLU", "{b} has no parameters, and needs no products"),
        (
            "2x4 -> Linear(4, 4)",
            "4 -> Linear(4, 4)",
            "{a} and {b} have as many parameters; {a} needs 2 times as many multiply-accumulates",
        ),
    ],
)
def test_sentences(a, b, sentence):
    found = compared(a, b).sentence()
    assert found.startswith(sentence.format(a="the first chain", b="the second chain"))


def names(a, b):
    return [(one and one.name, other and other.name) for one, other in aligned(chain(a).rows, chain(b).rows)]


def test_alignment():
    a = "8x8x8 -> first: Conv2d(8, 8, 1) -> ReLU -> last: Conv2d(8, 8, 1)"
    b = "8x8x8 -> pool: MaxPool2d(2) -> first: Conv2d(8, 8, 1) -> extra: Conv2d(8, 8, 1) -> Flatten"
    # By name and type first, then the first of a type with the first; the rest stands alone, in its place.
    assert names(a, b) == [
        (None, "pool"),
        ("first", "first"),
        ("relu_1", None),
        ("last", "extra"),
        (None, "flatten_1"),
    ]
    # The same name is not enough.
    assert names("8 -> x: ReLU", "8 -> x: Tanh") == [(None, "x"), ("x", None)]


def test_a_larger_network_saves_nothing(call):
    # resnet18 has 11,689,512 parameters, resnet50 25,557,032: 118.63% more, and no saving below zero.
    small, large, *_ = (call("compare", *nets, "--totals").out for nets in permutations(("resnet18", "resnet50")))
    assert "118.63%" in small and "-118" not in small
    assert "  saved     more\n" in small
    assert "54.26%" in large and "more" not in large


def test_alignment_loses_nothing():
    a, b = load("resnet18").report().rows, load("resnet34").report().rows
    pairs = aligned(a, b)
    assert [one for one, _ in pairs if one is not None] == a
    assert sorted(other.name for _, other in pairs if other is not None) == sorted(row.name for row in b)
    assert all(one.type == other.type for one, other in pairs if one and other)
    assert sum(one is not None and other is not None for one, other in pairs) == len(a)


def test_settings_go_to_the_networks_that_have_them(capsys, tmp_path):
    spec = tmp_path / "net.yaml"
    spec.write_text("input: [4]\nlet: {width: 2}\nlayers:\n  - Linear(out_features=width)\n", encoding="utf-8")
    assert main(["compare", str(spec), "4 -> Linear(4, 2)", "--set", "width=8", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["a"]["params"], document["b"]["params"]) == (40, 10)
    assert main(["compare", str(spec), "4 -> Linear(4, 2)", "--set", "widht=8"]) == 2
    assert capsys.readouterr().err == (
        'error[unknown-setting]: neither network has a constant "widht"\nhelp: did you mean width?\n'
    )


def test_ratio_of_nothing():
    found = Comparison(chain("4 -> Linear(4, 4)"), loads("input: [4]\nlayers: [ReLU]").report())
    assert found.ratio("params") is None
    assert found.saved("params") == 1


def test_a_missing_network(capsys):
    assert main(["compare", "lenet5"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error[missing-argument]: cnncalc compare needs NET\n")
