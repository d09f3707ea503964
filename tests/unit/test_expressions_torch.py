"""Expressions against the real thing: Python's own eval with torch and numpy, value, shape and kind."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from core.expressions import Record, Refused, Tensor, evaluate
from tests.parity import assert_close

GENERATOR = np.random.default_rng(0)
ARRAYS = {
    "Q": GENERATOR.normal(size=(6, 12)).astype(np.float32),
    "K": GENERATOR.normal(size=(6, 12)).astype(np.float32),
    "S": GENERATOR.normal(size=(6, 6)).astype(np.float32),
    "A": GENERATOR.normal(size=(2, 3, 6, 4)).astype(np.float32),
    "v": GENERATOR.normal(size=7).astype(np.float32),
    "i": GENERATOR.integers(0, 6, 5),
}
NUMPY = {"x": GENERATOR.normal(size=40), "p": GENERATOR.normal(size=(2, 3, 4)), "edges": np.linspace(-2, 2, 9)}
NUMBERS = {"T": 6, "H": 3, "d": 4}
GIVEN = {name: values.view(Tensor) for name, values in ARRAYS.items()} | NUMPY | NUMBERS
REAL = (
    {name: torch.from_numpy(values) for name, values in ARRAYS.items()}
    | NUMPY
    | NUMBERS
    | {"torch": torch, "np": np, "math": math, "F": torch.nn.functional}
)

LISTS = Path(__file__).parent / "expression_lists"
AGREE = (LISTS / "as_torch.txt").read_text().splitlines()
BOTH_REFUSE = (LISTS / "refused_as_torch.txt").read_text().splitlines()


def plain(value: object) -> object:
    """Real torch's and ours alike as numpy arrays, lists and numbers."""
    if isinstance(value, Record):
        value = tuple(value.fields.values())
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return np.asarray(value) if value is not None else None


def same(ours: object, real: object) -> None:
    if isinstance(real, list):
        assert isinstance(ours, list)
        assert len(ours) == len(real)
        for one, other in zip(ours, real, strict=True):
            same(one, other)
    elif real is None:
        assert ours is None
    else:
        assert ours.shape == real.shape
        assert (ours.dtype.kind == "b") == (real.dtype.kind == "b")
        (np.testing.assert_array_equal if real.dtype.kind == "b" else assert_close)(ours, real)


@pytest.mark.parametrize("expression", AGREE)
def test_values_and_shapes_are_those_of_torch_and_numpy(expression):
    real = eval(expression, dict(REAL))
    ours = evaluate(expression, GIVEN)
    same(plain(ours), plain(real))
    if isinstance(real, torch.Tensor):
        assert isinstance(ours, Tensor)
    elif isinstance(real, np.ndarray | np.generic):
        assert isinstance(ours, np.ndarray)
        assert not isinstance(ours, Tensor)
    elif isinstance(real, int | float | bool):
        assert type(ours) is type(real)


@pytest.mark.parametrize("expression", BOTH_REFUSE)
def test_what_torch_and_numpy_refuse_is_refused(expression):
    with pytest.raises(Exception):  # noqa: B017, PT011  # of many kinds
        eval(expression, dict(REAL))
    with pytest.raises(Refused):
        evaluate(expression, GIVEN)
