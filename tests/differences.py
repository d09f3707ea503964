"""The difference of what two views show, by the name of the part or section."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.model.capture import Capture
from core.parts import PARTS
from core.parts.difference import DensityDifference, Difference, Side
from core.progress import Progress, silent

DIFFERENCES = {name: function for part in PARTS for name, function in part.differences.items()}


def subtract(
    name: str, a: Any, b: Any, captures: Sequence[Capture | None] = (None, None), progress: Progress = silent
) -> Any:
    """B − A of two results; the captures that they come from are needed for part 6 only."""
    return DIFFERENCES[name](Side(captures[0], a), Side(captures[1], b), progress)


def samples_of(result: DensityDifference) -> dict[str, Difference]:
    """The differences of all its charts: maps by their names, lines after `mean` where maps have the same."""
    found: dict[str, Difference] = {}
    for chart in result.charts:
        for name, sample in chart.samples.items():
            found[name if name not in found and "Mean" not in chart.title else f"{name}_mean"] = sample
    return found
