"""The language server: editors' requests over standard input and output, answered by the modules beside this one."""

from __future__ import annotations

import asyncio
import gc
import re
from pathlib import Path

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from cnncalc.core.problem import Problem
from cnncalc.editor import complete, fixes, hints, hover, names, tokens
from cnncalc.editor.analysis import Analysis
from cnncalc.editor.documents import Server, own
from cnncalc.editor.words import word_at

WAIT = 0.15  # seconds without a key before mistakes are shown
IDLE = 1.0  # further ones before garbage is collected, if there are so many objects
GARBAGE = 100_000
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


server = Server()


# --- texts come and change -----------------------------------------------------------------------------------------


@server.feature(lsp.INITIALIZE)
def initialize(ls: Server, params: lsp.InitializeParams) -> None:
    """What the editor can do, and the settings that came along."""
    workspace = params.capabilities.workspace
    hint = workspace.inlay_hint if workspace is not None else None
    ls.refreshes = bool(hint is not None and hint.refresh_support)
    if params.initialization_options is not None:
        ls.configure(params.initialization_options)


@server.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
def configured(ls: Server, params: lsp.DidChangeConfigurationParams) -> None:
    """Other settings."""
    ls.configure(params.settings)


@server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
async def opened(ls: Server, params: lsp.DidOpenTextDocumentParams) -> None:
    """Show what is wrong."""
    ls.open.pop(params.text_document.uri, None)
    await publish(ls, params.text_document.uri)


@server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
async def changed(ls: Server, params: lsp.DidChangeTextDocumentParams) -> None:
    """Show what is wrong once nothing is typed for a moment."""
    uri, version = params.text_document.uri, params.text_document.version
    await asyncio.sleep(WAIT)
    if _current(ls, uri, version):
        await publish(ls, uri)
    await asyncio.sleep(IDLE)
    if _current(ls, uri, version) and gc.get_count()[0] > GARBAGE:
        gc.collect()


def _current(ls: Server, uri: str, version: int | None) -> bool:
    return uri in ls.workspace.text_documents and ls.workspace.get_text_document(uri).version == version


@server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
def closed(ls: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    """Forget it."""
    uri = params.text_document.uri
    ls.open.pop(uri, None)
    ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri=uri, diagnostics=[]))


async def publish(ls: Server, uri: str) -> None:
    """Send the problems of a text, and have its hints asked for again where they are other ones by now."""
    version = ls.workspace.get_text_document(uri).version
    if not await ls.settle(uri):
        return
    analysis = ls.analysis(uri)
    found = [] if analysis is None else [diagnostic(ls, uri, one) for one in own(analysis)]
    ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri=uri, diagnostics=found, version=version))
    if ls.keep(uri) and ls.refreshes:
        ls.workspace_inlay_hint_refresh(None)


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
async def inlay_hints(ls: Server, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    """Shapes and parameters beside the lines that are on the screen."""
    await asyncio.sleep(0)  # it may be cancelled by now, or the text a newer one
    uri = params.text_document.uri
    if uri not in ls.workspace.text_documents:
        return []
    on = range(params.range.start.line + 1, params.range.end.line + 2)
    return [
        lsp.InlayHint(
            position=ls.position(uri, lsp.Position(hint.line - 1, hint.column - 1)),
            label=hint.text,
            tooltip=hint.tip,
        )
        for hint in ls.hints(uri, on)
    ]


@server.feature(lsp.TEXT_DOCUMENT_HOVER)
async def on_hover(ls: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    """Formulas and numbers of the layer under the cursor."""
    uri = params.text_document.uri
    analysis = await ls.settled(uri)
    found = hover.hover(analysis, *ls.place(uri, params.position)) if analysis is not None else None
    if found is None:
        return None
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, found[0]), ls.range(uri, found[1]))


