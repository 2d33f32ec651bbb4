"""The JSON Schema takes every valid spec there is here, and refuses the usual mistakes at their place.

The witness is an independent validator, the package jsonschema; the specs are the bundled ones, those of the docs, of
the problem pages and of the other tests.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from layer_examples import examples

import cnncalc
from cnncalc import layers
from cnncalc.cli.app import main
from cnncalc.layers import keras
from cnncalc.schema.spec import schema, text

ROOT = Path(__file__).resolve().parent.parent
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def validator() -> Any:
    return jsonschema.Draft202012Validator(schema())


def seen(text: str) -> Any:
    """What an editor sees of a YAML text; None where it is no mapping and no list."""
    try:
        read = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return json.loads(json.dumps(read, default=str)) if isinstance(read, (dict, list)) else None


def is_valid(text: str) -> bool:
    try:
        network = cnncalc.loads(text)
        network.report()
        network.given()
    except (cnncalc.SpecError, cnncalc.core.problem.Fault, RecursionError):
        return False
    return True


def written() -> list[str]:
    """Every spec that stands in the docs, in the problem pages or in a test."""
    found: dict[str, None] = {}
    pages = [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("cnncalc/problems/*.md")]
    for page in pages:
        found |= dict.fromkeys(YAML.findall(page.read_text(encoding="utf-8")))
    for path in ROOT.glob("tests/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "layers:" in node.value:
                found[node.value] = None
    return list(found)


def errors(validator: Any, text: str) -> list[str]:
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:80]}" for e in validator.iter_errors(seen(text))]


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert json.loads(text()) == schema()


def test_the_bundled_specs(validator: Any) -> None:
    paths = [*ROOT.glob("specs/**/*.yaml"), *ROOT.glob("tests/data/**/*.yaml"), *ROOT.glob("docs/examples/*.yaml")]
    assert len(paths) > 180
    refused = {path.name: errors(validator, path.read_text(encoding="utf-8")) for path in paths}
    assert {name: said for name, said in refused.items() if said} == {}


def test_the_specs_of_docs_and_tests(validator: Any) -> None:
    valid = [text for text in written() if seen(text) is not None and is_valid(text)]
    assert len(valid) > 250
    assert {text: errors(validator, text) for text in valid if errors(validator, text)} == {}


@pytest.mark.parametrize("spelling", ["proper", "lower", "prefixed"])
def test_every_layer_with_fields(validator: Any, spelling: str) -> None:
    """The examples of every layer type, as mappings; which of them the reader takes, the schema takes."""
    refused = {}
    for name, options, shapes in examples():
        spelled = {"proper": name, "lower": name.lower(), "prefixed": f"torch.nn.{name}"}[spelling]
        inputs = {letter: list(shape)[shape[0] == "int" :] for letter, shape in zip("abcde", shapes, strict=False)}
        entry = {spelled: json.loads(json.dumps(options, default=str)), "from": list(inputs)}
        spec = {"inputs": inputs or {"a": [1]}, "layers": [entry if inputs else {spelled: entry[spelled]}]}
        said = [error.message for error in validator.iter_errors(spec)]
        if said:
            refused[name] = (options, said[0][:200])
    assert refused == {}


def test_every_type_has_its_fields(validator: Any) -> None:
    """A field that no layer has is refused for each layer type, in any spelling."""
    for name in (*layers.names(), *keras.names()):
        for spelled in (name, name.upper(), f"nn.{name}"):
            spec = {"input": [3], "layers": [{spelled: {"no_such_option": 3}}]}
            assert not validator.is_valid(spec), spelled


WRONG = {
    "unknown key at the top": "input: [3]\nlayer:\n  - ReLU\n",
    "no layers": "input: [3]\n",
    "unknown key beside a call": "input: [3]\nlayers:\n  - a: Linear(3, 2)\n    fro: input\n",
    "unknown key beside fields": "input: [3]\nlayers:\n  - linear: {out_features: 2}\n    repeats: 3\n",
    "misspelt option": "input: [3, 8, 8]\nlayers:\n  - conv2d: {out_channels: 2, kernal_size: 3}\n",
    "misspelt option under a name": "input: [3, 8, 8]\nlayers:\n  - a: {conv2d: {out_channels: 2, kernal_size: 3}}\n",
    "missing option": "input: [3, 8, 8]\nlayers:\n  - conv2d: {out_channels: 2}\n",
    "no whole number": "input: [3, 8, 8]\nlayers:\n  - conv2d: {out_channels: 2.5, kernel_size: 3}\n",
    "a size of 0": "input: [3, 8, 8]\nlayers:\n  - conv2d: {out_channels: 0, kernel_size: 3}\n",
    "three sizes for two axes": "input: [3, 8, 8]\nlayers:\n  - conv2d: {out_channels: 2, kernel_size: [3, 3, 3]}\n",
    "a list for a number": "input: [3, 8, 8]\nlayers:\n  - conv2d: {out_channels: [2], kernel_size: 3}\n",
    "a truth value for a number": "input: [3]\nlayers:\n  - linear: {out_features: true}\n",
    "a number for a truth value": "input: [3]\nlayers:\n  - linear: {out_features: 2, bias: 3}\n",
    "a layer that there is not": "input: [3]\nlayers:\n  - Linaer(3, 2)\n",
    "a number for a layer": "input: [3]\nlayers:\n  - 3\n",
    "a negative repeat": "input: [3]\nlayers:\n  - Linear(3, 3)\n    repeat: -1\n".replace("- Linear", "- a: Linear"),
    "an unknown convention": "convention: tensorflow\ninput: [3]\nlayers:\n  - ReLU\n",
    "an unknown layout": "layout: nhwc\ninput: [3]\nlayers:\n  - ReLU\n",
    "an input with a key of its own": "input: {shape: [3], type: int}\nlayers:\n  - ReLU\n",
    "a misspelt option beside blocks": (
        "input: [3, 8, 8]\ndefine:\n  twice(width):\n    - ReLU\nlayers:\n  - twice: {width: 2}\n"
        "  - conv2d: {out_channels: 2, kernel_size: 3, strid: 2}\n"
    ),
    "a misspelt option inside a block": (
        "input: [3, 8, 8]\ndefine:\n  twice(width):\n    - conv2d: {out_channels: width, kernel_sise: 3}\n"
        "layers:\n  - twice: {width: 2}\n"
    ),
    "a misspelt option inside a residual": (
        "input: [3, 8, 8]\nlayers:\n  - residual:\n      - conv2d: {out_channels: 3, kernel_sise: 1}\n"
    ),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_usual_mistakes_are_refused(validator: Any, mistake: str) -> None:
    assert not is_valid(WRONG[mistake])
    assert errors(validator, WRONG[mistake]) != []


RIGHT = {
    "one line of a list is cut at its commas": "input: [3, 8, 8]\nlayers: [Conv2d(3, 16, 3), ReLU]\n",
    "fields at the same indent": "input: [3, 8, 8]\nlayers:\n  - conv2d:\n    out_channels: 4\n    kernel_size: 3\n",
    "type": "input: [3, 8, 8]\nlayers:\n  - type: Conv2d\n    out_channels: 4\n    kernel_size: 3\n",
    "a block with the name of a layer": (
        "input: [3, 8, 8]\ndefine:\n  attention(width):\n    - Conv2d(out_channels=width, kernel_size=1)\n"
        "layers:\n  - attention: {width: 2}\n"
    ),
    "expressions": "input: [3, 8, 8]\nlet: {w: 2}\nlayers:\n  - conv2d: {out_channels: 4 * w, kernel_size: w}\n",
    "layers without dashes": "input: [4]\nlayers:\n  fc: Linear(4, 3)\n  linear: Linear(3, 2)\n  relu: ReLU\n",
    "a bare list": "- Linear(3, 2)\n- ReLU\n",
}


@pytest.mark.parametrize("form", RIGHT)
def test_rare_forms_are_taken(validator: Any, form: str) -> None:
    assert form == "a bare list" or is_valid(RIGHT[form])
    assert errors(validator, RIGHT[form]) == []


def test_the_error_is_at_its_place(validator: Any) -> None:
    found = seen(WRONG["misspelt option"])
    best = jsonschema.exceptions.best_match(validator.iter_errors(found))
    assert best.absolute_path[0] == "layers"


def test_help_and_defaults_are_those_of_the_layers() -> None:
    said = schema()["$defs"]
    field = {
        name: said[one["$ref"].removeprefix("#/$defs/")] if "$ref" in one else one
        for name, one in said["conv2d"]["else"]["else"]["properties"].items()
    }
    assert field["stride"]["description"] == "stride; a whole number of at least 1, or one for each axis"
    assert field["stride"]["default"] == 1
    assert field["padding_mode"]["anyOf"][0] == {"enum": ["zeros", "reflect", "replicate", "circular"]}


def test_it_is_the_same_each_time() -> None:
    """The hash of strings, and with it the order of sets, is another one in each process."""
    code = "from cnncalc.schema.spec import text; import hashlib; print(hashlib.sha256(text().encode()).hexdigest())"
    made = {subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True).stdout for _ in range(2)}
    assert len(made) == 1 and made != {b""}


def test_it_is_small() -> None:
    """Editors load it for each file that they open."""
    assert len(text().encode()) < 300_000


def test_command(tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "cnncalc.json"
    assert main(["schema", "-o", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == out.read_text(encoding="utf-8") == text()
    assert [path.name for path in tmp_path.iterdir()] == ["cnncalc.json"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    assert main(["schema", "-o", str(tmp_path / "no" / "x.json")]) == 2
    assert capsys.readouterr().err == f'error[cannot-save]: there is no folder "{tmp_path / "no"}"\n'
    assert main(["schema", "-o", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f'error[cannot-save]: "{tmp_path}" is a folder\n'
    out = tmp_path / "kept.json"
    out.write_text("as it was", encoding="utf-8")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cnncalc.core.atomic_write.os.replace", full)
    assert main(["schema", "-o", str(out)]) == 2
    assert capsys.readouterr().err == f'error[cannot-save]: "{out}" cannot be written: No space left on device\n'
    assert out.read_text(encoding="utf-8") == "as it was"
    assert [path.name for path in tmp_path.iterdir()] == ["kept.json"]
