"""Record what transformers keeps of keys and values: `python -m tests.record_cache`, where transformers is installed.

Small models with random weights; counted are the elements of all tensors of the cache after a prefill. The settings are
those of the bundled networks, so that `cnncalc ask NET -s ... total.kv_cache_elements` must say the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "data" / "cache.json"
LLAMA = {
    "vocab_size": 99,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
# The bundled network, transformers' names of its configuration and model, its settings, the lengths, and which of the
# settings bear another name there.
CASES: list[tuple[str, str, dict[str, Any], tuple[int, ...]]] = [
    ("gpt2", "GPT2", {"vocab_size": 99, "n_positions": 64, "n_embd": 32, "n_layer": 3, "n_head": 4}, (9,)),
    ("gpt2", "GPT2", {"vocab_size": 99, "n_positions": 64, "n_embd": 48, "n_layer": 2, "n_head": 6}, (40,)),
    ("llama3_8b", "Llama", {**LLAMA, "head_dim": 8}, (7,)),
    ("llama3_8b", "Llama", {**LLAMA, "head_dim": 12, "num_key_value_heads": 1}, (33,)),
    ("gemma_2b", "Gemma", {**LLAMA, "head_dim": 16}, (11,)),
    ("qwen2_1_5b", "Qwen2", LLAMA, (13,)),
    ("mixtral_8x7b", "Mixtral", {**LLAMA, "num_local_experts": 4}, (19,)),
    (
        "opt_125m",
        "OPT",
        {
            "vocab_size": 99,
            "hidden_size": 32,
            "ffn_dim": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "max_position_embeddings": 64,
        },
        (12,),
    ),
    (
        "t5_small",
        "T5",
        {
            "vocab_size": 99,
            "d_model": 40,
            "d_ff": 64,
            "d_kv": 6,
            "num_heads": 4,
            "num_layers": 2,
            "num_decoder_layers": 3,
        },
        (17, 9),
    ),
    (
        "bart_base",
        "Bart",
        {
            "vocab_size": 99,
            "d_model": 32,
            "encoder_layers": 3,
            "decoder_layers": 2,
            "encoder_attention_heads": 4,
            "decoder_attention_heads": 8,
            "encoder_ffn_dim": 64,
            "decoder_ffn_dim": 48,
        },
        (20, 6),
    ),
    (
        "whisper_tiny",
        "Whisper",
        {
            "vocab_size": 99,
            "num_mel_bins": 16,
            "d_model": 32,
            "encoder_layers": 2,
            "decoder_layers": 3,
            "max_source_positions": 22,
            "max_target_positions": 30,
        },
        (44, 5),
    ),
]
# What a configuration needs besides.
MORE: dict[str, dict[str, Any]] = {
    "Whisper": {"encoder_attention_heads": 4, "decoder_attention_heads": 4, "pad_token_id": 0, "bos_token_id": 1},
    "Bart": {"max_position_embeddings": 64},
}
# The same in the words of the bundled network.
OURS: dict[str, dict[str, Any]] = {"whisper_tiny": {"heads": 4}}
# What a network takes: an input's shape for each length.
INPUTS: dict[str, tuple[str, ...]] = {
    "t5_small": ("tokens={0}", "distances={0}x{0}", "decoder_tokens={1}", "decoder_distances={1}x{1}"),
    "bart_base": ("tokens={0}", "decoder_tokens={1}"),
    "whisper_tiny": ("frames=16x{0}", "tokens={1}"),
}


def command(net: str, settings: dict[str, Any], lengths: tuple[int, ...]) -> list[str]:
    """The words after `cnncalc ask` that name the same network."""
    words = [net]
    for name, value in {**settings, **OURS.get(net, {})}.items():
        words += ["-s", f"{name}={value}"]
    for shape in INPUTS.get(net, ("{0}",)):
        words += ["-i", shape.format(*lengths)]
    return words


def count(cache: Any) -> int:
    """The elements of all keys and values of a cache."""
    if hasattr(cache, "self_attention_cache"):
        return count(cache.self_attention_cache) + count(cache.cross_attention_cache)
    return sum(layer.keys.numel() + layer.values.numel() for layer in cache.layers)


def record(name: str, settings: dict[str, Any], lengths: tuple[int, ...]) -> int:
    """What the model's cache holds after a prefill."""
    import torch
    import transformers

    config = getattr(transformers, f"{name}Config")(**settings, **MORE.get(name, {}))
    kind = {"Whisper": "WhisperForConditionalGeneration", "T5": "T5ForConditionalGeneration"}
    kind |= {"Bart": "BartForConditionalGeneration", "GPT2": "GPT2LMHeadModel"}
    model = getattr(transformers, kind.get(name, f"{name}ForCausalLM"))(config).eval()
    with torch.no_grad():
        if len(lengths) == 1:
            return count(model(input_ids=torch.ones(1, lengths[0], dtype=torch.long), use_cache=True).past_key_values)
        tokens = torch.ones(1, lengths[1], dtype=torch.long)
        if name == "Whisper":
            given = {"input_features": torch.zeros(1, config.num_mel_bins, lengths[0])}
        else:
            given = {"input_ids": torch.ones(1, lengths[0], dtype=torch.long)}
        return count(model(**given, decoder_input_ids=tokens, use_cache=True).past_key_values)


def main() -> None:
    """Record all cases."""
    import transformers

    rows = [
        {"command": command(net, settings, lengths), "elements": record(name, settings, lengths)}
        for net, name, settings, lengths in CASES
    ]
    found = {"transformers": transformers.__version__, "cases": rows}
    RECORDED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
