"""No spec reaches code, attributes or files that it should not reach, and no text of it is taken for anything else."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import cnncalc
from cnncalc.cli.app import main
from cnncalc.core.problem import Fault, SpecError
from cnncalc.read.yaml.text_file import within
from cnncalc.render import progress  # noqa: F401 - what is imported later must not count as reached
from cnncalc.render.formats import PAGES
from cnncalc.spec import array_files as files

SPEC = "input: [3, 8, 8]\nlayers:\n  - conv1: Conv2d(3, 4, 3)\n  - Flatten\n  - fc: Linear(out_features=2)\n"

# --- expressions ---------------------------------------------------------------------------------------------------

REACHING = [
    "().__class__",
    "().__class__.__bases__[0].__subclasses__()",
    "''.__class__",
    "'a'.join(['b'])",
    "__import__('os').system('touch /tmp/reached')",
    "open('/etc/passwd')",
    "eval('1')",
    "exec('1')",
    "getattr(total, 'params')",
    "globals()",
    "vars()",
    "dir()",
    "type(1)",
    "lambda: 1",
    "[x for x in [1]]",
    "{1: 2}",
    "f'{1}'",
    "(a := 1)",
    "print(1)",
    "sqrt.__globals__",
    "sqrt.__self__",
    "max(*[1, 2])",
    "max(**{})",
    "total.__dict__",
    "total.names",
    "total.rows",
    "total.cnncalc_attribute",
    "conv1.row",
    "conv1.names",
    "conv1.layer",
    "conv1._report",
    "conv1.cnncalc_index",
    "output.fetch",
    "output.tolist",
    "output.tolist()",
    "output.shape.append",
    "output.__array__",
    "input.base",
    "output.tofile('/tmp/reached')",
    "output.ctypes",
    "conv1.weight.dump",
    "gradient.call",
    "rank.__code__",
    "Conv2d.__mro__",
    "Conv2d.bind",
    "pi.real",
    "total.params.bit_length()",
    "total.params.real",
]


@pytest.mark.parametrize("text", REACHING)
def test_expressions_reach_nothing_else(text, tmp_path, capsys):
    net = tmp_path / "net.yaml"
    net.write_text(SPEC, "utf-8")
    assert main(["ask", str(net), text]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert re.match(r"error\[(expression-syntax|expression-value|unknown-name)\]: ", streams.err), streams.err
    with pytest.raises(SpecError):
        cnncalc.loads(f"{SPEC}let:\n  a: {json.dumps(text)}\n  b: sqrt(a)\n").report()
    with pytest.raises(SpecError):
        cnncalc.loads(SPEC.replace("3, 4, 3", f"3, {text}, 3")).report()
    assert not os.path.exists("/tmp/reached")


@pytest.mark.parametrize("command", ["check", "solve"])
def test_conditions_reach_nothing_else(command, tmp_path, capsys):
    net = tmp_path / "net.yaml"
    net.write_text(SPEC + 'expect:\n  "total.__class__": 1\n', "utf-8")
    extra = ["k=1..2", "--want", "total.__class__ == 1"] if command == "solve" else []
    assert main([command, str(net), *extra]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system [id]", "!!python/name:os.system", "!!binary aGk=", "!x y"]
)
def test_tags_make_nothing(tag, tmp_path, capsys):
    net = tmp_path / "net.yaml"
    net.write_text(SPEC + f"let:\n  a: {tag}\n", "utf-8")
    assert main(["shapes", str(net)]) == 2
    assert "error[yaml-tag]" in capsys.readouterr().err


# --- files ---------------------------------------------------------------------------------------------------------


def spec_with(values: str, folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    net = folder / "net.yaml"
    net.write_text(f"input: [3]\nlayers: [ReLU]\nvalues: {values}\n", "utf-8")
    return str(net)


def refused(argv: list[str], capsys) -> str:
    """The first line of the refusal."""
    assert main(argv) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    return streams.err.splitlines()[0]


def test_values_outside_of_the_folder_are_refused(tmp_path, capsys):
    np.savez(tmp_path / "secret.npz", input=np.ones(3))
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.npz").symlink_to(tmp_path / "secret.npz")
    beside = tmp_path / "inside_out"  # its path begins as the folder's does
    beside.mkdir()
    np.savez(beside / "secret.npz", input=np.ones(3))
    names = ["../secret.npz", str(tmp_path / "secret.npz"), "link.npz", "./../secret.npz", "x/../../secret.npz"]
    for name in [*names, "../inside_out/secret.npz", str(beside / "secret.npz"), "../inside"]:
        said = refused(["ask", spec_with(name, inside), "output"], capsys)
        assert said == f'error[outside-folder]: "{name}" is not in the spec\'s own folder'


def test_values_outside_of_the_folder_may_be_named_on_the_command_line(tmp_path, capsys):
    np.savez(tmp_path / "mine.npz", input=np.ones(3))
    inside = tmp_path / "inside"
    inside.mkdir()
    net = inside / "net.yaml"
    net.write_text("input: [3]\nlayers: [ReLU]\n", "utf-8")
    assert main(["run", str(net), "--values", str(tmp_path / "mine.npz"), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["arrays"]["output"] == [1, 1, 1]


def test_values_in_the_folder_and_below_it_are_read(tmp_path, monkeypatch, capsys):
    (tmp_path / "below").mkdir()
    np.savez(tmp_path / "below" / "mine.npz", input=np.ones(3))
    (tmp_path / "link.npz").symlink_to(tmp_path / "below" / "mine.npz")
    for name in ("below/mine.npz", "./below/../below/mine.npz", "link.npz"):
        assert main(["ask", spec_with(name, tmp_path), "output"]) == 0
        assert capsys.readouterr().out == "[1, 1, 1]\n"
    assert within("/", "etc/x.npz") == "/etc/x.npz"


def test_a_base_outside_of_the_folder_is_refused(tmp_path, capsys):
    (tmp_path / "secret.yaml").write_text("input: [3]\nlayers: [ReLU]\n", "utf-8")
    inside = tmp_path / "inside"
    inside.mkdir()
    net = inside / "net.yaml"
    (inside / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (inside / "mine.yaml").write_text("input: [3]\nlayers: [ReLU]\n", "utf-8")
    (inside / "within.yaml").symlink_to(inside / "mine.yaml")
    for name, said in (
        ("link", 'error[outside-folder]: "link" is not in the spec\'s own folder'),
        ("link.yaml", 'error[outside-folder]: "link.yaml" is not in the spec\'s own folder'),
        ("../secret", 'error[unknown-base]: there is no spec "../secret" to build on'),
    ):
        net.write_text(f"base: {name}\n", "utf-8")
        assert refused(["shapes", str(net)], capsys) == said
    for name in ("mine", "within"):
        net.write_text(f"base: {name}\n", "utf-8")
        assert main(["ask", str(net), "output.shape"]) == 0
        assert capsys.readouterr().out == "[3]\n"


ENDLESS = [path for path in ("/proc/kmsg", "/dev/kmsg") if os.access(path, os.R_OK)]


@pytest.mark.parametrize("path", ENDLESS)
def test_what_has_no_end_is_not_waited_for(path, capsys):
    """In a process of its own, which could be ended if it did wait."""
    for argv in (["shapes", path], ["shapes", "lenet5", "--set-file", path]):
        done = subprocess.run([sys.executable, "-m", "cnncalc", *argv], capture_output=True, text=True, timeout=60)
        said = f'error[file-unreadable]: "{path}" has no end, and is not waited for\nhelp: name a file\n'
        assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_a_nul_in_a_file_name_is_refused(tmp_path, capsys):
    assert "error[" in refused(["ask", spec_with(r'"a\0.npz"', tmp_path), "output"], capsys)


def test_a_base_in_another_folder_is_refused(tmp_path, capsys):
    (tmp_path / "other.yaml").write_text(SPEC, "utf-8")
    inside = tmp_path / "inside"
    inside.mkdir()
    for name in ("../other", "../other.yaml", str(tmp_path / "other.yaml")):
        (inside / "net.yaml").write_text(f"base: {name}\n", "utf-8")
        said = refused(["shapes", str(inside / "net.yaml")], capsys)
        assert said == f'error[unknown-base]: there is no spec "{name}" to build on'


def test_bases_that_name_each_other_end(tmp_path, capsys):
    (tmp_path / "a.yaml").write_text("base: b\n", "utf-8")
    (tmp_path / "b.yaml").write_text("base: a\n", "utf-8")
    assert refused(["shapes", str(tmp_path / "a.yaml")], capsys).startswith("error[unknown-base]")


# --- .npz ----------------------------------------------------------------------------------------------------------


def packed(path: Path, members: dict[str, bytes]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, data in members.items():
            pack.writestr(name, data)
    return str(path)


def npy(array: np.ndarray, allow_pickle: bool = False) -> bytes:
    out = io.BytesIO()
    np.lib.format.write_array(out, array, allow_pickle=allow_pickle)
    return out.getvalue()


class Trap:
    """Unpickled, it would make a file."""

    def __reduce__(self):
        return os.mkdir, ("reached",)


def test_pickles_are_not_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = packed(tmp_path / "a.npz", {"input.npy": npy(np.array([Trap()], object), allow_pickle=True)})
    with pytest.raises(Fault) as caught:
        files.load_npz(path)
    assert (caught.value.code, caught.value.message) == (
        "values-file",
        f'"input" in "{path}" holds no numbers but object',
    )
    assert not (tmp_path / "reached").exists()


def test_what_a_file_says_about_its_size_is_checked_first(tmp_path):
    header = npy(np.zeros(3))[:128].replace(b"(3,)", b"(10**12,)"[:4])
    lying = npy(np.zeros(1000)).replace(b"(1000,), ", b"(9999999)"[:9])
    good = npy(np.zeros(1000))
    larger = good.replace(b"'shape': (1000,), }   ", b"'shape': (999999,), } ")
    assert larger != good
    path = packed(tmp_path / "a.npz", {"input.npy": larger})
    with pytest.raises(Fault) as caught:
        files.load_npz(path)
    said = f'"input" in "{path}" says it has 7,999,992 bytes of numbers, and has 8,000'
    assert (caught.value.code, caught.value.message) == ("values-file", said)
    for broken in (header, lying, b"", b"\x93NUMPY", good[:100], b"PK\x03\x04", good[:-8]):
        with pytest.raises(Fault) as caught:
            files.load_npz(packed(tmp_path / "b.npz", {"input.npy": broken}))
        assert caught.value.code == "values-file"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST_BYTES", 1 << 20)
    path = packed(tmp_path / "a.npz", {"input.npy": npy(np.zeros(1 << 18))})
    assert os.path.getsize(path) < 10_000
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("it was opened"))
    with pytest.raises(Fault) as caught:
        files.load_npz(path)
    assert caught.value.code == "values-too-large"
    assert caught.value.message == f'"{path}" holds 2,097,280 bytes once it is unpacked, more than 1,048,576'


def test_many_arrays_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST_ARRAYS", 3)
    path = packed(tmp_path / "a.npz", {f"a{number}.npy": npy(np.zeros(1)) for number in range(4)})
    with pytest.raises(Fault) as caught:
        files.load_npz(path)
    assert (caught.value.code, caught.value.message) == ("values-too-large", f'"{path}" has 4 arrays, more than 3')


def test_arrays_that_are_sound_are_read(tmp_path):
    arrays = {
        "a": np.arange(6.0).reshape(2, 3),
        "b": np.asfortranarray(np.arange(6).reshape(2, 3)),
        "c": np.array(True),
    }
    np.savez_compressed(tmp_path / "a.npz", **arrays)
    found = files.load_npz(str(tmp_path / "a.npz"))
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)


@pytest.mark.parametrize("data", [b"", b"no zip at all", b"PK\x05\x06" + b"\x00" * 18])
def test_what_is_no_zip_is_refused(data, tmp_path, capsys):
    (tmp_path / "a.npz").write_bytes(data)
    argv = ["run", spec_with("a.npz", tmp_path)]
    if data.startswith(b"PK"):  # an empty archive holds nothing
        assert main(argv) == 0
    else:
        assert refused(argv, capsys).startswith("error[values-file]: ")


def test_a_result_is_never_written_over_an_input(tmp_path, capsys):
    np.savez(tmp_path / "a.npz", input=np.ones(3))
    before = (tmp_path / "a.npz").read_bytes()
    net = spec_with("a.npz", tmp_path)
    for name in ("a.npz", "./a.npz", "x/../a.npz"):
        (tmp_path / "x").mkdir(exist_ok=True)
        said = refused(["run", net, "--save", str(tmp_path / name)], capsys)
        assert said.startswith("error[cannot-save]") and said.endswith("is an input and is not overwritten")
    os.link(tmp_path / "a.npz", tmp_path / "same.npz")
    assert refused(["run", net, "--save", str(tmp_path / "same.npz")], capsys).startswith("error[cannot-save]")
    assert (tmp_path / "a.npz").read_bytes() == before


def test_a_result_is_written_whole_or_not_at_all(tmp_path, monkeypatch, capsys):
    net = spec_with("{input: [1, 2, 3]}", tmp_path)
    out = tmp_path / "out.npz"
    out.write_bytes(b"before")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", full)
    said = refused(["run", net, "--save", str(out)], capsys)
    assert said == f'error[cannot-save]: "{out}" cannot be written: No space left on device'
    assert out.read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.yaml", "out.npz"]


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077])
def test_a_new_file_is_as_every_new_file(mask, tmp_path, capsys):
    """It is made for its owner alone and then opened, as far as the user's mask has it, and no further."""
    net = spec_with("{input: [1, 2, 3]}", tmp_path)
    before = os.umask(mask)
    try:
        assert main(["run", net, "--save", str(tmp_path / "out.npz")]) == 0
        assert main(["draw", net, "--output", str(tmp_path / "out.svg")]) == 0
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in ("out.npz", "out.svg")} == {0o666 & ~mask}


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666])
def test_a_file_that_is_written_over_keeps_who_may_read_it(mode, tmp_path, capsys):
    net = spec_with("{input: [1, 2, 3]}", tmp_path)
    out = tmp_path / "out.npz"
    out.write_bytes(b"before")
    out.chmod(mode)
    assert main(["run", net, "--save", str(out)]) == 0
    assert out.stat().st_mode & 0o777 == mode
    assert out.read_bytes() != b"before"


