"""A layer is three small rules in ordinary arithmetic: output shape, weight shapes, multiply-accumulates.

Rules see shapes with the batch axis in front (PyTorch's axis numbers hold) and return the same. Counts are never
written down: they follow from the shapes of the weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import new_class
from typing import ClassVar, NamedTuple, TypeVar

from cnncalc.core.channels import sentence, with_space
from cnncalc.core.number import Number, Shape
from cnncalc.core.option import Option
from cnncalc.core.problem import Fault
from cnncalc.core.rules import Rules
from cnncalc.core.rules import Weight as Weight
from cnncalc.core.texts import input_count, shape_text, show, show_value

Made = TypeVar("Made", bound="Layer")


class Axis(NamedTuple):
    """An option that a layer can infer: option, input, axis (negative from the end), symbol."""

    option: str
    input: int
    axis: int
    symbol: str


class Layer(Rules):
    """What every layer is: options, the axes it takes and gives, and three rules; what else is declared of it.

    takes, gives   axis names of input and output, "N C_in H W"; "*" stands for any number of axes;
                   " | " separates alternatives. A layer with several inputs has a tuple of them.
                   In a family "{space}" and "{space_out}" stand for the spatial axes: L, H W or D H W.
    inputs         how many inputs it takes: (least, most), most None for any number
    axes           number of spatial axes, what one number of a `pair` option is repeated to
    """

    takes: ClassVar[str | tuple[str, ...]] = "N *"
    gives: ClassVar[str] = "N *"
    inputs: ClassVar[tuple[int, int | None]] = (1, 1)
    axes: ClassVar[int] = 0
    options: ClassVar[dict[str, Option]] = {}
    # Further names of options, and whether the one list that it takes may be written without brackets.
    also: ClassVar[dict[str, str]] = {}
    takes_a_list: ClassVar[bool] = False
    inferences: ClassVar[tuple[Axis, ...]] = ()
    ranks: ClassVar[tuple[frozenset[int] | None, ...]] = ()

    # What others build on, and nobody writes: `class Conv(Layer, abstract=True)`.
    abstract: ClassVar[bool] = True

    def __init_subclass__(cls, abstract: bool = False, axes: int | None = None) -> None:
        super().__init_subclass__()
        cls.abstract = abstract
        if axes is not None:  # `class Conv2d(Conv, axes=2)`: one of a family
            cls.axes = axes
            takes = (cls.takes,) if isinstance(cls.takes, str) else cls.takes
            forms = tuple(with_space(form, axes) for form in takes)
            cls.takes, cls.gives = forms if len(forms) > 1 else forms[0], with_space(cls.gives, axes)
            if cls.__doc__ is None:
                cls.__doc__ = sentence(cls.__mro__[1].__doc__, axes, cls.convention == "keras")
        options: dict[str, Option] = {}
        for base in reversed(cls.__mro__):
            for name, value in vars(base).items():
                if isinstance(value, Option):
                    options.pop(name, None) if name in vars(cls) and cls is not base else None
                    options[name] = value
                elif name in options and value is None:
                    del options[name]  # a subclass drops an option of its parent
        cls.options = options
        cls.ranks, cls.inferences = _read_takes(cls.takes, options)

    def __init__(self, **values: object) -> None:
        """Make the layer from parsed-or-written option values; raises `Fault` for what an option cannot be."""
        mine = self.__dict__
        given: list[str] = []
        for name, option in self.options.items():
            if name != option.name and option.name in values:  # `shape_` is written `shape`
                values[name] = values.pop(option.name)
            if name in values:
                value = option.parse(values.pop(name), self.axes)
                given.append(name)
            elif option.like is not None:
                value = mine[option.like]
            elif option.required:
                for other in values:  # a misspelt name is the likelier mistake
                    if other not in self.options and other not in (known.name for known in self.options.values()):
                        raise self.unknown_option(other)
                raise Fault(
                    "missing-option",
                    f"{self.type()} needs {option.name} ({option.help}); write {self.signature()}",
                    help=(),
                )
            else:
                value = option.default
                if value is not None:
                    value = option.parse(value, self.axes)
            if option.like is not None and value is None:
                value = mine[option.like]
            mine[name] = value
        if values:
            raise self.unknown_option(next(iter(values)))
        self.given = tuple(given)
        self.prepare()

    @classmethod
    def type(cls) -> str:
        """The name users write."""
        return cls.__name__

    @classmethod
    def ignores(cls, name: str) -> bool:
        """Whether an option of that name is accepted without being looked at, whatever its value."""
        return False

    @classmethod
    def kernel_name(cls) -> str:
        """The name of the NumPy kernel: the type, with its convention where another one has a layer of that name."""
        return cls.__name__

    @classmethod
    def bind(cls, args: Iterable[object], kwargs: Mapping[str, object]) -> Layer:
        """The layer that a call `Name(*args, **kwargs)` makes, by PyTorch's signature."""
        values: dict[str, object] = {}
        args = list(args)
        if cls.takes_a_list and len(args) > 1 and not any(isinstance(part, (list, tuple, str)) for part in args):
            args = [args]  # `Permute(0, 2, 1)`
        if args:
            names = [name for name, option in cls.options.items() if not option.keyword_only]
            if len(args) > len(names):
                raise cls._too_many(names, args)
            values.update(zip(names, args, strict=False))
        for name, value in kwargs.items():
            name = cls.also.get(name, name)
            if name in values:
                raise Fault("option-twice", f"{cls.type()} gets {name} twice", option=name)
            values[name] = value
        try:
            return cls(**values)
        except Fault as fault:
            if not fault.help:
                from cnncalc.core import foreign_options as words

                fault.help = words.meant(cls, fault, args, kwargs)
            raise

    @classmethod
    def _too_many(cls, names: list[str], args: list[object]) -> Fault:
        pair = len(names) == 1 and len(args) == cls.axes > 1
        return Fault(
            "too-many-arguments",
            f"{cls.type()} takes at most {len(names)} arguments, {len(args)} were given",
            help=f"write {cls.type()}({show(args)})" if pair else f"the arguments are {cls.signature()}",
        )

    @classmethod
    def signature(cls) -> str:
        """`Conv2d(in_channels, out_channels, kernel_size, stride=1, ...)`, without ignored options."""
        parts = []
        for option in sorted(cls.options.values(), key=lambda option: option.keyword_only):
            name = option.name
            if option.ignored:
                continue
            if option.required or option.inferred:
                parts.append(name)
            elif option.like:
                parts.append(f"{name}={option.like}")
            else:
                parts.append(f"{name}={show(option.default)}")
        return f"{cls.type()}({', '.join(parts)})"

    @classmethod
    def unknown_option(cls, name: str) -> Fault:
        """The fault for an option that the layer does not have."""
        from cnncalc.core.foreign_options import hint

        known = [option.name for option in cls.options.values() if not option.ignored]
        help = hint(name, known, *cls.other_word(name, known))
        return Fault(
            "unknown-option",
            f"{cls.type()} has no option {show(name)}",
            option=name,
            help=help or f"{cls.type()} takes no options",
        )

    @classmethod
    def other_word(cls, name: str, known: list[str]) -> tuple[str, str]:
        """Whose word for an option `name` is, and the word here; ("", "") where it is nobody's."""
        from cnncalc.core.foreign_options import other_word

        return other_word(name, known, keras=cls.convention == "keras")

    @classmethod
    def in_keras(cls) -> str | None:
        """What to write in Keras' words; empty where Keras has nothing that does the same, None where it may stay."""
        if cls.keras is not None:
            return cls.keras.replace("{n}", cls.type()[-2:-1])
        forms = (cls.takes,) if isinstance(cls.takes, str) else cls.takes
        axes = [form.split()[1:-1] for written in (*forms, cls.gives) for form in written.split(" | ")]
        return "" if any(name.startswith("C") for names in axes for name in names) else None

    @classmethod
    def definition(cls) -> str:
        """Where it is defined: what the nearest class says, its own or one that it builds on."""
        for base in cls.__mro__:
            origin, torch = vars(base).get("origin"), vars(base).get("torch")
            if origin:
                return str(origin).replace("{type}", cls.type())
            if torch:
                return f"PyTorch, torch.{torch.replace('{type}', cls.type())}."
        return f"Keras, keras.layers.{cls.type()}." if cls.convention == "keras" else ""

    def replaced(self: Made, **values: object) -> Made:
        """A copy with other options or derived values, as they are: nothing is parsed, prepared or checked again."""
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__, **values)
        return made

    def prepare(self) -> None:
        """Check options against one another once; a subclass raises `Fault` or sets what it derives."""

    def train(self) -> None:
        """Be executed as in training, with all layers inside of it."""
        self.__dict__["training"] = True
        for value in self.__dict__.values():
            if isinstance(value, Layer):
                value.train()

    def has(self, *names: str) -> bool:
        """Whether it has all these options, or values that it derives from options, by any class's rules."""
        return all(hasattr(self, name) for name in names)

    @classmethod
    def has_weights(cls) -> bool:
        """Whether layers of this type may have parameters."""
        return cls.weights is not Layer.weights

    # --- what the engine asks --------------------------------------------------------------------------------------

    def accept(self, xs: tuple[Shape, ...]) -> None:
        """Refuse inputs of the wrong number, rank or size, before the rules run."""
        least, most = self.inputs
        if len(xs) < least or (most is not None and len(xs) > most):
            raise Fault("input-count", f"{self.type()} takes {input_count(least, most)}, {len(xs)} given")
        ranks = self.ranks
        for index, x in enumerate(xs):
            allowed = ranks[index if index < len(ranks) else -1]
            if allowed is not None and len(x) not in allowed:
                raise self.wrong_axes(x, index)
        mine = self.__dict__
        for option, index, axis, symbol in self.inferences:
            value = mine[option]
            if value is not None and index < len(xs) and value != xs[index][axis]:
                raise self.misfit(option, value, xs[index], axis, symbol)

    def wrong_axes(self, x: Shape, index: int = 0) -> Fault:
        """The fault for an input with a wrong number of axes."""
        takes = self.takes if isinstance(self.takes, str) else self.takes[min(index, len(self.takes) - 1)]
        wanted = " or ".join("[" + ", ".join(form.split()[1:]) + "]" for form in takes.split(" | "))
        return Fault("wrong-axes", f"{self.type()} takes {wanted}, but gets {shape_text(x)}", help=self.axes_help(x))

    def axes_help(self, x: Shape) -> tuple[str, ...]:
        """What to write where the number of axes is wrong; a layer may know more."""
        return ()

    def misfit(self, option: str, value: Number, x: Shape, axis: int, symbol: str) -> Fault:
        """The fault for an inferred option that contradicts the incoming shape."""
        return Fault(
            "input-contradicts",
            f"{self.type()} has {option}={value}, but its input {shape_text(x)} has {symbol} = {x[axis]}",
            option=option,
            help=f"write {option}={x[axis]}, or leave {option} out: it is inferred",
        )

    def inferred(self, xs: tuple[Shape, ...]) -> dict[str, Number]:
        """The sizes that follow from the inputs: `in_channels`, `in_features`."""
        return {at.option: xs[at.input][at.axis] for at in self.inferences if at.input < len(xs)}

    def describe(self, xs: tuple[Shape, ...] = ()) -> str:
        """The call that makes it: sizes (inferred ones from the inputs `xs`), then options unlike their defaults."""
        inferred = self.inferred(xs)
        words = []
        leading = True
        for name, option in sorted(self.options.items(), key=lambda item: item[1].keyword_only):
            value = self.__dict__[name]
            if option.inferred and value is None:
                value = inferred.get(name)
            size = option.required or option.inferred
            if option.ignored or (value is None and size) or (not size and value == _default(self, option)):
                leading = False
                continue
            text = show_value(list(value) if option.listed and len(value or ()) > 1 else value)
            if isinstance(value, Layer) and "(" not in text:
                text += "()"  # a name alone would be a word
            leading = leading and size
            words.append(text if leading else f"{name}={text}")
        return f"{self.type()}({', '.join(words)})" if words else self.type()

    def __repr__(self) -> str:
        return self.describe()


