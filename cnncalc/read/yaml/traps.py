"""What YAML reads without complaint and the author did not mean: glued lines, lost spaces, twice-written keys.

Each check gets what was read with its place, and gives the problems it sees; where the meaning is plain, also the
value that was meant, so that one mistake is not reported a second time further on.
"""

from __future__ import annotations

import re
from itertools import pairwise

from cnncalc.core.problem import Problem, Source, Span
from cnncalc.read.yaml.scalar import Surprise, resolve
from cnncalc.read.yaml.value import Value

# LaTeX commands that begin with an escape of YAML's double quotes.
_ESCAPE = r"\\(?:[abefrtvLNP_](?=[A-Za-z])|n(?=abla|u\b|eq|e\b|ot))"
# Line ends and beginnings over which an expression or a chain goes on.
_GOES_ON = (*"+-*/@%=([{<>&|^:", "->", "→", "=>")
_CONTINUES = (*"+*/@%=)]},<>&|^.", "->", "→", "=>")


def short(text: str, most: int = 60) -> str:
    """At most so many characters of a text, on one line."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"


def rows(first: int, last: int) -> str:
    """Several lines by their numbers."""
    return f"lines {first} {'and' if last == first + 1 else 'to'} {last}"


def _odd(source: Source, span: Span, code: str, message: str, help: str) -> Problem:
    return Problem(code, message, source=source, span=span, help=help)


def escape(source: Source, value: Value, start: int, stop: int) -> Problem | None:
    """A LaTeX command in double quotes, where YAML reads its backslash as an escape."""
    raw = source.text[start + 1 : stop - 1]
    found = re.search(_ESCAPE, raw.replace("\\\\", "  "))
    if found is None:
        return None
    names = {"t": "a tab", "n": "a line break", "_": "a space"}
    what = names.get(raw[found.start() + 1], "a control character")
    value.data = value.text = raw
    message = f'YAML reads "{raw[found.start() : found.start() + 2]}" in double quotes as {what}'
    help = f"use single quotes: '{short(raw)}'" if "'" not in raw else "write the backslash twice"
    return _odd(source, value.span(), "yaml-escape", message, help)


def plain(source: Source, value: Value, start: int, stop: int, flow: bool) -> tuple[list[Problem], Value]:
    """What is odd about a plain text, and the value that was meant."""
    text = value.text
    if "\n" in (raw := source.text[start:stop]):
        problem = _glued(source, value, raw, start, flow)
        if problem is not None:
            return [problem], value
    if text[:1] == "-" and re.match(r"-[A-Za-z_][\w.]*(?:\(|$|: )", text) and _line_start(source.text, start):
        return [_dash(source, value.span(), text)], value
    if "#" in text and not re.search(r"\w#\d+$", text):
        before = text.partition("#")[0].rstrip()
        if before:
            data = resolve(before)
            data = data.data if isinstance(data, Surprise) else data
            message = 'a comment needs a space before "#"; without it the "#" is part of the text'
            help = f"write {short(before)}  #{short(text[len(before) :].lstrip(' #'), 20)}"
            found = _odd(source, value.span(), "yaml-comment", message, help)
            return [found], Value("scalar", data, value.line, value.column, value.length, before)
    if ":" in text and (match := re.match(r"([A-Za-z_][\w.]*):(?=[^\s/\\])(.*)", text, re.DOTALL)):
        better = _pair(value, match[1], match[2])
        return [_colon(source, value.span(), match[1], match[2])], better
    return [], value


def _pair(value: Value, name: str, rest: str) -> Value:
    """The mapping that `name:rest` was meant to be."""
    data = resolve(rest)
    data = data.data if isinstance(data, Surprise) else data
    place = value.line, value.column
    key = Value("scalar", name, *place, len(name), name)
    item = Value("scalar", data, value.line, value.column + len(name) + 1, len(rest), rest)
    return Value("map", [(key, item)], *place, value.length, "", "block")


def _colon(source: Source, span: Span, name: str, rest: str) -> Problem:
    message = f'there is no space after the colon of "{name}:"'
    return _odd(source, span, "yaml-colon", message, f"write {name}: {short(rest)}")


def _dash(source: Source, span: Span, text: str) -> Problem:
    message = f'there is no space after the dash of "{short(text)}"'
    return _odd(source, span, "yaml-dash", message, f"write - {short(text[1:])}")


def _line_start(text: str, start: int) -> bool:
    return text[text.rfind("\n", 0, start) + 1 : start].strip() == ""


def _depth(line: str) -> int:
    """How many brackets a line leaves open."""
    return sum(line.count(sign) for sign in "([{") - sum(line.count(sign) for sign in ")]}")


def _glued(source: Source, value: Value, raw: str, start: int, flow: bool) -> Problem | None:
    """Several lines that YAML made one text of, unless a call or an expression goes on over the line end."""
    lines = [(value.line + n, line) for n, line in enumerate(raw.split("\n")) if line.strip()]
    depth = 0
    for (number, line), (later, following) in pairwise(lines):
        depth += _depth(line)
        line, following = line.strip(), following.lstrip()
        if depth > 0 or line.endswith(_GOES_ON) or following.startswith(_CONTINUES):
            continue
        if following.startswith("-") and following[1:2] != " " and not following[1:2].isalpha():
            continue
        return _glue(source, value, (number, later), lines, (start, flow))
    return None


def _glue(
    source: Source, value: Value, seam: tuple[int, int], lines: list[tuple[int, str]], place: tuple[int, bool]
) -> Problem:
    """The problem for two lines that were meant to be two things."""
    number, later = seam
    start, flow = place
    written = dict(lines)
    indent = len(written[later]) - len(written[later].lstrip())
    line, following = written[number].strip(), written[later].strip()
    span = Span(later, indent + 1, len(following))
    both = short(f"{line} {following}")
    if line.startswith("-") and line[1:2].isalpha():
        return _dash(source, value.span(), line)
    if flow:
        message = f'{rows(number, later)} are read as one text, "{both}"'
        hint = f"a comma is missing at the end of line {number}"
    elif following.startswith("- "):
        if source.text[source.text.rfind("\n", 0, start) + 1 : start].lstrip().startswith("-"):
            cause = f'the "-" of line {later} is indented deeper than that of line {value.line}'
            hint = "give both the same indent"
        else:
            cause = f"line {value.line} has a value already, and line {later} goes on with it"
            hint = f'a list starts in a line of its own: begin each entry with "- " under line {value.line}'
        message = f'"{both}" is two entries in one: {cause}'
    elif re.match(r"-[A-Za-z]", following):
        return _dash(source, span, following)
    else:
        message = f'{rows(value.line, lines[-1][0])} are read as one text, "{short(value.text)}"'
        span = value.span()
        if all(re.match(r"\s*[\w.\[\]+\-]+ *= ", text) for _, text in lines):
            name, _, rest = line.partition("=")
            hint = f"write each line as a key and a value: {name.strip()}: {short(rest)}"
        else:
            hint = f'start each line with "- ": - {short(line.rstrip(","))}'
    return _odd(source, span, "yaml-glued", message, hint)


def pairs(source: Source, value: Value, owner: Value | None) -> list[Problem]:
    """Check a mapping that is complete, and put right what was meant; `owner` is the key it stands under."""
    items: list[tuple[Value, Value]] = value.data
    found: list[Problem] = []
    if value.style == "flow":
        found += _cut(source, value)
        items = value.data
    names = {key.text for key, _ in items}
    if "<<" in names:
        found += _merge(source, value)
        items = value.data
        names = {key.text for key, _ in items}
    if "" in names:
        found += [
            Problem("yaml-key", "there is no key before the colon", source=source, span=key.span())
            for key, _ in items
            if not key.text and not key.quoted
        ]
    if len(names) < len(items):
        found += _twice(source, value, owner)
    return found


def _twice(source: Source, value: Value, owner: Value | None) -> list[Problem]:
    """Keys that occur more than once. The first one is kept."""
    places: dict[str, list[tuple[Value, Value]]] = {}
    for pair in value.data:
        places.setdefault(pair[0].text, []).append(pair)
    value.data = [same[0] for same in places.values()]
    found = []
    for name, same in places.items():
        if len(same) == 1:
            continue
        lines = [str(key.line) for key, _ in same]
        times = "twice" if len(same) == 2 else f"{len(same)} times"
        where = f"in line {lines[0]}" if len(set(lines)) == 1 else f"in lines {', '.join(lines[:-1])} and {lines[-1]}"
        if owner is not None and owner.text in ("layers", "sequential", "residual", "shortcut"):
            hint = f'start each layer with "- ": - {name}: ...'
        elif any(item.kind == "map" for _, item in same):
            hint = f'put what stands under them together, under one "{name}:"'
        else:
            hint = "keep one of them"
        message = f'the key "{name}" appears {times}, {where}; YAML would keep the last one only'
        found.append(_odd(source, same[1][0].span(), "duplicate-key", message, hint))
    return found


def _cut(source: Source, value: Value) -> list[Problem]:
    """What the commas inside braces made of numbers, and colons without a space."""
    kept: list[tuple[Value, Value]] = []
    found: list[Problem] = []
    for key, item in value.data:
        lone = item.kind == "scalar" and item.length == 0 and not key.quoted
        if lone and kept and key.text[:1].isdigit() and kept[-1][1].kind == "scalar" and kept[-1][1].length:
            before = kept[-1][1]
            joined = before.text + "," + key.text
            near = before.line == key.line and before.column + before.length + 1 == key.column
            if near and re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+", joined):
                before.text = before.data = joined  # a thousands separator
                before.length = key.column + key.length - before.column
                continue
            message = f'inside {{ }} YAML cuts "{short(before.text)}, {key.text}" at the comma'
            help = f"write [{short(before.text)}, {key.text}] for a pair"
            found.append(_odd(source, key.span(), "yaml-cut", message, help))
            continue
        if lone and (match := re.match(r"([A-Za-z_][\w.]*):(?=[^\s/\\])(.*)", key.text, re.DOTALL)):
            found.append(_colon(source, key.span(), match[1], match[2]))
            key, item = _pair(key, match[1], match[2]).data[0]
        kept.append((key, item))
    value.data = kept
    return found


def _merge(source: Source, value: Value) -> list[Problem]:
    """Merge keys: `<<: *base` adds the pairs of `base` whose keys are not there."""
    own = {key.text for key, _ in value.data}
    merged: list[tuple[Value, Value]] = []
    found: list[Problem] = []
    for key, item in value.data:
        if key.text != "<<" or key.quoted:
            merged.append((key, item))
            continue
        bases = item.data if item.kind == "list" else [item]
        for base in bases:
            if base.kind != "map":
                help = "write <<: *NAME, where &NAME marks a mapping"
                found.append(_odd(source, key.span(), "yaml-anchor", '"<<" takes a mapping, or a list of them', help))
                break
            for pair in base.data:
                if pair[0].text not in own:
                    own.add(pair[0].text)
                    merged.append(pair)
    value.data = merged
    return found
