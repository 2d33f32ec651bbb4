"""Bundled language models compute what transformers computes: recorded outputs of small networks of each family.

`python -m tests.record_transformers`, where transformers is installed, records anew. Nothing here needs it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers_cases import CASES, IDS, TYPES, numbers, recorded

import cnncalc
from cnncalc.cli.app import main

RECORDED = recorded()["cases"]
NEAR = 1e-9
LENGTH = {"gpt2": {}}


def given(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings of a case, and the arrays that it gives."""
    said = RECORDED[name]
    theirs = {other: numbers(other, tuple(shape)) for other, shape in said["shapes"].items()}
    arrays: dict[str, Any] = dict(CASES[name].ours(said["config"], theirs))
    if name == "bert":
        arrays |= {"tokens": np.array(IDS), "token_types": np.array(TYPES)}
    else:
        arrays["input"] = np.array(IDS)
    return LENGTH.get(name, {"length": len(IDS)}), arrays


def network(name: str, tmp_path: Path) -> str:
    """NET: a bundled name, or the file of a spec."""
    if "\n" not in CASES[name].network:
        return CASES[name].network
    path = tmp_path / "net.yaml"
    path.write_text(CASES[name].network, encoding="utf-8")
    return str(path)


def settings(name: str, tmp_path: Path) -> str:
    """The configuration as a file."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(RECORDED[name]["config"]), encoding="utf-8")
    return str(path)


def apart(made: Any, wanted: Any) -> float:
    made, wanted = np.asarray(made), np.asarray(wanted)
    assert made.shape == wanted.shape
    return float(np.abs(made - wanted).max())


def test_every_case_is_recorded() -> None:
    assert list(RECORDED) == list(CASES)


@pytest.mark.parametrize("name", CASES)
def test_outputs(name: str, tmp_path: Path) -> None:
    """The spec at that size, set by the configuration that transformers wrote, gives the same numbers."""
    settings_, arrays = given(name)
    net = cnncalc.load(network(name, tmp_path), settings_, [settings(name, tmp_path)])
    report = net.report()
    held = {f"{row.name}.{weight.name}" for row in report.rows for weight in row.own}
    assert held == arrays.keys() - {"input", "tokens", "token_types"}
    assert [note.message for note in net.notes if note.severity == "warning"] == []
    made = net.run(values=arrays, dtype="float64")["output"][0]
    assert apart(made, RECORDED[name]["output"]) < NEAR
    assert report.totals.params == sum(int(np.prod(shape)) for shape in RECORDED[name]["shapes"].values())


def test_the_order_of_the_tokens_is_seen(tmp_path: Path) -> None:
    """Without positions the last token's output would be the same however those before it stand."""
    for name in ("llama", "pythia", "qwen2", "bloom"):
        settings_, arrays = given(name)
        net = cnncalc.load(network(name, tmp_path), settings_, [settings(name, tmp_path)])
        turned = {**arrays, "input": np.array([*IDS[-2::-1], IDS[-1]])}
        last = [net.run(values=values, dtype="float64")["output"][0, -1] for values in (arrays, turned)]
        assert apart(*last) > 1e-3


def test_the_command(tmp_path: Path, capsys: Any) -> None:
    """`run --set-file --set --values --save`, as a user types it."""
    name = "llama, every head its own, biases, tied"
    _, arrays = given(name)
    np.savez(tmp_path / "values.npz", **arrays)
    words = ["run", CASES[name].network, "--set-file", settings(name, tmp_path), "--set", f"length={len(IDS)}"]
    words += ["--values", str(tmp_path / "values.npz"), "--dtype", "float64", "--save", str(tmp_path / "out.npz")]
    assert main(words) == 0
    assert "warning" not in capsys.readouterr().err
    with np.load(tmp_path / "out.npz") as saved:
        assert apart(np.squeeze(saved["output"]), RECORDED[name]["output"]) < NEAR
