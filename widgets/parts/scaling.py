"""Part 1: why the scores are divided by √d."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from ipywidgets import HTML, Widget

from core.scaling import Saturation, Scaling, saturation, scaling
from widgets.controls import again, control, span
from widgets.panel import Panel

# The slider for one size leaves the other ones' products as they are.
all_sizes = lru_cache(maxsize=1)(scaling)


class Numbers(NamedTuple):
    spread: Scaling
    row: Saturation


class ScalingPart(Panel):
    name = "scaling"
    number = 1
    title = "Why the scores are divided by √d"
    words = """
        <p>A raw score is a sum of products, one for each dimension of a head. Here two random matrices A and B of
        n × n stand in for queries and keys. The more products you add up, the wider the entries of A B spread:
        by √n. Dividing by √n takes that growth out again.</p>
        <p>Pick a size and compare the two bar rows: they are the softmax of one row of A B, before and after the
        division. Without it one entry takes nearly everything, and there is little left to learn from.</p>"""
    computed_from = ("sizes_from", "sizes_to", "sigma", "seed", "size")
    needs_capture = False

    def build_controls(self) -> Sequence[Widget]:
        return [
            span(self.state, "sizes_from", "sizes_to", "Sizes n"),
            control(self.state, "sigma"),
            again(self.state, "seed", "Draw again"),
            control(self.state, "size"),
        ]

    def build(self) -> None:
        self.spread = HTML()
        self.row(self.spread)

    def compute(self, _: Any, settings: Any) -> Numbers:
        spread = all_sizes(settings.sizes_from, settings.sizes_to, settings.seed, settings.sigma)
        return Numbers(spread, saturation(settings.size, settings.seed, settings.sigma))

    def draw(self, result: Numbers, settings: Any) -> None:
        self.spread.value = f"{result.spread.std_raw.round(1)}"

    def numbers(self, result: Numbers, settings: Any) -> str:
        spread, row = result
        return (
            f"From n = {spread.sizes[0]} to {spread.sizes[-1]} the spread grows from {spread.std_raw[0]:.2f} to "
            f"{spread.std_raw[-1]:.2f} without the division, and stays at {spread.std_scaled[0]:.2f} to "
            f"{spread.std_scaled[-1]:.2f} with it. At n = {row.size} the largest softmax weight is "
            f"{row.weights_raw.max():.1%} without it and {row.weights_scaled.max():.1%} with it; the entropy is "
            f"{row.entropy_raw:.2f} and {row.entropy_scaled:.2f} of at most {row.entropy_uniform:.2f} nats."
        )
