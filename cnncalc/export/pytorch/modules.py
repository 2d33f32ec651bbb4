"""Layers that PyTorch has as modules: the module with the options given, and how it is called."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING

from cnncalc.core.window import pads, rule_of
from cnncalc.export.call import Argument, Call, Leaf, arguments, literal, refuse
from cnncalc.export.pytorch.attention import attention
from cnncalc.export.pytorch.custom import (
    attention_rnn,
    cell,
    drop_path,
    gated,
    latent_attention,
    mixture,
    response_norm,
    rotary,
    scan,
    xielu,
)
from cnncalc.layers.conv import Conv
from cnncalc.layers.multihead import MultiheadAttention
from cnncalc.layers.pad import sides_of
from cnncalc.layers.position import ClassToken
from cnncalc.layers.recurrent import SequenceLayer
from cnncalc.layers.recurrent_cell import Cell
from cnncalc.layers.reparametrise import SpectralNorm, WeightNorm
from cnncalc.layers.transformer import Stacked
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.core.number import Shape

# Options that PyTorch's modules do not have, and their only values there.
ONLY: dict[str, dict[str, object]] = {
    "EmbeddingBag": {"offsets": None},
    "PReLU": {"per_element": False},
    "MaxUnpool1d": {"output_size": None},
    "MaxUnpool2d": {"output_size": None},
    "MaxUnpool3d": {"output_size": None},
    "LayerNorm": {"fused": True},
}
Write = Callable[[Row, frozenset[str]], Leaf]


def modules(row: Row, used: frozenset[str]) -> Leaf | None:
    """A layer as a module of torch.nn; None where there is none. `used` are the ports that others take."""
    kind = row.type
    if kind.startswith("Lazy"):
        return _lazy(row, used)
    if kind in SPECIAL:
        return SPECIAL[kind](row, used)
    if row.layer.torch == "nn.{type}":
        return _same(row)
    return None


def _same(row: Row) -> Leaf:
    layer, xs = row.layer, row.facts.inputs
    only = ONLY.get(row.type, {})
    for name, value in only.items():
        if getattr(layer, name, value) != value and getattr(layer, name, None):
            raise refuse(row, f"PyTorch's module has no {name}", "PyTorch")
    args = arguments(layer, xs, tuple(only))
    if row.type in ("LayerNorm", "RMSNorm") and not any(argument.name == "normalized_shape" for argument in args):
        args = (Argument("normalized_shape", xs[0][-1], False), *args)
    call = "{self}(" + ", ".join(f"{{{index}}}" for index in range(len(xs))) + ")"
    if "Pool" in row.type and "Unpool" not in row.type and layer.has("padding"):
        args, call = _pool_padding(row, args)
    indices = "MaxPool" in row.type and getattr(layer, "return_indices", False)
    main, ports = ("[0]", {"indices": "[1]"}) if indices else ("", {})
    return Leaf(f"nn.{row.type}", args, call, main, ports)


def _pool_padding(row: Row, args: tuple[Argument, ...]) -> tuple[tuple[Argument, ...], str]:
    """Padding that PyTorch's pools do not have, other before than after, is put around first."""
    around = pads(row.layer, row.facts.inputs[0][2:])
    even = tuple(before for before, _ in around)
    others = tuple(argument for argument in args if argument.name != "padding")
    if all(before == after for before, after in around):
        if any(even):
            return (*others, Argument("padding", even[0] if len(set(even)) == 1 else even)), "{self}({0})"
        return others, "{self}({0})"
    if row.type.startswith("AvgPool") and not row.layer.__dict__.get("count_include_pad", True):
        raise refuse(row, "its mean leaves out padding that is not the same on both sides", "PyTorch")
    value = ', value=float("-inf")' if row.type.startswith("MaxPool") else ""
    return others, f"{{self}}(F.pad({{0}}, {literal(sides_of(around))}{value}))"


def _conv(row: Row, used: frozenset[str]) -> Leaf:
    layer = row.layer
    assert isinstance(layer, Conv)
    xs = row.facts.inputs
    kind = row.type.replace("Lazy", "")
    args = arguments(layer, xs)
    if row.type.startswith("Lazy"):
        args = (Argument("in_channels", xs[0][1], False), *args)
    rule = rule_of(layer)
    if rule == "same" or (not isinstance(rule, str) and all(before == after for before, after in rule)):
        return Leaf(f"nn.{kind}", args)
    args = tuple(argument for argument in args if argument.name not in ("padding", "padding_mode"))
    if rule == "valid":
        return Leaf(f"nn.{kind}", args)
    mode = "" if layer.padding_mode == "zeros" else f", mode={literal(layer.padding_mode)}"
    return Leaf(f"nn.{kind}", args, f"{{self}}(F.pad({{0}}, {literal(sides_of(pads(layer, xs[0][2:])))}{mode}))")


