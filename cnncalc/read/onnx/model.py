"""An ONNX file as a network: every node in order, its sizes, its weights and its multiply-accumulates."""

from __future__ import annotations

import os
from math import prod
from typing import Any

from cnncalc.core.layer import Weight
from cnncalc.core.problem import Fault, Problem, Source, SpecError, did_you_mean
from cnncalc.network.graph import Graph, Input, Node
from cnncalc.read.onnx import file as files
from cnncalc.read.onnx.arrays import array_of, stored
from cnncalc.read.onnx.fold import fold
from cnncalc.read.onnx.infer import infer
from cnncalc.read.onnx.layers import layer_for, make
from cnncalc.read.onnx.values import FLOATS, Value, initializer
from cnncalc.read.opaque import Opaque

# Inputs of an operator that hold scales, zero points, statistics or sizes: they are no parameters.
NO_WEIGHTS = {
    "DequantizeLinear": (1, 2), "QuantizeLinear": (1, 2), "QLinearConv": (1, 2, 4, 5, 6, 7),
    "QLinearMatMul": (1, 2, 4, 5, 6, 7), "MatMulInteger": (2, 3), "ConvInteger": (2, 3),
    "BatchNormalization": (3, 4), "Clip": (1, 2), "Pad": (1, 2, 3), "OneHot": (1, 2),
}  # fmt: skip
# Inputs that are weights although they are whole numbers: quantised ones.
QUANTISED = {
    "DequantizeLinear": (0,), "QLinearConv": (3, 8), "QLinearMatMul": (0, 3), "MatMulInteger": (0, 1),
    "ConvInteger": (1,),
}  # fmt: skip
# Inputs of which a single number is a weight: a network with one output has a bias of one.
SINGLE = {
    "Conv": (1, 2), "ConvTranspose": (1, 2), "Gemm": (1, 2), "BatchNormalization": (1, 2), "LayerNormalization": (1, 2),
    "InstanceNormalization": (1, 2), "GroupNormalization": (1, 2), "PRelu": (1,), "MatMul": (1,),
}  # fmt: skip
# Operators that only hand their first input on, where that is an initializer.
PASSES = ("Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "DequantizeLinear", "Flatten")


class Operation(Opaque):
    """An operator with initializers of its own."""

    arrays: tuple[Weight, ...] = ()
    states: tuple[Weight, ...] = ()
    step: Any = None

    @classmethod
    def kernel_name(cls) -> str:
        return "onnx.Node"

    def weights(self, *xs: Any) -> Any:
        return iter(self.arrays)

    def buffers(self, *xs: Any) -> Any:
        return iter(self.states)


class Step:
    """What a kernel runs for a node.

    ins       the values that go in; None for one that is left out
    fixed     those of them that do not flow, by their place
    names     of the outputs: "output" for the first; batches: where each has the batch axis, "none" for one unnamed
    """

    def __init__(self, node: Any, ins: list[Value | None], outputs: list[tuple[str, Any]], reader: _Reader) -> None:
        self.node = node
        self.versions = reader.versions
        self.ins = ins
        self.fixed = {
            at: value for at, value in enumerate(ins) if value is not None and (value.inits or value.data is not None)
        }
        named = [name for name, _ in outputs if name]
        self.names = ["output", *named[1:]]
        self.batches = [batch if name else "none" for name, batch in outputs]
        self._owner = reader.owner

    def stored(self, name: str) -> Any:
        """The numbers of an initializer that is no weight."""
        array = self._owner.stored(name)
        if array is None:
            raise Fault("no-kernel", f"the numbers of {name} are not in the file")
        return array


class OnnxModel:
    """The network of an ONNX file."""

    format = "onnx"

    def __init__(self, source: Source, data: bytes) -> None:
        self.source = source
        self.notes: list[Problem] = []
        self._data = data
        self._model: Any = None
        self._tensors: dict[str, Any] = {}
        self._given: dict[str, Any] = {}

    def fail(self, fault: Fault) -> SpecError:
        """A fault of the file; an ONNX file has no lines."""
        return SpecError([Problem(fault.code, fault.message, source=Source(self.source.name, ""), help=fault.help)])

    def model(self) -> Any:
        """The file's model, with its functions in place. Raises `SpecError`."""
        if self._model is None:
            try:
                model = files.model_of(self._data)
                if model.functions:
                    from onnx.inliner import inline_local_functions

                    model = inline_local_functions(model)
                self._check(model)
            except Fault as fault:
                raise self.fail(fault) from None
            self._model = model
        return self._model

    def _check(self, model: Any) -> None:
        """Refuse operators that nobody knows, all at once, and inputs that nothing gives."""
        onnx = files.library()
        versions = {entry.domain or "ai.onnx": entry.version for entry in model.opset_import}
        unknown: dict[str, int] = {}
        for node in model.graph.node:
            domain = "" if node.domain == "ai.onnx" else node.domain
            if not onnx.defs.has(node.op_type, domain) or _unread(node.op_type):
                name = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
                unknown[name] = unknown.get(name, 0) + 1
        if unknown:
            listed = ", ".join(f"{name} ({count})" if count > 1 else name for name, count in unknown.items())
            raise Fault("onnx-operator", f"these operators are not read: {listed}")
        own = any(node.domain in ("", "ai.onnx") for node in model.graph.node)
        if own and versions.get("ai.onnx", 1) < 7:
            raise Fault(
                "onnx-operator", f"opset {versions.get('ai.onnx', 1)} is too old", help="opset 7 and later are read"
            )
        given = {value.name for value in model.graph.input} | {tensor.name for tensor in model.graph.initializer}
        given |= {tensor.values.name for tensor in model.graph.sparse_initializer}
        made = {name for node in model.graph.node for name in node.output}
        for node in model.graph.node:
            for name in node.input:
                if name and name not in given:
                    who = node.name or node.op_type
                    if name in made:
                        raise Fault("onnx-broken", f'{who} takes "{name}" before it is made: the nodes go in a circle')
                    near = did_you_mean(name, given)
                    raise Fault(
                        "onnx-broken",
                        f'{who} takes "{name}", which nothing gives',
                        help=f"did it mean {near}?" if near else (),
                    )
            given.update(node.output)

    @property
    def name(self) -> str:
        """The file's name without its suffix."""
        return os.path.splitext(os.path.basename(self.source.name))[0]

    def graph(self, texts: list[str]) -> tuple[Graph, list[Problem]]:
        """The network for inputs of these shapes. Raises `SpecError`."""
        self.notes = []
        model = self.model()
        free = self.symbols(texts)
        try:
            if free:
                return self._open(model, texts, free), []
            reader = _Reader(self, model, texts)
            graph = reader.read()
            if reader.misplaced():
                reader = _Reader(self, model, texts, one_is_batch=False)
                graph = reader.read()
        except Fault as fault:
            raise self.fail(fault) from None
        self._given = reader.given
        return graph, []

    def symbols(self, texts: list[str]) -> list[str]:
        """The names of sizes, other than the batch, that the file leaves open and that nobody gave: one or two."""
        given = {text.partition("=")[0] for text in texts if "=" in text}
        if len(texts) > len(given):  # shapes without a name are those of the first inputs
            return []
        stored = {tensor.name for tensor in self.model().graph.initializer}
        found: dict[str, None] = {}
        batches = set()
        for value in self.model().graph.input:
            dims = list(value.type.tensor_type.shape.dim)
            if value.name in stored or not dims:
                continue
            if not dims[0].HasField("dim_value"):
                batches.add(dims[0].dim_param)
            for dim in dims[1:] if value.name not in given else []:
                if not dim.HasField("dim_value"):
                    if not dim.dim_param.isidentifier():
                        return []
                    found[dim.dim_param] = None
        return list(found) if len(found) < 3 and not batches & set(found) else []

    def _open(self, model: Any, texts: list[str], names: list[str]) -> Graph:
        """The network with formulas in place of the sizes that are open."""
        from cnncalc.expression.environment import constants
        from cnncalc.read.onnx.free import NotPolynomial, merged, tries

        sizes = tries(names)
        values = constants({}, {}, names)[0].values
        try:
            graphs = [_Reader(self, model, texts, sizes=one).read() for one in sizes]
            return merged(graphs, sizes, {name: values[name] for name in names})
        except (NotPolynomial, Fault):
            return _Reader(self, model, texts).read()  # says what to give

    def stored(self, name: str) -> Any:
        """The numbers of an initializer; None where they are not there."""
        if not self._tensors:
            self._tensors = {tensor.name: tensor for tensor in self.model().graph.initializer}
        tensor = self._tensors.get(name)
        return None if tensor is None else stored(tensor, os.path.dirname(os.path.abspath(self.source.name)))

    def arrays(self) -> dict[str, Any]:
        """The weights that the file has, by "layer.weight"; those whose numbers are not there are left out."""
        found: dict[str, Any] = {}
        for name, (value, turned) in self._given.items():
            try:
                array = array_of(value, self._known)
            except _Absent:
                continue
            except Fault as fault:
                raise self.fail(fault) from None
            found[name] = array.T if turned else array
        return found

    def _known(self, name: str) -> Any:
        array = self.stored(name)
        if array is None:
            raise _Absent
        return array

    def counts(self) -> Graph:
        """The weights without shapes: the graph with what its inputs are most likely."""
        model = self.model()
        try:
            reader = _Reader(self, model, [], guess=True)
            graph = reader.read()
        except Fault as fault:
            raise self.fail(fault) from None
        for node in graph.nodes:
            node.layer.__dict__["unused"] = False
        graph.weights_only = True
        return graph


def _unread(op: str) -> bool:
    """Whether an operator works on lists of tensors, or runs a graph as often as numbers say."""
    return op in ("Loop", "Scan", "SplitToSequence", "ConcatFromSequence") or op.startswith(("Sequence", "Optional"))


class _Absent(Exception):
    """The numbers of an initializer are not there."""


class _Reader:
    """Goes through the nodes once."""

    def __init__(
        self, owner: OnnxModel, model: Any, texts: list[str], guess: bool = False, one_is_batch: bool = True,
        sizes: dict[str, int] | None = None,
    ) -> None:  # fmt: skip
        self.sizes = sizes or {}  # of axes that the file leaves open
        self.owner = owner
        self.model = model
        self.onnx = files.library()
        self.values: dict[str, Value] = {}
        self.guess = guess
        self.graph = Graph(owner.name, [])
        self.graph.source = Source(owner.source.name, "")
        self.graph.format = "onnx"
        self.homes: dict[str, int] = {}  # initializer -> the node that counts it
        self.dims: dict[str, tuple[int, ...]] = {}
        self.names: set[str] = set()
        self.texts = texts
        self.batches = False  # whether an input has a batch axis
        self.one_is_batch = one_is_batch  # whether a first axis of 1 in the file is the batch
        self.named_batch = False  # whether a batch axis has a name instead of a size
        self.versions = {"": self.onnx.defs.onnx_opset_version()}
        self.versions |= {entry.domain: entry.version for entry in model.opset_import}
        self.given: dict[str, Any] = {}  # "layer.weight" -> the value it is, and whether it is turned
        self.declared = _declared(model)

    def read(self) -> Graph:
        model = self.model
        for tensor in model.graph.initializer:
            self.values[tensor.name] = initializer(tensor)
            self.dims[tensor.name] = self.values[tensor.name].dims
        self._inputs()
        for node in model.graph.node:
            self.node(node)
        refs = []
        for output in model.graph.output:
            value = self.values.get(output.name)
            if value is None:
                raise Fault("onnx-broken", f'the output "{output.name}" is made by no node')
            refs.append(self.ref(value, output.name))
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

    # --- inputs ----------------------------------------------------------------------------------------------------

    def _inputs(self) -> None:
        declared = [value for value in self.model.graph.input if value.name not in self.values]
        given: dict[str, tuple[int, ...]] = {}
        names = [value.name for value in declared]
        for text in self.texts:
            name, equals, written = text.partition("=")
            if not equals:
                free = [known for known in names if known not in given]
                if not free:
                    raise Fault(
                        "unknown-name", f'there is no input for "{text}"', help=f"the inputs are {', '.join(names)}"
                    )
                name, written = free[0], text
            elif name not in names:
                raise Fault("unknown-name", f'there is no input "{name}"', help=f"the inputs are {', '.join(names)}")
            from cnncalc.read.python.reader import _sizes

            given[name] = _sizes(written, name)
        lacking = []
        for index, value in enumerate(declared):
            tensor = value.type.tensor_type
            if not value.type.HasField("tensor_type"):
                raise Fault("onnx-broken", f'the input "{value.name}" is no tensor')
            dims: list[Any] = []
            for size in tensor.shape.dim:
                if size.HasField("dim_value"):
                    if size.dim_value < 0:
                        raise Fault("onnx-broken", f'the input "{value.name}" has a negative size, {size.dim_value}')
                    dims.append(size.dim_value)
                else:
                    dims.append(size.dim_param or None)
            named = bool(dims) and not isinstance(dims[0], int)
            batch = named or (len(dims) > 1 and dims[0] == 1 and self.one_is_batch)
            self.named_batch = self.named_batch or named
            if batch:
                dims[0] = 1
            if value.name in given:
                wanted = given[value.name]
                inner = dims[1:] if batch else dims
                fits = len(wanted) == len(inner) and all(
                    not isinstance(mine, int) or mine == other for mine, other in zip(inner, wanted, strict=False)
                )
                if not fits:
                    shown = "x".join("?" if not isinstance(size, int) else str(size) for size in inner)
                    asked = "x".join(map(str, wanted))
                    raise Fault(
                        "onnx-input",
                        f'the input "{value.name}" is {shown or "a number"} in the file, not {asked}',
                    )
                dims = [1, *wanted] if batch else list(wanted)
            dims = [self.sizes.get(size, size) if isinstance(size, str) else size for size in dims]
            free = [size for size in dims if not isinstance(size, int)]
            if free and self.guess:
                dims = [size if isinstance(size, int) else 8 for size in dims]
            elif free:
                inner = dims[1:] if batch else dims
                shown = "x".join(str(size) if size else "?" for size in inner)
                lacking.append((value.name, shown, [str(size) for size in free if size]))
                continue
            sizes = tuple(int(size) for size in dims)
            self.batches = self.batches or batch
            kind = "float" if tensor.elem_type in FLOATS else "int"
            self.graph.inputs.append(Input(value.name, sizes[1:] if batch else sizes, kind))
            self.values[value.name] = Value(sizes, ref=index, dtype=tensor.elem_type, batch=0 if batch else None)
        if lacking:
            name, shown, free = lacking[0]
            said = " and ".join(dict.fromkeys(free)) or "an axis"
            raise Fault(
                "onnx-input",
                f'the input "{name}" is {shown}, and {said} has no size in the file',
                help=f"give it without the batch axis: -i {name}={shown}",
            )

    # --- nodes -----------------------------------------------------------------------------------------------------

    def attributes(self, node: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for attribute in node.attribute:
            value = self.onnx.helper.get_attribute_value(attribute)
            if isinstance(value, bytes):
                value = value.decode("utf-8", "replace")
            elif isinstance(value, float):
                value = _shortest(value)
            elif hasattr(value, "dims") and hasattr(value, "data_type"):
                value = initializer(value).data
            found[attribute.name] = value
        return found

    def node(self, node: Any) -> None:
        attrs = self.attributes(node)
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

    def _shape(self, node: Any, op: str, attrs: dict[str, Any], value: Value) -> None:
        import numpy as np

        dims = value.dims[attrs.get("start", 0) : attrs.get("end", len(value.dims))]
        data = np.asarray(dims if op == "Shape" else prod(value.dims), dtype=np.int64)
        self.values[node.output[0]] = Value(tuple(data.shape), data, dtype=7)

    def _branch(self, node: Any, attrs: dict[str, Any], taken: bool) -> None:
        graph = attrs["then_branch" if taken else "else_branch"]
        for tensor in graph.initializer:
            self.values[tensor.name] = initializer(tensor)
            self.dims[tensor.name] = self.values[tensor.name].dims
        for inner in graph.node:
            self.node(inner)
        for mine, theirs in zip(node.output, graph.output, strict=True):
            self.values[mine] = self.values[theirs.name]

    def _flows(self, node: Any, op: str, attrs: dict[str, Any], ins: list[Value | None]) -> None:
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
            raise Fault(
                "onnx-shapes",
                f"the shape of {missing[0]}, which {node.name or op} gives, depends on numbers that are not there",
            )
        places = [self._place(op, attrs, ins, at, dims, name) for at, (name, (dims, _)) in enumerate(outputs)]
        made_values = [
            Value(dims, dtype=dtype, batch=place) for (_, (dims, dtype)), place in zip(outputs, places, strict=True)
        ]
        first = made_values[0]
        cost = _macs(op, attrs, ins, first.dims)
        refs = [
            self.ref(value, name)
            for name, value in zip(node.input, ins, strict=True)
            if value is not None and not value.inits and value.data is None
        ]
        weights, buffers, fresh, home = self._weights(op, ins)
        layer: Any = None
        if first.flows and all(value.flows for value in main):
            made = layer_for(op, attrs, ins, True)
            if made is not None and made[1] in (1, -1, len(main)):
                layer = self._agrees(made[0], main, first.sample, weights)
            elif op == "Reshape" and not weights and first.sample:
                layer = self._agrees(make("Reshape", shape=list(first.sample)), main[:1], first.sample, [])
        if layer is None or len(outputs) > 1:
            layer = _operation(op, first.sample, cost, weights, buffers)
            layer.__dict__["more"] = {
                name: value.sample for (name, _), value in zip(outputs[1:], made_values[1:], strict=True)
            }
        if isinstance(layer, Operation):
            places_of = {name: place for (name, _), place in zip(outputs, places, strict=True)}
            outs = [(name, places_of.get(name)) for name in node.output]
            layer.__dict__["step"] = Step(node, ins, outs, self)
        shared = frozenset(
            weight.name
            for weight, (name, _) in zip(layer.weights(*((1, *v.sample) for v in main)), weights, strict=False)
            if name not in fresh
        )
        number = len(self.graph.nodes)
        self.graph.nodes.append(Node(self._name(node), layer, tuple(refs), _Origin(home, shared), home))
        self._give(op, attrs, ins, layer, [(1, *value.sample) for value in main])
        for one in fresh:
            self.homes[one] = number
        ref = len(self.graph.inputs) + number
        for at, ((output, _), value) in enumerate(zip(outputs, made_values, strict=True)):
            value.ref = ref if at == 0 else (ref, output)
            self.values[output] = value

    def _give(self, op: str, attrs: dict[str, Any], ins: list[Value | None], layer: Any, xs: list[Any]) -> None:
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
        self, op: str, attrs: dict[str, Any], ins: list[Value | None], at: int, dims: tuple[int, ...], name: str
    ) -> int | None:
        """The axis of an output that is the batch."""
        x = next((value for value in ins if value is not None and value.batch is not None), None)
        found = None if x is None else self._moved(op, attrs, ins, x, at, dims)
        if found is not None and not (0 <= found < len(dims) and dims[found] == 1):
            found = None
        last = any(name == output.name for output in self.model.graph.output)
        if found is None and last and dims and dims[0] == 1:
            return 0 if self.batches else None
        return found

    def _moved(
        self, op: str, attrs: dict[str, Any], ins: list[Value | None], x: Value, at: int, dims: tuple[int, ...]
    ) -> int | None:
        """Where an operator puts the batch axis of its input."""
        axis = x.batch
        assert axis is not None
        rank = len(x.dims)
        if op == "Transpose":
            perm = list(attrs.get("perm") or range(rank)[::-1])
            found: int = perm.index(axis)
            return found
        if op in ("LSTM", "GRU", "RNN"):
            first = attrs.get("layout", 0) == 1
            return (0 if first else 2) if at == 0 else (0 if first else 1)
        if op in ("Squeeze", "Unsqueeze"):
            axes = attrs.get("axes")
            if axes is None and len(ins) > 1 and ins[1] is not None and ins[1].data is not None:
                axes = [int(one) for one in ins[1].data.ravel()]
            if axes is None:
                return None
            if op == "Squeeze":
                gone = {one % rank for one in axes}
                return None if axis in gone else axis - sum(one < axis for one in gone)
            new = sorted(one % len(dims) for one in axes)
            place: int = axis
            for one in new:
                place += int(one <= place)
            return place
        if op in ("Reshape", "Flatten"):
            before = prod(x.dims[:axis])
            return next((p for p, size in enumerate(dims) if size == 1 and prod(dims[:p]) == before), None)
        if op == "Gather":
            by = int(attrs.get("axis", 0)) % rank
            if x is not ins[0] and ins[1] is not None:
                return by + axis
            index = len(ins[1].dims) if ins[1] is not None else 0
            return None if by == axis else axis if axis < by else axis + index - 1
        if op.startswith("Reduce") or op in ("ArgMax", "ArgMin"):
            if len(dims) == rank:
                return axis
            axes = attrs.get("axes", [attrs["axis"]] if "axis" in attrs else None)
            if axes is None and len(ins) > 1 and ins[1] is not None and ins[1].data is not None:
                axes = [int(one) for one in ins[1].data.ravel()]
            gone = {one % rank for one in axes or range(rank)}
            return None if axis in gone else axis - sum(one < axis for one in gone)
        return axis + len(dims) - rank if len(dims) >= rank else axis

    def _agrees(self, layer: Any, main: list[Value], sample: tuple[int, ...], weights: list[tuple[str, Any]]) -> Any:
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

    def _weights(
        self, op: str, ins: list[Value | None]
    ) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]], list[str], int | None]:
        """The initializers that are this node's weights and buffers; those counted here, and who has the others."""
        weights: dict[str, tuple[int, ...]] = {}
        buffers: dict[str, tuple[int, ...]] = {}
        for at, value in enumerate(ins):
            if value is None:
                continue
            for name in value.inits:
                dims = self.dims[name]
                if op == "BatchNormalization" and at in (3, 4):
                    buffers[name] = dims
                    continue
                if at in NO_WEIGHTS.get(op, ()):
                    continue
                kind = self.values[name].dtype
                if prod(dims) == 1 and (kind in FLOATS or kind in (2, 3, 6)) and not self._counts_one(op, at):
                    continue
                if (
                    kind in FLOATS
                    or at in QUANTISED.get(op, ())
                    or (kind in (2, 3, 21, 22) and value.dtype in FLOATS)
                    or (kind == 6 and value.dtype in FLOATS)
                ):
                    weights[name] = dims
        fresh = [name for name in weights if name not in self.homes]
        home = next((self.homes[name] for name in weights if name in self.homes), None)
        return list(weights.items()), list(buffers.items()), fresh, home

    def _counts_one(self, op: str, at: int) -> bool:
        """Whether a single number is a weight: a bias or factor by its place, or where all initializers are weights."""
        return self.model.producer_name == "cnncalc" or at in SINGLE.get(op, ())

    def _name(self, node: Any) -> str:
        name = node.name or next((output for output in node.output if output), node.op_type.lower())
        base, number = name, 2
        while name in self.names:
            name, number = f"{base}_{number}", number + 1
        self.names.add(name)
        return str(name)

    def ref(self, value: Value, name: str) -> Any:
        """The graph's value; a constant that flows on becomes a row."""
        if value.ref is None:
            layer = _operation("Constant", value.dims, 0, [], [])
            layer.__dict__["step"] = Step(None, [value], [(name, None)], self)
            self.graph.nodes.append(Node(self._unique(name), layer, (), _Origin(None, frozenset())))
            value.ref = len(self.graph.inputs) + len(self.graph.nodes) - 1
        return value.ref

    def _unique(self, name: str) -> str:
        base, number = name, 2
        while name in self.names:
            name, number = f"{base}_{number}", number + 1
        self.names.add(name)
        return name


