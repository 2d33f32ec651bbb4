"""Families of decoders: a text is read from the front, and the next token is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.read.huggingface.family import Family, Head
from cnncalc.read.huggingface.spans import Spans

if TYPE_CHECKING:
    from cnncalc.read.huggingface.config import Config

NONE, LM, SEQUENCE, TOKEN = Head("none"), Head("lm"), Head("sequence"), Head("token")
QUESTION = Head("question", ("start_logits", "end_logits"))
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
EACH = {"head_dim": "hidden_size // num_attention_heads"}
SHARING = {"num_key_value_heads": "num_attention_heads"}
GROUPED = {"num_key_value_heads": "num_attention_heads", "head_dim": "hidden_size // num_attention_heads"}

SHARED = (("num_attention_heads", "num_key_value_heads"),)
HEADS_DIVIDE = (("hidden_size", "num_attention_heads"), *SHARED)
# Switches of the spec that configs of a family do not have: transformers does not read them there.
BIASES = ("attention_bias", "mlp_bias")
# GPT-2's names of sizes, and those that others have for them.
GPT_NAMES = {
    "hidden_size": "n_embd",
    "max_position_embeddings": "n_positions",
    "num_attention_heads": "n_head",
    "num_hidden_layers": "n_layer",
}
# Qwen: windows only where they are switched on, in the upper layers.
LATE = Spans(4096, switch=True, late=True)


def _grouped(config: Config) -> dict[str, Any]:
    """Refuse a config without `num_key_value_heads`: the family has no usual value."""
    if config.values.get("num_key_value_heads") is None:
        message = "num_key_value_heads is not given, and the family has no usual value"
        config.problem("config-value", "num_key_value_heads", message)
    return {}


FAMILIES = {
    "gpt2": Family(
        "gpt2",
        classes("GPT2", "Model LMHeadModel ForSequenceClassification ForTokenClassification ForQuestionAnswering"),
        aliases=GPT_NAMES,
        only={"add_cross_attention": (False, None)},
        divides=(("n_embd", "n_head"),),
    ),
    "llama": Family("llama", classes("Llama", ALL), nulls=GROUPED, divides=HEADS_DIVIDE),
    "mistral": Family(
        "mistral", classes("Mistral", ALL), nulls=EACH, ignores=BIASES, divides=SHARED, spans=Spans(4096, typed=False)
    ),
    "qwen2": Family("qwen2", classes("Qwen2", ALL), nulls=GROUPED, ignores=BIASES, divides=SHARED, spans=LATE),
    "qwen3": Family("qwen3", classes("Qwen3", ALL), nulls=SHARING, ignores=("mlp_bias",), divides=SHARED, spans=LATE),
    "gemma": Family("gemma", classes("Gemma", MOST), ignores=("mlp_bias",), divides=SHARED),
    "gemma2": Family(
        "gemma2",
        classes("Gemma2", MOST),
        aliases={"attn_logit_softcapping": "cap", "final_logit_softcapping": "last_cap"},
        reads=("cap", "last_cap"),
        nulls={"cap": "None", "last_cap": "None"},
        ignores=("mlp_bias",),
        divides=HEADS_DIVIDE,
        spans=Spans(4096, 2),
    ),
    "gemma3_text": Family(
        "gemma3_text",
        {"Gemma3TextModel": NONE, "Gemma3ForCausalLM": LM, "Gemma3TextForSequenceClassification": SEQUENCE},
        ignores=("mlp_bias",),
        divides=HEADS_DIVIDE,
        spans=Spans(4096, 6),
    ),
    "phi": Family("phi", classes("Phi", MOST), nulls=GROUPED, divides=HEADS_DIVIDE),
    "phi3": Family(
        "phi3", classes("Phi3", MOST), nulls=GROUPED, ignores=BIASES, divides=HEADS_DIVIDE, spans=Spans(typed=False)
    ),
    "olmo": Family("olmo", classes("Olmo"), nulls=GROUPED, ignores=("mlp_bias", "rms_norm_eps"), divides=SHARED),
    "granite": Family("granite", classes("Granite", "Model ForCausalLM"), nulls=GROUPED, divides=HEADS_DIVIDE),
    "olmo2": Family("olmo2", classes("Olmo2"), nulls=GROUPED, ignores=("mlp_bias",), divides=HEADS_DIVIDE),
    "olmo3": Family(
        "olmo3", classes("Olmo3"), nulls=GROUPED, ignores=("mlp_bias",), divides=HEADS_DIVIDE, spans=Spans(4096, 4)
    ),
    "smollm3": Family("smollm3", classes("SmolLM3", ALL), nulls=GROUPED, divides=SHARED, spans=Spans(switch=True)),
    "starcoder2": Family(
        "starcoder2", classes("Starcoder2", MOST), nulls=EACH, divides=SHARED, spans=Spans(typed=False)
    ),
    "opt": Family(
        "opt",
        classes("OPT", "Model ForCausalLM ForSequenceClassification ForQuestionAnswering"),
        nulls={"word_embed_proj_dim": "hidden_size"},
        divides=(("hidden_size", "num_attention_heads"),),
    ),
    "bloom": Family(
        "bloom",
        classes("Bloom", ALL),
        aliases={"num_hidden_layers": "n_layer", "num_attention_heads": "n_head", "n_embed": "hidden_size"},
        divides=(("hidden_size", "n_head"),),
    ),
    "falcon": Family(
        "falcon",
        classes("Falcon", ALL),
        aliases={"n_embed": "hidden_size"},
        divides=(("hidden_size", "num_attention_heads"),),
    ),
    "gpt_neox": Family(
        "gpt_neox",
        classes("GPTNeoX", ALL),
        aliases={"rotary_pct": "partial_rotary_factor", "rotary_emb_base": "rope_theta"},
        divides=(("hidden_size", "num_attention_heads"),),
    ),
    "mamba": Family(
        "mamba",
        classes("Mamba", "Model ForCausalLM"),
        aliases={"intermediate_size": "inner"},
        reads=("inner",),
        nulls={"time_step_rank": "ceil(hidden_size / 16)"},
    ),
    "falcon_mamba": Family(
        "falcon_mamba",
        classes("FalconMamba", "Model ForCausalLM"),
        aliases={"intermediate_size": "inner"},
        reads=("inner",),
        nulls={"time_step_rank": "ceil(hidden_size / 16)"},
    ),
    "gptj": Family(
        "gptj",
        classes("GPTJ", "Model ForCausalLM ForSequenceClassification ForQuestionAnswering"),
        aliases=GPT_NAMES,
        nulls={"n_inner": "4 * n_embd"},
        divides=(("n_embd", "n_head"),),
    ),
    "codegen": Family(
        "codegen",
        classes("CodeGen", "Model ForCausalLM"),
        aliases=GPT_NAMES,
        nulls={"n_inner": "4 * n_embd"},
        divides=(("n_embd", "n_head"),),
    ),
    "stablelm": Family(
        "stablelm",
        classes("StableLm", MOST),
        ignores=(*BIASES, "head_dim"),
        aliases={"use_qkv_bias": "qkv_bias", "use_parallel_residual": "parallel"},
        reads=("qkv_bias", "parallel"),
        only={"qk_layernorm": (False, None)},
        divides=HEADS_DIVIDE,
    ),
    "cohere": Family(
        "cohere",
        classes("Cohere", "Model ForCausalLM"),
        nulls=GROUPED,
        ignores=("mlp_bias",),
        only={"use_qk_norm": (False, None)},
        divides=HEADS_DIVIDE,
    ),
    "cohere2": Family(
        "cohere2",
        classes("Cohere2", "Model ForCausalLM"),
        nulls=GROUPED,
        ignores=("mlp_bias",),
        divides=SHARED,
        spans=Spans(4096, 4),
    ),
    "nemotron": Family(
        "nemotron",
        classes("Nemotron", ALL),
        nulls=EACH,
        aliases={"norm_eps": "layer_norm_eps"},
        divides=HEADS_DIVIDE,
        derive=_grouped,
    ),
    "seed_oss": Family(
        "seed_oss",
        classes("SeedOss", ALL),
        aliases={"attention_out_bias": "output_bias"},
        reads=("output_bias",),
        nulls=GROUPED,
        divides=SHARED,
    ),
    "glm": Family("glm", classes("Glm", MOST), ignores=("mlp_bias",), divides=SHARED),
    "glm4": Family("glm4", classes("Glm4", MOST), ignores=("mlp_bias",), divides=SHARED),
    "ernie4_5": Family(
        "ernie4_5",
        classes("Ernie4_5", "Model ForCausalLM"),
        aliases={"use_bias": "attention_bias"},
        nulls=GROUPED,
        ignores=("mlp_bias",),
        divides=SHARED,
    ),
    "exaone4": Family(
        "exaone4", classes("Exaone4", ALL), nulls=EACH, ignores=BIASES, divides=HEADS_DIVIDE, spans=Spans(4096, 4)
    ),
}
