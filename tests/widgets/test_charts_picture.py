"""Arrays as pictures."""

import io

import numpy as np
import pytest
from PIL import Image

from widgets.charts.picture import GAP, HATCH, LEVELS, MASKED, block_mean, hatch, palette, png, quantise
from widgets.theme import DARK, LIGHT, colormap, to_rgb


def test_a_png_holds_one_byte_a_cell():
    cells = np.arange(256, dtype=np.uint8).reshape(16, 16)
    table = palette(LIGHT, "plasma")
    with Image.open(io.BytesIO(png(cells, table))) as image:
        assert image.mode == "P"
        assert np.array_equal(np.array(image), cells)
        shown = np.array(image.convert("RGBA")).reshape(256, 4)
    assert np.array_equal(shown[:, :3], table)
    assert shown[GAP, 3] == 0
    assert (np.delete(shown[:, 3], GAP) == 255).all()


def test_the_scales_ends_are_the_maps_ends():
    table = palette(LIGHT, "magma")
    assert np.array_equal(table[0], colormap("magma")[0])
    assert np.array_equal(table[LEVELS - 1], colormap("magma")[-1])
    assert tuple(table[MASKED]) == to_rgb(LIGHT.masked)
    assert not np.array_equal(palette(LIGHT, "diverging"), palette(DARK, "diverging"))


def test_values_are_quantised_and_clipped():
    values = np.array([-9.0, -2.0, 0.0, 2.0, 9.0])
    assert quantise(values, -2, 2).tolist() == [0, 0, (LEVELS - 1) // 2, LEVELS - 1, LEVELS - 1]
    assert quantise(values, 1, 1).tolist() == [0] * 5
    fine = np.linspace(0, 1, 10_000)
    assert np.abs(quantise(fine, 0, 1) / (LEVELS - 1) - fine).max() <= 0.5 / (LEVELS - 1) + 1e-6


def test_masked_cells_are_hatched_and_the_others_kept():
    cells = np.array([[1, 2], [3, 4]], np.uint8)
    masked = np.array([[False, True], [False, False]])
    large = hatch(cells, masked, 100)
    half = 50
    assert large.shape == (2 * half, 2 * half)
    assert set(np.unique(large[:half, half:])) == {HATCH, MASKED}
    for row, column, value in ((0, 0, 1), (1, 0, 3), (1, 1, 4)):
        block = large[row * half : (row + 1) * half, column * half : (column + 1) * half]
        assert (block == value).all()


@pytest.mark.parametrize(("rows", "columns"), [(2, 3), (1, 4), (5, 1), (7, 7)])
def test_means_of_blocks_leave_out_what_is_not_a_number(rows: int, columns: int):
    values = np.random.default_rng(3).normal(size=(7, 10)).astype(np.float32)
    values[:2, :4] = np.nan
    means = block_mean(values, rows, columns)
    for i in range(means.shape[0]):
        for j in range(means.shape[1]):
            block = values[i * rows : (i + 1) * rows, j * columns : (j + 1) * columns]
            block = block[np.isfinite(block)]
            expected = block.mean() if block.size else np.nan
            assert means[i, j] == pytest.approx(expected, rel=1e-5, abs=1e-6, nan_ok=True)
    assert means.shape == (-(-7 // rows), -(-10 // columns))


def test_means_of_blocks_keep_leading_axes():
    values = np.arange(24, dtype=float).reshape(2, 3, 4)
    assert np.array_equal(block_mean(values, 1, 2)[1], [[12.5, 14.5], [16.5, 18.5], [20.5, 22.5]])
