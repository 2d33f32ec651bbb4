"""`defaults: {BatchNorm2d: {eps: 1e-3}}`: options of every layer of a type that does not say them itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.problem import suggestion
from cnncalc.spec.entries.entry import Entry, copied

if TYPE_CHECKING:
    from cnncalc.read.yaml.value import Value
    from cnncalc.spec.entries.forms import EntryReader

# What is said of a type, by the name that it is written with.
Defaults = dict[str, list[tuple[str, "Value"]]]


def read_defaults(entries: EntryReader, value: Value) -> Defaults:
    """What is said of each type; types and options that nobody knows are problems."""
    problem = entries.problem
    found: Defaults = {}
    if value.kind != "map":
        problem(
            "option-value", "defaults has types of layers with options", value, "defaults: {BatchNorm2d: {eps: 1e-3}}"
        )
        return found
    for name, fields in value.data:
        kinds = [kind for kind in (layers.find(name.data), layers.find(name.data, "keras")) if kind is not None]
        if not kinds:
            entries.unknown_type(name.data, name.span())
            continue
        if fields.kind != "map":
            problem(
                "option-value",
                f"defaults of {name.data} are options with values",
                fields,
                f"{name.data}: {{option: value}}",
            )
            continue
        for key, _ in fields.data:
            if not any(key.data in kind.options for kind in kinds):
                help = suggestion(key.data, kinds[0].options, f"it has {', '.join(kinds[0].options) or 'none'}")
                problem("unknown-option", f'{kinds[0].type()} has no option "{key.data}"', key, help)
                break
        else:
            found[name.data] = [(key.data, item) for key, item in fields.data]
    return found


def with_defaults(entry: Entry, kind: type[Layer], defaults: Defaults) -> Entry:
    """The entry with the options that `defaults` has for its type and that it does not have itself."""
    said = {name for name, _ in entry.kwargs} | set(list(kind.options)[: len(entry.args)])
    more = [
        (option, value)
        for name, fields in defaults.items()
        if layers.find(name, entry.convention) is kind
        for option, value in fields
        if option not in said and option in kind.options
    ]
    if not more:
        return entry
    found = copied(entry)
    found.kwargs += more
    if any(isinstance(value.data, str) for _, value in more):  # names are looked up where the layer stands
        found.call = None
    return found
