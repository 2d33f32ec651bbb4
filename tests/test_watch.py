"""`--watch`: the command again at each save."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

NET = "input: [3, 8, 8]\nlayers:\n- c: Conv2d(3, {}, 3)\n"
LONG = 60  # seconds until a test gives up; nothing depends on how long it takes


class Watching:
    """A command that watches, and what it has written so far."""

    def __init__(self, folder: Path, *words: str, terminal: bool = False) -> None:
        self.text = ""
        out: int = subprocess.PIPE
        if terminal:
            self.reads, out = pty.openpty()
        env = {**os.environ, "TERM": "xterm", "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cnncalc", *words], cwd=folder, env=env, stdout=out, stderr=subprocess.STDOUT
        )
        if terminal:
            os.close(out)
        else:
            self.reads = self.process.stdout.fileno()

    def until(self, word: str) -> str:
        """What was written up to that word, and since the last call."""
        end = time.monotonic() + LONG
        while word not in self.text:
            assert time.monotonic() < end, self.text
            if select.select([self.reads], [], [], 0.2)[0]:
                self.text += os.read(self.reads, 65536).decode()
        found, self.text = self.text, ""
        return found

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=LONG)


def replaced(path: Path, text: str) -> None:
    """A save as many editors make it: another file takes the name."""
    other = path.with_name(".net.yaml.swp")
    other.write_text(text)
    os.replace(other, path)


@pytest.fixture
def net(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text(NET.format(4))
    return path


def test_each_save_is_shown_errors_too(net):
    run = Watching(net.parent, "shapes", "net.yaml", "--watch")
    assert "(N, 4, 6, 6)" in run.until("112\n\n")
    net.write_text(NET.format(5))
    assert "(N, 5, 6, 6)" in run.until("140\n\n")
    net.write_text("input: [3, 8, 8]\nlayers:\n- c: Conv2d(4, 5, 3)\n")
    assert "error[" in run.until("in_channels=3")
    replaced(net, NET.format(6))
    assert "(N, 6, 6, 6)" in run.until("168\n\n")
    net.unlink()
    run.until("net.yaml")
    net.write_text(NET.format(7))
    assert "(N, 7, 6, 6)" in run.until("196\n\n")
    assert run.interrupt() == 130


def test_what_the_file_builds_on_is_watched_too(net):
    thin = net.with_name("thin.yaml")
    thin.write_text("base: net\nexpect:\n  c.params: 112\n")
    run = Watching(net.parent, "check", "thin.yaml", "--watch")
    run.until("all right")
    net.write_text(NET.format(5))
    assert "140" in run.until("1 wrong")
    thin.write_text("base: net\nexpect:\n  c.params: 140\n")
    run.until("all right")
    assert run.interrupt() == 130


def test_a_terminal_is_drawn_over(net):
    run = Watching(net.parent, "params", "net.yaml", "--watch", terminal=True)
    first = run.until("\x1b[J")
    assert first.startswith("\x1b[H") and "112" in first
    net.write_text(NET.format(5))
    assert "140" in run.until("\x1b[J")
    assert run.interrupt() == 130


def test_standard_input_is_read_once(call):
    found = call("shapes", "-", "--watch")
    assert found.status == 2 and "--watch needs files: standard input is read once" in found.err


def test_commands_without_a_network_have_no_such_option(call):
    found = call("specs", "--watch")
    assert found.status == 2 and "--watch" in found.err
    assert "--watch" in call("shapes", "--help").out and "--watch" not in call("specs", "--help").out
