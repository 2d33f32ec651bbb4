"""Small configs of each family of Hugging Face's models: every class, every option that changes weights or shapes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Case = tuple[str, str, dict[str, Any], dict[str, list[int]]]
TEXT = {"input_ids": [7]}
DECODER = "Model ForCausalLM ForSequenceClassification ForTokenClassification ForQuestionAnswering"
NO_QA = "Model ForCausalLM ForSequenceClassification ForTokenClassification"
ENCODER = "Model ForMaskedLM ForSequenceClassification ForTokenClassification ForQuestionAnswering"
SMALL = {
    "vocab_size": 99, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4,
    "max_position_embeddings": 40, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
GROUPED = {**SMALL, "num_key_value_heads": 2}
LABELS = {"id2label": {str(number): f"c{number}" for number in range(5)}}
IMAGE = {"pixel_values": [3, 32, 32]}
VIT = {
    "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 40, "image_size": 32,
    "patch_size": 8,
}  # fmt: skip
TIED: list[dict[str, Any]] = [{"tie_word_embeddings": False}, {"tie_word_embeddings": True}]
HEAD: list[dict[str, Any]] = [{"head_dim": 12}, {"head_dim": None}]
LLAMA4 = {
    **GROUPED, "num_hidden_layers": 5, "intermediate_size_mlp": 64, "head_dim": 8, "num_local_experts": 6,
    "attention_chunk_size": 6,
}  # fmt: skip
LLAMA4_EYES = {
    "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 96, "image_size": 16,
    "patch_size": 4, "vision_output_dim": 40, "projector_input_dim": 40, "projector_output_dim": 40,
}  # fmt: skip
# model_type: prefix, classes, usual values, inputs, further values one by one.
FAMILIES: dict[str, tuple[str, str, dict[str, Any], dict[str, list[int]], list[dict[str, Any]]]] = {
    "gpt2": (
        "GPT2", "Model LMHeadModel ForSequenceClassification ForTokenClassification ForQuestionAnswering",
        {"vocab_size": 99, "n_positions": 40, "n_embd": 32, "n_layer": 3, "n_head": 4, "pad_token_id": 0}, TEXT,
        [*TIED, {"n_inner": 50}, {"n_inner": None}, {"hidden_size": 48}, {"num_hidden_layers": 1},
         {"activation_function": "relu"}, {"scale_attn_weights": False}, {"n_ctx": 20}, {"add_cross_attention": True}],
    ),
    "llama": (
        "Llama", DECODER, GROUPED, TEXT,
        [*TIED, *HEAD, {"attention_bias": True}, {"mlp_bias": True}, {"num_key_value_heads": None},
         {"num_key_value_heads": 1}, {"hidden_act": "gelu"}, {"rope_scaling": {"rope_type": "linear", "factor": 2.0}},
         {"num_hidden_layers": 0}, {"pretraining_tp": 2}],
    ),
    "mistral": ("Mistral", DECODER, GROUPED, TEXT, [*TIED, *HEAD, {"num_key_value_heads": None},
                {"sliding_window": None}, {"sliding_window": 4}, {"attention_bias": True}]),
    "qwen2": ("Qwen2", DECODER, GROUPED, TEXT, [*TIED, {"num_key_value_heads": None}, {"use_sliding_window": True},
              {"head_dim": 12}, {"max_window_layers": 1}]),
    "qwen3": ("Qwen3", DECODER, GROUPED, TEXT, [*TIED, *HEAD, {"attention_bias": True}, {"num_key_value_heads": None}]),
    "gemma": ("Gemma", NO_QA, GROUPED, TEXT, [*TIED, *HEAD, {"attention_bias": True}, {"hidden_act": "gelu"},
              {"num_key_value_heads": None}]),
    "gemma2": ("Gemma2", NO_QA, GROUPED, TEXT, [*TIED, *HEAD, {"attention_bias": True}, {"sliding_window": 3},
               {"final_logit_softcapping": None}, {"query_pre_attn_scalar": 8}]),
    "gemma3_text": ("Gemma3", "TextModel ForCausalLM", GROUPED, TEXT, [*TIED, *HEAD, {"attention_bias": True},
                    {"sliding_window_pattern": 3}, {"sliding_window": 3}]),
    "phi": ("Phi", NO_QA, {**SMALL}, TEXT, [*TIED, {"qk_layernorm": True}, {"num_key_value_heads": 2},
            {"partial_rotary_factor": 0.25}, {"hidden_act": "relu"}]),
    "phi3": ("Phi3", NO_QA, GROUPED, TEXT, [*TIED, {"num_key_value_heads": None}, {"sliding_window": 3},
             {"partial_rotary_factor": 0.5}, {"head_dim": 12}]),
    "olmo": ("Olmo", "Model ForCausalLM ForSequenceClassification", GROUPED, TEXT, [*TIED, {"attention_bias": True},
             {"clip_qkv": 8.0}, {"num_key_value_heads": None}, {"head_dim": 12}]),
    "granite": ("Granite", "Model ForCausalLM", GROUPED, TEXT, [*TIED, {"attention_bias": True}, {"mlp_bias": True},
                {"num_key_value_heads": None}, {"embedding_multiplier": 3.0}]),
    "olmo2": ("Olmo2", "Model ForCausalLM", GROUPED, TEXT, [*TIED, {"attention_bias": True},
              {"num_key_value_heads": None}]),
    "smollm3": ("SmolLM3", DECODER, GROUPED, TEXT, [*TIED, {"attention_bias": True}, {"mlp_bias": True},
                {"num_key_value_heads": None}, {"no_rope_layer_interval": 2}]),
    "falcon_mamba": (
        "FalconMamba", "Model ForCausalLM", {"vocab_size": 99, "hidden_size": 32, "num_hidden_layers": 3,
                                             "state_size": 8}, TEXT,
        [*TIED, {"expand": 3}, {"use_bias": True}, {"use_conv_bias": False}, {"time_step_rank": 5}, {"conv_kernel": 3}],
    ),
    "olmoe": ("Olmoe", "Model ForCausalLM", {**GROUPED, "num_experts": 6, "num_experts_per_tok": 2}, TEXT,
              [*TIED, {"attention_bias": True}, {"num_key_value_heads": None}, {"num_experts_per_tok": 7}]),
    "granitemoe": ("GraniteMoe", "Model ForCausalLM", {**GROUPED, "num_local_experts": 6, "num_experts_per_tok": 2},
                   TEXT, [*TIED, {"attention_bias": True}, {"num_key_value_heads": None}]),
    "phimoe": ("Phimoe", "Model ForCausalLM ForSequenceClassification",
               {**GROUPED, "num_local_experts": 6, "num_experts_per_tok": 2}, TEXT,
               [*TIED, {"attention_bias": True}, {"lm_head_bias": True}, {"num_key_value_heads": None},
                {"lm_head_bias": True, "tie_word_embeddings": True}, {"num_experts_per_tok": 7}]),
    "gpt_oss": ("GptOss", NO_QA, {**GROUPED, "head_dim": 8, "num_local_experts": 6, "num_experts_per_tok": 2}, TEXT,
                [*TIED, {"head_dim": 12}, {"attention_bias": False}, {"sliding_window": 4}]),
    "jamba": (
        "Jamba", "Model ForCausalLM ForSequenceClassification",
        {**GROUPED, "num_hidden_layers": 5, "num_experts": 6, "num_experts_per_tok": 2, "use_mamba_kernels": False},
        TEXT,
        [*TIED, {"attn_layer_period": 2, "attn_layer_offset": 0}, {"mamba_proj_bias": True}, {"mamba_conv_bias": False},
         {"mamba_dt_rank": 5}, {"mamba_d_conv": 3}, {"mamba_expand": 3}, {"num_experts": 1, "num_experts_per_tok": 1}],
    ),
    "llama4_text": (
        "Llama4", "TextModel ForCausalLM",
        LLAMA4, TEXT,
        [*TIED, {"head_dim": 12}, {"attention_bias": True}, {"interleave_moe_layer_step": 2}, {"moe_layers": [1, 3]},
         {"no_rope_layers": [1, 0, 1, 0, 1]}, {"use_qk_norm": False}, {"num_experts_per_tok": 2}],
    ),
    "llama4": (
        "Llama4", "ForConditionalGeneration", {"text_config": LLAMA4, "vision_config": LLAMA4_EYES},
        {"input_ids": [7], "pixel_values": [3, 16, 16]},
        [{"text_config": {**LLAMA4, "interleave_moe_layer_step": 2}, "vision_config": LLAMA4_EYES},
         {"text_config": {**LLAMA4, "tie_word_embeddings": True}, "vision_config": LLAMA4_EYES},
         {"text_config": LLAMA4, "vision_config": {**LLAMA4_EYES, "num_hidden_layers": 1}},
         {"text_config": LLAMA4, "tie_word_embeddings": True, "vision_config": LLAMA4_EYES}],
    ),
    "helium": ("Helium", NO_QA, {**GROUPED, "head_dim": 8}, TEXT, [*TIED, {"attention_bias": True},
               {"mlp_bias": True}, {"num_key_value_heads": 1}]),
    "ministral3": ("Ministral3", DECODER, GROUPED, TEXT, [*TIED, *HEAD, {"num_key_value_heads": None},
                   {"sliding_window": 4}]),
    "biogpt": ("BioGpt", NO_QA, SMALL, TEXT, [*TIED, {"scale_embedding": False}, {"hidden_act": "relu"}]),
    "openai-gpt": (
        "OpenAIGPT", "Model LMHeadModel ForSequenceClassification",
        {"vocab_size": 99, "n_positions": 40, "n_embd": 32, "n_layer": 3, "n_head": 4, "pad_token_id": 0}, TEXT,
        [*TIED, {"n_inner": 50}, {"afn": "relu"}, {"num_hidden_layers": 1}],
    ),
    "ctrl": (
        "CTRL", "Model LMHeadModel ForSequenceClassification",
        {"vocab_size": 99, "n_positions": 40, "n_embd": 32, "dff": 48, "n_layer": 3, "n_head": 4, "pad_token_id": 0},
        TEXT, [*TIED, {"num_hidden_layers": 1}, {"dff": 60}],
    ),
    "bamba": (
        "Bamba", "Model ForCausalLM",
        {**GROUPED, "num_hidden_layers": 5, "attn_layer_indices": [2], "mamba_n_heads": 8, "mamba_n_groups": 2,
         "mamba_d_state": 8, "pad_token_id": 0}, TEXT,
        [*TIED, {"attn_layer_indices": None}, {"attn_layer_indices": [0, 3]}, {"attention_bias": True},
         {"mlp_bias": True}, {"mamba_proj_bias": True}, {"mamba_conv_bias": False}, {"mamba_d_conv": 3},
         {"mamba_expand": 3}, {"num_key_value_heads": None}, {"mamba_n_heads": 6}, {"mamba_d_head": 5}],
    ),
    "gptj": (
        "GPTJ", "Model ForCausalLM ForSequenceClassification ForQuestionAnswering",
        {"vocab_size": 99, "n_positions": 40, "n_embd": 32, "n_layer": 3, "n_head": 4, "rotary_dim": 4,
         "pad_token_id": 0}, TEXT,
        [*TIED, {"n_inner": 50}, {"rotary_dim": 8}, {"activation_function": "relu"}, {"num_hidden_layers": 1}],
    ),
    "codegen": (
        "CodeGen", "Model ForCausalLM",
        {"vocab_size": 99, "n_positions": 40, "n_embd": 32, "n_layer": 3, "n_head": 4, "rotary_dim": 4}, TEXT,
        [*TIED, {"n_inner": 50}, {"n_layer": 1}],
    ),
    "stablelm": ("StableLm", NO_QA, GROUPED, TEXT, [*TIED, {"use_qkv_bias": True}, {"use_parallel_residual": True},
                 {"num_key_value_heads": None}, {"partial_rotary_factor": 0.5}, {"qk_layernorm": True},
                 {"attention_bias": True}, {"head_dim": 12}]),
    "cohere": ("Cohere", "Model ForCausalLM", GROUPED, TEXT, [*TIED, {"attention_bias": True}, {"mlp_bias": True},
               {"num_key_value_heads": None}, {"use_qk_norm": True}, {"head_dim": 12}]),
    "cohere2": ("Cohere2", "Model ForCausalLM", {**GROUPED, "head_dim": 8}, TEXT, [*TIED, {"attention_bias": True},
                {"head_dim": 12}, {"sliding_window": 4}, {"num_key_value_heads": None}]),
    "nemotron": ("Nemotron", DECODER, {**GROUPED, "head_dim": 8}, TEXT, [*TIED, {"attention_bias": True},
                 {"mlp_bias": True}, {"head_dim": None}, {"head_dim": 12}, {"hidden_act": "gelu"}]),
    "seed_oss": ("SeedOss", DECODER, {**GROUPED, "head_dim": 8}, TEXT, [*TIED, {"attention_bias": False},
                 {"attention_out_bias": True}, {"mlp_bias": True}, {"head_dim": 12}, {"head_dim": None},
                 {"num_key_value_heads": None}]),
    "glm": ("Glm", NO_QA, {**GROUPED, "head_dim": 8}, TEXT, [*TIED, {"attention_bias": False}, {"head_dim": 12},
            {"mlp_bias": True}, {"head_dim": None}, {"partial_rotary_factor": 1.0}]),
    "glm4": ("Glm4", NO_QA, {**GROUPED, "head_dim": 8}, TEXT, [*TIED, {"attention_bias": False}, {"head_dim": 12},
             {"head_dim": None}]),
    "ernie4_5": ("Ernie4_5", "Model ForCausalLM", {**GROUPED, "head_dim": 8}, TEXT, [*TIED, {"use_bias": True},
                 {"head_dim": 12}, {"head_dim": None}, {"num_key_value_heads": None}]),
    "exaone4": ("Exaone4", DECODER, GROUPED, TEXT, [*TIED, {"head_dim": 12}, {"sliding_window": 4},
                {"num_key_value_heads": None}, {"attention_bias": True}]),
    "starcoder2": ("Starcoder2", NO_QA, GROUPED, TEXT, [*TIED, {"use_bias": False}, {"sliding_window": 3},
                   {"num_key_value_heads": None}, {"head_dim": 12}]),
    "opt": (
        "OPT", "Model ForCausalLM ForSequenceClassification ForQuestionAnswering",
        {"vocab_size": 99, "hidden_size": 32, "ffn_dim": 48, "num_hidden_layers": 3, "num_attention_heads": 4,
         "max_position_embeddings": 40}, TEXT,
        [*TIED, {"word_embed_proj_dim": 16}, {"do_layer_norm_before": False}, {"_remove_final_layer_norm": True},
         {"enable_bias": False}, {"layer_norm_elementwise_affine": False}, {"activation_function": "gelu"},
         {"word_embed_proj_dim": None}],
    ),
    "bloom": (
        "Bloom", DECODER, {"vocab_size": 99, "hidden_size": 32, "n_layer": 3, "n_head": 4, "pad_token_id": 0}, TEXT,
        [*TIED, {"n_embed": 48}, {"num_hidden_layers": 1}, {"num_attention_heads": 2},
         {"apply_residual_connection_post_layernorm": True}, {"seq_length": 5}],
    ),
    "falcon": (
        "Falcon", DECODER,
        {"vocab_size": 99, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "pad_token_id": 0},
        TEXT,
        [*TIED, {"multi_query": False}, {"parallel_attn": False}, {"bias": True}, {"alibi": True},
         {"new_decoder_architecture": True, "num_kv_heads": 2}, {"new_decoder_architecture": True},
         {"new_decoder_architecture": True, "num_ln_in_parallel_attn": 1, "num_kv_heads": 2},
         {"num_ln_in_parallel_attn": 2}, {"ffn_hidden_size": 50}, {"n_embed": 48}, {"num_kv_heads": 1},
         {"n_layer": 3, "n_head": 2}, {"multi_query": False, "parallel_attn": False, "alibi": True, "bias": True}],
    ),
    "gpt_neox": ("GPTNeoX", DECODER, SMALL, TEXT, [*TIED, {"attention_bias": False}, {"use_parallel_residual": False},
                 {"rotary_pct": 0.5}, {"hidden_act": "relu"}]),
    "mamba": (
        "Mamba", "Model ForCausalLM", {"vocab_size": 99, "hidden_size": 32, "num_hidden_layers": 3, "state_size": 8},
        TEXT,
        [*TIED, {"expand": 3}, {"use_bias": True}, {"use_conv_bias": False}, {"time_step_rank": 5},
         {"time_step_rank": "auto"}, {"conv_kernel": 3}, {"intermediate_size": 80}, {"d_inner": 80}],
    ),
    "mixtral": ("Mixtral", DECODER, {**GROUPED, "num_local_experts": 6, "num_experts_per_tok": 2}, TEXT,
                [*TIED, *HEAD, {"num_experts_per_tok": 3}, {"num_experts": 5}, {"num_key_value_heads": None},
                 {"num_experts_per_tok": 7}]),
    "qwen2_moe": (
        "Qwen2Moe", DECODER,
        {**GROUPED, "num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 20,
         "shared_expert_intermediate_size": 28}, TEXT,
        [*TIED, {"decoder_sparse_step": 2}, {"mlp_only_layers": [1]}, {"qkv_bias": False}, {"norm_topk_prob": True},
         {"decoder_sparse_step": 2, "mlp_only_layers": [1]}, {"head_dim": 12}],
    ),
    "qwen3_moe": (
        "Qwen3Moe", DECODER, {**GROUPED, "num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 20}, TEXT,
        [*TIED, {"head_dim": 12}, {"decoder_sparse_step": 2}, {"mlp_only_layers": [0, 2]}, {"attention_bias": True},
         {"num_local_experts": 5}],
    ),
    "deepseek_v2": (
        "DeepseekV2", "Model ForCausalLM ForSequenceClassification",
        {**SMALL, "num_key_value_heads": 4, "moe_intermediate_size": 20, "n_shared_experts": 2, "n_routed_experts": 8,
         "num_experts_per_tok": 3, "first_k_dense_replace": 1, "kv_lora_rank": 10, "q_lora_rank": None,
         "qk_nope_head_dim": 8, "qk_rope_head_dim": 4, "v_head_dim": 6, "n_group": 1, "topk_group": 1}, TEXT,
        [*TIED, {"q_lora_rank": 14}, {"attention_bias": True}, {"first_k_dense_replace": 0}, {"mlp_bias": True},
         {"n_shared_experts": 1}, {"first_k_dense_replace": 5}, {"attention_bias": True, "q_lora_rank": 14},
         {"n_shared_experts": None}],
    ),
    "deepseek_v3": (
        "DeepseekV3", NO_QA,
        {**SMALL, "num_key_value_heads": 4, "moe_intermediate_size": 20, "n_shared_experts": 1, "n_routed_experts": 8,
         "num_experts_per_tok": 3, "first_k_dense_replace": 1, "kv_lora_rank": 10, "q_lora_rank": 14,
         "qk_nope_head_dim": 8, "qk_rope_head_dim": 4, "v_head_dim": 6, "n_group": 2, "topk_group": 1}, TEXT,
        [*TIED, {"q_lora_rank": None}, {"attention_bias": True}, {"first_k_dense_replace": 0},
         {"n_shared_experts": 3}, {"num_nextn_predict_layers": 0}, {"rope_interleave": False}],
    ),
    "bert": (
        "Bert", ENCODER + " ForPreTraining LMHeadModel ForNextSentencePrediction ForMultipleChoice", SMALL, TEXT,
        [*TIED, {"type_vocab_size": 1}, {"type_vocab_size": 3}, {"hidden_act": "gelu_new"}, {"is_decoder": True},
         {"add_cross_attention": True, "is_decoder": True}],
    ),
    "roberta": ("Roberta", ENCODER + " ForCausalLM ForMultipleChoice", {**SMALL, "pad_token_id": 1}, TEXT,
                [*TIED, {"type_vocab_size": 1}, {"pad_token_id": 0}]),
    "xlm-roberta": ("XLMRoberta", ENCODER + " ForCausalLM ForMultipleChoice", {**SMALL, "pad_token_id": 1}, TEXT,
                    [*TIED, {"type_vocab_size": 1}, {"pad_token_id": 0}]),
    "camembert": ("Camembert", ENCODER + " ForCausalLM ForMultipleChoice", {**SMALL, "pad_token_id": 1}, TEXT,
                  [*TIED, {"type_vocab_size": 1}, {"pad_token_id": 0}]),
    "electra": (
        "Electra", ENCODER + " ForPreTraining ForCausalLM ForMultipleChoice", {**SMALL, "embedding_size": 16}, TEXT,
        [*TIED, {"embedding_size": 32}, {"summary_use_proj": False}, {"summary_type": "mean"}, {"type_vocab_size": 1}],
    ),
    "albert": (
        "Albert", ENCODER + " ForPreTraining ForMultipleChoice", {**SMALL, "embedding_size": 16}, TEXT,
        [*TIED, {"num_hidden_groups": 3}, {"inner_group_num": 2}, {"embedding_size": 32}, {"type_vocab_size": 1}],
    ),
    "distilbert": (
        "DistilBert", ENCODER + " ForMultipleChoice",
        {"vocab_size": 99, "dim": 32, "hidden_dim": 48, "n_layers": 3, "n_heads": 4, "max_position_embeddings": 40},
        TEXT, [*TIED, {"sinusoidal_pos_embds": True}, {"hidden_size": 64}, {"activation": "relu"}],
    ),
    "deberta": (
        "Deberta", ENCODER, SMALL, TEXT,
        [*TIED, {"relative_attention": True}, {"relative_attention": True, "pos_att_type": "c2p|p2c"},
         {"relative_attention": True, "pos_att_type": ["c2p"]}, {"type_vocab_size": 2},
         {"position_biased_input": False}, {"embedding_size": 16},
         {"relative_attention": True, "pos_att_type": ["p2c"], "max_relative_positions": 9},
         {"pooler_hidden_size": 32}, {"legacy": False}, {"talking_head": True, "relative_attention": True},
         {"relative_attention": True, "pos_att_type": "c2p|p2c", "position_biased_input": False, "legacy": False}],
    ),
    "deberta-v2": (
        "DebertaV2", ENCODER + " ForMultipleChoice", SMALL, TEXT,
        [*TIED, {"relative_attention": True}, {"relative_attention": True, "pos_att_type": "c2p|p2c"},
         {"relative_attention": True, "pos_att_type": ["c2p"], "position_buckets": 6, "norm_rel_ebd": "layer_norm"},
         {"type_vocab_size": 2}, {"position_biased_input": False}, {"embedding_size": 16}, {"legacy": False},
         {"relative_attention": True, "pos_att_type": "c2p|p2c", "share_att_key": True, "position_buckets": 8},
         {"conv_kernel_size": 3, "conv_act": "gelu"}, {"conv_kernel_size": 3, "conv_groups": 2},
         {"relative_attention": True, "max_relative_positions": 9}],
    ),
    "bart": (
        "Bart", "Model ForConditionalGeneration ForSequenceClassification ForQuestionAnswering ForCausalLM",
        {"vocab_size": 99, "d_model": 32, "encoder_layers": 2, "decoder_layers": 3, "encoder_attention_heads": 4,
         "decoder_attention_heads": 2, "encoder_ffn_dim": 40, "decoder_ffn_dim": 48, "max_position_embeddings": 40},
        {"input_ids": [7], "decoder_input_ids": [5]},
        [*TIED, {"scale_embedding": True}, {"activation_function": "relu"}, {"decoder_layers": 0}],
    ),
    **{
        kind: (
            prefix, words,
            {"vocab_size": 99, "d_model": 32, "encoder_layers": 2, "decoder_layers": 3, "encoder_attention_heads": 4,
             "decoder_attention_heads": 2, "encoder_ffn_dim": 40, "decoder_ffn_dim": 48, "max_position_embeddings": 40,
             "pad_token_id": 1, "decoder_start_token_id": 1},
            {"input_ids": [7], "decoder_input_ids": [5]},
            [*TIED, {"scale_embedding": True}, {"activation_function": "relu"}, {"encoder_layers": 1}],
        )
        for kind, prefix, words in (
            ("mbart", "MBart",
             "Model ForConditionalGeneration ForSequenceClassification ForQuestionAnswering ForCausalLM"),
            ("plbart", "PLBart", "Model ForConditionalGeneration ForSequenceClassification ForCausalLM"),
            ("pegasus", "Pegasus", "Model ForConditionalGeneration ForCausalLM"),
            ("blenderbot", "Blenderbot", "Model ForConditionalGeneration ForCausalLM"),
            ("blenderbot-small", "BlenderbotSmall", "Model ForConditionalGeneration ForCausalLM"),
            ("m2m_100", "M2M100", "Model ForConditionalGeneration"),
        )
    },
    "marian": (
        "Marian", "Model MTModel ForCausalLM",
        {"vocab_size": 99, "d_model": 32, "encoder_layers": 2, "decoder_layers": 3, "encoder_attention_heads": 4,
         "decoder_attention_heads": 2, "encoder_ffn_dim": 40, "decoder_ffn_dim": 48, "max_position_embeddings": 40,
         "pad_token_id": 1, "decoder_start_token_id": 1},
        {"input_ids": [7], "decoder_input_ids": [5]},
        [*TIED, {"share_encoder_decoder_embeddings": False},
         {"share_encoder_decoder_embeddings": False, "decoder_vocab_size": 70},
         {"share_encoder_decoder_embeddings": False, "tie_word_embeddings": False}, {"decoder_vocab_size": 70}],
    ),
    "t5": (
        "T5", "Model ForConditionalGeneration EncoderModel ForSequenceClassification ForTokenClassification "
        "ForQuestionAnswering",
        {"vocab_size": 99, "d_model": 32, "d_kv": 6, "d_ff": 48, "num_layers": 2, "num_heads": 4, "pad_token_id": 0},
        {"input_ids": [7], "decoder_input_ids": [5]},
        [*TIED, {"num_decoder_layers": 3}, {"num_hidden_layers": 1},
         {"feed_forward_proj": "gated-gelu"}, {"feed_forward_proj": "gelu"},
         {"relative_attention_num_buckets": 12}, {"feed_forward_proj": "gated-silu", "tie_word_embeddings": False}],
    ),
    "mt5": (
        "MT5", "Model ForConditionalGeneration EncoderModel ForSequenceClassification ForTokenClassification "
        "ForQuestionAnswering",
        {"vocab_size": 99, "d_model": 32, "d_kv": 6, "d_ff": 48, "num_layers": 2, "num_heads": 4, "pad_token_id": 0},
        {"input_ids": [7], "decoder_input_ids": [5]},
        [*TIED, {"num_decoder_layers": 3}, {"num_hidden_layers": 1},
         {"feed_forward_proj": "gated-gelu"}, {"feed_forward_proj": "gelu"},
         {"relative_attention_num_buckets": 12}, {"feed_forward_proj": "gated-silu", "tie_word_embeddings": False}],
    ),
    "olmo3": ("Olmo3", "Model ForCausalLM ForSequenceClassification", GROUPED, TEXT,
              [*TIED, {"attention_bias": True}, {"num_key_value_heads": None}, {"num_key_value_heads": 1}]),
    "mamba2": (
        "Mamba2", "Model ForCausalLM",
        {"vocab_size": 99, "hidden_size": 32, "num_hidden_layers": 3, "state_size": 8, "num_heads": 8, "head_dim": 8,
         "n_groups": 2}, TEXT,
        [*TIED, {"expand": 3, "num_heads": 12}, {"use_bias": True}, {"use_conv_bias": False}, {"conv_kernel": 3},
         {"num_heads": 6}, {"n_groups": 1}, {"time_step_rank": 5}, {"num_heads": 4, "head_dim": 16}],
    ),
    "umt5": (
        "UMT5", "Model ForConditionalGeneration EncoderModel ForSequenceClassification ForTokenClassification "
        "ForQuestionAnswering",
        {"vocab_size": 99, "d_model": 32, "d_kv": 6, "d_ff": 48, "num_layers": 2, "num_heads": 4, "pad_token_id": 0},
        {"input_ids": [7], "decoder_input_ids": [5]},
        [*TIED, {"num_decoder_layers": 3}, {"num_hidden_layers": 1}, {"feed_forward_proj": "relu"},
         {"relative_attention_num_buckets": 12}, {"feed_forward_proj": "gated-silu", "tie_word_embeddings": False}],
    ),
    "rwkv": (
        "Rwkv", "Model ForCausalLM", {"vocab_size": 99, "hidden_size": 32, "num_hidden_layers": 3}, TEXT,
        [*TIED, {"attention_hidden_size": 48}, {"intermediate_size": 50}, {"num_hidden_layers": 1},
         {"context_length": 40}, {"rescale_every": 0}],
    ),
    "apertus": ("Apertus", "Model ForCausalLM ForTokenClassification", GROUPED, TEXT,
                [*TIED, {"attention_bias": True}, {"hidden_act": "silu"}, {"num_key_value_heads": None}]),
    "persimmon": ("Persimmon", NO_QA, SMALL, TEXT, [*TIED, {"qk_layernorm": False}, {"hidden_act": "gelu"},
                  {"partial_rotary_factor": 0.25}]),
    "xglm": (
        "XGLM", "Model ForCausalLM",
        {"vocab_size": 99, "d_model": 32, "ffn_dim": 48, "num_layers": 3, "attention_heads": 4,
         "max_position_embeddings": 40, "pad_token_id": 1}, TEXT,
        [*TIED, {"scale_embedding": False}, {"activation_function": "relu"}, {"num_hidden_layers": 1},
         {"add_cross_attention": True}],
    ),
    "segformer": (
        "Segformer", "Model ForImageClassification ForSemanticSegmentation",
        {"hidden_sizes": [8, 12, 20, 24], "num_attention_heads": [1, 2, 5, 4], "decoder_hidden_size": 20,
         "depths": [1, 2, 1, 1]},
        {"pixel_values": [3, 64, 96]},
        [{"sr_ratios": [4, 2, 1, 1]}, {"patch_sizes": [7, 5, 3, 3]}, {"strides": [4, 1, 2, 2]}, LABELS,
         {"mlp_ratios": [4, 2, 3, 4]}, {"hidden_act": "relu"}, {"hidden_dropout_prob": 0.1}],
    ),
    "recurrent_gemma": (
        "RecurrentGemma", "Model ForCausalLM",
        {"vocab_size": 99, "hidden_size": 32, "num_hidden_layers": 4, "intermediate_size": 49,
         "num_attention_heads": 4, "attention_window_size": 5}, TEXT,
        [*TIED, {"lru_width": 24}, {"num_key_value_heads": 2}, {"num_key_value_heads": 1}, {"attention_bias": True},
         {"conv1d_width": 3}, {"block_types": ["recurrent", "attention"]}, {"block_types": ["attention"]},
         {"logits_soft_cap": 10.0}, {"num_key_value_heads": 8}],
    ),
    "whisper": (
        "Whisper", "Model ForConditionalGeneration ForAudioClassification ForCausalLM",
        {"vocab_size": 99, "d_model": 32, "encoder_layers": 2, "decoder_layers": 3, "encoder_attention_heads": 4,
         "decoder_attention_heads": 2, "encoder_ffn_dim": 40, "decoder_ffn_dim": 48, "max_target_positions": 40,
         "max_source_positions": 22, "num_mel_bins": 16, "pad_token_id": 0},
        {"input_features": [16, 44], "decoder_input_ids": [5]},
        [*TIED, {"scale_embedding": True}, {"use_weighted_layer_sum": True}, {"classifier_proj_size": 20}],
    ),
    "vit": ("ViT", "Model ForImageClassification ForMaskedImageModeling", VIT, IMAGE,
            [{"qkv_bias": False}, {"head_dim": 6}, {"pooler_output_size": 20}, {"encoder_stride": 8},
             {"num_labels": 3}, {"pooler_act": "relu"}]),
    "audio-spectrogram-transformer": (
        "AST", "Model ForAudioClassification",
        {**{key: value for key, value in VIT.items() if key != "image_size"}, "max_length": 64, "num_mel_bins": 32},
        {"input_values": [64, 32]},
        [{"qkv_bias": False}, {"frequency_stride": 4}, {"time_stride": 5}, {"hidden_act": "relu"}],
    ),
    "deit": ("DeiT", "Model ForImageClassification ForImageClassificationWithTeacher ForMaskedImageModeling", VIT,
             IMAGE, [{"qkv_bias": False}, {"head_dim": 6}, {"pooler_output_size": 20}, {"encoder_stride": 8}]),
    "dinov2": (
        "Dinov2", "Model ForImageClassification",
        {key: value for key, value in VIT.items() if key != "intermediate_size"}, IMAGE,
        [{"qkv_bias": False}, {"head_dim": 6}, {"use_swiglu_ffn": True}, {"mlp_ratio": 2}, {"use_mask_token": False},
         {"layerscale_value": 0.5}],
    ),
    "swin": (
        "Swin", "Model ForImageClassification ForMaskedImageModeling",
        {"embed_dim": 12, "depths": [2, 2], "num_heads": [2, 3], "window_size": 4, "image_size": 32, "patch_size": 2,
         "encoder_stride": 4}, IMAGE,
        [{"qkv_bias": False}, {"mlp_ratio": 2.0}, {"use_absolute_embeddings": True}, {"window_size": 3},
         {"window_size": 7}, {"depths": [1, 2, 1], "num_heads": [1, 2, 4], "encoder_stride": 8}, {"patch_size": 4},
         {"depths": [2, 2, 2, 2], "num_heads": [1, 2, 4, 8], "window_size": 7, "encoder_stride": 16},
         {"depths": [3], "num_heads": [2], "encoder_stride": 2}],
    ),
    "swinv2": (
        "Swinv2", "Model ForImageClassification ForMaskedImageModeling",
        {"embed_dim": 12, "depths": [2, 2], "num_heads": [2, 3], "window_size": 4, "image_size": 32, "patch_size": 2,
         "encoder_stride": 4}, IMAGE,
        [{"qkv_bias": False}, {"mlp_ratio": 2.0}, {"use_absolute_embeddings": True}, {"window_size": 3},
         {"depths": [1, 2, 1], "num_heads": [1, 2, 4], "encoder_stride": 8}, {"patch_size": 4},
         {"depths": [3], "num_heads": [2], "encoder_stride": 2}, {"pretrained_window_sizes": [6, 6]}],
    ),
    "convnext": (
        "ConvNext", "Model ForImageClassification", {"hidden_sizes": [8, 12, 16, 24], "depths": [1, 2, 1, 1]}, IMAGE,
        [{"layer_scale_init_value": 0.0}, {"patch_size": 2},
         {"hidden_sizes": [8, 12], "depths": [2, 1], "num_stages": 2},
         {"num_channels": 3}],
    ),
    "resnet": (
        "ResNet", "Model ForImageClassification",
        {"embedding_size": 8, "hidden_sizes": [16, 32, 64, 128], "depths": [1, 2, 1, 1]}, IMAGE,
        [{"layer_type": "basic"}, {"downsample_in_first_stage": True}, {"downsample_in_bottleneck": True},
         {"hidden_sizes": [16, 32], "depths": [2, 1]}, {"layer_type": "basic", "hidden_sizes": [8, 16, 32, 64]},
         {"downsample_in_bottleneck": True, "downsample_in_first_stage": True}],
    ),
    "clip": (
        "CLIP", "Model ForImageClassification",
        {"projection_dim": 20,
         "text_config": {"vocab_size": 99, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2,
                         "num_attention_heads": 4, "max_position_embeddings": 15},
         "vision_config": {**VIT}},
        {"input_ids": [7], "pixel_values": [3, 32, 32]},
        [{"projection_dim": 16}, {"text_config": None}],
    ),
    "wav2vec2": (
        "Wav2Vec2", "Model ForCTC ForSequenceClassification ForAudioFrameClassification ForXVector ForPreTraining",
        {"vocab_size": 33, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48,
         "conv_dim": [8, 8, 12], "conv_stride": [5, 2, 2], "conv_kernel": [10, 3, 2],
         "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4, "classifier_proj_size": 20,
         "tdnn_dim": [16, 16, 20], "tdnn_kernel": [3, 2, 1], "tdnn_dilation": [1, 2, 1], "xvector_output_dim": 14},
        {"input_values": [1000]},
        [{"feat_extract_norm": "layer"}, {"conv_bias": True}, {"do_stable_layer_norm": True}, {"add_adapter": True},
         {"mask_time_prob": 0.0}, {"use_weighted_layer_sum": True}, {"adapter_attn_dim": 6},
         {"add_adapter": True, "output_hidden_size": 20}, {"num_conv_pos_embeddings": 15},
         {"feat_extract_norm": "layer", "do_stable_layer_norm": True, "conv_bias": True}],
    ),
    "gemma3": (
        "Gemma3", "Model ForConditionalGeneration ForSequenceClassification",
        {"text_config": {**GROUPED, "head_dim": 8}, "vision_config": {**VIT, "vision_use_head": False},
         "mm_tokens_per_image": 4, "image_token_index": 98}, TEXT,
        [{"tie_word_embeddings": False},
         {"text_config": {**GROUPED, "attention_bias": True, "tie_word_embeddings": False}},
         {"vision_config": {**VIT, "vision_use_head": True}}, {"vision_config": {**VIT}}, {"vision_config": None}],
    ),
    "sam": (
        "Sam", "Model",
        {"vision_config": {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "image_size": 64,
                           "patch_size": 8, "window_size": 3, "global_attn_indexes": [1], "output_channels": 16,
                           "mlp_dim": 40, "num_pos_feats": 8},
         "prompt_encoder_config": {"hidden_size": 16, "image_size": 64, "patch_size": 8, "image_embedding_size": 8},
         "mask_decoder_config": {"hidden_size": 16, "mlp_dim": 24, "num_hidden_layers": 2, "num_attention_heads": 2,
                                 "iou_head_hidden_dim": 12}},
        {"pixel_values": [3, 64, 64]},
        [{"vision_config": {"hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 2, "image_size": 64,
                            "patch_size": 8, "window_size": 4, "global_attn_indexes": [0], "output_channels": 16,
                            "num_pos_feats": 8, "use_rel_pos": False, "qkv_bias": False}}],
    ),
    "modernbert": (
        "ModernBert", ENCODER + " ForMultipleChoice", {**SMALL, "cls_token_id": 1, "sep_token_id": 2}, TEXT,
        [*TIED, {"norm_bias": True}, {"attention_bias": True}, {"mlp_bias": True}, {"decoder_bias": False},
         {"classifier_bias": True}, {"classifier_pooling": "mean"}, {"global_attn_every_n_layers": 2},
         {"local_attention": 4}],
    ),
    "mpnet": ("MPNet", ENCODER + " ForMultipleChoice", {**SMALL, "pad_token_id": 1}, TEXT,
              [*TIED, {"relative_attention_num_buckets": 12}, {"hidden_act": "relu"}]),
    "megatron-bert": (
        "MegatronBert", ENCODER + " ForPreTraining ForCausalLM ForNextSentencePrediction ForMultipleChoice", SMALL,
        TEXT, [*TIED, {"type_vocab_size": 3}],
    ),
    "ernie": ("Ernie", ENCODER + " ForPreTraining ForCausalLM ForNextSentencePrediction ForMultipleChoice", SMALL, TEXT,
              [*TIED, {"use_task_id": True}, {"use_task_id": True, "task_type_vocab_size": 5}]),
    "layoutlm": ("LayoutLM", ENCODER, SMALL, TEXT, [*TIED, {"max_2d_position_embeddings": 20}, {"type_vocab_size": 3}]),
    **{
        kind: (prefix, ENCODER + " ForCausalLM ForMultipleChoice", {**SMALL, "pad_token_id": 1}, TEXT,
               [*TIED, {"type_vocab_size": 1}, {"pad_token_id": 0}])
        for kind, prefix in (("roberta-prelayernorm", "RobertaPreLayerNorm"), ("xlm-roberta-xl", "XLMRobertaXL"),
                             ("data2vec-text", "Data2VecText"))
    },
    "siglip": (
        "Siglip", "Model ForImageClassification",
        {"text_config": {"vocab_size": 99, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2,
                         "num_attention_heads": 4, "max_position_embeddings": 15},
         "vision_config": {**VIT}},
        {"input_ids": [7], "pixel_values": [3, 32, 32]},
        [{"text_config": {"vocab_size": 99, "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 2,
                          "num_attention_heads": 4, "max_position_embeddings": 15, "projection_size": 24}}],
    ),
    "siglip_text_model": (
        "SiglipText", "Model", {"vocab_size": 99, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2,
                                "num_attention_heads": 4, "max_position_embeddings": 15}, TEXT,
        [{"projection_size": 10}, {"hidden_act": "relu"}],
    ),
    "siglip_vision_model": ("SiglipVision", "Model", VIT, IMAGE,
                            [{"vision_use_head": False}, {"num_hidden_layers": 1}]),
    "clip_text_model": (
        "CLIPText", "Model ModelWithProjection",
        {"vocab_size": 99, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2,
         "num_attention_heads": 4, "max_position_embeddings": 15}, TEXT,
        [{"projection_dim": 10}, {"hidden_act": "gelu"}],
    ),
    "clip_vision_model": ("CLIPVision", "Model ModelWithProjection", VIT, IMAGE,
                          [{"projection_dim": 10}, {"num_hidden_layers": 1}]),
    "beit": (
        "Beit", "Model ForImageClassification ForMaskedImageModeling", {**VIT, "vocab_size": 50}, IMAGE,
        [{"use_mask_token": True}, {"use_absolute_position_embeddings": True}, {"use_relative_position_bias": True},
         {"use_shared_relative_position_bias": True}, {"layer_scale_init_value": 0.0}, {"use_mean_pooling": False},
         {"head_dim": 6}],
    ),
    "data2vec-vision": (
        "Data2VecVision", "Model ForImageClassification", VIT, IMAGE,
        [{"use_absolute_position_embeddings": True}, {"use_relative_position_bias": True}, {"use_mean_pooling": False},
         {"use_mask_token": False}],
    ),
    "convnextv2": ("ConvNextV2", "Model ForImageClassification",
                   {"hidden_sizes": [8, 12, 16, 24], "depths": [1, 2, 1, 1]}, IMAGE,
                   [{"patch_size": 2}, {"hidden_sizes": [8, 12], "depths": [2, 1], "num_stages": 2}]),
    "dinov2_with_registers": (
        "Dinov2WithRegisters", "Model ForImageClassification",
        {key: value for key, value in VIT.items() if key != "intermediate_size"}, IMAGE,
        [{"num_register_tokens": 2}, {"qkv_bias": False}, {"use_swiglu_ffn": True}, {"mlp_ratio": 2}],
    ),
    "vit_msn": ("ViTMSN", "Model ForImageClassification", VIT, IMAGE, [{"qkv_bias": False}, {"num_hidden_layers": 1}]),
    "hubert": (
        "Hubert", "Model ForCTC ForSequenceClassification",
        {"vocab_size": 33, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48,
         "conv_dim": [8, 8, 12], "conv_stride": [5, 2, 2], "conv_kernel": [10, 3, 2],
         "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4, "classifier_proj_size": 20},
        {"input_values": [1000]},
        [{"feat_extract_norm": "layer"}, {"conv_bias": True}, {"do_stable_layer_norm": True},
         {"feat_proj_layer_norm": False}, {"use_weighted_layer_sum": True}, {"conv_pos_batch_norm": True}],
    ),
    "gpt_bigcode": (
        "GPTBigCode", "Model ForCausalLM ForSequenceClassification ForTokenClassification",
        {"vocab_size": 99, "n_positions": 40, "n_embd": 32, "n_layer": 3, "n_head": 4, "pad_token_id": 0}, TEXT,
        [*TIED, {"n_inner": 50}, {"multi_query": False}, {"hidden_size": 48}, {"add_cross_attention": True}],
    ),
    "gpt_neo": (
        "GPTNeo", DECODER,
        {"vocab_size": 99, "max_position_embeddings": 40, "hidden_size": 32, "num_layers": 3, "num_heads": 4,
         "attention_types": [[["global", "local"], 1], [["global"], 1]], "window_size": 3, "pad_token_id": 0}, TEXT,
        [*TIED, {"intermediate_size": 50}, {"attention_types": [[["global"], 3]]}, {"num_hidden_layers": 3}],
    ),
    "mpt": ("Mpt", DECODER, {"vocab_size": 99, "max_seq_len": 40, "d_model": 32, "n_layers": 3, "n_heads": 4,
                             "pad_token_id": 0}, TEXT, [*TIED, {"n_heads": 2}, {"hidden_size": 48}]),
    "arcee": ("Arcee", DECODER, GROUPED, TEXT, [*TIED, *HEAD, {"attention_bias": True}, {"mlp_bias": True},
              {"num_key_value_heads": None}]),
    "ministral": ("Ministral", DECODER, {**GROUPED, "head_dim": 8}, TEXT, [*TIED, {"head_dim": 12},
                  {"sliding_window": None}, {"sliding_window": 4}]),
    "granitemoeshared": (
        "GraniteMoeShared", "Model ForCausalLM", {**GROUPED, "num_local_experts": 6, "num_experts_per_tok": 2}, TEXT,
        [*TIED, {"attention_bias": True}, {"shared_intermediate_size": 20}, {"num_key_value_heads": None}],
    ),
    "glm4_moe": (
        "Glm4Moe", "Model ForCausalLM",
        {**GROUPED, "moe_intermediate_size": 20, "n_shared_experts": 1, "n_routed_experts": 8,
         "num_experts_per_tok": 3, "first_k_dense_replace": 1, "head_dim": 8}, TEXT,
        [*TIED, {"attention_bias": True}, {"use_qk_norm": True}, {"first_k_dense_replace": 2}, {"n_shared_experts": 2},
         {"head_dim": 12}, {"partial_rotary_factor": 1.0}],
    ),
    "dots1": (
        "Dots1", "Model ForCausalLM",
        {**GROUPED, "moe_intermediate_size": 20, "n_shared_experts": 1, "n_routed_experts": 8,
         "num_experts_per_tok": 3, "first_k_dense_replace": 1, "head_dim": 8}, TEXT,
        [*TIED, {"attention_bias": True}, {"first_k_dense_replace": 0}, {"n_shared_experts": 2}, {"head_dim": 12}],
    ),
}  # fmt: skip


def cases(names: list[str]) -> Iterator[Case]:
    """Every class with the usual values, the first two with each further one, and the bare model with the defaults."""
    for kind, (prefix, words, usual, inputs, more) in FAMILIES.items():
        if names and kind not in names:
            continue
        classes = [prefix + word for word in words.split()]
        bare = [""] if kind not in WITHOUT_AUTO else []
        for _ in bare:
            yield kind, "", {}, {}
        for name in [*bare, *classes]:
            yield kind, name, usual, _inputs(kind, name, inputs)
        for name in classes:
            yield kind, name, {**usual, **LABELS}, _inputs(kind, name, inputs)
        for values in more:
            for name in classes[:2]:
                yield kind, name, {**usual, **values}, _inputs(kind, name, inputs)


# Types whose bare model transformers' AutoModel does not make, or not of the defaults.
WITHOUT_AUTO = ("siglip_text_model", "ministral")
# Heads that read one text, or one picture, where the bare model takes two things.
ONE = (
    "EncoderModel", "ForTokenClassification", "ForSequenceClassification", "ForQuestionAnswering", "ForCausalLM",
    "ForAudioClassification",
)  # fmt: skip


def _inputs(kind: str, name: str, inputs: dict[str, list[int]]) -> dict[str, list[int]]:
    """The inputs that a class has."""
    if name.endswith("MultipleChoice"):
        return {}
    if name == "WhisperForCausalLM":
        return {"input_ids": [5]}
    if name.endswith("ForImageClassification"):
        return {"pixel_values": inputs["pixel_values"]}
    if "decoder_input_ids" in inputs and name.endswith(ONE):
        first = next(iter(inputs))
        return {first: inputs[first]}
    return inputs
