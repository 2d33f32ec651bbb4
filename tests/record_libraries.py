"""Count networks of transformers, diffusers and ultralytics: `python tests/record_libraries.py [NAME...]`, with torch.

Each is built with the sizes that its library or its published configuration has, on the meta device where that can be;
parameters are summed, products counted by FlopCounterMode. What differs from tests/data/zoo.json is told and written.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks.peer_torchinfo import torchvision

DATA = Path(__file__).parent / "data" / "zoo.json"
META = torch.device("meta")


def numbers(*shape: int) -> Any:
    return torch.empty(*shape, device=META)


def whole(*shape: int) -> Any:
    return torch.zeros(*shape, device=META, dtype=torch.long)


def of_transformers(kind: str, config: str, picture: int = 0, **sizes: Any) -> Callable[[], Any]:
    """A class of transformers with a configuration; of some the products for one sample."""

    def build() -> Any:
        import transformers

        made = getattr(transformers, config)(**sizes)
        if hasattr(made, "_experts_implementation"):
            made._experts_implementation = "eager"
        with META:
            model = getattr(transformers, kind)._from_config(made, attn_implementation="eager")
        return model, (lambda: model(numbers(1, 3, picture, picture))) if picture else None

    return build


def detr() -> Any:
    import transformers

    backbone = transformers.ResNetConfig(out_features=["stage4"])
    config = transformers.DetrConfig(use_timm_backbone=False, backbone_config=backbone, backbone=None, num_labels=91)
    model = transformers.DetrForObjectDetection._from_config(config, attn_implementation="eager")
    return model, lambda: model(torch.zeros(1, 3, 800, 1056))


def wav2vec2() -> Any:
    import transformers

    with META:
        model = transformers.Wav2Vec2Model._from_config(transformers.Wav2Vec2Config(), attn_implementation="eager")
    return model, lambda: model(numbers(1, 16000))


def unet(side: int, context: int, added: bool, **sizes: Any) -> Callable[[], Any]:
    def build() -> Any:
        from diffusers import UNet2DConditionModel

        with META:
            model = UNet2DConditionModel(sample_size=side, cross_attention_dim=context, **sizes)
        more = {"added_cond_kwargs": {"text_embeds": numbers(1, 1280), "time_ids": numbers(1, 6)}} if added else {}
        return model, lambda: model(numbers(1, 4, side, side), whole(1), numbers(1, 77, context), **more)

    return build


def flux() -> Any:
    from diffusers import FluxTransformer2DModel

    with META:
        model = FluxTransformer2DModel(guidance_embeds=True)
    given = {
        "hidden_states": numbers(1, 4096, 64),
        "encoder_hidden_states": numbers(1, 512, 4096),
        "pooled_projections": numbers(1, 768),
        "timestep": numbers(1),
        "guidance": numbers(1),
        "img_ids": torch.zeros(4096, 3),
        "txt_ids": torch.zeros(512, 3),
    }
    return model, lambda: model(**given)


def yolo() -> Any:
    from ultralytics.nn.tasks import DetectionModel

    model = DetectionModel("yolov8n.yaml", verbose=False)
    return model, lambda: model(torch.zeros(1, 3, 640, 640))


BLOCKS = ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"]
XL = {
    "block_out_channels": (320, 640, 1280),
    "down_block_types": BLOCKS,
    "up_block_types": [name.replace("Down", "Up") for name in BLOCKS[::-1]],
    "transformer_layers_per_block": [1, 2, 10],
    "attention_head_dim": [5, 10, 20],
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
    "use_linear_projection": True,
}
SCOUT = {"num_hidden_layers": 48, "num_local_experts": 16, "interleave_moe_layer_step": 1}
SMALL = {"hidden_size": 384, "num_hidden_layers": 12, "num_attention_heads": 6}
BUILT: dict[str, tuple[str, Callable[[], Any]]] = {
    "gpt_oss_20b": (
        "transformers: GptOssForCausalLM, 24 layers, 32 experts",
        of_transformers("GptOssForCausalLM", "GptOssConfig", num_hidden_layers=24, num_local_experts=32),
    ),
    "gpt_oss_120b": (
        "transformers: GptOssForCausalLM, 36 layers, 128 experts",
        of_transformers("GptOssForCausalLM", "GptOssConfig", num_hidden_layers=36, num_local_experts=128),
    ),
    "llama4_scout": (
        "transformers: Llama4ForCausalLM, 16 experts in every layer",
        of_transformers("Llama4ForCausalLM", "Llama4TextConfig", **SCOUT),
    ),
    "llama4_maverick": (
        "transformers: Llama4ForCausalLM, 128 experts in every second layer",
        of_transformers(
            "Llama4ForCausalLM",
            "Llama4TextConfig",
            **SCOUT | {"num_local_experts": 128, "interleave_moe_layer_step": 2},
        ),
    ),
    "rwkv_169m": (
        "transformers: RwkvForCausalLM, 12 layers of 768",
        of_transformers("RwkvForCausalLM", "RwkvConfig", vocab_size=50277, hidden_size=768, num_hidden_layers=12),
    ),
    "convnextv2_tiny": (
        "transformers: ConvNextV2ForImageClassification",
        of_transformers("ConvNextV2ForImageClassification", "ConvNextV2Config", 224, num_labels=1000),
    ),
    "swinv2_tiny": (
        "transformers: Swinv2ForImageClassification, windows of 8, 256x256",
        of_transformers(
            "Swinv2ForImageClassification", "Swinv2Config", 256, num_labels=1000, image_size=256, window_size=8
        ),
    ),
    "dinov2_small": (
        "transformers: Dinov2Model, width 384, 518x518",
        of_transformers("Dinov2Model", "Dinov2Config", 518, image_size=518, patch_size=14, **SMALL),
    ),
    "dinov2_base": (
        "transformers: Dinov2Model, 518x518",
        of_transformers("Dinov2Model", "Dinov2Config", 518, image_size=518, patch_size=14),
    ),
    "wav2vec2_base": ("transformers: Wav2Vec2Model", wav2vec2),
    "sam_vit_b": ("transformers: SamModel", of_transformers("SamModel", "SamConfig")),
    "detr_resnet50": ("transformers: DetrForObjectDetection, and 53,120 parameters of frozen batch norms", detr),
    "stable_diffusion_1_5": ("diffusers: UNet2DConditionModel", unet(64, 768, False)),
    "stable_diffusion_xl": ("diffusers: UNet2DConditionModel", unet(128, 2048, True, **XL)),
    "flux_1_dev": ("diffusers: FluxTransformer2DModel", flux),
    "yolov8n": ('ultralytics: DetectionModel("yolov8n.yaml")', yolo),
}
# Factors and shifts of batch norms that a library holds as buffers.
FROZEN = {"detr_resnet50": 53_120}


def measure(name: str) -> dict[str, Any]:
    """One entry."""
    witness, build = BUILT[name]
    library = __import__(witness.partition(":")[0])
    model, call = build()
    model.eval()
    found: dict[str, Any] = {"witness": witness.replace(":", f" {library.__version__}:", 1)}
    found["params"] = sum(array.numel() for array in model.parameters()) + FROZEN.get(name, 0)
    if call is not None:
        with torch.no_grad(), FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
            call()
        found["macs"] = counter.get_total_flops() // 2
    return found


def main() -> None:
    """Count the networks named, or all, and write what is new."""
    if find_spec("torchvision"):  # whose operators may be made for another torch
        torchvision()
    zoo = json.loads(DATA.read_text(encoding="utf-8"))
    for name in sys.argv[1:] or BUILT:
        found = measure(name)
        if zoo.get(name) != found:
            print(f"{name}: {zoo.get(name)} recorded, {found} found", flush=True)
            zoo[name] = found
    about = zoo.pop("_about")
    zoo = {"_about": about, **dict(sorted(zoo.items()))}
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(entry)}" for name, entry in zoo.items())
    DATA.write_text("{\n" + lines + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
