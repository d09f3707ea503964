"""What only the browser knows and does: which parts are on screen, the system's colours, keys, roles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
from traitlets import Bool, Dict, List, Unicode

from widgets.kernel.batch import batch_messages, begin_page, carry_by
from widgets.scripts import script
from widgets.theme import DARK, LIGHT

HERE = Path(__file__).parent
SCRIPTS = ("parts", "panel", "page", "updates", "browser")


def style_sheet() -> str:
    """The lab's style sheet: the themes as variables, the charts' rules, then the files of `style/` by name."""
    dark = f":root[data-lab-theme=dark] {{ {DARK.css_variables()} }}"  # on the screen: paper is light
    variables = f":root {{ {LIGHT.css_variables()} --lab-dark-page: {DARK.page}; }}\n@media screen {{ {dark} }}\n"
    files = [HERE.parent / "charts" / "charts.css", *sorted((HERE / "style").glob("*.css"))]
    return variables + "\n".join(path.read_text("utf-8") for path in files)


class Browser(anywidget.AnyWidget):
    """One model, an empty view in the page and in each part: a view looks after the element that it stands in.

    Its messages: `{"do": "run", "text": …}` when the learner asks for a text to be run, and `{"do": "ready"}` once it
    can hand messages on to all other widgets (`widgets.kernel.batch`).
    """

    _esm = script(*(HERE / "script" / f"{name}.js" for name in SCRIPTS))
    _css = style_sheet()

    visible = List(Unicode()).tag(sync=True)
    """Names of the parts to draw: those on screen, and those near it while no slider is moved."""
    prefers_dark = Bool(False).tag(sync=True)
    """Whether the learner's system asks for dark pages, or in a notebook Jupyter's theme is dark."""
    theme = Unicode("system").tag(sync=True)
    """What the page is to look like: system, light or dark."""
    rules = Dict(value_trait=Unicode(), key_trait=Unicode()).tag(sync=True)
    """What the glossary says of the model on show, by the name of the piece (`widgets.page.glossary.rules_of`)."""

    def __init__(self) -> None:
        batch_messages()
        self.page = begin_page()
        super().__init__()
        self.on_msg(self._on_ready)

    def _on_ready(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("do") == "ready":
            carry_by(self)
