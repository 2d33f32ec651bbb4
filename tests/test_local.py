"""Locally connected layers: counts as Keras 2 documents them, numbers as a convolution's where all filters are one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cnncalc
from cnncalc.query.ask import ask


def value(net: str, asked: str) -> Any:
    network = cnncalc.load(net)
    return ask(network, network.report(), asked)


def test_the_counts_of_keras_documentation() -> None:
    """ "This layer will consume (30*30)*(3*3*3*64) + (30*30)*64 parameters": keras.io, LocallyConnected2D, Keras 2."""
    report = cnncalc.load("3x32x32 -> LocallyConnected2d(3, 64, 3)").report()
    assert report.output_shape == (64, 30, 30)
    assert report.totals.params == 30 * 30 * (3 * 3 * 3 * 64) + 30 * 30 * 64
    # LocallyConnected1D(64, 3, input_shape=(10, 32)): the output is (8, 64), unshared.
    report = cnncalc.load("32x10 -> LocallyConnected1d(32, 64, 3)").report()
    assert (report.output_shape, report.totals.params) == ((64, 8), 8 * (3 * 32 * 64) + 8 * 64)


def test_against_a_convolution() -> None:
    net = "3x9x8 -> local: LocallyConnected2d(3, 4, 3, stride=2, padding=1)"
    assert value(net, "local.params / local.shape[1] / local.shape[2]") == 3 * 3 * 3 * 4 + 4
    assert value(net, "local.macs") == value(net.replace("LocallyConnected2d", "Conv2d"), "local.macs")
    assert value(net, "local.receptive_field") == 3
    assert value("CxHxW -> local: LocallyConnected2d(C, F, K, bias=False)", "local.params").pretty() == (
        "C·F·K²·(H − K + 1)·(W − K + 1)"
    )


@pytest.mark.parametrize("options", ["", ", stride=2", ", padding=1, dilation=2", ", bias=False"])
def test_with_one_filter_everywhere_it_is_a_convolution(options: str) -> None:
    chain = "3x9x8 -> layer: {}(3, 4, 3" + options + ")"
    shared = cnncalc.load(chain.format("Conv2d")).run(batch=2)
    given = {"input": shared["input"]}
    places = shared["layer"].shape[2:]
    weight = shared["layer.weight"][:, None, None]
    given["layer.weight"] = np.broadcast_to(weight, (4, *places, 3, 3, 3))
    if "bias" not in options:
        given["layer.bias"] = np.broadcast_to(shared["layer.bias"][:, None, None], (4, *places))
    local = cnncalc.load(chain.format("LocallyConnected2d")).run(values=given)
    assert local.confirmed
    np.testing.assert_allclose(local["layer"], shared["layer"], rtol=0, atol=1e-12)


def test_each_position_has_its_own_filter() -> None:
    network = cnncalc.from_dict(
        {
            "input": [1, 3],
            "layers": [{"local": "LocallyConnected1d(1, 1, 2)"}],
            "values": {"input": [[1, 2, 3]], "local.weight": [[[[1, 1]], [[10, 0]]]], "local.bias": [[0, 5]]},
        }
    )
    report = network.report()
    assert network.run()["local"][0].tolist() == [[3, 25]]
    assert ask(network, report, "gradient(local.weight)") == [[[[1, 2]], [[2, 3]]]]
    assert ask(network, report, "gradient(input)") == [[1, 11, 0]]
