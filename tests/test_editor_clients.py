"""Each editor once against `cnncalc lsp`, with the settings of docs/editors.md: hints, a mistake, its fix.

An editor that is not installed is left out with the reason. NVIM, EMACS, HELIX, CODE_SERVER and JUPYTER_LAB say how
one is started that is not on the path. What is shown is compared with what the server says to a client of our own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import browser as web
import editor_clients as clients
import pytest
from protocol import Client

pytest.importorskip("pygls")
pytestmark = pytest.mark.slow

NAMES = sorted(clients.FILES)


@pytest.fixture(scope="module")
def right(tmp_path_factory: Any) -> dict[str, Any]:
    """What the server says of each file, and of each with its mistake."""
    client = Client([sys.executable, "-m", "cnncalc", "lsp"])
    said = {}
    for name, (text, old, new) in clients.FILES.items():
        uri = f"file:///right/{name}"
        client.open(uri, text)
        hints = [list(one) for one in client.hints(uri)]
        client.change(uri, text.replace(old, new))
        said[name] = hints, [(one["range"]["start"]["line"], one["message"]) for one in client.problems(uri)]
    client.close()
    return said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, (text, _, _) in clients.FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def chromium() -> Any:
    with web.browser() as opened:
        yield opened


def editor(variable: str, *names: str) -> list[str]:
    found = clients.command(variable, *names)
    if found is None:
        pytest.skip(f"{names[0]} is not installed; {variable} may say how it is started")
    return found


def same(said: dict[str, Any], right: Any, name: str) -> None:
    """The hints, the mistake at its line with its words, the text after the fix."""
    hints, problems = right[name]
    assert said["hints"] == hints
    assert len(said["problems"]) == len(problems)
    for (line, *words), (at, message) in zip(said["problems"], problems, strict=True):
        assert line == at and message in words[-1]
    assert "params" in said["hover"] and said["fixed"] == clients.FILES[name][0]


@pytest.mark.parametrize("name", NAMES)
def test_neovim(folder: Path, right: Any, name: str) -> None:
    same(clients.neovim(editor("NVIM", "nvim"), folder, name), right, name)


@pytest.mark.parametrize("name", NAMES)
def test_emacs(folder: Path, right: Any, name: str) -> None:
    emacs = editor("EMACS", "emacs")
    if subprocess.run([*emacs, "-Q", "--batch", "-l", "eglot"], capture_output=True, check=False).returncode:
        pytest.skip("this Emacs has no eglot, which came with version 29")
    same(clients.emacs(emacs, folder, name), right, name)


@pytest.mark.parametrize("name", NAMES)
def test_helix(folder: Path, right: Any, name: str) -> None:
    editor("TMUX_COMMAND", "tmux")
    hints, problems = right[name]
    said = clients.helix(editor("HELIX", "hx", "helix"), folder, name, [hint for _, hint in hints])
    assert problems[0][1].split("\n")[0] in " ".join(said["mistake"].split())
    assert said["fixed"] == clients.FILES[name][0]


@pytest.mark.parametrize("name", NAMES)
def test_vscode(folder: Path, right: Any, chromium: Any, name: str) -> None:
    said = clients.vscode(editor("CODE_SERVER", "code-server"), folder, name, chromium, 8127)
    same(said, right, name)
    assert said["again"] == right[name][0] and "parameters" in said["lenses"][0]
    assert {"net.yaml": "out_features", "model.py": "21632"}[name] in said["choices"]


@pytest.mark.parametrize("name", ["model.ipynb", "model.py"])
def test_jupyterlab(folder: Path, chromium: Any, name: str) -> None:
    assert clients.jupyterlab(editor("JUPYTER_LAB", "jupyter-lab"), folder, name, chromium, 8131) == ["100"]
