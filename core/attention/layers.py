"""Work over all layers, on the cores that are idle, and sums that need no layer's (H, T, T) at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.activations import Activations
from core.attention.scores import AttentionCall
from core.progress import Progress
from core.threads import idle_cores

LayerWork = Callable[[int, AttentionCall], None]
"""Takes a layer's number and what its attention was given."""


def each_layer(capture: Activations, work: LayerWork, progress: Progress) -> None:
    """Do the work of every layer, on the cores that are idle; numpy leaves Python to the others while it computes.

    Tells progress after each layer. What progress raises ends the work.
    """
    with ThreadPoolExecutor(idle_cores()) as pool:
        jobs = [pool.submit(work, layer, capture.call(layer)) for layer in range(capture.layers)]
        try:
            for done, job in enumerate(jobs, start=1):
                job.result()
                progress(done / capture.layers)
        finally:
            pool.shutdown(cancel_futures=True)


class Moments:
    """Count, mean and sum of squared deviations of values that come in blocks (Chan et al. 1983)."""

    def __init__(self) -> None:
        self.count, self.mean, self.squares = 0, 0.0, 0.0

    def add(self, values: Float[ndarray, "*value"]) -> None:
        mean = float(values.mean())
        deviations = (values - mean).ravel(order="K")
        count, shift = self.count + values.size, mean - self.mean
        self.squares += float(deviations @ deviations) + shift**2 * self.count * values.size / count
        self.mean += shift * values.size / count
        self.count = count

    @property
    def sd(self) -> float:
        """ddof 1; NaN for a single value."""
        return (self.squares / (self.count - 1)) ** 0.5 if self.count > 1 else np.nan
