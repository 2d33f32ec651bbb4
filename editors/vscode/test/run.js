"use strict";
// `npm test`: VS Code, as its own test runner fetches it, with the extension and a network.
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { runTests } = require("@vscode/test-electron");

const NET = "input: [3, 64, 64]\nlayers:\n- conv1: Conv2d(3, 16, 3, padding=1)\n- Flatten\n- fc: Linear(65536, 10)\n";

const main = async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "cnncalc-"));
  const net = path.join(folder, "net.yaml");
  fs.writeFileSync(net, NET);
  const said = path.join(folder, "said.json");
  await runTests({
    extensionDevelopmentPath: path.resolve(__dirname, ".."),
    extensionTestsPath: path.resolve(__dirname, "index.js"),
    extensionTestsEnv: { CNNCALC_EDIT: JSON.stringify([net, "Linear(65536", "Linear(100"]), CNNCALC_SAID: said },
    launchArgs: [folder, "--disable-extensions=false", "--disable-workspace-trust"],
  });
  const found = JSON.parse(fs.readFileSync(said, "utf8"));
  if (found.fixed !== NET || found.hints.length !== 3) throw new Error(JSON.stringify(found, null, 1));
  console.log("hints, a mistake, its fix, formulas and totals: all shown");
};

main().catch((error) => {
  console.error(String(error));
  process.exit(1);
});
