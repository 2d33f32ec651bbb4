"""What people type before they read anything, and what must come of it: accepted, or refused with help.

Expected shapes and counts are hand-stated from the formulas of the textbooks; rows are numbered as they were collected.
"""

from __future__ import annotations

import pytest

import cnncalc
from cnncalc.grading.check import check


def shapes(text, **settings):
    """The output shapes of a spec's rows."""
    return [row.output_shape for row in cnncalc.loads(text).report(**settings)]


def refused(text):
    """Code, line and first help of every problem of a spec."""
    with pytest.raises(cnncalc.SpecError) as error:
        network = cnncalc.loads(text)
        report = network.report()
        check(network, report)
    return [(p.code, p.line, p.help[0] if p.help else "") for p in error.value.problems]


def test_01_channels_last_by_mistake_is_questioned():
    network = cnncalc.loads("input: [32, 32, 3]\nlayers: [Conv2d(out_channels=8, kernel_size=3)]")
    network.report()
    note = network.notes[0]
    assert (note.code, note.severity) == ("channels-last-input", "warning")
    assert note.message == (
        "input [32, 32, 3] is read as 32 channels of 32x3: the output is [8, 30, 1], with 2,312 parameters"
    )
    assert note.help == (
        "as 3 channels of 32x32 (channels last), the output would be [30, 30, 8], with 224 parameters: "
        "write 3x32x32, or --layout channels_last",
        "--layout channels_first says that it is meant as it is",
    )
    quiet = cnncalc.loads("input: [3, 32, 32]\nlayers: [Conv2d(out_channels=8, kernel_size=3)]")
    quiet.report()
    assert quiet.notes == []


@pytest.mark.parametrize(
    ("layers", "wanted"),
    [
        ("[Conv2d(3, 16, 3), ReLU]", [(16, 30, 30), (16, 30, 30)]),
        ("[{conv1: Conv2d(3, 16, 3)}]", [(16, 30, 30)]),
        ("[{conv2d: {out_channels: 8, kernel_size: (3, 3), padding: (1, 1)}}]", [(8, 32, 32)]),
    ],
)
def test_02_what_yaml_cut_at_its_commas_is_put_together(layers, wanted):
    assert shapes(f"input: [3, 32, 32]\nlayers: {layers}") == wanted


@pytest.mark.parametrize("name", ["nn.ReLU", "torch.nn.ReLU()", "ReLU(),", "relu", "ReLU", "nn.ReLU(inplace=True)"])
def test_03_prefixes_commas_and_case_do_not_count(name):
    network = cnncalc.loads(f"input: [3, 4]\nlayers:\n  - {name}")
    assert network.report().rows[0].type == "ReLU"


def test_04_printed_options_are_accepted_and_misspelt_ones_are_not():
    line = "BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)"
    assert shapes(f"input: [8, 4, 4]\nlayers:\n  - {line}") == [(8, 4, 4)]
    line = "Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), dilation=1, bias=True)"
    assert shapes(f"input: [8, 4, 4]\nlayers:\n  - {line}") == [(8, 4, 4)]
    text = "input: [8, 4, 4]\nlayers:\n  - Conv2d(8, 8, 3, pading=1)"
    assert refused(text) == [("unknown-option", 3, "did you mean padding?")]


@pytest.mark.parametrize(
    "shape",
    ["[64, 3, 32, 32]", "[None, 3, 32, 32]", "[-1, 3, 32, 32]", "(N, 3, 32, 32)", "1x3x32x32", "[?, 3, 32, 32]"],
)
def test_05_a_batch_axis_is_set_aside(shape):
    network = cnncalc.loads(f"input: {shape}\nlayers:\n  - Conv2d(3, 16, 3)")
    report = network.report()
    assert report.rows[0].output_shape == (16, 30, 30)
    assert [note.code for note in network.notes] == ["batch-set-aside"]


