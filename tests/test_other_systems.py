"""Windows and macOS, on any machine: their line ends, names of files, encodings, pipes and consoles."""

from __future__ import annotations

import io
import json
import ntpath
import os
import select
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from cnncalc.answers.sheet import text_of
from cnncalc.cli import report, sheets
from cnncalc.cli.app import main
from cnncalc.core.atomic_write import save_text
from cnncalc.core.problem import Fault
from cnncalc.editor.documents import path_of
from cnncalc.render.diagnostic import supports_colour, takes_escapes

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "docs" / "examples"
MISTAKE = str(EXAMPLES / "mistake.yaml")
PRINTED = "Net(\n  (conv): Conv2d(3, 8, kernel_size=(3, 3))\n  (fc): Linear(in_features=8, out_features=2)\n)\n"
KERAS = json.dumps(
    {
        "class_name": "Sequential",
        "config": {
            "name": "net",
            "layers": [
                {"class_name": "InputLayer", "config": {"batch_shape": [None, 4], "name": "x"}},
                {"class_name": "Dense", "config": {"name": "fc", "units": 2}},
            ],
        },
    },
    indent=1,
)
# Each format that is read: a name in capitals, its text, and a command on it.
READ = {
    "a spec": ("MISTAKE.YAML", (EXAMPLES / "mistake.yaml").read_text("utf-8"), ["check"]),
    "PyTorch source": ("MODEL.PY", (EXAMPLES / "model.py").read_text("utf-8"), ["shapes", "-i", "3x32x32"]),
    "config.json": ("CONFIG.JSON", (EXAMPLES / "config.json").read_text("utf-8"), ["params", "--total"]),
    "a summary": ("SUMMARY.TXT", (EXAMPLES / "summary.txt").read_text("utf-8"), ["params"]),
    "a printed model": ("PRINTED.TXT", PRINTED, ["params"]),
    "Keras' JSON": ("MODEL.JSON", KERAS, ["params"]),
}


@pytest.mark.parametrize("kind", READ)
def test_line_ends_of_windows_and_suffixes_in_capitals(kind, tmp_path, capsys, monkeypatch):
    """Whatever the file is called and however its lines end, the output is the same."""
    name, text, (command, *rest) = READ[kind]
    monkeypatch.chdir(tmp_path)
    outputs = set()
    for data in (text.encode(), text.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + text.encode()):
        for called in (name.lower(), name):
            Path(called).write_bytes(data)
            status = main([command, called, *rest])
            out, err = capsys.readouterr()
            outputs.add((status, out.replace(name[: name.index(".")], name[: name.index(".")].lower()), err.lower()))
            os.unlink(called)
    assert len(outputs) == 1
    status, out, _ = outputs.pop()
    assert status in (0, 1) and "\r" not in out and out


