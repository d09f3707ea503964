"""The memory of a learner's own server on a hub, beside the one that a class without logins shares."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from urllib.request import Request, urlopen

from tests.bench.processes import family, megabytes
from tests.bench.rows import Measured
from tests.class_hub import LAB, class_hub
from tests.serving import LEASH, VOILA, Server, serving

LEARNERS = ("learner1", "learner2", "learner3")
PATIENCE = 120  # seconds
TOKEN = "somebody-who-may-open-every-page"
SETTINGS = f"""
c.JupyterHub.services.append({{"name": "teacher", "api_token": "{TOKEN}"}})
c.JupyterHub.load_roles.append(
    {{"name": "teacher", "services": ["teacher"], "scopes": ["admin:users", "admin:servers", "access:servers"]}}
)
"""


def measure() -> Iterator[Measured]:
    """The one row: every server has rendered a page and has a kernel, which is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        with class_hub(Path(folder), SETTINGS) as hub:
            open_pages(hub)
            own = memory("jupyterhub-singleuser")
            shared = sum(sum(memory(f"/{part} ")) for part in ("jupyterhub", "configurable-http-proxy"))
        with serving(VOILA, Path(folder) / "voila.log") as server:
            ask(server, "")
            voila = memory("-m voila")
    yield Measured("hub-server", own, voila, f"the hub itself: {shared:.0f} MB")


def open_pages(hub: Server) -> None:
    """Start every learner's server and open its page."""
    ask(hub, "hub/api/users", {"usernames": LEARNERS})
    for learner in LEARNERS:
        ask(hub, f"hub/api/users/{learner}/server", {})
    for learner in LEARNERS:
        until = time.monotonic() + PATIENCE
        while not json.loads(ask(hub, f"hub/api/users/{learner}"))["servers"].get("", {}).get("ready"):
            assert time.monotonic() < until, f"the server of {learner} does not start"
            time.sleep(0.5)
        ask(hub, f"user/{learner}/{LAB}")


def ask(server: Server, path: str, body: Any = None) -> bytes:
    """What a server answers to a GET, or to a POST with a body of JSON. Raises OSError."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(urljoin(server.url, path), data, {"Authorization": f"token {TOKEN}"})
    with urlopen(request, timeout=PATIENCE) as reply:
        return reply.read()


def memory(command: str) -> list[float]:
    """PSS in MB of each process that was started from here with these words in its command, but for the leash."""
    commands = ((process, f"{' '.join(process.cmdline())} ") for process in family())
    found = (process for process, words in commands if command in words and LEASH.name not in words)
    return [megabytes(process, "Pss") for process in found]
