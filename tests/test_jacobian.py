"""`gradient` and `jacobian` in expressions, on the command line, and through time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.cli.app import main
from cnncalc.grading.check import check
from cnncalc.query.ask import ask, scope

ROOT = Path(__file__).resolve().parent.parent
ROW = """
input: [5, 7]
layers:
  - conv: Conv1d(5, 1, kernel_size=3, stride=2, bias=False)
values:
  input: [[1, 0, -1, 3, -1, 3, 0], [-3, -1, -5, -3, 5, 2, 4], [-2, 2, -1, -4, 0, -4, 0], [-3, -4, 2, 0, -3, -2, -1],
          [-4, -2, -3, 2, -4, -1, 3]]
"""
# h[t] = w h[t-1] + v h[t-2] + x[t]: the derivative by the state before is w, by the one before that w^2 + v.
TWO_LAGS = """
input: [4, 1]
layers:
  - rnn:
      recurrent:
        state: {h: 1}
        weights: {w: [1, 1], v: [1, 1]}
        step: {h: w @ h[t-1] + v @ h[t-2] + x[t]}
values: {input: [[1], [2], [3], [4]], rnn.w: [[2]], rnn.v: [[5]]}
"""
ATTENTION = """
input: [2, 2]
layers:
  - head: Attention(2, scale=none)
values:
  input: [[1, 0], [0, 1]]
  head.W_q: [[1, 0], [0, 1]]
  head.W_k: [[1, 0], [0, 1]]
  head.W_v: [[1, 0], [0, 1]]
  output.grad: [[1, 0], [0, 0]]
