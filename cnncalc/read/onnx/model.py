"""An ONNX file as a network: every node in order, its sizes, its weights and its multiply-accumulates."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cnncalc.core.problem import Fault, Problem, Source, SpecError, did_you_mean
from cnncalc.network.graph import Graph
from cnncalc.read.onnx import file as files
from cnncalc.read.onnx.arrays import array_of, stored
from cnncalc.read.onnx.reader import Reader
from cnncalc.read.onnx.sequences import OPERATORS

if TYPE_CHECKING:
    from onnx import ModelProto, TensorProto

    from cnncalc.read.onnx.values import Value
    from cnncalc.spec.array_files import Array


class OnnxModel:
    """The network of an ONNX file."""

    format = "onnx"

    def __init__(self, source: Source, data: bytes) -> None:
        self.source = source
        self.notes: list[Problem] = []
        self._data = data
        self._model: ModelProto | None = None
        self._tensors: dict[str, TensorProto] = {}
        self._given: dict[str, tuple[Value, bool]] = {}

    def fail(self, fault: Fault) -> SpecError:
        """A fault of the file; an ONNX file has no lines."""
        return SpecError([Problem(fault.code, fault.message, source=Source(self.source.name, ""), help=fault.help)])

    def model(self) -> ModelProto:
        """The file's model, with its functions in place. Raises `SpecError`."""
        if self._model is None:
            try:
                model = files.model_of(self._data)
                if model.functions:
                    from onnx.inliner import inline_local_functions

                    model = inline_local_functions(model)
                check(model)
            except Fault as fault:
                raise self.fail(fault) from None
            self._model = model
        return self._model

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
            reader = Reader(self.source, self.stored, model, texts)
            graph = reader.read()
            if reader.misplaced():
                reader = Reader(self.source, self.stored, model, texts, one_is_batch=False)
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

    def _open(self, model: ModelProto, texts: list[str], names: list[str]) -> Graph:
        """The network with formulas in place of the sizes that are open."""
        from cnncalc.expression.environment import constants
        from cnncalc.read.onnx.free import NotPolynomial, merged, tries

        values = constants({}, {}, names)[0].values
        for sizes in tries(names):
            try:
                graphs = [Reader(self.source, self.stored, model, texts, sizes=one).read() for one in sizes]
            except Fault:
                continue
            try:
                return merged(graphs, sizes, {name: values[name] for name in names})
            except NotPolynomial:
                break
        return Reader(self.source, self.stored, model, texts).read()  # says what to give

    def stored(self, name: str) -> Array | None:
        """The numbers of an initializer; None where they are not there."""
        if not self._tensors:
            self._tensors = {tensor.name: tensor for tensor in self.model().graph.initializer}
        tensor = self._tensors.get(name)
        return None if tensor is None else stored(tensor, os.path.dirname(os.path.abspath(self.source.name)))

    def arrays(self) -> dict[str, Array]:
        """The weights that the file has, by "layer.weight"; those whose numbers are not there are left out."""
        found: dict[str, Array] = {}
        for name, (value, turned) in self._given.items():
            try:
                array = array_of(value, self._known)
            except _Absent:
                continue
            except Fault as fault:
                raise self.fail(fault) from None
            found[name] = array.T if turned else array
        return found

    def _known(self, name: str) -> Array:
        array = self.stored(name)
        if array is None:
            raise _Absent
        return array

    def counts(self) -> Graph:
        """The weights without shapes: the graph with what its inputs are most likely."""
        model = self.model()
        try:
            reader = Reader(self.source, self.stored, model, [], guess=True)
            graph = reader.read()
        except Fault as fault:
            raise self.fail(fault) from None
        for node in graph.nodes:
            node.layer.__dict__["unused"] = False
        graph.weights_only = True
        return graph


class _Absent(Exception):
    """The numbers of an initializer are not there."""


def check(model: ModelProto) -> None:
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
    for value in (*model.graph.input, *model.graph.output):
        if value.type.WhichOneof("value") not in ("tensor_type", None):
            raise Fault("onnx-operator", f'"{value.name}" is no tensor: lists and the like are not read')
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
                message = f'{who} takes "{name}", which nothing gives'
                raise Fault("onnx-broken", message, help=f"did it mean {near}?" if near else ())
        given.update(node.output)


def _unread(op: str) -> bool:
    """Whether an operator works on lists of tensors of any length, or runs a graph as often as numbers say."""
    return op not in OPERATORS and (op in ("Loop", "Scan") or op.startswith(("Sequence", "Optional")))
