"""Gradients: a network is followed once on its way forward, then any gradient is sent back along the way it came.

The derivative by a value is the total one, through everything that was made of it: by the state of a recurrent layer,
through all later steps. Values that a derivative may be taken by are inputs, weights, every layer's output and ports,
and what kernels mark inside (`followed.touched`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from cnncalc.execute import given, kernel
from cnncalc.execute.backward import trace
from cnncalc.execute.followed import Followed
from cnncalc.execute.kernel import Array
from cnncalc.execute.run import Execution
from cnncalc.graph import Ref
from cnncalc.problem import Fault
from cnncalc.report import Report

# What a gradient is asked of: a value of the graph by its reference, or a weight: ("weight", row, name).
Where: TypeAlias = "Ref | tuple[str, int, str]"


class Source:
    """An array in the graph: its numbers as one followed array, or as one for each step of a sequence."""

    __slots__ = ("pieces", "shape", "stacked")

    def __init__(self, pieces: list[Any], shape: tuple[int, ...], stacked: bool) -> None:
        self.pieces = pieces
        self.shape = shape
        self.stacked = stacked

    def joined(self, parts: Sequence[Array | None]) -> Array:
        """Arrays of the pieces as one of the whole; None stands for zeros."""
        whole = [
            np.zeros(piece.shape, piece.dtype) if part is None else np.broadcast_to(part, piece.shape)
            for piece, part in zip(self.pieces, parts, strict=True)
        ]
        return (np.stack(whole, 1) if self.stacked else whole[0]).reshape(self.shape)

    def apart(self, array: Array) -> list[Array]:
        """An array of the whole as arrays of the pieces."""
        if not self.stacked:
            return [array.reshape(self.pieces[0].shape)]
        count = len(self.pieces)
        return [array[:, at].reshape(piece.shape) for at, piece in zip(range(count), self.pieces, strict=True)]


class Tape:
    """An executed network, followed: `execution` holds its inputs and weights.

    values   what every reference of the graph stands for, followed where it can be
    weights  the followed weights, by their owner's place
    notes    remarks on choices that a derivative had to make
    """

    def __init__(self, execution: Execution) -> None:
        self.report = execution.report
        self.batch = execution.batch
        self.values: dict[Ref, Any] = {}
        self.weights: dict[given.Place, Any] = {}
        self.notes: list[str] = []
        self._inside: dict[tuple[int, str], dict[int | None, Any]] = {}
        with np.errstate(all="ignore"):
            self._forward(execution)

    def _forward(self, execution: Execution) -> None:
        graph = self.report.graph
        for number in range(len(graph.inputs)):
            array = execution.value(number)
            self.values[number] = trace.root(array) if array.dtype.kind == "f" else array
        for index, row in enumerate(self.report.rows):
            number = len(graph.inputs) + index
            weights: dict[str, Any] = {}
            for held in (*row.facts.weights, *row.facts.buffers):
                place = given.owner(self.report, index, held.name)
                if place not in self.weights:
                    array = execution.weight(row.name, held.name)
                    self.weights[place] = trace.root(array) if array.dtype.kind == "f" else array
                weights[held.name] = self.weights[place]
            xs = [self.values[ref] for ref in row.node.inputs]
            own = Followed(weights, self._toucher(number), self._noter(row.name))
            try:
                made = kernel.find(row.layer.kernel_name())(row.layer, own, *xs)
            except (TypeError, NotImplementedError, AttributeError) as error:
                raise Fault("no-derivative", f"{row.name}: there is no derivative of {row.type} ({error})") from error
            parts = made if isinstance(made, dict) else {"output": made}
            for name, array in parts.items():
                if not xs:
                    shape = (self.batch, *array.shape[1:])
                    array = np.broadcast_to(array, shape)
                self.values[number if name == "output" else (number, name)] = array

    def _toucher(self, number: int) -> Any:
        def touch(name: str, step: int | None, array: Any) -> Any:
            followed = array if isinstance(array, trace.Traced) else trace.root(np.asarray(array))
            self._inside.setdefault((number, name), {})[step] = followed
            return followed

        return touch

    def _noter(self, layer: str) -> Any:
        def note(text: str) -> None:
            said = f"{layer}: {text}"
            if said not in self.notes:
                self.notes.append(said)

        return note

    def steps(self, number: int) -> dict[str, list[Any]]:
        """The states that a recurrent layer marks, by name, one followed array for each step in its order."""
        return {
            name: [steps[t] for t in sorted(steps)]  # type: ignore[type-var]
            for (layer, name), steps in self._inside.items()
            if layer == number and None not in steps
        }

    def source(self, where: Where) -> Source:
        """The array that a reference or a weight's place stands for; raises `Fault` for one of whole numbers."""
        if isinstance(where, tuple) and len(where) == 3:
            array = self.weights[given.owner(self.report, where[1], where[2])]
        else:
            inside = self._within(where)
            if inside is not None:
                return inside
            array = self.values[where]
        if not isinstance(array, trace.Traced):
            if array.dtype.kind != "f":
                raise Fault("no-derivative", "whole numbers have no derivative")
            array = trace.root(array)  # a constant
        return Source([array], array.shape, stacked=False)

    def _within(self, where: Ref) -> Source | None:
        """What a kernel marked under the port's name; for the output of a recurrent layer, its states."""
        number, name = where if isinstance(where, tuple) else (where, "output")
        array = self.values.get(where)
        marked = self._inside.get((number, name))
        if marked is None and name == "output" and number >= len(self.report.graph.inputs):
            layer: Any = self.report.rows[number - len(self.report.graph.inputs)].layer
            marked = self._inside.get((number, getattr(layer, "result", "h")))
            if marked is not None and None in marked:
                return None
        if marked is None or array is None:
            return None
        pieces = [marked[step] for step in sorted(marked, key=lambda step: -1 if step is None else step)]
        if sum(piece.size for piece in pieces) != array.size:
            return None  # marked before it was averaged, or filled up
        return Source(pieces, array.shape, stacked=None not in marked)

    def output(self, ref: Ref) -> Any:
        """A value at the end of its layer, followed; raises `Fault` for whole numbers."""
        array = self.values[ref]
        if not isinstance(array, trace.Traced):
            if array.dtype.kind != "f":
                raise Fault("no-derivative", "whole numbers have no derivative")
            array = trace.root(array)
        return array

    def back(
        self,
        end: Any,
        seeds: Sequence[Array],
        sources: Sequence[Source],
        held: Sequence[tuple[Source, Array]] = (),
    ) -> list[list[Array]]:
        """For each seed (what arrives at `end`, an array like it) the gradients of all sources.

        `held` are sources with a mask: where it is true, no derivative goes through.
        """
        nodes = trace.order([end._node])
        wanted = {piece._node for source in sources for piece in source.pieces}
        stops: dict[Any, Array] = {}
        for source, mask in held:
            for piece, part in zip(source.pieces, source.apart(mask), strict=True):
                if part.any():
                    stops[piece._node] = part | stops[piece._node] if piece._node in stops else part
        results = []
        with np.errstate(all="ignore"):
            for seed in seeds:
                found = trace.back(nodes, {end._node: seed}, wanted, stops)
                results.append(
                    [source.joined([found.get(piece._node) for piece in source.pieces]) for source in sources]
                )
        return results


