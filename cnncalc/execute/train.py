"""What training changes of a forward pass: batch norms take their batch's statistics; what is chance stays out."""

from __future__ import annotations

from math import prod
from typing import Any

from cnncalc.core.layer import Layer
from cnncalc.core.problem import fail
from cnncalc.network.report import Report
from cnncalc.network.row import Row

# Options that say how much is dropped at random, or how much noise comes in.
CHANCES = ("dropout", "dropout_p", "rate", "recurrent_dropout", "stddev", "max_rate", "attention_dropout")
NORMS = ("BatchNorm", "LazyBatchNorm", "SyncBatchNorm")


def enough(row: Row, batch: int) -> None:
    """Refuse a batch norm that has a single value in each channel, as PyTorch does where it trains."""
    shape = row.facts.shape
    if row.type.startswith(NORMS) and row.layer.training and batch * prod(shape[2:]) < 2:
        sizes = ", ".join(map(str, shape[1:]))
        fail(
            "one-value-per-channel",
            f"{row.name}: in training {row.type} needs more than one value in each channel, but gets one sample of "
            f"[{sizes}]",
            help="give a batch: --batch 4, or an axis more in values: {input: [[...], [...]]}",
        )


def by_chance(report: Report) -> list[str]:
    """The layers whose output in training depends on chance: here they pass on what they get."""
    return [row.name for row in report.rows if _drops(row.layer)]


def _drops(layer: Any) -> bool:
    kind = layer.type()
    if kind == "RReLU":
        return bool(layer.lower != layer.upper)
    if getattr(layer, "num_layers", None) == 1 and kind in ("RNN", "LSTM", "GRU"):
        return False  # PyTorch drops between layers alone
    inner = getattr(layer, "each", None)
    if isinstance(inner, Layer):
        return _drops(inner)  # a stack drops where its layers do
    given = [getattr(layer, name, None) for name in CHANCES]
    if kind.startswith(("Dropout", "Drop", "AlphaDropout", "FeatureAlphaDropout", "StochasticDepth")):
        given.append(getattr(layer, "p", None))
    if any(isinstance(part, (int, float)) and part > 0 for part in given):
        return True
    return any(_drops(inner) for inner in vars(layer).values() if isinstance(inner, Layer))
