"""The live page's server, for this machine alone.

It listens on 127.0.0.1, every address begins with a token that nobody can guess, a request for another host or from
another origin is refused, and of all files only the one that was named is readable.
"""

from __future__ import annotations

import json
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

from cnncalc.bundled import bundled
from cnncalc.web.live import LONGEST, reply
from cnncalc.web.page import SCRIPTS, STYLES, page
from cnncalc.web.report import asset

POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; connect-src 'self'; img-src data:"
KINDS = {"js": "text/javascript", "css": "text/css"}
BACKEND = "ask_server.js"
ASSETS = (*STYLES, *SCRIPTS, BACKEND)


class Live(ThreadingHTTPServer):
    """The server of one text: that of a file, or one that is typed."""

    daemon_threads = True
    request_queue_size = 1_024  # a browser with many pages, or a class of them, asks at once

    def __init__(self, port: int, path: str, text: str, inputs: list[str]) -> None:
        self.token = secrets.token_urlsafe(16)
        self.path = path
        self.text = text
        self.inputs = inputs
        self.busy = Lock()  # one network at a time
        super().__init__(("127.0.0.1", port), Handler)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_port}/{self.token}/"

    def current(self) -> str:
        """The text of the file as it is now, or as it was where it cannot be read."""
        if self.path:
            try:
                with open(self.path, encoding="utf-8") as file:
                    self.text = file.read(LONGEST)
            except (OSError, UnicodeDecodeError):
                pass
        return self.text


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Live
    protocol_version = "HTTP/1.1"
    timeout = 30

    def _welcome(self) -> str | None:
        """What is asked for below the token; None, and an answer, for strangers."""
        port = self.server.server_port
        hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        origin = self.headers.get("Origin")
        if self.headers.get("Host") not in hosts or (origin and origin.removeprefix("http://") not in hosts):
            self._send(403, "text/plain", b"this page is for this machine alone\n")
            return None
        start = f"/{self.server.token}/"
        if not secrets.compare_digest(self.path[: len(start)].encode(), start.encode()):
            self._send(404, "text/plain", b"not found\n")
            return None
        return self.path[len(start) :].partition("?")[0]

    def do_GET(self) -> None:
        """The page, its parts, and the file's text."""
        wanted = self._welcome()
        if wanted is None:
            return
        if wanted == "":
            self._send(200, "text/html", self._page().encode())
        elif wanted in ASSETS:
            self._send(200, KINDS[wanted.rpartition(".")[2]], asset(wanted).encode())
        elif wanted == "text":
            self._json({"text": self.server.current()})
        else:
            self._send(404, "text/plain", b"not found\n")

    def do_POST(self) -> None:
        """A question about a text that was typed."""
        wanted = self._welcome()
        if wanted is None:
            return
        length = self.headers.get("Content-Length", "")
        if wanted != "ask" or not length.isdigit():
            self.close_connection = True
            self._send(404, "text/plain", b"not found\n")
            return
        if int(length) > 4 * LONGEST:
            self.close_connection = True
            self._send(413, "text/plain", b"too long\n")
            return
        try:
            asked = json.loads(self.rfile.read(int(length)))
            if len(str(asked.get("text", ""))) > LONGEST:
                self._send(413, "text/plain", b"too long\n")
                return
            with self.server.busy:
                found = reply(asked, self.server.path, self.server.inputs)
        except (ValueError, AttributeError, RecursionError):
            self._send(400, "text/plain", b"not understood\n")
            return
        self._json(found)

    def _page(self) -> str:
        """The page with the text as it is now and its report."""
        text = self.server.current()
        with self.server.busy:
            answer = reply({"text": text}, self.server.path, self.server.inputs)
        return page(self.server.path, BACKEND, bundled(), text, answer)

    def _json(self, data: object) -> None:
        self._send(200, "application/json", json.dumps(data, ensure_ascii=False).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written for each request."""
