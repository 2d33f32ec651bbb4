"""Records what transformers says of small configs of each family: counts, and the shapes of what comes out.

    python tests/record_huggingface.py [FAMILY...] > tests/data/huggingface.jsonl

needs torch and transformers 5. One line a config: the text of it, the inputs, parameters, trainable and active ones
and the outputs' shapes without the batch axis. What transformers cannot build has "error" in place of the counts.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

from huggingface_cases import cases

KEPT = [
    "last_hidden_state",
    "pooler_output",
    "logits",
    "prediction_logits",
    "seq_relationship_logits",
    "sop_logits",
    "start_logits",
    "end_logits",
    "cls_logits",
    "distillation_logits",
    "logits_per_image",
    "logits_per_text",
    "text_embeds",
    "image_embeds",
    "iou_scores",
    "pred_masks",
    "reconstruction",
    "extract_features",
    "embeddings",
    "projected_states",
    "projected_quantized_states",
]


def counts(model: Any, config: Any) -> dict[str, int]:
    """Parameters, each shared one once; trainable ones; for one token; what further names of shared ones would add."""
    found = list(model.named_parameters())
    total = sum(p.numel() for _, p in found)
    said = config.to_dict()
    said |= said.get("text_config") or {}
    experts = said.get("num_local_experts") or said.get("num_experts") or said.get("n_routed_experts")
    idle = 0
    if experts:
        chosen = said["num_experts_per_tok"]
        idle = sum(p.numel() - p.numel() * chosen // experts for name, p in found if ".experts." in name)
    trained = sum(p.numel() for _, p in found if p.requires_grad)
    every = sum(p.numel() for _, p in model.named_parameters(remove_duplicate=False))
    return {"params": total, "trainable": trained, "active": total - idle, "tied": every - total}


def shapes(model: Any, inputs: dict[str, list[int]]) -> list[list[int]]:
    """What comes out, in order, of inputs of these shapes."""
    import torch

    given: dict[str, Any] = {}
    for name, shape in inputs.items():
        ids = name.endswith("ids")
        given[name] = torch.ones(1, *shape, dtype=torch.long) if ids else torch.zeros(1, *shape)
        if ids:
            given[name][..., -1] = 2
    model.eval()
    if type(model).__name__.startswith(("Sam",)):
        given["multimask_output"] = True
    if type(model).__name__.endswith("ForCausalLM"):
        given["use_cache"] = False  # decoders of pairs, alone, have no cache that fits
    with torch.no_grad():
        out = model(**given)
    return [list(out[key].shape[1:]) for key in list(out) if key in KEPT and out[key] is not None]


def record(kind: str, architecture: str, values: dict[str, Any], inputs: dict[str, list[int]]) -> dict[str, Any]:
    """One line."""
    import torch
    import transformers

    text = {**({"architectures": [architecture]} if architecture else {}), "model_type": kind, **values}
    line: dict[str, Any] = {"config": text, "inputs": inputs}
    try:
        config = transformers.AutoConfig.for_model(kind, **values)
        with torch.device("meta"):
            model = _made(transformers, architecture, config)
        line.update(counts(model, config))
    except Exception as error:
        return {**line, "error": f"{type(error).__name__}: {str(error)[:100]}"}
    if line["params"] < 30_000_000 and inputs:
        try:
            line["outputs"] = shapes(_made(transformers, architecture, config), inputs)
        except Exception as error:
            print(f"no shapes of {architecture} {values}: {type(error).__name__}: {str(error)[:150]}", file=sys.stderr)
    return line


def _made(transformers: Any, architecture: str, config: Any) -> Any:
    return getattr(transformers, architecture)(config) if architecture else transformers.AutoModel.from_config(config)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    import transformers

    transformers.logging.set_verbosity_error()
    for case in cases(sys.argv[1:]):
        print(json.dumps(record(*case)))
        sys.stdout.flush()
