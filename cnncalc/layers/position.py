"""Where a token stands: positional embeddings, masks, patches and class tokens.

Sources: Vaswani et al. 2017 (sinusoidal), Su et al. 2021 (rotary), Press et al. 2021 (ALiBi), Dosovitskiy et al. 2020
(patches, class token).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape, known_equal, prod
from cnncalc.core.option import choice, flag, inferred, pair, positive, real
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text
from cnncalc.core.window import AXIS_NAMES
from cnncalc.layers.axes import Pointwise

# Angles of anything beyond it are 0, or turn so often that no number format can tell.
MOST = 1e15


class PositionalEmbedding(Layer):
    """Add to each position a vector of its own: learned, or sines and cosines without parameters.

    `PositionalEncoding` is the sinusoidal one; its two sizes may stand in either order.
    """

    takes = gives = "N L E"
    elementwise = True
    receptive = "pointwise"
    example = "10x16 -> {type}(10)"
    origin = "Vaswani et al. 2017 (sinusoidal)."
    saves = "nothing"
    table = True
    drawn = (-0.034641016151377546, 0.034641016151377546)  # a deviation of 0.02
    category = "embedding"
    explained = "vectors"

    num_embeddings = inferred("positions there are vectors for", symbol="positions")
    embedding_dim = inferred("features of each position", symbol="E")
    kind = choice("where the vectors come from", ("learned", "sinusoidal"), default="learned")

    def accept(self, xs: tuple[Shape, ...]) -> None:
        if len(xs) != 1 or len(xs[0]) != 3 or not self._features_first(xs[0]):
            super().accept(xs)

    def _features_first(self, x: Shape) -> bool:
        """`PositionalEncoding(512, 5000)` on 512 features, as in PyTorch's tutorial; sines need no table."""
        first, second = self.num_embeddings, self.embedding_dim
        if self.kind != "sinusoidal" or not isinstance(first, int) or first != x[2]:
            return False
        return second is None or not known_equal(second, x[2])

    def shape(self, x: Shape) -> Shape:
        positions = self.embedding_dim if self._features_first(x) else self.num_embeddings
        if positions is not None and x[1] > positions:
            raise Fault(
                "sequence-too-long",
                f"{self.type()} has vectors for {positions} positions, but its input {shape_text(x)} has {x[1]}",
                option="num_embeddings",
                help=f"write num_embeddings={x[1]}",
            )
        return x

    def weights(self, x: Shape) -> Iterator[Weight]:
        if self.kind == "learned":
            yield Weight("weight", (x[1] if self.num_embeddings is None else self.num_embeddings, x[2]))


class RotaryEmbedding(Layer):
    """Rotate pairs of features by angles that grow with the position (RoPE); no parameters.

    The input is [..., length, features]; features are one head of size dim, or several side by side. Su et al. (and
    Meta's own checkpoints of Llama) pair neighbours, Hugging Face's checkpoints the first half with the second one:
    interleaved=False.
    """

    takes = gives = "N * L E"
    elementwise = True
    parallel = "passes"
    receptive = "features"
    example = "10x16 -> {type}"
    origin = "Su et al. 2021."
    saves = "angles"
    category = "embedding"
    explained = "rotation"

    dim = positive("features of one head; without it all", default=None)
    base = real("the longest wavelength is 2 pi times this", default=10000.0)
    interleaved = flag(
        "neighbours 2i and 2i + 1 are a pair; false: i of the first half and of the second", default=True
    )
    partial = real("part of a head's features that turn, the first ones", default=1.0)
    factor = real("the angles are divided by it, for longer texts than in training", default=1.0, keyword_only=True)
    original_length = positive(
        "positions in training, as of Llama 3.1: waves that are short beside it keep their angles, long ones are "
        "divided, those between partly; without it all are",
        default=None,
        keyword_only=True,
    )
    low_freq_factor = real("waves beyond original_length / this are long", default=1.0, keyword_only=True)
    high_freq_factor = real("waves below original_length / this are short", default=4.0, keyword_only=True)

    def prepare(self) -> None:
        if not 0 < self.partial <= 1:
            message = f"partial is a part of the features, above 0 and at most 1, not {self.partial}"
            raise Fault("option-value", message, option="partial")
        for name in ("base", "factor", "low_freq_factor", "high_freq_factor"):
            if not 0 < self.__dict__[name] < MOST:
                raise Fault("option-value", f"{name} must be above 0 and below {MOST:g}", option=name)
        if self.original_length is not None and self.original_length > MOST:  # it may be a free dimension
            raise Fault("option-value", f"original_length must be above 0 and below {MOST:g}", option="original_length")
        if not self.high_freq_factor > self.low_freq_factor:
            message = f"high_freq_factor must be above low_freq_factor, {self.low_freq_factor}"
            raise Fault("option-value", f"{message}, not {self.high_freq_factor}", option="high_freq_factor")

    def part(self, head: Number) -> Number:
        """How many features of a head partial is, which the exponents of the speeds divide by; it may be odd."""
        part = Fraction(str(self.partial))
        return head if part == 1 else head * part.numerator // part.denominator

    def turning(self, head: Number) -> Number:
        """How many features of a head turn: pairs, so that an odd part takes one more, as transformers does."""
        part = self.part(head)
        return part if self.partial == 1 else part + part % 2

    def shape(self, x: Shape) -> Shape:
        if len(x) < 3:
            raise Fault("wrong-axes", f"{self.type()} takes [..., length, features], but gets {shape_text(x)}")
        head = x[-1] if self.dim is None else self.dim
        turning = self.turning(head)
        if turning % 2 != 0:
            raise Fault("odd-size", f"{self.type()} rotates pairs, but {head} features are odd", option="dim")
        if self.dim is not None and x[-1] % head != 0:
            raise Fault(
                "heads-do-not-divide",
                f"{x[-1]} features are not heads of {head}",
                option="dim",
                help=f"write dim={x[-1]}",
            )
        return x


