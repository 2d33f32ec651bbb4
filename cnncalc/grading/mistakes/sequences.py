"""Mistakes with recurrent layers, attention and embeddings: gates, bias vectors, heads, projections, tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cnncalc.core.layer import Weight
from cnncalc.core.layer_result import LayerResult, is_bias
from cnncalc.core.number import Number, Shape, prod
from cnncalc.grading.mistakes.perturbed import Make, Mistake, Perturbation, changed, edited, guarded, option
from cnncalc.grading.mistakes.weights import parts
from cnncalc.network.report import Row


def _gates(layer: Any) -> int:
    return int(getattr(layer, "gates", 0))


def _with_gates(gates: int) -> Make:
    def make(row: Row) -> Iterator[Perturbation]:
        mine = _gates(row.facts.layer)
        if mine > 1 and mine != gates:
            yield Perturbation(changed(row.facts, gates=gates))

    return make


def one_vector(row: Row) -> Iterator[Perturbation]:
    """The textbook's and Keras' count: one bias vector a gate."""
    layer = row.facts.layer
    if _gates(layer) and option(layer, "bias"):
        if "bias_vectors" in layer.options:
            yield Perturbation(changed(row.facts, bias_vectors=1))
        elif option(layer, "reset_after"):
            yield Perturbation(changed(row.facts, reset_after=False))


def two_vectors(row: Row) -> Iterator[Perturbation]:
    """PyTorch's count: a bias vector for the input and one for the state."""
    layer = row.facts.layer
    if _gates(layer) and option(layer, "bias"):
        yield Perturbation(_two(row.facts))


def _two(facts: LayerResult) -> LayerResult:
    options = {"bias_vectors": 2, "reset_after": True}
    known: dict[str, Any] = {name: value for name, value in options.items() if name in facts.layer.options}
    made = changed(facts, **known) if known else facts
    if made.params != facts.params:
        return made
    weights, biases = parts(facts)
    return edited(facts, weights=[*weights, *biases, *[Weight(f"{bias.name} again", bias.shape) for bias in biases]])


def half_of_the_weights(row: Row) -> Iterator[Perturbation]:
    """The input's matrices alone, or the state's."""
    if not _gates(row.facts.layer):
        return
    for word in ("hh", "recurrent"):
        kept = [weight for weight in row.facts.weights if word not in weight.name]
        ledger = {name: cost for name, cost in row.facts.ledger.items() if name != "recurrent"}
        if len(kept) < len(row.facts.weights):
            yield Perturbation(edited(row.facts, weights=kept, ledger=ledger))
            both = [weight for weight in row.facts.weights if word not in weight.name or is_bias(weight.name)]
            yield Perturbation(edited(row.facts, weights=both, ledger=ledger))


def squares(row: Row) -> Iterator[Perturbation]:
    """The state's matrix with the input's size in it, or the input's with the state's."""
    facts = row.facts
    if not _gates(facts.layer):
        return
    read, state = facts.inputs[0][-1], facts.shape[-1]
    for words, size in ((("hh", "recurrent"), read), (("ih", "kernel"), state)):
        for square in (True, False):
            weights = [_resized(weight, words, size, state, square) for weight in facts.weights]
            if weights != list(facts.weights):
                yield Perturbation(edited(facts, weights=weights))


def _resized(weight: Weight, words: tuple[str, ...], size: Number, state: Number, square: bool) -> Weight:
    """A matrix with columns of another size, and as many rows for each gate where it is then square."""
    if len(weight.shape) != 2 or not weight.name.startswith("weight") or not any(word in weight.name for word in words):
        return weight
    rows = weight.shape[0] // state * size if square else weight.shape[0]
    return Weight(weight.name, (rows, size))


def one_matrix(row: Row) -> Iterator[Perturbation]:
    """One square matrix for input and state together, in place of one that makes a state of both."""
    facts = row.facts
    if _gates(facts.layer) and option(facts.layer, "num_layers") in (None, 1):
        gates, together = _gates(facts.layer), facts.inputs[0][-1] + facts.shape[-1]
        biases = parts(facts)[1]
        yield Perturbation(edited(facts, weights=[Weight("weight", (gates * together, together)), *biases]))
        yield Perturbation(edited(facts, weights=[Weight("weight", (gates * together, together))]))


