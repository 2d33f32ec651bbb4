"""What may stand under the cursor, of a spec: keys, layer types, options, names, expressions, bundled specs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnncalc import layers
from cnncalc.editor.analysis import Analysis
from cnncalc.editor.choice import Choice
from cnncalc.editor.words import line_of, outside_brackets

ATTRIBUTES = [
    "shape",
    "params",
    "trainable",
    "macs",
    "flops",
    "weights",
    "receptive_field",
    "dense",
    "memory",
    "output",
    "weight_bytes",
    "active_params",
    "kv_cache_bytes",
    "training_bytes",
]
NAMED = re.compile(r"^\s*-\s*([A-Za-z_]\w*)\s*:", re.MULTILINE)
KEY = re.compile(r"^(?P<indent>[ -]*)(?P<key>[A-Za-z_]\w*)\s*:")


def complete(analysis: Analysis, line: int, column: int, setting: str = "") -> list[Choice]:
    """The choices at a place, none where nothing is known to fit; the editor narrows them by what is typed.

    `setting` says a size for PyTorch source that has none.
    """
    if analysis.kind != "spec":
        from cnncalc.editor.complete_source import complete_source

        return list(dict.fromkeys(complete_source(analysis, line, column, setting)))
    text = analysis.source.text
    before = line_of(text, line)[: column - 1]
    path = _path(text, line, before)
    return list(dict.fromkeys(_choices(analysis, line, before, path)))


def _choices(analysis: Analysis, line: int, before: str, path: list[str]) -> Iterator[Choice]:
    word = before.lstrip(" -")
    call = _open_call(before)
    top = path[0] if path else ""
    if top in ("expect", "ask"):
        yield from _expressions(analysis, word)
    elif re.search(r"\b(from|share|inputs|shortcut)\s*:\s*[\[\w., -]*$", before) and top in ("layers", "define"):
        yield from _names(analysis)
    elif call:
        yield from _options(call, "=", analysis, _given(before, "=:"))
    elif top in ("layers", "define") and (kind := _type_before(before)):
        yield from _options(kind, ": ", analysis, _given(before, ":"))
    elif top in ("layers", "define") and (kind := _type_above(path)):
        yield from _options(kind, ": ", analysis, _beside_line(analysis.source.text, line, before))
    elif not path and not before.startswith((" ", "-")):
        yield from _keys(before)
    elif top in ("layers", "define"):
        yield from _types(analysis)
        if not before.lstrip().startswith("-") and ":" not in word:
            yield from _beside()
    elif top == "input" and not word:
        yield Choice("3x224x224", "value", "channels x height x width")


def _keys(before: str) -> Iterator[Choice]:
    from cnncalc.spec.read import KEYS

    found = re.match(r"(base|convention|layout|mode)\s*:\s*", before)
    if found is None:
        for key in KEYS:
            yield Choice(f"{key}: ", "key", HELP.get(key, ""))
        return
    if found[1] == "base":
        from cnncalc.bundled import bundled

        yield from (Choice(name, "spec", "bundled network") for name in bundled())
    values = {"convention": "pytorch keras textbook", "layout": "channels_first channels_last", "mode": "eval train"}
    yield from (Choice(value, "value") for value in values.get(found[1], "").split())


HELP = {
    "input": "one sample's shape, without the batch axis",
    "inputs": "several inputs by name",
    "let": "names with values",
    "layers": "the layers in order",
    "define": "blocks that layers may name",
    "expect": "what you believe: cnncalc check compares",
    "values": "arrays that are given",
    "base": "the spec that this one builds on",
}


def _types(analysis: Analysis) -> Iterator[Choice]:
    keras = analysis.spec is not None and analysis.spec.convention == "keras"
    from cnncalc.pages.layers import kinds

    for name, family in kinds("keras" if keras else "pytorch"):
        yield Choice(name, "type", family)
    if analysis.spec is not None:
        yield from (Choice(name, "type", "a block of this file") for name in analysis.spec.blocks)
    yield from (Choice(name, "key", "a group of layers") for name in ("sequential:", "residual:", "parallel:"))


def _beside() -> Iterator[Choice]:
    from cnncalc.spec.entries.entry import BESIDE

    yield from (Choice(f"{key}: ", "key", "beside the layer") for key in BESIDE)


def _options(name: str, between: str, analysis: Analysis, given: set[str]) -> Iterator[Choice]:
    """The options of a layer type that are not there yet, those that it needs first; or the parameters of a block."""
    from cnncalc.pages.layers import options

    spec = analysis.spec
    if spec is not None and name in spec.blocks:
        for param, default in spec.blocks[name].params:
            if param in given:
                continue
            yield Choice(f"{param}{between}", "option", "required" if default is None else "has a default")
        return
    kind = layers.find(name, spec.convention if spec is not None and spec.convention == "keras" else "pytorch")
    if kind is None:
        return
    for option in sorted(options(kind), key=lambda one: (not one.required, one.inferred)):
        if option.name in given:
            continue
        default = "required" if option.required else f"default {option.like or option.default}"
        if option.inferred:
            default = "the input determines it"
        values = ", ".join(option.words)
        yield Choice(f"{option.name}{between}", "option", f"{option.help} ({default})", values)


def _names(analysis: Analysis) -> Iterator[Choice]:
    """The layers; while the text is broken those whose names can be seen."""
    if not any(model.report is not None for model in analysis.models):
        yield from (Choice(found[1], "name") for found in NAMED.finditer(analysis.source.text))
    for model in analysis.models:
        if model.report is not None:
            yield from (Choice(name, "name", "input") for name in model.report.inputs)
            yield from (Choice(row.name, "name", row.call) for row in model.report.rows)


def _expressions(analysis: Analysis, word: str) -> Iterator[Choice]:
    """Names, and behind a dot what can be asked of them."""
    if "." in word:
        yield from (Choice(name, "attribute") for name in ATTRIBUTES)
    yield Choice("total", "name", "the whole network")
    yield Choice("output", "name", "what comes out")
    yield from _names(analysis)
    for model in analysis.models:
        if model.report is not None:
            yield from (Choice(name, "name", "block") for name in model.report.graph.blocks)


# --- where the cursor is -------------------------------------------------------------------------------------------


def _path(text: str, line: int, before: str) -> list[str]:
    """The keys that the line stands under, outermost first, by indentation: the text may be no YAML yet."""
    indent = len(before) - len(before.lstrip(" -")) if before.strip(" -") else len(before)
    found: list[str] = []
    if re.match(r"[A-Za-z_]\w*\s*:", before):
        return []
    for number in range(line - 1, 0, -1):
        key = KEY.match(line_of(text, number))
        if key is not None and len(key["indent"]) < indent:
            found.insert(0, key["key"])
            indent = len(key["indent"])
        if indent == 0:
            break
    return found


def _open_call(before: str) -> str:
    """The name of the call whose arguments are being written."""
    for at, letter in outside_brackets(before, range(len(before) - 1, -1, -1), ")]}", "([{"):
        if letter in "([{":
            found = re.search(r"([A-Za-z_][\w.]*)\s*:?\s*$", before[:at])
            return found[1].rpartition(".")[2] if found else ""
    return ""


def _given(before: str, signs: str) -> set[str]:
    """The options that are written in the open brackets already."""
    return set(re.findall(rf"(\w+)\s*[{signs}]", re.split(r"[({]", before)[-1]))


def _beside_line(text: str, line: int, before: str) -> set[str]:
    """The keys at the same indent in the lines around, as far as none is less indented."""
    indent = len(before) - len(before.lstrip())
    found: set[str] = set()
    for step in (-1, 1):
        number = line + step
        while (near := line_of(text, number)).strip() and len(near) - len(near.lstrip(" ")) >= indent:
            key = KEY.match(near)
            if key is not None and len(key["indent"]) == indent:
                found.add(key["key"])
            number += step
    return found


def _type_above(path: list[str]) -> str:
    """The layer type whose fields the line is one of."""
    for word in reversed(path[1:]):
        if layers.find_any(word):
            return word
    return ""


def _type_before(before: str) -> str:
    found = re.search(r"([A-Za-z_]\w*)\s*:\s*\{[^{}]*$", before)
    return found[1] if found and layers.find_any(found[1]) else ""
