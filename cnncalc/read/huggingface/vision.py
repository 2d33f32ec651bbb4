"""Families that read images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.read.huggingface.family import Family, Head

if TYPE_CHECKING:
    from cnncalc.read.huggingface.config import Config

BOTH = Head("none", ("last_hidden_state", "pooler_output"))
ALONE = Head("none", ("last_hidden_state",))
CLASSES, MASKED = Head("classes", ("classifier",)), Head("masked")
DIVIDES = (("hidden_size", "num_attention_heads"),)
BIASED = ("qkv_bias",)
POOLED = {"pooler_output_size": "hidden_size"}


def _windows(config: Config) -> dict[str, Any]:
    """Of each of Swin's stages: positions a side, those with padding, and the window's side."""
    depths, heads = config.value("depths"), config.value("num_heads")
    width, window = config.value("embed_dim"), config.value("window_size")
    image, patch = config.value("image_size"), config.value("patch_size")
    if len(depths) != len(heads):
        config.problem("config-contradicts", "num_heads", f"depths has {len(depths)} stages, num_heads {len(heads)}")
        return {}
    found: dict[str, list[int]] = {"sides": [], "padded": [], "windows": []}
    side = -(-image // patch)
    for stage, count in enumerate(heads):
        if not count or (width * 2**stage) % count:
            message = f"stage {stage} has {width * 2**stage} features, no multiple of its {count} heads"
            config.problem("config-contradicts", "num_heads", message)
            return {}
        own = min(side, window)
        found["sides"].append(side)
        found["windows"].append(own)
        found["padded"].append(-(-side // own) * own)
        side = -(-side // 2)
    return {**found, "edge": -image % patch, "count": len(depths)}


def _stages(config: Config) -> dict[str, Any]:
    depths, sizes = config.value("depths"), config.value("hidden_sizes")
    if len(depths) != len(sizes) or not depths:
        message = f"depths has {len(depths)} stages, hidden_sizes {len(sizes)}"
        config.problem("config-contradicts", "hidden_sizes", message)
    stages = config.values.get("num_stages")
    if config.values["model_type"].startswith("convnext") and stages is not None and stages != len(depths):
        message = f"num_stages is {stages}, but depths has {len(depths)} stages"
        config.problem("config-contradicts", "num_stages", message)
    kind = config.values.get("layer_type", "bottleneck")
    if kind not in ("bottleneck", "basic"):
        config.problem("config-value", "layer_type", "layer_type must be bottleneck or basic")
    return {"count": len(depths)}


def _four(config: Config) -> dict[str, Any]:
    """SegFormer has four stages: each list says something of each."""
    for key in ("depths", "sr_ratios", "hidden_sizes", "patch_sizes", "strides", "num_attention_heads", "mlp_ratios"):
        if len(config.value(key)) != 4:
            message = f"{key} has {len(config.value(key))} numbers, and there are 4 stages"
            config.problem("config-contradicts", key, message)
    return {}


def _relative(config: Config) -> str:
    tables = config.value("use_relative_position_bias") or config.value("use_shared_relative_position_bias")
    return "what relative positions add to the scores is left out of the arithmetic; tables count" if tables else ""


FAMILIES = {
    "vit": Family(
        "vit",
        {"ViTModel": BOTH, "ViTForImageClassification": CLASSES, "ViTForMaskedImageModeling": MASKED},
        nulls=POOLED,
        reads=BIASED,
        divides=DIVIDES,
    ),
    "audio-spectrogram-transformer": Family(
        "audio-spectrogram-transformer",
        {"ASTModel": BOTH, "ASTForAudioClassification": CLASSES},
        reads=BIASED,
        divides=DIVIDES,
    ),
    "deit": Family(
        "deit",
        {
            "DeiTModel": BOTH,
            "DeiTForImageClassification": CLASSES,
            "DeiTForImageClassificationWithTeacher": Head(
                "teacher", ("logits", "cls_classifier", "distillation_classifier")
            ),
            "DeiTForMaskedImageModeling": MASKED,
        },
        nulls=POOLED,
        reads=BIASED,
        divides=DIVIDES,
    ),
    "dinov2": Family(
        "dinov2",
        {"Dinov2Model": BOTH, "Dinov2ForImageClassification": CLASSES},
        reads=BIASED,
        divides=DIVIDES,
    ),
    "beit": Family(
        "beit",
        {"BeitModel": BOTH, "BeitForImageClassification": CLASSES, "BeitForMaskedImageModeling": MASKED},
        divides=DIVIDES,
        remark=_relative,
    ),
    "data2vec-vision": Family(
        "data2vec-vision",
        {"Data2VecVisionModel": ALONE, "Data2VecVisionForImageClassification": CLASSES},
        divides=DIVIDES,
        remark=_relative,
    ),
    "swin": Family(
        "swin",
        {"SwinModel": BOTH, "SwinForImageClassification": CLASSES, "SwinForMaskedImageModeling": MASKED},
        aliases={"num_attention_heads": "num_heads"},
        reads=BIASED,
        derive=_windows,
    ),
    "swinv2": Family(
        "swinv2",
        {"Swinv2Model": BOTH, "Swinv2ForImageClassification": CLASSES, "Swinv2ForMaskedImageModeling": MASKED},
        aliases={"num_attention_heads": "num_heads"},
        only={"use_absolute_embeddings": (False, None)},
        reads=BIASED,
        derive=_windows,
        remark=lambda config: "what the distances add to the scores is left out of the arithmetic; their net counts",
    ),
    "convnext": Family(
        "convnext",
        {"ConvNextModel": BOTH, "ConvNextForImageClassification": CLASSES},
        aliases={"num_hidden_layers": "num_stages"},
        derive=_stages,
    ),
    "convnextv2": Family(
        "convnextv2",
        {"ConvNextV2Model": BOTH, "ConvNextV2ForImageClassification": CLASSES},
        aliases={"num_hidden_layers": "num_stages"},
        ignores=("layer_scale_init_value",),
        derive=_stages,
    ),
    "dinov2_with_registers": Family(
        "dinov2_with_registers",
        {"Dinov2WithRegistersModel": BOTH, "Dinov2WithRegistersForImageClassification": CLASSES},
        reads=(*BIASED, "num_register_tokens"),
        ignores=("use_mask_token",),
        divides=DIVIDES,
    ),
    "vit_msn": Family(
        "vit_msn",
        {"ViTMSNModel": ALONE, "ViTMSNForImageClassification": CLASSES},
        reads=BIASED,
        divides=DIVIDES,
    ),
    "segformer": Family(
        "segformer",
        {
            "SegformerModel": ALONE,
            "SegformerForImageClassification": CLASSES,
            "SegformerForSemanticSegmentation": Head("segments", ("classifier",)),
        },
        aliases={"num_hidden_layers": "num_encoder_blocks"},
        only={"num_encoder_blocks": (4,), "reshape_last_stage": (True, None)},
        divides=(("hidden_sizes", "num_attention_heads"),),
        derive=_four,
    ),
    "resnet": Family("resnet", {"ResNetModel": BOTH, "ResNetForImageClassification": CLASSES}, derive=_stages),
}
