"""Mutation testing by hand: one operator, number or statement of a module is changed, and a test ought to notice.

    python -m tests.fuzz.mutants cnncalc/core/window.py cnncalc/layers/conv.py:33,48 --sample 150 --seed 1

tries every change of the modules (of the lines that stand after a colon), or a sample: of each module, or with
`--total 300` of all together. Survivors are printed with their lines, and a count for each module; the status is 1
where any survives.

One process imports everything and collects the tests once. It runs each test under a tracer, which tells the lines
that it executes. A mutant is then a fork: the changed syntax tree is compiled, its code objects are put into the live
functions, and only the tests that execute the changed line are run, the quickest first, until one fails. What stands
outside functions (defaults of options, tables) is executed again, and what came out is put into the live classes and
modules; there the tests that execute any line of the module are asked, and those that name the class or an heir. Where
a module does not stand that (unchanged, it has to pass), its outer mutants are tried in processes of their own, as is
every survivor with `--verify`.
"""

from __future__ import annotations

import argparse
import ast
import functools
import gc
import importlib.machinery
import mmap
import os
import random
import resource
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.fuzz.changes import Mutant, mutants
from tests.fuzz.renew import execute_again, forget, inner_codes, live_functions, mark

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "CNNCALC_MUTANT"
TESTS = """answers attention_rnn cache cell_edges compare contract conventions cost course declarations execute explain
expression expression_edges formula guesses keras_cases kernels kernels_textbook layers_reference local losses
padding pitfalls_public pitfalls_sequence pitfalls_windows problem_pages receptive receptive_keras receptive_layers
recurrent_equations routing rules_edges saved scans sizes torch_cases torch_cases_sequence zoo"""


