"""Families of encoders: every position of a text reads all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.read.huggingface.family import ALONE, ALONE_ONLY, DIVIDES, POOLED, QUESTION, TOKEN, Family, Head

if TYPE_CHECKING:
    from cnncalc.read.huggingface.config import Config

MLM = Head("mlm")
CLASSIFIER = Head("sequence", ("classifier",))
CHOICE = Head("choice", ("classifier",))
USUAL = {
    "ForMaskedLM": MLM,
    "ForSequenceClassification": CLASSIFIER,
    "ForTokenClassification": TOKEN,
    "ForQuestionAnswering": QUESTION,
}


def classes(prefix: str, bare: Head, **more: Head) -> dict[str, Head]:
    """The classes of a family, the bare one first."""
    return {prefix + word: head for word, head in {"Model": bare, **USUAL, **more}.items()}


def choices(config: Config) -> str:
    """What there is to say of a class that chooses among several texts."""
    names = config.values.get("architectures") or [""]
    return "the figures are those of one of the choices" if str(names[0]).endswith("MultipleChoice") else ""


def _two_labels(config: Config) -> dict[str, object]:
    names = config.values.get("architectures") or [""]
    if names[0] == "DistilBertForQuestionAnswering" and config.labels != 2:
        message = f"DistilBertForQuestionAnswering needs two labels, start and end, not {config.labels}"
        config.problem("config-contradicts", "id2label", message)
    return {}


def _groups(config: Config) -> dict[str, object]:
    layers, groups = config.value("num_hidden_layers"), config.value("num_hidden_groups")
    if not 0 < groups <= layers:
        message = f"num_hidden_groups = {groups} is none for each of num_hidden_layers = {layers}, or more than those"
        config.problem("config-contradicts", "num_hidden_groups", message)
        return {}
    passes = [0] * groups
    for layer in range(layers):
        passes[int(layer / (layers / groups))] += 1
    return {"passes": passes}


def _distances(config: Config) -> dict[str, object]:
    """Which scores of distances there are: pos_att_type is a list, or words with bars between them."""
    kinds = config.values.get("pos_att_type")
    if isinstance(kinds, str):
        kinds = [word.strip() for word in kinds.lower().split("|")]
    if kinds is not None and not isinstance(kinds, list):
        config.problem("config-value", "pos_att_type", "pos_att_type must be a list, or words with bars between them")
        kinds = None
    width, size = config.values.get("pooler_hidden_size"), config.value("hidden_size")
    if width is not None and width != size:
        message = f"pooler_hidden_size = {width}, but the pooler takes hidden_size = {size} numbers"
        config.problem("config-contradicts", "pooler_hidden_size", message)
    norms = config.values.get("norm_rel_ebd")
    normed = isinstance(norms, str) and "layer_norm" in [word.strip() for word in norms.lower().split("|")]
    if normed and not config.value("relative_attention"):
        message = "norm_rel_ebd without relative_attention keeps a norm that nothing passes: it is not read"
        config.problem("config-option", "norm_rel_ebd", message)
    return {"c2p": "c2p" in (kinds or ()), "p2c": "p2c" in (kinds or ()), "normed_distances": normed}


def _relative(config: Config) -> str:
    said = choices(config)
    if config.value("relative_attention"):
        said = "the scores of distances are left out of the arithmetic; their parameters count" + (said and f"; {said}")
    return said


def _deberta(prefix: str, **more: Head) -> Family:
    return Family(
        classes(prefix, ALONE, **more),
        only={"talking_head": (False, None)},
        divides=DIVIDES,
        derive=_distances,
        remark=_relative,
    )


def _roberta(prefix: str, spec: str = "") -> Family:
    return Family(
        classes(prefix, POOLED, ForCausalLM=MLM, ForMultipleChoice=CHOICE),
        spec,
        only=ALONE_ONLY,
        divides=DIVIDES,
        remark=choices,
    )


def _bert(prefix: str, reads: tuple[str, ...] = (), **lm: Head) -> Family:
    """BERT and those built like it, which may be trained to tell whether a sentence follows."""
    heads = {
        "ForPreTraining": Head("pretraining", ("prediction_logits", "seq_relationship")),
        **lm,
        "ForNextSentencePrediction": Head("next", ("seq_relationship",)),
        "ForMultipleChoice": CHOICE,
    }
    return Family(classes(prefix, POOLED, **heads), only=ALONE_ONLY, reads=reads, divides=DIVIDES, remark=choices)


def _windowed(config: Config) -> str:
    """ModernBERT reads both ways through windows; the layers here read all, or a window behind them."""
    return "all layers are taken to read the whole text: windows are left out of the arithmetic"


FAMILIES = {
    "bert": _bert("Bert", LMHeadModel=MLM),
    "roberta": _roberta("Roberta"),
    "xlm-roberta": _roberta("XLMRoberta"),
    "camembert": _roberta("Camembert", "xlm-roberta"),
    "electra": Family(
        classes("Electra", ALONE, ForPreTraining=Head("replaced"), ForCausalLM=MLM, ForMultipleChoice=CHOICE)
        | {"ElectraForSequenceClassification": Head("sequence", ("out_proj",))},
        only={**ALONE_ONLY, "summary_type": ("first", "last", "mean", None)},
        divides=DIVIDES,
        remark=choices,
    ),
    "albert": Family(
        classes(
            "Albert",
            POOLED,
            ForPreTraining=Head("pretraining", ("prediction_logits", "classifier")),
            ForMultipleChoice=CHOICE,
        ),
        only={"inner_group_num": (1,)},
        divides=DIVIDES,
        derive=_groups,
        remark=choices,
    ),
    "distilbert": Family(
        classes("DistilBert", ALONE, ForMultipleChoice=CHOICE),
        aliases={"hidden_size": "dim", "num_attention_heads": "n_heads", "num_hidden_layers": "n_layers"},
        divides=(("dim", "n_heads"),),
        derive=_two_labels,
        remark=choices,
    ),
    "modernbert": Family(
        classes("ModernBert", ALONE, ForMultipleChoice=CHOICE) | {"ModernBertForQuestionAnswering": QUESTION},
        reads=("norm_bias",),
        aliases={"num_layers": "num_hidden_layers"},
        divides=DIVIDES,
        remark=_windowed,
    ),
    "mpnet": Family(classes("MPNet", POOLED, ForMultipleChoice=CHOICE), divides=DIVIDES, remark=choices),
    "megatron-bert": _bert("MegatronBert", ForCausalLM=MLM),
    "ernie": _bert("Ernie", ("use_task_id", "task_type_vocab_size"), ForCausalLM=MLM),
    "layoutlm": Family(
        classes("LayoutLM", POOLED), only=ALONE_ONLY, reads=("max_2d_position_embeddings",), divides=DIVIDES
    ),
    "roberta-prelayernorm": _roberta("RobertaPreLayerNorm"),
    "xlm-roberta-xl": _roberta("XLMRobertaXL"),
    "data2vec-text": _roberta("Data2VecText"),
    "deberta": _deberta("Deberta"),
    "deberta-v2": _deberta("DebertaV2", ForMultipleChoice=CHOICE),
}
