"""Attention as a diagram: projections, scores, softmax, the weighted sum; as a whole or position by position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.core.number import Number, Shape, is_one, prod
from cnncalc.core.problem import Fault
from cnncalc.diagram.model import Diagram
from cnncalc.layers.attention import Attention
from cnncalc.layers.attention_rnn import AttentionRNN
from cnncalc.network.row import Row

if TYPE_CHECKING:
    from cnncalc.core.layer import Layer

NAMES = ("query", "key", "value")


def draw(diagram: Diagram, row: Row, positions: int | None = None) -> None:
    """Draw an attention layer; with `positions` each of so many positions by itself."""
    if positions is not None:
        _positions(diagram, row, positions)
        return
    xs = row.facts.inputs
    names = _input_names(row)
    inputs = [
        diagram.box("input", name, name, type="input", shape=x[1:]).id for name, x in zip(names, xs[:3], strict=False)
    ]
    sources = [inputs[min(at, len(inputs) - 1)] for at in range(3)]
    made = sources
    parts = _projections(row)
    if parts:
        made = []
        for (label, params), name, source in zip(parts, NAMES, sources, strict=True):
            box = diagram.box("matrix", label, f"{name} = {label}", shape=_port(row, name, source, xs), params=params)
            diagram.edge(source, box.id)
            made.append(_ready(diagram, row, name, box.id, _port(row, name, source, xs)))
    query, key, value = made
    read = next(iter(row.layer.attended(*xs)))
    pairs = _pairs(row, read.queries, read.length + read.appended)
    scores = diagram.box("operation", "scores", f"scores = query @ key.T{_scale(row.layer)}", shape=pairs)
    diagram.edge(query, scores.id)
    diagram.edge(key, scores.id)
    last = scores
    cap = getattr(row.layer, "softcap", None)
    if cap is not None:
        last = diagram.box("operation", "softcap", f"{cap} * tanh(scores / {cap})", shape=pairs)
        diagram.edge(scores.id, last.id)
    masks = [diagram.box("input", "mask", "mask", type="input", shape=x[1:]).id for x in xs[3:]]
    causal, window = read.causal, read.window
    if getattr(row.layer, "alibi", False):
        apart = diagram.box("operation", "alibi", "minus distance * slope of the head", shape=pairs)
        diagram.edge(last.id, apart.id)
        last = apart
    if masks or causal or window is not None:
        words = ["causal"] * bool(causal) + ([f"window {window}"] if window is not None else [])
        barred = diagram.box("operation", "mask", " ".join(["mask", *words]), shape=pairs)
        for source in (last.id, *masks):
            diagram.edge(source, barred.id)
        last = barred
    weights = diagram.box("operation", "attention", "attention = softmax", shape=pairs)
    diagram.edge(last.id, weights.id)
    if (sinks := _sinks(row)) is not None:
        diagram.edge(diagram.box("weight", "sinks", "sinks", shape=sinks, params=prod(sinks)).id, weights.id)
    mixed = diagram.box("operation", "mix", "attention @ value", shape=_mixed(row, xs))
    diagram.edge(weights.id, mixed.id)
    diagram.edge(value, mixed.id)
    end = mixed.id
    if (out := _output(row)) is not None:
        box = diagram.box("matrix", out[0], f"output = {out[0]}", shape=row.facts.shape[1:], params=out[1])
        diagram.edge(end, box.id)
        end = box.id
    diagram.output = end
    diagram.total = row.params


def _ready(diagram: Diagram, row: Row, name: str, source: int, shape: Shape, params: bool = True) -> int:
    """The query or key as the scores take it: normalised, then turned by its position."""
    layer: Any = row.layer
    if name == "value":
        return source
    if getattr(layer, "norm", None) is not None:
        own = [weight.shape for weight in row.facts.weights if weight.name.startswith(f"{name[0]}_norm.")]
        count = sum(map(prod, own)) if params else None
        box = diagram.box(
            "operation", f"{name[0]}_norm", f"{layer.norm.type()} of each head", shape=shape, params=count
        )
        diagram.edge(source, box.id)
        source = box.id
    if getattr(layer, "turn", None) is not None:
        box = diagram.box("operation", "rope", "turned by its position", shape=shape)
        diagram.edge(source, box.id)
        source = box.id
    return source


def _sinks(row: Row) -> Shape | None:
    """The shape of the trained scores that no position has, where there are some."""
    return next((weight.shape for weight in row.facts.weights if weight.name == "sinks"), None)


def _input_names(row: Row) -> list[str]:
    """The names of what comes in: the network's own, or the roles where one value has several."""
    found = row.sources[:3]
    return found if len(set(found)) == len(found) else list(NAMES[: len(found)])


