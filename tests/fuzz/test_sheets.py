"""Sheets that nobody should hand in are graded or refused within the bounds."""

from __future__ import annotations

from tests.fuzz import sheets


def test_every_sheet_is_graded_within_its_bounds(tmp_path):
    for number in range(len(sheets.FAMILIES) * 8):
        outcome, words = sheets.tried(11, number, str(tmp_path))
        assert not outcome.finding, (words, outcome.finding)
