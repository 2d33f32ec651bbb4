"""A command imports only what it needs, and the check of that can fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent
HEAVY = {"numpy", "sympy", "rich", "torch", "onnx"}

SPY = """
import sys
{plant}
from cnncalc.cli.app import main
status = main(sys.argv[1:])
roots = {{name.partition(".")[0] for name in sys.modules}}
print(status, *sorted(roots & {heavy!r}), file=sys.stderr)
"""


def imported(*argv: str, plant: str = "") -> tuple[int, set[str]]:
    """The status of a command and the heavy packages that it imported."""
    code = SPY.format(plant=plant, heavy=HEAVY)
    env = {**os.environ, "PYTHONPATH": str(HERE)}
    done = subprocess.run([sys.executable, "-c", code, *argv], capture_output=True, text=True, env=env, cwd=HERE)
    status, *names = done.stderr.splitlines()[-1].split()
    return int(status), set(names)


COMMANDS = [
    ("shapes", "lenet5", "--format", "json"),
    ("shapes", "lenet5"),
    ("shapes", "3x32x32 -> Conv2d(3, 8, 3) -> ReLU"),
    ("shapes", "lenet5", "--format", "markdown"),
    ("params", "lenet5", "--format", "csv"),
    ("params", "lenet5", "--compare-dense"),
    ("explain", "lenet5"),
    ("explain", "lenet5", "--format", "latex"),
    ("check", "lenet5"),
    ("ask", "lenet5", "conv1.params"),
    ("cost", "lenet5"),
    ("compare", "lenet5", "alexnet"),
    ("solve", "3x8x8 -> Conv2d(3, 4, k, padding=p)", "k=1..5", "p=0..2", "--want", "output.shape[1] == 8"),
    ("shapes", "lenet5", "--receptive"),
    ("draw", "lenet5"),
    ("draw", "resnet18", "--svg"),
    ("draw", "gated_cell", "--inside", "rnn", "--mermaid"),
    ("specs", "--format", "json"),
    ("layers",),
    ("layers", "conv2d"),
    ("layers", "--json", "--convention", "keras"),
    ("schema",),
    ("export", "lenet5", "--to", "pytorch"),
    ("why",),
    ("--help",),
    ("--version",),
]


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_nothing_heavy_is_imported(argv):
    assert imported(*argv) == (0, set())


@pytest.mark.parametrize("argv", [("shapes", "nosuch"), ("shapes", "--fromat"), ("flops",)], ids=" ".join)
def test_nothing_heavy_for_a_mistake(argv):
    assert imported(*argv) == (2, set())


@pytest.mark.parametrize("name", ["numpy", "sympy", "rich"])
def test_the_check_notices_an_import(name):
    pytest.importorskip(name)
    assert imported("shapes", "lenet5", plant=f"import {name}")[1] >= {name}


def test_only_the_named_command_is_imported():
    code = (
        "import sys\nfrom cnncalc.cli.app import main\nmain(['shapes', 'lenet5', '--format', 'json'])\n"
        "print(*sorted(m for m in sys.modules if m.startswith(('cnncalc.cli.', 'cnncalc.pages.', 'cnncalc.render.'))),"
        " file=sys.stderr)"
    )
    env = {**os.environ, "PYTHONPATH": str(HERE)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=HERE)
    modules = set(done.stderr.splitlines()[-1].split())
    assert "cnncalc.cli.shapes" in modules
    assert not modules & {"cnncalc.cli.params", "cnncalc.cli.check", "cnncalc.pages.shapes", "cnncalc.render.terminal"}
