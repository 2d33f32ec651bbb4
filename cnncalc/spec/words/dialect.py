"""Whose words a call is written in: what its name, its options and its numbers say of PyTorch and of Keras.

A call says one of these:

    keras      only Keras' reading is possible: beside PyTorch's words it is a mistake
    named      a name or an option that only Keras has, with a counterpart in PyTorch: `Dense(10)`, `LSTM(units=9)`
    ordered    a convolution's numbers in an order that only Keras has, `Conv2D(32, 3)`
    either     a convolution's numbers that both could mean, `Conv2D(3, 16, 3)`
    pytorch    only PyTorch's reading is possible
    ""         nothing
"""

from __future__ import annotations

import ast

from cnncalc import layers
from cnncalc.core.foreign_options import PAIRS
from cnncalc.expression.parsed import Expression
from cnncalc.expression.syntax import dotted, elements_of
from cnncalc.layers import keras
from cnncalc.layers.keras.translate import KERAS_ONLY, TARGETS
from cnncalc.spec.entries.entry import Entry

# Layers that both have under names so like that a call alone does not say whose it is.
CONVOLUTIONS = (*(f"Conv{n}D" for n in (1, 2, 3)), *(f"Conv{n}DTranspose" for n in (1, 2, 3)))
PYTORCH_NAMES = tuple(f"Conv{n}d" for n in (1, 2, 3))
KERAS_WORDS = {"filters", "strides", "dilation_rate", "use_bias", "data_format"}
# These may stand beside PyTorch's words too.
KERAS_HINTS = {"activation", "trainable"}
PYTORCH_WORDS = {"in_channels", "out_channels", "stride", "dilation", "bias", "padding_mode", "output_size"}
# Layers that have one name in both, and Keras' options that tell the two apart.
DIFFERENT: dict[str, tuple[str, ...]] = {
    "Embedding": ("input_dim", "output_dim", "input_length", "mask_zero"),
    "Dropout": ("rate", "seed", "noise_shape"),
    "AlphaDropout": ("rate", "seed", "noise_shape"),
    "LeakyReLU": ("alpha",),
    "Softmax": ("axis",),
}
SHAPE_WORDS = ("input_shape", "batch_input_shape")
RECURRENT_WORDS = {"return_sequences", "return_state", "go_backwards", "recurrent_activation", "reset_after"}
RECURRENT_PYTORCH = {"hidden_size", "input_size", "num_layers", "batch_first", "bidirectional", "proj_size", "bias"}
# Options that only Keras has, in layers that both have. `size` and `groups` are words of both.
OPTION_WORDS = {theirs for _, theirs in PAIRS} - {"size", "groups"}
# Families whose names anybody writes, whatever the rest is written in.
ANYBODYS = {"activation", "arithmetic", "attention_rnn", "categories", "equations", "position", "reduce"}
# PyTorch's layers of another meaning than Keras' of the same name, and those whose second number Keras has no use for.
OTHERWISE = {"Attention", "MultiHeadAttention"}
ONE_NUMBER = {"Dense", "LSTM", "GRU", "SimpleRNN"}


def whose(entry: Entry) -> str:
    """What a call says of its convention, in the words above."""
    prefix, _, name = entry.type.rpartition(".")
    words = {word for word, _ in entry.kwargs}
    if prefix.split(".")[0] in ("keras", "tf", "tensorflow", "layers") or ".keras" in prefix:
        return "keras"
    if words & set(SHAPE_WORDS) or ("input_dim" in words and name != "Embedding"):
        return "keras"
    own = layers.keras_name(name)
    if prefix.split(".")[0] in ("nn", "torch"):
        return "pytorch"
    if own is None or not spelled(name, own):
        if name in PYTORCH_NAMES or _foreign(name):
            return "pytorch"
        return "named" if own and not layers.is_own(name) and name[-2:] not in ("1d", "2d", "3d") else ""
    if own in CONVOLUTIONS:
        return convolution(entry)
    if own in ("LSTM", "GRU"):
        if words & RECURRENT_PYTORCH:
            return ""
        return "keras" if words & RECURRENT_WORDS - {"reset_after"} else "named" if "units" in words else ""
    if own == "MultiHeadAttention":
        return "keras" if words & {"key_dim", "value_dim"} else "named" if _heads_first(entry) else ""
    if own == "PReLU":
        return "keras" if "shared_axes" in words else ""
    if own in ("Flatten", "Reshape", "Permute", "Identity", "Attention"):
        return "keras" if words & {"target_shape", "use_scale", "score_mode"} else ""
    if (own not in TARGETS and own != "Activation") or words & set(KERAS_ONLY.get(own, ())):
        return "keras"
    return "named" if not layers.is_own(name) or words & OPTION_WORDS else ""


