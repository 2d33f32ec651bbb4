"""The entries of `layers`: the three forms (a call, fields, a named entry), groups, and what people write instead."""

from __future__ import annotations

from typing import cast

from cnncalc import layers
from cnncalc.core.problem import Problem, Span, suggestion
from cnncalc.read.yaml.value import Value
from cnncalc.spec.entries.calls import CallReader
from cnncalc.spec.entries.entry import BESIDE, MERGES, STRUCTURES, SYNONYMS, Entry, Keys
from cnncalc.spec.entries.exam import is_exam
from cnncalc.spec.entries.net_block import is_net, net_entry


class EntryReader(CallReader):
    """Reads entries and notes every problem; `blocks` are the names under `define`."""

    nets: list[Entry]

    # --- lists of entries ------------------------------------------------------------------------------------------

    def entries(self, value: Value) -> list[Entry]:
        """The entries of a `layers` list; a mapping and text with one layer per line are understood too."""
        if value.kind == "list":
            found: list[Entry] = []
            for item in value.data:
                found.extend(self.entries(item) if item.kind == "list" else self.entry(item))
            return found
        if value.kind == "map":
            return self._mapping(value)
        if isinstance(value.text, str) and value.text.strip():
            from cnncalc.spec.entries.text_lines import text_entries  # few specs are written so

            return text_entries(value, self)
        self.problem("empty-layers", "there are no layers here", value, "write one layer per line, each after a dash")
        return []

    def _mapping(self, value: Value) -> list[Entry]:
        """Layers without dashes: `conv1: Conv2d(3, 16, 3)` lines, or a single entry."""
        if self._main_keys(value, quiet=True) == 1:
            return self.entry(value)
        found: list[Entry] = []
        for key, item in value.data:
            found.extend(self._keyed(key, item, {}, key.span()))
        return found

    # --- one entry -------------------------------------------------------------------------------------------------

    def entry(self, value: Value) -> list[Entry]:
        """The entry (or entries, where a line joins several with `->`)."""
        if value.kind == "scalar":
            if isinstance(value.data, str):
                return self.call_text(value.data, value.content(), {})
            self.problem(
                "not-a-layer", f"{value.text or 'nothing'} is no layer", value, "write a layer, - Conv2d(3, 16, 3)"
            )
            return []
        if value.kind == "list":
            return self.entries(value)
        found: dict[str, Value] = {}
        rest: list[tuple[Value, Value]] = []
        kind_key: Value | None = None
        for key, item in value.data:
            name = key.data
            if name == "type" and not self.knows(name):
                kind_key = item
            elif name in BESIDE and not (name in ("merge", "dim", "shortcut", "activation") and kind_key):
                found[name] = item
            elif name in SYNONYMS and not self.knows(name):
                found[SYNONYMS[name]] = item
            else:
                rest.append((key, item))
        beside = cast("Keys", found)
        if kind_key is not None:
            return self._typed(kind_key, rest, beside)
        if is_net(value, self):
            self.nets.append(entry := net_entry(rest, beside, self))
            return [entry]
        if len(rest) == 1:
            key, item = rest[0]
            return self._keyed(key, item, beside, key.span())
        if not rest:
            if taken := next((pair for pair in value.data if self._is_entry(pair[1])), None):
                self._key_as_name(*taken)
                return []
            self.problem(
                "not-a-layer",
                f"this entry has {', '.join(beside)} but no layer",
                value,
                "write the layer too: - conv1: Conv2d(3, 16, 3)",
            )
            return []
        return self._several(value, rest, beside)

    def _key_as_name(self, key: Value, item: Value) -> None:
        """`- shortcut: Conv2d(...)`: a word of the language where a layer's name is meant."""
        name = key.data
        written = item.data if item.kind == "scalar" else "..."
        help = [f"give it another name: - {name}_1: {written}"]
        if name == "shortcut":
            help.append("that of a residual stands without a dash, below residual: and at the same indent")
        self.problem("bad-name", f'"{name}" is a key of the language, and no name of a layer', key, help)

    def _several(self, value: Value, rest: list[tuple[Value, Value]], beside: Keys) -> list[Entry]:
        key, item = rest[0]
        kinds = [k for k, v in rest if self.knows(k.data) or self._is_entry(v)]
        if self.knows(key.data) and len(kinds) == 1 and item.kind == "scalar" and item.data is None:
            # `- conv2d:` with its fields at the same indent
            entry = self._fields(key.data, rest[1:], beside, key.span())
            return [entry]
        if len(kinds) > 1:
            names = ", ".join(k.data for k, _ in rest)
            self.problem(
                "several-layers",
                f"one entry holds {len(kinds)} layers: {names}",
                rest[1][0],
                "start each layer with a dash of its own: - " + f"{rest[1][0].data}: ...",
            )
            return []
        for other, _ in rest:
            if not self.knows(other.data) and other not in kinds:
                self.problem(
                    "unknown-key",
                    f'an entry has no key "{other.data}"',
                    other,
                    suggestion(other.data, BESIDE, f"beside a layer stand {', '.join(BESIDE[:7])}"),
                )
        return []

    def _keyed(self, key: Value, item: Value, beside: Keys, span: Span) -> list[Entry]:
        name: str = key.data
        if name.startswith("(") and name.endswith(")"):  # as print(model) shows it
            name = name[1:-1]
            key = Value("scalar", name, key.line, key.column, key.length, name)
        structure = name.lower() in STRUCTURES and name not in self.blocks and item.kind != "scalar"
        if structure or (self.knows(name) and (self._holds_option(name, item) or not self._is_entry(item))):
            return [self._of_type(name, item, beside, span)]
        quoted = item.kind == "scalar" and item.quoted and not self.knows(name) and self.knows(str(item.data).strip())
        group = item.kind == "list" and any(self._is_part(part) for part in item.data)  # what else is in it is wrong
        if group or quoted or self._is_entry(item):
            beside = {"name": key, **beside}
            if item.kind == "scalar":
                return self.call_text(item.data, item.content(), beside)
            if item.kind == "list":
                self._several_lists(key, item)
                return [self._structure("sequential", item, beside, span)]
            return self._merge_keys(self.entry(item), beside)
        self._not_an_entry(key, item)
        return []

    def _several_lists(self, key: Value, item: Value) -> None:
        """Warn of lists inside of a group: they stand in a row, and branches may be meant."""
        lists = [part.plain() for part in item.data if part.kind == "list"]
        if len(lists) < max(2, len(item.data)) or all(other == lists[0] for other in lists):
            return  # a list that an anchor repeats is one
        message = f"the {len(lists)} lists of {key.data} are read one after the other"
        help = f"for branches side by side write {key.data}: {{parallel: [[...], [...]]}}"
        problem = Problem("lists-in-a-row", message, source=self.source, span=key.span(), help=help, severity="warning")
        self.problems.append(problem)

    def _not_an_entry(self, key: Value, item: Value) -> None:
        text = item.data if item.kind == "scalar" and isinstance(item.data, str) else None
        if text:
            call = self._call(text, item.span())
            if call is None:
                return
            if call.name == text and text[-1].isdigit() and text.islower():  # the name of another layer
                help = (
                    f"what {text} gives is taken with from: {text} beside a layer, or added with - add: [{text}, ...]"
                )
                self.problem("not-a-layer", f'"{text}" is no layer', item, help)
                return
            self.unknown_type(call.name, item.span())
            return
        if item.kind in ("list", "scalar") and (meant := self.meant(key.data)):
            sizes = item.data if item.kind == "list" else [item]
            if all(part.kind == "scalar" for part in sizes) and any(part.data is not None for part in sizes):
                written = f"{meant}({', '.join(part.text for part in sizes)})"
                self.problem("unknown-layer", f'there is no layer "{key.data}"', key, f"write - {key.data}: {written}")
                return
        self.unknown_type(key.data, key.span())

    def _merge_keys(self, entries: list[Entry], beside: Keys) -> list[Entry]:
        for entry in entries[:1]:
            entry.keys = {**beside, **entry.keys}
        return entries

    def _typed(self, kind: Value, rest: list[tuple[Value, Value]], beside: Keys) -> list[Entry]:
        """`type: Conv2d` with options beside it, as configuration files have it."""
        name = str(kind.data)
        if rest and rest[0][1].data is None and not self.knows(rest[0][0].data) and rest[0][1].kind == "scalar":
            beside.setdefault("name", rest[0][0])  # `- conv1:` and `type: Conv2d` at the same indent
            rest = rest[1:]
        if not self.knows(name):
            self.unknown_type(name, kind.span())
            return []
        return [self._fields(name, rest, beside, kind.span())]

    def _fields(self, name: str, fields: list[tuple[Value, Value]], beside: Keys, span: Span) -> Entry:
        entry = Entry("call", name, span)
        entry.kwargs = [(key.data, value) for key, value in fields]
        entry.places = {key.data: key for key, _ in fields}
        entry.keys = beside
        return entry

    def _of_type(self, name: str, item: Value, beside: Keys, span: Span) -> Entry:
        if name.lower() in STRUCTURES and name not in self.blocks:
            return self._structure(name.lower(), item, beside, span)
        entry = Entry("call", name, span)
        entry.keys = beside
        if item.kind == "map":
            fields, places = [], {}
            for key, value in item.data:
                if key.data in BESIDE[:7] and not self._has_option(name, key.data):
                    entry.keys = {**cast("Keys", {key.data: value}), **entry.keys}
                else:
                    fields.append((key.data, value))
                    places[key.data] = key
            entry.kwargs, entry.places = fields, places
        elif item.kind == "list":
            if layers.fold(name) in MERGES and all(
                part.kind == "scalar" and part.data is not None for part in item.data
            ):
                beside.setdefault("from", item)
            else:
                entry.args = list(item.data)
        elif item.data is not None:
            if isinstance(item.data, str) and "," in item.data:
                call = self._call(f"{name}({item.data})", item.span())
                if call is not None:
                    entry.args, entry.kwargs, entry.call = list(call.args), list(call.kwargs), call
            else:
                entry.args = [item]
        return entry

    def _has_option(self, name: str, option: str) -> bool:
        kind = layers.find(name)
        return kind is not None and option in kind.options

    def _holds_option(self, name: str, item: Value) -> bool:
        """Whether a mapping that looks like an entry is an option of that layer: `attention: {scale: none}`."""
        main = [part for part in item.data if part[0].data not in BESIDE] if item.kind == "map" else []
        if len(main) != 1:
            return False
        key, value = main[0]
        kinds = [layers.find(name), layers.find(name, "keras")]
        known = any(kind is not None and key.data in kind.options for kind in kinds)
        return known and value.kind == "scalar" and not self._is_entry(value)

    def _structure(self, kind: str, item: Value, beside: Keys, span: Span) -> Entry:
        entry = Entry(kind, kind, span)
        shortcut = beside.pop("shortcut", None)
        entry.keys = beside
        if kind == "parallel":
            if item.kind == "map" and any(key.data == "repeat" for key, _ in item.data):
                entry.bodies = [("", self._side_by_side(item, beside))]
            elif item.kind == "map":
                entry.bodies = [(key.data, self.body(value)) for key, value in item.data]
            elif item.kind == "list":
                entry.bodies = [(str(index), self.body(value)) for index, value in enumerate(item.data)]
            else:
                self.problem(
                    "parallel-form", "parallel needs a list of branches", item, "write parallel: [[...], [...]]"
                )
        else:
            entry.bodies = [("", self.body(item))]
        if shortcut is not None:
            if kind != "residual":
                self.problem("unknown-key", f"a shortcut belongs to residual, not to {kind}", shortcut)
            else:
                entry.shortcut = self.body(shortcut)
        return entry

    def _side_by_side(self, item: Value, beside: Keys) -> list[Entry]:
        """`parallel: {repeat: 26, table: Embedding(100, 16)}`: what each of so many equal branches holds."""
        found: list[Entry] = []
        for key, value in item.data:
            if key.data == "repeat":
                beside["copies"] = value
            elif key.data == "layers":
                found.extend(self.body(value))
            else:
                found.extend(self._keyed(key, value, {}, key.span()))
        return found

    def body(self, value: Value) -> list[Entry]:
        """The entries of a group, which may be empty."""
        if value.kind == "scalar" and value.data is None:
            return []
        return self.entries(value) if value.kind != "map" else self._mapping(value)

    def _is_entry(self, item: Value) -> bool:
        """Whether a value is an entry itself: a call of a known type, or a mapping with one inside."""
        if item.kind == "scalar":
            if not isinstance(item.data, str) or (item.quoted and "(" not in item.data):
                return False
            text = item.data
            if "->" in text or "→" in text:
                return True
            head = text.split("(", 1)[0].strip().rstrip(",")
            return bool(head) and (self.knows(head) or is_exam(text))
        if is_net(item, self):
            return True
        if item.kind == "map":
            main = [key.data for key, _ in item.data if key.data not in BESIDE and key.data not in SYNONYMS]
            return "type" in main or (len(main) == 1 and self.knows(main[0]))
        return bool(item.data) and all(self._is_part(part) for part in item.data)

    def _is_part(self, item: Value) -> bool:
        """Whether an item of a list is an entry, also under a name: `{conv: Conv2d(3, 8, 3)}`."""
        if self._is_entry(item):
            return True
        main = [value for key, value in item.data if key.data not in BESIDE] if item.kind == "map" else []
        return len(main) == 1 and self._is_entry(main[0])

    def _main_keys(self, value: Value, quiet: bool = False) -> int:
        return sum(key.data not in BESIDE and key.data not in SYNONYMS for key, _ in value.data)
