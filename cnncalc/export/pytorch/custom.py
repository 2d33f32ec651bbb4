"""Layers whose class is written out above the network: what makes them, and how they are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.core.number import is_zero
from cnncalc.export.call import Argument, Call, Code, Leaf, default, literal
from cnncalc.export.equations import Cell, Words
from cnncalc.layers.mixture import GatedFeedForward, MixtureOfExperts
from cnncalc.layers.position import RotaryEmbedding
from cnncalc.layers.response_norm import GRN
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.core.number import Number


def turns(layer: RotaryEmbedding, size: Number) -> tuple[Argument, ...]:
    """The arguments of `Rotary` for heads of this size."""
    turning = layer.part(size)
    args = [Argument("size", size, False)]
    args += [Argument("base", layer.base)] if layer.base != 10000.0 else []
    args += [] if layer.interleaved else [Argument("interleaved", False)]
    args += [] if turning == size else [Argument("turning", turning)]
    for name in ("factor", "original_length", "low_freq_factor", "high_freq_factor"):
        value = layer.__dict__[name]
        args += [] if value == default(layer, layer.options[name]) else [Argument(name, value)]
    return tuple(args)


def rotary(row: Row, used: frozenset[str]) -> Leaf:
    """Features turned by their position."""
    layer = row.layer
    assert isinstance(layer, RotaryEmbedding)
    size = row.facts.inputs[0][-1] if layer.dim is None else layer.dim
    return Leaf("Rotary", turns(layer, size), helpers=("Rotary",))


def gated(row: Row, used: frozenset[str]) -> Leaf:
    """A feed-forward net with a gate."""
    layer = row.layer
    assert isinstance(layer, GatedFeedForward)
    x = row.facts.inputs[0]
    function = {"SwiGLU": "F.silu", "GEGLU": "F.gelu", "ReGLU": "F.relu"}[row.type]
    sizes = (x[-1], layer.hidden_features, row.facts.shape[-1])
    args = [Argument(name, size, False) for name, size in zip(("in_", "hidden", "out"), sizes, strict=True)]
    args.append(Argument("function", Code(function), False))
    args += [Argument("bias", True)] if layer.bias else []
    return Leaf("GatedFeedForward", tuple(args), helpers=("GatedFeedForward",))


def mixture(row: Row, used: frozenset[str]) -> Leaf:
    """A router and its experts, whose arrays are stacked."""
    layer = row.layer
    assert isinstance(layer, MixtureOfExperts)
    sizes = (row.facts.inputs[0][-1], layer.hidden_features, layer.num_experts, layer.top_k)
    names = ("features", "hidden", "experts", "top_k")
    args = [Argument(name, size, False) for name, size in zip(names, sizes, strict=True)]
    function = None if layer.activation == "clamped_swish" else Code(f"F.{layer.activation}")
    args.append(Argument("function", function, False))
    args += [] if layer.gated else [Argument("gated", False)]
    args += [Argument("bias", True)] if layer.bias else []
    args += [] if is_zero(layer.shared_experts) else [Argument("shared", layer.shared_experts)]
    usual = {"router_bias": False, "scoring": "softmax", "normalize": True, "groups": 1, "top_groups": None}
    usual |= {"correction_bias": False, "scale": 1.0}
    own = layer.__dict__
    args += [Argument(name, own[name]) for name, value in usual.items() if own.get(name, value) != value]
    weights = {}
    for weight in row.facts.weights:
        home, _, rest = weight.name.partition(".")
        if home != "router":
            weights[weight.name] = f"{home}.{rest.replace('.', '_')}"
    return Leaf("MixtureOfExperts", tuple(args), helpers=("MixtureOfExperts",), weights=weights)


def latent_attention(row: Row, used: frozenset[str]) -> Leaf:
    """Keys and values of all heads from one latent: a class that is written out."""
    given = row.layer.__dict__
    args = [Argument("embed_dim", row.facts.inputs[0][-1], False), Argument("num_heads", given["num_heads"], False)]
    for name in ("kv_lora_rank", "q_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim"):
        args.append(Argument(name, given[name]))
    args.append(Argument("rope", Call("Rotary", turns(given["turn"], given["qk_rope_head_dim"]))))
    for name, usual in (("bias", False), ("causal", True), ("eps", 1e-6), ("scale", None), ("dropout", 0.0)):
        args += [] if given[name] == usual else [Argument(name, given[name])]
    return Leaf("LatentAttention", tuple(args), helpers=("Rotary", "LatentAttention"))


def attention_rnn(row: Row, used: frozenset[str]) -> Leaf:
    """The textbook's recurrent attention: a class that is written out."""
    size = row.facts.weights[0].shape[-1]
    k = row.layer.__dict__["k"]
    ports = {name: f'["{name}"]' for name in ("scores", "attention", "h")}
    args = (Argument("size", size, False), Argument("k", None if isinstance(k, str) else k, False))
    return Leaf("AttentionRNN", args, "{self}({0})", '["h"]', ports, ("AttentionRNN",))


