"""The language server over its protocol, as an editor talks to it."""

from __future__ import annotations

import ast
import random
import re
import sys
from pathlib import Path
from typing import Any

import editor_clients
import pytest
from protocol import Client

pytest.importorskip("pygls")

SPEC = """\
input: [3, 64, 64]
define:
  stage(c): [Conv2d(out_channels=c, kernel_size=3, padding=1), ReLU]
layers:
- conv1: Conv2d(3, 16, 3, padding=1)
- pool: MaxPool2d(2)
- more: stage(32)
- Flatten
- fc: Linear(out_features=10)
expect:
  conv1.params: 448
"""
SIZED = editor_clients.MODEL
MODEL = SIZED.partition("\n")[2]  # says no size


@pytest.fixture(scope="module")
def client():
    opened = Client([sys.executable, "-m", "cnncalc", "lsp"])
    yield opened
    opened.close()


def applied(text: str, action: dict[str, Any]) -> str:
    """The text after a quick fix; all are plain ASCII here."""
    ((_, edits),) = action["edit"]["changes"].items()
    lines = text.split("\n")
    for edit in edits:
        start, end = edit["range"]["start"], edit["range"]["end"]
        assert start["line"] == end["line"]
        line = lines[start["line"]]
        lines[start["line"]] = line[: start["character"]] + edit["newText"] + line[end["character"] :]
    return "\n".join(lines)


def test_shapes_stand_beside_the_lines_of_a_spec(client):
    client.open("file:///net.yaml", SPEC)
    assert client.hints("file:///net.yaml") == [
        (2, "→ 32x32x32 → 32x32x32, 4,640 params"),
        (4, "→ 16x64x64, 448 params"),
        (5, "→ 16x32x32"),
        (6, "→ 32x32x32, 4,640 params"),
        (7, "→ 32768"),
        (8, "→ 10, 327,690 params"),
    ]
    assert client.problems("file:///net.yaml") == []


def test_shapes_stand_beside_the_lines_of_forward(client):
    client.open("file:///model.py", SIZED)
    assert client.hints("file:///model.py") == [
        (7, "320 params"),
        (8, "216,330 params"),
        (11, "→ 32x26x26"),
        (12, "→ 10"),
    ]
    assert client.problems("file:///model.py") == []
    lens = client.ask("textDocument/codeLens", {"textDocument": {"uri": "file:///model.py"}})
    # 32·26·26·9 + 21632·10 products
    assert [one["command"]["title"] for one in lens] == ["Net: 1x28x28 → 10, 216,650 parameters, 411,008 MACs"]
    assert lens[0]["range"]["start"]["line"] == 4


def test_a_mistake_in_forward_is_shown_with_its_fix(client):
    wrong = SIZED.replace("21632", "5408")
    client.open("file:///wrong.py", wrong)
    (problem,) = client.problems("file:///wrong.py")
    assert problem["severity"] == 1 and problem["source"] == "cnncalc" and "21632" in problem["message"]
    fixed = [applied(wrong, action) for action in client.fixes("file:///wrong.py")]
    assert wrong.replace("5408", "21632") in fixed


def test_the_setting_gives_a_size(client):
    text = MODEL.replace("x.flatten(1)", "x.mean((2, 3))").replace("21632", "32")
    client.tell("workspace/didChangeConfiguration", {"settings": {"cnncalc": {"input": "1x40x40"}}})
    client.open("file:///size.py", text)
    assert (10, "→ 32x38x38") in client.hints("file:///size.py")
    client.tell("workspace/didChangeConfiguration", {"settings": {"cnncalc": {"input": ""}}})


def test_what_is_typed_badly_keeps_the_hints_above(client):
    uri = "file:///typing.yaml"
    client.open(uri, SPEC)
    before = client.hints(uri)
    broken = SPEC.replace("- Flatten", '- "Flatten')
    client.change(uri, broken)
    assert client.hints(uri) == [hint for hint in before if hint[0] < 7]
    assert client.problems(uri)[0]["range"]["start"]["line"] >= 7
    client.change(uri, SPEC)
    assert client.hints(uri) == before
    assert client.problems(uri) == []


