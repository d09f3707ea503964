"""What only the browser knows and does: which parts are on screen, the system's colours, roles and focus."""

from __future__ import annotations

from pathlib import Path

import anywidget
from traitlets import Bool, List, Unicode

HERE = Path(__file__).parent


class Browser(anywidget.AnyWidget):
    """One model, an empty view in the page and in each part: a view reports on the element that it stands in."""

    _esm = HERE / "browser.js"
    _css = HERE / "template" / "static" / "lab.css"

    visible = List(Unicode()).tag(sync=True)
    """Names of the parts that are on screen."""
    prefers_dark = Bool(False).tag(sync=True)
    """Whether the learner's system asks for dark pages."""
    theme = Unicode("system").tag(sync=True)
    """What the page is to look like: system, light or dark."""
