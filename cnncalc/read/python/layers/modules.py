"""Modules: what torch.nn's classes and the file's own subclasses of them hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import copy

from cnncalc.core.layer import Weight
from cnncalc.core.number import as_ints
from cnncalc.core.problem import Fault
from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.builtin import registry
from cnncalc.read.python.layers.kinds import CONTAINERS, LEAVES
from cnncalc.read.python.layers.leaf import shared_leaf, stand_in
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.tensor.sizes import fixed
from cnncalc.read.python.tensor.tensors import Param, Tensor
from cnncalc.read.python.values import Args, Class, External, Kwargs, Object, Raised, Refused, Unknown

# Leaves that have a weight or bias, or None in its place.
WEIGHTED = (
    "Conv", "LazyConv", "Linear", "LazyLinear", "Bilinear", "BatchNorm", "LazyBatchNorm", "SyncBatchNorm",
    "InstanceNorm", "LazyInstanceNorm", "GroupNorm", "LayerNorm", "RMSNorm", "Embedding", "RNN", "LSTM", "GRU",
    "MultiheadAttention", "PReLU",
)  # fmt: skip


def weights_of(module: Module) -> list[Weight]:
    """A leaf's parameter arrays; empty for one whose sizes nobody knows yet."""
    layer = module.layer
    if layer is None or not layer.has_weights():
        return []
    try:
        return list(layer.weights(*stand_in(layer)))
    except Refused:
        return []
    except Fault as fault:
        raise Refused(fault.code, f"{module.path or module.kind}: {fault.message}", module.node, fault.help) from None


def is_lazy(module: Module) -> bool:
    """Whether a leaf gets the sizes of its weights from its first input."""
    if module.layer is None or not module.layer.has_weights():
        return False
    try:
        stand_in(module.layer)
    except Refused:
        return True
    return False


def leaf_param(module: Module, name: str) -> Param | None:
    """A leaf's parameter of that name, as an object; None where the layer has none."""
    if name in module.params:
        return module.params[name]
    for weight in weights_of(module):
        if weight.name == name:
            made = Param(as_ints(weight.shape))
            made.owner, made.name = module, name
            module.params[name] = made
            return made
    return None


def parameters(module: Module, seen: dict[int, None] | None = None, prefix: str = "") -> Iterator[tuple[str, Param]]:
    """All parameters with their paths, each once, as named_parameters() gives them."""
    seen = {} if seen is None else seen
    if module.layer is not None:
        for weight in weights_of(module):
            leaf_param(module, weight.name)
    for name, param in module.params.items():
        if param is not None and id(param) not in seen:
            seen[id(param)] = None
            yield f"{prefix}{name}", param
    for name, child in module.children.items():
        yield from parameters(child, seen, f"{prefix}{name}.")


def modules(module: Module, seen: dict[int, None] | None = None, path: str = "") -> Iterator[tuple[str, Module]]:
    """All modules with their paths, each once, as named_modules() gives them."""
    seen = {} if seen is None else seen
    if id(module) in seen:
        return
    seen[id(module)] = None
    yield path, module
    for name, child in module.children.items():
        yield from modules(child, seen, f"{path}.{name}" if path else name)


def number(module: Module) -> None:
    """Give every module the path that PyTorch gives it."""
    for path, part in modules(module):
        part.path, part.registered = path, True


