"""A summary table as torchinfo, torchsummary and Keras print it -> its rows and its sums, whatever stands around it."""

from __future__ import annotations

import re
from typing import NamedTuple

from cnncalc.read.printed.parse import Place
from cnncalc.read.python.values import Refused

ROWS = 100_000
WIDTH = 2_000  # of a line; no table is wider
# The words over the columns; `Layer (type:depth-idx)` is torchinfo's.
_HEAD = re.compile(
    r"^(?P<before>.{0,200}?)Layer \(type\b.{0,200}?(?:Param #|Output Shape|Kernel Shape|Input Shape)", re.MULTILINE
)
_COLUMNS = re.compile(
    r"Input Shape|Output Shape|Param #|Kernel Shape|Mult-Adds|Trainable|Trai\S*|Param %|Connected to|Conne\S*"
)
_WALL = re.compile(r"[│┃║|]")
_RULE = re.compile(r"[\s─━═=_\-+├┤┬┴┼┡┩╇╈┏┓┳┗┛┻┠┨╂└┘┌┐│┃|¯╞╪╡╒╕╘╧╛]*$")
_SUM = re.compile(
    r"(?P<what>Total|Trainable|Non-trainable|Optimizer) params(?P<unit> \([^)]*\))?:\s*"
    r"(?P<count>\d[\d,]{0,30}(?![\d,]))(?P<rest>\.\d+)?"
)
_LOOSE = re.compile(r"(?:>>>|\.\.\.|In \[\d*\]:|Out\[\d*\]:|```\w*)[ \t]?")
_CELL = re.compile(
    r"\[\([^\]]*\)\]|\[(?:[^\[\]]|\[[^\[\]]*\])*\]|\((?:None|\d)[^()]*\)|\(recursive\)|\d[\d,.]*%?|--|\S+"
)
_TORCHINFO = re.compile(
    r"(?P<tree>[\s│├└─|+]*)(?P<kind>[A-Za-z_]\w*)(?: \((?P<name>[\w.\-]+)\))?(?:: (?P<at>\d{1,9}-\d{1,9}))?(?=\s|$)"
)
_TORCHSUMMARY = re.compile(r"\s*(?P<name>(?P<kind>[A-Za-z_]\w*)-\d+)(?=\s)")
_KERAS = re.compile(r"(?P<tree>[\s└|]*)(?P<name>[^\s(]*)\s*\(?(?P<kind>[^\s()]*)\)?$")
_SHAPE = re.compile(r"[\[(]*\(?[\[(](?:None|-?\d+|\?)[^\])]*[\])]")


class Line(NamedTuple):
    """A row of the table."""

    name: str
    kind: str
    depth: int
    shape: tuple[int, ...] | None  # as it is shown, the batch's axis -1 where it is no number
    params: int | None  # None for `--`
    recursive: bool  # counted where it was first called
    taken: tuple[int, ...] | None  # the shape that comes in, where it is shown
    place: Place


class Table(NamedTuple):
    """What was found in a text."""

    style: str  # torchinfo, torchsummary or keras
    name: str
    lines: list[Line]
    sums: dict[str, tuple[int, Place]]  # by Total, Trainable, Non-trainable, Optimizer; rounded ones left out
    chain: bool  # whether rows follow each other in a Keras Sequential
    head: Place


def is_table(text: str) -> bool:
    """Whether a text holds such a table."""
    return _HEAD.search(text) is not None


