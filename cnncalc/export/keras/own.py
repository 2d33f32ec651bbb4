"""Layers that are written as classes of their own: which options a class is made with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnncalc.core.number import Shape
from cnncalc.core.window import pads
from cnncalc.export.call import literal
from cnncalc.export.equations import Cell, KerasWords
from cnncalc.export.identifiers import identifier
from cnncalc.export.keras.classes.source import CLASSES
from cnncalc.export.keras.piece import Piece, Rule, named, no, own
from cnncalc.layers.conv import Conv
from cnncalc.layers.pad import Pad, sides_of
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.core.number import Number
    from cnncalc.layers.equations import Recurrent
    from cnncalc.layers.layer_norm import RMSNorm, TrailingNorm
    from cnncalc.layers.mixture import MixtureOfExperts
    from cnncalc.layers.pad import AnyPad, Crop
    from cnncalc.layers.recurrent import SequenceLayer
    from cnncalc.layers.reparametrise import WeightNorm
    from cnncalc.layers.resample import Upsample


def by_options(row: Row, layer: Layer, xs: tuple[Shape, ...]) -> Piece:
    """A class that is made with the options that its source names, as the layer has them."""
    names = dict.fromkeys(re.findall(r'options\["(\w+)"\]', CLASSES[layer.type()]))
    return several(row, own(row, layer.type(), {name: layer.__dict__[name] for name in names}))


def several(row: Row, piece: Piece) -> Piece:
    """The piece of a layer whose call gives all its outputs, in their order."""
    if not row.facts.ports:
        return piece
    return piece._replace(main="[0]", ports={name: f"[{at}]" for at, name in enumerate(row.facts.ports, 1)})


STEPS = ("hidden_size", "num_layers", "bias", "bidirectional", "bias_vectors")
MORE = {"RNN": "nonlinearity", "LSTM": "proj_size", "GRU": "reset_after"}


def stacked(row: Row, layer: SequenceLayer, xs: tuple[Shape, ...]) -> Piece:
    """A recurrent layer of PyTorch, where Keras' own has other weights or outputs."""
    options = {name: layer.__dict__[name] for name in (*STEPS, MORE[layer.type()])}
    return several(row, own(row, layer.type(), options | {"bias_vectors": 2 if layer.two_biases else 1}))


def padding(row: Row, pairs: Sequence[tuple[Number, Number]], mode: str) -> str:
    """The expression of an input with positions around its spatial axes."""
    name = literal(named(row.name) + "_pad")
    return f"Pad(padding={literal(sides_of(pairs))}, mode={literal(mode)}, name={name})({{0}})"


def pad(row: Row, layer: AnyPad | Pad, xs: tuple[Shape, ...]) -> Piece:
    """Any padding, the last axis first."""
    value = layer.value if isinstance(layer, Pad) else float(getattr(layer, "value", 0.0))
    return own(row, "Pad", {"padding": tuple(layer.padding), "mode": layer.mode, "value": value})


def rms_norm(row: Row, layer: RMSNorm, xs: tuple[Shape, ...]) -> Piece:
    """A norm over several axes, or without a factor."""
    sizes = tuple(xs[0][-len(layer.normalized_shape or (0,)) :])
    options = {"normalized_shape": sizes, "eps": least(layer), "elementwise_affine": layer.elementwise_affine}
    return own(row, "RMSNorm", options)


def least(norm: TrailingNorm) -> float:
    """What a norm adds under the root; where it is not given, the smallest number that float32 tells apart."""
    eps = norm.__dict__["eps"]
    return 1.1920928955078125e-07 if eps is None else float(eps)


def upsample(row: Row, layer: Upsample, xs: tuple[Shape, ...]) -> Piece:
    """An image of another size by lines between its points."""
    if not layer.mode.endswith("linear") or getattr(layer, "antialias", False):
        raise no(row, f"Keras' {layer.mode} places its points otherwise")
    space, wanted = xs[0][2:], tuple(row.facts.shape[2:])
    given = None if getattr(layer, "recompute_scale_factor", None) else layer.scale_factor
    factors = given if isinstance(given, tuple) else (given,) * len(space)
    each = tuple(
        out / size if one is None else float(one) for one, size, out in zip(factors, space, wanted, strict=True)
    )
    options = {"size": wanted, "factors": each, "mode": layer.mode, "align_corners": bool(layer.align_corners)}
    return own(row, "Upsample", options)


EXPERTS = ("num_experts", "hidden_features", "top_k", "shared_experts", "activation", "gated", "bias", "router_bias",
           "scoring", "normalize", "groups", "top_groups", "correction_bias", "scale")  # fmt: skip


