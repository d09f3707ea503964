"""What a model says of a text: the next tokens, and how well it foresaw each token."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int
from numpy import ndarray


class Said(NamedTuple):
    """Of one run."""

    next_ids: Int[ndarray, " guess"]
    next_text: tuple[str, ...]
    """In visible form."""
    next_probability: Float32[ndarray, " guess"]
    """In falling order."""
    losses: Float32[ndarray, " later"]
    """−ln p of each token but the first, given those before it: T − 1 values, in nats."""
    probability: Float32[ndarray, " vocabulary"]
    """Of every token as the next one."""

    @property
    def loss(self) -> float:
        """The mean; NaN for a text of one token."""
        return float(self.losses.mean()) if len(self.losses) else float(np.nan)
