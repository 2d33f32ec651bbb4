"""Arrays that the author gives: whose they are, and whether they fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cnncalc.core.channels import to_shown_order
from cnncalc.core.number import as_ints
from cnncalc.core.problem import Fault, Problem, SpecError
from cnncalc.execute.kernel import Array
from cnncalc.network.array_names import INPUT, UPSTREAM, Place, array_names, find, owner
from cnncalc.network.report import Report

__all__ = ["INPUT", "UPSTREAM", "Place", "owner", "placed", "samples", "upstream"]


def placed(
    report: Report,
    values: Mapping[str, Any] | None,
    batch: int,
    whole: set[int],
    rows: Mapping[int, tuple[int, str]] | None = None,
) -> dict[Place, Array]:
    """The given arrays, checked; raises `SpecError` with every one that has no place or does not fit.

    Inputs that are `whole` hold whole numbers; `rows` says below what they must stay where they choose among rows, and
    for which layer. Arrays of inputs get a batch axis: one sample stands for all. Weights of a layer that shares are
    the owner's.
    """
    found: dict[Place, Array] = {}
    problems: list[Problem] = []
    if not values:
        return found
    written = getattr(values, "places", {})  # where they stand, if in a file
    known = array_names(report)
    for name, value in values.items():
        try:
            if name == UPSTREAM:  # what the loss weighs the output with: no part of the forward, but it must fit
                ref = report.graph.output
                upstream(values, as_ints(report.shown(report.shape_of(ref), ref)), batch)
                continue
            place = find(report, known, name)
            found[place] = _fitted(report, place, name, value, batch, place[0] in whole)
            if rows and place[1] == INPUT and place[0] in rows:
                _chosen(name, found[place], *rows[place[0]])
        except Fault as fault:
            source, span = written.get(name, (None, None))
            problems.append(Problem(fault.code, fault.message, source=source, span=span, help=fault.help))
    if problems:
        raise SpecError(problems)
    return found


def samples(report: Report, values: Mapping[str, Any] | None) -> int:
    """How many samples the given inputs hold: those of the first that has an axis more than a sample; 1 else."""
    for taken in report.graph.inputs:
        if values is not None and taken.name in values and _depth(values[taken.name]) == len(taken.shape) + 1:
            try:
                found = np.shape(values[taken.name])
            except ValueError:  # its rows have different lengths: `placed` says so
                continue
            shape = tuple(to_shown_order(taken.shape, report.graph.convention)) if taken.image else tuple(taken.shape)
            if found[1:] == shape and found[0] > 1:
                return int(found[0])
    return 1


def _depth(value: object) -> int:
    """How many axes an array or nested lists seem to have."""
    depth = 0
    while isinstance(value, (list, tuple)) and value:
        depth, value = depth + 1, value[0]
    return depth + int(getattr(value, "ndim", 0))


def upstream(values: Mapping[str, object], shape: tuple[int, ...], batch: int) -> Array | None:
    """The gradient that arrives at an output of that shape, for each sample; None where none is given."""
    if UPSTREAM not in values:
        return None
    try:
        array = np.asarray(values[UPSTREAM], np.float64)
    except (ValueError, TypeError):
        raise Fault("values-form", f"{UPSTREAM}: its rows have different lengths") from None
    except OverflowError:
        raise _beyond(UPSTREAM) from None
    fitted = array if array.shape == (batch, *shape) else _shaped(array, shape)
    if fitted is None:
        raise _misfit(UPSTREAM, array, shape, batch)
    return np.broadcast_to(fitted, (batch, *shape))


def _beyond(name: str) -> Fault:
    return Fault("values-form", f"{name}: a number is larger than any that is computed with")


def _fitted(report: Report, place: Place, name: str, value: object, batch: int, whole: bool) -> Array:
    try:
        array = np.asarray(value)
    except ValueError:
        raise Fault("values-form", f"{name}: its rows have different lengths") from None
    if array.dtype.kind == "O" and all(type(number) in (int, float) for number in array.flat):
        try:
            array = array.astype(np.float64)  # whole numbers that do not fit into a machine's word
        except OverflowError:
            raise _beyond(name) from None
    if array.dtype.kind not in "fiub":
        raise Fault("values-form", f"{name}: an array holds numbers, not {array.dtype}")
    if place[1] == INPUT:
        given = report.graph.inputs[place[0]]
        shape = as_ints(given.shape)
        keras = report.graph.convention == "keras"
        shown = tuple(to_shown_order(shape, report.graph.convention)) if given.image else shape
        fitted = _shaped(array, shown) if array.shape != (batch, *shown) else array
        if fitted is None:
            raise _misfit(name, array, shown, batch)
        if fitted is not array or array.shape == shown:
            fitted = np.broadcast_to(fitted, (batch, *shown))
        array = np.moveaxis(fitted, *((1, -1) if keras else (-1, 1))) if given.image else fitted
        if whole:
            if array.dtype.kind == "f" and not (np.array_equal(array, np.trunc(array)) and (abs(array) < 2**62).all()):
                raise Fault("values-form", f"{name} holds positions, whole numbers only")
            return array.astype(np.int64)
        return array
    row = report.rows[place[0]]
    wanted = as_ints(next(held.shape for held in (*row.facts.weights, *row.facts.buffers) if held.name == place[1]))
    fitted = _shaped(array, wanted)
    if fitted is None:
        raise _misfit(name, array, wanted, None)
    return fitted


def _chosen(name: str, array: Array, rows: int, layer: str) -> None:
    """Refuse positions that there are no rows for."""
    wrong = array[(array < 0) | (array >= rows)]
    if wrong.size:
        raise Fault("values-form", f"{name} holds {wrong[0]}, but {layer} has the rows 0 to {rows - 1}")


def _shaped(array: Array, shape: tuple[int, ...]) -> Array | None:
    """The array in that shape, if leading axes of length 1 are missing at most, or one number fills it; else None."""
    if array.ndim == 0:
        return np.broadcast_to(array, shape)
    missing = len(shape) - array.ndim
    if missing < 0 or shape[missing:] != array.shape or any(size != 1 for size in shape[:missing]):
        return None
    return array.reshape(shape)


def _help(array: Array, shape: tuple[int, ...], batch: int | None) -> tuple[str, ...]:
    """What to write instead."""
    if shape == (1,) and array.ndim == 1 and batch is not None:
        return (f"for a batch of {len(array)} samples write [[...], [...], ...], an array [{len(array)}, 1]",)
    return ("leading axes of length 1 may be left out",) if shape[:1] == (1,) else ()


def _misfit(name: str, array: Array, shape: tuple[int, ...], batch: int | None) -> Fault:
    also = f", or {[batch, *shape]} for a batch" if batch is not None and batch > 1 else ""
    return Fault(
        "value-shape",
        f"{name} is {list(array.shape)}, but must be {list(shape)}{also}",
        help=_help(array, shape, batch),
    )
