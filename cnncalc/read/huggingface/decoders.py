"""Families of decoders: a text is read from the front, and the next token is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.read.huggingface.family import (
    ALONE_ONLY,
    DIVIDES,
    EACH,
    GROUPED,
    HEADS_DIVIDE,
    LM,
    NONE,
    QUESTION,
    SEQUENCE,
    SHARED,
    SHARING,
    TOKEN,
    Family,
    Head,
)
from cnncalc.read.huggingface.spans import Spans

if TYPE_CHECKING:
    from cnncalc.read.huggingface.config import Config

HEADS = {
    "Model": NONE,
    "ForCausalLM": LM,
    "LMHeadModel": LM,
    "ForSequenceClassification": SEQUENCE,
    "ForTokenClassification": TOKEN,
    "ForQuestionAnswering": QUESTION,
}


def classes(prefix: str, words: str = "Model ForCausalLM ForSequenceClassification") -> dict[str, Head]:
    """The classes of a family, the bare one first."""
    return {prefix + word: HEADS[word] for word in words.split()}


ALL = "Model ForCausalLM ForSequenceClassification ForTokenClassification ForQuestionAnswering"
MOST = "Model ForCausalLM ForSequenceClassification ForTokenClassification"
FEW = "Model ForCausalLM"
HEADED = "Model LMHeadModel ForSequenceClassification"
# Switches of the spec that configs of a family do not have: transformers does not read them there.
BIASES = ("attention_bias", "mlp_bias")
OPT_ONLY = ("word_embed_proj_dim", "enable_bias", "do_layer_norm_before", "layer_norm_elementwise_affine")
# GPT-2's names of sizes, and those that others have for them.
GPT_NAMES = {
    "hidden_size": "n_embd",
    "max_position_embeddings": "n_positions",
    "num_attention_heads": "n_head",
    "num_hidden_layers": "n_layer",
}
# Qwen: windows only where they are switched on, in the upper layers.
LATE = Spans(4096, switch=True, late=True)


def _grouped(config: Config) -> dict[str, object]:
    """Refuse a config without `num_key_value_heads`: the family has no usual value."""
    if config.values.get("num_key_value_heads") is None:
        message = "num_key_value_heads is not given, and the family has no usual value"
        config.problem("config-value", "num_key_value_heads", message)
    return {}


def _local(config: Config) -> dict[str, object]:
    """The windows of GPT-Neo's layers: `attention_types` has kinds of layers, and how often these follow each other."""
    types = config.values.get("attention_types")
    types = [[["global", "local"], 12]] if types is None else types
    try:
        kinds = [kind for names, times in types for _ in range(min(times, 10**4)) for kind in names]
    except (TypeError, ValueError):
        kinds = []
    if not kinds or any(kind not in ("global", "local") for kind in kinds):
        message = 'attention_types must be like [[["global", "local"], 12]]'
        config.problem("config-value", "attention_types", message)
        return {}
    if len(kinds) != config.value("num_layers"):
        message = f"attention_types has {len(kinds)} layers, but num_layers is {config.value('num_layers')}"
        config.problem("config-contradicts", "attention_types", message)
        return {}
    return {"spans": [config.value("window_size") if kind == "local" else None for kind in kinds]}


def _all_heads(config: Config) -> dict[str, object]:
    """Refuse heads that do not make up the hidden size: Helium's last matrix takes that."""
    hidden, wide = config.value("hidden_size"), config.value("num_attention_heads") * config.value("head_dim")
    if hidden != wide:
        message = f"num_attention_heads times head_dim is {wide}, and hidden_size is {hidden}"
        config.problem("config-contradicts", "head_dim" if config.place("head_dim") else "hidden_size", message)
    return {}


def _gelu(config: Config) -> dict[str, object]:
    """GPT's function: what it calls gelu is an approximation."""
    named = config.value("afn")
    return {"activation_function": "gelu_new" if named == "gelu" else named}


