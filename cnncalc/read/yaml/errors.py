"""YAML's own errors in words a user can act on, and the one character to hide so that reading can go on.

`explain` looks at the text around the place more than at the words of the error, so it serves both parsers of PyYAML.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from cnncalc.core.problem import Problem, Source
from cnncalc.read.yaml.location import Place, character, pasted, tabs
from cnncalc.read.yaml.protect_calls import Unclosed
from cnncalc.read.yaml.traps import short

MOST_LINES = 100
_ENDS = {"[": "]", "{": "}"}


class Finding(NamedTuple):
    """The problems behind one error, and the index of the character to hide; None where reading ends."""

    problems: list[Problem]
    hide: int | None = None


def _one(
    place: Place, code: str, message: str, help: str | tuple[str, ...] = (), length: int = 1, hide: int | None = None
) -> Finding:
    """One problem at a place."""
    return Finding([place.problem(code, message, help, length)], hide)


def explain(error: Any, source: Source) -> Finding:
    """What is wrong where YAML gave up."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Finding([character(source)])
    place = Place(source, mark.index)
    context_mark = getattr(error, "context_mark", None)
    origin = Place(source, context_mark.index) if context_mark is not None else place
    message, context = str(error.problem), str(getattr(error, "context", ""))

    if (found := pasted(source)) is not None:
        return Finding([found])
    if "\t" in re.match(r"\s*", place.written)[0] or place.char == "\t":  # type: ignore[index]
        help = "write a space"
        here = place.problem("yaml-tab", "a tab stands here, where YAML takes spaces only", help)
        return Finding(tabs(source) or [here])
    if "quoted scalar" in context:
        return _quoted(place, origin, message)
    if "mapping values" in message:
        return _second_colon(place)
    if "cannot start any token" in message:
        return _sign(place)
    signs = ("block scalar", "scanning an a", "directive", " tag")  # "an a" of an alias, an anchor
    if any(sign in context for sign in signs) or "mapping keys" in message or "directive" in message:
        return _sign(origin)
    if "simple key" in context:
        return _lone_line(origin)
    if "flow" in context and "node" not in context:
        return _flow(place, origin)
    if "node" in context:
        return _nothing_there(place)
    return _misfit(place, context)


def unclosed(source: Source, call: Unclosed) -> Problem:
    """A call inside brackets that is not closed before the brackets are."""
    start, end = call
    place = Place(source, start)
    begin = max(place.before.rfind(sign) for sign in ",[{ ") + 1
    name = place.before[begin:]
    stop = source.text[end : end + 1]
    found = short(source.text[start - len(name) : end])
    before = {"": "the end of the file", "#": "the comment"}.get(stop, f'"{stop}"')
    wanted = ")" if place.char == "(" else "]"
    message = "write the comment behind the call" if stop == "#" else f'put a "{wanted}" where it ends'
    return place.problem("yaml-bracket", f'the "{place.char}" of "{found}" is not closed before {before}', message)


def _quoted(place: Place, origin: Place, message: str) -> Finding:
    """A quote that is never closed, or a backslash inside double quotes."""
    text = place.source.text
    if "escape" in message or "hexdecimal" in message:
        slash = text.rfind("\\", origin.index, place.index + 1)
        end = re.compile(r'[^"\n]*').match(text, origin.index + 1)
        content = end[0] if end else ""
        place = Place(place.source, slash)
        message = f'"{text[slash : slash + 2]}" means nothing to YAML in double quotes'
        help = f"use single quotes: '{short(content)}'" if "'" not in content else "write the backslash twice"
        return _one(place, "yaml-escape", message, help, 2, slash)
    return _one(origin, "yaml-quote", "the quote that opens here is never closed", f"close it with {origin.char}")


