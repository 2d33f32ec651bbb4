"""Words of configs that every family shares: which module has a family, which keys change numbers alone."""

from __future__ import annotations

# Module -> the model types in it.
WHERE = {
    "decoders": (
        "gpt2 llama mistral gemma gemma2 gemma3_text qwen2 qwen3 phi phi3 olmo starcoder2 opt bloom falcon gpt_neox "
        "mamba granite olmo2 smollm3 falcon_mamba gptj codegen stablelm cohere cohere2 gpt_bigcode gpt_neo mpt arcee "
        "ministral nemotron seed_oss glm glm4 ernie4_5 exaone4 olmo3 helium ministral3 biogpt openai-gpt "
        "apertus persimmon xglm ctrl"
    ),
    "encoders": (
        "bert roberta xlm-roberta camembert distilbert albert electra deberta deberta-v2 modernbert mpnet "
        "megatron-bert ernie layoutlm roberta-prelayernorm xlm-roberta-xl data2vec-text"
    ),
    "pairs": "bart mbart plbart pegasus marian blenderbot blenderbot-small m2m_100 t5 mt5 umt5 whisper",
    "scans": "mamba2 recurrent_gemma rwkv bamba",
    "vision": (
        "vit deit dinov2 swin convnext resnet beit data2vec-vision convnextv2 dinov2_with_registers vit_msn "
        "audio-spectrogram-transformer segformer swinv2"
    ),
    "several": (
        "clip clip_text_model clip_vision_model siglip siglip_text_model siglip_vision_model gemma3 sam wav2vec2 hubert"
    ),
    "experts": (
        "mixtral qwen2_moe qwen3_moe deepseek_v2 deepseek_v3 olmoe granitemoe gpt_oss jamba phimoe granitemoeshared "
        "glm4_moe dots1 llama4_text llama4"
    ),
}
MODULES = {name: module for module, names in WHERE.items() for name in names.split()}

# Activations that the specs have; others change numbers, not shapes or counts, and are named.
_ACTIVATIONS = """
gelu gelu_new gelu_pytorch_tanh gelu_fast gelu_python gelu_python_tanh gelu_accurate relu silu swish tanh sigmoid
gelu_10 relu2 relu6 leaky_relu mish hardswish hard_swish quick_gelu linear xielu
"""
ACTIVATIONS = _ACTIVATIONS.split()
OTHER_ACTIVATIONS = ("laplace",)
# Keys that name an activation.
ACTIVATION_KEYS = (
    "hidden_act",
    "hidden_activation",
    "activation_function",
    "activation",
    "feat_extract_activation",
    "pooler_hidden_act",
    "pooler_act",
    "afn",
)

# Constants of the specs that no config has: a key of that name is unknown, and ignored.
_OWN = """
model_type head num_labels length decoder_length act qkv_bias output_bias head_norms norms_after plain_norm scaled
kv_heads inner passes c2p p2c distances buckets normed_distances shifted gated encoder_only side hidden sides padded
windows spans cap last_cap scan_norms edge count vision_side pooled each convs frame_size tdnns last_tdnn out
qk_head_dim norm_bias parallel pairwise simple convolved half tied norm_first last_norms embedding_norms spare
trained table one_table alone words lm_head_bias layer_norms use_task_id task_type_vocab_size max_2d_position_embeddings
with_pooler response_norm num_register_tokens shared_intermediate_size one_kv_head turned feat_proj_layer_norm afn
residual_dropout fused_norms each_table sinusoids first_dropout height width turns sparse written attends
"""
OWN = frozenset(_OWN.split())

# Keys that change the numbers that come out and neither a shape nor a count, with the value that changes nothing.
NUMBERS: dict[str, tuple[object, ...]] = {
    "quantization_config": (None,),
    "rope_scaling": (None,),
    "sliding_window": (None,),
    "layer_types": (None,),
    "max_window_layers": (None,),
    "attn_logit_softcapping": (None,),
    "final_logit_softcapping": (None,),
    "query_pre_attn_scalar": (None,),
    "use_bidirectional_attention": (None, False),
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
    "clip_qkv": (None,),
    "norm_topk_prob": (None,),
    "routed_scaling_factor": (1.0, 1),
    "n_group": (None, 1),
    "topk_group": (None, 1),
    "topk_method": ("greedy",),
    "scale_embedding": (False,),
    "scale_decoder_outputs": (True,),
    "apply_residual_connection_post_layernorm": (False,),
    "summary_activation": (None, "gelu", "tanh"),
    "position_embedding_type": ("absolute",),
    "embedding_multiplier": (1.0, 1),
    "residual_multiplier": (1.0, 1),
}
