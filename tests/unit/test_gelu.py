"""GPT-2's GELU as the lab works it out, against its formula."""

from __future__ import annotations

import math

import pytest
import torch

from core.gelu import BLOCK, GELUInCache


def by_hand(x: float) -> float:
    """Hendrycks and Gimpel 2016, the tanh form."""
    return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


@pytest.mark.parametrize("shape", [(1, 3, 8), (2, BLOCK, 4), (1, 2 * BLOCK + 1, 4), (5, 4)])
def test_it_is_the_formula_in_blocks_of_rows(shape: tuple[int, ...]) -> None:
    values = torch.linspace(-12, 12, math.prod(shape)).reshape(shape)
    before = values.clone()
    result = GELUInCache()(values)
    expected = torch.tensor([by_hand(x) for x in values.double().flatten().tolist()]).reshape(shape)
    spacing = torch.finfo(torch.float32).eps * values.abs().clamp(min=1)  # a few steps, and each rounds
    assert ((result - expected).abs() <= 8 * spacing).all()
    assert torch.equal(values, before)


def test_large_values_make_no_nan() -> None:
    result = GELUInCache()(torch.tensor([[-1e12, -50.0, 0.0, 50.0, 1e12]]))
    assert result.tolist()[0][1:4] == [0.0, 0.0, 50.0]
    assert result.isfinite().all()
