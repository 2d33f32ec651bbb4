"""States and gates by step, and what attention makes on its way: as ports in expressions, on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnncalc
from cnncalc.cli.app import main
from cnncalc.grading.check import check
from cnncalc.query.ask import ask, scope

DATA = Path(__file__).parent / "data"
CASES: list[dict[str, Any]] = json.loads((DATA / "steps.json").read_text(encoding="utf-8"))
SPEC = """
input: [4, 3]
layers:
  - lstm: LSTM(3, 2, num_layers=2, bidirectional=True)
  - gru: GRU(4, 2)
"""


def network(case: dict[str, Any]) -> Any:
    shape = list(np.shape(case["values"]["input"]))
    spec = {"input": shape, "convention": case["convention"], "layers": [{"layer": case["layer"]}]}
    return cnncalc.from_dict({**spec, "values": case["values"]})


def names(text: str) -> Any:
    loaded = cnncalc.loads(text)
    report = loaded.report()
    found = scope(loaded, report)
    return lambda asked: ask(loaded, report, asked, found)


@pytest.mark.parametrize("case", CASES, ids=[f"{at}: {case['layer']}" for at, case in enumerate(CASES)])
def test_recorded(case: dict[str, Any]) -> None:
    """Values and gradients are those of a walk by hand in PyTorch and Keras."""
    loaded = network(case)
    report = loaded.report()
    found = scope(loaded, report)
    keras = case["convention"] == "keras"
    np.testing.assert_allclose(
        ask(loaded, report, "output", found), case["output"], rtol=0, atol=1e-6 if keras else 1e-13
    )
    for name, expected in case["inside"].items():
        assert ask(loaded, report, f"layer.{name}.shape", found) == list(np.shape(expected))
        np.testing.assert_allclose(ask(loaded, report, f"layer.{name}", found), expected, rtol=0, atol=1e-13)
    for name, expected in case.get("gradients", {}).items():
        actual = ask(loaded, report, f"gradient(layer.{name})", found)
        np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-12, err_msg=name)
    if "jacobian" in case:
        of, by, expected = case["jacobian"]
        np.testing.assert_allclose(ask(loaded, report, f"jacobian({of}, {by})", found), expected, rtol=0, atol=1e-12)


def test_shapes_are_not_executed() -> None:
    from cnncalc.query.scope import NetworkScope

    loaded = cnncalc.loads(SPEC)
    report = loaded.report()

    def never() -> Any:
        raise AssertionError("executed")

    found = NetworkScope(report, never)
    assert ask(loaded, report, "lstm.c_l1_reverse.shape", found) == [4, 2]
    assert ask(loaded, report, "gradient(gru.z).shape", found) == [4, 2]
    assert ask(loaded, report, "jacobian(gru.h[2], gru.h[0]).shape", found) == [2, 2]


def test_shapes_in_free_dimensions() -> None:
    value = names("symbols: [T, n, m]\ninput: [T, n]\nlayers: [{lstm: 'LSTM(n, m)'}]")
    assert [str(size) for size in value("lstm.f.shape")] == ["T", "m"]


def test_states_are_the_output() -> None:
    value = names(SPEC)
    assert value("gru.h == gru.output") is True
    assert value("lstm.h_l1[1]") == value("lstm.output[1, :2]")
    assert value("lstm.h_l1_reverse[1]") == value("lstm.output[1, 2:]")
    assert value("lstm.c[-1]") == value("lstm.c_n[0]")
    assert value("lstm.c_reverse[0]") == value("lstm.c_n[1]")
    assert value("lstm.f_l0") == value("lstm.f")
    assert value("lstm.f_l0_reverse") == value("lstm.f_reverse")


def test_ports_of_the_document_stay() -> None:
    rows = cnncalc.loads(SPEC).report().to_dict()["layers"]
    assert [row["ports"] for row in rows] == [{"h_n": [4, 2], "c_n": [4, 2]}, {"h_n": [1, 2]}]


def test_nothing_of_it_is_computed_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    from cnncalc.execute import inside

    real, asked = inside.computed, []

    def computed(row: Any, weights: Any, xs: Any, names: Any = ()) -> Any:
        asked.append(sorted(names))
        return real(row, weights, xs, names)

    monkeypatch.setattr(inside, "computed", computed)
    run = cnncalc.loads(SPEC).run()
    assert asked == [[], []]
    assert run["gru.z"].shape == (1, 4, 2)
    assert asked[2:] == [["h", "n", "r", "z"]]
    run["gru.n"], run["gru.h"]
    assert len(asked) == 3


def test_expected_and_checked() -> None:
    text = SPEC + "expect: {gru.h[1]: [1, 2], lstm.c.shape: [4, 2]}\n"
    loaded = cnncalc.loads(text)
    results = check(loaded, loaded.report())
    assert [(result.ask, result.ok) for result in results] == [("gru.h[1]", False), ("lstm.c.shape", True)]


def test_shown_and_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec, saved = tmp_path / "net.yaml", tmp_path / "out.npz"
    spec.write_text(SPEC, encoding="utf-8")
    assert main(["run", str(spec), "--show", "lstm.f,gru.z", "--batch", "2", "--save", str(saved), "-f", "json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["arrays"]) == ["lstm.f", "gru.z"]
    with np.load(saved) as arrays:
        assert {name: arrays[name].shape for name in arrays.files} == {"lstm.f": (2, 4, 2), "gru.z": (2, 4, 2)}
    assert main(["run", str(spec), "--show", "all", "-f", "json"]) == 0
    shown = list(json.loads(capsys.readouterr().out)["arrays"])
    assert shown[:9] == ["input", "lstm", *(f"lstm.{name}" for name in ("h_n", "c_n", "h", "c", "i", "f", "g"))]
    assert {"lstm.o_l1_reverse", "gru.h_n", "gru.r", "gru.z", "gru.n", "gru.weight_ih_l0"} <= set(shown)
    assert (
        main(["run", "3x4 -> att: Attention(4) -> mha: MultiheadAttention(4, 2)", "--show", "all", "-f", "json"]) == 0
    )
    shown = list(json.loads(capsys.readouterr().out)["arrays"])
    for layer in ("att", "mha"):
        assert {f"{layer}.{name}" for name in ("query", "key", "value", "scores", "attention")} <= set(shown)


def test_a_layer_may_take_them(capsys: pytest.CaptureFixture[str]) -> None:
    text = """
