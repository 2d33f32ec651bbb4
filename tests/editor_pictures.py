"""The pictures of docs/editors.md: `python -m tests.editor_pictures FOLDER`, where npm put monaco-editor.

Monaco is the editor of VS Code, in a page. It is given a text and what `cnncalc lsp` answers about it over the
protocol; Chromium takes the picture (the extra `browser`).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright  # type: ignore[import-not-found,unused-ignore]

from tests.browser import CHROMIUM, FLAGS
from tests.protocol import Client

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
SPEC = """\
input: 3x64x64
define:
  stage(width, stride=1):
    - conv: Conv2d(out_channels=width, kernel_size=3, stride=stride)
    - BatchNorm2d
    - ReLU
layers:
  - stem: "Conv2d(3, 32, 7, stride=2, padding=3) -> ReLU -> MaxPool2d(2)"
  - stage1: stage(64)
  - stage2: stage(128, stride=2)
  - pool: AdaptiveAvgPool2d(1)
  - Flatten
  - head: Linear(out_features=10)
expect:
  stage2.conv.params: 73728
"""
MODEL = """\
# cnncalc: input 3x32x32
from torch import nn


class Block(nn.Module):
    def __init__(self, inside, outside, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride, padding=1)
        self.conv2 = nn.Conv2d(outside, outside, 3, padding=1)
        self.short = nn.Conv2d(inside, outside, 1, stride)

    def forward(self, x):
        out = self.conv1(x).relu()
        out = self.conv2(out)
        return (out + self.short(x)).relu()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(Block(3, 32), Block(32, 64, 2), Block(64, 128, 2))
        self.head = nn.Linear(2048, 10)

    def forward(self, x):
        x = self.body(x)
        x = x.flatten(1)
        return self.head(x)
"""
HALF = SPEC.partition("  - pool")[0] + "  - conv2d:\n      out_channels: 64\n      "
# Of each picture the file, its text, what is opened at which line and column (from 1), and the height in pixels.
SHOWN = {
    "editor_spec": ("net.yaml", SPEC, ("hover", 13, 14), 520),
    "editor_source": ("model.py", MODEL, ("problem", 22, 33), 620),
    "editor_completion": ("net.yaml", HALF, ("complete", HALF.count("\n") + 1, 7), 430),
}
PAGE = """<!doctype html><meta charset="utf-8">
<style>body {{ margin: 0 }} #editor {{ width: 1100px; height: {height}px }}</style>
<div id="editor"></div><script src="{vs}/loader.js"></script><script>
const said = {said};
require.config({{ paths: {{ vs: "{vs}" }} }});
require(["vs/editor/editor.main"], () => {{
  const uri = monaco.Uri.parse("file:///" + said.name);
  const model = monaco.editor.createModel(said.text, said.language, uri);
  const at = (range) => ({{ startLineNumber: range.start.line + 1, startColumn: range.start.character + 1,
    endLineNumber: range.end.line + 1, endColumn: range.end.character + 1 }});
  monaco.languages.registerInlayHintsProvider(said.language, {{ provideInlayHints: () => ({{ dispose() {{}},
    hints: said.hints.map((one) => ({{ label: one.label, position: {{ lineNumber: one.position.line + 1,
      column: one.position.character + 1 }} }})) }}) }});
  monaco.languages.registerCodeLensProvider(said.language, {{ provideCodeLenses: () => ({{ dispose() {{}},
    lenses: said.lenses.map((one) => ({{ range: at(one.range),
      command: {{ id: "", title: one.command.title }} }})) }}) }});
  if (said.hover) monaco.languages.registerHoverProvider(said.language, {{ provideHover: () => ({{
    range: at(said.hover.range), contents: [{{ value: said.hover.contents.value }}] }}) }});
  if (said.items) monaco.languages.registerCompletionItemProvider(said.language, {{
    provideCompletionItems: (m, p) => ({{ suggestions: said.items.map((one) => ({{
      label: one.label, insertText: one.insertText, kind: one.kind - 1, detail: one.detail, sortText: one.sortText,
      range: {{ startLineNumber: p.lineNumber, endLineNumber: p.lineNumber, startColumn: p.column,
        endColumn: p.column }} }})) }}) }});
  monaco.languages.registerCodeActionProvider(said.language, {{ provideCodeActions: () => ({{ dispose() {{}},
    actions: said.fixes.map((one) => ({{ title: one.title, kind: one.kind }})) }}) }});
  monaco.editor.setModelMarkers(model, "cnncalc", said.problems.map((one) => ({{ ...at(one.range), message: one.message,
    severity: {{ 1: 8, 2: 4, 3: 2 }}[one.severity] }})));
  const editor = monaco.editor.create(document.getElementById("editor"), {{ model, fontSize: 14, theme: "vs",
    minimap: {{ enabled: false }}, scrollBeyondLastLine: false, fontFamily: "DejaVu Sans Mono",
    renderLineHighlight: "none",
    inlayHints: {{ enabled: "on" }}, wordBasedSuggestions: "off", suggest: {{ showStatusBar: false }},
    hover: {{ above: false }}, overviewRulerLanes: 0, lineNumbersMinChars: 3, padding: {{ top: 4 }} }});
  const [what, line, column] = said.opened;
  editor.setPosition({{ lineNumber: line, column }});
  editor.focus();
  setTimeout(() => editor.trigger("picture", what === "complete" ? "editor.action.triggerSuggest" :
    "editor.action.showHover", {{}}), 1500);
}});
</script>
"""


def answers(client: Client, name: str, text: str, opened: tuple[str, int, int]) -> dict[str, Any]:
    """What the server says of a text."""
    uri = f"file:///{name}"
    client.open(uri, text)
    what, line, column = opened
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 999, "character": 0}}
    document = {"textDocument": {"uri": uri}}
    found: dict[str, Any] = {
        "name": name,
        "text": text,
        "language": "python" if name.endswith(".py") else "yaml",
        "opened": opened,
        "hints": client.ask("textDocument/inlayHint", {**document, "range": whole}),
        "lenses": client.ask("textDocument/codeLens", document),
        "problems": client.problems(uri),
        "fixes": client.fixes(uri),
    }
    if what == "hover":
        found["hover"] = client.about("hover", uri, line - 1, column - 1)
    elif what == "complete":
        found["items"] = client.about("completion", uri, line - 1, column - 1)["items"]
    return found


def main() -> None:
    """Take the pictures."""
    vs = (Path(sys.argv[1]).resolve() / "node_modules" / "monaco-editor" / "min" / "vs").as_uri()
    client = Client([sys.executable, "-m", "cnncalc", "lsp"])
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--allow-file-access-from-files"])
        for picture, (name, text, opened, height) in SHOWN.items():
            said = json.dumps(answers(client, name, text, opened)).replace("</", "<\\/")
            page = PICTURES / f"{picture}.html"
            page.write_text(PAGE.format(vs=vs, said=said, height=height), encoding="utf-8")
            window = chromium.new_page(viewport={"width": 1100, "height": height})
            window.on("console", lambda message: print(message.text))
            window.on("pageerror", lambda error: print(error))
            window.goto(page.as_uri())
            time.sleep(5)
            window.screenshot(path=str(PICTURES / f"{picture}.png"))
            page.unlink()
            print(f"docs/pictures/{picture}.png")
        chromium.close()
    client.close()


if __name__ == "__main__":
    main()