def test_arrays_that_are_in_each_other_are_refused(tmp_path):
    """One array, named twice in the file's list of contents."""
    whole = packed(tmp_path / "a.npz", {"input.npy": npy(np.arange(1 << 12))})
    data = Path(whole).read_bytes()
    at, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry, tail = data[at:end], bytearray(data[end:])
    tail[8:12] = (2).to_bytes(2, "little") * 2
    tail[12:16] = (2 * len(entry)).to_bytes(4, "little")
    (tmp_path / "a.npz").write_bytes(data[:at] + entry + entry.replace(b"input.npy", b"other.npy") + bytes(tail))
    with pytest.raises(Fault) as caught:
        files.load_npz(whole)
    said = f'"{whole}" cannot be read: its arrays are in each other'
    assert (caught.value.code, caught.value.message) == ("values-file", said)


# --- texts ---------------------------------------------------------------------------------------------------------

EVIL = "\x1b]0;owned\x07\x1b[31m\x9b31m\u202e<script>alert(1)</script>\\input{/etc/passwd}|`rm`*_$x$%&"


def evil_spec(folder: Path) -> str:
    net = folder / "net.yaml"
    net.write_text(
        f"name: {json.dumps(EVIL)}\ninput: [3]\nlayers:\n  - {json.dumps(EVIL + 'a')}: Linear(3, 2)\n"
        f"  - {json.dumps('=HYPERLINK(1)')}: ReLU\n  - {json.dumps('@SUM(A1)')}: Tanh\n  - {json.dumps('+1')}: Tanh\n",
        "utf-8",
    )
    return str(net)


