"""What every layer declares of its receptive field is what its kernel does, with every flag and in every mode."""

from __future__ import annotations

import dependence
import pytest
from dependence import Case
from layer_examples import Example, examples
from rows import each
from test_execute import report_of, said

import cnncalc
from cnncalc import layers
from cnncalc.pages.layers import kinds
from cnncalc.query.ask import ask, scope
from cnncalc.receptive import rules as receptive_rules
from cnncalc.receptive import rules_keras

KINDS = [(name, convention) for convention in ("pytorch", "keras") for name, _ in kinds(convention)]

# Layers of random windows, and modes for which no rule is known: each is said to have no field, and never a number.
WITHOUT = {
    "FractionalMaxPool2d": "random windows",
    "FractionalMaxPool3d": "random windows",
    "UpSampling2D": "bicubic, lanczos3, lanczos5, area",
    "Resizing": "bicubic, lanczos3, lanczos5, area, and with another proportion or smoothed",
}
# Every step of these costs a convolution; images of the reference's size would take minutes.
SMALL = {
    "ConvLSTM2D": "convention: keras\ninput: [2, 6, 7, 2]\nlayers: [ConvLSTM2D(3, 3)]\n",
    "ConvLSTM3D": "convention: keras\ninput: [2, 5, 6, 7, 2]\nlayers: [ConvLSTM3D(3, 3, padding='same')]\n",
}


@each(KINDS, str)
def test_every_type_declares_a_rule(given: tuple[str, str]) -> None:
    name, convention = given
    kind = layers.find(name, convention)
    assert kind is not None
    known = {*receptive_rules.RULES, "inner", "steps", "undefined"}
    if convention == "keras":
        known |= {*rules_keras.RULES}
    where = f"{kind.__module__}.{kind.__name__}"
    # Norms decide it when they are made, by their statistics.
    made = kind.receptive == "unknown" and kind.example
    declared = case_of(name, convention).layer.receptive if made else kind.receptive
    assert declared != "unknown", f"{where}: say in `receptive` what it reads of its input ({', '.join(sorted(known))})"
    assert declared in known, f"{where}: there is no rule {declared}"


def case_of(name: str, convention: str) -> Case:
    if name in SMALL:
        report = cnncalc.loads(SMALL[name]).report()
        return dependence.of_row(report, report.rows[0].name, f"{name} {convention}")
    return dependence.of_example(name, convention)


@pytest.mark.parametrize(("name", "convention"), KINDS, ids=lambda value: value)
def test_it_reads_what_is_said(name: str, convention: str) -> None:
    kind = layers.find(name, convention)
    assert kind is not None and kind.example, f"{name}: declare `example`"
    case = case_of(name, convention)
    # Layers for volumes have the options of those for images.
    cases = [case] if name[-2:] in ("3d", "3D") or name in SMALL else list(dependence.toggled(case))
    for one in cases:
        view = dependence.said(one)
        if view is None:
            assert name in WITHOUT, f"{one}: the receptive field is not known"
        else:
            assert dependence.wrong(one, view) == [], one


# Whole numbers that are drawn say nothing of where a largest stood.
OTHERS = [example for example in examples() if not example[0].startswith("MaxUnpool")]


def test_both_ways_of_a_convolutional_lstm() -> None:
    text = "convention: keras\ninput: [2, 6, 7, 2]\nlayers: [Bidirectional(ConvLSTM2D(3, 3))]\n"
    report = cnncalc.loads(text).report()
    case = dependence.of_row(report, report.rows[0].name, text)
    assert dependence.wrong(case, dependence.said(case)) == []
    assert case.layer.receptive == "inner"


@pytest.mark.parametrize("example", OTHERS, ids=said)
def test_other_examples(example: Example) -> None:
    case = dependence.of_row(report_of(example), "layer", said(example))
    view = dependence.said(case)
    if view is None:
        assert example[0] in WITHOUT
    else:
        assert dependence.wrong(case, view) == []


@pytest.mark.parametrize(
    ("net", "declared", "problem"),
    [
        ("8x32 -> Conv1d(8, 16, 3)", "pointwise", "position 0 is said to read 0 to 0, and reads 0 to 2"),
        ("8x32 -> ReLU", "everything", "said 32, read 1"),
        ("4x10x10 -> BatchNorm2d(4, track_running_stats=false)", "pointwise", "said to read 0 to 0, and reads 0 to 9"),
        ("4x10x10 -> BatchNorm2d(4)", "positions", "said 10, read 1"),
    ],
)
def test_a_wrong_declaration_is_seen(net: str, declared: str, problem: str) -> None:
    report = cnncalc.load(net).report()
    case = dependence.of_row(report, report.rows[0].name, net)
    assert dependence.wrong(case, dependence.said(case)) == []
    case.layer.receptive = declared
    assert any(problem in line for line in dependence.wrong(case, dependence.said(case)))
    case.layer.receptive = "unknown"
    assert dependence.said(case) is None


# By hand, and by PyTorch's gradients.
@pytest.mark.parametrize(
    ("net", "field"),
    [
        ("1x2x2 -> x: BatchNorm2d(1, track_running_stats=False)", 2),
        ("1x2x2 -> x: BatchNorm2d(1)", 1),
        ("3x8x9 -> x: InstanceNorm2d(3)", [8, 9]),
        ("3x8x9 -> x: InstanceNorm2d(3, track_running_stats=True)", 1),
        ("3x8x9 -> x: LazyInstanceNorm2d()", 1),
        ("10x16 -> x: RotaryEmbedding", 1),
        ("10x16 -> ReLU -> x: Linear(16, 4)", 1),
        ("10x16 -> x: GLU(dim=1)", [6, 1]),
        ("1x8 -> x: Expand([4, 8])", 1),
        ("2x8x8 -> x: Interpolate(scale_factor=0.5, mode='bilinear', antialias=True)", 4),
    ],
)
def test_fields(net: str, field: object) -> None:
    network = cnncalc.load(net)
    report = network.report()
    assert ask(network, report, "x.receptive_field", scope(network, report)) == field


CROSS = """\
inputs: {target: [6, 8], memory: [9, 8]}
layers:
  - x: MultiheadAttention(8, 2)
    from: [target, memory, memory]
"""


def test_a_query_reads_its_own_position() -> None:
    from cnncalc.receptive.fields import Fields

    fields = Fields(cnncalc.loads(CROSS).report())["x"]
    assert [(field.input, field.size) for field in fields] == [("target", (1,)), ("memory", (9,))]
