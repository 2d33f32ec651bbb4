"""Mutated specs, chains and calls: never a traceback, never another status than 0, 1 and 2, within bounds.

By hand, for as long as one likes:

    python -m tests.fuzz.mutate --inputs 200000 --seed 1

Input N of a seed is always the same: `--first N --inputs 1` runs it alone, and `--show` prints it.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import json
import os
import random
import re
import string
import sys
import tempfile
import time
from collections import Counter
from functools import lru_cache
from pathlib import Path

from cnncalc import layers
from cnncalc.cli import command_line
from cnncalc.pages.layers import example
from cnncalc.render.formats import FORMATS
from tests.fuzz.bounded import Outcome, limits, run

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 6_000  # characters of a seed that is mutated as a text; larger ones take their time for nothing new

NUMBERS = [
    "0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "10",
    "16",
    "64",
    "100",
    "255",
    "1000",
    "65536",
    "1000000",
    "10**9",
    "2**31",
    "2**63",
    "2**64",
    "9**9**9",
    "10**400",
    "1e9",
    "1e308",
    "1e400",
    "-0",
    "0.5",
    "-0.0",
    "1.5",
    "nan",
    "inf",
    ".inf",
    "-.inf",
    ".nan",
    "1/3",
    "1//0",
    "1%0",
    "0x10",
    "0b1",
    "012",
    "1_000",
    "1,000",
    "1e-9",
    "2.5e3",
    "1:30",
    "~",
    "null",
    "true",
    "false",
    "yes",
    "no",
    "99999999999999999999999999",
    "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
]
WORDS = [
    "input",
    "inputs",
    "layers",
    "let",
    "define",
    "symbols",
    "values",
    "expect",
    "layout",
    "convention",
    "name",
    "from",
    "repeat",
    "when",
    "share",
    "freeze",
    "activation",
    "sequential",
    "residual",
    "shortcut",
    "parallel",
    "merge",
    "dim",
    "base",
    "output",
    "total",
    "index",
    "same",
    "valid",
    "causal",
    "zeros",
    "reflect",
    "channels_last",
    "channels_first",
    "pytorch",
    "keras",
    "textbook",
    "concat",
    "add",
    "multiply",
    "stack",
    "shape",
    "dtype",
    "int",
    "float",
    "params",
    "macs",
    "Conv2d",
    "Linear",
    "Flatten",
    "ReLU",
    "LSTM",
    "Attention",
    "Embedding",
    "Recurrent",
    "MultiheadAttention",
    "x",
    "input.0",
    "conv1.shape",
    "N",
    "C",
    "H",
    "W",
    "k",
    "None",
    "True",
    "False",
    "all",
    "h_n",
    "ports",
    "state",
    "weights",
    "step",
    "output_size",
    "kernel_size",
    "stride",
    "padding",
    "dilation",
    "groups",
    "bias",
    "num_layers",
    "bidirectional",
    "in_channels",
    "out_channels",
]
STRANGE = (
    "'",
    '"',
    ":",
    ": ",
    "- ",
    "-",
    "#",
    " #",
    "&a ",
    "*a",
    "<<: *a",
    "!!python/object/apply:os.system [id]",
    "!",
    "%",
    "@",
    "`",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    "?",
    "|",
    ">",
    "->",
    "→",
    "=>",
    "\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "  ",
    "\x00",
    "\x07",
    "\x1b[31m",
    "\x1b]0;x\x07",
    "\x7f",
    "\x85",
    "\u2028",
    "\ufeff",
    "\u202e",
    "é",
    "日本",
    "🙂",
    "×",
    "−",
    "…",
    "$",
    "\\",
    "=",
    "==",
    "=1+1",
    "+cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "\\input{/etc/passwd}",
    "../../etc/passwd",
    "/etc/passwd",
    "__class__",
    "().__class__.__bases__[0]",
    "__import__('os').system('id')",
    "lambda: 0",
    "[x for x in y]",
    "...",
    "---",
    "--- ",
    "a" * 300,
    "1" * 5000,
    "(" * 60 + ")" * 60,
    "[" * 120 + "]" * 120,
)
EXPRESSIONS = (
    "total.params",
    "total.macs * 2",
    "output.shape",
    "output.shape[0]",
    "output",
    "input",
    "Conv2d.params / total.params",
    "9**9**9",
    "2**64 * total.params",
    "[1] * 10**9",
    "sum([1, 2, [3]])",
    "sqrt(-1)",
    "exp(1000)",
    "log(0)",
    "round(1.5, 10**9)",
    "rank([[1, 2], [2, 4]])",
    "equal(output, output)",
    "gradient(input)",
    "gradient(input).shape",
    "jacobian(output, input)",
    "jacobian(output, input).shape",
    "total.__class__",
    "output.shape.__class__",
    "output @ output",
    "output.T",
    "(((((total.params)))))",
    "total.params if 1 else 2",
    "max(output.shape)",
    "'a' * 10",
    "not total.params",
    "conv1.receptive_field",
    "output[0][0]",
    "output[:, ::-1]",
    "total.params == 448",
    "1 / 0",
)


FORMS = (
    "{0}",
    "{0}.shape",
    "{0}.params",
    "{0}.macs",
    "{0}.receptive_field",
    "{0}.weight.shape",
    "total.params - {0}.params",
)
RANGES = ("1..3", "0..2", "1,3,5", "1..9..2", "3..1", "1..10**9")


@lru_cache(maxsize=1)
def seeds() -> list[str]:
    """Specs and chains to begin with: all that ship, all of the tests, an example of every layer type."""
    found = []
    for folder in ("specs", "tests/data/wrong", "tests/data/impossible"):
        found += [path.read_text("utf-8") for path in sorted((ROOT / folder).rglob("*.yaml"))]
    for page in sorted((ROOT / "cnncalc" / "problems").glob("*.md")):
        text = page.read_text("utf-8")
        found += re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        found += re.findall(r'cnncalc \w+ "([^"]*->[^"]*)"', text)
    for page in sorted((ROOT / "docs").glob("*.md")):
        found += re.findall(r"^```yaml\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    found += examples()
    return [text for text in dict.fromkeys(found) if len(text) <= LARGEST]


def examples() -> list[str]:
    """The example of every layer type of PyTorch's."""
    return [example(name, "pytorch") for name in layers.names()]


