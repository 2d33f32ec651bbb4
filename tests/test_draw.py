"""Diagrams: whole outputs for small networks, the course sheets' edge lists, and what holds in every picture."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import cnncalc
from cnncalc.bundled import bundled
from cnncalc.cli.app import main
from cnncalc.diagram.build import network
from cnncalc.diagram.formats import FORMATS, mermaid, written
from cnncalc.diagram.inside.build import drawable, inside
from cnncalc.diagram.model import MOST_BOXES, Diagram
from tests import homework
from tests.layer_examples import examples

# Formats that hold no text that could be looked at; tests/test_pictures.py holds them.
DOTS = ("pdf", "png", "sixel", "kitty")
TEXTS = [format for format in FORMATS if format not in DOTS]
ROOT = Path(__file__).resolve().parent.parent
NETS = [*bundled(), *(str(path) for path in sorted((ROOT / "specs" / "homework").glob("*.yaml")))]
SVG = "{http://www.w3.org/2000/svg}"
RESIDUAL = """\
name: small
input: [4, 8, 8]
layers:
  - stem: Conv2d(4, 8, 3, padding=1)
  - block:
      residual:
        - conv: Conv2d(8, 8, 3, padding=1, bias=False)
        - ReLU
    repeat: 3
  - Flatten
  - fc: Linear(512, 2)
"""


@pytest.fixture
def call(call):
    """Run `draw`: status, standard output, standard error."""
    return lambda *argv: call("draw", *argv)


def report(text):
    return cnncalc.loads(text).report()


def drawn(argv):
    """The JSON document that a command prints."""
    words = shlex.split(argv)
    assert words[:2] == ["cnncalc", "draw"]
    net = words[2] if not words[2].startswith("specs/") else str(ROOT / words[2])
    network_ = cnncalc.load(net).report()
    given = {word: words[at + 1 : at + 2] for at, word in enumerate(words) if word.startswith("--")}
    if not given:
        made = network(network_)
    else:
        steps = int(given["--unroll"][0]) if "--unroll" in given else None
        made = inside(network_, given.get("--inside", [None])[0], steps, "--compact" in given)
    return json.loads(written(made, "json"))


def arrows(document):
    """The arrows between boxes by their labels, with delays."""
    label = {node["id"]: node["label"] for node in document["nodes"]}
    return [(label[edge["from"]], label[edge["to"]], edge["label"], edge["delay"]) for edge in document["edges"]]


# --- whole outputs -------------------------------------------------------------------------------------------------

TEXT = """\
small

●   input: 4x8x8
●   stem: Conv2d -> 8x8x8 (296 params)
│   block × 3 (3 × 576 params)
├─●   conv: Conv2d -> 8x8x8 (576 params)
│ ●   relu_1 -> 8x8x8 (0 params)
●─╯   add_1 -> 8x8x8 (0 params)  <- stem, relu_1
●   flatten_1 -> 512 (0 params)
●   fc: Linear -> 2 (1,026 params)

total: 3,050 params
"""
ASCII = """\
small

o   input: 4x8x8
o   stem: Conv2d -> 8x8x8 (296 params)
|   block x 3 (3 x 576 params)
+-o   conv: Conv2d -> 8x8x8 (576 params)
| o   relu_1 -> 8x8x8 (0 params)
o-'   add_1 -> 8x8x8 (0 params)  <- stem, relu_1
o   flatten_1 -> 512 (0 params)
o   fc: Linear -> 2 (1,026 params)

total: 3,050 params
"""
FOLDED = """\
small

● input: 4x8x8
● stem: Conv2d -> 8x8x8
● block × 3: 3 layers -> 8x8x8
● flatten_1 -> 512
● fc: Linear -> 2
"""
MERMAID = """\
---
title: "small"
---
flowchart TD
  %% total: 3,050 params
  n0(["input<br/>4x8x8"])
  n1["stem<br/>Conv2d(4, 8, 3, padding=1)<br/>8x8x8, 296 params"]
  subgraph g0["block × 3 (3 × 576 params)"]
    n2["conv<br/>Conv2d(8, 8, 3, padding=1, bias=False)<br/>then ReLU<br/>8x8x8, 576 params"]
    n3["add_1<br/>Add<br/>8x8x8, 0 params"]
  end
  n4["flatten_1<br/>Flatten<br/>512, 0 params"]
  n5["fc<br/>Linear(512, 2)<br/>2, 1,026 params"]
  n0 --> n1
  n1 --> n2
  n1 --> n3
  n2 --> n3
  n3 --> n4
  n4 --> n5
