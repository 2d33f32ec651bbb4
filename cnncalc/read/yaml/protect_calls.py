"""What flow style would cut is put together before YAML sees it.

YAML ends a plain text inside `[ ]` and `{ }` at each comma and bracket, so `[Conv2d(3, 16, 3), ReLU]` arrives as four
pieces. Here each comma and bracket inside a call is swapped for a stand-in of the same length that means nothing to
YAML, and swapped back when the value is read. So nothing moves, and every place in the file stays true.
"""

from __future__ import annotations

import re

# Stand-ins are private-use characters: U+E000 and the ASCII code of what they stand for.
BASE = 0xE000
SIGNS = ",[]{}:#?&*!|>%@`\\"
_HIDE = {ord(sign): BASE + ord(sign) for sign in SIGNS}
_SHOW = {BASE + ord(sign): ord(sign) for sign in SIGNS}
MOST_UNCLOSED = 50
_PAIRS = {"(": ")", "[": "]", "{": "}"}


# A call that is never closed: the index of its bracket, and of what came instead.
Unclosed = tuple[int, int]


def protect(text: str) -> str:
    """The text with stand-ins for everything that means something to YAML."""
    return text.translate(_HIDE)


def restore(text: str) -> str:
    """The text as it was written."""
    return text if text.isascii() else text.translate(_SHOW)


def clean(text: str) -> str:
    """The text with plain line ends, spaces and quotes: what word processors and web pages put there instead.

    No column changes.
    """
    if text[:1] == "\ufeff":
        text = text[1:]
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text
    text = text.translate({0xA0: " ", 0x2007: " ", 0x202F: " ", 0x85: " ", 0x2028: " ", 0x2029: " "})
    if any(quote in text for quote in "“”„‘’‚"):
        text = re.sub(
            r"(?<![^\s\[{(,=:])(?:[“”„]([^“”„\n]*)[“”]|[‘’‚]([^‘’‚\n]*)[‘’])(?=\s*(?:[,\]}):]|#|$))",
            _straight,
            text,
            flags=re.MULTILINE,
        )
    return text


def _straight(match: re.Match[str]) -> str:
    """Plain quotes for curly ones: single where that holds the text, since `"` has escapes."""
    inner = match[1] if match[1] is not None else match[2]
    quote = '"' if "'" in inner else "'"
    return f"{quote}{inner}{quote}"


def hide_calls(text: str) -> tuple[str, list[Unclosed]]:
    """The text with every call, tuple and index inside brackets hidden, and those that are never closed."""
    spans: list[tuple[int, int]] = []
    unclosed: list[Unclosed] = []
    if "?" in text:
        # A lone ? is a key without its text to YAML, and "find this number" to everyone else.
        for match in re.finditer(r"(?:^[ ]*|[:\-] +)(\?)(?=[ ]*(?:#|$))", text, re.MULTILINE):
            spans.append(match.span(1))
    opening = re.compile(r"[\[{]")
    blocks = _block_texts(text)
    here = block = 0
    while len(unclosed) < MOST_UNCLOSED and (bracket := opening.search(text, here)):
        at = bracket.start()
        while block < len(blocks) and blocks[block][1] <= at:
            block += 1
        if block < len(blocks) and blocks[block][0] <= at:
            here = blocks[block][1]
            continue
        begin, here = text.rfind("\n", 0, at) + 1, _line_end(text, at)
        if not _worth(text[at:here]):
            continue
        for _ in range(8):  # a bracket inside a key or a plain text opens nothing; few stand before one that does
            if _opens(text[begin:at]):
                here = _line_end(text, _scan(text, at, spans, unclosed))
                break
            later = opening.search(text, at + 1, here)
            if later is None:
                break
            at = later.start()
    spans.sort()
    return _hide_spans(text, spans), unclosed


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _worth(rest: str) -> bool:
    """Whether a line has something to hide, or leaves a bracket open for the next lines."""
    if "(" in rest or "?" in rest:
        return True
    if rest.count("[") != rest.count("]") or rest.count("{") != rest.count("}"):
        return True
    return re.search(r"[\w)\]]\[", rest) is not None