@lru_cache(maxsize=1)
def calls() -> list[str]:
    """A call of every layer type."""
    found = [text.rpartition("-> ")[2] for text in examples() if "\n" not in text]
    return [*found, *layers.names()]


@lru_cache(maxsize=1)
def options() -> list[str]:
    """The names of all options of all layer types."""
    found: dict[str, None] = {}
    for name in layers.names():
        found.update(dict.fromkeys(layers.find(name).options))
    return list(found)


class Mutator:
    """Makes input number N of a seed."""

    def __init__(self, seed: int, number: int) -> None:
        self.random = random.Random(f"{seed}:{number}")

    def word(self) -> str:
        """Something to write where something else stood."""
        pick, kind = self.random.choice, self.random.random()
        if kind < 0.3:
            return pick(NUMBERS)
        if kind < 0.45:
            return pick(WORDS)
        if kind < 0.6:
            return pick(calls())
        if kind < 0.7:
            return pick(options())
        if kind < 0.8:
            return pick(EXPRESSIONS)
        if kind < 0.85:
            return str(self.random.randint(-3, 40))
        return pick(STRANGE)

    def text(self) -> str:
        """A spec or chain."""
        kind = self.random.random()
        text = self.random.choice(seeds())
        if kind < 0.1:
            text = self.built()
        elif kind < 0.2:
            text = self.chain()
        if self.random.random() < 0.35:  # near what is right, so that later stages are reached
            return text if self.random.random() < 0.3 else self._near(text)
        for _ in range(min(int(self.random.expovariate(0.6)), 12) + 1):
            text = self.changed(text)
        return text

    def _near(self, text: str) -> str:
        """The text with a number that is a little different, or without a line."""
        kind = self.random.random()
        if kind < 0.7:
            return self._replaced(
                text, r"(?<![\w.])\d+(?![\w.])", str(self.random.choice((0, 1, 2, 3, 4, 8, 16, 64, 10**6)))
            )
        if kind < 0.85:
            return self._argument(text)
        lines = text.split("\n")
        del lines[self.random.randrange(len(lines))]
        return "\n".join(lines)

    def changed(self, text: str) -> str:
        """The text with one change."""
        return self.random.choice(
            (
                self._number, self._number, self._number, self._token, self._token, self._line, self._line,
                self._indent, self._insert, self._insert, self._cut, self._splice, self._flip, self._argument,
                self._argument, self._argument, self._key, self._key,
            )
        )(text)  # fmt: skip

    def _replaced(self, text: str, pattern: str, by: str) -> str:
        found = list(re.finditer(pattern, text))
        if not found:
            return text + by
        at = self.random.choice(found)
        return text[: at.start()] + by + text[at.end() :]

    def _number(self, text: str) -> str:
        by = self.random.choice(NUMBERS) if self.random.random() < 0.6 else str(self.random.randint(-2, 40))
        return self._replaced(text, r"\d+(\.\d+)?", by)

    def _token(self, text: str) -> str:
        return self._replaced(text, r"\w+(\([^()]*\))?|[^\w\s]", self.word())

    def _argument(self, text: str) -> str:
        """One more, one other or one fewer argument of a call."""
        found = list(re.finditer(r"\(([^()]*)\)", text))
        if not found:
            return self._token(text)
        at = self.random.choice(found)
        parts = at[1].split(",") if at[1].strip() else []
        new = self.word()
        if self.random.random() < 0.6:
            new = f"{self.random.choice(options())}={new}"
        if parts and self.random.random() < 0.5:
            parts[self.random.randrange(len(parts))] = new
        elif parts and self.random.random() < 0.3:
            del parts[self.random.randrange(len(parts))]
        else:
            parts.insert(self.random.randint(0, len(parts)), new)
        return f"{text[: at.start()]}({', '.join(parts)}){text[at.end() :]}"

    def _key(self, text: str) -> str:
        """A key beside an entry, or at the top."""
        keys = ["from", "repeat", "when", "share", "freeze", "activation", "expect", "name", "shortcut", "merge", "dim"]
        value = self.random.choice(
            (self.word(), f"[{self.word()}, {self.word()}]", f"{{{self.word()}: {self.word()}}}")
        )
        entries = list(re.finditer(r"^( *)- [^\n]*\n", text, re.MULTILINE))
        if entries and self.random.random() < 0.7:
            at = self.random.choice(entries)
            return f"{text[: at.end()]}{at[1]}  {self.random.choice(keys)}: {value}\n{text[at.end() :]}"
        top = [
            "input",
            "inputs",
            "let",
            "symbols",
            "define",
            "layers",
            "values",
            "expect",
            "layout",
            "convention",
            "name",
            "base",
        ]
        return f"{text.rstrip()}\n{self.random.choice(top)}: {value}\n"

    def _line(self, text: str) -> str:
        lines = text.split("\n")
        at = self.random.randrange(len(lines))
        kind = self.random.randrange(5)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(at, lines[at])
        elif kind == 2:
            other = self.random.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 3:
            other_lines = self.random.choice(seeds()).split("\n")
            lines.insert(at, self.random.choice(other_lines))
        else:
            indent = re.match(r"\s*(- )?", lines[at])
            lines[at] = (indent[0] if indent else "") + self.word()
        return "\n".join(lines)

    def _indent(self, text: str) -> str:
        lines = text.split("\n")
        at = self.random.randrange(len(lines))
        until = min(len(lines), at + self.random.randint(1, 4))
        by = self.random.choice((1, 2, 4, -1, -2))
        for number in range(at, until):
            lines[number] = " " * by + lines[number] if by > 0 else lines[number][-by:]
        return "\n".join(lines)

    def _insert(self, text: str) -> str:
        at = self.random.randint(0, len(text))
        return text[:at] + self.word() + text[at:]

    def _cut(self, text: str) -> str:
        at = self.random.randint(0, len(text))
        return text[:at] + text[at + min(int(self.random.expovariate(0.1)), 200) :]

    def _splice(self, text: str) -> str:
        other = self.random.choice(seeds())
        return text[: self.random.randint(0, len(text))] + other[self.random.randint(0, len(other)) :]

    def _flip(self, text: str) -> str:
        if not text:
            return self.word()
        at = self.random.randrange(len(text))
        letter = (
            self.random.choice(string.printable) if self.random.random() < 0.8 else chr(self.random.randint(0, 0x2FFF))
        )
        return text[:at] + letter + text[at + 1 :]

    def chain(self) -> str:
        """Calls of layer types one after the other."""
        shape = "x".join(str(self.random.choice((1, 2, 3, 8, 16, 16, 32))) for _ in range(self.random.randint(1, 4)))
        if self.random.random() < 0.15:
            shape = self.random.choice(("CxHxW", "NxF", "3xHxW", "Lx16", "8xHxH"))
        return " -> ".join([shape, *(self.random.choice(calls()) for _ in range(self.random.randint(1, 5)))])

    def built(self) -> str:
        """A spec of layers, groups, residuals, branches and blocks."""
        lines = [
            f"input: {[self.random.choice((4, 8, 16, 16, 32)) for _ in range(self.random.randint(1, 4))]}",
        ]
        if self.random.random() < 0.3:
            lines += ["let: {a: 2, b: 8}"]
        if self.random.random() < 0.3:
            lines += ["define:", "  block(a, b=2):", *self._entries(2, 2)]
        lines += ["layers:", *self._entries(1, 1)]
        return "\n".join(lines) + "\n"

    def _entries(self, indent: int, depth: int) -> list[str]:
        pad, lines = "  " * indent, []
        for _ in range(self.random.randint(1, 4)):
            kind = self.random.random()
            if kind < 0.65 or depth > 4:
                lines.append(f"{pad}- {self.random.choice(calls())}")
            elif kind < 0.8:
                lines += [
                    f"{pad}- {self.random.choice(('residual', 'sequential'))}:",
                    *self._entries(indent + 2, depth + 1),
                ]
            elif kind < 0.9:
                lines += [
                    f"{pad}- parallel:",
                    f"{pad}    - [ReLU, {self.random.choice(calls())}]",
                    f"{pad}    - [Identity]",
                ]
            else:
                lines.append(f"{pad}- block({self.word()})")
            if self.random.random() < 0.15:
                lines.append(f"{pad}  repeat: {self.random.choice(NUMBERS)}")
            if self.random.random() < 0.1:
                lines.append(f"{pad}  from: {self.random.choice(WORDS)}")
        return lines

    def data(self, text: str) -> bytes:
        """The text as bytes, now and then in a form that a spec should not have."""
        kind = self.random.random()
        if kind < 0.02:
            return text.encode(self.random.choice(("utf-16", "utf-32", "utf-8-sig", "utf-16-le", "utf-7")), "replace")
        if kind < 0.04:
            return text.encode("latin-1", "replace")
        if kind < 0.06:
            return text.replace("\n", "\r\n").encode("utf-8", "surrogatepass")
        found = text.encode("utf-8", "surrogatepass")
        if kind < 0.08 and found:
            at = self.random.randrange(len(found))
            return found[:at] + bytes([self.random.randrange(256)]) + found[at + 1 :]
        return found

    def command(self, net: str, text: str) -> list[str]:
        """A command on the spec, with options."""
        pick, chance = self.random.choice, self.random.random
        command = pick(
            [
                "shapes",
                "shapes",
                "shapes",
                "params",
                "explain",
                "explain",
                "check",
                "cost",
                "cost",
                "ask",
                "ask",
                "run",
                "compare",
                "solve",
                "draw",
                "export",
            ]
        )
        if command not in command_line.COMMANDS:
            command = "shapes"
        argv = [command, net]
        names = re.findall(r"[A-Za-z_][\w.]*", text)
        name = pick(names) if names and chance() < 0.8 else self.word()
        if command == "ask":
            form = pick(FORMS)
            argv += [pick(EXPRESSIONS) if chance() < 0.4 else form.format(name)]
        elif command == "compare":
            argv += [pick(("lenet5", net, self.chain()))]
        elif command == "solve":
            argv += [f"{pick('kspabdCHW')}={pick((*RANGES, self.word()))}"]
            argv += ["--want", pick((*EXPRESSIONS, "output.shape == [16, 8, 8]", "total.params < 1000"))]
            argv += ["--max-tries", "200"]
        elif command == "draw" and chance() < 0.5:
            argv += [pick(("--mermaid", "--dot", "--svg"))]
        elif command in ("explain", "params") and chance() < 0.3:
            argv += [name]
        flags = {
            "shapes": ("--receptive", "--macs", "--execute", "--dense", "--depth=1", "--tree"),
            "params": ("--dense", "--execute", "--depth=2", "--by=type"),
            "cost": ("--by=part", "--by=type", "--optimizer=adam", "--batch=3", "--causal=halve", "--dtype=int8"),
            "explain": ("--full",),
            "run": ("--show=all", "--show=weights", "--permute", "--shift=1,0", "--precision=3", "--full"),
        }.get(command, ())
        for flag in flags:
            if chance() < 0.15:
                argv.append(flag)
        if chance() < 0.25:
            argv += ["--format", pick((*FORMATS, "table", self.word()))]
        if chance() < 0.1:
            argv += ["--set", f"{pick(('a', 'b', 'k', 'C', 'H', name))}={self.word()}"]
        if chance() < 0.05:  # formulas of large networks take their time
            argv += [
                "--input",
                pick(("3x8x8", "8x16", "CxHxW" if len(text) < 400 and "base" not in text else "3x32x32", self.word())),
            ]
        if chance() < 0.02:
            argv.insert(self.random.randint(1, len(argv)), self.word())
        return argv


