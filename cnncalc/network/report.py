"""What is known of a network once its shapes are: rows, totals, and the JSON document.

Shapes are those of one sample, without the batch axis. Counts are elements, costs multiply-accumulates for one sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from cnncalc.core.channels import has_channels, to_shown_order
from cnncalc.core.number import Number, Shape, is_free
from cnncalc.core.problem import did_you_mean
from cnncalc.network.graph import Graph, Node, Ref, Run
from cnncalc.network.left_out import every
from cnncalc.network.row import Row, plain, plain_shape

Axis = TypeVar("Axis")  # sizes, or what stands for them


class Totals:
    """Sums over rows: parameters (shared ones once), trainable ones, MACs and fully connected equivalents."""

    __slots__ = ("active_params", "dense", "dense_biases", "dense_weights", "macs", "params", "trainable")

    def __init__(self, rows: list[Row], runs: list[Run]) -> None:
        self.params: Number = 0
        self.trainable: Number = 0
        # Those that take part in one position: of experts only the chosen ones.
        self.active_params: Number = 0
        self.macs: Number = 0
        self.dense_weights: Number = 0
        self.dense_biases: Number = 0
        self._add(rows)
        for run in runs:
            copy = Totals(rows[run.start : run.stop], [])
            for what in ("params", "trainable", "active_params", "macs", "dense_weights", "dense_biases"):
                setattr(self, what, getattr(self, what) + run.more * getattr(copy, what))
        self.dense = self.dense_weights + self.dense_biases

    def _add(self, rows: list[Row]) -> None:
        dense: dict[int, tuple[Number, Number]] = {}  # rows that share their facts share what follows from them
        for row in rows:
            facts = row.facts
            if not facts.weights and not facts.buffers:
                self.macs = self.macs + facts.macs
                continue
            self.params = self.params + row.params
            self.active_params = self.active_params + row.active_params
            self.trainable = self.trainable + row.trainable
            self.macs = self.macs + facts.macs
            known = dense.get(id(facts))
            if known is None:
                known = dense[id(facts)] = (row.dense_weights or 0, row.dense_biases or 0)
            self.dense_weights = self.dense_weights + known[0]
            self.dense_biases = self.dense_biases + known[1]

    def __repr__(self) -> str:
        return f"<cnncalc.Totals {self.params} params, {self.trainable} trainable, {self.macs} MACs>"

    def to_dict(self) -> dict[str, object]:
        """The totals of the JSON document."""
        totals = {
            "params": plain(self.params),
            "trainable": plain(self.trainable),
            "macs": plain(self.macs),
            "dense_params": plain(self.dense),
        }
        if str(self.active_params) != str(self.params):
            totals["active_params"] = plain(self.active_params)
        return totals


class Report:
    """A propagated network: `rows` in order, `report["conv1"]`, `totals`."""

    __slots__ = ("_by_name", "_images", "_totals", "assumptions", "execution", "graph", "rows", "symbols")

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.rows: list[Row] = []
        self.execution: dict[str, object] | None = None
        # The spec's `symbols`: formulas, or the numbers they were set to; and what was assumed of those that are free.
        self.symbols: dict[str, Number] = {}
        self.assumptions: Any = None
        self._by_name: dict[str, Row] | None = None
        self._totals: Totals | None = None
        self._images: dict[int, bool] = {}

    @property
    def name(self) -> str:
        """The network's name."""
        return self.graph.name

    @property
    def totals(self) -> Totals:
        """Sums over all rows."""
        if self._totals is None:
            self._totals = Totals(self.rows, self.graph.runs)
        return self._totals

    def __getitem__(self, name: str) -> Row:
        """The row of a layer by its name. Raises `KeyError`, with the name that is near."""
        if self._by_name is None:
            self._by_name = {row.name: row for row in self.rows}
        row = self._by_name.get(name) or self._by_name.get(self.full_name(name))
        if row is None:
            if self.full_name(name) in self.graph.blocks:
                raise KeyError(f'{name} is a block; rows_of("{name}") are its layers')
            near = did_you_mean(name, self._by_name)
            raise KeyError(f"{name} is no layer" + (f"; did you mean {near}?" if near else ""))
        return row

    def __len__(self) -> int:
        return len(self.rows)

    def full_name(self, name: str) -> str:
        """`layer1[0].conv1`, and names without the groups that nobody named, as the layer or block is called."""
        plain = name.replace("[", ".").replace("]", "")
        return self.graph.aliases.get(plain) or plain

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def every(self) -> Iterator[Row]:
        """All rows, also those of copies that the network leaves out."""
        return every(self.rows, self.graph.runs) if self.graph.runs else iter(self.rows)

    @property
    def layers(self) -> int:
        """The number of layers, those of copies that the network leaves out among them."""
        return sum(row.times for row in self.rows) if self.graph.runs else len(self.rows)

    def rows_of(self, block: str) -> list[Row]:
        """The rows inside a block, by its name. Raises `KeyError`, with the name that is near."""
        at = self.graph.blocks.get(self.full_name(block))
        if at is None:
            near = did_you_mean(block, self.graph.blocks)
            raise KeyError(f"{block} is no block" + (f"; did you mean {near}?" if near else ""))
        return self.rows[at.start : at.stop]

    @property
    def inputs(self) -> dict[str, Shape]:
        """Each input's shape in the network's layout."""
        return {
            given.name: self.laid_out(given.shape, self.value_is_image(index))
            for index, given in enumerate(self.graph.inputs)
        }

    @property
    def output_shape(self) -> Shape:
        """The shape of the network's output."""
        return self.shown(self.shape_of(self.graph.output), self.graph.output)

    def shape_of(self, ref: Ref) -> Shape:
        """A value's shape, batch axis first, channels first."""
        number, port = ref if isinstance(ref, tuple) else (ref, "")
        count = len(self.graph.inputs)
        if number < count:
            return (1, *self.graph.inputs[number].shape)
        facts = self.rows[number - count].facts
        shape: Shape | None = facts.port(port) if port else facts.shape
        if shape is None:
            raise KeyError(port)
        return shape

    # --- layout: where channels are shown last, only an image or a signal is transposed ----------------------------

    def shown(self, x: tuple[Axis, ...], ref: Ref) -> tuple[Axis, ...]:
        """A value's shape without the batch axis, in the network's layout."""
        if not self.graph.layout_differs:
            return x[1:]
        return self.laid_out(x[1:], self.image(ref))

    def laid_out(self, shape: tuple[Axis, ...], image: bool) -> tuple[Axis, ...]:
        """A sample's shape in the network's layout."""
        if image and self.graph.layout_differs and len(shape) > 1:
            return tuple(to_shown_order(shape, self.graph.convention))
        return shape

    def is_image(self, node: Node) -> bool:
        """Whether the node's output has channels and spatial axes."""
        if not self.graph.layout_differs:
            return False
        key = id(node)
        if key not in self._images:
            layer = node.layer
            together = layer.inputs[1] is None and layer.type() not in ("Stack", "Einsum")
            options = layer.__dict__
            kept = options.get("keepdims") or options.get("keepdim")  # axes that are summed up stay, of size 1
            if layer.elementwise or layer.keeps_axes or together or kept:  # they leave their inputs what they are
                self._images[key] = any(self.image(ref) for ref in (node.inputs if together else node.inputs[:1]))
            else:
                self._images[key] = has_channels(layer.gives, self.graph.convention)
        return self._images[key]

    def image(self, ref: Ref) -> bool:
        """Whether a value, or a further output of a layer, has channels and spatial axes."""
        if not isinstance(ref, tuple):
            return ref is not None and self.value_is_image(ref)
        number, port = ref
        if not self.graph.layout_differs or not self.value_is_image(number):
            return False
        facts = self.rows[number - len(self.graph.inputs)].facts
        return port in facts.ports and len(facts.ports[port]) == len(facts.shape)

    def value_is_image(self, number: int) -> bool:
        """Whether a value has channels and spatial axes, so that a channels-last layout turns it."""
        if not self.graph.layout_differs:
            return False
        count = len(self.graph.inputs)
        if number >= count:
            return self.is_image(self.graph.nodes[number - count])
        return self.graph.inputs[number].image

    def to_dict(self) -> dict[str, object]:
        """The JSON document."""
        return {**self.document(), "layers": [row.to_dict() for row in self.every()]}

    def document(self) -> dict[str, object]:
        """The JSON document, to be written once: each layer's part is made when it is asked for."""
        totals = self.totals.to_dict()
        if str(self.graph.tied) != "0":
            totals["tied_params"] = plain(self.graph.tied)
        if self.graph.weights_only:
            totals.update(macs=None, dense_params=None)
        if self.graph.summed is not None:
            totals["trainable"] = self.graph.summed[0]
        document: dict[str, object] = {
            "name": self.name,
            "inputs": {name: plain_shape(shape) for name, shape in self.inputs.items()},
            "layers": (row.to_dict() for row in self.every()),
            "output_shape": None if self.graph.weights_only else plain_shape(self.output_shape),
            "totals": totals,
        }
        if len(self.graph.outputs) > 1:
            document["output_shapes"] = [plain_shape(self.shown(self.shape_of(ref), ref)) for ref in self.graph.outputs]
        if self.graph.format:
            document["source"] = {"format": self.graph.format}
        if self.graph.layout != "channels_first":
            document["layout"] = self.graph.layout
        if self.graph.convention != "pytorch":
            document["convention"] = self.graph.convention
        if self.assumptions is not None:
            document["symbols"] = [name for name, value in self.symbols.items() if is_free(value)]
            document["assumptions"] = self.assumptions.lines()
        if self.execution is not None:
            document["executed"] = self.execution
        return document
