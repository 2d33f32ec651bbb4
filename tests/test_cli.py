"""The command line: statuses, streams, what people type. Whole outputs are compared where they are short."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cnncalc.cli import command_line
from cnncalc.cli.app import main
from cnncalc.cli.execution import size
from cnncalc.core.problem import SpecError
from cnncalc.render.formats import FORMATS

HERE = Path(__file__).resolve().parent.parent

SPEC = """\
input: [3, 64, 64]
layers:
  - conv1: Conv2d(3, 16, 3, padding=1)
  - pool1: MaxPool2d(2)
  - Flatten
  - fc: Linear(out_features=10)
"""


def process(*argv, **more):
    """Run a command in a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(HERE)}
    return subprocess.run(
        [sys.executable, "-m", "cnncalc", *argv], capture_output=True, text=True, env=env, timeout=60, **more
    )


# --- formats -------------------------------------------------------------------------------------------------------

SHAPES = """\
net

layer      type                         output shape      params
---------  ---------------------------  ---------------  -------
input      input                        (N, 3, 64, 64)
conv1      Conv2d(3, 16, 3, padding=1)  (N, 16, 64, 64)      448
pool1      MaxPool2d(2)                 (N, 16, 32, 32)        0
flatten_1  Flatten                      (N, 16384)             0
fc         Linear(16384, 10)            (N, 10)          163,850
---------  ---------------------------  ---------------  -------
total                                                    164,298
"""


def test_shapes(call, spec):
    done = call("shapes", spec(SPEC))
    assert (done.status, done.out, done.err) == (0, SHAPES, "")


@pytest.mark.parametrize("argv", [("--format", "plain"), ("-f", "plain"), ("--plain",), ("-f", "table")])
def test_plain(call, spec, argv):
    assert call("shapes", spec(SPEC), *argv).out == SHAPES


def test_json(call, spec):
    document = json.loads(call("shapes", spec(SPEC), "--format", "json").out)
    # The example of the spec language's own page.
    assert document["inputs"] == {"input": [3, 64, 64]}
    row = document["layers"][0]
    assert {key: row[key] for key in ("name", "type", "from", "input_shapes", "output_shape", "weights")} == {
        "name": "conv1",
        "type": "Conv2d",
        "from": ["input"],
        "input_shapes": [[3, 64, 64]],
        "output_shape": [16, 64, 64],
        "weights": {"weight": [16, 3, 3, 3], "bias": [16]},
    }
    assert (row["params"], row["trainable"], row["macs"], row["dense_params"]) == (448, 448, 1769472, 805371904)
    assert document["totals"]["params"] == 164298


def test_json_of_params_is_the_same_document(call):
    assert call("params", "lenet5", "--json").out == call("shapes", "lenet5", "-f", "json").out


def test_csv(call, spec):
    rows = list(csv.DictReader(io.StringIO(call("params", spec(SPEC), "--csv").out)))
    assert [row["layer"] for row in rows] == ["conv1", "pool1", "flatten_1", "fc"]
    assert [int(row["params"]) for row in rows] == [448, 0, 0, 163850]


def test_markdown(call, spec):
    lines = call("shapes", spec(SPEC), "--markdown").out.splitlines()
    assert lines[0] == "# net"
    assert lines[3] == "| --------- | --------------------------- | --------------- | ----------: |"


def test_batch(call, spec):
    assert "(8, 16, 64, 64)" in call("shapes", spec(SPEC), "--batch", "8").out


def test_macs(call, spec):
    assert "1,769,472" in call("shapes", spec(SPEC), "--macs").out


def test_depth(call):
    lines = call("shapes", "gpt2", "--depth", "1").out.splitlines()
    assert [line.split()[0] for line in lines[4:11]] == ["input", "wte", "wpe", "drop", "h", "ln_f", "lm_head"]
    assert "h × 12" in lines[8]
    # 124,439,808 is the count of GPT-2 small.
    assert lines[12].split() == ["total", "124,439,808"]


