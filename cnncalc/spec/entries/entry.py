"""One entry of `layers`, in the one form that its three spellings are read into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy as alike
from typing import Any, TypedDict, cast

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault, Source, Span
from cnncalc.expression.syntax import Call, Expression
from cnncalc.read.yaml.value import Value

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
# What stands beside a layer, by key. A name may be text that was cut out of a longer one; `copies` are the equal
# branches of a parallel; the last three belong to another spec as a block.
Keys = TypedDict(
    "Keys",
    {
        "name": Value | str,
        "from": Value,
        "repeat": Value,
        "when": Value,
        "share": Value,
        "freeze": Value,
        "expect": Value,
        "activation": Value,
        "merge": Value,
        "dim": Value,
        "shortcut": Value,
        "copies": Value,
        "net": Value,
        "until": Value,
        "set": Value,
    },
    total=False,
)
SYNONYMS = {"inputs": "from", "input": "from", "times": "repeat", "if": "when"}

NO_FIELDS: Mapping[str, Value] = {}


class Entry:
    """An entry in its one form.

    kind     "call" (a layer or a block), "sequential", "residual", "parallel", "net" (another spec: `net` once it is
             read) or "broken" (its problem is noted)
    args     positional arguments: expression nodes of a call, or values of fields
    kwargs   the same with names
    bodies   the entries inside: one list, or one a branch, each with the branch's name
    keys     what stands beside: name, from, repeat, ...

    convention   whose layer the type is (`spec.words.convention` settles it); "broken": its problem is noted
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
        "net",
        "places",
        "shortcut",
        "source",
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
        self.bodies: Sequence[tuple[str, list[Entry]]] = ()
        self.shortcut: list[Entry] | None = None
        self.keys: Keys = {}
        self.net: object = None
        self.source: Source | None = None  # its text, where that is another one than the network's
        self.places: Mapping[str, Value] = NO_FIELDS  # the names of fields, each with its place
        self.convention = "pytorch"
        self.spelled = ""

    def trim(self) -> None:
        """Bring the call in line with arguments that were taken out; it keeps their places."""
        call = self.call
        if call is not None:
            kept = [(name, value) for name, value in self.kwargs if isinstance(value, Expression)]
            self.call = Call(call.name, list(self.args), kept, call.text, call.offset, call.places)

    def point(self, fault: Fault) -> Span:
        """Where a fault points: into the text of the field that its option names, or of the call.

        An option is a path where it leads inside a field, `step/h`; with a slash at its end it is the key, `step/h/`.
        """
        if fault.code == "unknown-option" and fault.option and fault.option in self.places:
            return self.places[fault.option].span()
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
        found: Value | None = next(
            (value for name, value in self.kwargs if name == first and isinstance(value, Value)), None
        )
        for at, step in enumerate(steps):
            if found is None:
                return None
            if found.kind == "map":
                pairs = [(key, value) for key, value in found.data if key.data == step]
                if not pairs:
                    return found
                if steps[at + 1 :] == [""]:
                    return cast("Value", pairs[0][0])
                found = cast("Value", pairs[0][1])
            elif found.kind == "list" and step.isdigit() and int(step) < len(found.data):
                found = cast("Value", found.data[int(step)])
        return found

    def signature(self) -> type[Layer] | None:
        """The layer type whose signature the arguments follow."""
        return layers.find(self.spelled or self.type, "keras" if self.spelled else self.convention)

    def place(self, option: str | None = None) -> Span:
        """Where an option of the entry was written; the whole entry where that is not known."""
        span = self.span
        if option is None:
            return span
        for name, value in self.kwargs:
            if name == option and isinstance(value, Value):
                return value.span()
        call = self.call
        if call is None:
            return span
        for name, expression in call.kwargs:
            if name == option:
                offset, _ = call.place(name)
                return Span(span.line, span.column + offset, expression.offset + expression.length - offset)
        kind = self.signature()
        names = list(kind.options) if kind else []
        if option in names and names.index(option) < len(call.args):
            argument = call.args[names.index(option)]
            return Span(span.line, span.column + argument.offset, argument.length)
        return span


def is_input(name: str) -> bool:
    """Whether an entry's type is Keras' way to write the network's input."""
    return name.rsplit(".", 1)[-1] in ("Input", "InputLayer")


def copied(entry: Entry) -> Entry:
    """An entry like it, to be changed."""
    copy = Entry(entry.kind, entry.type, entry.span)
    copy.args, copy.kwargs, copy.keys = entry.args, list(entry.kwargs), entry.keys
    copy.call = entry.call
    copy.convention, copy.spelled, copy.places = entry.convention, entry.spelled, entry.places
    return copy


def again(entries: list[Entry]) -> list[Entry]:
    """Entries like them with all that is inside, to be put into other words."""
    copies = [alike(entry) for entry in entries]
    for one in copies:
        one.bodies = [(name, again(body)) for name, body in one.bodies]
        one.shortcut = None if one.shortcut is None else again(one.shortcut)
    return copies


def without(entry: Entry, option: str) -> tuple[Entry, Any]:
    """The entry without one of its options, and what was written for it."""
    for index, (name, value) in enumerate(entry.kwargs):
        if name == option:
            copy = copied(entry)
            copy.call = None
            del copy.kwargs[index]
            return copy, value
    return entry, None


def with_option(entry: Entry, option: str, value: object) -> Entry:
    """The entry with one more option."""
    copy = copied(entry)
    copy.call = None
    copy.kwargs.append((option, value))
    return copy
