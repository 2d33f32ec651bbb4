"""A Keras model as a network: layers in the order of its graph, nested models as blocks, shared layers counted once."""

from __future__ import annotations

import os
import re
from typing import Any

from cnncalc import layers
from cnncalc.core.layer import Layer, Weight
from cnncalc.core.problem import Fault, Problem, Source, Span, SpecError
from cnncalc.network.graph import Block, Graph, Input, Node
from cnncalc.read.keras import file as files
from cnncalc.read.keras.config import MODELS, Ref, _config, _first, _inputs, _layers, _name, _refs, _tensors, is_plain
from cnncalc.read.keras.options import _option, _plain, bound, name_of, with_weights
from cnncalc.read.opaque import opaque

MOST = 100_000  # layers
# What changes no shape, no count and no value of a model that is not trained here.
_SILENT = """
    name trainable dtype seed batch_input_shape batch_shape input_shape sparse ragged optional
    quantization_config build_config registered_name module kernel_initializer bias_initializer
    beta_initializer gamma_initializer moving_mean_initializer moving_variance_initializer
    embeddings_initializer recurrent_initializer depthwise_initializer pointwise_initializer
    alpha_initializer kernel_regularizer bias_regularizer activity_regularizer beta_regularizer
    gamma_regularizer embeddings_regularizer recurrent_regularizer depthwise_regularizer
    pointwise_regularizer alpha_regularizer kernel_constraint bias_constraint beta_constraint
    gamma_constraint embeddings_constraint recurrent_constraint depthwise_constraint pointwise_constraint
    alpha_constraint renorm renorm_clipping renorm_momentum virtual_batch_size fused synchronized lora_rank
    lora_alpha mask_zero input_length invert scale_initializer dtype_policy autocast data_format input_dtype
    supports_masking
"""
SILENT = frozenset(_SILENT.split())
# Layers that only training needs, or that move numbers about in training.
NEUTRAL = re.compile(
    r"Random(?!Crop$)\w+|AutoContrast|CutMix|MixUp|AugMix|RandAugment|Equalization|Solarization|StochasticDepth|"
    r"DropPath|MaxNumBoundingBoxes"
)
CELLS = {"SimpleRNNCell": "SimpleRNN", "LSTMCell": "LSTM", "GRUCell": "GRU"}
MERGES = {
    "Add": "Add", "Subtract": "Subtract", "Multiply": "Multiply", "Average": "Average", "Maximum": "Maximum",
    "Minimum": "Minimum", "Divide": "Divide", "TrueDivide": "Divide",
}  # fmt: skip


class KerasModel:
    """The network of a Keras file."""

    format = "keras"

    def __init__(self, source: Source, data: bytes) -> None:
        self.source = source
        self.notes: list[Problem] = []
        self._data = data
        self._config: Any = None

    def config(self) -> Any:
        """The model's configuration. Raises `SpecError`."""
        if self._config is None:
            try:
                found = files.configuration(self._data, self.source.name)
                if not files.is_keras(found) or found["class_name"] not in MODELS:
                    raise Fault("keras-broken", "this is no Keras model: it has no class_name Sequential or Functional")
            except Fault as fault:
                raise self.fail(fault) from None
            self._config = found
        return self._config

    def fail(self, fault: Fault) -> SpecError:
        """A fault, at the line of the layer's name where it names one."""
        name = fault.option
        span = self._place(name) if name else None
        source = self.source if span is not None else Source(self.source.name, "")
        return SpecError([Problem(fault.code, fault.message, source=source, span=span, help=fault.help)])

    def _place(self, name: str) -> Span | None:
        """The line that names a layer in the text."""
        at = self.source.text.find(f'"name": "{name}"')
        if at < 0:
            return None
        line = self.source.text.count("\n", 0, at) + 1
        start = self.source.text.rfind("\n", 0, at) + 1
        return Span(line, at - start + 1, len(name) + 10)

    @property
    def name(self) -> str:
        """The model's name."""
        inner = self.config()["config"]
        named = inner.get("name") if isinstance(inner, dict) else None
        return named if isinstance(named, str) else os.path.splitext(os.path.basename(self.source.name))[0]

    def symbols(self, texts: list[str]) -> list[str]:
        """The names of sizes that the file leaves open and that were not given."""
        if texts:
            return []
        found: list[str] = []
        for _, shape in _inputs(self.config()):
            if shape is not None:
                found += [f"L{at}" if at > 1 else "L" for at, size in enumerate(shape[1:], 1) if size is None]
        return list(dict.fromkeys(found))

    def graph(self, texts: list[str]) -> tuple[Graph, list[Problem]]:
        """The network for inputs of these shapes, as they are written or as the file has them."""
        self.notes = []
        try:
            return _Builder(self, texts).read(), []
        except Fault as fault:
            raise self.fail(fault) from None
        except RecursionError:
            raise self.fail(Fault("keras-broken", "models are nested too deeply")) from None

    def counts(self) -> Graph:
        """A Keras layer has weights once it knows its input: without one there is nothing to count."""
        return self.graph([])[0]


