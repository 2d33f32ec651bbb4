"""Layers that carry a state along a sequence by sums alone, without a product of all pairs: scans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from cnncalc.core.layer import Layer, Weight
from cnncalc.core.number import Number, Shape, is_one
from cnncalc.core.option import flag, positive
from cnncalc.core.problem import Fault
from cnncalc.core.texts import shape_text


class Scan(Layer, abstract=True):
    """What scans share: the state after a step depends on all steps before it."""

    receptive = "scan"
    asks: ClassVar[int | None] = None  # the input that reads the state, and does not change it
    scratch = "output"
    parallel = "whole"
    category = "recurrent"
    explained = "nothing"
    saves = "input output"
    step_work = 500_000

    def between(self, *xs: Shape) -> Number:
        """What a step carries on, after every step."""
        return xs[0][1] * self.carried(*xs)


class SelectiveScan(Scan):
    """h[t] = exp(d A) h[t-1] + d B[t] x[t] and y[t] = C[t] h[t] + D x[t], with A = -exp(A_log) and d = softplus(dt[t]).

    Inputs are x, dt, B and C. Mamba has a row of A for each feature; with num_heads (Mamba 2) a number for each head,
    dt is [length, heads], and groups of heads share B and C.
    """

    takes, gives, inputs = ("N L D", "N L T", "N L S_B", "N L S_C"), "N L D", (4, 4)
    example = "6x8, 6x8, 6x4, 6x4 -> {type}"
    origin = "Gu and Dao 2023 (Mamba), Dao and Gu 2024 (Mamba 2)."

    asks = 3
    roles: ClassVar = {4: ("x", "dt", "B", "C")}

    num_heads = positive("heads with one number of A each (Mamba 2); without it each feature has a row", default=None)
    groups = positive("groups of heads that share B and C", default=1)
    dt_bias = flag("add a trained number to dt before the softplus", default=False)

    def prepare(self) -> None:
        if self.num_heads is None and not is_one(self.groups):
            message = "groups are those of heads: num_heads is missing"
            raise Fault("option-value", message, option="groups", help="write num_heads=8, groups=2")
        if self.num_heads is not None and self.num_heads % self.groups != 0:
            message = f"{self.num_heads} heads are not {self.groups} groups of one size"
            raise Fault("heads-do-not-divide", message, option="groups")

    def state(self, b: Shape) -> Number:
        """Numbers of state for each feature."""
        return b[2] // self.groups

    def shape(self, *xs: Shape) -> Shape:
        x, dt, b, c = xs
        wide = x[2] if self.num_heads is None else self.num_heads
        if dt[2] != wide:
            raise Fault("shapes-differ", f"{self.type()} needs dt of {wide} features, but gets {shape_text(dt)}")
        if b[2] != c[2]:
            raise Fault("shapes-differ", f"B and C have one size, not {shape_text(b)} and {shape_text(c)}")
        for other in (dt, b, c):
            if other[1] != x[1]:
                raise Fault("shapes-differ", f"x is {shape_text(x)} and has another length than {shape_text(other)}")
        if b[2] % self.groups != 0 or (self.num_heads is not None and x[2] % self.num_heads != 0):
            message = f"{shape_text(x)} and {shape_text(b)} do not divide into the heads and groups"
            raise Fault("heads-do-not-divide", message, option="num_heads")
        return x

    def weights(self, *xs: Shape) -> Iterator[Weight]:
        x, _, b, _ = xs
        if self.num_heads is None:
            yield Weight("A_log", (x[2], self.state(b)))
            yield Weight("D", (x[2],))
        else:
            yield Weight("A_log", (self.num_heads,))
            yield Weight("D", (self.num_heads,))
        if self.dt_bias:
            yield Weight("dt_bias", (x[2] if self.num_heads is None else self.num_heads,))

    def macs(self, y: Shape, *xs: Shape) -> dict[str, Number]:
        return {"read": xs[0][0] * xs[0][1] * self.carried(*xs)}

    def carried(self, *xs: Shape) -> Number:
        return xs[0][2] * self.state(xs[2])

    def additions(self, y: Shape, *xs: Shape) -> Number:
        return self.biases(*xs) * xs[0][1]

    def between(self, *xs: Shape) -> Number:
        """The state and its factors at every step, as the written-out recurrence keeps them."""
        return 3 * xs[0][1] * self.carried(*xs)


class LinearAttention(Scan):
    """S[t] = S[t-1] + k[t] v[t]^T and y[t] = q[t] S[t]: attention without a softmax, read from the front.

    With decay each head has a trained factor below 1, sigmoid(decay), by which the state shrinks at each step.
    """

    takes, gives, inputs = ("N L E", "N L E", "N L V"), "N L V", (3, 3)
    example = "6x8, 6x8, 6x8 -> {type}(2)"
    origin = "Katharopoulos et al. 2020; with decay Sun et al. 2023 (RetNet)."

    asks = 0
    roles: ClassVar = {3: ("query", "key", "value")}

    num_heads = positive("heads, each with a state of its own", symbol="h", default=1)
    decay = flag("a trained factor for each head", default=False)

    def shape(self, *xs: Shape) -> Shape:
        query, key, value = xs
        if query[2] != key[2] or not (query[1] == key[1] == value[1]):
            shapes = ", ".join(shape_text(x) for x in xs)
            raise Fault("shapes-differ", f"{self.type()} needs queries and keys of one size and length, not {shapes}")
        for x in (query, value):
            if x[2] % self.num_heads != 0:
                message = f"{x[2]} features are not {self.num_heads} heads"
                raise Fault("heads-do-not-divide", message, option="num_heads")
        return value

    def weights(self, *xs: Shape) -> Iterator[Weight]:
        if self.decay:
            yield Weight("decay", (self.num_heads,))

    def macs(self, y: Shape, *xs: Shape) -> dict[str, Number]:
        each = xs[0][0] * xs[0][1] * self.carried(*xs)
        return {"write": each, "read": each}

    def carried(self, *xs: Shape) -> Number:
        return xs[0][2] // self.num_heads * xs[2][2]


class WKV(Scan):
    """y[t] = sum of e^(k[i] - (t-1-i) w) v[i] over i < t, and of e^(u + k[t]) v[t], over the sum of the factors.

    Inputs are k and v; w = exp(time_decay) and u = time_first are trained, a number for each feature.
    """

    takes, gives, inputs = ("N L D", "N L D"), "N L D", (2, 2)
    example = "6x8, 6x8 -> {type}"
    roles: ClassVar = {2: ("key", "value")}
    origin = "Peng et al. 2023 (RWKV 4)."

    def shape(self, *xs: Shape) -> Shape:
        key, value = xs
        if key[1:] != value[1:]:
            raise Fault("shapes-differ", f"k and v have one shape, not {shape_text(key)} and {shape_text(value)}")
        return value

    def weights(self, *xs: Shape) -> Iterator[Weight]:
        yield Weight("time_decay", (xs[0][2],))
        yield Weight("time_first", (xs[0][2],))

    def carried(self, *xs: Shape) -> Number:
        return 3 * xs[0][2]
