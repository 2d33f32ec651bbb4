"""Calls of torch.nn's leaf modules: tensors become samples for the engine's layers, and its shapes tensors again."""

from __future__ import annotations

from typing import Any

from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault
from cnncalc.read.opaque import folded, opaque, unheld
from cnncalc.read.python.modules import Module
from cnncalc.read.python.sizes import Size
from cnncalc.read.python.tensors import Param, Tensor, batch_at, is_batch, sample, text
from cnncalc.read.python.values import Raised, Refused, Unknown

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


class Stop(Exception):
    """A layer does not fit what it gets: the graph up to there says it."""


def as_tensor(value: Any, what: str, node: Any) -> Tensor:
    """A tensor that is given to a module."""
    if isinstance(value, Param):
        return value.tensor
    if isinstance(value, Tensor):
        return value
    if isinstance(value, Unknown):
        value.refuse(what, node)
    from cnncalc.read.python.library import kind_of

    raise Raised("TypeError", f"{what} must be a tensor, not {kind_of(value)}", node)


def arguments(kind: str, args: list[Any], kwargs: dict[str, Any], node: Any) -> dict[str, Any]:
    """Forward's arguments by name."""
    names = SIGNATURES.get(kind, "input").split()
    found = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        found[name if name in names or len(names) > 1 else "input"] = value
    if names[0] not in found:
        raise Raised("TypeError", f"{kind} is called without {names[0]}", node)
    return found


def call_leaf(world: Any, module: Module, args: list[Any], kwargs: dict[str, Any], node: Any) -> Any:
    """`module(...)` for a module that is a layer."""
    given = arguments(module.kind, args, kwargs, node)
    kind = module.kind
    if kind in SEQUENCES:
        return _sequence(world, module, given, node)
    if kind in ("RNNCell", "LSTMCell", "GRUCell"):
        return _cell(world, module, given, node)
    if kind == "MultiheadAttention":
        return _attention(world, module, given, node)
    if kind.startswith("MaxUnpool"):
        return _unpool(world, module, given, node)
    tensors = [as_tensor(value, f"the input of {kind}", node) for value in list(given.values())[:1]]
    if kind in ("Bilinear", "CosineSimilarity", "PairwiseDistance"):
        tensors = [as_tensor(value, f"an input of {kind}", node) for value in given.values()]
    if kind == "EmbeddingBag" and given.get("offsets") is not None:
        raise Refused("python-unknown-call", "EmbeddingBag with offsets is not followed", node)
    if kind.startswith("ConvTranspose") and given.get("output_size") is not None:
        raise Refused("python-unknown-call", "ConvTranspose with output_size= in the call is not followed", node)
    assert module.layer is not None
    outputs = apply(world, module.layer, tensors, node, module=module)
    first = outputs[""]
    if getattr(module.layer, "return_indices", False):
        return (first, outputs["indices"])
    return first


def layer_of(module: Module) -> Layer:
    """The layer of a leaf."""
    assert module.layer is not None
    return module.layer


def apply(
    world: Any,
    layer: Layer,
    tensors: list[Tensor],
    node: Any,
    module: Module | None = None,
    name: str = "",
    places: tuple[int, ...] = (),
) -> dict[str, Tensor]:
    """Apply a layer to tensors: its output under "", its ports by name. `places`: where the batch axis is moved from.

    A layer of fixed rank reads its first axis as the batch; what was merged into the batch is a leading axis of the
    sample, and the layer is applied to each part of it. Other layers keep the axes before the last where they are.
    """
    ranks = layer.ranks[0] if layer.ranks else None
    fixed = ranks is not None
    xs: list[tuple[int, ...]] = []
    leads: list[Any] = []  # the batch axis as PyTorch has it, for each input
    fold = lone = False
    tensors = list(tensors)
    for index, tensor in enumerate(tensors):
        dims = tensor.dims
        at = batch_at(dims)
        if fixed:
            assert ranks is not None
            rank = len(dims)
            if at is None:
                if rank in ranks:  # a constant: its first axis is the batch
                    leads.append(dims[0])
                    several = world.active and dims[0] != 1
                    fold = fold or several
                    xs.append(tuple(dims) if several else tuple(dims[1:]))
                    if world.active and not several:
                        tensors[index] = _viewed(world, tensor, tuple(dims[1:]), node)
                        lone = True
                else:
                    leads.append(None)
                    xs.append(tuple(dims))
            else:
                if at != 0 and not places:
                    raise Refused(
                        "python-batch-axis",
                        f"{layer.type()} takes the first axis for the batch, which is axis {at} of {text(dims)} here",
                        node,
                    )
                leads.append(dims[at])
                if not is_batch(dims[at]):
                    fold = True
                xs.append(sample(dims))
        else:
            leads.append(None)
            xs.append(sample(dims))
    used = folded(layer) if fold else layer
    outputs = node_of(world, used, tensors, xs, node, module, name)
    result: dict[str, Tensor] = {}
    for port, (shape, ref) in outputs.items():
        if fixed:
            lead = leads[0]
            dims = shape if lead is None else (lead, *(shape[1:] if fold else shape))
        else:
            dims = _kept(tensors[0].dims, shape, layer, node)
        result[port] = Tensor(tuple(dims), ref)
        if lone and ref is not None and not any(isinstance(size, Size) for size in dims):
            result[port] = _viewed(world, result[port], tuple(dims), node)
    return result


