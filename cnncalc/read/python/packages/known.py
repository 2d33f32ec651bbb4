"""Functions and constants of packages that are no operation on tensors."""

from __future__ import annotations

import ast
from copy import copy
from math import prod, sqrt

from cnncalc.read.python import functions
from cnncalc.read.python.bases import Call, InterpreterBase
from cnncalc.read.python.builtin import registry
from cnncalc.read.python.builtin.numbers import Chance
from cnncalc.read.python.functions.attributes import device
from cnncalc.read.python.layers import leaf, modules
from cnncalc.read.python.layers.module import Module
from cnncalc.read.python.pictures import PICTURES, picture
from cnncalc.read.python.tensor.sizes import fixed
from cnncalc.read.python.tensor.tensors import Param, Tensor
from cnncalc.read.python.values import Args, Exhausted, Kwargs, Raised, Refused, Unknown

LENGTHS = "the lengths of the sequences are not known"


def made_parameter(args: Args, kwargs: Kwargs, node: ast.AST) -> Param:
    """nn.Parameter(tensor, requires_grad); raises `Refused` for a shape that is not known."""
    data = args[0] if args else kwargs.get("data")
    if isinstance(data, Unknown):
        data.refuse("the shape of a parameter", node)
    if data is None:
        return Param(())
    if isinstance(data, Param):
        data = data.tensor
    if not isinstance(data, Tensor):
        raise Raised("TypeError", f"Parameter takes a tensor, not {registry.kind_of(data)}", node)
    sizes = fixed(data.dims)
    if sizes is None:
        raise Refused("python-unknown-value", "the shape of a parameter depends on the batch size", node)
    if len(sizes) > 64:
        raise Exhausted("python-too-long", "a parameter has more than 64 axes", node)
    trainable = args[1] if len(args) > 1 else kwargs.get("requires_grad", True)
    return Param(sizes, trainable is not False)


def _fans(run: object, args: list[object], kwargs: dict[str, object], node: ast.AST) -> tuple[object, object]:
    """How many numbers a weight weighs, and how many outputs each of them goes to."""
    weight = args[0] if args else kwargs.get("tensor")
    sizes = fixed(weight.dims) if isinstance(weight, (Param, Tensor)) else None
    if not sizes:
        return (
            Unknown("the sizes of the weight are not known", node),
            Unknown("the sizes of the weight are not known", node),
        )
    if len(sizes) < 2:
        message = "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"
        raise Raised("ValueError", message, node)
    return (sizes[1] * prod(sizes[2:]), sizes[0] * prod(sizes[2:]))


def _gain(run: object, args: list[object], kwargs: dict[str, object], node: ast.AST) -> object:
    """`calculate_gain`."""
    name = args[0] if args else kwargs.get("nonlinearity")
    slope = args[1] if len(args) > 1 else kwargs.get("param")
    if name == "leaky_relu" and isinstance(slope, (int, float, type(None))):
        return sqrt(2 / (1 + (0.01 if slope is None else slope) ** 2))
    return {"tanh": 5 / 3, "relu": sqrt(2), "selu": 0.75}.get(name, 1.0) if isinstance(name, str) else name


