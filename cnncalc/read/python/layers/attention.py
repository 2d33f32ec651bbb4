"""Calls of MultiheadAttention."""

from __future__ import annotations

import ast

from cnncalc.read.opaque import folded
from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.layers.apply import as_tensor, layer_of, node_of
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.layers.sequences import with_batch
from cnncalc.read.python.tensor.sizes import Dim
from cnncalc.read.python.tensor.strides import packed
from cnncalc.read.python.tensor.tensors import Tensor, batch_at, is_merged, sample, text
from cnncalc.read.python.values import Raised, Refused, Unknown


def call_attention(packages: PackagesBase, module: Module, given: dict[str, object], node: ast.AST) -> object:
    """The output and the weights of a MultiheadAttention, with the batch where PyTorch has it."""
    layer = layer_of(module)
    names = ("query", "key", "value")
    if any(name not in given for name in names):
        raise Raised("TypeError", "MultiheadAttention takes query, key and value", node)
    tensors = [as_tensor(given[name], f"the {name} of MultiheadAttention", node) for name in names]
    batch_first = bool(module.attrs.get("batch_first", False))
    fold = any(is_merged(tensor.dims) for tensor in tensors)
    samples: list[tuple[int, ...]] = []
    places: list[int | None] = []
    for tensor in tensors:
        at = batch_at(tensor.dims)
        if at is not None and at == len(tensor.dims) - 1:
            message = f"MultiheadAttention reads the last axis, which holds the batch in {text(tensor.dims)}"
            raise Refused("python-batch-axis", message, node)
        if len(tensor.dims) not in (2, 3):
            raise Refused("wrong-axes", f"MultiheadAttention takes 3 axes, but gets {text(tensor.dims)}", node)
        if at is None and len(tensor.dims) == 3:
            at = 0 if batch_first else 1
            samples.append(sample((*tensor.dims[:at], *tensor.dims[at + 1 :])))
        else:
            samples.append(sample(tensor.dims))
        places.append(at)
    if len(set(places)) > 1 and None in places:
        known = next(place for place in places if place is not None)
        places = [known if place is None else place for place in places]
    swapped = places[0] is not None and places[0] != (0 if batch_first else 1) and not fold
    if swapped:
        said = "batch_first=True" if batch_first else "batch_first=False"
        packages.remark(
            f"{module.path or module.kind} has {said}, so of {text(tensors[0].dims)} it takes axis "
            f"{places[0]} for the length: positions of one sample do not see one another",
            module,
            node,
        )
    same = tensors[0] is tensors[1] is tensors[2] or (
        tensors[0].ref is not None and tensors[0].ref == tensors[1].ref == tensors[2].ref
    )
    if same and layer.__dict__.get("kdim") is None and layer.__dict__.get("vdim") is None:
        tensors, samples = tensors[:1], samples[:1]
    if fold:
        for tensor in tensors:
            if not is_merged(tensor.dims):
                raise Refused("python-batch-axis", "query and key of different batches are not followed", node)
    outputs = node_of(packages, folded(layer) if fold else layer, tensors, samples, node, module)
    shape, ref = outputs[""]
    at = places[0]
    query = as_tensor(given["query"], "the query", node)
    size: Dim = query.dims[at] if at is not None else 1
    if fold:
        out = Tensor((size, *shape[1:]) if at == 0 else (*shape[1:2], size, *shape[2:]), ref)
    else:
        out = Tensor(with_batch(shape, at, size), ref)
    if not batch_first or len(out.dims) != 3:
        out.strides = packed(out.dims)
    elif not same:  # else a fast kernel may run, which writes in another order
        out.strides = packed(out.dims, (1, 0, 2))
    if given.get("need_weights", True) is False:
        return (out, None)
    if "attention" in outputs and not swapped:
        shape, ref = outputs["attention"]
        weights = Tensor(with_batch(shape[1:] if fold else shape, None if at is None else 0, size), ref)
        weights.strides = packed(weights.dims)
        return (out, weights)
    return (out, Unknown("the weights of this attention are not followed", node))