def initialise(module: Module, kind: str, args: Args, kwargs: Kwargs, run: InterpreterBase, node: ast.AST) -> None:
    """What the __init__ of torch.nn's own class does."""
    module.ready = True
    module.inside = run.file is not None and run.file.bundled
    run.spend(20, node)
    if kind in LEAVES:
        if module.node is None or module.cls is not None:
            module.node, module.file = run.spot(node)
        module.layer = shared_leaf(kind, args, kwargs, run, node)
        module.attrs.setdefault("batch_first", bool(kwargs.get("batch_first", False)))
        if "Pool" in kind and "Adaptive" not in kind:  # which keep their sizes as they were written
            names = ("kernel_size", "stride", "padding")
            written = {**dict(zip(names, args, strict=False)), **{n: v for n, v in kwargs.items() if n in names}}
            if written.get("stride") is None and "kernel_size" in written:
                written["stride"] = written["kernel_size"]
            module.attrs.update(written)
        if kind in ("RNN", "LSTM", "GRU", "MultiheadAttention"):
            module.attrs["batch_first"] = bool(module.layer.batch_first)  # type: ignore[attr-defined]
    elif kind == "Sequential":
        if len(args) == 1 and isinstance(args[0], dict):
            for name, child in args[0].items():
                add_child(module, str(name), child, node)
        else:
            for at, child in enumerate(args):
                add_child(module, str(at), child, node)
    elif kind in ("ModuleList", "ParameterList"):
        given = args[0] if args else kwargs.get("modules") or kwargs.get("values") or kwargs.get("parameters")
        for at, child in enumerate([] if given is None else run.listed(given, node)):
            add_child(module, str(at), child, node)
    elif kind in ("ModuleDict", "ParameterDict"):
        given = args[0] if args else kwargs.get("modules") or kwargs.get("parameters")
        if given is not None:
            pairs = given.items() if isinstance(given, dict) else run.packages.pairs(given, node)
            for name, child in pairs:
                add_child(module, str(name), child, node)


def add_child(module: Module, name: str, child: object, node: object) -> None:
    """Put a module, or a parameter, under a name."""
    if isinstance(child, Unknown):
        child.refuse(f"the module {name} of {module.type_name}", node)
    if isinstance(child, Param):
        own(module, name, child)
    elif isinstance(child, Module):
        module.children[name] = child
    elif child is None:
        if module.kind in CONTAINERS:
            module.empty[name] = None
        else:
            module.attrs[name] = None
    elif isinstance(child, Tensor) and module.kind in ("ParameterList", "ParameterDict"):
        sizes = fixed(child.dims)
        if sizes is None:
            raise Refused("python-unknown-value", "the shape of a parameter depends on the batch size", node)
        own(module, name, Param(sizes))
    elif isinstance(child, (Class, External)):
        raise Raised(
            "TypeError", f"{registry.kind_of(child)} is a class, not a module: a pair of brackets is missing", node
        )
    else:
        raise Raised("TypeError", f"{registry.kind_of(child)} is not a Module subclass", node)


def own(module: Module, name: str, param: Param) -> None:
    """Register a parameter; the first module that has it is its owner."""
    module.params[name] = param
    if param.owner is None:
        param.owner, param.name = module, name


def set_attribute(module: Module, name: str, value: object, node: ast.AST) -> None:
    """`module.name = value`, as torch.nn.Module does it."""
    if isinstance(value, Module):
        module.attrs.pop(name, None)
        module.params.pop(name, None)
        module.children[name] = value
        if module.registered:  # made in forward: PyTorch knows of it from then on
            for path, part in modules(value, path=f"{module.path}.{name}" if module.path else name):
                if not part.registered:
                    part.path, part.registered = path, True
        return
    if isinstance(value, Param):
        module.attrs.pop(name, None)
        held = weights_of(module)
        if held:
            shape = next((weight.shape for weight in held if weight.name == name), None)
            if shape is not None and tuple(shape) != tuple(value.dims):
                raise Refused(
                    "share-shapes-differ",
                    f"{name} of {module.type_name} is {list(shape)}, and is set to a parameter of {list(value.dims)}",
                    node,
                )
        own(module, name, value)
        return
    if name in module.children:
        del module.children[name]
    if name in module.params:
        module.params[name] = None if value is None else module.params[name]
        if value is None:
            drop(module, name, node)
            return
        del module.params[name]
    elif value is None and any(weight.name == name for weight in weights_of(module)):
        drop(module, name, node)
        return
    if name in module.buffers and isinstance(value, Tensor):
        module.buffers[name] = value
        return
    if isinstance(value, Unknown) and value.module:
        module.hidden.append(value)
    module.attrs[name] = value


def drop(module: Module, name: str, node: ast.AST) -> None:
    """A parameter becomes None: its layer has it no longer."""
    module.params[name] = None
    layer = module.layer
    if layer is None or not any(weight.name == name for weight in weights_of(module)):
        return
    if name != "bias" or layer.__dict__.get("bias") is not True:
        raise Refused("python-unknown-call", f"{module.type_name} with {name} = None is not followed", node)
    module.layer = copy(layer)
    module.layer.__dict__["bias"] = False


