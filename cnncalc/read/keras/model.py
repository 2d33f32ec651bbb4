"""A Keras model as a network: layers in the order of its graph, nested models as blocks, shared layers counted once."""

from __future__ import annotations

import os
import re
from typing import Any

from cnncalc import layers
from cnncalc.core.layer import Layer, Weight
from cnncalc.core.problem import Fault, Problem, Source, Span, SpecError, did_you_mean
from cnncalc.network.graph import Block, Graph, Input, Node
from cnncalc.read.keras import file as files
from cnncalc.read.opaque import opaque

MODELS = ("Sequential", "Functional", "Model")
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


# Layers and operations to which it is all the same which axis has the channels, or that are told.
EITHER = {
    *MERGES, "Concatenate", "Activation", "ReLU", "LeakyReLU", "ELU", "Dropout", "GaussianNoise", "GaussianDropout",
    "AlphaDropout", "Identity", "Rescaling", "BatchNormalization", "ActivityRegularization", "Masking", "Relu",
    "Sigmoid", "Tanh", "Silu", "Gelu", "Exp", "Log", "Sqrt", "Negative", "Absolute", "Square", "HardSwish",
    "HardSigmoid", "Sin", "Cos", "Pad", "RandomFlip", "RandomRotation", "RandomBrightness", "RandomContrast",
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


def _layers(model: Any) -> list[Any]:
    inner = model["config"]
    found = inner if isinstance(inner, list) else inner.get("layers", [])
    if not isinstance(found, list) or not all(isinstance(one, dict) and "class_name" in one for one in found):
        raise Fault("keras-broken", "the layers of a model must be a list of class_name and config")
    return found


def _config(layer: Any) -> dict[str, Any]:
    found = layer.get("config")
    return found if isinstance(found, dict) else {}


def _name(layer: Any) -> str:
    return str(_config(layer).get("name") or layer.get("name") or layer["class_name"].lower())


def _shape_of(layer: Any) -> list[Any] | None:
    config = _config(layer)
    found = config.get("batch_shape") or config.get("batch_input_shape")
    return found if isinstance(found, list) else None


def _inputs(model: Any) -> list[tuple[str, list[Any] | None]]:
    """The names and shapes (with batch) of a model's inputs; the shape is None where the file does not say it."""
    found = _layers(model)
    if model["class_name"] == "Sequential":
        inner = model["config"] if isinstance(model["config"], dict) else {}
        first = found[0] if found else None
        shape = _shape_of(first) if first is not None else None
        if shape is None and first is not None and first["class_name"] in MODELS:
            shape = _inputs(first)[0][1]
        built = inner.get("build_input_shape")
        name = _name(first) if first is not None and first["class_name"] == "InputLayer" else "input"
        return [(name, shape or (built if isinstance(built, list) else None))]
    order = [ref[0] for ref in _refs(model["config"].get("input_layers"))]
    by_name = {_name(layer): layer for layer in found}
    result = []
    for name in order:
        if name not in by_name:
            raise Fault("keras-broken", f'the model takes "{name}", which is none of its layers')
        result.append((name, _shape_of(by_name[name])))
    return result


def _refs(value: Any) -> list[list[Any]]:
    """References to tensors, [layer, call, output] each, however deep they stand."""
    if isinstance(value, list):
        if len(value) >= 3 and isinstance(value[0], str) and all(isinstance(part, int) for part in value[1:3]):
            return [value[:3]]
        return [ref for part in value for ref in _refs(part)]
    if isinstance(value, dict):
        if value.get("class_name") == "__keras_tensor__":
            return [value["config"]["keras_history"][:3]]
        return [ref for part in value.values() for ref in _refs(part)]
    return []


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
        self.turned: set[Any] = set()  # values whose channels are last here and first in the file

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
        if image:
            self.turned.add(ref)
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
                return _Ref(values[tuple(value["config"]["keras_history"][:3])])
            if isinstance(value, list):
                return [plain(part) for part in value]
            return value

        if isinstance(node, dict):
            args = [plain(value) for value in node.get("args", [])]
            kwargs = {name: plain(value) for name, value in (node.get("kwargs") or {}).items()}
        else:  # Keras 2: [[name, call, output, {...}], ...]
            refs = _refs(node)
            args = [_Ref(values[tuple(ref)]) for ref in refs]
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
        refs = [value.ref if isinstance(value, _Ref) else value for value in args]
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
        turned = self._order(kind, name, config, [*(ref for ref in refs if not _is_plain(ref)), *extra])
        known = self.made.get(id(layer))
        if known is None:
            made = self.layer(layer, refs, [value for value in args if not isinstance(value, _Ref)], kwargs)
            first = None
        else:
            made, first = known
        refs = [value for value in refs if not _is_plain(value)]
        number = self._node(name, made, (*refs, *extra), first, trained)
        if known is None:
            self.made[id(layer)] = (made, number)
        found = self._outputs(made, number, (*refs, *extra))
        if turned:
            self.turned.update(ref for ref in found if len(self.shapes[ref]) > 2)
        return found

    def _order(self, kind: str, name: str, config: dict[str, Any], refs: list[Any]) -> bool:
        """Whether what a layer gives has its channels last here and first in the file; axes are meant so.

        Raises `Fault` for a layer that would take an axis for another one.
        """
        if self.graph.layout != "channels_first" or kind == "Flatten":
            return False
        known = [ref in self.turned for ref in refs if len(self.shapes[ref]) > 2]
        if "data_format" in config:
            if all(known):
                return True
        elif not any(known) or (all(known) and kind in EITHER):
            return bool(known) and all(known)
        raise Fault(
            "keras-layer",
            f"{name} is a {kind} of values some of which have their channels first, which is not read",
            option=name.rpartition(".")[2],
        )

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
            return _bound("Identity", {}, name)
        if kind == "LayerScale":
            made = opaque("LayerScale", tuple(self.shapes[refs[0]][1:]))
            size = int(config.get("projection_dim", 0))
            made.__dict__["arrays"] = (Weight("gamma", (size,)),)
            return _with_weights(made)
        if kind in MERGES:
            return _bound(MERGES[kind], {}, name)
        found = layers.find(kind, "keras")
        registered = layer.get("registered_name")
        custom = bool(registered) and not module.startswith("keras")
        if found is None or custom or (module and not module.startswith(("keras", "tensorflow.keras", "tf_keras"))):
            raise Fault("keras-layer", f"{name} is a {registered or kind}, a layer that is not known", option=name)
        if _name_of(found) != kind and layers.keras_name(kind) is None:
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
            elif option == "axis" and kind == "Concatenate" and refs and refs[0] in self.turned:
                rank = len(self.shapes[refs[0]])
                value = {0: 0, 1: rank - 1}.get(value % rank, value % rank - 1)
            elif isinstance(value, dict):
                value = _plain(value)
            options[known] = value
        return _bound(kind, options, name)

    def _unheard(self, name: str, kind: str, option: str) -> None:
        text = f"{name}: {option} of {kind} is not read here"
        if all(note.message != text for note in self.owner.notes):
            source = Source(self.owner.source.name, "")
            self.owner.notes.append(Problem("keras-unread", text, source=source, severity="warning"))

    def _operation(self, layer: Any, refs: list[Any], plain: list[Any], kwargs: dict[str, Any]) -> Layer:
        """An operator or function of keras.ops between layers."""
        kind, name = layer["class_name"], _name(layer)
        tensors = [ref for ref in refs if not _is_plain(ref)]
        number = next((value for value in [*plain, *kwargs.values()] if isinstance(value, (int, float))), None)
        if kind in MERGES:
            if len(tensors) == 2:
                return _bound(MERGES[kind], {}, name)
            if number is not None:
                return _bound(MERGES[kind], {"value": number}, name)
        simple = {
            "Relu": "ReLU", "Sigmoid": "Sigmoid", "Tanh": "Tanh", "Silu": "SiLU", "Gelu": "GELU", "Exp": "Exp",
            "Log": "Log", "Sqrt": "Sqrt", "Negative": "Neg", "Absolute": "Abs", "Square": "Square", "Matmul": "MatMul",
            "HardSwish": "Hardswish", "HardSigmoid": "Hardsigmoid", "Softmax": "Softmax", "Sin": "Sin", "Cos": "Cos",
        }  # fmt: skip
        if kind in simple and (kind == "Matmul") == (len(tensors) == 2):
            return _bound(simple[kind], {}, name, "pytorch")
        config = _config(layer)
        if kind == "Pad" and len(tensors) == 1:
            pairs = config.get("pad_width") or kwargs.get("pad_width")
            shape = self.shapes[tensors[0]]
            if isinstance(pairs, list) and len(pairs) == len(shape) and all(len(pair) == 2 for pair in pairs):
                if self.graph.layout == "channels_first" and len(pairs) > 2:
                    pairs = [pairs[0], *pairs[2:], pairs[1]]  # inside, channels are last
                return opaque("Pad", tuple(size + sum(pair) for size, pair in zip(shape, pairs, strict=True))[1:])
        if kind in ("Mean", "Sum", "Max", "Min") and len(tensors) == 1 and self.graph.layout != "channels_first":
            axis = config.get("axis", kwargs.get("axis"))
            axes = [axis] if isinstance(axis, int) else axis
            options = {"dim": axes, "keepdim": bool(config.get("keepdims", kwargs.get("keepdims", False)))}
            return _bound(kind, options, name, "pytorch")
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


class _Ref:
    """A value among the arguments of a call."""

    __slots__ = ("ref",)

    def __init__(self, ref: Any) -> None:
        self.ref = ref


def _tensors(value: Any) -> list[_Ref]:
    if isinstance(value, _Ref):
        return [value]
    if isinstance(value, (list, tuple)):
        return [ref for part in value for ref in _tensors(part)]
    if isinstance(value, dict):
        return [ref for part in value.values() for ref in _tensors(part)]
    return []


def _is_plain(value: Any) -> bool:
    return not isinstance(value, (int, tuple)) or isinstance(value, bool)


def _first(model: Any, word: str, depth: int = 0) -> bool:
    """Whether a layer of the model says this data_format."""
    if depth > 50:
        return False
    for layer in _layers(model):
        if _config(layer).get("data_format") == word:
            return True
        if layer["class_name"] in MODELS and _first(layer, word, depth + 1):
            return True
    return False


def _name_of(found: type[Layer]) -> str:
    return found.type()


def _option(found: type[Layer], name: str) -> str | None:
    """The option of a layer that a key of its configuration is."""
    if name in found.options:
        return name
    return next((key for key, option in found.options.items() if option.name == name), None)


def _plain(value: dict[str, Any]) -> Any:
    """A serialized activation or function: its name."""
    inner = value.get("config")
    if isinstance(inner, str):
        return inner
    named = value.get("class_name")
    if isinstance(inner, dict) and isinstance(inner.get("name"), str) and named == "function":
        return inner["name"]
    return named if isinstance(named, str) else None


def _bound(kind: str, options: dict[str, Any], name: str, convention: str = "keras") -> Layer:
    found = layers.find(kind, convention)
    if found is None:
        near = did_you_mean(kind, layers.names())
        raise Fault("keras-layer", f"{name} is a {kind}, a layer that is not known", option=name, help=near or ())
    try:
        return found.bind([], options)
    except Fault as fault:
        raise Fault(fault.code, f"{name}: {fault.message}", option=name, help=fault.help) from None


def _with_weights(made: Layer) -> Layer:
    """An opaque layer with arrays of its own."""
    kind = type(made)
    if not hasattr(kind, "arrays"):
        kind.arrays = ()  # type: ignore[attr-defined]
        kind.weights = lambda self, *xs: iter(self.arrays)  # type: ignore[method-assign]
    return made


__all__ = ["KerasModel"]
