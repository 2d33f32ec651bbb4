"""What the live page asks for, answered from the text alone: its report, bundled texts, a search, graded answers.

The server and the page that has no server call `reply` with the same questions.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cnncalc.core.problem import Fault, Problem, Source, SpecError, reset_suggestions
from cnncalc.core.steps import STEPS
from cnncalc.network.network import Network

if TYPE_CHECKING:
    from cnncalc.network.report import Report

LONGEST = 1_000_000  # letters of a text
MOST_TRIES = 20_000  # combinations of one search
SHOWN = 50  # combinations that are listed
# What begins a piece of the report that the page puts in the place of an older one, by its id, and what stands around.
PIECE = re.compile(
    r'</?main>|</tbody>$|<section id="layers"'
    r'|<(?:header|section|tr|tfoot|template|script) (?:[^>]* )?id="?(?P<id>[\w-]+)'
)
MOST_ANSWERS = 200
LONGEST_ANSWER = 2_000


def reply(asked: Mapping[str, Any], path: str = "", inputs: Iterable[str] = ()) -> dict[str, object]:
    """The answer to one question of the page. Raises `ValueError` where it cannot be understood."""
    try:
        what = str(asked.get("what", "report"))
        if what == "spec":
            return {"text": bundled_text(str(asked["name"]))}
        text = str(asked["text"])
        settings = {str(name): int(value) for name, value in asked.get("settings", {}).items()}
        if len(text) > LONGEST:
            raise ValueError("the text is too long")
        STEPS.again()
        reset_suggestions()
        if what == "report":
            picture = asked.get("picture")
            return answer(text, path, settings, list(inputs), int(picture) if picture is not None else None)
        if what == "complete":
            return {"choices": choices(text, path, int(asked["line"]), int(asked["column"]))}
        network = _network(text, path, settings, list(inputs))
        if what == "picture":
            return {"svg": drawn(network, int(asked["picture"])), "problems": []}
        if what == "solve":
            ranges = [str(one) for one in asked["ranges"]]
            return search(network, ranges, [str(one) for one in asked["want"]])
        if what == "questions":
            return questions(network)
        if what == "check":
            given = {str(ask): str(said)[:LONGEST_ANSWER] for ask, said in asked["answers"].items()}
            return graded(network, given, min(3, max(0, int(asked["hints"]))))
    except SpecError as error:
        return {"problems": _problems(error.problems)}
    except Fault as fault:
        return {"problems": [_problem(_plain(fault))]}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not understood: {error}") from None
    except (RecursionError, MemoryError):
        return {"html": [], "names": {}, "problems": [_problem(Problem("too-deep", "it is nested too deeply"))]}
    raise ValueError(f"not understood: {what}")


def answer(
    text: str, path: str, settings: Mapping[str, object], inputs: list[str], picture: int | None = None
) -> dict[str, object]:
    """`html` has the report as far as the network is right, `problems` what is wrong, `names` the sizes of `let`.

    `html` is in pieces: the id of an element, or nothing for what stands around them, and the text.
    Of the pictures only one is drawn: that of the number, or the one that is shown first.
    """
    if not text.strip():
        return {"html": [], "problems": [], "names": {}}
    if said := pasted(text):
        return {"html": [["", said]], "problems": [], "names": {}}
    try:
        network = _network(text, path, settings, inputs)
    except SpecError as error:
        return {"html": [], "problems": _problems(error.problems, text), "names": {}}
    except Fault as fault:
        return {"html": [], "problems": [_problem(_plain(fault))], "names": {}}
    constants = network.constants() if network.spec.foreign is None else {}
    names = {name: value for name, value in constants.items() if type(value) is int}
    try:
        report: Report | None = network.report()
        problems = list(network.notes)
    except SpecError as error:
        report = getattr(error, "partial", None)
        problems = [*network.notes, *error.problems]
    except Fault as fault:
        report, problems = None, [_plain(fault)]
    html: list[list[str]] = []
    if report is not None and report.rows:
        try:
            whole = not any(problem.severity == "error" for problem in problems)
            html = _pieces(_parts(report, whole, picture))
        except Fault as fault:
            problems.append(_plain(fault))
    return {"html": html, "problems": _problems(problems, text), "names": names}


def _parts(report: Report, whole: bool, picture: int | None) -> Iterator[str]:
    from cnncalc.web.report import begun, bounded, parts

    bounded(report)
    if not whole:
        return begun(report)
    from cnncalc.cost.convention import Convention
    from cnncalc.cost.cost import Cost
    from cnncalc.cost.sizes import totals
    from cnncalc.query.ask import known

    try:
        with known(report):
            sums = totals(Cost(report, Convention()))
    except (Fault, SpecError):
        sums = {}
    from cnncalc.web.pictures import one_picture

    return parts(report, sums, shown=one_picture(report, picture))


def _pieces(parts: Iterable[str]) -> list[list[str]]:
    found: list[tuple[str, list[str]]] = []
    for part in parts:
        begun = PIECE.match(part)
        if begun or not found:
            found.append(((begun and begun["id"]) or "", []))
        found[-1][1].append(part)
    return [[id, "\n".join(lines)] for id, lines in found]


def drawn(network: Network, number: int) -> str:
    """The SVG of one of the pictures; nothing where there is none of that number."""
    from cnncalc.web.pictures import one_picture

    shown = one_picture(network.report(), number)
    return shown[number].svg if 0 <= number < len(shown) else ""


def _network(text: str, path: str, settings: Mapping[str, object], inputs: list[str]) -> Network:
    from cnncalc.loading import parse_settings
    from cnncalc.read.detect import is_source, python, read_text
    from cnncalc.read.resolve import read_as, resolve
    from cnncalc.spec.entries.chain_text import is_chain

    if is_chain(text.strip()) and "\n" not in text.strip():
        spec = resolve(text.strip())
    elif path.endswith(".py") or is_source(text):
        spec = python(Source(path or "model.py", text), path, "")
    else:
        source = Source(os.path.basename(path) or "network", text)
        spec = read_text(source, path) or read_as(source, path or "network.yaml")
    network = Network(spec)
    network.settings = parse_settings(settings)
    network.input_shapes = inputs
    return network


# --- what is typed beside networks ------------------------------------------------------------------------------------


def pasted(text: str) -> str:
    """What a pasted error of PyTorch or Keras says, as HTML; nothing for another text."""
    from cnncalc.read.errors import meanings
    from cnncalc.render.html import escape

    if "Error" not in text or len(text) > 200_000:
        return ""
    found = []
    for meaning in list(meanings(text))[-3:]:
        lines = [f"<h2>{escape(meaning.title)}</h2>", *(f"<p>{escape(line)}</p>" for line in meaning.says)]
        if meaning.write:
            lines += [
                "<p>write:</p><ul>",
                *(f"<li><code>{escape(line)}</code></li>" for line in meaning.write),
                "</ul>",
            ]
        found.append("<section>" + "".join(lines) + "</section>")
    return "<main><h1>Errors</h1>" + "".join(found) + "</main>" if found else ""


def bundled_text(name: str) -> str:
    """The text of a bundled network."""
    from cnncalc.bundled import bundled, specs_folder

    if name not in bundled():
        raise ValueError(f"no bundled network: {name}")
    with open(os.path.join(specs_folder(), name + ".yaml"), encoding="utf-8") as file:
        return file.read()


def search(network: Network, ranges: list[str], wanted: list[str]) -> dict[str, object]:
    """The combinations of some ranges for which all holds, the smallest network first."""
    from cnncalc.pages.solve import page
    from cnncalc.render.html import body
    from cnncalc.solve import ranges as reading
    from cnncalc.solve.search import solve

    found = solve(network, reading.parse(ranges), wanted, max_tries=MOST_TRIES)
    values = [{name: one.values[name] for name in found.names} for one in found.found[:SHOWN]]
    return {"html": "\n".join(body(page(found, SHOWN))), "found": values, "problems": []}


def choices(text: str, path: str, line: int, column: int) -> list[dict[str, str]]:
    """What may stand at a place, as the language server completes it."""
    from cnncalc.editor.complete import complete
    from cnncalc.editor.text import analyse
    from cnncalc.read.detect import is_source

    kind = "python" if path.endswith(".py") or is_source(text) else "spec"
    return [one._asdict() for one in complete(analyse(text, path or "network", kind), line, column)]


# --- an exercise ------------------------------------------------------------------------------------------------------


def questions(network: Network) -> dict[str, object]:
    """The questions of `expect`, or those that make sense for the network, without their answers."""
    from cnncalc.exercise.questions import asked
    from cnncalc.query.ask import scope

    found = asked(network, scope(network, network.report()))[:MOST_ANSWERS]
    return {"questions": [{"ask": one.ask, "text": one.text} for one in found], "problems": []}


def graded(network: Network, answers: Mapping[str, str], level: int) -> dict[str, object]:
    """A state for each answer, and what may be said of it: hints up to a level that never has the right value."""
    from cnncalc.exercise.answering import Answering
    from cnncalc.exercise.questions import asked
    from cnncalc.grading.hints import Hints
    from cnncalc.query.ask import scope

    names = scope(network, network.report())
    answering, hints = Answering(names), Hints(names)
    found = {}
    for one in asked(network, names)[:MOST_ANSWERS]:
        result = answering.graded(one, answers.get(one.ask, "").strip())
        if result is None:
            continue
        said = [] if result.ok else hints.of(result, level)
        found[one.ask] = {"state": result.state, "hints": said}
    return {"results": found, "problems": []}


# --- problems ---------------------------------------------------------------------------------------------------------


def _plain(fault: Fault) -> Problem:
    return Problem(fault.code, fault.message, help=fault.help)


def _problems(found: Iterable[Problem], text: str = "") -> list[dict[str, object]]:
    return [_problem(one, text) for one in found]


def _problem(problem: Problem, text: str = "") -> dict[str, object]:
    """A problem with its place, and the changes of the text that its help names."""
    from cnncalc.editor.fixes import fixes

    span = problem.span
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        "help": list(problem.help),
        "line": span.line if span is not None else None,
        "column": span.column if span is not None else None,
        "length": span.length if span is not None else None,
        "fixes": [
            {"title": one.title, "line": one.span.line, "column": one.span.column, "length": one.span.length,
             "text": one.text}
            for one in (fixes(problem, text) if text else ())
        ],
    }  # fmt: skip