class ALiBi(Pointwise):
    """Subtract from attention scores [heads, L, S] the distance times a slope of each head; no parameters."""

    takes = gives = "N h L S"
    example = "4x10x10 -> {type}"
    origin = "Press et al. 2021."
    saves = "nothing"
    category = "embedding"
    explained = "slopes"

    num_heads = inferred("heads of the scores", symbol="h")


class CausalMask(Pointwise):
    """Make minus infinity of the scores of later positions, those above the diagonal of [..., L, S]; no parameters.

    It can stand in scores before their softmax, or in a bias that `ScaledDotProductAttention` adds to them.
    """

    takes = gives = "N * L S"
    example = "4x10x10 -> {type}"
    origin = "Vaswani et al. 2017."
    saves = "nothing"
    category = "embedding"
    explained = "mask"


class PatchEmbedding(Layer):
    """Cut an image into patches and make a vector of each: a sequence [patches, embed_dim]."""

    scratch = "output"
    parallel = "whole"
    takes, gives, axes = "N C_in H W", "N L E", 2
    receptive = "patches"
    example = "{image} -> {type}(embed_dim=64, patch_size=4)"
    origin = "Dosovitskiy et al. 2020."
    saves = "input"
    keras = "Conv2D"
    category = "embedding"
    explained = "nothing"

    in_channels = inferred("channels of the image", symbol="C_in")
    embed_dim = positive("features of each patch's vector", symbol="E")
    patch_size = pair("height and width of a patch", symbol="P")
    bias = flag("add one number per feature", default=True)

    def shape(self, x: Shape) -> Shape:
        counts = []
        for axis, (size, patch) in enumerate(zip(x[2:], self.patch_size, strict=True)):
            if size % patch != 0:
                name = AXIS_NAMES[2][axis]
                fits = f"{size // patch * patch} or {(size // patch + 1) * patch}" if size // patch > 0 else f"{patch}"
                raise Fault(
                    "patches-do-not-divide",
                    f"the {name} {size} is not a whole number of patches of {patch}",
                    option="patch_size",
                    help=f"resize the {name} to {fits}",
                )
            counts.append(size // patch)
        return (x[0], prod(counts), self.embed_dim)

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("weight", (self.embed_dim, x[1], *self.patch_size))
        if self.bias:
            yield Weight("bias", (self.embed_dim,))

    def macs(self, y: Shape, x: Shape) -> dict[str, Number]:
        return {"patches": prod(y) * x[1] * prod(self.patch_size)}


class ClassToken(Layer):
    """Put trained vectors in front of a sequence, one for the class by default."""

    takes, gives = "N L E", "N L_out E"
    receptive = "token"
    example = "10x16 -> {type}"
    origin = "Dosovitskiy et al. 2020."
    saves = "nothing"
    drawn = (-0.034641016151377546, 0.034641016151377546)
    category = "embedding"
    explained = "nothing"

    embed_dim = inferred("features of each position", symbol="E")
    tokens = positive("vectors to put in front", default=1, keyword_only=True)

    def shape(self, x: Shape) -> Shape:
        return (x[0], x[1] + self.tokens, x[2])

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("class_token", (1, self.tokens, x[2]))
