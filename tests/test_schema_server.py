"""yaml-language-server with the schema, over its protocol: what it completes, what it says of a misspelt option.

The server is npm's `yaml-language-server`: on the path, or where YAML_LANGUAGE_SERVER says.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from protocol import Client

from cnncalc.schema.spec import text as schema_text

COMMAND = os.environ.get("YAML_LANGUAGE_SERVER") or shutil.which("yaml-language-server")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not COMMAND, reason="needs yaml-language-server: npm install -g yaml-language-server"),
]

HEAD = "input: [3, 8, 8]\nlayers:\n"
# In braces that have all that the layer needs, in a call's text and in an empty line beside a key this server offers
# nothing, whatever the schema says; `cnncalc lsp` does (tests/test_lsp.py).
# A text up to the cursor, what follows it, and a label that must be offered.
PLACES = {
    "an empty block": (HEAD + "- Conv2d:\n    ", "", "kernel_size"),
    "an empty block in lower case": (HEAD + "- conv2d:\n    ", "\n- ReLU\n", "kernel_size"),
    "half a word": (HEAD + "- Conv2d:\n    kern", "", "kernel_size"),
    "a second field": (HEAD + "- Conv2d:\n    out_channels: 3\n    ", "\n- ReLU\n", "padding"),
    "half a word in braces": (HEAD + "- Conv2d: {str", "}", "stride"),
    "an empty block of a Keras layer": ("convention: keras\n" + HEAD + "- Conv2D:\n    ", "\n", "filters"),
    "half a word after a comma": (HEAD + "- Conv2d: {out_channels: 2, kern", "}", "kernel_size"),
    "in braces": (HEAD + "- Conv2d: {", "}", "kernel_size"),
    "after a comma": (HEAD + "- Conv2d: {out_channels: 2, ", "}", "kernel_size"),
    "a block under a name": (HEAD + "- first:\n    Conv2d:\n      ", "", "kernel_size"),
    "a block inside a group": (HEAD + "- residual:\n    - Conv2d:\n        ", "", "kernel_size"),
    "half a word beside a layer": (HEAD + "- a: ReLU\n  fr", "", "from"),
    "an option's words": (HEAD + "- Conv2d:\n    padding_mode: ", "", "reflect"),
    "a network with blocks": (
        "input: [3, 8, 8]\ndefine:\n  twice(c):\n    - Conv2d:\n        ",
        "\nlayers:\n- twice: {c: 2}\n",
        "kernel_size",
    ),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: Any):
    path = tmp_path_factory.mktemp("schema") / "cnncalc.json"
    path.write_text(schema_text(), encoding="utf-8")
    settings = {"yaml": {"schemas": {path.as_uri(): "*.yaml"}, "completion": True, "validate": True, "hover": True,
                         "schemaStore": {"enable": False}}, "http": {}}  # fmt: skip
    opened = Client([str(COMMAND), "--stdio"], settings)
    opened.open("file:///first.yaml", HEAD + "- ReLU\n")
    opened.problems("file:///first.yaml")  # the settings have come through
    yield opened
    opened.close()


@pytest.mark.parametrize("place", PLACES)
def test_completion(client: Client, place: str) -> None:
    before, after, wanted = PLACES[place]
    uri = f"file:///{place.replace(' ', '-').replace(chr(39), '')}.yaml"
    client.open(uri, before + after)
    lines = before.split("\n")
    found = client.about("completion", uri, len(lines) - 1, len(lines[-1]))
    labels = [item["label"] for item in (found or {}).get("items", [])]
    assert wanted in labels, labels[:20]


@pytest.mark.parametrize("layer", ["Conv2d", "conv2d", "nn.Conv2d"])
def test_a_misspelt_option_is_named(client: Client, layer: str) -> None:
    uri = f"file:///misspelt-{layer}.yaml"
    client.open(uri, HEAD + f"- {layer}:\n    out_channels: 3\n    kernel_size: 3\n    strid: 2\n")
    said = client.problems(uri)
    assert [(one["range"]["start"]["line"], "strid" in one["message"]) for one in said] == [(5, True)], said


def test_a_layer_that_there_is_not(client: Client) -> None:
    client.open("file:///none.yaml", HEAD + "- Conv2d(3, 4, 3)\n- Linaer(3, 2)\n")
    said = client.problems("file:///none.yaml")
    assert {one["range"]["start"]["line"] for one in said} == {3}, said


def test_bundled_networks_have_no_problem(client: Client) -> None:
    specs = Path(__file__).resolve().parent.parent / "specs"
    paths = sorted(specs.glob("*.yaml"))[:12]
    assert paths
    for path in paths:
        client.open(f"file:///bundled/{path.name}", path.read_text(encoding="utf-8"))
        assert client.problems(f"file:///bundled/{path.name}") == [], path.name
