"""The colours can be read, and told apart by a red-green blind eye."""

import dataclasses
import re
from itertools import combinations

import numpy as np
import pytest

from widgets.theme import DARK, LIGHT, Theme, colormap, contrast, to_hex, to_rgb

WORDS = ("ink", "muted", "query", "key", "value", "attention", "same_head", "different_heads", "selected", "warning")
# What a chart or a formula shows side by side.
TOGETHER = [*combinations(("query", "key", "value", "attention"), 2), ("same_head", "different_heads")]
# Deuteranopia: Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
# OKLab: Ottosson 2020, linear RGB → cone responses → lightness and two hues.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
themes = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


def linear(color: str) -> np.ndarray:
    parts = np.array(to_rgb(color)) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def seen(color: str, eye: np.ndarray) -> np.ndarray:
    return TO_OKLAB @ np.cbrt(TO_CONES @ np.clip(eye @ linear(color), 0, 1))


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#FFFFFF") == 1
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)


@themes
@pytest.mark.parametrize("name", WORDS)
def test_words_can_be_read(theme: Theme, name: str):
    for ground in (theme.page, theme.surface):
        assert contrast(getattr(theme, name), ground) >= 4.5


@themes
@pytest.mark.parametrize(("first", "second"), TOGETHER)
def test_colours_are_apart(theme: Theme, first: str, second: str):
    for eye in (np.eye(3), DEUTERANOPIA):
        distance = np.linalg.norm(seen(getattr(theme, first), eye) - seen(getattr(theme, second), eye))
        assert distance >= 0.08  # about four times what an eye just notices


@themes
def test_a_masked_cell_is_hatched_visibly(theme: Theme):
    assert contrast(theme.masked, theme.hatch) >= 1.4


def test_dark_page_is_the_studys():
    assert (DARK.page, DARK.ink) == ("#282A2C", "#DDE2F4")


@pytest.mark.parametrize("name", ["plasma", "magma", "viridis", "cividis", "diverging", "diverging_dark"])
def test_colour_maps_are_tables(name: str):
    table = colormap(name)
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8


def test_known_ends_of_plasma():
    assert to_hex(colormap("plasma")[0]) == "#0D0887"
    assert to_hex(colormap("plasma")[-1]) == "#F0F921"


def test_diverging_is_neutral_in_the_middle():
    for theme in (LIGHT, DARK):
        table = colormap(theme.diverging).astype(int)
        assert np.ptp(table[127:129], axis=1).max() <= 8
        assert table[0, 2] > table[0, 0]  # blue below zero
        assert table[-1, 0] > table[-1, 2]  # coral above


@themes
def test_layers_run_along_plasma(theme: Theme):
    colors = theme.layer_colors(24)
    assert len(set(colors)) == 24
    plasma = {to_hex(color) for color in colormap("plasma")}
    assert set(colors) <= plasma
    assert theme.layer_colors(1) == colors[:1]


def test_css_has_a_variable_for_every_colour_and_size():
    css = LIGHT.css_variables()
    assert "--lab-same-head: #0A6637;" in css
    assert "--lab-size-small: 14px;" in css
    for field in dataclasses.fields(LIGHT):
        if isinstance(value := getattr(LIGHT, field.name), str) and value.startswith("#"):
            assert re.search(rf"^--lab-{field.name.replace('_', '-')}: {value};$", css, re.MULTILINE)


def test_a_colour_of_another_form_is_refused():
    with pytest.raises(ValueError, match="not a colour"):
        to_rgb("red")
