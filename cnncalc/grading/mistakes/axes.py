"""Mistakes about which axis is meant: one axis' option on all, padding at the wrong sides, features for positions."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any

from cnncalc.core.layer_result import LayerResult
from cnncalc.core.number import Shape
from cnncalc.core.window import AXIS_NAMES
from cnncalc.grading.mistakes.window import shaped, window_of
from cnncalc.grading.perturbed.row import Made, Perturbation, changed, space_of, spreading, with_channels, with_space
from cnncalc.network.row import Row


def one_for_all(row: Row) -> Iterator[Made]:
    """The stride, dilation or padding of one axis taken for every axis."""
    return _one_for_all(row, ("stride", "dilation", "padding"))


def one_kernel_for_all(row: Row) -> Iterator[Made]:
    """The kernel size of one axis taken for every axis, which is less usual than the other one swapped for it."""
    return _one_for_all(row, ("kernel size",))


def _one_for_all(row: Row, among: tuple[str, ...]) -> Iterator[Made]:
    window = window_of(row)
    if window is None or len(window.kernel) < 2:
        return
    names = AXIS_NAMES.get(len(window.kernel), ())
    options: dict[str, Any] = {
        "stride": window.stride, "kernel size": window.kernel, "dilation": window.dilation, "padding": window.padding,
    }  # fmt: skip
    for words in among:
        values = options[words]
        for at, value in enumerate(values if len(set(values)) > 1 else ()):
            if value not in values[:at]:
                made = window.with_(**{words.replace(" ", "_"): (value,) * len(values)})
                aside = f": the {words} of the {names[at]}" if at < len(names) else f": {words}"
                yield Perturbation(made, aside=aside)


def pads_exchanged(row: Row) -> Iterator[Made]:
    """A layer that pads, with what belongs to the width put at the height; one side alone."""
    facts = row.facts
    padding = facts.layer.__dict__.get("padding")
    if "Pad" not in facts.layer.type() or not isinstance(padding, tuple) or len(padding) != 4 or not facts.inputs:
        return
    before = space_of(facts.layer, facts.inputs[0])
    left, right, above, below = padding
    if len(before) == 2 and left + right != above + below:
        made = (before[0] + left + right, before[1] + above + below)
        yield shaped(facts, with_space(facts.layer, facts.shape, made))


def pooled_channels(row: Row) -> Iterator[Made]:
    """A pool whose window goes over the channels, too."""
    window = window_of(row)
    if window is None or "Pool" not in row.facts.layer.type() or len(row.facts.shape) < 3:
        return
    channels = row.facts.shape[1] if row.facts.shape[2:] == window.made else row.facts.shape[-1]
    if window.stride[0] > 1 and channels >= window.stride[0]:
        made = with_channels(row.facts.layer, row.facts.shape, channels // window.stride[0])
        yield shaped(row.facts, made)


def scores_of_features(row: Row) -> Iterator[Made]:
    """Scores between features, or between positions and features, in place of positions alone."""
    facts = row.facts
    for name in ("scores", "attention"):
        shape = facts.port(name)
        if shape is None or not facts.inputs:
            continue
        *first, queries, keys = shape
        heads = facts.layer.__dict__.get("num_heads") or 1
        for width in dict.fromkeys((facts.inputs[0][-1], facts.inputs[0][-1] // heads)):
            for last in ((width, width), (queries, width), (width, keys)):
                yield _port(facts, name, (*first, *last))


def scores_among_queries(row: Row) -> Iterator[Made]:
    """Every query compared with the queries, the memory with itself."""
    facts = row.facts
    if (facts.port("scores") or facts.port("attention")) and len(facts.inputs) > 1:
        for one in (facts.inputs[0], facts.inputs[1]):
            yield changed(facts, (one,) * len(facts.inputs))


def _port(facts: LayerResult, name: str, shape: Shape) -> LayerResult:
    made = copy(facts)
    where = "ports" if name in facts.ports else "_inside"
    setattr(made, where, {**(facts.ports if name in facts.ports else facts.inside), name: shape})
    return made


MISTAKES = (
    spreading("one axis taken for all", 9, one_for_all),
    spreading("one axis taken for all", 13, one_kernel_for_all),
    spreading("padding of the height and of the width exchanged", 14, pads_exchanged),
    spreading("channels pooled, too", 17, pooled_channels),
    spreading("features in place of positions in the scores", 14, scores_of_features),
    spreading("query and memory taken for the same sequence", 16, scores_among_queries),
)