def both_directions_read(row: Row) -> Iterator[Perturbation]:
    """Each direction reading the states of both."""
    facts = row.facts
    if _gates(facts.layer) and option(facts.layer, "bidirectional") and option(facts.layer, "num_layers") in (None, 1):
        state = facts.shape[-1]
        weights = [_resized(weight, ("hh", "recurrent"), state, state, False) for weight in facts.weights]
        yield Perturbation(edited(facts, weights=weights))


def few_biases(row: Row) -> Iterator[Perturbation]:
    """Biases of one gate alone."""
    facts = row.facts
    gates = _gates(facts.layer)
    weights, biases = parts(facts)
    if gates > 1 and biases:
        yield Perturbation(edited(facts, weights=[*weights, *[_scaled(bias, gates, divide=True) for bias in biases]]))
        yield Perturbation(
            edited(facts, weights=[*weights, *[_scaled(bias, gates, divide=True) for bias in biases[::2]]])
        )


def inputs_left_out(row: Row) -> Iterator[Perturbation]:
    if _gates(row.facts.layer):
        ledger = {name: cost for name, cost in row.facts.ledger.items() if name != "input"}
        for words in (("weight_ih", "bias_ih", "kernel"), ("weight_ih", "kernel")):
            kept = [weight for weight in row.facts.weights if not weight.name.startswith(words)]
            if len(kept) < len(row.facts.weights):
                yield Perturbation(edited(row.facts, weights=kept, ledger=ledger))


def upper_layers_read(row: Row) -> Iterator[Perturbation]:
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
            yield Perturbation(edited(facts, weights=weights))


def every_step(row: Row) -> Iterator[Perturbation]:
    if _gates(row.facts.layer) and len(row.facts.inputs[0]) == 3:
        yield Perturbation(row.facts, {"params": row.params * row.facts.inputs[0][1]})


