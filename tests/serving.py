"""Servers for tests: on a free port, with their log kept, ended however the test process ends."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
LEASH = Path(__file__).with_name("leash.py")
BIN = Path(sys.executable).parent  # of this environment, whatever the path says
VOILA = [f"{BIN}/python", "-m", "voila", "app.ipynb", "--no-browser"]  # as in the Makefile, where a test finds it
SAID = "[Voila] Voilà is running at:\n{url}\n"  # all that a start says
URL = re.compile(r"http://(?:localhost|127\.0\.0\.1):\d+/\S*")


class Server(NamedTuple):
    """A server that answers: its address as it printed it, and the file that its output goes to."""

    url: str
    log: Path


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("localhost", 0))
        return sock.getsockname()[1]


@contextmanager
def serving(
    command: Sequence[str],
    log: Path,
    *,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    seconds: float = 60,
    address: re.Pattern[str] = URL,
) -> Iterator[Server]:
    """Runs `command --port=…` in `folder` until the block ends.

    Args:
        address: how the command's output tells where it serves.

    Raises:
        RuntimeError: the command ended, or printed no address within `seconds`; the message holds its output.
    """
    # Nothing of the user's own: no settings, no templates, no keys written, no stored captures.
    own = {f"JUPYTER_{kind}_DIR": str(log.with_name("jupyter")) for kind in ("CONFIG", "DATA", "RUNTIME")}
    own["LAB_CACHE"] = str(log.with_name("captures"))
    leashed = [sys.executable, LEASH, *command, f"--port={free_port()}"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            leashed,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, **own, **(environment or {})},
        )
    assert process.stdin is not None
    try:
        yield Server(wait_for_url(process, log, seconds, address), log)
    finally:
        process.stdin.close()
        process.wait()


def wait_for_url(process: subprocess.Popen[bytes], log: Path, seconds: float, address: re.Pattern[str]) -> str:
    """The first `address` that `process` printed, once something listens there."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        found = address.search(log.read_text(errors="replace"))
        if found and listens(found[0]):
            return found[0]
        time.sleep(0.1)
    raise RuntimeError(f"{process.args} does not serve:\n{log.read_text(errors='replace')}")


def listens(url: str) -> bool:
    """Whether a connection to an address is accepted."""
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname, address.port), timeout=5).close()
    except OSError:
        return False
    return True
