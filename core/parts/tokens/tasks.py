"""What is to be found in part 2."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Bool
from numpy import ndarray

from core.exercises.task import Judged, Task
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.model.tokens import isolated


class PieceOfWord(Task):
    id = "2-piece"
    words = "Choose a token that is not the beginning of a word: the word has begun in the token before."
    follows = ("query",)
    impossible = "Every word of this text is one token. Run a text with a rare word in it."

    def survey(self, capture: Capture, _: Experiments) -> Bool[ndarray, " token"]:
        """Which tokens go on with a word."""
        text = capture.token_text
        return np.array([at > 0 and text[at][:1].isalpha() and text[at - 1][-1:].isalpha() for at in range(len(text))])

    def judge(self, capture: Capture, settings: Any, survey: Bool[ndarray, " token"]) -> Judged:
        text, query = capture.token_text, settings.query
        if survey[query]:
            begun, going_on = (isolated(text[at]) for at in (query - 1, query))
            return Judged(True, f"“{going_on}” goes on with what “{begun}” has begun.")
        return Judged(False, f"Token {query}, “{isolated(text[query])}”, does not go on with a word.")

    def reach(self, capture: Capture, survey: Bool[ndarray, " token"]) -> dict[str, Any] | None:
        return dict(query=int(survey.argmax())) if survey.any() else None


TASKS = (PieceOfWord(),)
