"""The arithmetic of one number after a step that was done otherwise, in words and numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cnncalc.grading.question.worked import listed, power, short
from cnncalc.network.row import Row
from cnncalc.query.scope import NetworkScope

if TYPE_CHECKING:
    from cnncalc.execute.kernel import Array

Place = tuple[int, ...]
How = Callable[[str, Place], str] | None


def how(name: str, names: NetworkScope, row: Row) -> How:
    """What says how one number came about with the mistake of that name; None where nothing does."""
    make = _OF.get(name)
    if make is None or (row.type not in ("Softmax", "LogSoftmax", "Attention") and name not in _ANYWHERE):
        return None

    def said(attribute: str, place: Place) -> str:
        if row.type == "Attention" and attribute not in ("attention", "scores"):
            return ""
        try:
            return make(*_input(names, row), place)
        except (IndexError, KeyError, ValueError, OverflowError):
            return ""

    return said


def _input(names: NetworkScope, row: Row) -> tuple[Array, int]:
    """What a softmax takes, and along which axis."""
    if row.type == "Attention":
        number = len(names.report.graph.inputs) + names.report.graph.nodes.index(row.node)
        scores = names.run.value((number, "scores"))[0]
        return scores.reshape(scores.shape[-2:]), -1
    x = names.run.value(row.node.inputs[0])[0]
    dim = row.layer.__dict__.get("dim")
    return x, -1 if dim is None or dim < 0 else dim - 1


def _line(x: Array, axis: int, place: Place) -> list[float]:
    """The numbers along an axis through a place."""
    import numpy as np

    return [float(v) for v in np.moveaxis(x, axis, -1)[tuple(at for n, at in enumerate(place) if n != axis % x.ndim)]]


def _at(x: Array, place: Place) -> float:
    return float(x[place[-x.ndim :]])


def _sum_of_powers(values: list[float]) -> tuple[str, float]:
    import numpy as np

    return listed([power(v) for v in values]), float(np.exp(values).sum())


def _over(x: Array, values: list[float], place: Place) -> str:
    import numpy as np

    here = _at(x, place)
    under, value = _sum_of_powers(values)
    return f"{power(here)}/({under}) = {short(np.exp(here))}/{short(value)} = {short(np.exp(here) / value)}"


def _not_divided(x: Array, axis: int, place: Place) -> str:
    import numpy as np

    here = _at(x, place)
    under, value = _sum_of_powers(_line(x, axis, place))
    return f"{power(here)} = {short(np.exp(here))}, to be divided by {under} = {short(value)}"


def _columns(x: Array, axis: int, place: Place) -> str:
    return _over(x, _line(x, -2, place), place)


def _all(x: Array, axis: int, place: Place) -> str:
    return _over(x, [float(v) for v in x.reshape(-1)], place)


def _plain(x: Array, axis: int, place: Place) -> str:
    values, here = _line(x, axis, place), _at(x, place)
    return f"{short(here)}/({listed([short(v) for v in values])}) = {short(here / sum(values))}"


def _scores(x: Array, axis: int, place: Place) -> str:
    return f"{short(_at(x, place))} is the score, to become {_over(x, _line(x, axis, place), place)}"


def _turned(x: Array, axis: int, place: Place) -> str:
    return _over(-x, _line(-x, axis, place), place)


def _sigmoid(x: Array, axis: int, place: Place) -> str:
    import numpy as np

    here = _at(x, place)
    return f"1/(1 + {power(-here)}) = {short(1 / (1 + np.exp(-here)))}"


def _log(x: Array, axis: int, place: Place) -> str:
    import numpy as np

    values, here = _line(x, axis, place), _at(x, place)
    return f"ln({short(np.exp(here) / np.exp(values).sum())}) = {short(here - np.log(np.exp(values).sum()))}"


def _alike(x: Array, axis: int, place: Place) -> str:
    count = len(_line(x, axis, place))
    return f"1/{count} = {short(1 / count)}"


def _largest(x: Array, axis: int, place: Place) -> str:
    import numpy as np

    values, here = _line(x, axis, place), _at(x, place)
    return f"{power(here)}/{power(max(values))} = {short(np.exp(here - max(values)))}"


def _powers_of_two(x: Array, axis: int, place: Place) -> str:
    values, here = _line(x, axis, place), _at(x, place)
    under = listed([f"2^{short(v)}" for v in values])
    return f"2^{short(here)}/({under}) = {short(2**here / sum(2**v for v in values))}"


def _absolute(x: Array, axis: int, place: Place) -> str:
    return f"|{short(_at(x, place))}| = {short(abs(_at(x, place)))}"


_ANYWHERE = ("signs dropped: the absolute value in place of ReLU",)
_OF: dict[str, Callable[[Array, int, Place], str]] = {
    "exponentials not divided by their sum: not normalised": _not_divided,
    "divided by the sum without exponentials": _plain,
    "normalised over all numbers, not along one axis": _all,
    "normalised over all numbers, not along rows": _all,
    "softmax along columns, not along rows": _columns,
    "softmax forgotten: scores taken as attention": _scores,
    "the sign in the exponent lost": _turned,
    "sigmoid of each number, not softmax": _sigmoid,
    "the logarithm of the softmax": _log,
    "all positions alike: a mean of the values": _alike,
    "divided by the largest, not by the sum": _largest,
    "powers of 2 in place of exponentials": _powers_of_two,
    "signs dropped: the absolute value in place of ReLU": _absolute,
}
