"""Every layer class says all that is asked of one; what is forgotten is named, with the place and what to write."""

from __future__ import annotations

import functools
from typing import Any

import layer_examples
import layer_index
import pytest
from rows import each

import cnncalc
from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.number import Number, Shape, prod
from cnncalc.core.problem import Fault
from cnncalc.core.rules import is_bias
from cnncalc.diagram.inks import LIGHT
from cnncalc.execute import kernel
from cnncalc.explain.equations import FAMILIES
from cnncalc.explain.reasons import REASONS
from cnncalc.explain.structure import STRUCTURES
from cnncalc.layers.examples import example
from cnncalc.network.row import Row
from cnncalc.pages.layers import kinds

CATEGORIES = {
    *("convolution", "linear", "attention", "recurrent", "norm", "pool", "embedding"),
    *("merge", "activation", "other"),
}
TYPES: list[type[Layer]] = [
    kind
    for convention in ("pytorch", "keras")
    for name, _ in kinds(convention)
    if (kind := layers.find(name, convention)) is not None
]
MULTIPLY = [kind for kind in TYPES if kind.macs is not Layer.macs]


@functools.cache
def example_row(kind: type[Layer]) -> Row:
    """The layer of its own example."""
    text = example(kind)
    assert text, f"{kind.__module__}.{kind.__name__}: declare `example`"
    return (cnncalc.loads(text) if "\n" in text else cnncalc.load(text)).report().rows[-1]


def said(kind: type[Layer]) -> str:
    return kind.kernel_name()


def test_every_class_is_in_the_index() -> None:
    """A class that is not marked as abstract is a layer type, and users find it by the index."""
    assert layer_index.PATH.read_text(encoding="utf-8") == layer_index.text(), (
        "a layer's class is new, gone or renamed: run python -m tests.layer_index. "
        "What others build on is marked: class Name(Layer, abstract=True)"
    )
    count = sum(
        len(kinds) for package in ("", ".keras") for kinds in layer_index.defined(f"cnncalc.layers{package}").values()
    )
    assert count > 300


@each(TYPES, said)
def test_every_type_has_a_kernel(kind: type[Layer]) -> None:
    name = kind.kernel_name()
    try:
        found = kernel.find(name)
    except Fault:
        found = None
    place = f"cnncalc/execute/kernels/{kernel.module_of(name).replace(chr(46), chr(47))}.py"
    assert found is not None, f'{name} has no kernel: write one in {place}, decorated with @kernel("{name}")'


@each(TYPES, said)
def test_every_type_has_an_example(kind: type[Layer]) -> None:
    place = f"{kind.__module__}.{kind.__name__}"
    assert kind.example, f'{place}: declare `example`, a small network: "8x16 -> {{type}}(2)" (see layers/examples.py)'


def named(forms: str, shape: Shape) -> dict[str, Number] | None:
    """The sizes of the axes that a form names, of those after a "*" only; None where no form has so many axes."""
    for form in forms.split(" | "):
        names = form.split()
        after = names[names.index("*") + 1 :] if "*" in names else names
        if "*" in names or len(names) == len(shape):
            return dict(zip(after, shape[len(shape) - len(after) :], strict=True))
    return None


def own(kind: type[Layer], name: str) -> bool:
    """Whether the class, or one that it builds on, declares this instead of `Layer`."""
    return any(name in vars(base) for base in kind.__mro__[: kind.__mro__.index(Layer)])


def says_its_axes(kind: type[Layer]) -> None:
    place, row = f"{kind.__module__}.{kind.__name__}", example_row(kind)
    missing = own(kind, "takes") and not own(kind, "gives") and kind.inputs[1] != 0
    assert not missing, f"{place}: declare `gives`, the names of the output's axes, beside takes = {kind.takes!r}"
    given = named(kind.gives, row.facts.shape)
    assert given is not None, f"{place}: `gives` is {kind.gives!r}, but the output of the example {row.facts.shape}"
    takes = (kind.takes,) if isinstance(kind.takes, str) else kind.takes
    for form, shape in zip(takes, row.facts.inputs, strict=False):
        taken = named(form, shape) or {}
        wrong = {name: size for name, size in given.items() if taken.get(name, size) != size}
        assert not wrong, f"{place}: name the axes of other sizes in another way in `gives`: {wrong}, not {taken}"


