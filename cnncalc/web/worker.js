// Python in a worker of the browser: it is loaded from this folder, and asks for nothing else.
import { loadPyodide } from "./pyodide/pyodide.mjs";

const load = async () => {
  const folder = new URL("./pyodide/", import.meta.url).href;
  const files = fetch("cnncalc.zip").then((answer) => answer.arrayBuffer());
  const python = await loadPyodide({ indexURL: folder });
  python.unpackArchive(await files, "zip", { extractDir: "/lib/cnncalc" });
  python.runPython("import sys; sys.path.insert(0, '/lib/cnncalc')");
  python.runPython(`
import json
from cnncalc.web.live import reply

def ask(question):
    return json.dumps(reply(json.loads(question)), ensure_ascii=False)

ask('{"text": "3x8x8 -> Conv2d(4, 3)"}')
`);
  return python.globals.get("ask");
};
const ready = load();
ready.then(
  () => postMessage({ ready: true }),
  (error) => postMessage({ failed: String(error) }),
);
addEventListener("message", async ({ data }) => {
  try {
    const ask = await ready;
    postMessage({ number: data.number, answer: ask(data.question) });
  } catch (error) {
    postMessage({ number: data.number, error: String(error).trim().split("\n").pop() });
  }
});