def loss_seed(execution: Execution, values: Mapping[str, Any]) -> Array:
    """What the loss weighs the output's numbers with: ones, or `output.grad` of the given values, for each sample."""
    report = execution.report
    ref = report.graph.output
    array = execution.value(ref)
    if array.dtype.kind != "f":
        raise Fault("no-derivative", "the output holds whole numbers, which have no derivative")
    shape = report.shown(report.shape_of(ref), ref)
    found = given.upstream(values, tuple(shape), len(array))
    if found is None:
        return np.ones_like(array)
    return np.ascontiguousarray(inward(report, ref, found), array.dtype)


def inward(report: Report, ref: Ref, array: Array, first: int = 1) -> Array:
    """An array in the network's layout as kernels have it; its axes without the batch begin at `first`."""
    return np.moveaxis(array, *_ends(report, first)[::-1]) if _turned(report, ref) else array


def outward(report: Report, ref: Ref, array: Array, first: int = 1) -> Array:
    """An array of a kernel in the network's layout."""
    return np.moveaxis(array, *_ends(report, first)) if _turned(report, ref) else array


def _turned(report: Report, ref: Ref) -> bool:
    return report.graph.turned and isinstance(ref, int) and report.value_is_image(ref)


def _ends(report: Report, first: int) -> tuple[int, int]:
    return (-1, first) if report.graph.convention == "keras" else (first, -1)
