"""Families of an encoder and a decoder that reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cnncalc.read.huggingface.family import LM, NONE, Family, Head
from cnncalc.read.huggingface.words import ACTIVATIONS, OTHER_ACTIVATIONS

if TYPE_CHECKING:
    from cnncalc.read.huggingface.config import Config

TEXT, IDS = ("decoder_input_ids",), ("input_ids",)
SEQUENCE, TOKEN = Head("sequence", without=TEXT), Head("token", without=TEXT)
QUESTION = Head("question", ("start_logits", "end_logits"), TEXT)


def _feed_forward(config: Config, usual: str = "relu", layers: int = 6) -> dict[str, object]:
    """T5's feed-forward net, as `feed_forward_proj` names it, and whether the head is scaled."""
    kind = config.values.get("feed_forward_proj", usual)
    words = kind.split("-") if isinstance(kind, str) else []
    gated = len(words) == 2 and words[0] == "gated"
    if not (gated or len(words) == 1) or words[-1] not in (*ACTIVATIONS, *OTHER_ACTIVATIONS):
        message = "feed_forward_proj must be an activation, or gated- and an activation"
        config.problem("config-value", "feed_forward_proj", message)
        return {}
    found: dict[str, object] = {}
    if config.values.get("num_decoder_layers") is None:
        # transformers takes it from num_layers before another name of that is heard.
        found["num_decoder_layers"] = config.written.get("num_layers", layers)
    act = "gelu_new" if kind == "gated-gelu" else words[-1]
    return {**found, "gated": gated, "act": act, "scaled": config.values.get("tie_word_embeddings") is not False}


def _feed_forward_mt5(config: Config) -> dict[str, object]:
    """mT5 has other usual values, and its head is never scaled."""
    return {**_feed_forward(config, "gated-gelu", 8), "scaled": False}


def _tied(config: Config) -> str:
    if config.values.get("tie_word_embeddings") is not False:
        return ""
    more = config.value("vocab_size") * config.value("d_model")
    return (
        "tie_word_embeddings is false, and transformers 5 ties the head all the same; the published checkpoints of "
        f"T5 v1.1, Flan and mT5 have a head of their own, {more:,} parameters more"
    )


T5_NAMES = {
    "hidden_size": "d_model",
    "num_attention_heads": "num_heads",
    "num_hidden_layers": "num_layers",
    "head_dim": "d_kv",
}

# Read as a decoder, the encoder gets cross-attention that nothing passes.
ENCODED = {"is_decoder": (False, None)}
CLASSIFIER = {"ForSequenceClassification": SEQUENCE}
QUESTIONS = {**CLASSIFIER, "ForQuestionAnswering": QUESTION}
CAUSAL = Head("causal", without=TEXT)


def _pair(
    prefix: str, more: Mapping[str, Head], generates: str = "ForConditionalGeneration", causal: bool = True
) -> Family:
    """A family built like BART, with these classes beside the usual ones."""
    words = {"Model": NONE, generates: LM, **more, **({"ForCausalLM": CAUSAL} if causal else {})}
    return Family(
        {prefix + word: head for word, head in words.items()},
        aliases={
            "num_attention_heads": "encoder_attention_heads",
            "hidden_size": "d_model",
            "num_hidden_layers": "encoder_layers",
        },
        ignores=("share_encoder_decoder_embeddings", "decoder_vocab_size"),
        divides=(("d_model", "encoder_attention_heads"), ("d_model", "decoder_attention_heads")),
    )


def _vocabularies(config: Config) -> dict[str, object]:
    """Refuse two vocabularies where one table is for both, and where the decoder alone would need both."""
    sizes = config.value("vocab_size"), config.value("decoder_vocab_size")
    names = config.values.get("architectures") or [""]
    both = config.value("share_encoder_decoder_embeddings") or names[0] == "MarianForCausalLM"
    if both and sizes[0] != sizes[1]:
        message = f"decoder_vocab_size is {sizes[1]}, but one table of {sizes[0]} words is for encoder and decoder"
        config.problem("config-contradicts", "decoder_vocab_size", message)
    return {}


def _t5(name: str, derive: Callable[[Any], dict[str, object]]) -> Family:
    """T5 and those of its kind, which differ in their classes' names and in what stands where the config is silent."""
    classes = {
        "Model": NONE,
        "ForConditionalGeneration": LM,
        "EncoderModel": Head("encoder", without=TEXT),
        "ForSequenceClassification": SEQUENCE,
        "ForTokenClassification": TOKEN,
        "ForQuestionAnswering": QUESTION,
    }
    heads = {name + end: head for end, head in classes.items()}
    return Family(heads, aliases=T5_NAMES, only=ENCODED, derive=derive, remark=_tied)


FAMILIES = {
    "bart": _pair("Bart", QUESTIONS)._replace(labels=3),
    "mbart": _pair("MBart", QUESTIONS),
    "plbart": _pair("PLBart", CLASSIFIER),
    "pegasus": _pair("Pegasus", {}),
    "blenderbot": _pair("Blenderbot", {}),
    "blenderbot-small": _pair("BlenderbotSmall", {}),
    "m2m_100": _pair("M2M100", {}, causal=False),
    "marian": _pair("Marian", {}, "MTModel")._replace(
        nulls={"decoder_vocab_size": "vocab_size"}, ignores=(), derive=_vocabularies
    ),
    "t5": _t5("T5", _feed_forward),
    "mt5": _t5("MT5", _feed_forward_mt5),
    "umt5": _t5("UMT5", lambda config: _feed_forward(config, "gated-gelu", 8)),
    "whisper": Family(
        {
            "WhisperModel": Head("none", without=IDS),
            "WhisperForConditionalGeneration": Head("lm", without=IDS),
            "WhisperForAudioClassification": Head("audio", without=(*TEXT, *IDS)),
            "WhisperForCausalLM": Head("causal", without=("input_features", *TEXT)),
        },
        aliases={
            "num_attention_heads": "encoder_attention_heads",
            "num_key_value_heads": "encoder_attention_heads",
            "hidden_size": "d_model",
            "num_hidden_layers": "encoder_layers",
        },
        divides=(("d_model", "encoder_attention_heads"), ("d_model", "decoder_attention_heads")),
    ),
}
