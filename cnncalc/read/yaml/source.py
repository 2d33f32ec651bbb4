"""A text -> a tree of values with places. Every trap of YAML becomes a problem with a place and a help."""

from __future__ import annotations

import yaml

from cnncalc.core.gc_paused import gc_paused
from cnncalc.core.problem import Problem, Source, SpecError
from cnncalc.read.yaml.parse import Tree
from cnncalc.read.yaml.protect_calls import clean, hide_calls, protect
from cnncalc.read.yaml.value import Value

__all__ = ["Value", "read_yaml"]

MOST_ATTEMPTS = 50
MOST_CHARACTERS = 4_000_000  # of all attempts together: a large file is read once or twice, a small one often


@gc_paused()
def read_yaml(source: Source) -> tuple[Value, list[Problem]]:
    """The tree of a spec, and the problems that did not keep it from being read, in the order of their places.

    Raises a SpecError with all problems found where YAML itself cannot read the text.
    """
    return _read(Source(source.name, clean(source.text)))


def _read(source: Source) -> tuple[Value, list[Problem]]:
    text, open_calls = hide_calls(source.text)
    broken: list[Problem] = []
    if open_calls:
        from cnncalc.read.yaml.errors import unclosed

        broken = [unclosed(source, call) for call in open_calls]
    hidden: set[int] = set()
    budget = MOST_CHARACTERS
    while True:
        known = frozenset(problem.line for problem in broken if problem.line)
        tree = Tree(source, text, known)
        try:
            root = tree.read()
            break
        except SpecError as error:
            raise SpecError(_sorted([*broken, *error.problems])) from None
        except (yaml.YAMLError, UnicodeEncodeError) as error:
            from cnncalc.read.yaml.errors import explain  # only a mistake needs it

            finding = explain(error, source)
            broken += [problem for problem in finding.problems if problem.line not in known]
            budget -= len(text)
            at = finding.hide
            if at is None or at in hidden or budget < 0 or len(hidden) == MOST_ATTEMPTS:
                first = min((problem.line or 1 for problem in finding.problems), default=1)
                before = [problem for problem in tree.problems if (problem.line or 1) < first]
                raise SpecError(_sorted([*broken, *before])) from None
            hidden.add(at)
            text = text[:at] + protect(text[at]) + text[at + 1 :]
    if root is not None and (python := _python(root, source)) is not None:
        raise SpecError([python])
    if broken:
        raise SpecError(_sorted([*broken, *tree.problems]))
    if root is None:
        help = 'a spec has at least "input: [3, 64, 64]" and "layers:"'
        raise SpecError([Problem("empty-spec", "there is nothing in this spec", source=source, help=help)])
    return root, _sorted(tree.problems)


def _python(root: Value, source: Source) -> Problem | None:
    """The problem where the text is a program, which YAML reads as text, or as mappings between its colons."""
    text = root.text if root.kind == "scalar" else ""
    if root.kind == "map" and root.data:
        text = root.data[0][0].text
    if not text.startswith(("class ", "def ", "import ", "from ")) and " = " not in text:
        return None
    from cnncalc.read.yaml.location import pasted

    return pasted(source)


def _sorted(problems: list[Problem]) -> list[Problem]:
    """In the order of their places."""

    def place(problem: Problem) -> tuple[int, int]:
        return problem.line or 0, problem.column or 0

    return sorted(problems, key=place)
