"""Options for all layers of a type, copies side by side, and other specs as blocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnncalc import SpecError, load, loads


def calls(text: str) -> list[str]:
    return [row.call for row in loads(text).report().rows]


NORMS = """
input: [3, 32, 32]
let: {small: 1e-3}
defaults: {BatchNorm2d: {eps: small, momentum: 0.03}, Linear: {bias: false}, leaky_relu: {negative_slope: 0.1}}
define:
  block(count):
    - BatchNorm2d
    - residual: [LeakyReLU]
layers:
"""


def test_defaults_of_a_type() -> None:
    found = calls(
        NORMS + "  - BatchNorm2d(3, 1e-4)\n  - batch_norm2d: {momentum: 0.2}\n  - block(2)\n  - Flatten\n"
        "  - Linear(out_features=5)\n  - Linear(5, 2, bias=True)\n"
    )
    assert found == [
        "BatchNorm2d(3, eps=0.0001, momentum=0.03)",
        "BatchNorm2d(3, eps=0.001, momentum=0.2)",
        "BatchNorm2d(3, eps=0.001, momentum=0.03)",
        "LeakyReLU(negative_slope=0.1)",
        "Add",
        "Flatten",
        "Linear(3072, 5, bias=False)",
        "Linear(5, 2)",
    ]


def test_defaults_of_a_layer_of_keras() -> None:
    text = "convention: keras\ninput: [8]\ndefaults: {Dense: {use_bias: false}}\n"
    text += "layers: [Dense(4), Dense(2, use_bias=True)]"
    assert loads(text).report().totals.params == 8 * 4 + 4 * 2 + 2


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{BatchNorm2x: {eps: 1}}", 'there is no layer "BatchNorm2x"'),
        ("{BatchNorm2d: {epsi: 1}}", 'BatchNorm2d has no option "epsi"'),
        ("{BatchNorm2d: 3}", "defaults of BatchNorm2d are options with values"),
        ("3", "defaults has types of layers with options"),
        ("{BatchNorm2d: {eps: foo}}", "eps must be a number"),
    ],
)
def test_defaults_that_are_none(written: str, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        loads(f"input: [3, 9, 9]\ndefaults: {written}\nlayers: [BatchNorm2d]").report()


TABLES = """
inputs: {dense: [13], sparse: {shape: [3], dtype: int}}
let: {rows: [3, 5, 7]}
layers:
  - bottom: Linear(13, 16)
    from: dense
  - tables:
      parallel: {repeat: 3, column: "Select(dim=1, index=index)", table: "Embedding(rows[index], 16)"}
      merge: none
    from: sparse
"""


def test_equal_branches_and_all_of_them() -> None:
    """The tables of DLRM (Naumov et al. 2019), side by side; `tables.*` names all, what follows takes all."""
    report = loads(TABLES + "  - all: Stack(dim=1)\n    from: [bottom, tables.*]\n").report()
    assert [row.name for row in report.rows][1:3] == ["tables.0.column", "tables.0.table"]
    assert list(report["all"].output_shape) == [4, 16]
    assert report.totals.params == 13 * 16 + 16 + (3 + 5 + 7) * 16
    assert list(loads(TABLES + "  - all: Concat(dim=1)\n").report()["all"].output_shape) == [48]
    last = loads(TABLES + "  - one: Linear(16, 2)\n    from: tables.2\n").report()["one"]
    assert list(last.output_shape) == [2]


def test_what_repeats_in_a_row_has_all_its_ends_too() -> None:
    text = "input: [8]\nlayers:\n  - fc: Linear(8, 8)\n    repeat: 3\n  - all: Concat(dim=1)\n    from: fc.*\n"
    assert list(loads(text).report()["all"].output_shape) == [24]
    text = "input: [8]\nlayers:\n  - p: {parallel: {repeat: 2, fc: 'Linear(8, 4)'}, merge: add}\n"
    assert list(loads(text).report().rows[-1].output_shape) == [4]


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ('[{a: "Linear(8, 8)"}, {b: Concat, from: "a.*"}]', "neither branches nor copies"),
        ('[{p: {parallel: {repeat: 0, fc: "Linear(8, 4)"}}}]', "whole number of at least 1, not 0"),
        (
            '[{p: {parallel: {repeat: 2, fc: "Linear(9, 4)"}}}]',
            "p.0.fc: Linear\\(9, 4\\), but the layer before gives 8",
        ),
        ('[{p: {parallel: {repeat: 2, fc: "Linear(8, 4)"}, merge: none}}, "Linear(4, 2)"]', "takes one input"),
        ('[{p: {parallel: {repeat: 99999999, fc: "Linear(8, 4)"}}}]', "layers"),
    ],
)
def test_branches_that_are_none(layers: str, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        loads(f"input: [8]\nlayers: {layers}").report()


def test_another_spec_as_a_block() -> None:
    """torchvision's resnet50 has 25,557,032 parameters, 2,049,000 of them in its last layer."""
    text = "input: [3, 64, 64]\nlayers:\n  - backbone: {net: resnet50, until: layer4}\n  - GlobalAvgPool\n"
    report = loads(text + "  - head: Linear(2048, 10)\n").report()
    assert report.totals.params == 25_557_032 - 2_049_000 + 2048 * 10 + 10
    assert list(report["backbone.layer4.2.residual_1.conv3"].output_shape) == [2048, 2, 2]
    frozen = loads(text.replace("layer4}", "layer4}\n    freeze: true")).report()
    assert frozen.totals.trainable == 0
    small = loads("input: [3, 64, 64]\nlayers:\n  - {net: resnet50, set: {classes: 7}}\n").report()
    assert small.totals.params == 25_557_032 - 2_049_000 + 2048 * 7 + 7


