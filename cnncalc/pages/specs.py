"""`cnncalc specs`: the bundled networks with their parameters and costs.

180 networks take seconds, so what they have is kept in `specs/totals.jsonl`, which a test computes again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cnncalc.core.problem import SpecError
from cnncalc.document import Column, Document, Note, Table
from cnncalc.network.row import plain
from cnncalc.pages.fold import batched

KEYS = ("name", "input", "params", "macs")


def rows(names: Sequence[str] | None = None) -> list[list[Any]]:
    """Name, input shapes, parameters and MACs of every bundled network, or of some."""
    from cnncalc.bundled import bundled, recorded_totals

    recorded = recorded_totals()
    return [recorded[name] if name in recorded else computed(name) for name in (bundled() if names is None else names)]


def sentences() -> dict[str, str]:
    """What the first comment of each bundled network says of it, as far as its first sentence."""
    from cnncalc.bundled import bundled, specs_folder

    found = {}
    for name in bundled():
        comment = []
        with open(os.path.join(specs_folder(), name + ".yaml"), encoding="utf-8") as file:
            for line in file:
                if not line.startswith("#"):
                    break
                comment.append(line.strip("# \n"))
        text = " ".join(comment)
        # A dot ends a sentence before a space and a capital, but not after "et al" and the like.
        end = re.search(r"(?<!al)(?<!\b[A-Z])[.:;](?= |$)", text)
        found[name] = text[: end.start()] if end else text
    return found


def matching(words: Sequence[str], said: Mapping[str, str]) -> list[str]:
    """The networks that have each word in their name or description."""
    return [
        name
        for name, sentence in said.items()
        if all(word.lower() in f"{name} {name.replace('_', '-')} {sentence}".lower() for word in words)
    ]


def computed(name: str) -> list[object]:
    """The row of one network, from its spec."""
    from cnncalc.loading import load

    try:
        report = load(name).report()
    except SpecError:  # one that cannot be read must not hide the others
        return [name, None, None, None]
    inputs = [[plain(size) for size in shape] for shape in report.inputs.values()]
    return [name, inputs, plain(report.totals.params), plain(report.totals.macs)]


def page(found: list[list[Any]], said: Mapping[str, str] | None = None) -> Document:
    """The table; a search also shows what is said of each."""
    columns = [Column("network", "name"), Column("input", spare=True)]
    columns += [Column("params", "number"), Column("GMACs", "number")]
    cells = [[name, _inputs(inputs), params, _giga(macs)] for name, inputs, params, macs in found]
    if said:
        columns.append(Column("what it is"))
        for row in cells:
            row.append(said[row[0]])
    return Document([Table(columns, cells), Note("cnncalc shapes NAME shows one of them")])


def _inputs(inputs: list[list[Any]] | None) -> str:
    return " ".join("(" + ", ".join(map(str, batched(shape, None))) + ")" for shape in inputs or ())


def _giga(macs: object) -> object:
    """Billions; a formula stays one."""
    return macs / 1e9 if type(macs) is int else macs