test_every_type_says_its_axes = each(TYPES, said)(says_its_axes)


@each([kind for kind in TYPES if not own(kind, "takes") and kind.inputs == (1, 1)], said)
def test_a_type_without_named_axes_takes_any_number_of_them(kind: type[Layer]) -> None:
    layer = example_row(kind).layer
    for rank in range(5):
        x = (1, *range(2, rank + 2))
        try:
            layer.accept((x,))
            y = layer.shape(x)
            [*layer.weights(x), *layer.buffers(x), *layer.macs(y, x)]
        except Fault:
            continue
        except (IndexError, ValueError) as error:
            raise AssertionError(f"{kind.__module__}.{kind.__name__}: declare `takes`, it fails for {x}") from error


def says_whether_axes_keep_their_meaning(kind: type[Layer]) -> None:
    place, row = f"{kind.__module__}.{kind.__name__}", example_row(kind)
    layer = row.layer
    same = row.facts.shape == row.facts.inputs[0] if row.facts.inputs else False
    assert same or not layer.elementwise, f"{place}: `elementwise` is for layers that keep the shape: {row.facts}"
    keeps = same and kind.inputs == (1, 1) and kind.macs is Layer.macs
    assert layer.elementwise or layer.keeps_axes or not keeps, (
        f"{place}: declare `elementwise = True`, it leaves the shape and the meaning of the axes as they were "
        "(`keeps_axes = True` if elements change their places)"
    )
    moves = kind.gives == "N *" and layer.receptive in ("shift", "cut", "reordered", "first")
    assert layer.keeps_axes or not moves, f"{place}: declare `keeps_axes = True`, the axes keep their order and meaning"


test_every_type_says_whether_axes_keep_their_meaning = each(TYPES, said)(says_whether_axes_keep_their_meaning)


def says_what_it_does(kind: type[Layer]) -> None:
    place = f"{kind.__module__}.{kind.__name__}"
    assert kind.__doc__, f"{place}: write a docstring: what the layer does, in a sentence; the reference shows it"


test_every_type_says_what_it_does = each(TYPES, said)(says_what_it_does)


