"""Entries that are calls: `Conv2d(3, 16, 3)`, several joined by `->`, a pasted `nn.Sequential(...)`."""

from __future__ import annotations

from typing import Any

from cnncalc import layers
from cnncalc.core.problem import Problem, Source, Span, suggestions_left
from cnncalc.expression.parsed import Call, Expression
from cnncalc.expression.pasted import is_python, rewritten
from cnncalc.expression.syntax import call_of, dotted, elements_of, parse_call
from cnncalc.expression.tokenize import ExpressionFault
from cnncalc.read.yaml.value import Value
from cnncalc.spec.entries.chain_text import split_chain
from cnncalc.spec.entries.entry import MERGES, STRUCTURES, Entry, Keys, is_input
from cnncalc.spec.entries.exam import Exam, is_exam
from cnncalc.spec.entries.exam import written as rewritten_exam
from cnncalc.spec.entries.slips import instead

# What people call the value that flows through a network.
TENSORS = ("x", "h", "y", "z", "out", "output", "input", "inputs", "image", "img", "features")


class CallReader:
    """Reads calls and notes every problem; `blocks` are the names under `define`."""

    def __init__(self, source: Source, problems: list[Problem], blocks: dict[str, object]) -> None:
        self.source = source
        self.problems = problems
        self.blocks = blocks
        self.exam = Exam(source)
        # Whether it is a chain, which has no keys beside its layers.
        self.chain = False
        # Names that stand in the shape of the input.
        self.sizes: set[str] = set()
        # The axes of one sample of the input, where they are known: for suggestions.
        self.rank: int | None = None
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

    def unknown_type(self, name: str, at: object) -> None:
        """Note a layer type that does not exist, with the nearest ones."""
        if is_python(f"{name}:"):
            self.problem("python-line", f'Python is not run, and "{name}" is a line of it', at, rewritten([name]))
            return
        from cnncalc.spec.entries.suggestions import no_layer  # only a mistake needs it

        near = self.meant(name) if suggestions_left() else ""
        help = (no_layer(name) if suggestions_left() else "") or (f"did you mean {near}?" if near else "")
        help = help or "cnncalc layers lists them all; define your own block under define:"
        self.problem("unknown-layer", f'there is no layer "{name}"', at, help)

    def meant(self, name: str) -> str:
        """The layer that a name which is none probably means; empty where nothing is near."""
        from cnncalc.spec.entries.suggestions import suggestion

        return suggestion(name, self.blocks, self.rank)

    def call_text(self, text: str, span: Span, keys: Keys) -> list[Entry]:
        """A call, or several joined by `->` on one line."""
        parts = split_chain(text) if "->" in text or "→" in text else []
        if len(parts) > 1:  # not the arrow inside of an equation, Einsum("ij,jk->ik")
            found: list[Entry] = []
            for offset, part in parts:
                found.extend(
                    self.call_text(part, Span(span.line, span.column + offset, len(part)), keys if not found else {})
                )
            return found
        if text[-1:].isdigit() and not self.knows(text) and is_exam(text):
            if self.chain:
                return self.exam.entries(text, span, keys)
            self.problem("not-a-layer", f'"{text}" is no layer', span, f"write {rewritten_exam(text)}")
            return []
        call = self._call(text, span)
        if call is None:
            return []
        if self.chain:
            self.exam.seen(call.name)
        return self.from_call(call, span, keys)

    def from_call(self, call: Call, span: Span, keys: Keys) -> list[Entry]:
        """The entry of a parsed call."""
        if not self.knows(call.name):
            self.unknown_type(call.name, span)
            return []
        if layers.fold(call.name) == "sequential" and call.name not in self.blocks:
            return [self._sequential(call, span, keys)]
        if layers.fold(call.name) in STRUCTURES and call.name not in self.blocks and not layers.find_any(call.name):
            word = layers.fold(call.name)
            self.problem(
                "not-a-layer",
                f'"{call.name}" is no layer but holds layers, and has none here',
                span,
                f"write {word}: [Conv2d(3, 16, 3), ReLU]" if word == "residual" else f"write {word}: [[ReLU], [Tanh]]",
            )
            return []
        entry = Entry("call", call.name, span)
        entry.call = call
        entry.args = call.args
        entry.kwargs = call.kwargs
        entry.keys = keys
        if layers.fold(call.name) in MERGES:
            if "from" not in keys:
                self._names_in_call(entry, span)
        elif self._takes_tensor(call):
            entry.args = call.args[1:]
            entry.trim()
        return [entry]

    def _takes_tensor(self, call: Call) -> bool:
        """`F.max_pool2d(x, 2)`, `torch.flatten(x, 1)`: a function gets what flows as its first argument."""
        if not call.args or call.args[0].text not in TENSORS:
            return False
        prefix, _, name = call.name.rpartition(".")
        if not name.islower():
            return False
        return call.args[0].text not in self.sizes and prefix.split(".")[0] in (
            "",
            "F",
            "torch",
            "tf",
            "nn",
            "functional",
        )

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

    def _sequential(self, call: Call, span: Span, keys: Keys) -> Entry:
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
        if is_python(text):
            self.problem("python-line", f'Python is not run, and "{text}" is a line of it', span, rewritten([text]))
            return None
        if help := instead(text, self.knows, self.chain):
            self.problem("not-a-layer", f'"{text}" is no layer', span, help)
            return None
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
