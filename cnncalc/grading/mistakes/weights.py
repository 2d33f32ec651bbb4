"""Mistakes with parameters: biases, channels, groups, kernel areas, what does not belong in the count at all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from cnncalc.core.layer import Weight
from cnncalc.core.layer_result import LayerResult
from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.rules import is_bias
from cnncalc.grading.mistakes.counted import (
    dilated_kernel_counted,
    factor_of_each_channel,
    frozen_costs_nothing,
    frozen_counted,
    frozen_left_out,
    kernel_of_another,
    shared_twice,
    statistics_alone,
    statistics_counted,
    statistics_left_out,
)
from cnncalc.grading.perturbed.row import (
    Made,
    Perturbation,
    batch_of,
    changed,
    channels_last,
    channels_of,
    counting,
    edited,
    option,
    option_name,
    space_of,
)
from cnncalc.network.row import Row


@lru_cache(maxsize=1)  # one mistake after the other looks at the same layer, which may have 40,000 weights
def parts(facts: LayerResult) -> tuple[list[Weight], list[Weight]]:
    """The weights and the biases."""
    biases = [weight for weight in facts.weights if is_bias(weight.name)]
    return [weight for weight in facts.weights if not is_bias(weight.name)], biases


def weighed(facts: LayerResult, weights: list[Weight], biases: list[Weight]) -> LayerResult:
    """The facts with other weights, and a cost that follows where a layer uses each weight once at every position."""
    ledger = None
    mine = parts(facts)[0]
    count = sum((prod(weight.shape) for weight in mine), 0)
    now = sum((prod(weight.shape) for weight in weights), 0)
    if len(mine) == 1 and len(facts.ledger) == 1 and count and facts.macs % count == 0:
        ledger = dict.fromkeys(facts.ledger, facts.macs // count * now)
    return edited(facts, weights=[*weights, *biases], ledger=ledger)


def _bias_instead(row: Row, shape: Shape) -> Iterator[Made]:
    weights, biases = parts(row.facts)
    if len(biases) == 1 and biases[0].shape != shape:
        yield edited(row.facts, weights=[*weights, Weight("bias", shape)])


# --- biases --------------------------------------------------------------------------------------------------------


def bias_forgotten(row: Row) -> Iterator[Made]:
    weights, biases = parts(row.facts)
    if weights and biases:
        yield edited(row.facts, weights=weights)


def bias_twice(row: Row) -> Iterator[Made]:
    weights, biases = parts(row.facts)
    if biases:
        again = [Weight(f"{bias.name} again", bias.shape) for bias in biases]
        yield edited(row.facts, weights=[*weights, *biases, *again])


def bias_added(row: Row) -> Iterator[Made]:
    if option(row.facts.layer, "bias") is False:
        yield changed(row.facts, bias=True)


def one_bias(row: Row) -> Iterator[Made]:
    yield from _bias_instead(row, (1,))


def bias_at_each_output(row: Row) -> Iterator[Made]:
    if len(row.facts.shape) > 2:
        yield from _bias_instead(row, row.facts.shape[1:])


def bias_of_each_input(row: Row) -> Iterator[Made]:
    weights, _ = parts(row.facts)
    if len(weights) == 1 and len(weights[0].shape) > 1:
        layer, x = row.facts.layer, row.facts.inputs[0]
        yield from _bias_instead(row, (channels_of(layer, x) if layer.axes else x[-1],))


def bias_of_each_kernel(row: Row) -> Iterator[Made]:
    weights, _ = parts(row.facts)
    if len(weights) == 1 and len(weights[0].shape) > 2 and row.facts.layer.axes:
        kernel = prod(row.facts.layer.kernel_size)  # type: ignore[attr-defined]
        yield from _bias_instead(row, (prod(weights[0].shape) // kernel,))


# --- convolutions and linear layers ----------------------------------------------------------------------------------


def _weight_axes(row: Row) -> tuple[Weight, int, int, list[int]] | None:
    """A convolution's weight and where the axes of input channels, output channels and kernel are in it."""
    layer = row.facts.layer
    if option_name(layer, "out_channels") is None or layer.axes < 1:
        return None
    weights = parts(row.facts)[0]
    if len(weights) != 1:
        return None
    rank = len(weights[0].shape)
    transposed = "Transpose" in layer.type()
    if channels_last(layer):
        into, out = (rank - 1, rank - 2) if transposed else (rank - 2, rank - 1)
        return weights[0], into, out, list(range(rank - 2))
    return weights[0], int(not transposed), int(transposed), list(range(2, rank))


def _without(weight: Weight, axis: int) -> Weight:
    return Weight(weight.name, (*weight.shape[:axis], 1, *weight.shape[axis + 1 :]))


def inputs_forgotten(row: Row) -> Iterator[Made]:
    axes = _weight_axes(row)
    if axes is not None and axes[0].shape[axes[1]] != 1:
        yield weighed(row.facts, [_without(axes[0], axes[1])], parts(row.facts)[1])