def _opens(before: str) -> bool:
    """Whether a bracket after this beginning of a line starts a list or mapping, and is no part of a text."""
    head = before.rstrip(" ")
    while head and (mark := head.rpartition(" ")[2])[:1] in ("&", "!"):  # an anchor or a tag
        head = head[: -len(mark)].rstrip(" ")
    if head.replace("-", "").strip() == "":
        return not head or before[-1] == " "
    if head[-1] != ":" or before[-1] != " " or head.lstrip().startswith("#") or " #" in head:
        return False
    return head.count('"') % 2 == 0 and head.count("'") % 2 == 0


def _block_texts(text: str) -> list[tuple[int, int]]:
    """Where the lines of block texts (`|` and `>`) begin and end."""
    regions: list[tuple[int, int]] = []
    if "|" not in text and ">" not in text:
        return regions
    header = re.compile(r"^([ ]*)[^\n#]*?[:\-] +[|>][-+0-9]*[ \t]*(?:#[^\n]*)?$", re.MULTILINE)
    end = 0
    while match := header.search(text, end):
        start = end = min(match.end() + 1, len(text))
        indent = len(match[1])
        while end < len(text):
            stop = _line_end(text, end)
            line = text[end:stop]
            if line.strip() and len(line) - len(line.lstrip(" ")) <= indent:
                break
            end = min(stop + 1, len(text))
        regions.append((start, end))
        if end >= len(text):
            break
    return regions


def _scan(text: str, start: int, spans: list[tuple[int, int]], unclosed: list[Unclosed]) -> int:
    """Walk one list or mapping in brackets, note what to hide, and give its end."""
    sign = re.compile(r"[\[\]{}(\"'#?]")
    closers: list[str] = []
    at = start
    while match := sign.search(text, at):
        at, char = match.start(), match[0]
        if char == "(" or (char == "[" and at > start and (text[at - 1].isalnum() or text[at - 1] in "_)]")):
            end, closed = _skip(text, at)
            if not closed:
                unclosed.append((at, end))
                return end
            spans.append((at, end))
            at = end
            continue
        if char in "[{":
            closers.append(_PAIRS[char])
        elif char in "]}":
            if closers.pop() != char or not closers:
                return at + 1
        elif char == "#":
            if text[at - 1] in " \n\t":
                at = _line_end(text, at)
        elif _begins(text, at):
            if char == "?":
                if text[at + 1 : at + 2] in ("", " ", ",", "]", "}", "\n"):
                    spans.append((at, at + 1))
            else:
                body = r'"(?:[^"\\]|\\.)*"' if char == '"' else r"'(?:[^']|'')*'"
                quoted = re.compile(body, re.DOTALL).match(text, at)
                if quoted is None:
                    return len(text)
                at = quoted.end() - 1
        at += 1
    return len(text)


def _begins(text: str, at: int) -> bool:
    """Whether a list entry, a key or a value begins here."""
    before = at - 1
    while text[before] in " \n\t":
        before -= 1
    return text[before] in "[{,:"


def _skip(text: str, start: int) -> tuple[int, bool]:
    """The end of a call or index that opens at `start`, and whether it was closed there."""
    open_brackets: list[str] = []
    resume = line_end = 0
    for match in re.compile(r"[\[\]{}()\"'#]").finditer(text, start):
        at, char = match.start(), match[0]
        if at < resume:
            continue
        if char in _PAIRS:
            open_brackets.append(_PAIRS[char])
        elif char in ")]}":
            if open_brackets.pop() != char:
                return at, False
            if not open_brackets:
                return at + 1, True
        elif char == "#":
            if text[at - 1] in " \n\t":
                return at, False
        elif not text[at - 1].isalnum():  # an apostrophe is no quote
            if at >= line_end:
                line_end = _line_end(text, at)
            resume = text.find(char, at + 1, line_end) + 1
    return len(text), False


def _hide_spans(text: str, spans: list[tuple[int, int]]) -> str:
    if not spans:
        return text
    pieces: list[str] = []
    here = 0
    for start, end in spans:
        if start >= here:
            pieces += (text[here:start], protect(text[start:end]))
            here = end
    pieces.append(text[here:])
    return "".join(pieces)