# --- execution -----------------------------------------------------------------------------------------------------


def test_execute(call):
    done = call("shapes", "lenet5", "--execute")
    assert (done.status, done.err) == (0, "")
    assert done.out.count("✓") == 12
    assert done.out.endswith("\nconfirmed: executed with NumPy, all 12 layers are as predicted\n")


def test_execute_json(call):
    document = json.loads(call("shapes", "lenet5", "--execute", "--json", "--batch", "2").out)
    assert document["executed"]["confirmed"] is True
    assert [row["executed_shape"] for row in document["layers"]] == [row["output_shape"] for row in document["layers"]]


@pytest.mark.parametrize("command", ["shapes", "params"])
def test_an_execution_that_differs(call, monkeypatch, command):
    from cnncalc.execute import kernel

    find = kernel.find

    def wrong(name):
        if name == "AvgPool2d":
            return lambda layer, weights, x: x[..., ::2, 1::2][..., 1:, :]
        return find(name)

    monkeypatch.setattr(kernel, "find", wrong)
    done = call(command, "1x8x8 -> AvgPool2d(2) -> ReLU", "--execute")
    assert done.status == 1
    assert "not confirmed: 2 of 2 layers differ\navgpool2d_1: executed [1, 3, 4], predicted [1, 4, 4]\n" in done.out


def test_too_much_memory(call):
    done = call("shapes", "vgg16", "--execute", "--memory-limit", "100MB")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("error[too-much-memory]: executing vgg16 takes about ")
    assert "more than the limit of 100 MB\n" in done.err


# --- single values -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "out"),
    [
        (("params", "lenet5", "conv1"), "156\n"),
        (("params", "lenet5", "--total"), "61706\n"),
        (("params", "lenet5", "conv1.shape"), "[6, 28, 28]\n"),
        (("params", "lenet5", "conv1", "total"), "conv1.params = 156\ntotal.params = 61,706\n"),
        (("shapes", "lenet5", "conv1"), "[6, 28, 28]\n"),
        (("shapes", "lenet5", "output"), "[10]\n"),
        (("ask", "lenet5", "total.params"), "61706\n"),
        (
            ("ask", "vgg16", "total.params / 8", "output.shape"),
            "total.params / 8 = 17,294,693\noutput.shape = [1000]\n",
        ),
        (("ask", "lenet5", "total.params", "--csv"), "ask,value\ntotal.params,61706\n"),
        (("ask", "lenet5", "conv1.params", "2 * conv1.params"), "conv1.params = 156\n2 * conv1.params = 312\n"),
        (("ask", "lenet5", "conv1.params", "--json"), '{"ask": "conv1.params", "value": 156}\n'),
        (("ask", "lenet5", "conv1.shape", "--json"), '{"ask": "conv1.shape", "value": [6, 28, 28]}\n'),
        (("ask", "lenet5", "conv1.params == 156"), "true\n"),
        (("ask", "lenet5", "conv1.params", "--csv"), "ask,value\nconv1.params,156\n"),
    ],
)
def test_values(call, argv, out):
    done = call(*argv)
    assert (done.status, done.out, done.err) == (0, out, "")


def test_ask_for_what_is_not_there(call):
    done = call("ask", "lenet5", "conv9.params")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("error[unknown-name]")
    assert "did you mean conv2?" in done.err


# --- check ---------------------------------------------------------------------------------------------------------

EXPECT = (
    SPEC
    + """\
expect:
  conv1.shape: [16, 64, 64]
  conv1.params: 432
  Conv2d.params / total.params: 0.27%
"""
)


def test_check(call, spec):
    done = call("check", spec(EXPECT))
    assert (done.status, done.err) == (1, "")
    table = done.out.splitlines()[2:7]
    assert [line.split()[0] for line in table[2:]] == ["✓", "✗", "✓"]
    assert table[3].split() == ["✗", "conv1.params", "432", "448"]
    assert "2 right, 1 wrong\n" in done.out