def _viewed(world: Any, tensor: Tensor, dims: tuple[int, ...], node: Any) -> Tensor:
    """A constant of other sizes: with its first axis of 1 taken for the batch, or put back."""
    if tensor.constant:
        return Tensor((Size(1), *dims) if len(dims) < len(tensor.dims) else dims, what=tensor.what)
    tracer = world.tracer
    tracer.origin = world.origin(None, node)
    number = tracer.add(opaque("View", dims), (tracer.ref(tensor),), tracer.function_name("view"))
    return Tensor((Size(1), *dims) if len(dims) < len(tensor.dims) else dims, number)


def _kept(dims: tuple[Any, ...], shape: tuple[int, ...], layer: Layer, node: Any) -> tuple[Any, ...]:
    """The sizes of the output of a layer that leaves the leading axes alone: the batch stays where it is."""
    at = batch_at(dims)
    if at is None:
        return shape
    result = list(shape)
    if is_batch(dims[at]):
        place = at
        if len(shape) < len(dims) - 1 and at > len(shape):
            place = 0
        result.insert(place, dims[at])
    else:
        result[at] = dims[at]
    return tuple(result)


def node_of(
    world: Any,
    layer: Layer,
    tensors: list[Tensor],
    xs: list[tuple[int, ...]],
    node: Any,
    module: Module | None = None,
    name: str = "",
) -> dict[str, tuple[tuple[int, ...], Any]]:
    """Ask the layer's rules, and make a node where a forward is followed; shapes of samples and the values' numbers."""
    tracer = world.tracer
    trace = world.active
    shapes = tuple((1, *x) for x in xs)
    world.interpreter.spend(60, node)
    fault: Fault | None = None
    ports: dict[str, Any] = {}
    y: Any = ()
    try:
        layer.accept(shapes)
        y = layer.shape(*shapes)
        ports = layer.ports(*shapes)
    except Fault as found:
        fault = found
    if not trace:
        if fault is not None:
            raise Refused(fault.code, f"{_name(module, layer)}: {fault.message}", node, fault.help)
        return {"": (tuple(y[1:]), None), **{port: (tuple(shape[1:]), None) for port, shape in ports.items()}}
    constant = module is None and all(tensor.constant for tensor in tensors) and not layer.has_weights()
    if constant and fault is None:
        return {"": (tuple(y[1:]), None), **{port: (tuple(shape[1:]), None) for port, shape in ports.items()}}
    refs = tuple(tracer.ref(tensor) for tensor in tensors)
    if module is not None:
        number = add_module_node(world, module, layer, refs, node)
    else:
        tracer.origin = world.origin(None, node)
        number = tracer.add(layer, refs, name or tracer.function_name(layer.type()))
    if fault is not None:
        y = _repaired(layer, shapes, fault)
        if y is None:
            raise Stop
        world.broken = True
    return {"": (tuple(y[1:]), number), **{port: (tuple(shape[1:]), (number, port)) for port, shape in ports.items()}}


def _name(module: Module | None, layer: Layer) -> str:
    return module.path or layer.type() if module is not None else layer.type()


def _repaired(layer: Layer, xs: tuple[tuple[int, ...], ...], fault: Fault) -> Any:
    from cnncalc.network.propagate import _after

    return _after(layer, xs, fault)


