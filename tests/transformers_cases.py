"""Small networks of transformers' families: their configurations, their numbers, and our names for their arrays.

Numbers come from the arrays' names alone, so that the recorder and the tests have the same without storing them.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

RECORDED = Path(__file__).parent / "data" / "transformers.json.xz"
Arrays = dict[str, np.ndarray[Any, Any]]
IDS = [3, 17, 5, 0, 11, 5, 18, 2, 9]
TYPES = [0, 0, 0, 1, 1, 1, 0, 1, 1]


class Case(NamedTuple):
    """A configuration of transformers; the network that is it here; and our arrays from theirs."""

    kind: str  # the class of the configuration: Llama of LlamaConfig
    options: dict[str, Any]
    network: str  # a bundled spec, or the text of one
    ours: Callable[[dict[str, Any], Arrays], Arrays]


def numbers(name: str, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Numbers between -0.4 and 0.4 that the name decides; a norm's factors are around 1."""
    with np.errstate(over="ignore"):
        mixed = (np.arange(prod(shape), dtype=np.uint64) + np.uint64(crc32(name.encode()))) * np.uint64(
            0x9E3779B97F4A7C15
        )
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    found = ((mixed >> np.uint64(11)).astype(float) / 2**53 - 0.5) * 0.8
    around = 1 if ("norm" in name.lower() or ".ln_" in name) and name.endswith("weight") else 0
    return (found + around).reshape(shape)