def test_a_wrong_layer_has_a_fix_and_the_lines_above_their_hints(client):
    uri = "file:///flat.yaml"
    text = "input: [3, 8, 8]\nlayers:\n- c: Conv2d(3, 4, 3)\n- Linear(100, 10)\n"
    client.open(uri, text)
    assert client.hints(uri) == [(2, "→ 4x6x6, 112 params")]
    (problem,) = client.problems(uri)
    assert problem["code"] == "missing-flatten"
    fixed = [applied(text, action) for action in client.fixes(uri)]
    assert text.replace("- Linear", "- Flatten\n- Linear") in fixed


def test_a_misspelt_name_is_replaced(client):
    uri = "file:///spelling.yaml"
    text = "input: [3, 8, 8]\nlayers:\n- c: Conv2d(3, 4, kernal_size=3)\n- Sigmiod\n"
    client.open(uri, text)
    fixed = [applied(text, action) for action in client.fixes(uri)]
    assert text.replace("Sigmiod", "Sigmoid") in fixed
    assert text.replace("kernal_size", "kernel_size") in fixed


def test_an_expectation_that_fails_is_a_warning(client):
    uri = "file:///expect.yaml"
    client.open(uri, SPEC.replace("448", "432"))
    (problem,) = client.problems(uri)
    assert problem["severity"] == 2 and problem["range"]["start"]["line"] == 10
    assert "conv1.params is 448, not 432" in problem["message"] and "bias forgotten" in problem["message"]


def test_hover_shows_formula_and_numbers(client):
    client.open("file:///hover.yaml", SPEC)
    text = client.about("hover", "file:///hover.yaml", 4, 12)["contents"]["value"]
    assert "448 parameters, 1,769,472 MACs, receptive field 3 x 3" in text
    assert "params = K_h·K_w·C_in·C_out + C_out = 3·3·3·16 + 16 = 448" in text
    assert "[C_in, H, W] = [3, 64, 64] → [C_out, H_out, W_out] = [16, 64, 64]" in text
    assert client.about("hover", "file:///hover.yaml", 0, 0) is None


HARD = {
    "an empty block": ("input: [3, 8, 8]\nlayers:\n- conv2d:\n    ", "kernel_size"),
    "half a word": ("input: [3, 8, 8]\nlayers:\n- conv2d:\n    kern", "kernel_size"),
    "a second field": ("input: [3, 8, 8]\nlayers:\n- conv2d:\n    out_channels: 3\n    ", "padding"),
    "a flow mapping": ("input: [3, 8, 8]\nlayers:\n- conv2d: {", "stride"),
    "after a comma": ("input: [3, 8, 8]\nlayers:\n- conv2d: {stride: 2, ", "kernel_size"),
    "a call": ("input: [3, 8, 8]\nlayers:\n- Conv2d(3, ", "kernel_size"),
    "a named call": ("input: [3, 8, 8]\nlayers:\n- c: Conv2d(3, 4, ", "padding"),
    "a new entry": ("input: [3, 8, 8]\nlayers:\n- ", "Conv2d"),
    "a new key": ("inp", "input"),
    "a name in from": ("input: [3, 8, 8]\nlayers:\n- c: ReLU\n- d: Add\n  from: [c, ", "c"),
    "an expression": ("input: [3, 8, 8]\nlayers:\n- c: ReLU\nexpect:\n  c.", "shape"),
    "a base": ("base: ", "resnet50"),
}


@pytest.mark.parametrize("where", HARD)
def test_completion_at_hard_places(client, where):
    text, wanted = HARD[where]
    uri = f"file:///{where.replace(' ', '-')}.yaml"
    client.open(uri, text)
    lines = text.split("\n")
    found = client.about("completion", uri, len(lines) - 1, len(lines[-1]))
    assert wanted in [item["label"] for item in found["items"]]


