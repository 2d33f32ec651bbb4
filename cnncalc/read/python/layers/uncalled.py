"""Rows for the modules and parameters that forward never calls: PyTorch counts them."""

from __future__ import annotations

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.problem import Source
from cnncalc.network.graph import Graph, Node
from cnncalc.read.opaque import weights_only
from cnncalc.read.python.files.places import span_of
from cnncalc.read.python.layers import modules
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.tensor.tensors import Origin


def uncalled(model: Module, graph: Graph) -> None:
    """Rows for what forward never calls; PyTorch counts it all the same."""
    seen: set[int] = set()
    for path, part in modules.modules(model):
        if part.layer is None:
            for name, param in part.params.items():
                if param is not None and param.node is None and id(param) not in seen:
                    seen.add(id(param))
                    row = f"{path}.{name}" if path else name
                    layer = weights_only("Parameter", f"Parameter({list(param.dims)})", (Weight("weight", param.dims),))
                    add_row(graph, layer, row, part, not param.trainable)
                    param.node = len(graph.nodes) - 1
            continue
        if part.first is not None:
            continue
        arrays = []
        frozen = True
        for weight in modules.weights_of(part):
            held = part.params.get(weight.name)
            if weight.name in part.params and held is None:
                continue
            if held is not None and held.node is not None:
                continue
            arrays.append(weight)
            frozen = frozen and held is not None and not held.trainable
        if not arrays and part.layer.has_weights():
            continue
        layer = weights_only(part.kind, part.layer, tuple(arrays))
        add_row(graph, layer, path or part.kind.lower(), part, bool(arrays) and frozen)
        part.first = len(graph.nodes) - 1
        for weight in arrays:
            held = part.params.get(weight.name)
            if held is not None:
                held.node = part.first


def add_row(graph: Graph, layer: Layer, name: str, part: Module, frozen: bool) -> None:
    """A row for a module or parameter, at the line that made it."""
    node = part.node
    source = part.file.source if part.file is not None else Source("<python>", "")
    origin = Origin(source, node, span_of)
    graph.nodes.append(Node(name, layer, (), origin, None, frozen))


def reset(model: Module) -> None:
    """Forget what the last forward noted of modules and parameters."""
    for _, part in modules.modules(model):
        part.first = None
        for param in part.params.values():
            if param is not None:
                param.node, param.absorbed = None, False
                param.tensor.ref = None