def _transposed(row: Row, used: frozenset[str]) -> Leaf:
    args = arguments(row.layer, row.facts.inputs, ("output_size",))
    if row.type.startswith("Lazy"):
        args = (Argument("in_channels", row.facts.inputs[0][1], False), *args)
    size = getattr(row.layer, "output_size", None)
    call = "{self}({0})" if size is None else f"{{self}}({{0}}, output_size={literal(list(size))})"
    return Leaf(f"nn.{row.type.replace('Lazy', '')}", args, call)


def _lazy(row: Row, used: frozenset[str]) -> Leaf:
    """A lazy module's proper one: here the sizes are known."""
    if "Transpose" in row.type:
        return _transposed(row, used)
    if "Conv" in row.type:
        return _conv(row, used)
    name = "in_features" if "Linear" in row.type else "num_features"
    size = row.facts.inputs[0][-1 if "Linear" in row.type else 1]
    known = [argument for argument in arguments(row.layer, row.facts.inputs) if argument.name != name]
    if "InstanceNorm" in row.type:  # only the lazy ones are trained and keep statistics unless told otherwise
        known += [Argument(on, True) for on in ("affine", "track_running_stats") if getattr(row.layer, on)]
    return Leaf(f"nn.{row.type.removeprefix('Lazy')}", (Argument(name, size, False), *known))


def _batch_norm(row: Row, used: frozenset[str]) -> Leaf:
    axes = max(len(row.facts.inputs[0]) - 2, 1)
    return Leaf(f"nn.BatchNorm{axes}d", arguments(row.layer, row.facts.inputs))


def _parameter(row: Row, used: frozenset[str]) -> Leaf:
    sizes = tuple(row.facts.shape[1:])
    call = f"{{self}}.expand({', '.join(['{n}', *['-1'] * len(sizes)])})"
    return Leaf("nn.Parameter", (_filled(sizes, row.layer.__dict__["init"]),), call, weights={"weight": ""})


def _filled(sizes: Shape, init: float | None = None) -> Argument:
    """A new array: of one number, or of small ones that are drawn."""
    shape = Argument("shape", sizes, False)
    if init is None:
        drawn = Argument("", Call("torch.empty", (shape,)), False)
        return Argument("", Call("nn.init.normal_", (drawn, Argument("std", 0.02))), False)
    if init in (0, 1):
        return Argument("", Call("torch.zeros" if init == 0 else "torch.ones", (shape,)), False)
    return Argument("", Call("torch.full", (shape, Argument("init", float(init), False))), False)


def _class_token(row: Row, used: frozenset[str]) -> Leaf:
    layer = row.layer
    assert isinstance(layer, ClassToken)
    made = _filled((1, layer.tokens, row.facts.inputs[0][2]))
    call = "torch.cat(({self}.expand({0}.shape[0], -1, -1), {0}), dim=1)"
    return Leaf("nn.Parameter", (made,), call, weights={"class_token": ""})


def _patches(row: Row, used: frozenset[str]) -> Leaf:
    found = {argument.name: argument.value for argument in arguments(row.layer, row.facts.inputs)}
    sizes = (found["in_channels"], found["embed_dim"], found["patch_size"])
    args = tuple(Argument(name, size, False) for name, size in zip(("in_", "out", "kernel"), sizes, strict=True))
    more = [Argument("stride", found["patch_size"])]
    if "bias" in found:
        more.append(Argument("bias", found["bias"]))
    return Leaf("nn.Conv2d", (*args, *more), "{self}({0}).flatten(2).transpose(1, 2)")


def _position(row: Row, used: frozenset[str]) -> Leaf:
    if row.layer.__dict__["kind"] != "learned":
        return Leaf(call="{0} + sinusoidal({0})", helpers=("sinusoidal",))
    sizes = row.facts.weights[0].shape
    args = tuple(Argument(name, size, False) for name, size in zip(("positions", "features"), sizes, strict=True))
    return Leaf("nn.Embedding", args, "{0} + {self}.weight[: {0}.shape[1]]")


