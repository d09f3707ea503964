"""Gaps of part 1: why the scores are divided by √d."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.exercises.gap import Sizes, read_topic
from core.expressions import Value


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """Small numpy arrays; n is the number of tokens of `sizes`."""
    n = sizes.tokens
    sigma = n / 4
    a, b = rng.normal(0, sigma, (2, n, n))
    row = (a @ b)[0] / 4
    weights = np.exp(row) / np.exp(row).sum()
    matrix_sizes = np.arange(5, 5 + sizes.layers)
    return {"A": a, "B": b, "P": a @ b, "n": n, "sizes": matrix_sizes, "sigma": sigma, "row": row, "p": weights}


TOPIC = read_topic(Path(__file__).with_suffix(".toml"), values)