def recorded() -> dict[str, Any]:
    """What transformers gave for each case: configuration, shapes of its arrays, ids, outputs."""
    with lzma.open(RECORDED, "rt", encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
    return found


# --- our arrays from theirs ----------------------------------------------------------------------------------------


def _put(found: Arrays, name: str, theirs: Arrays, other: str) -> None:
    """A layer's weight and, where it has one, its bias."""
    for end in ("weight", "bias"):
        if f"{other}.{end}" in theirs:
            found[f"{name}.{end}"] = theirs[f"{other}.{end}"]


def _attention(found: Arrays, name: str, theirs: Arrays, others: dict[str, str]) -> None:
    """W_q, b_q, ... on row vectors from Linear layers."""
    for letter, other in others.items():
        found[f"{name}.W_{letter}"] = theirs[f"{other}.weight"].T
        if f"{other}.bias" in theirs:
            found[f"{name}.b_{letter}"] = theirs[f"{other}.bias"]


def _thirds(theirs: Arrays, other: str, heads: int) -> Arrays:
    """Query, key and value of a matrix that has them one after another for each head."""
    parts: Arrays = {}
    for end in ("weight", "bias"):
        whole = theirs[f"{other}.{end}"]
        apart = whole.reshape(heads, 3, -1, *whole.shape[1:])
        for at, letter in enumerate("qkv"):
            parts[f"{letter}.{end}"] = apart[:, at].reshape(-1, *whole.shape[1:])
    return parts


def _llama(config: dict[str, Any], theirs: Arrays) -> Arrays:
    """Llama and what is built like it: Mistral, Mixtral, Gemma, Qwen2, Qwen3."""
    gemma = config["model_type"].startswith("gemma")
    if gemma:  # a checkpoint of Gemma has its norms' factors minus 1
        theirs = {name: value + (1 if "norm" in name else 0) for name, value in theirs.items()}
    found: Arrays = {}
    _put(found, "embed_tokens", theirs, "model.embed_tokens")
    _put(found, "norm", theirs, "model.norm")
    if not config["tie_word_embeddings"]:
        _put(found, "lm_head", theirs, "lm_head")
    for layer in range(config["num_hidden_layers"]):
        ours, other = f"layers.{layer}", f"model.layers.{layer}"
        first, second = f"{ours}.residual_1", f"{ours}.residual_2"
        attention = {letter: f"{other}.self_attn.{letter}_proj" for letter in "qkvo"}
        _put(found, f"{first}.input_norm", theirs, f"{other}.input_layernorm")
        if config["model_type"] == "gemma2":
            _put(found, f"{first}.after", theirs, f"{other}.post_attention_layernorm")
            _put(found, f"{second}.post_norm", theirs, f"{other}.pre_feedforward_layernorm")
            _put(found, f"{second}.after", theirs, f"{other}.post_feedforward_layernorm")
        else:
            _put(found, f"{second}.post_norm", theirs, f"{other}.post_attention_layernorm")
        if config["model_type"] == "qwen2":
            for letter, name in attention.items():
                _put(found, f"{first}.self_attn.{letter}_proj", theirs, name)
        else:
            _attention(found, f"{first}.self_attn", theirs, attention)
            for letter in "qk":
                _put(found, f"{first}.self_attn.{letter}_norm", theirs, f"{other}.self_attn.{letter}_norm")
        if config["model_type"] == "mixtral":
            experts = f"{second}.moe.experts"
            found[f"{second}.moe.router.weight"] = theirs[f"{other}.mlp.gate.weight"]
            both = theirs[f"{other}.mlp.experts.gate_up_proj"]
            found[f"{experts}.gate_proj.weight"], found[f"{experts}.up_proj.weight"] = np.split(both, 2, 1)
            found[f"{experts}.down_proj.weight"] = theirs[f"{other}.mlp.experts.down_proj"]
        else:
            for part in ("gate", "up", "down"):
                _put(found, f"{second}.mlp.{part}", theirs, f"{other}.mlp.{part}_proj")
    return found


def _neox(config: dict[str, Any], theirs: Arrays) -> Arrays:
    found: Arrays = {}
    _put(found, "embed_in", theirs, "gpt_neox.embed_in")
    _put(found, "final_norm", theirs, "gpt_neox.final_layer_norm")
    _put(found, "embed_out", theirs, "lm_head")
    for layer in range(config["num_hidden_layers"]):
        other, ours = f"gpt_neox.layers.{layer}", f"layers.{layer}.residual_1.both"
        attention = f"{other}.attention"
        parts = _thirds(theirs, f"{attention}.query_key_value", config["num_attention_heads"])
        _put(parts, "o", theirs, f"{attention}.dense")
        _put(found, f"{ours}.0.input_norm", theirs, f"{other}.input_layernorm")
        _attention(found, f"{ours}.0.self_attn", parts, dict(zip("qkvo", "qkvo", strict=True)))
        _put(found, f"{ours}.1.post_norm", theirs, f"{other}.post_attention_layernorm")
        _put(found, f"{ours}.1.fc1", theirs, f"{other}.mlp.dense_h_to_4h")
        _put(found, f"{ours}.1.fc2", theirs, f"{other}.mlp.dense_4h_to_h")
    return found


def _phi(config: dict[str, Any], theirs: Arrays) -> Arrays:
    found: Arrays = {}
    _put(found, "embed_tokens", theirs, "model.embed_tokens")
    _put(found, "final_norm", theirs, "model.final_layernorm")
    _put(found, "lm_head", theirs, "lm_head")
    for layer in range(config["num_hidden_layers"]):
        other, ours = f"model.layers.{layer}", f"layers.{layer}.residual_1"
        names = {"q": "q_proj", "k": "k_proj", "v": "v_proj", "o": "dense"}
        attention = {letter: f"{other}.self_attn.{name}" for letter, name in names.items()}
        _put(found, f"{ours}.input_norm", theirs, f"{other}.input_layernorm")
        _attention(found, f"{ours}.parallel_1.0.self_attn", theirs, attention)
        _put(found, f"{ours}.parallel_1.1.fc1", theirs, f"{other}.mlp.fc1")
        _put(found, f"{ours}.parallel_1.1.fc2", theirs, f"{other}.mlp.fc2")
    return found


def _bloom(config: dict[str, Any], theirs: Arrays) -> Arrays:
    found: Arrays = {}
    _put(found, "words", theirs, "transformer.word_embeddings")
    _put(found, "words_norm", theirs, "transformer.word_embeddings_layernorm")
    _put(found, "ln_f", theirs, "transformer.ln_f")
    for layer in range(config["n_layer"]):
        other, ours = f"transformer.h.{layer}", f"h.{layer}"
        parts = _thirds(theirs, f"{other}.self_attention.query_key_value", config["n_head"])
        _put(parts, "o", theirs, f"{other}.self_attention.dense")
        _put(found, f"{ours}.residual_1.input_norm", theirs, f"{other}.input_layernorm")
        _attention(found, f"{ours}.residual_1.attention", parts, dict(zip("qkvo", "qkvo", strict=True)))
        _put(found, f"{ours}.residual_2.post_norm", theirs, f"{other}.post_attention_layernorm")
        _put(found, f"{ours}.residual_2.fc1", theirs, f"{other}.mlp.dense_h_to_4h")
        _put(found, f"{ours}.residual_2.fc2", theirs, f"{other}.mlp.dense_4h_to_h")
    return found


def _gpt2(config: dict[str, Any], theirs: Arrays) -> Arrays:
    found: Arrays = {}
    for name in ("wte", "wpe", "ln_f"):
        _put(found, name, theirs, f"transformer.{name}")
    for layer in range(config["n_layer"]):
        other, ours = f"transformer.h.{layer}", f"h.{layer}"
        parts: Arrays = {}
        for end in ("weight", "bias"):  # its matrices stand on the right already
            for letter, part in zip("qkv", np.split(theirs[f"{other}.attn.c_attn.{end}"], 3, -1), strict=True):
                parts[f"{letter}.{end}"] = part.T
            parts[f"o.{end}"] = theirs[f"{other}.attn.c_proj.{end}"].T
        _put(found, f"{ours}.residual_1.ln_1", theirs, f"{other}.ln_1")
        _attention(found, f"{ours}.residual_1.attn", parts, dict(zip("qkvo", "qkvo", strict=True)))
        _put(found, f"{ours}.residual_2.ln_2", theirs, f"{other}.ln_2")
        for name in ("c_fc", "c_proj"):
            found[f"{ours}.residual_2.{name}.weight"] = theirs[f"{other}.mlp.{name}.weight"].T
            found[f"{ours}.residual_2.{name}.bias"] = theirs[f"{other}.mlp.{name}.bias"]
    return found


def _bert(config: dict[str, Any], theirs: Arrays) -> Arrays:
    found: Arrays = {}
    names = {"words": "word_embeddings", "types": "token_type_embeddings", "positions": "position_embeddings"}
    for ours, name in {**names, "norm": "LayerNorm"}.items():
        _put(found, ours, theirs, f"embeddings.{name}")
    _put(found, "pooler", theirs, "pooler.dense")
    for layer in range(config["num_hidden_layers"]):
        other, ours = f"encoder.layer.{layer}", f"encoder.{layer}"
        for end in ("weight", "bias"):
            parts = [theirs[f"{other}.attention.self.{name}.{end}"] for name in ("query", "key", "value")]
            found[f"{ours}.residual_1.self_attn.in_proj_{end}"] = np.concatenate(parts)
        _put(found, f"{ours}.residual_1.self_attn.out_proj", theirs, f"{other}.attention.output.dense")
        _put(found, f"{ours}.norm1", theirs, f"{other}.attention.output.LayerNorm")
        _put(found, f"{ours}.residual_2.intermediate", theirs, f"{other}.intermediate.dense")
        _put(found, f"{ours}.residual_2.output", theirs, f"{other}.output.dense")
        _put(found, f"{ours}.norm2", theirs, f"{other}.output.LayerNorm")
    return found


# --- the cases -----------------------------------------------------------------------------------------------------

FEED_FORWARD = """
define:
  feed_forward():
    - up: Linear(hidden_size, intermediate_size, bias=False)
      from: input
    - gate: Linear(hidden_size, intermediate_size, bias=False)
      from: input
    - act: {act}
    - product: Multiply
      from: [up, act]
    - down: Linear(intermediate_size, hidden_size, bias=False)
"""

# Queries and keys are normalised head by head (Yang et al. 2025).
QWEN3 = (
    """
name: qwen3
input: {shape: [length], dtype: int}
let:
  model_type: qwen3
  length: 9
  vocab_size: 19
  hidden_size: 16
  intermediate_size: 20
  num_hidden_layers: 2
  num_attention_heads: 4
  num_key_value_heads: 2
  head_dim: 6
  rms_norm_eps: 1e-6
  rope_theta: 10000
  hidden_act: silu
  tie_word_embeddings: false
"""
    + FEED_FORWARD.format(act="SiLU")
    + """
  layer():
    - residual:
        - input_norm: RMSNorm(hidden_size, eps=rms_norm_eps)
        - self_attn:
            attention:
              num_heads: num_attention_heads
              head_dim: head_dim
              num_kv_heads: num_key_value_heads
              out_proj: true
              causal: true
              rope: RotaryEmbedding(base=rope_theta, interleaved=False)
              qk_norm: RMSNorm(eps=rms_norm_eps)
    - residual:
        - post_norm: RMSNorm(hidden_size, eps=rms_norm_eps)
        - mlp: feed_forward()
layers:
  - embed_tokens: Embedding(vocab_size, hidden_size)
  - layers: layer()
    repeat: num_hidden_layers
  - norm: RMSNorm(hidden_size, eps=rms_norm_eps)
  - lm_head: Linear(hidden_size, vocab_size, bias=False)
"""
)

# Scores and the last layer's numbers are capped, norms stand on both sides, every second layer has a window (Gemma
# Team 2024).
GEMMA2 = (
    """
name: gemma2
input: {shape: [length], dtype: int}
let:
  model_type: gemma2
  length: 9
  vocab_size: 19
  hidden_size: 16
  intermediate_size: 20
  num_hidden_layers: 2
  num_attention_heads: 4
  num_key_value_heads: 2
  head_dim: 6
  rms_norm_eps: 1e-6
  rope_theta: 10000
  query_pre_attn_scalar: 256
  attn_logit_softcapping: 50
  final_logit_softcapping: 30
  sliding_window: 4096
  layer_types: [sliding_attention, full_attention]
  hidden_activation: gelu_pytorch_tanh
"""
    + FEED_FORWARD.format(act='GELU(approximate="tanh")')
    + """
  layer(window):
    - residual:
        - input_norm: RMSNorm(hidden_size, eps=rms_norm_eps)
        - self_attn:
            attention:
              num_heads: num_attention_heads
              head_dim: head_dim
              num_kv_heads: num_key_value_heads
              out_proj: true
              causal: true
              window: window
              scale: sqrt(query_pre_attn_scalar)
              softcap: attn_logit_softcapping
              rope: RotaryEmbedding(base=rope_theta, interleaved=False)
        - after: RMSNorm(hidden_size, eps=rms_norm_eps)
    - residual:
        - post_norm: RMSNorm(hidden_size, eps=rms_norm_eps)
        - mlp: feed_forward()
        - after: RMSNorm(hidden_size, eps=rms_norm_eps)
layers:
  - embed_tokens: Embedding(vocab_size, hidden_size)
  - scale: Scale(sqrt(hidden_size))
  - layers: layer(sliding_window if index % 2 == 0 else None)
    repeat: num_hidden_layers
  - norm: RMSNorm(hidden_size, eps=rms_norm_eps)
  - lm_head: Linear(hidden_size, vocab_size, bias=False)
    share: embed_tokens
  - less: Scale(1 / final_logit_softcapping)
  - tanh: Tanh
  - more: Scale(final_logit_softcapping)
"""
)

SMALL: dict[str, Any] = {
    "vocab_size": 19, "hidden_size": 16, "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 4,
    "bos_token_id": None, "eos_token_id": None, "pad_token_id": None,
}  # fmt: skip
GROUPED = {**SMALL, "num_key_value_heads": 2}
LONGER = {"rope_type": "llama3", "rope_theta": 10.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 20}  # fmt: skip

CASES: dict[str, Case] = {
    "llama": Case("Llama", GROUPED, "llama3_8b", _llama),
    "llama, every head its own, biases, tied": Case(
        "Llama",
        {**SMALL, "attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True, "rms_norm_eps": 1e-3},
        "llama2_7b",
        _llama,
    ),
    "llama, longer texts": Case("Llama", {**GROUPED, "rope_parameters": LONGER}, "llama3_2_3b", _llama),
    "llama, longer texts, linear": Case(
        "Llama",
        {**GROUPED, "rope_parameters": {"rope_type": "linear", "rope_theta": 100.0, "factor": 4.0}},
        "tinyllama",
        _llama,
    ),
    "mistral": Case("Mistral", {**GROUPED, "head_dim": 6, "sliding_window": 3}, "mistral_7b", _llama),
    "mixtral": Case("Mixtral", {**GROUPED, "num_local_experts": 5, "num_experts_per_tok": 2}, "mixtral_8x7b", _llama),
    "gemma": Case("Gemma", {**GROUPED, "head_dim": 6, "num_key_value_heads": 1}, "gemma_2b", _llama),
    "qwen2": Case("Qwen2", {**GROUPED, "tie_word_embeddings": True}, "qwen2_1_5b", _llama),
    "qwen2, a head of its own": Case(
        "Qwen2", {**GROUPED, "rope_parameters": {"rope_type": "default", "rope_theta": 77.0}}, "qwen2_7b", _llama
    ),
    "pythia": Case("GPTNeoX", {**SMALL, "hidden_size": 32}, "pythia_160m", _neox),
    "pythia, an odd part turns": Case(
        "GPTNeoX",
        {**SMALL, "hidden_size": 48, "rope_parameters": {"rope_theta": 50.0, "partial_rotary_factor": 0.25}},
        "pythia_160m",
        _neox,
    ),
    "phi": Case(
        "Phi",
        {
            **SMALL,
            "hidden_size": 40,
            "rope_parameters": {"rope_theta": 50.0, "partial_rotary_factor": 0.4, "rope_type": "default"},
        },
        "phi_2",
        _phi,
    ),
    "bloom": Case(
        "Bloom",
        {"vocab_size": 19, "hidden_size": 18, "n_layer": 2, "n_head": 3, "bos_token_id": None, "eos_token_id": None},
        "bloom_176b",
        _bloom,
    ),
    "gpt2": Case(
        "GPT2",
        {
            "vocab_size": 19,
            "n_embd": 16,
            "n_layer": 2,
            "n_head": 4,
            "n_positions": 9,
            "n_inner": 24,
            "bos_token_id": None,
            "eos_token_id": None,
        },
        "gpt2",
        _gpt2,
    ),
    "bert": Case("Bert", {**SMALL, "max_position_embeddings": 12, "layer_norm_eps": 1e-4}, "bert_base", _bert),
    "qwen3": Case("Qwen3", {**GROUPED, "head_dim": 6}, QWEN3, _llama),
    "gemma2": Case(
        "Gemma2",
        {
            **GROUPED,
            "head_dim": 6,
            "sliding_window": 4,
            "query_pre_attn_scalar": 5,
            "attn_logit_softcapping": 1.5,
            "final_logit_softcapping": 2.0,
        },
        GEMMA2,
        _llama,
    ),
}
