"""The schema of each layer type: its fields, as a mapping, as a list of arguments, as one value or as text."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.layers import keras
from cnncalc.schema.values import schema_of
from cnncalc.spec.entries.entry import BESIDE, MERGES
from cnncalc.spec.words.whose import SHAPE_WORDS

# Words that may stand among the fields of any layer: what stands beside it, and a function of its output.
AMONG = (*BESIDE[:7], "activation")
STRUCTURES = ("Sequential", "Residual", "Parallel")
INPUTS = ("Input", "InputLayer")


def type_schemas() -> dict[str, dict[str, Any]]:
    """The schema of every layer type by its name, PyTorch's and Keras'; one that both have takes either's fields."""
    found: dict[str, dict[str, Any]] = {}
    for folded, kinds in _by_name().items():
        forms = [_fields(kind) for kind in kinds]
        if folded in layers.PRESET:
            forms[0]["properties"] |= {word: {} for word in layers.PRESET_WORDS}
        named = folded in MERGES  # a list of what it takes
        most = {} if named else {"maxItems": max(len(kind.options) for kind in kinds)}
        found[folded] = {
            "description": "\n\n".join(_help(kind) for kind in kinds),
            "type": ["object", "array", "string", "number", "boolean", "null"],
            "if": {"type": "object", "not": {"$ref": "#/$defs/cut"}},
            "then": forms[0] if len(forms) == 1 else {"anyOf": forms},
            "else": {"if": {"$ref": "#/$defs/cut"}, "else": most},
        }
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


def option_names(folded: str) -> list[str]:
    """The names of all options that a type may have."""
    found = [option.name for kind in _kinds(folded) for option in kind.options.values()]
    return list(dict.fromkeys([*found, *(layers.PRESET_WORDS if folded in layers.PRESET else ())]))


def pattern(*folded: str) -> str:
    """A regular expression of every spelling of some names: in any case, with underscores and a prefix."""
    return rf"(?:\w+\.)*_*{_after(sorted(folded))}"


def _after(words: list[str]) -> str:
    """What may follow, for sorted words: common beginnings are written once."""
    branches = ["" for word in words if not word]
    for letter, group in groupby((word for word in words if word), key=lambda word: word[0]):
        either = f"[{letter}{letter.upper()}]" if letter.isalpha() else letter
        branches.append(f"{either}_*{_after([word[1:] for word in group])}")
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(reversed(branches))})"


def _by_name() -> dict[str, list[type[Layer]]]:
    return {folded: _kinds(folded) for folded in spellings()}


def _kinds(folded: str) -> list[type[Layer]]:
    """The layer types that a name may mean: PyTorch's, Keras', or both."""
    ours, theirs = layers.find(folded), layers.find(folded, "keras")
    return [kind for kind in dict.fromkeys((ours, theirs)) if kind is not None]


def _fields(kind: type[Layer]) -> dict[str, Any]:
    options = {option.name: option for option in kind.options.values()}
    fields: dict[str, Any] = {
        "properties": {name: schema_of(option, kind.axes) for name, option in options.items()},
        "additionalProperties": False,
    }
    for word in AMONG:
        fields["properties"].setdefault(word, {"$ref": f"#/$defs/beside/properties/{word}"})
    ignored = [name for name in ("x_initializer", "x_regularizer", "x_constraint", "dtype", "batch_size") if
               name not in options and kind.ignores(name)]  # fmt: skip
    for name in (*ignored, *(SHAPE_WORDS if ignored else ())):
        if name.startswith("x_"):
            fields.setdefault("patternProperties", {})[f"{name[1:]}$"] = {}
        else:
            fields["properties"].setdefault(name, {})
    if ignored:
        for name in ("input_dim", "autocast"):
            fields["properties"].setdefault(name, {})
        if "LeakyReLU" in kind.type():
            fields["properties"].setdefault("alpha", {"type": ["number", "string"]})
    required = [option.name for option in options.values() if option.required]
    if required:
        fields["required"] = required
    return fields


def _help(kind: type[Layer]) -> str:
    for base in kind.__mro__:
        if base.__doc__:
            return f"{' '.join(base.__doc__.split())}\n\n{kind.signature()}"
    return kind.signature()  # pragma: no cover - every layer says what it does
