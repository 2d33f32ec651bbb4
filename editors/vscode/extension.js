"use strict";
const fs = require("node:fs");
const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

const windows = process.platform === "win32";
const inside = (folder, name) => path.join(folder, windows ? "Scripts" : "bin", windows ? `${name}.exe` : name);

// How the server is started: as the settings say, from the folder's own environment, from the one that the Python
// extension has chosen, or whatever the path has.
const command = async (settings) => {
  const said = settings.get("command");
  if (said.length) return said;
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    for (const name of [".venv", "venv", "env"]) {
      const found = inside(path.join(folder.uri.fsPath, name), "cnncalc");
      if (fs.existsSync(found)) return [found, "lsp"];
    }
  }
  const python = vscode.extensions.getExtension("ms-python.python");
  const environments = (await python?.activate())?.environments;
  const chosen = environments && (await environments.resolveEnvironment(environments.getActiveEnvironmentPath()));
  const program = chosen?.executable?.uri?.fsPath;
  if (program && fs.existsSync(path.join(path.dirname(program), windows ? "cnncalc.exe" : "cnncalc"))) {
    return [program, "-m", "cnncalc", "lsp"];
  }
  return ["cnncalc", "lsp"];
};

const start = async () => {
  const settings = vscode.workspace.getConfiguration("cnncalc");
  const [program, ...args] = await command(settings);
  client = new LanguageClient(
    "cnncalc",
    "cnncalc",
    { command: program, args },
    {
      documentSelector: [{ language: "python" }, { language: "yaml" }],
      initializationOptions: { cnncalc: { input: settings.get("input") } },
      synchronize: { configurationSection: "cnncalc" },
    },
  );
  try {
    await client.start();
  } catch {
    client = undefined;
    const again = "Try again";
    const choose = "Settings";
    const words = `cnncalc does not start (${program}). In a terminal: pip install "cnncalc[lsp]", in the environment that is chosen here.`;
    const chosen = await vscode.window.showWarningMessage(words, again, choose);
    if (chosen === again) await start();
    if (chosen === choose) await vscode.commands.executeCommand("workbench.action.openSettings", "cnncalc.command");
  }
};

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand("cnncalc.restart", async () => {
      await client?.stop();
      await start();
    }),
  );
  return start();
};

exports.deactivate = () => client?.stop();
