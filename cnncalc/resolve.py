"""What NET names: a chain, standard input, a file with what it builds on, or a bundled spec. Text becomes a `Spec`."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

from cnncalc.bundled import SUFFIXES, bundled, bundled_path, nearest
from cnncalc.collector import held
from cnncalc.problem import Problem, Source, SpecError, begin, did_you_mean, fail
from cnncalc.spec.chain import is_chain
from cnncalc.spec.convention import adopt
from cnncalc.spec.read import Reader, Spec


def resolve(net: str) -> Spec:
    """The spec that NET names. Raises `SpecError`."""
    begin()
    if net == "-":
        return read_loose(_standard_input(), "stdin")
    exists = len(net) < 4096 and "\n" not in net and os.path.exists(net)
    if is_chain(net) and net.strip(" \n->→=|") and not exists:
        from cnncalc.spec.read_chain import read_chain

        return read_chain(net)
    if exists and not (os.path.isdir(net) and bundled_path(net)):
        return read_file(net)
    path = bundled_path(net)
    if path is not None:
        return read_file(path, net)
    _no_such(net)


def _standard_input() -> Source:
    from cnncalc.spec.source import decode

    if sys.stdin is None:
        fail("file-unreadable", "standard input is closed", help="cat net.yaml | cnncalc shapes -")
    return decode(sys.stdin.buffer.read(64 * 1024 * 1024 + 1), "<stdin>")


def read_file(path: str, shown: str | None = None, seen: tuple[str, ...] = ()) -> Spec:
    """The spec of a YAML file, with what it takes over from its `base`."""
    from cnncalc.spec.source import read_text

    suffix = os.path.splitext(path)[1].lower()
    if suffix not in (*SUFFIXES, ".json", ".txt", "") and not os.path.isdir(path):
        fail(
            "unknown-format",
            f'"{path}" is no spec: cnncalc reads YAML text',
            help="a spec's name ends in .yaml or .yml",
        )
    stem = os.path.splitext(os.path.basename(path))[0]
    spec = read(read_text(path), stem)
    spec.folder = os.path.dirname(os.path.abspath(path))
    if spec.base is not None:
        _take_over(spec, path, seen)
    return spec


def _take_over(spec: Spec, path: str, seen: tuple[str, ...]) -> None:
    """Fill in what a thin spec does not say itself from the spec it names as its base."""
    assert spec.base is not None
    name, span = spec.base
    here = os.path.abspath(path)
    beside = os.path.join(os.path.dirname(here), name if name.endswith(SUFFIXES) else name + ".yaml")
    found = beside if os.path.isfile(beside) and os.path.abspath(beside) != here else bundled_path(name)
    if found == beside:
        from cnncalc.spec.source import outside, within

        if within(os.path.dirname(here), os.path.basename(beside)) is None:
            raise SpecError([*spec.problems, outside(name, spec.source, span)])
    if found is None or os.path.abspath(found) in (here, *seen) or os.sep in name:
        near = did_you_mean(name, bundled())
        problem = Problem(
            "unknown-base",
            f'there is no spec "{name}" to build on',
            source=spec.source,
            span=span,
            help=f"did you mean {near}?" if near else "base names a bundled spec, or a file in the same folder",
        )
        raise SpecError([*spec.problems, problem])
    base = read_file(found, name, (*seen, here))
    unknown = [key for key in spec.let if key not in base.let and key not in base.symbols]
    for key in unknown:
        near = did_you_mean(key, base.let)
        spec.problems.append(
            Problem(
                "unknown-setting",
                f'{name} has no constant "{key}"',
                source=spec.source,
                span=spec.let[key].span(),
                help=f"did you mean {near}?" if near else f"let defines {', '.join(base.let)}",
            )
        )
    own = [*spec.let.values(), *([spec.values] if spec.values is not None else [])]
    spec.thin = (spec.source, frozenset(id(value) for value in own))
    spec.problems[:0] = base.problems
    spec.let = {**base.let, **spec.let}
    free = [name for name in base.symbols if name not in spec.let]
    spec.symbols = [*free, *(name for name in spec.symbols if name not in free)]
    spec.inputs = spec.inputs or base.inputs
    spec.layers = spec.layers or base.layers
    spec.blocks = {**base.blocks, **spec.blocks}
    spec.values = spec.values or base.values
    spec.layout = base.layout if spec.layout == "channels_first" else spec.layout
    spec.source = base.source
    adopt(spec, base)


def read_loose(source: Source, name: str) -> Spec:
    """The spec of a text that is in no file, with what it takes over from its `base`."""
    begin()
    spec = read(source, name)
    if spec.base is not None:
        _take_over(spec, name, ())
    return spec


@held()
def read(source: Source, name: str) -> Spec:
    from cnncalc.spec.source import read_yaml

    tree, problems = read_yaml(source)
    reader = Reader(source)
    spec = reader.spec
    for problem in problems:
        (spec.problems if problem.severity == "error" else spec.notes).append(problem)
    reader.read(tree)
    spec.notes.extend(problem for problem in spec.problems if problem.severity != "error")
    spec.problems[:] = [problem for problem in spec.problems if problem.severity == "error"]
    spec.name = spec.name or name
    return spec


def set_file(path: str, spec: Spec) -> dict[str, Any]:
    """The values that a YAML or JSON mapping has for names in `let`; other keys are left."""
    from cnncalc.spec.source import read_text, read_yaml

    tree, problems = read_yaml(read_text(path))
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise SpecError(errors)
    plain = tree.plain()
    if not isinstance(plain, dict):
        fail("set-file-form", f'"{path}" holds no names with values', help="write one NAME: VALUE a line")
    found = {name: value for name, value in plain.items() if name in spec.let or name in spec.symbols}
    if not found:
        fail(
            "set-file-form",
            f'"{path}" sets nothing that {spec.name} has',
            help=f"let defines {', '.join(spec.let)}" if spec.let else "the spec has no let",
        )
    return found


def _no_such(net: str) -> NoReturn:
    near = nearest(net)
    suffix = os.path.splitext(net)[1].lower()
    if suffix in SUFFIXES or os.sep in net:
        from cnncalc.spec.source import read_text

        read_text(net)
    fail(
        "unknown-net",
        f'there is no file "{net}" and no bundled network of that name',
        help=f"did you mean {near}?" if near else "cnncalc specs lists the bundled networks",
    )
