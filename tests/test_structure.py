"""Options for all layers of a type, copies side by side, and other specs as blocks."""

from __future__ import annotations

import pytest

from cnncalc import SpecError, loads


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
