"""The imports of the package, read from its text: those at the top, those inside functions, and those for types."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
Graph = dict[str, set[str]]


def modules(root: Path) -> dict[str, Path]:
    """Every module below a folder by its full name."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def written(text: str) -> frozenset[tuple[str, str]]:
    """What a module's text imports: each name with the module it is taken from; no name where all of it is."""
    return _taken(ast.parse(text))


def running(text: str) -> frozenset[tuple[str, str]]:
    """The same without what is imported for types only."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            node.body = [ast.Pass()]
    return _taken(tree)


def _taken(tree: ast.Module) -> frozenset[tuple[str, str]]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update((node.module, alias.name) for alias in node.names)
    return frozenset(found)


def imports(root: Path = ROOT / "cnncalc") -> Graph:
    """For each module those of the package that it imports, wherever the statement stands."""
    known = modules(root)
    graph: Graph = {}
    for name, path in known.items():
        # `from package import module` is that module, any other name one of what the package's file defines
        taken = {
            full if (full := f"{module}.{one}") in known else module
            for module, one in written(path.read_text(encoding="utf-8"))
        }
        graph[name] = {other for other in taken if other in known and other != name}
    return graph


def circles(graph: Graph) -> list[list[str]]:
    """Sets of modules each of which leads to all others of its set (Tarjan's algorithm), sorted."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []
    for start in graph:
        if start in index:
            continue
        work = [(start, iter(sorted(graph[start])))]
        index[start] = low[start] = len(index)
        stack.append(start)
        while work:
            name, rest = work[-1]
            for other in rest:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    work.append((other, iter(sorted(graph[other]))))
                    break
                if other in stack:
                    low[name] = min(low[name], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    at = stack.index(name)
                    together, stack[at:] = sorted(stack[at:]), []
                    if len(together) > 1:
                        found.append(together)
    return sorted(found)
