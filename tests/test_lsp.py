"""The language server over its protocol, as an editor talks to it."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

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
MODEL = """\
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 32, 3)
        self.fc = nn.Linear(21632, 10)

    def forward(self, x):
        x = self.conv(x).relu()
        return self.fc(x.flatten(1))
"""


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
        (2, "→ 32x32x32, 4,640 params"),
        (2, "→ 32x32x32"),
        (4, "→ 16x64x64, 448 params"),
        (5, "→ 16x32x32"),
        (7, "→ 32768"),
        (8, "→ 10, 327,690 params"),
    ]
    assert client.problems("file:///net.yaml") == []


def test_shapes_stand_beside_the_lines_of_forward(client):
    client.open("file:///model.py", "# cnncalc: input 1x28x28\n" + MODEL)
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
    wrong = "# cnncalc: input 1x28x28\n" + MODEL.replace("21632", "5408")
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


@pytest.mark.slow
def test_random_edits_leave_no_stale_answer(client):
    """After any edits the answers are those of a text that was opened as it stands."""
    rng = random.Random(1)
    for uri, start in (("file:///fuzz.yaml", SPEC), ("file:///fuzz.py", MODEL)):
        client.open(uri, start)
        text = start
        for step in range(200):
            at = rng.randrange(len(text) + 1)
            cut = rng.choice([0, 0, 1, 3])
            text = (
                text[:at]
                + rng.choice(["", " ", "(", ")", "-", ":", "x", "\n", "3", "[", "conv", "é"])
                + text[at + cut :]
            )
            client.change(uri, text)
            if step % 20 == 19:
                fresh = f"{uri[:-5]}-{step}{Path(uri).suffix}"
                client.open(fresh, text)
                whole = not any(one["severity"] == 1 for one in client.problems(uri))
                if whole:
                    assert client.hints(uri) == client.hints(fresh)
                text = start if not whole else text
                client.change(uri, text)
