"""Mistakes with shapes beside windows: flattening, sequences, the channels of a merge, a layer left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import cast

from cnncalc.core.number import Number, prod, shown
from cnncalc.core.window import AXIS_NAMES
from cnncalc.grading.mistakes.window import shaped
from cnncalc.grading.perturbed.row import (
    Made,
    Perturbation,
    changed,
    channels_last,
    option,
    space_of,
    spreading,
    with_channels,
    with_space,
)
from cnncalc.network.report import Report
from cnncalc.network.row import Row

MOST_ROWS = 40  # layers of a network whose channels may have been taken for others
FACTORS = {1: ("features",), 2: ("channels", "length"), 3: ("channels", "height", "width")}


def factor_forgotten(row: Row) -> Iterator[Made]:
    """Flatten without one of its factors, or with one of them alone."""
    facts = row.facts
    if not facts.layer.type().startswith("Flatten") or len(facts.shape) != 2:
        return
    sizes = facts.inputs[0][1:]
    names = FACTORS.get(len(sizes), tuple(f"axis {at + 1}" for at in range(len(sizes))))
    if channels_last(facts.layer) and len(sizes) in FACTORS:
        names = (*names[1:], names[0])
    for count in range(len(sizes) - 1, 0, -1):
        for kept in combinations(range(len(sizes)), count):
            lost = [names[at] for at in range(len(sizes)) if at not in kept]
            text = _product([sizes[at] for at in kept])
            wrong = shaped(facts, (facts.shape[0], prod(sizes[at] for at in kept)))
            yield Perturbation(wrong, text=text, aside=f" without the {' and '.join(lost)}")
    yield from _other_channels(row, channels_last(facts.layer))


def _product(sizes: Sequence[Number]) -> str:
    return "·".join(map(shown, sizes)) + f" = {shown(prod(sizes))}"


def _other_channels(row: Row, last: bool) -> Iterator[Made]:
    """Flatten with the channels of the input or of an earlier layer in place of those that come in."""
    facts = row.facts
    sizes = list(facts.inputs[0][1:])
    report = cast(Report, row._report)
    if len(sizes) not in (2, 3) or len(report.rows) > MOST_ROWS:
        return
    mine = -1 if last else 0
    inputs = [(given.name, given.shape) for given in report.graph.inputs]
    for name, shape in [*inputs, *((other.name, other.output_shape) for other in report.rows)]:
        if len(shape) != len(sizes) or shape[mine] == sizes[mine]:
            continue
        made = list(sizes)
        made[mine] = shape[mine]
        text = _product(made)
        wrong = shaped(facts, (facts.shape[0], prod(made)))
        yield Perturbation(wrong, text=text, aside=f" with the channels of {name}")
    if inputs and len(inputs[0][1]) == len(sizes):
        whole = inputs[0][1]
        text = _product(whole)
        yield Perturbation(
            shaped(facts, (facts.shape[0], prod(whole))), text=text, aside=f" as it is in {inputs[0][0]}"
        )


def not_flattened(row: Row) -> Iterator[Made]:
    if row.facts.layer.type().startswith("Flatten"):
        yield shaped(row.facts, row.facts.inputs[0])


def left_out(row: Row) -> Iterator[Made]:
    """What comes after takes what came before."""
    facts = row.facts
    if len(facts.inputs) == 1 and facts.shape != facts.inputs[0]:
        yield shaped(facts, facts.inputs[0])


def last_step_only(row: Row) -> Iterator[Made]:
    if _recurrent(row) and len(row.facts.shape) == 3:
        yield shaped(row.facts, (row.facts.shape[0], row.facts.shape[2]))


def every_step(row: Row) -> Iterator[Made]:
    if _recurrent(row) and len(row.facts.shape) == 2 and len(row.facts.inputs[0]) == 3:
        n, features = row.facts.shape
        yield shaped(row.facts, (n, row.facts.inputs[0][1], features))


def one_direction(row: Row) -> Iterator[Made]:
    if option(row.facts.layer, "bidirectional"):
        yield changed(row.facts, bidirectional=False)


def projection_ignored(row: Row) -> Iterator[Made]:
    if option(row.facts.layer, "proj_size"):
        yield changed(row.facts, proj_size=0)


def gates_in_the_shape(row: Row) -> Iterator[Made]:
    gates = getattr(row.facts.layer, "gates", 1)
    if _recurrent(row) and gates > 1:
        *first, features = row.facts.shape
        yield shaped(row.facts, (*first, gates * features))


def one_layer(row: Row) -> Iterator[Made]:
    layers = option(row.facts.layer, "num_layers")
    if _recurrent(row) and layers is not None and layers > 1:
        yield changed(row.facts, num_layers=1)


def sources_exchanged(row: Row) -> Iterator[Made]:
    """Query and memory, or the two inputs of a product, in the other order."""
    facts = row.facts
    if len(facts.inputs) == 2 and facts.inputs[0] != facts.inputs[1]:
        yield changed(facts, (facts.inputs[1], facts.inputs[0]))


def concatenated(row: Row) -> Iterator[Made]:
    """Channels added up where numbers are added, and the other way round."""
    facts = row.facts
    kind = facts.layer.type()
    if kind in ("Add", "Multiply", "Average") and len(facts.inputs) > 1 and len(facts.shape) > 1:
        yield shaped(facts, (facts.shape[0], sum(x[1] for x in facts.inputs), *facts.shape[2:]))


def not_concatenated(row: Row) -> Iterator[Made]:
    if row.facts.layer.type() == "Concat":
        for x in row.facts.inputs:
            yield shaped(row.facts, x)


def other_axis(row: Row) -> Iterator[Made]:
    """Put together along another axis, along all, or multiplied."""
    facts = row.facts
    dim = facts.layer.__dict__.get("dim")
    if facts.layer.type() != "Concat" or type(dim) is not int:
        return
    first, rank = facts.inputs[0], len(facts.shape)
    sums = [sum(x[at] for x in facts.inputs) for at in range(rank)]
    for at in range(1, rank):
        if at != dim % rank:
            yield Perturbation(shaped(facts, (*first[:at], sums[at], *first[at + 1 :])), aside=f": axis {at}")
    yield Perturbation(shaped(facts, (first[0], *sums[1:])), aside=": all axes")
    at = dim % rank
    product = prod(x[at] for x in facts.inputs)
    yield Perturbation(shaped(facts, (*first[:at], product, *first[at + 1 :])), aside=": sizes multiplied")


def whole_width(row: Row) -> Iterator[Made]:
    """Attention's heads joined, or one head alone."""
    layer, facts = row.facts.layer, row.facts
    heads = option(layer, "num_heads")
    if layer.type() == "Attention" and heads is not None and heads > 1:
        *first, features = facts.shape
        yield shaped(facts, (*first, features // heads))


def bins_as_window(row: Row) -> Iterator[Made]:
    """The number of bins of an adaptive pool taken as the size of a window."""
    facts = row.facts
    wanted = facts.layer.__dict__.get("output_size")
    if not facts.layer.type().startswith("Adaptive") or not isinstance(wanted, tuple):
        return
    space = space_of(facts.layer, facts.inputs[0])
    if all(type(size) is int and type(bins) is int and bins > 0 for size, bins in zip(space, wanted, strict=True)):
        made = tuple(size // bins for size, bins in zip(space, wanted, strict=True))
        yield shaped(facts, with_space(facts.layer, facts.shape, made))
        ones = tuple(size - bins + 1 for size, bins in zip(space, wanted, strict=True))
        yield shaped(facts, with_space(facts.layer, facts.shape, ones))


def pooled_channels(row: Row) -> Iterator[Made]:
    """A pool to one number per channel, taken along the channels."""
    facts = row.facts
    kind = facts.layer.type()
    if not facts.inputs or not kind.startswith(("Adaptive", "Global")):
        return
    before, after = space_of(facts.layer, facts.inputs[0]), space_of(facts.layer, facts.shape)
    if len(after) == len(before) and prod(after) == 1 and before != after:
        yield shaped(facts, with_channels(facts.layer, facts.inputs[0], 1))


def along_one_axis(row: Row) -> Iterator[Made]:
    """One spatial axis of the output computed, the others left as they came in."""
    facts = row.facts
    if not facts.inputs or (facts.layer.axes < 1 and "H_out" not in facts.layer.gives):
        return
    before, after = space_of(facts.layer, facts.inputs[0]), space_of(facts.layer, facts.shape)
    if len(before) != len(after) or len(after) < 2:
        return
    names = AXIS_NAMES.get(len(after), ())
    for at, name in enumerate(names):
        made = tuple(size if other == at else before[other] for other, size in enumerate(after))
        if made != after and made != before:
            yield Perturbation(shaped(facts, with_space(facts.layer, facts.shape, made)), aside=f": {name}")


def factor_squared(row: Row) -> Iterator[Made]:
    """Upsampling by the factor twice, or to that size."""
    facts = row.facts
    factor = facts.layer.__dict__.get("scale_factor")
    if factor is None or not facts.inputs:
        return
    before, after = space_of(facts.layer, facts.inputs[0]), space_of(facts.layer, facts.shape)
    twice = tuple(b * b // a for a, b in zip(before, after, strict=True) if a)
    if len(twice) == len(after):
        yield shaped(facts, with_space(facts.layer, facts.shape, twice))


def _recurrent(row: Row) -> bool:
    return row.facts.layer.has("gates") and len(row.facts.inputs) > 0


MISTAKES = (
    spreading("flattened", 14, factor_forgotten),
    spreading("not flattened", 16, not_flattened),
    spreading("the second direction forgotten", 12, one_direction),
    spreading("the last step only", 13, last_step_only),
    spreading("every step, not the last alone", 13, every_step),
    spreading("projection ignored", 13, projection_ignored),
    spreading("one layer instead of the stack", 13, one_layer),
    spreading("size of all gates taken for the state's", 22, gates_in_the_shape),
    spreading("query and memory exchanged", 15, sources_exchanged),
    spreading("concatenated instead of added", 15, concatenated),
    spreading("added instead of concatenated", 15, not_concatenated),
    spreading("one head only", 16, whole_width),
    spreading("concatenated along another axis", 10, other_axis),
    spreading("output_size taken as the size of the window", 12, bins_as_window),
    spreading("pooled over the channels, not over each channel's image", 18, pooled_channels),
    spreading("computed along one axis only", 17, along_one_axis),
    spreading("enlarged twice by the factor", 20, factor_squared),
)
LEFT_OUT = spreading("left out", 30, left_out)
