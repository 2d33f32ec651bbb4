"""Run the benchmark: `python -m benchmarks [startup scale ...] [--runs N] [--json FILE]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path


def machine() -> dict[str, str]:
    """What it ran on."""
    import numpy

    found = {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "system": f"{platform.system()} {platform.machine()}",
        "processors": str(os.cpu_count()),
    }
    for name in ("torch", "torchinfo", "typer", "rich"):
        try:
            from importlib.metadata import version

            found[name] = version(name)
        except ImportError:
            found[name] = "not installed"
    return found


def main() -> int:
    """Measure, print a table, write JSON."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", str(os.cpu_count()))
    from benchmarks.rows import GROUPS

    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; without any, all")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    words = parser.parse_args()
    lines = []
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    for name in words.groups or GROUPS:
        try:
            for line in GROUPS[name](words.runs):
                lines.append(line)
                print(
                    f"{line.what:48} {line.figure:10.2f} {line.unit:14} {line.reach:8} against {line.against}",
                    flush=True,
                )
        except ImportError as error:
            print(f"{name}: not measured, {error.name} is not installed")
    if words.json:
        words.json.write_text(json.dumps({"machine": machine(), "rows": [line.to_dict() for line in lines]}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
