"""Layers from the arguments of torch.nn's classes."""

from __future__ import annotations

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.problem import Fault
from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.tensor.sizes import Size
from cnncalc.read.python.tensor.tensors import Param, Tensor
from cnncalc.read.python.values import Args, External, Function, Kwargs, Partial, Raised, Refused, Unknown

# Values that say all of what an option is.
PLAIN = (int, float, bool, str, type(None))


# Options that count nothing and shape nothing: where their value is not known, the default will do.
SILENT = frozenset(
    """
        p dropout eps momentum inplace negative_slope alpha device dtype value lower upper
        """.split()
)


def leaf(kind: str, args: Args, kwargs: Kwargs, node: object) -> Layer:
    """The layer that torch.nn's class makes of these arguments."""
    found = layers.find(kind)
    if found is None:
        raise Refused("python-unknown-call", f"torch.nn.{kind} is not known here", node)
    names = [name for name, option in found.options.items() if not option.keyword_only]
    given = list(args)
    for at, value in enumerate(given):
        name = names[at] if at < len(names) else ""
        given[at] = _argument(value, kind, name, found, node)
    named = {name: _argument(value, kind, name, found, node) for name, value in kwargs.items()}
    named = {name: value for name, value in named.items() if not isinstance(value, Unknown)}
    while given and isinstance(given[-1], Unknown):
        given.pop()
    if any(isinstance(value, Unknown) for value in given):
        named.update({n: v for n, v in zip(names, given, strict=False) if not isinstance(v, Unknown)})
        given = []
    try:
        return found.bind(given, named)
    except Fault as fault:
        raise Refused(fault.code, fault.message, node, fault.help) from None


# Options of which PyTorch takes a list of one number for all axes.
ONE_FOR_ALL = frozenset(("stride", "padding", "dilation", "output_padding"))


def _argument(value: object, kind: str, name: str, found: type[Layer], node: object) -> object:
    option = found.options.get(name)
    if type(value) is float and option is not None and option.counts:
        raise Raised("TypeError", f"{name} of {kind} is {value}, and must be an int", node)
    if isinstance(value, Unknown):
        if name in SILENT or (option is not None and option.ignored):
            return value
        value.refuse(f"{name or 'an argument'} of {kind}", node)
    if isinstance(value, Size):
        raise Refused("python-unknown-value", f"{name} of {kind} depends on the batch size", node)
    if isinstance(value, (list, tuple)) and len(value) == 1 and name in ONE_FOR_ALL:
        return _argument(value[0], kind, name, found, node)
    if isinstance(value, (list, tuple)):
        return [_argument(part, kind, name, found, node) for part in value] if value else list(value)
    if isinstance(value, Module):
        if value.layer is None:
            raise Refused("python-unknown-call", f"{kind} of a {value.type_name} is not followed", node)
        return value.layer
    if isinstance(value, External):
        short = value.name
        if name in ("device", "dtype"):
            return None
        return short
    if isinstance(value, (Function, Partial)) and name == "activation":
        raise Refused("python-unknown-call", f"{kind} with a function of the file is not followed", node)
    if isinstance(value, (Tensor, Param)):
        if value.dims in ((), (1,)) and name in SILENT:
            return None
        if name in ("_weight",):
            return None
        raise Refused("python-unknown-value", f"{name or 'an argument'} of {kind} is a tensor", node)
    return value


def stand_in(layer: Layer) -> tuple[object, ...]:
    """Inputs of the sizes that the layer's options name, to ask for its weights before it is called."""
    inner = getattr(layer, "layer", None)
    if isinstance(inner, Layer):  # a layer around another one takes what that takes
        return stand_in(inner)
    if layer.type().startswith("Lazy"):
        raise Refused("python-lazy", "its sizes are known once it is called")
    forms = (layer.takes,) if isinstance(layer.takes, str) else layer.takes
    sizes = {
        option.symbol: layer.__dict__[name]
        for name, option in layer.options.items()
        if option.symbol and isinstance(layer.__dict__.get(name), int)
    }
    inferred = {(at.input, at.symbol): layer.__dict__[at.option] for at in layer.inferences}
    count = max(layer.inputs[0], 3 if getattr(layer, "kdim", None) or getattr(layer, "vdim", None) else 1)
    found = []
    for index in range(min(count, len(forms)) if isinstance(layer.takes, tuple) else count):
        form = forms[min(index, len(forms) - 1)].split(" | ")[0].split()
        shape: list[object] = []
        for symbol in form:
            if symbol == "*":
                continue
            known = inferred.get((index, symbol))
            if known is None:
                known = sizes.get(symbol)
            if known is None and (index, symbol) in inferred:
                raise Refused("python-lazy", "its sizes are known once it is called")
            shape.append(1 if symbol == "N" else known if known is not None else 64)
        if index == 0 and getattr(layer, "normalized_shape", None):
            shape.extend(layer.normalized_shape)  # type: ignore[attr-defined]
        found.append(tuple(shape))
    return tuple(found)


def shared_leaf(kind: str, args: Args, kwargs: Kwargs, run: InterpreterBase, node: object) -> Layer:
    """The layer of torch.nn's class: one for all modules with the same plain options, whose rules then run once."""
    values = [*args, *kwargs.values()]
    if not all(type(value) in PLAIN for value in values):
        return leaf(kind, args, kwargs, node)
    key = (kind, len(args), tuple(kwargs), tuple(values), tuple(map(type, values)))
    known: Layer | None = run.layers.get(key)
    if known is None:
        known = run.layers[key] = leaf(kind, args, kwargs, node)
    return known
