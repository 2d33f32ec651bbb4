"""The schema of each layer type: its fields, as a mapping, as a list of arguments, as one value or as text."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import groupby
from typing import Any

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.layers import keras
from cnncalc.schema.values import Schema, schema_of
from cnncalc.spec.entries.entry import BESIDE, MERGES
from cnncalc.spec.words.dialect import SHAPE_WORDS

# Words that may stand among the fields of any layer: what stands beside it, and a function of its output.
AMONG = (*BESIDE[:7], "activation")
# What else may stand among the fields: those words, and what is left of a text that YAML cut at a comma inside of
# braces, `{a: Conv2d(3, 16, 3)}`; in Keras' layers also what changes no shape.
FURTHER = rf"^(?:{'|'.join(AMONG)}|-?\d.*)$|[()=]"
IGNORED = ("dtype", "batch_size", "input_dim", "autocast", *SHAPE_WORDS)
KERAS_FURTHER = rf"^(?:{'|'.join((*AMONG, *IGNORED))}|-?\d.*)$|_(?:initializer|regularizer|constraint)$|[()=]"
STRUCTURES = ("Sequential", "Residual", "Parallel")
INPUTS = ("Input", "InputLayer")


def type_schemas() -> dict[str, Schema]:
    """The schema of every layer type by its name, PyTorch's and Keras', and of the options that several have.

    A mapping under a type's name holds its fields, or an entry where the name is a label. The fields stand in plain
    `properties`: an editor completes from those alone while a block is empty or half written.
    """
    found: dict[str, Schema] = {}
    for folded, kinds in _by_name().items():
        if homes()[folded] != folded:
            continue
        fields = _merged([_fields(kind) for kind in kinds])
        if folded in layers.PRESET:
            fields["properties"] |= {word: {} for word in layers.PRESET_WORDS}
        if folded not in MERGES:  # those take a list of what they put together
            fields["maxItems"] = max(len(kind.options) for kind in kinds)
        found[folded] = {
            "description": "\n\n".join({re.sub(r"\[.*\]", "", said): said for said in map(_help, kinds)}.values()),
            "if": {"$ref": "#/$defs/named"},
            "then": {"$ref": "#/$defs/open.entry"},
            "else": fields,
        }
    idle = rf"|^(?:{'|'.join(_idle())})$"
    further = {"more": FURTHER, "more.keras": KERAS_FURTHER}
    words: Schema = {name: {"patternProperties": {at + idle: {}}} for name, at in further.items()}
    words["plain"] = {"additionalProperties": {"type": ["number", "boolean", "array"]}}  # no half-written word
    known = _with_shared(found)
    return {**words, **known, **_begun(found), **_alike(found)}


@cache
def _idle() -> tuple[str, ...]:
    """Options that are taken and have no effect in any layer: nobody needs them completed."""
    every = [option for kinds in _by_name().values() for kind in kinds for option in kind.options.values()]
    used = {option.name for option in every if not option.ignored}
    return tuple(sorted({option.name for option in every} - used))


def _value(schema: Schema) -> Schema:
    """What an option may be, without what is said of it."""
    return {key: schema[key] for key in schema if key not in ("description", "default")}


def _merged(forms: list[Schema]) -> Schema:
    """The fields of a type that PyTorch and Keras have, either's."""
    if len(forms) == 1:
        return forms[0]
    properties: Schema = {}
    for form in forms:
        for name, schema in form["properties"].items():
            same = properties.setdefault(name, schema)
            if _value(same) != _value(schema) and same != {}:
                properties[name] = {"anyOf": [same, schema]} if schema else {}
    needed = [form.get("required", []) for form in forms]
    fields = {**forms[0], "properties": properties, "$ref": forms[1]["$ref"]}  # Keras' further words, which are more
    fields.pop("required", None)
    both = [name for name in needed[0] if name in needed[1]]
    either = [[name for name in names if name not in both] for names in needed]
    if both:
        fields["required"] = both
    if all(either):
        fields["anyOf"] = [{"type": ["array", "string", "number", "boolean", "null"]},
                           *({"required": names} for names in either)]  # fmt: skip
    return fields


