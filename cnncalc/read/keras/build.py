"""The layers of a Keras file as the rows of a network, in the order of its graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault, Problem, Source, Span
from cnncalc.network.graph import Block, Graph, Input, Node, Ref
from cnncalc.read.keras.config import (
    MODELS,
    Described,
    Given,
    Options,
    Tensor,
    _arguments,
    _config,
    _first,
    _inputs,
    _late,
    _layers,
    _name,
    _refs,
    _tensors,
    inner_of,
    is_layer,
)
from cnncalc.read.keras.inputs import sizes_of
from cnncalc.read.keras.layer import layer_of
from cnncalc.read.keras.operations import MERGES, Call
from cnncalc.read.keras.options import bound
from cnncalc.read.keras.written import written_kind, written_layer

if TYPE_CHECKING:
    from cnncalc.core.number import Shape

Place = Callable[[str], Span | None]

MOST = 100_000  # layers
CELLS = {"SimpleRNNCell": "SimpleRNN", "LSTMCell": "LSTM", "GRUCell": "GRU"}
# Arguments that change numbers alone.
MASKS = {"mask", "attention_mask", "padding_mask", "query_mask", "key_mask", "value_mask"}
# Attention's arguments in the order in which it takes them.
BY_NAME = {"query": 0, "value": 1, "key": 2}
# Layers and operations to which it is all the same which axis has the channels, or that are told.
EITHER = {
    *MERGES, "Concatenate", "Activation", "ReLU", "LeakyReLU", "ELU", "Dropout", "GaussianNoise", "GaussianDropout",
    "AlphaDropout", "Identity", "Rescaling", "BatchNormalization", "ActivityRegularization", "Masking", "Relu",
    "Sigmoid", "Tanh", "Silu", "Gelu", "Exp", "Log", "Sqrt", "Negative", "Absolute", "Square", "HardSwish",
    "HardSigmoid", "Sin", "Cos", "Pad", "RandomFlip", "RandomRotation", "RandomBrightness", "RandomContrast",
}  # fmt: skip


class Origin:
    """Where a node stands: at its layer's name in the file."""

    def __init__(self, source: Source, span: Span | None) -> None:
        self.source = source
        self.span = span
        self.shared = None

    def place(self, option: str | None = None) -> Span | None:
        return self.span

    def point(self, fault: Fault) -> Span | None:
        return self.span


