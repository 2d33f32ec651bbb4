"""What is known of a network once its shapes are: rows, totals, and the JSON document.

Shapes are those of one sample, without the batch axis. Counts are elements, costs multiply-accumulates for one sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.core.channels import has_channels, to_shown_order
from cnncalc.core.layer import Layer, Weight
from cnncalc.core.layer_result import LayerResult, count, is_bias
from cnncalc.core.number import Number, Shape, prod
from cnncalc.network.graph import Graph, Node


class Row:
    """One leaf layer of the table."""

    __slots__ = ("_report", "executed", "facts", "node", "own", "owner")

    def __init__(self, report: Report, node: Node, facts: LayerResult) -> None:
        self._report = report
        self.node = node
        self.facts = facts
        # The weights that are counted here: all of them, or those that the layer it shares with does not have.
        self.own: tuple[Weight, ...] = facts.weights
        self.owner: str | None = None
        self.executed: tuple[int, ...] | None = None

    @property
    def name(self) -> str:
        """The layer's full name, `encoder.0.attn`."""
        return self.node.name

    @property
    def type(self) -> str:
        """The layer's type, `Conv2d`."""
        return self.node.layer.type()

    @property
    def layer(self) -> Layer:
        """The layer with its options."""
        return self.node.layer

    @property
    def call(self) -> str:
        """The layer as a call with all its sizes: `Conv2d(3, 16, 3, padding=1)`."""
        return self.node.layer.describe(self.facts.inputs)

    @property
    def sources(self) -> list[str]:
        """The names of the values it takes."""
        return [self._report.graph.label(ref) for ref in self.node.inputs]

    @property
    def input_shapes(self) -> list[Shape]:
        """The shapes that come in, in the network's layout."""
        return [self._report.shown(x, self.node.inputs[index]) for index, x in enumerate(self.facts.inputs)]

    @property
    def output_shape(self) -> Shape:
        """The output's shape, in the network's layout."""
        return self._report.laid_out(self.facts.shape[1:], self._report.is_image(self.node))

    @property
    def ports(self) -> dict[str, Shape]:
        """Further outputs and their shapes."""
        image = self._report.is_image(self.node)
        same = len(self.facts.shape)
        return {
            name: self._report.laid_out(shape[1:], image and len(shape) == same)
            for name, shape in self.facts.ports.items()
        }

    @property
    def inside(self) -> dict[str, Shape]:
        """What the layer makes on its way, computed where it is asked for: names and shapes."""
        return {name: shape[1:] for name, shape in self.facts.inside.items()}

    @property
    def unused(self) -> bool | None:
        """Whether forward never calls it; None for a layer that has shapes, False where nothing is known of them."""
        unused: bool | None = getattr(self.node.layer, "unused", None)
        return unused

    @property
    def weights(self) -> dict[str, Shape]:
        """Every parameter array's name and shape, shared ones too."""
        return {weight.name: weight.shape for weight in self.facts.weights}

    @property
    def buffers(self) -> dict[str, Shape]:
        """State that is not a parameter: name and shape."""
        return {weight.name: weight.shape for weight in self.facts.buffers}

    @property
    def params(self) -> Number:
        """Number of parameters counted here; what is shared is counted where it belongs."""
        return self.facts.params if self.owner is None else count(self.own)

    @property
    def trainable(self) -> Number:
        """Number of parameters that training changes."""
        frozen = self.node.frozen
        if frozen is True:
            return 0
        if frozen:
            return count(weight for weight in self.own if weight.name not in frozen)
        return self.facts.trainable if self.owner is None else self.params

    @property
    def active_params(self) -> Number:
        """Number of parameters that take part in one position: all but those of experts that are not chosen."""
        if self.owner is None and hasattr(self.layer, "active"):
            active: Number = self.layer.active(*self.facts.inputs)
            return active
        return self.params

    @property
    def biases(self) -> Number:
        """Number of parameters in bias vectors."""
        return count(weight for weight in self.own if is_bias(weight.name))

    @property
    def macs(self) -> Number:
        """Multiply-accumulates for one sample."""
        return self.facts.macs

    @property
    def ledger(self) -> dict[str, Number]:
        """Multiply-accumulates by named part."""
        return self.facts.ledger

    @property
    def dense_weights(self) -> Number | None:
        """Weights of a fully connected layer from the flattened input to the flattened output.

        None for a layer without parameters, and for one without an input.
        """
        if not self.facts.weights or not self.facts.inputs:
            return None
        taken: Number = 0
        for x in self.facts.inputs:
            taken = taken + prod(x[1:])
        return taken * prod(self.facts.shape[1:])

    @property
    def dense_biases(self) -> Number | None:
        """Biases of that fully connected layer: one an output where the layer has biases; None as above."""
        if not self.facts.weights or not self.facts.inputs:
            return None
        return prod(self.facts.shape[1:]) if any(is_bias(weight.name) for weight in self.facts.weights) else 0

    @property
    def dense(self) -> Number | None:
        """Parameters of the fully connected layer, weights and biases; None as above."""
        weights = self.dense_weights
        return None if weights is None else weights + self.dense_biases

    def to_dict(self) -> dict[str, Any]:
        """The row of the JSON document."""
        row: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "from": self.sources,
            "input_shapes": [_plain_shape(x) for x in self.input_shapes],
            "output_shape": _plain_shape(self.output_shape),
            "weights": {name: _plain_shape(shape) for name, shape in self.weights.items()},
            "params": plain(self.params),
            "trainable": plain(self.trainable),
            "macs": plain(self.macs),
            "dense_params": plain(self.dense),
        }
        if self.facts.buffers:
            row["buffers"] = {name: _plain_shape(shape) for name, shape in self.buffers.items()}
        if self.facts.ports:
            row["ports"] = {name: _plain_shape(shape) for name, shape in self.ports.items()}
        if self.owner is not None:
            row["shares"] = self.owner
        if self.executed is not None:
            row["executed_shape"] = list(self.executed)
        if self.unused is not None:
            row.update(input_shapes=[], output_shape=None, macs=None if self._report.graph.weights_only else 0)
            row["dense_params"] = None
            if self.unused:
                row["unused"] = True
        return row


