"""Functions that give one element after the other: itertools, map and filter."""

from __future__ import annotations

import ast
import itertools

from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.builtin.registry import kind_of, native, natives
from cnncalc.read.python.values import Args, Iterator, Kwargs, Raised, Unknown


@native("itertools.product")
def _product(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    found: list[tuple[object, ...]] = [()]
    times = kwargs.get("repeat", 1)
    for part in args * (times if isinstance(times, int) else 1):
        listed = run.listed(part, node)
        run.size(len(found) * len(listed), node)
        found = [(*head, tail) for head in found for tail in listed]
    return found


@native("itertools.chain")
def _chain(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return Iterator(part for given in args for part in run.iterate(given, node))


@native("itertools.chain.from_iterable")
def _chained(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return Iterator(part for given in run.iterate(args[0], node) for part in run.iterate(given, node))


@native("itertools.repeat")
def _repeat(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    times = args[1] if len(args) > 1 else kwargs.get("times")
    if isinstance(times, Unknown):
        times.refuse("how often it is repeated", node)
    if times is not None and not isinstance(times, int):
        raise Raised("TypeError", f"'{kind_of(times)}' object cannot be interpreted as an integer", node)
    return Iterator(itertools.repeat(args[0]) if times is None else itertools.repeat(args[0], times))


@native("itertools.count")
def _count(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    given = [*args, kwargs.get("start", 0), kwargs.get("step", 1)] if not args else [*args, kwargs.get("step", 1)]
    if not all(isinstance(number, (int, float)) for number in given[:2]):
        return Unknown("the start of count(...) is not known", node)
    return Iterator(itertools.count(*given[:2]))


@native("itertools.accumulate")
def _accumulate(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    by = args[1] if len(args) > 1 else kwargs.get("func")

    def together(one: object, other: object) -> object:
        return run.binary("+", one, other, node) if by is None else run.call(by, [one, other], {}, node)

    return Iterator(itertools.accumulate(run.iterate(args[0], node), together, initial=kwargs.get("initial")))


@native("itertools.islice")
def _islice(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    bounds = [part for part in args[1:] if part is None or isinstance(part, int)]
    if len(bounds) < len(args) - 1:
        return Unknown("the bounds of islice are not known", node)
    if not 1 <= len(bounds) <= 3:
        raise Raised("TypeError", f"islice expected 2 to 4 arguments, got {len(args)}", node)
    cut = slice(*bounds)
    try:
        return Iterator(itertools.islice(iter(run.iterate(args[0], node)), cut.start, cut.stop, cut.step))
    except ValueError as error:
        raise Raised("ValueError", str(error), node) from None


@natives("itertools.", "takewhile dropwhile starmap filterfalse")
def _chosen(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    """takewhile, dropwhile, starmap and filterfalse: a function, and what it is asked of."""

    def told(*given: object) -> object:
        made = run.call(args[0], list(given), {}, node) if args[0] is not None else given[0]
        return made if name == "starmap" else run.truth(made, node)

    parts = run.iterate(args[1], node)
    if name == "starmap":
        parts = (run.listed(part, node) for part in parts)
    return Iterator(getattr(itertools, name)(told, parts))


@natives("itertools.", "cycle pairwise combinations permutations combinations_with_replacement")
def _arranged(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST, name: str) -> object:
    """What needs all elements at once: cycle, pairwise, combinations, permutations."""
    parts = run.listed(args[0], node)
    return Iterator(getattr(itertools, name)(parts, *(part for part in args[1:] if isinstance(part, int))))


@native("itertools.zip_longest")
def _zip_longest(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    return Iterator(
        itertools.zip_longest(*(run.listed(part, node) for part in args), fillvalue=kwargs.get("fillvalue"))
    )


@native("itertools.groupby")
def _groupby(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    by = args[1] if len(args) > 1 else kwargs.get("key")
    found: list[tuple[object, list[object]]] = []
    for part in run.listed(args[0], node):
        value = part if by is None else run.call(by, [part], {}, node)
        if found and run.truth(run.compare("==", found[-1][0], value, node), node):
            found[-1][1].append(part)
        else:
            found.append((value, [part]))
    return Iterator(found)


@native("map")
def _map(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    columns = [run.iterate(part, node) for part in args[1:]]
    return Iterator(run.call(args[0], list(row), {}, node) for row in zip(*columns, strict=False))


@native("filter")
def _filter(run: InterpreterBase, args: Args, kwargs: Kwargs, node: ast.AST) -> object:
    def kept(part: object) -> bool:
        return bool(run.truth(part if args[0] is None else run.call(args[0], [part], {}, node), node))

    return Iterator(part for part in run.iterate(args[1], node) if kept(part))
