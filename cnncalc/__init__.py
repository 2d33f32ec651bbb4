"""cnncalc: shapes, parameters and costs of neural networks, with the reason.

import cnncalc

report = cnncalc.load("resnet50").report()
report["conv1"].output_shape, report.totals.params
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

if TYPE_CHECKING:
    from cnncalc.api import Network, Page, Picture, Report, Solutions, from_dict, load, loads
    from cnncalc.core.problem import Problem, SpecError
    from cnncalc.execute.execution import Execution as Run
    from cnncalc.network.report import Totals
    from cnncalc.network.row import Row

__all__ = [
    "Network",
    "Page",
    "Picture",
    "Problem",
    "Report",
    "Row",
    "Run",
    "Solutions",
    "SpecError",
    "Totals",
    "from_dict",
    "load",
    "loads",
]

_HOMES = {
    "Network": "api",
    "Page": "api",
    "Picture": "api",
    "from_dict": "api",
    "load": "api",
    "loads": "api",
    "Problem": "core.problem",
    "SpecError": "core.problem",
    "Report": "api",
    "Solutions": "api",
    "Row": "network.row",
    "Totals": "network.report",
    "Run": "execute.execution",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"cnncalc.{home}"), "Execution" if name == "Run" else name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