@pytest.mark.parametrize(
    "shape", ["[3, 8, 9]", "3x8x9", "3×8×9", "3*8*9", "(3, 8, 9)", "3, 8, 9", "3 8 9", "3@8x9", "[3 8 9]"]
)
def test_06_every_spelling_of_a_shape(shape, call, tmp_path):
    text = f"input: {shape}\nlayers:\n  - same: Identity\nexpect:\n  same.shape: {shape}"
    network = cnncalc.loads(text)
    report = network.report()
    assert report.inputs == {"input": (3, 8, 9)}
    assert [result.ok for result in check(network, report)] == [True]
    path = tmp_path / "net.yaml"
    path.write_text("input: [1, 1, 1]\nlayers: [Identity]")
    assert "(N, 3, 8, 9)" in call("shapes", str(path), "--input", shape)[1]


def test_07_linear_after_a_convolution():
    text = "input: [64, 7, 7]\nlayers:\n  - fc1: Linear(3136, 128)"
    assert refused(text) == [
        ("missing-flatten", 3, 'Add "- Flatten" before it; then in_features = 64*7*7 = 3136.'),
    ]


def test_08_a_wrong_size_shows_the_rows_before_it(call):
    status, out, err = call("shapes", "64x6x6 -> Flatten -> fc1: Linear(3136, 128)")
    assert status == 2
    assert "flatten_1" in out and "(N, 2304)" in out
    assert "fc1: Linear(3136, 128), but the layer before gives 2304" in err
    assert "write Linear(2304, 128)" in err


@pytest.mark.parametrize("size", ["?", "None", "_"])
def test_09_a_size_may_be_left_to_the_input(size):
    assert cnncalc.load(f"64x7x7 -> Flatten -> Linear({size}, 10)").report().totals.params == 31370
    assert shapes(f"input: [3, 9, 9]\nlayers:\n  - Conv2d({size}, 4, 3)") == [(4, 7, 7)]


def test_10_a_lone_question_mark_in_yaml():
    network = cnncalc.loads("input: [8, 8]\nlayers:\n  - linear: {in_features: ?, out_features: 4}")
    assert network.report().rows[0].output_shape == (8, 4)


def test_11_a_chain_without_quotes(call):
    status, out, err = call("shapes", "3x64x64", "-")
    assert (status, out) == (2, "")
    assert 'the shell took ">" as "write to a file"' in err and "put the chain in quotes" in err


@pytest.mark.parametrize("names", [["relu", "relu"], ["pool", "pool"]])
def test_14_repeated_names_are_numbered(names):
    layers = "\n".join(f"  - {name}: ReLU" for name in names)
    network = cnncalc.loads(f"input: [3]\nlayers:\n{layers}\nexpect:\n  {names[0]}.shape: [3]")
    report = network.report()
    assert [row.name for row in report] == [f"{names[0]}_1", f"{names[0]}_2"]
    with pytest.raises(cnncalc.SpecError) as error:
        check(network, report)
    (problem,) = error.value.problems
    assert problem.code == "ambiguous-name"
    assert problem.help == (f"say {names[0]}_1 or {names[0]}_2",)


def test_15_a_key_twice():
    text = "input: [3]\nlayers:\n  conv: ReLU\n  relu: ReLU\n  relu: ReLU"
    ((code, line, _),) = refused(text)
    assert (code, line) == ("duplicate-key", 5)
    text = "input: [3]\nlayers: [ReLU]\nexpect: {total.params: 0}\nexpect: {total.params: 1}"
    ((code, line, _),) = refused(text)
    assert (code, line) == ("duplicate-key", 4)


@pytest.mark.parametrize(
    "words", [["--input", "1x32x32"], ["-i", "1x32x32"], ["--input-size", "1x32x32"], ["--input", "1", "32", "32"]]
)
def test_17_input_on_the_command_line(words, call):
    status, out, _ = call("params", "lenet5", *words, "--format", "json")
    assert status == 2 or '"input": [1, 32, 32]' in out
    status, out, _ = call("shapes", "3x8x8 -> Conv2d(3, 4, 3)", *[w.replace("1", "3", 1) for w in words])
    assert status == 0 and "(N, 4, 30, 30)" in out


@pytest.mark.parametrize("command", [["shape"], ["summary"], []])
def test_18_other_names_of_commands(command, call):
    assert call(*command, "lenet5")[:2] == call("shapes", "lenet5")[:2]
    status, _, err = call("flopss", "lenet5")
    assert status == 2 and "unknown-command" in err


