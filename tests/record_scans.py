"""Record what transformers' scans, its RWKV and gpt-oss' attention give: python -m tests.record_scans (needs it).

A mixer runs as it is written out there; what goes into its scan and what comes out is read off its parts.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
import transformers
from torch.nn import functional as F
from transformers.models.gpt_oss.modeling_gpt_oss import GptOssAttention
from transformers.models.mamba.modeling_mamba import MambaMixer
from transformers.models.mamba2.modeling_mamba2 import Mamba2Mixer
from transformers.models.rwkv.modeling_rwkv import rwkv_linear_attention_cpu

PATH = Path(__file__).parent / "data" / "scans.json"


def spied(module: Any, found: dict[str, Any], name: str) -> None:
    module.register_forward_hook(lambda _, given, made: found.update({f"{name}.in": given, f"{name}.out": made}))


def drawn(module: Any) -> Any:
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return module.double().eval()


def mamba() -> dict[str, Any]:
    config = transformers.MambaConfig(hidden_size=4, state_size=3, conv_kernel=2, expand=2, time_step_rank=2)
    mixer, found = drawn(MambaMixer(config, 0)), {}
    for name in ("in_proj", "x_proj", "out_proj"):
        spied(getattr(mixer, name), found, name)
    mixer._slow_forward(torch.randn(2, 6, 4, dtype=torch.float64))
    _, gate = found["in_proj.out"].chunk(2, dim=2)
    steps, b, c = found["x_proj.out"].split([2, 3, 3], dim=2)
    xs = [found["x_proj.in"][0], F.linear(steps, mixer.dt_proj.weight, mixer.dt_proj.bias), b, c]
    return case("SelectiveScan", {}, mixer, ("A_log", "D"), xs, found["out_proj.in"][0] / F.silu(gate))


def mamba2() -> dict[str, Any]:
    config = transformers.Mamba2Config(
        hidden_size=4, state_size=3, conv_kernel=2, expand=2, num_heads=4, head_dim=2, n_groups=2, chunk_size=4
    )
    mixer, found = drawn(Mamba2Mixer(config, 0)), {}
    for name in ("in_proj", "norm"):
        spied(getattr(mixer, name), found, name)
    mixer(torch.randn(2, 6, 4, dtype=torch.float64))
    _, mixed, dt = found["in_proj.out"].split([8, 20, 4], dim=2)
    conv = F.conv1d(mixed.transpose(1, 2), mixer.conv1d.weight, mixer.conv1d.bias, padding=1, groups=20)
    x, b, c = F.silu(conv[..., :6].transpose(1, 2)).split([8, 6, 6], dim=2)
    options = {"num_heads": 4, "groups": 2, "dt_bias": True}
    return case("SelectiveScan", options, mixer, ("A_log", "D", "dt_bias"), [x, dt, b, c], found["norm.in"][0])


def rwkv() -> dict[str, Any]:
    key, value = torch.randn(2, 6, 4, dtype=torch.float64), torch.randn(2, 6, 4, dtype=torch.float64)
    module = torch.nn.Module()
    module.time_decay = torch.nn.Parameter(torch.randn(4, dtype=torch.float64))
    module.time_first = torch.nn.Parameter(torch.randn(4, dtype=torch.float64))
    made, _ = rwkv_linear_attention_cpu(module.time_decay, module.time_first, key, value)
    return case("WKV", {}, module, ("time_decay", "time_first"), [key, value], made)


def sinks() -> dict[str, Any]:
    """gpt-oss' attention with a window, on queries and keys that do not turn."""
    config = transformers.GptOssConfig(
        hidden_size=8, num_attention_heads=4, num_key_value_heads=2, head_dim=2, sliding_window=3, num_hidden_layers=2
    )
    config._attn_implementation = "eager"
    module = drawn(GptOssAttention(config, 0))
    x, still = torch.randn(2, 6, 8, dtype=torch.float64), torch.ones(2, 6, 1, dtype=torch.float64)
    places = torch.arange(6)
    ahead = places - places[:, None]
    mask = torch.zeros(6, 6, dtype=torch.float64).masked_fill((ahead > 0) | (ahead <= -3), -torch.inf)
    made, _ = module(x, position_embeddings=(still, 0 * still), attention_mask=mask[None, None])
    named = torch.nn.Module()
    for letter in "qkvo":
        linear = getattr(module, f"{letter}_proj")
        setattr(named, f"W_{letter}", linear.weight.T)
        setattr(named, f"b_{letter}", linear.bias)
    named.sinks = module.sinks
    options = {
        "num_heads": 4, "num_kv_heads": 2, "head_dim": 2, "bias": True, "out_proj": True, "causal": True, "window": 3,
        "sinks": True,
    }  # fmt: skip
    names = ("W_q", "W_k", "W_v", "b_q", "b_k", "b_v", "sinks", "W_o", "b_o")
    return case("Attention", options, named, names, [x], made)


def case(kind: str, options: Any, module: Any, names: tuple[str, ...], xs: list[Any], y: Any) -> dict[str, Any]:
    weights = {name: getattr(module, name).tolist() for name in names}
    return {"layer": kind, "options": options, "weights": weights, "inputs": [x.tolist() for x in xs], "y": y.tolist()}


if __name__ == "__main__":
    torch.manual_seed(0)
    with torch.no_grad():
        cases = [mamba(), mamba2(), rwkv(), sinks()]
    about = f"transformers {transformers.__version__}, torch {torch.__version__}, float64"
    PATH.write_text(json.dumps({"_about": about, "cases": cases}) + "\n", encoding="utf-8")
