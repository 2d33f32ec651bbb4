"""Receptive fields: published values, hand-counted ones, and windows listed one by one."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest

from cnncalc import load, loads
from cnncalc.bundled import bundled
from cnncalc.cli.app import main
from cnncalc.receptive.fields import Fields

ROOT = Path(__file__).resolve().parent.parent


def fields(net):
    """Every layer's field as data, by name."""
    report = load(net).report()
    found = Fields(report)
    return {row.name: found[row.name][0].to_dict() for row in report.rows}


def sizes(net):
    return {name: field["size"] for name, field in fields(net).items()}


# --- published and hand-counted ------------------------------------------------------------------------------------

LENET = "1x32x32 -> c1: Conv2d(1, 6, 5{}) -> p1: AvgPool2d(2) -> c2: Conv2d(6, 16, 5) -> p2: AvgPool2d(2)"


def test_course_sheet():
    # RMIT COSC2779, week 5: 14 for the second convolution, 18 where the first has dilation 2.
    assert sizes(LENET.format("")) == {"c1": 5, "p1": 6, "c2": 14, "p2": 16}
    assert sizes(LENET.format(", dilation=2"))["c2"] == 18


def test_cumulative_with_dilation():
    # conv3 - relu - pool2 - conv3 with dilation 2: 3, 3, 4, 12 (confirmed by gradients in PyTorch).
    chain = "1x20x20 -> a: Conv2d(1, 1, 3) -> b: ReLU -> c: MaxPool2d(2) -> d: Conv2d(1, 1, 3, dilation=2)"
    assert sizes(chain) == {"a": 3, "b": 3, "c": 4, "d": 12}


@pytest.mark.parametrize(
    ("net", "layer", "size"),
    [
        # Araujo et al. 2019, Computing Receptive Fields of Convolutional Neural Networks, table 1.
        ("vgg16", "stage5.pool", 212),
        ("resnet101_2015", "layer4", 1027),
        ("resnet152_2015", "layer4", 1507),
        # The same network with the stride in the 3x3 convolution.
        ("resnet50", "layer4", 427),
        ("alexnet", "pool5", 195),
    ],
)
def test_published(net, layer, size):
    report = load(net).report()
    block = report.graph.blocks.get(layer)
    name = report.rows[block.output - len(report.graph.inputs)].name if block else layer
    assert Fields(report)[name][0].size == (size, size)


def test_layers_that_read_everything():
    found = fields("3x20x30 -> c: Conv2d(3, 4, 3) -> g: GlobalAvgPool -> fc: Linear(4, 2)")
    assert found["c"]["size"] == 3
    assert found["g"] == {"input": "input", "size": [20, 30], "stride": None, "offset": 0}
    assert found["fc"]["size"] == [20, 30]
    assert sizes("10x8 -> a: LSTM(8, 4) -> b: Linear(4, 2)") == {"a": 10, "b": 10}
    assert sizes("10x8 -> a: Linear(8, 4) -> b: MultiheadAttention(4, 2)") == {"a": 1, "b": 10}
    assert sizes("10x8 -> a: Attention(8, causal=True, window=3)") == {"a": 3}
    # The squeeze of a squeeze-and-excitation block reads every position.
    spec = """
input: [4, 16, 16]
layers:
  - conv: Conv2d(4, 4, 3, padding=1)
  - parallel:
      keep: [Identity]
      gate: [{squeeze: AdaptiveAvgPool2d(1)}, {expand: "Conv2d(4, 4, 1)"}, Sigmoid]
    merge: multiply
    name: se
"""
    report = loads(spec).report()
    assert [Fields(report)[row.name][0].size[0] for row in report.rows] == [3, 3, 16, 16, 16, 16]


def test_flatten_of_a_single_position_keeps_what_it_sees():
    # A 5x5 window on 9x9 leaves 5x5 places; another 5x5 leaves one, which sees all 9.
    found = fields("1x12x12 -> a: Conv2d(1, 2, 5) -> b: Conv2d(2, 4, 8) -> f: Flatten -> fc: Linear(4, 2)")
    assert [found[name]["size"] for name in ("a", "b", "f", "fc")] == [5, 12, 12, 12]
    # Here the last row and column are never read: the dense layer sees 8 of 9.
    assert sizes("1x9x9 -> a: MaxPool2d(8) -> f: Flatten -> fc: Linear(1, 2)") == {"a": 8, "f": 8, "fc": 8}