"""
DOT = """\
digraph "gated" {
  graph [label="gated: rnn = Recurrent(h: 3)\\ntotal: 15 params", labelloc=t, fontname="Helvetica", rankdir=LR];
  node [shape=box, style="rounded,filled", fillcolor=white, fontname="Helvetica", fontsize=11];
  edge [fontname="Helvetica", fontsize=10];
  n0 [label="x[t]\\n2", tooltip="x[t]"];
  n1 [label="U\\n3, 6 params", tooltip="U", fillcolor="#e0ecff"];
  n2 [label="h[t-1]\\n3", tooltip="h[t-1]"];
  n3 [label="W\\n3, 9 params", tooltip="W", fillcolor="#e0ecff"];
  n4 [label="+\\n3", tooltip="+"];
  n5 [label="h[t] = tanh\\n3", tooltip="h[t]"];
  n0 -> n1;
  n2 -> n3;
  n1 -> n4;
  n3 -> n4;
  n4 -> n5;
  n5 -> n2 [label="t - 1", style=dashed, constraint=false];
}
"""
CELL = """\
name: gated
input: [5, 2]
layers:
  - rnn:
      recurrent:
        state: {h: 3}
        weights: {U: [3, 2], W: [3, 3]}
        step: {h: tanh(U @ x[t] + W @ h[t-1])}
"""


def test_text(call, spec):
    assert call(spec(RESIDUAL)) == (0, TEXT, "")
    assert call(spec(RESIDUAL), "--plain") == (0, TEXT, "")


def test_ascii():
    made = written(network(report(RESIDUAL)), "text", ascii=True)
    assert made == ASCII
    assert made.isascii()


def test_depth_and_no_params(call, spec):
    assert call(spec(RESIDUAL), "--depth", "1", "--no-params") == (0, FOLDED, "")


def test_mermaid(call, spec):
    assert call(spec(RESIDUAL), "--mermaid") == (0, MERMAID, "")
    assert call(spec(RESIDUAL), "-f", "markdown")[1] == f"```mermaid\n{MERMAID}```\n"


def test_mermaid_and_dot_part_activations_where_all_is_wanted(call, spec):
    for format in ("mermaid", "dot"):
        assert "then ReLU" in call(spec(RESIDUAL), "-f", format)[1]
        full = call(spec(RESIDUAL), "-f", format, "--full")[1]
        assert "then ReLU" not in full and full.count("relu_1") >= 3


def test_dot(call, spec):
    head = DOT.replace('digraph "gated"', 'digraph "gated: rnn = Recurrent(h: 3)"')
    assert call(spec(CELL), "--inside", "rnn", "--dot", "--direction", "right") == (0, head, "")


def test_json(call, spec):
    status, out, err = call(spec(RESIDUAL), "--json")
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert document["nodes"][2] == {
        "id": 2,
        "kind": "layer",
        "name": "block.0.conv",
        "label": "conv",
        "type": "Conv2d",
        "detail": "Conv2d(8, 8, 3, padding=1, bias=False)",
        "shape": [8, 8, 8],
        "params": 576,
        "copies": 1,
        "group": 0,
    }
    assert document["groups"] == [
        {"id": 0, "name": "block", "label": "block", "copies": 3, "params": 576, "parent": None}
    ]
    assert document["edges"][3] == {"from": 1, "to": 4, "label": "", "delay": 0}
    assert (document["output"], document["total_params"]) == (6, 3050)


def test_csv(call, spec):
    lines = call(spec(RESIDUAL), "--csv")[1].splitlines()
    assert lines[:3] == ["from,to,label,delay", "input,stem,,0", "stem,block.0.conv,,0"]


UNROLLED = """\
gated: rnn = Recurrent(h: 3)

●   h[0] = 0 -> 3
│   t = 1
│ ●   x[1]: 2
│ ●   U -> 3 (6 params)
● │   W -> 3 (9 params)  <- h[0]
●─╯   + -> 3  <- U, W
●     h[1] = tanh -> 3
│   t = 2
│ ●   x[2]: 2
│ ●   U -> 3
● │   W -> 3  <- h[1]
●─╯   + -> 3  <- U, W
●     h[2] = tanh -> 3

the weights are the same at every step

