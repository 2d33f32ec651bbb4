"""An option that a command takes has an effect on what is printed, or standard error says that it has none.

The options are those of the commands themselves; each command is tried in all its forms with each of them.
"""

from __future__ import annotations

import re
import shutil

import pytest

from cnncalc.cli import command_line, known

NET = """\
name: small
input: [2, 8, 8]
let: {width: 4, p: 0.5}
layers:
  - conv: Conv2d(2, width, 3, padding=1)
  - sequential:
      - norm: BatchNorm2d
      - ReLU
      - MaxPool2d(2)
    name: stage
  - turn: Flatten(2)
  - attn: Attention(16, causal=True, bias=True)
  - drop: Dropout(p)
  - flat: Flatten
  - fc: Linear(out_features=3)
  - tail: Linear(out_features=3)
    repeat: 2
expect:
  conv.params: 76
  fc.shape: [4]
"""
SEARCH = """\
name: search
input: [3, 16, 16]
let: {k: 3, s: 1, c: 8}
layers:
  - conv: Conv2d(3, c, k, stride=s)
"""
RNN = """\
name: steps
input: [3, 2]
layers:
  - rnn: RNN(2, 3)
values:
  rnn.weight_hh_l0: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
"""
# A value for each option that is not what it is without it; None for a flag.
VALUES = {
    "--answers": "sheet.yaml",
    "--net": "plain.yaml",
    "--backward": None,
    "--stdio": None,
    "--static": "site",
    "--pyodide": "nosuch.tgz",
    "--batch": "3",
    "--bias": None,
    "--by": "type",
    "--causal": "halve",
    "--compact": None,
    "--compare-dense": None,
    "--convention": "keras",
    "--count": "3",
    "--columns": "input",
    "--depth": "1",
    "--direction": "right",
    "--dtype": "float64",
    "--execute": None,
    "--feedback": "back",
    "--flash": None,
    "--format": "json",
    "--full": None,
    "--gradcheck": None,
    "--growth": None,
    "--hints": "3",
    "--input": "2x12x12",
    "--inside": "attn",
    "--key": None,
    "--labels": "a,b,c,d",
    "--layout": "channels_last",
    "--limit": "1",
    "--list": None,
    "--macs": None,
    "--max-tries": "1",
    "--memory-limit": "1",
    "--mixed": "bf16",
    "--no-params": None,
    "--no-open": None,
    "--port": "0",
    "--optimizer": "momentum",
    "--output": "made.txt",
    "--permute": None,
    "--points": None,
    "--precision": "1",
    "--quiet": None,
    "--quiet-key": None,
    "--receptive": None,
    "--recompute": "all",
    "--tp": "2",
    "--pp": "1",
    "--at": "1,1",
    "--steps": "2",
    "--page": "a4",
    "--width": "700",
    "--heat": "params",
    "--fragment": None,
    "--style": "volumes",
    "--dp": "2",
    "--zero": "1",
    "--ep": "1",
    "--accumulate": "2",
    "--decode": None,
    "--context": "5",
    "--devices": "H100",
    "--save": "made.npz",
    "--seed": "7",
    "--set": "width=6",
    "--set-file": "more.yaml",
    "--shift": "1,0",
    "--show": "conv",
    "--through-time": "rnn",
    "--to": "torch",
    "--total": None,
    "--train": None,
    "--totals": None,
    "--unroll": "2",
    "--values": "given.npz",
    "--variants": "2",
    "--verbose": None,
    "--want": "conv.params > 300",
    "--weights": "given.npz",
}
# What stands for the table's value in one command.
OTHERWISE = {
    ("run", "--dtype"): "float32",
    ("solve", "--by"): "macs",
    ("check", "--answers"): "other.yaml",
    ("solve", "--set"): "c=6",
    ("worksheet", "--format"): "yaml",
    ("quiz", "--to"): "markdown",
}
# Options that are heeded and show nothing here: there is one target; so many digits are the same in float32; arrows
# have no sizes; one solution has one order, one layer keeps its input.
HEEDED = {
    # what is small fits every page
    ("draw net.yaml --format svg", "--page"),
    ("draw net.yaml --format svg", "--width"),
    # of one device of one, one stage and one micro-batch, or of replicas that share nothing, the bytes are the same
    *(
        ("explain net.yaml total.training_bytes attn.kv_cache_bytes", f"--{name}")
        for name in ("pp", "dp", "zero", "ep", "accumulate")
    ),
    ("check net.yaml sheet.yaml --format gradescope", "--quiet-key"),  # its mistake is told without a value
    ("check net.yaml sheet.yaml --format junit", "--quiet-key"),
    ("export net.yaml", "--to"),
    ("run net.yaml --format csv", "--dtype"),
    ("run plain.yaml --through-time rnn", "--dtype"),
    ("draw net.yaml --format csv", "--set"),
    ("solve search.yaml k=3,5 s=1,4 --want total.training_bytes<11500", "--by"),
    ("solve search.yaml k=3,5 s=1,4 --want total.training_bytes<11500", "--recompute"),
    ("draw net.yaml --format csv", "--set-file"),
}
FORMS = [
    "shapes net.yaml",
    "shapes net.yaml --format json",
    "shapes net.yaml --format csv",
    "shapes plain.yaml",
    "shapes net.yaml --execute",
    "shapes net.yaml --execute --format json",
    "shapes net.yaml conv",
    "shapes net.yaml conv --format json",
    "shapes net.yaml conv --execute",
    "params net.yaml",
    "params net.yaml --format json",
    "params net.yaml --execute",
    "params net.yaml conv",
    "params net.yaml --total",
    "params net.yaml --compare-dense",
    "params net.yaml --format csv",
    "cost net.yaml",
    "cost net.yaml --by type",
    "cost net.yaml --by part",
    "cost net.yaml --format json",
    "cost net.yaml --format csv",
    "cost net.yaml attn.macs fc.flops",
    "cost net.yaml total.training_bytes total.kv_cache_bytes",
    "cost net.yaml --execute",
    "cost net.yaml attn",
    "cost net.yaml conv fc --format json",
    "cost net.yaml attn --execute",
    "cost plain.yaml",
    "cost plain.yaml --by part",
    "cost plain.yaml rnn",
    "explain net.yaml",
    "explain net.yaml conv",
    "explain net.yaml total.training_bytes attn.kv_cache_bytes",
    "explain net.yaml --format json",
    "explain net.yaml --format csv",
    "explain net.yaml --execute",
    "check net.yaml",
    "check net.yaml --format json",
    "check sizes.yaml",
    "check net.yaml --execute",
    "check net.yaml sheet.yaml",
    "check net.yaml sheet.yaml --verbose",
    "check net.yaml sheet.yaml --format json",
    "check net.yaml sheet.yaml --format csv",
    "check net.yaml sheet.yaml --format html",
    "check net.yaml sheet.yaml --format gradescope",
    "check net.yaml sheet.yaml --format junit",
    "worksheet drawn.yaml",
    "worksheet drawn.yaml --variants 3",
    "worksheet drawn.yaml --format csv --key",
    "quiz net.yaml --to json",
    "quiz net.yaml --to moodle",
    "ask net.yaml fc.params",
    "ask net.yaml fc.params --execute",
    "ask net.yaml total.training_bytes",
    "ask net.yaml fc.params --format json",
    "ask net.yaml sum(conv.output)",
    "ask net.yaml sum(conv.output) --format json",
    "compare net.yaml lenet5",
    "compare net.yaml lenet5 --totals",
    "compare net.yaml lenet5 --format json",
    "solve search.yaml k=3,5 s=1,4 --want conv.params>100",
    "solve search.yaml k=3,5 s=1,4 --want conv.params>100 --format json",
    "solve search.yaml k=3,5 s=1,4 --want total.training_bytes<11500",
    "run net.yaml",
    "run net.yaml --format json",
    "run net.yaml --format csv",
    "run net.yaml --show conv",
    "run net.yaml --backward",
    "run net.yaml --shift 1,0",
    "run plain.yaml --gradcheck",
    "run plain.yaml --through-time rnn",
    "run plain.yaml --through-time rnn --format json",
    "draw net.yaml",
    "draw net.yaml --inside attn",
    "draw plain.yaml --inside rnn --compact",
    "draw net.yaml --format json",
    "draw net.yaml --format svg",
    "draw net.yaml --format csv",
    "draw plain.yaml",
    "draw plain.yaml --inside rnn --unroll 2",
    "report net.yaml",
    "report net.yaml --execute",
    "export net.yaml",
    "import search.yaml",
    "layers",
    "layers conv2d",
    "layers --full",
    "layers --format json",
    "specs",
    "schema",
    "why",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    import numpy as np

    path = tmp_path_factory.mktemp("idle")
    (path / "sizes.yaml").write_text(NET + "  total.training_bytes: 24072\n", encoding="utf-8")
    drawn = NET.replace("width: 4", "width: 4, k: {from: [1, 3, 5, 7]}").replace(
        "width, 3, padding=1", "width, k, padding=k//2"
    )
    (path / "drawn.yaml").write_text(drawn, encoding="utf-8")
    (path / "search.yaml").write_text(SEARCH, encoding="utf-8")
    (path / "other.yaml").write_text("conv.params: 72\n", encoding="utf-8")
    (path / "net.yaml").write_text(NET, encoding="utf-8")
    (path / "plain.yaml").write_text(RNN, encoding="utf-8")
    (path / "more.yaml").write_text("{width: 5, c: 5}\n", encoding="utf-8")
    (path / "sheet.yaml").write_text("conv.params: 76\nfc.shape: [5]\n", encoding="utf-8")
    np.savez(path / "given.npz", **{"fc.weight": np.ones((3, 64))})
    return path


def written(command: str, flag: known.Flag) -> list[str]:
    """The option as it stands on the command line."""
    name = next(name for name in flag.written if name in VALUES)
    value = OTHERWISE.get((command, name), VALUES[name])
    return [name] if value is None else [name, value]


def test_every_option_is_tried():
    for name in command_line.COMMANDS:
        for flag in known.flags(name):
            if "--help" not in flag.written:
                assert not VALUES.keys().isdisjoint(flag.written), f"{flag.written} of {name} has no value in VALUES"
    # `lsp` talks to a program, `serve` to a browser
    assert {form.split()[0] for form in FORMS} == set(command_line.COMMANDS) - {"lsp", "serve"}, (
        "add a call of the command to FORMS in tests/test_idle_options.py"
    )


@pytest.mark.parametrize("form", FORMS)
def test_no_option_is_ignored_in_silence(form, folder, call, monkeypatch):
    monkeypatch.chdir(folder)
    command, *rest = form.split()

    def outcome(*more):
        before = {path.name for path in folder.iterdir()}
        found = call(command, *rest, *more)
        made = [path for path in folder.iterdir() if path.name not in before]
        for path in made:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return found, bool(made)

    plain, _ = outcome()
    assert plain.status in (0, 1), plain.err
    silent = []
    for flag in known.flags(command):
        if "--help" in flag.written or not set(rest).isdisjoint(flag.written):
            continue
        more = written(command, flag)
        if (form, more[0]) in HEEDED:
            continue
        found, made = outcome(*more)
        idle = re.search(rf"{more[0]}\b.* changes? nothing", found.err)
        same = (found.status, found.out) == (plain.status, plain.out) and not made
        if same and found.err == plain.err:
            silent.append(" ".join(more))
        elif idle and not same:
            silent.append(f"{' '.join(more)}, which is said to change nothing")
    assert not silent, "; ".join(silent)
