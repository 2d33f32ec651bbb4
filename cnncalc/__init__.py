"""cnncalc: shapes, parameters and costs of neural networks, with the reason.

import cnncalc

report = cnncalc.load("resnet50").report()
report["conv1"].output_shape, report.totals.params
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from cnncalc.api import Network, Page, Picture, Report, from_dict, load, loads
    from cnncalc.core.problem import Problem, SpecError

__all__ = ["Network", "Page", "Picture", "Problem", "Report", "SpecError", "from_dict", "load", "loads"]

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
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"cnncalc.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