def _second_colon(place: Place) -> Finding:
    """A colon where YAML expects no key: two on one line, or a line that is indented too deep."""
    head = re.match(r"(\s*(?:- +)*)(.*?): +(.*)$", place.before)
    if head is None:
        key = place.before.strip().removeprefix("- ")
        if place.before.rstrip()[-1:] in ("]", "}"):
            message, help = f'"{short(key)}" cannot be a key', "put it in quotes"
        else:
            message = f'"{short(place.written)}" is indented deeper than the line above, which has a value already'
            help = f'give "{short(key)}" the indent of the key it belongs beside'
            above = re.match(r"\s*- +([\w.]+)(\(.*\))?\s*$", place.line_above())
            if above:
                layer = above[0].strip().removeprefix("- ")
                help = f"give the layer a name, and keys can stand beside it: - {above[1].lower()}1: {layer}"
        column = len(place.before) - len(place.before.lstrip())
        start = Place(place.source, place.start + column)
        code = "yaml-key" if "cannot" in message else "yaml-indent"
        return _one(start, code, message, help, len(place.written.strip()), place.index)
    outer, inner = head[2], head[3]
    rest = re.split(r"\s#", place.written[place.column + 1 :], maxsplit=1)[0].strip()
    if re.fullmatch(r"""[\w.]+|"[^"]*"|'[^']*'""", inner):
        rest = f'"{short(rest)}"' if ": " in rest else short(rest)
        help = f"put the inner one in braces: {outer}: {{{inner}: {rest}}}"
    else:
        help = f'put the text in quotes: {outer}: "{short(f"{inner}: {rest}")}"'
    return _one(place, "yaml-colon", "there are two colons on one line", help, hide=place.index)


def _sign(place: Place) -> Finding:
    """A value that starts with a character that means something to YAML."""
    value, char = place.value(), place.char
    before = place.before.rstrip()
    if char == "*" and before[-1:] in ("]", "}", ")"):
        item = place.written.strip().removeprefix("- ")
        help = 'to have a block several times, write "repeat: N" beside it'
        return _one(place, "yaml-sign", f'YAML cannot multiply: "{short(item)}"', help)
    lone = value in ("*", "&", "!", "?", "%", "@", "|", ">")
    names = {
        "*": "an alias",
        "&": "an anchor",
        "!": "a tag",
        "?": "a key",
        "%": "a directive",
        ">": "a folded text",
        "|": "a block of text",
    }
    means = f"a {char} starts {names[char]}" if char in names else f"no value starts with {char}"
    what = f'"{short(value)}" needs quotes' if not lone else f'a lone "{value}" needs quotes'
    quote = "'" if '"' in value else '"'
    help = f"write {quote}{short(value)}{quote}"
    return _one(place, "yaml-sign", f"{what}: in YAML {means}", help, len(value), place.index if char else None)


def _lone_line(place: Place) -> Finding:
    """A line that is neither a key nor an entry; all lines with the same mistake are named."""
    source = place.source
    if re.match(r"\s*-[A-Za-z_]", place.written):
        pattern, code = r"^[ ]*(?:- +)*(-)([A-Za-z_].*)$", "yaml-dash"
    elif re.match(r"\s*(?:- +)*[A-Za-z_][\w.]*:[^\s/]", place.written):
        pattern, code = r"^[ ]*(?:- +)*([A-Za-z_][\w.]*:)([^\s/].*)$", "yaml-colon"
    else:
        line = place.written.strip()
        message = f'"{short(line)}" is neither "key: value" nor "- entry"'
        return _one(place, "yaml-syntax", message, f'write "- {short(line)}" for a layer', len(line))
    problems = []
    for found in re.finditer(pattern, source.text, re.MULTILINE):
        text = short(found[2])
        if code == "yaml-dash":
            message, help = f'there is no space after the dash of "-{text}"', f"write - {text}"
        else:
            message, help = f'there is no space after the colon of "{found[1]}"', f"write {found[1]} {text}"
        spot = Place(source, found.start(1))
        problems.append(spot.problem(code, message, help, found.end(2) - found.start(1)))
        if len(problems) == MOST_LINES:
            break
    return Finding(problems)


def _flow(place: Place, origin: Place) -> Finding:
    """Inside brackets, where a comma or the end was expected."""
    before = place.before.rstrip()
    if place.char == ":" and before[-1:].isalnum() and place.number == origin.number:
        inner = re.split(r"[{\[,]", before)[-1].strip()
        outer, colon, name = inner.partition(": ")
        rest = re.split(r"[,}\]]", place.written[place.column + 1 :])[0].strip()
        if colon:
            whole = f"{name.strip()}: {short(rest)}"
            if re.fullmatch(r"[\w.]+", name.strip()):
                help = f"put the inner one in braces: {outer}: {{{whole}}}"
            else:
                help = f'put the text in quotes: {outer}: "{whole}"'
            return _one(place, "yaml-colon", "there are two colons in one entry", help, hide=place.index)
    if before[-1:] in ('"', "'") and place.char.isalnum():
        return _after_quote(place)
    end = _ENDS.get(origin.char, "]")
    if place.number == origin.number and place.char not in ("", "\n"):
        rest = short(re.split(r"[,\]}]", place.written[place.column :], maxsplit=1)[0] or place.char)
        opens = f'the "{origin.char}" opens in column {origin.column + 1}'
        return _one(place, "yaml-bracket", f'a comma or "{end}" is expected before "{rest}"', opens)
    help = f'put a "{end}" where the {"list" if end == "]" else "mapping"} ends'
    return _one(origin, "yaml-bracket", f'the "{origin.char}" that opens here is never closed', help)


