"""Many small rows in one test: as tests of their own each would take longer to start than to run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

Row = TypeVar("Row")


def each(rows: Sequence[Row], name: Callable[[Row], str]) -> Callable[[Callable[[Row], None]], Callable[[], None]]:
    """Make a check of one row a test of all: it fails with the names of all rows that fail, and what each of them says.

    Only for checks that leave nothing behind, with a row as their only argument.
    """

    def decorated(check: Callable[[Row], None]) -> Callable[[], None]:
        def test() -> None:
            failed = []
            for row in rows:
                try:
                    check(row)
                except (Exception, pytest.fail.Exception) as error:
                    failed.append(f"{name(row)}: {type(error).__name__}: {error}")
            assert rows, "there are no rows"
            if failed:
                pytest.fail(f"{len(failed)} of {len(rows)} rows\n" + "\n".join(failed), pytrace=False)

        test.__name__, test.__doc__, test.__module__ = check.__name__, check.__doc__, check.__module__
        return test

    return decorated