def _with_shared(found: dict[str, Schema]) -> dict[str, Schema]:
    """The same, with each schema of an option that stands there twice as a definition of its own."""
    count: Counter[tuple[str, str]] = Counter()
    for schema in found.values():
        count.update((name, repr(field)) for name, _, _, field in _parts(schema["else"]["properties"]))
    names: dict[tuple[str, str], str] = {}
    shared: dict[str, Schema] = {}
    for schema in found.values():
        for name, home, at, field in _parts(schema["else"]["properties"]):
            key = name, repr(field)
            if count[key] < 2 or len(key[1]) < 40 or "$ref" in field:
                continue
            if key not in names:
                names[key] = f"{name}.{sum(name == other for other, _ in names) + 1}"
                shared[names[key]] = field
            home[at] = {"$ref": f"#/$defs/{names[key]}"}
    return {**found, **shared, **_values([*found.values()], [*shared.values()])}


def _begun(types: dict[str, Schema]) -> dict[str, Schema]:
    """Let a mapping that is right as far as it goes, but lacks what the layer needs, have its names alone.

    In braces yaml-language-server completes nothing where a schema with `properties` fits what stands there
    (`matchOriginal` in its yamlCompletion.js), but it does from `propertyNames`.
    """
    lists: dict[str, Schema] = {}
    for schema in types.values():
        fields = schema["else"]
        needed = {key: fields.pop(key) for key in ("required", "anyOf") if key in fields}
        if not needed:  # the schema would be too large with those, too
            continue
        told = {"type": "object", "propertyNames": {"enum": [*fields["properties"]]}}
        name = next((name for name, same in lists.items() if same == told), f"n{len(lists) + 1}")
        lists[name] = told
        known = {"propertyNames": {"$ref": f"#/$defs/{name}/propertyNames"}}
        begun = {
            "if": {**known, "$ref": "#/$defs/plain", "not": needed},
            "then": {"$ref": f"#/$defs/{name}"},
            "else": fields,
        }
        schema["else"] = {**needed, **begun}
    return lists


def _alike(types: dict[str, Schema]) -> dict[str, Schema]:
    """What several types have instead of an entry, as definitions."""
    count = Counter(repr(schema["else"]) for schema in types.values())
    shared: dict[str, Schema] = {}
    names: dict[str, str] = {}
    for schema in types.values():
        key = repr(schema["else"])
        if count[key] > 1 and len(key) > 60:
            name = names.setdefault(key, f"f{len(names) + 1}")
            shared[name] = schema["else"]
            schema["else"] = {"$ref": f"#/$defs/{name}"}
    return shared


def _values(types: list[Schema], shared: list[Schema]) -> dict[str, Schema]:
    """What options may be, where several are alike, as definitions that the options refer to beside their help."""
    alike: dict[str, list[Schema]] = {}
    for field in [*(part for kind in types for *_, part in _parts(kind["else"]["properties"])), *shared]:
        alike.setdefault(repr(_value(field)), []).append(field)
    found: dict[str, Schema] = {}
    for value, same in alike.items():
        if len(value) < 50 or len(same) < 2 or "$ref" in value:
            continue
        name = str(len(found) + 1)
        found[name] = _value(same[0])
        for field in same:
            for key in found[name]:
                del field[key]
            field["$ref"] = f"#/$defs/{name}"
    return found


def spellings() -> dict[str, list[str]]:
    """The proper names of every layer type, aliases too, by the name without what does not count."""
    found: dict[str, list[str]] = {}
    tables = (layers.ALIASES, keras.ALIASES)
    for name in (*layers.names(), *keras.names()):
        same = found.setdefault(layers.fold(name), [])
        same.extend([name] if name not in same else [])
    for table in tables:
        for alias, name in table.items():
            home = found.setdefault(layers.fold(alias), [])
            if alias not in home:
                home.append(alias)
            assert layers.fold(name) in found, name
    return found