def response_norm(row: Row, used: frozenset[str]) -> Leaf:
    """ConvNeXt V2's norm: a class that is written out."""
    layer = row.layer
    assert isinstance(layer, GRN)
    eps = [] if layer.eps == default(layer, layer.options["eps"]) else [Argument("eps", layer.eps)]
    return Leaf("GRN", (Argument("size", row.facts.inputs[0][1], False), *eps), helpers=("GRN",))


def xielu(row: Row, used: frozenset[str]) -> Leaf:
    """Apertus' activation: a class that is written out."""
    given = [Argument(name, row.layer.__dict__[name]) for name in ("beta", "eps")]
    return Leaf("XIELU", tuple(given), helpers=("XIELU",))


def scan(row: Row, used: frozenset[str]) -> Leaf:
    """Layers that carry a state along the sequence: classes that are written out."""
    layer = row.layer
    sizes: dict[str, tuple[tuple[str, object], ...]] = {
        "SelectiveScan": (
            ("size", row.facts.inputs[0][-1]),
            ("state", row.facts.inputs[-1][-1] // layer.__dict__.get("groups", 1)),
        ),
        "WKV": (("size", row.facts.inputs[0][-1]),),
    }
    given = [Argument(name, size, False) for name, size in sizes.get(row.type, ())]
    for name, option in layer.options.items():
        if layer.__dict__[name] != default(layer, option):
            given.append(Argument(name, layer.__dict__[name]))
    names = ", ".join(f"{{{index}}}" for index in range(len(row.facts.inputs)))
    needed = {"SelectiveScan": ("delayed", "scanned"), "WKV": ("delayed",)}.get(row.type, ("delayed", "scanned"))
    if row.type == "LinearAttention" and not layer.__dict__["decay"]:
        needed = ()
    return Leaf(row.type, tuple(given), f"{{self}}({names})", helpers=(*needed, row.type))


def drop_path(row: Row, used: frozenset[str]) -> Leaf:
    """Samples of a branch dropped while training."""
    mode = row.layer.__dict__.get("mode", "row")
    args = [Argument("p", row.layer.__dict__["p"], False)]
    args += [Argument("mode", mode)] if mode != "row" else []
    return Leaf("DropPath", tuple(args), helpers=("DropPath",))


def cell(row: Row, used: frozenset[str]) -> Leaf:
    """The cell's own class, and how it is called."""
    writer = Cell(row, Words())
    ports = {name: f'["{word}"]' for name, word in writer.names.items() if name in writer.steps}
    weights = {name: word for name, word in writer.words.items() if name != word}
    taken = ", ".join(f"{{{at}}}" for at in range(len(row.facts.inputs)))
    return Leaf(
        "", (), f"{{self}}({taken})", f'["{writer.names[writer.layer.result]}"]', ports, (), weights, _source(writer)
    )


def _source(writer: Cell) -> str:
    """The class, whose name is put in later."""
    lines = ["class {class}(nn.Module):", "    def __init__(self):", "        super().__init__()"]
    for name, word in writer.words.items():
        bound = literal(writer.shapes[name][-1]) if writer.shapes[name] else "1"
        made = f"torch.empty({literal(tuple(writer.shapes[name]))}).uniform_(-1, 1) / {bound} ** 0.5"
        lines.append(f"        self.{word} = nn.Parameter({made})")
    lines += ["", f"    def forward(self, {', '.join(writer.inputs.values())}):", "        n = x.shape[0]"]
    lines += [f"        {line}" for line in writer.steps_of()]
    words = [writer.names[name] for name in writer.steps]
    found = ", ".join(f'"{word}": {writer.target.stacked(word)}' for word in words)
    return "\n".join([*lines, f"        return {{{found}}}"])
