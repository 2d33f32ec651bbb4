"""Short names of sums over the network: `params` is `total.params`, in every expression."""

from __future__ import annotations

import re

WORDS = {
    "params": "total.params",
    "total_params": "total.params",
    "parameters": "total.params",
    "trainable": "total.trainable",
    "macs": "total.macs",
    "flops": "total.flops",
    "dense": "total.dense",
    "shape": "output.shape",
    "output_shape": "output.shape",
}
# How the names of memory, tokens and training look.
_SIZE = re.compile(r"bops|[a-z_]+_(?:bytes|elements|flops|params|per_token)")
# What others call memory, and what there is of it.
_MEMORY = "total.weight_bytes, total.inference_bytes, total.training_bytes, total.kv_cache_bytes"
HINTS = dict.fromkeys(("memory", "vram", "ram", "mem", "bytes", "size"), f"memory is one of {_MEMORY}")
HINTS |= dict.fromkeys(("gflops", "tflops", "gmacs", "mflops"), "write total.flops / 1e9, or total.macs / 1e9")


def short(name: str) -> str | None:
    """What a name without a part of the network before it stands for; None where it is no such name."""
    if name in WORDS:
        return WORDS[name]
    if _SIZE.fullmatch(name):
        from cnncalc.cost.sizes import SIZES

        return f"total.{name}" if name in SIZES else None
    return None
