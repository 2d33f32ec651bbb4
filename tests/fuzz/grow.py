"""Small specs that stand for very much: every command ends within its bounds, which are the package's own here.

By hand, for as long as one likes:

    python -m tests.fuzz.grow --inputs 2000 --seed 1

Input N of a seed is always the same: `--first N --inputs 1 --show` runs it alone and prints it.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.bounded import Outcome, room, run

SECONDS, MEGABYTES, LARGEST = 5.0, 500, 100_000  # what docs/bounds.md promises for so many bytes
COMMANDS = (
    ["shapes"], ["shapes", "--json"], ["shapes", "--latex"], ["shapes", "--receptive"], ["shapes", "--depth", "1"],
    ["params", "--compare-dense"], ["explain"], ["explain", "--json"], ["explain", "--csv"], ["check"],
    ["ask", "total.params"], ["cost"], ["cost", "--json"], ["cost", "--growth"], ["draw"], ["draw", "--json"],
    ["export"], ["shapes", "--html"], ["shapes", "--full", "--csv"], ["params", "--markdown"],
    ["ask", "total.kv_cache_bytes", "total.training_bytes", "total.peak_activation_bytes", "total.receptive_field"],
    ["cost", "--decode", "--context", "64"], ["cost", "--tp", "2", "--zero", "1"], ["cost", "--recompute", "block"],
    ["explain", "total.params"], ["explain", "total.training_bytes"], ["explain", "--html"], ["explain", "--latex"],
    ["draw", "-f", "svg"], ["draw", "-f", "tikz"], ["draw", "-f", "dot"], ["draw", "-f", "mermaid"],
    ["draw", "-f", "svg", "--style", "volumes"], ["draw", "-f", "svg", "--style", "lenet"],
    ["draw", "-f", "svg", "--full"], ["draw", "-f", "svg", "--page", "slide"], ["draw", "-f", "svg", "--heat", "macs"],
    ["export", "--to", "keras"], ["export", "--to", "onnx"], ["import"], ["report"], ["report", "--json"],
    ["worksheet"], ["worksheet", "--key"], ["worksheet", "--format", "latex"], ["quiz", "--to", "json"],
    ["quiz", "--to", "moodle"], ["compare", "lenet5"], ["solve", "batch=1..64", "--want", "total.training_bytes < 1e9"],
    ["solve", "q=1..4", "--want", "total.params < 99"],
)  # fmt: skip

Random = random.Random


def size(chance: Random, most: int) -> int:
    """A number up to the most, small ones as likely as large ones."""
    return int(most ** chance.random())


def network(entries: list[str], shape: str = "[4]", before: str = "", after: str = "") -> str:
    return f"input: {shape}\n{before}layers:\n" + "".join(f"- {entry}\n" for entry in entries) + after


def leaf(chance: Random) -> str:
    return chance.choice(
        ("Linear(4, 4)", "ReLU", "LayerNorm(4)", "Dropout", "Linear(4, 4)", "Linear(5, 4)", "Linear(4, q)")
    )


def lists(chance: Random) -> str:
    """Constants that hold each other."""
    form = chance.choice(("[@, @]", "{x: @, y: @}", "[@]", "@ + @", "'[@, @, 1]'", "[@, [@, @]]"))
    count = size(chance, 400)
    lines = "".join(f"  a{at + 1}: {form.replace('@', f'a{at}')}\n" for at in range(count))
    used = chance.choice(
        (f"Linear(4, a{count})", "ReLU", f"{{a: ReLU, repeat: a{count}}}", f"Linear(4, sum(a{count}))")
    )
    return network([used], before=f"let:\n  a0: [1, 2]\n{lines}")


def blocks(chance: Random) -> str:
    """Blocks that call each other several times."""
    form = chance.choice(
        (
            "[@, @]", "[{parallel: [[@], [@]], merge: add}]", "[{residual: [@], shortcut: [@]}]", "[@]",
            "[{a: @, repeat: 3}]", "[{a: @, when: false}, @, @]",
        )
    )  # fmt: skip
    count = size(chance, 90)
    lines = "".join(f"  b{at}: {form.replace('@', f'b{at + 1}')}\n" for at in range(count))
    last = chance.choice((f"[{leaf(chance)}]", "[]", "[{a: ReLU, when: false}]"))
    return network(["b0"], before=f"define:\n{lines}  b{count}: {last}\n")


def arguments(chance: Random) -> str:
    """Blocks that give their arguments on, larger."""
    count, form = size(chance, 80), chance.choice(("[p, p]", "p * 2", "p + p", "[p]", "p"))
    lines = "".join(f"  b{at}(p):\n  - b{at + 1}({form})\n" for at in range(count))
    return network([f"b0({chance.choice(('1', '[1]'))})"], before=f"define:\n{lines}  b{count}(p): [ReLU]\n")


def copies(chance: Random) -> str:
    """Repeats inside repeats."""
    text = f"{{a: {leaf(chance)}, repeat: {size(chance, 10**6)}}}"
    if chance.random() < 0.5:
        text = f"{{a: Linear(out_features=index + {size(chance, 99)}), repeat: {size(chance, 10**6)}}}"
    for _ in range(chance.randrange(4)):
        kind = chance.choice(
            ("sequential: [@]", "residual: [@]", "parallel: [[@], []], merge: add", "b: {sequential: [@]}")
        )
        text = f"{{{kind.replace('@', text)}, repeat: {size(chance, 3000)}}}"
    return network([text])


def inner(chance: Random) -> str:
    """Layers with thousands of inner layers, outputs or inputs."""
    count, many = size(chance, 10_000), size(chance, 3000)
    layer = chance.choice(
        (
            f"LSTM(8, 8, num_layers={count})", f"GRU(8, 8, num_layers={count})",
            f"TransformerEncoder(d_model=8, nhead=2, num_layers={count})", "MultiheadAttention(8, 2)",
        )
    )  # fmt: skip
    if chance.random() < 0.3:
        names = ", ".join(f"s.{at}" for at in range(count))
        return network(["s: Split(1, dim=1)", f"c: Concat(dim=1)\n  from: [{names}]"], f"[{count}]")
    return network([f"a: {layer}\n  repeat: {many}"], "[5, 8]")


def names(chance: Random) -> str:
    """Long names, many of them."""
    text = f"{{x: ReLU, repeat: {size(chance, 60_000)}}}"
    letters = size(chance, 900)
    for at in range(chance.randrange(40)):
        text = f"{{sequential: [{text}], name: {'g' * letters}{at}}}"
    return network([text])


def many(chance: Random) -> str:
    """Many entries, right and wrong, many of them expected to be something."""
    count = size(chance, 4000)
    entries = [chance.choice(("ReLU", "a: ReLU", f"b{at}: Linear(4, 4)")) for at in range(count)]
    if chance.random() < 0.2:
        entries += [leaf(chance)]
    asked = chance.choice(("total.params", "total.macs", "Linear.params", "output.shape", "b1.params"))
    return network(entries, after="expect:\n" + "".join(f"  {asked} + {at}: {at}\n" for at in range(size(chance, 400))))


def axes(chance: Random) -> str:
    """Shapes of very many axes, expressions of very many words."""
    count = size(chance, 40_000)
    shape = chance.choice(("[" + "1, " * count + "4]", "x".join(["1"] * count) + "x4", f"[4{' + 0' * (count // 4)}]"))
    return network([leaf(chance)], shape)


def window(chance: Random) -> str:
    """A layer with windows whose sizes are free, or formulas of free ones."""

    def number() -> str:
        return chance.choice(
            ("K", "K", "S", "P", "D", "1", "2", "3", "(K - 1) // 2", "K // 2", "2*P", "D*(K - 1) // 2")
        )

    def given(*options: str) -> str:
        return "".join(f", {name}={number()}" for name in options if chance.random() < 0.4)

    ceil = chance.choice(("", ", ceil_mode=true"))
    return chance.choice(
        (
            f"Conv2d(out_channels={chance.choice(('8', 'F', '2*F'))}, kernel_size={number()}"
            f"{given('stride', 'padding', 'dilation')})",
            f"Conv2d(out_channels=F, kernel_size=K, padding=K // 2, groups={chance.choice(('2', 'G'))})",
            f"ConvTranspose2d(out_channels=8, kernel_size={number()}{given('stride', 'padding')})",
            f"MaxPool2d({chance.choice(('2', '3', 'K'))}{given('stride')}{ceil})",
            f"AvgPool2d(2, stride={chance.choice(('1', '2', 'S'))}, padding=1{ceil})",
            "Upsample(scale_factor=2)", "ReLU", "BatchNorm2d",
        )
    )  # fmt: skip


def sizes(chance: Random) -> str:
    """Layers with windows, one after another, in free dimensions."""
    count, pattern = size(chance, 16), [window(chance) for _ in range(chance.randint(1, 3))]
    entries = [chance.choice(pattern) if chance.random() < 0.1 else pattern[at % len(pattern)] for at in range(count)]
    if chance.random() < 0.3:
        entries += ["Flatten", "Linear(out_features=10)"]
    channels = "F" if chance.random() < 0.3 else "3"
    return network(entries, f"[{channels}, H, W]", before="symbols: [H, W, K, S, P, D, F, G]\n")


FAMILIES: tuple[Callable[[Random], str], ...] = (
    lists, blocks, arguments, copies, inner, names, many, axes, sizes,
)  # fmt: skip


def made(seed: int, number: int) -> tuple[str, list[str]]:
    """Input number N of a seed: a spec, and a command with its options."""
    chance = Random(f"{seed}:{number}")
    text = FAMILIES[number % len(FAMILIES)](chance)
    return text, list(chance.choice(COMMANDS))


def tried(seed: int, number: int, folder: str) -> tuple[Outcome, list[str], str]:
    """Run one input within the promise."""
    text, words = made(seed, number)
    net = Path(folder) / "net.yaml"
    net.write_text(text, "utf-8")
    argv = [words[0], str(net), *words[1:]]
    if len(text) > LARGEST:
        return Outcome(0, "", "", 0.0), argv, text
    with room(MEGABYTES):
        return run(argv, seconds=SECONDS), argv, text


def main(argv: list[str] | None = None) -> int:
    """Run many inputs; 1 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=400)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true")
    chosen = parser.parse_args(argv)
    found: Counter[str] = Counter()
    slowest: dict[str, tuple[float, int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(chosen.first, chosen.first + chosen.inputs):
            outcome, words, text = tried(chosen.seed, number, folder)
            family = FAMILIES[number % len(FAMILIES)].__name__
            slowest[family] = max(slowest.get(family, (0.0, 0)), (outcome.seconds, number))
            if chosen.show:
                print(f"# {number}: {words!r}\n{text}\n# {outcome}")
            if outcome.finding:
                found[outcome.finding] += 1
                print(f"seed {chosen.seed}, input {number}, {family}: {outcome.finding}\n  {words!r:.200}", flush=True)
    for family, (seconds, number) in slowest.items():
        print(f"{family}: {seconds:.2f} s of the processor at most, input {number}")
    return 1 if found else 0


if __name__ == "__main__":
    os.environ.setdefault("COLUMNS", "80")
    sys.exit(main())