# What families have in common that differ in little else.
GPT = Family({}, aliases=GPT_NAMES, divides=(("n_embd", "n_head"),))
MAMBA = Family({}, aliases={"intermediate_size": "inner"}, nulls={"time_step_rank": "ceil(hidden_size / 16)"})
FAMILIES = {
    "gpt2": GPT._replace(
        classes=classes("GPT2", f"{HEADED} ForTokenClassification ForQuestionAnswering"), only=ALONE_ONLY
    ),
    "llama": Family(classes("Llama", ALL), nulls=GROUPED, divides=HEADS_DIVIDE),
    "mistral": Family(
        classes("Mistral", ALL), nulls=EACH, ignores=BIASES, divides=SHARED, spans=Spans(4096, typed=False)
    ),
    "qwen2": Family(classes("Qwen2", ALL), nulls=GROUPED, ignores=BIASES, divides=SHARED, spans=LATE),
    "qwen3": Family(classes("Qwen3", ALL), nulls=SHARING, ignores=("mlp_bias",), divides=SHARED, spans=LATE),
    "gemma": Family(classes("Gemma", MOST), ignores=("mlp_bias",), divides=SHARED),
    "gemma2": Family(
        classes("Gemma2", MOST),
        aliases={"attn_logit_softcapping": "cap", "final_logit_softcapping": "last_cap"},
        nulls={"cap": "None", "last_cap": "None"},
        ignores=("mlp_bias",),
        divides=HEADS_DIVIDE,
        spans=Spans(4096, 2),
    ),
    "gemma3_text": Family(
        {"Gemma3TextModel": NONE, "Gemma3ForCausalLM": LM, "Gemma3TextForSequenceClassification": SEQUENCE},
        ignores=("mlp_bias",),
        divides=HEADS_DIVIDE,
        spans=Spans(4096, 6),
    ),
    "phi": Family(classes("Phi", MOST), nulls=GROUPED, divides=HEADS_DIVIDE),
    "phi3": Family(
        classes("Phi3", MOST), nulls=GROUPED, ignores=BIASES, divides=HEADS_DIVIDE, spans=Spans(typed=False)
    ),
    "olmo": Family(classes("Olmo"), nulls=GROUPED, ignores=("mlp_bias", "rms_norm_eps"), divides=SHARED),
    "granite": Family(classes("Granite", FEW), nulls=GROUPED, divides=HEADS_DIVIDE),
    "olmo2": Family(classes("Olmo2"), nulls=GROUPED, ignores=("mlp_bias",), divides=HEADS_DIVIDE),
    "olmo3": Family(classes("Olmo3"), nulls=GROUPED, ignores=("mlp_bias",), divides=HEADS_DIVIDE, spans=Spans(4096, 4)),
    "smollm3": Family(classes("SmolLM3", ALL), nulls=GROUPED, divides=SHARED, spans=Spans(switch=True, unrotated=True)),
    "starcoder2": Family(classes("Starcoder2", MOST), nulls=EACH, divides=SHARED, spans=Spans(typed=False)),
    "opt": Family(
        classes("OPT", "Model ForCausalLM ForSequenceClassification ForQuestionAnswering"),
        nulls={"word_embed_proj_dim": "hidden_size"},
        ignores=("scale_embedding",),
        divides=DIVIDES,
    ),
    "bloom": Family(
        classes("Bloom", ALL),
        aliases={"num_hidden_layers": "n_layer", "num_attention_heads": "n_head", "n_embed": "hidden_size"},
        divides=(("hidden_size", "n_head"),),
    ),
    "falcon": Family(classes("Falcon", ALL), aliases={"n_embed": "hidden_size"}, divides=DIVIDES),
    "gpt_neox": Family(
        classes("GPTNeoX", ALL),
        aliases={"rotary_pct": "partial_rotary_factor", "rotary_emb_base": "rope_theta"},
        divides=DIVIDES,
    ),
    "mamba": MAMBA._replace(classes=classes("Mamba", FEW)),
    "falcon_mamba": MAMBA._replace(classes=classes("FalconMamba", FEW)),
    "gptj": GPT._replace(
        classes=classes("GPTJ", "Model ForCausalLM ForSequenceClassification ForQuestionAnswering"),
        nulls={"n_inner": "4 * n_embd"},
    ),
    "codegen": GPT._replace(classes=classes("CodeGen", FEW), nulls={"n_inner": "4 * n_embd"}),
    "gpt_bigcode": GPT._replace(
        classes=classes("GPTBigCode", MOST),
        aliases={**GPT_NAMES, "multi_query": "one_kv_head"},
        nulls={"n_inner": "4 * n_embd"},
        only=ALONE_ONLY,
    ),
    "gpt_neo": Family(
        classes("GPTNeo", ALL),
        aliases={"num_attention_heads": "num_heads", "num_hidden_layers": "num_layers"},
        nulls={"intermediate_size": "4 * hidden_size"},
        divides=(("hidden_size", "num_heads"),),
        derive=_local,
    ),
    "mpt": Family(
        classes("Mpt", ALL),
        aliases={"num_attention_heads": "n_heads", "hidden_size": "d_model", "num_hidden_layers": "n_layers"},
        divides=(("d_model", "n_heads"),),
    ),
    "arcee": Family(
        classes("Arcee", ALL), aliases={"rms_norm_eps": "layer_norm_eps"}, nulls=GROUPED, divides=HEADS_DIVIDE
    ),
    "ministral": Family(classes("Ministral", ALL), nulls=GROUPED, ignores=BIASES, divides=SHARED, spans=Spans(4096)),
    "stablelm": Family(
        classes("StableLm", MOST),
        ignores=(*BIASES, "head_dim"),
        aliases={"use_qkv_bias": "qkv_bias", "use_parallel_residual": "parallel", "qk_layernorm": "head_norms"},
        divides=HEADS_DIVIDE,
    ),
    "cohere": Family(
        classes("Cohere", FEW),
        nulls=GROUPED,
        ignores=("mlp_bias",),
        aliases={"use_qk_norm": "head_norms"},
        divides=HEADS_DIVIDE,
    ),
    "cohere2": Family(
        classes("Cohere2", FEW), nulls=GROUPED, ignores=("mlp_bias",), divides=SHARED, spans=Spans(4096, 4)
    ),
    "nemotron": Family(
        classes("Nemotron", ALL),
        nulls=EACH,
        aliases={"norm_eps": "layer_norm_eps"},
        divides=HEADS_DIVIDE,
        derive=_grouped,
    ),
    "seed_oss": Family(
        classes("SeedOss", ALL),
        aliases={"attention_out_bias": "output_bias"},
        reads=("residual_dropout",),
        nulls=GROUPED,
        divides=SHARED,
    ),
    "glm": Family(classes("Glm", MOST), ignores=("mlp_bias",), divides=SHARED),
    "glm4": Family(classes("Glm4", MOST), ignores=("mlp_bias",), divides=SHARED),
    "ernie4_5": Family(
        classes("Ernie4_5", FEW),
        aliases={"use_bias": "attention_bias"},
        nulls=GROUPED,
        ignores=("mlp_bias",),
        divides=SHARED,
    ),
    "helium": Family(classes("Helium", MOST), divides=SHARED, derive=_all_heads),
    "ministral3": Family(classes("Ministral3", ALL), ignores=BIASES, divides=SHARED, spans=Spans(typed=False)),
    "biogpt": Family(
        classes("BioGpt", MOST),
        aliases={
            "intermediate_size": "ffn_dim",
            "hidden_act": "activation_function",
            "hidden_dropout_prob": "dropout",
            "attention_probs_dropout_prob": "attention_dropout",
        },
        ignores=OPT_ONLY,
        divides=DIVIDES,
    ),
    "apertus": Family(
        classes("Apertus", "Model ForCausalLM ForTokenClassification"),
        nulls=GROUPED,
        ignores=("mlp_bias",),
        divides=HEADS_DIVIDE,
    ),
    "persimmon": Family(
        classes("Persimmon", MOST), ignores=("attention_bias", "use_parallel_residual"), divides=DIVIDES
    ),
    "xglm": Family(
        classes("XGLM", FEW),
        aliases={"d_model": "hidden_size", "num_layers": "num_hidden_layers", "attention_heads": "num_attention_heads"},
        only=ALONE_ONLY,
        ignores=(*OPT_ONLY, "_remove_final_layer_norm"),
        divides=DIVIDES,
    ),
    "ctrl": GPT._replace(classes=classes("CTRL", HEADED)),
    "openai-gpt": GPT._replace(
        classes=classes("OpenAIGPT", HEADED), ignores=("n_inner", "activation_function"), reads=("afn",), derive=_gelu
    ),
    "exaone4": Family(classes("Exaone4", ALL), nulls=EACH, ignores=BIASES, divides=HEADS_DIVIDE, spans=Spans(4096, 4)),
}
