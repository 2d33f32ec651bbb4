"use strict";
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = async () => {
  const settings = vscode.workspace.getConfiguration("cnncalc");
  const [command, ...args] = settings.get("command");
  client = new LanguageClient(
    "cnncalc",
    "cnncalc",
    { command, args },
    {
      documentSelector: [{ language: "python" }, { language: "yaml" }],
      synchronize: { configurationSection: "cnncalc" },
    },
  );
  await client.start();
  await client.sendNotification("workspace/didChangeConfiguration", { settings: { cnncalc: { input: settings.get("input") } } });
};

exports.deactivate = () => client?.stop();
