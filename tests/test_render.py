"""Pages without ink, and the same page in every format."""

from __future__ import annotations

import csv
import io
import json

import pytest

from cnncalc.document import Column, Document, Formula, Heading, Note, Picture, Table, Tree
from cnncalc.layers import find
from cnncalc.network.graph import Graph, Input, Node
from cnncalc.network.propagate import propagate
from cnncalc.network.report import Report
from cnncalc.pages import ask, params, shapes
from cnncalc.render import csv as csv_format
from cnncalc.render import json as json_format
from cnncalc.render import markdown, plain, terminal
from cnncalc.render.text import pad, safe, width


def chain(*layers, shape=(1, 32, 32), name="net", frozen=()):
    """The report of layers in a row: (name, type, arguments, options)."""
    graph = Graph(name, [Input("input", shape)])
    for index, (label, kind, args, options) in enumerate(layers):
        cls = find(kind)
        assert cls is not None, kind
        graph.nodes.append(Node(label, cls.bind(args, options), (index,), frozen=label in frozen))
    graph.output = len(layers)
    return propagate(graph)


def lenet() -> Report:
    # LeNet-5 as in Dive into Deep Learning: 61,706 parameters.
    return chain(
        ("conv1", "Conv2d", (1, 6, 5), {"padding": 2}),
        ("pool1", "AvgPool2d", (2,), {}),
        ("conv2", "Conv2d", (6, 16, 5), {}),
        ("pool2", "AvgPool2d", (2,), {}),
        ("flatten", "Flatten", (), {}),
        ("fc1", "Linear", (400, 120), {}),
        ("fc2", "Linear", (120, 84), {}),
        ("fc3", "Linear", (84, 10), {}),
        shape=(1, 28, 28),
        name="lenet5",
    )


SMALL = Document(
    [
        Heading("a page"),
        Table(
            [Column("layer", "name"), Column("type"), Column("shape", "shape"), Column("params", "number")],
            [["conv1", "Conv2d(3, 16, 3)", ("N", 16, 64, 64), 448], ["fc", "Linear", ("N", 10), 1234567]],
            lead=[["input", "input", ("N", 3, 64, 64), None]],
            footers=[["total", "", None, 1235015]],
        ),
        Note("one remark"),
        Note("and another"),
    ]
)

PLAIN = """\
a page

layer  type              shape               params
-----  ----------------  ---------------  ---------
input  input             (N, 3, 64, 64)
conv1  Conv2d(3, 16, 3)  (N, 16, 64, 64)        448
fc     Linear            (N, 10)          1,234,567
-----  ----------------  ---------------  ---------
total                                     1,235,015

one remark
and another
"""

MARKDOWN = """\
# a page

| layer     | type             | shape           |        params |
| --------- | ---------------- | --------------- | ------------: |
| input     | input            | (N, 3, 64, 64)  |               |
| conv1     | Conv2d(3, 16, 3) | (N, 16, 64, 64) |           448 |
| fc        | Linear           | (N, 10)         |     1,234,567 |
| **total** |                  |                 | **1,235,015** |

one remark

and another
"""

CSV = """\
layer,type,shape,params
conv1,"Conv2d(3, 16, 3)","(N, 16, 64, 64)",448
fc,Linear,"(N, 10)",1234567
"""

TERMINAL = """\
a page
layer  type              shape               params
───────────────────────────────────────────────────
input  input             (N, 3, 64, 64)
conv1  Conv2d(3, 16, 3)  (N, 16, 64, 64)        448
fc     Linear            (N, 10)          1,234,567
───────────────────────────────────────────────────
total                                     1,235,015

one remark
and another
"""


def test_plain():
    assert plain.render(SMALL) == PLAIN


def test_markdown():
    assert markdown.render(SMALL) == MARKDOWN


def test_csv_has_rows_only():
    assert csv_format.render(SMALL) == CSV


def test_terminal_without_colour():
    assert terminal.render(SMALL, 80, colour=False) == TERMINAL


def test_terminal_colours_only_what_is_asked_for():
    assert "\x1b[" in terminal.render(SMALL, 80)
    assert "\x1b[" not in terminal.render(SMALL, 80, colour=False)


