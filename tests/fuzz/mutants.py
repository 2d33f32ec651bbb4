"""Mutation testing by hand: one operator or number of a module changed at a time, and whether a test notices.

    python -m tests.fuzz.mutants cnncalc/window.py --sample 40 tests/test_torch_cases.py tests/test_bounds.py

The tree is copied first; the checkout is not touched. Survivors are printed with their lines as they are found.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAIRS = (
    (ast.Add, ast.Sub),
    (ast.Mult, ast.FloorDiv),
    (ast.Lt, ast.LtE),
    (ast.Gt, ast.GtE),
    (ast.Eq, ast.NotEq),
    (ast.And, ast.Or),
    (ast.Is, ast.IsNot),
    (ast.In, ast.NotIn),
)
SWAPS: dict[Any, Any] = {**dict(PAIRS), **{other: one for one, other in PAIRS}}


def mutants(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, what was changed, and the changed module."""
    count = sum(1 for _ in ast.walk(ast.parse(text)))
    for at in range(count):
        tree = ast.parse(text)
        node: Any = list(ast.walk(tree))[at]
        said = ""
        if isinstance(node, (ast.BinOp, ast.BoolOp)) and type(node.op) in SWAPS:
            said = f"{type(node.op).__name__} -> {SWAPS[type(node.op)].__name__}"
            node.op = SWAPS[type(node.op)]()
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
            said = f"{type(node.ops[0]).__name__} -> {SWAPS[type(node.ops[0])].__name__}"
            node.ops[0] = SWAPS[type(node.ops[0])]()
        elif isinstance(node, ast.Constant) and type(node.value) in (int, bool):
            said = f"{node.value} -> {node.value + 1 if type(node.value) is int else not node.value}"
            node.value = node.value + 1 if type(node.value) is int else not node.value
        if said:
            yield node.lineno, said, ast.unparse(tree)


def main(argv: list[str] | None = None) -> int:
    """Try a sample of mutants; 0 where none survives."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("module")
    parser.add_argument("tests", nargs="+")
    parser.add_argument("--sample", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(argv)
    text = (ROOT / chosen.module).read_text("utf-8")
    found = list(mutants(text))
    picked = random.Random(chosen.seed).sample(found, min(chosen.sample, len(found)))
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in ("cnncalc", "specs", "docs", "tests"):
            shutil.copytree(ROOT / name, Path(folder) / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("README.md", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)
        environment = {**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}

        def passes() -> bool:
            command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *chosen.tests]
            try:
                return (
                    subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=60).returncode
                    == 0
                )
            except subprocess.TimeoutExpired:
                return False

        if not passes():
            print("the tests fail without any change, or take more than a minute")
            return 2
        for line, said, changed in picked:
            (Path(folder) / chosen.module).write_text(changed, "utf-8")
            if passes():
                survived += 1
                print(f"  {line}: {said}: {text.splitlines()[line - 1].strip()}", flush=True)
    print(f"{chosen.module}: {len(picked) - survived} of {len(picked)} noticed ({len(found)} possible)", flush=True)
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
