"""Record what transformers' caches of whole models hold: `python -m tests.record_calculators`, on the meta device."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from record_models import held

RECORDED = Path(__file__).parent / "data" / "calculators.json"
LENGTH = 1024
# The bundled spec, the class's prefix, and the published config's sizes.
Sizes = dict[str, Any]
LLAMA: Sizes = {"hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32}
MODELS: dict[str, tuple[str, Sizes]] = {
    "gpt2_xl": ("GPT2LMHead", {"n_embd": 1600, "n_layer": 48, "n_head": 25, "n_positions": 1024, "vocab_size": 50257}),
    "llama2_7b": ("LlamaForCausalLM", {**LLAMA, "intermediate_size": 11008, "vocab_size": 32000}),
    "llama3_8b": (
        "LlamaForCausalLM",
        {**LLAMA, "intermediate_size": 14336, "vocab_size": 128256, "num_key_value_heads": 8},
    ),
    "mistral_7b": (
        "MistralForCausalLM",
        {**LLAMA, "intermediate_size": 14336, "vocab_size": 32000, "num_key_value_heads": 8, "sliding_window": None},
    ),
    "gemma_7b": (
        "GemmaForCausalLM",
        {
            "hidden_size": 3072,
            "num_hidden_layers": 28,
            "num_attention_heads": 16,
            "num_key_value_heads": 16,
            "head_dim": 256,
            "intermediate_size": 24576,
            "vocab_size": 256000,
        },
    ),
    "mixtral_8x7b": (
        "MixtralForCausalLM",
        {**LLAMA, "intermediate_size": 14336, "vocab_size": 32000, "num_key_value_heads": 8, "sliding_window": None},
    ),
}


def main() -> None:
    """Record every model."""
    import torch
    import transformers

    lines = []
    for name, (kind, values) in MODELS.items():
        model_class = getattr(transformers, kind + ("Model" if kind.endswith("Head") else ""))
        config = model_class.config_class(**values)
        if hasattr(config, "_experts_implementation"):
            config._experts_implementation = "batched_mm"
        with torch.device("meta"):
            params = sum(parameter.numel() for parameter in model_class._from_config(config).parameters())
        # All layers are alike, and what experts are like changes no cache: one small layer is run.
        small = {**values, "n_layer" if "n_layer" in values else "num_hidden_layers": 1, "vocab_size": 9}
        small |= {} if "n_layer" in values else {"intermediate_size": 8}
        model = model_class._from_config(model_class.config_class(**small, pad_token_id=0)).eval()
        with torch.no_grad():
            out = model(input_ids=torch.zeros(1, LENGTH, dtype=torch.long), use_cache=True)
        cached = config.num_hidden_layers * held(out.past_key_values)["kv"]
        lines.append({"name": name, "params": params, "kv": cached, "length": LENGTH})
        print(lines[-1])
    RECORDED.write_text("[\n" + ",\n".join(map(json.dumps, lines)) + "\n]\n")


if __name__ == "__main__":
    main()