"""


def value(text: str, asked: str) -> Any:
    network = cnncalc.loads(text)
    report = network.report()
    return ask(network, report, asked, scope(network, report))


def code(text: str, asked: str) -> tuple[str, str]:
    with pytest.raises(cnncalc.SpecError) as caught:
        value(text, asked)
    return caught.value.problems[0].code, caught.value.problems[0].message


@pytest.mark.parametrize(
    ("asked", "shape"),
    [
        ("gradient(input).shape", [5, 7]),
        ("gradient(conv.weight).shape", [1, 5, 3]),
        ("gradient(conv).shape", [1, 3]),
        ("gradient(conv.output).shape", [1, 3]),
        ("gradient(input[2]).shape", [7]),
        ("gradient(input)[2:4, 1:].shape", [2, 6]),
        ("jacobian(output, conv.weight).shape", [1, 3, 1, 5, 3]),
        ("jacobian(output[0], input).shape", [3, 5, 7]),
        ("jacobian(conv[0, 1:], input[:, 0]).shape", [2, 5]),
        ("jacobian(output, input)[0, 2].shape", [5, 7]),
    ],
)
def test_shapes(asked: str, shape: list[int]) -> None:
    assert value(ROW, asked) == shape


def test_shapes_are_not_executed() -> None:
    from cnncalc.query.scope import NetworkScope

    network = cnncalc.loads(ROW)
    report = network.report()

    def never() -> Any:
        raise AssertionError("executed")

    names = NetworkScope(report, never)
    assert ask(network, report, "jacobian(output, conv.weight).shape", names) == [1, 3, 1, 5, 3]
    with pytest.raises(AssertionError, match="executed"):
        ask(network, report, "gradient(input)", names)


def test_shapes_with_free_dimensions() -> None:
    text = "symbols: [n, m]\ninput: [n, m]\nlayers: [{fc: 'Linear(m, 3)'}]"
    assert list(map(str, value(text, "jacobian(output, fc.weight).shape"))) == ["n", "3", "3", "m"]


def test_one_number_by_one_number() -> None:
    assert value(TWO_LAGS, "jacobian(rnn.h[1, 0], rnn.h[0, 0])") == 2
    assert value(TWO_LAGS, "jacobian(rnn.h[1, 0], rnn.h[0, 0]) > 1") is True


def test_total_and_held() -> None:
    assert value(TWO_LAGS, "jacobian(rnn.h[2], rnn.h[0])") == [[9]]
    assert value(TWO_LAGS, "jacobian(rnn.h[2], rnn.h[0], rnn.h[1])") == [[5]]
    assert value(TWO_LAGS, "jacobian(rnn.h[2], rnn.h[0], rnn.h)") == [[5]]
    assert value(TWO_LAGS, "jacobian(rnn.h[3], rnn.h[0])") == [[28]]
    assert value(TWO_LAGS, "jacobian(rnn.h[3], rnn.h[0], rnn.h)") == [[0]]
    assert value(TWO_LAGS, "jacobian(rnn.h[0], rnn.h[2])") == [[0]]
    assert value(TWO_LAGS, "jacobian(rnn.h[2], rnn.h[2])") == [[1]]


def test_every_name_of_the_states_means_them() -> None:
    for name in ("rnn", "rnn.output", "rnn.h", "output"):
        assert value(TWO_LAGS, f"jacobian({name}[2], {name}[0])") == [[9]]
        assert value(TWO_LAGS, f"gradient({name})") == [[1 + 2 + 9 + 28], [1 + 2 + 9], [1 + 2], [1]]


def test_inside_of_attention() -> None:
    # The first row of the weights is softmax(1, 0) = (p, 1 - p), and only its first output counts.
    p = 0.7310585786300049
    slope = p * (1 - p)
    assert value(ATTENTION, "gradient(head.attention)") == [[1, 0], [0, 0]]
    (first, second), rest = value(ATTENTION, "gradient(head.scores)")
    assert (first, second) == (pytest.approx(slope, abs=1e-15), pytest.approx(-slope, abs=1e-15))
    assert rest == [0, 0]
    first, second = value(ATTENTION, "gradient(head.value)")
    assert (first, second) == (pytest.approx([p, 0]), pytest.approx([1 - p, 0]))


def test_a_bare_index_of_a_layer_is_a_part_of_its_output() -> None:
    assert value(ROW, "jacobian(conv[0], conv.weight)") == value(ROW, "jacobian(output[0], conv.weight)")


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("gradient(conv.params)", "conv.params is no array of the network that a derivative could be taken of"),
        ("gradient(input.T)", "input.T is no array of the network that a derivative could be taken of"),
        ("gradient(2 * input)", '"*" does not go with a number and the name of an array'),
        ("gradient()", "gradient() takes 1 array, not 0"),
        ("jacobian(output)", "jacobian() takes 2 arrays, not 1"),
        ("gradient(input[7])", "input[7]: there is no position 7 of 5"),
        ("gradient(input[0, 0, 0])", "input[0, 0, 0]: an array of 2 axes cannot have 3 indices"),
        ("gradient(cov)", 'unknown name "cov"; did you mean conv?'),
        ("gradient(conv.wait)", 'conv has no "wait"; did you mean weight?'),
    ],
)
def test_mistakes(asked: str, problem: str) -> None:
    assert code(ROW, asked)[1] == problem


# --- the command line ------------------------------------------------------------------------------------------------


def test_run_shows_gradients(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(
        "input: [2]\nlayers: [{fc: 'Linear(2, 1)'}, {act: ReLU}]\n"
        "values: {input: [3, 4], fc.weight: [[1, 1]], fc.bias: [0]}\n"
    )
    assert main(["run", "net.yaml", "--backward", "--format", "json"]) == 0
    arrays = json.loads(capsys.readouterr().out)["arrays"]
    assert arrays == {
        "output": [7],
        "gradient(input)": [1, 1],
        "gradient(fc.weight)": [[3, 4]],
        "gradient(fc.bias)": [1],
    }
    assert main(["run", "net.yaml", "--backward", "--show", "fc", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["arrays"] == {"fc": [7], "gradient(fc)": [1]}
    assert main(["run", "net.yaml", "--show", "gradient(fc.weight)", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["arrays"] == {"gradient(fc.weight)": [[3, 4]]}


def test_gradcheck_passes_and_fails(monkeypatch: Any, capsys: Any) -> None:
    chain = "5 -> fc: Linear(5, 3) -> act: Tanh"
    assert main(["run", chain, "--gradcheck", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(item["name"], item["ok"]) for item in found["gradcheck"]] == [
        ("input", True),
        ("fc.weight", True),
        ("fc.bias", True),
    ]
    from cnncalc.execute.gradient import activation

    monkeypatch.setitem(activation.SLOPES, "Tanh", lambda layer, x, y: 1 - y)
    assert main(["run", chain, "--gradcheck"]) == 1
    assert "\nthe gradient of input, fc.weight, fc.bias is not what the differences say" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("layer", "factor", "verdict"),
    [("vanishing", 0.3, "vanishes"), ("exploding", 3, "explodes"), ("cell", 0.99, "is carried on")],
)
def test_through_time(layer: str, factor: float, verdict: str, capsys: Any) -> None:
    spec = str(ROOT / "specs" / "homework" / "doc004-q3.yaml")
    assert main(["run", spec, "--through-time", layer, "--format", "json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["through_time"]
    assert found["norms"] == pytest.approx([factor**lag for lag in range(20)])
    assert (found["factor"], found["verdict"]) == (pytest.approx(factor), verdict)


def test_through_time_of_built_in_layers(capsys: Any) -> None:
    for kind, states in (("RNN", ["rnn.h"]), ("GRU", ["rnn.h"]), ("LSTM", ["rnn.h", "rnn.c"])):
        assert main(["run", f"5x4 -> rnn: {kind}(4, 3) -> Linear(3, 2)", "--through-time", "rnn", "-f", "json"]) == 0
        found = json.loads(capsys.readouterr().out)["through_time"]
        assert [item["state"] for item in found] == states
        assert all(item["norms"][0] == pytest.approx(1) and len(item["norms"]) == 5 for item in found)


def test_built_in_states_agree_with_equations() -> None:
    """An RNN of PyTorch's and the same written as an equation have the same derivatives through time."""
    weights = {"w": [[0.5, -0.2], [0.1, 0.7]], "u": [[1.0, 0.3], [-0.4, 0.8]], "x": [[1, 2], [0.5, -1], [0.3, 0.2]]}
    built = f"""
input: [3, 2]
layers: [{{rnn: 'RNN(2, 2, bias=False)'}}]
values: {{input: {weights["x"]}, rnn.weight_ih_l0: {weights["u"]}, rnn.weight_hh_l0: {weights["w"]}}}
"""
    written = f"""
input: [3, 2]
layers:
  - rnn:
      recurrent:
        state: {{h: 2}}
        weights: {{w: [2, 2], u: [2, 2]}}
        step: {{h: tanh(u @ x[t] + w @ h[t-1])}}
values: {{input: {weights["x"]}, rnn.u: {weights["u"]}, rnn.w: {weights["w"]}}}
"""
    for asked in ("jacobian(rnn[2], rnn[0])", "gradient(rnn)", "gradient(input)"):
        ours, theirs = value(built, asked), value(written, asked)
        for row, other in zip(ours, theirs, strict=True):
            assert row == pytest.approx(other, abs=1e-14)
    assert value(built, "gradient(rnn.weight_hh_l0)") == [
        pytest.approx(row, abs=1e-14) for row in value(written, "gradient(rnn.w)")
    ]


