"""The Python interface: networks, reports and pages that show themselves, in a terminal and in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from cnncalc import loading
from cnncalc.core.number import grouped
from cnncalc.core.problem import SpecError
from cnncalc.document import Document
from cnncalc.network import network, report

if TYPE_CHECKING:
    from pandas import DataFrame

    from cnncalc.diagram.model import Diagram
    from cnncalc.execute.execution import Execution


class Page:
    """What a command prints: as text, and in a notebook as HTML, Markdown or LaTeX."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def __repr__(self) -> str:
        from cnncalc.render import plain

        return plain.render(self.document).rstrip("\n")

    def _repr_html_(self) -> str:
        from cnncalc.render.html import body

        return "\n".join(body(self.document))

    def _repr_markdown_(self) -> str:
        from cnncalc.render import markdown

        return markdown.render(self.document)

    def _repr_latex_(self) -> str:
        """For notebooks that become a paper: a fragment, whose first line names the packages that it needs."""
        from cnncalc.render import latex

        return latex.render(self.document, fragment=True)


class Picture:
    """A diagram: as text, and in a notebook as SVG."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram

    def __repr__(self) -> str:
        from cnncalc.diagram.formats import text

        return text.render(self.diagram).rstrip("\n")

    def _repr_svg_(self) -> str:
        from cnncalc.diagram.formats import svg
        from cnncalc.diagram.styles import boxes

        return svg.render(boxes.scene(self.diagram))


class Solutions(Page):
    """The combinations that a search found, the smallest network first: a table, and `values` as dictionaries."""

    def __init__(self, document: Document, values: list[dict[str, object]]) -> None:
        super().__init__(document)
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[dict[str, object]]:
        return iter(self.values)


class Report(report.Report):
    """A propagated network: `report["conv1"]`, `report.totals`, iteration over rows. It shows itself as a table."""

    __slots__ = ()

    def page(self) -> Page:
        """The table of shapes and parameters."""
        from cnncalc.pages import shapes

        return Page(shapes.page(self))

    def __repr__(self) -> str:
        return repr(self.page())

    def _repr_html_(self) -> str:
        return self.page()._repr_html_()

    def _repr_latex_(self) -> str:
        return self.page()._repr_latex_()

    def to_pandas(self) -> DataFrame:
        """The layers as a data frame: name, type, output shape, parameters, trainable ones, MACs. Needs pandas."""
        from pandas import DataFrame

        rows = [row.to_dict() for row in self.rows]
        names = ("name", "type", "output_shape", "params", "trainable", "macs")
        return DataFrame([{name: row[name] for name in names} for row in rows])


class Network(network.Network):
    """A network with its settings: what the commands say of it, as objects that show themselves."""

    def report(self, **settings: object) -> Report:
        """Shapes, parameters and costs, with `settings` in place of what `let` says. Raises `SpecError`."""
        found = super().report(**settings)
        shown = Report(found.graph)
        for base in report.Report.__mro__:
            for name in getattr(base, "__slots__", ()):
                setattr(shown, name, getattr(found, name))
        for row in shown.rows:
            row._report = shown
        return shown

    def __repr__(self) -> str:
        return f"<cnncalc.Network {self.name}>"

    def _repr_html_(self) -> str:
        return self.report()._repr_html_()

    @grouped()
    def explain(self, *names: str) -> Page:
        """How the numbers of layers, blocks, types or the total come about; of all layers without names."""
        from cnncalc.cost.convention import Convention
        from cnncalc.pages import explain
        from cnncalc.pages.named import named
        from cnncalc.query.select import select, sized
        from cnncalc.receptive.fields import Fields

        found = self.report()
        rows, totals = select(self, found, list(names))
        lines = named(found, Convention(), sized(self, found, list(names)))
        return Page(explain.page(found, rows, totals, sizes=lines, fields=Fields(found) if names and rows else None))

    def params(self, compare_dense: bool = False) -> Page:
        """Parameters: weights, biases and sums; beside them what fully connected layers would have."""
        from cnncalc.pages import params

        return Page(params.page(self.report(), compare_dense=compare_dense))

    @grouped()
    def check(self) -> Page:
        """What the spec expects, compared with the computed values."""
        from cnncalc.grading.check import check_all
        from cnncalc.pages import check
        from cnncalc.query.ask import scope

        found = check_all(self.expectations, scope(self, self.report()))
        return Page(check.page(self.name, found))

    def ask(self, expression: str) -> object:
        """The value of an expression: `conv1.params`, `total.macs / 2`."""
        from cnncalc.query.ask import ask

        return ask(self, self.report(), expression)

    def cost(self, dtype: str = "float32", batch: int = 1, optimizer: str = "adam") -> Page:
        """Multiply-accumulates, FLOPs and memory."""
        from cnncalc.cost.convention import Convention
        from cnncalc.cost.cost import Cost
        from cnncalc.pages import cost
        from cnncalc.query.ask import known

        found = self.report()
        with known(found):
            return Page(cost.page(Cost(found, Convention(dtype, batch, optimizer))))

    def solve(self, *want: str, by: str = "params", **ranges: str | Sequence[object]) -> Solutions:
        """The values of names for which all that is wanted holds: `solve("conv1.params < 400", width="4..32")`."""
        from cnncalc.pages import solve as page
        from cnncalc.solve import ranges as reading
        from cnncalc.solve.search import solve

        given = {
            name: list(reading.parse([f"{name}={some}"])[name]) if isinstance(some, str) else list(some)
            for name, some in ranges.items()
        }
        found = solve(self, given, want, by=by)
        return Solutions(page.page(found), [dict(one.values) for one in found.found])

    def run(self, values: Mapping[str, object] | None = None, seed: int = 0, **options: object) -> Execution:
        """Execute the network in NumPy; `run["conv1"]` is an array with the batch axis in front."""
        from cnncalc.execute.execution import Execution

        found = super().run(values, seed, **options)
        assert isinstance(found, Execution)
        return found

    def compare(self, other: Network) -> Page:
        """This network beside another one."""
        from cnncalc.cost.convention import Convention
        from cnncalc.pages import compare
        from cnncalc.query.compare import Comparison

        convention = Convention()
        return Page(compare.page(Comparison(self.report(), other.report(), convention), convention.dtype))

    def draw(self, depth: int | None = None, full: bool = False, inside: str | None = None) -> Picture:
        """The diagram; `inside` draws a layer's own."""
        from cnncalc.diagram.build import network as drawn
        from cnncalc.diagram.inside.build import inside as within

        found = self.report()
        return Picture(drawn(found, depth, full) if inside is None else within(found, inside, None, False))


