"""Layers as functions without weights: pools, interpolation, padding, attention."""

from __future__ import annotations

import ast

from cnncalc.core.layer import Layer
from cnncalc.read.python.bases import PackagesBase
from cnncalc.read.python.functions.attributes import _numel
from cnncalc.read.python.functions.base import get, integer, layer, make, named, op, size_at, the, the_axis, whole
from cnncalc.read.python.functions.binary import _price, broadcast, operands
from cnncalc.read.python.functions.shapes import _expanded, squeezed, unsqueezed
from cnncalc.read.python.layers import leaf
from cnncalc.read.python.layers.apply import apply, as_tensor, flat
from cnncalc.read.python.tensor.sizes import Size, product
from cnncalc.read.python.tensor.strides import attended, iterated, packed
from cnncalc.read.python.tensor.tensors import Tensor, sample, text
from cnncalc.read.python.values import Args, Kwargs, Raised, Refused, Unknown

# The layer that a function is, and its options in order, for each number of axes.
_MAX = "kernel_size stride padding dilation ceil_mode return_indices"
_AXES = {
    "max_pool{}d": ("MaxPool{}d", _MAX),
    "max_pool{}d_with_indices": ("MaxPool{}d", _MAX),
    "avg_pool{}d": ("AvgPool{}d", "kernel_size stride padding ceil_mode count_include_pad divisor_override"),
    "lp_pool{}d": ("LPPool{}d", "norm_type kernel_size stride ceil_mode"),
    "adaptive_avg_pool{}d": ("AdaptiveAvgPool{}d", "output_size"),
    "adaptive_max_pool{}d": ("AdaptiveMaxPool{}d", "output_size return_indices"),
    "fractional_max_pool{}d": ("FractionalMaxPool{}d", "kernel_size output_size output_ratio return_indices"),
}
_LAYERS = {
    **{name.format(n): (kind.format(n), order) for n in (1, 2, 3) for name, (kind, order) in _AXES.items()},
    "avg_pool1d": ("AvgPool1d", "kernel_size stride padding ceil_mode count_include_pad"),
    "native_channel_shuffle": ("ChannelShuffle", "groups"),
    "channel_shuffle": ("ChannelShuffle", "groups"),
    "pixel_shuffle": ("PixelShuffle", "upscale_factor"),
    "pixel_unshuffle": ("PixelUnshuffle", "downscale_factor"),
    "unfold": ("Unfold", "kernel_size dilation padding stride"),
    "fold": ("Fold", "output_size kernel_size dilation padding stride"),
    "local_response_norm": ("LocalResponseNorm", "size alpha beta k"),
}
del _LAYERS["fractional_max_pool1d"]


