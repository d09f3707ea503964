"""A model hub on loopback: tells and serves a folder's files as the hub does, and refuses or breaks off when asked."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote


class Hub:
    """What it serves, how it fails, and what it was asked for."""

    def __init__(self, folder: Path, repository: str, revision: str):
        self.folder, self.repository, self.revision = folder, repository, revision
        self.branches: list[str] = []
        """Names under which the revision, a commit, can be asked for too."""
        self.breaks_at: int | None = None
        """Bytes of the weights after which the connection ends, once."""
        self.recovers = True
        """Whether it goes on serving after that."""
        self.down = False
        self.error = 0
        """The status with which it answers everything, if any."""
        self.gated = self.private = False
        """Whether only `token` gets the files, or sees the repository at all."""
        self.token = "a-token-with-access"
        self.ranges: list[str | None] = []
        self.authorisations: list[str | None] = []
        self.asked: list[str] = []
        self.endpoint = ""


class Answer(BaseHTTPRequestHandler):
    """As the hub answers: https://huggingface.co/docs/hub/api, and the codes that its client tells errors by."""

    server: HubServer

    def do_HEAD(self) -> None:
        self.answer(with_body=False)

    def do_GET(self) -> None:
        self.answer(with_body=True)

    def answer(self, with_body: bool) -> None:
        hub = self.server.hub
        hub.asked.append(self.path)
        hub.authorisations.append(self.headers.get("Authorization"))
        allowed = self.headers.get("Authorization") == f"Bearer {hub.token}"
        found = re.fullmatch(r"(/api/models)?/([^/]+/[^/]+)/(revision|resolve)/([^/?]+)/?([^?]*)(\?.*)?", self.path)
        if hub.error:
            return self.refuse(hub.error)
        if found is None or found[2] != hub.repository or (hub.private and not allowed):
            return self.refuse(401, "RepoNotFound")
        if unquote(found[4]) not in (hub.revision, *hub.branches):
            return self.refuse(404, "RevisionNotFound")
        if found[3] == "revision":
            return self.tell()
        if hub.gated and not allowed:
            return self.refuse(403, "GatedRepo")
        path = hub.folder / unquote(found[5])
        if not path.is_file():
            return self.refuse(404, "EntryNotFound")
        if hub.down:
            return self.refuse(500)
        self.send_file(path, with_body)

    def tell(self) -> None:
        """What there is at the revision."""
        hub = self.server.hub
        files = [{"rfilename": path.name, "size": path.stat().st_size} for path in sorted(hub.folder.iterdir())]
        gated = "manual" if hub.gated else False
        told = {"id": hub.repository, "sha": hub.revision, "siblings": files, "gated": gated, "private": hub.private}
        content = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def send_file(self, path: Path, with_body: bool) -> None:
        content = path.read_bytes()
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").split("-")[0]) if asked else 0
        self.send_response(206 if asked else 200)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", self.server.hub.revision)
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

    def refuse(self, status: int, code: str = "") -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
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
