"""What is measured, and what each figure has to reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

MODULES = ("study", "compute", "overview", "experiments", "memory", "browser", "classroom", "hub")
"""Of this folder, in the order that they run in. Each has `measure() -> Iterator[Measured]`."""

Judged = Literal["value", "difference", "ratio"]
SIGNS = {"value": "≤ {} {}", "difference": "≤ {} {} more", "ratio": "≤ {} ×"}


class Measured(NamedTuple):
    """What a module hands over for one row: every run's figure, in the row's unit."""

    key: str
    values: Sequence[float]
    reference: Sequence[float]
    """The reference's, from the same run: the same process, page or server, in turn where they are times."""
    note: str = ""
    """What else belongs to the row: a limit, the part that was slowest."""


@dataclass(frozen=True)
class Row:
    """One figure: what it is, what it is compared with, and its reach."""

    module: str
    key: str
    what: str
    unit: str
    beside: str
    """What the reference is."""
    judged: Judged
    """What has to keep to the limit: the figure itself, how much more than the reference it is, or how many times the
    reference it is."""
    limit: float | None
    """None for a figure that is told and not judged."""
    quantile: float = 0.5
    """Of the runs, for the figure and its reference alike."""
    least: int = 7
    """Runs that both need."""

    @property
    def reach(self) -> str:
        """The limit in words, if there is one."""
        if self.limit is None:
            return ""
        return SIGNS[self.judged].format(f"{self.limit:g}", self.unit).strip()

    def figure(self, runs: Sequence[float]) -> float:
        """One number for all runs."""
        return float(np.quantile(runs, self.quantile))

    def compared(self, value: float, reference: float) -> float:
        """The difference where that is judged, else how many times the reference: NaN for a reference of 0."""
        if self.judged == "difference":
            return value - reference
        return value / reference if reference else float("nan")

    def met(self, value: float, reference: float) -> bool | None:
        """Whether the figure keeps to the limit; None without one."""
        if self.limit is None:
            return None
        return (value if self.judged == "value" else self.compared(value, reference)) <= self.limit


P95, ONCE = {"quantile": 0.95}, {"least": 1}
NOTEBOOK = "the study's way: torch, one product a pair of heads"
ARITHMETIC = "its products and exponentials alone"
BARE = "bare AutoModelForCausalLM"
PASSES = "as many bare passes"
LENS = "run_with_cache, q and k"
ONE_LINE = "one slider, one Lines mark of 10 points"
EMPTY_PAGE = "a page of one slider and an empty Figure"
ALONE = "one learner alone"

ROWS = (
    Row("study", "analysis-105", "All nine parts from a capture, T = 105", "ms", NOTEBOOK, "ratio", None),
    Row("compute", "analysis-1024", "All nine parts from a capture, T = 1024", "s", ARITHMETIC, "value", 10),
    Row("compute", "analysis-1024-memory", "… peak above the capture, T = 1024", "MB", "the capture", "value", 300),
    Row("compute", "forward-guess-105", "Forward and capture with the guess, T = 105", "ms", BARE, "ratio", 0.85),
    Row("compute", "forward-guess-1024", "Forward and capture with the guess, T = 1024", "ms", BARE, "ratio", 0.92),
    Row("compute", "forward-105", "Forward and capture without the guess, T = 105", "ms", BARE, "ratio", 0.80),
    Row("compute", "forward-1024", "Forward and capture without the guess, T = 1024", "ms", BARE, "ratio", 0.88),
    Row("compute", "lens-105", "Forward and capture beside TransformerLens, T = 105", "ms", LENS, "ratio", 1),
    Row("compute", "lens-1024", "Forward and capture beside TransformerLens, T = 1024", "ms", LENS, "ratio", 1),
    Row("overview", "overview", "All layers and heads: from a capture to a picture", "s", ARITHMETIC, "value", 1),
    Row("experiments", "intervened", "A pass with changes in every layer, T = 105", "ms", BARE, "ratio", 1.3),
    Row("experiments", "ranking", "Ranking of all heads of gpt2's shape, T = 105", "s", PASSES, "ratio", 0.6, least=3),
    Row("memory", "kernel-pss", "Kernel that shows the shipped capture", "MB", EMPTY_PAGE, "value", 130, **ONCE),
    Row("memory", "learner-private", "Each further learner on gpt2-medium", "MB", "the first", "value", 300, **ONCE),
    Row("browser", "drag-median", "Layer change to pixels, median, worst part", "ms", ONE_LINE, "value", 33),
    Row("browser", "drag-p95", "Layer change to pixels, p95, worst part", "ms", ONE_LINE, "value", 50, **P95),
    Row("browser", "drag-over", "Layer change to pixels, above the stand-in's", "ms", ONE_LINE, "difference", 20),
    Row("browser", "drag-release", "Held-down drag: release to the last layer", "ms", ONE_LINE, "value", 100),
    Row("browser", "drag-backlog", "… pictures of earlier layers drawn after release", "", ONE_LINE, "value", 0),
    Row("browser", "bytes-heads-105", "Bytes a layer change: part 3, T = 105", "kB", ONE_LINE, "value", 130, **ONCE),
    Row("browser", "bytes-other-105", "… of the largest other part, T = 105", "kB", ONE_LINE, "value", 60, **ONCE),
    Row("browser", "bytes-heads-1024", "Bytes a layer change: part 3, T = 1024", "kB", ONE_LINE, "value", 130, **ONCE),
    Row("browser", "bytes-other-1024", "… of the largest other part, T = 1024", "kB", ONE_LINE, "value", 60, **ONCE),
    Row("browser", "new-text", "New text to every chart on screen", "ms", "one button, one Lines mark", "value", 300),
    Row("browser", "first-run", "First Run of a kernel", "s", "importing torch and transformers", "value", 6),
    Row("browser", "first-picture", "First picture, cold kernel", "s", EMPTY_PAGE, "difference", 1.5),
    Row("browser", "first-picture-ahead", "First picture, kernel started ahead", "s", EMPTY_PAGE, "difference", 1.0),
    Row("browser", "scroll", "Scroll through the page, cold: waiting in all", "s", EMPTY_PAGE, "value", 4),
    Row("classroom", "class-failures", "30 learners, 2 minutes: failures", "", ALONE, "value", 0, **ONCE),
    Row("classroom", "class-layer", "30 learners: a layer change, p95", "ms", ALONE, "value", 250, **P95),
    Row("classroom", "class-memory", "30 learners: memory", "GB", ALONE, "value", 6, **ONCE),
    Row("classroom", "class-open", "30 learners within 30 s: page open, p95", "s", ALONE, "value", 15, 0.95, 1),
    Row("classroom", "closed-tab", "A closed tab's kernel: gone after", "s", "an open tab's", "value", 60, **ONCE),
    Row("hub", "hub-server", "A learner's own server on a hub", "MB", "Voilà's, shared", "value", 160, **ONCE),
)