input: [4, 3]
layers:
  - lstm: LSTM(3, 2)
  - last: Select(1, -1)
    from: lstm.c
  - fc: Linear(2, 5)
"""
    loaded = cnncalc.loads(text)
    run = loaded.run()
    assert run.confirmed
    np.testing.assert_array_equal(run["last"], run["lstm.c_n"][:, 0])
    value = names(text)
    assert value("gradient(lstm.c)[3]") == pytest.approx(value("gradient(last)"), abs=1e-15)
    from cnncalc.execute.gradient import gradcheck

    assert all(result.ok for result in gradcheck.check(run))


def test_unknown_ones_are_refused() -> None:
    with pytest.raises(cnncalc.SpecError) as caught:
        cnncalc.loads("input: [4, 3]\nlayers: [{rnn: 'RNN(3, 2)'}, {Identity: , from: rnn.c}]").report()
    problem = caught.value.problems[0]
    assert (problem.code, problem.message) == ("unknown-port", 'identity_1: rnn has no output "c"')
    assert list(problem.help) == ["its outputs are output, h_n, h"]
    with pytest.raises(cnncalc.SpecError, match=r'rnn has no "c"'):
        names("input: [4, 3]\nlayers: [{rnn: 'RNN(3, 2)'}]")("rnn.c")


def test_through_time_of_both_directions(capsys: pytest.CaptureFixture[str]) -> None:
    """Backwards the last state is the first of the sequence."""
    chain = "5x3 -> rnn: GRU(3, 2, bidirectional=True)"
    assert main(["run", chain, "--through-time", "rnn", "-f", "json"]) == 0
    there, back = json.loads(capsys.readouterr().out)["through_time"]
    assert [(item["state"], item["last"]) for item in (there, back)] == [("rnn.h", 4), ("rnn.h_reverse", 0)]
    loaded = cnncalc.load(chain)
    report = loaded.report()
    jacobian = ask(loaded, report, "jacobian(rnn.h_reverse[0], rnn.h_reverse[3])", scope(loaded, report))
    assert back["norms"][3] == pytest.approx(np.linalg.norm(jacobian, 2))


def test_keras_states(capsys: pytest.CaptureFixture[str]) -> None:
    chain = "5x3 -> b: Bidirectional(LSTM(2))"
    assert main(["run", chain, "--through-time", "b", "-f", "json"]) == 0
    found = json.loads(capsys.readouterr().out)["through_time"]
    assert [item["state"] for item in found] == ["b.forward_h", "b.forward_c", "b.backward_h", "b.backward_c"]


def test_cells_and_parts_of_an_output() -> None:
    value = names("input: [3]\nlayers: [{cell: 'GRUCell(3, 2)'}]")
    assert value("cell.h") == value("cell.output") == [value("cell[0]"), value("cell[1]")]
    assert value("(1 - cell.z) * cell.n") == pytest.approx(value("cell.h"), abs=1e-15)
    assert names(SPEC)("gru[2]") == names(SPEC)("gru.h[2]")


def test_what_is_asked_for_keeps_within_the_memory_limit(capsys: pytest.CaptureFixture[str]) -> None:
    """What a layer makes on its way is no part of the estimate: it is held against the limit when it is made."""
    from cnncalc.execute.memory import estimate
    from cnncalc.execute.run import execute

    report = cnncalc.load("2000x4 -> lstm: LSTM(4, 500)").report()
    run = execute(report, keep="all", memory_limit=estimate(report, dtype="float64", keep="all"))
    size = (2000 * 500 + 2 * 500) * 8  # one array alone, and the states that are kept
    run.memory_limit = size - 1
    with pytest.raises(cnncalc.SpecError) as caught:
        run.value((1, "f"))
    (problem,) = caught.value.problems
    assert problem.code == "too-much-memory"
    assert problem.message == "lstm.f takes about 8.01 MB of memory, more than the limit of 8.01 MB"
    run.memory_limit = size
    assert run.value((1, "f")).shape == (1, 2000, 500)
