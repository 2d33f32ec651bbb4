"""PyTorch's recorded answers for linear, recurrent, attention, norm and activation layers, in the form of our rules.

A recorded call has a batch of its own (`batch`, None for an unbatched call, which becomes a batch of 1). `translate`
gives the layer's name, its options, the shapes of its inputs, or the reason why a case says nothing here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.core.layer import Layer
from cnncalc.core.number import prod
from cnncalc.core.problem import Fault
from cnncalc.layers import find

FAMILIES = [
    "linear",
    "bilinear",
    "embedding",
    "embeddingbag",
    "rnn",
    "lstm",
    "gru",
    "rnncell",
    "mha",
    "sdpa",
    "encoderlayer",
    "decoderlayer",
    "batchnorm",
    "instancenorm",
    "groupnorm",
    "layernorm",
    "rmsnorm",
    "localresponsenorm",
    "activation",
]


class Call(NamedTuple):
    """A recorded call in our terms."""

    layer: str
    options: dict[str, Any]
    inputs: list[tuple[int, ...]]


class Skip(Exception):
    """Why a recorded case says nothing about a rule."""


def translate(case: dict[str, Any]) -> Call:
    """The call in our terms; raises `Skip` for what a rule for one sample cannot see."""
    if case.get("inconsistent"):
        raise Skip("inconsistent")
    if case.get("data_dependent"):
        raise Skip("depends on the data")
    family, batch = case["family"], case["batch"]
    options, extra = dict(case["kwargs"]), dict(case.get("call") or {})
    n = 1 if batch is None else batch
    inputs = [(n, *given["shape"]) for given in case["inputs"]]
    if family == "sdpa":  # recorded with the batch among the axes
        inputs = [tuple(given["shape"]) for given in case["inputs"]]
        if min(len(x) for x in inputs) < 3:
            inputs = [(1, *x) for x in inputs]
        mask = extra.pop("attn_mask", None)
        if mask is not None:
            rank = len(inputs[0])
            inputs.append((1,) * (rank - len(mask["shape"])) + tuple(mask["shape"]))
        return Call("ScaledDotProductAttention", options, inputs)
    if family in ("rnn", "lstm", "gru") and batch is None and case["ok"] and len(inputs[0]) == 4:
        raise Skip("recorded as unbatched, but its first axis is the batch")
    if case["layer"] == "Softmax2d" and len(inputs[0]) == 3:
        raise Skip("its first axis is the channels")
    if family in ("rnn", "lstm", "gru", "rnncell"):
        inputs += states(case, extra.pop("hx", None), n, options)
    elif family == "embeddingbag":
        options.update({"offsets": extra.pop("offsets")} if "offsets" in extra else {})
        if extra.pop("per_sample_weights", None):
            inputs.append(inputs[0])
        if batch is None and "offsets" not in options:
            raise Skip("needs offsets only because it is unbatched")
    elif family == "mha":
        for name in ("need_weights", "average_attn_weights", "is_causal"):
            if name in extra:
                options[name] = extra.pop(name)
        if options.get("is_causal") and not case["ok"] and "Need attn_mask" in case["message"]:
            raise Skip("is_causal needs no mask here")
        inputs += [
            of_one_sample(extra.pop(name), n, options["num_heads"], padding=name == "key_padding_mask")
            for name in ("attn_mask", "key_padding_mask")
            if extra.get(name) is not None
        ]
    elif family == "encoderlayer":
        inputs += [
            of_one_sample(extra.pop(name), n, options["nhead"], padding=name == "src_key_padding_mask")
            for name in ("src_mask", "src_key_padding_mask")
            if extra.get(name) is not None
        ]
    elif family == "decoderlayer":
        for name in ("tgt_mask", "memory_mask"):  # masks change neither shapes nor counts
            extra.pop(name, None)
    if any(value is not None for value in extra.values()):
        raise Skip(f"call with {', '.join(extra)}")
    return Call(case["layer"], options, inputs)


def states(case: dict[str, Any], hx: Any, n: int, options: dict[str, Any]) -> list[tuple[int, ...]]:
    """The states before the first step, which PyTorch keeps as [layers * directions, batch, features]."""
    if not hx:
        return []
    kind, hidden = case["layer"], options["hidden_size"]
    cells = 2 if kind.startswith("LSTM") else 1
    if case["family"] == "rnncell":
        return [(n, hidden)] * cells
    count = options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)
    if hx == "wrong" or (isinstance(hx, str) and "wrong" in hx):
        count += 1
    return [(n, count, options.get("proj_size") or hidden), (n, count, hidden)][:cells]


def of_one_sample(mask: dict[str, Any], n: int, heads: int, padding: bool) -> tuple[int, ...]:
    """A mask's shape with the batch in front: PyTorch has [L, S], [batch * heads, L, S], or [batch, S] for padding."""
    shape = mask["shape"]
    if padding:
        return tuple(shape) if len(shape) == 2 else (n, *shape)
    return (n, *shape) if len(shape) == 2 else (n, shape[0] // n, *shape[1:])


def disagreement(case: dict[str, Any]) -> str | None:
    """What our rules say differently from PyTorch, or None; raises `Skip`."""
    call = translate(case)
    kind = find(call.layer)
    if kind is None:
        return f"no layer {call.layer}"
    try:
        layer = kind(**call.options)
        xs = tuple(call.inputs)
        layer.accept(xs)
        y = layer.shape(*xs)
        found = answers(layer, xs, y)
    except Fault as fault:
        if fault.code == "batch-axis" and case["ok"]:
            raise Skip("acts on the batch, which a rule for one sample refuses") from None
        return f"refused: {fault.message}" if case["ok"] else None
    if not case["ok"]:
        if case["message"].startswith("Expected more than 1") and (case["mode"] == "train" or case["batch"] == 1):
            raise Skip("refused for this batch in training only")
        return f"accepted as {layer} with {xs}, but PyTorch refuses: {case['message']}"
    wanted = expected(case, call)
    n = xs[0][0]
    one = tuple((1, *x[1:]) for x in xs)
    if n * sum(layer.macs(layer.shape(*one), *one).values()) != found["macs"]:
        return f"{layer}: MACs of {n} samples are not {n} times those of one"
    bare = without_inferred(kind, call, layer, xs)
    if bare is not None and answers(bare, xs, bare.shape(*xs)) != found:
        return f"{bare} infers something else than {layer} was told"
    different = [f"{name}: {found[name]}, not {wanted[name]}" for name in wanted if found[name] != wanted[name]]
    return "; ".join(different) or None


def answers(layer: Layer, xs: tuple[tuple[int, ...], ...], y: tuple[int, ...]) -> dict[str, Any]:
    """What our rules say, for the recorded batch."""
    return {
        "output": list(y),
        "ports": [list(port[1:]) for port in layer.ports(*xs).values()],
        "params": {weight.name: list(weight.shape) for weight in layer.weights(*xs)},
        "n_params": sum(prod(weight.shape) for weight in layer.weights(*xs)),
        "buffers": {weight.name: list(weight.shape) for weight in layer.buffers(*xs)},
        "macs": sum(layer.macs(y, *xs).values()),
    }


def without_inferred(kind: type[Layer], call: Call, layer: Layer, xs: tuple[tuple[int, ...], ...]) -> Layer | None:
    """The layer with everything left out that the inputs determine; None where that is nothing."""
    inferred = {option for option, *_ in layer.inferences}
    kept = {name: value for name, value in call.options.items() if name not in inferred}
    return kind(**kept) if len(kept) < len(call.options) else None


def expected(case: dict[str, Any], call: Call) -> dict[str, Any]:
    """What PyTorch said, where it is recorded. MACs are those of the whole recorded batch."""
    n = call.inputs[0][0]
    output = case["output"]
    whole = case["family"] == "sdpa" and len(case["inputs"][0]["shape"]) > 2
    wanted: dict[str, Any] = {"output": output if whole else [n, *output]}
    if case["family"] not in ("sdpa",):
        ports = [without(port) for port in case["outputs"][1:]]
        if case["layer"] == "LSTMCell":
            ports.insert(0, case["output"])  # PyTorch returns (h, c); the output is h, and both are ports
        wanted["ports"] = ports
        wanted["params"] = case["params"]
        wanted["n_params"] = case["n_params"]
        wanted["buffers"] = case.get("buffers") or {}
    if case["macs"] is not None:
        wanted["macs"] = case["macs"]
    return wanted


def without(port: dict[str, Any]) -> list[int]:
    """A recorded output's shape without the batch axis."""
    shape, at = list(port["shape"]), port["batch_axis"]
    if at is not None:
        del shape[at]
    return shape