def parse(text: str) -> Table:
    """The first table of a text. Raises `Refused` for a table that is cut off."""
    lines = [line[:WIDTH] for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    at, head = next((at, found) for at, line in enumerate(lines) if (found := _HEAD.match(line)) is not None)
    before = head["before"]
    walled = bool(_WALL.search(before))
    cut = 0  # what a log puts before every line
    if _WALL.sub("", _LOOSE.sub("", before)).strip():
        cut = len(before.rstrip()) - 1 if walled else len(before.rstrip()) + 1
    title = lines[at]
    start = title.find("Layer (type")
    columns = _COLUMNS.findall(title)
    place = Place(at + 1, len(title[:start].encode()), len("Layer (type"))
    if "Param #" not in columns:
        message = "the column Param # is not in this table: it was cut off, or left out"
        raise Refused("summary-cut", message, place, help="print it wider, as in summary(line_length=120)")
    if walled:
        style = "keras"
    elif re.match(r"Layer \(type(?::depth-idx| \(var_name\))", title[start:]) or "depth-idx" in title:
        style = "torchinfo"
    else:
        style = "torchsummary" if _looks_summary(lines[at + 1 :], cut) else "keras"
    reader = {"keras": _keras, "torchinfo": _torchinfo, "torchsummary": _torchsummary}[style]
    end = next((number for number in range(at + 1, len(lines)) if _SUM.search(lines[number])), len(lines))
    if end - at > ROWS:
        raise Refused("summary-cut", f"the table has more than {ROWS:,} lines", place)
    body = [(number, lines[number][cut:]) for number in range(at + 1, end)]
    if end == len(lines):
        body = _until_end(body)
    rows = reader(body, columns, walled, cut)
    if not rows:
        raise Refused("summary-cut", "the table has no rows", place)
    name = next((m[1] for line in lines[max(0, at - 4) : at] if (m := re.search(r'Model: "([^"]+)"', line))), "")
    chain = style == "keras" and not any(column.startswith("Conne") for column in columns)
    return Table(style, name, rows, _sums(lines, end), chain, place)


def _looks_summary(lines: list[str], cut: int) -> bool:
    """Whether the first row is torchsummary's, `Conv2d-1  [-1, 8, 30, 30]  224`."""
    row = next((line[cut:] for line in lines if not _RULE.match(line[cut:])), "")
    return re.match(r"\s*[A-Za-z_]\w*-\d+\s+\[", row) is not None


def _until_end(body: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """A table without sums ends where its last line of rules or an empty line is, or with the text."""
    for index, (_, line) in enumerate(body):
        if (not line.strip() and index > 1) or line.strip().startswith("```"):
            return body[:index]
    return body


def _sums(lines: list[str], start: int) -> dict[str, tuple[int, Place]]:
    found: dict[str, tuple[int, Place]] = {}
    for number in range(start, min(len(lines), start + 12)):
        m = _SUM.search(lines[number])
        if m is None or m["what"] in found or m["unit"] or m["rest"]:
            continue
        at = len(lines[number][: m.start("count")].encode())
        found[m["what"]] = (int(m["count"].replace(",", "")), Place(number + 1, at, len(m["count"])))
    return found


def _count(text: str, row: Place) -> int | None:
    """A cell of the column Param #; None for `--`. torchinfo has frozen ones in brackets."""
    text = text.strip()
    frozen = re.fullmatch(r"\(([\d,]+)\)", text)
    if frozen is not None:
        text = frozen[1]
    if text in ("--", "-"):
        return None
    if re.fullmatch(r"\d{1,3}(,\d{3}){0,9}|\d{1,18}", text):
        return int(text.replace(",", ""))
    if "unbuilt" in text:
        message = "this layer has no sizes yet: the model was not built when it was printed"
        raise Refused("summary-unbuilt", message, row, help="call model.build(...) or the model once, or add an Input")
    raise Refused("summary-cut", f'"{text}" is no number of parameters', row, help="print the table wider")


def _shape(text: str) -> tuple[int, ...] | None:
    """The first shape of a cell, as it is shown; None where there is none."""
    found = _SHAPE.search(text)
    if found is None:
        return None
    sizes = re.findall(r"None|-?\d+", found[0])
    if len(sizes) > 32 or any(len(size) > 18 for size in sizes):
        return None
    return tuple(-1 if size == "None" else int(size) for size in sizes)


def _torchinfo(body: list[tuple[int, str]], columns: list[str], walled: bool, cut: int) -> list[Line]:
    found: list[Line] = []
    path: list[str] = []
    for number, line in body:
        plain = _LOOSE.sub(lambda m: " " * len(m[0]), line)
        m = None if _RULE.match(plain) else _TORCHINFO.match(plain)
        if m is None:
            continue
        cells = _CELL.findall(plain[m.end() :])
        place = Place(number + 1, len(plain[: m.start("kind")].encode()) + cut, len(m["kind"]))
        values = dict(zip(columns, cells, strict=False))
        if len(cells) < len(columns) and "Param #" not in values:
            raise Refused("summary-cut", f"the row of {m['kind']} ends before its number of parameters", place)
        depth = int(m["at"].split("-")[0]) if m["at"] else (m.start("kind") + 3) // 5
        if not found:
            depth = 0
        name = m["name"] or ""
        if name and depth:
            del path[depth - 1 :]
            path.append(name)
            name = ".".join(path)
        count = values["Param #"]
        recursive = count == "(recursive)"
        params = None if recursive else _count(count, place)
        shape, taken = _shape(values.get("Output Shape", "")), _shape(values.get("Input Shape", ""))
        label = name if depth and name else m["at"] or m["kind"]
        found.append(Line(label, m["kind"], depth, shape, params, recursive, taken, place))
    return found


def _torchsummary(body: list[tuple[int, str]], columns: list[str], walled: bool, cut: int) -> list[Line]:
    found: list[Line] = []
    for number, line in body:
        m = None if _RULE.match(line) else _TORCHSUMMARY.match(line)
        if m is None:
            continue
        place = Place(number + 1, len(line[: m.start("name")].encode()) + cut, len(m["name"]))
        cells = _CELL.findall(line[m.end() :])
        if len(cells) < 2:
            raise Refused("summary-cut", f"the row of {m['name']} ends before its number of parameters", place)
        found.append(Line(m["name"], m["kind"], 0, _shape(cells[0]), _count(cells[-1], place), False, None, place))
    return found


def _keras(body: list[tuple[int, str]], columns: list[str], walled: bool, cut: int) -> list[Line]:
    found: list[Line] = []
    parts: list[list[str]] = []
    first: tuple[int, str] = (0, "")

    def close() -> None:
        if parts:
            found.append(_keras_row(["".join(column) for column in zip(*parts, strict=True)], columns, first, cut))
            parts.clear()

    for number, line in body:
        if _RULE.match(line):
            if walled or "¯" not in line:
                close()
            continue
        cells = _walled(line, columns) if walled else _open(line, columns)
        if cells is None:
            continue
        if not walled and cells[1 + columns.index("Param #")]:
            close()
        if not parts:
            first = (number, line)
        parts.append(cells)
    close()
    return found


def _walled(line: str, columns: list[str]) -> list[str] | None:
    """The cells of a line between box characters."""
    if not _WALL.search(line):
        return None
    cells = _WALL.split(line)[1:]
    if len(cells) < 2:
        return None
    cells = cells[: len(columns) + 1]
    first = cells[0].rstrip()
    if not first.strip().startswith("└"):
        first = first.strip()
    return [first, *(cell.strip() for cell in cells[1:]), *[""] * (len(columns) + 1 - len(cells))]


def _open(line: str, columns: list[str]) -> list[str] | None:
    """The cells of a line of Keras 2, between blanks; a line that only goes on has a label alone."""
    plain = line.rstrip().rstrip("|").rstrip()
    m = re.search(r"\s(\[?\((?:None|\d)[^()]*\)\]?|multiple|\?)\s+(\d[\d,]*(?: \(unbuilt\))?)", plain)
    blank = [""] * (len(columns) + 1)
    if m is None:
        rest = plain.strip()
        if not re.fullmatch(r"[\w)(]+", rest):
            return None if rest else blank
        return [rest, *blank[1:]]
    cells = blank[:]
    cells[0] = plain[: m.start()].rstrip()
    for column, text in (("Output Shape", m[1]), ("Param #", m[2])):
        if column in columns:
            cells[1 + columns.index(column)] = text
    return cells


def _keras_row(cells: list[str], columns: list[str], first: tuple[int, str], cut: int) -> Line:
    number, line = first
    values = dict(zip(columns, cells[1:], strict=False))
    label = cells[0]
    m = _KERAS.match(label.strip())
    inside = re.match(r"[\s]*[└|]", label) is not None
    name, kind = (m["name"].rstrip("…") + ("…" if "…" in m["name"] else ""), m["kind"]) if m else (label.strip(), "")
    depth = 0
    if inside:
        depth = max(1, label.count("|")) if "|" in label else max(1, (len(label) - len(label.lstrip())) // 3)
    text = line.strip("│┃| \t")
    shown = (text.split() or [""])[0]
    place = Place(number + 1, len(line[: max(0, line.find(shown))].encode()) + cut, max(1, len(shown)))
    return Line(
        name, kind, depth, _shape(values.get("Output Shape", "")), _count(values["Param #"], place), False, None, place
    )
