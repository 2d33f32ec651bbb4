"""The helper that makes one test of many rows."""

from __future__ import annotations

import pytest
from rows import each


def test_every_row_is_checked_and_all_that_fail_are_named() -> None:
    checked = []

    @each([1, 2, 3, 4, 5], lambda row: f"row {row}")
    def test_rows(row: int) -> None:
        checked.append(row)
        if row == 4:
            with pytest.raises(ValueError):
                int("4")
        assert row not in (2, 5), f"{row} is wrong"

    with pytest.raises(pytest.fail.Exception) as caught:
        test_rows()
    assert checked == [1, 2, 3, 4, 5]
    lines = str(caught.value).splitlines()
    assert lines[0] == "3 of 5 rows"
    assert [line.partition(": ")[0] for line in lines if line.startswith("row ")] == ["row 2", "row 4", "row 5"]


def test_no_rows_are_no_test() -> None:
    with pytest.raises(AssertionError, match="there are no rows"):
        each([], str)(lambda row: None)()
