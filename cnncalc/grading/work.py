"""How much is done to find the mistakes behind wrong answers: one bound for a call, shared by all sheets.

Work is counted in layers that are looked at, those of many weights as several. What is not looked for is said, and no
answer's verdict depends on it.
"""

from __future__ import annotations

# For all answers of one call together, and for one of them.
MOST = 300_000
MOST_FOR_ONE = 150_000
# What a sheet gets at least.
LEAST = 100


def share(sheets: int) -> int:
    """What each of some sheets gets; what one gets depends on how many they are, and on nothing else."""
    return max(LEAST, MOST // max(1, sheets))
