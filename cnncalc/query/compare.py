"""Two networks side by side: sums, ratios, and their layers aligned by name and kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from cnncalc.core.number import Number
from cnncalc.cost.convention import Convention
from cnncalc.cost.cost import Cost
from cnncalc.cost.sizes import SIZES, every
from cnncalc.network.report import Report
from cnncalc.network.row import Row, plain
from cnncalc.query.ask import known

# What is compared, and how each sum is called in the JSON document.
COUNTED = ("params", "trainable", "macs", "dense_params", "bytes")
KEYS = (*COUNTED, *SIZES)

Pair = tuple["Row | None", "Row | None"]


class Comparison:
    """Two reports; `convention` says how many bytes a parameter has."""

    def __init__(self, a: Report, b: Report, convention: Convention | None = None) -> None:
        convention = convention or Convention()
        self.a = a
        self.b = b
        self.convention = convention
        costs = Cost(a, convention), Cost(b, convention)
        self.sums = (_sums(costs[0]), _sums(costs[1]))
        # The settings of the convention that make no difference in either.
        self.unused = [name for name in costs[0].unused() if name in costs[1].unused()]
        self.pairs = aligned(a.rows, b.rows)

    def ratio(self, key: str) -> float | None:
        """a / b; None where b has none, or where one is a formula."""
        a, b = (sums[key] for sums in self.sums)
        return a / b if type(a) is int and type(b) is int and b else None

    def difference(self, key: str) -> Number | None:
        """a - b; None where one is not known."""
        a, b = (sums[key] for sums in self.sums)
        return None if a is None or b is None else a - b

    def saved(self, key: str) -> float | None:
        """The part of a that b saves, below 0 where b needs more."""
        a, b = (sums[key] for sums in self.sums)
        return (a - b) / a if type(a) is int and type(b) is int and a else None

    def sentence(self) -> str:
        """Which of the two is smaller, and whether it is cheaper too."""
        first, second = self.a.name, self.b.name
        if first == second:
            first, second = f"the first {first}", f"the second {second}"
        (a, b), (m, n) = ((s[0], s[1]) for s in ([sums[key] for sums in self.sums] for key in ("params", "macs")))
        whole = [number for number in (a, b, m, n) if type(number) is int]
        if len(whole) < 4:
            return ""
        a, b, m, n = whole
        if a > b:
            first, second, a, b, m, n = second, first, b, a, n, m
        if a == b:
            text = f"{first} and {second} have as many parameters"
            return text if m == n else f"{text}; {first} {_macs(m, n)}"
        words = f"{first} has {_times(b, a)} fewer parameters than {second}" if a else f"{first} has no parameters"
        joint = "but" if m > n else "and"
        return f"{words}, {joint} {_macs(m, n)}"

    def to_dict(self) -> dict[str, object]:
        """The JSON document; a ratio is a / b."""
        a, b = self.sums
        return {
            "a": {"name": self.a.name, **{key: plain(value) for key, value in a.items()}},
            "b": {"name": self.b.name, **{key: plain(value) for key, value in b.items()}},
            "ratio": {key: self.ratio(key) for key in KEYS},
            "difference": {key: plain(self.difference(key)) for key in KEYS},
            "saved": {key: self.saved(key) for key in KEYS},
            "layers": [_pair(one, other) for one, other in self.pairs],
        }


def _times(larger: int, smaller: int) -> str:
    ratio = larger / smaller
    return f"{ratio:,.0f} times" if ratio >= 1000 else f"{ratio:.4g} times"


def _macs(mine: int, other: int) -> str:
    if mine == other:
        return "needs as many multiply-accumulates"
    if mine > other:
        return f"needs {_times(mine, other)} as many multiply-accumulates" if other else "alone needs products"
    return f"needs {_times(other, mine)} fewer multiply-accumulates" if mine else "needs no products"


def _sums(cost: Cost) -> dict[str, Number | None]:
    totals = cost.report.totals
    with known(cost.report):
        sizes = every(cost)
    return sizes | {
        "params": totals.params,
        "trainable": totals.trainable,
        "macs": totals.macs,
        "dense_params": totals.dense,
        "bytes": cost.convention.bytes(totals.params, "weights"),
    }


def _pair(one: Row | None, other: Row | None) -> dict[str, object]:
    row = one or other
    assert row is not None
    return {"type": row.type, "a": _layer(one), "b": _layer(other)}


def _layer(row: Row | None) -> dict[str, object] | None:
    if row is None:
        return None
    shape = [plain(size) for size in row.output_shape]
    return {"name": row.name, "output_shape": shape, "params": plain(row.params), "macs": plain(row.macs)}


def aligned(a: list[Row], b: list[Row]) -> list[Pair]:
    """Rows with the same name and type together, of the rest the first of a type with the first, and so on.

    In the order of a; what only b has stands after what stands before it in b.
    """
    partner = _partners(a, b)
    back = {there: here for here, there in partner.items()}
    alone: dict[int, list[int]] = defaultdict(list)  # rows of b without a partner, by the row of a they follow
    last = -1
    for number in range(len(b)):
        if number in back:
            last = back[number]
        else:
            alone[last].append(number)
    pairs: list[Pair] = [(None, b[number]) for number in alone[-1]]
    for number, row in enumerate(a):
        pairs.append((row, b[partner[number]] if number in partner else None))
        pairs.extend((None, b[other]) for other in alone[number])
    return pairs


def _partners(a: list[Row], b: list[Row]) -> dict[int, int]:
    """The numbers of rows of b that go with rows of a."""
    named = {(row.name, row.type): number for number, row in enumerate(b)}
    partner = {number: named[key] for number, row in enumerate(a) if (key := (row.name, row.type)) in named}
    taken = set(partner.values())
    left: dict[str, Iterator[int]] = {}
    for kind, numbers in _by_type(b, taken).items():
        left[kind] = iter(numbers)
    for number, row in enumerate(a):
        if number not in partner:
            other = next(left.get(row.type, iter(())), None)
            if other is not None:
                partner[number] = other
    return partner


def _by_type(rows: list[Row], without: set[int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        if number not in without:
            found[row.type].append(number)
    return found
