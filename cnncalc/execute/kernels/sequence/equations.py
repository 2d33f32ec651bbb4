"""A recurrent cell from the tree of its equations: every value has the batch axis in front, one loop runs over steps.

Plain array code without writing in place, so that it can be differentiated. Weights have a batch axis of 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.execute.kernel import Array, Weights, kernel

if TYPE_CHECKING:
    from cnncalc.layers.equations import Recurrent

# touch(name, step, value): what a value of a step is replaced by, for derivatives with respect to it
Touch = Callable[[str, int, Array], Array]


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)) without overflow."""
    return 0.5 * (np.tanh(0.5 * x) + 1)


def softmax(x: Array) -> Array:
    """Exponentials along the last axis over their sum."""
    raised = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return raised / np.sum(raised, axis=-1, keepdims=True)  # type: ignore[no-any-return]


def relu(x: Array) -> Array:
    """x, or 0 below."""
    return np.maximum(x, 0)


OWN: dict[str, Callable[[Array], Array]] = {"sigmoid": sigmoid, "softmax": softmax, "relu": relu}
# NumPy's names, looked up when they are called: whoever differentiates puts another module in NumPy's place.
EACH = {
    **{name: name for name in ("tanh", "exp", "log", "log2", "sqrt", "sin", "cos", "abs", "floor", "ceil", "round")},
    "ln": "log",
    "negate": "negative",
}
PAIRS = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "**": "power",
    "max": "maximum",
    "min": "minimum",
}


@kernel("Recurrent")
def recurrent(layer: Recurrent, weights: Weights, *xs: Array) -> dict[str, Array]:
    """The sequence of every equation; "output" is that of the state or equation that was asked for.

    Inputs are [batch, length, features]. "touch" of the weights sees each value before it is used.
    """
    touch: Touch | None = getattr(weights, "touch", None)
    cell = Cell(layer, weights, xs)
    x, n = xs[0], len(xs[0])
    for t in range(x.shape[1]):
        for equation in layer.equations:
            made = cell.filled(equation.name, cell.of(equation.tree, t))
            made = made if len(made) == n else np.repeat(made, n, axis=0)
            cell.past[equation.name].append(made if touch is None else touch(equation.name, t, made))
    ports = {name: np.stack(values, axis=1) for name, values in cell.past.items()}
    return {"output": ports[layer.result], **ports}


class Cell:
    """The values of all steps so far."""

    def __init__(self, layer: Recurrent, weights: Weights, xs: tuple[Array, ...]) -> None:
        x = self.x = xs[0]
        self.inputs = dict(zip(layer.sequences, xs, strict=False))
        self.weights = {name: weights[name][None] for name in layer.declared}
        self.weights |= dict(zip(layer.fixed, xs[len(layer.sequences) :], strict=True))
        self.past: dict[str, list[Array]] = {equation.name: [] for equation in layer.equations}
        # Sizes without a value are found in the arrays.
        self.sizes = {"n": x.shape[2]}
        for name, sizes in layer.declared.items():
            for size, found in zip(sizes.shape, weights[name].shape, strict=True):
                if isinstance(size, str):
                    self.sizes[size] = found
        self.zeros = {name: np.zeros((1, one.shape[2]), one.dtype) for name, one in self.inputs.items()}
        for name, sizes in layer.states.items():
            shape = [self.sizes[size] if isinstance(size, str) else int(size) for size in sizes.shape]
            self.zeros[name] = np.zeros((1, *shape), x.dtype)

    def filled(self, name: str, made: Array) -> Array:
        """One number fills a state of one."""
        zero = self.zeros.get(name)
        return made if zero is None or made.ndim == zero.ndim else aligned(np.add, made, zero)

    def at(self, name: str, t: int) -> Array:
        """A value at a step; zero before the first."""
        if t < 0:
            return self.zeros[name]
        return self.inputs[name][:, t] if name in self.inputs else self.past[name][t]

    def of(self, piece: Any, t: int) -> Array:
        """The value of a node at step t."""
        op = piece.op
        if op == "value":
            return self.at(piece.name, t - piece.lag)
        if op == "weight":
            return self.weights[piece.name]
        if op in ("number", "size"):
            return np.full(1, piece.value if op == "number" else self.sizes[piece.name], self.x.dtype)
        args = [self.of(arg, t) for arg in piece.args if op != "@"]
        if op == "@":
            return product(*(self.factor(arg, t, row=index == 0) for index, arg in enumerate(piece.args)))
        if op in OWN:
            return OWN[op](args[0])
        if op in EACH:
            return getattr(np, EACH[op])(args[0])  # type: ignore[no-any-return]
        if op == "transpose":
            return np.swapaxes(args[0], 1, 2)
        if op == "index":
            return args[0][:, piece.value]
        if op == "concat":
            return joined(args)
        if op == "outer":
            return args[0][:, :, None] * args[1][:, None, :]
        axes = tuple(range(1, args[0].ndim))
        if op == "sum":
            return np.sum(args[0], axis=axes)  # type: ignore[no-any-return]
        if len(args) == 1:
            return (np.max if op == "max" else np.min)(args[0], axis=axes)  # type: ignore[no-any-return]
        result = args[0]
        for other in args[1:]:
            result = aligned(getattr(np, PAIRS[op]), result, other)
        return result

    def factor(self, piece: Any, t: int, row: bool) -> Array:
        """A factor of a matrix product; as the left one a transposed vector is the row that it is already."""
        if row and piece.op == "transpose":
            inner = self.of(piece.args[0], t)
            return inner if inner.ndim == 2 else np.swapaxes(inner, 1, 2)
        return self.of(piece, t)


def aligned(function: Callable[[Array, Array], Array], a: Array, b: Array) -> Array:
    """Two values combined number by number: behind the batch axis they are aligned at their last axis."""
    axes = max(a.ndim, b.ndim)
    return function(*(v.reshape((v.shape[0], *(1,) * (axes - v.ndim), *v.shape[1:])) for v in (a, b)))


def product(a: Array, b: Array) -> Array:
    """Matrices and vectors multiplied; a weight, whose batch axis is 1, multiplies the whole batch at once."""
    if a.ndim == 2 and b.ndim == 2:
        return np.sum(a * b, axis=-1)  # type: ignore[no-any-return]
    if b.ndim == 2:
        if len(a) == 1:
            return np.dot(b, a[0].T)  # type: ignore[no-any-return]
        return np.matmul(a, b[:, :, None])[:, :, 0]  # type: ignore[no-any-return]
    if a.ndim == 2:
        if len(b) == 1:
            return np.dot(a, b[0])  # type: ignore[no-any-return]
        return np.matmul(a[:, None, :], b)[:, 0, :]  # type: ignore[no-any-return]
    return np.matmul(a, b)  # type: ignore[no-any-return]


def joined(parts: list[Array]) -> Array:
    """One behind the other; a number counts as a vector of one."""
    n = max(len(part) for part in parts)
    parts = [part.reshape(len(part), 1) if part.ndim == 1 else part for part in parts]
    return np.concatenate([part if len(part) == n else np.repeat(part, n, axis=0) for part in parts], axis=1)