class _Origin:
    """Where a node stands: nowhere, an ONNX file has no lines; and which of its weights are another node's."""

    def __init__(self, home: int | None, shared: frozenset[str]) -> None:
        self.shared = shared if home is not None else None

    def place(self, option: str | None = None) -> None:
        return None

    def point(self, fault: Fault) -> None:
        return None


def _same_count(node: Any, ins: list[Value | None], found: list[Any]) -> None:
    """Refuse a reshape to another count: a file that was exported for one length has its sizes written in."""
    if node.op_type != "Reshape" or ins[0] is None or found[0] is None:
        return
    before, after = ins[0].dims, found[0][0]
    if prod(before) != prod(after):
        shown = ["x".join(map(str, sizes)) for sizes in (before, after)]
        raise Fault(
            "onnx-shapes",
            f"{node.name or node.op_type} makes {shown[1]} of {shown[0]}, which is another count",
            help="the file was exported for inputs of another size, which stands in it",
        )


def _shortest(value: float) -> float:
    """The number that was written, of one that was stored in single precision."""
    import struct

    short = float(f"{value:.7g}")
    return short if struct.pack("f", short) == struct.pack("f", value) else value


def _declared(model: Any) -> dict[str, tuple[tuple[int, ...], int]]:
    """The sizes that the file itself says of values, where it says all of them."""
    found: dict[str, tuple[tuple[int, ...], int]] = {}
    for value in (*model.graph.value_info, *model.graph.output):
        tensor = value.type.tensor_type
        if tensor.HasField("shape") and all(size.HasField("dim_value") for size in tensor.shape.dim):
            dims = tuple(int(size.dim_value) for size in tensor.shape.dim)
            if all(size >= 0 for size in dims):
                found[value.name] = (dims, tensor.elem_type)
    return found


