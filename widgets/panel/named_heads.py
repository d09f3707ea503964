"""Heads by name, as buttons that go there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest

from ipywidgets import HTML, Button, VBox


class NamedHeads(VBox):
    """A name, what it means, and the heads that fit it best."""

    def __init__(self, name: str, means: str, count: int, go: Callable[[int, int], None]):
        self._shown: Sequence[tuple[int, int, str]] = ()
        self.buttons = [Button() for _ in range(count)]
        for place, button in enumerate(self.buttons):
            button.on_click(lambda _, place=place: go(*self._shown[place][:2]))
        self.without = HTML()
        super().__init__([HTML(f"<b>{name}</b> {means}"), *self.buttons, self.without])
        self.add_class("lab-named")

    def show(self, heads: Sequence[tuple[int, int, str]], without: str = "") -> None:
        """These heads, (layer, head, how well it fits), or where there are none the sentence that says why."""
        self._shown = heads
        for button, one in zip_longest(self.buttons, self._shown):
            button.layout.display = None if one else "none"
            button.description = "Layer {}, head {}: {}".format(*one) if one else ""
        self.without.value = "" if heads else f"<p>{without}</p>"