def _parts(fields: Schema) -> list[tuple[str, Any, Any, Schema]]:
    """The schemas of fields, each with the field's name and where it stands; of one that two kinds have both."""
    found: list[tuple[str, Any, Any, Schema]] = []
    for name, field in fields.items():
        if list(field) == ["anyOf"]:
            found += [(name, field["anyOf"], at, part) for at, part in enumerate(field["anyOf"])]
        else:
            found.append((name, fields, name, field))
    return found


@cache
def homes() -> dict[str, str]:
    """For each name the first one that means the same layer types."""
    first: dict[tuple[type[Layer], ...], str] = {}
    return {folded: first.setdefault(tuple(kinds), folded) for folded, kinds in _by_name().items()
            if folded not in layers.PRESET and folded not in MERGES} | {
            folded: folded for folded in (*layers.PRESET, *MERGES) if folded in spellings()}  # fmt: skip


def wide_options() -> list[str]:
    """The names of the options that may hold a layer, or that bear a layer's name themselves."""
    names = spellings()
    found = set()
    for kinds in _by_name().values():
        for kind in kinds:
            for option in kind.options.values():
                plain = {"type", "anyOf"} & set(schema_of(option, kind.axes))
                if not plain or layers.fold(option.name) in names:
                    found.add(option.name)
    return sorted(found)


def other_spellings(proper: list[str], folded: list[str]) -> str:
    """A regular expression of the usual other spellings of some names: prefixed, in one case, with underscores."""
    words = dict.fromkeys((*folded, *(name.upper() for name in folded), *(_parted(name) for name in proper)))
    plain = [word for word in words if word not in proper]
    return rf"\.{_either(proper)}$|(?:^|\.){_either(plain)}$"


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"(?:{'|'.join(words)})"


def _parted(name: str) -> str:
    """`max_pool2d`: a name in lower case, with underscores between its words."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    return parted.replace("re_lu", "relu")


def pattern(*folded: str) -> str:
    """A regular expression of the spellings of some names: in any case, with underscores between words, a prefix."""
    proper = [name for word in folded for name in spellings().get(word, [word])]
    words = {re.sub(r"_*(?=\d)", "_", _parted(name)) for name in proper}
    return rf"(?:\w+\.)*_*{_after(sorted(words))}"


def _after(words: list[str]) -> str:
    """What may follow, for sorted words: common beginnings are written once."""
    branches = ["" for word in words if not word]
    for letter, group in groupby((word for word in words if word), key=lambda word: word[0]):
        either = "_*" if letter == "_" else f"[{letter}{letter.upper()}]" if letter.isalpha() else letter
        branches.append(f"{either}{_after([word[1:] for word in group])}")
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(reversed(branches))})"


def _by_name() -> dict[str, list[type[Layer]]]:
    return {folded: _kinds(folded) for folded in spellings()}


def _kinds(folded: str) -> list[type[Layer]]:
    """The layer types that a name may mean: PyTorch's, Keras', or both."""
    ours, theirs = layers.find(folded), layers.find(folded, "keras")
    return [kind for kind in dict.fromkeys((ours, theirs)) if kind is not None]


def _fields(kind: type[Layer]) -> Schema:
    options = {option.name: option for option in kind.options.values() if option.name not in _idle()}
    fields: Schema = {
        "properties": {name: schema_of(option, kind.axes) for name, option in options.items()},
        "$ref": "#/$defs/more",
        "unevaluatedProperties": False,
    }
    if kind.ignores("x_initializer"):
        fields["$ref"] = "#/$defs/more.keras"
        if "LeakyReLU" in kind.type():
            fields["properties"].setdefault("alpha", {"type": ["number", "string"]})
    required = [option.name for option in options.values() if option.required]
    if required:
        fields["required"] = required
    return fields


def _help(kind: type[Layer]) -> str:
    for base in kind.__mro__:
        if base.__doc__:
            return " ".join(base.__doc__.split("\n\n")[0].split())
    return kind.signature()  # pragma: no cover - every layer says what it does
