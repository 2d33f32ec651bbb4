"""The schema of an entry of `layers`, in three forms: for specs without blocks of their own, with them, and with
blocks that bear the name of a layer type.

Without blocks every name that is no layer type must name an entry, and every call a layer that there is.
"""

from __future__ import annotations

from cnncalc.network.expansion.expand import MERGES
from cnncalc.schema.types import INPUTS, STRUCTURES, homes, other_spellings, pattern, spellings, wide_options
from cnncalc.schema.values import Schema
from cnncalc.spec.entries.entry import SYNONYMS

FORMS = ("closed", "open", "free")
# A text that YAML cut at a comma inside of brackets, `[Conv2d(3, 16, 3)]`: the reader puts it together again.
# What may follow a layer's name in a text.
AFTER = r"\s*(?:\(|,?\s*$|->|→)"
CUT = {"type": "string", "pattern": r"\([^)]*$"}
CAPITAL_CALL = r"^\s*(?:\w+\.)*[A-Z]\w*\("
TEXT = {"type": ["string", "number"]}
TRUTH = {"type": ["boolean", "number", "string"]}


NET: dict[str, dict[str, object]] = {
    "net": {"type": "string", "description": "another spec as a block: a bundled one, or one in the same folder"},
    "until": {"type": ["string", "number"], "description": "the last entry of it that is taken"},
    "set": {"type": "object", "description": "values for its constants"},
}


def beside() -> Schema:
    """What may stand beside a layer in its entry."""
    several = {"type": ["string", "number", "array"], "items": {"type": ["string", "number"]}}
    merges = {"anyOf": [{"enum": list(MERGES)}, {"type": "string"}]}
    told: dict[str, tuple[Schema, str]] = {
        "name": (TEXT, "unique in its scope; default: the lower-case type and a running number"),
        "from": (several, "what it takes: a name, NAME.PORT, or a list; default: the entry above"),
        "repeat": ({"type": ["integer", "string"], "minimum": 0}, "that many copies in a row, name.0, name.1, ..."),
        "when": (TRUTH, "the entry is left out where this is false"),
        "share": (TEXT, "the layer (or block) whose weights it uses: counted once"),
        "freeze": (TRUTH, "true: its parameters are not trainable"),
        "expect": ({"type": "object"}, "{shape: ..., params: ...}: what you believe of this entry"),
        "activation": ({"type": ["string", "null"]}, "a function applied to the output, as a layer of its own"),
        "merge": (merges, "how branches are put together; beside parallel"),
        "dim": ({"type": ["integer", "string"]}, "the axis of concat and stack; the batch is 0"),
    }
    return {"properties": {name: {"description": help, **schema} for name, (schema, help) in told.items()}}


def known_pattern() -> str:
    """A regular expression of every layer type, structure and input, in every spelling."""
    words = pattern(*spellings(), *(word.lower() for word in STRUCTURES))
    return rf"(?:{words}|{_inputs()})"


def _inputs() -> str:
    """Keras' way to write an input, which is no name in another case."""
    return rf"(?:\w+\.)*(?:{'|'.join(INPUTS)})"


def shared() -> Schema:
    """The definitions that all forms use: names of layer types, what stands beside a layer."""
    words = [*beside()["properties"], "shortcut", *SYNONYMS]
    kinds = {
        "known": {"description": "a layer type, in any spelling", "$ref": "#/$defs/known-call", "pattern": r"^[\w.]+$"},
        "beside": beside(),
        "known-call": {
            "description": "a call of a layer, Conv2d(3, 16, 3), or a chain that begins with one",
            "type": "string",
            "pattern": rf"^\s*{known_pattern()}{AFTER}",
            "patternErrorMessage": "a layer is a call, Conv2d(3, 16, 3); there is none of that name",
        },
        # Mappings with a call under a name, with a known layer that has something under it, with a known layer.
        "with-call": {
            "type": "object",
            "not": {**_beside_only(), "additionalProperties": {"not": {"$ref": "#/$defs/known-call"}}},
        },
        "layer-key": {"allOf": [{"$ref": "#/$defs/known"}, {"not": {"$ref": "#/$defs/beside-layer"}}]},
        "with-fields": {"type": "object", "not": {"propertyNames": {"not": {"$ref": "#/$defs/layer-key"}}}},
        "with-layer": {"type": "object", "not": {"propertyNames": {"not": {"$ref": "#/$defs/known"}}}},
        "cut": {
            "anyOf": [
                {"type": "array", "contains": CUT},
                {"type": "object", "not": {"additionalProperties": {"not": CUT}}},
            ]
        },
        # Entries that are not looked at: `type: Conv2d` with its fields beside it, and `- conv2d:` with them below.
        "unsaid": {
            "anyOf": [
                {"$ref": "#/$defs/cut"},
                {"type": "object", "required": ["type"]},
                {
                    "allOf": [
                        {"$ref": "#/$defs/with-fields"},
                        {"not": {"additionalProperties": {"not": {"type": "null"}}}},
                    ]
                },
            ]
        },
        "beside-layer": {"enum": words},
        # Under the name of a layer type: a mapping that is an entry, the name its label; a text that YAML cut.
        "named": {
            "anyOf": [
                {"type": "array", "contains": CUT},
                {
                    "type": "object",
                    "propertyNames": {"not": {"enum": wide_options()}},
                    "anyOf": [
                        {"$ref": "#/$defs/with-fields"},
                        {"not": {"additionalProperties": {"not": {"type": "string", "pattern": CAPITAL_CALL}}}},
                    ],
                },
            ]
        },
    }
    return kinds


