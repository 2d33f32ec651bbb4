"""Sheets of answers that grow, nest and repeat: `check` ends within its bounds, whatever a student hands in.

python -m tests.fuzz.sheets --inputs 500
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from cnncalc.render.formats import FORMATS
from tests.fuzz.bounded import Outcome, room, run
from tests.fuzz.grow import LARGEST, MEGABYTES, SECONDS, size

KEYS = (
    "input: [3, 64, 64]\nlayers:\n- conv: Conv2d(3, 16, 3)\n- fc: Linear(out_features=10)\n",
    "input: [C, H, W]\nsymbols: [C, F, H, W, K]\nlayers:\n- conv: Conv2d(C, F, K)\n- fc: Linear(out_features=10)\n",
)
ASKED = ("conv.params", "conv.shape", "fc.params", "fc.shape", "total.params")
KEY_END = "expect:\n" + "".join(f"  {ask}:\n" for ask in ASKED)
OPTIONS: tuple[list[str], ...] = ([], ["--hide-key"], ["--verbose"], ["--points"], ["--verbose", "--quiet-key"])

Random = random.Random


def formula(chance: Random) -> str:
    """An answer that is longer than it need be."""
    count = size(chance, 4000)
    word = chance.choice(("1", "9^300", "K", "(K+C+F)", "1/3", "⌊H/2⌋", "2²", "5x5", "448"))
    sign = chance.choice(("+", "*", "/", "-", "^", "x", " ", "="))
    opening, closing = chance.choice(
        (("(", ")"), ("[", "]"), ("⌊", "⌋"), ("\\frac{1}{", "}"), ("sqrt(", ")"), ("|", "|"))
    )
    if chance.random() < 0.5:
        return sign.join([word] * count)
    return opening * min(count, 900) + word + closing * min(count, chance.choice((count, count + 1)), 900)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def answers(chance: Random) -> tuple[str, str]:
    """One long answer to each question."""
    return "yaml", "".join(f"{ask}: {quoted(formula(chance))}\n" for ask in ASKED)


def lines(chance: Random) -> tuple[str, str]:
    """Many questions, most of which nobody asked, and some twice."""
    count = size(chance, 4000)
    ask = chance.choice(("conv.params", "conv{at}.params", "k{at}", "sum(jacobian(conv, conv.weight)) + {at}"))
    return "yaml", "".join(f'"{ask.format(at=at)}": {at}\n' for at in range(count))


def lists(chance: Random) -> tuple[str, str]:
    """Shapes of many axes, arrays, and lists that stand for each other."""
    count = size(chance, 9000)
    if chance.random() < 0.5:
        return "yaml", f"conv.shape: [{', '.join([chance.choice(('1', '[1, 2]', 'K'))] * count)}]\n"
    doubled = "".join(f"a{at}: &a{at} [*a{at - 1}, *a{at - 1}]\n" for at in range(1, min(count, 60)))
    return "yaml", f"a0: &a0 [1, 1]\n{doubled}conv.shape: *a0\n"


def table(chance: Random) -> tuple[str, str]:
    """A row a student, of whom many bear one name."""
    count = size(chance, 4000)
    name = chance.choice(("x", "n{at}", "../{at}", "key"))
    value = chance.choice(("448", "{at}", "=1+{at}", '"""', "1+1"))
    rows = "".join(f"{name.format(at=at)},{value.format(at=at)},{at}\n" for at in range(count))
    return "csv", "name,conv.params,fc.params\n" + rows


def noise(chance: Random) -> tuple[str, str]:
    """No text at all, or one with control characters."""
    letters = chance.choice(("\x00", "\x1b[31m", "\u202e", "\r", "[{", '"', "- ", "&a *a\n", "\ud7ff"))
    return chance.choice(("yaml", "csv", "json")), "conv.params: " + letters * size(chance, 9000)


FAMILIES: tuple[Callable[[Random], tuple[str, str]], ...] = (answers, lines, lists, table, noise)


def tried(seed: int, number: int, folder: str) -> tuple[Outcome, list[str]]:
    """Grade one sheet within the promise."""
    chance = Random(f"{seed}:{number}")
    end, text = FAMILIES[number % len(FAMILIES)](chance)
    key, sheet = Path(folder) / "key.yaml", Path(folder) / f"sheet.{end}"
    key.write_text(chance.choice(KEYS) + KEY_END, "utf-8")
    sheet.write_text(text, "utf-8")
    argv = ["check", str(key), str(sheet), "--format", chance.choice(FORMATS), *chance.choice(OPTIONS)]
    if len(text) > LARGEST:
        return Outcome(0, "", "", 0.0), argv
    with room(MEGABYTES):
        return run(argv, seconds=SECONDS), argv


def main(argv: list[str] | None = None) -> int:
    """Grade many sheets; 1 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(argv)
    found, slowest = 0, (0.0, 0)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(chosen.inputs):
            outcome, words = tried(chosen.seed, number, folder)
            slowest = max(slowest, (outcome.seconds, number))
            if outcome.finding:
                found += 1
                print(f"seed {chosen.seed}, input {number}: {outcome.finding}\n  {words!r:.200}", flush=True)
    print(f"{slowest[0]:.2f} s of the processor at most, input {slowest[1]}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
