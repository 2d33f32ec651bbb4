"""One option of a layer, said once: its parser, default, help and symbol.

A layer declares its options as class attributes, in the order of PyTorch's signature:

    kernel_size = pair("kernel size", symbol="K")

The makers say the type of the parsed value, which is what a layer has there. A size is an `int` to the type checker, as
it is to whoever executes or exports; rules may find a free dimension or a `Term` in its place. `parse` turns what was
written (an int, a list, a word) into the one form that rules and kernels see, or raises a `Fault` that names the
option. Sizes that are no plain ints pass through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, overload

from cnncalc.core import limits
from cnncalc.core.declarations import Declarations
from cnncalc.core.number import TracedNumber, is_free
from cnncalc.core.problem import Fault, did_you_mean
from cnncalc.core.texts import show

REQUIRED: Never = type("Required", (), {"__repr__": lambda self: "REQUIRED"})()

Parsed = TypeVar("Parsed")
Parser = Callable[[object, "Option", int], Parsed]
Parse = Parser[object]
Sizes: TypeAlias = tuple[int, ...]
Pads: TypeAlias = tuple[tuple[int, int], ...]

if TYPE_CHECKING:
    import typing_extensions as ty
    from typing_extensions import Never, Unpack

    from cnncalc.core.declarations import Custom, More, Parsing

    # What an option is where it is not given: None for `default=None`, else nothing of its own.
    Default = ty.TypeVar("Default", default=Never)


class Option:
    """A layer's option: a descriptor whose value each instance holds under the same name.

    `default` may be `REQUIRED`; `like` names the option whose value is taken where none is given;
    `inferred` options may be left out because the incoming shape determines them (the axis named `symbol`);
    `most` bounds how many parts a layer may have;
    a `raw` one comes unevaluated, as a `expression.unevaluated.Unevaluated`.
    """

    def __init__(
        self,
        help: str,
        parse: Parse,
        *,
        symbol: str | None = None,
        default: object = REQUIRED,
        like: str | None = None,
        inferred: bool = False,
        ignored: bool = False,
        words: tuple[str, ...] = (),
        least: int = 0,
        most: int | None = None,
        keyword_only: bool = False,
        expects: str = "",
        raw: bool = False,
    ) -> None:
        self.help = help
        self.parser = parse
        self.symbol = symbol
        self.default = None if like else default
        self.like = like
        self.inferred = inferred
        self.ignored = ignored
        self.words = words
        self.least = least
        self.most = most
        self.keyword_only = keyword_only
        self.expects = expects
        self.raw = raw
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name.rstrip("_")  # `shape_` where a rule has the name

    @property
    def required(self) -> bool:
        """Whether a layer cannot be made without it."""
        return self.default is REQUIRED

    @property
    def listed(self) -> bool:
        """Whether the value is a list whose every number matters, also where they are equal."""
        return self.parser is _sizes

    @property
    def counts(self) -> bool:
        """Whether the value is made of whole numbers."""
        return self.parser in (_size, _axes, _padding, _sizes)

    def parse(self, value: object, axes: int) -> object:
        """The value in the form that rules see; `axes` is the number of spatial axes of the layer.

        None says that an option is left out, where its default is None.
        """
        if value is None and self.default is None:
            return None
        try:
            return self.parser(value, self, axes)
        except Fault as fault:
            fault.option = fault.option or self.name
            raise

    def refuse(self, value: object, expects: str | None = None) -> Fault:
        """The fault for a value that the option cannot take."""
        return Fault(
            "option-value",
            f"{self.name} must be {expects or self.expects}, not {show(value)}",
            option=self.name,
        )


# What a maker makes, until a layer has its value there: `Never` fits every type that a maker says.
_option: Callable[..., Never] = Option  # type: ignore[assignment]

# For a subclass that drops an option of its parent: `proj_size = DROPPED`.
DROPPED: Any = None


def whole(value: Any) -> Any:
    """The value as a whole number (or a free dimension); None where it is neither."""
    if type(value) is int:
        return value if -limits.WIDEST <= value <= limits.WIDEST else limits.size(value)
    if isinstance(value, bool) or value is None or isinstance(value, (str, list, tuple)):
        return None
    if isinstance(value, float):
        return limits.size(int(value)) if value.is_integer() else None
    if is_free(value):
        return value.as_whole()
    return value if isinstance(value, TracedNumber) else None


def is_word(option: Option, text: str) -> bool:
    """Whether a bare word is one for the option, and no name of a size: `padding=same`, `mode=bilinear`."""
    if text.lower() in option.words or option.parser in (_choice, _flag, _real, _as_is):
        return True
    return bool(option.words) and did_you_mean(text, option.words, cutoff=0.7) is not None


def _size(value: object, option: Option, axes: int) -> Any:
    if option.inferred and isinstance(value, str) and value in ("?", "_"):
        return None  # "work it out", as people write on a sheet
    number = whole(value)
    if number is None or number < option.least:
        raise option.refuse(value)
    if option.most is not None:
        limits.count(number, option.most, option.name)
    return number


def _axes(value: object, option: Option, axes: int) -> Sizes:
    if isinstance(value, (list, tuple)):
        if len(value) != axes:
            wanted = "one number" if axes == 1 else f"one number or a list of {axes}"
            raise option.refuse(value, f"{wanted} (the layer has {axes} spatial {'axis' if axes == 1 else 'axes'})")
        if None in value and option.default is None:
            raise option.refuse(value)
        return tuple(_size(part, option, axes) for part in value)
    return (_size(value, option, axes),) * axes


def _padding(value: object, option: Option, axes: int) -> Pads | str:
    if isinstance(value, str):
        word = value.lower()
        if word in option.words:
            return word
        raise _not_a_word(value, option)
    if isinstance(value, (list, tuple)) and len(value) == axes and all(isinstance(p, (list, tuple)) for p in value):
        pairs = []
        for part in value:
            if len(part) != 2:
                raise option.refuse(value)
            pairs.append((_size(part[0], option, axes), _size(part[1], option, axes)))
        return tuple(pairs)
    return tuple((size, size) for size in _axes(value, option, axes))


def _not_a_word(value: object, option: Option) -> Fault:
    near = did_you_mean(str(value), option.words)
    hint = (f'did you mean "{near}"?',) if near else ()
    expects = option.expects or "one of " + ", ".join(option.words)
    return Fault("option-value", f"{option.name} must be {expects}, not {show(value)}", option=option.name, help=hint)


def _choice(value: object, option: Option, axes: int) -> str:
    if isinstance(value, str) and value.lower() in option.words:
        return value.lower()
    raise _not_a_word(value, option)


def _flag(value: object, option: Option, axes: int) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise option.refuse(value)


def _real(value: object, option: Option, axes: int) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise option.refuse(value)
    return value


def _sizes(value: object, option: Option, axes: int) -> Sizes:
    parts = list(value) if isinstance(value, (list, tuple)) else [value]
    if None in parts:
        raise option.refuse(value)
    return tuple(_size(part, option, axes) for part in parts)


def _as_is(value: object, option: Option, axes: int) -> object:
    return value


# The bound of numbers that may have either sign.
ANY = -(1 << 62)


def _whole(least: int) -> str:
    return "a whole number" if least <= ANY else f"a whole number of at least {least}"


def positive(help: str, *, default: int | Default = REQUIRED, **more: Unpack[More]) -> int | Default:
    """A whole number of at least 1."""
    return _option(help, _size, default=default, least=1, expects=_whole(1), **more)


def natural(help: str, *, default: int | Default = REQUIRED, **more: Unpack[More]) -> int | Default:
    """A whole number of at least 0."""
    return _option(help, _size, default=default, least=0, expects=_whole(0), **more)


def integer(help: str, *, default: int | Default = REQUIRED, **more: Unpack[More]) -> int | Default:
    """A whole number of either sign (an axis, an index)."""
    return _option(help, _size, default=default, least=ANY, expects=_whole(ANY), **more)


def inferred(help: str, *, symbol: str, least: int = 1, keyword_only: bool = False) -> int | None:
    """A size that the incoming shape determines: the axis called `symbol`. None until it is given."""
    more = {"symbol": symbol, "least": least, "keyword_only": keyword_only, "expects": _whole(least)}
    return _option(help, _size, default=None, inferred=True, **more)


def pair(
    help: str, *, default: int | tuple[int, ...] | Default = REQUIRED, least: int = 1, **more: Unpack[More]
) -> Sizes | Default:
    """One whole number per axis; a single number stands for every axis. Rules see a tuple."""
    expects = f"{_whole(least)}, or one for each axis"
    return _option(help, _axes, default=default, least=least, expects=expects, **more)


@overload
def padding(help: str, *, words: tuple[str, ...], least: int = 0) -> Pads | str: ...
@overload
def padding(help: str, *, least: int = 0) -> Pads: ...
def padding(help: str, *, words: tuple[str, ...] = (), least: int = 0) -> Pads | str:
    """Padding: a number, one per axis, a [before, after] pair per axis, or a word. Rules see pairs or the word."""
    expects = f"{_whole(least)}, or one for each axis"
    if words:
        expects += ", or " + " or ".join(f'"{word}"' for word in words)
    return _option(help, _padding, symbol="P", default=0, words=words, least=least, expects=expects)


def choice(
    help: str, words: tuple[str, ...], *, default: str | Default = REQUIRED, **more: Unpack[More]
) -> str | Default:
    """One of a few words."""
    return _option(help, _choice, default=default, words=words, **more)


def flag(help: str, *, default: bool = REQUIRED, **more: Unpack[More]) -> bool:
    """True or false."""
    return _option(help, _flag, default=default, expects="true or false", **more)


def real(help: str, *, default: float | Default = REQUIRED, **more: Unpack[More]) -> float | Default:
    """Any number."""
    return _option(help, _real, default=default, expects="a number", **more)


def sizes(
    help: str, *, default: int | tuple[int, ...] | Default = REQUIRED, least: int = 1, **more: Unpack[More]
) -> Sizes | Default:
    """A list of whole numbers; one number is a list of one. Rules see a tuple."""
    expects = f"{_whole(least)}, or a list of them"
    return _option(help, _sizes, default=default, least=least, expects=expects, **more)


@overload
def custom(help: str, parse: Parser[Parsed], *, default: None, **more: Unpack[Parsing]) -> Parsed | None: ...
@overload
def custom(help: str, parse: Parser[Parsed], **more: Unpack[Custom]) -> Parsed: ...
def custom(help: str, parse: Parse, **more: Unpack[Custom]) -> object:
    """An option with a parser of its own: the type is what that gives."""
    return _option(help, parse, **more)


def anything(help: str, *, default: object = REQUIRED, **more: Unpack[More]) -> Any:
    """A value that the layer itself looks at."""
    return _option(help, _as_is, default=default, **more)


def written(help: str, *, default: object = REQUIRED, **more: Unpack[More]) -> Any:
    """What the layer reads itself, with the names of the spec: texts are not evaluated before it sees them."""
    return _option(help, _as_is, default=default, raw=True, **more)


def ignored(help: str = "accepted, without effect here", *, default: object = None) -> object:
    """An option of PyTorch's that changes neither shapes nor counts nor values here (`inplace`, `device`)."""
    return _option(help, _as_is, default=default, ignored=True)


def _inplace(value: object, option: Option, axes: int) -> object:
    if isinstance(value, Declarations):
        raise Fault(
            "option-value",
            f"a layer stands where {option.name} stands: {value}",
            option=option.name,
            help=f"layers follow each other: {value} -> ...",
        )
    if whole(value) is not None and value not in (0, 1):
        raise Fault(
            "option-value",
            f"{option.name} must be true or false, not {show(value)}",
            option=option.name,
            help=f"this layer has no size; a fully connected one before it is Linear(out_features={show(value)})",
        )
    return value


def inplace() -> object:
    """PyTorch's option of that name, which changes nothing here: true or false, and no size and no layer."""
    return _option("accepted, without effect here", _inplace, default=None, ignored=True)
