"""Modules: what torch.nn's classes and the file's own subclasses of them hold, and what their methods do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc import layers
from cnncalc.core.layer import Layer, Weight
from cnncalc.core.problem import Fault
from cnncalc.read.python import library
from cnncalc.read.python.sizes import Size
from cnncalc.read.python.tensors import Param, Tensor
from cnncalc.read.python.values import Class, External, Function, Partial, Raised, Refused, Unknown

LEAVES = frozenset(
    [
        "Conv1d",
        "Conv2d",
        "Conv3d",
        "LazyConv1d",
        "LazyConv2d",
        "LazyConv3d",
        "ConvTranspose1d",
        "ConvTranspose2d",
        "ConvTranspose3d",
        "LazyConvTranspose1d",
        "LazyConvTranspose2d",
        "LazyConvTranspose3d",
        "MaxPool1d",
        "MaxPool2d",
        "MaxPool3d",
        "AvgPool1d",
        "AvgPool2d",
        "AvgPool3d",
        "LPPool1d",
        "LPPool2d",
        "LPPool3d",
        "AdaptiveAvgPool1d",
        "AdaptiveAvgPool2d",
        "AdaptiveAvgPool3d",
        "AdaptiveMaxPool1d",
        "AdaptiveMaxPool2d",
        "AdaptiveMaxPool3d",
        "FractionalMaxPool2d",
        "FractionalMaxPool3d",
        "MaxUnpool1d",
        "MaxUnpool2d",
        "MaxUnpool3d",
        "Upsample",
        "UpsamplingNearest2d",
        "UpsamplingBilinear2d",
        "ZeroPad1d",
        "ZeroPad2d",
        "ZeroPad3d",
        "ConstantPad1d",
        "ConstantPad2d",
        "ConstantPad3d",
        "ReflectionPad1d",
        "ReflectionPad2d",
        "ReflectionPad3d",
        "ReplicationPad1d",
        "ReplicationPad2d",
        "ReplicationPad3d",
        "CircularPad1d",
        "CircularPad2d",
        "CircularPad3d",
        "Flatten",
        "Unflatten",
        "Unfold",
        "Fold",
        "PixelShuffle",
        "PixelUnshuffle",
        "ChannelShuffle",
        "CosineSimilarity",
        "PairwiseDistance",
        "Dropout",
        "Dropout1d",
        "Dropout2d",
        "Dropout3d",
        "AlphaDropout",
        "FeatureAlphaDropout",
        "Linear",
        "LazyLinear",
        "Bilinear",
        "Identity",
        "Embedding",
        "EmbeddingBag",
        "RNN",
        "LSTM",
        "GRU",
        "RNNCell",
        "LSTMCell",
        "GRUCell",
        "MultiheadAttention",
        "BatchNorm1d",
        "BatchNorm2d",
        "BatchNorm3d",
        "SyncBatchNorm",
        "InstanceNorm1d",
        "InstanceNorm2d",
        "InstanceNorm3d",
        "GroupNorm",
        "LayerNorm",
        "RMSNorm",
        "LocalResponseNorm",
        "LazyBatchNorm1d",
        "LazyBatchNorm2d",
        "LazyBatchNorm3d",
        "LazyInstanceNorm1d",
        "LazyInstanceNorm2d",
        "LazyInstanceNorm3d",
        "ReLU",
        "ReLU6",
        "LeakyReLU",
        "PReLU",
        "RReLU",
        "ELU",
        "SELU",
        "CELU",
        "GELU",
        "SiLU",
        "Mish",
        "Sigmoid",
        "LogSigmoid",
        "Hardsigmoid",
        "Hardswish",
        "Tanh",
        "Hardtanh",
        "Hardshrink",
        "Softshrink",
        "Tanhshrink",
        "Softplus",
        "Softsign",
        "Threshold",
        "Softmax",
        "Softmin",
        "LogSoftmax",
        "Softmax2d",
        "GLU",
    ]
)
CONTAINERS = frozenset(["Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"])
LOSSES = frozenset(
    [
        "CrossEntropyLoss",
        "BCELoss",
        "BCEWithLogitsLoss",
        "MSELoss",
        "L1Loss",
        "NLLLoss",
        "SmoothL1Loss",
        "HuberLoss",
        "KLDivLoss",
        "PoissonNLLLoss",
        "GaussianNLLLoss",
        "HingeEmbeddingLoss",
        "CosineEmbeddingLoss",
        "MarginRankingLoss",
        "TripletMarginLoss",
        "TripletMarginWithDistanceLoss",
        "CTCLoss",
        "MultiLabelMarginLoss",
        "MultiLabelSoftMarginLoss",
        "MultiMarginLoss",
        "SoftMarginLoss",
    ]
)
# Classes of other packages whose instances are modules without parameters of their own.
MODULE_BASES = frozenset(
    (
        "torch.nn.Module", "torch.jit.ScriptModule", "pytorch_lightning.LightningModule", "lightning.LightningModule",
        "lightning.pytorch.LightningModule", "pytorch_lightning.core.LightningModule", "torch.nn.modules.module.Module",
        "pytorch_lightning.core.lightning.LightningModule", "transformers.PreTrainedModel",
        "transformers.modeling_utils.PreTrainedModel", "mmengine.model.BaseModule", "mmcv.runner.BaseModule",
    )
)  # fmt: skip
PARENTS = {
    "torch.nn.modules.conv._ConvNd": r"Conv",
    "torch.nn.modules.batchnorm._BatchNorm": r"BatchNorm",
    "torch.nn.modules.batchnorm._NormBase": r"BatchNorm InstanceNorm",
    "torch.nn.modules.instancenorm._InstanceNorm": r"InstanceNorm",
    "torch.nn.modules.dropout._DropoutNd": r"Dropout",
    "torch.nn.modules.rnn.RNNBase": r"RNN LSTM GRU",
    "torch.nn.RNNBase": r"RNN LSTM GRU",
}


class Module:
    """An instance of torch.nn.Module or of a class that inherits from it.

    `kind` is torch.nn's class it is or inherits from ("Conv2d", "Sequential", "" for Module itself); `layer` is the
    layer of a leaf.
    """

    def __init__(self, cls: Class | None, kind: str, node: Any = None, file: Any = None) -> None:
        self.cls = cls
        self.kind = kind
        self.layer: Layer | None = None
        self.children: dict[str, Module] = {}
        self.params: dict[str, Param | None] = {}
        self.empty: dict[str, None] = {}  # places of a container that hold None
        self.buffers: dict[str, Any] = {}
        self.attrs: dict[str, Any] = {}
        self.node = node
        self.file = file
        self.path = ""
        self.registered = False  # whether the model knows of it, and counts its parameters
        self.first: int | None = None  # of the graph: the node of the first call
        self.ready = False
        self.hidden: list[Unknown] = []  # what it was given that may have parameters nobody sees

    @property
    def type_name(self) -> str:
        """The name of its class."""
        return self.cls.name if self.cls is not None else self.kind or "Module"


def is_module_base(path: str) -> bool:
    """Whether a class of that path makes modules."""
    if path in MODULE_BASES:
        return True
    head, _, name = path.rpartition(".")
    return head in ("torch.nn", "torch.ao.nn.quantized") and (name in LEAVES or name in CONTAINERS or name in LOSSES)


def kind_of_base(path: str) -> str:
    """The kind that a base gives: "" for Module."""
    name = path.rpartition(".")[2]
    return name if name in LEAVES or name in CONTAINERS or name in LOSSES else ""


def module_class(cls: Class) -> str | None:
    """The kind of module that instances of a class are; None where they are none."""
    for base in cls.externals():
        if is_module_base(base.path):
            return kind_of_base(base.path)
    return None


# Values that say all of what an option is.
PLAIN = (int, float, bool, str, type(None))
# Options that count nothing and shape nothing: where their value is not known, the default will do.
SILENT = frozenset(
    [
        "p",
        "dropout",
        "eps",
        "momentum",
        "inplace",
        "negative_slope",
        "alpha",
        "device",
        "dtype",
        "value",
        "lower",
        "upper",
    ]
)


def leaf(kind: str, args: list[Any], kwargs: dict[str, Any], node: Any) -> Layer:
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


def _argument(value: Any, kind: str, name: str, found: type[Layer], node: Any) -> Any:
    if isinstance(value, Unknown):
        option = found.options.get(name)
        if name in SILENT or (option is not None and option.ignored):
            return value
        value.refuse(f"{name or 'an argument'} of {kind}", node)
    if isinstance(value, Size):
        raise Refused("python-unknown-value", f"{name} of {kind} depends on the batch size", node)
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


def stand_in(layer: Layer) -> tuple[Any, ...]:
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
        shape: list[Any] = []
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
            made = Param(weight.shape)
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


def _shared(kind: str, args: list[Any], kwargs: dict[str, Any], run: Any, node: Any) -> Layer:
    """The layer of torch.nn's class: one for all modules with the same plain options, whose rules then run once."""
    values = [*args, *kwargs.values()]
    if not all(type(value) in PLAIN for value in values):
        return leaf(kind, args, kwargs, node)
    key = (kind, len(args), tuple(kwargs), tuple(values), tuple(map(type, values)))
    known: Layer | None = run.layers.get(key)
    if known is None:
        known = run.layers[key] = leaf(kind, args, kwargs, node)
    return known


