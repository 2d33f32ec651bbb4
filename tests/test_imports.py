"""Modules and folders import in one direction, for types and inside functions too; the page on the layout is true."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from imports import ROOT, circles, imports, modules, running

from cnncalc.web.site import APART
from tests.folders import arrows, direct, drawn, folder_of, reached


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


def test_the_page_without_a_server_leaves_out_what_it_never_imports() -> None:
    graph = imports()
    assert reached(arrows(graph), "web").isdisjoint(APART), "cnncalc/web/site.py: APART"
    found = [f"{name} imports {other}" for name in graph for other in graph[name] if other.split(".")[1:2] == ["cli"]]
    assert [one for one in found if not one.startswith(("cnncalc.cli", "cnncalc.__main__"))] == []


def backwards(of: dict[str, dict[str, list[str]]]) -> list[str]:
    """The imports between folders of which each leads to the other."""
    return [
        import_
        for here, others in of.items()
        for there, found in others.items()
        if here in reached(of, there)
        for import_ in found
    ]


def test_folders_import_in_one_direction() -> None:
    of = arrows(imports())
    assert len(of) > 20 and {"core", "expression", "network"} <= reached(of, "cost")
    assert backwards(of) == [], "folders import one another: move what both need into the lower one, or hand it over"


@pytest.mark.parametrize(
    ("module", "other", "seen"),
    [
        ("cnncalc.core.number", "cnncalc.symbolic.dimension", "cnncalc.symbolic.dimension imports cnncalc.core.number"),
        ("cnncalc.layers.conv", "cnncalc.network.graph", "cnncalc.network.build imports cnncalc.layers"),
        ("cnncalc.network.graph", "cnncalc.execute.run", "cnncalc.execute.run imports cnncalc.network.graph"),
        ("cnncalc.read.yaml.value", "cnncalc.read.resolve", "cnncalc.spec.model imports cnncalc.read.yaml.value"),
        ("cnncalc.render.text", "cnncalc.pages.shapes", "cnncalc.pages.run imports cnncalc.render.array"),
    ],
)
def test_a_planted_arrow_is_seen(module: str, other: str, seen: str) -> None:
    graph = imports()
    assert module in graph and other in graph
    graph[module] = {*graph[module], other}
    found = backwards(arrows(graph))
    assert f"{module} imports {other}" in found and seen in found


def test_the_diagram_of_the_layout_is_true() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    of = arrows(imports())
    shown = drawn(text)
    assert {name for arrow in shown for name in arrow} == {*of}, "docs/architecture.md: python -m tests.folders"
    assert shown == direct(of), "docs/architecture.md: the diagram is printed by python -m tests.folders"
    table = text.partition("| folder | question |")[2].partition("\n## ")[0]
    missing = [name for name in of if not re.search(rf"`{name}(/|\.py)`", table)]
    assert missing == [], "docs/architecture.md: a row of the table for each folder"


def test_paths_in_the_pages_exist() -> None:
    """`core/window.py` and the like name files of the package, of the tests, or of the repository."""
    lost = []
    for page in [*(ROOT / "docs").glob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "README.md"]:
        text = page.read_text("utf-8")
        roots = (ROOT, ROOT / "cnncalc", ROOT / "cnncalc" / "execute")
        paths = [path for path in re.findall(r"`([\w/]+\.py)`", text) if "/" in path and "NAME" not in path]
        lost += [f"{page.name}: {path}" for path in paths if not any((root / path).is_file() for root in roots)]
        lost += [f"{page.name}: {dotted}" for dotted in re.findall(r"`[a-z]+(?:\.[a-z_]+)+\.py`", text)]
    assert lost == []


# The folders that import each library when they run; imports for types are not counted, and threadpoolctl is imported
# by its name.
LIBRARIES = {
    "autograd": {"execute"},
    "latex2mathml": {"render"},
    "lsprotocol": {"editor"},
    "onnx": {"read", "execute"},
    "pandas": {"api"},
    "pygls": {"editor"},
    "pypdfium2": {"diagram"},
    "pytest": {"pytest_plugin"},
    "reportlab": {"diagram"},
    "rich": {"render"},
    "sympy": {"symbolic"},
    "typer": {"cli"},
    "yaml": {"read.yaml"},
}


def test_each_library_is_imported_by_one_folder() -> None:
    found: dict[str, set[str]] = {}
    for name, path in modules(ROOT / "cnncalc").items():
        for module, _ in running(path.read_text(encoding="utf-8")):
            library = module.partition(".")[0]
            if library not in sys.stdlib_module_names | {"cnncalc", "numpy"}:
                found.setdefault(library, set()).add(folder_of(name).replace("/", "."))
    assert found == LIBRARIES, "docs/architecture.md: a library is imported by one folder, and tests/test_imports.py"


def test_each_dependency_has_its_reason_and_its_bound() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| ([\w-]+) \| (.*?) \|", text, re.M))
    declared = (ROOT / "pyproject.toml").read_text("utf-8").partition("\ndependencies = ")[2].partition("\n[project.s")
    needed = declared[0]
    for name, bound in re.findall(r'"([\w-]+)((?:[<>=][^"]*)?)"', needed):
        place = f"docs/dependencies.md: {name}{bound}"
        assert name in rows or re.search(rf"\b{name}\b", text), f"{place}: say what it is needed for"
        assert name not in rows or f"`{bound}`" in rows[name], f"{place}: the table has the bound {rows[name]}"
    for name in re.findall(r'"([\w-]+)', needed.partition("]")[0]):
        assert name in rows, f"docs/dependencies.md: write a row for {name}, with the reason for it"
