"""A model hub on loopback: serves a folder's files as the hub's `resolve` addresses do, and breaks off when asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


class Hub:
    """What it serves, how it fails, and what it was asked for."""

    def __init__(self, folder: Path, repository: str, revision: str):
        self.folder, self.repository, self.revision = folder, repository, revision
        self.breaks_at: int | None = None
        """Bytes of the weights after which the connection ends, once."""
        self.recovers = True
        """Whether it goes on serving after that."""
        self.down = False
        self.ranges: list[str | None] = []
        self.authorisations: list[str | None] = []
        self.endpoint = ""


class Answer(BaseHTTPRequestHandler):
    server: HubServer

    def do_HEAD(self) -> None:
        self.answer(with_body=False)

    def do_GET(self) -> None:
        self.answer(with_body=True)

    def answer(self, with_body: bool) -> None:
        hub = self.server.hub
        hub.authorisations.append(self.headers.get("Authorization"))
        prefix = f"/{hub.repository}/resolve/{hub.revision}/"
        path = hub.folder / self.path.removeprefix(prefix)
        if not self.path.startswith(prefix) or not path.is_file():
            return self.refuse(404)
        if hub.down:
            return self.refuse(500)
        content = path.read_bytes()
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").split("-")[0]) if asked else 0
        self.send_response(206 if asked else 200)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", hub.revision)
        self.send_header("Content-Length", str(len(content) - start))
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if with_body:
            self.send_body(content, start, path.suffix == ".safetensors")

    def send_body(self, content: bytes, start: int, weights: bool) -> None:
        hub = self.server.hub
        if weights:
            hub.ranges.append(self.headers.get("Range"))
        if weights and hub.breaks_at is not None:
            content, hub.breaks_at, hub.down = content[: hub.breaks_at], None, not hub.recovers
        self.wfile.write(content[start:])

    def refuse(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


class HubServer(ThreadingHTTPServer):
    hub: Hub


@contextmanager
def serving_hub(folder: Path, repository: str, revision: str) -> Iterator[Hub]:
    """A hub with one repository at one revision, on a free port of 127.0.0.1."""
    hub = Hub(folder, repository, revision)
    server = HubServer(("127.0.0.1", 0), Answer)
    server.hub = hub
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
