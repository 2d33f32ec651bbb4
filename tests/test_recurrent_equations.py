"""Recurrent: cells from their equations, against PyTorch's layers, worked answers and loops written by hand."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnncalc
from cnncalc.core.problem import SpecError
from cnncalc.grading.check import check
from cnncalc.layers.equations import Recurrent

PROBLEMS = {
    problem["id"]: problem
    for problem in json.loads((Path(__file__).parent / "data" / "seeds.json").read_text("utf-8"))["problems"]
}
GATED = """
    state: {h: m}
    weights: {W_c: [m, n], W_h: [m, m], W_x: [m, n]}
    step:
      c: sigmoid(W_c @ x[t] + W_h @ h[t-1])
      h: c * h[t-1] + (1 - c) * (W_x @ x[t])
"""
random = np.random.default_rng(7)


def spec(cell: str, *, input: str = "[6, 5]", let: str = "{m: 4}", beside: str = "") -> str:
    fields = textwrap.indent(textwrap.dedent(cell).strip("\n"), " " * 8)
    return f"input: {input}\nlet: {let}\nlayers:\n{beside}  - rnn:\n      recurrent:\n{fields}\n    from: input\n"


def network(cell: str, **more: str) -> cnncalc.network.network.Network:
    return cnncalc.loads(spec(cell, **more))


def one(step: str, **more: str) -> cnncalc.network.network.Network:
    return network(f"state: {{h: m}}\nweights: {{W: [m, m], U: [m, n]}}\nstep:\n  h: {step}", **more)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


# --- against the layers that are built in, whose arrays PyTorch has recorded ------------------------------------------

LSTM = """
    state: {h: m, c: m}
    weights: {W_i: [m, n], W_f: [m, n], W_g: [m, n], W_o: [m, n],
              U_i: [m, m], U_f: [m, m], U_g: [m, m], U_o: [m, m], b_i: m, b_f: m, b_g: m, b_o: m}
    step:
      i: sigmoid(W_i @ x[t] + U_i @ h[t-1] + b_i)
      f: sigmoid(W_f @ x[t] + U_f @ h[t-1] + b_f)
      g: tanh(W_g @ x[t] + U_g @ h[t-1] + b_g)
      o: sigmoid(W_o @ x[t] + U_o @ h[t-1] + b_o)
      c: f * c[t-1] + i * g
      h: o * tanh(c)
"""
STACKED = """
    state: {h: m, c: m}
    weights: {W: [4 * m, n], U: [4 * m, m], b: 4 * m}
    step:
      h: sigmoid(z[3*m:]) * tanh(c)
      c: sigmoid(z[m:2*m]) * c[t-1] + sigmoid(z[:m]) * tanh(z[2*m:3*m])
      z: W @ x[t] + U @ h[t-1] + b
"""
GRU = """
    state: {h: m}
    weights: {W_r: [m, n], W_z: [m, n], W_n: [m, n], U_r: [m, m], U_z: [m, m], U_n: [m, m],
              b_r: m, b_z: m, b_n: m, d_n: m}
    step:
      r: sigmoid(W_r @ x[t] + b_r + U_r @ h[t-1])
      z: sigmoid(W_z @ x[t] + b_z + U_z @ h[t-1])
      g: tanh(W_n @ x[t] + b_n + r * (U_n @ h[t-1] + d_n))
      h: (1 - z) * g + z * h[t-1]
"""
PAPER = GRU.replace("r * (U_n @ h[t-1] + d_n)", "U_n @ (r * h[t-1])").replace(", d_n: m", "")
RNN = """
    state: {h: m}
    weights: {W: [m, n], U: [m, m], b: m}
    step: {h: "tanh(W @ x[t] + U @ h[t-1] + b)"}
"""


def built_in(kind: str, gates: str, options: str = "", biases: int = 2) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The line of the layer, its weights, and the same by gate under the cells' names."""
    rows = 4 * len(gates)
    given = {
        "ref.weight_ih_l0": random.normal(size=(rows, 5)),
        "ref.weight_hh_l0": random.normal(size=(rows, 4)),
        "ref.bias_ih_l0": random.normal(size=rows),
    }
    if biases == 2:
        given["ref.bias_hh_l0"] = random.normal(size=rows)
    both = given["ref.bias_ih_l0"] + given.get("ref.bias_hh_l0", 0)
    parts: dict[str, Any] = {}
    for index, gate in enumerate(gates):
        at = slice(4 * index, 4 * index + 4)
        parts[f"rnn.W_{gate}"] = given["ref.weight_ih_l0"][at]
        parts[f"rnn.U_{gate}"] = given["ref.weight_hh_l0"][at]
        parts[f"rnn.b_{gate}"] = both[at]
    return f"  - ref: {kind}(5, 4{options})\n    from: input\n", given, parts


