"""Layers that PyTorch writes as functions or as operators: expressions over their inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from cnncalc.export.call import Leaf, arguments, default, literal, refuse
from cnncalc.layers.indexing import Chunk
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.core.number import Shape
    from cnncalc.layers.adaptive import GlobalPool
    from cnncalc.layers.arithmetic import Elementwise, MatMul
    from cnncalc.layers.dot_product import ScaledDotProductAttention
    from cnncalc.layers.einsum import Einsum
    from cnncalc.layers.functions import Clamp
    from cnncalc.layers.indexing import IndexSelect, Narrow, Slice, Split
    from cnncalc.layers.merge import Concat, Stack
    from cnncalc.layers.pad import Pad
    from cnncalc.layers.reduce import Reduce
    from cnncalc.layers.resample import Interpolate
    from cnncalc.layers.reshape import Expand, Flatten, Reshape, Squeeze, Tile, View

SIGNS = {"Add": " + ", "Average": " + ", "Subtract": " - ", "Multiply": " * ", "Divide": " / "}


def functions(row: Row) -> Leaf | None:
    """A layer as an expression; None where it is no function."""
    found = FUNCTIONS.get(row.type)
    if found is None:
        return None
    made = found(row, row.layer, row.facts.inputs)
    return made if isinstance(made, Leaf) else Leaf(call=made)


# --- several inputs ------------------------------------------------------------------------------------------------


def _aligned(xs: tuple[Shape, ...]) -> list[str]:
    """The inputs with axes of 1 behind the batch, so that samples broadcast from their last axis on."""
    rank = max(len(x) for x in xs)
    return [_at(index, rank - len(x)) for index, x in enumerate(xs)]


def _at(index: int, missing: int) -> str:
    return f"{{{index}}}" + (f"[:, {', '.join(['None'] * missing)}]" if missing else "")


def _operators(row: Row, layer: Elementwise, xs: tuple[Shape, ...]) -> str:
    operands = _aligned(xs)
    if layer.value is not None:
        constant = literal(layer.value)
        if isinstance(layer.value, (list, tuple)) or row.type in ("Maximum", "Minimum"):
            constant = f"torch.tensor({constant}, dtype={{0}}.dtype, device={{0}}.device)"
        operands.insert(0 if getattr(layer, "value_first", False) else len(operands), constant)
    if row.type in SIGNS:
        text = SIGNS[row.type].join(operands)
        return f"({text}) / {len(operands)}" if row.type == "Average" else text
    text = operands[0]
    for operand in operands[1:]:
        text = f"torch.{row.type.lower()}({text}, {operand})"
    return text


def _matmul(row: Row, layer: MatMul, xs: tuple[Shape, ...]) -> str:
    row_vector, column = len(xs[0]) == 2, len(xs[1]) == 2
    ranks = [max(len(x), 3) for x in xs]
    sides = []
    for index, vector in enumerate((row_vector, column)):
        missing = max(ranks) - ranks[index]
        inner = [":", *["None"] * missing]
        if vector:
            inner = [*inner, "None"] if index == 0 else [*inner, ":", "None"]
        sides.append(f"{{{index}}}[{', '.join(inner)}]" if vector or missing else f"{{{index}}}")
    text = " @ ".join(sides)
    if column:
        text = f"({text})[..., 0]"
        return f"{text}[..., 0]" if row_vector else text
    return f"({text})[..., 0, :]" if row_vector else text


def _together(name: str) -> Callable[[Row, Concat | Stack, tuple[Shape, ...]], str]:
    def write(row: Row, layer: Concat | Stack, xs: tuple[Shape, ...]) -> str:
        inputs = ", ".join(f"{{{index}}}" for index in range(len(xs)))
        return f"torch.{name}(({inputs}{',' if len(xs) == 1 else ''}), dim={literal(layer.dim)})"

    return write


def _einsum(row: Row, layer: Einsum, xs: tuple[Shape, ...]) -> str:
    equation = literal(layer.batched([len(x) for x in xs]))
    return f"torch.einsum({equation}, {', '.join(f'{{{index}}}' for index in range(len(xs)))})"


def _attend(row: Row, layer: ScaledDotProductAttention, xs: tuple[Shape, ...]) -> str | Leaf:
    more = ""
    if len(xs) > 3:
        more += f", attn_mask={_at(3, len(xs[0]) - len(xs[3]))}"
        if layer.is_causal:
            raise refuse(row, "PyTorch takes a mask or is_causal, not both", "PyTorch")
    if layer.window is not None:
        more += f", attn_mask=window_mask({{0}}, {{1}}, {literal(layer.window)})"
    elif layer.is_causal:
        more += ", is_causal=True"
    if layer.scale is not None:
        more += f", scale={literal(layer.scale)}"
    if layer.enable_gqa:
        more += ", enable_gqa=True"
    call = f"F.scaled_dot_product_attention({{0}}, {{1}}, {{2}}{more})"
    return call if layer.window is None else Leaf(call=call, helpers=("window_mask",))


def _index_select(row: Row, layer: IndexSelect, xs: tuple[Shape, ...]) -> str:
    at = layer.dim % len(xs[0])
    places = [":" if axis in (0, at) else "None" for axis in range(len(xs[0]))]
    return f"torch.take_along_dim({{0}}, {{1}}[{', '.join(places)}], dim={at})"


# --- one input -----------------------------------------------------------------------------------------------------


def _flatten(row: Row, layer: Flatten, xs: tuple[Shape, ...]) -> str:
    if len(xs[0]) == 1:
        return "{0}[:, None]"
    more = "" if layer.end_dim == -1 else f", {layer.end_dim}"
    return f"{{0}}.flatten({layer.start_dim}{more})"


def _sizes(sizes: Iterable[object]) -> str:
    return ", ".join(literal(size) for size in sizes)


def _reshape(row: Row, layer: Reshape | View, xs: tuple[Shape, ...]) -> str:
    sizes = layer.shape_ if row.type == "Reshape" else layer.shape_[1:]
    return f"{{0}}.reshape({', '.join(['{0}.shape[0]', *map(literal, sizes)])})"


def _stretched(row: Row, xs: tuple[Shape, ...], count: int) -> str:
    """The input with further axes of 1 behind the batch, `count` axes of the sample in all."""
    return _at(0, max(count - len(xs[0]) + 1, 0))


def _expand(row: Row, layer: Expand, xs: tuple[Shape, ...]) -> str:
    return f"{_stretched(row, xs, len(layer.sizes))}.expand(-1, {_sizes(row.facts.shape[1:])})"


def _tile(row: Row, layer: Tile, xs: tuple[Shape, ...]) -> str:
    times = (1,) * (len(xs[0]) - 1 - len(layer.dims)) + tuple(layer.dims)
    return f"{_stretched(row, xs, len(layer.dims))}.repeat(1, {_sizes(times)})"


def _squeeze(row: Row, layer: Squeeze, xs: tuple[Shape, ...]) -> str:
    rank = len(xs[0])
    among = range(1, rank) if layer.dim is None else [dim % rank for dim in layer.dim]
    axes = tuple(axis for axis in among if xs[0][axis] == 1)
    return f"{{0}}.squeeze({literal(axes[0] if len(axes) == 1 else axes)})"


def _slice(row: Row, layer: Slice, xs: tuple[Shape, ...]) -> str:
    start, stop, step = ("" if part is None else literal(part) for part in (layer.start, layer.stop, layer.step))
    piece = f"{'' if start == '0' else start}:{stop}" + (f":{step}" if step not in ("", "1") else "")
    return "{0}[" + ", ".join([":"] * (layer.dim % len(xs[0])) + [piece]) + "]"


def _narrow(row: Row, layer: Narrow, xs: tuple[Shape, ...]) -> str:
    start = layer.start % xs[0][layer.dim] if layer.start < 0 else layer.start
    return f"{{0}}.narrow({layer.dim}, {literal(start)}, {literal(layer.length)})"


def _pieces(row: Row, layer: Chunk | Split, xs: tuple[Shape, ...]) -> Leaf:
    if isinstance(layer, Chunk):
        call = f"{{0}}.chunk({layer.chunks}, dim={layer.dim})"
    else:
        sizes = list(layer.sizes) if isinstance(layer.sizes, tuple) else layer.sizes
        call = f"{{0}}.split({literal(sizes)}, dim={layer.dim})"
    return Leaf(call=call, main="[0]", ports={port: f"[{port}]" for port in row.facts.ports})


def _reduce(name: str) -> Callable[[Row, Reduce, tuple[Shape, ...]], str]:
    def write(row: Row, layer: Reduce, xs: tuple[Shape, ...]) -> str:
        axes = layer.over(len(xs[0]))
        keep = ", keepdim=True" if layer.keepdim else ""
        return f"{{0}}.{name}(dim={literal(axes[0] if len(axes) == 1 else axes)}{keep})" if axes else "{0}"

    return write


def _global(name: str) -> Callable[[Row, GlobalPool, tuple[Shape, ...]], str]:
    def write(row: Row, layer: GlobalPool, xs: tuple[Shape, ...]) -> str:
        keep = ", keepdim=True" if layer.keepdim else ""
        return f"{{0}}.{name}(dim={literal(tuple(range(2, len(xs[0]))))}{keep})"

    return write


def _pad(row: Row, layer: Pad, xs: tuple[Shape, ...]) -> str:
    mode = "" if layer.mode == "constant" else f", mode={literal(layer.mode)}"
    value = f", value={literal(layer.value)}" if layer.value else ""
    return f"F.pad({{0}}, {literal(tuple(layer.padding))}{mode}{value})"


def _interpolate(row: Row, layer: Interpolate, xs: tuple[Shape, ...]) -> str:
    words = []
    for argument in arguments(layer, xs):
        option = layer.options[argument.name]
        if layer.__dict__[argument.name] != default(layer, option):
            words.append(f"{argument.name}={literal(argument.value)}")
    return f"F.interpolate({{0}}, {', '.join(words)})"


def _clamp(row: Row, layer: Clamp, xs: tuple[Shape, ...]) -> str:
    if layer.min is None and layer.max is None:
        return "{0}"
    return f"{{0}}.clamp({literal(layer.min)}, {literal(layer.max)})"


FUNCTIONS: dict[str, Callable[[Row, Any, tuple[Shape, ...]], str | Leaf]] = {
    **dict.fromkeys(
        ("Exp", "Log", "Sin", "Cos", "Sqrt", "Square", "Abs"), lambda row, layer, xs: f"{{0}}.{layer.torch}()"
    ),
    **dict.fromkeys((*SIGNS, "Maximum", "Minimum"), _operators),
    "Flatten": _flatten,
    "Identity": lambda row, layer, xs: "{0}",
    "Neg": lambda row, layer, xs: "-{0}",
    "Unflatten": lambda row, layer, xs: f"{{0}}.unflatten({layer.dim}, {literal(tuple(layer.unflattened_size))})",
    "Reshape": _reshape,
    "View": _reshape,
    "Permute": lambda row, layer, xs: f"{{0}}.permute({_sizes(layer.dims)})",
    "Transpose": lambda row, layer, xs: f"{{0}}.transpose({layer.dim0}, {layer.dim1})",
    "Movedim": lambda row, layer, xs: f"{{0}}.movedim({literal(layer.source)}, {literal(layer.destination)})",
    "Squeeze": _squeeze,
    "Unsqueeze": lambda row, layer, xs: f"{{0}}.unsqueeze({layer.dim})",
    "Expand": _expand,
    "Tile": _tile,
    "Select": lambda row, layer, xs: f"{{0}}[{':, ' * (layer.dim % len(xs[0]))}{literal(layer.index)}]",
    "Slice": _slice,
    "Narrow": _narrow,
    "IndexSelect": _index_select,
    "Chunk": _pieces,
    "Split": _pieces,
    "Flip": lambda row, layer, xs: f"{{0}}.flip({literal(layer.dims)})",
    "Roll": lambda row, layer, xs: f"{{0}}.roll({literal(layer.shifts)}, {literal(layer.dims)})",
    "Concat": _together("cat"),
    "Stack": _together("stack"),
    "MatMul": _matmul,
    "Outer": lambda row, layer, xs: "{0}[:, :, None] * {1}[:, None]",
    "Einsum": _einsum,
    "Scale": lambda row, layer, xs: f"{{0}} * {literal(layer.factor)}",
    "Mean": _reduce("mean"),
    "Sum": _reduce("sum"),
    "Max": _reduce("amax"),
    "Min": _reduce("amin"),
    "GlobalAvgPool": _global("mean"),
    "GlobalMaxPool": _global("amax"),
    "ArgMax": lambda row, layer, xs: f"{{0}}.argmax({literal(layer.dim)}, keepdim={layer.keepdim})",
    "OneHot": lambda row, layer, xs: f"F.one_hot({{0}}, {literal(layer.num_classes)}).to(torch.get_default_dtype())",
    "Pad": _pad,
    "Crop": lambda row, layer, xs: f"F.pad({{0}}, {literal(layer.sides(len(xs[0])))})",
    "Interpolate": _interpolate,
    "Clamp": _clamp,
    "Pow": lambda row, layer, xs: f"{{0}} ** {literal(layer.exponent)}",
    "ALiBi": lambda row, layer, xs: Leaf(call="alibi({0})", helpers=("alibi",)),
    "CausalMask": lambda row, layer, xs: Leaf(call="causal_mask({0})", helpers=("causal_mask",)),
    "ScaledDotProductAttention": _attend,
}
