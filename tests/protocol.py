"""A client of a language server over its protocol, asked one thing after the other."""

from __future__ import annotations

import json
import subprocess
from typing import Any

WHOLE = {"start": {"line": 0, "character": 0}, "end": {"line": 9_999, "character": 0}}
ABLE = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": False}},
    "textDocument": {"publishDiagnostics": {"versionSupport": True}, "completion": {"completionItem": {}}},
}


class Client:
    """One server process; what it asks itself is answered with the settings."""

    def __init__(self, command: list[str], settings: dict[str, Any] | None = None) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.settings = settings or {}
        self.count = 0
        self.diagnostics: dict[str, Any] = {}
        self.versions: dict[str, int] = {}
        started = {"processId": None, "rootUri": None, "capabilities": ABLE}
        self.capabilities = self.ask("initialize", started)["capabilities"]
        self.tell("initialized", {})
        if settings:
            self.tell("workspace/didChangeConfiguration", {"settings": settings})

    def close(self) -> None:
        """End the server as an editor does; it must end well."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        assert self.process.wait(timeout=60) == 0

    def send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """The next message; diagnostics are kept, questions of the server answered."""
        length = 0
        while (line := self.process.stdout.readline().strip()) or not length:
            assert line or self.process.poll() is None, "the server ended"
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        message = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]
        elif "method" in message and "id" in message:
            asked = (message.get("params") or {}).get("items", [])
            answer = [self.settings.get(one.get("section")) for one in asked] if asked else None
            self.send({"id": message["id"], "result": answer})
        return message

    def tell(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        self.count += 1
        self.send({"id": self.count, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("id") == self.count and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def open(self, uri: str, text: str) -> None:
        self.versions[uri] = 1
        language = "python" if uri.endswith(".py") else "yaml"
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.diagnostics.pop(uri, None)
        self.tell("textDocument/didOpen", {"textDocument": document})

    def change(self, uri: str, *changes: dict[str, Any] | str) -> None:
        """Another text, or changes of ranges."""
        self.versions[uri] += 1
        document = {"uri": uri, "version": self.versions[uri]}
        told = [{"text": one} if isinstance(one, str) else one for one in changes]
        self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": told})

    def about(self, method: str, uri: str, line: int = 0, character: int = 0, **more: Any) -> Any:
        place = {"line": line, "character": character}
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": uri}, "position": place, **more})

    def hints(self, uri: str) -> list[tuple[int, str]]:
        found = self.ask("textDocument/inlayHint", {"textDocument": {"uri": uri}, "range": WHOLE})
        return [(hint["position"]["line"], hint["label"].strip()) for hint in found]

    def problems(self, uri: str) -> list[dict[str, Any]]:
        """The diagnostics of the text as it is now; a server that names no version has sent them for it."""
        while self.diagnostics.get(uri, {}).get("version", self.versions[uri]) != self.versions[uri] or (
            uri not in self.diagnostics
        ):
            self.receive()
        return self.diagnostics[uri]["diagnostics"]

    def fixes(self, uri: str) -> list[dict[str, Any]]:
        params = {"textDocument": {"uri": uri}, "range": WHOLE, "context": {"diagnostics": []}}
        return self.ask("textDocument/codeAction", params)