def find(module: Module, name: str) -> tuple[object] | None:
    """A child, parameter, buffer or attribute of a module; None in a tuple where there is none."""
    for table in (module.attrs, module.children, module.params, module.buffers):
        if name in table:
            return (table[name],)
    if module.layer is not None:
        param = leaf_param(module, name)
        if param is not None:
            return (param,)
        if name == "weight" and hasattr(module.layer, "held"):  # made of others: weight_norm
            return (Tensor(module.layer.held(*stand_in(module.layer)).shape),)
        if name in ("weight", "bias", "bias_k", "bias_v", "in_proj_bias") and module.kind.startswith(WEIGHTED):
            return (None,)
        if name in module.layer.options or name in module.layer.__dict__:
            value = module.layer.__dict__.get(name)
            if value is None and name in module.layer.options and module.layer.options[name].inferred:
                return (Unknown("the size is known once it is called"),)
            return (_plain(value),)
        if name in ("running_mean", "running_var", "num_batches_tracked"):
            return (Tensor((getattr(module.layer, "num_features", None) or 1,)),)
        if name == "transposed":
            return ("Transpose" in module.kind,)
    return None


def _plain(value: object) -> object:
    """An option's value as PyTorch shows it: padding is one number a side."""
    if isinstance(value, tuple) and value and all(isinstance(p, tuple) and len(p) == 2 and p[0] == p[1] for p in value):
        return tuple(p[0] for p in value)
    return value


def deep_copy(value: object, run: InterpreterBase, node: ast.AST, memo: dict[int, object] | None = None) -> object:
    """copy.deepcopy: modules with parameters of their own; what is shared inside stays shared."""
    memo = {} if memo is None else memo
    run.spend(1, node)
    if isinstance(value, Param):
        return _copied_param(value, memo)
    if isinstance(value, Module):
        return _copied_module(value, run, node, memo)
    if id(value) in memo:
        return memo[id(value)]
    if isinstance(value, list):
        made: list[object] = []
        memo[id(value)] = made
        made.extend(deep_copy(part, run, node, memo) for part in value)
        return made
    if isinstance(value, tuple):
        return tuple(deep_copy(part, run, node, memo) for part in value)
    if isinstance(value, dict):
        held: dict[object, object] = {}
        memo[id(value)] = held
        held.update({name: deep_copy(part, run, node, memo) for name, part in value.items()})
        return held
    if isinstance(value, Object):
        twin = Object(value.kind)
        memo[id(value)] = twin
        twin.attrs = {name: deep_copy(part, run, node, memo) for name, part in value.attrs.items()}
        return twin
    return value


def _copied_param(value: Param, memo: dict[int, object]) -> Param:
    known = memo.get(id(value))
    if isinstance(known, Param):
        return known
    made = Param(value.dims, value.trainable)
    memo[id(value)] = made
    made.name = value.name
    owner = memo.get(id(value.owner)) if value.owner is not None else None
    made.owner = owner if isinstance(owner, Module) else None
    return made


def _copied_module(value: Module, run: InterpreterBase, node: ast.AST, memo: dict[int, object]) -> Module:
    known = memo.get(id(value))
    if isinstance(known, Module):
        return known
    run.spend(60, node)
    made = Module(value.cls, value.kind, value.node, value.file)
    memo[id(value)] = made
    made.layer, made.ready, made.hidden = value.layer, value.ready, list(value.hidden)
    made.inside = value.inside
    for name, param in value.params.items():
        run.spend(1, node)
        made.params[name] = part = None if param is None else _copied_param(param, memo)
        if part is not None and part.owner is None:
            part.owner, part.name = made, name
    for name, child in value.children.items():
        run.spend(1, node)
        made.children[name] = _copied_module(child, run, node, memo)
    made.hooks = dict(value.hooks)
    made.buffers, made.empty = dict(value.buffers), dict(value.empty)
    made.attrs = {name: deep_copy(part, run, node, memo) for name, part in value.attrs.items()}
    return made