def apart(cell: str, line: str, given: dict[str, Any]) -> float:
    """The largest difference of the two sequences over a batch."""
    net = network(cell, beside=line)
    run = net.run(values=given, batch=3)
    assert run.confirmed, run.differences
    return float(np.abs(run["rnn"] - run["ref"]).max())


def test_an_lstm_in_equations_is_the_lstm() -> None:
    line, given, parts = built_in("LSTM", "ifgo")
    assert apart(LSTM, line, {**given, **parts}) < 1e-12
    whole = {"rnn.W": given["ref.weight_ih_l0"], "rnn.U": given["ref.weight_hh_l0"]}
    both = given["ref.bias_ih_l0"] + given["ref.bias_hh_l0"]
    assert apart(STACKED, line, {**given, **whole, "rnn.b": both}) < 1e-12
    wrong = {**given, **parts, "rnn.W_i": parts["rnn.W_f"]}
    assert apart(LSTM, line, wrong) > 1e-3


def test_the_cell_of_an_lstm_is_its_port() -> None:
    line, given, parts = built_in("LSTM", "ifgo")
    run = network(LSTM, beside=line).run(values={**given, **parts}, batch=2)
    np.testing.assert_allclose(run["rnn.c"][:, -1], run["ref.c_n"][:, 0], rtol=0, atol=1e-12)


def test_a_gru_in_equations_is_the_gru() -> None:
    line, given, parts = built_in("GRU", "rzn")
    parts["rnn.b_n"], parts["rnn.d_n"] = given["ref.bias_ih_l0"][8:], given["ref.bias_hh_l0"][8:]
    assert apart(GRU, line, {**given, **parts}) < 1e-12


def test_a_gru_with_the_reset_of_the_paper() -> None:
    line, given, parts = built_in("GRU", "rzn", ", reset_after=False", biases=1)
    assert apart(PAPER, line, {**given, **parts}) < 1e-12


def test_a_plain_rnn_in_equations_is_the_rnn() -> None:
    line, given, parts = built_in("RNN", "h")
    assert apart(RNN, line, {**given, **{name[:-2]: array for name, array in parts.items()}}) < 1e-12


@pytest.mark.parametrize(("cell", "kind", "gates"), [(LSTM, "LSTM", 4), (RNN, "RNN", 1)])
def test_counts_are_those_of_the_layer_with_one_bias(cell: str, kind: str, gates: int) -> None:
    rows = network(cell, beside=f"  - ref: {kind}(5, 4, bias_vectors=1)\n    from: input\n").report()
    assert rows["rnn"].params == rows["ref"].params == gates * (4 * 5 + 4 * 4 + 4)
    assert rows["rnn"].macs == rows["ref"].macs == 6 * gates * (4 * 5 + 4 * 4)


# --- against worked answers -------------------------------------------------------------------------------------------


