"""PyTorch's transformer layers and stacks, with its nested weight names.

A layer is made of the layers it names (`self_attn`, `linear1`, ...): their rules are asked, nothing is counted twice.
Source: PyTorch, torch.nn.TransformerEncoderLayer to torch.nn.Transformer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.limits import MOST_PARTS
from cnncalc.core.number import Number, Shape
from cnncalc.core.option import DROPPED, anything, choice, flag, ignored, inferred, positive, real
from cnncalc.core.problem import Fault
from cnncalc.core.rules import Attended
from cnncalc.core.texts import shape_text, show
from cnncalc.layers.layer_norm import LayerNorm
from cnncalc.layers.linear import Linear
from cnncalc.layers.multihead import MultiheadAttention
from cnncalc.layers.sequence import check_masks, divide_heads, sequence_help

# A part: the name in front of its weights, the layer, and what it gets.
Part = tuple[str, Layer, tuple[Shape, ...]]


class Composed(Layer, abstract=True):
    """A layer made of named layers."""

    scratch = "scores"
    parallel = "inside"
    receptive = "everything"
    torch = "nn.{type}"
    saves = "weights parts"
    category = "attention"

    def parts(self, *xs: Shape) -> Iterator[Part]:
        return iter(())

    def additions(self, y: Shape, *xs: Shape) -> Number:
        made = ((layer, given) for _, layer, given in self.parts(*xs) if type(layer).macs is not Layer.macs)
        return sum(layer.additions(layer.shape(*given), *given) for layer, given in made)

    def weights(self, *xs: Shape) -> Iterator[Weight]:
        before: tuple[Layer, tuple[Shape, ...]] | None = None
        weights: list[Weight] = []
        for name, layer, given in self.parts(*xs):
            if before is None or layer is not before[0] or given is not before[1]:  # the same layer many times
                before, weights = (layer, given), list(layer.weights(*given))
            for weight in weights:
                yield Weight(f"{name}.{weight.name}", weight.shape)

    def macs(self, y: Shape, *xs: Shape) -> dict[str, Number]:
        total: dict[str, Number] = {}
        before: tuple[Layer, tuple[Shape, ...]] | None = None
        counts: dict[str, Number] = {}
        for _, layer, given in self.parts(*xs):
            if before is None or layer is not before[0] or given is not before[1]:
                before, counts = (layer, given), layer.macs(layer.shape(*given), *given)
            for part, count in counts.items():
                part = "feed_forward" if isinstance(layer, Linear) else part
                total[part] = total[part] + count if part in total else count
        return total


class Block(Composed, abstract=True):
    """What encoder and decoder layers share: attention, then two linear layers, each with a residual and a norm."""

    gives = "N L E"
    norms: ClassVar[int] = 2
    explained = "transformer layer"
    saves = "weights block"

    d_model = inferred("features of each position", symbol="E")
    nhead = positive("attention heads", symbol="h")
    dim_feedforward = positive("features between the two linear layers", symbol="F", default=2048)
    dropout = real("part of the numbers that is dropped in training", default=0.1)
    activation = choice("the function between the two linear layers", ("relu", "gelu"), default="relu")
    layer_norm_eps = real("added to the variance in the norms", default=1e-5)
    batch_first = flag("accepted; the batch always comes first here", default=False)
    norm_first = flag("normalise before each part instead of after it", default=False)
    bias = flag("biases everywhere, in the norms too", default=True)
    device, dtype = ignored(), ignored()
    is_causal = flag("no position reads a later one", default=False, keyword_only=True)

    def prepare(self) -> None:
        if self.dropout < 0 or self.dropout > 1:
            raise Fault("option-value", f"dropout must be between 0 and 1, not {self.dropout}", option="dropout")
        if self.d_model is not None:
            self.divide(self.d_model)
        self.attention = MultiheadAttention(num_heads=self.nhead, bias=self.bias)
        self.first = MultiheadAttention(num_heads=self.nhead, bias=self.bias, is_causal=self.is_causal)
        self.widen = Linear(out_features=self.dim_feedforward, bias=self.bias)
        self.norm = LayerNorm(eps=self.layer_norm_eps, bias=self.bias)

    def divide(self, size: Number) -> None:
        """Refuse heads that do not divide the features."""
        divide_heads(size, self.nhead, "nhead")

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return sequence_help(x)

    def attentions(self, *xs: Shape) -> Iterator[Part]:
        """The attention layers with what they get."""
        return iter(())

    def parts(self, *xs: Shape) -> Iterator[Part]:
        x = xs[0]
        hidden = (*x[:-1], self.dim_feedforward)
        yield from self.attentions(*xs)
        yield "linear1", self.widen, (x,)
        yield "linear2", Linear(out_features=x[-1], bias=self.bias), (hidden,)
        for number in range(self.norms):
            yield f"norm{number + 1}", self.norm, (x,)


class TransformerEncoderLayer(Block):
    """Self-attention and a feed-forward net. Further inputs are masks: [L, L], [heads, L, L], or [L] for padding."""

    takes, inputs = ("N L E", "N L | N L L | N heads L L"), (1, 3)
    example = "10x16 -> {type}(16, 4, dim_feedforward=64)"

    def shape(self, *xs: Shape) -> Shape:
        x = xs[0]
        self.divide(x[-1])
        check_masks(self, xs[1:], x[1], x[1], self.nhead)
        return x

    def attentions(self, *xs: Shape) -> Iterator[Part]:
        yield "self_attn", self.first, (xs[0],)

    def attended(self, *xs: Shape) -> Iterator[Attended]:
        for read in self.first.attended(xs[0]):
            yield read._replace(masks=tuple(range(1, len(xs))))


class TransformerDecoderLayer(Block):
    """Self-attention, attention to a memory, and a feed-forward net, from the target and the memory."""

    takes, inputs, norms = ("N L E", "N S E"), (2, 2), 3
    example = "10x16, 12x16 -> {type}(16, 4, dim_feedforward=64)"
    roles = {2: ("target", "memory")}

    def shape(self, *xs: Shape) -> Shape:
        x, memory = xs
        self.divide(x[-1])
        same_features(self, x, memory)
        return x

    def attentions(self, *xs: Shape) -> Iterator[Part]:
        yield "self_attn", self.first, (xs[0],)
        yield "multihead_attn", self.attention, xs

    def attended(self, *xs: Shape) -> Iterator[Attended]:
        for read in self.first.attended(xs[0]):
            yield read._replace(causal=read.causal or None)  # whether it masks is not said
        yield from self.attention.attended(*xs)


class Stacked(Composed, abstract=True):
    """What encoder and decoder share: the same layer num_layers times, and a norm at the end where one is given."""

    gives = "N L E"
    block: ClassVar[type[Block]] = TransformerEncoderLayer
    given_as: ClassVar[str] = "encoder_layer"
    explained = "transformer"

    encoder_layer = anything("the layer that is stacked; or its options by name", default=None)
    decoder_layer = anything("the layer that is stacked; or its options by name", default=None)
    num_layers = positive("how many of it", symbol="layers", most=MOST_PARTS)
    norm = anything("a LayerNorm at the end, or true for one", default=None)
    enable_nested_tensor = ignored()
    mask_check = ignored()
    d_model = inferred("features of each position", symbol="E", keyword_only=True)
    nhead = positive("attention heads", symbol="h", default=None, keyword_only=True)
    dim_feedforward = positive("features between the linear layers", symbol="F", default=2048, keyword_only=True)
    dropout = real("part of the numbers that is dropped in training", default=0.1, keyword_only=True)
    activation = choice("the feed-forward function", ("relu", "gelu"), default="relu", keyword_only=True)
    layer_norm_eps = real("added to the variance in the norms", default=1e-5, keyword_only=True)
    batch_first = flag("accepted; the batch always comes first here", default=False, keyword_only=True)
    norm_first = flag("normalise before each part instead of after it", default=False, keyword_only=True)
    bias = flag("biases everywhere, in the norms too", default=True, keyword_only=True)
    is_causal = flag("no position reads a later one", default=False, keyword_only=True)

    def prepare(self) -> None:
        layer = self.__dict__[self.given_as]
        if layer is None:
            if self.nhead is None:
                raise Fault(
                    "missing-option",
                    f"{self.type()} needs the layer it stacks, or nhead",
                    help=f"write {self.type()}({self.block.type()}(512, 8), {self.num_layers}) "
                    f"or {self.type()}(num_layers={self.num_layers}, nhead=8)",
                )
            names = [name for name in self.given if name in self.block.options]
            self.each: Block = self.block(**{name: self.__dict__[name] for name in names})
        elif isinstance(layer, self.block):
            self.each = layer
        else:
            raise Fault(
                "option-value",
                f"{self.type()} stacks a {self.block.type()}, not {show(layer)}",
                option=self.given_as,
                help=f"write {self.type()}({self.block.type()}(512, 8), {self.num_layers})",
            )
        self.last: Layer | None = None
        if isinstance(self.norm, Layer):
            self.last = self.norm
        elif self.norm is True:
            self.last = LayerNorm(eps=self.each.layer_norm_eps, bias=self.each.bias)
        elif self.norm not in (None, False):
            raise Fault("option-value", f"norm must be a layer, true or false, not {show(self.norm)}", option="norm")

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return sequence_help(x)

    def shape(self, *xs: Shape) -> Shape:
        self.each.accept(xs)
        y = self.each.shape(*xs)
        if self.last is not None:
            self.last.accept((y,))
            y = self.last.shape(y)
        return y

    def attended(self, *xs: Shape) -> Iterator[Attended]:
        for _ in range(self.num_layers):
            yield from self.each.attended(*xs)

    def parts(self, *xs: Shape) -> Iterator[Part]:
        for number in range(self.num_layers):
            yield f"layers.{number}", self.each, xs
        if self.last is not None:
            yield "norm", self.last, (xs[0],)


class TransformerEncoder(Stacked):
    """The same TransformerEncoderLayer num_layers times, each with weights of its own."""

    takes, inputs = ("N L E", "N L | N L L | N heads L L"), (1, 3)
    example = "10x16 -> {type}(d_model=16, nhead=4, num_layers=2, dim_feedforward=64)"

    decoder_layer = DROPPED


class TransformerDecoder(Stacked):
    """The same TransformerDecoderLayer num_layers times, each with weights of its own, from target and memory."""

    takes, inputs = ("N L E", "N S E"), (2, 2)
    example = "10x16, 12x16 -> {type}(d_model=16, nhead=4, num_layers=2, dim_feedforward=64)"
    block = TransformerDecoderLayer
    given_as = "decoder_layer"

    encoder_layer = DROPPED
    enable_nested_tensor = DROPPED
    mask_check = DROPPED
    roles = {2: ("target", "memory")}


class Transformer(Composed):
    """Encoder and decoder of 2017: from the source and the target sequence to one vector for each target position."""

    takes, gives, inputs = ("N S E", "N L E"), "N L E", (2, 2)
    example = "12x16, 10x16 -> {type}(16, 4, num_encoder_layers=1, num_decoder_layers=1, dim_feedforward=64)"
    explained = "transformer"
    roles = {2: ("source", "target")}

    d_model = inferred("features of each position", symbol="E")
    nhead = positive("attention heads", symbol="h", default=8)
    num_encoder_layers = positive("layers of the encoder", default=6, most=MOST_PARTS)
    num_decoder_layers = positive("layers of the decoder", default=6, most=MOST_PARTS)
    dim_feedforward = positive("features between the two linear layers", symbol="F", default=2048)
    dropout = real("part of the numbers that is dropped in training", default=0.1)
    activation = choice("the function between the two linear layers", ("relu", "gelu"), default="relu")
    custom_encoder = ignored()
    custom_decoder = ignored()
    layer_norm_eps = real("added to the variance in the norms", default=1e-5)
    batch_first = flag("accepted; the batch always comes first here", default=False)
    norm_first = flag("normalise before each part instead of after it", default=False)
    bias = flag("biases everywhere, in the norms too", default=True)
    device, dtype = ignored(), ignored()
    is_causal = flag("no target position reads a later one", default=False, keyword_only=True)

    def prepare(self) -> None:
        names = ("d_model", "nhead", "dim_feedforward", "dropout", "activation", "layer_norm_eps", "norm_first", "bias")
        same = {name: self.__dict__[name] for name in names}
        self.encoder = TransformerEncoder(num_layers=self.num_encoder_layers, norm=True, **same)
        self.decoder = TransformerDecoder(
            num_layers=self.num_decoder_layers, norm=True, is_causal=self.is_causal, **same
        )

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        return sequence_help(x)

    def shape(self, *xs: Shape) -> Shape:
        source, target = xs
        same_features(self, target, source)
        return self.decoder.shape(target, self.encoder.shape(source))

    def parts(self, *xs: Shape) -> Iterator[Part]:
        source, target = xs
        yield "encoder", self.encoder, (source,)
        yield "decoder", self.decoder, (target, source)

    def repeated(self, *xs: Shape) -> Iterator[Part]:
        source, target = xs
        yield "decoder", self.decoder, (target, source)

    def attended(self, *xs: Shape) -> Iterator[Attended]:
        source, target = xs
        yield from self.encoder.attended(source)
        for read in self.decoder.attended(target, source):
            yield read._replace(query=1, memory=1 - read.memory)


def same_features(layer: Layer, x: Shape, memory: Shape) -> None:
    """Refuse a memory with other features than the target."""
    if x[-1] != memory[-1]:
        raise Fault(
            "shapes-differ",
            f"{layer.type()} needs sequences with as many features, but gets {shape_text(x)} and {shape_text(memory)}",
        )