# What stands in place of a line of MODEL, | where the cursor is, and labels that are offered.
TYPED = {
    "a layer": ("self.fc = nn.Lin|", ["Linear", "Conv2d", "TransformerEncoderLayer"]),
    "the first argument": ("self.fc = nn.Linear(|)", ["21632", "in_features", "out_features", "bias"]),
    "no bracket behind": ("self.fc = nn.Linear(|", ["21632", "in_features"]),
    "a value by name": ("self.fc = nn.Linear(out_features=10, in_features=|)", ["21632"]),
    "before what is there": ("self.fc = nn.Linear(|, 10)", ["21632"]),
    "several lines": ("self.fc = nn.Linear(\n            |\n        )", ["21632", "in_features"]),
    "the second argument": ("self.fc = nn.Linear(21632, |)", ["out_features", "bias"]),
    "a word of an option": ('self.pad = nn.Conv2d(1, 2, 3, padding_mode="|")', ["reflect", "circular"]),
    "a nested call": ("self.fc = nn.Sequential(nn.ReLU(), nn.Linear(|))", ["21632"]),
    "an attribute": ("return self.|", ["conv", "fc", "forward"]),
}
ABSENT = {"the second argument": ["in_features", "21632"], "a value by name": ["bias"], "a layer": ["Concat", "Dense"]}


@pytest.mark.parametrize("where", TYPED)
def test_completion_in_source(client, where):
    typing, wanted = TYPED[where]
    old = "return self.fc(x.flatten(1))" if "return" in typing else "self.fc = nn.Linear(21632, 10)"
    text = (SIZED).replace(old, typing)
    before = text.partition("|")[0]
    uri = f"file:///typed-{where.replace(' ', '-')}.py"
    client.open(uri, text.replace("|", ""))
    found = client.about("completion", uri, before.count("\n"), len(before) - before.rfind("\n") - 1)
    labels = [item["label"].strip() for item in found["items"]]
    assert [label for label in wanted if label not in labels] == [], labels
    assert not {*ABSENT.get(where, ())} & {*labels}
    if "21632" in wanted:
        assert labels[0] == "21632"


def test_a_layer_of_torch_is_explained_where_no_size_is_known(client):
    client.open("file:///plain.py", "from torch import nn\n\n\ndef block(c):\n    return nn.Conv2d(c, c, 3)\n")
    told = client.about("hover", "file:///plain.py", 4, 16)["contents"]["value"]
    assert "**`Conv2d`**" in told and "`kernel_size`" in told


def test_completion_behind_the_comment(client):
    for typing, wanted in (("# cnncalc: ", ["input", "Net()"]), ("# cnncalc: Net() input ", ["1x28x28"])):
        client.open("file:///comment.py", f"{typing}\n{MODEL}")
        found = client.about("completion", "file:///comment.py", 0, len(typing))
        assert {*wanted} <= {item["label"].strip() for item in found["items"]}


def test_names_lead_to_their_definition_and_are_renamed(client):
    uri = "file:///names.yaml"
    client.open(uri, SPEC)
    assert client.about("definition", uri, 6, 9)["range"]["start"]["line"] == 2
    assert client.about("definition", uri, 10, 4)["range"]["start"]["line"] == 4
    edits = client.about("rename", uri, 10, 4, newName="first")["changes"][uri]
    assert [(edit["range"]["start"]["line"], edit["newText"]) for edit in edits] == [(4, "first"), (10, "first")]
    outline = client.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert [symbol["name"] for symbol in outline] == ["stage", "conv1", "pool", "more", "flatten_1", "fc"]
    assert [inner["name"] for inner in outline[3]["children"]] == ["conv2d_1", "relu_1"]


