"""The layer that CONTRIBUTING.md adds is one that the package would take."""

from __future__ import annotations

import importlib.util
import re
import textwrap
from pathlib import Path
from typing import Any

import dependence
import pytest

import cnncalc
from cnncalc import layers
from cnncalc.core.number import prod
from cnncalc.execute import kernel
from cnncalc.grading.mistakes import weights
from cnncalc.layers.examples import example

ROOT = Path(__file__).resolve().parent.parent
HEADER = """\
from collections.abc import Iterator
from typing import Any

import numpy as np

from cnncalc.execute.kernel import Array, Weights, kernel
from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Shape
from cnncalc.core.option import real

"""


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The class of the page, with its kernel, as long as the test lasts."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    blocks = [re.sub(r"^   ", "", block, flags=re.M) for block in re.findall(r"```python\n(.*?)```", page, re.S)]
    path = tmp_path / "added.py"
    path.write_text(HEADER + "\n\n".join(blocks), encoding="utf-8")
    monkeypatch.setattr(kernel, "_known", dict(kernel._known))
    spec = importlib.util.spec_from_file_location("added", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = module.GlobalResponseNorm
    monkeypatch.setitem(layers._found, ("GlobalResponseNorm", "pytorch"), found)
    monkeypatch.setitem(layers._table(), layers.fold("GlobalResponseNorm"), ("added", "GlobalResponseNorm"))
    return found


def test_the_layer_of_the_page(added: Any) -> None:
    text = example(added)
    assert text == "8x32x32 -> GlobalResponseNorm"
    network = cnncalc.load(text)
    assert network.run().confirmed
    report = network.report()
    assert report.totals.params == 16
    case = dependence.of_row(report, report.rows[0].name, "GlobalResponseNorm")
    assert dependence.wrong(case, dependence.said(case)) == []
    assert (added.definition(), added.saves) == ("Woo et al. 2023 (ConvNeXt V2).", "input")


def test_the_mistake_of_the_page() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```text\n(.*?)```", page, re.S)
    names = dict(vars(weights))
    exec(textwrap.dedent(block), names)
    (made,) = names["filters_squared"](cnncalc.load("3x8x8 -> Conv2d(3, 5, 3)").report().rows[0])
    assert [weight.name for weight in made.weights] == ["weight", "bias"]
    assert sum(prod(weight.shape) for weight in made.weights) == 5 * 5 * 3 * 3 + 5


def test_the_declarations_of_the_page_are_those_of_a_layer() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table, _, rest = page.partition("and these if they apply")
    named = re.findall(r"^   \| ((?:`\w+`[, or]*)+) \|", table, re.M)
    words = {word for cell in named for word in re.findall(r"`(\w+)`", cell)}
    words |= {word for word in re.findall(r"`(\w+)`", rest.partition("A declaration that")[0]) if word != "takes"}
    assert words >= {"example", "torch", "origin", "receptive", "saves", "view", "carries", "chooses", "keras"}
    assert [word for word in sorted(words) if not hasattr(layers.Layer, word)] == []
