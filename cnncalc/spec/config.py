"""What a mapping of settings (a model's `config.json`) sets in a spec, and which of its keys the spec does not use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from cnncalc.bundled import of_family
from cnncalc.core.problem import Fault, Problem, Source, SpecError, did_you_mean
from cnncalc.expression.environment import constants
from cnncalc.expression.syntax import parse
from cnncalc.read.yaml.value import Value
from cnncalc.spec.config_keys import reason
from cnncalc.spec.model import Spec
from cnncalc.spec.reads import reads

FAMILY = "model_type"
# Mappings inside of the mapping that are settings as well, those of rotary positions, and the kinds that specs know.
NESTED = ("rope_parameters", "rope_scaling")
KINDS = ("default", "linear", "llama3")
# Older words for a constant, tried where the spec has none of the word itself.
WORDS = {
    "rotary_pct": "partial_rotary_factor",
    "rotary_emb_base": "rope_theta",
    "max_sequence_length": "max_position_embeddings",
}
MOST_NAMED = 40


class Setting(NamedTuple):
    """One key of the file: the name to show, its value, the constants it may be, and where it stands."""

    name: str
    value: object
    constants: tuple[str, ...]
    key: Value


class Taken(NamedTuple):
    """What a file sets, and what is to be said about it."""

    found: dict[str, object]
    notes: list[Problem]


def taken(tree: Value, source: Source, spec: Spec) -> Taken:
    """The values that a file has for the constants of a spec. Raises `SpecError` for another family's file."""
    plain: Any = tree.plain()
    read = reads(spec)
    found: dict[str, object] = {}
    stated: list[tuple[Setting, str]] = []
    used: list[str] = []
    unused: list[str] = []
    idle: list[str] = []
    for setting in _settings(tree, plain):
        name = next((name for name in setting.constants if name in spec.let or name in spec.symbols), None)
        if name is None or (setting.value is None and _computed(spec, name)):
            why = _why(setting, plain, read)
            (idle if why else unused).append(setting.name)
        elif name in read or name in spec.symbols:
            found[name] = setting.value
            used.append(setting.name)
        else:
            stated.append((setting, name))
    # A constant that nothing reads says what the spec is: setting it changes nothing, so it has to agree.
    own = constants(spec.let, found, spec.symbols)[0].values if stated else {}
    for setting, name in stated:
        if setting.value is None:
            idle.append(setting.name)
        elif _alike(setting.value, own[name]):
            used.append(setting.name)
        elif name == FAMILY:
            raise SpecError([_other_family(setting, own[name], source, spec)])
        else:
            unused.append(f"{setting.name} ({_shown(setting.value)}; the spec has {_shown(own[name])})")
    return Taken(found, _notes(source.name, spec, used, unused, idle))


def unread(given: Iterable[str], spec: Spec) -> list[Problem]:
    """Warnings for constants that are set and that nothing reads."""
    names = [name for name in given if name in spec.let]
    idle = set(names) - reads(spec) if names else ()
    return [
        Problem(
            "setting-unread",
            f"nothing in {spec.name} reads {name}: setting it changes nothing",
            severity="warning",
        )
        for name in names
        if name in idle
    ]


def _settings(tree: Value, plain: Mapping[str, object]) -> Iterator[Setting]:
    """Every key, with those of nested mappings that are settings too."""
    for key, value in tree.data:
        name = key.text
        inner = plain.get(name)
        if name not in NESTED or not isinstance(inner, dict) or _kind(inner) not in KINDS:
            yield Setting(_cut(name), inner, (name, *([WORDS[name]] if name in WORDS else [])), key)
            continue
        for part, _ in value.data:
            word = part.text
            yield Setting(f"{name}.{_cut(word)}", inner[word], (word, f"rope_{word}"), part)


def _kind(rope: Mapping[str, object]) -> object:
    return rope.get("rope_type", rope.get("type", "default"))


def _why(setting: Setting, config: Mapping[str, object], read: set[str]) -> str:
    """Why a key that is no constant of the spec changes nothing; empty where it may."""
    last = setting.name.rpartition(".")[2]
    if "." in setting.name and last in ("rope_type", "type"):
        return "names the kind of rotary positions, which the other keys make"
    if last in ("max_position_embeddings", "original_max_position_embeddings") and "rope_theta" in read:
        return "says how long a text may be; rotary positions have no table"
    return reason(setting.name, setting.value, config)


def _computed(spec: Spec, name: str) -> bool:
    """Whether a spec works a constant out from others, so that null leaves it to them."""
    written = spec.let.get(name)
    if not isinstance(written, Value) or written.kind != "scalar" or not isinstance(written.data, str):
        return False
    try:
        return bool(parse(written.data).names() & spec.let.keys())
    except Fault:
        return False


def _other_family(setting: Setting, own: object, source: Source, spec: Spec) -> Problem:
    """What is wrong with the file of another family: its keys may bear the same names and mean another network."""
    near = of_family(str(setting.value))
    message = f"{FAMILY} is {_shown(setting.value)}, but {spec.name} is {_shown(own)}: other layers, other counts"
    help = (
        f"bundled networks of that family: {_listed(near)}"
        if near
        else f"no bundled network is of that family; {FAMILY} under let states that of a spec of your own"
    )
    return Problem("other-family", message, source=source, span=setting.key.span(), help=help)


def _alike(one: object, other: object) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _shown(value: object) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) < 60 else text[:57] + "..."


def _notes(file: str, spec: Spec, used: list[str], unused: list[str], idle: list[str]) -> list[Problem]:
    total = len(used) + len(unused) + len(idle)
    notes = []
    if used:
        text = f'{len(used)} of {_keys(total)} of "{file}" {_are(used)} used in {spec.name}: {_listed(used)}'
        more = f"{_keys(len(idle))} without effect on it: {_listed(idle)}" if idle else ()
        notes.append(Problem("set-file", text, help=more, severity="note"))
    if unused:
        text = f'{_keys(len(unused))} of "{file}" {_are(unused)} not used in {spec.name}: {_listed(unused)}'
        near = {name: did_you_mean(name, spec.let, 0.85) for name in unused[:MOST_NAMED]}
        meant = [f"{word} for {name}" for name, word in near.items() if word and word not in (*used, name)]
        help = f"did you mean {', '.join(meant)}?" if meant else "these figures do not have what they say"
        notes.append(Problem("set-file-unused", text, help=help, severity="warning"))
    return notes


def _keys(count: int) -> str:
    return "1 key" if count == 1 else f"{count} keys"


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
