"""What is to be found in part 9."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.intervention import UNCHANGED
from core.exercises.task import Judged, Task
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.averaging.average_order import order_by_layer
from core.parts.averaging.averaged_heads import averaged_in
from core.parts.averaging.group_means import group_means
from core.writing import number, percent


class MeansDisagree(Task):
    id = "9-disagree"
    words = "Make the mean of the list and the mean of its two group means disagree by more than 0.4."
    follows = ("list_length", "cut")

    def judge(self, capture: Capture, settings: Any, survey: None) -> Judged:
        apart = abs(group_means(settings.list_length, settings.cut).difference)
        return Judged(apart > 0.4, f"They differ by {number(apart)}.")

    def reach(self, capture: Capture, survey: None) -> dict[str, Any]:
        return dict(cut=1)


class MeansAgree(Task):
    id = "9-agree"
    words = "Make them agree for a list of more than 4 numbers."
    follows = ("list_length", "cut")

    def judge(self, capture: Capture, settings: Any, survey: None) -> Judged:
        apart = abs(group_means(settings.list_length, settings.cut).difference)
        stands = f"{settings.list_length} numbers: the two means differ by {number(apart)}."
        return Judged(settings.list_length > 4 and apart == 0, stands)

    def reach(self, capture: Capture, survey: None) -> dict[str, Any]:
        return dict(list_length=8, cut=4)


class OrderMatters(Task):
    id = "9-order"
    words = "In which layer do the mean of softmaxes and the softmax of the mean lie farthest apart? Go there."
    follows = ("layer",)
    impossible = "Nothing can differ here: it takes two tokens, and a model with two heads."

    def survey(self, capture: Capture, _: Experiments) -> Float[ndarray, " layer"] | None:
        """How far apart they lie."""
        return order_by_layer(capture).distance if capture.heads > 1 and capture.tokens > 1 else None

    def judge(self, capture: Capture, settings: Any, survey: Float[ndarray, " layer"] | None) -> Judged:
        if survey is None:
            return Judged(False, "")
        stands = f"Layer {settings.layer}: {percent(survey[settings.layer])} of the attention lies on different tokens."
        return Judged(settings.layer == int(survey.argmax()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, " layer"] | None) -> dict[str, Any] | None:
        return None if survey is None else dict(layer=int(survey.argmax()))


class HeadsMatter(Task):
    id = "9-averaged"
    words = (
        "Give the heads of one layer alone their average: in the experiment, choose “The chosen layer”. Find the layer "
        "in which this costs the model most."
    )
    follows = ("layer", "average_layers")
    impossible = "Nothing can be lost here: it takes two tokens, a model with two heads, and a loss that rises."
    runs_model = True

    def survey(self, capture: Capture, experiments: Experiments) -> Float[ndarray, " layer"] | None:
        """What the average in each layer adds to the mean loss, in nats; None with one head or one token."""
        if capture.heads < 2 or capture.tokens < 2:
            return None
        before, *after = experiments.says(
            capture, [UNCHANGED, *(averaged_in((layer,)) for layer in range(capture.layers))]
        )
        return np.array([said.loss - before.loss for said in after])

    def judge(self, capture: Capture, settings: Any, survey: Float[ndarray, " layer"] | None) -> Judged:
        if survey is None:
            return Judged(False, "")
        if settings.average_layers != "one":
            return Judged(False, "The average is in all layers.")
        rise = survey[settings.layer]
        what = f"adds {number(rise)} to" if rise >= 0 else f"takes {number(-rise)} from"
        stands = f"The average in layer {settings.layer} {what} the mean loss."
        return Judged(settings.layer == int(survey.argmax()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, " layer"] | None) -> dict[str, Any] | None:
        if survey is None or not survey.max() > 0:
            return None
        return dict(layer=int(survey.argmax()), average_layers="one")


TASKS = (MeansDisagree(), MeansAgree(), OrderMatters(), HeadsMatter())
