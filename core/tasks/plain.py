"""Tasks of parts 1, 2, 3 and 9: no scores of the model are needed."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from core.averaging import group_means
from core.capture import Capture
from core.scaling import saturation
from core.settings import Settings
from core.tasks.task import Judged, Task
from core.tokens import isolated
from core.writing import number, percent


class EvenWeights(Task):
    id = "1-even"
    words = (
        "Take n = 50 or more, and find a spread σ at which no entry gets more than 10 % of the weight although "
        "nothing is divided by √n."
    )
    follows = ("size", "sigma", "seed")

    def judge(self, capture: Capture, settings: Settings, survey: None) -> Judged:
        largest = float(saturation(settings.size, settings.seed, settings.sigma).weights_raw.max())
        stands = f"n = {settings.size}, σ = {number(settings.sigma)}: the largest entry gets {percent(largest)}."
        return Judged(settings.size >= 50 and largest <= 0.1, stands)

    def reach(self, capture: Capture, survey: None) -> Settings:
        return Settings(sigma=0.2)


class PieceOfWord(Task):
    id = "2-piece"
    words = "Choose a token that is not the beginning of a word: the word has begun in the token before."
    follows = ("query",)
    impossible = "Every word of this text is one token. Run a text with a rare word in it."

    def survey(self, capture: Capture) -> Bool[ndarray, " token"]:
        """Which tokens go on with a word."""
        text = capture.token_text
        return np.array([at > 0 and text[at][:1].isalpha() and text[at - 1][-1:].isalpha() for at in range(len(text))])

    def judge(self, capture: Capture, settings: Settings, survey: Bool[ndarray, " token"]) -> Judged:
        text, query = capture.token_text, settings.query
        if survey[query]:
            begun, going_on = (isolated(text[at]) for at in (query - 1, query))
            return Judged(True, f"“{going_on}” goes on with what “{begun}” has begun.")
        return Judged(False, f"Token {query}, “{isolated(text[query])}”, does not go on with a word.")

    def reach(self, capture: Capture, survey: Bool[ndarray, " token"]) -> Settings | None:
        return Settings(query=int(survey.argmax())) if survey.any() else None


class FarthestValues(Task):
    id = "3-values"
    words = "Show the values, V. In which layer do they reach farthest from 0? Go there."
    follows = ("layer", "activation")

    def survey(self, capture: Capture) -> Float[ndarray, " layer"]:
        return np.abs(capture.value).max(axis=(1, 2))

    def judge(self, capture: Capture, settings: Settings, survey: Float[ndarray, " layer"]) -> Judged:
        if settings.activation != "value":
            return Judged(False, "You do not see the values yet.")
        stands = f"Layer {settings.layer}: they reach {number(survey[settings.layer])} from 0."
        return Judged(settings.layer == int(survey.argmax()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, " layer"]) -> Settings:
        return Settings(layer=int(survey.argmax()), activation="value")


class MeansDisagree(Task):
    id = "9-disagree"
    words = "Make the mean of the list and the mean of its two group means disagree by more than 0.4."
    follows = ("list_length", "cut")

    def judge(self, capture: Capture, settings: Settings, survey: None) -> Judged:
        apart = abs(group_means(settings.list_length, settings.cut).difference)
        return Judged(apart > 0.4, f"They differ by {number(apart)}.")

    def reach(self, capture: Capture, survey: None) -> Settings:
        return Settings(cut=1)


class MeansAgree(Task):
    id = "9-agree"
    words = "Make them agree for a list of more than 4 numbers."
    follows = ("list_length", "cut")

    def judge(self, capture: Capture, settings: Settings, survey: None) -> Judged:
        apart = abs(group_means(settings.list_length, settings.cut).difference)
        stands = f"{settings.list_length} numbers: the two means differ by {number(apart)}."
        return Judged(settings.list_length > 4 and apart == 0, stands)

    def reach(self, capture: Capture, survey: None) -> Settings:
        return Settings(list_length=8, cut=4)