BLANKS = str.maketrans("", "", " \n─")


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_terminal_fits_and_loses_nothing(columns):
    report = chain(
        ("conv1", "Conv2d", (), {"out_channels": 16, "kernel_size": 3, "stride": 2, "padding": 1, "bias": False}),
        ("a", "ReLU", (), {}),
    )
    drawn = terminal.render(shapes.page(report), columns, colour=False)
    lines = drawn.splitlines()
    assert max(map(width, lines)) <= columns
    # The rules are as long as the columns; each other character is there as often as where there is room for all.
    wide = terminal.render(shapes.page(report), 300, colour=False)
    assert "Conv2d(1, 16, 3, stride=2, padding=1, bias=False)" in wide
    assert sorted(drawn.translate(BLANKS)) == sorted(wide.translate(BLANKS))
    assert "…" not in drawn


def test_wrap_keeps_every_character():
    text = "Conv2d(out_channels=16, kernel_size=3) verylongwordwithoutanyspaceinit \u5377\u79ef\u5377\u79ef"
    page = Document([Table([Column("layer", "name"), Column("type")], [["conv1", text], ["conv2", "ReLU"]])])
    for columns in range(30, 100):
        lines = terminal.render(page, columns, colour=False).splitlines()
        assert max(map(width, lines)) <= columns
        assert "".join(line[7:] for line in lines[2:-1]).replace(" ", "") == text.replace(" ", "")
        assert lines[-1] == "conv2  ReLU"


def test_what_cannot_be_narrower_is_not_cut():
    page = Document([Table([Column("layer", "name"), Column("shape", "shape")], [["conv1", (3, 64, 64)]])])
    assert terminal.render(page, 17, colour=False).splitlines() == [
        "layer  shape",
        "─" * 17,
        "conv1  (3, 64,",
        "       64)",
    ]
    drawn = terminal.render(page, 10, colour=False)
    assert drawn.startswith("layer\n─────\nconv1\n(no room")
    assert " ".join(drawn.split()).endswith("(no room for shape: --format plain shows all columns)")


def test_terminal_reads_no_markup():
    page = Document([Heading("[bold]a[/]"), Table([Column("[red]x")], [["[link=http://x]y[/link] :smile:"]])])
    assert terminal.render(page, 80, colour=False) == (
        "[bold]a[/]\n[red]x\n" + "─" * 31 + "\n[link=http://x]y[/link] :smile:\n"
    )


def test_formulas_stand_together_on_a_terminal():
    page = Document([Heading("conv1"), Formula("a", ["b"]), Formula("c", ["d"]), Note("why")])
    assert terminal.render(page, 80, colour=False) == "conv1\n\na = b\nc = d\n\nwhy\n"


def test_colours_stand_where_they_mean_something():
    page = Document([Table([Column("ok", "mark"), Column("type")], [[True, "✗"], [False, "✓"]])])
    lines = terminal.render(page, 80).splitlines()
    assert "\x1b[32m✓" in lines[2] and "\x1b[1;31m✗" in lines[3]
    assert lines[2].endswith("\x1b[0m✗") and lines[3].endswith("\x1b[0m✓")


def test_narrow_terminal_says_what_it_left_out():
    drawn = terminal.render(params.page(lenet(), compare_dense=True), 72, colour=False)
    said = "(no room for type, weights, biases, share: --format plain shows all columns)"
    assert said in " ".join(drawn.split())
    assert max(map(width, drawn.splitlines())) <= 72
    assert "no room" not in terminal.render(params.page(lenet(), compare_dense=True), 130, colour=False)


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_csv_is_no_formula(start):
    name = start + 'HYPERLINK("http://x")'
    text = csv_format.render(Document([Table([Column(name, "name")], [[name]])]))
    for (cell,) in csv.reader(io.StringIO(text)):
        assert cell == "'" + name


def test_csv_reads_back():
    rows = list(csv.DictReader(io.StringIO(csv_format.render(shapes.page(lenet(), macs=True)))))
    assert [row["layer"] for row in rows] == ["conv1", "pool1", "conv2", "pool2", "flatten", "fc1", "fc2", "fc3"]
    assert sum(int(row["params"]) for row in rows) == 61706
    # 28*28*6*25 + 10*10*16*150 + 400*120 + 120*84 + 84*10
    assert sum(int(row["MACs"]) for row in rows) == 416520


