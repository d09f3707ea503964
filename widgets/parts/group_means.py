"""Part 9, the arithmetic behind it: the mean of a list against the mean of two group means."""

from __future__ import annotations

from typing import Any

import numpy as np
from ipywidgets import HTML

from core.parts.averaging.group_means import GroupMeans, group_means
from core.writing import number
from widgets.charts.columns import Columns, Levels
from widgets.charts.lines import Series
from widgets.panel.panel import Panel


class GroupMeansSection(Panel):
    name = "group_means"
    title = "The arithmetic behind it: the mean of means"
    words = """
        <p>Cut the list 1 … n after its first k numbers, take the mean of each group, and then the mean of those
        two means. Is it the mean of the whole list?</p>
        <p><b>Try it:</b> drag n and k until the two thick lines meet. When do they? And why do they always meet
        for heads, which are all equally wide?</p>"""
    controls = ("list_length", "cut")
    computed_from = ("list_length", "cut")
    needs_capture = False
    height = 300

    def build(self) -> None:
        self.columns = Columns(
            "Means",
            {
                Series("Each group", "attention"): 2,
                Series("All", "ink"): 3,
                Series("The two means", "selected", line="dashed"): 3,
            },
            x_label="Number",
            height=self.height,
        )
        self.sums = HTML().add_class("lab-sums")
        self.row(self.columns, self.sums)

    def compute(self, _: Any, settings: Any, progress: Any) -> GroupMeans:
        return group_means(settings.list_length, settings.cut)

    def draw(self, result: GroupMeans, settings: Any) -> None:
        cut, count = result.cut, len(result.numbers)
        self.columns.draw(
            result.numbers,
            cut,
            Levels(np.array([0, cut]), np.array([cut, count]), np.array([result.first, result.second])),
            *(Levels(np.array([0]), np.array([count]), np.array([mean])) for mean in (result.overall, result.of_means)),
        )
        self.sums.value = sums(result)


def sums(result: GroupMeans) -> str:
    """The four means, worked out, as HTML."""
    first, second = result.numbers[: result.cut], result.numbers[result.cut :]
    groups = (number(result.first), number(result.second))
    rows = (
        ("lab-first", "First group", _mean_of(first), groups[0]),
        ("lab-second", "Second group", _mean_of(second), groups[1]),
        ("lab-of-means", "Mean of the two means", f"({' + '.join(groups)}) / 2", number(result.of_means)),
        ("lab-overall", "Mean of all", _mean_of(result.numbers), number(result.overall)),
    )
    return (
        "<table>"
        + "".join(
            f"<tr class='{kind}'><th scope='row'>{name}</th><td>{sum_}</td><td>= {value}</td></tr>"
            for kind, name, sum_, value in rows
        )
        + "</table>"
    )


def _mean_of(numbers: Any) -> str:
    shown = [str(one) for one in numbers]
    if len(shown) > 4:
        shown = [*shown[:2], "…", shown[-1]]
    return f"({' + '.join(shown)}) / {len(numbers)}"
