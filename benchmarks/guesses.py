"""How often a random wrong answer is given a mistake: python -m benchmarks.guesses [GUESSES [ROUNDS [SEED]]]

The questions are those of the generators of answers under tests/. Each gets GUESSES numbers of each way to draw them;
a table says for each sort of question and way how many were explained, and which mistakes did so.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from cnncalc.core.problem import Fault, SpecError
from cnncalc.grading.diagnose import search
from cnncalc.loading import loads
from cnncalc.query.ask import scope, value_of
from cnncalc.query.scope import NetworkScope
from cnncalc.spec.expected import Quantity
from cnncalc.spec.quantity import parse_quantity
from tests import classroom_answers, homework_answers, written_answers

Guess = Callable[[random.Random, Any], Any]
WORDS = ("receptive_field", "macs", "flops", "dense", "params", "shape")


def of_size(pick: random.Random, right: Any) -> Any:
    """A whole number from a third to three times the right one, each size as likely."""
    return round(right * 3 ** pick.uniform(-1, 1))


def from_range(pick: random.Random, right: Any) -> Any:
    """The same, each number as likely."""
    return pick.randint(right // 3, right * 3)


def ratio(pick: random.Random, right: Any) -> Any:
    """A share with three digits."""
    return f"{float(right) * 3 ** pick.uniform(-1, 1):.3g}"


def each_size(pick: random.Random, right: Any) -> Any:
    """A shape with every size from half to twice the right one."""
    return [pick.randint(max(1, size // 2), 2 * size) for size in right]


def space(pick: random.Random, right: Any) -> Any:
    """A shape with the right channels and random sizes."""
    return [right[0], *each_size(pick, right[1:])]


def square(pick: random.Random, right: Any) -> Any:
    """A shape with the right channels and one random size for all other axes, where they are alike."""
    (size,) = each_size(pick, right[1:2])
    return [right[0]] + [size] * (len(right) - 1)


def one_axis(pick: random.Random, right: Any) -> Any:
    """A shape that is wrong in one axis."""
    at = pick.randrange(len(right))
    return [*right[:at], *each_size(pick, right[at : at + 1]), *right[at + 1 :]]


def ways(right: Any) -> dict[str, Guess]:
    """The ways to draw a wrong answer like the right one."""
    if type(right) is int and abs(right) > 10:
        return {"of the size": of_size, "from the range": from_range}
    if isinstance(right, (float, Fraction)) and right > 0:
        return {"ratio": ratio}
    if isinstance(right, list) and right and all(type(size) is int and size > 0 for size in right):
        found: dict[str, Guess] = {"one axis": one_axis}
        if len(right) > 1:
            found |= {"each size": each_size, "space": space}
        if len(right) > 2:
            found |= {"square": square} if len(set(right[1:])) == 1 else {}
        return found
    return {}


def questions(rounds: int, seed: int) -> Iterator[tuple[str, str]]:
    """The networks and what is asked about them."""
    pick = random.Random(seed)
    seen = set()
    for case in homework_answers.cases(rounds, seed):
        if not case.earlier:
            seen.add((case.spec, case.ask))
    for make in (*written_answers.KINDS, *classroom_answers.KINDS) * rounds:
        made = make(pick)
        seen |= {(made.spec, ask) for ask in made.right}
    yield from sorted(seen)


def sort_of(ask: str, right: Any) -> str:
    """What sort of question it is."""
    word = next((word for word in WORDS if word in ask), "other")
    if isinstance(right, list):
        return f"shape of {len(right)}"
    return word if isinstance(right, int) else "ratio"


def explained(written: Any, ask: str, right: Any, names: NetworkScope) -> str:
    """The mistake that is shown for an answer; nothing where none is."""
    quantity: Quantity = parse_quantity(written, str(written))
    if quantity.holds(right):
        return ""
    found = [one for one in search(ask, quantity, right, names)[0] if one.believed]
    return found[0].name if found else ""


class Measured(NamedTuple):
    """How many guesses there were by sort of question and way to draw, how many were explained, and by what."""

    asked: Counter[tuple[str, str]]
    explained: Counter[tuple[str, str]]
    mistakes: Counter[tuple[str, str]]


def measured(guesses: int, rounds: int, seed: int) -> Measured:
    """Guess `guesses` times for each question and way."""
    pick = random.Random(seed)
    found = Measured(Counter(), Counter(), Counter())
    for text, ask in questions(rounds, seed):
        try:
            network = loads(text, "guess")
            names = scope(network, network.report())
            right = value_of(ask, names)
        except (Fault, SpecError):
            continue
        for way, draw in ways(right).items():
            kind = sort_of(ask, right)
            for _ in range(guesses):
                written = draw(pick, right)
                found.asked[kind, way] += written != right
                if name := explained(written, ask, right, names):
                    found.explained[kind, way] += 1
                    found.mistakes[way, name] += 1
    return found


def main(guesses: int = 40, rounds: int = 1, seed: int = 1) -> None:
    """Print the tables."""
    found = measured(guesses, rounds, seed)
    for key, count in sorted(found.asked.items()):
        print(f"{100 * found.explained[key] / count:5.1f}% of {count:5}  {', '.join(key)}")
    print(f"{100 * found.explained.total() / found.asked.total():5.1f}% of {found.asked.total():5}  in all")
    for (way, name), count in found.mistakes.most_common(30):
        print(f"{count:5}  {way}: {name}")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
