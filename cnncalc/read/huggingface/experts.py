"""Families of decoders whose feed-forward net is some of many experts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.read.huggingface.decoders import ALL, FEW, MOST, classes
from cnncalc.read.huggingface.family import DIVIDES, EACH, GROUPED, HEADS_DIVIDE, LM, NONE, SHARED, SHARING, Family
from cnncalc.read.huggingface.spans import Spans

if TYPE_CHECKING:
    from cnncalc.read.huggingface.config import Config

# Of attention that is not latent.
LATENT = ("num_key_value_heads", "head_dim", "use_qk_norm", "partial_rotary_factor")
EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts")


def chosen(config: Config) -> dict[str, object]:
    """Refuse more experts for a token than there are."""
    have = next(key for key in EXPERTS if key in config.spec_let)
    most, wanted = config.value(have), config.value("num_experts_per_tok")
    if wanted is None:
        config.problem("config-value", "", "num_experts_per_tok is not given, and the family has no usual value")
    elif wanted > most:
        message = f"num_experts_per_tok = {wanted}, but there are only {have} = {most} experts"
        config.problem("config-contradicts", "num_experts_per_tok", message)
    return {}


def _some_experts(config: Config) -> dict[str, object]:
    """dots.llm1 has no usual number of experts."""
    for key in ("n_routed_experts", "n_shared_experts", "num_experts_per_tok"):
        if config.value(key) is None:
            config.problem("config-value", key, f"{key} is not given, and the family has no usual value")
    return {} if config.problems else chosen(config)


def _kinds(config: Config) -> dict[str, object]:
    """Of each of Llama 4's layers: what it reads, whether it turns, whether it has experts."""
    layers, chunk = config.value("num_hidden_layers"), config.values.get("attention_chunk_size", 8192)
    every = config.values.get("no_rope_layer_interval", 4)
    step = config.values.get("interleave_moe_layer_step", 1)
    sparse = config.values.get("moe_layers")
    for key, number in (("no_rope_layer_interval", every), ("interleave_moe_layer_step", step)):
        if type(number) is not int or number < 1:
            config.problem("config-value", key, f"{key} must be a whole number above 0")
            return {}
    turns = config.values.get("no_rope_layers") or [at % every != every - 1 for at in range(layers)]
    kinds = config.values.get("layer_types")
    kinds = ["chunked_attention" if turn else "full_attention" for turn in turns] if kinds is None else kinds
    sparse = range(step - 1, layers, step) if sparse is None else sparse
    for key, found in (("no_rope_layers", turns), ("layer_types", kinds)):
        if not isinstance(found, list) or len(found) < layers:
            config.problem("config-contradicts", key, f"{key} must say something of each of {layers} layers")
            return {}
    if not isinstance(sparse, (list, range)):
        config.problem("config-value", "moe_layers", "moe_layers must be a list of layers")
        return {}
    spans = [chunk if kind == "chunked_attention" else None for kind in kinds]
    many = [at in sparse for at in range(layers)]
    return {**chosen(config), "spans": spans, "turns": list(map(bool, turns)), "sparse": many}


def _kinds_and_eyes(config: Config) -> dict[str, object]:
    """Llama 4 with its eyes: what follows the encoder takes what it gives."""
    wide = config.value("pooled") ** 2 * config.value("vision_hidden_size")
    between, out = config.value("vision_projector_input_dim"), config.value("vision_projector_output_dim")
    wanted = {"intermediate_size": wide, "projector_output_dim": between, "vision_output_dim": out}
    for key, size in wanted.items():
        if config.value(f"vision_{key}") != size:
            message = f"{key} is {config.value(f'vision_{key}')}, but {size} features come in"
            config.problem("config-contradicts", f"vision_{key}", message)
    if config.problems:
        return {}
    tied = (config.values.get("text_config") or {}).get("tie_word_embeddings") is True
    return {**_kinds(config), "tie_word_embeddings": tied}


LOCAL = {"num_experts": "num_local_experts"}
# What nearly all of them have in common.
MIXTURE = Family({}, divides=SHARED, derive=chosen)
FAMILIES = {
    "llama4_text": MIXTURE._replace(
        classes={"Llama4TextModel": NONE, "Llama4ForCausalLM": LM}, nulls=GROUPED, derive=_kinds
    ),
    "llama4": Family(
        {"Llama4ForConditionalGeneration": LM},
        nulls=GROUPED,
        nested={"text_config": "", "vision_config": "vision_"},
        divides=(*SHARED, ("vision_hidden_size", "vision_num_attention_heads")),
        derive=_kinds_and_eyes,
        remark=lambda config: "how the queries and keys of the image's encoder turn is left out of the arithmetic",
    ),
    "mixtral": MIXTURE._replace(
        classes=classes("Mixtral", ALL),
        aliases=LOCAL,
        nulls=EACH,
        ignores=("attention_bias",),
        spans=Spans(typed=False),
    ),
    "qwen2_moe": MIXTURE._replace(
        classes=classes("Qwen2Moe", ALL),
        reads=("qkv_bias",),
        nulls=GROUPED,
        spans=Spans(4096, 2, switch=True, early=True),
    ),
    "qwen3_moe": MIXTURE._replace(
        classes=classes("Qwen3Moe", ALL), aliases=LOCAL, nulls=GROUPED, spans=Spans(4096, switch=True, typed=False)
    ),
    "deepseek_v2": MIXTURE._replace(
        classes=classes("DeepseekV2"), divides=DIVIDES, nulls={"q_lora_rank": "None"}, ignores=LATENT
    ),
    "deepseek_v3": MIXTURE._replace(
        classes=classes("DeepseekV3", MOST), nulls={"q_lora_rank": "None"}, ignores=("mlp_bias", *LATENT), divides=()
    ),
    "olmoe": MIXTURE._replace(classes=classes("Olmoe", FEW), aliases=LOCAL, nulls=SHARING, divides=HEADS_DIVIDE),
    "granitemoe": MIXTURE._replace(classes=classes("GraniteMoe", FEW), nulls=GROUPED),
    "granitemoeshared": MIXTURE._replace(
        classes=classes("GraniteMoeShared", FEW), nulls=GROUPED, reads=("shared_intermediate_size",)
    ),
    "glm4_moe": MIXTURE._replace(classes=classes("Glm4Moe", FEW), ignores=("mlp_bias",)),
    "dots1": MIXTURE._replace(
        classes=classes("Dots1", FEW), nulls=GROUPED, ignores=("mlp_bias", "use_qk_norm"), derive=_some_experts
    ),
    "phimoe": MIXTURE._replace(
        classes=classes("Phimoe"),
        ignores=("head_dim",),
        reads=("lm_head_bias",),
        divides=HEADS_DIVIDE,
        spans=Spans(typed=False),
    ),
    "gpt_oss": MIXTURE._replace(classes=classes("GptOss", MOST), aliases=LOCAL, spans=Spans(128, 2)),
    "jamba": MIXTURE._replace(
        classes=classes("Jamba"), nulls={"mamba_dt_rank": "ceil(hidden_size / 16)"}, divides=HEADS_DIVIDE
    ),
}