def experts(row: Row, layer: MixtureOfExperts, xs: tuple[Shape, ...]) -> Piece:
    """A mixture in which every expert sees every position."""
    return own(row, "MixtureOfExperts", {name: layer.__dict__[name] for name in EXPERTS})


def weight_norm(row: Row, layer: WeightNorm, xs: tuple[Shape, ...]) -> Piece:
    """A dense layer or a convolution whose weight has a length and a direction."""
    inner = layer.layer
    kind = inner.type().removeprefix("Lazy")
    if layer.name_ != "weight" or inner.ports(*xs) or not (kind == "Linear" or re.fullmatch(r"Conv\dd", kind)):
        raise no(row, "the weight of a Linear or a convolution is written so")
    bias = any(held.name == "bias" for held in row.facts.weights)
    if kind == "Linear":
        options = {"kind": kind, "out_features": row.facts.shape[-1], "bias": bias}
    else:
        assert isinstance(inner, Conv)
        if inner.padding_mode != "zeros":
            raise no(row, f"Keras does not pad with {inner.padding_mode}")
        sides = [before for before, after in pads(inner, xs[0][2:]) if before == after]
        if len(sides) != len(xs[0]) - 2:
            raise no(row, "its padding differs from side to side")
        options = {
            "kind": kind, "out_channels": inner.out_channels, "kernel_size": tuple(inner.kernel_size),
            "stride": tuple(inner.stride), "padding": tuple(sides), "dilation": tuple(inner.dilation),
            "groups": inner.groups, "bias": bias,
        }  # fmt: skip
    rank = len(next(held.shape for held in row.facts.weights if held.name == "weight_v"))
    return own(row, "WeightNorm", {"layer": options, "dim": None if layer.dim is None else layer.dim % rank})


def recurrent(row: Row, layer: Recurrent, xs: tuple[Shape, ...]) -> Piece:
    """A cell given by its equations: a class whose `call` has a line for each."""
    writer = Cell(row, KerasWords())
    name = "".join(word.capitalize() for word in identifier(row.name).split("_")) + "Cell"
    lines = [f'@keras.saving.register_keras_serializable("cnncalc", "Recurrent:{name}")']
    lines += [f"class {name}(Configured):", '    """Its output, and what each equation gives."""', ""]
    shapes = ", ".join(f"{word}_shape" for word in writer.inputs.values())
    lines.append(f"    def build(self, {'shape' if len(writer.inputs) == 1 else shapes}):")
    for held, word in writer.words.items():
        shape = literal(tuple(writer.shapes[held]))
        lines.append(f"        self.array_{word} = self.add_weight(name={literal(word)}, shape={shape})")
    taken = ", ".join(writer.inputs.values())
    lines += [*(["        pass"] if not writer.words else []), "", f"    def call(self, {taken}):"]
    lines += ["        n = ops.shape(x)[0]", *(f"        {line}" for line in writer.steps_of())]
    stacks = {step: writer.target.stacked(writer.names[step]) for step in writer.steps}
    lines.append(f"        return {', '.join([stacks[layer.result], *stacks.values()])}")
    declared = {"state": layer.states, "weights": layer.declared}  # sizes that the input says keep their names
    options: dict[str, object] = {
        kind: {held: list(sizes.shape) for held, sizes in given.items()} for kind, given in declared.items()
    }
    further = {"inputs": layer.sequences[1:], "context": layer.fixed}
    options |= {name: names for name, names in further.items() if names}
    options |= {"step": {equation.name: equation.text for equation in layer.equations}, "output": layer.result}
    made = own(row, name, options)
    ports = {step: f"[{at}]" for at, step in enumerate(row.facts.ports, 1)}
    return made._replace(classes=("Configured",), source="\n".join(lines), main="[0]", ports=ports)


def crop(row: Row, layer: Crop, xs: tuple[Shape, ...]) -> Piece:
    """Positions that are cut off, as a padding below 0."""
    return own(row, "Pad", {"padding": layer.sides(len(xs[0])), "mode": "constant", "value": 0.0})


RULES: dict[str, Rule] = {
    **dict.fromkeys(
        ("ArgMax", "CELU", "Expand", "Flip", "GLU", "Hardshrink", "OneHot", "Roll", "Softplus", "Softshrink",
         "Tanhshrink", "Threshold", "Tile", "IndexSelect", "GRN", "AttentionRNN", "SelectiveScan", "LinearAttention",
         "WKV", "XIELU"),
        by_options,
    ),
    "MixtureOfExperts": experts,
    "Recurrent": recurrent,
    "Crop": crop,
    "UpsamplingBilinear2d": upsample,
    "WeightNorm": weight_norm,
    **{f"{kind}Pad{n}d": pad for kind in ("Reflection", "Replication", "Circular", "Constant") for n in (1, 2, 3)},
}  # fmt: skip