def add_module_node(world: Any, module: Module, layer: Layer, refs: tuple[Any, ...], node: Any) -> int:
    """The node of a module's call: the first holds its weights, further ones share them."""
    tracer = world.tracer
    tracer.origin = world.origin(module, node)
    path = module.path or module.kind.lower() or "layer"
    if not module.registered and layer.has_weights():
        world.remark(
            f"the parameters of this {module.kind} are not the model's: it is in no attribute, nn.ModuleList or such, "
            "so parameters() does not have them",
            module,
            node,
            "python-unregistered",
        )
        layer = unheld(layer)
        name = tracer.function_name(module.kind.lower())
        number: int = tracer.add(layer, refs, name)
        return number
    shares, only = (module.first if layer_of(module).has_weights() else None), None
    frozen: Any = False
    if module.params:
        still = {name for name, p in module.params.items() if p is not None and not p.trainable}
        from cnncalc.read.python.modules import weights_of

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


# --- sequences -----------------------------------------------------------------------------------------------------


def _front(tensor: Tensor, batch_first: bool, what: str, node: Any) -> tuple[tuple[int, ...], int | None]:
    """The sample of a sequence [length, features], and the axis of the batch (None: there is no batch)."""
    dims = tensor.dims
    at = batch_at(dims)
    wanted = 0 if batch_first else 1
    if len(dims) == 2 and at is None:
        return tuple(dims), None
    if len(dims) != 3:
        raise Refused("wrong-axes", f"{what} takes [length, batch, features], but gets {text(dims)}", node)
    if at is None:
        return (tuple(dims[:wanted]) + tuple(dims[wanted + 1 :]), wanted) if dims[wanted] == 1 else (tuple(dims), -1)
    return sample(dims), at


def _dims(shape: tuple[int, ...], at: int | None, size: Any) -> tuple[Any, ...]:
    if at is None:
        return shape
    result = list(shape)
    result.insert(at, size)
    return tuple(result)


def _sequence(world: Any, module: Module, given: dict[str, Any], node: Any) -> Any:
    layer = layer_of(module)
    x = as_tensor(given["input"], f"the input of {module.kind}", node)
    batch_first = bool(module.attrs.get("batch_first", False))
    at = batch_at(x.dims)
    other = at is not None and is_batch(x.dims[at]) and at == (1 if batch_first else 0) and len(x.dims) == 3
    merged = at is not None and not is_batch(x.dims[at])
    if len(x.dims) not in (2, 3):
        raise Refused(
            "wrong-axes",
            f"{module.kind} takes 3 axes, [batch, length, features] or such, but gets {text(x.dims)}",
            node,
        )
    if len(x.dims) == 2 and at is not None:
        raise Refused(
            "wrong-axes",
            f"{module.kind} takes [batch, length, features], but gets {text(x.dims)}",
            node,
            help="a sequence of one step is x.unsqueeze(1)",
        )
    size = x.dims[at] if at is not None else None
    states: list[Tensor] = []
    hx = given.get("hx")
    if hx is not None and not isinstance(hx, Unknown):
        for state in hx if isinstance(hx, (tuple, list)) else [hx]:
            states.append(as_tensor(state, f"the state of {module.kind}", node))
    known = [state for state in states if batch_at(state.dims) is not None and not merged and not other]
    if len(known) != len(states):
        known = []
    if merged:
        used: Layer = folded(layer)
        xs = [sample(x.dims)]
    else:
        used = layer
        xs = [sample(x.dims) if at is not None else tuple(x.dims)]
        if at is None and len(x.dims) == 3:
            first = 0 if batch_first else 1
            size, at = x.dims[first], first
            xs = [tuple(d for i, d in enumerate(x.dims) if i != first)]
    xs += [sample(state.dims) for state in known]
    outputs = node_of(world, used, [x, *known], xs, node, module)
    y, ref = outputs[""]
    if merged:
        out = Tensor((size, *y[1:]), ref)
        ended = [Tensor((outputs[p][0][1], size, *outputs[p][0][2:]), outputs[p][1]) for p in layer.states]  # type: ignore[attr-defined]
    else:
        out = Tensor(_dims(y, at, size), ref)
        if other:
            what = "it has batch_first=False, so the first axis is the time and not the batch"
            if batch_first:
                what = "it has batch_first=True, so the second axis is the time"
            ended = [Unknown(f"the last state of {module.path or module.kind}: {what}", node) for _ in layer.states]  # type: ignore[attr-defined,misc]
            world.remark(f"{module.path or module.kind} gets {text(x.dims)}, but {what}", module, node)
        else:
            ended = [Tensor(_dims(outputs[p][0], None if at is None else 1, size), outputs[p][1]) for p in layer.states]  # type: ignore[attr-defined]
    return (out, tuple(ended) if len(ended) > 1 else ended[0])