def shown(argv: list[str], capsys) -> str:
    """Standard output and error together."""
    main(argv)
    streams = capsys.readouterr()
    return streams.out + streams.err


def printed(spec: str, command: str, format: str, capsys) -> str:
    return shown([command, spec, "--format", format], capsys)


FORMATS = [page.name for page in PAGES if page.name != "table"]  # which is plain where no terminal draws it


def named(folder: Path) -> str:
    """A network whose names are as evil as names can be: what is refused as a name stands in its name alone."""
    net = folder / "named.yaml"
    net.write_text(
        f"name: {json.dumps(EVIL)}\ninput: [3]\nlayers:\n  - fc: Linear(3, 2)\n"
        f"expect:\n  fc.params: {json.dumps(EVIL)}\n  output.shape: {json.dumps('=1+1')}\n",
        "utf-8",
    )
    return str(net)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("command", ["shapes", "params", "explain", "cost", "check", "run"])
def test_no_control_character_comes_through(command, format, tmp_path, capsys):
    for spec in (named(tmp_path), evil_spec(tmp_path)):
        text = printed(spec, command, format, capsys)
        assert text
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2028]", text), repr(text)


@pytest.mark.parametrize("command", ["shapes", "params", "explain", "cost", "run"])
def test_html_has_no_foreign_elements(command, tmp_path, capsys):
    text = printed(named(tmp_path), command, "html", capsys)
    assert "&lt;script&gt;" in text
    assert "<script" not in text
    assert not re.search(r"\son\w+=|javascript:|https?://", text)