def _projections(row: Row) -> list[tuple[str, Number]]:
    """Label and parameters of the three projections; none for attention without weights."""
    weights = {weight.name: weight.shape for weight in row.facts.weights}
    if row.type == "Attention":
        return [_with_bias(weights, f"W_{letter}", f"b_{letter}") for letter in "qkv"]
    if row.type != "MultiheadAttention":
        return []
    size = weights["out_proj.weight"][0]
    found = []
    for letter in "qkv":
        shape = weights.get(f"{letter}_proj_weight", (size, size))
        params = prod(shape)
        label = f"W_{letter}"
        if "in_proj_bias" in weights:
            label, params = f"{label}, b_{letter}", params + size
        if letter != "q" and "bias_k" in weights:  # one more key and value
            label, params = f"{label}, bias_{letter}", params + size
        found.append((label, params))
    return found


def _with_bias(weights: dict[str, Shape], matrix: str, bias: str) -> tuple[str, Number]:
    params = prod(weights[matrix])
    return (f"{matrix}, {bias}", params + prod(weights[bias])) if bias in weights else (matrix, params)


def _output(row: Row) -> tuple[str, Number] | None:
    """The matrix after the heads, where there is one."""
    weights = {
        weight.name.replace("out_proj.weight", "W_o").replace("out_proj.bias", "b_o"): weight.shape
        for weight in row.facts.weights
    }
    return _with_bias(weights, "W_o", "b_o") if "W_o" in weights else None


def _port(row: Row, name: str, source: int, xs: tuple[Shape, ...]) -> Shape:
    if name in row.facts.ports:
        return row.facts.ports[name][1:]
    x = xs[min(NAMES.index(name), len(xs) - 1)]
    layer: Any = row.layer
    return (x[-2] if name == "query" else layer.length(x), row.facts.shape[-1])


def _pairs(row: Row, length: Number, memory: Number) -> Shape:
    """The shape of the scores of one sample."""
    if "scores" in row.facts.ports:
        return row.facts.ports["scores"][1:]
    layer: Any = row.layer
    heads = layer.num_heads
    return (length, memory) if is_one(heads) else (heads, length, memory)


def _mixed(row: Row, xs: tuple[Shape, ...]) -> Shape:
    layer = row.layer
    if isinstance(layer, Attention):
        return (xs[0][1], layer.sizes(xs)[3])
    return row.facts.shape[1:]


def _scale(layer: Layer) -> str:
    """What the scores are divided by."""
    scale = getattr(layer, "scale", None)
    if scale == "none":
        return ""
    if scale == "sqrt_dmodel":
        return " / sqrt(d_model)"
    if scale in (None, "sqrt_dk"):
        return " / sqrt(d_k)"
    return f" * {scale}" if layer.type() == "ScaledDotProductAttention" else f" / {scale}"