def outputs_forgotten(row: Row) -> Iterator[Made]:
    axes = _weight_axes(row)
    if axes is not None and axes[0].shape[axes[2]] != 1:
        weight, biases = _without(axes[0], axes[2]), parts(row.facts)[1]
        yield weighed(row.facts, [weight], biases)
        if biases:
            yield weighed(row.facts, [weight], [Weight("bias", (1,))])


def kernel_once(row: Row) -> Iterator[Made]:
    axes = _weight_axes(row)
    if axes is None or len(axes[3]) < 2:
        return
    for lost in axes[3]:
        yield weighed(row.facts, [_without(axes[0], lost)], parts(row.facts)[1])


def groups_ignored(row: Row) -> Iterator[Made]:
    groups = option(row.facts.layer, "groups")
    if groups is not None and groups != 1:
        yield changed(row.facts, groups=1)


def groups_divide_twice(row: Row) -> Iterator[Made]:
    groups = option(row.facts.layer, "groups")
    axes = _weight_axes(row)
    if axes is not None and groups is not None and groups != 1:
        shape = list(axes[0].shape)
        shape[axes[2]] //= groups
        yield weighed(row.facts, [Weight("weight", tuple(shape))], parts(row.facts)[1])


def _with_factor(row: Row, factors: Shape) -> Iterator[Made]:
    if prod(factors) == 1:
        return
    weights, biases = parts(row.facts)
    if weights:
        first = Weight(weights[0].name, (*weights[0].shape, *reversed(factors)))
        yield edited(row.facts, weights=[first, *weights[1:], *biases])
        if biases:
            yield edited(row.facts, weights=[Weight(w.name, (*w.shape, *reversed(factors))) for w in parts_all(row)])


def parts_all(row: Row) -> list[Weight]:
    """Weights first, then biases."""
    weights, biases = parts(row.facts)
    return [*weights, *biases]


def stride_counted(row: Row) -> Iterator[Made]:
    axes = _weight_axes(row)
    if axes is not None:
        yield from _with_factor(row, tuple(row.facts.layer.stride))  # type: ignore[attr-defined]
        yield from _with_factor(row, tuple(row.facts.layer.stride)[:1])  # type: ignore[attr-defined]


def image_counted(row: Row) -> Iterator[Made]:
    if _weight_axes(row) is not None:
        yield from _with_factor(row, space_of(row.facts.layer, row.facts.inputs[0]))


def positions_counted(row: Row) -> Iterator[Made]:
    facts = row.facts
    if _weight_axes(row) is not None:
        yield from _with_factor(row, space_of(facts.layer, facts.shape))
    elif len(facts.shape) > 2 and len(facts.weights) > 0:
        yield from _with_factor(row, facts.inputs[0][1:-1])


def added_not_multiplied(row: Row) -> Iterator[Made]:
    weights, biases = parts(row.facts)
    if len(weights) == 1 and len(weights[0].shape) == 2:
        a, b = weights[0].shape
        yield edited(row.facts, weights=[Weight("in", (a,)), Weight("out", (b,))])
        if biases:
            yield edited(row.facts, weights=[Weight("in", (a,)), Weight("out", (b,)), *biases])


def batch_counted(row: Row) -> Iterator[Made]:
    batch = batch_of(row)
    if batch is not None:
        counts: dict[str, Number] = {
            "params": row.params * batch,
            "trainable": row.trainable * batch,
            "macs": row.macs * batch,
        }
        yield Perturbation(row.facts, counts)


def per_element(row: Row) -> Iterator[Made]:
    """A norm's numbers for every element in place of every channel, or for the last axis alone."""
    facts = row.facts
    if not facts.weights or any(len(weight.shape) == 0 for weight in facts.weights):
        return
    if facts.layer.elementwise and facts.shape == facts.inputs[0]:
        for shape in dict.fromkeys([facts.shape[1:], facts.shape[1:2], facts.shape[-1:], facts.shape[2:]]):
            if shape and shape != facts.weights[0].shape:
                yield edited(facts, weights=[Weight(weight.name, shape) for weight in facts.weights])


def statistics_that_are_none(row: Row) -> Iterator[Made]:
    """Running mean and variance counted of a norm that keeps none."""
    if _normalises(row) and not row.facts.buffers:
        yield edited(row.facts, weights=[*row.facts.weights, *row.facts.weights])


def one_pair(row: Row) -> Iterator[Made]:
    """A norm with one factor and one shift for the whole layer, or for each group."""
    facts = row.facts
    if not _normalises(row):
        return
    yield edited(facts, weights=[Weight(weight.name, (1,)) for weight in facts.weights])


def pair_a_group(row: Row) -> Iterator[Made]:
    groups = option(row.facts.layer, "num_groups")
    if _normalises(row) and groups is not None and groups > 1:
        yield edited(row.facts, weights=[Weight(weight.name, (groups,)) for weight in row.facts.weights])


