"""What a start says: the address, and what goes wrong."""

import json
import logging
import time
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest

from tests.page_kernels import waiting
from tests.serving import ROOT, SAID, VOILA, serving
from widgets.serving.server import WhatMatters


def test_a_start_says_the_address_and_no_more(tmp_path: Path) -> None:
    with serving(VOILA, tmp_path / "log") as server:
        waiting(server, 3)
        with urlopen(server.url, timeout=60) as response:
            response.read()
        time.sleep(1)  # another kernel is started in its place
        waiting(server, 3)
        assert server.log.read_text() == SAID.format(url=server.url)


@pytest.mark.parametrize("name", ["voila.json", "binder/jupyter_server_config.json"])
def test_no_setting_cuts_off_a_page_that_has_answered(name: str) -> None:
    """With a time-out as long as the interval of pings, connections broke every half minute, and changes were lost."""
    settings = json.loads((ROOT / name).read_text())
    asked = [key for part in settings.values() for key in part.get("tornado_settings", {}) if key.startswith("ws_ping")]
    assert not asked


def test_what_goes_wrong_is_said(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")])
    nbformat.write(notebook, tmp_path / "own.ipynb")
    command = [*VOILA[:3], "own.ipynb", "--no-browser", "--preheat_kernel=False"]
    with serving(command, tmp_path / "log", folder=tmp_path) as server:
        with urlopen(server.url, timeout=60) as response:
            response.read()
        said = server.log.read_text()
        assert said.startswith(SAID.format(url=server.url))
        assert "division by zero" in said


@pytest.mark.parametrize(("level", "all_is_said"), [(logging.INFO, False), (logging.DEBUG, True)])
def test_debug_says_everything(level: int, all_is_said: bool) -> None:
    log = logging.getLogger("tests.quiet")
    handler = logging.StreamHandler()
    handler.setLevel(level)
    log.addHandler(handler)
    record = logging.LogRecord(log.name, logging.INFO, __file__, 1, "Kernel started: %s", ("1",), None, "start_kernel")
    assert WhatMatters().filter(record) is all_is_said
    log.removeHandler(handler)
