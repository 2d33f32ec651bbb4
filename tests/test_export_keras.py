"""Code for Keras is what Keras has run: its figures are recorded with the code's hash, so that it cannot drift.

`KERAS_BACKEND=torch python -m tests.record_export_keras` records anew. Nothing here needs Keras.
"""

from __future__ import annotations

import ast
import hashlib
import json
import lzma
from functools import cache
from pathlib import Path
from typing import Any

from export_cases import networks

import cnncalc
from cnncalc.bundled import bundled
from cnncalc.export.keras import file as keras_file
from cnncalc.export.targets import Request

DATA = Path(__file__).parent / "data" / "export_keras.json.xz"


@cache
def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lzma.decompress(DATA.read_bytes()))
    return found


def test_the_code_and_the_figures_are_those_that_were_recorded() -> None:
    wrong = {}
    for name, network in networks():
        said = recorded()[name]
        try:
            report = network.report()
            text = str(keras_file.write(report, network.spec, Request()).content)
        except cnncalc.SpecError as error:
            if said.get("refused") != [problem.message for problem in error.problems][:3]:
                wrong[name] = "refused"
            continue
        ast.parse(text)
        if hashlib.sha256(text.encode()).hexdigest() != said.get("sha256"):
            wrong[name] = "the code is another one: record it again"
    assert wrong == {}


def test_bundled_networks_are_written() -> None:
    assert [name for name in bundled() if "refused" in recorded()[name]] == []
    assert [name for name in bundled() if "params" not in recorded()[name]] == [], "not made by Keras yet"


def test_keras_gives_our_numbers() -> None:
    checked = {name: said["apart"] for name, said in recorded().items() if "apart" in said}
    assert len(checked) > 100
    assert {name: apart for name, apart in checked.items() if not apart <= 1e-5} == {}
    assert {name: said["error"] for name, said in recorded().items() if "error" in said} == {}


def test_what_is_read_again_gives_the_same_report() -> None:
    assert {name: said["read"] for name, said in recorded().items() if isinstance(said.get("read"), str)} == {}
    wrong = {}
    for name, network in networks():
        read = recorded()[name].get("read")
        if isinstance(read, list):
            report = network.report()
            statistics = sum(
                held.shape[0] for row in report.rows for held in row.facts.buffers if held.name.startswith("running_")
            )
            mine = [report.totals.params + statistics, report.totals.macs, list(report.output_shape)]
            if mine != read:
                wrong[name] = (mine, read)
    assert wrong == {}
