"""Gradients: one forward pass is recorded, then any gradient is computed by a backward pass over the record.

The derivative by a value is the total one, through everything that was made of it: by the state of a recurrent layer,
through all later steps. Values that a derivative may be taken by are inputs, weights, every layer's output and ports,
and what kernels `record` inside (`custom_gradient`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

import numpy as np

from cnncalc.core.number import prod
from cnncalc.core.problem import Fault
from cnncalc.execute import given_values, kernel
from cnncalc.execute.engine import threads
from cnncalc.execute.execution import Execution
from cnncalc.execute.gradient import autodiff
from cnncalc.execute.gradient.custom_gradient import Followed, Touch
from cnncalc.execute.gradient.source import Source, stops_of
from cnncalc.execute.gradient.upstream import loss_seed, outward
from cnncalc.execute.inside import joined
from cnncalc.execute.kernel import Array, Weights
from cnncalc.network.graph import Ref

if TYPE_CHECKING:
    from cnncalc.network.report import Report

# What a gradient is asked of: a value of the graph by its reference, or a weight: ("weight", row, name).
Where: TypeAlias = "Ref | tuple[str, int, str]"
# An array and what of it is meant: the indices to take, one after the other.
Part: TypeAlias = "tuple[Where, Sequence[object]]"
MOST_KEPT = 10_000_000  # numbers of Jacobians that are kept for whoever asks again


class Tape:
    """An executed network, followed: `execution` holds its inputs and weights.

    values   what every reference of the graph stands for, followed where it can be
    weights  the followed weights, by their owner's place
    notes    remarks on choices that a derivative had to make
    """

    def __init__(self, execution: Execution) -> None:
        self.report = execution.report
        self.batch = execution.batch
        self.values: dict[Ref, Array] = {}
        self.weights: dict[given_values.Place, Array] = {}
        self.notes: list[str] = []
        self._execution = execution
        self._known: set[object] = set()
        self._jacobians: dict[str, Array] = {}  # by what they are of
        self._found: dict[object, Array] = {}
        self._inside: dict[tuple[int, str], dict[int | None, autodiff.TracedArray]] = {}
        # Whether steps of a sequence are followed one by one, or some as one.
        self._apart, self._joined = _looked_into(execution.report), False
        with np.errstate(all="ignore"), threads.together():
            self._forward(execution)

    def _at_once(self) -> bool:
        """Whether steps may be followed as one; they are then."""
        self._joined = not self._apart
        return self._joined

    def _take_apart(self) -> None:
        """Follow every step of a sequence by itself, where they were followed as one."""
        self._apart = True
        if self._joined:
            self._joined = False
            for known in (self.values, self.weights, self._found, self._inside, self._known):
                known.clear()
            with np.errstate(all="ignore"), threads.together():
                self._forward(self._execution)

    def _forward(self, execution: Execution) -> None:
        graph = self.report.graph
        for number in range(len(graph.inputs)):
            array = execution.value(number)
            self.values[number] = autodiff.new_leaf(array) if array.dtype.kind == "f" else array
        for index, row in enumerate(self.report.rows):
            number = len(graph.inputs) + index
            weights: Weights = {}
            for held in (*row.facts.weights, *row.facts.buffers):
                place = given_values.owner(self.report, index, held.name)
                if place not in self.weights:
                    array = execution.used(index, held.name)
                    self.weights[place] = autodiff.new_leaf(array) if array.dtype.kind == "f" else array
                weights[held.name] = self.weights[place]
            if row.unused:
                continue
            xs = [self.value(ref) for ref in row.node.inputs]
            own = Followed(weights, self._toucher(number), self._noter(row.name), self._at_once)
            try:
                made = kernel.find(row.layer.kernel_name())(row.layer, own, *xs)
            except (TypeError, NotImplementedError, AttributeError) as error:
                raise Fault("no-derivative", f"{row.name}: there is no derivative of {row.type} ({error})") from error
            parts = made if isinstance(made, dict) else {"output": made}
            for name, array in parts.items():
                if not xs:
                    shape = (self.batch, *array.shape[1:])
                    array = np.broadcast_to(array, shape)
                if any(array is x for x in xs):  # handed on as it is: yet what follows is not all that takes the input
                    array = autodiff.new_node(autodiff.value(array), (array, lambda g: g))
                self.values[number if name == "output" else (number, name)] = array

    def _toucher(self, number: int) -> Touch:
        def touch(name: str, step: int | None, array: Array) -> Array:
            followed = array if isinstance(array, autodiff.TracedArray) else autodiff.new_leaf(np.asarray(array))
            self._inside.setdefault((number, name), {})[step] = followed
            return followed

        return touch

    def _noter(self, layer: str) -> Callable[[str], None]:
        def note(text: str) -> None:
            said = f"{layer}: {text}"
            if said not in self.notes:
                self.notes.append(said)

        return note

    def value(self, ref: Ref) -> Array:
        """What a reference stands for, batch axis in front; what a layer has inside is put together here."""
        if ref not in self.values and isinstance(ref, tuple):
            marked = self._inside[ref]
            self.values[ref] = joined(marked, self.batch, self.report.shape_of(ref), np.stack)
        return self.values[ref]

    def steps(self, number: int) -> dict[str, list[autodiff.TracedArray]]:
        """What a recurrent layer marks at every step, by name, one followed array for each in the sequence's order."""
        self._take_apart()
        return {
            name: [steps[t] for t in sorted(steps)]  # type: ignore[type-var]
            for (layer, name), steps in self._inside.items()
            if layer == number and None not in steps
        }

    def gradient(self, where: Where) -> Array:
        """The loss' gradient by an array: by that of the first sample, or by a weight, in the network's layout."""
        if isinstance(where, tuple) and not _is_weight(where) and where not in self.values:
            self._take_apart()  # something inside of a layer
        source = self.source(where)
        nodes = {piece._node for piece in source.pieces}
        if not nodes <= self._known:
            wanted = nodes
            if self._known:  # who asks twice may ask for all: those of inputs and weights come with it
                leaves = [array for array in (*self.values.values(), *self.weights.values()) if _followed(array)]
                wanted = {leaf._node for leaf in leaves if not leaf._node.parents} | nodes
            end = self.output(self.report.graph.output)
            seed = loss_seed(self._execution)
            with np.errstate(all="ignore"), threads.together():
                self._found.update(autodiff.backprop(autodiff.find_path([end._node], wanted), {end._node: seed}))
            self._known |= wanted
        return self._shown(where, source.joined([self._found.get(piece._node) for piece in source.pieces]))

    def _shown(self, where: Where, array: Array) -> Array:
        """One sample (or the batch that was given) in the network's layout, or a weight."""
        if _is_weight(where):
            return array
        first = 1 if self._execution.batched else 0
        return outward(self.report, _ref(where), array if first else array[0], first)

    def jacobian(self, of: Part, by: Part, held: Sequence[Part] = ()) -> Array:
        """The total derivative of one part by another, shape A.shape + B.shape; parts in `held` stay as they are."""
        asked = repr((of, by, held))
        if asked not in self._jacobians:
            found = self._jacobian(of, by, held)
            if sum(one.size for one in self._jacobians.values()) + found.size > MOST_KEPT:
                self._jacobians.clear()
            found.setflags(write=False)
            self._jacobians[asked] = found
        return self._jacobians[asked]

    def _jacobian(self, of: Part, by: Part, held: Sequence[Part]) -> Array:
        self._take_apart()
        end, rows = self.output(of[0]), self._places(*of)
        source, columns = self.source(by[0]), self._places(*by)
        stops = [(self.source(where), self._places(where, keys)) for where, keys in held]
        masks = []
        for stop, places in stops:
            mask = np.zeros(stop.shape, bool)
            mask.reshape(-1)[places.reshape(-1)] = True
            for other, free in ((self.source(of[0]), rows), (source, columns)):
                if other.pieces[0] is stop.pieces[0]:
                    mask.reshape(-1)[free.reshape(-1)] = False
            masks.append((stop, mask))
        result = np.zeros((rows.size, columns.size), end.dtype)
        way = autodiff.find_path([end._node], {piece._node for piece in source.pieces})
        stopped = stops_of(masks)
        with np.errstate(all="ignore"), threads.together():
            for row, position in enumerate(rows.reshape(-1)):
                seed = np.zeros(end.shape, end.dtype)
                seed.reshape(-1)[position] = 1
                found = autodiff.backprop(way, {end._node: seed}, stopped)
                if found:
                    whole = source.joined([found.get(piece._node) for piece in source.pieces])
                    result[row] = whole.reshape(-1)[columns.reshape(-1)]
        return result.reshape((*rows.shape, *columns.shape))

    def by_steps(self, end: autodiff.TracedArray, steps: Sequence[autodiff.TracedArray]) -> list[Array]:
        """The derivatives of one step's state by those of several, of the first sample, each a matrix."""
        size = end[0].size
        matrices = [np.zeros((size, step[0].size), end.dtype) for step in steps]
        way = autodiff.find_path([end._node], {step._node for step in steps})
        with np.errstate(all="ignore"), threads.together():
            for row in range(size):
                seed = np.zeros(end.shape, end.dtype)
                seed.reshape(-1)[row] = 1
                found = autodiff.backprop(way, {end._node: seed})
                for matrix, step in zip(matrices, steps, strict=True):
                    if step._node in found:
                        matrix[row] = found[step._node].reshape(len(found[step._node]), -1)[0]
        return matrices

    def _places(self, where: Where, keys: Sequence[Any]) -> Array:
        """Where the numbers of a part stand in the flat array, in the network's layout: of its first sample, or of all
        where a batch was given."""
        if _is_weight(where):
            shape = self.source(where).shape
            places: Array = np.arange(prod(shape)).reshape(shape)
        else:
            first = 1 if self._execution.batched else 0
            shape = self.value(_ref(where)).shape[1 - first :]
            places = outward(self.report, _ref(where), np.arange(prod(shape)).reshape(shape), first)
        for key in keys:
            places = places[key]
        return np.asarray(places)

    def source(self, where: Where) -> Source:
        """The array that a reference or a weight's place stands for; raises `Fault` for one of whole numbers."""
        if isinstance(where, tuple) and len(where) == 3:
            array = self.weights[given_values.owner(self.report, where[1], where[2])]
        else:
            inside = self._within(where)
            if inside is not None:
                return inside
            array = self.value(where)
        if not isinstance(array, autodiff.TracedArray):
            if array.dtype.kind != "f":
                raise Fault("no-derivative", "whole numbers have no derivative")
            array = autodiff.new_leaf(array)  # a constant
        return Source([array], array.shape, stacked=False)

    def _within(self, where: Ref) -> Source | None:
        """What a kernel marked under the port's name; for the output of a recurrent layer, its states."""
        number, name = where if isinstance(where, tuple) else (where, "output")
        if name == "output" and number >= len(self.report.graph.inputs):
            name = shown_state(self.report.rows[number - len(self.report.graph.inputs)].layer)
        marked = self._inside.get((number, name))
        if marked is None:
            return None
        shape = self.value(where).shape
        if None not in marked:
            return Source([marked[step] for step in sorted(marked)], shape, stacked=True)  # type: ignore[type-var]
        if marked[None].size != prod(shape):
            raise Fault(
                "no-derivative",
                f"{self.report.graph.label(where)} is an average of what the layer computes with",
                help="with average_attn_weights=False there is one matrix for each head",
            )
        return Source([marked[None]], shape, stacked=False)

    def output(self, ref: Where) -> autodiff.TracedArray:
        """A value at the end of its layer, followed; raises `Fault` for whole numbers."""
        array = self.source(ref).pieces[0] if _is_weight(ref) else self.value(_ref(ref))
        if not _followed(array):
            if array.dtype.kind != "f":
                raise Fault("no-derivative", "whole numbers have no derivative")
            array = autodiff.new_leaf(array)
        return array


def shown_state(layer: Any) -> str:
    """The name of the states whose sequence is the layer's output; "" where the output is something else."""
    kind = layer.type()
    if kind == "Recurrent":
        return str(layer.result)
    if kind == "AttentionRNN" or getattr(layer, "return_sequences", False):
        return "h"
    if kind in ("RNN", "LSTM", "GRU") and not getattr(layer, "bidirectional", True):
        return "h" if layer.num_layers == 1 else f"h_l{layer.num_layers - 1}"
    return ""


def _looked_into(report: Report) -> bool:
    """Whether a layer takes what another one has inside, or the network gives it."""
    graph = report.graph
    refs = [graph.output, *graph.outputs, *(ref for row in report.rows for ref in row.node.inputs)]
    return any(
        isinstance(ref, tuple) and ref[1] not in report.rows[ref[0] - len(graph.inputs)].facts.ports for ref in refs
    )


def _is_weight(where: Where) -> bool:
    return isinstance(where, tuple) and len(where) == 3


def _ref(where: Where) -> Ref:
    return where  # type: ignore[return-value]


def _followed(array: Array) -> TypeGuard[autodiff.TracedArray]:
    return isinstance(array, autodiff.TracedArray)
