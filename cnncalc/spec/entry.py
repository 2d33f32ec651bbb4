"""One entry of `layers`: the three forms (a call, fields, a named entry) read into one."""

from __future__ import annotations

from typing import Any

from cnncalc import layers
from cnncalc.problem import Fault, Problem, Source, Span, did_you_mean
from cnncalc.spec.chain import split_chain
from cnncalc.spec.scan import ExpressionFault
from cnncalc.spec.syntax import Call, Expression, call_of, dotted, elements_of, parse_call
from cnncalc.spec.value import Value

# Keys that stand beside the layer in its entry.
BESIDE = ("name", "from", "repeat", "when", "share", "freeze", "expect", "activation", "merge", "dim", "shortcut")
STRUCTURES = ("sequential", "residual", "parallel")
# Merges whose value may name what they take: `- add: [conv2, x]`.
MERGES = (
    "add",
    "subtract",
    "sub",
    "multiply",
    "mul",
    "divide",
    "div",
    "concat",
    "cat",
    "concatenate",
    "stack",
    "matmul",
)
SYNONYMS = {"inputs": "from", "input": "from", "times": "repeat", "if": "when"}


class Entry:
    """An entry in its one form.

    kind     "call" (a layer or a block), "sequential", "residual", "parallel" or "broken" (its problem is noted)
    args     positional arguments: expression nodes of a call, or values of fields
    kwargs   the same with names
    bodies   the entries inside: one list, or one a branch, each with the branch's name
    keys     what stands beside: name, from, repeat, ...

    convention   whose layer the type is (`spec.convention` settles it); "broken": its problem is noted
    spelled      Keras' name, where the arguments are Keras' and the type is PyTorch's
    """

    __slots__ = (
        "args",
        "bodies",
        "call",
        "convention",
        "keys",
        "kind",
        "kwargs",
        "shortcut",
        "span",
        "spelled",
        "type",
    )

    def __init__(self, kind: str, type: str, span: Span) -> None:
        self.kind = kind
        self.type = type
        self.span = span
        self.args: list[Any] = []
        self.kwargs: list[tuple[str, Any]] = []
        self.call: Call | None = None
        self.bodies: list[tuple[str, list[Entry]]] = []
        self.shortcut: list[Entry] | None = None
        self.keys: dict[str, Any] = {}
        self.convention = "pytorch"
        self.spelled = ""

    def trim(self) -> None:
        """Bring the call in line with arguments that were taken out; it keeps their places."""
        call = self.call
        if call is not None:
            kept = [(name, value) for name, value in self.kwargs if isinstance(value, Expression)]
            self.call = Call(call.name, list(self.args), kept, call.expression, call.places)

    def point(self, fault: Fault) -> Span:
        """Where a fault points: into the text of the field that its option names, or of the call.

        An option is a path where it leads inside a field, `step/h`; with a slash at its end it is the key, `step/h/`.
        """
        offset, length = getattr(fault, "offset", None), max(1, getattr(fault, "length", 1))
        field = self._field(fault.option) if fault.option else None
        if field is not None:
            return field.span() if offset is None else field.within(offset, length)
        if offset is None:
            return self.place(fault.option and fault.option.partition("/")[0])
        return Span(self.span.line, self.span.column + offset, length)

    def _field(self, path: str) -> Value | None:
        """The value that a path leads to, as far as it leads; None where the option was not written as a field."""
        first, *steps = path.split("/")
        found = next((value for name, value in self.kwargs if name == first and isinstance(value, Value)), None)
        for at, step in enumerate(steps):
            if found is None:
                return None
            if found.kind == "map":
                pairs = [(key, value) for key, value in found.data if key.data == step]
                if not pairs:
                    return found
                if steps[at + 1 :] == [""]:
                    return pairs[0][0]
                found = pairs[0][1]
            elif found.kind == "list" and step.isdigit() and int(step) < len(found.data):
                found = found.data[int(step)]
        return found

    def place(self, option: str | None = None) -> Span:
        """Where an option of the entry was written; the whole entry where that is not known."""
        span = self.span
        if option is None:
            return span
        for name, value in self.kwargs:
            if name == option and hasattr(value, "span"):
                return value.span()  # type: ignore[no-any-return]
        call = self.call
        if call is None:
            return span
        for name, expression in call.kwargs:
            if name == option:
                offset, _ = call.place(name)
                return Span(span.line, span.column + offset, expression.offset + expression.length - offset)
        kind = layers.find(self.spelled or self.type, "keras" if self.spelled else self.convention)
        names = list(kind.options) if kind else []
        if option in names and names.index(option) < len(call.args):
            argument = call.args[names.index(option)]
            return Span(span.line, span.column + argument.offset, argument.length)
        return span