def test_the_schema_knows_them() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    from cnncalc.schema.spec import schema

    spec = {
        "input": [3, 64, 64],
        "defaults": {"BatchNorm2d": {"eps": 1e-3}},
        "layers": [
            {"backbone": {"net": "resnet50", "until": "layer4"}},
            {"heads": {"parallel": {"repeat": 3, "pool": "GlobalAvgPool"}, "merge": "none"}},
            {"all": "Concat(dim=1)", "from": ["heads.*"]},
        ],
    }
    jsonschema.validate(spec, schema())


def test_specs_inside_of_specs(tmp_path: Path) -> None:
    """Names of blocks, constants and inputs are those of each spec."""
    (tmp_path / "inner.yaml").write_text(
        "input: {picture: [3, 8, 8]}\nlet: {width: 4}\ndefine:\n  block(n): ['Conv2d(n, n, 1)']\n"
        "layers:\n  - block(3)\n  - both: Concat(dim=1)\n    from: [picture, block_1]\n  - last: Conv2d(6, width, 1)\n"
    )
    (tmp_path / "outer.yaml").write_text(
        "input: [3, 8, 8]\nlet: {width: 5}\ndefine:\n  block(n):\n    - {net: inner, set: {width: n}}\n"
        "layers:\n  - block(width)\n  - end: Conv2d(5, 2, 1)\n"
    )
    report = load(str(tmp_path / "outer.yaml")).report()
    assert [row.call for row in report.rows] == [
        "Conv2d(3, 3, 1)",
        "Concat",
        "Conv2d(6, 5, 1)",
        "Conv2d(5, 2, 1)",
    ]
    (tmp_path / "inner.yaml").write_text("input: [3, 8, 8]\nlayers: [{net: outer}]\n")
    with pytest.raises(SpecError, match="there is no spec"):
        load(str(tmp_path / "outer.yaml"))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{net: gpt9}", 'there is no spec "gpt9" to build on'),
        ("{net: resnet18, until: layer9}", 'resnet18 has no entry "layer9"'),
        ("{net: resnet18, set: {foo: 3}}", 'resnet18 has no constant "foo"'),
        ("{net: resnet18, utnil: layer4}", 'a block has no key "utnil"'),
        ("{net: bert_base}", "bert_base takes 2 inputs"),
        ("{net: cats_dogs_keras}", "in the words of keras"),
        ("{net: ../x}", "there is no spec"),
        ("{net: gpt2}", "x"),
    ],
)
def test_blocks_that_are_no_specs(entry: str, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        loads(f"input: [3, 64, 64]\nlayers:\n  - x: {entry}").report()
