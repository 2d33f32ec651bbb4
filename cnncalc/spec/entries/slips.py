"""What people write where the call of a layer should stand, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable

from cnncalc.spec.entries.chain_text import split_chain
from cnncalc.spec.entries.exam import doubtful

# An ordinary call; nothing else is looked for in it.
_CALL = re.compile(r"[A-Za-z_][\w.]*( ?\([^{}<>]*\))? ?,?")
# Longer texts are no slips; looking through them would take long.
MOST = 400
_SIZES = re.compile(r"[\[(]? ?\d+( ?[xX×,@*] ?\d+| \d+)* ?[\])]?")
_KERNEL = re.compile(r"(\d+)\s*[xX×]\s*(\d+)")
_FILTERS = re.compile(r"(\d+)\s*(?:filters?|kernels?|channels?|feature maps?|maps?)\b", re.IGNORECASE)
_EQUATION = re.compile(r"\s*\w+(?:\[t\]|_t|_\{t\}|ₜ|\(t\))\s*=")
CELL = 'recurrent: {state: {h: 4}, weights: {W: [4, 3], U: [4, 4]}, step: {h: "tanh(W @ x[t] + U @ h[t-1])"}}'

Knows = Callable[[str], bool]


def instead(text: str, knows: Knows, chain: bool) -> str:
    """What to write for a text that is no call; empty where it is one, or nobody knows."""
    if _CALL.fullmatch(text):
        return _view(text) if "size(0)" in text or "shape[0]" in text else ""
    text = " ".join(text.split())
    if len(text) > MOST:
        return ""
    if _EQUATION.match(text):
        return f"a cell is given by its equations: - {CELL}"
    if _SIZES.fullmatch(text):
        return _sizes(text, chain)
    if (repeated := times(text)) and knows(re.split("[(:]", repeated[1])[0].strip()):
        return _repeat(*repeated, chain)
    if meant := doubtful(text) or _prose(text):
        return f"write {meant}"
    if re.search(r"\d\s*->\s*\d", text) and (found := re.fullmatch(r"([\w.]+)\((.*)\)", text)) and knows(found[1]):
        return f"write {found[1]}({re.sub(r'[ ]*->[ ]*', ', ', found[2])})"
    if text[:1] in "([" and (parts := _listed(text)) and knows(parts[0].split("(")[0].strip()):
        return f"write {' -> '.join(parts)}" if chain else "write each with a dash of its own: - " + parts[0]
    return _brackets(text, knows)


def times(text: str) -> tuple[str, str] | None:
    """`5 x Conv2d(...)`, `Conv2d(...) x 5`: the number and the layer; None for other texts."""
    text = text.strip()
    if found := re.fullmatch(r"(\d+)\s*[xX×*]\s*\((.*)\)", text, re.DOTALL):
        return found[1], f"sequential: [{', '.join(part for _, part in split_chain(found[2]))}]"
    if found := re.fullmatch(r"(\d+)\s*[xX×*]\s*\[?([A-Za-z][\w.]*(?:\(.*\))?)\]?", text):
        return found[1], found[2]
    if found := re.fullmatch(r"\[([A-Za-z].*)\]\s*[xX×*]\s*(\d+)", text, re.DOTALL):
        parts = _listed(f"[{found[1]}]")
        return found[2], f"sequential: [{', '.join(parts)}]" if parts else found[1]
    if found := re.fullmatch(r"([A-Za-z][\w.]*\(.*\))\s*[xX×]\s*(\d+)", text):
        return found[2], found[1]
    return None


def _repeat(count: str, call: str, chain: bool) -> str:
    """How to write that a layer stands several times."""
    again = f"- {call}, and below it, without a dash, repeat: {count}"
    return f"in a spec write {again}; a chain has it {count} times" if chain else f"write {again}"


def _sizes(text: str, chain: bool) -> str:
    """A number where a layer stands is a fully connected one; several are a shape, which follows from the rest."""
    if text.isdigit():
        return f"for a fully connected layer write Linear(out_features={text})" if chain else ""
    return "shapes between layers are worked out: leave it out; one may stand at the end" if chain else ""


def _prose(text: str) -> str:
    """`conv 12 filters 17x17`, `8 filters of 3x3`."""
    kernel, filters = _KERNEL.search(text), _FILTERS.search(text)
    if "(" in text or kernel is None or filters is None:
        return ""
    size = kernel[1] if kernel[1] == kernel[2] else f"[{kernel[1]}, {kernel[2]}]"
    return f"Conv2d(out_channels={filters[1]}, kernel_size={size})"


def _brackets(text: str, knows: Knows) -> str:
    """`Conv2d[3, 4, 3]`, `Conv2d{3, 4, 3}`, `Conv2d 3 4 3`."""
    if found := re.fullmatch(r"([A-Za-z][\w.]*)\s*[\[{](.*)[\]}]", text):
        return f"write {found[1]}({found[2].strip()})" if knows(found[1]) else ""
    if found := re.fullmatch(r"([A-Za-z][\w.]*)((?:[\s,]+[\w.=\"']+)+)", text):
        words = found[2].replace(",", " ").split()
        sized = words[0][0].isdigit() or "=" in words[0]
        return f"write {found[1]}({', '.join(words)})" if knows(found[1]) and sized else ""
    return ""


def _listed(text: str) -> list[str]:
    """The layers inside of brackets, `(Conv2d(3, 4, 3) -> ReLU)`, `[Conv2d(3, 4, 3), ReLU]`."""
    if text[-1:] not in ")]":
        return []
    inner, parts, depth, start = text[1:-1], [], 0, 0
    for at, letter in enumerate(inner):
        depth += (letter in "([") - (letter in ")]")
        if depth < 0:
            return []
        if depth == 0 and (letter == "," or inner.startswith("->", at)):
            parts.append(inner[start:at].strip())
            start = at + (1 if letter == "," else 2)
    parts.append(inner[start:].strip())
    return parts if len(parts) > 1 and all(parts) else []


def _view(text: str) -> str:
    """`view(x.size(0), -1)`: what keeps the batch and makes one axis of the rest."""
    found = re.fullmatch(r"(?:\w+\.)*(?:view|reshape)\((?:\w+, *)?\w+\.(?:size\(0\)|shape\[0\]), *-1\)", text.strip())
    return "write Flatten" if found else ""