def _positions(diagram: Diagram, row: Row, count: int) -> None:
    """Self-attention of so many vectors: each has a query, a key and a value, and each query meets each key."""
    xs = row.facts.inputs
    parts = _projections(row)
    if not parts or len(xs) > 1:
        raise Fault(
            "nothing-inside",
            f'"{row.name}" has several inputs or no weights: only self-attention is drawn position by position',
            help=f"--inside {row.name} without --unroll draws it as a whole",
        )
    made: dict[tuple[str, int], int] = {}
    for at in range(1, count + 1):
        source = diagram.box("input", f"x[{at}]", f"x[{at}]", type="input", shape=xs[0][2:]).id
        for (label, params), name in zip(parts, NAMES, strict=True):
            shape = _port(row, name, 0, xs)[1:]
            box = diagram.box(
                "matrix", label, f"{name[0]}[{at}] = {label}", shape=shape, params=params if at == 1 else None
            )
            diagram.edge(source, box.id)
            made[name, at] = _ready(diagram, row, name, box.id, shape, at == 1)
    read = next(iter(row.layer.attended(*xs)))
    far = read.window if type(read.window) is int else count
    sinks = _sinks(row)
    sink = diagram.box("weight", "sinks", "sinks", shape=sinks, params=prod(sinks)).id if sinks is not None else None
    ends = []
    for at in range(1, count + 1):
        reads = [other for other in range(1, at + 1 if read.causal else count + 1) if abs(at - other) < far]
        weights = diagram.box("operation", f"a[{at}]", f"a[{at}] = softmax", shape=(len(reads),))
        diagram.edge(made["query", at], weights.id)
        for other in reads:
            diagram.edge(made["key", other], weights.id)
        if sink is not None:
            diagram.edge(sink, weights.id)
        mixed = diagram.box("operation", f"y[{at}]", f"y[{at}] = weighted sum", shape=_mixed(row, xs)[1:])
        diagram.edge(weights.id, mixed.id)
        for other in reads:
            diagram.edge(made["value", other], mixed.id)
        ends.append(mixed.id)
    if (out := _output(row)) is not None:
        for at, end in enumerate(ends, 1):
            box = diagram.box(
                "matrix",
                out[0],
                f"output[{at}] = {out[0]}",
                shape=row.facts.shape[2:],
                params=out[1] if at == 1 else None,
            )
            diagram.edge(end, box.id)
    diagram.notes.append("the weights are the same at every position")
    diagram.total = row.params


def slots(diagram: Diagram, row: Row) -> None:
    """One step of an AttentionRNN: every slot has a query, a key and a value of its own."""
    layer = row.layer
    assert isinstance(layer, AttentionRNN)
    size = row.facts.inputs[0][2]
    if not layer.every and type(layer.k) is not int:
        raise Fault(
            "nothing-inside",
            f'the slots of "{row.name}" cannot be drawn: {layer.k} has no value',
            help=f"--set {layer.k}=2 gives it one",
        )
    lags = range(2) if layer.every else range(layer.k + 1)
    sources, scores, values = [], [], []
    for slot, lag in enumerate(lags):
        label = "x[t]" if not lag else "h[s], s < t" if layer.every else f"h[t-{lag}]"
        source = diagram.box("value" if lag else "input", label, label, shape=(size,)).id
        sources.append(source)
        found = []
        for letter in "QKV":
            name = f"{letter}_{slot}"
            box = diagram.box("matrix", name, name, shape=(size,), params=size * size)
            diagram.edge(source, box.id)
            found.append(box.id)
        score = diagram.box("operation", f"w_{slot}", f"w_{slot} = dot product", shape=())
        diagram.edge(found[0], score.id)
        diagram.edge(found[1], score.id)
        scores.append(score.id)
        values.append(found[2])
    count = row.facts.ports["attention"][-1] if layer.every else len(lags)
    weights = diagram.box("operation", "a[t]", "a[t] = softmax", shape=(count,))
    for score_id in scores:
        diagram.edge(score_id, weights.id)
    state = diagram.box("operation", "h[t]", "h[t] = weighted sum", shape=(size,))
    diagram.edge(weights.id, state.id)
    for value in values:
        diagram.edge(value, state.id)
    for source, lag in zip(sources, lags, strict=True):
        if lag:
            diagram.edge(state.id, source, delay=lag)
    diagram.output = state.id
    diagram.total = row.params
    if layer.every:
        diagram.notes.append("every state before is a slot of its own; they share Q_1, K_1 and V_1")
