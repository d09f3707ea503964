"""What part 8 asks before B is patched: how far the scores of A bring it."""

from __future__ import annotations

from typing import Any

from core.attention.intervention import UNCHANGED
from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Choice
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.model.tokens import isolated
from core.parts.softmax_by_layer.patching import Favoured, pair_of
from core.writing import number

QUARTER = 0.25
"""Of the way from B to A: what is hardly anything, and what may be missing at the end."""


def way_to_a(capture: Capture, settings: Any, experiments: Experiments) -> Choice:
    """Part 8: how far B with the scores of A in all layers goes from B to A, in logit difference."""
    a, b = (experiments.of_text(capture, text) for text in (settings.other_text, capture.text))
    pair = pair_of(a, b)
    [other] = experiments.says(a, [UNCHANGED])
    before, after = experiments.says(b, [UNCHANGED, pair.patched_in()])
    favoured = Favoured.of(other, before)
    of_a, of_b, patched = (favoured.logit_difference(said) for said in (other, before, after))
    if of_a == of_b or not len(pair.partners.of_b):
        raise NothingToPredict("These texts leave nothing to patch: change one word of text A, and keep the others.")
    share = (patched - of_b) / (of_a - of_b)
    first, second = (f"“{isolated(text)}”" for text in favoured.texts)
    return Choice(
        f"The logit of {first} lies {number(of_a)} above that of {second} as A says it, {number(of_b)} as B says it. "
        "Now B gets the raw scores of A in all layers. How far does it go?",
        ("less than a quarter of the way to A", "about half of it", "more than three quarters of it, or beyond"),
        truth=0 if share < QUARTER else 1 if share < 1 - QUARTER else 2,
        why=f"It comes to {number(patched)}. What A's scores do not bring lies in what B's own tokens hand over.",
        places=(of_b, (of_a + of_b) / 2, of_a),
    )


PREDICTION = Prediction(("other_text",), way_to_a, needs={"patched": "all"}, runs_model=True)