def norm_without_parameters(row: Row) -> Iterator[Made]:
    if _normalises(row):
        yield Perturbation(row.facts, {"params": 0, "trainable": 0})


def _normalises(row: Row) -> bool:
    facts = row.facts
    return "Norm" in facts.layer.type() and bool(facts.weights) and facts.weights[0].shape != (1,)


def image_for_kernel(row: Row) -> Iterator[Made]:
    """The size of the image, or of the output, in place of the kernel's."""
    axes = _weight_axes(row)
    if axes is None:
        return
    weight, biases = axes[0], parts(row.facts)[1]
    for space in (space_of(row.facts.layer, row.facts.inputs[0]), space_of(row.facts.layer, row.facts.shape)):
        shape = list(weight.shape)
        for at, size in zip(axes[3], space, strict=True):
            shape[at] = size
        yield edited(row.facts, weights=[Weight(weight.name, tuple(shape)), *biases])


def bias_divided(row: Row) -> Iterator[Made]:
    groups = option(row.facts.layer, "groups")
    weights, biases = parts(row.facts)
    if groups is not None and groups > 1 and len(biases) == 1:
        yield edited(row.facts, weights=[*weights, Weight("bias", (biases[0].shape[0] // groups,))])


def bias_of_each_group(row: Row) -> Iterator[Made]:
    groups = option(row.facts.layer, "groups")
    if groups is not None and groups > 1:
        yield from _bias_instead(row, (groups,))


def none_of_its_own(row: Row) -> Iterator[Made]:
    """A pool counted like a convolution, an activation or a flattening like a dense layer."""
    facts = row.facts
    if facts.weights or len(facts.inputs) != 1:
        return
    kernel = getattr(facts.layer, "kernel_size", None)
    if facts.layer.axes and isinstance(kernel, tuple):
        c = channels_of(facts.layer, facts.inputs[0])
        for shape in ((*kernel,), (c, *kernel), (c, c, *kernel)):
            for biases in ([], [Weight("bias", (c,))], [Weight("bias", (1,))]):
                yield edited(facts, weights=[Weight("weight", shape), *biases])
        return
    sizes = facts.shape[1:], facts.inputs[0][1:]
    yield edited(facts, weights=[Weight("weight", (prod(sizes[0]), prod(sizes[1])))])
    yield edited(facts, weights=[Weight("weight", (prod(sizes[0]), prod(sizes[1]))), Weight("bias", (prod(sizes[0]),))])


MISTAKES = (
    counting("bias forgotten", 5, bias_forgotten),
    counting("a bias counted that is not there", 6, bias_added),
    counting("shared weights counted twice", 6, shared_twice),
    counting("frozen parameters counted", 6, frozen_counted),
    counting("frozen parameters left out", 6, frozen_left_out),
    counting("frozen layers taken to cost nothing", 6, frozen_costs_nothing),
    counting("running statistics counted, as Keras does", 6, statistics_counted),
    counting("running statistics counted, which it does not keep", 7, statistics_that_are_none),
    counting("running statistics left out, as PyTorch does", 6, statistics_left_out),
    counting("running statistics counted, as Keras does", 7, statistics_alone),
    counting("input channels forgotten", 7, inputs_forgotten),
    counting("groups ignored", 7, groups_ignored),
    counting("bias counted twice", 8, bias_twice),
    counting("kernel area counted once, K instead of K·K", 9, kernel_once),
    counting("one bias for the whole layer", 10, one_bias),
    counting("scale and shift forgotten: a norm has parameters", 7, norm_without_parameters),
    counting("one scale and one shift for the whole layer, not for each channel", 8, one_pair),
    counting("one scale and one shift for each group, not for each channel", 8, pair_a_group),
    counting("factors of PReLU: one for all, or one for each channel", 8, factor_of_each_channel),
    counting("bias divided by the groups", 12, bias_divided),
    counting("one bias for each group", 13, bias_of_each_group),
    counting("zeros of the dilated kernel counted", 15, dilated_kernel_counted),
    counting("kernel of another layer", 16, kernel_of_another),
    counting("image size taken for the kernel's", 17, image_for_kernel),
    counting("output channels forgotten", 11, outputs_forgotten),
    counting("a bias for each kernel", 16, bias_of_each_kernel),
    counting("a bias for each output number", 16, bias_at_each_output),
    counting("a bias for each input", 17, bias_of_each_input),
    counting("multiplied by the batch", 18, batch_counted),
    counting("the layer has no parameters of its own", 30, none_of_its_own),
    counting("parameters for other axes than it normalises", 19, per_element),
    counting("stride counted in the parameters", 20, stride_counted),
    counting("image size counted in the parameters", 20, image_counted),
    counting("output positions counted in the parameters", 21, positions_counted),
    counting("sizes added instead of multiplied", 22, added_not_multiplied),
    counting("groups divided out twice", 24, groups_divide_twice),
)
