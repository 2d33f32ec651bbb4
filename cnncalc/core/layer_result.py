"""What one layer's rules say for given input shapes, worked out once."""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape, prod

NO_PORTS: dict[str, Shape] = {}


class LayerResult:
    """What one layer's rules say for given input shapes; shared by all nodes where both are the same.

    `inputs` and `shape` keep the batch axis; everything a user sees has lost it.
    """

    __slots__ = (
        "_call",
        "_inside",
        "_ledger",
        "buffers",
        "inputs",
        "layer",
        "macs",
        "params",
        "ports",
        "shape",
        "sizes",
        "trainable",
        "weights",
    )

    def __init__(self, layer: Layer, inputs: tuple[Shape, ...]) -> None:
        self.layer = layer
        self.inputs = inputs
        self.shape = layer.shape(*inputs)
        self.ports = layer.ports(*inputs) or NO_PORTS
        self.weights: tuple[Weight, ...] = tuple(layer.weights(*inputs))
        self.buffers: tuple[Weight, ...] = tuple(layer.buffers(*inputs))
        params = count(self.weights)
        # What training can change, and all that counts: Keras counts moving statistics too.
        self.trainable = params
        if layer.counts_buffers:
            params = params + count(self.buffers)
        self.params = params
        ledger = layer.macs(self.shape, *inputs)
        macs: Number = sum(ledger.values())
        self.macs = macs
        # Of numbers it is made again when it is asked for; of letters only here, under what is assumed of them.
        self._ledger: dict[str, Number] | None = None if type(macs) is int else ledger
        arrays = [*inputs, self.shape, *self.ports.values(), *(w.shape for w in (*self.weights, *self.buffers))]
        self.sizes = sum(map(len, arrays)) + len(arrays)  # how much there is to say of the layer
        self._inside: dict[str, Shape] | None = None
        self._call = ""

    def copied(self) -> LayerResult:
        """Another one that says the same, to be changed."""
        made = LayerResult.__new__(LayerResult)
        for name in LayerResult.__slots__:
            setattr(made, name, getattr(self, name))
        return made

    @property
    def call(self) -> str:
        """The layer as a call with all its sizes: `Conv2d(3, 16, 3, padding=1)`."""
        if not self._call:
            self._call = self.layer.describe(self.inputs)
        return self._call

    @property
    def ledger(self) -> dict[str, Number]:
        """Multiply-accumulates by component, worked out where they are asked for."""
        if self._ledger is None:
            self._ledger = self.layer.macs(self.shape, *self.inputs)
        return self._ledger

    @ledger.setter
    def ledger(self, ledger: dict[str, Number]) -> None:
        self._ledger = ledger

    @property
    def inside(self) -> dict[str, Shape]:
        """What the layer makes on its way: names and shapes, batch axis first. Worked out where it is asked for."""
        if self._inside is None:
            self._inside = self.layer.inside(*self.inputs)
        return self._inside

    def port(self, name: str) -> Shape | None:
        """The shape of a further output, or of what the layer makes on its way; None where it has no such thing."""
        shape = self.ports.get(name)
        return self.inside.get(name) if shape is None else shape


def count(weights: Iterable[Weight]) -> Number:
    """How many numbers some arrays have together."""
    return sum(prod(weight.shape) for weight in weights)
