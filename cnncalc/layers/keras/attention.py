"""Attention. Source: Keras, keras.layers.MultiHeadAttention to keras.layers.AdditiveAttention.

Inputs come in Keras' order: query, value, and key, which is the value where it is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Weight
from cnncalc.core.number import Number, Shape, counted, prod
from cnncalc.core.option import DROPPED, choice, custom, flag, ignored, positive, real
from cnncalc.core.problem import Fault
from cnncalc.core.rules import Attended
from cnncalc.core.texts import shape_text
from cnncalc.layers.keras.base import KerasLayer, from_one
from cnncalc.layers.sequence import sequence_help


def sources(xs: tuple[Shape, ...]) -> tuple[Shape, Shape, Shape]:
    """Query, value and key from one, two or three inputs."""
    value = xs[min(1, len(xs) - 1)]
    return xs[0], value, xs[2] if len(xs) > 2 else value


class Projected(KerasLayer, abstract=True):
    """Attention whose query, key and value are projected for each head."""

    scratch = "scores"
    parallel = "inside"
    takes, gives, inputs = ("N L E", "N S V_in", "N S K_in"), "N L E_out", (1, 3)
    receptive = "attention"
    saves = "weights"
    category = "attention"
    roles = {2: ("query", "value, key"), 3: ("query", "value", "key")}
    explained = "nothing"

    return_attention_scores = flag("also give the weights of the heads, as output attention", default=False)
    use_causal_mask = flag("no position reads a later one", default=False)
    use_bias: bool

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return sequence_help(x) if len(x) == 2 else ()

    def heads(self) -> tuple[Number, Number]:
        """Heads of the query, and of key and value."""
        raise NotImplementedError  # pragma: no cover - both layers have their own

    def each(self) -> tuple[Number, Number]:
        """Features of one head: query and key, value."""
        raise NotImplementedError  # pragma: no cover - both layers have their own

    def made(self, query: Shape) -> Shape:
        """The features of the output."""
        return (query[-1],)

    def shape(self, *xs: Shape) -> Shape:
        query, value, key = sources(xs)
        if len({len(x) for x in xs}) > 1 or value[1:-1] != key[1:-1]:
            raise Fault(
                "shapes-differ",
                f"{self.type()} needs a key for each value, but gets value {shape_text(value)} and key "
                f"{shape_text(key)} (the inputs are query, value, key)",
            )
        return (*query[:-1], *self.made(query))

    def ports(self, *xs: Shape) -> dict[str, Shape]:
        if not self.return_attention_scores:
            return {}
        query, _, key = sources(xs)
        return {"attention": (query[0], self.heads()[0], *query[1:-1], *key[1:-1])}

    def inside(self, *xs: Shape) -> dict[str, Shape]:
        """The projections [heads, places, features], the scaled scores before the mask, and the weights."""
        query, _, key = sources(xs)
        (many, few), (d_key, d_value) = self.heads(), self.each()
        n, places = query[0], prod(key[1:-1])
        pairs = (n, many, *query[1:-1], *key[1:-1])
        return {
            "query": (n, many, prod(query[1:-1]), d_key),
            "key": (n, few, places, d_key),
            "value": (n, few, places, d_value),
            "scores": pairs,
            **({} if self.return_attention_scores else {"attention": pairs}),
        }

    def weights(self, *xs: Shape) -> Iterator[Weight]:
        query, value, key = sources(xs)
        (many, few), (d_key, d_value) = self.heads(), self.each()
        for name, x, heads, size in (
            ("query", query, many, d_key),
            ("key", key, few, d_key),
            ("value", value, few, d_value),
        ):
            yield Weight(f"{name}.kernel", (x[-1], heads, size))
            if self.use_bias:
                yield Weight(f"{name}.bias", (heads, size))
        made = self.made(query)
        yield Weight("attention_output.kernel", (many, d_value, *made))
        if self.use_bias:
            yield Weight("attention_output.bias", made)

    def macs(self, y: Shape, *xs: Shape) -> dict[str, Number]:
        query, value, key = sources(xs)
        (many, few), (d_key, d_value) = self.heads(), self.each()
        rows, steps = prod(query[:-1]), prod(key[:-1])
        pairs = rows * prod(key[1:-1]) * many
        return {
            "project": rows * query[-1] * many * d_key
            + steps * key[-1] * few * d_key
            + steps * value[-1] * few * d_value,
            "scores": pairs * d_key,
            "mix": pairs * d_value,
            "output": rows * many * d_value * prod(self.made(query)),
        }

    def additions(self, y: Shape, *xs: Shape) -> Number:
        if not self.use_bias:
            return 0
        query, _, key = sources(xs)
        (many, few), (d_key, d_value) = self.heads(), self.each()
        return prod(query[1:-1]) * (many * d_key + prod(self.made(query))) + prod(key[1:-1]) * few * (d_key + d_value)

    def attended(self, *xs: Shape) -> Iterator[Attended]:
        query, value, key = sources(xs)
        (many, few), (d_key, d_value) = self.heads(), self.each()
        length = prod(key[1:-1])
        yield Attended(
            *(0, min(1, len(xs) - 1), prod(query[1:-1]), length),
            numbers=length * few * (d_key + d_value),
            pair=many * (d_key + d_value),
            ask=many * (query[-1] * d_key + d_value * prod(self.made(query))),
            tell=few * (key[-1] * d_key + value[-1] * d_value),
            causal=bool(self.use_causal_mask),
            heads=many,
            shared=few,
        )


class MultiHeadAttention(Projected):
    """Attention with `num_heads` heads of `key_dim` features each; a projection puts them together."""

    takes, inputs = ("N * E", "N * V_in", "N * K_in"), (1, 3)
    gives = "N * E_out"
    example = "[10, 16]; [12, 16] -> {type}(num_heads=4, key_dim=8)"

    num_heads = positive("heads", symbol="h")
    key_dim = positive("features of one head's query and key", symbol="d_k")
    value_dim = positive("features of one head's value; without it key_dim", symbol="d_v", default=None)
    dropout = real("part of the attention weights that is dropped in training", default=0.0)
    use_bias = flag("biases of all projections", default=True)
    output_shape = custom(
        "features of the output; without it those of the query", from_one, default=None, expects="a size or a list"
    )
    attention_axes = ignored()
    flash_attention = ignored()
    return_attention_scores = flag(
        "also give the weights of the heads, as output attention", default=False, keyword_only=True
    )
    use_causal_mask = flag("no position reads a later one", default=False, keyword_only=True)

    def heads(self) -> tuple[Number, Number]:
        return self.num_heads, self.num_heads

    def each(self) -> tuple[Number, Number]:
        return self.key_dim, self.key_dim if self.value_dim is None else self.value_dim

    def made(self, query: Shape) -> Shape:
        return (query[-1],) if self.output_shape is None else self.output_shape

    def convention_note(self, *xs: Shape) -> str:
        width = counted(self.num_heads * self.key_dim)
        return f"key_dim is that of one head, {width} features in all; PyTorch's embed_dim counts all heads"


class GroupQueryAttention(Projected):
    """Attention whose groups of query heads share one head of key and value."""

    example = "[10, 16]; [12, 16] -> {type}(head_dim=8, num_query_heads=4, num_key_value_heads=2)"

    head_dim = positive("features of one head", symbol="d")
    num_query_heads = positive("heads of the query", symbol="h")
    num_key_value_heads = positive("heads of key and value", symbol="g")
    dropout = real("part of the attention weights that is dropped in training", default=0.0)
    use_bias = flag("biases of all projections", default=True)
    flash_attention = ignored()
    return_attention_scores = flag(
        "also give the weights of the heads, as output attention", default=False, keyword_only=True
    )
    use_causal_mask = flag("no position reads a later one", default=False, keyword_only=True)

    def prepare(self) -> None:
        if self.num_query_heads % self.num_key_value_heads != 0:
            raise Fault(
                "heads-do-not-divide",
                f"{self.num_query_heads} heads cannot share {self.num_key_value_heads} heads of key and value",
                option="num_key_value_heads",
            )

    def heads(self) -> tuple[Number, Number]:
        return self.num_query_heads, self.num_key_value_heads

    def each(self) -> tuple[Number, Number]:
        return self.head_dim, self.head_dim


class Attention(KerasLayer):
    """softmax(query key^T) value, without projections."""

    scratch = "scores"
    parallel = "passes"
    takes, gives, inputs = ("N L E", "N S V", "N S E"), "N L V", (1, 3)
    receptive = "attention"
    example = "[10, 16]; [12, 16] -> {type}()"
    saves = "input scores"
    category = "attention"
    explained = "dot products"
    interior = "attention"
    roles = {2: ("query", "value, key"), 3: ("query", "value", "key")}

    use_scale = flag("train one factor of the scores", default=False)
    score_mode = choice("how query and key are compared", ("dot", "concat"), default="dot")
    dropout = real("part of the attention weights that is dropped in training", default=0.0)
    seed = ignored()
    return_attention_scores = flag(
        "also give the attention weights, as output attention", default=False, keyword_only=True
    )
    use_causal_mask = flag("no position reads a later one", default=False, keyword_only=True)

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return sequence_help(x)

    def shape(self, *xs: Shape) -> Shape:
        query, value, key = sources(xs)
        if query[-1] != key[-1] or value[1] != key[1]:
            raise Fault(
                "shapes-differ",
                f"{self.type()} needs a key for each value and keys of the query's features, but gets query "
                f"{shape_text(query)}, value {shape_text(value)} and key {shape_text(key)}",
            )
        return (query[0], query[1], value[-1])

    def ports(self, *xs: Shape) -> dict[str, Shape]:
        query, _, key = sources(xs)
        return {"attention": (query[0], query[1], key[1])} if self.return_attention_scores else {}

    def inside(self, *xs: Shape) -> dict[str, Shape]:
        """The scores before the mask, and the weights."""
        query, _, key = sources(xs)
        names = ("scores",) if self.return_attention_scores else ("scores", "attention")
        return dict.fromkeys(names, (query[0], query[1], key[1]))

    def weights(self, *xs: Shape) -> Iterator[Weight]:
        if self.use_scale:
            yield Weight("scale", ())
        if self.score_mode == "concat":
            yield Weight("concat_score_weight", ())

    def attended(self, *xs: Shape) -> Iterator[Attended]:
        query, value, key = sources(xs)
        yield Attended(
            *(0, min(1, len(xs) - 1), query[1], key[1]),
            numbers=prod(key[1:]) + (prod(value[1:]) if len(xs) > 2 else 0),
            pair=key[-1] + value[-1],
            causal=bool(self.use_causal_mask),
        )

    def macs(self, y: Shape, *xs: Shape) -> dict[str, Number]:
        query, value, key = sources(xs)
        pairs = query[0] * query[1] * key[1]
        return {"scores": pairs * query[-1], "mix": pairs * value[-1]}


class AdditiveAttention(Attention):
    """Attention by the sum of tanh(query + key), each feature with a trained factor."""

    explained = "nothing"
    interior = ""

    use_scale = flag("train one factor for each feature", default=True)
    dropout = real("part of the attention weights that is dropped in training", default=0.0)
    score_mode = DROPPED

    def weights(self, *xs: Shape) -> Iterator[Weight]:
        if self.use_scale:
            yield Weight("scale", (xs[0][-1],))
