"""Recurrent layers and cells: the inputs' part of every step is one matrix product, the state's part a loop over steps.

Gates are stacked as in PyTorch: i f g o (LSTM), r z n (GRU).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from cnncalc.execute.engine import threads
from cnncalc.execute.gradient.custom_gradient import Followed, Watched, custom_vjp, record
from cnncalc.execute.kernel import Array, Weights, kernel
from cnncalc.execute.kernels.activation import sigmoid
from cnncalc.execute.kernels.linear import affine

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer
    from cnncalc.layers.recurrent import GRU, LSTM, RNN
    from cnncalc.layers.recurrent_cell import Cell

# see(letter, value): a state or a gate of the step, before anything uses it
State = tuple[Array, ...]
See = Callable[[str, Array], Array]
# step(input's part of the gates [N, G * H], state, weights of one layer and direction, see) -> next state
Step = Callable[[Array, State, Weights, See], State]


def unseen(letter: str, value: Array) -> Array:
    """Nobody looks."""
    return value


def _plain(relu: bool) -> Step:
    def step(gates: Array, state: State, own: Weights, see: See) -> State:
        total = gates + state[0] @ own["hh"].T
        return (see("h", np.maximum(total, 0) if relu else np.tanh(total)),)

    return step


def _lstm(gates: Array, state: State, own: Weights, see: See) -> State:
    h, c = state
    size = c.shape[1]
    total = gates + h @ own["hh"].T
    g = see("g", np.tanh(total[:, 2 * size : 3 * size]))
    open_ = sigmoid(total)
    i, f = see("i", open_[:, :size]), see("f", open_[:, size : 2 * size])
    o = see("o", open_[:, 3 * size :])
    c = see("c", f * c + i * g)
    h = o * np.tanh(c)
    return see("h", h @ own["hr"].T if "hr" in own else h), c


@custom_vjp
def lstm_steps(gates: Array, state: State, own: Weights, order: Sequence[int], see: Any = None) -> tuple[Array, State]:
    """All steps of an LSTM: the states [N, T, H], and the last ones.

    sigmoid(x) = tanh(x / 2) / 2 + 1 / 2, so that one call bends all gates.
    Every array is written where the last step's lay: short as the steps are, new ones would be a part of the time.
    What is looked at, by see(letter, value, step), is copied for that.
    """
    gates, turned = halved(gates, own["hh"])
    h, c = state[0], state[1].copy()
    size, project = c.shape[1], own.get("hr")
    seen = np.empty((len(gates), *h.shape), gates.dtype)
    total, open_, fresh, hidden = (np.empty(shape, gates.dtype) for shape in (*[gates.shape[1:]] * 2, *[c.shape] * 2))
    taken, kept, shown = open_[:, :size], open_[:, size : 2 * size], open_[:, 3 * size :]
    candidate, half = total[:, 2 * size : 3 * size], gates.dtype.type(0.5)
    for t in order:
        np.matmul(h, turned, out=total)
        np.add(total, gates[t], out=total)
        np.tanh(total, out=total)
        np.multiply(total, half, out=open_)
        np.add(open_, half, out=open_)
        np.multiply(c, kept, out=c)
        np.multiply(taken, candidate, out=fresh)
        np.add(c, fresh, out=c)
        h = seen[t]
        bent = h if project is None else hidden
        np.tanh(c, out=bent)
        np.multiply(bent, shown, out=bent)
        if project is not None:
            np.matmul(bent, project.T, out=h)
        if see is not None:
            for letter, part in (("h", h), ("c", c), ("i", taken), ("f", kept), ("g", candidate), ("o", shown)):
                see(letter, part.copy(), t)
    return seen.swapaxes(0, 1), (h, c)


def halved(gates: Array, hh: Array) -> tuple[Array, Array]:
    """Halves of the gates that a sigmoid bends, which no rounding touches; and of the state's matrix, transposed."""
    factor = np.full(gates.shape[-1], 0.5, gates.dtype)
    factor[len(factor) // 2 : len(factor) // 4 * 3] = 1
    return gates * factor, (hh * factor[:, None]).T


def _gru(gates: Array, state: State, own: Weights, see: See) -> State:
    h = state[0]
    size = h.shape[1]
    if "reset_before" in own:
        # The paper's order: the state is reset before the matrix of the candidate sees it.
        open_ = sigmoid(gates[:, : 2 * size] + h @ own["hh"][: 2 * size].T)
        reset = see("r", open_[:, :size])
        candidate = np.tanh(gates[:, 2 * size :] + (reset * h) @ own["hh"][2 * size :].T)
    else:
        inner = h @ own["hh"].T
        if "b_hh" in own:
            inner = inner + own["b_hh"]
        open_ = sigmoid(gates[:, : 2 * size] + inner[:, : 2 * size])
        reset = see("r", open_[:, :size])
        candidate = np.tanh(gates[:, 2 * size :] + reset * inner[:, 2 * size :])
    update, candidate = see("z", open_[:, size:]), see("n", candidate)
    return (see("h", candidate + update * (h - candidate)),)


def _own(weights: Weights, ending: str, layer: Layer, gru: bool) -> Weights:
    """The weights of one layer and direction under short names, biases added up where they may be."""
    own = {"ih": weights[f"weight_ih{ending}"], "hh": weights[f"weight_hh{ending}"]}
    first, second = weights.get(f"bias_ih{ending}"), weights.get(f"bias_hh{ending}")
    if first is not None:
        own["b"] = first if gru or second is None else first + second
    if gru and second is not None:
        own["b_hh"] = second
    if f"weight_hr{ending}" in weights:
        own["hr"] = weights[f"weight_hr{ending}"]
    if gru and not getattr(layer, "reset_after", True):
        own["reset_before"] = own["ih"]
    return own


def _stack(
    layer: Any, weights: Weights, x: Array, given: tuple[Array, ...], step: Step, names: str
) -> dict[str, Array]:
    """All layers and directions over [N, T, features]; `names` are the states' letters, "h" or "hc"."""
    n, steps = x.shape[:2]
    endings = ("", "_reverse") if layer.bidirectional else ("",)
    followed = isinstance(weights, Followed)
    plain = type(x) is np.ndarray and not followed and all(type(part) is np.ndarray for part in given)

    def direction(level: int, side: int, x: Array) -> tuple[Array, State]:
        """One layer in one direction: its states, and the last one."""
        own = _own(weights, f"_l{level}{endings[side]}", layer, step is _gru)
        if given:
            state = tuple(part[:, level * len(endings) + side] for part in given)
        else:
            sizes = (own["hh"].shape[1], own["ih"].shape[0] // 4)
            state = tuple(np.zeros((n, size), x.dtype) for size in sizes[: len(names)])
        gates = affine(x, own["ih"], own.get("b")).swapaxes(0, 1).copy()
        order = range(steps) if not endings[side] else range(steps - 1, -1, -1)
        ending = (f"_l{level}" if level else "") + endings[side]

        def see(letter: str, value: Array, t: int) -> Array:
            return record(weights, letter + ending, value, t)

        looked = isinstance(weights, Watched)
        if step is _lstm and (plain or (isinstance(weights, Followed) and weights.at_once())):
            return lstm_steps(gates, state, own, order, see if looked and plain else None)
        seen: list[Array] = [state[0]] * steps
        for t in order:
            state = step(gates[t], state, own, partial(see, t=t) if looked else unseen)
            seen[t] = state[0]
        return np.stack(seen, 1), state

    def directions(level: int, x: Array) -> list[tuple[Array, State]]:
        """Both, at the same time."""
        made: dict[int, tuple[Array, State]] = {}

        def work(todo: Iterator[int]) -> None:
            for side in todo:
                made[side] = direction(level, side, x)

        threads.parallel_for(work, range(len(endings)))
        return [made[side] for side in range(len(endings))]

    last: list[State] = []
    for level in range(layer.num_layers):
        sides = directions(level, x)
        last.extend(state for _, state in sides)
        x = sides[0][0] if len(sides) == 1 else np.concatenate([side for side, _ in sides], -1)
    ports = {f"{name}_n": np.stack([state[at] for state in last], 1) for at, name in enumerate(names)}
    return {"output": x, **ports}


@kernel("RNN")
def rnn(layer: RNN, weights: Weights, x: Array, *given: Array) -> dict[str, Array]:
    """h = tanh(W_ih x + W_hh h + b) at every step."""
    return _stack(layer, weights, x, given, _plain(layer.nonlinearity == "relu"), "h")


@kernel("LSTM")
def lstm(layer: LSTM, weights: Weights, x: Array, *given: Array) -> dict[str, Array]:
    """State h and cell c through input, forget and output gates."""
    return _stack(layer, weights, x, given, _lstm, "hc")


@kernel("GRU")
def gru(layer: GRU, weights: Weights, x: Array, *given: Array) -> dict[str, Array]:
    """State h through reset and update gates."""
    return _stack(layer, weights, x, given, _gru, "h")


@kernel("RNNCell", "LSTMCell", "GRUCell")
def cell(layer: Cell, weights: Weights, x: Array, *given: Array) -> Array | dict[str, Array]:
    """One step of the layer of the same name."""
    kind = layer.type()
    own = _own(weights, "", layer, kind == "GRUCell")
    size = own["hh"].shape[1]
    state = given or tuple(np.zeros((len(x), size), x.dtype) for _ in range(2 if kind == "LSTMCell" else 1))
    gates = affine(x, own["ih"], own.get("b"))
    see = partial(record, weights)
    if kind == "LSTMCell":
        h, c = _lstm(gates, state, own, see)
        return {"output": h, "h": h, "c": c}
    step = _gru if kind == "GRUCell" else _plain(layer.nonlinearity == "relu")
    return step(gates, state, own, see)[0]
