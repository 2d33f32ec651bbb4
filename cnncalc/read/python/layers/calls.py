"""Calls of torch.nn's leaf modules."""

from __future__ import annotations

import ast

from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.functions.base import OPS
from cnncalc.read.python.functions.shapes import squeezed, unsqueezed
from cnncalc.read.python.layers.apply import apply, as_tensor, flat, layer_of
from cnncalc.read.python.layers.attention import call_attention
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.layers.sequences import call_cell, call_sequence
from cnncalc.read.python.tensor.tensors import Tensor, batch_at, is_batch
from cnncalc.read.python.values import Args, Kwargs, Raised, Refused

# Names of forward's arguments that PyTorch's own modules have, in order.
SIGNATURES = {
    "MultiheadAttention": "query key value key_padding_mask need_weights attn_mask average_attn_weights is_causal",
    "RNN": "input hx", "LSTM": "input hx", "GRU": "input hx", "RNNCell": "input hx", "LSTMCell": "input hx",
    "GRUCell": "input hx", "Bilinear": "input1 input2", "CosineSimilarity": "x1 x2", "PairwiseDistance": "x1 x2",
    "MaxUnpool1d": "input indices output_size", "MaxUnpool2d": "input indices output_size",
    "MaxUnpool3d": "input indices output_size", "EmbeddingBag": "input offsets per_sample_weights",
    "ConvTranspose1d": "input output_size", "ConvTranspose2d": "input output_size",
    "ConvTranspose3d": "input output_size",
}  # fmt: skip


SEQUENCES = ("RNN", "LSTM", "GRU")


def arguments(kind: str, args: Args, kwargs: Kwargs, node: ast.AST) -> dict[str, object]:
    """Forward's arguments by name."""
    names = SIGNATURES.get(kind, "input").split()
    found = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        found[name if name in names or len(names) > 1 else "input"] = value
    if names[0] not in found:
        raise Raised("TypeError", f"{kind} is called without {names[0]}", node)
    return found


def call_leaf(packages: PackagesBase, module: Module, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """`module(...)` for a module that is a layer."""
    given = arguments(module.kind, args, kwargs, node)
    kind = module.kind
    if kind in SEQUENCES:
        return call_sequence(packages, module, given, node)
    if kind in ("RNNCell", "LSTMCell", "GRUCell"):
        return call_cell(packages, module, given, node)
    if kind == "MultiheadAttention":
        return call_attention(packages, module, given, node)
    if kind.startswith("MaxUnpool"):
        return _unpool(packages, module, given, node)
    tensors = [as_tensor(value, f"the input of {kind}", node) for value in list(given.values())[:1]]
    if kind in ("Bilinear", "CosineSimilarity", "PairwiseDistance"):
        tensors = [as_tensor(value, f"an input of {kind}", node) for value in given.values()]
    if kind == "EmbeddingBag" and given.get("offsets") is not None:
        raise Refused("python-unknown-call", "EmbeddingBag with offsets is not followed", node)
    if kind.startswith("ConvTranspose") and given.get("output_size") is not None:
        raise Refused("python-unknown-call", "ConvTranspose with output_size= in the call is not followed", node)
    assert module.layer is not None
    front = batch_at(tensors[0].dims) == 0 and is_batch(tensors[0].dims[0])
    if kind in ("Flatten", "Unflatten", "GLU") and (not front or module.layer.__dict__.get("start_dim") == 0):
        return _counted_from_front(packages, module, tensors[0], node)
    lone = flat(module.layer, kind, tensors[0])
    if lone:
        tensors[0] = unsqueezed(packages, tensors[0], 1, node)
    outputs = apply(packages, module.layer, tensors, node, module=module)
    if lone:
        outputs = {port: squeezed(packages, made, [1], node) for port, made in outputs.items()}
    first = outputs[""]
    if getattr(module.layer, "return_indices", False):
        return (first, outputs["indices"])
    return first


def _counted_from_front(packages: PackagesBase, module: Module, x: Tensor, node: ast.AST) -> object:
    """A layer that names axes, of a tensor without the batch in front: PyTorch counts the axes that there are."""
    held = layer_of(module).__dict__
    given = {
        "Flatten": (held.get("start_dim"), held.get("end_dim")),
        "Unflatten": (held.get("dim"), held.get("unflattened_size")),
        "GLU": (held.get("dim"),),
    }[module.kind]
    nodes = packages.tracer.graph.nodes
    before = len(nodes)
    made = OPS[module.kind.lower()](packages, [x, *given], {}, node)
    if module.first is None and len(nodes) > before:
        module.first = before
    return made


def _unpool(packages: PackagesBase, module: Module, given: dict[str, object], node: ast.AST) -> object:
    layer = layer_of(module)
    if given.get("output_size") is not None:
        wanted = [size for size in packages.interpreter.listed(given["output_size"], node) if isinstance(size, int)]
        options = {name: layer.__dict__[name] for name in ("kernel_size", "stride")}
        axes = layer.axes
        from cnncalc.read.python.layers.leaf import leaf

        layer = leaf(
            module.kind,
            [],
            {
                **options,
                "padding": [before for before, _ in layer.padding],  # type: ignore[attr-defined]
                "output_size": wanted[-axes:],
            },
            node,
        )
    tensors = [as_tensor(given[name], f"the {name}", node) for name in ("input", "indices")]
    return apply(packages, layer, tensors, node, module=module)[""]
