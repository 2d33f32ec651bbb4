"""`cnncalc why CODE`: the page on a problem or a mistake; a pasted error of a framework: what it says."""

from __future__ import annotations

import sys
from typing import Annotated, Any

from cnncalc.cli.declared import Argument, Option
from cnncalc.cli.output import write
from cnncalc.core.problem import did_you_mean, fail

MOST = 1_000_000  # characters of a pasted text
MOST_NEAR = 12  # codes that an unknown word brings to mind


def _codes(incomplete: str) -> list[str]:
    from cnncalc.grading.kinds import kinds
    from cnncalc.problems import codes

    return [code for code in [*codes(), *kinds(), "mistakes"] if code.startswith(incomplete)]


EXAMPLES = (
    "cnncalc why bias-forgotten",
    'cnncalc why "expected 4D input (got 3D input)"',
)


def run(
    code: Annotated[
        str | None,
        Argument(
            metavar="[CODE|-|TEXT]",
            autocompletion=_codes,
            help="What stands in error[...], the code of a mistake, a pasted error, - for standard input, or a word "
            "to search; mistakes lists the mistakes.",
            show_default=False,
        ),
    ] = None,
    net: Annotated[
        str | None,
        Argument(metavar="[NET]", help="The network that a pasted error is about.", show_default=False),
    ] = None,
    list_: Annotated[bool, Option("--list", help="All codes: of problems, and of mistakes in answers.")] = False,
) -> int:
    """What a problem, a mistake or a pasted error means, and what to write instead.

    Errors of PyTorch and Keras are read: what met what, what each number is. With NET, the layer that is meant.
    """
    from cnncalc.problems import codes, read

    known = codes()
    if list_ or code is None or code.strip().lower() in ("mistakes", "mistake"):
        if code is None:
            write("\n".join(known) + "\n")
        if list_ or code is not None:
            _mistakes()
        return 0
    plain = code.removeprefix("error").removeprefix("warning").strip("[]: ")
    if plain in known:
        if net is not None:
            fail("wrong-call", f'"{plain}" is a code of cnncalc; NET stands beside a pasted error')
        write(read(plain))
        return 0
    if net is None and code != "-" and _mistake(plain):
        return 0
    if code == "-" or " " in code.strip():
        return _pasted(_standard_input() if code == "-" else code, net)
    if net is None and _search(plain, known):
        return 0
    fail("unknown-code", f'there is no page on "{plain}"', help=_near(plain, known))


def _mistakes() -> None:
    """The list of all mistakes."""
    from cnncalc.cli.output import show
    from cnncalc.grading.kinds import kinds
    from cnncalc.pages.course.mistakes import listing

    show(listing(kinds().values()), "table")


def _mistake(text: str) -> bool:
    """Show the page on a mistake, by its code or as a diagnosis calls it; false where there is none."""
    from cnncalc.cli.output import show
    from cnncalc.grading.kinds import codes_of, kinds

    found = [text] if text in kinds() else codes_of(text) if " " in text and "\n" not in text else ()
    for code in found:
        from cnncalc.grading.check import check
        from cnncalc.loading import loads
        from cnncalc.pages import check as page
        from cnncalc.pages.course.mistakes import page as about

        network = loads(kinds()[code].example, "example")
        results = check(network, network.report())
        show(about(kinds()[code], page.page(code, results)), "table")
    return bool(found)


def _search(text: str, known: list[str]) -> bool:
    """Show the codes with the word in them or in their first sentence; false where there is none."""
    from cnncalc.cli.output import show
    from cnncalc.document import Column, Document, Note, Table
    from cnncalc.grading.kinds import kinds
    from cnncalc.problems import sentence

    word = text.lower()
    said = [("problem", code, sentence(code)) for code in known]
    said += [("mistake", kind.code, kind.sentence) for kind in kinds().values()]
    rows = [[code, what, line] for what, code, line in said if len(word) > 2 and word in f"{code} {line}".lower()]
    if not rows:
        return False
    columns = [Column("code", "name"), Column("of a", spare=True), Column("what it says")]
    show(Document([Table(columns, rows), Note("cnncalc why CODE shows one, with an example")]), "table")
    return True


def _near(text: str, known: list[str]) -> str | list[str]:
    """The codes that were perhaps meant: one that is spelt alike, or those that have the word in them."""
    from cnncalc.grading.kinds import kinds

    every = [*known, *kinds()]
    near = did_you_mean(text, every)
    word = text.lower().rstrip("s")
    alike = [code for code in every if len(word) > 2 and word in code and code != near]
    said = [f"did you mean {near}?"] if near else []
    if alike:
        said.append(f"codes with this word: {', '.join(alike[:MOST_NEAR])}")
    return said or "cnncalc why lists all codes; cnncalc why - reads a pasted error"


def _standard_input() -> str:
    if sys.stdin is None or sys.stdin.closed:
        fail("file-unreadable", "standard input is closed", help="python train.py 2>&1 | cnncalc why -")
    if sys.stdin.isatty():
        fail("wrong-call", "- reads a pasted error from standard input", help="python train.py 2>&1 | cnncalc why -")
    return sys.stdin.buffer.read(MOST).decode("utf-8", "replace")


def _pasted(text: str, net: str | None) -> int:
    from cnncalc import load
    from cnncalc.read.errors import meanings
    from cnncalc.read.errors.place import channels_of

    network = load(net) if net is not None else None
    found = list(meanings(text, channels_of(network) if network is not None else None))
    if not found:
        fail(
            "unknown-error",
            "no shape error of PyTorch or Keras is in this text",
            help='paste the last lines of the traceback, such as "RuntimeError: mat1 and mat2 shapes cannot be ..."',
        )
    parts = []
    for meaning in found[-3:]:
        lines = [meaning.title, "", *meaning.says]
        lines += _places(meaning, net, network)
        if meaning.write:
            lines += ["", "write:", *(f"  - {line}" for line in meaning.write)]
        parts.append("\n".join(lines))
    write("\n\n".join(parts) + "\n")
    return 0


def _places(meaning: Any, net: str | None, network: Any) -> list[str]:
    if network is None:
        return []
    from cnncalc.read.errors.place import matching

    found = matching(network, meaning.layer)
    if not found:
        return ["", f"No layer of {net} has these sizes."]
    lines = [""]
    for name, layer, place in found[:5]:
        at = _line(place)
        lines.append(f"In {net} it is {name}: {layer.describe()}{f', line {at}' if at else ''}.")
    return lines


def _line(place: object) -> int | None:
    node = getattr(place, "node", None)
    line = getattr(node, "lineno", None)
    if line is not None:
        return int(line)
    origin = getattr(place, "origin", None)
    span = origin.place() if origin is not None else None
    return span.line if span is not None else None
