"""Record what layers of DeepSeek and gpt-oss in transformers make: `python -m tests.record_routing`."""

from __future__ import annotations

import json
from pathlib import Path

RECORDED = Path(__file__).parent / "data" / "routing.json"
SIZES = {"hidden_size": 6, "moe_intermediate_size": 4, "n_routed_experts": 8, "num_experts_per_tok": 3, "n_group": 4}


def main() -> None:
    """Record the arrays of the layer, what goes in and what comes out, for each setting."""
    import torch
    from transformers import DeepseekV3Config
    from transformers.models.deepseek_v3.modeling_deepseek_v3 import DeepseekV3MoE

    torch.manual_seed(3)
    lines = []
    for norm, scale, groups in ((True, 2.5, 2), (False, 1.0, 3), (True, 1.0, 4)):
        config = DeepseekV3Config(
            **SIZES, topk_group=groups, n_shared_experts=1, norm_topk_prob=norm, routed_scaling_factor=scale
        )
        config._experts_implementation = "eager"
        layer = DeepseekV3MoE(config).double()
        for tensor in layer.parameters():
            torch.nn.init.normal_(tensor)
        layer.gate.e_score_correction_bias = (torch.randn(8) / 4).double()
        x = torch.randn(1, 7, 6).double()
        _, weights, chosen = layer.gate(x)
        with torch.no_grad():
            out = layer.experts(x.view(-1, 6), chosen, weights)
        state = {key: value.tolist() for key, value in layer.state_dict().items() if "shared" not in key}
        state["gate.e_score_correction_bias"] = layer.gate.e_score_correction_bias.tolist()
        setting = {"normalize": norm, "scale": scale, "top_groups": groups}
        lines.append({**setting, "state": state, "x": x[0].tolist(), "out": out.tolist()})
    lines.append(gpt_oss())
    lines += [latent(version, low) for version, low in ((2, None), (3, 5))]
    lines.append(activation())
    RECORDED.write_text("[\n" + ",\n".join(map(json.dumps, lines)) + "\n]\n")


def gpt_oss() -> dict[str, object]:
    """Experts with biases and a gate that is cut off; numbers large enough that it is."""
    import torch
    from transformers import GptOssConfig
    from transformers.models.gpt_oss.modeling_gpt_oss import GptOssMLP

    sizes = {"hidden_size": 6, "intermediate_size": 4, "num_local_experts": 8, "num_experts_per_tok": 3}
    layer = GptOssMLP(GptOssConfig(**sizes, experts_implementation="eager")).double()
    for tensor in layer.parameters():
        torch.nn.init.normal_(tensor)
    x = 3 * torch.randn(1, 7, 6).double()
    with torch.no_grad():
        out = layer(x)[0]
    state = {key: value.tolist() for key, value in layer.state_dict().items()}
    return {"family": "gpt_oss", "state": state, "x": x[0].tolist(), "out": out.view(-1, 6).tolist()}


def activation() -> dict[str, object]:
    """Apertus' function."""
    import torch
    from transformers.activations import XIELUActivation

    layer = XIELUActivation(dtype=torch.float64)
    state = {key: value.tolist() for key, value in layer.state_dict().items() if key.startswith("alpha")}
    x = 3 * torch.randn(2, 9).double()
    with torch.no_grad():
        out = layer(x)
    return {"family": "xielu", "options": {}, "state": state, "x": x.tolist(), "out": out.tolist()}


def latent(version: int, low: int | None) -> dict[str, object]:
    """Latent attention, with and without a latent of queries."""
    from importlib import import_module

    import torch

    kind = f"DeepseekV{version}"
    module = import_module(f"transformers.models.deepseek_v{version}.modeling_deepseek_v{version}")
    sizes = {"kv_lora_rank": 8, "q_lora_rank": low, "qk_nope_head_dim": 6, "qk_rope_head_dim": 4, "v_head_dim": 5}
    config = getattr(import_module("transformers"), f"{kind}Config")(
        hidden_size=12, num_attention_heads=3, num_key_value_heads=3, attention_bias=version == 3, **sizes
    )
    config._attn_implementation = "eager"
    layer = getattr(module, f"{kind}Attention")(config, 0).double().eval()
    for tensor in layer.parameters():
        torch.nn.init.normal_(tensor)
    x = torch.randn(1, 7, 12).double()
    turns = getattr(module, f"{kind}RotaryEmbedding")(config)(x, torch.arange(7)[None])
    mask = torch.full((1, 1, 7, 7), float("-inf")).triu(1).double()
    with torch.no_grad():
        if version == 2:
            out = layer(x, mask, position_embeddings=turns.to(torch.complex128))[0]
        else:
            out = layer(x, position_embeddings=turns, attention_mask=mask)[0]
    state = {key: value.tolist() for key, value in layer.state_dict().items()}
    options = {**sizes, "bias": version == 3}
    return {"family": f"deepseek_v{version}", "options": options, "state": state, "x": x[0].tolist(),
            "out": out[0].tolist()}  # fmt: skip


if __name__ == "__main__":
    main()
