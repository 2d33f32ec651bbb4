"""Run the benchmark: `python -m benchmarks [startup scale ...] [--runs N]`; `--page` writes docs/performance.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HOME = Path(__file__).parent
RESULTS = HOME / "results.json"
PAGE = HOME.parent / "docs" / "performance.md"


def machine(runs: int) -> dict[str, Any]:
    """What it ran on."""
    found: dict[str, Any] = {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": str(os.cpu_count()),
        "threads": os.environ.get("OPENBLAS_NUM_THREADS", "all"),
    }
    for name in ("numpy", "torch", "torchvision", "torchinfo", "onnx", "typer", "rich"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return {**found, "date": date.today().isoformat(), "runs": runs}


def main() -> int:
    """Measure, print a table, keep the figures as JSON; or write the page from those that were kept."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", str(os.cpu_count()))
    import cnncalc.execute  # noqa: F401  before NumPy is loaded: it tells BLAS how long its threads wait
    from benchmarks import editor, files, forward, live, rows, spellings
    from benchmarks.page import page
    from benchmarks.timing import Others

    groups = {
        "startup": rows.startup,
        "files": files.lines,
        "torchinfo": rows.torchinfo,
        "scale": rows.scale,
        "peaks": rows.peaks,
        "spellings": spellings.lines,
        "solve": rows.solving,
        "forward": forward.forward,
        "forward_alone": forward.forward_alone,
        "reference": forward.reference,
        "memory": forward.memory,
        "backward": forward.backward,
        "exactness": forward.exactness,
        "costs": rows.costs,
        "editor": editor.lines,
        "live": live.lines,
    }
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(groups)}; without any, all")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures are kept")
    parser.add_argument("--page", action="store_true", help="measure nothing; write docs/performance.md")
    words = parser.parse_args()
    kept = json.loads(words.json.read_text()) if words.json.exists() else {}
    if words.page:
        PAGE.write_text(page(kept))
        return 0
    for name in words.groups or groups:
        where, lines, missing = machine(words.runs), [], None
        others = Others()
        try:
            for line in groups[name](words.runs):
                lines.append(line)
                said = {True: "", False: "NOT REACHED", None: ""}[line.reached]
                print(
                    f"{line.what:56} {line.figure:10.3g} {line.unit:13} {line.reach:8} {said:12} {line.against}",
                    flush=True,
                )
        except ImportError as error:
            missing = error.name
            print(f"{name}: not measured, {missing} is not installed")
        where["others"] = others.processors()
        kept[name] = {"machine": where, "rows": [line.to_dict() for line in lines], "missing": missing}
        words.json.write_text(json.dumps(kept, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
