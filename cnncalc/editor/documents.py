"""The open texts of an editor: what is known of each, its hints, and places as the editor counts them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from fnmatch import fnmatch
from urllib.parse import unquote, urlparse

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from cnncalc import __version__
from cnncalc.core.problem import Problem, Span
from cnncalc.editor import hints
from cnncalc.editor.analysis import Analysis
from cnncalc.editor.hints import Hint
from cnncalc.editor.text import Text

LONGEST = 2_000_000  # letters of a text that is looked at
MARGIN = 20  # lines around the asked ones: they may have moved since it was noted which network each is about


class Open:
    """An open text."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.version: int | None = None  # of what is known
        self.known: Analysis | None = None
        self.whole = False  # whether all of its networks are known
        self.good: tuple[list[str], list[Hint]] = [], []  # the last lines without a mistake, and their hints
        self.makers: dict[int, str] = {}  # of the lines that have a hint the network that it is about
        self.shown: tuple[range, list[Hint]] | None = None  # the lines that were asked for, and what was answered


class Server(LanguageServer):
    """A server with what it knows of each open text."""

    def __init__(self) -> None:
        super().__init__("cnncalc", __version__)
        self.inputs: list[tuple[str, str]] = []  # patterns of Python files, and the sizes that settings say for them
        self.open: dict[str, Open] = {}
        self.refreshes = False  # whether the editor asks for hints again when it is told to

    def configure(self, settings: object) -> None:
        """`cnncalc.input`: a size for Python files that say none, or patterns of files with sizes."""
        own = settings.get("cnncalc", settings) if isinstance(settings, dict) else {}
        given = own.get("input", "") if isinstance(own, dict) else ""
        pairs = given.items() if isinstance(given, dict) else [("*", given)] if given else []
        self.inputs = [(str(pattern), str(size)) for pattern, size in pairs]
        for known in self.open.values():
            known.version = None

    def setting(self, path: str) -> str:
        """The size that the settings say for a file; the first pattern that fits its path or its name."""
        names = path.replace(os.sep, "/"), os.path.basename(path)
        fitting = (
            size
            for pattern, size in self.inputs
            if any(fnmatch(name, pattern) or fnmatch(name, f"*/{pattern}") for name in names)
        )
        return next(fitting, "")

    def opened(self, uri: str) -> Open | None:
        """An open text; None for one that has no network in it."""
        text = self.workspace.get_text_document(uri).source
        kind = kind_of(uri, text)
        if not kind or len(text) > LONGEST:
            self.open.pop(uri, None)
            return None
        held = self.open.get(uri)
        if held is None or held.text.kind != kind:
            held = self.open[uri] = Open(Text(path_of(uri), kind))
        return held

    def analysis(self, uri: str, on: range | None = None) -> Analysis | None:
        """What is known of an open text; for the hints of some lines alone the networks that they are about."""
        document = self.workspace.get_text_document(uri)
        held = self.opened(uri)
        if held is None:
            return None
        if held.version == document.version and (held.whole or on is not None):
            return held.known
        near = range(on.start - MARGIN, on.stop + MARGIN) if on is not None else ()
        only = {maker for line, maker in held.makers.items() if line in near}
        try:
            held.known = held.text.analyse(document.source, self.setting(held.text.path), only)
        except (RecursionError, MemoryError):
            return None
        held.version, held.whole = document.version, not only
        return held.known

    async def settle(self, uri: str) -> bool:
        """Find out all of a text, in steps that let newer ones pass; False where there is a newer one."""
        document, held = self.workspace.get_text_document(uri), self.opened(uri)
        if held is None or (held.whole and held.version == document.version):
            return True
        version, found = document.version, None
        try:
            for found in held.text.steps(document.source, self.setting(held.text.path)):
                if found is None:
                    await asyncio.sleep(0.001)
                    if uri not in self.workspace.text_documents or document.version != version:
                        return False
        except (RecursionError, MemoryError):
            return True
        held.known, held.version, held.whole = found, version, True
        return True

    def hints(self, uri: str, on: range) -> list[Hint]:
        """The hints of some lines; above a mistake that hides its network those from before."""
        held = self.opened(uri)
        analysis = self.analysis(uri, on)
        if held is None or analysis is None:
            return []
        found = hints.hints(analysis, on)
        if broken(analysis):
            lines = analysis.source.text.split("\n")
            same = next((at for at, pair in enumerate(zip(lines, held.good[0], strict=False)) if pair[0] != pair[1]),
                        min(len(lines), len(held.good[0])))  # fmt: skip
            wrong = [one.span.line for one in own(analysis) if one.severity == "error" and one.span is not None]
            last = min([same + 1, *wrong])
            known = {hint.line for hint in found}
            kept = [hint for hint in held.good[1] if hint.line < last and hint.line in on and hint.line not in known]
            found = sorted([*found, *kept])
        held.shown = on, found
        return found

    def keep(self, uri: str) -> bool:
        """Note the hints of a text of which all is known; whether they are other ones than were answered."""
        held = self.open.get(uri)
        if held is None or held.known is None:
            return False
        found = hints.hints(held.known)
        if not broken(held.known):
            held.good = held.known.source.text.split("\n"), found
        if found:
            held.makers = {hint.line: hint.model for hint in found}
        if held.shown is None:
            return False
        on, shown = held.shown
        return self.hints(uri, on) != shown

    # --- places: ours count letters from 1, editors' units from 0 ---------------------------------------------------

    def range(self, uri: str, span: Span | None) -> lsp.Range:
        """A place in the editor's units; the first line for none."""
        if span is None:
            return lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0))
        start = lsp.Position(span.line - 1, span.column - 1)
        end = lsp.Position(span.line - 1, span.column - 1 + span.length)
        return lsp.Range(self.position(uri, start), self.position(uri, end))

    def position(self, uri: str, position: lsp.Position) -> lsp.Position:
        """A position in letters as the editor counts."""
        lines: Sequence[str] = self.workspace.get_text_document(uri).lines
        if position.line >= len(lines):
            return position
        return self.workspace.position_codec.position_to_client_units(lines, position)

    def place(self, uri: str, position: lsp.Position) -> tuple[int, int]:
        """An editor's position as line and column."""
        lines = self.workspace.get_text_document(uri).lines
        found = self.workspace.position_codec.position_from_client_units(lines, position)
        return found.line + 1, found.character + 1


def own(analysis: Analysis) -> list[Problem]:
    """The problems that are about this text, or about none."""
    return [one for one in analysis.problems if one.source is None or one.source.name == analysis.source.name]


def broken(analysis: Analysis) -> bool:
    """Whether a mistake hides a part of a network."""
    return any(one.severity == "error" for one in analysis.problems)


def path_of(uri: str) -> str:
    """The file's path; for a text that has none, its address."""
    parts = urlparse(uri)
    if parts.scheme != "file":
        return uri
    path = unquote(parts.path)
    return path[1:] if os.name == "nt" and path.startswith("/") else path


def kind_of(uri: str, text: str) -> str:
    """ "spec", "python", or "" for a text that is none of ours."""
    from cnncalc.read.detect import is_source

    path = urlparse(uri).path
    if path.endswith(".py"):
        return "python" if is_source(text) else ""
    if not path.endswith((".yaml", ".yml")):
        return ""
    ours = any(text.startswith(f"{key}:") or f"\n{key}:" in text for key in ("layers", "base"))
    begun = text.partition(":")[0].strip()  # of a text that is just begun, a part of its first key
    return "spec" if ours or any(key.startswith(begun) for key in ("input", "layers", "base", "name", "let")) else ""
