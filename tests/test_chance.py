"""Random wrong answers are seldom given a mistake: two in a hundred at most, of shapes that are half right more."""

from __future__ import annotations

from collections import Counter

from benchmarks.guesses import measured


def test_random_answers_are_seldom_explained() -> None:
    found = measured(guesses=8, rounds=1, seed=3)
    asked, explained = Counter[str](), Counter[str]()
    for (_, way), count in found.asked.items():
        asked[way] += count
    for (_, way), count in found.explained.items():
        explained[way] += count
    assert asked.total() > 1500 and explained.total() <= 0.02 * asked.total()
    share = {way: explained[way] / asked[way] for way in asked}
    assert share["each size"] <= 0.02 and share["space"] <= 0.03 and share["of the size"] <= 0.03, share
    # of the sizes from half to twice 30 one is two in a hundred: there only usual mistakes are named
    assert share["one axis"] <= 0.06 and share["square"] <= 0.09, share