def _default(layer: Layer, option: Option) -> object:
    if option.like is not None:
        return layer.__dict__[option.like]
    return None if option.default is None else option.parse(option.default, layer.axes)


def _read_takes(
    takes: str | tuple[str, ...], options: dict[str, Option]
) -> tuple[tuple[frozenset[int] | None, ...], tuple[Axis, ...]]:
    """Allowed ranks of each input, and where each inferred option stands in them."""
    forms = (takes,) if isinstance(takes, str) else takes
    ranks: list[frozenset[int] | None] = []
    axes: list[Axis] = []
    for index, form in enumerate(forms):
        allowed: set[int] | None = set()
        for alternative in form.split(" | "):
            names = alternative.split()
            if "*" in names:
                allowed = None
            elif allowed is not None:
                allowed.add(len(names))
        ranks.append(frozenset(allowed) if allowed is not None else None)
        names = form.split(" | ")[0].split()
        for option in options.values():
            if option.inferred and option.symbol in names:
                at = names.index(option.symbol)
                if "*" in names[:at]:
                    at -= len(names)
                axes.append(Axis(option.name, index, at, option.symbol))
    return tuple(ranks), tuple(axes)


def by_axes(base: type[Made], *axes: int, name: str = "") -> tuple[type[Made], ...]:
    """The types of a family for these numbers of spatial axes: of MaxPool `MaxPool1d`, `MaxPool2d`, ...

    Keras' names end in `1D`, or have it at `{n}` of `name`.
    """
    pattern = name or base.__name__ + ("{n}D" if base.convention == "keras" else "{n}d")
    body = {"__module__": base.__module__}
    names = {n: pattern.replace("{n}", str(n)) for n in axes}
    return tuple(new_class(names[n], (base,), {"axes": n}, lambda made: made.update(body)) for n in axes)
