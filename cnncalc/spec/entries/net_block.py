"""Another spec as a block: `backbone: {net: resnet50, until: layer4, set: {classes: 10}}`."""

from __future__ import annotations

from typing import cast

from cnncalc.core.problem import suggestion
from cnncalc.read.yaml.value import Value
from cnncalc.spec.entries.calls import CallReader
from cnncalc.spec.entries.entry import Entry, Keys

# Its keys: the name of the spec, the entry that is the last, values for its constants.
NET = ("net", "until", "set")


def is_net(value: Value, reader: CallReader) -> bool:
    """Whether a mapping names another spec."""
    if value.kind != "map" or reader.knows("net"):
        return False
    for key, item in value.data:
        if key.data == "net" and item.kind == "scalar":  # a layer may bear the name: `net: Linear(4, 3)`
            return not isinstance(item.data, str) or not _calls(item.data, reader)
    return False


def _calls(text: str, reader: CallReader) -> bool:
    """Whether it is a layer or a block; specs are named in small letters: `outer` is one, `Outer` a layer."""
    return "(" in text or text in reader.blocks or (text[:1].isupper() and reader.knows(text))


def net_entry(rest: list[tuple[Value, Value]], beside: Keys, reader: CallReader) -> Entry:
    """The entry of such a mapping, `rest` its own keys and `beside` those of any entry."""
    for key, _ in rest:
        if key.data not in NET:
            help = suggestion(key.data, NET, f"beside net stand {', '.join(NET[1:])}")
            reader.problem("unknown-key", f'another spec as a block has no key "{key.data}"', key, help)
    parts = {key.data: item for key, item in rest}
    entry = Entry("net", "net", parts["net"].span())
    entry.keys = {**beside, **cast("Keys", {name: parts[name] for name in NET if name in parts})}
    return entry
