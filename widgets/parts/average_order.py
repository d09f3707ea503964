"""Part 9, softmax and the average do not change places: the mean of softmaxes against the softmax of the mean score."""

from __future__ import annotations

from typing import Any

import numpy as np
from ipywidgets import HTML

from core.model.capture import Capture
from core.parts.averaging.average_order import AverageOrder, OrderByLayer, RowMeans, average_order, order_by_layer
from core.progress import Progress
from core.writing import number
from widgets.charts.lines import Curve, LineChart, Series
from widgets.charts.overlay import Laid, level
from widgets.panel.panel import Panel
from widgets.session import Session

BOTH = (
    Series("Mean of softmaxes", "attention", points="circle"),
    Series("Softmax of mean", "selected", line="dashed", points="square"),
)
LINES = tuple(series._replace(points="none") for series in BOTH)
"""Without points, as there may be a thousand keys."""


class AverageOrderSection(Panel):
    name = "average_order"
    title = "First softmax, or first the average?"
    words = """
        <p>Take each head's attention and average it; or average the heads' scores and take one softmax of them. Raw
        scores add up, so there the order is all the same. Softmax bends: one large score wins in its own head, and
        drowns in a mean.</p>
        <p><b>A trap:</b> the weights of a row sum to 1, so the mean of a whole row is 1 / n of its n keys in every
        head and every layer (the table). It says nothing of the model. <b>Try it:</b> find the layer where the
        two orders differ most, and a query token for which they hardly do.</p>"""
    controls = ("query", "averaged")
    computed_from = ("layer", "query", "averaged")
    stages = ("softmax",)
    slow = True

    def __init__(self, session: Session):
        self._by_layer: tuple[Capture, OrderByLayer] | None = None  # follows the text alone
        super().__init__(session)

    def build(self) -> None:
        self.rows = LineChart("A) One query's attention", LINES, x_label="Key token", y_label="Weight")
        self.distance = LineChart(
            "B) How far apart",
            [Series("Mean over the tokens", "attention", points="circle")],
            x_label="Transformer layer",
            y_label="Share on different tokens",
        )
        self.entropy = LineChart("C) Entropy", BOTH, x_label="Transformer layer", y_label="Entropy, 0 to 1")
        self.means = HTML().add_class("lab-summary")
        self.row(self.rows)
        self.row(self.distance, self.entropy)
        self.row(self.means)

    def compute(self, capture: Capture, settings: Any, progress: Progress) -> AverageOrder:
        if self._by_layer is None or self._by_layer[0] is not capture:
            self._by_layer = (capture, order_by_layer(capture, progress))
        return average_order(capture, settings.layer, settings.query, settings.averaged, self._by_layer[1])

    def draw(self, result: AverageOrder, settings: Any) -> None:
        keys, layers = np.arange(len(result.mean_of_softmaxes)), np.arange(len(result.by_layer.distance))
        self.rows.draw(Curve(keys, result.mean_of_softmaxes), Curve(keys, result.softmax_of_mean))
        wide = (-0.5, len(layers) - 0.5)
        self.distance.draw(Curve(layers, result.by_layer.distance), x_limits=wide, y_limits=(0, 1))
        both = (result.by_layer.mean_of_softmaxes, result.by_layer.softmax_of_mean)
        self.entropy.draw(*(Curve(layers, one) for one in both), x_limits=wide, y_limits=(0, 1))
        for chart in (self.distance, self.entropy):
            chart.mark_x(result.layer)
        self.means.value = means_table(result.layer, result.rows)

    def lay_prediction(self, place: float) -> list[Laid]:
        return [level(self.distance, place)]


def means_table(layer: int, rows: RowMeans) -> str:
    """The mean weight of a few rows beside 1 / n, as HTML."""
    head = "".join(f"<th scope='col'>{name}</th>" for name in ("Keys n", "1 / n", "Mean weight", "Mean raw score"))
    body = "".join(
        f"<tr><th scope='row'>Query {query}</th><td>{keys}</td><td>{number(1 / keys)}</td><td>{number(weight)}</td>"
        f"<td>{number(score)}</td></tr>"
        for query, keys, weight, score in zip(*rows, strict=True)
    )
    caption = f"Layer {layer}: the mean of whole rows, over all heads"
    return f"<table><caption>{caption}</caption><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