def test_attention_over_a_growing_past() -> None:
    text = "input: [3, 2]\nlayers: [{rnn: {attention_rnn: {k: all, size: 2}}}]"
    # The first step has one slot, whose weight is 1 whatever its score: nothing comes back to it.
    scores = value(text, "gradient(rnn.scores)")
    assert scores[0] == [0, 0, 0]
    assert sum(scores[2]) == pytest.approx(0, abs=1e-12)
    assert abs(scores[2][2]) > 1e-6
    assert value(text, "gradient(rnn.attention)")[1][2] == 0


def test_averaged_weights_are_no_step() -> None:
    text = "input: [3, 4]\nlayers: [{att: 'MultiheadAttention(4, 2)'}]"
    assert code(text, "gradient(att.attention)") == (
        "no-derivative",
        "att.attention is an average of what the layer computes with",
    )
    apart = text.replace("4, 2)", "4, 2, average_attn_weights=False)")
    assert value(apart, "gradient(att.attention).shape") == [2, 3, 3]
    assert any(abs(number) > 1e-9 for number in value(apart, "gradient(att.attention)")[0][0])


def test_keras_states() -> None:
    text = "convention: keras\ninput: [4, 3]\nlayers: [{rnn: 'SimpleRNN(2, return_sequences=True)'}]"
    product = "jacobian(rnn[3], rnn[2]) @ jacobian(rnn[2], rnn[1]) @ jacobian(rnn[1], rnn[0])"
    assert value(text, f"equal(jacobian(rnn[3], rnn[0]), {product})") is True
    assert max(map(max, value(text, "jacobian(rnn[3], rnn[0])"))) != 0


def test_an_array_may_be_expected_by_an_expression() -> None:
    text = "input: [2]\nlayers: [{fc: 'Linear(2, 2, bias=False)'}]\n"
    text += "expect: {gradient(input): 'fc.weight[0] + fc.weight[1]'}"
    network = cnncalc.loads(text)
    assert [result.ok for result in check(network, network.report())] == [True]
    network = cnncalc.loads(text.replace("[0] +", "[0] -"))
    assert [result.ok for result in check(network, network.report())] == [False]


def test_options_are_values() -> None:
    text = "input: [3, 8, 8]\nlayers: [{conv: 'Conv2d(3, 4, 3, stride=2)'}, {drop: Dropout(0.2)}]"
    assert value(text, "conv.stride") == [2, 2]
    assert value(text, "1 / (1 - drop.p)") == 1.25


def test_a_jacobian_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """For all questions about it, also where their answers are wrong and mistakes are looked for."""
    from cnncalc.execute.gradient.tape import Tape
    from cnncalc.grading.question import arrays

    made: list[str] = []
    work = Tape._jacobian

    def counted(self: Tape, of: Any, by: Any, held: Any) -> Any:
        made.append(repr((id(self), of, by, held)))
        return work(self, of, by, held)

    monkeypatch.setattr(Tape, "_jacobian", counted)
    net = "input: [3]\nlayers: [fc: 'Linear(3, 3)']\nexpect:\n"
    asked = "".join(f"- 'sum(jacobian(fc, input)) + {at} = 77'\n" for at in range(30))
    network = cnncalc.loads(net + asked)
    assert not any(result.ok for result in check(network, network.report()))
    assert len(made) < 3 * arrays.MOST_JACOBIANS
    made.clear()
    asked = "".join(f"- 'sum(jacobian(fc[0], input)) * {at + 2} + jacobian(fc[1], input[0]) = 77'\n" for at in range(9))
    network = cnncalc.loads(net + asked)
    check(network, network.report())
    assert len(made) == len(set(made))
