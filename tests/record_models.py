"""Record what transformers' models hold, multiply and save: `python tests/record_models.py [NAME...]`.

Of each config in `model_cases.py`: parameters; elements of keys and values in its cache after a prefill (StaticCache
where a layer has a window), of states beside them; FLOPs of FlopCounterMode over a prefill and one decoding step; bytes
of the distinct storages that a training forward saves. What a model cannot do is left out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from model_cases import CASES
from record_sizes import as_on_accelerators, flops, saved

RECORDED = Path(__file__).parent / "data" / "models.json"
STATES = ("conv_states", "recurrent_states", "ssm_states")


def held(cache: Any) -> dict[str, int]:
    """Numbers in a cache: keys and values, and states."""
    import torch

    parts = [cache]
    if hasattr(cache, "self_attention_cache"):
        parts = [cache.self_attention_cache, cache.cross_attention_cache]
    found = {"kv": 0, "state": 0}
    for part in parts:
        for layer in part.layers:
            for name, value in vars(layer).items():
                values = value.values() if isinstance(value, dict) else [value]
                for tensor in values:
                    if name in ("keys", "values", *STATES) and isinstance(tensor, torch.Tensor):
                        found["kv" if name in ("keys", "values") else "state"] += tensor.numel()
    return found


def given(config: Any, lengths: dict[str, int]) -> dict[str, Any]:
    """One sample."""
    import torch

    if not lengths:
        return {"pixel_values": torch.randn(1, 3, config.image_size, config.image_size)}
    found: dict[str, Any] = {}
    for name, length in lengths.items():
        if name == "input_features":
            found[name] = torch.randn(1, config.num_mel_bins, length)
        else:
            found[name] = torch.randint(3, config.vocab_size, (1, length))
    return found


def cached(model: Any, config: Any, inputs: dict[str, Any]) -> dict[str, int]:
    """What is in the cache after a prefill."""
    from transformers import StaticCache

    out = model(**inputs, use_cache=True)
    cache = getattr(out, "past_key_values", None)
    cache = getattr(out, "cache_params", None) if cache is None else cache
    if any(getattr(layer, "is_sliding", False) for layer in getattr(cache, "layers", ())):
        cache = StaticCache(config=config, max_cache_len=inputs["input_ids"].shape[1])
        model(**inputs, past_key_values=cache, use_cache=True)
    return held(cache)


def step(model: Any, inputs: dict[str, Any]) -> int:
    """FLOPs of one token after a prefill; what is read by an encoder is not read again.

    The reference code of a causal convolution convolves more positions than the new one, whose products are put there.
    """
    from torch.utils.flop_counter import FlopCounterMode

    out = model(**inputs, use_cache=True)
    cache = out.past_key_values if "past_key_values" in out else out.cache
    name = list(inputs)[-1]
    if len(inputs) > 1:
        first = {key: value for key, value in inputs.items() if key != name}
        out = model.get_encoder()(*first.values())
        more = {"encoder_outputs": out, name: inputs[name][:, :1]}
    else:
        more = {name: inputs[name][:, :1]}
    with FlopCounterMode(display=False) as mode:
        found = flops(model, lambda: model(**more, past_key_values=cache, use_cache=True))
    by = mode.get_flop_counts()["Global"]
    convolved = sum(count for name, count in by.items() if "convolution" in str(name))
    once = sum(2 * w.numel() for name, w in model.named_parameters() if name.endswith("conv1d.weight"))
    return found - convolved + once


def record(name: str, kind: str, model_type: str, values: dict[str, Any], lengths: dict[str, int]) -> dict[str, Any]:
    """One line."""
    import torch
    import transformers

    torch.manual_seed(0)
    config = transformers.AutoConfig.for_model(model_type, **values)
    if hasattr(config, "_experts_implementation"):
        config._experts_implementation = "eager"
    model = getattr(transformers, kind)._from_config(config, attn_implementation="eager").eval()
    inputs = given(config, lengths)
    found: dict[str, Any] = {"name": name, "config": {"architectures": [kind], "model_type": model_type, **values}}
    bins = getattr(config, "num_mel_bins", 0)
    sizes = {key: f"{bins}x{size}" if key == "input_features" else str(size) for key, size in lengths.items()}
    found["inputs"] = [f"{key}={size}" for key, size in sizes.items()]
    found["params"] = sum(p.numel() for p in model.parameters())
    generates = kind.endswith(("ForCausalLM", "LMHeadModel", "ForConditionalGeneration"))
    with torch.no_grad():
        if generates:
            found |= cached(model, config, inputs)
        found["flops"] = flops(model, lambda: model(**inputs))
        if generates:
            found["decode_flops"] = step(model, inputs)

    class Call(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self) -> Any:
            return self.model(**inputs, **({"use_cache": False} if generates else {}))[0]

    as_on_accelerators()
    if hasattr(config, "_experts_implementation"):
        config._experts_implementation = "grouped_mm"  # as transformers runs them; FLOPs of that are not counted
    found["saved"] = saved(Call())
    return found


def main() -> None:
    """Record the cases named, or all."""
    wanted = sys.argv[1:]
    old = {line["name"]: line for line in json.loads(RECORDED.read_text())} if RECORDED.exists() else {}
    for case in CASES:
        if not wanted or case[0] in wanted:
            old[case[0]] = record(*case)
            write(old)
            print(case[0], {key: value for key, value in old[case[0]].items() if key not in ("config", "name")})


def write(found: dict[str, Any]) -> None:
    """The lines in the order of the cases."""
    lines = [json.dumps(found[case[0]]) for case in CASES if case[0] in found]
    RECORDED.write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
