"""What "the same numbers" means between core and the plain loops of `tests.reference`."""

from __future__ import annotations

import numpy as np
import pytest
from numpy import ndarray

from tests.reference import Reference

TOLERANCE = 1e-5
CLOSED = ("part6_softmax_density", "part8_density")
"""Histograms whose outer edges no value can cross: the range of the weights themselves, and 0 … 1."""

BETWEEN_WEIGHTS = ("part9_distance_by_layer",)
"""Differences of weights, which go up to 1: where they nearly cancel they are as good as the weights."""
MEANS_OF = {"part4_head_pairs": "part4_within"}
"""Means of scores of both signs are as good as the scores; these are of the last token."""


def assert_same_study(arrays: dict[str, ndarray], reference: Reference) -> None:
    """Every array of the reference, by name and shape, and no other."""
    assert set(arrays) == set(reference.arrays)
    for name, expected in reference.arrays.items():
        got = arrays[name]
        assert got.shape == expected.shape, name
        if name in reference.histograms:
            edges = arrays[f"{name.removesuffix('density')}edges" if "density" in name else "part5_edges"]
            rows = got.reshape(-1, got.shape[-1])
            own = np.broadcast_to(edges, (len(rows), edges.shape[-1]))
            for row, values, ends in zip(rows, reference.histograms[name], own, strict=True):
                assert_same_histogram(row, values, ends, closed=name in CLOSED)
        elif expected.dtype.kind in "US":
            assert got.tolist() == expected.tolist(), name
        else:
            whole = reference.arrays[MEANS_OF[name]] if name in MEANS_OF else np.zeros(1)
            least = max(float(name in BETWEEN_WEIGHTS), float(np.abs(whole).max(initial=0.0)))
            assert_close(got, expected, name, least)


def assert_close(got: ndarray, expected: ndarray, name: str = "", least: float = 0.0) -> None:
    """To 1e-5 of the largest finite magnitude (or what float32 can hold); infinities and NaNs in the same places.

    `least` is a magnitude that counts where all are smaller.
    """
    magnitudes = np.abs(expected[np.isfinite(expected)])
    tolerance = max(TOLERANCE * magnitudes.max(initial=least), np.finfo(np.float32).tiny)
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance, err_msg=name)


def close_to(expected: float, largest: float) -> object:
    """A number to 1e-5 of the largest magnitude of what it comes from."""
    return pytest.approx(expected, rel=0, abs=TOLERANCE * float(largest))


def close_to_slope(expected: float, x: ndarray, y: ndarray) -> object:
    """Σxy / Σx² of arrays that each agree: an error e of y moves it by Σxe / Σx²."""
    error = TOLERANCE * (np.abs(y).max() + abs(expected) * np.abs(x).max())
    return pytest.approx(expected, rel=0, abs=float(error * np.abs(x).sum() / (x * x).sum()))


def density_bounds(values: ndarray, edges: ndarray, *, closed: bool) -> tuple[ndarray, ndarray]:
    """The least and the most that numpy's density can be in each bin if values within the tolerance of an edge move.

    All other values stay where they are. Closed: none can cross the outer edges.
    """
    width = (edges[-1] - edges[0]) / (len(edges) - 1)
    if not (len(values) and width):
        return np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    if closed:
        values = np.clip(values, edges[0], edges[-1])
    counts, _ = np.histogram(values, edges)
    close = TOLERANCE * np.abs(values).max()
    ordered = np.sort(values)
    at_edge = np.searchsorted(ordered, edges + close, "right") - np.searchsorted(ordered, edges - close, "left")
    if closed:
        at_edge[[0, -1]] = 0
    inside, move = counts.sum(), at_edge[0] + at_edge[-1]
    least = np.maximum(counts - at_edge[:-1] - at_edge[1:], 0) / (max(inside + move, 1) * width)
    most = (counts + at_edge[:-1] + at_edge[1:]) / (max(inside - move, 1) * width)
    return least * (1 - 1e-9), most * (1 + 1e-9)


def assert_same_histogram(density: ndarray, values: ndarray, edges: ndarray, *, closed: bool) -> None:
    """A density whose counts differ from numpy's only by values that lie within the tolerance of an edge.

    The edges are those that belong to the density; the array of edges is compared for itself.
    """
    least, most = density_bounds(values, edges, closed=closed)
    assert (density >= least).all()
    assert (density <= most).all()
    if density.any():
        np.testing.assert_allclose(density.sum() * (edges[-1] - edges[0]) / len(density), 1, rtol=1e-9)