def is_input(name: str) -> bool:
    """Whether an entry's type is Keras' way to write the network's input."""
    return name.rsplit(".", 1)[-1] in ("Input", "InputLayer")


class EntryReader:
    """Reads entries and notes every problem; `blocks` are the names under `define`."""

    def __init__(self, source: Source, problems: list[Problem], blocks: dict[str, Any]) -> None:
        self.source = source
        self.problems = problems
        self.blocks = blocks
        self._is_type: dict[str, bool] = {}

    def problem(self, code: str, message: str, at: Any, help: Any = ()) -> None:
        """Note a problem at a value (or a span)."""
        span = at if isinstance(at, Span) else at.span()
        self.problems.append(Problem(code, message, source=self.source, span=span, help=help))

    def knows(self, name: str) -> bool:
        """Whether the name is a layer type, a block or a structure."""
        known = self._is_type.get(name)
        if known is None:
            known = name in self.blocks or layers.fold(name) in STRUCTURES or layers.find_any(name) or is_input(name)
            self._is_type[name] = known
        return known

    # --- lists of entries ------------------------------------------------------------------------------------------

    def entries(self, value: Value) -> list[Entry]:
        """The entries of a `layers` list; a mapping and text with one layer a line are understood too."""
        if value.kind == "list":
            found: list[Entry] = []
            for item in value.data:
                found.extend(self.entries(item) if item.kind == "list" else self.entry(item))
            return found
        if value.kind == "map":
            return self._mapping(value)
        if isinstance(value.text, str) and value.text.strip():
            return self._text(value)
        self.problem("empty-layers", "there are no layers here", value, "write one layer a line, each after a dash")
        return []

    def _mapping(self, value: Value) -> list[Entry]:
        """Layers without dashes: `conv1: Conv2d(3, 16, 3)` lines, or a single entry."""
        if self._main_keys(value, quiet=True) == 1:
            return self.entry(value)
        found: list[Entry] = []
        for key, item in value.data:
            found.extend(self._keyed(key, item, {}, key.span()))
        return found

    def _text(self, value: Value) -> list[Entry]:
        """A block of text: one layer a line, as after `layers: |`."""
        found: list[Entry] = []
        lines = [line.strip().rstrip(",") for line in value.text.splitlines()]
        for line in lines if len(lines) > 1 else [value.text.strip()]:
            if line and not line.startswith("#"):
                name, _, rest = line.partition(":")
                named = rest and "(" not in name
                found.extend(
                    self.call_text(
                        rest.strip() if named else line, value.span(), {"name": name.strip(" ()")} if named else {}
                    )
                )
        return found

    # --- one entry -------------------------------------------------------------------------------------------------

    def entry(self, value: Value) -> list[Entry]:
        """The entry (or entries, where a line joins several with `->`)."""
        if value.kind == "scalar":
            if isinstance(value.data, str):
                return self.call_text(value.data, value.span(), {})
            self.problem(
                "not-a-layer", f"{value.text or 'nothing'} is no layer", value, "write a layer, - Conv2d(3, 16, 3)"
            )
            return []
        if value.kind == "list":
            return self.entries(value)
        beside: dict[str, Any] = {}
        rest: list[tuple[Value, Value]] = []
        kind_key: Value | None = None
        for key, item in value.data:
            name = key.data
            if name == "type" and not self.knows(name):
                kind_key = item
            elif name in BESIDE and not (name in ("merge", "dim", "shortcut", "activation") and kind_key):
                beside[name] = item
            elif name in SYNONYMS and not self.knows(name):
                beside[SYNONYMS[name]] = item
            else:
                rest.append((key, item))
        if kind_key is not None:
            return self._typed(kind_key, rest, beside)
        if len(rest) == 1:
            key, item = rest[0]
            return self._keyed(key, item, beside, key.span())
        if not rest:
            self.problem(
                "not-a-layer",
                f"this entry has {', '.join(beside)} but no layer",
                value,
                "write the layer too: - conv1: Conv2d(3, 16, 3)",
            )
            return []
        return self._several(value, rest, beside)

    def _several(self, value: Value, rest: list[tuple[Value, Value]], beside: dict[str, Any]) -> list[Entry]:
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
                near = did_you_mean(other.data, BESIDE)
                self.problem(
                    "unknown-key",
                    f'an entry has no key "{other.data}"',
                    other,
                    f"did you mean {near}?" if near else f"beside a layer stand {', '.join(BESIDE[:7])}",
                )
        return []

    def _keyed(self, key: Value, item: Value, beside: dict[str, Any], span: Span) -> list[Entry]:
        name: str = key.data
        structure = name.lower() in STRUCTURES and name not in self.blocks and item.kind != "scalar"
        if structure or (self.knows(name) and not self._is_entry(item)):
            return [self._of_type(name, item, beside, span)]
        if self._is_entry(item):
            beside = {"name": key, **beside}
            if item.kind == "scalar":
                return self.call_text(item.data, item.span(), beside)
            if item.kind == "list":
                return [self._structure("sequential", item, beside, span)]
            return self._merge_keys(self.entry(item), beside)
        self._not_an_entry(key, item)
        return []

    def _not_an_entry(self, key: Value, item: Value) -> None:
        text = item.data if item.kind == "scalar" and isinstance(item.data, str) else None
        if text:
            call = self._call(text, item.span())
            if call is None:
                return
            self.unknown_type(call.name, item.span())
            return
        self.unknown_type(key.data, key.span())

    def _merge_keys(self, entries: list[Entry], beside: dict[str, Any]) -> list[Entry]:
        for entry in entries[:1]:
            for key, value in beside.items():
                if key == "name" and "name" in entry.keys:
                    continue
                entry.keys.setdefault(key, value)
        return entries

    def _typed(self, kind: Value, rest: list[tuple[Value, Value]], beside: dict[str, Any]) -> list[Entry]:
        """`type: Conv2d` with options beside it, as configuration files have it."""
        name = str(kind.data)
        if rest and rest[0][1].data is None and not self.knows(rest[0][0].data) and rest[0][1].kind == "scalar":
            beside.setdefault("name", rest[0][0])  # `- conv1:` and `type: Conv2d` at the same indent
            rest = rest[1:]
        if not self.knows(name):
            self.unknown_type(name, kind.span())
            return []
        return [self._fields(name, rest, beside, kind.span())]

    def _fields(self, name: str, fields: list[tuple[Value, Value]], beside: dict[str, Any], span: Span) -> Entry:
        entry = Entry("call", name, span)
        entry.kwargs = [(key.data, value) for key, value in fields]
        entry.keys = beside
        return entry

    def _of_type(self, name: str, item: Value, beside: dict[str, Any], span: Span) -> Entry:
        if name.lower() in STRUCTURES and name not in self.blocks:
            return self._structure(name.lower(), item, beside, span)
        entry = Entry("call", name, span)
        entry.keys = beside
        if item.kind == "map":
            fields = []
            for key, value in item.data:
                if key.data in BESIDE[:7] and not self._has_option(name, key.data):
                    beside.setdefault(key.data, value)
                else:
                    fields.append((key.data, value))
            entry.kwargs = fields
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

    def _structure(self, kind: str, item: Value, beside: dict[str, Any], span: Span) -> Entry:
        entry = Entry(kind, kind, span)
        shortcut = beside.pop("shortcut", None)
        entry.keys = beside
        if kind == "parallel":
            if item.kind == "map":
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

    def body(self, value: Value) -> list[Entry]:
        """The entries of a group, which may be empty."""
        if value.kind == "scalar" and value.data is None:
            return []
        return self.entries(value) if value.kind != "map" else self._mapping(value)

    # --- calls -----------------------------------------------------------------------------------------------------

    def call_text(self, text: str, span: Span, keys: dict[str, Any]) -> list[Entry]:
        """A call, or several joined by `->` on one line."""
        parts = split_chain(text) if "->" in text or "→" in text else []
        if len(parts) > 1:  # not the arrow inside of an equation, Einsum("ij,jk->ik")
            found: list[Entry] = []
            for offset, part in parts:
                found.extend(
                    self.call_text(part, Span(span.line, span.column + offset, len(part)), keys if not found else {})
                )
            return found
        call = self._call(text, span)
        if call is None:
            return []
        return self.from_call(call, span, keys)

    def from_call(self, call: Call, span: Span, keys: dict[str, Any]) -> list[Entry]:
        """The entry of a parsed call."""
        if not self.knows(call.name):
            self.unknown_type(call.name, span)
            return []
        if layers.fold(call.name) == "sequential" and call.name not in self.blocks:
            return [self._sequential(call, span, keys)]
        entry = Entry("call", call.name, span)
        entry.call = call
        entry.args = call.args
        entry.kwargs = call.kwargs
        entry.keys = keys
        if "from" not in keys and layers.fold(call.name) in MERGES:
            self._names_in_call(entry, span)
        return [entry]

    def _names_in_call(self, entry: Entry, span: Span) -> None:
        """`Add(conv1, conv2)`, `torch.cat([conv1, conv2], dim=1)`: names among the arguments are what it takes."""
        names: list[Expression] = []
        for argument in entry.args:
            parts = elements_of(argument)
            names.extend([argument] if parts is None else parts)
        if len(names) < 2 or not all(dotted(name.tree) for name in names):
            return
        items = []
        for name in names:
            items.append(Value("scalar", name.text, span.line, span.column + name.offset, name.length, name.text))
        entry.keys = {**entry.keys, "from": Value("list", items, span.line, span.column, span.length)}
        entry.args = []
        entry.call = None

    def _sequential(self, call: Call, span: Span, keys: dict[str, Any]) -> Entry:
        """`nn.Sequential(nn.Conv2d(...), nn.ReLU())`: a group whose layers are named 0, 1, ...; Keras' has a list."""
        entry = Entry("sequential", "sequential", span)
        entry.keys = keys
        body: list[Entry] = []
        listed = elements_of(call.args[0]) if len(call.args) == 1 else None
        for index, argument in enumerate(call.args if listed is None else listed):
            inner = call_of(argument)
            at = Span(span.line, span.column + argument.offset, argument.length)
            if inner is None:
                self.problem("not-a-layer", f"{argument.text} is no layer", at, "Sequential takes layers")
            else:
                body.extend(self.from_call(inner, at, {"name": str(index)} if listed is None else {}))
        entry.bodies = [("", body)]
        return entry

    def _call(self, text: str, span: Span) -> Call | None:
        try:
            call = parse_call(text)
        except ExpressionFault as fault:
            at = Span(span.line, span.column + fault.offset, max(1, fault.length))
            self.problem(fault.code, fault.message, at, fault.help)
            return None
        if call is None:
            names = [name.strip() for name in text.split("+")]
            summed = len(names) > 1 and all(name.replace(".", "").isidentifier() for name in names)
            help = (
                f"write - add: [{', '.join(names)}]" if summed else "write a layer with its options: Conv2d(3, 16, 3)"
            )
            self.problem("not-a-layer", f'"{text}" is no layer', span, help)
        return call

    def _is_entry(self, item: Value) -> bool:
        """Whether a value is an entry itself: a call of a known type, or a mapping with one inside."""
        if item.kind == "scalar":
            if not isinstance(item.data, str) or (item.quoted and "(" not in item.data):
                return False
            text = item.data
            if "->" in text or "→" in text:
                return True
            head = text.split("(", 1)[0].strip().rstrip(",")
            return self.knows(head) if head else False
        if item.kind == "map":
            main = [key.data for key, _ in item.data if key.data not in BESIDE and key.data not in SYNONYMS]
            return "type" in main or (len(main) == 1 and self.knows(main[0]))
        return bool(item.data) and all(self._is_entry(part) for part in item.data)

    def _main_keys(self, value: Value, quiet: bool = False) -> int:
        return sum(key.data not in BESIDE and key.data not in SYNONYMS for key, _ in value.data)

    def unknown_type(self, name: str, at: Any) -> None:
        """Note a layer type that does not exist, with the nearest ones."""
        known = [*layers.names(), *self.blocks, *STRUCTURES]
        near = did_you_mean(name.rsplit(".", 1)[-1], known)
        self.problem(
            "unknown-layer",
            f'there is no layer "{name}"',
            at,
            f"did you mean {near}?"
            if near
            else "cnncalc layers lists them all; a block of your own stands under define",
        )
