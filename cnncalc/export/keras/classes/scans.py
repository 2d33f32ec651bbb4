"""Layers that carry a state along a sequence by sums, one step after the other."""

from __future__ import annotations

CLASSES: dict[str, str] = {
    "SelectiveScan": '''
@registered
class SelectiveScan(Configured):
    """h = exp(d A) h + d B x and y = C h + D x along the sequence, with A = -exp(A_log), d = softplus(dt)."""

    def build(self, x_shape, dt_shape, B_shape, C_shape):
        heads, features = self.options["num_heads"], x_shape[-1]
        shape = (features, B_shape[-1] // self.options["groups"]) if heads is None else (heads,)
        self.A_log = self.add_weight(name="A_log", shape=shape, initializer="zeros")
        self.D = self.add_weight(name="D", shape=shape[:1], initializer="ones")
        self.dt_bias = None
        if self.options["dt_bias"]:
            self.dt_bias = self.add_weight(name="dt_bias", shape=shape[:1], initializer="zeros")

    def compute_output_shape(self, x_shape, dt_shape, B_shape, C_shape):
        return x_shape  # no step has to be followed where a model is built

    def call(self, x, dt, B, C):
        heads, groups = self.options["num_heads"] or x.shape[2], self.options["groups"]
        A = -ops.exp(self.A_log)
        A = A[:, None] if self.options["num_heads"] else A
        D = ops.reshape(self.D, (-1, 1))
        delta = ops.softplus(dt if self.dt_bias is None else dt + self.dt_bias)
        values = ops.reshape(x, (-1, x.shape[1], heads, x.shape[2] // heads))
        B, C = (ops.reshape(y, (-1, y.shape[1], groups, y.shape[2] // groups)) for y in (B, C))
        B, C = (repeated(y, heads // groups, axis=2) for y in (B, C))

        def step(state, now):
            d, value, b, c = now
            kept = ops.exp(d[..., None] * A)[:, :, None] * state
            state = kept + (d[..., None] * value)[..., None] * b[:, :, None]
            return state, ops.sum(state * c[:, :, None], axis=-1) + D * value

        start = ops.zeros((ops.shape(x)[0], heads, values.shape[3], B.shape[3]), dtype=x.dtype)
        y = ops.scan(step, start, tuple(ops.swapaxes(part, 0, 1) for part in (delta, values, B, C)))[1]
        return ops.reshape(ops.swapaxes(y, 0, 1), (-1, *x.shape[1:]))
''',
    "LinearAttention": '''
@registered
class LinearAttention(Configured):
    """S = S + k v^T and y = q S along the sequence; with decay S shrinks by sigmoid(decay) at each step."""

    def build(self, query_shape, key_shape, value_shape):
        self.decay = None
        if self.options["decay"]:
            self.decay = self.add_weight(name="decay", shape=(self.options["num_heads"],), initializer="ones")

    def compute_output_shape(self, query_shape, key_shape, value_shape):
        return value_shape  # no step has to be followed where a model is built

    def call(self, query, key, value):
        heads = self.options["num_heads"]
        q, k, v = (ops.reshape(x, (-1, x.shape[1], heads, x.shape[2] // heads)) for x in (query, key, value))
        kept = 1.0 if self.decay is None else ops.sigmoid(self.decay)[:, None, None]

        def step(state, now):
            q, k, v = now
            state = kept * state + k[..., None] * v[..., None, :]
            return state, ops.sum(q[..., None] * state, axis=-2)

        start = ops.zeros((ops.shape(q)[0], heads, q.shape[3], v.shape[3]), dtype=q.dtype)
        y = ops.scan(step, start, tuple(ops.swapaxes(part, 0, 1) for part in (q, k, v)))[1]
        return ops.reshape(ops.swapaxes(y, 0, 1), (-1, *value.shape[1:]))
''',
    "WKV": '''
@registered
class WKV(Configured):
    """The mean of RWKV 4: values so far, weighted by e^k, shrinking by e^-w a step; the newest by e^(u + k)."""

    def build(self, key_shape, value_shape):
        self.w = self.add_weight(name="time_decay", shape=key_shape[-1:], initializer="zeros")
        self.u = self.add_weight(name="time_first", shape=key_shape[-1:], initializer="zeros")

    def compute_output_shape(self, key_shape, value_shape):
        return value_shape  # no step has to be followed where a model is built

    def call(self, key, value):
        def step(states, now):
            over, under, top = states  # the sums are over e^top, so that nothing overflows
            k, v = now
            most = ops.maximum(top, self.u + k)
            old, new = ops.exp(top - most), ops.exp(self.u + k - most)
            y = (old * over + new * v) / (old * under + new)
            shrunk = top - ops.exp(self.w)
            most = ops.maximum(shrunk, k)
            old, new = ops.exp(shrunk - most), ops.exp(k - most)
            return (old * over + new * v, old * under + new, most), y

        zeros = ops.zeros_like(key[:, 0])
        inputs = tuple(ops.swapaxes(part, 0, 1) for part in (key, value))
        return ops.swapaxes(ops.scan(step, (zeros, zeros, zeros - 1e38), inputs)[1], 0, 1)
''',
}
NEEDS = {"SelectiveScan": ("repeated",)}
