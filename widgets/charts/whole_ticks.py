"""Ticks on whole numbers: layers, heads, positions, tokens."""

from __future__ import annotations

from collections.abc import Sequence

from widgets.charts.figure import round_step, short

LABEL_PITCH = 17  # px a token's label needs
LONGEST_LABEL = 10  # letters


def whole_ticks(count: int, words: Sequence[str] | None, pixels: int) -> dict[float, str]:
    """Ticks on whole numbers, or on tokens: all that fit along `pixels`, else every k-th."""
    if words is None:
        return {float(at): str(at) for at in range(0, count, whole_step(count))}
    step = max(1, -(-LABEL_PITCH * count // pixels))
    return {float(at): short(words[at], LONGEST_LABEL) for at in range(0, count, step)}


def whole_step(count: int, most: int = 7) -> int:
    """The least of 1, 2, 5, 10, 20, … that leaves at most so many ticks."""
    return max(1, round(round_step(count / most)))
