"""Layers as functions whose weights the file holds itself: linear, conv2d, layer_norm, embedding."""

from __future__ import annotations

import ast

from cnncalc.core.layer import Layer
from cnncalc.core.number import Shape, as_ints
from cnncalc.core.problem import Fault
from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.functions.base import get, integer, layer, listed, make, named, op, the, whole
from cnncalc.read.python.functions.binary import _matmul, _price, binary
from cnncalc.read.python.functions.shapes import _t
from cnncalc.read.python.layers.apply import as_tensor, kept, node_of
from cnncalc.read.python.tensor.sizes import Dims, Size, fixed
from cnncalc.read.python.tensor.strides import after
from cnncalc.read.python.tensor.tensors import Param, Tensor, batch_at, is_batch, sample
from cnncalc.read.python.values import Args, Kwargs, Refused, Unknown


def absorbed(
    packages: PackagesBase, made: Layer, inputs: list[Tensor], weights: dict[str, object], node: ast.AST
) -> Tensor:
    """A layer with weights that the file holds as parameters: they are its own, counted here."""
    params = {name: value for name, value in weights.items() if isinstance(value, Param)}
    xs = [sample(tensor.dims) for tensor in inputs]
    ranks = made.ranks[0] if made.ranks else None
    used = made
    x = inputs[0]
    at = batch_at(x.dims)
    if ranks is not None:
        if at not in (0, None):
            raise Refused("python-batch-axis", f"{made.type()} takes the first axis for the batch", node)
        if at == 0 and not is_batch(x.dims[0]):
            from cnncalc.read.opaque import folded

            used = folded(made)
        if at is None and len(x.dims) in ranks:
            xs[0] = sample(x.dims[1:])
    outputs = node_of(packages, used, inputs, xs, node)
    shape, ref = outputs[""]
    if packages.active:
        graph = packages.tracer.graph
        number = len(graph.nodes) - 1
        here = graph.nodes[number]
        homes = {name: p.node for name, p in params.items() if p.node is not None}
        if homes:
            here.shares = next(iter(homes.values()))
            here.origin.shared = frozenset(homes)
        for param in params.values():
            if param.node is None:
                param.node, param.absorbed = number, True
        if params and all(not param.trainable for param in params.values()):
            here.frozen = True
        owner = next((param.owner for param in params.values()), None)
        if owner is not None and getattr(owner, "layer", None) is not None and owner.first is None:
            owner.first = number
    if ranks is not None and at == 0:
        dims: Dims = (x.dims[0], *(shape[1:] if used is not made else shape))
    elif ranks is not None and at is None and len(x.dims) in ranks:
        dims = (x.dims[0], *shape)
    else:
        dims = kept(x.dims, shape, made, node)
    result = Tensor(dims, ref)
    result.strides = after(made.type(), made, inputs, dims)
    return result


def _weight(value: object, what: str, node: ast.AST) -> Param | Tensor:
    if isinstance(value, Unknown):
        value.refuse(what, node)
    if isinstance(value, Param):
        return value
    return as_tensor(value, what, node)


