"""One head's attention as lines between two columns of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anywidget
import numpy as np
from jaxtyping import Float
from numpy import ndarray
from traitlets import Bytes, Int, List, Unicode

from widgets.scripts import script


class TokenLines(anywidget.AnyWidget):
    """Query tokens left, key tokens right, as text only: what the user typed is never read as HTML."""

    _esm = script(Path(__file__).with_suffix(".js"))

    label = Unicode().tag(sync=True)
    """What a screen reader calls the picture."""
    tokens = List(Unicode()).tag(sync=True)
    first = Int(0).tag(sync=True)
    """The position of the first token that is shown."""
    chosen = Int(0).tag(sync=True)
    """The position of the query token whose lines are strong."""
    weights = Bytes().tag(sync=True)
    """Of every query token on every key token, float32, in rows."""

    def show(self, tokens: Sequence[str], weights: Float[ndarray, "query key"], shown: range, chosen: int) -> None:
        """Show those tokens of a text, and what a head gives of one of them to another."""
        some = slice(shown.start, shown.stop)
        with self.hold_sync():
            self.tokens, self.weights = list(tokens[some]), np.asarray(weights[some, some], "<f4").tobytes()
            self.first, self.chosen = shown.start, chosen