def _from_table(kind: str) -> Call:
    """`Embedding.from_pretrained`: a table of the tensor's sizes, which is not trained where nothing says so."""

    def made(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Module:
        rest = {name: value for name, value in kwargs.items() if name not in ("embeddings", "freeze")}
        table = args[0] if args else kwargs.get("embeddings")
        sizes = list(made_parameter([table], {}, node).dims)
        if len(sizes) != 2:
            raise Raised("AssertionError", "Embeddings parameter is expected to be 2-dimensional", node)
        found = Module(None, kind, *run.spot(node))
        modules.initialise(found, kind, [*sizes], rest, run, node)
        if (args[1] if len(args) > 1 else kwargs.get("freeze", True)) is not False:
            run.call(run.attribute(found, "requires_grad_", node), [False], {}, node)
        return found

    return made


def _checkpoint(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    known = {name: value for name, value in kwargs.items() if name not in ("use_reentrant", "preserve_rng_state")}
    return run.call(args[0], args[1:], known, node)


def _summary(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """torchinfo's and torchsummary's summary(model, (3, 32, 32)): a size that the file gives its model."""
    model = args[0] if args else kwargs.get("model")
    size = args[1] if len(args) > 1 else kwargs.get("input_size")
    data = kwargs.get("input_data")
    if isinstance(model, Module):
        if isinstance(data, Tensor):
            run.packages.examples.append((model, [data]))
        elif isinstance(size, (tuple, list)) and size:
            shapes = list(size) if isinstance(size[0], (tuple, list)) else [size]
            run.packages.examples.append((model, [Tensor(tuple(shape), what="example") for shape in shapes]))
    return Unknown("a summary is not followed as a value", node)


def _weight_norm(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    module = args[0]
    if isinstance(module, Module) and module.layer is not None:
        from cnncalc import layers

        kind = layers.find("WeightNorm")
        if kind is None:  # pragma: no cover - the layer is there
            return Unknown("weight norm", node, module=True)
        name = args[1] if len(args) > 1 else kwargs.get("name", "weight")
        if name != "weight":
            raise Refused("python-unknown-call", "weight_norm of another weight than `weight` is not followed", node)
        dim = args[2] if len(args) > 2 else kwargs.get("dim", 0)
        module.layer = leaf.leaf("WeightNorm", [], {"layer": module.layer, "dim": dim}, node)
        module.params.clear()
    return module


def _fused(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """fuse_conv_bn_eval(conv, bn): the normalization becomes a part of the filters and of a bias."""
    made = modules.deep_copy(args[0] if args else next(iter(kwargs.values())), run, node)
    if not isinstance(made, Module) or made.layer is None or "bias" not in made.layer.__dict__:
        return Unknown("the module that is fused is not known", node, module=True)
    if not made.layer.__dict__["bias"]:
        made.layer = copy(made.layer)
        made.layer.__dict__["bias"] = True
        made.params.pop("bias", None)
        bias = modules.leaf_param(made, "bias")
        if bias is not None:
            bias.trainable = False  # made of zeros that ask for no gradient
    return made


def _padded(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    given = run.listed(args[0], node)
    parts = [part for part in given if isinstance(part, Tensor) and part.dims]
    lengths = [part.dims[0] for part in parts if isinstance(part.dims[0], int)]
    if not given or len(lengths) < len(given):
        return Unknown(LENGTHS, node)
    first = args[1] if len(args) > 1 else kwargs.get("batch_first", False)
    longest, rest = max(lengths), parts[0].dims[1:]
    dims = (len(parts), longest, *rest) if first is True else (longest, len(parts), *rest)
    return functions.make(run.packages, None, parts, dims, node, "pad_sequence")


def _parametrised(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """parametrize.register_parametrization(module, name, parametrization): its parameters count."""
    module = args[0] if args else kwargs.get("module")
    what = args[2] if len(args) > 2 else kwargs.get("parametrization")
    if isinstance(what, Unknown):
        what.refuse("a parametrization", node)
    if isinstance(module, Module) and isinstance(what, Module) and any(True for _ in modules.parameters(what)):
        raise Refused("python-unknown-call", "a parametrization with parameters of its own is not followed", node)
    return module


def _chance(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    """random.random(): unknown, but never below 0 nor 1."""
    return Chance("random.random(...) is not run", node)


def _parser(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    from cnncalc.read.python.arguments import parser

    return parser(run, args, kwargs, node)


# What leaves its first argument as it is, as far as sizes go; what is not so here; what does nothing to a network.
_SAME = """
torch.autograd.Variable torch.compile torch.jit.script torch.jit.trace torch.jit.ignore torch.nn.DataParallel
torch.nn.parallel.DistributedDataParallel torch.nn.utils.spectral_norm torch.nn.utils.parametrizations.spectral_norm
torch.nn.utils.parametrizations.orthogonal torch.nn.utils.rnn.pack_padded_sequence torch.nn.utils.rnn.pack_sequence
"""
_FALSE = """
torch.jit.is_scripting torch.jit.is_tracing torch.onnx.is_in_onnx_export torch.compiler.is_compiling
torch.is_grad_enabled torch.overrides.has_torch_function torch.cuda.is_available torch.xpu.is_available
torch.mps.is_available torch.accelerator.is_available torch.distributed.is_available torch.backends.mps.is_available
torch.backends.cuda.is_available
"""
_NOTHING = """
torch.nn.utils.clip_grad_norm_ torch.fx.wrap torch.manual_seed torch._C._log_api_usage_once
torchvision.utils._log_api_usage_once
"""


SPECIAL: dict[str, Call] = {
    **dict.fromkeys(_SAME.split(), lambda run, args, kwargs, node: args[0]),
    **dict.fromkeys(_FALSE.split(), lambda run, args, kwargs, node: False),
    **dict.fromkeys(_NOTHING.split(), lambda run, args, kwargs, node: None),
    **dict.fromkeys(["torch.cuda.device_count", "torch.mps.device_count"], lambda run, args, kwargs, node: 0),
    **dict.fromkeys(
        ["typing.cast", "typing_extensions.cast", "torch.jit.annotate"], lambda run, args, kwargs, node: args[1]
    ),
    **dict.fromkeys(
        ["torch.no_grad", "torch.inference_mode"],
        lambda run, args, kwargs, node: Unknown("no_grad() is not followed as a value", node),
    ),
    **dict.fromkeys(
        ["torch.load", "torch.hub.load_state_dict_from_url", "torch.utils.model_zoo.load_url"],
        lambda run, args, kwargs, node: Unknown("weights from a file or the network change nothing that counts", node),
    ),
    **dict.fromkeys(["random.random", "numpy.random.rand", "numpy.random.random"], _chance),
    **dict.fromkeys(["torchinfo.summary", "torchsummary.summary"], _summary),
    **dict.fromkeys(["checkpoint", "torch.utils.checkpoint.checkpoint"], _checkpoint),
    **dict.fromkeys(["torch.nn.utils.weight_norm", "torch.nn.utils.parametrizations.weight_norm"], _weight_norm),
    **{
        f"torch.nn.utils.{place}fuse_{kind}_bn_eval": _fused for place in ("", "fusion.") for kind in ("conv", "linear")
    },
    **{f"torch.nn.{kind}.from_pretrained": _from_table(kind) for kind in ("Embedding", "EmbeddingBag")},
    **{f"torchvision.transforms.functional.{name}": call for name, call in PICTURES.items()},
    "torchvision.transforms.CenterCrop": picture("center_crop"),
    "torchvision.transforms.Resize": picture("resize"),
    "argparse.ArgumentParser": _parser,
    "copy.copy": lambda run, args, kwargs, node: args[0].copy() if isinstance(args[0], (list, dict)) else args[0],
    "copy.deepcopy": lambda run, args, kwargs, node: modules.deep_copy(args[0], run, node),
    "torch.device": lambda run, args, kwargs, node: device(run.packages, node),
    "torch.is_tensor": lambda run, args, kwargs, node: isinstance(args[0], (Tensor, Param)),
    "torch.is_floating_point": lambda run, args, kwargs, node: not getattr(args[0], "token", False),
    "torch.nn.init._calculate_fan_in_and_fan_out": _fans,
    "torch.nn.init.calculate_gain": _gain,
    "torch.nn.utils.parametrize.register_parametrization": _parametrised,
    "torch.nn.utils.rnn.pad_packed_sequence": lambda run, args, kwargs, node: (args[0], Unknown(LENGTHS, node)),
    "torch.nn.utils.rnn.pad_sequence": _padded,
}


CONSTANTS: dict[str, object] = {
    "math.pi": 3.141592653589793,
    "math.e": 2.718281828459045,
    "math.inf": float("inf"),
    "torch.pi": 3.141592653589793,
    "torch.inf": float("inf"),
    "numpy.pi": 3.141592653589793,
    "numpy.inf": float("inf"),
    "numpy.newaxis": None,
    "torch.newaxis": None,
    "sys.version_info": (3, 11, 7, "final", 0),
    "typing.TYPE_CHECKING": False,
    "sys.maxsize": 2**63 - 1,
    "torch.__version__": "2.13.0",
}