class Builder:
    """Makes the graph; a value is a reference of the graph with its shape."""

    def __init__(
        self, config: Described, name: str, source: Source, notes: list[Problem], place: Place, texts: list[str]
    ) -> None:
        self.config = config
        self.source = source
        self.notes = notes
        self.place = place  # of a layer's name in the file
        self.texts = texts
        self.graph = Graph(name, [], "channels_last")
        self.graph.source = source
        self.graph.convention = "keras"
        self.graph.format = "keras"
        self.shapes: dict[Ref, Shape] = {}  # with batch
        self.made: dict[int, tuple[Layer, int | None]] = {}  # configuration -> its layer and the node of its first call
        self.parts: dict[int, list[Described]] = {}  # configuration -> its parts, for a second call
        self.calls: dict[str, int] = {}
        self.count = 0
        self.turned: set[Ref] = set()  # values whose channels are last here and first in the file

    def read(self) -> Graph:
        model = self.config
        if _first(model, "channels_first"):
            self.graph.layout = "channels_first"
        refs = [self._input(name, shape) for name, shape in sizes_of(_inputs(model), self.texts)]
        outputs = self.model(model, refs, "", True)
        self.graph.outputs = list(outputs)
        self.graph.output = outputs[0]
        return self.graph

    # --- inputs ----------------------------------------------------------------------------------------------------

    def _input(self, name: str, shape: Shape) -> Ref:
        image = self.graph.layout == "channels_first" and len(shape) > 1
        inner = (*shape[1:], shape[0]) if image else shape
        ref = len(self.graph.inputs)
        self.graph.inputs.append(Input(name, tuple(inner), image=image))
        self.shapes[ref] = (1, *inner)
        if image:
            self.turned.add(ref)
        return ref

    # --- models ----------------------------------------------------------------------------------------------------

    def model(self, model: Described, refs: list[Ref], prefix: str, trained: bool) -> list[Ref]:
        """The outputs of a model for these inputs."""
        config = _config(model)
        trained = trained and config.get("trainable", True) is not False
        if model["class_name"] == "Sequential":
            value = refs[0]
            for layer in _layers(model):
                if layer["class_name"] != "InputLayer":
                    value = self.call(layer, [Given(value)], {}, prefix, trained)[0]
            return [value]
        return self._functional(model, refs, prefix, trained)

    def _functional(self, model: Described, refs: list[Ref], prefix: str, trained: bool) -> list[Ref]:
        found = _layers(model)
        values: dict[Tensor, Ref] = {}
        order = [ref[0] for ref in _refs(_config(model).get("input_layers"))]
        for name, value in zip(order, refs, strict=False):
            values[name, 0, 0] = value
        todo: list[tuple[Described, int, object]] = []
        # Keras 3 counts a nested model's own construction as a call where the outputs are listed, Keras 2 everywhere.
        newer = any(isinstance(node, dict) for layer in found for node in layer.get("inbound_nodes") or [])
        built = {_name(layer) for layer in found if newer and layer["class_name"] == "Functional"}
        late = {} if newer else _late(model)
        for layer in found:
            for index, node in enumerate(layer.get("inbound_nodes") or [], late.get(_name(layer), 0)):
                todo.append((layer, index, node))
        while todo:
            left = []
            for layer, index, node in todo:
                taken = _refs(node)
                if any(ref not in values for ref in taken):
                    left.append((layer, index, node))
                    continue
                outputs = self.call(layer, *_arguments(node, values), prefix, trained)
                for at, value in enumerate(outputs):
                    values[_name(layer), index, at] = value
            if len(left) == len(todo):
                layer, _, node = left[0]
                names = {_name(one) for one in found}
                lacking = next(ref for ref in _refs(node) if ref not in values)
                why = "the layers go in a circle" if lacking[0] in names else "which is none of the layers"
                raise Fault("keras-broken", f'{_name(layer)} takes "{lacking[0]}": {why}', option=_name(layer))
            todo = left
        result: list[Ref] = []
        for layer_name, call, at in _refs(_config(model).get("output_layers")):
            made = values.get((layer_name, call - (layer_name in built), at))
            if made is None:
                raise Fault("keras-broken", f'the model gives "{layer_name}", which is none of its layers')
            result.append(made)
        if not result:
            raise Fault("keras-broken", "the model has no outputs")
        return result

    # --- layers ----------------------------------------------------------------------------------------------------

    def call(self, layer: Described, args: list[object], kwargs: Options, prefix: str, trained: bool) -> list[Ref]:
        """The outputs of a layer, or of a model inside."""
        self.count += 1
        if self.count > MOST:
            raise Fault("keras-broken", f"the model has more than {MOST:,} layers")
        kind = layer["class_name"]
        config = _config(layer)
        name = f"{prefix}{_name(layer)}"
        refs = [value.ref for value in args if isinstance(value, Given)]
        if kind in MODELS:
            start = len(self.graph.nodes)
            outputs = self.model(layer, refs, f"{name}.", trained)
            if name not in self.graph.blocks and len(self.graph.nodes) > start:
                self.graph.blocks[name] = Block(start, len(self.graph.nodes), tuple(refs), outputs[0])
            return outputs
        if kind == "InputLayer":
            return refs
        trained = trained and config.get("trainable", True) is not False
        if kind == "RNN" and not written_kind(layer):
            return self._cells(layer, refs, name, trained)
        inner = inner_of(layer)
        if kind == "TimeDistributed" and inner is not None and inner["class_name"] == "Sequential":
            return self._each_time(layer, inner, refs, name, trained)
        for option in MASKS & kwargs.keys():
            if isinstance(kwargs[option], Given):
                self.unread(name, kind, option)
        named = sorted((key for key in kwargs if key not in MASKS), key=lambda key: BY_NAME.get(key, 0))
        extra = _tensors([kwargs[key] for key in named])
        if written_kind(layer) == "Parameter":
            refs = []  # it is called with a value that has the batch, and does not read it
        if kind == "TFOpLambda":  # the second one has a name here, where operations have none
            refs, extra = [*refs, *extra], []
        turned = self._order("" if written_kind(layer) else kind, name, config, refs, extra)
        known = self.made.get(id(layer))
        if known is None:
            plain = [value for value in args if not isinstance(value, Given)]
            ahead = bool(args) and not isinstance(args[0], Given)
            made = self._layer(layer, refs, plain, kwargs, ahead)
            first = None
        else:
            made, first = known
        if written_kind(layer) == "TokenEmbedding" and kwargs.get("reverse") is True:
            made = written_layer(layer, [], reverse=True)
        number = self._node(name, made, (*refs, *extra), first, trained)
        if known is None:
            self.made[id(layer)] = (made, number)
        found = self._outputs(made, number, (*refs, *extra))
        if turned:
            self.turned.update(ref for ref in found if len(self.shapes[ref]) > 2)
        return found

    def _order(self, kind: str, name: str, config: Options, *refs: list[Ref]) -> bool:
        """Bring the inputs' axes into one order; whether the outputs have their channels last here, first in the file.

        Layers that know of channels get them last, those that take axes by their numbers as the file has them.
        """
        if self.graph.layout != "channels_first" or kind == "Flatten":
            return False
        known = [ref in self.turned for some in refs for ref in some if len(self.shapes[ref]) > 2]
        last = "data_format" in config or (kind in EITHER and bool(known) and all(known))
        for some in refs:
            for at, ref in enumerate(some):
                if len(self.shapes[ref]) > 2 and (ref in self.turned) != last:
                    some[at] = self._moved(ref, name, last)
        return last and bool(known)

    def _moved(self, ref: Ref, name: str, last: bool) -> Ref:
        """The value with its channels last, or in front."""
        rank = len(self.shapes[ref])
        dims = [*range(2, rank), 1] if last else [rank - 1, *range(1, rank - 1)]
        made = bound("Permute", {"dims": dims}, name)
        found = self._outputs(made, self._node(f"{name}/order", made, (ref,), None, True), (ref,))[0]
        if last:
            self.turned.add(found)
        return found

    def _node(self, name: str, made: Layer, refs: tuple[Ref, ...], first: int | None, trained: bool) -> int:
        self.calls[name] = self.calls.get(name, 0) + 1
        shown = name if self.calls[name] == 1 else f"{name} ({self.calls[name]})"
        short = name.rpartition(".")[2]
        origin = Origin(self.source, self.place(short))
        shares = first if first is not None and made.has_weights() else None
        self.graph.nodes.append(Node(shown, made, refs, origin, shares, not trained))
        return len(self.graph.nodes) - 1

    def _outputs(self, made: Layer, number: int, refs: tuple[Ref, ...]) -> list[Ref]:
        ref = len(self.graph.inputs) + number
        xs = tuple(self.shapes[one] for one in refs)
        try:
            made.accept(xs)
            self.shapes[ref] = made.shape(*xs)
            ports = made.ports(*xs)
        except Fault as fault:
            name = self.graph.nodes[number].name
            raise Fault(
                fault.code, f"{name}: {fault.message}", option=name.rpartition(".")[2], help=fault.help
            ) from None
        for port, shape in ports.items():
            self.shapes[ref, port] = shape
        every: list[Ref] = [(ref, port) for port in ports]
        return every if made.type() == "Split" else [ref, *every]  # its first piece is its output too

    def _layer(
        self, layer: Described, refs: list[Ref], plain: list[object], kwargs: Options, ahead: bool = False
    ) -> Layer:
        shapes = [self.shapes[ref] for ref in refs]
        turned = [ref in self.turned for ref in refs]
        first = self.graph.layout == "channels_first"
        return layer_of(layer, Call(shapes, turned, plain, kwargs, first, ahead), self.unread)

    def unread(self, name: str, kind: str, option: str) -> None:
        """Note an option that is not read, once."""
        text = f"{name}: {option} of {kind} is not read here"
        if all(note.message != text for note in self.notes):
            source = Source(self.source.name, "")
            self.notes.append(Problem("keras-unread", text, source=source, severity="warning"))

    def _each_time(self, layer: Described, inner: Described, refs: list[Ref], name: str, trained: bool) -> list[Ref]:
        """A Sequential at each step: its layers at each step, one after the other."""
        trained = trained and _config(inner).get("trainable", True) is not False
        parts = self.parts.setdefault(id(layer), [])
        if not parts:
            parts.extend(
                {
                    "class_name": "TimeDistributed",
                    "module": "keras.layers",
                    "config": {"name": _name(one), "layer": one},
                }
                for one in _layers(inner)
                if one["class_name"] != "InputLayer"
            )
        start = len(self.graph.nodes)
        found = refs
        for part in parts:
            each = inner_of(part)
            kept = each is None or _config(each).get("trainable", True) is not False
            found = self.call(part, [Given(ref) for ref in found], {}, f"{name}.", trained and kept)
        if name not in self.graph.blocks and len(self.graph.nodes) > start:
            self.graph.blocks[name] = Block(start, len(self.graph.nodes), tuple(refs), found[0])
        return found

    def _cells(self, layer: Described, refs: list[Ref], name: str, trained: bool) -> list[Ref]:
        """RNN over cells: a recurrent layer for each, one above the other."""
        config = _config(layer)
        cell = config.get("cell")
        if is_layer(cell) and cell["class_name"] == "StackedRNNCells":
            cell = _config(cell).get("cells", [])
        cells = cell if isinstance(cell, list) else [cell]
        if len(refs) != 1 or config.get("return_state"):
            raise Fault("keras-layer", f"{name}: RNN over cells with states is not read", option=_name(layer))
        value = refs[0]
        for at, one in enumerate(cells):
            kind = CELLS.get(one["class_name"]) if is_layer(one) else None
            if kind is None:
                raise Fault("keras-layer", f"{name} is an RNN over cells that are not known", option=_name(layer))
            last = at == len(cells) - 1
            inner: Described = {
                "class_name": kind,
                "config": {
                    **_config(one),
                    "return_sequences": config.get("return_sequences", False) if last else True,
                    "go_backwards": config.get("go_backwards", False) if at == 0 else False,
                },
            }
            made = self._layer(inner, [value], [], {})
            row = name if len(cells) == 1 else f"{name}.{_name(one)}"
            number = self._node(row, made, (value,), None, trained)
            value = self._outputs(made, number, (value,))[0]
        return [value]