@server.feature(
    lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[" ", ".", "(", ",", "-", ":", "="])
)
def completion(ls: Server, params: lsp.CompletionParams) -> lsp.CompletionList:
    """What may stand under the cursor."""
    uri = params.text_document.uri
    analysis = ls.latest(uri)
    found = []
    if analysis is not None:
        found = complete.complete(analysis, *ls.place(uri, params.position), ls.setting(analysis.source.name))
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
async def code_actions(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    """What the help of the problems here says, as changes."""
    uri = params.text_document.uri
    analysis = await ls.settled(uri)
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
async def code_lens(ls: Server, params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
    """The totals above the text, or above the class."""
    uri = params.text_document.uri
    analysis = await ls.settled(uri)
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
async def document_symbols(ls: Server, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
    """The tree of blocks and layers."""
    uri = params.text_document.uri
    analysis = await ls.settled(uri)
    return [_symbol(ls, uri, one) for one in (names.outline(analysis) if analysis is not None else [])]


def _symbol(ls: Server, uri: str, symbol: names.Symbol) -> lsp.DocumentSymbol:
    place = ls.range(uri, symbol.span)
    children = [_symbol(ls, uri, one) for one in symbol.children]
    return lsp.DocumentSymbol(
        name=symbol.name, detail=symbol.detail, kind=SYMBOLS[symbol.kind], range=place, selection_range=place,
        children=children,
    )  # fmt: skip


@server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
async def definition(ls: Server, params: lsp.DefinitionParams) -> lsp.Location | None:
    """Where the name under the cursor is defined."""
    uri = params.text_document.uri
    analysis = await ls.settled(uri)
    found = names.definition(analysis, *ls.place(uri, params.position)) if analysis is not None else None
    if found is None or not found.path:
        return lsp.Location(uri, ls.range(uri, found.span)) if found is not None else None
    return lsp.Location(Path(found.path).as_uri(), lsp.Range(lsp.Position(0, 0), lsp.Position(0, 0)))


@server.feature(
    lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, lsp.SemanticTokensLegend(token_types=[*tokens.TYPES], token_modifiers=[])
)
async def semantic_tokens(ls: Server, params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
    """What the words of chains and calls in specs are: for YAML they are plain texts."""
    uri = params.text_document.uri
    analysis = await ls.settled(uri)
    data: list[int] = []
    line = start = 0
    for token in tokens.tokens(analysis) if analysis is not None else ():
        place = ls.range(uri, token.span)
        if place.start.line != line:
            line, start, lines = place.start.line, 0, place.start.line - line
        else:
            lines = 0
        length = place.end.character - place.start.character
        data += [lines, place.start.character - start, length, tokens.TYPES.index(token.type), 0]
        start = place.start.character
    return lsp.SemanticTokens(data=data)


@server.feature(lsp.TEXT_DOCUMENT_RENAME)
async def rename(ls: Server, params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
    """Another name: of a layer, a block or a constant of a spec; of an attribute or a local name in source."""
    uri = params.text_document.uri
    analysis = await ls.settled(uri)
    if analysis is None:
        return None
    line, column = ls.place(uri, params.position)
    if analysis.kind == "python":
        from cnncalc.editor import source_names

        try:
            spans = source_names.renamed(analysis, line, column, params.new_name)
        except source_names.NotRenamed as reason:
            raise JsonRpcException(str(reason), lsp.LSPErrorCodes.RequestFailed) from None
        return lsp.WorkspaceEdit(changes={uri: [lsp.TextEdit(ls.range(uri, one), params.new_name) for one in spans]})
    word, _ = word_at(analysis.source.text, line, column)
    word = word.split(".")[0]
    if not word or names.definition(analysis, line, column) is None:
        return None
    spans = names.renamed(analysis, word, params.new_name)
    edits = [lsp.TextEdit(ls.range(uri, span), params.new_name) for span in spans]
    return lsp.WorkspaceEdit(changes={uri: edits}) if edits else None


def main() -> None:
    """Serve until the editor ends it. Garbage is collected when nothing is typed: it takes as long as an answer."""
    gc.freeze()
    gc.disable()
    server.start_io()