NAMED = "name: fc net\ninput: [8]\nlayers:\n- fc: Linear(8, 4)\n- Linear: Linear(4, 2)\nexpect:\n  fc.params: 36\n"


def test_a_name_changes_only_where_it_is_one(client):
    """Not in the title; not a layer's type; not to a name that is taken or is none."""
    uri = "file:///certain.yaml"
    client.open(uri, NAMED)
    edits = client.about("rename", uri, 3, 2, newName="head")["changes"][uri]
    assert [edit["range"]["start"]["line"] for edit in edits] == [3, 6]
    for line, new in ((4, "last"), (3, "Linear"), (3, "a b"), (3, "")):
        assert client.about("rename", uri, line, 3, newName=new) is None


SOURCE = """\
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.taken = nn.ReLU()

    def forward(self, x, scale=1):
        y = self.conv(x)
        y = self.taken(y) * scale
        z = [part for part in y]
        return getattr(self, "other")(y), f"{z}"
"""


def test_attributes_and_local_names_of_source_are_renamed(client):
    """Or the reason is said why not."""
    uri = "file:///renamed.py"
    client.open(uri, SOURCE)
    edits = client.about("rename", uri, 10, 18, newName="first")["changes"][uri]
    assert [edit["range"]["start"] for edit in edits] == [{"line": 6, "character": 13}, {"line": 10, "character": 17}]
    edits = client.about("rename", uri, 10, 9, newName="𝒴")["changes"][uri]
    places = [(edit["range"]["start"]["line"], edit["range"]["start"]["character"]) for edit in edits]
    assert places == [(10, 8), (11, 8), (11, 23), (12, 30), (13, 38)]
    for line, character, new, reason in (
        (10, 18, "taken", "line 8 has self.taken"),
        (10, 18, "forward", 'line 10 defines "forward"'),
        (10, 9, "x", '"x" is there already'),
        (11, 28, "factor", '"scale" is an argument: callers may name it'),
        (12, 14, "one", '"part" stands in a function or a comprehension inside, too'),
        (10, 9, "for", '"for" is no name'),
        (6, 21, "torch", '"nn" is no local name here'),
    ):
        with pytest.raises(AssertionError, match=re.escape(reason)):
            client.about("rename", uri, line, character, newName=new)


def test_columns_are_counted_as_the_editor_counts(client):
    """A sign outside of the first plane is two units of UTF-16."""
    uri = "file:///signs.yaml"
    client.open(uri, 'input: [4]\nlayers:\n- {a: "Linear(4, 2)", name: "x"}   # 𝔸𝔹\n- Linear(3, 2) # 𝔸\n')
    (problem,) = client.problems(uri)
    assert problem["range"]["start"] == {"line": 3, "character": 9}


def test_a_file_that_is_none_of_ours_is_left_alone(client):
    client.open("file:///other.yaml", "services:\n  web: {image: nginx}\n")
    client.open("file:///other.py", "import os\nprint(os.name)\n")
    for uri in ("file:///other.yaml", "file:///other.py"):
        assert client.hints(uri) == [] and client.problems(uri) == []


def test_a_name_leads_to_where_it_is_defined_in_source(client):
    """`self.fc` to its line in __init__, a class to its line; nothing for a name of another package."""
    uri = "file:///definition.py"
    client.open(uri, SIZED + "\n\nnet = Net()\n")
    lines = MODEL.split("\n")
    at = lines.index("        return self.fc(x.flatten(1))") + 1
    assert client.about("definition", uri, at, 21)["range"]["start"] == {"line": 8, "character": 13}
    assert client.about("definition", uri, at, 16) is None  # self
    assert client.about("definition", uri, at + 3, 7)["range"]["start"] == {"line": 4, "character": 6}
    assert client.about("definition", uri, 7, 22) is None  # nn