def test_check_json(call, spec):
    document = json.loads(call("check", spec(EXPECT), "--format", "json").out)
    assert (document["passed"], document["failed"]) == (2, 1)
    wrong = document["results"][1]
    assert {key: wrong[key] for key in ("ask", "expected", "actual", "ok")} == {
        "ask": "conv1.params",
        "expected": 432,
        "actual": 448,
        "ok": False,
    }


@pytest.mark.parametrize("format", ["table", "json", "csv", "markdown"])
def test_quiet_key_never_says_the_right_value(call, spec, format):
    done = call("check", spec(EXPECT), "--quiet-key", "--format", format)
    assert done.status == 1
    assert "432" in done.out and "448" not in done.out + done.err


def test_check_that_holds(call, spec):
    done = call("check", spec(SPEC + "expect:\n  total.params: 164_298\n"))
    assert done.status == 0
    assert done.out.endswith("all right\n")


def test_check_without_expectations(call, spec):
    done = call("check", spec(SPEC))
    assert (done.status, done.out) == (0, "net\n\nnothing to check: the spec has no expect\n")


def test_unknown_name_in_expect(call, spec):
    done = call("check", spec(SPEC + "expect:\n  con1.params: 3\n"))
    assert (done.status, done.out) == (2, "")
    assert "did you mean conv1?" in done.err


