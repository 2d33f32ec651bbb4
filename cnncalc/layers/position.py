"""Where a token stands: positional embeddings, masks, patches and class tokens.

Sources: Vaswani et al. 2017 (sinusoidal), Su et al. 2021 (rotary), Press et al. 2021 (ALiBi), Dosovitskiy et al. 2020
(patches, class token).
"""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.layer import Layer, Weight, shape_text
from cnncalc.number import Number, Shape, prod
from cnncalc.option import choice, flag, inferred, pair, positive, real
from cnncalc.problem import Fault
from cnncalc.window import AXIS_NAMES


class PositionalEmbedding(Layer):
    """Add to each position a vector of its own: learned, or sines and cosines without parameters."""

    takes = gives = "N L E"
    elementwise = True

    num_embeddings = inferred("positions there are vectors for", symbol="positions")
    embedding_dim = inferred("features of each position", symbol="E")
    kind = choice("where the vectors come from", ("learned", "sinusoidal"), default="learned")

    def shape(self, x: Shape) -> Shape:
        if self.num_embeddings is not None and x[1] > self.num_embeddings:
            raise Fault(
                "sequence-too-long",
                f"{self.type()} has vectors for {self.num_embeddings} positions, but its input {shape_text(x)} has "
                f"{x[1]}",
                option="num_embeddings",
                help=f"write num_embeddings={x[1]}",
            )
        return x

    def weights(self, x: Shape) -> Iterator[Weight]:
        if self.kind == "learned":
            yield Weight("weight", (x[1] if self.num_embeddings is None else self.num_embeddings, x[2]))


class RotaryEmbedding(Layer):
    """Rotate pairs of features by angles that grow with the position (RoPE); no parameters.

    The input is [..., length, features]; features are one head of size dim, or several side by side.
    """

    takes = gives = "N * L E"
    elementwise = True

    dim = positive("features of one head; without it all", default=None)
    base = real("the longest wavelength is 2 pi times this", default=10000.0)

    def shape(self, x: Shape) -> Shape:
        if len(x) < 3:
            raise Fault("wrong-axes", f"{self.type()} takes [..., length, features], but gets {shape_text(x)}")
        head = x[-1] if self.dim is None else self.dim
        if head % 2 != 0:
            raise Fault("odd-size", f"{self.type()} rotates pairs, but {head} features are odd", option="dim")
        if self.dim is not None and x[-1] % head != 0:
            raise Fault(
                "heads-do-not-divide",
                f"{x[-1]} features are not heads of {head}",
                option="dim",
                help=f"write dim={x[-1]}",
            )
        return x


class ALiBi(Layer):
    """Subtract from attention scores [heads, L, S] the distance times a slope of each head; no parameters."""

    takes = gives = "N h L S"
    elementwise = True

    num_heads = inferred("heads of the scores", symbol="h")

    def shape(self, x: Shape) -> Shape:
        return x


class CausalMask(Layer):
    """Make minus infinity of the scores of later positions, those above the diagonal of [..., L, S]; no parameters.

    It can stand in scores before their softmax, or in a bias that `ScaledDotProductAttention` adds to them.
    """

    takes = gives = "N * L S"
    elementwise = True

    def shape(self, x: Shape) -> Shape:
        return x


class PatchEmbedding(Layer):
    """Cut an image into patches and make a vector of each: a sequence [patches, embed_dim]."""

    takes, gives, axes = "N C_in H W", "N L E", 2

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

    embed_dim = inferred("features of each position", symbol="E")
    tokens = positive("vectors to put in front", default=1, keyword_only=True)

    def shape(self, x: Shape) -> Shape:
        return (x[0], x[1] + self.tokens, x[2])

    def weights(self, x: Shape) -> Iterator[Weight]:
        yield Weight("class_token", (1, self.tokens, x[2]))