def _recurrent(row: Row, used: frozenset[str]) -> Leaf:
    layer, xs = row.layer, row.facts.inputs
    _two_biases(row)
    args = arguments(layer, xs, ("bias_vectors", "batch_first", "reset_after"))
    args = (*args, Argument("batch_first", True))
    states = [f"{{{index}}}.transpose(0, 1).contiguous()" for index in range(1, len(xs))]
    more = f", ({', '.join(states)})" if len(states) > 1 else "".join(f", {state}" for state in states)
    states_of = ("h_n", "c_n") if row.type == "LSTM" else ("h_n",)
    call = "{self}({0}" + more + ")"
    if not used & {*states_of}:
        return Leaf(f"nn.{row.type}", args, call, "[0]", dict.fromkeys(states_of, ""))
    ports = dict.fromkeys(states_of, ".transpose(0, 1)")
    unpack = "{main}, ({h_n}, {c_n})" if row.type == "LSTM" else "{main}, {h_n}"
    return Leaf(f"nn.{row.type}", args, call, "[0]", ports, unpack=unpack)


def _cell(row: Row, used: frozenset[str]) -> Leaf:
    _two_biases(row)
    args = arguments(row.layer, row.facts.inputs, ("bias_vectors",))
    count = len(row.facts.inputs)
    more = ", ({1}, {2})" if count > 2 else ", {1}" if count > 1 else ""
    lstm = row.type == "LSTMCell"
    return Leaf(f"nn.{row.type}", args, "{self}({0}" + more + ")", "[0]" if lstm else "",
                {"h": "[0]", "c": "[1]"} if lstm else {})  # fmt: skip


def _two_biases(row: Row) -> None:
    layer = row.layer
    assert isinstance(layer, (SequenceLayer, Cell))
    if layer.bias and not layer.two_biases:
        raise refuse(row, "PyTorch's module has two bias vectors", "PyTorch", "bias_vectors=2 counts as PyTorch does")
    if not getattr(layer, "reset_after", True):
        raise refuse(row, "PyTorch's module resets after the product with the state", "PyTorch")


def _no_masks(row: Row, count: int) -> None:
    if len(row.facts.inputs) > count:
        raise refuse(row, "masks that are inputs are not written out", "PyTorch", "is_causal=True writes a causal mask")


def _multihead(row: Row, used: frozenset[str]) -> Leaf:
    layer = row.layer
    assert isinstance(layer, MultiheadAttention)
    _no_masks(row, 3)
    args = arguments(layer, row.facts.inputs, ("batch_first", "average_attn_weights", "need_weights", "is_causal"))
    taken = [f"{{{min(index, len(row.facts.inputs) - 1)}}}" for index in range(3)]
    more = ", need_weights=False"
    if "attention" in used:
        more = "" if layer.average_attn_weights else ", average_attn_weights=False"
    if layer.is_causal:
        more += f", attn_mask=causal({taken[0]}, {taken[1]})"
    call = "{self}(" + ", ".join(taken) + more + ")"
    helpers = ("causal",) if layer.is_causal else ()
    return Leaf("nn.MultiheadAttention", (*args, Argument("batch_first", True)), call, "[0]", {"attention": "[1]"},
                helpers)  # fmt: skip


OWN_OPTIONS = ("batch_first", "is_causal")


def _transformer_layer(row: Row, used: frozenset[str]) -> Leaf:
    decoder = "Decoder" in row.type
    _no_masks(row, 2 if decoder else 1)
    args = (*arguments(row.layer, row.facts.inputs, OWN_OPTIONS), Argument("batch_first", True))
    return Leaf(f"nn.{row.type}", args, _masked(row), helpers=_causal(row))


def _causal(row: Row) -> tuple[str, ...]:
    return ("causal",) if row.layer.__dict__.get("is_causal") else ()


def _masked(row: Row) -> str:
    """The call with a causal mask where the layer has one."""
    names = ", ".join(f"{{{index}}}" for index in range(len(row.facts.inputs)))
    if not _causal(row):
        return f"{{self}}({names})"
    target = "{1}" if row.type == "Transformer" else "{0}"
    word = {"TransformerEncoderLayer": "src_mask", "TransformerEncoder": "mask"}.get(row.type, "tgt_mask")
    return f"{{self}}({names}, {word}=causal({target}, {target}))"


