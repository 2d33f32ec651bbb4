"""What options are called: in PyTorch, in Keras, on sheets; for the help of whoever wrote another word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnncalc.core.problem import Fault, did_you_mean
from cnncalc.core.texts import show

# (PyTorch's word, Keras' word); a word may have several counterparts, of which a layer has one.
PAIRS: tuple[tuple[str, str], ...] = (
    ("out_channels", "filters"),
    ("out_features", "units"),
    ("hidden_size", "units"),
    ("stride", "strides"),
    ("dilation", "dilation_rate"),
    ("bias", "use_bias"),
    ("kernel_size", "pool_size"),
    ("p", "rate"),
    ("dim", "axis"),
    ("eps", "epsilon"),
    ("num_embeddings", "input_dim"),
    ("embedding_dim", "output_dim"),
    ("num_groups", "groups"),
    ("keepdim", "keepdims"),
    ("scale_factor", "size"),
    ("shape", "target_shape"),
)

# Letters and short words of sheets for an option; the first of each list that a layer has is meant.
SHORT: dict[str, tuple[str, ...]] = {
    "s": ("stride", "strides"),
    "str": ("stride", "strides"),
    "k": ("kernel_size", "pool_size"),
    "ks": ("kernel_size", "pool_size"),
    "kernel": ("kernel_size", "pool_size"),
    "ksize": ("kernel_size", "pool_size"),
    "filter_size": ("kernel_size", "pool_size"),
    "window": ("kernel_size", "pool_size"),
    "pool": ("kernel_size", "pool_size"),
    "size": ("kernel_size", "pool_size", "num_embeddings"),
    "p": ("padding", "rate"),
    "pad": ("padding",),
    "d": ("dilation", "dilation_rate"),
    "dil": ("dilation", "dilation_rate"),
    "g": ("groups",),
    "f": ("out_channels", "filters", "kernel_size"),
    "c": ("in_channels",),
    "c_in": ("in_channels", "in_features"),
    "c_out": ("out_channels", "filters", "out_features"),
    "cin": ("in_channels", "in_features"),
    "cout": ("out_channels", "filters", "out_features"),
    "in": ("in_channels", "in_features", "input_size"),
    "inp": ("in_channels", "in_features", "input_size"),
    "input": ("in_channels", "in_features", "input_size"),
    "inputs": ("in_channels", "in_features", "input_size"),
    "out": ("out_channels", "filters", "out_features", "units", "hidden_size"),
    "output": ("out_channels", "filters", "out_features", "units", "hidden_size"),
    "outputs": ("out_channels", "filters", "out_features", "units", "hidden_size"),
    "n": ("out_channels", "filters", "out_features", "units", "hidden_size"),
    "channels": ("out_channels", "filters"),
    "kernels": ("out_channels", "filters"),
    "num_filters": ("out_channels", "filters"),
    "n_filters": ("out_channels", "filters"),
    "neurons": ("out_features", "units"),
    "nodes": ("out_features", "units"),
    "features": ("out_features", "units"),
    "hidden": ("hidden_size", "out_features", "units"),
    "hidden_units": ("hidden_size", "out_features", "units"),
    "h": ("hidden_size", "num_heads"),
    "heads": ("num_heads", "nhead"),
    "n_heads": ("num_heads", "nhead"),
    "nhead": ("num_heads",),
    "num_heads": ("nhead",),
    "d_model": ("embed_dim", "embedding_dim"),
    "dim": ("embed_dim", "embedding_dim"),
    "dmodel": ("embed_dim", "d_model", "embedding_dim"),
    "d_k": ("head_dim", "key_dim"),
    "dk": ("head_dim", "key_dim"),
    "d_v": ("value_dim",),
    "dv": ("value_dim",),
    "d_ff": ("dim_feedforward",),
    "dff": ("dim_feedforward",),
    "ffn_dim": ("dim_feedforward",),
    "vocab": ("num_embeddings", "input_dim"),
    "vocab_size": ("num_embeddings", "input_dim"),
    "layers": ("num_layers",),
    "n_layers": ("num_layers",),
    "rate": ("p",),
    "prob": ("p", "rate"),
    "use_bias": ("bias",),
}


def short_word(name: str, known: list[str]) -> str:
    """The option that a short word stands for, of those that a layer has; empty where it is none."""
    return next((option for option in SHORT.get(name.lower(), ()) if option in known), "")


def meant(kind: Any, fault: Fault, args: Sequence[object], kwargs: Mapping[str, object]) -> tuple[str, ...]:
    """Help for a call that a layer refused: a size that the input gives was left out, a word for another option."""
    if fault.code == "missing-option" and args:
        return _without_inferred(kind, args, kwargs)
    if fault.code != "option-value":
        return ()
    names = [name for name, option in kind.options.items() if not option.keyword_only]
    value = {**dict(zip(names, args, strict=False)), **kwargs}.get(str(fault.option))
    if not isinstance(value, str):
        return ()
    if fault.option == "value" and kind.inputs[1] is None:  # `- add: conv1`
        return (f"write - {kind.type().lower()}: [{value}, ...] with the names of both",)
    other = next((name for name, option in kind.options.items() if value.lower() in option.words), None)
    return (f"write {other}={value}",) if other else ()


def _without_inferred(kind: Any, args: Sequence[object], kwargs: Mapping[str, object]) -> tuple[str, ...]:
    """The call by names, where the positions leave out the size that the input gives: `Linear(10)`."""
    first, *names = (name for name, option in kind.options.items() if not option.keyword_only)
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    needed = {name for name, option in kind.options.items() if option.required}
    clear = len(given) == len(args) + len(kwargs) and needed <= given.keys() <= kind.options.keys() - {first}
    if not kind.options[first].inferred or not clear:
        return ()
    written = ", ".join(f"{kind.options[name].name}={show(value)}" for name, value in given.items())
    return (f"by position {first} comes first, as in PyTorch; without it write {kind.type()}({written})",)


def hint(name: str, known: list[str], whose: str, other: str) -> str:
    """Help for an option that a layer has not: the word of the other library, a short one, a misspelt one."""
    if other:
        return f"{name} is {whose}; here it is {other}"
    near = short_word(name, known) or did_you_mean(name, known)
    return f"did you mean {near}?" if near else (f"its options are {', '.join(known)}" if known else "")


def other_word(name: str, known: list[str], *, keras: bool) -> tuple[str, str]:
    """Whose word `name` is and what the layer calls it, of its `known` options; ("", "") where nothing fits."""
    for pytorch, theirs in PAIRS:
        mine, other = (theirs, pytorch) if keras else (pytorch, theirs)
        if name == other and mine in known:
            return ("PyTorch's word" if keras else "Keras' word"), mine
    return "", ""
