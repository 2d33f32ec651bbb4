"""The lines on boxes and frames of a picture, wrapped and never cut."""

from __future__ import annotations

from cnncalc.diagram.model import Box, Group
from cnncalc.diagram.scene import wrapped
from cnncalc.diagram.words import counted, shape_text, title, told_by_name
from cnncalc.render.text import safe

SIGNS = {"Add": "+", "Subtract": "−", "Multiply": "×", "Divide": "÷", "Concat": "concat", "Stack": "stack"}
MOST = 30  # letters of a line
NARROW = 22  # where the page has little room


def box_lines(
    box: Box, params: bool, brief: bool = False, share: str = "", letters: int = MOST
) -> tuple[list[str], list[str]]:
    """The lines that name a box, and those below. `brief` leaves out how it is made."""
    named = [title(box) if box.kind != "operation" else _operation(title(box))]
    less: list[str] = []
    own = box.detail or box.type
    sign = SIGNS.get(box.type) if own in (box.type, f"{box.type}()") else None
    plain = sign is not None or not _weighs(box)  # what is joined to a sum may have parameters, the sum has none
    if box.kind == "layer" and plain and told_by_name(box, box.label.rpartition(".")[2]):
        named, own = [sign or own], ""
    if box.before:
        less.append(f"after {', '.join(box.before)}")
    if own and own.lower() != named[0].lower() and box.kind in ("layer", "block"):
        less.append(own if not brief or box.kind == "block" else box.type)
    elif box.detail and box.kind not in ("layer", "block"):
        less.append(box.detail)
    if box.after:
        less.append(f"then {', '.join(box.after)}")
    last = [] if box.shape is None or bare(box) else [shape_text(box.shape)]
    if share:
        last.append(share)
    elif box.tied:
        last.append(f"tied to {box.tied}")
    elif params and _weighs(box):
        assert box.params is not None
        last.append(counted(box.params, box.copies))
    if last:
        less += [", ".join(last)] if len(", ".join(last)) <= letters else last
    return _all(named, letters), _all(less, letters)


def frame_lines(group: Group, params: bool, letters: int = MOST) -> list[str]:
    """The lines of a frame's title."""
    found = [group.title]
    if params and group.params is not None and not (type(group.params) is int and group.params == 0):
        found.append(counted(group.params, group.copies))
    return _all(found, letters)


def _all(texts: list[str], letters: int) -> list[str]:
    return [line for text in texts for line in wrapped(safe(text), letters)]


def signed(box: Box) -> bool:
    """Whether it is an operation that a circle with its sign shows."""
    return box.kind == "operation" and box.label in ("+", "-", "*", "/")


def bare(box: Box) -> bool:
    """Whether it is an operation without a name of its own, on numbers one by one: it keeps the shape."""
    return signed(box) or (box.kind == "operation" and box.label in ("sigmoid", "tanh", "relu"))


def _operation(label: str) -> str:
    """A gate as the field writes it: the logistic function, a product element by element."""
    name, equals, what = label.rpartition(" = ")
    return name + equals + {"sigmoid": "σ", "*": "⊙"}.get(what, what)


def _weighs(box: Box) -> bool:
    return box.params is not None and not (type(box.params) is int and box.params == 0)
