"""A mapping of Python is read as the text that JSON has for it, value by value and place by place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cnncalc import SpecError, from_dict, loads
from cnncalc.core.problem import Source
from cnncalc.read.yaml.mapping import tree_of
from cnncalc.read.yaml.source import read_yaml
from cnncalc.read.yaml.value import Value

MAPPINGS: list[dict[str, Any]] = [
    {"input": [3, 8, 8], "layers": ["Conv2d(3, 4, 3)", {"relu1": "ReLU"}, {"conv2d": {"out_channels": 2}}]},
    {"let": {"a": 1, "b": -2.5, "c": 1e-7, "d": None, "e": True, "f": 10**30, "g": (1, 2)}, "layers": []},
    {"name": "", "input": {}, "layers": [[], [[1], {"a": {"b": {}}}], "?", "# x", "a: b", "yes", "0x10", "<<"]},
]


def places(value: Value) -> Any:
    """Everything that a tree holds."""
    inner: Any = (type(value.data).__name__, value.data)
    if value.kind == "list":
        inner = [places(part) for part in value.data]
    elif value.kind == "map":
        inner = [(places(key), places(part)) for key, part in value.data]
    return (value.kind, value.line, value.column, value.length, value.text, value.style, inner)


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_the_tree_is_that_of_the_text(mapping: dict[str, Any]) -> None:
    made = tree_of(mapping, "<dict>")
    assert made is not None
    source, root = made
    assert source.text == json.dumps(mapping, indent=1)
    tree, problems = read_yaml(Source("<dict>", source.text))
    assert not problems
    assert places(root) == places(tree)


@pytest.mark.parametrize(
    "part", ["\\tanh", 'a "b"', "é", "a\tb", float("nan"), float("inf"), {1: 2}, {"x" * 500: 1}, 10**500, object()]
)
def test_what_yaml_may_read_otherwise_is_left_to_it(part: Any) -> None:
    assert tree_of({"layers": [part]}, "<dict>") is None


def test_a_mistake_has_the_place_that_it_has_in_the_text() -> None:
    mapping = {"input": [3, 8, 8], "layers": [{"conv1": {"conv2d": {"out_chanels": 4, "kernel_size": 3}}}]}
    with pytest.raises(SpecError) as ours:
        from_dict(mapping).report()
    with pytest.raises(SpecError) as theirs:
        loads(json.dumps(mapping, indent=1)).report()
    assert [(p.code, p.message, p.span) for p in ours.value.problems] == [
        (p.code, p.message, p.span) for p in theirs.value.problems
    ]
