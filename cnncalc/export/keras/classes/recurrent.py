"""Recurrent layers as PyTorch has them, and AttentionRNN."""

from __future__ import annotations

CLASSES: dict[str, str] = {
    "Stacked": '''
class Stacked(Configured):
    """Layers of steps as PyTorch has them: a bias for the input and one for the state, and the last states as well."""

    gates, states = 1, 1

    def build(self, x_shape, h_shape=None, c_shape=None):
        given = self.options
        size, short = given["hidden_size"], given.get("proj_size") or given["hidden_size"]
        ways = 2 if given["bidirectional"] else 1
        self.short, self.held = short, []
        for level in range(given["num_layers"]):
            reads = ways * short if level else x_shape[-1]
            for way in range(ways):
                rows, ending = self.gates * size, f"_l{level}" + "_reverse" * way
                shapes = {"weight_ih": (rows, reads), "weight_hh": (rows, short)}
                for name in ("bias_ih", "bias_hh")[: given["bias_vectors"]] if given["bias"] else ():
                    shapes[name] = (rows,)
                if given.get("proj_size"):
                    shapes["weight_hr"] = (short, size)
                self.held.append({name: self.add_weight(name=name + ending, shape=shapes[name]) for name in shapes})

    def affine(self, held, x, part):
        x = ops.matmul(x, ops.transpose(held[f"weight_{part}"]))
        return x + held[f"bias_{part}"] if f"bias_{part}" in held else x

    def one(self, held, x, start, reverse):
        """One layer in one direction: its outputs, and its last states."""

        def step(states, now):
            states = self.step(held, now, *states)
            return states, states[0]

        inputs = ops.swapaxes(self.affine(held, x, "ih"), 0, 1)
        states, found = ops.scan(step, start, inputs, reverse=reverse)
        return ops.swapaxes(found, 0, 1), states

    def call(self, x, h=None, c=None):
        given, last = self.options, []
        ways = 2 if given["bidirectional"] else 1
        for level in range(given["num_layers"]):
            sides = []
            for way in range(ways):
                at = level * ways + way
                sizes = (self.short, given["hidden_size"])[: self.states]
                zeros = [ops.zeros((ops.shape(x)[0], size), dtype=x.dtype) for size in sizes]
                start = zeros if h is None else [h[:, at], *([] if c is None else [c[:, at]])]
                found, states = self.one(self.held[at], x, tuple(start), way == 1)
                sides.append(found)
                last.append(states)
            x = ops.concatenate(sides, axis=-1)
        return (x, *(ops.stack(states, axis=1) for states in zip(*last)))
''',
    "RNN": '''
@registered
class RNN(Stacked):
    """h = tanh(W x + b + W h + b)."""

    def step(self, held, x, h):
        x = x + self.affine(held, h, "hh")
        return (ops.relu(x) if self.options["nonlinearity"] == "relu" else ops.tanh(x),)
''',
    "LSTM": '''
@registered
class LSTM(Stacked):
    """A state and a cell; gates are stacked i f g o."""

    gates, states = 4, 2

    def step(self, held, x, h, c):
        i, f, g, o = ops.split(x + self.affine(held, h, "hh"), 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        h = ops.sigmoid(o) * ops.tanh(c)
        return (ops.matmul(h, ops.transpose(held["weight_hr"])) if "weight_hr" in held else h), c
''',
    "GRU": '''
@registered
class GRU(Stacked):
    """Gates are stacked r z n; the state is reset after its product, or before it."""

    gates = 3

    def step(self, held, x, h):
        xr, xz, xn = ops.split(x, 3, axis=-1)
        if self.options["reset_after"]:
            r, z, n = ops.split(self.affine(held, h, "hh"), 3, axis=-1)
            r, z = ops.sigmoid(xr + r), ops.sigmoid(xz + z)
            n = ops.tanh(xn + r * n)
        else:
            size = h.shape[-1]
            W = held["weight_hh"]
            r, z = ops.split(ops.matmul(h, ops.transpose(W[: 2 * size])), 2, axis=-1)
            r, z = ops.sigmoid(xr + r), ops.sigmoid(xz + z)
            n = ops.tanh(xn + ops.matmul(r * h, ops.transpose(W[2 * size :])))
        return ((1 - z) * n + z * h,)
''',
    "AttentionRNN": '''
@registered
class AttentionRNN(Configured):
    """h[t] is attention over x[t] and the k states before ("all": every one, which share the second matrices)."""

    def build(self, shape):
        k, size = self.options["k"], shape[-1]
        sizes = (2 if k == "all" else k + 1, size, size)
        self.Q, self.K, self.V = (self.add_weight(name=name, shape=sizes) for name in "QKV")

    def project(self, matrices, slots):
        last = matrices.shape[0] - 1
        made = [ops.matmul(slot, ops.transpose(matrices[min(at, last)])) for at, slot in enumerate(slots)]
        return ops.stack(made, axis=1)

    def call(self, x):
        k, steps = self.options["k"], x.shape[1]
        past = [] if k == "all" else [ops.zeros_like(x[:, 0])] * k
        found = []
        for t in range(steps):
            slots = [x[:, t], *past]
            scores = ops.sum(self.project(self.Q, slots) * self.project(self.K, slots), axis=-1)
            attention = ops.softmax(scores, axis=-1)
            h = ops.sum(attention[..., None] * self.project(self.V, slots), axis=1)
            missing = steps - len(slots) if k == "all" else 0
            scores, attention = (ops.pad(part, ((0, 0), (0, missing))) for part in (scores, attention))
            found.append((scores, attention, h))
            past = [h, *past] if k == "all" else [h, *past][:k]
        scores, attention, h = (ops.stack(parts, axis=1) for parts in zip(*found))
        return h, scores, attention, h
''',
}
NEEDS = {"RNN": ("Stacked",), "LSTM": ("Stacked",), "GRU": ("Stacked",)}
