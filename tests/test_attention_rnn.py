"""AttentionRNN: against worked answers, a loop written by hand, and the same network written as a cell's equations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnncalc
from cnncalc.core.problem import SpecError
from cnncalc.layers.attention_rnn import AttentionRNN

PROBLEMS = {
    problem["id"]: problem
    for problem in json.loads((Path(__file__).parent / "data" / "seeds.json").read_text("utf-8"))["problems"]
}
random = np.random.default_rng(11)


def network(call: str, steps: int = 5, size: int = 3) -> cnncalc.network.network.Network:
    return cnncalc.loads(f"input: [{steps}, {size}]\nlayers:\n  - rnn: {call}\n")


def slots(k: int | str, given: dict[str, Any], x: Any) -> dict[str, list[Any]]:
    """Every step by hand: scores, attention weights and state."""
    past: list[Any] = [] if k == "all" else [np.zeros(x.shape[1])] * int(k)
    found: dict[str, list[Any]] = {"scores": [], "attention": [], "h": []}
    for row in x:
        s = [row, *past]
        own = [min(i, 1) if k == "all" else i for i in range(len(s))]
        scores = np.array([(given["Q"][i] @ v) @ (given["K"][i] @ v) for i, v in zip(own, s, strict=True)])
        weights = np.exp(scores) / np.exp(scores).sum()
        h = sum(a * (given["V"][i] @ v) for a, i, v in zip(weights, own, s, strict=True))
        for name, value in (("scores", scores), ("attention", weights), ("h", h)):
            found[name].append(value)
        past = [h, *past] if k == "all" else [h, *past][: int(k)]
    return found


def test_two_past_states() -> None:
    problem = PROBLEMS["001.1.3.def"]
    given, answers = problem["inputs"], problem["answers"]
    net = network("AttentionRNN(2)", 4, 2)
    row = net.report()["rnn"]
    assert (row.params, row.macs) == (answers["params_n2"], 4 * (9 * 2**2 + 6 * 2))
    assert row.weights == {"Q": (3, 2, 2), "K": (3, 2, 2), "V": (3, 2, 2)}
    assert row.ports == {"scores": (4, 3), "attention": (4, 3), "h": (4, 2)}
    run = net.run(values={"input": given["x"], **{f"rnn.{name}": given[name] for name in "QKV"}})
    for port, key in (("scores", "w"), ("attention", "a"), ("h", "h")):
        np.testing.assert_allclose(run[f"rnn.{port}"][0], answers[key], rtol=1e-10, atol=1e-12)
    np.testing.assert_array_equal(run["rnn"], run["rnn.h"])


def test_all_past_states() -> None:
    problem = PROBLEMS["001.1.3.4"]
    given, answers = problem["inputs"], problem["answers"]
    for call in ("AttentionRNN(all, 2)", 'AttentionRNN(k="all")', "{attention_rnn: {k: all, size: 2}}"):
        net = network(call, 4, 2)
        row = net.report()["rnn"]
        assert (row.params, row.macs) == (
            answers["example_cost"]["params_shared"],
            answers["example_cost"]["macs_naive"],
        )
        assert row.ports == {"scores": (4, 4), "attention": (4, 4), "h": (4, 2)}
        run = net.run(values={"input": given["x"], **{f"rnn.{name}": given[name] for name in "QKV"}})
        np.testing.assert_allclose(run["rnn"][0], answers["example_shared"]["h"], rtol=1e-10, atol=1e-12)
        for t, wanted in enumerate(answers["example_shared"]["a"]):
            np.testing.assert_allclose(run["rnn.attention"][0, t], wanted + [0] * (3 - t), rtol=1e-10)


@pytest.mark.parametrize("entry", PROBLEMS["001.1.3.3"]["answers"]["table"])
def test_parameters_and_costs_of_a_step(entry: dict[str, int]) -> None:
    row = network(f"AttentionRNN({entry['k']}, {entry['n']})", 7, entry["n"]).report()["rnn"]
    assert (row.params, row.macs) == (entry["params"], 7 * entry["macs_per_step"])
    assert sorted(row.ledger) == ["mix", "project", "scores"]


@pytest.mark.parametrize("k", [0, 1, 2, 4, 9, "all"])
def test_each_step_by_hand(k: int | str) -> None:
    sets = 2 if k == "all" else int(k) + 1
    given = {name: random.normal(size=(sets, 3, 3)) for name in "QKV"}
    x = random.normal(size=(5, 3))
    run = network(f"AttentionRNN({k})").run(
        values={"input": x, **{f"rnn.{name}": array for name, array in given.items()}}
    )
    assert run.confirmed, run.differences
    for port, rows in slots(k, given, x).items():
        for t, row in enumerate(rows):
            np.testing.assert_allclose(run[f"rnn.{port}"][0, t, : len(row)], row, rtol=1e-11, atol=1e-12)
            assert not run[f"rnn.{port}"][0, t, len(row) :].any()


def test_the_same_in_equations() -> None:
    text = """
