"""Which tokens of two texts are partners."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np
from jaxtyping import Int
from numpy import ndarray


class Alignment(NamedTuple):
    """The same tokens of two texts, A and B, in the order of both; all others were deleted or inserted."""

    of_a: Int[ndarray, " pair"]
    """Positions in A."""
    of_b: Int[ndarray, " pair"]
    """Positions of their partners in B."""


def align(a: Int[ndarray, " token"], b: Int[ndarray, " other_token"]) -> Alignment:
    """Partners by token id, as difflib finds them: the longest run of equal tokens, then on both sides of it."""
    blocks = SequenceMatcher(None, a.tolist(), b.tolist(), autojunk=False).get_matching_blocks()
    of_a, of_b = (
        np.array([start + step for start, size in starts for step in range(size)], int)
        for starts in ([(block.a, block.size) for block in blocks], [(block.b, block.size) for block in blocks])
    )
    return Alignment(of_a, of_b)
