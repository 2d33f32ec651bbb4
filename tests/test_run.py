"""`cnncalc run`: the arrays that come out, what was given and drawn, saved whole, moved inputs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import cnncalc
from cnncalc.core.problem import Fault, SpecError
from cnncalc.execute.equivariance import permute, shift
from cnncalc.spec import array_files as files

HERE = Path(__file__).resolve().parent.parent
HOMEWORK = HERE / "specs" / "homework"

FILTER = """\
input: [1, 4, 4]
layers:
  - conv: Conv2d(1, 1, 2, bias=False)
  - padded: Conv2d(1, 1, 2, padding=1)
    from: input
values:
  input: [[1, 2, 3, 4], [5, 6, 7, 8], [9, 0, 1, 2], [3, 4, 5, 6]]
  conv.weight: [[1, -2], [3, -4]]
"""


@pytest.fixture
def spec(tmp_path):
    """A file with that text."""

    def write(text=FILTER, name="net.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


# --- what is printed -----------------------------------------------------------------------------------------------


def test_the_arrays_and_where_they_are_from(call, spec):
    status, out, err = call("run", spec(), "--show", "input,conv", "--show", "padded.shape")
    assert (status, err) == (0, "")
    # By hand: 1*1 - 2*2 + 3*5 - 4*6 = -12, and so on.
    assert (
        out
        == """\
net

input [1, 4, 4]
[[1, 2, 3, 4],
 [5, 6, 7, 8],
 [9, 0, 1, 2],
 [3, 4, 5, 6]]

conv [1, 3, 3]
[[-12, -14, -16],
 [ 20, -12, -14],
 [  2, -10, -12]]

padded.shape [3]
[1, 5, 5]

given: input, conv.weight; random, from seed 0: padded.weight, padded.bias
"""
    )


@pytest.mark.parametrize(("name", "corner"), [("doc002-q3.2.1", -22), ("doc002-q3.2.2", 7)])
def test_the_filter_of_document_002(call, name, corner):
    status, out, _ = call("run", str(HOMEWORK / f"{name}.yaml"), "conv", "--json")
    assert status == 0
    assert json.loads(out)["arrays"]["conv"][0][-1][-1] == corner


def test_the_red_panda_with_its_words(call):
    status, out, err = call(
        "run", str(HOMEWORK / "doc004-q4.yaml"), "head.attention,output", "--labels", "the,red,panda,is,cute"
    )
    assert (status, err) == (0, "")
    assert "        the  red  panda    is  cute\n" in out
    assert "panda  0.01  0.8   0.01  0.01  0.17\n" in out
    assert "panda  0.8  0.01  0.17\n" in out
    assert out.endswith("\ngiven: input, head.W_q, head.W_k, head.W_v\n")


def test_labels_of_rows_and_columns(call):
    chain = "2x4 -> Attention(4)"
    _, out, _ = call("run", chain, "attention_1.query", "--labels", "a,b;w,x,y,z", "--precision", "1")
    assert out.splitlines()[4].split() == ["w", "x", "y", "z"]
    status, out, err = call("run", chain, "--labels", "a,b,c")
    assert (status, out) == (2, "")
    assert err == "error[option-value]: no array has 3 rows for as many labels: input [2, 4], output [2, 4]\n"


def test_heads_stand_one_after_the_other(call):
    _, out, _ = call("run", "3x4 -> Attention(4, num_heads=2)", "attention_1.scores", "--labels", "a,b,c")
    assert "attention_1.scores[0]\n" in out and "attention_1.scores[1]\n" in out


@pytest.mark.parametrize(
    ("argv", "names"),
    [
        ((), ["input", "output"]),
        (("all",), ["input", "flatten_1", "fc", "fc.weight", "fc.bias"]),
        (("weights",), ["fc.weight", "fc.bias"]),
        (("outputs",), ["input", "flatten_1", "fc"]),
        (("fc.bias, fc",), ["fc.bias", "fc"]),
        (("input[0, 1]", "2 * output"), ["input[0, 1]", "2 * output"]),
    ],
)
def test_names(call, argv, names):
    status, out, _ = call("run", "2x3 -> Flatten -> fc: Linear(6, 2)", *argv, "--json")
    assert status == 0
    assert list(json.loads(out)["arrays"]) == names


def test_the_document(call, spec):
    document = json.loads(call("run", spec(), "--json", "--seed", "3")[1])
    assert document["given"] == ["input", "conv.weight"]
    assert document["drawn"] == ["padded.weight", "padded.bias"]
    assert (document["seed"], document["batch"], document["dtype"], document["confirmed"]) == (3, 1, "float64", True)
    run = cnncalc.load(spec()).run(seed=3)
    assert document["arrays"]["output"] == run["padded"][0].tolist()


def test_the_seed_is_the_only_chance(call):
    first = call("run", "lenet5", "output", "--json")
    assert first == call("run", "lenet5", "output", "--json")
    assert first != call("run", "lenet5", "output", "--json", "--seed", "1")


def test_long_arrays_are_shortened_unless_asked(call):
    _, out, _ = call("run", "lenet5", "conv1")
    assert "conv1 [6, 28, 28], 4,704 numbers; --full prints all\n" in out and "..." in out
    _, out, _ = call("run", "lenet5", "conv1", "--full", "--precision", "2")
    assert "..." not in out and len(out.split()) > 4704


def test_csv(call, spec):
    _, out, _ = call("run", spec(), "conv", "--csv")
    assert out == 'array,shape,value\nconv,"[1, 3, 3]","[[[-12, -14, -16], [20, -12, -14], [2, -10, -12]]]"\n'


# --- mistakes ------------------------------------------------------------------------------------------------------


def test_an_array_that_does_not_fit_is_shown_in_its_file(call, spec):
    path = spec(FILTER.replace("[[1, -2], [3, -4]]", "[[1, -2, 0], [3, -4, 0]]").replace("  input:", "  inptu:"))
    status, out, err = call("run", path)
    assert (status, out) == (2, "")
    assert (
        err
        == f"""\
