"""Interruptions and places that are not as they should be: a clear answer, a status, and never a traceback."""

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

from cnncalc.cli.app import main

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "cnncalc"]
PLAIN = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)}
SPEC = "input: [3, 8, 8]\nlayers:\n  - conv1: Conv2d(3, 4, 3)\n"
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /dev/full and /proc")
ROOTLESS = pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read and write everything: this shows nothing"
)


def ran(argv, env=None, **more):
    """A command in a process of its own."""
    more.setdefault("stdout", subprocess.PIPE)
    more.setdefault("stderr", subprocess.PIPE)
    more.setdefault("stdin", subprocess.DEVNULL)
    more.setdefault("cwd", ROOT)
    done = subprocess.run([*COMMAND, *argv], env={**PLAIN, **(env or {})}, timeout=120, check=False, **more)
    for stream in (done.stdout, done.stderr):
        assert b"Traceback" not in (stream or b""), stream
        assert b"error[internal]" not in (stream or b""), stream
    return done


# --- interruptions -------------------------------------------------------------------------------------------------


def interrupted(argv, busy):
    """A command that gets Ctrl-C once `busy(process)` returns: its status, standard output and standard error."""
    process = subprocess.Popen(
        [*COMMAND, *argv],
        env=PLAIN,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell lets what runs in its background ignore Ctrl-C, these tests for example.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    busy(process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def reading(process):
    """Wait until it reads: a pipe holds some 64 kB, so that this ends only when somebody takes what comes out."""
    process.stdin.write(b"# a long comment\n" * 50_000)
    process.stdin.flush()


def computing(process):
    """Wait until it has used the processor for longer than any start takes."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        if (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") > 1.0:
            return
        time.sleep(0.05)


def test_ctrl_c_while_it_reads():
    assert interrupted(["shapes", "-"], reading) == (130, b"", b"")


@LINUX
@pytest.mark.parametrize(
    "argv",
    [
        ["shapes", "10000000x1 -> RNN(1, 1)", "--execute"],
        ["run", "10000000x1 -> RNN(1, 1)"],
        [
            "solve",
            "3x512x512 -> Conv2d(3, 8, k, stride=s, padding=p)",
            "k=1..90",
            "s=1..90",
            "p=0..90",
            "--want",
            "sqrt(total.macs) == 0.5",
        ],
    ],
    ids=["shapes", "run", "solve"],
)
def test_ctrl_c_while_it_computes(argv):
    assert interrupted(argv, computing) == (130, b"", b"")


def test_ctrl_c_while_it_starts():
    """No traceback of what was just being imported; the shell sees 130 where a signal has ended a process."""
    code = "import cnncalc.cli; raise KeyboardInterrupt"
    done = subprocess.run([sys.executable, "-c", code], env=PLAIN, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode in (-signal.SIGINT, 130)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_ctrl_c_in_this_process(monkeypatch, capsys):
    from cnncalc.cli import shapes

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(shapes, "load", stop)
    assert main(["shapes", "lenet5"]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "argv", [["layers", "--full"], ["explain", "resnet50"], ["shapes", "resnet152", "--format", "json"]]
)
def test_a_closed_pipe_is_no_mistake(argv):
    """`| head -1`: whoever reads has seen enough."""
    process = subprocess.Popen([*COMMAND, *argv], env=PLAIN, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 0
    assert err == b""


def test_a_closed_pipe_for_errors():
    read, write = os.pipe()
    os.close(read)
    try:
        assert ran(["shapes", "nope"], stderr=write).returncode == 2
    finally:
        os.close(write)


@LINUX
def test_a_full_disk():
    with open("/dev/full", "wb") as full:
        for argv in (
            ["shapes", "lenet5"],
            ["shapes", "lenet5", "--format", "json"],
            ["--help"],
            ["--version"],
            ["layers"],
        ):
            done = ran(argv, stdout=full)
            assert done.returncode == 2
            assert done.stderr == b"error[system-refused]: the system refused: No space left on device\n"
        assert ran(["shapes", "nope"], stderr=full).returncode == 2
        assert ran(["shapes", "nope"], stderr=full, stdout=full).returncode == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a shell's closed streams")
def test_closed_streams():
    def close(*numbers):
        return lambda: [os.close(number) for number in numbers]

    assert ran(["shapes", "lenet5"], stdout=None, preexec_fn=close(1)).returncode == 0
    assert ran(["shapes", "nope"], stderr=None, preexec_fn=close(2)).returncode == 2
    assert ran(["shapes", "lenet5"], stdout=None, stderr=None, stdin=None, preexec_fn=close(0, 1, 2)).returncode == 0
    done = ran(["shapes", "-"], stdin=None, preexec_fn=close(0))
    assert done.returncode == 2
    assert done.stderr.startswith(b"error[file-unreadable]: standard input is closed\n")


# --- terminals -----------------------------------------------------------------------------------------------------


def on_terminal(argv, columns, env=None):
    """What a command writes to a terminal that is so wide."""
    here, there = pty.openpty()
    more = {"COLUMNS": str(columns), "TERM": "xterm", **(env or {})}
    process = subprocess.Popen(
        [*COMMAND, *argv], env={**PLAIN, **more}, cwd=ROOT, stdin=there, stdout=there, stderr=there, close_fds=True
    )
    os.close(there)
    text = b""
    end = time.time() + 60
    while time.time() < end:
        if select.select([here], [], [], 0.2)[0]:
            try:
                part = os.read(here, 65536)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            text += part
        elif process.poll() is not None:
            break
    os.close(here)
    status = process.wait(60)
    assert b"Traceback" not in text
    return status, text.decode("utf-8")


@pytest.mark.parametrize("columns", [1, 5, 20, 40, 80, 300])
def test_terminals_of_any_width(columns):
    status, text = on_terminal(["shapes", "lenet5"], columns)
    assert status == 0
    assert "61,706" in text.replace("\r\n", "") or columns < 20
    assert "\x1b[" in text


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_terminals_without_colour(env):
    status, text = on_terminal(["shapes", "lenet5"], 100, env)
    assert status == 0
    assert "\x1b[3" not in text and "\x1b[1;3" not in text


def test_without_a_terminal_there_is_no_colour_and_no_width():
    done = ran(["shapes", "resnet18"], env={"COLUMNS": "20", "TERM": "xterm"})
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert max(map(len, done.stdout.decode().splitlines())) > 60


@pytest.mark.parametrize("columns", ["0", "-5", "wide", ""])
def test_columns_that_are_no_number(columns):
    assert ran(["shapes", "lenet5"], env={"COLUMNS": columns}).returncode == 0


# --- locale, home, folders -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "POSIX"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "cp1252"},
    ],
)
def test_other_encodings_of_the_streams(env, tmp_path):
    for argv in (["explain", "lenet5"], ["shapes", "lenet5", "--execute"], ["cost", "lenet5"]):
        assert ran(argv, env=env).returncode == 0
    net = tmp_path / "net.yaml"
    net.write_text("name: 日本\ninput: [3]\nlayers:\n  - Lineær: Linear(3, 2)\n", "utf-8")
    assert ran(["shapes", str(net)], env=env).returncode in (0, 2)
    assert ran(["shapes", "3×8×8 → Flatten"], env=env).returncode == 0


def test_no_home(tmp_path):
    done = ran(["run", "lenet5"])  # PLAIN has no HOME
    assert done.returncode == 0
    assert ran(["shapes", "lenet5"], env={"HOME": str(tmp_path / "none")}).returncode == 0


def test_the_current_folder_is_gone(tmp_path):
    gone = tmp_path / "gone"

    def leave():
        os.mkdir(gone)
        os.chdir(gone)
        os.rmdir(gone)

    assert ran(["shapes", "lenet5"], preexec_fn=leave).returncode == 0
    assert ran(["shapes", "3x8x8 -> Flatten"], preexec_fn=leave).returncode == 0
    (tmp_path / "net.yaml").write_text("input: [3]\nlayers: [ReLU]\n", "utf-8")
    assert ran(["shapes", str(tmp_path / "net.yaml")], preexec_fn=leave).returncode == 0
    done = ran(["run", "lenet5", "--save", "out.npz"], preexec_fn=leave)
    assert done.returncode == 2
    assert done.stderr == b"error[system-refused]: the system refused: No such file or directory\n"


@ROOTLESS
def test_a_read_only_folder(tmp_path):
    (tmp_path / "net.yaml").write_text(SPEC, "utf-8")
    tmp_path.chmod(0o555)
    try:
        assert ran(["shapes", "net.yaml"], cwd=tmp_path).returncode == 0
        done = ran(["run", "net.yaml", "--save", "out.npz"], cwd=tmp_path)
        assert done.returncode == 2
        assert done.stderr == b'error[cannot-save]: "out.npz" cannot be written: Permission denied\n'
    finally:
        tmp_path.chmod(0o755)


@LINUX
def test_a_folder_that_nobody_may_write_to():
    """As root too: no file can be made in /proc."""
    assert ran(["shapes", "3x8x8 -> Flatten"], cwd="/proc").returncode == 0
    done = ran(["run", "3x8x8 -> Flatten", "--save", "/proc/out.npz"])
    assert done.returncode == 2
    assert done.stderr.startswith(b'error[cannot-save]: "/proc/out.npz" cannot be written: ')
    assert done.stdout == b""


# --- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        SPEC.replace("\n", "\r\n").encode(),
        SPEC.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + SPEC.encode(),
        b"\xef\xbb\xbf" + SPEC.replace("\n", "\r\n").encode(),
        SPEC.rstrip().encode(),
    ],
    ids=["CRLF", "CR", "BOM", "BOM and CRLF", "no last line end"],
)
def test_line_ends_and_marks(data, tmp_path, capsys):
    net = tmp_path / "net.yaml"
    net.write_bytes(data)
    assert main(["params", str(net), "conv1"]) == 0
    assert capsys.readouterr() == ("112\n", "")


def test_places_with_other_line_ends(tmp_path, capsys):
    net = tmp_path / "net.yaml"
    for end in ("\n", "\r\n"):
        net.write_bytes(SPEC.replace("Conv2d", "Konv2d").replace("\n", end).encode())
        assert main(["shapes", str(net)]) == 2
        err = capsys.readouterr().err
        assert f"{net}:3:12\n" in err
        assert "3 |   - conv1: Konv2d(3, 4, 3)\n  |            ^^^^^^^^^^^^^^^\n" in err


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (SPEC.encode("utf-16"), "is UTF-16 text, and a spec is UTF-8"),
        (SPEC.encode("utf-16-be"), "is UTF-16 text, and a spec is UTF-8"),
        (SPEC.encode("utf-16-le"), "is UTF-16 text, and a spec is UTF-8"),
        (SPEC.encode("utf-32"), "is UTF-32 text, and a spec is UTF-8"),
        ("name: größe\n".encode("latin-1") + SPEC.encode(), "is not UTF-8: line 1 has the byte 0xF6"),
        (SPEC.encode() + "# €\n".encode("cp1252"), "is not UTF-8: line 4 has the byte 0x80"),
        (b"\x7fELF\x00\x00\x01", "is no text file"),
    ],
)
def test_other_encodings_are_refused(data, said, tmp_path, capsys):
    net = tmp_path / "net.yaml"
    net.write_bytes(data)
    assert main(["shapes", str(net)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0] == f'error[file-encoding]: "{net}" {said}'


@ROOTLESS
def test_a_file_that_may_not_be_read(tmp_path, capsys):
    net = tmp_path / "net.yaml"
    net.write_text(SPEC, "utf-8")
    net.chmod(0)
    assert main(["shapes", str(net)]) == 2
    assert capsys.readouterr().err == f'error[file-unreadable]: "{net}" cannot be read: Permission denied\n'


@LINUX
def test_a_file_that_nobody_can_read(tmp_path, capsys):
    """As root too: the memory of a process has nothing at its beginning."""
    net = tmp_path / "net.yaml"
    net.symlink_to("/proc/self/mem")
    assert main(["shapes", str(net)]) == 2
    assert capsys.readouterr().err == f'error[file-unreadable]: "{net}" cannot be read: Input/output error\n'


@LINUX
def test_a_file_without_end(tmp_path, capsys):
    net = tmp_path / "net.yaml"
    net.symlink_to("/dev/zero")
    assert main(["shapes", str(net)]) == 2
    said = f'error[file-too-large]: "{net}" has more than 64 MB, the most a spec may have\n'
    assert capsys.readouterr().err == said


def test_a_folder_for_a_file(tmp_path, capsys):
    folder = tmp_path / "net.yaml"
    folder.mkdir()
    assert main(["shapes", str(folder)]) == 2
    assert capsys.readouterr().err == f'error[file-unreadable]: "{folder}" is a folder\nhelp: name a file in it\n'
    assert main(["shapes", "lenet5", "--set-file", str(folder)]) == 2
    assert capsys.readouterr().err == f'error[file-unreadable]: "{folder}" is a folder\nhelp: name a file in it\n'
    npz = tmp_path / "a.npz"
    npz.mkdir()
    assert main(["run", "lenet5", "--values", str(npz)]) == 2
    assert capsys.readouterr().err == f'error[values-file]: "{npz}" cannot be read: Is a directory\n'
    assert main(["run", "lenet5", "--save", str(npz)]) == 2
    assert capsys.readouterr().err == f'error[cannot-save]: "{npz}" is a folder\n'


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_that_nobody_writes_to(tmp_path, capsys):
    """It would be waited for, for ever."""
    net = tmp_path / "net.yaml"
    os.mkfifo(net)
    said = f'error[file-unreadable]: "{net}" is a pipe\nhelp: read it as standard input: - < {net}\n'
    for argv in (["shapes", str(net)], ["shapes", "lenet5", "--set-file", str(net)]):
        assert main(argv) == 2
        assert capsys.readouterr().err == said
    assert main(["check", "lenet5", str(net)]) == 2
    assert capsys.readouterr().err == f"warning[sheet-skipped]: skipped: {net}: no regular file\n"
    arrays = tmp_path / "a.npz"
    os.mkfifo(arrays)
    assert main(["run", "lenet5", "--values", str(arrays)]) == 2
    assert capsys.readouterr().err == f'error[values-file]: "{arrays}" is a pipe, not a file\n'


@pytest.mark.skipif(not os.path.exists("/bin/bash"), reason="needs bash")
def test_a_pipe_that_the_shell_writes_to():
    line = f"{sys.executable} -m cnncalc params <(cat specs/lenet5.yaml)"
    done = subprocess.run(["/bin/bash", "-c", line], cwd=ROOT, env=PLAIN, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"61,706" in done.stdout


def test_a_link_that_leads_nowhere(tmp_path, capsys):
    net = tmp_path / "net.yaml"
    net.symlink_to("gone.yaml")
    assert main(["shapes", str(net)]) == 2
    said = f'error[file-not-found]: there is no file "{net}"\nhelp: it is a link to gone.yaml\n'
    assert capsys.readouterr().err == said


def test_names_that_are_no_text():
    done = ran(["shapes", b"\xff.yaml"])
    assert done.returncode == 2
    assert done.stderr.startswith(b'error[file-not-found]: there is no file "\\udcff.yaml"\n')
    done = ran(["shapes", b"3 -> \xff"])
    assert done.returncode == 2
    assert b"error[expression-syntax]: the character U+DCFF has no meaning in an expression\n" in done.stderr


def test_numbers_that_are_none_warn_nobody():
    done = ran(["run", "3x3 -> Exp -> Exp -> Exp -> Exp -> Exp -> Linear(3, 3) -> Sqrt -> Log"])
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"nan" in done.stdout
