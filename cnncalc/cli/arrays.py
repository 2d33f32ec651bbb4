"""The arrays that `cnncalc run` prints: which, from where, and in what form."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from cnncalc.cli.output import print_problems
from cnncalc.core.problem import Fault, Problem, fail
from cnncalc.expression.shape_text import at_top
from cnncalc.pages.run import Origin, Shown
from cnncalc.query import ask
from cnncalc.render.array import MOST, edges, shape

if TYPE_CHECKING:
    from cnncalc.execute.execution import Execution
    from cnncalc.execute.kernel import Array
    from cnncalc.network.network import Network
    from cnncalc.network.report import Report
    from cnncalc.query.scope import NetworkScope


def chosen(report: Report, texts: list[str]) -> list[str]:
    """The names to show: what was asked for, with `outputs`, `weights` and `all` opened; else inputs and output."""
    graph = report.graph
    if not texts:
        return [*(given.name for given in graph.inputs), "output"]
    own = {row.name for row in report.rows} | set(graph.blocks)
    called = [row for row in report.rows if not row.unused]
    outputs = [*(given.name for given in graph.inputs), *(row.name for row in called)]
    weights = [f"{row.name}.{name}" for row in report.rows for name in (*row.weights, *row.buffers)]
    every = outputs[: len(graph.inputs)]
    for row in called:
        every += [row.name, *(f"{row.name}.{name}" for name in (*row.ports, *row.facts.inside))]
    many = {"outputs": outputs, "weights": weights, "all": [*every, *weights]}
    found: list[str] = []
    for text in texts:
        for name in filter(None, map(str.strip, at_top(text, ","))):
            found += many[name] if name in many and name not in own else [name]
    return list(dict.fromkeys(found))


def executed(
    report: Report, given: object, names: list[str], seed: int, batch: int | None, dtype: str, limit: str | None
) -> Any:
    """The network run, with the arrays kept that the names need."""
    from cnncalc.cli.execution import check_dtype, size
    from cnncalc.execute import run
    from cnncalc.render.progress import progress

    check_dtype(dtype)
    graph = report.graph
    known = {graph.label(number): graph.label(number) for number in range(len(graph.inputs) + len(graph.nodes))}
    known |= {f"{row.name}.{port}": f"{row.name}.{port}" for row in report.rows for port in row.ports}
    known |= {f"{row.name}.{name}": "" for row in report.rows for name in (*row.weights, *row.buffers)}
    known["output"] = ""
    keep: Any = [known[name] for name in names if name in known]
    others = [name for name in names if name not in known]
    if others:  # what layers make on their way is made again from what they take
        inside = {f"{row.name}.{name}": row.sources for row in report.rows for name in row.facts.inside}
        keep += [source for name in others for source in inside.get(name, ())]
    if others and not inside.keys() >= set(others):
        keep = "all"  # an expression may need any
    options = {"values": given, "seed": seed, "batch": batch, "dtype": dtype, "keep": keep}
    options["memory_limit"] = size(limit) if limit is not None else None
    with progress() as show:
        return run.execute(report, **options, progress=show)


class Written:
    """Makes nested lists of arrays. With `brief` a long one keeps its edges alone; the others have a bound together."""

    def __init__(self, brief: bool) -> None:
        self.brief = brief
        self.total = 0
        self.whole: Array | None = None

    def __call__(self, value: Any) -> object:
        """What an expression gave, without handles; `whole` is the array if the lists are its edges. Raises `Fault`."""
        self.whole = None
        if not hasattr(value, "tolist"):
            return ask.settled(value)
        count = prod(value.shape)
        if self.brief and count > MOST:
            self.whole = value.array
            return edges(self.whole).tolist()
        made = ask.settled(value)
        self.total += count
        _bounded(self.total)
        return made


def _bounded(numbers: int) -> None:
    """Raise `Fault` for more numbers than are printed together."""
    if numbers > ask.MOST_NUMBERS:
        raise Fault(
            "array-too-long",
            f"the arrays to print have more than {ask.MOST_NUMBERS:,} numbers together",
            help=["print fewer of them", "--save FILE writes them to a file"],
        )


def counted(report: Report, names: list[str]) -> None:
    """Raise `Fault` for layers and weights that are too long together to be printed whole, before anything runs."""
    sizes = {row.name: row.output_shape for row in report.rows}
    sizes |= {
        f"{row.name}.{name}": shape
        for row in report.rows
        for name, shape in (*row.weights.items(), *row.buffers.items())
    }
    _bounded(sum(prod(map(int, sizes.get(name, (0,)))) for name in names))


def shown(network: Network, report: Report, execution: Execution, names: list[str], brief: bool = False) -> list[Shown]:
    """Each name's array (of the first sample) as nested lists. Raises `SpecError` for what there is not.

    With `brief`, of arrays that are printed by their edges nothing else is made a list.
    """
    from cnncalc.query.scope import NetworkScope
    from cnncalc.query.values import LayerValue

    scope = NetworkScope(report, lambda: execution, samples=lambda: execution.batch if execution.batched else 0)
    written = Written(brief)
    found = []
    for name in names:
        part = scope.part(name)
        if part is not None and part.cnncalc_attribute("shape") is None:
            fail("no-value", f"{name} has no output")
        value = ask.ask(network, report, name if part is None else f"{name}.output", scope, written)
        found.append(Shown(name, value, part.row.type if isinstance(part, LayerValue) else "", written.whole))
    remark(scope)
    return found


def long(value: object) -> bool:
    """Whether an array would be shown by its edges."""
    return isinstance(value, list) and prod(shape(value) or [0]) > MOST


def whole(report: Report, execution: Execution, items: list[Shown]) -> dict[str, Array]:
    """The arrays of the names with every sample, batch axis first; weights and values of expressions as they are."""
    import numpy as np

    arrays: dict[str, Array] = {}
    for item in items:
        block = report.graph.blocks.get(item.name)
        try:
            arrays[item.name] = execution[item.name if block is None else report.graph.label(block.output)]
        except KeyError:
            arrays[item.name] = np.asarray(item.value) if item.whole is None else item.whole
    return arrays


def remark(names: NetworkScope) -> None:
    """Say on standard error what derivatives had to choose."""
    print_problems([Problem("tied-maximum", text, severity="note") for text in names.remarks])


def remark_chance(execution: Execution) -> None:
    """Say on standard error what training would leave to chance."""
    from cnncalc.execute.train import by_chance

    drops = by_chance(execution.report) if execution.report.graph.training else []
    if drops:
        some = ", ".join(drops[:5]) + (f" and {len(drops) - 5} more" if len(drops) > 5 else "")
        text = f"{some}: what training drops is chance; here everything is passed on"
        print_problems([Problem("chance-left-out", text, severity="note")])


def remark_left_out(names: Any) -> None:
    """Where some arrays were given and others were not, say on standard error what stands for those."""
    from cnncalc.pages.run import said

    if names.executed is None or not names.executed.given:
        return
    found = origin(names.report, names.executed)
    text = "; ".join(said(found._replace(given=[])))
    if text:
        print_problems([Problem("values-left-out", f"not given: {text}", severity="note")])


def origin(report: Report, execution: Execution) -> Origin:
    """Which inputs and weights were given, which are neutral, and which were drawn."""
    from cnncalc.execute.given_values import owner
    from cnncalc.execute.random_weights import STATISTICS

    known: dict[Any, str] = {}
    places: dict[str, object] = {}
    for number, taken in enumerate(report.graph.inputs):
        places[taken.name] = known_place = (number, "")
        known[known_place] = taken.name
    for index, row in enumerate(report.rows):
        for name in (*row.weights, *row.buffers):
            place = owner(report, index, name)
            places[f"{row.name}.{name}"] = place
            known.setdefault(place, f"{row.name}.{name}")
    given = {places[name] for name in execution.given if name in places}
    named: dict[str, list[str]] = {"given": [], "neutral": [], "drawn": []}
    moved = report.graph.training  # by a batch: what they were before changes nothing but themselves
    for place, name in known.items():
        if moved and place in execution.neutral and name.rpartition(".")[2] in STATISTICS:
            continue
        kind = "given" if place in given else "neutral" if place in execution.neutral else "drawn"
        named[kind].append(name)
    return Origin(**named, seed=execution.seed)