def one_step(row: Row) -> Iterator[Perturbation]:
    facts = row.facts
    if _gates(facts.layer) and len(facts.inputs[0]) == 3 and facts.inputs[0][1] > 1:
        yield Perturbation(
            edited(facts, ledger={name: cost // facts.inputs[0][1] for name, cost in facts.ledger.items()})
        )


# --- attention -------------------------------------------------------------------------------------------------------


def _attends(row: Row) -> bool:
    return row.facts.layer.type() in ("MultiheadAttention", "Attention", "MultiHeadAttention", "GroupQueryAttention")


def _is_output(weight: Weight) -> bool:
    return weight.name.startswith(("out_proj", "W_o", "b_o", "attention_output"))


def output_projection_left_out(row: Row) -> Iterator[Perturbation]:
    kept = [weight for weight in row.facts.weights if not _is_output(weight)]
    if _attends(row) and len(kept) < len(row.facts.weights):
        ledger = {name: cost for name, cost in row.facts.ledger.items() if name != "output"}
        yield Perturbation(edited(row.facts, weights=kept, ledger=ledger))
        yield Perturbation(
            edited(row.facts, weights=[weight for weight in kept if not is_bias(weight.name)], ledger=ledger)
        )


def output_projection_added(row: Row) -> Iterator[Perturbation]:
    if option(row.facts.layer, "out_proj") is False:
        yield Perturbation(changed(row.facts, out_proj=True))


def output_bias_left_out(row: Row) -> Iterator[Perturbation]:
    kept = [weight for weight in row.facts.weights if not (_is_output(weight) and is_bias(weight.name))]
    if _attends(row) and len(kept) < len(row.facts.weights):
        yield Perturbation(edited(row.facts, weights=kept))


def only_output_bias(row: Row) -> Iterator[Perturbation]:
    kept = [weight for weight in row.facts.weights if _is_output(weight) or not is_bias(weight.name)]
    if _attends(row) and len(kept) < len(row.facts.weights):
        yield Perturbation(edited(row.facts, weights=kept))


def one_projection(row: Row) -> Iterator[Perturbation]:
    """The queries' matrix alone, in place of the three."""
    facts = row.facts
    if not _attends(row):
        return
    size = facts.inputs[0][-1]
    width = facts.ports["query"][-1] if "query" in facts.ports else size
    for weights in ([Weight("q", (width, size))], [Weight("q", (width, size)), Weight("b", (width,))]):
        yield Perturbation(edited(facts, weights=weights))


def head_for_all(row: Row) -> Iterator[Perturbation]:
    """The size of one head taken for that of all heads together."""
    layer, facts = row.facts.layer, row.facts
    heads = option(layer, "num_heads")
    if not _attends(row) or heads is None or heads < 2:
        return
    if "head_dim" in layer.options and layer.__dict__["head_dim"] is not None:
        yield Perturbation(changed(facts, num_heads=1))
        return
    yield Perturbation(edited(facts, weights=[_scaled(weight, heads, divide=True) for weight in facts.weights]))
    stacked = [weight for weight in facts.weights if not _is_output(weight)]
    yield Perturbation(edited(facts, weights=[_scaled(weight, heads, divide=True) for weight in stacked]))


def all_for_head(row: Row) -> Iterator[Perturbation]:
    """Every head as wide as all heads together."""
    layer, facts = row.facts.layer, row.facts
    heads = option(layer, "num_heads")
    if not _attends(row) or heads is None or heads < 2:
        return
    if "head_dim" in layer.options and layer.__dict__["head_dim"] is None:
        yield Perturbation(changed(facts, head_dim=facts.inputs[0][-1]))
    inner = [weight for weight in facts.weights if not _is_output(weight)]
    outer = [weight for weight in facts.weights if _is_output(weight)]
    wide = [_scaled(weight, heads) for weight in inner]
    yield Perturbation(edited(facts, weights=[*wide, *outer]))
    yield Perturbation(
        edited(
            facts, weights=[*wide, *[weight if is_bias(weight.name) else _scaled(weight, heads) for weight in outer]]
        )
    )


def _scaled(weight: Weight, factor: int, divide: bool = False) -> Weight:
    first, *rest = weight.shape
    return Weight(weight.name, ((first // factor if divide else first * factor), *rest))


def shared_heads_ignored(row: Row) -> Iterator[Perturbation]:
    if option(row.facts.layer, "num_kv_heads") is not None:
        yield Perturbation(changed(row.facts, num_kv_heads=None))


def memory_sizes_ignored(row: Row) -> Iterator[Perturbation]:
    """Keys and values made from vectors as long as the queries'."""
    facts = row.facts
    if _attends(row) and len(facts.inputs) > 1:
        query = facts.inputs[0]
        xs = tuple((*x[:-1], query[-1]) for x in facts.inputs[:3])
        if xs != facts.inputs[:3]:
            yield Perturbation(
                edited(facts, weights=changed(facts, (*xs, *facts.inputs[3:]), kdim=None, vdim=None).weights)
            )


def inner_left_out(row: Row) -> Iterator[Perturbation]:
    """A layer made of others (a transformer's) without its norms, its attention, its feed-forward part, its biases."""
    inner = dict.fromkeys(weight.name.rpartition(".")[0].split(".")[0] for weight in row.facts.weights)
    if len(inner) < 3:
        return
    groups = {name.rstrip("0123456789"): [other for other in inner if other.startswith(name[:4])] for name in inner}
    for some in [*groups.values(), *([name] for name in inner)]:
        kept = [weight for weight in row.facts.weights if weight.name.split(".")[0] not in some]
        if kept and len(kept) < len(row.facts.weights):
            yield Perturbation(edited(row.facts, weights=kept), aside=f": {' and '.join(some)}")
        biased = [
            weight for weight in row.facts.weights if weight.name.split(".")[0] not in some or not is_bias(weight.name)
        ]
        if len(biased) < len(row.facts.weights):
            yield Perturbation(edited(row.facts, weights=biased), aside=f": biases of {' and '.join(some)}")
    deep = dict.fromkeys(weight.name.rpartition(".")[0] for weight in row.facts.weights if weight.name.count(".") > 1)
    for path in deep:
        kept = [weight for weight in row.facts.weights if not weight.name.startswith(f"{path}.")]
        yield Perturbation(edited(row.facts, weights=kept), aside=f": {path}")
    matrices = [weight for weight in row.facts.weights if not is_bias(weight.name) or "norm" in weight.name]
    yield Perturbation(edited(row.facts, weights=matrices), aside=": all biases but those of the norms")
    plain = [weight for weight in row.facts.weights if not is_bias(weight.name) and "norm" not in weight.name]
    yield Perturbation(edited(row.facts, weights=plain), aside=": biases and norms")
    if all(weight.shape for weight in row.facts.weights):
        wide = [
            Weight(w.name, (w.shape[0], w.shape[0])) if "linear1.weight" in w.name else w for w in row.facts.weights
        ]
        wide = [Weight(w.name, (w.shape[1], w.shape[1])) if "linear2.weight" in w.name else w for w in wide]
        if wide != list(row.facts.weights):
            yield Perturbation(edited(row.facts, weights=wide), aside=" and others squared: feed-forward")


# --- embeddings ------------------------------------------------------------------------------------------------------


def _tables(*sizes: Callable[[Number, Number, Shape], tuple[Shape, ...]]) -> Make:
    """Other tables: each rule gives weights from the rows, their length and the input's sizes."""

    def make(row: Row) -> Iterator[Perturbation]:
        facts = row.facts
        if facts.layer.type().startswith("Embedding"):
            rows, length = facts.weights[0].shape
            for rule in sizes:
                shapes = rule(rows, length, facts.inputs[0][1:])
                yield Perturbation(
                    edited(facts, weights=[Weight(f"table {at}", shape) for at, shape in enumerate(shapes)])
                )

    return make


def looked_up(row: Row) -> Iterator[Perturbation]:
    facts = row.facts
    if facts.layer.type().startswith("Embedding"):
        rows, length = facts.weights[0].shape
        steps: Number = prod(facts.inputs[0][1:])
        for cost in (steps * rows * length, steps * length, rows * length):
            yield Perturbation(edited(facts, ledger={"lookup": cost}))


def _mistake(name: str, rank: int, make: Make) -> Mistake:
    return Mistake(name, rank, guarded(make))


MISTAKES = (
    _mistake("one bias vector a gate instead of two", 6, one_vector),
    _mistake("two bias vectors a gate instead of one", 6, two_vectors),
    _mistake("one gate instead of all", 7, _with_gates(1)),
    _mistake("three gates instead of four", 9, _with_gates(3)),
    _mistake("four gates instead of three", 9, _with_gates(4)),
    _mistake("two gates instead of all", 14, _with_gates(2)),
    _mistake("the state's weights left out", 10, half_of_the_weights),
    _mistake("the input's weights left out", 11, inputs_left_out),
    _mistake("sizes of input and state mixed up", 12, squares),
    _mistake("one square matrix for input and state together", 14, one_matrix),
    _mistake("each direction reads the states of both", 15, both_directions_read),
    _mistake("biases of one gate only", 13, few_biases),
    _mistake("upper layers read other sizes", 12, upper_layers_read),
    _mistake("weights counted for every step", 13, every_step),
    _mistake("one step only", 8, one_step),
    _mistake("output projection left out", 6, output_projection_left_out),
    _mistake("an output projection counted that is not there", 7, output_projection_added),
    _mistake("bias of the output projection left out", 12, output_bias_left_out),
    _mistake("biases of query, key and value left out", 12, only_output_bias),
    _mistake("weights left out", 10, inner_left_out),
    _mistake("one of the three projections only", 13, one_projection),
    _mistake("one head's size taken for all heads", 9, head_for_all),
    _mistake("every head as wide as all together", 9, all_for_head),
    _mistake("shared heads of keys and values ignored", 8, shared_heads_ignored),
    _mistake("the memory's size ignored", 9, memory_sizes_ignored),
    _mistake(
        "a bias counted that is not there",
        7,
        _tables(lambda v, e, x: ((v, e), (e,)), lambda v, e, x: ((v, e), (v,))),
    ),
    _mistake("the input's length taken for the table's rows", 9, _tables(lambda v, e, x: ((*x, e),))),
    _mistake("the input's length taken for the rows' length", 12, _tables(lambda v, e, x: ((v, *x),))),
    _mistake("sizes added instead of multiplied", 13, _tables(lambda v, e, x: ((v,), (e,)))),
    _mistake("a row of the table left out", 14, _tables(lambda v, e, x: ((v - 1, e),))),
    _mistake("a row of the table too many", 14, _tables(lambda v, e, x: ((v + 1, e),))),
    _mistake("a lookup counted as a product", 6, looked_up),
)