def test_branches_take_the_largest():
    spec = """
input: [8, 32, 32]
layers:
  - parallel:
      one: [Conv2d(8, 4, 1)]
      three: [Conv2d(8, 4, 3, padding=1)]
      five: [Conv2d(8, 4, 3, padding=1), Conv2d(4, 4, 3, padding=2, dilation=2)]
    name: mixed
  - after: Conv2d(12, 4, 3)
"""
    report = loads(spec).report()
    found = Fields(report)
    assert found["mixed.concat_1"][0].to_dict() == {"input": "input", "size": 7, "stride": 1, "offset": -3}
    assert found["after"][0].to_dict() == {"input": "input", "size": 9, "stride": 1, "offset": -3}


def test_axes_that_differ_and_several_inputs():
    spec = """
inputs: {left: [1, 16, 16], right: [1, 16, 16]}
layers:
  - a: Conv2d(1, 2, [3, 5])
    from: left
  - b: Conv2d(1, 2, [3, 5], padding=[1, 2])
    from: right
  - c: Crop(2, 2, 1, 1)
    from: b
  - Add: {}
    name: sum
    from: [a, c]
"""
    spec = spec.replace("Crop(2, 2, 1, 1)", "Crop([2, 2, 1, 1])")
    report = loads(spec).report()
    left, right = Fields(report)["sum"]
    assert left.to_dict() == {"input": "left", "size": [3, 5], "stride": 1, "offset": 0}
    assert right.to_dict() == {"input": "right", "size": [3, 5], "stride": 1, "offset": 0}


def test_where_there_is_none():
    report = load("3x16x16 -> a: FractionalMaxPool2d(2, output_size=8) -> b: ReLU").report()
    with pytest.raises(Exception, match=r"^a has no receptive field: that of FractionalMaxPool2d is not defined$"):
        Fields(report)["a"]
    with pytest.raises(Exception, match=r"^b has no receptive field: .* is not defined \(a\)$"):
        Fields(report)["b"]


# --- windows listed one by one -------------------------------------------------------------------------------------
# Each position of a layer's output is the set of input positions that it reads: no formula, only lists.