class Trial:
    """A pytest plugin that takes the collected tests, learns what they execute, and tries the mutants."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chosen = chosen
        self.out = os.fdopen(os.dup(1), "w", buffering=1)
        self.survived = self.tried = 0
        self.told = mmap.mmap(-1, 8)  # by a fork: which test failed
        self.failed: Counter[pytest.Item] = Counter()  # how many mutants each test noticed: the best are asked first
        self.lines: dict[str, set[int]] = {}  # of a module, those that were asked for
        for word in chosen.modules:
            path, _, lines = word.partition(":")
            self.lines[str((ROOT / path).resolve())] = {int(line) for line in lines.split(",") if line}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = [item for item in session.items if not hasattr(getattr(item, "obj", None), "is_hypothesis_test")]
        drawn = self.drawn()
        self.learn({(mutant.path, mutant.line) for all in drawn.values() for mutant in all})
        self.functions = live_functions(self.lines)
        assert any(self.functions.values()), "the tests import none of the modules"
        self.caches = [
            thing
            for thing in gc.get_objects()
            if isinstance(thing, functools._lru_cache_wrapper) and str(thing.__module__).startswith("cnncalc")
        ]
        gc.collect()
        gc.freeze()  # what a fork does not touch stays shared
        for path in self.lines:
            if drawn[path]:
                self.module(path, drawn[path])
        print(f"all: {self.tried - self.survived} of {self.tried} noticed", file=self.out)
        return True

    def drawn(self) -> dict[str, list[Mutant]]:
        """The mutants of each module that are tried."""
        chosen, random_order = self.chosen, random.Random(self.chosen.seed)
        found = {path: mutants(path, ast.parse(Path(path).read_text("utf-8"))) for path in self.lines}
        found = {path: [m for m in all if not (at := self.lines[path]) or m.line in at] for path, all in found.items()}
        if chosen.sample:
            found = {path: random_order.sample(all, min(chosen.sample, len(all))) for path, all in found.items()}
        if chosen.total:
            every = [mutant for all in found.values() for mutant in all]
            every = random_order.sample(every, min(chosen.total, len(every)))
            found = {path: [mutant for mutant in every if mutant.path == path] for path in found}
        return {path: sorted(all, key=lambda mutant: mutant.number) for path, all in found.items()}

    def learn(self, changed: set[tuple[str, int]]) -> None:
        """Run every test once under a tracer; those that fail or take long are left out.

        Of functions without a changed line only the first is seen.
        """
        self.runs: dict[tuple[str, int], list[pytest.Item]] = {}
        self.took: dict[pytest.Item, float] = {}
        self.wide: dict[pytest.Item, int] = {}  # how many lines of the modules it executes
        seen: set[tuple[str, int]] = set()

        def local(frame: FrameType, event: str, _: object) -> Any:
            if event == "line":
                seen.add((frame.f_code.co_filename, frame.f_lineno))
            return local

        @functools.cache
        def holds(code: CodeType) -> bool:
            return any((code.co_filename, line) in changed for _, _, line in code.co_lines())

        def tracer(frame: FrameType, event: str, _: object) -> Any:
            code = frame.f_code
            if code.co_filename not in self.lines:
                return None
            seen.add((code.co_filename, code.co_firstlineno))
            return local if holds(code) else None

        started = used()
        for item, following in zip(self.items, [*self.items[1:], None], strict=True):
            seen.clear()
            began = used()
            sys.settrace(tracer)
            good = passes(item, following)
            sys.settrace(None)
            self.took[item] = used() - began
            if not good:
                print(f"fails unchanged: {item.nodeid}", file=self.out)
            elif self.took[item] <= self.chosen.slow:
                self.wide[item] = len(seen)
                for place in seen:
                    self.runs.setdefault(place, []).append(item)
        count = len(self.items)
        print(f"{count} tests, traced in {used() - started:.0f} seconds", file=self.out)

    def witnesses(self, mutant: Mutant) -> list[pytest.Item]:
        """The tests that execute a mutant, as many of the quickest and of those that execute little as time allows."""
        if not mutant.outer:
            found = self.runs.get((mutant.path, mutant.line), [])
        else:
            found = [item for (path, _), items in self.runs.items() if path == mutant.path for item in items]
            near = {item for at in mutant.scope for item in self.runs.get((mutant.path, at), [])}
            words = heirs(mutant)
            named = [item for item in self.wide if any(word in item.nodeid for word in words)]
            found = list(dict.fromkeys([*named, *found]))
        quick = sorted(found, key=lambda item: (mutant.outer and item not in near, self.took[item]))
        special = sorted(found, key=lambda item: (mutant.outer and item not in near, self.wide[item]))
        left, kept = self.chosen.seconds, dict[pytest.Item, None]()
        for item in (item for both in zip(quick, special, strict=True) for item in both):
            if item not in kept and left >= self.took[item]:
                left -= self.took[item]
                kept[item] = None
        return sorted(kept, key=lambda item: (-self.failed[item], self.took[item]))

    def module(self, path: str, picked: list[Mutant]) -> None:
        """Try mutants of a module and print their count."""
        text = Path(path).read_text("utf-8")
        name = str(Path(path).relative_to(ROOT))
        trees = ast.parse(text)
        ready = {mutant.number: mutant for mutant in mutants(path, trees)}
        whole = next((mutant for mutant in ready.values() if mutant.outer), None)
        slow = whole is not None and self.forked(None, trees, path, self.witnesses(whole)) != "survived"
        counts: Counter[str] = Counter()
        for mutant in picked:
            mutant = ready[mutant.number]
            items = self.witnesses(mutant)
            if not items:
                answer = "never run"
            elif mutant.outer and slow:
                answer = self.alone(mutant, items)
            else:
                answer = self.forked(mutant, trees, path, items)
                if answer == "survived" and self.chosen.verify:
                    answer = self.alone(mutant, items)
            counts[answer] += 1
            if answer in ("survived", "never run"):
                line = text.splitlines()[mutant.line - 1].strip()
                print(f"  {mutant.line}: {answer}: {mutant.said}: {line}", file=self.out)
        self.survived += counts["survived"] + counts["never run"]
        self.tried += len(picked)
        noticed = len(picked) - counts["survived"] - counts["never run"]
        rest = f", {counts['out of time']} of these by their time" if counts["out of time"] else ""
        print(f"{name}: {noticed} of {len(picked)} noticed{rest} ({len(ready)} possible)", file=self.out)

    def forked(self, mutant: Mutant | None, tree: ast.Module, path: str, items: list[pytest.Item]) -> str:
        """Whether tests notice a mutant (None: the module unchanged, executed again) in a fork of this process."""
        self.told[:] = bytes(8)
        child = os.fork()
        if child == 0:
            os._exit(self.notices(mutant, tree, path, items))
        status = os.waitpid(child, 0)[1]
        if at := int.from_bytes(self.told[:], "big"):
            self.failed[items[at - 1]] += 1
        if os.WIFSIGNALED(status):
            return "out of time" if os.WTERMSIG(status) in (signal.SIGALRM, signal.SIGPROF) else "noticed"
        return "noticed" if os.WEXITSTATUS(status) else "survived"

    def notices(self, mutant: Mutant | None, tree: ast.Module, path: str, items: list[pytest.Item]) -> int:
        """In the fork: 1 where a test fails."""
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            resource.setrlimit(resource.RLIMIT_AS, (16 << 30, 16 << 30))
            signal.setitimer(signal.ITIMER_PROF, 3 * sum(self.took[item] for item in items) + 5)
            signal.alarm(600)
            code = mutant.code(tree) if mutant else compile(tree, path, "exec", dont_inherit=True)
            (module,) = loaded(path)
            forget(module, tree)
            if mutant is None or mutant.outer:
                execute_again(module, code)
            else:
                codes = {mark(inner): inner for inner in inner_codes(code)}
                for function in self.functions[path]:
                    function.__code__ = codes.get(mark(function.__code__), function.__code__)
            for cache in self.caches:
                cache.cache_clear()
            for at, item in enumerate(items, 1):
                if not passes(item, None):
                    self.told[:] = at.to_bytes(8, "big")
                    return 1
            return 0
        except BaseException:
            return 1

    def alone(self, mutant: Mutant, items: list[pytest.Item]) -> str:
        """Whether tests notice a mutant in a process of their own, which imports the changed module."""
        command = [sys.executable, "-m", "pytest", "-qx", "-p", "tests.fuzz.mutants", "-p", "no:cacheprovider"]
        wanted = {**os.environ, VARIABLE: f"{mutant.path}:{mutant.number}"}
        command += [item.nodeid for item in items[:300]]
        done = subprocess.run(command, cwd=ROOT, env=wanted, capture_output=True)
        return "noticed" if done.returncode else "survived"


def loaded(path: str) -> list[ModuleType]:
    """The module of a file, where a test imported it."""
    return [module for module in list(sys.modules.values()) if getattr(module, "__file__", "") == path]


def heirs(mutant: Mutant) -> list[str]:
    """The names of the class around a mutant and of those that inherit from it."""
    family = [vars(module).get(mutant.within) for module in loaded(mutant.path)]
    for kind in family:
        family.extend(type.__subclasses__(kind) if isinstance(kind, type) else ())
    return [kind.__name__ for kind in family if isinstance(kind, type)]


def used() -> float:
    """Seconds that this process and those it started have used."""
    return sum(os.times()[:4])


def passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    """Run a test."""
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))


def import_changed(path: str, number: int) -> None:
    """Have a module imported with one change (in the process that `Trial.alone` starts)."""
    loader: Any = importlib.machinery.SourceFileLoader
    usual = loader.get_code

    def get_code(self: Any, name: str) -> Any:
        if self.path != path:
            return usual(self, name)
        tree = ast.parse(Path(path).read_text("utf-8"))
        return mutants(path, tree)[number].code(tree)

    loader.get_code = get_code


def main(argv: list[str] | None = None) -> int:
    """Try mutants; 0 where none survives."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="+", help="files, each with :LINE,LINE where only these matter")
    parser.add_argument("--tests", nargs="+", default=[f"tests/test_{name}.py" for name in TESTS.split()])
    parser.add_argument("--sample", type=int, default=0, help="mutants a module; default: all")
    parser.add_argument("--total", type=int, default=0, help="mutants of all modules together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20, help="of tests for one mutant")
    parser.add_argument("--slow", type=float, default=3, help="seconds from which a test is left out")
    parser.add_argument("--verify", action="store_true", help="try survivors in a process of their own")
    chosen = parser.parse_args(argv)
    trial = Trial(chosen)
    options = ["-qq", "--no-header", "--tb=native", "--assert=plain", "--capture=sys", "-p", "no:cacheprovider"]
    status = pytest.main([*options, *chosen.tests], plugins=[trial])
    return 1 if trial.survived or status not in (0, 5) else 0


if __name__ == "__main__":
    sys.exit(main())
elif VARIABLE in os.environ:
    changed, _, which = os.environ[VARIABLE].rpartition(":")
    import_changed(changed, int(which))
