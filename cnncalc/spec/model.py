"""A spec as it was read: inputs, constants, blocks, entries and expectations, with nothing expanded or evaluated."""

from __future__ import annotations

from copy import copy as alike
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.core.problem import Problem, Source, Span
from cnncalc.spec.entries.entry import Entry
from cnncalc.spec.terms import PLAIN, Terms
from cnncalc.spec.words.said import UNSAID, Said

if TYPE_CHECKING:
    from cnncalc.read.yaml.value import Value


class InputSpec(NamedTuple):
    """An input as written: its shape is a value (or text) that may hold expressions."""

    name: str
    shape: Any
    dtype: str
    span: Span


class Block(NamedTuple):
    """A block under `define`: parameters with their defaults (None: required), and the entries inside."""

    name: str
    params: list[tuple[str, object]]
    body: list[Entry]
    span: Span


class Expectation(NamedTuple):
    """What the author believes: an expression and the value written beside it; `terms` say how answers are judged."""

    text: str
    value: Any
    span: Span
    source: Source
    terms: Terms = PLAIN


class Spec:
    """A spec that was read, with nothing expanded or evaluated; `problems` hold what is wrong so far."""

    def __init__(self, source: Source, said: Said = UNSAID) -> None:
        self.source = source
        self.said = said
        self.name = ""
        self.inputs: list[InputSpec] = []
        self.let: dict[str, Any] = {}
        # What variants of an exercise draw a constant from; `let` has the first of them.
        self.choices: dict[str, list[Any]] = {}
        self.symbols: list[str] = []
        self.blocks: dict[str, Block] = {}
        # Names of the blocks of the spec that this one builds on.
        self.inherited: frozenset[str] = frozenset()
        self.layers: list[Entry] = []
        self.values: Value | None = None
        self.expect: list[Expectation] = []
        self.layout = said.layout or "channels_first"
        self.layout_said = said.layout is not None
        # The order in which the file has its own inputs, where another one holds; empty where it is the same.
        self.written_layout = ""
        # Whose words and counts hold; `convention_said` is what the file says itself.
        self.convention = "pytorch"
        self.convention_said = said.convention
        # Whether it is executed as in training.
        self.training = False
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []
        self.base: tuple[str, Span] | None = None
        # What is not trained: patterns of names; and the rank and the layers of low-rank matrices.
        self.freeze: list[tuple[str, Span, Source]] = []
        self.lora: tuple[int, tuple[str, ...], Span, Source] | None = None
        # Entries that are other specs.
        self.nets: list[Entry] = []
        # Options of all layers of a type, by its name.
        self.defaults: dict[str, list[tuple[str, Value]]] = {}
        # The shape that a chain ends with: what should come out.
        self.target: tuple[list[int], Span] | None = None
        # Whether the input was not written, but made up of free dimensions.
        self.opened = False
        # A spec that builds on another: its own text, and the values that were written there.
        self.thin: tuple[Source, frozenset[int]] | None = None
        # The reader of a file that is no spec: it makes the graph itself.
        self.foreign: Any = None
        # The config that the values of a family's spec were taken from.
        self.config: Any = None
        # Where files that `values` names are looked up; empty for a spec that is no file.
        self.folder = ""

    def copy(self) -> Spec:
        """A spec with lists and mappings of its own; the entries in them are the same, they do not change once read."""
        made = alike(self)
        for name, value in vars(self).items():
            if isinstance(value, (list, dict)):
                setattr(made, name, value.copy())
        return made

    def is_block(self, name: str) -> bool:
        """Whether it is the name of a block, here or in the spec that this one builds on."""
        return name in self.blocks or name in self.inherited

    def source_of(self, written: object) -> Source:
        """The text that a value stands in: its own, or that of the spec it builds on."""
        return self.thin[0] if self.thin is not None and id(written) in self.thin[1] else self.source