def test_the_gated_cell_of_the_sheet() -> None:
    problem = PROBLEMS["001.1.2.def"]
    given = problem["inputs"]
    net = network(GATED, input="[3, 2]", let="{m: 3, n: 2}")
    row = net.report()["rnn"]
    assert row.params == problem["answers"]["params_n2_m3"]
    assert row.weights == {"W_c": (3, 2), "W_h": (3, 3), "W_x": (3, 2)}
    assert row.ports == {"c": (3, 3), "h": (3, 3)}
    run = net.run(values={"input": given["x"], **{f"rnn.{name}": given[name] for name in ("W_c", "W_h", "W_x")}})
    np.testing.assert_allclose(run["rnn.c"][0], problem["answers"]["c"], rtol=1e-10)
    np.testing.assert_allclose(run["rnn.h"][0], problem["answers"]["h"], rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(run["rnn"], run["rnn.h"])


def test_the_gated_cell_has_2mn_plus_m2_parameters() -> None:
    for m, n in ((1, 1), (3, 2), (7, 4)):
        row = network(GATED, input=f"[9, {n}]", let=f"{{m: {m}}}").report()["rnn"]
        assert (row.params, row.macs) == (2 * m * n + m * m, 9 * (2 * m * n + m * m))
        assert row.ledger == {"c": 9 * (m * n + m * m), "h": 9 * m * n}


def test_a_shared_weight_over_three_steps() -> None:
    problem = PROBLEMS["002.4.2"]
    cell = 'state: {h: 1}\nweights: {w: [1, 1]}\nstep: {h: "tanh(w @ h[t-1] + x[t])"}'
    run = network(cell, input="[3, 1]").run(values={"input": [[v] for v in problem["inputs"]["x"]], "rnn.w": [[0.5]]})
    np.testing.assert_allclose(run["rnn.h"][0, :, 0], problem["answers"]["h"], rtol=1e-10)


def test_the_recitation_s_network() -> None:
    row = cnncalc.load("recitation_rnn").report()["rnn"]
    assert (row.params, row.output_shape) == (36, (5, 2))
    assert row.ledger == {"z": 5 * 28, "o": 5 * 8}


# --- against loops written by hand ------------------------------------------------------------------------------------


def test_lags_reach_back_and_are_zero_before_the_first_step() -> None:
    net = one("W @ h[t-2] + U @ x[t-1] + 0.5 * h[t-3]")
    W, U, x = random.normal(size=(4, 4)), random.normal(size=(4, 5)), random.normal(size=(6, 5))
    h = np.zeros((6, 4))
    for t in range(6):
        if t >= 2:
            h[t] += W @ h[t - 2]
        if t >= 1:
            h[t] += U @ x[t - 1]
        if t >= 3:
            h[t] += 0.5 * h[t - 3]
    run = net.run(values={"input": x, "rnn.W": W, "rnn.U": U})
    np.testing.assert_allclose(run["rnn.h"][0], h, rtol=1e-13)


def test_several_inputs() -> None:
    """One that is read step by step, a vector and a matrix that stay; a column and a row make a matrix."""
    net = cnncalc.loads("""
inputs: {x: [6, 4], z: [6, 3], c: [5], M: [7, 5]}
layers:
  - rnn:
      recurrent:
        inputs: [z]
        context: [c, M]
        state: {h: 5}
        weights: {W: [5, 4], U: [5, 3], q: [2, 1]}
        step:
          a: "softmax(M @ h[t-1])"
          h: "tanh(W @ x[t] + U @ (z[t] - z[t-1]) + c + a @ M + sum(q * c))"
    from: [x, z, c, M]
""")
    shapes = {"x": (6, 4), "z": (6, 3), "c": (5,), "M": (7, 5), "rnn.W": (5, 4), "rnn.U": (5, 3), "rnn.q": (2, 1)}
    given = {name: random.normal(size=shape) for name, shape in shapes.items()}
    x, z, c, M, W, U, q = given.values()
    h, before = np.zeros((7, 5)), np.vstack([np.zeros(3), z])
    for t in range(6):
        a = np.exp(M @ h[t])
        h[t + 1] = np.tanh(W @ x[t] + U @ (z[t] - before[t]) + c + a / a.sum() @ M + (q * c).sum())
    np.testing.assert_allclose(net.run(values=given)["rnn.h"][0], h[1:], rtol=1e-12)
    assert net.report().totals.macs == 6 * (2 * 7 * 5 + 5 * 4 + 5 * 3)


def test_every_function() -> None:
    names = ["sigmoid", "tanh", "relu", "exp", "sin", "cos", "abs", "floor", "ceil", "round", "softmax"]
    by_hand = {
        "sigmoid": sigmoid,
        "relu": lambda v: v * (v > 0),
        "softmax": lambda v: np.exp(v) / np.exp(v).sum(),
        "square": lambda v: v * v,
        "root": lambda v: np.sqrt(np.abs(v)),
        "ln": lambda v: np.log(1 + v * v),
        "log2": lambda v: np.log(1 + v * v) / np.log(2),
        "least": lambda v: np.minimum(v, 0.25),
        "most": lambda v: v.max(),
        "total": lambda v: v.sum(),
        "pair": lambda v: np.outer(v, v[1:]),
        "norm": lambda v: v @ v,
        "end": lambda v: v[-1],
        "joined": lambda v: np.array([v[0], *v, 2]),
        "mixed": lambda v: 1 - -v / 4,
    }
    texts = {name: f"{name}(x[t])" for name in names} | {
        "square": "x[t] ** 2",
        "root": "sqrt(abs(x[t]))",
        "ln": "ln(1 + x[t] * x[t])",
        "log2": "log2(1 + x[t] * x[t])",
        "least": "min(x[t], 0.25)",
        "most": "max(x[t])",
        "total": "sum(x[t])",
        "pair": "outer(x[t], x[t][1:])",
        "norm": "x[t].T @ x[t]",
        "end": "x[t][-1]",
        "joined": "concat(x[t][0], x[t], 2)",
        "mixed": "1 - -x[t] / 4",
    }
    step = "\n".join(f'  e_{name}: "{text}"' for name, text in texts.items())
    net = network(f"state: {{h: n}}\nstep:\n{step}\n  h: h[t-1] + x[t]")
    x = random.normal(size=(6, 5)) + 0.01
    run = net.run(values={"input": x})
    assert run.confirmed, run.differences
    for name in texts:
        function = by_hand.get(name) or getattr(np, name)
        np.testing.assert_allclose(run[f"rnn.e_{name}"][0], [function(row) for row in x], rtol=1e-12, err_msg=name)
    np.testing.assert_allclose(run["rnn.h"][0], np.cumsum(x, axis=0), rtol=1e-12)


def test_matrices_as_states() -> None:
    cell = """
        state: {S: [3, 4], y: 4}
        weights: {K: [3, n], V: [4, n], A: [3, 3]}
        step:
          S: A @ S[t-1] * 0.5 + outer(K @ x[t], V @ x[t])
          y: S.T @ (K @ x[t]) + y[t-1] @ (S.T @ S)
    """
    net = network(cell, let="{}")
    row = net.report()["rnn"]
    assert row.output_shape == (6, 3, 4)
    # S: A @ S, K @ x, V @ x; y: K @ x and S.T times it, S.T @ S and y times it
    assert row.ledger == {"S": 6 * (36 + 15 + 20), "y": 6 * (15 + 12 + 48 + 16)}
    given = {name: random.normal(size=shape) for name, shape in row.weights.items()}
    x = random.normal(size=(6, 5))
    S, y, wanted = np.zeros((3, 4)), np.zeros(4), []
    for at in x:
        S = given["A"] @ S * 0.5 + np.outer(given["K"] @ at, given["V"] @ at)
        y = S.T @ (given["K"] @ at) + y @ (S.T @ S)
        wanted.append(y)
    run = net.run(values={"input": x, **{f"rnn.{name}": array for name, array in given.items()}})
    np.testing.assert_allclose(run["rnn.y"][0], wanted, rtol=1e-10)


def test_samples_of_a_batch_do_not_mix() -> None:
    net = network(LSTM)
    batch = random.normal(size=(3, 6, 5))
    whole = net.run(values={"input": batch}, batch=3)["rnn"]
    for index, sample in enumerate(batch):
        np.testing.assert_allclose(net.run(values={"input": sample})["rnn"][0], whole[index], rtol=1e-12)


def test_a_step_that_gives_one_number_is_a_sequence_of_numbers() -> None:
    net = network('state: {h: 1}\nweights: {v: n, b: []}\nstep: {s: "v @ x[t] + b", h: "h[t-1] + s", d: "2"}')
    row = net.report()["rnn"]
    assert row.ports == {"s": (6,), "h": (6, 1), "d": (6,)}
    assert row.params == 6
    assert net.run(batch=2).confirmed


# --- how it is written ------------------------------------------------------------------------------------------------

SPELLINGS = [
    "tanh(W @ h[t-1] + U @ x[t])",
    '"tanh(W @ h[t-1] + U @ x)"',
    "tanh(W @ h_{t-1} + U @ x_t)",
    "tanh(W @ hₜ₋₁ + U @ xₜ)",
    r"\tanh(W @ h_{t - 1} + U @ x_{t})",
    "tanh([W @ h[t-1] + U @ x[t]])",
    "tanh(W @ h[t-k] + U @ x[t])",
    "tanh((h[t-1] @ W.T) + (x[t] @ Uᵀ))",
    "tanh(h[t-1] @ W^T + x[t] @ U^{T})",
    "2 · σ(2 × (W @ h[t−1] + U @ x[t])) − 1",
    "(W @ h[t-1] + U @ x[t]) ⊙ 0 + tanh(W @ h[t-1] + U @ x[t])",
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_spellings_mean_the_same(text: str) -> None:
    wanted = one(SPELLINGS[0]).run()["rnn"]
    found = one(text, let="{m: 4, k: 1}").run()["rnn"]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize(
    "step",
    [
        "step:\n  - h[t] = tanh(W @ h[t-1] + U @ x[t])\n  - y = sum(h)",
        "step:\n  - h_t = tanh(W @ h_{t-1} + U @ x_t)\n  - y_t = sum(h_t)",
        "step: |\n  h = tanh(W @ h[t-1] + U @ x)\n\n  y = sum(h)\n",
        'step: {"h[t]": "tanh(W @ h[t-1] + U @ x[t])", y: sum(h)}',
        "step:\n  y: sum(h[t])\n  h_{t}: tanh(W @ h_{t-1} + U @ x_{t})",
    ],
)
def test_equations_as_lines(step: str) -> None:
    net = network(f"state: {{h: m}}\nweights: {{W: [m, m], U: [m, n]}}\n{step}")
    assert set(net.report()["rnn"].ports) == {"h", "y"}
    np.testing.assert_array_equal(net.run()["rnn"], one(SPELLINGS[0]).run()["rnn"])


def test_names_of_weights_that_look_like_steps() -> None:
    cell = 'state: {h: m}\nweights: {h_t: [m, m], U_hx: [m, n]}\nstep: {h: "h_t @ h_{t-1} + U_{hx} @ x_t"}'
    assert network(cell).report()["rnn"].params == 36


@pytest.mark.parametrize(
    "weights", ["{W: [m, m], U: [m, n]}", "{W: [2*2, m], U: 4x5}", "{W: mxm, U: [4, n]}", "{W: [m, k], U: [j, i]}"]
)
def test_sizes(weights: str) -> None:
    cell = f'state: {{h: m}}\nweights: {weights}\nstep: {{h: "tanh(W @ h[t-1] + U @ x[t])"}}'
    assert network(cell).report()["rnn"].weights == {"W": (4, 4), "U": (4, 5)}


def test_a_size_of_the_input_is_a_number_in_equations() -> None:
    cell = 'state: {h: m}\nweights: {U: [m, n]}\nstep: {h: "U @ x[t] / n + h[t-1]"}'
    run = network(cell).run(values={"input": np.ones((6, 5)), "rnn.U": np.ones((4, 5))})
    np.testing.assert_allclose(run["rnn"][0, :, 0], [1, 2, 3, 4, 5, 6])


def test_constants_of_the_spec() -> None:
    net = one("(1 - alpha) * h[t-1] + alpha * (U @ x[t])", let="{m: 4, alpha: 1/4}")
    assert net.run(values={"input": np.ones((6, 5)), "rnn.U": np.ones((4, 5))})["rnn"][0, 1, 0] == 0.75 * 1.25 + 1.25


def test_free_dimensions() -> None:
    text = spec(GATED, input="[T, n]", let="{}").replace("let: {}", "symbols: [T, n, m]")
    found = cnncalc.loads(
        text + "expect:\n  rnn.params: 2*m*n + m**2\n  rnn.macs: T*(2*m*n + m**2)\n  rnn.c.shape: [T, m]"
    )
    assert [result.ok for result in check(found, found.report())] == [True, True, True]
    wrong = cnncalc.loads(text + "expect:\n  rnn.params: m*n + m**2")
    assert [result.ok for result in check(wrong, wrong.report())] == [False]


def test_the_output_that_was_asked_for() -> None:
    cell = 'state: {h: m}\nweights: {W: [2, m]}\nstep: {h: "h[t-1] + 1", y: "W @ h"}\noutput: y'
    assert network(cell).report().output_shape == (6, 2)


def test_a_weight_that_no_equation_uses_is_noted() -> None:
    net = one("U @ x[t] + h[t-1]")
    assert net.report()["rnn"].params == 36
    (note,) = net.notes
    assert (note.severity, note.message) == (
        "note",
        "rnn: no equation uses the weight W; its parameters are counted",
    )
    assert (note.line, note.column) == (7, 19)


def test_formulas() -> None:
    layer: Any = network(GATED).report()["rnn"].layer
    assert layer.formulas() == [
        "c[t] = σ(W_c x[t] + W_h h[t−1])",
        "h[t] = c[t] ⊙ h[t−1] + (1 − c[t]) ⊙ (W_x x[t])",
    ]
    assert layer.formulas(tex=True) == [
        r"c_t = \sigma(W_c\, x_t + W_h\, h_{t-1})",
        r"h_t = c_t \odot h_{t-1} + (1 - c_t) \odot (W_x\, x_t)",
    ]
    assert layer.describe() == "Recurrent(h: 4)"


@pytest.mark.parametrize(
    ("text", "shown", "tex"),
    [
        ("W.T @ (h[t-1] - x[t] - 1)", "Wᵀ (h[t−1] − x[t] − 1)", r"{W}^\top\, (h_{t-1} - x_t - 1)"),
        ("h[t-2] - (x[t] - 1)", "h[t−2] − (x[t] − 1)", r"h_{t-2} - (x_t - 1)"),
        ("-(x[t] + 1) / 2", "−(x[t] + 1)/2", r"\frac{-(x_t + 1)}{2}"),
        ("-2 * x[t] ** 2", "−2·x[t]^2", r"-2 \cdot {x_t}^{2}"),
        (
            "softmax(concat(x[t], h[t-1]))[0:4]",
            "softmax([x[t]; h[t−1]])[0:4]",
            r"\text{softmax}([x_t;\, h_{t-1}])[0:4]",
        ),
        ("sqrt(abs(x[t])) / sum(x[t])", "√(abs(x[t]))/sum(x[t])", r"\frac{\sqrt{\left|x_t\right|}}{\text{sum}(x_t)}"),
        ("1 - -x[t] + (-1) * x[t]", "1 − (−x[t]) + (−1·x[t])", r"1 - (-x_t) + (-1 \cdot x_t)"),
        ("x[t] / (h[t-1] * 2)", "x[t]/(h[t−1]·2)", r"\frac{x_t}{h_{t-1} \cdot 2}"),
    ],
)
def test_formulas_need_no_more_brackets_than_these(text: str, shown: str, tex: str) -> None:
    fields: dict[str, Any] = {"state": {"h": 4}, "weights": {"W": [4, 4]}, "step": {"h": text}}
    layer = Recurrent(**fields)
    assert layer.formulas() == [f"h[t] = {shown}"]
    assert layer.formulas(tex=True) == [f"h_t = {tex}"]


# --- mistakes ---------------------------------------------------------------------------------------------------------

FORM = 'write recurrent: {state: {h: 8}, weights: {W: [8, 8], U: [8, n]}, step: {h: "tanh(W @ h[t-1] + U @ x[t])"}}'
# An equation of h, the part of it that is underlined, the message, the help.
WRONG = [
    ("tanh(W h[t-1])", "h", 'nothing between "W" and "h"',
     "write W @ h[t-1] for a product of matrices, W * h[t-1] number by number"),
    ("tanh(Wx)", "Wx", 'unknown name "Wx"', "write W @ x[t] for a product of matrices"),
    ("W @ h[t-1] + V @ x[t]", "V", 'unknown name "V"', "known names: x, h, W, U"),
    ("tahn(x[t])", "tahn", 'unknown function "tahn"; did you mean tanh?', ""),
    ("W @ h[t]", "h[t]", "h needs its own value of the same step", "write h[t-1] for the value before"),
    ("W @ h", "h", "h needs its own value of the same step", "write h[t-1] for the value before"),
    ("U @ x[t+1]", "x[t+1]", "x[t+1] is not known at step t",
     "an equation reads x[t] and what came before, x[t-1]"),
    ("h[0] * 2", "0", "h[...] stands for a step, and 0 is none", "write h[t-1]"),
    ("h[t-0.5]", "0.5", "a position is a whole number, not 0.5", ""),
    ("h[t-1, 0]", "h[t-1, 0]", "h[t-1, 0] has two positions", "write h[t-1][0]"),
    ("x[t-1:t]", "x[t-1:t]", "steps cannot be sliced", "name each one: concat(x[t-1], x[t])"),
    ("h[t-1] * t", "t", "t is the step and stands in [t] only", ""),
    ("x_t + h_t-1", "h_t-1", '"h_t-1" can mean two things',
     "write h[t-1] for the value 1 before, h[t] - 1 for a difference"),
    ("h(t-1) * 2", "h(t-1)", "h is no function", "write h[t-1]"),
    ("W(h[t-1])", "W(h[t-1])", "W is no function", "write W @ (h[t-1])"),
    ("h[t-1] % 2", "h[t-1] % 2", "an equation has + - * / ** and @ only", ""),
    ("h[t-1] if W else x[t]", "h[t-1] if W else x[t]", '"h[t-1] if W else x[t]" has no meaning in an equation', ""),
    ("h[t-1].shape", "h[t-1].shape", '"h[t-1].shape" has no meaning in an equation', ".T is the transpose"),
    ("softmax(h[t-1], x[t])", "softmax(h[t-1], x[t])", "softmax() takes 1 array, not 2", ""),
    # shapes
    ("W @ x[t] + h[t-1]", "W @ x[t]", "[4, 4] @ [5] do not fit: W has 4 columns, x[t] has 5 numbers", ""),
    ("W @ (U @ x[t]) + h[t-1] @ U.T", "h[t-1] @ U.T",
     "[4] @ [5, 4] do not fit: h[t-1] has 4 numbers, U.T has 5 rows", ""),
    ("h[t-1] + x[t]", "h[t-1] + x[t]", "h[t-1] is [4] and x[t] is [5]: they cannot be added", ""),
    ("2 * h[t-1] * x[t]", "2 * h[t-1] * x[t]",
     "2 * h[t-1] is [4] and x[t] is [5]: they cannot be multiplied number by number", ""),
    ("x[t]", "x[t]", "the state h is [4], but this gives [5]", ""),
    ("sum(x[t])", "sum(x[t])", "the state h is [4], but this gives one number", ""),
    ("h[t-1] @ h[t-1].T", "h[t-1].T", "h[t-1] is [4]: only a matrix can be transposed",
     "write outer(a, h[t-1]) for a product of a column and a row"),
    ("0.5 @ h[t-1]", "0.5 @ h[t-1]", "0.5 is one number, and @ is the product of matrices", "write 0.5 * h[t-1]"),
    ("x[t][0:7]", "x[t][0:7]", "there are no positions 0 to 7: x[t] is [5]", ""),
    ("h[t-1] * x[t][5]", "x[t][5]", "there is no position 5: x[t] is [5]", ""),
    ("concat(h[t-1], W)", "W", "W is [4, 4] and cannot be joined to h[t-1], which is [4]", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "part", "message", "help"), WRONG)
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_mistake_in_an_equation_is_shown_in_it(text: str, part: str, message: str, help: str, quote: str) -> None:
    net = one(f"{quote}{text}{quote}")
    with pytest.raises(SpecError) as caught:
        net.report()
    (problem,) = caught.value.problems
    assert problem.message == f"rnn: {message}"
    assert problem.help == ((help,) if help else ())
    assert problem.span is not None and problem.source is not None
    line = problem.source.text.splitlines()[problem.span.line - 1]
    assert line[problem.span.column - 1 :][: problem.span.length] == part
    assert line[: problem.span.column - 1].endswith(text[: text.rindex(part)])


# Fields, what is underlined, the message, the help.
MISTAKEN = [
    ("state: {h: m}\nstep: {y: x[t]}", "{y: x[t]}", "the state h has no equation under step", 'add h: "..." to step'),
    ("state: {h: m, c: m}\nstep: {h: c + y, c: h[t-1] + y, y: sum(h)}", "h",
     "h needs c needs y needs h in the same step", None),
    ("state: {h: m}\nstep: {h: y[t-1], y: h}", "y[t-1]", "y is no state, so y[t-1] is not remembered",
     "write it under state too, with its size: state: {y: ...}"),
    ("state: {h: k}\nstep: {h: h[t-1]}", "k", 'the size "k" has no value', "define it: let: {k: 8}"),
    ("state: {h: m}\nweights: {W-c: [m, m]}\nstep: {h: h[t-1]}", "W-c", '"W-c" cannot be the name of a weight',
     "write W_c"),
    ("state: {h: m}\nweights: {x: m}\nstep: {h: 1}", "x", '"x" is the input and cannot be the name of a weight', ""),
    ("state: {tanh: m}\nstep: {tanh: 1}", "tanh", '"tanh" means something else and cannot be the name of a state', ""),
    ("state: {h: m}\nstep: {h: h[t-1], output: h}", "output",
     '"output" means something else and cannot be the name of an equation', ""),
    ("state: {h: m}\nweights: {h: [m]}\nstep: {h: h[t-1]}", "h", "h is a state already", ""),
    ("state: {h: m}\nweights: {b: m}\nstep: {h: h[t-1], b: 1}", "1", "b is a weight already", ""),
    ("state: {h: 0}\nstep: {h: 1}", "0", "the sizes of h must be whole numbers of at least 1, not 0", ""),
    ("state: {h: [m, 2.5]}\nstep: {h: 1}", "2.5", "the sizes of h must be whole numbers of at least 1, not 2.5", ""),
    ("state: {h: [m, 2 * k]}\nstep: {h: 1}", "k", 'unknown name "k"', "known names: m"),
    ("state: h\nstep: {h: 1}", "h", "state must be names with sizes", "write state: {h: 8}"),
    ("state: {h: m}\nstep: {h: [h, x]}", "[h, x]", "the equation of h is no text", 'write h: "concat(h, x)"'),
    ("state: {h: m}\nstep: 1", "1", "step must be names with equations", FORM),
    ("state: {h: m}\nstep:\n  - h[t-1] + 1", "h[t-1] + 1", '"h[t-1] + 1" is no equation: it has no "="', FORM),
    ("state: {h: m}\nstep: {h[t-1]: 1}", "h[t-1]", 'an equation says what h[t] is, not "h[t-1]"', "write h"),
    ("state: {h: m}\nstep: {h: h[t-1]}\noutput: g", "g", 'output names "g", but step has no equation of that name',
     "step has h"),
    ("state: {}\nstep: {h: 1}", "{}", "state names what is remembered: {h: 8}", FORM),
    ("state: {h: m}", None,
     'Recurrent needs step (an equation for each state, and others: {h: "tanh(W @ h[t-1] + U @ x[t])"}); ' + FORM, ""),
    ("state: {h: m}\nstep: {h: h[t-1]}\ninputs: [h]", "[h]", "h is an input already", ""),
    ("state: {h: m}\nstep: {h: h[t-1]}\ncontext: [c, c]", "[c, c]", "context is a list of names, each once",
     "context: [z]"),
    ("state: {h: m}\nstep: {h: h[t-1] + c}\ncontext: [c]", None, "Recurrent reads x, c: 2 inputs, 1 given",
     "inputs: [z] and context: [c] name further ones, from: [a, b, c] brings them"),
    ("state: {h: m}\nstep: {h: h[t-1]}\nstates: {h: 3}", "states", 'Recurrent has no option "states"',
     "did you mean state?"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "part", "message", "help"), MISTAKEN)
def test_a_mistake_in_the_fields(cell: str, part: str | None, message: str, help: str | None) -> None:
    net = network(cell)
    with pytest.raises(SpecError) as caught:
        net.report()
    (problem,) = caught.value.problems
    assert problem.message == f"rnn: {message}"
    if help is not None:
        assert problem.help == ((help,) if help else ())
    assert problem.span is not None and problem.source is not None
    line = problem.source.text.splitlines()[problem.span.line - 1]
    if part is not None:
        assert line[problem.span.column - 1 :][: problem.span.length] == part


def test_an_equation_cannot_run_deep() -> None:
    message = "too many operations inside each other"
    with pytest.raises(SpecError, match=message):
        one("x[t] + " * 400 + "x[t]").report()
    with pytest.raises(SpecError, match=message):
        one("tanh(" * 40 + "x[t]" + " + 1" * 140 + ")" * 40).report()


def test_an_image_is_no_sequence() -> None:
    with pytest.raises(SpecError) as caught:
        one("h[t-1]", input="[7]").report()
    (problem,) = caught.value.problems
    assert problem.message == "rnn: Recurrent takes [T, n], but gets [7]"
    assert problem.help == ("a sequence is [length, features]: [7, 1] for one number a step",)