@pytest.mark.parametrize(
    "name", ["100%.yaml", "%TEMP%.yaml", "a b (1).yaml", "it's.yaml", "x%20y#1&2.yaml", "schön.yaml", "net[1].yaml"]
)
def test_signs_in_names_of_files(name, tmp_path, capsys, monkeypatch):
    """Signs that shells, links and patterns know are letters of a name, in what is read and in what is written."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLES / "mistake.yaml", name)
    for argv in (["params", name, "--total"], ["shapes", "--quiet", name], ["draw", name, "-o", f"{name}.svg"]):
        assert main(argv) == 0, capsys.readouterr().err
    assert capsys.readouterr().out == "448\n" and sorted(os.listdir(".")) == [name, f"{name}.svg"]


def test_patterns_that_no_shell_has_expanded(tmp_path, capsys, monkeypatch):
    """cmd.exe and PowerShell pass `*.py` on as it is written."""
    monkeypatch.chdir(tmp_path)
    for name in ("model.py", "wrong.py"):
        shutil.copy(EXAMPLES / name, name)
    shutil.copytree(EXAMPLES / "answers", "answers")
    assert main(["shapes", "--quiet", "m*.py", "-i", "3x32x32"]) == 0
    assert main(["shapes", "--quiet", "*.py", "-i", "3x32x32"]) == 2
    assert "wrong.py:9:29" in capsys.readouterr().err
    assert main(["shapes", "--quiet", "*.onnx"]) == 2
    assert 'there is no file "*.onnx"' in capsys.readouterr().err
    assert main(["check", str(EXAMPLES / "key.yaml"), "answers/*.yaml"]) in (0, 1)


# What Python has on Linux and macOS alone; `getattr` with a default asks whether it is there.
POSIX = [
    f"{how} {name}"
    for name in "fcntl resource termios tty pty pwd grp syslog curses".split()
    for how in ("import", "from")
]
POSIX += [
    f"os.{name}"
    for name in "fork( wait( getuid geteuid getpgid killpg mkfifo uname O_NONBLOCK O_NOFOLLOW fchmod".split()
]
POSIX += [f"signal.{name}" for name in "SIGPIPE SIGALRM SIGHUP SIGQUIT SIGKILL SIGUSR SIGWINCH alarm setitimer".split()]


def test_nothing_is_used_that_windows_does_not_have():
    """Such modules and names would end in an error there, some only when they are reached."""
    for path in (ROOT / "cnncalc").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert [name for name in POSIX if name in text] == [], path


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "cp932", "ascii"])
def test_consoles_of_other_encodings(encoding, monkeypatch):
    """Signs that a console does not have are escaped; no command ends in an error for them."""
    streams = {name: io.TextIOWrapper(io.BytesIO(), encoding=encoding) for name in ("stdout", "stderr")}
    for name, stream in streams.items():
        monkeypatch.setattr(sys, name, stream)
    statuses = [main(argv) for argv in (["check", MISTAKE], ["explain", "lenet5", "conv1"], ["draw", "lenet5"])]
    statuses.append(main(["shapes", "3x32x32 → Conv2d(3, 16, 3) → Linear(9, 10)"]))
    for stream in streams.values():
        stream.flush()
    out, err = (stream.buffer.getvalue().decode(encoding) for stream in streams.values())
    assert statuses == [1, 0, 0, 2] and "bias forgotten" in out and "params" in out
    assert "error[" in err and "internal" not in err


@pytest.mark.parametrize("name", ["group.csv", "ann.yaml"])
def test_answers_with_line_ends_of_windows(name, tmp_path, capsys):
    found = []
    for end in ("\n", "\r\n"):
        folder = tmp_path / repr(end)
        folder.mkdir()
        text = (EXAMPLES / "answers" / name).read_text("utf-8")
        (folder / name.upper()).write_bytes(text.replace("\n", end).encode("cp1252"))
        assert main(["check", str(EXAMPLES / "key.yaml"), str(folder), "--format", "csv"]) in (0, 1)
        found.append(capsys.readouterr().out.replace(str(folder), ""))
    assert found[0] == found[1] and found[0].count("\n") > 1


def test_a_drive_is_no_name_of_a_class(tmp_path, capsys, monkeypatch):
    """`C:\\model.py:Net` is the class of a file, `C:\\net.yaml` a file; a chain has its colons behind an arrow."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLES / "model.py", "C:\\model.py")
    shutil.copy(EXAMPLES / "mistake.yaml", "C:\\net.yaml")
    assert main(["params", "C:\\model.py:Net(width=32)", "--total"]) == 0
    assert main(["params", "C:\\net.yaml", "--total"]) == 0
    assert capsys.readouterr().out == "60362\n448\n"
    for gone in ("C:\\nets\\gone.yaml", "C:\\nets\\gone.YAML", "C:\\nets\\gone.py:Net", "nets\\gone.onnx"):
        assert main(["shapes", gone]) == 2
        assert f'there is no file "{gone.removesuffix(":Net")}"' in capsys.readouterr().err
        assert main(["ask", gone, "total.params"]) == 2
        assert "there is no file" in capsys.readouterr().err