@op("linear")
def _linear(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    weight, bias = _weight(get(args, kwargs, 1, "weight"), "the weight", node), get(args, kwargs, 2, "bias")
    if isinstance(weight, Param) and len(weight.dims) == 2 and (bias is None or isinstance(bias, Param)):
        made = layer("Linear", node, in_features=weight.dims[1], out_features=weight.dims[0], bias=bias is not None)
        return absorbed(packages, made, [x], {"weight": weight, "bias": bias}, node)
    result = _matmul(packages, [x, _t(packages, [weight], {}, node)], {}, node)
    return result if bias is None else binary(packages, "+", result, bias, node)


@named(*(f"{kind}{axes}d" for kind in ("conv", "conv_transpose") for axes in (1, 2, 3)))
def _conv(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    axes, transposed = int(name[-2]), name.startswith("conv_transpose")
    x = the(args, kwargs, node)
    weight, bias = _weight(get(args, kwargs, 1, "weight"), "the filters", node), get(args, kwargs, 2, "bias")
    names = ("stride", "padding", *(("output_padding", "groups", "dilation") if transposed else ("dilation", "groups")))
    options = {name: get(args, kwargs, 3 + at, name) for at, name in enumerate(names)}
    options = {name: list(v) if isinstance(v, tuple) else v for name, v in options.items() if v is not None}
    groups = options.get("groups", 1)
    dims = weight.dims
    if isinstance(groups, Size) and not transposed:
        return _each(packages, axes, x, weight, {**options, "groups": 1}, node)
    if len(dims) != axes + 2 or any(isinstance(size, Size) for size in dims) or isinstance(groups, (Unknown, Size)):
        raise Refused("python-unknown-call", "filters that differ by sample are not followed", node)
    first, second = sample(dims[:2])
    second *= integer(groups, "groups", node)
    channels = {"in_channels": first if transposed else second, "out_channels": second if transposed else first}
    kind = f"ConvTranspose{axes}d" if transposed else f"Conv{axes}d"
    made = layer(kind, node, **channels, kernel_size=list(dims[2:]), bias=isinstance(bias, Param), **options)
    if isinstance(weight, Param):
        return absorbed(packages, made, [x], {"weight": weight, "bias": bias}, node)
    one = (1, *sample(x.dims if batch_at(x.dims) is not None else x.dims[1:]))
    made_shape = (x.dims[0], *as_ints(_shape(made, one, node)[1:]))
    cost = made.macs((1, *sample(made_shape)), (1, *sample(x.dims)))
    result = make(packages, None, [x, weight], made_shape, node, kind)
    _price(packages, result, kind, int(sum(cost.values(), 0)))
    return result


def _each(
    packages: PackagesBase, axes: int, x: Tensor, weight: Param | Tensor, options: dict[str, object], node: ast.AST
) -> Tensor:
    """Filters of each sample's own: [1, N·C, H, W] in as many groups as there are samples."""
    first, sizes = weight.dims[0], fixed(weight.dims[1:])
    fits = sizes is not None and len(sizes) == axes + 1 == len(x.dims) - 1 and x.dims[:2] == (1, Size(sizes[0]))
    if sizes is None or not fits or not isinstance(first, Size):
        raise Refused("python-unknown-call", "filters that differ by sample are not followed", node)
    made = layer(f"Conv{axes}d", node, in_channels=sizes[0], out_channels=first.times, kernel_size=list(sizes[1:]),
                 bias=False, **options)  # fmt: skip
    one = (1, sizes[0], *sample(x.dims[2:]))
    shape = _shape(made, one, node)
    result = make(
        packages, None, [x, as_tensor(weight, "", node)], (1, first, *as_ints(shape[2:])), node, f"Conv{axes}d"
    )
    _price(packages, result, f"Conv{axes}d", sum(as_ints(made.macs(shape, one).values())))
    return result


def _shape(made: Layer, x: Shape, node: ast.AST) -> Shape:
    """The sizes that a layer gives for an input, with the batch."""
    try:
        made.accept((x,))
        return made.shape(x)
    except Fault as fault:
        raise Refused(fault.code, fault.message, node, fault.help) from None


@named("layer_norm", "rms_norm", "group_norm", "batch_norm", "instance_norm")
def _norm(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    x = the(args, kwargs, node)
    running = name in ("batch_norm", "instance_norm")
    weight, bias = get(args, kwargs, 2 + running, "weight"), get(args, kwargs, 3 + running, "bias")
    affine = isinstance(weight, Param)
    if running:
        kind = f"{'BatchNorm' if name == 'batch_norm' else 'InstanceNorm'}{max(1, len(x.dims) - 2)}d"
        made = layer(kind, node, num_features=x.dims[1], affine=affine)
    elif name == "group_norm":
        groups = whole(get(args, kwargs, 1, "num_groups"), "num_groups", node)
        made = layer("GroupNorm", node, num_groups=groups, num_channels=x.dims[1], affine=affine)
    else:
        sizes = [whole(size, "normalized_shape", node) for size in listed(get(args, kwargs, 1, "normalized_shape"))]
        shift = {"bias": isinstance(bias, Param)} if affine and name == "layer_norm" else {}
        kind = "LayerNorm" if name == "layer_norm" else "RMSNorm"
        made = layer(kind, node, normalized_shape=sizes, elementwise_affine=affine, **shift)
    held = {"weight": weight} if name == "rms_norm" else {"weight": weight, "bias": bias}
    return absorbed(packages, made, [x], held, node)


@op("embedding")
def _embedding(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    weight = _weight(get(args, kwargs, 1, "weight"), "the table", node)
    if isinstance(weight, Param):
        made = layer("Embedding", node, num_embeddings=weight.dims[0], embedding_dim=weight.dims[1])
        return absorbed(packages, made, [x], {"weight": weight}, node)
    return make(packages, None, [x, weight], (*x.dims, weight.dims[-1]), node, "Embedding")
