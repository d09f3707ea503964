"""Parts without a page: brought on screen, read, and weighed by what they send to a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from re import sub
from typing import Any

import numpy as np
import pytest
from bqplot import Lines
from ipywidgets import Widget
from numpy import ndarray

from core.model.capture import Capture
from widgets.charts.paths import FAR
from widgets.experiments.run import RunSection
from widgets.experiments.section import ExperimentSection
from widgets.lab import Lab
from widgets.panel.panel import Panel
from widgets.parts import panel_kinds

KINDS = [one for kind in panel_kinds() for one in (*kind.section_kinds, kind)]
"""The classes of all parts and sections."""
RUN_BY_LEARNERS = [kind.name for kind in KINDS if issubclass(kind, RunSection)]
"""Sections that run the model when somebody presses Run."""
EXPERIMENTS = [kind.name for kind in KINDS if issubclass(kind, ExperimentSection)]
RUN = [kind.name for kind in KINDS if issubclass(kind, RunSection)]
"""Of the sections that run the model, among them the experiments."""


def on_screen(name: str, capture: Capture) -> Any:
    """The part of that name of a new lab, in view; without a running loop slow ones draw at once, too."""
    part: Panel = getattr(Lab(capture=capture), name)
    part.visible = True
    return part


def words_of(widget: Any) -> str:
    """The plain text of an HTML widget, without the unseen signs around tokens (tests/widgets/test_isolated.py)."""
    return " ".join(unescape(sub("<[^>]*>", " ", sub("[\u2068\u2069]", "", widget.value))).split())


def dots_of(mark: Lines, row: int) -> tuple[ndarray, ndarray]:
    """Where a path of single points has its points, (x, y)."""
    x, y = line_of(mark, row)
    low, high = mark.scales["x"].min, mark.scales["x"].max
    there = (y < FAR) & (x < (FAR if high is None else high + (high - low)))  # no gap, and not parked outside
    return x[there], y[there]


def line_of(mark: Lines, row: int = 0) -> tuple[ndarray, ndarray]:
    """The points of a curve, (x, y)."""
    x, y = np.atleast_2d(mark.x)[row], np.atleast_2d(mark.y)[row]
    assert x.dtype == y.dtype == np.float32
    return x[np.isfinite(y)], y[np.isfinite(y)]


@contextmanager
def weighed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The bytes of each message that widgets send to a page meanwhile: its JSON and its buffers."""
    sent: list[int] = []

    def weigh(_: Widget, message: dict[str, Any], buffers: list[Any] | None = None) -> None:
        sent.append(len(json.dumps(message, default=str)) + sum(memoryview(part).nbytes for part in buffers or ()))

    with monkeypatch.context() as patch:
        patch.setattr(Widget, "_send", weigh)
        yield sent
