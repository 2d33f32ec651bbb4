"""The language server: editors' requests over standard input and output, answered by the modules beside this one."""

from __future__ import annotations

import asyncio
import os
import re
from typing import Any
from urllib.parse import unquote, urlparse

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from cnncalc import __version__
from cnncalc.core.problem import Problem, Span
from cnncalc.editor import complete, fixes, hints, hover, names
from cnncalc.editor.analysis import Analysis
from cnncalc.editor.text import analyse
from cnncalc.editor.words import word_at

WAIT = 0.08  # seconds without a key before mistakes are shown
LONGEST = 2_000_000  # letters of a text that is looked at
SEVERITY = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "note": lsp.DiagnosticSeverity.Information,
}
KINDS = {
    "key": lsp.CompletionItemKind.Keyword,
    "type": lsp.CompletionItemKind.Class,
    "option": lsp.CompletionItemKind.Field,
    "name": lsp.CompletionItemKind.Variable,
    "attribute": lsp.CompletionItemKind.Property,
    "spec": lsp.CompletionItemKind.Module,
    "value": lsp.CompletionItemKind.Value,
}
SYMBOLS = {
    "network": lsp.SymbolKind.Module,
    "block": lsp.SymbolKind.Class,
    "layer": lsp.SymbolKind.Function,
    "name": lsp.SymbolKind.Variable,
}


class Server(LanguageServer):
    """A server with what it knows of each open text."""

    def __init__(self) -> None:
        super().__init__("cnncalc", __version__)
        self.input = ""  # the workspace's setting for Python files that say no size
        self.known: dict[str, tuple[int | None, Analysis]] = {}
        self.hints: dict[str, list[hints.Hint]] = {}

    def analysis(self, uri: str) -> Analysis | None:
        """What is known of an open text; None for one that has no network in it."""
        document = self.workspace.get_text_document(uri)
        held = self.known.get(uri)
        if held is not None and held[0] == document.version:
            return held[1]
        text = document.source
        kind = kind_of(uri, text)
        if not kind or len(text) > LONGEST:
            self.known.pop(uri, None)
            return None
        try:
            found = analyse(text, path_of(uri), kind, self.input)
        except (RecursionError, MemoryError):
            return None
        self.known[uri] = document.version, found
        return found

    def shown_hints(self, uri: str) -> list[hints.Hint]:
        """The hints of a text; above a mistake that hides its network those from before."""
        analysis = self.analysis(uri)
        if analysis is None:
            return []
        found = hints.hints(analysis)
        broken = [problem.span.line for problem in analysis.problems if problem.severity == "error" and problem.span]
        if not found and broken:
            return [hint for hint in self.hints.get(uri, []) if hint.line < min(broken)]
        self.hints[uri] = found
        return found

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
        lines = self.workspace.get_text_document(uri).lines
        if position.line >= len(lines):
            return position
        return self.workspace.position_codec.position_to_client_units(lines, position)

    def place(self, uri: str, position: lsp.Position) -> tuple[int, int]:
        """An editor's position as line and column."""
        lines = self.workspace.get_text_document(uri).lines
        found = self.workspace.position_codec.position_from_client_units(lines, position)
        return found.line + 1, found.character + 1


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


server = Server()


# --- texts come and change -----------------------------------------------------------------------------------------


@server.feature(lsp.INITIALIZED)
def initialized(ls: Server, params: lsp.InitializedParams) -> None:
    """The settings that came along."""


@server.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
def configured(ls: Server, params: lsp.DidChangeConfigurationParams) -> None:
    """`cnncalc.input`: a size for Python files that say none."""
    settings: Any = params.settings
    own = settings.get("cnncalc", settings) if isinstance(settings, dict) else {}
    ls.input = str(own.get("input", "") or "") if isinstance(own, dict) else ""
    ls.known.clear()


@server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
def opened(ls: Server, params: lsp.DidOpenTextDocumentParams) -> None:
    """Show what is wrong."""
    publish(ls, params.text_document.uri)


@server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
async def changed(ls: Server, params: lsp.DidChangeTextDocumentParams) -> None:
    """Show what is wrong once nothing is typed for a moment."""
    uri, version = params.text_document.uri, params.text_document.version
    await asyncio.sleep(WAIT)
    if uri in ls.workspace.text_documents and ls.workspace.get_text_document(uri).version == version:
        publish(ls, uri)


@server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
def closed(ls: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    """Forget it."""
    uri = params.text_document.uri
    ls.known.pop(uri, None)
    ls.hints.pop(uri, None)
    ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri=uri, diagnostics=[]))


def publish(ls: Server, uri: str) -> None:
    """Send the problems of a text."""
    analysis = ls.analysis(uri)
    version = ls.workspace.get_text_document(uri).version
    found = [] if analysis is None else [diagnostic(ls, uri, one) for one in own(analysis)]
    ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri=uri, diagnostics=found, version=version))


def own(analysis: Analysis) -> list[Problem]:
    """The problems that are about this text, or about none."""
    return [one for one in analysis.problems if one.source is None or one.source.name == analysis.source.name]


def diagnostic(ls: Server, uri: str, problem: Problem) -> lsp.Diagnostic:
    """A problem as editors show it."""
    return lsp.Diagnostic(
        range=ls.range(uri, problem.span),
        message="\n".join([problem.message, *problem.help]),
        severity=SEVERITY.get(problem.severity, lsp.DiagnosticSeverity.Error),
        code=problem.code,
        source="cnncalc",
    )


