"""The default text on the model that ships, stored so that the first pictures need neither model nor torch.

`python -m core.model.default_capture` makes it again; do that after a change of the model, the text or Capture.
"""

from __future__ import annotations

from pathlib import Path

from core.model.capture import Capture, capture, read_capture, write_capture
from core.model.catalogue import SHIPPED
from core.model.loading import load
from core.model.texts import DEFAULT_TEXT

STORED = Path(__file__).resolve().with_suffix(".npz")


def default_capture() -> Capture:
    """The stored capture. Raises OSError where it is missing."""
    return read_capture(STORED)


def make_default_capture() -> Capture:
    """The same, computed: loads the shipped model. Raises ModelUnavailable where that cannot be read."""
    return capture(load(SHIPPED), DEFAULT_TEXT)


if __name__ == "__main__":
    made = make_default_capture()
    write_capture(made, STORED)
    print(f"{STORED.name}: {made.layers} layers, {made.tokens} tokens, {STORED.stat().st_size / 1e6:.1f} MB")
