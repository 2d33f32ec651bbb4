"""The nodes of an ONNX file, in order, as the rows of a network."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from cnncalc.core.problem import Fault, Source
from cnncalc.network.graph import Graph, Input, Node
from cnncalc.read.given_inputs import given_inputs
from cnncalc.read.onnx import file as files
from cnncalc.read.onnx.arrays import flattened
from cnncalc.read.onnx.attributes import attributes_of
from cnncalc.read.onnx.batch import batch_after
from cnncalc.read.onnx.fold import fold
from cnncalc.read.onnx.infer import infer
from cnncalc.read.onnx.inputs import declared_input, missing_size, with_sizes
from cnncalc.read.onnx.layers import layer_for, make
from cnncalc.read.onnx.macs import macs
from cnncalc.read.onnx.operation import Operation, Origin, Step, operation
from cnncalc.read.onnx.remarks import Remarks, Use
from cnncalc.read.onnx.sequences import OPERATORS, Sequences
from cnncalc.read.onnx.values import FLOATS, Value, initializer
from cnncalc.read.onnx.weights import statistics, weights_of

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

    from cnncalc.core.layer import Layer
    from cnncalc.core.number import Shape
    from cnncalc.network.graph import Ref
    from cnncalc.read.onnx.attributes import Attributes
    from cnncalc.read.onnx.weights import Named
    from cnncalc.spec.array_files import Array

# Operators that only hand their first input on, where that is an initializer.
PASSES = ("Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "DequantizeLinear", "Flatten")


class Reader:
    """Goes through the nodes once."""

    def __init__(
        self, source: Source, stored: Callable[[str], Array | None], model: ModelProto, texts: list[str],
        guess: bool = False, one_is_batch: bool = True, sizes: dict[str, int] | None = None,
    ) -> None:  # fmt: skip
        self.sizes = sizes or {}  # of axes that the file leaves open
        self.stored = stored
        self.model = model
        self.onnx = files.library()
        self.values: dict[str, Value] = {}
        self.guess = guess
        self.graph = Graph(os.path.splitext(os.path.basename(source.name))[0], [])
        self.graph.source = Source(source.name, "")
        self.graph.format = "onnx"
        self.homes: dict[str, int] = {}  # initializer -> the node that counts it
        self.dims: dict[str, tuple[int, ...]] = {}
        self.statistics: set[str] = set()  # initializers that are a batch norm's mean or variance
        self.dequantised: set[str] = set()  # values whose whole numbers stand for others
        self.names: set[str] = set()
        self.texts = texts
        self.batches = False  # whether an input has a batch axis
        self.one_is_batch = one_is_batch  # whether a first axis of 1 in the file is the batch
        self.named_batch = False  # whether a batch axis has a name instead of a size
        self.versions = {"": self.onnx.defs.onnx_opset_version()}
        self.versions |= {entry.domain: entry.version for entry in model.opset_import}
        self.uses: list[Use] = []
        self.own = model.producer_name == "cnncalc"  # our own files hold weights alone
        self.given: dict[str, tuple[Value, bool]] = {}  # by "layer.weight"; whether it is transposed there
        self.declared = _declared(model)
        self.sequences = Sequences(self.values, self.versions[""])

    def read(self) -> Graph:
        model = self.model
        for tensor in model.graph.initializer:
            self.values[tensor.name] = initializer(tensor)
            self.dims[tensor.name] = self.values[tensor.name].dims
        self.statistics = statistics(model.graph.node) & self.values.keys()
        self.dequantised = {node.input[0] for node in model.graph.node if node.op_type == "DequantizeLinear"}
        self._inputs()
        for node in model.graph.node:
            self.node(node)
        refs = []
        for output in model.graph.output:
            value = self.values.get(output.name)
            if value is None:
                raise Fault("onnx-broken", f'the output "{output.name}" is made by no node')
            refs.append(self.ref(value, output.name))
        if not self.own:
            norms = any(node.op_type == "BatchNormalization" for node in model.graph.node)
            self.graph.remarks = list(Remarks(self.uses, self.values, norms).all())
        self.graph.outputs = refs
        if refs:
            self.graph.output = refs[0]
        return self.graph

    def misplaced(self) -> bool:
        """Whether an axis of 1 that was taken for the batch comes out elsewhere than in front: it is none then."""
        if self.named_batch or not self.batches:
            return False
        values = (self.values[output.name] for output in self.model.graph.output)
        return any(value.batch not in (0, None) and value.dims[0] != 1 for value in values)

    def _inputs(self) -> None:
        inputs = [value for value in self.model.graph.input if value.name not in self.values]
        given = given_inputs(self.texts, [value.name for value in inputs])
        lacking: list[Fault] = []
        for index, value in enumerate(inputs):
            found = declared_input(value, self.one_is_batch)
            self.named_batch = self.named_batch or found.named
            dims = with_sizes(value.name, found, given[value.name]) if value.name in given else found.dims
            dims = [self.sizes.get(size, size) if isinstance(size, str) else size for size in dims]
            if self.guess:
                dims = [size if isinstance(size, int) else 8 for size in dims]
            sizes = tuple(size for size in dims if isinstance(size, int))
            if len(sizes) < len(dims):
                lacking.append(missing_size(value.name, found._replace(dims=dims)))
                continue
            dtype = value.type.tensor_type.elem_type
            self.batches = self.batches or found.batch
            inner = sizes[1:] if found.batch else sizes
            self.graph.inputs.append(Input(value.name, inner, "float" if dtype in FLOATS else "int"))
            self.values[value.name] = Value(sizes, ref=index, dtype=dtype, batch=0 if found.batch else None)
        if lacking:
            raise lacking[0]

    def node(self, node: NodeProto) -> None:
        attrs = attributes_of(node)
        if node.op_type in OPERATORS:
            for one in self.sequences.nodes(node, attrs):
                self.node(one)
            return
        ins = [self.values[name] if name else None for name in node.input]
        op = node.op_type
        if op in ("Shape", "Size") and ins and ins[0] is not None:
            self._shape(node, op, attrs, ins[0])
            return
        if op == "If" and ins[0] is not None and ins[0].data is not None:
            self._branch(node, attrs, bool(ins[0].data.ravel()[0]))
            return
        known = [None if value is None else value.data for value in ins]
        if (all(value is None or value.data is not None for value in ins) and node.input) or op == "Constant":
            made = fold(op, attrs, known)
            if made is not None:
                inits = tuple(dict.fromkeys(name for value in ins if value is not None for name in value.inits))
                for name, array in zip(node.output, made, strict=False):
                    dtype = self.onnx.helper.np_dtype_to_tensor_dtype(array.dtype)
                    self.values[name] = Value(tuple(array.shape), array, inits=inits, dtype=dtype)
                return
        self._flows(node, op, attrs, ins)

    def _shape(self, node: NodeProto, op: str, attrs: Attributes, value: Value) -> None:
        dims = value.dims[attrs.whole("start", 0) : attrs.whole("end", len(value.dims))]
        data = np.asarray(dims if op == "Shape" else prod(value.dims), dtype=np.int64)
        self.values[node.output[0]] = Value(tuple(data.shape), data, dtype=7)

    def _branch(self, node: NodeProto, attrs: Attributes, taken: bool) -> None:
        graph = attrs.graph("then_branch" if taken else "else_branch")
        for tensor in graph.initializer:
            self.values[tensor.name] = initializer(tensor)
            self.dims[tensor.name] = self.values[tensor.name].dims
        for inner in graph.node:
            self.node(inner)
        for mine, theirs in zip(node.output, graph.output, strict=True):
            self.values[mine] = self.values[theirs.name]

    def _flows(self, node: NodeProto, op: str, attrs: Attributes, ins: list[Value | None]) -> None:
        """A node whose output is not known before it runs."""
        if op == "If":
            raise Fault("onnx-operator", f"{node.name or op}: {op} depends on numbers that are not in the file")
        versions = self.model.opset_import
        found = infer(node, ins, versions, self.model.ir_version)
        found = [
            self.declared.get(name) if shape is None else shape for name, shape in zip(node.output, found, strict=True)
        ]
        _same_count(node, ins, found)
        main = [value for value in ins if value is not None and not value.inits and value.data is None]
        if not main and op in PASSES and ins and ins[0] is not None and found[0] is not None:
            dims, dtype = found[0]
            inits = ins[0].inits
            self.values[node.output[0]] = Value(dims, inits=inits, dtype=dtype, made=(node, ins, self.versions))
            return
        outputs = [(name, shape) for name, shape in zip(node.output, found, strict=True) if name and shape is not None]
        missing = [name for name, shape in zip(node.output, found, strict=True) if name and shape is None]
        if missing and (not outputs or any(self._read(name) for name in missing)):
            message = f"the shape of {missing[0]}, which {node.name or op} gives, depends on numbers that are not there"
            raise Fault("onnx-shapes", message)
        places = [self._place(op, attrs, ins, at, dims, name) for at, (name, (dims, _)) in enumerate(outputs)]
        made_values = [
            Value(dims, dtype=dtype, batch=place) for (_, (dims, dtype)), place in zip(outputs, places, strict=True)
        ]
        first = made_values[0]
        cost = macs(op, attrs, ins, first.dims)
        refs = [
            self.ref(value, name)
            for name, value in zip(node.input, ins, strict=True)
            if value is not None and not value.inits and value.data is None
        ]
        weights, buffers = weights_of(op, ins, self.values, self.dims, self.own, node.output[0] in self.dequantised)
        number = len(self.graph.nodes)
        fresh = [name for name, _ in weights if name not in self.homes and name not in self.statistics]
        home = next((self.homes[name] for name, _ in weights if name in self.homes), None)
        if home is None and len(fresh) < len(weights):
            home = number  # what is also a running statistic counts nowhere
        layer: Layer | None = None
        if first.flows and all(value.flows for value in main):
            old = flattened(op, self.versions, attrs, len(first.dims))
            made = None if old else layer_for(op, attrs, ins, True)
            if made is not None and made[1] in (1, -1, len(main)):
                layer = self._agrees(made[0], main, first.sample, weights)
            elif op == "Reshape" and not weights and first.sample:
                layer = self._agrees(make("Reshape", shape=list(first.sample)), main[:1], first.sample, [])
        if layer is None or len(outputs) > 1:
            layer = operation(op, first.sample, cost, weights, buffers)
            layer.__dict__["more"] = {
                name: value.sample for (name, _), value in zip(outputs[1:], made_values[1:], strict=True)
            }
        if isinstance(layer, Operation):
            places_of = {name: place for (name, _), place in zip(outputs, places, strict=True)}
            outs = [(name, places_of.get(name)) for name in node.output]
            layer.__dict__["step"] = Step(node, ins, outs, self.versions, self.stored)
        known = {name for name, _ in weights if name not in self.statistics}
        for at, value in enumerate(ins):
            self.uses += [Use(name, node.name, op, at, name in known) for name in (value.inits if value else ())]
        shared = frozenset(
            weight.name
            for weight, (name, _) in zip(layer.weights(*((1, *v.sample) for v in main)), weights, strict=False)
            if name not in fresh
        )
        self.graph.nodes.append(Node(self._name(node), layer, tuple(refs), Origin(home, shared), home))
        self._give(op, attrs, ins, layer, [(1, *value.sample) for value in main])
        for one in fresh:
            self.homes[one] = number
        ref = len(self.graph.inputs) + number
        for at, ((output, _), value) in enumerate(zip(outputs, made_values, strict=True)):
            value.ref = ref if at == 0 else (ref, output)
            self.values[output] = value

    def _give(self, op: str, attrs: Attributes, ins: list[Value | None], layer: Layer, xs: list[Shape]) -> None:
        """Note which value of the file each weight and buffer of the last node is."""
        node = self.graph.nodes[-1].name
        if isinstance(layer, Operation):
            for weight in (*layer.arrays, *layer.states):
                self.given[f"{node}.{weight.name}"] = (self.values[weight.name], False)
            return
        held = [value for value in ins if value is not None and value.inits]
        turned = op == "MatMul" or (op == "Gemm" and not attrs.get("transB"))
        for weight, value in zip((*layer.weights(*xs), *layer.buffers(*xs)), held, strict=False):
            self.given[f"{node}.{weight.name}"] = (value, turned and weight.name == "weight")

    def _read(self, name: str) -> bool:
        return any(name in node.input for node in self.model.graph.node) or any(
            name == output.name for output in self.model.graph.output
        )

    def _place(
        self, op: str, attrs: Attributes, ins: list[Value | None], at: int, dims: tuple[int, ...], name: str
    ) -> int | None:
        """The axis of an output that is the batch."""
        x = next((value for value in ins if value is not None and value.batch is not None), None)
        found = None if x is None else batch_after(op, attrs, ins, x, at, dims)
        if found is not None and not (0 <= found < len(dims) and dims[found] == 1):
            found = None
        last = any(name == output.name for output in self.model.graph.output)
        if found is None and last and dims and dims[0] == 1:
            return 0 if self.batches else None
        return found

    def _agrees(
        self, layer: Layer | None, main: list[Value], sample: tuple[int, ...], weights: list[Named]
    ) -> Layer | None:
        """The layer, if its shape and the sizes of its weights are those of the node."""
        if layer is None:
            return None
        xs = tuple((1, *value.sample) for value in main)
        try:
            layer.accept(xs)
            shape = tuple(layer.shape(*xs)[1:])
            mine = [prod(weight.shape) for weight in layer.weights(*xs)]
        except Fault:
            return None
        return layer if shape == tuple(sample) and mine == [prod(dims) for _, dims in weights] else None

    def _name(self, node: NodeProto) -> str:
        return self._unique(str(node.name or next((output for output in node.output if output), node.op_type.lower())))

    def ref(self, value: Value, name: str) -> Ref:
        """The graph's value; a constant that flows on becomes a row."""
        if value.ref is None:
            layer = operation("Constant", value.dims, 0, [], [])
            layer.__dict__["step"] = Step(None, [value], [(name, None)], self.versions, self.stored)
            self.graph.nodes.append(Node(self._unique(name), layer, (), Origin(None, frozenset())))
            value.ref = len(self.graph.inputs) + len(self.graph.nodes) - 1
        return value.ref

    def _unique(self, name: str) -> str:
        base, number = name, 2
        while name in self.names:
            name, number = f"{base}_{number}", number + 1
        self.names.add(name)
        return name


def _same_count(node: NodeProto, ins: list[Value | None], found: Sequence[tuple[tuple[int, ...], int] | None]) -> None:
    """Refuse a reshape to another count: a file that was exported for one length has its sizes written in."""
    if node.op_type != "Reshape" or ins[0] is None or found[0] is None:
        return
    before, after = ins[0].dims, found[0][0]
    if prod(before) != prod(after):
        shown = ["x".join(map(str, sizes)) for sizes in (before, after)]
        message = f"{node.name or node.op_type} makes {shown[1]} of {shown[0]}, which is another count"
        raise Fault("onnx-shapes", message, help="the file was exported for inputs of another size, which stands in it")


def _declared(model: ModelProto) -> dict[str, tuple[tuple[int, ...], int]]:
    """The sizes that the file itself says of values, where it says all of them."""
    found: dict[str, tuple[tuple[int, ...], int]] = {}
    for value in (*model.graph.value_info, *model.graph.output):
        tensor = value.type.tensor_type
        if tensor.HasField("shape") and all(size.HasField("dim_value") for size in tensor.shape.dim):
            dims = tuple(int(size.dim_value) for size in tensor.shape.dim)
            if all(size >= 0 for size in dims):
                found[value.name] = (dims, tensor.elem_type)
    return found
