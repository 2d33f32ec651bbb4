"""`docs/notebook.ipynb`, run cell by cell in a kernel of its own, and what its cells show."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient", reason='no notebooks: pip install "cnncalc[test]"')
pytest.importorskip("ipykernel", reason='no notebooks: pip install "cnncalc[test]"')
NOTEBOOK = Path(__file__).resolve().parent.parent / "docs" / "notebook.ipynb"


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """What each cell of code shows, by kinds of its output."""
    import json

    import nbformat

    data = tmp_path_factory.mktemp("jupyter")
    kernel = data / "kernels" / "tested"
    kernel.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": command, "display_name": "tested", "language": "python"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(data))
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        nbclient.NotebookClient(notebook, kernel_name="tested", timeout=120).execute()
    return [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]


def data(outputs):
    return outputs[-1].data


def test_a_network_shows_its_picture_table_formula_and_cost(shown):
    picture, table, parts, formula, cost, share = shown[:6]
    assert data(picture)["image/svg+xml"].lstrip().startswith("<svg")
    assert "61,706" in data(table)["text/html"] and "<table" in data(table)["text/html"]
    assert "cnncalc.Row conv1" in data(parts)["text/plain"] and "61706 params" in data(parts)["text/plain"]
    assert "<math" in data(formula)["text/html"] and "text/markdown" in data(formula)
    assert "<table" in data(cost)["text/html"]
    assert float(data(share)["text/plain"]) == pytest.approx(48120 / 61706)  # 400 * 120 + 120 of all


def test_a_mistake_is_shown_at_its_place(shown):
    error = shown[6][-1]
    assert error.output_type == "error" and error.ename == "SpecError"
    lines = "\n".join(error.traceback)
    assert lines.startswith("error[") and "^" in lines and "5408" in lines and "Traceback" not in lines


def test_a_search_is_a_table(shown):
    assert "<table" in data(shown[7])["text/html"]


def test_it_is_kept_without_what_it_showed():
    import nbformat

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert all(not cell.outputs for cell in notebook.cells if cell.cell_type == "code")