def made(seed: int, number: int, folder: str) -> tuple[list[str], bytes, str]:
    """Input `number`: the command, standard input, and the text of the spec."""
    mutator = Mutator(seed, number)
    text = mutator.text()
    data = mutator.data(text)
    if "->" in text and "\n" not in text:
        return mutator.command(text, text), b"", text
    if mutator.random.random() < 0.03:
        return mutator.command("-", text), data, text
    path = os.path.join(folder, f"net.{'yaml' if mutator.random.random() < 0.97 else 'json'}")
    Path(path).write_bytes(data)
    return mutator.command(path, text), b"", text


def tried(seed: int, number: int, folder: str) -> tuple[Outcome, list[str], str]:
    """Run input `number` of a seed."""
    argv, standard, text = made(seed, number, folder)
    argv = [word.replace("\x00", "") for word in argv]  # no system passes it on
    return run(argv, standard), argv, text


def main(argv: list[str] | None = None) -> int:
    """Run many inputs; 1 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1000, help="how many inputs")
    parser.add_argument("--first", type=int, default=0, help="the number of the first")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true", help="print each input")
    parser.add_argument("--keep", metavar="FILE", help="append findings to a file, a JSON object a line")
    chosen = parser.parse_args(argv)
    found: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    slowest = 0.0
    began = time.time()
    with tempfile.TemporaryDirectory() as folder, limits():
        os.chdir(folder)
        for number in range(chosen.first, chosen.first + chosen.inputs):
            faulthandler.dump_traceback_later(120, exit=True)  # what no signal can stop
            outcome, words_, text = tried(chosen.seed, number, folder)
            statuses[str(outcome.status)] += 1
            slowest = max(slowest, outcome.seconds)
            if chosen.show:
                print(f"# {number}: {words_!r}\n{text}\n# {outcome}")
            if outcome.finding:
                found[outcome.finding] += 1
                if found[outcome.finding] == 1:
                    print(f"seed {chosen.seed}, input {number}: {outcome.finding}\n  {words_!r:.300}", flush=True)
                if chosen.keep and found[outcome.finding] <= 3:
                    record = {"seed": chosen.seed, "number": number, "argv": words_, "text": text, **outcome._asdict()}
                    with open(chosen.keep, "a", encoding="utf-8", errors="backslashreplace") as file:
                        file.write(json.dumps(record) + "\n")
            if number % 500 == 499:
                gc.collect()
            if number % 5000 == 4999:
                print(f"{number + 1 - chosen.first} inputs, {time.time() - began:.0f} s", flush=True)
        faulthandler.cancel_dump_traceback_later()
        os.chdir(ROOT)
    print(f"{chosen.inputs} inputs in {time.time() - began:.0f} s, the slowest {slowest:.2f} s of the processor")
    print("status " + ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items())))
    for finding, count in found.most_common():
        print(f"{count:6} {finding}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
