"""Layers on tensors: tensors become samples for the engine's rules, and its shapes tensors again."""

from __future__ import annotations

import ast

from cnncalc.core.layer import Layer
from cnncalc.core.number import Shape, as_ints
from cnncalc.core.problem import Fault
from cnncalc.network.graph import Ref
from cnncalc.read.opaque import folded, opaque, unheld
from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.tensor.sizes import Dim, Dims, Size
from cnncalc.read.python.tensor.strides import after, overlaps
from cnncalc.read.python.tensor.tensors import Param, Tensor, batch_at, is_batch, sample, text
from cnncalc.read.python.values import Raised, Refused, Unknown


class Stop(Exception):
    """A layer does not fit what it gets: the graph up to there says it."""


def as_tensor(value: object, what: str, node: ast.AST) -> Tensor:
    """A tensor that is given to a module."""
    if isinstance(value, Param):
        return value.tensor
    if isinstance(value, Tensor):
        return value
    if isinstance(value, Unknown):
        value.refuse(what, node)
    from cnncalc.read.python.builtin.registry import kind_of

    raise Raised("TypeError", f"{what} must be a tensor, not {kind_of(value)}", node)


# Layers of any number of axes that read the second one, or the last three.
CHANNELED = frozenset(("ChannelShuffle", "GroupNorm", "PixelShuffle", "PixelUnshuffle", "SyncBatchNorm"))


def layer_of(module: Module) -> Layer:
    """The layer of a leaf."""
    assert module.layer is not None
    return module.layer


def apply(
    packages: PackagesBase,
    layer: Layer,
    tensors: list[Tensor],
    node: ast.AST,
    module: Module | None = None,
) -> dict[str, Tensor]:
    """Apply a layer to tensors: its output under "", its ports by name.

    A layer of fixed rank reads its first axis as the batch; what was merged into the batch is a leading axis of the
    sample, and the layer is applied to each part of it. Other layers keep the axes before the last where they are.
    """
    ranks = layer.ranks[0] if layer.ranks else None
    xs: list[tuple[int, ...]] = []
    leads: list[Dim | None] = []  # the batch axis as PyTorch has it, for each input
    fold = lone = False
    tensors = list(tensors)
    for index, tensor in enumerate(tensors):
        dims = tensor.dims
        at = batch_at(dims)
        if ranks is not None or layer.type() in CHANNELED:
            _in_front(layer, dims, node)
        leads.append(None if ranks is None or at is None else dims[at])
        if ranks is not None and at is None and len(dims) in ranks:  # a constant: its first axis is the batch
            leads[-1] = dims[0]
            several = packages.active and dims[0] != 1
            fold = fold or several
            if not several:
                dims = dims[1:]
                if packages.active:
                    tensors[index] = _viewed(packages, tensor, dims, node)
                    lone = True
        elif leads[-1] is not None:
            fold = fold or not is_batch(leads[-1])
        xs.append(sample(dims))
    used = folded(layer) if fold else layer
    outputs = node_of(packages, used, tensors, xs, node, module)
    result: dict[str, Tensor] = {}
    for port, (shape, ref) in outputs.items():
        if ranks is not None:
            lead = leads[0]
            dims = shape if lead is None else (lead, *(shape[1:] if fold else shape))
        else:
            dims = kept(tensors[0].dims, shape, layer, node)
        result[port] = Tensor(tuple(dims), ref)
        result[port].strides = after(layer.type(), layer, tensors, dims)
        if layer.__dict__.get("inplace") and layer.category != "dropout":
            if overlaps(tensors[0].dims, tensors[0].strides):
                raise Raised("RuntimeError", f"{layer.type()} writes into a tensor whose elements share memory", node)
            result[port].strides = tensors[0].strides
        if lone and ref is not None and not any(isinstance(size, Size) for size in dims):
            result[port] = _viewed(packages, result[port], dims, node)
    return result


def _in_front(layer: Layer, dims: Dims, node: ast.AST) -> None:
    at = batch_at(dims)
    if at not in (0, None):
        message = f"{layer.type()} takes the first axis for the batch, which is axis {at} of {text(dims)} here"
        raise Refused("python-batch-axis", message, node)


def flat(layer: Layer, kind: str, x: Tensor) -> bool:
    """Whether a pool or padding gets [N, H, W], which PyTorch reads as one sample of N channels: none is mixed."""
    ranks = layer.ranks[0] if layer.ranks and ("Pool" in kind or "Pad" in kind) else None
    return ranks is not None and 1 < len(x.dims) == min(ranks) - 1 and is_batch(x.dims[0])


def _viewed(packages: PackagesBase, tensor: Tensor, dims: Dims, node: ast.AST) -> Tensor:
    """A constant of other sizes: with its first axis of 1 taken for the batch, or put back."""
    if tensor.constant:
        return Tensor((Size(1), *dims) if len(dims) < len(tensor.dims) else dims, what=tensor.what)
    tracer = packages.tracer
    tracer.origin = packages.origin(None, node)
    number = tracer.add(opaque("View", sample(dims)), (tracer.ref(tensor),), tracer.function_name("view"))
    return Tensor((Size(1), *dims) if len(dims) < len(tensor.dims) else dims, number)


