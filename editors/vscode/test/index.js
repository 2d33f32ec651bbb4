"use strict";
// Run by VS Code inside of itself: opens a file, reads what is shown, types a mistake, takes its fix. CNNCALC_EDIT is
// JSON of the file, a text in it and the mistake in its place; CNNCALC_SAID is where the answers are written.
const fs = require("node:fs");
const vscode = require("vscode");

const until = async (what, holds) => {
  for (let tries = 0; tries < 600; tries += 1) {
    const found = await holds();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`there is no sign of ${what}`);
};

exports.run = async () => {
  const [path, old, wrong] = JSON.parse(process.env.CNNCALC_EDIT);
  const said = {};
  try {
    const document = await vscode.workspace.openTextDocument(path);
    const editor = await vscode.window.showTextDocument(document);
    const whole = () => new vscode.Range(0, 0, document.lineCount, 0);
    const ask = (command, ...words) => vscode.commands.executeCommand(`vscode.execute${command}Provider`, document.uri, ...words);
    const hints = async () => {
      const found = await ask("InlayHint", whole());
      return found.map((one) => [one.position.line, String(one.label).trim()]);
    };
    const problems = () => vscode.languages.getDiagnostics(document.uri).filter((one) => one.source === "cnncalc");
    const replace = (from, to) => {
      const at = document.getText().indexOf(from);
      const range = new vscode.Range(document.positionAt(at), document.positionAt(at + from.length));
      return editor.edit((edit) => edit.replace(range, to));
    };

    said.hints = await until("hints", async () => {
      const found = await hints();
      return found.length ? found : null;
    });
    const place = document.positionAt(document.getText().indexOf(old));
    said.hover = (await ask("Hover", place)).flatMap((one) => one.contents.map((part) => part.value ?? part)).join("\n");
    said.lenses = (await ask("CodeLens", 10)).map((one) => one.command.title);
    await replace(old, wrong);
    await until("a mistake", () => problems().length);
    said.problems = problems().map((one) => [one.range.start.line, one.code, one.message]);
    const line = document.lineAt(place.line).range;
    const fixes = await ask("CodeAction", line, vscode.CodeActionKind.QuickFix.value);
    await vscode.workspace.applyEdit(fixes.find((one) => one.title.startsWith("write")).edit);
    await until("a fix", () => problems().length === 0);
    said.fixed = document.getText();
    said.again = await hints();
    const inside = place.translate(0, old.indexOf("(") + 1);
    said.choices = (await ask("CompletionItem", inside)).items.map((one) => one.label.label ?? one.label);
  } catch (error) {
    said.failed = String(error.stack);
  }
  fs.writeFileSync(process.env.CNNCALC_SAID, JSON.stringify(said));
  if (said.failed) throw new Error(said.failed);
};
