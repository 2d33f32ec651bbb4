"""The plugin for pytest, in runs of its own: what passes, what fails and with which words. PyTorch is not imported.

The models and their answers are those of data/written, which PyTorch gave (record_written.py).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "data" / "written"
CASES = {case["net"]: case for case in json.loads((FOLDER / "answers.json").read_text())}


def run(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_models.py").write_text("import pytest\n\n\n" + text, encoding="utf-8")
    installed = any(point.value == "cnncalc.pytest_plugin" for point in entry_points(group="pytest11"))
    words = [] if installed else ["-p", "cnncalc.pytest_plugin"]
    root = str(Path(__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--strict-markers", *words, "-q"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)


def test_what_pytorch_gives_passes(tmp_path: Path) -> None:
    chosen = ["lenet_functional.py:Net", "resnet_cifar.py:resnet20", "transformer_pe.py:Seq2SeqTransformer"]
    text = "import sys\n\n\n"
    for at, net in enumerate(chosen):
        case = CASES[net]
        shutil.copy(FOLDER / net.partition(":")[0], tmp_path)
        output = case["outputs"][0]
        text += f"@pytest.mark.cnncalc({net!r}, input={case['inputs']!r}, output={output!r}, params={case['params']})\n"
        text += f"def test_{at}():\n    assert 'torch' not in sys.modules\n\n\n"
    done = run(tmp_path, text)
    assert done.returncode == 0 and "3 passed" in done.stdout, done.stdout + done.stderr


WRONG: dict[str, tuple[str, str]] = {
    "another output": ("output=[11]", "lenet_functional.py:Net: output.shape is [10], not [11]"),
    "a bias forgotten": ("expect={'conv1.params': 288}", "conv1.params is 320, not 288 (bias forgotten"),
    "a name that there is not": ("expect={'conv9.params': 1}", 'unknown name "conv9"; did you mean conv2?'),
    "another word": ("outputs=[10]", "the marker cnncalc has no outputs; it has input, settings, expect, output"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_so_fails(case: str, tmp_path: Path) -> None:
    shutil.copy(FOLDER / "lenet_functional.py", tmp_path)
    words, said = WRONG[case]
    done = run(
        tmp_path, f"@pytest.mark.cnncalc('lenet_functional.py:Net', input='1x28x28', {words})\ndef test(): pass\n"
    )
    assert done.returncode == 1 and said in done.stdout, done.stdout


def test_a_mistake_in_the_model_is_shown_at_its_line(tmp_path: Path) -> None:
    text = (FOLDER / "lenet_functional.py").read_text(encoding="utf-8")
    (tmp_path / "wrong.py").write_text(text.replace("9216", "9217"), encoding="utf-8")
    done = run(tmp_path, "@pytest.mark.cnncalc('wrong.py:Net', input=(1, 28, 28), output=10)\ndef test(): pass\n")
    assert done.returncode == 1 and "wrong.py:" in done.stdout and "9216" in done.stdout, done.stdout


def test_the_report_as_a_fixture(tmp_path: Path) -> None:
    text = (
        "@pytest.mark.cnncalc('3x32x32 -> c: Conv2d(3, 16, 3) -> ReLU', output=[16, 30, 30])\n"
        "def test(cnncalc_report):\n    assert cnncalc_report['c'].output_shape == (16, 30, 30)\n\n\n"
        "def test_without(cnncalc_report): pass\n"
    )
    done = run(tmp_path, text)
    assert "1 passed, 1 error" in done.stdout and "cnncalc_report needs the marker" in done.stdout, done.stdout


def test_pytest_starts_without_the_package(tmp_path: Path) -> None:
    """The plugin is loaded in every run of pytest where cnncalc is installed: it must cost nothing there."""
    code = "import sys, cnncalc.pytest_plugin; print([name for name in sys.modules if name.startswith('cnncalc')])"
    done: Any = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "['cnncalc', 'cnncalc.pytest_plugin']"