def kept(dims: Dims, shape: tuple[int, ...], layer: Layer, node: ast.AST) -> Dims:
    """The sizes of the output of a layer that leaves the leading axes alone: the batch stays where it is."""
    at = batch_at(dims)
    if at is None:
        return shape
    if at >= len(dims) - _features(layer):
        message = f"{layer.type()} reads the last axis, which holds the batch in {text(dims)}"
        raise Refused("python-batch-axis", message, node)
    result: list[Dim] = list(shape)
    if is_batch(dims[at]):
        place = at
        if len(shape) < len(dims) - 1 and at > len(shape):
            place = 0
        result.insert(place, dims[at])
    else:
        result[at] = dims[at]
    return tuple(result)


def _features(layer: Layer) -> int:
    """How many axes at the end such a layer reads as the features of a position."""
    normalized: tuple[int, ...] | None = getattr(layer, "normalized_shape", None)
    if normalized is not None:
        return len(normalized)
    return int(layer.has_weights() and not layer.elementwise and not getattr(layer, "integers", False))


def node_of(
    packages: PackagesBase,
    layer: Layer,
    tensors: list[Tensor],
    xs: list[tuple[int, ...]],
    node: ast.AST,
    module: Module | None = None,
) -> dict[str, tuple[tuple[int, ...], Ref | None]]:
    """Ask the layer's rules, and make a node where a forward is followed; shapes of samples and the values' numbers."""
    tracer = packages.tracer
    trace = packages.active
    shapes = tuple((1, *x) for x in xs)
    packages.interpreter.spend(60, node)
    fault: Fault | None = None
    ports: dict[str, Shape] = {}
    y: Shape = ()
    try:
        layer.accept(shapes)
        y = layer.shape(*shapes)
        ports = layer.ports(*shapes)
    except Fault as found:
        fault = found
    if not trace:
        if fault is not None:
            raise Refused(fault.code, f"{_name(module, layer)}: {fault.message}", node, fault.help)
        return {port: (sizes, None) for port, sizes in _samples(y, ports).items()}
    constant = module is None and all(tensor.constant for tensor in tensors) and not layer.has_weights()
    if constant and fault is None:
        return {port: (sizes, None) for port, sizes in _samples(y, ports).items()}
    refs = tuple(tracer.ref(tensor) for tensor in tensors)
    if module is not None:
        number = add_module_node(packages, module, layer, refs, node)
    else:
        tracer.origin = packages.origin(None, node)
        number = tracer.add(layer, refs, tracer.function_name(layer.type()))
    if fault is not None:
        from cnncalc.network.propagate import repaired

        meant = repaired(layer, shapes, fault)
        if meant is None:
            raise Stop
        y, ports = meant.shape(*shapes), meant.ports(*shapes)
        packages.broken = True
    return {port: (sizes, (number, port) if port else number) for port, sizes in _samples(y, ports).items()}


def _samples(y: Shape, ports: dict[str, Shape]) -> dict[str, tuple[int, ...]]:
    """The sizes of one sample, of the output and of each port."""
    return {"": as_ints(y[1:]), **{port: as_ints(shape[1:]) for port, shape in ports.items()}}


def _name(module: Module | None, layer: Layer) -> str:
    return module.path or layer.type() if module is not None else layer.type()


def add_module_node(packages: PackagesBase, module: Module, layer: Layer, refs: tuple[Ref, ...], node: ast.AST) -> int:
    """The node of a module's call: the first holds its weights, further ones share them."""
    tracer = packages.tracer
    tracer.origin = packages.origin(module, node)
    path = module.path or module.kind.lower() or "layer"
    if not module.registered and layer.has_weights():
        message = (
            f"the parameters of this {module.kind} are not the model's: it is in no attribute, nn.ModuleList or such, "
            "so parameters() does not have them"
        )
        packages.remark(message, module, node, "python-unregistered")
        layer = unheld(layer)
        name = tracer.function_name(module.kind.lower())
        return tracer.add(layer, refs, name)
    shares, only = (module.first if layer_of(module).has_weights() else None), None
    frozen: bool | frozenset[str] = False
    if module.params:
        still = {name for name, p in module.params.items() if p is not None and not p.trainable}
        from cnncalc.read.python.layers.modules import weights_of

        everything = {weight.name for weight in weights_of(module)}
        if still:
            frozen = True if everything and still >= everything else frozenset(still)
        if shares is None:
            homes = {name: p.node for name, p in module.params.items() if p is not None and p.node is not None}
            if homes:
                shares = next(iter(homes.values()))
                only = frozenset(name for name, home in homes.items() if home == shares)
    origin = tracer.origin
    number = tracer.add(layer, refs, tracer.call_name(path), shares=shares, frozen=frozen)
    origin.shared = only
    index = len(tracer.graph.nodes) - 1
    if module.first is None:
        module.first = index
        for param in module.params.values():
            if param is not None and param.node is None:
                param.node = index
                param.absorbed = True
    return number
