"""Mistakes with recurrent layers, attention and embeddings: gates, bias vectors, heads, projections, tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.core.layer import Weight
from cnncalc.core.layer_result import LayerResult
from cnncalc.core.number import Number
from cnncalc.core.rules import is_bias
from cnncalc.grading.mistakes.attention import (
    all_for_head,
    head_for_all,
    heads_multiplied,
    inner_left_out,
    looked_up,
    memory_sizes_ignored,
    one_part_only,
    one_projection,
    only_output_bias,
    output_bias_left_out,
    output_projection_added,
    output_projection_left_out,
    scaled,
    shared_heads_ignored,
    tables,
)
from cnncalc.grading.mistakes.weights import parts
from cnncalc.grading.perturbed.row import Made, Make, Perturbation, changed, counting, edited, option
from cnncalc.network.row import Row


def _gates(layer: object) -> int:
    return int(getattr(layer, "gates", 0))


def _with_gates(gates: int) -> Make:
    def make(row: Row) -> Iterator[Made]:
        mine = _gates(row.facts.layer)
        if mine > 1 and mine != gates:
            yield changed(row.facts, gates=gates)

    return make


def one_vector(row: Row) -> Iterator[Made]:
    """The textbook's and Keras' count: one bias vector a gate."""
    layer = row.facts.layer
    if _gates(layer) and option(layer, "bias"):
        if "bias_vectors" in layer.options:
            yield changed(row.facts, bias_vectors=1)
        elif option(layer, "reset_after"):
            yield changed(row.facts, reset_after=False)


def two_vectors(row: Row) -> Iterator[Made]:
    """PyTorch's count: a bias vector for the input and one for the state."""
    layer = row.facts.layer
    if _gates(layer) and option(layer, "bias"):
        yield _two(row.facts)


def _two(facts: LayerResult) -> LayerResult:
    options = {"bias_vectors": 2, "reset_after": True}
    known: dict[str, Any] = {name: value for name, value in options.items() if name in facts.layer.options}
    made = changed(facts, **known) if known else facts
    if made.params != facts.params:
        return made
    weights, biases = parts(facts)
    return edited(facts, weights=[*weights, *biases, *[Weight(f"{bias.name} again", bias.shape) for bias in biases]])


def half_of_the_weights(row: Row) -> Iterator[Made]:
    """The input's matrices alone, or the state's."""
    if not _gates(row.facts.layer):
        return
    for word in ("hh", "recurrent"):
        kept = [weight for weight in row.facts.weights if word not in weight.name]
        ledger = {name: cost for name, cost in row.facts.ledger.items() if name != "recurrent"}
        if len(kept) < len(row.facts.weights):
            yield edited(row.facts, weights=kept, ledger=ledger)
            both = [weight for weight in row.facts.weights if word not in weight.name or is_bias(weight.name)]
            yield edited(row.facts, weights=both, ledger=ledger)


def squares(row: Row) -> Iterator[Made]:
    """The state's matrix with the input's size in it, or the input's with the state's."""
    facts = row.facts
    if not _gates(facts.layer):
        return
    read, state = facts.inputs[0][-1], option(facts.layer, "hidden_size") or facts.shape[-1]
    for words, size in ((("hh", "recurrent"), read), (("ih", "kernel"), state)):
        for square in (True, False):
            weights = [_resized(weight, words, size, state, square) for weight in facts.weights]
            if weights != list(facts.weights):
                yield edited(facts, weights=weights)
    turned = [_turned(weight, read, state) for weight in facts.weights]
    if turned != list(facts.weights):
        yield edited(facts, weights=turned)


def _turned(weight: Weight, read: Number, state: Number) -> Weight:
    """The weight of a layer whose input is as wide as the state, and the other way round."""
    rows = weight.shape[0] // state * read
    if len(weight.shape) != 2:
        return Weight(weight.name, (rows, *weight.shape[1:]))
    sizes = {read: state, state: read}
    columns = weight.shape[1] if "hh" not in weight.name and "ih" not in weight.name else sizes[weight.shape[1]]
    return Weight(weight.name, (rows, columns))


def _resized(weight: Weight, words: tuple[str, ...], size: Number, state: Number, square: bool) -> Weight:
    """A matrix with columns of another size, and as many rows for each gate where it is then square."""
    if len(weight.shape) != 2 or not weight.name.startswith("weight") or not any(word in weight.name for word in words):
        return weight
    rows = weight.shape[0] // state * size if square else weight.shape[0]
    return Weight(weight.name, (rows, size))


def one_matrix(row: Row) -> Iterator[Made]:
    """One square matrix for input and state together, in place of one that makes a state of both."""
    facts = row.facts
    if _gates(facts.layer) and option(facts.layer, "num_layers") in (None, 1):
        gates, together = _gates(facts.layer), facts.inputs[0][-1] + facts.shape[-1]
        biases = parts(facts)[1]
        yield edited(facts, weights=[Weight("weight", (gates * together, together)), *biases])
        yield edited(facts, weights=[Weight("weight", (gates * together, together))])