def _operation(op: str, sample: Any, cost: int, weights: Any, buffers: Any) -> Any:
    kind = _operations.get(op)
    if kind is None:
        kind = _operations[op] = type(op, (Operation,), {"__doc__": "An operator of ONNX."})
    layer = kind()
    layer.__dict__.update(
        sample=tuple(sample),
        cost=cost,
        arrays=tuple(Weight(name, dims) for name, dims in weights),
        states=tuple(Weight(name, dims) for name, dims in buffers),
    )
    return layer


_operations: dict[str, Any] = {}


def _macs(op: str, attrs: dict[str, Any], ins: list[Value | None], y: tuple[int, ...]) -> int:
    """Multiply-accumulates of a node, for the one sample that the batch is."""

    def dims(at: int) -> tuple[int, ...]:
        value = ins[at] if at < len(ins) else None
        return value.dims if value is not None else ()

    if op in ("Conv", "ConvInteger"):
        return prod(y) * prod(dims(1)[1:])
    if op == "QLinearConv":
        return prod(y) * prod(dims(3)[1:])
    if op == "ConvTranspose":
        return prod(dims(0)) * prod(dims(1)[1:])
    if op == "Gemm":
        return prod(y) * dims(0)[0 if attrs.get("transA") else 1]
    if op in ("MatMul", "MatMulInteger", "QLinearMatMul"):
        return prod(y) * dims(0)[-1]
    if op in ("LSTM", "GRU", "RNN"):
        x, w, r = dims(0), dims(1), dims(2)
        return x[0] * x[1] * w[0] * w[1] * (w[2] + r[2])
    if op == "Einsum":
        left, _, right = str(attrs.get("equation", "")).replace(" ", "").partition("->")
        sizes: dict[str, int] = {}
        for term, value in zip(left.split(","), ins, strict=False):
            if "." in term or value is None:
                return 0
            sizes.update(zip(term, value.dims, strict=False))
        return prod(sizes.values()) if len(ins) > 1 and set(sizes) - set(right) else 0
    return 0
