"""Crossings, bends and area of our layout against elkjs' on the same boxes and frames, as a Markdown table.

`npm install elkjs` somewhere, then `python benchmarks/pictures.py FOLDER`, the folder that holds node_modules.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import cnncalc
from cnncalc.diagram.build import network
from cnncalc.diagram.fit import Wish, depths, picture
from cnncalc.diagram.join import join
from cnncalc.diagram.layout.nested import place
from cnncalc.diagram.layout.placed import Line
from cnncalc.diagram.model import Diagram
from cnncalc.diagram.scene import span
from cnncalc.diagram.styles import boxes
from cnncalc.diagram.styles.words import box_lines, frame_lines

BY_NAME = """
lenet5 vgg16 resnet18 resnet50 googlenet inception_v3 densenet121 mobilenet_v2 unet vit_b_16 gpt2 transformer
t5_base seq2seq_lstm swin_t shufflenet_v2_x1_0
"""
NETS = BY_NAME.split()
HEAD = "| network | crossings | elkjs | bends | elkjs | area in megapixels | elkjs |"
Points = Sequence[Sequence[float]]


def main() -> None:
    """Print the table."""
    drawn = {net: _diagram(net) for net in NETS}
    graphs = {net: _elk(diagram) for net, diagram in drawn.items()}
    script = Path(__file__).with_name("pictures.js")
    environment = {**os.environ, "NODE_PATH": str(Path(sys.argv[1]) / "node_modules")}
    argv = ["node", str(script)]
    done = subprocess.run(argv, input=json.dumps(graphs), capture_output=True, text=True, env=environment, check=True)
    theirs = json.loads(done.stdout)
    print(HEAD)
    print("| --- | --- | --- | --- | --- | --- | --- |")
    sums = [0.0] * 6
    ratio = 0.0
    for net, diagram in drawn.items():
        placed = place(diagram, _sizes(diagram), _titles(diagram), False, span)
        ours = [[line.start, *(part[-1] for part in line.parts)] for line in placed.lines]
        other = [line["points"] for line in theirs[net]["lines"]]
        area, elk = placed.width * placed.height / 1e6, theirs[net]["width"] * theirs[net]["height"] / 1e6
        row = [
            *(crossings(ours), crossings(other)),
            *(sum(map(swings, placed.lines)), sum(map(bends, other))),
            *(area, elk),
        ]
        sums = [one + two for one, two in zip(sums, row, strict=True)]
        ratio += area / elk / len(NETS)
        print(f"| {net} | " + " | ".join(str(cell) if isinstance(cell, int) else f"{cell:.2f}" for cell in row) + " |")
    print("| all | " + " | ".join(f"{cell:.2f}".removesuffix(".00") for cell in sums) + " |")
    print(f"\nmean of the areas' ratios: {ratio:.2f}")


def _diagram(net: str) -> Diagram:
    """The diagram that is drawn by default."""
    report = cnncalc.load(net).report()
    _, said = picture(report, Wish())
    return join(network(report, int(said.split()[1]) if said else depths(report)))


def _sizes(diagram: Diagram) -> dict[int, tuple[float, float]]:
    """What the boxes of the picture need."""
    return boxes.sizes(diagram, {box.id: box_lines(box, True) for box in diagram.boxes})


def _titles(diagram: Diagram) -> dict[int, tuple[float, float]]:
    return boxes.title_sizes({group.id: frame_lines(group, True) for group in diagram.groups})


def _elk(diagram: Diagram) -> dict[str, Any]:
    """The same as elkjs reads it."""
    nodes: dict[int | None, dict[str, Any]] = {
        None: {
            "id": "root",
            "layoutOptions": {
                "elk.algorithm": "layered",
                "elk.direction": "DOWN",
                "elk.hierarchyHandling": "INCLUDE_CHILDREN",
                "elk.spacing.nodeNode": "24",
                "elk.layered.spacing.nodeNodeBetweenLayers": "30",
            },
            "children": [],
            "edges": [],
        }
    }
    sizes, titles = _sizes(diagram), _titles(diagram)
    for group in diagram.groups:
        padding = f"[top={titles[group.id][1] + 10},left=14,bottom=14,right=14]"
        made = {"id": f"g{group.id}", "children": [], "layoutOptions": {"elk.padding": padding}}
        nodes[group.id] = made
        nodes[group.parent]["children"].append(made)
    for box in diagram.boxes:
        nodes[box.group]["children"].append({"id": f"b{box.id}", "width": sizes[box.id][0], "height": sizes[box.id][1]})
    ends = sorted({(edge.source, edge.target) for edge in diagram.edges})
    nodes[None]["edges"] = [{"id": f"e{a}_{b}", "sources": [f"b{a}"], "targets": [f"b{b}"]} for a, b in ends]
    return nodes[None]


def swings(line: Line) -> int:
    """How often a line of ours changes its direction: twice in a swing, once at a corner."""
    count = sum(2 for part in line.parts if len(part) > 1)
    points = [line.start, *(part[-1] for part in line.parts)]
    for one, two, three in zip(points, points[1:], points[2:], strict=False):
        count += (one[0] == two[0]) != (two[0] == three[0]) and (one[1] == two[1]) != (two[1] == three[1])
    return count


def bends(points: Points) -> int:
    """The corners of a line."""
    return max(0, len(points) - 2)


def crossings(lines: Sequence[Points]) -> int:
    """Pairs of lines of which parts cross, without those that begin at the same place."""
    found = 0
    for at, one in enumerate(lines):
        for other in lines[at + 1 :]:
            found += any(_cross(*part, *second) for part in pairwise(one) for second in pairwise(other))
    return found


def _cross(a: Sequence[float], b: Sequence[float], c: Sequence[float], d: Sequence[float]) -> bool:
    def side(p: Sequence[float], q: Sequence[float], r: Sequence[float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < -1e-6 and side(c, d, a) * side(c, d, b) < -1e-6


if __name__ == "__main__":
    main()
