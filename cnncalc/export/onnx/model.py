"""A network as an ONNX file: every layer as operators, its weights as initializers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.core.number import as_ints, prod
from cnncalc.core.problem import Fault, Problem, SpecError, settled
from cnncalc.execute import integer_inputs as whole
from cnncalc.execute import random_weights as draw
from cnncalc.export.onnx import (
    activations,
    attention,
    cells,
    keras_layers,
    keras_sequences,
    latent_attention,
    mixture,
    plain,
    recurrent,
    reparametrised,
    scans,
    spatial,
)
from cnncalc.export.onnx.builder import Builder, Rule
from cnncalc.export.targets import Product, Request
from cnncalc.network.array_names import owner
from cnncalc.network.propagate import problem_of
from cnncalc.network.report import Report
from cnncalc.read.onnx.file import library

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import ArrayLike
    from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto

    from cnncalc.core.layer import Weight
    from cnncalc.execute.kernel import Array
    from cnncalc.network.graph import Ref
    from cnncalc.network.report import Report
    from cnncalc.spec.model import Spec

OPSET, IR = 20, 9
FAMILIES = (
    activations,
    plain,
    spatial,
    attention,
    latent_attention,
    recurrent,
    cells,
    scans,
    reparametrised,
    mixture,
    keras_layers,
    keras_sequences,
)
RULES: dict[str, Rule] = {name: rule for family in FAMILIES for name, rule in family.RULES.items()}
# Bytes of weights that a file holds itself; protobuf ends at 2 GB.
MOST = 3 << 29
LARGEST = 2**63 - 1  # of a whole number in the format
# Bytes of weights that are drawn without being asked for: a second's work, and three times as much memory.
DRAWN = 1 << 27


class Exported:
    """The model, and what it holds.

    model       ONNX' ModelProto
    parameters  "layer.weight" -> the initializer, for arrays that stand there as they are (or transposed)
    absent      bytes of the weights that the file only refers to; else 0
    """

    def __init__(self, model: ModelProto, parameters: dict[str, str], absent: int) -> None:
        self.model = model
        self.parameters = parameters
        self.absent = absent

    @property
    def data(self) -> bytes:
        """The file."""
        made: bytes = self.model.SerializeToString()
        return made


def export(
    report: Report, values: Mapping[str, ArrayLike] | None = None, *, seed: int | None = None, dtype: str = "float32",
    numbers: bool = True,
) -> Exported:  # fmt: skip
    """The network with the arrays of `values` ("layer.weight"), others drawn from the seed as --execute draws them.

    Without `numbers`, and where neither values nor a seed ask for more than `DRAWN` bytes, the file has the weights'
    names and sizes alone. Raises `SpecError` with every layer that cannot be written.
    """
    onnx = library()
    if report.graph.convention == "keras" and report.graph.layout == "channels_first":
        message = "a network in Keras' words with layout: channels_first cannot be written for ONNX"
        raise SpecError([Problem("cannot-export", message, help="leave out layout: Keras' own is channels_last")])
    elements = sum(prod(as_ints(held.shape)) for row in report.rows for held in (*row.own, *row.facts.buffers))
    bytes_ = elements * np.dtype(dtype).itemsize
    ends = [given.shape for given in report.graph.inputs], [report.output_shape]
    if max(bytes_, *(size for shapes in ends for shape in shapes for size in as_ints(shape))) > LARGEST:
        message = "a size of this network is more than 2**63 - 1, the largest whole number of an ONNX file"
        raise SpecError([Problem("cannot-export", message, source=report.graph.source)])
    asked = values is not None or seed is not None
    absent = bytes_ if not numbers or bytes_ > (MOST if asked else DRAWN) else 0
    source = _Numbers(report, values or {}, seed or 0, dtype, bool(absent) or not numbers)
    g = Builder(report, source.array, lambda index, name: owner(report, index, name), dtype)
    graph = report.graph
    limits = whole.limits(report)
    inputs = []
    known: dict[Ref, str] = {}
    for number, given in enumerate(graph.inputs):
        g.names.add(given.name)
        kind = onnx.TensorProto.INT64 if number in limits else g.float
        inputs.append(onnx.helper.make_tensor_value_info(given.name, kind, ["N", *map(int, given.shape)]))
        known[number] = given.name
    _rows(g, known)
    outputs = []
    for at, ref in enumerate(graph.outputs or [graph.output]):
        name = g.unique("output" if at == 0 else f"output_{at + 1}")
        g.nodes.append(onnx.helper.make_node("Identity", [known[ref]], [name], name=f"{name}/Identity"))
        shape = report.shape_of(ref)
        outputs.append(onnx.helper.make_tensor_value_info(name, g.float, ["N", *map(int, shape[1:])]))
    _rename_outputs(g, outputs)
    where = f"{graph.name or 'net'}.weights" if absent or not numbers else ""
    made = onnx.helper.make_graph(g.nodes, graph.name or "net", inputs, outputs)
    model = onnx.helper.make_model(
        made, opset_imports=[onnx.helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="cnncalc"
    )
    source.kept.clear()  # a large array is held once from here on: as an array, or in the file
    for name in list(g.initializers):
        _fill(model.graph.initializer.add(), onnx, name, g.initializers.pop(name), g.dtype, where)
    return Exported(model, g.parameters, absent)


def _rows(g: Builder, known: dict[Ref, str]) -> None:
    """The operators of every row."""
    report = g.report
    problems = []
    count = len(report.graph.inputs)
    for index, row in enumerate(report.rows):
        g.start(index)
        rule = RULES.get(row.layer.kernel_name())
        try:
            if rule is None:
                what = "a loss is no part of what is exported" if row.type.endswith("Loss") else "it is not written out"
                raise g.refuse(what)
            taken = [known.get(ref, "?") for ref in row.node.inputs]
            made = rule(g, row.layer, taken, [as_ints(shape) for shape in row.facts.inputs])
        except Fault as fault:
            fault.option = None
            problems.append(problem_of(fault, report.graph, row.node))
            if fault.code == "too-many-parts":
                raise SpecError(settled(problems)) from None
            continue
        ports = made if isinstance(made, dict) else {"output": made}
        for name, value in ports.items():
            known[count + index if name == "output" else (count + index, name)] = value
    asked = {ref for row in report.rows for ref in row.node.inputs} | set(report.graph.outputs or [report.graph.output])
    for ref in asked:
        if isinstance(ref, tuple) and ref not in known:
            row = report.rows[ref[0] - count]
            lacking = Fault("cannot-export", f"{row.call} cannot be written for ONNX: it does not give {ref[1]} there")
            problems.append(problem_of(lacking, report.graph, row.node))
    if problems:
        raise SpecError(settled(problems))


def _rename_outputs(g: Builder, outputs: list[ValueInfoProto]) -> None:
    """Let the last operators give the outputs themselves, where nothing else takes what they give."""
    takers: dict[str, int] = {}
    makers: dict[str, tuple[NodeProto, int]] = {}
    for node in g.nodes:
        for name in node.input:
            takers[name] = takers.get(name, 0) + 1
        for at, name in enumerate(node.output):
            makers[name] = (node, at)
    for output in outputs:
        last = makers[output.name][0]
        source = last.input[0]
        if takers[source] == 1 and source in makers:
            node, at = makers[source]
            node.output[at] = output.name
            g.nodes.remove(last)


def _fill(tensor: TensorProto, onnx: ModuleType, name: str, array: Array, dtype: np.dtype[Any], where: str) -> None:
    """Write an array into a tensor of the file, or where it would stand."""
    tensor.name, tensor.data_type = name, onnx.helper.np_dtype_to_tensor_dtype(dtype)
    tensor.dims.extend(array.shape)
    if not where:
        tensor.raw_data = np.ascontiguousarray(array, dtype.newbyteorder("<")).tobytes()
        return
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", where


class _Numbers:
    """The arrays of weights: given, or drawn as an execution draws them."""

    def __init__(self, report: Report, values: Mapping[str, ArrayLike], seed: int, dtype: str, absent: bool) -> None:
        self.report, self.values, self.seed, self.dtype, self.absent = report, values, seed, dtype, absent
        self.kept: dict[tuple[int, str], Array] = {}
        self.at = -1
        self.held: dict[str, Weight] = {}  # what the last row that was asked for holds

    def array(self, index: int, name: str) -> Array:
        """One weight or buffer."""
        row = self.report.rows[index]
        if self.at != index:
            self.at, self.held = index, {one.name: one for one in (*row.facts.weights, *row.facts.buffers)}
        held = self.held[name]
        if self.absent:
            return np.broadcast_to(np.zeros((), self.dtype), as_ints(held.shape))
        found = self.values.get(f"{row.name}.{name}")
        if found is not None:
            array = np.asarray(found)
            if array.shape != tuple(held.shape):
                raise Fault("value-shape", f"{row.name}.{name} is {list(array.shape)}, but must be {list(held.shape)}")
            return array.astype(self.dtype)
        if (index, name) not in self.kept:
            self._draw(index)
        return self.kept[index, name]

    def _draw(self, index: int) -> None:
        """All arrays of a layer, since a bias is drawn as wide as its matrix."""
        row = self.report.rows[index]
        around = 1.0
        for held in (*row.facts.weights, *row.facts.buffers):
            sizes = as_ints(held.shape)
            around = draw.bound(row.layer, held.name, sizes, around)
            still = draw.neutral(row.layer, held.name, False)
            if still is not None:
                array = np.full(sizes, still, self.dtype)
            else:
                array = draw.weight(row.layer, row.name, held.name, sizes, around, self.seed, self.dtype)
            self.kept[index, held.name] = array


def write(report: Report, spec: Spec | None, request: Request) -> Product:
    """The bytes of the ONNX file; weights that were not given are drawn as --execute draws them."""
    from cnncalc.export.onnx.model import MOST, export
    from cnncalc.read.onnx.file import library

    made = export(report, request.arrays, seed=request.seed, dtype=request.dtype)
    absent, data, remarks = made.absent, made.data, []
    del made  # the numbers are held once more while they are checked, and need not be three times
    if absent > MOST:
        size = f"{absent / 1e9:.1f} GB"
        remarks.append(f"the weights are {size}, more than an ONNX file holds: it has their names and sizes alone")
    elif absent:
        size = f"{absent / 1e6:.0f} MB"
        remarks.append(f"the weights are {size}: the file has their names and sizes alone; --seed 0 draws numbers")
    else:
        library().checker.check_model(data)
        if request.arrays is None and report.totals.params:
            remarks.append(f"the weights are random, from seed {request.seed or 0}; --weights FILE.npz writes others")
    return Product(data, remarks=tuple(remarks))