def _cell(world: Any, module: Module, given: dict[str, Any], node: Any) -> Any:
    layer = layer_of(module)
    x = as_tensor(given["input"], f"the input of {module.kind}", node)
    hx = given.get("hx")
    states = []
    if hx is not None:
        states = [as_tensor(s, "a state", node) for s in (hx if isinstance(hx, (tuple, list)) else [hx])]
    if any(batch_at(state.dims) != batch_at(x.dims) for state in states):
        states = []
    fold = batch_at(x.dims) is not None and not is_batch(x.dims[batch_at(x.dims)])  # type: ignore[index]
    outputs = node_of(
        world, folded(layer) if fold else layer, [x, *states], [sample(t.dims) for t in (x, *states)], node, module
    )
    at = batch_at(x.dims)

    def made(port: str) -> Tensor:
        shape, ref = outputs[port]
        if at is None:
            return Tensor((*x.dims[:-1], shape[-1]) if len(x.dims) == 1 else (x.dims[0], shape[-1]), ref)
        return Tensor((x.dims[at], shape[-1]), ref)

    return (made("h"), made("c")) if module.kind == "LSTMCell" else made("")


def _attention(world: Any, module: Module, given: dict[str, Any], node: Any) -> Any:
    layer = layer_of(module)
    names = ("query", "key", "value")
    if any(name not in given for name in names):
        raise Raised("TypeError", "MultiheadAttention takes query, key and value", node)
    tensors = [as_tensor(given[name], f"the {name} of MultiheadAttention", node) for name in names]
    batch_first = bool(module.attrs.get("batch_first", False))
    fold = any((at := batch_at(t.dims)) is not None and not is_batch(t.dims[at]) for t in tensors)
    samples, places = [], []
    for tensor in tensors:
        at = batch_at(tensor.dims)
        if len(tensor.dims) not in (2, 3):
            raise Refused("wrong-axes", f"MultiheadAttention takes 3 axes, but gets {text(tensor.dims)}", node)
        if at is None and len(tensor.dims) == 3:
            at = 0 if batch_first else 1
            samples.append(tuple(d for i, d in enumerate(tensor.dims) if i != at))
        else:
            samples.append(sample(tensor.dims))
        places.append(at)
    if len(set(places)) > 1 and None in places:
        known = next(place for place in places if place is not None)
        places = [known if place is None else place for place in places]
    swapped = places[0] is not None and places[0] != (0 if batch_first else 1) and not fold
    if swapped:
        said = "batch_first=True" if batch_first else "batch_first=False"
        world.remark(
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
            if batch_at(tensor.dims) is None or is_batch(tensor.dims[batch_at(tensor.dims)]):  # type: ignore[index]
                raise Refused("python-batch-axis", "query and key of different batches are not followed", node)
    outputs = node_of(world, folded(layer) if fold else layer, tensors, samples, node, module)
    shape, ref = outputs[""]
    at = places[0]
    query = as_tensor(given["query"], "the query", node)
    size = query.dims[at] if at is not None else None
    if fold:
        out = Tensor((size, *shape[1:]) if at == 0 else (*shape[1:2], size, *shape[2:]), ref)
    else:
        out = Tensor(_dims(shape, at, size), ref)
    if given.get("need_weights", True) is False:
        return (out, None)
    if "attention" in outputs and not swapped:
        shape, ref = outputs["attention"]
        weights: Any = Tensor(_dims(shape[1:] if fold else shape, None if at is None else 0, size), ref)
    else:
        weights = Unknown("the weights of an attention", node)
    return (out, weights)


def _unpool(world: Any, module: Module, given: dict[str, Any], node: Any) -> Any:
    layer = layer_of(module)
    if given.get("output_size") is not None:
        wanted = [size for size in given["output_size"] if isinstance(size, int)]
        options = {name: layer.__dict__[name] for name in ("kernel_size", "stride")}
        axes = layer.axes
        from cnncalc.read.python.modules import leaf

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
    return apply(world, layer, tensors, node, module=module)[""]