def definitions(form: str) -> Schema:
    """The definitions of one form: an entry, a list of entries, a group's body, and each layer type as a key."""
    entry, entries, body = ({"$ref": f"#/$defs/{form}.{name}"} for name in ("entry", "entries", "body"))
    found: Schema = {
        # A list, layers as keys without dashes, or a block of text.
        f"{form}.entries": {"if": {"type": "string"}, "else": {"$ref": f"#/$defs/{form}.mapping"}},
        f"{form}.body": {"if": {"type": "null"}, "else": entries},
        f"{form}.branches": {
            "type": ["array", "object", "string"],
            "items": body,
            "properties": {"repeat": {"type": ["integer", "string"], "description": "so many equal branches"}},
            "additionalProperties": body,
        },
        f"{form}.mapping": _mapping(form, entry, body),
        f"{form}.entry": {"$ref": f"#/$defs/{form}.mapping", "allOf": _single(form)},
    }
    return found


def _single(form: str) -> list[Schema]:
    """An entry holds one layer: beside one that is surely known stands nothing else."""
    call = {"$ref": "#/$defs/known-call"}
    named = {"if": {"$ref": "#/$defs/with-call"}, "then": {**_beside_only(), "additionalProperties": call}}
    fields = {
        "if": {"$ref": "#/$defs/with-fields"},
        "then": {"propertyNames": {"anyOf": [{"$ref": "#/$defs/known"}, {"$ref": "#/$defs/beside-layer"}]}},
    }
    rules = [named] if form == "free" else [named, fields]
    return [{"if": {"$ref": "#/$defs/unsaid"}, "else": rule} for rule in rules]


def _beside_only() -> Schema:
    return {"properties": {key: {} for key in (*beside()["properties"], "shortcut", *SYNONYMS)}}


def _mapping(form: str, entry: Schema, body: Schema) -> Schema:
    """A call, a list of entries, or a mapping with a layer and what stands beside it."""
    if form == "closed":
        return _closed(entry, body)
    words = {name: {"$ref": f"#/$defs/beside/properties/{name}"} for name in beside()["properties"]}
    properties: Schema = {
        **words,
        "shortcut": {**body, "description": "what the input goes through beside a residual"},
        "type": {"description": "the layer type; its fields stand beside it"},
        **NET,
        **{other: {} for other in SYNONYMS},
    }
    patterns: Schema = {}
    if form != "free":
        branches = {"$ref": f"#/$defs/{form}.branches"}
        groups = {
            "sequential": {**body, "description": "a named group"},
            "residual": {**body, "description": "x + f(x); with shortcut beside it, shortcut(x) + f(x)"},
            "parallel": {**branches, "description": "branches side by side, put together by merge"},
        }
        for name, schema in groups.items():
            properties[name] = schema
            patterns[f"^(?!{name}$){''.join(f'[{letter}{letter.upper()}]' for letter in name)}$"] = schema
        names = spellings()
        for home in dict.fromkeys(homes().values()):
            schema = {"$ref": f"#/$defs/{home}"}
            same = [folded for folded in names if homes()[folded] == home]
            proper = [name for folded in same for name in names[folded]]
            properties.update(dict.fromkeys(proper, schema))
            patterns[other_spellings(proper, same)] = schema
        patterns[f"^{_inputs()}$"] = {}
    entries = {
        "type": ["string", "object", "array"],
        "pattern": rf"^\s*[^\s(),:]+{AFTER}",
        "items": entry,
        "minProperties": 1,
        "properties": properties,
        "patternProperties": patterns,
        "additionalProperties": _named(entry) if form == "open" else {},
    }
    typed = {"type": "object", "required": ["type"]}
    return {"if": typed, "else": {"if": {"$ref": "#/$defs/unsaid"}, "else": entries}}


def _closed(entry: Schema, body: Schema) -> Schema:
    """What holds besides where a spec has no blocks: every name is a layer type's or an entry's."""
    groups = {"sequential": body, "residual": body, "shortcut": body, "parallel": {"$ref": "#/$defs/closed.branches"}}
    names = {
        "if": {"type": "string"},
        "then": {"$ref": "#/$defs/known-call"},
        "items": entry,
        "properties": {**{key: {} for key in (*beside()["properties"], *SYNONYMS, *NET)}, **groups},
        "patternProperties": {f"^{known_pattern()}$": {}},
        "additionalProperties": entry,
    }
    typed = {"type": "object", "required": ["type"]}
    kind = {"properties": {"type": {"$ref": "#/$defs/known"}}}
    rest = {"if": {"$ref": "#/$defs/unsaid"}, "else": names}
    return {"allOf": [{"$ref": "#/$defs/open.mapping"}, {"if": typed, "then": kind, "else": rest}]}


def _named(entry: Schema) -> Schema:
    """What stands under a name where the spec has blocks: an entry, or arguments of a block."""
    only = {"propertyNames": {"anyOf": [{"$ref": "#/$defs/known"}, {"$ref": "#/$defs/beside-layer"}]}}
    return {"if": {"$ref": "#/$defs/with-layer", **only}, "then": entry}