def test_19_an_unknown_name_in_expect_fails():
    text = "input: [3]\nlayers:\n  - conv1: ReLU\nexpect:\n  con1.shape: [3]"
    with pytest.raises(cnncalc.SpecError) as error:
        network = cnncalc.loads(text)
        check(network, network.report())
    (problem,) = error.value.problems
    assert (problem.code, problem.line) == ("unknown-name", 5)
    assert problem.message == 'expect: unknown name "con1"; did you mean conv1?'


@pytest.mark.parametrize(
    "expect",
    [
        "{conv1: {shape: [16, 30, 30], params: 448}}",
        "[conv1.params = 448, total = 448]",
        "{total: 448, total_params: 448, params: 448, output.shape: [16, 30, 30]}",
        "{conv1: 448}",
        "{conv1: [16, 30, 30]}",
        "{conv1.params: 3*3*3*16 + 16, conv1.macs: '388,800', total.params: 4_48}",
        "{conv1.params: 0.4k, conv1.macs: 389k}",
    ],
)
def test_20_and_21_forms_of_expectations_and_numbers(expect):
    network = cnncalc.loads(f"input: [3, 32, 32]\nlayers:\n  - conv1: Conv2d(3, 16, 3)\nexpect: {expect}")
    results = check(network, network.report())
    assert results and all(result.ok for result in results)


def test_21_a_count_with_a_decimal_point():
    network = cnncalc.loads("input: [3, 32, 32]\nlayers: [Conv2d(3, 16, 3)]\nexpect: {total.macs: 388.800}")
    (result,) = check(network, network.report())
    assert result.ok is True and result.remark == "388.800 is read with dots between thousands"


@pytest.mark.parametrize("word", ["'same'", "same", "SAME", '"same"'])
def test_25_padding_in_words(word):
    assert shapes(f"input: [3, 9, 9]\nlayers:\n  - Conv2d(3, 4, 3, padding={word})") == [(4, 9, 9)]
    text = f"input: [3, 9, 9]\nlayers:\n  - Conv2d(3, 4, 3, padding={word}, stride=2)"
    ((code, line, help),) = refused(text)
    assert (code, line) == ("same-with-stride", 3)
    assert "padding=1" in help and "⌈size / stride⌉" in help


@pytest.mark.parametrize("arrow", ["->", "→", "|", "=>", "\n"])
def test_26_separators_of_a_chain(arrow):
    report = cnncalc.load(f"3x9x9 {arrow} Conv2d(3, 4, 3) {arrow} ReLU").report()
    assert [row.type for row in report] == ["Conv2d", "ReLU"]


def test_28_a_shape_in_another_order_and_a_blank():
    text = "input: [3, 34, 34]\nlayers:\n  - conv1: Conv2d(3, 8, 3)\nexpect:\n"
    network = cnncalc.loads(text + "  conv1.shape: 32x32x8\n  conv1.params:\n")
    turned, blank = check(network, network.report())
    assert turned.ok is True and turned.diagnosis.startswith("order H, W, C")
    assert blank.ok is None and blank.diagnosis == "not answered"


@pytest.mark.parametrize(
    "line",
    [
        "add: [conv1, conv2]",
        "{add: {}, from: [conv1, conv2]}",
        "Add(conv1, conv2)",
        "{add: {}, inputs: [conv1, conv2]}",
    ],
)
def test_29_skips(line):
    text = f"input: [3, 8, 8]\nlayers:\n  - conv1: Conv2d(3, 4, 1)\n  - conv2: Conv2d(4, 4, 1)\n  - {line}"
    row = cnncalc.loads(text).report().rows[-1]
    assert (row.type, row.sources, row.output_shape) == ("Add", ["conv1", "conv2"], (4, 8, 8))


@pytest.mark.parametrize("line", ["cat: [conv1, conv2]", "torch.cat([conv1, conv2], dim=1)", "concat: [conv1, conv2]"])
def test_29_concatenations(line):
    text = f"input: [3, 8, 8]\nlayers:\n  - conv1: Conv2d(3, 4, 1)\n  - conv2: Conv2d(4, 4, 1)\n  - {line}"
    assert cnncalc.loads(text).report().rows[-1].output_shape == (8, 8, 8)


