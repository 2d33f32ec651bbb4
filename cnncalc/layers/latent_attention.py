"""Latent attention (MLA): keys and values of all heads are made from one narrow vector for each position."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape
from cnncalc.core.option import anything, flag, inferred, positive, real
from cnncalc.core.problem import Fault
from cnncalc.core.rules import Attended
from cnncalc.layers.attention import rotation
from cnncalc.layers.layer_norm import RMSNorm
from cnncalc.layers.linear import Linear
from cnncalc.layers.sequence import sequence_help

# A matrix or a norm: the name in front of its weights, the layer, and what it gets.
Part = tuple[str, Layer, Shape]


class LatentAttention(Layer):
    """Multi-head latent attention: a position's latent vector and one turned key for all heads are what is cached.

    A head's query and key are qk_nope_head_dim features and qk_rope_head_dim turned ones; the first part of its key and
    its value are made from the latent, after an RMSNorm. With q_lora_rank queries go through a latent of their own.
    Costs are those of the expanded form, which makes keys and values of all heads.
    """

    scratch = "scores"
    parallel = "inside"
    takes = gives = "N L E"
    receptive = "attention"
    example = "10x16 -> {type}(16, 4, 8, qk_nope_head_dim=6, qk_rope_head_dim=4, v_head_dim=5)"
    origin = "DeepSeek-AI 2024 (DeepSeek V2); weights as in Hugging Face's DeepseekV3Attention."
    saves = "weights scores latent"
    category = "attention"
    explained = "latent attention"

    embed_dim = inferred("features of the input", symbol="E")
    num_heads = positive("heads", symbol="h")
    kv_lora_rank = positive("features of the latent that keys and values are made from", symbol="r", default=512)
    q_lora_rank = positive("features of the latent of queries; without it one matrix makes them", default=None)
    qk_nope_head_dim = positive("features of a head's query and key that do not turn", symbol="d_n", default=128)
    qk_rope_head_dim = positive("features that turn; those of the key are one for all heads", symbol="d_r", default=64)
    v_head_dim = positive("features of a head's value", symbol="d_v", default=128)
    bias = flag("biases of q_a_proj, kv_a_proj_with_mqa and o_proj", default=False)
    causal = flag("no position reads a later one", default=True)
    rope = anything("how they turn: a RotaryEmbedding, true for the usual one, or its base", default=True)
    eps = real("of the RMSNorm of each latent", default=1e-6)
    scale = real("what the scores are divided by; without it the root of a head's features", default=None)
    dropout = real("part of the attention weights that is dropped in training", default=0.0)

    def prepare(self) -> None:
        self.turn = rotation(self.rope)
        if self.turn is None:
            raise Fault("option-value", "the features of qk_rope_head_dim turn: rope cannot be left out", option="rope")
        if self.scale is not None and self.scale == 0:
            raise Fault("option-value", "scores cannot be divided by 0", option="scale")
        self.latent_norm = RMSNorm(eps=self.eps)

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return sequence_help(x)

    @property
    def head_dim(self) -> Number:
        """Features of a head's query and key."""
        return self.qk_nope_head_dim + self.qk_rope_head_dim

    def each(self, xs: tuple[Shape, ...]) -> Number:
        """Features of a head that turn."""
        return self.qk_rope_head_dim

    def sizes(self, xs: tuple[Shape, ...]) -> tuple[Number, Number, Number, Number]:
        """Features of all heads together: query, key, what kv_b_proj gives, the mixed values."""
        heads = self.num_heads
        made = heads * (self.qk_nope_head_dim + self.v_head_dim)
        return heads * self.head_dim, heads * self.head_dim, made, heads * self.v_head_dim

    def matrices(self, x: Shape) -> Iterator[Part]:
        """The layers that it is made of, with what they get."""
        lead, (queries, _, expanded, mixed) = x[:-1], self.sizes((x,))
        if self.q_lora_rank is None:
            yield "q_proj", Linear(out_features=queries, bias=False), x
        else:
            low = (*lead, self.q_lora_rank)
            yield "q_a_proj", Linear(out_features=self.q_lora_rank, bias=self.bias), x
            yield "q_a_layernorm", self.latent_norm, low
            yield "q_b_proj", Linear(out_features=queries, bias=False), low
        narrow = (*lead, self.kv_lora_rank)
        yield "kv_a_proj_with_mqa", Linear(out_features=self.kv_lora_rank + self.qk_rope_head_dim, bias=self.bias), x
        yield "kv_a_layernorm", self.latent_norm, narrow
        yield "kv_b_proj", Linear(out_features=expanded, bias=False), narrow
        yield "o_proj", Linear(out_features=x[-1], bias=self.bias), (*lead, mixed)

    def shape(self, x: Shape) -> Shape:
        assert self.turn is not None
        try:
            self.turn.shape((x[0], x[1], self.qk_rope_head_dim))
        except Fault as fault:
            fault.option = "qk_rope_head_dim"
            raise
        return x

    def weights(self, x: Shape) -> Iterator[Weight]:
        for name, layer, given in self.matrices(x):
            for weight in layer.weights(given):
                yield Weight(f"{name}.{weight.name}", weight.shape)

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        rows, (queries, _, expanded, mixed) = x[0] * x[1], self.sizes((x,))
        return {
            "project": self._queries(x) * rows + rows * x[-1] * (self.kv_lora_rank + self.qk_rope_head_dim),
            "expand": rows * self.kv_lora_rank * expanded,
            "scores": rows * x[1] * queries,
            "mix": rows * x[1] * mixed,
            "output": rows * mixed * x[-1],
        }

    def _queries(self, x: Shape) -> Number:
        """Multiply-accumulates of a position's query."""
        queries = self.num_heads * self.head_dim
        if self.q_lora_rank is None:
            return x[-1] * queries
        return x[-1] * self.q_lora_rank + self.q_lora_rank * queries

    def additions(self, y: Shape, x: Shape) -> Number:
        return self.biases(x) * x[1]

    def inside(self, x: Shape) -> dict[str, Shape]:
        """The latent after its norm, the scores before the mask, and the weights of the values."""
        pairs = (x[0], self.num_heads, x[1], x[1])
        return {"latent": (*x[:-1], self.kv_lora_rank), "scores": pairs, "attention": pairs}

    def attended(self, x: Shape) -> Iterator[Attended]:
        queries, _, expanded, mixed = self.sizes((x,))
        narrow = self.kv_lora_rank + self.qk_rope_head_dim
        yield Attended(
            *(0, 0, x[1], x[1]),
            numbers=x[1] * narrow,
            pair=queries + mixed + self.kv_lora_rank * expanded,  # keys and values are made again from each latent
            ask=self._queries(x) + mixed * x[-1],
            tell=x[-1] * narrow,
            causal=bool(self.causal),
            heads=self.num_heads,
            shared=1,
        )
