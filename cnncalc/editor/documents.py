"""The open texts of an editor: what is known of each, its hints, and places as the editor counts them."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from urllib.parse import unquote, urlparse

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from cnncalc import __version__
from cnncalc.core.problem import Problem, Source, Span
from cnncalc.editor import hints
from cnncalc.editor.analysis import Analysis
from cnncalc.editor.hints import Hint
from cnncalc.editor.text import Text

LONGEST = 2_000_000  # letters of a text that is looked at
LARGE = 2_000  # layers from which on a network is followed beside the typing, not between two letters
STACK = 64 * 2**20  # bytes of the thread that does it: what is nested takes some of them
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
        self.every: list[Hint] | None = None  # all hints of what is known, of a large network

    @property
    def large(self) -> bool:
        """Whether it takes longer to follow its networks than it takes to type."""
        models = self.known.models if self.known is not None else ()
        return self.text.kind == "spec" and sum(len(one.report.rows) for one in models if one.report) > LARGE

    def hints(self, on: range) -> list[Hint]:
        """The hints of some lines of what is known."""
        assert self.known is not None
        if self.every is None:
            return hints.hints(self.known, on)
        return [hint for hint in self.every if hint.line in on]

    def kept(self, source: str, on: range, wrong: Sequence[int] = ()) -> list[Hint]:
        """The last good hints of some lines, above the first other line and above mistakes."""
        lines = source.split("\n")
        same = next((at for at, pair in enumerate(zip(lines, self.good[0], strict=False)) if pair[0] != pair[1]),
                    min(len(lines), len(self.good[0])))  # fmt: skip
        last = min([same + 1, *wrong])
        return [hint for hint in self.good[1] if hint.line < last and hint.line in on]


class Server(LanguageServer):
    """A server with what it knows of each open text."""

    def __init__(self) -> None:
        super().__init__("cnncalc", __version__)
        self.inputs: list[tuple[str, str]] = []  # patterns of Python files, and the sizes that settings say for them
        self.open: dict[str, Open] = {}
        self.refreshes = False  # whether the editor asks for hints again when it is told to
        self.beside: ThreadPoolExecutor | None = None  # the thread that follows large networks
        self.following = threading.Lock()  # one text at a time
        self.split: tuple[str, Sequence[str]] = "", []  # a text and its lines

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
        document = self.workspace.get_text_document(uri)
        text = document.source
        kind = kind_of(uri, text, document.language_id or "")
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
            with self.following:
                held.known = held.text.analyse(document.source, self.setting(held.text.path), only)
        except (RecursionError, MemoryError):
            return None
        held.version, held.whole, held.every = document.version, not only, None
        return held.known

    def late(self, uri: str) -> Open | None:
        """An open text with a large network of which only an older state is known."""
        held = self.opened(uri)
        stale = held is not None and held.version != self.workspace.get_text_document(uri).version
        return held if stale and held is not None and held.large else None

    async def settled(self, uri: str) -> Analysis | None:
        """All that is known of an open text; None where it changed while a large network was followed."""
        if self.late(uri) is not None and not await self.settle(uri):
            return None
        return self.analysis(uri)

    def latest(self, uri: str) -> Analysis | None:
        """What is known, of a large network that is typed in what was known, with the text as it is now."""
        held = self.late(uri)
        if held is None or held.known is None:
            return self.analysis(uri)
        return held.known._replace(source=Source(held.text.path, self.workspace.get_text_document(uri).source))

    async def settle(self, uri: str) -> bool:
        """Find out all of a text, in steps that let newer ones pass; False where there is a newer one."""
        document, held = self.workspace.get_text_document(uri), self.opened(uri)
        if held is None or (held.whole and held.version == document.version):
            return True
        version, found = document.version, None
        if held.large:
            return await self._aside(uri, held, version)
        try:
            steps = held.text.steps(document.source, self.setting(held.text.path))
            while (step := self._step(steps)) is not None:
                (found,) = step
                if found is None:
                    await asyncio.sleep(0.001)
                    if uri not in self.workspace.text_documents or document.version != version:
                        return False
        except (RecursionError, MemoryError):
            return True
        held.known, held.version, held.whole, held.every = found, version, True, None
        return True

    async def _aside(self, uri: str, held: Open, version: int | None) -> bool:
        """Find out all of a text with a large network in a thread of its own; False where there is a newer one."""
        if self.beside is None:
            before = threading.stack_size(STACK)
            self.beside = ThreadPoolExecutor(1)
            self.beside.submit(int).result()  # starts the thread
            threading.stack_size(before)
        document = self.workspace.get_text_document(uri)
        source, setting = document.source, self.setting(held.text.path)

        def follow() -> None:
            with self.following:
                if document.version != version or held.version == version:
                    return
                known = held.text.analyse(source, setting)
                held.every, held.known, held.whole = hints.hints(known), known, True
                held.version = version

        try:
            await asyncio.get_running_loop().run_in_executor(self.beside, follow)
        except (RecursionError, MemoryError):
            return True
        return uri in self.workspace.text_documents and document.version == version == held.version

    def _step(self, steps: Iterator[Analysis | None]) -> tuple[Analysis | None] | None:
        with self.following:
            return next(((one,) for one in steps), None)

    def hints(self, uri: str, on: range) -> list[Hint]:
        """The hints of some lines; above a mistake that hides its network those from before."""
        held = self.late(uri)
        if held is not None:
            found = held.kept(self.workspace.get_text_document(uri).source, on)
            held.shown = on, found
            return found
        held = self.opened(uri)
        analysis = self.analysis(uri, on)
        if held is None or analysis is None:
            return []
        found = held.hints(on)
        if broken(analysis):
            wrong = [one.span.line for one in own(analysis) if one.severity == "error" and one.span is not None]
            known = {hint.line for hint in found}
            kept = held.kept(analysis.source.text, on, wrong)
            found = sorted([*found, *(hint for hint in kept if hint.line not in known)])
        held.shown = on, found
        return found

    def keep(self, uri: str) -> bool:
        """Note the hints of a text of which all is known; whether they are other ones than were answered."""
        held = self.open.get(uri)
        if held is None or held.known is None:
            return False
        found = held.hints(hints.EVERY)
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
        lines = self._lines(uri)
        if position.line >= len(lines):
            return position
        return self.workspace.position_codec.position_to_client_units(lines, position)

    def place(self, uri: str, position: lsp.Position) -> tuple[int, int]:
        """An editor's position as line and column."""
        lines = self._lines(uri)
        found = self.workspace.position_codec.position_from_client_units(lines, position)
        return found.line + 1, found.character + 1

    def _lines(self, uri: str) -> Sequence[str]:
        """The lines of a text, of which every place of an answer asks for one."""
        document = self.workspace.get_text_document(uri)
        if document.source is not self.split[0]:
            self.split = document.source, document.lines
        return self.split[1]


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


def kind_of(uri: str, text: str, language: str = "") -> str:
    """ "spec", "python", or "" for a text that is none of ours. JupyterLab sends a notebook as one text."""
    from cnncalc.read.detect import is_source

    parts = urlparse(uri)
    path = parts.path
    notebook = parts.scheme == "file" and path.endswith(".ipynb") and language == "python"
    if path.endswith(".py") or notebook:
        return "python" if is_source(text) else ""
    if not path.endswith((".yaml", ".yml")):
        return ""
    ours = any(text.startswith(f"{key}:") or f"\n{key}:" in text for key in ("layers", "base"))
    begun = text.partition(":")[0].strip()  # of a text that is just begun, a part of its first key
    return "spec" if ours or any(key.startswith(begun) for key in ("input", "layers", "base", "name", "let")) else ""
