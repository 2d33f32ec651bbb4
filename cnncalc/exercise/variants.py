"""Other numbers for each student: constants drawn from what the key gives, so that the answers are whole and differ."""

from __future__ import annotations

from collections import Counter
from math import prod
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.core.problem import Fault, SpecError, fail
from cnncalc.exercise.questions import Question, asked
from cnncalc.loading import parse_settings
from cnncalc.query.ask import scope
from cnncalc.query.scope import NetworkScope

if TYPE_CHECKING:
    from cnncalc.network.network import Network
    from cnncalc.network.row import Row

TRIED = 60  # draws for one variant, of which the best is taken


class Variant(NamedTuple):
    """The exercise with one choice of constants; `number` counts from 1."""

    number: int
    settings: dict[str, str]
    names: NetworkScope
    questions: list[Question]


def plain(network: Network) -> Variant:
    """The exercise as it is written."""
    names = scope(network, network.report())
    return Variant(0, {}, names, asked(network, names))


def drawn(network: Network, count: int, seed: int) -> list[Variant]:
    """So many variants; the same seed gives the same. Raises `SpecError` where nothing can be drawn."""
    choices = {name: [_text(one) for one in some] for name, some in network.spec.choices.items()}  # as --set takes them
    choices = {name: some for name, some in choices.items() if name not in network.settings}
    if not choices:
        fail("let-form", "--variants has nothing to choose from", help="write let: {k: {from: [3, 5, 7]}} in the key")
    random = Random(seed)
    most = prod(len(dict.fromkeys(some)) for some in choices.values())
    taken: Counter[tuple[str, ...]] = Counter()
    known: dict[tuple[str, ...], object] = {}
    found = []
    for number in range(1, count + 1):
        best = _best(network, choices, random, taken, (number - 1) // most, known)
        taken[tuple(best[0].values())] += 1
        found.append(Variant(number, *best))
    return found


def redrawn(network: Network, numbers: dict[str, str]) -> NetworkScope:
    """The names of the exercise with the numbers of a sheet; raises `SpecError` for numbers of no variant."""
    choices = {name: [_text(one) for one in some] for name, some in network.spec.choices.items()}
    for name, value in numbers.items():
        if value not in choices.get(name, ()):
            expected = choices.get(name) or list(choices)
            help = f"expected one of {', '.join(expected)}" if expected else "the key has no from: [...]"
            fail("let-form", f"the key draws no {name} = {value}", help=help)
    try:
        return _with(network, numbers)[1]
    except Fault as fault:
        fail(fault.code, fault.message, help=fault.help)


def _best(
    network: Network,
    choices: dict[str, list[str]],
    random: Random,
    taken: Counter[tuple[str, ...]],
    often: int,
    known: dict[tuple[str, ...], Any],
) -> tuple[dict[str, str], NetworkScope, list[Question]]:
    """The best of some draws: one that was taken seldom, whose answers are whole and distinct."""
    best: tuple[int, Any] | None = None
    error: SpecError | Fault | None = None
    for _ in range(TRIED):
        settings = {name: random.choice(some) for name, some in choices.items()}
        key = tuple(settings.values())
        if key not in known:
            try:
                known[key] = _with(network, settings)
            except (SpecError, Fault) as fault:
                known[key], error = None, fault
        if known[key] is None:
            continue
        flaws = known[key][0] + 1000 * max(0, taken[key] - often)
        if best is None or flaws < best[0]:
            best = flaws, (settings, *known[key][1:])
        if not flaws:
            break
    if best is None:
        assert error is not None
        raise error
    found: tuple[dict[str, str], NetworkScope, list[Question]] = best[1]
    return found


def _with(network: Network, settings: dict[str, str]) -> tuple[int, NetworkScope, list[Question]]:
    """How many flaws the exercise has with these constants, its names and its questions."""
    before = network.settings
    network.settings = {**before, **parse_settings(settings)}
    try:
        names = scope(network, network.report())
        questions = asked(network, names)
        _ = names.constants  # while they hold
    finally:
        network.settings = before
    return flaws(names, questions), names, questions


def flaws(names: NetworkScope, questions: list[Question]) -> int:
    """Windows that do not come out even, and answers that are equal to another one."""
    values = [one.value for one in questions]
    numbers = [str(value) for value in values if isinstance(value, list) or (type(value) is int and value)]
    return len(numbers) - len(set(numbers)) + 10 * sum(map(_uneven, names.report.rows))


def _uneven(row: Row) -> bool:
    """Whether a window leaves something over at the edge."""
    from cnncalc.grading.mistakes.window import window_of

    window = window_of(row)
    if window is None or window.transposed or not window.padding:
        return False
    sizes = zip(window.space, window.kernel, window.stride, window.dilation, window.padding, strict=True)
    return any((size + sum(pad) - d * (k - 1) - 1) % s for size, k, s, d, pad in sizes)


def _text(value: Any) -> str:
    return str(value.text or value.data) if value.kind == "scalar" else str(value.plain())
