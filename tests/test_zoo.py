"""The bundled networks against figures that others have counted: tests/data/zoo.json says who."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.grading.check import check
from cnncalc.query.ask import scope, value_of

ROOT = Path(__file__).parent.parent
SPECS = sorted((ROOT / "specs").rglob("*.yaml"))
ZOO: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "zoo.json").read_text(encoding="utf-8"))
ABOUT = ZOO.pop("_about")
# Course sheets, whose numbers are the sheets': no one else has counted them.
OURS = {"section09", "gated_cell", "attention_rnn2", "recitation_rnn"}

# Counted by hand in the papers' figures: a sum or a join that is lost changes no number of parameters.
MERGES = {
    "resnet18": {"Add": 8},
    "resnet50": {"Add": 16},
    "resnet101": {"Add": 33},
    "resnet152": {"Add": 50},
    "densenet121": {"Concat": 58},
    "squeezenet1_0": {"Concat": 8},
    "mobilenet_v2": {"Add": 10},
    "googlenet": {"Concat": 9},
    "inception_v3": {"Concat": 15},
    "unet": {"Concat": 4},
    "unet_keras": {"Concatenate": 4},
    "convnext_tiny": {"Add": 18},
    "shufflenet_v2_x1_0": {"Concat": 16},
    "vit_b_16": {"Add": 24, "Concat": 1},
    "gpt2": {"Add": 24},
    "bert_base": {"Add": 25},
    "distilbert": {"Add": 12},
    "albert_base": {"Add": 25},
    "pythia_160m": {"Add": 24},
    "phi_2": {"Add": 64},
    "transformer_encoder": {"Add": 12},
    "transformer": {"Add": 30},
    "xception": {"Add": 12},
    "seresnet50": {"Add": 16, "Multiply": 16},
    "swin_t": {"Add": 24},
    "bart_base": {"Add": 30},
    "t5_small": {"Add": 30},
    "whisper_tiny": {"Add": 20},
    "llama2_7b": {"Add": 64, "Multiply": 32},
}


@cache
def report(name: str) -> cnncalc.Report:
    """The propagated network, once for all tests."""
    return cnncalc.load(name).report()


def test_there_are_specs() -> None:
    assert len(SPECS) >= 70, "specs/ is (almost) empty"
    assert len(ZOO) >= 70, "tests/data/zoo.json is (almost) empty"


def test_every_bundled_network_has_a_witness() -> None:
    bundled = {path.stem for path in SPECS if path.parent.name == "specs"} - OURS
    assert bundled == set(ZOO)
    assert all(entry["witness"] for entry in ZOO.values())


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_spec_is_as_it_says(path: Path) -> None:
    network = cnncalc.load(str(path))
    results = check(network, network.report())
    wrong = [f"{result.ask}: {result.expected_text}, found {result.actual}" for result in results if not result.ok]
    assert results, f"{path.name} expects nothing"
    assert not wrong


@pytest.mark.parametrize("name", ZOO)
def test_counts_are_the_witness_s(name: str) -> None:
    totals, entry = report(name).totals, ZOO[name]
    found = {
        "params": totals.params,
        "macs": totals.macs,
        "gmacs": rounded(totals.macs, 9, entry.get("gmacs")),
        "mmacs": rounded(totals.macs, 6, entry.get("mmacs")),
        "params_M": rounded(totals.params, 6, entry.get("params_M")),
    }
    wanted = {key: entry[key] for key in found if key in entry}
    assert wanted, "the witness counted nothing"
    assert {key: found[key] for key in wanted} == wanted


def rounded(count: Any, power: int, written: str | None) -> str | None:
    """A count in millions or billions, with as many digits as the figure it is compared with."""
    if written is None:
        return None
    digits = len(written.partition(".")[2])
    return f"{round(count / 10**power, digits):.{digits}f}"


@pytest.mark.parametrize("name", [name for name, entry in ZOO.items() if "shapes" in entry])
def test_stages_have_the_witness_s_shapes(name: str) -> None:
    names = scope(cnncalc.load(name), report(name))
    wanted = ZOO[name]["shapes"]
    found = {entry: [int(n) for n in value_of(f"{entry}.shape", names)] for entry in wanted}
    assert found == wanted


@pytest.mark.parametrize("name", MERGES)
def test_sums_and_joins_are_there(name: str) -> None:
    kinds = [row.type for row in report(name)]
    assert {kind: kinds.count(kind) for kind in MERGES[name]} == MERGES[name]


def test_a_wrong_figure_is_noticed() -> None:
    text = (ROOT / "specs" / "lenet5.yaml").read_text(encoding="utf-8")
    network = cnncalc.loads(text.replace("total.params: 61_706", "total.params: 61_707"))
    assert [result.ask for result in check(network, network.report()) if not result.ok] == ["total.params"]


def test_a_family_is_one_spec_with_other_constants() -> None:
    thin = cnncalc.load("resnet50").report(blocks=[3, 4, 23, 3]).totals
    assert (thin.params, thin.macs) == (ZOO["resnet101"]["params"], ZOO["resnet101"]["macs"])
    with pytest.raises(cnncalc.SpecError):
        cnncalc.load("resnet50").report(block=[3, 4, 23, 3])