def test_negative_numbers_stay_numbers_in_csv():
    assert csv_format.render(Document([Table([Column("n", "number")], [[-3], [0.5]])])) == "n\n-3\n0.5\n"


def test_control_characters_are_shown():
    evil = "conv\x1b[2J\x07\u202eevil"
    document = Document([Heading(evil), Table([Column(evil, "name")], [[evil]]), Note(evil), Picture(evil), Tree(evil)])
    for text in (
        plain.render(document),
        markdown.render(document),
        csv_format.render(document),
        terminal.render(document, 80, colour=False),
    ):
        assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text
    assert safe(evil) == "conv\\x1b[2J\\x07\\u202eevil"


def test_markdown_is_escaped():
    text = markdown.render(Document([Table([Column("a|b", "name")], [["x|y_z*_"]])]))
    assert "x\\|y_z\\*\\_" in text and "a\\|b" in text
    assert markdown.escape("[1, 3] of in_features") == "[1, 3] of in_features"
    assert (
        markdown.escape("[a](b) [c]: d [e]") == "[a\\](b) [c\\]: d [e\\]"
        and markdown.escape("__a__") == "\\_\\_a\\_\\_"
    )


def test_wide_characters_take_two_columns():
    assert width("卷积") == 4
    assert width("conv") == 4
    assert pad("卷积", 6) == "卷积  "
    assert pad("卷积", 6, right=True) == "  卷积"


def test_tree_formula_picture():
    tree = Tree("net", [Tree("a", [Tree("b")]), Tree("c")])
    document = Document([tree, Formula("params", ["16·3 + 16", "64"]), Picture("a  b\n c")])
    assert plain.render(document) == ("net\n├─ a\n│  └─ b\n└─ c\n\nparams = 16·3 + 16 = 64\n\na  b\n c\n")
    assert markdown.render(document) == (
        "```\nnet\n├─ a\n│  └─ b\n└─ c\n```\n\n`params = 16·3 + 16 = 64`\n\n```\na  b\n c\n```\n"
    )


def test_json_is_the_document():
    document = lenet().to_dict()
    assert json.loads(json_format.render(document)) == document
    assert len(json_format.render(document).splitlines()) == 8 + 8


def test_json_has_no_nan():
    assert json.loads(json_format.render({"value": [float("nan"), {"x": float("inf")}]})) == {
        "value": ["nan", {"x": "inf"}]
    }


# --- pages ---------------------------------------------------------------------------------------------------------


def test_shapes_page():
    assert (
        plain.render(shapes.page(lenet()))
        == """\
lenet5

layer    type                        output shape     params
-------  --------------------------  ---------------  ------
input    input                       (N, 1, 28, 28)
conv1    Conv2d(1, 6, 5, padding=2)  (N, 6, 28, 28)      156
pool1    AvgPool2d(2)                (N, 6, 14, 14)        0
conv2    Conv2d(6, 16, 5)            (N, 16, 10, 10)   2,416
pool2    AvgPool2d(2)                (N, 16, 5, 5)         0
flatten  Flatten                     (N, 400)              0
fc1      Linear(400, 120)            (N, 120)         48,120
fc2      Linear(120, 84)             (N, 84)          10,164
fc3      Linear(84, 10)              (N, 10)             850
-------  --------------------------  ---------------  ------
total                                                 61,706
"""
    )


