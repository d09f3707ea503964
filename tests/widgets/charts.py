"""What the tests of charts share: pictures decoded, messages counted."""

import io
from typing import NamedTuple

import ipywidgets
import numpy as np
import pytest
from PIL import Image

from widgets.charts.figure import Chart
from widgets.charts.picture import Picture


class Sent(NamedTuple):
    """A message to the page."""

    model: str
    bytes: int


def indices(picture: Picture) -> np.ndarray:
    """The palette indices of the picture that a mark shows, rows from the top."""
    with Image.open(io.BytesIO(picture.mark.image.value)) as image:
        assert image.format == "PNG"
        assert image.mode == "P"
        return np.array(image)


def colors(picture: Picture) -> np.ndarray:
    """The same, as red, green, blue and opacity."""
    with Image.open(io.BytesIO(picture.mark.image.value)) as image:
        return np.array(image.convert("RGBA"))


def point(chart: Chart, event: str, x: float = 0, y: float = 0) -> None:
    """What the page sends when the pointer does something."""
    chart.widget.interaction._handle_custom_msg({"event": event, "domain": {"x": x, "y": y}}, [])


def sent_by_widgets(monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    """A list to which every message of a widget to the page is added from now on."""
    messages: list[Sent] = []

    def send(widget: ipywidgets.Widget, msg: dict, buffers: list | None = None) -> None:
        size = sum(memoryview(buffer).nbytes for buffer in buffers or ())
        messages.append(Sent(type(widget).__name__, size + len(str(msg))))

    monkeypatch.setattr(ipywidgets.Widget, "_send", send)
    return messages
