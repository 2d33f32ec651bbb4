"""Attention as textbooks write it: a layer whose steps can all be named. Source: Vaswani et al. 2017.

Costs are dense: a causal mask saves nothing in them.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape, is_free, is_one
from cnncalc.core.option import anything, choice, flag, inferred, positive, real
from cnncalc.core.problem import Fault
from cnncalc.core.rules import Attended
from cnncalc.core.texts import show
from cnncalc.layers.layer_norm import LayerNorm, RMSNorm, TrailingNorm
from cnncalc.layers.position import RotaryEmbedding
from cnncalc.layers.sequence import divide_heads, divisors, same_length, sequence_help, sources

SCALES = ("sqrt_dk", "sqrt_dmodel", "none")


class Attention(Layer):
    """The textbook layer softmax(Q K^T / scale) V on row vectors, with every step as a named output.

    With a second input it is cross-attention: keys and values come from there (values from a third, where given). The
    outputs query and key are the projections, before qk_norm and rope.
    """

    scratch = "scores"
    parallel = "inside"
    takes, gives, inputs = ("N L E", "N S K_in", "N S V_in"), "N L E_out", (1, 3)
    receptive = "attention"
    example = "10x16 -> {type}(16, num_heads=4)"
    origin = "Vaswani et al. 2017."
    saves = "weights scores"
    category = "attention"
    explained = "attention"
    interior = "attention"
    roles = {2: ("query", "key, value"), 3: ("query", "key", "value")}

    embed_dim = inferred("features of the input", symbol="E")
    num_heads = positive("heads", symbol="h", default=1)
    head_dim = positive(
        "features of a head's query and key; without it embed_dim / num_heads", symbol="d_k", default=None
    )
    value_dim = positive("features of a head's value; without it head_dim", symbol="d_v", default=None)
    num_kv_heads = positive("heads of key and value, shared by groups of heads", symbol="g", default=None)
    kdim = inferred("features of the memory that keys are made from", symbol="K_in")
    vdim = inferred("features of the memory that values are made from", symbol="V_in")
    bias = flag("biases b_q, b_k, b_v (and b_o)", default=False)
    out_proj = flag("multiply the heads' outputs by W_o", default=False)
    scale = anything("what the scores are divided by: sqrt_dk, sqrt_dmodel, none or a number", default="sqrt_dk")
    causal = flag("no position reads a later one", default=False)
    window = positive("each position reads only so many positions up to itself", default=None)
    rope = anything(
        "queries and keys are turned by their position: a RotaryEmbedding, true for the usual one, or its base",
        default=None,
        keyword_only=True,
    )
    qk_norm = anything(
        "queries and keys are normalised head by head, before they turn: an RMSNorm or a LayerNorm, true for RMSNorm",
        default=None,
        keyword_only=True,
    )
    softcap = real(
        "scores are kept below it, softcap * tanh(scores / softcap), before the mask", default=None, keyword_only=True
    )
    dropout = real("part of the attention weights that is dropped in training", default=0.0, keyword_only=True)
    alibi = flag("subtract from the scores the distance times a slope of each head", default=False, keyword_only=True)
    sinks = flag(
        "a trained score of each head that no position has: it takes part in the softmax, and gives nothing",
        default=False,
        keyword_only=True,
    )
    cache_repeated = flag(
        "the cache holds keys and values of groups once for each head that asks, as Falcon's code does",
        default=False,
        keyword_only=True,
    )
    code = choice(
        "how it is written, which changes only what training keeps: joint, queries, keys and values are views of one "
        "product; bounded, scores go through a maximum before the softmax, as XGLM's",
        ("apart", "joint", "bounded"),
        default="apart",
        keyword_only=True,
    )

    def prepare(self) -> None:
        if self.embed_dim is not None and self.head_dim is None:
            divide_heads(self.embed_dim, self.num_heads)
        if self.num_kv_heads is not None and self.num_heads % self.num_kv_heads != 0:
            raise Fault(
                "heads-do-not-divide",
                f"{self.num_heads} heads cannot share {self.num_kv_heads} heads of keys and values",
                option="num_kv_heads",
                help=divisors(self.num_heads),
            )
        scale = self.scale
        if isinstance(scale, str) and scale.lower() in SCALES:
            self.scale = scale.lower()
        elif scale is None:
            self.scale = "none"
        elif isinstance(scale, (str, bool, list, tuple)) or (not is_free(scale) and scale == 0):
            raise Fault(
                "option-value",
                f"scale must be {', '.join(SCALES)} or the number to divide by, not {show(scale)}",
                option="scale",
            )
        if self.softcap is not None and not 0 < self.softcap < 1e15:
            raise Fault("option-value", "softcap must be above 0 and below 1e+15", option="softcap")
        if not self.out_proj:
            self.parallel = "open"
        self.turn = rotation(self.rope)
        self.norm = _norm(self.qk_norm)

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return sequence_help(x)

    def sizes(self, xs: tuple[Shape, ...]) -> tuple[Number, Number, Number, Number]:
        """Features of all heads together: query, key, value; and the heads of key and value."""
        each = self.each(xs)
        value = each if self.value_dim is None else self.value_dim
        shared = self.num_heads if self.num_kv_heads is None else self.num_kv_heads
        return self.num_heads * each, shared * each, shared * value, self.num_heads * value

    def each(self, xs: tuple[Shape, ...]) -> Number:
        """Features of one head's query."""
        return xs[0][-1] // self.num_heads if self.head_dim is None else self.head_dim

    def check_heads(self, xs: tuple[Shape, ...]) -> None:
        """Refuse heads that cannot turn or be normalised."""
        head = (xs[0][0], self.num_heads, xs[0][1], self.each(xs))
        for option, layer in (("rope", self.turn), ("qk_norm", self.norm)):
            if layer is None:
                continue
            try:
                layer.accept((head,))
                layer.shape(head)
            except Fault as fault:
                fault.option = option
                raise
        if self.turn is not None and self.turn.dim is not None and self.turn.dim != head[-1]:
            message = f"a head has {head[-1]} features, but its RotaryEmbedding has dim={self.turn.dim}"
            raise Fault("input-contradicts", message, option="rope", help="leave dim out: it is that of a head")

    def shape(self, *xs: Shape) -> Shape:
        query, key, value = sources(xs)
        if self.head_dim is None:
            divide_heads(query[-1], self.num_heads)
        # Where memory is given apart, `accept` has compared it.
        if self.kdim is not None and self.kdim != key[-1]:
            raise self.misfit("kdim", self.kdim, key, -1, "E")
        if self.vdim is not None and self.vdim != value[-1]:
            raise self.misfit("vdim", self.vdim, value, -1, "E")
        same_length(self, key, value)
        self.check_heads(xs)
        return (query[0], query[1], query[-1] if self.out_proj else self.sizes(xs)[3])

    def ports(self, *xs: Shape) -> dict[str, Shape]:
        query, key, _ = sources(xs)
        n, length, memory = query[0], query[1], key[1]
        d_query, d_key, d_value, _ = self.sizes(xs)
        heads = () if is_one(self.num_heads) else (self.num_heads,)
        pairs = (n, *heads, length, memory)
        return {
            "query": (n, length, d_query),
            "key": (n, memory, d_key),
            "value": (n, memory, d_value),
            "scores": pairs,
            "attention": pairs,
        }

    def weights(self, *xs: Shape) -> Iterator[Weight]:
        query, key, value = sources(xs)
        d_query, d_key, d_value, d_out = self.sizes(xs)
        yield Weight("W_q", (query[-1], d_query))
        yield Weight("W_k", (key[-1], d_key))
        yield Weight("W_v", (value[-1], d_value))
        if self.bias:
            yield Weight("b_q", (d_query,))
            yield Weight("b_k", (d_key,))
            yield Weight("b_v", (d_value,))
        if self.norm is not None:
            for name in ("q_norm", "k_norm"):
                for weight in self.norm.weights((query[0], query[1], self.each(xs))):
                    yield Weight(f"{name}.{weight.name}", weight.shape)
        if self.sinks:
            yield Weight("sinks", (self.num_heads,))
        if self.out_proj:
            yield Weight("W_o", (d_out, query[-1]))
            if self.bias:
                yield Weight("b_o", (query[-1],))

    def macs(self, y: Shape, *xs: Shape) -> dict[str, Number]:
        query, key, value = sources(xs)
        d_query, d_key, d_value, d_out = self.sizes(xs)
        rows, steps = query[0] * query[1], key[0] * key[1]
        parts = {
            "project": rows * query[-1] * d_query + steps * key[-1] * d_key + steps * value[-1] * d_value,
            "scores": rows * key[1] * d_query,
            "mix": rows * key[1] * d_out,
        }
        if self.out_proj:
            parts["output"] = rows * d_out * query[-1]
        return parts

    def additions(self, y: Shape, *xs: Shape) -> Number:
        if not self.bias:
            return 0
        query, key, _ = sources(xs)
        d_query, d_key, d_value, _ = self.sizes(xs)
        return query[1] * (d_query + (query[-1] if self.out_proj else 0)) + key[1] * (d_key + d_value)

    def attended(self, *xs: Shape) -> Iterator[Attended]:
        query, key, value = sources(xs)
        d_query, d_key, d_value, d_out = self.sizes(xs)
        numbers = key[1] * (d_key + d_value)
        if self.cache_repeated and self.num_kv_heads is not None:
            numbers = numbers // self.num_kv_heads * self.num_heads
        yield Attended(
            *(0, min(1, len(xs) - 1), query[1], key[1]),
            numbers=numbers,
            pair=d_query + d_out,
            ask=query[-1] * d_query + (d_out * query[-1] if self.out_proj else 0),
            tell=key[-1] * d_key + value[-1] * d_value,
            causal=bool(self.causal),
            window=self.window,
            heads=self.num_heads,
            shared=self.num_kv_heads,
        )


def rotation(rope: object) -> RotaryEmbedding | None:
    """The layer that turns queries and keys."""
    if rope is None or rope is False:
        return None
    if rope is True:
        return RotaryEmbedding()
    if isinstance(rope, (int, float)):
        return RotaryEmbedding(base=rope)
    if isinstance(rope, RotaryEmbedding):
        return rope
    raise Fault(
        "option-value",
        f"rope must be a RotaryEmbedding, true or its base, not {show(rope)}",
        option="rope",
        help="write rope=RotaryEmbedding(base=10000, interleaved=False)",
    )


def _norm(norm: object) -> TrailingNorm | None:
    """The layer that normalises each head of queries and keys."""
    if norm is None or norm is False:
        return None
    if norm is True:
        return RMSNorm()
    if isinstance(norm, (RMSNorm, LayerNorm)):
        return norm
    raise Fault(
        "option-value",
        f"qk_norm must be an RMSNorm, a LayerNorm or true, not {show(norm)}",
        option="qk_norm",
        help="write qk_norm=RMSNorm(eps=1e-6)",
    )
