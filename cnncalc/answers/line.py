"""One line of a sheet: the question and the value on it, or a question with its answer on the next."""

from __future__ import annotations

import re
from collections.abc import Callable

ASIDE = ("#", "---", "```", "%")  # how a line begins that holds no answer
# What stands before an answer on a line of its own.
ANSWER = re.compile(r"^(?:(?:my\s+)?(?:answer|antwort|solution|lösung|ans|a)\s*[:.=]|=|->|→|⇒)\s*", re.IGNORECASE)
BULLET = re.compile(r"^[-*•·–◦▪]\s+")
DASHES = ("–", "—", "―")
LEADERS = re.compile(r"^[.…_]{2,}\s*")  # the dots between a title and its value
LONGEST_QUESTION = 2_000  # characters
MOST_WORDS = 16  # of a question that an answer follows on the same line
MOST_LINES = 500  # of one answer in brackets


def cells(line: str, is_question: Callable[[str], bool]) -> tuple[str, str] | None:
    """The question and the answer of a row of a Markdown table; a number may stand in front."""
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    cells = cells[next((at for at, cell in enumerate(cells[:-1]) if is_question(cell.strip("*`"))), 0) :]
    if len(cells) < 2 or not any(letter.isalpha() for letter in cells[0]):
        return None
    return cells[0].strip("*`"), cells[1]


def across(line: str, head: list[str], is_question: Callable[[str], bool]) -> tuple[list[str], list[tuple[str, str]]]:
    """The titles of a table whose columns are questions, none for another table, and the answers of a row below."""
    row = [cell.strip().strip("*`") for cell in line.strip().strip("|").split("|")]
    if not head:
        return (row, []) if sum(map(is_question, row)) > 1 else ([], [])
    ruled = not line.strip(" |-:")
    return head, [] if ruled else [(title, cell) for title, cell in zip(head, row, strict=False) if is_question(title)]


def loosely(line: str, is_question: Callable[[str], bool]) -> tuple[str, str] | None:
    """A question and an answer with a colon that nothing follows, or with a space alone between them."""
    text = BULLET.sub("", line.strip())
    name, colon, value = text.partition(":")
    if colon and value.strip() and re.match(r"[^\W\d]", name) and is_question(name):
        return name.strip(), value.strip()
    words = text[:LONGEST_QUESTION].split()
    counts = range(1, min(len(words), MOST_WORDS))
    for count in reversed(counts):  # a question in words, the whole of it
        title = " ".join(words[:count])
        if "." not in title and count > 1 and is_question(title):
            return title, " ".join(words[count:])
    for count in counts:
        title = " ".join(words[:count]).rstrip(":")
        if is_question(title) and words[count] in DASHES:
            return title, " ".join(words[count + 1 :]).strip()
        if is_question(title) and not {words[count - 1], words[count]} & {"/", "*", "+", "-"}:
            return title, LEADERS.sub("", " ".join(words[count:])).strip()
    return None


def attributes(layer: str, text: str, is_question: Callable[[str], bool]) -> list[tuple[str, str]]:
    """What is said of a layer on one line, `shape 16x64x64, params 448`; nothing where a part is no answer."""
    found = [
        re.match(r"(\w+)\s*[:=]?\s+(.+)", part.strip()) for part in re.split(r"[,;]\s+(?=[a-z_]+\s*[:=]?\s)", text)
    ]
    pairs = [(one[1], one[2]) for one in found if one is not None and is_question(f"{layer}.{one[1]}")]
    return pairs if len(pairs) == len(found) else []


def below(line: str, lines: list[str], at: int, is_question: Callable[[str], bool]) -> tuple[str, str, int] | None:
    """A question that is a line of its own, the answer on the next line that holds something, and the line after."""
    title = BULLET.sub("", line.strip()).strip().rstrip(":")
    if len(title) > LONGEST_QUESTION or not title or not is_question(title):
        return None
    while at < len(lines) and not lines[at].strip():
        at += 1
    if at == len(lines):
        return None
    answer = ANSWER.sub("", lines[at].strip())
    found = split(answer)
    if (
        is_question(answer.rstrip(":"))
        or loosely(answer, is_question)
        or (found is not None and found[0][:1].isalpha())
    ):
        return None
    return title, answer, at + 1


def indented(line: str) -> int:
    """How many spaces a line begins with."""
    line = line.expandtabs()
    return len(line) - len(line.lstrip())


def split(line: str, is_question: Callable[[str], bool] | None = None) -> tuple[str, str] | None:
    """The question and the value of a line, at the first colon or equals sign outside quotes and brackets.

    Where the question begins with its number and a colon (`Q1: ...`), at the next one.
    """
    found = _split(line)
    if found is not None and is_question is not None and NUMBER.fullmatch(found[0]) and not is_question(found[0]):
        rest = _split(found[1])
        return rest if rest is not None and is_question(rest[0]) else found
    return found


def _split(line: str) -> tuple[str, str] | None:
    text = line.strip()
    text = BULLET.sub("", text)
    if text[:1] in ("'", '"'):
        end = text.find(text[0], 1)
        rest = text[end + 1 :].lstrip()
        return (text[1:end].strip(), rest[1:].strip()) if end > 1 and rest[:1] in (":", "=") else None
    depth = 0
    for at, letter in enumerate(text[:LONGEST_QUESTION]):
        depth += (letter in "([") - (letter in ")]")
        if depth > 0:
            continue
        beside = text[at - 1 : at] + text[at + 1 : at + 2]
        if (letter == ":" and text[at + 1 : at + 2] in ("", " ", "\t")) or (
            letter == "=" and not set(beside) & set("=<>!~")
        ):
            question = text[:at].strip().strip("*`").strip()
            return (question, text[at + 1 :].strip()) if question else None
    return None


def continued(value: str, lines: list[str], at: int) -> tuple[str, int]:
    """A value whose brackets are closed on a later line, and the line after it; itself where they are not."""
    parts, end = [value], at
    depth = value.count("[") - value.count("]")
    while depth > 0 and end < len(lines) and end - at < MOST_LINES:
        parts.append(lines[end].strip())
        depth += lines[end].count("[") - lines[end].count("]")
        end += 1
    return (" ".join(parts), end) if depth == 0 else (value, at)


NUMBER = re.compile(r"(?:question|task|aufgabe|q)?\s*\(?\d+[a-z]?\)?", re.IGNORECASE)
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def unescaped(text: str) -> str:
    """What stands between double quotes, with its escapes as YAML and JSON have them."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    return re.sub(r'\\(["\\/])', r"\1", text)


def clean_value(text: str) -> str:
    """The value without a comment after it and quotes around it."""
    text = text.strip()
    if text[:1] in ("'", '"'):
        end = text.find(text[0], 1)
        if text[0] == '"' and "\\" in text:
            found = QUOTED.match(text)
            end = found.end() - 1 if found else end
        if end > 0 and (not text[end + 1 :].strip(" ,") or text[end + 1 :].lstrip().startswith("#")):
            return unescaped(text[1:end]).strip() if text[0] == '"' else text[1:end].strip()
    return re.sub(r"(?:^|\s)#.*$", "", text).strip()


def is_empty(text: str) -> bool:
    """Whether nothing stands in a sheet but blank lines, rules and comments."""
    return all(not line.strip("\ufeff \t") or line.lstrip().startswith(ASIDE) for line in text.splitlines())