class Totals:
    """Sums over rows: parameters (shared ones once), trainable ones, MACs and dense equivalents."""

    __slots__ = ("active_params", "dense", "dense_biases", "dense_weights", "macs", "params", "trainable")

    def __init__(self, rows: list[Row]) -> None:
        self.params: Number = 0
        self.trainable: Number = 0
        # Those that take part in one position: of experts only the chosen ones.
        self.active_params: Number = 0
        self.macs: Number = 0
        self.dense_weights: Number = 0
        self.dense_biases: Number = 0
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
        self.dense = self.dense_weights + self.dense_biases

    def to_dict(self) -> dict[str, Any]:
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
        self.execution: dict[str, Any] | None = None
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
            self._totals = Totals(self.rows)
        return self._totals

    def __getitem__(self, name: str) -> Row:
        if self._by_name is None:
            self._by_name = {row.name: row for row in self.rows}
        row = self._by_name.get(name) or self._by_name.get(self.full_name(name))
        if row is None:
            raise KeyError(name)
        return row

    def full_name(self, name: str) -> str:
        """`layer1[0].conv1`, and names without the groups that nobody named, as the layer or block is called."""
        plain = name.replace("[", ".").replace("]", "")
        return self.graph.aliases.get(plain) or plain

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def rows_of(self, block: str) -> list[Row]:
        """The rows inside a block, by its full name."""
        at = self.graph.blocks[block]
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

    def shape_of(self, ref: Any) -> Shape:
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

    # --- layout: where channels are shown last, only what is an image or a signal is turned ------------------------

    def shown(self, x: Shape, ref: Any) -> Shape:
        """A value's shape without the batch axis, in the network's layout."""
        if not self.graph.layout_differs:
            return x[1:]
        return self.laid_out(x[1:], self.image(ref))

    def laid_out(self, shape: Shape, image: bool) -> Shape:
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
            if layer.elementwise or layer.keeps_axes or together:  # they leave their inputs what they are
                self._images[key] = any(self.image(ref) for ref in (node.inputs if together else node.inputs[:1]))
            else:
                self._images[key] = has_channels(layer.gives, self.graph.convention)
        return self._images[key]

    def image(self, ref: Any) -> bool:
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

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        document: dict[str, Any] = {
            "name": self.name,
            "inputs": {name: _plain_shape(shape) for name, shape in self.inputs.items()},
            "layers": [row.to_dict() for row in self.rows],
            "output_shape": None if self.graph.weights_only else _plain_shape(self.output_shape),
            "totals": self.totals.to_dict(),
        }
        if self.graph.weights_only:
            document["totals"].update(macs=None, dense_params=None)
        if len(self.graph.outputs) > 1:
            document["output_shapes"] = [
                _plain_shape(self.shown(self.shape_of(ref), ref)) for ref in self.graph.outputs
            ]
        if self.graph.format:
            document["source"] = {"format": self.graph.format}
        if self.graph.layout != "channels_first":
            document["layout"] = self.graph.layout
        if self.graph.convention != "pytorch":
            document["convention"] = self.graph.convention
        if self.assumptions is not None:
            document["symbols"] = [name for name, value in self.symbols.items() if hasattr(value, "free")]
            document["assumptions"] = self.assumptions.lines()
        if self.execution is not None:
            document["executed"] = self.execution
        return document


def plain(number: Any) -> Any:
    """A number for JSON: ints stay, free dimensions become text."""
    return number if number is None or type(number) is int else str(number)


def _plain_shape(shape: Shape) -> list[Any]:
    return [plain(size) for size in shape]
