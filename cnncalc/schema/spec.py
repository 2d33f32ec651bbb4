"""The whole schema: the top-level keys of a spec, and which form its entries have."""

from __future__ import annotations

import json
from functools import cache

from cnncalc.schema.entries import FORMS, definitions, known_pattern, shared
from cnncalc.schema.types import type_schemas
from cnncalc.schema.values import Schema
from cnncalc.spec.read import KEYS, MODES, SYNONYMS
from cnncalc.spec.words.said import CONVENTIONS, LAYOUTS

NAME = r"^[^\W\d]\w*$"


def schema() -> Schema:
    """The JSON Schema (draft 2020-12) of a spec, the same each time."""
    top = _top()
    keys = {key: top[key] for key in KEYS}
    keys |= {other: {**top[key], "deprecated": True} for other, key in SYNONYMS.items()}
    said = {"type": "object", "additionalProperties": False, "properties": keys}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cnncalc spec",
        "description": "A neural network: its input, its layers in order, and what is expected of it.",
        "if": {"type": "array"},
        "then": {"items": {"$ref": "#/$defs/closed.entry"}},
        "else": {**said, **_needed(), "allOf": _forms()},
        "$defs": {
            "shape": _shape(),
            "input": _input(),
            "inputs": _inputs(),
            **shared(),
            **{name: part for form in FORMS for name, part in definitions(form).items()},
            **type_schemas(),
        },
    }


def _needed() -> Schema:
    """A spec has layers, its own or those of its base."""
    return {"anyOf": [{"required": [key]} for key in ("layers", "network", "base")]}


def _forms() -> list[Schema]:
    """Which names an entry may have: with blocks of its own, or of a base, a spec has further ones."""
    shadowing = {"not": {"propertyNames": {"not": {"pattern": rf"^\s*{known_pattern()}\s*(?:\(|$)"}}}}
    blocks = {"required": ["define"], "properties": {"define": {"type": "object", "minProperties": 1}}}
    shadowed = {"required": ["define"], "properties": {"define": {"type": "object", **shadowing}}}
    return [
        {
            "if": {"anyOf": [{"required": ["base"]}, shadowed]},
            "then": _entries("free"),
            "else": {"if": blocks, "then": _entries("open"), "else": _entries("closed")},
        }
    ]


def _entries(form: str) -> Schema:
    entries = {"$ref": f"#/$defs/{form}.entries"}
    body = {"$ref": f"#/$defs/{form}.body"}
    return {"properties": {"layers": entries, "network": entries, "define": {"additionalProperties": body}}}


def _top() -> dict[str, Schema]:
    """The top-level keys; what stands under layers and define depends on the form."""
    expected = {"type": ["object", "array", "string", "null"]}
    return {
        "name": {"type": ["string", "number", "boolean", "null"], "description": "the network's name"},
        "input": {"$ref": "#/$defs/input", "description": "one shape, or names with shapes, without the batch axis"},
        "inputs": {"$ref": "#/$defs/inputs", "description": "names with shapes, without the batch axis"},
        "let": {
            "type": ["object", "null"],
            "propertyNames": {"pattern": NAME},
            "description": "named constants; expressions; {from: [3, 5]} for variants; --set NAME=VALUE overrides them",
        },
        "symbols": {
            "type": ["array", "string", "null"],
            "items": {"type": "string"},
            "description": "names that stay free: shapes and counts are then formulas, until --set gives a value",
        },
        "define": {
            "type": ["object", "null"],
            "propertyNames": {"pattern": r"^\s*[^\W\d]\w*\s*(?:\([\s\S]*\)\s*)?$"},
            "description": "blocks with parameters, used like layers: block(width, stride=1): [...]",
        },
        "layers": {"type": ["array", "object", "string"], "description": "the entries, in order"},
        "values": {
            "type": ["object", "string", "null"],
            "description": "given arrays: numbers or expressions, or the name of an .npz file beside the spec",
        },
        "expect": {**expected, "description": "what you believe: an expression and its value, for cnncalc check"},
        "layout": {**_word(LAYOUTS), "description": "the order of input and of every shape shown"},
        "base": {"type": ["string", "number"], "description": "the spec that this one is a variant of"},
        "freeze": {
            "type": ["array", "string"],
            "items": {"type": "string"},
            "description": "names of layers that are not trained, or patterns: [features, encoder.*]",
        },
        "lora": {
            "type": "object",
            "description": "trained low-rank matrices beside frozen ones: {r: 16, on: [q_proj, v_proj]}",
            "properties": {"r": {"type": "integer", "minimum": 1}, "on": {"type": ["array", "string"]}},
            "required": ["r", "on"],
            "additionalProperties": False,
        },
        "defaults": {
            "type": "object",
            "additionalProperties": {"type": "object"},
            "description": "options of every layer of a type that does not say them: {BatchNorm2d: {eps: 1e-3}}",
        },
        "mode": {**_word(tuple(MODES)), "description": "train: norms of a batch by the batch's own statistics"},
        "convention": {**_word(CONVENTIONS), "description": "whose words, defaults and parameter counts hold"},
    }


def _word(words: tuple[str, ...]) -> Schema:
    """One of a few words, in any case."""
    letters = ["".join(f"[{c}{c.upper()}]" if c.isalpha() else c for c in word) for word in words]
    return {"type": "string", "anyOf": [{"enum": list(words)}, {"pattern": f"^(?:{'|'.join(letters)})$"}]}


def _shape() -> Schema:
    """[3, 64, 64], 3x64x64, or one number; None or ? for the batch or a size that is not known."""
    return {
        "description": "a shape without the batch axis: [3, 64, 64], 3x64x64",
        "type": ["array", "string", "integer"],
        "items": {"type": ["integer", "string", "null", "object"], "maxProperties": 1},
    }


def _one() -> Schema:
    """A shape, or {shape: ..., dtype: ...}."""
    fields = {
        "description": "{shape: [...], dtype: int} for tokens",
        "type": "object",
        "properties": {"shape": {"$ref": "#/$defs/shape"}, "dtype": {"type": "string", "examples": ["int", "float"]}},
        "required": ["shape"],
        "additionalProperties": False,
    }
    return {"if": {"type": "object"}, "then": fields, "else": {"$ref": "#/$defs/shape"}}


def _input() -> Schema:
    """One input, or names with inputs."""
    named = {"type": "object", "not": {"required": ["shape"]}}
    return {"if": {"type": "object"}, "then": {"if": named, "then": {"$ref": "#/$defs/inputs"}, "else": _one()},
            "else": {"$ref": "#/$defs/inputs"}}  # fmt: skip


def _inputs() -> Schema:
    """Names with inputs, as a mapping or as a list of mappings; one shape for one input."""
    several = {"type": "object", "minProperties": 1, "additionalProperties": _one()}
    listed = {"type": "array", "minItems": 1, "items": {"type": "object"}}
    return {
        "if": {"type": "object"},
        "then": several,
        "else": {"if": listed, "then": {"items": several}, "else": {"$ref": "#/$defs/shape"}},
    }


@cache
def text() -> str:
    """The schema as JSON text, one definition per line, that ends with a newline."""
    said = schema()
    definitions = said.pop("$defs")
    lines = [f"{_json(key)}:{_json(value)},\n" for key, value in said.items()]
    inner = [f"{_json(key)}:{_json(value)}" for key, value in definitions.items()]
    return "{\n" + "".join(lines) + '"$defs":{\n' + ",\n".join(inner) + "\n}\n}\n"


def _json(value: object) -> str:
    """JSON without spaces: editors load it for each file."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
