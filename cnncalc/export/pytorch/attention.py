"""The layer `Attention` in PyTorch: linear projections around `F.scaled_dot_product_attention`.

The class is written for the network that it stands in: it has no option that no layer of the network needs, or that all
have alike. Where scores or attention weights are used elsewhere, or are capped, a second class works them out itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.core.number import is_zero
from cnncalc.export.call import Argument, Call, Code, Leaf, arguments, literal
from cnncalc.export.pytorch.custom import turns
from cnncalc.layers.attention import Attention
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.core.number import Number
    from cnncalc.execute.kernel import Array
    from cnncalc.layers.layer_norm import TrailingNorm

PLAIN, SCORED = "Attention", "AttentionWithScores"
PROJECTED = {"W_q": "q_proj", "W_k": "k_proj", "W_v": "v_proj", "W_o": "out_proj"}


def attention(row: Row, used: frozenset[str]) -> Leaf:
    """A layer, and what its class has to have: "Attention:causal" among the helpers."""
    layer = row.layer
    assert isinstance(layer, Attention)
    sizes = {weight.name: weight.shape for weight in row.facts.weights}
    heads, shared = layer.num_heads, layer.num_kv_heads or layer.num_heads
    xs = row.facts.inputs
    embed, each, wide = xs[0][-1], sizes["W_q"][1] // heads, sizes["W_v"][1] // shared
    args = [Argument("embed_dim", embed, False), Argument("num_heads", heads, False)]
    needs: list[str] = []

    def option(need: str, there: bool, *given: Argument) -> None:
        needs.append(need if there else f"no {need}")
        args.extend(given if there else ())

    dims = [Argument(name, sizes[f"W_{name[0]}"][0]) for name in ("kdim", "vdim") if sizes[f"W_{name[0]}"][0] != embed]
    rope = [] if layer.turn is None else [Argument("rope", Call("Rotary", turns(layer.turn, each)))]
    norm = [] if layer.norm is None else [Argument(name, _norm(layer.norm, each)) for name in ("q_norm", "k_norm")]
    option("head_dim", heads * each != embed, Argument("head_dim", each))
    option("value_dim", wide != each, Argument("value_dim", wide))
    option("groups", shared != heads, Argument("num_kv_heads", shared))
    option("memory", len(xs) > 1)
    option("dims", bool(dims), *dims)
    option("bias", layer.bias, Argument("bias", True))
    option("output", layer.out_proj)
    args += [] if layer.out_proj else [Argument("output", False)]
    option("causal", layer.causal, Argument("causal", True))
    option("scale", layer.scale != "sqrt_dk", Argument("scale", _scale(layer, embed)))
    option("window", layer.window is not None, Argument("window", layer.window))
    option("rope", bool(rope), *rope)
    option("norm", bool(norm), *norm)
    option("softcap", layer.softcap is not None, Argument("softcap", layer.softcap))
    option("alibi", layer.alibi, Argument("alibi", True))
    option("sinks", layer.sinks, Argument("sinks", True))
    option("dropout", not is_zero(layer.dropout), Argument("dropout", layer.dropout))
    written = layer.softcap is not None or layer.sinks or used & {"scores", "attention", "query", "key", "value"}
    kind = SCORED if written else PLAIN
    helpers = [f"{kind}:{need}" for need in needs]
    helpers += ["Rotary"] * (layer.turn is not None) + ["alibi"] * bool(layer.alibi)
    taken = "{0}" if len(xs) == 1 else ", ".join(f"{{{min(at, len(xs) - 1)}}}" for at in range(3))
    names = {f"b_{letter[-1]}": f"{name}.bias" for letter, name in PROJECTED.items()}
    names |= {letter: f"{name}.weight" for letter, name in PROJECTED.items()}
    ports = {name: f'["{name}"]' for name in ("query", "key", "value", "scores", "attention")}
    main = '["output"]' if kind == SCORED else ""
    return Leaf(
        kind,
        tuple(args),
        f"{{self}}({taken})",
        main,
        ports,
        tuple(helpers),
        names,
        turns=dict.fromkeys(PROJECTED, _transposed),
    )


def _transposed(array: Array) -> Array:
    return array.T


def _scale(layer: Attention, embed: Number) -> object:
    """What scores are multiplied with."""
    known = {"sqrt_dmodel": Code(f"{literal(embed)} ** -0.5"), "none": 1.0}
    return known.get(layer.scale) or Code(f"1 / {literal(layer.scale)}")


def _norm(norm: TrailingNorm, size: Number) -> Call:
    """The norm of each head."""
    more = arguments(norm, ((1, size),), ("normalized_shape",))
    return Call(f"nn.{norm.type()}", (Argument("size", size, False), *more))


def sources(leaves: list[Leaf]) -> tuple[list[Leaf], list[str]]:
    """The layers without options that all of their class have alike, and the classes."""
    needs: dict[str, set[str]] = {}
    for leaf in leaves:
        for helper in leaf.helpers:
            kind, _, need = helper.partition(":")
            if kind in (PLAIN, SCORED):
                needs.setdefault(kind, set()).add(need)
    classes = {kind: _Written(kind, needs[kind]) for kind in (PLAIN, SCORED) if kind in needs}
    made = []
    for leaf in leaves:
        if leaf.maker in classes:
            alike = [word for word in ("bias", "causal") if not classes[leaf.maker].mixed(word)]
            args = tuple(argument for argument in leaf.args if argument.name not in alike)
            own = leaf.call == "{self}({0})" and classes[leaf.maker].some("memory")
            leaf = leaf._replace(args=args, call="{self}({0}, {0}, {0})" if own else leaf.call)
        made.append(leaf)
    return made, [written.source() for written in classes.values()]


class _Written:
    """One of the classes, with what its layers need."""

    def __init__(self, kind: str, needs: set[str]) -> None:
        self.kind, self.needs = kind, needs

    def some(self, need: str) -> bool:
        """Whether a layer has it."""
        return need in self.needs

    def mixed(self, need: str) -> bool:
        """Whether some layers have it and some have not."""
        return {need, f"no {need}"} <= self.needs

    def source(self) -> str:
        """The class."""
        told = "Attention of num_heads heads" + (", no position reads a later one" if not self.mixed("causal") else "")
        told = told if self.some("causal") else "Attention of num_heads heads"
        return "\n".join([
            f"class {self.kind}(nn.Module):", f'    """{told}; x is [N, length, embed_dim]."""', "", *self.init(), "",
            *self.forward(),
        ])  # fmt: skip

    def init(self) -> list[str]:
        """What makes it."""
        words = ["embed_dim", "num_heads"]
        words += [f"{word}=None" for word in ("head_dim", "value_dim") if self.some(word)]
        words += ["num_kv_heads=None"] * self.some("groups")
        words += ["kdim=None", "vdim=None"] * self.some("dims")
        words += ["bias=False"] * self.mixed("bias") + ["output=True"] * self.some("no output")
        words += ["causal=False"] * self.mixed("causal") + ["scale=None"] * self.some("scale")
        words += ['window=float("inf")'] * self.some("window") + ["rope=None"] * self.some("rope")
        words += ["q_norm=None", "k_norm=None"] * self.some("norm") + ["softcap=None"] * self.some("softcap")
        words += ["alibi=False"] * self.some("alibi") + ["sinks=False"] * self.some("sinks")
        words += ["dropout=0.0"] * self.some("dropout")
        head = "head_dim or embed_dim // num_heads" if self.some("head_dim") else "embed_dim // num_heads"
        value = "value_dim" if self.some("value_dim") else "head_dim"
        few = "num_kv_heads" if self.some("groups") else "num_heads"
        bias = ", bias=bias" if self.mixed("bias") else "" if self.some("bias") else ", bias=False"
        lines = [f"        head_dim = {head}"]
        if self.some("value_dim"):
            lines.append("        value_dim = value_dim or head_dim")
        if self.some("groups"):
            lines.append("        num_kv_heads = num_kv_heads or num_heads")
        keys, values = ("kdim or embed_dim", "vdim or embed_dim") if self.some("dims") else ("embed_dim", "embed_dim")
        lines += [
            f"        self.q_proj = nn.Linear(embed_dim, num_heads * head_dim{bias})",
            f"        self.k_proj = nn.Linear({keys}, {few} * head_dim{bias})",
            f"        self.v_proj = nn.Linear({values}, {few} * {value}{bias})",
        ]
        out = f"nn.Linear(num_heads * {value}, embed_dim{bias})"
        if self.some("output"):
            lines.append(f"        self.out_proj = {out}" + (" if output else None" * self.some("no output")))
        if self.some("sinks"):
            lines.append("        self.sinks = nn.Parameter(torch.zeros(num_heads)) if sinks else None")
        kept = ["num_heads"]
        kept += ["num_kv_heads"] * self.some("groups")
        kept += ["causal"] * self.mixed("causal")
        if self.kind == PLAIN:
            kept += ["scale"] * self.some("scale")
        kept += [word for word in ("window", "rope") if self.some(word)]
        kept += ["q_norm", "k_norm"] * self.some("norm")
        kept += [word for word in ("softcap", "alibi", "dropout") if self.some(word)]
        lines += [f"        self.{word} = {word}" for word in kept]
        if self.kind == SCORED:
            scale = "head_dim**-0.5"
            lines.append(
                f"        self.scale = {f'{scale} if scale is None else scale' if self.some('scale') else scale}"
            )
        return [f"    def __init__(self, {', '.join(words)}):", "        super().__init__()", *lines]

    def forward(self) -> list[str]:
        """What it computes."""
        memory = self.some("memory")
        sides = ("query", "key", "value") if memory else ("x", "x", "x")
        lines = ["    def forward(self, query, key, value):" if memory else "    def forward(self, x):"]
        few = "num_kv_heads" if self.some("groups") else "num_heads"
        projected = [f"self.{letter}_proj({side})" for letter, side in zip("qkv", sides, strict=True)]
        if self.kind == SCORED:
            lines.append(f"        query, key, value = {', '.join(projected)}")
            projected = ["query", "key", "value"]
        for letter, side, count in zip("qkv", projected, ("num_heads", few, few), strict=True):
            lines.append(f"        {letter} = {side}.unflatten(-1, (self.{count}, -1)).transpose(1, 2)")
        for need, made in (("norm", "self.q_norm(q), self.k_norm(k)"), ("rope", "self.rope(q), self.rope(k)")):
            if self.some(need):
                attribute = "q_norm" if need == "norm" else need
                lines += self.where(need, f"self.{attribute} is not None", f"q, k = {made}")
        lines += self.scored() if self.kind == SCORED else self.flash()
        return lines

    def where(self, need: str, condition: str, line: str) -> list[str]:
        """A line for those layers that have something."""
        if self.mixed(need):
            return [f"        if {condition}:", f"            {line}"]
        return [f"        {line}"]

    def mask(self) -> list[str]:
        """Lines that make `mask`: True where a position is read, or what is added to the scores. None if all are."""
        if not (self.some("window") or self.some("alibi") or (self.kind == SCORED and self.some("causal"))):
            return []
        device = "device=q.device"
        lines = [
            f"        steps = torch.arange(q.shape[2], {device})[:, None]",
            f"        ahead = torch.arange(k.shape[2], {device}) - steps",
        ]
        backward = "ahead <= 0"
        if self.some("window"):
            lines.append("        mask = ahead.abs() < self.window")
            lines += self.where("causal", "self.causal", f"mask = mask & ({backward})") if self.some("causal") else []
        elif self.mixed("causal"):
            lines.append(f"        mask = ({backward}) | (not self.causal)")
        elif self.some("causal"):
            lines.append(f"        mask = {backward}")
        else:
            lines.append("        mask = torch.ones_like(ahead, dtype=torch.bool)")
        if self.some("alibi"):
            shape = "1, self.num_heads, *ahead.shape"
            line = f'mask = alibi(q.new_zeros({shape})).masked_fill(~mask, float("-inf"))'
            lines += self.where("alibi", "self.alibi", line)
        return lines

    def flash(self) -> list[str]:
        """By PyTorch's own function."""
        words = ["q", "k", "v"]
        mask = self.mask()
        if mask:
            words.append("attn_mask=mask")
        if self.some("dropout"):
            words.append("dropout_p=self.dropout if self.training else 0.0")
        if not mask and self.some("causal"):
            words.append(f"is_causal={'self.causal' if self.mixed('causal') else 'True'}")
        words += ["scale=self.scale"] * self.some("scale") + ["enable_gqa=True"] * self.some("groups")
        end = self.out("x.transpose(1, 2).flatten(2)")
        return [*mask, f"        x = F.scaled_dot_product_attention({', '.join(words)})", *end[:-1],
                f"        return {end[-1]}"]  # fmt: skip

    def out(self, mixed: str) -> list[str]:
        """The heads side by side, through the last matrix; the last of the lines is an expression."""
        if not self.some("output"):
            return [mixed]
        if not self.some("no output"):
            return [f"self.out_proj({mixed})"]
        return [f"        x = {mixed}", "x if self.out_proj is None else self.out_proj(x)"]

    def scored(self) -> list[str]:
        """Step by step."""
        lines = []
        if self.some("groups"):
            count = "self.num_heads // self.num_kv_heads"
            lines.append(f"        k, v = (y.repeat_interleave({count}, 1) for y in (k, v))")
        lines.append("        scores = q @ k.transpose(-1, -2) * self.scale")
        if self.some("softcap"):
            line = "scores = self.softcap * torch.tanh(scores / self.softcap)"
            lines += self.where("softcap", "self.softcap is not None", line)
        mask = self.mask()
        lines += mask
        masked = "scores"
        if mask:
            barred = 'scores.masked_fill(~mask, float("-inf"))'
            masked = "(scores + mask)" if self.some("alibi") else barred
            masked = f"(scores + mask if self.alibi else {barred})" if self.mixed("alibi") else masked
        if self.some("sinks"):  # a column of their own in each softmax
            lines.append(f"        masked = {masked}")
            column = "self.sinks.view(1, -1, 1, 1).expand(*masked.shape[:-1], 1)"
            lines += self.where("sinks", "self.sinks is not None", f"masked = torch.cat((masked, {column}), -1)")
            masked = "masked"
        places = "[..., : scores.shape[-1]]" if self.some("sinks") else ""
        lines.append(f"        attention = {masked}.softmax(-1){places}")
        kept = "F.dropout(attention, self.dropout, self.training)" if self.some("dropout") else "attention"
        end = self.out(f"({kept} @ v).transpose(1, 2).flatten(2)")
        lines += end[:-1]
        lines += [
            f"        output = {end[-1]}",
            "        if self.num_heads == 1:",
            "            scores, attention = scores[:, 0], attention[:, 0]",
            '        return {"output": output, "query": query, "key": key, "value": value, "scores": scores,',
            '                "attention": attention}',
        ]
        return lines