def both_directions_read(row: Row) -> Iterator[Made]:
    """Each direction reading the states of both."""
    facts = row.facts
    if _gates(facts.layer) and option(facts.layer, "bidirectional") and option(facts.layer, "num_layers") in (None, 1):
        state = facts.shape[-1]
        weights = [_resized(weight, ("hh", "recurrent"), state, state, False) for weight in facts.weights]
        yield edited(facts, weights=weights)


def few_biases(row: Row) -> Iterator[Made]:
    """Biases of one gate alone."""
    facts = row.facts
    gates = _gates(facts.layer)
    weights, biases = parts(facts)
    if gates > 1 and biases:
        yield edited(facts, weights=[*weights, *[scaled(bias, gates, divide=True) for bias in biases]])
        yield edited(facts, weights=[*weights, *[scaled(bias, gates, divide=True) for bias in biases[::2]]])


def inputs_left_out(row: Row) -> Iterator[Made]:
    if _gates(row.facts.layer):
        ledger = {name: cost for name, cost in row.facts.ledger.items() if name != "input"}
        for words in (("weight_ih", "bias_ih", "kernel"), ("weight_ih", "kernel")):
            kept = [weight for weight in row.facts.weights if not weight.name.startswith(words)]
            if len(kept) < len(row.facts.weights):
                yield edited(row.facts, weights=kept, ledger=ledger)


def upper_layers_read(row: Row) -> Iterator[Made]:
    """Every layer of the stack reading what the first one reads, or one direction of the one below."""
    layer, facts = row.facts.layer, row.facts
    levels = option(layer, "num_layers") or 1
    if not _gates(layer) or levels < 2:
        return
    state = facts.shape[-1] // (2 if option(layer, "bidirectional") else 1)
    for reads in dict.fromkeys((facts.inputs[0][-1], state)):
        weights = []
        for weight in facts.weights:
            upper = weight.name.startswith("weight_ih") and "_l0" not in weight.name
            weights.append(Weight(weight.name, (weight.shape[0], reads)) if upper else weight)
        if weights != list(facts.weights):
            yield edited(facts, weights=weights)


def every_step(row: Row) -> Iterator[Made]:
    if _gates(row.facts.layer) and len(row.facts.inputs[0]) == 3:
        yield Perturbation(row.facts, {"params": row.params * row.facts.inputs[0][1]})


def one_step(row: Row) -> Iterator[Made]:
    facts = row.facts
    if _gates(facts.layer) and len(facts.inputs[0]) == 3 and facts.inputs[0][1] > 1:
        yield edited(facts, ledger={name: cost // facts.inputs[0][1] for name, cost in facts.ledger.items()})


MISTAKES = (
    counting("one bias vector per gate instead of two", 6, one_vector),
    counting("two bias vectors per gate instead of one", 6, two_vectors),
    counting("one gate instead of all", 7, _with_gates(1)),
    counting("three gates instead of four", 9, _with_gates(3)),
    counting("four gates instead of three", 9, _with_gates(4)),
    counting("two gates instead of all", 14, _with_gates(2)),
    counting("the state's weights left out", 10, half_of_the_weights),
    counting("the input's weights left out", 11, inputs_left_out),
    counting("sizes of input and state mixed up", 12, squares),
    counting("one square matrix for input and state together", 14, one_matrix),
    counting("each direction reads the states of both", 15, both_directions_read),
    counting("biases of one gate only", 13, few_biases),
    counting("upper layers read other sizes", 12, upper_layers_read),
    counting("weights counted for every step", 13, every_step),
    counting("one step only", 8, one_step),
    counting("output projection left out", 6, output_projection_left_out),
    counting("an output projection counted that is not there", 7, output_projection_added),
    counting("bias of the output projection left out", 12, output_bias_left_out),
    counting("biases of query, key and value left out", 12, only_output_bias),
    counting("weights left out", 10, inner_left_out),
    counting("weights left out", 13, one_part_only),
    counting("every head as wide as all together", 13, heads_multiplied),
    counting("one of the three projections only", 13, one_projection),
    counting("one head's size taken for all heads", 9, head_for_all),
    counting("every head as wide as all together", 9, all_for_head),
    counting("shared heads of keys and values ignored", 8, shared_heads_ignored),
    counting("the memory's size ignored", 9, memory_sizes_ignored),
    counting(
        "a bias counted that is not there",
        7,
        tables(lambda v, e, x: ((v, e), (e,)), lambda v, e, x: ((v, e), (v,))),
    ),
    counting("the input's length taken for the table's rows", 9, tables(lambda v, e, x: ((*x, e),))),
    counting("the input's length taken for the rows' length", 12, tables(lambda v, e, x: ((v, *x),))),
    counting("sizes added instead of multiplied", 13, tables(lambda v, e, x: ((v,), (e,)))),
    counting("a row of the table left out", 14, tables(lambda v, e, x: ((v - 1, e),))),
    counting("a row of the table too many", 14, tables(lambda v, e, x: ((v + 1, e),))),
    counting("a lookup counted as a product", 6, looked_up),
)