def test_names_of_files_on_windows(monkeypatch):
    with monkeypatch.context() as windows:
        windows.setattr(os, "path", ntpath)
        assert report._stem("C:\\nets\\model.py:Net") == "model"
        assert report._stem("3x8x8 -> a: ReLU") == "report"
    with monkeypatch.context() as windows:
        windows.setattr(os, "name", "nt")
        found = path_of("file:///c%3A/nets/a%20b.yaml")
    assert found == "c:/nets/a b.yaml"
    whose = ["Con", "aux.2", "Ann", "ann", "A/B: c?", "COM1"]
    made = sheets.stems([SimpleNamespace(whose=one, file="x") for one in whose])  # type: ignore[misc]
    assert made == ["_Con", "_aux.2", "Ann", "ann-2", "A-B--c", "_COM1"]


def test_a_file_that_another_program_holds_open(tmp_path, monkeypatch):
    """Windows does not replace it: what was there stays, and nothing is left beside it."""
    path = tmp_path / "net.svg"
    path.write_text("before", "utf-8")

    def held(*_: object) -> None:
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(os, "replace", held)
    with pytest.raises(Fault, match=r'net\.svg" cannot be written: Access is denied'):
        save_text(str(path), "after")
    assert path.read_text("utf-8") == "before" and os.listdir(tmp_path) == ["net.svg"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["explain", "3x8x8 -> Conv2d(3, 4, 3)", "--format", "json"], "⌊"),
        (["draw", "3x8x8 -> Conv2d(3, 4, 3) -> Conv2d(4, 4, 3)", "-f", "svg"], "</svg>"),
        (["explain", "3x8x8 -> Conv2d(3, 4, 3)", "--format", "html"], "⌊"),
        (["export", "3×8×8 -> Flatten"], "assert"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_what_programs_read_is_utf8(argv, said):
    """Also where texts are written in something else, as in a pipe of Windows (here Linux without a locale)."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C", "PYTHONUTF8": "0"}
    env |= {"PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "cnncalc", *argv], env=env, capture_output=True, check=True, timeout=60
    )
    text = done.stdout.decode("utf-8")
    if argv[-1] == "json":
        text = str(json.loads(text)["layers"][0]["lines"][1]["symbols"])
    assert said in text and "\\x" not in text and "\\u" not in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "mac-roman"])
def test_sheets_in_other_encodings(encoding):
    text = "name: Zoë\nconv1.params: 448\n"
    assert "conv1.params: 448" in text_of(text.encode(encoding), "a.yaml").text


def test_an_idle_pipe_that_cannot_be_asked(tmp_path, capsys, monkeypatch):
    """`select` takes no pipes on Windows: one that stays open and empty is not waited for beside a `net.yaml`."""

    def refuses(*_: object) -> None:
        raise OSError(10038, "an operation was attempted on something that is not a socket")

    reader, writer = os.pipe()
    monkeypatch.setattr(select, "select", refuses)
    monkeypatch.setattr(sys, "stdin", os.fdopen(reader, encoding="utf-8"))
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLES / "mistake.yaml", "net.yaml")
    assert main(["params", "--total"]) == 0
    assert capsys.readouterr().out == "448\n"
    os.close(writer)


@pytest.mark.parametrize(("asked", "told", "colour"), [(1, 1, True), (1, 0, False), (0, 1, False)])
def test_a_console_of_windows(asked, told, colour, monkeypatch):
    """It takes escape sequences once it is told to; one that cannot gets none."""
    import ctypes

    modes = []
    kernel = SimpleNamespace(
        GetConsoleMode=lambda handle, mode: asked,
        SetConsoleMode=lambda handle, mode: modes.append((handle, mode)) or told,
    )
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(get_osfhandle=lambda number: 100 + number))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    stream = SimpleNamespace(isatty=lambda: True, fileno=lambda: 2)
    assert takes_escapes(stream)  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "platform", "win32")
    assert supports_colour(stream) is colour  # type: ignore[arg-type]
    assert modes == ([(102, 4)] if asked else [])
