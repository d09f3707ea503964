"""Whether two captures are the same."""

from __future__ import annotations

import dataclasses

import numpy as np

from core.model.capture import Capture


def assert_same(one: Capture, other: Capture, atol: float = 0.0) -> None:
    """Equal in all; floats to `atol` of their largest magnitude."""
    for field in dataclasses.fields(Capture):
        first, second = getattr(one, field.name), getattr(other, field.name)
        if field.name == "model":  # how far the proof's two ways differ in rounding is a machine's own
            first, second = (dataclasses.replace(facts, largest_difference=0.0) for facts in (first, second))
        if isinstance(first, np.ndarray):
            assert first.dtype == second.dtype
            if np.issubdtype(first.dtype, np.floating):
                largest = np.abs(first[np.isfinite(first)]).max(initial=0)
                np.testing.assert_allclose(second, first, rtol=0, atol=atol * largest)
            else:
                np.testing.assert_array_equal(first, second)
        else:
            assert first == second, field.name
