"""A network as a list of nodes in order, each with the values that it takes as inputs.

Values are numbered: the network's inputs first, then one for each node. A reference is that number, or
(number, port) for a further output. Blocks are remembered as ranges of nodes; no rule sees them.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape
from cnncalc.core.problem import Fault, Problem, Source, Span

Ref: TypeAlias = "int | tuple[int, str]"


class Input(NamedTuple):
    """An input of the network: its shape without the batch axis, and what it holds ("float" or "int" tokens).

    `batch` is what was written for the batch axis, if anything was. `image` says that where the layout is channels
    last, the written order was changed: rules see channels first always.
    """

    name: str
    shape: Shape
    dtype: str = "float"
    span: Span | None = None
    batch: Any = None
    image: bool = False
    # False where the shape could not be read: its problem is noted, and what takes it stays unknown.
    known: bool = True
    # The order of axes in which it was written, where that is not the network's.
    layout: str = ""


class Node:
    """One leaf layer. `shares` is the number of the node whose weights it uses; `frozen` says that it is not trained,
    or which of its weights are not.

    `layer` is None where the entry could not become a layer: its problem is noted, and so are no consequences.
    `origin` is the entry it was written as; it knows the place of each option.
    """

    __slots__ = ("frozen", "inputs", "layer", "name", "origin", "shares")

    def __init__(
        self,
        name: str,
        layer: Layer,
        inputs: tuple[Ref, ...],
        origin: Any = None,
        shares: int | None = None,
        frozen: bool | frozenset[str] = False,
    ) -> None:
        self.name = name
        self.layer = layer
        self.inputs = inputs
        self.origin = origin
        self.shares = shares
        self.frozen = frozen

    def place(self, option: str | None = None) -> Span | None:
        """Where the node, or one of its options, was written."""
        place: Span | None = self.origin.place(option) if self.origin is not None else None
        return place

    def point(self, fault: Fault) -> Span | None:
        """Where a fault of the node points."""
        place: Span | None = self.origin.point(fault) if self.origin is not None else None
        return place


class Block(NamedTuple):
    """A named group or copy: nodes start..stop-1, the values that go in and come out, and where a spec calls it."""

    start: int
    stop: int
    inputs: tuple[Ref, ...]
    output: Ref
    place: Span | None = None


class Run(NamedTuple):
    """`more` copies of a repeat that are not made: like nodes start..stop-1, and between them and the last copy.

    `moves` says of each of these nodes which of its inputs come from the copy itself or the one before it.
    """

    name: str
    start: int
    stop: int
    more: int
    moves: tuple[tuple[bool, ...], ...]


class Graph:
    """A network without syntax: inputs, nodes in an order in which each comes after what it takes, and blocks."""

    __slots__ = (
        "aliases",
        "ambiguous",
        "blocks",
        "convention",
        "expectations",
        "format",
        "inputs",
        "layout",
        "layout_said",
        "name",
        "nodes",
        "notes",
        "output",
        "outputs",
        "remarks",
        "runs",
        "source",
        "summed",
        "tied",
        "training",
        "weights_only",
    )

    def __init__(self, name: str, inputs: list[Input], layout: str = "channels_first") -> None:
        self.name = name
        self.inputs = inputs
        self.nodes: list[Node] = []
        self.blocks: dict[str, Block] = {}
        # Copies that are left out, in order; empty unless that was asked for.
        self.runs: list[Run] = []
        # Names without the groups that nobody named, and the full names; "" where they would mean several things.
        self.aliases: dict[str, str] = {}
        # What entries expect of themselves: full name, and the mapping written there.
        self.expectations: list[tuple[str, Any]] = []
        # Names that several layers were given, and the names they got instead.
        self.ambiguous: dict[str, list[str]] = {}
        self.layout = layout
        # Whether the order of axes was said, and is no matter of evidence.
        self.layout_said = False
        self.convention = "pytorch"
        # What it was read from, where that is no spec ("python"); and whether only weights are known, no shapes.
        self.format = ""
        self.weights_only = False
        # Where counts of layers are known and not their arrays: how many are trainable in all, if that is known.
        self.summed: tuple[int | None] | None = None
        # Elements that the model it was read from holds under a further name; they are counted once.
        self.tied: Number = 0
        # Where the counts of a file may differ from those of the model that it was written from.
        self.remarks: list[str] = []
        self.source: Source | None = None
        self.notes: list[Problem] = []
        self.output: Ref = 0
        # Whether it is executed as in training.
        self.training = False
        # All outputs in order, where a file that was read has several; empty where `output` is the only one.
        self.outputs: list[Ref] = []

    @property
    def layout_differs(self) -> bool:
        """Whether shapes are shown in another order of axes than the layers have: PyTorch's first, Keras' last."""
        return (self.layout == "channels_last") != (self.convention == "keras")

    def label(self, ref: Ref) -> str:
        """The name of a value as the user writes it: `conv1`, `lstm.h_n`."""
        number, port = ref if isinstance(ref, tuple) else (ref, "")
        count = len(self.inputs)
        name = self.inputs[number].name if number < count else self.nodes[number - count].name
        return f"{name}.{port}" if port else name
