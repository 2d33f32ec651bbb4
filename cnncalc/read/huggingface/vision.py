"""Families that read images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.read.huggingface.family import ALONE, DIVIDES, POOLED, Family, Head

if TYPE_CHECKING:
    from cnncalc.read.huggingface.config import Config

CLASSES, MASKED = Head("classes", ("classifier",)), Head("masked")
BIASED = ("qkv_bias",)
POOLER = {"pooler_output_size": "hidden_size"}


def _windows(config: Config) -> dict[str, object]:
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


def _stages(config: Config) -> dict[str, object]:
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


def _four(config: Config) -> dict[str, object]:
    """SegFormer has four stages: each list says something of each."""
    for key in ("depths", "sr_ratios", "hidden_sizes", "patch_sizes", "strides", "num_attention_heads", "mlp_ratios"):
        if len(config.value(key)) != 4:
            message = f"{key} has {len(config.value(key))} numbers, and there are 4 stages"
            config.problem("config-contradicts", key, message)
    return {}


def _relative(config: Config) -> str:
    tables = config.value("use_relative_position_bias") or config.value("use_shared_relative_position_bias")
    return "what relative positions add to the scores is left out of the arithmetic; tables count" if tables else ""


WORDS = {
    "ImageClassification": CLASSES,
    "AudioClassification": CLASSES,
    "MaskedImageModeling": MASKED,
    "ImageClassificationWithTeacher": Head("teacher", ("logits", "cls_classifier", "distillation_classifier")),
    "SemanticSegmentation": Head("segments", ("classifier",)),
}


def classes(prefix: str, *words: str, bare: Head = POOLED) -> dict[str, Head]:
    """The classes of a family, the bare one first; without words the one that classifies images beside it."""
    return {f"{prefix}Model": bare, **{f"{prefix}For{word}": WORDS[word] for word in words or IMAGES[:1]}}


IMAGES = ("ImageClassification", "MaskedImageModeling")
FAMILIES = {
    "vit": Family(classes("ViT", *IMAGES), nulls=POOLER, reads=BIASED, divides=DIVIDES),
    "audio-spectrogram-transformer": Family(classes("AST", "AudioClassification"), reads=BIASED, divides=DIVIDES),
    "deit": Family(
        classes("DeiT", "ImageClassification", "ImageClassificationWithTeacher", "MaskedImageModeling"),
        nulls=POOLER,
        reads=BIASED,
        divides=DIVIDES,
    ),
    "dinov2": Family(classes("Dinov2"), reads=BIASED, divides=DIVIDES),
    "beit": Family(classes("Beit", *IMAGES), divides=DIVIDES, remark=_relative),
    "data2vec-vision": Family(classes("Data2VecVision", bare=ALONE), divides=DIVIDES, remark=_relative),
    "swin": Family(
        classes("Swin", *IMAGES), aliases={"num_attention_heads": "num_heads"}, reads=BIASED, derive=_windows
    ),
    "swinv2": Family(
        classes("Swinv2", *IMAGES),
        aliases={"num_attention_heads": "num_heads"},
        only={"use_absolute_embeddings": (False, None)},
        reads=BIASED,
        derive=_windows,
        remark=lambda config: "what the distances add to the scores is left out of the arithmetic; their net counts",
    ),
    "convnext": Family(classes("ConvNext"), aliases={"num_hidden_layers": "num_stages"}, derive=_stages),
    "convnextv2": Family(
        classes("ConvNextV2"),
        aliases={"num_hidden_layers": "num_stages"},
        ignores=("layer_scale_init_value",),
        derive=_stages,
    ),
    "dinov2_with_registers": Family(
        classes("Dinov2WithRegisters"),
        reads=(*BIASED, "num_register_tokens"),
        ignores=("use_mask_token",),
        divides=DIVIDES,
    ),
    "vit_msn": Family(classes("ViTMSN", bare=ALONE), reads=BIASED, divides=DIVIDES),
    "segformer": Family(
        classes("Segformer", "ImageClassification", "SemanticSegmentation", bare=ALONE),
        aliases={"num_hidden_layers": "num_encoder_blocks"},
        only={"num_encoder_blocks": (4,), "reshape_last_stage": (True, None)},
        divides=(("hidden_sizes", "num_attention_heads"),),
        derive=_four,
    ),
    "resnet": Family(classes("ResNet"), derive=_stages),
}
