"""The textbook convention: PyTorch's names, and one bias vector where PyTorch has two for the sake of a library."""

from __future__ import annotations

# Layer type -> options that have another default than PyTorch's.
DEFAULTS: dict[str, dict[str, object]] = {
    "RNN": {"bias_vectors": 1},
    "LSTM": {"bias_vectors": 1},
    # The paper resets the state before the product, so a second bias would be of no use.
    "GRU": {"bias_vectors": 1, "reset_after": False},
    "RNNCell": {"bias_vectors": 1},
    "LSTMCell": {"bias_vectors": 1},
    "GRUCell": {"bias_vectors": 1},
}
