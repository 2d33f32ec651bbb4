"""How much is done to find the mistakes behind wrong answers: one bound for a call, shared by all sheets.

Work is counted in layers that are looked at, those of many weights as several. What is not looked for is said, and no
answer's verdict depends on it.
"""

from __future__ import annotations

# For all answers of one call together, and for one of them.
MOST = 300_000
MOST_FOR_ONE = 150_000
# More for each file after the first: a folder may take as long as it is large.
EACH_FILE = 4_000
# What a sheet gets at least.
LEAST = 100


def share(sheets: int, files: int = 1) -> int:
    """What each of some sheets in some files gets; it depends on how many they are, and on nothing else."""
    return max(LEAST, (MOST + EACH_FILE * (files - 1)) // max(1, sheets))
