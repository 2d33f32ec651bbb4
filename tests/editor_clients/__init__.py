"""Editors that are started against `cnncalc lsp`, each with what docs/editors.md tells its users to write."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
LONG = 120  # seconds until an editor is given up; nothing depends on how long it takes

NET = """\
input: [3, 64, 64]
layers:
- conv1: Conv2d(3, 16, 3, padding=1)
- pool: MaxPool2d(2)
- Flatten
- fc: Linear(16384, 10)
"""
MODEL = """\
# cnncalc: input 1x28x28
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 32, 3)
        self.fc = nn.Linear(21632, 10)

    def forward(self, x):
        x = self.conv(x).relu()
        return self.fc(x.flatten(1))
"""
# The same in a notebook: what is imported stands in another cell than the class.
CELLS = [part.splitlines(keepends=True) for part in MODEL.split("\n\n\n")]
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
                 "language_info": {"name": "python"}},
    "cells": [{"cell_type": "code", "id": f"cell{at}", "metadata": {}, "outputs": [], "execution_count": None,
               "source": cell} for at, cell in enumerate(CELLS)],
}  # fmt: skip
# Of each file its text, a word of it, and the mistake that is typed in its place.
FILES = {"net.yaml": (NET, "Linear(16384", "Linear(100"), "model.py": (MODEL, "Linear(21632", "Linear(100")}


def command(variable: str, *names: str) -> list[str] | None:
    """How an editor is started: as the environment says, or the first of these on the path."""
    if os.environ.get(variable):
        return shlex.split(os.environ[variable])
    found = next((path for name in names if (path := shutil.which(name))), None)
    return [found] if found else None


def setting(heading: str, language: str, number: int = 0) -> str:
    """A block of docs/editors.md below a heading."""
    page = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
    part = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", part, re.S)[number]


def environment(folder: Path, name: str, **more: str) -> dict[str, str]:
    """An environment in which `cnncalc` is the one of this Python, and what is to be typed in which file."""
    _, old, new = FILES.get(name, FILES["model.py"])
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    edit = json.dumps([str(folder / name), old, new])
    return {**os.environ, "PATH": path, "XDG_CONFIG_HOME": str(folder), "CNNCALC_EDIT": edit, **more}


def printed(words: list[str], folder: Path, name: str, **more: str) -> dict[str, Any]:
    """What a script inside an editor printed as its last line."""
    done = subprocess.run(words, cwd=folder, env=environment(folder, name, **more), timeout=LONG,
                          capture_output=True, text=True, check=False)  # fmt: skip
    lines = done.stdout.strip().splitlines()
    assert lines and lines[-1].startswith("{"), done.stdout[-2000:] + done.stderr[-2000:]
    found: dict[str, Any] = json.loads(lines[-1])
    assert "failed" not in found, found
    return found


def neovim(editor: list[str], folder: Path, name: str) -> dict[str, Any]:
    """Neovim 0.11 or newer, without a window."""
    settings = folder / "init.lua"
    settings.write_text(setting("Neovim", "lua"), encoding="utf-8")
    words = ["--headless", "--clean", "--cmd", "set noswapfile", "-S", str(settings), "-S", str(HERE / "neovim.lua")]
    return printed([*editor, *words], folder, name)


def emacs(editor: list[str], folder: Path, name: str) -> dict[str, Any]:
    """Emacs 30 or newer, as a batch."""
    settings = folder / "init.el"
    settings.write_text(setting("Emacs", "lisp"), encoding="utf-8")
    words = ["-Q", "--batch", "-f", "package-initialize", "-l", str(settings), "-l", str(HERE / "emacs.el")]
    return printed([*editor, *words], folder, name)


def helix(editor: list[str], folder: Path, name: str, hints: list[str]) -> dict[str, str]:
    """Helix in a terminal that tmux holds: waits for the hints, types the mistake, takes its fix."""
    (folder / "helix").mkdir(exist_ok=True)
    (folder / "helix" / "languages.toml").write_text(setting("Helix", "toml"), encoding="utf-8")
    (folder / "helix" / "config.toml").write_text(setting("Helix", "toml", 1), encoding="utf-8")
    text, old, new = FILES[name]
    (folder / name).write_text(text, encoding="utf-8")
    tmux = ["tmux", "-L", f"cnncalc-{os.getpid()}"]

    def keys(*words: str) -> None:
        subprocess.run([*tmux, "send-keys", *words], check=True)

    def screen(holds: Callable[[str], bool], *press: str) -> str:
        end = time.monotonic() + LONG
        while True:
            done = subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, text=True, check=True)
            if holds(shown := done.stdout):
                return shown
            assert time.monotonic() < end, shown
            time.sleep(0.5)
            if press:
                keys(*press)

    said = {}
    number, other = (re.sub(r"\D", "", word) for word in (old, new))
    size = ["-x", "160", "-y", "40"]
    run = [*tmux, "new-session", "-d", *size, shlex.join([*editor, str(folder / name)])]
    subprocess.run(run, check=True, cwd=folder, env=environment(folder, name))
    try:
        screen(lambda shown: all(hint in shown for hint in hints), "j")  # it asks for hints when the cursor moves
        keys("/")
        keys("-l", number)
        keys("Enter", "c")
        keys("-l", other)
        keys("Escape")
        said["mistake"] = screen(lambda shown: "●" in shown)
        keys("Space", "a")
        screen(lambda shown: shown.count("write") == said["mistake"].count("write") + 1)
        keys("Enter")
        screen(lambda shown: "●" not in shown and all(hint in shown for hint in hints), "h")
        keys(":", "w", "Enter")
        screen(lambda shown: "written" in shown)
        said["fixed"] = (folder / name).read_text(encoding="utf-8")
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
    return said


@contextmanager
def serving(words: list[str], port: int, folder: Path, name: str, **more: str) -> Iterator[str]:
    """A program that serves an editor as a page."""
    address = f"http://127.0.0.1:{port}"
    with open(folder / "served.txt", "wb") as log:
        process = subprocess.Popen(words, cwd=folder, env=environment(folder, name, **more), stdout=log, stderr=log)
        try:
            end = time.monotonic() + LONG
            while True:
                try:
                    urllib.request.urlopen(address, timeout=10).close()
                    break
                except OSError:
                    assert time.monotonic() < end and process.poll() is None, (folder / "served.txt").read_text()
                    time.sleep(0.5)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=LONG)


def vscode(editor: list[str], folder: Path, name: str, chromium: Any, port: int) -> dict[str, Any]:
    """VS Code's workbench from code-server, with the extension's own test inside of it.

    The extension stands in EXTENSION with its packages (`npm install`), or where it is.
    """
    extension = os.environ.get("EXTENSION") or str(ROOT / "editors" / "vscode")
    said = folder / "said.json"
    said.unlink(missing_ok=True)
    if not (folder / ".venv").exists():  # where the extension looks first
        (folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
    words = ["--bind-addr", f"127.0.0.1:{port}", "--auth", "none", "--disable-telemetry", "--disable-update-check",
             "--disable-workspace-trust", "--user-data-dir", str(folder / "data")]  # fmt: skip
    more = {"CNNCALC_SAID": str(said), "HOME": str(folder)}
    with serving([*editor, *words], port, folder, name, **more) as address:
        remote = f"vscode-remote://127.0.0.1:{port}"
        payload = [["extensionDevelopmentPath", remote + extension],
                   ["extensionTestsPath", f"{remote}{ROOT}/editors/vscode/test/index"]]  # fmt: skip
        query = urllib.parse.urlencode({"folder": str(folder), "payload": json.dumps(payload)})
        page = chromium.new_page(viewport={"width": 1200, "height": 800})
        page.goto(f"{address}/?{query}")
        until(page, said.exists)
        page.wait_for_timeout(500)
        page.close()
    found: dict[str, Any] = json.loads(said.read_text(encoding="utf-8"))
    assert "failed" not in found, found
    return found


def jupyterlab(editor: list[str], folder: Path, name: str, chromium: Any, port: int) -> list[str]:
    """JupyterLab with jupyterlab-lsp: the words that are marked as a mistake once it is typed."""
    (folder / "jupyter").mkdir(exist_ok=True)
    config = folder / "jupyter" / "jupyter_server_config.json"
    config.write_text(setting("JupyterLab", "json"), encoding="utf-8")
    (folder / "model.ipynb").write_text(json.dumps(NOTEBOOK), encoding="utf-8")
    _, old, new = FILES["model.py"]
    number, other = (re.sub(r"\D", "", word) for word in (old, new))
    words = ["--allow-root", "--no-browser", f"--port={port}", "--ip=127.0.0.1", "--IdentityProvider.token=",
             "--ServerApp.password=", f"--ServerApp.root_dir={folder}"]  # fmt: skip
    with serving([*editor, *words], port, folder, name, JUPYTER_CONFIG_DIR=str(config.parent)) as address:
        page = chromium.new_page(viewport={"width": 1200, "height": 800})
        page.goto(f"{address}/lab/tree/{name}")
        line = page.locator(".cm-line", has_text=number)
        line.wait_for(timeout=LONG * 1000)
        page.wait_for_timeout(5_000)  # until the server is connected: nothing on the page says so
        line.click()
        page.keyboard.press("Home")
        for _ in range(line.inner_text().strip().index(number)):
            page.keyboard.press("ArrowRight")
        for _ in number:
            page.keyboard.press("Delete")
        page.keyboard.type(other)
        marked = page.locator(".cm-lintRange-error")
        until(page, lambda: marked.count() > 0)
        found = [one.inner_text() for one in marked.all()]
        page.close()
    return found


def until(page: Any, holds: Callable[[], bool]) -> None:
    """Wait while a page goes on."""
    for _ in range(10 * LONG):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.inner_text("body")[-2000:])
