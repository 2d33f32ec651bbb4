"""The notation of exams, `CONV-3-64 -> POOL-2 -> FC-10`: taken in chains, with a note of what was assumed of it.

A convolution has stride 1 and no padding, a pool the stride of its size; what is fully connected is flattened first.
`CONV3-64` is 64 filters of 3x3. Of `CONV-a-b` the first number is the kernel, unless some first number of the network
is larger than any kernel and no second one is.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cnncalc.core.problem import Problem, Source, Span
from cnncalc.spec.entries.entry import Entry, Keys

# No course has a larger kernel (AlexNet's first is 11), and few have so few filters.
LARGEST_KERNEL = 11
# Letters count in any case.
FORMS = {
    "conv": r"conv(-|_| )?(\d{1,9})(?:[xX×](\d{1,9}))?[-_ ](\d{1,9})",
    "kernel": r"(\d{1,9}) ?[xX×] ?(\d{1,9})[-_ ]?conv[A-Za-z]*,? ?(\d{1,9})(?:,? ?/ ?(\d{1,9}))?",
    "pool": r"(max|avg|average|mean)?[-_ ]?pool(?:ing)?[-_ ]?(\d{1,9})(?:[xX×](\d{1,9}))?(?:[-_ ](\d{1,9}))?",
    "full": r"(?:fc|dense|linear|fully[-_ ]?connected)[-_ ]?(\d{1,9})",
}
# These could mean too many things.
_THREE = r"conv[-_ ]?(\d{1,9})[-_ ](\d{1,9})[-_ ]s?(\d{1,9})"
_ONE = r"conv(?:[-_ ]|(?=\d\d))(\d{1,9})"


def _fits(form: str, text: str) -> re.Match[str] | None:
    return re.fullmatch(form, " ".join(text.split()), re.IGNORECASE)


class Conv(NamedTuple):
    """A convolution with two numbers of which either may be the kernel."""

    entry: Entry
    text: str
    first: int
    second: int
    span: Span


def is_exam(text: str) -> bool:
    """Whether a text is a layer in the notation of exams."""
    return "(" not in text and any(_fits(form, text) for form in FORMS.values())


def written(text: str) -> str:
    """The call that such a text stands for, with the kernel first."""
    *_, entry = Exam(Source("", "")).entries(text, Span(1, 1), {})
    words = [f"{name}={value}" for name, value in entry.kwargs]
    if entry.type.endswith("Pool2d"):
        words[0] = words[0].partition("=")[2]
    return f"{entry.type}({', '.join(words)})"


def doubtful(text: str) -> str:
    """What to write for a convolution whose numbers could mean too many things; empty for other texts."""
    if found := _fits(_THREE, text):
        return f"Conv2d(out_channels={found[2]}, kernel_size={found[1]}, stride={found[3]})"
    found = _fits(_ONE, text)
    return f"Conv2d(out_channels={found[1]}, kernel_size=3)" if found else ""


class Exam:
    """The entries in the notation of exams that a text has, and what is to be said of them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.open: list[Conv] = []
        self.notes: dict[str, Problem] = {}
        # Whether what stands above is a vector already.
        self.flat = False

    def entries(self, text: str, span: Span, keys: Keys) -> list[Entry]:
        """The entries that such a text stands for."""
        if found := _fits(FORMS["conv"], text):
            dash, first, other, second = found.groups()
            return [self._conv(text, int(first), int(other) if other else None, int(second), bool(dash), span, keys)]
        if found := _fits(FORMS["kernel"], text):
            high, wide, filters, stride = found.groups()
            return [self._kernel_first(text, (int(high), int(wide)), int(filters), stride, span, keys)]
        if found := _fits(FORMS["pool"], text):
            kind, size, other, stride = found.groups()
            return [self._pool(text, kind, size, other, stride, span, keys)]
        found = _fits(FORMS["full"], text)
        return self._full(text, int(found[1]), span, keys) if found else []

    def seen(self, name: str) -> None:
        """An ordinary layer was read: whether its output is a vector."""
        folded = name.rsplit(".", 1)[-1].lower()
        if folded.startswith(("conv", "maxpool", "avgpool", "sequential", "residual", "parallel")):
            self.flat = False
        elif folded in ("flatten", "linear", "dense", "fc") or folded.startswith("global"):
            self.flat = True

    def settle(self) -> list[Problem]:
        """Decide which number of each convolution is the kernel; the notes of all."""
        turned = any(conv.first > LARGEST_KERNEL for conv in self.open)
        turned = turned and all(conv.second <= LARGEST_KERNEL for conv in self.open)
        for conv in self.open:
            kernel, filters = (conv.second, conv.first) if turned else (conv.first, conv.second)
            conv.entry.kwargs = [("out_channels", filters), ("kernel_size", kernel)]
            order = "filters first, then the kernel" if turned else "the kernel first, then the filters"
            self._say(
                "conv",
                f"{conv.text} is read as {filters} filters of {kernel}x{kernel}, {order}; stride 1, no padding",
                conv.span,
                f"Conv2d(out_channels={kernel}, kernel_size={filters}) would be the other order",
            )
        return sorted(self.notes.values(), key=lambda note: note.span or (0, 0, 0))

    def _conv(self, text: str, first: int, other: int | None, second: int, dash: bool, span: Span, keys: Keys) -> Entry:
        if other is not None or not dash:
            order = "" if other else ", the kernel first, then the filters"
            return self._kernel_first(text, (first, other or first), second, None, span, keys, order)
        entry = self._entry("Conv2d", [("out_channels", second), ("kernel_size", first)], span, keys)
        self.open.append(Conv(entry, text, first, second, span))
        self.flat = False
        return entry

    def _kernel_first(
        self,
        text: str,
        kernel: tuple[int, int],
        filters: int,
        stride: str | None,
        span: Span,
        keys: Keys,
        order: str = "",
    ) -> Entry:
        size: object = kernel[0] if kernel[0] == kernel[1] else list(kernel)
        options = [("out_channels", filters), ("kernel_size", size)]
        options += [("stride", int(stride))] if stride else []
        self._say(
            "kernel",
            f"{text} is read as {filters} filters of {kernel[0]}x{kernel[1]}{order}; stride {stride or 1}, no padding",
            span,
            f"write Conv2d(out_channels={filters}, kernel_size={size}, padding=...) for another padding",
        )
        self.flat = False
        return self._entry("Conv2d", options, span, keys)

    def _pool(
        self,
        text: str,
        kind: str | None,
        size: str,
        other: str | None,
        stride: str | None,
        span: Span,
        keys: Keys,
    ) -> Entry:
        name = "MaxPool2d" if kind is None or kind.lower() == "max" else "AvgPool2d"
        kernel: object = int(size) if other in (None, size) else [int(size), int(str(other))]
        options = [("kernel_size", kernel), *([("stride", int(stride))] if stride else [])]
        word = "a max-pool" if name == "MaxPool2d" else "an average pool"
        self._say(
            name,
            f"{text} is read as {word} of {size}x{other or size} with stride {stride or size}",
            span,
            f"{name}({size}, stride=...) says another stride",
        )
        self.flat = False
        return self._entry(name, options, span, keys)

    def _full(self, text: str, size: int, span: Span, keys: Keys) -> list[Entry]:
        linear = self._entry("Linear", [("out_features", size)], span, keys)
        if self.flat:
            return [linear]
        self.flat = True
        self._say("full", f"{text} is fully connected: what comes in is flattened first", span, "")
        return [self._entry("Flatten", [], span, {}), linear]

    def _entry(self, name: str, options: list[tuple[str, object]], span: Span, keys: Keys) -> Entry:
        entry = Entry("call", name, span)
        entry.kwargs = list(options)
        entry.keys = keys.copy()
        return entry

    def _say(self, kind: str, message: str, span: Span, help: str) -> None:
        if kind not in self.notes:
            hints = (help,) if help else ()
            note = Problem("exam-notation", message, source=self.source, span=span, help=hints, severity="note")
            self.notes[kind] = note