@pytest.mark.parametrize("command", ["shapes", "params", "explain", "cost", "run"])
def test_latex_has_no_foreign_commands(command, tmp_path, capsys):
    text = printed(named(tmp_path), command, "latex", capsys).replace(r"\allowbreak{}", "")
    assert r"\input{" not in text
    assert r"\textbackslash{}input\{/etc/passwd\}" in text


@pytest.mark.parametrize("command", ["shapes", "params", "explain", "cost"])
def test_markdown_has_no_foreign_markup(command, tmp_path, capsys):
    text = printed(named(tmp_path), command, "markdown", capsys)
    assert "<script" not in text.replace("\\<script", "")
    assert "`rm`" not in text.replace("\\`rm\\`", "")


def test_spreadsheets_run_no_cell():
    from cnncalc.document import Column, Document, Table
    from cnncalc.render import csv as renderer

    texts = ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", " =1", 'a"b', "a,b", "a\nb", "=\x1b"]
    table = Table([Column(title, "text") for title in ("=title",)], [[text] for text in texts])
    rows = list(csv.reader(io.StringIO(renderer.render(Document([table])))))
    assert len(rows) == len(texts) + 1
    for (cell,) in rows:
        assert not cell.lstrip().startswith(("=", "+", "-", "@"))


def test_a_spec_name_with_a_formula_is_text_in_csv(tmp_path, capsys):
    net = tmp_path / "net.yaml"
    net.write_text("input: [3]\nlayers:\n  - fc: Linear(3, 2)\nexpect:\n  '-fc.params': -8\n", "utf-8")
    main(["check", str(net), "--format", "csv"])
    for row in csv.reader(io.StringIO(capsys.readouterr().out)):
        for cell in row:
            assert not re.match(r"[=+@\t\r]|-\D", cell)


def test_json_is_plain(tmp_path, capsys):
    text = printed(named(tmp_path), "shapes", "json", capsys)
    assert text.isascii()
    assert json.loads(text)["name"] == EVIL