def test_29_a_sum_of_names_is_refused_with_the_form():
    text = "input: [3, 8, 8]\nlayers:\n  - conv1: Conv2d(3, 3, 1)\n  - conv1 + input"
    assert refused(text) == [("not-a-layer", 4, "write - add: [conv1, input]")]


def test_30_repeats():
    assert len(shapes("input: [8]\nlayers:\n  - fc: Linear(8, 8)\n    repeat: 12")) == 12
    assert len(shapes("input: [8]\nlayers:\n  - &a [Linear(8, 8), ReLU]\n  - *a\n  - *a")) == 6
    ((code, line, help),) = refused("input: [8]\nlayers:\n  - Linear(8, 8) * 3")
    assert (code, line, help) == ("expression-syntax", 3, "write repeat: 3 beside the layer")


@pytest.mark.parametrize(
    "inputs",
    [
        "inputs: {img: [3, 8, 8], caption: {shape: [20], dtype: int}}",
        "input: {img: [3, 8, 8], caption: {shape: [20], dtype: int}}",
        "inputs:\n  - img: [3, 8, 8]\n  - caption: {shape: [20], dtype: int}",
    ],
)
def test_31_several_inputs(inputs):
    layers = "layers:\n  - conv: {conv2d: {out_channels: 4, kernel_size: 3}, from: img}\n  - emb: Embedding(100, 8)"
    assert refused(f"{inputs}\n{layers}")[0][0] == "tokens-expected"
    assert "from: caption" in refused(f"{inputs}\n{layers}")[0][2]
    named = layers.replace("emb: Embedding(100, 8)", "emb: {embedding: [100, 8], from: caption}")
    assert shapes(f"{inputs}\n{named}") == [(4, 6, 6), (20, 8)]
    ((code, _, help),) = refused(f"{inputs}\nlayers:\n  - ReLU")
    assert (code, help) == ("no-input", "say which: from: img")


@pytest.mark.parametrize(
    ("words", "out"),
    [
        (["params", "lenet5", "fc1"], "48120\n"),
        (["params", "lenet5", "--total"], "61706\n"),
        (["lenet5", "conv1.shape"], "[6, 28, 28]\n"),
        (["ask", "lenet5", "fc1.params"], "48120\n"),
    ],
)
def test_32_one_bare_value(words, out, call):
    assert call(*words) == (0, out, "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("input: [3]\nlayers:\n  - ReLU\n   - ReLU", "yaml-glued"),
        ("input: [3]\nlayers:\n  - c:ReLU()", "yaml-colon"),
        ("input: [3]\nlayers:\n  -ReLU", "yaml-dash"),
        ("input: [3]\nlayers:\n\t- ReLU", "yaml-tab"),
    ],
)
def test_34_indentation_and_glue(text, code):
    assert code in [found for found, _, _ in refused(text)]


@pytest.mark.parametrize("key", ["let", "vars"])
def test_40_constants(key, call, tmp_path):
    text = f"{key}: {{F: 8}}\ninput: [3, 9, 9]\nlayers:\n  - Conv2d(3, F, 3)"
    assert shapes(text) == [(8, 7, 7)]
    path = tmp_path / "net.yaml"
    path.write_text(text)
    assert "(N, 16, 7, 7)" in call("shapes", str(path), "--set", "F=16")[1]
    status, _, err = call("shapes", str(path), "--set", "G=16")
    assert status == 2 and "let defines F" in err
    ((code, _, help),) = refused(text.replace("F, 3", "${F}, 3"))
    assert code == "expression-syntax" and help == "write the name alone, without $"


def test_41_bundled_names(call):
    assert call("params", "resnet50", "--total") == (0, "25557032\n", "")
    status, _, err = call("shapes", "resnet51")
    assert status == 2 and "did you mean" in err and "resnet5" in err


