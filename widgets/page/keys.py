"""The lab's keys: layer, head, part, presenter mode; the list of them, and a switch that turns them off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from traitlets import Bool, Int, List, Unicode

from core.parts import PARTS
from widgets.scripts import script
from widgets.state import ViewState


def part_keys(parts: int) -> str:
    """The keys that go to so many parts, the first part's first: 1 … 9, and 0 for the tenth; later ones have none."""
    return "1234567890"[:parts]


LISTED = (
    ("←  →", "one layer down or up"),
    ("↑  ↓", "the next or the previous head"),
    (f"1 … {min(len(PARTS), 9)}" + "  0" * (len(PARTS) > 9), "go to a part"),
    ("Space", "play through the layers; once more: stop"),
    ("P", "presenter mode: one part fills the window; Escape leaves it"),
    ("Page ↓  Page ↑", "in presenter mode: on and back, part after part"),
    ("A", "pin this view as A, to compare; once more: unpin"),
    ("D", "dark or light"),
    ("?", "this list"),
)
"""Keys, two spaces between them, and what they do. A control that has the focus keeps its own."""
FOLLOWED = {"layer": "layer", "layer_count": "layer_count", "head": "head", "head_count": "head_count", "keys": "on"}
"""Settings and the traits here that follow them."""


class Keys(anywidget.AnyWidget):
    """A button that opens the list of keys. The page listens for the keys themselves.

    A key that the page does not handle by itself comes as a message: `{"key": "p"}`.
    """

    _esm = script(Path(__file__).with_suffix(".js"))

    listed: List[Any] = List().tag(sync=True)
    sent: List[Any] = List().tag(sync=True)
    """Letters that the page sends on."""
    digits = Unicode(part_keys(len(PARTS))).tag(sync=True)
    layer = Int(0).tag(sync=True)
    layer_count = Int(1).tag(sync=True)
    head = Int(0).tag(sync=True)
    head_count = Int(1).tag(sync=True)
    on = Bool(True).tag(sync=True)
    """Whether keys do anything."""

    def __init__(self, state: ViewState, actions: dict[str, Callable[[], None]], leave: Callable[[], None]):
        """`actions`: what letters do, lower case; `leave`: what Escape does in presenter mode."""
        super().__init__(listed=list(LISTED), sent=list(actions))
        self.actions = {**actions, "escape": leave}
        for setting, own in FOLLOWED.items():
            traitlets.link((state, setting), (self, own))
        self.on_msg(self._on_key)

    def _on_key(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if action := self.actions.get(content.get("key", "")):
            action()