class _Origin:
    """Where a node stands: at its layer's name in the file."""

    def __init__(self, source: Source, span: Span | None) -> None:
        self.source = source
        self.span = span
        self.shared = None

    def place(self, option: str | None = None) -> Span | None:
        return self.span

    def point(self, fault: Fault) -> Span | None:
        return self.span


class _Builder:
    """Makes the graph; a value is a reference of the graph with its shape."""

    def __init__(self, owner: KerasModel, texts: list[str]) -> None:
        self.owner = owner
        self.texts = texts
        self.graph = Graph(owner.name, [], "channels_last")
        self.graph.source = owner.source
        self.graph.convention = "keras"
        self.graph.format = "keras"
        self.shapes: dict[Any, tuple[Any, ...]] = {}  # with batch
        self.made: dict[int, tuple[Layer, int | None]] = {}  # configuration -> its layer and the node of its first call
        self.calls: dict[str, int] = {}
        self.count = 0

    def read(self) -> Graph:
        model = self.owner.config()
        if _first(model, "channels_first"):
            self.graph.layout = "channels_first"
        refs = [self._input(name, shape) for name, shape in self._given(_inputs(model))]
        outputs = self.model(model, refs, "", True)
        self.graph.outputs = list(outputs)
        self.graph.output = outputs[0]
        return self.graph

    # --- inputs ----------------------------------------------------------------------------------------------------

    def _given(self, inputs: list[tuple[str, list[Any] | None]]) -> list[tuple[str, tuple[Any, ...]]]:
        names = [name for name, _ in inputs]
        given: dict[str, tuple[Any, ...]] = {}
        for text in self.texts:
            name, equals, written = text.partition("=")
            if not equals:
                free = [known for known in names if known not in given]
                if not free:
                    raise Fault("unknown-name", f'there is no input for "{text}"', help=f"it has {', '.join(names)}")
                name, written = free[0], text
            elif name not in names:
                raise Fault("unknown-name", f'there is no input "{name}"', help=f"the inputs are {', '.join(names)}")
            from cnncalc.expression.environment import Environment
            from cnncalc.expression.shape_text import shape_of

            given[name] = shape_of(written, Environment({}))[0]
        result = []
        for name, shape in inputs:
            if name in given:
                known = shape[1:] if shape is not None else None
                wanted = given[name]
                fits = known is None or (
                    len(known) == len(wanted)
                    and all(mine is None or mine == other for mine, other in zip(known, wanted, strict=True))
                )
                if not fits:
                    shown = "x".join("?" if size is None else str(size) for size in known or [])
                    asked = "x".join(map(str, wanted))
                    raise Fault("keras-input", f'the input "{name}" is {shown} in the file, not {asked}')
                result.append((name, tuple(wanted)))
                continue
            if shape is None:
                raise Fault(
                    "keras-input",
                    "the model was never built: nothing in the file says the size of its input",
                    help="give it without the batch axis: -i 28x28x1",
                )
            sizes: list[Any] = []
            for at, size in enumerate(shape[1:], 1):
                if size is None:
                    sizes.append(self._free(f"L{at}" if at > 1 else "L"))
                elif isinstance(size, int) and size >= 0:
                    sizes.append(size)
                else:
                    raise Fault("keras-broken", f'a size of the input "{name}" is {size!r}')
            result.append((name, tuple(sizes)))
        return result

    def _free(self, name: str) -> Any:
        from cnncalc.expression.environment import constants

        return constants({}, {}, [name])[0].values[name]

    def _input(self, name: str, shape: tuple[Any, ...]) -> Any:
        image = self.graph.layout == "channels_first" and len(shape) > 1
        inner = (*shape[1:], shape[0]) if image else shape
        ref = len(self.graph.inputs)
        self.graph.inputs.append(Input(name, tuple(inner), image=image))
        self.shapes[ref] = (1, *inner)
        return ref

    # --- models ----------------------------------------------------------------------------------------------------

    def model(self, model: Any, refs: list[Any], prefix: str, trained: bool) -> list[Any]:
        """The outputs of a model for these inputs."""
        config = _config(model)
        trained = trained and config.get("trainable", True) is not False
        if model["class_name"] == "Sequential":
            value = refs[0]
            for layer in _layers(model):
                if layer["class_name"] != "InputLayer":
                    value = self.call(layer, [value], {}, prefix, trained)[0]
            return [value]
        return self._functional(model, refs, prefix, trained)

    def _functional(self, model: Any, refs: list[Any], prefix: str, trained: bool) -> list[Any]:
        found = _layers(model)
        values: dict[tuple[str, int, int], Any] = {}
        order = [ref[0] for ref in _refs(model["config"].get("input_layers"))]
        for name, value in zip(order, refs, strict=False):
            values[name, 0, 0] = value
        todo: list[tuple[Any, int, Any]] = []
        for layer in found:
            for index, node in enumerate(layer.get("inbound_nodes") or []):
                todo.append((layer, index, node))
        while todo:
            left = []
            for layer, index, node in todo:
                taken = _refs(node)
                if any(tuple(ref) not in values for ref in taken):
                    left.append((layer, index, node))
                    continue
                outputs = self.call(layer, *self._arguments(layer, node, values), prefix, trained)
                for at, value in enumerate(outputs):
                    values[_name(layer), index, at] = value
            if len(left) == len(todo):
                layer, _, node = left[0]
                names = {_name(one) for one in found}
                lacking = next(ref for ref in _refs(node) if tuple(ref) not in values)
                why = "the layers go in a circle" if lacking[0] in names else "which is none of the layers"
                raise Fault("keras-broken", f'{_name(layer)} takes "{lacking[0]}": {why}', option=_name(layer))
            todo = left
        result = []
        for ref in _refs(model["config"].get("output_layers")):
            value = values.get(tuple(ref))
            if value is None:
                raise Fault("keras-broken", f'the model gives "{ref[0]}", which is none of its layers')
            result.append(value)
        if not result:
            raise Fault("keras-broken", "the model has no outputs")
        return result

    def _arguments(self, layer: Any, node: Any, values: Any) -> tuple[list[Any], dict[str, Any]]:
        """The values that a call takes, by position and by name; plain arguments as they are."""

        def plain(value: Any) -> Any:
            if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
                return Ref(values[tuple(value["config"]["keras_history"][:3])])
            if isinstance(value, list):
                return [plain(part) for part in value]
            return value

        if isinstance(node, dict):
            args = [plain(value) for value in node.get("args", [])]
            kwargs = {name: plain(value) for name, value in (node.get("kwargs") or {}).items()}
        else:  # Keras 2: [[name, call, output, {...}], ...]
            refs = _refs(node)
            args = [Ref(values[tuple(ref)]) for ref in refs]
            kwargs = {}
        flat: list[Any] = []
        for value in args:
            flat.extend(value if isinstance(value, list) else [value])
        return flat, kwargs

    # --- layers ----------------------------------------------------------------------------------------------------

    def call(self, layer: Any, args: list[Any], kwargs: dict[str, Any], prefix: str, trained: bool) -> list[Any]:
        """The outputs of a layer, or of a model inside."""
        self.count += 1
        if self.count > MOST:
            raise Fault("keras-broken", f"the model has more than {MOST:,} layers")
        kind = layer["class_name"]
        config = _config(layer)
        name = f"{prefix}{_name(layer)}"
        refs = [value.ref if isinstance(value, Ref) else value for value in args]
        if kind in MODELS:
            start = len(self.graph.nodes)
            outputs = self.model(layer, refs, f"{name}.", trained)
            if name not in self.graph.blocks and len(self.graph.nodes) > start:
                self.graph.blocks[name] = Block(start, len(self.graph.nodes), tuple(refs), outputs[0])
            return outputs
        if kind == "InputLayer":
            return refs
        trained = trained and config.get("trainable", True) is not False
        if kind == "RNN":
            return self._cells(layer, refs, name, trained)
        extra = [value.ref for value in _tensors(kwargs)]
        known = self.made.get(id(layer))
        if known is None:
            made = self.layer(layer, refs, [value for value in args if not isinstance(value, Ref)], kwargs)
            first = None
        else:
            made, first = known
        refs = [value for value in refs if not is_plain(value)]
        number = self._node(name, made, (*refs, *extra), first, trained)
        if known is None:
            self.made[id(layer)] = (made, number)
        return self._outputs(made, number, (*refs, *extra))

    def _node(self, name: str, made: Layer, refs: tuple[Any, ...], first: int | None, trained: bool) -> int:
        self.calls[name] = self.calls.get(name, 0) + 1
        shown = name if self.calls[name] == 1 else f"{name} ({self.calls[name]})"
        short = name.rpartition(".")[2]
        origin = _Origin(self.owner.source, self.owner._place(short))
        shares = first if first is not None and made.has_weights() else None
        self.graph.nodes.append(Node(shown, made, refs, origin, shares, not trained))
        return len(self.graph.nodes) - 1

    def _outputs(self, made: Layer, number: int, refs: tuple[Any, ...]) -> list[Any]:
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
        return [ref, *((ref, port) for port in ports)]

    def layer(self, layer: Any, refs: list[Any], plain: list[Any], kwargs: dict[str, Any]) -> Layer:
        """The layer of the spec language for a layer of the file."""
        kind, config = layer["class_name"], _config(layer)
        name = _name(layer)
        module = str(layer.get("module") or "")
        if kind in ("Lambda", "TFOpLambda", "SlicingOpLambda"):
            raise Fault("keras-layer", f"{name} is a {kind}: its code is not read and not run", option=name)
        if ".ops." in module or module.startswith("keras.ops"):
            return self._operation(layer, refs, plain, kwargs)
        if NEUTRAL.fullmatch(kind):
            return bound("Identity", {}, name)
        if kind == "LayerScale":
            made = opaque("LayerScale", tuple(self.shapes[refs[0]][1:]))
            size = int(config.get("projection_dim", 0))
            made.__dict__["arrays"] = (Weight("gamma", (size,)),)
            return with_weights(made)
        if kind in MERGES:
            return bound(MERGES[kind], {}, name)
        found = layers.find(kind, "keras")
        registered = layer.get("registered_name")
        custom = bool(registered) and not module.startswith("keras")
        if found is None or custom or (module and not module.startswith(("keras", "tensorflow.keras", "tf_keras"))):
            raise Fault("keras-layer", f"{name} is a {registered or kind}, a layer that is not known", option=name)
        if name_of(found) != kind and layers.keras_name(kind) is None:
            raise Fault("keras-layer", f"{name} is a {kind}, a layer that is not known", option=name)
        options: dict[str, Any] = {}
        for option, value in config.items():
            if option in SILENT or option.endswith(("_initializer", "_regularizer", "_constraint")):
                continue
            known = _option(found, option)
            if known is None:
                if value not in (None, False, "none", [], {}) and option not in ("units_per", "stateful"):
                    self._unheard(name, kind, option)
                continue
            if known in ("layer", "backward_layer") and isinstance(value, dict):
                value = self.layer(value, refs, [], {})
            elif option == "axis" and kind == "BatchNormalization" and self.graph.layout == "channels_first":
                value = -1
            elif isinstance(value, dict):
                value = _plain(value)
            options[known] = value
        return bound(kind, options, name)

    def _unheard(self, name: str, kind: str, option: str) -> None:
        text = f"{name}: {option} of {kind} is not read here"
        if all(note.message != text for note in self.owner.notes):
            source = Source(self.owner.source.name, "")
            self.owner.notes.append(Problem("keras-unread", text, source=source, severity="warning"))

    def _operation(self, layer: Any, refs: list[Any], plain: list[Any], kwargs: dict[str, Any]) -> Layer:
        """An operator or function of keras.ops between layers."""
        kind, name = layer["class_name"], _name(layer)
        tensors = [ref for ref in refs if not is_plain(ref)]
        number = next((value for value in [*plain, *kwargs.values()] if isinstance(value, (int, float))), None)
        if kind in MERGES:
            if len(tensors) == 2:
                return bound(MERGES[kind], {}, name)
            if number is not None:
                return bound(MERGES[kind], {"value": number}, name)
        simple = {
            "Relu": "ReLU", "Sigmoid": "Sigmoid", "Tanh": "Tanh", "Silu": "SiLU", "Gelu": "GELU", "Exp": "Exp",
            "Log": "Log", "Sqrt": "Sqrt", "Negative": "Neg", "Absolute": "Abs", "Square": "Square", "Matmul": "MatMul",
            "HardSwish": "Hardswish", "HardSigmoid": "Hardsigmoid", "Softmax": "Softmax", "Sin": "Sin", "Cos": "Cos",
        }  # fmt: skip
        if kind in simple and (kind == "Matmul") == (len(tensors) == 2):
            return bound(simple[kind], {}, name, "pytorch")
        raise Fault("keras-layer", f"{name} is the operation {kind}, which is not known", option=name)

    def _cells(self, layer: Any, refs: list[Any], name: str, trained: bool) -> list[Any]:
        """RNN over cells: a recurrent layer for each, one above the other."""
        config = _config(layer)
        cell = config.get("cell")
        cells = cell if isinstance(cell, list) else [cell]
        if isinstance(cell, dict) and cell.get("class_name") == "StackedRNNCells":
            cells = _config(cell).get("cells", [])
        if len(refs) != 1 or config.get("return_state"):
            raise Fault("keras-layer", f"{name}: RNN over cells with states is not read", option=_name(layer))
        value = refs[0]
        for at, one in enumerate(cells):
            kind = CELLS.get(one.get("class_name", "")) if isinstance(one, dict) else None
            if kind is None:
                raise Fault("keras-layer", f"{name} is an RNN over cells that are not known", option=_name(layer))
            last = at == len(cells) - 1
            inner = {
                "class_name": kind,
                "config": {
                    **_config(one),
                    "return_sequences": config.get("return_sequences", False) if last else True,
                    "go_backwards": config.get("go_backwards", False) if at == 0 else False,
                },
            }
            made = self.layer(inner, [value], [], {})
            row = name if len(cells) == 1 else f"{name}.{_name(one)}"
            number = self._node(row, made, (value,), None, trained)
            value = self._outputs(made, number, (value,))[0]
        return [value]


__all__ = ["KerasModel"]