@pytest.mark.parametrize(
    "entry",
    [
        "{type: Conv2d, name: conv1, in_channels: 3, out_channels: 16, kernel_size: 3}",
        "conv1: {type: Conv2d, in_channels: 3, out_channels: 16, kernel_size: 3}",
        "{Conv2d: [3, 16, 3], name: conv1}",
        "{Conv2d: '3, 16, 3', name: conv1}",
    ],
)
def test_45_configurations(entry):
    text = entry.replace("'", "") if "'" in entry and entry[0] != "{" else entry
    row = cnncalc.loads(f"input: [3, 32, 32]\nlayers:\n  - {text}").report().rows[0]
    assert (row.output_shape, row.params) == ((16, 30, 30), 448)


def test_45_one_number():
    assert shapes("input: [3, 32, 32]\nlayers:\n  - MaxPool2d: 2\n  - Conv2d: 3, 8, 1") == [(3, 16, 16), (8, 16, 16)]


@pytest.mark.parametrize(
    "entry",
    [
        "conv1: Conv2d(3, 8, 3) -> ReLU",
        "{conv1: Conv2d(3, 8, 3), activation: relu}",
        "conv2d: {out_channels: 8, kernel_size: 3, activation: relu}",
        "Conv2d(3, 8, 3, activation='relu')",
    ],
)
def test_46_an_activation_on_the_same_line(entry):
    report = cnncalc.loads(f"input: [3, 9, 9]\nlayers:\n  - {entry}").report()
    assert [row.type for row in report] == ["Conv2d", "ReLU"]


def test_46_two_layers_with_a_comma():
    ((code, line, help),) = refused("input: [3, 9, 9]\nlayers:\n  - conv1: Conv2d(3, 8, 3), relu")
    assert (code, line) == ("expression-syntax", 3)
    assert help == "join them with ->, or give each a line of its own"


def test_47_what_yaml_reads_otherwise():
    ((code, line, help),) = refused("input: [012, 8, 8]\nlayers: [ReLU]")
    assert (code, line) == ("yaml-surprise", 1) and "12" in help
    text = "input: [3, 4, 4]\nlayers:\n  - on: ReLU\n  - no: ReLU\n  - batchnorm2d: {eps: 1e-5}"
    assert [row.name for row in cnncalc.loads(text).report()] == ["on", "no", "batchnorm2d_1"]


def test_50_encodings(call, tmp_path):
    text = "input: [3, 9, 9]\nlayers:\n  - Conv2d(3, 4, 3, padding=“same”)\n"
    path = tmp_path / "net.yml"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").replace("3, 4", "3,\u00a04").encode())
    assert "(N, 4, 9, 9)" in call("shapes", str(path))[1]
    path.write_bytes(text.encode("utf-16"))
    status, out, err = call("shapes", str(path))
    assert (status, out) == (2, "") and "UTF-16" in err and "save it as UTF-8" in err


def test_a_constant_that_cannot_be_worked_out_has_no_consequences():
    layers = "  - Linear(4, b)\n  - Linear(4, 8, pias=2)\n  - Linear(b, 3)"
    text = f"let: {{a: 16 / 0, b: a + 1}}\ninput: [a, 4]\nlayers:\n{layers}"
    assert [(code, line) for code, line, _ in refused(text)] == [("expression-value", 1), ("unknown-option", 5)]


def test_what_is_left_out_by_position_is_written_by_name() -> None:
    """`Conv2d(16, 3)` and `Linear(10)` are Keras' order of thoughts: PyTorch's first position is the input's size."""
    text = "input: [3, 32, 32]\nlayers:\n  - Conv2d(16, 3, padding=1)\n  - Flatten\n  - Linear(10)\n  - GRU(5)\n"
    first = "comes first, as in PyTorch; without it write"
    assert refused(text) == [
        ("missing-option", 3, f"by position in_channels {first} Conv2d(out_channels=16, kernel_size=3, padding=1)"),
        ("missing-option", 5, f"by position in_features {first} Linear(out_features=10)"),
        ("missing-option", 6, f"by position input_size {first} GRU(hidden_size=5)"),
    ]
    # Nothing is said where something else is missing too.
    assert refused("input: [3, 32, 32]\nlayers:\n  - Conv2d(16)\n") == [("missing-option", 3, "")]
