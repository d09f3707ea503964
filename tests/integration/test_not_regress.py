"""What keeps the lab quick, counted and not timed: `make bench` measures it, this holds it.

The lab runs here with connections to the page that only keep what is sent; the shape is gpt2-medium's.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import comm
import ipywidgets
import pytest

from core.model.capture import Capture
from tests.captures import random_capture
from tests.serving import ROOT
from widgets.kernel.batch import BatchedComm
from widgets.lab import Lab
from widgets.panel.panel import Panel

SHORT, LONG = 105, 1024
LAYERS = 24
MOST = {"heads": 130_000}
MOST_OF_OTHERS = 60_000
MESSAGES = 1
"""Everything that the page's change leads to; the change itself is not told back."""
FIRST_PICTURE = """
import sys
from widgets.experiments.run import RunSection
from widgets.lab import Lab
lab = Lab()
page = lab.page()
for panel in lab.panels:
    panel.visible = True
    if not isinstance(panel, RunSection):  # they have no picture before somebody presses Run
        print(panel.name, bool(panel._figure.children))
print([name for name in ("torch", "transformers", "pandas") if name in sys.modules])
"""


class Connection(BatchedComm):
    """What goes to the page: the bytes of each message."""

    sent: list[int]

    def publish_msg(self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **_: Any) -> None:
        if msg_type == "comm_msg":
            self.sent.append(len(json.dumps(data)) + sum(memoryview(buffer).nbytes for buffer in buffers or ()))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    monkeypatch.setattr(Connection, "sent", [], raising=False)
    monkeypatch.setattr(comm, "create_comm", Connection)
    monkeypatch.setattr(ipywidgets.widgets.widget, "JUPYTER_WIDGETS_ECHO", False)  # as in a kernel: test_light.py
    return Connection.sent


@pytest.fixture(scope="module", params=[SHORT, LONG], ids=lambda tokens: f"{tokens} tokens")
def capture(request: pytest.FixtureRequest) -> Capture:
    return random_capture(layers=LAYERS, heads=16, tokens=request.param, width=64)


def open_lab(capture: Capture) -> Lab:
    """A lab whose page is up."""
    lab = Lab(capture=capture)
    event(lab.browser, {"method": "custom", "content": {"do": "ready"}})
    return lab


def event(widget: Any, data: dict[str, Any]) -> None:
    """A message from the page."""
    widget.comm.handle_msg({"content": {"data": data}, "buffers": []})


def mover(lab: Lab) -> Callable[[int], None]:
    """Drags the bar's layer slider to a layer."""
    (slider,) = (one for one in lab.bar.widget.children if "lab-sliders" in one._dom_classes)
    (layers,) = (one for one in slider.children if "lab-control-layer" in one._dom_classes)
    return lambda layer: event(layers, {"method": "update", "state": {"value": layer}})


def test_a_layer_change_is_one_message_of_few_bytes(capture: Capture, sent: list[int]) -> None:
    lab = open_lab(capture)
    move = mover(lab)
    for panel in lab.panels:
        panel.visible = True
        move(1)
        for layer in (2, 3, 4) if capture.tokens == SHORT else (2,):
            sent.clear()
            move(layer)
            assert len(sent) <= MESSAGES, panel.name
            assert sum(sent) <= MOST.get(panel.name, MOST_OF_OTHERS), panel.name
        panel.visible = False


def test_all_parts_on_screen_still_share_one_message(sent: list[int]) -> None:
    lab = open_lab(random_capture(layers=4, heads=2, tokens=8, width=4))
    for panel in lab.panels:
        panel.visible = True
    move = mover(lab)
    move(2)
    sent.clear()
    move(3)
    assert len(sent) == MESSAGES


def test_nothing_is_computed_off_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[str] = []
    for kind in Panel.__subclasses__():
        compute = kind.compute

        def note(self: Panel, *arguments: Any, compute: Any = compute) -> Any:
            computed.append(self.name)
            return compute(self, *arguments)

        monkeypatch.setattr(kind, "compute", note)
    lab = Lab(capture=random_capture(layers=4, heads=2, tokens=8, width=4))
    lab.raw_scores.visible = True
    computed.clear()
    lab.state.layer = 3
    lab.state.query = 5
    lab.state.mask_size = 7
    lab.runner.show(random_capture(layers=4, heads=2, tokens=9, width=4))
    assert set(computed) == {"raw_scores"}


def test_first_pictures_need_no_torch() -> None:
    run = subprocess.run([sys.executable, "-c", FIRST_PICTURE], cwd=ROOT, capture_output=True, text=True, check=True)
    *drawn, imported = run.stdout.splitlines()
    assert drawn
    assert all(line.endswith(" True") for line in drawn)
    assert imported == "[]"
