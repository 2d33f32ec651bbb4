"""Record what transformers keeps of keys and values for the decoders among the families of configs.

    python -m tests.record_family_caches        (with transformers; the file is tests/data/family_caches.json)

Each family's config in small, once without a window and once with one that is shorter than the text, and without the
sizes that a config may leave out. Counted are the elements of all keys and values after a prefill; where a layer has a
window, those of the static cache, which holds the window and no more.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.huggingface_cases import FAMILIES

RECORDED = Path(__file__).parent / "data" / "family_caches.json"
LENGTHS = (4, 13)
WINDOW = 6


def configs() -> Iterator[tuple[str, dict[str, Any]]]:
    """The class of a decoder and its config, as a config.json says it."""
    for kind, (prefix, classes, values, _, _) in FAMILIES.items():
        ends = [end for end in classes.split() if end in ("ForCausalLM", "LMHeadModel")]
        if not ends:
            continue
        named = {"architectures": [prefix + ends[0]], "model_type": kind, **values}
        bare = {name: value for name, value in named.items() if name != "head_dim"}
        for config in (named, bare, {**named, "num_hidden_layers": 5}):
            for more in ({}, {"sliding_window": WINDOW}, {"sliding_window": WINDOW, "use_sliding_window": True}):
                if not more or has_window(kind):
                    yield prefix + ends[0], {**config, **more}


def has_window(kind: str) -> bool:
    """Whether configs of a family have a window; the cache of others would take one that the model ignores."""
    import transformers

    return hasattr(transformers.AutoConfig.for_model(kind), "sliding_window")


def held(name: str, config: dict[str, Any], length: int) -> int | None:
    """Elements of keys and values of one sample; None where the model keeps none in this form."""
    import torch
    import transformers

    given = {key: value for key, value in config.items() if key not in ("architectures", "model_type")}
    made = transformers.AutoConfig.for_model(config["model_type"], **given)
    torch.manual_seed(0)
    model = getattr(transformers, name)._from_config(made, attn_implementation="eager").eval()
    tokens = torch.ones(1, length, dtype=torch.long)
    with torch.no_grad():
        cache = getattr(model(input_ids=tokens, use_cache=True), "past_key_values", None)
        if any(getattr(layer, "is_sliding", False) for layer in getattr(cache, "layers", ())):
            cache = transformers.StaticCache(config=made, max_cache_len=length)
            model(input_ids=tokens, past_key_values=cache, use_cache=True)
    layers = getattr(cache, "layers", None)
    if layers is None:
        return None
    parts = [getattr(layer, name, None) for layer in layers for name in ("keys", "values")]
    return sum(part.numel() for part in parts if isinstance(part, torch.Tensor))


def main() -> None:
    """Write the file; what cannot be built is said."""
    import transformers

    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    cases: list[dict[str, Any]] = []
    seen: set[str] = set()
    for name, config in configs():
        text = json.dumps(config, sort_keys=True)
        if text in seen:
            continue
        seen.add(text)
        for length in LENGTHS:
            try:
                elements = held(name, config, length)
            except Exception as error:
                print(config["model_type"], type(error).__name__, str(error)[:120], file=sys.stderr)
                break
            if elements is not None:
                cases.append({"config": config, "length": length, "elements": elements})
    lines = ",\n".join(json.dumps(case) for case in cases)
    RECORDED.write_text(f'{{"transformers": "{transformers.__version__}", "cases": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
