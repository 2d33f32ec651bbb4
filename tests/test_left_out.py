"""NET left out: what stands for it, the note that says so, and that nothing is guessed or waited for."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnncalc.cli import command_line

NET = "input: [3, 8, 8]\nlet: {k: 3}\nlayers:\n  - conv: Conv2d(3, 4, k)\nexpect:\n  conv.params: 112\n"
SMALL = "input: [4]\nlayers:\n  - fc: Linear(4, 2)\n"
NOTE = "note[net-left-out]: NET was left out: {} is taken\n"
HERE = NOTE.format("net.yaml in this folder")
# What each command is typed with, and a word of what it prints.
TYPED = {
    "shapes": ([], "conv"),
    "params": (["--compare-dense"], "FC params"),
    "explain": ([], "C_out"),
    "check": ([], "all right"),
    "ask": (["conv.params"], "112"),
    "cost": ([], "MACs"),
    "compare": (["4 -> Linear(4, 2)"], "a = net, b = chain"),
    "solve": (["k=1..3", "--want", "conv.params > 20"], "k"),
    "run": (["--precision", "2"], "output"),
    "draw": ([], "conv"),
    "export": ([], "class"),
    "report": ([], "conv"),
    "worksheet": ([], "conv"),
    "quiz": (["--to", "markdown", "--count", "4"], "conv"),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def test_every_command_on_net_is_here():
    others = {"import", "layers", "lsp", "schema", "serve", "specs", "why"}
    assert set(TYPED) == set(command_line.COMMANDS) - others, (
        "add the command to TYPED in tests/test_left_out.py, with what it is typed with and a word of what it prints"
    )


@pytest.mark.parametrize("command", TYPED)
def test_net_yaml_stands_for_it(command, folder, call):
    write(folder, net=NET, other=SMALL)
    argv, word = TYPED[command]
    status, out, err = call(command, *argv)
    assert (status, err) == (0, HERE)
    assert word in out
    named = call(command, "net.yaml", *argv)
    assert (named.status, named.out, named.err) == (0, out, "")


@pytest.mark.parametrize("command", TYPED)
def test_nothing_stands_for_it(command, folder, call):
    # A sheet of answers, a hidden file and other people's YAML are no specs.
    write(folder, sheet="conv.params: 112\n", compose="services:\n  web: {image: x}\n")
    (folder / ".hidden.yaml").write_text(NET, encoding="utf-8")
    status, out, err = call(command, *TYPED[command][0])
    assert (status, out) == (2, "")
    needs = "EXPRESSION" if command == "ask" else "NET"
    assert err.startswith(f"error[missing-argument]: cnncalc {command} needs {needs}\n")


def test_the_only_spec_of_the_folder(folder, call):
    write(folder, mine=NET, sheet="conv.params: 112\n")
    assert call("params", "--total") == (0, "112\n", NOTE.format("mine.yaml in this folder"))
    (folder / "mine.yaml").write_text('{"input": [4], "layers": ["Linear(4, 2)"]}', encoding="utf-8")
    assert call("params", "--total").out == "10\n"


def test_of_several_specs_none_is_taken(folder, call):
    write(folder, a=NET, b=SMALL)
    error = "error[missing-argument]: cnncalc params needs NET, and this folder has 2 specs\n"
    assert call("params") == (2, "", error + "help: say which: a.yaml, b.yaml\n")
    assert call("solve", "k=1..3", "--want", "total.params > 1").err.endswith("say which: a.yaml, b.yaml\n")
    write(folder, **{f"n{at}": SMALL for at in range(10)})
    assert call("cost").err.endswith("b.yaml, n0.yaml, n1.yaml, n2.yaml, n3.yaml, n4.yaml, n5.yaml and 4 more\n")


def test_the_words_of_ask(folder, call):
    write(folder, net=NET)
    for expression in ("params", "total.params / 2", "output.shape", "max(output.shape)", "conv.weight.shape"):
        assert call("ask", expression) == (0, call("ask", "net.yaml", expression).out, HERE)
    assert call("ask", "conv.params", "conv.macs") == (0, "conv.params = 112\nconv.macs = 3,888\n", HERE)
    assert call("ask", "lenet5", "conv1.params").err == ""
    # A network that there is not stays one that there is not.
    assert call("ask", "resnet55", "total.params").err.startswith("error[unknown-net]")
    assert call("ask", "other.yaml", "total.params").err.startswith("error[")
    assert call("ask", "lenet5").err.startswith("error[missing-argument]: cnncalc ask needs EXPRESSION\n")


def test_help_reads_nothing(folder, call):
    write(folder, a=NET, b=SMALL)
    for command in TYPED:
        assert call(command, "--help")[0::2] == (0, "")


# --- standard input ------------------------------------------------------------------------------------------------

RUN = [sys.executable, "-c", "import sys; from cnncalc.cli.app import main; sys.exit(main(sys.argv[1:]))"]
ENV = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}


def run(*argv, folder, **options):
    done = subprocess.run([*RUN, *argv], cwd=folder, env=ENV, capture_output=True, text=True, timeout=120, **options)
    return done.returncode, done.stdout, done.stderr


def test_what_comes_through_a_pipe(folder):
    assert run("params", "--total", folder=folder, input=SMALL) == (0, "10\n", NOTE.format("standard input"))
    assert run("ask", "total.params", folder=folder, input=SMALL) == (0, "10\n", NOTE.format("standard input"))
    write(folder, one=NET)
    with open(folder / "one.yaml", encoding="utf-8") as file:
        (folder / "sub").mkdir()
        assert run("params", "--total", folder=folder / "sub", stdin=file)[:2] == (0, "112\n")
    # The folder goes first, and that something else came is said.
    status, out, err = run("params", "--total", folder=folder, input=SMALL)
    assert (status, out) == (0, "112\n")
    assert (
        err == NOTE.format("one.yaml in this folder") + "help: what comes on standard input is not read; - reads it\n"
    )


def test_nothing_comes(folder):
    for options in ({"input": ""}, {"stdin": subprocess.DEVNULL}):
        status, out, err = run("params", folder=folder, **options)
        assert (status, out) == (2, "")
        assert err.startswith("error[missing-argument]: cnncalc params needs NET\n")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no terminals here")
def test_a_terminal_is_not_waited_for(folder):
    ours, theirs = os.openpty()
    try:
        status, out, err = run("params", folder=folder, stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)
    assert (status, out) == (2, "")
    assert err.startswith("error[missing-argument]: cnncalc params needs NET\n")


def test_a_pipe_that_stays_open_is_given_up(folder, monkeypatch, call):
    from cnncalc.cli import left_out

    monkeypatch.setattr(left_out, "PATIENCE", 0.01)
    ours, theirs = os.pipe()
    try:
        with os.fdopen(ours, encoding="utf-8") as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            before = time.process_time()
            assert call("params").err.startswith("error[missing-argument]: cnncalc params needs NET\n")
            assert time.process_time() - before < 5
    finally:
        os.close(theirs)
