"""Losses as layers: values and gradients are PyTorch's; what does not fit is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnncalc
from cnncalc.cli.app import main
from cnncalc.query.ask import ask, scope

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "losses.json").read_text(encoding="utf-8"))


def names(spec: dict[str, Any]) -> Any:
    network = cnncalc.from_dict(spec)
    report = network.report()
    found = scope(network, report)
    return lambda asked: ask(network, report, asked, found)


def refused(chain: str) -> tuple[str, str, list[str]]:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.load(chain).report()
    (problem,) = caught.value.problems
    return problem.code, problem.message.partition(": ")[2], list(problem.help)


@pytest.mark.parametrize("case", CASES, ids=[f"{at}: {case['loss']}" for at, case in enumerate(CASES)])
def test_recorded(case: dict[str, Any]) -> None:
    """Each sample's loss, the batch's, and the gradient of the batch's."""
    x, target = np.shape(case["x"]), np.shape(case["target"])
    spec = {
        "inputs": {"x": list(x[1:]), "t": {"shape": list(target[1:]), "dtype": "int" if case["whole"] else "float"}},
        "layers": [{"loss": case["loss"], "from": ["x", "t"]}],
        "values": {"x": case["x"], "t": case["target"]},
    }
    value = names(spec)
    made = np.asarray(value("output"))
    kept = "none" in case["loss"]
    each = [np.reshape(one, made.shape[1:]) for one in case["each"]]
    np.testing.assert_allclose(made, each, rtol=0, atol=1e-12)
    mean = "mean" in case["loss"] or ("reduction" not in case["loss"] and "sum" not in case["loss"])
    whole = made if kept else made.mean() if mean else made.sum()
    np.testing.assert_allclose(whole, case["value"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(value("gradient(x)"), case["gradient"], rtol=0, atol=1e-12)


def test_a_constant_target_in_a_chain(capsys: pytest.CaptureFixture[str]) -> None:
    spec = {
        "input": [2],
        "layers": [{"fc": "Linear(2, 1)"}, {"o": "Sigmoid"}, {"loss": "BCELoss(target=1)"}],
        "values": {"input": [1, 2], "fc.weight": [[0.5, -0.5]]},
    }
    value = names(spec)
    out = 1 / (1 + np.exp(0.5))
    assert value("output") == pytest.approx(-np.log(out)) and value("output.shape") == []
    # The derivative by what goes into the sigmoid is the probability minus the target.
    assert value("gradient(fc)") == [pytest.approx(out - 1)]
    assert value("gradient(fc.weight)") == [pytest.approx([out - 1, 2 * (out - 1)])]
    assert value("jacobian(loss, fc.weight).shape") == [1, 2]
    softmax = {"input": [3], "layers": [{"loss": "CrossEntropyLoss(target=2)"}], "values": {"input": [1, 2, 3]}}
    p = np.exp([1, 2, 3]) / np.exp([1, 2, 3]).sum()
    assert names(softmax)("gradient(input)") == pytest.approx([p[0], p[1], p[2] - 1])
    assert names(softmax)("output") == pytest.approx(-np.log(p[2]))
    assert main(["run", "3 -> MSELoss(target=[1, 0, 0], reduction=none)"]) == 0
    assert "output [3]\n" in capsys.readouterr().out


def test_shapes_and_execution_agree(capsys: pytest.CaptureFixture[str]) -> None:
    for chain in (
        "4 -> CrossEntropyLoss(target=1)",
        "4x5 -> CrossEntropyLoss(target=[0, 1, 2, 3, 3])",
        "4x5 -> NLLLoss(target=1, reduction=none)",
        "2 -> CrossEntropyLoss(target=[0.5, 0.5])",
        "4x5x6 -> L1Loss(target=0)",
    ):
        assert main(["shapes", chain, "--execute", "--batch", "3"]) == 0, chain
        capsys.readouterr()


def test_what_does_not_fit_is_refused() -> None:
    assert refused("3 -> MSELoss") == (
        "input-count",
        "MSELoss takes a prediction and a target, but gets one input",
        ["from: [prediction, target], or MSELoss(target=...)"],
    )
    assert refused("3 -> MSELoss(target=[1, 2])")[:2] == (
        "shapes-differ",
        "MSELoss needs a target like its prediction [3], but gets [2]",
    )
    assert refused("3 -> CrossEntropyLoss(target=3)")[:2] == (
        "option-value",
        "target must be a class from 0 to 2, not 3",
    )
    assert refused("5x4 -> NLLLoss(target=[1, 2, 3, 4, 0])") == (
        "shapes-differ",
        "NLLLoss of [5, 4] needs the number of a class, a target [4], but gets [5]",
        ["the classes are axis 1: Transpose(1, 2) puts them there"],
    )
    assert refused("3 -> CrossEntropyLoss(weight=[1, 2, 3], target=1)")[:2] == (
        "option-value",
        "weight is not taken here: leave it out",
    )
    assert refused("3 -> MSELoss(size_average=False, target=1)")[2] == ['write reduction="sum" or "mean"']


def test_classes_of_a_given_target_are_checked() -> None:
    spec = {
        "inputs": {"x": [3], "t": {"shape": [], "dtype": "int"}},
        "layers": [{"loss": "CrossEntropyLoss", "from": ["x", "t"]}],
        "values": {"x": [1, 2, 3], "t": 3},
    }
    with pytest.raises(cnncalc.SpecError, match="t holds 3, but loss has the rows 0 to 2"):
        cnncalc.from_dict(spec).run()


def test_by_hand_from_the_loss_on() -> None:
    """Half the squared error of a sigmoid unit, as course sheets begin: dE/dw = (o - t) o (1 - o) x."""
    spec = {
        "input": [2],
        "layers": [
            {"fc": "Linear(2, 1)"},
            {"o": "Sigmoid"},
            {"loss": "MSELoss(target=0.5, reduction=sum)"},
            {"Scale": {"factor": 0.5}},
        ],
        "values": {"input": [0.35, 0.9], "fc.weight": [[0.1, 0.8]]},
    }
    value = names(spec)
    o = 1 / (1 + np.exp(-0.755))
    assert value("output") == pytest.approx((o - 0.5) ** 2 / 2)
    assert value("gradient(fc.weight)")[0] == pytest.approx([(o - 0.5) * o * (1 - o) * x for x in (0.35, 0.9)])


def test_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "4x3 -> loss: CrossEntropyLoss(target=1)", "--format", "plain"]) == 0
    out = capsys.readouterr().out
    assert "l = −ln softmax(x)_t, t the target's class\n" in out
    assert "∂l/∂x = softmax(x)_i − 1 for the class i = t, softmax(x)_i else\n" in out
    assert "the mean over 3 numbers: the derivative by each is divided by 3\n" in out
    for name in ("SmoothL1Loss(beta=0.5", "HuberLoss(", "KLDivLoss("):
        for format in ("plain", "latex", "json"):
            assert main(["explain", f"4 -> {name}target=1)".replace("0.5t", "0.5, t"), "-f", format]) == 0
            capsys.readouterr()


def test_a_loss_is_not_exported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "3 -> loss: MSELoss(target=1)", "--to", "pytorch"]) == 2
    assert "a loss is no part of what is exported; leave it out" in capsys.readouterr().err
