"""One layer of a report: its shapes, counts and weights, as the user sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.layer_result import LayerResult, count
from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.rules import is_bias
from cnncalc.network.graph import Graph, Node, Ref

if TYPE_CHECKING:
    from cnncalc.symbolic.assumptions import Assumptions


class Shown(Protocol):
    """What a row asks of its report: how shapes are shown, what was assumed."""

    @property
    def graph(self) -> Graph: ...
    @property
    def assumptions(self) -> Assumptions | None: ...
    def shown(self, x: Shape, ref: Ref) -> Shape: ...
    def is_image(self, node: Node) -> bool: ...
    def laid_out(self, shape: Shape, image: bool) -> Shape: ...


class Row:
    """One leaf layer of the table."""

    __slots__ = ("_report", "executed", "facts", "node", "own", "owner")

    def __init__(self, report: Shown, node: Node, facts: LayerResult) -> None:
        self._report = report
        self.node = node
        self.facts = facts
        # The weights that are counted here: all of them, or those that the layer it shares with does not have.
        self.own: tuple[Weight, ...] = facts.weights
        self.owner: str | None = None
        self.executed: tuple[int, ...] | None = None

    def __repr__(self) -> str:
        sizes = " x ".join(map(str, self.output_shape))
        return f"<cnncalc.Row {self.name}: {self.call} -> {sizes}, {self.params} params>"

    @property
    def times(self) -> int:
        """How many copies of a repeat it stands for."""
        return 1

    @property
    def name(self) -> str:
        """The layer's full name, `encoder.0.attn`."""
        return self.node.name

    def step(self, depth: int) -> int:
        """How many copies it stands for among those whose number is the word at that depth of the name."""
        return 1

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
        facts, layer = self.facts, self.node.layer
        return facts.call if layer is facts.layer else layer.describe(facts.inputs)

    @property
    def known(self) -> Assumptions | None:
        """What was assumed of free dimensions in its network; None without any."""
        return self._report.assumptions if self._report is not None else None

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
        used = self.layer.used(1, *self.facts.inputs) if self.owner is None else None
        return self.params if used is None else used

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
        """Multiply-accumulates by component."""
        return self.facts.ledger

    @property
    def dense_weights(self) -> Number | None:
        """Weights of a fully connected layer from the flattened input to the flattened output.

        None for a layer without parameters, and for one without an input.
        """
        if not self.facts.weights or not self.facts.inputs:
            return None
        taken: Number = sum(prod(x[1:]) for x in self.facts.inputs)
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

    def to_dict(self) -> dict[str, object]:
        """The row of the JSON document."""
        row: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "from": self.sources,
            "input_shapes": [plain_shape(x) for x in self.input_shapes],
            "output_shape": plain_shape(self.output_shape),
            "weights": {name: plain_shape(shape) for name, shape in self.weights.items()},
            "params": plain(self.params),
            "trainable": plain(self.trainable),
            "macs": plain(self.macs),
            "dense_params": plain(self.dense),
        }
        if self._report.graph.weights_only:
            row.update(macs=None, dense_params=None)
        if self._report.graph.summed is not None:
            row.update(weights={}, trainable=None)
        if self.facts.buffers:
            row["buffers"] = {name: plain_shape(shape) for name, shape in self.buffers.items()}
        if self.facts.ports:
            row["ports"] = {name: plain_shape(shape) for name, shape in self.ports.items()}
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


def plain(number: object) -> object:
    """A number for JSON: ints stay, free dimensions become text."""
    return number if number is None or type(number) is int else str(number)


def plain_shape(shape: Shape) -> list[object]:
    return [plain(size) for size in shape]
