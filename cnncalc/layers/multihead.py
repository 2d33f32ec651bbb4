"""PyTorch's multi-head attention. Source: PyTorch, torch.nn.MultiheadAttention; Vaswani et al. 2017.

Costs are dense: a causal mask saves nothing in them.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape, counted, is_one, known_equal
from cnncalc.core.option import flag, ignored, inferred, positive, real
from cnncalc.core.problem import Fault
from cnncalc.core.rules import Attended
from cnncalc.core.texts import shape_text
from cnncalc.layers.sequence import check_masks, divide_heads, same_length, sequence_help, sources


class MultiheadAttention(Layer):
    """Let each position of the first input read from all positions of the others, through several heads.

    One input attends to itself; two are query and memory; three are query, key and value. A fourth and fifth are masks:
    [heads, L, S] or [L, S] for pairs, [S] for positions of the memory. The named output `attention` has the weights.
    """

    scratch = "scores"
    parallel = "inside"
    takes = ("N L E", "N S K_in", "N S V_in", "N S | N L S | N heads L S")
    gives, inputs = "N L E", (1, 5)
    receptive = "attention"
    example = "10x16 -> {type}(16, 4)"
    torch = "nn.{type}"
    origin = "PyTorch, torch.nn.MultiheadAttention; Vaswani et al. 2017."
    saves = "weights scores"
    category = "attention"
    explained = "attention"
    interior = "attention"
    roles = {2: ("query", "key, value"), 3: ("query", "key", "value")}

    embed_dim = inferred("features of the query and of the output", symbol="E")
    num_heads = positive("heads, each with embed_dim / num_heads features", symbol="h")
    dropout = real("part of the attention weights that is dropped in training", default=0.0)
    bias = flag("biases of the projections", default=True)
    add_bias_kv = flag("append one trained key and value", default=False)
    add_zero_attn = flag("append a key and a value of zeros", default=False)
    kdim = positive("features of the key; without it embed_dim", symbol="K_in", default=None)
    vdim = positive("features of the value; without it embed_dim", symbol="V_in", default=None)
    batch_first = flag("accepted; the batch always comes first here", default=False)
    device, dtype = ignored(), ignored()
    average_attn_weights = flag("average the attention weights over the heads", default=True, keyword_only=True)
    need_weights = flag("give the attention weights", default=True, keyword_only=True)
    is_causal = flag("no position reads a later one", default=False, keyword_only=True)

    def prepare(self) -> None:
        if self.embed_dim is not None:
            divide_heads(self.embed_dim, self.num_heads)

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return sequence_help(x)

    def shape(self, *xs: Shape) -> Shape:
        query, key, value = sources(xs)
        divide_heads(query[-1], self.num_heads)
        for name, given, wanted in (("key", key, self.kdim), ("value", value, self.vdim)):
            features = query[-1] if wanted is None else wanted
            if given[-1] != features:
                option = name[0] + "dim"
                raise Fault(
                    "input-contradicts",
                    f"{self.type()} takes a {name} with {features} features, but gets {shape_text(given)}",
                    option=None if wanted is None else option,
                    help=f"write {option}={given[-1]}",
                )
        same_length(self, key, value)
        check_masks(self, xs[3:], query[1], key[1], self.num_heads)
        return query

    def length(self, key: Shape) -> Number:
        """Positions to read from, with the appended ones."""
        return key[1] + int(self.add_bias_kv) + int(self.add_zero_attn)

    def ports(self, *xs: Shape) -> dict[str, Shape]:
        if not self.need_weights:
            return {}
        query, key, _ = sources(xs)
        heads = () if self.average_attn_weights else (self.num_heads,)
        return {"attention": (query[0], *heads, query[1], self.length(key))}

    def inside(self, *xs: Shape) -> dict[str, Shape]:
        """The projections, the scaled scores before the mask, and the weights, without a heads axis for one head."""
        query, key, value = sources(xs)
        n, size = query[0], query[-1]
        heads = () if is_one(self.num_heads) else (self.num_heads,)
        pairs = (n, *heads, query[1], self.length(key))
        return {
            "query": query,
            "key": (n, key[1], size),
            "value": (n, value[1], size),
            "scores": pairs,
            **({} if self.need_weights else {"attention": pairs}),
        }

    def weights(self, *xs: Shape) -> Iterator[Weight]:
        query, key, value = sources(xs)
        size = query[-1]
        if self.stacked(size):
            yield Weight("in_proj_weight", (3 * size, size))
        else:
            yield Weight("q_proj_weight", (size, size))
            yield Weight("k_proj_weight", (size, key[-1]))
            yield Weight("v_proj_weight", (size, value[-1]))
        if self.bias:
            yield Weight("in_proj_bias", (3 * size,))
        yield Weight("out_proj.weight", (size, size))
        if self.bias:
            yield Weight("out_proj.bias", (size,))
        if self.add_bias_kv:
            yield Weight("bias_k", (1, 1, size))
            yield Weight("bias_v", (1, 1, size))

    def convention_note(self, *xs: Shape) -> str:
        each = xs[0][-1] // self.num_heads
        return f"embed_dim counts all heads; Keras' key_dim is that of one: {counted(each)}"

    def stacked(self, size: Number) -> bool:
        """Whether the three projections are one array, as PyTorch keeps them where all sizes agree."""
        return all(given is None or known_equal(given, size) for given in (self.kdim, self.vdim))

    def macs(self, y: Shape, *xs: Shape) -> dict[str, Number]:
        query, key, value = sources(xs)
        size, rows = query[-1], query[0] * query[1]
        steps = key[0] * key[1]
        pairs = rows * self.length(key)
        return {
            "project": rows * size * size + steps * key[-1] * size + steps * value[-1] * size,
            "scores": pairs * size,
            "mix": pairs * size,
            "output": rows * size * size,
        }

    def additions(self, y: Shape, *xs: Shape) -> Number:
        query, key, _ = sources(xs)
        return 2 * query[-1] * (query[1] + key[1]) if self.bias else 0

    def attended(self, *xs: Shape) -> Iterator[Attended]:
        query, key, value = sources(xs)
        size = query[-1]
        yield Attended(
            *(0, min(1, len(xs) - 1), query[1], key[1]),
            numbers=2 * key[1] * size,
            pair=2 * size,
            ask=2 * size * size,
            tell=size * (key[-1] + value[-1]),
            causal=bool(self.is_causal),
            masks=tuple(range(3, len(xs))),
            appended=self.length(key) - key[1],
            heads=self.num_heads,
        )
