"""Gaps of part 5: part 4's distributions for every layer, on shared bins."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.exercises.gap import Sizes, read_topic
from core.expressions import Value


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """numpy arrays with a few wide bins; some scores fall outside."""
    edges = np.linspace(-20, 20, sizes.mask + 6)
    densities = rng.random((sizes.layers, len(edges) - 1)) / 20
    return {
        "x": rng.normal(-2, 13, 10 * sizes.tokens),
        "edges": edges,
        "densities": densities,
        "mean": densities.mean(axis=0),
        "L": sizes.layers,
    }


TOPIC = read_topic(Path(__file__).with_suffix(".toml"), values)