@pytest.mark.parametrize(
    ("test", "name", "forgotten", "value", "message"),
    [
        (says_its_axes, "Bilinear", "gives", None, r"Bilinear: declare `gives`"),
        (says_its_axes, "Conv2d", "gives", "N C_in H W", r"Conv2d: name the axes of other sizes"),
        (
            says_its_axes,
            "GlobalAvgPool",
            "gives",
            "N C H W",
            r"`gives` is 'N C H W', but",
        ),
        (says_whether_axes_keep_their_meaning, "GELU", "elementwise", False, r"elementwise = True"),
        (says_whether_axes_keep_their_meaning, "Conv2d", "elementwise", True, r"keep the shape"),
        (says_whether_axes_keep_their_meaning, "Slice", "keeps_axes", False, r"keeps_axes = True"),
        (says_what_it_does, "Conv2d", "__doc__", None, r"conv.Conv2d: write a docstring"),
    ],
)
def test_what_is_forgotten_is_named(
    test: Any, name: str, forgotten: str, value: object, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = layers.find(name)
    assert kind is not None
    test(kind)
    if forgotten == "gives" and value is None:
        monkeypatch.delattr(kind, "gives")
    else:
        monkeypatch.setattr(kind, forgotten, value)
    with pytest.raises(AssertionError, match=message):
        test(kind)


@each(TYPES, said)
def test_whole_numbers_are_bounded(kind: type[Layer]) -> None:
    """An input that the example calls whole numbers chooses among things: how many is what drawn ones stay below."""
    text = example(kind)
    if "dtype: int" in text:
        network = cnncalc.loads(text)
        row = network.report().rows[-1]
        slots = [at for at, given in enumerate(network.report().graph.inputs) if given.dtype == "int"]
        said = [row.layer.chooses(slot, *row.facts.inputs) for slot in slots]
        assert None not in said, f"{kind.__module__}.{kind.__name__}: its rule `chooses` says below what they stay"
    assert not (kind.view and kind.carries)


def test_what_is_inferred_is_the_size_of_an_axis() -> None:
    """Without its axis in `takes` an option would be compared with nothing; `positions` are no axis of its own."""
    for kind in TYPES:
        forms = (kind.takes,) if isinstance(kind.takes, str) else kind.takes
        named = {name for form in forms for name in form.split()}
        for option in kind.options.values():
            if option.inferred and option.symbol not in (None, "positions"):
                place = f"{kind.__module__}.{kind.__name__}"
                assert option.symbol in named, f"{place}: declare `takes`, with {option.symbol} ({option.name}) in it"


def test_every_matrix_multiplies() -> None:
    """A weight that is longer than 1 along two axes is a matrix, or a table of which rows are read."""
    for kind in TYPES:
        if kind.macs is Layer.macs and not kind.table:
            longer = [sum(size != 1 for size in weight.shape) for weight in example_row(kind).facts.weights]
            place = f"{kind.__module__}.{kind.__name__}"
            assert max(longer, default=0) < 2, f"{place}: write `macs`, what its matrices multiply, or say `table`"


@each(MULTIPLY, said)
def test_every_type_of_products_says_what_its_kernel_needs(kind: type[Layer]) -> None:
    known = ("padded", "columns", "scores", "output")
    place = f"{kind.__module__}.{kind.__name__}"
    assert kind.scratch in known, f"{place}: declare `scratch`, one of {known}: what its kernel needs beside its output"


@each([kind for kind in TYPES if kind.step_work or kind.category == "recurrent"], said)
def test_every_type_of_steps_says_what_it_carries(kind: type[Layer]) -> None:
    place = f"{kind.__module__}.{kind.__name__}"
    assert kind.carried is not Layer.carried, f"{place}: write `carried`, the numbers that one step hands to the next"


@each(MULTIPLY, said)
def test_every_type_of_products_says_what_devices_share(kind: type[Layer]) -> None:
    known = ("matrix", "inside", "open", "passes", "whole")
    place = f"{kind.__module__}.{kind.__name__}"
    assert kind.parallel in known, f"{place}: declare `parallel`, one of {known}: what tensor parallelism makes of it"


@each([kind for kind in MULTIPLY if kind.additions is Layer.additions], said)
def test_additions_of_biases(kind: type[Layer]) -> None:
    """Without a rule of its own a layer has one bias, of numbers of its output."""
    row = example_row(kind)
    biases = [weight.shape for weight in row.facts.weights if is_bias(weight.name)]
    place = f"{kind.__module__}.{kind.__name__}"
    fits = len(biases) < 2 and all(prod(row.facts.shape[1:]) % prod(shape) == 0 for shape in biases)
    assert fits and not (biases and kind.step_work), (
        f"{place}: write `additions`, how often its biases {biases} are added"
    )


@each(TYPES, said)
def test_every_attention_says_what_it_reads(kind: type[Layer]) -> None:
    """Keys and values that are cached, what a causal mask leaves, heads that devices share: all ask `attended`."""
    makes = not {"scores", "block", "parts"}.isdisjoint(kind.saves.split()) or kind.category == "attention"
    place = f"{kind.__module__}.{kind.__name__}"
    assert makes == (kind.attended is not Layer.attended), (
        f"{place}: write `attended`, what its attention reads, or take another `category`"
    )


@each([kind for kind in TYPES if kind.carries], said)
def test_what_comes_out_again_is_said(kind: type[Layer]) -> None:
    row = example_row(kind)
    more = prod(row.facts.shape) > sum(map(prod, row.facts.inputs))
    assert more == kind.repeats, f"{kind.__module__}.{kind.__name__}: declare `repeats`"


@each([kind for kind in TYPES if kind.category == "embedding"], said)
def test_tables_are_said(kind: type[Layer]) -> None:
    row = example_row(kind)
    rows = any(len(weight.shape) == 2 and weight.shape[1] == row.facts.shape[-1] for weight in row.facts.weights)
    looks = kind.chooses is not Layer.chooses or rows
    assert looks == kind.table, f"{kind.__module__}.{kind.__name__}: declare `table`, where a position reads one row"
    assert kind.integers == (kind.chooses is not Layer.chooses), f"{kind.__module__}.{kind.__name__}: `integers`"


def test_a_type_is_tried_by_the_example_of_its_class() -> None:
    assert layer_examples.declared("Embedding") == (
        "Embedding",
        {"num_embeddings": 1000, "embedding_dim": 16},
        [("int", 10)],
    )
    assert layer_examples.declared("Concat")[1:] == ({"dim": 1}, [(2, 4), (3, 4)])


def test_a_page_without_an_example(monkeypatch: pytest.MonkeyPatch, call: Any) -> None:
    kind = layers.find("Roll")
    monkeypatch.setattr(kind, "example", "")
    status, out, err = call("layers", "Roll")
    assert (status, err) == (0, "")
    assert "input [...], output [...]" in out and "no example" in out


@each(TYPES, said)
def test_every_type_says_where_it_is_defined(kind: type[Layer]) -> None:
    place = f"{kind.__module__}.{kind.__name__}"
    assert kind.definition(), f"{place}: declare `torch`, its name in PyTorch, or `origin`, a paper or another library"


@each(TYPES, said)
def test_every_type_says_how_it_is_drawn_and_explained(kind: type[Layer]) -> None:
    place = f"{kind.__module__}.{kind.__name__}"
    colours = sorted({*LIGHT} & CATEGORIES | {"dropout"})
    assert kind.category in colours, f"{place}: declare `category`, what drawings colour it as, one of {colours}"
    ways = sorted({"nothing", *REASONS, *STRUCTURES, *FAMILIES})
    assert kind.explained in ways, f"{place}: declare `explained`, what `explain` adds to its sentence, one of {ways}"
    assert kind.worked in ("", "windows", "embedding", "norm"), place
    assert kind.interior in ("", "attention", "slots", "equations", "gates"), place


@each([kind for kind in TYPES if kind.interior == "gates"], said)
def test_every_type_of_gates_says_its_step(kind: Any) -> None:
    place = f"{kind.__module__}.{kind.__name__}"
    assert {*kind.step_equations} == {*kind.steps}, f"{place}: an equation for each letter of `steps`"


@each([kind for kind in TYPES if kind.explained == "loss"], said)
def test_every_loss_says_itself_of_one_number(kind: type[Layer]) -> None:
    layer = example_row(kind).layer
    own = "of_one" in vars(kind) or "of_one" in vars(layer)
    assert own, f"{kind.__module__}.{kind.__name__}: declare `of_one`, the loss of one number and its derivative"


def test_no_option_hides_a_declaration() -> None:
    taken = [f"{said(kind)}.{name}" for kind in TYPES for name in kind.options if hasattr(Layer, name)]
    assert taken == [], "an option has the name of what every layer declares"


def test_every_kernel_is_one_of_a_type() -> None:
    for kind in TYPES:
        kernel.find(kind.kernel_name())
    assert {kind.kernel_name() for kind in TYPES} == kernel._known.keys()


def test_a_class_is_a_type_unless_it_is_marked() -> None:
    class Base(Layer, abstract=True):
        """What others build on."""

    class Made(Base):
        """A layer type."""

    assert Base.abstract and not Made.abstract and Layer.abstract
