"""What may stand under the cursor of PyTorch source: layers, their options, sizes that fit, attributes of `self`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from cnncalc import layers
from cnncalc.core.layer import Layer
from cnncalc.core.option import Option
from cnncalc.core.problem import Fault, SpecError
from cnncalc.editor.analysis import Analysis
from cnncalc.editor.choice import Choice
from cnncalc.editor.fixes import fixes
from cnncalc.editor.words import outside_brackets

SAID = re.compile(r"^\s*#\s*cnncalc:\s*(?P<maker>\S*\s+)??(?P<input>input\s+)?\S*$")
SIZES = ("3x224x224", "3x32x32", "1x28x28")
LAYER = re.compile(r"\b(?:torch\.)?nn\.\w*$")
SELF = re.compile(r"\bself\.\w*$")
SET = re.compile(r"^\s+self\.(?P<name>[A-Za-z_]\w*)\s*(?::[^=]+)?=\s*(?P<value>[^=\s].*)$", re.M)
METHOD = re.compile(r"^\s+def (?P<name>[A-Za-z]\w*)\((?P<rest>.*)$", re.M)
CALLED = re.compile(r"(?P<prefix>(?:torch\.)?nn\.)?(?P<name>[A-Za-z_]\w*)\s*$")
NAMED = re.compile(r"(?P<name>\w+)\s*=(?!=)\s*(?P<value>.*)$", re.S)
FAR = 2_000  # letters before and behind the cursor in which a call is looked for
ODD = 7919  # a size that no layer before gives: what is said against it names the one that fits


class Call(NamedTuple):
    """A call of a layer that is being written: where it starts and ends in the text, and its arguments so far."""

    kind: type[Layer]
    name: str  # as it is written, nn.Linear
    start: int
    end: int
    before: list[str]  # the arguments before the one under the cursor
    behind: list[str]
    now: str  # the argument under the cursor, as far as it is written


def complete_source(analysis: Analysis, line: int, column: int, setting: str) -> Iterator[Choice]:
    """The choices at a place of PyTorch source."""
    text = analysis.source.text
    lines = text.split("\n")
    if not 0 < line <= len(lines):
        return
    before = lines[line - 1][: column - 1]
    if (said := SAID.match(before)) is not None:
        yield from _comment(text, bool(said["input"]), bool(said["maker"]))
        return
    if LAYER.search(before):
        yield from (Choice(name, "type", detail) for name, detail in _layers())
        return
    if SELF.search(before):
        yield from _attributes(lines, line)
        return
    at = sum(len(one) + 1 for one in lines[: line - 1]) + len(before)
    call = _open_call(text, at)
    if call is not None:
        yield from _options(analysis, call, setting)


def _comment(text: str, size: bool, maker: bool) -> Iterator[Choice]:
    """Behind `# cnncalc:`: which network is meant, and the size of its input."""
    if size:
        yield from (Choice(one, "value", "channels x height x width") for one in SIZES)
        return
    yield Choice("input ", "key", "the size of one sample, such as 3x32x32")
    if not maker:
        for found in re.finditer(r"^class (\w+)", text, re.M):
            yield Choice(f"{found[1]}() ", "name", "the network that is meant")


@cache
def _layers() -> tuple[tuple[str, str], ...]:
    """The layers of torch.nn that are known, with what each does."""
    found = []
    for name in layers.names():
        kind = layers.find(name)
        if kind is not None and kind.torch and kind.torch.format(type=name) == f"nn.{name}":
            found.append((name, " ".join((kind.__doc__ or "").split("\n\n")[0].split())))
    return tuple(found)


def _attributes(lines: list[str], line: int) -> Iterator[Choice]:
    """What the class around a line sets on `self`, and its methods."""
    start = next((at for at in range(line - 1, -1, -1) if lines[at].startswith("class ")), None)
    if start is None:
        return
    stop = next((at for at in range(start + 1, len(lines)) if re.match(r"[^\s#)]", lines[at])), len(lines))
    body = "\n".join(one for at, one in enumerate(lines[start:stop], start + 1) if at != line)
    seen = set()
    for found in SET.finditer(body):
        if found["name"] not in seen:
            seen.add(found["name"])
            yield Choice(found["name"], "attribute", found["value"][:80])
    for found in METHOD.finditer(body):
        if found["name"] not in seen:
            seen.add(found["name"])
            yield Choice(found["name"], "name", f"def {found['name']}({found['rest'][:60]}")


# --- a call that is being written -------------------------------------------------------------------------------------


def _open_call(text: str, at: int) -> Call | None:
    """The innermost call around a place, where it is one of a layer."""
    parts: list[str] = []
    last = at
    for here, letter in outside_brackets(text, range(at - 1, max(-1, at - FAR), -1), ")]}", "([{"):
        if letter == ",":
            parts.insert(0, text[here + 1 : last])
            last = here
        elif letter in "([{":
            called = CALLED.search(text, max(0, here - 200), here)
            kind = layers.find(called["name"]) if letter == "(" and called is not None else None
            torch = kind is not None and f"nn.{called['name']}" == kind.torch.format(type=kind.type())  # type: ignore[index]
            imported = torch and re.search(rf"^from torch\.nn import .*\b{called['name']}\b", text, re.M)  # type: ignore[index]
            if called is None or kind is None or not torch or not (called["prefix"] or imported):
                return None
            parts.insert(0, text[here + 1 : last])
            rest, end = _rest(text, at)
            now = parts.pop().lstrip()
            before, behind = ([part.strip() for part in some if part.strip()] for some in (parts, rest[1:]))
            return Call(kind, called[0].strip(), called.start(), end, before, behind, now)
    return None


def _rest(text: str, at: int) -> tuple[list[str], int]:
    """The arguments behind a place up to the call's bracket, and where the call ends, or its line."""
    parts: list[str] = []
    last = at
    for here, letter in outside_brackets(text, range(at, min(len(text), at + FAR)), "([{", ")]}"):
        if letter == ",":
            parts.append(text[last:here])
            last = here + 1
        elif letter in ")]}":
            return [*parts, text[last:here]], here + 1
        elif letter == "\n" and (re.match(r"\s*[)\]}]", text[here:]) or (parts and not text[last:here].strip())):
            continue
        elif letter in "\n:#":
            return [*parts, text[last:here]], here
    return [], at


