"""Trained arrays that Keras has no layer for: tables of tokens and positions, parameters; and norms."""

from __future__ import annotations

CLASSES: dict[str, str] = {
    "TokenEmbedding": '''
@registered
class TokenEmbedding(Configured):
    """A table of vectors; reverse=True multiplies by the same table, which gives a score for each token."""

    def build(self, shape):
        sizes = (self.options["num_embeddings"], self.options["embedding_dim"])
        self.table = self.add_weight(name="weight", shape=sizes, initializer="uniform")

    def call(self, x, reverse=False):
        if reverse:
            return ops.matmul(x, ops.transpose(self.table))
        return ops.take(self.table, ops.cast(x, "int32"), axis=0)

''',
    "PositionalEmbedding": '''
@registered
class PositionalEmbedding(Configured):
    """Add to each position a vector of its own: a trained one, or sines and cosines."""

    def build(self, shape):
        if self.options["kind"] == "learned":
            sizes = (self.options["num_embeddings"], shape[-1])
            self.table = self.add_weight(name="weight", shape=sizes, initializer="uniform")
            return
        steps, pairs = numpy.arange(shape[1])[:, None], numpy.arange((shape[2] + 1) // 2)
        angles = steps / 10000.0 ** (2 * pairs / shape[2])
        waves = numpy.stack([numpy.sin(angles), numpy.cos(angles)], -1).reshape(shape[1], -1)
        self.waves = waves[:, : shape[2]]

    def call(self, x):
        if self.options["kind"] == "learned":
            return x + self.table[: x.shape[1]]
        return x + constant(self.waves)
''',
    "Parameter": '''
@registered
class Parameter(Configured):
    """A trained array, once for each sample of the value that it is called with."""

    def build(self, shape):
        start = self.options.get("init")
        start = "random_normal" if start is None else keras.initializers.Constant(start)
        self.array = self.add_weight(name="weight", shape=self.options["shape"], initializer=start)

    def call(self, x):
        return ops.broadcast_to(self.array, (ops.shape(x)[0], *self.options["shape"]))

''',
    "Unused": '''
@registered
class Unused(Configured):
    """A trained array that nothing reads: what comes in goes on."""

    def build(self, shape):
        self.array = self.add_weight(name="weight", shape=self.options["shape"], initializer="random_normal")

    def call(self, x):
        return x
''',
    "ClassToken": '''
@registered
class ClassToken(Configured):
    """Put trained vectors in front of a sequence."""

    def build(self, shape):
        sizes = (1, self.options["tokens"], shape[-1])
        self.tokens = self.add_weight(name="class_token", shape=sizes, initializer="zeros")

    def call(self, x):
        tokens = ops.broadcast_to(self.tokens, (ops.shape(x)[0], *self.tokens.shape[1:]))
        return ops.concatenate([tokens, x], axis=1)
''',
    "LocalResponseNorm": '''
@registered
class LocalResponseNorm(Configured):
    """Divide by the squares of the channels around, which are axis 1."""

    def call(self, x):
        size, channels = self.options["size"], x.shape[1]
        around = [(0, 0), (size // 2, (size - 1) // 2), *[(0, 0)] * (len(x.shape) - 2)]
        squares = ops.pad(ops.square(x), around)
        total = sum(squares[:, at : at + channels] for at in range(size))
        return x / (self.options["k"] + self.options["alpha"] / size * total) ** self.options["beta"]
''',
    "XIELU": '''
@registered
class XIELU(Configured):
    """a x^2 + beta x above 0, b (e^x - 1 - x) + beta x below; what a and b are the softplus of is trained."""

    def build(self, shape):
        self.alpha_p = self.add_weight(name="alpha_p", shape=(1,), initializer="zeros")
        self.alpha_n = self.add_weight(name="alpha_n", shape=(1,), initializer="zeros")

    def call(self, x):
        beta, eps = self.options["beta"], self.options["eps"]
        above, below = ops.softplus(self.alpha_p), beta + ops.softplus(self.alpha_n)
        low = ops.expm1(ops.minimum(x, eps)) - x
        return ops.where(x > 0, above * x * x, below * low) + beta * x
''',
    "GRN": '''
@registered
class GRN(Configured):
    """The length of each channel over the mean length of all, times x, and x on top (ConvNeXt V2)."""

    def build(self, shape):
        self.weight = self.add_weight(name="weight", shape=(shape[1],), initializer="zeros")
        self.bias = self.add_weight(name="bias", shape=(shape[1],), initializer="zeros")

    def call(self, x):
        length = ops.sqrt(ops.sum(ops.square(x), axis=list(range(2, len(x.shape))), keepdims=True))
        length = length / (ops.mean(length, axis=1, keepdims=True) + self.options["eps"])
        weight, bias = (ops.reshape(part, (-1, *[1] * (len(x.shape) - 2))) for part in (self.weight, self.bias))
        return weight * x * length + bias + x
''',
    "RMSNorm": '''
@registered
class RMSNorm(Configured):
    """Divided by the root of the mean square over the last axes."""

    def build(self, shape):
        sizes = self.options["normalized_shape"]
        self.weight = None
        if self.options["elementwise_affine"]:
            self.weight = self.add_weight(name="weight", shape=sizes, initializer="ones")

    def call(self, x):
        axes = list(range(-len(self.options["normalized_shape"]), 0))
        x = x / ops.sqrt(ops.mean(ops.square(x), axis=axes, keepdims=True) + self.options["eps"])
        return x if self.weight is None else x * self.weight
''',
}