def test_the_base_of_a_spec_is_opened_and_described(client, tmp_path):
    (tmp_path / "own.yaml").write_text('# A net of our own.\ninput: [4]\nlayers: ["Linear(4, 2)"]\n')
    uri = (tmp_path / "thin.yaml").as_uri()
    client.open(uri, "base: own\n")
    found = client.about("definition", uri, 0, 7)
    assert found["uri"] == (tmp_path / "own.yaml").as_uri() and found["range"]["start"]["line"] == 0
    told = client.about("hover", uri, 0, 7)["contents"]["value"]
    assert "own: 4 → 2, 10 parameters, 8 MACs" in told and "A net of our own." in told
    bundled = "file:///bundled.yaml"
    client.open(bundled, "base: lenet5\n")
    assert client.about("definition", bundled, 0, 8)["uri"].endswith("/lenet5.yaml")
    client.open(bundled, "base: no_such_net\n")
    assert client.about("definition", bundled, 0, 8) is None and client.about("hover", bundled, 0, 8) is None


BLOCKS = """\
# cnncalc: input 3x32x32
from torch import nn


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c, c, 3, padding=1)

    def forward(self, x):
        return x + self.conv(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2)
        self.body = nn.Sequential(Block(8), Block(8))

    def forward(self, x):
        x = self.stem(x)
        x = self.body(x)
        a, b = x.chunk(2, dim=1)
        return a, b
"""


def test_a_line_of_several_layers_has_one_hint_at_its_end(client):
    """And a mistake in quotes stands at its letter."""
    uri = "file:///chain.yaml"
    line = '- "Conv2d(3, 8, 3) -> ReLU -> MaxPool2d(2)"  # 224 = 8·3·9 + 8'
    client.open(uri, f"input: 3x8x8\nlayers:\n{line}\n")
    where = {"start": {"line": 0, "character": 0}, "end": {"line": 9, "character": 0}}
    (hint,) = client.ask("textDocument/inlayHint", {"textDocument": {"uri": uri}, "range": where})
    assert hint["label"] == " → 8x6x6 → 8x6x6 → 8x3x3, 224 params"
    assert hint["position"] == {"line": 2, "character": line.index("  #")}
    client.change(uri, f"input: 3x8x8\nlayers:\n{line.replace('3, 8, 3', '3, 8, kernel=3')}\n")
    said = client.problems(uri)
    assert [one["range"]["start"]["character"] for one in said if "kernel" in one["message"]] == [line.index("3)")]


def test_what_is_there_is_not_completed_again(client):
    uri = "file:///there.yaml"
    client.open(
        uri,
        "input: [3, 8, 8]\nlayers:\n- conv2d:\n    out_channels: 3\n    \n    stride: 2\n- Conv2d(3, padding=1, )\n",
    )
    for line, column, gone in ((4, 4, {"out_channels", "stride"}), (6, 23, {"padding"})):
        labels = [one["label"] for one in client.about("completion", uri, line, column)["items"]]
        assert "kernel_size" in labels and not gone & {*labels}
    assert labels[:2] == ["out_channels", "kernel_size"]  # what is needed comes first


def test_calls_of_blocks_and_several_tensors_have_shapes(client):
    """15 x 15 = (32 - 3) / 2 + 1; a convolution of 8 to 8 channels has 8·8·9 + 8 parameters."""
    uri = "file:///blocks.py"
    client.open(uri, BLOCKS)
    assert client.hints(uri) == [
        (7, "584 params (2 times)"),
        (10, "→ 8x15x15 (2 times)"),
        (16, "224 params"),
        (17, "1,168 params"),
        (20, "→ 8x15x15"),
        (21, "→ 8x15x15"),
        (22, "→ 4x15x15, 4x15x15"),
        (23, "→ 4x15x15, 4x15x15"),
    ]
    told = client.about("hover", uri, 21, 9)["contents"]["value"]
    assert "(N, 8, 15, 15)" in told


