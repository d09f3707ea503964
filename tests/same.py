"""Whether two captures are the same."""

from __future__ import annotations

import dataclasses

import numpy as np

from core.capture import Capture


def assert_same(one: Capture, other: Capture, atol: float = 0.0) -> None:
    """Equal in all; floats to `atol` of their largest magnitude."""
    for field in dataclasses.fields(Capture):
        first, second = getattr(one, field.name), getattr(other, field.name)
        if isinstance(first, np.ndarray):
            assert first.dtype == second.dtype
            if np.issubdtype(first.dtype, np.floating):
                scale = np.abs(first).max()
                np.testing.assert_allclose(second / scale, first / scale, rtol=0, atol=atol)
            else:
                np.testing.assert_array_equal(first, second)
        else:
            assert first == second, field.name
