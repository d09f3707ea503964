"""The end of a panel that stood on the page for a while."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ipywidgets import Widget

from widgets.panel.panel import Panel


def close(panel: Panel) -> None:
    """Close every widget that a panel has made, and forget what it has asked to be computed."""
    panel.session.worker.drop(panel)
    for widget in widgets_of(panel):
        widget.close()
        widget.unobserve_all()  # anywidget holds on to closed widgets, and with their observers to the part


def widgets_of(panel: Panel) -> list[Widget]:
    """Every widget that a panel has made, on the page or not, and none of those that others have put around it."""
    found: list[Widget] = []
    seen: dict[int, Any] = {id(one): one for one in (*panel.guests, panel.state)}
    waiting: list[Any] = list(vars(panel).values())
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one  # kept, so that no other object gets its id
        if isinstance(one, Widget):
            found.append(one)
            waiting += [getattr(one, name) for name in one.traits() if one.trait_has_value(name)]
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one
        elif type(one).__module__.startswith("widgets.charts"):
            waiting += vars(one).values()
    return found
