"""The folders of the package and which imports which, from the imports of their modules.

    python -m tests.folders

prints the diagram for docs/architecture.md.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.imports import Graph, imports

# Folders inside of others that are places of their own: YAML's values lie below specs, what reads networks above them.
INNER = ("read.yaml",)
# The package itself hands out the entry points, and `python -m` starts the command line.
TOP = ("cnncalc", "cnncalc.__main__")


def folder_of(module: str) -> str:
    """The folder that a module belongs to, "" for the package's own; a module beside the folders is one of its own."""
    if module in TOP:
        return ""
    name = module.partition(".")[2]
    inner = next((inner for inner in INNER if name == inner or name.startswith(f"{inner}.")), None)
    return (inner or name.partition(".")[0]).replace(".", "/")


def arrows(graph: Graph) -> dict[str, dict[str, list[str]]]:
    """For each folder those that it imports, with the imports: "a imports b"."""
    found: dict[str, dict[str, list[str]]] = {folder_of(module): {} for module in graph if folder_of(module)}
    for module, others in sorted(graph.items()):
        for other in sorted(others):
            here, there = folder_of(module), folder_of(other)
            if here and there and here != there:
                found[here].setdefault(there, []).append(f"{module} imports {other}")
    return found


def reached(of: dict[str, Iterable[str]], start: str) -> set[str]:
    """Everything that a folder leads to, itself only in a circle."""
    found: set[str] = set()
    waiting = list(of.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(of.get(name, ()))
    return found


def direct(of: dict[str, Iterable[str]]) -> set[tuple[str, str]]:
    """The arrows that no longer way makes: from them all others follow (without circles)."""
    further = {name: set().union(*(reached(of, other) for other in others)) for name, others in of.items()}
    return {(name, other) for name, others in of.items() for other in others if other not in further[name]}


def drawn(text: str) -> set[tuple[str, str]]:
    """The arrows of the mermaid diagram in a page."""
    block = text.partition("```mermaid\n")[2].partition("```")[0]
    return {(a, b) for line in block.splitlines() if " --> " in line for a, b in [line.strip().split(" --> ")]}


def diagram(of: dict[str, Iterable[str]]) -> str:
    """The diagram of the folders as it stands in docs/architecture.md, one line per folder and one per arrow."""
    arrows = sorted(direct(of))
    return "\n".join(["flowchart TD", *(f"    {a} --> {b}" for a, b in arrows)])


if __name__ == "__main__":
    print(diagram(arrows(imports())))