def test_a_file_that_says_no_size_is_told_how(client):
    """Its parameters are shown, a note asks for a size, and the fix writes the comment."""
    uri = "file:///sizeless.py"
    text = BLOCKS.split("\n", 1)[1]
    client.open(uri, text)
    (note,) = client.problems(uri)
    assert note["severity"] == 3 and note["code"] == "python-input"
    assert client.hints(uri) == [(6, "584 params (2 times)"), (15, "224 params"), (16, "1,168 params")]
    (action,) = client.fixes(uri)
    fixed = applied(text, action)
    assert fixed.startswith("# cnncalc: input 3x")
    client.change(uri, fixed)
    assert (21, fixed.split("\n")[0]) not in client.hints(uri) and client.problems(uri) == []


def test_settings_say_sizes_by_file(client):
    """Patterns of files, with the network that is meant."""
    text = BLOCKS.split("\n", 1)[1]
    sizes = {"a/*.py": "3x9x9", "*.py": "Block(3) input 3x5x5"}
    client.tell("workspace/didChangeConfiguration", {"settings": {"cnncalc": {"input": sizes}}})
    for uri, line, said in (("file:///a/x.py", 19, "→ 8x4x4"), ("file:///b/x.py", 9, "→ 3x5x5")):
        client.open(uri, text)
        assert (line, said) in client.hints(uri)
    client.tell("workspace/didChangeConfiguration", {"settings": {"cnncalc": {"input": ""}}})


def test_a_file_without_a_network_has_no_problem(client):
    uri = "file:///train.py"
    client.open(uri, "import torch\n\noptimizer = torch.optim.Adam([])\n")
    assert client.problems(uri) == [] and client.hints(uri) == []


def test_words_of_chains_have_types(client):
    uri = "file:///tokens.yaml"
    client.open(uri, SPEC.replace("- Flatten", '- "Flatten -> ReLU"'))
    legend = client.capabilities["semanticTokensProvider"]["legend"]["tokenTypes"]
    data = client.ask("textDocument/semanticTokens/full", {"textDocument": {"uri": uri}})["data"]
    lines, line, start, found = SPEC.replace("- Flatten", '- "Flatten -> ReLU"').split("\n"), 0, 0, []
    for down, along, length, kind, _ in zip(*[iter(data)] * 5, strict=True):
        line, start = line + down, along if down else start + along
        found.append((line, lines[line][start : start + length], legend[kind]))
    assert found[:3] == [(2, "stage", "function"), (2, "Conv2d", "class"), (2, "out_channels", "parameter")]
    assert [one for one in found if one[0] == 7] == [
        (7, "Flatten", "class"),
        (7, "->", "operator"),
        (7, "ReLU", "class"),
    ]


# --- sessions: what was typed in an editor, letter by letter --------------------------------------------------------


