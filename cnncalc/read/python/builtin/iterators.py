"""Functions that give one element after the other: itertools, map and filter."""

from __future__ import annotations

import ast
import itertools
from typing import Any

from cnncalc.read.python.builtin.registry import native
from cnncalc.read.python.values import Args, Iterator, Kwargs, Raised, Unknown


@native("itertools.product")
def _product(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    found: list[tuple[Any, ...]] = [()]
    for part in args * kwargs.get("repeat", 1):
        listed = run.listed(part, node)
        run.size(len(found) * len(listed), node)
        found = [(*head, tail) for head in found for tail in listed]
    return found


@native("itertools.chain")
def _chain(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    return Iterator(part for given in args for part in run.iterate(given, node))


@native("itertools.chain.from_iterable")
def _chained(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    return Iterator(part for given in run.iterate(args[0], node) for part in run.iterate(given, node))


@native("itertools.repeat")
def _repeat(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    times = args[1] if len(args) > 1 else kwargs.get("times")
    if isinstance(times, Unknown):
        times.refuse("how often it is repeated", node)
    return Iterator(itertools.repeat(args[0]) if times is None else itertools.repeat(args[0], times))


@native("itertools.count")
def _count(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    given = [*args, kwargs.get("start", 0), kwargs.get("step", 1)] if not args else [*args, kwargs.get("step", 1)]
    if not all(isinstance(number, (int, float)) for number in given[:2]):
        return Unknown("where it counts from", node)
    return Iterator(itertools.count(*given[:2]))


@native("itertools.accumulate")
def _accumulate(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    by = args[1] if len(args) > 1 else kwargs.get("func")

    def together(one: Any, other: Any) -> Any:
        return run.binary("+", one, other, node) if by is None else run.call(by, [one, other], {}, node)

    return Iterator(itertools.accumulate(run.iterate(args[0], node), together, initial=kwargs.get("initial")))


@native("itertools.islice")
def _islice(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    if not all(part is None or isinstance(part, int) for part in args[1:]):
        return Unknown("which part is taken", node)
    try:
        return Iterator(itertools.islice(iter(run.iterate(args[0], node)), *args[1:]))
    except ValueError as error:
        raise Raised("ValueError", str(error), node) from None


def _chosen(name: str) -> Any:
    """takewhile, dropwhile, starmap and filterfalse: a function, and what it is asked of."""

    def call(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
        def told(*given: Any) -> Any:
            made = run.call(args[0], list(given), {}, node) if args[0] is not None else given[0]
            return made if name == "starmap" else run.truth(made, node)

        parts: Any = run.iterate(args[1], node)
        if name == "starmap":
            parts = (run.listed(part, node) for part in parts)
        return Iterator(getattr(itertools, name)(told, parts))

    return call


for _name in ("takewhile", "dropwhile", "starmap", "filterfalse"):
    native(f"itertools.{_name}")(_chosen(_name))


def _arranged(name: str) -> Any:
    """What needs all elements at once: cycle, pairwise, combinations, permutations."""

    def call(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
        parts = run.listed(args[0], node)
        return Iterator(getattr(itertools, name)(parts, *(part for part in args[1:] if isinstance(part, int))))

    return call


for _name in ("cycle", "pairwise", "combinations", "permutations", "combinations_with_replacement"):
    native(f"itertools.{_name}")(_arranged(_name))


@native("itertools.zip_longest")
def _zip_longest(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    return Iterator(
        itertools.zip_longest(*(run.listed(part, node) for part in args), fillvalue=kwargs.get("fillvalue"))
    )


@native("itertools.groupby")
def _groupby(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    by = args[1] if len(args) > 1 else kwargs.get("key")
    found: list[tuple[Any, list[Any]]] = []
    for part in run.listed(args[0], node):
        value = part if by is None else run.call(by, [part], {}, node)
        if found and run.truth(run.compare("==", found[-1][0], value, node), node):
            found[-1][1].append(part)
        else:
            found.append((value, [part]))
    return Iterator(found)


@native("map")
def _map(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    columns = [run.iterate(part, node) for part in args[1:]]
    return Iterator(run.call(args[0], list(row), {}, node) for row in zip(*columns, strict=False))


@native("filter")
def _filter(run: Any, args: Args, kwargs: Kwargs, node: ast.AST) -> Any:
    def kept(part: Any) -> bool:
        return bool(run.truth(part if args[0] is None else run.call(args[0], [part], {}, node), node))

    return Iterator(part for part in run.iterate(args[1], node) if kept(part))
