"""No modules import one another in a circle, not for types and not inside functions either."""

from __future__ import annotations

from pathlib import Path

import pytest
from imports import ROOT, circles, imports


def test_there_are_no_circles() -> None:
    graph = imports()
    assert len(graph) > 300 and graph["cnncalc.network.propagate"] >= {
        "cnncalc.network.report",
        "cnncalc.network.graph",
    }
    arrows = [
        f"{name} imports {other}"
        for together in circles(graph)
        for name in together
        for other in sorted(graph[name] & {*together})
    ]
    assert arrows == [], (
        "modules import one another: move what both need into a third, or hand a function over instead of importing it"
    )


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("from package import b\n", "import package.a\n"),
        ("from package.b import name\n", "def later():\n    from package import a\n"),
        (
            "from package.b import name\n",
            "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from package.a import Kind\n",
        ),
    ],
)
def test_a_planted_circle_is_seen(tmp_path: Path, a: str, b: str) -> None:
    package = tmp_path / "package"
    package.mkdir()
    for name, text in {"__init__": "", "a": a, "b": b, "c": "from package import a\n"}.items():
        (package / f"{name}.py").write_text(text, "utf-8")
    assert circles(imports(package)) == [["package.a", "package.b"]]
    (package / "b.py").write_text("import os\n", "utf-8")
    assert circles(imports(package)) == []


def test_a_circle_planted_in_the_package_is_seen() -> None:
    graph = imports(ROOT / "cnncalc")
    graph["cnncalc.core.number"] = {*graph["cnncalc.core.number"], "cnncalc.network.report"}
    (together,) = circles(graph)
    assert {"cnncalc.core.number", "cnncalc.core.layer", "cnncalc.network.report"} <= {*together}
