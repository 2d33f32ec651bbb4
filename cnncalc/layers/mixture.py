"""Feed-forward nets with gates, and mixtures of them. Sources: Shazeer 2020 (gates), Shazeer et al. 2017 (mixtures)."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape, is_zero, prod, smallest
from cnncalc.core.option import choice, flag, inferred, natural, positive, real
from cnncalc.core.problem import Fault
from cnncalc.core.rules import is_bias
from cnncalc.core.texts import shape_text
from cnncalc.layers.sequence import divisors


class GatedFeedForward(Layer, abstract=True):
    """What the gated nets share: three matrices, down(function(gate x) * (up x)), each row by itself."""

    scratch = "output"
    parallel = "inside"
    takes, gives = "N * E", "N * E_out"
    receptive = "last"
    example = "10x16 -> {type}(hidden_features=64)"
    origin = "Shazeer 2020."
    saves = "weights hidden"
    category = "other"
    explained = "nothing"

    hidden_features = positive("features between the matrices", symbol="F")
    in_features = inferred("size of the last axis", symbol="E")
    out_features = positive("number of output features; without it in_features", symbol="E_out", default=None)
    bias = flag("add a bias after each matrix", default=False)

    def shape(self, x: Shape) -> Shape:
        with_features(self, x)
        return (*x[:-1], self.out(x))

    def out(self, x: Shape) -> Number:
        """Features of the output."""
        return x[-1] if self.out_features is None else self.out_features

    def weights(self, x: Shape) -> Iterator[Weight]:
        hidden, out = self.hidden_features, self.out(x)
        for name, rows, columns in (
            ("gate_proj", hidden, x[-1]),
            ("up_proj", hidden, x[-1]),
            ("down_proj", out, hidden),
        ):
            yield Weight(f"{name}.weight", (rows, columns))
            if self.bias:
                yield Weight(f"{name}.bias", (rows,))

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        rows = prod(x[:-1])
        once = rows * x[-1] * self.hidden_features
        return {"gate": once, "up": once, "down": rows * self.hidden_features * self.out(x)}

    def additions(self, y: Shape, x: Shape) -> Number:
        return self.biases(x) * prod(x[1:-1])


class SwiGLU(GatedFeedForward):
    """A gated feed-forward net with SiLU: down(silu(gate x) * (up x))."""


class GEGLU(GatedFeedForward):
    """A gated feed-forward net with GELU: down(gelu(gate x) * (up x))."""


class ReGLU(GatedFeedForward):
    """A gated feed-forward net with ReLU: down(relu(gate x) * (up x))."""


class MixtureOfExperts(Layer):
    """A router sends each position to top_k of num_experts feed-forward nets and adds their outputs, weighted.

    All experts are parameters; the multiply-accumulates are those of the router and of the experts that take part. With
    capacity_factor they are what the experts can take at most; --execute drops nothing.
    """

    scratch = "output"
    parallel = "inside"
    takes, gives = "N * E", "N * E"
    receptive = "last"
    example = "10x16 -> {type}(num_experts=4, hidden_features=64)"
    origin = "Shazeer et al. 2017."
    saves = "weights experts"
    category = "other"
    explained = "nothing"

    num_experts = positive("experts to choose from", symbol="X")
    hidden_features = positive("features inside an expert", symbol="F")
    top_k = positive("experts for each position", symbol="k", default=2)
    in_features = inferred("size of the last axis", symbol="E")
    shared_experts = natural("further experts that every position passes", default=0)
    activation = choice(
        "the experts' function; clamped_swish, gpt-oss's: (up + 1) * gate * sigmoid(1.702 gate), cut off at 7",
        ("silu", "gelu", "relu", "clamped_swish"),
        default="silu",
    )
    gated = flag("experts with a gate, three matrices; else two", default=True)
    bias = flag("biases in the experts", default=False)
    router_bias = flag("a bias of the router, one number for each expert", default=False, keyword_only=True)
    scoring = choice(
        "what makes weights of the router's scores", ("softmax", "sigmoid"), default="softmax", keyword_only=True
    )
    normalize = flag("the weights of the chosen experts sum to 1", default=True, keyword_only=True)
    groups = positive("groups of experts, of which top_groups are looked at", default=1, keyword_only=True)
    top_groups = positive("groups that experts are chosen from; without it all", default=None, keyword_only=True)
    correction_bias = flag(
        "a buffer, added to the weights where experts are chosen (balance without a loss)",
        default=False,
        keyword_only=True,
    )
    scale = real("factor of the chosen weights", default=1.0, keyword_only=True)
    capacity_factor = real(
        "an expert takes at most so many times its even share of the positions; without it all",
        default=None,
        keyword_only=True,
    )

    def prepare(self) -> None:
        self.check_groups()
        if self.activation == "clamped_swish" and not self.gated:
            raise Fault("option-value", "clamped_swish needs experts with a gate, gated=True", option="activation")
        if self.top_k > self.num_experts:
            raise Fault(
                "option-value",
                f"top_k must be at most num_experts = {self.num_experts}, not {self.top_k}",
                option="top_k",
            )

    def check_groups(self) -> None:
        """Refuse groups that do not divide the experts, or that have too few of them."""
        if self.capacity_factor is not None and self.capacity_factor <= 0:
            raise Fault("option-value", "capacity_factor must be above 0", option="capacity_factor")
        count, each = self.groups, self.top_groups or self.groups
        if count == 1 and each == 1:
            return
        if self.num_experts % count != 0:
            message = f"{self.num_experts} experts do not make {count} groups of the same size"
            raise Fault("option-value", message, option="groups", help=divisors(self.num_experts))
        if each > count:
            raise Fault("option-value", f"top_groups must be at most groups = {count}, not {each}", option="top_groups")
        if self.top_k > self.num_experts // count * each:
            have = self.num_experts // count * each
            message = f"{each} of {count} groups have {have} experts, fewer than top_k = {self.top_k}"
            raise Fault("option-value", message, option="top_groups")

    def shape(self, x: Shape) -> Shape:
        with_features(self, x)
        return x

    def capacity(self, x: Shape) -> Number:
        """Positions of one sample that one expert takes at most."""
        rows = prod(x[1:-1])
        if self.capacity_factor is None:
            return rows
        return -int(-self.capacity_factor * rows * self.top_k // self.num_experts)

    def buffers(self, x: Shape) -> Iterator[Weight]:
        if self.correction_bias:
            yield Weight("correction_bias", (self.num_experts,))

    def expert(self, x: Shape) -> Iterator[Weight]:
        """The arrays of one expert."""
        hidden, size = self.hidden_features, x[-1]
        for name, rows, columns in (
            ("gate_proj", hidden, size),
            ("up_proj", hidden, size),
            ("down_proj", size, hidden),
        ):
            if name == "gate_proj" and not self.gated:
                continue
            yield Weight(f"{name}.weight", (rows, columns))
            if self.bias:
                yield Weight(f"{name}.bias", (rows,))

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("router.weight", (self.num_experts, x[-1]))
        if self.router_bias:
            yield Weight("router.bias", (self.num_experts,))
        for name, shape in self.expert(x):
            yield Weight(f"experts.{name}", (self.num_experts, *shape))
        if not is_zero(self.shared_experts):
            for name, shape in self.expert(x):
                yield Weight(f"shared_experts.{name}", (self.shared_experts, *shape))

    def used(self, positions: Number, x: Shape) -> Number:
        """The router's, and those of the experts that so many positions choose."""
        one = sum(prod(weight.shape) for weight in self.expert(x))
        router = self.num_experts * (x[-1] + int(self.router_bias))
        return router + (smallest(self.num_experts, self.top_k * positions) + self.shared_experts) * one

    def additions(self, y: Shape, x: Shape) -> Number:
        one = sum(prod(weight.shape) for weight in self.expert(x) if is_bias(weight.name))
        router = self.num_experts * int(self.router_bias)
        return prod(x[1:-1]) * router + self.passes(x) // x[0] * one

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        matrices = 3 if self.gated else 2
        return {
            "router": prod(x[:-1]) * x[-1] * self.num_experts,
            "experts": self.passes(x) * matrices * x[-1] * self.hidden_features,
        }

    def passes(self, x: Shape) -> Number:
        """How many positions the experts work on together."""
        rows = prod(x[:-1])
        chosen = rows * self.top_k
        if self.capacity_factor is not None:
            chosen = smallest(chosen, x[0] * self.num_experts * self.capacity(x))
        return chosen + rows * self.shared_experts


def with_features(layer: Layer, x: Shape) -> None:
    """Refuse an input without an axis of features."""
    if len(x) < 2:
        raise Fault("wrong-axes", f"{layer.type()} takes [..., features], but gets {shape_text(x)}")
