"""Copies that are made like the ones before are what the expansion of each of them gives."""

from __future__ import annotations

from typing import Any

import pytest

import cnncalc
from cnncalc.core.problem import SpecError
from cnncalc.network.build import GraphBuilder
from cnncalc.network.expansion import expand

HEAD = "input: [8, 6, 6]\n"
SPECS = {
    "a layer": "layers:\n- {Conv2d: {out_channels: 8, kernel_size: 3, padding: 1}, repeat: 9, name: c}\n",
    "a block in a block": (
        "define:\n  a:\n  - Conv2d(8, 8, 1)\n  b:\n  - residual: [{a: a, repeat: 5}, ReLU]\n  - BatchNorm2d\n"
        "layers:\n- {b: b, repeat: 6}\n- from: b.5\n  Flatten: {}\n"
    ),
    "branches": "layers:\n- parallel: [[ReLU], [{Linear: [6, 6], activation: relu}]]\n  merge: add\n  repeat: 6\n",
    "the number of a copy": (
        "layers:\n- sequential: [{Dropout: {p: 0.1 * index}}, {when: index % 4 == 3, ReLU: {}}]\n  repeat: 8\n"
    ),
    "the number of an inner copy": (
        "layers:\n- sequential: [{sequential: [{Dropout: {p: 0.1 * index}}], repeat: 5}, {x: ReLU}]\n  repeat: 5\n"
    ),
    "what stands before": (
        "layers:\n- x: ReLU\n- sequential: [y: Tanh, {add: [x, y]}]\n  repeat: 6\n- from: x\n  ReLU: {}\n"
    ),
    "a copy by its name": (
        "layers:\n- g: {sequential: [y: Tanh]}\n  repeat: 2\n- h: [z: ReLU, {from: [z, g.1.y], add: {}}]\n  repeat: 6\n"
        "- from: h.*\n  Concat: {dim: 1}\n"
    ),
    "shared weights": (
        "layers:\n- x: Conv2d(8, 8, 1)\n- sequential: [{Conv2d: [8, 8, 1], share: x}, y: Conv2d(8, 8, 1),"
        " {Conv2d: [8, 8, 1], share: y}]\n  repeat: 6\n  freeze: true\n"
    ),
    "further outputs": (
        "input: [5, 8]\nlayers:\n- sequential: [r: 'LSTM(8, 8)', {from: [r, r], sum: Add}]\n  repeat: 6\n"
    ),
    "what is expected": "layers:\n- sequential: [{ReLU: {}, expect: {params: 0}}]\n  repeat: 6\n",
    "what is noted": "layers:\n- sequential: [Conv2d(8, 8, 3, padding=1), Softmax]\n  repeat: 8\n",
    "ends that stay apart": "layers:\n- parallel: [[ReLU], [Tanh]]\n  merge: none\n  repeat: 5\n- Add\n",
    "what is left out": "layers:\n- sequential: [{when: false, ReLU: {}}]\n  repeat: 6\n- ReLU\n",
    "a mistake": "layers:\n- sequential: [Conv2d(8, 8, 3), {from: nothing, ReLU: {}}]\n  repeat: 6\n",
    "what does not fit at last": "layers:\n- sequential: [Conv2d(8, 8, 3)]\n  repeat: 6\n",
    "groups inside": "layers:\n- sequential: [{sequential: [ReLU, {residual: [Conv2d(8, 8, 1)]}]}]\n  repeat: 5\n",
}


def expanded(text: str, patch: pytest.MonkeyPatch, alike: int) -> Any:
    """Everything that the expansion says, layers and entries apart; and the report or what is wrong."""
    made: list[GraphBuilder] = []
    begin = GraphBuilder.__init__

    def kept(self: GraphBuilder, *words: Any) -> None:
        begin(self, *words)
        made.append(self)

    patch.setattr(GraphBuilder, "__init__", kept)
    patch.setattr(expand, "ALIKE", alike)
    network = cnncalc.loads(text)
    try:
        said: Any = network.report().to_dict()
    except SpecError as error:
        said = [(problem.code, problem.message, problem.span) for problem in error.problems]
    wiring = made[0]
    graph = wiring.graph
    nodes = [(node.name, str(node.layer), node.inputs, node.shares, node.frozen, node.place()) for node in graph.nodes]
    tables = (wiring.values, wiring.numbers, wiring.ends, graph.blocks, graph.ambiguous)
    return (
        nodes,
        [list(table.items()) for table in tables],
        graph.aliases,
        wiring.unnamed,
        graph.expectations and [name for name, _ in graph.expectations],
        graph.output,
        (wiring.work.steps, wiring.work.letters),
        [(note.code, note.message) for note in network.notes],
        said,
    )


@pytest.mark.parametrize("name", SPECS)
def test_copies_are_as_if_each_was_expanded(name: str) -> None:
    text = SPECS[name] if SPECS[name].startswith("input") else HEAD + SPECS[name]
    with pytest.MonkeyPatch.context() as patch:
        quick = expanded(text, patch, 3)
    with pytest.MonkeyPatch.context() as patch:
        assert quick == expanded(text, patch, 1_000)
    assert quick[0]
