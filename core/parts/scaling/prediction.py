"""What part 1 asks before it is seen: how wide undivided products spread."""

from __future__ import annotations

from typing import Any

from core.exercises.prediction import Prediction
from core.exercises.question import Number
from core.model.capture import Capture
from core.parts.scaling.numbers import random_product
from core.writing import number


def spread_of_product(_: Capture, settings: Any) -> Number:
    """Part 1: the spread of the largest product without scaling."""
    size, spread = settings.sizes_to, settings.sigma**2
    truth = float(random_product(size, settings.seed, settings.sigma).std())
    return Number(
        f"A and B are random {size} × {size} matrices; their entries spread by σ = {number(settings.sigma)}. "
        f"Each entry of A B is a sum of {size} products. How wide will the entries of A B spread, undivided?",
        low=0,
        high=3 * spread * size**0.5,
        step=spread * size**0.5 / 40,
        truth=truth,
        along=(settings.sizes_from, size),
        why=f"Independent products partly cancel: {size} of them add up to a spread of √{size}, not of {size}.",
    )


PREDICTION = Prediction(("sizes_to", "sigma", "seed"), spread_of_product)