# --- construction --------------------------------------------------------------------------------------------------


def initialise(module: Module, kind: str, args: list[Any], kwargs: dict[str, Any], run: Any, node: Any) -> None:
    """What the __init__ of torch.nn's own class does."""
    module.ready = True
    run.spend(20, node)
    if kind in LEAVES:
        if module.node is None or module.cls is not None:
            module.node, module.file = node, run.file_of(node)
        module.layer = _shared(kind, args, kwargs, run, node)
        module.attrs.setdefault("batch_first", bool(kwargs.get("batch_first", False)))
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
            pairs = given.items() if isinstance(given, dict) else run.world.pairs(given, node)
            for name, child in pairs:
                add_child(module, str(name), child, node)


def add_child(module: Module, name: str, child: Any, node: Any) -> None:
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
        own(module, name, Param(child.dims))
    elif isinstance(child, (Class, External)):
        raise Raised(
            "TypeError", f"{library.kind_of(child)} is a class, not a module: a pair of brackets is missing", node
        )
    else:
        raise Raised("TypeError", f"{library.kind_of(child)} is not a Module subclass", node)


def own(module: Module, name: str, param: Param) -> None:
    """Register a parameter; the first module that has it is its owner."""
    module.params[name] = param
    if param.owner is None:
        param.owner, param.name = module, name


