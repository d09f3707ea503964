"""The only colours, fonts and sizes of the lab, for a light and a dark page."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

COLORMAPS = Path(__file__).with_name("colormaps.npz")


@dataclass(frozen=True)
class Theme:
    """Colours as "#RRGGBB", sizes in CSS pixels.

    Text colours have a contrast of at least 4.5:1 with `page` and with `surface`; so have the colours that
    carry meaning, so that a word may wear the colour of the mark that it names.
    """

    name: str
    page: str
    surface: str  # cards, chips, the top bar
    ink: str
    muted: str  # secondary words, tick labels
    rule: str  # hairlines: borders, axes, grid
    grid: str  # fainter than rule: behind the data
    query: str
    key: str
    value: str
    attention: str
    same_head: str  # drawn as circles and a solid line
    different_heads: str  # drawn as squares and a dashed line
    selected: str  # the layer, head or cell that is chosen
    warning: str
    masked: str  # ground of a masked cell, below its hatching
    hatch: str
    diverging: str  # the colour map for signed numbers
    layer_range: tuple[float, float]  # the stretch of a colour map that is legible on this page
    font: str = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", Arial, sans-serif'
    mono: str = 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace'
    size_small: int = 14
    size_text: int = 16
    size_title: int = 17
    scale: float = 1.0
    """Of all sizes, and of all lengths in charts."""
    sequential: str = ""
    """The colour map in place of those that the study has for magnitudes, plasma and magma; empty for those."""

    def map(self, name: str) -> str:
        """The colour map that this theme shows in place of plasma, magma or "diverging"."""
        return self.diverging if name == "diverging" else self.sequential or name

    def enlarged(self, scale: float) -> Theme:
        """The theme with all sizes times `scale`, in whole pixels that never take more room than the lengths around."""
        names = ("size_small", "size_text", "size_title")
        sizes: dict[str, Any] = {name: int(getattr(self, name) * scale) for name in names}
        return replace(self, scale=scale, **sizes)

    def css_variables(self) -> str:
        """The theme as CSS declarations, `--lab-page: #FFFFFF;` and so on: one a field, "_" becomes "-"."""
        declarations = []
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in ("name", "diverging", "layer_range", "scale", "sequential"):
                continue
            unit = "px" if isinstance(value, int) else ""
            declarations.append(f"--lab-{field.name.replace('_', '-')}: {value}{unit};")
        return "\n".join(declarations)

    def layer_colors(self, layers: int) -> list[str]:
        """One colour a layer along the colour map, layer 0 first; the end that fades into the page is left out."""
        return [to_hex(color) for color in self.layer_table(layers)]

    def layer_table(self, rows: int) -> UInt8[ndarray, "rows 3"]:
        """`rows` steps of the part of the colour map that `layer_colors` uses."""
        steps = np.linspace(*self.layer_range, max(rows, 1)) * 255
        return colormap(self.map("plasma"))[np.round(steps).astype(int)]


LIGHT = Theme(
    name="light",
    page="#FFFFFF",
    surface="#F8F9FC",
    ink="#1F2430",
    muted="#5A6275",
    rule="#C3C9D6",
    grid="#E9ECF2",
    query="#2B6FD6",
    key="#C9472F",
    value="#08706B",
    attention="#5B2A9D",
    same_head="#0A6637",
    different_heads="#C6387F",
    selected="#A85500",
    warning="#A85500",
    masked="#ECEEF3",
    hatch="#B4BBC9",
    diverging="diverging",
    layer_range=(0.0, 0.9),
)

DARK = Theme(
    name="dark",
    page="#282A2C",
    surface="#313438",
    ink="#DDE2F4",
    muted="#ABB2C5",
    rule="#565B64",
    grid="#3A3E43",
    query="#649FFA",
    key="#FF8A70",
    value="#45C9BD",
    attention="#D0AEFF",
    same_head="#86E08A",
    different_heads="#F07BC2",
    selected="#FFC24D",
    warning="#FFC24D",
    masked="#3A3E43",
    hatch="#6C727D",
    diverging="diverging_dark",
    layer_range=(0.2, 1.0),
)


@cache
def colormap(name: str) -> UInt8[ndarray, "256 3"]:
    """A colour map's RGB table: plasma, magma, viridis, cividis, diverging or diverging_dark.

    The file names the tables' sources under "source".

    Raises:
        KeyError: there is no such map.
    """
    with np.load(COLORMAPS) as tables:
        return tables[name]


def to_hex(color: UInt8[ndarray, " 3"]) -> str:
    """An RGB triple as "#RRGGBB"."""
    return "#{:02X}{:02X}{:02X}".format(*(int(part) for part in color))


def to_rgb(color: str) -> tuple[int, int, int]:
    """A colour "#RRGGBB" as an RGB triple.

    Raises:
        ValueError: not of that form.
    """
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", color):
        raise ValueError(f"not a colour of the form #RRGGBB: {color!r}")
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 … 21 (WCAG 2.2, relative luminance)."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    parts = np.array(to_rgb(color)) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