error[unknown-value]: there is no input and no weight "inptu"
 --> {path}:7:3
  |
7 |   inptu: [[1, 2, 3, 4], [5, 6, 7, 8], [9, 0, 1, 2], [3, 4, 5, 6]]
  |   ^^^^^
help: did you mean input?

error[value-shape]: conv.weight is [2, 3], but must be [1, 1, 2, 2]
 --> {path}:8:3
  |
8 |   conv.weight: [[1, -2, 0], [3, -4, 0]]
  |   ^^^^^^^^^^^
help: leading axes of length 1 may be left out
"""
    )


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("con",), 'unknown name "con"'),
        (("--shift", "a"), '--shift takes whole numbers, not "a"'),
        (("--shift", "1"), "--shift takes two numbers: down, right for input [1, 4, 4]"),
        (("--shift", "4,0"), "a shift of 4 leaves nothing of 4 positions"),
        (("--permute",), "--permute takes a sequence of positions, but input is [1, 4, 4]"),
        (("--save", "out.txt"), '"out.txt" is no .npz file'),
        (("--save", "nowhere/out.npz"), 'there is no folder "nowhere"'),
        (("--values", "gone.npz"), 'there is no file "gone.npz"'),
        (("--dtype", "int8"), '--dtype takes float32 or float64, not "int8"'),
    ],
)
def test_wrong_calls(call, spec, argv, message):
    status, out, err = call("run", spec(), *argv)
    assert (status, out) == (2, "")
    assert err.startswith("error[") and message.split('"')[0] in err


# --- files ---------------------------------------------------------------------------------------------------------


def test_saved_arrays_are_taken_back(call, tmp_path):
    path = str(tmp_path / "out.npz")
    status, _, err = call("run", "lenet5", "--show", "input,weights", "--save", path, "--seed", "5", "--batch", "2")
    assert (status, err) == (0, "")
    again = json.loads(call("run", "lenet5", "output", "--values", path, "--batch", "2", "--json")[1])
    assert again["drawn"] == []
    wanted = cnncalc.load("lenet5").run(seed=5, batch=2)["output"]
    np.testing.assert_array_equal(again["arrays"]["output"], wanted[0])
    with np.load(path) as held:
        assert held["input"].shape == (2, 1, 28, 28)
        assert held["conv1.weight"].shape == (6, 1, 5, 5)


def test_blocks_and_ports_are_saved_with_the_batch(call, tmp_path):
    path = str(tmp_path / "out.npz")
    assert call("run", "5x4 -> attn: Attention(4)", "attn,attn.scores,output", "--save", path, "--batch", "3")[0] == 0
    with np.load(path) as held:
        assert {name: held[name].shape for name in held.files} == {
            "attn": (3, 5, 4),
            "attn.scores": (3, 5, 5),
            "output": (3, 5, 4),
        }


def test_an_input_is_never_overwritten(call, spec, tmp_path):
    path = tmp_path / "in.npz"
    np.savez(path, input=np.ones((1, 4, 4)))
    before = path.read_bytes()
    for argv in ((spec(), "--values", str(path)), (spec(FILTER.split("values")[0] + "values: in.npz\n", "b.yaml"),)):
        status, out, err = call("run", *argv, "--save", str(path))
        assert (status, out) == (2, "")
        assert err.startswith(f'error[cannot-save]: "{path}" is an input and is not overwritten\n')
    assert path.read_bytes() == before


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "out.npz"
    files.save_npz(str(path), {"file": np.arange(3), "b": np.float64(2)})
    before = path.read_bytes()
    write = np.lib.format.write_array
    written = []

    def full_disk(part, array, **more):
        if written:
            raise OSError(28, "No space left on device")
        written.append(array)
        write(part, array, **more)

    monkeypatch.setattr(np.lib.format, "write_array", full_disk)
    with pytest.raises(Fault) as error:
        files.save_npz(str(path), {"a": np.arange(9), "b": np.arange(9)})
    assert error.value.message == f'"{path}" cannot be written: No space left on device'
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["out.npz"]
    monkeypatch.undo()
    with np.load(path) as held:
        assert held["file"].tolist() == [0, 1, 2] and held["b"].shape == ()


# --- moved inputs --------------------------------------------------------------------------------------------------


def report(net):
    return cnncalc.load(net).report()


def test_a_convolution_shifts_along():
    moved = shift(report("1x8x8 -> Conv2d(1, 2, 3)"), {}, (1, -2))
    assert moved.ok and moved.follows == (1, -2)
    # Without padding: all windows that see only what was moved within the image, 5 rows and 4 columns of them.
    assert moved.inside.sum() == 5 * 4
    assert not (moved.differs & moved.inside).any()


def test_padding_is_seen_at_the_border_only(call):
    status, out, _ = call("run", "1x9x9 -> Conv2d(1,2,3,padding=1) -> Conv2d(2,2,3,padding=1)", "--shift", "1,0")
    assert status == 0
    assert "input shifted by 1, 0: inside, the output shifts by 1, 0; at the border it differs\n" in out
    assert "\n".join(["#########", *["........."] * 5, *["#########"] * 2]) in out


def test_a_stride_needs_its_multiple(call):
    chain = "1x8x8 -> Conv2d(1, 2, 3, padding=1) -> MaxPool2d(2)"
    status, out, err = call("run", chain, "--shift", "1,0")
    assert (status, out) == (2, "")
    assert err == (
        "error[shift-between-positions]: a shift of 1 falls between the output's positions, which are 2 apart\n"
        "help: shift by a multiple of 2: --shift 2,2\n"
    )
    assert shift(report(chain), {}, (2, 0)).follows == (1, 0)


def test_what_does_not_shift_along(call):
    # A weight for each position: a dense layer over the positions of a sequence.
    status, out, _ = call("run", "6x4 -> Transpose(1, 2) -> Linear(6, 6) -> Transpose(1, 2)", "--shift", "1,0")
    assert status == 1
    assert "input shifted by 1, 0: the output does not " in out


def test_attention_follows_a_permutation_and_positions_do_not(call):
    moved = permute(report("5x4 -> Attention(4)"), {})
    assert moved.ok and sorted(moved.move) == list(range(5)) and moved.move != tuple(range(5))
    assert not permute(report("5x4 -> PositionalEmbedding(5, 4) -> Attention(4)"), {}).ok
    assert permute(report("5x4 -> Attention(4) -> Mean(dim=1)"), {}).follows is None
    assert permute(report("5x4 -> Attention(4) -> Mean(dim=1)"), {}).ok
    assert not permute(report("5x4 -> Flatten -> Linear(20, 3)"), {}).ok
    status, out, _ = call("run", "5x4 -> Attention(4)", "--permute")
    assert status == 0 and ": the output follows\n" in out


def test_the_witness_of_a_permutation_is_independent():
    network = cnncalc.load("5x4 -> Attention(4)")
    moved = permute(network.report(), {}, seed=2)
    x = network.run(seed=2)["input"]
    wanted = network.run(seed=2)["output"][:, list(moved.move)]
    found = network.run({"input": x[:, list(moved.move)]}, seed=2)["output"]
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_tokens_may_be_permuted():
    assert permute(report("6 -> Embedding(9, 4) -> Attention(4)"), {}).ok


def test_a_sequence_too_short():
    with pytest.raises(SpecError):
        permute(report("1x4 -> Attention(4)"), {})