def listed(kind, options, before):
    """The sets of one layer's output from those of its input."""
    size = len(before)
    if kind in ("Conv1d", "MaxPool1d"):
        kernel, stride, padding, dilation = options
        padded = [set()] * padding + before + [set()] * padding
        reach = dilation * (kernel - 1) + 1
        starts = range(0, len(padded) - reach + 1, stride)
        return [set().union(*(padded[start + dilation * tap] for tap in range(kernel))) for start in starts]
    if kind == "ConvTranspose1d":
        kernel, stride, padding, dilation = options
        out = [set() for _ in range((size - 1) * stride + dilation * (kernel - 1) + 1)]
        for position, seen in enumerate(before):
            for tap in range(kernel):
                out[position * stride + tap * dilation] = out[position * stride + tap * dilation] | seen
        return out[padding : len(out) - padding]
    if kind == "Upsample":
        factor, mode = options
        out = []
        for position in range(size * factor):
            if mode == "nearest":
                out.append(before[position // factor])
                continue
            place = (position + 0.5) / factor - 0.5  # the centre of a pixel, in pixels of the input
            near = [p for p in range(-1, size + 1) if abs(p - place) < 1 - 1e-9]
            out.append(set().union(*(before[min(max(p, 0), size - 1)] for p in near)))
        return out
    raise AssertionError(kind)


def call(kind, options):
    if kind == "Conv1d":
        return "Conv1d(1, 1, {}, stride={}, padding={}, dilation={})".format(*options)
    if kind == "MaxPool1d":
        return "MaxPool1d({}, stride={}, padding={}, dilation={})".format(*options)
    if kind == "ConvTranspose1d":
        return "ConvTranspose1d(1, 1, {}, stride={}, padding={}, dilation={})".format(*options)
    return 'Upsample(scale_factor={}, mode="{}")'.format(*options)


def draw(rng):
    """A random layer."""
    kind = rng.choice(["Conv1d", "Conv1d", "MaxPool1d", "ConvTranspose1d", "Upsample"])
    if kind == "Upsample":
        return kind, (rng.randint(2, 3), rng.choice(["nearest", "linear"]))
    kernel, stride, dilation = rng.randint(1, 4), rng.randint(1, 3), rng.randint(1, 2)
    padding = rng.randint(0, kernel // 2)
    if kind == "ConvTranspose1d":
        padding = rng.randint(0, (kernel - 1) * dilation // 2)
    return kind, (kernel, stride, padding, dilation)


def wrong(net, sets, size):
    """What the rules say otherwise than the lists, for the last layer of a chain."""
    *_, name = fields(net)
    field = fields(net)[name]
    # Positions far from both ends read nothing of the padding and nothing that an end has cut.
    inner = [
        (position, seen)
        for position, seen in enumerate(sets)
        if seen and min(seen) > size // 3 and max(seen) < 2 * size // 3
    ]
    assert len(inner) > 3, "the input is too small for the check"
    found = max(max(seen) - min(seen) + 1 for _, seen in inner)
    problems = []
    if found != field["size"]:
        problems.append(f"size {field['size']}, listed {found}")
    jumps = [
        (min(later) - min(seen)) / (after - position)
        for (position, seen), (after, later) in zip(inner, inner[12:], strict=False)
    ]
    if jumps and not math.isclose(sum(jumps) / len(jumps), field["stride"], rel_tol=0.12):
        problems.append(f"stride {field['stride']}, listed {jumps}")
    lows = {position: min(seen) for position, seen in inner}
    steps = {low - lows[position - 1] for position, low in lows.items() if position - 1 in lows}
    if steps == {field["stride"]}:  # not after upsampling, where the steps differ
        position, low = next(iter(lows.items()))
        if field["offset"] + position * field["stride"] != low:
            problems.append(f"offset {field['offset']}, but position {position} reads from {low}")
    return problems


def test_random_chains_against_lists():
    rng = random.Random(4)
    size = 400
    checked = 0
    for _ in range(150):
        sets = [{position} for position in range(size)]
        parts = [f"1x{size}"]
        for _ in range(rng.randint(1, 4)):
            kind, options = draw(rng)
            after = listed(kind, options, sets)
            if not 40 <= len(after) <= 3000:
                continue
            sets = after
            parts.append(call(kind, options))
        if len(parts) < 2:
            continue
        if len([s for s in sets if s and min(s) > size // 3 and max(s) < 2 * size // 3]) < 16:
            continue
        assert wrong(" -> ".join(parts), sets, size) == [], " -> ".join(parts)
        checked += 1
    assert checked > 100


def test_that_check_can_fail():
    size = 400
    sets = listed("Conv1d", (3, 2, 0, 1), [{position} for position in range(size)])
    assert wrong(f"1x{size} -> Conv1d(1, 1, 5, stride=2)", sets, size) == ["size 5, listed 3"]


# --- the command ---------------------------------------------------------------------------------------------------

TABLE = """\
chain

layer  type                                                  output shape      params  receptive field  stride  offset
-----  ----------------------------------------------------  ----------------  ------  ---------------  ------  ------
input  input                                                 (N, 3, 32, 48)
conv1  Conv2d(3, 8, [3, 5], padding=[1, 2])                  (N, 8, 32, 48)       368              3×5       1   -1×-2
pool   MaxPool2d(2)                                          (N, 8, 16, 24)         0              4×6       2   -1×-2
conv2  Conv2d(8, 8, 3, dilation=2)                           (N, 8, 12, 20)       584            12×14       2   -1×-2
-----  ----------------------------------------------------  ----------------  ------  ---------------  ------  ------
total                                                                             952
"""
CHAIN = (
    "3x32x48 -> conv1: Conv2d(3, 8, (3, 5), padding=(1, 2)) -> pool: MaxPool2d(2) -> conv2: Conv2d(8, 8, 3, dilation=2)"
)


def squeezed(text):
    return [" ".join(line.split()) for line in text.splitlines() if not line.startswith("--")]


def test_table(capsys):
    assert main(["shapes", CHAIN, "--receptive"]) == 0
    assert squeezed(capsys.readouterr().out) == squeezed(TABLE)


def test_json_and_expressions(capsys):
    assert main(["shapes", CHAIN, "--receptive", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["layers"]
    keys = ("receptive_field", "receptive_stride", "receptive_offset")
    assert [[row[key] for key in keys] for row in rows] == [
        [[3, 5], 1, [-1, -2]],
        [[4, 6], 2, [-1, -2]],
        [[12, 14], 2, [-1, -2]],
    ]
    assert main(["ask", CHAIN, "conv2.receptive_field", "conv2.receptive_field[0] + 1"]) == 0
    assert capsys.readouterr().out == ("conv2.receptive_field = [12, 14]\nconv2.receptive_field[0] + 1 = 13\n")


def test_every_bundled_network_has_fields():
    nets = [*bundled(), *(str(path) for path in (ROOT / "specs" / "homework").glob("*.yaml"))]
    assert len(nets) > 150
    without = {"FractionalMaxPool2d"}
    for net in nets:
        report = load(net).report()
        found = Fields(report)
        blind: set[str] = set()  # what learned queries make by themselves depends on no input
        for row in report.rows:
            if row.type == "Parameter" or (row.sources and blind.issuperset(row.sources)):
                blind.add(row.name)
        blank = {row.type for row in report.rows if not found.get(row.name) and row.name not in blind} - without
        assert not blank, f"{net}: {blank}"
        assert not any(found.get(name) for name in blind)
