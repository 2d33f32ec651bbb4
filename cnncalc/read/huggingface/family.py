"""What a family of models is: its spec, its classes, and how its config's keys become the spec's constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cnncalc.read.huggingface.spans import Spans
from cnncalc.read.huggingface.words import MODULES, OWN


class Head(NamedTuple):
    """What a class puts on the network: the spec's word for it, and its outputs (none: that of the last entry)."""

    word: str
    outputs: tuple[str, ...] = ()
    # Inputs that it does not take.
    without: tuple[str, ...] = ()


# What classes of many families put on it.
NONE, LM, SEQUENCE, TOKEN = Head("none"), Head("lm"), Head("sequence"), Head("token")
QUESTION = Head("question", ("start_logits", "end_logits"))
POOLED, ALONE = Head("none", ("last_hidden_state", "pooler_output")), Head("none", ("last_hidden_state",))
# The features that a head has without a remainder, and the heads that share keys and values.
DIVIDES = (("hidden_size", "num_attention_heads"),)
SHARED = (("num_attention_heads", "num_key_value_heads"),)
HEADS_DIVIDE = (*DIVIDES, *SHARED)
# A decoder's keys whose null is worked out.
EACH = {"head_dim": "hidden_size // num_attention_heads"}
SHARING = {"num_key_value_heads": "num_attention_heads"}
GROUPED = {**SHARING, **EACH}
# Keys that change the weights: cross-attention has some of its own.
ALONE_ONLY: Mapping[str, tuple[object, ...]] = {"add_cross_attention": (False, None)}


class Family(NamedTuple):
    """One `model_type`."""

    # Class names with the heads that they have; the first one is that without `architectures`.
    classes: Mapping[str, Head]
    # Its spec, where that is not called as the family is.
    spec: str = ""
    # Other names of keys, as transformers' attribute_map has them.
    aliases: Mapping[str, str] = {}
    # What null means: an expression. Keys that the spec works out need no line here.
    nulls: Mapping[str, str] = {}
    # Keys that change the weights and that are read with these values only.
    only: Mapping[str, tuple[object, ...]] = {}
    # Keys that the family's configs do not have, though the spec has a constant of that name.
    ignores: tuple[str, ...] = ()
    # Keys that it does have, though others of that name are the spec's own; what `aliases` name is among them.
    reads: tuple[str, ...] = ()
    # Classes where nothing is said of them.
    labels: int = 2
    # Configs inside of the config, with what their names get in front.
    nested: Mapping[str, str] = {}
    # Pairs of keys of which the second one must divide the first.
    divides: tuple[tuple[str, str], ...] = ()
    # Which layers read through a window: the constant `spans` has one for each layer.
    spans: Spans | None = None
    # What needs a look at several keys: it returns further constants.
    derive: Callable[[Any], Mapping[str, object]] | None = None
    # What is to be said to whoever reads the figures, or nothing.
    remark: Callable[[Any], str] | None = None


def family(model_type: str) -> Family | None:
    """The family of a `model_type`; its module is loaded when it is first asked for."""
    module = MODULES.get(model_type)
    if module is None:
        return None
    from importlib import import_module

    found: Family = import_module(f"cnncalc.read.huggingface.{module}").FAMILIES[model_type]
    named = (key for key in found.aliases.values() if key in OWN)
    return found._replace(spec=found.spec or model_type, reads=(*found.reads, *named))
