"""Families of several parts, and of sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.read.huggingface.family import ALONE, DIVIDES, LM, NONE, POOLED, SEQUENCE, SHARED, Family, Head
from cnncalc.read.huggingface.spans import Spans

if TYPE_CHECKING:
    from cnncalc.read.huggingface.config import Config

CLIP_OUTPUTS = ("logits_per_image", "logits_per_text", "text_embeds", "image_embeds")
LAST = "last_hidden_state"
TOWERS = (("text_hidden_size", "text_num_attention_heads"), ("vision_hidden_size", "vision_num_attention_heads"))
SPEECH_OUTPUTS = ("last_hidden_state", "extract_features")


def _frames(config: Config) -> dict[str, object]:
    """How many convolutions wav2vec 2.0 has, and what its adapters change."""
    kernels, strides = config.value("conv_kernel"), config.value("conv_stride")
    sizes = config.value("conv_dim")
    if not len(sizes) == len(kernels) == len(strides) or not sizes:
        message = f"conv_dim has {len(sizes)} layers, conv_kernel {len(kernels)}, conv_stride {len(strides)}"
        config.problem("config-contradicts", "conv_dim", message)
    delays = config.value("tdnn_dim")
    if not len(delays) == len(config.value("tdnn_kernel")) == len(config.value("tdnn_dilation")) or not delays:
        message = "tdnn_dim, tdnn_kernel and tdnn_dilation must be lists of the same length"
        config.problem("config-contradicts", "tdnn_dim", message)
    norm = config.value("feat_extract_norm")
    if norm not in ("group", "layer"):
        config.problem("config-value", "feat_extract_norm", "feat_extract_norm must be group or layer")
    if config.values.get("adapter_attn_dim") is not None and config.value("do_stable_layer_norm"):
        message = "adapter_attn_dim with do_stable_layer_norm gives each layer an adapter, which is not read"
        config.problem("config-option", "adapter_attn_dim", message)
    if config.problems:
        return {}
    return {"convs": len(sizes), "frame_size": sizes[-1], "tdnns": len(delays), "last_tdnn": delays[-1]}


def _tower(config: Config) -> dict[str, object]:
    """Refuse images that are not read by SigLIP, and fewer patches than tokens of an image."""
    kinds = {"text_config": "gemma3_text", "vision_config": "siglip_vision_model"}
    for key, kind in kinds.items():
        given = (config.values.get(key) or {}).get("model_type", kind)
        if given != kind:
            config.problem(
                "config-option", f"{key}.model_type", f"{key}.model_type is {given}, and {kind} is what is read"
            )
    if config.value("pooled") < 1:
        message = f"mm_tokens_per_image = {config.value('mm_tokens_per_image')}, but an image has fewer patches"
        config.problem("config-contradicts", "mm_tokens_per_image", message)
    return {}


def _same_width(config: Config) -> dict[str, object]:
    """Refuse vectors of text and image that cannot be compared."""
    sizes = config.value("text_projection_size"), config.value("vision_hidden_size")
    names = config.values.get("architectures") or [""]
    if names[0] != "SiglipForImageClassification" and sizes[0] != sizes[1]:
        message = f"the vector of a text has {sizes[0]} numbers, that of an image {sizes[1]}"
        config.problem("config-contradicts", "text_config", message)
    return {}


def _fits(config: Config) -> dict[str, object]:
    """Refuse parts of SAM whose features differ."""
    sizes = {key: config.value(key) for key in ("vision_output_channels", "prompt_hidden_size", "mask_hidden_size")}
    if len(set(sizes.values())) > 1:
        said = ", ".join(f"{config.names.get(key, key)} = {size}" for key, size in sizes.items())
        config.problem("config-contradicts", "mask_decoder_config", f"the parts do not fit together: {said}")
    return {}


def _prompts(config: Config) -> str:
    return (
        "without prompts; positions that are added to keys and scores are left out of the arithmetic, their "
        "parameters count"
    )


FAMILIES = {
    "clip": Family(
        {
            "CLIPModel": Head("none", CLIP_OUTPUTS),
            "CLIPForImageClassification": Head("classes", ("classifier",), ("input_ids",)),
        },
        nested={
            "text_config": "text_",
            "text_config_dict": "text_",
            "vision_config": "vision_",
            "vision_config_dict": "vision_",
        },
        divides=TOWERS,
    ),
    "siglip": Family(
        {
            "SiglipModel": Head("none", CLIP_OUTPUTS),
            "SiglipForImageClassification": Head("classes", ("classifier",), ("input_ids",)),
        },
        nulls={"text_projection_size": "text_hidden_size"},
        only={"vision_vision_use_head": (True,)},
        nested={"text_config": "text_", "vision_config": "vision_"},
        divides=TOWERS,
        derive=_same_width,
    ),
    "siglip_text_model": Family({"SiglipTextModel": POOLED}, nulls={"projection_size": "hidden_size"}, divides=DIVIDES),
    "siglip_vision_model": Family({"SiglipVisionModel": POOLED}, divides=DIVIDES),
    "clip_text_model": Family(
        {"CLIPTextModel": POOLED, "CLIPTextModelWithProjection": Head("projection", ("text_embeds", LAST))},
        divides=DIVIDES,
    ),
    "clip_vision_model": Family(
        {"CLIPVisionModel": POOLED, "CLIPVisionModelWithProjection": Head("projection", ("image_embeds", LAST))},
        divides=DIVIDES,
    ),
    "gemma3": Family(
        {"Gemma3Model": NONE, "Gemma3ForConditionalGeneration": LM, "Gemma3ForSequenceClassification": SEQUENCE},
        ignores=("mlp_bias",),
        nested={"text_config": "", "vision_config": "vision_"},
        divides=(*SHARED, ("vision_hidden_size", "vision_num_attention_heads")),
        derive=_tower,
        spans=Spans(4096, 6),
    ),
    "sam": Family(
        {"SamModel": Head("none", ("iou_scores", "pred_masks"))},
        nested={"vision_config": "vision_", "prompt_encoder_config": "prompt_", "mask_decoder_config": "mask_"},
        divides=(("vision_hidden_size", "vision_num_attention_heads"), ("inner", "mask_num_attention_heads")),
        derive=_fits,
        remark=_prompts,
    ),
    "hubert": Family(
        {"HubertModel": ALONE, "HubertForCTC": Head("ctc"), "HubertForSequenceClassification": SEQUENCE},
        only={"conv_pos_batch_norm": (False,)},
        reads=("feat_proj_layer_norm",),
        ignores=("add_adapter",),
        divides=DIVIDES,
        derive=_frames,
    ),
    "wav2vec2": Family(
        {
            "Wav2Vec2Model": Head("none", SPEECH_OUTPUTS),
            "Wav2Vec2ForCTC": Head("ctc"),
            "Wav2Vec2ForSequenceClassification": SEQUENCE,
            "Wav2Vec2ForAudioFrameClassification": Head("frame"),
            "Wav2Vec2ForXVector": Head("xvector", ("logits", "embeddings")),
            "Wav2Vec2ForPreTraining": Head("pretraining", ("projected_states", "projected_quantized_states")),
        },
        divides=(*DIVIDES, ("codevector_dim", "num_codevector_groups")),
        derive=_frames,
    ),
}
