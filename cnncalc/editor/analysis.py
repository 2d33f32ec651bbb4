"""What is known of a text that is being edited: its networks as far as they are right, and what is wrong.

Nothing here knows an editor or a protocol. Lines and columns count from 1, as everywhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.core.problem import Fault, Problem, Source, SpecError
from cnncalc.network.network import Network
from cnncalc.network.report import Report

if TYPE_CHECKING:
    from cnncalc.read.python.files.written import Written


class Model(NamedTuple):
    """One network of the text; `report` is None where nothing is known of it, else as far as it is right.

    `name` is what makes it; `written` says what the statements of Python source gave.
    """

    name: str
    report: Report | None
    whole: bool
    written: Written | None = None


class Analysis(NamedTuple):
    """What is known of a text: its networks, its problems, and the spec where it is one."""

    kind: str  # "spec" or "python"
    source: Source
    models: tuple[Model, ...]
    problems: tuple[Problem, ...]
    spec: Any = None

    @property
    def own_layers(self) -> bool:
        """Whether the layers stand in this text, and not in the one that it builds on."""
        thin = self.spec is not None and self.spec.thin is not None
        return not thin or re.search(r"^layers\s*:", self.source.text, re.M) is not None


def reported(network: Network) -> tuple[Report | None, tuple[Problem, ...]]:
    """The report as far as the network is right, and what is to be said of it."""
    try:
        report = network.report()
    except SpecError as error:
        partial: Any = getattr(error, "partial", None)
        return partial, (*network.notes, *error.problems)
    except Fault as fault:
        return None, (Problem(fault.code, fault.message, help=fault.help),)
    return report, tuple(network.notes)
