"""Families whose state goes from step to step through scans of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.read.huggingface.decoders import FEW, classes
from cnncalc.read.huggingface.family import DIVIDES, HEADS_DIVIDE, SHARED, SHARING, Family

if TYPE_CHECKING:
    from cnncalc.read.huggingface.config import Config


def _left_out(config: Config) -> str:
    return "the scan over time is left out of the arithmetic; its parameters count"


def _heads(config: Config) -> dict[str, object]:
    wide, heads, each = (
        config.value("hidden_size") * config.value("expand"),
        *map(config.value, ("num_heads", "head_dim")),
    )
    if wide != heads * each:
        message = f"hidden_size * expand = {wide} is not num_heads * head_dim = {heads} * {each}"
        config.problem("config-contradicts", "num_heads", message)
    return {}


def _blocks(config: Config) -> dict[str, object]:
    """The window of each layer, and 0 for a recurrent one, as transformers repeats `block_types`."""
    kinds = config.values.get("block_types", ["recurrent", "recurrent", "attention"])
    layers = config.value("num_hidden_layers")
    if not isinstance(kinds, list) or not all(kind in ("recurrent", "attention") for kind in kinds):
        config.problem("config-value", "block_types", "block_types must be a list of recurrent and attention")
        return {}
    if layers > 100 * len(kinds):
        message = f"block_types is repeated 100 times, and there are {layers} layers"
        config.problem("config-contradicts", "block_types", message)
        return {}
    window = config.value("attention_window_size")
    return {"spans": [0 if kinds[layer % len(kinds)] == "recurrent" else window for layer in range(layers)]}


def _attends(config: Config) -> dict[str, object]:
    """Which layers attend: `attn_layer_indices`."""
    _share(config, config.value("hidden_size") * config.value("mamba_expand"), "mamba_expand * hidden_size")
    listed = config.values.get("attn_layer_indices") or []
    layers = config.value("num_hidden_layers")
    if not isinstance(listed, list) or not all(type(at) is int and 0 <= at < layers for at in listed):
        message = f"attn_layer_indices must be a list of layers, from 0 to {layers - 1}"
        config.problem("config-value", "attn_layer_indices", message)
        return {}
    return {"attends": [at in listed for at in range(layers)], "num_experts": 1}


def _share(config: Config, wide: int, named: str) -> None:
    """Refuse a width that is not that of the scan's heads."""
    heads, each = config.value("mamba_n_heads"), config.values.get("mamba_d_head", "auto")
    if wide % heads or each not in ("auto", None, wide // heads):
        message = f"{named} = {wide} is not mamba_n_heads * mamba_d_head = {heads} * {each}"
        config.problem("config-contradicts", "mamba_n_heads", message)


def _side_by_side(config: Config) -> dict[str, object]:
    wide = config.value("mamba_d_ssm")
    if wide is None:
        wide = config.value("hidden_size") * config.value("mamba_expand")
    _share(config, wide, "mamba_d_ssm")
    return {"attends": [True] * config.value("num_hidden_layers"), "num_experts": 1, "inner": wide}


def _multipliers(config: Config) -> str:
    return "its multipliers, which have no parameters, are left out of the arithmetic"


FAMILIES = {
    "bamba": Family(
        classes("Bamba", FEW),
        nulls=SHARING,
        ignores=("num_experts", "mamba_dt_rank", "mamba_rms_norm", "projectors_bias", "head_dim"),
        divides=(*HEADS_DIVIDE, ("mamba_n_heads", "mamba_n_groups")),
        derive=_attends,
    ),
    "falcon_h1": Family(
        classes("FalconH1", FEW),
        nulls={**SHARING, "mamba_d_ssm": "mamba_expand * hidden_size"},
        ignores=("num_experts", "mamba_dt_rank", "partial_rotary_factor"),
        divides=(*SHARED, ("mamba_n_heads", "mamba_n_groups")),
        derive=_side_by_side,
        remark=_multipliers,
    ),
    "mamba2": Family(classes("Mamba2", FEW), divides=(("num_heads", "n_groups"),), derive=_heads),
    "rwkv": Family(
        classes("Rwkv", FEW),
        aliases={"max_position_embeddings": "context_length"},
        nulls={"attention_hidden_size": "hidden_size", "intermediate_size": "4 * hidden_size"},
    ),
    "recurrent_gemma": Family(
        classes("RecurrentGemma", FEW),
        aliases={"sliding_window": "attention_window_size", "logits_soft_cap": "last_cap"},
        nulls={**SHARING, "lru_width": "hidden_size"},
        ignores=("mlp_bias", "head_dim"),
        divides=(*DIVIDES, ("lru_width", "num_attention_heads"), *SHARED),
        derive=_blocks,
        remark=_left_out,
    ),
}
