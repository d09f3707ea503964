"""What part 7 asks before it is seen: one cell of the softmax of the mask."""

from __future__ import annotations

from typing import Any

from core.exercises.prediction import Prediction
from core.exercises.question import Number
from core.model.capture import Capture
from core.parts.softmax.numbers import masking

ASKED_KEY = 1


def asked_row(mask_size: int) -> int:
    """The row of the mask that part 7 asks about."""
    return min(3, mask_size - 1)


def masked_share(_: Capture, settings: Any) -> Number:
    """Part 7: one cell of the softmax of the mask."""
    row = asked_row(settings.mask_size)
    return Number(
        f"All scores are equal, and the mask hides every key that comes after its query. What share of row {row} "
        f"will softmax give to token {ASKED_KEY}?",
        low=0,
        high=1,
        step=0.01,
        truth=float(masking(settings.mask_size).softmax[row, ASKED_KEY]),
        why=f"The mask leaves tokens 0 to {row}, and equal scores share equally: 1 / {row + 1}.",
        percent=True,
    )


PREDICTION = Prediction(("mask_size",), masked_share)