def test_params_page():
    assert (
        plain.render(params.page(lenet(), compare_dense=True))
        == """\
lenet5

layer    type       weights  biases  params    share  FC weights  FC biases  FC params  FC / params
-------  ---------  -------  ------  ------  -------  ----------  ---------  ---------  -----------
conv1    Conv2d         150       6     156    0.25%   3,687,936      4,704  3,692,640      23,671×
pool1    AvgPool2d        0       0       0    0.00%
conv2    Conv2d       2,400      16   2,416    3.92%   1,881,600      1,600  1,883,200       779.5×
pool2    AvgPool2d        0       0       0    0.00%
flatten  Flatten          0       0       0    0.00%
fc1      Linear      48,000     120  48,120   77.98%      48,000        120     48,120           1×
fc2      Linear      10,080      84  10,164   16.47%      10,080         84     10,164           1×
fc3      Linear         840      10     850    1.38%         840         10        850           1×
-------  ---------  -------  ------  ------  -------  ----------  ---------  ---------  -----------
total                61,470     236  61,706  100.00%   5,628,456      6,518  5,634,974       91.32×

FC: the fully connected layer from all inputs to all outputs of the layer

by type

type    layers  params   share
------  ------  ------  ------
Conv2d       2   2,572   4.17%
Linear       3  59,134  95.83%
"""
    )


def test_batch_stands_in_front():
    assert "(8, 6, 28, 28)" in plain.render(shapes.page(lenet(), batch=8))


def test_frozen_and_buffers():
    report = chain(
        ("conv1", "Conv2d", (1, 4, 3), {}),
        ("norm", "BatchNorm2d", (4,), {}),
        ("c", "Conv2d", (4, 1, 1), {}),
        frozen={"conv1"},
    )
    text = plain.render(params.page(report))
    assert "trainable: 13, frozen: 40" in text
    # running mean, running variance and the count of batches
    assert "buffers (not parameters, not counted): 9" in text


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "said"),
    [
        (33, 2, 2, "pool never reads the last row and the last column of its input"),
        (35, 4, 4, "pool never reads the last 3 rows and the last 3 columns of its input"),
        (10, 1, 3, "pool reads only every third row and column of its input (stride 3, kernel 1)"),
        (32, 2, 2, None),
    ],
)
def test_unread_rows_are_said(size, kernel, stride, said):
    report = chain(("pool", "MaxPool2d", (kernel, stride), {}), shape=(1, size, size))
    text = plain.render(shapes.page(report))
    # seen by listing every window's rows
    seen = {row for first in range(0, size - kernel + 1, stride) for row in range(first, first + kernel)}
    assert (len(seen) < size) == (said is not None)
    nothing = not any(words in text for words in ("never reads", "skips", "reads only"))
    assert said in text if said else nothing


def blocks(count, alike=True):
    layers = [("stem", "Linear", (8, 8), {})]
    for number in range(count):
        layers.append((f"enc.{number}.fc", "Linear", (8, 8), {}))
        layers.append((f"enc.{number}.act", "ReLU" if alike or number else "Tanh", (), {}))
    return chain(*layers, shape=(8,))


def names(document):
    return [row[0] for part in document.parts if isinstance(part, Table) for row in part.rows]


def test_copies_fold_to_one_line():
    page = shapes.page(blocks(12), depth=1)
    assert names(page) == ["stem", "enc × 12"]
    assert page.parts[1].rows[1][1:] == ["2 layers", ("N", 8), 12 * 72]


def test_copies_fold_inside_too():
    page = shapes.page(blocks(12), depth=2)
    assert names(page) == ["stem", "enc.*.fc × 12", "enc.*.act × 12"]
    assert [row[3] for row in page.parts[1].rows] == [72, 12 * 72, 0]


def test_copies_that_differ_do_not_fold():
    page = shapes.page(blocks(4, alike=False), depth=1)
    assert names(page) == ["stem", "enc.0", "enc.1..3 × 3"]
    assert [row[3] for row in page.parts[1].rows] == [72, 72, 3 * 72]


@pytest.mark.parametrize("depth", [None, 1, 2, 3])
def test_folding_keeps_the_sum(depth):
    report = blocks(5, alike=False)
    page = shapes.page(report, depth=depth)
    assert sum(row[3] for row in page.parts[1].rows) == report.totals.params == 6 * 72


def test_values_of_ask():
    assert ask.text(448) == "448"
    assert ask.text((16, 64, 64)) == "[16, 64, 64]"
    assert ask.text([[1.0, 2.5], [-3, 4]]) == "[[ 1, 2.5],\n [-3,   4]]"
    assert ask.text(True) == "true"
    assert ask.text(1 / 3) == "0.3333333333"
    assert ask.text(None) == "none"
    assert ask.data(((1, 2), [3.5])) == [[1, 2], [3.5]]