@named(*_LAYERS)
def _pool(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    kind, order = _LAYERS[name]
    indices = name.endswith("_with_indices")
    name = name.removeprefix("native_").removesuffix("_with_indices")
    x = the(args, kwargs, node)
    names = order.split()
    options = dict(zip(names, args[1:], strict=False))
    options.update({name: value for name, value in kwargs.items() if name in names})
    options = {
        name: [whole(v, name, node) if v is not None else None for v in value]
        if isinstance(value, (list, tuple))
        else value
        for name, value in options.items()
        if value is not None
    }
    for option, value in options.items():
        if isinstance(value, Unknown):
            value.refuse(f"{option} of {name}", node)
        if isinstance(value, Size):
            raise Refused("python-unknown-value", f"{option} of {name} depends on the batch size", node)
    if indices:
        options["return_indices"] = True
    made = leaf.leaf(kind, [], options, node)
    lone = flat(made, kind, x)
    outputs = apply(packages, made, [unsqueezed(packages, x, 1, node) if lone else x], node)
    if lone:
        outputs = {port: squeezed(packages, part, [1], node) for port, part in outputs.items()}
    if options.get("return_indices") or indices:
        return (outputs[""], outputs["indices"])
    return outputs[""]


@named("max_unpool1d", "max_unpool2d", "max_unpool3d")
def _unpool(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    axes = int(name[-2])
    x, places = the(args, kwargs, node), as_tensor(get(args, kwargs, 1, "indices"), "the indices", node)
    size = get(args, kwargs, 5, "output_size")
    options = {name: get(args, kwargs, 2 + at, name) for at, name in enumerate(("kernel_size", "stride", "padding"))}
    if size is not None:
        sizes = [whole(one, "output_size", node) for one in packages.interpreter.listed(size, node)[-axes:]]
        return make(packages, None, [x, places], (*x.dims[:2], *sizes), node, "MaxUnpool")
    given = {name: value for name, value in options.items() if value is not None}
    return apply(packages, leaf.leaf(f"MaxUnpool{axes}d", [], given, node), [x, places], node)[""]


@op("interpolate", "upsample", "upsample_nearest", "upsample_bilinear")
def _interpolate(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    names = ("size", "scale_factor", "mode", "align_corners", "recompute_scale_factor", "antialias")
    options = {name: get(args, kwargs, 1 + at, name) for at, name in enumerate(names)}
    options = {name: value for name, value in options.items() if value is not None}
    for name in ("size", "scale_factor"):
        value = options.get(name)
        if isinstance(value, (list, tuple)):
            options[name] = [part if isinstance(part, float) else whole(part, name, node) for part in value]
        elif isinstance(value, Unknown):
            value.refuse(f"{name} of interpolate", node)
    options = {name: value for name, value in options.items() if not isinstance(value, Unknown)}
    return apply(packages, layer("Interpolate", node, **options), [x], node)[""]


@op("pad")
def _pad(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    given = packages.interpreter.listed(get(args, kwargs, 1, "pad"), node)
    amounts = [integer(amount, "an amount of pad", node) for amount in given]
    mode = get(args, kwargs, 2, "mode", "constant")
    pairs = list(zip(amounts[::2], amounts[1::2], strict=False))
    if mode != "constant" and (len(amounts) not in (2, 4, 6) or len(x.dims) - len(pairs) not in (1, 2)):
        message = f"Padding size {len(amounts)} is not supported for {len(x.dims)}D input tensor, with mode {mode}"
        raise Raised("NotImplementedError", message, node)
    while pairs and pairs[-1] == (0, 0):
        pairs.pop()
    if len(pairs) > len(x.dims):
        raise Raised("RuntimeError", "padding length too large", node)
    dims = list(x.dims)
    for back, (before, after) in enumerate(pairs):
        at = len(dims) - 1 - back
        dims[at] = size = size_at(x, at, "the batch is padded", node) + before + after
        if size < 0:
            raise Raised("RuntimeError", "pad makes an axis negative", node)
    if tuple(dims) == x.dims and not pairs:
        return x
    flat = [amount for pair in pairs for amount in pair]
    try:
        made: Layer | None = layer("Pad", node, padding=flat, **({"mode": mode} if isinstance(mode, str) else {}))
    except Refused:
        made = None
    result = make(packages, made, [x], tuple(dims), node, "Pad")
    if mode == "circular":
        result.strides = packed(dims)
    elif mode == "constant" and all(amount <= 0 for amount in flat):  # a part of it is copied
        result.strides = iterated([(x.dims, x.strides)], dims)
    return result


@op("one_hot")
def _one_hot(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    x = the(args, kwargs, node)
    classes = whole(get(args, kwargs, 1, "num_classes", -1), "num_classes", node)
    if classes == -1:
        raise Refused("python-unknown-value", "one_hot without num_classes depends on the numbers in a tensor", node)
    return make(packages, None, [x], (*x.dims, classes), node, "OneHot")


@op("scaled_dot_product_attention")
def _sdpa(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    names = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal", "scale", "enable_gqa")
    given = dict(zip(names, args, strict=False))
    given.update(kwargs)
    q, k, v = (as_tensor(given.get(name), f"the {name}", node) for name in names[:3])
    if q.dims[-1] != k.dims[-1] or k.dims[-2] != v.dims[-2]:
        message = f"attention cannot combine query {text(q.dims)}, key {text(k.dims)} and value {text(v.dims)}"
        raise Refused("shapes-differ", message, node)
    mixed = "attention over the samples of a batch is not followed"
    width, length, depth = (size_at(x, at, mixed, node) for x, at in ((q, -1), (k, -2), (v, -1)))
    gqa = given.get("enable_gqa") is True
    lead = q.dims[:-2] if gqa else broadcast([q.dims[:-2], k.dims[:-2], v.dims[:-2]], node, "attention")
    dims = (*lead, q.dims[-2], v.dims[-1])
    causal = given.get("is_causal")
    scale = given.get("scale")
    options: dict[str, object] = {"is_causal": causal is True and given.get("attn_mask") is None, "enable_gqa": gqa}
    if isinstance(scale, (int, float)):
        options["scale"] = scale
    made = layer("ScaledDotProductAttention", node, **options)
    inner, _ = product(sample((*lead, q.dims[-2])))
    result = make(packages, made, [q, k, v], dims, node, "ScaledDotProductAttention")
    result.strides = None if gqa and q.dims[1:2] != k.dims[1:2] else attended([q, k, v], dims)
    _price(packages, result, "attention", inner * length * (width + depth))
    return result


@named("cosine_similarity", "pairwise_distance")
def _cosine(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> Tensor:
    a = the([args[0] if args else kwargs.get("x1")], {}, node)
    b = as_tensor(get(args, kwargs, 1, "x2"), "the other tensor", node)
    tensors, dims = operands(packages, [a, b], node, name)
    like = Tensor(dims)
    at = the_axis(like, get(args, kwargs, 2, "dim", 1) if name == "cosine_similarity" else -1, "dim", node)
    keep = bool(kwargs.get("keepdim", False))
    out = (*dims[:at], *((1,) if keep else ()), *dims[at + 1 :])
    return make(packages, None, tensors, out, node, name)


@op("affine_grid")
def _affine_grid(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    theta = the([args[0] if args else kwargs.get("theta")], {}, node)
    size = get(args, kwargs, 1, "size")
    sizes = [whole(s, "a size", node) for s in packages.interpreter.listed(size, node)]
    return make(packages, None, [theta], (sizes[0], *sizes[2:], len(sizes) - 2), node, "AffineGrid")


@op("bilinear")
def _bilinear(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> Tensor:
    tensors = [
        as_tensor(value, "an input of bilinear", node) for value in (*args, *kwargs.values()) if value is not None
    ]
    one, other, weight = (tensor.dims for tensor in tensors[:3])
    if len(weight) != 3 or one[-1] != weight[1] or other[-1] != weight[2] or one[:-1] != other[:-1]:
        shown = ", ".join(text(tensor.dims) for tensor in tensors[:3])
        raise Refused("shapes-differ", f"bilinear cannot combine {shown}", node)
    result = make(packages, None, tensors, (*one[:-1], weight[0]), node, "Bilinear")
    cost, _ = product((*sample(one[:-1]), *weight))
    _price(packages, result, "Bilinear", cost)
    return result


@op("broadcast_tensors")
def _broadcast_tensors(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    tensors = [as_tensor(value, "a tensor", node) for value in args]
    dims = broadcast([tensor.dims for tensor in tensors], node)
    return tuple(_expanded(packages, tensor, list(dims), node) for tensor in tensors)


@op("broadcast_shapes")
def _broadcast_shapes(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    every = [packages.interpreter.listed(shape, node) for shape in args]
    return broadcast([tuple(whole(size, "a size", node) for size in shape) for shape in every], node)


@op("numel")
def _numel_of(packages: PackagesBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return _numel(packages.interpreter, as_tensor(args[0], "a tensor", node), [], {}, node)