def _stack(row: Row, used: frozenset[str]) -> Leaf:
    layer = row.layer
    assert isinstance(layer, Stacked)
    decoder = "Decoder" in row.type
    _no_masks(row, 2 if decoder else 1)
    if layer.each.is_causal and not layer.is_causal:
        raise refuse(row, "is_causal belongs to the stack", "PyTorch", f"write {row.type}(..., is_causal=True)")
    inner = (*arguments(layer.each, row.facts.inputs, OWN_OPTIONS), Argument("batch_first", True))
    each = Call(f"nn.{row.type}Layer", inner)
    args = [Argument("layer", each, False), Argument("num_layers", layer.num_layers, False)]
    if layer.last is not None:
        norm = arguments(layer.last, (row.facts.shape,), ("normalized_shape",))
        size = Argument("normalized_shape", row.facts.shape[-1], False)
        args.append(Argument("norm", Call(f"nn.{layer.last.type()}", (size, *norm))))
    if not decoder:
        args.append(Argument("enable_nested_tensor", False))
    return Leaf(f"nn.{row.type}", tuple(args), _masked(row), helpers=_causal(row))


def _transformer(row: Row, used: frozenset[str]) -> Leaf:
    _no_masks(row, 2)
    args = (*arguments(row.layer, row.facts.inputs, OWN_OPTIONS), Argument("batch_first", True))
    return Leaf("nn.Transformer", args, _masked(row), helpers=_causal(row))


def _parametrised(row: Row, used: frozenset[str]) -> Leaf:
    """A layer with a weight that is made of others: the layer in one of torch.nn.utils.parametrizations."""
    layer = row.layer
    assert isinstance(layer, (WeightNorm, SpectralNorm))
    inner = copy(row)
    inner.node = copy(row.node)
    inner.node.layer = layer.layer
    leaf = modules(inner, used)
    if leaf is None or not leaf.maker.startswith("nn."):
        raise refuse(row, f"{layer.layer.type()} is no module of PyTorch", "PyTorch")
    name, norm = layer.name_, row.type == "WeightNorm"
    args = [Argument("module", Call(leaf.maker, leaf.args), False)]
    args += [Argument("name", name)] if name != "weight" else []
    usual = 1 if not norm and "ConvTranspose" in leaf.maker else 0
    args += [Argument("dim", layer.dim)] if layer.dim != usual else []
    home = f"parametrizations.{name}"
    if norm:
        names = {f"{name}_g": f"{home}.original0", f"{name}_v": f"{home}.original1"}
    else:
        names = {f"{name}_orig": f"{home}.original", f"{name}_u": f"{home}.0._u", f"{name}_v": f"{home}.0._v"}
    maker = f"nn.utils.parametrizations.{'weight_norm' if norm else 'spectral_norm'}"
    return leaf._replace(maker=maker, args=tuple(args), weights={**leaf.weights, **names})


SPECIAL: dict[str, Write] = {
    **dict.fromkeys(("WeightNorm", "SpectralNorm"), _parametrised),
    **{f"Conv{n}d": _conv for n in (1, 2, 3)},
    **{f"ConvTranspose{n}d": _transposed for n in (1, 2, 3)},
    **dict.fromkeys(("RNN", "LSTM", "GRU"), _recurrent),
    **dict.fromkeys(("RNNCell", "LSTMCell", "GRUCell"), _cell),
    **dict.fromkeys(("TransformerEncoderLayer", "TransformerDecoderLayer"), _transformer_layer),
    **dict.fromkeys(("TransformerEncoder", "TransformerDecoder"), _stack),
    **dict.fromkeys(("SwiGLU", "GEGLU", "ReGLU"), gated),
    **dict.fromkeys(("DropPath", "StochasticDepth"), drop_path),
    "BatchNorm": _batch_norm,
    "Parameter": _parameter,
    "ClassToken": _class_token,
    "PatchEmbedding": _patches,
    "PositionalEmbedding": _position,
    "MultiheadAttention": _multihead,
    "Transformer": _transformer,
    "Attention": attention,
    "MixtureOfExperts": mixture,
    "RotaryEmbedding": rotary,
    "AttentionRNN": attention_rnn,
    "LatentAttention": latent_attention,
    "Recurrent": cell,
    "GRN": response_norm,
    "XIELU": xielu,
    "NewGELU": lambda row, used: Leaf("nn.GELU", (Argument("approximate", "tanh"),)),
    **dict.fromkeys(("SelectiveScan", "LinearAttention", "WKV"), scan),
}
