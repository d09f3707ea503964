"""The shapes in the signatures of `core` are held to, while these tests run."""

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from core.attention.scores import softmax
from core.writing import counted


def test_a_wrong_shape_is_refused() -> None:
    scores = np.zeros((2, 5), np.float32)
    softmax(scores, out=np.empty_like(scores))
    with pytest.raises(TypeCheckError, match="'out'"):
        softmax(scores, out=np.empty((2, 2, 5), np.float32))


def test_a_wrong_type_is_refused() -> None:
    with pytest.raises(TypeCheckError, match="'count'"):
        counted(1.5, "head")
