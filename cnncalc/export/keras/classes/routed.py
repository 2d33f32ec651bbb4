"""Mixtures of experts, and layers whose weight is held as a length and a direction."""

from __future__ import annotations

CLASSES: dict[str, str] = {
    "MixtureOfExperts": '''
@registered
class MixtureOfExperts(Configured):
    """Each position passes the top_k experts that the router prefers, weighted by their scores.

    Here every expert sees every position, and those that were not chosen count nothing.
    """

    def build(self, shape):
        given, features = self.options, shape[-1]
        count, hidden = given["num_experts"], given["hidden_features"]
        self.router = self.add_weight(name="router_weight", shape=(count, features))
        self.router_bias = None
        if given["router_bias"]:
            self.router_bias = self.add_weight(name="router_bias", shape=(count,), initializer="zeros")
        self.experts = self.arrays("experts", count, features, hidden)
        self.shared = self.arrays("shared_experts", given["shared_experts"], features, hidden)
        self.correction = None
        if given["correction_bias"]:
            kept = {"shape": (count,), "initializer": "zeros", "trainable": False}
            self.correction = self.add_weight(name="correction_bias", **kept)

    def arrays(self, whose, count, features, hidden):
        found = {}
        sizes = {"gate_proj": (hidden, features), "up_proj": (hidden, features), "down_proj": (features, hidden)}
        for name, shape in sizes.items() if count else ():
            if self.options["gated"] or name != "gate_proj":
                found[name] = [self.add_weight(name=f"{whose}_{name}_weight", shape=(count, *shape))]
            if name in found and self.options["bias"]:
                bias = self.add_weight(name=f"{whose}_{name}_bias", shape=(count, shape[0]), initializer="zeros")
                found[name].append(bias)
        return found

    def expert(self, held, number, x):
        def through(name, y):
            return ops.matmul(y, ops.transpose(held[name][0][number])) + sum(b[number] for b in held[name][1:])

        hidden = through("up_proj", x)
        if self.options["activation"] == "clamped_swish":
            gate = ops.minimum(through("gate_proj", x), 7)
            return through("down_proj", (ops.clip(hidden, -7, 7) + 1) * gate * ops.sigmoid(1.702 * gate))
        function = getattr(ops, self.options["activation"])
        if self.options["activation"] == "gelu":
            function = lambda y: ops.gelu(y, approximate=False)
        hidden = hidden * function(through("gate_proj", x)) if "gate_proj" in held else function(hidden)
        return through("down_proj", hidden)

    def parts(self, x):
        """How much each expert counts at each position, [N, ..., experts]."""
        given, count = self.options, self.options["num_experts"]
        scores = ops.matmul(x, ops.transpose(self.router))
        scores = scores if self.router_bias is None else scores + self.router_bias
        made = ops.sigmoid(scores) if given["scoring"] == "sigmoid" else ops.softmax(scores, axis=-1)
        liking = made if self.correction is None else made + self.correction
        groups = given["groups"]
        if groups > 1:
            split = ops.reshape(liking, (-1, *liking.shape[1:-1], groups, count // groups))
            most = 1 if self.correction is None else min(2, count // groups)
            best = ops.sum(ops.top_k(split, most)[0], axis=-1)
            kept = ops.top_k(best, given["top_groups"] or groups)[1]
            open_ = ops.max(ops.one_hot(kept, groups, dtype=x.dtype), axis=-2)
            split = ops.where(open_[..., None] > 0, split, float("-inf"))
            liking = ops.reshape(split, (-1, *liking.shape[1:]))
        chosen = ops.max(ops.one_hot(ops.top_k(liking, given["top_k"])[1], count, dtype=x.dtype), axis=-2)
        part = made * chosen
        part = part / ops.sum(part, axis=-1, keepdims=True) if given["normalize"] else part
        return part * given["scale"]

    def call(self, x):
        part = self.parts(x)
        each = [part[..., at : at + 1] * self.expert(self.experts, at, x) for at in range(part.shape[-1])]
        return sum(each) + sum(self.expert(self.shared, at, x) for at in range(self.options["shared_experts"]))
''',
    "WeightNorm": '''
@registered
class WeightNorm(Configured):
    """A dense layer or a convolution whose weight is a length times a direction, g v / |v|."""

    def build(self, shape):
        given = self.options["layer"]
        if given["kind"] == "Linear":
            sizes = (given["out_features"], shape[-1])
        else:
            sizes = (given["out_channels"], shape[1] // given["groups"], *given["kernel_size"])
        self.bias = None
        if given["bias"]:
            self.bias = self.add_weight(name="bias", shape=sizes[:1], initializer="zeros")
        dim = self.options["dim"]
        lengths = [size if at == dim else 1 for at, size in enumerate(sizes)] if dim is not None else ()
        self.g = self.add_weight(name="weight_g", shape=lengths, initializer="ones")
        self.v = self.add_weight(name="weight_v", shape=sizes)

    def call(self, x):
        given, dim = self.options["layer"], self.options["dim"]
        over = None if dim is None else [at for at in range(len(self.v.shape)) if at != dim]
        length = ops.sqrt(ops.sum(ops.square(self.v), axis=over, keepdims=dim is not None))
        weight = self.v * (self.g / length)
        if given["kind"] == "Linear":
            x = ops.matmul(x, ops.transpose(weight))
            return x if self.bias is None else x + self.bias
        x = ops.pad(x, ((0, 0), (0, 0), *((side, side) for side in given["padding"])))
        kernel = ops.transpose(weight, (*range(2, len(weight.shape)), 1, 0))
        x = ops.conv(x, kernel, tuple(given["stride"]), "valid", "channels_first", tuple(given["dilation"]))
        return x if self.bias is None else x + ops.reshape(self.bias, (-1, *[1] * (len(x.shape) - 2)))
''',
}