def set_attribute(module: Module, name: str, value: Any, node: Any) -> None:
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
            return
        del module.params[name]
    if name in module.buffers and isinstance(value, Tensor):
        module.buffers[name] = value
        return
    if isinstance(value, Unknown) and value.module:
        module.hidden.append(value)
    module.attrs[name] = value


def find(module: Module, name: str) -> Any:
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
        if name in ("weight", "bias", "bias_k", "bias_v", "in_proj_bias"):
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


def _plain(value: Any) -> Any:
    """An option's value as PyTorch shows it: padding is one number a side."""
    if isinstance(value, tuple) and value and all(isinstance(p, tuple) and len(p) == 2 and p[0] == p[1] for p in value):
        return tuple(p[0] for p in value)
    return value


def deep_copy(value: Any, run: Any, node: Any, memo: dict[int, Any] | None = None) -> Any:
    """copy.deepcopy: modules with parameters of their own; what is shared inside stays shared."""
    memo = {} if memo is None else memo
    run.spend(1, node)
    if id(value) in memo:
        return memo[id(value)]
    if isinstance(value, Param):
        made = Param(value.dims, value.trainable)
        memo[id(value)] = made
        made.owner = None
        made.name = value.name
        if value.owner is not None and id(value.owner) in memo:
            made.owner = memo[id(value.owner)]
        return made
    if isinstance(value, Module):
        run.spend(60, node)
        copy = Module(value.cls, value.kind, value.node, value.file)
        memo[id(value)] = copy
        copy.layer, copy.ready, copy.hidden = value.layer, value.ready, list(value.hidden)
        copy.params = {name: deep_copy(part, run, node, memo) for name, part in value.params.items()}
        for name, part in copy.params.items():
            if part is not None and part.owner is None:
                part.owner, part.name = copy, name
        copy.children = {name: deep_copy(part, run, node, memo) for name, part in value.children.items()}
        copy.buffers, copy.empty = dict(value.buffers), dict(value.empty)
        copy.attrs = {name: deep_copy(part, run, node, memo) for name, part in value.attrs.items()}
        return copy
    if isinstance(value, list):
        made_list: list[Any] = []
        memo[id(value)] = made_list
        made_list.extend(deep_copy(part, run, node, memo) for part in value)
        return made_list
    if isinstance(value, tuple):
        return tuple(deep_copy(part, run, node, memo) for part in value)
    if isinstance(value, dict):
        made_dict: dict[Any, Any] = {}
        memo[id(value)] = made_dict
        made_dict.update({name: deep_copy(part, run, node, memo) for name, part in value.items()})
        return made_dict
    if type(value).__name__ == "Object":
        twin = type(value)(value.kind)
        memo[id(value)] = twin
        twin.attrs = {name: deep_copy(part, run, node, memo) for name, part in value.attrs.items()}
        return twin
    return value
