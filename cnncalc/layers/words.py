"""What the same option is called in PyTorch and in Keras, for the help of whoever wrote the other one's word."""

from __future__ import annotations

# (PyTorch's word, Keras' word); a word may have several counterparts, of which a layer has one.
PAIRS: tuple[tuple[str, str], ...] = (
    ("out_channels", "filters"),
    ("out_features", "units"),
    ("hidden_size", "units"),
    ("stride", "strides"),
    ("dilation", "dilation_rate"),
    ("bias", "use_bias"),
    ("kernel_size", "pool_size"),
    ("p", "rate"),
    ("dim", "axis"),
    ("eps", "epsilon"),
    ("num_embeddings", "input_dim"),
    ("embedding_dim", "output_dim"),
    ("num_groups", "groups"),
    ("keepdim", "keepdims"),
    ("scale_factor", "size"),
    ("shape", "target_shape"),
)


def other_word(name: str, known: list[str], *, keras: bool) -> tuple[str, str]:
    """Whose word `name` is and what the layer calls it, of its `known` options; ("", "") where nothing fits."""
    for pytorch, theirs in PAIRS:
        mine, other = (theirs, pytorch) if keras else (pytorch, theirs)
        if name == other and mine in known:
            return ("PyTorch's word" if keras else "Keras' word"), mine
    return "", ""