def place(text, at):
    """A position as the protocol counts, in units of UTF-16."""
    start = text.rfind("\n", 0, at) + 1
    return {"line": text.count("\n", 0, at), "character": len(text[start:at].encode("utf-16-le")) // 2}


def typed(client, uri, text, before, letters):
    """Type behind the first place of some words, letter by letter, None as a backspace: each text with its hints."""
    at = text.index(before) + len(before)
    for letter in letters:
        start, new = (at - 1, "") if letter is None else (at, letter)
        change = {"range": {"start": place(text, start), "end": place(text, at)}, "text": new}
        text, at = text[:start] + new + text[at:], start + len(new)
        client.change(uri, change)
        yield text, client.hints(uri)


def test_a_session_in_a_spec(client):
    """Open, type an entry badly, correct it, undo all, save: at each letter the lines above keep their hints."""
    uri = "file:///session.yaml"
    client.open(uri, SPEC)
    before = client.hints(uri)
    above = [hint for hint in before if hint[0] < 5]
    texts = [*typed(client, uri, SPEC, "- pool: MaxPool2d(2)", [*"\n- act: Relu6x", None])]
    assert all([hint for hint in found if hint[0] < 5] == above for _, found in texts)
    assert (6, "→ 16x32x32") in client.hints(uri) and client.problems(uri) == []
    texts = [*typed(client, uri, texts[-1][0], "- act: Relu6", [None] * len("\n- act: Relu6"))]
    assert all([hint for hint in found if hint[0] < 5] == above for _, found in texts)
    assert texts[-1] == (SPEC, before)
    client.tell("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert client.problems(uri) == []


def test_a_session_in_source(client):
    """The same in forward and in __init__; the size of the input was found, as the file says none."""
    uri = "file:///session.py"
    client.open(uri, MODEL)
    before = client.hints(uri)
    assert before == [(6, "320 params"), (7, "216,330 params"), (10, "→ 32x26x26"), (11, "→ 10")]
    assert [one["code"] for one in client.problems(uri)] == ["python-size"]
    texts = [*typed(client, uri, MODEL, ".relu()", "\n        x = self.pool(x)")]
    assert all(found[:2] == before[:2] for _, found in texts)
    assert any(one["severity"] == 1 and "pool" in one["message"] for one in client.problems(uri))
    texts = [*typed(client, uri, texts[-1][0], "nn.Conv2d(1, 32, 3)", "\n        self.pool = nn.MaxPool2d(3, 1, 1)")]
    shapes = [(11, "→ 32x26x26"), (12, "→ 32x26x26"), (13, "→ 10")]
    assert texts[-1][1] == [(6, "320 params"), (8, "216,330 params"), *shapes]
    client.change(uri, MODEL)
    assert client.hints(uri) == before


def test_a_letter_in_an_unclosed_bracket_keeps_the_hints_above(client):
    uri = "file:///unclosed.py"
    client.open(uri, SIZED)
    before = client.hints(uri)
    client.problems(uri)
    broken = SIZED.replace("self.fc(x", "self.fc((x")
    client.change(uri, broken)
    assert client.hints(uri) == [hint for hint in before if hint[0] < 12]
    assert client.problems(uri)[0]["code"] == "python-syntax"


def test_a_large_network_is_followed_beside_the_typing(client):
    """Hints above the change are there at once, all others once nothing is typed; and never those of an older text."""
    text = (
        "input: [8, 6, 6]\nlayers:\n- stem: Conv2d(8, 8, 3, padding=1)\n- name: body\n  repeat: 1500\n  sequential:\n"
    )
    text += "  - Conv2d(8, 8, 3, padding=1)\n  - ReLU\n- Flatten\n- fc: Linear(out_features=10)\n"
    uri = "file:///large.yaml"
    client.open(uri, text)
    before = client.hints(uri)
    assert before[-1] == (9, "→ 10, 2,890 params") and (6, "→ 8x6x6 (1500 times), 876,000 params") in before
    wide = text.replace("out_features=10", "out_features=20")
    for letters in ("Linear(out_features=1", "Linear(out_features=", "Linear(out_features=2"):
        client.change(uri, text.replace("Linear(out_features=10", letters))
        assert client.hints(uri) == [hint for hint in before if hint[0] < 9]
    client.change(uri, wide)
    found = client.about("completion", uri, 9, 13)
    assert "bias" in [one["label"] for one in found["items"]]
    lens = client.ask("textDocument/codeLens", {"textDocument": {"uri": uri}})
    assert "882,364 parameters" in lens[0]["command"]["title"]  # 1,501 · 584 + 288 · 20 + 20
    assert client.problems(uri) == []
    assert client.hints(uri) == [*before[:-1], (9, "→ 20, 5,780 params")]
    client.change(uri, wide.replace("- Flatten\n", ""))
    assert [one["severity"] for one in client.problems(uri)] == [3]  # a note: it acts on the last axis
    assert client.hints(uri)[-1] == (8, "→ 8x6x20, 140 params")
    client.change(uri, text.replace("1500", "15"))
    client.problems(uri)
    assert (6, "→ 8x6x6 (15 times), 8,760 params") in client.hints(uri)


def everything(client, uri, position):
    """All that an editor asks of a text beside its hints; an answer that is an error fails in the client."""
    document = {"textDocument": {"uri": uri}}
    for method in ("documentSymbol", "codeLens", "semanticTokens/full"):
        client.ask(f"textDocument/{method}", document)
    for method in ("hover", "completion", "definition"):
        client.ask(f"textDocument/{method}", {**document, "position": position})
    client.fixes(uri)


def test_a_broken_text_has_an_outline_up_to_the_mistake(client):
    uri = "file:///outline.yaml"
    client.open(uri, SPEC.replace("- fc: Linear(out_features=10)", "- fc: Linear(100, 10)"))
    outline = client.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert [symbol["name"] for symbol in outline] == ["stage", "conv1", "pool", "more", "flatten_1"]
    everything(client, uri, {"line": 8, "character": 12})


@pytest.mark.slow
def test_random_edits_leave_no_stale_answer(client):
    """After 2,000 edits of ranges the answers are those of a text that was opened as it stands."""
    rng = random.Random(1)
    words = [*" ()-:x\n3[é𝔸", "", "", "conv", "    x = self.conv(x)\n", "- ReLU\n"]
    for uri, start in (("file:///fuzz.yaml", SPEC), ("file:///fuzz.py", SIZED)):
        client.open(uri, start)
        text = start
        for step in range(1_000):
            at = rng.randrange(len(text) + 1)
            end = min(at + rng.choice([0, 0, 1, 3]), len(text))
            new = rng.choice(words)
            client.change(uri, {"range": {"start": place(text, at), "end": place(text, end)}, "text": new})
            text = text[:at] + new + text[end:]
            if step % 3 == 0:
                client.hints(uri)
            if step % 5 == 0:
                everything(client, uri, place(text, at))
            if step % 25 == 24:
                fresh = f"{uri.rpartition('.')[0]}-{step}{Path(uri).suffix}"
                client.open(fresh, text)
                said, right = client.problems(uri), client.problems(fresh)
                if any(one["code"] == "python-input" for one in right):
                    continue  # a size that fitted before may be kept
                assert said == right
                if not any(one["severity"] == 1 for one in right):
                    assert client.hints(uri) == client.hints(fresh)
                text = start if rng.random() < 0.7 else text
                client.change(uri, text)


def test_what_is_parsed_alone_is_what_the_whole_text_says():
    """Of 600 edits those of one class or function leave the tree, with its places, that the text has as it stands."""
    from cnncalc.core.problem import Source
    from cnncalc.read.python.files.followed import Followed

    functions = "@staticmethod\ndef head(a, b=(1,\n        2)):\n    return a\n# behind it\n\n\nclass Last:\n    pass\n"
    start = "from __future__ import annotations\n" + SIZED + "\n\n" + functions
    words = [*" ()-:\n\r3[\\#@é𝔸", "", "", "\n", '"""', "    x = self.conv(x)\n", "\nclass A:\n", "return", "async "]
    rng = random.Random(1)
    text, alone, held = start, 0, Followed(Source("f.py", start), "f.py", ast.parse(start))
    for _ in range(600):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(words) + text[min(at + rng.choice([0, 0, 1, 3]), len(text)) :]
        try:
            whole = ast.parse(text)
            compile(whole, "f.py", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            whole = None
        if held.replace(Source("f.py", text)) is not None:
            alone += 1
            assert whole is not None
            assert ast.dump(held.file.tree, include_attributes=True) == ast.dump(whole, include_attributes=True)
        elif rng.random() < 0.9:
            text = held.file.source.text
        else:
            text, held = start, Followed(Source("f.py", start), "f.py", ast.parse(start))
    assert alone > 20