def _after_quote(place: Place) -> Finding:
    rest = place.value()
    help = ["put the quotes around the whole value"]
    if place.before.rstrip().endswith("'"):
        help.append("a ' inside single quotes is written twice: ''")
    message = f'"{short(rest)}" stands after the closing quote'
    return _one(place, "yaml-quote", message, tuple(help), len(rest))


def _nothing_there(place: Place) -> Finding:
    """A bracket, comma or dash where a value should start."""
    if place.char == "-":
        message, help = 'a "-" starts no entry inside brackets', 'separate the entries by commas, without "-"'
    elif place.char == ",":
        message, help = 'there is no value before the ","', "leave the comma out, or write the value"
    elif place.char in ("]", "}"):
        opener = "[" if place.char == "]" else "{"
        message, help = f'this "{place.char}" closes nothing', f'leave it out, or put a "{opener}" where it opens'
    else:
        message, help = "there is no value here", "write it, or leave the key out"
    return _one(place, "yaml-bracket", message, help)


def _misfit(place: Place, context: str) -> Finding:
    """A line, or the rest of one, that fits nothing that is open."""
    before, line = place.before.rstrip(), place.written.strip()
    if before.strip():
        if before[-1] in "\"'":
            return _after_quote(place)
        if place.char in ("]", "}"):
            return _nothing_there(place)
        rest = place.value()
        message = f'"{short(rest)}" stands after the value, which ends with "{before[-1]}"'
        return _one(place, "yaml-syntax", message, "put the whole value in quotes", len(rest))
    if re.match(r"-[A-Za-z_]", line):
        return _lone_line(place)
    above = [text for text in place.source.text[: place.start].split("\n") if text.strip()]
    if "..." in above:
        message = 'a second document starts here, after "...", and a spec is one document'
        return _one(place, "yaml-documents", message, 'leave out the line "..."', len(line))
    indent = len(before) if before else place.column
    if line.startswith("- ") or line == "-":
        dashes = [text for text in above if text.lstrip().startswith("-")]
        near = len(dashes[-1]) - len(dashes[-1].lstrip()) if dashes else indent
        if near != indent:
            message = f'this "-" is indented by {_spaces(indent)}, the one above it by {_spaces(near)}'
            return _one(place, "yaml-indent", message, "give all entries of a list the same indent")
        message = 'a "- " entry cannot stand here, among lines of the form "key: value"'
        return _one(place, "yaml-indent", message, "write the key of the list above it: layers:", len(line))
    key = re.search(r":(?:\s|$)", line) is not None
    if not key and above and re.search(r"(?:^|\s)#", above[-1]):
        message = f'the comment above ends a text, so "{short(line)}" stands alone'
        return _one(place, "yaml-glued", message, ('start each layer with "- "', "or write layers: |"), len(line))
    if "collection" in context or "sequence" in context:
        message = f'"{short(line)}" is no entry of the list above, whose entries start with "-"'
        help = f"write - {short(line)}, or give it another indent"
    elif "mapping" in context and not key:
        message, help = f'"{short(line)}" is no "key: value"', f'write "- {short(line)}" for a layer, under "layers:"'
    elif above and not key:
        message = f'"{short(line)}" is neither "key: value" nor "- entry"'
        help = 'start each layer with "- ", under "layers:"'
    else:
        message = f"the indent of this line, {_spaces(indent)}, fits no line above it"
        help = "lines of one mapping or list have the same indent"
    return _one(place, "yaml-indent", message, help, len(line))


def _spaces(count: int) -> str:
    return "1 space" if count == 1 else f"{count} spaces"
