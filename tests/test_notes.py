"""Notes on what is no mistake: they stand on standard error, and the status stays what it was."""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.loading import load


def noted(net, *shapes):
    network = load(net, input_shapes=shapes)
    network.report()
    return [(note.code, note.message.partition(":")[0], note.line) for note in network.notes]


@pytest.mark.parametrize(
    ("net", "wanted"),
    [
        ("8x4x4 -> AdaptiveAvgPool2d(7)", 1),
        ("8x4x4 -> AdaptiveAvgPool2d(4)", 0),
        ("8x4x9 -> AdaptiveMaxPool2d((5, 3))", 1),
        ("8x4x9 -> AdaptiveMaxPool2d((None, 9))", 0),
        ("8x3 -> AdaptiveAvgPool1d(4)", 1),
        ("8x3x3x3 -> AdaptiveMaxPool3d(2)", 0),
        ("CxHxW -> AdaptiveAvgPool2d(7)", 0),  # nothing is known
    ],
)
def test_an_adaptive_pool_that_enlarges(net, wanted):
    assert [code for code, *_ in noted(net)] == ["pool-enlarges"] * wanted


def test_vgg16_on_small_images(call):
    # torchvision's pool gives 7 x 7 whatever comes; the paper's network stops at its first fully connected layer.
    assert noted("vgg16", "3x32x32") == [("pool-enlarges", "avgpool", 26)]
    assert noted("vgg16") == []
    status, out, err = call("params", "vgg16", "--total", "-i", "3x32x32")
    assert (status, out) == (0, "138357544\n")
    assert err.startswith("note[pool-enlarges]: avgpool: AdaptiveAvgPool2d makes 7 × 7 of 1 × 1: it enlarges,")


def test_keras_pools_enlarge_too(spec):
    text = "convention: keras\nlayout: channels_last\ninput: [4, 4, 8]\nlayers:\n  - AdaptiveAveragePooling2D(6)\n"
    assert [code for code, *_ in noted(spec(text))] == ["pool-enlarges"]


def test_many_notes_of_a_kind_are_counted(call):
    net = "input: [8, 2, 2]\nlayers:\n  - parallel:\n" + "      - AdaptiveAvgPool2d(3)\n" * 9
    network = cnncalc.loads(net)
    network.report()
    assert [note.message for note in network.notes][-1] == "... and 4 more layers"
    assert len(network.notes) == 6
