"""The hub of `binder/hub/jupyterhub_config.py` on loopback, for tests and benchmarks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.serving import BIN, ROOT, Server, free_port, serving

SETTINGS = ROOT / "binder/hub/jupyterhub_config.py"
PASSWORD = "the whole class"
LAB = "voila/render/app.ipynb"
RUNNING = re.compile(r"(?<=JupyterHub is now running at )http://\S+")
# Servers run as the user of the test, as there may be no systemd; root may be that user.
OVERRIDES = """
load_subconfig({settings!r})
c.JupyterHub.ip = "127.0.0.1"
c.JupyterHub.hub_port = {hub}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{homes}/{{username}}"
c.Spawner.args = ["--allow-root"]
"""


@contextmanager
def class_hub(folder: Path, more: str = "") -> Iterator[Server]:
    """Runs the hub in `folder`, which gets the learners' homes as well; `more` is added to its settings."""
    own = OVERRIDES.format(settings=str(SETTINGS), hub=free_port(), proxy=free_port(), homes=folder)
    (folder / "config.py").write_text(own + more)
    command = [f"{BIN}/jupyterhub", "-f", f"{folder}/config.py"]
    password = {"HUB_PASSWORD": PASSWORD}
    before = set(psutil.pids())
    try:
        with serving(
            command, folder / "log", folder=folder, environment=password, seconds=120, address=RUNNING
        ) as server:
            yield server
    finally:  # a hub that was ended in a hurry may have left servers, its proxy and its culler
        for process in psutil.process_iter():
            if process.pid not in before and lives_in(folder, process):
                process.kill()


def lives_in(folder: Path, process: psutil.Process) -> bool:
    """Whether a process was started by the hub that runs in `folder`, or for a learner whose home is there."""
    try:
        return process.cwd() == str(folder) or process.environ().get("HOME", "").startswith(str(folder))
    except psutil.Error:
        return False
