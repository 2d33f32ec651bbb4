"""Steps with formulas, counted while a command runs: steps, not seconds, so that every machine stops at one place."""

from __future__ import annotations

from cnncalc.core.problem import Fault

# Terms and parts of formulas that are made, compared and written: about three seconds.
MOST_STEPS = 1_200_000


class Steps:
    """Steps that were spent. Whoever is first to `begin` counts for all that happens inside."""

    __slots__ = ("held", "spent")

    def __init__(self) -> None:
        self.spent = 0
        self.held = False

    def begin(self) -> None:
        """Count from 0, unless a command is running that counts for itself."""
        if not self.held:
            self.spent = 0

    def again(self) -> None:
        """Count from 0: a process that answers one text after another has as many steps for each."""
        self.spent = 0

    def check(self, share: float = 1.0) -> None:
        """Raise where more than all, or a share of it, is spent."""
        if self.spent > MOST_STEPS * share:
            raise Fault(
                "formula-too-long",
                f"the formulas of this network take more than {MOST_STEPS:,} steps",
                help="--set gives symbolic dimensions their values",
            )


STEPS = Steps()
