"""`cnncalc layers`: the reference of layer types, made from the layers themselves and from an example of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cnncalc import layers
from cnncalc.core.formula import simplify
from cnncalc.core.layer import Layer
from cnncalc.core.notation import symbols
from cnncalc.core.option import Option
from cnncalc.core.texts import show
from cnncalc.document import Column, Document, Formula, Heading, Note, Picture, Table, Worded
from cnncalc.explain.explain import Line, explain
from cnncalc.explain.symbols import with_symbols
from cnncalc.layers import examples
from cnncalc.network.row import Row

MOST_ALIASES = 8


class Reference(NamedTuple):
    """All that is said of a layer type. Shapes are lists of symbols of one sample."""

    kind: type[Layer]
    convention: str
    family: str
    help: list[str]
    source: str
    takes: list[str]
    gives: str
    weights: list[tuple[str, list[str]]]
    buffers: list[tuple[str, list[str]]]
    ports: list[tuple[str, list[str]]]
    inside: list[tuple[str, list[str]]]
    lines: list[Line]
    note: str
    example: str

    @property
    def name(self) -> str:
        """The name users write."""
        return self.kind.type()


def kinds(convention: str = "pytorch") -> list[tuple[str, str]]:
    """Every layer type with its family, in the order of the reference."""
    table = layers.FAMILIES
    if convention == "keras":
        from cnncalc.layers import keras

        table = keras.FAMILIES
    return [(name, family) for family, names in table.items() for name in names.split()]


def reference(name: str, family: str, convention: str = "pytorch") -> Reference:
    """What is known of a layer type, from its rules read with symbols on its example."""
    kind = layers.find(name, convention)
    assert kind is not None, name
    text = example(name, convention)
    if not text:
        return _bare(kind, convention, family)
    row = example_row(name, text)
    remembered = with_symbols(row.layer, row.facts.inputs)
    rules, xs = remembered.layer, remembered.inputs
    full = kind.axes > 0  # padding 0 and dilation 1 belong into the formula of a window
    explanation = explain(row, full)
    lines = [line for line in explanation.lines if line.topic != "dense" and line.symbols != line.left]
    return Reference(
        kind,
        convention,
        family,
        _paragraphs(kind),
        kind.definition(),
        _forms(kind.takes) if kind.inputs[1] != 0 else [],
        _form(kind.gives),
        [(held.name, _symbols(held.shape, full)) for held in rules.weights(*xs)],
        [(held.name, _symbols(held.shape, full)) for held in rules.buffers(*xs)],
        [(port, _symbols(sizes[1:], full)) for port, sizes in rules.ports(*xs).items()],
        [(port, _symbols(sizes[1:], full)) for port, sizes in rules.inside(*xs).items()],
        lines,
        row.layer.convention_note(*row.facts.inputs),
        text,
    )


def _bare(kind: type[Layer], convention: str, family: str) -> Reference:
    """What a class says by itself: without an example there are no arrays and no formulas."""
    takes = _forms(kind.takes) if kind.inputs[1] != 0 else []
    return Reference(
        kind,
        convention,
        family,
        _paragraphs(kind),
        kind.definition(),
        takes,
        _form(kind.gives),
        [],
        [],
        [],
        [],
        [],
        "",
        "",
    )


def example(name: str, convention: str) -> str:
    """A network with such a layer: a chain, or a spec of several lines; empty where its class declares none."""
    kind = layers.find(name, convention)
    return examples.example(kind) if kind is not None else ""


def example_row(name: str, text: str) -> Row:
    """The layer in its example, analysed."""
    from cnncalc.loading import load, loads

    network = loads(text, name) if "\n" in text else load(text)
    return next(row for row in network.report().rows if row.type == name)


# --- pages ---------------------------------------------------------------------------------------------------------


def matching(words: Sequence[str], convention: str = "pytorch") -> list[str]:
    """The layer types that have each word in their name, family, other names or sentence."""
    found = []
    for name, family in kinds(convention):
        kind = layers.find(name, convention)
        assert kind is not None
        text = " ".join([name, family.replace("_", " "), *_names(name, convention), _paragraphs(kind)[0]]).lower()
        if all(word.lower() in text for word in words):
            found.append(name)
    return found


def listing(convention: str = "pytorch", only: Sequence[str] | None = None) -> Document:
    """Every layer type, or some, with what it takes and gives and what it does."""
    rows = []
    for name, family in kinds(convention):
        if only is not None and name not in only:
            continue
        kind = layers.find(name, convention)
        assert kind is not None
        takes = " and ".join(_forms(kind.takes)) if kind.inputs[1] != 0 else ""
        rows.append([name, family.replace("_", " "), takes, _form(kind.gives), _paragraphs(kind)[0]])
    columns = [
        Column("layer", "name"),
        Column("family", spare=True),
        Column(Worded.of("takes", "input"), spare=True),
        Column(Worded.of("gives", "output"), spare=True),
        Column("what it does"),
    ]
    return Document([Table(columns, rows), Note("cnncalc layers NAME shows one of them, WORD searches, --full all")])


def page(found: Sequence[Reference], title: str = "") -> Document:
    """The reference of some layer types."""
    document = Document([Heading(title), *listing(found[0].convention).parts] if title else [])
    level = 2 if title or len(found) > 1 else 1
    for item in found:
        _one(document, item, level)
    return document


def data(found: Iterable[Reference]) -> dict[str, object]:
    """The JSON document."""
    return {"layers": [_data(item) for item in found]}


def _one(document: Document, item: Reference, level: int) -> None:
    kind = item.kind
    document.add(Heading(item.name, level), *map(Note, item.help), Picture(kind.signature()))
    document.add(Note(_arrows(item)))
    names = _aliases(item)
    if names:
        document.add(Note(f"other names: {', '.join(names)}"))
    shown = options(kind)
    if shown:
        columns = [Column("option", "name"), Column("symbol"), Column("default")]
        columns += [Column(Worded.of("takes", "values")), Column("meaning")]
        cells = [[option.name, option.symbol or "", _default(option), _values(option), option.help] for option in shown]
        document.add(Table(columns, cells))
    arrays = [("weight", item.weights), ("buffer", item.buffers), ("named output", item.ports), ("inside", item.inside)]
    cells = [[word, name, ", ".join(sizes)] for word, held in arrays for name, sizes in held]
    if cells:
        rows = [[word, name, f"[{sizes}]"] for word, name, sizes in cells]
        document.add(Table([Column("array"), Column("name", "name"), Column("shape")], rows))
    document.add(*(Formula(line.left, [line.symbols], line.tex_left, line.tex_steps[:1]) for line in item.lines))
    if not item.example:
        document.add(Note("no example"))
    elif "\n" in item.example:
        document.add(Note("example:"), Picture(item.example, "yaml"))
    else:
        document.add(Note("example:"), Picture(f'cnncalc shapes "{item.example}"', "sh"))
    if item.note:
        document.add(Note(f"in the example: {item.note}"))
    if item.source:
        document.add(Note(f"source: {item.source}"))


def _arrows(item: Reference) -> str:
    """`input [C_in, H, W], output [C_out, H_out, W_out]`."""
    least, most = item.kind.inputs
    if most == 0:
        return f"no input, output {item.gives}"
    forms = item.takes
    if most is None:
        text = f"{least} or more inputs {forms[0]}" if least > 1 else f"inputs {forms[0]}"
    elif most > 1:
        count = str(most) if least == most else f"{least} to {most}"
        text = f"{count} inputs {', '.join(forms[:most])}" + (" each" if len(forms) == 1 else "")
    else:
        text = f"input {forms[0]}"
    return f"{text}, output {item.gives}"


def _data(item: Reference) -> dict[str, object]:
    least, most = item.kind.inputs
    return {
        "name": item.name,
        "family": item.family,
        "convention": item.convention,
        "help": " ".join(item.help),
        "signature": item.kind.signature(),
        "aliases": _aliases(item),
        "inputs": [least, most],
        "takes": item.takes,
        "gives": item.gives,
        "options": [
            {
                "name": option.name,
                "help": option.help,
                "symbol": option.symbol,
                "default": None if option.required else _plain(option.default),
                "required": option.required,
                "inferred": option.inferred,
                "like": option.like,
                "takes": _expects(option),
            }
            for option in options(item.kind)
        ],
        "weights": dict(item.weights),
        "buffers": dict(item.buffers),
        "ports": dict(item.ports),
        "inside": dict(item.inside),
        "formulas": [
            {"topic": line.topic, "name": line.left, "symbols": line.symbols, "tex": line.tex_steps[0]}
            for line in item.lines
        ],
        "note": item.note,
        "example": item.example,
        "source": item.source,
    }


def options(kind: type[Layer]) -> list[Option]:
    """The options that mean something, in the order of the signature: those that need their name stand last."""
    shown = [option for option in kind.options.values() if not option.ignored]
    return sorted(shown, key=lambda option: option.keyword_only)


# --- words ---------------------------------------------------------------------------------------------------------


def _paragraphs(kind: type[Layer]) -> list[str]:
    for base in kind.__mro__:
        if base.__doc__:
            return [" ".join(part.split()) for part in base.__doc__.split("\n\n")]
    return [""]


def _forms(takes: str | tuple[str, ...]) -> list[str]:
    return [_form(form) for form in ((takes,) if isinstance(takes, str) else takes)]


def _form(form: str) -> str:
    """ "N C_in H W" as [C_in, H, W]; any number of axes as dots."""
    found = []
    for alternative in form.split(" | "):
        names = ["..." if name == "*" else name for name in alternative.split()]
        found.append("[" + ", ".join(names[1:] if names[:1] == ["N"] else names) + "]")
    return " or ".join(found)


def _aliases(item: Reference) -> list[str]:
    return _names(item.name, item.convention)[:MOST_ALIASES]


def _names(name: str, convention: str) -> list[str]:
    """The other names of a layer type."""
    table = layers.ALIASES
    if convention == "keras":
        from cnncalc.layers import keras

        table = keras.ALIASES
    return [alias for alias, known in table.items() if known == name]


def _default(option: Option) -> str:
    if option.inferred:
        return "inferred"
    if option.like is not None:
        return option.like
    return "" if option.required else show(option.default)


def _expects(option: Option) -> str:
    """What the option can be."""
    if option.words and not option.expects:
        return " or ".join(f'"{word}"' for word in option.words)
    return option.expects


def _values(option: Option) -> Worded:
    """The same in a table: `int >= 1, or a tuple with one per axis`."""
    found = _expects(option)
    words = found.replace("a whole number of at least", "int >=").replace("a whole number", "int")
    return Worded.of(found, words.replace("one for each", "a tuple with one per"))


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, (bool, int, float, str, list)) else show(value)


def _symbols(sizes: Iterable[object], full: bool) -> list[str]:
    return [symbols(simplify(size, full)) for size in sizes]