def spelled(name: str, own: str) -> bool:
    """Whether a name is written as Keras writes it."""
    return name == own or keras.ALIASES.get(name) == own


def convolution(entry: Entry) -> str:
    """A `Conv2D` by its keywords; with bare numbers it may be either's."""
    words = {word for word, _ in entry.kwargs}
    ours = {word for word in words if word in KERAS_WORDS or _ignorable(word)}
    theirs = words & PYTORCH_WORDS
    if theirs and len(theirs) > len(ours):
        return "pytorch"
    if ours or words & KERAS_HINTS:
        return "keras"
    count = len(entry.args)
    if not words:
        if count > 4 and not is_word(entry.args[4]):
            return "pytorch"  # Keras has the order of axes in fifth place
        return "ordered" if count == 2 or (count > 3 and is_word(entry.args[3])) else "either" if count else "pytorch"
    if any(word == "padding" and not is_word(value) for word, value in entry.kwargs):
        return "pytorch"
    kernel = "kernel_size" in words
    fits_keras = count == 1 if kernel else 2 <= count <= 4
    fits_pytorch = count == 2 if kernel else count >= 3
    if fits_keras and fits_pytorch:
        return "either"
    return "keras" if fits_keras else "pytorch"


def _ignorable(word: str) -> bool:
    return word.endswith(("_initializer", "_regularizer", "_constraint"))


def is_word(value: object) -> bool:
    """Whether an argument is a text, such as "same"."""
    if isinstance(value, Expression):
        tree = value.tree
        return isinstance(tree, ast.Name) or (isinstance(tree, ast.Constant) and isinstance(tree.value, str))
    return isinstance(getattr(value, "data", value), str)


def only_pytorchs(entry: Entry) -> bool:
    """Whether a call that may stand beside Keras' words is PyTorch's all the same: by its name or its options."""
    name = entry.type.rsplit(".", 1)[-1]
    known, own = layers.pytorch_name(name), layers.keras_name(name)
    if known is None:
        return False
    if own is None:
        return layers.family(name) not in ANYBODYS and (layers.is_own(name) or _foreign(known))
    if (own in OTHERWISE and not _heads_first(entry)) or (own == "BatchNormalization" and entry.args):
        return True
    if own in ONE_NUMBER and len(entry.args) > 1 and not is_word(entry.args[1]):
        return True
    if own == "Permute" and _counts_from_zero(entry):
        return True
    pytorch, theirs = layers.find(name), layers.find(name, "keras")
    if pytorch is None or theirs is None:
        return False
    return any(word in pytorch.options and word not in theirs.options for word, _ in entry.kwargs)


def _heads_first(entry: Entry) -> bool:
    """`MultiHeadAttention(8, 64)`: no eight features are split into 64 heads, so it is Keras' order."""
    texts = [getattr(argument, "text", "") for argument in entry.args]
    numbers = len(texts) == 2 and all(text.isdigit() and len(text) < 10 for text in texts)
    return numbers and int(texts[0]) < int(texts[1]) and entry.type.endswith("MultiHeadAttention")


def _counts_from_zero(entry: Entry) -> bool:
    """`Permute(0, 2, 1)`: PyTorch's axes, the batch among them; Keras writes Permute((2, 1))."""
    first = entry.args[0] if entry.args else None
    parts = elements_of(first) if isinstance(first, Expression) else getattr(first, "data", None)
    return len(entry.args) > 1 or (
        isinstance(parts, list) and bool(parts) and str(getattr(parts[0], "text", "")) == "0"
    )


def text_of(argument: object) -> str:
    """The word that an argument is: `"relu"`, `relu`, `tf.nn.relu`; empty where it is none."""
    if isinstance(argument, Expression):
        tree = argument.tree
        if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
            return tree.value
        return (dotted(tree) or "").rsplit(".", 1)[-1]
    data = getattr(argument, "data", argument)
    return data if isinstance(data, str) else ""


def _foreign(name: str) -> bool:
    """Whether it is the very name of a layer of PyTorch's that has no place among Keras' layers."""
    kind = layers.find(name)
    return kind is not None and kind.type() == name and kind.in_keras() is not None
