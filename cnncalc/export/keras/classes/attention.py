"""Attention as Keras does not have it: rotations, groups, windows, slopes, norms of heads, sinks."""

from __future__ import annotations

CLASSES: dict[str, str] = {
    "attend": '''
def attend(q, k, v, scale, mask=None, softcap=None, sinks=None):
    """softmax(q k^T scale + mask) v, the last two axes of each a matrix; a sink of each head takes part of the 1."""
    scores = ops.matmul(q, ops.swapaxes(k, -1, -2)) * scale
    if softcap is not None:
        scores = softcap * ops.tanh(scores / softcap)
    if mask is not None:
        scores = scores + mask
    if sinks is not None:
        sinks = ops.broadcast_to(ops.reshape(sinks, (-1, 1, 1)), (*ops.shape(scores)[:-1], 1))
        scores = ops.concatenate([scores, sinks], axis=-1)
    shares = ops.softmax(scores, axis=-1)
    return ops.matmul(shares if sinks is None else shares[..., :-1], v)
''',
    "barred": '''
def barred(length, memory, causal=True, window=None):
    """Minus infinity where a position is not read, 0 elsewhere."""
    ahead = numpy.arange(memory) - numpy.arange(length)[:, None]
    far = numpy.zeros_like(ahead, bool) if window is None else abs(ahead) >= window
    return constant(numpy.where(far | (causal & (ahead > 0)), -numpy.inf, 0.0))
''',
    "repeated": '''
def repeated(x, times, axis=1):
    """Each part along an axis so many times in a row; ops.repeat needs numbers where a model is built on PyTorch."""
    sizes = (-1, *x.shape[1:axis], x.shape[axis] * times, *x.shape[axis + 1:])
    return ops.reshape(ops.stack([x] * times, axis=axis + 1), sizes)
''',
    "turned": '''
def turned(x, size, base=10000.0, interleaved=True, partial=1.0, factor=1.0, original_length=None,
           low_freq_factor=1.0, high_freq_factor=4.0):
    """Pairs of features of each head turned by the angle of their position; x is [..., length, features]."""
    turning = round(size * partial)
    speeds = 1 / float(base) ** (2 * numpy.arange(turning // 2) / max(turning, 1))
    if original_length is None:
        speeds = speeds / factor
    else:
        waves = original_length * speeds / (2 * numpy.pi)
        kept = numpy.clip((waves - low_freq_factor) / (high_freq_factor - low_freq_factor), 0, 1)
        speeds = speeds * (kept + (1 - kept) / factor)
    angles = numpy.arange(x.shape[-2])[:, None] * speeds
    sin, cos = (constant(part[:, None]) for part in (numpy.sin(angles), numpy.cos(angles)))
    heads = ops.reshape(x, (-1, *x.shape[1:-1], x.shape[-1] // size, size))
    moving, rest = heads[..., :turning], heads[..., turning:]
    if interleaved:
        first, second = moving[..., ::2], moving[..., 1::2]
        parts = ops.stack([first * cos - second * sin, second * cos + first * sin], axis=-1)
        parts = ops.reshape(parts, (-1, *moving.shape[1:]))
    else:
        first, second = moving[..., : turning // 2], moving[..., turning // 2 :]
        parts = ops.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)
    return ops.reshape(ops.concatenate([parts, rest], axis=-1), (-1, *x.shape[1:]))
''',
    "RotaryEmbedding": '''
@registered
class RotaryEmbedding(Configured):
    """Features turned by their position."""

    def call(self, x):
        options = dict(self.options)
        return turned(x, options.pop("dim"), **options)
''',
    "ScaledDotProductAttention": '''
@registered
class ScaledDotProductAttention(Configured):
    """Attention without projections, on [..., length, features]."""

    def call(self, query, key, value, mask=None):
        if self.options["enable_gqa"]:
            times = query.shape[1] // key.shape[1]
            key, value = (repeated(x, times) for x in (key, value))
        scale = self.options["scale"]
        if self.options["is_causal"]:
            mask = barred(query.shape[-2], key.shape[-2], window=self.options["window"])
        return attend(query, key, value, query.shape[-1] ** -0.5 if scale is None else scale, mask)

''',
    "CausalMask": '''
@registered
class CausalMask(Configured):
    """Minus infinity above the diagonal of scores."""

    def call(self, x):
        return x + barred(*x.shape[-2:])
''',
    "Attention": '''
@registered
class Attention(Configured):
    """Multi-head attention; with rope, norms of heads, groups of heads, windows, slopes, a cap, sinks."""

    def build(self, query_shape, key_shape=None, value_shape=None):
        given = self.options
        query, key = query_shape, key_shape or query_shape
        heads, size, wide = given["num_heads"], given["head_dim"], given["value_dim"]
        few = given["num_kv_heads"]
        value = value_shape or key
        shapes = {"q": (query[-1], heads * size), "k": (key[-1], few * size), "v": (value[-1], few * wide)}
        self.W, self.b, self.norms = {}, {}, {}
        for letter, shape in shapes.items():
            self.W[letter] = self.add_weight(name=f"W_{letter}", shape=shape)
        for letter, shape in shapes.items() if given["bias"] else ():
            self.b[letter] = self.add_weight(name=f"b_{letter}", shape=shape[1:], initializer="zeros")
        for letter in "qk" if given["qk_norm"] else ():
            self.norms[letter] = [self.add_weight(name=f"{letter}_norm_weight", shape=(size,), initializer="ones")]
            if given["qk_norm"]["kind"] == "LayerNorm":
                shift = self.add_weight(name=f"{letter}_norm_bias", shape=(size,), initializer="zeros")
                self.norms[letter].append(shift)
        self.sinks = None
        if given["sinks"]:
            self.sinks = self.add_weight(name="sinks", shape=(heads,), initializer="zeros")
        if given["out_proj"]:
            self.W["o"] = self.add_weight(name="W_o", shape=(heads * wide, query[-1]))
            if given["bias"]:
                self.b["o"] = self.add_weight(name="b_o", shape=query[-1:], initializer="zeros")

    def affine(self, x, letter):
        x = ops.matmul(x, self.W[letter])
        return x + self.b[letter] if letter in self.b else x

    def heads(self, x, letter, count):
        x = self.affine(x, letter)
        x = ops.transpose(ops.reshape(x, (-1, x.shape[1], count, x.shape[2] // count)), (0, 2, 1, 3))
        norm = self.options["qk_norm"]
        if letter in self.norms:
            if norm["kind"] == "LayerNorm":
                x = x - ops.mean(x, axis=-1, keepdims=True)
            x = x / ops.sqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + norm["eps"])
            x = x * self.norms[letter][0] + sum(self.norms[letter][1:])
        if self.options["rope"] is not None and letter != "v":
            x = turned(x, x.shape[-1], **self.options["rope"])
        return x

    def call(self, query, key=None, value=None):
        given = self.options
        key = query if key is None else key
        value = key if value is None else value
        q = self.heads(query, "q", given["num_heads"])
        k, v = (self.heads(x, letter, given["num_kv_heads"]) for x, letter in ((key, "k"), (value, "v")))
        times = given["num_heads"] // given["num_kv_heads"]
        if times > 1:
            k, v = (repeated(x, times) for x in (k, v))
        mask = None
        if given["causal"] or given["window"]:
            mask = barred(q.shape[2], k.shape[2], given["causal"], given["window"])
        if given["alibi"]:
            whole = 1 << (given["num_heads"].bit_length() - 1)
            slopes = [2 ** (-8 * (at + 1) / whole) for at in range(whole)]
            slopes += [2 ** (-4 * (at + 1) / whole) for at in range(0, 2 * (given["num_heads"] - whole), 2)]
            apart = abs(numpy.arange(k.shape[2]) - numpy.arange(q.shape[2])[:, None])
            far = -numpy.array(slopes)[:, None, None] * apart
            mask = constant(far) if mask is None else mask + constant(far)
        x = ops.transpose(attend(q, k, v, 1 / given["scale"], mask, given["softcap"], self.sinks), (0, 2, 1, 3))
        x = ops.reshape(x, (-1, x.shape[1], x.shape[2] * x.shape[3]))
        return self.affine(x, "o") if given["out_proj"] else x

''',
    "LatentAttention": '''
@registered
class LatentAttention(Configured):
    """Keys and values of all heads from one latent vector of each position; a turned part of keys is shared."""

    def build(self, shape):
        given = self.options
        self.still, self.turning, wide = given["qk_nope_head_dim"], given["qk_rope_head_dim"], given["v_head_dim"]
        heads, rank, low = given["num_heads"], given["kv_lora_rank"], given["q_lora_rank"]
        queries = heads * (self.still + self.turning)
        sizes = {"q_proj": (queries, shape[-1])}
        if low is not None:
            sizes = {"q_a_proj": (low, shape[-1]), "q_a_layernorm": (low,), "q_b_proj": (queries, low)}
        sizes |= {"kv_a_proj_with_mqa": (rank + self.turning, shape[-1]), "kv_a_layernorm": (rank,)}
        sizes |= {"kv_b_proj": (heads * (self.still + wide), rank), "o_proj": (shape[-1], heads * wide)}
        self.W, self.b = {}, {}
        for part, size in sizes.items():
            kind = "ones" if len(size) == 1 else None
            self.W[part] = self.add_weight(name=f"{part}_weight", shape=size, initializer=kind)
            if given["bias"] and part in ("q_a_proj", "kv_a_proj_with_mqa", "o_proj"):
                self.b[part] = self.add_weight(name=f"{part}_bias", shape=size[:1], initializer="zeros")

    def affine(self, x, part):
        x = ops.matmul(x, ops.transpose(self.W[part]))
        return x + self.b[part] if part in self.b else x

    def norm(self, x, part):
        return x / ops.sqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + self.options["eps"]) * self.W[part]

    def heads(self, x):
        count = self.options["num_heads"]
        return ops.transpose(ops.reshape(x, (-1, x.shape[1], count, x.shape[2] // count)), (0, 2, 1, 3))

    def call(self, x):
        given, still = self.options, self.still
        if "q_proj" in self.W:
            query = self.affine(x, "q_proj")
        else:
            query = self.affine(self.norm(self.affine(x, "q_a_proj"), "q_a_layernorm"), "q_b_proj")
        query = self.heads(query)
        moved = turned(query[..., still:], self.turning, **given["rope"])
        query = ops.concatenate([query[..., :still], moved], axis=-1)
        low = self.affine(x, "kv_a_proj_with_mqa")
        rank = given["kv_lora_rank"]
        made = self.heads(self.affine(self.norm(low[..., :rank], "kv_a_layernorm"), "kv_b_proj"))
        shared = turned(low[..., rank:], self.turning, **given["rope"])[:, None]
        key = ops.concatenate([made[..., :still], repeated(shared, given["num_heads"])], axis=-1)
        mask = barred(x.shape[1], x.shape[1]) if given["causal"] else None
        x = ops.transpose(attend(query, key, made[..., still:], 1 / given["scale"], mask), (0, 2, 1, 3))
        return self.affine(ops.reshape(x, (-1, x.shape[1], x.shape[2] * x.shape[3])), "o_proj")
''',
}
_HEADS = ("attend", "barred", "repeated")
NEEDS = {
    "RotaryEmbedding": ("turned",), "ScaledDotProductAttention": _HEADS, "CausalMask": ("barred",),
    "Attention": (*_HEADS, "turned"), "LatentAttention": (*_HEADS, "turned"),
}  # fmt: skip
