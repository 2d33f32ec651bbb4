"""What each of several inputs is for a layer: query, key and value; the order of what is concatenated."""

from __future__ import annotations

ATTENTION: dict[int, tuple[str, ...]] = {2: ("query", "key, value"), 3: ("query", "key", "value")}
DECODER = ("target", "memory")
# Layers whose inputs are no matter of order.
SYMMETRIC = ("Add", "Multiply", "Maximum", "Minimum", "Average")
NAMED: dict[str, dict[int, tuple[str, ...]]] = {
    "Attention": ATTENTION,
    "MultiheadAttention": ATTENTION,
    "MultiHeadAttention": ATTENTION,
    "ScaledDotProductAttention": ATTENTION,
    "AdditiveAttention": ATTENTION,
    "TransformerDecoder": {2: DECODER},
    "TransformerDecoderLayer": {2: DECODER},
    "Transformer": {2: ("source", "target")},
    "LSTM": {2: ("x", "h"), 3: ("x", "h", "c")},
    "GRU": {2: ("x", "h")},
    "RNN": {2: ("x", "h")},
    "LSTMCell": {2: ("x", "h"), 3: ("x", "h", "c")},
    "GRUCell": {2: ("x", "h")},
    "RNNCell": {2: ("x", "h")},
}


def roles_of(type: str, count: int) -> tuple[str, ...]:
    """The words for so many inputs; none where there is one, or where their order does not count."""
    if count < 2 or type in SYMMETRIC:
        return ()
    known = NAMED.get(type)
    if known is not None:
        return known.get(count, ())
    return tuple(str(number) for number in range(1, count + 1))