def _options(analysis: Analysis, call: Call, setting: str) -> Iterator[Choice]:
    """The options that are not there yet, and for the one that is written now its values."""
    from cnncalc.pages.layers import options

    every = options(call.kind)
    positional = [option for option in every if not option.keyword_only]
    given = _given(call, positional)
    here = sum(1 for part in call.before if not NAMED.match(part))
    key = NAMED.match(call.now)
    if key is not None:
        option = next((one for one in every if one.name == key["name"]), None)
        if option is not None:
            yield from _values(analysis, call, option, every, setting, "")
        return
    by_place = here == len(call.before) and here < len(positional)
    if by_place and not re.search(r"[^\w]", call.now):
        yield from _values(analysis, call, positional[here], every, setting, positional[here].name)
    for option in every:
        if option.name not in given:
            yield Choice(f"{option.name}=", "option", f"{option.help} ({_default(option)})", ", ".join(option.words))


def _given(call: Call, positional: list[Option]) -> dict[str, str]:
    """The arguments around the cursor by the names of their options."""
    found = {}
    for start, parts in ((0, call.before), (len(call.before) + 1, call.behind)):
        for at, part in enumerate(parts, start):
            if (named := NAMED.match(part)) is not None:
                found[named["name"]] = named["value"]
            elif at < len(positional):
                found[positional[at].name] = part
    return found


def _default(option: Option) -> str:
    return "required" if option.required or option.inferred else f"default {option.like or option.default}"


def _values(
    analysis: Analysis, call: Call, option: Option, every: list[Option], setting: str, name: str
) -> Iterator[Choice]:
    """What an option may be: the size that fits, or its words; `name` is said where the text does not say it."""
    said = f"{name}: " if name else ""
    fitting = _fitting(analysis, call, option, every, setting) if option.inferred else None
    if fitting is not None:
        yield Choice(str(fitting), "value", f"{said}what the layer before gives")
    quote = "" if "'" in call.now or '"' in call.now else '"'
    yield from (Choice(f"{quote}{word}{quote}", "value", f"{said}{option.help}") for word in option.words)


def _fitting(analysis: Analysis, call: Call, option: Option, every: list[Option], setting: str) -> int | None:
    """The size that fits: the call is written with one that cannot, and what is said against it is read."""
    from cnncalc.editor.text import analyse

    needed = [one.name for one in every if one.required or one.inferred]
    positional = [one for one in every if not one.keyword_only]
    order = [one.name for one in positional]
    given = _given(call, positional)
    values = {**dict.fromkeys(needed, "1"), **given, option.name: str(ODD)}
    written = ", ".join(f"{name}={value}" for name, value in values.items())
    text = analysis.source.text
    text = f"{text[: call.start]}{call.name}({written}){text[call.end :]}"
    line = text.count("\n", 0, call.start) + 1
    try:
        problems = analyse(text, analysis.source.name, "python", setting).problems
    except (SpecError, Fault, RecursionError, MemoryError):
        return None
    for problem in problems:
        if problem.span is None or problem.span.line != line:
            continue
        for fix in fixes(problem, text):
            size = fix.text if fix.text.isdigit() else _argument(fix.text, option.name, order)
            if size.isdigit() and int(size) != ODD:
                return int(size)
    return None


def _argument(written: str, name: str, positional: list[str]) -> str:
    """The value of an option in a written call, or in `name=value`."""
    try:
        tree = ast.parse(written if "(" in written else f"f({written})", mode="eval").body
    except (SyntaxError, ValueError):
        return ""
    if not isinstance(tree, ast.Call):
        return ""
    for keyword in tree.keywords:
        if keyword.arg == name:
            return ast.unparse(keyword.value)
    at = positional.index(name) if name in positional else len(tree.args)
    return ast.unparse(tree.args[at]) if at < len(tree.args) else ""