def test_many_answers(call, spec, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spec(EXPECT.replace("432", "448"), "key.yaml")
    spec("conv1.shape: [16, 64, 64]\nconv1.params: 448\nConv2d.params / total.params: 0.27%\n", "ann.yaml")
    spec("conv1.shape: 64x64x16\nconv1.params: 432\n", "ben.yaml")
    spec("expect:\n  conv9.params: 3\n", "cem.yaml")
    done = call("check", "key.yaml", "ann.yaml", "ben.yaml")
    assert (done.status, done.err) == (1, "")
    assert (
        done.out
        == """\
key

submission  right  wrong  unreadable  not answered  remark
----------  -----  -----  ----------  ------------  ---------------------------------------------------
ann.yaml        3      0           0             0
ben.yaml        1      1           0             1  conv1.shape: order H, W, C; here shapes are C, H, W
----------  -----  -----  ----------  ------------  ---------------------------------------------------
total           4      1           0             1  2 submissions

--verbose shows which are wrong, and the mistakes behind them
"""
    )
    assert "448" not in call("check", "key.yaml", "ben.yaml", "--quiet-key", "--verbose").out
    assert call("check", "key.yaml", "ann.yaml").status == 0
    done = call("check", "key.yaml", "ann.yaml", "cem.yaml", "gone.yaml", "--json")
    assert done.status == 2
    ann, cem, gone = json.loads(done.out)["files"]
    assert (ann["passed"], ann["failed"]) == (3, 0)
    assert "conv9" in cem["not_asked"][0] and "gone.yaml" in gone["problems"][0]


# --- mistakes ------------------------------------------------------------------------------------------------------


def test_rows_up_to_the_failing_layer(call, spec):
    path = spec("input: [3, 64, 64]\nlayers:\n  - conv1: Conv2d(3, 16, 3)\n  - conv2: Conv2d(8, 16, 3)\n")
    done = call("shapes", path)
    assert done.status == 2
    assert (
        done.out
        == """\
net

layer  type              output shape     params
-----  ----------------  ---------------  ------
input  input             (N, 3, 64, 64)
conv1  Conv2d(3, 16, 3)  (N, 16, 62, 62)     448
"""
    )
    assert (
        done.err
        == f"""\
error[input-contradicts]: conv2: Conv2d has in_channels=8, but its input [16, 62, 62] has C_in = 16
 --> {path}:4:19
  |
4 |   - conv2: Conv2d(8, 16, 3)
  |                   ^
help: write in_channels=16, or leave in_channels out: it is inferred
"""
    )


@pytest.mark.parametrize("argv", [("shapes", "--json"), ("params",), ("ask", "total.params"), ("check",)])
def test_nothing_on_standard_output(call, spec, argv):
    path = spec("input: [3, 64, 64]\nlayers:\n  - conv1: Conv2d(3, 16, 3)\n  - conv2: Conv2d(8, 16, 3)\n")
    done = call(argv[0], path, *argv[1:])
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("error[input-contradicts]")


COMMANDS = ", ".join(command_line.COMMANDS)


@pytest.mark.parametrize(
    ("argv", "err"),
    [
        (
            ("shaps", "x.yaml"),
            f'error[unknown-command]: there is no command "shaps"\nhelp: did you mean shapes?\n'
            f"help: the commands are {COMMANDS}\n",
        ),
        (
            ("resnt50",),
            'error[unknown-command]: there is no command "resnt50"\n'
            "help: did you mean the network resnet50? cnncalc shapes resnet50\n"
            f"help: the commands are {COMMANDS}\n",
        ),
        (
            ("flops", "lenet5"),
            'error[unknown-command]: there is no command "flops"\n'
            "help: cnncalc cost NET lists MACs and FLOPs; "
            "cnncalc ask NET total.macs gives a sum (one MAC is two FLOPs)\n"
            f"help: the commands are {COMMANDS}\n",
        ),
        (
            ("shapes", "lenet5", "--fromat", "json"),
            "error[unknown-flag]: cnncalc shapes has no option --fromat\nhelp: did you mean --format?\n",
        ),
        (
            ("cost", "lenet5", "--training"),
            "error[unknown-flag]: cnncalc cost has no option --training\n"
            "help: cnncalc cost shows what training takes: gradients, optimizer, saved activations; "
            "--optimizer, --mixed and --recompute change it\n",
        ),
        (
            ("cost", "lenet5", "--seq-len", "9"),
            "error[unknown-flag]: cnncalc cost has no option --seq-len\nhelp: did you mean --input?\n",
        ),
        (
            ("shapes", "tests/data/huggingface.jsonl.xz"),
            'error[unknown-format]: "tests/data/huggingface.jsonl.xz" is of no format that is read here\n'
            "help: what is read: specs (.yaml, .yml), PyTorch source (.py), .onnx, .keras, a .json of Keras or "
            "Hugging Face, printed models (.txt)\n",
        ),
        (
            ("shapes", "lenet5", "--format", "jsn"),
            'error[unknown-format]: there is no format "jsn"\nhelp: did you mean json?\n'
            f"help: the formats are {', '.join(FORMATS)}\n",
        ),
        (
            ("params", "lenet5", "--depth", "0"),
            "error[option-value]: invalid value for '--depth' / '-d': 0 is not in the range x>=1\n"
            "help: cnncalc params --help lists what it takes\n",
        ),
        (
            ("shapes",),
            "error[missing-argument]: cnncalc shapes needs NET\nhelp: for example: cnncalc shapes net.yaml, "
            'cnncalc shapes lenet5, or cnncalc shapes "3x64x64 -> Conv2d(3, 16, 3)"\n',
        ),
        (
            ("ask", "lenet5"),
            "error[missing-argument]: cnncalc ask needs EXPRESSION\nhelp: cnncalc ask --help lists what it takes\n",
        ),
        (
            ("schema", "again"),
            "error[wrong-call]: cnncalc schema has no use for again\nhelp: cnncalc schema --help lists what it takes\n",
        ),
        (
            ("shapes", "lenet5", "--set", "classes"),
            'error[option-value]: --set takes NAME=VALUE, not "classes"\nhelp: for example --set classes=10\n',
        ),
        (
            ("shapes", "lenet5", "--set", "classes=10", "-s", "classes=10", "-s", "classes=100"),
            "error[duplicate-name]: --set gives classes twice: 10 and 100\n",
        ),
        (
            ("why", "kernel-larger-than-inpt"),
            'error[unknown-code]: there is no page on "kernel-larger-than-inpt"\n'
            "help: did you mean kernel-larger-than-input?\n",
        ),
        (
            ("shapes", "3x64x64", "-"),
            'error[chain-not-quoted]: only "3x64x64 -" arrived: the shell took ">" as "write to a file"\n'
            'help: put the chain in quotes: cnncalc shapes "3x64x64 -> ..."\n',
        ),
        (
            ("3x64x64", "-"),
            'error[chain-not-quoted]: only "3x64x64 -" arrived: the shell took ">" as "write to a file"\n'
            'help: put the chain in quotes: cnncalc shapes "3x64x64 -> ..."\n',
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_calls(call, monkeypatch, argv, err):
    monkeypatch.setattr(command_line, "_stdout_file", lambda: "")
    done = call(*argv)
    assert (done.status, done.out, done.err) == (2, "", err)


def test_a_cut_chain_never_waits_and_names_the_file(tmp_path):
    """As the shell does it: `cnncalc shapes 3x64x64 -> Flatten` with an open standard input."""
    read, write = os.pipe()
    try:
        with open(tmp_path / "Flatten", "w") as out:
            done = subprocess.run(
                [sys.executable, "-m", "cnncalc", "shapes", "3x64x64", "-"],
                stdin=read,
                stdout=out,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": str(HERE)},
                timeout=30,
            )
    finally:
        os.close(read)
        os.close(write)
    assert done.returncode == 2
    assert done.stderr.startswith('error[chain-not-quoted]: only "3x64x64 -" arrived')
    if sys.platform == "linux":
        assert 'the file "Flatten" was made by the shell and holds nothing' in done.stderr
    assert (tmp_path / "Flatten").read_text() == ""


def test_standard_input_is_a_spec():
    done = process("shapes", "-", input=SPEC)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == SHAPES.replace("net\n", "stdin\n", 1)


# --- what people type ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["net.yaml"], ["shapes", "net.yaml"]),
        (["lenet5", "--json"], ["shapes", "lenet5", "--format", "json"]),
        (["-f", "json", "net.yaml"], ["shapes", "-f", "json", "net.yaml"]),
        (["-"], ["shapes", "-"]),
        (["3x8x8 -> ReLU"], ["shapes", "3x8x8 -> ReLU"]),
        (["3x8x8", "→", "ReLU", "→", "Flatten"], ["shapes", "3x8x8 → ReLU → Flatten"]),
        (["shapes", "3x8x8", "=>", "ReLU", "--json"], ["shapes", "3x8x8 => ReLU", "--format", "json"]),
        (["shape", "a.yaml"], ["shapes", "a.yaml"]),
        (["summary", "a.yaml"], ["shapes", "a.yaml"]),
        (["param", "a.yaml"], ["params", "a.yaml"]),
        (["shapes", "a", "--input", "3", "64", "64"], ["shapes", "a", "--input", "3, 64, 64"]),
        (["shapes", "a", "-i", "3,", "64,", "64", "--json"], ["shapes", "a", "-i", "3, 64, 64", "--format", "json"]),
        (["shapes", "-i", "3x64x64", "-"], ["shapes", "-i", "3x64x64", "-"]),
        (["ask", "-", "total.params"], ["ask", "-", "total.params"]),
        (["--version"], ["--version"]),
        ([], []),
    ],
    ids=" ".join,
)
def test_mended(typed, meant):
    assert command_line.normalize(typed) == meant


@pytest.mark.parametrize(
    "argv",
    [
        ["shapes", "3x64x64", "-"],
        ["params", "3x64x64", "-", "-"],
        ["shapes", "[3,64,64]", "-"],
        ["shapes", "3x64x64", "-", "--json"],
        ["ask", "CxHxW", "-", "total.params"],
    ],
    ids=" ".join,
)
def test_cut_chains_are_seen(argv):
    with pytest.raises(SpecError) as error:
        command_line.normalize(argv)
    assert error.value.problems[0].code == "chain-not-quoted"


def test_three_words_after_input(call, spec):
    assert call("shapes", spec(SPEC), "--input", "3", "32", "32", "conv1").out == "[16, 32, 32]\n"


@pytest.mark.parametrize(
    ("text", "bytes"), [("2GB", 2 * 10**9), ("512 MiB", 512 << 20), ("1.5k", 1500), ("7", 7), ("1TiB", 1 << 40)]
)
def test_sizes_of_memory(text, bytes):
    assert size(text) == bytes


@pytest.mark.parametrize("text", ["", "GB", "2 XB", "-1", "1e9"])
def test_no_sizes_of_memory(text):
    with pytest.raises(SpecError) as error:
        size(text)
    assert error.value.problems[0].code == "option-value"


# --- the process ---------------------------------------------------------------------------------------------------


def test_version_and_help(call):
    from cnncalc import __version__

    assert call("--version").out == f"cnncalc {__version__}\n"
    assert call().out == call("--help").out
    for name in command_line.COMMANDS:
        assert name in call("--help").out
        done = call(name, "--help")
        assert done.status == 0
        assert done.out.startswith(f"Usage: cnncalc {name} ")


@pytest.mark.parametrize("name", command_line.COMMANDS)
def test_the_list_of_commands_agrees_with_their_help(call, name):
    line = command_line.COMMANDS[name].rstrip(".").split(",")[0].split(":")[0]
    assert line in " ".join(call(name, "--help").out.split()), f"the docstring of cnncalc/cli/{name}.py says: {line}"


def test_every_module_of_a_command_is_in_the_list():
    texts = {path.stem: path.read_text("utf-8") for path in (HERE / "cnncalc" / "cli").glob("*.py")}
    made = {name for name, text in texts.items() if "\nEXAMPLES = " in text or text.startswith(f'"""`cnncalc {name}')}
    new = made - set(command_line.COMMANDS)
    assert not new, f"add {min(new)} to GROUPS in cnncalc/cli/command_line.py, with a line of what it does"
    assert not set(command_line.COMMANDS) - made, "write `run` and EXAMPLES in cnncalc/cli/NAME.py"


def test_the_list_of_commands_fits_80_columns(call):
    lines = call("--help").out.splitlines()
    assert not [line for line in lines if len(line) > 80 or (line.endswith("...") and "Usage" not in line)]
    for name, line in command_line.COMMANDS.items():
        assert f"  {name:<9}  {line}" in lines


# Those that wait for somebody.
WAITING = ("serve", "lsp", "quiz lenet5")


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """A folder with the files that the examples name."""
    folder = tmp_path_factory.mktemp("examples")
    shutil.copytree(HERE / "docs" / "examples", folder, dirs_exist_ok=True)
    shutil.copy(HERE / "specs" / "lenet5.yaml", folder / "net.yaml")
    return folder


@pytest.mark.parametrize("name", command_line.COMMANDS)
def test_each_command_shows_examples_that_run(call, name, examples, monkeypatch):
    monkeypatch.chdir(examples)
    shown = call(name, "--help").out.partition("\n  Examples:\n")[2]
    assert not [line for line in shown.splitlines() if len(line) > 80]
    found = [" ".join(part.replace("\\\n", "\n").split()) for part in f"\n{shown}".split("\n    cnncalc ")[1:]]
    assert len(found) >= 2, f"cnncalc/cli/{name}.py: two calls or more in EXAMPLES"
    for line in found:
        if line.startswith(WAITING) and "--to" not in line:
            continue
        done = call(*shlex.split(line))
        assert done.status in ((0, 1) if name == "check" else (0,)), (line, done.err)
        assert "changes nothing" not in done.err


def test_closed_pipe():
    """`cnncalc shapes vgg16 | head -1`: no traceback, and the status of a good command."""
    env = {**os.environ, "PYTHONPATH": str(HERE)}
    running = subprocess.Popen(
        [sys.executable, "-m", "cnncalc", "specs"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env
    )
    assert running.stdout is not None and running.stderr is not None
    running.stdout.close()
    assert running.stderr.read() == b""
    assert running.wait(60) == 0
    running.stderr.close()


def test_internal_errors_are_one_line(call, monkeypatch):
    from cnncalc import loading

    def broken(*_args, **_more):
        raise ZeroDivisionError("division\nby zero")

    monkeypatch.setattr(loading, "load", broken)
    monkeypatch.delenv("CNNCALC_DEBUG", raising=False)
    done = call("shapes", "lenet5")
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        "error[internal]: internal error, ZeroDivisionError: division by zero\n"
        "help: this is a mistake in cnncalc, please report it; CNNCALC_DEBUG=1 shows where it happened\n"
    )
    monkeypatch.setenv("CNNCALC_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["shapes", "lenet5"])


def test_an_ascii_stream_does_not_stop_it():
    done = subprocess.run(
        [sys.executable, "-m", "cnncalc", "shapes", "gpt2", "--depth", "1"],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(HERE), "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert done.returncode == 0
    assert b"h \\xd7 12" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals")
@pytest.mark.parametrize("columns", [80, 120])
def test_on_a_terminal(columns):
    plain = _terminal(columns, {})
    bare = _terminal(columns, {"NO_COLOR": "1"})
    assert "\x1b[" in plain and "\x1b[" not in bare
    lines = bare.splitlines()
    assert max(map(len, lines)) <= columns
    assert "61,706" in bare and "…" not in bare
    assert lines[0] == "lenet5"


def _terminal(columns, more):
    """What `cnncalc shapes lenet5` writes on a terminal of that width."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS", "LINES")}
    env |= {"PYTHONPATH": str(HERE), "TERM": "xterm", "PYTHONUTF8": "1", **more}
    running = subprocess.Popen(
        [sys.executable, "-m", "cnncalc", "shapes", "lenet5"], stdin=theirs, stdout=theirs, stderr=theirs, env=env
    )
    os.close(theirs)
    text = b""
    try:
        while part := os.read(ours, 65536):
            text += part
    except OSError:  # the other side is closed
        pass
    os.close(ours)
    assert running.wait(60) == 0
    return text.decode().replace("\r\n", "\n")


def test_specs(call):
    document = json.loads(call("specs", "--json").out)
    found = {row["name"]: row for row in document["specs"]}
    # torchvision's published counts
    assert found["resnet50"]["params"] == 25557032
    assert found["vgg16"]["params"] == 138357544
    assert round(found["resnet50"]["macs"] / 1e9, 2) == 4.09
    assert found["resnet50"]["input"] == [[3, 224, 224]]


def test_completion_lists_networks():
    env = {**os.environ, "PYTHONPATH": str(HERE), "_CNNCALC_COMPLETE": "complete_bash"}
    done = subprocess.run(
        [sys.executable, "-m", "cnncalc"],
        capture_output=True,
        text=True,
        env={**env, "COMP_WORDS": "cnncalc shapes lene", "COMP_CWORD": "2"},
    )
    assert "lenet5" in done.stdout.split()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("bert", "bert_base"),
        ("resnet", "resnet18"),
        ("gpt-2-l", "gpt2_large"),
        ("resnt50", "resnet50"),
        ("LeNet", "lenet5"),
    ],
)
def test_the_usual_network_is_suggested(call, typed, meant):
    done = call("params", typed)
    assert (done.status, done.out) == (2, "")
    assert done.err == (
        f'error[unknown-net]: there is no file "{typed}" and no bundled network of that name\n'
        f"help: did you mean {meant}?\n"
    )
