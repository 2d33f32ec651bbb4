"""One option of a layer, said once: its parser, default, help and symbol.

A layer declares its options as class attributes, in the order of PyTorch's signature:

    kernel_size = pair("filter size", symbol="K")

The makers return `Any`, because a layer's attribute is the parsed value. `parse` turns what was written (an int, a
list, a word) into the one form that rules and kernels see, or raises a `Fault` that names the option. Sizes that are
no plain ints (free dimensions) pass through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnncalc.core import limits
from cnncalc.core.number import is_free
from cnncalc.core.problem import Fault, did_you_mean
from cnncalc.core.texts import show

REQUIRED: Any = type("Required", (), {"__repr__": lambda self: "REQUIRED"})()

Parse = Callable[[Any, "Option", int], Any]


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
        default: Any = REQUIRED,
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
        self.default = default
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
        return self.default is REQUIRED and self.like is None

    @property
    def listed(self) -> bool:
        """Whether the value is a list whose every number matters, also where they are equal."""
        return self.parser is _sizes

    @property
    def counts(self) -> bool:
        """Whether the value is made of whole numbers."""
        return self.parser in (_size, _axes, _padding, _sizes)

    def parse(self, value: object, axes: int) -> Any:
        """The value in the form that rules see; `axes` is the number of spatial axes of the layer."""
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
    return value if hasattr(value, "quiet") else None  # a number that remembers


def is_word(option: Option, text: str) -> bool:
    """Whether a bare word is one for the option, and no name of a size: `padding=same`, `mode=bilinear`."""
    if text.lower() in option.words or option.parser in (_choice, _flag, _real, _as_is):
        return True
    return bool(option.words) and did_you_mean(text, option.words, cutoff=0.7) is not None


def _size(value: object, option: Option, axes: int) -> Any:
    if value is None and option.default is None:
        return None
    if option.inferred and isinstance(value, str) and value in ("?", "_"):
        return None  # "work it out", as people write on a sheet
    number = whole(value)
    if number is None or number < option.least:
        raise option.refuse(value)
    if option.most is not None:
        limits.count(number, option.most, option.name)
    return number


def _axes(value: object, option: Option, axes: int) -> Any:
    if value is None and option.default is None:
        return None
    if isinstance(value, (list, tuple)):
        if len(value) != axes:
            wanted = "one number" if axes == 1 else f"one number or a list of {axes}"
            raise option.refuse(value, f"{wanted} (the layer has {axes} spatial {'axis' if axes == 1 else 'axes'})")
        if None in value and option.default is None:
            raise option.refuse(value)
        return tuple(_size(part, option, axes) for part in value)
    return (_size(value, option, axes),) * axes


def _padding(value: object, option: Option, axes: int) -> Any:
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


def _choice(value: object, option: Option, axes: int) -> Any:
    if value is None and option.default is None:
        return None
    if isinstance(value, str) and value.lower() in option.words:
        return value.lower()
    raise _not_a_word(value, option)


def _flag(value: object, option: Option, axes: int) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise option.refuse(value)


def _real(value: object, option: Option, axes: int) -> Any:
    if value is None and option.default is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise option.refuse(value)
    return value


def _sizes(value: object, option: Option, axes: int) -> Any:
    if value is None and option.default is None:
        return None
    parts = list(value) if isinstance(value, (list, tuple)) else [value]
    if None in parts:
        raise option.refuse(value)
    return tuple(_size(part, option, axes) for part in parts)


def _as_is(value: object, option: Option, axes: int) -> Any:
    return value


# The bound of numbers that may have either sign.
ANY = -(1 << 62)


def _whole(least: int) -> str:
    return "a whole number" if least <= ANY else f"a whole number of at least {least}"


def positive(help: str, *, symbol: str | None = None, default: object = REQUIRED, **more: Any) -> Any:
    """A whole number of at least 1."""
    return Option(help, _size, symbol=symbol, default=default, least=1, expects="a whole number of at least 1", **more)


def natural(help: str, *, symbol: str | None = None, default: object = REQUIRED, **more: Any) -> Any:
    """A whole number of at least 0."""
    return Option(help, _size, symbol=symbol, default=default, least=0, expects="a whole number of at least 0", **more)


def integer(help: str, *, symbol: str | None = None, default: object = REQUIRED, **more: Any) -> Any:
    """A whole number of either sign (an axis, an index)."""
    return Option(help, _size, symbol=symbol, default=default, least=ANY, expects="a whole number", **more)


def inferred(help: str, *, symbol: str, least: int = 1, **more: Any) -> Any:
    """A size that the incoming shape determines: the axis called `symbol`. None until it is given."""
    return Option(
        help,
        _size,
        symbol=symbol,
        default=None,
        least=least,
        inferred=True,
        expects=_whole(least),
        **more,
    )


def pair(help: str, *, symbol: str | None = None, default: object = REQUIRED, least: int = 1, **more: Any) -> Any:
    """One whole number an axis; one number stands for every axis. Rules see a tuple."""
    return Option(
        help,
        _axes,
        symbol=symbol,
        default=default,
        least=least,
        expects=f"{_whole(least)}, or one for each axis",
        **more,
    )


def padding(help: str, *, symbol: str = "P", default: object = 0, words: tuple[str, ...] = (), **more: Any) -> Any:
    """Padding: a number, one an axis, a [before, after] pair an axis, or a word. Rules see pairs or the word."""
    least = more.pop("least", 0)
    expects = (
        "a whole number of at least 0, or one for each axis" if least == 0 else "a whole number, or one for each axis"
    )
    if words:
        expects += ", or " + " or ".join(f'"{word}"' for word in words)
    return Option(help, _padding, symbol=symbol, default=default, words=words, least=least, expects=expects, **more)


def choice(help: str, words: tuple[str, ...], *, default: object = REQUIRED, **more: Any) -> Any:
    """One of a few words."""
    return Option(help, _choice, default=default, words=words, **more)


def flag(help: str, *, default: object = REQUIRED, **more: Any) -> Any:
    """True or false."""
    return Option(help, _flag, default=default, expects="true or false", **more)


def real(help: str, *, default: object = REQUIRED, **more: Any) -> Any:
    """Any number."""
    return Option(help, _real, default=default, expects="a number", **more)


def sizes(help: str, *, symbol: str | None = None, default: object = REQUIRED, least: int = 1, **more: Any) -> Any:
    """A list of whole numbers; one number is a list of one. Rules see a tuple."""
    return Option(
        help,
        _sizes,
        symbol=symbol,
        default=default,
        least=least,
        expects=f"{_whole(least)}, or a list of them",
        **more,
    )


def anything(help: str, *, default: object = REQUIRED, **more: Any) -> Any:
    """A value that the layer itself looks at."""
    return Option(help, _as_is, default=default, **more)


def written(help: str, *, default: Any = REQUIRED, **more: Any) -> Any:
    """What the layer reads itself, with the names of the spec: texts are not evaluated before it sees them."""
    return Option(help, _as_is, default=default, raw=True, **more)


def ignored(help: str = "accepted, without effect here", *, default: object = None) -> Any:
    """An option of PyTorch's that changes neither shapes nor counts nor values here (`inplace`, `device`)."""
    return Option(help, _as_is, default=default, ignored=True)


def _inplace(value: object, option: Option, axes: int) -> Any:
    if hasattr(value, "describe"):
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


def inplace() -> Any:
    """PyTorch's option of that name, which changes nothing here: true or false, and no size and no layer."""
    return Option("accepted, without effect here", _inplace, default=None, ignored=True)