total: 15 params
"""


def test_unrolled(call, spec):
    # --inside may be left out where there is only one layer to draw.
    assert call(spec(CELL), "--unroll", "2") == (0, UNROLLED, "")


def test_branches(call):
    status, out, err = call(str(ROOT / "docs" / "examples" / "inception.yaml"), "--no-params")
    assert (status, err) == (0, "")
    assert out.splitlines()[2:] == [
        "●       input: 192x28x28",
        "│       inception",
        "├─●       b1: Conv2d -> 64x28x28",
        "├─│─●     b2a: Conv2d -> 96x28x28  <- input",
        "│ │ ●     b2b: Conv2d -> 128x28x28",
        "├─│─│─●   b3a: Conv2d -> 16x28x28  <- input",
        "│ │ │ ●   b3b: Conv2d -> 32x28x28",
        "● │ │ │   pool: MaxPool2d -> 192x28x28  <- input",
        "● │ │ │   b4: Conv2d -> 32x28x28",
        "●─┴─┴─╯   concat_1 -> 256x28x28  <- b1, b2b, b3b, b4",
        "●       last: ReLU -> 256x28x28",
    ]


# --- what is a copy ------------------------------------------------------------------------------------------------


def groups(made):
    return [group.title for group in made.groups]


def test_copies_are_drawn_once_unless_full():
    assert groups(network(report(RESIDUAL))) == ["block × 3"]
    assert groups(network(report(RESIDUAL), full=True)) == ["block", "block.0", "block.1", "block.2"]


# From the papers: BERT-base has 12 layers, GPT-2 small 12, ResNet-50 3 + 4 + 6 + 3 blocks whose first ones differ.
@pytest.mark.parametrize(
    ("net", "titles"),
    [
        ("bert_base", ["× 12"]),
        ("gpt2", ["× 12"]),
        ("transformer", ["× 6", "× 6"]),
        ("resnet50", ["× 2", "× 3", "× 5", "× 2"]),
        ("unet", []),
    ],
)
def test_known_repeats(net, titles):
    made = network(cnncalc.load(net).report())
    assert [f"× {group.copies}" for group in made.groups if group.copies > 1] == titles


@pytest.mark.parametrize(
    ("copy", "titles"),
    [("block.0", ["block", "block.0", "block.1..2 × 2"]), ("block.1", ["block", "block.0..1 × 2", "block.2"])],
)
def test_what_a_later_layer_reads_is_the_last_of_its_copies(copy, titles):
    text = RESIDUAL.replace("    repeat: 3\n", f"    repeat: 3\n  - tap: Add\n    from: [block, {copy}]\n")
    assert groups(network(report(text))) == titles


def test_other_options_are_no_copies():
    text = "input: [8]\nlayers:\n  - fc: Linear(8, 8, bias=index == 1)\n    repeat: 3\n"
    assert groups(network(report(text))) == ["fc"]
    assert groups(network(report(text.replace("index == 1", "True")))) == ["fc × 3"]


# --- the course sheets ---------------------------------------------------------------------------------------------

ANSWERS = {problem["id"]: problem["answers"] for problem in homework.problems()}


def test_the_gated_cell_has_the_sheets_edges():
    """001.1.2.1: the edge list of the answer, with its names for the boxes that have none here."""
    document = drawn(homework.DRAWN["001.1.2.1"][0])
    edges = arrows(document)
    into = {}
    for edge in document["edges"]:
        into.setdefault(edge["to"], set()).add(document["nodes"][edge["from"]]["label"])
    names = {}
    for node in document["nodes"]:
        label = node["label"].partition(" = ")[0]
        if label == "+":
            label = "add"
        if label == "*":
            label = "c*h" if "h[t-1]" in into[node["id"]] else "(1-c)*Wx x"
        names[node["id"]] = label.replace("1 - c", "1-c")
    found = {(names[edge["from"]], names[edge["to"]]) for edge in document["edges"]}
    as_here = {"sigmoid=c[t]": "c[t]", "delay 1 -> h[t-1]": "h[t-1]"}
    assert found == {(a, as_here.get(b, b)) for a, b in ANSWERS["001.1.2.1"]["edges"]}
    assert len(edges) == len(ANSWERS["001.1.2.1"]["edges"])
    assert sum(delay > 0 for *_, delay in edges) == ANSWERS["001.1.2.1"]["delayed_edges"]
    assert sum(node["kind"] == "matrix" for node in document["nodes"]) == ANSWERS["001.1.2.1"]["matrices"]


def test_attention_rnn_has_the_sheets_delays():
    """001.1.3.1."""
    document = drawn(homework.DRAWN["001.1.3.1"][0])
    answers = ANSWERS["001.1.3.1"]
    edges = arrows(document)
    assert [delay for *_, delay in edges if delay] == answers["delays"]
    assert sum(delay > 0 for *_, delay in edges) == answers["delayed_edges"]
    assert sum(node["kind"] == "matrix" for node in document["nodes"]) == answers["matrices"]
    assert sum(target == "a[t] = softmax" for _, target, *_ in edges) == answers["softmax_inputs"]


def test_the_recitations_network_compact():
    """002.4.1.1: one box a layer, one delayed edge, the matrices on the arrows."""
    found = arrows(drawn(homework.DRAWN["002.4.1.1"][1]))
    wanted = []
    for source, target, matrix in ANSWERS["002.4.1.1"]["edges"]:
        late = "(delay 1)" in matrix
        names = [name.replace("_t", "[t]").replace("_{t-1}", "[t]") for name in (source, target)]
        wanted.append((*names, matrix.removesuffix(" (delay 1)"), int(late)))
    assert sorted(found) == sorted(wanted)


def test_the_sheets_labels():
    """003.fig: name, shape and parameters of every box of both networks."""
    document = drawn(homework.DRAWN["003.fig"][0])
    for name in ("cnn", "ff"):
        (frame,) = [group["id"] for group in document["groups"] if group["name"] == name]
        labels = [
            f"{node['type'].lower()} -> {'x'.join(map(str, node['shape']))} ({node['params']} params)"
            for node in document["nodes"]
            if node["group"] == frame
        ]
        assert labels == ANSWERS["003.fig"][name]
    chain = "3x28x28 -> Conv2d(3, 8, 5) -> MaxPool2d(4, stride=2) -> Flatten -> Linear(968, 10)"
    text = written(network(cnncalc.load(chain).report()), "text").replace(",", "").replace("_1", "")
    assert re.findall(r"\w+ -> \w+ \(\d+ params\)", text) == ANSWERS["003.fig"]["cnn"]


def test_self_attention_has_the_sheets_matrices_and_edges():
    """000.2.fig, for n = 3 words."""
    whole, each = map(drawn, homework.DRAWN["000.2.fig"])
    n = 3
    answers = {name: {"n": n, "n**2": n * n}.get(value, value) for name, value in ANSWERS["000.2.fig"].items()}
    assert sum(node["kind"] == "matrix" for node in whole["nodes"]) == answers["matrices"]
    assert [node["shape"] for node in whole["nodes"] if node["name"] == "scores"] == [[n, n]]
    edges = arrows(each)
    assert sum(a.startswith("k[") and b.startswith("a[") for a, b, *_ in edges) == answers["score_edges"]
    assert sum(node["name"].startswith("y[") for node in each["nodes"]) == answers["outputs"]


# --- the inside of layers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layer",
    [
        "RNN(4, 8)",
        'RNN(4, 8, nonlinearity="relu", bias=False)',
        "LSTM(4, 8)",
        "LSTM(4, 8, proj_size=3)",
        "LSTM(4, 8, bias_vectors=1)",
        "GRU(4, 8)",
        "GRU(4, 8, bias=False)",
        "GRU(4, 8, reset_after=False)",
        "AttentionRNN(0)",
        "AttentionRNN(3)",
        'AttentionRNN("all")',
        "Attention(4)",
        "Attention(4, num_heads=2, bias=True, out_proj=True, causal=True, window=2)",
        "Attention(4, num_heads=4, num_kv_heads=2, head_dim=3, value_dim=5)",
        "MultiheadAttention(4, 2)",
        "MultiheadAttention(4, 2, bias=False)",
        "MultiheadAttention(4, 2, add_bias_kv=True, add_zero_attn=True)",
    ],
)
def test_the_boxes_hold_all_parameters(layer):
    """No parameter of a layer is missing inside it, and none is there twice; nor when it is unrolled."""
    network_ = cnncalc.load(f"5x4 -> it: {layer}").report()
    for steps in (None, 2) if "all" not in layer else (None,):
        made = inside(network_, "it", steps)
        assert sum(box.params or 0 for box in made.boxes) == network_["it"].params, steps
        if made.output is not None:
            last = made.boxes[made.output].shape
            assert last in (network_["it"].output_shape, network_["it"].output_shape[1:])


@pytest.mark.parametrize(
    "example",
    [example for example in examples() if re.search("RNN|LSTM|GRU|Attention$|Recurrent", example[0])],
    ids=lambda example: example[0],
)
def test_every_example_can_be_drawn_in_every_format(example):
    kind, options, shapes = example
    inputs = {f"i{at}": list(shape) for at, shape in enumerate(shapes)}
    entry = {kind.lower(): options, "from": list(inputs), "name": "it"}
    network_ = cnncalc.from_dict({"inputs": inputs, "layers": [entry]}).report()
    if drawable(network_["it"]):
        made = inside(network_, "it")
        assert made.total == sum(box.params or 0 for box in made.boxes)
        for format in TEXTS:
            assert written(made, format)


@pytest.mark.parametrize("layer", ["SimpleRNN(8)", "LSTM(8)", "GRU(8)", "GRU(8, reset_after=False, use_bias=False)"])
def test_keras_layers_hold_all_parameters(layer):
    network_ = report(f"convention: keras\ninput: [5, 4]\nlayers:\n  - it: {layer}\n")
    assert sum(box.params or 0 for box in inside(network_, "it").boxes) == network_["it"].params


def test_lstm_has_two_delays():
    made = inside(cnncalc.load("5x4 -> it: LSTM(4, 8)").report(), "it")
    late = [(made.boxes[e.source].name, made.boxes[e.target].name, e.delay) for e in made.edges if e.delay]
    assert sorted(late) == [("c[t]", "c[t-1]", 1), ("h[t]", "h[t-1]", 1)]


def test_lags_of_input_and_state():
    text = CELL.replace("tanh(U @ x[t] + W @ h[t-1])", "tanh(U @ x[t-1] + W @ h[t-2] + h[t-1])")
    made = inside(report(text), None, None)
    late = {(made.boxes[e.source].name, made.boxes[e.target].name, e.delay) for e in made.edges if e.delay}
    assert late == {("x[t]", "x[t-1]", 1), ("h[t]", "h[t-2]", 2), ("h[t]", "h[t-1]", 1)}
    steps = inside(report(text), "rnn", 3)
    named = [
        (steps.boxes[e.source].name, steps.boxes[e.target].group, steps.boxes[e.target].label) for e in steps.edges
    ]
    assert ("h[1]", 2, "W") in named and ("h[-1] = 0", 0, "W") in named and ("x[2]", 2, "U") in named
    assert not any(edge.delay for edge in steps.edges)


def test_several_layers_and_directions_are_told():
    made = inside(cnncalc.load("5x4 -> it: LSTM(4, 8, num_layers=2, bidirectional=True)").report(), "it")
    assert made.notes == [
        "the first of 2 layers; each further one reads h[t] of the one below",
        "the direction forwards; the other one is alike, with weights of its own",
        # Two directions of 4·8·(4 + 8) + 2·4·8, and two of a layer that reads 16 features, 4·8·(16 + 8) + 2·4·8.
        "the whole layer has 2,560 params",
    ]
    assert made.total == 448


def test_weights_that_are_no_matrices():
    text = CELL.replace("W: [3, 3]}", "W: [3, 3], b: [3], g: [3]}").replace("W @ h[t-1])", "g * (W @ h[t-1]) + b) + b")
    made = inside(report(text), "rnn")
    kinds = [(box.kind, box.label, box.params) for box in made.boxes if box.params is not None]
    assert sorted(kinds) == [("matrix", "U", 6), ("matrix", "W", 9), ("weight", "b", 3), ("weight", "g", 3)]
    assert [made.boxes[e.target].label for e in made.edges if made.boxes[e.source].label == "b"] == ["+", "h[t] = +"]
    unrolled = inside(report(text), "rnn", 2)
    assert sum(box.params or 0 for box in unrolled.boxes) == 21


def test_equations_that_are_no_operation():
    text = CELL.replace(
        "step: {h: tanh(U @ x[t] + W @ h[t-1])}",
        "step: {h: U @ x[t] + W @ last, last: 'h[t-1]', one: 1, both: 'concat(x[t], U @ x[t])', f: g, p: 'h[0:2]'}",
    ).replace("W: [3, 3]}", "W: [3, 3], g: [3]}")
    made = inside(report(text), "rnn")
    assert {box.label for box in made.boxes} >= {"h[t] = +", "last[t]", "one[t] = 1", "both[t] = concat", "f[t]"}
    assert "p[t] = h[0:2]" in {box.label for box in made.boxes}


# --- in every format -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("net", NETS, ids=lambda net: Path(net).stem)
def test_arrows_are_the_graphs_and_folded_every_parameter_counts_once(net):
    graph = (network_ := cnncalc.load(net).report()).graph
    wanted = set()
    for node in graph.nodes:
        for ref in node.inputs:
            number, port = ref if isinstance(ref, tuple) else (ref, "")
            wanted.add((graph.label(number), node.name, port))
    made = network(network_, full=True, most=10**6)
    names = [box.name for box in made.boxes]
    assert sorted((names[e.source], names[e.target], e.label) for e in made.edges) == sorted(wanted)
    assert names == [*(given.name for given in graph.inputs), *(node.name for node in graph.nodes)]
    assert [box.shape for box in made.boxes] == [*network_.inputs.values(), *(row.output_shape for row in network_)]
    for depth in (1, None):
        folded = network(network_, depth)
        total = 0
        for box in folded.boxes:
            copies, group = box.copies, box.group
            while group is not None:
                copies *= folded.groups[group].copies
                group = folded.groups[group].parent
            total = total + (box.params or 0) * copies
        assert str(total) == str(network_.totals.params), f"depth {depth}: a parameter is not counted once"


@pytest.mark.parametrize("net", ["lenet5", "resnet18", "googlenet_2014", "transformer", "lstm_classifier", "unet"])
@pytest.mark.parametrize("format", TEXTS)
def test_every_format_names_every_layer(net, format):
    network_ = cnncalc.load(net).report()
    text = written(network(network_, full=True, most=10**6), format)
    if format == "mermaid":
        assert text.count('["') == len(network_.rows) + len(network(network_, full=True).groups) + len(
            network_.graph.inputs
        )
    text = text.replace("\\_", "_")
    for row in network_.rows:
        if format in ("tikz", "latex"):  # a box bears its label, or what it does
            continue
        name = row.name if format in ("svg", "json", "dot", "csv", "html", "explorer") else row.name.rpartition(".")[2]
        assert name in text, name


# --- names that mean something elsewhere ---------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    'a"b',
    "a`b`",
    "end",
    "a]b[c{d}e|f",
    "two\nlines",
    "bell\x07 \x1b[31m",
    "back\\slash\\",
    "&amp; &lt;",
    "%%{init: {}}%%",
    "1. one",
    "- dash",
    "subgraph x; n0 --> n1",
    "]]>",
    "ü × 漢字",
    "\u202eright to left",
]


def hostile(name):
    made = Diagram(name)
    frame = made.group(name, name, None)
    one = made.box("layer", name, name, type=name, detail=name, shape=(1,), params=1, group=frame.id)
    two = made.box("layer", "plain", "plain", shape=(2,), params=0)
    made.edge(one.id, two.id, name)
    made.edge(two.id, one.id, name, 1)
    made.notes.append(name)
    made.total = 1
    return made


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("format", TEXTS)
def test_hostile_names(name, format):
    text = written(hostile(name), format)
    usual = written(hostile("harmless"), format)
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert "<script>" not in text or format not in ("svg", "html", "mermaid", "markdown")
    if format not in ("csv", "svg", "html", "tikz", "latex"):  # in pictures long names have several lines
        assert text.count("\n") == usual.count("\n")
    if format == "svg":
        tags = {part.tag for part in ElementTree.fromstring(text).iter()}
        assert tags == {part.tag for part in ElementTree.fromstring(usual).iter()}
    if format == "tikz":
        words = re.findall(r"at \([-\d.]+,[-\d.]+\) \{(.*)\};", text)
        assert all(
            re.fullmatch(r"(?:[^\\{}$&#%_~^]|\\[a-z]+\{\}|\\[{}$&#%_]|\$[<>|-]\$|\$\\[a-z]+\$)*", word)
            for word in words
        )
    if format == "json":
        assert json.loads(text)["nodes"][0]["label"] == name
    if format == "mermaid":
        # Without what stands in quotes and in comments, all diagrams are the same; and that is letters and numbers.
        bare = [re.sub(r'"[^"]*"|%%.*', "S", shown) for shown in (text, usual)]
        assert bare[0] == bare[1]
        words = "".join(re.findall(r'"[^"]*"|%%.*', text)).replace("<br/>", " ")
        assert not set(words) & set("<>`[]{}|&"), words
    if format == "dot":
        # Without what stands in strings, all diagrams are the same.
        strings = r'"(?:[^"\\]|\\.)*"'
        assert re.sub(strings, "S", text) == re.sub(strings, "S", usual)


def test_a_hostile_name_of_a_file(call, spec):
    path = spec(RESIDUAL.replace("name: small\n", ""), 'x"]<b>.yaml')
    for format in ("svg", "html", "mermaid", "markdown"):
        status, out, _ = call(path, "--format", format)
        assert status == 0
        assert "<b>" not in out
    assert call(path, "--dot")[1].startswith('digraph "x\\"]<b>" {\n')


# --- the command ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("net.svg", "<svg "),
        ("net.mmd", "---\ntitle"),
        ("net.dot", "digraph "),
        ("net.gv", "digraph "),
        ("net.json", "{\n"),
        ("net.md", "```mermaid\n"),
        ("net.html", "<!DOCTYPE html>"),
        ("net.csv", "from,to"),
        ("net.tex", "\\documentclass"),
        ("net.txt", "small\n\n●"),
        ("net", "small\n\n●"),
    ],
)
def test_the_ending_says_the_format(call, spec, tmp_path, name, start):
    assert call(spec(RESIDUAL), "-o", str(tmp_path / name)) == (0, "", "")
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_the_format_is_stronger_than_the_ending(call, spec, tmp_path):
    assert call(spec(RESIDUAL), "--dot", "--output", str(tmp_path / "a.txt")) == (0, "", "")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8").startswith("digraph")


def test_a_dash_is_standard_output(call, spec):
    assert call(spec(RESIDUAL), "-o", "-") == (0, TEXT, "")


def test_never_over_the_input(call, spec, tmp_path):
    path = spec(RESIDUAL)
    assert call(path, "-o", path) == (
        2,
        "",
        f'error[cannot-save]: "{path}" is an input and is not overwritten\nhelp: save under another name\n',
    )
    assert Path(path).read_text(encoding="utf-8") == RESIDUAL
    base = spec(f"base: {Path(path).name}\n", "thin.yaml")
    assert call(base, "-o", path)[0] == 2
    assert call(path, "-o", str(tmp_path))[2] == f'error[cannot-save]: "{tmp_path}" is a folder\n'
    missing = str(tmp_path / "no" / "a.svg")
    assert "there is no folder" in call(path, "-o", missing)[2]
    assert sorted(part.name for part in tmp_path.iterdir()) == ["net.yaml", "thin.yaml"]


def test_whole_or_not_at_all(call, spec, tmp_path, monkeypatch):
    (tmp_path / "a.svg").write_text("before", encoding="utf-8")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    status, out, err = call(spec(RESIDUAL), "-o", str(tmp_path / "a.svg"))
    assert (status, out) == (2, "")
    assert err == f'error[cannot-save]: "{tmp_path / "a.svg"}" cannot be written: No space left on device\n'
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == "before"
    assert sorted(part.name for part in tmp_path.iterdir()) == ["a.svg", "net.yaml"]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (
            ("lenet5", "-o", "a.jpg"),
            'error[cannot-save]: "a.jpg": .jpg is not among what is drawn\nhelp: write an .svg, .pdf or .png\n',
        ),
        (
            ("lenet5", "--format", "graphviz"),
            'error[unknown-format]: there is no format "graphviz"\nhelp: did you mean dot?\n'
            f"help: the formats are {', '.join(FORMATS)}\n",
        ),
        (
            ("lenet5", "--direction", "rigth"),
            'error[option-value]: --direction takes down or right, not "rigth"\nhelp: did you mean right?\n',
        ),
        (
            ("lenet5", "--inside", "conv"),
            'error[unknown-name]: there is no layer "conv" in lenet5\nhelp: did you mean conv2?\n',
        ),
        (
            ("lenet5", "--unroll", "3"),
            "error[nothing-inside]: --inside, --unroll and --compact need the layer to draw\n"
            "help: leave --inside out to draw the layers of the network\n",
        ),
        (
            ("gated_cell", "--unroll", "21"),
            'error[option-value]: --unroll takes at most 20, the length of what "rnn" reads\n',
        ),
        (
            ("5x4 -> a: Attention(4)", "--compact"),
            'error[nothing-inside]: "a" has no states: --compact draws those of a recurrent layer\n',
        ),
        (
            ("5x4 -> a: AttentionRNN(k)", "--inside", "a"),
            'error[nothing-inside]: the slots of "a" cannot be drawn: k has no value\nhelp: --set k=2 gives it one\n',
        ),
        (
            ("5x4 -> a: AttentionRNN(1000000000)", "--inside", "a"),
            "error[too-many-boxes]: the diagram would have more than 2,000 boxes\n"
            "help: fewer steps or slots can be drawn\n",
        ),
        (
            ("99999x4 -> a: RNN(4, 4)", "--unroll", "99999"),
            "error[too-many-boxes]: 99,999 steps of 6 boxes are more than the 2,000 that a diagram may have\n"
            "help: --unroll 333 would do\n",
        ),
    ],
)
def test_wrong_calls(call, argv, message):
    assert call(*argv) == (2, "", message)


def test_options_that_change_nothing(call):
    assert call("lenet5", "--direction", "right")[2] == "note[no-effect]: --direction changes nothing in text\n"
    assert call("gated_cell", "--unroll", "1", "--depth", "1", "--full")[2] == (
        "note[no-effect]: --depth and --full change nothing in the inside of a layer\n"
    )


def test_the_bound_is_kept(spec, call):
    layers = "input: [8]\nlayers:\n  - fc: Linear(8, 8)\n    repeat: {}\n"
    at = spec(layers.format(MOST_BOXES - 1))
    assert call(at, "--full", "--svg")[0] == 0
    over = spec(layers.format(MOST_BOXES), "more.yaml")
    for format in ("text", "svg", "mermaid", "html"):
        assert call(over, "--full", "--format", format)[2].startswith("error[too-many-boxes]")
    assert json.loads(call(over, "--full", "--json")[1])["nodes"][-1]["name"] == f"fc.{MOST_BOXES - 1}"


def test_too_many_lines_are_refused(spec, call):
    entries = "".join(
        f"  - l{at}: Linear(8, 8)\n  - a{at}: Add\n    from: [{', '.join(f'l{before}' for before in range(at + 1))}]\n"
        for at in range(1, 210)
    )
    path = spec(f"input: [8]\nlayers:\n  - l0: Linear(8, 8)\n{entries}")
    assert call(path, "--svg")[2] == (
        "error[too-many-boxes]: too many lines pass too many boxes for one picture\n"
        "help: --depth 1 draws each block as one box\n"
    )


def test_a_terminal_without_unicode():
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    argv = [sys.executable, "-m", "cnncalc", "draw", "gpt2", "--depth", "1"]
    done = subprocess.run(argv, capture_output=True, env=env, timeout=60)
    assert done.returncode == 0
    assert b"\no h x 12: 8 layers -> 1024x768 (12 x 7,087,872 params)\n" in done.stdout


def test_other_words_for_it(call, spec):
    for word in ("diagram", "plot", "graph"):
        assert main([word, spec(RESIDUAL), "--text"]) == 0


def test_escapes_of_mermaid():
    assert mermaid._escaped('a"b') == "a#34;b"
    assert mermaid._escaped("1. a") == "#49;. a"
    assert mermaid._escaped("1x28x28") == "1x28x28"


def test_inside_without_a_name_is_about_the_only_layer(call):
    chain = "5x8 -> LSTM(8, 4)"
    named = call(chain, "--inside", "lstm_1")
    assert named[0] == 0
    assert call(chain, "--inside") == named
    assert call(chain, "--inside", "-f", "svg") == call(chain, "--inside", "lstm_1", "-f", "svg")
    two = call("5x8 -> LSTM(8, 4) -> LSTM(4, 4)", "--inside")
    assert two[0] == 2 and "--inside takes lstm_1, lstm_2" in two[2]
    assert call("lenet5", "--inside")[0] == 2


def test_unrolled_attention_reads_its_window():
    """Position 3 reads 2 and 3, and the learned scores that no position has."""
    drawn = inside(report("input: [8, 16]\nlayers:\n  - a: Attention(causal=true, window=2, sinks=true)\n"), "a", 3)
    (end,) = (box.id for box in drawn.boxes if box.name == "a[3]")
    read = {drawn.boxes[edge.source].label for edge in drawn.edges if edge.target == end}
    assert read == {"q[3] = W_q", "k[2] = W_k", "k[3] = W_k", "sinks"}
    assert sum(box.params or 0 for box in drawn.boxes) == drawn.total == 3 * 16 * 16 + 1
