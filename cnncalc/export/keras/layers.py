"""A layer in Keras' words, from the rules of its family."""

from __future__ import annotations

from cnncalc.core.layer import Layer
from cnncalc.export.call import arguments, written
from cnncalc.export.keras import own, plain, sequence, shapes, spatial
from cnncalc.export.keras.piece import Piece, Rule, made, no, same
from cnncalc.network.row import Row

RULES: dict[str, Rule] = {**own.RULES, **plain.RULES, **shapes.RULES, **spatial.RULES, **sequence.RULES}


def piece(row: Row) -> Piece:
    """A layer in Keras' words; raises `Fault` where it has none."""
    rule = RULES.get(row.layer.type())
    if rule is None:
        raise no(row, "Keras has no such layer")
    return rule(row, row.layer, row.facts.inputs)


# Layers that mean the same in both orders of axes, in a network that is in Keras' words.
EITHER = ("Add", "Average", "Subtract", "Multiply", "Maximum", "Minimum", "Concat", "ReLU", "Flatten", "Reshape",
          "Dropout", "Identity", "Sigmoid", "Tanh", "SiLU", "GELU", "Softmax", "Embedding", "LayerNorm", "Linear",
          "Scale")  # fmt: skip


def own_piece(row: Row) -> Piece:
    """A layer of a network in Keras' words: Keras' own with the options given, or one that both have."""
    if not type(row.layer).__module__.startswith("cnncalc.layers.keras"):
        if row.layer.type() not in EITHER:
            raise no(row, "its axes are meant as PyTorch has them")
        return piece(row)
    given = arguments(row.layer, row.facts.inputs)
    if any(isinstance(argument.value, Layer) for argument in given):
        raise no(row, "a layer inside of a layer is not written")
    held = (*row.facts.weights, *row.facts.buffers)
    inputs = ", ".join(f"{{{at}}}" for at in range(len(row.facts.inputs)))
    of = f"[{inputs}]" if len(row.facts.inputs) > 1 else inputs
    return made(row, row.type, written(given), of, tuple(((one.name,), same) for one in held))
