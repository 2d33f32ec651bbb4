"""Mistakes with costs and fully connected equivalents: MACs or FLOPs, biases, positions, what would be held."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

from cnncalc.core.number import Number, prod, shown
from cnncalc.grading.mistakes.weights import parts
from cnncalc.grading.perturbed.row import Made, Perturbation, channels_of, counting, edited, option_name, space_of
from cnncalc.network.row import Row


def flops(row: Row) -> Iterator[Made]:
    if row.macs:
        yield Perturbation(row.facts, {"macs": 2 * row.macs}, text=f"2·{shown(row.macs)} = {shown(2 * row.macs)}")


def macs(row: Row) -> Iterator[Made]:
    if row.macs:
        yield Perturbation(row.facts, {"macs": Fraction(int(row.macs), 2)})


def _bias_additions(row: Row) -> Number:
    """One addition for each bias wherever it is added."""
    return row.layer.additions(row.facts.shape, *row.facts.inputs) if row.macs else 0


def biases_counted(row: Row) -> Iterator[Made]:
    additions = _bias_additions(row) if parts(row.facts)[1] else 0
    if additions:
        total = row.macs + additions
        text = f"{shown(row.macs)} + {shown(additions)} = {shown(total)}"
        yield Perturbation(row.facts, {"macs": total}, text=text)
        yield Perturbation(row.facts, {"macs": row.macs + Fraction(int(additions), 2)})


def one_addition_less(row: Row) -> Iterator[Made]:
    """n products need n − 1 additions: 2n − 1 FLOPs per number."""
    if row.macs and len(row.facts.ledger) == 1:
        yield Perturbation(row.facts, {"macs": row.macs - Fraction(int(prod(row.facts.shape[1:])), 2)})


def _at(row: Row, now: Number, wanted: Number) -> Iterator[Made]:
    if row.macs and now and wanted != now:
        yield edited(row.facts, ledger={name: cost // now * wanted for name, cost in row.facts.ledger.items()})


def input_positions(row: Row) -> Iterator[Made]:
    layer = row.facts.layer
    if layer.axes and option_name(layer, "out_channels") is not None and "Transpose" not in layer.type():
        inside, made = prod(space_of(layer, row.facts.inputs[0])), prod(space_of(layer, row.facts.shape))
        yield from _at(row, made, inside)


def output_positions(row: Row) -> Iterator[Made]:
    layer = row.facts.layer
    if layer.axes and option_name(layer, "out_channels") is not None and "Transpose" in layer.type():
        inside, made = prod(space_of(layer, row.facts.inputs[0])), prod(space_of(layer, row.facts.shape))
        yield from _at(row, inside, made)


def one_position(row: Row) -> Iterator[Made]:
    layer, facts = row.facts.layer, row.facts
    if layer.axes and option_name(layer, "out_channels") is not None:
        space = space_of(layer, facts.inputs[0] if "Transpose" in layer.type() else facts.shape)
        yield from _at(row, prod(space), 1)
        for kept in (some for count in range(1, len(space)) for some in combinations(space, count)):
            yield from _at(row, prod(space), prod(kept))
    elif len(facts.ledger) == 1 and len(facts.shape) > 2:
        yield from _at(row, prod(facts.shape[1:-1]), 1)


def parts_left_out(row: Row) -> Iterator[Made]:
    """Attention without one of its products, or with one of them alone."""
    ledger = row.facts.ledger
    if len(ledger) < 3:
        return
    both = {"scores", "mix"}
    alone = [set(ledger) - {name} for name in both & set(ledger)]
    for lost in [{name} for name in ledger] + [both, set(ledger) - both, *alone]:
        kept = {name: cost for name, cost in ledger.items() if name not in lost}
        if len(kept) < len(ledger) and kept:
            words = " and ".join(name for name in ledger if name in lost)
            yield Perturbation(edited(row.facts, ledger=kept), aside=f": {words}")


def causal_halved(row: Row) -> Iterator[Made]:
    """Only the pairs that a causal mask leaves."""
    ledger, facts = row.facts.ledger, row.facts
    if "scores" not in ledger:
        return
    steps = int(facts.inputs[0][1])
    for share in (Fraction(steps + 1, 2 * steps), Fraction(1, 2)):
        kept = {name: cost * share if name in ("scores", "mix") else cost for name, cost in ledger.items()}
        yield edited(facts, ledger=kept)


def heads_counted(row: Row) -> Iterator[Made]:
    """Scores and sums as if every head were as wide as all together."""
    heads = row.facts.layer.__dict__.get("num_heads") or 1
    if heads > 1 and "scores" in row.facts.ledger:
        for names in (("scores", "mix"), ("scores",), tuple(row.facts.ledger)):
            ledger = {name: cost * heads if name in names else cost for name, cost in row.facts.ledger.items()}
            yield edited(row.facts, ledger=ledger)


def heads_divided(row: Row) -> Iterator[Made]:
    """Scores and sums as if there were one head of many."""
    heads = row.facts.layer.__dict__.get("num_heads") or 1
    if heads > 1 and "scores" in row.facts.ledger:
        ledger = {n: cost // heads if n in ("scores", "mix") else cost for n, cost in row.facts.ledger.items()}
        yield edited(row.facts, ledger=ledger)


def free_operations(row: Row) -> Iterator[Made]:
    """Comparisons of a pool, or one operation for each number of an activation or a norm."""
    facts = row.facts
    if facts.ledger or not facts.inputs:
        return
    kernel = getattr(facts.layer, "kernel_size", None)
    made = prod(facts.shape[1:])
    if facts.layer.axes and isinstance(kernel, tuple):
        yield edited(facts, ledger={"windows": made * prod(kernel)})
    yield edited(facts, ledger={"elements": made})
    if facts.weights:
        yield edited(facts, ledger={"elements": 2 * made})


# --- fully connected equivalents -------------------------------------------------------------------------------------


def dense_biases_forgotten(row: Row) -> Iterator[Made]:
    if row.dense_biases:
        yield Perturbation(row.facts, {"dense_biases": 0})


def dense_biases_added(row: Row) -> Iterator[Made]:
    if row.dense_biases == 0:
        yield Perturbation(row.facts, {"dense_biases": prod(row.facts.shape[1:])})


def dense_biases_shared(row: Row) -> Iterator[Made]:
    if row.dense_biases and row.biases:
        yield Perturbation(row.facts, {"dense_biases": row.biases})


def locally_connected(row: Row) -> Iterator[Made]:
    """Every output number with a filter of its own: connected locally, but not shared."""
    layer, facts = row.facts.layer, row.facts
    weights, biases = parts(facts)
    if layer.axes and len(weights) == 1 and option_name(layer, "out_channels") is not None:
        made = prod(facts.shape[1:])
        taps = prod(weights[0].shape) // channels_of(layer, facts.shape)
        yield Perturbation(facts, {"dense_weights": made * taps, "dense_biases": made if biases else 0})
        yield Perturbation(facts, {"dense_weights": made * taps, "dense_biases": 0})


def dense_without_channels(row: Row) -> Iterator[Made]:
    layer, facts = row.facts.layer, row.facts
    if not facts.weights or not layer.axes:
        return
    x, y = facts.inputs[0], facts.shape
    inside, made = (prod(x[1:]), prod(space_of(layer, x))), (prod(y[1:]), prod(space_of(layer, y)))
    for taken, given in ((inside[1], made[0]), (inside[0], made[1]), (inside[1], made[1])):
        yield Perturbation(facts, {"dense_weights": taken * given, "dense_biases": given if row.dense_biases else 0})


def dense_keeps_size(row: Row) -> Iterator[Made]:
    """The output taken to be as large as the input."""
    facts = row.facts
    if facts.weights and facts.layer.axes:
        taken = prod(facts.inputs[0][1:])
        wide = prod(space_of(facts.layer, facts.inputs[0])) * channels_of(facts.layer, facts.shape)
        for made in dict.fromkeys((taken, wide)):
            yield Perturbation(facts, {"dense_weights": taken * made, "dense_biases": made if row.dense_biases else 0})


MISTAKES = (
    counting("FLOPs instead of MACs, a factor of 2", 4, flops),
    counting("MACs instead of FLOPs, a factor of 2", 4, macs),
    counting("biases counted as operations", 6, biases_counted),
    counting("counted at input instead of output positions", 8, input_positions),
    counting("counted at output instead of input positions", 8, output_positions),
    counting("counted at one position or along one axis only", 9, one_position),
    counting("products left out", 10, parts_left_out),
    counting("only the pairs of a causal mask counted", 11, causal_halved),
    counting("products multiplied by the heads", 12, heads_counted),
    counting("products of one head alone", 13, heads_divided),
    counting("one addition less than products", 13, one_addition_less),
    counting("operations counted that are no products", 14, free_operations),
    counting("biases of the dense layer forgotten", 4, dense_biases_forgotten),
    counting("biases counted though the layer has none", 7, dense_biases_added),
    counting("biases of the dense layer shared", 7, dense_biases_shared),
    counting("connected locally, not densely", 8, locally_connected),
    counting("channels left out of the dense layer", 9, dense_without_channels),
    counting("the output taken to be as large as the input", 15, dense_keeps_size),
)
