"""What an answer earns: all points of a right one, and of a wrong one what the key gives for its mistake."""

from __future__ import annotations

from cnncalc.core.problem import suggestion
from cnncalc.grading.result import Result
from cnncalc.spec.terms import Terms

CARRIED = {"full": 1.0, "half": 0.5, "none": 0.0}


def earned(result: Result, terms: Terms) -> float:
    """The points of an answer. Of two mistakes at once both must be in `partial`, and the lower points count."""
    if result.ok:
        return terms.points
    codes = result.codes
    if not codes:
        return 0
    if all(code in terms.partial for code in codes):
        return min(terms.points, *(terms.partial[code] for code in codes))
    return terms.points * CARRIED[terms.carried] if codes == ["carried"] else 0


def unknown(terms: Terms) -> tuple[str, str | tuple[str, ...]] | None:
    """The first code of `partial` that no mistake has, and some help; None where all are known."""
    if not terms.partial:
        return None
    from cnncalc.grading.kinds import kinds

    for code in terms.partial:
        if code not in kinds():
            return code, suggestion(code, list(kinds()), "cnncalc why mistakes lists their codes")
    return None


def written(points: float) -> str:
    """Points as people write them: `2`, `1.5`."""
    return f"{points:.10g}"
