"""Helpers beside the tests can be imported by their own names; fixtures that several files use."""

import gc
import os
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings

# A test fails by what it finds, not by how long it takes.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

sys.path.insert(0, str(Path(__file__).parent))

# Where tests run side by side, threads of BLAS would only wait for each other, and take more than half of the
# processors' time for it. `test_execute_specs.py` runs networks with two threads.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Files that take long: they execute networks, run commands in processes of their own, or search. `-m "not slow"` leaves
# them out.
SLOW = (
    "fuzz", "test_algebra", "test_answers", "test_bounds", "test_cache", "test_chance", "test_class",
    "test_classroom_answers", "test_completion", "test_contract", "test_course", "test_diagnose", "test_docs",
    "test_draw", "test_environment", "test_execute", "test_execute_specs", "test_exercise", "test_export",
    "test_export_again", "test_export_keras", "test_export_onnx", "test_free_work", "test_gradient", "test_grading",
    "test_guesses", "test_homework", "test_homework_answers", "test_html_pages", "test_huggingface",
    "test_huggingface_drawn", "test_idle_options", "test_import", "test_jacobian", "test_keras_cases", "test_kernels",
    "test_kernels_textbook", "test_kinds", "test_latex", "test_lsp", "test_messy", "test_messy_sheets",
    "test_onnx_operators", "test_pictures", "test_pitfalls_public", "test_pitfalls_sequence", "test_pitfalls_windows",
    "test_problem_pages", "test_properties", "test_pytest_plugin", "test_read_exchange", "test_read_python",
    "test_readings", "test_receptive", "test_receptive_layers", "test_report_page", "test_schema", "test_serve",
    "test_site", "test_sizes", "test_solve", "test_solve_groups", "test_source", "test_specs_totals", "test_startup",
    "test_structure", "test_symbolic", "test_terminal", "test_torch_cases", "test_torch_cases_sequence",
    "test_unflattened", "test_written_answers", "test_zoo",
)  # fmt: skip

# What opens a browser, or makes what only a browser sees.
BROWSER = {"chromium", "site", "context"}


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    slow = {path for path in {item.path for item in items} if path.relative_to(here).with_suffix("").parts[0] in SLOW}
    for item in items:
        if item.path in slow:
            item.add_marker(pytest.mark.slow)
        if BROWSER & set(item.fixturenames):
            item.add_marker(pytest.mark.browser)


def pytest_collection_finish():
    """What was collected stays until the end: the collector need not go through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_xdist_auto_num_workers(config):
    """One process more than there are processors: many tests wait for processes that they start."""
    return (os.cpu_count() or 1) + 1


class Outcome(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


@pytest.fixture
def call(capsys):
    """Run a command in this process: status, standard output, standard error."""
    from cnncalc.cli.app import main

    def run(*argv):
        capsys.readouterr()
        status = main(list(argv))
        return Outcome(status, *capsys.readouterr())

    return run


@pytest.fixture
def spec(tmp_path):
    """Write a spec and give its path."""

    def write(text, name="net.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def one_network(monkeypatch):
    """What mistakes give for a question is worked out once for all specs of one network, as it is for all sheets."""
    from cnncalc.grading import diagnose

    made = {}

    def table_of(text, names, most, of=diagnose.table_of):
        key = (text, *((row.name, row.call, row.facts.inputs) for row in names.report.rows))
        if key in made:
            return made[key], 0
        table, spent = of(text, names, most)
        if table is None or not table.executes:  # arrays are the spec's own
            made[key] = table
        return table, spent

    monkeypatch.setattr(diagnose, "table_of", table_of)
