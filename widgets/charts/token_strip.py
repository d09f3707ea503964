"""A text as its tokens: one is chosen, one is pointed at, and each may be shaded by its weight."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anywidget
import numpy as np
from jaxtyping import Float
from numpy import ndarray
from traitlets import Bytes, Int, List, Unicode

from widgets.scripts import script


class TokenStrip(anywidget.AnyWidget):
    """Tokens as text only: what the user typed is never read as HTML."""

    _esm = script(Path(__file__).with_suffix(".js"))

    label = Unicode().tag(sync=True)
    """What a screen reader calls the list."""
    tokens = List(Unicode()).tag(sync=True)
    ids = List(Int()).tag(sync=True)
    """With ids each token also shows its position and its id."""
    chosen = Int(0).tag(sync=True)
    hovered = Int(-1).tag(sync=True)
    """The token under the pointer, −1 for none."""
    weights = Bytes().tag(sync=True)

    def show(self, tokens: Sequence[str], ids: Sequence[int] = ()) -> None:
        """Show another text."""
        with self.hold_sync():
            self.tokens, self.ids = list(tokens), [int(number) for number in ids]

    def shade(self, shades: Float[ndarray, " token"]) -> None:
        """Shade each token by a number from 0 to 1; NaN shows it as masked."""
        self.weights = np.asarray(shades, "<f4").tobytes()
