"""Mistakes with the parameters of attention and embeddings: heads, projections, tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cnncalc.core.layer import Weight
from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.rules import is_bias
from cnncalc.grading.perturbed.row import Made, Make, Perturbation, changed, edited, option
from cnncalc.network.row import Row

# --- attention -------------------------------------------------------------------------------------------------------


def _attends(row: Row) -> bool:
    return row.facts.layer.type() in ("MultiheadAttention", "Attention", "MultiHeadAttention", "GroupQueryAttention")


def _is_output(weight: Weight) -> bool:
    return weight.name.startswith(("out_proj", "W_o", "b_o", "attention_output"))


def output_projection_left_out(row: Row) -> Iterator[Made]:
    kept = [weight for weight in row.facts.weights if not _is_output(weight)]
    if _attends(row) and len(kept) < len(row.facts.weights):
        ledger = {name: cost for name, cost in row.facts.ledger.items() if name != "output"}
        yield edited(row.facts, weights=kept, ledger=ledger)
        yield edited(row.facts, weights=[weight for weight in kept if not is_bias(weight.name)], ledger=ledger)


def output_projection_added(row: Row) -> Iterator[Made]:
    if option(row.facts.layer, "out_proj") is False:
        yield changed(row.facts, out_proj=True)


def output_bias_left_out(row: Row) -> Iterator[Made]:
    kept = [weight for weight in row.facts.weights if not (_is_output(weight) and is_bias(weight.name))]
    if _attends(row) and len(kept) < len(row.facts.weights):
        yield edited(row.facts, weights=kept)


def only_output_bias(row: Row) -> Iterator[Made]:
    kept = [weight for weight in row.facts.weights if _is_output(weight) or not is_bias(weight.name)]
    if _attends(row) and len(kept) < len(row.facts.weights):
        yield edited(row.facts, weights=kept)


def one_projection(row: Row) -> Iterator[Made]:
    """The queries' matrix alone, in place of the three."""
    facts = row.facts
    if not _attends(row):
        return
    size = facts.inputs[0][-1]
    width = facts.ports["query"][-1] if "query" in facts.ports else size
    for weights in ([Weight("q", (width, size))], [Weight("q", (width, size)), Weight("b", (width,))]):
        yield edited(facts, weights=weights)


def head_for_all(row: Row) -> Iterator[Made]:
    """The size of one head taken for that of all heads together."""
    layer, facts = row.facts.layer, row.facts
    heads = option(layer, "num_heads")
    if not _attends(row) or heads is None or heads < 2:
        return
    if "head_dim" in layer.options and layer.__dict__["head_dim"] is not None:
        yield changed(facts, num_heads=1)
        return
    yield edited(facts, weights=[scaled(weight, heads, divide=True) for weight in facts.weights])
    stacked = [scaled(weight, heads, divide=True) for weight in facts.weights if not _is_output(weight)]
    yield edited(facts, weights=stacked)
    yield edited(facts, weights=[*stacked, *filter(_is_output, facts.weights)])


def all_for_head(row: Row) -> Iterator[Made]:
    """Every head as wide as all heads together."""
    layer, facts = row.facts.layer, row.facts
    heads = option(layer, "num_heads")
    if not _attends(row) or heads is None or heads < 2:
        return
    if "head_dim" in layer.options and layer.__dict__["head_dim"] is None:
        yield changed(facts, head_dim=facts.inputs[0][-1])
    inner = [weight for weight in facts.weights if not _is_output(weight)]
    outer = [weight for weight in facts.weights if _is_output(weight)]
    wide = [scaled(weight, heads) for weight in inner]
    yield edited(facts, weights=[*wide, *outer])
    plain = [weight if is_bias(weight.name) else scaled(weight, heads) for weight in inner]
    yield edited(facts, weights=[*plain, *outer])
    last = [weight if is_bias(weight.name) else scaled(weight, heads) for weight in outer]
    yield edited(facts, weights=[*wide, *last])


def scaled(weight: Weight, factor: int, divide: bool = False) -> Weight:
    first, *rest = weight.shape
    return Weight(weight.name, ((first // factor if divide else first * factor), *rest))


def shared_heads_ignored(row: Row) -> Iterator[Made]:
    if option(row.facts.layer, "num_kv_heads") is not None:
        yield changed(row.facts, num_kv_heads=None)


def memory_sizes_ignored(row: Row) -> Iterator[Made]:
    """Keys and values made from vectors as long as the queries'."""
    facts = row.facts
    if _attends(row) and len(facts.inputs) > 1:
        query = facts.inputs[0]
        xs = tuple((*x[:-1], query[-1]) for x in facts.inputs[:3])
        if xs != facts.inputs[:3]:
            yield edited(facts, weights=changed(facts, (*xs, *facts.inputs[3:]), kdim=None, vdim=None).weights)


def _inner(row: Row) -> tuple[list[str], dict[str, list[str]]]:
    """The parts of a layer made of others, and those of one kind together."""
    inner = list(dict.fromkeys(weight.name.rpartition(".")[0].split(".")[0] for weight in row.facts.weights))
    return inner, {
        name.rstrip("0123456789"): [other for other in inner if other.startswith(name[:4])] for name in inner
    }


def one_part_only(row: Row) -> Iterator[Made]:
    """A layer made of others as one of its parts alone."""
    inner, groups = _inner(row)
    for some in groups.values() if len(inner) > 2 else ():
        whole = [weight for weight in row.facts.weights if weight.name.split(".")[0] in some]
        yield Perturbation(edited(row.facts, weights=whole), aside=f": all but {' and '.join(some)}")


def heads_multiplied(row: Row) -> Iterator[Made]:
    """The attention of a transformer's layer once for each head, as wide as all together."""
    facts = row.facts
    heads = option(facts.layer, "nhead")
    inner = [weight for weight in facts.weights if "attn." in weight.name]
    if heads and heads > 1 and inner:
        rest = [weight for weight in facts.weights if "attn." not in weight.name]
        yield edited(facts, weights=[*(scaled(weight, heads) for weight in inner), *rest])


def inner_left_out(row: Row) -> Iterator[Made]:
    """A layer made of others (a transformer's) without its norms, its attention, its feed-forward part, its biases."""
    inner, groups = _inner(row)
    if len(inner) < 3:
        return
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


def tables(*sizes: Callable[[Number, Number, Shape], tuple[Shape, ...]]) -> Make:
    """Other tables: each rule gives weights from the rows, their length and the input's sizes."""

    def make(row: Row) -> Iterator[Made]:
        facts = row.facts
        if facts.layer.type().startswith("Embedding"):
            rows, length = facts.weights[0].shape
            for rule in sizes:
                shapes = rule(rows, length, facts.inputs[0][1:])
                yield edited(facts, weights=[Weight(f"table {at}", shape) for at, shape in enumerate(shapes)])

    return make


def looked_up(row: Row) -> Iterator[Made]:
    facts = row.facts
    if facts.layer.type().startswith("Embedding"):
        rows, length = facts.weights[0].shape
        steps: Number = prod(facts.inputs[0][1:])
        for cost in (steps * rows * length, steps * length, rows * length):
            yield edited(facts, ledger={"lookup": cost})
