"""What is done with a network once its layers are there: shared weights, frozen ones, and a run on zeros."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.core.number import prod
from cnncalc.export.call import Leaf, literal
from cnncalc.network.report import Report


class Place(NamedTuple):
    """A block that is an object: its nodes start..stop-1, how it is reached, its class and what that is given."""

    start: int
    stop: int
    path: str
    kind: tuple[str, ...]


def after(report: Report, leaves: list[Leaf], paths: dict[int, str], blocks: dict[int, tuple[Place, Place]],
          made: set[int]) -> list[str]:  # fmt: skip
    """The lines after the layers are made.

    paths    how each node's module is reached
    blocks   the blocks that are others once more, by their first node; those of `made` are so already
    """
    return [*_shared(report, leaves, paths, blocks, made), *_frozen(report, paths)]


def shared_blocks(report: Report, places: list[Place]) -> dict[int, tuple[Place, Place]]:
    """Blocks that share all their weights with an equal one, by their first node; outer ones win."""
    known = {(place.start, place.stop): place for place in reversed(places)}
    found: dict[int, tuple[Place, Place]] = {}
    end = 0
    for place in sorted(places, key=lambda place: (place.start, -place.stop)):
        rows = [(at, report.rows[at]) for at in range(place.start, place.stop) if report.rows[at].facts.weights]
        apart = {at - row.node.shares if row.node.shares is not None and not row.own else None for at, row in rows}
        step = apart.pop() if len(apart) == 1 else None
        if place.start < end or step is None or any(row.facts.buffers for _, row in rows):
            continue
        owner = known.get((place.start - step, place.stop - step))
        if owner is not None and owner.kind == place.kind:
            found[place.start] = (place, owner)
            end = place.stop
    return found


def _shared(report: Report, leaves: list[Leaf], paths: dict[int, str], blocks: dict[int, tuple[Place, Place]],
            made: set[int]) -> list[str]:  # fmt: skip
    """Lines that let blocks and layers use the weights of others: the module itself where all of it is the same."""
    found = []
    done = 0
    for index, row in enumerate(report.rows):
        if index in blocks:
            block, other = blocks[index]
            if index not in made:
                found.append(f"{block.path} = {other.path}")
            done = block.stop
        owner = row.node.shares
        if owner is None or row.owner is None or index < done:
            continue
        mine, theirs = leaves[index], leaves[owner]
        own = {weight.name for weight in row.own}
        common = [weight.name for weight in row.facts.weights if weight.name not in own]
        equal = (mine.maker, mine.args) == (theirs.maker, theirs.args) and not row.facts.buffers
        if not own and equal and len(common) > 1:
            found.append(f"{paths[index]} = {paths[owner]}")
            continue
        for name in common:
            ends = (_at(paths[index], mine, name), _at(paths[owner], theirs, name))
            found.append(" = ".join(ends))
    return found


def _at(path: str, leaf: Leaf, weight: str) -> str:
    """A weight as it is reached."""
    end = leaf.weights.get(weight, weight)
    return f"{path}.{end}" if end else path


def _frozen(report: Report, paths: dict[int, str]) -> list[str]:
    return [
        f"{paths[index]}.requires_grad_(False)"
        for index, row in enumerate(report.rows)
        if row.node.frozen and row.facts.weights and index in paths
    ]


def main(report: Report, name: str, inputs: list[str], whole: list[bool]) -> str:
    """Run on zeros and compare: the output's shape, and how many parameters there are."""
    graph = report.graph
    sizes = [size for given in graph.inputs for size in given.shape]
    outputs = [tuple(report.shape_of(ref)[1:]) for ref in graph.outputs or [graph.output]]
    lines = ['if __name__ == "__main__":', f"    model = {name}().eval()"]
    if any(type(size) is not int for size in (*sizes, *(size for output in outputs for size in output))):
        lines.append("    # some sizes are free: model(...) takes all that fit")
    else:
        for word, given, tokens in zip(inputs, graph.inputs, whole, strict=True):
            dtype = ", dtype=torch.long" if tokens else ""
            lines.append(f"    {word} = torch.zeros({literal((1, *given.shape))}{dtype})")
        call = f"model({', '.join(inputs)})"
        if len(outputs) == 1:
            lines += ["    with torch.no_grad():", f"        shape = tuple({call}.shape)"]
            lines.append(f"    assert shape == {literal((1, *outputs[0]))}, shape")
        else:
            lines += ["    with torch.no_grad():", f"        shapes = [tuple(output.shape) for output in {call}]"]
            lines.append(f"    assert shapes == {literal([(1, *output) for output in outputs])}, shapes")
    lines.append("    count = sum(parameter.numel() for parameter in model.parameters())")
    # Keras counts a norm's statistics as parameters; PyTorch has them as buffers.
    statistics = sum(prod(held.shape) for row in report.rows if row.layer.counts_buffers for held in row.facts.buffers)
    lines.append(f"    assert count == {literal(report.totals.params - statistics)}, count")
    lines.append('    print(f"{count:,} parameters")')
    return "\n".join(lines)
