// npm ci && npm run build: writes cnncalc/web/vendor/codemirror.js, the licences beside it, and bundle.json, which a test compares.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const there = new URL("../../cnncalc/web/vendor/", import.meta.url);
const { outputFiles, metafile } = await build({
  entryPoints: ["entry.js"],
  bundle: true,
  minify: true,
  format: "iife",
  globalName: "CodeMirror",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  write: false,
});
const kept = Object.values(metafile.outputs)[0].inputs;
const names = [...new Set(Object.keys(kept).flatMap((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1] ?? []))].sort();
const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
const packages = Object.fromEntries(names.map((name) => [name, JSON.parse(read(`node_modules/${name}/package.json`)).version]));
const listed = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
const script = `/* MIT licence: codemirror.LICENSE.txt. ${listed.join(", ")}. */\n${outputFiles[0].text}`;
const licences = names.map((name, at) => `${listed[at]}\n\n${read(`node_modules/${name}/LICENSE`).trim()}\n`);
mkdirSync(there, { recursive: true });
writeFileSync(new URL("codemirror.js", there), script);
writeFileSync(new URL("codemirror.LICENSE.txt", there), licences.join(`\n${"-".repeat(80)}\n\n`));
const sha256 = createHash("sha256").update(script).digest("hex");
writeFileSync(new URL("bundle.json", import.meta.url), `${JSON.stringify({ sha256, packages }, null, 2)}\n`);
console.log(`${script.length} letters`);
