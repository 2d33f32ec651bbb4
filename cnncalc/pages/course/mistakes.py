"""`cnncalc why`: a page on a kind of mistake, and the list of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cnncalc.document import Column, Document, Heading, Note, Part, Picture, Table


def page(kind: Any, checked: Document) -> Document:
    """What the kind is, a spec with an answer that has it, and what `check` says to that."""
    said = [part for part in checked.parts if not isinstance(part, Heading)]
    title = kind.title[:1].upper() + kind.title[1:]
    credit = f"partial: {{{kind.code}: 1}} gives such an answer one point"
    if kind.code == "carried":
        credit = "carried: half gives such an answer half of its points, and none gives none"
    return Document(
        [
            Heading(kind.code),
            Note(f"{title}{'' if title.endswith('.') else '.'} {kind.sentence}"),
            Heading("For example", 2),
            Picture(kind.example.rstrip("\n"), "yaml"),
            *said,
            Note(f"In a key, {credit}."),
        ]
    )


def listing(kinds: Iterable[Any]) -> Document:
    """All kinds, family by family."""
    families: dict[str, list[Sequence[Any]]] = {}
    for kind in kinds:
        families.setdefault(kind.family, []).append([kind.code, kind.title])
    parts: list[Part] = [Heading("mistakes")]
    for family, rows in families.items():
        parts += [Heading(family, 2), Table([Column("code", "name"), Column("what it is called")], rows)]
    return Document([*parts, Note("cnncalc why CODE shows one, with an example")])
