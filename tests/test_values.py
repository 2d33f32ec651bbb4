"""What stands for arrays that nobody gave: neutral numbers where a calculation by hand has them, else drawn ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnncalc
from cnncalc.cli.app import main

BY_HAND = """
input: [1, 2, 2]
layers:
  - conv: Conv2d(1, 1, kernel_size=2)
  - bn: BatchNorm2d(1)
  - fc: Linear(1, 2)
values:
  input: [[[1, 2], [3, 4]]]
  conv.weight: [[[[1, 0], [0, 1]]]]
"""


def run(text: str, **options: Any) -> Any:
    return cnncalc.loads(text).run(**options)


def test_a_calculation_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(BY_HAND, encoding="utf-8")
    assert main(["run", str(spec), "--show", "conv,bn", "--precision", "4"]) == 0
    shown = capsys.readouterr().out
    assert "conv [1, 1, 1]\n[[5]]" in shown
    assert "bn [1, 1, 1]\n[[5.0000]]" in shown  # 5 / sqrt(1 + 1e-5)
    neutral = "conv.bias, bn.weight, bn.bias, bn.running_mean, bn.running_var"
    assert shown.endswith(
        f"given: input, conv.weight; neutral (biases and means 0, factors and variances 1): {neutral}; "
        "random, from seed 0: fc.weight, fc.bias\n"
    )
    assert main(["run", str(spec), "-f", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["given"] == ["input", "conv.weight"]
    assert found["neutral"] == [*neutral.split(", "), "bn.num_batches_tracked"]
    assert found["drawn"] == ["fc.weight", "fc.bias"]


def test_other_questions_follow_the_same_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(BY_HAND + "expect: {conv.output: [[[5]]], bn.output: [[[4.999975]]], bn.running_var: [1]}\n")
    assert main(["check", str(spec)]) == 0
    assert capsys.readouterr().err == ""
    assert main(["ask", str(spec), "conv.output[0, 0, 0]"]) == 0
    out, err = capsys.readouterr()
    assert out == "5\n"
    assert err.startswith("note[values-left-out]: not given: neutral (")
    spec.write_text(BY_HAND + "expect: {conv.output: [[[4]]]}\n")
    assert main(["check", str(spec)]) == 1
    assert "random, from seed 0: fc.weight, fc.bias\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("layer", "given", "expected"),
    [
        ("BatchNorm1d(1, eps=0)", {}, [3]),
        ("BatchNorm1d(1, eps=0)", {"weight": [2]}, [6]),
        ("BatchNorm1d(1, eps=0)", {"bias": [2]}, [5]),
        ("BatchNorm1d(1, eps=0)", {"running_mean": [1], "running_var": [4]}, [1]),
        ("LayerNorm(1)", {}, [0]),
        ("LayerNorm(1)", {"weight": [7]}, [0]),
        ("RMSNorm(1, eps=0)", {}, [1]),
        ("GroupNorm(1, 1)", {}, [0]),
        ("Linear(1, 1)", {"weight": [[2]]}, [6]),
        ("Linear(1, 2)", {"weight": [[2], [1]]}, [6, 3]),
    ],
)
def test_left_out(layer: str, given: dict[str, Any], expected: list[float]) -> None:
    values = {"input": [3], **{f"layer.{name}": value for name, value in given.items()}}
    made = cnncalc.from_dict({"input": [1], "layers": [{"layer": layer}], "values": values}).run()
    np.testing.assert_allclose(made["layer"][0], expected, rtol=0, atol=1e-9)


def test_biases_of_recurrent_layers_and_attention() -> None:
    """With all weights 1 and the biases left out, each step is a sum, and attention the mean of the values."""
    spec = {
        "input": [2, 1],
        "layers": [{"rnn": "RNN(1, 1)"}],
        "values": {"input": [[1], [1]], "rnn.weight_ih_l0": [[1]], "rnn.weight_hh_l0": [[1]]},
    }
    first = np.tanh(1)
    np.testing.assert_allclose(cnncalc.from_dict(spec).run()["rnn"][0, :, 0], [first, np.tanh(1 + first)], atol=1e-15)
    spec = {
        "input": [2, 1],
        "layers": [{"att": "MultiheadAttention(1, 1)"}],
        "values": {"input": [[1], [3]], "att.in_proj_weight": [[0], [0], [1]], "att.out_proj.weight": [[1]]},
    }
    np.testing.assert_allclose(cnncalc.from_dict(spec).run()["att"][0, :, 0], [2, 2], atol=1e-15)


def test_an_equation_s_bias_and_keras(tmp_path: Path) -> None:
    spec = {
        "input": [2, 1],
        "layers": [
            {
                "rnn": {
                    "recurrent": {
                        "state": {"h": 1},
                        "weights": {"W": [1, 1], "b": [1]},
                        "step": {"h": "W @ x[t] + b"},
                    }
                }
            }
        ],
        "values": {"input": [[1], [2]], "rnn.W": [[3]]},
    }
    assert cnncalc.from_dict(spec).run()["rnn"][0].tolist() == [[3], [6]]
    made = cnncalc.from_dict(
        {
            "input": [1],
            "convention": "keras",
            "layers": [{"fc": "Dense(1)"}, {"bn": "BatchNormalization(epsilon=0)"}],
            "values": {"input": [3], "fc.kernel": [[2]]},
        }
    ).run()
    assert made["bn"][0].tolist() == [6]


def test_a_shared_table_gives_its_projection_no_bias() -> None:
    spec = """
input: {shape: [2], dtype: int}
layers:
  - table: Embedding(3, 2)
  - fc: Linear(2, 3)
    share: table
values: {input: [0, 1], table.weight: [[1, 0], [0, 1], [1, 1]]}
"""
    assert run(spec)["fc"][0].tolist() == [[1, 0, 1], [0, 1, 1]]


def test_what_nobody_gave_is_drawn() -> None:
    made = run("input: [3]\nlayers: [{fc: 'Linear(3, 2)'}, {norm: 'WeightNorm(Linear(2, 2))'}]")
    assert np.all(made["fc.bias"] != 0) and np.all(made["norm.weight_g"] != 1)
    assert made.neutral == set()


def test_one_number_fills_an_array() -> None:
    made = run("input: [3]\nlayers: [{fc: 'Linear(3, 2)'}]\nvalues: {input: 1, fc.weight: 0.5, fc.bias: 2}")
    assert made["fc"][0].tolist() == [3.5, 3.5]


def test_a_state_before_the_first_step_is_an_input() -> None:
    text = "input: [2, 1]\nlayers: [{rnn: 'RNN(1, 1)'}]\nvalues: {rnn.h_0: [1]}"
    with pytest.raises(cnncalc.SpecError) as caught:
        run(text)
    (problem,) = caught.value.problems
    assert (problem.code, problem.message) == ("unknown-value", 'there is no input and no weight "rnn.h_0"')
    (hint,) = problem.help
    assert hint == "a state before the first step is an input: inputs: {x: ..., h_0: ...} and from: [x, h_0]"
    spec = """
inputs: {x: [2, 1], h_0: [1, 1]}
layers:
  - rnn: RNN(1, 1, bias=False)
    from: [x, h_0]
values: {x: 0, h_0: 1, rnn.weight_ih_l0: 1, rnn.weight_hh_l0: 2}
"""
    np.testing.assert_allclose(run(spec)["rnn"][0, :, 0], [np.tanh(2), np.tanh(2 * np.tanh(2))], atol=1e-15)
