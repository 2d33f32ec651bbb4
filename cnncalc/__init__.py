"""cnncalc: shapes, parameters and costs of neural networks, with the reason.

import cnncalc

report = cnncalc.load("resnet50").report()
report["conv1"].output_shape, report.totals.params
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from cnncalc.core.problem import Problem, SpecError
    from cnncalc.loading import from_dict, load, loads
    from cnncalc.network.network import Network
    from cnncalc.network.report import Report

__all__ = ["Network", "Problem", "Report", "SpecError", "from_dict", "load", "loads"]

_HOMES = {
    "Network": "network.network",
    "from_dict": "loading",
    "load": "loading",
    "loads": "loading",
    "Problem": "core.problem",
    "SpecError": "core.problem",
    "Report": "network.report",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"cnncalc.{home}"), name)