def load(
    net: str,
    settings: Mapping[str, object] | None = None,
    set_files: Iterable[str] | None = None,
    input_shapes: Iterable[str] | None = None,
    *,
    layout: str | None = None,
    convention: str | None = None,
) -> Network:
    """The network that NET names: a chain, `-`, a file, or a bundled spec. Raises `SpecError`.

    `layout` and `convention` go before what the network says itself.
    """
    return _shown(loading.load(net, settings, set_files, input_shapes, layout=layout, convention=convention))


def loads(text: str, name: str = "spec", input_shapes: Iterable[str] | None = None) -> Network:
    """The network of a text: a spec, PyTorch source, a printed model, a `model.to_json()`. Raises `SpecError`."""
    return _shown(loading.loads(text, name, input_shapes))


def from_dict(mapping: Mapping[str, object], name: str = "spec") -> Network:
    """The network of a spec given as a mapping (what YAML or JSON would hold). Raises `SpecError`."""
    return _shown(loading.from_dict(mapping, name))


def _in_a_cell(error: SpecError) -> list[str]:
    """The lines that a notebook shows for an error: the problems with their places, and no traceback."""
    from cnncalc.render.diagnostic import render

    return render(error.problems, False).splitlines()


# IPython asks an exception for it; rendering stands above what raises.
setattr(SpecError, "_render_traceback_", _in_a_cell)  # noqa: B010 - no attribute of other programs


def _shown(found: network.Network) -> Network:
    made = Network.__new__(Network)
    made.__dict__.update(found.__dict__)
    return made