input: [6, 3]
layers:
  - rnn: AttentionRNN(1)
    from: input
  - cell:
      recurrent:
        state: {h: 3}
        weights: {Q0: [3, 3], K0: [3, 3], V0: [3, 3], Q1: [3, 3], K1: [3, 3], V1: [3, 3]}
        step:
          scores: "[(Q0 @ x[t]) @ (K0 @ x[t]), (Q1 @ h[t-1]) @ (K1 @ h[t-1])]"
          attention: softmax(scores)
          h: attention[0:1] * (V0 @ x[t]) + attention[1:] * (V1 @ h[t-1])
    from: input
"""
    net = cnncalc.loads(text)
    given = {f"rnn.{name}": random.normal(size=(2, 3, 3)) for name in "QKV"}
    for name in "QKV":
        for slot in (0, 1):
            given[f"cell.{name}{slot}"] = given[f"rnn.{name}"][slot]
    run = net.run(values=given, batch=4)
    for port in ("scores", "attention", "h"):
        np.testing.assert_allclose(run[f"cell.{port}"], run[f"rnn.{port}"], rtol=1e-12, atol=1e-14)
    report = net.report()
    assert report["rnn"].params == report["cell"].params == 54
    # The products of weights and values are number by number in the equations, and a sum over slots in the layer.
    assert report["rnn"].macs - report["cell"].macs == report["rnn"].ledger["mix"] == 36


def test_the_bundled_network() -> None:
    row = cnncalc.load("attention_rnn2").report()["rnn"]
    assert row.params == 9 * 16**2


def test_formulas() -> None:
    fields: dict[str, Any] = {"k": 2}
    assert AttentionRNN(**fields).formulas() == [
        "s = x[t], h[t−1], h[t−2]",
        "w_i = (Q_i s_i)·(K_i s_i)",
        "a = softmax(w)",
        "h[t] = Σ a_i V_i s_i",
    ]
    assert AttentionRNN(k="all").formulas(tex=True) == [
        r"s_i = x_t, h_{t-1}, \dots, h_1",
        r"Q_i = Q_1 \text{ for } i \geq 1",
        r"w_i = (Q_i s_i) \cdot (K_i s_i)",
        r"a = \text{softmax}(w)",
        r"h_t = \sum_i a_i V_i s_i",
    ]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("AttentionRNN(-1)", "rnn: k must be a whole number of at least 0, or all, not -1"),
        ("AttentionRNN(some)", 'rnn: k must be a whole number of at least 0, or all, not "some"'),
        (
            "AttentionRNN()",
            "rnn: AttentionRNN needs k (how many past states each step attends to, or all); "
            "write AttentionRNN(k, size)",
        ),
        ("AttentionRNN(2, 4)", "rnn: AttentionRNN has size=4, but its input [5, 3] has n = 3"),
        ("AttentionRNN(2, heads=2)", 'rnn: AttentionRNN has no option "heads"'),
    ],
)
def test_mistakes(call: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        network(call).report()
    assert [problem.message for problem in caught.value.problems] == [message]
