"""Record what transformers' selective scans and its RWKV give: python -m tests.record_scans, with its library.

A mixer runs as it is written out there; what goes into its scan and what comes out is read off its parts.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
import transformers
from torch.nn import functional as F
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


def case(kind: str, options: Any, module: Any, names: tuple[str, ...], xs: list[Any], y: Any) -> dict[str, Any]:
    weights = {name: getattr(module, name).tolist() for name in names}
    return {"layer": kind, "options": options, "weights": weights, "inputs": [x.tolist() for x in xs], "y": y.tolist()}


if __name__ == "__main__":
    torch.manual_seed(0)
    with torch.no_grad():
        cases = [mamba(), mamba2(), rwkv()]
    about = f"transformers {transformers.__version__}, torch {torch.__version__}, float64"
    PATH.write_text(json.dumps({"_about": about, "cases": cases}) + "\n", encoding="utf-8")
