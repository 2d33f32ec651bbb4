"""Keys of a model's `config.json` that change no shape, no count and no output of a network at rest, each with why.

What is neither here nor a constant of the spec may change something, and is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

# Reason -> the keys.
REASONS = {
    "says how the numbers are stored or where they come from": (
        "torch_dtype dtype use_bfloat16 transformers_version _name_or_path name_or_path auto_map _commit_hash "
        "torchscript tf_legacy_loss tokenizer_class"
    ),
    "says which token stands for what": (
        "bos_token_id eos_token_id pad_token_id sep_token_id cls_token_id mask_token_id unk_token_id "
        "decoder_start_token_id begin_suppress_tokens suppress_tokens forced_bos_token_id forced_eos_token_id "
        "forced_decoder_ids prefix bad_words_ids"
    ),
    "belongs to how text is written from it": (
        "task_specific_params max_length min_length do_sample early_stopping num_beams num_beam_groups "
        "diversity_penalty temperature top_k top_p typical_p repetition_penalty length_penalty no_repeat_ngram_size "
        "encoder_no_repeat_ngram_size num_return_sequences output_scores return_dict_in_generate "
        "remove_invalid_values exponential_decay_length_penalty use_cache cache_implementation median_filter_width"
    ),
    "says what is handed back beside the output": (
        "output_attentions output_hidden_states output_router_logits return_dict"
    ),
    "belongs to training": (
        "initializer_range initializer_factor init_std gradient_checkpointing router_aux_loss_coef "
        "router_jitter_noise layerdrop encoder_layerdrop decoder_layerdrop mask_time_prob mask_time_length "
        "mask_time_min_masks mask_feature_prob mask_feature_length mask_feature_min_masks apply_spec_augment"
    ),
    "is a dropout, which acts in training alone": (
        "attention_dropout hidden_dropout hidden_dropout_prob attention_probs_dropout_prob embd_pdrop resid_pdrop "
        "attn_pdrop resid_dropout embd_dropout classifier_dropout classifier_dropout_prob dropout dropout_rate "
        "activation_dropout classif_dropout seq_classif_dropout qa_dropout summary_first_dropout "
        "summary_last_dropout"
    ),
    "belongs to a head for classes": (
        "id2label label2id num_labels problem_type finetuning_task summary_type summary_use_proj summary_activation "
        "summary_proj_to_labels use_weighted_layer_sum classifier_proj_size"
    ),
    "changes the order of the arithmetic, not what comes out": (
        "pretraining_tp slow_but_exact reorder_and_upcast_attn chunk_size_feed_forward attn_implementation "
        "_attn_implementation experts_implementation"
    ),
    "says how long a text was at most in training": "seq_length n_ctx",
}
NO_EFFECT = {key: reason for reason, keys in REASONS.items() for key in keys.split()}
# Switches that nearly every network has in the same position.
USUALLY_ON = (
    "tie_word_embeddings scale_attn_weights do_layer_norm_before layer_norm_elementwise_affine enable_bias "
    "use_parallel_residual scale_decoder_outputs"
)
USUALLY_OFF = (
    "add_cross_attention is_decoder tie_encoder_decoder attention_bias mlp_bias use_sliding_window qk_layernorm "
    "scale_attn_by_inverse_layer_idx scale_embedding apply_residual_connection_post_layernorm "
    "_remove_final_layer_norm sinusoidal_pos_embds use_bidirectional_attention"
)
OFF, USUAL = "switches nothing on", "is the default"

Harmless = Callable[[object, Mapping[str, object]], bool]


def _is(*values: object) -> Harmless:
    return lambda value, config: any(type(value) is type(one) and value == one for one in values)


def _no_head(value: object, config: Mapping[str, object]) -> bool:
    """Whether the class of the checkpoint puts no head for classes on the network."""
    names = value if isinstance(value, list) else [value]
    heads = ("Classification", "QuestionAnswering", "MultipleChoice", "RewardModel", "DoubleHeadsModel", "NextSentence")
    return all(isinstance(name, str) and not any(head in name for head in heads) for name in names)


def _no_window(value: object, config: Mapping[str, object]) -> bool:
    """Whether the file switches windows off, so that their sizes say nothing."""
    return config.get("use_sliding_window") is False


def _whole(value: object, config: Mapping[str, object]) -> bool:
    """Whether every layer reads all positions."""
    return isinstance(value, list) and all(kind == "full_attention" for kind in value)


# Keys that change nothing with some values: what nearly every network has.
UNLESS: dict[str, tuple[Harmless, str]] = {
    "architectures": (_no_head, "names the class of the checkpoint"),
    "is_encoder_decoder": (_is(False, True), "names the kind of network, which the spec writes out"),
    "is_gated_act": (_is(False, True), "repeats feed_forward_proj"),
    "dense_act_fn": (lambda value, config: "feed_forward_proj" in config, "repeats feed_forward_proj"),
    "layer_types": (_whole, "says that every layer reads all positions"),
    "max_window_layers": (_no_window, "says which layers have the window that is switched off"),
    "sliding_window": (_no_window, "is the window that is switched off"),
    "pruned_heads": (_is({}), OFF),
    **{key: (_is(True), USUAL) for key in USUALLY_ON.split()},
    **{key: (_is(False), OFF) for key in USUALLY_OFF.split()},
    "position_embedding_type": (_is("absolute"), USUAL),
    "inner_group_num": (_is(1), USUAL),
    "num_hidden_groups": (_is(1), USUAL),
}


def reason(key: str, value: object, config: Mapping[str, object]) -> str:
    """Why a key with this value changes nothing; empty where it may."""
    if value is None:
        return "says nothing"
    if key in NO_EFFECT:
        return NO_EFFECT[key]
    harmless, why = UNLESS.get(key, (_is(), ""))
    return why if harmless(value, config) else ""