# --- what editors ask ----------------------------------------------------------------------------------------------


@server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
def inlay_hints(ls: Server, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    """Shapes and parameters beside the lines that are on the screen."""
    uri = params.text_document.uri
    first, last = params.range.start.line + 1, params.range.end.line + 1
    return [
        lsp.InlayHint(
            position=ls.position(uri, lsp.Position(hint.line - 1, hint.column - 1)),
            label=hint.text,
            tooltip=hint.tip,
        )
        for hint in ls.shown_hints(uri)
        if first <= hint.line <= last
    ]


@server.feature(lsp.TEXT_DOCUMENT_HOVER)
def on_hover(ls: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    """Formulas and numbers of the layer under the cursor."""
    uri = params.text_document.uri
    analysis = ls.analysis(uri)
    found = hover.hover(analysis, *ls.place(uri, params.position)) if analysis is not None else None
    if found is None:
        return None
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, found[0]), ls.range(uri, found[1]))


@server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[" ", ".", "(", ",", "-", ":"]))
def completion(ls: Server, params: lsp.CompletionParams) -> lsp.CompletionList:
    """What may stand under the cursor."""
    uri = params.text_document.uri
    analysis = ls.analysis(uri)
    found = complete.complete(analysis, *ls.place(uri, params.position)) if analysis is not None else []
    items = [
        lsp.CompletionItem(
            label=one.text.rstrip(" :="),
            insert_text=one.text,
            kind=KINDS[one.kind],
            detail=one.detail or None,
            documentation=one.more or None,
            sort_text=f"{at:05d}",
        )
        for at, one in enumerate(found)
    ]
    return lsp.CompletionList(is_incomplete=False, items=items)


@server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix]))
def code_actions(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    """What the help of the problems here says, as changes."""
    uri = params.text_document.uri
    analysis = ls.analysis(uri)
    if analysis is None:
        return []
    found = []
    for problem in own(analysis):
        place = ls.range(uri, problem.span)
        if place.end.line < params.range.start.line or place.start.line > params.range.end.line:
            continue
        for fix in fixes.fixes(problem, analysis.source.text):
            edit = lsp.TextEdit(ls.range(uri, fix.span), fix.text)
            found.append(
                lsp.CodeAction(
                    title=fix.title,
                    kind=lsp.CodeActionKind.QuickFix,
                    diagnostics=[diagnostic(ls, uri, problem)],
                    edit=lsp.WorkspaceEdit(changes={uri: [edit]}),
                )
            )
    return found


@server.feature(lsp.TEXT_DOCUMENT_CODE_LENS)
def code_lens(ls: Server, params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
    """The totals above the text, or above the class."""
    uri = params.text_document.uri
    analysis = ls.analysis(uri)
    found = []
    for model in analysis.models if analysis is not None else ():
        if model.report is not None and model.whole and analysis is not None:
            line = _maker_line(analysis, model.name)
            place = lsp.Range(lsp.Position(line, 0), lsp.Position(line, 0))
            found.append(
                lsp.CodeLens(place, command=lsp.Command(title=hints.lens(model.report, model.name), command=""))
            )
    return found


def _maker_line(analysis: Analysis, name: str) -> int:
    """The line, from 0, of the class or function that makes a network."""
    maker = re.compile(rf"(?:class|def) {re.escape(name.partition('(')[0])}\b|{re.escape(name)}\s*[:=]")
    for number, line in enumerate(analysis.source.text.split("\n")):
        if analysis.kind == "python" and maker.match(line):
            return number
    return 0


@server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
def document_symbols(ls: Server, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
    """The tree of blocks and layers."""
    uri = params.text_document.uri
    analysis = ls.analysis(uri)
    return [_symbol(ls, uri, one) for one in (names.outline(analysis) if analysis is not None else [])]


def _symbol(ls: Server, uri: str, symbol: names.Symbol) -> lsp.DocumentSymbol:
    place = ls.range(uri, symbol.span)
    children = [_symbol(ls, uri, one) for one in symbol.children]
    return lsp.DocumentSymbol(
        name=symbol.name, detail=symbol.detail, kind=SYMBOLS[symbol.kind], range=place, selection_range=place,
        children=children,
    )  # fmt: skip


@server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
def definition(ls: Server, params: lsp.DefinitionParams) -> lsp.Location | None:
    """Where the name under the cursor is defined."""
    uri = params.text_document.uri
    analysis = ls.analysis(uri)
    found = names.definition(analysis, *ls.place(uri, params.position)) if analysis is not None else None
    return lsp.Location(uri, ls.range(uri, found)) if found is not None else None


@server.feature(lsp.TEXT_DOCUMENT_RENAME)
def rename(ls: Server, params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
    """Another name for a layer, a block or a constant of a spec, wherever it stands."""
    uri = params.text_document.uri
    analysis = ls.analysis(uri)
    if analysis is None or analysis.kind != "spec":
        return None
    line, column = ls.place(uri, params.position)
    word, _ = word_at(analysis.source.text, line, column)
    word = word.split(".")[0]
    if not word or names.definition(analysis, line, column) is None:
        return None
    spans = names.renamed(analysis, word, params.new_name)
    edits = [lsp.TextEdit(ls.range(uri, span), params.new_name) for span in spans]
    return lsp.WorkspaceEdit(changes={uri: edits}) if edits else None


def main() -> None:
    """Serve until the editor ends it."""
    server.start_io()
