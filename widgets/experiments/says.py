"""What the model says, as it is and changed: the next tokens side by side, and the loss of each token in the text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np
from ipywidgets import HTML, VBox, Widget

from core.model.said import Said
from core.model.tokens import isolated
from core.parts.effect import Effect
from core.writing import number, percent
from widgets.charts.token_strip import TokenStrip

SIDES = ("As it is", "Changed")


class Run(NamedTuple):
    """What a run says of a text of these tokens, in visible form."""

    said: Said
    tokens: Sequence[str]


class Says:
    """Widgets of runs side by side, those of one effect or others; `widgets` go on the page below each other."""

    def __init__(self, sides: Sequence[str] = SIDES) -> None:
        self.sides = sides
        self.next = HTML().add_class("lab-says")
        self.captions = [HTML().add_class("lab-loss") for _ in sides]
        strips = (TokenStrip(label=f"Loss of each token: {side}") for side in sides)
        self.strips = [strip.add_class("lab-shaded") for strip in strips]
        pairs = [VBox(pair).add_class("lab-losses") for pair in zip(self.captions, self.strips, strict=True)]
        self.widgets: list[Widget] = [self.next, *pairs]

    def draw(self, effect: Effect, tokens: Sequence[str]) -> None:
        """Show an effect on a text of these tokens, in visible form."""
        self.show(Run(effect.before, tokens), Run(effect.after, tokens))

    def show(self, *runs: Run) -> None:
        """Show runs, one a side."""
        columns = "".join(_column(side, run.said) for side, run in zip(self.sides, runs, strict=True))
        self.next.value = f"<h4>The next token</h4><div>{columns}</div>"
        most = max((float(run.said.losses.max()) for run in runs if len(run.said.losses)), default=0.0)
        for side, (said, tokens), caption, strip in zip(self.sides, runs, self.captions, self.strips, strict=True):
            mean = f"mean loss {number(said.loss)} nats a token" if len(said.losses) else "no token has a loss"
            caption.value = (
                f"<p><b>{side}:</b> {mean} <span class='lab-shades'>0 <i></i> {number(most)}</span></p>"
            )
            strip.show(tokens)
            strip.shade(np.concatenate([[np.nan], said.losses / (most or 1.0)]).astype(np.float32))


def _column(side: str, said: Said) -> str:
    """One run's next tokens as a list with bars."""
    rows = "".join(
        f"<li><b class='lab-token' dir='auto'>{escape(isolated(text))}</b>"
        f"<i style='width:{max(float(share), 0.004):.1%}'></i><span>{percent(float(share))}</span></li>"
        for text, share in zip(said.next_text, said.next_probability, strict=True)
    )
    return f"<div><h5>{side}</h5><ol>{rows}</ol></div>"
