"""The options that commands share, and what they hold once they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, NamedTuple

from cnncalc.cli import left_out
from cnncalc.cli.declared import Argument, Context, Option, completing
from cnncalc.cli.unused_options import say
from cnncalc.core.problem import SpecError, fail, suggestion
from cnncalc.render.formats import ALIASES, FORMATS, unknown

if TYPE_CHECKING:
    from cnncalc.cli.unused_options import Given
    from cnncalc.core.layer import Layer
    from cnncalc.network.network import Network
    from cnncalc.network.report import Report


def nets(incomplete: str) -> list[str]:
    """Completions of NET: the bundled names."""
    from cnncalc.bundled import bundled

    return [name for name in bundled() if name.startswith(incomplete)]


def layers_of(ctx: Context, incomplete: str) -> list[str]:
    """Completions of a layer: the layers and blocks of the network that was named, none where it cannot be read."""
    from cnncalc.loading import load

    try:
        report = load(str(ctx.params.get("net") or "")).report()
    except (SpecError, OSError):
        return []
    names = [row.name for row in report.rows]
    blocks = dict.fromkeys(name.rpartition(".")[0] for name in names if "." in name)
    return [name for name in [*names, *blocks, "total"] if name.startswith(incomplete)]


def layer_names(help: str) -> Argument:
    """The argument of a command that takes names of layers, or none for all of them."""
    return Argument(metavar="[LAYER]...", autocompletion=layers_of, help=help, show_default=False)


def format_among(names: tuple[str, ...], aliases: Mapping[str, str] = ALIASES) -> Callable[[str | None], str | None]:
    """What reads --format where these formats are known, and what people write for one that bears another name."""

    def read(value: str | None) -> str | None:
        if value is not None and value not in names:
            unknown(value, names, aliases)
        return value

    return read


Net = Annotated[
    str,
    Argument(
        metavar="NET",
        help='A spec file, a bundled name, - for standard input, or a chain: "3x64x64 -> Conv2d(3, 16, 3) -> Flatten". '
        "Left out: net.yaml here, or the only spec here.",
        default_factory=left_out.net,
        autocompletion=nets,
        show_default=False,
    ),
]
Format = Annotated[
    str,
    Option(
        "--format",
        "-f",
        metavar="FORMAT",
        help=f"How to write it: {', '.join(FORMATS)}.",
        callback=format_among(FORMATS),
        autocompletion=completing(*FORMATS),
    ),
]
Set = Annotated[
    list[str] | None,
    Option("--set", "-s", metavar="NAME=VALUE", help="A value for a name in the spec; may be repeated."),
]
SetFile = Annotated[
    list[str] | None,
    Option("--set-file", metavar="FILE", help="Values from a YAML or JSON mapping (a config.json)."),
]
Input = Annotated[
    list[str] | None,
    Option(
        "--input",
        "-i",
        "--input-size",
        "--input-shape",
        metavar="SHAPE",
        help="Another input shape, 3x64x64, or name=3x64x64; may be repeated.",
    ),
]
Layout = Annotated[
    str | None,
    Option(
        "--layout",
        metavar="ORDER",
        help="Axis order of shapes: channels_first or channels_last.",
        autocompletion=completing("channels_first", "channels_last"),
    ),
]
Convention = Annotated[
    str | None,
    Option(
        "--convention",
        metavar="WHOSE",
        help="Layer names and defaults of pytorch, keras or the textbook.",
        autocompletion=completing("pytorch", "keras", "textbook"),
    ),
]
Batch = Annotated[
    int | None,
    Option("--batch", "-b", metavar="N", min=1, help="Show this batch size instead of N."),
]
Execute = Annotated[bool, Option("--execute", help="Also run it with NumPy and compare the shapes.")]
Seed = Annotated[int, Option("--seed", metavar="N", min=0, help="Seed of the random weights and inputs.")]
Dtype = Annotated[str, Option("--dtype", metavar="TYPE", help="Number type to execute with: float32 or float64.")]
MemoryLimit = Annotated[
    str | None,
    Option("--memory-limit", metavar="SIZE", help="Refuse to execute beyond this much memory, such as 2GB."),
]


class Executing(NamedTuple):
    """Whether a network is executed too, and how."""

    execute: Execute = False
    seed: Seed = 0
    dtype: Dtype = "float32"
    memory_limit: MemoryLimit = None


ONLY_RULES = Executing()
Precision = Annotated[
    int | None,
    Option("--precision", "-p", metavar="N", min=0, max=15, help="Decimals of numbers that are not whole."),
]
Depth = Annotated[
    int | None,
    Option("--depth", "-d", metavar="N", min=1, help="Show blocks as one line below this many levels."),
]
Full = Annotated[bool, Option("--full", help="On a terminal, print every copy of a repeated block.")]
Columns = Annotated[
    list[str] | None,
    Option("--columns", metavar="NAMES", help="More columns, separated by commas: input (shapes), weights (shapes)."),
]
Macs = Annotated[bool, Option("--macs", help="Add multiply-accumulates for one sample.")]


COLUMNS = ("input", "weights")


def columns_of(words: list[str] | None) -> tuple[str, ...]:
    """The further columns that were asked for; raises `SpecError`."""
    wanted = [word.strip().lower() for words_ in words or () for word in words_.split(",") if word.strip()]
    for word in wanted:
        if word not in COLUMNS:
            fail(
                "option-value",
                f'there is no further column "{word}"',
                help=suggestion(word, COLUMNS, "the columns are input and weights"),
            )
    return tuple(dict.fromkeys(wanted))


def folded(given: Given, report: Report, depth: int | None, full: bool, format: str) -> int | None:
    """How deep a table shows blocks: on a terminal copies that are alike stand on one line, unless all are wanted.

    So they do elsewhere where they are very many, but in CSV. Raises `SpecError` where a format has no place for them.
    """
    from cnncalc.cli.output import room
    from cnncalc.network.work import MAX_LAYERS
    from cnncalc.pages.fold import COPIES, folds

    many = bool(report.graph.runs) and report.layers > MAX_LAYERS and format != "csv"
    if many and full and format not in ("table", "plain"):
        message = f"the table would have {report.layers:,} rows, more than {MAX_LAYERS:,}"
        fail("too-many-layers", message, help="--format csv, json and plain write them one by one")
    screen = many or (format == "table" and room() is not None)
    copies = depth is None and screen and folds(report, COPIES)
    if full and not copies:
        outside = "outside a terminal, where each copy stands on a line" if not screen else "where nothing repeats"
        given.idle("full", "with --depth" if depth else outside)
    return COPIES if copies and not full else depth


def settings(words: list[str] | None) -> dict[str, str]:
    """`--set NAME=VALUE`, repeated, as a mapping; raises `SpecError` without a "=", and for two values of one name."""
    result: dict[str, str] = {}
    for word in words or ():
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            fail("option-value", f'--set takes NAME=VALUE, not "{word}"', help="for example --set classes=10")
        name, value = name.strip(), value.strip()
        if result.setdefault(name, value) != value:
            fail("duplicate-name", f"--set gives {name} twice: {result[name]} and {value}")
    return result


class Loading(NamedTuple):
    """How the network of a command is loaded."""

    set_: Set = None
    set_file: SetFile = None
    input_: Input = None
    layout: Layout = None
    convention: Convention = None


AS_WRITTEN = Loading()


def load(net: str, how: Loading = AS_WRITTEN, folds: bool = False) -> Network:
    """The network that was named, whose report may leave out copies where it `folds`; raises `SpecError`."""
    from cnncalc.loading import load

    network = load(
        net, settings(how.set_), how.set_file or (), how.input_ or (), layout=how.layout, convention=how.convention
    )
    network.folds = folds
    network.layout_asked = how.layout is not None
    return network


def counted(network: Network) -> Report:
    """The network's report; where a file shows its weights and not its shapes, the weights alone, with a note."""
    from cnncalc.cli.output import print_problems
    from cnncalc.core.problem import Problem

    listed = network.counts() if network.listed and not network.input_shapes else None
    if listed is not None:
        print_problems(network.notes)
        return listed
    try:
        return analysed(network)
    except SpecError as error:
        first = next((problem for problem in error.problems if problem.severity == "error"), error.problems[0])
        # What was asked for contradicts the file: without it something else would be answered.
        weights = None if network.input_shapes and first.code.endswith("-input") else network.counts()
        if weights is None:
            raise
        message = f"counts only, no shapes: {first.message}"
        note = Problem("counts-only", message, source=first.source, span=first.span, help=first.help, severity="note")
        print_problems([note, *network.notes])
        return weights


def analysed(network: Network, runs: bool = False) -> Report:
    """The network's report, with its warnings written to standard error; raises `SpecError`, the warnings first.

    What `values` names is looked at here where nothing `runs`, which would find all that is wrong with them.
    """
    from cnncalc.cli.output import print_problems

    try:
        report = network.report()
    except SpecError as error:
        error.problems[:0] = network.notes
        raise
    print_problems(network.notes)
    if network.layout_asked and not any(_has_channels(row.layer, report.graph.convention) for row in report.rows):
        say(["--layout"], "here: no layer has channels beside space")
    values = network.spec.values
    if values is not None and values.kind == "map" and not runs:
        from cnncalc.network.array_names import check

        check(report, [key for key, _ in values.data], network.spec.source_of(values))
    return report


def _has_channels(layer: Layer, convention: str) -> bool:
    """Whether the order of axes matters to a layer."""
    from cnncalc.core.channels import has_channels
    from cnncalc.network.order import takes

    return has_channels(takes(layer), convention)
